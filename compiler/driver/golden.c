#include "compiler/driver/golden.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/source/csv.h"

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

static bool has_column(const golden *g, const char *name)
{
    for (uint32_t i = 0; i < g->n_names; i++)
        if (rk_str_eq(g->names[i], rk_str_from(name)))
            return true;
    return false;
}

static bool is_input(const golden *g, const char *name)
{
    for (uint32_t i = 0; i < g->model->n_inputs; i++)
        if (rk_str_eq(g->model->inputs[i].name, rk_str_from(name)))
            return true;
    return false;
}

/* `raw` of one output, unless the file calls it `raw0` or an input `raw`; else `raw2`. */
static void name_expected(const golden *g, const char *word, uint32_t k, uint32_t n, char *out)
{
    char numbered[16];
    snprintf(numbered, sizeof numbered, "%s%u", word, k);
    const bool alone =
        n == 1 && !is_input(g, word) && (has_column(g, word) || !has_column(g, numbered));
    snprintf(out, 16, "%s", alone ? word : numbered);
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

static rk_status want_expected(golden *g, const char *word, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        char name[16];
        name_expected(g, word, k, n, name);
        RK_TRY(want(g, rk_str_from(name)));
    }
    return RK_OK;
}

static rk_status want_columns(golden *g)
{
    const rk_model *const model = g->model;
    const rk_type type = rk_model_type(model, RK_MODEL_SCORE);
    char score[16];
    g->n_raw = model->n_outputs;
    g->n_score = type.kind == RK_KIND_VECTOR ? model->n_outputs : 1;
    name_expected(g, "score", 0, g->n_score, score);
    g->out->has_score = has_column(g, score) && !is_input(g, score);
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
    RK_TRY(want_expected(g, "raw", g->n_raw));
    return want_expected(g, "score", g->n_score);
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

static rk_status read_expected(golden *g)
{
    const size_t n = g->rows.n_rows, n_columns = (size_t)g->n_raw + g->n_score;
    g->wants = rk_arena_alloc_column(&g->arena, n * n_columns + 1, sizeof(double));
    if (!g->wants)
        return RK_ENOMEM;
    for (uint32_t k = 0; k < n_columns; k++)
        RK_TRY(read_column(g, g->scorer.n_used + k, g->wants + k * n));
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

static void add_fault(golden *g, uint32_t row, uint32_t column, double have, uint64_t ulp)
{
    if (g->out->n_faults == RK_GOLDEN_FAULTS)
        return;
    const rk_str name = g->wanted.fields[g->scorer.n_used + column].name;
    rk_golden_fault *const fault = &g->out->faults[g->out->n_faults++];
    *fault = (rk_golden_fault){.line = rk_relation_line(&g->rows, row),
                               .want = g->wants[(size_t)column * g->rows.n_rows + row],
                               .have = have,
                               .ulp = ulp};
    snprintf(fault->column, sizeof fault->column, "%.*s", RK_STR_ARG(name));
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

/* ---- beside the models of a program ---- */

static void report(rk_compiled *c, const rk_golden_spec *spec, const rk_golden *golden)
{
    const rk_golden_fault *const fault = &golden->faults[0];
    rk_diags *const diags = &c->cx.diags;
    rk_buf want = {0}, have = {0};
    rk_golden_print(spec->stored.model, fault->want, &want);
    rk_golden_print(spec->stored.model, fault->have, &have);
    rk_diag *const diag =
        rk_error(diags, RK_E0543, spec->span, "the model gives other scores than `%.*s`",
                 RK_STR_ARG(spec->path));
    rk_diag_note(diags, diag, RK_NO_SPAN,
                 "line %" PRIu64 ": `%s` is %.*s, and the model gives %.*s", fault->line,
                 fault->column, RK_STR_ARG(rk_buf_str(&want)), RK_STR_ARG(rk_buf_str(&have)));
    rk_diag_note(diags, diag, RK_NO_SPAN, "%u of %u rows differ", golden->n_different,
                 golden->n_rows);
    diags->no_memory |= want.failed || have.failed;
    rk_buf_free(&want);
    rk_buf_free(&have);
}

/* A model may be declared twice, with other numbers of trees: a golden is of the whole file. */
static bool is_first(const rk_module *module, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (rk_str_eq(module->models.items[k].path, module->models.items[i].path))
            return false;
    return true;
}

static rk_status check_model(rk_compiled *c, const rk_model_info *info, rk_cpu_level cpu)
{
    rk_buf path = {0};
    rk_golden golden;
    rk_buf_printf(&path, "%.*s" RK_GOLDEN_SUFFIX, RK_STR_ARG(info->path));
    rk_golden_spec spec = {
        .models = c->models, .path = rk_buf_str(&path), .span = info->span, .cpu = cpu};
    rk_status status = path.failed ? RK_ENOMEM : RK_OK;
    if (status == RK_OK && access(path.data, F_OK) == 0) {
        const rk_model_spec whole = {.path = info->path, .span = info->span};
        status = rk_models_get(c->models, &whole, &c->cx.diags, &spec.stored);
        if (status == RK_OK)
            status = rk_golden_compare(&spec, &c->cx.diags, &golden);
        if (status == RK_OK && golden.n_different)
            report(c, &spec, &golden);
    }
    rk_buf_free(&path);
    return status;
}

rk_status rk_golden_check(rk_compiled *c, rk_cpu_level cpu)
{
    for (uint32_t i = 0; i < c->module->models.len; i++) {
        const rk_model_info *const info = &c->module->models.items[i];
        if (!info->model || !is_first(c->module, i))
            continue;
        const rk_status status = check_model(c, info, cpu);
        if (status == RK_ENOMEM || status == RK_EBUG)
            return status;
    }
    rk_diags_sort(&c->cx.diags);
    return rk_diags_status(&c->cx.diags);
}
