#include "runtime/model/evaluate.h"

#include <unistd.h>

#include "runtime/model/evaluate_job.h"

enum { USUAL_CACHE = 1 << 20 };

/* ---- making ---- */

static size_t cache_of(const rk_evaluator_options *options)
{
    if (options->cache)
        return options->cache;
#ifdef _SC_LEVEL2_CACHE_SIZE
    const long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (size > 0)
        return (size_t)size;
#endif
    return USUAL_CACHE;
}

/* Answers of a block should stay near. */
static uint32_t widest_block(const rk_predicates *predicates, const rk_slice_kernels *kernels,
                             size_t cache)
{
    uint32_t width = kernels->trees[RK_SLICE_WIDTHS - 1] ? RK_SLICE_MOST : RK_SLICE_MOST / 2;
    while (width > RK_SLICE_LEAST && (size_t)predicates->n * (width / 8) > cache - cache / 4)
        width /= 2;
    return width;
}

static rk_status make_slices(rk_evaluator *e, const rk_evaluator_options *options, rk_arena *arena)
{
    const rk_slice_kernels *const kernels = rk_slice_kernels_get(options->cpu);
    if (!kernels)
        return RK_OK;
    e->slices.in_words = kernels->table_in_words;
    const rk_status status = rk_slices_make(e->forest, &e->predicates, arena, &e->slices);
    if (status == RK_ELIMIT)
        return RK_OK;
    RK_TRY(status);
    e->slice_kernels = kernels;
    e->widest = widest_block(&e->predicates, kernels, cache_of(options));
    return RK_OK;
}

/* What a row costs beside its ranks, in micro-operations: fitted to what was measured. */
static uint64_t lanes_cost(const rk_evaluator *e)
{
    enum { STEP = 14, SET_STEP = 8, LEVEL = 2, SYMMETRIC = 3 };
    const rk_lanes *const lanes = &e->lanes;
    if (lanes->levels)
        return (uint64_t)LEVEL * lanes->n_levels + (uint64_t)SYMMETRIC * e->forest->n_trees;
    return (uint64_t)STEP * lanes->n_steps + (uint64_t)SET_STEP * lanes->n_set_steps;
}

static rk_status make_lanes(rk_evaluator *e, const rk_evaluator_options *options, rk_arena *arena)
{
    const rk_lanes_kernels *const kernels = rk_lanes_kernels_get(options->cpu);
    if (!kernels)
        return RK_OK;
    const rk_status status = rk_lanes_make(e->forest, &e->predicates, arena, &e->lanes);
    if (status == RK_ELIMIT)
        return RK_OK;
    RK_TRY(status);
    e->lanes_kernels = kernels;
    return RK_OK;
}

/* Instead of tree lanes, where these ask pieces of trees that a row does not come to. Following
 * the pieces costs lanes about as much again as asking them. */
static rk_status make_gathered(rk_evaluator *e, const rk_evaluator_options *options,
                               rk_arena *arena)
{
    enum { NODE = 5, SET = 20, PIECES = 2 };
    const rk_gathered_kernels *const kernels = rk_gathered_kernels_get(options->cpu);
    double ways;
    if (!kernels || !e->lanes_kernels || !e->lanes.links)
        return RK_OK;
    RK_TRY(rk_gathered_ways(e->forest, &ways));
    const uint64_t cost = (uint64_t)(NODE * ways) + SET * e->predicates.n_sets;
    if (cost >= PIECES * lanes_cost(e))
        return RK_OK;
    const rk_status status = rk_gathered_make(e->forest, &e->predicates, arena, &e->gathered);
    if (status == RK_ELIMIT)
        return RK_OK;
    RK_TRY(status);
    e->gathered_cost = cost;
    e->gathered_kernels = kernels;
    return RK_OK;
}

/* For levels without vectors. Ranks cost as much as a few trees. */
static rk_status make_ranked(rk_evaluator *e, rk_arena *arena)
{
    enum { COLUMN = 8, LEAST = 4 };
    const rk_status status = rk_ranked_make(e->forest, &e->predicates, arena, &e->ranked);
    if (status == RK_ELIMIT)
        return RK_OK;
    RK_TRY(status);
    uint64_t asked = 0;
    for (uint32_t t = 0; t < e->forest->n_trees; t++)
        asked += e->forest->trees[t].depth;
    e->has_ranked = true;
    e->ranked_from = asked > (uint64_t)COLUMN * e->predicates.n_columns ? LEAST : UINT32_MAX;
    return RK_OK;
}

/* Where a short block of slices costs as much as so many rows by other means. */
static uint32_t slices_from(const rk_evaluator *e)
{
    enum { ANSWER = 2, RANKS = 500, RANK = 45, SPLIT = 12 };
    const uint64_t columns = e->predicates.n_columns;
    const uint64_t slices = e->slices.cost + ANSWER * e->predicates.n + RANKS * columns;
    uint64_t row = 1;
    if (e->gathered_kernels)
        row += e->gathered_cost + RANK * columns;
    else if (e->lanes_kernels)
        row += lanes_cost(e) + RANK * columns;
    else
        for (uint32_t t = 0; t < e->forest->n_trees; t++)
            row += SPLIT * (1 + e->forest->trees[t].depth);
    const uint64_t from = slices / row + 1;
    return from > RK_SLICE_LEAST ? RK_SLICE_LEAST : (uint32_t)from;
}

rk_status rk_evaluator_new(const rk_forest *forest, uint32_t n_inputs,
                           const rk_evaluator_options *options, rk_arena *arena,
                           const rk_evaluator **out)
{
    const size_t before = arena->used;
    rk_evaluator *const e = RK_NEW(arena, rk_evaluator);
    if (!e)
        return RK_ENOMEM;
    e->forest = forest;
    e->n_inputs = n_inputs;
    RK_TRY(rk_predicates_make(forest, n_inputs, arena, &e->predicates));
    RK_TRY(make_slices(e, options, arena));
    RK_TRY(make_lanes(e, options, arena));
    RK_TRY(make_gathered(e, options, arena));
    if (!e->slice_kernels)
        RK_TRY(make_ranked(e, arena));
    e->slices_from = slices_from(e);
    e->memory = arena->used - before;
    *out = e;
    return RK_OK;
}

size_t rk_evaluator_memory(const rk_evaluator *evaluator) { return evaluator->memory; }

/* ---- choosing ---- */

bool rk_evaluator_knows(const rk_evaluator *evaluator, rk_evaluator_way way)
{
    switch (way.kind) {
    case RK_EVALUATOR_WALK:
        return way.rows == 0;
    case RK_EVALUATOR_RANKED:
        return way.rows == 0 && evaluator->has_ranked;
    case RK_EVALUATOR_LANES:
        return way.rows == 0 && evaluator->lanes_kernels;
    case RK_EVALUATOR_GATHERED:
        return way.rows == 0 && evaluator->gathered_kernels;
    case RK_EVALUATOR_SLICES:
        return evaluator->slice_kernels && rk_slices_fn(evaluator->slice_kernels, way.rows);
    case RK_EVALUATOR_COUNT:
        break;
    }
    return false;
}

rk_evaluator_way rk_evaluator_choose(const rk_evaluator *evaluator, uint32_t n)
{
    const bool few = n < evaluator->slices_from;
    if (few && evaluator->gathered_kernels)
        return (rk_evaluator_way){.kind = RK_EVALUATOR_GATHERED};
    if (few && evaluator->lanes_kernels)
        return (rk_evaluator_way){.kind = RK_EVALUATOR_LANES};
    if (evaluator->has_ranked && n >= evaluator->ranked_from)
        return (rk_evaluator_way){.kind = RK_EVALUATOR_RANKED};
    if (few || !evaluator->slice_kernels)
        return (rk_evaluator_way){.kind = RK_EVALUATOR_WALK};
    uint32_t rows = RK_SLICE_LEAST;
    while (rows < n && rows < evaluator->widest)
        rows *= 2;
    return (rk_evaluator_way){.kind = RK_EVALUATOR_SLICES, .rows = rows};
}

void rk_evaluator_print(rk_evaluator_way way, rk_buf *out)
{
    static const char *const names[RK_EVALUATOR_COUNT] = {
        "walk", "ranked walk", "tree lanes", "gathered walk", "bit-sliced"};
    rk_buf_add_chars(out, names[way.kind]);
    if (way.rows)
        rk_buf_printf(out, ", %u rows", way.rows);
}

/* ---- running ---- */

size_t rk_evaluator_scratch(const rk_evaluator *evaluator, uint32_t n)
{
    size_t most = rk_evaluate_walk_scratch(evaluator);
    if (evaluator->has_ranked) {
        const size_t ranked = rk_evaluate_ranked_scratch(evaluator);
        most = ranked > most ? ranked : most;
    }
    if (evaluator->lanes_kernels) {
        const size_t lanes = rk_evaluate_lanes_scratch(evaluator);
        most = lanes > most ? lanes : most;
    }
    if (evaluator->gathered_kernels) {
        const size_t gathered = rk_evaluate_gathered_scratch(evaluator);
        most = gathered > most ? gathered : most;
    }
    if (evaluator->slice_kernels) {
        const uint32_t rows = n <= 128 ? 128 : n <= 256 ? 256 : RK_SLICE_MOST;
        const size_t slices = rk_evaluate_slices_scratch(evaluator, rows);
        most = slices > most ? slices : most;
    }
    return most;
}

/* After the sum: as rk_forest_walk does. */
static void finish_float(const rk_forest *forest, double bias, float *sums, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (forest->divisor != 1)
            sums[i] /= (float)forest->divisor;
        if (forest->scale != 1 || bias != 0)
            sums[i] = (float)(forest->scale * (double)sums[i] + bias);
    }
}

static void finish_double(const rk_forest *forest, double bias, double *sums, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (forest->divisor != 1)
            sums[i] /= forest->divisor;
        if (forest->scale != 1 || bias != 0)
            sums[i] = forest->scale * sums[i] + bias;
        if (forest->rounds)
            sums[i] = (double)(float)sums[i];
    }
}

static void finish(const rk_evaluate_job *job, uint32_t at, uint32_t n)
{
    const rk_forest *const forest = job->evaluator->forest;
    if (forest->divisor == 1 && forest->scale == 1 && forest->bias == 0 && !forest->biases &&
        !forest->rounds)
        return;
    for (uint32_t k = 0; k < forest->n_outputs; k++) {
        const double bias = forest->biases ? forest->biases[k] : forest->bias;
        if (forest->in_float)
            finish_float(forest, bias, (float *)job->out[k] + at, n);
        else
            finish_double(forest, bias, (double *)job->out[k] + at, n);
    }
}

/* Returns how many rows of n it has done. */
static uint32_t run_some(const rk_evaluate_job *job, rk_evaluator_way way, uint32_t at, uint32_t n)
{
    switch (way.kind) {
    case RK_EVALUATOR_SLICES:
        n = n < way.rows ? n : way.rows;
        rk_evaluate_slices(job, way.rows, at, n);
        break;
    case RK_EVALUATOR_RANKED:
        rk_evaluate_ranked(job, at, n);
        break;
    case RK_EVALUATOR_LANES:
        rk_evaluate_lanes(job, at, n);
        break;
    case RK_EVALUATOR_GATHERED:
        rk_evaluate_gathered(job, at, n);
        break;
    default: /* finishes by itself */
        rk_evaluate_walk(job, at, n);
        return n;
    }
    finish(job, at, n);
    return n;
}

void rk_evaluator_run_as(const rk_evaluator *evaluator, rk_evaluator_way way,
                         const rk_features *features, void *scratch, void *const *out)
{
    const rk_evaluate_job job = {evaluator, features, scratch, out};
    for (uint32_t at = 0; at < features->n;)
        at += run_some(&job, way, at, features->n - at);
}

void rk_evaluator_run(const rk_evaluator *evaluator, const rk_features *features, void *scratch,
                      void *const *out)
{
    const rk_evaluate_job job = {evaluator, features, scratch, out};
    for (uint32_t at = 0; at < features->n;) {
        const uint32_t left = features->n - at;
        at += run_some(&job, rk_evaluator_choose(evaluator, left), at, left);
    }
}
