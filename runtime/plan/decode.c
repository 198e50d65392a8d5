/* A plan out of its bytes, whatever they are: each number of things is held against the bytes that
 * are left before memory is taken, and every text is copied, ending in a NUL. */
#include "runtime/plan/encode.h"
#include "runtime/plan/plan_bytes.h"

/* The fewest bytes that each thing takes. */
enum {
    FIELD_BYTES = 7,
    SOURCE_BYTES = 10,
    MODEL_BYTES = 28,
    INDEX_BYTES = 12,
    LIST_BYTES = 3,
    COLUMN_BYTES = 3,
    MAP_BYTES = 3,
    VALUE_BYTES = 2,
    KERNEL_BYTES = 7,
    INPUT_BYTES = 2,
    INSTR_BYTES = 4,
    STORE_BYTES = 2,
    FOLD_BYTES = 14,
    STEP_BYTES = 13,
    OUTPUT_BYTES = 2,
    FACTOR_BYTES = 3,
    KEY_BYTES = 2,
};

typedef struct decoder {
    rk_reader r;
    rk_arena *arena;
    rk_plan *plan;
    rk_buf *fault;
    uint32_t *rows[RK_REGISTRY_COUNT]; /* of this build, by number in the file */
    uint32_t n_rows[RK_REGISTRY_COUNT];
} decoder;

/* Room in a vector of the plan for things that follow, of at least `size` bytes each. */
#define GET_VEC(d, vec, size)                                                                      \
    get_vec((d), (void **)&(d)->plan->vec.items, &(d)->plan->vec.len, &(d)->plan->vec.cap, (size), \
            sizeof *(d)->plan->vec.items)

static rk_status get_vec(decoder *d, void **items, uint32_t *len, uint32_t *cap, size_t size,
                         size_t memory)
{
    const uint32_t n = rk_get_count(&d->r, size);
    *items = rk_arena_array(d->arena, n, memory);
    *len = *cap = n;
    return *items ? RK_OK : RK_ENOMEM;
}

static rk_status get_text(decoder *d, rk_str *out)
{
    const rk_str s = rk_get_str(&d->r);
    *out = (rk_str){rk_arena_copy(d->arena, s.data, s.len), s.len};
    return out->data ? RK_OK : RK_ENOMEM;
}

static rk_span get_span(rk_reader *r)
{
    rk_span span;
    span.file = rk_get_index(r);
    span.at = rk_get_index(r);
    span.len = rk_get_index(r);
    return span;
}

/* ---- strings and rows ---- */

/* Each keeps its number: a text that comes twice would have shifted the rest. */
static rk_status get_strings(decoder *d, rk_atoms *strings)
{
    const uint32_t n = rk_get_count(&d->r, 1);
    for (uint32_t i = 1; i <= n && !d->r.fault; i++) {
        rk_atom atom;
        const rk_str s = rk_get_str(&d->r);
        if (d->r.fault)
            break;
        RK_TRY(rk_atom_intern(strings, s, &atom));
        if (atom != i)
            rk_reader_fail(&d->r, "a string comes twice");
    }
    return RK_OK;
}

static uint32_t find_row(const rk_registry *registry, rk_str name, rk_str sig)
{
    for (uint32_t row = 0; row < registry->count(); row++)
        if (rk_str_eq(name, rk_str_from(registry->name(row))) &&
            (!registry->sig || rk_str_eq(sig, rk_str_from(registry->sig(row)))))
            return row;
    return RK_PLAN_NONE;
}

static rk_status get_rows(decoder *d, rk_registry_kind kind)
{
    const rk_registry *const registry = &rk_registries[kind];
    const uint32_t n = rk_get_count(&d->r, registry->sig ? 2 : 1);
    d->rows[kind] = RK_NEW_ARRAY(d->arena, uint32_t, n);
    d->n_rows[kind] = n;
    if (!d->rows[kind])
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const rk_str name = rk_get_str(&d->r);
        const rk_str sig = registry->sig ? rk_get_str(&d->r) : RK_STR("");
        if (d->r.fault)
            return RK_OK;
        d->rows[kind][i] = find_row(registry, name, sig);
        if (d->rows[kind][i] != RK_PLAN_NONE)
            continue;
        rk_buf_printf(d->fault, "its %s `%.*s%.*s` is not in this rankc", registry->what,
                      RK_STR_ARG(name), RK_STR_ARG(sig));
        return RK_EDATA;
    }
    return RK_OK;
}

static uint32_t get_row(decoder *d, rk_registry_kind kind)
{
    const uint64_t number = rk_get_varint(&d->r);
    if (number < d->n_rows[kind])
        return d->rows[kind][number];
    rk_reader_fail(&d->r, "it names a function, aggregate or stage that it does not list");
    return RK_PLAN_NONE;
}

/* ---- schemas and sources ---- */

static rk_status get_field(decoder *d, rk_field *field)
{
    RK_TRY(get_text(d, &field->name));
    RK_TRY(get_text(d, &field->column));
    field->type = rk_get_type(&d->r);
    field->has_initial = rk_get_bool(&d->r);
    if (field->has_initial)
        RK_TRY(rk_get_value(&d->r, d->arena, &field->initial));
    field->span = get_span(&d->r);
    return RK_OK;
}

static rk_status get_schema(decoder *d, rk_schema *schema)
{
    schema->n = rk_get_count(&d->r, FIELD_BYTES);
    schema->fields = RK_NEW_ARRAY(d->arena, rk_field, schema->n);
    if (!schema->fields)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < schema->n && !d->r.fault; i++)
        RK_TRY(get_field(d, &schema->fields[i]));
    return RK_OK;
}

static rk_status get_source(decoder *d, rk_plan_source *source)
{
    RK_TRY(get_text(d, &source->name));
    RK_TRY(get_text(d, &source->kind));
    RK_TRY(get_text(d, &source->path));
    RK_TRY(get_text(d, &source->sep));
    RK_TRY(get_text(d, &source->ids));
    RK_TRY(get_schema(d, &source->wanted));
    source->n_keys = rk_get_count(&d->r, KEY_BYTES);
    source->keys = RK_NEW_ARRAY(d->arena, rk_str, source->n_keys);
    source->key_types = RK_NEW_ARRAY(d->arena, rk_type, source->n_keys);
    if (!source->keys || !source->key_types)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < source->n_keys && !d->r.fault; i++) {
        RK_TRY(get_text(d, &source->keys[i]));
        source->key_types[i] = rk_get_type(&d->r);
    }
    source->span = get_span(&d->r);
    return RK_OK;
}

static rk_model_options get_options(decoder *d)
{
    rk_model_options options = {.most_trees = rk_get_index(&d->r)};
    options.in_float = rk_get_bool(&d->r);
    options.length = rk_get_index(&d->r);
    options.pad = (int64_t)rk_get_u64(&d->r);
    options.keep_last = rk_get_bool(&d->r);
    options.pad_front = rk_get_bool(&d->r);
    options.fast = rk_get_bool(&d->r);
    return options;
}

static rk_status get_model(decoder *d, rk_plan_model *model)
{
    RK_TRY(get_text(d, &model->name));
    RK_TRY(get_text(d, &model->path));
    model->digest = rk_get_u64(&d->r);
    model->options = get_options(d);
    model->n_operands = rk_get_index(&d->r);
    model->span = get_span(&d->r);
    return RK_OK;
}

/* What is no kind or metric is refused by the verifier. */
static rk_status get_plan_index(decoder *d, rk_plan_index *index)
{
    RK_TRY(get_text(d, &index->name));
    RK_TRY(get_text(d, &index->path));
    index->form.kind = (rk_index_kind)rk_get_index(&d->r);
    index->form.metric = (rk_index_metric)rk_get_index(&d->r);
    index->form.m = rk_get_index(&d->r);
    index->form.ef_construction = rk_get_index(&d->r);
    index->form.ef = rk_get_index(&d->r);
    index->source = rk_get_index(&d->r);
    index->vector = rk_get_index(&d->r);
    index->span = get_span(&d->r);
    return RK_OK;
}

static rk_status get_front(decoder *d)
{
    rk_plan *const plan = d->plan;
    RK_TRY(get_text(d, &plan->pipeline));
    plan->id_type = rk_get_type(&d->r);
    plan->one_producer = rk_get_bool(&d->r);
    plan->result = rk_get_index(&d->r);
    RK_TRY(get_schema(d, &plan->query));
    RK_TRY(get_schema(d, &plan->item));
    RK_TRY(GET_VEC(d, sources, SOURCE_BYTES));
    for (uint32_t i = 0; i < plan->sources.len && !d->r.fault; i++)
        RK_TRY(get_source(d, &plan->sources.items[i]));
    RK_TRY(GET_VEC(d, models, MODEL_BYTES));
    for (uint32_t i = 0; i < plan->models.len && !d->r.fault; i++)
        RK_TRY(get_model(d, &plan->models.items[i]));
    RK_TRY(GET_VEC(d, indexes, INDEX_BYTES));
    for (uint32_t i = 0; i < plan->indexes.len && !d->r.fault; i++)
        RK_TRY(get_plan_index(d, &plan->indexes.items[i]));
    return RK_OK;
}

/* ---- lists, columns, maps, constants ---- */

static rk_status get_lists(decoder *d)
{
    rk_plan *const plan = d->plan;
    RK_TRY(GET_VEC(d, lists, LIST_BYTES));
    for (uint32_t i = 0; i < plan->lists.len && !d->r.fault; i++) {
        plan->lists.items[i].step = rk_get_index(&d->r);
        plan->lists.items[i].parent = rk_get_index(&d->r);
        RK_TRY(get_text(d, &plan->lists.items[i].label));
    }
    RK_TRY(GET_VEC(d, columns, COLUMN_BYTES));
    for (uint32_t i = 0; i < plan->columns.len && !d->r.fault; i++) {
        plan->columns.items[i].type = rk_get_type(&d->r);
        plan->columns.items[i].list = rk_get_index(&d->r);
        RK_TRY(get_text(d, &plan->columns.items[i].name));
    }
    RK_TRY(GET_VEC(d, maps, MAP_BYTES));
    for (uint32_t i = 0; i < plan->maps.len; i++) {
        plan->maps.items[i].list = rk_get_index(&d->r);
        plan->maps.items[i].in = rk_get_index(&d->r);
        plan->maps.items[i].subset = rk_get_bool(&d->r);
    }
    RK_TRY(GET_VEC(d, constants, VALUE_BYTES));
    for (uint32_t i = 0; i < plan->constants.len && !d->r.fault; i++)
        RK_TRY(rk_get_value(&d->r, d->arena, &plan->constants.items[i]));
    return RK_OK;
}

/* ---- kernels ---- */

static rk_plan_kernel get_kernel(rk_reader *r)
{
    rk_plan_kernel k;
    k.list = rk_get_index(r);
    k.first_input = rk_get_index(r);
    k.n_inputs = rk_get_index(r);
    k.first_instr = rk_get_index(r);
    k.n_instrs = rk_get_index(r);
    k.first_store = rk_get_index(r);
    k.n_stores = rk_get_index(r);
    return k;
}

static rk_instr get_instr(decoder *d)
{
    rk_instr instr = {.op = rk_get_index(&d->r)};
    if (instr.op == RK_CORE_CALL)
        instr.aux = get_row(d, RK_REGISTRY_FNS);
    instr.first = rk_get_index(&d->r);
    instr.n = rk_get_index(&d->r);
    instr.type = rk_get_type(&d->r);
    return instr;
}

static rk_status get_kernels(decoder *d)
{
    rk_plan *const plan = d->plan;
    RK_TRY(GET_VEC(d, kernels, KERNEL_BYTES));
    for (uint32_t i = 0; i < plan->kernels.len; i++)
        plan->kernels.items[i] = get_kernel(&d->r);
    RK_TRY(GET_VEC(d, inputs, INPUT_BYTES));
    for (uint32_t i = 0; i < plan->inputs.len; i++) {
        plan->inputs.items[i].column = rk_get_index(&d->r);
        plan->inputs.items[i].constant = rk_get_index(&d->r);
    }
    RK_TRY(GET_VEC(d, instrs, INSTR_BYTES));
    for (uint32_t i = 0; i < plan->instrs.len; i++)
        plan->instrs.items[i] = get_instr(d);
    RK_TRY(GET_VEC(d, stores, STORE_BYTES));
    for (uint32_t i = 0; i < plan->stores.len; i++) {
        plan->stores.items[i].reg = rk_get_index(&d->r);
        plan->stores.items[i].column = rk_get_index(&d->r);
    }
    return RK_OK;
}

/* ---- folds, steps, names ---- */

static rk_plan_fold get_fold(decoder *d)
{
    rk_plan_fold fold = {.fn = get_row(d, RK_REGISTRY_FOLDS)};
    fold.domain = rk_get_index(&d->r);
    fold.value = rk_get_index(&d->r);
    fold.by = rk_get_index(&d->r);
    fold.where = rk_get_index(&d->r);
    fold.out = rk_get_index(&d->r);
    const uint64_t param = rk_get_u64(&d->r);
    memcpy(&fold.param, &param, sizeof param);
    return fold;
}

static rk_step get_step(decoder *d)
{
    rk_step step = {.kind = rk_get_index(&d->r)};
    step.index = step.kind == RK_STEP_SELECT ? get_row(d, RK_REGISTRY_STAGES) : rk_get_index(&d->r);
    step.list = rk_get_index(&d->r);
    step.out = rk_get_index(&d->r);
    step.a = rk_get_index(&d->r);
    step.b = rk_get_index(&d->r);
    step.first = rk_get_index(&d->r);
    step.n = rk_get_index(&d->r);
    step.guard = rk_get_index(&d->r);
    step.column = rk_get_index(&d->r);
    step.span = get_span(&d->r);
    return step;
}

static rk_status get_steps(decoder *d)
{
    rk_plan *const plan = d->plan;
    RK_TRY(GET_VEC(d, folds, FOLD_BYTES));
    for (uint32_t i = 0; i < plan->folds.len; i++)
        plan->folds.items[i] = get_fold(d);
    RK_TRY(GET_VEC(d, operands, 1));
    for (uint32_t i = 0; i < plan->operands.len; i++)
        plan->operands.items[i] = rk_get_index(&d->r);
    RK_TRY(GET_VEC(d, steps, STEP_BYTES));
    for (uint32_t i = 0; i < plan->steps.len; i++)
        plan->steps.items[i] = get_step(d);
    return RK_OK;
}

static rk_status get_names(decoder *d)
{
    rk_plan *const plan = d->plan;
    RK_TRY(GET_VEC(d, shown, OUTPUT_BYTES));
    for (uint32_t i = 0; i < plan->shown.len && !d->r.fault; i++) {
        RK_TRY(get_text(d, &plan->shown.items[i].name));
        plan->shown.items[i].column = rk_get_index(&d->r);
    }
    RK_TRY(GET_VEC(d, factors, FACTOR_BYTES));
    for (uint32_t i = 0; i < plan->factors.len && !d->r.fault; i++) {
        RK_TRY(get_text(d, &plan->factors.items[i].name));
        plan->factors.items[i].list = rk_get_index(&d->r);
        plan->factors.items[i].field = rk_get_bool(&d->r);
    }
    return RK_OK;
}

/* ---- all of it ---- */

static rk_status get_plan(decoder *d, rk_atoms *strings)
{
    RK_TRY(get_strings(d, strings));
    for (int kind = 0; kind < RK_REGISTRY_COUNT; kind++)
        RK_TRY(get_rows(d, kind));
    RK_TRY(get_front(d));
    RK_TRY(get_lists(d));
    RK_TRY(get_kernels(d));
    RK_TRY(get_steps(d));
    RK_TRY(get_names(d));
    if (!d->r.fault && rk_reader_left(&d->r))
        rk_reader_fail(&d->r, "something follows its end");
    return RK_OK;
}

rk_status rk_plan_decode(rk_str bytes, rk_arena *arena, rk_atoms *strings, rk_plan **out,
                         rk_buf *fault)
{
    decoder d = {.arena = arena, .plan = RK_NEW(arena, rk_plan), .fault = fault};
    *out = NULL;
    RK_TRY(rk_atoms_init(strings, arena, NULL));
    if (!d.plan)
        return RK_ENOMEM;
    RK_TRY(rk_get_front(bytes, RK_PLAN_MAGIC, "plan", RK_PLAN_VERSION, &d.r, fault));
    RK_TRY(get_plan(&d, strings));
    if (d.r.fault) {
        rk_buf_add_chars(fault, d.r.fault);
        return RK_EDATA;
    }
    d.plan->strings = strings;
    *out = d.plan;
    return RK_OK;
}
