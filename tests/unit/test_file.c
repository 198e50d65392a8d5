/* runtime/base/file.h: whole files, what is not a file, places in texts. */
#include "runtime/base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/harness.h"

/* A file with these bytes; removed by the caller. */
static char path[] = "test_file.XXXXXX";

static void write_file(rk_str bytes)
{
    strcpy(path, "test_file.XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes.data, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

START_TEST(a_file_is_mapped_whole)
{
    rk_mapping mapping;
    write_file(RK_STR("id,price\n1,\0\n"));
    ck_assert_int_eq(rk_file_map(path, &mapping), RK_FILE_FINE);
    ck_assert(rk_str_eq(mapping.text, RK_STR("id,price\n1,\0\n")));
    rk_file_unmap(&mapping);
    ck_assert_uint_eq(mapping.text.len, 0);
    unlink(path);
}
END_TEST

START_TEST(an_empty_file_is_fine)
{
    rk_mapping mapping;
    write_file(RK_STR(""));
    ck_assert_int_eq(rk_file_map(path, &mapping), RK_FILE_FINE);
    ck_assert_uint_eq(mapping.text.len, 0);
    rk_file_unmap(&mapping);
    unlink(path);
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end)
{
    enum { LEN = 200000 };
    write_file(RK_STR(""));
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    const pid_t writer = fork();
    if (writer == 0) {
        FILE *const out = fopen(path, "w");
        for (int i = 0; i < LEN; i++)
            putc('a' + i % 26, out);
        fclose(out);
        _exit(0);
    }
    rk_mapping mapping;
    ck_assert_int_eq(rk_file_map(path, &mapping), RK_FILE_FINE);
    ck_assert_uint_eq(mapping.text.len, LEN);
    ck_assert_int_eq(mapping.text.data[LEN - 1], 'a' + (LEN - 1) % 26);
    rk_file_unmap(&mapping);
    unlink(path);
}
END_TEST

START_TEST(what_is_no_file_is_named)
{
    rk_mapping mapping;
    ck_assert_int_eq(rk_file_map("no/such/file", &mapping), RK_FILE_ABSENT);
    ck_assert_int_eq(rk_file_map(".", &mapping), RK_FILE_IS_FOLDER);
    ck_assert_str_eq(rk_file_problem_text(RK_FILE_ABSENT), "no such file");
    ck_assert_str_eq(rk_file_problem_text(RK_FILE_IS_FOLDER), "is a folder");
    rk_file_unmap(&mapping);
}
END_TEST

START_TEST(paths_are_relative_to_their_file)
{
    rk_arena arena = {0};
    ck_assert_str_eq(rk_path_relative(&arena, RK_STR("a/b/shop.rank"), RK_STR("x.csv")),
                     "a/b/x.csv");
    ck_assert_str_eq(rk_path_relative(&arena, RK_STR("shop.rank"), RK_STR("x.csv")), "x.csv");
    ck_assert_str_eq(rk_path_relative(&arena, RK_STR("a/shop.rank"), RK_STR("/x.csv")), "/x.csv");
    ck_assert_str_eq(rk_path_relative(&arena, RK_STR("/shop.rank"), RK_STR("../x")), "/../x");
    rk_arena_free(&arena);
}
END_TEST

START_TEST(places_count_code_points)
{
    const rk_text text = {.name = RK_STR("t"), .text = RK_STR("one\r\n\xd0\xbe\xd1\x80 x\n\nlast")};
    rk_place place = rk_text_place(&text, 0);
    ck_assert_uint_eq(place.line, 1);
    ck_assert_uint_eq(place.column, 1);
    ck_assert(rk_str_eq(place.source, RK_STR("one")));
    place = rk_text_place(&text, 10); /* the x */
    ck_assert_uint_eq(place.line, 2);
    ck_assert_uint_eq(place.column, 4);
    ck_assert_uint_eq(place.offset, 5);
    place = rk_text_place(&text, 12); /* the empty line */
    ck_assert_uint_eq(place.line, 3);
    ck_assert_uint_eq(place.source.len, 0);
    place = rk_text_place(&text, 1000); /* beyond the end: the end */
    ck_assert_uint_eq(place.line, 4);
    ck_assert_uint_eq(place.column, 5);
    ck_assert(rk_str_eq(place.source, RK_STR("last")));
}
END_TEST

START_TEST(spans_join)
{
    const rk_span joined = rk_span_join((rk_span){0, 3, 2}, (rk_span){0, 9, 4});
    ck_assert_uint_eq(joined.at, 3);
    ck_assert_uint_eq(joined.len, 10);
    ck_assert_uint_eq(rk_span_join((rk_span){0, 3, 2}, (rk_span){1, 9, 4}).len, 2);
}
END_TEST

RK_SUITE_MAIN("file", a_file_is_mapped_whole, an_empty_file_is_fine, a_pipe_is_read_to_its_end,
              what_is_no_file_is_named, paths_are_relative_to_their_file, places_count_code_points,
              spans_join)
