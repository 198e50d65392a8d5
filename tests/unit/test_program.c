/* Programs with their engines: who gets code and when, and what is said where there is none. */
#include "compiler/driver/program.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compiler/driver/native.h"
#include "tests/unit/plan_builder.h"

/* Candidates with a price, of which a kernel makes another. */
static void build(builder *b)
{
    b_open(b);
    const rk_type real = RK_TYPE(FLOAT);
    const uint32_t field = b_field(b, &b->plan.item, "price", real);
    b_initial(&b->plan.item, field, v_float(0));
    const uint32_t all = b_candidates(b);
    const uint32_t column = b_item(b, all, field, real);
    b_kernel(b, all);
    const uint32_t price = b_input(b, column);
    const uint32_t twice = b_instr(b, RK_CORE_ADD, 0, real, (uint32_t[]){price, price}, 2);
    b_show(b, b_store(b, twice, real));
    b_kernel_end(b);
    b->plan.result = all;
    b->plan.one_producer = true;
    b_verify(b);
}

/* As for a machine without the plug-in. */
static void forbid_plugin(void)
{
    setenv("RANKC_LLVM", "none", 1);
    setenv("RANKC_CACHE", "none", 1);
}

static bool has_plugin(void)
{
    rk_buf why = {0};
    setenv("RANKC_CACHE", "none", 1);
    const bool found = rk_cpu_best() >= RK_CPU_V3 && rk_native_open(&why) != NULL;
    rk_buf_free(&why);
    return found;
}

static rk_status make(builder *b, rk_engine_choice choice, rk_cpu_level cpu, bool at_once,
                      rk_program **out)
{
    const rk_program_options options = {
        .engine = {.cpu = cpu}, .choice = choice, .at_once = at_once};
    return rk_program_new(&b->plan, &options, &b->diags, out);
}

static void ranks(const rk_program *program, builder *b)
{
    rk_arena arena = {0};
    rk_reply reply;
    rk_run *const run = b_run(rk_program_engine(program));
    rk_request request = b_request(b, &arena, 3);
    for (uint32_t i = 0; i < 3; i++)
        ((float *)request.items[0].data)[i] = (float)i;
    ck_assert_int_eq(rk_run_begin(run), RK_OK);
    ck_assert_int_eq(rk_run_rank(run, &request, 0, &b->diags, &reply), RK_OK);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert(((const float *)reply.shown[0]->data)[i] == 2.0f * (float)i);
    rk_run_free(run);
    rk_arena_free(&arena);
}

static bool waits_for_tier(const rk_program *program, uint32_t tier)
{
    const struct timespec moment = {0, 1000000};
    for (int i = 0; i < 20000 && rk_engine_tier(rk_program_engine(program)) != tier; i++)
        nanosleep(&moment, NULL);
    return rk_engine_tier(rk_program_engine(program)) == tier;
}

START_TEST(the_interpreter_on_demand)
{
    builder b;
    rk_program *program;
    build(&b);
    ck_assert_int_eq(make(&b, RK_ENGINE_INTERP, rk_cpu_best(), false, &program), RK_OK);
    ck_assert_uint_eq(rk_engine_tier(rk_program_engine(program)), 0);
    ck_assert_str_ne(rk_program_reason(program), "");
    ranks(program, &b);
    rk_program_free(program);
    b_close(&b);
}
END_TEST

START_TEST(code_or_an_error)
{
    builder b;
    rk_program *program;
    build(&b);
    forbid_plugin();
    for (rk_engine_choice choice = RK_ENGINE_JIT1; choice <= RK_ENGINE_JIT2; choice++) {
        ck_assert_int_eq(make(&b, choice, rk_cpu_best(), false, &program), RK_EFILE);
        rk_program_free(program);
        ck_assert_int_eq(make(&b, choice, RK_CPU_SCALAR, false, &program), RK_EFILE);
        rk_program_free(program);
    }
    ck_assert_uint_eq(b.diags.items.len, 4);
    ck_assert_int_eq(b.diags.items.items[0]->code, RK_E0602);
    b_close(&b);
}
END_TEST

START_TEST(auto_goes_on_without_code)
{
    builder b;
    rk_program *program;
    build(&b);
    forbid_plugin();
    ck_assert_int_eq(make(&b, RK_ENGINE_AUTO, RK_CPU_SCALAR, true, &program), RK_OK);
    ck_assert_ptr_nonnull(strstr(rk_program_reason(program), "x86-64-v3"));
    ck_assert(!rk_program_is_busy(program));
    ranks(program, &b);
    rk_program_free(program);
    if (rk_cpu_best() >= RK_CPU_V3) {
        ck_assert_int_eq(make(&b, RK_ENGINE_AUTO, rk_cpu_best(), true, &program), RK_OK);
        while (rk_program_is_busy(program))
            ranks(program, &b);
        ck_assert_str_eq(rk_program_reason(program), "RANKC_LLVM is none");
        ranks(program, &b);
        rk_program_free(program);
    }
    b_close(&b);
}
END_TEST

START_TEST(code_before_the_first_request)
{
    builder b;
    rk_program *program;
    build(&b);
    for (uint32_t tier = 1; tier <= 2 && has_plugin(); tier++) {
        const rk_engine_choice choice = tier == 1 ? RK_ENGINE_JIT1 : RK_ENGINE_JIT2;
        ck_assert_int_eq(make(&b, choice, rk_cpu_best(), false, &program), RK_OK);
        ck_assert_uint_eq(rk_engine_tier(rk_program_engine(program)), tier);
        ck_assert_str_eq(rk_program_reason(program), "");
        ranks(program, &b);
        rk_program_free(program);
    }
    b_close(&b);
}
END_TEST

START_TEST(auto_compiles_when_it_pays)
{
    builder b;
    rk_program *program;
    const rk_reply small = {.n_candidates = 3}, large = {.n_candidates = 120000000};
    build(&b);
    if (has_plugin()) {
        ck_assert_int_eq(make(&b, RK_ENGINE_AUTO, rk_cpu_best(), false, &program), RK_OK);
        for (int i = 0; i < 1000; i++)
            rk_program_count(program, &small);
        ck_assert(!rk_program_is_busy(program));
        ck_assert_uint_eq(rk_engine_tier(rk_program_engine(program)), 0);
        rk_program_count(program, &large);
        ck_assert(waits_for_tier(program, 2));
        for (int i = 0; i < 1000 && rk_program_is_busy(program); i++)
            ranks(program, &b);
        ck_assert_str_eq(rk_program_reason(program), "");
        rk_program_count(program, &large);
        ranks(program, &b);
        rk_program_free(program);
    }
    b_close(&b);
}
END_TEST

/* Also while the compiler is at work, in any state of it. */
START_TEST(a_program_can_go_at_any_time)
{
    builder b;
    rk_program *program;
    build(&b);
    for (int i = 0; i < 20 && has_plugin(); i++) {
        const struct timespec moment = {0, i * 500000};
        ck_assert_int_eq(make(&b, RK_ENGINE_AUTO, rk_cpu_best(), true, &program), RK_OK);
        nanosleep(&moment, NULL);
        rk_program_free(program);
    }
    b_close(&b);
}
END_TEST

/* A fork has the program, but not the thread that compiles. */
START_TEST(a_fork_does_not_wait_for_the_compiler)
{
    builder b;
    rk_program *program;
    int status;
    build(&b);
    for (int i = 0; i < 5 && has_plugin(); i++) {
        ck_assert_int_eq(make(&b, RK_ENGINE_AUTO, rk_cpu_best(), true, &program), RK_OK);
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            rk_program_free(program);
            _exit(0);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
        rk_program_free(program);
    }
    b_close(&b);
}
END_TEST

START_TEST(an_engine_of_somebody_else)
{
    builder b;
    rk_program *program;
    build(&b);
    if (has_plugin()) {
        rk_engine *const engine = b_engine(&b, rk_cpu_best());
        const rk_program_options options = {.engine = {.cpu = rk_cpu_best()},
                                            .choice = RK_ENGINE_JIT2};
        ck_assert_int_eq(rk_program_over(&b.plan, engine, &options, &b.diags, &program), RK_OK);
        ck_assert_ptr_eq(rk_program_engine(program), engine);
        rk_program_free(program);
        ck_assert_uint_eq(rk_engine_tier(engine), 2);
        rk_engine_free(engine);
    }
    b_close(&b);
}
END_TEST

RK_SUITE_MAIN("program", the_interpreter_on_demand, code_or_an_error, auto_goes_on_without_code,
              code_before_the_first_request, auto_compiles_when_it_pays,
              a_program_can_go_at_any_time, a_fork_does_not_wait_for_the_compiler,
              an_engine_of_somebody_else)
