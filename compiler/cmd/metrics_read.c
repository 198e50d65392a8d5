/* Where `rankc metrics` has its runs and labels from. */
#include <math.h>
#include <stdio.h>

#include "compiler/cmd/metrics.h"
#include "compiler/cmd/rank.h"
#include "runtime/base/input.h"
#include "runtime/source/bad.h"
#include "runtime/source/letor_line.h"
#include "runtime/source/source.h"

/* ---- problems ---- */

/* A file while it is read. */
typedef struct reading {
    metrics *m;
    rk_bad bad;
    rk_mark_user user;
} reading;

static bool refuse(void *user, const rk_mark_problem *problem)
{
    reading *const r = user;
    const rk_excerpt text = rk_excerpt_of(problem->text);
    rk_diag *diag;
    if (problem->query.len) {
        diag = rk_bad_add(&r->bad, RK_E0522, RK_NO_SPAN, problem->line,
                          "`%s` comes a second time for query `%s`", text.text,
                          rk_excerpt_of(problem->query).text);
        rk_diag_note(r->bad.diags, diag, RK_NO_SPAN, "it stands in line %llu already",
                     (unsigned long long)problem->same_line);
    } else {
        diag = rk_bad_add(&r->bad, RK_E0521, RK_NO_SPAN, problem->line, "`%s` %s", text.text,
                          problem->words);
        if (problem->help)
            rk_diag_help(r->bad.diags, diag, "%s", problem->help);
    }
    return !r->bad.stop;
}

static void begin_reading(metrics *m, rk_str path, uint32_t allowed, reading *out)
{
    const rk_str shown = rk_str_eq(path, RK_STR("-")) ? RK_STR("<stdin>") : path;
    *out = (reading){.m = m};
    out->bad = (rk_bad){.diags = &m->diags, .path = shown, .what = "line", .allowed = allowed};
    out->user = (rk_mark_user){refuse, out};
}

static rk_status map(metrics *m, rk_str path, rk_mapping *out)
{
    const bool is_stdin = rk_str_eq(path, RK_STR("-"));
    return rk_input_map(&m->diags, &m->c->arena, is_stdin ? RK_STR("/dev/stdin") : path, RK_NO_SPAN,
                        out);
}

/* ---- a run ---- */

static bool wants_places(const metrics *m)
{
    return rk_str_eq(m->c->text[CMD_ORDER], RK_STR("rank"));
}

bool metrics_keeps_doubles(const metrics *m)
{
    return rk_str_eq(m->c->text[CMD_ORDER], RK_STR("double"));
}

static rk_status read_run(metrics *m, metrics_side *side)
{
    reading r;
    uint64_t n_lines = 0;
    begin_reading(m, side->path, cmd_count(m->c, CMD_MAX_BAD_ROWS, 0), &r);
    RK_TRY(map(m, side->path, &side->file));
    RK_TRY(rk_marks_read_run(&side->marks, side->file.text, wants_places(m), &r.user, &n_lines));
    for (uint32_t i = 0; i < side->marks.items.len; i++) {
        rk_mark *const mark = &side->marks.items.items[i];
        side->has_scores |= !mark->exact;
        mark->exact |= metrics_keeps_doubles(m);
    }
    return rk_bad_finish(&r.bad, RK_NO_SPAN, n_lines);
}

/* ---- a program ---- */

typedef struct ranking {
    metrics *m;
    metrics_side *side;
} ranking;

/* The score of an item; NaN: it has none. */
static double score_of(const rk_reply *reply, uint32_t i)
{
    const rk_value score = rk_column_get(reply->scores, i);
    const rk_value number = rk_value_convert(score, RK_TYPE(DOUBLE));
    return score.missing ? NAN : number.as.d;
}

/* Whether the scores tell the order of the list. They do not where there are none, and where a rule
 * like pin moved items after they were scored. */
static bool scores_fall(const rk_reply *reply)
{
    if (!reply->scores || reply->scores->type.kind > RK_KIND_DOUBLE)
        return false;
    for (uint32_t i = 1; i < reply->n; i++) {
        const double before = score_of(reply, i - 1), score = score_of(reply, i);
        if (before < score || (isnan(before) && !isnan(score)))
            return false;
    }
    return reply->n == 0 || !isnan(score_of(reply, 0));
}

static rk_status name_item(rk_arena *arena, const cmd_ranked *ranked, uint32_t i, rk_str *out)
{
    char digits[24];
    const rk_value id = rk_column_get(&ranked->reply->ids, i);
    if (id.type.kind == RK_KIND_STRING)
        *out = rk_atom_str(ranked->strings, id.as.s);
    else
        *out =
            (rk_str){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)id.as.i)};
    out->data = rk_arena_copy(arena, out->data, out->len);
    return out->data ? RK_OK : RK_ENOMEM;
}

static rk_status take_list(void *user, const cmd_ranked *ranked)
{
    ranking *const r = user;
    metrics *const m = r->m;
    metrics_side *const side = r->side;
    const rk_reply *const reply = ranked->reply;
    char digits[16];
    snprintf(digits, sizeof digits, "%u", ranked->number);
    const rk_str name = ranked->request->name.len ? ranked->request->name : rk_str_from(digits);
    const bool kept = m->c->given[CMD_ORDER];
    const bool numbers = reply->scores && reply->scores->type.kind <= RK_KIND_DOUBLE;
    const bool by_score = !wants_places(m) && numbers && (kept || scores_fall(reply));
    side->by_place += !by_score && !wants_places(m) && reply->n > 0;
    side->has_scores |= by_score && reply->n > 0;
    for (uint32_t i = 0; i < reply->n; i++) {
        rk_str doc;
        RK_TRY(name_item(&m->c->arena, ranked, i, &doc));
        const rk_mark mark = {.doc = doc.data,
                              .doc_len = (uint32_t)doc.len,
                              .value = by_score ? score_of(reply, i) : -(double)i - 1,
                              .exact = !by_score || metrics_keeps_doubles(m)};
        RK_TRY(rk_marks_add(&side->marks, name, mark));
    }
    return RK_OK;
}

static void end_lists(void *user, const cmd_subject *subject, uint32_t n_requests)
{
    (void)n_requests;
    ranking *const r = user;
    const rk_str name = subject->plan->pipeline;
    const char *const copy = rk_arena_copy(&r->m->c->arena, name.data, name.len);
    r->side->pipeline = copy ? (rk_str){copy, name.len} : (rk_str){"", 0};
    r->side->int_ids = subject->plan->id_type.kind == RK_KIND_INT;
}

bool metrics_is_program(const char *path)
{
    const char *const dot = strrchr(path, '.');
    return (dot && strcmp(dot, ".rank") == 0) || (strcmp(path, "-") != 0 && cmd_is_bundle(path));
}

rk_status metrics_read_side(metrics *m, metrics_side *side)
{
    RK_TRY(rk_marks_init(&side->marks, &m->c->arena));
    ranking r = {m, side};
    const cmd_taker taker = {.take = take_list, .end = end_lists, .user = &r, .by_id = true};
    if (metrics_is_program(side->path.data))
        RK_TRY(cmd_rank_file(m->c, side->path.data, &taker));
    else
        RK_TRY(read_run(m, side));
    return rk_marks_group(&side->marks);
}

/* ---- labels of a LETOR file ---- */

/* The lines of one query: what names their documents is known when all were seen. */
typedef struct letor_group {
    rk_str qid;
    RK_VEC(rk_str) docids;
    RK_VEC(rk_mark) marks;
    bool refused; /* its lines are passed over */
} letor_group;

/* As requests of that file have it: docids where each line has one that can be an id. */
static bool docids_are_ids(const letor_group *group, bool int_ids)
{
    int64_t ignored;
    for (uint32_t i = 0; i < group->docids.len; i++) {
        const rk_str docid = group->docids.items[i];
        if (int_ids ? !rk_str_to_int(docid, &ignored) : docid.len == 0)
            return false;
    }
    return true;
}

/* `007` is 7 where ids are ints. */
static rk_status name_document(metrics *m, rk_str docid, uint32_t number, bool docids, bool int_ids,
                               rk_mark *mark)
{
    char digits[24];
    int64_t id = number;
    rk_str name = docid;
    if (docids && int_ids)
        rk_str_to_int(docid, &id);
    if (!docids || int_ids) {
        name = (rk_str){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)id)};
        name.data = rk_arena_copy(&m->c->arena, digits, name.len);
    }
    mark->doc = name.data;
    mark->doc_len = (uint32_t)name.len;
    return name.data ? RK_OK : RK_ENOMEM;
}

static rk_status end_group(metrics *m, letor_group *group, bool int_ids)
{
    const bool docids = docids_are_ids(group, int_ids);
    for (uint32_t i = 0; i < group->marks.len; i++) {
        rk_mark mark = group->marks.items[i];
        RK_TRY(name_document(m, group->docids.items[i], i + 1, docids, int_ids, &mark));
        RK_TRY(rk_marks_add(&m->labels, group->qid, mark));
    }
    group->docids.len = group->marks.len = 0;
    return RK_OK;
}

/* What a line has to say; false when it is refused. */
static bool split_line(reading *r, uint64_t at, rk_str text, rk_letor_line *line, rk_mark *mark)
{
    rk_letor_problem problem;
    rk_mark_problem said = {.line = at, .text = text};
    *mark = (rk_mark){.line = (uint32_t)at};
    if (!rk_letor_split(text, line, &problem)) {
        said.text = problem.text;
        said.words = problem.why.text;
        refuse(r, &said);
        return false;
    }
    if (line->qid.len && rk_mark_label(line->label, &mark->value))
        return true;
    said.words = line->qid.len ? "is no label: a whole number should stand here" : "has no qid:";
    if (line->qid.len)
        said.text = line->label;
    refuse(r, &said);
    return false;
}

/* Requests of the file refuse such a query too. */
static bool comes_back(reading *r, uint64_t at, rk_str qid)
{
    if (rk_atom_find(&r->m->labels.queries, qid) == RK_MAP_NONE)
        return false;
    rk_bad_add(&r->bad, RK_E0516, RK_NO_SPAN, at,
               "query %s comes back: its lines must stand together", rk_excerpt_of(qid).text);
    return true;
}

static rk_status read_letor_line(reading *r, letor_group *group, uint64_t at, rk_str text,
                                 bool int_ids)
{
    metrics *const m = r->m;
    rk_letor_line line;
    rk_mark mark;
    if (rk_letor_is_blank(text) || !split_line(r, at, text, &line, &mark))
        return RK_OK;
    if (!rk_str_eq(line.qid, group->qid)) {
        RK_TRY(end_group(m, group, int_ids));
        group->qid = line.qid;
        group->refused = comes_back(r, at, line.qid);
    }
    if (group->refused)
        return RK_OK;
    return rk_vec_push(&m->c->arena, &group->docids, line.docid) &&
                   rk_vec_push(&m->c->arena, &group->marks, mark)
               ? RK_OK
               : RK_ENOMEM;
}

static rk_status read_letor(reading *r, rk_str text, bool int_ids)
{
    letor_group group = {.qid = {"", 0}};
    uint64_t at = 0;
    while (text.len && !r->bad.stop) {
        const char *const end = memchr(text.data, '\n', text.len);
        const size_t len = end ? (size_t)(end - text.data) : text.len;
        if (++at > UINT32_MAX || len > UINT32_MAX)
            return RK_ELIMIT;
        RK_TRY(read_letor_line(r, &group, at, (rk_str){text.data, len}, int_ids));
        text = (rk_str){text.data + len + (end != NULL), text.len - len - (end != NULL)};
    }
    return end_group(r->m, &group, int_ids);
}

/* ---- labels ---- */

static rk_status read_labels(metrics *m, rk_str text, bool int_ids)
{
    reading r;
    uint64_t n_lines = 0;
    begin_reading(m, m->labels_path, cmd_count(m->c, CMD_MAX_BAD_ROWS, 0), &r);
    const rk_request_ops *const kind = rk_request_find(RK_STR(""), text);
    const bool letor = kind && strcmp(kind->name, "letor") == 0;
    if (!letor && kind && !m->c->given[CMD_LABELS])
        return cmd_usage(m->c,
                         "--labels FILE says what is relevant: `%.*s` holds requests "
                         "without labels",
                         RK_STR_ARG(m->labels_path));
    if (letor)
        RK_TRY(read_letor(&r, text, int_ids));
    else
        RK_TRY(rk_marks_read_qrels(&m->labels, text, &r.user, &n_lines));
    RK_TRY(rk_bad_finish(&r.bad, RK_NO_SPAN, letor ? m->labels.items.len : n_lines));
    if (m->labels.items.len)
        return RK_OK;
    rk_error(&m->diags, RK_E0523, RK_NO_SPAN, "`%.*s` holds no labels", RK_STR_ARG(m->labels_path));
    return RK_EDATA;
}

rk_status metrics_read_labels(metrics *m, bool int_ids)
{
    RK_TRY(rk_marks_init(&m->labels, &m->c->arena));
    if (!m->labels_file.text.data)
        RK_TRY(map(m, m->labels_path, &m->labels_file));
    RK_TRY(read_labels(m, m->labels_file.text, int_ids));
    return rk_marks_group(&m->labels);
}

rk_status metrics_judge(metrics *m, metrics_side *side)
{
    reading run, labels;
    uint64_t n_twice;
    begin_reading(m, side->path, 0, &run);
    begin_reading(m, m->labels_path, 0, &labels);
    const rk_judge_spec spec = {.run = &side->marks,
                                .labels = &m->labels,
                                .complete = m->c->given[CMD_COMPLETE],
                                .in_run = &run.user,
                                .in_labels = &labels.user};
    RK_TRY(rk_judge(&spec, &m->c->arena, &side->judgement, &n_twice));
    return n_twice ? RK_EDATA : RK_OK;
}
