/* A walk over ranks (predicate.h) with sixteen trees of one row in a register, for deep trees: only
 * the splits on the row's way are asked. A node is 32 bits, gathered, so that a step of sixteen
 * trees costs about what sixteen loads cost; several registers are under way at the same time.
 *
 * A tree's nodes are its splits and leaves, level by level, two children beside each other. A node
 * says how far ahead its children are; a leaf leads to itself. After some steps of all trees those
 * that are not at a leaf are put together for some more. Answers about categories are ranks 0 and 1
 * behind the columns. */
#ifndef RK_MODEL_GATHERED_H
#define RK_MODEL_GATHERED_H

#include "runtime/base/cpu.h"
#include "runtime/model/predicate.h"

enum {
    RK_GATHERED_TREES = 16, /* in a register */
    RK_GATHERED_LOOKED = 64 /* columns whose ranks two registers hold; of more they are gathered */
};

/* The bits of a node: column from 0 on, threshold from 8, the way to the left child from 16. Right
 * if the rank is more than the threshold. A leaf: 255, which no rank is more than, and no way. */
typedef uint32_t rk_gathered_node;

typedef struct rk_gathered {
    rk_gathered_node *nodes; /* [n_nodes] */
    double *doubles;         /* [n_nodes] values of leaves, one of both */
    float *floats;
    uint32_t *roots;   /* [n_places] nodes; behind the trees the last one again */
    uint32_t n_trees;
    uint32_t n_places; /* a multiple of RK_GATHERED_TREES */
    uint32_t n_nodes;
    uint32_t n_ranks; /* columns and sets */
    uint32_t rounds;  /* steps until it is looked at which trees are done */
} rk_gathered;

/* How many splits a row comes by, if each leaf of a tree is as likely. RK_ENOMEM. */
RK_NODISCARD rk_status rk_gathered_ways(const rk_forest *forest, double *out);

/* The tables of a forest, in `arena`. RK_ENOMEM; RK_ELIMIT if it has too many columns, or a tree
 * too many leaves. */
RK_NODISCARD rk_status rk_gathered_make(const rk_forest *forest, const rk_predicates *predicates,
                                        rk_arena *arena, rk_gathered *out);

/* Of one row. */
typedef struct rk_gathered_room {
    double *numbers; /* [columns] */
    uint16_t *ranks; /* [n_ranks, at least RK_GATHERED_LOOKED, and one more] */
    uint32_t *at;    /* [n_places] the node where each tree is */
    uint32_t *going; /* [n_places + RK_GATHERED_TREES] trees that are not at a leaf */
} rk_gathered_room;

typedef struct rk_gathered_kernels {
    void (*run)(const rk_gathered *gathered, const rk_gathered_room *room); /* fills `at` */
} rk_gathered_kernels;

/* NULL: the level has none. */
const rk_gathered_kernels *rk_gathered_kernels_get(rk_cpu_level level);

#endif
