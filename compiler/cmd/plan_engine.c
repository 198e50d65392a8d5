#include "compiler/cmd/plan_engine.h"

#include "compiler/driver/native.h"
#include "stdlib/fn.h"

/* ---- the code ---- */

static bool from_cache(plan_engine *engine, const rk_program_options *options, uint32_t tier)
{
    rk_code_key key;
    rk_cache cache = rk_cache_open(!options->no_cache);
    engine->is_cached = rk_code_key_of(engine->plan, options->engine.cpu, tier, &key) == RK_OK &&
                        rk_cache_find(&cache, &key, options->engine.cpu, tier, &engine->cached);
    rk_cache_close(&cache);
    if (engine->is_cached)
        engine->code = engine->cached.code;
    return engine->is_cached;
}

static rk_status make(plan_engine *engine, rk_cpu_level cpu, uint32_t tier)
{
    rk_emit_times times;
    const rk_emit_options options = {.cpu = cpu, .tier = tier, .verify = true};
    const rk_emitter *const emitter = rk_native_open(&engine->why);
    if (!emitter)
        return engine->why.failed ? RK_ENOMEM : RK_EFILE;
    return emitter->code(engine->plan, &options, &engine->arena, &engine->code, &times,
                         &engine->why);
}

/* Tables of tier 1 are quicker to make. */
static rk_status find_code(plan_engine *engine, const rk_program_options *options)
{
    const uint32_t tier = options->choice == RK_ENGINE_JIT2 ? 2 : 1;
    if (options->engine.cpu < RK_CPU_V3) {
        rk_buf_add_chars(&engine->why, "the CPU level in use is below x86-64-v3");
        return RK_EFILE;
    }
    if (from_cache(engine, options, tier) ||
        (options->choice == RK_ENGINE_AUTO && from_cache(engine, options, 2)))
        return RK_OK;
    return make(engine, options->engine.cpu, tier);
}

rk_status plan_engine_open(cmd *c, const rk_plan *plan, rk_diags *diags, plan_engine *out)
{
    rk_program_options options = cmd_engine(c);
    *out = (plan_engine){.plan = plan};
    if (c->in_case && !c->given[CMD_ENGINE])
        options.choice = RK_ENGINE_INTERP;
    out->interprets = options.choice == RK_ENGINE_INTERP;
    if (out->interprets)
        return RK_OK;
    const rk_status status = find_code(out, &options);
    out->has_code = status == RK_OK;
    out->is_later = out->has_code && !out->is_cached && options.choice == RK_ENGINE_AUTO;
    if (out->has_code || status == RK_ENOMEM || options.choice == RK_ENGINE_AUTO)
        return status == RK_ENOMEM ? status : RK_OK;
    rk_error(diags, RK_E0602, RK_NO_SPAN, "no native code: %.*s",
             RK_STR_ARG(rk_buf_str(&out->why)));
    return status;
}

void plan_engine_close(plan_engine *engine)
{
    if (engine->is_cached)
        rk_cached_close(&engine->cached);
    rk_arena_free(&engine->arena);
    rk_buf_free(&engine->why);
}

/* ---- in words ---- */

void plan_engine_describe(const plan_engine *engine, rk_buf *out)
{
    if (engine->has_code)
        rk_buf_printf(out, "native code for x86-64-%s%s",
                      rk_cpu_name((rk_cpu_level)engine->code.cpu),
                      engine->is_later ? ", once it pays to compile" : "");
    else if (!engine->interprets)
        rk_buf_printf(out, "interpreter: no native code, since %.*s",
                      RK_STR_ARG(rk_buf_str(&engine->why)));
}

static const char *name_of(const rk_instr *instr)
{
    return instr->op == RK_CORE_CALL ? rk_fn_at(instr->aux)->name : rk_core_text(instr->op);
}

/* Names of what the interpreter does between native parts, each once. */
static void add_interpreted(const plan_engine *engine, uint32_t kernel, rk_buf *out)
{
    enum { MOST = 6 };
    const rk_code *const code = &engine->code;
    const rk_code_kernel *const k = &code->kernels[kernel];
    const uint32_t first = engine->plan->kernels.items[kernel].first_instr;
    const char *seen[MOST];
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->n_parts; i++) {
        const rk_code_part *const part = &code->parts[k->first_part + i];
        if (part->entry != RK_PLAN_NONE)
            continue;
        const char *const name = name_of(&engine->plan->instrs.items[first + part->instr]);
        bool again = false;
        for (uint32_t j = 0; j < n; j++)
            again |= seen[j] == name;
        if (again)
            continue;
        if (n == MOST) {
            rk_buf_add_chars(out, ", …");
            return;
        }
        rk_buf_printf(out, "%s%s", n ? ", " : "", name);
        seen[n++] = name;
    }
}

static void describe_kernel(const plan_engine *engine, uint32_t kernel, rk_buf *out)
{
    const rk_code *const code = &engine->code;
    const rk_code_kernel *const k = &code->kernels[kernel];
    uint32_t native = 0;
    for (uint32_t i = 0; i < k->n_parts; i++)
        native += code->parts[k->first_part + i].entry != RK_PLAN_NONE;
    rk_buf_add_chars(out, native ? "native" : "interpreter");
    for (uint32_t i = 0; i < code->n_filters; i++)
        if (code->filters[i].kernel == kernel)
            rk_buf_printf(out, ", filters list %u",
                          engine->plan->steps.items[code->filters[i].step].out);
    if (native && native < k->n_parts)
        rk_buf_add_chars(out, ", interpreter for ");
    else if (!native && k->n_parts)
        rk_buf_add_chars(out, ": ");
    add_interpreted(engine, kernel, out);
}

static void describe_fold(const plan_engine *engine, uint32_t step, rk_buf *out)
{
    const rk_code *const code = &engine->code;
    for (uint32_t i = 0; i < code->n_sweeps; i++) {
        const rk_code_sweep *const sweep = &code->sweeps[i];
        for (uint32_t k = 0; k < sweep->n_steps; k++) {
            if (code->steps[sweep->first_step + k] != step)
                continue;
            rk_buf_add_chars(out, "native");
            if (sweep->n_steps > 1)
                rk_buf_printf(out, ", one sweep for %u", sweep->n_steps);
            return;
        }
    }
    rk_buf_add_chars(out, "interpreter: a fold without native form");
}

void plan_engine_describe_step(const plan_engine *engine, uint32_t i, rk_buf *out)
{
    const rk_step *const step = &engine->plan->steps.items[i];
    const bool works = step->kind == RK_STEP_KERNEL || step->kind == RK_STEP_FOLD;
    if (!works || !engine->has_code)
        rk_buf_add_chars(out, works ? "interpreter" : "runtime");
    else if (step->kind == RK_STEP_KERNEL)
        describe_kernel(engine, step->index, out);
    else
        describe_fold(engine, i, out);
}
