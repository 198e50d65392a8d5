/* JSON lines as a source: an object a line, its members the columns. Only wanted members are read;
 * the others are passed over. */
#include "runtime/source/cell.h"
#include "runtime/source/rows.h"
#include "runtime/source/scan.h"

typedef struct reader {
    rk_rows rows;
    rk_json json;
    rk_arena scratch;
    rk_str line;
    uint64_t at_line;
    rk_str first;   /* the first line that held an object */
    rk_table table; /* name -> a wanted column of that name */
    uint32_t *same; /* [columns] the next wanted column of the same name, in a circle */
    uint64_t *seen; /* [columns] the stamp of the last line that named it */
    bool *given;    /* [columns] of the row being read: it has a value */
    bool *ever;     /* [columns] some row named it */
    uint32_t next;  /* the wanted column that comes next if objects keep their order */
    uint64_t stamp; /* of this line */
} reader;

static uint32_t n_columns(const reader *r) { return rk_spec_columns(r->rows.spec); }
static rk_str name_of(const reader *r, uint32_t i) { return rk_spec_column(r->rows.spec, i); }

static bool has_name(const void *owner, uint32_t i, const void *key)
{
    return rk_str_eq(name_of(owner, i), *(const rk_str *)key);
}

static uint32_t find(reader *r, rk_str name)
{
    if (n_columns(r) == 0)
        return UINT32_MAX;
    uint32_t i = r->next;
    if (!rk_str_eq(name_of(r, i), name))
        i = rk_table_find(&r->table, rk_str_hash(name), has_name, r, &name);
    return i;
}

static rk_status open_columns(reader *r)
{
    const uint32_t n = n_columns(r);
    r->same = RK_NEW_ARRAY(&r->scratch, uint32_t, n);
    r->seen = RK_NEW_ARRAY(&r->scratch, uint64_t, n);
    r->given = RK_NEW_ARRAY(&r->scratch, bool, n);
    r->ever = RK_NEW_ARRAY(&r->scratch, bool, n);
    if (!r->same || !r->seen || !r->given || !r->ever)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const rk_str name = name_of(r, i);
        const uint64_t hash = rk_str_hash(name);
        const uint32_t first = rk_table_find(&r->table, hash, has_name, r, &name);
        r->same[i] = i;
        if (first != RK_MAP_NONE) {
            r->same[i] = r->same[first];
            r->same[first] = i;
        } else if (!rk_table_add(&r->scratch, &r->table, hash, i)) {
            return RK_ENOMEM;
        }
    }
    return RK_OK;
}

/* The members of the object in `line` as candidates for a misspelt name. */
static void offer_members(reader *r, rk_str line, rk_str name, rk_diag *diag)
{
    rk_json json = r->json;
    rk_json_reset(&json, line);
    char best[64] = "";
    rk_suggestion near = rk_suggest(name);
    if (rk_json_next(&json) != RK_JSON_OBJECT)
        return;
    while (rk_json_next(&json) == RK_JSON_NAME) {
        const size_t before = near.distance;
        rk_suggest_offer(&near, json.token);
        if (near.distance < before && json.token.len < sizeof best) {
            memcpy(best, json.token.data, json.token.len);
            best[json.token.len] = 0;
        }
        if (!rk_json_skip(&json, rk_json_next(&json)))
            break;
    }
    if (best[0])
        rk_diag_help(r->rows.load->diags, diag, "did you mean `%s`?", best);
}

/* The functions below return RK_EDATA once the bad row was reported. */

static rk_status broken(reader *r)
{
    if (r->json.no_memory)
        return RK_ENOMEM;
    rk_diag *const diag = rk_bad_add(&r->rows.bad, RK_E0510, r->rows.spec->span, r->at_line,
                                     "byte %zu: %s", r->json.error_at + 1, r->json.error);
    if (r->json.error_at >= r->line.len)
        rk_diag_help(r->rows.load->diags, diag, "an object is one line of the file");
    return RK_EDATA;
}

static rk_status read_value(reader *r, uint32_t i)
{
    rk_sink *const sink = rk_rows_sink(&r->rows, i);
    const rk_json_event event = rk_json_next(&r->json);
    const size_t start = r->json.start;
    rk_why why;
    const rk_cell cell = rk_cell_from_json(sink, r->rows.n, &r->json, event, &why);
    RK_TRY(rk_cell_status(cell));
    r->given[i] = cell == RK_CELL_FINE;
    if (cell != RK_CELL_BAD)
        return RK_OK;
    if (r->json.error)
        return broken(r);
    const rk_str text = {r->line.data + start, r->json.at - start};
    rk_diag *const diag = rk_bad_add(
        &r->rows.bad, RK_E0502, rk_spec_span(r->rows.spec, i), r->at_line, "member `%s`: `%s` %s",
        rk_excerpt_of(name_of(r, i)).text, rk_excerpt_of(text).text, why.text);
    rk_bad_help(&r->rows.bad, diag, &why);
    return RK_EDATA;
}

/* The value of a wanted name, into each column that asks for it. */
static rk_status read_values(reader *r, uint32_t first)
{
    const size_t at = r->json.at;
    const uint8_t state = r->json.state;
    uint32_t i = first;
    do {
        if (r->seen[i] == r->stamp) {
            rk_bad_add(&r->rows.bad, RK_E0511, rk_spec_span(r->rows.spec, i), r->at_line,
                       "member `%s` is given twice", rk_excerpt_of(name_of(r, i)).text);
            return RK_EDATA;
        }
        r->json.at = at; /* the reader's depth is the same before and after a value */
        r->json.state = state;
        RK_TRY(read_value(r, i));
        r->seen[i] = r->stamp;
        r->ever[i] = true;
        i = r->same[i];
    } while (i != first);
    r->next = first + 1 < n_columns(r) ? first + 1 : 0;
    return RK_OK;
}

static rk_status read_members(reader *r)
{
    for (;;) {
        const rk_json_event event = rk_json_next(&r->json);
        if (event == RK_JSON_OBJECT_END)
            break;
        if (event != RK_JSON_NAME)
            return broken(r);
        const uint32_t i = find(r, r->json.token);
        if (i != UINT32_MAX)
            RK_TRY(read_values(r, i));
        else if (!rk_json_skip(&r->json, rk_json_next(&r->json)))
            return broken(r);
    }
    return rk_json_next(&r->json) == RK_JSON_END ? RK_OK : broken(r);
}

/* Defaults for what the object did not give; a key must be given. */
static rk_status fill_rest(reader *r)
{
    const rk_source_spec *const spec = r->rows.spec;
    for (uint32_t i = 0; i < n_columns(r); i++) {
        const rk_sink *const sink = rk_rows_sink(&r->rows, i);
        const bool key = i < spec->n_keys;
        const bool none = r->seen[i] != r->stamp || !r->given[i];
        const bool empty = key && !none && sink->column.type.kind == RK_KIND_STRING &&
                           ((const rk_atom *)sink->column.data)[r->rows.n] == RK_ATOM_EMPTY;
        if (key && (none || empty)) {
            const bool named = r->seen[i] == r->stamp;
            rk_diag *const diag = rk_bad_add(
                &r->rows.bad, RK_E0505, spec->span, r->at_line, "the key, member `%s`, is %s",
                rk_excerpt_of(name_of(r, i)).text, named ? "null or empty" : "not there");
            if (!named)
                offer_members(r, r->line, name_of(r, i), diag);
            return RK_EDATA;
        }
        if (none)
            RK_TRY(rk_sink_absent(rk_rows_sink(&r->rows, i), r->rows.n));
    }
    return RK_OK;
}

static rk_status read_object(reader *r)
{
    rk_json_reset(&r->json, r->line);
    r->stamp++;
    const rk_json_event event = rk_json_next(&r->json);
    if (event == RK_JSON_ERROR)
        return broken(r);
    if (event != RK_JSON_OBJECT) {
        rk_bad_add(&r->rows.bad, RK_E0510, r->rows.spec->span, r->at_line,
                   "the line is %s, not an object", rk_json_event_text(event));
        return RK_EDATA;
    }
    RK_TRY(rk_rows_room(&r->rows, 1));
    if (!r->first.len)
        r->first = r->line;
    RK_TRY(read_members(r));
    RK_TRY(fill_rest(r));
    return rk_rows_keep(&r->rows, r->at_line);
}

static bool is_blank(rk_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

static rk_status read_lines(reader *r, rk_str text)
{
    size_t at = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < text.len && !r->rows.bad.stop) {
        const char *const newline = memchr(text.data + at, '\n', text.len - at);
        const size_t end = newline ? (size_t)(newline - text.data) : text.len;
        r->line = (rk_str){text.data + at, end - at};
        r->at_line++;
        at = end + 1;
        const rk_status status = is_blank(r->line) ? RK_OK : read_object(r);
        if (status != RK_OK && status != RK_EDATA)
            return status;
    }
    return RK_OK;
}

/* A column that no line has is a misspelt one: an error where it must have a value. */
static rk_status check_columns(reader *r)
{
    rk_status status = RK_OK;
    const rk_source_spec *const spec = r->rows.spec;
    for (uint32_t f = 0; f < spec->wanted->n && r->rows.n; f++) {
        const rk_field *const field = &spec->wanted->fields[f];
        if (r->ever[spec->n_keys + f])
            continue;
        const bool may = field->has_initial || field->type.optional;
        rk_diag *const diag = (may ? rk_warning : rk_error)(
            r->rows.load->diags, RK_E0501, field->span, "%.*s: no line has a member `%.*s`",
            RK_STR_ARG(spec->path), RK_STR_ARG(field->column));
        offer_members(r, r->first, field->column, diag);
        status = may ? status : RK_EDATA;
    }
    return status;
}

static rk_status read_all(reader *r, rk_str text)
{
    RK_TRY(open_columns(r));
    RK_TRY(read_lines(r, text));
    return r->rows.bad.count > r->rows.bad.allowed ? RK_OK : check_columns(r);
}

rk_status rk_jsonl_read(const rk_load *load, const rk_source_spec *spec, rk_str text,
                        rk_relation *out)
{
    reader r = {0};
    const uint64_t lines = rk_scan_count_lines(text) + (uint64_t)1;
    const uint64_t least = text.len / 3 + 1; /* {} and a newline */
    rk_status status = rk_rows_open(&r.rows, load, spec, lines < least ? lines : least, out);
    rk_json_init(&r.json, &r.scratch, text);
    if (status == RK_OK)
        status = read_all(&r, text);
    rk_arena_free(&r.scratch);
    return rk_rows_close(&r.rows, status);
}

static rk_status load_jsonl(const rk_load *load, const rk_source_spec *spec, rk_relation *out)
{
    return rk_source_read_file(load, spec, rk_jsonl_read, out);
}

const rk_source_ops rk_source_jsonl = {
    .name = "jsonl",
    .sig = "(key: string)",
    .doc =
        "One JSON object a line. A member that is null or not there is the field's default, or "
        "missing; lists and vectors are JSON arrays. Members that no field names are passed over.",
    .example = "source users = jsonl(\"users.jsonl\", key: \"id\") by query.user { age: int? }",
    .load = load_jsonl,
};
