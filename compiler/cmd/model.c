/* rankc model: looks at files of models, and compares them with what their library says. */
#include "compiler/cmd/model.h"

#include "compiler/cmd/completion.h"

/* clang-format off */
static const struct action {
    const char *title; /* "model inspect" */
    const char *doc;
    uint64_t options;
    const char *more;
} actions[] = {
    {"model inspect", "Tell what a model is made of, and how it is worked out.",
     CMD_HAS(CMD_COLOR) | CMD_HAS(CMD_FORMAT),
     "FILE is a model of LightGBM, XGBoost or CatBoost, or ONNX. What it tells of trees: which inputs they\n"
     "ask for, how much each gains, what becomes of missing values; of a network its outputs and steps.\n"},
    {"model verify", "Compare a model with what its library says.",
     CMD_HAS(CMD_COLOR) | CMD_HAS(CMD_FORMAT) | CMD_HAS(CMD_GOLDEN),
     "A golden is a csv file of rows and what the library makes of them: a column for each input, and\n"
     "`raw` (of several outputs `raw0`, `raw1`, ...), and `score` if you like; of a network one for each\n"
     "output. It is FILE.golden, or what --golden names, and is written where the model is trained:\n"
     "  raw = model.predict(rows, raw_score=True)\n"
     "  rows.assign(raw=raw).to_csv(\"buy.txt.golden\", index=False)\n"
     "A row that differs makes the exit status 3. `rankc check` compares goldens that are there too.\n"},
};
/* clang-format on */

bool cmd_model_usage(rk_str name, rk_buf *out)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(actions); i++) {
        cmd_row row = *cmd_find(RK_STR("model"));
        if (!rk_str_eq(name, rk_str_from(actions[i].title + strlen("model "))))
            continue;
        row.name = actions[i].title;
        row.args = "FILE";
        row.doc = actions[i].doc;
        row.options = actions[i].options;
        row.more = actions[i].more;
        cmd_print_usage(&row, out);
        return true;
    }
    return false;
}

static rk_status open_model(cmd *c, const char *path, cmd_model *out)
{
    const rk_model_spec spec = {.path = rk_str_from(path), .span = RK_NO_SPAN};
    RK_TRY(rk_models_get(&out->models, &spec, &out->diags, &out->stored));
    out->model = out->stored.model;
    return rk_models_evaluator(&out->models, out->model, c->cpu, &out->evaluator);
}

rk_status cmd_model_open(cmd *c, const char *path, cmd_model *out)
{
    *out = (cmd_model){.path = path};
    rk_diags_init(&out->diags, &c->arena);
    const rk_status status = open_model(c, path, out);
    cmd_model_report(c, out);
    return status;
}

void cmd_model_report(cmd *c, cmd_model *model)
{
    const rk_texts none = {0};
    cmd_report_diags(c, &model->diags, &none, &model->printed);
}

void cmd_model_close(cmd_model *model) { rk_models_free(&model->models); }

rk_status cmd_run_model(cmd *c)
{
    const rk_str word = rk_str_from(c->files.items[0]);
    const bool inspect = rk_str_eq(word, RK_STR("inspect"));
    if (!inspect && !rk_str_eq(word, RK_STR("verify"))) {
        rk_suggestion suggestion = rk_suggest(word);
        cmd_offer_words(&suggestion, CMD_MODEL_ACTIONS);
        const char *const mean = cmd_mean(c, &suggestion, "rankc model ");
        return cmd_usage(c, "`rankc model` cannot `%.*s`%s", RK_STR_ARG(word),
                         *mean ? mean : "; it is `inspect FILE` or `verify FILE`");
    }
    if (inspect && c->given[CMD_GOLDEN])
        return cmd_usage(c, "--golden is for `rankc model verify`");
    return (inspect ? cmd_model_inspect : cmd_model_verify)(c, c->files.items[1]);
}
