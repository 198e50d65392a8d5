/* Every output of a matrix product is the chain of fma that the header promises, to the bit: on all
 * levels, whatever the shape, the row's place, the strides and the cuts. */
#include "runtime/model/matmul.h"

#include <math.h>
#include <string.h>

#include "tests/unit/harness.h"

enum { MOST_M = 40, MOST_N = 200, MOST_K = 300, GAP = 5 };

static uint64_t state = 1;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* Now and then what arithmetic does not do alike everywhere. */
static float value(bool wild)
{
    static const uint32_t odd[] = {0x7fc00000, 0xffc00001, 0x7f800001, 0x7f800000, 0xff800000,
                                   0x80000000, 1,          0x807fffff, 0x7f7fffff, 0x00800000};
    if (wild && draw(20) == 0) {
        float x;
        memcpy(&x, &odd[draw(sizeof odd / sizeof *odd)], sizeof x);
        return x;
    }
    return ((float)draw(1u << 24) - 0x1p23f) * (draw(8) == 0 ? 0x1p-100f : 0x1p-22f);
}

static float *values(size_t n, bool wild)
{
    float *const x = malloc((n + 1) * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = value(wild);
    return x;
}

/* A product with its inputs, and what it must give. */
typedef struct lab {
    rk_matmul_weights weights;
    rk_matmul_job job; /* from 0 to k, plain strides drawn */
    float *w, *bias, *x, *init, *expected;
    bool no_init, one_init; /* the bias, and one row for all */
} lab;

static float chain(const lab *lab, uint32_t i, uint32_t j)
{
    const rk_matmul_weights *const w = &lab->weights;
    float acc = !lab->no_init ? lab->init[i * lab->job.ldi + j] : w->bias ? w->bias[j] : 0;
    for (uint32_t k = 0; k < w->k; k++)
        acc = fmaf(lab->x[i * lab->job.ldx + k],
                   w->transposed ? w->values[(size_t)j * w->k + k] : w->values[k * w->n + j], acc);
    if (lab->job.end == RK_MATMUL_RELU && acc < 0)
        acc = 0;
    if (lab->job.end == RK_MATMUL_LEAKY && acc < 0)
        acc *= lab->job.slope;
    return isnan(acc) ? nanf("") : acc;
}

static void lab_open(lab *lab, uint32_t m, uint32_t n, uint32_t k, bool wild)
{
    *lab = (struct lab){.w = values((size_t)n * k, wild),
                        .bias = values(n, wild),
                        .no_init = draw(2),
                        .one_init = draw(2)};
    lab->weights = (rk_matmul_weights){lab->w, draw(3) ? lab->bias : NULL, k, n, draw(2)};
    lab->job = (rk_matmul_job){.ldx = k + draw(GAP),
                               .ldi = lab->one_init ? 0 : n + draw(GAP),
                               .ldo = n + draw(GAP),
                               .m = m,
                               .to = k,
                               .end = draw(3),
                               .slope = 0.01f};
    lab->x = values(m * lab->job.ldx, wild);
    lab->init = values(m * (lab->job.ldi + 1) + n, wild);
    lab->expected = malloc((m * n + 1) * sizeof(float));
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++)
            lab->expected[i * n + j] = chain(lab, i, j);
    lab->job.x = lab->x;
    lab->job.init = lab->no_init ? NULL : lab->init;
}

static void lab_close(lab *lab)
{
    free(lab->w);
    free(lab->bias);
    free(lab->x);
    free(lab->init);
    free(lab->expected);
}

/* Rows of `out` from `first` on against what is expected, and the gaps between them untouched. */
static void check(const lab *lab, const float *out, uint32_t first, uint32_t m)
{
    const uint32_t n = lab->weights.n;
    for (uint32_t i = 0; i < m; i++) {
        if (memcmp(out + i * lab->job.ldo, lab->expected + (size_t)(first + i) * n,
                   n * sizeof *out) != 0)
            ck_abort_msg("m %u n %u k %u row %u", lab->job.m, n, lab->weights.k, first + i);
        for (size_t j = n; j < lab->job.ldo && i + 1 < m; j++)
            ck_assert(out[i * lab->job.ldo + j] == -7.0f);
    }
}

static float *fresh(const lab *lab)
{
    const size_t n = lab->job.m * lab->job.ldo + 1;
    float *const out = malloc(n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = -7.0f;
    return out;
}

static void check_whole(const lab *lab, const rk_matmul *matmul)
{
    float *const out = fresh(lab);
    rk_matmul_job job = lab->job;
    job.out = out;
    rk_matmul_run(matmul, &job);
    check(lab, out, 0, job.m);
    free(out);
}

/* Each row alone. */
static void check_rows(const lab *lab, const rk_matmul *matmul)
{
    for (uint32_t i = 0; i < lab->job.m; i++) {
        float *const out = fresh(lab);
        rk_matmul_job job = lab->job;
        job.x += i * job.ldx;
        job.init = job.init ? job.init + i * job.ldi : NULL;
        job.m = 1;
        job.out = out;
        rk_matmul_run(matmul, &job);
        check(lab, out, i, 1);
        free(out);
    }
}

/* The chain cut in three; the last two parts go on in place. */
static void check_cuts(const lab *lab, const rk_matmul *matmul)
{
    const uint32_t k = lab->weights.k, one = draw(k + 1), two = one + draw(k - one + 1);
    const uint32_t cuts[] = {0, one, two, k};
    float *const out = fresh(lab);
    for (unsigned c = 0; c < 3; c++) {
        rk_matmul_job job = lab->job;
        job.out = out;
        job.from = cuts[c];
        job.to = cuts[c + 1];
        job.x += cuts[c];
        if (c) {
            job.init = out;
            job.ldi = job.ldo;
        }
        if (c < 2)
            job.end = RK_MATMUL_PLAIN;
        rk_matmul_run(matmul, &job);
    }
    check(lab, out, 0, lab->job.m);
    free(out);
}

static void check_levels(uint32_t m, uint32_t n, uint32_t k, bool wild)
{
    lab lab;
    lab_open(&lab, m, n, k, wild);
    for (unsigned cpu = RK_CPU_SCALAR; cpu <= rk_cpu_best(); cpu++) {
        rk_arena arena = {0};
        const rk_matmul *matmul;
        ck_assert_int_eq(rk_matmul_new(&lab.weights, cpu, &arena, &matmul), RK_OK);
        check_whole(&lab, matmul);
        check_rows(&lab, matmul);
        check_cuts(&lab, matmul);
        rk_arena_free(&arena);
    }
    lab_close(&lab);
}

START_TEST(all_row_counts)
{
    static const uint32_t widths[] = {1, 2, 3, 5, 16, 17, 31, 32, 33, 64, 81, 130};
    for (uint32_t m = 0; m <= MOST_M; m++)
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
            check_levels(m, widths[i], draw(40), i % 2);
}
END_TEST

START_TEST(all_widths)
{
    for (uint32_t n = 0; n <= MOST_N; n++)
        check_levels(1 + draw(MOST_M), n, draw(30), n % 2);
}
END_TEST

START_TEST(all_depths)
{
    for (uint32_t k = 0; k <= MOST_K; k += k < 70 ? 1 : 23)
        check_levels(1 + draw(MOST_M), 1 + draw(40), k, k % 2);
}
END_TEST

START_TEST(many_rows)
{
    for (unsigned i = 0; i < 12; i++)
        check_levels(100 + draw(900), 1 + draw(i % 2 ? 100 : 4), draw(50), i % 2);
}
END_TEST

START_TEST(too_large)
{
    rk_arena arena = {0};
    const rk_matmul *matmul;
    const rk_matmul_weights weights = {NULL, NULL, UINT32_MAX, UINT32_MAX, false};
    ck_assert_int_eq(rk_matmul_new(&weights, RK_CPU_SCALAR, &arena, &matmul), RK_ENOMEM);
    rk_arena_free(&arena);
}
END_TEST

RK_SUITE_MAIN("matmul", all_row_counts, all_widths, all_depths, many_rows, too_large)
