/* Making an engine: the plan verified, its sources loaded, its kernels ready. */
#include "runtime/exec/probe.h"

#include "runtime/base/pool.h"

static rk_status verify(const rk_plan *plan, rk_diags *diags)
{
    rk_buf fault = {0};
    const rk_status status = rk_plan_verify(plan, &fault);
    if (status == RK_EBUG)
        rk_error(diags, RK_E0532, RK_NO_SPAN, "the compiled program is faulty: %.*s",
                 RK_STR_ARG(rk_buf_str(&fault)));
    rk_buf_free(&fault);
    return status;
}

static rk_status load_source(rk_engine *engine, uint32_t index, const rk_engine_options *options,
                             rk_diags *diags)
{
    const rk_plan_source *const source = &engine->plan->sources.items[index];
    const rk_source_ops *const ops = rk_source_find(source->kind);
    if (!ops)
        return RK_EBUG;
    const rk_load load = {&engine->arena, &engine->strings, diags, options->stop};
    const rk_source_spec spec = {
        .name = source->name,
        .span = source->span,
        .path = source->path,
        .bytes = rk_files_find(options->files, source->path),
        .wanted = &source->wanted,
        .keys = source->keys,
        .key_types = source->key_types,
        .n_keys = source->n_keys,
        .sep = source->sep,
        .ids = source->ids,
        .ids_bytes = rk_files_find(options->files, source->ids),
        .max_bad_rows = options->max_bad_rows,
    };
    return rk_relation_load(&load, ops, &spec, &engine->relations[index]);
}

/* All sources are tried, so that all their faults are reported in one run. */
static rk_status load_sources(rk_engine *engine, const rk_engine_options *options, rk_diags *diags)
{
    rk_status status = RK_OK;
    engine->relations = RK_NEW_ARRAY(&engine->arena, rk_relation, engine->plan->sources.len);
    engine->borrows = options->relations != NULL;
    if (!engine->relations)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < engine->plan->sources.len; i++) {
        if (options->relations) {
            engine->relations[i] = options->relations[i];
            continue;
        }
        const rk_status one = load_source(engine, i, options, diags);
        status = status == RK_OK ? one : status;
    }
    return status;
}

static rk_models *models_of(rk_engine *engine, const rk_engine_options *options)
{
    return options->models ? options->models : &engine->models;
}

/* A model that is fast needs one. */
static rk_status find_blas(const rk_plan_model *model, const rk_model *stored, rk_diags *diags)
{
    rk_buf why = {0};
    rk_status status = RK_OK;
    if (model->options.fast && stored->shape == RK_MODEL_NETWORK && !rk_blas_open(&why)) {
        rk_diag *const diag = rk_error(diags, RK_E0604, model->span, "there is no BLAS: %.*s",
                                       RK_STR_ARG(rk_buf_str(&why)));
        rk_diag_help(diags, diag, "without `fast: true` the model needs none");
        status = why.failed ? RK_ENOMEM : RK_EFILE;
    }
    rk_buf_free(&why);
    return status;
}

static rk_status load_model(rk_engine *engine, uint32_t index, const rk_engine_options *options,
                            rk_diags *diags, rk_scorer *out)
{
    const rk_plan_model *const model = &engine->plan->models.items[index];
    const rk_model_spec spec = {.path = model->path,
                                .span = model->span,
                                .bytes = rk_files_find(options->files, model->path),
                                .files = options->files,
                                .options = model->options};
    rk_stored stored;
    RK_TRY(rk_models_get(models_of(engine, options), &spec, diags, &stored));
    if (stored.digest != model->digest || rk_model_count_used(stored.model) != model->n_operands) {
        rk_diag *const diag = rk_error(diags, RK_E0542, model->span,
                                       "`%.*s` is not the file that the program was compiled with",
                                       RK_STR_ARG(model->path));
        rk_diag_help(diags, diag, "compile the program again");
        return RK_EDATA;
    }
    RK_TRY(find_blas(model, stored.model, diags));
    return rk_scorer_init(out, &stored, &engine->strings, &engine->arena);
}

/* Which inputs of a step have one value for all its items. */
static rk_status find_once(rk_engine *engine, const rk_step *step, const bool **out)
{
    bool *const once = RK_NEW_ARRAY(&engine->arena, bool, step->n + 1u);
    *out = once;
    if (!once)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t column = engine->plan->operands.items[step->first + i];
        once[i] = step->list != 0 && engine->plan->columns.items[column].list == 0;
    }
    return RK_OK;
}

static rk_status ready_step(rk_engine *engine, uint32_t number, const rk_scorer *loaded,
                            const rk_engine_options *options)
{
    const rk_step *const step = &engine->plan->steps.items[number];
    const bool *once;
    if (step->kind != RK_STEP_MODEL)
        return RK_OK;
    RK_TRY(find_once(engine, step, &once));
    engine->scorers[number] = loaded[step->index];
    return rk_scorer_ready(&engine->scorers[number], models_of(engine, options), options->cpu,
                           once);
}

static rk_status load_models(rk_engine *engine, const rk_engine_options *options, rk_diags *diags)
{
    rk_status status = RK_OK;
    rk_scorer *const loaded =
        RK_NEW_ARRAY(&engine->arena, rk_scorer, engine->plan->models.len + 1u);
    engine->scorers = RK_NEW_ARRAY(&engine->arena, rk_scorer, engine->plan->steps.len + 1u);
    if (!loaded || !engine->scorers)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < engine->plan->models.len; i++) {
        const rk_status one = load_model(engine, i, options, diags, &loaded[i]);
        status = status == RK_OK ? one : status;
    }
    for (uint32_t i = 0; status == RK_OK && i < engine->plan->steps.len; i++)
        status = ready_step(engine, i, loaded, options);
    return status;
}

/* A program repeats its constants: of equal scalars one is spread, and shared. */
static bool same_scalar(const void *owner, uint32_t value, const void *key)
{
    const rk_value *const a = &((const rk_plan *)owner)->constants.items[value], *const b = key;
    if (!rk_type_eq(a->type, b->type) || a->missing != b->missing)
        return false;
    return a->missing || memcmp(&a->as, &b->as, rk_type_size(a->type)) == 0;
}

static rk_status prepare_constants(rk_engine *engine)
{
    const rk_plan *const plan = engine->plan;
    rk_table seen = {0};
    for (uint32_t i = 0; i < plan->constants.len; i++) {
        const rk_value *const value = &plan->constants.items[i];
        const bool scalar = rk_kind_is_scalar(value->type.kind);
        uint64_t bits = value->type.kind;
        if (scalar && !value->missing)
            memcpy(&bits, &value->as, rk_type_size(value->type));
        const uint64_t hash = rk_hash_int(bits);
        const uint32_t twin =
            scalar ? rk_table_find(&seen, hash, same_scalar, plan, value) : RK_MAP_NONE;
        if (twin != RK_MAP_NONE) {
            engine->constants[i] = engine->constants[twin];
            continue;
        }
        RK_TRY(rk_constant_prepare(value, &engine->arena, &engine->constants[i]));
        if (scalar && !rk_table_add(&engine->arena, &seen, hash, i))
            return RK_ENOMEM;
    }
    return RK_OK;
}

static rk_status prepare(rk_engine *engine)
{
    const rk_plan *const plan = engine->plan;
    engine->constants = RK_NEW_ARRAY(&engine->arena, rk_reg, plan->constants.len);
    engine->kernels = RK_NEW_ARRAY(&engine->arena, rk_ready_kernel, plan->kernels.len);
    if (!engine->constants || !engine->kernels)
        return RK_ENOMEM;
    RK_TRY(prepare_constants(engine));
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        rk_ready_kernel *const k = &engine->kernels[i];
        RK_TRY(rk_kernel_prepare(plan, i, engine->ops, NULL, &engine->arena, k));
        rk_room_add(&engine->room, k);
    }
    return RK_OK;
}

static rk_status make_swap(rk_engine *engine)
{
    rk_swap *const swap = RK_NEW(&engine->arena, rk_swap);
    if (!swap)
        return RK_ENOMEM;
    RK_TRY(rk_swap_init(swap));
    engine->swap = swap;
    return RK_OK;
}

static void count_items(rk_engine *engine)
{
    for (uint32_t i = 0; i < engine->plan->steps.len; i++) {
        const rk_step *const step = &engine->plan->steps.items[i];
        engine->n_sent += step->kind == RK_STEP_CANDIDATES;
        if (step->kind == RK_STEP_SCAN)
            engine->n_scanned += engine->relations[step->index].n_rows;
    }
}

static rk_status fill(rk_engine *engine, const rk_engine_options *options, rk_diags *diags)
{
    RK_TRY(make_swap(engine));
    RK_TRY(verify(engine->plan, diags));
    if (!rk_cpu_has(options->cpu))
        return RK_EUSAGE;
    engine->cpu = options->cpu;
    engine->ops = rk_ops_get(options->cpu);
    engine->math = rk_vmath_get(options->cpu);
    RK_TRY(rk_atoms_init(&engine->strings, &engine->arena, engine->plan->strings));
    RK_TRY(load_sources(engine, options, diags));
    RK_TRY(load_models(engine, options, diags));
    RK_TRY(prepare(engine));
    count_items(engine);
    RK_TRY(
        rk_schedule_make(engine->plan, engine->kernels, NULL, &engine->arena, &engine->schedule));
    return options->no_indexes ? RK_OK : rk_engine_load_indexes(engine, options, diags);
}

/* The pool is held by engines whose requests may use it. */
static void choose_threads(rk_engine *engine, const rk_engine_options *options)
{
    engine->chunk = options->chunk;
    engine->stop = options->stop;
    engine->threads = 1;
    if (options->threads <= 1)
        return;
    const uint32_t most = rk_pool_hold();
    engine->threads = options->threads < most ? options->threads : most;
}

rk_status rk_engine_new(const rk_plan *plan, const rk_engine_options *options, rk_diags *diags,
                        rk_engine **out)
{
    rk_arena arena = {0};
    *out = RK_NEW(&arena, rk_engine);
    if (!*out)
        return RK_ENOMEM;
    (*out)->plan = plan;
    (*out)->arena = arena; /* it holds the engine itself */
    choose_threads(*out, options);
    return fill(*out, options, diags);
}

void rk_engine_free(rk_engine *engine)
{
    if (!engine)
        return;
    if (engine->swap)
        rk_swap_free(engine->swap);
    if (engine->threads > 1)
        rk_pool_release();
    for (uint32_t i = 0; engine->relations && !engine->borrows && i < engine->plan->sources.len;
         i++)
        rk_relation_free(&engine->relations[i]);
    rk_models_free(&engine->models);
    rk_indexes_free(&engine->own_indexes);
    rk_arena arena = engine->arena;
    rk_arena_free(&arena);
}

/* ---- native code ---- */

rk_status rk_engine_use(rk_engine *engine, const rk_code *code)
{
    rk_native *native = NULL;
    if (code) {
        if (code->cpu > RK_CPU_V4 || !rk_cpu_has((rk_cpu_level)code->cpu))
            return RK_EUSAGE;
        rk_buf fault = {0};
        const rk_status sound = rk_code_verify(code, engine->plan, &fault);
        rk_buf_free(&fault);
        RK_TRY(sound);
        RK_TRY(rk_native_new(engine->plan, engine->ops, code, &native));
    }
    rk_swap_publish(engine->swap, native);
    return RK_OK;
}

uint32_t rk_engine_tier(const rk_engine *engine) { return atomic_load(&engine->swap->tier); }

const rk_relation *rk_engine_relation(const rk_engine *engine, uint32_t source)
{
    return &engine->relations[source];
}

uint32_t rk_engine_bad_rows(const rk_engine *engine, uint32_t source)
{
    return engine->relations && source < engine->plan->sources.len
               ? engine->relations[source].bad_rows
               : 0;
}
