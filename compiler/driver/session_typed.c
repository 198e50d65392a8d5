/* Declarations and values that were typed. One of a name takes the place of the one before it; an
 * input is tried with its entries in place, and they are settled when it is known to be sound. */
#include "compiler/driver/session_parts.h"

static void free_entry(session_entry *entry)
{
    rk_buf_free(&entry->name);
    rk_buf_free(&entry->text);
    rk_buf_free(&entry->parsed);
}

void session_drop(rk_session *session, uint32_t i)
{
    session_entry *const items = session->entries.items;
    free_entry(&items[i]);
    memmove(items + i, items + i + 1, (session->entries.len - i - 1) * sizeof *items);
    session->entries.len--;
}

void session_settle(rk_session *session, bool keep)
{
    for (uint32_t i = session->entries.len; i-- > 0;) {
        session_entry *const entry = &session->entries.items[i];
        if (keep ? entry->replaced : entry->fresh)
            session_drop(session, i);
        else
            entry->fresh = entry->replaced = false;
    }
}

bool session_is_test(const rk_session *session)
{
    bool given = false, lists = false;
    for (uint32_t i = 0; i < session->entries.len; i++) {
        const session_entry *const entry = &session->entries.items[i];
        given |= entry->given && !entry->replaced;
        lists |= entry->given && entry->per_item && !entry->replaced;
    }
    const rk_module *const module = session->base ? session->base->module : NULL;
    const bool items = session->requests.path.len || session->scanned.len ||
                       (module && session_pipeline(session, module) != RK_MAP_NONE);
    return lists || (given && !items);
}

/* ---- entries ---- */

static bool same_name(const session_entry *entry, rk_str name)
{
    return rk_str_eq(rk_buf_str(&entry->name), name);
}

static bool is_named(rk_decl_kind kind)
{
    return kind == RK_DECL_SOURCE || kind == RK_DECL_FACTOR || kind == RK_DECL_DEF ||
           kind == RK_DECL_MODEL || kind == RK_DECL_INDEX || kind == RK_DECL_PIPELINE ||
           kind == RK_DECL_REVISION;
}

/* Whether a new entry takes the place of an old one. */
static bool takes_place(const session_entry *new, const session_entry *old)
{
    if (!same_name(old, rk_buf_str(&new->name)) || old->given != new->given)
        return false;
    if (new->given || (old->implied && is_named(new->kind)))
        return true;
    return old->kind == new->kind || (is_named(old->kind) && is_named(new->kind));
}

/* Takes over the buffers of `entry`. */
static rk_status add_entry(rk_session *session, session_entry entry)
{
    entry.fresh = true;
    const bool whole = !entry.name.failed && !entry.text.failed && !entry.parsed.failed;
    if (!whole || !rk_vec_push(&session->arena, &session->entries, entry)) {
        free_entry(&entry);
        return RK_ENOMEM;
    }
    const uint32_t last = session->entries.len - 1;
    for (uint32_t i = 0; i < last; i++)
        if (entry.name.len && takes_place(&entry, &session->entries.items[i]))
            session->entries.items[i].replaced = true;
    return RK_OK;
}

static rk_str slice(rk_str text, size_t from, size_t to)
{
    while (from < to && strchr(" \t\r\n", text.data[from]))
        from++;
    while (to > from && strchr(" \t\r\n", text.data[to - 1]))
        to--;
    return (rk_str){text.data + from, to - from};
}

/* ---- declarations ---- */

/* A text alone in session->last; its syntax errors are there. */
static rk_status parse(rk_session *session, rk_str text, uint32_t hidden, rk_ast_file **file)
{
    rk_compiled *const c = session_slot(session);
    session_set_last(session, c);
    RK_TRY(rk_compiled_init(c));
    char *const kept = rk_arena_copy(&c->cx.arena, text.data, text.len);
    const rk_text entry = {.name = RK_STR("<typed>"), .text = {kept, text.len}, .hidden = hidden};
    if (!kept || !rk_vec_push(&c->cx.arena, &c->cx.texts.items, entry))
        return RK_ENOMEM;
    *file = NULL;
    const rk_status status = rk_parse(&c->cx, c->cx.texts.items.len - 1, file);
    RK_TRY(status);
    if (!*file)
        return RK_ENOMEM;
    return rk_diags_status(&c->cx.diags);
}

static rk_str name_of(const rk_compiled *c, const rk_decl *decl)
{
    if (decl->kind == RK_DECL_TEST || decl->kind == RK_DECL_IMPORT)
        return decl->text;
    return decl->name == RK_ATOM_EMPTY ? RK_STR("") : rk_atom_str(&c->cx.names, decl->name);
}

rk_status session_split(rk_session *session, rk_str text)
{
    rk_ast_file *file;
    RK_TRY(parse(session, text, 0, &file));
    size_t from = 0;
    for (uint32_t i = 0; i < file->decls.len; i++) {
        const rk_decl *const decl = file->decls.items[i];
        const bool last = i + 1 == file->decls.len;
        const size_t to = last ? text.len : (size_t)decl->span.at + decl->span.len;
        session_entry entry = {.kind = decl->kind};
        rk_buf_add(&entry.name, name_of(session->last, decl));
        rk_buf_add(&entry.text, slice(text, from, to));
        rk_buf_add(&entry.parsed, slice(text, from, to));
        RK_TRY(add_entry(session, entry));
        from = to;
    }
    return RK_OK;
}

/* ---- values ---- */

static rk_type literal_type(const rk_ast *ast)
{
    ast = rk_ast_strip(ast);
    switch (ast->kind) {
    case RK_AST_NUMBER:
        return ast->as.number.is_float ? RK_TYPE(FLOAT) : RK_TYPE(INT);
    case RK_AST_INF:
        return RK_TYPE(FLOAT);
    case RK_AST_UNARY:
        return literal_type(ast->as.unary.operand);
    case RK_AST_BOOL:
        return RK_TYPE(BOOL);
    case RK_AST_STRING:
        return RK_TYPE(STRING);
    default:
        return (rk_type){.optional = true};
    }
}

/* The least type of a list's elements; what is no literal fits any. */
static rk_type elements_type(const rk_ast *list)
{
    rk_type type = {0};
    for (uint32_t i = 0; i < list->as.list.len; i++) {
        const rk_ast *const element = rk_ast_strip(list->as.list.items[i]);
        rk_type one = literal_type(element);
        if (element->kind == RK_AST_LIST) {
            const rk_type inner = elements_type(element);
            one = (rk_type){.kind = RK_KIND_LIST, .elem = inner.kind};
        }
        const bool optional = type.optional || one.optional;
        const rk_type common = rk_type_common(rk_type_plain(type), rk_type_plain(one));
        type = !type.kind ? one : !one.kind || !common.kind ? type : common;
        type.optional = optional;
    }
    if (!type.kind)
        type.kind = RK_KIND_FLOAT;
    return type;
}

static bool is_list(const rk_ast *ast) { return rk_ast_strip(ast)->kind == RK_AST_LIST; }

/* Whether a list is one value an item of a thing with this type and scope. */
static bool is_per_item(const rk_ast *value, rk_type type, rk_scope scope)
{
    if (!is_list(value) || scope != RK_SCOPE_ITEM)
        return false;
    const rk_ast_list list = rk_ast_strip(value)->as.list;
    const bool many = type.kind == RK_KIND_LIST || type.kind == RK_KIND_VECTOR;
    return !many || (list.len && is_list(list.items[0]));
}

/* The thing that a name alone or with its owner means as a value; RK_MAP_NONE. */
static uint32_t find_known(const rk_session *session, rk_str name)
{
    const rk_outline *const outline = &session->base->module->outline;
    const uint32_t found = rk_outline_find(outline, name);
    if (found == RK_MAP_NONE)
        return found;
    const rk_named *const named = &outline->items.items[found];
    const bool longer = named->kind == RK_NAMED_QUERY_FIELD || named->kind == RK_NAMED_LABEL;
    return longer && !rk_str_eq(named->long_name, name) ? RK_MAP_NONE : found;
}

/* What only a value before this one had declared, and that value, which may not fit what comes. */
static bool drop_implied(rk_session *session, rk_str name)
{
    bool found = false;
    for (uint32_t i = 0; i < session->entries.len; i++) {
        session_entry *const entry = &session->entries.items[i];
        if (entry->implied && same_name(entry, name))
            entry->replaced = found = true;
    }
    for (uint32_t i = 0; found && i < session->entries.len; i++) {
        session_entry *const entry = &session->entries.items[i];
        entry->replaced |= entry->given && same_name(entry, name);
    }
    return found;
}

static rk_status imply(rk_session *session, rk_str name, rk_decl_kind kind, rk_str text)
{
    session_entry entry = {.kind = kind, .implied = true};
    rk_buf_add(&entry.name, name);
    rk_buf_add(&entry.text, text);
    rk_buf_add(&entry.parsed, text);
    return add_entry(session, entry);
}

/* A field of the query or the item for a value that nothing else is there for. */
static rk_status imply_field(rk_session *session, rk_str name, bool item, const rk_ast *value)
{
    rk_type type = literal_type(value);
    if (is_list(value) && item)
        type = elements_type(rk_ast_strip(value));
    else if (is_list(value))
        type = (rk_type){.kind = RK_KIND_LIST, .elem = elements_type(rk_ast_strip(value)).kind};
    const char *const dot = memchr(name.data, '.', name.len);
    const size_t owner = dot ? (size_t)(dot - name.data) + 1 : 0;
    rk_buf text = {0};
    rk_buf_printf(&text, "%s { %.*s: %s }", item ? "item" : "query", (int)(name.len - owner),
                  name.data + owner, rk_type_text(type).text);
    rk_status status = text.failed ? RK_ENOMEM : RK_OK;
    if (status == RK_OK && item && session->base->module->id_type.kind == RK_KIND_NONE)
        status = imply(session, RK_STR("item.id"), RK_DECL_ITEM, RK_STR("item { id: int }"));
    if (status == RK_OK)
        status = imply(session, name, item ? RK_DECL_ITEM : RK_DECL_QUERY, rk_buf_str(&text));
    rk_buf_free(&text);
    return status;
}

static rk_status imply_factor(rk_session *session, rk_str name, rk_str value)
{
    rk_buf text = {0};
    rk_buf_printf(&text, "factor %.*s = %.*s", RK_STR_ARG(name), RK_STR_ARG(value));
    const rk_status status =
        text.failed ? RK_ENOMEM : imply(session, name, RK_DECL_FACTOR, rk_buf_str(&text));
    rk_buf_free(&text);
    return status;
}

static bool has_owner(rk_str name, const char *owner)
{
    const size_t len = strlen(owner);
    return name.len > len && memcmp(name.data, owner, len) == 0 && name.data[len] == '.';
}

static rk_status add_given(rk_session *session, rk_str name, rk_str text, bool per_item)
{
    session_entry entry = {.kind = RK_DECL_TEST, .given = true, .per_item = per_item};
    static const char head[] = "test \"\" {\n", word[] = "given ";
    entry.hidden = sizeof head - 1;
    rk_buf_add(&entry.name, name);
    rk_buf_add(&entry.text, text);
    rk_buf_printf(&entry.parsed, "%s%s%.*s\n}", head, word, RK_STR_ARG(text));
    return add_entry(session, entry);
}

/* `name`: the subject in canonical form. */
static rk_status take_given(rk_session *session, rk_str text, const rk_ast_step *step, rk_str name,
                            uint32_t hidden)
{
    const uint32_t known = drop_implied(session, name) ? RK_MAP_NONE : find_known(session, name);
    const size_t end = (size_t)step->span.at + step->span.len - hidden;
    const rk_str whole = slice(text, step->subject->span.at - hidden, end);
    const rk_str value = slice(text, step->value->span.at - hidden, end);
    if (known != RK_MAP_NONE) {
        const rk_named *const named = &session->base->module->outline.items.items[known];
        return add_given(session, name, whole,
                         is_per_item(step->value, named->type, (rk_scope)named->scope));
    }
    const bool bare = step->subject->kind == RK_AST_NAME;
    if (bare && rk_str_eq(name, RK_STR("now")))
        return add_given(session, name, whole, false);
    if (bare && !is_list(step->value))
        return imply_factor(session, name, value);
    if (bare || has_owner(name, "item") || has_owner(name, "query"))
        RK_TRY(imply_field(session, name, !has_owner(name, "query"), step->value));
    return add_given(session, name, whole, is_list(step->value) && !has_owner(name, "query"));
}

static rk_status take_step(rk_session *session, rk_str text, const rk_ast_step *step,
                           uint32_t hidden)
{
    rk_buf name = {0};
    rk_ast_format_expr(&session->last->cx, step->subject, &name);
    const rk_status status =
        name.failed ? RK_ENOMEM : take_given(session, text, step, rk_buf_str(&name), hidden);
    rk_buf_free(&name);
    return status;
}

rk_status session_split_steps(rk_session *session, rk_str text, bool *expects)
{
    static const char head[] = "test \"\" {\n";
    const uint32_t hidden = sizeof head - 1;
    rk_buf whole = {0};
    rk_ast_file *file = NULL;
    rk_buf_printf(&whole, "%s%.*s\n}", head, RK_STR_ARG(text));
    rk_status status = whole.failed ? RK_ENOMEM : parse(session, rk_buf_str(&whole), hidden, &file);
    rk_buf_free(&whole);
    *expects = false;
    if (status == RK_OK && (file->decls.len != 1 || file->decls.items[0]->kind != RK_DECL_TEST)) {
        rk_error(&session->last->cx.diags, RK_E0101, RK_NO_SPAN,
                 "`given` and `expect` lines stand by themselves");
        return RK_EPROGRAM;
    }
    for (uint32_t i = 0; status == RK_OK && i < file->decls.items[0]->n_steps; i++) {
        const rk_ast_step *const step = &file->decls.items[0]->steps[i];
        *expects |= !step->given;
        if (step->given)
            status = take_step(session, text, step, hidden);
    }
    return status;
}
