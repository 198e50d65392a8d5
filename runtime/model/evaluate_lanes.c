#include "runtime/model/evaluate_job.h"

#include "runtime/model/evaluate_input.h"

static rk_lanes_room carve_lanes(const rk_evaluator *e, rk_carver *c)
{
    const rk_lanes *const lanes = &e->lanes;
    const size_t columns = (size_t)lanes->n_groups * RK_LANES_GROUP;
    rk_lanes_room room = {0};
    room.ranks = rk_carve(c, RK_LANES_ROWS * columns, sizeof *room.ranks);
    room.answers = rk_carve(c, (size_t)RK_LANES_ROWS * lanes->n_states, sizeof *room.answers);
    room.numbers = rk_carve(c, columns, sizeof *room.numbers);
    room.exits = rk_carve(c, (size_t)RK_LANES_ROWS * lanes->n_pieces, sizeof *room.exits);
    return room;
}

size_t rk_evaluate_lanes_scratch(const rk_evaluator *evaluator)
{
    rk_carver c = {0};
    carve_lanes(evaluator, &c);
    return c.used;
}

/* ---- questions ---- */

void rk_evaluate_rank_row(const rk_evaluate_job *job, uint32_t row, bool sets, double *numbers,
                          uint16_t *ranks)
{
    const rk_evaluator *const e = job->evaluator;
    const rk_predicates *const p = &e->predicates;
    for (uint32_t f = 0; f < p->n_features; f++) {
        const rk_used_feature *const used = &p->features[f];
        const double x = rk_numbers_one(&job->features->columns[used->feature], row);
        for (uint32_t c = used->first_column; c < used->first_column + used->n_columns; c++)
            numbers[c] = x;
        for (uint32_t s = used->first_set; sets && s < used->first_set + used->n_sets; s++)
            ranks[p->n_columns + s] = rk_set_right(&p->sets[s], x, e->forest);
    }
    e->lanes_kernels->rank(p->columns, p->n_columns, numbers, ranks);
}

static uint32_t state_of(const rk_lane_states *states, double x, const rk_forest *forest)
{
    if (x != x)
        return RK_LANE_MISSING;
    const int32_t category = rk_forest_category(x, forest->narrows, forest->whole);
    if (x >= -RK_FOREST_ZERO && x <= RK_FOREST_ZERO)
        return category < 0 ? RK_LANE_BELOW : RK_LANE_ZERO;
    return category >= 0 && (uint32_t)category < states->n_categories
               ? RK_LANE_CATEGORY + (uint32_t)category
               : RK_LANE_OTHER;
}

static void find_states(const rk_evaluate_job *job, uint32_t row, const uint16_t **answers)
{
    const rk_lanes *const lanes = &job->evaluator->lanes;
    for (uint32_t s = 0; s < lanes->n_states; s++) {
        const rk_lane_states *const states = &lanes->states[s];
        const double x = rk_numbers_one(&job->features->columns[states->feature], row);
        const uint32_t state = state_of(states, x, job->evaluator->forest);
        answers[s] = states->answers + (size_t)state * states->n_steps;
    }
}

/* ---- sums ---- */

/* The value of an exit stands there. Of a tree in pieces exits lead from one to the next. */
static size_t value_of(const rk_lanes *lanes, const uint8_t *exits, uint32_t tree)
{
    if (!lanes->links)
        return (size_t)tree * lanes->n_exits + exits[tree];
    uint32_t piece = lanes->first[tree];
    for (;;) {
        const size_t at = (size_t)piece * RK_LANES_LEAVES + exits[piece];
        if (!lanes->links[at])
            return at;
        piece = lanes->links[at] - 1;
    }
}

/* One row into any number of outputs. */
static void add_row(const rk_evaluate_job *job, const uint8_t *exits, uint32_t at)
{
    const rk_forest *const forest = job->evaluator->forest;
    const rk_lanes *const lanes = &job->evaluator->lanes;
    for (uint32_t k = 0; k < forest->n_outputs; k++)
        if (forest->in_float)
            ((float *)job->out[k])[at] = (float)forest->base[k];
        else
            ((double *)job->out[k])[at] = forest->base[k];
    for (uint32_t t = 0; t < forest->n_trees; t++) {
        const size_t value = value_of(lanes, exits, t);
        void *const out = job->out[forest->trees[t].output];
        if (forest->in_float)
            ((float *)out)[at] += lanes->floats[value];
        else
            ((double *)out)[at] += lanes->doubles[value];
    }
}

/* One output: sums stay in registers. */
#define ADD_ONE(name, type, values)                                                                \
    static void name(const rk_evaluate_job *job, const uint8_t *exits, type *out)                  \
    {                                                                                              \
        const rk_forest *const forest = job->evaluator->forest;                                    \
        const rk_lanes *const lanes = &job->evaluator->lanes;                                      \
        type sum = (type)forest->base[0];                                                          \
        for (uint32_t t = 0; t < forest->n_trees; t++)                                             \
            sum += lanes->values[value_of(lanes, exits, t)];                                       \
        *out = sum;                                                                                \
    }
ADD_ONE(add_double, double, doubles)
ADD_ONE(add_float, float, floats)

/* Four rows of trees that are one piece each; their additions overlap. */
#define ADD_FOUR(name, type, values)                                                               \
    static void name(const rk_evaluate_job *job, const uint8_t *exits, type *out)                  \
    {                                                                                              \
        const uint32_t n_trees = job->evaluator->forest->n_trees;                                  \
        const size_t stride = job->evaluator->lanes.n_pieces;                                      \
        const size_t n_exits = job->evaluator->lanes.n_exits;                                      \
        const type *tree = job->evaluator->lanes.values;                                           \
        type s[4];                                                                                 \
        s[0] = s[1] = s[2] = s[3] = (type)job->evaluator->forest->base[0];                         \
        for (uint32_t t = 0; t < n_trees; t++, tree += n_exits)                                    \
            for (unsigned r = 0; r < 4; r++)                                                       \
                s[r] += tree[exits[r * stride + t]];                                               \
        for (unsigned r = 0; r < 4; r++)                                                           \
            out[r] = s[r];                                                                         \
    }
ADD_FOUR(add_four_doubles, double, doubles)
ADD_FOUR(add_four_floats, float, floats)

static void add_rows(const rk_evaluate_job *job, const rk_lanes_room *room, uint32_t at)
{
    const rk_forest *const forest = job->evaluator->forest;
    const rk_lanes *const lanes = &job->evaluator->lanes;
    if (forest->n_outputs == 1 && !lanes->links && room->n == 4) {
        if (forest->in_float)
            add_four_floats(job, room->exits, (float *)job->out[0] + at);
        else
            add_four_doubles(job, room->exits, (double *)job->out[0] + at);
        return;
    }
    for (uint32_t r = 0; r < room->n; r++) {
        const uint8_t *const exits = room->exits + (size_t)r * lanes->n_pieces;
        if (forest->n_outputs > 1)
            add_row(job, exits, at + r);
        else if (forest->in_float)
            add_float(job, exits, (float *)job->out[0] + at + r);
        else
            add_double(job, exits, (double *)job->out[0] + at + r);
    }
}

static void run_four(const rk_evaluate_job *job, rk_lanes_room *room, uint32_t at, uint32_t n)
{
    const rk_evaluator *const e = job->evaluator;
    const size_t columns = (size_t)e->lanes.n_groups * RK_LANES_GROUP;
    room->n = n;
    for (uint32_t r = 0; r < n; r++) {
        rk_evaluate_rank_row(job, job->features->from + at + r, e->lanes.levels != NULL,
                             room->numbers, room->ranks + r * columns);
        find_states(job, job->features->from + at + r,
                    room->answers + (size_t)r * e->lanes.n_states);
    }
    e->lanes_kernels->run(&e->lanes, room);
    add_rows(job, room, at);
}

void rk_evaluate_lanes(const rk_evaluate_job *job, uint32_t at, uint32_t n)
{
    rk_lanes_room room = carve_lanes(job->evaluator, &(rk_carver){.at = job->scratch});
    for (uint32_t i = 0; i < n; i += RK_LANES_ROWS)
        run_four(job, &room, at + i, n - i < RK_LANES_ROWS ? n - i : RK_LANES_ROWS);
}
