/* Products of vectors are the contract's sums, to the bit, on all levels, one at a time and four.
 */
#include "runtime/base/product.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tests/unit/harness.h"

enum { MOST = 100, MANY = 4 };

static uint64_t state = 1;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* Numbers whose products vanish, with either sign, and overflow, among plain ones. */
static float value(uint32_t kind)
{
    const float plain = ((float)draw(1u << 24) - 0x1p23f) * 0x1p-22f;
    return kind == 0 ? plain : kind == 1 ? plain * 0x1p-80f : kind == 2 ? -0.0f : plain * 0x1p80f;
}

static float slow(bool gap, const float *a, const float *b, size_t n)
{
    float lane[16] = {0};
    for (size_t i = 0; i < n; i++) {
        const float x = gap ? a[i] - b[i] : a[i];
        lane[i % 16] = fmaf(x, gap ? x : b[i], lane[i % 16]);
    }
    for (size_t w = 8; w > 0; w /= 2)
        for (size_t k = 0; k < w; k++)
            lane[k] += lane[k + w];
    return lane[0];
}

static bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

START_TEST(every_level_gives_the_contracts_sum)
{
    float a[MOST], b[MANY][MOST];
    const float *const rows[MANY] = {b[0], b[1], b[2], b[3]};
    for (uint32_t round = 0; round < 4000; round++) {
        const uint32_t n = draw(MOST + 1), kind = round % 8 > 3 ? 0 : round % 8;
        for (uint32_t i = 0; i < n; i++) {
            a[i] = value(kind);
            for (uint32_t m = 0; m < MANY; m++)
                b[m][i] = draw(3) ? value(kind) : fabsf(value(kind));
        }
        for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++) {
            const rk_product *const product = rk_product_get((rk_cpu_level)level);
            float dots[MANY], gaps[MANY];
            product->dot4(a, rows, n, dots);
            product->gap4(a, rows, n, gaps);
            for (uint32_t m = 0; m < MANY; m++) {
                const float dot = slow(false, a, b[m], n), gap = slow(true, a, b[m], n);
                ck_assert(same(product->dot(a, b[m], n), dot));
                ck_assert(same(product->gap(a, b[m], n), gap));
                ck_assert(same(dots[m], dot) && same(gaps[m], gap));
            }
        }
    }
}
END_TEST

START_TEST(a_cosine_has_no_overflow_of_lengths)
{
    const double huge = rk_product_length(3e38f);
    ck_assert(rk_product_cosine(3e38f, huge, huge) == 1.0f);
    ck_assert(rk_product_cosine(5.0f, 0.0, huge) == 0.0f);
    ck_assert(isnan(rk_product_cosine(INFINITY, (double)INFINITY, 1.0)));
}
END_TEST

RK_SUITE_MAIN("product", every_level_gives_the_contracts_sum, a_cosine_has_no_overflow_of_lengths)
