/* Evaluation of few rows with trees in the lanes of registers.
 *
 * Sixteen trees go together, of up to 32 leaves each, larger ones in pieces (piece.h). A tree is a
 * word of 32 bits, a bit a leaf from left to right. Each split whose answer is "right" takes the
 * leaves at its left away; in which order does not matter, and which splits lie on the row's way
 * need not be known: the leftmost leaf that remains is the row's (QuickScorer, Lucchese et al.
 * 2015). So there is no branch and no chain of loads: a step asks two splits of each tree, whose
 * numbers are ranks (predicate.h) that a register looks up.
 *
 * Trees that are all symmetric (symmetric.h) need no more than a question a level: its answer is a
 * bit of the leaf's number, and 32 trees go together.
 *
 * A register has the ranks of 64 columns; a block of trees goes through its steps by such groups.
 * What splits about categories answer stands ready for each category: bits in the order of steps.
 */
#ifndef RK_MODEL_LANES_H
#define RK_MODEL_LANES_H

#include "runtime/model/predicate.h"

enum {
    RK_LANES = 16,        /* pieces side by side */
    RK_LANES_LEAVES = 32, /* exits of a piece */
    RK_LANES_GROUP = 64,  /* columns in a register */
    RK_LANES_LEVEL = 32,  /* symmetric trees side by side */
    RK_LANES_ROWS = 4     /* rows that go together */
};

/* Two splits of each piece. */
typedef struct rk_lane_step {
    uint8_t column[2 * RK_LANES];    /* in its group */
    uint8_t threshold[2 * RK_LANES]; /* right if the rank is more; 255: never */
    uint32_t keep[2 * RK_LANES];     /* leaves that remain then */
} rk_lane_step;

/* One level of each of so many symmetric trees. */
typedef struct rk_lane_level {
    uint8_t column[RK_LANES_LEVEL];    /* in its group */
    uint8_t threshold[RK_LANES_LEVEL]; /* right if the rank is more; 255: never */
    uint8_t bit[RK_LANES_LEVEL];       /* of the leaf's number then */
} rk_lane_level;

/* One split about a category of each piece. */
typedef struct rk_lane_set_step {
    uint32_t keep[RK_LANES];
} rk_lane_set_step;

/* Answers to the splits of one feature about categories, for each state of it. */
typedef struct rk_lane_states {
    uint32_t feature;
    uint32_t n_categories; /* after the other states one each */
    uint32_t n_steps;
    uint16_t *answers; /* [states][n_steps] a bit a lane: right */
} rk_lane_states;

/* Near 0, which may be missing, lies category 0 or, below 0, perhaps none. */
enum { RK_LANE_MISSING, RK_LANE_ZERO, RK_LANE_BELOW, RK_LANE_OTHER, RK_LANE_CATEGORY };

typedef struct rk_lanes {
    rk_lane_step *steps;
    rk_lane_level *levels; /* in the place of all steps: columns are followed by the sets, whose
                            * ranks are 0 and 1, and pieces are trees; else NULL */
    uint32_t *ends;        /* [n_blocks][n_groups] steps or levels of a block up to there */
    rk_lane_set_step *set_steps;
    uint32_t *set_ends;     /* [n_blocks][n_states] */
    uint32_t *set_from;     /* [n_blocks][n_states] the first one's place in answers[state] */
    rk_lane_states *states; /* [n_states] */
    uint32_t n_blocks, n_groups, n_states;
    uint32_t n_steps, n_set_steps, n_levels;
    uint32_t n_pieces; /* a multiple of RK_LANES */
    uint32_t n_exits;  /* that there is room for in a piece: RK_LANES_LEAVES, of levels 2^depth */
    uint32_t *first;   /* [n_trees] piece where a tree begins; NULL: piece t */
    uint32_t *links;   /* [n_pieces][n_exits] 0, or 1 + the piece an exit leads to; or NULL */
    double *doubles;   /* [n_pieces][n_exits] values of exits, one of both */
    float *floats;
} rk_lanes;

/* The tables of a forest, in `arena`. RK_ENOMEM; RK_ELIMIT if it is too large for them. */
RK_NODISCARD rk_status rk_lanes_make(const rk_forest *forest, const rk_predicates *predicates,
                                     rk_arena *arena, rk_lanes *out);

/* Those of a forest of symmetric trees; RK_ELIMIT also if it is none. */
RK_NODISCARD rk_status rk_lanes_make_levels(const rk_forest *forest,
                                            const rk_predicates *predicates, rk_arena *arena,
                                            rk_lanes *out);

/* Up to RK_LANES_ROWS rows. */
typedef struct rk_lanes_room {
    uint16_t *ranks;          /* [rows][n_groups * RK_LANES_GROUP] by column */
    const uint16_t **answers; /* [rows][n_states] of the state that a row is in */
    uint8_t *exits;           /* [rows][n_pieces] */
    double *numbers;          /* [columns] of a row */
    uint32_t n;               /* rows */
} rk_lanes_room;

typedef struct rk_lanes_kernels {
    /* ranks[c] of x[c] in columns[c] */
    void (*rank)(const rk_rank_column *columns, uint32_t n, const double *x, uint16_t *ranks);
    void (*run)(const rk_lanes *lanes, const rk_lanes_room *room); /* fills exits */
} rk_lanes_kernels;

/* NULL: the level has none. */
const rk_lanes_kernels *rk_lanes_kernels_get(rk_cpu_level level);

#endif
