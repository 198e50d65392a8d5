/* What a model makes of rows, in binary, for the scripts beside it that compare with a library:
 *
 *     score (MODEL[#TREES] ROWS OUT)...
 *
 * ROWS holds doubles, a row of all inputs after another. OUT gets three int32, rows, outputs and
 * trees (0 for what is no forest), and doubles: raw scores [rows][outputs], scores [rows][outputs],
 * leaves [rows][trees]. A model that cannot be read gives one line on stderr and an OUT of nothing.
 */
#include <stdio.h>
#include <stdlib.h>

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
        .most_trees = mark ? (uint32_t)atoi(mark + 1) : 0,
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
        }
        fclose(to);
        rk_arena_free(&j.arena);
    }
    return EXIT_SUCCESS;
}
