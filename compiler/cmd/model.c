/* rankc model: looks at files of models, and compares them with what their library says. */
#include "compiler/cmd/model.h"

#include "compiler/cmd/completion.h"

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
