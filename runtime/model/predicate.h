/* The questions of a forest, each distinct one once. A question about a number is "is x < t?";
 * those of one feature with one rule for missing values are a column of sorted thresholds, and how
 * many of them are <= x, the rank of x in one byte, answers them all. More than 255 thresholds are
 * several columns. A question about a category is whether a set has it.
 *
 * The answer kept is "goes right": of threshold i of a column, rank > i. */
#ifndef RK_MODEL_PREDICATE_H
#define RK_MODEL_PREDICATE_H

#include "runtime/model/forest.h"

enum {
    RK_RANK_MOST = 255,  /* thresholds of a column */
    RK_RANK_GROUP = 16,  /* thresholds that are looked at together */
    RK_RANK_RIGHT = 255, /* rank of what goes right everywhere */
    RK_RANK_TABLE = 31,  /* thresholds of a table, of 32 with a NaN at the end */
    RK_RANK_TABLES = 4   /* of a column that has tables */
};

/* A column. Thresholds are padded to groups with NaN, which nothing exceeds. In front stand 16
 * pivots: the last one of each group. In float they are rounded up, which for a float x is the
 * same.
 *
 * Columns of up to 124 thresholds have tables of them in float too. A double x rounded down has the
 * same rank among thresholds rounded down, unless it equals one: then doubles must be looked at. */
typedef struct rk_rank_column {
    const double *doubles; /* [16 + 16 * groups], aligned to 64 */
    const float *floats;
    const float *up;   /* [tables][32] rounded up; NULL: no tables */
    const float *down; /* [tables][32] rounded down */
    uint32_t feature;
    uint32_t first; /* predicate of thresholds[0] */
    uint16_t n;
    uint8_t groups;
    uint8_t tables;
    bool nan_right; /* missing values get rank 255, else 0 */
    bool zero;      /* values near 0 are missing too */
} rk_rank_column;

/* A question about a category; its predicate is n_thresholds + its place. */
typedef struct rk_set_predicate {
    const uint32_t *words;
    uint32_t n_words;
    uint32_t feature;
    bool nan_right, zero;
    bool in_right; /* those in the set go right */
} rk_set_predicate;

/* A feature that trees ask for, with its columns and sets. */
typedef struct rk_used_feature {
    uint32_t feature;
    uint32_t first_column, n_columns;
    uint32_t first_set, n_sets;
} rk_used_feature;

typedef struct rk_predicates {
    rk_used_feature *features;
    uint32_t n_features;
    rk_rank_column *columns;
    uint32_t n_columns;
    rk_set_predicate *sets;
    uint32_t n_sets;
    uint32_t n_thresholds;
    uint32_t n;         /* predicates */
    uint32_t *of_split; /* [forest.n_splits] */
    uint32_t *column;   /* [n_thresholds] the column of a predicate */
} rk_predicates;

/* Tables in `arena`. RK_ENOMEM. */
RK_NODISCARD rk_status rk_predicates_make(const rk_forest *forest, uint32_t n_inputs,
                                          rk_arena *arena, rk_predicates *out);

/* Whether a value goes right by what a set of the forest says. */
bool rk_set_right(const rk_set_predicate *set, double x, const rk_forest *forest);

#endif
