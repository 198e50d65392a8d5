/* Requests from letor files: the lines of one qid, one after another, are one request, each line an
 * item. Item fields are filled by their column names: label, qid, docid, f1, f2 …; the query field
 * `qid` takes the query's name. */
#include <stdio.h>

#include "runtime/source/letor_line.h"
#include "runtime/source/request.h"

struct rk_letor_state {
    rk_atoms qids;          /* all so far */
    RK_VEC(uint64_t) lines; /* [atom - 1] where each began */
    uint32_t *item_parts;   /* [item fields] */
    uint32_t *query_parts;  /* [query fields] QID or OTHER */
};

/* One request while it is read. */
typedef struct reader {
    rk_requests *requests;
    rk_arena *arena;
    rk_atoms *strings;
    rk_letor_map map; /* over the items' sinks */
    rk_items items;
    rk_filler query;
    RK_VEC(rk_str) docids; /* [items.n] */
} reader;

/* ---- opening ---- */

static uint32_t *parts_of(rk_arena *arena, const rk_schema *schema)
{
    uint32_t *const parts = RK_NEW_ARRAY(arena, uint32_t, schema->n);
    for (uint32_t f = 0; parts && f < schema->n; f++)
        parts[f] = rk_letor_part(schema->fields[f].column);
    return parts;
}

/* A field that no letor file can fill must do without. */
static bool check_fields(const rk_schema *schema, const uint32_t *parts, bool query,
                         rk_diags *diags)
{
    bool fine = true;
    for (uint32_t f = 0; f < schema->n; f++) {
        const rk_field *const field = &schema->fields[f];
        const bool filled = query ? parts[f] == RK_LETOR_QID : parts[f] != RK_LETOR_OTHER;
        if (filled || field->has_initial || field->type.optional)
            continue;
        fine = false;
        rk_diag *const diag = rk_error(diags, RK_E0514, field->span,
                                       "requests of a letor file cannot fill the %s field `%.*s`",
                                       query ? "query" : "item", RK_STR_ARG(field->name));
        rk_diag_help(diags, diag,
                     query ? "they have `qid` only: give the field a default or a `?`"
                           : "they have label, qid, docid, f1, f2 …: name one of these, "
                             "or give the field a default or a `?`");
    }
    return fine;
}

static rk_status open_state(rk_requests *requests, rk_diags *diags)
{
    rk_letor_state *const state = RK_NEW(requests->arena, rk_letor_state);
    if (!state)
        return RK_ENOMEM;
    requests->letor = state;
    RK_TRY(rk_atoms_init(&state->qids, requests->arena, NULL));
    state->item_parts = parts_of(requests->arena, requests->spec.item);
    state->query_parts = parts_of(requests->arena, requests->spec.query);
    if (!state->item_parts || !state->query_parts)
        return RK_ENOMEM;
    const bool query = check_fields(requests->spec.query, state->query_parts, true, diags);
    const bool item = check_fields(requests->spec.item, state->item_parts, false, diags);
    return query && item ? RK_OK : RK_EDATA;
}

rk_status rk_requests_open_letor(rk_requests *requests, rk_diags *diags)
{
    const rk_status status = open_state(requests, diags);
    if (status != RK_OK)
        rk_requests_close(requests);
    return status;
}

static rk_status open_file(rk_arena *arena, rk_str path, const rk_request_spec *spec,
                           rk_diags *diags, rk_requests **out)
{
    RK_TRY(rk_requests_open(arena, path, spec, diags, out));
    return rk_requests_open_letor(*out, diags);
}

/* ---- reading ---- */

static void report(reader *r, const rk_letor_problem *problem)
{
    rk_bad *const bad = &r->requests->bad;
    const rk_schema *const item = r->requests->spec.item;
    rk_diag *diag;
    if (problem->column == UINT32_MAX)
        diag = rk_bad_add(bad, problem->code, RK_NO_SPAN, r->requests->line, "`%s` %s",
                          rk_excerpt_of(problem->text).text, problem->why.text);
    else
        diag =
            rk_bad_add(bad, problem->code, item->fields[problem->column].span, r->requests->line,
                       "column `%.*s`: `%s` %s", RK_STR_ARG(item->fields[problem->column].column),
                       rk_excerpt_of(problem->text).text, problem->why.text);
    rk_bad_help(bad, diag, &problem->why);
}

static rk_status open_request(reader *r)
{
    const rk_sink_home home = {r->arena, r->arena, r->strings};
    const rk_request_spec *const spec = &r->requests->spec;
    RK_TRY(rk_items_init(&r->items, &home, spec, r->requests->items));
    RK_TRY(rk_filler_init(&r->query, &home, spec->query, 1));
    rk_sink **const sinks = RK_NEW_ARRAY(r->arena, rk_sink *, spec->item->n);
    if (!sinks)
        return RK_ENOMEM;
    for (uint32_t f = 0; f < spec->item->n; f++)
        sinks[f] = &r->items.filler.sinks[f];
    return rk_letor_map_init(&r->map, r->arena, sinks, r->requests->letor->item_parts,
                             spec->item->n);
}

/* The next line that is neither blank nor a comment. */
static bool take_line(rk_requests *requests, rk_str *line)
{
    do
        if (!rk_requests_line(requests, line))
            return false;
    while (rk_letor_is_blank(*line));
    return true;
}

/* Splits a line; without a qid it is bad here. */
static bool split(rk_str text, rk_letor_line *line, rk_letor_problem *problem)
{
    if (!rk_letor_split(text, line, problem))
        return false;
    if (line->qid.len)
        return true;
    *problem = (rk_letor_problem){.code = RK_E0512, .column = UINT32_MAX, .text = text};
    rk_why_set(&problem->why, "has no qid:");
    return false;
}

static rk_status add_item(reader *r, rk_letor_line *line, rk_letor_problem *problem)
{
    RK_TRY(rk_items_room(&r->items));
    RK_TRY(rk_letor_store(&r->map, line, r->items.n, problem));
    if (!rk_vec_push(r->arena, &r->docids, line->docid))
        return RK_ENOMEM;
    r->items.n++;
    return RK_OK;
}

/* Refuses a qid that was there before or is not text; remembers it otherwise. RK_EDATA when
 * refused. */
static rk_status check_qid(reader *r, rk_str qid)
{
    rk_letor_problem problem = {.code = RK_E0508, .column = UINT32_MAX, .text = qid};
    if (!rk_cell_is_text(qid, &problem.why)) {
        report(r, &problem);
        return RK_EDATA;
    }
    rk_letor_state *const state = r->requests->letor;
    const uint32_t before = rk_atoms_count(&state->qids);
    rk_atom atom;
    RK_TRY(rk_atom_intern(&state->qids, qid, &atom));
    if (atom == before)
        return rk_vec_push(r->requests->arena, &state->lines, r->requests->line) ? RK_OK
                                                                                 : RK_ENOMEM;
    rk_diag *const diag =
        rk_bad_add(&r->requests->bad, RK_E0516, RK_NO_SPAN, r->requests->line,
                   "query %s comes back: its lines must stand together", rk_excerpt_of(qid).text);
    rk_diag_note(r->requests->bad.diags, diag, RK_NO_SPAN, "it began at %.*s:%llu",
                 RK_STR_ARG(r->requests->bad.path),
                 (unsigned long long)state->lines.items[atom - 1]);
    return RK_EDATA;
}

/* Reads the lines of the query whose first line was split, up to the next query's. Returns RK_EDATA
 * when the request is bad; all its lines are read then too. */
static rk_status read_group(reader *r, rk_letor_line *line)
{
    rk_requests *const requests = r->requests;
    const rk_str qid = line->qid;
    rk_status status = check_qid(r, qid);
    rk_letor_problem problem;
    for (;;) {
        if (status == RK_OK) {
            status = add_item(r, line, &problem);
            if (status == RK_EDATA)
                report(r, &problem);
        }
        if (status != RK_OK && status != RK_EDATA)
            return status;
        const rk_str rest = requests->rest;
        const uint64_t at_line = requests->line;
        rk_str text;
        if (!take_line(requests, &text))
            return status;
        const bool good = split(text, line, &problem);
        if (good && !rk_str_eq(line->qid, qid)) {
            requests->rest = rest;
            requests->line = at_line;
            return status;
        }
        if (!good && status == RK_OK) {
            report(r, &problem);
            status = RK_EDATA;
        }
    }
}

/* ---- ids ---- */

/* Whether every docid can be an id: is there, and is an int where ids are ints. */
static bool docids_are_ids(const reader *r)
{
    int64_t ignored;
    for (uint32_t i = 0; i < r->docids.len; i++) {
        const rk_str docid = r->docids.items[i];
        const bool fits = r->requests->spec.id_type.kind == RK_KIND_INT
                              ? rk_str_to_int(docid, &ignored)
                              : docid.len > 0;
        if (!fits)
            return false;
    }
    return true;
}

/* The docids where all of them can be, else 1, 2, 3 …. */
static rk_status make_ids(reader *r)
{
    const bool docids = docids_are_ids(r);
    rk_sink *const ids = &r->items.ids;
    for (uint32_t i = 0; i < r->items.n; i++) {
        char digits[24];
        snprintf(digits, sizeof digits, "%u", i + 1);
        const rk_str text = docids ? r->docids.items[i] : rk_str_from(digits);
        rk_letor_problem problem = {.code = RK_E0508, .column = UINT32_MAX, .text = text};
        const rk_cell cell = rk_cell_reader(ids->column.type)(ids, i, text, &problem.why);
        RK_TRY(rk_cell_status(cell));
        if (cell == RK_CELL_BAD) {
            report(r, &problem);
            return RK_EDATA;
        }
    }
    return RK_OK;
}

/* The query's fields: `qid`, else what they are without being sent. */
static rk_status fill_query(reader *r, rk_str qid)
{
    const rk_schema *const schema = r->requests->spec.query;
    rk_filler_begin(&r->query);
    for (uint32_t f = 0; f < schema->n; f++) {
        if (r->requests->letor->query_parts[f] != RK_LETOR_QID)
            continue;
        rk_sink *const sink = &r->query.sinks[f];
        rk_letor_problem problem = {.code = RK_E0515, .column = UINT32_MAX, .text = qid};
        const rk_cell cell = rk_cell_reader(sink->column.type)(sink, 0, qid, &problem.why);
        RK_TRY(rk_cell_status(cell));
        if (cell == RK_CELL_BAD) {
            report(r, &problem);
            return RK_EDATA;
        }
        if (cell == RK_CELL_FINE)
            rk_filler_see(&r->query, f);
    }
    return rk_filler_end(&r->query, 0);
}

static rk_status finish(reader *r, rk_str qid, rk_request *out)
{
    const char *const name = rk_arena_copy(r->arena, qid.data, qid.len);
    if (!name)
        return RK_ENOMEM;
    *out = (rk_request){.name = {name, qid.len}, .has_items = true};
    RK_TRY(make_ids(r));
    RK_TRY(fill_query(r, qid));
    r->requests->items = r->items.n;
    RK_TRY(rk_filler_values(&r->query, r->arena, &out->query));
    return rk_items_finish(&r->items, r->arena, out);
}

static rk_status read_request(rk_requests *requests, rk_str text, rk_arena *arena,
                              rk_atoms *strings, rk_request *out)
{
    reader r = {.requests = requests, .arena = arena, .strings = strings};
    rk_letor_line line;
    rk_letor_problem problem;
    if (!split(text, &line, &problem)) {
        report(&r, &problem);
        return RK_EDATA;
    }
    const rk_str qid = line.qid;
    RK_TRY(open_request(&r));
    RK_TRY(read_group(&r, &line));
    return finish(&r, qid, out);
}

static rk_status next(rk_requests *requests, rk_arena *arena, rk_atoms *strings, rk_diags *diags,
                      rk_request *out, bool *more)
{
    requests->bad.diags = diags;
    rk_str text;
    while (take_line(requests, &text)) {
        requests->total++;
        const rk_status status = read_request(requests, text, arena, strings, out);
        if (status != RK_EDATA || rk_requests_spoilt(requests)) {
            *more = status == RK_OK;
            return rk_requests_limit(requests, status);
        }
    }
    *more = false;
    return rk_requests_finish(requests);
}

const rk_request_ops rk_request_letor = {
    .name = "letor",
    .doc =
        "Learning-to-rank text: the lines of one qid are one request, each line an item. Its id is "
        "the docid where every line has one that fits the type of item.id, else its position, "
        "from 1.",
    .open = open_file,
    .next = next,
    .close = rk_requests_close,
};
