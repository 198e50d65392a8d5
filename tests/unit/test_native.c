/* compiler/driver/native.h and the table of the plug-in: code of a small plan is whole, and any
 * number of threads make the same bytes at once. Without the plug-in there is a reason. */
#include "compiler/driver/native.h"

#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plan_builder.h"

enum { THREADS = 8, ROUNDS = 4, FACTORS = 12 };

/* NULL where this build has none; then tests have nothing to do. */
static const rk_emitter *open_emitter(void)
{
    rk_buf why = {0};
    const char *const named = getenv("RANKC_LLVM");
    const rk_emitter *const emitter = rk_native_open(&why);
    ck_assert_msg(emitter || why.len, "no reason");
    const bool built = named && strcmp(named, "none") != 0 && access(named, R_OK) == 0;
    ck_assert_msg(emitter || !built, "%.*s", RK_STR_ARG(rk_buf_str(&why)));
    rk_buf_free(&why);
    return emitter;
}

/* Factors of one column: x, x * c + x, … */
static void build(builder *b, uint32_t factors)
{
    b_open(b);
    const uint32_t field = b_field(b, &b->plan.item, "x", RK_TYPE(FLOAT));
    const uint32_t list = b_candidates(b);
    const uint32_t column = b_item(b, list, field, RK_TYPE(FLOAT));
    rk_step require = b_blank(RK_STEP_REQUIRE, list);
    require.a = column;
    require.b = field;
    B_PUSH(b, steps, require);
    b_kernel(b, list);
    const uint32_t x = b_input(b, column), c = b_input_constant(b, v_float(1.5f));
    uint32_t regs[] = {x, c};
    for (uint32_t i = 0; i < factors; i++) {
        regs[0] = b_instr(b, i % 2 ? RK_CORE_ADD : RK_CORE_MUL, 0, RK_TYPE(FLOAT), regs, 2);
        regs[1] = i % 2 ? c : x;
    }
    b_show(b, b_store(b, regs[0], RK_TYPE(FLOAT)));
    b_kernel_end(b);
    b->plan.result = list;
    b_verify(b);
}

/* Code of every CPU level and tier, numbered 0 to 3. */
static rk_emit_options option(uint32_t i)
{
    return (rk_emit_options){
        .cpu = i & 1 ? RK_CPU_V4 : RK_CPU_V3, .tier = 1 + (i >> 1), .verify = true};
}

static void make(const rk_emitter *emitter, const rk_plan *plan, uint32_t i, rk_arena *arena,
                 rk_code *code)
{
    rk_buf fault = {0};
    rk_emit_times times;
    const rk_emit_options options = option(i);
    const rk_status status = emitter->code(plan, &options, arena, code, &times, &fault);
    ck_assert_msg(status == RK_OK, "%.*s", RK_STR_ARG(rk_buf_str(&fault)));
    ck_assert_uint_gt(times.functions, 0);
    ck_assert_uint_eq(times.text, code->text_size);
    ck_assert(times.ir > 0 && times.codegen > 0 && times.link > 0);
    const rk_status verified = rk_code_verify(code, plan, &fault);
    ck_assert_msg(verified == RK_OK, "%.*s", RK_STR_ARG(rk_buf_str(&fault)));
    rk_buf_free(&fault);
}

START_TEST(code_is_whole)
{
    const rk_emitter *const emitter = open_emitter();
    builder b;
    if (!emitter)
        return;
    build(&b, FACTORS);
    for (uint32_t i = 0; i < 4; i++) {
        rk_code code;
        make(emitter, &b.plan, i, &b.arena, &code);
        ck_assert_uint_eq(code.cpu, option(i).cpu);
        ck_assert_uint_eq(code.tier, option(i).tier);
        ck_assert_uint_eq(code.n_kernels, 1);
        ck_assert_uint_gt(code.text_size, 0);
    }
    b_close(&b);
}
END_TEST

START_TEST(a_plan_without_kernels_has_no_text)
{
    const rk_emitter *const emitter = open_emitter();
    builder b;
    rk_code code;
    rk_buf fault = {0};
    const rk_emit_options options = option(0);
    if (!emitter)
        return;
    b_open(&b);
    b_candidates(&b);
    ck_assert_int_eq(emitter->code(&b.plan, &options, &b.arena, &code, NULL, &fault), RK_OK);
    ck_assert_uint_eq(code.text_size, 0);
    ck_assert_uint_eq(code.n_kernels, 0);
    b_close(&b);
    rk_buf_free(&fault);
}
END_TEST

START_TEST(a_level_without_code_is_refused)
{
    const rk_emitter *const emitter = open_emitter();
    const rk_emit_options bad[] = {{.cpu = RK_CPU_SCALAR, .tier = 1},
                                   {.cpu = RK_CPU_V3, .tier = 0},
                                   {.cpu = RK_CPU_V3, .tier = 3},
                                   {.cpu = 7, .tier = 1}};
    builder b;
    if (!emitter)
        return;
    build(&b, 1);
    for (uint32_t i = 0; i < RK_ARRAY_LEN(bad); i++) {
        rk_code code;
        rk_buf fault = {0};
        ck_assert_int_eq(emitter->code(&b.plan, &bad[i], &b.arena, &code, NULL, &fault), RK_EBUG);
        ck_assert_uint_gt(fault.len, 0);
        rk_buf_free(&fault);
    }
    b_close(&b);
}
END_TEST

START_TEST(each_form_prints)
{
    const rk_emitter *const emitter = open_emitter();
    static const char *const needles[] = {
        [RK_EMIT_IR] = "define", [RK_EMIT_ASM] = ".text", [RK_EMIT_OBJECT] = ELFMAG};
    builder b;
    if (!emitter)
        return;
    build(&b, FACTORS);
    for (rk_emit_form form = RK_EMIT_IR; form <= RK_EMIT_OBJECT; form++) {
        rk_buf out = {0}, fault = {0};
        const rk_emit_options options = option(3);
        ck_assert_int_eq(emitter->print(&b.plan, &options, form, &out, NULL, &fault), RK_OK);
        ck_assert_ptr_nonnull(memmem(out.data, out.len, needles[form], strlen(needles[form])));
        rk_buf_free(&out);
        rk_buf_free(&fault);
    }
    b_close(&b);
}
END_TEST

/* ---- threads ---- */

typedef struct worker {
    pthread_t thread;
    const rk_plan *plan;
    const rk_code *expected; /* [4] */
    uint32_t differing;
} worker;

static void *work(void *arg)
{
    worker *const w = arg;
    rk_buf why = {0};
    const rk_emitter *const emitter = rk_native_open(&why);
    for (uint32_t i = 0; i < 4 * ROUNDS; i++) {
        rk_arena arena = {0};
        rk_code code = {0};
        const rk_emit_options options = option(i % 4);
        const rk_code *const expected = &w->expected[i % 4];
        if (emitter->code(w->plan, &options, &arena, &code, NULL, &why) != RK_OK ||
            code.text_size != expected->text_size ||
            memcmp(code.text, expected->text, code.text_size) != 0)
            w->differing++;
        rk_arena_free(&arena);
    }
    rk_buf_free(&why);
    return NULL;
}

START_TEST(threads_make_the_same_bytes)
{
    const rk_emitter *const emitter = open_emitter();
    rk_code expected[4];
    worker workers[THREADS];
    builder b;
    if (!emitter)
        return;
    build(&b, FACTORS);
    for (uint32_t i = 0; i < 4; i++)
        make(emitter, &b.plan, i, &b.arena, &expected[i]);
    for (uint32_t t = 0; t < THREADS; t++) {
        workers[t] = (worker){.plan = &b.plan, .expected = expected};
        ck_assert_int_eq(pthread_create(&workers[t].thread, NULL, work, &workers[t]), 0);
    }
    for (uint32_t t = 0; t < THREADS; t++) {
        pthread_join(workers[t].thread, NULL);
        ck_assert_uint_eq(workers[t].differing, 0);
    }
    b_close(&b);
}
END_TEST

/* The first use of LLVM, by all threads at once. */
START_TEST(threads_open_it_together)
{
    rk_code nothing[4] = {{0}};
    worker workers[THREADS];
    builder b;
    if (!open_emitter())
        return;
    build(&b, 1);
    for (uint32_t t = 0; t < THREADS; t++) {
        workers[t] = (worker){.plan = &b.plan, .expected = nothing};
        ck_assert_int_eq(pthread_create(&workers[t].thread, NULL, work, &workers[t]), 0);
    }
    for (uint32_t t = 0; t < THREADS; t++) {
        pthread_join(workers[t].thread, NULL);
        ck_assert_uint_eq(workers[t].differing, 4 * ROUNDS);
    }
    b_close(&b);
}
END_TEST

RK_SUITE_MAIN("native", code_is_whole, a_plan_without_kernels_has_no_text,
              a_level_without_code_is_refused, each_form_prints, threads_make_the_same_bytes,
              threads_open_it_together)
