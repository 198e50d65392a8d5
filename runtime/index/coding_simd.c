/* Vectors become codes, rk_code_ops.code: in double, in four sums side by side, so that all levels
 * agree to the bit. Vectors of the compiler's own, as it makes poor ones of loops here. */
#include "runtime/index/codes.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "runtime/base/simd.h"

enum {
    MOST = 127,
    SUMS = 4,   /* each addition waits for the one before */
    BLOCK = 16, /* numbers; RK_INDEX_MAX_DIM is a multiple */
};

typedef double four __attribute__((vector_size(SUMS * sizeof(double))));
typedef int64_t mask __attribute__((vector_size(SUMS * sizeof(int64_t))));
typedef int32_t ints __attribute__((vector_size(SUMS * sizeof(int32_t))));

static uint32_t filled_up(uint32_t n) { return (n + BLOCK - 1) / BLOCK * BLOCK; }

/* Macros, as a function that takes or gives such vectors is called otherwise on each level. */
#define ALL(x)          ((four){x, x, x, x})
#define SUM(x)          (((x)[0] + (x)[1]) + ((x)[2] + (x)[3]))
#define LESSER(a, b)    ((four)(((mask)(a) & ((a) < (b))) | ((mask)(b) & ~((a) < (b)))))
#define GREATER(a, b)   ((four)(((mask)(a) & ((a) > (b))) | ((mask)(b) & ~((a) > (b)))))
#define LOAD(to, from)  memcpy(&(to), (from), sizeof(to))
#define STORE(to, from) memcpy((to), &(from), sizeof(from))

/* Numbers in double, and then zeros up to a whole block. */
static void widen(const float *numbers, uint32_t n, double *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (double)numbers[i];
    for (uint32_t i = n; i < filled_up(n); i++)
        out[i] = 0;
}

static double length_of(const double *numbers, uint32_t n)
{
    four squares = {0};
    for (uint32_t i = 0; i < n; i += SUMS) {
        four x;
        LOAD(x, numbers + i);
        squares += x * x;
    }
    return sqrt(SUM(squares));
}

/* What is coded, and how long and how large it is. */
typedef struct centred {
    double *numbers; /* [n] whole blocks */
    uint32_t n;
    double length, most;
} centred;

/* Multiplies numbers by `by` and takes `mean` off, which is followed by zeros. */
static void centre(centred *c, double by, const double *mean)
{
    const four zero = {0};
    four squares = zero, most = zero;
    for (uint32_t i = 0; i < c->n; i += SUMS) {
        four x, middle;
        LOAD(x, c->numbers + i);
        LOAD(middle, mean + i);
        x = x * by - middle;
        STORE(c->numbers + i, x);
        squares += x * x;
        const four size = (four)((mask)x & INT64_MAX);
        most = GREATER(size, most);
    }
    c->length = sqrt(SUM(squares));
    c->most = fmax(fmax(most[0], most[1]), fmax(most[2], most[3]));
}

/* `before` is the length of the vector before the mean was taken off. */
static rk_coding code(const centred *from, double before, int8_t *codes)
{
    rk_coding c = {.scale = (float)(from->most / MOST), .length = from->length};
    if (c.scale < FLT_MIN)
        c.scale = FLT_MIN;
    const double scale = (double)c.scale, by = 1 / scale;
    const double round = 0x1.8p52; /* adding it rounds to the nearest, ties to even */
    const four most = ALL(MOST), least = ALL(-MOST);
    four errors = {0};
    ints sums = {0}, squares = {0}; /* 4,096 times 127 squared at most */
    for (uint32_t i = 0; i < from->n; i += BLOCK) {
        int32_t block[BLOCK];
        for (uint32_t j = 0; j < BLOCK; j += SUMS) {
            four x;
            LOAD(x, from->numbers + i + j);
            const four at = (x * by + round) - round, below = LESSER(at, most);
            const four code = GREATER(below, least);
            const four rest = x - code * scale;
            errors += rest * rest;
            const ints number = __builtin_convertvector(code, ints);
            sums += number;
            squares += number * number;
            STORE(block + j, number);
        }
        for (uint32_t j = 0; j < BLOCK; j++)
            codes[i + j] = (int8_t)block[j];
    }
    c.sum = SUM(sums);
    c.squares = SUM(squares);
    /* more than what double may have lost, and float will when it compares with bounds */
    c.error = sqrt(SUM(errors)) * (1 + 0x1p-18) + 0x1p-40 * (c.length + before);
    return c;
}

extern rk_coding RK_SIMD_NAME(rk_coding_make)(const rk_coding_input *input, int8_t *codes);

rk_coding RK_SIMD_NAME(rk_coding_make)(const rk_coding_input *input, int8_t *codes)
{
    double numbers[RK_INDEX_MAX_DIM], mean[RK_INDEX_MAX_DIM];
    centred c = {.numbers = numbers, .n = filled_up(input->dim)};
    widen(input->vector, input->dim, numbers);
    if (input->mean)
        widen(input->mean, input->dim, mean);
    else
        memset(mean, 0, c.n * sizeof *mean);
    const double length = length_of(numbers, c.n);
    centre(&c, input->unit && length > 0 ? 1 / length : 1, mean);
    rk_coding out = code(&c, input->unit ? 1 : length, codes);
    out.own_length = length;
    return out;
}
