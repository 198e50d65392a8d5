/* Bundles: what went in comes out, sources are read from them, and of every truncation and every
 * flipped bit either nothing changes or there is a message. */
#include "runtime/plan/bundle.h"

#include "runtime/plan/bundle_section.h"
#include "tests/unit/exec_world.h"

static const char csv_text[] = "id,price\n1,5\n2,3\n3,4\n";
static const char program_text[] = "source products = csv(\"p.csv\", key: \"id\") by item.id {}\n";

/* Scans a source and keeps the two cheapest; a second pipeline ranks what is sent. */
typedef struct shop {
    builder first, second;
    rk_texts texts;
    rk_bundle_writer writer;
    rk_buf bytes;
} shop;

static void build_first(builder *b)
{
    b_open(b);
    b->plan.pipeline = RK_STR("cheap");
    const csv file = {"data/p.csv"};
    const uint32_t source = add_source(b, &file, "id", RK_TYPE(INT));
    b->plan.sources.items[source].path = RK_STR("data/p.csv");
    b->plan.sources.items[source].span = (rk_span){1, 7, 8};
    const uint32_t field =
        b_field(b, &b->plan.sources.items[source].wanted, "price", RK_TYPE_OPT(FLOAT));
    uint32_t rows;
    const uint32_t all = scan(b, source, &rows);
    const uint32_t price = fetch(b, source, field, all, rows, RK_TYPE_OPT(FLOAT));
    b_kernel(b, all);
    const uint32_t in = b_input(b, price), none = b_input_constant(b, v_float(100));
    const uint32_t there =
        b_instr(b, RK_CORE_COALESCE, 0, RK_TYPE(FLOAT), (uint32_t[]){in, none}, 2);
    const uint32_t minus = b_instr(b, RK_CORE_NEG, 0, RK_TYPE(FLOAT), &there, 1);
    const uint32_t key = b_store(b, minus, RK_TYPE(FLOAT));
    b_kernel_end(b);
    const uint32_t two = b_const_column(b, v_int(2));
    b->plan.result = b_select(b, "top", all, key, &two, 1);
    b->plan.one_producer = true;
    b_verify(b);
}

/* A code of one kernel of the first plan: its bytes are never run here. */
static void make_code(const rk_plan *plan, uint32_t cpu, rk_code *out)
{
    static const uint8_t text[] = {0xc3, 0xc3};
    static const rk_code_port ports[] = {{RK_PORT_INPUT, 0}, {RK_PORT_STORE, 0}};
    static const rk_code_part part = {1, RK_PLAN_NONE, 0, 2};
    static const rk_code_kernel kernels[] = {{0, 1}, {0, 0}};
    *out = (rk_code){
        .cpu = cpu,
        .tier = 2,
        .text = text,
        .text_size = sizeof text,
        .kernels = kernels,
        .parts = &part,
        .ports = ports,
        .n_kernels = plan->kernels.len,
        .n_parts = 1,
        .n_ports = 2,
    };
    rk_buf fault = {0};
    ck_assert_int_eq(rk_code_verify(out, plan, &fault), RK_OK);
    rk_buf_free(&fault);
}

static void build(shop *s)
{
    *s = (shop){0};
    build_first(&s->first);
    builder *const b = &s->second;
    b_open(b);
    b->plan.result = b_candidates(b);
    b->plan.one_producer = true;
    const rk_text texts[] = {{.name = RK_STR("<prelude>"), .text = RK_STR("# nothing\n")},
                             {.name = RK_STR("shop.rank"), .text = rk_str_from(program_text)}};
    for (size_t i = 0; i < RK_ARRAY_LEN(texts); i++)
        ck_assert(rk_vec_push(&b->arena, &s->texts.items, texts[i]));
    rk_bundle_writer *const w = &s->writer;
    rk_bundle_writer_init(w);
    ck_assert_int_eq(rk_bundle_add_plan(w, &s->first.plan, RK_STR("prod")), RK_OK);
    ck_assert_int_eq(rk_bundle_add_plan(w, &s->second.plan, RK_STR("")), RK_OK);
    for (uint32_t cpu = RK_CPU_V3; cpu <= RK_CPU_V4; cpu++) {
        rk_code code;
        make_code(&s->first.plan, cpu, &code);
        ck_assert_int_eq(rk_bundle_add_code(w, 0, &code), RK_OK);
        ck_assert_int_eq(rk_bundle_add_code(w, 2, &code), RK_EUSAGE);
    }
    for (int twice = 0; twice < 2; twice++)
        ck_assert_int_eq(rk_bundle_add_file(w, RK_STR("data/p.csv"), rk_str_from(csv_text)), RK_OK);
    ck_assert_int_eq(rk_bundle_add_texts(w, &s->texts), RK_OK);
    ck_assert_int_eq(rk_bundle_finish(w, &s->bytes), RK_OK);
}

static void close_shop(shop *s)
{
    rk_bundle_writer_free(&s->writer);
    rk_buf_free(&s->bytes);
    b_close(&s->first);
    b_close(&s->second);
}

static rk_str printed(const rk_plan *plan, rk_buf *out)
{
    rk_plan_print(plan, out);
    return rk_buf_str(out);
}

/* Whether all that can be had from a bundle is what went into the shop's. */
static bool same_content(const shop *s, const rk_bundle *bundle)
{
    const rk_plan *const plans[] = {&s->first.plan, &s->second.plan};
    bool same = bundle->pipelines.len == 2 && bundle->files.n == 1 && bundle->texts.items.len == 2;
    for (uint32_t i = 0; same && i < 2; i++) {
        rk_buf a = {0}, b = {0};
        same = rk_str_eq(printed(plans[i], &a), printed(bundle->pipelines.items[i].plan, &b)) &&
               rk_str_eq(bundle->texts.items.items[i].text, s->texts.items.items[i].text) &&
               rk_str_eq(bundle->texts.items.items[i].name, s->texts.items.items[i].name);
        rk_buf_free(&a);
        rk_buf_free(&b);
    }
    return same && rk_str_eq(bundle->files.items[0].text, rk_str_from(csv_text)) &&
           rk_str_eq(bundle->files.items[0].name, RK_STR("data/p.csv")) &&
           rk_str_eq(bundle->pipelines.items[0].name, RK_STR("cheap")) &&
           rk_str_eq(bundle->pipelines.items[0].revision, RK_STR("prod"));
}

static rk_status open_bytes(rk_bundle *bundle, rk_str bytes, rk_arena *arena, rk_diags *diags)
{
    *arena = (rk_arena){0};
    rk_diags_init(diags, arena);
    const rk_status status = rk_bundle_read(bundle, RK_STR("shop.rankb"), bytes, diags);
    ck_assert((status == RK_OK) == (diags->items.len == 0));
    ck_assert_int_eq(status, rk_diags_status(diags));
    return status;
}

START_TEST(what_went_in_comes_out)
{
    shop s;
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    build(&s);
    ck_assert(rk_bundle_is(rk_buf_str(&s.bytes)));
    ck_assert_int_eq(open_bytes(&bundle, rk_buf_str(&s.bytes), &arena, &diags), RK_OK);
    ck_assert(same_content(&s, &bundle));
    ck_assert_uint_eq(rk_bundle_find(&bundle, RK_STR("")), 1);
    ck_assert_uint_eq(rk_bundle_find(&bundle, RK_STR("x")), RK_PLAN_NONE);
    rk_code code;
    rk_buf why = {0};
    for (rk_cpu_level cpu = RK_CPU_V3; cpu <= RK_CPU_V4; cpu++) {
        ck_assert_int_eq(rk_bundle_code(&bundle, 0, cpu, &code, &why), RK_OK);
        ck_assert_uint_eq(code.cpu, cpu);
        ck_assert_uint_eq(code.tier, 2);
        ck_assert_uint_eq((size_t)(code.text - (const uint8_t *)s.bytes.data) % 64, 0);
        ck_assert_int_eq(rk_code_verify(&code, bundle.pipelines.items[0].plan, &why), RK_OK);
    }
    ck_assert_int_eq(rk_bundle_code(&bundle, 1, RK_CPU_V3, &code, &why), RK_EFILE);
    ck_assert_str_eq(why.data, "the bundle has no code for v3");
    rk_buf_free(&why);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

/* Ranks the first pipeline from the bundle's own file: there is no data/p.csv. */
START_TEST(sources_are_in_it)
{
    shop s;
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    build(&s);
    ck_assert_int_eq(open_bytes(&bundle, rk_buf_str(&s.bytes), &arena, &diags), RK_OK);
    rk_engine *engine;
    const rk_engine_options options = {.cpu = rk_cpu_best(), .files = &bundle.files};
    const rk_plan *const plan = bundle.pipelines.items[0].plan;
    ck_assert_int_eq(rk_engine_new(plan, &options, &diags, &engine), RK_OK);
    rk_run *run = b_run(engine);
    rk_reply reply;
    const rk_request request = b_request(&s.first, &arena, 0);
    ck_assert_int_eq(rk_run_begin(run), RK_OK);
    ck_assert_int_eq(rk_run_rank(run, &request, 0, &diags, &reply), RK_OK);
    ck_assert_uint_eq(reply.n, 2);
    ck_assert_int_eq(((const int64_t *)reply.ids.data)[0], 2);
    ck_assert_int_eq(((const int64_t *)reply.ids.data)[1], 3);
    rk_run_free(run);
    rk_engine_free(engine);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

/* A fault in a file is told as it would be without the bundle, with the line of the program. */
START_TEST(messages_are_the_same)
{
    shop s;
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    build(&s);
    ck_assert_int_eq(open_bytes(&bundle, rk_buf_str(&s.bytes), &arena, &diags), RK_OK);
    rk_engine *engine;
    const rk_text wrong = {.name = RK_STR("data/p.csv"), .text = RK_STR("id,price\n1,5\n1,3\n")};
    const rk_files files = {&wrong, 1};
    const rk_engine_options options = {.cpu = rk_cpu_best(), .files = &files};
    const rk_plan *const plan = bundle.pipelines.items[0].plan;
    ck_assert_int_eq(rk_engine_new(plan, &options, &diags, &engine), RK_EDATA);
    rk_buf words = {0};
    rk_diags_print(&diags, &bundle.texts, RK_DIAG_TEXT, &words);
    ck_assert_ptr_nonnull(strstr(words.data, "data/p.csv:3: the key `1` is also in line 2"));
    ck_assert_ptr_nonnull(strstr(words.data, " --> shop.rank:1:8\n"));
    rk_buf_free(&words);
    rk_engine_free(engine);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

/* ---- damage ---- */

/* Opens bytes in memory of their own; true if they are the shop's still. */
static bool survives(const shop *s, const char *data, size_t len)
{
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    rk_code code;
    rk_buf why = {0};
    char *const copy = malloc(len + 1); /* so that a sanitizer sees its end */
    memcpy(copy, data, len);
    bool same = open_bytes(&bundle, (rk_str){copy, len}, &arena, &diags) == RK_OK;
    if (same)
        ck_assert(same_content(s, &bundle));
    same = same && rk_bundle_code(&bundle, 0, RK_CPU_V3, &code, &why) == RK_OK &&
           rk_code_verify(&code, bundle.pipelines.items[0].plan, &why) == RK_OK;
    rk_buf_free(&why);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
    free(copy);
    return same;
}

START_TEST(every_truncation_is_told)
{
    shop s;
    build(&s);
    ck_assert(survives(&s, s.bytes.data, s.bytes.len));
    for (size_t len = 0; len < s.bytes.len; len++)
        ck_assert(!survives(&s, s.bytes.data, len));
    rk_buf_add_char(&s.bytes, 0);
    ck_assert(!survives(&s, s.bytes.data, s.bytes.len));
    close_shop(&s);
}
END_TEST

/* Code for another level may be damaged unseen, and zeros between sections are nobody's. */
static size_t unseen_bytes(const shop *s)
{
    const rk_bundle_section *const sections = s->writer.sections.items;
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    ck_assert_int_eq(open_bytes(&bundle, rk_buf_str(&s->bytes), &arena, &diags), RK_OK);
    size_t unseen = 0, end = 0;
    for (uint32_t i = 0; i < bundle.n_sections; i++) {
        const rk_bundle_section *const section = &bundle.sections[i];
        ck_assert_uint_eq(section->bytes.len, sections[i].bytes.len);
        unseen += end ? section->at - end : 0;
        end = section->at + section->bytes.len;
        if (section->kind == RK_SECTION_CODE && rk_str_eq(section->name, RK_STR("v4")))
            unseen += section->bytes.len;
    }
    rk_reader r = rk_reader_of((rk_str){s->bytes.data + RK_MAGIC_SIZE + 4, 4});
    unseen += bundle.sections[0].at - RK_BUNDLE_FRONT - rk_get_u32(&r);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
    return unseen;
}

START_TEST(every_flipped_bit_is_told)
{
    shop s;
    build(&s);
    uint32_t survived = 0;
    for (size_t at = 0; at < s.bytes.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            s.bytes.data[at] ^= (char)(1 << bit);
            survived += survives(&s, s.bytes.data, s.bytes.len);
            s.bytes.data[at] ^= (char)(1 << bit);
        }
    ck_assert_uint_eq(survived, 8 * unseen_bytes(&s));
    close_shop(&s);
}
END_TEST

static void expect_words(const char *bytes, size_t len, const char *words)
{
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    ck_assert_int_eq(open_bytes(&bundle, (rk_str){bytes, len}, &arena, &diags), RK_EFILE);
    rk_buf out = {0};
    rk_diags_print(&diags, &bundle.texts, RK_DIAG_TEXT, &out);
    ck_assert_str_eq(out.data, words);
    rk_buf_free(&out);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
}

static char *place_of(const rk_buf *bytes, const char *text)
{
    char *const at = memmem(bytes->data, bytes->len, text, strlen(text));
    ck_assert_ptr_nonnull(at);
    return at;
}

START_TEST(messages_say_what_is_wrong)
{
    shop s;
    build(&s);
    rk_buf *const b = &s.bytes;
    expect_words("", 0, "error[E0610]: `shop.rankb` is no bundle\n\n");
    expect_words("item { id: int }", 16, "error[E0610]: `shop.rankb` is no bundle\n\n");
    expect_words(b->data, 11, "error[E0611]: `shop.rankb` is truncated\n\n");
    expect_words(b->data, b->len - 1, "error[E0611]: `shop.rankb` is truncated\n\n");
    b->data[8] = 9;
    expect_words(b->data, b->len,
                 "error[E0613]: `shop.rankb` was made by a newer rankc: its format is 9, this one "
                 "reads 1\n\n");
    b->data[8] = 1;
    place_of(b, "prod")[0] = 'b';
    expect_words(b->data, b->len,
                 "error[E0612]: `shop.rankb` is damaged: its manifest does not have its hash\n\n");
    place_of(b, "brod")[0] = 'p';
    place_of(b, "id,price")[0] = 'x';
    expect_words(b->data, b->len,
                 "error[E0612]: `shop.rankb` is damaged: file `data/p.csv` does not have its "
                 "hash\n\n");
    place_of(b, "xd,price")[0] = 'i';
    place_of(b, "# nothing")[0] = '!';
    expect_words(b->data, b->len,
                 "error[E0612]: `shop.rankb` is damaged: text `<prelude>` does not have its "
                 "hash\n\n");
    place_of(b, "! nothing")[0] = '#';
    place_of(b, "RKPLAN")[0] = 'S';
    expect_words(b->data, b->len,
                 "error[E0612]: `shop.rankb` is damaged: the plan of pipeline `cheap` does not "
                 "have its hash\n\n");
    place_of(b, "SKPLAN")[0] = 'R';
    ck_assert(survives(&s, b->data, b->len));
    close_shop(&s);
}
END_TEST

START_TEST(damaged_code_is_refused)
{
    shop s;
    rk_bundle bundle;
    rk_arena arena;
    rk_diags diags;
    rk_code code;
    rk_buf why = {0};
    build(&s);
    place_of(&s.bytes, "RKCODE")[20] ^= 1;
    ck_assert_int_eq(open_bytes(&bundle, rk_buf_str(&s.bytes), &arena, &diags), RK_OK);
    ck_assert_int_eq(rk_bundle_code(&bundle, 0, RK_CPU_V3, &code, &why), RK_EDATA);
    ck_assert_str_eq(why.data, "it is truncated or damaged");
    ck_assert_int_eq(rk_bundle_code(&bundle, 0, RK_CPU_V4, &code, &why), RK_OK);
    rk_buf_free(&why);
    rk_bundle_free(&bundle);
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

/* ---- files ---- */

START_TEST(files_are_opened)
{
    shop s;
    rk_bundle bundle;
    rk_arena arena = {0};
    rk_diags diags;
    char path[] = "/tmp/rank_bundle_XXXXXX";
    build(&s);
    rk_diags_init(&diags, &arena);
    const int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, s.bytes.data, s.bytes.len), (ssize_t)s.bytes.len);
    close(fd);
    ck_assert_int_eq(rk_bundle_open(&bundle, path, &diags), RK_OK);
    ck_assert(same_content(&s, &bundle));
    rk_bundle_free(&bundle);
    unlink(path);
    ck_assert_int_eq(rk_bundle_open(&bundle, path, &diags), RK_EFILE);
    ck_assert_int_eq(diags.items.items[0]->code, RK_E0601);
    rk_bundle_free(&bundle);
    /* The sources of a plan whose file is not there. */
    s.writer.sections.len = 0;
    ck_assert_int_eq(rk_bundle_add_data(&s.writer, &s.first.plan, &diags), RK_EFILE);
    ck_assert_int_eq(diags.items.items[1]->code, RK_E0601);
    ck_assert_uint_eq(diags.items.items[1]->span.at, 7);
    const csv file = write_csv(csv_text);
    s.first.plan.sources.items[0].path = rk_str_from(file.path);
    ck_assert_int_eq(rk_bundle_add_data(&s.writer, &s.first.plan, &diags), RK_OK);
    ck_assert_uint_eq(s.writer.sections.len, 1);
    unlink(file.path);
    rk_arena_free(&arena);
    close_shop(&s);
}
END_TEST

RK_SUITE_MAIN("bundle", what_went_in_comes_out, sources_are_in_it, messages_are_the_same,
              every_truncation_is_told, every_flipped_bit_is_told, messages_say_what_is_wrong,
              damaged_code_is_refused, files_are_opened)
