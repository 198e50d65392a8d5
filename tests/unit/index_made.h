/* Small indexes made by hand, for tests of files: no code of the library has a part in them. */
#ifndef RK_UNIT_INDEX_MADE_H
#define RK_UNIT_INDEX_MADE_H

#include <string.h>

#include "runtime/index/codes.h"
#include "runtime/index/layout.h"
#include "runtime/index/memory.h"

enum { MADE_DEGREE = 16, MADE_ENTRIES = 3, MADE_SKETCH = 9 };

/* What is wanted. */
typedef struct made_shape {
    uint32_t n, dim;
    bool graph;
    bool moved;    /* places are no rows */
    bool sketches; /* with a graph */
    uint32_t ids;  /* RK_INDEX_IDS_… */
    uint32_t seed; /* of the numbers */
} made_shape;

static inline uint32_t made_next(uint32_t *state)
{
    return (*state = *state * 1664525u + 1013904223u) >> 8;
}

static inline void made_ids(rk_index *index, uint32_t kind)
{
    const uint32_t n = index->n;
    int64_t *const numbers = rk_index_array(index, n, sizeof *numbers);
    uint64_t *const offsets = rk_index_array(index, n + 1u, sizeof *offsets);
    char *const bytes = rk_index_array(index, n, 8);
    offsets[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        char text[16];
        const int len = snprintf(text, sizeof text, "id%05u", i * 3);
        numbers[i] = (int64_t)i * 7 - 5;
        memcpy(bytes + offsets[i], text, (size_t)len);
        offsets[i + 1] = offsets[i] + (uint64_t)len;
    }
    if (kind == RK_INDEX_IDS_NUMBERS)
        index->ids.numbers = numbers;
    else if (kind == RK_INDEX_IDS_TEXTS)
        index->ids = (rk_index_ids){.text = true, .offsets = offsets, .bytes = bytes};
}

/* Place p is row n - 1 - p, or p turned round once. */
static inline void made_places(rk_index *index)
{
    const uint32_t n = index->n;
    uint32_t *const rows = rk_index_array(index, n, sizeof *rows);
    uint32_t *const places = rk_index_array(index, n, sizeof *places);
    for (uint32_t place = 0; place < n; place++) {
        rows[place] = (place + 1) % n;
        places[rows[place]] = place;
    }
    index->rows = rows;
    index->places = places;
}

static inline void made_graph(rk_index *index, uint32_t *state)
{
    const uint32_t n = index->n;
    uint32_t *const links = rk_index_array(index, (size_t)n * MADE_DEGREE, sizeof *links);
    uint32_t *const entries = rk_index_array(index, MADE_ENTRIES, sizeof *entries);
    for (uint32_t i = 0; i < n * MADE_DEGREE; i++)
        links[i] = i % MADE_DEGREE < 1 + i / MADE_DEGREE % MADE_DEGREE ? made_next(state) % n
                                                                       : RK_INDEX_NONE;
    for (uint32_t i = 0; i < MADE_ENTRIES; i++)
        entries[i] = made_next(state) % n;
    index->kind = RK_INDEX_HNSW;
    index->degree = MADE_DEGREE;
    index->links = links;
    index->entries = entries;
    index->n_entries = n < MADE_ENTRIES ? n : MADE_ENTRIES;
}

static inline void made_sketches(rk_index *index, uint32_t *state)
{
    const size_t stride = rk_code_stride(MADE_SKETCH);
    uint8_t *const sketches = rk_index_array(index, index->n, stride);
    uint8_t *const axes = rk_index_array(index, MADE_SKETCH - 1, index->stride);
    for (size_t i = 0; i < index->n * stride; i++)
        sketches[i] = (uint8_t)made_next(state);
    for (size_t i = 0; i < (MADE_SKETCH - 1) * index->stride; i++)
        axes[i] = (uint8_t)made_next(state);
    index->sketch = MADE_SKETCH;
    index->sketches = sketches;
    index->axes = axes;
}

/* rk_index_free gives it back. */
static inline rk_index *made_index(const made_shape *shape)
{
    uint32_t state = shape->seed;
    rk_index *const index = rk_index_new();
    const size_t count = (size_t)shape->n * shape->dim;
    index->n = shape->n;
    index->dim = shape->dim;
    index->metric = RK_INDEX_L2;
    index->stride = rk_code_stride(shape->dim);
    float *const vectors = rk_index_array(index, count, sizeof *vectors);
    float *const mean = rk_index_array(index, shape->dim, sizeof *mean);
    uint8_t *const codes = rk_index_array(index, shape->n, index->stride);
    for (size_t i = 0; i < count; i++)
        vectors[i] = (float)(made_next(&state) % 2001) / 1000.0f - 1.0f;
    for (size_t i = 0; i < shape->n * index->stride; i++)
        codes[i] = (uint8_t)made_next(&state);
    for (uint32_t i = 0; i < shape->dim; i++)
        mean[i] = (float)i;
    index->vectors = vectors;
    index->mean = mean;
    index->codes = codes;
    index->ef = 33;
    index->ef_construction = 120;
    made_ids(index, shape->ids);
    if (shape->moved)
        made_places(index);
    if (shape->graph)
        made_graph(index, &state);
    if (shape->graph && shape->sketches)
        made_sketches(index, &state);
    return index;
}

#endif
