/* One operation on single values, for constant folding: the instruction that runs requests, over a
 * block of one item at the scalar level, which gives the same bits as the others. */
#include "runtime/exec/engine.h"
#include "runtime/exec/fpu.h"

typedef struct folding {
    rk_arena arena; /* of this call alone */
    rk_arena *results;
    rk_children children;
    rk_reg *regs; /* operands, then the result */
    uint32_t *numbers;
    rk_type *types;
    uint64_t present[2];
} folding;

static rk_status prepare(folding *f, rk_type type, const rk_value *operands, uint32_t n)
{
    f->regs = RK_NEW_ARRAY(&f->arena, rk_reg, (size_t)n + 1);
    f->numbers = RK_NEW_ARRAY(&f->arena, uint32_t, n);
    f->types = RK_NEW_ARRAY(&f->arena, rk_type, n);
    if (!f->regs || !f->numbers || !f->types)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        f->numbers[i] = i;
        f->types[i] = operands[i].type;
        RK_TRY(rk_constant_prepare(&operands[i], &f->arena, &f->regs[i]));
    }
    f->children = (rk_children){.arena = f->results, .elem = type.elem};
    f->regs[n] = (rk_reg){.step = 1};
    f->regs[n].data = rk_arena_alloc_column(&f->arena, RK_FN_BLOCK, rk_type_size(type));
    if (!f->regs[n].data)
        return RK_ENOMEM;
    memset(f->regs[n].data, 0, RK_FN_BLOCK * rk_type_size(type));
    if (rk_slot_masked(type))
        f->regs[n].present = f->present;
    if (type.kind == RK_KIND_LIST)
        f->regs[n].children = &f->children;
    return RK_OK;
}

/* The result out of its register; a vector is copied to where results live. */
static rk_status take(folding *f, rk_type type, const rk_reg *reg, rk_value *out)
{
    const rk_column column = {
        .type = type,
        .n = 1,
        .data = reg->data,
        .present = reg->present,
        .child = f->children.data,
    };
    *out = rk_column_get(&column, 0);
    if (type.kind == RK_KIND_FLOAT && out->missing)
        out->as.f = rk_nan_float();
    if (type.kind == RK_KIND_DOUBLE && out->missing)
        out->as.d = rk_nan_double();
    if (type.kind != RK_KIND_VECTOR || out->missing)
        return RK_OK;
    out->as.list.items = rk_arena_copy(f->results, reg->data, rk_type_size(type));
    return out->as.list.items ? RK_OK : RK_ENOMEM;
}

static rk_status fold(folding *f, rk_ready *ready, const rk_value *operands, rk_atoms *strings,
                      rk_value *out)
{
    const rk_ops *const ops = rk_ops_get(RK_CPU_SCALAR);
    RK_TRY(prepare(f, ready->type, operands, ready->n));
    ready->regs = f->numbers;
    ready->types = f->types;
    ready->out = ready->n;
    RK_TRY(rk_ready_resolve(ready, ops));
    const rk_block block = {
        .regs = f->regs,
        .n = 1,
        .ops = ops,
        .math = rk_vmath_get(RK_CPU_SCALAR),
        .strings = strings,
        .scratch = &f->arena,
        .args = RK_NEW_ARRAY(&f->arena, rk_arg, ready->n),
    };
    if (!block.args)
        return RK_ENOMEM;
    RK_TRY(ready->run(&block, ready));
    return take(f, ready->type, &f->regs[ready->n], out);
}

rk_status rk_fold_constant(rk_core core, uint32_t fn, rk_type type, const rk_value *operands,
                           uint32_t n, rk_arena *arena, rk_atoms *strings, rk_value *out)
{
    const unsigned fpu = rk_fpu_enter();
    folding f = {.results = arena};
    rk_ready ready = {.core = core, .n = n, .type = type};
    if (core == RK_CORE_CALL)
        ready.fn = rk_fn_at(fn);
    const rk_status status = fold(&f, &ready, operands, strings, out);
    rk_arena_free(&f.arena);
    rk_fpu_leave(fpu);
    return status;
}
