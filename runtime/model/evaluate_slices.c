#include "runtime/model/evaluate_job.h"

#include "runtime/model/evaluate_input.h"

rk_slices_run *rk_slices_fn(const rk_slice_kernels *kernels, uint32_t rows)
{
    for (unsigned w = 0; w < RK_SLICE_WIDTHS; w++)
        if (rows == (uint32_t)RK_SLICE_LEAST << w)
            return kernels->trees[w];
    return NULL;
}

static rk_slice_room carve_slices(const rk_evaluator *e, uint32_t width, rk_carver *c)
{
    const size_t mask = width / 8;
    rk_slice_room room = {.words = width / 64};
    room.answers = rk_carve(c, (size_t)e->predicates.n + 1, mask);
    room.reach = rk_carve(c, RK_SLICE_SLOTS, mask);
    room.seeds = rk_carve(c, e->slices.most_places, mask);
    room.planes = rk_carve(c, RK_SLICE_PLANES, mask);
    room.part = rk_carve(c, width, sizeof(double));
    room.sums = rk_carve(c, (size_t)e->slices.n_outputs * width, sizeof(double));
    room.numbers = rk_carve(c, width, sizeof *room.numbers);
    room.categories = rk_carve(c, width, sizeof *room.categories);
    room.bits = rk_carve(c, width, sizeof *room.bits);
    room.missing = rk_carve(c, width / 64, sizeof *room.missing);
    room.ranks = rk_carve(c, width, sizeof *room.ranks);
    return room;
}

size_t rk_evaluate_slices_scratch(const rk_evaluator *evaluator, uint32_t rows)
{
    rk_carver c = {0};
    carve_slices(evaluator, rows, &c);
    return c.used;
}

static void answer_sets(const rk_evaluator *e, const rk_used_feature *used, const double *x,
                        const rk_slice_room *room)
{
    const rk_set_predicate *const sets = e->predicates.sets + used->first_set;
    e->slice_kernels->categorise(x, e->forest->narrows, e->forest->whole, room);
    for (uint32_t i = 0; i < used->n_sets; i++) {
        if (i == 0 || sets[i].zero != sets[i - 1].zero)
            e->slice_kernels->find_missing(x, sets[i].zero, room);
        const size_t predicate = (size_t)e->predicates.n_thresholds + used->first_set + i;
        e->slice_kernels->answer_set(&sets[i], room, room->answers + predicate * room->words);
    }
}

static void answer_feature(const rk_evaluate_job *job, const rk_used_feature *used,
                           const rk_slice_room *room, uint32_t at, uint32_t n)
{
    const rk_slice_kernels *const kernels = job->evaluator->slice_kernels;
    const rk_feature *const feature = &job->features->columns[used->feature];
    const uint32_t whole = room->groups * 64, from = job->features->from + at;
    const rk_numbers x =
        used->n_sets
            ? (rk_numbers){.doubles = rk_numbers_double(feature, from, n, whole, room->numbers)}
            : rk_numbers_get(feature, from, n, whole, room->numbers);
    for (uint32_t c = used->first_column; c < used->first_column + used->n_columns; c++) {
        const rk_rank_column *const column = &job->evaluator->predicates.columns[c];
        if (x.doubles)
            kernels->rank_double(column, x.doubles, whole, room->ranks);
        else
            kernels->rank_float(column, x.floats, whole, room->ranks);
        kernels->answer(column, room);
    }
    if (used->n_sets)
        answer_sets(job->evaluator, used, x.doubles, room);
}

void rk_evaluate_slices(const rk_evaluate_job *job, uint32_t rows, uint32_t at, uint32_t n)
{
    const rk_evaluator *const e = job->evaluator;
    rk_slice_room room = carve_slices(e, rows, &(rk_carver){.at = job->scratch});
    room.groups = (n + 63) / 64;
    for (uint32_t f = 0; f < e->predicates.n_features; f++)
        answer_feature(job, &e->predicates.features[f], &room, at, n);
    e->slice_kernels->begin(&e->slices, &room, e->forest->base);
    rk_slices_fn(e->slice_kernels, rows)(&e->slices, &room);
    for (uint32_t k = 0; k < e->slices.n_outputs; k++) {
        const size_t size = e->slices.in_float ? sizeof(float) : sizeof(double);
        e->slice_kernels->end(&e->slices, &room, k, n, (char *)job->out[k] + at * size);
    }
}
