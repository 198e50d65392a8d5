/* rankc model inspect: what a model is made of, what it asks for, and how it is worked out. */
#include "compiler/cmd/model.h"

#include <stdlib.h>

#include "compiler/cmd/table.h"

const uint32_t cmd_model_lengths[CMD_MODEL_LENGTHS] = {1, 10, 100, 1000};

/* ---- facts ---- */

static int compare_inputs(const void *left, const void *right)
{
    const cmd_model_input *const a = left, *const b = right;
    if (a->gain != b->gain)
        return a->gain < b->gain ? 1 : -1;
    if (a->splits != b->splits)
        return a->splits < b->splits ? 1 : -1;
    return (a->number > b->number) - (a->number < b->number);
}

static void measure_splits(cmd_model_facts *facts, const rk_forest *forest)
{
    facts->has_gain = forest->gains != NULL;
    for (uint32_t i = 0; i < forest->n_splits; i++) {
        const rk_tree_split *const split = &forest->splits[i];
        cmd_model_input *const input = &facts->inputs[split->feature];
        input->splits++;
        input->nan_left += split->nan_left;
        input->zeros += split->zero;
        if (facts->has_gain && forest->gains[i] == forest->gains[i])
            input->gain += forest->gains[i];
    }
}

static void measure_trees(cmd_model_facts *facts, const rk_forest *forest)
{
    uint64_t depths = 0;
    for (uint32_t t = 0; t < forest->n_trees; t++) {
        const rk_tree *const tree = &forest->trees[t];
        depths += tree->depth;
        if (tree->depth > facts->most_depth)
            facts->most_depth = tree->depth;
        if (tree->n_leaves > facts->most_leaves)
            facts->most_leaves = tree->n_leaves;
    }
    if (forest->n_trees) {
        facts->mean_depth = (double)depths / forest->n_trees;
        facts->mean_leaves = (double)forest->n_leaves / forest->n_trees;
    }
}

static size_t forest_memory(const rk_forest *forest)
{
    const size_t notes = (forest->gains != NULL) + (size_t)(forest->covers != NULL);
    return forest->n_trees * sizeof *forest->trees +
           forest->n_splits * (sizeof *forest->splits + notes * sizeof(double)) +
           forest->n_leaves * (sizeof *forest->leaves + sizeof *forest->leaf_numbers) +
           forest->n_sets * sizeof *forest->sets + forest->n_words * sizeof *forest->words;
}

static size_t linear_memory(const rk_linear *linear)
{
    return ((size_t)linear->n_inputs + 1) * linear->n_outputs * sizeof *linear->weights;
}

static rk_status measure(cmd *c, const cmd_model *of, cmd_model_facts *facts)
{
    const rk_model *const model = of->model;
    *facts = (cmd_model_facts){.of = of};
    facts->inputs = RK_NEW_ARRAY(&c->arena, cmd_model_input, model->n_inputs + 1u);
    if (!facts->inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        facts->inputs[i].number = i;
        facts->n_used += model->inputs[i].used;
    }
    if (model->shape == RK_MODEL_LINEAR) {
        facts->memory = linear_memory(model->as.linear);
        return RK_OK;
    }
    measure_splits(facts, model->as.forest);
    measure_trees(facts, model->as.forest);
    facts->memory = forest_memory(model->as.forest);
    qsort(facts->inputs, model->n_inputs, sizeof *facts->inputs, compare_inputs);
    return RK_OK;
}

/* ---- words ---- */

void cmd_model_add_transform(const rk_model *model, rk_buf *out)
{
    static const char *const forms[RK_TRANSFORM_COUNT] = {
        [RK_TRANSFORM_NONE] = "%s",
        [RK_TRANSFORM_LOGISTIC] = "1 / (1 + exp(-%s))",
        [RK_TRANSFORM_EXP] = "exp(%s)",
        [RK_TRANSFORM_SIGNED_SQUARE] = "sign(%s) %s^2",
        [RK_TRANSFORM_LOG1P_EXP] = "log(1 + exp(%s))",
        [RK_TRANSFORM_SOFTMAX] = "softmax(%s)",
        [RK_TRANSFORM_SOFTMAX_ZERO] = "softmax(%s) of those that are not 0",
        [RK_TRANSFORM_STEP] = "1 where %s > 0, else 0",
        [RK_TRANSFORM_CLASS] = "the number of the greatest %s",
    };
    rk_buf raw = {0};
    rk_buf_add_chars(&raw, model->transform == RK_TRANSFORM_SIGNED_SQUARE && model->divisor != 0
                               ? "(raw"
                               : "raw");
    if (model->divisor != 0)
        rk_buf_printf(&raw, " / %g%s", model->divisor, raw.data[0] == '(' ? ")" : "");
    if (model->transform == RK_TRANSFORM_SIGMOID) {
        rk_buf_add_chars(out, "1 / (1 + exp(-");
        if (model->slope != 1)
            rk_buf_printf(out, "%g ", model->slope);
        rk_buf_printf(out, "%.*s))", RK_STR_ARG(rk_buf_str(&raw)));
    } else {
        const char *form = forms[model->transform];
        for (; *form; form++)
            if (form[0] == '%' && form[1] == 's') {
                rk_buf_add(out, rk_buf_str(&raw));
                form++;
            } else
                rk_buf_add_char(out, *form);
    }
    out->failed |= raw.failed;
    rk_buf_free(&raw);
}

void cmd_model_add_size(rk_buf *out, size_t bytes)
{
    if (bytes < 1024)
        rk_buf_printf(out, "%zu bytes", bytes);
    else if (bytes < 1024 * 1024)
        rk_buf_printf(out, "%.1f KiB", (double)bytes / 1024);
    else
        rk_buf_printf(out, "%.1f MiB", (double)bytes / (1024 * 1024));
}

/* ---- text: the whole ---- */

static void print_trees(const cmd_model_facts *facts, rk_buf *out)
{
    const rk_forest *const forest = facts->of->model->as.forest;
    rk_buf_printf(out, "sums        %s\n", forest->in_float ? "float" : "double");
    rk_buf_printf(out, "trees       %u\n", forest->n_trees);
    rk_buf_printf(out, "leaves      %u: %.4g a tree, at most %u\n", forest->n_leaves,
                  facts->mean_leaves, facts->most_leaves);
    rk_buf_printf(out, "depth       %.4g a tree, at most %u\n", facts->mean_depth,
                  facts->most_depth);
}

static bool same_way(rk_evaluator_way a, rk_evaluator_way b)
{
    return a.kind == b.kind && a.rows == b.rows;
}

/* Lengths with one answer stand together. */
static void print_evaluators(const rk_evaluator *evaluator, rk_buf *out)
{
    const char *title = "evaluator";
    for (uint32_t i = 0, end; i < CMD_MODEL_LENGTHS; i = end) {
        const rk_evaluator_way way = rk_evaluator_choose(evaluator, cmd_model_lengths[i]);
        rk_buf_printf(out, "%-11s lists of %u", title, cmd_model_lengths[i]);
        for (end = i + 1; end < CMD_MODEL_LENGTHS; end++) {
            if (!same_way(way, rk_evaluator_choose(evaluator, cmd_model_lengths[end])))
                break;
            rk_buf_printf(out, ", %u", cmd_model_lengths[end]);
        }
        rk_buf_add_chars(out, ": ");
        rk_evaluator_print(way, out);
        rk_buf_add_char(out, '\n');
        title = "";
    }
}

static void print_memory(const cmd_model_facts *facts, rk_buf *out)
{
    rk_buf_add_chars(out, "memory      ");
    cmd_model_add_size(out, facts->memory);
    if (facts->of->evaluator) {
        rk_buf_add_chars(out, ", and ");
        cmd_model_add_size(out, rk_evaluator_memory(facts->of->evaluator));
        rk_buf_add_chars(out, " of tables");
    }
    rk_buf_add_char(out, '\n');
}

static void print_head(const cmd_model_facts *facts, rk_buf *out)
{
    const rk_model *const model = facts->of->model;
    rk_buf_printf(out, "format      %s", model->format);
    if (model->version.len)
        rk_buf_add_chars(out, " ");
    cmd_add_plain(out, model->version);
    rk_buf_add_chars(out, "\nobjective   ");
    cmd_add_plain(out, model->objective.len ? model->objective : RK_STR("not named"));
    rk_buf_printf(out,
                  "\nscore       %s: ", rk_type_text(rk_model_type(model, RK_MODEL_SCORE)).text);
    cmd_model_add_transform(model, out);
    rk_buf_printf(out, "\noutputs     %u\n", model->n_outputs);
    if (model->shape == RK_MODEL_FOREST)
        print_trees(facts, out);
    else
        rk_buf_add_chars(out, "linear      a weight for each input, and a bias\n");
    rk_buf_printf(out, "inputs      %u, of which %u %s used\n", model->n_inputs, facts->n_used,
                  facts->n_used == 1 ? "is" : "are");
    print_memory(facts, out);
    if (facts->of->evaluator)
        print_evaluators(facts->of->evaluator, out);
}

/* ---- text: inputs ---- */

enum { SHOWN_INPUTS = 20, SHOWN_CATEGORIES = 6, SHOWN_WEIGHTS = 4 };

static void add_name(const rk_model *model, uint32_t number, rk_buf *out)
{
    if (model->inputs[number].name.len)
        rk_buf_add(out, model->inputs[number].name);
    else
        rk_buf_printf(out, "input %u", number + 1);
}

/* Where a missing value goes. */
static void add_missing(const rk_model *model, const cmd_model_input *facts, rk_buf *out)
{
    const rk_model_input *const input = &model->inputs[facts->number];
    if (model->shape == RK_MODEL_LINEAR)
        rk_buf_add_chars(out, "adds nothing");
    else if (!input->missing)
        rk_buf_add_chars(out, "no rule");
    else if (facts->nan_left == 0 || facts->nan_left == facts->splits)
        rk_buf_add_chars(out, facts->nan_left ? "left" : "right");
    else
        rk_buf_printf(out, "left in %u of %u", facts->nan_left, facts->splits);
    if (facts->zeros)
        rk_buf_add_chars(out, ", 0 too");
}

static void add_categories(const rk_model_input *input, rk_buf *out)
{
    if (input->categorical && !input->n_categories)
        rk_buf_add_chars(out, "by number");
    if (input->hashes) {
        rk_buf_printf(out, "%u by hash", input->n_categories);
        return;
    }
    for (uint32_t i = 0; i < input->n_categories && i < SHOWN_CATEGORIES; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        rk_buf_add(out, input->categories[i]);
    }
    if (input->n_categories > SHOWN_CATEGORIES)
        rk_buf_printf(out, " … %u more", input->n_categories - SHOWN_CATEGORIES);
}

static void add_weights(const rk_linear *linear, uint32_t input, rk_buf *out)
{
    for (uint32_t k = 0; k < linear->n_outputs && k < SHOWN_WEIGHTS; k++) {
        char text[32];
        const size_t len =
            rk_float_print(linear->weights[(size_t)input * linear->n_outputs + k], text);
        rk_buf_printf(out, "%s%.*s", k ? ", " : "", (int)len, text);
    }
    if (linear->n_outputs > SHOWN_WEIGHTS)
        rk_buf_printf(out, " … %u more", linear->n_outputs - SHOWN_WEIGHTS);
}

enum { NAME, SPLITS, GAIN, MISSING, CATEGORIES, N_COLUMNS };

static bool add_cell(cmd *c, cmd_column *column, rk_buf *cell)
{
    const bool fine = cmd_column_add(column, &c->arena, rk_buf_str(cell)) && !cell->failed;
    cell->len = 0;
    return fine;
}

static bool add_titles(cmd *c, cmd_column *columns, const cmd_model_facts *facts)
{
    const bool linear = facts->of->model->shape == RK_MODEL_LINEAR;
    const rk_str titles[N_COLUMNS] = {RK_STR("input"), rk_str_from(linear ? "" : "splits"),
                                      rk_str_from(linear            ? "weight"
                                                  : facts->has_gain ? "gain"
                                                                    : ""),
                                      RK_STR("missing"), rk_str_from(linear ? "" : "categories")};
    for (uint32_t i = 0; i < N_COLUMNS; i++)
        if (!cmd_column_add(&columns[i], &c->arena, titles[i]))
            return false;
    return true;
}

static bool add_row(cmd *c, cmd_column *columns, const cmd_model_facts *facts, uint32_t i)
{
    const rk_model *const model = facts->of->model;
    const cmd_model_input *const input = &facts->inputs[i];
    const bool forest = model->shape == RK_MODEL_FOREST;
    rk_buf cell = {0};
    add_name(model, input->number, &cell);
    bool fine = add_cell(c, &columns[NAME], &cell);
    if (forest)
        rk_buf_printf(&cell, "%u", input->splits);
    fine = fine && add_cell(c, &columns[SPLITS], &cell);
    if (!forest)
        add_weights(model->as.linear, input->number, &cell);
    else if (facts->has_gain)
        rk_buf_printf(&cell, "%.6g", input->gain);
    fine = fine && add_cell(c, &columns[GAIN], &cell);
    add_missing(model, input, &cell);
    fine = fine && add_cell(c, &columns[MISSING], &cell);
    add_categories(&model->inputs[input->number], &cell);
    fine = fine && add_cell(c, &columns[CATEGORIES], &cell);
    rk_buf_free(&cell);
    return fine;
}

static bool is_used(const cmd_model_facts *facts, uint32_t i)
{
    return facts->of->model->inputs[facts->inputs[i].number].used;
}

static void print_unused(const cmd_model_facts *facts, rk_buf *out)
{
    const rk_model *const model = facts->of->model;
    rk_buf words = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        if (model->inputs[i].used || n++ >= SHOWN_INPUTS)
            continue;
        rk_buf name = {0};
        add_name(model, i, &name);
        rk_buf_add_chars(&words, n > 1 ? ", " : "not used: ");
        cmd_add_plain(&words, rk_buf_str(&name));
        rk_buf_free(&name);
    }
    if (n > SHOWN_INPUTS)
        rk_buf_printf(&words, " … %u more", n - SHOWN_INPUTS);
    if (n) {
        rk_buf_add_char(out, '\n');
        cmd_add_wrapped(out, rk_buf_str(&words), 0);
    }
    rk_buf_free(&words);
}

static rk_status print_inputs(cmd *c, const cmd_model_facts *facts)
{
    cmd_column columns[N_COLUMNS] = {[SPLITS] = {.right = true}, [GAIN] = {.right = true}};
    rk_buf *const out = &c->out.buf;
    uint32_t rows = 0;
    bool fine = add_titles(c, columns, facts);
    for (uint32_t i = 0; i < facts->of->model->n_inputs && rows < SHOWN_INPUTS && fine; i++)
        if (is_used(facts, i)) {
            fine = add_row(c, columns, facts, i);
            rows++;
        }
    if (fine && rows) {
        rk_buf_add_char(out, '\n');
        for (uint32_t i = 0; i <= rows; i++)
            cmd_columns_print(columns, N_COLUMNS, i, out);
        if (facts->n_used > rows)
            rk_buf_printf(out, "… %u more\n", facts->n_used - rows);
    }
    cmd_columns_free(columns, N_COLUMNS);
    print_unused(facts, out);
    return fine ? RK_OK : RK_ENOMEM;
}

/* ---- the command ---- */

static rk_status print(cmd *c, cmd_model *model)
{
    cmd_model_facts facts;
    if (model->model->shape == RK_MODEL_NETWORK)
        return cmd_model_print_network(c, model);
    if (model->model->shape >= RK_MODEL_VOCAB)
        return cmd_model_print_ids(c, model);
    RK_TRY(measure(c, model, &facts));
    if (!cmd_format_is(c, "text")) {
        cmd_model_print_json(&facts, &c->out.buf);
        return RK_OK;
    }
    print_head(&facts, &c->out.buf);
    return print_inputs(c, &facts);
}

rk_status cmd_model_inspect(cmd *c, const char *path)
{
    cmd_model model;
    rk_status status = cmd_model_open(c, path, &model);
    if (status == RK_OK)
        status = print(c, &model);
    cmd_model_close(&model);
    return status;
}
