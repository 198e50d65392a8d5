/* rankc model inspect, of vocabularies, scalers, and linear models of numbers and ids. */
#include "compiler/cmd/model.h"

#include <inttypes.h>

#include "compiler/cmd/table.h"
#include "runtime/model/scaler.h"
#include "runtime/model/terms.h"
#include "runtime/model/vocab.h"

enum { SHOWN = 20, N_COLUMNS = 5 };

/* A table while it is made: a row is cells divided by tabs. */
typedef struct table {
    cmd *c;
    cmd_column columns[N_COLUMNS];
    uint32_t n_rows;
    bool failed;
} table;

static void add_row(table *t, rk_buf *row)
{
    rk_str rest = rk_buf_str(row);
    for (uint32_t k = 0; k < N_COLUMNS; k++) {
        const char *const tab = rest.len ? memchr(rest.data, '\t', rest.len) : NULL;
        const size_t n = tab ? (size_t)(tab - rest.data) : rest.len;
        t->failed |= !cmd_column_add(&t->columns[k], &t->c->arena, (rk_str){rest.data, n});
        rest = (rk_str){rest.data + n + (tab != NULL), rest.len - n - (tab != NULL)};
    }
    t->failed |= row->failed;
    t->n_rows++;
    row->len = 0;
}

static rk_status print_table(table *t, uint32_t of, rk_buf *out)
{
    for (uint32_t i = 0; !t->failed && i < t->n_rows; i++)
        cmd_columns_print(t->columns, N_COLUMNS, i, out);
    if (of > SHOWN)
        rk_buf_printf(out, "… %u more\n", of - SHOWN);
    cmd_columns_free(t->columns, N_COLUMNS);
    return t->failed ? RK_ENOMEM : RK_OK;
}

static uint32_t shown(uint32_t n) { return n < SHOWN ? n : SHOWN; }

static void add_number(rk_buf *out, double value)
{
    char text[32];
    const size_t len = rk_double_print(value, text);
    rk_buf_add(out, (rk_str){text, len});
}

static void add_name(const rk_model *model, uint32_t i, rk_buf *out)
{
    if (model->inputs[i].name.len)
        rk_buf_add(out, model->inputs[i].name);
    else
        rk_buf_printf(out, "input %u", i + 1);
}

/* ---- text ---- */

static void print_special(const char *title, bool has, int64_t code, rk_buf *out)
{
    rk_buf_printf(out, "%-12s", title);
    if (has)
        rk_buf_printf(out, "%" PRId64 "\n", code);
    else
        rk_buf_add_chars(out, "a missing int\n");
}

static rk_status print_vocab(cmd *c, const rk_model *model, rk_buf *out)
{
    const rk_vocab *const vocab = model->as.vocab;
    const uint32_t n = model->inputs[0].n_categories;
    table t = {.c = c};
    rk_buf row = {0};
    rk_buf_printf(out, "keys        %u\n", n);
    print_special("unknown", vocab->has_unknown, vocab->unknown, out);
    print_special("missing", vocab->has_missing, vocab->missing, out);
    rk_buf_add_char(out, '\n');
    rk_buf_add_chars(&row, "key\tnumber");
    add_row(&t, &row);
    t.columns[1].right = true;
    for (uint32_t i = 0; i < shown(n); i++) {
        rk_buf_add(&row, model->inputs[0].categories[i]);
        rk_buf_printf(&row, "\t%" PRId64, vocab->codes[i]);
        add_row(&t, &row);
    }
    rk_buf_free(&row);
    return print_table(&t, n, out);
}

static rk_status print_scaler(cmd *c, const rk_model *model, rk_buf *out)
{
    table t = {.c = c};
    rk_buf row = {0};
    rk_buf_printf(out, "gives       vector(%u)\n\n", model->n_outputs);
    rk_buf_add_chars(&row, "input\tmedian\tmean\tstd");
    add_row(&t, &row);
    for (uint32_t i = 0; i < shown(model->n_inputs); i++) {
        const rk_scaled *const feature = &model->as.scaler->features[i];
        add_name(model, i, &row);
        rk_buf_add_char(&row, '\t');
        if (model->inputs[i].missing)
            add_number(&row, feature->median);
        rk_buf_add_char(&row, '\t');
        add_number(&row, feature->mean);
        rk_buf_add_char(&row, '\t');
        add_number(&row, feature->std);
        add_row(&t, &row);
    }
    for (uint32_t k = 1; k < 4; k++)
        t.columns[k].right = true;
    rk_buf_free(&row);
    return print_table(&t, model->n_inputs, out);
}

/* What an input of a linear model adds. */
static void add_term(const rk_model *model, uint32_t i, rk_buf *row)
{
    const rk_term *const term = &model->as.terms->terms[i];
    const rk_model_input *const input = &model->inputs[i];
    add_name(model, i, row);
    rk_buf_add_char(row, '\t');
    if (term->weights)
        rk_buf_printf(row, "%u ids\t", input->n_categories);
    else {
        add_number(row, term->weight);
        rk_buf_add_char(row, '\t');
    }
    if (term->weights)
        add_number(row, term->unknown);
    rk_buf_add_char(row, '\t');
    if (input->missing)
        add_number(row, term->missing);
}

static rk_status print_terms(cmd *c, const rk_model *model, rk_buf *out)
{
    table t = {.c = c};
    rk_buf row = {0};
    rk_buf_add_chars(out, "score       double: ");
    cmd_model_add_transform(model, out);
    rk_buf_add_chars(out, "\nbias        ");
    add_number(out, model->as.terms->bias);
    rk_buf_add_chars(out, "\n\n");
    rk_buf_add_chars(&row, "input\tweight\tunknown\tmissing");
    add_row(&t, &row);
    for (uint32_t i = 0; i < shown(model->n_inputs); i++) {
        add_term(model, i, &row);
        add_row(&t, &row);
    }
    for (uint32_t k = 1; k < 4; k++)
        t.columns[k].right = true;
    rk_buf_free(&row);
    return print_table(&t, model->n_inputs, out);
}

/* ---- JSON ---- */

static void json_vocab(const rk_model *model, rk_buf *out)
{
    const rk_vocab *const vocab = model->as.vocab;
    rk_buf_add_chars(out, "\"shape\": \"vocabulary\"");
    if (vocab->has_unknown)
        rk_buf_printf(out, ", \"unknown\": %" PRId64, vocab->unknown);
    if (vocab->has_missing)
        rk_buf_printf(out, ", \"missing\": %" PRId64, vocab->missing);
    rk_buf_add_chars(out, ", \"keys\": {");
    for (uint32_t i = 0; i < model->inputs[0].n_categories; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        rk_buf_add_json(out, model->inputs[0].categories[i]);
        rk_buf_printf(out, ": %" PRId64, vocab->codes[i]);
    }
    rk_buf_add_chars(out, "}}\n");
}

static void json_member(rk_buf *out, const char *name, double value)
{
    rk_buf_printf(out, ", \"%s\": ", name);
    add_number(out, value);
}

static void json_feature(const rk_model *model, uint32_t i, rk_buf *out)
{
    const rk_scaled *const feature = &model->as.scaler->features[i];
    if (model->inputs[i].missing)
        json_member(out, "median", feature->median);
    json_member(out, "mean", feature->mean);
    json_member(out, "std", feature->std);
}

static void json_term(const rk_model *model, uint32_t i, rk_buf *out)
{
    const rk_term *const term = &model->as.terms->terms[i];
    const rk_model_input *const input = &model->inputs[i];
    if (!term->weights)
        json_member(out, "weight", term->weight);
    else
        json_member(out, "unknown", term->unknown);
    if (input->missing)
        json_member(out, "missing", term->missing);
    if (!term->weights)
        return;
    rk_buf_add_chars(out, ", \"weights\": {");
    for (uint32_t k = 0; k < input->n_categories; k++) {
        rk_buf_add_chars(out, k ? ", " : "");
        rk_buf_add_json(out, input->categories[k]);
        rk_buf_add_chars(out, ": ");
        add_number(out, term->weights[k]);
    }
    rk_buf_add_char(out, '}');
}

static void json_inputs(const rk_model *model, rk_buf *out)
{
    const bool scaler = model->shape == RK_MODEL_SCALER;
    rk_buf_printf(out, "\"shape\": \"%s\", ", scaler ? "scaler" : "linear");
    if (!scaler) {
        rk_buf_add_chars(out, "\"bias\": ");
        add_number(out, model->as.terms->bias);
        rk_buf_add_chars(out, ", ");
    }
    rk_buf_add_chars(out, "\"inputs\": [");
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        rk_buf_add_chars(out, i ? ", {\"name\": " : "{\"name\": ");
        rk_buf_add_json(out, model->inputs[i].name);
        (scaler ? json_feature : json_term)(model, i, out);
        rk_buf_add_char(out, '}');
    }
    rk_buf_add_chars(out, "]}\n");
}

/* ---- the whole ---- */

rk_status cmd_model_print_ids(cmd *c, const cmd_model *of)
{
    const rk_model *const model = of->model;
    rk_buf *const out = &c->out.buf;
    if (!cmd_format_is(c, "text")) {
        rk_buf_add_chars(out, "{\"file\": ");
        rk_buf_add_json(out, rk_str_from(of->path));
        rk_buf_add_chars(out, ", ");
        (model->shape == RK_MODEL_VOCAB ? json_vocab : json_inputs)(model, out);
        return RK_OK;
    }
    rk_buf_printf(out, "format      %s\n", model->format);
    return (model->shape == RK_MODEL_VOCAB    ? print_vocab
            : model->shape == RK_MODEL_SCALER ? print_scaler
                                              : print_terms)(c, model, out);
}
