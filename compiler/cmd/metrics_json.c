/* What was measured, for programs: JSON, JSON lines, CSV. */
#include <math.h>

#include "compiler/cmd/metrics.h"

/* Shortest digits that read back; `otherwise` for what is not defined. */
static void add_number(double value, const char *otherwise, rk_buf *out)
{
    char text[32];
    if (isnan(value))
        rk_buf_add_chars(out, otherwise);
    else if (isinf(value))
        rk_buf_add_chars(out, value > 0 ? "\"inf\"" : "\"-inf\"");
    else
        rk_buf_add(out, (rk_str){text, rk_double_print(value, text)});
}

/* ---- json ---- */

static void add_member(const char *name, double value, rk_buf *out)
{
    rk_buf_printf(out, ", \"%s\": ", name);
    add_number(value, "null", out);
}

static void add_string(const char *name, rk_str value, rk_buf *out)
{
    rk_buf_printf(out, ", \"%s\": ", name);
    rk_buf_add_json(out, value);
}

/* {"ndcg@10": 0.5, …} of query q, or of all of them. */
static void add_values(const metrics *m, const metrics_side *side, uint32_t q, rk_buf *out)
{
    rk_buf_add_char(out, '{');
    for (uint32_t i = 0; i < m->n_measures; i++) {
        const rk_measured *const measured = &side->measured[i];
        rk_buf_add_chars(out, i ? ", " : "");
        rk_buf_add_json(out, m->measures[i].name);
        rk_buf_add_chars(out, ": ");
        add_number(q == UINT32_MAX ? measured->whole : measured->values[q], "null", out);
    }
    rk_buf_add_char(out, '}');
}

static void add_query(const metrics *m, uint32_t q, rk_buf *out)
{
    rk_buf_add_chars(out, "{\"query\": ");
    rk_buf_add_json(out, m->sides[0].judgement.items[q].query);
    rk_buf_add_chars(out, m->n_sides > 1 ? ", \"a\": " : ", \"metrics\": ");
    add_values(m, &m->sides[0], q, out);
    if (m->n_sides > 1) {
        rk_buf_add_chars(out, ", \"b\": ");
        add_values(m, &m->sides[1], q, out);
    }
    rk_buf_add_char(out, '}');
}

static void add_side(const metrics *m, const metrics_side *side, rk_buf *out)
{
    const rk_judge_counts *const counts = &side->judgement.counts;
    rk_buf_add_chars(out, "{\"run\": ");
    rk_buf_add_json(out, side->path);
    if (side->pipeline.len)
        add_string("pipeline", side->pipeline, out);
    rk_buf_add_chars(out, ", \"metrics\": ");
    add_values(m, side, UINT32_MAX, out);
    rk_buf_printf(out, ", \"order\": \"%s\", \"lists_by_place\": %u",
                  side->has_scores ? "score" : "rank", side->by_place);
    rk_buf_printf(out, ", \"queries\": %u", side->judgement.n);
    rk_buf_printf(out, ", \"only_in_run\": %u, \"only_in_labels\": %u, \"without_positive\": %u",
                  counts->only_run, counts->only_labels, counts->no_positive);
    rk_buf_printf(out, ", \"labelled\": %llu, \"unlabelled\": %llu, \"without_score\": %llu}",
                  (unsigned long long)counts->labelled, (unsigned long long)counts->unlabelled,
                  (unsigned long long)counts->no_score);
}

static void add_comparison(const metrics *m, uint32_t i, rk_buf *out)
{
    const rk_comparison *const both = &m->comparisons[i];
    rk_buf_add_chars(out, i ? ", {\"metric\": " : "{\"metric\": ");
    rk_buf_add_json(out, m->measures[i].name);
    add_member("a", m->sides[0].measured[i].whole, out);
    add_member("b", m->sides[1].measured[i].whole, out);
    add_member("difference", both->difference, out);
    add_member("low", both->low, out);
    add_member("high", both->high, out);
    add_member("t", both->t, out);
    add_member("p", both->p, out);
    rk_buf_printf(out, ", \"wins\": %u, \"losses\": %u, \"ties\": %u}", both->wins, both->losses,
                  both->ties);
}

/* Members of what was found, without the braces. */
static void add_found(const metrics *m, rk_buf *out)
{
    rk_buf_add_chars(out, m->n_sides > 1 ? "\"a\": " : "\"measured\": ");
    add_side(m, &m->sides[0], out);
    if (m->n_sides > 1) {
        rk_buf_add_chars(out, ", \"b\": ");
        add_side(m, &m->sides[1], out);
        rk_buf_add_chars(out, ", \"comparison\": [");
        for (uint32_t i = 0; i < m->n_measures; i++)
            add_comparison(m, i, out);
        rk_buf_printf(out,
                      "], \"test\": \"paired t-test, two-sided\", \"interval\": \"95 %%, bootstrap "
                      "over queries\", \"samples\": %u, \"seed\": %d, \"only_in_one\": %u",
                      m->samples, METRICS_SEED, m->not_common);
    }
    add_string("labels", m->labels_path, out);
    rk_buf_printf(out, ", \"relevant_from\": %d, \"max_grade\": %d", m->scene.relevant,
                  m->scene.max_grade);
    add_string("scores_as", metrics_keeps_doubles(m) ? RK_STR("float64") : RK_STR("float32"), out);
    add_string("ties", RK_STR("docno, downwards"), out);
    rk_buf_add_chars(out, ", \"unlabelled_is\": 0, \"below_0_is\": 0");
    add_string("doubled", RK_STR("refused"), out);
    add_string(
        "average_over",
        m->c->given[CMD_COMPLETE] ? RK_STR("queries with labels") : RK_STR("queries of both"), out);
}

void metrics_print_json(const metrics *m)
{
    rk_buf *const out = &m->c->out.buf;
    rk_buf_add_char(out, '{');
    add_found(m, out);
    if (m->c->given[CMD_PER_QUERY]) {
        rk_buf_add_chars(out, ", \"per_query\": [");
        for (uint32_t q = 0; q < m->sides[0].judgement.n; q++) {
            rk_buf_add_chars(out, q ? ",\n" : "\n");
            add_query(m, q, out);
        }
        rk_buf_add_char(out, ']');
    }
    rk_buf_add_chars(out, "}\n");
}

/* A line a query; the last one is of all. */
void metrics_print_jsonl(const metrics *m)
{
    rk_buf *const out = &m->c->out.buf;
    for (uint32_t q = 0; m->c->given[CMD_PER_QUERY] && q < m->sides[0].judgement.n; q++) {
        add_query(m, q, out);
        rk_buf_add_char(out, '\n');
    }
    rk_buf_add_char(out, '{');
    add_found(m, out);
    rk_buf_add_chars(out, "}\n");
}

/* ---- csv ---- */

/* A query's name is a word, but may hold a comma or a quote. */
static void add_cell(rk_str s, rk_buf *out)
{
    const bool quoted = s.len && (memchr(s.data, ',', s.len) || memchr(s.data, '"', s.len));
    rk_buf_add_chars(out, quoted ? "\"" : "");
    for (size_t i = 0; i < s.len; i++) {
        rk_buf_add_char(out, s.data[i]);
        rk_buf_add_chars(out, s.data[i] == '"' ? "\"" : "");
    }
    rk_buf_add_chars(out, quoted ? "\"" : "");
}

static void add_comma_number(double value, rk_buf *out)
{
    rk_buf_add_char(out, ',');
    add_number(value, "", out);
}

/* One measure of query q, or of all of them. */
static void add_row(const metrics *m, uint32_t i, uint32_t q, rk_buf *out)
{
    const bool all = q == UINT32_MAX;
    rk_buf_add(out, m->measures[i].name);
    rk_buf_add_char(out, ',');
    if (!all)
        add_cell(m->sides[0].judgement.items[q].query, out);
    for (uint32_t s = 0; s < m->n_sides; s++) {
        const rk_measured *const measured = &m->sides[s].measured[i];
        add_comma_number(all ? measured->whole : measured->values[q], out);
    }
    if (m->n_sides > 1 && all) {
        const rk_comparison *const both = &m->comparisons[i];
        const double numbers[] = {both->difference, both->low, both->high, both->t, both->p};
        for (size_t k = 0; k < RK_ARRAY_LEN(numbers); k++)
            add_comma_number(numbers[k], out);
        rk_buf_printf(out, ",%u,%u,%u", both->wins, both->losses, both->ties);
    } else if (m->n_sides > 1) {
        add_comma_number(m->sides[0].measured[i].values[q] - m->sides[1].measured[i].values[q],
                         out);
        rk_buf_add_chars(out, ",,,,,,,");
    }
    rk_buf_add_char(out, '\n');
}

void metrics_print_csv(const metrics *m)
{
    rk_buf *const out = &m->c->out.buf;
    rk_buf_add_chars(out, m->n_sides > 1
                              ? "metric,query,a,b,difference,low,high,t,p,wins,losses,ties\n"
                              : "metric,query,value\n");
    for (uint32_t i = 0; i < m->n_measures; i++) {
        for (uint32_t q = 0; m->c->given[CMD_PER_QUERY] && q < m->sides[0].judgement.n; q++)
            add_row(m, i, q, out);
        add_row(m, i, UINT32_MAX, out);
    }
}
