#include "runtime/index/kinds.h"

#include "runtime/index/build.h"

const rk_index_option_row rk_index_options_known[RK_INDEX_OPTION_COUNT] = {
    [RK_INDEX_OPTION_METRIC] = {"metric", 0, 0},
    [RK_INDEX_OPTION_M] = {"m", RK_INDEX_MIN_M, RK_INDEX_MAX_M},
    [RK_INDEX_OPTION_EF_CONSTRUCTION] = {"ef_construction", 1, RK_INDEX_MAX_EF},
    [RK_INDEX_OPTION_EF] = {"ef", 1, RK_INDEX_MAX_EF},
    [RK_INDEX_OPTION_FILE] = {"file", 0, 0},
};

#define SCAN (1u << RK_INDEX_OPTION_METRIC | 1u << RK_INDEX_OPTION_FILE)
#define GRAPH                                                                                      \
    (1u << RK_INDEX_OPTION_M | 1u << RK_INDEX_OPTION_EF_CONSTRUCTION | 1u << RK_INDEX_OPTION_EF)

const rk_index_kind_row rk_index_kinds[] = {
    {.name = "flat",
     .sig = "(metric: string, file: string)",
     .kind = RK_INDEX_FLAT,
     .options = SCAN,
     .doc = "An index of a vector factor that is searched exactly, from one end to the other. "
            "`metric` says what near is: the largest \"dot\" product, the largest \"cosine\", or "
            "the least distance, \"l2\". `file` is what `rankc index build` wrote; without it the "
            "index is built when the program is loaded, of at most 2 GB of vectors. Items are the "
            "rows of the source, by item.id, that the factor reads; a row whose vector is missing, "
            "or has a NaN or an infinity, is not in it.",
     .example = "index by_vec = flat(vec, metric: \"cosine\")"},
    {.name = "hnsw",
     .sig = "(metric: string, m: int = 24, ef_construction: int = 128, ef: int, file: string)",
     .kind = RK_INDEX_HNSW,
     .options = SCAN | GRAPH,
     .doc =
         "An index of a vector factor that is searched through a graph of neighbours, which "
         "finds nearly all of the nearest items in a small part of the time of `flat`. A "
         "search keeps the `ef` best candidates, at least k of them, and up to twice as many where "
         "many are alike; more find more and take longer, and left out it goes by k. `m` is half "
         "the links of an item, "
         "`ef_construction` the candidates that each was linked from: a larger graph is better "
         "and takes longer to build. Few items, and conditions that few meet, are scanned "
         "exactly. Without a `file` it is built when the program is loaded, of at most 100,000 "
         "items; the rest is as in `flat`.",
     .example = "index by_vec = hnsw(vec, metric: \"dot\", m: 24, file: \"by_vec.ranki\")"},
    {0},
};

const rk_index_kind_row *rk_index_kind_find(rk_str name)
{
    for (const rk_index_kind_row *row = rk_index_kinds; row->name; row++)
        if (rk_str_eq(name, rk_str_from(row->name)))
            return row;
    return NULL;
}

bool rk_index_is_small(rk_index_kind kind, uint64_t n, uint32_t dim)
{
    if (kind == RK_INDEX_HNSW)
        return n <= RK_INDEX_LOADED_GRAPH;
    return n <= RK_INDEX_LOADED_BYTES / (dim * sizeof(float));
}
