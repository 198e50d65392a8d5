/* The matrix product of layers: rows times weights that are packed once. Used by whoever runs a
 * network.
 *
 * Each output is one chain of fma in float: acc starts from init, and for k ascending becomes
 * fma(x[k], w[k], acc). Neither how many rows there are, nor a row's place among them, nor the CPU
 * level shows in the bits; NaN is the canonical one. A chain may be cut anywhere: what a call with
 * `to` = c left goes on in one with `from` = c, and gives the bits of a single call. So what is the
 * same for all rows is worked out once: a call with one row, whose result is the `init` of the
 * others (ldi = 0).
 *
 * The weights never change and are shared by threads, who may part the rows as they like. MXCSR
 * must be in its default state. */
#ifndef RK_MODEL_MATMUL_H
#define RK_MODEL_MATMUL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/cpu.h"
#include "runtime/base/status.h"

/* Columns of a panel: [k][RK_MATMUL_PANEL] weights one after the other. */
enum { RK_MATMUL_PANEL = 16 };

typedef struct rk_matmul_weights {
    const float *values; /* [k][n], or [n][k] if transposed */
    const float *bias;   /* [n]; NULL: zeros */
    uint32_t k, n;
    bool transposed;
} rk_matmul_weights;

/* What is done with the end of a chain. */
typedef enum rk_matmul_end {
    RK_MATMUL_PLAIN, /* nothing, as in a chain that goes on */
    RK_MATMUL_RELU,  /* x < 0 ? 0 : x */
    RK_MATMUL_LEAKY, /* x < 0 ? slope * x : x */
} rk_matmul_end;

typedef struct rk_matmul_job {
    const float *x;       /* [m][to - from] inputs from `from` on, a row every ldx floats */
    const float *init;    /* NULL: the bias; else [m][n], a row every ldi floats, 0: one for all */
    float *out;           /* [m][n], a row every ldo floats; may be init, must not overlap x */
    size_t ldx, ldi, ldo; /* multiples of 1,024 are slow: rows then share lines of the cache */
    uint32_t m;
    uint32_t from, to; /* 0 <= from <= to <= k */
    rk_matmul_end end;
    float slope; /* of LEAKY */
} rk_matmul_job;

typedef struct rk_matmul rk_matmul;
typedef void rk_matmul_fn(const rk_matmul *matmul, const rk_matmul_job *job);

struct rk_matmul {
    const float *panels; /* [panels][k][RK_MATMUL_PANEL], zeros beyond n */
    const float *bias;   /* [panels][RK_MATMUL_PANEL] */
    uint32_t k, n;
    rk_matmul_fn *run; /* of a CPU level */
};

/* Bytes of an arena that packed weights take at most. */
uint64_t rk_matmul_bytes(uint32_t k, uint32_t n);

/* Packs weights for a level that the machine has; all of it lies in `arena`, nothing of *weights is
 * kept. RK_ENOMEM, also for sizes that no memory holds. */
RK_NODISCARD rk_status rk_matmul_new(const rk_matmul_weights *weights, rk_cpu_level cpu,
                                     rk_arena *arena, const rk_matmul **out);

/* Fills out. Takes no memory, cannot fail. */
void rk_matmul_run(const rk_matmul *matmul, const rk_matmul_job *job);

#endif
