#include "runtime/index/graph_build.h"

/* Places whose codes are equal. A thousand of them would link to each other alone, and nobody would
 * find the way out; so the graph is made of the first of each kind. It links to a few of its twins,
 * these to more, and all of them back to it. */

enum {
    TWINS_OF_FIRST = 4,
    TWINS_OF_TWIN = 8,
};

/* ---- finding ---- */

/* The bytes that make a distance; `error` is not among them. */
static uint64_t hash_code(const rk_index *index, uint32_t place)
{
    const uint8_t *const code = index->codes + place * index->stride;
    uint64_t hash = index->dim;
    uint64_t word;
    for (size_t i = 0; i < index->stride - sizeof(rk_code_tail); i += sizeof word) {
        memcpy(&word, code + i, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    const float scale = rk_code_tail_of(code, index->stride).scale;
    uint32_t bits;
    memcpy(&bits, &scale, sizeof bits);
    hash = (hash ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static bool same_code(const rk_index *index, uint32_t a, uint32_t b)
{
    const uint8_t *const x = index->codes + a * index->stride;
    const uint8_t *const y = index->codes + b * index->stride;
    return memcmp(x, y, index->stride - sizeof(rk_code_tail)) == 0 &&
           rk_code_tail_of(x, index->stride).scale == rk_code_tail_of(y, index->stride).scale;
}

rk_status rk_builder_find_twins(rk_builder *builder)
{
    const rk_index *const index = builder->index;
    size_t cap = 64;
    while (cap < (size_t)index->n * 2)
        cap *= 2;
    rk_arena arena = {0};
    uint32_t *const table = rk_arena_alloc_column(&arena, cap, sizeof *table);
    builder->twin_of = rk_arena_alloc_column(&builder->arena, index->n, sizeof *builder->twin_of);
    if (!table || !builder->twin_of) {
        rk_arena_free(&arena);
        return RK_ENOMEM;
    }
    memset(table, 0xff, cap * sizeof *table); /* RK_INDEX_NONE */
    for (uint32_t i = 0; i < index->n; i++) {
        size_t at = hash_code(index, i) & (cap - 1);
        while (table[at] != RK_INDEX_NONE && !same_code(index, table[at], i))
            at = (at + 1) & (cap - 1);
        if (table[at] == RK_INDEX_NONE)
            table[at] = i;
        builder->twin_of[i] = table[at];
    }
    rk_arena_free(&arena);
    return RK_OK;
}

/* ---- linking ---- */

/* Puts a link first in a row of at most `degree`, whose last leaves. */
static void link_first(const rk_builder *builder, uint32_t from, uint32_t to)
{
    uint32_t *const row = rk_builder_row(builder, from);
    memmove(row + 1, row, (builder->degree - 1) * sizeof *row);
    row[0] = to;
}

/* The j-th twin hangs on the first, or on an earlier twin. */
static uint32_t above(uint32_t j) { return (j - TWINS_OF_FIRST) / TWINS_OF_TWIN; }

rk_status rk_builder_link_twins(rk_builder *builder)
{
    const uint32_t n = builder->index->n;
    if (builder->n_turns == n)
        return RK_OK;
    /* by place: how many twins of the first; the twins of each first one after the other */
    uint32_t *const counts = rk_arena_array(&builder->arena, n, sizeof *counts);
    uint32_t *const begins = rk_arena_alloc_column(&builder->arena, n, sizeof *begins);
    uint32_t *const twins =
        rk_arena_alloc_column(&builder->arena, n - builder->n_turns, sizeof *twins);
    if (!counts || !begins || !twins)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        counts[builder->twin_of[i]] += builder->twin_of[i] != i;
    for (uint32_t i = 0, at = 0; i < n; i++) {
        begins[i] = at;
        at += counts[i];
        counts[i] = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t first = builder->twin_of[i];
        if (first == i)
            continue;
        const uint32_t j = counts[first]++;
        twins[begins[first] + j] = i;
        link_first(builder, j < TWINS_OF_FIRST ? first : twins[begins[first] + above(j)], i);
        link_first(builder, i, first);
    }
    return RK_OK;
}
