/* Pipelines by §5 of the manual: lists of items with their scores. */
#include <math.h>
#include <stdlib.h>

#include "tests/programs/programs.h"

static list new_list(eval *e, unsigned n)
{
    return (list){.at = NEW_ARRAY(e->arena, unsigned, n), .scores = NEW_ARRAY(e->arena, value, n)};
}

static void add(list *to, const list *from, unsigned i)
{
    to->at[to->n] = from->at[i];
    to->scores[to->n++] = from->scores[i];
}

static int64_t count_of(eval *e, const node *n) { return eval_node(e, n, 0).as.i; }

static bool meets(eval *e, const pipe *q, const list *in, unsigned i)
{
    return eval_node(e, q->key, in->at[i]).as.b;
}

/* ---- stages ---- */

static list filter(eval *e, const pipe *q, const list *in)
{
    list out = new_list(e, in->n);
    for (unsigned i = 0; i < in->n; i++)
        if (meets(e, q, in, i))
            add(&out, in, i);
    return out;
}

/* Insertion into sorted order: after all that are not behind it. */
static list ordered(eval *e, const pipe *q, const list *in)
{
    list out = new_list(e, in->n);
    const bool asc = q->kind == PIPE_SORT && q->asc;
    for (unsigned i = 0; i < in->n; i++) {
        const value key = eval_node(e, q->key, in->at[i]);
        unsigned k = out.n;
        while (k > 0) {
            const value before = out.scores[k - 1];
            const int order = has_value(key) && has_value(before) ? compare_values(key, before) : 0;
            const bool behind = !has_value(before)
                                    ? has_value(key)
                                    : has_value(key) && (asc ? order < 0 : order > 0);
            if (!behind)
                break;
            out.at[k] = out.at[k - 1];
            out.scores[k] = out.scores[k - 1];
            k--;
        }
        out.at[k] = in->at[i];
        out.scores[k] = key;
        out.n++;
    }
    return out;
}

static list first_of(eval *e, list in, const node *count)
{
    const int64_t k = count_of(e, count);
    if (k < (int64_t)in.n)
        in.n = k < 0 ? 0 : (unsigned)k;
    return in;
}

/* How often the key stands in the last window - 1 places. */
static int64_t clashes(const value *keys, const unsigned *taken, unsigned at, unsigned item,
                       int64_t window)
{
    int64_t count = 0;
    for (unsigned k = at; k > 0 && (int64_t)(at - k) < window - 1; k--)
        count += same_key(keys[taken[k - 1]], keys[item]);
    return count;
}

static list spread(eval *e, const pipe *q, const list *in)
{
    const int64_t max = count_of(e, q->count[0]), wide = count_of(e, q->count[1]);
    const int64_t window = wide < 1 ? 1 : wide;
    list out = new_list(e, in->n);
    value *const keys = NEW_ARRAY(e->arena, value, in->n);
    bool *const gone = NEW_ARRAY(e->arena, bool, in->n);
    unsigned *const taken = NEW_ARRAY(e->arena, unsigned, in->n);
    for (unsigned i = 0; i < in->n; i++)
        keys[i] = eval_node(e, q->key, in->at[i]);
    for (unsigned at = 0; at < in->n; at++) {
        unsigned found = in->n, first = in->n;
        for (unsigned i = 0; i < in->n && found == in->n; i++) {
            if (gone[i])
                continue;
            first = first < i ? first : i;
            if (!has_value(keys[i]) || clashes(keys, taken, at, i, window) + 1 <= max)
                found = i;
        }
        found = found == in->n ? first : found;
        gone[found] = true;
        taken[at] = found;
        add(&out, in, found);
    }
    return out;
}

/* pin: the others before place p, what meets the condition, the rest; sink: it comes last. */
static list moved(eval *e, const pipe *q, const list *in)
{
    list out = new_list(e, in->n);
    int64_t before = (int64_t)in->n;
    if (q->kind == PIPE_PIN) {
        const int64_t p = count_of(e, q->count[0]);
        before = p < 1 ? 0 : p > (int64_t)in->n ? (int64_t)in->n : p - 1;
    }
    for (int part = 0; part < 3; part++) {
        int64_t others = 0;
        for (unsigned i = 0; i < in->n; i++) {
            const bool met = meets(e, q, in, i);
            if (met ? part == 1 : part != 1 && (part == 0) == (others < before))
                add(&out, in, i);
            others += !met;
        }
    }
    return out;
}

/* ---- lists made of lists ---- */

static list eval_pipe(eval *e, pipe *named, bool live);

static list candidates(eval *e, bool live)
{
    list out = new_list(e, e->n);
    for (; live && out.n < e->n_sent; out.n++)
        out.at[out.n] = out.n;
    return out;
}

/* All rows, in the order of the file. */
static list scan(eval *e, bool live)
{
    list out = new_list(e, e->n);
    const source *const s = &e->p->sources[0];
    for (unsigned i = 0; live && i < s->n; i++) {
        unsigned at = 0;
        while (!same_key(e->ids[at], s->keys[i]))
            at++;
        out.at[out.n++] = at;
    }
    return out;
}

/* ---- nearest ---- */

static float field_of(const source *s, unsigned field, unsigned row, float otherwise)
{
    const value v = s->columns[field][row];
    return has_value(v) ? v.as.f : otherwise;
}

static bool is_finite(value v)
{
    bool finite = has_value(v);
    for (unsigned i = 0; finite && i < v.as.list.len; i++)
        finite = isfinite(v.as.list.items[i].as.f);
    return finite;
}

/* What INDEX_VECTOR says. */
static value vector_of(eval *e, unsigned row)
{
    const source *const s = &e->p->sources[0];
    const float tg = field_of(s, 2, row, s->fields[2].otherwise.as.f);
    const float numbers[INDEX_DIM] = {tg / field_of(s, 1, row, 0), tg, field_of(s, 1, row, 1)};
    value v = {.kind = RK_KIND_VECTOR};
    v.as.list.items = NEW_ARRAY(e->arena, value, INDEX_DIM);
    v.as.list.len = INDEX_DIM;
    for (unsigned i = 0; i < INDEX_DIM; i++)
        v.as.list.items[i] = value_float(numbers[i]);
    return v;
}

/* The larger the nearer, 0 and never -0. */
static value similarity(eval *e, value row, value query)
{
    const value args[] = {row, query};
    const call c = {.arena = e->arena, .args = args, .n = 2, .type = RK_TYPE_OPT(FLOAT)};
    value v = functions[function_find(e->p->metric)].call(&c);
    v.as.f = has_value(v) && strcmp(e->p->metric, "l2") == 0 ? 0 - v.as.f : v.as.f;
    return has_value(v) ? value_float(v.as.f + 0) : missing_of(RK_TYPE_OPT(FLOAT));
}

/* All rows that pass go into place by score, missing last, then by id. */
static list nearest(eval *e, const pipe *q, bool live)
{
    list out = new_list(e, e->n);
    const value query = live ? eval_node(e, q->vector, 0) : (value){.missing = true};
    const list rows = scan(e, live && is_finite(query));
    const int64_t k = live ? count_of(e, q->count[0]) : 0;
    for (unsigned i = 0; i < rows.n; i++) {
        const value row = vector_of(e, i);
        if (!is_finite(row) || (q->key && !eval_node(e, q->key, rows.at[i]).as.b))
            continue;
        const value score = similarity(e, row, query);
        unsigned to = out.n++;
        for (; to > 0; to--) {
            const value before = out.scores[to - 1];
            const int order = has_value(score) != has_value(before)
                                  ? has_value(score) - has_value(before)
                              : has_value(score) ? compare_values(score, before)
                                                 : 0;
            if (order < 0 ||
                (order == 0 && compare_values(e->ids[out.at[to - 1]], e->ids[rows.at[i]]) < 0))
                break;
            out.at[to] = out.at[to - 1];
            out.scores[to] = before;
        }
        out.at[to] = rows.at[i];
        out.scores[to] = score;
    }
    out.n = k <= 0 ? 0 : (int64_t)out.n < k ? out.n : (unsigned)k;
    return out;
}

static list join(eval *e, const pipe *q, bool live)
{
    list out = new_list(e, e->n);
    bool *const seen = NEW_ARRAY(e->arena, bool, e->n);
    for (unsigned k = 0; k < q->n; k++) {
        const list from = eval_pipe(e, q->from[k], live);
        for (unsigned i = 0; i < from.n; i++) {
            if (!seen[from.at[i]])
                add(&out, &from, i);
            seen[from.at[i]] = true;
        }
    }
    return out;
}

/* The condition may ask for domains that both branches have, which are then made first. */
static bool eval_condition(eval *e, const pipe *q)
{
    for (int label = 0; label <= RECALL_LABEL; label++) {
        const unsigned bit = label == RECALL_LABEL ? 1u : 2u << label;
        if (q->key->needs & bit && !e->is_live[label])
            eval_pipe(e, domain_pipe(e->p, q->from[0], label), true);
    }
    return eval_node(e, q->key, 0).as.b;
}

/* Both branches are gone through, so that all labels are known: those of the one that is not taken
 * hold nothing, and nothing is worked out there. */
static list choose(eval *e, const pipe *q, bool live)
{
    const bool yes = live && eval_condition(e, q);
    const list taken = eval_pipe(e, q->from[yes ? 0 : 1], live);
    (void)eval_pipe(e, q->from[yes ? 1 : 0], false);
    return taken;
}

static list eval_stage(eval *e, const pipe *q, bool live)
{
    const list in = eval_pipe(e, q->from[0], live);
    if (!live)
        return in;
    switch (q->kind) {
    case PIPE_WHERE:
        return filter(e, q, &in);
    case PIPE_TOP:
        return first_of(e, ordered(e, q, &in), q->count[0]);
    case PIPE_SORT:
        return ordered(e, q, &in);
    case PIPE_LIMIT:
        return first_of(e, in, q->count[0]);
    case PIPE_SPREAD:
        return spread(e, q, &in);
    default:
        return moved(e, q, &in);
    }
}

static list eval_pipe(eval *e, pipe *named, bool live)
{
    const program *const p = e->p;
    pipe *const q = root_pipe(p, named);
    const list out = q->kind == PIPE_CANDIDATES ? candidates(e, live)
                     : q->kind == PIPE_SCAN     ? scan(e, live)
                     : q->kind == PIPE_NEAREST  ? nearest(e, q, live)
                     : q->kind == PIPE_UNION    ? join(e, q, live)
                     : q->kind == PIPE_IF       ? choose(e, q, live)
                                                : eval_stage(e, q, live);
    for (int label = 0; label <= RECALL_LABEL; label++)
        if ((label == q->label || (label == RECALL_LABEL && is_recall(p, q))) &&
            (live || !e->is_live[label])) {
            e->domains[label] = out;
            e->has_domain[label] = true;
            e->is_live[label] |= live;
        }
    return out;
}

list eval_pipeline(eval *e) { return eval_pipe(e, e->p->pipelines[e->p->n_pipelines - 1], true); }
