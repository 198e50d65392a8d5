/* Programs of rank.h: opening, closing, and what they tell of themselves. */
#include <stdlib.h>

#include "config.h"
#include "runtime/exec/api.h"

/* ---- making ---- */

rk_status rk_api_new(void *owner, void (*release)(void *owner), rank_program **out)
{
    rk_arena arena = {0};
    *out = RK_NEW(&arena, rank_program);
    if (!*out) {
        release(owner);
        return RK_ENOMEM;
    }
    (*out)->arena = arena; /* it holds the program itself */
    (*out)->owner = owner;
    (*out)->release = release;
    return RK_OK;
}

/* Numbers of the fields that steps of a kind read, each once. */
static rk_status find_fields(rk_arena *arena, const rk_plan *plan, rk_step_kind kind, uint32_t most,
                             const uint32_t **out, uint32_t *n)
{
    bool *const seen = RK_NEW_ARRAY(arena, bool, most);
    uint32_t *const fields = RK_NEW_ARRAY(arena, uint32_t, most);
    if (!seen || !fields)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        if (step->kind != kind || seen[step->index])
            continue;
        seen[step->index] = true;
        fields[(*n)++] = step->index;
    }
    *out = fields;
    return RK_OK;
}

static bool has_step(const rk_plan *plan, rk_step_kind kind)
{
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == kind)
            return true;
    return false;
}

rk_status rk_api_add(rank_program *program, const rk_plan *plan, const rank_options *options,
                     const rk_files *files, rk_diags *diags)
{
    rk_api_part part = {.plan = plan, .reads_ids = has_step(plan, RK_STEP_ID)};
    const rk_engine_options how = {
        .cpu = rk_cpu_best(),
        .max_bad_rows = options->max_bad_rows,
        .files = files,
        .threads = options->threads,
        .models = &program->models,
        .indexes = &program->indexes,
        .program = program->path,
    };
    const rk_status status = rk_engine_new(plan, &how, diags, &part.engine);
    if (!rk_vec_push(&program->arena, &program->parts, part)) {
        rk_engine_free(part.engine);
        return RK_ENOMEM;
    }
    RK_TRY(status);
    rk_api_part *const kept = &program->parts.items[program->parts.len - 1];
    RK_TRY(find_fields(&program->arena, plan, RK_STEP_QUERY, plan->query.n, &kept->query,
                       &kept->n_query));
    return find_fields(&program->arena, plan, RK_STEP_ITEM, plan->item.n, &kept->item,
                       &kept->n_item);
}

/* ---- what it tells of itself ---- */

static const char *copy(rk_arena *arena, rk_str s) { return rk_arena_copy(arena, s.data, s.len); }

static const char *print_initial(rk_arena *arena, const rk_plan *plan, rk_value value)
{
    rk_buf text = {0};
    rk_value_print_json(value, plan->strings, &text);
    const char *const out = text.failed ? NULL : copy(arena, rk_buf_str(&text));
    rk_buf_free(&text);
    return out;
}

static rk_status tell_fields(rk_arena *arena, const rk_plan *plan, const rk_schema *schema,
                             const rank_field **out, size_t *n)
{
    rank_field *const fields = RK_NEW_ARRAY(arena, rank_field, schema->n);
    if (!fields)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < schema->n; i++) {
        const rk_field *const field = &schema->fields[i];
        fields[i].name = copy(arena, field->name);
        fields[i].type = rk_api_type(field->type);
        if (field->has_initial)
            fields[i].initial = print_initial(arena, plan, field->initial);
        if (!fields[i].name || (field->has_initial && !fields[i].initial))
            return RK_ENOMEM;
    }
    *out = fields;
    *n = schema->n;
    return RK_OK;
}

/* The name of an expression that is shown is `shown ` and its text; names have no spaces. */
static rk_str output_name(rk_str name)
{
    const rk_str prefix = RK_STR("shown ");
    if (name.len <= prefix.len || memcmp(name.data, prefix.data, prefix.len) != 0)
        return name;
    return (rk_str){name.data + prefix.len, name.len - prefix.len};
}

static rk_status tell_pipeline(rk_arena *arena, const rk_plan *plan, rank_pipeline *out)
{
    rank_output *const outputs = RK_NEW_ARRAY(arena, rank_output, plan->shown.len);
    out->name = copy(arena, plan->pipeline.len ? plan->pipeline : RK_STR("candidates"));
    if (!outputs || !out->name)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->shown.len; i++) {
        const rk_plan_column *const column = &plan->columns.items[plan->shown.items[i].column];
        outputs[i].name = copy(arena, output_name(plan->shown.items[i].name));
        outputs[i].type = rk_api_type(column->type);
        outputs[i].per_item = column->list != 0;
        if (!outputs[i].name)
            return RK_ENOMEM;
    }
    out->outputs = outputs;
    out->n_outputs = plan->shown.len;
    out->candidates = has_step(plan, RK_STEP_CANDIDATES);
    return RK_OK;
}

static rk_status tell(rank_program *program)
{
    const uint32_t n = program->parts.len;
    rank_info *const info = &program->info;
    rank_pipeline *const pipelines = RK_NEW_ARRAY(&program->arena, rank_pipeline, n);
    if (!pipelines)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(tell_pipeline(&program->arena, program->parts.items[i].plan, &pipelines[i]));
    const rk_plan *const plan = program->parts.items[0].plan;
    info->id_kind = (rank_kind)plan->id_type.kind;
    info->pipelines = pipelines;
    info->n_pipelines = n;
    RK_TRY(tell_fields(&program->arena, plan, &plan->query, &info->query, &info->n_query));
    return tell_fields(&program->arena, plan, &plan->item, &info->item, &info->n_item);
}

static bool same_fields(const rk_schema *a, const rk_schema *b)
{
    for (uint32_t i = 0; a->n == b->n && i < a->n; i++)
        if (!rk_str_eq(a->fields[i].name, b->fields[i].name) ||
            !rk_type_eq(a->fields[i].type, b->fields[i].type))
            return false;
    return a->n == b->n;
}

/* One request can be ranked by every pipeline. */
static bool is_one_program(const rank_program *program)
{
    const rk_plan *const first = program->parts.items[0].plan;
    for (uint32_t i = 1; i < program->parts.len; i++) {
        const rk_plan *const plan = program->parts.items[i].plan;
        if (!same_fields(&first->query, &plan->query) || !same_fields(&first->item, &plan->item) ||
            !rk_type_eq(first->id_type, plan->id_type))
            return false;
    }
    return true;
}

static rk_status finish(rank_program *program)
{
    if (program->parts.len == 0)
        return RK_EUSAGE;
    if (!is_one_program(program))
        return RK_EDATA;
    return tell(program);
}

/* When nobody has said what is wrong. */
static const char *words_of(rk_status status)
{
    switch (status) {
    case RK_EPROGRAM:
        return "the program has errors";
    case RK_EUSAGE:
        return "the program has no pipeline to open";
    case RK_EDATA:
        return "the pipelines are not of one program";
    case RK_ELIMIT:
        return "the program or its data are too large";
    case RK_ENOMEM:
        return "out of memory";
    default:
        return "the program cannot be opened";
    }
}

rank_status rk_api_finish(rank_program *program, rk_status status, const rk_diags *diags,
                          const rk_texts *texts)
{
    if (status == RK_OK)
        status = finish(program);
    program->open = status == RK_OK;
    if (program->open)
        return RANK_OK;
    rk_diags_print(diags, texts, RK_DIAG_TEXT, &program->message);
    if (program->message.len == 0)
        rk_buf_printf(&program->message, "error: %s\n", words_of(status));
    return rk_api_status(status);
}

/* ---- the public functions ---- */

void rank_close(rank_program *program)
{
    if (!program)
        return;
    for (uint32_t i = 0; i < program->parts.len; i++) {
        const rk_api_part *const part = &program->parts.items[i];
        if (part->gone)
            part->gone(part->tiers);
        rk_engine_free(part->engine);
    }
    rk_indexes_free(&program->indexes);
    program->release(program->owner);
    rk_models_free(&program->models);
    rk_buf_free(&program->message);
    rk_arena arena = program->arena;
    rk_arena_free(&arena);
}

const char *rank_program_message(const rank_program *program)
{
    if (!program || program->message.failed)
        return "out of memory";
    return program->message.len ? program->message.data : "";
}

const rank_info *rank_program_info(const rank_program *program)
{
    return program && program->open ? &program->info : NULL;
}

uint32_t rank_program_tier(const rank_program *program, uint32_t pipeline)
{
    if (!program || pipeline >= program->info.n_pipelines)
        return 0;
    return rk_engine_tier(program->parts.items[pipeline].engine);
}

const char *rank_program_reason(const rank_program *program, uint32_t pipeline)
{
    if (!program || pipeline >= program->info.n_pipelines)
        return "";
    const rk_api_part *const part = &program->parts.items[pipeline];
    const char *const reason = part->why ? part->why(part->tiers) : part->reason;
    return reason ? reason : "";
}

const char *rank_version(void) { return PACKAGE_VERSION; }

void *rank_alloc(size_t n, size_t size)
{
    size_t bytes;
    if (n > SIZE_MAX - 15 || __builtin_mul_overflow(rank_room(n), size, &bytes) ||
        bytes > SIZE_MAX - 63)
        return NULL;
    return aligned_alloc(64, bytes ? (bytes + 63) / 64 * 64 : 64);
}

void rank_free(void *memory) { free(memory); }
