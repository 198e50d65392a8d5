#include "runtime/index/choose.h"

#include <math.h>
#include <string.h>

#include "runtime/index/graph.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/passing.h"

enum {
    SAMPLE = 4 * RK_PASSING_MOST, /* rows that a filter is asked for, to guess how many pass, */
    ENOUGH = 64,                  /* fewer where so many of them do; */
    RUN = 4,                      /* so many in a row, which stand in one line of a column */
    LEAST_EF = 64,                /* when nobody says: so many, or twice k and a bit more */
    EF_PER_K = 2,
};

/* Nanoseconds. */
static const double ASK = 1;              /* a row of a filter, if it has to be asked */
static const double SCAN_ROW = 8;         /* a row of a scan, */
static const double SCAN_LINE = 4;        /* and each 64 bytes of its code, or sketch */
static const double SECOND_LOOKS = 256;   /* codes that are looked at after sketches, */
static const double SECOND_SHARE = 0.02;  /* and this share of the rows */
static const double WALK_ROW = 50;        /* a look of a walk, */
static const double WALK_LINE = 10;       /* and each 64 bytes */
static const double LOOKS_PER_LINK = 0.5; /* looks for each link of each candidate kept */

static double row_price(size_t stride) { return SCAN_ROW + SCAN_LINE * (double)(stride / 64); }

static double code_price(size_t stride) { return WALK_ROW + WALK_LINE * (double)(stride / 64); }

/* `asked`: rows, for each query. */
static double scan_price(const rk_index *index, double passing, double asked)
{
    const double asking = asked * ASK;
    if (!index->bounding)
        return passing * row_price(index->stride) + asking;
    const double again = fmin(passing, SECOND_LOOKS + passing * SECOND_SHARE);
    return passing * row_price(rk_code_stride(index->sketch)) + again * code_price(index->stride) +
           asking;
}

/* Rows that a scan asks about. A batch shares that, yet each query is priced as if alone, so that
 * it finds what it finds alone. */
static double asked_of(const rk_index *index, const rk_index_query *query)
{
    return query->filter && !query->filter->bits ? (double)index->n : 0;
}

/* What a walk looks at. */
static double look_price(const rk_index *index)
{
    return code_price(index->sketch ? rk_code_stride(index->sketch) : index->stride);
}

static double walk_price(const rk_index *index, double passing, uint32_t ef)
{
    const double kept = rk_sketch_ef(index, ef);
    const double followed = kept * rk_graph_wider(index->n / passing);
    const double looks = LOOKS_PER_LINK * index->degree * followed;
    const double order = index->sketch ? kept * code_price(index->stride) : 0;
    return (looks + index->n_entries) * look_price(index) + order;
}

static uint32_t clamp(uint64_t x, uint32_t least, uint32_t most)
{
    return x < least ? least : x > most ? most : (uint32_t)x;
}

static uint32_t default_ef(uint32_t k)
{
    const uint64_t by_k = (uint64_t)k * EF_PER_K + LEAST_EF / 2;
    return clamp(by_k, LEAST_EF, RK_INDEX_MAX_EF);
}

/* At least k, at most all. */
static uint32_t ef_of(const rk_index *index, uint32_t k, uint32_t ef)
{
    const uint32_t wish = ef ? ef : index->ef ? index->ef : default_ef(k);
    return clamp(wish > k ? wish : k, 1, index->n ? index->n : 1);
}

static bool walk_is_cheaper(const rk_index *index, double passing, uint32_t ef, double asked)
{
    return index->degree > 0 && walk_price(index, passing, ef) < scan_price(index, passing, asked);
}

rk_choice rk_index_choose(const rk_index *index, const rk_index_query *query, uint32_t passing)
{
    rk_choice choice = {.ef = ef_of(index, query->k, query->ef), .passing = passing};
    const double asked = asked_of(index, query);
    choice.graph = !query->exact && walk_is_cheaper(index, passing, choice.ef, asked);
    choice.n_scored = clamp((uint64_t)query->k * 5 / 2 + 10, 1, UINT32_MAX);
    choice.most = UINT64_MAX;
    if (query->filter)
        choice.most =
            (uint64_t)(2 * scan_price(index, passing, asked) / look_price(index)) + index->degree;
    return choice;
}

uint32_t rk_index_graph_from(const rk_index *index, uint32_t k, uint32_t ef)
{
    const uint32_t kept = ef_of(index, k, ef);
    if (index->n == 0 || !walk_is_cheaper(index, index->n, kept, index->n))
        return UINT32_MAX;
    uint32_t least = 1, most = index->n; /* it is cheaper from somewhere between on */
    while (least < most) {
        const uint32_t middle = least + (most - least) / 2;
        if (walk_is_cheaper(index, middle, kept, index->n))
            most = middle;
        else
            least = middle + 1;
    }
    return most;
}

/* Asks for each n_parts-th of the rows of a sample, from `part` on; adds how many pass. */
static rk_status ask_part(const rk_index *index, const rk_index_filter *filter, uint32_t part,
                          uint32_t n_parts, uint64_t *n_asked, uint64_t *count)
{
    uint32_t rows[RK_PASSING_MOST], n = 0;
    uint64_t passes[RK_PASSING_MOST / 64];
    const uint32_t size = index->n < SAMPLE ? index->n : SAMPLE;
    const uint32_t run = size < index->n ? RUN : 1, n_runs = size / run;
    for (uint32_t i = part; i < n_runs; i += n_parts)
        for (uint32_t j = 0; j < run; j++)
            rows[n++] = (uint32_t)((uint64_t)i * index->n / n_runs) + j;
    RK_TRY(rk_passing_some(filter, rows, n, passes, n_asked));
    for (uint32_t i = 0; i < RK_PASSING_MOST / 64; i++)
        *count += (uint64_t)__builtin_popcountll(passes[i]);
    return RK_OK;
}

rk_status rk_index_estimate(const rk_index *index, rk_index_scratch *scratch,
                            const rk_index_filter *filter, uint32_t *passing)
{
    const uint32_t size = index->n < SAMPLE ? index->n : SAMPLE;
    const uint32_t n_parts = (size + RK_PASSING_MOST - 1) / RK_PASSING_MOST;
    uint64_t count = 0, n = 0;
    *passing = 1;
    if (filter->bits) {
        count = rk_passing_count(index, scratch, filter->bits);
        *passing = count ? (uint32_t)count : 1;
        return RK_OK;
    }
    for (uint32_t part = 0; part < n_parts && count < ENOUGH; part++)
        RK_TRY(ask_part(index, filter, part, n_parts, &n, &count));
    scratch->stats.n_asked += n;
    *passing = (uint32_t)(count ? count * index->n / n : 1);
    return RK_OK;
}
