/* Native code of a plan: its tables are checked against the plan, its key sees what matters and
 * nothing else, and any damage to its bytes is noticed. */
#include "runtime/plan/code.h"

#include "tests/unit/plan_builder.h"

/* Candidates with a price; `where(price < 5 and …)`, whose kernel has one native part with a
 * filter; a kernel of two native parts around a call; two aggregates in a sweep. */
typedef struct shop {
    builder b;
    uint32_t price, cheap, half, text, mean, most, filtered;
    rk_code code;
    rk_code_kernel kernels[2];
    rk_code_part parts[4];
    rk_code_port ports[10];
    rk_code_filter filters[1];
    rk_code_sweep sweeps[1];
    uint32_t steps[2];
    uint8_t bytes[100];
} shop;

/* Steps: candidates, price, kernel 0, where, price of those left, kernel 1, two folds. */
static void build_plan(shop *s)
{
    builder *const b = &s->b;
    b_open(b);
    const rk_type real = RK_TYPE(FLOAT);
    const uint32_t field = b_field(b, &b->plan.item, "price", real);
    b_initial(&b->plan.item, field, v_float(0));
    const uint32_t all = b_candidates(b);
    s->price = b_item(b, all, field, real);
    b_kernel(b, all);
    const uint32_t price = b_input(b, s->price), five = b_input_constant(b, v_float(5));
    const uint32_t less = b_instr(b, RK_CORE_LT, 0, RK_TYPE(BOOL), (uint32_t[]){price, five}, 2);
    s->cheap = b_store(b, less, RK_TYPE(BOOL));
    b_kernel_end(b);
    s->filtered = b_select(b, "where", all, s->cheap, NULL, 0);
    const uint32_t left = b_item(b, s->filtered, field, real);
    b_kernel(b, s->filtered);
    const uint32_t x = b_input(b, left), two = b_input_constant(b, v_float(2));
    const uint32_t half = b_instr(b, RK_CORE_DIV, 0, real, (uint32_t[]){x, two}, 2);
    const uint32_t fn = rk_fn_index(rk_fn_find(RK_STR("exp")));
    const uint32_t down = b_instr(b, RK_CORE_CALL, fn, real, &half, 1);
    const uint32_t sum = b_instr(b, RK_CORE_ADD, 0, real, (uint32_t[]){down, half}, 2);
    s->half = b_store(b, half, real);
    s->text = b_store(b, sum, real);
    b_kernel_end(b);
    const rk_type maybe = RK_TYPE_OPT(FLOAT);
    s->mean = b_fold(b, "avg", s->filtered, s->half, RK_PLAN_NONE, RK_PLAN_NONE, maybe);
    s->most = b_fold(b, "max", s->filtered, s->half, RK_PLAN_NONE, RK_PLAN_NONE, maybe);
    b_show(b, s->text);
    b->plan.result = s->filtered;
    b->plan.one_producer = true;
}

static void build(shop *s)
{
    *s = (shop){0};
    build_plan(s);
    b_verify(&s->b);
    const rk_code_kernel kernels[] = {{0, 1}, {1, 3}};
    const rk_code_part parts[] = {
        {0, RK_PLAN_NONE, 0, 2},
        {16, RK_PLAN_NONE, 2, 3},
        {RK_PLAN_NONE, 1, 0, 0},
        {32, RK_PLAN_NONE, 4, 3},
    };
    const rk_code_port ports[] = {
        {RK_PORT_INPUT, 0},  {RK_PORT_FILTER, 0},                      /* part 0 */
        {RK_PORT_INPUT, 0},  {RK_PORT_STORE, 0},                       /* part 1, and: */
        {RK_PORT_TEMP, 2},                                             /* parts 1 and 3 */
        {RK_PORT_TEMP, 3},   {RK_PORT_STORE, 1},                       /* part 3 */
        {RK_PORT_COLUMN, 3}, {RK_PORT_RESULT, 5}, {RK_PORT_RESULT, 6}, /* the sweep */
    };
    const rk_code_filter filter = {0, 0, 3};
    const rk_code_sweep sweep = {48, 7, 3, 0, 2};
    const uint32_t steps[] = {6, 7};
    memcpy(s->kernels, kernels, sizeof kernels);
    memcpy(s->parts, parts, sizeof parts);
    memcpy(s->ports, ports, sizeof ports);
    memcpy(s->steps, steps, sizeof steps);
    s->filters[0] = filter;
    s->sweeps[0] = sweep;
    memset(s->bytes, 0xcc, sizeof s->bytes);
    ck_assert_uint_eq(s->half, 3);
    ck_assert_uint_eq(s->mean, 5);
    ck_assert_uint_eq(s->most, 6);
    s->code = (rk_code){
        .cpu = RK_CPU_V3,
        .tier = 1,
        .text = s->bytes,
        .text_size = sizeof s->bytes,
        .kernels = s->kernels,
        .parts = s->parts,
        .ports = s->ports,
        .filters = s->filters,
        .sweeps = s->sweeps,
        .steps = s->steps,
        .n_kernels = 2,
        .n_parts = 4,
        .n_ports = 10,
        .n_filters = 1,
        .n_sweeps = 1,
        .n_steps = 2,
    };
}

static rk_status verdict(shop *s)
{
    rk_buf fault = {0};
    const rk_status status = rk_code_verify(&s->code, &s->b.plan, &fault);
    ck_assert(status == RK_OK || fault.len > 0);
    rk_buf_free(&fault);
    return status;
}

static void expect_fault(shop *s, const char *words)
{
    rk_buf fault = {0};
    ck_assert_int_eq(rk_code_verify(&s->code, &s->b.plan, &fault), RK_EBUG);
    ck_assert_str_eq(fault.data, words);
    rk_buf_free(&fault);
}

START_TEST(sound_code_passes)
{
    shop s;
    build(&s);
    rk_buf fault = {0};
    const rk_status status = rk_code_verify(&s.code, &s.b.plan, &fault);
    ck_assert_msg(status == RK_OK, "%s", fault.data ? fault.data : "");
    const rk_code nothing = {.cpu = RK_CPU_V4, .tier = 2, .kernels = s.kernels, .n_kernels = 2};
    s.kernels[0].n_parts = s.kernels[1].n_parts = 0;
    ck_assert_int_eq(rk_code_verify(&nothing, &s.b.plan, &fault), RK_OK);
    rk_buf_free(&fault);
    b_close(&s.b);
}
END_TEST

static const uint32_t garbage[] = {0, 1, 2, 3, 7, 100, 0x7fffffff, RK_PLAN_NONE - 1, RK_PLAN_NONE};

/* Every word of a table, one after the other, becomes every garbage. */
static uint32_t damage(shop *s, void *table, size_t bytes)
{
    uint32_t refused = 0;
    uint32_t *const words = table;
    for (size_t i = 0; i < bytes / sizeof *words; i++) {
        const uint32_t before = words[i];
        for (size_t g = 0; g < RK_ARRAY_LEN(garbage); g++) {
            words[i] = garbage[g];
            refused += verdict(s) == RK_EBUG;
        }
        words[i] = before;
    }
    ck_assert_int_eq(verdict(s), RK_OK);
    return refused;
}

START_TEST(garbage_is_refused)
{
    shop s;
    build(&s);
    ck_assert_uint_gt(damage(&s, s.kernels, sizeof s.kernels), 25);
    ck_assert_uint_gt(damage(&s, s.parts, sizeof s.parts), 90);
    ck_assert_uint_gt(damage(&s, s.ports, sizeof s.ports), 110);
    ck_assert_uint_gt(damage(&s, s.filters, sizeof s.filters), 20);
    ck_assert_uint_gt(damage(&s, s.sweeps, sizeof s.sweeps), 25);
    ck_assert_uint_gt(damage(&s, s.steps, sizeof s.steps), 14);
    b_close(&s.b);
}
END_TEST

/* Each change alone is refused, with its words. */
#define REFUSED(s, place, wrong, words)                                                            \
    do {                                                                                           \
        const __typeof__(place) before = (place);                                                  \
        (place) = (wrong);                                                                         \
        expect_fault(&(s), (words));                                                               \
        (place) = before;                                                                          \
        ck_assert_int_eq(verdict(&(s)), RK_OK);                                                    \
    } while (0)

START_TEST(kernels_are_covered)
{
    shop s;
    build(&s);
    REFUSED(s, s.code.cpu, RK_CPU_SCALAR, "CPU level 0");
    REFUSED(s, s.code.tier, 3, "tier 3");
    REFUSED(s, s.code.n_kernels, 1, "1 kernels, the plan has 2");
    REFUSED(s, s.code.text, NULL, "a table is not there");
    REFUSED(s, s.code.text_size, 16, "kernel 1: entry 16 in 16 bytes of code");
    REFUSED(s, s.parts[0].n_ports, 1, "kernel 0: store 0 is not made");
    REFUSED(s, s.parts[1].n_ports, 2, "kernel 1: instruction 1 reads what is not in memory");
    REFUSED(s, s.parts[2].instr, 2, "kernel 1: instruction 2 reads what is not in memory");
    REFUSED(s, s.parts[2].n_ports, 1, "kernel 1: an instruction with 1 ports");
    REFUSED(s, s.ports[6].index, 0, "kernel 1: store 0 is stored twice");
    REFUSED(s, s.ports[0].index, 1, "kernel 0: input 1 is a constant");
    REFUSED(s, s.ports[4].index, 0, "kernel 1: register 0 of 3 instructions");
    REFUSED(s, s.ports[4].index, 3, "kernel 1: register 3 is read before it is made");
    REFUSED(s, s.ports[4].kind, RK_PORT_FILTER, "kernel 1: store 2 of 2");
    REFUSED(s, s.ports[4].kind, RK_PORT_COLUMN, "kernel 1: a port of kind 4");
    b_close(&s.b);
}
END_TEST

START_TEST(filters_are_checked)
{
    shop s;
    build(&s);
    REFUSED(s, s.filters[0].step, 2, "filter 0: step 2 is no `where`");
    REFUSED(s, s.code.n_filters, 0, "kernel 0: column 1 is not made, but read");
    b_show(&s.b, s.cheap);
    expect_fault(&s, "kernel 0: column 1 is not made, but read");
    b_close(&s.b);
}
END_TEST

START_TEST(sweeps_are_checked)
{
    shop s;
    build(&s);
    REFUSED(s, s.sweeps[0].entry, 100, "sweep 0: entry 100 in 100 bytes of code");
    REFUSED(s, s.sweeps[0].n_ports, 2, "sweep 0: 1 results of 2 steps");
    REFUSED(s, s.steps[0], 5, "sweep 0: step 5 is no fold, or taken");
    REFUSED(s, s.steps[1], 6, "sweep 0: step 6 of 8, or not ascending");
    REFUSED(s, s.ports[7].index, 5, "sweep 0: column 5 is not made before");
    REFUSED(s, s.ports[7].index, 0, "sweep 0: column 0 is of list 1");
    REFUSED(s, s.ports[8].index, 6, "sweep 0: column 6 is no result, or has two ports");
    b_close(&s.b);
}
END_TEST

static rk_code_key key_of(const shop *s, rk_cpu_level cpu, uint32_t tier)
{
    rk_code_key key;
    ck_assert_int_eq(rk_code_key_of(&s->b.plan, cpu, tier, &key), RK_OK);
    return key;
}

static bool same_key(const shop *s, const rk_code_key *key)
{
    const rk_code_key now = key_of(s, RK_CPU_V3, 1);
    return memcmp(now.bytes, key->bytes, sizeof key->bytes) == 0;
}

#define KEY_CHANGES(s, key, place, to)                                                             \
    do {                                                                                           \
        const __typeof__(place) before = (place);                                                  \
        (place) = (to);                                                                            \
        ck_assert(!same_key(&(s), (key)));                                                         \
        (place) = before;                                                                          \
        ck_assert(same_key(&(s), (key)));                                                          \
    } while (0)

START_TEST(keys_see_what_matters)
{
    shop s;
    build(&s);
    rk_plan *const plan = &s.b.plan;
    const rk_code_key key = key_of(&s, RK_CPU_V3, 1);
    const rk_code_key v4 = key_of(&s, RK_CPU_V4, 1), tier2 = key_of(&s, RK_CPU_V3, 2);
    ck_assert(memcmp(&key, &v4, sizeof key) != 0 && memcmp(&key, &tier2, sizeof key) != 0);
    plan->columns.items[0].name = RK_STR("cost");
    plan->pipeline = RK_STR("other");
    plan->steps.items[0].span = (rk_span){1, 2, 3};
    plan->item.fields[0].name = RK_STR("cost");
    ck_assert(same_key(&s, &key));
    KEY_CHANGES(s, &key, plan->constants.items[0].as.f, 6.0f);
    KEY_CHANGES(s, &key, plan->instrs.items[0].op, RK_CORE_LE);
    KEY_CHANGES(s, &key, plan->instrs.items[1].type, RK_TYPE_OPT(FLOAT));
    KEY_CHANGES(s, &key, plan->instrs.items[2].aux, 1);
    KEY_CHANGES(s, &key, plan->stores.items[0].column, 2);
    KEY_CHANGES(s, &key, plan->columns.items[0].type, RK_TYPE(DOUBLE));
    KEY_CHANGES(s, &key, plan->columns.items[0].list, 0);
    KEY_CHANGES(s, &key, plan->steps.items[3].index, 1);
    KEY_CHANGES(s, &key, plan->folds.items[0].param, 1);
    KEY_CHANGES(s, &key, plan->operands.items[0], 3);
    KEY_CHANGES(s, &key, plan->inputs.items[1].constant, 1);
    KEY_CHANGES(s, &key, plan->shown.items[0].column, 0);
    b_close(&s.b);
}
END_TEST

/* ---- bytes ---- */

static rk_status decode(const char *data, size_t len, const rk_code_key *key, rk_code *out)
{
    rk_buf fault = {0};
    const rk_status status = rk_code_decode((rk_str){data, len}, key, out, &fault);
    ck_assert((status == RK_OK) == (fault.len == 0));
    ck_assert(status == RK_OK || status == RK_EDATA);
    rk_buf_free(&fault);
    return status;
}

START_TEST(bytes_come_back)
{
    shop s;
    build(&s);
    rk_buf bytes = {0};
    rk_buf_add_chars(&bytes, "12345678"); /* text is aligned from where the code begins */
    rk_code_key key = key_of(&s, RK_CPU_V3, 1);
    ck_assert_int_eq(rk_code_encode(&s.code, &key, &bytes), RK_OK);
    rk_code back;
    ck_assert_int_eq(decode(bytes.data + 8, bytes.len - 8, &key, &back), RK_OK);
    ck_assert_int_eq(decode(bytes.data + 8, bytes.len - 8, NULL, &back), RK_OK);
    ck_assert_uint_eq((size_t)((const char *)back.text - bytes.data - 8) % 64, 0);
    ck_assert_uint_eq(back.text_size, sizeof s.bytes);
    ck_assert_mem_eq(back.text, s.bytes, sizeof s.bytes);
    ck_assert_mem_eq(back.kernels, s.kernels, sizeof s.kernels);
    ck_assert_mem_eq(back.parts, s.parts, sizeof s.parts);
    ck_assert_mem_eq(back.ports, s.ports, sizeof s.ports);
    ck_assert_mem_eq(back.filters, s.filters, sizeof s.filters);
    ck_assert_mem_eq(back.sweeps, s.sweeps, sizeof s.sweeps);
    ck_assert_mem_eq(back.steps, s.steps, sizeof s.steps);
    s.code = back;
    ck_assert_int_eq(verdict(&s), RK_OK);
    key.bytes[3] ^= 1;
    ck_assert_int_eq(decode(bytes.data + 8, bytes.len - 8, &key, &back), RK_EDATA);
    rk_buf_free(&bytes);
    b_close(&s.b);
}
END_TEST

START_TEST(damaged_bytes_are_refused)
{
    shop s;
    build(&s);
    rk_buf bytes = {0};
    const rk_code_key key = key_of(&s, RK_CPU_V3, 1);
    ck_assert_int_eq(rk_code_encode(&s.code, &key, &bytes), RK_OK);
    rk_code back;
    for (size_t len = 0; len < bytes.len; len++) {
        char *const copy = malloc(len + 1); /* so that a sanitizer sees each end */
        memcpy(copy, bytes.data, len);
        ck_assert_int_eq(decode(copy, len, NULL, &back), RK_EDATA);
        free(copy);
    }
    for (size_t at = 0; at < bytes.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[at] ^= (char)(1 << bit);
            ck_assert_int_eq(decode(bytes.data, bytes.len, NULL, &back), RK_EDATA);
            bytes.data[at] ^= (char)(1 << bit);
        }
    rk_buf_add_char(&bytes, 0);
    ck_assert_int_eq(decode(bytes.data, bytes.len, NULL, &back), RK_EDATA);
    rk_buf_free(&bytes);
    b_close(&s.b);
}
END_TEST

RK_SUITE_MAIN("code", sound_code_passes, garbage_is_refused, kernels_are_covered,
              filters_are_checked, sweeps_are_checked, keys_see_what_matters, bytes_come_back,
              damaged_bytes_are_refused)
