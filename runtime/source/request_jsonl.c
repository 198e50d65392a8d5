/* Requests as JSON lines: {"id": …, "query": {…}, "items": [{"id": …, …}, …]}. */
#include <stdio.h>

#include "runtime/source/cell.h"
#include "runtime/source/request.h"

/* One request while it is read. Functions return RK_EDATA once the bad request was reported. */
typedef struct reader {
    rk_requests *requests;
    rk_arena *arena;
    rk_json json;
    rk_filler query;
    rk_items items;
    rk_str name; /* the request's `id` */
    bool has_name;
    bool has_query;
    bool has_items;
    bool has_id; /* of the item being read */
} reader;

/* Where a value stands: `query.user`, `items[3].price`. */
typedef struct place {
    char text[RK_EXCERPT_CHARS * 4 + 32];
} place;

static place place_of(const reader *r, bool item, rk_str name)
{
    place p;
    const rk_excerpt shown = rk_excerpt_of(name);
    if (item)
        snprintf(p.text, sizeof p.text, "items[%u].%s", r->items.n, shown.text);
    else
        snprintf(p.text, sizeof p.text, "query.%s", shown.text);
    return p;
}

static rk_diag *report(reader *r, rk_diag_code code, const char *what, const char *words)
{
    return rk_bad_add(&r->requests->bad, code, RK_NO_SPAN, r->requests->line, "%s %s", what, words);
}

/* The event cannot stand here: an error of the reader, or `words` about `what`. */
static rk_status refuse(reader *r, rk_json_event event, rk_diag_code code, const char *what,
                        const char *words)
{
    const rk_json *const json = &r->json;
    if (event != RK_JSON_ERROR) {
        report(r, code, what, words);
        return RK_EDATA;
    }
    if (json->no_memory)
        return RK_ENOMEM;
    rk_diag *const diag = rk_bad_add(&r->requests->bad, RK_E0510, RK_NO_SPAN, r->requests->line,
                                     "byte %zu: %s", json->error_at + 1, json->error);
    if (json->error_at >= json->text.len)
        rk_diag_help(r->requests->bad.diags, diag, "a request is one line of the file");
    return RK_EDATA;
}

/* The value of a field into its sink; *none: it was null. */
static rk_status read_value(reader *r, bool item, rk_str name, rk_sink *sink, bool *none)
{
    const uint32_t row = item ? r->items.n : 0;
    const place where = place_of(r, item, name); /* the name dies with the next event */
    const rk_json_event event = rk_json_next(&r->json);
    rk_why why;
    const rk_cell cell = rk_cell_from_json(sink, row, &r->json, event, &why);
    RK_TRY(rk_cell_status(cell));
    *none = cell == RK_CELL_EMPTY;
    if (cell != RK_CELL_BAD)
        return RK_OK;
    if (r->json.error)
        return refuse(r, RK_JSON_ERROR, RK_E0510, "", "");
    rk_diag *const diag = report(r, RK_E0515, where.text, why.text);
    rk_bad_help(&r->requests->bad, diag, &why);
    return RK_EDATA;
}

static rk_status twice(reader *r, bool item, rk_str name)
{
    report(r, RK_E0511, place_of(r, item, name).text, "is given twice");
    return RK_EDATA;
}

static rk_status unknown(reader *r, bool item, rk_str name)
{
    const rk_schema *const schema = item ? r->requests->spec.item : r->requests->spec.query;
    rk_diag *const diag = report(r, RK_E0513, place_of(r, item, name).text,
                                 item ? "is not an item field of the program"
                                      : "is not a query field of the program");
    rk_names_help(schema, item ? RK_STR("id") : RK_STR(""), name, r->requests->bad.diags, diag);
    return RK_EDATA;
}

static rk_status read_id(reader *r)
{
    if (r->has_id)
        return twice(r, true, RK_STR("id"));
    bool none;
    RK_TRY(read_value(r, true, RK_STR("id"), &r->items.ids, &none));
    r->has_id = !none;
    return RK_OK;
}

/* The member `name` of the query or of an item, and its value. */
static rk_status read_field(reader *r, bool item, rk_filler *filler, rk_names *names)
{
    const rk_str name = r->json.token;
    if (item && rk_str_eq(name, RK_STR("id")))
        return read_id(r);
    const uint32_t f = rk_names_find(names, name);
    if (f == UINT32_MAX)
        return unknown(r, item, name);
    const rk_json before = r->json;
    uint32_t i = f;
    do {
        if (!rk_filler_see(filler, i))
            return twice(r, item, filler->schema->fields[i].column);
        r->json.at = before.at; /* once more for each field of this column */
        r->json.state = before.state;
        bool none;
        RK_TRY(read_value(r, item, filler->schema->fields[i].column, &filler->sinks[i], &none));
        if (none)
            rk_filler_unsee(filler, i);
        i = names->same[i];
    } while (i != f);
    return RK_OK;
}

/* The members of an object whose opening was read, up to its end. */
static rk_status read_fields(reader *r, bool item, rk_filler *filler, rk_names *names)
{
    for (;;) {
        const rk_json_event event = rk_json_next(&r->json);
        if (event == RK_JSON_OBJECT_END)
            return RK_OK;
        if (event != RK_JSON_NAME)
            return refuse(r, event, RK_E0520, "", "");
        RK_TRY(read_field(r, item, filler, names));
    }
}

static rk_status read_query(reader *r)
{
    if (r->has_query) {
        report(r, RK_E0511, "query", "is given twice");
        return RK_EDATA;
    }
    r->has_query = true;
    const rk_json_event event = rk_json_next(&r->json);
    if (event == RK_JSON_NULL)
        return RK_OK;
    if (event != RK_JSON_OBJECT)
        return refuse(r, event, RK_E0520, "query", "is not an object");
    return read_fields(r, false, &r->query, &r->requests->query_names);
}

static rk_status read_item(reader *r)
{
    RK_TRY(rk_items_room(&r->items));
    rk_filler_begin(&r->items.filler);
    r->has_id = false;
    RK_TRY(read_fields(r, true, &r->items.filler, &r->requests->item_names));
    if (!r->has_id) {
        report(r, RK_E0514, place_of(r, true, RK_STR("id")).text, "is not sent");
        return RK_EDATA;
    }
    RK_TRY(rk_filler_end(&r->items.filler, r->items.n));
    r->items.n++;
    return RK_OK;
}

static rk_status read_items(reader *r)
{
    if (r->has_items) {
        report(r, RK_E0511, "items", "is given twice");
        return RK_EDATA;
    }
    const rk_json_event first = rk_json_next(&r->json);
    if (first == RK_JSON_NULL)
        return RK_OK;
    if (first != RK_JSON_LIST)
        return refuse(r, first, RK_E0520, "items", "is not a list");
    r->has_items = true;
    for (;;) {
        const rk_json_event event = rk_json_next(&r->json);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event != RK_JSON_OBJECT) {
            char where[24];
            snprintf(where, sizeof where, "items[%u]", r->items.n);
            return refuse(r, event, RK_E0520, where, "is not an object like {\"id\": 1}");
        }
        RK_TRY(read_item(r));
    }
}

static bool is_whole(rk_str number)
{
    for (size_t i = number.data[0] == '-'; i < number.len; i++)
        if (number.data[i] < '0' || number.data[i] > '9')
            return false;
    return true;
}

/* The name of the request, for people and for labels: as it is written. */
static rk_status read_name(reader *r)
{
    if (r->has_name) {
        report(r, RK_E0511, "id", "is given twice");
        return RK_EDATA;
    }
    r->has_name = true;
    const rk_json_event event = rk_json_next(&r->json);
    const rk_str token = r->json.token;
    if (event == RK_JSON_NULL)
        return RK_OK;
    if (event != RK_JSON_STRING && (event != RK_JSON_NUMBER || !is_whole(token)))
        return refuse(r, event, RK_E0515, "id", "is neither a string nor an int");
    const char *const name = rk_arena_copy(r->arena, token.data, token.len);
    r->name = (rk_str){name, token.len};
    return name ? RK_OK : RK_ENOMEM;
}

static rk_status read_member(reader *r)
{
    const rk_str name = r->json.token;
    if (rk_str_eq(name, RK_STR("id")))
        return read_name(r);
    if (rk_str_eq(name, RK_STR("query")))
        return read_query(r);
    if (rk_str_eq(name, RK_STR("items")))
        return read_items(r);
    rk_diag *const diag = rk_bad_add(&r->requests->bad, RK_E0513, RK_NO_SPAN, r->requests->line,
                                     "a request has no member `%s`", rk_excerpt_of(name).text);
    rk_diag_help(r->requests->bad.diags, diag,
                 "a request is {\"id\": …, \"query\": {…}, \"items\": […]}");
    return RK_EDATA;
}

static rk_status read_request(reader *r)
{
    rk_json_event event = rk_json_next(&r->json);
    if (event != RK_JSON_OBJECT)
        return refuse(r, event, RK_E0520, "the request", "is not an object");
    while ((event = rk_json_next(&r->json)) == RK_JSON_NAME)
        RK_TRY(read_member(r));
    if (event == RK_JSON_ERROR || (event = rk_json_next(&r->json)) != RK_JSON_END)
        return refuse(r, event, RK_E0520, "", "");
    const rk_field *const lacks = rk_filler_lacks(&r->query);
    if (!lacks)
        return rk_filler_end(&r->query, 0);
    rk_diag *const diag =
        report(r, RK_E0514, place_of(r, false, lacks->column).text, "is not sent");
    rk_requests_lacks_help(r->requests, diag, lacks);
    return RK_EDATA;
}

static rk_status read_line(rk_requests *requests, rk_str line, const rk_sink_home *home,
                           rk_request *out)
{
    reader r = {.requests = requests, .arena = home->arena};
    rk_json_init(&r.json, home->arena, line);
    RK_TRY(rk_filler_init(&r.query, home, requests->spec.query, 1));
    rk_filler_begin(&r.query);
    RK_TRY(rk_items_init(&r.items, home, &requests->spec, requests->items));
    RK_TRY(read_request(&r));
    requests->items = r.items.n;
    *out = (rk_request){.name = r.name, .has_items = r.has_items};
    RK_TRY(rk_filler_values(&r.query, home->arena, &out->query));
    return rk_items_finish(&r.items, home->arena, out);
}

static bool is_blank(rk_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

static rk_status next(rk_requests *requests, rk_arena *arena, rk_atoms *strings, rk_diags *diags,
                      rk_request *out, bool *more)
{
    const rk_sink_home home = {arena, arena, strings};
    requests->bad.diags = diags;
    rk_str line;
    while (rk_requests_line(requests, &line)) {
        if (is_blank(line))
            continue;
        requests->total++;
        rk_status status = read_line(requests, line, &home, out);
        if (status == RK_OK)
            status = rk_requests_see_id(requests, out->name);
        if (status != RK_EDATA || rk_requests_spoilt(requests)) {
            *more = status == RK_OK;
            return rk_requests_limit(requests, status);
        }
    }
    *more = false;
    return rk_requests_finish(requests);
}

const rk_request_ops rk_request_jsonl = {
    .name = "jsonl",
    .doc =
        "One request a line: {\"id\": \"q1\", \"query\": {\"user\": 7}, \"items\": [{\"id\": 1, "
        "\"price\": 10}]}. Each member may be absent, and null is absent; `id` names the request "
        "where it is printed and measured. Names that the program does not declare are errors.",
    .open = rk_requests_open,
    .next = next,
    .close = rk_requests_close,
};
