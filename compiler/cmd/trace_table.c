/* A trace as a table: a waterfall of steps. */
#include <inttypes.h>
#include <stdlib.h>

#include "compiler/cmd/table.h"
#include "compiler/cmd/trace.h"
#include "runtime/plan/describe.h"

enum { WIDEST = 100, MOST_STEPS = 40, BAR_MOST = 40, BAR_LEAST = 8, WORDS_LEAST = 18 };

typedef enum column_kind { START, TIME, THREAD, ROWS, STEP, BAR, N_COLUMNS } column_kind;

typedef struct waterfall {
    const cmd_ranked *ranked;
    const rk_trace *trace;
    const cmd_screen *screen;
    rk_arena arena;
    uint32_t *steps; /* [n] those that are shown, in order of time */
    uint32_t n;
    uint32_t n_left; /* the others */
    uint64_t left;   /* nanoseconds that they took */
    bool millis;     /* times are in milliseconds, else in microseconds */
    cmd_column columns[N_COLUMNS];
    uint32_t n_columns;
    bool failed;
} waterfall;

/* ---- which steps ---- */

typedef struct entry {
    uint64_t begin, time;
    uint32_t step;
} entry;

static int by_time(const void *a, const void *b)
{
    const entry *const x = a, *const y = b;
    return x->time != y->time ? (x->time < y->time) - (x->time > y->time)
                              : (x->step > y->step) - (x->step < y->step);
}

static int by_begin(const void *a, const void *b)
{
    const entry *const x = a, *const y = b;
    return x->begin != y->begin ? (x->begin > y->begin) - (x->begin < y->begin)
                                : (x->step > y->step) - (x->step < y->step);
}

/* The longest ones. */
static void pick_steps(waterfall *w)
{
    const uint32_t n_steps = w->ranked->subject->plan->steps.len;
    entry *const entries = RK_NEW_ARRAY(&w->arena, entry, n_steps + 1u);
    uint32_t n = 0;
    w->steps = RK_NEW_ARRAY(&w->arena, uint32_t, n_steps + 1u);
    w->failed |= !entries || !w->steps;
    if (w->failed)
        return;
    for (uint32_t i = 0; i < n_steps; i++) {
        const rk_trace_step *const step = &w->trace->steps[i];
        if (step->n) /* those that a search asks for are in its time */
            entries[n++] = (entry){step->begin, step->end - step->begin, i};
    }
    qsort(entries, n, sizeof *entries, by_time);
    w->n = n < MOST_STEPS ? n : MOST_STEPS;
    w->n_left = n - w->n;
    for (uint32_t i = w->n; i < n; i++)
        w->left += entries[i].time;
    qsort(entries, w->n, sizeof *entries, by_begin);
    for (uint32_t i = 0; i < w->n; i++)
        w->steps[i] = entries[i].step;
}

/* ---- cells ---- */

static const char *unit(const waterfall *w)
{
    return w->millis ? "ms" : w->screen->unicode ? "µs" : "us";
}

static void add_time(const waterfall *w, uint64_t ns, rk_buf *out)
{
    rk_buf_printf(out, "%.*f", w->millis ? 3 : 1, (double)ns / (w->millis ? 1e6 : 1e3));
}

/* `1`, `1-4`, `2 of 4`. */
static void add_threads(const waterfall *w, const rk_trace_step *step, rk_buf *out)
{
    bool seen[256] = {false};
    uint32_t n = 0, low = 255, high = 0;
    for (uint32_t i = step->first; i < step->first + step->n; i++) {
        const rk_trace_part *const part = &w->trace->parts[i];
        const bool other = part->act != RK_TRACE_SOME && step->n > 1;
        if (other || part->worker >= RK_ARRAY_LEN(seen) || seen[part->worker])
            continue;
        seen[part->worker] = true;
        low = part->worker < low ? part->worker : low;
        high = part->worker > high ? part->worker : high;
        n++;
    }
    if (n <= 1)
        rk_buf_printf(out, "%u", n ? low + 1 : 1);
    else if (n == high - low + 1)
        rk_buf_printf(out, "%u-%u", low + 1, high + 1);
    else
        rk_buf_printf(out, "%u of %u", n, w->trace->n_workers);
}

static void add_rows(const waterfall *w, const rk_trace_step *step, rk_buf *out)
{
    answer_add_count(step->rows_in, out);
    if (step->rows_out == step->rows_in)
        return;
    rk_buf_add_chars(out, w->screen->unicode ? "→" : ">");
    answer_add_count(step->rows_out, out);
}

/* `nearest by_vec: graph, 96 asked, 812 codes, 40 scored`: how a search went, in place of what it
 * looks for. */
static void add_search(const rk_plan *plan, const rk_step *step, const rk_index_stats *search,
                       rk_buf *out)
{
    rk_buf_printf(out, "nearest %.*s: ", RK_STR_ARG(plan->indexes.items[step->index].name));
    if (!search->n_distances && !search->n_scored && !search->n_asked) {
        rk_buf_add_chars(out, "no search");
        return;
    }
    rk_buf_add_chars(out, search->scanned ? "scan" : "graph");
    if (search->n_asked)
        rk_buf_printf(out, ", %" PRIu64 " asked", search->n_asked);
    rk_buf_printf(out, ", %" PRIu64 " codes, %" PRIu64 " scored", search->n_distances,
                  search->n_scored);
}

/* `model buy.raw: bit-sliced, 512 rows` is shorter than what it is elsewhere. */
static void add_words(const waterfall *w, uint32_t i, rk_buf *out)
{
    static const char *const parts[] = {"", ".raw", ".leaves"};
    const rk_plan *const plan = w->ranked->subject->plan;
    const rk_step *const step = &plan->steps.items[i];
    const rk_trace_step *const traced = &w->trace->steps[i];
    if (step->kind == RK_STEP_NEAREST) {
        add_search(plan, step, &traced->search, out);
        return;
    }
    if (step->kind != RK_STEP_MODEL) {
        rk_step_describe(plan, step, out);
        return;
    }
    rk_buf_printf(out, "model %.*s%s: ", RK_STR_ARG(plan->models.items[step->index].name),
                  parts[step->b]);
    const rk_trace_part *const first = &w->trace->parts[traced->first];
    cmd_trace_add_way(w->ranked, first + (traced->n > 1 && first->act == RK_TRACE_BEGIN), out);
}

static void add_step_bar(const waterfall *w, const rk_trace_step *step, uint32_t cells, rk_buf *out)
{
    const double scale = (double)cells * 8 / (double)(w->trace->length ? w->trace->length : 1);
    const int most = (int)cells * 8, from = (int)((double)step->begin * scale),
              to = (int)((double)step->end * scale);
    answer_add_bar(w->screen, from < most ? from : most - 1, to < most ? to : most, out);
}

static void add_cell(const waterfall *w, column_kind kind, uint32_t i, rk_buf *out)
{
    const rk_trace_step *const step = &w->trace->steps[i];
    switch (kind) {
    case START:
        add_time(w, step->begin, out);
        return;
    case TIME:
        add_time(w, step->end - step->begin, out);
        return;
    case THREAD:
        add_threads(w, step, out);
        return;
    case ROWS:
        add_rows(w, step, out);
        return;
    case STEP:
        rk_buf_add_chars(out, step->critical ? "* " : "  ");
        add_words(w, i, out);
        return;
    case BAR:
        add_step_bar(w, step, (uint32_t)w->columns[BAR].widest, out);
        return;
    case N_COLUMNS:
        return;
    }
}

/* ---- columns ---- */

static void fill(waterfall *w, column_kind kind, const char *title)
{
    cmd_column *const column = &w->columns[kind];
    rk_buf text = {0};
    column->right = kind == START || kind == TIME || kind == ROWS;
    column->cut = w->screen->unicode ? NULL : "~";
    rk_buf_add_chars(&text, title);
    if (kind == START || kind == TIME)
        rk_buf_printf(&text, " %s", unit(w));
    for (uint32_t i = 0; i <= w->n && !w->failed; i++) {
        if (i)
            add_cell(w, kind, w->steps[i - 1], &text);
        w->failed |= text.failed || !cmd_column_add(column, &w->arena, rk_buf_str(&text));
        text.len = 0;
    }
    w->n_columns++;
    rk_buf_free(&text);
}

/* The columns that the words of searches take: they are not to be cut for a bar. */
static size_t search_width(waterfall *w)
{
    const rk_plan *const plan = w->ranked->subject->plan;
    size_t widest = 0;
    rk_buf text = {0};
    for (uint32_t i = 0; i < w->n; i++) {
        if (plan->steps.items[w->steps[i]].kind != RK_STEP_NEAREST)
            continue;
        text.len = 0;
        add_cell(w, STEP, w->steps[i], &text);
        const size_t width = cmd_width(rk_buf_str(&text));
        widest = width > widest ? width : widest;
    }
    w->failed |= text.failed;
    rk_buf_free(&text);
    return widest;
}

/* Of `room` for words and bars, what words may take. */
static size_t most_words(waterfall *w, size_t room)
{
    const size_t searches = search_width(w), most = room - 2 - BAR_LEAST;
    size_t words = room * 2 / 3 > WORDS_LEAST ? room * 2 / 3 : WORDS_LEAST;
    words = searches > words ? searches : words;
    return words < most ? words : most;
}

/* Words get what they need, up to a limit, and bars the rest; the last column of a screen stays
 * free. */
static void fill_all(waterfall *w)
{
    const size_t screen =
        w->screen->terminal && w->screen->width < WIDEST ? w->screen->width - 1u : (size_t)WIDEST;
    size_t taken = 2 * STEP;
    fill(w, START, "start");
    fill(w, TIME, "time");
    fill(w, THREAD, "thread");
    fill(w, ROWS, "rows");
    for (column_kind kind = START; kind < STEP; kind++)
        taken += w->columns[kind].width;
    const size_t room = screen > taken + WORDS_LEAST ? screen - taken : WORDS_LEAST;
    const bool bars = room >= WORDS_LEAST + 2 + BAR_LEAST;
    w->columns[STEP].widest = bars ? most_words(w, room) : room;
    fill(w, STEP, "  step");
    const size_t rest = room > w->columns[STEP].width + 2 ? room - w->columns[STEP].width - 2 : 0;
    w->columns[BAR].widest = rest < BAR_MOST ? rest : BAR_MOST;
    if (bars && rest >= BAR_LEAST)
        fill(w, BAR, "");
}

/* ---- all of it ---- */

static void print_head(const waterfall *w, rk_buf *out)
{
    rk_buf_add_chars(out, "trace of ");
    cmd_trace_name(w->ranked, out);
    rk_buf_add_chars(out, ": ");
    add_time(w, w->trace->length, out);
    rk_buf_printf(out, " %s, %s, %u thread%s\n", unit(w), cmd_trace_engine(w->trace),
                  w->trace->n_workers, w->trace->n_workers == 1 ? "" : "s");
}

static void print_foot(const waterfall *w, rk_buf *out)
{
    if (w->n_left) {
        rk_buf_printf(out, "%s %u shorter step%s, ", w->screen->unicode ? "…" : "...", w->n_left,
                      w->n_left == 1 ? "" : "s");
        add_time(w, w->left, out);
        rk_buf_printf(out, " %s together\n", unit(w));
    }
    rk_buf_add_chars(out, "* on the critical path, ");
    add_time(w, w->trace->critical, out);
    rk_buf_printf(out, " %s: each of these steps waits for the one before\n", unit(w));
}

static void print_lines(const waterfall *w, rk_buf *out)
{
    cmd_dim(w->screen, out);
    print_head(w, out);
    cmd_columns_print(w->columns, w->n_columns, 0, out);
    cmd_plain(w->screen, out);
    for (uint32_t i = 1; i <= w->n; i++)
        cmd_columns_print(w->columns, w->n_columns, i, out);
    cmd_dim(w->screen, out);
    print_foot(w, out);
    cmd_plain(w->screen, out);
}

void cmd_trace_print(const cmd_ranked *ranked, const cmd_screen *screen, rk_buf *out)
{
    waterfall w = {.ranked = ranked, .trace = ranked->reply->trace, .screen = screen};
    rk_arena_init(&w.arena);
    w.millis = w.trace->length >= 10000000;
    pick_steps(&w);
    if (!w.failed)
        fill_all(&w);
    if (!w.failed)
        print_lines(&w, out);
    out->failed |= w.failed;
    cmd_columns_free(w.columns, N_COLUMNS);
    rk_arena_free(&w.arena);
}
