#include "runtime/source/rows.h"

#include "runtime/base/input.h"

enum { MOST_ROWS = 0xfffffffe };

static rk_status open_sinks(rk_rows *rows)
{
    const rk_source_spec *const spec = rows->spec;
    const rk_sink_home home = {rows->load->arena, &rows->scratch, rows->load->strings};
    rows->keys = RK_NEW_ARRAY(&rows->scratch, rk_sink, spec->n_keys);
    rows->fields = RK_NEW_ARRAY(&rows->scratch, rk_sink, spec->wanted->n);
    if (!rows->keys || !rows->fields)
        return RK_ENOMEM;
    for (uint32_t k = 0; k < spec->n_keys; k++)
        RK_TRY(rk_sink_init_plain(&rows->keys[k], &home, rk_type_plain(spec->key_types[k]),
                                  rows->cap));
    for (uint32_t f = 0; f < spec->wanted->n; f++)
        RK_TRY(rk_sink_init(&rows->fields[f], &home, &spec->wanted->fields[f], rows->cap));
    return RK_OK;
}

rk_status rk_rows_open(rk_rows *rows, const rk_load *load, const rk_source_spec *spec,
                       uint64_t max_rows, rk_relation *out)
{
    *rows = (rk_rows){.load = load, .spec = spec, .out = out};
    *out = (rk_relation){.n_keys = spec->n_keys};
    rk_arena_init(&rows->scratch);
    rows->bad = (rk_bad){
        .diags = load->diags, .path = spec->path, .what = "row", .allowed = spec->max_bad_rows};
    rows->errors = load->diags->errors;
    rows->cap = max_rows > MOST_ROWS ? MOST_ROWS : (uint32_t)max_rows;
    return open_sinks(rows);
}

rk_status rk_rows_room(rk_rows *rows, uint32_t more)
{
    if (rows->load->stop && atomic_load_explicit(rows->load->stop, memory_order_relaxed))
        return RK_ESTOP;
    if (more <= rows->cap - rows->n)
        return RK_OK;
    rk_error(rows->load->diags, RK_E0750, rows->spec->span, "%.*s has more than 4,294,967,294 rows",
             RK_STR_ARG(rows->spec->path));
    return RK_ELIMIT;
}

rk_status rk_rows_keep(rk_rows *rows, uint64_t line)
{
    const uint32_t row = rows->n++;
    rk_relation *const out = rows->out;
    if (out->lines.len) {
        const rk_line_run *const run = &out->lines.items[out->lines.len - 1];
        if (run->line + (row - run->row) == line)
            return RK_OK;
    }
    const rk_line_run next = {row, line};
    return rk_vec_push(rows->load->arena, &out->lines, next) ? RK_OK : RK_ENOMEM;
}

static rk_status finish(rk_rows *rows)
{
    rk_relation *const out = rows->out;
    const rk_source_spec *const spec = rows->spec;
    RK_TRY(rk_bad_finish(&rows->bad, spec->span, (uint64_t)rows->n + rows->bad.count));
    out->n_rows = rows->n;
    out->bad_rows = rows->bad.count;
    out->keys = RK_NEW_ARRAY(rows->load->arena, rk_column, spec->n_keys);
    out->columns = RK_NEW_ARRAY(rows->load->arena, rk_column, spec->wanted->n);
    if (!out->keys || !out->columns)
        return RK_ENOMEM;
    for (uint32_t k = 0; k < spec->n_keys; k++)
        RK_TRY(rk_sink_finish(&rows->keys[k], rows->n, &out->keys[k]));
    for (uint32_t f = 0; f < spec->wanted->n; f++)
        RK_TRY(rk_sink_finish(&rows->fields[f], rows->n, &out->columns[f]));
    return RK_OK;
}

rk_status rk_rows_close(rk_rows *rows, rk_status status)
{
    if (status == RK_OK)
        status = finish(rows);
    if (status == RK_ELIMIT && rows->load->diags->errors == rows->errors)
        rk_error(rows->load->diags, RK_E0750, rows->spec->span,
                 "%.*s has too many strings or list elements", RK_STR_ARG(rows->spec->path));
    rk_arena_free(&rows->scratch);
    return status;
}

rk_status rk_source_read_file(const rk_load *load, const rk_source_spec *spec, rk_source_read *read,
                              rk_relation *out)
{
    if (spec->bytes)
        return read(load, spec, *spec->bytes, out);
    *out = (rk_relation){.n_keys = spec->n_keys};
    rk_mapping file;
    RK_TRY(rk_input_map(load->diags, load->arena, spec->path, spec->span, &file));
    const rk_status status = read(load, spec, file.text, out);
    rk_file_unmap(&file);
    return status;
}
