#include "runtime/index/codes.h"

#include <float.h>
#include <math.h>

#include "runtime/base/simd.h"

enum {
    LINE = 64,
    MIDDLE = 128,
};

#define DECLARE(suffix, level) extern const rk_code_ops rk_code_ops_##suffix;
RK_SIMD_EACH(DECLARE)
#ifdef __x86_64__
extern const rk_code_ops rk_code_ops_vnni_v4;
#endif

uint32_t rk_code_ops_all(const rk_code_ops **out)
{
    uint32_t n = 0;
#define ADD(suffix, level)                                                                         \
    if (rk_cpu_has(level))                                                                         \
        out[n++] = &rk_code_ops_##suffix;
    RK_SIMD_EACH(ADD)
#ifdef __x86_64__
    if (rk_cpu_has_vnni())
        out[n++] = &rk_code_ops_vnni_v4;
#endif
    return n;
}

const rk_code_ops *rk_code_ops_get(rk_cpu_level cpu)
{
    switch (cpu) {
#ifdef __x86_64__
    case RK_CPU_V3:
        return &rk_code_ops_v3;
    case RK_CPU_V4:
        return rk_cpu_has_vnni() ? &rk_code_ops_vnni_v4 : &rk_code_ops_v4;
#endif
    default:
        return &rk_code_ops_s0;
    }
}

size_t rk_code_stride(uint32_t dim)
{
    return (dim + sizeof(rk_code_tail) + LINE - 1) / LINE * LINE;
}

/* The next float above what double gave, with room for double's own errors. */
static float above(double x)
{
    const float f = (float)(x * (1 + 0x1p-23));
    return f >= FLT_MAX ? FLT_MAX : nextafterf(f, FLT_MAX);
}

static rk_coding coding_of(const rk_index *index, const float *vector, bool query, int8_t *codes)
{
    const bool whole = query && index->metric == RK_INDEX_DOT;
    const rk_coding_input input = {.vector = vector,
                                   .mean = whole ? NULL : index->mean,
                                   .dim = index->dim,
                                   .unit = index->metric == RK_INDEX_COSINE};
    return rk_code_ops_get(rk_cpu_best())->code(&input, codes);
}

/* What squares are cut at, so that no distance is NaN. */
static float cut(double x) { return x > (double)FLT_MAX / 4 ? FLT_MAX / 4 : (float)x; }

void rk_code_vector(const rk_index *index, const float *vector, uint8_t *out)
{
    const size_t stride = rk_code_stride(index->dim);
    int8_t codes[RK_INDEX_MAX_DIM];
    const rk_coding c = coding_of(index, vector, false, codes);
    for (uint32_t i = 0; i < index->dim; i++)
        out[i] = (uint8_t)(codes[i] + MIDDLE);
    memset(out + index->dim, MIDDLE, stride - index->dim);
    const double square = (double)c.scale * (double)c.scale * (double)c.squares;
    const bool zeros = index->metric == RK_INDEX_COSINE && c.own_length == 0;
    const bool trusted =
        rk_code_is_trusted(index->metric, c.own_length) && c.length <= RK_CODE_MOST;
    const rk_code_tail tail = {.scale = c.scale,
                               .square = cut(square + zeros),
                               .error = trusted ? above(c.error) : FLT_MAX,
                               .length = above(sqrt(square))};
    memcpy(out + stride - sizeof tail, &tail, sizeof tail);
}

static rk_coded coded(const rk_index *index, const int8_t *room, int64_t sum)
{
    return (rk_coded){.bytes = room,
                      .stride = rk_code_stride(index->dim),
                      .words = (index->dim + LINE - 1) / LINE,
                      .sum = (int32_t)sum};
}

void rk_code_query(const rk_index *index, const float *vector, int8_t *room, rk_coded *out)
{
    const rk_coding c = coding_of(index, vector, true, room);
    *out = coded(index, room, c.sum);
    memset(room + index->dim, 0, out->stride - index->dim);
    const bool dot = index->metric == RK_INDEX_DOT;
    out->by = dot ? 0 : 1;
    out->factor = dot ? c.scale : 2 * c.scale;
    out->square = cut((double)c.scale * (double)c.scale * (double)c.squares);
    out->length = above(c.length);
    out->error = above(c.error);
}

/* Eight codes at a time, as a graph's builder asks for this more often than for anything else: n of
 * them, at most 64 words, become signed; the sum of them as they were. */
static uint32_t take_words(const uint8_t *codes, uint32_t n, int8_t *out)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff), middle = UINT64_C(0x8080808080808080);
    uint64_t sums = 0; /* four, of 16 bits */
    for (uint32_t i = 0; i < n; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, codes + i, sizeof word);
        sums += (word & even) + (word >> 8 & even);
        word ^= middle;
        memcpy(out + i, &word, sizeof word);
    }
    sums = (sums & UINT64_C(0x0000ffff0000ffff)) + (sums >> 16 & UINT64_C(0x0000ffff0000ffff));
    return (uint32_t)(sums + (sums >> 32));
}

static int64_t take_codes(const uint8_t *codes, uint32_t n, int8_t *out)
{
    enum { WORD = sizeof(uint64_t), RUN = 64 * WORD };
    const uint32_t whole_words = n / WORD * WORD;
    int64_t sum = -(int64_t)MIDDLE * n;
    for (uint32_t i = 0; i < whole_words; i += RUN)
        sum += take_words(codes + i, whole_words - i < RUN ? whole_words - i : RUN, out + i);
    for (uint32_t i = whole_words; i < n; i++) {
        out[i] = (int8_t)(codes[i] - MIDDLE);
        sum += codes[i];
    }
    return sum;
}

void rk_code_query_at(const rk_index *index, uint32_t place, int8_t *room, rk_coded *out)
{
    const uint8_t *const block = index->codes + place * index->stride;
    const rk_code_tail tail = rk_code_tail_of(block, index->stride);
    *out = coded(index, room, take_codes(block, index->dim, room));
    memset(room + index->dim, 0, out->stride - index->dim);
    out->by = 1;
    out->factor = 2 * tail.scale;
    out->square = tail.square;
    out->length = tail.length;
    out->error = 0;
}
