#include "runtime/model/piece.h"

#include <string.h>

typedef struct cutter {
    const rk_forest *forest;
    rk_pieces *out;
    uint32_t *exits; /* [n_splits] below a split in its piece; 0: it is the root of one */
    uint32_t *depth; /* [n_splits] of a split in its piece */
} cutter;

static uint32_t exits_of(const cutter *c, const rk_tree *tree, int32_t child)
{
    const uint32_t n = child < 0 ? 0 : c->exits[tree->first_split + (uint32_t)child];
    return n ? n : 1;
}

static void cut_off(const cutter *c, const rk_tree *tree, int32_t child)
{
    c->exits[tree->first_split + (uint32_t)child] = 0;
}

/* From the leaves up, children coming later than their parents: where two sub-trees together have
 * too many exits, the larger one becomes a piece of its own. */
static void find_roots(const cutter *c, const rk_tree *tree, uint32_t most)
{
    for (uint32_t i = tree->n_splits; i-- > 0;) {
        const rk_tree_split *const s = &c->forest->splits[tree->first_split + i];
        uint32_t left = exits_of(c, tree, s->left), right = exits_of(c, tree, s->right);
        if (left + right > most && left >= right) {
            cut_off(c, tree, s->left);
            left = 1;
        }
        if (left + right > most) {
            cut_off(c, tree, s->right);
            right = 1;
        }
        c->exits[tree->first_split + i] = left + right;
    }
    if (tree->n_splits)
        c->exits[tree->first_split] = 0;
}

static rk_piece *add_piece(const cutter *c, uint32_t tree, int32_t root)
{
    rk_piece *const piece = &c->out->pieces[c->out->n++];
    *piece = (rk_piece){.root = root, .tree = tree, .n_exits = 1};
    return piece;
}

/* Tells a child which piece it is in, unless it is the root of one. */
static void pass_on(const cutter *c, const rk_tree *tree, uint32_t split, int32_t child)
{
    rk_piece *const piece = &c->out->pieces[c->out->of_split[split]];
    if (child < 0) {
        piece->n_leaves++;
        return;
    }
    c->out->of_split[tree->first_split + (uint32_t)child] = c->out->of_split[split];
    c->depth[tree->first_split + (uint32_t)child] = c->depth[split] + 1;
}

static void number_pieces(const cutter *c, uint32_t t)
{
    const rk_tree *const tree = &c->forest->trees[t];
    c->out->first[t] = c->out->n;
    if (tree->n_splits == 0)
        add_piece(c, t, RK_PIECE_LEAF)->n_leaves = 1;
    for (uint32_t s = tree->first_split; s < tree->first_split + tree->n_splits; s++) {
        if (c->exits[s] == 0) {
            c->out->of_split[s] = c->out->n;
            c->depth[s] = 0;
            add_piece(c, t, (int32_t)s);
        }
        rk_piece *const piece = &c->out->pieces[c->out->of_split[s]];
        piece->n_splits++;
        piece->n_exits++;
        if (piece->depth <= c->depth[s])
            piece->depth = c->depth[s] + 1;
        pass_on(c, tree, s, c->forest->splits[s].left);
        pass_on(c, tree, s, c->forest->splits[s].right);
    }
}

static rk_exit find_child(const cutter *c, const rk_tree *tree, uint32_t piece, int32_t child)
{
    if (child < 0)
        return (rk_exit){RK_EXIT_LEAF, tree->first_leaf + (uint32_t)(-1 - child)};
    const uint32_t at = tree->first_split + (uint32_t)child, other = c->out->of_split[at];
    return other == piece ? (rk_exit){RK_EXIT_INSIDE, at} : (rk_exit){RK_EXIT_PIECE, other};
}

static void find_children(const cutter *c, const rk_tree *tree)
{
    for (uint32_t s = tree->first_split; s < tree->first_split + tree->n_splits; s++) {
        const rk_tree_split *const split = &c->forest->splits[s];
        rk_exit *const children = &c->out->children[2 * (size_t)s];
        children[0] = find_child(c, tree, c->out->of_split[s], split->left);
        children[1] = find_child(c, tree, c->out->of_split[s], split->right);
    }
}

rk_status rk_pieces_cut(const rk_forest *forest, uint32_t most, uint32_t alone, rk_arena *arena,
                        rk_pieces *out)
{
    const size_t n = forest->n_splits;
    *out = (rk_pieces){.pieces = RK_NEW_ARRAY(arena, rk_piece, n + forest->n_trees),
                       .of_split = RK_NEW_ARRAY(arena, uint32_t, n),
                       .children = RK_NEW_ARRAY(arena, rk_exit, 2 * n),
                       .first = RK_NEW_ARRAY(arena, uint32_t, (size_t)forest->n_trees + 1)};
    const cutter c = {.forest = forest,
                      .out = out,
                      .exits = RK_NEW_ARRAY(arena, uint32_t, n),
                      .depth = RK_NEW_ARRAY(arena, uint32_t, n)};
    if (!out->pieces || !out->of_split || !out->children || !out->first || !c.exits || !c.depth)
        return RK_ENOMEM;
    for (uint32_t t = 0; t < forest->n_trees; t++) {
        const rk_tree *const tree = &forest->trees[t];
        find_roots(&c, tree, tree->n_leaves <= alone ? alone : most);
        number_pieces(&c, t);
        find_children(&c, tree);
    }
    out->first[forest->n_trees] = out->n;
    return RK_OK;
}
