#include "runtime/model/lanes.h"

#include "runtime/base/simd.h"

extern const rk_lanes_kernels RK_SIMD_NAME(rk_lanes_kernels);

#if RK_SIMD == 0

/* Without vectors a walk is quicker. */
const rk_lanes_kernels RK_SIMD_NAME(rk_lanes_kernels) = {0};

#else

#include "runtime/model/lanes_row.h"
#include "runtime/model/rank_below.h"

static void rank(const rk_rank_column *columns, uint32_t n, const double *x, uint16_t *ranks)
{
    for (uint32_t c = 0; c < n; c++)
        ranks[c] = rank_value(&columns[c], x[c]);
}

static inline __attribute__((always_inline)) void
look(const rk_lanes *lanes, const rk_lanes_room *room, uint32_t group, row *rows, const uint32_t n)
{
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++)
        row_look(&rows[r], room->ranks + ((size_t)r * lanes->n_groups + group) * RK_LANES_GROUP);
}

static inline __attribute__((always_inline)) void ask_sets(const rk_lanes *lanes,
                                                           const rk_lanes_room *room,
                                                           uint32_t block, row *rows,
                                                           const uint32_t n)
{
    const uint32_t n_states = lanes->n_states;
    uint32_t at = block ? lanes->set_ends[block * n_states - 1] : 0;
    for (uint32_t s = 0; s < n_states; s++) {
        const uint32_t end = lanes->set_ends[block * n_states + s];
        uint32_t place = lanes->set_from[block * n_states + s];
        for (; at < end; at++, place++)
#pragma GCC unroll 4
            for (uint32_t r = 0; r < n; r++)
                row_ask_set(&lanes->set_steps[at], &rows[r],
                            room->answers[r * n_states + s][place]);
    }
}

static inline __attribute__((always_inline)) void
run_rows(const rk_lanes *lanes, const rk_lanes_room *room, const uint32_t n)
{
    row rows[RK_LANES_ROWS];
    const rk_lane_step *step = lanes->steps;
    look(lanes, room, 0, rows, n);
    for (uint32_t b = 0; b < lanes->n_blocks; b++) {
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            row_begin(&rows[r]);
        for (uint32_t g = 0; g < lanes->n_groups; g++) {
            if (lanes->n_groups > 1)
                look(lanes, room, g, rows, n);
            const rk_lane_step *const end = lanes->steps + lanes->ends[b * lanes->n_groups + g];
            for (; step < end; step++)
                row_ask(step, rows, n);
        }
        if (lanes->n_states)
            ask_sets(lanes, room, b, rows, n);
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            row_end(&rows[r], room->exits + (size_t)r * lanes->n_pieces + b * RK_LANES);
    }
}

static inline __attribute__((always_inline)) void
run_levels(const rk_lanes *lanes, const rk_lanes_room *room, const uint32_t n)
{
    row rows[RK_LANES_ROWS];
    const rk_lane_level *level = lanes->levels;
    look(lanes, room, 0, rows, n);
    for (uint32_t b = 0; b < lanes->n_blocks; b++) {
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            level_begin(&rows[r]);
        for (uint32_t g = 0; g < lanes->n_groups; g++) {
            if (lanes->n_groups > 1)
                look(lanes, room, g, rows, n);
            const rk_lane_level *const end = lanes->levels + lanes->ends[b * lanes->n_groups + g];
            for (; level < end; level++)
                level_ask(level, rows, n);
        }
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            level_end(&rows[r], room->exits + (size_t)r * lanes->n_pieces + b * RK_LANES_LEVEL);
    }
}

#define RUN(n)                                                                                     \
    static void run_##n(const rk_lanes *lanes, const rk_lanes_room *room)                          \
    {                                                                                              \
        if (lanes->levels)                                                                         \
            run_levels(lanes, room, n);                                                            \
        else                                                                                       \
            run_rows(lanes, room, n);                                                              \
    }
RUN(1)
RUN(2)
RUN(3)
RUN(4)

static void run(const rk_lanes *lanes, const rk_lanes_room *room)
{
    if (room->n == 4)
        run_4(lanes, room);
    else if (room->n == 3)
        run_3(lanes, room);
    else if (room->n == 2)
        run_2(lanes, room);
    else
        run_1(lanes, room);
}

const rk_lanes_kernels RK_SIMD_NAME(rk_lanes_kernels) = {.rank = rank, .run = run};

#endif
