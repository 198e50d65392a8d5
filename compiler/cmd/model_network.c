/* rankc model inspect, of networks. */
#include "compiler/cmd/model.h"

#include <inttypes.h>

#include "compiler/cmd/table.h"

/* Numbers that were trained. */
static uint64_t count_parameters(const rk_network *network)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < network->n_values; i++)
        if (network->values[i].data && network->values[i].kind == RK_KIND_FLOAT)
            n += rk_network_elements(&network->values[i]);
    return n;
}

static size_t network_memory(const rk_network *network)
{
    size_t n = network->n_ops * sizeof *network->ops + network->n_values * sizeof *network->values;
    for (uint32_t i = 0; i < network->n_values; i++)
        if (network->values[i].data)
            n += rk_network_elements(&network->values[i]) *
                 rk_network_kind_size(network->values[i].kind);
    return n;
}

/* A model may be asked without a program: nothing is known to be of the request alone. */
static rk_status open_inference(cmd *c, cmd_model *of, const rk_inference **out)
{
    const bool *const once = RK_NEW_ARRAY(&c->arena, bool, of->model->n_inputs + 1u);
    const rk_stored_inference wanted = {.model = of->model, .cpu = c->cpu, .once = once};
    return once ? rk_models_inference(&of->models, &wanted, out) : RK_ENOMEM;
}

static rk_type output_type(const rk_network_output *output)
{
    return output->dim == 1 ? RK_TYPE(FLOAT)
                            : (rk_type){.kind = RK_KIND_VECTOR, .dim = output->dim};
}

/* The next line of `text`. */
static rk_str next_line(rk_str *text)
{
    size_t n = 0;
    while (n < text->len && text->data[n] != '\n')
        n++;
    const rk_str line = {text->data, n};
    const size_t skip = n < text->len ? n + 1 : n;
    *text = (rk_str){text->data + skip, text->len - skip};
    return line;
}

/* ---- text ---- */

static void print_outputs(const rk_network *network, rk_buf *out)
{
    for (uint32_t i = 0; i < network->n_outputs; i++) {
        const rk_network_output *const output = &network->outputs[i];
        rk_buf_printf(out, "%-11s ", i ? "" : "outputs");
        cmd_add_plain(out, output->name.len ? output->name : RK_STR("without a name"));
        rk_buf_add_chars(out, ": ");
        if (output->value == UINT32_MAX)
            cmd_add_plain(out, output->lacks);
        else
            rk_buf_add_chars(out, rk_type_text(output_type(output)).text);
        rk_buf_add_char(out, '\n');
    }
}

static void print_head(const cmd_model *of, const rk_inference *inference, uint32_t n_used,
                       rk_buf *out)
{
    const rk_model *const model = of->model;
    rk_buf_printf(out, "format      %s", model->format);
    rk_buf_add_chars(out, model->version.len ? " " : "");
    cmd_add_plain(out, model->version);
    rk_buf_add_char(out, '\n');
    print_outputs(model->as.network, out);
    rk_buf_printf(out, "parameters  %" PRIu64 "\n", count_parameters(model->as.network));
    rk_buf_printf(out, "work        %" PRIu64 " multiply-adds an item\n",
                  rk_inference_cost(inference));
    rk_buf_printf(out, "inputs      %u, of which %u %s used\n", model->n_inputs, n_used,
                  n_used == 1 ? "is" : "are");
    rk_buf_add_chars(out, "memory      ");
    cmd_model_add_size(out, network_memory(model->as.network));
    rk_buf_add_chars(out, ", and ");
    cmd_model_add_size(out, rk_inference_memory(inference));
    rk_buf_add_chars(out, " of tables\n");
}

/* What else is known of an input. */
static void add_note(const rk_model *model, const rk_model_input *input, rk_buf *out)
{
    if (!input->used)
        rk_buf_add_chars(out, "not used");
    else if (input->type.kind == RK_KIND_LIST && input->length)
        rk_buf_printf(out, "%u elements", input->length);
    else if (input->of) {
        rk_buf_add_chars(out, input->type.kind == RK_KIND_VECTOR ? "mask of " : "length of ");
        rk_buf_add(out, model->inputs[input->of - 1].name);
    }
}

enum { NAME, TYPE, NOTE, N_COLUMNS };

static rk_status print_inputs(cmd *c, const rk_model *model)
{
    static const char *const titles[N_COLUMNS] = {"input", "type", ""};
    cmd_column columns[N_COLUMNS] = {0};
    rk_buf note = {0};
    bool fine = true;
    for (uint32_t k = 0; k < N_COLUMNS; k++)
        fine = fine && cmd_column_add(&columns[k], &c->arena, rk_str_from(titles[k]));
    for (uint32_t i = 0; i < model->n_inputs && fine; i++) {
        const rk_model_input *const input = &model->inputs[i];
        note.len = 0;
        add_note(model, input, &note);
        fine = cmd_column_add(&columns[NAME], &c->arena, input->name) &&
               cmd_column_add(&columns[TYPE], &c->arena,
                              rk_str_from(rk_type_text(input->type).text)) &&
               cmd_column_add(&columns[NOTE], &c->arena, rk_buf_str(&note)) && !note.failed;
    }
    rk_buf_add_char(&c->out.buf, '\n');
    for (uint32_t i = 0; i <= model->n_inputs && fine; i++)
        cmd_columns_print(columns, N_COLUMNS, i, &c->out.buf);
    cmd_columns_free(columns, N_COLUMNS);
    rk_buf_free(&note);
    return fine ? RK_OK : RK_ENOMEM;
}

static void print_steps(const rk_inference *inference, rk_buf *out)
{
    rk_buf steps = {0};
    rk_inference_print(inference, &steps);
    rk_str rest = rk_buf_str(&steps);
    rk_buf_add_chars(out, "\nsteps\n");
    while (rest.len) {
        rk_buf_add_chars(out, "  ");
        rk_buf_add(out, next_line(&rest));
        rk_buf_add_char(out, '\n');
    }
    out->failed |= steps.failed;
    rk_buf_free(&steps);
}

/* ---- JSON ---- */

static void add_text(rk_buf *out, const char *name, rk_str text)
{
    rk_buf_printf(out, "\"%s\": ", name);
    rk_buf_add_json(out, text);
}

static void json_outputs(const rk_network *network, rk_buf *out)
{
    for (uint32_t i = 0; i < network->n_outputs; i++) {
        const rk_network_output *const output = &network->outputs[i];
        rk_buf_add_chars(out, i ? ", {" : "{");
        add_text(out, "name", output->name);
        rk_buf_add_chars(out, ", ");
        if (output->value == UINT32_MAX)
            add_text(out, "lacks", output->lacks);
        else
            add_text(out, "type", rk_str_from(rk_type_text(output_type(output)).text));
        rk_buf_add_char(out, '}');
    }
}

static void json_inputs(const rk_model *model, rk_buf *out)
{
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        const rk_model_input *const input = &model->inputs[i];
        rk_buf_printf(out, "%s{\"input\": %u, ", i ? ", " : "", i);
        add_text(out, "name", input->name);
        rk_buf_add_chars(out, ", ");
        add_text(out, "type", rk_str_from(rk_type_text(input->type).text));
        rk_buf_printf(out, ", \"used\": %s", input->used ? "true" : "false");
        if (input->length)
            rk_buf_printf(out, ", \"length\": %u", input->length);
        if (input->of)
            rk_buf_printf(out, ", \"of\": %u", input->of - 1);
        rk_buf_add_char(out, '}');
    }
}

static void json_steps(const rk_inference *inference, rk_buf *out)
{
    rk_buf steps = {0};
    rk_inference_print(inference, &steps);
    rk_str rest = rk_buf_str(&steps);
    for (bool more = false; rest.len; more = true) {
        rk_buf_add_chars(out, more ? ", " : "");
        rk_buf_add_json(out, next_line(&rest));
    }
    out->failed |= steps.failed;
    rk_buf_free(&steps);
}

static void print_json(const cmd_model *of, const rk_inference *inference, rk_buf *out)
{
    const rk_model *const model = of->model;
    rk_buf_add_char(out, '{');
    add_text(out, "file", rk_str_from(of->path));
    rk_buf_add_chars(out, ", ");
    add_text(out, "format", rk_str_from(model->format));
    rk_buf_add_chars(out, ", ");
    add_text(out, "version", model->version);
    rk_buf_add_chars(out, ", \"shape\": \"network\", \"outputs\": [");
    json_outputs(model->as.network, out);
    rk_buf_printf(out,
                  "], \"parameters\": %" PRIu64 ", \"multiply_adds\": %" PRIu64
                  ", \"memory\": %zu, \"tables\": %zu, \"steps\": [",
                  count_parameters(model->as.network), rk_inference_cost(inference),
                  network_memory(model->as.network), rk_inference_memory(inference));
    json_steps(inference, out);
    rk_buf_add_chars(out, "], \"inputs\": [");
    json_inputs(model, out);
    rk_buf_add_chars(out, "]}\n");
}

/* ---- the whole ---- */

rk_status cmd_model_print_network(cmd *c, cmd_model *of)
{
    const rk_inference *inference;
    RK_TRY(open_inference(c, of, &inference));
    if (!cmd_format_is(c, "text")) {
        print_json(of, inference, &c->out.buf);
        return RK_OK;
    }
    print_head(of, inference, rk_model_count_used(of->model), &c->out.buf);
    RK_TRY(print_inputs(c, of->model));
    print_steps(inference, &c->out.buf);
    return RK_OK;
}
