#include "runtime/plan/describe.h"

#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

const char *rk_step_verb(const rk_plan *plan, const rk_step *step)
{
    static const char *const verbs[] = {
        [RK_STEP_QUERY] = "query",     [RK_STEP_CANDIDATES] = "candidates",
        [RK_STEP_SCAN] = "scan",       [RK_STEP_PROBE] = "rows of",
        [RK_STEP_NEAREST] = "nearest", [RK_STEP_UNION] = "union",
        [RK_STEP_CHOOSE] = "choose",   [RK_STEP_SELECT] = "",
        [RK_STEP_DROP] = "drop",       [RK_STEP_ID] = "id",
        [RK_STEP_ITEM] = "item",       [RK_STEP_LOOKUP] = "look up",
        [RK_STEP_FETCH] = "fetch",     [RK_STEP_REQUIRE] = "require",
        [RK_STEP_MAP] = "map",         [RK_STEP_GATHER] = "gather",
        [RK_STEP_RANK] = "rank in",    [RK_STEP_SCORE] = "score in",
        [RK_STEP_KERNEL] = "kernel",   [RK_STEP_FOLD] = "",
        [RK_STEP_MODEL] = "model",     [RK_STEP_PART] = "pick",
    };
    if (step->kind == RK_STEP_SELECT)
        return rk_stages[step->index]->name;
    if (step->kind == RK_STEP_KERNEL && plan->kernels.items[step->index].n_instrs == 0)
        return "fill"; /* a constant, or one value for all items */
    if (step->kind == RK_STEP_FOLD)
        return rk_fold_at(plan->folds.items[step->index].fn)->name;
    return verbs[step->kind];
}

static void add_column(const rk_plan *plan, uint32_t column, rk_buf *out)
{
    const rk_str name = plan->columns.items[column].name;
    if (name.len)
        rk_buf_add(out, name);
    else
        rk_buf_printf(out, "c%u", column);
}

void rk_plan_name_list(const rk_plan *plan, uint32_t list, rk_buf *out)
{
    const rk_str label = plan->lists.items[list].label;
    rk_buf_printf(out, "list %u", list);
    if (label.len)
        rk_buf_printf(out, " `%.*s`", RK_STR_ARG(label));
}

static void add_operands(const rk_plan *plan, const rk_step *step, bool lists, rk_buf *out)
{
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t operand = plan->operands.items[step->first + i];
        rk_buf_add_chars(out, i ? ", " : " ");
        (lists ? rk_plan_name_list : add_column)(plan, operand, out);
    }
}

static void add_kernel(const rk_plan *plan, const rk_plan_kernel *kernel, rk_buf *out)
{
    for (uint32_t i = 0; i < kernel->n_stores; i++) {
        rk_buf_add_chars(out, i ? ", " : " ");
        add_column(plan, plan->stores.items[kernel->first_store + i].column, out);
    }
    if (kernel->n_instrs)
        rk_buf_printf(out, ": %u operation%s", kernel->n_instrs, kernel->n_instrs == 1 ? "" : "s");
}

/* `avg(p) as p_avg` without its first word. */
static void add_fold(const rk_plan *plan, const rk_plan_fold *fold, rk_buf *out)
{
    const struct {
        const char *before;
        uint32_t column;
    } parts[] = {{"", fold->value}, {"by: ", fold->by}, {"where: ", fold->where}};
    bool first = true;
    rk_buf_add_char(out, '(');
    for (size_t i = 0; i < RK_ARRAY_LEN(parts); i++) {
        if (parts[i].column == RK_PLAN_NONE)
            continue;
        rk_buf_printf(out, "%s%s", first ? "" : ", ", parts[i].before);
        add_column(plan, parts[i].column, out);
        first = false;
    }
    rk_buf_add_chars(out, ") as ");
    add_column(plan, fold->out, out);
}

static void add_source_field(const rk_plan *plan, const rk_step *step, rk_buf *out)
{
    if (step->index == RK_PLAN_NONE) {
        rk_buf_printf(out, " %.*s", RK_STR_ARG(plan->item.fields[step->b].name));
        return;
    }
    const rk_plan_source *const source = &plan->sources.items[step->index];
    rk_buf_printf(out, " %.*s.%.*s", RK_STR_ARG(source->name),
                  RK_STR_ARG(source->wanted.fields[step->b].name));
}

static void add_key(const rk_plan *plan, const rk_step *step, rk_buf *out)
{
    const rk_stage *const stage = rk_stages[step->index];
    if (step->a == RK_PLAN_NONE)
        return;
    if (strcmp(stage->name, "sort") == 0)
        rk_buf_add_chars(out, step->b == 0 ? " asc: " : " desc: ");
    else
        rk_buf_add_chars(out, stage->scores ? " by " : " ");
    add_column(plan, step->a, out);
}

/* ` buy.raw of 12 inputs as c7` */
static void add_model(const rk_plan *plan, const rk_step *step, rk_buf *out)
{
    static const char *const parts[] = {"", ".raw", ".leaves"};
    const rk_str name = plan->models.items[step->index].name;
    rk_buf_printf(out, " %.*s%s of %u input%s as ", RK_STR_ARG(name), parts[step->b], step->n,
                  step->n == 1 ? "" : "s");
    add_column(plan, step->out, out);
}

/* ` products, for index by_vec`, or ` products, as a search asks for them` */
static void add_probe(const rk_plan *plan, const rk_step *step, rk_buf *out)
{
    rk_buf_printf(out, " %.*s, ", RK_STR_ARG(plan->sources.items[step->index].name));
    for (uint32_t i = 0; i < plan->indexes.len; i++)
        if (plan->columns.items[plan->indexes.items[i].vector].list == step->out) {
            rk_buf_printf(out, "for index %.*s", RK_STR_ARG(plan->indexes.items[i].name));
            return;
        }
    rk_buf_add_chars(out, "as a search asks for them");
}

/* `, of stock`: rows that are found by the lookup that makes a column */
static void add_looked_up(const rk_plan *plan, uint32_t column, rk_buf *out)
{
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        if (step->kind == RK_STEP_LOOKUP && step->out == column)
            rk_buf_printf(out, ", of %.*s", RK_STR_ARG(plan->sources.items[step->index].name));
    }
}

/* ` in by_vec to user_vec, 500, where in_stock, of stock` */
static void add_nearest(const rk_plan *plan, const rk_step *step, rk_buf *out)
{
    rk_step asked = *step;
    asked.n = 2;
    rk_buf_printf(out, " in %.*s to", RK_STR_ARG(plan->indexes.items[step->index].name));
    add_operands(plan, &asked, false, out);
    if (step->a != RK_PLAN_NONE) {
        rk_buf_add_chars(out, ", where ");
        add_column(plan, step->a, out);
    }
    for (uint32_t i = 2; i < step->n; i++)
        add_looked_up(plan, plan->operands.items[step->first + i], out);
}

void rk_step_describe(const rk_plan *plan, const rk_step *step, rk_buf *out)
{
    rk_buf_add_chars(out, rk_step_verb(plan, step));
    switch (step->kind) {
    case RK_STEP_QUERY:
    case RK_STEP_ITEM:
    case RK_STEP_GATHER:
        rk_buf_add_char(out, ' ');
        add_column(plan, step->out, out);
        break;
    case RK_STEP_SCAN:
        rk_buf_printf(out, " %.*s", RK_STR_ARG(plan->sources.items[step->index].name));
        break;
    case RK_STEP_PROBE:
        add_probe(plan, step, out);
        break;
    case RK_STEP_NEAREST:
        add_nearest(plan, step, out);
        break;
    case RK_STEP_LOOKUP:
        rk_buf_printf(out, " %.*s by", RK_STR_ARG(plan->sources.items[step->index].name));
        add_operands(plan, step, false, out);
        rk_buf_add_chars(out, step->b == RK_LOOKUP_DROPS ? ", or drop" : "");
        break;
    case RK_STEP_FETCH:
    case RK_STEP_REQUIRE:
        add_source_field(plan, step, out);
        break;
    case RK_STEP_UNION:
    case RK_STEP_CHOOSE:
        add_operands(plan, step, true, out);
        break;
    case RK_STEP_SELECT:
        add_key(plan, step, out);
        break;
    case RK_STEP_MAP:
        rk_buf_add_chars(out, " into ");
        rk_plan_name_list(plan, step->a, out);
        break;
    case RK_STEP_RANK:
    case RK_STEP_SCORE:
        rk_buf_add_char(out, ' ');
        rk_plan_name_list(plan, plan->maps.items[step->index].in, out);
        break;
    case RK_STEP_KERNEL:
        add_kernel(plan, &plan->kernels.items[step->index], out);
        break;
    case RK_STEP_MODEL:
        add_model(plan, step, out);
        break;
    case RK_STEP_PART:
        rk_buf_add_char(out, ' ');
        add_column(plan, step->out, out);
        rk_buf_printf(out, " from number %u on of ", step->b);
        add_column(plan, step->a, out);
        break;
    case RK_STEP_FOLD:
        add_fold(plan, &plan->folds.items[step->index], out);
        break;
    default:
        break;
    }
}
