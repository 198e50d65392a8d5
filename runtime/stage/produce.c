/* The rows of the producers, for names, arguments and help; the executor builds their lists. */
#include "runtime/stage/stage_rows.h"

const rk_stage rk_stage_candidates = {
    .name = "candidates",
    .args = "()",
    .kind = RK_STAGE_PRODUCER,
    .doc = "The items sent with the request, in their order; of a doubled id the first.",
    .example = "candidates",
};

const rk_stage rk_stage_scan = {
    .name = "scan",
    .args = "(source: source)",
    .kind = RK_STAGE_PRODUCER,
    .doc = "All rows of a source, in its order; ids are its keys.",
    .example = "scan(products)",
};

const rk_stage rk_stage_nearest = {
    .name = "nearest",
    .args = "(index: index, vector: vector, k: int, where: cond = true)",
    .kind = RK_STAGE_PRODUCER,
    .doc = "The k items of an index that are nearest to a vector; their score is the similarity. "
           "A missing vector recalls nothing.",
    .example = "nearest(by_vec, user_vec, 500)",
};

const rk_stage rk_stage_union = {
    .name = "union",
    .args = "(pipe: pipe...)",
    .kind = RK_STAGE_UNION,
    .doc = "The items of several pipes, one after the other; a doubled id keeps its first place.",
    .example = "union(nearest(by_vec, user_vec, 500), candidates)",
};
