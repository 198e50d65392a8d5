/* What must hold of an index that was opened or imported, whatever its bytes were: it holds
 * together, and searches of it end and give rows in order. */
#ifndef RK_FUZZ_INDEX_CHECK_H
#define RK_FUZZ_INDEX_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/index/check.h"
#include "runtime/index/codes.h"
#include "runtime/index/graph.h"
#include "runtime/index/graph_sketch.h"

#define REQUIRE(holds)                                                                             \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Bytes that say what to try; zeros behind the last. */
typedef struct input {
    const uint8_t *data;
    size_t size, at;
} input;

static inline uint8_t next(input *in) { return in->at < in->size ? in->data[in->at++] : 0; }

/* Every third row, or so. */
static inline rk_status third_pass(void *user, const rk_index_rows *rows, uint64_t *passing)
{
    const rk_index *const index = user;
    REQUIRE(rows->n >= 1 && rows->n <= 1024);
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint32_t row = rk_index_rows_at(rows, i);
        REQUIRE(row < index->n);
        if (row % 3 == 0)
            passing[i / 64] |= UINT64_C(1) << i % 64;
    }
    return RK_OK;
}

/* The same as bits, for an index of not too many; else NULL. */
static inline const uint64_t *third_bits(const rk_index *index)
{
    enum { WORDS = 1 << 10 };
    static uint64_t bits[WORDS];
    for (uint32_t row = 0; row < WORDS * 64; row += 3)
        bits[row / 64] |= UINT64_C(1) << row % 64;
    return index->n <= WORDS * 64 ? bits : NULL;
}

static inline void check_hits(const rk_index *index, const rk_index_query *query,
                              const rk_index_hits *hits)
{
    for (uint32_t q = 0; q < query->n; q++) {
        const uint32_t *const rows = hits->rows + (size_t)q * query->k;
        const float *const scores = hits->scores + (size_t)q * query->k;
        const uint32_t n = hits->counts[q];
        REQUIRE(n <= query->k && n <= index->n);
        for (uint32_t i = 0; i < n; i++) {
            REQUIRE(rows[i] < index->n && (!query->filter || rows[i] % 3 == 0));
            for (uint32_t k = 0; k < i; k++)
                REQUIRE(rows[k] != rows[i]);
            if (i && scores[i] == scores[i - 1])
                REQUIRE(rows[i - 1] < rows[i]);
            if (i)
                REQUIRE(!(scores[i] > scores[i - 1]));
        }
        for (uint32_t i = n; i < query->k; i++)
            REQUIRE(rows[i] == RK_INDEX_NONE);
    }
}

/* A walk through the graph, which searches of few vectors never are. */
static inline void check_walk(const rk_index *index, rk_cpu_level level, const float *vector,
                              uint8_t how)
{
    static _Alignas(64) int8_t bytes[RK_INDEX_MAX_DIM + 64];
    const rk_index_filter filter = {.user = (void *)(uintptr_t)index,
                                    .pass = third_pass,
                                    .bits = how & 8 ? third_bits(index) : NULL};
    const rk_graph_walk walk = {.k = 1 + how % 3,
                                .ef = 3 + how % 32,
                                .n_scored = how & 4 ? 4 : UINT32_MAX,
                                .filter = how & 64 ? &filter : NULL,
                                .most = how & 128 ? 20 : UINT64_MAX};
    rk_graph_room *const room = rk_graph_room_new(level);
    rk_graph_found found;
    rk_coded query;
    rk_code_query(index, vector, bytes, &query);
    REQUIRE(room && rk_graph_search(index, room, &query, &walk, &found) == RK_OK);
    REQUIRE(found.n <= walk.n_scored && found.n <= index->n);
    REQUIRE(walk.filter || found.n <= rk_sketch_ef(index, walk.ef));
    for (uint32_t i = 0; i < found.n; i++) {
        REQUIRE(found.places[i] < index->n);
        for (uint32_t k = 0; k < i; k++)
            REQUIRE(found.places[k] != found.places[i]);
    }
    rk_graph_room_free(room);
}

/* Searches are of two queries, or of as many as tiles serve where there are enough vectors for
 * that, on the machine's best level. `how` chooses k, ef, a filter and exactness. */
enum {
    CHECK_LEVELS = 1, /* on the lowest level too: the rows are the same */
    CHECK_WALKS = 2,  /* no searches but walks; with both bits searches as well */
    CHECK_MOST_K = 16,
    CHECK_QUERIES = 14, /* at most */
    CHECK_TILED = 256,  /* vectors from which scans have tiles */
};

typedef struct check_room {
    uint32_t rows[CHECK_QUERIES * CHECK_MOST_K], counts[CHECK_QUERIES];
    float scores[CHECK_QUERIES * CHECK_MOST_K];
    rk_index_scratch *scratch; /* goes from index to index */
} check_room;

/* What is found stands at the end of its arrays, so that writing behind it shows. */
static inline rk_index_hits check_search(const rk_index *index, rk_cpu_level level,
                                         check_room *room, const rk_index_query *query)
{
    const rk_index_hits hits = {.rows = room->rows + RK_ARRAY_LEN(room->rows) - query->n * query->k,
                                .scores =
                                    room->scores + RK_ARRAY_LEN(room->scores) - query->n * query->k,
                                .counts = room->counts + RK_ARRAY_LEN(room->counts) - query->n};
    if (!room->scratch)
        room->scratch = rk_index_scratch_new(level);
    REQUIRE(room->scratch && rk_index_search(index, room->scratch, query, &hits) == RK_OK);
    check_hits(index, query, &hits);
    return hits;
}

static inline void check_searches(const rk_index *index, uint8_t how, unsigned what)
{
    static check_room rooms[2];
    static float numbers[CHECK_QUERIES * RK_INDEX_MAX_DIM];
    const rk_index_filter filter = {.user = (void *)(uintptr_t)index,
                                    .pass = third_pass,
                                    .bits = how & 8 ? third_bits(index) : NULL};
    const bool searches = what != CHECK_WALKS, twice = what & CHECK_LEVELS;
    const bool tiled = !twice && index->n >= CHECK_TILED && how % 4 == 3;
    const uint32_t n = tiled ? CHECK_QUERIES : 2;
    const uint32_t count = n * index->dim;
    float *const vectors = numbers + RK_ARRAY_LEN(numbers) - count;
    const rk_index_query query = {.vectors = vectors,
                                  .n = n,
                                  .k = how % CHECK_MOST_K,
                                  .ef = how & 16 ? 40 : 0,
                                  .exact = how & 32,
                                  .filter = how & 64 ? &filter : NULL};
    for (uint32_t i = 0; i < count; i++)
        vectors[i] = (float)(i * 7919 % 13) - 6.0f;
    if (searches) {
        const rk_index_hits best = check_search(index, rk_cpu_best(), &rooms[0], &query);
        if (twice) {
            const rk_index_hits plain = check_search(index, RK_CPU_SCALAR, &rooms[1], &query);
            REQUIRE(memcmp(best.rows, plain.rows, query.n * query.k * sizeof *best.rows) == 0);
        }
    }
    if (!(what & CHECK_WALKS) || index->n == 0 || index->degree == 0)
        return;
    check_walk(index, rk_cpu_best(), vectors, how);
    if (twice)
        check_walk(index, RK_CPU_SCALAR, vectors, how);
}

#endif
