/* What a model makes of rows, in binary, for the scripts beside it that compare with a library:
 *
 *     score (MODEL[#TREES] ROWS OUT)...
 *
 * ROWS holds doubles, a row of all inputs after another. OUT gets three int32, rows, outputs and
 * trees (0 for what is no forest), and doubles: raw scores [rows][outputs], scores [rows][outputs],
 * leaves [rows][trees]. A model that cannot be read gives one line on stderr and an OUT of nothing.
 *
 * On the way every evaluator of a forest, at each vector level, must give the bits of the plain
 * walk for lists of several lengths, also with the forest in float: else it ends with a message. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/model/evaluate.h"
#include "runtime/model/forest.h"
#include "runtime/model/linear.h"

typedef struct job {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    uint32_t n;
    double **columns; /* [n_inputs][n] */
    double **out;     /* [n_outputs][n] */
} job;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "score: %s\n", what);
    exit(EXIT_FAILURE);
}

static double *doubles(job *j, size_t n)
{
    double *const items = rk_arena_alloc_column(&j->arena, n + 1, sizeof *items);
    if (!items)
        die("out of memory");
    return items;
}

static bool load(job *j, const char *path)
{
    const char *const mark = strrchr(path, '#');
    const rk_model_spec spec = {
        .path = {path, mark ? (size_t)(mark - path) : strlen(path)},
        .span = RK_NO_SPAN,
        .options.most_trees = mark ? (uint32_t)atoi(mark + 1) : 0,
    };
    if (rk_model_load(&spec, &j->arena, &j->diags, &j->model) == RK_OK)
        return true;
    for (uint32_t i = 0; i < j->diags.items.len; i++)
        fprintf(stderr, "%s: %.*s\n", rk_diag_code_name(j->diags.items.items[i]->code),
                RK_STR_ARG(j->diags.items.items[i]->message));
    return false;
}

static void read_rows(job *j, const char *path)
{
    const uint32_t n_inputs = j->model->n_inputs, n_outputs = j->model->n_outputs;
    rk_mapping file;
    if (rk_file_map(path, &file) != RK_FILE_FINE)
        die("no such rows");
    j->n = n_inputs ? (uint32_t)(file.text.len / sizeof(double) / n_inputs) : 0;
    j->columns = RK_NEW_ARRAY(&j->arena, double *, n_inputs + 1);
    j->out = RK_NEW_ARRAY(&j->arena, double *, n_outputs);
    for (uint32_t k = 0; k < n_outputs; k++)
        j->out[k] = doubles(j, j->n);
    for (uint32_t f = 0; f < n_inputs; f++) {
        j->columns[f] = doubles(j, j->n);
        for (size_t i = 0; i < j->n; i++)
            memcpy(&j->columns[f][i], file.text.data + (i * n_inputs + f) * sizeof(double),
                   sizeof(double));
    }
    rk_file_unmap(&file);
}

/* ---- evaluators ---- */

/* Evaluators at work: raw scores of rows go to `out`, floats of a float forest. */
typedef struct lists {
    const job *job;
    const rk_forest *forest;
    const rk_evaluator *evaluator;
    rk_features rows;
    double **expected; /* [n_outputs][n] by the walk */
    void **out;        /* [n_outputs][n] */
    void *scratch;
} lists;

static void compare(const lists *l, const rk_evaluator_way *way)
{
    const rk_features *const rows = &l->rows;
    if (way)
        rk_evaluator_run_as(l->evaluator, *way, rows, l->scratch, l->out);
    else
        rk_evaluator_run(l->evaluator, rows, l->scratch, l->out);
    for (uint32_t k = 0; k < l->forest->n_outputs; k++)
        for (uint32_t i = 0; i < rows->n; i++) {
            const double value = l->forest->in_float ? (double)((const float *)l->out[k])[i]
                                                     : ((const double *)l->out[k])[i];
            if (memcmp(&value, &l->expected[k][rows->from + i], sizeof value) != 0) {
                fprintf(stderr,
                        "row %u + %u of %u, output %u, way %d of %u rows: %.17g, not %.17g\n",
                        rows->from, i, rows->n, k, way ? (int)way->kind : -1, way ? way->rows : 0,
                        value, l->expected[k][rows->from + i]);
                die("an evaluator differs from the walk");
            }
        }
}

static void compare_ways(lists *l)
{
    static const uint32_t lengths[] = {1, 3, 10, 37, 130, 300, UINT32_MAX};
    for (size_t i = 0; i < RK_ARRAY_LEN(lengths); i++) {
        l->rows.n = lengths[i] < l->job->n ? lengths[i] : l->job->n;
        l->rows.from = (l->job->n - l->rows.n) / 2;
        compare(l, NULL);
        for (int kind = 0; kind < RK_EVALUATOR_COUNT; kind++)
            for (uint32_t rows = 0; rows <= 512; rows = rows ? rows * 2 : 128) {
                const rk_evaluator_way way = {.kind = (rk_evaluator_kind)kind, .rows = rows};
                if (rk_evaluator_knows(l->evaluator, way))
                    compare(l, &way);
            }
    }
}

static void compare_levels(job *j, double **expected)
{
    const uint32_t n_inputs = j->model->n_inputs, most = j->n < 512 ? 512 : j->n;
    rk_feature *const columns = RK_NEW_ARRAY(&j->arena, rk_feature, n_inputs + 1);
    lists l = {.job = j, .forest = j->model->as.forest, .expected = expected};
    l.out = RK_NEW_ARRAY(&j->arena, void *, l.forest->n_outputs);
    for (uint32_t k = 0; k < l.forest->n_outputs; k++)
        l.out[k] = doubles(j, j->n);
    for (uint32_t f = 0; f < n_inputs; f++)
        columns[f] = (rk_feature){.data = j->columns[f], .kind = RK_KIND_DOUBLE};
    l.rows.columns = columns;
    for (int level = RK_CPU_SCALAR; level <= (int)rk_cpu_best(); level++) {
        const rk_evaluator_options options = {.cpu = (rk_cpu_level)level};
        if (rk_evaluator_new(l.forest, n_inputs, &options, &j->arena, &l.evaluator) != RK_OK)
            die("out of memory");
        l.scratch = rk_arena_alloc_column(&j->arena, rk_evaluator_scratch(l.evaluator, most), 1);
        compare_ways(&l);
    }
}

/* The model ends as one in float. */
static void compare_evaluators(job *j)
{
    const rk_rows_in rows = {(const double *const *)j->columns, j->n};
    double **const expected = RK_NEW_ARRAY(&j->arena, double *, j->model->n_outputs);
    for (uint32_t k = 0; k < j->model->n_outputs; k++)
        expected[k] = doubles(j, j->n);
    rk_forest_walk(j->model->as.forest, &rows, expected);
    compare_levels(j, expected);
    if (j->model->as.forest->in_float || !rk_forest_to_float(j->model->as.forest))
        return;
    rk_forest_walk(j->model->as.forest, &rows, expected);
    compare_levels(j, expected);
}

/* ---- outputs ---- */

static void write_outputs(const job *j, FILE *to)
{
    for (uint32_t i = 0; i < j->n; i++)
        for (uint32_t k = 0; k < j->model->n_outputs; k++)
            fwrite(&j->out[k][i], sizeof(double), 1, to);
}

static void write_leaves(job *j, const rk_rows_in *rows, FILE *to)
{
    const size_t n = (size_t)j->n * j->model->as.forest->n_trees;
    int64_t *const leaves = rk_arena_alloc_column(&j->arena, n + 1, sizeof *leaves);
    if (!leaves)
        die("out of memory");
    rk_forest_leaves(j->model->as.forest, rows, leaves);
    for (size_t i = 0; i < n; i++) {
        const double leaf = (double)leaves[i];
        fwrite(&leaf, sizeof leaf, 1, to);
    }
}

static void score(job *j, FILE *to)
{
    const rk_rows_in rows = {(const double *const *)j->columns, j->n};
    const rk_forest *const forest = j->model->shape == RK_MODEL_FOREST ? j->model->as.forest : NULL;
    const uint32_t sizes[] = {j->n, j->model->n_outputs, forest ? forest->n_trees : 0};
    fwrite(sizes, sizeof sizes, 1, to);
    if (forest)
        rk_forest_walk(forest, &rows, j->out);
    else
        rk_linear_run(j->model->as.linear, &rows, j->out);
    write_outputs(j, to);
    rk_model_transform(j->model, rk_vmath_get(rk_cpu_best()), j->out, j->n);
    write_outputs(j, to);
    if (forest)
        write_leaves(j, &rows, to);
}

int main(int argc, char **argv)
{
    if (argc < 4 || (argc - 1) % 3)
        die("usage: score (MODEL ROWS OUT)...");
    for (int i = 1; i < argc; i += 3) {
        job j = {0};
        rk_diags_init(&j.diags, &j.arena);
        FILE *const to = fopen(argv[i + 2], "wb");
        if (!to)
            die("cannot write");
        if (load(&j, argv[i])) {
            read_rows(&j, argv[i + 1]);
            score(&j, to);
            if (j.model->shape == RK_MODEL_FOREST)
                compare_evaluators(&j);
        }
        fclose(to);
        rk_arena_free(&j.arena);
    }
    return EXIT_SUCCESS;
}
