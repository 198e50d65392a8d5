#include "runtime/source/request.h"

#include <stdio.h>

#include "runtime/base/input.h"

/* ---- names ---- */

static bool has_name(const void *owner, uint32_t field, const void *key)
{
    return rk_str_eq(((const rk_schema *)owner)->fields[field].column, *(const rk_str *)key);
}

rk_status rk_names_init(rk_names *names, rk_arena *arena, const rk_schema *schema)
{
    *names = (rk_names){.schema = schema, .same = RK_NEW_ARRAY(arena, uint32_t, schema->n)};
    if (!names->same)
        return RK_ENOMEM;
    for (uint32_t f = 0; f < schema->n; f++) {
        const rk_str name = schema->fields[f].column;
        const uint64_t hash = rk_str_hash(name);
        const uint32_t first = rk_table_find(&names->table, hash, has_name, schema, &name);
        names->same[f] = f;
        if (first == RK_MAP_NONE && !rk_table_add(arena, &names->table, hash, f))
            return RK_ENOMEM;
        if (first != RK_MAP_NONE) {
            names->same[f] = names->same[first];
            names->same[first] = f;
        }
    }
    return RK_OK;
}

uint32_t rk_names_find(rk_names *names, rk_str name)
{
    const rk_schema *const schema = names->schema;
    uint32_t f = names->next;
    if (f >= schema->n || names->same[f] != UINT32_MAX ||
        !rk_str_eq(schema->fields[f].column, name))
        f = rk_table_find(&names->table, rk_str_hash(name), has_name, schema, &name);
    if (f == RK_MAP_NONE)
        return UINT32_MAX;
    names->next = f + 1 < schema->n ? f + 1 : 0;
    return f;
}

void rk_names_help(const rk_schema *schema, rk_str also, rk_str name, rk_diags *diags,
                   rk_diag *diag)
{
    rk_suggestion near = rk_suggest(name);
    if (also.len)
        rk_suggest_offer(&near, also);
    for (uint32_t f = 0; f < schema->n; f++)
        rk_suggest_offer(&near, schema->fields[f].column);
    if (near.best.len) {
        rk_diag_help(diags, diag, "did you mean `%.*s`?", RK_STR_ARG(near.best));
        return;
    }
    char list[200] = "";
    size_t len = 0;
    for (uint32_t f = 0; f < schema->n + (also.len > 0); f++) {
        const rk_str s = f < schema->n ? schema->fields[f].column : also;
        if (s.len > sizeof list - len - 8)
            break;
        len += (size_t)snprintf(list + len, sizeof list - len, "%s`%.*s`", f ? ", " : "",
                                RK_STR_ARG(s));
    }
    if (len)
        rk_diag_help(diags, diag, "the program declares %s%s", list, schema->n > 12 ? " …" : "");
}

/* ---- fields of an object ---- */

rk_status rk_filler_init(rk_filler *filler, const rk_sink_home *home, const rk_schema *schema,
                         uint32_t cap)
{
    *filler = (rk_filler){.schema = schema};
    filler->sinks = RK_NEW_ARRAY(home->arena, rk_sink, schema->n);
    filler->seen = RK_NEW_ARRAY(home->arena, uint32_t, schema->n);
    if (!filler->sinks || !filler->seen)
        return RK_ENOMEM;
    for (uint32_t f = 0; f < schema->n; f++)
        RK_TRY(rk_sink_init(&filler->sinks[f], home, &schema->fields[f], cap));
    return RK_OK;
}

const rk_field *rk_filler_lacks(const rk_filler *filler)
{
    for (uint32_t f = 0; f < filler->schema->n; f++) {
        const rk_field *const field = &filler->schema->fields[f];
        if (filler->seen[f] != filler->stamp && !field->has_initial && !field->type.optional)
            return field;
    }
    return NULL;
}

rk_status rk_filler_end(rk_filler *filler, uint32_t row)
{
    if (filler->n_seen == filler->schema->n)
        return RK_OK;
    for (uint32_t f = 0; f < filler->schema->n; f++)
        if (filler->seen[f] != filler->stamp)
            RK_TRY(rk_sink_absent(&filler->sinks[f], row));
    return RK_OK;
}

rk_status rk_filler_values(rk_filler *filler, rk_arena *arena, rk_value **out)
{
    const uint32_t n = filler->schema->n;
    *out = RK_NEW_ARRAY(arena, rk_value, n);
    if (!*out)
        return RK_ENOMEM;
    for (uint32_t f = 0; f < n; f++) {
        (*out)[f] = rk_column_get(&filler->sinks[f].column, 0);
        (*out)[f].type = filler->schema->fields[f].type;
    }
    return RK_OK;
}

/* ---- items ---- */

enum { MOST_ITEMS = 1u << 31 };

rk_status rk_items_init(rk_items *items, const rk_sink_home *home, const rk_request_spec *spec,
                        uint32_t cap)
{
    *items = (rk_items){.cap = cap};
    RK_TRY(rk_sink_init_plain(&items->ids, home, rk_type_plain(spec->id_type), cap));
    return rk_filler_init(&items->filler, home, spec->item, cap);
}

rk_status rk_items_room(rk_items *items)
{
    if (items->n < items->cap)
        return RK_OK;
    if (items->cap >= MOST_ITEMS / 2)
        return RK_ELIMIT;
    const uint32_t cap = items->cap ? items->cap * 2 : 16;
    RK_TRY(rk_sink_grow(&items->ids, items->n, cap));
    for (uint32_t f = 0; f < items->filler.schema->n; f++)
        RK_TRY(rk_sink_grow(&items->filler.sinks[f], items->n, cap));
    items->cap = cap;
    return RK_OK;
}

rk_status rk_items_finish(rk_items *items, rk_arena *arena, rk_request *out)
{
    const uint32_t n = items->filler.schema->n;
    out->n_items = items->n;
    RK_TRY(rk_sink_finish(&items->ids, items->n, &out->ids));
    out->items = RK_NEW_ARRAY(arena, rk_column, n);
    if (!out->items)
        return RK_ENOMEM;
    for (uint32_t f = 0; f < n; f++)
        RK_TRY(rk_sink_finish(&items->filler.sinks[f], items->n, &out->items[f]));
    return RK_OK;
}

/* ---- a file of requests ---- */

rk_status rk_requests_over(rk_arena *arena, rk_str path, rk_str text, const rk_request_spec *spec,
                           rk_diags *diags, rk_requests **out)
{
    rk_requests *const requests = RK_NEW(arena, rk_requests);
    const char *const name = rk_arena_copy(arena, path.data, path.len);
    if (!requests || !name)
        return RK_ENOMEM;
    requests->arena = arena;
    requests->spec = *spec;
    requests->rest = text;
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        requests->rest = (rk_str){text.data + 3, text.len - 3};
    requests->bad = (rk_bad){
        .diags = diags, .path = {name, path.len}, .what = "request", .allowed = spec->max_bad_rows};
    RK_TRY(rk_atoms_init(&requests->ids, arena, NULL));
    RK_TRY(rk_names_init(&requests->query_names, arena, spec->query));
    RK_TRY(rk_names_init(&requests->item_names, arena, spec->item));
    *out = requests;
    return RK_OK;
}

rk_status rk_requests_open(rk_arena *arena, rk_str path, const rk_request_spec *spec,
                           rk_diags *diags, rk_requests **out)
{
    rk_mapping file;
    RK_TRY(rk_input_map(diags, arena, path, RK_NO_SPAN, &file));
    const rk_status status = rk_requests_over(arena, path, file.text, spec, diags, out);
    if (status == RK_OK)
        (*out)->file = file;
    else
        rk_file_unmap(&file);
    return status;
}

rk_status rk_requests_limit(rk_requests *requests, rk_status status)
{
    if (status == RK_ELIMIT)
        rk_error(requests->bad.diags, RK_E0750, RK_NO_SPAN,
                 "%.*s:%llu: the request has too many items, list elements or strings",
                 RK_STR_ARG(requests->bad.path), (unsigned long long)requests->line);
    return status;
}

rk_status rk_requests_see_id(rk_requests *requests, rk_str id)
{
    rk_atom atom;
    if (!requests->spec.unique_ids || id.len == 0)
        return RK_OK;
    const uint32_t before = rk_atoms_count(&requests->ids);
    RK_TRY(rk_atom_intern(&requests->ids, id, &atom));
    if (atom == before)
        return rk_vec_push(requests->arena, &requests->lines, requests->line) ? RK_OK : RK_ENOMEM;
    rk_diag *const diag = rk_bad_add(
        &requests->bad, RK_E0516, RK_NO_SPAN, requests->line,
        "request `%s` comes back, and lists are told apart by these ids", rk_excerpt_of(id).text);
    rk_diag_note(requests->bad.diags, diag, RK_NO_SPAN, "it was at %.*s:%llu",
                 RK_STR_ARG(requests->bad.path),
                 (unsigned long long)requests->lines.items[atom - 1]);
    return RK_EDATA;
}

void rk_requests_lacks_help(const rk_requests *requests, rk_diag *diag, const rk_field *lacks)
{
    rk_diag_help(requests->bad.diags, diag,
                 "declare it `%.*s: %s?` or with a default if it may be absent",
                 RK_STR_ARG(lacks->name), rk_type_text(lacks->type).text);
}

rk_status rk_requests_finish(rk_requests *requests)
{
    const rk_status status = rk_bad_finish(&requests->bad, RK_NO_SPAN, requests->total);
    requests->bad.count = 0;
    return status;
}

void rk_requests_close(rk_requests *requests)
{
    if (requests)
        rk_file_unmap(&requests->file);
}

static const char *find_newline(rk_str text, size_t from)
{
    return from < text.len ? memchr(text.data + from, '\n', text.len - from) : NULL;
}

bool rk_requests_line(rk_requests *requests, rk_str *line)
{
    rk_str *const rest = &requests->rest;
    const char *newline = find_newline(*rest, 0);
    for (size_t seen = rest->len; !newline && requests->refill; seen = rest->len) {
        if (!requests->refill(requests->user, rest))
            break;
        newline = find_newline(*rest, seen);
    }
    if (rest->len == 0)
        return false;
    *line = (rk_str){rest->data, newline ? (size_t)(newline - rest->data) : rest->len};
    const size_t past = line->len + (newline != NULL);
    *rest = (rk_str){rest->data + past, rest->len - past};
    requests->line++;
    return true;
}
