/* Plans as bytes: what comes back is the same plan, and any damage to the bytes is noticed. Without
 * the hash in the way, any bytes at all give a plan or a reason. */
#include "runtime/plan/encode.h"

#include "compiler/rankc.h"
#include "runtime/plan/bytes.h"
#include "runtime/plan/code.h"
#include "tests/unit/plan_builder.h"

static const char program[] =
    "query { user: int, text: string = \"red nuts\", budget: float? }\n"
    "item { id: int, bm25: float = 0.0, tags: list(string) = [\"a\", \"b\"] }\n"
    "source products = csv(\"p.csv\", key: \"id\", sep: \";\") by item.id {\n"
    "    price: float  brand: string = \"\"  seller: int = 0  title: string = \"\" from "
    "\"Product\"\n"
    "    vec: vector(2) = [1, 2]\n"
    "}\n"
    "source sellers = tsv(\"s.tsv\", key: (\"id\", \"user\")) by (seller, query.user) {\n"
    "    stars: float = 4.0\n"
    "}\n"
    "factor mean = avg(price, where: price > 1)\n"
    "factor place = rank(price, by: brand, asc: true)\n"
    "factor middle = quantile(price, q: 0.25)\n"
    "factor words_in = overlap(words(query.text), words(title))\n"
    "factor near = dot(vec, [0.5, -0.25])\n"
    "factor nut = brand in [\"nut co\", \"b\"] or missing(query.budget)\n"
    "factor raw = price / mean + place * 0.1 + exp(bm25) + stars + near + (middle ?? 0)\n"
    "factor score = raw ?? 0\n"
    "pipeline search = union(candidates, scan(products)) | where(price <= query.budget ?? inf)\n"
    "    as recall | top(300, by: bm25) as l1 | top(20, by: score) | spread(brand, max: 2, window: "
    "5)\n"
    "    | pin(nut, at: 2) | limit(10)\n";

/* A program's plan with all its factors shown. */
typedef struct compiled {
    rk_compiled c;
    rk_plan *plan;
} compiled;

static void compile(compiled *p)
{
    ck_assert_int_eq(rk_compiled_init(&p->c), RK_OK);
    ck_assert_int_eq(rk_compile_read_text(&p->c, RK_STR("shop.rank"), rk_str_from(program)), RK_OK);
    const rk_status status = rk_compile_check(&p->c);
    rk_buf words = {0};
    rk_diags_print(&p->c.cx.diags, &p->c.cx.texts, RK_DIAG_TEXT, &words);
    ck_assert_msg(status == RK_OK, "%s", words.data ? words.data : "");
    uint32_t shown[32];
    ck_assert_uint_le(p->c.module->factors.len, RK_ARRAY_LEN(shown));
    for (uint32_t i = 0; i < p->c.module->factors.len; i++)
        shown[i] = i;
    const rk_plan_request request = {
        .pipeline = 0, .shown = shown, .n_shown = p->c.module->factors.len};
    ck_assert_int_eq(rk_compile_plan(&p->c, &request, &p->plan), RK_OK);
    rk_buf_free(&words);
}

/* Texts that are to be freed. */
static rk_buf printed(const rk_plan *plan)
{
    rk_buf out = {0};
    rk_plan_print(plan, &out);
    return out;
}

static rk_buf encoded(const rk_plan *plan)
{
    rk_buf out = {0};
    rk_buf_add_chars(&out, "abc"); /* it may stand anywhere */
    ck_assert_int_eq(rk_plan_encode(plan, &out), RK_OK);
    memmove(out.data, out.data + 3, out.len - 3);
    out.len -= 3;
    return out;
}

static rk_status decode(rk_str bytes, rk_arena *arena, rk_atoms *strings, rk_plan **out)
{
    rk_buf fault = {0};
    const rk_status status = rk_plan_decode(bytes, arena, strings, out, &fault);
    ck_assert((status == RK_OK) == (*out != NULL));
    ck_assert(status == RK_OK || (status == RK_EDATA && fault.len > 0));
    rk_buf_free(&fault);
    return status;
}

START_TEST(a_program_comes_back)
{
    compiled p;
    compile(&p);
    rk_buf bytes = encoded(p.plan);
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *back;
    ck_assert_int_eq(decode(rk_buf_str(&bytes), &arena, &strings, &back), RK_OK);
    rk_buf again = encoded(back), before = printed(p.plan), after = printed(back), fault = {0};
    ck_assert_str_eq(before.data, after.data);
    ck_assert_uint_eq(bytes.len, again.len);
    ck_assert_mem_eq(bytes.data, again.data, bytes.len);
    ck_assert_int_eq(rk_plan_verify(back, &fault), RK_OK);
    rk_code_key keys[2];
    ck_assert_int_eq(rk_code_key_of(p.plan, RK_CPU_V4, 2, &keys[0]), RK_OK);
    ck_assert_int_eq(rk_code_key_of(back, RK_CPU_V4, 2, &keys[1]), RK_OK);
    ck_assert_mem_eq(&keys[0], &keys[1], sizeof keys[0]);
    const rk_span a = p.plan->sources.items[0].span, b = back->sources.items[0].span;
    ck_assert(a.file == b.file && a.at == b.at && a.len == b.len && a.len > 0);
    ck_assert(rk_str_eq(p.plan->sources.items[0].sep, back->sources.items[0].sep));
    ck_assert(rk_str_eq(p.plan->item.fields[0].column, back->item.fields[0].column));
    rk_buf_free(&bytes);
    rk_buf_free(&again);
    rk_buf_free(&before);
    rk_buf_free(&after);
    rk_arena_free(&arena);
    rk_compiled_free(&p.c);
}
END_TEST

/* A small plan with a value of each kind. */
static void build_values(builder *b)
{
    static const float floats[] = {1.5f, -0.0f};
    static const int64_t ints[] = {INT64_MIN, 7};
    b_open(b);
    rk_atom *const atoms = RK_NEW_ARRAY(&b->arena, rk_atom, 2);
    atoms[0] = b_atom(b, "x");
    atoms[1] = b_atom(b, "");
    const rk_value values[] = {
        v_bool(true),
        v_int(INT64_MIN),
        v_float(-0.0f),
        v_double(0x1.fffffffffffffp+1023),
        v_atom(b_atom(b, "a\0b")),
        {.type = RK_TYPE_OPT(INT), .missing = true},
        {.type = RK_TYPE_OPT(DOUBLE), .missing = true, .as.d = rk_nan_double()},
        {.type = {.kind = RK_KIND_VECTOR, .dim = 2}, .as.list = {floats, 2}},
        {.type = RK_TYPE_LIST(INT), .as.list = {ints, 2}},
        {.type = RK_TYPE_LIST(STRING), .as.list = {atoms, 2}},
        {.type = RK_TYPE_LIST(BOOL), .as.list = {NULL, 0}},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(values); i++)
        b_constant(b, values[i]);
    b->plan.result = b_candidates(b);
    b->plan.one_producer = true;
    b_verify(b);
}

START_TEST(values_come_back)
{
    builder b;
    build_values(&b);
    rk_buf bytes = encoded(&b.plan);
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *back;
    ck_assert_int_eq(decode(rk_buf_str(&bytes), &arena, &strings, &back), RK_OK);
    ck_assert_uint_eq(back->constants.len, b.plan.constants.len);
    for (uint32_t i = 0; i < back->constants.len; i++) {
        const rk_value *const x = &b.plan.constants.items[i], *const y = &back->constants.items[i];
        ck_assert(rk_type_eq(x->type, y->type));
        ck_assert(b_same(*x, *y));
    }
    ck_assert_uint_eq(rk_atoms_count(&strings), rk_atoms_count(&b.strings));
    for (rk_atom i = 0; i < rk_atoms_count(&strings); i++)
        ck_assert(rk_str_eq(rk_atom_str(&strings, i), rk_atom_str(&b.strings, i)));
    rk_buf_free(&bytes);
    rk_arena_free(&arena);
    b_close(&b);
}
END_TEST

/* Whatever the bytes: a reason, or a plan that can be verified and printed. */
static void try_bytes(const char *data, size_t len)
{
    char *const copy = malloc(len + 1); /* so that a sanitizer sees its end */
    memcpy(copy, data, len);
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *plan;
    if (decode((rk_str){copy, len}, &arena, &strings, &plan) == RK_OK) {
        rk_buf words = {0};
        if (rk_plan_verify(plan, &words) == RK_OK)
            rk_plan_print(plan, &words);
        rk_buf_free(&words);
    }
    ck_assert_uint_lt(arena.used, 100000 + 200 * len);
    rk_arena_free(&arena);
    free(copy);
}

/* Behind a hash that is right again. */
static void try_body(const char *data, size_t len)
{
    rk_buf whole = {0};
    rk_buf_add(&whole, (rk_str){data, len});
    rk_put_digest(&whole, 0);
    try_bytes(whole.data, whole.len);
    rk_buf_free(&whole);
}

START_TEST(damage_is_noticed)
{
    compiled p;
    compile(&p);
    rk_buf bytes = encoded(p.plan);
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *plan;
    const size_t body = bytes.len - sizeof(rk_digest);
    for (size_t len = 0; len < bytes.len; len++) {
        ck_assert_int_eq(decode((rk_str){bytes.data, len}, &arena, &strings, &plan), RK_EDATA);
        if (len < body)
            try_body(bytes.data, len);
        rk_arena_reset(&arena);
    }
    for (size_t at = 0; at < bytes.len; at++) {
        const char was = bytes.data[at];
        for (int change = 1; change < 256; change *= 2) {
            bytes.data[at] = (char)(was ^ change);
            ck_assert_int_eq(decode(rk_buf_str(&bytes), &arena, &strings, &plan), RK_EDATA);
            if (at < body)
                try_body(bytes.data, body);
            rk_arena_reset(&arena);
        }
        bytes.data[at] = was;
    }
    rk_buf_free(&bytes);
    rk_arena_free(&arena);
    rk_compiled_free(&p.c);
}
END_TEST

static void expect_reason(const char *bytes, size_t len, const char *reason)
{
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *plan;
    rk_buf fault = {0};
    ck_assert_int_eq(rk_plan_decode((rk_str){bytes, len}, &arena, &strings, &plan, &fault),
                     RK_EDATA);
    ck_assert_str_eq(fault.data, reason);
    rk_buf_free(&fault);
    rk_arena_free(&arena);
}

/* The last place of a text: the same words stand before among the names of the program. */
static char *last_place(const rk_buf *bytes, const char *text)
{
    char *found = NULL;
    for (size_t at = 0; at + strlen(text) <= bytes->len; at++)
        if (memcmp(bytes->data + at, text, strlen(text)) == 0)
            found = bytes->data + at;
    return found;
}

/* A name in the bytes becomes another of the same length, with the hash put right. */
static void rename_row(const rk_plan *plan, const char *from, const char *to, const char *reason)
{
    rk_buf bytes = encoded(plan);
    const size_t body = bytes.len - sizeof(rk_digest);
    char *const at = last_place(&bytes, from);
    ck_assert_ptr_nonnull(at);
    memcpy(at, to, strlen(to));
    bytes.len = body;
    rk_put_digest(&bytes, 0);
    expect_reason(bytes.data, bytes.len, reason);
    rk_buf_free(&bytes);
}

START_TEST(reasons_are_given)
{
    compiled p;
    compile(&p);
    expect_reason("", 0, "it is no plan");
    expect_reason("RKPLAN\r\n\1\0\0", 11, "it is truncated or damaged");
    expect_reason("RKPLAN\r\n\5\0\0\0", 12, "it is of version 5, this rankc reads version 4");
    rename_row(p.plan, "\3exp\23(x: float)", "\3exq\23(x: float)",
               "its function `exq(x: float) -> float` is not in this rankc");
    rename_row(p.plan, "\6spread", "\6sprawl", "its stage `sprawl` is not in this rankc");
    rename_row(p.plan, "\10quantile", "\10quentile",
               "its aggregate `quentile` is not in this rankc");
    rk_compiled_free(&p.c);
}
END_TEST

RK_SUITE_MAIN("encode", a_program_comes_back, values_come_back, damage_is_noticed,
              reasons_are_given)
