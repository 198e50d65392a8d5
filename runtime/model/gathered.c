#include "runtime/model/gathered.h"

#include "runtime/base/simd.h"

enum { COLUMNS = 256, FARTHEST = UINT16_MAX, NEVER = 255, ROUNDS = 8 };

#define DECLARE(suffix, level) extern const rk_gathered_kernels rk_gathered_kernels_##suffix;
RK_SIMD_EACH(DECLARE)

const rk_gathered_kernels *rk_gathered_kernels_get(rk_cpu_level level)
{
#define CASE(suffix, value)                                                                        \
    if (level == value)                                                                            \
        return rk_gathered_kernels_##suffix.run ? &rk_gathered_kernels_##suffix : NULL;
    RK_SIMD_EACH(CASE)
    return NULL;
}

/* ---- ways ---- */

/* Each split is on the ways to all leaves below it. */
static double tree_ways(const rk_forest *forest, const rk_tree *tree, uint32_t *below)
{
    double ways = 0;
    for (uint32_t i = tree->n_splits; i-- > 0;) {
        const rk_tree_split *const s = &forest->splits[tree->first_split + i];
        below[i] = (s->left < 0 ? 1 : below[s->left]) + (s->right < 0 ? 1 : below[s->right]);
        ways += below[i];
    }
    return ways / tree->n_leaves;
}

rk_status rk_gathered_ways(const rk_forest *forest, double *out)
{
    rk_arena work = {0};
    uint32_t *const below = RK_NEW_ARRAY(&work, uint32_t, forest->n_splits);
    *out = 0;
    for (uint32_t t = 0; below && t < forest->n_trees; t++)
        *out += tree_ways(forest, &forest->trees[t], below);
    rk_arena_free(&work);
    return below ? RK_OK : RK_ENOMEM;
}

/* ---- nodes ---- */

typedef struct maker {
    const rk_forest *forest;
    const rk_predicates *predicates;
    rk_gathered *out;
    int32_t *queue; /* children of a tree as in rk_tree_split, level by level */
} maker;

/* `ahead`: where its children are, from itself on. */
static rk_gathered_node split_node(const rk_predicates *p, uint32_t split, uint32_t ahead)
{
    const uint32_t predicate = p->of_split[split];
    uint32_t column = p->n_columns + predicate - p->n_thresholds, threshold = 0;
    if (predicate < p->n_thresholds) {
        column = p->column[predicate];
        threshold = predicate - p->columns[column].first;
    }
    return column | threshold << 8 | ahead << 16;
}

static void put_leaf(const maker *m, uint32_t node, double value)
{
    m->out->nodes[node] = (rk_gathered_node)NEVER << 8;
    if (m->out->floats)
        m->out->floats[node] = (float)value;
    else
        m->out->doubles[node] = value;
}

/* From node `root` on. */
static void put_tree(const maker *m, const rk_tree *tree, uint32_t root)
{
    const uint32_t n = tree->n_splits + tree->n_leaves;
    uint32_t end = 0;
    m->queue[end++] = tree->n_splits ? 0 : -1;
    for (uint32_t i = 0; i < n; i++) {
        const int32_t child = m->queue[i];
        if (child < 0) {
            put_leaf(m, root + i, m->forest->leaves[tree->first_leaf + (uint32_t)(-1 - child)]);
            continue;
        }
        const uint32_t split = tree->first_split + (uint32_t)child;
        m->out->nodes[root + i] = split_node(m->predicates, split, end - i);
        m->queue[end++] = m->forest->splits[split].left;
        m->queue[end++] = m->forest->splits[split].right;
    }
}

/* Roots are at odd places, so that two children are never in two lines. */
static uint32_t odd(uint32_t node) { return node | 1; }

static bool fits(const rk_forest *forest, const rk_predicates *predicates)
{
    if ((uint64_t)predicates->n_columns + predicates->n_sets > COLUMNS || forest->n_trees == 0 ||
        (uint64_t)forest->n_splits + forest->n_leaves + 2 * (uint64_t)forest->n_trees > INT32_MAX)
        return false;
    for (uint32_t t = 0; t < forest->n_trees; t++)
        if (forest->trees[t].n_leaves > FARTHEST / 2)
            return false;
    return true;
}

static rk_status make_rooms(maker *m, rk_arena *arena, rk_arena *work)
{
    const rk_forest *const forest = m->forest;
    rk_gathered *const out = m->out;
    const size_t most = (size_t)forest->n_splits + forest->n_leaves + 2 * (size_t)forest->n_trees;
    out->nodes = rk_arena_alloc_column(arena, most, sizeof *out->nodes);
    if (forest->in_float)
        out->floats = rk_arena_alloc_column(arena, most, sizeof *out->floats);
    else
        out->doubles = rk_arena_alloc_column(arena, most, sizeof *out->doubles);
    out->n_trees = forest->n_trees;
    out->n_places =
        (forest->n_trees + RK_GATHERED_TREES - 1) / RK_GATHERED_TREES * RK_GATHERED_TREES;
    out->roots = rk_arena_alloc_column(arena, out->n_places, sizeof *out->roots);
    m->queue = RK_NEW_ARRAY(work, int32_t, 2 * (size_t)FARTHEST);
    const bool all = out->nodes && (out->floats || out->doubles) && out->roots && m->queue;
    return all ? RK_OK : RK_ENOMEM;
}

static void put_trees(const maker *m)
{
    rk_gathered *const out = m->out;
    uint32_t at = 0;
    for (uint32_t t = 0; t < m->forest->n_trees; t++) {
        const rk_tree *const tree = &m->forest->trees[t];
        out->roots[t] = odd(at);
        put_tree(m, tree, out->roots[t]);
        at = out->roots[t] + tree->n_splits + tree->n_leaves;
        if (out->rounds < tree->depth)
            out->rounds = tree->depth < ROUNDS ? tree->depth : ROUNDS;
    }
    out->n_nodes = at;
    for (uint32_t i = out->n_trees; i < out->n_places; i++)
        out->roots[i] = out->roots[out->n_trees - 1];
}

rk_status rk_gathered_make(const rk_forest *forest, const rk_predicates *predicates,
                           rk_arena *arena, rk_gathered *out)
{
    *out = (rk_gathered){.n_ranks = predicates->n_columns + predicates->n_sets};
    if (!fits(forest, predicates))
        return RK_ELIMIT;
    rk_arena work = {0};
    maker m = {.forest = forest, .predicates = predicates, .out = out};
    const rk_status status = make_rooms(&m, arena, &work);
    if (status == RK_OK)
        put_trees(&m);
    rk_arena_free(&work);
    return status;
}
