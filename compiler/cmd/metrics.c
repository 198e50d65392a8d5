/* rankc metrics: how good a ranking is, by labels, and whether it is better than another. */
#include "compiler/cmd/metrics.h"

#include "runtime/source/excerpt.h"

/* ---- which measures ---- */

static const char default_measures[] = "ndcg@10,ndcg,mrr,map,precision@10,recall@100";

static rk_status unknown_measure(cmd *c, rk_str word, const rk_metric *metric)
{
    if (metric && metric->takes_k)
        return cmd_usage(c, "--metric: `%.*s` is cut at a whole number from 1 on, as in %s@10",
                         RK_STR_ARG(word), metric->name);
    if (metric)
        return cmd_usage(c, "--metric: `%s` is of whole lists: no @ behind it", metric->name);
    const char *const at = word.len ? memchr(word.data, '@', word.len) : NULL;
    const rk_str name = {word.data, at ? (size_t)(at - word.data) : word.len};
    rk_suggestion suggestion = rk_suggest(name);
    rk_buf all = {0}, longer = {0}; /* `gauc` is the beginning of two */
    for (const rk_metric *row = rk_metrics; row->name; row++) {
        const bool begins = name.len > 1 && strncmp(row->name, name.data, name.len) == 0;
        rk_suggest_offer(&suggestion, rk_str_from(row->name));
        rk_buf_printf(&all, " %s%s", row->name, row->takes_k ? "[@k]" : "");
        if (begins)
            rk_buf_printf(&longer, " %s%s", row->name, row->takes_k ? "[@k]" : "");
    }
    const char *const mean = longer.len ? "" : cmd_mean(c, &suggestion, "");
    const rk_buf *const some = longer.len ? &longer : &all;
    cmd_usage(c, "unknown metric `%.*s`%s%s", RK_STR_ARG(name), *mean ? mean : "; there are",
              *mean || !some->data ? "" : some->data);
    rk_buf_free(&all);
    rk_buf_free(&longer);
    return RK_EUSAGE;
}

static rk_status add_measure(metrics *m, rk_str word)
{
    rk_measure *const next = &m->measures[m->n_measures];
    if (!rk_measure_parse(word, next))
        return unknown_measure(m->c, word, next->metric);
    for (uint32_t i = 0; i < m->n_measures; i++)
        if (rk_str_eq(m->measures[i].name, word))
            return RK_OK;
    m->n_measures++;
    return RK_OK;
}

static rk_status pick_measures(metrics *m)
{
    cmd *const c = m->c;
    rk_str rest = c->given[CMD_METRIC] ? c->text[CMD_METRIC] : rk_str_from(default_measures);
    size_t most = 1;
    for (size_t i = 0; i < rest.len; i++)
        most += rest.data[i] == ',';
    m->measures = RK_NEW_ARRAY(&c->arena, rk_measure, most);
    if (!m->measures)
        return RK_ENOMEM;
    for (bool more = true; more;) {
        const char *const comma = rest.len ? memchr(rest.data, ',', rest.len) : NULL;
        const rk_str word = {rest.data, comma ? (size_t)(comma - rest.data) : rest.len};
        RK_TRY(add_measure(m, word));
        more = comma != NULL;
        rest = (rk_str){rest.data + word.len + more, rest.len - word.len - more};
    }
    return RK_OK;
}

/* ---- which files ---- */

static bool is_stdin(rk_str path) { return rk_str_eq(path, RK_STR("-")); }

/* Options that only programs know what to do with. */
static rk_status check_program_words(cmd *c, bool programs)
{
    const cmd_option_id ids[] = {CMD_REVISION, CMD_DEFINE,   CMD_NOW,
                                 CMD_PIPELINE, CMD_REQUESTS, CMD_ENGINE,
                                 CMD_THREADS,  CMD_NO_CACHE, CMD_COMPARE_PIPELINE};
    if (programs && !c->given[CMD_REQUESTS])
        return cmd_usage(c, "a program needs --requests: what to rank");
    for (size_t i = 0; i < RK_ARRAY_LEN(ids) && !programs; i++)
        if (c->given[ids[i]])
            return cmd_usage(c, "%s is for programs and bundles: `%s` is read as a run",
                             cmd_options[ids[i]].name, c->files.items[0]);
    return RK_OK;
}

static rk_status check_stdin(metrics *m)
{
    cmd *const c = m->c;
    uint32_t n = is_stdin(m->labels_path) + is_stdin(c->text[CMD_REQUESTS]);
    for (uint32_t i = 0; i < m->n_sides; i++)
        n += is_stdin(m->sides[i].path);
    if (n > 1 || (m->n_sides > 1 && is_stdin(c->text[CMD_REQUESTS])))
        return cmd_usage(c, "standard input can be read once only");
    return RK_OK;
}

static rk_status pick_files(metrics *m)
{
    cmd *const c = m->c;
    const rk_str path = rk_str_from(c->files.items[0]);
    m->sides[0].path = path;
    m->n_sides = c->given[CMD_COMPARE] || c->given[CMD_COMPARE_PIPELINE] ? 2 : 1;
    m->sides[1].path = c->given[CMD_COMPARE] ? c->text[CMD_COMPARE] : path;
    bool programs = metrics_is_program(path.data);
    if (m->n_sides > 1)
        programs |= metrics_is_program(m->sides[1].path.data);
    RK_TRY(check_program_words(c, programs));
    m->labels_path = c->given[CMD_LABELS] ? c->text[CMD_LABELS] : c->text[CMD_REQUESTS];
    if (!m->labels_path.len)
        return cmd_usage(c, "--labels FILE says what is relevant");
    return check_stdin(m);
}

/* ---- measuring ---- */

/* Of two runs only the queries that both have are measured: a mean over others says nothing. */
static void keep_common(metrics *m)
{
    rk_judgement *const a = &m->sides[0].judgement, *const b = &m->sides[1].judgement;
    uint32_t i = 0, j = 0, n = 0;
    const uint32_t all = a->n + b->n;
    while (i < a->n && j < b->n) {
        const int order = rk_str_cmp(a->items[i].query, b->items[j].query);
        if (order == 0) {
            a->items[n] = a->items[i++];
            b->items[n++] = b->items[j++];
        } else if (order < 0)
            i++;
        else
            j++;
    }
    a->n = b->n = n;
    m->not_common = all - 2 * n;
}

static rk_status nothing_to_measure(metrics *m, const metrics_side *side)
{
    rk_diag *const diag =
        rk_error(&m->diags, RK_E0523, RK_NO_SPAN, "no query of `%.*s` has labels in `%.*s`",
                 RK_STR_ARG(side->path), RK_STR_ARG(m->labels_path));
    if (rk_atoms_count(&side->marks.queries) > 1 && rk_atoms_count(&m->labels.queries) > 1)
        rk_diag_help(&m->diags, diag, "the one has the query `%s`, the other `%s`",
                     rk_excerpt_of(rk_atom_str(&side->marks.queries, 1)).text,
                     rk_excerpt_of(rk_atom_str(&m->labels.queries, 1)).text);
    return RK_EDATA;
}

/* A wrong column of ids gives zeros everywhere: better said. */
static void note_strangers(metrics *m, const metrics_side *side)
{
    const rk_judge_counts *const counts = &side->judgement.counts;
    if (counts->labelled || !counts->unlabelled)
        return;
    cmd_note(m->c, "no document of `%.*s` has a label: the run has `%s`, the labels `%s`",
             RK_STR_ARG(side->path), rk_excerpt_of(rk_mark_doc(&side->marks.items.items[0])).text,
             rk_excerpt_of(rk_mark_doc(&m->labels.items.items[0])).text);
}

static rk_status measure_side(metrics *m, metrics_side *side)
{
    side->measured = RK_NEW_ARRAY(&m->c->arena, rk_measured, m->n_measures);
    if (!side->measured)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < m->n_measures; i++)
        RK_TRY(rk_measure_all(&m->measures[i], &side->judgement, &m->scene, &m->c->arena,
                              &side->measured[i]));
    return RK_OK;
}

static rk_status measure(metrics *m, rk_arena *scratch)
{
    cmd *const c = m->c;
    uint32_t longest = 0;
    int32_t largest = 0;
    for (uint32_t i = 0; i < m->n_sides; i++) {
        const rk_judgement *const judgement = &m->sides[i].judgement;
        longest = judgement->longest > longest ? judgement->longest : longest;
        largest = judgement->counts.largest > largest ? judgement->counts.largest : largest;
    }
    const uint32_t relevant = cmd_count(c, CMD_RELEVANT, 1);
    const uint32_t grade = cmd_count(c, CMD_MAX_GRADE, (uint32_t)largest);
    m->scene = (rk_metric_scene){.relevant = relevant > INT32_MAX ? INT32_MAX : (int32_t)relevant,
                                 .max_grade = grade > INT32_MAX ? INT32_MAX : (int32_t)grade,
                                 .arena = scratch};
    RK_TRY(rk_metric_scene_init(&m->scene, &c->arena, longest));
    for (uint32_t i = 0; i < m->n_sides; i++)
        RK_TRY(measure_side(m, &m->sides[i]));
    return RK_OK;
}

static rk_status compare(metrics *m)
{
    const metrics_side *const a = &m->sides[0], *const b = &m->sides[1];
    m->samples = rk_compare_samples(a->judgement.n);
    m->comparisons = RK_NEW_ARRAY(&m->c->arena, rk_comparison, m->n_measures);
    if (!m->comparisons)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < m->n_measures; i++) {
        const rk_metric_whole whole = m->measures[i].metric->whole;
        const rk_compare_spec spec = {.a = a->measured[i].values,
                                      .b = b->measured[i].values,
                                      .a_weights = a->measured[i].weights,
                                      .b_weights = b->measured[i].weights,
                                      .n = a->judgement.n,
                                      .is_mean = whole == RK_METRIC_MEAN,
                                      .seed = METRICS_SEED,
                                      .samples = whole == RK_METRIC_POOLED ? 0 : m->samples};
        RK_TRY(rk_compare(&spec, &m->c->arena, &m->comparisons[i]));
        if (whole != RK_METRIC_MEAN)
            m->comparisons[i].difference = a->measured[i].whole - b->measured[i].whole;
    }
    return RK_OK;
}

/* ---- the command ---- */

static rk_status read_side(metrics *m, metrics_side *side)
{
    RK_TRY(metrics_read_side(m, side));
    if (side == m->sides || side->int_ids != m->sides[0].int_ids)
        RK_TRY(metrics_read_labels(m, side->int_ids));
    RK_TRY(metrics_judge(m, side));
    if (side->judgement.n == 0)
        return nothing_to_measure(m, side);
    note_strangers(m, side);
    return RK_OK;
}

static void print(const metrics *m)
{
    if (cmd_format_is(m->c, "csv"))
        metrics_print_csv(m);
    else if (cmd_format_is(m->c, "json"))
        metrics_print_json(m);
    else if (cmd_format_is(m->c, "jsonl"))
        metrics_print_jsonl(m);
    else
        metrics_print(m);
}

static rk_status run(metrics *m, rk_arena *scratch)
{
    cmd *const c = m->c;
    RK_TRY(pick_measures(m));
    RK_TRY(pick_files(m));
    if (c->given[CMD_RELEVANT] && c->number[CMD_RELEVANT] < 1)
        return cmd_usage(c, "--relevant is 1 or more: what has no label counts as 0");
    RK_TRY(read_side(m, &m->sides[0]));
    if (m->n_sides > 1) {
        if (c->given[CMD_COMPARE_PIPELINE]) {
            c->given[CMD_PIPELINE] = true;
            c->text[CMD_PIPELINE] = c->text[CMD_COMPARE_PIPELINE];
        }
        RK_TRY(read_side(m, &m->sides[1]));
        keep_common(m);
        if (m->sides[0].judgement.n == 0)
            return nothing_to_measure(m, &m->sides[1]);
    }
    RK_TRY(measure(m, scratch));
    if (m->n_sides > 1)
        RK_TRY(compare(m));
    print(m);
    return RK_OK;
}

rk_status cmd_run_metrics(cmd *c)
{
    metrics m = {.c = c};
    rk_arena scratch;
    rk_arena_init(&scratch);
    rk_diags_init(&m.diags, &c->arena);
    const rk_status status = run(&m, &scratch);
    const rk_texts none = {0};
    cmd_report_diags(c, &m.diags, &none, &m.printed);
    rk_arena_free(&scratch);
    rk_file_unmap(&m.labels_file);
    for (uint32_t i = 0; i < 2; i++)
        rk_file_unmap(&m.sides[i].file);
    return status;
}
