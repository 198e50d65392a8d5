/* Any bytes are read as a model, in the format that they show, without a crash and in memory that
 * is bounded by their number; a model that is read is whole, scores odd rows, and comes to the same
 * when it is read again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/model/linear.h"
#include "tests/unit/network_naive.h"

#define REQUIRE(holds)                                                                             \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { ROWS = 8, MOST_CELLS = 1 << 20 };

typedef struct bench {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    const double **columns; /* [n_inputs][ROWS] */
    double **out;           /* [n_outputs][ROWS] */
} bench;

static void open_model(bench *b, rk_str bytes, uint32_t most)
{
    *b = (bench){0};
    rk_diags_init(&b->diags, &b->arena);
    const rk_model_spec spec = {
        .path = RK_STR("m"), .span = RK_NO_SPAN, .bytes = &bytes, .options.most_trees = most};
    const rk_status status = rk_model_load(&spec, &b->arena, &b->diags, &b->model);
    REQUIRE((status == RK_OK) == (b->model != NULL));
    REQUIRE((status == RK_OK) == (b->diags.errors == 0));
    REQUIRE(status == RK_OK || status == RK_EDATA || status == RK_EFILE); /* one beside it */
    REQUIRE(rk_arena_capacity(&b->arena) <= 100 * bytes.len + 2000000);
}

static void check_forest(bench *b)
{
    rk_forest *const forest = b->model->as.forest;
    rk_buf fault = {0};
    REQUIRE(rk_forest_check(forest, b->model->inputs, b->model->n_inputs, &fault) == RK_OK);
    REQUIRE(forest->n_outputs == b->model->n_outputs);
    rk_buf_free(&fault);
}

static void check_network(bench *b)
{
    rk_buf fault = {0};
    const rk_network *const network = b->model->as.network;
    REQUIRE(rk_network_check(network, b->model->n_inputs, &fault) == RK_OK);
    rk_buf_free(&fault);
}

/* Odd items through the network, where that is soon done; what comes must not depend on the run. */
static void infer(bench *b)
{
    static const float odd[] = {0.0F, -0.0F, 1.0F, -1.5F, 1e-36F, 1e30F, INFINITY, NAN};
    const rk_network *const network = b->model->as.network;
    const void **const inputs = RK_NEW_ARRAY(&b->arena, const void *, network->n_inputs + 1u);
    double *const out = RK_NEW_ARRAY(&b->arena, double, b->model->n_outputs);
    double elements = 0;
    naive n;
    for (uint32_t i = 0; i < network->n_values; i++)
        elements += (double)rk_network_elements(&network->values[i]);
    b->out = RK_NEW_ARRAY(&b->arena, double *, b->model->n_outputs);
    for (uint32_t k = 0; k < b->model->n_outputs; k++)
        b->out[k] = RK_NEW_ARRAY(&b->arena, double, ROWS);
    if (elements > MOST_CELLS || naive_cost(network) > MOST_CELLS ||
        !naive_open(&n, network, &b->arena))
        return;
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t i = 0; i < network->n_inputs; i++) {
            if (network->inputs[i] == UINT32_MAX)
                continue;
            const rk_network_value *const value = &network->values[network->inputs[i]];
            const uint64_t count = rk_network_elements(value);
            const size_t size = rk_network_kind_size(value->kind);
            char *const data = rk_arena_alloc_column(&b->arena, count, size);
            inputs[i] = data;
            for (uint64_t e = 0; e < count; e++) {
                const float real = odd[(row + e * 3 + i) % RK_ARRAY_LEN(odd)];
                const int64_t whole = (int64_t)((row + e + i) % 5) - 1;
                memcpy(data + e * size, value->kind == RK_KIND_FLOAT ? (const void *)&real : &whole,
                       size);
            }
        }
        if (naive_run(&n, inputs, out))
            for (uint32_t k = 0; k < b->model->n_outputs; k++)
                b->out[k][row] = out[k];
    }
}

/* Values that tell rules apart, another one in each row and column. */
static void make_rows(bench *b)
{
    static const double odd[] = {0.0, -0.0, 1.0, -1.0, 0.5, 1e-36, 3.0, 1e300, 33.0, -0.5, 2.5e9};
    const uint32_t n = b->model->n_inputs;
    b->columns = RK_NEW_ARRAY(&b->arena, const double *, n + 1);
    for (uint32_t f = 0; f < n; f++) {
        double *const column = rk_arena_alloc_column(&b->arena, ROWS, sizeof *column);
        for (uint32_t i = 0; i < ROWS; i++)
            column[i] = i == 6   ? (double)NAN
                        : i == 7 ? (double)(f & 1 ? INFINITY : -INFINITY)
                                 : odd[(f * 7 + i * 3) % RK_ARRAY_LEN(odd)];
        b->columns[f] = column;
    }
    b->out = RK_NEW_ARRAY(&b->arena, double *, b->model->n_outputs + 1);
    for (uint32_t k = 0; k < b->model->n_outputs; k++)
        b->out[k] = rk_arena_alloc_column(&b->arena, ROWS, sizeof(double));
}

static void score(bench *b)
{
    const rk_model *const model = b->model;
    const rk_rows_in rows = {b->columns, ROWS};
    if (model->shape == RK_MODEL_LINEAR) {
        rk_linear_run(model->as.linear, &rows, b->out);
    } else {
        const rk_forest *const forest = model->as.forest;
        rk_forest_walk(forest, &rows, b->out);
        int64_t *const leaves = RK_NEW_ARRAY(&b->arena, int64_t, (size_t)ROWS * forest->n_trees);
        rk_forest_leaves(forest, &rows, leaves);
        for (size_t i = 0; i < (size_t)ROWS * forest->n_trees; i++)
            REQUIRE(leaves[i] >= 0);
    }
    rk_model_transform(model, rk_vmath_get(rk_cpu_best()), b->out, ROWS);
    for (int part = RK_MODEL_SCORE; part <= RK_MODEL_LEAVES; part++)
        REQUIRE(rk_model_type(model, (rk_model_part)part).kind != RK_KIND_NONE);
}

static void compare(const bench *a, const bench *b)
{
    for (uint32_t k = 0; k < a->model->n_outputs; k++)
        REQUIRE(memcmp(a->out[k], b->out[k], ROWS * sizeof(double)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rk_str bytes = {(const char *)data, size};
    const uint32_t most = size % 5 == 0 ? 1 : 0;
    bench b[2];
    for (int i = 0; i < 2; i++) {
        open_model(&b[i], bytes, most);
        if (!b[i].model || b[i].model->n_inputs > MOST_CELLS ||
            b[i].model->n_outputs > MOST_CELLS || b[i].model->shape > RK_MODEL_NETWORK) {
            rk_arena_free(&b[i].arena);
            if (i)
                rk_arena_free(&b[0].arena);
            return 0;
        }
        if (b[i].model->shape == RK_MODEL_NETWORK) {
            check_network(&b[i]);
            infer(&b[i]);
            continue;
        }
        if (b[i].model->shape == RK_MODEL_FOREST)
            check_forest(&b[i]);
        make_rows(&b[i]);
        score(&b[i]);
    }
    compare(&b[0], &b[1]);
    rk_arena_free(&b[0].arena);
    rk_arena_free(&b[1].arena);
    return 0;
}
