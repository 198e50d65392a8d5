/* CatBoost's two forms, and what its losses mean for scores. */
#include "runtime/model/catboost.h"

static rk_status load(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                      bool binary, rk_model *out)
{
    rk_catboost c = {
        .loading = {.spec = spec, .diags = diags}, .arena = arena, .size = bytes.len, .scale = 1};
    rk_status status = binary ? rk_catboost_read_cbm(&c, bytes) : rk_catboost_read_json(&c, bytes);
    if (status == RK_OK)
        status = rk_catboost_make(&c, out);
    rk_arena_free(&c.keep);
    rk_buf_free(&c.loading.lacks);
    return status;
}

static rk_status load_json(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                           rk_diags *diags, rk_model *out)
{
    return load(spec, bytes, arena, diags, false, out);
}

static rk_status load_cbm(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                          rk_model *out)
{
    return load(spec, bytes, arena, diags, true, out);
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* The first member's name tells: versions write members in one order or another. */
static bool is_json(rk_str head)
{
    static const char *const names[] = {"features_info", "oblivious_trees", "trees",
                                        "model_info",    "scale_and_bias",  "ctr_data"};
    size_t at = 0;
    while (at < head.len && is_space(head.data[at]))
        at++;
    if (at == head.len || head.data[at] != '{')
        return false;
    for (at++; at < head.len && is_space(head.data[at]);)
        at++;
    if (at == head.len || head.data[at] != '"')
        return false;
    const char *const from = head.data + at + 1, *const end = head.data + head.len;
    const char *const quote = memchr(from, '"', (size_t)(end - from));
    for (size_t i = 0; quote && i < RK_ARRAY_LEN(names); i++)
        if (rk_str_eq((rk_str){from, (size_t)(quote - from)}, rk_str_from(names[i])))
            return true;
    return false;
}

static bool is_cbm(rk_str head) { return head.len >= 4 && memcmp(head.data, "CBM1", 4) == 0; }

const rk_model_format rk_model_catboost_json = {
    "CatBoost JSON", "what `save_model(\"model.json\", format=\"json\")` of CatBoost writes",
    is_json, load_json};

const rk_model_format rk_model_catboost_cbm = {
    "CatBoost cbm", "what `save_model(\"model.cbm\")` of CatBoost writes", is_cbm, load_cbm};

/* ---- losses ---- */

/* clang-format off */
static const rk_catboost_loss losses[] = {
    {"Logloss", RK_TRANSFORM_SIGMOID}, {"CrossEntropy", RK_TRANSFORM_SIGMOID}, {"Focal", RK_TRANSFORM_SIGMOID},
    {"MultiLogloss", RK_TRANSFORM_SIGMOID}, {"MultiCrossEntropy", RK_TRANSFORM_SIGMOID},
    {"MultiClassOneVsAll", RK_TRANSFORM_SIGMOID}, {"MultiClass", RK_TRANSFORM_SOFTMAX},
    {"Poisson", RK_TRANSFORM_EXP}, {"Tweedie", RK_TRANSFORM_EXP},
    {"RMSE", RK_TRANSFORM_NONE}, {"MAE", RK_TRANSFORM_NONE}, {"MAPE", RK_TRANSFORM_NONE}, {"Lq", RK_TRANSFORM_NONE},
    {"Quantile", RK_TRANSFORM_NONE}, {"MultiQuantile", RK_TRANSFORM_NONE}, {"GroupQuantile", RK_TRANSFORM_NONE},
    {"LogLinQuantile", RK_TRANSFORM_NONE}, {"Expectile", RK_TRANSFORM_NONE}, {"Huber", RK_TRANSFORM_NONE},
    {"LogCosh", RK_TRANSFORM_NONE}, {"Cox", RK_TRANSFORM_NONE}, {"SurvivalAft", RK_TRANSFORM_NONE},
    {"MultiRMSE", RK_TRANSFORM_NONE}, {"MultiRMSEWithMissingValues", RK_TRANSFORM_NONE},
    {"QueryRMSE", RK_TRANSFORM_NONE}, {"QuerySoftMax", RK_TRANSFORM_NONE}, {"QueryCrossEntropy", RK_TRANSFORM_NONE},
    {"PairLogit", RK_TRANSFORM_NONE}, {"PairLogitPairwise", RK_TRANSFORM_NONE}, {"YetiRank", RK_TRANSFORM_NONE},
    {"YetiRankPairwise", RK_TRANSFORM_NONE}, {"LambdaMart", RK_TRANSFORM_NONE}, {"StochasticFilter", RK_TRANSFORM_NONE},
    {"StochasticRank", RK_TRANSFORM_NONE}, {"Combination", RK_TRANSFORM_NONE},
    {"UserPerObjMetric", RK_TRANSFORM_NONE}, {"UserQuerywiseMetric", RK_TRANSFORM_NONE},
    {"PythonUserDefinedPerObject", RK_TRANSFORM_NONE}, {"PythonUserDefinedMultiTarget", RK_TRANSFORM_NONE},
};
/* clang-format on */

const rk_catboost_loss *rk_catboost_loss_find(rk_str name)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(losses); i++)
        if (rk_str_eq(name, rk_str_from(losses[i].name)))
            return &losses[i];
    return NULL;
}
