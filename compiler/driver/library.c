#include "compiler/driver/library.h"

#include <stdio.h>

#include "config.h"

/* ---- names ---- */

static const char taken_words[] =
    " alignas alignof and and_eq asm atomic auto bitand bitor bool break case catch char char8_t "
    "char16_t char32_t class compl concept const consteval constexpr constinit const_cast continue "
    "co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit "
    "export extern false float for friend goto if inline int int64_t long mutable namespace new "
    "noexcept not not_eq nullptr operator or or_eq private protected public register "
    "reinterpret_cast requires restrict return short signed size_t sizeof static static_assert "
    "static_cast struct switch template this thread_local throw true try typedef typeid typename "
    "typeof uint64_t union unsigned using virtual void volatile wchar_t while xor xor_eq linux "
    "unix "
    "NULL ";

enum { NAME_MAX_LEN = 63 };

static bool is_letter(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_taken_word(rk_str word)
{
    char between[NAME_MAX_LEN + 3];
    if (word.len > NAME_MAX_LEN)
        return false;
    snprintf(between, sizeof between, " %.*s ", RK_STR_ARG(word));
    return strstr(taken_words, between) != NULL;
}

bool rk_library_is_name(rk_str word)
{
    if (word.len == 0 || word.len > NAME_MAX_LEN || is_digit(word.data[0]) || word.data[0] == '_')
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!is_letter(word.data[i]) && !is_digit(word.data[i]))
            return false;
    return !is_taken_word(word);
}

/* Members of one struct so far. */
typedef struct members {
    rk_arena *arena;
    RK_VEC(const char *) names;
    bool no_memory;
} members;

static bool has_member(const members *all, const char *name)
{
    for (uint32_t i = 0; i < all->names.len; i++)
        if (strcmp(all->names.items[i], name) == 0)
            return true;
    return false;
}

/* BEFOREnameAFTER as a C identifier that no other member has: other characters become `_`, and `_`
 * is added until it is free. */
static const char *member(members *all, const char *before, rk_str name, const char *after)
{
    const size_t room = strlen(before) + name.len + strlen(after) + 2 + all->names.len;
    char *const out = rk_arena_alloc(all->arena, room + 1);
    if (!out) {
        all->no_memory = true;
        return "";
    }
    size_t len = 0;
    if (!*before && (name.len == 0 || is_digit(name.data[0])))
        out[len++] = '_';
    len += (size_t)snprintf(out + len, room - len, "%s", before);
    for (size_t i = 0; i < name.len; i++)
        out[len++] = is_letter(name.data[i]) || is_digit(name.data[i]) ? name.data[i] : '_';
    len += (size_t)snprintf(out + len, room - len, "%s", after);
    while (has_member(all, out) || is_taken_word((rk_str){out, len})) {
        out[len++] = '_';
        out[len] = '\0';
    }
    all->no_memory |= !rk_vec_push(all->arena, &all->names, out);
    return out;
}

/* ---- the members of a field ---- */

typedef struct place {
    const rk_field *field;
    const char *at, *len, *slices, *present; /* NULL: has none */
    bool by_pointer;
} place;

typedef struct layout {
    place *query, *item;
    const char **shown;
    bool no_memory;
} layout;

/* Whether a value may stay away. */
static bool may_lack(const rk_field *field) { return field->type.optional || field->has_initial; }

static bool is_many(rk_type type)
{
    return type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
}

static place query_place(members *all, const rk_field *field)
{
    place p = {.field = field, .at = member(all, "", field->name, "")};
    p.by_pointer = may_lack(field) || is_many(field->type) || field->type.kind == RK_KIND_STRING;
    if (field->type.kind == RK_KIND_LIST)
        p.len = member(all, "n_", field->name, "");
    return p;
}

static place item_place(members *all, const rk_field *field)
{
    place p = {.field = field, .at = member(all, "", field->name, ""), .by_pointer = true};
    const bool marks = rk_kind_is_real(field->type.kind) || field->type.kind == RK_KIND_STRING;
    if (field->type.kind == RK_KIND_LIST) {
        p.len = member(all, "n_", field->name, "");
        p.slices = member(all, "", field->name, "_at");
    }
    if (may_lack(field) && !marks) /* NaN and NULL say it themselves */
        p.present = member(all, "", field->name, "_present");
    return p;
}

static place *places_of(rk_arena *arena, const rk_schema *schema, bool items, layout *out)
{
    members all = {.arena = arena};
    place *const places = RK_NEW_ARRAY(arena, place, schema->n);
    if (!places) {
        out->no_memory = true;
        return NULL;
    }
    if (items) {
        member(&all, "", RK_STR("n"), "");
        member(&all, "", RK_STR("id"), "");
    }
    for (uint32_t i = 0; i < schema->n; i++)
        places[i] = (items ? item_place : query_place)(&all, &schema->fields[i]);
    out->no_memory |= all.no_memory;
    return places;
}

static layout lay_out(const rk_library *library, rk_arena *arena)
{
    static const char *const fixed[] = {"room",   "ids", "text",   "text_room",
                                        "scores", "n",   "message"};
    const rk_plan *const plan = library->plan;
    layout out = {0};
    members all = {.arena = arena};
    out.query = places_of(arena, &plan->query, false, &out);
    out.item = places_of(arena, &plan->item, true, &out);
    out.shown = RK_NEW_ARRAY(arena, const char *, plan->shown.len);
    out.no_memory |= !out.shown;
    for (size_t i = 0; i < RK_ARRAY_LEN(fixed); i++)
        member(&all, "", rk_str_from(fixed[i]), "");
    for (uint32_t i = 0; i < plan->shown.len && out.shown; i++)
        out.shown[i] = member(&all, "", plan->shown.items[i].name, "");
    out.no_memory |= all.no_memory;
    return out;
}

/* ---- the header ---- */

static const char *c_type(uint8_t kind)
{
    static const char *const names[RK_KIND_COUNT] = {
        [RK_KIND_BOOL] = "bool",     [RK_KIND_INT] = "int64_t",   [RK_KIND_FLOAT] = "float",
        [RK_KIND_DOUBLE] = "double", [RK_KIND_STRING] = "char *", [RK_KIND_VECTOR] = "float",
    };
    return names[kind];
}

/* A comment may hold neither its own end nor a line's. */
static void add_plain(rk_str text, rk_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        const bool ends = text.data[i] == '*' && i + 1 < text.len && text.data[i + 1] == '/';
        rk_buf_add_char(out, ends || (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
    }
}

static void add_field_note(const rk_library *library, const rk_field *field, const char *more,
                           rk_buf *out)
{
    rk_buf initial = {0};
    rk_buf_printf(out, " /* %s", rk_type_text(field->type).text);
    if (field->has_initial) {
        rk_value_print_json(field->initial, library->plan->strings, &initial);
        rk_buf_add_chars(out, " = ");
        add_plain(rk_buf_str(&initial), out);
    }
    rk_buf_printf(out, "%s */\n", more);
    out->failed |= initial.failed;
    rk_buf_free(&initial);
}

/* `const T *name;`, where a text is `const char *`, and an array of them `const char *const *`. */
static void add_array(uint8_t kind, const char *name, rk_buf *out)
{
    if (kind == RK_KIND_STRING)
        rk_buf_printf(out, "    const char *const *%s;", name);
    else
        rk_buf_printf(out, "    const %s *%s;", c_type(kind), name);
}

static void add_query_member(const rk_library *library, const place *p, rk_buf *out)
{
    const rk_type type = p->field->type;
    if (type.kind == RK_KIND_LIST)
        add_array(type.elem, p->at, out);
    else if (type.kind == RK_KIND_STRING)
        rk_buf_printf(out, "    const char *%s;", p->at);
    else if (p->by_pointer)
        add_array(type.kind, p->at, out);
    else
        rk_buf_printf(out, "    %s %s;", c_type(type.kind), p->at);
    add_field_note(library, p->field,
                   !p->by_pointer       ? ""
                   : may_lack(p->field) ? "; NULL: not sent"
                                        : "; must be sent",
                   out);
    if (p->len)
        rk_buf_printf(out, "    size_t %s; /* elements of %s */\n", p->len, p->at);
}

static void add_item_member(const rk_library *library, const place *p, rk_buf *out)
{
    const rk_type type = p->field->type;
    const bool lacks = may_lack(p->field);
    add_array(type.kind == RK_KIND_LIST ? type.elem : type.kind, p->at, out);
    add_field_note(library, p->field,
                   !lacks                        ? "; must be sent"
                   : p->present                  ? "; NULL: not sent"
                   : type.kind == RK_KIND_STRING ? "; NULL, or NULL within: not sent"
                                                 : "; NULL, or NaN within: not sent",
                   out);
    if (p->len) {
        rk_buf_printf(out, "    size_t %s; /* elements of all lists together, at %s */\n", p->len,
                      p->at);
        rk_buf_printf(out, "    const %s_slice *%s; /* [n] which of them are an item's */\n",
                      library->name, p->slices);
    }
    if (p->present)
        rk_buf_printf(out,
                      "    const uint64_t *%s; /* bit i %% 64 of word i / 64: item i has one; "
                      "NULL: all have */\n",
                      p->present);
}

static bool has_lists(const rk_plan *plan)
{
    for (uint32_t i = 0; i < plan->item.n; i++)
        if (plan->item.fields[i].type.kind == RK_KIND_LIST)
            return true;
    return false;
}

static bool has_items(const rk_plan *plan) { return plan->id_type.kind != RK_KIND_NONE; }

static void add_query_struct(const rk_library *library, const layout *l, rk_buf *out)
{
    if (!library->plan->query.n)
        return;
    rk_buf_printf(out, "typedef struct %s_query {\n", library->name);
    for (uint32_t i = 0; i < library->plan->query.n; i++)
        add_query_member(library, &l->query[i], out);
    rk_buf_printf(out, "} %s_query;\n\n", library->name);
}

static void add_items_struct(const rk_library *library, const layout *l, rk_buf *out)
{
    const rk_plan *const plan = library->plan;
    if (!has_items(plan))
        return;
    if (has_lists(plan))
        rk_buf_printf(out,
                      "typedef struct %s_slice {\n    uint32_t at;\n    uint32_t len;\n"
                      "} %s_slice;\n\n",
                      library->name, library->name);
    rk_buf_printf(out,
                  "/* Candidates: arrays of n values each. */\ntypedef struct %s_items {\n"
                  "    size_t n;\n",
                  library->name);
    rk_buf_add_chars(out, plan->id_type.kind == RK_KIND_STRING ? "    const char *const *id;\n"
                                                               : "    const int64_t *id;\n");
    for (uint32_t i = 0; i < plan->item.n; i++)
        add_item_member(library, &l->item[i], out);
    rk_buf_printf(out, "} %s_items;\n\n", library->name);
}

static void add_request_struct(const rk_library *library, rk_buf *out)
{
    const char *const name = library->name;
    rk_buf_printf(out,
                  "/* Zeros are a request of which nothing was sent. */\n"
                  "typedef struct %s_request {\n",
                  name);
    if (library->plan->query.n)
        rk_buf_printf(out, "    %s_query query;\n", name);
    if (has_items(library->plan))
        rk_buf_printf(out, "    %s_items items;\n", name);
    rk_buf_printf(out,
                  "    const double *now; /* seconds since 1970; NULL: the clock */\n"
                  "} %s_request;\n\n",
                  name);
}

static void add_ranked_struct(const rk_library *library, const layout *l, rk_buf *out)
{
    const bool texts = library->plan->id_type.kind == RK_KIND_STRING;
    rk_buf_printf(
        out,
        "/* The ranked list, in arrays of the caller with room for `room` items each; the best "
        "comes\n * first. NULL: not wanted. NaN: there is none. */\n"
        "typedef struct %s_ranked {\n    size_t room;\n",
        library->name);
    rk_buf_add_chars(out, texts ? "    const char **ids; /* point into: */\n"
                                  "    char *text;\n    size_t text_room; /* bytes of text */\n"
                                : "    int64_t *ids;\n");
    rk_buf_add_chars(out, "    double *scores; /* what the list was sorted by last */\n");
    for (uint32_t i = 0; i < library->plan->shown.len; i++)
        rk_buf_printf(out, "    double *%s;\n", l->shown[i]);
    rk_buf_printf(out,
                  "    size_t n; /* filled: items of the list, of which `room` at most are in "
                  "the arrays */\n"
                  "    char message[256]; /* filled: why it failed */\n} %s_ranked;\n\n",
                  library->name);
}

static void add_guard(const char *word, const char *name, rk_buf *out)
{
    rk_buf_printf(out, "%s RANK_", word);
    for (; *name; name++)
        rk_buf_add_char(out, *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name);
    rk_buf_add_chars(out, "_H\n");
}

static void add_top(const rk_library *library, rk_buf *out)
{
    const rk_plan *const plan = library->plan;
    rk_buf_add_chars(out, "/* ");
    if (plan->pipeline.len) {
        rk_buf_add_chars(out, "Pipeline `");
        add_plain(plan->pipeline, out);
        rk_buf_add_chars(out, "` of ");
    }
    add_plain(library->program, out);
    rk_buf_printf(out, ". Made by rankc %s. */\n", PACKAGE_VERSION);
    add_guard("#ifndef", library->name, out);
    add_guard("#define", library->name, out);
    rk_buf_add_char(out, '\n');
    rk_buf_add_chars(out, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
                          "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
}

static rk_status check_shown(const rk_library *library, rk_buf *why)
{
    const rk_plan *const plan = library->plan;
    for (uint32_t i = 0; i < plan->shown.len; i++) {
        const rk_type type = plan->columns.items[plan->shown.items[i].column].type;
        if (type.kind == RK_KIND_BOOL || rk_kind_is_number(type.kind))
            continue;
        rk_buf_printf(why, "a library shows numbers and bools alone, and `%.*s` is %s",
                      RK_STR_ARG(plan->shown.items[i].name), rk_type_text(type).text);
        return RK_EUSAGE;
    }
    return RK_OK;
}

rk_status rk_library_header(const rk_library *library, rk_arena *arena, rk_buf *out, rk_buf *why)
{
    RK_TRY(check_shown(library, why));
    const layout l = lay_out(library, arena);
    if (l.no_memory)
        return RK_ENOMEM;
    add_top(library, out);
    add_query_struct(library, &l, out);
    add_items_struct(library, &l, out);
    add_request_struct(library, out);
    add_ranked_struct(library, &l, out);
    rk_buf_printf(
        out,
        "/* Ranks a request; any number of threads may. Returns 0, or: 2 wrong arguments, 4 bad "
        "data,\n * 6 a limit, 7 no memory, 70 a mistake of the library. */\n"
        "int %s_rank(const %s_request *request, %s_ranked *ranked);\n\n"
        "#ifdef __cplusplus\n}\n#endif\n\n#endif\n",
        library->name, library->name, library->name);
    return out->failed ? RK_ENOMEM : RK_OK;
}

/* ---- the source ---- */

static void add_string(rk_str text, rk_buf *out)
{
    rk_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (is_letter((char)c) || is_digit((char)c))
            rk_buf_add_char(out, (char)c);
        else
            rk_buf_printf(out, "\\%03o", c);
    }
    rk_buf_add_char(out, '"');
}

static const char *kind_name(uint8_t kind)
{
    static const char *const names[RK_KIND_COUNT] = {
        [RK_KIND_NONE] = "RANK_NONE",     [RK_KIND_BOOL] = "RANK_BOOL",
        [RK_KIND_INT] = "RANK_INT",       [RK_KIND_FLOAT] = "RANK_FLOAT",
        [RK_KIND_DOUBLE] = "RANK_DOUBLE", [RK_KIND_STRING] = "RANK_STRING",
        [RK_KIND_VECTOR] = "RANK_VECTOR", [RK_KIND_LIST] = "RANK_LIST",
    };
    return names[kind];
}

static void add_offset(const char *name, const char *in, const char *of, rk_buf *out)
{
    if (of)
        rk_buf_printf(out, "offsetof(%s_%s, %s), ", name, in, of);
    else
        rk_buf_add_chars(out, "RANK_PACKED_NONE, ");
}

static void add_fields(const rk_library *library, const char *in, const place *places, uint32_t n,
                       rk_buf *out)
{
    if (!n)
        return;
    rk_buf_printf(out, "static const rank_packed_field %s_fields[] = {\n", in);
    for (uint32_t i = 0; i < n; i++) {
        const place *const p = &places[i];
        const rk_type type = p->field->type;
        rk_buf_add_chars(out, "    {");
        add_string(p->field->name, out);
        rk_buf_printf(out, ", {%s, %s, %u, %s}, ", kind_name(type.kind), kind_name(type.elem),
                      type.dim, type.optional ? "true" : "false");
        add_offset(library->name, in, p->at, out);
        add_offset(library->name, in, p->len, out);
        add_offset(library->name, in, p->slices, out);
        add_offset(library->name, in, p->present, out);
        rk_buf_printf(out, "%u},\n", p->by_pointer);
    }
    rk_buf_add_chars(out, "};\n\n");
}

static void add_outputs(const rk_library *library, const layout *l, rk_buf *out)
{
    if (!library->plan->shown.len)
        return;
    rk_buf_add_chars(out, "static const uint32_t outputs[] = {\n");
    for (uint32_t i = 0; i < library->plan->shown.len; i++)
        rk_buf_printf(out, "    offsetof(%s_ranked, %s),\n", library->name, l->shown[i]);
    rk_buf_add_chars(out, "};\n\n");
}

static void add_table(const rk_library *library, rk_buf *out)
{
    const rk_plan *const plan = library->plan;
    const bool texts = plan->id_type.kind == RK_KIND_STRING;
    const char *const name = library->name;
    rk_buf_printf(out,
                  "static const rank_packed packed = {\n    RANK_PACKED_VERSION, bundle, "
                  "bundle_end, %s,\n    ",
                  texts ? "RANK_STRING" : "RANK_INT");
    add_offset(name, "request", plan->query.n ? "query" : NULL, out);
    add_offset(name, "request", "items", out);
    add_offset(name, "request", "now", out);
    add_offset(name, "items", "n", out);
    add_offset(name, "items", "id", out);
    rk_buf_printf(out, "\n    %s, %s, %u, %u,\n    ", plan->query.n ? "query_fields" : "NULL",
                  plan->item.n ? "items_fields" : "NULL", plan->query.n, plan->item.n);
    add_offset(name, "ranked", "room", out);
    add_offset(name, "ranked", "n", out);
    add_offset(name, "ranked", "ids", out);
    add_offset(name, "ranked", texts ? "text" : NULL, out);
    add_offset(name, "ranked", texts ? "text_room" : NULL, out);
    add_offset(name, "ranked", "scores", out);
    add_offset(name, "ranked", "message", out);
    rk_buf_printf(out, "\n    %s, %u};\n\n", plan->shown.len ? "outputs" : "NULL", plan->shown.len);
}

/* The bundle goes in by the assembler: as an array of numbers a large one would take minutes. */
rk_status rk_library_source(const rk_library *library, rk_arena *arena, const char *header,
                            const char *bundle, rk_buf *out)
{
    const layout l = lay_out(library, arena);
    if (l.no_memory)
        return RK_ENOMEM;
    rk_buf_printf(out, "#include \"%s\"\n#include \"runtime/rank_packed.h\"\n\n", header);
    rk_buf_printf(out,
                  "__asm__(\".section .rodata\\n.balign 64\\nbundle:\\n.incbin \\\"%s\\\"\\n"
                  "bundle_end:\\n.previous\\n\");\n"
                  "extern const char bundle[] __attribute__((visibility(\"hidden\")));\n"
                  "extern const char bundle_end[] __attribute__((visibility(\"hidden\")));\n\n",
                  bundle);
    add_fields(library, "query", l.query, library->plan->query.n, out);
    add_fields(library, "items", l.item, library->plan->item.n, out);
    add_outputs(library, &l, out);
    add_table(library, out);
    rk_buf_printf(
        out,
        "static void *state;\n\n"
        "__attribute__((visibility(\"default\"))) int %s_rank(const %s_request *request, "
        "%s_ranked *ranked)\n"
        "{\n    return rank_call_packed(&packed, &state, request, ranked);\n}\n\n"
        "__attribute__((destructor)) static void end(void) { rank_end_packed(&state); }\n",
        library->name, library->name, library->name);
    return out->failed ? RK_ENOMEM : RK_OK;
}
