/* Indexes of programs in files: built by the compiler's half, opened by the executor's, and refused
 * when the program or its data have become others. */
#include <unistd.h>

#include "compiler/driver/index.h"
#include "runtime/index/file.h"
#include "tests/unit/harness.h"

typedef struct shop {
    char folder[40], csv[64], ranki[64], program[64];
} shop;

#define HEAD                                                                                       \
    "query { v: vector(2) }\nitem { id: int }\n"                                                   \
    "source items = csv(\"items.csv\", key: \"id\") by item.id { w: float = 1.0  vec: vector(2)? " \
    "}\n"
#define TAIL "pipeline p = nearest(by_vec, query.v, 3)\n"
#define FLAT "index by_vec = flat(vec, metric: \"dot\", file: \"by_vec.ranki\")\n"

static const char rows[] = "id,w,vec\n3,1,\"[1,0]\"\n1,2,\"[0,1]\"\n2,1,\n9,4,\"[1,1]\"\n";

static void write_text(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    fclose(file);
}

static void open_shop(shop *s)
{
    strcpy(s->folder, "/tmp/rank_index_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(s->folder));
    snprintf(s->csv, sizeof s->csv, "%s/items.csv", s->folder);
    snprintf(s->ranki, sizeof s->ranki, "%s/by_vec.ranki", s->folder);
    snprintf(s->program, sizeof s->program, "%s/shop.rank", s->folder);
    write_text(s->csv, rows);
}

static void close_shop(const shop *s)
{
    unlink(s->csv);
    unlink(s->ranki);
    unlink(s->program);
    ck_assert_int_eq(rmdir(s->folder), 0);
}

static void compile(const shop *s, const char *text, rk_compiled *c)
{
    write_text(s->program, text);
    ck_assert_int_eq(rk_compiled_init(c), RK_OK);
    ck_assert_int_eq(rk_compile_read(c, s->program), RK_OK);
    ck_assert_int_eq(rk_compile_check(c), RK_OK);
}

/* Builds the index of a program into its file; the number of its rows. */
static uint32_t build(const shop *s, const char *text, uint32_t threads)
{
    rk_compiled c;
    rk_built_index built;
    const rk_engine_options options = {.cpu = rk_cpu_best()};
    const rk_index_options how = {.threads = threads};
    compile(s, text, &c);
    const uint32_t index = rk_module_index(c.module, RK_STR("by_vec"));
    ck_assert_uint_ne(index, RK_MAP_NONE);
    ck_assert_int_eq(rk_compiled_build_index(&c, index, &options, &how, &built), RK_OK);
    const rk_index_provenance from = {.maker = built.maker, .source = built.source};
    ck_assert_uint_ne(built.maker, 0);
    ck_assert_int_eq(rk_index_save(built.index, &from, rk_str_from(s->ranki), &c.cx.diags), RK_OK);
    const uint32_t n = built.index->n;
    ck_assert_uint_eq(built.n_wild, 0);
    rk_index_free(built.index);
    rk_compiled_free(&c);
    return n;
}

/* What the program ranks for a vector, as `3 9 1 ` and the warnings behind, or the message that it
 * ends with. */
static void expect(const shop *s, const char *text, const char *said)
{
    rk_compiled c;
    rk_plan *plan;
    rk_engine *engine;
    rk_run *run;
    rk_reply reply;
    rk_buf out = {0};
    const float vector[] = {2, 1};
    const rk_engine_options options = {.cpu = rk_cpu_best()};
    compile(s, text, &c);
    const rk_plan_request asked = {.pipeline = 0};
    ck_assert_int_eq(rk_compile_plan(&c, &asked, &plan), RK_OK);
    if (rk_engine_new(plan, &options, &c.cx.diags, &engine) == RK_OK) {
        rk_value query = {.type = {.kind = RK_KIND_VECTOR, .dim = 2}, .as.list = {vector, 2}};
        const rk_request request = {.query = &query};
        ck_assert_int_eq(rk_run_new(engine, &run), RK_OK);
        ck_assert_int_eq(rk_run_rank(run, &request, 0, &c.cx.diags, &reply), RK_OK);
        for (uint32_t i = 0; i < reply.n; i++)
            rk_buf_printf(&out, "%lld ", (long long)((const int64_t *)reply.ids.data)[i]);
        rk_run_free(run);
        rk_diags_print(&c.cx.diags, &c.cx.texts, RK_DIAG_TEXT, &out);
    } else {
        ck_assert_uint_eq(c.cx.diags.items.len, 1);
        rk_buf_add_chars(&out, c.cx.diags.items.items[0]->message.data);
    }
    rk_buf_add_char(&out, '\0');
    const bool ids_alone = said[strlen(said) - 1] == ' ';
    ck_assert_msg(ids_alone ? strcmp(out.data, said) == 0 : strstr(out.data, said) != NULL,
                  "%s, and not %s", out.data, said);
    rk_engine_free(engine);
    rk_compiled_free(&c);
    rk_buf_free(&out);
}

START_TEST(a_file_is_what_is_built)
{
    shop s;
    open_shop(&s);
    expect(&s, HEAD FLAT TAIL, "cannot read");
    ck_assert_uint_eq(build(&s, HEAD FLAT TAIL, 1), 3);
    expect(&s, HEAD FLAT TAIL, "9 3 1 ");
    expect(&s, HEAD "index by_vec = flat(vec, metric: \"dot\")\n" TAIL, "9 3 1 ");
    close_shop(&s);
}
END_TEST

/* Other names, other factors beside it, another order of lines: the same vectors. */
START_TEST(what_does_not_matter_does_not_matter)
{
    shop s;
    open_shop(&s);
    const char *const one =
        HEAD "factor a = w * 2.0\nfactor u = normalize(vec)\n"
             "index by_vec = flat(u, metric: \"dot\", file: \"by_vec.ranki\")\n" TAIL;
    build(&s, one, 2);
    expect(&s, one, "9 3 1 ");
    expect(&s,
           "query { v: vector(2) }\nitem { id: int }\n"
           "source things = csv(\"items.csv\", key: \"id\") by item.id { vector: vector(2)? from "
           "\"vec\"  w: float = 1.0 }\n"
           "index near = flat(normalize(vector), metric: \"dot\", file: \"by_vec.ranki\")\n"
           "pipeline p = nearest(near, query.v, 3) | top(3, by: w + norm(vector ?? [0.0, 0.0]))\n",
           "9 1 3 ");
    close_shop(&s);
}
END_TEST

START_TEST(an_index_of_others_is_refused)
{
    shop s;
    open_shop(&s);
    build(&s, HEAD FLAT TAIL, 0);
    expect(&s,
           HEAD
           "index by_vec = flat(normalize(vec), metric: \"dot\", file: \"by_vec.ranki\")\n" TAIL,
           "its vectors were made in another way, or by another model");
    expect(&s, HEAD "index by_vec = flat(vec, metric: \"l2\", file: \"by_vec.ranki\")\n" TAIL,
           "its metric is \"dot\", and not \"l2\"");
    expect(&s, HEAD "index by_vec = hnsw(vec, metric: \"dot\", file: \"by_vec.ranki\")\n" TAIL,
           "its kind is `flat`, and not `hnsw`");
    expect(&s,
           HEAD "index by_vec = flat(concat(vec, vec), metric: \"dot\", file: \"by_vec.ranki\")\n"
                "pipeline p = nearest(by_vec, concat(query.v, query.v), 3)\n",
           "its vectors have 2 numbers, and not 4");
    write_text(s.csv, "id,w,vec\n3,1,\"[1,0]\"\n1,2,\"[0,1]\"\n2,1,\n9,4,\"[1,1.0001]\"\n");
    expect(&s, HEAD FLAT TAIL, "the rows of the source were others when it was built");
    write_text(s.csv, "id,w,vec\n3,1,\"[1,0]\"\n1,2,\"[0,1]\"\n2,1,\n8,4,\"[1,1]\"\n");
    expect(&s, HEAD FLAT TAIL, "the rows of the source were others when it was built");
    write_text(s.csv, rows);
    expect(&s, HEAD FLAT TAIL, "9 3 1 ");
    close_shop(&s);
}
END_TEST

/* Data count with what reads them: they may not change places, nor change together. */
START_TEST(an_index_of_other_data_is_refused)
{
#define BRANDS(name, field, absent)                                                                \
    "source " name " = csv(\"" name ".csv\", key: \"brand\"" absent ") by brand { " field          \
    ": float = 0.0 from \"x\" }\n"
#define TWO(absent)                                                                                \
    "query { v: vector(2) }\nitem { id: int }\n"                                                   \
    "source items = csv(\"items.csv\", key: \"id\") by item.id { brand: int from \"w\"  "          \
    "vec: vector(2)? }\n" BRANDS("red", "r", absent) BRANDS(                                       \
        "blue", "b", "") "index by_vec = flat(if r > b then vec else missing, metric: \"dot\", "   \
                         "file: \"by_vec.ranki\")\n" TAIL
    static const char *const files[][2] = {
        {"brand,x\n1,1\n2,0\n4,2\n", "brand,x\n1,0\n2,1\n4,2\n"},
        {"brand,x\n1,0\n2,1\n4,2\n", "brand,x\n1,1\n2,0\n4,2\n"},
        {"brand,x\n2,1\n1,0\n4,2\n", "brand,x\n2,0\n1,1\n4,2\n"},
    };
    char red[64], blue[64];
    shop s;
    open_shop(&s);
    snprintf(red, sizeof red, "%s/red.csv", s.folder);
    snprintf(blue, sizeof blue, "%s/blue.csv", s.folder);
    for (size_t i = 0; i < RK_ARRAY_LEN(files); i++) {
        write_text(red, files[i][0]);
        write_text(blue, files[i][1]);
        if (i == 0)
            build(&s, TWO(""), 1);
        expect(&s, TWO(""), i ? "the rows of the source were others when it was built" : "3 ");
        expect(&s, TWO(", absent: \"drop\""), "its vectors were made in another way");
    }
    unlink(red);
    unlink(blue);
    close_shop(&s);
}
END_TEST

/* Bare vectors say nothing of where they are from: their ids and some of them are looked at. */
START_TEST(bare_vectors_are_looked_at)
{
    static const float fine[] = {0, 1, 1, 0, 1, 1}, other[] = {0, 1, 1, 0, 1, 2};
    static const int64_t ids[] = {1, 3, 9}, lost[] = {1, 3, 7};
    const struct {
        const float *vectors;
        const int64_t *ids;
        const char *said;
    } files[] = {
        {fine, ids, "9 3 1 "},
        {other, ids, "its vectors are not those that the program works out"},
        {fine, lost, "the source has no row 7"},
    };
    shop s;
    rk_arena arena = {0};
    rk_diags diags;
    open_shop(&s);
    rk_diags_init(&diags, &arena);
    for (size_t i = 0; i < RK_ARRAY_LEN(files); i++) {
        const rk_index_input input = {
            .vectors = files[i].vectors, .n = 3, .dim = 2, .numbers = files[i].ids};
        const rk_index_options options = {.metric = RK_INDEX_DOT, .cpu = rk_cpu_best()};
        rk_index *index;
        uint32_t doubled;
        ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
        ck_assert_int_eq(rk_index_save(index, NULL, rk_str_from(s.ranki), &diags), RK_OK);
        rk_index_free(index);
        expect(&s, HEAD FLAT TAIL, files[i].said);
    }
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

/* An index of bare vectors that has some of the rows is searched, with a warning: but for rows that
 * have no vector, or none that can be worked out. */
START_TEST(rows_that_an_index_lacks_are_told)
{
    static const float vectors[] = {0, 1, 1, 0};
    static const int64_t ids[] = {1, 3};
    const rk_index_input input = {.vectors = vectors, .n = 2, .dim = 2, .numbers = ids};
    const rk_index_options options = {.metric = RK_INDEX_DOT, .cpu = rk_cpu_best()};
    shop s;
    rk_arena arena = {0};
    rk_diags diags;
    rk_index *index;
    uint32_t doubled;
    open_shop(&s);
    rk_diags_init(&diags, &arena);
    ck_assert_int_eq(rk_index_build(&input, &options, &index, &doubled), RK_OK);
    ck_assert_int_eq(rk_index_save(index, NULL, rk_str_from(s.ranki), &diags), RK_OK);
    rk_index_free(index);
    expect(&s, HEAD FLAT TAIL, "3 1 warning[E0546]");
    expect(&s, HEAD FLAT TAIL, "by_vec.ranki` has no vector of 2 of the 4 rows of `items`");
    expect(&s, HEAD FLAT TAIL, "they are never found; the program works one out for row 9");
    write_text(s.csv, "id,w,vec\n3,1,\"[1,0]\"\n1,2,\"[0,1]\"\n2,1,\n9,4,\n");
    expect(&s, HEAD FLAT TAIL, "3 1 ");
    const char *const strict =
        "query { v: vector(2) }\nitem { id: int }\n"
        "source items = csv(\"items.csv\", key: \"id\") by item.id { w: float  vec: vector(2)? }\n"
        "index by_vec = flat(if w > 0.0 then vec else [0.0, 0.0], metric: \"dot\", file: "
        "\"by_vec.ranki\")\n" TAIL;
    write_text(s.csv, "id,w,vec\n3,1,\"[1,0]\"\n1,2,\"[0,1]\"\n9,,\"[1,1]\"\n");
    expect(&s, strict, "3 1 ");
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

/* The numbers that a file was built with are its own: a program that says others is told. */
START_TEST(an_index_built_in_another_way_is_told)
{
#define GRAPH(how)                                                                                 \
    HEAD "index by_vec = hnsw(vec, metric: \"dot\", file: \"by_vec.ranki\"" how ")\n" TAIL
    shop s;
    open_shop(&s);
    FILE *const file = fopen(s.csv, "w");
    fputs("id,w,vec\n0,1,\"[9,9]\"\n1,1,\"[9,8]\"\n2,1,\"[9,7]\"\n", file);
    for (int i = 3; i < 1100; i++)
        fprintf(file, "%d,1,\"[%d.%d,1]\"\n", i, i % 4, i);
    fclose(file);
    build(&s, GRAPH(", m: 8, ef_construction: 20"), 2);
    expect(&s, GRAPH(", m: 8, ef_construction: 20"), "0 1 2 ");
    expect(&s, GRAPH(", ef: 50"), "0 1 2 ");
    expect(&s, GRAPH(", m: 7"), "0 1 2 "); /* rounded up to the same */
    expect(&s, GRAPH(", m: 24"), "0 1 2 warning[E0547]");
    expect(&s, GRAPH(", m: 24"), "was built with other links than `m: 24` makes");
    expect(&s, GRAPH(", m: 24"), "an item has 16 there, and would have 48");
    expect(&s, GRAPH(", ef_construction: 50"), "was built with ef_construction 20, and not 50");
    close_shop(&s);
#undef GRAPH
}
END_TEST

/* Many batches on several threads give the bytes that one thread gives; of rows that are refused
 * the first is told. */
START_TEST(threads_do_not_matter)
{
    shop s;
    open_shop(&s);
    FILE *const file = fopen(s.csv, "w");
    fputs("id,w,vec\n", file);
    for (int i = 0; i < 5000; i++)
        fprintf(file, "%d,%s,\"[%d,%d]\"\n", i, i % 2000 == 1999 ? "" : "1", i % 71, i % 13);
    fclose(file);
    const char *const text = HEAD "index by_vec = flat(normalize(vec), metric: \"dot\", file: "
                                  "\"by_vec.ranki\")\n" TAIL;
    char *read[2];
    size_t len[2];
    for (uint32_t i = 0; i < 2; i++) {
        rk_mapping mapping;
        ck_assert_uint_eq(build(&s, text, i ? 4 : 1), 5000);
        ck_assert_int_eq(rk_file_map(s.ranki, &mapping), RK_FILE_FINE);
        len[i] = mapping.text.len;
        read[i] = malloc(len[i]);
        memcpy(read[i], mapping.text.data, len[i]);
        rk_file_unmap(&mapping);
    }
    ck_assert_uint_eq(len[0], len[1]);
    ck_assert_mem_eq(read[0], read[1], len[0]);
    free(read[0]);
    free(read[1]);
    rk_compiled c;
    rk_built_index built;
    const rk_engine_options options = {.cpu = rk_cpu_best()};
    const rk_index_options how = {.threads = 4};
    compile(&s,
            "query { v: vector(2) }\nitem { id: int }\n"
            "source items = csv(\"items.csv\", key: \"id\") by item.id { w: float }\n"
            "index by_vec = flat([w, 1.0], metric: \"dot\")\n",
            &c);
    ck_assert_int_eq(rk_compiled_build_index(&c, 0, &options, &how, &built), RK_EDATA);
    ck_assert_uint_eq(c.cx.diags.items.len, 1);
    ck_assert_str_eq(c.cx.diags.items.items[0]->message.data,
                     "source `items` has no value of `w` for 1999, which has neither a default nor "
                     "`?`");
    rk_compiled_free(&c);
    close_shop(&s);
}
END_TEST

RK_SUITE_MAIN("index_program", a_file_is_what_is_built, what_does_not_matter_does_not_matter,
              an_index_of_others_is_refused, an_index_of_other_data_is_refused,
              bare_vectors_are_looked_at, rows_that_an_index_lacks_are_told,
              an_index_built_in_another_way_is_told, threads_do_not_matter)
