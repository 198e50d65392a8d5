/* runtime/source: csv and tsv, good and bad. */
#include <math.h>

#include "tests/unit/source_calls.h"

/* id and the columns a: int, b: float, c: string, d: bool. */
static void set_up_four(fixture *fx)
{
    set_up(fx, RK_TYPE(INT));
    add_field(&fx->wanted, "a", RK_TYPE(INT));
    add_field(&fx->wanted, "b", RK_TYPE_OPT(FLOAT));
    add_field(&fx->wanted, "c", RK_TYPE(STRING));
    add_field(&fx->wanted, "d", RK_TYPE_OPT(BOOL));
}

START_TEST(cells_are_read_by_type)
{
    fixture fx;
    set_up_four(&fx);
    expect_load(&fx, rk_csv_read,
                RK_STR("c,id,skip,a,b,d\n"
                       "x,1,,-5,1.5,true\n"
                       "\"y, z\",2,\"multi\nline\",+7,,0\r\n"
                       "\"say \"\"hi\"\"\",3,q, 8 ,inf,False\n"
                       ",4,q,9223372036854775807,nan,1"),
                RK_OK, "");
    ck_assert_uint_eq(fx.r.n_rows, 4);
    expect_column(&fx, 0, "-5 7 8 9223372036854775807");
    expect_column(&fx, 1, "1.5 null \"inf\" null");
    expect_column(&fx, 2, "\"x\" \"y, z\" \"say \\\"hi\\\"\" \"\"");
    expect_column(&fx, 3, "true false false true");
    ck_assert_uint_eq(rk_relation_line(&fx.r, 0), 2);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 1), 3);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 2), 5);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 3), 6);
    tear_down(&fx);
}
END_TEST

START_TEST(empty_cells_take_the_default)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    set_default(add_field(&fx.wanted, "a", RK_TYPE(INT)), (rk_value){.as.i = 9});
    set_default(add_field(&fx.wanted, "b", RK_TYPE(DOUBLE)), (rk_value){.as.d = 0.5});
    rk_atom atom;
    ck_assert_int_eq(rk_atom_intern(&fx.strings, RK_STR("none"), &atom), RK_OK);
    set_default(add_field(&fx.wanted, "c", RK_TYPE(STRING)), (rk_value){.as.s = atom});
    const int64_t list[] = {4, 5};
    set_default(add_field(&fx.wanted, "l", RK_TYPE_LIST(INT)), (rk_value){.as.list = {list, 2}});
    add_field(&fx.wanted, "m", RK_TYPE(INT));
    expect_load(&fx, rk_csv_read,
                RK_STR("id,a,b,c,l,m\n1,,,,,\n2, ,nan,\"\",[],3\n3,1,2,x,\"[6,7,8]\",4\n"), RK_OK,
                "");
    expect_column(&fx, 0, "9 9 1");
    expect_column(&fx, 1, "0.5 0.5 2");
    expect_column(&fx, 2, "\"\" \"\" \"x\"");
    expect_column(&fx, 3, "[4,5] [] [6,7,8]");
    expect_column(&fx, 4, "null 3 4");
    ck_assert(!fx.r.columns[0].type.optional);
    ck_assert(fx.r.columns[4].type.optional);
    tear_down(&fx);
}
END_TEST

START_TEST(lists_and_vectors)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "v", (rk_type){.kind = RK_KIND_VECTOR, .dim = 2, .optional = true});
    add_field(&fx.wanted, "s", RK_TYPE_LIST(STRING));
    add_field(&fx.wanted, "f", RK_TYPE_LIST(FLOAT));
    expect_load(
        &fx, rk_csv_read,
        RK_STR(
            "id,v,s,f\n1,\"[1, 2.5]\",\"[\"\"a,b\"\", \"\"\\u00e9\\n\"\"]\",\"[1,\"\"inf\"\"]\"\n"
            "2,,,\n3,\"[0,-1e-3]\",[],[]\n"),
        RK_OK, "");
    expect_column(&fx, 0, "[1,2.5] null [0,-0.001]");
    expect_column(&fx, 1, "[\"a,b\",\"\u00e9\\n\"] null []");
    expect_column(&fx, 2, "[1,\"inf\"] null []");
    tear_down(&fx);
}
END_TEST

START_TEST(one_column_may_serve_twice)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "n", RK_TYPE(INT))->column = RK_STR("id");
    add_field(&fx.wanted, "x", RK_TYPE(FLOAT))->column = RK_STR("id");
    expect_load(&fx, rk_csv_read, RK_STR("id\n3\n1\n"), RK_OK, "");
    expect_column(&fx, 0, "3 1");
    expect_column(&fx, 1, "3 1");
    tear_down(&fx);
}
END_TEST

START_TEST(headers)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "a b", RK_TYPE(INT));
    expect_load(&fx, rk_csv_read, RK_STR("\xef\xbb\xbf\n\r\n id ,\"a b\"\r\n1,2\r\n\r\n\n3,4\n\n"),
                RK_OK, "");
    expect_column(&fx, 0, "2 4");
    ck_assert_uint_eq(rk_relation_line(&fx.r, 0), 4);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 1), 7);
    expect_load(&fx, rk_csv_read, RK_STR("id,a b"), RK_OK, "");
    ck_assert_uint_eq(fx.r.n_rows, 0);
    expect_load(&fx, rk_csv_read, RK_STR(""), RK_EDATA, "E0509");
    expect_load(&fx, rk_csv_read, RK_STR("\n\r\n"), RK_EDATA, "E0509");
    expect_load(&fx, rk_csv_read, RK_STR("\xff\xfei\0d\0"), RK_EDATA, "E0508");
    expect_load(&fx, rk_csv_read, RK_STR("id,a b,a b\n1,2,3\n"), RK_EDATA, "E0517");
    expect_load(&fx, rk_csv_read, RK_STR("id,\"a b\n1,2\n"), RK_EDATA, "E0504");
    expect_load(&fx, rk_csv_read, RK_STR("id,a \"b\"\n1,2\n"), RK_EDATA, "E0504");
    tear_down(&fx);
}
END_TEST

START_TEST(missing_columns)
{
    fixture fx;
    set_up_four(&fx);
    add_field(&fx.wanted, "price", RK_TYPE(INT));
    ck_assert_int_eq(load_text(&fx, rk_csv_read, RK_STR("id,a,b,c,pirce\n")), RK_EDATA);
    expect_words(&fx, "did you mean `pirce`?");
    ck_assert_str_eq(take_codes(&fx), "E0501 E0501");
    ck_assert_int_eq(load_text(&fx, rk_csv_read, RK_STR("identity;alpha\n1;2\n")), RK_EDATA);
    expect_words(&fx, "is the separator right?");
    ck_assert_str_eq(take_codes(&fx), "E0501 E0501 E0501 E0501 E0501 E0501");
    tear_down(&fx);
}
END_TEST

START_TEST(separators)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "a", RK_TYPE(STRING));
    fx.spec.sep = RK_STR(";");
    expect_load(&fx, rk_csv_read, RK_STR("id;a\n1;x,y\n2;\"p;q\"\n"), RK_OK, "");
    expect_column(&fx, 0, "\"x,y\" \"p;q\"");
    const rk_str bad[] = {RK_STR(";;"), RK_STR("\""),       RK_STR("\n"),
                          RK_STR("e"),  RK_STR("\xc3\xa9"), RK_STR("\0")};
    for (size_t i = 0; i < RK_ARRAY_LEN(bad); i++) {
        fx.spec.sep = bad[i];
        expect_load(&fx, rk_csv_read, RK_STR("id;a\n"), RK_EDATA, "E0518");
    }
    tear_down(&fx);
}
END_TEST

START_TEST(tsv_has_no_quotes)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "a", RK_TYPE(STRING));
    add_field(&fx.wanted, "b", RK_TYPE_LIST(STRING));
    expect_load(&fx, rk_tsv_read, RK_STR("id\ta\tb\n1\t5\" nail\t[\"x\"]\r\n2\t\"q\"\t\n"), RK_OK,
                "");
    expect_column(&fx, 0, "\"5\\\" nail\" \"\\\"q\\\"\"");
    expect_column(&fx, 1, "[\"x\"] null");
    tear_down(&fx);
}
END_TEST

/* One row with the cell in question after a good one: status, code and words. */
static void expect_bad_cell(rk_type type, const char *cell, const char *code, const char *words)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "a", type);
    char text[256];
    snprintf(text, sizeof text, "a,id\n,1\n\n%s,2\n", cell);
    ck_assert_int_eq(load_text(&fx, rk_csv_read, rk_str_from(text)), RK_EDATA);
    expect_words(&fx, words);
    expect_words(&fx, "t.csv:4: column `a`");
    ck_assert_str_eq(take_codes(&fx), code);
    ck_assert_int_eq(rk_diags_status(&fx.cx.diags), RK_OK);
    tear_down(&fx);
}

START_TEST(bad_cells)
{
    const rk_type vector = {.kind = RK_KIND_VECTOR, .dim = 2};
    expect_bad_cell(RK_TYPE(INT), "1.0", "E0502", "declare the field `float`");
    expect_bad_cell(RK_TYPE(INT), "1e3", "E0502", "declare the field `float`");
    expect_bad_cell(RK_TYPE(INT), "9223372036854775808", "E0502", "64 bits");
    expect_bad_cell(RK_TYPE(INT), "-99999999999999999999", "E0502", "64 bits");
    expect_bad_cell(RK_TYPE(INT), "-", "E0502", "is not an int");
    expect_bad_cell(RK_TYPE(INT), "NA", "E0502", "is not an int");
    expect_bad_cell(RK_TYPE(INT), "\"1,000\"", "E0502", "is not an int");
    expect_bad_cell(RK_TYPE(FLOAT), "abc", "E0502", "`abc` is not a number");
    expect_bad_cell(RK_TYPE(DOUBLE), "\"12,50\"", "E0502", "decimals have a point");
    expect_bad_cell(RK_TYPE(FLOAT), "1 2", "E0502", "is not a number");
    expect_bad_cell(RK_TYPE(BOOL), "yes", "E0502", "is true, false, 1 or 0");
    expect_bad_cell(RK_TYPE(STRING), "a\xff", "E0508", "is not UTF-8 from byte 2");
    expect_bad_cell(RK_TYPE(STRING), "\xc0\x80", "E0508", "iconv");
    expect_bad_cell(vector, "\"[1,2,3]\"", "E0502", "has 3 elements, not 2");
    expect_bad_cell(vector, "[1]", "E0502", "has 1 elements, not 2");
    expect_bad_cell(vector, "\"[1,null]\"", "E0502", "a list holds no null");
    expect_bad_cell(vector, "7", "E0502", "is a number, not of type vector(2)");
    expect_bad_cell(vector, "\"[1,2] 3\"", "E0502", "after the end of the list");
    expect_bad_cell(RK_TYPE_LIST(INT), "\"[1,2.5]\"", "E0502", "element [1]");
    expect_bad_cell(RK_TYPE_LIST(INT), "\"[1,\"", "E0502", "not JSON");
    expect_bad_cell(RK_TYPE_LIST(STRING), "[1]", "E0502", "is a number, not of type string");
    expect_bad_cell(RK_TYPE_LIST(BOOL), "[2]", "E0502", "not of type bool");
    expect_bad_cell(RK_TYPE_LIST(DOUBLE), "\"[\"\"nan\"\"]\"", "E0502", "element [0]");
    expect_bad_cell(RK_TYPE(FLOAT), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                    "E0502", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` is");
}
END_TEST

START_TEST(nul_bytes_are_refused_in_text)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "a", RK_TYPE(STRING));
    ck_assert_int_eq(load_text(&fx, rk_csv_read, RK_STR("id,a\n1,x\0y\n")), RK_EDATA);
    expect_words(&fx, "`x\\x00y` has a NUL byte");
    ck_assert_str_eq(take_codes(&fx), "E0508");
    tear_down(&fx);
}
END_TEST

/* Text with bad rows among good ones: codes with no bad row allowed, and the ids kept with all. */
static void expect_bad_rows(rk_str text, const char *codes, uint32_t bad_rows, const char *ids)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "id", RK_TYPE(INT));
    add_field(&fx.wanted, "a", RK_TYPE_OPT(INT));
    expect_load(&fx, rk_csv_read, text, RK_EDATA, codes);
    fx.spec.max_bad_rows = 100;
    ck_assert_int_eq(load_text(&fx, rk_csv_read, text), RK_OK);
    ck_assert_uint_eq(fx.r.bad_rows, bad_rows);
    expect_column(&fx, 0, ids);
    tear_down(&fx);
}

START_TEST(ragged_rows)
{
    expect_bad_rows(RK_STR("id,a\n1,2\n3\n4,5,6\n7,8\n9,\n"), "E0503 E0503", 2, "1 7 9");
    expect_bad_rows(RK_STR("id,a\n1,2\n3"), "E0503", 1, "1");
    expect_bad_rows(RK_STR("id,a\n1,2,\n3,4\n"), "E0503", 1, "3");
}
END_TEST

START_TEST(stray_quotes)
{
    expect_bad_rows(RK_STR("id,a,t\n1,2,x\n3,4,5\" nail\n6,7,y\n"), "E0504", 1, "1 6");
    expect_bad_rows(RK_STR("id,a,t\n1,2,x\n3,4,\"a\"b\n6,7,\"y\"\n"), "E0504", 1, "1 6");
    expect_bad_rows(RK_STR("id,a,t\n1,2,x\n3,4,\"open\n6,7,y\n8,9,z"), "E0504", 1, "1 6 8");
    expect_bad_rows(RK_STR("id,a,t\n1,2,x\n3,4,\"open\n6,7,\"y\"\n8,9,z\n"), "E0504", 1, "1 6 8");
    expect_bad_rows(RK_STR("id,a,t\n1,2,\"x\"\r\n3,4,\"a\"\rb\n6,7,y\n"), "E0504", 1, "1 6");
}
END_TEST

START_TEST(rows_without_key)
{
    expect_bad_rows(RK_STR("id,a\n1,2\n,3\n 4 ,5\n  ,6\n"), "E0505 E0505", 2, "1 4");
    fixture fx;
    set_up(&fx, RK_TYPE(STRING));
    expect_load(&fx, rk_csv_read, RK_STR("id,a\nx,2\n,3\n"), RK_EDATA, "E0505");
    tear_down(&fx);
}
END_TEST

START_TEST(bad_rows_are_counted_and_bounded)
{
    fixture fx;
    set_up_four(&fx);
    const rk_str text =
        RK_STR("id,a,b,c,d\n1,x,1,t,1\n2,2,2,u,\n3,y,3,v,1\n4,4,z,w,0\n5,5,5,a,1\n");
    expect_load(&fx, rk_csv_read, text, RK_EDATA, "E0502 E0502 E0502");
    fx.spec.max_bad_rows = 2;
    ck_assert_int_eq(load_text(&fx, rk_csv_read, text), RK_EDATA);
    expect_words(&fx, "more than 2 bad rows");
    ck_assert_str_eq(take_codes(&fx), "W0502 W0502 E0502");
    fx.spec.max_bad_rows = 3;
    ck_assert_int_eq(load_text(&fx, rk_csv_read, text), RK_OK);
    expect_words(&fx, "t.csv: 3 of 5 rows left out");
    ck_assert_str_eq(take_codes(&fx), "W0502 W0502 W0502 W0507");
    ck_assert_uint_eq(fx.r.bad_rows, 3);
    expect_column(&fx, 0, "2 5");
    expect_column(&fx, 1, "2 5");
    expect_column(&fx, 2, "\"u\" \"a\"");
    expect_column(&fx, 3, "null true");
    ck_assert_uint_eq(rk_relation_line(&fx.r, 0), 3);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 1), 6);
    tear_down(&fx);
}
END_TEST

START_TEST(many_bad_rows_say_little)
{
    fixture fx;
    set_up_four(&fx);
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("id,a,b,c,d\n"));
    for (int i = 0; i < 50000; i++)
        rk_buf_printf(&text, i % 3 ? "%d,x,,,\n" : i % 2 ? "%d,1,2,a,\n" : "%d,1\n", i);
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_EDATA, "E0503 E0502 E0502 E0502 E0502");
    fx.spec.max_bad_rows = UINT32_MAX;
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_OK, "W0503 W0502 W0502 W0502 W0502 W0507");
    ck_assert_uint_eq(fx.r.n_rows, 8333);
    ck_assert_uint_eq(fx.r.bad_rows, 50000 - 8333);
    for (uint32_t i = 0; i < fx.r.n_rows; i++) {
        ck_assert_int_eq(((int64_t *)fx.r.keys[0].data)[i], 3 + 6 * (int64_t)i);
        ck_assert_uint_eq(rk_relation_line(&fx.r, i), 5 + 6 * i);
    }
    rk_buf_free(&text);
    tear_down(&fx);
}
END_TEST

START_TEST(long_cells_and_rows)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "t", RK_TYPE(STRING));
    rk_buf text = {0};
    rk_buf_add(&text, RK_STR("id,t\n1,\""));
    for (int i = 0; i < 100000; i++)
        rk_buf_add(&text, RK_STR("a,\"\"b\n"));
    rk_buf_add(&text, RK_STR("\"\n2,x\n"));
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_OK, "");
    ck_assert_uint_eq(rk_atom_str(&fx.strings, ((rk_atom *)fx.r.columns[0].data)[0]).len, 500000);
    ck_assert_uint_eq(rk_relation_line(&fx.r, 1), 100003);
    text.len = 0;
    rk_buf_add(&text, RK_STR("id,t\n1"));
    for (int i = 0; i < 200000; i++)
        rk_buf_add_char(&text, ',');
    rk_buf_add(&text, RK_STR("\n2,x\n"));
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_EDATA, "E0503");
    text.len = 0;
    for (int i = 0; i < 70000; i++)
        rk_buf_add(&text, RK_STR("id,"));
    expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_ELIMIT, "E0750");
    rk_buf_free(&text);
    tear_down(&fx);
}
END_TEST

START_TEST(files)
{
    fixture fx;
    set_up(&fx, RK_TYPE(INT));
    fx.spec.path = RK_STR("no/such.csv");
    ck_assert_int_eq(rk_relation_load(&fx.load, rk_source_find(RK_STR("csv")), &fx.spec, &fx.r),
                     RK_EFILE);
    ck_assert_str_eq(take_codes(&fx), "E0601");
    fx.spec.path = RK_STR("/");
    ck_assert_int_eq(rk_relation_load(&fx.load, rk_source_find(RK_STR("tsv")), &fx.spec, &fx.r),
                     RK_EFILE);
    expect_words(&fx, "is a folder");
    FILE *const file = fopen("test_source_csv.tmp", "wb");
    fputs("id\n5\n", file);
    fclose(file);
    fx.spec.path = RK_STR("test_source_csv.tmp");
    ck_assert_int_eq(rk_relation_load(&fx.load, rk_source_find(RK_STR("csv")), &fx.spec, &fx.r),
                     RK_OK);
    ck_assert_uint_eq(fx.r.n_rows, 1);
    remove("test_source_csv.tmp");
    ck_assert_ptr_null(rk_source_find(RK_STR("cvs")));
    for (int i = 0; rk_sources[i]; i++)
        ck_assert(rk_sources[i]->sig && rk_sources[i]->doc && rk_sources[i]->example);
    tear_down(&fx);
}
END_TEST

/* ---- against a plain reader ---- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* The cells of well-formed csv, each ended by 0x1f and each row by 0x1e; false if it is not. */
static bool plain_read(rk_str text, uint32_t n_columns, rk_buf *out)
{
    size_t at = 0;
    while (at < text.len) {
        if (text.data[at] == '\n' ||
            (text.data[at] == '\r' && (at + 1 == text.len || text.data[at + 1] == '\n'))) {
            at += 1 + (text.data[at] == '\r');
            continue;
        }
        for (uint32_t c = 0; c < n_columns; c++) {
            const bool quoted = at < text.len && text.data[at] == '"';
            const size_t start = out->len;
            at += quoted;
            for (;; at++) {
                if (at == text.len) {
                    if (quoted)
                        return false;
                    break;
                }
                const char ch = text.data[at];
                if (quoted && ch == '"') {
                    at++;
                    if (at == text.len || text.data[at] != '"')
                        break;
                } else if (!quoted && (ch == ',' || ch == '\n')) {
                    break;
                } else if (!quoted && ch == '"') {
                    return false;
                }
                rk_buf_add_char(out, ch);
            }
            const bool last = c + 1 == n_columns;
            if (last && !quoted && out->len > start && out->data[out->len - 1] == '\r')
                out->len--;
            if (last && quoted && at < text.len && text.data[at] == '\r')
                at++;
            if (at < text.len ? text.data[at] != (last ? '\n' : ',') : !last)
                return false;
            at++;
            rk_buf_add_char(out, 0x1f);
        }
        rk_buf_add_char(out, 0x1e);
    }
    return true;
}

static void compare_with_plain(rk_str rows)
{
    fixture fx;
    set_up(&fx, RK_TYPE(STRING));
    add_field(&fx.wanted, "id", RK_TYPE(STRING));
    add_field(&fx.wanted, "t", RK_TYPE(STRING));
    rk_buf text = {0}, want = {0}, got = {0};
    rk_buf_add(&text, RK_STR("id,t,u\n"));
    rk_buf_add(&text, rows);
    const bool good = plain_read(rows, 3, &want);
    rk_relation r;
    fx.spec.max_bad_rows = UINT32_MAX;
    ck_assert_int_eq(rk_csv_read(&fx.load, &fx.spec, rk_buf_str(&text), &r), RK_OK);
    uint32_t bad_keys = 0;
    const char *row = want.data, *const end = row + want.len;
    for (uint32_t i = 0; good && row < end; row++) {
        const char *const id = row;
        const char *const t = memchr(id, 0x1f, (size_t)(end - id)) + 1;
        const char *const u = memchr(t, 0x1f, (size_t)(end - t)) + 1;
        row = memchr(u, 0x1e, (size_t)(end - u));
        if (t - id == 1) {
            bad_keys++;
            continue;
        }
        const rk_str got_id = rk_atom_str(&fx.strings, ((rk_atom *)r.columns[0].data)[i]);
        const rk_str got_t = rk_atom_str(&fx.strings, ((rk_atom *)r.columns[1].data)[i++]);
        ck_assert(rk_str_eq(got_id, (rk_str){id, (size_t)(t - id) - 1}));
        ck_assert(rk_str_eq(got_t, (rk_str){t, (size_t)(u - t) - 1}));
    }
    if (good)
        ck_assert_uint_eq(r.bad_rows, bad_keys);
    else
        ck_assert_uint_gt(r.bad_rows, 0);
    rk_buf_free(&text);
    rk_buf_free(&want);
    rk_buf_free(&got);
    tear_down(&fx);
}

START_TEST(random_text_reads_as_a_plain_reader_does)
{
    static const char letters[] = "ab\"\"\",,,,,\n\n\r x";
    uint64_t state = 12345;
    for (int round = 0; round < 60000; round++) {
        char text[200];
        const size_t len = next_random(&state) % (round % 4 ? 24 : sizeof text);
        for (size_t i = 0; i < len; i++)
            text[i] = letters[next_random(&state) % (sizeof letters - 1)];
        compare_with_plain((rk_str){text, len});
    }
}
END_TEST

static void write_cell(rk_buf *out, rk_str cell, uint64_t random)
{
    bool quote = random % 4 == 0;
    for (size_t i = 0; i < cell.len; i++)
        quote = quote || strchr("\",\n\r", cell.data[i]);
    if (!quote) {
        rk_buf_add(out, cell);
        return;
    }
    rk_buf_add_char(out, '"');
    for (size_t i = 0; i < cell.len; i++)
        rk_buf_add(out, cell.data[i] == '"' ? RK_STR("\"\"") : (rk_str){cell.data + i, 1});
    rk_buf_add_char(out, '"');
}

/* A table of strings, ints and doubles is written and read back as it was. */
START_TEST(what_is_written_is_read)
{
    enum { ROWS = 3000 };
    static char strings[ROWS][48];
    static double reals[ROWS];
    uint64_t state = 99;
    for (int round = 0; round < 6; round++) {
        fixture fx;
        set_up(&fx, RK_TYPE(INT));
        add_field(&fx.wanted, "s", RK_TYPE(STRING));
        add_field(&fx.wanted, "x", RK_TYPE(DOUBLE));
        rk_buf text = {0};
        rk_buf_add(&text, RK_STR("s,skip,id,x\n"));
        for (int i = 0; i < ROWS; i++) {
            const size_t len = next_random(&state) % sizeof strings[i];
            for (size_t k = 0; k < len; k++)
                strings[i][k] = "abcdefgh \",\n\r;'\\"[next_random(&state) % 16];
            strings[i][len] = 0;
            uint64_t bits = next_random(&state);
            memcpy(&reals[i], &bits, sizeof bits);
            if (!isfinite(reals[i]))
                reals[i] = 0.1;
            write_cell(&text, rk_str_from(strings[i]), next_random(&state));
            rk_buf_add_char(&text, ',');
            write_cell(&text, RK_STR("skip,\n\"this"), 1);
            rk_buf_printf(&text, ",%d,%.17g%s", i * 7 - 500, reals[i], i % 2 ? "\r\n" : "\n");
        }
        expect_load(&fx, rk_csv_read, rk_buf_str(&text), RK_OK, "");
        ck_assert_uint_eq(fx.r.n_rows, ROWS);
        for (int i = 0; i < ROWS; i++) {
            const rk_str got = rk_atom_str(&fx.strings, ((rk_atom *)fx.r.columns[0].data)[i]);
            ck_assert(rk_str_eq(got, rk_str_from(strings[i])));
            ck_assert(((double *)fx.r.columns[1].data)[i] == reals[i]);
        }
        rk_buf_free(&text);
        tear_down(&fx);
    }
}
END_TEST

RK_SUITE_MAIN("source_csv", cells_are_read_by_type, empty_cells_take_the_default, lists_and_vectors,
              one_column_may_serve_twice, headers, missing_columns, separators, tsv_has_no_quotes,
              bad_cells, nul_bytes_are_refused_in_text, ragged_rows, stray_quotes, rows_without_key,
              bad_rows_are_counted_and_bounded, many_bad_rows_say_little, long_cells_and_rows,
              files, random_text_reads_as_a_plain_reader_does, what_is_written_is_read)
