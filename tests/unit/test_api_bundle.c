/* runtime/rank.h over bundles: what they rank is what their source ranks, and bytes that are none,
 * or no longer, are refused. The bundles are without code, or have some that does nothing: the
 * interpreter runs them. */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/rankc.h"
#include "runtime/base/cpu.h"
#include "runtime/plan/bundle.h"
#include "tests/unit/api_world.h"

/* A bundle of all pipelines of SHOP, each with two values shown. */
typedef struct made {
    rk_compiled compiled;
    rk_bundle_writer writer;
    rk_buf bytes;
} made;

static void make(made *m)
{
    rk_str names[2];
    uint32_t shown[2];
    rk_bundle_writer_init(&m->writer);
    m->bytes = (rk_buf){0};
    ck_assert_int_eq(rk_compiled_init(&m->compiled), RK_OK);
    ck_assert_int_eq(rk_compile_read_text(&m->compiled, RK_STR("shop"), rk_str_from(SHOP)), RK_OK);
    ck_assert_int_eq(
        rk_compile_show(&m->compiled, RK_STR("--show"), RK_STR("brand"), RK_STR(""), &names[0]),
        RK_OK);
    ck_assert_int_eq(
        rk_compile_show(&m->compiled, RK_STR("--show"), RK_STR("n_tags"), RK_STR(""), &names[1]),
        RK_OK);
    ck_assert_int_eq(rk_compile_check(&m->compiled), RK_OK);
    for (int i = 0; i < 2; i++)
        shown[i] = rk_module_factor(m->compiled.module, names[i]);
    for (uint32_t i = 0; i < m->compiled.module->pipelines.len; i++) {
        const rk_plan_request request = {.pipeline = i, .shown = shown, .n_shown = 2};
        rk_plan *plan;
        ck_assert_int_eq(rk_compile_plan(&m->compiled, &request, &plan), RK_OK);
        ck_assert_int_eq(rk_bundle_add_plan(&m->writer, plan, RK_STR("")), RK_OK);
    }
    ck_assert_int_eq(rk_bundle_add_texts(&m->writer, &m->compiled.cx.texts), RK_OK);
    ck_assert_int_eq(rk_bundle_finish(&m->writer, &m->bytes), RK_OK);
    ck_assert_uint_eq((uintptr_t)m->bytes.data % 8, 0);
}

static void unmake(made *m)
{
    rk_buf_free(&m->bytes);
    rk_bundle_writer_free(&m->writer);
    rk_compiled_free(&m->compiled);
}

static world open_bundle(const made *m, const rank_options *options)
{
    world w;
    const rank_status status = rank_open_bytes(m->bytes.data, m->bytes.len, options, &w.program);
    ck_assert_msg(status == RANK_OK, "%s", rank_program_message(w.program));
    ck_assert_int_eq(rank_context_new(w.program, &w.cx), RANK_OK);
    return w;
}

START_TEST(a_bundle_ranks_like_its_source)
{
    made m;
    make(&m);
    const world w = open_bundle(&m, NULL);
    const rank_info *const info = rank_program_info(w.program);
    ck_assert_uint_eq(info->n_pipelines, 4);
    ck_assert_str_eq(info->query[1].initial, "\"nuts\"");
    ck_assert_str_eq(info->pipelines[0].outputs[1].name, "n_tags");
    ck_assert_uint_eq(rank_program_tier(w.program, 0), 0);
    ck_assert_str_ne(rank_program_reason(w.program, 0), "");
    const rank_string brands[4] = {text("a"), text("b"), text("c"), text("d")};
    begin(w.cx);
    fine(w.cx, rank_set_item(w.cx, item(w.cx, "brand"), rank_strings(brands, 4)));
    const rank_result *const r = run(w.cx, "cheap");
    ids_are(r, 4, (int64_t[]){10, 20, 30, 40});
    text_is(((const rank_string *)r->outputs[0].data)[3], "a");
    ck_assert_int_eq(((const int64_t *)r->outputs[1].data)[3], 1);
    ids_are(run(w.cx, "plain"), 4, IDS);
    close_world(w);
    unmake(&m);
}
END_TEST

START_TEST(messages_are_those_of_the_program)
{
    made m;
    make(&m);
    const world w = open_bundle(&m, &(rank_options){.pipeline = "cheap"});
    const rank_result *r;
    ck_assert_uint_eq(rank_program_info(w.program)->n_pipelines, 1);
    fine(w.cx, rank_begin(w.cx));
    fine(w.cx, rank_set_ids(w.cx, IDS, 4));
    refused(w.cx, rank_run(w.cx, 0, &r), RANK_EDATA, "E0531: item 40 was sent without `price`");
    close_world(w);
    unmake(&m);
}
END_TEST

static void does_not_open(const void *bytes, size_t n, const rank_options *options,
                          rank_status want, const char *words)
{
    rank_program *program;
    const rank_status status = rank_open_bytes(bytes, n, options, &program);
    ck_assert_int_eq(status, want);
    ck_assert_msg(strstr(rank_program_message(program), words) != NULL, "`%s` does not say `%s`",
                  rank_program_message(program), words);
    ck_assert_ptr_null(rank_program_info(program));
    rank_close(program);
}

START_TEST(what_is_no_bundle_is_refused)
{
    made m;
    make(&m);
    const size_t n = m.bytes.len;
    const char *const show[] = {"brand"};
    rank_program *program;
    _Alignas(8) char words[64] = "item { id: int }";
    does_not_open(words, 0, NULL, RANK_EFILE, "E0610");
    does_not_open(words, sizeof words, NULL, RANK_EFILE, "E0610");
    does_not_open(m.bytes.data, n - 1, NULL, RANK_EFILE, "E0611");
    does_not_open(m.bytes.data, n / 2, NULL, RANK_EFILE, "E0611");
    does_not_open(m.bytes.data, n, &(rank_options){.pipeline = "chaep"}, RANK_EUSAGE,
                  "did you mean `cheap`?");
    does_not_open(m.bytes.data, n, &(rank_options){.revision = "prod"}, RANK_EUSAGE, "revision");
    does_not_open(m.bytes.data, n, &(rank_options){.show = show, .n_show = 1}, RANK_EUSAGE,
                  "shown");
    does_not_open(m.bytes.data, n, &(rank_options){.engine = (rank_engine)9}, RANK_EUSAGE,
                  "no engine");
    does_not_open(m.bytes.data, n, &(rank_options){.engine = RANK_ENGINE_JIT1}, RANK_EFILE,
                  "E0602");
    does_not_open(m.bytes.data, n, &(rank_options){.engine = RANK_ENGINE_JIT2}, RANK_EFILE,
                  "E0602");
    for (size_t at = 0; at < n; at += 7) { /* found out, or where nothing reads */
        m.bytes.data[at] ^= 0x10;
        if (rank_open_bytes(m.bytes.data, n, NULL, &program) != RANK_OK)
            ck_assert_str_ne(rank_program_message(program), "");
        rank_close(program);
        m.bytes.data[at] ^= 0x10;
    }
    ck_assert_int_eq(rank_open_bytes(m.bytes.data + 1, n - 1, NULL, &program), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_bytes(NULL, n, NULL, &program), RANK_EUSAGE);
    ck_assert_int_eq(rank_open_bytes(m.bytes.data, n, NULL, NULL), RANK_EUSAGE);
    ck_assert_int_eq(rank_open(NULL, NULL, &program), RANK_EUSAGE);
    ck_assert_int_eq(rank_open("x", NULL, NULL), RANK_EUSAGE);
    ck_assert_int_eq(rank_open("/no/such.rankb", NULL, &program), RANK_EFILE);
    ck_assert(strstr(rank_program_message(program), "E0601") != NULL);
    rank_close(program);
    unmake(&m);
}
END_TEST

/* Puts code into the bundle that has no function for anything. */
static void add_blank_code(made *m)
{
    static const rk_code_kernel kernels[64];
    static const uint8_t text[] = {0xc3};
    for (uint32_t i = 0; i < m->writer.plans.len; i++) {
        const rk_code code = {
            .cpu = RK_CPU_V3,
            .tier = 2,
            .text = text,
            .text_size = sizeof text,
            .kernels = kernels,
            .n_kernels = m->writer.plans.items[i]->kernels.len,
        };
        ck_assert_uint_le(code.n_kernels, RK_ARRAY_LEN(kernels));
        ck_assert_int_eq(rk_bundle_add_code(&m->writer, i, &code), RK_OK);
    }
    rk_buf_free(&m->bytes);
    ck_assert_int_eq(rk_bundle_finish(&m->writer, &m->bytes), RK_OK);
}

/* In a process that may run nothing it wrote: 0 if all is as it should be. */
static int open_without_code(const made *m)
{
    enum { DENY_WRITTEN = 65 }; /* PR_SET_MDWE, which older systems lack */
    rank_program *program;
    if (prctl(DENY_WRITTEN, 1, 0, 0, 0) != 0)
        return 0;
    if (rank_open_bytes(m->bytes.data, m->bytes.len, NULL, &program) != RANK_OK)
        return 1;
    if (rank_program_tier(program, 0) != 0 ||
        !strstr(rank_program_reason(program, 0), "the system lets no code"))
        return 2;
    rank_close(program);
    const rank_options native = {.engine = RANK_ENGINE_JIT2};
    if (rank_open_bytes(m->bytes.data, m->bytes.len, &native, &program) != RANK_EFILE)
        return 3;
    if (!strstr(rank_program_message(program), "E0602"))
        return 4;
    rank_close(program);
    return 0;
}

START_TEST(where_no_code_may_run_it_interprets)
{
    int status;
    made m;
    make(&m);
    add_blank_code(&m);
    const world w = open_bundle(&m, NULL);
    ck_assert_uint_eq(rank_program_tier(w.program, 0), rk_cpu_best() >= RK_CPU_V3 ? 2 : 0);
    ck_assert_int_eq(*rank_program_reason(w.program, 0) == 0, rk_cpu_best() >= RK_CPU_V3);
    close_world(w);
    const pid_t child = fork();
    if (child == 0)
        _exit(open_without_code(&m));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    unmake(&m);
}
END_TEST

RK_SUITE_MAIN("api_bundle", a_bundle_ranks_like_its_source, messages_are_those_of_the_program,
              what_is_no_bundle_is_refused, where_no_code_may_run_it_interprets)
