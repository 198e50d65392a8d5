/* What the code of a plan depends on, in one canonical line of bytes, and its hash. */
#include "config.h"
#include "runtime/plan/bytes.h"
#include "runtime/plan/code.h"
#include "runtime/plan/value_bytes.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

/* The code of a call, where there is some, is that of the function that this build knows by the
 * name and signature; its number may change from build to build. */
static void put_fn(rk_buf *out, uint32_t fn)
{
    rk_put_str(out, rk_str_from(rk_fn_at(fn)->name));
    rk_put_str(out, rk_str_from(rk_fn_at(fn)->sig));
}

static void put_instr(rk_buf *out, const rk_instr *instr)
{
    rk_put_str(out, rk_str_from(rk_core_text(instr->op)));
    rk_put_index(out, instr->op);
    if (instr->op == RK_CORE_CALL)
        put_fn(out, instr->aux);
    rk_put_index(out, instr->first);
    rk_put_index(out, instr->n);
    rk_put_type(out, instr->type);
}

static void put_kernels(rk_buf *out, const rk_plan *plan)
{
    rk_put_index(out, plan->kernels.len);
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        const rk_plan_kernel *const k = &plan->kernels.items[i];
        const uint32_t words[] = {k->list,     k->first_input, k->n_inputs, k->first_instr,
                                  k->n_instrs, k->first_store, k->n_stores};
        for (size_t w = 0; w < RK_ARRAY_LEN(words); w++)
            rk_put_index(out, words[w]);
    }
    rk_put_index(out, plan->inputs.len);
    for (uint32_t i = 0; i < plan->inputs.len; i++) {
        rk_put_index(out, plan->inputs.items[i].column);
        rk_put_index(out, plan->inputs.items[i].constant);
    }
    rk_put_index(out, plan->instrs.len);
    for (uint32_t i = 0; i < plan->instrs.len; i++)
        put_instr(out, &plan->instrs.items[i]);
    rk_put_index(out, plan->stores.len);
    for (uint32_t i = 0; i < plan->stores.len; i++) {
        rk_put_index(out, plan->stores.items[i].reg);
        rk_put_index(out, plan->stores.items[i].column);
    }
}

static void put_fold(rk_buf *out, const rk_plan_fold *fold)
{
    uint64_t param;
    memcpy(&param, &fold->param, sizeof param);
    rk_put_str(out, rk_str_from(rk_fold_at(fold->fn)->name));
    rk_put_index(out, fold->domain);
    rk_put_index(out, fold->value);
    rk_put_index(out, fold->by);
    rk_put_index(out, fold->where);
    rk_put_u64(out, param);
    rk_put_index(out, fold->out);
}

static void put_step(rk_buf *out, const rk_step *step)
{
    const uint32_t words[] = {step->kind,  step->list, step->out,   step->a,     step->b,
                              step->first, step->n,    step->guard, step->column};
    for (size_t w = 0; w < RK_ARRAY_LEN(words); w++)
        rk_put_index(out, words[w]);
    if (step->kind == RK_STEP_SELECT)
        rk_put_str(out, rk_str_from(rk_stages[step->index]->name));
    else
        rk_put_index(out, step->index);
}

/* Code holds the numbers of texts, and may hold what it found in the texts. */
static void put_constant(rk_buf *out, const rk_value *value, const rk_atoms *strings)
{
    const bool texts = value->type.kind == RK_KIND_LIST && value->type.elem == RK_KIND_STRING;
    rk_put_value(out, value);
    if (value->missing || (!texts && value->type.kind != RK_KIND_STRING))
        return;
    const rk_atom *const atoms = texts ? value->as.list.items : &value->as.s;
    const uint32_t n = texts ? value->as.list.len : 1;
    for (uint32_t i = 0; i < n; i++)
        rk_put_str(out, rk_atom_str(strings, atoms[i]));
}

/* Code says numbers of steps and columns, and leaves out a column that nobody else reads. */
static void put_rest(rk_buf *out, const rk_plan *plan)
{
    rk_put_index(out, plan->folds.len);
    for (uint32_t i = 0; i < plan->folds.len; i++)
        put_fold(out, &plan->folds.items[i]);
    rk_put_index(out, plan->operands.len);
    for (uint32_t i = 0; i < plan->operands.len; i++)
        rk_put_index(out, plan->operands.items[i]);
    rk_put_index(out, plan->steps.len);
    for (uint32_t i = 0; i < plan->steps.len; i++)
        put_step(out, &plan->steps.items[i]);
    rk_put_index(out, plan->columns.len);
    for (uint32_t i = 0; i < plan->columns.len; i++) {
        rk_put_type(out, plan->columns.items[i].type);
        rk_put_index(out, plan->columns.items[i].list);
    }
    rk_put_index(out, plan->shown.len);
    for (uint32_t i = 0; i < plan->shown.len; i++)
        rk_put_index(out, plan->shown.items[i].column);
    rk_put_index(out, plan->constants.len);
    for (uint32_t i = 0; i < plan->constants.len; i++)
        put_constant(out, &plan->constants.items[i], plan->strings);
}

rk_status rk_code_key_of(const rk_plan *plan, rk_cpu_level cpu, uint32_t tier, rk_code_key *out)
{
    rk_buf bytes = {0};
    rk_put_str(&bytes, RK_STR(PACKAGE_VERSION));
    rk_put_index(&bytes, RK_CODE_VERSION);
    rk_put_str(&bytes, rk_str_from(rk_cpu_name(cpu)));
    rk_put_index(&bytes, tier);
    put_kernels(&bytes, plan);
    put_rest(&bytes, plan);
    const rk_digest digest = rk_digest_of(rk_buf_str(&bytes));
    const bool failed = bytes.failed;
    rk_buf_free(&bytes);
    memcpy(out->bytes, digest.bytes, sizeof out->bytes);
    return failed ? RK_ENOMEM : RK_OK;
}
