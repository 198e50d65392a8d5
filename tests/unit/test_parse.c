/* Texts and their outlines; bad texts and what is said about them. */
#include "compiler/syntax/ast.h"
#include "tests/unit/harness.h"

typedef struct parsed {
    rk_context cx;
    rk_ast_file *file;
    rk_buf dump;
} parsed;

static parsed parse(rk_str text)
{
    parsed p = {0};
    ck_assert_int_eq(rk_context_init(&p.cx), RK_OK);
    const rk_text named = {.name = RK_STR("t.rank"), .text = text};
    ck_assert(rk_vec_push(&p.cx.arena, &p.cx.texts.items, named));
    ck_assert_int_eq(rk_parse(&p.cx, 0, &p.file), RK_OK);
    rk_ast_dump(&p.cx, p.file, &p.dump);
    rk_buf_add_char(&p.dump, '\0');
    rk_diags_sort(&p.cx.diags);
    return p;
}

static void drop(parsed *p)
{
    rk_buf_free(&p->dump);
    rk_context_free(&p->cx);
}

/* The text has this outline and no error. */
static void is_outline(const char *text, const char *outline)
{
    parsed p = parse(rk_str_from(text));
    ck_assert_uint_eq(p.cx.diags.errors, 0);
    ck_assert_str_eq(p.dump.data, outline);
    drop(&p);
}

/* The value of one factor, as an outline. */
static void is_value(const char *value, const char *outline)
{
    char text[1000], want[2000] = "factor f\n";
    snprintf(text, sizeof text, "factor f = %s", value);
    size_t len = strlen(want);
    for (const char *c = outline; *c; c++) {
        if (c == outline || c[-1] == '\n')
            len += (size_t)snprintf(want + len, sizeof want - len, "  ");
        want[len++] = *c;
    }
    want[len] = '\0';
    is_outline(text, want);
}

static void has_codes(rk_str text, const char *codes)
{
    parsed p = parse(text);
    char got[1000] = "";
    for (uint32_t i = 0; i < p.cx.diags.items.len; i++) {
        const rk_diag *const diag = p.cx.diags.items.items[i];
        const size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s%s@%u", i ? " " : "",
                 rk_diag_code_name(diag->code), diag->span.at);
    }
    ck_assert_str_eq(got, codes);
    drop(&p);
}

static void is_bad(const char *text, const char *codes) { has_codes(rk_str_from(text), codes); }

/* The first message, and the first advice if it is not NULL. */
static void says(const char *text, const char *message, const char *help)
{
    parsed p = parse(rk_str_from(text));
    ck_assert_uint_gt(p.cx.diags.items.len, 0);
    const rk_diag *const diag = p.cx.diags.items.items[0];
    ck_assert_str_eq(diag->message.data, message);
    if (help) {
        ck_assert_uint_gt(diag->notes.len, 0);
        ck_assert_str_eq(diag->notes.items[diag->notes.len - 1].text.data, help);
    }
    drop(&p);
}

START_TEST(every_declaration)
{
    is_outline("import \"a.rank\"", "import \"a.rank\"\n");
    is_outline("query { a: int, b: list(string)?, }", "query\n  field a: int\n"
                                                      "  field b: list(string)?\n");
    is_outline("item { id: int bm25: float = 0.0 }",
               "item\n  field id: int\n  field bm25: float\n    float 0.0\n");
    is_outline("query {}", "query\n");
    is_outline("source s = csv(\"a\", key: (\"u\", \"v\")) by (a, b.c) { v: vector(8)? = [1] from "
               "\"V\" t: string from \"\" }",
               "source s\n  call csv\n    string \"a\"\n    arg key\n      tuple\n        string "
               "\"u\"\n        string \"v\"\n  by\n    tuple\n      name a\n      member c\n"
               "        name b\n  field v: vector(8)?\n    list\n      int 1\n    from \"V\"\n"
               "  field t: string\n    from \"\"\n");
    is_outline("factor f: float? = 1", "factor f: float?\n  int 1\n");
    is_outline("def f() = 1 def g(a, b) = a | top(b)",
               "def f\n  int 1\ndef g\n  param a\n  param b\n  |\n    name a\n    call top\n"
               "      name b\n");
    is_outline("model m = gbdt(\"m\") index i = flat(v)",
               "model m\n  call gbdt\n    string \"m\"\nindex i\n  call flat\n    name v\n");
    is_outline("pipeline p = union(nearest(i, v, 5) as v, candidates) as u | f(x: y) as l",
               "pipeline p\n  as l\n    |\n      as u\n        call union\n          as v\n"
               "            call nearest\n              name i\n              name v\n"
               "              int 5\n          name candidates\n      call f\n        arg x\n"
               "          name y\n");
    is_outline("pipeline p = if q then (a | b()) else (c) | d()",
               "pipeline p\n  |\n    if\n      name q\n      ()\n        |\n          name a\n"
               "          call b\n      ()\n        name c\n    call d\n");
    is_outline("revision r = * revision s = r - { a, b.c } + {x}",
               "revision r\n  start *\nrevision s\n  start revision r\n  sub set\n    name a\n"
               "    member c\n      name b\n  add set\n    name x\n");
    is_outline("revision r = { a }", "revision r\n  start set\n    name a\n");
    is_outline("test \"t\" { given item.id = [1] expect a == 1 expect a ~ b expect (a == b) "
               "expect p | top(1) == [2] }",
               "test \"t\"\n  given\n    member id\n      name item\n    list\n      int 1\n"
               "  expect ==\n    name a\n    int 1\n  expect ~\n    name a\n    name b\n"
               "  expect\n    ()\n      ==\n        name a\n        name b\n  expect ==\n    |\n"
               "      name p\n      call top\n        int 1\n    list\n      int 2\n");
}
END_TEST

START_TEST(precedence)
{
    is_value("-a ^ 2", "-\n  ^\n    name a\n    int 2\n");
    is_value("2 ^ -1 * 3", "*\n  ^\n    int 2\n    -\n      int 1\n  int 3\n");
    is_value("a ^ b ^ c", "^\n  name a\n  ^\n    name b\n    name c\n");
    is_value("a - b - c", "-\n  -\n    name a\n    name b\n  name c\n");
    is_value("a + b * c % d", "+\n  name a\n  %\n    *\n      name b\n      name c\n    name d\n");
    is_value("not a == b and c", "and\n  not\n    ==\n      name a\n      name b\n  name c\n");
    is_value("a not in b or c in d", "or\n  not in\n    name a\n    name b\n  in\n    name c\n"
                                     "    name d\n");
    is_value("a ?? b ?? -1 < c", "<\n  ??\n    name a\n    ??\n      name b\n      -\n        int "
                                 "1\n  name c\n");
    is_value("if a then b else if c then d else e + 1",
             "if\n  name a\n  name b\n  if\n    name c\n    name d\n    +\n      name e\n      int "
             "1\n");
    is_value("m(x, k: y, ...).ctr[0]",
             "index\n  member ctr\n    call m\n      name x\n      arg k\n        name y\n      "
             "...\n  int 0\n");
    is_value("[a, 1,]", "list\n  name a\n  int 1\n");
    is_value("missing(missing)", "call missing\n  missing\n");
    is_value("inf", "inf\n");
    is_value("true == false", "==\n  true\n  false\n");
}
END_TEST

START_TEST(words)
{
    is_value("1_000 + 2.5e-3", "+\n  int 1000\n  float 2.5e-3\n");
    is_value("[250ms, 90s, 1.5m, 2h, 7d]",
             "list\n  float 250ms\n  float 90s\n  float 1.5m\n  float 2h\n  float 7d\n");
    is_value("\"\\u0041\\u07ff\\u20ac\"", "string \"A\xdf\xbf\xe2\x82\xac\"\n");
    is_value("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
             "string \"a\\\"\\\\/\\u0008\\u000c\\n\\r\\t\xc3\xa9\xf0\x9f\x98\x80\"\n");
    is_value("`if` + `plain`", "+\n  name if\n  name plain\n");
    is_outline("\xef\xbb\xbf# crlf\r\nfactor f = 1\r\n", "factor f\n  int 1\n");
    is_outline("", "");
    is_outline("# only a comment", "");
}
END_TEST

START_TEST(words_that_are_names_elsewhere)
{
    is_outline("factor index = 1", "factor index\n  int 1\n");
    is_outline("factor f = factor\nfactor g = index + given",
               "factor f\n  name factor\nfactor g\n  +\n    name index\n    name given\n");
    is_outline("revision test = *\nfactor index = by",
               "revision test\n  start *\nfactor index\n  name by\n");
    is_outline("query { query: int test: int = index model: int }",
               "query\n  field query: int\n  field test: int\n    name index\n"
               "  field model: int\n");
    is_outline("source by = csv(by: 1) by item { source: int }",
               "source by\n  call csv\n    arg by\n      int 1\n  by\n    name item\n"
               "  field source: int\n");
    is_outline("test \"t\" { given given = expect expect expect == given }",
               "test \"t\"\n  given\n    name given\n    name expect\n  expect ==\n    name "
               "expect\n    name given\n");
    is_outline("factor a = query.index pipeline p = q as test test \"x\" {}",
               "factor a\n  member index\n    name query\npipeline p\n  as test\n    name q\n"
               "test \"x\"\n");
    is_outline("factor f = price(test: 1, by: 2, over: 3, at: 4)",
               "factor f\n  call price\n    arg test\n      int 1\n    arg by\n      int 2\n"
               "    arg over\n      int 3\n    arg at\n      int 4\n");
}
END_TEST

START_TEST(doc_comments)
{
    is_outline("## one\n## two\n\nfactor f = 1 ## not\n### banner\nquery { # x\n ## a\n a: int }",
               "doc \"one\\ntwo\"\nfactor f\n  int 1\nquery\n  doc \"a\"\n  field a: int\n");
    is_outline("##tight\n# plain\nfactor f = 1", "doc \"tight\"\nfactor f\n  int 1\n");
}
END_TEST

START_TEST(errors_of_words)
{
    is_bad("factor f = 7days", "E0102@11");
    is_bad("factor f = 1__0 + 1_ + 1. + .5 + 0x1 + 1e + 1e-x",
           "E0102@11 E0102@18 E0102@23 E0102@28 E0102@33 E0102@39 E0102@44");
    is_bad("factor f = a $ b", "E0102@13");
    is_bad("factor f = a; factor g = `a b`", "E0102@12 E0102@25");
    is_bad("factor f = \"a", "E0104@11");
    is_bad("factor f = \"a\nfactor g = \"\\x\\u12\\ud800\"", "E0104@11 E0104@26 E0104@28 E0104@32");
    is_bad("factor f = 'a' && \"\"\"b\"\"\"", "E0104@11 E0102@15 E0104@18");
    is_bad("factor f = \xd1\x86\xd0\xb5\xd0\xbd\xd0\xb0", "E0102@11");
    has_codes(RK_STR("factor f = 1\0\0 + 2 # \xff\xfe\nfactor g = \"\x80\""),
              "E0107@12 E0107@21 E0107@36");
    has_codes(RK_STR("\0"), "E0107@0");
    has_codes(RK_STR("\xff\xfe"
                     "f\0a\0"),
              "E0107@0 E0103@2 E0107@3 E0107@5");
}
END_TEST

START_TEST(errors_of_syntax)
{
    is_bad("factor f = 1 +\nfactor g = 2 *", "E0101@14 E0101@29");
    is_bad("factor f = )\nfactor g = 1\nfactor h = ]", "E0101@11 E0101@37");
    is_bad("fcator f = 1\ng = 2\nfactor h = (", "E0103@0 E0103@13 E0109@30");
    is_bad("factor f = max(a, b\nfactor g = 1", "E0109@14");
    is_bad("query { a: int\nfactor g = 1 }", "E0109@6 E0101@28");
    is_bad("factor f = a < b < c", "E0106@17");
    is_bad("factor f = a + b ?? c\nfactor g = a ?? b * c", "E0105@17 E0105@35");
    is_bad("factor f = (a + b) ?? (c * d)", "");
    is_bad("factor f = g(..., 1) + h(k: ...)", "E0108@13 E0108@28");
    is_bad("factor f = (a, b)", "E0101@13");
    is_bad("factor if = 1", "E0110@7");
    is_bad("pipeline p = if a then b | f() else c", "E0101@25");
    is_bad(")", "E0101@0");
    is_bad("\"x\"", "E0101@0");
}
END_TEST

START_TEST(messages)
{
    says("factor f = * 2", "unexpected `*`, expected a number, name or `(`", NULL);
    says("factor f = a b", "unexpected name `b`, expected an operator or a declaration", NULL);
    says("factor f = if a = b then 1 else 2", "unexpected `=`, expected an operator or `then`",
         "`==` compares, `=` only defines");
    says("fcator f = 1", "`fcator` begins no declaration", "did you mean `factor`?");
    says("let f = 1", "`let` begins no declaration", "did you mean `factor`?");
    says("f = 1", "`f` begins no declaration", "write `factor f = …`");
    says("factor f = a + b ?? c", "`+` beside `??` needs parentheses",
         "write `(a + b) ?? c` or `a + (b ?? c)`");
    says("factor f = 1 < 2 < 3", "comparisons do not chain: unexpected `<`",
         "write `a < b and b < c`, or parentheses where the bool is meant");
    says("factor f = a && b", "`&&` is not in the language", "write `and`");
    says("factor f = if a then 1 elif b then 2 else 3",
         "unexpected name `elif`, expected an operator or `else`", "write `else if`");
    says("factor f = f(a", "`(` is not closed", "`)` was expected before the end of the file");
    says("test \"t\" { expct a }", "unexpected name `expct`, expected `given`, `expect` or `}`",
         "did you mean `expect`?");
    says("factor f =", "unexpected end of the declaration, expected a number, name or `(`", NULL);
    says("pipeline p = a | top", "unexpected end of the declaration, expected `(`", NULL);
    says("factor f = .5", "`.5` is not a number", "write `0.5`");
    says("factor f = a ? b : c", "unexpected `?`, expected an operator or a declaration",
         "write `if condition then a else b`");
    says("factor f = a is b", "unexpected name `is`, expected an operator or a declaration",
         "`==` compares, `missing(x)` asks whether there is a value");
    says("def f(x from y) = x", "unexpected `from`, expected `)` or `,`",
         "only a field comes from a column");
    says("pipeline p = a | top, 3", "unexpected `,`, expected `(`",
         "stages, models and functions are called: `name(…)`");
    says("revision r = s + t", "unexpected name `t`, expected `{`",
         "a set of names stands in braces: `{ a, b }`");
    says("factor f = a\n\n + b * long_name_one_two_three ?? c", "`+` beside `??` needs parentheses",
         "put one side or the other in parentheses");
    says("factor f = 1f", "`1f` is not a number",
         "numbers have no suffix: the type comes from where they are used");
}
END_TEST

START_TEST(words_of_other_languages)
{
    static const char *const signs[] = {
        "a & b",
        "a && b",
        "a || b",
        "!a",
        "a === b",
        "a !== b",
        "a <> b",
        "a ** b",
        "m(..)",
        "a;",
        "a // b",
        "a /* b */",
        "a \xe2\x89\xa4 b",
        "\xe2\x80\x9c\xe2\x80\x9d",
        "a \\ ",
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(signs); i++) {
        char text[100];
        snprintf(text, sizeof text, "factor f = %s\nfactor g = 1", signs[i]);
        parsed p = parse(rk_str_from(text));
        ck_assert_msg(p.cx.diags.items.len >= 1, "%s", signs[i]);
        for (uint32_t j = 0; j < p.cx.diags.items.len; j++) {
            ck_assert_int_eq(p.cx.diags.items.items[j]->code, RK_E0102);
            ck_assert_uint_eq(p.cx.diags.items.items[j]->notes.len, 1);
        }
        ck_assert_uint_eq(p.file->decls.len, 2);
        drop(&p);
    }
    is_bad("pipeline p = a |> f()", "E0102@15");
    is_bad("factor f => 1", "E0102@9");
    is_bad("factor f = \"\"\"a", "E0104@11");
}
END_TEST

START_TEST(broken_declarations)
{
    parsed p = parse(RK_STR("factor a = 1 +\nfactor b = 7days\nfactor c = 1\nfactor = 2\n"
                            "query { x }\nmodel m = gbdt(\nfactor d = 2"));
    ck_assert_str_eq(p.dump.data,
                     "factor a (broken)\nfactor b (broken)\n  int 0\nfactor c\n  int 1\n"
                     "factor (broken)\nquery (broken)\nmodel m (broken)\nfactor d\n  int 2\n");
    drop(&p);
}
END_TEST

/* `part` n times, between a head and a tail. */
static parsed parse_many(const char *head, const char *part, size_t n, const char *tail)
{
    rk_buf text = {0};
    rk_buf_add_chars(&text, head);
    for (size_t i = 0; i < n; i++)
        rk_buf_add_chars(&text, part);
    rk_buf_add_chars(&text, tail);
    ck_assert(!text.failed);
    parsed p = parse(rk_buf_str(&text));
    rk_buf_free(&text);
    return p;
}

static void is_limit(const char *head, const char *part, const char *tail, rk_diag_code code)
{
    parsed p = parse_many(head, part, 60000, tail);
    ck_assert_uint_eq(p.cx.diags.errors, 1);
    ck_assert_int_eq(p.cx.diags.items.items[0]->code, code);
    ck_assert_int_eq(rk_diags_status(&p.cx.diags), RK_ELIMIT);
    ck_assert_uint_eq(p.file->decls.len, 2);
    ck_assert(p.file->decls.items[0]->broken);
    ck_assert(!p.file->decls.items[1]->broken);
    drop(&p);
}

START_TEST(limits)
{
    is_limit("factor f = a", " + a", "\nfactor g = 1", RK_E0701);
    is_limit("factor f = a", "[0]", "\nfactor g = 1", RK_E0701);
    is_limit("factor f = a", ".b", "\nfactor g = 1", RK_E0701);
    is_limit("pipeline f = a", " | b()", "\nfactor g = 1", RK_E0701);
    is_limit("factor f = a", " ^ a", "\nfactor g = 1", RK_E0703);
    is_limit("factor f = ", "-", "a\nfactor g = 1", RK_E0703);
    is_limit("factor f = ", "not ", "a\nfactor g = 1", RK_E0703);
    is_limit("factor f = ", "if a then b else ", "a\nfactor g = 1", RK_E0703);
    is_limit("factor f = ", "(", "\nfactor g = 1", RK_E0702);
    is_limit("factor f: ", "list(", "\nfactor g = 1", RK_E0702);
    is_limit("factor f = ", "f([", "\nfactor g = 1", RK_E0702);
}
END_TEST

START_TEST(what_is_within_the_limits)
{
    parsed p = parse_many("factor f = a", " + a", RK_AST_DEPTH_MAX - 1, "");
    ck_assert_uint_eq(p.cx.diags.errors, 0);
    ck_assert_uint_eq(p.file->decls.items[0]->value->depth, RK_AST_DEPTH_MAX);
    drop(&p);
    p = parse_many("factor f = ", "if a then b else ", RK_AST_DEPTH_MAX - 1, "c");
    ck_assert_uint_eq(p.cx.diags.errors, 0);
    drop(&p);
    p = parse_many("factor f = [", "1, ", 100000, "1]");
    ck_assert_uint_eq(p.cx.diags.errors, 0);
    ck_assert_uint_eq(p.file->decls.items[0]->value->as.list.len, 100001);
    drop(&p);
    p = parse_many("", ")(", 20000, "");
    ck_assert_uint_eq(p.cx.diags.errors, 1);
    drop(&p);
    p = parse_many("", "factor f = (\n", 5000, "");
    ck_assert_uint_eq(p.cx.diags.errors, 5000);
    drop(&p);
}
END_TEST

RK_SUITE_MAIN("parse", every_declaration, precedence, words, words_that_are_names_elsewhere,
              doc_comments, errors_of_words, errors_of_syntax, messages, words_of_other_languages,
              broken_declarations, limits, what_is_within_the_limits)
