#include "compiler/driver/golden.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "runtime/source/csv.h"

/* A column of what is expected: of one number, or of a vector written as a list. */
typedef struct expected {
    rk_str name;
    uint32_t first, n; /* numbers first .. first + n of those expected of a row */
} expected;

typedef struct golden {
    const rk_golden_spec *spec;
    const rk_model *model;
    rk_diags *diags;
    rk_arena arena;
    rk_atoms strings;
    rk_str text; /* of the file */
    rk_str *names;
    uint32_t n_names; /* of the header line */
    rk_schema wanted; /* used inputs, then raw scores, then scores */
    uint32_t n_raw, n_score;
    RK_VEC(expected) expected;
    rk_relation rows;
    rk_scorer scorer;
    const rk_column **inputs; /* [scorer.n_used] */
    double *const *found;     /* [n_outputs][…] of the rows at hand */
    double *wants;            /* [n_raw + n_score][n_rows] */
    rk_golden *out;
} golden;

/* ---- which columns there are ---- */

static rk_status read_header(golden *g)
{
    const rk_load load = {.arena = &g->arena, .strings = &g->strings, .diags = g->diags};
    const rk_schema none = {0};
    const rk_source_spec spec = {
        .name = g->spec->path, .span = g->spec->span, .path = g->spec->path, .wanted = &none};
    rk_csv csv = {.load = &load,
                  .spec = &spec,
                  .rest = g->text,
                  .line = 1,
                  .scratch = &g->arena,
                  .scan = {.sep = ',', .quotes = true}};
    RK_TRY(rk_csv_header(&csv));
    g->names = csv.names;
    g->n_names = csv.n_columns;
    return RK_OK;
}

static bool has_column(const golden *g, rk_str name)
{
    for (uint32_t i = 0; i < g->n_names; i++)
        if (rk_str_eq(g->names[i], name))
            return true;
    return false;
}

static bool is_input(const golden *g, rk_str name)
{
    for (uint32_t i = 0; i < g->model->n_inputs; i++)
        if (rk_str_eq(g->model->inputs[i].name, name))
            return true;
    return false;
}

/* `ctr`, or `ctr2`; a copy that stays. Empty: no memory. */
static rk_str numbered(golden *g, rk_str word, uint32_t k)
{
    rk_buf words = {0};
    rk_buf_add(&words, word);
    rk_buf_printf(&words, "%u", k);
    const char *const copy = words.failed ? NULL : rk_arena_copy(&g->arena, words.data, words.len);
    const rk_str out = {copy, copy ? words.len : 0};
    rk_buf_free(&words);
    return out;
}

/* `raw` of one output, unless the file calls it `raw0` or an input `raw`; else `raw2`. */
static rk_str name_expected(golden *g, rk_str word, uint32_t k, uint32_t n)
{
    const rk_str with_number = numbered(g, word, k);
    const bool alone =
        n == 1 && !is_input(g, word) && (has_column(g, word) || !has_column(g, with_number));
    return alone ? word : with_number;
}

static rk_status want(golden *g, rk_str name)
{
    name = (rk_str){rk_arena_copy(&g->arena, name.data, name.len), name.len};
    if (!name.data)
        return RK_ENOMEM;
    g->wanted.fields[g->wanted.n++] =
        (rk_field){.name = name, .column = name, .type = RK_TYPE(STRING), .span = g->spec->span};
    return RK_OK;
}

static rk_status expect(golden *g, rk_str name, uint32_t first, uint32_t n)
{
    const expected made = {name, first, n};
    if (!name.data || !rk_vec_push(&g->arena, &g->expected, made))
        return RK_ENOMEM;
    return want(g, name);
}

static rk_status expect_numbered(golden *g, rk_str word, uint32_t first, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        RK_TRY(expect(g, name_expected(g, word, k, n), first + k, 1));
    return RK_OK;
}

/* ---- outputs of networks by their names ---- */

static bool is_given(const rk_network_output *output) { return output->value != UINT32_MAX; }

/* Whether the file calls some output as the network does: `vec`, or `vec0` and so on. */
static bool has_outputs(golden *g)
{
    if (g->model->shape != RK_MODEL_NETWORK)
        return false;
    const rk_network *const network = g->model->as.network;
    for (uint32_t i = 0; i < network->n_outputs; i++) {
        const rk_str name = network->outputs[i].name;
        if (is_given(&network->outputs[i]) && name.len && !is_input(g, name) &&
            (has_column(g, name) || has_column(g, numbered(g, name, 0))))
            return true;
    }
    return false;
}

static rk_status expect_outputs(golden *g)
{
    const rk_network *const network = g->model->as.network;
    for (uint32_t i = 0; i < network->n_outputs; i++) {
        const rk_network_output *const output = &network->outputs[i];
        if (!is_given(output))
            continue;
        RK_TRY(has_column(g, output->name)
                   ? expect(g, output->name, output->first, output->dim)
                   : expect_numbered(g, output->name, output->first, output->dim));
    }
    return RK_OK;
}

static rk_status want_columns(golden *g)
{
    const rk_model *const model = g->model;
    const rk_type type = rk_model_type(model, RK_MODEL_SCORE);
    g->n_raw = model->n_outputs;
    g->n_score = type.kind == RK_KIND_VECTOR ? model->n_outputs : 1;
    const rk_str score = name_expected(g, RK_STR("score"), 0, g->n_score);
    g->out->by_output = has_outputs(g);
    g->out->has_score = has_column(g, score) && !is_input(g, score) && !g->out->by_output;
    g->n_score = g->out->has_score ? g->n_score : 0;
    g->wanted.fields =
        RK_NEW_ARRAY(&g->arena, rk_field, (size_t)model->n_inputs + g->n_raw + g->n_score);
    if (!g->wanted.fields)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < g->scorer.n_used; i++) {
        char number[16];
        const rk_str name = model->inputs[g->scorer.used[i]].name;
        snprintf(number, sizeof number, "f%u", g->scorer.used[i]);
        RK_TRY(want(g, name.len ? name : rk_str_from(number)));
    }
    if (g->out->by_output)
        return expect_outputs(g);
    RK_TRY(expect_numbered(g, RK_STR("raw"), 0, g->n_raw));
    return expect_numbered(g, RK_STR("score"), g->n_raw, g->n_score);
}

static rk_status read_rows(golden *g)
{
    const rk_load load = {.arena = &g->arena, .strings = &g->strings, .diags = g->diags};
    const rk_source_spec spec = {.name = g->spec->path,
                                 .span = g->spec->span,
                                 .path = g->spec->path,
                                 .bytes = &g->text,
                                 .wanted = &g->wanted};
    return rk_source_find(RK_STR("csv"))->load(&load, &spec, &g->rows);
}

/* ---- numbers ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' - 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `0x1.8p-3`, as Python's float.hex and %a write it. */
static bool read_hex(rk_str s, double *out)
{
    const bool negative = s.len && s.data[0] == '-';
    uint64_t digits = 0;
    int64_t exponent = 0;
    size_t at = negative, n = 0;
    bool point = false;
    if (s.len < at + 3 || s.data[at] != '0' || (s.data[at + 1] | 0x20) != 'x')
        return false;
    for (at += 2; at < s.len && (hex_digit(s.data[at]) >= 0 || (s.data[at] == '.' && !point));
         at++) {
        if (s.data[at] == '.') {
            point = true;
            continue;
        }
        if (digits >> 60)
            return false; /* more digits than any double has */
        digits = digits << 4 | (uint64_t)hex_digit(s.data[at]);
        exponent -= point ? 4 : 0;
        n++;
    }
    if (at < s.len) {
        int64_t power;
        const size_t sign = at + 1 < s.len && s.data[at + 1] == '+';
        if ((s.data[at] | 0x20) != 'p' ||
            !rk_str_to_int((rk_str){s.data + at + 1 + sign, s.len - at - 1 - sign}, &power) ||
            power < -2000 || power > 2000)
            return false;
        exponent += power;
    }
    *out = ldexp((double)digits, (int)exponent);
    *out = negative ? -*out : *out;
    return n > 0;
}

/* A cell as a number, as pandas writes them: an empty one is missing. */
static bool read_number(rk_str cell, double *out)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"True", 1}, {"true", 1}, {"False", 0}, {"false", 0}};
    *out = rk_nan_double();
    if (cell.len == 0)
        return true;
    for (size_t i = 0; i < RK_ARRAY_LEN(words); i++)
        if (rk_str_eq(cell, rk_str_from(words[i].word))) {
            *out = words[i].value;
            return true;
        }
    return rk_str_to_double(cell, out) || read_hex(cell, out);
}

/* Wanted column `i` as doubles. */
static rk_status read_column(golden *g, uint32_t i, double *out)
{
    const rk_atom *const cells = g->rows.columns[i].data;
    for (uint32_t row = 0; row < g->rows.n_rows; row++) {
        const rk_str cell = rk_atom_str(&g->strings, cells[row]);
        if (read_number(cell, &out[row]))
            continue;
        rk_error(g->diags, RK_E0502, g->spec->span,
                 "%.*s:%" PRIu64 ": column `%.*s`: `%.*s` is no number", RK_STR_ARG(g->spec->path),
                 rk_relation_line(&g->rows, row), RK_STR_ARG(g->wanted.fields[i].name),
                 RK_STR_ARG(cell));
        return RK_EDATA;
    }
    return RK_OK;
}

/* Categories that are numbers are compared as numbers: 3 may be written 3.0. */
static bool takes_text(const rk_model_input *input)
{
    double value;
    if (input->hashes || input->ids)
        return true;
    for (uint32_t i = 0; i < input->n_categories; i++)
        if (!rk_str_to_double(input->categories[i], &value))
            return true;
    return false;
}

/* The next element of `[1, 2, 3]`, whose brackets may lack; false at its end. */
static bool next_element(rk_str *rest, rk_str *out)
{
    static const char apart[] = "[], ";
    size_t from = 0;
    while (from < rest->len && strchr(apart, rest->data[from]))
        from++;
    size_t to = from;
    while (to < rest->len && !strchr(apart, rest->data[to]))
        to++;
    *out = (rk_str){rest->data + from, to - from};
    *rest = (rk_str){rest->data + to, rest->len - to};
    return out->len != 0;
}

/* Elements behind each other, of all rows; float where type is of floats, else int64_t. */
typedef struct elements {
    RK_VEC(float) floats;
    RK_VEC(int64_t) ints;
    uint32_t n;
} elements;

static rk_status add_element(golden *g, rk_str text, bool whole, elements *out)
{
    double value;
    int64_t number = 0;
    if (whole ? !rk_str_to_int(text, &number) : !read_number(text, &value))
        return RK_EDATA;
    if (out->n++ == UINT32_MAX)
        return RK_ELIMIT;
    return (whole ? rk_vec_push(&g->arena, &out->ints, number)
                  : rk_vec_push(&g->arena, &out->floats, (float)value))
               ? RK_OK
               : RK_ENOMEM;
}

/* Whole numbers, vectors and lists, which networks take. RK_EDATA: row *row is none such. */
static rk_status read_elements(golden *g, uint32_t i, rk_type type, rk_column *out, uint32_t *row)
{
    const rk_atom *const cells = g->rows.columns[i].data;
    const uint32_t n = g->rows.n_rows;
    const bool list = type.kind == RK_KIND_LIST, whole = type.kind != RK_KIND_VECTOR;
    const uint32_t length = type.kind == RK_KIND_VECTOR ? type.dim : 1;
    rk_slice *const slices = rk_arena_alloc_column(&g->arena, rk_padded(n), sizeof *slices);
    elements made = {0};
    if (!slices)
        return RK_ENOMEM;
    for (*row = 0; *row < n; ++*row) {
        rk_str rest = rk_atom_str(&g->strings, cells[*row]), text;
        slices[*row].at = made.n;
        while (next_element(&rest, &text))
            RK_TRY(add_element(g, text, whole, &made));
        slices[*row].len = made.n - slices[*row].at;
        if (!list && slices[*row].len != length)
            return RK_EDATA;
    }
    void *const all = whole ? (void *)made.ints.items : (void *)made.floats.items;
    *out = (rk_column){.type = type, .n = n, .data = list ? slices : all};
    out->child = list ? all : NULL;
    return RK_OK;
}

static bool takes_elements(rk_type type)
{
    return type.kind == RK_KIND_INT || type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
}

static rk_status read_array(golden *g, uint32_t i, rk_type type, rk_column *out)
{
    uint32_t row;
    const rk_status status = read_elements(g, i, type, out, &row);
    if (status == RK_EDATA)
        rk_error(g->diags, RK_E0502, g->spec->span, "%.*s:%" PRIu64 ": column `%.*s` is no %s",
                 RK_STR_ARG(g->spec->path), rk_relation_line(&g->rows, row),
                 RK_STR_ARG(g->wanted.fields[i].name), rk_type_text(type).text);
    return status;
}

static rk_status read_inputs(golden *g)
{
    const uint32_t n = g->rows.n_rows;
    rk_column *const columns = RK_NEW_ARRAY(&g->arena, rk_column, g->scorer.n_used + 1u);
    g->inputs = RK_NEW_ARRAY(&g->arena, const rk_column *, g->scorer.n_used + 1u);
    if (!columns || !g->inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < g->scorer.n_used; i++) {
        g->inputs[i] = &columns[i];
        columns[i] = g->rows.columns[i];
        const rk_type type = g->model->inputs[g->scorer.used[i]].type;
        if (takes_elements(type)) {
            RK_TRY(read_array(g, i, type, &columns[i]));
            continue;
        }
        if (takes_text(&g->model->inputs[g->scorer.used[i]]))
            continue;
        columns[i] = (rk_column){.type = RK_TYPE(DOUBLE), .n = n};
        columns[i].data = rk_arena_alloc_column(&g->arena, rk_padded(n), sizeof(double));
        if (!columns[i].data)
            return RK_ENOMEM;
        RK_TRY(read_column(g, i, columns[i].data));
    }
    return RK_OK;
}

/* Vectors as lists: number k of a row goes to column first + k. */
static rk_status read_vectors(golden *g, uint32_t i, const expected *to, double *out)
{
    const uint32_t n = g->rows.n_rows;
    const rk_type type = {.kind = RK_KIND_VECTOR, .dim = to->n};
    rk_column column;
    RK_TRY(read_array(g, i, type, &column));
    for (uint32_t row = 0; row < n; row++)
        for (uint32_t k = 0; k < to->n; k++)
            out[(size_t)k * n + row] =
                (double)((const float *)column.data)[(size_t)row * to->n + k];
    return RK_OK;
}

static rk_status read_expected(golden *g)
{
    const size_t n = g->rows.n_rows, n_columns = (size_t)g->n_raw + g->n_score;
    g->wants = rk_arena_alloc_column(&g->arena, n * n_columns + 1, sizeof(double));
    if (!g->wants)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < g->expected.len; i++) {
        const expected *const to = &g->expected.items[i];
        double *const out = g->wants + to->first * n;
        RK_TRY(to->n == 1 ? read_column(g, g->scorer.n_used + i, out)
                          : read_vectors(g, g->scorer.n_used + i, to, out));
    }
    return RK_OK;
}

/* ---- comparing ---- */

/* Floats in order as whole numbers: neighbours differ by 1, and both zeros are 0. */
static int64_t place_of(double value, bool single)
{
    int64_t bits = 0;
    if (single) {
        const float narrow = (float)value;
        int32_t narrow_bits;
        memcpy(&narrow_bits, &narrow, sizeof narrow_bits);
        return narrow_bits >= 0 ? narrow_bits : (int64_t)INT32_MIN - narrow_bits;
    }
    memcpy(&bits, &value, sizeof bits);
    return bits >= 0 ? bits : INT64_MIN - bits;
}

static uint64_t distance(double a, double b, bool single)
{
    if (a != a || b != b)
        return (a != a) == (b != b) ? 0 : UINT64_MAX;
    const int64_t left = place_of(a, single), right = place_of(b, single);
    return left > right ? (uint64_t)left - (uint64_t)right : (uint64_t)right - (uint64_t)left;
}

/* "raw", "score2", "vec[3]". */
static void name_fault(const golden *g, uint32_t column, rk_golden_fault *fault)
{
    const expected *at = g->expected.items;
    while (column >= at->first + at->n)
        at++;
    if (at->n == 1)
        snprintf(fault->column, sizeof fault->column, "%.*s", RK_STR_ARG(at->name));
    else
        snprintf(fault->column, sizeof fault->column, "%.*s[%u]", RK_STR_ARG(at->name),
                 column - at->first);
}

static void add_fault(golden *g, uint32_t row, uint32_t column, double have, uint64_t ulp)
{
    if (g->out->n_faults == RK_GOLDEN_FAULTS)
        return;
    rk_golden_fault *const fault = &g->out->faults[g->out->n_faults++];
    *fault = (rk_golden_fault){.line = rk_relation_line(&g->rows, row),
                               .want = g->wants[(size_t)column * g->rows.n_rows + row],
                               .have = have,
                               .ulp = ulp};
    name_fault(g, column, fault);
}

/* `different` marks rows. */
static void compare(golden *g, rk_model_part part, const rk_scorer_rows *rows, uint8_t *different)
{
    const bool score = part == RK_MODEL_SCORE, single = g->model->kind == RK_KIND_FLOAT;
    const uint32_t first = score ? g->n_raw : 0, n_columns = score ? g->n_score : g->n_raw;
    const bool softmax = g->model->transform == RK_TRANSFORM_SOFTMAX;
    const bool network = g->model->shape == RK_MODEL_NETWORK;
    const uint64_t most = !score ? 0 : softmax ? RK_GOLDEN_SOFTMAX_ULP : RK_GOLDEN_SCORE_ULP;
    for (uint32_t i = rows->from; i < rows->to; i++)
        for (uint32_t k = 0; k < n_columns; k++) {
            const double wanted = g->wants[(size_t)(first + k) * g->rows.n_rows + i];
            const double found = g->found[k][i - rows->from];
            const uint64_t ulp = distance(wanted, found, single);
            const double apart = fabs(wanted - found);
            g->out->apart = apart > g->out->apart ? apart : g->out->apart;
            if (ulp <= most || (network && apart <= RK_GOLDEN_NETWORK * fmax(1, fabs(wanted))))
                continue;
            add_fault(g, i, first + k, found, ulp);
            different[i] = 1;
        }
}

static rk_status compare_part(golden *g, rk_model_part part, const rk_scorer_rows *rows,
                              uint8_t *different)
{
    rk_arena scratch;
    rk_arena_init(&scratch);
    const rk_scoring with = {rk_vmath_get(g->spec->cpu), &g->strings, &scratch};
    const rk_status status = rk_scorer_doubles(&g->scorer, part, rows, &with, &g->found);
    if (status == RK_OK)
        compare(g, part, rows, different);
    rk_arena_free(&scratch);
    return status;
}

static rk_status compare_all(golden *g)
{
    const uint32_t n = g->rows.n_rows;
    uint8_t *const different = RK_NEW_ARRAY(&g->arena, uint8_t, (size_t)n + 1);
    if (!different)
        return RK_ENOMEM;
    for (uint32_t from = 0; from < n; from += RK_SCORE_ROWS) {
        const rk_scorer_rows rows = {g->inputs, from,
                                     n - from < RK_SCORE_ROWS ? n : from + RK_SCORE_ROWS};
        RK_TRY(compare_part(g, RK_MODEL_RAW, &rows, different));
        if (g->n_score)
            RK_TRY(compare_part(g, RK_MODEL_SCORE, &rows, different));
    }
    for (uint32_t i = 0; i < n; i++)
        g->out->n_different += different[i];
    g->out->n_rows = n;
    return RK_OK;
}

/* ---- the whole ---- */

static rk_status run(golden *g)
{
    RK_TRY(rk_atoms_init(&g->strings, &g->arena, NULL));
    RK_TRY(rk_scorer_init(&g->scorer, &g->spec->stored, &g->strings, &g->arena));
    RK_TRY(rk_scorer_ready(&g->scorer, g->spec->models, g->spec->cpu, NULL));
    RK_TRY(read_header(g));
    RK_TRY(want_columns(g));
    RK_TRY(read_rows(g));
    RK_TRY(read_inputs(g));
    RK_TRY(read_expected(g));
    return compare_all(g);
}

rk_status rk_golden_compare(const rk_golden_spec *spec, rk_diags *diags, rk_golden *out)
{
    golden g = {.spec = spec, .model = spec->stored.model, .diags = diags, .out = out};
    *out = (rk_golden){0};
    if (g.model->shape == RK_MODEL_VOCAB || g.model->shape == RK_MODEL_SCALER) {
        rk_error(diags, RK_E0541, spec->span, "`%.*s` gives no scores: there is nothing to compare",
                 RK_STR_ARG(spec->stored.path));
        return RK_EDATA;
    }
    rk_mapping file;
    rk_arena_init(&g.arena);
    const char *const path = rk_arena_copy(&g.arena, spec->path.data, spec->path.len);
    const rk_file_problem problem = path ? rk_file_map(path, &file) : RK_FILE_NO_MEMORY;
    rk_status status = problem == RK_FILE_NO_MEMORY ? RK_ENOMEM : RK_EFILE;
    if (status == RK_EFILE && problem != RK_FILE_FINE)
        rk_error(diags, RK_E0601, spec->span, "cannot read `%s`: %s", path,
                 rk_file_problem_text(problem));
    if (problem == RK_FILE_FINE) {
        g.text = file.text;
        status = run(&g);
        rk_file_unmap(&file);
    }
    rk_arena_free(&g.arena);
    return status;
}

void rk_golden_print(const rk_model *model, double value, rk_buf *out)
{
    char text[32];
    const size_t len = model->kind == RK_KIND_FLOAT ? rk_float_print((float)value, text)
                                                    : rk_double_print(value, text);
    rk_buf_add(out, (rk_str){text, len});
}
