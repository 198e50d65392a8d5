/* The program of a session with what was typed, and with an input in it. */
#include "compiler/driver/session_parts.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

/* ---- files and entries ---- */

static rk_status read_files(rk_session *session, rk_compiled *c)
{
    for (uint32_t i = 0; i < session->paths.len; i++) {
        const rk_status status = rk_compile_read(c, session->paths.items[i].data);
        if (status != RK_OK && status != RK_EPROGRAM) /* syntax errors come out with the rest */
            return status;
    }
    return RK_OK;
}

/* A text with lines before it that nobody typed. */
static rk_status parse_text(rk_compiled *c, rk_str text, uint32_t hidden, rk_ast_file **file)
{
    const rk_text entry = {.name = RK_STR("<typed>"), .text = text, .hidden = hidden};
    if (!rk_vec_push(&c->cx.arena, &c->cx.texts.items, entry))
        return RK_ENOMEM;
    *file = NULL;
    const rk_status status = rk_parse(&c->cx, c->cx.texts.items.len - 1, file);
    return status == RK_OK && !*file ? RK_ENOMEM : status;
}

static rk_status add_file(rk_compiled *c, rk_ast_file *file)
{
    char *const no_path = NULL;
    const bool fine =
        rk_vec_push(&c->cx.arena, &c->files, file) && rk_vec_push(&c->cx.arena, &c->paths, no_path);
    return fine ? RK_OK : RK_ENOMEM;
}

static bool is_block(const rk_decl *decl)
{
    return decl->kind == RK_DECL_QUERY || decl->kind == RK_DECL_ITEM;
}

static void drop_field(rk_decl *decl, rk_atom name)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < decl->n_fields; i++)
        if (decl->fields[i].name != name)
            decl->fields[kept++] = decl->fields[i];
    decl->n_fields = kept;
}

/* Whether a declaration takes the place of an older one; fields of blocks are taken over singly. */
static bool takes_place(const rk_decl *new, rk_decl *old)
{
    if (is_block(new) && old->kind == new->kind)
        for (uint32_t i = 0; i < new->n_fields; i++)
            drop_field(old, new->fields[i].name);
    if (new->kind == RK_DECL_TEST && old->kind == RK_DECL_TEST)
        return rk_str_eq(new->text, old->text);
    return new->name != RK_ATOM_EMPTY &&new->name == old->name;
}

static void drop_older(rk_compiled *c, const rk_decl *new, uint32_t files)
{
    for (uint32_t f = 1; f < files; f++) {
        rk_ast_file *const file = c->files.items[f];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < file->decls.len; i++)
            if (!takes_place(new, file->decls.items[i]))
                file->decls.items[kept++] = file->decls.items[i];
        file->decls.len = kept;
    }
}

/* A declaration that was typed, in place of older ones. */
static rk_status read_entry(rk_compiled *c, const session_entry *entry)
{
    const uint32_t at = c->files.len;
    const rk_str text = {rk_arena_copy(&c->cx.arena, entry->parsed.data, entry->parsed.len),
                         entry->parsed.len}; /* messages may outlive the entry */
    if (!text.data)
        return RK_ENOMEM;
    const rk_status status = rk_compile_read_text(c, RK_STR("<typed>"), text);
    if (status != RK_OK && status != RK_EPROGRAM)
        return status;
    for (uint32_t i = 0; c->files.len > at && i < c->files.items[at]->decls.len; i++)
        drop_older(c, c->files.items[at]->decls.items[i], at);
    return RK_OK;
}

static rk_status name_decl(rk_compiled *c, rk_decl *decl, rk_decl_kind kind, rk_str name)
{
    decl->kind = kind;
    decl->beside = true;
    return rk_atom_intern(&c->cx.names, name, &decl->name);
}

/* `scan(source)`, the domain of a program without pipelines. */
static rk_status read_scan(const rk_session *session, rk_compiled *c)
{
    static const char head[] = "pipeline it =\n";
    rk_buf text = {0};
    rk_ast_file *file;
    rk_buf_printf(&text, "%sscan(%.*s)", head, RK_STR_ARG(rk_buf_str(&session->scanned)));
    const char *const kept = text.failed ? NULL : rk_arena_copy(&c->cx.arena, text.data, text.len);
    const rk_str whole = {kept, text.len};
    rk_buf_free(&text);
    if (!kept)
        return RK_ENOMEM;
    RK_TRY(parse_text(c, whole, sizeof head - 1, &file));
    if (file->decls.len != 1)
        return RK_EBUG;
    RK_TRY(name_decl(c, file->decls.items[0], RK_DECL_PIPELINE, SESSION_SCANNED));
    return add_file(c, file);
}

/* Tests take time and are asked for singly: those of files stay out. */
static void silence_tests(rk_compiled *c, uint32_t files)
{
    for (uint32_t f = 1; f < files; f++)
        for (uint32_t i = 0; i < c->files.items[f]->decls.len; i++) {
            rk_decl *const decl = c->files.items[f]->decls.items[i];
            decl->broken |= decl->kind == RK_DECL_TEST;
        }
}

static bool has_field(const rk_decl *decl, rk_atom name)
{
    for (uint32_t i = 0; i < decl->n_fields; i++)
        if (decl->fields[i].name == name)
            return true;
    return false;
}

/* Whether the program has a thing of this name by now: `price`, `item.id`, `query.user`. */
static bool is_declared(const rk_compiled *c, rk_str name)
{
    const char *const dot = memchr(name.data, '.', name.len);
    const size_t owner = dot ? (size_t)(dot - name.data) : 0;
    const size_t at = dot ? owner + 1 : 0;
    const bool of_query = rk_str_eq((rk_str){name.data, owner}, RK_STR("query"));
    const rk_atom atom = rk_atom_find(&c->cx.names, (rk_str){name.data + at, name.len - at});
    for (uint32_t f = 1; atom != RK_MAP_NONE && f < c->files.len; f++)
        for (uint32_t i = 0; i < c->files.items[f]->decls.len; i++) {
            const rk_decl *const decl = c->files.items[f]->decls.items[i];
            const bool fields = of_query ? decl->kind == RK_DECL_QUERY
                                : owner  ? decl->kind == RK_DECL_ITEM
                                         : decl->kind != RK_DECL_QUERY;
            if ((!owner && decl->name == atom) || (fields && has_field(decl, atom)))
                return true;
        }
    return false;
}

/* What only giving a value declared gives way to a declaration. */
static rk_status read_implied(rk_session *session, rk_compiled *c)
{
    for (uint32_t i = 0; i < session->entries.len; i++) {
        const session_entry *const entry = &session->entries.items[i];
        if (entry->implied && !entry->replaced && !is_declared(c, rk_buf_str(&entry->name)))
            RK_TRY(read_entry(c, entry));
    }
    return RK_OK;
}

static rk_status read_program(rk_session *session, session_want want, rk_compiled *c)
{
    RK_TRY(rk_compiled_init(c));
    c->known = &session->known;
    c->models = &session->models;
    RK_TRY(read_files(session, c));
    silence_tests(c, c->files.len);
    for (uint32_t i = 0; i < session->entries.len; i++) {
        const session_entry *const entry = &session->entries.items[i];
        const bool is_test = entry->kind == RK_DECL_TEST;
        const bool out = is_test && (want != SESSION_TESTS || !entry->fresh);
        if (!entry->given && !entry->implied && !entry->replaced && !out)
            RK_TRY(read_entry(c, entry));
    }
    RK_TRY(read_implied(session, c));
    if (session->scanned.len && !session_is_test(session))
        RK_TRY(read_scan(session, c));
    return RK_OK;
}

/* ---- the input ---- */

static const rk_decl *find_decl(const rk_compiled *c, rk_atom name)
{
    for (uint32_t f = 0; f < c->files.len; f++)
        for (uint32_t i = 0; i < c->files.items[f]->decls.len; i++)
            if (c->files.items[f]->decls.items[i]->name == name)
                return c->files.items[f]->decls.items[i];
    return NULL;
}

/* By names alone, since nothing is typed yet: `depth` bounds defs that call each other. */
static bool is_pipe(const rk_compiled *c, const rk_ast *ast, int depth)
{
    ast = rk_ast_strip(ast);
    if (depth == 0)
        return false;
    if (ast->kind == RK_AST_PIPE || ast->kind == RK_AST_LABEL)
        return true;
    if (ast->kind == RK_AST_IF)
        return is_pipe(c, ast->as.branch.yes, depth);
    if (ast->kind != RK_AST_NAME && ast->kind != RK_AST_CALL)
        return false;
    const rk_atom name = ast->kind == RK_AST_NAME ? ast->as.name : ast->as.call.name;
    const rk_decl *const decl = find_decl(c, name);
    const rk_str text = rk_atom_str(&c->cx.names, name);
    if (ast->kind == RK_AST_NAME)
        return decl ? decl->kind == RK_DECL_PIPELINE : rk_str_eq(text, RK_STR("candidates"));
    if (decl && decl->kind == RK_DECL_DEF && decl->value)
        return is_pipe(c, decl->value, depth - 1);
    return !decl && rk_stage_find(text) != NULL && rk_fn_find(text) == NULL;
}

static rk_status one_expected(rk_compiled *c, uint32_t len, uint32_t hidden)
{
    const rk_span span = {c->cx.texts.items.len - 1, hidden, len};
    rk_error(&c->cx.diags, RK_E0101, span, "one expression is expected");
    return RK_EPROGRAM;
}

/* `def it() = TEXT` takes expressions and pipes alike. */
static rk_status parse_input(rk_compiled *c, rk_str text, rk_ast_file **file)
{
    static const char head[] = "def it() =\n";
    enum { HIDDEN = sizeof head - 1, MOST = 1 << 30 };
    if (text.len > MOST)
        return RK_ELIMIT;
    char *const whole = rk_arena_alloc(&c->cx.arena, HIDDEN + text.len + 1);
    if (!whole)
        return RK_ENOMEM;
    memcpy(whole, head, HIDDEN);
    memcpy(whole + HIDDEN, text.data, text.len);
    const uint32_t errors = c->cx.diags.errors;
    const rk_status status = parse_text(c, (rk_str){whole, HIDDEN + text.len}, HIDDEN, file);
    if (status == RK_ENOMEM || !*file)
        return status;
    if (c->cx.diags.errors > errors)
        return RK_EPROGRAM;
    if ((*file)->decls.len != 1 || !(*file)->decls.items[0]->value)
        return one_expected(c, (uint32_t)text.len, HIDDEN);
    return RK_OK;
}

/* ---- as a test ---- */

typedef RK_VEC(rk_ast_step) steps;

static rk_status add_steps(rk_compiled *c, rk_str text, uint32_t hidden, steps *out)
{
    rk_ast_file *file;
    text.data = rk_arena_copy(&c->cx.arena, text.data, text.len);
    if (!text.data)
        return RK_ENOMEM;
    RK_TRY(parse_text(c, text, hidden, &file));
    for (uint32_t i = 0; file->decls.len && i < file->decls.items[0]->n_steps; i++)
        if (!rk_vec_push(&c->cx.arena, out, file->decls.items[0]->steps[i]))
            return RK_ENOMEM;
    return RK_OK;
}

static rk_status given_steps(const rk_session *session, rk_compiled *c, steps *out)
{
    for (uint32_t i = 0; i < session->entries.len; i++) {
        const session_entry *const entry = &session->entries.items[i];
        if (entry->given && !entry->replaced)
            RK_TRY(add_steps(c, rk_buf_str(&entry->parsed), entry->hidden, out));
    }
    return RK_OK;
}

/* `decl` becomes a test with these steps. */
static void make_test(rk_decl *decl, const steps *list)
{
    decl->kind = RK_DECL_TEST;
    decl->name = RK_ATOM_EMPTY;
    decl->text = RK_STR("");
    decl->text_span = decl->value ? decl->value->span : decl->span;
    decl->steps = list->items;
    decl->n_steps = list->len;
    decl->value = NULL;
}

static rk_status test_of(const rk_session *session, rk_compiled *c, rk_decl *decl)
{
    steps list = {0};
    const rk_ast_step shown = {
        .span = decl->value->span, .subject = decl->value, .op = RK_EXPECT_SHOW};
    RK_TRY(given_steps(session, c, &list));
    if (!rk_vec_push(&c->cx.arena, &list, shown))
        return RK_ENOMEM;
    make_test(decl, &list);
    return RK_OK;
}

/* What is expected, with all that is given. */
static rk_status expect_of(const rk_session *session, rk_compiled *c, rk_str text)
{
    static const char head[] = "test \"\" {\n";
    enum { HIDDEN = sizeof head - 1 };
    steps list = {0};
    rk_ast_file *file;
    rk_buf whole = {0};
    rk_buf_printf(&whole, "%s%.*s\n}", head, RK_STR_ARG(text));
    const char *const kept =
        whole.failed ? NULL : rk_arena_copy(&c->cx.arena, whole.data, whole.len);
    const rk_str copy = {kept, whole.len};
    rk_buf_free(&whole);
    if (!kept)
        return RK_ENOMEM;
    RK_TRY(given_steps(session, c, &list));
    RK_TRY(parse_text(c, copy, HIDDEN, &file));
    if (file->decls.len != 1)
        return RK_EPROGRAM;
    rk_decl *const decl = file->decls.items[0];
    for (uint32_t i = 0; i < decl->n_steps; i++)
        if (!decl->steps[i].given && !rk_vec_push(&c->cx.arena, &list, decl->steps[i]))
            return RK_ENOMEM;
    make_test(decl, &list);
    if (list.len)
        decl->text_span =
            list.items[list.len - 1].span; /* of the test's head nobody wrote a word */
    return add_file(c, file);
}

/* ---- all of it ---- */

/* What is given, over the data. */
static rk_status add_overs(const rk_session *session, rk_compiled *c)
{
    static const char none[] = "test \"\" { expect true }";
    rk_ast_file *file;
    steps list = {0};
    RK_TRY(given_steps(session, c, &list));
    if (!list.len)
        return RK_OK;
    RK_TRY(parse_text(c, rk_str_from(none), 0, &file));
    if (file->decls.len != 1)
        return RK_EBUG;
    make_test(file->decls.items[0], &list);
    file->decls.items[0]->beside = true;
    return add_file(c, file);
}

static rk_status add_input(const rk_session *session, session_want want, rk_str text,
                           rk_compiled *c, bool *pipe)
{
    enum { DEEPEST = 64 };
    rk_ast_file *file;
    const bool test = want == SESSION_VALUE && session_is_test(session);
    if (!test && want == SESSION_VALUE)
        RK_TRY(add_overs(session, c));
    RK_TRY(parse_input(c, text, &file));
    rk_decl *const decl = file->decls.items[0];
    *pipe = is_pipe(c, decl->value, DEEPEST);
    if (test)
        RK_TRY(test_of(session, c, decl));
    else
        RK_TRY(name_decl(c, decl, *pipe ? RK_DECL_PIPELINE : RK_DECL_FACTOR, SESSION_INPUT));
    RK_TRY(rk_atom_intern(&c->cx.names, rk_buf_str(&session->revision), &decl->within));
    return add_file(c, file);
}

static rk_status compile(rk_session *session, session_want want, rk_str text, rk_compiled *c,
                         bool *pipe)
{
    RK_TRY(read_program(session, want, c));
    if (session->revision.len)
        RK_TRY(rk_compile_revision(c, rk_buf_str(&session->revision)));
    if (want == SESSION_VALUE || want == SESSION_TYPE)
        RK_TRY(add_input(session, want, text, c, pipe));
    if (want == SESSION_EXPECT)
        RK_TRY(expect_of(session, c, text));
    RK_TRY(rk_diags_status(&c->cx.diags)); /* syntax errors: names would be unknown */
    return rk_compile_check(c);
}

rk_status session_compile(rk_session *session, session_want want, rk_str text, bool *pipe)
{
    session_set_last(session, NULL);
    session_set_last(session, session_slot(session));
    return compile(session, want, text, session->last, pipe);
}

/* ---- the base ---- */

/* Files that were read from the disk stay as they were then. */
static rk_status keep_texts(rk_session *session, const rk_compiled *c)
{
    for (uint32_t i = 1; i < c->files.len; i++) {
        const rk_text *const text = &c->cx.texts.items.items[c->files.items[i]->file];
        if (!c->paths.items[i] || rk_files_find(&session->known, text->name))
            continue;
        const rk_text kept = {
            .name = {rk_arena_copy(&session->texts, text->name.data, text->name.len),
                     text->name.len},
            .text = {rk_arena_copy(&session->texts, text->text.data, text->text.len),
                     text->text.len}};
        if (!kept.name.data || !kept.text.data ||
            !rk_vec_push(&session->texts, &session->files, kept))
            return RK_ENOMEM;
        session->known = (rk_files){session->files.items, session->files.len};
    }
    return RK_OK;
}

/* The first source whose rows are items, for programs that say nothing else. */
static void find_scanned(rk_session *session, const rk_module *module)
{
    session->scanned.len = 0;
    if (session->requests.path.len || module->pipelines.len)
        return;
    for (uint32_t i = 0; i < module->sources.len; i++) {
        const rk_source_info *const source = &module->sources.items[i];
        if (!source->lookup || source->n_keys != 1 ||
            rk_dag_at(&module->dag, rk_dag_operand(&module->dag, source->lookup, 0))->op !=
                RK_OP_ID)
            continue;
        rk_buf_add(&session->scanned, rk_atom_str(&module->cx->names, source->name));
        return;
    }
}

rk_status session_rebase(rk_session *session, session_want want)
{
    bool pipe;
    rk_buf scanned = session->scanned;
    session->scanned = (rk_buf){0};
    rk_status status = session_compile(session, want, RK_STR(""), &pipe);
    if (status == RK_OK)
        status = keep_texts(session, session->last);
    if (status != RK_OK) {
        rk_buf_free(&session->scanned);
        session->scanned = scanned;
        return status;
    }
    rk_buf_free(&scanned);
    if (session->base)
        rk_compiled_free(session->base);
    session->base = session->last;
    session->last = NULL;
    session->requests.is_read = false;
    find_scanned(session, session->base->module);
    return RK_OK;
}
