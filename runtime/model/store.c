#include "runtime/model/store.h"

#include "runtime/base/input.h"

void rk_models_free(rk_models *models)
{
    rk_arena_free(&models->arena);
    *models = (rk_models){0};
}

static const rk_stored *find_path(const rk_models *models, const rk_model_spec *spec)
{
    for (uint32_t i = models->items.len; i-- > 0;) /* the newest */
        if (rk_model_options_eq(&models->items.items[i].options, &spec->options) &&
            rk_str_eq(models->items.items[i].path, spec->path))
            return &models->items.items[i];
    return NULL;
}

static const rk_stored *find_bytes(const rk_models *models, uint64_t digest,
                                   const rk_model_options *options)
{
    for (uint32_t i = 0; i < models->items.len; i++)
        if (models->items.items[i].digest == digest && !models->items.items[i].model->n_beside &&
            rk_model_options_eq(&models->items.items[i].options, options))
            return &models->items.items[i];
    return NULL;
}

/* Reads the bytes unless they are known under another name. */
static rk_status read(rk_models *models, const rk_model_spec *spec, rk_diags *diags, rk_stored *out)
{
    *out = (rk_stored){.digest = rk_str_hash(*spec->bytes), .options = spec->options};
    const rk_stored *const same = find_bytes(models, out->digest, &out->options);
    out->path =
        (rk_str){rk_arena_copy(&models->arena, spec->path.data, spec->path.len), spec->path.len};
    if (!out->path.data)
        return RK_ENOMEM;
    if (same)
        out->model = same->model;
    else
        RK_TRY(rk_model_load(spec, &models->arena, diags, &out->model));
    out->digest ^= out->model->beside_digest;
    return rk_vec_push(&models->arena, &models->items, *out) ? RK_OK : RK_ENOMEM;
}

rk_status rk_models_get(rk_models *models, const rk_model_spec *spec, rk_diags *diags,
                        rk_stored *out)
{
    const rk_stored *const known = models->settled ? find_path(models, spec) : NULL;
    if (known) {
        *out = *known;
        return RK_OK;
    }
    if (spec->bytes)
        return read(models, spec, diags, out);
    rk_mapping mapping;
    RK_TRY(rk_input_map_plain(diags, &models->arena, spec->path, spec->span, &mapping));
    rk_model_spec mapped = *spec;
    mapped.bytes = &mapping.text;
    const rk_status status = read(models, &mapped, diags, out);
    rk_file_unmap(&mapping);
    return status;
}

rk_status rk_models_evaluator(rk_models *models, const rk_model *model, rk_cpu_level cpu,
                              const rk_evaluator **out)
{
    *out = NULL;
    if (model->shape != RK_MODEL_FOREST)
        return RK_OK;
    for (uint32_t i = 0; i < models->evaluators.len; i++) {
        const rk_stored_evaluator *const known = &models->evaluators.items[i];
        *out = known->evaluator;
        if (known->model == model && known->cpu == cpu)
            return RK_OK;
    }
    const rk_evaluator_options options = {.cpu = cpu};
    rk_stored_evaluator made = {.model = model, .cpu = cpu};
    RK_TRY(rk_evaluator_new(model->as.forest, model->n_inputs, &options, &models->arena,
                            &made.evaluator));
    *out = made.evaluator;
    return rk_vec_push(&models->arena, &models->evaluators, made) ? RK_OK : RK_ENOMEM;
}

static const rk_inference *find_inference(const rk_models *models,
                                          const rk_stored_inference *wanted)
{
    const size_t n = wanted->model->n_inputs * sizeof *wanted->once;
    for (uint32_t i = 0; i < models->inferences.len; i++) {
        const rk_stored_inference *const known = &models->inferences.items[i];
        if (known->model == wanted->model && known->cpu == wanted->cpu &&
            known->fast == wanted->fast && memcmp(known->once, wanted->once, n) == 0)
            return known->inference;
    }
    return NULL;
}

rk_status rk_models_inference(rk_models *models, const rk_stored_inference *wanted,
                              const rk_inference **out)
{
    const uint32_t n = wanted->model->n_inputs;
    *out = find_inference(models, wanted);
    if (*out)
        return RK_OK;
    rk_stored_inference made = *wanted;
    bool *const once = RK_NEW_ARRAY(&models->arena, bool, n + 1u);
    if (!once)
        return RK_ENOMEM;
    memcpy(once, wanted->once, n * sizeof *once);
    made.once = once;
    rk_buf why = {0};
    const rk_inference_options options = {
        .cpu = made.cpu, .once = once, .sgemm = made.fast ? rk_blas_open(&why) : NULL};
    rk_buf_free(&why);
    if (made.fast && !options.sgemm)
        return RK_EFILE;
    RK_TRY(rk_inference_new(made.model->as.network, n, &options, &models->arena, &made.inference));
    *out = made.inference;
    return rk_vec_push(&models->arena, &models->inferences, made) ? RK_OK : RK_ENOMEM;
}
