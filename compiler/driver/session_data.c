/* Sources and requests of a session. They are read once, and their strings are the session's, so
 * that plan after plan can stand on them. */
#include "compiler/driver/session_parts.h"
#include "runtime/plan/restring.h"
#include "runtime/source/request.h"

/* ---- tables ---- */

static void free_table(session_table *table)
{
    rk_relation_free(&table->relation);
    rk_arena arena = table->arena; /* it holds what the table points to, not the table itself */
    rk_arena_free(&arena);
}

void session_drop_tables(rk_session *session)
{
    for (uint32_t i = 0; i < session->tables.len; i++)
        free_table(&session->tables.items[i]);
    session->tables.len = 0;
}

static bool same_source(const session_table *table, const rk_plan_source *source)
{
    bool same = rk_str_eq(table->kind, source->kind) && rk_str_eq(table->path, source->path) &&
                rk_str_eq(table->sep, source->sep) && rk_str_eq(table->ids, source->ids) &&
                table->n_keys == source->n_keys;
    for (uint32_t i = 0; same && i < table->n_keys; i++)
        same = rk_str_eq(table->keys[i], source->keys[i]) &&
               rk_type_eq(table->key_types[i], source->key_types[i]);
    return same;
}

static session_table *find_table(rk_session *session, const rk_plan_source *source)
{
    for (uint32_t i = 0; i < session->tables.len; i++)
        if (same_source(&session->tables.items[i], source))
            return &session->tables.items[i];
    return NULL;
}

/* Fields of one content, whatever they are called. */
static bool same_field(const rk_field *a, const rk_field *b)
{
    if (!rk_str_eq(a->column, b->column) || !rk_type_eq(a->type, b->type) ||
        a->has_initial != b->has_initial)
        return false;
    return !a->has_initial || rk_value_eq(a->initial, b->initial);
}

static uint32_t find_field(const rk_schema *schema, const rk_field *field)
{
    for (uint32_t i = 0; i < schema->n; i++)
        if (same_field(&schema->fields[i], field))
            return i;
    return RK_MAP_NONE;
}

static bool has_all(const session_table *table, const rk_schema *wanted)
{
    for (uint32_t i = 0; i < wanted->n; i++)
        if (find_field(&table->have, &wanted->fields[i]) == RK_MAP_NONE)
            return false;
    return true;
}

static rk_status copy_str(rk_arena *arena, rk_str *s)
{
    *s = (rk_str){rk_arena_copy(arena, s->data, s->len), s->len};
    return s->data ? RK_OK : RK_ENOMEM;
}

/* Copies what points into a compilation. */
static rk_status copy_names(rk_arena *arena, rk_schema *schema)
{
    for (uint32_t i = 0; i < schema->n; i++) {
        rk_field *const field = &schema->fields[i];
        RK_TRY(copy_str(arena, &field->name));
        RK_TRY(copy_str(arena, &field->column));
        if (field->type.kind != RK_KIND_LIST && field->type.kind != RK_KIND_VECTOR)
            continue;
        const size_t size = field->type.kind == RK_KIND_VECTOR
                                ? sizeof(float)
                                : rk_type_size((rk_type){.kind = field->type.elem});
        if (field->has_initial && !field->initial.missing)
            field->initial.as.list.items = rk_arena_copy(arena, field->initial.as.list.items,
                                                         field->initial.as.list.len * size);
    }
    return RK_OK;
}

/* The fields of an older table, then those of the plan that it lacks. */
static rk_status join_fields(rk_arena *arena, const rk_schema *have, const rk_schema *wanted,
                             rk_schema *out)
{
    out->fields = RK_NEW_ARRAY(arena, rk_field, have->n + wanted->n + 1u);
    if (!out->fields)
        return RK_ENOMEM;
    if (have->n)
        memcpy(out->fields, have->fields, have->n * sizeof *have->fields);
    out->n = have->n;
    for (uint32_t i = 0; i < wanted->n; i++)
        if (find_field(out, &wanted->fields[i]) == RK_MAP_NONE)
            out->fields[out->n++] = wanted->fields[i];
    return copy_names(arena, out);
}

static rk_status copy_source(const rk_plan_source *source, session_table *table)
{
    rk_arena *const arena = &table->arena;
    table->kind = source->kind;
    table->path = source->path;
    table->sep = source->sep;
    table->ids = source->ids;
    table->n_keys = source->n_keys;
    table->keys = RK_NEW_ARRAY(arena, rk_str, source->n_keys);
    table->key_types = RK_NEW_ARRAY(arena, rk_type, source->n_keys);
    if (!table->keys || !table->key_types)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < source->n_keys; i++) {
        table->keys[i] = source->keys[i];
        table->key_types[i] = source->key_types[i];
        RK_TRY(copy_str(arena, &table->keys[i]));
    }
    RK_TRY(copy_str(arena, &table->kind));
    RK_TRY(copy_str(arena, &table->path));
    RK_TRY(copy_str(arena, &table->ids));
    return copy_str(arena, &table->sep);
}

static rk_status fill_table(rk_session *session, const rk_plan_source *source,
                            const rk_schema *have, session_table *table, rk_diags *diags)
{
    const rk_engine_options *const options = &session->options.program.engine;
    const rk_load load = {&table->arena, &session->strings, diags, options->stop};
    RK_TRY(copy_source(source, table));
    RK_TRY(join_fields(&table->arena, have, &source->wanted, &table->have));
    const rk_source_spec spec = {
        .name = source->name,
        .span = source->span,
        .path = table->path,
        .bytes = rk_files_find(options->files, table->path),
        .wanted = &table->have,
        .keys = table->keys,
        .key_types = table->key_types,
        .n_keys = table->n_keys,
        .sep = table->sep,
        .ids = table->ids,
        .ids_bytes = rk_files_find(options->files, table->ids),
        .max_bad_rows = options->max_bad_rows,
    };
    const rk_source_ops *const ops = rk_source_find(source->kind);
    return ops ? rk_relation_load(&load, ops, &spec, &table->relation) : RK_EBUG;
}

/* A table with all that the source of a plan wants; an old one is given up for it. */
static rk_status get_table(rk_session *session, const rk_plan_source *source, rk_diags *diags,
                           const session_table **out)
{
    static const rk_schema nothing;
    session_table *const old = find_table(session, source);
    *out = old;
    if (old && has_all(old, &source->wanted))
        return RK_OK;
    session_table table = {0};
    rk_status status = fill_table(session, source, old ? &old->have : &nothing, &table, diags);
    if (status == RK_OK && !old && !rk_vec_push(&session->arena, &session->tables, table))
        status = RK_ENOMEM;
    if (status != RK_OK) {
        free_table(&table);
        return status;
    }
    if (old) {
        free_table(old);
        *old = table;
    }
    *out = old ? old : &session->tables.items[session->tables.len - 1];
    return RK_OK;
}

/* The plan's columns out of the table's. */
static rk_status select_columns(rk_session *session, const session_table *table,
                                const rk_schema *wanted, rk_relation *out)
{
    *out = table->relation;
    out->columns = RK_NEW_ARRAY(&session->answer, rk_column, wanted->n + 1u);
    if (!out->columns)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < wanted->n; i++)
        out->columns[i] = table->relation.columns[find_field(&table->have, &wanted->fields[i])];
    return RK_OK;
}

/* All tables before any column: what is loaded later may take an older table's place. */
rk_status session_load(rk_session *session, const rk_plan *plan, rk_diags *diags,
                       const rk_relation **out)
{
    rk_relation *const relations =
        RK_NEW_ARRAY(&session->answer, rk_relation, plan->sources.len + 1u);
    rk_schema *const wanted = RK_NEW_ARRAY(&session->answer, rk_schema, plan->sources.len + 1u);
    if (!relations || !wanted)
        return RK_ENOMEM;
    rk_status status = RK_OK;
    for (uint32_t pass = 0; pass < 2 && status == RK_OK; pass++)
        for (uint32_t i = 0; i < plan->sources.len && status != RK_ENOMEM; i++) {
            rk_plan_source source = plan->sources.items[i];
            const session_table *table;
            if (pass == 0)
                RK_TRY(rk_schema_restring(&source.wanted, plan->strings, &session->strings,
                                          &session->answer, &wanted[i]));
            source.wanted = wanted[i];
            const rk_status one = get_table(session, &source, diags, &table);
            if (one == RK_OK && pass == 1)
                RK_TRY(select_columns(session, table, &wanted[i], &relations[i]));
            status = status == RK_OK ? one : status;
        }
    *out = relations;
    return status;
}

/* ---- requests ---- */

void session_close_requests(rk_session *session)
{
    session_requests *const r = &session->requests;
    if (r->is_open)
        rk_file_unmap(&r->file);
    r->is_open = r->is_read = false;
    r->path.len = 0;
    r->pairs.len = 0;
    r->number = 1;
}

rk_status session_open_requests(rk_session *session, const char *path, rk_diags *diags)
{
    session_requests *const r = &session->requests;
    rk_mapping file;
    const rk_file_problem problem = rk_file_map(path, &file);
    if (problem != RK_FILE_FINE) {
        rk_error(diags, RK_E0601, RK_NO_SPAN, "cannot read `%s`: %s", path,
                 rk_file_problem_text(problem));
        return RK_EFILE;
    }
    const rk_str name = rk_str_from(path);
    if (file.text.len && !rk_request_of(name, file.text)) {
        rk_file_unmap(&file);
        return rk_request_unknown(diags, name);
    }
    const uint32_t number = r->number;
    rk_buf kept = {0};
    rk_buf_add(&kept, name);
    session_close_requests(session);
    rk_buf_free(&r->path);
    r->path = kept;
    r->file = file;
    r->is_open = true;
    r->number = number;
    return kept.failed ? RK_ENOMEM : RK_OK;
}

/* Schemas whose defaults are strings of the session. */
static rk_status own_spec(rk_session *session, const rk_plan *plan, rk_schema schemas[2],
                          rk_request_spec *out)
{
    rk_arena *const arena = &session->requests.arena;
    RK_TRY(rk_schema_restring(&plan->query, plan->strings, &session->strings, arena, &schemas[0]));
    RK_TRY(rk_schema_restring(&plan->item, plan->strings, &session->strings, arena, &schemas[1]));
    *out = (rk_request_spec){.query = &schemas[0],
                             .item = &schemas[1],
                             .id_type = plan->id_type,
                             .max_bad_rows = session->options.max_bad_rows};
    return RK_OK;
}

static rk_status beyond_end(const session_requests *r, uint32_t n, rk_diags *diags)
{
    rk_error(diags, RK_E0520, RK_NO_SPAN, "%.*s has %u request%s, and not %u",
             RK_STR_ARG(rk_buf_str(&r->path)), n, n == 1 ? "" : "s", r->number);
    return RK_EDATA;
}

/* Those before the picked one are read and forgotten. */
static rk_status read_up_to(rk_session *session, const rk_request_ops *ops, rk_requests *stream,
                            rk_diags *diags)
{
    session_requests *const r = &session->requests;
    for (uint32_t n = 1;; n++) {
        rk_arena skipped = {0};
        rk_atoms words;
        bool more;
        const bool picked = n == r->number;
        rk_status status = picked ? RK_OK : rk_atoms_init(&words, &skipped, &session->strings);
        if (status == RK_OK)
            status = ops->next(stream, picked ? &r->arena : &skipped,
                               picked ? &session->strings : &words, diags, &r->request, &more);
        rk_arena_free(&skipped);
        RK_TRY(status);
        if (!more)
            return beyond_end(r, n - 1, diags);
        if (picked)
            return RK_OK;
    }
}

static rk_status read_file(rk_session *session, const rk_plan *plan, rk_diags *diags)
{
    session_requests *const r = &session->requests;
    const rk_str path = rk_buf_str(&r->path);
    const rk_request_ops *const ops = rk_request_of(path, r->file.text);
    rk_request_spec spec;
    rk_schema *const schemas = RK_NEW_ARRAY(&r->arena, rk_schema, 2);
    rk_requests *stream = NULL;
    if (!schemas)
        return RK_ENOMEM;
    RK_TRY(own_spec(session, plan, schemas, &spec));
    RK_TRY(rk_requests_over(&r->arena, path, r->file.text, &spec, diags, &stream));
    if (ops == &rk_request_letor)
        RK_TRY(rk_requests_open_letor(stream, diags));
    const rk_status status = read_up_to(session, ops ? ops : &rk_request_jsonl, stream, diags);
    rk_requests_close(stream);
    return status;
}

static bool reads_query(const rk_plan *plan, uint32_t field)
{
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == RK_STEP_QUERY && plan->steps.items[i].index == field)
            return true;
    return false;
}

/* Without a file: fields that nobody reads need no value. */
static rk_status make_request(rk_session *session, const rk_plan *plan, rk_diags *diags)
{
    session_requests *const r = &session->requests;
    rk_schema schemas[2];
    rk_request_spec spec;
    RK_TRY(own_spec(session, plan, schemas, &spec));
    for (uint32_t i = 0; i < schemas[0].n; i++)
        if (!reads_query(plan, i))
            schemas[0].fields[i].type.optional = true;
    return rk_request_from_pairs(&spec, r->pairs.items, r->pairs.len, &r->arena, &session->strings,
                                 diags, &r->request);
}

rk_status session_read_request(rk_session *session, const rk_plan *plan, rk_diags *diags,
                               rk_request *out)
{
    session_requests *const r = &session->requests;
    if (!r->is_read) {
        rk_arena_free(&r->arena);
        RK_TRY(r->is_open ? read_file(session, plan, diags) : make_request(session, plan, diags));
        r->is_read = r->is_open;
    }
    *out = r->request;
    return RK_OK;
}
