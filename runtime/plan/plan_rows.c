#include "runtime/plan/plan_rows.h"

#define N RK_CORE_ANY
/* clang-format off */
static const struct { const char *text; uint8_t operands; } cores[] = {
#define RK_CORE(name, text, operands) [RK_CORE_##name] = {text, operands},
#include "runtime/plan/op.def"
#undef RK_CORE
};
/* clang-format on */
#undef N

static const char *const steps[] = {
    [RK_STEP_QUERY] = "query",     [RK_STEP_CANDIDATES] = "candidates",
    [RK_STEP_SCAN] = "scan",       [RK_STEP_PROBE] = "probe",
    [RK_STEP_NEAREST] = "nearest", [RK_STEP_UNION] = "union",
    [RK_STEP_CHOOSE] = "choose",   [RK_STEP_SELECT] = "select",
    [RK_STEP_DROP] = "drop",       [RK_STEP_ID] = "id",
    [RK_STEP_ITEM] = "item",       [RK_STEP_LOOKUP] = "lookup",
    [RK_STEP_FETCH] = "fetch",     [RK_STEP_REQUIRE] = "require",
    [RK_STEP_MODEL] = "model",     [RK_STEP_MAP] = "map",
    [RK_STEP_GATHER] = "gather",   [RK_STEP_RANK] = "rank",
    [RK_STEP_SCORE] = "score",     [RK_STEP_KERNEL] = "kernel",
    [RK_STEP_FOLD] = "fold",       [RK_STEP_PART] = "part",
};
_Static_assert(RK_ARRAY_LEN(steps) == RK_STEP_COUNT, "a word for each kind of step");
_Static_assert(sizeof(rk_step) <= 64, "a step is one cache line");

const char *rk_core_text(rk_core core) { return core < RK_CORE_COUNT ? cores[core].text : "?"; }

uint8_t rk_core_operands(rk_core core) { return cores[core].operands; }

const char *rk_step_text(uint32_t kind) { return kind < RK_STEP_COUNT ? steps[kind] : "?"; }

bool rk_step_makes_list(uint32_t kind)
{
    return kind >= RK_STEP_CANDIDATES && kind <= RK_STEP_DROP;
}

bool rk_list_is_probed(const rk_plan *plan, uint32_t list)
{
    if (list == 0 || list >= plan->lists.len)
        return false;
    const uint32_t step = plan->lists.items[list].step;
    return step < plan->steps.len && plan->steps.items[step].kind == RK_STEP_PROBE;
}

bool rk_type_is_sound(rk_type type)
{
    const bool vector = type.kind == RK_KIND_VECTOR, list = type.kind == RK_KIND_LIST;
    if (!rk_kind_is_scalar(type.kind) && !vector && !list)
        return false;
    if (vector ? type.dim == 0 || type.dim > RK_DIM_MAX : type.dim != 0)
        return false;
    return list ? rk_kind_is_scalar(type.elem) : type.elem == RK_KIND_NONE;
}

bool rk_value_is_sound(const rk_value *value, const rk_atoms *strings)
{
    const rk_type type = value->type;
    const bool many = type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
    if (!rk_type_is_sound(type))
        return false;
    if (value->missing)
        return type.optional;
    if (type.kind == RK_KIND_VECTOR && value->as.list.len != type.dim)
        return false;
    if (many && value->as.list.len && !value->as.list.items)
        return false;
    const bool texts = type.kind == RK_KIND_LIST && type.elem == RK_KIND_STRING;
    const rk_atom *const atoms = texts ? value->as.list.items : &value->as.s;
    const uint32_t n = texts ? value->as.list.len : type.kind == RK_KIND_STRING;
    for (uint32_t i = 0; i < n; i++)
        if (!strings || atoms[i] >= rk_atoms_count(strings))
            return false;
    return true;
}

rk_type rk_input_type(const rk_plan *plan, const rk_kernel_input *input)
{
    return input->column != RK_PLAN_NONE ? plan->columns.items[input->column].type
                                         : plan->constants.items[input->constant].type;
}

rk_type rk_reg_type(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg)
{
    if (reg < kernel->n_inputs)
        return rk_input_type(plan, &plan->inputs.items[kernel->first_input + reg]);
    return plan->instrs.items[kernel->first_instr + reg - kernel->n_inputs].type;
}
