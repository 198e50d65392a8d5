/* rankc run: requests in, ranked lists out. */
#include <unistd.h>

#include "compiler/cmd/rank.h"
#include "compiler/cmd/trace.h"

enum {
    PIECE = 1 << 16,  /* bytes of lists that are written at once */
    NAMED_SHORT = 20, /* lists that fall short are named, the first of them */
};

typedef struct runner {
    cmd *c;
    const cmd_form *form;
    uint64_t dropped; /* items without a row, in all requests */
    uint64_t printed; /* items of the lists */
    bool sent;        /* some request had items */
    bool falls;       /* scores fell with the rank so far */
    bool watched;     /* somebody may wait for each list */
    uint32_t n_short; /* lists of fewer items than were asked for, or of none */
    rk_buf shorts;    /* the names of the first of them */
    cmd_traces traces;
} runner;

/* Formats of runs, of which each line is an item that names its request by the id. */
static bool is_run(const cmd *c) { return cmd_format_is(c, "trec") || cmd_format_is(c, "msmarco"); }

/* Readers of runs sort by score: they would see another order if it rises anywhere. */
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

static void print_headline(const cmd_list *list, rk_buf *out)
{
    rk_buf_add_chars(out, "request ");
    if (list->name.len)
        cmd_add_plain(out, list->name);
    else
        rk_buf_printf(out, "%u", list->number);
    rk_buf_add_char(out, '\n');
}

/* Writes what was printed when there is enough of it, or who waits for it. */
static rk_status hand_over(runner *r)
{
    const rk_buf *const out = &r->c->out.buf;
    return r->watched || out->failed || out->len >= PIECE ? cmd_flush(&r->c->out) : RK_OK;
}

/* The values of the first factor that is shown: a list, or one value if it is one for a request. */
static void print_values(const rk_plan *plan, const cmd_list *list, rk_buf *out)
{
    const bool one = plan->columns.items[plan->shown.items[0].column].list == 0;
    rk_buf_add_chars(out, one ? "" : "[");
    for (uint32_t i = 0; i < (one ? 1 : list->n); i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        rk_value_print_json(cmd_shown_value(list, 0, i), list->strings, out);
    }
    rk_buf_add_chars(out, one ? "\n" : "]\n");
}

static uint32_t least_of(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Remembers a list that has fewer than -k items, or none where that would not be seen. */
static void watch_length(runner *r, const cmd_list *list)
{
    const bool exact = r->c->given[CMD_K];
    if (!exact && !is_run(r->c))
        return;
    if (list->reply->n >= cmd_count(r->c, CMD_K, 1))
        return;
    rk_buf *const out = &r->shorts;
    if (r->n_short++ >= NAMED_SHORT)
        return;
    rk_buf_add_chars(out, r->n_short > 1 ? ", " : "");
    if (list->name.len)
        cmd_add_plain(out, list->name);
    else
        rk_buf_printf(out, "%u", list->number);
    if (exact)
        rk_buf_printf(out, " (%u)", list->reply->n);
}

/* The end of a run whose lists were to have -k items: lists were printed as they came, so what is
 * there looks whole. */
static rk_status check_lengths(runner *r)
{
    if (r->n_short == 0)
        return RK_OK;
    if (r->shorts.failed)
        return RK_ENOMEM;
    const bool exact = r->c->given[CMD_K];
    const char *const have = r->n_short == 1 ? " has" : "s have";
    const char *const more = r->n_short > NAMED_SHORT ? ", ..." : "";
    if (exact)
        cmd_note(r->c, "%u request%s fewer than %u items: %.*s%s; do not use what was printed",
                 r->n_short, have, cmd_count(r->c, CMD_K, 0), (int)r->shorts.len, r->shorts.data,
                 more);
    else
        cmd_note(r->c, "%u request%s no items, and no line: %.*s%s", r->n_short, have,
                 (int)r->shorts.len, r->shorts.data, more);
    return exact ? RK_EDATA : RK_OK;
}

static rk_status print_list(runner *r, const cmd_ranked *ranked)
{
    const rk_reply *const reply = ranked->reply;
    const rk_plan *const plan = ranked->subject->plan;
    const rk_str bare = RK_STR("candidates");
    const uint32_t top =
        least_of(cmd_count(r->c, CMD_TOP, UINT32_MAX), cmd_count(r->c, CMD_K, UINT32_MAX));
    const cmd_list list = {.reply = reply,
                           .strings = ranked->strings,
                           .shown = ranked->subject->shown,
                           .n_shown = ranked->subject->n_shown,
                           .n = least_of(reply->n, top),
                           .number = ranked->number,
                           .name = ranked->request->name,
                           .pipeline = plan->pipeline.len ? plan->pipeline : bare};
    rk_buf *const out = &r->c->out.buf;
    watch_length(r, &list);
    if (r->c->values) {
        print_values(plan, &list, out);
        return hand_over(r);
    }
    if (ranked->number == 0 && r->form->begin)
        r->form->begin(&list, out);
    rk_buf_add_chars(out, ranked->number ? r->form->between : "");
    if (r->c->given[CMD_REQUESTS] && r->form->print == cmd_print_table)
        print_headline(&list, out);
    r->form->print(&list, out);
    if (r->falls && is_run(r->c))
        watch_scores(r, &list);
    r->sent |= ranked->request->has_items;
    r->dropped += reply->dropped;
    r->printed += reply->n;
    return hand_over(r);
}

static rk_status take(void *user, const cmd_ranked *ranked)
{
    runner *const r = user;
    RK_TRY(print_list(r, ranked));
    return cmd_traces_add(&r->traces, ranked);
}

static bool takes_candidates(const rk_plan *plan)
{
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == RK_STEP_CANDIDATES)
            return true;
    return false;
}

static void summarize(const runner *r, const rk_plan *plan)
{
    if (r->dropped)
        cmd_note(r->c, "%llu item%s dropped: a source has no row for %s",
                 (unsigned long long)r->dropped, r->dropped == 1 ? " was" : "s were",
                 r->dropped == 1 ? "it" : "them");
    else if (r->printed || r->sent || r->c->values || !takes_candidates(plan))
        return;
    else if (r->c->given[CMD_REQUESTS])
        cmd_note(r->c, "no request sent items, and the pipeline takes those that are sent");
    else if (cmd_format_is(r->c, "text"))
        cmd_note(r->c, "the request sent no items; --requests FILE gives some");
}

static void end_lists(void *user, const cmd_subject *subject, uint32_t n_requests)
{
    const runner *const r = user;
    rk_buf *const out = &r->c->out.buf;
    if (n_requests == 0 && cmd_format_is(r->c, "json"))
        rk_buf_add_char(out, '[');
    rk_buf_add_chars(out, r->form->end);
    summarize(r, subject->plan);
}

rk_status cmd_run_run(cmd *c)
{
    runner r = {.c = c, .falls = true, .traces = {.c = c, .file.fd = -1}};
    r.form = cmd_form_find(c->given[CMD_FORMAT] ? c->text[CMD_FORMAT] : RK_STR("text"));
    r.watched = rk_str_eq(c->text[CMD_REQUESTS], RK_STR("-")) || isatty(c->out.fd);
    const cmd_taker taker = {.take = take, .end = end_lists, .user = &r, .by_id = is_run(c)};
    rk_status status = cmd_traces_end(&r.traces, cmd_rank_file(c, c->files.items[0], &taker));
    if (status == RK_OK)
        status = check_lengths(&r);
    rk_buf_free(&r.shorts);
    return status;
}
