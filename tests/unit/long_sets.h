/* Sets of long vectors that have sketches, and queries: for tests of what scans do with those. */
#ifndef RK_UNIT_LONG_SETS_H
#define RK_UNIT_LONG_SETS_H

#include <float.h>

#include "runtime/index/build.h"
#include "runtime/index/codes.h"
#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

enum { ROWS = 4200, DIM = 440, WAYS = 12, QUERIES = 30, NUMBERS = 112 };

/* ---- sets ---- */

typedef enum data {
    PLAIN,     /* a few ways, noise, and far from the origin */
    NOISY,     /* as much noise as sketches are still made of */
    CLUSTERS,  /* 50 centres, and what is left of their members goes everywhere */
    DOUBLES,   /* ten different ones */
    LINE,      /* one way and nothing else */
    FLAT,      /* nothing but the ways: sketches know all */
    NORMS,     /* lengths from 2^-20 to 2^20 */
    LARGE,     /* near the largest that codes are trusted of */
    TOO_LARGE, /* every third beyond it */
    TINY,      /* distances that are not far above what underflows add */
    ZEROS,     /* every third; the others not far from them */
    KINDS
} data;

typedef struct world {
    data data;
    rk_index_metric metric;
    float *vectors; /* [ROWS + QUERIES][DIM]; the last are asked for */
    rk_index *index;
} world;

static inline float noise_of(data data)
{
    if (data == LINE || data == FLAT)
        return 0;
    return data == NOISY ? 0.1f : 0.02f;
}

static inline void draw_plain(const float *ways, data data, float *out)
{
    const float noise = noise_of(data);
    for (uint32_t j = 0; j < DIM; j++)
        out[j] = (data == LINE || data == ZEROS ? 0 : (float)(j % 3)) + noise * uniform();
    for (uint32_t k = 0; k < (data == LINE ? 1 : WAYS); k++) {
        const float by = uniform() / (float)(k + 4);
        for (uint32_t j = 0; j < DIM; j++)
            out[j] += by * ways[k * DIM + j];
    }
}

/* Of the vector in row i, which is a plain one. */
static inline float size_of(data data, uint32_t i)
{
    switch (data) {
    case NORMS:
        return ldexpf(1, (int)(i % 40) - 20);
    case LARGE:
        return 2e16f;
    case TOO_LARGE:
        return i % 3 ? 1e16f : 6e16f;
    case TINY:
        return 1e-18f;
    case ZEROS:
        return i % 3 ? 1 : 0;
    default:
        return 1;
    }
}

/* Other vectors than plain ones are near, or are, others. */
static inline void draw_like(const world *w, uint32_t i, float *out)
{
    const uint32_t many = w->data == DOUBLES ? 10 : 50;
    const float by = w->data == DOUBLES ? 0 : 0.01f;
    if ((w->data != DOUBLES && w->data != CLUSTERS) || i < many)
        return;
    const float *const other = w->vectors + (size_t)draw(many) * DIM;
    for (uint32_t j = 0; j < DIM; j++)
        out[j] = other[j] + by * uniform();
}

static inline void draw_vectors(world *w)
{
    float *const ways = malloc(sizeof *ways * WAYS * DIM);
    w->vectors = malloc(sizeof *w->vectors * (ROWS + QUERIES) * DIM);
    state = (uint64_t)w->data + 1;
    for (uint32_t i = 0; i < WAYS * DIM; i++)
        ways[i] = uniform();
    for (uint32_t i = 0; i < ROWS + QUERIES; i++) {
        float *const vector = w->vectors + (size_t)i * DIM;
        draw_plain(ways, w->data, vector);
        draw_like(w, i, vector);
        for (uint32_t j = 0; j < DIM; j++)
            vector[j] *= size_of(w->data, i);
    }
    free(ways);
}

static inline float *query_of(const world *w, uint32_t q)
{
    return w->vectors + (size_t)(ROWS + q) * DIM;
}

/* Queries that are unlike the rows. */
static inline void spoil_queries(const world *w)
{
    memcpy(query_of(w, 0), w->vectors + (size_t)draw(ROWS) * DIM, DIM * sizeof *w->vectors);
    memset(query_of(w, 1), 0, DIM * sizeof *w->vectors);
    query_of(w, 2)[7] = NAN;
    for (uint32_t j = 0; j < DIM; j++) {
        query_of(w, 3)[j] *= 100;
        query_of(w, 4)[j] = FLT_MAX;
        query_of(w, 5)[j] *= 1e-25f;
        query_of(w, 6)[j] = w->vectors[j] + 1e-3f * query_of(w, 6)[j];
    }
}

static inline rk_index *build(const world *w, rk_index_kind kind)
{
    rk_index *index;
    uint32_t doubled;
    const rk_index_input input = {.vectors = w->vectors, .n = ROWS, .dim = DIM};
    const rk_index_options options = {
        .kind = kind, .metric = w->metric, .m = 4, .ef_construction = 10, .cpu = rk_cpu_best()};
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
    return index;
}

static inline world world_new(data data, rk_index_metric metric, rk_index_kind kind)
{
    world w = {.data = data, .metric = metric};
    draw_vectors(&w);
    spoil_queries(&w);
    w.index = build(&w, kind);
    ck_assert_msg(w.index->bounding && w.index->sketch == NUMBERS, "data %d has no sketches", data);
    return w;
}

static inline void world_free(world *w)
{
    rk_index_free(w->index);
    free(w->vectors);
}

static inline float score(const world *w, const float *a, const float *b)
{
    return score_of(w->metric, a, b, DIM);
}

static inline void set_scale(rk_index *index, uint8_t *axes, uint32_t axis, float by)
{
    uint8_t *const at = axes + (axis + 1) * index->stride - sizeof(rk_code_tail);
    float scale;
    memcpy(&scale, at, sizeof scale);
    scale *= by;
    memcpy(at, &scale, sizeof scale);
}

#endif
