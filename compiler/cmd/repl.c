/* rankc repl: inputs in, answers out. */
#include "compiler/cmd/repl.h"

#include <unistd.h>

#include "config.h"

/* ---- words ---- */

rk_status repl_say(repl *r, const char *format, ...)
{
    rk_buf *const out = &r->c->err.buf;
    va_list args;
    va_start(args, format);
    rk_buf_add_chars(out, r->talks ? "" : "rankc: ");
    rk_buf_vprintf(out, format, args);
    rk_buf_add_char(out, '\n');
    va_end(args);
    return RK_EUSAGE;
}

void repl_remark(repl *r, const char *format, ...)
{
    rk_buf text = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&text, format, args);
    va_end(args);
    cmd_add_remark(&r->screen, &text, &r->c->out.buf);
    rk_buf_free(&text);
}

static bool is_not_given(rk_str message)
{
    static const char end[] = "must be given";
    const size_t n = sizeof end - 1;
    return message.len > n && memcmp(message.data + message.len - n, end, n) == 0;
}

/* What can be done about it here: a label of another pipeline than the picked one, and `expect`
 * where nothing is given. */
static void add_advice(rk_diags *diags)
{
    for (uint32_t i = 0; i < diags->items.len; i++) {
        rk_diag *const diag = diags->items.items[i];
        if (diag->code == RK_E0403 && diag->notes.len && !diag->notes.items[0].help)
            rk_diag_help(diags, diag, "`:pipeline NAME` picks another one");
        if (diag->code == RK_E0408 && i + 1 == diags->items.len && is_not_given(diag->message))
            rk_diag_help(diags, diag,
                         "`expect` reads no data; `all(…)` asks about the items that are there");
    }
}

/* Of many, a person sees the first. */
static void print_diags(repl *r)
{
    enum { MOST = 8 };
    uint32_t printed = 0;
    rk_diags diags = *rk_session_diags(r->session);
    const uint32_t n = diags.items.len;
    if (r->talks && n > MOST) {
        diags.items.len = MOST;
        diags.dropped += n - MOST;
    }
    add_advice(&diags);
    cmd_report_diags(r->c, &diags, rk_session_texts(r->session), &printed);
}

rk_status repl_report(repl *r, rk_status status)
{
    print_diags(r);
    if (status == RK_ESTOP)
        rk_buf_add_chars(&r->c->err.buf, "stopped\n");
    else if (status == RK_ENOMEM)
        repl_say(r, "out of memory");
    return status;
}

rk_status repl_load(repl *r, const char *path)
{
    if (cmd_begins_as_bundle(path))
        return cmd_refuse_bundle(r->c, path);
    return repl_report(r, rk_session_load(r->session, path));
}

rk_status repl_need_topics(repl *r)
{
    if (!r->has_topics)
        RK_TRY(cmd_topics_init(&r->topics, &r->c->arena));
    r->has_topics = true;
    return RK_OK;
}

/* ---- what there is to look at ---- */

/* `request 3 (1002) of web.txt, pipeline web`. */
static void describe_domain(const rk_session_state *state, rk_buf *out)
{
    if (state->as_test)
        rk_buf_add_chars(out, "as given");
    else if (state->scanned)
        rk_buf_printf(out, "scan(%s)", state->scanned);
    else if (state->requests) {
        rk_buf_printf(out, "request %u", state->request);
        if (state->request_name.len) {
            rk_buf_add_chars(out, " (");
            cmd_add_plain(out, state->request_name);
            rk_buf_add_char(out, ')');
        }
        rk_buf_printf(out, " of %s", state->requests);
    }
    if (state->pipeline.len)
        rk_buf_printf(out, "%spipeline %.*s", out->len ? ", " : "", RK_STR_ARG(state->pipeline));
    if (state->revision.len)
        rk_buf_printf(out, "%srevision %.*s", out->len ? ", " : "", RK_STR_ARG(state->revision));
}

rk_status repl_print_domain(repl *r)
{
    const rk_session_state state = rk_session_describe(r->session);
    rk_buf text = {0};
    rk_answer answer = {0};
    describe_domain(&state, &text);
    const bool some = text.len > 0;
    const rk_status status = some ? rk_session_take(r->session, RK_STR("count()"), &answer) : RK_OK;
    const rk_session_state now = rk_session_describe(r->session); /* the request has its name */
    text.len = 0;
    describe_domain(&now, &text);
    if (status == RK_OK && answer.kind == RK_ANSWER_VALUE) {
        rk_buf line = {0};
        const rk_value n = rk_column_get(answer.values, 0);
        answer_add_items(n.missing || n.as.i < 0 ? 0 : (uint32_t)n.as.i, &line);
        rk_buf_printf(&line, ": %.*s", RK_STR_ARG(rk_buf_str(&text)));
        cmd_add_remark(&r->screen, &line, &r->c->out.buf);
        rk_buf_free(&line);
    } else if (status == RK_EPROGRAM)
        cmd_add_remark(&r->screen, &text, &r->c->out.buf);
    r->c->out.buf.failed |= text.failed;
    rk_buf_free(&text);
    if (!some || status == RK_EPROGRAM) /* no item block: no items */
        return RK_OK;
    return repl_report(r, status);
}

static void print_banner(repl *r)
{
    rk_buf_printf(&r->c->out.buf, "rankc %s\n", PACKAGE_VERSION);
    repl_remark(r, ":help lists commands, :help NAME tells about one thing, Ctrl-D leaves");
    repl_print_domain(r);
}

/* ---- inputs ---- */

static void print_times(repl *r, const rk_answer *answer)
{
    const rk_answer_times *const t = &answer->times;
    repl_remark(r, "compile %.2f ms, load %.2f ms, run %.2f ms", t->compile * 1e3, t->load * 1e3,
                t->run * 1e3);
}

/* Who types `quit` or `help` has not heard of the colon. */
static void help_commands(repl *r, rk_str word)
{
    if (rk_str_eq(word, RK_STR("exit")) || rk_str_eq(word, RK_STR("q")))
        word = RK_STR("quit");
    for (const repl_command *row = repl_commands; row->name; row++)
        if (rk_str_eq(word, rk_str_from(row->name)))
            repl_say(r, "commands begin with a colon: `:%s`", row->name);
}

static rk_status take(repl *r, rk_str text)
{
    rk_answer answer = {0};
    const rk_status status = repl_report(r, rk_session_take(r->session, text, &answer));
    if (status == RK_EPROGRAM)
        help_commands(r, repl_trim(text));
    RK_TRY(status);
    cmd_answer_print(&answer, &r->screen, &r->c->out.buf);
    const bool wrong = cmd_answer_fails(&answer);
    if (wrong)
        rk_buf_add(&r->c->err.buf, answer.fault);
    if (r->timing && answer.kind != RK_ANSWER_NOTHING)
        print_times(r, &answer);
    return wrong ? RK_ETEST : RK_OK;
}

/* What came of it is on the screen before the next input is waited for. What was too much for the
 * memory is dropped. */
static bool hand_over(repl *r)
{
    cmd *const c = r->c;
    if (c->out.buf.failed || c->err.buf.failed) {
        r->starved = true;
        rk_buf_free(&c->out.buf);
        rk_buf_free(&c->err.buf);
        repl_say(r, "out of memory");
    }
    const bool fine = cmd_flush(&c->out) == RK_OK && cmd_flush(&c->err) == RK_OK;
    return fine && !c->out.closed;
}

static void loop(repl *r)
{
    rk_str text;
    while (!r->left && !repl_signals_ended()) {
        repl_signals_begin();
        const repl_got got = repl_input_next(r, &text);
        if (got == REPL_GOT_END)
            return;
        if (got == REPL_GOT_NOTHING) {
            repl_input_drop(&r->input);
            continue;
        }
        if (r->edit && r->input.taken == r->input.text.len)
            repl_edit_remember(r->edit, rk_buf_str(&r->input.text));
        const rk_status status =
            repl_is_command(text) ? repl_command_run(r, repl_trim(text)) : take(r, text);
        r->failed |= status != RK_OK;
        r->starved |= status == RK_ENOMEM;
        if (status == RK_ESTOP)
            repl_input_drop(&r->input);
        if (!hand_over(r))
            return;
    }
}

/* ---- the command ---- */

/* A person can mend what is wrong and load it again; a script cannot. */
static rk_status load(repl *r)
{
    cmd *const c = r->c;
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < c->files.len && (status == RK_OK || r->talks); i++)
        status = repl_load(r, c->files.items[i]);
    if (c->given[CMD_REQUESTS] && (status == RK_OK || r->talks))
        status = repl_report(r, rk_session_requests(r->session, c->text[CMD_REQUESTS].data));
    if (c->given[CMD_QUERY] && (status == RK_OK || r->talks))
        status = repl_report(
            r, rk_session_query(r->session, c->pairs[CMD_QUERY].items, c->pairs[CMD_QUERY].len));
    if (c->given[CMD_REVISION] && (status == RK_OK || r->talks))
        status = repl_report(r, rk_session_pick_revision(r->session, c->text[CMD_REVISION]));
    if (c->given[CMD_PIPELINE] && (status == RK_OK || r->talks))
        status = repl_report(r, rk_session_pick_pipeline(r->session, c->text[CMD_PIPELINE]));
    return r->talks ? RK_OK : status;
}

static rk_status open_session(repl *r)
{
    cmd *const c = r->c;
    rk_session_options options = {.program = cmd_engine(c),
                                  .max_bad_rows = cmd_count(c, CMD_MAX_BAD_ROWS, 0),
                                  .has_now = c->given[CMD_NOW],
                                  .now = c->number[CMD_NOW]};
    if (r->talks)
        options.program.engine.stop = repl_signals_stop();
    return rk_session_new(&options, &r->session);
}

static rk_status check_words(cmd *c)
{
    const bool stdin_twice = rk_str_eq(c->text[CMD_REQUESTS], RK_STR("-"));
    for (uint32_t i = 0; i < c->files.len; i++)
        if (strcmp(c->files.items[i], "-") == 0)
            return cmd_usage(c, "standard input is where inputs come from, and no program");
    if (stdin_twice)
        return cmd_usage(c, "standard input is where inputs come from, and no requests");
    if (c->given[CMD_REQUESTS] && c->given[CMD_QUERY])
        return cmd_usage(c, "--requests and --query exclude each other");
    return RK_OK;
}

static rk_status run(repl *r)
{
    RK_TRY(open_session(r));
    if (r->talks)
        repl_signals_watch();
    RK_TRY(load(r));
    if (r->talks && r->screen.moves)
        r->edit = repl_edit_open(r);
    if (r->talks)
        print_banner(r);
    if (hand_over(r))
        loop(r);
    if (r->talks)
        return RK_OK;
    return r->starved || r->input.text.failed ? RK_ENOMEM : r->failed ? RK_EPROGRAM : RK_OK;
}

rk_status cmd_run_repl(cmd *c)
{
    repl r = {.c = c};
    RK_TRY(check_words(c));
    r.screen = cmd_screen_look(c);
    r.talks = isatty(STDIN_FILENO) && r.screen.terminal;
    r.screen.terminal = r.talks; /* what reads lines from a program writes them for one */
    const rk_status status = run(&r);
    repl_edit_close(r.edit);
    rk_session_free(r.session);
    rk_buf_free(&r.input.text);
    if (r.talks && repl_signals_ended() && cmd_flush(&c->err) == RK_OK)
        repl_signals_finish();
    return status;
}
