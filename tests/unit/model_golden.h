/* Models of tests/models beside what their own library said: NAME.golden has a line for each row,
 * `features;raw scores;scores;leaves`, numbers separated by commas. */
#ifndef RK_UNIT_MODEL_GOLDEN_H
#define RK_UNIT_MODEL_GOLDEN_H

#include "runtime/model/linear.h"
#include "tests/unit/harness.h"

typedef struct golden {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    uint32_t n;                         /* rows */
    uint32_t n_raw, n_scores, n_leaves; /* cells of a row */
    double **features;                  /* [n_inputs][n] */
    double *raw, *scores, *leaves;      /* [n][…] */
} golden;

/* The next piece of *rest up to `end`. */
static inline rk_str golden_cut(rk_str *rest, char end)
{
    const char *const at = rest->len ? memchr(rest->data, end, rest->len) : NULL;
    const rk_str piece = {rest->data, at ? (size_t)(at - rest->data) : rest->len};
    const size_t used = piece.len + (at != NULL);
    *rest = (rk_str){rest->data + used, rest->len - used};
    return piece;
}

/* Numbers between commas, at most `most`; how many there are. */
static inline uint32_t golden_numbers(rk_str text, double *out, uint32_t most)
{
    uint32_t n = 0;
    while (text.len) {
        const rk_str cell = golden_cut(&text, ',');
        double value;
        ck_assert_msg(rk_str_to_double(cell, &value), "`%.*s`", RK_STR_ARG(cell));
        ck_assert_uint_lt(n, most);
        out[n++] = value;
    }
    return n;
}

static inline void golden_rows(golden *g, rk_str text)
{
    const uint32_t n_inputs = g->model->n_inputs;
    const uint32_t most = (uint32_t)text.len;
    double *const row = rk_arena_alloc_column(&g->arena, most, sizeof *row);
    double *const cells[] = {g->raw = rk_arena_alloc_column(&g->arena, most, sizeof *row),
                             g->scores = rk_arena_alloc_column(&g->arena, most, sizeof *row),
                             g->leaves = rk_arena_alloc_column(&g->arena, most, sizeof *row)};
    uint32_t *const counts[] = {&g->n_raw, &g->n_scores, &g->n_leaves};
    while (text.len) {
        rk_str line = golden_cut(&text, '\n');
        ck_assert_uint_eq(golden_numbers(golden_cut(&line, ';'), row, most), n_inputs);
        for (uint32_t f = 0; f < n_inputs; f++)
            g->features[f][g->n] = row[f];
        for (int part = 0; part < 3; part++) {
            double *const to = cells[part] + (size_t)g->n * *counts[part];
            const uint32_t n = golden_numbers(golden_cut(&line, ';'), to, most - g->n);
            ck_assert(g->n == 0 || n == *counts[part]);
            *counts[part] = n;
        }
        g->n++;
    }
}

/* A model alone, of `most` trees of each output if not 0; what is said when it cannot be read fails
 * the test. */
static inline void golden_model(golden *g, const char *path, uint32_t most)
{
    *g = (golden){0};
    rk_diags_init(&g->diags, &g->arena);
    const rk_model_spec spec = {
        .path = rk_str_from(path), .span = RK_NO_SPAN, .options.most_trees = most};
    const rk_status status = rk_model_load(&spec, &g->arena, &g->diags, &g->model);
    ck_assert_msg(status == RK_OK, "%s: %.*s", path,
                  RK_STR_ARG(g->diags.items.len ? g->diags.items.items[0]->message : RK_STR("")));
}

/* The model tests/models/`model`, of `most` trees of each output if not 0, and what the library
 * said, tests/models/`name`.golden. */
static inline void golden_open(golden *g, const char *model, const char *name, uint32_t most)
{
    char path[1024];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/%s", source ? source : ".", model);
    golden_model(g, path, most);
    snprintf(path, sizeof path, "%s/tests/models/%s.golden", source ? source : ".", name);
    rk_mapping rows;
    ck_assert_msg(rk_file_map(path, &rows) == RK_FILE_FINE, "%s", path);
    uint32_t lines = 0;
    for (size_t i = 0; i < rows.text.len; i++)
        lines += rows.text.data[i] == '\n';
    const uint32_t n_inputs = g->model->n_inputs;
    g->features = RK_NEW_ARRAY(&g->arena, double *, n_inputs + 1);
    for (uint32_t f = 0; f < n_inputs; f++)
        g->features[f] = rk_arena_alloc_column(&g->arena, lines + 1, sizeof(double));
    golden_rows(g, rows.text);
    rk_file_unmap(&rows);
}

static inline void golden_close(golden *g) { rk_arena_free(&g->arena); }

/* Columns for n rows of each output. */
static inline double **golden_columns(golden *g, uint32_t n)
{
    double **const out = RK_NEW_ARRAY(&g->arena, double *, g->model->n_outputs);
    for (uint32_t k = 0; k < g->model->n_outputs; k++)
        out[k] = rk_arena_alloc_column(&g->arena, n + 1, sizeof(double));
    return out;
}

/* Steps between two doubles; 0 for two NaNs. */
static inline uint64_t golden_ulps(double a, double b)
{
    int64_t x, y;
    memcpy(&x, &a, 8);
    memcpy(&y, &b, 8);
    if (a != a || b != b)
        return a != a && b != b ? 0 : UINT64_MAX;
    x = x < 0 ? INT64_MIN - x : x;
    y = y < 0 ? INT64_MIN - y : y;
    return x > y ? (uint64_t)x - (uint64_t)y : (uint64_t)y - (uint64_t)x;
}

/* Raw scores and leaves are the library's, bit for bit; scores within `ulps` (of double). */
static inline void golden_check(golden *g, const char *name, uint64_t ulps)
{
    const rk_forest *const forest = g->model->as.forest;
    const rk_rows_in rows = {(const double *const *)g->features, g->n};
    double **const out = golden_columns(g, g->n);
    ck_assert_uint_eq(g->n_raw, g->model->n_outputs);
    if (g->model->shape == RK_MODEL_LINEAR)
        rk_linear_run(g->model->as.linear, &rows, out);
    else
        rk_forest_walk(forest, &rows, out);
    for (uint32_t i = 0; i < g->n; i++)
        for (uint32_t k = 0; k < g->n_raw; k++)
            ck_assert_msg(memcmp(&out[k][i], &g->raw[i * g->n_raw + k], 8) == 0,
                          "%s, row %u, raw %u: %.17g, not %.17g", name, i, k, out[k][i],
                          g->raw[i * g->n_raw + k]);
    rk_model_transform(g->model, rk_vmath_get(RK_CPU_SCALAR), out, g->n);
    for (uint32_t i = 0; i < g->n; i++)
        for (uint32_t k = 0; k < g->n_scores; k++)
            ck_assert_msg(golden_ulps(out[k][i], g->scores[i * g->n_scores + k]) <= ulps,
                          "%s, row %u, score %u: %.17g, not %.17g", name, i, k, out[k][i],
                          g->scores[i * g->n_scores + k]);
    if (g->n_leaves == 0)
        return;
    ck_assert_uint_eq(g->n_leaves, forest->n_trees);
    int64_t *const leaves = rk_arena_alloc_column(&g->arena, (size_t)g->n * g->n_leaves, 8);
    rk_forest_leaves(forest, &rows, leaves);
    for (size_t i = 0; i < (size_t)g->n * g->n_leaves; i++)
        ck_assert_msg((double)leaves[i] == g->leaves[i], "%s, row %zu, tree %zu: leaf %lld, not %g",
                      name, i / g->n_leaves, i % g->n_leaves, (long long)leaves[i], g->leaves[i]);
}

#endif
