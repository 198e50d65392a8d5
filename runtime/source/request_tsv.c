/* Requests as tab-separated lines: the request's id, then values of the query. A first line that
 * begins with `id` names the columns; without it they are id and text, as in MS MARCO's files of
 * queries. */
#include "runtime/source/cell.h"
#include "runtime/source/request.h"

struct rk_tsv_state {
    uint32_t n;        /* cells of a line; the first is the request's id */
    rk_str *cells;     /* [n] of the line that is read */
    uint32_t *columns; /* [query fields] the cell that fills it, UINT32_MAX for none */
    bool header;       /* a line of the file names the columns */
    bool names_first;  /* the first request's id is no number, */
    rk_excerpt first;  /* but this */
};

/* Splits a line into at most `cap` cells; returns how many it has. */
static uint32_t split(rk_str line, uint32_t cap, rk_str *cells)
{
    for (uint32_t n = 0;; n++) {
        const char *const tab = line.len ? memchr(line.data, '\t', line.len) : NULL;
        const size_t len = tab ? (size_t)(tab - line.data) : line.len;
        if (n < cap)
            cells[n] = (rk_str){line.data, len};
        if (!tab)
            return n + 1;
        line = (rk_str){tab + 1, line.len - len - 1};
    }
}

/* The next line that is not empty, without its end. */
static bool take_line(rk_requests *requests, rk_str *line)
{
    while (rk_requests_line(requests, line)) {
        if (line->len && line->data[line->len - 1] == '\r')
            line->len--;
        if (line->len)
            return true;
    }
    return false;
}

/* ---- the first line ---- */

/* An error of the first line, which makes all lines unreadable. */
static rk_diag *refuse(const rk_requests *requests, rk_diag_code code, const char *words,
                       rk_str name)
{
    return rk_error(requests->bad.diags, code, RK_NO_SPAN, "%.*s:%llu: column `%s` %s",
                    RK_STR_ARG(requests->bad.path), (unsigned long long)requests->line,
                    rk_excerpt_of(name).text, words);
}

/* Each column but the first must be a query field, and none may come twice. */
static rk_status check_names(rk_requests *requests, const rk_str *names, uint32_t n)
{
    for (uint32_t c = 1; c < n; c++) {
        if (rk_names_find(&requests->query_names, names[c]) == UINT32_MAX) {
            rk_diag *const diag =
                refuse(requests, RK_E0513, "is not a query field of the program", names[c]);
            rk_names_help(requests->spec.query, (rk_str){"", 0}, names[c], requests->bad.diags,
                          diag);
            return RK_EDATA;
        }
        for (uint32_t before = 0; before < c; before++)
            if (rk_str_eq(names[before], names[c])) {
                refuse(requests, RK_E0517, "is named twice", names[c]);
                return RK_EDATA;
            }
    }
    return RK_OK;
}

/* Finds the column of each query field; one that has to be sent must have one. */
static rk_status find_columns(rk_requests *requests, const rk_str *names, uint32_t n)
{
    const rk_schema *const query = requests->spec.query;
    bool all = true;
    for (uint32_t f = 0; f < query->n; f++) {
        const rk_field *const field = &query->fields[f];
        uint32_t c = 0;
        while (c < n && !rk_str_eq(names[c], field->column))
            c++;
        requests->tsv->columns[f] = c < n ? c : UINT32_MAX;
        if (c < n || field->has_initial || field->type.optional)
            continue;
        all = false;
        rk_diag *const diag = rk_error(requests->bad.diags, RK_E0514, field->span,
                                       "%.*s has no column for the query field `%.*s`",
                                       RK_STR_ARG(requests->bad.path), RK_STR_ARG(field->column));
        if (!requests->tsv->header)
            rk_diag_help(requests->bad.diags, diag,
                         "without a header line the columns are `id` and `text`: begin the file "
                         "with the line `id<tab>%.*s`, or name the field `text`",
                         RK_STR_ARG(field->column));
    }
    return all ? RK_OK : RK_EDATA;
}

/* Names of fields in a first line that is read as a request: it was meant as a header. */
static rk_status check_no_header(rk_requests *requests, const rk_str *cells, uint32_t n)
{
    for (uint32_t c = 1; c < n; c++) {
        if (rk_names_find(&requests->query_names, cells[c]) == UINT32_MAX)
            continue;
        rk_diag *const diag = rk_error(
            requests->bad.diags, RK_E0509, RK_NO_SPAN,
            "%.*s:%llu: `%s` is the name of a query field, but the first column is not called `id`",
            RK_STR_ARG(requests->bad.path), (unsigned long long)requests->line,
            rk_excerpt_of(cells[c]).text);
        rk_diag_help(requests->bad.diags, diag,
                     "a header line begins with `id`; if this is a request, put the line "
                     "`id<tab>text` before it");
        return RK_EDATA;
    }
    return RK_OK;
}

/* What the columns are, by the first line. */
static rk_status open_columns(rk_requests *requests, rk_str line)
{
    static const rk_str no_header[] = {{"id", 2}, {"text", 4}};
    rk_tsv_state *const state = RK_NEW(requests->arena, rk_tsv_state);
    const uint32_t n = split(line, 0, NULL);
    rk_str *const cells = RK_NEW_ARRAY(requests->arena, rk_str, n > 2 ? n : 2);
    if (!state || !cells)
        return RK_ENOMEM;
    split(line, n, cells);
    const bool header = rk_str_eq(cells[0], no_header[0]);
    *state = (rk_tsv_state){.n = header ? n : 2, .cells = cells, .header = header};
    state->columns = RK_NEW_ARRAY(requests->arena, uint32_t, requests->spec.query->n);
    if (!state->columns)
        return RK_ENOMEM;
    requests->tsv = state;
    RK_TRY(header ? check_names(requests, cells, n) : check_no_header(requests, cells, n));
    return find_columns(requests, header ? cells : no_header, state->n);
}

/* ---- requests ---- */

static rk_status bad_length(rk_requests *requests, uint32_t n)
{
    const rk_tsv_state *const state = requests->tsv;
    rk_diag *const diag =
        rk_bad_add(&requests->bad, RK_E0503, RK_NO_SPAN, requests->line,
                   "the line has %u cell%s between tabs, not %u", n, n == 1 ? "" : "s", state->n);
    if (!state->header)
        rk_diag_help(requests->bad.diags, diag,
                     "without a header line, which begins with `id`, the columns are `id` and "
                     "`text`");
    return RK_EDATA;
}

/* The value of field f at row 0, from its cell. */
static rk_status read_cell(rk_requests *requests, rk_filler *query, uint32_t f)
{
    const rk_field *const field = &query->schema->fields[f];
    const rk_str text = requests->tsv->cells[requests->tsv->columns[f]];
    rk_why why;
    const rk_cell cell = rk_cell_reader(field->type)(&query->sinks[f], 0, text, &why);
    RK_TRY(rk_cell_status(cell));
    if (cell == RK_CELL_FINE)
        rk_filler_see(query, f);
    if (cell != RK_CELL_BAD)
        return RK_OK;
    rk_diag *const diag =
        rk_bad_add(&requests->bad, RK_E0515, field->span, requests->line, "column `%.*s`: `%s` %s",
                   RK_STR_ARG(field->column), rk_excerpt_of(text).text, why.text);
    rk_bad_help(&requests->bad, diag, &why);
    return RK_EDATA;
}

static rk_status read_query(rk_requests *requests, rk_filler *query)
{
    rk_filler_begin(query);
    for (uint32_t f = 0; f < query->schema->n; f++)
        if (requests->tsv->columns[f] != UINT32_MAX)
            RK_TRY(read_cell(requests, query, f));
    const rk_field *const lacks = rk_filler_lacks(query);
    if (!lacks)
        return rk_filler_end(query, 0);
    rk_diag *const diag = rk_bad_add(&requests->bad, RK_E0514, lacks->span, requests->line,
                                     "column `%.*s` is empty", RK_STR_ARG(lacks->column));
    rk_requests_lacks_help(requests, diag, lacks);
    return RK_EDATA;
}

static rk_status read_name(rk_requests *requests, rk_arena *arena, rk_str *out)
{
    const rk_str name = requests->tsv->cells[0];
    rk_why why;
    if (name.len == 0) {
        rk_bad_add(&requests->bad, RK_E0514, RK_NO_SPAN, requests->line, "column `id` is empty");
        return RK_EDATA;
    }
    if (!rk_cell_is_text(name, &why)) {
        rk_diag *const diag =
            rk_bad_add(&requests->bad, RK_E0508, RK_NO_SPAN, requests->line, "column `id`: `%s` %s",
                       rk_excerpt_of(name).text, why.text);
        rk_bad_help(&requests->bad, diag, &why);
        return RK_EDATA;
    }
    *out = (rk_str){rk_arena_copy(arena, name.data, name.len), name.len};
    return out->data ? RK_OK : RK_ENOMEM;
}

static rk_status read_request(rk_requests *requests, rk_str line, const rk_sink_home *home,
                              rk_request *out)
{
    const uint32_t n = split(line, requests->tsv->n, requests->tsv->cells);
    if (n != requests->tsv->n)
        return bad_length(requests, n);
    *out = (rk_request){0};
    RK_TRY(read_name(requests, home->arena, &out->name));
    rk_filler query;
    RK_TRY(rk_filler_init(&query, home, requests->spec.query, 1));
    RK_TRY(read_query(requests, &query));
    rk_items items;
    RK_TRY(rk_items_init(&items, home, &requests->spec, 0));
    RK_TRY(rk_filler_values(&query, home->arena, &out->query));
    return rk_items_finish(&items, home->arena, out);
}

static bool is_number(rk_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.len > 0;
}

/* A first line that is called a word, where the next is called a number, was perhaps meant to name
 * the columns. */
static void watch_first(rk_requests *requests, rk_str name)
{
    rk_tsv_state *const state = requests->tsv;
    if (state->header || requests->total > 2)
        return;
    if (requests->total == 1) {
        state->names_first = !is_number(name);
        state->first = rk_excerpt_of(name);
    } else if (state->names_first && is_number(name)) {
        rk_diag *const diag = rk_warning(requests->bad.diags, RK_E0509, RK_NO_SPAN,
                                         "%.*s: the first line was taken for a request called `%s`",
                                         RK_STR_ARG(requests->bad.path), state->first.text);
        rk_diag_help(requests->bad.diags, diag, "a header line begins with `id`");
    }
}

static rk_status next(rk_requests *requests, rk_arena *arena, rk_atoms *strings, rk_diags *diags,
                      rk_request *out, bool *more)
{
    const rk_sink_home home = {arena, arena, strings};
    requests->bad.diags = diags;
    *more = false;
    for (rk_str line; take_line(requests, &line);) {
        if (!requests->tsv) {
            RK_TRY(open_columns(requests, line));
            if (requests->tsv->header)
                continue;
        }
        requests->total++;
        rk_status status = read_request(requests, line, &home, out);
        if (status == RK_OK)
            status = rk_requests_see_id(requests, out->name);
        if (status == RK_OK)
            watch_first(requests, out->name);
        if (status != RK_EDATA || rk_requests_spoilt(requests)) {
            *more = status == RK_OK;
            return rk_requests_limit(requests, status);
        }
    }
    return rk_requests_finish(requests);
}

const rk_request_ops rk_request_tsv = {
    .name = "tsv",
    .doc = "One request a line, without items: its id, then values of the query, with tabs "
           "between. A first line that begins with `id` names the columns as the program names its "
           "query fields. Without one a line is an id and `text`, as in MS MARCO's files of "
           "queries. Cells are those of a tsv source; lists and vectors are JSON arrays.",
    .open = rk_requests_open,
    .next = next,
    .close = rk_requests_close,
};
