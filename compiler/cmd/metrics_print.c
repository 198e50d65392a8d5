/* What was measured, for people: a table, and under it by which rules. */
#include <math.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "compiler/cmd/metrics.h"
#include "compiler/cmd/table.h"
#include "runtime/source/excerpt.h"

enum { WIDE = 80, QUERY_WIDTH = 24 };

/* A table while it is filled. */
typedef struct grid {
    rk_arena *arena;
    cmd_column *columns; /* [n] */
    uint32_t n;
    bool fine;
} grid;

static void open_grid(grid *g, rk_arena *arena, uint32_t n)
{
    *g = (grid){.arena = arena, .columns = RK_NEW_ARRAY(arena, cmd_column, n), .n = n};
    g->fine = g->columns != NULL;
    for (uint32_t k = 1; g->fine && k < n; k++)
        g->columns[k].right = true;
}

static void add_text(grid *g, uint32_t column, rk_str cell)
{
    g->fine = g->fine && cmd_column_add(&g->columns[column], g->arena, cell);
}

static void add_chars(grid *g, uint32_t column, const char *cell)
{
    add_text(g, column, rk_str_from(cell));
}

/* Names of queries may be any bytes. */
static void add_name(grid *g, rk_str name) { add_chars(g, 0, rk_excerpt_of(name).text); }

/* Four digits, as trec_eval prints them; `-` where there is nothing to measure. */
static void add_number(grid *g, uint32_t column, const char *format, double value)
{
    rk_buf text = {0};
    if (isnan(value))
        rk_buf_add_char(&text, '-');
    else
        rk_buf_printf(&text, format, value);
    add_text(g, column, rk_buf_str(&text));
    g->fine = g->fine && !text.failed;
    rk_buf_free(&text);
}

/* Columns of the terminal; SIZE_MAX where there is none: programs read it. */
static size_t terminal_width(const cmd *c)
{
    struct winsize size = {0};
    if (!isatty(c->out.fd))
        return SIZE_MAX;
    return ioctl(c->out.fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : WIDE;
}

/* The first column beside as many as there is room for; then the rest, below. */
static void print_grid(const grid *g, size_t room, rk_buf *out)
{
    cmd_column *const shown = RK_NEW_ARRAY(g->arena, cmd_column, g->n);
    out->failed |= !shown;
    for (uint32_t from = 1, to; shown && from < g->n; from = to) {
        size_t width = g->columns[0].width;
        shown[0] = g->columns[0];
        for (to = from; to < g->n; to++) {
            width += 2 + g->columns[to].width;
            if (width > room && to > from)
                break;
            shown[1 + to - from] = g->columns[to];
        }
        rk_buf_add_chars(out, from > 1 ? "\n" : "");
        for (uint32_t i = 0; i < g->columns[0].ends.len; i++)
            cmd_columns_print(shown, 1 + to - from, i, out);
    }
}

static void close_grid(grid *g, const cmd *c, rk_buf *out)
{
    if (g->fine)
        print_grid(g, terminal_width(c), out);
    out->failed |= !g->fine;
    cmd_columns_free(g->columns, g->columns ? g->n : 0);
}

/* ---- one run ---- */

static void print_measures(const metrics *m, rk_arena *arena, rk_buf *out)
{
    grid g;
    open_grid(&g, arena, 2);
    for (uint32_t i = 0; i < m->n_measures; i++) {
        add_text(&g, 0, m->measures[i].name);
        add_number(&g, 1, "%.4f", m->sides[0].measured[i].whole);
    }
    close_grid(&g, m->c, out);
}

/* A line a query, and the whole last. */
static void print_queries(const metrics *m, rk_arena *arena, rk_buf *out)
{
    const metrics_side *const side = &m->sides[0];
    grid g;
    open_grid(&g, arena, 1 + m->n_measures);
    if (g.fine)
        g.columns[0].widest = QUERY_WIDTH;
    add_chars(&g, 0, "query");
    for (uint32_t q = 0; q < side->judgement.n && g.fine; q++)
        add_name(&g, side->judgement.items[q].query);
    add_chars(&g, 0, "all");
    for (uint32_t i = 0; i < m->n_measures && g.fine; i++) {
        add_text(&g, 1 + i, m->measures[i].name);
        for (uint32_t q = 0; q < side->judgement.n; q++)
            add_number(&g, 1 + i, "%.4f", side->measured[i].values[q]);
        add_number(&g, 1 + i, "%.4f", side->measured[i].whole);
    }
    close_grid(&g, m->c, out);
}

/* ---- two runs ---- */

static void add_chance(grid *g, uint32_t column, double p)
{
    if (p < 0.0001)
        add_chars(g, column, "<1e-4");
    else
        add_number(g, column, "%.4f", p);
}

static void add_interval(grid *g, uint32_t column, const rk_comparison *comparison)
{
    rk_buf text = {0};
    if (isnan(comparison->low))
        rk_buf_add_char(&text, '-');
    else
        rk_buf_printf(&text, "%+.4f %+.4f", comparison->low, comparison->high);
    add_text(g, column, rk_buf_str(&text));
    g->fine = g->fine && !text.failed;
    rk_buf_free(&text);
}

static void print_comparisons(const metrics *m, rk_arena *arena, rk_buf *out)
{
    static const char *const titles[] = {"",  "A",   "B",    "A - B", "95 % interval",
                                         "p", "won", "lost", "tied"};
    grid g;
    open_grid(&g, arena, RK_ARRAY_LEN(titles));
    for (uint32_t k = 0; k < RK_ARRAY_LEN(titles); k++)
        add_chars(&g, k, titles[k]);
    for (uint32_t i = 0; i < m->n_measures; i++) {
        const rk_comparison *const both = &m->comparisons[i];
        add_text(&g, 0, m->measures[i].name);
        add_number(&g, 1, "%.4f", m->sides[0].measured[i].whole);
        add_number(&g, 2, "%.4f", m->sides[1].measured[i].whole);
        add_number(&g, 3, "%+.4f", both->difference);
        add_interval(&g, 4, both);
        add_chance(&g, 5, both->p);
        add_number(&g, 6, "%.0f", both->wins);
        add_number(&g, 7, "%.0f", both->losses);
        add_number(&g, 8, "%.0f", both->ties);
    }
    close_grid(&g, m->c, out);
}

/* One measure of two runs, a line a query. */
static void print_pairs(const metrics *m, uint32_t measure, rk_arena *arena, rk_buf *out)
{
    const rk_measured *const a = &m->sides[0].measured[measure];
    const rk_measured *const b = &m->sides[1].measured[measure];
    const rk_judgement *const judgement = &m->sides[0].judgement;
    grid g;
    open_grid(&g, arena, 4);
    if (g.fine)
        g.columns[0].widest = QUERY_WIDTH;
    add_text(&g, 0, m->measures[measure].name);
    add_chars(&g, 1, "A");
    add_chars(&g, 2, "B");
    add_chars(&g, 3, "A - B");
    for (uint32_t q = 0; q < judgement->n && g.fine; q++) {
        add_name(&g, judgement->items[q].query);
        add_number(&g, 1, "%.4f", a->values[q]);
        add_number(&g, 2, "%.4f", b->values[q]);
        add_number(&g, 3, "%+.4f", a->values[q] - b->values[q]);
    }
    close_grid(&g, m->c, out);
    rk_buf_add_char(out, '\n');
}

static void print_side(const char *name, const metrics_side *side, rk_buf *out)
{
    rk_buf_printf(out, "%s  ", name);
    cmd_add_plain(out, side->path);
    if (side->pipeline.len)
        rk_buf_printf(out, ", pipeline %.*s", RK_STR_ARG(side->pipeline));
    rk_buf_add_char(out, '\n');
}

/* ---- by which rules ---- */

/* A line `word    text`, folded where the terminal ends. */
static void add_rule(const metrics *m, const char *word, const rk_buf *text, rk_buf *out)
{
    enum { INDENT = 10 };
    const size_t room = terminal_width(m->c) < WIDE ? terminal_width(m->c) : WIDE;
    rk_buf lines = {0};
    size_t column = INDENT;
    rk_buf_printf(&lines, "%-*s", INDENT, word);
    for (size_t at = 0; at < text->len;) {
        const char *const space = memchr(text->data + at, ' ', text->len - at);
        const size_t end = space ? (size_t)(space - text->data) : text->len;
        const rk_str piece = {text->data + at, end - at};
        const size_t width = cmd_width(piece);
        if (column > INDENT && column + 1 + width > room) {
            rk_buf_printf(&lines, "\n%*s", INDENT, "");
            column = INDENT;
        }
        rk_buf_add_chars(&lines, column > INDENT ? " " : "");
        column += (column > INDENT) + width;
        rk_buf_add(&lines, piece);
        at = end + 1;
    }
    rk_buf_add(out, rk_buf_str(&lines));
    rk_buf_add_char(out, '\n');
    out->failed |= lines.failed || text->failed;
    rk_buf_free(&lines);
}

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

static void describe_order(const metrics *m, rk_buf *out)
{
    const metrics_side *const side = &m->sides[0];
    const bool doubles = metrics_keeps_doubles(m);
    if (side->has_scores)
        rk_buf_printf(out,
                      "by score as a %d-bit float, equal ones by docno, both downwards "
                      "(trec_eval %d)",
                      doubles ? 64 : 32, doubles ? 10 : 9);
    else
        rk_buf_add_chars(out, "by rank");
    if (side->has_scores && side->by_place)
        rk_buf_printf(out, "; by place in %u list%s whose scores do not fall", side->by_place,
                      plural(side->by_place));
}

static uint32_t count_without_positive(const rk_judgement *judgement)
{
    uint32_t n = 0;
    for (uint32_t q = 0; q < judgement->n; q++)
        n += judgement->items[q].n_ideal == 0;
    return n;
}

/* Of two runs. */
static bool some_left_out(const metrics *m)
{
    bool some = m->not_common > 0;
    for (uint32_t i = 0; i < m->n_sides; i++)
        some |= m->sides[i].judgement.counts.only_run || m->sides[i].judgement.counts.only_labels;
    return some;
}

static void describe_queries(const metrics *m, rk_buf *out)
{
    const rk_judge_counts *const counts = &m->sides[0].judgement.counts;
    const bool complete = m->c->given[CMD_COMPLETE];
    const uint32_t without = count_without_positive(&m->sides[0].judgement);
    rk_buf_printf(out, "%u measured", m->sides[0].judgement.n);
    if (without)
        rk_buf_printf(out, ", of which %u without a label above 0 count%s as 0", without,
                      without == 1 ? "s" : "");
    if (m->n_sides > 1) {
        if (some_left_out(m))
            rk_buf_add_chars(out, complete ? "; one that a run lacks counts as 0"
                                           : "; those that A, B or the labels lack are left out");
        return;
    }
    if (counts->only_run)
        rk_buf_printf(out, "; %u of the run without labels left out", counts->only_run);
    if (counts->only_labels && complete)
        rk_buf_printf(out, "; %u with labels that the run lacks count as 0", counts->only_labels);
    else if (counts->only_labels)
        rk_buf_printf(out, "; %u with labels that the run lacks left out (--complete: they are 0)",
                      counts->only_labels);
}

static void describe_labels(const metrics *m, rk_buf *out)
{
    const rk_judge_counts *const counts = &m->sides[0].judgement.counts;
    const unsigned long long all = counts->labelled + counts->unlabelled;
    rk_buf_printf(out, "relevant from %d on; none, or one below 0, is 0", m->scene.relevant);
    if (counts->unlabelled)
        rk_buf_printf(out, "; %llu of %llu document%s ha%s none",
                      (unsigned long long)counts->unlabelled, all, plural(all),
                      counts->unlabelled == 1 ? "s" : "ve");
    for (uint32_t i = 0; i < m->n_sides; i++) {
        const unsigned long long n = m->sides[i].judgement.counts.no_score;
        if (n)
            rk_buf_printf(out, "; %llu%s without a score come%s last", n,
                          m->n_sides == 1 ? ""
                          : i             ? " of B"
                                          : " of A",
                          n == 1 ? "s" : "");
    }
}

typedef void describe(const metrics *m, rk_buf *out);

static void print_rule(const metrics *m, const char *word, describe *say, rk_buf *out)
{
    rk_buf text = {0};
    say(m, &text);
    if (text.len || text.failed)
        add_rule(m, word, &text, out);
    rk_buf_free(&text);
}

static void describe_ids(const metrics *m, rk_buf *out)
{
    (void)m;
    rk_buf_add_chars(out, "a document that comes twice for a query is refused");
}

static void describe_grades(const metrics *m, rk_buf *out)
{
    bool wanted = false;
    for (uint32_t i = 0; i < m->n_measures; i++)
        wanted |= m->measures[i].metric->of == rk_metric_err;
    if (wanted)
        rk_buf_printf(out, "%d is the largest%s", m->scene.max_grade,
                      m->c->given[CMD_MAX_GRADE] ? "" : " label; --max-grade sets another");
}

static void describe_left_out(const metrics *m, rk_buf *out)
{
    for (uint32_t i = 0; i < m->n_measures && !out->len; i++) {
        const uint32_t n = m->sides[0].measured[i].n_out;
        if (m->measures[i].metric->whole != RK_METRIC_MEAN && n)
            rk_buf_printf(out, "%u quer%s no pair of a relevant and another document: no auc", n,
                          n == 1 ? "y has" : "ies have");
    }
}

static void describe_comparison(const metrics *m, rk_buf *out)
{
    if (m->n_sides > 1)
        rk_buf_printf(out,
                      "query by query; p of a paired t-test, two-sided; interval of a bootstrap "
                      "over queries, %u samples, seed %d",
                      m->samples, METRICS_SEED);
}

static void print_rules(const metrics *m, rk_buf *out)
{
    print_rule(m, "queries", describe_queries, out);
    print_rule(m, "order", describe_order, out);
    print_rule(m, "labels", describe_labels, out);
    print_rule(m, "ids", describe_ids, out);
    print_rule(m, "grades", describe_grades, out);
    print_rule(m, "pairs", describe_left_out, out);
    print_rule(m, "compared", describe_comparison, out);
}

void metrics_print(const metrics *m)
{
    rk_buf *const out = &m->c->out.buf;
    rk_arena arena;
    rk_arena_init(&arena);
    const bool each = m->c->given[CMD_PER_QUERY];
    if (m->n_sides > 1) {
        print_side("A", &m->sides[0], out);
        print_side("B", &m->sides[1], out);
        rk_buf_add_char(out, '\n');
        for (uint32_t i = 0; i < m->n_measures && each; i++)
            print_pairs(m, i, &arena, out);
        print_comparisons(m, &arena, out);
    } else if (each)
        print_queries(m, &arena, out);
    else
        print_measures(m, &arena, out);
    rk_buf_add_char(out, '\n');
    print_rules(m, out);
    rk_arena_free(&arena);
}
