/* Products of vectors by the contract (LANGUAGE, Numbers): fma into float lane i mod 16, lanes
 * combined by 8, 4, 2, 1. Whoever scores vectors uses these, so that all agree to the bit: stdlib's
 * dot, cosine and l2, and searches for neighbours. All CPU levels give the same bits. */
#ifndef RK_BASE_PRODUCT_H
#define RK_BASE_PRODUCT_H

#include <stddef.h>

#include "runtime/base/cpu.h"

/* Any n, any alignment. */
typedef struct rk_product {
    float (*dot)(const float *a, const float *b, size_t n);
    float (*gap)(const float *a, const float *b, size_t n); /* dot of a - b with itself */
    /* The same of one vector and four others at once, which hides the time of an fma. */
    void (*dot4)(const float *a, const float *const *b, size_t n, float *out);
    void (*gap4)(const float *a, const float *const *b, size_t n, float *out);
} rk_product;

/* The functions of a level; the machine must have it. */
const rk_product *rk_product_get(rk_cpu_level level);

/* Length of a vector of which `square` is the dot with itself, in double, where the product of two
 * cannot overflow. */
double rk_product_length(float square);

/* Cosine from the dot and both lengths; 0 where a length is 0. */
float rk_product_cosine(float dot, double a_length, double b_length);

#endif
