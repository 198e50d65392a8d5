/* Contexts of rank.h: their memory, their words, and the numbers of names. */
#include "runtime/exec/api.h"

/* ---- words ---- */

rank_status rk_api_fail(rank_context *cx, rank_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    rk_buf_free(&cx->message);
    rk_buf_vprintf(&cx->message, format, args);
    va_end(args);
    return status;
}

static const char *words_of(rk_status status)
{
    switch (status) {
    case RK_ELIMIT:
        return "the request is too large";
    case RK_ENOMEM:
        return "out of memory";
    default:
        return "the request does not fit the program";
    }
}

/* The code, the words, and advice in brackets. */
static void add_diag(rk_buf *out, const rk_diag *diag)
{
    rk_buf_printf(out, "%s%s: %.*s", out->len ? "\n" : "", rk_diag_code_name(diag->code),
                  RK_STR_ARG(diag->message));
    for (uint32_t i = 0; i < diag->notes.len; i++)
        rk_buf_printf(out, " (%.*s)", RK_STR_ARG(diag->notes.items[i].text));
}

rank_status rk_api_fail_diags(rank_context *cx, rk_status status, const rk_diags *diags)
{
    rk_buf_free(&cx->message);
    for (uint32_t i = 0; i < diags->items.len; i++)
        if (!diags->items.items[i]->warning)
            add_diag(&cx->message, diags->items.items[i]);
    if (cx->message.len == 0)
        rk_buf_add_chars(&cx->message, words_of(status));
    return rk_api_status(status);
}

const char *rank_message(const rank_context *cx)
{
    if (!cx)
        return "there is no context: it is NULL";
    if (cx->message.failed)
        return "out of memory";
    return cx->message.len ? cx->message.data : "";
}

/* ---- memory ---- */

static rk_status fill(rank_context *cx)
{
    const rank_info *const info = &cx->program->info;
    cx->runs = RK_NEW_ARRAY(&cx->arena, rk_run *, info->n_pipelines);
    cx->query = RK_NEW_ARRAY(&cx->arena, rk_api_sent, info->n_query);
    cx->item = RK_NEW_ARRAY(&cx->arena, rank_column, info->n_item);
    cx->values = RK_NEW_ARRAY(&cx->arena, rk_value, info->n_query);
    cx->columns = RK_NEW_ARRAY(&cx->arena, rk_column, info->n_item);
    return cx->runs && cx->query && cx->item && cx->values && cx->columns ? RK_OK : RK_ENOMEM;
}

rank_status rank_context_new(const rank_program *program, rank_context **out)
{
    if (!out)
        return RANK_EUSAGE;
    *out = NULL;
    if (!program || !program->open)
        return RANK_EUSAGE;
    rk_arena arena = {0};
    *out = RK_NEW(&arena, rank_context);
    if (!*out)
        return RANK_ENOMEM;
    (*out)->program = program;
    (*out)->arena = arena; /* it holds the context itself */
    const rk_status status = fill(*out);
    if (status != RK_OK) {
        rank_context_free(*out);
        *out = NULL;
    }
    return rk_api_status(status);
}

void rank_context_free(rank_context *cx)
{
    if (!cx)
        return;
    for (size_t i = 0; cx->runs && i < cx->program->info.n_pipelines; i++)
        rk_run_free(cx->runs[i]);
    rk_buf_free(&cx->message);
    rk_arena arena = cx->arena;
    rk_arena_free(&arena);
}

/* ---- names ---- */

/* Names of one sort of thing, for looking up and for advice. */
typedef struct namer {
    const char *what;
    size_t n;
    const char *(*name)(const void *things, size_t i);
    const void *things;
} namer;

static rank_status unknown(rank_context *cx, const namer *namer, const char *name)
{
    rk_suggestion near = rk_suggest(rk_str_from(name));
    for (size_t i = 0; i < namer->n; i++)
        rk_suggest_offer(&near, rk_str_from(namer->name(namer->things, i)));
    if (near.best.len)
        return rk_api_fail(cx, RANK_EUSAGE, "there is no %s `%s`: did you mean `%.*s`?",
                           namer->what, name, RK_STR_ARG(near.best));
    return rk_api_fail(cx, RANK_EUSAGE, "there is no %s `%s`", namer->what, name);
}

static rank_status find(rank_context *cx, const namer *namer, const char *name, uint32_t *out)
{
    if (!name || !out)
        return rk_api_fail(cx, RANK_EUSAGE,
                           "the name of a %s, or the place for its number, is NULL", namer->what);
    for (size_t i = 0; i < namer->n; i++)
        if (strcmp(name, namer->name(namer->things, i)) == 0) {
            *out = (uint32_t)i;
            return RANK_OK;
        }
    return unknown(cx, namer, name);
}

static const char *field_name(const void *fields, size_t i)
{
    return ((const rank_field *)fields)[i].name;
}
static const char *pipeline_name(const void *pipelines, size_t i)
{
    return ((const rank_pipeline *)pipelines)[i].name;
}
static const char *output_name(const void *outputs, size_t i)
{
    return ((const rank_output *)outputs)[i].name;
}

rank_status rank_find_query(rank_context *cx, const char *name, uint32_t *field)
{
    if (!cx)
        return RANK_EUSAGE;
    const rank_info *const info = &cx->program->info;
    return find(cx, &(namer){"query field", info->n_query, field_name, info->query}, name, field);
}

rank_status rank_find_item(rank_context *cx, const char *name, uint32_t *field)
{
    if (!cx)
        return RANK_EUSAGE;
    const rank_info *const info = &cx->program->info;
    return find(cx, &(namer){"item field", info->n_item, field_name, info->item}, name, field);
}

rank_status rank_find_pipeline(rank_context *cx, const char *name, uint32_t *pipeline)
{
    if (!cx)
        return RANK_EUSAGE;
    const rank_info *const info = &cx->program->info;
    return find(cx, &(namer){"pipeline", info->n_pipelines, pipeline_name, info->pipelines}, name,
                pipeline);
}

rank_status rank_find_output(rank_context *cx, uint32_t pipeline, const char *name,
                             uint32_t *output)
{
    if (!cx)
        return RANK_EUSAGE;
    const rank_info *const info = &cx->program->info;
    if (pipeline >= info->n_pipelines)
        return rk_api_fail(cx, RANK_EUSAGE, "there is no pipeline %u: the program has %zu",
                           pipeline, info->n_pipelines);
    const rank_pipeline *const p = &info->pipelines[pipeline];
    return find(cx, &(namer){"output", p->n_outputs, output_name, p->outputs}, name, output);
}
