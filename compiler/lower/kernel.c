/* Elementwise operations over one list, fused. A value gets a column when it is asked for, or when
 * something outside of its kernel uses it too: then it is computed once and carried along. */
#include "compiler/lower/lowering.h"

enum { KERNEL_INSTRS_MAX = 512 };

typedef struct fusing {
    lowering *lo;
    uint32_t list;
    rk_plan_kernel kernel;
    rk_intmap registers; /* node -> register */
} fusing;

#define PUSH(vec, item) (rk_vec_push(lo->arena, &lo->plan->vec, (item)) ? RK_OK : RK_ENOMEM)

static rk_status new_register(fusing *f, rk_ref ref, uint32_t number)
{
    uint32_t found;
    return rk_intmap_add(f->lo->arena, &f->registers, ref, number, &found) ? RK_OK : RK_ENOMEM;
}

/* An operand that is not computed in this kernel becomes an input. */
static rk_status add_input(fusing *f, rk_ref ref)
{
    lowering *const lo = f->lo;
    if (rk_intmap_find(&f->registers, ref) != RK_MAP_NONE)
        return RK_OK;
    rk_kernel_input input = {.column = RK_PLAN_NONE, .constant = RK_PLAN_NONE};
    if (rk_dag_is_const(lo->dag, ref)) {
        input.constant = lo->plan->constants.len;
        RK_TRY(PUSH(constants, *rk_dag_value(lo->dag, ref)));
    } else
        RK_TRY(lower_column(lo, f->list, ref, false, &input.column));
    RK_TRY(PUSH(inputs, input));
    return new_register(f, ref, f->kernel.n_inputs++);
}

static rk_status add_inputs(fusing *f, const rk_ref *body, uint32_t n)
{
    lowering *const lo = f->lo;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t operands = rk_dag_at(lo->dag, body[i])->n;
        for (uint32_t k = 0; k < operands; k++) {
            const rk_ref operand = rk_dag_operand(lo->dag, body[i], k);
            if (lo->inside[operand] != lo->walk)
                RK_TRY(add_input(f, operand));
        }
    }
    return RK_OK;
}

static rk_status add_instr(fusing *f, rk_ref ref)
{
    lowering *const lo = f->lo;
    const rk_node *const node = rk_dag_at(lo->dag, ref);
    rk_instr instr = {.op = node->op,
                      .aux = node->op == RK_OP_CALL ? node->aux : 0,
                      .first = lo->plan->operands.len,
                      .n = node->n,
                      .type = node->type};
    for (uint32_t i = 0; i < node->n; i++)
        RK_TRY(PUSH(operands, rk_intmap_find(&f->registers, rk_dag_operand(lo->dag, ref, i))));
    RK_TRY(PUSH(instrs, instr));
    RK_TRY(lower_note(lo, f->list, ref));
    return new_register(f, ref, f->kernel.n_inputs + f->kernel.n_instrs++);
}

static rk_status add_store(fusing *f, rk_ref ref)
{
    lowering *const lo = f->lo;
    rk_kernel_output store = {.reg = rk_intmap_find(&f->registers, ref)};
    RK_TRY(lower_add_column(lo, rk_dag_at(lo->dag, ref)->type, f->list, lo->names[ref],
                            &store.column));
    RK_TRY(PUSH(stores, store));
    f->kernel.n_stores++;
    return lower_remember(lo, f->list, ref, store.column);
}

static void begin(fusing *f)
{
    rk_plan *const plan = f->lo->plan;
    f->kernel = (rk_plan_kernel){.list = f->list,
                                 .first_input = plan->inputs.len,
                                 .first_instr = plan->instrs.len,
                                 .first_store = plan->stores.len};
}

static rk_status end(fusing *f)
{
    lowering *const lo = f->lo;
    const uint32_t index = lo->plan->kernels.len;
    RK_TRY(PUSH(kernels, f->kernel));
    rk_step step = lower_step(RK_STEP_KERNEL, f->list);
    step.index = index;
    return lower_add_step(lo, step);
}

/* Users of each node of the kernel that are in it. */
static rk_status count_users(fusing *f, const rk_ref *body, uint32_t n, rk_intmap *uses)
{
    lowering *const lo = f->lo;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t operands = rk_dag_at(lo->dag, body[i])->n;
        for (uint32_t k = 0; k < operands; k++) {
            uint32_t found;
            const rk_ref operand = rk_dag_operand(lo->dag, body[i], k);
            if (lo->inside[operand] != lo->walk)
                continue;
            if (rk_intmap_add(lo->arena, uses, operand, 1, &found))
                continue;
            if (found == RK_MAP_NONE)
                return RK_ENOMEM;
            uint32_t at = (uint32_t)rk_hash_int(operand) & (uses->cap - 1);
            while (uses->slots[at].key != (int64_t)operand)
                at = (at + 1) & (uses->cap - 1);
            uses->slots[at].value++;
        }
    }
    return RK_OK;
}

/* Columns of list 0 that the kernel reads and that no step has made: constants spread over it. */
static rk_status make_operands(lowering *lo, uint32_t list, const rk_ref *body, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t operands = rk_dag_at(lo->dag, body[i])->n;
        for (uint32_t k = 0; k < operands; k++) {
            const rk_ref operand = rk_dag_operand(lo->dag, body[i], k);
            uint32_t column;
            if (lo->inside[operand] != lo->walk && !rk_dag_is_const(lo->dag, operand))
                RK_TRY(lower_column(lo, list, operand, false, &column));
        }
    }
    return RK_OK;
}

static rk_status emit(lowering *lo, uint32_t list, const rk_ref *body, uint32_t n,
                      const rk_ref *roots, uint32_t n_roots)
{
    fusing f = {.lo = lo, .list = list};
    rk_intmap uses = {0};
    lo->walk++;
    for (uint32_t i = 0; i < n; i++)
        lo->inside[body[i]] = lo->walk;
    for (uint32_t i = 0; i < n_roots; i++)
        lo->stamp[roots[i]] = lo->walk;
    RK_TRY(count_users(&f, body, n, &uses));
    RK_TRY(make_operands(lo, list, body, n));
    begin(&f);
    RK_TRY(add_inputs(&f, body, n));
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(add_instr(&f, body[i]));
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t inside = rk_intmap_find(&uses, body[i]);
        const uint32_t within = inside == RK_MAP_NONE ? 0 : inside;
        if (lo->users[body[i]] > within || lo->stamp[body[i]] == lo->walk)
            RK_TRY(add_store(&f, body[i]));
    }
    return end(&f);
}

rk_status lower_kernel(lowering *lo, uint32_t list, const rk_refs *body, const rk_ref *roots,
                       uint32_t n_roots)
{
    rk_refs left = {0}; /* leaves may have worked some of them out meanwhile */
    for (uint32_t i = 0; i < body->len; i++)
        if (lower_known(lo, list, body->items[i]) == RK_MAP_NONE &&
            !rk_vec_push(lo->arena, &left, body->items[i]))
            return RK_ENOMEM;
    for (uint32_t at = 0; at < left.len; at += KERNEL_INSTRS_MAX) {
        const uint32_t rest = left.len - at;
        RK_TRY(emit(lo, list, left.items + at, rest < KERNEL_INSTRS_MAX ? rest : KERNEL_INSTRS_MAX,
                    roots, n_roots));
    }
    return RK_OK;
}

rk_status lower_broadcast(lowering *lo, uint32_t list, rk_ref ref, uint32_t *out)
{
    fusing f = {.lo = lo, .list = list};
    begin(&f);
    rk_kernel_input input = {.column = RK_PLAN_NONE, .constant = RK_PLAN_NONE};
    if (rk_dag_is_const(lo->dag, ref)) {
        input.constant = lo->plan->constants.len;
        RK_TRY(PUSH(constants, *rk_dag_value(lo->dag, ref)));
    } else {
        input.column = lower_known(lo, 0, ref);
        if (input.column == RK_MAP_NONE)
            return RK_EBUG;
    }
    RK_TRY(PUSH(inputs, input));
    f.kernel.n_inputs = 1;
    RK_TRY(new_register(&f, ref, 0));
    RK_TRY(add_store(&f, ref));
    *out = lower_known(lo, list, ref);
    return end(&f);
}
