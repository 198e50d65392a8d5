/* Commands that change what is looked at, and those that show what the compiler makes of it. */
#include <stdio.h>
#include <sys/stat.h>

#include "compiler/cmd/compile.h"
#include "compiler/cmd/repl.h"

const char repl_dump_stages[] = "ast dag opt plan ir asm";
const char repl_engines[] = "auto interp jit1 jit2";
const char repl_switches[] = "on off";

/* One of a list of words; else it says what there is. */
static rk_status pick_word(repl *r, const char *what, rk_str word, const char *words)
{
    if (cmd_has_word(words, word))
        return RK_OK;
    rk_suggestion suggestion = rk_suggest(word);
    cmd_offer_words(&suggestion, words);
    const char *const mean = cmd_mean(r->c, &suggestion, "");
    return repl_say(r, "%s cannot be `%.*s`%s%s", what, RK_STR_ARG(word),
                    *mean ? mean : ": it is one of ", *mean ? "" : words);
}

/* Paths and the like end in a NUL. */
static const char *keep(repl *r, rk_str text)
{
    if (text.len && memchr(text.data, 0, text.len))
        return NULL;
    return rk_arena_copy(&r->c->arena, text.data, text.len);
}

/* ---- :plan, :dump ---- */

static rk_status print_code(repl *r, const rk_plan *plan, rk_emit_form form)
{
    rk_diags diags;
    uint32_t printed = 0;
    rk_buf text = {0};
    rk_diags_init(&diags, &r->c->arena);
    compilation k = {.c = r->c, .plan = (rk_plan *)plan, .diags = &diags};
    const rk_status status = cmd_print_form(&k, form, &text);
    cmd_report_diags(r->c, &diags, rk_session_texts(r->session), &printed);
    if (status == RK_OK)
        rk_buf_add(&r->c->out.buf, rk_buf_str(&text));
    rk_buf_free(&text);
    return status;
}

rk_status repl_do_plan(repl *r, rk_str expression)
{
    const rk_plan *plan;
    rk_answer answer;
    rk_diags diags;
    uint32_t printed = 0;
    RK_TRY(repl_report(r, rk_session_plan(r->session, expression, &answer, &plan)));
    rk_diags_init(&diags, &r->c->arena);
    const rk_module *const module = rk_session_compiled(r->session)->module;
    const rk_status status = cmd_print_plan(r->c, plan, module, &diags);
    cmd_report_diags(r->c, &diags, rk_session_texts(r->session), &printed);
    return status;
}

static rk_status dump(repl *r, const char *stage, const rk_plan *plan)
{
    rk_buf *const out = &r->c->out.buf;
    const rk_compiled *const compiled = rk_session_compiled(r->session);
    const rk_context *const cx = &compiled->cx;
    if (strcmp(stage, "ast") == 0)
        rk_ast_dump(cx, compiled->files.items[compiled->files.len - 1], out);
    else if (strcmp(stage, "dag") == 0 || strcmp(stage, "opt") == 0)
        rk_dag_print(&compiled->module->dag, NULL, &cx->names, out);
    else if (strcmp(stage, "plan") == 0)
        rk_plan_print(plan, out);
    else
        return print_code(r, plan, strcmp(stage, "ir") == 0 ? RK_EMIT_IR : RK_EMIT_ASM);
    return RK_OK;
}

rk_status repl_do_dump(repl *r, rk_str argument)
{
    const rk_plan *plan = NULL;
    rk_answer answer;
    const rk_str word = repl_word(&argument);
    RK_TRY(pick_word(r, "STAGE", word, repl_dump_stages));
    const char *const stage = keep(r, word);
    if (!stage)
        return RK_ENOMEM;
    const bool checked = strcmp(stage, "ast") == 0 || strcmp(stage, "dag") == 0;
    RK_TRY(repl_report(r, rk_session_plan(r->session, argument, &answer, checked ? NULL : &plan)));
    return dump(r, stage, plan);
}

/* ---- files ---- */

rk_status repl_do_load(repl *r, rk_str path)
{
    const char *const kept = keep(r, path);
    if (!kept)
        return repl_say(r, "a path holds no NUL");
    RK_TRY(repl_load(r, kept));
    return repl_print_domain(r);
}

rk_status repl_do_requests(repl *r, rk_str path)
{
    const char *const kept = keep(r, path);
    if (!kept)
        return repl_say(r, "a path holds no NUL");
    RK_TRY(repl_report(r, rk_session_requests(r->session, kept)));
    return repl_print_domain(r);
}

rk_status repl_do_reload(repl *r, rk_str argument)
{
    (void)argument;
    RK_TRY(repl_report(r, rk_session_reload(r->session)));
    return repl_print_domain(r);
}

static bool was_saved(const repl *r, const char *path)
{
    for (uint32_t i = 0; i < r->saved.len; i++)
        if (strcmp(r->saved.items[i], path) == 0)
            return true;
    return false;
}

static rk_status save(repl *r, rk_str name, bool over)
{
    struct stat old;
    rk_buf text = {0};
    const char *const path = keep(r, name);
    if (!path)
        return repl_say(r, "a path holds no NUL");
    if (!over && !was_saved(r, path) && stat(path, &old) == 0)
        return repl_say(r, "`%s` is there already: :save! %s replaces it", path, path);
    rk_session_print(r->session, &text);
    rk_status status = text.failed ? RK_ENOMEM : RK_OK;
    if (!text.len && status == RK_OK)
        status = repl_say(r, "nothing was declared here yet");
    else if (status == RK_OK)
        status = cmd_write_file(r->c, path, rk_buf_str(&text));
    rk_buf_free(&text);
    if (status != RK_OK)
        return status;
    if (!was_saved(r, path) && !rk_vec_push(&r->c->arena, &r->saved, path))
        return RK_ENOMEM;
    const uint32_t n = rk_session_describe(r->session).n_typed;
    repl_remark(r, "%u declaration%s saved", n, n == 1 ? "" : "s");
    return RK_OK;
}

rk_status repl_do_save(repl *r, rk_str path) { return save(r, path, false); }
rk_status repl_do_save_over(repl *r, rk_str path) { return save(r, path, true); }

/* ---- what is picked ---- */

static void list_named(repl *r, rk_named_kind kind, rk_str picked, const char *otherwise)
{
    const rk_outline *const outline = &rk_session_module(r->session)->outline;
    rk_buf *const out = &r->c->out.buf;
    bool some = false;
    for (uint32_t i = 0; i < outline->items.len; i++) {
        const rk_named *const named = &outline->items.items[i];
        if (named->kind != kind)
            continue;
        const bool is_picked = rk_str_eq(named->name, picked);
        rk_buf_printf(out, "%s%.*s\n", is_picked ? "* " : "  ", RK_STR_ARG(named->name));
        some = true;
    }
    if (!some)
        repl_remark(r, "the program has none");
    else if (!picked.len)
        repl_remark(r, "%s", otherwise);
}

static rk_str starred(rk_str name) { return rk_str_eq(name, RK_STR("*")) ? RK_STR("") : name; }

rk_status repl_do_revision(repl *r, rk_str name)
{
    if (!name.len) {
        list_named(r, RK_NAMED_REVISION, rk_session_describe(r->session).revision,
                   "all of the program is in use");
        return RK_OK;
    }
    RK_TRY(repl_report(r, rk_session_pick_revision(r->session, starred(name))));
    return repl_print_domain(r);
}

rk_status repl_do_pipeline(repl *r, rk_str name)
{
    if (!name.len) {
        list_named(r, RK_NAMED_PIPELINE, rk_session_describe(r->session).pipeline,
                   "none is in use");
        return RK_OK;
    }
    RK_TRY(repl_report(r, rk_session_pick_pipeline(r->session, starred(name))));
    return repl_print_domain(r);
}

rk_status repl_do_request(repl *r, rk_str number)
{
    int64_t n;
    if (!rk_str_to_int(number, &n) || n < 1 || n > UINT32_MAX)
        return repl_say(r, ":request takes a number from 1, not `%.*s`", RK_STR_ARG(number));
    RK_TRY(repl_report(r, rk_session_pick_request(r->session, (uint32_t)n)));
    return repl_print_domain(r);
}

/* ---- the rest ---- */

rk_status repl_do_engine(repl *r, rk_str name)
{
    cmd *const c = r->c;
    if (name.len) {
        RK_TRY(pick_word(r, "the engine", name, repl_engines));
        const char *const kept = keep(r, name);
        if (!kept)
            return RK_ENOMEM;
        c->given[CMD_ENGINE] = true; /* :plan heeds it, too */
        c->text[CMD_ENGINE] = (rk_str){kept, name.len};
        rk_session_pick_engine(r->session, cmd_engine(c).choice);
    }
    repl_remark(r, "engine %s", c->given[CMD_ENGINE] ? c->text[CMD_ENGINE].data : "auto");
    return RK_OK;
}

rk_status repl_do_time(repl *r, rk_str word)
{
    if (word.len)
        RK_TRY(pick_word(r, ":time", word, repl_switches));
    r->timing = word.len ? rk_str_eq(word, RK_STR("on")) : !r->timing;
    repl_remark(r, "times are %s", r->timing ? "on" : "off");
    return RK_OK;
}

rk_status repl_do_reset(repl *r, rk_str name)
{
    const rk_status status = rk_session_forget(r->session, name);
    if (status == RK_EUSAGE)
        return repl_say(r, "nothing that was typed or given is called `%.*s`", RK_STR_ARG(name));
    RK_TRY(repl_report(r, status));
    if (name.len)
        repl_remark(r, "%.*s is forgotten", RK_STR_ARG(name));
    else
        repl_remark(r, "what was typed and given is forgotten");
    return RK_OK;
}

rk_status repl_do_quit(repl *r, rk_str argument)
{
    (void)argument;
    r->left = true;
    return RK_OK;
}
