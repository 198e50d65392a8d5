/* What networks make of items, worked out in double, for the scripts beside it that compare with
 * other libraries:
 *
 *     infer (MODEL[#LENGTH] ITEMS OUT)...
 *
 * ITEMS holds an item after another, of each its inputs in order: float32, int64 or uint8 as the
 * file has them (those that nothing uses, too). OUT gets a line for each input (name, kind, length,
 * `of`, used) and each output (name, first, how many, what it lacks), an empty line, and doubles:
 * [items][outputs together]. A model that cannot be read gives one line on stderr and an OUT of
 * nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/network_naive.h"

typedef struct job {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    rk_mapping items;
    FILE *to;
} job;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "infer: %s\n", what);
    exit(EXIT_FAILURE);
}

static bool load(job *j, const char *path)
{
    const char *const mark = strrchr(path, '#');
    const rk_model_spec spec = {
        .path = {path, mark ? (size_t)(mark - path) : strlen(path)},
        .span = RK_NO_SPAN,
        .options.length = mark ? (uint32_t)atoi(mark + 1) : 0,
    };
    if (rk_model_load(&spec, &j->arena, &j->diags, &j->model) == RK_OK)
        return true;
    for (uint32_t i = 0; i < j->diags.items.len; i++)
        fprintf(stderr, "%s: %.*s\n", rk_diag_code_name(j->diags.items.items[i]->code),
                RK_STR_ARG(j->diags.items.items[i]->message));
    return false;
}

static void describe(const job *j)
{
    const rk_network *const network = j->model->as.network;
    for (uint32_t i = 0; i < j->model->n_inputs; i++) {
        const rk_model_input *const input = &j->model->inputs[i];
        const rk_type_name type = rk_type_text(input->type);
        fprintf(j->to, "%.*s;%s;%u;%u;%d\n", RK_STR_ARG(input->name), type.text, input->length,
                input->of, input->used);
    }
    for (uint32_t k = 0; k < network->n_outputs; k++)
        fprintf(j->to, "%.*s;%u;%u;%.*s\n", RK_STR_ARG(network->outputs[k].name),
                network->outputs[k].first, network->outputs[k].dim,
                RK_STR_ARG(network->outputs[k].lacks));
    fprintf(j->to, "\n");
}

/* Bytes of an input's elements in an item. */
static size_t size_of(const job *j, uint32_t i)
{
    const rk_network *const network = j->model->as.network;
    const rk_model_input *const input = &j->model->inputs[i];
    if (network->inputs[i] == UINT32_MAX) {
        const uint8_t kind = input->type.kind;
        return kind == RK_KIND_VECTOR ? input->type.dim * sizeof(float)
               : kind == RK_KIND_LIST ? input->length * sizeof(int64_t)
                                      : rk_network_kind_size(kind);
    }
    const rk_network_value *const value = &network->values[network->inputs[i]];
    return rk_network_elements(value) * rk_network_kind_size(value->kind);
}

static void run(job *j)
{
    const rk_model *const model = j->model;
    double *const out = rk_arena_alloc_column(&j->arena, model->n_outputs, sizeof *out);
    void **const inputs = RK_NEW_ARRAY(&j->arena, void *, model->n_inputs + 1u);
    naive n;
    size_t item = 0;
    if (!out || !inputs || !naive_open(&n, model->as.network, &j->arena))
        die("out of memory");
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        inputs[i] = rk_arena_alloc(&j->arena, size_of(j, i));
        item += size_of(j, i);
    }
    const char *at = j->items.text.data, *const end = at + j->items.text.len;
    while (item && (size_t)(end - at) >= item) {
        for (uint32_t i = 0; i < model->n_inputs; i++) {
            memcpy(inputs[i], at, size_of(j, i));
            at += size_of(j, i);
        }
        if (!naive_run(&n, (const void *const *)inputs, out))
            for (uint32_t k = 0; k < model->n_outputs; k++)
                out[k] = NAN;
        fwrite(out, sizeof *out, model->n_outputs, j->to);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc % 3 != 1)
        die("usage: infer (MODEL[#LENGTH] ITEMS OUT)...");
    for (int i = 1; i < argc; i += 3) {
        job j = {0};
        rk_diags_init(&j.diags, &j.arena);
        j.to = fopen(argv[i + 2], "wb");
        if (!j.to)
            die("cannot write");
        if (rk_file_map(argv[i + 1], &j.items) != RK_FILE_FINE)
            die("no such items");
        if (load(&j, argv[i]) && j.model->shape == RK_MODEL_NETWORK) {
            describe(&j);
            run(&j);
        }
        fclose(j.to);
        rk_file_unmap(&j.items);
        rk_arena_free(&j.arena);
    }
    return EXIT_SUCCESS;
}
