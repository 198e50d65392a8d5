/* runtime/source: files of vectors. What they say when they are wrong stands in
 * tests/cases/vectors.test. */
#include <math.h>
#include <unistd.h>

#include "runtime/source/matrix.h"
#include "tests/unit/source_calls.h"

/* An npy file as numpy writes it: numbers begin at a multiple of 64 bytes. */
static rk_buf npy_of(const char *descr, const char *shape, const void *data, size_t size)
{
    rk_buf head = {0}, out = {0};
    rk_buf_printf(&head, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape);
    while ((head.len + 11) % 64)
        rk_buf_add_char(&head, ' ');
    rk_buf_add_char(&head, '\n');
    rk_buf_add(&out, (rk_str){"\x93NUMPY\1\0", 8});
    rk_buf_add_char(&out, (char)(head.len & 255));
    rk_buf_add_char(&out, (char)(head.len >> 8));
    rk_buf_add(&out, rk_buf_str(&head));
    rk_buf_add(&out, (rk_str){data, size});
    rk_buf_free(&head);
    return out;
}

static void set_up_vectors(fixture *fx, uint32_t dim)
{
    set_up(fx, RK_TYPE(INT));
    fx->spec.path = RK_STR("t.npy");
    add_field(&fx->wanted, "vec", (rk_type){.kind = RK_KIND_VECTOR, .dim = dim, .optional = true});
}

static void give_ids(fixture *fx, const rk_str *ids)
{
    fx->spec.ids = RK_STR("t.ids");
    fx->spec.ids_bytes = ids;
}

static void expect_npy(fixture *fx, rk_buf *bytes, rk_status status, const char *codes)
{
    expect_load(fx, rk_npy_read, rk_buf_str(bytes), status, codes);
    rk_buf_free(bytes);
}

/* Every binary16 is a float: against powers of two. */
static double half_of(uint16_t bits)
{
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double sign = bits & 0x8000 ? -1.0 : 1.0;
    if (exponent == 31)
        return fraction ? NAN : sign * INFINITY;
    return exponent ? sign * ldexp(1024 + fraction, exponent - 25) : sign * ldexp(fraction, -24);
}

START_TEST(halves)
{
    fixture fx;
    static uint16_t all[1 << 16];
    for (uint32_t i = 0; i < RK_ARRAY_LEN(all); i++)
        all[i] = (uint16_t)i;
    set_up(&fx, RK_TYPE(INT));
    add_field(&fx.wanted, "x", RK_TYPE_OPT(FLOAT));
    rk_buf bytes = npy_of("<f2", "(65536,)", all, sizeof all);
    expect_npy(&fx, &bytes, RK_OK, "");
    const float *const x = fx.r.columns[0].data;
    for (uint32_t i = 0; i < RK_ARRAY_LEN(all); i++) {
        const float want = (float)half_of(all[i]);
        const bool same = isnan(want) ? isnan(x[i]) : memcmp(&x[i], &want, sizeof want) == 0;
        ck_assert_msg(same, "%x: %a, not %a", i, (double)x[i], (double)want);
    }
    tear_down(&fx);
}
END_TEST

START_TEST(kinds_of_numbers)
{
    static const int8_t signed_bytes[] = {-128, 127};
    static const uint8_t bytes[] = {0, 255};
    static const int32_t ints[] = {16777217, -1};
    static const double doubles[] = {0.1, 1e300};
    static const float floats[] = {0.1f, -0.0f};
    static const struct {
        const char *descr;
        const void *data;
        size_t size;
        const char *column;
    } kinds[] = {{"|i1", signed_bytes, sizeof signed_bytes, "[-128,127]"},
                 {"|u1", bytes, sizeof bytes, "[0,255]"},
                 {"<i4", ints, sizeof ints, "[16777216,-1]"},
                 {"<f8", doubles, sizeof doubles, "[0.1,\"inf\"]"},
                 {"<f4", floats, sizeof floats, "[0.1,-0]"}};
    for (size_t i = 0; i < RK_ARRAY_LEN(kinds); i++) {
        fixture fx;
        set_up_vectors(&fx, 2);
        rk_buf file = npy_of(kinds[i].descr, "(1, 2)", kinds[i].data, kinds[i].size);
        expect_npy(&fx, &file, RK_OK, "");
        expect_column(&fx, 0, kinds[i].column);
        tear_down(&fx);
    }
}
END_TEST

START_TEST(ids_of_all_forms)
{
    static const float rows[] = {1, 2, 3};
    static const int64_t wide[] = {INT64_MIN, 7, INT64_MAX};
    rk_buf array = npy_of("<i8", "(3,)", wide, sizeof wide);
    const rk_str forms[] = {
        RK_STR("-9223372036854775808\n7\n9223372036854775807"),
        RK_STR("\xef\xbb\xbf-9223372036854775808\r\n 7 \n9223372036854775807\n"),
        rk_buf_str(&array)};
    for (size_t i = 0; i < RK_ARRAY_LEN(forms); i++) {
        fixture fx;
        set_up_vectors(&fx, 1);
        give_ids(&fx, &forms[i]);
        rk_buf file = npy_of("<f4", "(3, 1)", rows, sizeof rows);
        expect_npy(&fx, &file, RK_OK, "");
        ck_assert_str_eq(column_text(&fx, &fx.r.keys[0]),
                         "-9223372036854775808 7 9223372036854775807");
        tear_down(&fx);
    }
    rk_buf_free(&array);
}
END_TEST

START_TEST(ids_that_are_text)
{
    static const float rows[] = {1, 2};
    const rk_str ids = RK_STR("red nuts\r\n42\n"), bad = RK_STR("a\n\xff\n");
    fixture fx;
    set_up_vectors(&fx, 1);
    fx.key_types[0] = RK_TYPE(STRING);
    give_ids(&fx, &ids);
    rk_buf file = npy_of("<f4", "(2, 1)", rows, sizeof rows);
    expect_load(&fx, rk_npy_read, rk_buf_str(&file), RK_OK, "");
    ck_assert_str_eq(column_text(&fx, &fx.r.keys[0]), "\"red nuts\" \"42\"");
    give_ids(&fx, &bad);
    fx.spec.max_bad_rows = 9; /* a vector without its id is nobody's */
    expect_npy(&fx, &file, RK_EDATA, "E0508");
    tear_down(&fx);
}
END_TEST

/* A NaN is nobody's mistake that can be told from here: it stays. */
START_TEST(nan_stays)
{
    static const float rows[] = {1, NAN, INFINITY};
    fixture fx;
    set_up_vectors(&fx, 3);
    rk_buf file = npy_of("<f4", "(1, 3)", rows, sizeof rows);
    expect_npy(&fx, &file, RK_OK, "");
    expect_column(&fx, 0, "[1,null,\"inf\"]");
    tear_down(&fx);
}
END_TEST

static void load_path(fixture *fx, const char *path)
{
    fx->spec.path = rk_str_from(path);
    ck_assert_int_eq(rk_relation_load(&fx->load, &rk_source_npy, &fx->spec, &fx->r), RK_OK);
}

static void write_file(const char *path, rk_str bytes)
{
    FILE *const file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    ck_assert_int_eq(fclose(file), 0);
}

/* Floats that begin at a multiple of 64 bytes are used where they are mapped, others copied. */
START_TEST(mapped_where_it_can_be)
{
    static float rows[1000][64];
    static const char *const path = "test_source_vectors.npy";
    for (uint32_t i = 0; i < 1000; i++)
        for (uint32_t k = 0; k < 64; k++)
            rows[i][k] = (float)(i * 64 + k);
    rk_buf file = npy_of("<f4", "(1000, 64)", rows, sizeof rows);
    fixture fx;
    set_up_vectors(&fx, 64);
    write_file(path, rk_buf_str(&file));
    load_path(&fx, path);
    ck_assert(fx.r.file.mapped);
    ck_assert_ptr_eq(fx.r.columns[0].data, fx.r.file.text.data + 128);
    ck_assert_uint_lt(fx.cx.arena.used, sizeof rows);
    ck_assert_int_eq(memcmp(fx.r.columns[0].data, rows, sizeof rows), 0);
    rk_relation_free(&fx.r);
    ck_assert(!fx.r.file.mapped);
    file.data[8]++; /* the header's length, and one more space in it */
    rk_buf moved = {0};
    rk_buf_add(&moved, (rk_str){file.data, 127});
    rk_buf_add_char(&moved, ' ');
    rk_buf_add(&moved, (rk_str){file.data + 127, file.len - 127});
    write_file(path, rk_buf_str(&moved));
    load_path(&fx, path);
    ck_assert(!fx.r.file.mapped);
    ck_assert_int_eq(memcmp(fx.r.columns[0].data, rows, sizeof rows), 0);
    unlink(path);
    rk_buf_free(&moved);
    rk_buf_free(&file);
    tear_down(&fx);
}
END_TEST

/* A file cut anywhere, and one byte more, is an error and nothing else. */
START_TEST(cut_anywhere)
{
    static const float rows[] = {1, 2, 3, 4};
    static const char vecs[] = "\2\0\0\0abcdefgh\2\0\0\0abcdefgh";
    rk_buf file = npy_of("<f4", "(2, 2)", rows, sizeof rows);
    rk_buf_add_char(&file, 0);
    for (size_t len = 0; len <= file.len; len++) {
        fixture fx;
        set_up_vectors(&fx, 2);
        const bool whole = len + 1 == file.len;
        expect_load(&fx, rk_npy_read, (rk_str){file.data, len}, whole ? RK_OK : RK_EDATA,
                    whole ? "" : "E0524");
        tear_down(&fx);
    }
    rk_buf_free(&file);
    for (size_t len = 0; len < sizeof vecs - 1; len++) {
        fixture fx;
        set_up_vectors(&fx, 2);
        const bool whole = len % 12 == 0;
        expect_load(&fx, rk_fvecs_read, (rk_str){vecs, len}, whole ? RK_OK : RK_EDATA,
                    whole ? "" : "E0524");
        tear_down(&fx);
    }
}
END_TEST

/* A header may claim what it likes: memory is what the file has. */
START_TEST(claims)
{
    static const float rows[] = {1, 2};
    static const char *const shapes[] = {"(500000000, 2)", "(4294967296, 2)",
                                         "(9223372036854775808, 2)", "(2, 9223372036854775808)"};
    for (size_t i = 0; i < RK_ARRAY_LEN(shapes); i++) {
        fixture fx;
        set_up_vectors(&fx, 2);
        rk_buf file = npy_of("<f4", shapes[i], rows, sizeof rows);
        expect_npy(&fx, &file, RK_EDATA, "E0524");
        ck_assert_uint_lt(fx.cx.arena.used, 1 << 16);
        tear_down(&fx);
    }
}
END_TEST

/* A plan from outside may ask for what no program can. */
START_TEST(specs_that_no_program_makes)
{
    static const float rows[] = {1, 2};
    rk_buf file = npy_of("<f4", "(2,)", rows, sizeof rows);
    fixture fx;
    set_up_vectors(&fx, 1);
    fx.key_types[0] = RK_TYPE(STRING);
    expect_load(&fx, rk_npy_read, rk_buf_str(&file), RK_EDATA, "E0526");
    tear_down(&fx);
    set_up_vectors(&fx, 1);
    add_key(&fx, "more", RK_TYPE(INT));
    expect_load(&fx, rk_npy_read, rk_buf_str(&file), RK_EDATA, "E0526");
    tear_down(&fx);
    set_up_vectors(&fx, 1);
    add_field(&fx.wanted, "n", RK_TYPE(INT));
    expect_load(&fx, rk_npy_read, rk_buf_str(&file), RK_EDATA, "E0525");
    tear_down(&fx);
    rk_buf_free(&file);
}
END_TEST

RK_SUITE_MAIN("source_vectors", halves, kinds_of_numbers, ids_of_all_forms, ids_that_are_text,
              nan_stays, mapped_where_it_can_be, cut_anywhere, claims, specs_that_no_program_makes)
