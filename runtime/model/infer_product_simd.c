/* Products of two matrices of an item: a few rows times some columns stay in registers from the
 * first k to the last, so that their chains hide each other's latency. */
#include <math.h>

#include "runtime/base/simd.h"
#include "runtime/model/infer_step.h"

extern infer_product_fn RK_SIMD_NAME(infer_product);

enum { ROWS = 4, COLUMNS = 16 };

static inline __attribute__((always_inline)) void tile(const infer_product *of, const float *x,
                                                       const float *y, const uint32_t rows,
                                                       const uint32_t columns, float *out)
{
    float acc[ROWS][COLUMNS] = {{0}};
    for (uint32_t k = 0; k < of->k; k++)
        for (uint32_t i = 0; i < rows; i++)
            for (uint32_t j = 0; j < columns; j++)
                acc[i][j] = fmaf(x[(size_t)i * of->k + k], y[(size_t)k * of->n + j], acc[i][j]);
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++)
            out[(size_t)i * of->n + j] = acc[i][j];
}

void RK_SIMD_NAME(infer_product)(const infer_product *of, const float *x, const float *y,
                                 float *out)
{
    for (uint32_t i = 0; i < of->m; i += ROWS)
        for (uint32_t j = 0; j < of->n; j += COLUMNS) {
            const uint32_t rows = of->m - i < ROWS ? of->m - i : ROWS;
            const uint32_t columns = of->n - j < COLUMNS ? of->n - j : COLUMNS;
            const float *const a = x + (size_t)i * of->k, *const b = y + j;
            float *const to = out + (size_t)i * of->n + j;
            if (rows == ROWS && columns == COLUMNS)
                tile(of, a, b, ROWS, COLUMNS, to);
            else if (columns == COLUMNS)
                tile(of, a, b, rows, COLUMNS, to);
            else if (rows == ROWS && columns == 1)
                tile(of, a, b, ROWS, 1, to);
            else
                tile(of, a, b, rows, columns, to);
        }
}
