/* A model's file that is another one, or gone, when a program that was compiled with it is opened.
 */
#include <stdlib.h>
#include <unistd.h>

#include "compiler/rankc.h"
#include "tests/unit/harness.h"

/* One leaf, whose value is the score. */
#define MODEL(VALUE)                                                                               \
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\n"  \
    "objective=regression\nfeature_names=x\nfeature_infos=[0:1]\n\n"                               \
    "Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\nthreshold=0.5\n"              \
    "decision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=" VALUE " 0\nleaf_count=1 1\n"     \
    "internal_value=0\ninternal_count=2\nis_linear=0\nshrinkage=1\n\nend of trees\n"

#define PROGRAM                                                                                    \
    "item { id: int, x: double }\nmodel m = gbdt(\"m.txt\")\n"                                     \
    "pipeline p = candidates | sort(desc: m(x))\n"

typedef struct world {
    char folder[64], program[128], model[128];
    rk_compiled compiled;
    rk_plan *plan;
} world;

static void write_model(const world *w, const char *text)
{
    FILE *const file = fopen(w->model, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void open_world(world *w)
{
    *w = (world){.folder = "/tmp/rankc-changed.XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    snprintf(w->program, sizeof w->program, "%s/p.rank", w->folder);
    snprintf(w->model, sizeof w->model, "%s/m.txt", w->folder);
    write_model(w, MODEL("1"));
    ck_assert_int_eq(rk_compiled_init(&w->compiled), RK_OK);
    ck_assert_int_eq(rk_compile_read_text(&w->compiled, rk_str_from(w->program), RK_STR(PROGRAM)),
                     RK_OK);
    ck_assert_int_eq(rk_compile_check(&w->compiled), RK_OK);
    const rk_plan_request wanted = {.pipeline =
                                        rk_module_pipeline(w->compiled.module, RK_STR("p"))};
    ck_assert_int_eq(rk_compile_plan(&w->compiled, &wanted, &w->plan), RK_OK);
}

static void close_world(world *w)
{
    rk_compiled_free(&w->compiled);
    unlink(w->model);
    rmdir(w->folder);
}

/* Opens the plan, which ends so and says `words`. */
static void opens(world *w, const rk_files *files, rk_status status, const char *words)
{
    rk_engine *engine;
    rk_diags *const diags = &w->compiled.cx.diags;
    const rk_engine_options options = {.cpu = rk_cpu_best(), .files = files};
    ck_assert_int_eq(rk_engine_new(w->plan, &options, diags, &engine), status);
    rk_engine_free(engine);
    rk_buf said = {0};
    rk_diags_print(diags, &w->compiled.cx.texts, RK_DIAG_TEXT, &said);
    ck_assert_msg(strstr(said.len ? said.data : "", words) != NULL, "%s", said.data);
    ck_assert(words[0] || said.len == 0);
    rk_buf_free(&said);
}

START_TEST(another_model_is_refused)
{
    world w;
    open_world(&w);
    opens(&w, NULL, RK_OK, "");
    write_model(&w, MODEL("1")); /* the same bytes, written later */
    opens(&w, NULL, RK_OK, "");
    write_model(&w, MODEL("2"));
    opens(&w, NULL, RK_EDATA, "error[E0542]: `");
    close_world(&w);
}
END_TEST

START_TEST(the_message_names_the_declaration)
{
    world w;
    open_world(&w);
    write_model(&w, MODEL("2"));
    opens(&w, NULL, RK_EDATA, "/p.rank:2:7\n");
    opens(&w, NULL, RK_EDATA, "m.txt` is not the file that the program was compiled with");
    opens(&w, NULL, RK_EDATA, "= help: compile the program again");
    close_world(&w);
}
END_TEST

START_TEST(a_file_that_is_gone)
{
    world w;
    open_world(&w);
    unlink(w.model);
    opens(&w, NULL, RK_EFILE, "error[E0601]: cannot read `");
    close_world(&w);
}
END_TEST

START_TEST(a_file_that_is_damaged)
{
    world w;
    open_world(&w);
    write_model(&w, "");
    opens(&w, NULL, RK_EDATA, "error[E0540]: `");
    close_world(&w);
}
END_TEST

/* What a bundle carries is looked at before the file system. */
START_TEST(a_model_in_memory)
{
    world w;
    open_world(&w);
    rk_text text = {.name = rk_str_from(w.model), .text = RK_STR(MODEL("1"))};
    const rk_files files = {&text, 1};
    unlink(w.model);
    opens(&w, &files, RK_OK, "");
    text.text = RK_STR(MODEL("2"));
    opens(&w, &files, RK_EDATA, "error[E0542]: `");
    close_world(&w);
}
END_TEST

RK_SUITE_MAIN("model_changed", another_model_is_refused, the_message_names_the_declaration,
              a_file_that_is_gone, a_file_that_is_damaged, a_model_in_memory)
