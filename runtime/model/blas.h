/* Matrix products by a BLAS, for networks that a program declares `fast: true`: outside the
 * contract, since a row's last bits then depend on the batch and on the machine. The BLAS stands in
 * a plug-in, librankc_blas.so, which is loaded when a program asks for it. */
#ifndef RK_MODEL_BLAS_H
#define RK_MODEL_BLAS_H

#include <stdint.h>

#include "runtime/base/buf.h"

/* C [m][n] += A [m][k] B [k][n]; rows stand ld floats apart. One thread. */
typedef void rk_sgemm(uint32_t m, uint32_t n, uint32_t k, const float *a, uint32_t lda,
                      const float *b, uint32_t ldb, float *c, uint32_t ldc);

enum { RK_BLAS_VERSION = 1 };

typedef struct rk_blas {
    uint32_t version; /* RK_BLAS_VERSION */
    rk_sgemm *sgemm;
} rk_blas;

/* What the plug-in exports. */
typedef const rk_blas *rk_blas_get(void);
#define RK_BLAS_SYMBOL "rk_blas_openblas"

/* The product, or NULL with the reason in `why`. Any thread, any number of times. The environment's
 * RANK_BLAS names another file than the installed one; `none` is none. */
rk_sgemm *rk_blas_open(rk_buf *why);

#endif
