/* Every row of the registries: signature, words, example. */
#include "tests/unit/stdlib_calls.h"

START_TEST(rows_are_well_formed)
{
    for (uint32_t i = 0; i < rk_fn_count(); i++) {
        const rk_fn *const fn = rk_fn_at(i);
        rk_signature sig;
        ck_assert_msg(rk_signature_parse(fn->sig, &sig), "%s%s", fn->name, fn->sig);
        ck_assert_ptr_nonnull(fn->kernel);
        ck_assert_uint_eq(rk_fn_index(fn), i);
        if (fn->flags & RK_FN_CHAIN)
            ck_assert_uint_eq(sig.n_params, 2);
        if (fn->flags & RK_FN_VARIADIC)
            ck_assert_uint_gt(sig.n_params, 0);
        for (uint32_t k = 0; k < sig.n_params; k++)
            ck_assert_msg(!sig.params[k].type.optional || fn->null == RK_NULL_OWN, "%s", fn->name);
        const rk_fn *const before = i ? rk_fn_at(i - 1) : NULL;
        const bool first = !before || strcmp(before->name, fn->name) != 0;
        ck_assert_msg(first == (fn->doc != NULL), "%s: the first row has the words", fn->name);
        ck_assert(first == (fn->example != NULL) && first == (fn->result != NULL));
        if (first)
            ck_assert_msg(rk_fn_find(rk_str_from(fn->name)) == fn, "%s stands twice", fn->name);
    }
    ck_assert_ptr_null(rk_fn_at(rk_fn_count()));
    ck_assert_ptr_null(rk_fn_find(RK_STR("no_such_function")));
    ck_assert_ptr_null(rk_fn_find(RK_STR("")));
}
END_TEST

START_TEST(folds_are_well_formed)
{
    for (uint32_t i = 0; i < rk_fold_count(); i++) {
        const rk_fold_fn *const fn = rk_fold_at(i);
        ck_assert(fn->name && fn->doc && fn->example && fn->result_text && fn->kernel);
        ck_assert_uint_eq(rk_fold_index(fn), i);
        ck_assert_ptr_eq(rk_fold_find(rk_str_from(fn->name)), fn);
    }
    ck_assert_ptr_null(rk_fold_at(rk_fold_count()));
    ck_assert_ptr_null(rk_fold_find(RK_STR("nothing")));
}
END_TEST

START_TEST(examples_print_their_results)
{
    for (uint32_t i = 0; i < rk_fn_count(); i++) {
        const rk_fn *const fn = rk_fn_at(i);
        if (!fn->example)
            continue;
        env e;
        env_open(&e);
        reader r = {&e, fn->example};
        const rk_value value = read_expr(&r);
        ck_assert_msg(*r.at == 0, "%s: %s is left", fn->example, r.at);
        const char *const text = value_print(&e, value);
        ck_assert_msg(strcmp(text, fn->result) == 0, "%s gives %s, not %s", fn->example, text,
                      fn->result);
        env_close(&e);
    }
}
END_TEST

static bool parses(const char *sig)
{
    rk_signature out;
    return rk_signature_parse(sig, &out);
}

START_TEST(signatures)
{
    rk_signature sig;
    ck_assert(
        rk_signature_parse("(s: const list(float)?, n: int = -3, z: float = 1.96, t: string = "
                           "\"UTC\", b: bool = true, v: vector, x: any?) -> vector+",
                           &sig));
    ck_assert_uint_eq(sig.n_params, 7);
    ck_assert(sig.params[0].constant && sig.params[0].type.optional);
    ck_assert_uint_eq(sig.params[0].type.elem, RK_KIND_FLOAT);
    ck_assert(sig.params[1].has_initial && sig.params[1].initial.as.i == -3);
    ck_assert(sig.params[2].initial.as.d == 1.96);
    ck_assert_uint_eq(sig.params[2].initial.type.kind, RK_KIND_DOUBLE);
    ck_assert(rk_str_eq(sig.params[3].initial_text, RK_STR("UTC")));
    ck_assert(sig.params[4].initial.as.b);
    ck_assert(sig.params[6].any && sig.params[6].type.optional);
    ck_assert(sig.dim_sum);
    ck_assert(parses("() -> double") && parses("(x: int) -> list(string)?"));
    static const char *const wrong[] = {
        "",
        "()",
        "(x) -> int",
        "(x: int -> int",
        "(x: foo) -> int",
        "(x: int) -> any",
        "(x: int) -> int x",
        "(x: list) -> int",
        "(x: int = \"a\") -> int",
        "(x: string = 3) -> int",
        "(x: bool = 1) -> bool",
        "(x: int = 1.5) -> int",
        "(x: list(list)) -> int",
        "(x: string = \"a) -> int",
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(wrong); i++)
        ck_assert_msg(!parses(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(children_grow)
{
    rk_arena arena = {0};
    rk_children children = {.arena = &arena, .elem = RK_KIND_INT};
    rk_slice slice;
    for (uint32_t i = 0; i < 1000; i++) {
        int64_t *const at = rk_children_add(&children, i % 7, &slice);
        ck_assert_ptr_nonnull(at);
        ck_assert_uint_eq(slice.len, i % 7);
        for (uint32_t k = 0; k < slice.len; k++)
            at[k] = i;
    }
    ck_assert_ptr_null(rk_children_add(&children, UINT32_MAX, &slice));
    rk_arena_free(&arena);
}
END_TEST

START_TEST(prelude_is_there)
{
    const rk_str text = rk_prelude();
    ck_assert_uint_gt(text.len, 100);
    ck_assert_uint_eq(rk_str_utf8_valid(text), text.len);
    ck_assert_ptr_nonnull(memmem(text.data, text.len, "def clip(", 9));
}
END_TEST

RK_SUITE_MAIN("stdlib", rows_are_well_formed, folds_are_well_formed, examples_print_their_results,
              signatures, children_grow, prelude_is_there)
