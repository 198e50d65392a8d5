/* Checks of everything but kernels: sizes, schemas, constants, and the steps in their order. */
#include "runtime/plan/verify.h"

#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

bool rk_check_fail(rk_checker *c, const char *format, ...)
{
    if (c->number != RK_PLAN_NONE)
        rk_buf_printf(c->fault, "step %u (%s): ", c->number, c->what);
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(c->fault, format, args);
    va_end(args);
    return false;
}

bool rk_check_type(rk_checker *c, rk_type type)
{
    return rk_type_is_sound(type) || rk_check_fail(c, "no type: kind %u, elements %u, dimension %u",
                                                   type.kind, type.elem, type.dim);
}

bool rk_check_fits(rk_type from, rk_type to)
{
    return from.kind == to.kind && from.elem == to.elem && from.dim == to.dim &&
           (to.optional || !from.optional || !rk_kind_has_mask(to.kind));
}

bool rk_check_operands(rk_checker *c, uint32_t first, uint32_t n)
{
    if ((uint64_t)first + n > c->plan->operands.len)
        return rk_check_fail(c, "operands %u + %u of %u", first, n, c->plan->operands.len);
    return true;
}

bool rk_check_read(rk_checker *c, uint32_t column, uint32_t list, bool query)
{
    if (column >= c->plan->columns.len || !c->columns[column])
        return rk_check_fail(c, "column %u is not made before", column);
    if (c->owed[column])
        return rk_check_fail(c, "column %u is read before it is required", column);
    const uint32_t of = c->plan->columns.items[column].list;
    if (of != list && !(query && of == 0))
        return rk_check_fail(c, "column %u is of list %u, not %u", column, of, list);
    return true;
}

bool rk_check_make(rk_checker *c, uint32_t column, uint32_t list)
{
    if (column >= c->plan->columns.len)
        return rk_check_fail(c, "column %u of %u", column, c->plan->columns.len);
    if (c->columns[column])
        return rk_check_fail(c, "column %u is made twice", column);
    if (c->plan->columns.items[column].list != list)
        return rk_check_fail(c, "column %u is of list %u, not %u", column,
                             c->plan->columns.items[column].list, list);
    c->columns[column] = true;
    return true;
}

static rk_type column_type(const rk_checker *c, uint32_t column)
{
    return c->plan->columns.items[column].type;
}

static bool check_list(rk_checker *c, uint32_t list)
{
    if (list >= c->plan->lists.len || !c->lists[list])
        return rk_check_fail(c, "list %u is not made before", list);
    return true;
}

/* A made list that has items of its own. */
static bool check_items(rk_checker *c, uint32_t list)
{
    return check_list(c, list) && ((list != 0 && !rk_list_is_probed(c->plan, list)) ||
                                   rk_check_fail(c, "list %u has no items", list));
}

static bool check_map(rk_checker *c, uint32_t map)
{
    if (map >= c->plan->maps.len || !c->maps[map])
        return rk_check_fail(c, "map %u is not made before", map);
    return true;
}

static bool check_source(rk_checker *c, uint32_t source)
{
    if (source >= c->plan->sources.len)
        return rk_check_fail(c, "source %u of %u", source, c->plan->sources.len);
    return true;
}

/* A made column of one exact kind. */
static bool check_kind(rk_checker *c, uint32_t column, uint32_t list, rk_kind kind)
{
    if (!rk_check_read(c, column, list, list == 0))
        return false;
    if (column_type(c, column).kind != kind || column_type(c, column).optional)
        return rk_check_fail(c, "column %u is %s, not %s", column,
                             rk_type_text(column_type(c, column)).text, rk_kind_text(kind));
    return true;
}

/* ---- steps that make lists ---- */

static bool make_list(rk_checker *c, const rk_step *step)
{
    const rk_plan *const plan = c->plan;
    if (step->out >= plan->lists.len || step->out == 0 || c->lists[step->out])
        return rk_check_fail(c, "list %u cannot be made", step->out);
    const rk_plan_list *const list = &plan->lists.items[step->out];
    const bool taken = step->kind == RK_STEP_SELECT || step->kind == RK_STEP_DROP;
    if (list->step != c->number || list->parent != (taken ? step->list : RK_PLAN_NONE))
        return rk_check_fail(c, "list %u names step %u and parent %u", step->out, list->step,
                             list->parent);
    c->lists[step->out] = true;
    return step->guard == RK_PLAN_NONE || check_kind(c, step->guard, 0, RK_KIND_BOOL);
}

/* The list of a step that makes items of rows of a source, and their ROW column. */
static bool make_rows(rk_checker *c, const rk_step *step, uint32_t number)
{
    if (!check_source(c, number) || !make_list(c, step))
        return false;
    const rk_plan_source *const source = &c->plan->sources.items[number];
    if (source->n_keys != 1 || source->key_types[0].kind != c->plan->id_type.kind)
        return rk_check_fail(c, "the keys of source %u are no ids", number);
    if (step->column == RK_PLAN_NONE)
        return true;
    return rk_check_make(c, step->column, step->out) &&
           (column_type(c, step->column).kind == RK_KIND_ROW ||
            rk_check_fail(c, "column %u is not of rows", step->column));
}

static bool check_merge(rk_checker *c, const rk_step *step)
{
    const bool choose = step->kind == RK_STEP_CHOOSE;
    if (!rk_check_operands(c, step->first, step->n))
        return false;
    if (choose ? step->n != 2 : step->n == 0)
        return rk_check_fail(c, "%u lists", step->n);
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t list = c->plan->operands.items[step->first + i];
        if (!check_items(c, list))
            return false;
    }
    return (!choose || check_kind(c, step->a, 0, RK_KIND_BOOL)) && make_list(c, step);
}

static bool check_key(rk_checker *c, const rk_step *step, const rk_stage *stage, bool cond)
{
    if (cond ? step->a == RK_PLAN_NONE : stage->key_optional && step->a == RK_PLAN_NONE)
        return rk_check_fail(c, "no key");
    if (!rk_check_read(c, step->a, step->list, true))
        return false;
    const rk_type type = column_type(c, step->a);
    if (cond ? type.kind != RK_KIND_BOOL : !rk_kind_is_scalar(type.kind))
        return rk_check_fail(c, "the key is %s", rk_type_text(type).text);
    if (type.optional && rk_kind_has_mask(type.kind) && !stage->key_optional)
        return rk_check_fail(c, "the key may be missing");
    return true;
}

static bool check_select(rk_checker *c, const rk_step *step)
{
    uint32_t n_stages = 0, n_ints = 0;
    while (rk_stages[n_stages])
        n_stages++;
    if (step->index >= n_stages || !rk_stages[step->index]->run)
        return rk_check_fail(c, "stage %u", step->index);
    if (!check_list(c, step->list) || step->list == 0)
        return step->list == 0 ? rk_check_fail(c, "list 0 has no items") : false;
    const rk_stage *const stage = rk_stages[step->index];
    rk_stage_param params[RK_STAGE_PARAMS_MAX];
    const uint32_t n = rk_stage_params(stage, params);
    bool keyed = false;
    for (uint32_t i = 0; i < n; i++) {
        n_ints += params[i].type == RK_STAGE_INT;
        keyed = keyed || params[i].type != RK_STAGE_INT;
        if (params[i].type != RK_STAGE_INT && !params[i].either &&
            !check_key(c, step, stage, params[i].type == RK_STAGE_COND))
            return false;
    }
    if (!keyed && step->a != RK_PLAN_NONE)
        return rk_check_fail(c, "a key that the stage does not take");
    if (step->n != n_ints || !rk_check_operands(c, step->first, step->n))
        return step->n != n_ints ? rk_check_fail(c, "%u parameters", step->n) : false;
    for (uint32_t i = 0; i < n_ints; i++)
        if (!check_kind(c, c->plan->operands.items[step->first + i], 0, RK_KIND_INT))
            return false;
    return make_list(c, step);
}

static bool check_drop(rk_checker *c, const rk_step *step)
{
    return check_list(c, step->list) && check_kind(c, step->a, step->list, RK_KIND_ROW) &&
           make_list(c, step);
}

/* ---- steps that make columns ---- */

static bool is_value(rk_checker *c, uint32_t column)
{
    return column_type(c, column).kind != RK_KIND_ROW || rk_check_fail(c, "a column of rows");
}

/* A column filled from a field: of its kind; of its optionality unless a REQUIRE follows. */
static bool check_field(rk_checker *c, const rk_step *step, const rk_schema *schema, uint32_t field)
{
    if (field >= schema->n)
        return rk_check_fail(c, "field %u of %u", field, schema->n);
    if (!check_list(c, step->list) || !rk_check_make(c, step->out, step->list))
        return false;
    const rk_field *const from = &schema->fields[field];
    const rk_type type = column_type(c, step->out);
    if (!rk_check_fits(from->type, type))
        return rk_check_fail(c, "column %u is %s, field `%.*s` %s", step->out,
                             rk_type_text(type).text, RK_STR_ARG(from->name),
                             rk_type_text(from->type).text);
    c->owed[step->out] =
        step->kind != RK_STEP_QUERY && !type.optional && !from->type.optional && !from->has_initial;
    return true;
}

static bool check_lookup(rk_checker *c, const rk_step *step)
{
    if (!check_source(c, step->index) || !check_list(c, step->list) ||
        !rk_check_operands(c, step->first, step->n))
        return false;
    const rk_plan_source *const source = &c->plan->sources.items[step->index];
    if (step->n != source->n_keys)
        return rk_check_fail(c, "%u keys for %u", step->n, source->n_keys);
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t key = c->plan->operands.items[step->first + i];
        if (!rk_check_read(c, key, step->list, true))
            return false;
        if (column_type(c, key).kind != source->key_types[i].kind)
            return rk_check_fail(c, "key %u is %s", i, rk_type_text(column_type(c, key)).text);
    }
    if (step->b != RK_PLAN_NONE &&
        (step->b != RK_LOOKUP_DROPS || !rk_list_is_probed(c->plan, step->list)))
        return rk_check_fail(c, "it drops (%u)", step->b);
    return rk_check_make(c, step->out, step->list) &&
           (column_type(c, step->out).kind == RK_KIND_ROW ||
            rk_check_fail(c, "column %u is not of rows", step->out));
}

static bool check_fetch(rk_checker *c, const rk_step *step)
{
    return check_source(c, step->index) && check_list(c, step->list) &&
           check_kind(c, step->a, step->list, RK_KIND_ROW) &&
           check_field(c, step, &c->plan->sources.items[step->index].wanted, step->b);
}

static bool check_require(rk_checker *c, const rk_step *step)
{
    if (step->index != RK_PLAN_NONE && !check_source(c, step->index))
        return false;
    const rk_schema *const schema =
        step->index == RK_PLAN_NONE ? &c->plan->item : &c->plan->sources.items[step->index].wanted;
    if (step->b >= schema->n)
        return rk_check_fail(c, "field %u of %u", step->b, schema->n);
    if (step->a < c->plan->columns.len)
        c->owed[step->a] = false;
    return check_list(c, step->list) && rk_check_read(c, step->a, step->list, false);
}

static bool check_id(rk_checker *c, const rk_step *step)
{
    return check_list(c, step->list) &&
           (step->list != 0 || rk_check_fail(c, "list 0 has no ids")) &&
           rk_check_make(c, step->out, step->list) &&
           (column_type(c, step->out).kind == c->plan->id_type.kind ||
            rk_check_fail(c, "ids are %s", rk_type_text(c->plan->id_type).text));
}

static bool check_map_step(rk_checker *c, const rk_step *step)
{
    if (!check_items(c, step->list) || !check_items(c, step->a))
        return false;
    if (step->out >= c->plan->maps.len || c->maps[step->out])
        return rk_check_fail(c, "map %u cannot be made", step->out);
    const rk_plan_map *const map = &c->plan->maps.items[step->out];
    if (map->list != step->list || map->in != step->a)
        return rk_check_fail(c, "map %u is from list %u to %u", step->out, map->list, map->in);
    c->maps[step->out] = true;
    return true;
}

/* Whether what comes through the map may be missing where it was not before. */
static bool check_through(rk_checker *c, const rk_step *step, rk_type from)
{
    const rk_plan_map *const map = &c->plan->maps.items[step->index];
    if (map->list != step->list || !rk_check_make(c, step->out, step->list))
        return map->list != step->list ? rk_check_fail(c, "the map is of list %u", map->list)
                                       : false;
    from.optional |= !map->subset;
    return rk_check_fits(from, column_type(c, step->out)) ||
           rk_check_fail(c, "column %u is %s", step->out,
                         rk_type_text(column_type(c, step->out)).text);
}

static bool check_gather(rk_checker *c, const rk_step *step)
{
    if (!check_list(c, step->list) || !check_map(c, step->index))
        return false;
    const rk_plan_map *const map = &c->plan->maps.items[step->index];
    switch (step->kind) {
    case RK_STEP_GATHER:
        return rk_check_read(c, step->a, map->in, false) &&
               check_through(c, step, column_type(c, step->a));
    case RK_STEP_RANK:
        return check_through(c, step, RK_TYPE(INT));
    default:
        return (step->a == map->in || rk_check_fail(c, "the map is into list %u", map->in)) &&
               check_through(c, step, RK_TYPE_OPT(FLOAT));
    }
}

static bool check_values(rk_checker *c, const rk_plan_fold *fold, const rk_fold_fn *fn)
{
    if (fold->value == RK_PLAN_NONE)
        return (fn->values & RK_VALUES_NONE) || rk_check_fail(c, "no value");
    if (!rk_check_read(c, fold->value, fold->domain, true))
        return false;
    const rk_type type = column_type(c, fold->value);
    const unsigned taken = rk_kind_is_number(type.kind)  ? RK_VALUES_NUMBER
                           : type.kind == RK_KIND_BOOL   ? RK_VALUES_BOOL
                           : type.kind == RK_KIND_STRING ? RK_VALUES_STRING
                                                         : 0;
    return (fn->values & taken) || rk_check_fail(c, "values of %s", rk_type_text(type).text);
}

static rk_kind fold_kind(const rk_fold_fn *fn, rk_kind value)
{
    switch (fn->result) {
    case RK_RESULT_SAME:
        return value;
    case RK_RESULT_REAL:
        return value == RK_KIND_DOUBLE ? RK_KIND_DOUBLE : RK_KIND_FLOAT;
    case RK_RESULT_INT:
        return RK_KIND_INT;
    case RK_RESULT_BOOL:
        return RK_KIND_BOOL;
    }
    return RK_KIND_NONE;
}

static bool check_fold(rk_checker *c, const rk_step *step)
{
    if (step->index >= c->plan->folds.len)
        return rk_check_fail(c, "fold %u of %u", step->index, c->plan->folds.len);
    const rk_plan_fold *const fold = &c->plan->folds.items[step->index];
    if (fold->fn >= rk_fold_count())
        return rk_check_fail(c, "fold row %u of %u", fold->fn, rk_fold_count());
    if (!check_list(c, fold->domain))
        return false;
    if (step->list != fold->domain)
        return rk_check_fail(c, "the fold is over list %u", fold->domain);
    const rk_fold_fn *const fn = rk_fold_at(fold->fn);
    if (!check_values(c, fold, fn))
        return false;
    if (fold->by != RK_PLAN_NONE &&
        (!rk_check_read(c, fold->by, fold->domain, true) ||
         (!rk_kind_is_scalar(column_type(c, fold->by).kind) && !rk_check_fail(c, "group key"))))
        return false;
    if (fold->where != RK_PLAN_NONE &&
        (!rk_check_read(c, fold->where, fold->domain, true) ||
         (column_type(c, fold->where).kind != RK_KIND_BOOL && !rk_check_fail(c, "condition"))))
        return false;
    const bool one = fn->kind == RK_FOLD_AGGREGATE && fold->by == RK_PLAN_NONE;
    if (!rk_check_make(c, fold->out, one ? 0 : fold->domain))
        return false;
    const rk_kind value =
        fold->value == RK_PLAN_NONE ? RK_KIND_NONE : column_type(c, fold->value).kind;
    return column_type(c, fold->out).kind == fold_kind(fn, value) ||
           rk_check_fail(c, "column %u is %s", fold->out,
                         rk_type_text(column_type(c, fold->out)).text);
}

/* The fields that each kind of step has, of those that others may look at without asking for the
 * kind first. */
enum { HAS_LIST = 1, HAS_A = 2, HAS_OPERANDS = 4, HAS_GUARD = 8 };

static const uint8_t step_fields[] = {
    [RK_STEP_QUERY] = HAS_LIST,
    [RK_STEP_CANDIDATES] = HAS_GUARD,
    [RK_STEP_SCAN] = HAS_GUARD,
    [RK_STEP_PROBE] = 0,
    [RK_STEP_NEAREST] = HAS_LIST | HAS_A | HAS_OPERANDS | HAS_GUARD,
    [RK_STEP_UNION] = HAS_OPERANDS | HAS_GUARD,
    [RK_STEP_CHOOSE] = HAS_A | HAS_OPERANDS | HAS_GUARD,
    [RK_STEP_SELECT] = HAS_LIST | HAS_A | HAS_OPERANDS | HAS_GUARD,
    [RK_STEP_DROP] = HAS_LIST | HAS_A | HAS_GUARD,
    [RK_STEP_ID] = HAS_LIST,
    [RK_STEP_ITEM] = HAS_LIST,
    [RK_STEP_LOOKUP] = HAS_LIST | HAS_OPERANDS,
    [RK_STEP_FETCH] = HAS_LIST | HAS_A,
    [RK_STEP_REQUIRE] = HAS_LIST | HAS_A,
    [RK_STEP_MAP] = HAS_LIST | HAS_A,
    [RK_STEP_GATHER] = HAS_LIST | HAS_A,
    [RK_STEP_RANK] = HAS_LIST,
    [RK_STEP_SCORE] = HAS_LIST | HAS_A,
    [RK_STEP_KERNEL] = HAS_LIST,
    [RK_STEP_FOLD] = HAS_LIST,
    [RK_STEP_MODEL] = HAS_LIST | HAS_OPERANDS,
    [RK_STEP_PART] = HAS_LIST | HAS_A,
};
_Static_assert(RK_ARRAY_LEN(step_fields) == RK_STEP_COUNT, "the fields of each kind of step");

static bool check_fields(rk_checker *c, const rk_step *step)
{
    const uint8_t has = step->kind < RK_STEP_COUNT ? step_fields[step->kind] : UINT8_MAX;
    if (!(has & HAS_LIST) && step->list != 0 && step->list != RK_PLAN_NONE)
        return rk_check_fail(c, "it has no list, not %u", step->list);
    if (!(has & HAS_A) && step->a != RK_PLAN_NONE)
        return rk_check_fail(c, "it has no a, not %u", step->a);
    if (!(has & HAS_OPERANDS) && step->n != 0)
        return rk_check_fail(c, "it has no operands, not %u", step->n);
    return (has & HAS_GUARD) || step->guard == RK_PLAN_NONE ||
           rk_check_fail(c, "it has no guard, not %u", step->guard);
}

static bool check_step(rk_checker *c, const rk_step *step)
{
    if (!check_fields(c, step) || !rk_check_probed(c, step))
        return false;
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_QUERY:
        return (step->list == 0 || rk_check_fail(c, "of list %u", step->list)) &&
               check_field(c, step, &c->plan->query, step->index);
    case RK_STEP_CANDIDATES:
        return make_list(c, step);
    case RK_STEP_SCAN:
    case RK_STEP_PROBE:
        return make_rows(c, step, step->index);
    case RK_STEP_NEAREST:
        return rk_check_nearest(c, step) &&
               make_rows(c, step, c->plan->indexes.items[step->index].source);
    case RK_STEP_UNION:
    case RK_STEP_CHOOSE:
        return check_merge(c, step);
    case RK_STEP_SELECT:
        return check_select(c, step);
    case RK_STEP_DROP:
        return check_drop(c, step);
    case RK_STEP_ID:
        return check_id(c, step) && is_value(c, step->out);
    case RK_STEP_ITEM:
        return (step->list != 0 || rk_check_fail(c, "list 0 has no items")) &&
               check_field(c, step, &c->plan->item, step->index);
    case RK_STEP_LOOKUP:
        return check_lookup(c, step);
    case RK_STEP_FETCH:
        return check_fetch(c, step);
    case RK_STEP_REQUIRE:
        return check_require(c, step);
    case RK_STEP_MAP:
        return check_map_step(c, step);
    case RK_STEP_GATHER:
    case RK_STEP_RANK:
    case RK_STEP_SCORE:
        return check_gather(c, step);
    case RK_STEP_KERNEL:
        return check_list(c, step->list) && rk_check_kernel(c, step->index, step->list);
    case RK_STEP_FOLD:
        return check_fold(c, step);
    case RK_STEP_MODEL:
        return check_list(c, step->list) && rk_check_model(c, step);
    case RK_STEP_PART:
        return check_list(c, step->list) && rk_check_part(c, step);
    case RK_STEP_COUNT:
        break;
    }
    return rk_check_fail(c, "kind %u", step->kind);
}

/* ---- what does not depend on the order of steps ---- */

static bool check_value(rk_checker *c, const rk_value *value)
{
    return rk_value_is_sound(value, c->plan->strings) || rk_check_fail(c, "an unsound constant");
}

static bool check_schema(rk_checker *c, const rk_schema *schema)
{
    for (uint32_t i = 0; i < schema->n; i++) {
        const rk_field *const field = &schema->fields[i];
        if (!rk_check_type(c, field->type))
            return false;
        if (!field->has_initial)
            continue;
        if (!check_value(c, &field->initial))
            return false;
        if (!rk_check_fits(field->initial.type, field->type))
            return rk_check_fail(c, "the default of `%.*s` is %s", RK_STR_ARG(field->name),
                                 rk_type_text(field->initial.type).text);
    }
    return true;
}

static bool check_sources(rk_checker *c)
{
    for (uint32_t i = 0; i < c->plan->sources.len; i++) {
        const rk_plan_source *const source = &c->plan->sources.items[i];
        if (!check_schema(c, &source->wanted))
            return false;
        if (source->n_keys == 0)
            return rk_check_fail(c, "source %u has no key", i);
        for (uint32_t k = 0; k < source->n_keys; k++)
            if (source->key_types[k].kind != RK_KIND_INT &&
                source->key_types[k].kind != RK_KIND_STRING)
                return rk_check_fail(c, "source %u has a key of kind %u", i,
                                     source->key_types[k].kind);
    }
    return true;
}

static bool check_tables(rk_checker *c)
{
    const rk_plan *const plan = c->plan;
    if (!plan->strings || plan->lists.len == 0 || plan->lists.items[0].step != RK_PLAN_NONE)
        return rk_check_fail(c, "no strings or no list 0");
    if (plan->id_type.kind != RK_KIND_INT && plan->id_type.kind != RK_KIND_STRING)
        return rk_check_fail(c, "ids of kind %u", plan->id_type.kind);
    for (uint32_t i = 0; i < plan->constants.len; i++)
        if (!check_value(c, &plan->constants.items[i]))
            return false;
    for (uint32_t i = 0; i < plan->columns.len; i++) {
        const rk_plan_column *const column = &plan->columns.items[i];
        const bool row = column->type.kind == RK_KIND_ROW && !column->type.optional;
        if (column->list >= plan->lists.len)
            return rk_check_fail(c, "column %u is of list %u", i, column->list);
        if (!row && !rk_check_type(c, column->type))
            return false;
    }
    return check_schema(c, &plan->query) && check_schema(c, &plan->item) && check_sources(c) &&
           rk_check_indexes(c);
}

static bool check_end(rk_checker *c)
{
    const rk_plan *const plan = c->plan;
    c->number = RK_PLAN_NONE;
    if (!check_items(c, plan->result) || !rk_check_free_indexes(c))
        return false;
    for (uint32_t i = 0; i < plan->shown.len; i++)
        if (!rk_check_read(c, plan->shown.items[i].column, plan->result, true) ||
            !is_value(c, plan->shown.items[i].column))
            return false;
    uint32_t producers = 0;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        producers += rk_step_produces(plan->steps.items[i].kind);
    return !plan->one_producer || producers == 1 || rk_check_fail(c, "%u producers", producers);
}

static bool check_steps(rk_checker *c)
{
    for (uint32_t i = 0; i < c->plan->steps.len; i++) {
        c->number = i;
        c->what = rk_step_text(c->plan->steps.items[i].kind);
        if (!check_step(c, &c->plan->steps.items[i]))
            return false;
    }
    return true;
}

rk_status rk_plan_verify(const rk_plan *plan, rk_buf *fault)
{
    rk_checker c = {.plan = plan, .fault = fault, .number = RK_PLAN_NONE};
    c.lists = RK_NEW_ARRAY(&c.arena, bool, plan->lists.len);
    c.columns = RK_NEW_ARRAY(&c.arena, bool, plan->columns.len);
    c.owed = RK_NEW_ARRAY(&c.arena, bool, plan->columns.len);
    c.maps = RK_NEW_ARRAY(&c.arena, bool, plan->maps.len);
    rk_status status = RK_ENOMEM;
    if (c.lists && c.columns && c.owed && c.maps) {
        if (plan->lists.len)
            c.lists[0] = true;
        status = check_tables(&c) && check_steps(&c) && check_end(&c) ? RK_OK
                 : c.no_memory                                        ? RK_ENOMEM
                                                                      : RK_EBUG;
    }
    rk_arena_free(&c.arena);
    return status;
}
