/* letor (SVMlight with qid) files as a source: label, qid, docid and f1, f2 … are its columns. */
#include "runtime/source/letor_line.h"
#include "runtime/source/rows.h"
#include "runtime/source/scan.h"

typedef struct reader {
    rk_rows rows;
    rk_arena scratch;
    rk_letor_map map;
    uint64_t line;
} reader;

/* The columns of the map: keys first, then fields. */
static rk_status open_map(reader *r)
{
    const rk_source_spec *const spec = r->rows.spec;
    const uint32_t n = rk_spec_columns(spec);
    rk_sink **const sinks = RK_NEW_ARRAY(&r->scratch, rk_sink *, n);
    uint32_t *const parts = RK_NEW_ARRAY(&r->scratch, uint32_t, n);
    if (!sinks || !parts)
        return RK_ENOMEM;
    bool known = true;
    for (uint32_t i = 0; i < n; i++) {
        sinks[i] = rk_rows_sink(&r->rows, i);
        parts[i] = rk_letor_part(rk_spec_column(spec, i));
        if (parts[i] != RK_LETOR_OTHER)
            continue;
        known = false;
        rk_diag *const diag =
            rk_error(r->rows.load->diags, RK_E0501, rk_spec_span(spec, i),
                     "a letor file has no column `%.*s`", RK_STR_ARG(rk_spec_column(spec, i)));
        rk_diag_help(r->rows.load->diags, diag,
                     "its columns are label, qid, docid and f1 to f%d; `from \"f3\"` names one",
                     RK_LETOR_FEATURES);
    }
    RK_TRY(rk_letor_map_init(&r->map, &r->scratch, sinks, parts, n));
    return known ? RK_OK : RK_EDATA;
}

static void report(reader *r, const rk_letor_problem *problem)
{
    const rk_source_spec *const spec = r->rows.spec;
    rk_diag *diag;
    if (problem->column == UINT32_MAX)
        diag = rk_bad_add(&r->rows.bad, problem->code, spec->span, r->line, "`%s` %s",
                          rk_excerpt_of(problem->text).text, problem->why.text);
    else
        diag = rk_bad_add(&r->rows.bad, problem->code, rk_spec_span(spec, problem->column), r->line,
                          "column `%s`: `%s` %s",
                          rk_excerpt_of(rk_spec_column(spec, problem->column)).text,
                          rk_excerpt_of(problem->text).text, problem->why.text);
    rk_bad_help(&r->rows.bad, diag, &problem->why);
}

static rk_status read_row(reader *r, rk_str text)
{
    const rk_source_spec *const spec = r->rows.spec;
    rk_letor_line line;
    rk_letor_problem problem;
    RK_TRY(rk_rows_room(&r->rows, 1));
    rk_status status = RK_EDATA;
    if (rk_letor_split(text, &line, &problem))
        status = rk_letor_store(&r->map, &line, r->rows.n, &problem);
    if (status == RK_EDATA)
        report(r, &problem);
    RK_TRY(status);
    for (uint32_t k = 0; k < spec->n_keys; k++) {
        if (rk_letor_given(&r->map, k) || r->map.parts[k] <= RK_LETOR_FEATURES)
            continue;
        rk_bad_add(&r->rows.bad, RK_E0505, spec->span, r->line,
                   "the line has no %.*s, which is the key", RK_STR_ARG(spec->keys[k]));
        return RK_EDATA;
    }
    return rk_rows_keep(&r->rows, r->line);
}

static rk_status read_lines(reader *r, rk_str text)
{
    RK_TRY(open_map(r));
    size_t at = 0;
    while (at < text.len && !r->rows.bad.stop) {
        const char *const newline = memchr(text.data + at, '\n', text.len - at);
        const size_t end = newline ? (size_t)(newline - text.data) : text.len;
        const rk_str line = {text.data + at, end - at};
        r->line++;
        at = end + 1;
        const rk_status status = rk_letor_is_blank(line) ? RK_OK : read_row(r, line);
        if (status != RK_OK && status != RK_EDATA)
            return status;
    }
    return RK_OK;
}

rk_status rk_letor_read(const rk_load *load, const rk_source_spec *spec, rk_str text,
                        rk_relation *out)
{
    reader r = {0};
    const uint64_t lines = rk_scan_count_lines(text) + (uint64_t)1;
    const uint64_t least = text.len / 2 + 1; /* a label and a newline */
    rk_status status = rk_rows_open(&r.rows, load, spec, lines < least ? lines : least, out);
    if (status == RK_OK)
        status = read_lines(&r, text);
    rk_arena_free(&r.scratch);
    return rk_rows_close(&r.rows, status);
}

static rk_status load_letor(const rk_load *load, const rk_source_spec *spec, rk_relation *out)
{
    return rk_source_read_file(load, spec, rk_letor_read, out);
}

const rk_source_ops rk_source_letor = {
    .name = "letor",
    .sig = "(key: string)",
    .doc =
        "Learning-to-rank text (SVMlight with qid): `2 qid:10 1:0.03 2:1.5 # docid = GX00`. "
        "Columns "
        "are label, qid, docid and f1, f2 …; a feature that a line does not name is 0, one that is "
        "`nan` is the default, or missing.",
    .example =
        "source docs = letor(\"train.txt\", key: \"docid\") by item.id { bm25: float from \"f3\" }",
    .load = load_letor,
};
