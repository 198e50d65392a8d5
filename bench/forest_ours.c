#include "bench/forest_ours.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/clock.h"

enum { LOADS = 7 };

static void *room(bench_forest *f, size_t n, size_t size)
{
    void *const place = rk_arena_alloc_column(&f->arena, n, size);
    bench_must(place != NULL, "memory");
    return place;
}

static void read_rows(bench_forest *f, const char *path)
{
    FILE *const file = fopen(path, "rb");
    bench_must(file && fseek(file, 0, SEEK_END) == 0, path);
    const size_t n = (size_t)ftell(file) / sizeof(double);
    f->n_rows = (uint32_t)(n / f->n_features);
    f->rows = room(f, n, sizeof(double));
    f->narrow = room(f, n, sizeof(float));
    rewind(file);
    bench_must(fread(f->rows, sizeof(double), n, file) == n, path);
    fclose(file);
    for (size_t i = 0; i < n; i++)
        f->narrow[i] = (float)f->rows[i];
}

/* Into an arena that is empty. */
static void read_model(bench_forest *f, double *loaded, double *made)
{
    rk_diags diags;
    rk_diags_init(&diags, &f->arena);
    const rk_model_spec spec = {.path = rk_str_from(f->path),
                                .options = {.in_float = f->in_float}};
    rk_evaluator_options options = {0};
    bench_must(rk_cpu_from_env(&options.cpu), "RANK_CPU");
    const double start = bench_cpu();
    bench_must(rk_model_load(&spec, &f->arena, &diags, &f->model) == RK_OK, f->path);
    const double between = bench_cpu();
    bench_must(rk_evaluator_new(f->model->as.forest, f->model->n_inputs, &options, &f->arena,
                                &f->evaluator) == RK_OK,
               "the evaluator");
    *made = (bench_cpu() - between) / 1e6;
    *loaded = (between - start) / 1e6;
}

static void read_models(bench_forest *f)
{
    double loaded[LOADS], made[LOADS];
    for (int i = 0; i < LOADS; i++) {
        if (i > 0)
            rk_arena_free(&f->arena);
        rk_arena_init(&f->arena);
        read_model(f, &loaded[i], &made[i]);
    }
    f->load_ms = bench_sort(loaded, LOADS).median;
    f->make_ms = bench_sort(made, LOADS).median;
    bench_must(f->model->n_inputs <= f->n_features && f->model->n_outputs == 1, "the model's form");
}

static void make_columns(bench_forest *f)
{
    const rk_forest *const forest = f->model->as.forest;
    const bool in_float = forest->narrows;
    f->columns = room(f, f->n_features, sizeof *f->columns);
    for (uint32_t k = 0; k < f->n_features; k++) {
        double *const doubles = room(f, f->n_rows + 64, sizeof(double));
        float *const floats = (float *)doubles;
        for (uint32_t i = 0; i < f->n_rows; i++)
            if (in_float)
                floats[i] = f->narrow[(size_t)i * f->n_features + k];
            else
                doubles[i] = f->rows[(size_t)i * f->n_features + k];
        f->columns[k] =
            (rk_feature){.data = doubles, .kind = in_float ? RK_KIND_FLOAT : RK_KIND_DOUBLE};
    }
    f->scratch = room(f, rk_evaluator_scratch(f->evaluator, FOREST_MOST), 1);
    f->out[0] = room(f, FOREST_MOST + 64, sizeof(double));
}

bench_forest *forest_open(const char *model, const char *rows, uint32_t n_features, bool in_float)
{
    bench_forest *const f = calloc(1, sizeof *f);
    bench_must(f != NULL, "memory");
    f->path = model;
    f->n_features = n_features;
    f->in_float = in_float;
    read_models(f);
    read_rows(f, rows);
    make_columns(f);
    return f;
}

void forest_score(bench_forest *f, uint32_t at, uint32_t n, const rk_evaluator_way *way)
{
    const rk_features features = {.columns = f->columns, .from = at, .n = n};
    if (way)
        rk_evaluator_run_as(f->evaluator, *way, &features, f->scratch, f->out);
    else
        rk_evaluator_run(f->evaluator, &features, f->scratch, f->out);
}

double *forest_scores(bench_forest *f, uint32_t n)
{
    forest_score(f, 0, n, NULL);
    return f->out[0];
}

uint32_t forest_next(const bench_forest *f, uint32_t at, uint32_t n)
{
    return at + 2 * n <= f->n_rows ? at + n : 0;
}

double forest_turn(bench_forest *f, const rk_evaluator_way *way, uint32_t at, uint32_t n,
                   uint32_t calls)
{
    const double start = bench_cpu();
    for (uint32_t i = 0; i < calls; i++, at = forest_next(f, at, n))
        forest_score(f, at, n, way);
    return (bench_cpu() - start) / calls / n;
}

const char *forest_way(bench_forest *f, uint32_t n)
{
    rk_buf way = {0};
    rk_evaluator_print(rk_evaluator_choose(f->evaluator, n), &way);
    const char *const name = rk_arena_copy(&f->arena, way.data, way.len);
    rk_buf_free(&way);
    bench_must(name != NULL, "memory");
    return name;
}
