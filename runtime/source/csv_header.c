#include "runtime/source/csv.h"

static rk_status problem(const rk_csv *csv, rk_diag_code code, const char *words)
{
    rk_error(csv->load->diags, code, csv->spec->span, "%.*s:%llu: %s", RK_STR_ARG(csv->spec->path),
             (unsigned long long)csv->line, words);
    return code == RK_E0750 ? RK_ELIMIT : RK_EDATA;
}

rk_str rk_csv_unquote(rk_str cell, char *room)
{
    if (cell.len < 2 || cell.data[0] != '"')
        return cell;
    const rk_str inner = {cell.data + 1, cell.len - 2};
    if (!memchr(inner.data, '"', inner.len))
        return inner;
    size_t len = 0;
    for (size_t i = 0; i < inner.len; i++) {
        room[len++] = inner.data[i];
        i += inner.data[i] == '"'; /* its twin */
    }
    return (rk_str){room, len};
}

/* A byte order mark, and blank lines before the header. */
static rk_status skip_start(rk_csv *csv)
{
    rk_str *const rest = &csv->rest;
    if (rest->len >= 3 && memcmp(rest->data, "\xef\xbb\xbf", 3) == 0)
        *rest = (rk_str){rest->data + 3, rest->len - 3};
    if (rest->len >= 2 &&
        (memcmp(rest->data, "\xff\xfe", 2) == 0 || memcmp(rest->data, "\xfe\xff", 2) == 0))
        return problem(csv, RK_E0508, "the file is UTF-16, not UTF-8");
    for (;;) {
        const size_t cr = rest->len && rest->data[0] == '\r';
        if (rest->len <= cr || rest->data[cr] != '\n')
            break;
        *rest = (rk_str){rest->data + cr + 1, rest->len - cr - 1};
        csv->line++;
    }
    return rest->len ? RK_OK : problem(csv, RK_E0509, "the file has no header line");
}

/* The index of the first end that ends a line, or scan.n. */
static uint32_t first_line_end(const rk_csv *csv)
{
    uint32_t i = 0;
    while (i < csv->scan.n && csv->scan.ends[i] < csv->rest.len &&
           csv->rest.data[csv->scan.ends[i]] != '\n')
        i++;
    return i;
}

/* Scans until the whole first row is in scan.ends; its last end has index *last. */
static rk_status scan_header(rk_csv *csv, uint32_t *last)
{
    for (size_t room = 4096;; room *= 4) {
        csv->scan.cap = (uint32_t)room;
        csv->scan.ends = rk_arena_alloc_column(csv->scratch, room, sizeof *csv->scan.ends);
        if (!csv->scan.ends)
            return RK_ENOMEM;
        const rk_scan_end end = rk_scan_run(&csv->scan, csv->rest, room * 8);
        *last = first_line_end(csv);
        if (*last >= RK_CSV_COLUMNS)
            return problem(csv, RK_E0750, "the header line has more than 65,535 columns");
        if (*last < csv->scan.n)
            return RK_OK;
        if (end == RK_SCAN_QUOTE || end == RK_SCAN_OPEN)
            return problem(csv, RK_E0504,
                           end == RK_SCAN_OPEN ? "a quote in the header line is never closed"
                                               : "a quote out of place in the header line");
        if (room > (size_t)RK_CSV_COLUMNS * 64)
            return problem(csv, RK_E0750, "the header line is too long");
    }
}

static rk_str header_name(rk_str cell, char *room)
{
    if (cell.len && cell.data[0] == '"')
        return rk_csv_unquote(cell, room);
    while (cell.len && cell.data[0] == ' ')
        cell = (rk_str){cell.data + 1, cell.len - 1};
    while (cell.len && cell.data[cell.len - 1] == ' ')
        cell.len--;
    return cell;
}

static rk_status split_header(rk_csv *csv, uint32_t last)
{
    const size_t len = csv->scan.ends[last];
    csv->n_columns = last + 1;
    csv->names = RK_NEW_ARRAY(csv->scratch, rk_str, csv->n_columns);
    char *room = rk_arena_alloc_column(csv->scratch, len, 1);
    if (!csv->names || !room)
        return RK_ENOMEM;
    size_t start = 0;
    for (uint32_t i = 0; i <= last; i++) {
        size_t end = csv->scan.ends[i];
        if (i == last && end > start && csv->rest.data[end - 1] == '\r')
            end--;
        const rk_str cell = {csv->rest.data + start, end - start};
        csv->names[i] = csv->scan.quotes ? header_name(cell, room) : cell;
        room += csv->names[i].data == room ? csv->names[i].len : 0;
        start = csv->scan.ends[i] + 1;
    }
    const size_t past = len + (len < csv->rest.len);
    csv->line += rk_scan_count_lines((rk_str){csv->rest.data, past});
    csv->rest = (rk_str){csv->rest.data + past, csv->rest.len - past};
    return RK_OK;
}

/* The names of the file, for the one who misspelt one: the nearest, or the first few. */
static void offer_names(const rk_csv *csv, rk_diag *diag, rk_str name)
{
    rk_diags *const diags = csv->load->diags;
    rk_suggestion near = rk_suggest(name);
    for (uint32_t i = 0; i < csv->n_columns; i++)
        rk_suggest_offer(&near, csv->names[i]);
    if (near.best.len) {
        rk_diag_help(diags, diag, "did you mean `%s`?", rk_excerpt_of(near.best).text);
        return;
    }
    if (csv->n_columns == 1)
        rk_diag_help(diags, diag, "the header line is one column, `%s`: is the separator right?",
                     rk_excerpt_of(csv->names[0]).text);
    for (uint32_t i = 0; i < csv->n_columns && i < 8 && csv->n_columns > 1; i++)
        rk_diag_note(diags, diag, RK_NO_SPAN, "column %u is `%s`", i + 1,
                     rk_excerpt_of(csv->names[i]).text);
}

/* The column of wanted column i; UINT32_MAX after a diagnostic. */
static uint32_t find_column(const rk_csv *csv, uint32_t i)
{
    const rk_str name = rk_spec_column(csv->spec, i);
    const rk_span span = rk_spec_span(csv->spec, i);
    uint32_t found = UINT32_MAX;
    for (uint32_t c = 0; c < csv->n_columns; c++) {
        if (!rk_str_eq(csv->names[c], name))
            continue;
        if (found != UINT32_MAX) {
            rk_error(csv->load->diags, RK_E0517, span,
                     "%.*s: columns %u and %u are both called `%.*s`", RK_STR_ARG(csv->spec->path),
                     found + 1, c + 1, RK_STR_ARG(name));
            return UINT32_MAX;
        }
        found = c;
    }
    if (found == UINT32_MAX) {
        rk_diag *const diag =
            rk_error(csv->load->diags, RK_E0501, span, "%.*s has no column `%.*s`",
                     RK_STR_ARG(csv->spec->path), RK_STR_ARG(name));
        offer_names(csv, diag, name);
    }
    return found;
}

rk_status rk_csv_header(rk_csv *csv)
{
    RK_TRY(skip_start(csv));
    uint32_t last;
    RK_TRY(scan_header(csv, &last));
    RK_TRY(split_header(csv, last));
    const uint32_t n = rk_spec_columns(csv->spec);
    csv->wanted = RK_NEW_ARRAY(csv->scratch, uint32_t, n);
    if (!csv->wanted)
        return RK_ENOMEM;
    bool all = true;
    for (uint32_t i = 0; i < n; i++) {
        csv->wanted[i] = find_column(csv, i);
        all = all && csv->wanted[i] != UINT32_MAX;
    }
    return all ? RK_OK : RK_EDATA;
}
