#include "compiler/cmd/rank.h"

#include <time.h>

#include "compiler/cmd/requests.h"

typedef struct ranker {
    cmd *c;
    const cmd_subject *subject;
    const cmd_taker *taker;
    rk_program *program;
    rk_run *run;
    cmd_requests requests;
    uint32_t number; /* of the request */
} ranker;

static double now(const cmd *c)
{
    struct timespec time;
    if (c->given[CMD_NOW])
        return c->number[CMD_NOW];
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Diagnostics come after the lists before them, where both go to one place. */
static rk_status tell(ranker *r, const rk_diags *diags)
{
    uint32_t printed = 0;
    cmd_report_diags(r->c, diags, r->subject->texts, &printed);
    if (r->c->err.buf.len)
        RK_TRY(cmd_flush(&r->c->out));
    return cmd_flush(&r->c->err);
}

/* The next request; *more is false at the end, or when nobody reads the output any more. */
static rk_status answer(ranker *r, bool *more)
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
    const cmd_ranked ranked = {.subject = r->subject,
                               .request = &request,
                               .engine = rk_program_engine(r->program),
                               .reply = &reply,
                               .strings = rk_run_strings(r->run),
                               .number = r->number};
    RK_TRY(r->taker->take(r->taker->user, &ranked));
    r->number++;
    *more = !r->c->out.closed;
    return RK_OK;
}

static rk_status rank_requests(ranker *r)
{
    const cmd_subject *const subject = r->subject;
    const rk_status status = cmd_requests_open(r->c, subject, r->taker->by_id, &r->requests);
    cmd_report_diags(r->c, subject->diags, subject->texts, subject->printed);
    RK_TRY(status);
    RK_TRY(rk_run_new(rk_program_engine(r->program), &r->run));
    rk_run_trace(r->run, r->c->given[CMD_TRACE]);
    bool more = true;
    while (more)
        RK_TRY(answer(r, &more));
    if (r->taker->end)
        r->taker->end(r->taker->user, subject, r->number);
    return RK_OK;
}

/* A command that has said all does not wait for the compiler; the process then ends by _exit. */
static void end(ranker *r)
{
    cmd_requests_close(&r->requests);
    rk_run_free(r->run);
    if (r->c->ends && rk_program_is_busy(r->program))
        r->c->busy = true;
    else
        rk_program_free(r->program);
}

rk_status cmd_rank(cmd *c, const cmd_subject *subject, const cmd_taker *taker)
{
    ranker r = {.c = c, .subject = subject, .taker = taker};
    rk_program_options options = cmd_engine(c);
    options.ready = subject->ready;
    options.engine.files = subject->files;
    options.engine.models = subject->models;
    options.engine.program = subject->path;
    rk_status status = rk_program_new(subject->plan, &options, subject->diags, &r.program);
    cmd_report_diags(c, subject->diags, subject->texts, subject->printed);
    if (status == RK_OK)
        status = rank_requests(&r);
    end(&r);
    return status;
}

static rk_status rank_program(cmd *c, cmd_program *program, const cmd_taker *taker)
{
    rk_plan *plan;
    RK_TRY(cmd_plan(c, program, &plan));
    if (program->dumped)
        return RK_OK;
    const cmd_subject subject = {.plan = plan,
                                 .path = program->path,
                                 .texts = &program->compiled.cx.texts,
                                 .diags = &program->compiled.cx.diags,
                                 .printed = &program->printed,
                                 .models = program->compiled.models,
                                 .shown = program->shown.items,
                                 .n_shown = program->shown.len};
    return cmd_rank(c, &subject, taker);
}

rk_status cmd_rank_file(cmd *c, const char *path, const cmd_taker *taker)
{
    cmd_program program;
    const bool is_stdin = strcmp(path, "-") == 0;
    if (!is_stdin && cmd_is_bundle(path))
        return cmd_rank_bundle(c, path, taker);
    if (is_stdin && rk_str_eq(c->text[CMD_REQUESTS], RK_STR("-")))
        return cmd_usage(c, "standard input is either the program or the requests");
    rk_status status = cmd_open(c, path, &program);
    if (status == RK_OK && !program.dumped)
        status = rank_program(c, &program, taker);
    if (!c->busy)
        cmd_close(&program);
    return status;
}
