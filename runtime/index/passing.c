#include "runtime/index/passing.h"

#include <string.h>

#include "runtime/index/exact_ops.h"

enum { WORDS = RK_PASSING_MOST / 64 };

rk_status rk_passing_some(const rk_index_filter *filter, const uint32_t *rows, uint32_t n,
                          uint64_t *passing, uint64_t *n_asked)
{
    memset(passing, 0, WORDS * sizeof *passing);
    if (filter->bits) {
        for (uint32_t i = 0; i < n; i++)
            passing[i / 64] |= (filter->bits[rows[i] / 64] >> rows[i] % 64 & 1) << i % 64;
        return RK_OK;
    }
    *n_asked += n;
    return filter->pass(filter->user, &(rk_index_rows){.at = rows, .n = n}, passing);
}

/* Word w of n bits; what is beyond them is 0. */
static uint64_t word_of(const uint64_t *bits, uint32_t n, uint32_t w)
{
    const uint32_t left = n - w * 64;
    return left < 64 ? bits[w] & ((UINT64_C(1) << left) - 1) : bits[w];
}

uint32_t rk_passing_count(const rk_index *index, const rk_index_scratch *scratch,
                          const uint64_t *bits)
{
    const uint32_t whole_words = index->n / 64;
    const uint64_t count = scratch->scan->count(bits, whole_words);
    const uint64_t rest = index->n % 64 ? word_of(bits + whole_words, index->n % 64, 0) : 0;
    return (uint32_t)(count + scratch->scan->count(&rest, 1));
}

/* Rows from `first`, a multiple of 64, on: of which those pass that words[] say. */
static void put(const rk_index *index, uint32_t first, const uint64_t *words, uint32_t n_words,
                uint64_t *by_place)
{
    for (uint32_t w = 0; w < n_words; w++) {
        const uint64_t word = word_of(words, index->n - first, w);
        if (!index->places) {
            by_place[first / 64 + w] = word;
            continue;
        }
        const uint32_t *const places = index->places + first + w * 64;
        for (uint64_t bits = word; bits; bits &= bits - 1) {
            const uint32_t place = places[__builtin_ctzll(bits)];
            by_place[place / 64] |= UINT64_C(1) << place % 64;
        }
    }
}

static rk_status ask_all(const rk_index *index, rk_index_scratch *scratch,
                         const rk_index_filter *filter, uint64_t *by_place)
{
    const size_t n_words = (size_t)index->n / 64 + 2;
    uint64_t *const bits = rk_arena_alloc_column(&scratch->room, n_words, sizeof *bits);
    if (!bits)
        return RK_ENOMEM;
    memset(bits, 0, n_words * sizeof *bits);
    RK_TRY(filter->all(filter->user, bits));
    scratch->stats.n_asked += index->n;
    put(index, 0, bits, (uint32_t)(((size_t)index->n + 63) / 64), by_place);
    return RK_OK;
}

rk_status rk_passing_all(const rk_index *index, rk_index_scratch *scratch,
                         const rk_index_filter *filter, const rk_flag *stop,
                         const uint64_t **by_place)
{
    const size_t n_words = (size_t)index->n / 64 + 1;
    uint64_t *const out = rk_arena_alloc_column(&scratch->room, n_words, sizeof *out);
    uint64_t words[WORDS];
    if (!out)
        return RK_ENOMEM;
    *by_place = out;
    memset(out, 0, n_words * sizeof *out);
    if (!filter->bits && filter->all)
        return ask_all(index, scratch, filter, out);
    for (uint32_t n, first = 0; first < index->n; first += n) {
        n = index->n - first < RK_PASSING_MOST ? index->n - first : RK_PASSING_MOST;
        if (stop && *stop)
            return RK_ESTOP;
        if (!filter->bits) {
            memset(words, 0, sizeof words);
            RK_TRY(filter->pass(filter->user, &(rk_index_rows){.first = first, .n = n}, words));
            scratch->stats.n_asked += n;
        }
        put(index, first, filter->bits ? filter->bits + first / 64 : words, (n + 63) / 64, out);
    }
    return RK_OK;
}
