/* Plans as text, and the verifier: a sound plan passes, and whatever index or type is changed in
 * it, the verifier returns without a crash. */
#include "tests/unit/plan_builder.h"

typedef struct shop {
    builder b;
    uint32_t price, mean, score, top;
} shop;

/* Candidates with a price; score = price / mean price; the two best. */
static void build_shop(shop *s)
{
    builder *const b = &s->b;
    b_open(b);
    b->plan.pipeline = RK_STR("search");
    const rk_type maybe = RK_TYPE_OPT(FLOAT);
    const uint32_t field = b_field(b, &b->plan.item, "price", maybe);
    const uint32_t all = b_candidates(b);
    b->plan.lists.items[all].label = RK_STR("recall");
    s->price = b_item(b, all, field, maybe);
    b->plan.columns.items[s->price].name = RK_STR("price");
    s->mean = b_fold(b, "avg", all, s->price, RK_PLAN_NONE, RK_PLAN_NONE, maybe);
    b_kernel(b, all);
    const uint32_t price = b_input(b, s->price), mean = b_input(b, s->mean);
    const uint32_t zero = b_input_constant(b, v_float(0.5f));
    const uint32_t ratio = b_instr(b, RK_CORE_DIV, 0, maybe, (uint32_t[]){price, mean}, 2);
    const uint32_t plain =
        b_instr(b, RK_CORE_COALESCE, 0, RK_TYPE(FLOAT), (uint32_t[]){ratio, zero}, 2);
    s->score = b_store(b, plain, RK_TYPE(FLOAT));
    b_kernel_end(b);
    b->plan.columns.items[s->score].name = RK_STR("score");
    const uint32_t two = b_const_column(b, v_int(2));
    s->top = b_select(b, "top", all, s->score, &two, 1);
    const uint32_t map = b_map(b, s->top, all, true);
    const uint32_t best = b_through(b, RK_STEP_GATHER, s->top, map, s->price, maybe);
    b_through(b, RK_STEP_RANK, s->top, map, RK_PLAN_NONE, RK_TYPE_OPT(INT));
    b_through(b, RK_STEP_SCORE, s->top, map, all, maybe);
    b_show(b, best);
    b_show(b, s->mean);
    b->plan.result = s->top;
    b->plan.one_producer = true;
}

START_TEST(prints)
{
    shop s;
    build_shop(&s);
    rk_buf out = {0};
    b_verify(&s.b);
    rk_plan_print(&s.b.plan, &out);
    ck_assert_str_eq(out.data, "pipeline search of int ids, one producer\n"
                               "  l1 `recall` = candidates\n"
                               "  c0 price: float? = item price over l1 `recall`\n"
                               "  c1: float? = avg(c0 price) over l1 `recall`\n"
                               "  kernel 0 over l1 `recall`\n"
                               "    r0 = c0 price\n"
                               "    r1 = c1\n"
                               "    r2 = 0.5\n"
                               "    r3: float? = /(r0, r1)\n"
                               "    r4: float = ?"
                               "?(r3, r2)\n"
                               "    c2 score: float = r4\n"
                               "  kernel 1 over l0\n"
                               "    r0 = 2\n"
                               "    c3: int = r0\n"
                               "  l2 = select top(c3) by c2 score of l1 `recall`\n"
                               "  m0 = places of l2 in l1 `recall`\n"
                               "  c4: float? = gather c0 price through m0 over l2\n"
                               "  c5: int? = rank through m0 over l2\n"
                               "  c6: float? = score through m0 in l1 `recall` over l2\n"
                               "result l2\n"
                               "show shown = c4\n"
                               "show shown = c1\n");
    rk_buf_free(&out);
    b_close(&s.b);
}
END_TEST

static rk_status verdict(const rk_plan *plan)
{
    rk_buf fault = {0}, text = {0};
    const rk_status status = rk_plan_verify(plan, &fault);
    ck_assert(status == RK_OK || fault.len > 0);
    rk_plan_print(plan, &text); /* must not crash either */
    rk_buf_free(&fault);
    rk_buf_free(&text);
    return status;
}

static const uint32_t garbage[] = {0, 1, 2, 3, 7, 100, 0x7fffffff, RK_PLAN_NONE - 1, RK_PLAN_NONE};

/* Every 32-bit word of a table, one after the other, becomes every garbage. */
static uint32_t damage(const rk_plan *plan, void *table, size_t bytes)
{
    uint32_t refused = 0;
    uint32_t *const words = table;
    for (size_t i = 0; i < bytes / sizeof *words; i++) {
        const uint32_t before = words[i];
        for (size_t g = 0; g < RK_ARRAY_LEN(garbage); g++) {
            words[i] = garbage[g];
            refused += verdict(plan) == RK_EBUG;
        }
        words[i] = before;
    }
    ck_assert_int_eq(verdict(plan), RK_OK);
    return refused;
}

#define DAMAGE(plan, vec)                                                                          \
    damage(plan, (plan)->vec.items, (plan)->vec.len * sizeof *(plan)->vec.items)

START_TEST(garbage_is_refused)
{
    shop s;
    build_shop(&s);
    rk_plan *const plan = &s.b.plan;
    ck_assert_int_eq(verdict(plan), RK_OK);
    ck_assert_uint_gt(DAMAGE(plan, steps), 300);
    ck_assert_uint_gt(DAMAGE(plan, operands), 5);
    ck_assert_uint_gt(DAMAGE(plan, kernels), 40);
    ck_assert_uint_gt(DAMAGE(plan, inputs), 10);
    ck_assert_uint_gt(DAMAGE(plan, stores), 10);
    ck_assert_uint_gt(damage(plan, &plan->maps.items[0], 2 * sizeof(uint32_t)), 5);
    for (uint32_t i = 0; i < plan->instrs.len; i++)
        ck_assert_uint_gt(damage(plan, &plan->instrs.items[i], 4 * sizeof(uint32_t)), 15);
    ck_assert_uint_gt(damage(plan, &plan->folds.items[0], 5 * sizeof(uint32_t)), 15);
    for (uint32_t i = 0; i < plan->columns.len; i++)
        ck_assert_uint_gt(damage(plan, &plan->columns.items[i].list, sizeof(uint32_t)), 3);
    b_close(&s.b);
}
END_TEST

/* Each change alone is refused. */
#define REFUSED(s, place, wrong)                                                                   \
    do {                                                                                           \
        const __typeof__(place) before = (place);                                                  \
        (place) = (wrong);                                                                         \
        ck_assert_int_eq(verdict(&(s).b.plan), RK_EBUG);                                           \
        (place) = before;                                                                          \
        ck_assert_int_eq(verdict(&(s).b.plan), RK_OK);                                             \
    } while (0)

START_TEST(types_are_checked)
{
    shop s;
    build_shop(&s);
    rk_plan *const plan = &s.b.plan;
    REFUSED(s, plan->columns.items[s.score].type, RK_TYPE(INT));
    REFUSED(s, plan->columns.items[s.score].type, ((rk_type){.kind = 99}));
    REFUSED(s, plan->columns.items[s.mean].type, RK_TYPE_OPT(DOUBLE));
    REFUSED(s, plan->instrs.items[0].type, RK_TYPE(DOUBLE));
    REFUSED(s, plan->instrs.items[0].op, RK_CORE_AND);
    REFUSED(s, plan->instrs.items[0].op, RK_CORE_COUNT);
    REFUSED(s, plan->constants.items[0], v_int(1));
    REFUSED(s, plan->constants.items[1], v_float(1));
    REFUSED(s, plan->constants.items[0], v_atom(12345));
    REFUSED(s, plan->constants.items[0].missing, true);
    REFUSED(s, plan->item.fields[0].type, RK_TYPE(STRING));
    REFUSED(s, plan->id_type, RK_TYPE(FLOAT));
    REFUSED(s, plan->result, 0);
    REFUSED(s, plan->lists.items[2].parent, 0);
    REFUSED(s, plan->strings, NULL);
    REFUSED(s, plan->shown.items[0].column, s.price);
    b_close(&s.b);
}
END_TEST

/* A plain field without default must be required before it is read. */
START_TEST(required_before_read)
{
    builder b;
    b_open(&b);
    const uint32_t field = b_field(&b, &b.plan.item, "x", RK_TYPE(INT));
    const uint32_t all = b_candidates(&b);
    const uint32_t x = b_item(&b, all, field, RK_TYPE(INT));
    b.plan.result = all;
    b_show(&b, x);
    ck_assert_int_eq(verdict(&b.plan), RK_EBUG);
    rk_step require = b_blank(RK_STEP_REQUIRE, all);
    require.a = x;
    require.b = field;
    B_PUSH(&b, steps, require);
    ck_assert_int_eq(verdict(&b.plan), RK_OK);
    b_close(&b);
}
END_TEST

/* The remainder by a nonzero constant may be plain, any other may be missing. */
START_TEST(plain_remainder)
{
    builder b;
    b_open(&b);
    const uint32_t field = b_field(&b, &b.plan.item, "x", RK_TYPE(INT));
    b_initial(&b.plan.item, field, v_int(0));
    const uint32_t all = b_candidates(&b);
    const uint32_t x = b_item(&b, all, field, RK_TYPE(INT));
    b_kernel(&b, all);
    const uint32_t regs[] = {b_input(&b, x), b_input_constant(&b, v_int(3))};
    b_store(&b, b_instr(&b, RK_CORE_MOD, 0, RK_TYPE(INT), regs, 2), RK_TYPE(INT));
    b_kernel_end(&b);
    b.plan.result = all;
    ck_assert_int_eq(verdict(&b.plan), RK_OK);
    b.plan.constants.items[0].as.i = 0;
    ck_assert_int_eq(verdict(&b.plan), RK_EBUG);
    b_close(&b);
}
END_TEST

/* Steps: candidates, item, fold, two kernels, select, map, gather, rank, score. */
START_TEST(fields_that_a_step_lacks_are_empty)
{
    shop s;
    build_shop(&s);
    rk_step *const steps = s.b.plan.steps.items;
    REFUSED(s, steps[1].guard, 0);
    REFUSED(s, steps[1].a, 0);
    REFUSED(s, steps[1].n, 1);
    REFUSED(s, steps[0].list, 1);
    REFUSED(s, steps[0].a, 0);
    REFUSED(s, steps[2].list, 0);
    REFUSED(s, steps[3].n, 1);
    REFUSED(s, steps[8].a, 0);
    REFUSED(s, steps[9].guard, 3);
    b_close(&s.b);
}
END_TEST

RK_SUITE_MAIN("plan", prints, garbage_is_refused, fields_that_a_step_lacks_are_empty,
              types_are_checked, required_before_read, plain_remainder)
