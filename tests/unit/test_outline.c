/* The outline of programs: their named things, who reads whom, what a pipeline needs. */
#include "compiler/sema/outline.h"

#include "compiler/rankc.h"
#include "tests/unit/harness.h"

static const char shop[] =
    "query { text: string = \"\", user: int = 0 }\n"
    "item { bm25: float = 0, id: int }\n"
    "query { more: float = 0 }\n"
    "source goods = csv(\"goods.csv\", key: \"id\") by item.id {\n"
    "    ## What it costs.\n"
    "    price : float\n"
    "    seller : int = 0\n"
    "}\n"
    "source sellers = csv(\"sellers.csv\", key: \"id\") by seller { stars : float = 0 }\n"
    "## Mean price.\n"
    "factor mean = avg(price)\n"
    "def ratio(x) = x / mean + query.more\n"
    "factor rel = ratio(goods.price) + price\n"
    "factor again = rel\n"
    "factor z = zscore(bm25, over: l1) ?? 0.0\n"
    "factor late = l1.score ?? 0.0\n"
    "factor dead = stars + item.bm25\n"
    "pipeline cheap = scan(goods) | top(9, by: rel) as l1 | sort(desc: late)\n"
    "pipeline both = cheap | top(3, by: z) as l2\n"
    "pipeline plain = candidates | where(len(query.text) > 0)\n"
    "revision prod = { goods, mean, rel, late, z, cheap }\n";

typedef struct world {
    rk_compiled compiled;
    const rk_outline *outline;
    rk_arena arena;
} world;

static void open_world(world *w, rk_str text, rk_status want)
{
    *w = (world){0};
    ck_assert_int_eq(rk_compiled_init(&w->compiled), RK_OK);
    const rk_status read = rk_compile_read_text(&w->compiled, RK_STR("t.rank"), text);
    ck_assert(read == RK_OK || read == want);
    ck_assert_int_eq(rk_compile_check(&w->compiled), want);
    w->outline = &w->compiled.module->outline;
}

static void close_world(world *w)
{
    rk_arena_free(&w->arena);
    rk_compiled_free(&w->compiled);
}

static uint32_t number(const world *w, const char *name)
{
    return rk_outline_find(w->outline, rk_str_from(name));
}

static const rk_named *find(const world *w, const char *name)
{
    ck_assert_msg(number(w, name) != RK_MAP_NONE, "%s", name);
    return &w->outline->items.items[number(w, name)];
}

/* Long names of some things, with spaces between. */
static void is_list(const world *w, const uint32_t *list, uint32_t n, const char *want)
{
    rk_buf text = {0};
    for (uint32_t i = 0; i < n; i++) {
        rk_buf_add_chars(&text, i ? " " : "");
        rk_buf_add(&text, w->outline->items.items[list[i]].long_name);
    }
    ck_assert_str_eq(text.data ? text.data : "", want);
    rk_buf_free(&text);
}

static void reads(const world *w, const char *name, const char *want)
{
    uint32_t n;
    const uint32_t *const list = rk_outline_reads(w->outline, number(w, name), &n);
    is_list(w, list, n, want);
}

static void used_by(const world *w, const char *name, const char *want)
{
    uint32_t n;
    const uint32_t *const list = rk_outline_users(w->outline, number(w, name), &n);
    is_list(w, list, n, want);
}

static void marked(const world *w, const uint8_t *marks, const char *want)
{
    uint32_t list[100], n = 0;
    ck_assert_ptr_nonnull(marks);
    for (uint32_t i = 0; i < w->outline->items.len; i++)
        if (marks[i])
            list[n++] = i;
    is_list(w, list, n, want);
}

START_TEST(things_in_order)
{
    world w;
    open_world(&w, rk_str_from(shop), RK_OK);
    uint32_t all[100];
    for (uint32_t i = 0; i < w.outline->items.len; i++)
        all[i] = i;
    is_list(&w, all, w.outline->items.len,
            "query.text query.user item.bm25 item.id query.more goods goods.price goods.seller "
            "sellers sellers.stars mean ratio rel again z late dead cheap cheap.l1 both both.l2 "
            "plain prod");
    close_world(&w);
}
END_TEST

START_TEST(what_is_known)
{
    world w;
    open_world(&w, rk_str_from(shop), RK_OK);
    ck_assert_int_eq(find(&w, "query.more")->kind, RK_NAMED_QUERY_FIELD);
    ck_assert_uint_eq(find(&w, "query.more")->number, 2);
    ck_assert_int_eq(find(&w, "query.more")->type.kind, RK_KIND_FLOAT);
    ck_assert_uint_eq(find(&w, "item.id")->number, RK_MAP_NONE);
    ck_assert_int_eq(find(&w, "item.id")->type.kind, RK_KIND_INT);
    ck_assert_uint_eq(find(&w, "item.bm25")->number, 0);
    ck_assert(rk_str_eq(find(&w, "price")->doc, RK_STR("What it costs.")));
    ck_assert_uint_eq(find(&w, "price")->owner, number(&w, "goods"));
    ck_assert_uint_eq(find(&w, "stars")->scope, RK_SCOPE_ITEM);
    ck_assert_uint_eq(find(&w, "mean")->scope, RK_SCOPE_QUERY);
    ck_assert(find(&w, "mean")->folds && find(&w, "z")->folds);
    ck_assert(!find(&w, "rel")->folds && !find(&w, "again")->folds);
    ck_assert_uint_eq(find(&w, "l1")->owner, number(&w, "cheap"));
    ck_assert_int_eq(find(&w, "ratio")->kind, RK_NAMED_DEF);
    ck_assert_uint_eq(find(&w, "both")->number, 1);
    ck_assert_uint_eq(number(&w, "nothing"), RK_MAP_NONE);
    ck_assert_uint_eq(number(&w, "text"), RK_MAP_NONE);
    for (uint32_t i = 0; i < w.outline->items.len; i++)
        ck_assert(!w.outline->items.items[i].broken);
    close_world(&w);
}
END_TEST

START_TEST(who_reads_whom)
{
    world w;
    open_world(&w, rk_str_from(shop), RK_OK);
    reads(&w, "mean", "goods.price");
    reads(&w, "goods.price", "goods");
    reads(&w, "goods", "item.id");
    reads(&w, "sellers", "goods.seller");
    reads(&w, "ratio", "query.more mean");
    reads(&w, "rel", "goods.price ratio");
    reads(&w, "late", "cheap.l1");
    reads(&w, "z", "item.bm25 cheap.l1");
    reads(&w, "both", "z cheap");
    reads(&w, "plain", "query.text");
    reads(&w, "query.text", "");
    used_by(&w, "goods.price", "mean rel");
    used_by(&w, "goods", "goods.price goods.seller cheap");
    used_by(&w, "item.bm25", "z dead");
    used_by(&w, "both", "");
    close_world(&w);
}
END_TEST

START_TEST(where_it_is_said)
{
    world w;
    open_world(&w, rk_str_from(shop), RK_OK);
    const rk_named *const cheap = find(&w, "cheap");
    const rk_text text = w.compiled.cx.texts.items.items[cheap->span.file];
    const char *const want[] = {"goods", "rel", "late"};
    ck_assert_uint_eq(cheap->n_mentions, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const rk_mention *const mention = &w.outline->mentions.items[cheap->first_mention + i];
        ck_assert_uint_eq(mention->named, number(&w, want[i]));
        ck_assert(rk_str_eq((rk_str){text.text.data + mention->span.at, mention->span.len},
                            rk_str_from(want[i])));
    }
    ck_assert_uint_eq(find(&w, "rel")->n_mentions, 3);
    close_world(&w);
}
END_TEST

START_TEST(what_hangs_together)
{
    world w;
    open_world(&w, rk_str_from(shop), RK_OK);
    const rk_outline *const o = w.outline;
    marked(&w, rk_outline_all_reads(o, &w.arena, number(&w, "mean")),
           "item.id goods goods.price mean");
    marked(&w, rk_outline_all_users(o, &w.arena, number(&w, "mean")),
           "mean ratio rel again cheap both");
    marked(&w, rk_outline_live(o, &w.arena, number(&w, "plain"), NULL), "query.text plain");
    marked(&w, rk_outline_live(o, &w.arena, number(&w, "cheap"), NULL),
           "item.id query.more goods goods.price mean ratio rel late cheap cheap.l1");
    const uint8_t *const live = rk_outline_live(o, &w.arena, RK_MAP_NONE, NULL);
    ck_assert(live[number(&w, "z")] && !live[number(&w, "dead")] && !live[number(&w, "again")]);
    const uint8_t *const members = w.compiled.module->revisions.items[0].named;
    ck_assert(!rk_outline_live(o, &w.arena, RK_MAP_NONE, members)[number(&w, "z")]);
    close_world(&w);
}
END_TEST

START_TEST(members_of_a_revision)
{
    world w;
    open_world(&w, rk_str_from(shop), RK_OK);
    ck_assert_uint_eq(find(&w, "prod")->number, 0);
    marked(&w, w.compiled.module->revisions.items[0].named,
           "query.text query.user item.bm25 item.id query.more goods goods.price goods.seller mean "
           "ratio rel z late cheap cheap.l1 prod");
    close_world(&w);
}
END_TEST

START_TEST(programs_with_errors)
{
    world w;
    open_world(&w,
               RK_STR("item { id: int, a: nope, a: int }\n"
                      "source s = csv(1) by item.id { x : float, x : float }\n"
                      "source t = csv(\"t\", key: \"k\") by t.y { y : int }\n"
                      "factor f = g + x\nfactor g = f\nfactor f = 1\nfactor x = 2\n"
                      "factor bad = l9.rank + over\ndef d(p) = d(p)\nfactor open = (1 +\n"
                      "model m = gbdt(\"m.txt\")\nindex i = hnsw(x)\n"
                      "pipeline p = scan(s) | top(1, by: f) as l1\n"
                      "revision r = { nothing } revision q = r + { f }\n"),
               RK_EPROGRAM);
    ck_assert(find(&w, "f")->broken && find(&w, "g")->broken && find(&w, "p")->broken);
    ck_assert(find(&w, "m")->broken && find(&w, "s")->broken && find(&w, "r")->broken);
    ck_assert(find(&w, "i")->broken);
    reads(&w, "g", "f");
    ck_assert_ptr_nonnull(rk_outline_live(w.outline, &w.arena, number(&w, "p"), NULL));
    ck_assert_ptr_nonnull(rk_outline_all_reads(w.outline, &w.arena, number(&w, "f")));
    close_world(&w);
}
END_TEST

/* A call reads what `...` binds by name, and what it binds itself; so does one of a part. */
START_TEST(what_models_read)
{
    world w;
    char text[2048];
    const char *const source = getenv("RANK_SRC");
    snprintf(text, sizeof text,
             "item { id: int, x: float = 0, Column_1: float = 0, Column_3: float = 0 }\n"
             "source s = csv(\"s.csv\", key: \"id\") by item.id { Column_2: float = 0 }\n"
             "model m = gbdt(\"%s/tests/models/lightgbm-multiclass.txt\")\n"
             "factor Column_0 = x + 1\n"
             "factor all = m(...)\n"
             "factor some = m.raw(x, Column_3: 1, ...)[0]\n"
             "factor none = m(0, 1, 2, 3)\n",
             source ? source : ".");
    open_world(&w, rk_str_from(text), RK_OK);
    reads(&w, "all", "item.Column_1 item.Column_3 s.Column_2 m Column_0");
    reads(&w, "some", "item.x item.Column_1 s.Column_2 m");
    reads(&w, "none", "m");
    used_by(&w, "Column_0", "all");
    used_by(&w, "s.Column_2", "all some");
    used_by(&w, "m", "all some none");
    close_world(&w);
}
END_TEST

START_TEST(nothing_at_all)
{
    world w;
    open_world(&w, RK_STR(""), RK_OK);
    ck_assert_uint_eq(w.outline->items.len, 0);
    ck_assert_ptr_nonnull(rk_outline_live(w.outline, &w.arena, RK_MAP_NONE, NULL));
    close_world(&w);
}
END_TEST

RK_SUITE_MAIN("outline", things_in_order, what_is_known, who_reads_whom, where_it_is_said,
              what_hangs_together, members_of_a_revision, programs_with_errors, what_models_read,
              nothing_at_all)
