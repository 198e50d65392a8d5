/* rankc eval: expressions of the command line and their values. */
#include "compiler/cmd/answer.h"

#include <unistd.h>

typedef struct evaluation {
    cmd *c;
    rk_session *session;
    cmd_screen screen;
} evaluation;

/* Expressions and files are told apart by their looks: no expression begins with `/` or `./`, and
 * one that ends in `.rank` is the rank of a label, unless there is such a file. */
static bool is_file(const char *word)
{
    const size_t len = strlen(word);
    if (word[0] == '/' || strncmp(word, "./", 2) == 0 || strncmp(word, "../", 3) == 0)
        return true;
    return len > 5 && strcmp(word + len - 5, ".rank") == 0 && access(word, F_OK) == 0;
}

static rk_status report(evaluation *e, rk_status status)
{
    uint32_t printed = 0;
    cmd_report_diags(e->c, rk_session_diags(e->session), rk_session_texts(e->session), &printed);
    return status;
}

/* What only sets the stage is not said: values alone come out. */
static void print(evaluation *e, const rk_answer *answer)
{
    rk_buf *const out = &e->c->out.buf;
    if (answer->kind == RK_ANSWER_DECLARED || answer->kind == RK_ANSWER_GIVEN)
        return;
    if (cmd_format_is(e->c, "json"))
        cmd_answer_print_json(answer, out);
    else if (cmd_format_is(e->c, "csv"))
        cmd_answer_print_csv(answer, out);
    else
        cmd_answer_print(answer, &e->screen, out);
}

static rk_status take(evaluation *e, const char *word)
{
    rk_answer answer = {0};
    const size_t len = strlen(word);
    const rk_status status = report(e, rk_session_take(e->session, (rk_str){word, len}, &answer));
    if (status != RK_OK && len > 5 && strcmp(word + len - 5, ".rank") == 0)
        cmd_note(e->c, "there is no file `%s`", word);
    RK_TRY(status);
    print(e, &answer);
    if (!cmd_answer_fails(&answer))
        return RK_OK;
    rk_buf_add(&e->c->err.buf, answer.fault);
    return RK_ETEST;
}

static rk_status load_program(evaluation *e, const char *path)
{
    if (cmd_begins_as_bundle(path))
        return cmd_refuse_bundle(e->c, path);
    return rk_session_load(e->session, path);
}

static rk_status load(evaluation *e)
{
    cmd *const c = e->c;
    for (uint32_t i = 0; i < c->files.len; i++)
        if (is_file(c->files.items[i]))
            RK_TRY(load_program(e, c->files.items[i]));
    if (c->given[CMD_REQUESTS])
        RK_TRY(rk_session_requests(e->session, c->text[CMD_REQUESTS].data));
    if (c->given[CMD_QUERY])
        RK_TRY(rk_session_query(e->session, c->pairs[CMD_QUERY].items, c->pairs[CMD_QUERY].len));
    if (c->given[CMD_REVISION])
        RK_TRY(rk_session_pick_revision(e->session, c->text[CMD_REVISION]));
    if (c->given[CMD_PIPELINE])
        RK_TRY(rk_session_pick_pipeline(e->session, c->text[CMD_PIPELINE]));
    return RK_OK;
}

/* The first failure ends it. */
static rk_status run(evaluation *e)
{
    cmd *const c = e->c;
    const rk_session_options options = {.program = cmd_engine(c),
                                        .max_bad_rows = cmd_count(c, CMD_MAX_BAD_ROWS, 0),
                                        .has_now = c->given[CMD_NOW],
                                        .now = c->number[CMD_NOW]};
    uint32_t n = 0;
    RK_TRY(rk_session_new(&options, &e->session));
    RK_TRY(report(e, load(e)));
    for (uint32_t i = 0; i < c->files.len; i++) {
        if (is_file(c->files.items[i]))
            continue;
        RK_TRY(take(e, c->files.items[i]));
        n++;
    }
    return n ? RK_OK : cmd_usage(c, "`rankc eval` needs an expression; see `rankc help eval`");
}

rk_status cmd_run_eval(cmd *c)
{
    evaluation e = {.c = c};
    if (c->given[CMD_REQUESTS] && c->given[CMD_QUERY])
        return cmd_usage(c, "--requests and --query exclude each other");
    e.screen = cmd_screen_look(c);
    const rk_status status = run(&e);
    rk_session_free(e.session);
    return status;
}
