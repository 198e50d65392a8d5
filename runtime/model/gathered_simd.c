#include "runtime/model/gathered.h"

#include "runtime/base/simd.h"

extern const rk_gathered_kernels RK_SIMD_NAME(rk_gathered_kernels);

#if RK_SIMD == 4
#include <immintrin.h>

enum { REGISTERS = 4, MORE = 4 /* rounds after the first ones */ };

typedef struct walk {
    const rk_gathered *gathered;
    const rk_gathered_room *room;
    __m512i low, high; /* ranks, if looked up */
    uint32_t n_going;
} walk;

static inline __m512i gather(const void *from, __m512i at) /* words of 32 bits */
{
    return _mm512_i32gather_epi32(at, from, 4);
}

static inline __attribute__((always_inline)) __m512i rank_of(const walk *w, __m512i node,
                                                             const bool looked)
{
    if (looked) /* by the low bits of the node */
        return _mm512_maskz_permutex2var_epi16(0x55555555, w->low, node, w->high);
    const __m512i column = _mm512_and_si512(node, _mm512_set1_epi32(0xff));
    const __m512i two = _mm512_i32gather_epi32(column, w->room->ranks, 2);
    return _mm512_and_si512(two, _mm512_set1_epi32(0xffff));
}

static inline __attribute__((always_inline)) __m512i step(const walk *w, __m512i at,
                                                          const bool looked)
{
    const __m512i node = gather(w->gathered->nodes, at);
    const __m512i rank = rank_of(w, node, looked);
    const __m512i threshold = _mm512_and_si512(_mm512_srli_epi32(node, 8), _mm512_set1_epi32(0xff));
    const __m512i left = _mm512_add_epi32(at, _mm512_srli_epi32(node, 16));
    const __mmask16 right = _mm512_cmpgt_epu32_mask(rank, threshold);
    return _mm512_mask_add_epi32(left, right, left, _mm512_set1_epi32(1));
}

static inline __attribute__((always_inline)) void
steps(const walk *w, __m512i *at, const uint32_t n, uint32_t rounds, const bool looked)
{
    for (; rounds > 0; rounds--)
#pragma GCC unroll 4
        for (uint32_t r = 0; r < n; r++)
            at[r] = step(w, at[r], looked);
}

/* The first `n` of a register. */
static inline __mmask16 first(uint32_t n)
{
    return (__mmask16)(n < RK_GATHERED_TREES ? (1u << n) - 1 : 0xffff);
}

/* Keeps those of `trees` that are at no leaf; what is read has been read before. */
static inline void keep_going(walk *w, __m512i trees, __m512i at, __mmask16 there)
{
    const __m512i node = gather(w->gathered->nodes, at);
    const __mmask16 going =
        _mm512_mask_test_epi32_mask(there, node, _mm512_set1_epi32((int)0xffff0000));
    _mm512_storeu_si512(w->room->going + w->n_going, _mm512_maskz_compress_epi32(going, trees));
    w->n_going += (uint32_t)__builtin_popcount(going);
}

/* n registers of trees from t on, from their roots. */
static inline __attribute__((always_inline)) void begin(walk *w, uint32_t t, const uint32_t n,
                                                        const bool looked)
{
    const __m512i each = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i at[REGISTERS];
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++)
        at[r] = _mm512_load_si512(w->gathered->roots + t + r * RK_GATHERED_TREES);
    steps(w, at, n, w->gathered->rounds, looked);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++, t += RK_GATHERED_TREES) {
        _mm512_store_si512(w->room->at + t, at[r]);
        const __m512i trees = _mm512_add_epi32(each, _mm512_set1_epi32((int)t));
        keep_going(w, trees, at[r], first(w->gathered->n_trees - t));
    }
}

/* n registers of trees of the list from i on, of which there are `end`. */
static inline __attribute__((always_inline)) void go_on(walk *w, uint32_t i, uint32_t end,
                                                        const uint32_t n, const bool looked)
{
    const uint32_t *const list = w->room->going + i;
    __m512i at[REGISTERS], trees[REGISTERS];
    __mmask16 there[REGISTERS];
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++) {
        there[r] = first(end - i - r * RK_GATHERED_TREES);
        trees[r] = _mm512_maskz_loadu_epi32(there[r], list + r * RK_GATHERED_TREES);
        at[r] = gather(w->room->at, trees[r]);
    }
    steps(w, at, n, MORE, looked);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < n; r++) {
        _mm512_mask_i32scatter_epi32(w->room->at, there[r], trees[r], at[r], 4);
        keep_going(w, trees[r], at[r], there[r]);
    }
}

/* Four registers at a time, in the end as many as are left. */
#define BY_REGISTERS(i, end, call)                                                                 \
    for (; (i) + 3 * RK_GATHERED_TREES < (end); (i) += 4 * RK_GATHERED_TREES)                      \
        call(4);                                                                                   \
    if ((i) + 2 * RK_GATHERED_TREES < (end))                                                       \
        call(3);                                                                                   \
    else if ((i) + RK_GATHERED_TREES < (end))                                                      \
        call(2);                                                                                   \
    else if ((i) < (end))                                                                          \
        call(1)

static inline __attribute__((always_inline)) void run_all(walk *w, const bool looked)
{
    const uint32_t n = w->gathered->n_places;
    uint32_t t = 0;
#define BEGIN(registers) begin(w, t, registers, looked)
    BY_REGISTERS(t, n, BEGIN);
    while (w->n_going > 0) {
        const uint32_t end = w->n_going;
        uint32_t i = 0;
        w->n_going = 0;
#define GO_ON(registers) go_on(w, i, end, registers, looked)
        BY_REGISTERS(i, end, GO_ON);
    }
}

static void run(const rk_gathered *gathered, const rk_gathered_room *room)
{
    walk w = {.gathered = gathered, .room = room};
    w.low = _mm512_load_si512(room->ranks);
    w.high = _mm512_load_si512(room->ranks + 32);
    if (gathered->n_ranks <= RK_GATHERED_LOOKED)
        run_all(&w, true);
    else
        run_all(&w, false);
}

const rk_gathered_kernels RK_SIMD_NAME(rk_gathered_kernels) = {.run = run};

#else

/* Gathers of eight do not pay. */
const rk_gathered_kernels RK_SIMD_NAME(rk_gathered_kernels) = {0};

#endif
