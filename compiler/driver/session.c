/* The session: its life, what is picked, and the way of an input through it. */
#include "compiler/driver/session_parts.h"

/* ---- slots ---- */

rk_compiled *session_slot(rk_session *session)
{
    for (uint32_t i = 0; i < RK_ARRAY_LEN(session->slots); i++)
        if (&session->slots[i] != session->base && &session->slots[i] != session->last)
            return &session->slots[i];
    return NULL; /* never: there are three */
}

void session_set_last(rk_session *session, rk_compiled *last)
{
    if (session->last)
        rk_compiled_free(session->last);
    session->last = last;
    if (last)
        *last = (rk_compiled){0};
}

/* Forgets the last answer. */
static void begin(rk_session *session)
{
    rk_run_free(session->run);
    rk_program_free(session->program);
    session->run = NULL;
    session->program = NULL;
    session_set_last(session, NULL);
    rk_models_free(&session->stale);
    rk_arena_reset(&session->answer);
    if (session->base)
        rk_diags_init(&session->base->cx.diags, &session->base->cx.arena);
}

/* For messages of calls that compile nothing. */
static rk_diags *said(rk_session *session) { return &session->base->cx.diags; }

/* ---- life ---- */

rk_status rk_session_new(const rk_session_options *options, rk_session **out)
{
    rk_arena arena = {0};
    rk_session *const session = *out = RK_NEW(&arena, rk_session);
    if (!session)
        return RK_ENOMEM;
    session->arena = arena;
    session->options = *options;
    session->requests.number = 1;
    session->models.settled = true;
    RK_TRY(rk_atoms_init(&session->strings, &session->words, NULL));
    return session_rebase(session, SESSION_PROGRAM);
}

void rk_session_free(rk_session *session)
{
    if (!session)
        return;
    begin(session);
    if (session->base)
        rk_compiled_free(session->base);
    while (session->entries.len)
        session_drop(session, session->entries.len - 1);
    session_drop_tables(session);
    rk_models_free(&session->models);
    rk_indexes_free(&session->indexes);
    rk_models_free(&session->stale);
    session_close_requests(session);
    rk_buf *const bufs[] = {&session->revision,      &session->pipeline, &session->scanned,
                            &session->requests.path, &session->title,    &session->fault};
    for (size_t i = 0; i < RK_ARRAY_LEN(bufs); i++)
        rk_buf_free(bufs[i]);
    rk_arena_free(&session->requests.arena);
    rk_arena_free(&session->texts);
    rk_arena_free(&session->words);
    rk_arena_free(&session->answer);
    rk_arena arena = session->arena;
    rk_arena_free(&arena);
}

const rk_diags *rk_session_diags(const rk_session *session)
{
    return session->last ? &session->last->cx.diags : &session->base->cx.diags;
}

const rk_texts *rk_session_texts(const rk_session *session)
{
    return session->last ? &session->last->cx.texts : &session->base->cx.texts;
}

const rk_module *rk_session_module(const rk_session *session) { return session->base->module; }

const rk_compiled *rk_session_compiled(const rk_session *session)
{
    return session->last ? session->last : session->base;
}

/* ---- files ---- */

rk_status rk_session_load(rk_session *session, const char *path)
{
    begin(session);
    const rk_str kept = {rk_arena_copy(&session->arena, path, strlen(path)), strlen(path)};
    for (uint32_t i = 0; i < session->paths.len; i++)
        if (rk_str_eq(session->paths.items[i], kept))
            return rk_session_reload(session);
    if (!kept.data || !rk_vec_push(&session->arena, &session->paths, kept))
        return RK_ENOMEM;
    const rk_status status = session_rebase(session, SESSION_PROGRAM);
    session->paths.len -= status != RK_OK;
    return status;
}

/* Strings are given up with what held them. */
static rk_status forget_data(rk_session *session)
{
    session_drop_tables(session);
    session->requests.is_read = false;
    rk_arena_free(&session->requests.arena);
    rk_arena_free(&session->words);
    return rk_atoms_init(&session->strings, &session->words, NULL);
}

static rk_status reload_files(rk_session *session)
{
    rk_arena texts = session->texts;
    const rk_files known = session->known;
    const uint32_t cap = session->files.cap;
    session->texts = (rk_arena){0};
    session->files.items = NULL;
    session->files.len = session->files.cap = 0;
    session->known = (rk_files){0};
    rk_models models = session->models;
    session->models = (rk_models){0};
    const rk_status status = session_rebase(session, SESSION_PROGRAM);
    session->models.settled = true;
    if (status == RK_OK) {
        rk_arena_free(&texts);
        rk_models_free(&models);
        rk_indexes_free(&session->indexes);
        return RK_OK;
    }
    session->stale = session->models;
    session->models = models;
    rk_arena_free(&session->texts);
    session->texts = texts;
    session->files.items = (rk_text *)known.items;
    session->files.len = known.n;
    session->files.cap = cap;
    session->known = known;
    return status;
}

rk_status rk_session_reload(rk_session *session)
{
    begin(session);
    if (session->requests.is_open) {
        rk_buf path = {0};
        rk_buf_add(&path, rk_buf_str(&session->requests.path));
        const rk_status status =
            path.failed ? RK_ENOMEM : session_open_requests(session, path.data, said(session));
        rk_buf_free(&path);
        RK_TRY(status);
    }
    RK_TRY(reload_files(session));
    return forget_data(session);
}

/* ---- requests ---- */

/* The domain may be another now. */
static rk_status changed_requests(rk_session *session)
{
    return session_rebase(session, SESSION_PROGRAM);
}

rk_status rk_session_requests(rk_session *session, const char *path)
{
    begin(session);
    RK_TRY(session_open_requests(session, path, said(session)));
    session->requests.number = 1;
    return changed_requests(session);
}

rk_status rk_session_query(rk_session *session, const rk_str *pairs, uint32_t n)
{
    begin(session);
    session_close_requests(session);
    for (uint32_t i = 0; i < n; i++) {
        const rk_str pair = {rk_arena_copy(&session->arena, pairs[i].data, pairs[i].len),
                             pairs[i].len};
        if (!pair.data || !rk_vec_push(&session->arena, &session->requests.pairs, pair))
            return RK_ENOMEM;
    }
    return changed_requests(session);
}

/* The number is held against the file now: a later input would fail for no reason of its own. */
rk_status rk_session_pick_request(rk_session *session, uint32_t number)
{
    begin(session);
    session_requests *const r = &session->requests;
    const uint32_t before = r->number;
    rk_request request;
    const rk_module *const module = session->base->module;
    if (!r->is_open || number == 0) {
        rk_error(said(session), RK_E0520, RK_NO_SPAN,
                 r->is_open ? "requests are counted from 1" : "there is no file of requests");
        return RK_EUSAGE;
    }
    r->number = number;
    r->is_read = false;
    const rk_plan schemas = {.query = module->query,
                             .item = module->item,
                             .id_type = module->id_type.kind ? module->id_type : RK_TYPE(INT),
                             .strings = &session->base->cx.names};
    const rk_status status = session_read_request(session, &schemas, said(session), &request);
    if (status != RK_OK) {
        r->number = before;
        r->is_read = false;
    }
    return status;
}

/* ---- what is picked ---- */

static rk_status set_name(rk_buf *buf, rk_str name)
{
    rk_buf kept = {0};
    rk_buf_add(&kept, name);
    rk_buf_free(buf);
    *buf = kept;
    return kept.failed ? RK_ENOMEM : RK_OK;
}

rk_status rk_session_pick_revision(rk_session *session, rk_str name)
{
    begin(session);
    rk_buf before = session->revision;
    session->revision = (rk_buf){0};
    rk_status status = set_name(&session->revision, name);
    if (status == RK_OK)
        status = session_rebase(session, SESSION_PROGRAM);
    rk_buf *const dropped = status == RK_OK ? &before : &session->revision;
    rk_buf_free(dropped);
    if (status != RK_OK)
        session->revision = before;
    return status;
}

rk_status rk_session_pick_pipeline(rk_session *session, rk_str name)
{
    begin(session);
    const rk_module *const module = session->base->module;
    if (name.len && rk_module_pipeline(module, name) == RK_MAP_NONE) {
        rk_suggestion suggestion = rk_suggest(name);
        for (uint32_t i = 0; i < module->pipelines.len; i++)
            rk_suggest_offer(&suggestion,
                             rk_atom_str(&module->cx->names, module->pipelines.items[i].name));
        rk_diag *const diag = rk_error(said(session), RK_E0301, RK_NO_SPAN,
                                       "the program has no pipeline `%.*s`", RK_STR_ARG(name));
        if (suggestion.best.len)
            rk_diag_help(said(session), diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
        return RK_EUSAGE;
    }
    return set_name(&session->pipeline, name);
}

void rk_session_pick_engine(rk_session *session, rk_engine_choice choice)
{
    session->options.program.choice = choice;
}

rk_session_state rk_session_describe(const rk_session *session)
{
    const session_requests *const r = &session->requests;
    const rk_module *const module = session->base->module;
    const uint32_t pipeline = session_pipeline(session, module);
    rk_session_state state = {.n_files = session->paths.len,
                              .as_test = session_is_test(session),
                              .revision = rk_buf_str(&session->revision),
                              .scanned = session->scanned.len ? session->scanned.data : NULL,
                              .requests = r->is_open ? r->path.data : NULL,
                              .request = r->number,
                              .request_name = r->is_read ? r->request.name : RK_STR(""),
                              .engine = session->options.program.choice};
    if (pipeline != RK_MAP_NONE)
        state.pipeline = rk_atom_str(&module->cx->names, module->pipelines.items[pipeline].name);
    for (uint32_t i = 0; i < session->entries.len; i++) {
        state.n_given += session->entries.items[i].given || session->entries.items[i].implied;
        state.n_typed += !session->entries.items[i].given && !session->entries.items[i].implied;
    }
    return state;
}

/* ---- what was typed ---- */

rk_status rk_session_forget(rk_session *session, rk_str name)
{
    begin(session);
    bool found = !name.len;
    for (uint32_t i = 0; i < session->entries.len; i++) {
        session_entry *const entry = &session->entries.items[i];
        entry->replaced = !name.len || rk_str_eq(rk_buf_str(&entry->name), name);
        found |= entry->replaced;
    }
    if (!found) {
        rk_error(said(session), RK_E0301, RK_NO_SPAN, "nothing called `%.*s` was typed",
                 RK_STR_ARG(name));
        return RK_EUSAGE;
    }
    const rk_status status = session_rebase(session, SESSION_PROGRAM);
    session_settle(session, status == RK_OK);
    return status;
}

void rk_session_print(const rk_session *session, rk_buf *out)
{
    for (uint32_t i = 0; i < session->entries.len; i++) {
        const session_entry *const entry = &session->entries.items[i];
        if (!entry->given)
            rk_buf_printf(out, "%.*s\n", RK_STR_ARG(rk_buf_str(&entry->text)));
    }
}

/* The lines of `##` right before a declaration belong to it. */
static size_t doc_start(rk_str text, size_t at)
{
    for (;;) {
        size_t end = at;
        while (end > 0 && strchr(" \t\r", text.data[end - 1]))
            end--;
        if (end == 0 || text.data[end - 1] != '\n')
            return at;
        size_t start = end - 1;
        while (start > 0 && text.data[start - 1] != '\n')
            start--;
        size_t first = start;
        while (first < end && strchr(" \t", text.data[first]))
            first++;
        if (first + 1 >= end || text.data[first] != '#' || text.data[first + 1] != '#')
            return at;
        at = first;
    }
}

rk_str rk_session_source_of(const rk_session *session, rk_str name)
{
    const rk_module *const module = session->base->module;
    const uint32_t found = rk_outline_find(&module->outline, name);
    if (found == RK_MAP_NONE)
        return RK_STR("");
    const rk_span span = module->outline.items.items[found].whole;
    if (span.file == RK_NO_FILE)
        return RK_STR("");
    const rk_str text = session->base->cx.texts.items.items[span.file].text;
    const size_t start = doc_start(text, span.at);
    return (rk_str){text.data + start, span.at + span.len - start};
}

/* ---- inputs ---- */

static rk_status describe_entry(rk_session *session, const session_entry *entry, bool replaced,
                                rk_answer_name *out)
{
    const rk_outline *const outline = &session->base->module->outline;
    const rk_str name = rk_buf_str(&entry->name);
    const uint32_t found = name.len ? rk_outline_find(outline, name) : RK_MAP_NONE;
    *out = (rk_answer_name){
        .name = name, .what = rk_decl_kind_text(entry->kind), .replaced = replaced};
    if (found != RK_MAP_NONE && (entry->given || entry->kind != RK_DECL_TEST)) {
        const rk_named *const named = &outline->items.items[found];
        out->scope = (rk_scope)named->scope;
        if (entry->given)
            out->what = rk_named_kind_text(named->kind);
        if (named->kind == RK_NAMED_FACTOR || entry->given)
            out->type = named->type;
    }
    return RK_OK;
}

/* `was_there`: of each fresh entry, whether its name was known before. */
static rk_status describe_fresh(rk_session *session, const bool *was_there, rk_answer *out)
{
    rk_answer_name *const names =
        RK_NEW_ARRAY(&session->answer, rk_answer_name, session->entries.len + 1u);
    if (!names)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < session->entries.len; i++) {
        const session_entry *const entry = &session->entries.items[i];
        const bool helper = entry->implied && entry->kind != RK_DECL_FACTOR;
        if (entry->fresh && !helper)
            RK_TRY(describe_entry(session, entry, was_there[i], &names[out->n_names++]));
    }
    out->names = names;
    return RK_OK;
}

static bool is_known(const rk_session *session, const session_entry *entry)
{
    const rk_outline *const outline = &session->base->module->outline;
    const rk_str name = rk_buf_str(&entry->name);
    for (uint32_t i = 0; i < session->entries.len; i++)
        if (session->entries.items[i].replaced &&
            rk_str_eq(rk_buf_str(&session->entries.items[i].name), name))
            return true;
    const bool named = !entry->given && entry->kind != RK_DECL_TEST && name.len;
    for (uint32_t i = 0; named && i < outline->items.len; i++)
        if (rk_str_eq(outline->items.items[i].long_name, name))
            return true;
    return false;
}

static bool *find_known(rk_session *session)
{
    bool *const known = RK_NEW_ARRAY(&session->answer, bool, session->entries.len + 1u);
    for (uint32_t i = 0; known && i < session->entries.len; i++)
        known[i] = session->entries.items[i].fresh && is_known(session, &session->entries.items[i]);
    return known;
}

static void keep_fault(void *user, const rk_test *test, rk_str fault)
{
    rk_session *const session = user;
    if (fault.len && test->title.len)
        rk_buf_printf(&session->fault, "test \"%.*s\":\n", RK_STR_ARG(test->title));
    rk_buf_add(&session->fault, fault);
}

/* Runs the tests of a compilation. */
static rk_status run_tests(rk_session *session, rk_compiled *c, rk_answer *out)
{
    uint32_t failed;
    session->fault.len = 0;
    rk_program_options options = session->options.program;
    options.no_cache = true;
    RK_TRY(rk_compiled_test(c, RK_STR(""), &options, keep_fault, session, &failed));
    out->holds = failed == 0;
    out->fault = rk_buf_str(&session->fault);
    return session->fault.failed ? RK_ENOMEM : RK_OK;
}

static rk_status declare(rk_session *session, rk_str text, rk_answer *out)
{
    out->kind = RK_ANSWER_DECLARED;
    out->holds = true;
    rk_status status = session_split(session, text);
    const bool *const known = status == RK_OK ? find_known(session) : NULL;
    if (status == RK_OK)
        status = known ? session_rebase(session, SESSION_TESTS) : RK_ENOMEM;
    if (status == RK_OK)
        status = describe_fresh(session, known, out);
    if (status == RK_OK && session->base->module->tests.len)
        status = run_tests(session, session->base, out);
    session_settle(session, status == RK_OK);
    return status;
}

/* What is given is tried in a test that expects nothing of interest. */
static rk_status try_given(rk_session *session)
{
    bool pipe;
    RK_TRY(session_compile(session, SESSION_EXPECT, RK_STR("expect true"), &pipe));
    return session_rebase(session, SESSION_PROGRAM);
}

static rk_status give(rk_session *session, rk_str text, rk_answer *out, bool *expects)
{
    out->kind = RK_ANSWER_GIVEN;
    rk_status status = session_split_steps(session, text, expects);
    const bool *const known = status == RK_OK ? find_known(session) : NULL;
    const bool fresh =
        session->entries.len && session->entries.items[session->entries.len - 1].fresh;
    if (status == RK_OK && fresh)
        status = known ? try_given(session) : RK_ENOMEM;
    if (status == RK_OK)
        status = describe_fresh(session, known, out);
    session_settle(session, status == RK_OK);
    return status;
}

static rk_status expect(rk_session *session, rk_str text, rk_answer *out)
{
    bool pipe;
    out->kind = RK_ANSWER_EXPECTED;
    RK_TRY(session_compile(session, SESSION_EXPECT, text, &pipe));
    return run_tests(session, session->last, out);
}

static rk_status take_steps(rk_session *session, rk_str text, rk_answer *out)
{
    bool expects = false;
    RK_TRY(give(session, text, out, &expects));
    return expects ? expect(session, text, out) : RK_OK;
}

static rk_status evaluate(rk_session *session, rk_str text, rk_answer *out)
{
    rk_plan *plan;
    bool is_pipe = false;
    const double start = session_clock();
    RK_TRY(session_compile(session, SESSION_VALUE, text, &is_pipe));
    RK_TRY(session_plan_input(session, is_pipe, out, &plan));
    out->times.compile = session_clock() - start;
    return session_run_plan(session, plan, is_pipe, out);
}

rk_status rk_session_take(rk_session *session, rk_str text, rk_answer *out)
{
    *out = (rk_answer){0};
    begin(session);
    switch (session_form_of(text)) {
    case SESSION_NOTHING:
        return RK_OK;
    case SESSION_DECLS:
        return declare(session, text, out);
    case SESSION_STEPS:
        return take_steps(session, text, out);
    case SESSION_EXPR:
        return evaluate(session, text, out);
    }
    return RK_EBUG;
}

rk_status rk_session_plan(rk_session *session, rk_str text, rk_answer *answer, const rk_plan **plan)
{
    bool is_pipe = false;
    rk_plan *made = NULL;
    *answer = (rk_answer){0};
    begin(session);
    if (!text.len) {
        const rk_session_state state = rk_session_describe(session);
        text = state.pipeline.len ? state.pipeline : RK_STR("candidates");
    }
    const double start = session_clock();
    RK_TRY(session_compile(session, plan ? SESSION_VALUE : SESSION_TYPE, text, &is_pipe));
    RK_TRY(session_plan_input(session, is_pipe, answer, plan ? &made : NULL));
    answer->times.compile = session_clock() - start;
    if (plan)
        *plan = made;
    return RK_OK;
}
