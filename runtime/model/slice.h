/* Bit-sliced evaluation: a block of 128 to 512 rows at a time, a bit each.
 *
 * The answer to each predicate is a mask, a bit a row: all masks of a block are made first. A tree
 * then is bitwise logic on masks, whatever its shape, without a branch: it gives the number of the
 * leaf that each row comes to, in bit planes. Three ways:
 *
 *   reach    a mask for each split and leaf of the rows that come there, from its parent's; planes
 *            are disjunctions of leaves' masks
 *   levels   a symmetric tree (symmetric.h): planes are the answers themselves
 *   perfect  a tree of depth d filled up to 2^d leaves: plane k chooses among the predicates of its
 *            level by the planes before, a multiplexer
 *
 * Values of leaves stand in tables of 16-bit words, which registers can look up 32 rows at once.
 * A tree of more than 256 leaves is several pieces (piece.h); in each of these leaf 0 is "not
 * here", all zero bits, and the disjunction of their values is the tree's. */
#ifndef RK_MODEL_SLICE_H
#define RK_MODEL_SLICE_H

#include "runtime/model/predicate.h"

enum {
    RK_SLICE_MOST = 512, /* rows of a block */
    RK_SLICE_LEAST = 128,
    RK_SLICE_WIDTHS = 3,   /* 128 << 0 .. 2 */
    RK_SLICE_LEAVES = 256, /* of a tree that is one piece */
    RK_SLICE_SLOTS = 2 * RK_SLICE_LEAVES + 2,
    RK_SLICE_PLANES = 8
};

typedef enum rk_slice_form { RK_SLICE_PERFECT, RK_SLICE_REACH, RK_SLICE_LEVEL } rk_slice_form;

/* One piece of a tree. Slots are masks: 0 is no row, 1 the root, 2k + 2 and 2k + 3 the children of
 * split k, in breadth. Numbers of predicates and slots are times 8: bytes of a mask of 64 rows. */
typedef struct rk_sliced {
    uint32_t *asked;  /* [n_splits] predicates; perfect: [2^bits], splits from 1 on; levels: [bits]
                       * of the planes */
    uint16_t *slots;  /* [n_splits] */
    uint16_t *leaves; /* [2^bits] slots, 0 of what is no leaf */
    uint16_t *table;  /* of leaves: [words][2^table_bits], or values as they are */
    uint16_t *links;  /* [2 * n_links]: slot, which piece of the tree it is the root of */
    uint16_t n_splits, n_links;
    uint8_t bits;       /* 3 .. 8: planes */
    uint8_t table_bits; /* 5 .. 8 */
    uint8_t form;       /* rk_slice_form */
    bool part;          /* values are put together with those of other pieces, and then */
    bool last;          /* added by the last one */
    uint16_t place;     /* among the pieces of its tree */
    uint32_t output;
} rk_sliced;

typedef struct rk_slices {
    rk_sliced *slices; /* [n] */
    uint32_t n;
    uint32_t most_places; /* pieces of a tree */
    uint64_t cost;        /* micro-operations of a short block, about */
    uint32_t n_outputs;
    bool in_float;
    bool in_words; /* tables are */
} rk_slices;

/* The tables of a forest, in `arena`; out->in_words tells in which form. RK_ENOMEM; RK_ELIMIT if it
 * is too large for them. */
RK_NODISCARD rk_status rk_slices_make(const rk_forest *forest, const rk_predicates *predicates,
                                      rk_arena *arena, rk_slices *out);

/* What a block is worked out in. Masks have as many words as the width has, all aligned to 64. */
typedef struct rk_slice_room {
    uint64_t *answers;   /* [predicates] masks */
    uint64_t *reach;     /* [RK_SLICE_SLOTS] masks */
    uint64_t *seeds;     /* [most_places] masks */
    uint64_t *planes;    /* [RK_SLICE_PLANES] masks */
    void *part;          /* [width] values */
    void *sums;          /* [n_outputs][width], rows in an order of the level's own */
    double *numbers;     /* [width] */
    int32_t *categories; /* [width] */
    uint32_t *bits;      /* [width] 1 << category % 32; 0 of what is no category */
    uint64_t *missing;   /* a mask */
    uint8_t *ranks;      /* [width] */
    uint32_t words;      /* of a mask: width / 64 */
    uint32_t groups;     /* of 64 rows that are in use */
} rk_slice_room;

/* What a vector level has. Rows are rounded up to whole groups of 64. */
typedef struct rk_slice_kernels {
    bool table_in_words; /* tables of leaves are split in words */
    void (*rank_double)(const rk_rank_column *column, const double *x, uint32_t n, uint8_t *ranks);
    void (*rank_float)(const rk_rank_column *column, const float *x, uint32_t n, uint8_t *ranks);
    /* Fills `categories` and `bits`; under `narrows` and `whole` as forest.h says. */
    void (*categorise)(const double *x, bool narrows, bool whole, const rk_slice_room *room);
    void (*find_missing)(const double *x, bool zero, const rk_slice_room *room);
    void (*answer)(const rk_rank_column *column, const rk_slice_room *room);
    void (*answer_set)(const rk_set_predicate *set, const rk_slice_room *room, uint64_t *out);
    void (*trees[RK_SLICE_WIDTHS])(const rk_slices *slices, const rk_slice_room *room);
    void (*begin)(const rk_slices *slices, const rk_slice_room *room, const double *base);
    void (*end)(const rk_slices *slices, const rk_slice_room *room, uint32_t output, uint32_t n,
                void *out);
} rk_slice_kernels;

/* NULL: the level has none. */
const rk_slice_kernels *rk_slice_kernels_get(rk_cpu_level level);

#endif
