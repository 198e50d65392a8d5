/* What ran in native code, what as calls between, what in the interpreter alone. */
#include <stdio.h>

#include "tests/conform/conform.h"

void coverage_init(coverage *c, rk_arena *arena)
{
    *c = (coverage){0};
    c->functions = NEW_ARRAY(arena, uint32_t, rk_fn_count() * PLACES);
    c->folds = NEW_ARRAY(arena, uint32_t, rk_fold_count() * PLACES);
    memset(c->functions, 0, rk_fn_count() * PLACES * sizeof *c->functions);
    memset(c->folds, 0, rk_fold_count() * PLACES * sizeof *c->folds);
}

static rk_type register_type(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg)
{
    if (reg >= kernel->n_inputs)
        return plan->instrs.items[kernel->first_instr + reg - kernel->n_inputs].type;
    const rk_kernel_input *const input = &plan->inputs.items[kernel->first_input + reg];
    return input->column == RK_PLAN_NONE ? plan->constants.items[input->constant].type
                                         : plan->columns.items[input->column].type;
}

static place place_of(const rk_code *code, uint32_t kernel, uint32_t instr)
{
    if (!code || code->kernels[kernel].n_parts == 0)
        return PLACE_INTERP;
    const rk_code_kernel *const k = &code->kernels[kernel];
    for (uint32_t i = 0; i < k->n_parts; i++)
        if (code->parts[k->first_part + i].entry == RK_PLAN_NONE &&
            code->parts[k->first_part + i].instr == instr)
            return PLACE_BLOCK;
    return PLACE_NATIVE;
}

static void add_instr(coverage *c, const rk_plan *plan, const rk_plan_kernel *kernel,
                      const rk_instr *instr, place place)
{
    if (instr->op == RK_CORE_CALL) {
        c->functions[instr->aux * PLACES + place]++;
        return;
    }
    /* Of `if` the branches, else the first operand. */
    const uint32_t which = instr->op == RK_CORE_IF ? 1 : 0;
    const rk_type type =
        instr->n > which ? register_type(plan, kernel, plan->operands.items[instr->first + which])
                         : instr->type;
    c->core[instr->op][type.kind][place]++;
}

static bool is_swept(const rk_code *code, uint32_t step)
{
    for (uint32_t i = 0; code && i < code->n_steps; i++)
        if (code->steps[i] == step)
            return true;
    return false;
}

static bool is_filtered(const rk_code *code, uint32_t step)
{
    for (uint32_t i = 0; code && i < code->n_filters; i++)
        if (code->filters[i].step == step)
            return true;
    return false;
}

static void add_step(coverage *c, const rk_plan *plan, const rk_code *code, uint32_t i)
{
    const rk_step *const step = &plan->steps.items[i];
    if (step->kind == RK_STEP_FOLD)
        c->folds[plan->folds.items[step->index].fn * PLACES +
                 (is_swept(code, i) ? PLACE_NATIVE : PLACE_INTERP)]++;
    else if (step->kind == RK_STEP_SELECT && step->a != RK_PLAN_NONE && step->n == 0)
        c->filters[is_filtered(code, i) ? PLACE_NATIVE : PLACE_INTERP]++;
}

void coverage_add(coverage *c, const rk_plan *plan, const rk_code *code)
{
    for (uint32_t k = 0; k < plan->kernels.len; k++) {
        const rk_plan_kernel *const kernel = &plan->kernels.items[k];
        for (uint32_t i = 0; i < kernel->n_instrs; i++)
            add_instr(c, plan, kernel, &plan->instrs.items[kernel->first_instr + i],
                      place_of(code, k, i));
    }
    for (uint32_t i = 0; i < plan->steps.len; i++)
        add_step(c, plan, code, i);
}

bool coverage_has(const coverage *c, uint32_t row)
{
    for (unsigned p = 0; p < PLACES; p++)
        if (c->functions[row * PLACES + p])
            return true;
    return false;
}

/* ---- the list ---- */

static const char *verdict(const uint32_t *counts)
{
    if (counts[PLACE_NATIVE] == 0)
        return counts[PLACE_BLOCK] ? "call" : counts[PLACE_INTERP] ? "interpreter" : "no call";
    return counts[PLACE_BLOCK] || counts[PLACE_INTERP] ? "native, call" : "native";
}

static void print_line(const uint32_t *counts, const char *name, const char *more)
{
    printf("%-13s %6u %6u %6u  %s%s\n", verdict(counts), counts[PLACE_NATIVE], counts[PLACE_BLOCK],
           counts[PLACE_INTERP], name, more);
}

void coverage_print(const coverage *c)
{
    char name[64];
    printf("%-13s %6s %6s %6s\n", "", "native", "call", "interp");
    for (uint32_t i = 0; i < rk_fn_count(); i++)
        print_line(c->functions + i * PLACES, rk_fn_at(i)->name, rk_fn_at(i)->sig);
    for (unsigned op = 0; op < RK_CORE_COUNT; op++)
        for (unsigned kind = 0; kind < RK_KIND_COUNT; kind++) {
            const uint32_t *const counts = c->core[op][kind];
            snprintf(name, sizeof name, " of %s", rk_kind_text((uint8_t)kind));
            if (counts[PLACE_NATIVE] + counts[PLACE_BLOCK] + counts[PLACE_INTERP])
                print_line(counts, rk_core_text((rk_core)op), name);
        }
    for (uint32_t i = 0; i < rk_fold_count(); i++)
        print_line(c->folds + i * PLACES, rk_fold_at(i)->name, " of a domain");
    print_line(c->filters, "stages with a key or condition", "");
}
