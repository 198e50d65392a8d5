#include "runtime/plan/encode.h"
#include "runtime/plan/plan_bytes.h"

/* Numbers that stand in files. */
_Static_assert(RK_PLAN_VERSION == 4 && RK_CORE_COUNT == 24 && RK_STEP_COUNT == 22 &&
                   RK_KIND_COUNT == 10,
               "a new operation, step or kind is a new version of the bytes");

/* ---- rows of registries ---- */

static const char *fn_name(uint32_t row) { return rk_fn_at(row)->name; }
static const char *fn_sig(uint32_t row) { return rk_fn_at(row)->sig; }
static const char *fold_name(uint32_t row) { return rk_fold_at(row)->name; }
static const char *stage_name(uint32_t row) { return rk_stages[row]->name; }

static uint32_t stage_count(void)
{
    uint32_t n = 0;
    while (rk_stages[n])
        n++;
    return n;
}

const rk_registry rk_registries[RK_REGISTRY_COUNT] = {
    [RK_REGISTRY_FNS] = {"function", rk_fn_count, fn_name, fn_sig},
    [RK_REGISTRY_FOLDS] = {"aggregate", rk_fold_count, fold_name, NULL},
    [RK_REGISTRY_STAGES] = {"stage", stage_count, stage_name, NULL},
};

typedef struct encoder {
    const rk_plan *plan;
    rk_buf *out;
    rk_arena arena;
    uint32_t *numbers[RK_REGISTRY_COUNT]; /* [rows] 1 + number in the file; 0: not used */
    RK_VEC(uint32_t) used[RK_REGISTRY_COUNT];
} encoder;

static rk_status use_row(encoder *e, rk_registry_kind kind, uint32_t row)
{
    if (row >= rk_registries[kind].count())
        return RK_EBUG;
    if (e->numbers[kind][row])
        return RK_OK;
    if (!rk_vec_push(&e->arena, &e->used[kind], row))
        return RK_ENOMEM;
    e->numbers[kind][row] = e->used[kind].len;
    return RK_OK;
}

static rk_status find_rows(encoder *e)
{
    const rk_plan *const plan = e->plan;
    for (int kind = 0; kind < RK_REGISTRY_COUNT; kind++) {
        e->numbers[kind] = RK_NEW_ARRAY(&e->arena, uint32_t, rk_registries[kind].count());
        if (!e->numbers[kind])
            return RK_ENOMEM;
    }
    for (uint32_t i = 0; i < plan->instrs.len; i++)
        if (plan->instrs.items[i].op == RK_CORE_CALL)
            RK_TRY(use_row(e, RK_REGISTRY_FNS, plan->instrs.items[i].aux));
    for (uint32_t i = 0; i < plan->folds.len; i++)
        RK_TRY(use_row(e, RK_REGISTRY_FOLDS, plan->folds.items[i].fn));
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == RK_STEP_SELECT)
            RK_TRY(use_row(e, RK_REGISTRY_STAGES, plan->steps.items[i].index));
    return RK_OK;
}

static void put_rows(encoder *e)
{
    for (int kind = 0; kind < RK_REGISTRY_COUNT; kind++) {
        const rk_registry *const registry = &rk_registries[kind];
        rk_put_varint(e->out, e->used[kind].len);
        for (uint32_t i = 0; i < e->used[kind].len; i++) {
            rk_put_str(e->out, rk_str_from(registry->name(e->used[kind].items[i])));
            if (registry->sig)
                rk_put_str(e->out, rk_str_from(registry->sig(e->used[kind].items[i])));
        }
    }
}

static void put_row(encoder *e, rk_registry_kind kind, uint32_t row)
{
    rk_put_varint(e->out, e->numbers[kind][row] - 1);
}

/* ---- the pieces of a plan ---- */

static void put_words(rk_buf *out, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rk_put_index(out, words[i]);
}

#define PUT_WORDS(out, ...)                                                                        \
    do {                                                                                           \
        const uint32_t words[] = {__VA_ARGS__};                                                    \
        put_words((out), words, RK_ARRAY_LEN(words));                                              \
    } while (0)

static void put_span(rk_buf *out, rk_span span) { PUT_WORDS(out, span.file, span.at, span.len); }

static void put_strings(rk_buf *out, const rk_atoms *strings)
{
    const uint32_t n = rk_atoms_count(strings);
    rk_put_varint(out, n - 1);
    for (rk_atom atom = 1; atom < n; atom++) /* 0 is always "" */
        rk_put_str(out, rk_atom_str(strings, atom));
}

static void put_schema(rk_buf *out, const rk_schema *schema)
{
    rk_put_varint(out, schema->n);
    for (uint32_t i = 0; i < schema->n; i++) {
        const rk_field *const field = &schema->fields[i];
        rk_put_str(out, field->name);
        rk_put_str(out, field->column);
        rk_put_type(out, field->type);
        rk_put_u8(out, field->has_initial);
        if (field->has_initial)
            rk_put_value(out, &field->initial);
        put_span(out, field->span);
    }
}

static void put_source(rk_buf *out, const rk_plan_source *source)
{
    rk_put_str(out, source->name);
    rk_put_str(out, source->kind);
    rk_put_str(out, source->path);
    rk_put_str(out, source->sep);
    rk_put_str(out, source->ids);
    put_schema(out, &source->wanted);
    rk_put_varint(out, source->n_keys);
    for (uint32_t i = 0; i < source->n_keys; i++) {
        rk_put_str(out, source->keys[i]);
        rk_put_type(out, source->key_types[i]);
    }
    put_span(out, source->span);
}

static void put_options(rk_buf *out, const rk_model_options *options)
{
    rk_put_index(out, options->most_trees);
    rk_put_u8(out, options->in_float);
    rk_put_index(out, options->length);
    rk_put_u64(out, (uint64_t)options->pad);
    rk_put_u8(out, options->keep_last);
    rk_put_u8(out, options->pad_front);
    rk_put_u8(out, options->fast);
}

static void put_model(rk_buf *out, const rk_plan_model *model)
{
    rk_put_str(out, model->name);
    rk_put_str(out, model->path);
    rk_put_u64(out, model->digest);
    put_options(out, &model->options);
    rk_put_index(out, model->n_operands);
    put_span(out, model->span);
}

static void put_index(rk_buf *out, const rk_plan_index *index)
{
    const rk_index_form *const form = &index->form;
    rk_put_str(out, index->name);
    rk_put_str(out, index->path);
    PUT_WORDS(out, form->kind, form->metric, form->m, form->ef_construction, form->ef,
              index->source, index->vector);
    put_span(out, index->span);
}

static void put_instr(encoder *e, const rk_instr *instr)
{
    rk_put_index(e->out, instr->op);
    if (instr->op == RK_CORE_CALL)
        put_row(e, RK_REGISTRY_FNS, instr->aux);
    PUT_WORDS(e->out, instr->first, instr->n);
    rk_put_type(e->out, instr->type);
}

static void put_fold(encoder *e, const rk_plan_fold *fold)
{
    uint64_t param;
    memcpy(&param, &fold->param, sizeof param);
    put_row(e, RK_REGISTRY_FOLDS, fold->fn);
    PUT_WORDS(e->out, fold->domain, fold->value, fold->by, fold->where, fold->out);
    rk_put_u64(e->out, param);
}

static void put_step(encoder *e, const rk_step *step)
{
    rk_put_index(e->out, step->kind);
    if (step->kind == RK_STEP_SELECT)
        put_row(e, RK_REGISTRY_STAGES, step->index);
    else
        rk_put_index(e->out, step->index);
    PUT_WORDS(e->out, step->list, step->out, step->a, step->b, step->first, step->n, step->guard,
              step->column);
    put_span(e->out, step->span);
}

/* ---- all of it ---- */

static void put_lists(rk_buf *out, const rk_plan *plan)
{
    rk_put_varint(out, plan->lists.len);
    for (uint32_t i = 0; i < plan->lists.len; i++) {
        PUT_WORDS(out, plan->lists.items[i].step, plan->lists.items[i].parent);
        rk_put_str(out, plan->lists.items[i].label);
    }
    rk_put_varint(out, plan->columns.len);
    for (uint32_t i = 0; i < plan->columns.len; i++) {
        rk_put_type(out, plan->columns.items[i].type);
        rk_put_index(out, plan->columns.items[i].list);
        rk_put_str(out, plan->columns.items[i].name);
    }
    rk_put_varint(out, plan->maps.len);
    for (uint32_t i = 0; i < plan->maps.len; i++) {
        PUT_WORDS(out, plan->maps.items[i].list, plan->maps.items[i].in);
        rk_put_u8(out, plan->maps.items[i].subset);
    }
    rk_put_varint(out, plan->constants.len);
    for (uint32_t i = 0; i < plan->constants.len; i++)
        rk_put_value(out, &plan->constants.items[i]);
}

static void put_kernels(encoder *e)
{
    const rk_plan *const plan = e->plan;
    rk_put_varint(e->out, plan->kernels.len);
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        const rk_plan_kernel *const k = &plan->kernels.items[i];
        PUT_WORDS(e->out, k->list, k->first_input, k->n_inputs, k->first_instr, k->n_instrs,
                  k->first_store, k->n_stores);
    }
    rk_put_varint(e->out, plan->inputs.len);
    for (uint32_t i = 0; i < plan->inputs.len; i++)
        PUT_WORDS(e->out, plan->inputs.items[i].column, plan->inputs.items[i].constant);
    rk_put_varint(e->out, plan->instrs.len);
    for (uint32_t i = 0; i < plan->instrs.len; i++)
        put_instr(e, &plan->instrs.items[i]);
    rk_put_varint(e->out, plan->stores.len);
    for (uint32_t i = 0; i < plan->stores.len; i++)
        PUT_WORDS(e->out, plan->stores.items[i].reg, plan->stores.items[i].column);
}

static void put_steps(encoder *e)
{
    const rk_plan *const plan = e->plan;
    rk_put_varint(e->out, plan->folds.len);
    for (uint32_t i = 0; i < plan->folds.len; i++)
        put_fold(e, &plan->folds.items[i]);
    rk_put_varint(e->out, plan->operands.len);
    put_words(e->out, plan->operands.items, plan->operands.len);
    rk_put_varint(e->out, plan->steps.len);
    for (uint32_t i = 0; i < plan->steps.len; i++)
        put_step(e, &plan->steps.items[i]);
}

static void put_names(rk_buf *out, const rk_plan *plan)
{
    rk_put_varint(out, plan->shown.len);
    for (uint32_t i = 0; i < plan->shown.len; i++) {
        rk_put_str(out, plan->shown.items[i].name);
        rk_put_index(out, plan->shown.items[i].column);
    }
    rk_put_varint(out, plan->factors.len);
    for (uint32_t i = 0; i < plan->factors.len; i++) {
        rk_put_str(out, plan->factors.items[i].name);
        rk_put_index(out, plan->factors.items[i].list);
        rk_put_u8(out, plan->factors.items[i].field);
    }
}

static void put_plan(encoder *e)
{
    const rk_plan *const plan = e->plan;
    put_strings(e->out, plan->strings);
    put_rows(e);
    rk_put_str(e->out, plan->pipeline);
    rk_put_type(e->out, plan->id_type);
    rk_put_u8(e->out, plan->one_producer);
    rk_put_index(e->out, plan->result);
    put_schema(e->out, &plan->query);
    put_schema(e->out, &plan->item);
    rk_put_varint(e->out, plan->sources.len);
    for (uint32_t i = 0; i < plan->sources.len; i++)
        put_source(e->out, &plan->sources.items[i]);
    rk_put_varint(e->out, plan->models.len);
    for (uint32_t i = 0; i < plan->models.len; i++)
        put_model(e->out, &plan->models.items[i]);
    rk_put_varint(e->out, plan->indexes.len);
    for (uint32_t i = 0; i < plan->indexes.len; i++)
        put_index(e->out, &plan->indexes.items[i]);
    put_lists(e->out, plan);
    put_kernels(e);
    put_steps(e);
    put_names(e->out, plan);
}

rk_status rk_plan_encode(const rk_plan *plan, rk_buf *out)
{
    encoder e = {.plan = plan, .out = out};
    const size_t start = out->len;
    const rk_status status = find_rows(&e);
    if (status == RK_OK) {
        rk_put_front(out, RK_PLAN_MAGIC, RK_PLAN_VERSION);
        put_plan(&e);
        rk_put_digest(out, start);
    }
    rk_arena_free(&e.arena);
    return status == RK_OK && out->failed ? RK_ENOMEM : status;
}
