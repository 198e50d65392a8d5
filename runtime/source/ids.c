/* The keys of a file of vectors: a text with an id a line, an npy array of ints, or no file, where
 * a row is known by its number from 0. Ids belong to rows by their order alone, so none of them can
 * be left out. */
#include "runtime/source/cell.h"

#include "runtime/base/input.h"
#include "runtime/source/matrix.h"
#include "runtime/source/scan.h"

typedef struct reader {
    const rk_load *load;
    const rk_source_spec *spec;
    uint32_t n;
    rk_sink sink;
    rk_bad bad;
    rk_relation *out;
} reader;

enum { PIECE = 1 << 16 };

static rk_status refuse(const reader *r, const char *words)
{
    rk_error(r->load->diags, RK_E0526, r->spec->span, "%.*s: %s", RK_STR_ARG(r->spec->path), words);
    return RK_EDATA;
}

/* Ids that are more or fewer than rows belong to another file. */
static rk_status check_count(const reader *r, uint64_t count)
{
    if (count == r->n)
        return RK_OK;
    rk_error(r->load->diags, RK_E0526, r->spec->span, "%.*s has %llu id%s, and %.*s has %u row%s",
             RK_STR_ARG(r->spec->ids), (unsigned long long)count, count == 1 ? "" : "s",
             RK_STR_ARG(r->spec->path), r->n, r->n == 1 ? "" : "s");
    return RK_EDATA;
}

static rk_status open_sink(reader *r)
{
    const rk_sink_home home = {r->load->arena, r->load->arena, r->load->strings};
    return rk_sink_init_plain(&r->sink, &home, rk_type_plain(r->spec->key_types[0]), r->n);
}

/* ---- numbers of rows ---- */

static rk_status number_rows(reader *r)
{
    if (r->spec->key_types[0].kind != RK_KIND_INT)
        return refuse(r, "without `ids:` a row is known by its number, and the key is a string");
    RK_TRY(open_sink(r));
    int64_t *const keys = r->sink.column.data;
    for (uint32_t i = 0; i < r->n; i++)
        keys[i] = i;
    return RK_OK;
}

/* ---- a line an id ---- */

static void bad_id(reader *r, uint32_t row, rk_str line, const rk_why *why)
{
    const bool text = r->spec->key_types[0].kind == RK_KIND_STRING;
    if (!why->text[0]) {
        rk_bad_add(&r->bad, RK_E0505, r->spec->span, row + UINT64_C(1), "the line has no id");
        return;
    }
    rk_diag *const diag =
        rk_bad_add(&r->bad, text ? RK_E0508 : RK_E0502, r->spec->span, row + UINT64_C(1),
                   "the id `%s` %s", rk_excerpt_of(line).text, why->text);
    rk_bad_help(&r->bad, diag, why);
}

static rk_status read_line(reader *r, uint32_t row, rk_str line)
{
    rk_why why = {0};
    const rk_cell cell = rk_cell_reader(r->sink.column.type)(&r->sink, row, line, &why);
    RK_TRY(rk_cell_status(cell));
    if (cell != RK_CELL_FINE || line.len == 0)
        bad_id(r, row, line, &why);
    return RK_OK;
}

static rk_status read_lines(reader *r, rk_str text)
{
    size_t at = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const bool open = text.len > at && text.data[text.len - 1] != '\n';
    RK_TRY(check_count(r, rk_scan_count_lines(text) + (uint64_t)open));
    RK_TRY(open_sink(r));
    for (uint32_t row = 0; row < r->n && !r->bad.stop; row++) {
        if (row % PIECE == 0 && r->load->stop &&
            atomic_load_explicit(r->load->stop, memory_order_relaxed))
            return RK_ESTOP;
        const char *const newline = memchr(text.data + at, '\n', text.len - at);
        const size_t end = newline ? (size_t)(newline - text.data) : text.len;
        rk_str line = {text.data + at, end - at};
        line.len -= line.len && line.data[line.len - 1] == '\r';
        RK_TRY(read_line(r, row, line));
        at = end + 1;
    }
    const rk_line_run first = {0, 1};
    return rk_vec_push(r->load->arena, &r->out->lines, first) ? RK_OK : RK_ENOMEM;
}

/* ---- an array of ints ---- */

static rk_status bad_array(const reader *r, const char *words)
{
    rk_diag *const diag = rk_error(r->load->diags, RK_E0526, r->spec->span, "%.*s: %s",
                                   RK_STR_ARG(r->spec->ids), words);
    rk_diag_help(r->load->diags, diag, "ids can also be a text, one a line");
    return RK_EDATA;
}

static rk_status read_array(reader *r, rk_str bytes)
{
    rk_diags *const diags = r->load->diags;
    const rk_span span = r->spec->span;
    rk_npy npy;
    rk_str code;
    if (r->spec->key_types[0].kind != RK_KIND_INT)
        return bad_array(r, "an npy file holds ints, and the key is a string");
    RK_TRY(rk_npy_open(diags, span, r->spec->ids, bytes, &npy));
    RK_TRY(rk_npy_code(diags, span, r->spec->ids, &npy, &code));
    const bool wide = rk_str_eq(code, RK_STR("i8"));
    if (!wide && !rk_str_eq(code, RK_STR("i4")))
        return bad_array(r, "ids are int64 or int32");
    RK_TRY(rk_npy_check(diags, span, r->spec->ids, &npy, wide ? 8 : 4));
    if (npy.n_dims > 2 || npy.shape[1] != 1)
        return bad_array(r, "ids are an array of one dimension");
    RK_TRY(check_count(r, npy.shape[0]));
    RK_TRY(open_sink(r));
    int64_t *const keys = r->sink.column.data;
    for (uint32_t i = 0; i < r->n; i++) {
        int32_t narrow;
        if (wide) {
            memcpy(&keys[i], npy.data.data + i * sizeof keys[i], sizeof keys[i]);
            continue;
        }
        memcpy(&narrow, npy.data.data + i * sizeof narrow, sizeof narrow);
        keys[i] = narrow;
    }
    return RK_OK;
}

/* ---- all of them ---- */

static rk_status read_ids(reader *r, rk_str bytes)
{
    return rk_npy_is(bytes) ? read_array(r, bytes) : read_lines(r, bytes);
}

static rk_status read_file(reader *r)
{
    rk_mapping file;
    if (r->spec->ids_bytes)
        return read_ids(r, *r->spec->ids_bytes);
    RK_TRY(rk_input_map(r->load->diags, r->load->arena, r->spec->ids, r->spec->span, &file));
    const rk_status status = read_ids(r, file.text);
    rk_file_unmap(&file);
    return status;
}

rk_status rk_ids_load(const rk_load *load, const rk_source_spec *spec, uint32_t n, rk_relation *out)
{
    reader r = {.load = load, .spec = spec, .n = n, .out = out};
    r.bad = (rk_bad){.diags = load->diags, .path = spec->ids, .what = "row"};
    if (spec->n_keys != 1)
        return refuse(&r, "a row of a file of vectors has one key");
    rk_status status = spec->ids.len ? read_file(&r) : number_rows(&r);
    if (status == RK_ELIMIT)
        rk_error(load->diags, RK_E0750, spec->span, "%.*s has too many strings",
                 RK_STR_ARG(spec->ids));
    if (status == RK_OK)
        status = rk_bad_finish(&r.bad, spec->span, n);
    RK_TRY(status);
    out->keys = RK_NEW(load->arena, rk_column);
    return out->keys ? rk_sink_finish(&r.sink, n, out->keys) : RK_ENOMEM;
}
