/* The canonical form: what it looks like; that formatting keeps tree and comments and changes
 * nothing the second time, with comments put at every place where one may stand. */
#include "compiler/syntax/ast.h"
#include "tests/unit/harness.h"

typedef struct parsed {
    rk_context cx;
    rk_ast_file *file;
    rk_buf dump, comments, formatted;
} parsed;

/* The words of the comments: `##` becomes `#` where it could be taken for a doc comment. */
static void add_comments(parsed *p, rk_str text)
{
    for (uint32_t i = 0; i < p->file->comments.len; i++) {
        rk_str s = {text.data + p->file->comments.items[i].span.at,
                    p->file->comments.items[i].span.len};
        while (s.len && s.data[0] == '#')
            s = (rk_str){s.data + 1, s.len - 1};
        rk_buf_add(&p->comments, s);
        rk_buf_add_char(&p->comments, '\n');
    }
}

static parsed parse(rk_str text)
{
    parsed p = {0};
    ck_assert_int_eq(rk_context_init(&p.cx), RK_OK);
    const rk_text named = {.name = RK_STR("t.rank"), .text = text};
    ck_assert(rk_vec_push(&p.cx.arena, &p.cx.texts.items, named));
    ck_assert_int_eq(rk_parse(&p.cx, 0, &p.file), RK_OK);
    ck_assert_msg(p.cx.diags.errors == 0, "has errors:\n%.*s", 3000, text.data);
    rk_ast_dump(&p.cx, p.file, &p.dump);
    rk_buf_add_char(&p.dump, '\0');
    add_comments(&p, text);
    rk_buf_add_char(&p.comments, '\0');
    rk_ast_format(&p.cx, p.file, &p.formatted);
    ck_assert(!p.formatted.failed);
    return p;
}

static void drop(parsed *p)
{
    rk_buf_free(&p->dump);
    rk_buf_free(&p->comments);
    rk_buf_free(&p->formatted);
    rk_context_free(&p->cx);
}

/* Tree and comments are the same after formatting, and the form is final. */
static void keeps(rk_str text)
{
    enum { SHOWN = 1500 }; /* libcheck's messages are short */
    parsed once = parse(text);
    parsed twice = parse(rk_buf_str(&once.formatted));
    ck_assert_msg(strcmp(once.dump.data, twice.dump.data) == 0, "the tree changed:\n%.*s", SHOWN,
                  text.data);
    ck_assert_msg(strcmp(once.comments.data, twice.comments.data) == 0, "a comment changed:\n%.*s",
                  SHOWN, text.data);
    ck_assert_msg(rk_str_eq(rk_buf_str(&once.formatted), rk_buf_str(&twice.formatted)),
                  "not final:\n%.*s\n--\n%.*s", SHOWN, once.formatted.data, SHOWN,
                  twice.formatted.data);
    drop(&once);
    drop(&twice);
}

static void becomes(const char *text, const char *want)
{
    parsed p = parse(rk_str_from(text));
    rk_buf_add_char(&p.formatted, '\0');
    ck_assert_str_eq(p.formatted.data, want);
    drop(&p);
    keeps(rk_str_from(text));
}

START_TEST(declarations_in_columns)
{
    becomes("factor a=1\nfactor long_name = a+2\ndef f(x,y)=x\nmodel m=gbdt(\"m\")\n\nfactor b=3",
            "factor a         = 1\nfactor long_name = a + 2\ndef    f(x, y) = x\n"
            "model  m         = gbdt(\"m\")\n\nfactor b = 3\n");
    becomes("factor a:float?=1\nfactor bb: list( int )=[1]",
            "factor a: float?     = 1\nfactor bb: list(int) = [1]\n");
    becomes("query{a:int}\nitem{id:int b:float=0.0}",
            "query { a: int }\nitem  { id: int, b: float = 0.0 }\n");
}
END_TEST

START_TEST(blocks)
{
    becomes("source s=csv(\"s\") by item.id {price:float,\nrating:float?=1 from \"R\"\n\n\nx:int}",
            "source s = csv(\"s\") by item.id {\n    price  : float\n"
            "    rating : float? = 1 from \"R\"\n\n    x : int\n}\n");
    becomes("query {\n}", "query {}\n");
    becomes("test \"t\" { given a=1 expect b==2 expect c~[1,2] expect d }",
            "test \"t\" {\n    given a = 1\n    expect b == 2\n    expect c ~ [1, 2]\n"
            "    expect d\n}\n");
    becomes("revision a=*\nrevision bb=a-{x,y.z}+{}",
            "revision a  = *\nrevision bb = a - { x, y.z } + {}\n");
}
END_TEST

START_TEST(pipelines)
{
    becomes("pipeline p=candidates|top(3)", "pipeline p = candidates | top(3)\n");
    becomes("pipeline p = candidates\n|top(3) as l|limit(2)",
            "pipeline p =\n    candidates\n  | top(3) as l\n  | limit(2)\n");
    becomes("pipeline p = candidates | where(price <= query.budget) | top(300, by: coarse) as l | "
            "limit(20)",
            "pipeline p =\n    candidates\n  | where(price <= query.budget)\n"
            "  | top(300, by: coarse) as l\n  | limit(20)\n");
    becomes("pipeline p = if query.x then (a|b()) else (c)",
            "pipeline p = if query.x then (a | b()) else (c)\n");
}
END_TEST

START_TEST(expressions)
{
    becomes("factor f=(-a^2)??[1_000,7d]", "factor f = (-a ^ 2) ?? [1_000, 7d]\n");
    becomes("factor f=not a not in b and m(x,k:y,...).z[0]",
            "factor f = not a not in b and m(x, k: y, ...).z[0]\n");
    becomes("factor f=7d .x+(1).y", "factor f = 7d .x + (1).y\n");
    becomes("factor `if`=`index`+`then`", "factor `if` = index + `then`\n");
    becomes("factor f = if alpha_is_long then beta_is_long else if gamma_is_long then "
            "delta_is_long else epsilon",
            "factor f = if alpha_is_long\n    then beta_is_long\n    else if gamma_is_long\n"
            "    then delta_is_long\n    else epsilon\n");
}
END_TEST

START_TEST(comments)
{
    becomes("# a\n\n\n\n## b\nfactor f=1# c\n# d", "# a\n\n## b\nfactor f = 1  # c\n# d\n");
    becomes("factor f=1 # a\nfactor gg=22 # b\n\nfactor h=1 # c",
            "factor f  = 1   # a\nfactor gg = 22  # b\n\nfactor h = 1  # c\n");
    becomes("factor f=g(a, # one\nb)", "factor f = g(\n    a,  # one\n    b\n)\n");
    becomes("", "");
    becomes("#only", "#only\n");
}
END_TEST

/* A value inside a message of the compiler: one line. */
START_TEST(one_expression)
{
    parsed p = parse(RK_STR("pipeline p =\n  union(a,\n b)\n | top(3, by: -x)"));
    rk_buf out = {0};
    rk_ast_format_expr(&p.cx, p.file->decls.items[0]->value, &out);
    rk_buf_add_char(&out, '\0');
    ck_assert_str_eq(out.data, "union(a, b) | top(3, by: -x)");
    rk_buf_free(&out);
    drop(&p);
}
END_TEST

static const char program[] =
    "query { user : int , text : string = \"a b\" , budget : float ? }\n"
    "item {\n id : int\n\n bm25 : float = 0.0\n}\n"
    "source s = csv ( \"s.csv\" , key : ( \"a\" , \"b\" ) ) by ( item.id , user ) {\n"
    " price : float = 1 from \"Price in $\"\n vec : vector ( 64 ) ? , tags : list ( int ) = [ ] }\n"
    "factor f : float ? = avg ( price , by : brand ) + 2 * - x ^ 2 - 1\n"
    "factor g = if a not in [ 1 , 2 ] then b ?? c else if not d then missing ( e ) else ( inf )\n"
    "def d ( x , y ) = ( x + 1.0 ) / y\n"
    "def e ( p ) = p | top ( 3 , by : m ( x , ... ) . ctr [ 0 ] ) as l\n"
    "model m = gbdt ( \"m.txt\" ) index i = hnsw ( vec )\n"
    "pipeline p = union ( nearest ( i , v , 5 ) as v , candidates | limit ( 3 ) , ) as u | where ( "
    "x "
    ")\n"
    "pipeline q = if query.a then ( p | f ( ) ) else ( p ) | limit ( 2 ) as b | h ( )\n"
    "revision r = *\nrevision t = r - { a , s.price } + { }\n"
    "test \"x\" { given a = [ 1 , ] expect b == c expect d ~ e expect f | g ( ) == 1 expect h }\n"
    "import \"other.rank\"\n";

/* Where a comment may stand: at the spaces outside strings. */
static size_t places(size_t *at, size_t max)
{
    size_t n = 0;
    bool in_string = false;
    for (size_t i = 0; program[i]; i++) {
        in_string ^= program[i] == '"';
        if (!in_string && (program[i] == ' ' || program[i] == '\n') && n < max)
            at[n++] = i;
    }
    return n;
}

static const char *const inserted[] = {" # c\n",         "\n# c\n", "\n## c\n", " ## c\n",
                                       "\n\n\t# c \r\n", "\n",      "\n\n"};

enum { PLACES_MAX = 600, N_INSERTED = sizeof inserted / sizeof inserted[0] };

START_TEST(a_comment_at_every_place)
{
    size_t at[PLACES_MAX];
    const size_t n = places(at, PLACES_MAX);
    ck_assert_uint_gt(n, 250);
    for (size_t i = 0; i < n * N_INSERTED; i++) {
        rk_buf text = {0};
        rk_buf_add(&text, (rk_str){program, at[i / N_INSERTED]});
        rk_buf_add_chars(&text, inserted[i % N_INSERTED]);
        rk_buf_add_chars(&text, program + at[i / N_INSERTED]);
        keeps(rk_buf_str(&text));
        rk_buf_free(&text);
    }
}
END_TEST

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

START_TEST(comments_at_many_places)
{
    size_t at[PLACES_MAX];
    const size_t n = places(at, PLACES_MAX);
    uint64_t random = 1;
    for (int round = 0; round < 600; round++) {
        const uint32_t one_in = 2u << round % 6;
        rk_buf text = {0};
        size_t done = 0;
        for (size_t i = 0; i < n; i++) {
            if (next_random(&random) % one_in)
                continue;
            rk_buf_add(&text, (rk_str){program + done, at[i] - done});
            rk_buf_add_chars(&text, inserted[next_random(&random) % N_INSERTED]);
            done = at[i];
        }
        rk_buf_add_chars(&text, program + done);
        keeps(rk_buf_str(&text));
        rk_buf_free(&text);
    }
}
END_TEST

START_TEST(deep_and_long)
{
    rk_buf text = {0};
    rk_buf_add_chars(&text, "factor f = a");
    for (int i = 1; i < RK_AST_DEPTH_MAX; i++)
        rk_buf_add_chars(&text, i % 2 ? " + b" : " * c");
    keeps(rk_buf_str(&text));
    rk_buf_free(&text);
    for (int i = 0; i < 60; i++)
        rk_buf_add_chars(&text, i ? "f([(" : "factor g = f([(");
    rk_buf_add_chars(&text, "1");
    for (int i = 0; i < 60; i++)
        rk_buf_add_chars(&text, ")])");
    keeps(rk_buf_str(&text));
    rk_buf_free(&text);
    rk_buf_add_chars(&text, "factor f = a");
    for (int i = 1; i < RK_AST_DEPTH_MAX; i++)
        rk_buf_add_chars(&text, " ?? b");
    keeps(rk_buf_str(&text));
    rk_buf_free(&text);
}
END_TEST

RK_SUITE_MAIN("fmt", declarations_in_columns, blocks, pipelines, expressions, comments,
              one_expression, a_comment_at_every_place, comments_at_many_places, deep_and_long)
