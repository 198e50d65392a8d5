/* Trees cut in pieces of a bounded number of exits: an exit of a piece is a leaf, or a split where
 * another piece begins. A small tree is one piece. For tables that are made of trees. */
#ifndef RK_MODEL_PIECE_H
#define RK_MODEL_PIECE_H

#include "runtime/model/forest.h"

enum { RK_PIECE_LEAF = -1 }; /* the root of the piece of a tree without splits */

typedef struct rk_piece {
    int32_t root; /* a split of the forest; RK_PIECE_LEAF */
    uint32_t tree;
    uint32_t n_splits, n_exits;
    uint32_t n_leaves; /* exits that are leaves */
    uint32_t depth;    /* splits on its longest way */
} rk_piece;

/* A child of a split. */
typedef enum rk_exit_kind {
    RK_EXIT_INSIDE, /* a split of the same piece: its number in the forest */
    RK_EXIT_LEAF,   /* the leaf's number in the forest */
    RK_EXIT_PIECE   /* the other piece */
} rk_exit_kind;

typedef struct rk_exit {
    rk_exit_kind kind;
    uint32_t at;
} rk_exit;

typedef struct rk_pieces {
    rk_piece *pieces; /* [n], by tree, a parent before its children */
    uint32_t n;
    uint32_t *of_split; /* [forest.n_splits] */
    rk_exit *children;  /* [forest.n_splits][2] left, right */
    uint32_t *first;    /* [n_trees + 1] of a tree */
} rk_pieces;

/* Cuts all trees in pieces of up to `most` exits, and of up to `alone` where a tree is one whole
 * piece. RK_ENOMEM. */
RK_NODISCARD rk_status rk_pieces_cut(const rk_forest *forest, uint32_t most, uint32_t alone,
                                     rk_arena *arena, rk_pieces *out);

static inline rk_exit rk_piece_child(const rk_pieces *pieces, uint32_t split, bool right)
{
    return pieces->children[2 * (size_t)split + right];
}

#endif
