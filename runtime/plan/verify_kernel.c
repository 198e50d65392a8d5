/* Checks of kernels: registers in order, and the types of every operation. */
#include "runtime/plan/verify.h"

#include "stdlib/fn.h"

/* The types of an instruction's operands and result. */
typedef struct typing {
    rk_checker *c;
    const rk_plan_kernel *kernel;
    const rk_instr *instr;
    const uint32_t *regs;
    rk_type result;
} typing;

static rk_type operand(const typing *t, uint32_t i)
{
    return rk_reg_type(t->c->plan, t->kernel, t->regs[i]);
}

/* Whether operand i may be missing by a mask. */
static bool is_masked(const typing *t, uint32_t i)
{
    const rk_type type = operand(t, i);
    return type.optional && rk_kind_has_mask(type.kind);
}

static bool refuse(const typing *t)
{
    const bool call = t->instr->op == RK_CORE_CALL;
    rk_check_fail(t->c, "%s", call ? rk_fn_at(t->instr->aux)->name : rk_core_text(t->instr->op));
    if (call)
        rk_buf_add_chars(t->c->fault, rk_fn_at(t->instr->aux)->sig);
    for (uint32_t i = 0; i < t->instr->n; i++)
        rk_buf_printf(t->c->fault, "%s%s", i ? ", " : " (", rk_type_text(operand(t, i)).text);
    rk_buf_printf(t->c->fault, ") is not %s", rk_type_text(t->result).text);
    return false;
}

static bool expect(const typing *t, bool holds) { return holds || refuse(t); }

static bool is_kind(const typing *t, uint32_t i, rk_kind kind)
{
    return operand(t, i).kind == kind && !is_masked(t, i);
}

/* Arithmetic: operands and result of one kind; what may be missing makes the result so. */
static bool check_arithmetic(const typing *t, bool reals)
{
    bool fine = reals ? rk_kind_is_real(t->result.kind) : rk_kind_is_number(t->result.kind);
    for (uint32_t i = 0; i < t->instr->n; i++)
        fine = fine && rk_check_fits(operand(t, i), t->result);
    return expect(t, fine);
}

/* A constant other than 0, so that the remainder is always there. */
static bool is_nonzero_constant(const typing *t, uint32_t reg)
{
    if (reg >= t->kernel->n_inputs)
        return false;
    const rk_kernel_input *const input = &t->c->plan->inputs.items[t->kernel->first_input + reg];
    if (input->column != RK_PLAN_NONE)
        return false;
    const rk_value *const value = &t->c->plan->constants.items[input->constant];
    return !value->missing && value->as.i != 0;
}

static bool check_mod(const typing *t)
{
    const bool there =
        t->result.kind != RK_KIND_INT || t->result.optional || is_nonzero_constant(t, t->regs[1]);
    return check_arithmetic(t, false) && expect(t, there);
}

static bool check_comparison(const typing *t)
{
    const rk_type a = operand(t, 0);
    return expect(t, rk_kind_is_scalar(a.kind) && is_kind(t, 0, a.kind) && is_kind(t, 1, a.kind) &&
                         t->result.kind == RK_KIND_BOOL);
}

static bool check_logic(const typing *t)
{
    bool fine = t->result.kind == RK_KIND_BOOL;
    for (uint32_t i = 0; i < t->instr->n; i++)
        fine = fine && is_kind(t, i, RK_KIND_BOOL);
    return expect(t, fine);
}

static bool check_convert(const typing *t)
{
    const rk_type from = operand(t, 0);
    if (rk_kind_is_real(t->result.kind))
        return expect(t, from.kind == RK_KIND_BOOL || rk_kind_is_number(from.kind));
    return expect(t, t->result.kind == RK_KIND_INT && from.kind == RK_KIND_BOOL &&
                         (!is_masked(t, 0) || t->result.optional));
}

static bool check_in(const typing *t)
{
    const rk_type list = operand(t, 1);
    return expect(t, list.kind == RK_KIND_LIST && !is_masked(t, 1) && is_kind(t, 0, list.elem) &&
                         t->result.kind == RK_KIND_BOOL);
}

static bool check_index(const typing *t)
{
    const rk_type from = operand(t, 0);
    const bool vector = from.kind == RK_KIND_VECTOR;
    return expect(t, (vector || from.kind == RK_KIND_LIST) && operand(t, 1).kind == RK_KIND_INT &&
                         t->result.kind == (vector ? RK_KIND_FLOAT : from.elem) &&
                         (t->result.optional || !rk_kind_has_mask(t->result.kind)));
}

static bool check_list(const typing *t)
{
    const bool vector = t->result.kind == RK_KIND_VECTOR;
    bool fine = vector ? t->result.dim == t->instr->n : t->result.kind == RK_KIND_LIST;
    for (uint32_t i = 0; i < t->instr->n; i++)
        fine = fine && is_kind(t, i, vector ? RK_KIND_FLOAT : t->result.elem);
    return expect(t, fine);
}

/* Whether an argument's type is what the row's parameter takes. */
static bool takes(const rk_param *param, rk_type type, rk_null_rule null)
{
    const rk_type want = param->type;
    if (null == RK_NULL_OWN && type.optional && !want.optional && rk_kind_has_mask(type.kind))
        return false;
    if (param->any)
        return rk_kind_is_scalar(type.kind);
    return want.kind == type.kind && want.elem == type.elem &&
           (want.dim == 0 || want.dim == type.dim);
}

/* What a call of vectors gives: the first one's dimension, or the sum of all. */
static bool check_dims(const typing *t, const rk_signature *sig)
{
    uint64_t first = 0, sum = 0;
    bool equal = true;
    for (uint32_t i = 0; i < t->instr->n; i++) {
        const uint32_t dim = operand(t, i).dim;
        first = first ? first : dim;
        equal = equal && (dim == 0 || dim == first);
        sum += dim;
    }
    if (!sig->dim_sum && !equal)
        return false;
    return t->result.kind != RK_KIND_VECTOR || t->result.dim == (sig->dim_sum ? sum : first) ||
           t->result.dim == sig->result.dim;
}

static bool check_call(const typing *t)
{
    rk_signature sig;
    if (t->instr->aux >= rk_fn_count())
        return rk_check_fail(t->c, "function %u of %u", t->instr->aux, rk_fn_count());
    const rk_fn *const fn = rk_fn_at(t->instr->aux);
    if (!fn->kernel || !rk_signature_parse(fn->sig, &sig))
        return rk_check_fail(t->c, "function `%s` has no body", fn->name);
    const bool variadic = (fn->flags & RK_FN_VARIADIC) && sig.n_params;
    bool fine = variadic ? t->instr->n + 1 >= sig.n_params : t->instr->n == sig.n_params;
    bool optional = sig.result.optional;
    for (uint32_t i = 0; fine && i < t->instr->n; i++) {
        const uint32_t at = i < sig.n_params ? i : sig.n_params - 1;
        fine = takes(&sig.params[at], operand(t, i), fn->null);
        optional = optional || (fn->null == RK_NULL_ANY && operand(t, i).optional);
    }
    const rk_type got = sig.result;
    fine =
        fine && check_dims(t, &sig) &&
        (got.kind == RK_KIND_NONE || (got.kind == t->result.kind && got.elem == t->result.elem)) &&
        (t->result.optional || !optional || !rk_kind_has_mask(t->result.kind));
    return expect(t, fine);
}

static bool check_types(const typing *t)
{
    const rk_type a = t->instr->n ? operand(t, 0) : (rk_type){0};
    switch ((rk_core)t->instr->op) {
    case RK_CORE_ADD:
    case RK_CORE_SUB:
    case RK_CORE_MUL:
    case RK_CORE_NEG:
        return check_arithmetic(t, false);
    case RK_CORE_DIV:
    case RK_CORE_POW:
        return check_arithmetic(t, true);
    case RK_CORE_MOD:
        return check_mod(t);
    case RK_CORE_EQ:
    case RK_CORE_NE:
    case RK_CORE_LT:
    case RK_CORE_LE:
    case RK_CORE_GT:
    case RK_CORE_GE:
        return check_comparison(t);
    case RK_CORE_AND:
    case RK_CORE_OR:
    case RK_CORE_NOT:
        return check_logic(t);
    case RK_CORE_COALESCE:
        return expect(t, rk_check_fits(rk_type_plain(a), t->result) &&
                             rk_check_fits(is_masked(t, 0) ? operand(t, 1) : a, t->result) &&
                             rk_check_fits(rk_type_plain(operand(t, 1)), t->result));
    case RK_CORE_IF:
        return expect(t, is_kind(t, 0, RK_KIND_BOOL) && rk_check_fits(operand(t, 1), t->result) &&
                             rk_check_fits(operand(t, 2), t->result));
    case RK_CORE_IS_MISSING:
        return expect(t, t->result.kind == RK_KIND_BOOL);
    case RK_CORE_CONVERT:
        return check_convert(t);
    case RK_CORE_IN:
        return check_in(t);
    case RK_CORE_INDEX:
        return check_index(t);
    case RK_CORE_LIST:
        return check_list(t);
    case RK_CORE_CALL:
        return check_call(t);
    case RK_CORE_COUNT:
        break;
    }
    return false;
}

bool rk_check_instr(rk_checker *c, const rk_plan_kernel *kernel, const rk_instr *instr)
{
    if (instr->op >= RK_CORE_COUNT)
        return rk_check_fail(c, "operation %u", instr->op);
    if (!rk_check_operands(c, instr->first, instr->n) || !rk_check_type(c, instr->type))
        return false;
    const uint8_t want = rk_core_operands(instr->op);
    if (want != RK_CORE_ANY && want != instr->n)
        return rk_check_fail(c, "%s of %u operands", rk_core_text(instr->op), instr->n);
    const uint32_t here =
        (uint32_t)(instr - (c->plan->instrs.items + kernel->first_instr)) + kernel->n_inputs;
    const uint32_t *const regs = c->plan->operands.items + instr->first;
    for (uint32_t i = 0; i < instr->n; i++)
        if (regs[i] >= here)
            return rk_check_fail(c, "register %u reads %u", here, regs[i]);
    const typing t = {c, kernel, instr, regs, instr->type};
    return check_types(&t);
}

static bool check_inputs(rk_checker *c, const rk_plan_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->n_inputs; i++) {
        const rk_kernel_input *const input = &c->plan->inputs.items[kernel->first_input + i];
        if (input->column == RK_PLAN_NONE) {
            if (input->constant >= c->plan->constants.len)
                return rk_check_fail(c, "constant %u of %u", input->constant,
                                     c->plan->constants.len);
            continue;
        }
        if (!rk_check_read(c, input->column, kernel->list, true))
            return false;
        if (!rk_check_type(c, c->plan->columns.items[input->column].type))
            return false;
    }
    return true;
}

static bool check_stores(rk_checker *c, const rk_plan_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->n_stores; i++) {
        const rk_kernel_output *const store = &c->plan->stores.items[kernel->first_store + i];
        if (store->reg >= kernel->n_inputs + kernel->n_instrs)
            return rk_check_fail(c, "register %u is stored", store->reg);
        if (!rk_check_make(c, store->column, kernel->list))
            return false;
        const rk_type from = rk_reg_type(c->plan, kernel, store->reg);
        const rk_type to = c->plan->columns.items[store->column].type;
        if (!rk_check_fits(from, to))
            return rk_check_fail(c, "register %u of %s is stored in column %u of %s", store->reg,
                                 rk_type_text(from).text, store->column, rk_type_text(to).text);
    }
    return true;
}

bool rk_check_kernel(rk_checker *c, uint32_t index, uint32_t list)
{
    const rk_plan *const plan = c->plan;
    if (index >= plan->kernels.len)
        return rk_check_fail(c, "kernel %u of %u", index, plan->kernels.len);
    const rk_plan_kernel *const kernel = &plan->kernels.items[index];
    if ((uint64_t)kernel->first_input + kernel->n_inputs > plan->inputs.len ||
        (uint64_t)kernel->first_instr + kernel->n_instrs > plan->instrs.len ||
        (uint64_t)kernel->first_store + kernel->n_stores > plan->stores.len ||
        (uint64_t)kernel->n_inputs + kernel->n_instrs >= RK_PLAN_NONE)
        return rk_check_fail(c, "kernel %u reaches beyond the plan", index);
    if (kernel->list != list)
        return rk_check_fail(c, "kernel %u is over list %u", index, kernel->list);
    if (!check_inputs(c, kernel))
        return false;
    for (uint32_t i = 0; i < kernel->n_instrs; i++)
        if (!rk_check_instr(c, kernel, &plan->instrs.items[kernel->first_instr + i]))
            return false;
    return check_stores(c, kernel);
}
