/* Distances by codes, four at a time: the products of four blocks are summed in one transposed
 * reduction. */
#include "runtime/index/codes.h"

#include "runtime/base/simd.h"

enum {
    LINE = 64,
    GROUP = 4,
    MIDDLE = 128,
    AHEAD = 16,                    /* places that are fetched ahead */
    LEAD = RK_SIMD == 3 ? 4096 : 0 /* bytes ahead where codes follow each other; 0: none */
};

/* Four blocks. */
typedef struct blocks {
    const uint8_t *at[GROUP];
} blocks;

/* What loops are made for: constants of each. */
typedef struct way {
    uint32_t words;
    bool vnni;
    bool following; /* blocks follow each other */
} way;

/* A query made ready for a level. */
typedef struct ready {
    const rk_coded *query;
    int32_t start; /* what is added to a sum of products */
#if RK_SIMD == 3
    uint8_t sizes[RK_INDEX_MAX_DIM] __attribute__((aligned(LINE))); /* see prepare */
    uint8_t flips[RK_INDEX_MAX_DIM] __attribute__((aligned(LINE)));
#endif
} ready;

#if RK_SIMD != 3
static inline void prepare(const rk_coded *query, uint32_t words, ready *out)
{
    (void)words;
    *out = (ready){query, -MIDDLE * query->sum};
}
#endif

#if RK_SIMD == 0
static void distances(const ready *ready, blocks four, way way, float *out)
{
    const rk_coded *const query = ready->query;
    for (uint32_t m = 0; m < GROUP; m++) {
        int32_t sum = ready->start;
        for (uint32_t i = 0; i < way.words * LINE; i++)
            sum += four.at[m][i] * query->bytes[i];
        const rk_code_tail tail = rk_code_tail_of(four.at[m], query->stride);
        out[m] = query->by * tail.square - (query->factor * (float)sum) * tail.scale;
    }
}
#else
#include <immintrin.h>

/* From sums of products to distances. */
static inline __attribute__((always_inline)) void finish(const ready *ready, blocks four,
                                                         __m128i sums, float *out)
{
    const rk_coded *const query = ready->query;
    const size_t tail = query->stride - sizeof(rk_code_tail);
    const __m128 low = _mm_unpacklo_ps(_mm_load_ps((const float *)(four.at[0] + tail)),
                                       _mm_load_ps((const float *)(four.at[1] + tail)));
    const __m128 high = _mm_unpacklo_ps(_mm_load_ps((const float *)(four.at[2] + tail)),
                                        _mm_load_ps((const float *)(four.at[3] + tail)));
    const __m128 scale = _mm_movelh_ps(low, high), square = _mm_movehl_ps(high, low);
    const __m128 sum = _mm_cvtepi32_ps(_mm_add_epi32(sums, _mm_set1_epi32(ready->start)));
    const __m128 product = _mm_mul_ps(_mm_mul_ps(_mm_set1_ps(query->factor), sum), scale);
    _mm_storeu_ps(out, _mm_sub_ps(_mm_mul_ps(_mm_set1_ps(query->by), square), product));
}

static inline __attribute__((always_inline)) __m128i fold(__m256i sums)
{
    return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

#if RK_SIMD == 3
typedef __m256i sums;
enum { STEP = LINE / 2 };

static inline sums zero(void) { return _mm256_setzero_si256(); }

/* vpmaddubsw adds two products of an unsigned and a signed byte in 16 bits, and saturates with c
 * and a query's byte q. It does not, whatever bytes there are, with |q| and c - 128, or 127 - c
 * where q < 0: 2 * 128 * -128 just fits. These are c ^ 0x80 and c ^ 0x7f, and where q < 0 the
 * product lacks |q|. */
static inline __attribute__((always_inline)) void prepare(const rk_coded *query,
                                                          const uint32_t words, ready *out)
{
    const __m256i middle = _mm256_set1_epi8((char)MIDDLE);
    __m256i lacking = zero();
    out->query = query;
#pragma GCC unroll 4
    for (uint32_t i = 0; i < words * LINE; i += STEP) {
        const __m256i q = _mm256_load_si256((const __m256i *)(query->bytes + i));
        const __m256i below = _mm256_cmpgt_epi8(zero(), q), size = _mm256_abs_epi8(q);
        _mm256_store_si256((__m256i *)(out->sizes + i), size);
        _mm256_store_si256((__m256i *)(out->flips + i), _mm256_xor_si256(below, middle));
        lacking = _mm256_add_epi64(lacking, _mm256_sad_epu8(_mm256_and_si256(below, size), zero()));
    }
    const __m128i two = fold(lacking);
    out->start = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_unpackhi_epi64(two, two)));
}

static inline __attribute__((always_inline)) void step(sums *sum, blocks four, uint32_t i,
                                                       const ready *ready, bool vnni)
{
    (void)vnni;
    const __m256i sizes = _mm256_load_si256((const __m256i *)(ready->sizes + i));
    const __m256i flips = _mm256_load_si256((const __m256i *)(ready->flips + i));
#pragma GCC unroll 4
    for (uint32_t m = 0; m < GROUP; m++) {
        const __m256i c = _mm256_load_si256((const __m256i *)(four.at[m] + i));
        const __m256i pairs = _mm256_maddubs_epi16(sizes, _mm256_xor_si256(c, flips));
        sum[m] = _mm256_add_epi32(sum[m], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
}

static inline __attribute__((always_inline)) __m128i reduce(const sums *sum)
{
    const __m256i a = _mm256_hadd_epi32(sum[0], sum[1]), b = _mm256_hadd_epi32(sum[2], sum[3]);
    return fold(_mm256_hadd_epi32(a, b));
}
#else
typedef __m512i sums;
enum { STEP = LINE };

static inline sums zero(void) { return _mm512_setzero_si512(); }

/* vpdpbusd: each int gains four products of an unsigned and a signed byte. By its name, since what
 * this file is compiled for need not have it. */
static inline __attribute__((always_inline)) __m512i products(__m512i sum, __m512i c, __m512i q)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(c), "v"(q));
    return sum;
}

/* Bytes as 16-bit numbers. */
static inline __attribute__((always_inline)) __m512i widened(__m512i sum, const uint8_t *c,
                                                             const int8_t *q)
{
    const __m512i x = _mm512_cvtepu8_epi16(_mm256_load_si256((const __m256i *)c));
    const __m512i y = _mm512_cvtepi8_epi16(_mm256_load_si256((const __m256i *)q));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(x, y));
}

static inline __attribute__((always_inline)) void step(sums *sum, blocks four, uint32_t i,
                                                       const ready *ready, bool vnni)
{
    const int8_t *const q = ready->query->bytes;
#pragma GCC unroll 4
    for (uint32_t m = 0; m < GROUP; m++) {
        const uint8_t *const c = four.at[m] + i;
        if (vnni)
            sum[m] = products(sum[m], _mm512_load_si512(c), _mm512_load_si512(q + i));
        else
            sum[m] = widened(widened(sum[m], c, q + i), c + LINE / 2, q + i + LINE / 2);
    }
}

static inline __attribute__((always_inline)) __m128i reduce(const sums *sum)
{
    const __m512i a = _mm512_add_epi32(_mm512_unpacklo_epi32(sum[0], sum[1]),
                                       _mm512_unpackhi_epi32(sum[0], sum[1]));
    const __m512i b = _mm512_add_epi32(_mm512_unpacklo_epi32(sum[2], sum[3]),
                                       _mm512_unpackhi_epi32(sum[2], sum[3]));
    const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    return fold(_mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1)));
}
#endif

static inline __attribute__((always_inline)) void distances(const ready *ready, blocks four,
                                                            const way way, float *out)
{
    sums sum[GROUP] = {zero(), zero(), zero(), zero()};
#pragma GCC unroll 16
    for (uint32_t i = 0; i < way.words * LINE; i += STEP) {
        if (LEAD && way.following && i % LINE == 0)
            for (uint32_t m = 0; m < GROUP; m++)
                __builtin_prefetch(four.at[m] + i + LEAD);
        step(sum, four, i, ready, way.vnni);
    }
    finish(ready, four, reduce(sum), out);
}
#endif

static inline void fetch(const uint8_t *block, size_t stride)
{
    for (size_t i = 0; i < stride; i += LINE)
        __builtin_prefetch(block + i);
}

/* Codes at places[], or, without, codes 0 .. n - 1. */
typedef struct job {
    const rk_coded *query;
    const uint8_t *codes;
    const uint32_t *places;
    uint32_t n;
    float *out;
} job;

static inline const uint8_t *block_of(const job *job, uint32_t i)
{
    return job->codes + (job->places ? job->places[i] : i) * job->query->stride;
}

static inline __attribute__((always_inline)) void run(const job *job, const uint32_t words,
                                                      const bool vnni)
{
    const uint32_t n = job->n;
    ready ready;
    prepare(job->query, words, &ready);
    for (uint32_t i = 0; job->places && i < n && i < AHEAD; i++)
        fetch(block_of(job, i), job->query->stride);
    for (uint32_t i = 0; i < n; i += GROUP) {
        for (uint32_t j = i + AHEAD; job->places && j < n && j < i + AHEAD + GROUP; j++)
            fetch(block_of(job, j), job->query->stride);
        blocks four;
        for (uint32_t m = 0; m < GROUP; m++)
            four.at[m] = block_of(job, i + m < n ? i + m : n - 1);
        float some[GROUP];
        const bool whole = i + GROUP <= n;
        distances(&ready, four, (way){words, vnni, !job->places}, whole ? job->out + i : some);
        for (uint32_t m = 0; !whole && i + m < n; m++)
            job->out[i + m] = some[m];
    }
}

/* The sizes that are met most have unrolled loops of their own, where that was measured. */
static inline __attribute__((always_inline)) void run_sized(const job *job, const bool vnni)
{
    switch (RK_SIMD == 3 || vnni ? job->query->words : 0) {
    case 1:
        return run(job, 1, vnni);
    case 2:
        return run(job, 2, vnni);
    case 3:
        return run(job, 3, vnni);
    case 4:
        return run(job, 4, vnni);
    case 6:
        return run(job, 6, vnni);
    case 8:
        return run(job, 8, vnni);
    case 12:
        return run(job, 12, vnni);
    case 13:
        return run(job, 13, vnni);
    case 16:
        return run(job, 16, vnni);
    default:
        return run(job, job->query->words, vnni);
    }
}

static void gathered(const rk_coded *query, const uint8_t *codes, const uint32_t *places,
                     uint32_t n, float *out)
{
    const job job = {query, codes, places, n, out};
    run_sized(&job, false);
}

static void following(const rk_coded *query, const uint8_t *codes, uint32_t n, float *out)
{
    const job job = {query, codes, NULL, n, out};
    run_sized(&job, false);
}

extern rk_coding RK_SIMD_NAME(rk_coding_make)(const rk_coding_input *input, int8_t *codes);
extern const rk_code_ops RK_SIMD_NAME(rk_code_ops);
const rk_code_ops RK_SIMD_NAME(rk_code_ops) = {RK_SIMD_NAME(rk_coding_make), gathered, following};

#if RK_SIMD == 4
static void gathered_vnni(const rk_coded *query, const uint8_t *codes, const uint32_t *places,
                          uint32_t n, float *out)
{
    const job job = {query, codes, places, n, out};
    run_sized(&job, true);
}

static void following_vnni(const rk_coded *query, const uint8_t *codes, uint32_t n, float *out)
{
    const job job = {query, codes, NULL, n, out};
    run_sized(&job, true);
}

extern const rk_code_ops rk_code_ops_vnni_v4;
const rk_code_ops rk_code_ops_vnni_v4 = {rk_coding_make_v4, gathered_vnni, following_vnni};
#endif
