/* A few bytes become a whole and true index, with a graph or without, with sketches or without, and
 * searches of it by few queries or many, with filters of all kinds: what exact ones find is what
 * scoring every vector gives, to the bit; what the others find is scored so, in order, and as many
 * as there are; and neither the level nor who else is asked for changes anything. */
#include "tests/fuzz/index_check.h"

#include <float.h>

#include "runtime/index/memory.h"
#include "tests/unit/index_naive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MOST_ROWS = 1100,
    MOST_DIM = 113,
    MOST_NUMBERS = 1 << 14,
    MOST_QUERIES = 40,
    MOST_HITS = MOST_QUERIES * (MOST_ROWS + 10)
};

/* ---- vectors ---- */

/* Kinds of data. */
enum { PLAIN, COARSE, NORMS, HUGE_NORMS, TINY, EQUAL, ZEROS, WILD, LARGE, WAYS, DOUBLES, KINDS };

static float number(int kind, uint32_t i, uint32_t k)
{
    switch (kind) {
    case COARSE: /* many equal scores */
        return (float)draw(3) - 1;
    case NORMS:
        return uniform() * ldexpf(1, (int)(i % 40) - 20);
    case HUGE_NORMS: /* scores that overflow */
        return uniform() * (i % 2 ? FLT_MAX : 1e20f);
    case TINY:
        return uniform() * 1e-30f;
    case EQUAL:
        return (float)(k % 7) * 0.1f;
    case ZEROS:
        return i % 3 ? uniform() : 0;
    case WILD:
        return uniform() * ldexpf(1, (int)(i % 250) - 125);
    case LARGE: /* near what codes are trusted of */
        return uniform() * (i % 3 ? 1e16f : 6e17f);
    default:
        return uniform() + 1;
    }
}

/* Sums of few directions, far from the origin, as sketches are for; or whatever the kind is. */
static void draw_vectors(float *out, uint32_t n, uint32_t dim, int kind)
{
    enum { DIRECTIONS = 4 };
    static float ways[DIRECTIONS][MOST_DIM];
    for (uint32_t k = 0; k < DIRECTIONS * dim && kind == WAYS; k++)
        ways[k / dim][k % dim] = uniform();
    for (uint32_t i = 0; i < n; i++) {
        float *const x = out + (size_t)i * dim;
        float by[DIRECTIONS];
        for (uint32_t w = 0; w < DIRECTIONS; w++)
            by[w] = uniform();
        for (uint32_t k = 0; k < dim; k++)
            x[k] = kind == WAYS ? 2 + by[0] * ways[0][k] + by[1] * ways[1][k] + by[2] * ways[2][k] +
                                      by[3] * ways[3][k] + 0.02f * (float)(k % 5)
                                : number(kind, i, k);
        if (kind == DOUBLES && i >= 10)
            memcpy(x, out + (size_t)draw(10) * dim, dim * sizeof *x);
    }
}

/* A query, drawn like the rows, becomes something else. */
static void spoil(const rk_index *index, float *query)
{
    const uint32_t dim = index->dim, one = draw(dim), what = draw(16);
    for (uint32_t k = 0; k < dim; k++)
        switch (what) {
        case 0:
        case 1:
        case 2: /* one that is there, or near one */
            if (index->n > 0)
                query[k] =
                    index->vectors[(one % index->n) * dim + k] + (what == 2 ? 1e-3f * query[k] : 0);
            break;
        case 3:
            query[k] = 0;
            break;
        case 4:
            query[k] = k == one ? NAN : query[k];
            break;
        case 5:
            query[k] = k == one ? -INFINITY : query[k];
            break;
        case 6:
            query[k] = FLT_MAX;
            break;
        case 7:
            query[k] *= 1e-25f;
            break;
        case 8: /* far from all */
            query[k] *= 3e4f;
            break;
        default:
            break;
        }
}

/* ---- an index ---- */

/* What an index is made of: few kinds of each, so that one that was made is asked often. */
typedef struct shape {
    uint8_t seed, kind, rows, dim, metric, turned, links, sketch;
} shape;

static const uint16_t sizes[] = {256, 300, 40,  0,   1,   2,   3,   64,
                                 65,  255, 257, 260, 288, 320, 450, MOST_ROWS};
static const uint16_t dims[] = {8, 5, 2, 3, 4, 12, 16, 17, 24, 33, 40, 47, 48, 49, 64, MOST_DIM};
static const uint8_t sketches[] = {0, 0, 2, 3, 6, 8, 17, 24};

static shape shape_of(input *in)
{
    shape it;
    it.seed = next(in) % 4;
    it.kind = next(in) % KINDS;
    it.rows = next(in) % RK_ARRAY_LEN(sizes);
    it.dim = next(in) % RK_ARRAY_LEN(dims);
    it.metric = next(in) % RK_INDEX_METRIC_COUNT;
    it.turned = next(in) % 2;
    const uint8_t links = next(in), sketch = next(in);
    it.links = links % 3 ? links % 64 | 1 : 0; /* 0: no graph */
    it.sketch = it.metric == RK_INDEX_DOT ? 0 : sketch % (2 * RK_ARRAY_LEN(sketches));
    return it;
}

/* Places are other rows than their own. */
static void turn_rows(rk_index *index)
{
    uint32_t *const rows = rk_index_array(index, index->n, sizeof *rows);
    uint32_t *const places = rk_index_array(index, index->n, sizeof *places);
    REQUIRE(rows && places);
    for (uint32_t i = 0; i < index->n; i++)
        rows[i] = i;
    for (uint32_t i = index->n; i > 1; i--) {
        const uint32_t j = draw(i), row = rows[j];
        rows[j] = rows[i - 1];
        rows[i - 1] = row;
    }
    for (uint32_t i = 0; i < index->n; i++)
        places[rows[i]] = i;
    index->rows = rows;
    index->places = places;
}

/* Links to any places, up to all that there is room for; few entries, so that walks are cheap. */
static void link_all(rk_index *index, uint8_t how)
{
    const uint32_t n = index->n, degree = how & 2 ? 32 : 16;
    uint32_t *const links = rk_index_array(index, (size_t)n * degree, sizeof *links);
    uint32_t *const entries = rk_index_array(index, 4, sizeof *entries);
    REQUIRE(links && entries);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t own = how & 4 ? degree : draw(degree + 1);
        for (uint32_t k = 0; k < degree; k++)
            links[i * degree + k] = k < own ? draw(n) : RK_INDEX_NONE;
    }
    index->kind = RK_INDEX_HNSW;
    index->degree = degree;
    index->links = links;
    index->entries = entries;
    index->n_entries = how & 8 ? 4 : 1;
    index->n_entries = index->n_entries < n ? index->n_entries : n;
    for (uint32_t i = 0; i < index->n_entries; i++)
        entries[i] = draw(n);
    float far = how & 16 ? 0.01f : 0;
    for (uint32_t i = 0; i < RK_INDEX_SPREAD; i++) {
        index->spread[i] = far;
        far *= how & 32 ? 1.3f : 3;
    }
}

/* Some are for walks alone. */
static void give_sketches(rk_index *index, uint8_t sketch)
{
    const uint32_t wish = sketches[sketch % RK_ARRAY_LEN(sketches)];
    uint8_t *made;
    const rk_index_options options = {.threads = 1, .cpu = rk_cpu_best()};
    const uint32_t numbers = wish < index->dim ? wish : index->dim;
    REQUIRE(rk_sketch_make_of(index, numbers, &options, &made) == RK_OK);
    REQUIRE((made != NULL) == (index->sketch > 0));
    index->bounding = index->bounding && sketch < RK_ARRAY_LEN(sketches);
}

static rk_index *make_index(const shape *it)
{
    static float vectors[MOST_NUMBERS];
    uint32_t doubled;
    rk_index *index;
    const uint32_t n = sizes[it->rows], fit = n ? MOST_NUMBERS / n : MOST_DIM;
    const rk_index_input from = {
        .vectors = vectors, .n = n, .dim = dims[it->dim] < fit ? dims[it->dim] : fit};
    const rk_index_options options = {
        .metric = (rk_index_metric)it->metric, .threads = 1, .cpu = rk_cpu_best()};
    state = it->seed;
    draw_vectors(vectors, from.n, from.dim, it->kind);
    REQUIRE(rk_index_build(&from, &options, &index, &doubled) == RK_OK && index->sketch == 0);
    if (it->turned && index->n > 0)
        turn_rows(index);
    if (it->links && index->n > 0)
        link_all(index, it->links);
    if (sketches[it->sketch % RK_ARRAY_LEN(sketches)])
        give_sketches(index, it->sketch);
    REQUIRE(!rk_index_check(index));
    return index;
}

/* Made, or still there: nothing changes an index. */
static rk_index *index_of(const shape *it)
{
    enum { KEPT = 1024 };
    static struct {
        shape shape;
        rk_index *index;
    } kept[KEPT];
    const uint64_t hash = rk_str_hash((rk_str){(const char *)it, sizeof *it});
    shape *const before = &kept[hash % KEPT].shape;
    rk_index **const index = &kept[hash % KEPT].index;
    if (*index && memcmp(before, it, sizeof *it) == 0)
        return *index;
    rk_index_free(*index);
    *index = make_index(it);
    *before = *it;
    return *index;
}

/* ---- what is asked ---- */

typedef struct asked {
    rk_index *index;
    float *queries; /* [query.n][dim] */
    rk_index_query query;
    rk_index_filter filter;
    uint64_t bits[MOST_ROWS / 64 + 1]; /* of those that pass; beyond the rows any */
    uint32_t n_passing;
} asked;

static bool passes(const asked *a, uint32_t row)
{
    return !a->query.filter || (a->bits[row / 64] >> row % 64 & 1);
}

static rk_status pass(void *user, const rk_index_rows *rows, uint64_t *out)
{
    const asked *const a = user;
    REQUIRE(rows->n >= 1 && rows->n <= 1024);
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint32_t row = rk_index_rows_at(rows, i);
        REQUIRE(row < a->index->n);
        out[i / 64] |= (uint64_t)passes(a, row) << i % 64;
    }
    return RK_OK;
}

/* A range, every so-manyth, any part of all; by a function or by bits. */
static void filter(asked *a, uint8_t how, uint8_t by)
{
    const uint32_t n = a->index->n, from = n ? by * 2u % n : 0;
    memset(a->bits, 0xff, sizeof a->bits);
    for (uint32_t row = 0; row < n; row++) {
        bool passes = true;
        if (how % 4 == 1)
            passes = row >= from && row < from + how / 4u;
        else if (how % 4 == 2)
            passes = row % (1 + by % 40u) == 0;
        else if (how % 4 == 3)
            passes = draw(256) < by;
        if (!passes)
            a->bits[row / 64] &= ~(UINT64_C(1) << row % 64);
        a->n_passing += passes;
    }
    a->filter = (rk_index_filter){.user = a, .pass = pass, .bits = how & 128 ? a->bits : NULL};
    a->query.filter = how % 4 ? &a->filter : NULL;
}

static uint32_t k_of(uint8_t byte, uint32_t n)
{
    if (byte < 160)
        return 1 + byte % 12;
    return byte < 240 ? byte % (n / 4 + 2) : n + byte - 248u;
}

static void ask(asked *a, input *in, int kind)
{
    static float room[MOST_QUERIES * MOST_DIM];
    const uint8_t n = next(in), k = next(in), ef = next(in);
    const uint32_t n_queries = n < 200 ? 1 + n % 3u : n < 255 ? 12 + n % 14u : MOST_QUERIES;
    a->queries = room + RK_ARRAY_LEN(room) - n_queries * a->index->dim;
    draw_vectors(a->queries, n_queries, a->index->dim, kind);
    for (uint32_t q = 0; q < n_queries; q++)
        spoil(a->index, a->queries + q * a->index->dim);
    a->query = (rk_index_query){.vectors = a->queries,
                                .n = n_queries,
                                .k = k_of(k, a->index->n + 8) & 1023,
                                .ef = ef % 4 ? 1 + ef / 4u : 0,
                                .exact = ef == 255};
    if (a->query.k > a->index->n + 9)
        a->query.k = a->index->n + 9;
    const uint8_t how = next(in);
    filter(a, how, next(in));
}

/* ---- what is right ---- */

static hit hit_of(const asked *a, uint32_t q, uint32_t row)
{
    const rk_index *const index = a->index;
    const uint32_t place = index->places ? index->places[row] : row;
    return (hit){score_of(index->metric, a->queries + q * index->dim,
                          index->vectors + (size_t)place * index->dim, index->dim),
                 row};
}

/* Of the rows that pass none is better than the last one that was found but those found. */
static void check_best(const asked *a, uint32_t q, const hit *last, uint32_t n)
{
    uint32_t n_better = 0;
    for (uint32_t row = 0; row < a->index->n; row++)
        if (passes(a, row)) {
            const hit one = hit_of(a, q, row);
            n_better += by_score(&one, last) < 0;
        }
    REQUIRE(n_better + 1 == n);
}

static void check_found(const asked *a, const rk_index_hits *hits, bool exact)
{
    const uint32_t k = a->query.k;
    for (uint32_t q = 0; q < a->query.n; q++) {
        const bool finite = rk_index_is_finite(a->queries + q * a->index->dim, a->index->dim);
        const uint32_t n = !finite ? 0 : a->n_passing < k ? a->n_passing : k;
        hit last = {0};
        REQUIRE(hits->counts[q] == n);
        for (uint32_t i = 0; i < k; i++) {
            const uint32_t row = hits->rows[q * k + i];
            const float score = hits->scores[q * k + i];
            if (i >= n) {
                REQUIRE(row == RK_INDEX_NONE && same(score, 0));
                continue;
            }
            REQUIRE(row < a->index->n && passes(a, row));
            const hit one = hit_of(a, q, row);
            REQUIRE(same(one.score, score));
            REQUIRE(i == 0 || by_score(&last, &one) < 0);
            last = one;
        }
        if (exact && n > 0)
            check_best(a, q, &last, n);
    }
}

/* ---- searching ---- */

typedef struct found {
    uint32_t rows[MOST_HITS], counts[MOST_QUERIES];
    float scores[MOST_HITS];
} found;

/* At the end of the arrays, so that writing behind it shows. */
static rk_index_hits hits_of(found *room, const rk_index_query *query)
{
    const uint32_t n = query->n * query->k;
    return (rk_index_hits){room->rows + MOST_HITS - n, room->scores + MOST_HITS - n,
                           room->counts + MOST_QUERIES - query->n};
}

/* In batches of so many; a scratch goes from index to index. */
static void search(const asked *a, rk_cpu_level level, uint32_t batch, const rk_index_hits *out)
{
    static rk_index_scratch *scratches[RK_CPU_V4 + 1];
    if (!scratches[level])
        scratches[level] = rk_index_scratch_new(level);
    REQUIRE(scratches[level]);
    for (uint32_t from = 0; from < a->query.n; from += batch) {
        rk_index_query query = a->query;
        query.vectors += (size_t)from * a->index->dim;
        query.n = query.n - from < batch ? query.n - from : batch;
        const rk_index_hits hits = {out->rows + (size_t)from * query.k,
                                    out->scores + (size_t)from * query.k, out->counts + from};
        REQUIRE(rk_index_search(a->index, scratches[level], &query, &hits) == RK_OK);
    }
}

/* The same, to the bit, in another way. */
static void check_same(const asked *a, rk_cpu_level level, uint32_t batch,
                       const rk_index_hits *first)
{
    static found room;
    const rk_index_hits hits = hits_of(&room, &a->query);
    const size_t n = (size_t)a->query.n * a->query.k;
    search(a, level, batch, &hits);
    REQUIRE(memcmp(hits.rows, first->rows, n * sizeof *hits.rows) == 0);
    REQUIRE(memcmp(hits.counts, first->counts, a->query.n * sizeof *hits.counts) == 0);
    for (size_t i = 0; i < n; i++)
        REQUIRE(same(hits.scores[i], first->scores[i]));
}

static void check_all(asked *a, uint8_t what)
{
    static found room;
    const rk_index_hits hits = hits_of(&room, &a->query);
    const bool exact = a->query.exact || a->index->degree == 0;
    search(a, rk_cpu_best(), a->query.n, &hits);
    check_found(a, &hits, exact);
    if (what % 4 == 1)
        check_same(a, RK_CPU_SCALAR, a->query.n, &hits);
    if (what % 4 == 2)
        check_same(a, rk_cpu_best(), 1 + what / 16u, &hits);
    if (what & 4 && !exact && a->index->n > 0 && rk_index_is_finite(a->queries, a->index->dim)) {
        check_walk(a->index, rk_cpu_best(), a->queries, what);
        check_walk(a->index, RK_CPU_SCALAR, a->queries, what);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static asked a;
    input in = {.data = data, .size = size};
    const shape it = shape_of(&in);
    const uint8_t what = next(&in);
    a = (asked){.index = index_of(&it)};
    state = next(&in);
    ask(&a, &in, it.kind);
    check_all(&a, what);
    return 0;
}
