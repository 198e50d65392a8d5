/* What the objectives make of base_score and of raw scores, as XGBoost 3.2 does. */
#include "runtime/model/xgboost.h"

#include <math.h>

/* The library's formulas, and its libm: the margin begins every sum, so each bit of it counts. */
static float logit(float base_score)
{
    const float least = 1e-6f; /* kRtEps: all labels alike give 0 or 1 */
    const float x = base_score < least          ? least
                    : base_score > 1.0f - least ? 1.0f - least
                                                : base_score;
    return -logf(1.0f / x - 1.0f);
}

static const rk_xgboost_objective objectives[] = {
    /* clang-format off */
    {"binary:hinge",           RK_TRANSFORM_STEP,    NULL},
    {"binary:logistic",        RK_TRANSFORM_SIGMOID, logit},
    {"binary:logitraw",        RK_TRANSFORM_NONE,    NULL},
    {"count:poisson",          RK_TRANSFORM_EXP,     logf},
    {"multi:softmax",          RK_TRANSFORM_CLASS,   NULL},
    {"multi:softprob",         RK_TRANSFORM_SOFTMAX, NULL},
    {"rank:map",               RK_TRANSFORM_NONE,    NULL},
    {"rank:ndcg",              RK_TRANSFORM_NONE,    NULL},
    {"rank:pairwise",          RK_TRANSFORM_NONE,    NULL},
    {"reg:absoluteerror",      RK_TRANSFORM_NONE,    NULL},
    {"reg:expectileerror",     RK_TRANSFORM_NONE,    NULL},
    {"reg:gamma",              RK_TRANSFORM_EXP,     logf},
    {"reg:linear",             RK_TRANSFORM_NONE,    NULL},
    {"reg:logistic",           RK_TRANSFORM_SIGMOID, logit},
    {"reg:pseudohubererror",   RK_TRANSFORM_NONE,    NULL},
    {"reg:quantileerror",      RK_TRANSFORM_NONE,    NULL},
    {"reg:squarederror",       RK_TRANSFORM_NONE,    NULL},
    {"reg:squaredlogerror",    RK_TRANSFORM_NONE,    NULL},
    {"reg:tweedie",            RK_TRANSFORM_EXP,     logf},
    {"survival:aft",           RK_TRANSFORM_EXP,     logf},
    {"survival:cox",           RK_TRANSFORM_EXP,     logf},
    /* clang-format on */
};

const rk_xgboost_objective *rk_xgboost_objective_find(rk_str name)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(objectives); i++)
        if (rk_str_eq(name, rk_str_from(objectives[i].name)))
            return &objectives[i];
    return NULL;
}

static rk_status push_base(rk_xgboost *x, float value)
{
    if (!isfinite(value))
        return rk_xgboost_bad(x, "base_score is not a finite number");
    return rk_vec_push(&x->keep, &x->base_score, value) ? RK_OK : RK_ENOMEM;
}

static rk_str trim(rk_str s)
{
    while (s.len && (unsigned char)s.data[0] <= ' ')
        s = (rk_str){s.data + 1, s.len - 1};
    while (s.len && (unsigned char)s.data[s.len - 1] <= ' ')
        s.len--;
    return s;
}

/* "5E-1", "[5E-1]", "[1E0,2E0]". */
static rk_status read_base_text(rk_xgboost *x, rk_str text)
{
    text = trim(text);
    if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
        text = (rk_str){text.data + 1, text.len - 2};
    for (bool more = true; more;) {
        const char *const comma = text.len ? memchr(text.data, ',', text.len) : NULL;
        more = comma != NULL;
        const rk_str item = {text.data, more ? (size_t)(comma - text.data) : text.len};
        float value;
        if (!rk_str_to_float(trim(item), &value))
            return rk_xgboost_bad(x, "base_score is no number");
        RK_TRY(push_base(x, value));
        if (more)
            text = (rk_str){comma + 1, text.len - item.len - 1};
    }
    return RK_OK;
}

rk_status rk_xgboost_read_base(rk_xgboost *x)
{
    x->base_score.len = 0;
    rk_json_event event = rk_events_next(&x->events);
    if (event == RK_JSON_STRING)
        return read_base_text(x, rk_events_token(&x->events));
    if (event == RK_JSON_NUMBER)
        return push_base(x, rk_events_float(&x->events));
    if (event == RK_JSON_ERROR)
        return rk_xgboost_bad(x, "%s", rk_events_error(&x->events));
    if (event != RK_JSON_LIST)
        return rk_xgboost_bad(x, "base_score is %s", rk_json_event_text(event));
    while ((event = rk_events_next(&x->events)) == RK_JSON_NUMBER)
        RK_TRY(push_base(x, rk_events_float(&x->events)));
    return event == RK_JSON_LIST_END ? RK_OK
                                     : rk_xgboost_bad(x, "base_score is no list of numbers");
}
