/* `rankc model inspect --format=json`. */
#include "compiler/cmd/model.h"

static void add_text(rk_buf *out, const char *name, rk_str text)
{
    rk_buf_printf(out, ", \"%s\": ", name);
    rk_buf_add_json(out, text);
}

/* JSON has neither infinities nor NaN. */
static void add_double(rk_buf *out, double value)
{
    char text[32];
    if (value - value != 0)
        rk_buf_add_chars(out, "null");
    else
        rk_buf_add(out, (rk_str){text, rk_double_print(value, text)});
}

static void add_trees(const cmd_model_facts *facts, rk_buf *out)
{
    const rk_forest *const forest = facts->of->model->as.forest;
    add_text(out, "sums", rk_str_from(forest->in_float ? "float" : "double"));
    rk_buf_printf(out, ", \"trees\": %u, \"leaves\": {\"total\": %u, \"mean\": ", forest->n_trees,
                  forest->n_leaves);
    add_double(out, facts->mean_leaves);
    rk_buf_printf(out, ", \"most\": %u}, \"depth\": {\"mean\": ", facts->most_leaves);
    add_double(out, facts->mean_depth);
    rk_buf_printf(out, ", \"most\": %u}, \"evaluators\": {", facts->most_depth);
    for (uint32_t i = 0; i < CMD_MODEL_LENGTHS; i++) {
        rk_buf way = {0};
        rk_evaluator_print(rk_evaluator_choose(facts->of->evaluator, cmd_model_lengths[i]), &way);
        rk_buf_printf(out, "%s\"%u\": ", i ? ", " : "", cmd_model_lengths[i]);
        rk_buf_add_json(out, rk_buf_str(&way));
        rk_buf_free(&way);
    }
    rk_buf_printf(out, "}, \"tables\": %zu", rk_evaluator_memory(facts->of->evaluator));
}

static void add_splits(const cmd_model_facts *facts, const cmd_model_input *input, rk_buf *out)
{
    rk_buf_printf(out, ", \"splits\": %u, \"gain\": ", input->splits);
    if (facts->has_gain)
        add_double(out, input->gain);
    else
        rk_buf_add_chars(out, "null");
    rk_buf_printf(out, ", \"missing_left\": %u, \"zero_missing\": %u", input->nan_left,
                  input->zeros);
}

static void add_weights(const rk_linear *linear, uint32_t input, rk_buf *out)
{
    rk_buf_add_chars(out, ", \"weights\": [");
    for (uint32_t k = 0; k < linear->n_outputs; k++) {
        rk_buf_add_chars(out, k ? ", " : "");
        add_double(out, (double)linear->weights[(size_t)input * linear->n_outputs + k]);
    }
    rk_buf_add_char(out, ']');
}

static void add_input(const cmd_model_facts *facts, uint32_t i, rk_buf *out)
{
    const rk_model *const model = facts->of->model;
    const cmd_model_input *const of = &facts->inputs[i];
    const rk_model_input *const input = &model->inputs[of->number];
    rk_buf_printf(out, "%s{\"input\": %u", i ? ", " : "", of->number);
    add_text(out, "name", input->name);
    rk_buf_printf(out, ", \"used\": %s, \"missing\": %s, \"categorical\": %s",
                  input->used ? "true" : "false", input->missing ? "true" : "false",
                  input->categorical ? "true" : "false");
    if (model->shape == RK_MODEL_FOREST)
        add_splits(facts, of, out);
    else
        add_weights(model->as.linear, of->number, out);
    if (input->hashes)
        rk_buf_printf(out, ", \"hashed_categories\": %u", input->n_categories);
    else if (input->n_categories) {
        rk_buf_add_chars(out, ", \"categories\": [");
        for (uint32_t k = 0; k < input->n_categories; k++) {
            rk_buf_add_chars(out, k ? ", " : "");
            rk_buf_add_json(out, input->categories[k]);
        }
        rk_buf_add_char(out, ']');
    }
    rk_buf_add_char(out, '}');
}

void cmd_model_print_json(const cmd_model_facts *facts, rk_buf *out)
{
    const rk_model *const model = facts->of->model;
    rk_buf transform = {0};
    rk_buf_add_chars(out, "{\"file\": ");
    rk_buf_add_json(out, rk_str_from(facts->of->path));
    add_text(out, "format", rk_str_from(model->format));
    add_text(out, "version", model->version);
    add_text(out, "objective", model->objective);
    cmd_model_add_transform(model, &transform);
    add_text(out, "score", rk_buf_str(&transform));
    rk_buf_free(&transform);
    rk_buf_printf(out, ", \"type\": \"%s\", \"outputs\": %u",
                  rk_type_text(rk_model_type(model, RK_MODEL_SCORE)).text, model->n_outputs);
    add_text(out, "shape", rk_str_from(model->shape == RK_MODEL_FOREST ? "forest" : "linear"));
    if (model->shape == RK_MODEL_FOREST)
        add_trees(facts, out);
    rk_buf_printf(out, ", \"memory\": %zu, \"inputs\": [", facts->memory);
    for (uint32_t i = 0; i < model->n_inputs; i++)
        add_input(facts, i, out);
    rk_buf_add_chars(out, "]}\n");
}
