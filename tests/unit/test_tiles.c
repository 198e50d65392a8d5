/* Tiles: which vectors are hits, of all kernels, by sums that are added up one by one. */
#include "runtime/index/exact_ops.h"

#include <float.h>
#include <math.h>

#include "tests/unit/harness.h"
#include "tests/unit/index_naive.h"

typedef struct lab {
    uint32_t dim;
    size_t stride;
    rk_tile tile;
    uint8_t *codes; /* of the blocks */
    int8_t *bytes;  /* [RK_TILE_QUERIES][stride] */
    rk_tile_query queries[RK_TILE_QUERIES];
} lab;

/* Codes are any bytes, also beyond dim; queries are what coded or coarse ones can be. */
static void lab_init(lab *lab, uint32_t dim, bool coarse, bool extreme)
{
    static const uint8_t codes[] = {0, 1, 127, 128, 255};
    const int most = coarse ? 16 : 127;
    const size_t words = (dim + 63) / 64;
    lab->dim = dim;
    lab->stride = rk_code_stride(dim);
    lab->tile.steps = (dim + RK_TILE_STEP - 1) / RK_TILE_STEP;
    lab->tile.codes = aligned_alloc(64, words * 64 * RK_TILE);
    lab->codes = aligned_alloc(64, RK_TILE * lab->stride);
    lab->bytes = aligned_alloc(64, RK_TILE_QUERIES * lab->stride);
    memset(lab->bytes, 0, RK_TILE_QUERIES * lab->stride);
    for (size_t i = 0; i < RK_TILE * lab->stride; i++)
        lab->codes[i] = (uint8_t)(extreme ? codes[draw(5)] : draw(256));
    if (extreme) /* what sums are largest of */
        memset(lab->codes, 255, 2 * lab->stride);
    for (uint32_t q = 0; q < RK_TILE_QUERIES; q++) {
        int8_t *const bytes = lab->bytes + q * lab->stride;
        for (uint32_t k = 0; k < dim; k++)
            bytes[k] = (int8_t)(extreme && q < 2 ? (q ? most : -most)
                                                 : (int)draw(2 * (uint32_t)most + 1) - most);
        lab->queries[q] = (rk_tile_query){.bytes = bytes, .start = (int32_t)draw(1000) - 500};
    }
    for (uint32_t i = 0; i < RK_TILE; i++)
        lab->tile.blocks[i] = lab->codes + i * lab->stride;
}

static void lab_free(lab *lab)
{
    free(lab->tile.codes);
    free(lab->codes);
    free(lab->bytes);
}

static int32_t sum_of(const lab *lab, uint32_t query, uint32_t vector)
{
    int32_t sum = lab->queries[query].start;
    for (uint32_t k = 0; k < lab->dim; k++)
        sum += lab->tile.blocks[vector][k] * lab->queries[query].bytes[k];
    return sum;
}

/* n queries and vectors, of which one query's sums make its bounds: each by one, or not. */
static void check(lab *lab, const rk_tile_ops *ops, uint32_t n)
{
    const uint32_t of = draw(n);
    bool beyond[RK_TILE];
    for (uint32_t i = 0; i < RK_TILE; i++) {
        beyond[i] = draw(2);
        lab->tile.bounds[0][i] = (float)(sum_of(lab, of, i) + beyond[i]);
        lab->tile.bounds[1][i] = draw(30) == 0 ? NAN : 0;
        lab->tile.bounds[2][i] = draw(30) == 0 ? -INFINITY : 0;
    }
    for (uint32_t q = 0; q < n; q++)
        memcpy(lab->queries[q].by, (float[]){1, 1, 1}, sizeof lab->queries[q].by);
    rk_tile_hit hits[RK_TILE_QUERIES * RK_TILE];
    const uint32_t n_hits = ops->run(&lab->tile, lab->queries, n, hits);
    uint32_t h = 0;
    for (uint32_t q = 0; q < n; q++)
        for (uint32_t i = 0; i < lab->tile.n; i++) {
            const int32_t sum = sum_of(lab, q, i);
            const float least =
                lab->tile.bounds[0][i] + lab->tile.bounds[1][i] + lab->tile.bounds[2][i];
            ck_assert(abs(sum) < 1 << 24);
            if ((float)sum < least)
                continue;
            ck_assert(h < n_hits && hits[h].query == q && hits[h].vector == i);
            ck_assert(ops->coarse || hits[h].sum == sum);
            h++;
        }
    ck_assert_uint_eq(h, n_hits);
}

START_TEST(hits)
{
    static const uint32_t dims[] = {1, 3, 4, 5, 16, 17, 63, 64, 65, 100, 127, 200, 333, 500};
    for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++) {
        const rk_tile_ops *const ops = rk_tile_ops_get((rk_cpu_level)level);
        ck_assert((ops != NULL) == (level >= RK_CPU_V3));
        for (size_t d = 0; ops && d < 2 * sizeof dims / sizeof *dims; d++) {
            lab lab;
            lab_init(&lab, dims[d / 2], ops->coarse, d % 2);
            for (uint32_t turn = 0; turn < 3 * ops->queries; turn++) {
                lab.tile.n = turn % 3 ? 1 + draw(RK_TILE) : RK_TILE;
                ops->turn(&lab.tile, (lab.dim + 63) / 64);
                check(&lab, ops, 1 + turn / 3);
            }
            lab_free(&lab);
        }
    }
}
END_TEST

RK_SUITE_MAIN("tiles", hits)
