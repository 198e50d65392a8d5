/* Programs of runtime/rank.h from source: compiled, and handed to librank. */
#include "runtime/exec/api.h"
#include "compiler/rank_source.h"
#include "compiler/rankc.h"

/* A compilation that a program keeps: its plans live there. */
typedef struct source {
    rk_arena arena; /* of this struct */
    rk_compiled compiled;
} source;

static void release(void *owner)
{
    source *const s = owner;
    rk_compiled_free(&s->compiled);
    rk_arena arena = s->arena;
    rk_arena_free(&arena);
}

static source *source_new(void)
{
    rk_arena arena = {0};
    source *const s = RK_NEW(&arena, source);
    if (s)
        s->arena = arena;
    return s;
}

/* ---- what is compiled ---- */

/* What was asked for, as numbers of the module, and its plans. All plans are made before the first
 * engine: the table of strings must not grow under an engine. */
typedef struct wanted {
    const rank_options *options;
    const uint32_t *shown;
    uint32_t revision; /* RK_MAP_NONE: everything */
    RK_VEC(rk_plan *) plans;
} wanted;

static rk_status no_pipeline(rk_compiled *c, rk_str name)
{
    const rk_module *const module = c->module;
    rk_suggestion near = rk_suggest(name);
    for (uint32_t i = 0; i < module->pipelines.len; i++)
        rk_suggest_offer(&near, rk_atom_str(&c->cx.names, module->pipelines.items[i].name));
    rk_diag *const diag = rk_error(&c->cx.diags, RK_E0301, RK_NO_SPAN,
                                   "the program has no pipeline `%.*s`", RK_STR_ARG(name));
    if (near.best.len)
        rk_diag_help(&c->cx.diags, diag, "did you mean `%.*s`?", RK_STR_ARG(near.best));
    return RK_EUSAGE;
}

static bool is_member(const rk_module *module, const wanted *w, uint32_t pipeline)
{
    return w->revision == RK_MAP_NONE || module->revisions.items[w->revision].pipelines[pipeline];
}

_Static_assert((int)RANK_ENGINE_AUTO == RK_ENGINE_AUTO &&
                   (int)RANK_ENGINE_INTERP == RK_ENGINE_INTERP &&
                   (int)RANK_ENGINE_JIT1 == RK_ENGINE_JIT1 &&
                   (int)RANK_ENGINE_JIT2 == RK_ENGINE_JIT2,
               "one numbering of engines");

static void count(void *tiers, const rk_reply *reply) { rk_program_count(tiers, reply); }

static const char *reason(const void *tiers) { return rk_program_reason(tiers); }

static void end_tiers(void *tiers) { rk_program_free(tiers); }

/* Native code for an engine, now or when it pays. */
static rk_status add_tiers(rk_api_part *part, const rank_options *options, rk_diags *diags)
{
    const rk_program_options how = {
        .engine = {.cpu = rk_cpu_best(), .threads = options->threads},
        .choice = (rk_engine_choice)options->engine,
        .no_cache = options->no_cache,
    };
    rk_program *tiers;
    const rk_status status = rk_program_over(part->plan, part->engine, &how, diags, &tiers);
    part->tiers = tiers;
    part->ran = count;
    part->gone = end_tiers;
    part->why = tiers ? reason : NULL;
    return status;
}

static rk_status add_engine(rank_program *program, rk_compiled *c, const wanted *w,
                            const rk_plan *plan)
{
    RK_TRY(rk_api_add(program, plan, w->options, NULL, &c->cx.diags));
    return add_tiers(&program->parts.items[program->parts.len - 1], w->options, &c->cx.diags);
}

static rk_status plan_pipeline(rk_compiled *c, wanted *w, uint32_t pipeline)
{
    const rk_plan_request request = {
        .pipeline = pipeline,
        .shown = w->shown,
        .n_shown = (uint32_t)w->options->n_show,
    };
    rk_plan *plan;
    RK_TRY(rk_compile_plan(c, &request, &plan));
    return rk_vec_push(&c->cx.arena, &w->plans, plan) ? RK_OK : RK_ENOMEM;
}

static rk_status plan_named(rk_compiled *c, wanted *w)
{
    const rk_str name = rk_str_from(w->options->pipeline);
    const uint32_t pipeline = rk_module_pipeline(c->module, name);
    if (pipeline == RK_MAP_NONE)
        return no_pipeline(c, name);
    if (is_member(c->module, w, pipeline))
        return plan_pipeline(c, w, pipeline);
    rk_error(&c->cx.diags, RK_E0312, c->module->pipelines.items[pipeline].span,
             "pipeline `%.*s` is not in revision `%s`", RK_STR_ARG(name), w->options->revision);
    return RK_EPROGRAM;
}

/* All pipelines of the revision; without one, the candidates as they come. */
static rk_status plan_all(rk_compiled *c, wanted *w)
{
    for (uint32_t i = 0; i < c->module->pipelines.len; i++)
        if (is_member(c->module, w, i))
            RK_TRY(plan_pipeline(c, w, i));
    return w->plans.len ? RK_OK : plan_pipeline(c, w, RK_MAP_NONE);
}

/* ---- compiling ---- */

/* Between reading and checking; *names are those of what is shown. */
static rk_status adjust(rk_compiled *c, const rank_options *options, rk_str **names)
{
    const rk_str revision = rk_str_from(options->revision);
    if (options->revision)
        RK_TRY(rk_compile_revision(c, revision));
    *names = RK_NEW_ARRAY(&c->cx.arena, rk_str, options->n_show);
    if (!*names)
        return RK_ENOMEM;
    for (size_t i = 0; i < options->n_show; i++)
        RK_TRY(rk_compile_show(c, RK_STR("--show"), rk_str_from(options->show[i]), revision,
                               &(*names)[i]));
    return RK_OK;
}

static rk_status find_shown(rk_compiled *c, const wanted *w, const rk_str *names, uint32_t *out)
{
    for (size_t i = 0; i < w->options->n_show; i++) {
        out[i] = rk_module_factor(c->module, names[i]);
        if (out[i] == RK_MAP_NONE)
            return RK_EBUG;
        if (w->revision == RK_MAP_NONE || c->module->revisions.items[w->revision].factors[out[i]])
            continue;
        rk_error(&c->cx.diags, RK_E0312, c->module->factors.items[out[i]].span,
                 "factor `%.*s` is not in revision `%s`", RK_STR_ARG(names[i]),
                 w->options->revision);
        return RK_EPROGRAM;
    }
    return RK_OK;
}

/* A program whose text has been read, with `status`. */
static rk_status compile(rank_program *program, rk_compiled *c, const rank_options *options,
                         rk_status status)
{
    wanted w = {.options = options, .revision = RK_MAP_NONE};
    rk_str *names;
    if (status != RK_OK && status != RK_EPROGRAM) /* syntax errors: go on, to find the others */
        return status;
    RK_TRY(adjust(c, options, &names));
    RK_TRY(rk_compile_check(c));
    if (options->revision)
        w.revision = rk_module_revision(c->module, rk_str_from(options->revision));
    uint32_t *const shown = RK_NEW_ARRAY(&c->cx.arena, uint32_t, options->n_show);
    if (!shown)
        return RK_ENOMEM;
    RK_TRY(find_shown(c, &w, names, shown));
    w.shown = shown;
    RK_TRY(options->pipeline ? plan_named(c, &w) : plan_all(c, &w));
    for (uint32_t i = 0; i < w.plans.len; i++)
        RK_TRY(add_engine(program, c, &w, w.plans.items[i]));
    return RK_OK;
}

/* ---- opening ---- */

/* What to read: a file, or a text. */
typedef struct reading {
    const char *path;
    const char *name;
    rk_str text;
} reading;

static rk_status read_text(rk_compiled *c, const reading *reading)
{
    const char *const name = rk_arena_copy(&c->cx.arena, reading->name, strlen(reading->name));
    const char *const text = rk_arena_copy(&c->cx.arena, reading->text.data, reading->text.len);
    if (!name || !text)
        return RK_ENOMEM;
    return rk_compile_read_text(c, rk_str_from(name), (rk_str){text, reading->text.len});
}

static rk_status read_source(rk_compiled *c, const reading *reading)
{
    RK_TRY(rk_compiled_init(c));
    return reading->path ? rk_compile_read(c, reading->path) : read_text(c, reading);
}

static rank_status open_reading(const reading *reading, const rank_options *options,
                                rank_program **out)
{
    static const rank_options plain = {0};
    source *const s = source_new();
    if (!s || rk_api_new(s, release, out) != RK_OK)
        return RANK_ENOMEM;
    rk_compiled *const c = &s->compiled;
    rk_status status = read_source(c, reading);
    (*out)->path = reading->path;
    status = compile(*out, c, options ? options : &plain, status);
    (*out)->path = NULL;
    return rk_api_finish(*out, status, &c->cx.diags, &c->cx.texts);
}

static bool is_sound(const rank_options *options)
{
    if (!options)
        return true;
    for (size_t i = 0; i < options->n_show; i++)
        if (!options->show || !options->show[i])
            return false;
    return options->n_show <= UINT32_MAX / 2 && options->engine <= RANK_ENGINE_JIT2;
}

rank_status rank_open_source(const char *path, const rank_options *options, rank_program **out)
{
    if (!out)
        return RANK_EUSAGE;
    *out = NULL;
    if (!path || !is_sound(options))
        return RANK_EUSAGE;
    return open_reading(&(reading){.path = path}, options, out);
}

rank_status rank_open_text(const char *name, const char *text, size_t len,
                           const rank_options *options, rank_program **out)
{
    if (!out)
        return RANK_EUSAGE;
    *out = NULL;
    if (!name || (len && !text) || !is_sound(options))
        return RANK_EUSAGE;
    return open_reading(&(reading){.name = name, .text = {text, len}}, options, out);
}
