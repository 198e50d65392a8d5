#include "runtime/index/graph_spread.h"

#include <float.h>
#include <math.h>

#include "runtime/base/arena.h"
#include "runtime/base/pool.h"
#include "runtime/index/codes.h"
#include "runtime/index/graph_sketch.h"

enum {
    SAMPLED = 128,                         /* vectors whose neighbours are measured */
    AT_ONCE = 1024,                        /* distances */
    FARTHEST = 1 << (RK_INDEX_SPREAD - 1), /* the last neighbour that counts */
    KEPT = 2 * FARTHEST,
    LINE = 64,
    MOST_STRIDE = RK_INDEX_MAX_DIM + LINE,
};

typedef struct measuring {
    rk_index walked; /* what walks look at */
    const rk_code_ops *ops;
    const rk_flag *stop;
    uint32_t n_sampled, n_ranks;
    float longest; /* DOT: of the codes */
    float *rooms;  /* [threads][KEPT + AT_ONCE] */
    float *ranked; /* [n_ranks][n_sampled] */
} measuring;

/* Puts the least number but `rank` of n, counted from 0, where it belongs in order, with no greater
 * ones before it and no lesser ones after it. */
static void select_least(float *numbers, uint32_t n, uint32_t rank)
{
    for (int64_t low = 0, high = (int64_t)n - 1; low < high;) {
        const float pivot = numbers[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (numbers[i] < pivot)
                i++;
            while (numbers[j] > pivot)
                j--;
            if (i <= j) {
                const float swap = numbers[i];
                numbers[i++] = numbers[j];
                numbers[j--] = swap;
            }
        }
        if ((int64_t)rank <= j)
            high = j;
        else if ((int64_t)rank >= i)
            low = i;
        else
            return;
    }
}

/* What is measured of a distance d from a place by codes: d * by + own. */
typedef struct measure_of {
    rk_coded query;
    float by, own;
} measure_of;

/* Of products, how much less than the largest there could be with the vector as a query, of length
 * 1. */
static measure_of measure_from(const measuring *m, uint32_t place, int8_t *bytes)
{
    const rk_index *const set = &m->walked;
    measure_of from = {.by = 1};
    if (set->metric != RK_INDEX_DOT) {
        rk_code_query_at(set, place, bytes, &from.query);
        from.own = rk_code_own(set, place);
        return from;
    }
    rk_code_query(set, set->vectors + (size_t)place * set->dim, bytes, &from.query);
    from.by = from.query.square > 0 ? 1 / sqrtf(from.query.square) : 0;
    from.own = m->longest;
    return from;
}

/* The least of what is measured from one place to all others, KEPT at most; how many. */
static uint32_t measure(const measuring *m, uint32_t place, float *room)
{
    const rk_index *const set = &m->walked;
    _Alignas(LINE) int8_t bytes[MOST_STRIDE];
    const measure_of from = measure_from(m, place, bytes);
    float limit = INFINITY;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->n; i += AT_ONCE) {
        float some[AT_ONCE];
        const uint32_t n = set->n - i < AT_ONCE ? set->n - i : AT_ONCE;
        m->ops->following(&from.query, set->codes + i * set->stride, n, some);
        for (uint32_t j = 0; j < n; j++) {
            const float measured = some[j] * from.by + from.own;
            room[kept] = measured > 0 ? fminf(measured, FLT_MAX) : 0;
            kept += room[kept] < limit && i + j != place;
        }
        if (kept >= KEPT) {
            select_least(room, kept, FARTHEST - 1);
            limit = room[FARTHEST - 1];
            kept = FARTHEST;
        }
    }
    return kept;
}

static void sample_task(void *user, uint32_t task, uint32_t worker)
{
    const measuring *const m = user;
    float *const room = m->rooms + (size_t)worker * (KEPT + AT_ONCE);
    if (m->stop && atomic_load_explicit(m->stop, memory_order_relaxed))
        return;
    const uint64_t place = (uint64_t)task * m->walked.n / m->n_sampled;
    uint32_t kept = measure(m, (uint32_t)place, room);
    for (uint32_t rank = m->n_ranks; rank-- > 0;) {
        const uint32_t last = (1U << rank) - 1;
        select_least(room, kept, last);
        m->ranked[(size_t)rank * m->n_sampled + task] = room[last];
        kept = last + 1;
    }
}

static rk_status make(measuring *m, rk_arena *arena, uint32_t threads, float *spread)
{
    m->rooms = rk_arena_alloc_column(arena, threads, (KEPT + AT_ONCE) * sizeof *m->rooms);
    m->ranked = rk_arena_array(arena, (size_t)m->n_ranks * m->n_sampled, sizeof *m->ranked);
    if (!m->rooms || !m->ranked)
        return RK_ENOMEM;
    rk_pool_run(m->n_sampled, threads, sample_task, m);
    if (m->stop && atomic_load_explicit(m->stop, memory_order_relaxed))
        return RK_ESTOP;
    for (uint32_t rank = 0; rank < m->n_ranks; rank++) {
        float *const found = m->ranked + (size_t)rank * m->n_sampled;
        select_least(found, m->n_sampled, m->n_sampled / 2);
        spread[rank] = found[m->n_sampled / 2];
    }
    if (!rk_spread_is_sane(spread))
        memset(spread, 0, RK_INDEX_SPREAD * sizeof *spread);
    return RK_OK;
}

/* A rank is measured if the set is at least twice as large. */
static uint32_t ranks_of(uint32_t n)
{
    uint32_t ranks = 0;
    while (ranks < RK_INDEX_SPREAD && (2U << ranks) < n)
        ranks++;
    return ranks;
}

static float longest(const rk_index *index)
{
    float most = 0;
    for (uint32_t i = 0; index->metric == RK_INDEX_DOT && i < index->n; i++)
        most = fmaxf(most, rk_code_tail_of(index->codes + i * index->stride, index->stride).length);
    return most;
}

rk_status rk_spread_make(rk_index *index, const rk_index_options *options)
{
    memset(index->spread, 0, sizeof index->spread);
    if (index->n < SAMPLED)
        return RK_OK;
    measuring m = {.walked = index->sketch ? rk_sketch_set(index) : *index,
                   .ops = rk_code_ops_get(options->cpu),
                   .stop = options->stop,
                   .n_sampled = SAMPLED,
                   .n_ranks = ranks_of(index->n),
                   .longest = longest(index)};
    const uint32_t most = rk_pool_hold();
    const uint32_t threads = options->threads && options->threads < most ? options->threads : most;
    rk_arena arena = {0};
    const rk_status status = make(&m, &arena, threads, index->spread);
    rk_arena_free(&arena);
    rk_pool_release();
    return status;
}

bool rk_spread_is_sane(const float *spread)
{
    for (uint32_t i = 0; i < RK_INDEX_SPREAD; i++)
        if (!(spread[i] >= 0 && spread[i] <= FLT_MAX))
            return false;
    return true;
}

/* Between ranks on a straight line; 0: not known. */
static float distance_at(const float *spread, float rank)
{
    uint32_t low = 0;
    while (low + 1 < RK_INDEX_SPREAD && (float)(2U << low) <= rank)
        low++;
    const float first = (float)(1U << low);
    if (rank <= first)
        return rank < first ? 0 : spread[low];
    if (low + 1 == RK_INDEX_SPREAD || spread[low + 1] == 0)
        return 0;
    return spread[low] + (spread[low + 1] - spread[low]) * ((rank - first) / first);
}

float rk_spread_between(const rk_index *index, float from, float to)
{
    const float near = distance_at(index->spread, from), far = distance_at(index->spread, to);
    const float ratio = near > 0 && index->metric != RK_INDEX_DOT ? far / near : 0;
    return (ratio >= 1) == (to >= from) ? ratio : 0;
}

float rk_spread_ratio(const rk_index *index, uint32_t k, uint32_t ef)
{
    return k > 0 && ef > k ? rk_spread_between(index, (float)k, (float)ef) : 0;
}

float rk_spread_apart(const rk_index *index, float from, float to)
{
    const float near = distance_at(index->spread, from), far = distance_at(index->spread, to);
    const bool known = index->metric == RK_INDEX_DOT && near > 0 && far > 0;
    return known && (far >= near) == (to >= from) ? far - near : 0;
}
