#include "runtime/model/piece.h"

#include <string.h>

enum { MOST_EXITS = 256 };

typedef struct cutter {
    const rk_forest *forest;
    rk_pieces *out;
    uint32_t *leaves; /* [n_splits] below a split */
    uint32_t *depth;  /* [n_splits] of a split in its piece */
} cutter;

/* Children come later than their parents. */
static void count_leaves(const rk_forest *forest, uint32_t *leaves)
{
    for (uint32_t t = 0; t < forest->n_trees; t++) {
        const rk_tree *const tree = &forest->trees[t];
        for (uint32_t i = tree->n_splits; i-- > 0;) {
            const rk_split *const s = &forest->splits[tree->first_split + i];
            uint32_t n = 0;
            n += s->left < 0 ? 1 : leaves[tree->first_split + (uint32_t)s->left];
            n += s->right < 0 ? 1 : leaves[tree->first_split + (uint32_t)s->right];
            leaves[tree->first_split + i] = n;
        }
    }
}

/* Splits that a piece could grow by. */
typedef struct border {
    uint32_t splits[MOST_EXITS];
    uint32_t n;
} border;

static uint32_t take_largest(const cutter *c, border *b)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < b->n; i++)
        if (c->leaves[b->splits[i]] > c->leaves[b->splits[best]])
            best = i;
    const uint32_t split = b->splits[best];
    b->splits[best] = b->splits[--b->n];
    return split;
}

static void add_child(cutter *c, border *b, rk_piece *piece, const uint32_t parent, int32_t child)
{
    if (child < 0) {
        piece->n_leaves++;
        return;
    }
    const uint32_t split = c->forest->trees[piece->tree].first_split + (uint32_t)child;
    c->depth[split] = c->depth[parent] + 1;
    b->splits[b->n++] = split;
}

/* The largest sub-trees first, so that what is left over is small and many-rooted rather than
 * deep. */
static void grow(cutter *c, uint32_t number, uint32_t most)
{
    rk_piece *const piece = &c->out->pieces[number];
    border b = {.splits = {(uint32_t)piece->root}, .n = 1};
    c->depth[piece->root] = 0;
    for (piece->n_exits = 1; b.n && piece->n_exits < most; piece->n_exits++) {
        const uint32_t split = take_largest(c, &b);
        c->out->of_split[split] = number;
        piece->n_splits++;
        if (piece->depth <= c->depth[split])
            piece->depth = c->depth[split] + 1;
        add_child(c, &b, piece, split, c->forest->splits[split].left);
        add_child(c, &b, piece, split, c->forest->splits[split].right);
    }
    for (uint32_t i = 0; i < b.n; i++)
        c->out->pieces[c->out->n++] = (rk_piece){.root = (int32_t)b.splits[i], .tree = piece->tree};
}

static void cut_tree(cutter *c, uint32_t t, uint32_t most)
{
    const rk_tree *const tree = &c->forest->trees[t];
    rk_pieces *const out = c->out;
    const int32_t root = tree->n_splits ? (int32_t)tree->first_split : RK_PIECE_LEAF;
    uint32_t at = out->n;
    out->first[t] = at;
    out->pieces[out->n++] = (rk_piece){.root = root, .tree = t};
    if (root == RK_PIECE_LEAF) {
        out->pieces[at].n_exits = out->pieces[at].n_leaves = 1;
        return;
    }
    for (; at < out->n; at++)
        grow(c, at, most);
}

rk_status rk_pieces_cut(const rk_forest *forest, uint32_t most, uint32_t alone, rk_arena *arena,
                        rk_pieces *out)
{
    const size_t n = forest->n_splits;
    *out = (rk_pieces){.pieces = RK_NEW_ARRAY(arena, rk_piece, n + forest->n_trees),
                       .of_split = RK_NEW_ARRAY(arena, uint32_t, n),
                       .first = RK_NEW_ARRAY(arena, uint32_t, (size_t)forest->n_trees + 1)};
    cutter c = {.forest = forest,
                .out = out,
                .leaves = RK_NEW_ARRAY(arena, uint32_t, n),
                .depth = RK_NEW_ARRAY(arena, uint32_t, n)};
    if (!out->pieces || !out->of_split || !out->first || !c.leaves || !c.depth)
        return RK_ENOMEM;
    count_leaves(forest, c.leaves);
    for (uint32_t t = 0; t < forest->n_trees; t++)
        cut_tree(&c, t, forest->trees[t].n_leaves <= alone ? alone : most);
    out->first[forest->n_trees] = out->n;
    return RK_OK;
}

rk_exit rk_piece_child(const rk_forest *forest, const rk_pieces *pieces, uint32_t split, bool right)
{
    const uint32_t number = pieces->of_split[split];
    const rk_tree *const tree = &forest->trees[pieces->pieces[number].tree];
    const int32_t child = right ? forest->splits[split].right : forest->splits[split].left;
    if (child < 0)
        return (rk_exit){.leaf = true, .at = tree->first_leaf + (uint32_t)(-1 - child)};
    const uint32_t at = tree->first_split + (uint32_t)child;
    if (pieces->of_split[at] == number)
        return (rk_exit){.inside = true, .at = at};
    return (rk_exit){.at = pieces->of_split[at]};
}
