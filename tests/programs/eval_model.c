/* Models by the rules of the library that wrote them: one item, one tree, one split at a time, and
 * nothing of runtime/model. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "tests/programs/programs.h"

/* ---- inputs ---- */

static int find_text(const input *in, rk_str text)
{
    for (int i = 0; i < CATEGORIES; i++)
        if (in->kind == INPUT_TEXT && rk_str_eq(text, rk_str_from(category_texts[i])))
            return i;
    char digits[16];
    for (int i = 0; i < CATEGORIES; i++) {
        snprintf(digits, sizeof digits, "%d", category_wholes[i]);
        if (in->kind == INPUT_WHOLE && rk_str_eq(text, rk_str_from(digits)))
            return i;
    }
    for (unsigned i = 0; in->kind == INPUT_HASH && i < in->n; i++)
        if (rk_str_eq(text, rk_str_from(category_hashes[in->hashes[i]].text)))
            return (int)i;
    return -1;
}

/* What the model reads: a number, a category's number, NaN; of CatBoost's categories -1 for none.
 */
static double input_value(const input *in, value v)
{
    char digits[32];
    const double none = in->kind == INPUT_HASH ? -1 : (double)NAN;
    if (!has_value(v))
        return none;
    if (v.kind == RK_KIND_STRING) {
        const int at = find_text(in, v.as.s);
        return at < 0 ? none : at;
    }
    const double x = v.kind == RK_KIND_BOOL ? v.as.b : as_double(v);
    for (int i = 0; in->kind == INPUT_WHOLE; i++)
        if (i == CATEGORIES || category_wholes[i] == x)
            return i == CATEGORIES ? none : i;
    if (in->kind != INPUT_HASH)
        return x;
    if (!(fabs(x) <= 0x1p53) || trunc(x) != x)
        return none;
    return find_text(in,
                     (rk_str){digits, (size_t)snprintf(digits, sizeof digits, "%.0f", x + 0.0)});
}

/* ---- splits ---- */

static bool in_set(const twig *b, double x) { return x < 64 && b->set >> (unsigned)x & 1; }

/* Tree::Decision; before it the API makes 0 of what is near. */
static bool left_of_lightgbm(const input *in, const twig *b, double x)
{
    const double near = (double)1e-35f;
    if (in->kind != INPUT_NUMBER)
        return x > -1 && x <= INT32_MAX && in_set(b, trunc(x) + 0.0);
    if (fabs(x) <= near || (isnan(x) && b->missing != MISSING_NAN))
        x = 0;
    if ((b->missing == MISSING_ZERO && x == 0) || isnan(x))
        return b->nan_left;
    return x <= b->cut;
}

static bool left_of_xgboost(const input *in, const twig *b, double x)
{
    const float f = (float)x;
    if (isnan(f))
        return b->nan_left;
    if (in->kind != INPUT_NUMBER)
        return !(f >= 0 && f < 16777216.0f && in_set(b, (double)truncf(f)));
    return f < (float)b->cut;
}

static bool left_of_catboost(const input *in, const twig *b, double x)
{
    const float f = (float)x;
    if (in->kind == INPUT_HASH)
        return x != b->which;
    if (isnan(f))
        return !in->has_nans || in->nans != NANS_AS_TRUE;
    return !(f > in->borders[b->which]);
}

static bool goes_left(const model *m, const twig *b, const double *x)
{
    const input *const in = &m->inputs[b->input];
    const double v = x[b->input];
    return m->library == LIGHTGBM  ? left_of_lightgbm(in, b, v)
           : m->library == XGBOOST ? left_of_xgboost(in, b, v)
                                   : left_of_catboost(in, b, v);
}

static unsigned leaf_of(const model *m, const tree *t, const double *x)
{
    unsigned at = 0;
    if (m->symmetric) {
        for (unsigned i = 0; i < t->n; i++)
            at |= (unsigned)!goes_left(m, &t->twigs[i], x) << i;
        return at;
    }
    while (t->twigs[at].input >= 0)
        at = goes_left(m, &t->twigs[at], x) ? t->twigs[at].left : t->twigs[at].right;
    return t->twigs[at].number;
}

/* ---- sums ---- */

static float margin(const model *m)
{
    if (m->objective->link == LINK_SIGMOID)
        return -logf(1.0f / m->base - 1.0f);
    return m->objective->link == LINK_EXP ? logf(m->base) : m->base;
}

static void add_trees(const model *m, const double *x, double *sums)
{
    for (unsigned t = 0; t < m->n_trees; t++) {
        const tree *const of = &m->trees[t];
        const unsigned leaf = leaf_of(m, of, x);
        if (!tree_is_taken(m, t))
            continue;
        if (m->library == XGBOOST)
            sums[of->output] =
                (double)((float)sums[of->output] + of->weight * (float)of->values[leaf]);
        else if (m->library == LIGHTGBM)
            sums[of->output] += of->values[leaf];
        for (unsigned k = 0; m->library == CATBOOST && k < m->n_outputs; k++)
            sums[k] += of->values[leaf * m->n_outputs + k];
    }
}

static void raw_scores(const model *m, const double *x, double *out)
{
    for (unsigned k = 0; k < m->n_outputs; k++)
        out[k] = m->library == XGBOOST ? (double)margin(m) : 0.0;
    add_trees(m, x, out);
    for (unsigned k = 0; m->library == CATBOOST && k < m->n_outputs; k++) {
        const double scaled = m->scale * out[k];
        out[k] = scaled + m->bias[k];
    }
}

static unsigned rounds_taken(const model *m)
{
    const unsigned all = m->n_trees / m->n_outputs;
    return m->most && m->most < all ? m->most : all;
}

/* ---- scores ---- */

static double exp_of(bool narrow, double x)
{
    const rk_vmath *const math = rk_vmath_get(RK_CPU_SCALAR);
    float f = (float)x;
    if (narrow)
        math->exp.f32(&f, &f, 1);
    else
        math->exp.f64(&x, &x, 1);
    return narrow ? (double)f : x;
}

static double sigmoid(const model *m, double x)
{
    if (m->library == XGBOOST)
        return (double)(1.0f / ((float)exp_of(true, fmin(-x, (double)88.7f)) + 1.0f));
    return 1.0 / (1.0 + exp_of(false, -m->objective->slope * x));
}

static double link_one(const model *m, double x)
{
    switch (m->objective->link) {
    case LINK_SIGMOID:
        return sigmoid(m, x);
    case LINK_EXP:
        return exp_of(m->library == XGBOOST, x);
    case LINK_SQUARE:
        return copysign(x * x, x);
    case LINK_LOG1P:
        x = exp_of(false, x);
        rk_vmath_get(RK_CPU_SCALAR)->log1p.f64(&x, &x, 1);
        return x;
    case LINK_STEP:
        return x > 0;
    default:
        return x;
    }
}

static void softmax(const model *m, double *x)
{
    const bool narrow = m->library == XGBOOST;
    double most = x[0], sum = 0;
    for (unsigned k = 1; k < m->n_outputs; k++)
        most = fmax(most, x[k]);
    for (unsigned k = 0; k < m->n_outputs; k++) {
        const double less = narrow ? (double)((float)x[k] - (float)most) : x[k] - most;
        sum += x[k] = exp_of(narrow, less);
    }
    for (unsigned k = 0; k < m->n_outputs; k++)
        x[k] = narrow ? (double)((float)x[k] / (float)sum) : x[k] / sum;
}

static void to_scores(const model *m, double *x)
{
    unsigned best = 0;
    for (unsigned k = 0; k < m->n_outputs; k++) {
        if (m->average)
            x[k] /= rounds_taken(m);
        x[k] = link_one(m, x[k]);
        best = x[k] > x[best] ? k : best;
    }
    if (m->objective->link == LINK_SOFTMAX)
        softmax(m, x);
    if (m->objective->link == LINK_CLASS)
        x[0] = best;
}

/* ---- calls ---- */

static value leaves_of(eval *e, const model *m, const double *x)
{
    value out = {.kind = RK_KIND_LIST, .elem = RK_KIND_INT};
    const unsigned times = m->library == CATBOOST ? m->n_outputs : 1;
    out.as.list.items = NEW_ARRAY(e->arena, value, m->n_trees * times);
    for (unsigned t = 0; t < m->n_trees; t++)
        for (unsigned k = 0; tree_is_taken(m, t) && k < times; k++)
            out.as.list.items[out.as.list.len++] = value_int(leaf_of(m, &m->trees[t], x));
    return out;
}

value eval_model(eval *e, const node *n, unsigned at)
{
    const model *const m = &e->p->models[n->op];
    double x[INPUTS_MAX] = {0}, scores[OUTPUTS_MAX];
    for (unsigned i = 0; i < m->n_inputs; i++)
        if (m->inputs[i].used)
            x[i] = input_value(&m->inputs[i], eval_node(e, n->kids[i], at));
    if (n->row == PART_LEAVES)
        return leaves_of(e, m, x);
    raw_scores(m, x, scores);
    if (n->row == PART_SCORE)
        to_scores(m, scores);
    if (n->type.kind == RK_KIND_DOUBLE)
        return value_double(scores[0]);
    if (n->type.kind == RK_KIND_FLOAT)
        return value_float((float)scores[0]);
    value out = {.kind = RK_KIND_VECTOR};
    out.as.list.items = NEW_ARRAY(e->arena, value, m->n_outputs);
    for (unsigned k = 0; k < m->n_outputs; k++)
        out.as.list.items[out.as.list.len++] = value_float((float)scores[k]);
    return out;
}
