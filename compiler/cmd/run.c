/* rankc run: requests in, ranked lists out. */
#include "compiler/cmd/cmd.h"

#include <time.h>
#include <unistd.h>

#include "compiler/cmd/requests.h"

enum { PIECE = 1 << 16 }; /* bytes of lists that are written at once */

typedef struct runner {
    cmd *c;
    const cmd_subject *subject;
    const rk_plan *plan;
    rk_program *program;
    rk_run *run;
    cmd_requests requests;
    const cmd_form *form;
    uint32_t number;  /* of the request */
    uint64_t dropped; /* items without a row, in all requests */
    uint64_t printed; /* items of the lists */
    bool falls;       /* scores fell with the rank so far */
    bool watched;     /* somebody may wait for each list */
} runner;

static double now(const cmd *c)
{
    struct timespec time;
    if (c->given[CMD_NOW])
        return c->number[CMD_NOW];
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Readers of trec and msmarco sort by score: they would see another order if it rises anywhere. */
static void watch_scores(runner *r, const cmd_list *list)
{
    const rk_column *const scores = list->reply->scores;
    const bool numbers = scores && scores->type.kind <= RK_KIND_DOUBLE; /* else minus the rank */
    for (uint32_t i = 1; numbers && i < list->n && r->falls; i++) {
        const rk_value a = rk_value_convert(rk_column_get(scores, i - 1), RK_TYPE(DOUBLE));
        const rk_value b = rk_value_convert(rk_column_get(scores, i), RK_TYPE(DOUBLE));
        r->falls = !(a.as.d < b.as.d);
    }
    if (!r->falls)
        cmd_note(r->c, "the scores do not fall with the rank: tools that sort by them will see "
                       "another order");
}

static void print_headline(runner *r, const rk_request *request)
{
    rk_buf *const out = &r->c->out.buf;
    if (request->name.len)
        rk_buf_printf(out, "request %.*s\n", RK_STR_ARG(request->name));
    else
        rk_buf_printf(out, "request %u\n", r->number);
}

/* Writes what was printed when there is enough of it, or who waits for it. */
static rk_status hand_over(runner *r)
{
    const rk_buf *const out = &r->c->out.buf;
    return r->watched || out->failed || out->len >= PIECE ? cmd_flush(&r->c->out) : RK_OK;
}

/* Diagnostics come after the lists before them, where both go to one place. */
static rk_status tell(runner *r, const rk_diags *diags)
{
    uint32_t printed = 0;
    cmd_report_diags(r->c, diags, r->subject->texts, &printed);
    if (r->c->err.buf.len)
        RK_TRY(cmd_flush(&r->c->out));
    return cmd_flush(&r->c->err);
}

/* The values of the first factor that is shown: a list, or one value if it is one for a request. */
static void print_values(const runner *r, const cmd_list *list, rk_buf *out)
{
    const bool one = r->plan->columns.items[r->plan->shown.items[0].column].list == 0;
    rk_buf_add_chars(out, one ? "" : "[");
    for (uint32_t i = 0; i < (one ? 1 : list->n); i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        rk_value_print_json(cmd_shown_value(list, 0, i), list->strings, out);
    }
    rk_buf_add_chars(out, one ? "\n" : "]\n");
}

static rk_status print_list(runner *r, const rk_request *request, const rk_reply *reply)
{
    const rk_str bare = RK_STR("candidates");
    const uint32_t top = cmd_count(r->c, CMD_TOP, UINT32_MAX);
    const cmd_list list = {.reply = reply,
                           .strings = rk_run_strings(r->run),
                           .shown = r->subject->shown,
                           .n_shown = r->subject->n_shown,
                           .n = reply->n < top ? reply->n : top,
                           .number = r->number,
                           .name = request->name,
                           .pipeline = r->plan->pipeline.len ? r->plan->pipeline : bare};
    rk_buf *const out = &r->c->out.buf;
    if (r->c->values) {
        print_values(r, &list, out);
        return hand_over(r);
    }
    if (r->number == 0 && r->form->begin)
        r->form->begin(&list, out);
    rk_buf_add_chars(out, r->number ? r->form->between : "");
    if (r->requests.ops && r->form->print == cmd_print_table)
        print_headline(r, request);
    r->form->print(&list, out);
    if (r->falls && (cmd_format_is(r->c, "trec") || cmd_format_is(r->c, "msmarco")))
        watch_scores(r, &list);
    r->dropped += reply->dropped;
    r->printed += reply->n;
    return hand_over(r);
}

/* The next request; *more is false at the end, or when nobody reads the output any more. */
static rk_status answer(runner *r, bool *more)
{
    rk_diags diags; /* of this request alone: they go with its memory */
    rk_request request;
    rk_reply reply;
    RK_TRY(rk_run_begin(r->run));
    rk_diags_init(&diags, rk_run_arena(r->run));
    rk_status status = cmd_requests_next(r->c, &r->requests, r->run, &diags, &request, more);
    if (status == RK_OK && *more)
        status = rk_run_rank(r->run, &request, now(r->c), &diags, &reply);
    RK_TRY(tell(r, &diags));
    if (status != RK_OK || !*more)
        return status;
    rk_program_count(r->program, &reply);
    RK_TRY(print_list(r, &request, &reply));
    r->number++;
    *more = !r->c->out.closed;
    return RK_OK;
}

static bool takes_candidates(const rk_plan *plan)
{
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == RK_STEP_CANDIDATES)
            return true;
    return false;
}

static void summarize(const runner *r)
{
    if (r->dropped)
        cmd_note(r->c, "%llu item%s dropped: a source has no row for %s",
                 (unsigned long long)r->dropped, r->dropped == 1 ? " was" : "s were",
                 r->dropped == 1 ? "it" : "them");
    else if (!r->requests.ops && r->printed == 0 && cmd_format_is(r->c, "text") &&
             takes_candidates(r->plan))
        cmd_note(r->c, "the request sent no items; --requests FILE gives some");
}

static rk_status run_requests(runner *r)
{
    const rk_status status = cmd_requests_open(r->c, r->plan, r->subject->diags, &r->requests);
    cmd_report_diags(r->c, r->subject->diags, r->subject->texts, r->subject->printed);
    RK_TRY(status);
    RK_TRY(rk_run_new(rk_program_engine(r->program), &r->run));
    r->watched = rk_str_eq(r->c->text[CMD_REQUESTS], RK_STR("-")) || isatty(r->c->out.fd);
    bool more = true;
    while (more)
        RK_TRY(answer(r, &more));
    rk_buf *const out = &r->c->out.buf;
    if (r->number == 0 && cmd_format_is(r->c, "json"))
        rk_buf_add_char(out, '[');
    rk_buf_add_chars(out, r->form->end);
    summarize(r);
    return RK_OK;
}

/* A command that has said all does not wait for the compiler; the process then ends by _exit. */
static void end(runner *r)
{
    cmd_requests_close(&r->requests);
    rk_run_free(r->run);
    if (r->c->ends && rk_program_is_busy(r->program))
        r->c->busy = true;
    else
        rk_program_free(r->program);
}

rk_status cmd_rank(cmd *c, const cmd_subject *subject)
{
    runner r = {.c = c, .subject = subject, .plan = subject->plan, .falls = true};
    r.form = cmd_form_find(c->given[CMD_FORMAT] ? c->text[CMD_FORMAT] : RK_STR("text"));
    rk_program_options options = cmd_engine(c);
    options.ready = subject->ready;
    options.engine.files = subject->files;
    rk_status status = rk_program_new(subject->plan, &options, subject->diags, &r.program);
    cmd_report_diags(c, subject->diags, subject->texts, subject->printed);
    if (status == RK_OK)
        status = run_requests(&r);
    end(&r);
    return status;
}

static rk_status run_program(cmd *c, cmd_program *program)
{
    rk_plan *plan;
    RK_TRY(cmd_plan(c, program, &plan));
    if (program->dumped)
        return RK_OK;
    const cmd_subject subject = {.plan = plan,
                                 .texts = &program->compiled.cx.texts,
                                 .diags = &program->compiled.cx.diags,
                                 .printed = &program->printed,
                                 .shown = program->shown.items,
                                 .n_shown = program->shown.len};
    return cmd_rank(c, &subject);
}

rk_status cmd_run_run(cmd *c)
{
    cmd_program program;
    const bool is_stdin = strcmp(c->files.items[0], "-") == 0;
    if (!is_stdin && cmd_is_bundle(c->files.items[0]))
        return cmd_run_bundle(c);
    if (is_stdin && rk_str_eq(c->text[CMD_REQUESTS], RK_STR("-")))
        return cmd_usage(c, "standard input is either the program or the requests");
    rk_status status = cmd_open(c, c->files.items[0], &program);
    if (status == RK_OK && !program.dumped)
        status = run_program(c, &program);
    if (!c->busy)
        cmd_close(&program);
    return status;
}
