/* The plan as text. Plans with wrong indices are printed too: each is looked at before it is
 * followed. Types and constants must be sound. */
#include "runtime/plan/plan_rows.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

typedef struct printer {
    const rk_plan *plan;
    rk_buf *out;
} printer;

static rk_type_name type_text(rk_type type)
{
    if (rk_type_is_sound(type) || type.kind == RK_KIND_ROW)
        return rk_type_text(type);
    return (rk_type_name){"?"};
}

/* `c7 price`, `none`, or the bare number of a column that is not there. */
static void print_column(const printer *p, uint32_t column)
{
    if (column == RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, "none");
        return;
    }
    rk_buf_printf(p->out, "c%u", column);
    if (column >= p->plan->columns.len)
        return;
    const rk_str name = p->plan->columns.items[column].name;
    if (name.len)
        rk_buf_printf(p->out, " %.*s", RK_STR_ARG(name));
}

/* A column that is made: with its type. */
static void print_made(const printer *p, uint32_t column)
{
    print_column(p, column);
    if (column < p->plan->columns.len)
        rk_buf_printf(p->out, ": %s", type_text(p->plan->columns.items[column].type).text);
}

static void print_list(const printer *p, uint32_t list)
{
    rk_buf_printf(p->out, "l%u", list);
    if (list < p->plan->lists.len && p->plan->lists.items[list].label.len)
        rk_buf_printf(p->out, " `%.*s`", RK_STR_ARG(p->plan->lists.items[list].label));
}

static void print_source(const printer *p, uint32_t source)
{
    if (source < p->plan->sources.len)
        rk_buf_add(p->out, p->plan->sources.items[source].name);
    else
        rk_buf_printf(p->out, "source %u", source);
}

static void print_field(const printer *p, const rk_schema *schema, uint32_t field)
{
    if (schema && field < schema->n)
        rk_buf_add(p->out, schema->fields[field].name);
    else
        rk_buf_printf(p->out, "field %u", field);
}

static const rk_schema *wanted(const printer *p, uint32_t source)
{
    return source < p->plan->sources.len ? &p->plan->sources.items[source].wanted : NULL;
}

static const char *stage_name(uint32_t index)
{
    uint32_t n = 0;
    while (rk_stages[n])
        n++;
    return index < n ? rk_stages[index]->name : "?";
}

/* `(a, b)`: the operands of a step or an instruction, each as `print` shows it. */
static void print_operands(const printer *p, uint32_t first, uint32_t n,
                           void (*print)(const printer *, uint32_t))
{
    rk_buf_add_char(p->out, '(');
    for (uint64_t i = first; i < (uint64_t)first + n && i < p->plan->operands.len; i++) {
        rk_buf_add_chars(p->out, i > first ? ", " : "");
        print(p, p->plan->operands.items[i]);
    }
    rk_buf_add_char(p->out, ')');
}

static void print_constant(const printer *p, uint32_t constant)
{
    const rk_plan *const plan = p->plan;
    if (constant < plan->constants.len &&
        rk_value_is_sound(&plan->constants.items[constant], plan->strings))
        rk_value_print_json(p->plan->constants.items[constant], p->plan->strings, p->out);
    else
        rk_buf_printf(p->out, "constant %u", constant);
}

static void print_reg(const printer *p, uint32_t reg) { rk_buf_printf(p->out, "r%u", reg); }

static void print_instr(const printer *p, const rk_instr *instr, uint32_t reg)
{
    rk_buf_printf(p->out, "    r%u: %s = ", reg, type_text(instr->type).text);
    if (instr->op == RK_CORE_CALL && instr->aux < rk_fn_count())
        rk_buf_add_chars(p->out, rk_fn_at(instr->aux)->name);
    else
        rk_buf_add_chars(p->out, rk_core_text(instr->op));
    print_operands(p, instr->first, instr->n, print_reg);
    rk_buf_add_char(p->out, '\n');
}

/* The inputs, the operations and the stores, a line each. */
static void print_kernel(const printer *p, uint32_t index)
{
    const rk_plan *const plan = p->plan;
    if (index >= plan->kernels.len)
        return;
    const rk_plan_kernel *const kernel = &plan->kernels.items[index];
    for (uint32_t i = 0; i < kernel->n_inputs; i++) {
        if ((uint64_t)kernel->first_input + i >= plan->inputs.len)
            return;
        const rk_kernel_input *const input = &plan->inputs.items[kernel->first_input + i];
        rk_buf_printf(p->out, "    r%u = ", i);
        (input->column == RK_PLAN_NONE ? print_constant : print_column)(
            p, input->column == RK_PLAN_NONE ? input->constant : input->column);
        rk_buf_add_char(p->out, '\n');
    }
    for (uint32_t i = 0; i < kernel->n_instrs; i++) {
        if ((uint64_t)kernel->first_instr + i >= plan->instrs.len)
            return;
        print_instr(p, &plan->instrs.items[kernel->first_instr + i], kernel->n_inputs + i);
    }
    for (uint32_t i = 0; i < kernel->n_stores; i++) {
        if ((uint64_t)kernel->first_store + i >= plan->stores.len)
            return;
        const rk_kernel_output *const store = &plan->stores.items[kernel->first_store + i];
        rk_buf_add_chars(p->out, "    ");
        print_made(p, store->column);
        rk_buf_printf(p->out, " = r%u\n", store->reg);
    }
}

static void print_fold(const printer *p, uint32_t index)
{
    if (index >= p->plan->folds.len)
        return;
    const rk_plan_fold *const fold = &p->plan->folds.items[index];
    print_made(p, fold->out);
    rk_buf_printf(p->out, " = %s(", fold->fn < rk_fold_count() ? rk_fold_at(fold->fn)->name : "?");
    if (fold->value != RK_PLAN_NONE)
        print_column(p, fold->value);
    if (fold->fn < rk_fold_count() && rk_fold_at(fold->fn)->param)
        rk_buf_printf(p->out, ", %s: %g", rk_fold_at(fold->fn)->param, fold->param);
    if (fold->by != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, ", by: ");
        print_column(p, fold->by);
    }
    if (fold->where != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, ", where: ");
        print_column(p, fold->where);
    }
    rk_buf_add_chars(p->out, ") over ");
    print_list(p, fold->domain);
}

static void print_select(const printer *p, const rk_step *step)
{
    rk_buf_printf(p->out, " %s", stage_name(step->index));
    if (step->n)
        print_operands(p, step->first, step->n, print_column);
    if (step->a != RK_PLAN_NONE) {
        rk_buf_printf(p->out, " by %s", step->b == 1 ? "descending " : "");
        print_column(p, step->a);
    }
    rk_buf_add_chars(p->out, " of ");
    print_list(p, step->list);
}

static void print_nearest(const printer *p, const rk_step *step)
{
    rk_buf_add_char(p->out, ' ');
    if (step->index < p->plan->indexes.len)
        rk_buf_add(p->out, p->plan->indexes.items[step->index].name);
    print_operands(p, step->first, step->n, print_column);
    if (step->a != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, " where ");
        print_column(p, step->a);
    }
    if (step->list != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, " of ");
        print_list(p, step->list);
    }
}

static void print_list_step(const printer *p, const rk_step *step)
{
    rk_buf_printf(p->out, " = %s", rk_step_text(step->kind));
    switch (step->kind) {
    case RK_STEP_SCAN:
    case RK_STEP_PROBE:
        rk_buf_add_char(p->out, ' ');
        print_source(p, step->index);
        break;
    case RK_STEP_NEAREST:
        print_nearest(p, step);
        break;
    case RK_STEP_UNION:
        print_operands(p, step->first, step->n, print_list);
        break;
    case RK_STEP_CHOOSE:
        print_operands(p, step->first, step->n, print_list);
        rk_buf_add_chars(p->out, " by ");
        print_column(p, step->a);
        break;
    case RK_STEP_SELECT:
        print_select(p, step);
        break;
    case RK_STEP_DROP:
        rk_buf_add_chars(p->out, " absent ");
        print_column(p, step->a);
        rk_buf_add_chars(p->out, " of ");
        print_list(p, step->list);
        break;
    default:
        break;
    }
    if (step->column != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, ", rows ");
        print_column(p, step->column);
    }
    if (step->guard != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, " if ");
        print_column(p, step->guard);
    }
}

static void print_model(const printer *p, const rk_step *step)
{
    static const char *const parts[] = {"", ".raw", ".leaves"};
    if (step->index < p->plan->models.len)
        rk_buf_add(p->out, p->plan->models.items[step->index].name);
    rk_buf_add_chars(p->out, step->b < RK_ARRAY_LEN(parts) ? parts[step->b] : "?");
    print_operands(p, step->first, step->n, print_column);
}

/* What stands right of `c7 price: float = fetch`. */
static void print_column_step(const printer *p, const rk_step *step)
{
    rk_buf_add_char(p->out, ' ');
    switch (step->kind) {
    case RK_STEP_QUERY:
        print_field(p, &p->plan->query, step->index);
        return;
    case RK_STEP_ITEM:
        print_field(p, &p->plan->item, step->index);
        break;
    case RK_STEP_LOOKUP:
        print_source(p, step->index);
        print_operands(p, step->first, step->n, print_column);
        rk_buf_add_chars(p->out, step->b == RK_LOOKUP_DROPS ? " or drop" : "");
        break;
    case RK_STEP_MODEL:
        print_model(p, step);
        break;
    case RK_STEP_FETCH:
        print_source(p, step->index);
        rk_buf_add_char(p->out, '.');
        print_field(p, wanted(p, step->index), step->b);
        rk_buf_add_chars(p->out, " at ");
        print_column(p, step->a);
        break;
    case RK_STEP_GATHER:
        print_column(p, step->a);
        rk_buf_printf(p->out, " through m%u", step->index);
        break;
    case RK_STEP_PART:
        print_column(p, step->a);
        rk_buf_printf(p->out, " from %u", step->b);
        break;
    case RK_STEP_RANK:
        rk_buf_printf(p->out, "through m%u", step->index);
        break;
    case RK_STEP_SCORE:
        rk_buf_printf(p->out, "through m%u in ", step->index);
        print_list(p, step->a);
        break;
    default:
        break;
    }
    rk_buf_add_chars(p->out, step->kind == RK_STEP_ID ? "of " : " over ");
    print_list(p, step->list);
}

static void print_require(const printer *p, const rk_step *step)
{
    const bool item = step->index == RK_PLAN_NONE;
    print_column(p, step->a);
    rk_buf_add_chars(p->out, ": ");
    if (item)
        rk_buf_add_chars(p->out, "item");
    else
        print_source(p, step->index);
    rk_buf_add_char(p->out, '.');
    print_field(p, item ? &p->plan->item : wanted(p, step->index), step->b);
}

static void print_step(const printer *p, const rk_step *step)
{
    rk_buf_add_chars(p->out, "  ");
    if (rk_step_makes_list(step->kind)) {
        print_list(p, step->out);
        print_list_step(p, step);
    } else if (step->kind == RK_STEP_MAP) {
        rk_buf_printf(p->out, "m%u = places of ", step->out);
        print_list(p, step->list);
        rk_buf_add_chars(p->out, " in ");
        print_list(p, step->a);
    } else if (step->kind == RK_STEP_REQUIRE) {
        rk_buf_add_chars(p->out, "require ");
        print_require(p, step);
    } else if (step->kind == RK_STEP_FOLD) {
        print_fold(p, step->index);
    } else if (step->kind == RK_STEP_KERNEL) {
        rk_buf_printf(p->out, "kernel %u over ", step->index);
        print_list(p, step->list);
    } else {
        print_made(p, step->out);
        rk_buf_printf(p->out, " = %s", rk_step_text(step->kind));
        print_column_step(p, step);
    }
    rk_buf_add_char(p->out, '\n');
    if (step->kind == RK_STEP_KERNEL)
        print_kernel(p, step->index);
}

static void print_sources(const printer *p)
{
    for (uint32_t i = 0; i < p->plan->sources.len; i++) {
        const rk_plan_source *const source = &p->plan->sources.items[i];
        rk_buf_printf(p->out, "source %.*s = %.*s ", RK_STR_ARG(source->name),
                      RK_STR_ARG(source->kind));
        rk_buf_add_json(p->out, source->path);
        rk_buf_add_chars(p->out, " by");
        for (uint32_t k = 0; k < source->n_keys; k++)
            rk_buf_printf(p->out, " %.*s: %s", RK_STR_ARG(source->keys[k]),
                          type_text(source->key_types[k]).text);
        rk_buf_add_char(p->out, '\n');
        for (uint32_t f = 0; f < source->wanted.n; f++)
            rk_buf_printf(p->out, "  %.*s: %s\n", RK_STR_ARG(source->wanted.fields[f].name),
                          type_text(source->wanted.fields[f].type).text);
    }
}

static void print_options(const printer *p, const rk_model_options *options)
{
    if (options->most_trees)
        rk_buf_printf(p->out, " trees: %u", options->most_trees);
    if (options->in_float)
        rk_buf_add_chars(p->out, " precision: \"float\"");
    if (options->length)
        rk_buf_printf(p->out, " length: %u", options->length);
    if (options->pad)
        rk_buf_printf(p->out, " pad: %lld", (long long)options->pad);
    if (options->keep_last)
        rk_buf_add_chars(p->out, " keep: \"last\"");
    if (options->pad_front)
        rk_buf_add_chars(p->out, " align: \"end\"");
    if (options->fast)
        rk_buf_add_chars(p->out, " fast: true");
}

static void print_models(const printer *p)
{
    for (uint32_t i = 0; i < p->plan->models.len; i++) {
        const rk_plan_model *const model = &p->plan->models.items[i];
        rk_buf_printf(p->out, "model %.*s = ", RK_STR_ARG(model->name));
        rk_buf_add_json(p->out, model->path);
        print_options(p, &model->options);
        rk_buf_add_char(p->out, '\n');
    }
}

static void print_indexes(const printer *p)
{
    for (uint32_t i = 0; i < p->plan->indexes.len; i++) {
        const rk_plan_index *const index = &p->plan->indexes.items[i];
        const rk_index_form *const form = &index->form;
        rk_buf_printf(p->out, "index %.*s = %s(", RK_STR_ARG(index->name),
                      form->kind < RK_INDEX_KIND_COUNT ? rk_index_kind_name(form->kind) : "?");
        print_column(p, index->vector);
        rk_buf_printf(p->out, ", metric: %s",
                      form->metric < RK_INDEX_METRIC_COUNT ? rk_index_metric_name(form->metric)
                                                           : "?");
        rk_buf_printf(p->out, ", m: %u, ef_construction: %u, ef: %u) of ", form->m,
                      form->ef_construction, form->ef);
        print_source(p, index->source);
        if (index->path.len) {
            rk_buf_add_char(p->out, ' ');
            rk_buf_add_json(p->out, index->path);
        }
        rk_buf_add_char(p->out, '\n');
    }
}

void rk_plan_print(const rk_plan *plan, rk_buf *out)
{
    const printer p = {plan, out};
    print_sources(&p);
    print_models(&p);
    print_indexes(&p);
    rk_buf_printf(out, "pipeline %.*s of %s ids%s\n", RK_STR_ARG(plan->pipeline),
                  type_text(plan->id_type).text, plan->one_producer ? ", one producer" : "");
    for (uint32_t i = 0; i < plan->steps.len; i++)
        print_step(&p, &plan->steps.items[i]);
    rk_buf_add_chars(out, "result ");
    print_list(&p, plan->result);
    rk_buf_add_char(out, '\n');
    for (uint32_t i = 0; i < plan->shown.len; i++) {
        rk_buf_printf(out, "show %.*s = ", RK_STR_ARG(plan->shown.items[i].name));
        print_column(&p, plan->shown.items[i].column);
        rk_buf_add_char(out, '\n');
    }
}
