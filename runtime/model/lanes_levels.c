/* Tree lanes of forests whose trees are all symmetric: a question a level takes the place of one a
 * split. */
#include <string.h>

#include "runtime/model/lanes.h"
#include "runtime/model/symmetric.h"

enum { NEVER = 255 };

typedef struct maker {
    const rk_forest *forest;
    const rk_predicates *predicates;
    rk_lanes *out;
    rk_levels *trees; /* [n_trees] */
    bool filling;     /* else levels are counted */
    uint32_t n;       /* levels so far */
} maker;

/* Where the answer to a predicate stands among a row's ranks: sets are behind the columns. */
static uint32_t column_of(const rk_predicates *p, uint32_t predicate)
{
    return predicate < p->n_thresholds ? p->column[predicate]
                                       : p->n_columns + predicate - p->n_thresholds;
}

/* The n-th question of a lane among those of a group. */
static void put_level(const maker *m, const rk_levels *tree, uint32_t k, uint32_t lane, uint32_t n)
{
    const rk_predicates *const p = m->predicates;
    const uint32_t predicate = tree->predicates[k], column = column_of(p, predicate);
    const bool number = predicate < p->n_thresholds;
    rk_lane_level *const level = &m->out->levels[m->n + n];
    level->column[lane] = (uint8_t)(column % RK_LANES_GROUP);
    level->threshold[lane] = (uint8_t)(number ? predicate - p->columns[column].first : 0);
    level->bit[lane] = (uint8_t)(1u << (tree->n - 1 - k));
}

/* The questions of a block for a column of this group. */
static void place_group(maker *m, uint32_t block, uint32_t group)
{
    uint32_t most = 0;
    for (uint32_t lane = 0; lane < RK_LANES_LEVEL; lane++) {
        const uint32_t t = block * RK_LANES_LEVEL + lane;
        uint32_t n = 0;
        for (uint32_t k = 0; t < m->forest->n_trees && k < m->trees[t].n; k++) {
            if (column_of(m->predicates, m->trees[t].predicates[k]) / RK_LANES_GROUP != group)
                continue;
            if (m->filling)
                put_level(m, &m->trees[t], k, lane, n);
            n++;
        }
        most = n > most ? n : most;
    }
    m->n += most;
}

static void place_all(maker *m, bool filling)
{
    rk_lanes *const out = m->out;
    m->filling = filling;
    m->n = 0;
    for (uint32_t b = 0; b < out->n_blocks; b++) {
        for (uint32_t g = 0; g < out->n_groups; g++) {
            place_group(m, b, g);
            out->ends[b * out->n_groups + g] = m->n;
        }
    }
}

static rk_status make_levels(maker *m, rk_arena *arena)
{
    rk_lanes *const out = m->out;
    out->ends = RK_NEW_ARRAY(arena, uint32_t, (size_t)out->n_blocks * out->n_groups);
    if (!out->ends)
        return RK_ENOMEM;
    place_all(m, false);
    out->n_levels = m->n;
    out->levels = rk_arena_alloc_column(arena, (size_t)m->n + 1, sizeof *out->levels);
    if (!out->levels)
        return RK_ENOMEM;
    memset(out->levels, 0, m->n * sizeof *out->levels);
    for (uint32_t i = 0; i < m->n; i++)
        memset(out->levels[i].threshold, NEVER, sizeof out->levels[i].threshold);
    place_all(m, true);
    return RK_OK;
}

static rk_status make_values(maker *m, rk_arena *arena)
{
    rk_lanes *const out = m->out;
    const size_t n = (size_t)out->n_pieces * out->n_exits;
    if (m->forest->in_float)
        out->floats = rk_arena_alloc_column(arena, n + 1, sizeof *out->floats);
    else
        out->doubles = rk_arena_alloc_column(arena, n + 1, sizeof *out->doubles);
    if (!out->floats && !out->doubles)
        return RK_ENOMEM;
    for (uint32_t t = 0; t < m->forest->n_trees; t++)
        for (uint32_t number = 0; number < 1u << m->trees[t].n; number++) {
            const double value = m->forest->leaves[rk_symmetric_leaf(m->forest, t, number)];
            const size_t at = (size_t)t * out->n_exits + number;
            if (out->floats)
                out->floats[at] = (float)value;
            else
                out->doubles[at] = value;
        }
    return RK_OK;
}

/* All trees' levels, and the most: RK_ELIMIT where one is not symmetric, or where room for the
 * deepest tree's leaves would be too much for the others. */
static rk_status find_levels(maker *m, rk_arena *work, uint32_t *most)
{
    enum { WASTE = 4 };
    const rk_forest *const forest = m->forest;
    for (uint32_t t = 0; t < forest->n_trees; t++)
        *most = forest->trees[t].depth > *most ? forest->trees[t].depth : *most;
    if (*most > RK_SYMMETRIC_MOST ||
        (uint64_t)forest->n_trees << *most > (uint64_t)WASTE * forest->n_leaves)
        return RK_ELIMIT;
    m->trees = RK_NEW_ARRAY(work, rk_levels, forest->n_trees);
    if (!m->trees)
        return RK_ENOMEM;
    for (uint32_t t = 0; t < forest->n_trees; t++)
        if (!rk_symmetric_levels(forest, m->predicates, t, &m->trees[t]))
            return RK_ELIMIT;
    return RK_OK;
}

static rk_status make_all(maker *m, rk_arena *arena, rk_arena *work)
{
    rk_lanes *const out = m->out;
    const rk_predicates *const p = m->predicates;
    uint32_t most = 0;
    RK_TRY(find_levels(m, work, &most));
    out->n_exits = 1u << most;
    out->n_blocks = (m->forest->n_trees + RK_LANES_LEVEL - 1) / RK_LANES_LEVEL;
    out->n_pieces = out->n_blocks * RK_LANES_LEVEL;
    out->n_groups = (p->n_columns + p->n_sets) / RK_LANES_GROUP + 1;
    RK_TRY(make_levels(m, arena));
    return make_values(m, arena);
}

rk_status rk_lanes_make_levels(const rk_forest *forest, const rk_predicates *predicates,
                               rk_arena *arena, rk_lanes *out)
{
    rk_arena work = {0};
    maker m = {.forest = forest, .predicates = predicates, .out = out};
    const rk_status status = make_all(&m, arena, &work);
    rk_arena_free(&work);
    return status;
}
