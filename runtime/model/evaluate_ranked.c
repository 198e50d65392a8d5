#include "runtime/model/evaluate_job.h"

#include <string.h>

#include "runtime/model/evaluate_input.h"

typedef struct ranked_room {
    double *numbers; /* [n_features] of a row */
    uint8_t *bytes;  /* [RK_RANKED_ROWS][n_bytes] */
} ranked_room;

static ranked_room carve_ranked(const rk_evaluator *e, rk_carver *c)
{
    ranked_room room = {0};
    room.numbers = rk_carve(c, e->predicates.n_features, sizeof *room.numbers);
    room.bytes = rk_carve(c, RK_RANKED_ROWS, e->ranked.n_bytes);
    return room;
}

size_t rk_evaluate_ranked_scratch(const rk_evaluator *evaluator)
{
    rk_carver c = {0};
    carve_ranked(evaluator, &c);
    return c.used;
}

/* Rows that are too many are the last one again. */
static void fill(const rk_evaluate_job *job, const ranked_room *room, uint32_t at, uint32_t n)
{
    const rk_evaluator *const e = job->evaluator;
    const size_t size = e->ranked.n_bytes;
    for (uint32_t r = 0; r < n; r++) {
        for (uint32_t f = 0; f < e->predicates.n_features; f++)
            room->numbers[f] =
                rk_numbers_one(&job->features->columns[e->predicates.features[f].feature],
                               job->features->from + at + r);
        rk_ranked_fill(e->forest, &e->predicates, room->numbers, room->bytes + r * size);
    }
    for (uint32_t r = n; r < RK_RANKED_ROWS; r++)
        memcpy(room->bytes + r * size, room->bytes + (n - 1) * size, size);
}

static void begin(const rk_evaluate_job *job, uint32_t at, uint32_t n)
{
    const rk_forest *const forest = job->evaluator->forest;
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        for (uint32_t i = at; i < at + n; i++)
            if (forest->in_float)
                ((float *)job->out[k])[i] = (float)forest->base[k];
            else
                ((double *)job->out[k])[i] = forest->base[k];
}

static void run_eight(const rk_evaluate_job *job, const ranked_room *room, uint32_t at, uint32_t n)
{
    const rk_forest *const forest = job->evaluator->forest;
    uint32_t leaves[RK_RANKED_ROWS];
    fill(job, room, at, n);
    begin(job, at, n);
    for (uint32_t t = 0; t < forest->n_trees; t++) {
        void *const out = job->out[forest->trees[t].output];
        rk_ranked_walk(forest, &job->evaluator->ranked, t, room->bytes, leaves);
        for (uint32_t r = 0; r < n; r++)
            if (forest->in_float)
                ((float *)out)[at + r] += (float)forest->leaves[leaves[r]];
            else
                ((double *)out)[at + r] += forest->leaves[leaves[r]];
    }
}

void rk_evaluate_ranked(const rk_evaluate_job *job, uint32_t at, uint32_t n)
{
    const ranked_room room = carve_ranked(job->evaluator, &(rk_carver){.at = job->scratch});
    for (uint32_t i = 0; i < n; i += RK_RANKED_ROWS)
        run_eight(job, &room, at + i, n - i < RK_RANKED_ROWS ? n - i : RK_RANKED_ROWS);
}
