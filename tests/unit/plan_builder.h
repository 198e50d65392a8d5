/* Builds small plans by hand, and requests for them. For the tests of plans and of the executor. */
#ifndef RK_UNIT_PLAN_BUILDER_H
#define RK_UNIT_PLAN_BUILDER_H

#include "runtime/exec/exec.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"
#include "tests/unit/harness.h"

typedef struct builder {
    rk_arena arena;
    rk_atoms strings;
    rk_diags diags;
    rk_plan plan;
    rk_plan_kernel kernel; /* the one being built */
} builder;

#define B_PUSH(b, vec, item) ck_assert(rk_vec_push(&(b)->arena, &(b)->plan.vec, item))

static inline void b_open(builder *b)
{
    *b = (builder){0};
    ck_assert_int_eq(rk_atoms_init(&b->strings, &b->arena, NULL), RK_OK);
    rk_diags_init(&b->diags, &b->arena);
    b->plan.id_type = RK_TYPE(INT);
    b->plan.strings = &b->strings;
    const rk_plan_list request = {RK_PLAN_NONE, RK_PLAN_NONE, RK_STR("")};
    B_PUSH(b, lists, request);
}

static inline void b_close(builder *b) { rk_arena_free(&b->arena); }

static inline rk_atom b_atom(builder *b, const char *text)
{
    rk_atom atom;
    ck_assert_int_eq(rk_atom_intern(&b->strings, rk_str_from(text), &atom), RK_OK);
    return atom;
}

/* ---- schemas ---- */

static inline uint32_t b_field(builder *b, rk_schema *schema, const char *name, rk_type type)
{
    rk_field *const fields = RK_NEW_ARRAY(&b->arena, rk_field, schema->n + 1);
    if (schema->n)
        memcpy(fields, schema->fields, schema->n * sizeof *fields);
    fields[schema->n] = (rk_field){
        .name = rk_str_from(name), .column = rk_str_from(name), .type = type, .span = RK_NO_SPAN};
    schema->fields = fields;
    return schema->n++;
}

static inline void b_initial(rk_schema *schema, uint32_t field, rk_value value)
{
    schema->fields[field].has_initial = true;
    schema->fields[field].initial = value;
}

/* ---- steps ---- */

static inline rk_step b_blank(rk_step_kind kind, uint32_t list)
{
    return (rk_step){kind, list, RK_PLAN_NONE, RK_PLAN_NONE, RK_PLAN_NONE, RK_PLAN_NONE,
                     0,    0,    RK_PLAN_NONE, RK_PLAN_NONE, RK_NO_SPAN};
}

static inline uint32_t b_column(builder *b, rk_type type, uint32_t list)
{
    const rk_plan_column column = {type, list, RK_STR("")};
    B_PUSH(b, columns, column);
    return b->plan.columns.len - 1;
}

static inline uint32_t b_operands(builder *b, const uint32_t *operands, uint32_t n)
{
    const uint32_t first = b->plan.operands.len;
    for (uint32_t i = 0; i < n; i++)
        B_PUSH(b, operands, operands[i]);
    return first;
}

/* Adds a step that makes a list; returns the list. */
static inline uint32_t b_list(builder *b, rk_step step)
{
    const bool taken = step.kind == RK_STEP_SELECT || step.kind == RK_STEP_DROP;
    const rk_plan_list list = {b->plan.steps.len, taken ? step.list : RK_PLAN_NONE, RK_STR("")};
    B_PUSH(b, lists, list);
    step.out = b->plan.lists.len - 1;
    B_PUSH(b, steps, step);
    return step.out;
}

static inline uint32_t b_candidates(builder *b)
{
    return b_list(b, b_blank(RK_STEP_CANDIDATES, 0));
}

/* Adds a step that makes a column; returns the column. */
static inline uint32_t b_make(builder *b, rk_step step, rk_type type)
{
    step.out = b_column(b, type, step.list);
    B_PUSH(b, steps, step);
    return step.out;
}

static inline uint32_t b_item(builder *b, uint32_t list, uint32_t field, rk_type type)
{
    rk_step step = b_blank(RK_STEP_ITEM, list);
    step.index = field;
    return b_make(b, step, type);
}

static inline uint32_t b_query(builder *b, uint32_t field, rk_type type)
{
    rk_step step = b_blank(RK_STEP_QUERY, 0);
    step.index = field;
    return b_make(b, step, type);
}

static inline uint32_t b_select(builder *b, const char *stage, uint32_t list, uint32_t key,
                                const uint32_t *params, uint32_t n)
{
    rk_step step = b_blank(RK_STEP_SELECT, list);
    step.index = rk_stage_index(rk_stage_find(rk_str_from(stage)));
    step.a = key;
    step.b = strcmp(stage, "sort") == 0 ? 1 : RK_PLAN_NONE;
    step.first = b_operands(b, params, n);
    step.n = n;
    return b_list(b, step);
}

static inline uint32_t b_merge(builder *b, rk_step_kind kind, uint32_t which, const uint32_t *lists,
                               uint32_t n)
{
    rk_step step = b_blank(kind, 0);
    step.a = which;
    step.first = b_operands(b, lists, n);
    step.n = n;
    return b_list(b, step);
}

static inline uint32_t b_map(builder *b, uint32_t list, uint32_t in, bool subset)
{
    const rk_plan_map map = {list, in, subset};
    B_PUSH(b, maps, map);
    rk_step step = b_blank(RK_STEP_MAP, list);
    step.a = in;
    step.out = b->plan.maps.len - 1;
    B_PUSH(b, steps, step);
    return step.out;
}

static inline uint32_t b_through(builder *b, rk_step_kind kind, uint32_t list, uint32_t map,
                                 uint32_t a, rk_type type)
{
    rk_step step = b_blank(kind, list);
    step.index = map;
    step.a = a;
    return b_make(b, step, type);
}

/* ---- kernels ---- */

static inline uint32_t b_constant(builder *b, rk_value value)
{
    B_PUSH(b, constants, value);
    return b->plan.constants.len - 1;
}

static inline rk_value v_int(int64_t i) { return (rk_value){.type = RK_TYPE(INT), .as.i = i}; }
static inline rk_value v_float(float f) { return (rk_value){.type = RK_TYPE(FLOAT), .as.f = f}; }
static inline rk_value v_double(double d) { return (rk_value){.type = RK_TYPE(DOUBLE), .as.d = d}; }
static inline rk_value v_bool(bool x) { return (rk_value){.type = RK_TYPE(BOOL), .as.b = x}; }
static inline rk_value v_atom(rk_atom s) { return (rk_value){.type = RK_TYPE(STRING), .as.s = s}; }

static inline void b_kernel(builder *b, uint32_t list)
{
    b->kernel = (rk_plan_kernel){
        .list = list,
        .first_input = b->plan.inputs.len,
        .first_instr = b->plan.instrs.len,
        .first_store = b->plan.stores.len,
    };
}

/* All inputs come before the first operation. */
static inline uint32_t b_input(builder *b, uint32_t column)
{
    const rk_kernel_input input = {column, RK_PLAN_NONE};
    B_PUSH(b, inputs, input);
    return b->kernel.n_inputs++;
}

static inline uint32_t b_input_constant(builder *b, rk_value value)
{
    const rk_kernel_input input = {RK_PLAN_NONE, b_constant(b, value)};
    B_PUSH(b, inputs, input);
    return b->kernel.n_inputs++;
}

static inline uint32_t b_instr(builder *b, rk_core op, uint32_t aux, rk_type type,
                               const uint32_t *regs, uint32_t n)
{
    const rk_instr instr = {op, aux, b_operands(b, regs, n), n, type};
    B_PUSH(b, instrs, instr);
    return b->kernel.n_inputs + b->kernel.n_instrs++;
}

static inline uint32_t b_store(builder *b, uint32_t reg, rk_type type)
{
    const rk_kernel_output store = {reg, b_column(b, type, b->kernel.list)};
    B_PUSH(b, stores, store);
    b->kernel.n_stores++;
    return store.column;
}

static inline void b_kernel_end(builder *b)
{
    rk_step step = b_blank(RK_STEP_KERNEL, b->kernel.list);
    step.index = b->plan.kernels.len;
    B_PUSH(b, kernels, b->kernel);
    B_PUSH(b, steps, step);
}

/* A column of list 0 that holds a constant. */
static inline uint32_t b_const_column(builder *b, rk_value value)
{
    b_kernel(b, 0);
    const uint32_t reg = b_input_constant(b, value);
    const uint32_t column = b_store(b, reg, value.type);
    b_kernel_end(b);
    return column;
}

/* ---- folds ---- */

static inline uint32_t b_fold(builder *b, const char *name, uint32_t domain, uint32_t value,
                              uint32_t by, uint32_t where, rk_type type)
{
    const rk_fold_fn *const fn = rk_fold_find(rk_str_from(name));
    ck_assert_ptr_nonnull(fn);
    const bool one = fn->kind == RK_FOLD_AGGREGATE && by == RK_PLAN_NONE;
    const rk_plan_fold fold = {
        .fn = rk_fold_index(fn),
        .domain = domain,
        .value = value,
        .by = by,
        .where = where,
        .out = b_column(b, type, one ? 0 : domain),
    };
    rk_step step = b_blank(RK_STEP_FOLD, domain);
    step.index = b->plan.folds.len;
    B_PUSH(b, folds, fold);
    B_PUSH(b, steps, step);
    return fold.out;
}

/* ---- the end ---- */

static inline void b_show(builder *b, uint32_t column)
{
    const rk_plan_output output = {RK_STR("shown"), column};
    B_PUSH(b, shown, output);
}

static inline void b_verify(builder *b)
{
    rk_buf fault = {0};
    const rk_status status = rk_plan_verify(&b->plan, &fault);
    ck_assert_msg(status == RK_OK, "%.*s", RK_STR_ARG(rk_buf_str(&fault)));
    rk_buf_free(&fault);
}

static inline rk_engine *b_engine(builder *b, rk_cpu_level cpu)
{
    rk_engine *engine;
    const rk_engine_options options = {.cpu = cpu};
    b_verify(b);
    ck_assert_int_eq(rk_engine_new(&b->plan, &options, &b->diags, &engine), RK_OK);
    return engine;
}

static inline rk_run *b_run(rk_engine *engine)
{
    rk_run *run;
    ck_assert_int_eq(rk_run_new(engine, &run), RK_OK);
    return run;
}

/* A request of n items with ids 1 .. n and item columns to be filled by the caller, who owns the
 * arena. */
static inline rk_request b_request(const builder *b, rk_arena *arena, uint32_t n)
{
    rk_request request = {
        .query = RK_NEW_ARRAY(arena, rk_value, b->plan.query.n),
        .has_items = true,
        .n_items = n,
        .items = RK_NEW_ARRAY(arena, rk_column, b->plan.item.n),
    };
    ck_assert_int_eq(rk_column_init(&request.ids, arena, b->plan.id_type, n), RK_OK);
    for (uint32_t i = 0; i < n && b->plan.id_type.kind == RK_KIND_INT; i++)
        ((int64_t *)request.ids.data)[i] = (int64_t)i + 1;
    for (uint32_t f = 0; f < b->plan.item.n; f++)
        ck_assert_int_eq(rk_column_init(&request.items[f], arena, b->plan.item.fields[f].type, n),
                         RK_OK);
    for (uint32_t f = 0; f < b->plan.query.n; f++)
        request.query[f] = (rk_value){.type = b->plan.query.fields[f].type, .missing = true};
    return request;
}

/* Whether two values are the same to the bit. */
static inline bool b_same(rk_value a, rk_value b)
{
    if (a.missing || b.missing)
        return a.missing == b.missing;
    switch (a.type.kind) {
    case RK_KIND_FLOAT:
        return memcmp(&a.as.f, &b.as.f, sizeof a.as.f) == 0;
    case RK_KIND_DOUBLE:
        return memcmp(&a.as.d, &b.as.d, sizeof a.as.d) == 0;
    default:
        return rk_value_eq(a, b);
    }
}

#endif
