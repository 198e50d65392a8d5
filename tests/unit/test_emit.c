/* Native code against the interpreter: each operation and function by itself, folds in sweeps,
 * filters, kernels in several parts; both tiers, all vector levels of this machine, at many
 * lengths. Equal bits throughout. And the tables: what is native, and how it is put together. */
#include "tests/unit/emit_lab.h"

/* ---- operations ---- */

/* A constant list of a kind's odd values. */
static rk_value odd_list(lab *l, uint8_t kind, uint32_t len)
{
    rk_column items;
    ck_assert_int_eq(rk_column_init(&items, &l->b.arena, (rk_type){.kind = kind}, len), RK_OK);
    for (uint32_t i = 0; i < len; i++)
        rk_column_set(&items, i, odd_value(l, (rk_type){.kind = kind}));
    rk_value list = {.type = {.kind = RK_KIND_LIST, .elem = kind}};
    list.as.list.items = items.data;
    list.as.list.len = len;
    return list;
}

/* An operation with every result type that the verifier takes and the compiler may ask for. */
static void try_results(lab *l, trial t)
{
    const unsigned kind = t.types[t.n - 1] % KINDS;
    const bool answers = t.core >= RK_CORE_EQ && t.core <= RK_CORE_NOT;
    for (unsigned r = 0; r < TYPES; r++) {
        const bool fits = answers || t.core == RK_CORE_IS_MISSING ? r == 0 : r % KINDS == kind;
        t.result = type_at(r);
        if (t.core == RK_CORE_CONVERT || fits)
            add_trials(l, t);
    }
}

static void try_core(lab *l, rk_core core, uint32_t n)
{
    for (unsigned a = 0; a < TYPES; a++)
        for (unsigned b = 0; b < 2; b++) {
            const unsigned other = a % KINDS + b * KINDS;
            trial t = {.core = core, .n = n, .types = {a, other, other}};
            if (core == RK_CORE_IF)
                t.types[0] = 0, t.types[1] = a, t.types[2] = other;
            if (n > 1 || b == 0)
                try_results(l, t);
        }
}

START_TEST(operations)
{
    static const rk_core cores[][4] = {
        {RK_CORE_ADD, RK_CORE_SUB, RK_CORE_MUL, RK_CORE_DIV},
        {RK_CORE_MOD, RK_CORE_POW, RK_CORE_NEG, RK_CORE_EQ},
        {RK_CORE_NE, RK_CORE_LT, RK_CORE_LE, RK_CORE_GT},
        {RK_CORE_GE, RK_CORE_AND, RK_CORE_OR, RK_CORE_NOT},
        {RK_CORE_COALESCE, RK_CORE_IF, RK_CORE_IS_MISSING, RK_CORE_CONVERT},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(cores) && has_native(); i++) {
        lab l;
        open_lab(&l);
        for (unsigned k = 0; k < RK_ARRAY_LEN(cores[i]); k++)
            try_core(&l, cores[i][k], rk_core_operands(cores[i][k]));
        ck_assert_uint_gt(l.b.plan.shown.len, 20);
        compare(&l);
        close_lab(&l);
    }
}
END_TEST

START_TEST(membership)
{
    static const uint32_t sizes[] = {0, 1, 5, 32, 33};
    lab l;
    if (!has_native())
        return;
    open_lab(&l);
    for (size_t s = 0; s < RK_ARRAY_LEN(sizes); s++)
        for (unsigned t = 0; t < KINDS; t++) {
            const rk_value list = odd_list(&l, kinds[t], sizes[s]);
            add_trials(&l, (trial){.core = RK_CORE_IN,
                                   .n = 1,
                                   .types = {t},
                                   .result = RK_TYPE(BOOL),
                                   .list = &list});
        }
    compare(&l);
    close_lab(&l);
}
END_TEST

/* ---- functions ---- */

/* The type of a parameter as a number for type_at; TYPES when it is no scalar. */
static unsigned type_of(const rk_param *param, bool optional)
{
    const uint8_t kind = param->any ? RK_KIND_INT : param->type.kind;
    for (unsigned i = 0; i < KINDS; i++)
        if (kinds[i] == kind)
            return i + (optional ? KINDS : 0);
    return TYPES;
}

static void try_fn(lab *l, uint32_t fn, bool optional)
{
    rk_signature sig;
    ck_assert(rk_signature_parse(rk_fn_at(fn)->sig, &sig));
    trial t = {.core = RK_CORE_CALL, .fn = fn, .n = sig.n_params, .result = sig.result};
    rk_value list;
    if (t.n && sig.params[t.n - 1].type.kind == RK_KIND_LIST && sig.params[t.n - 1].constant) {
        list = odd_list(l, sig.params[t.n - 1].type.elem, 1 + draw(l, 8));
        t.list = &list;
        t.n--;
    }
    if (t.n > OPERANDS_MAX || !rk_kind_is_scalar(sig.result.kind))
        return;
    for (uint32_t k = 0; k < t.n; k++)
        if ((t.types[k] = type_of(&sig.params[k], optional)) == TYPES)
            return;
    add_trials(l, t);
    t.result.optional = true;
    add_trials(l, t);
}

START_TEST(functions)
{
    enum { AT_ONCE = 40 };
    for (uint32_t from = 0; from < rk_fn_count() && has_native(); from += AT_ONCE) {
        lab l;
        open_lab(&l);
        for (uint32_t fn = from; fn < from + AT_ONCE && fn < rk_fn_count(); fn++) {
            try_fn(&l, fn, false);
            try_fn(&l, fn, true);
        }
        compare(&l);
        close_lab(&l);
    }
}
END_TEST

/* ---- parts ---- */

static uint32_t fn_named(const char *name, uint8_t kind)
{
    rk_signature sig;
    for (uint32_t i = 0; i < rk_fn_count(); i++)
        if (strcmp(rk_fn_at(i)->name, name) == 0 && rk_signature_parse(rk_fn_at(i)->sig, &sig) &&
            sig.params[0].type.kind == kind)
            return i;
    ck_abort_msg("no function %s", name);
    return 0;
}

static uint32_t add_op(builder *b, rk_core core, rk_type type, uint32_t x, uint32_t y)
{
    return b_instr(b, core, 0, type, (uint32_t[]){x, y}, 2);
}

/* Two chains of native sums and the interpreter's remainders, woven into each other. */
START_TEST(parts_have_few_borders)
{
    lab l;
    if (!has_native())
        return;
    open_lab(&l);
    builder *const b = &l.b;
    b_kernel(b, l.list);
    const uint32_t x = b_input(b, l.item[2][0]), y = b_input(b, l.item[2][1]);
    const uint32_t flag = b_input(b, l.item[0][0]);
    const rk_type real = RK_TYPE(FLOAT);
    uint32_t chain[2] = {x, y};
    for (unsigned round = 0; round < 3; round++)
        for (unsigned c = 0; c < 2; c++) {
            const uint32_t sum = add_op(b, RK_CORE_ADD, real, chain[c], x);
            chain[c] = add_op(b, RK_CORE_MOD, real, sum, y);
            const uint32_t less = add_op(b, RK_CORE_LT, RK_TYPE(BOOL), sum, chain[c]);
            const uint32_t both = add_op(b, RK_CORE_AND, RK_TYPE(BOOL), less, flag);
            b_show(b, b_store(b, both, RK_TYPE(BOOL)));
            b_show(b, b_store(b, sum, real));
        }
    b_show(b, b_store(b, chain[0], real));
    b_show(b, b_store(b, x, real));
    b_kernel_end(b);
    rk_arena arena = {0};
    const rk_code code = emit(&b->plan, RK_CPU_V3, 1, &arena);
    uint32_t native = 0, others = 0;
    for (uint32_t i = 0; i < code.n_parts; i++)
        if (code.parts[i].entry == RK_PLAN_NONE)
            others++;
        else
            native++;
    ck_assert_uint_eq(native, 4);
    ck_assert_uint_eq(others, 6);
    rk_arena_free(&arena);
    compare(&l);
    close_lab(&l);
}
END_TEST

/* double((low ?? high) + x) / double(high), ints that may be missing: LLVM 19 does not end on their
 * masks when these are bitcasts of their bits. */
START_TEST(masks_in_halves)
{
    lab l;
    if (!has_native())
        return;
    open_lab(&l);
    builder *const b = &l.b;
    const rk_type whole = RK_TYPE_OPT(INT), real = RK_TYPE_OPT(DOUBLE);
    const unsigned optional_int = KINDS + 1;
    b_kernel(b, l.list);
    const uint32_t x = b_input(b, l.item[optional_int][0]);
    const uint32_t low = b_input(b, l.item[optional_int][1]);
    const uint32_t high = b_input(b, l.item[optional_int][2]);
    const uint32_t either = add_op(b, RK_CORE_COALESCE, whole, low, high);
    const uint32_t sum = add_op(b, RK_CORE_ADD, whole, either, x);
    const uint32_t above = b_instr(b, RK_CORE_CONVERT, 0, real, &sum, 1);
    const uint32_t below = b_instr(b, RK_CORE_CONVERT, 0, real, &high, 1);
    b_show(b, b_store(b, add_op(b, RK_CORE_DIV, real, above, below), real));
    b_kernel_end(b);
    compare(&l);
    close_lab(&l);
}
END_TEST

/* Nothing native: nothing in the tables. */
START_TEST(the_interpreter_alone)
{
    lab l;
    if (!has_native())
        return;
    open_lab(&l);
    const unsigned text = 4;
    ck_assert(add_trial(&l, &(trial){.core = RK_CORE_CALL,
                                     .fn = fn_named("lower", RK_KIND_STRING),
                                     .n = 1,
                                     .types = {text},
                                     .result = RK_TYPE(STRING)}));
    rk_arena arena = {0};
    const rk_code code = emit(&l.b.plan, RK_CPU_V4, 2, &arena);
    ck_assert_uint_eq(code.n_kernels, 1);
    ck_assert_uint_eq(code.n_parts, 0);
    rk_arena_free(&arena);
    close_lab(&l);
}
END_TEST

/* ---- filters ---- */

static void add_filter(lab *l, bool shown)
{
    builder *const b = &l->b;
    b_kernel(b, l->list);
    const uint32_t x = b_input(b, l->item[3][0]), y = b_input(b, l->item[3][1]);
    const uint32_t less = add_op(b, RK_CORE_LT, RK_TYPE(BOOL), x, y);
    const uint32_t column = b_store(b, less, RK_TYPE(BOOL));
    b_kernel_end(b);
    b->plan.result = b_select(b, "where", l->list, column, NULL, 0);
    if (shown)
        b_fold(b, "count", l->list, RK_PLAN_NONE, RK_PLAN_NONE, column, RK_TYPE(INT));
}

START_TEST(filters)
{
    for (unsigned shown = 0; shown < 2 && has_native(); shown++) {
        lab l;
        rk_arena arena = {0};
        open_lab(&l);
        add_filter(&l, shown);
        const rk_code code = emit(&l.b.plan, RK_CPU_V4, 1, &arena);
        ck_assert_uint_eq(code.n_filters, 1);
        ck_assert_uint_eq(code.parts[0].n_ports, shown ? 4 : 3);
        ck_assert_uint_eq(code.n_sweeps, shown);
        rk_arena_free(&arena);
        compare(&l);
        close_lab(&l);
    }
}
END_TEST

/* ---- sweeps ---- */

static rk_type fold_type(const rk_fold_fn *fn, rk_type value)
{
    switch (fn->result) {
    case RK_RESULT_SAME:
        return rk_type_opt(value, true);
    case RK_RESULT_REAL:
        return value.kind == RK_KIND_DOUBLE ? RK_TYPE_OPT(DOUBLE) : RK_TYPE_OPT(FLOAT);
    case RK_RESULT_INT:
        return RK_TYPE_OPT(INT);
    default:
        return RK_TYPE_OPT(BOOL);
    }
}

/* Whether the columns of this kind may be folded; without the order of texts. */
static bool folds(const rk_fold_fn *fn, uint8_t kind)
{
    if (fn->kind != RK_FOLD_AGGREGATE || fn->param)
        return false;
    if (kind == RK_KIND_STRING)
        return (fn->values & RK_VALUES_STRING) && fn->result != RK_RESULT_SAME;
    return fn->values & (kind == RK_KIND_BOOL ? RK_VALUES_BOOL : RK_VALUES_NUMBER);
}

/* What cannot be one value for the whole list is shown for all its items. */
static void add_fold(lab *l, const rk_fold_fn *fn, uint32_t value, uint32_t where)
{
    const rk_type type = value == RK_PLAN_NONE ? RK_TYPE(INT) : l->b.plan.columns.items[value].type;
    b_show(&l->b,
           b_fold(&l->b, fn->name, l->list, value, RK_PLAN_NONE, where, fold_type(fn, type)));
}

static void add_folds(lab *l, uint32_t where)
{
    for (uint32_t i = 0; i < rk_fold_count(); i++) {
        const rk_fold_fn *const fn = rk_fold_at(i);
        for (unsigned t = 0; t < TYPES; t++)
            if (folds(fn, kinds[t % KINDS]))
                add_fold(l, fn, l->item[t][i % COPIES], where);
        if (fn->values & RK_VALUES_NONE)
            add_fold(l, fn, RK_PLAN_NONE, where);
        if (folds(fn, RK_KIND_DOUBLE))
            add_fold(l, fn, l->query[3], where);
    }
}

START_TEST(sweeps)
{
    static const uint32_t n[] = {0, 1, 2, 15, 16, 17, 100, 4095, 4096, 4097, 4113, 9000};
    lab l;
    if (!has_native())
        return;
    open_lab(&l);
    add_folds(&l, RK_PLAN_NONE);
    add_folds(&l, l.item[0][1]);
    add_folds(&l, l.item[KINDS][1]);
    add_folds(&l, l.query[0]);
    compare_at(&l, n, RK_ARRAY_LEN(n));
    close_lab(&l);
}
END_TEST

/* A fold whose column is made later is not in the first sweep. */
START_TEST(sweeps_wait_for_columns)
{
    lab l;
    rk_arena arena = {0};
    if (!has_native())
        return;
    open_lab(&l);
    const rk_fold_fn *const sum = rk_fold_find(RK_STR("sum"));
    add_fold(&l, sum, l.item[2][0], RK_PLAN_NONE);
    ck_assert(add_trial(
        &l, &(trial){.core = RK_CORE_NEG, .n = 1, .types = {2}, .result = RK_TYPE(FLOAT)}));
    add_fold(&l, sum, l.b.plan.columns.len - 1, RK_PLAN_NONE);
    add_fold(&l, sum, l.item[2][1], RK_PLAN_NONE);
    const rk_code code = emit(&l.b.plan, RK_CPU_V4, 1, &arena);
    ck_assert_uint_eq(code.n_sweeps, 2);
    ck_assert_uint_eq(code.sweeps[0].n_steps, 2);
    ck_assert_uint_eq(code.sweeps[1].n_steps, 1);
    rk_arena_free(&arena);
    compare(&l);
    close_lab(&l);
}
END_TEST

RK_SUITE_MAIN("emit", operations, membership, functions, parts_have_few_borders, masks_in_halves,
              the_interpreter_alone, filters, sweeps, sweeps_wait_for_columns)
