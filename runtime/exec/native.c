/* Making native code ready: mapped, and its kernels prepared beside the interpreter's. */
#include "runtime/exec/native.h"

#include <sys/mman.h>

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

void rk_room_add(rk_room *room, const rk_ready_kernel *kernel)
{
    room->frame = kernel->frame > room->frame ? kernel->frame : room->frame;
    room->n_regs = larger(room->n_regs, kernel->n_regs);
    room->n_args = larger(room->n_args, kernel->n_args);
    room->n_ports = larger(room->n_ports, kernel->n_ports);
}

rk_native_fn *rk_native_at(const rk_native *native, uint32_t entry)
{
    const uint8_t *const at = native->code.text + entry;
    rk_native_fn *fn;
    memcpy(&fn, &at, sizeof fn); /* from data to function: POSIX allows it */
    return fn;
}

/* Written first, then only read and run. */
static rk_status map_text(rk_native *native, const rk_code *code)
{
    if (!code->text_size)
        return RK_OK;
    void *const text =
        mmap(NULL, code->text_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (text == MAP_FAILED)
        return RK_ENOMEM;
    memcpy(text, code->text, code->text_size);
    native->code.text = text;
    native->mapped = code->text_size;
    return mprotect(text, code->text_size, PROT_READ | PROT_EXEC) == 0 ? RK_OK : RK_EFILE;
}

static rk_status copy(rk_arena *arena, const void **table, uint32_t n, size_t size)
{
    void *const to = rk_arena_array(arena, n, size);
    if (!to)
        return RK_ENOMEM;
    if (n)
        memcpy(to, *table, n * size);
    *table = to;
    return RK_OK;
}
#define COPY(field, n) copy(arena, (const void **)&code->field, code->n, sizeof *code->field)

static rk_status copy_tables(rk_native *native)
{
    rk_code *const code = &native->code;
    rk_arena *const arena = &native->arena;
    RK_TRY(COPY(kernels, n_kernels));
    RK_TRY(COPY(parts, n_parts));
    RK_TRY(COPY(ports, n_ports));
    RK_TRY(COPY(filters, n_filters));
    RK_TRY(COPY(sweeps, n_sweeps));
    return COPY(steps, n_steps);
}

static rk_status prepare_kernels(rk_native *native, const rk_plan *plan, const rk_ops *ops)
{
    const rk_kernel_code code = {&native->code, native->code.text};
    native->kernels = RK_NEW_ARRAY(&native->arena, rk_ready_kernel, plan->kernels.len);
    if (!native->kernels)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        rk_ready_kernel *const k = &native->kernels[i];
        RK_TRY(rk_kernel_prepare(plan, i, ops, &code, &native->arena, k));
        rk_room_add(&native->room, k);
    }
    return RK_OK;
}

static rk_status list_sweeps(rk_native *native, const rk_plan *plan)
{
    uint32_t *const of = RK_NEW_ARRAY(&native->arena, uint32_t, plan->steps.len);
    if (!of)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        of[i] = RK_PLAN_NONE;
    for (uint32_t i = 0; i < native->code.n_sweeps; i++) {
        const rk_code_sweep *const sweep = &native->code.sweeps[i];
        native->room.n_ports = larger(native->room.n_ports, sweep->n_ports);
        for (uint32_t k = 0; k < sweep->n_steps; k++)
            of[native->code.steps[sweep->first_step + k]] = i;
    }
    native->sweep_of = of;
    return RK_OK;
}

static void list_math(rk_native *native)
{
    const rk_vmath *const math = rk_vmath_get((rk_cpu_level)native->code.cpu);
#define ADDRESS(name)                                                                              \
    native->math[RK_MATH_##name##_f32] = math->name.reg_f32;                                       \
    native->math[RK_MATH_##name##_f64] = math->name.reg_f64;
    RK_VMATH_EACH1(ADDRESS)
    RK_VMATH_EACH2(ADDRESS)
#undef ADDRESS
}

static rk_status fill(rk_native *native, const rk_plan *plan, const rk_ops *ops,
                      const rk_code *code)
{
    native->code = *code;
    RK_TRY(map_text(native, code));
    RK_TRY(copy_tables(native));
    RK_TRY(prepare_kernels(native, plan, ops));
    RK_TRY(list_sweeps(native, plan));
    list_math(native);
    return rk_schedule_make(plan, native->kernels, native->sweep_of, &native->arena,
                            &native->schedule);
}

rk_status rk_native_new(const rk_plan *plan, const rk_ops *ops, const rk_code *code,
                        rk_native **out)
{
    rk_arena arena = {0};
    rk_native *const native = RK_NEW(&arena, rk_native);
    *out = NULL;
    if (!native)
        return RK_ENOMEM;
    native->arena = arena; /* it holds the struct itself */
    const rk_status status = fill(native, plan, ops, code);
    if (status == RK_OK)
        *out = native;
    else
        rk_native_free(native);
    return status;
}

void rk_native_free(rk_native *native)
{
    if (!native)
        return;
    if (native->mapped)
        munmap((void *)native->code.text, native->mapped);
    rk_arena arena = native->arena;
    rk_arena_free(&arena);
}
