/* Programs of rank.h from bundles. */
#include "runtime/exec/api.h"
#include "runtime/plan/bundle.h"

/* A bundle that a program keeps. */
typedef struct owned_bundle {
    rk_arena arena; /* of this struct and of messages */
    rk_diags diags;
    rk_bundle bundle;
} owned_bundle;

static void release(void *owner)
{
    owned_bundle *const owned = owner;
    rk_bundle_free(&owned->bundle);
    rk_arena arena = owned->arena;
    rk_arena_free(&arena);
}

static owned_bundle *owned_new(void)
{
    rk_arena arena = {0};
    owned_bundle *const owned = RK_NEW(&arena, owned_bundle);
    if (!owned)
        return NULL;
    owned->arena = arena;
    rk_diags_init(&owned->diags, &owned->arena);
    return owned;
}

/* ---- code ---- */

/* The code for the best level that the bundle has and the machine too; RK_EFILE: there is none. */
static rk_status find_code(const owned_bundle *owned, uint32_t pipeline, rk_code *out, rk_buf *why)
{
    rk_status status = RK_EFILE;
    for (int level = (int)rk_cpu_best(); level >= RK_CPU_V3 && status == RK_EFILE; level--) {
        rk_buf_free(why);
        status = rk_bundle_code(&owned->bundle, pipeline, (rk_cpu_level)level, out, why);
    }
    return status;
}

/* Gives the engine code; where there is none, or the system lets none be run, it interprets, unless
 * code was asked for. */
static rk_status use_code(owned_bundle *owned, uint32_t pipeline, rk_api_part *part,
                          rank_engine choice)
{
    rk_buf why = {0};
    rk_code code;
    if (choice == RANK_ENGINE_INTERP)
        return RK_OK;
    rk_status status = find_code(owned, pipeline, &code, &why);
    if (status == RK_OK) {
        status = rk_engine_use(part->engine, &code);
        if (status == RK_EFILE)
            rk_buf_add_chars(&why, "the system lets no code be run that was written to memory");
    }
    if (status == RK_EFILE && choice != RANK_ENGINE_AUTO)
        rk_error(&owned->diags, RK_E0602, RK_NO_SPAN, "`%.*s` has no native code for this machine",
                 RK_STR_ARG(owned->bundle.name));
    else if (status == RK_EFILE) {
        part->reason = rk_arena_copy(&owned->arena, why.data, why.len);
        status = part->reason ? RK_OK : RK_ENOMEM;
    }
    if (status == RK_EDATA || status == RK_EBUG) { /* the latter: it is not for the plan */
        rk_error(&owned->diags, RK_E0612, RK_NO_SPAN, "code in `%.*s` cannot be used: %.*s",
                 RK_STR_ARG(owned->bundle.name), RK_STR_ARG(rk_buf_str(&why)));
        status = RK_EFILE; /* as for the rest of a bundle */
    }
    rk_buf_free(&why);
    return status;
}

/* ---- pipelines ---- */

static rk_status add(rank_program *program, owned_bundle *owned, uint32_t pipeline,
                     const rank_options *options)
{
    const rk_plan *const plan = owned->bundle.pipelines.items[pipeline].plan;
    RK_TRY(rk_api_add(program, plan, options, &owned->bundle.files, &owned->diags));
    return use_code(owned, pipeline, &program->parts.items[program->parts.len - 1],
                    options->engine);
}

static rk_status add_named(rank_program *program, owned_bundle *owned, const rank_options *options)
{
    const rk_str name = rk_str_from(options->pipeline);
    const uint32_t pipeline = rk_bundle_find(&owned->bundle, name);
    if (pipeline != RK_PLAN_NONE)
        return add(program, owned, pipeline, options);
    rk_suggestion near = rk_suggest(name);
    for (uint32_t i = 0; i < owned->bundle.pipelines.len; i++)
        rk_suggest_offer(&near, owned->bundle.pipelines.items[i].name);
    rk_diag *const diag = rk_error(&owned->diags, RK_E0301, RK_NO_SPAN,
                                   "the program has no pipeline `%.*s`", RK_STR_ARG(name));
    if (near.best.len)
        rk_diag_help(&owned->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(near.best));
    return RK_EUSAGE;
}

static rk_status add_all(rank_program *program, owned_bundle *owned, const rank_options *options)
{
    for (uint32_t i = 0; i < owned->bundle.pipelines.len; i++)
        RK_TRY(add(program, owned, i, options));
    return RK_OK;
}

/* Revision and shown factors were chosen when the bundle was made. */
static rk_status check_options(owned_bundle *owned, const rank_options *options)
{
    const char *what = NULL;
    if (options->revision || options->n_show)
        what = "the revision and what is shown are chosen when a bundle is compiled";
    if (options->engine > RANK_ENGINE_JIT2)
        what = "options.engine is no engine";
    if (!what)
        return RK_OK;
    rk_error(&owned->diags, RK_E0602, RK_NO_SPAN, "%s", what);
    return RK_EUSAGE;
}

static rk_status add_pipelines(rank_program *program, owned_bundle *owned,
                               const rank_options *options)
{
    RK_TRY(check_options(owned, options));
    return options->pipeline ? add_named(program, owned, options)
                             : add_all(program, owned, options);
}

/* ---- opening ---- */

/* A file, or bytes. */
typedef struct reading {
    const char *path;
    rk_str bytes;
} reading;

static rk_status read_bundle(owned_bundle *owned, const reading *reading)
{
    if (reading->path)
        return rk_bundle_open(&owned->bundle, reading->path, &owned->diags);
    return rk_bundle_read(&owned->bundle, RK_STR("bundle"), reading->bytes, &owned->diags);
}

static rank_status open_reading(const reading *reading, const rank_options *options,
                                rank_program **out)
{
    static const rank_options plain = {0};
    owned_bundle *const owned = owned_new();
    if (!owned || rk_api_new(owned, release, out) != RK_OK)
        return RANK_ENOMEM;
    rk_status status = read_bundle(owned, reading);
    if (status == RK_OK)
        status = add_pipelines(*out, owned, options ? options : &plain);
    return rk_api_finish(*out, status, &owned->diags, &owned->bundle.texts);
}

rank_status rank_open(const char *path, const rank_options *options, rank_program **out)
{
    if (!out)
        return RANK_EUSAGE;
    *out = NULL;
    return path ? open_reading(&(reading){.path = path}, options, out) : RANK_EUSAGE;
}

rank_status rank_open_bytes(const void *bytes, size_t n, const rank_options *options,
                            rank_program **out)
{
    if (!out)
        return RANK_EUSAGE;
    *out = NULL;
    if (!bytes || (uintptr_t)bytes % 8)
        return RANK_EUSAGE;
    return open_reading(&(reading){.bytes = {bytes, n}}, options, out);
}
