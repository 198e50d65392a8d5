#include "runtime/model/score.h"

#include "runtime/model/forest.h"
#include "runtime/model/linear.h"
#include "runtime/model/scaler.h"
#include "runtime/model/score_ids.h"
#include "runtime/model/score_network.h"

#include <stdio.h>

uint32_t rk_model_count_used(const rk_model *model)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < model->n_inputs; i++)
        n += model->inputs[i].used;
    return n;
}

uint32_t rk_model_n_trees(const rk_model *model)
{
    return model->shape == RK_MODEL_FOREST ? model->as.forest->n_trees : 0;
}

/* ---- categories ---- */

static int64_t bits_of(double value)
{
    int64_t bits;
    value = value == 0 ? 0 : value; /* -0.0 is 0.0 */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static rk_status add_code(rk_arena *arena, rk_intmap *map, int64_t key, uint32_t code)
{
    uint32_t found;
    const bool added = rk_intmap_add(arena, map, key, code, &found);
    return added || found != RK_MAP_NONE ? RK_OK : RK_ENOMEM;
}

static rk_status add_categories(const rk_model_input *input, rk_atoms *strings, rk_arena *arena,
                                rk_intmap *codes, rk_intmap *numbers)
{
    for (uint32_t i = 0; i < (input->hashes ? 0 : input->n_categories); i++) {
        const rk_str text = input->categories[i];
        rk_atom atom;
        double value;
        int64_t id;
        RK_TRY(rk_atom_intern(strings, text, &atom));
        RK_TRY(add_code(arena, codes, atom, i));
        if (input->ids ? rk_str_to_int(text, &id) : rk_str_to_double(text, &value))
            RK_TRY(add_code(arena, numbers, input->ids ? id : bits_of(value), i));
    }
    return RK_OK;
}

rk_status rk_scorer_init(rk_scorer *scorer, const rk_stored *stored, rk_atoms *strings,
                         rk_arena *arena)
{
    const rk_model *const model = stored->model;
    const uint32_t n = rk_model_count_used(model);
    *scorer = (rk_scorer){.model = model,
                          .options = stored->options,
                          .once = RK_NEW_ARRAY(arena, bool, n + 1u),
                          .used = RK_NEW_ARRAY(arena, uint32_t, n + 1u),
                          .codes = RK_NEW_ARRAY(arena, rk_intmap, n + 1u),
                          .numbers = RK_NEW_ARRAY(arena, rk_intmap, n + 1u)};
    if (!scorer->once || !scorer->used || !scorer->codes || !scorer->numbers)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        if (!model->inputs[i].used)
            continue;
        const uint32_t at = scorer->n_used++;
        scorer->used[at] = i;
        RK_TRY(add_categories(&model->inputs[i], strings, arena, &scorer->codes[at],
                              &scorer->numbers[at]));
    }
    return RK_OK;
}

rk_status rk_scorer_ready(rk_scorer *scorer, rk_models *models, rk_cpu_level cpu, const bool *once)
{
    const rk_model *const model = scorer->model;
    if (model->shape == RK_MODEL_FOREST)
        return rk_models_evaluator(models, model, cpu, &scorer->evaluator);
    if (model->shape != RK_MODEL_NETWORK)
        return RK_OK;
    scorer->once = once ? once : scorer->once;
    bool *const inputs = RK_NEW_ARRAY(&models->arena, bool, model->n_inputs + 1u);
    if (!inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < scorer->n_used; i++)
        inputs[scorer->used[i]] = scorer->once[i];
    const rk_stored_inference wanted = {
        .model = model, .cpu = cpu, .once = inputs, .fast = scorer->options.fast};
    return rk_models_inference(models, &wanted, &scorer->inference);
}

/* ---- inputs ---- */

static double code_of(const rk_intmap *map, int64_t key)
{
    const uint32_t code = rk_intmap_find(map, key);
    return code == RK_MAP_NONE ? rk_nan_double() : (double)code;
}

static double value_at(const rk_column *column, uint32_t i, const rk_intmap *codes)
{
    return column->type.kind == RK_KIND_STRING ? code_of(codes, ((const rk_atom *)column->data)[i])
                                               : rk_number_at(column, i);
}

/* Whether a column's values are looked up, rather than read as they are. */
static bool is_mapped(const rk_scorer *scorer, uint32_t input, const rk_column *column)
{
    return column->type.kind == RK_KIND_STRING || scorer->numbers[input].len != 0 ||
           scorer->model->inputs[scorer->used[input]].hashes;
}

/* A category that is known by its hash: a text's, or that of a whole number's digits. */
static double hashed_at(const rk_model_input *input, const rk_column *column, uint32_t i,
                        const rk_atoms *strings)
{
    if (column->type.kind == RK_KIND_STRING) {
        const rk_str text = rk_atom_str(strings, ((const rk_atom *)column->data)[i]);
        return rk_model_category(input, text);
    }
    const double value = value_at(column, i, NULL);
    if (!(value >= -0x1p53 && value <= 0x1p53) || value != (double)(int64_t)value)
        return input->n_categories;
    char digits[32];
    const int len = snprintf(digits, sizeof digits, "%lld", (long long)value);
    return rk_model_category(input, (rk_str){digits, (size_t)len});
}

/* Rows from .. from + n as doubles; a missing one is NaN. */
static void read_input(const rk_scorer *scorer, uint32_t input, const rk_column *column,
                       uint32_t from, uint32_t n, const rk_atoms *strings, double *out)
{
    const rk_model_input *const to = &scorer->model->inputs[scorer->used[input]];
    const rk_intmap *const numbers = &scorer->numbers[input];
    const bool one = column->n == 1;
    const bool mapped = numbers->len && column->type.kind != RK_KIND_STRING;
    for (uint32_t i = 0; i < (one ? 1 : n); i++) {
        const uint32_t at = one ? 0 : from + i;
        const bool there = !column->present || rk_bit_get(column->present, at);
        out[i] = !there       ? rk_nan_double()
                 : to->hashes ? hashed_at(to, column, at, strings)
                              : value_at(column, at, &scorer->codes[input]);
        if (mapped && out[i] == out[i])
            out[i] = code_of(numbers, bits_of(out[i]));
    }
    for (uint32_t i = 1; one && i < n; i++)
        out[i] = out[0];
}

/* All used inputs as doubles. */
static rk_status read_all(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                          uint32_t n, const rk_scoring *with, rk_rows_in *out)
{
    double *const values = rk_arena_alloc_column(
        with->scratch, (size_t)scorer->n_used * rk_padded(n) + 1, sizeof *values);
    const double **const rows =
        RK_NEW_ARRAY(with->scratch, const double *, scorer->model->n_inputs + 1u);
    if (!values || !rows)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < scorer->n_used; i++) {
        double *const to = values + i * rk_padded(n);
        rows[scorer->used[i]] = to;
        read_input(scorer, i, columns[i], from, n, with->strings, to);
    }
    *out = (rk_rows_in){rows, n};
    return RK_OK;
}

/* The columns as an evaluator reads them; those that are mapped are made, from row `from` on. */
static rk_status find_features(const rk_scorer *scorer, const rk_column *const *columns,
                               uint32_t from, uint32_t n, const rk_scoring *with, rk_feature *out)
{
    for (uint32_t i = 0; i < scorer->n_used; i++) {
        const rk_column *const column = columns[i];
        rk_feature *const feature = &out[scorer->used[i]];
        *feature = (rk_feature){.data = column->data,
                                .present = column->present,
                                .kind = column->type.kind,
                                .constant = column->n == 1};
        if (!is_mapped(scorer, i, column))
            continue;
        const uint32_t first = feature->constant ? 0 : from; /* rows keep their numbers */
        double *const made = rk_arena_alloc_column(with->scratch, rk_padded(n), sizeof *made);
        if (!made)
            return RK_ENOMEM;
        read_input(scorer, i, column, from, n, with->strings, made);
        *feature = (rk_feature){
            .data = made - first, .kind = RK_KIND_DOUBLE, .constant = feature->constant};
    }
    return RK_OK;
}

/* ---- outputs ---- */

typedef struct scores {
    double **values; /* [n_outputs][n] */
    uint32_t n;
} scores;

static rk_status make_scores(const rk_model *model, uint32_t n, rk_arena *scratch, scores *out)
{
    double *const room =
        rk_arena_alloc_column(scratch, (size_t)model->n_outputs * rk_padded(n), sizeof *room);
    out->values = RK_NEW_ARRAY(scratch, double *, model->n_outputs);
    out->n = n;
    if (!room || !out->values)
        return RK_ENOMEM;
    for (uint32_t k = 0; k < model->n_outputs; k++)
        out->values[k] = room + k * rk_padded(n);
    return RK_OK;
}

/* Floats stand at the end of the room for doubles, so that they can be widened from the front. */
static void widen(const scores *scores, uint32_t n_outputs)
{
    for (uint32_t k = 0; k < n_outputs; k++) {
        double *const to = scores->values[k];
        const float *const from = (const float *)(to + scores->n) - scores->n;
        for (uint32_t i = 0; i < scores->n; i++)
            to[i] = (double)from[i];
    }
}

static rk_status run_forest(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                            const rk_scoring *with, const scores *out)
{
    const rk_model *const model = scorer->model;
    const bool narrow = model->as.forest->in_float;
    rk_feature *const features = RK_NEW_ARRAY(with->scratch, rk_feature, model->n_inputs + 1u);
    void *const room = rk_arena_alloc_column(
        with->scratch, rk_evaluator_scratch(scorer->evaluator, out->n) + 1, 1);
    void **const to = RK_NEW_ARRAY(with->scratch, void *, model->n_outputs);
    if (!features || !room || !to)
        return RK_ENOMEM;
    RK_TRY(find_features(scorer, columns, from, out->n, with, features));
    for (uint32_t k = 0; k < model->n_outputs; k++)
        to[k] = narrow ? (void *)((float *)(out->values[k] + out->n) - out->n) : out->values[k];
    const rk_features rows = {features, from, out->n};
    rk_evaluator_run(scorer->evaluator, &rows, room, to);
    if (narrow)
        widen(out, model->n_outputs);
    return RK_OK;
}

static rk_status run_linear(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                            const rk_scoring *with, const scores *out)
{
    rk_rows_in rows;
    RK_TRY(read_all(scorer, columns, from, out->n, with, &rows));
    rk_linear_run(scorer->model->as.linear, &rows, out->values);
    return RK_OK;
}

static rk_status run_terms(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                           const rk_scoring *with, const scores *out)
{
    (void)with;
    rk_terms_run(scorer, columns, from, out->n, out->values[0]);
    return RK_OK;
}

typedef rk_status run_scores(const rk_scorer *scorer, const rk_column *const *columns,
                             uint32_t from, const rk_scoring *with, const scores *out);

static run_scores *run_of(const rk_model *model)
{
    return model->shape == RK_MODEL_LINEAR  ? run_linear
           : model->shape == RK_MODEL_TERMS ? run_terms
                                            : run_forest;
}

static rk_status run_scaler(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                            uint32_t n, const rk_scoring *with, rk_column *out)
{
    const rk_scaler *const scaler = scorer->model->as.scaler;
    rk_rows_in rows;
    RK_TRY(read_all(scorer, columns, from, n, with, &rows));
    rk_scaler_run(scaler, &rows, (float *)out->data + (size_t)from * scaler->n);
    return RK_OK;
}

static void store_output(const double *values, uint32_t n, uint32_t step, uint8_t kind, void *out)
{
    for (uint32_t i = 0; i < n; i++) {
        const bool there = values[i] == values[i];
        if (kind == RK_KIND_DOUBLE)
            ((double *)out)[i] = there ? values[i] : rk_nan_double();
        else
            ((float *)out)[(size_t)i * step] = there ? (float)values[i] : rk_nan_float();
    }
}

static void store(const scores *scores, uint32_t from, rk_column *out)
{
    const uint32_t dim = out->type.kind == RK_KIND_VECTOR ? out->type.dim : 1;
    char *const to = (char *)out->data + from * rk_type_size(out->type);
    for (uint32_t k = 0; k < dim; k++)
        store_output(scores->values[k], scores->n, dim, out->type.kind, (float *)(void *)to + k);
}

static rk_status run_leaves(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                            uint32_t n, const rk_scoring *with, rk_column *out)
{
    const uint32_t n_trees = rk_model_n_trees(scorer->model);
    rk_rows_in rows;
    RK_TRY(read_all(scorer, columns, from, n, with, &rows));
    if (n_trees)
        rk_forest_leaves(scorer->model->as.forest, &rows,
                         (int64_t *)out->child + (size_t)from * n_trees);
    for (uint32_t i = 0; i < n; i++)
        ((rk_slice *)out->data)[from + i] = (rk_slice){(from + i) * n_trees, n_trees};
    return RK_OK;
}

rk_status rk_scorer_run(const rk_scorer *scorer, rk_model_part part,
                        const rk_column *const *columns, uint32_t from, uint32_t to,
                        const rk_scoring *with, rk_column *out)
{
    const rk_model *const model = scorer->model;
    scores scores;
    if (part == RK_MODEL_LEAVES)
        return run_leaves(scorer, columns, from, to - from, with, out);
    if (model->shape == RK_MODEL_VOCAB) {
        rk_vocab_run(scorer, columns[0], from, to, out);
        return RK_OK;
    }
    if (model->shape == RK_MODEL_SCALER)
        return run_scaler(scorer, columns, from, to - from, with, out);
    RK_TRY(make_scores(model, to - from, with->scratch, &scores));
    RK_TRY(run_of(model)(scorer, columns, from, with, &scores));
    if (part == RK_MODEL_SCORE)
        rk_model_transform(model, with->math, scores.values, scores.n);
    store(&scores, from, out);
    return RK_OK;
}

/* Of a network: what rows give, output by output. */
static rk_status doubles_of_network(const rk_scorer *scorer, const rk_scorer_rows *rows,
                                    const rk_scoring *with, const scores *out)
{
    const uint32_t n_outputs = scorer->model->n_outputs;
    float *const given =
        rk_arena_alloc_column(with->scratch, (size_t)out->n * n_outputs + 1, sizeof *given);
    rk_network_once once;
    rk_network_fault fault;
    if (!given)
        return RK_ENOMEM;
    RK_TRY(rk_network_lengths(scorer, rows->columns, &fault));
    RK_TRY(rk_network_begin(scorer, rows->columns, with->scratch, &once, &fault));
    RK_TRY(rk_network_rows(scorer, rows, &once, with->scratch, given, n_outputs, &fault));
    for (uint32_t k = 0; k < n_outputs; k++)
        for (uint32_t i = 0; i < out->n; i++)
            out->values[k][i] = (double)given[(size_t)i * n_outputs + k];
    return RK_OK;
}

rk_status rk_scorer_doubles(const rk_scorer *scorer, rk_model_part part, const rk_scorer_rows *rows,
                            const rk_scoring *with, double *const **out)
{
    const rk_model *const model = scorer->model;
    scores scores;
    RK_TRY(make_scores(model, rows->to - rows->from, with->scratch, &scores));
    if (model->shape == RK_MODEL_NETWORK) {
        *out = scores.values;
        return doubles_of_network(scorer, rows, with, &scores);
    }
    RK_TRY(run_of(model)(scorer, rows->columns, rows->from, with, &scores));
    if (part == RK_MODEL_SCORE)
        rk_model_transform(model, with->math, scores.values, scores.n);
    *out = scores.values;
    return RK_OK;
}

void rk_scorer_describe(const rk_scorer *scorer, rk_model_part part, uint32_t n, rk_buf *out)
{
    if (scorer->model->shape == RK_MODEL_NETWORK)
        rk_buf_add_chars(out, "network");
    else if (!scorer->evaluator || part == RK_MODEL_LEAVES)
        rk_buf_add_chars(out, scorer->evaluator ? "walk" : "weights");
    else
        rk_evaluator_print(rk_evaluator_choose(scorer->evaluator, n), out);
}
