/* The plug-in librankc_blas.so: OpenBLAS behind the one function that networks need. */
#include <cblas.h>

#include "runtime/model/blas.h"

static void sgemm(uint32_t m, uint32_t n, uint32_t k, const float *a, uint32_t lda, const float *b,
                  uint32_t ldb, float *c, uint32_t ldc)
{
    if (m == 1) /* there is a kernel for it */
        cblas_sgemv(CblasRowMajor, CblasTrans, (blasint)k, (blasint)n, 1, b, (blasint)ldb, a, 1, 1,
                    c, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k,
                    1, a, (blasint)lda, b, (blasint)ldb, 1, c, (blasint)ldc);
}

extern rk_blas_get rk_blas_openblas;

/* Its own threads would take cores from ours. */
const rk_blas *rk_blas_openblas(void)
{
    static const rk_blas blas = {RK_BLAS_VERSION, sgemm};
    openblas_set_num_threads(1);
    return &blas;
}
