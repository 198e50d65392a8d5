#include "runtime/model/evaluate_job.h"

#include "runtime/model/evaluate_input.h"

enum { WALK_ROWS = 16 }; /* whose numbers are doubles at the same time */

typedef struct walk_room {
    const double **columns; /* [n_inputs] */
    double *numbers;        /* [n_inputs][WALK_ROWS] */
    double **out;           /* [n_outputs] */
    double *sums;           /* [n_outputs][WALK_ROWS] */
} walk_room;

static walk_room carve_walk(const rk_evaluator *e, rk_carver *c)
{
    walk_room room = {.columns = rk_carve(c, e->n_inputs, sizeof *room.columns)};
    room.numbers = rk_carve(c, (size_t)e->n_inputs * WALK_ROWS, sizeof *room.numbers);
    room.out = rk_carve(c, e->forest->n_outputs, sizeof *room.out);
    room.sums = rk_carve(c, (size_t)e->forest->n_outputs * WALK_ROWS, sizeof *room.sums);
    return room;
}

size_t rk_evaluate_walk_scratch(const rk_evaluator *evaluator)
{
    rk_carver c = {0};
    carve_walk(evaluator, &c);
    return c.used;
}

static void walk_block(const rk_evaluate_job *job, const walk_room *room, uint32_t at, uint32_t n)
{
    const rk_forest *const forest = job->evaluator->forest;
    for (uint32_t f = 0; f < job->evaluator->n_inputs; f++)
        if (job->features->columns[f].data)
            room->columns[f] =
                rk_numbers_double(&job->features->columns[f], job->features->from + at, n, n,
                                  room->numbers + (size_t)f * WALK_ROWS);
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        room->out[k] = room->sums + (size_t)k * WALK_ROWS;
    rk_forest_walk(forest, &(rk_rows_in){.columns = room->columns, .n = n}, room->out);
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        for (uint32_t i = 0; i < n; i++)
            if (forest->in_float)
                ((float *)job->out[k])[at + i] = (float)room->out[k][i];
            else
                ((double *)job->out[k])[at + i] = room->out[k][i];
}

void rk_evaluate_walk(const rk_evaluate_job *job, uint32_t at, uint32_t n)
{
    const walk_room room = carve_walk(job->evaluator, &(rk_carver){.at = job->scratch});
    for (uint32_t i = 0; i < n; i += WALK_ROWS)
        walk_block(job, &room, at + i, n - i < WALK_ROWS ? n - i : WALK_ROWS);
}
