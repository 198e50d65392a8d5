/* Texts: words in several scripts, distances against the plain table, sets against plain loops. */
#include "stdlib/distance.h"
#include "stdlib/words.h"
#include "tests/unit/stdlib_calls.h"

static env e;

static void setup(void) { env_open(&e); }

static const char *call1(const char *name, rk_value a)
{
    return value_print(&e, call_name(&e, name, &a, 1));
}
static rk_value call2(const char *name, rk_value a, rk_value b)
{
    return call_name(&e, name, (rk_value[]){a, b}, 2);
}
static rk_value text(const char *chars) { return value_text(&e, chars); }

START_TEST(words_of_many_scripts)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "[]"},
        {" .,!?-", "[]"},
        {"Red nuts", "[\"red\",\"nuts\"]"},
        {"iPhone-15 Pro_Max", "[\"iphone\",\"15\",\"pro\",\"max\"]"},
        {"don't", "[\"don\",\"t\"]"},
        {"Красные ОРЕХИ: ёлка, Ёж", "[\"красные\",\"орехи\",\"ёлка\",\"ёж\"]"},
        /* composed and decomposed й and ё are one letter each */
        {"мои\xcc\x86 е\xcc\x88ж", "[\"мой\",\"ёж\"]"},
        {"红色坚果 apple 手机", "[\"红\",\"色\",\"坚\",\"果\",\"apple\",\"手\",\"机\"]"},
        {"ＡＢＣ　１２３", "[\"abc\",\"123\"]"},
        {"Straße STRASSE", "[\"strasse\",\"strasse\"]"},
        {"ﬁne", "[\"fine\"]"},
        {"x² ½", "[\"x2\",\"1\",\"2\"]"},
        {"한국어 사과", "[\"한국어\",\"사과\"]"},
        {"コーヒー ひら", "[\"コーヒー\",\"ひ\",\"ら\"]"},
        {"été École", "[\"été\",\"école\"]"},
        {"ÀÉ×Þ÷ÿ", "[\"àé\",\"þ\",\"ÿ\"]"},
        {"a\xff"
         "b \xe4\xbd",
         "[\"a\",\"b\"]"},
        {"Ü\xff"
         "ß",
         "[\"ü\",\"ss\"]"},
        {"हिन्दी भाषा", "[\"हिन्दी\",\"भाषा\"]"},
        {"«орех»—“nut”…", "[\"орех\",\"nut\"]"},
    };
    setup();
    for (size_t i = 0; i < RK_ARRAY_LEN(cases); i++)
        ck_assert_str_eq(call1("words", text(cases[i].text)), cases[i].words);
    env_close(&e);
}
END_TEST

/* The short way of folding gives what the general one does: a combining mark forces the latter. */
START_TEST(both_ways_of_folding_agree)
{
    setup();
    rk_words words = {.arena = &e.arena};
    for (uint32_t c = 0x20; c < 0xa000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char plain[16] = {0}, forced[24];
        char *p = plain;
        *p++ = 'a';
        if (c < 0x80) {
            *p++ = (char)c;
        } else if (c < 0x800) {
            *p++ = (char)(0xc0 | c >> 6);
            *p++ = (char)(0x80 | (c & 63));
        } else {
            *p++ = (char)(0xe0 | c >> 12);
            *p++ = (char)(0x80 | (c >> 6 & 63));
            *p++ = (char)(0x80 | (c & 63));
        }
        *p++ = 'z';
        snprintf(forced, sizeof forced, "%s ß", plain);
        ck_assert_int_eq(rk_words_split(&words, &e.strings, rk_str_from(plain)), RK_OK);
        const uint32_t n = words.atoms.len;
        rk_atom got[8];
        memcpy(got, words.atoms.items, n * sizeof *got);
        ck_assert_int_eq(rk_words_split(&words, &e.strings, rk_str_from(forced)), RK_OK);
        ck_assert_msg(words.atoms.len == n + 1, "U+%04X", c);
        ck_assert_msg(memcmp(got, words.atoms.items, n * sizeof *got) == 0, "U+%04X", c);
    }
    env_close(&e);
}
END_TEST

static uint64_t seed = 1;
static uint32_t draw(uint32_t below)
{
    seed += 0x9e3779b97f4a7c15u;
    return (uint32_t)(rk_hash_int(rk_hash_int(seed)) >> 20) % below;
}

/* n letters of a small alphabet of one to three bytes each. */
static rk_str random_text(uint32_t n)
{
    static const char *const letters[] = {"a", "b", "я", "中", "c"};
    rk_buf buf = {0};
    for (uint32_t i = 0; i < n; i++)
        rk_buf_add_chars(&buf, letters[draw(RK_ARRAY_LEN(letters))]);
    const rk_str s = {rk_arena_copy(&e.arena, buf.data, buf.len), buf.len};
    rk_buf_free(&buf);
    return s;
}

static int64_t slow_distance(rk_str a, rk_str b)
{
    static int64_t row[1024];
    static uint32_t y[1024];
    size_t n = 0;
    for (size_t at = 0; at < b.len;)
        y[n++] = rk_str_utf8_next(b, &at);
    for (size_t k = 0; k <= n; k++)
        row[k] = (int64_t)k;
    for (size_t at = 0, i = 1; at < a.len; i++) {
        const uint32_t x = rk_str_utf8_next(a, &at);
        int64_t diagonal = row[0];
        row[0] = (int64_t)i;
        for (size_t k = 1; k <= n; k++) {
            const int64_t swap = diagonal + (x != y[k - 1]);
            const int64_t step = 1 + (row[k] < row[k - 1] ? row[k] : row[k - 1]);
            diagonal = row[k];
            row[k] = swap < step ? swap : step;
        }
    }
    return row[n];
}

START_TEST(distances)
{
    static const uint32_t sizes[] = {0, 1, 2, 5, 20, 63, 64, 65, 127, 128, 129, 300};
    setup();
    rk_distance d = {.arena = &e.arena};
    for (int round = 0; round < 8; round++)
        for (size_t i = 0; i < RK_ARRAY_LEN(sizes); i++)
            for (size_t k = 0; k < RK_ARRAY_LEN(sizes); k++) {
                const rk_str a = random_text(sizes[i]), b = random_text(sizes[k]);
                ck_assert_int_eq(rk_distance_start(&d, a), RK_OK);
                ck_assert_int_eq(rk_distance_to(&d, b), slow_distance(a, b));
                ck_assert_int_eq(rk_distance_to(&d, a), 0);
            }
    ck_assert_int_eq(call2("edit_distance", text("орех"), text("орешек")).as.i, 3);
    ck_assert_int_eq(call2("edit_distance", text("坚果"), text("")).as.i, 2);
    env_close(&e);
}
END_TEST

/* The pattern is kept from item to item: whichever side repeats, the numbers are the same. */
START_TEST(distances_of_many_items)
{
    enum { N = 40 };
    setup();
    _Alignas(64) rk_atom a[48] = {0}, b[48] = {0};
    _Alignas(64) int64_t out[48];
    for (int shape = 0; shape < 4; shape++) {
        const rk_atom one = value_str(&e, random_text(9)).as.s;
        for (int i = 0; i < N; i++) {
            a[i] = shape & 1 ? one : value_str(&e, random_text(draw(12))).as.s;
            b[i] = shape & 2 ? one : value_str(&e, random_text(draw(12))).as.s;
        }
        const rk_arg args[] = {{RK_TYPE(STRING), 1, a, NULL, NULL},
                               {RK_TYPE(STRING), 1, b, NULL, NULL}};
        const rk_call call = {N,      2,          args,     {RK_TYPE(INT), out, NULL, NULL},
                              e.math, &e.strings, &e.arena, 0.0};
        ck_assert_int_eq(rk_fn_find(RK_STR("edit_distance"))->kernel(&call), RK_OK);
        for (int i = 0; i < N; i++)
            ck_assert_int_eq(out[i], slow_distance(rk_atom_str(&e.strings, a[i]),
                                                   rk_atom_str(&e.strings, b[i])));
    }
    env_close(&e);
}
END_TEST

START_TEST(sets_of_any_length)
{
    setup();
    for (int round = 0; round < 60; round++) {
        int64_t a[200], b[200];
        const uint32_t n = draw(round % 2 ? 200 : 30), m = draw(round % 3 ? 200 : 30);
        const uint32_t span = 1 + draw(150);
        for (uint32_t i = 0; i < 200; i++) {
            a[i] = (int64_t)draw(span) - 5;
            b[i] = (int64_t)draw(span) - 9;
        }
        int64_t shared = 0, only_a = 0, only_b = 0;
        for (int64_t x = -10; x < 200; x++) {
            bool in_a = false, in_b = false;
            for (uint32_t i = 0; i < n; i++)
                in_a |= a[i] == x;
            for (uint32_t i = 0; i < m; i++)
                in_b |= b[i] == x;
            shared += in_a && in_b;
            only_a += in_a && !in_b;
            only_b += in_b && !in_a;
        }
        const rk_value x = value_list(RK_KIND_INT, a, n), y = value_list(RK_KIND_INT, b, m);
        ck_assert_int_eq(call2("overlap", x, y).as.i, shared);
        const int64_t all = shared + only_a + only_b;
        const float want = all ? (float)((double)shared / (double)all) : 0.0f;
        ck_assert(call2("jaccard", x, y).as.f == want);
    }
    env_close(&e);
}
END_TEST

START_TEST(texts_to_texts)
{
    setup();
    ck_assert_str_eq(call1("lower", text("ÀЁЖ \xff")), "àёж \xff");
    ck_assert_str_eq(call1("upper", text("été ё")), "ÉTÉ Ё");
    ck_assert_str_eq(call1("trim", text(" \t\u00a0\u3000 a b \u2028")), "a b");
    ck_assert_str_eq(call1("trim", text(" \n ")), "");
    ck_assert_str_eq(call1("len", text("e\xff中")), "3");
    ck_assert_str_eq(value_print(&e, call2("split", text(""), text(","))), "[\"\"]");
    ck_assert_str_eq(value_print(&e, call2("split", text("abc"), text(""))), "[\"abc\"]");
    ck_assert_str_eq(value_print(&e, call2("split", text(",a,"), text(","))), "[\"\",\"a\",\"\"]");
    const rk_value parts[] = {text("aXbXX"), text("X"), text("")};
    ck_assert_str_eq(value_print(&e, call_name(&e, "replace", parts, 3)), "ab");
    const rk_value values[] = {text("{}|{}|{{}}|{|}|{}"), value_double(0.1), value_bool(true)};
    ck_assert_str_eq(value_print(&e, call_name(&e, "format", values, 3)), "0.1|true|{}|{|}|{}");
    ck_assert_str_eq(value_print(&e, call_name(&e, "format", values, 1)), "{}|{}|{}|{|}|{}");
    ck_assert(!call2("contains", text("abc"), text("abcd")).as.b);
    ck_assert(call2("contains", text(""), text("")).as.b);
    ck_assert(!call2("starts_with", text("a"), text("ab")).as.b);
    ck_assert(call2("ends_with", text("ab"), text("")).as.b);
    const rk_value nothing = value_missing(RK_TYPE(STRING));
    ck_assert(call2("contains", nothing, text("")).missing);
    ck_assert(call2("concat", nothing, text("x")).missing);
    env_close(&e);
}
END_TEST

START_TEST(conversions)
{
    setup();
    ck_assert(call_name(&e, "int", (rk_value[]){value_float(0x1p63f)}, 1).missing);
    ck_assert_int_eq(call_name(&e, "int", (rk_value[]){value_float(-0x1p63f)}, 1).as.i, INT64_MIN);
    ck_assert(call_name(&e, "int", (rk_value[]){value_double(NAN)}, 1).missing);
    ck_assert_int_eq(call_name(&e, "int", (rk_value[]){value_int(INT64_MAX)}, 1).as.i, INT64_MAX);
    ck_assert(call_name(&e, "int", (rk_value[]){text("9223372036854775808")}, 1).missing);
    ck_assert_str_eq(call1("int", text(" 1")), "missing");
    ck_assert_str_eq(call1("float", text("1e999")), "inf");
    ck_assert_str_eq(call1("float", text("nan")), "missing");
    ck_assert_str_eq(call1("double", text("0.1")), "0.1");
    ck_assert_str_eq(call1("double", text("0,1")), "missing");
    ck_assert_str_eq(call1("string", value_int(INT64_MIN)), "-9223372036854775808");
    ck_assert_str_eq(call1("string", value_float(0.1f)), "0.1");
    ck_assert_str_eq(call1("string", value_bool(false)), "false");
    ck_assert_str_eq(call1("float", value_bool(true)), "1");
    env_close(&e);
}
END_TEST

RK_SUITE_MAIN("stdlib_text", words_of_many_scripts, both_ways_of_folding_agree, distances,
              distances_of_many_items, sets_of_any_length, texts_to_texts, conversions)
