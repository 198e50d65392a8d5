#include "runtime/model/evaluate_job.h"

static rk_gathered_room carve_gathered(const rk_evaluator *e, rk_carver *c)
{
    const rk_gathered *const g = &e->gathered;
    const size_t n_ranks = g->n_ranks > RK_GATHERED_LOOKED ? g->n_ranks : RK_GATHERED_LOOKED;
    rk_gathered_room room = {0};
    room.numbers = rk_carve(c, e->predicates.n_columns, sizeof *room.numbers);
    room.ranks = rk_carve(c, n_ranks + 1, sizeof *room.ranks);
    room.at = rk_carve(c, g->n_places, sizeof *room.at);
    room.going = rk_carve(c, (size_t)g->n_places + RK_GATHERED_TREES, sizeof *room.going);
    return room;
}

size_t rk_evaluate_gathered_scratch(const rk_evaluator *evaluator)
{
    rk_carver c = {0};
    carve_gathered(evaluator, &c);
    return c.used;
}

#define ADD_ROW(name, type, values)                                                                \
    static void name(const rk_evaluate_job *job, const uint32_t *leaves, uint32_t at)              \
    {                                                                                              \
        const rk_forest *const forest = job->evaluator->forest;                                    \
        const type *const of = job->evaluator->gathered.values;                                    \
        for (uint32_t k = 0; k < forest->n_outputs; k++)                                           \
            ((type *)job->out[k])[at] = (type)forest->base[k];                                     \
        for (uint32_t t = 0; t < forest->n_trees; t++)                                             \
            ((type *)job->out[forest->trees[t].output])[at] += of[leaves[t]];                      \
    }                                                                                              \
    /* One output: the sum stays in a register. */                                                 \
    static void name##_one(const rk_evaluate_job *job, const uint32_t *leaves, uint32_t at)        \
    {                                                                                              \
        const rk_forest *const forest = job->evaluator->forest;                                    \
        const type *const of = job->evaluator->gathered.values;                                    \
        type sum = (type)forest->base[0];                                                          \
        for (uint32_t t = 0; t < forest->n_trees; t++)                                             \
            sum += of[leaves[t]];                                                                  \
        ((type *)job->out[0])[at] = sum;                                                           \
    }
ADD_ROW(add_doubles, double, doubles)
ADD_ROW(add_floats, float, floats)

void rk_evaluate_gathered(const rk_evaluate_job *job, uint32_t at, uint32_t n)
{
    const rk_evaluator *const e = job->evaluator;
    const bool one = e->forest->n_outputs == 1, in_float = e->forest->in_float;
    const rk_gathered_room room = carve_gathered(e, &(rk_carver){.at = job->scratch});
    for (uint32_t i = at; i < at + n; i++) {
        rk_evaluate_rank_row(job, job->features->from + i, true, room.numbers, room.ranks);
        e->gathered_kernels->run(&e->gathered, &room);
        if (in_float)
            (one ? add_floats_one : add_floats)(job, room.at, i);
        else
            (one ? add_doubles_one : add_doubles)(job, room.at, i);
    }
}
