/* Networks in programs: what an item gets has the same bits in a list of any length, at any place
 * of it, on each vector level and with any number of threads, however small the parts are that they
 * share; also where some inputs are the request's. */
#include "compiler/rankc.h"

#include "runtime/source/request.h"
#include "tests/unit/harness.h"

enum { MOST_ROWS = 64, DIM = 64 };

/* clang-format off */
/* The first layer's sum begins with what is the request's, so that bits are those of items alone. */
static const struct {
    const char *name, *query, *item, *call;
} programs[] = {
    {"torch-dcn-script", "", "dense: vector(4), ids: list(int)", "net(...)"},
    {"torch-dcn-dynamo", "dense: vector(4)", "ids: list(int)", "net(dense: query.dense, ...)"},
    {"torch-dssm-item-script", "", "price: float, age: float, brand: int, kind: int", "net(...)"},
    {"torch-dssm-item-dynamo", "price: float, age: float", "brand: int, kind: int", "net(price: query.price, age: query.age, ...)"},
    {"torch-ranker-script", "", "x: vector(40)", "net(...)"},
    {"odd", "", "x: float = 0, y: float = 0, nan_x: bool = false, nan_y: bool = false",
     "net(x: if nan_x then 0.0 / 0.0 else x, y: if nan_y then 0.0 / 0.0 else y)"},
};
/* clang-format on */

typedef struct lab {
    rk_compiled compiled;
    rk_buf text; /* of the program */
    rk_plan *plan;
    rk_mapping golden;
    rk_str rows[MOST_ROWS]; /* fields of an item as JSON */
    uint32_t n_rows, dim;
    rk_str query; /* the request's fields */
} lab;

static const char *source(void)
{
    const char *const folder = getenv("RANK_SRC");
    return folder ? folder : ".";
}

static void compile(lab *l, uint32_t k)
{
    rk_buf_printf(&l->text, "query { none: int = 0%s%s }\nitem { id: int, %s }\n",
                  programs[k].query[0] ? ", " : "", programs[k].query, programs[k].item);
    rk_buf_printf(&l->text, "model net = tower(\"%s/tests/models/networks/%s.onnx\")\n", source(),
                  programs[k].name);
    rk_buf_printf(&l->text, "factor out = %s\npipeline all = candidates\n", programs[k].call);
    ck_assert_int_eq(rk_compiled_init(&l->compiled), RK_OK);
    ck_assert_int_eq(rk_compile_read_text(&l->compiled, RK_STR("p.rank"), rk_buf_str(&l->text)),
                     RK_OK);
    ck_assert_msg(rk_compile_check(&l->compiled) == RK_OK, "%s: %.*s", programs[k].name,
                  RK_STR_ARG(l->compiled.cx.diags.items.items[0]->message));
    const uint32_t factor = rk_module_factor(l->compiled.module, RK_STR("out"));
    const rk_plan_request request = {.pipeline =
                                         rk_module_pipeline(l->compiled.module, RK_STR("all")),
                                     .shown = &factor,
                                     .n_shown = 1};
    ck_assert_int_eq(rk_compile_plan(&l->compiled, &request, &l->plan), RK_OK);
}

/* Lines of `{"id":1,…};…;…`. */
static void read_rows(lab *l, uint32_t k)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/models/networks/%s.golden", source(), programs[k].name);
    ck_assert(rk_file_map(path, &l->golden) == RK_FILE_FINE);
    rk_str rest = l->golden.text;
    while (rest.len && l->n_rows < MOST_ROWS) {
        const char *const end = memchr(rest.data, '\n', rest.len);
        const char *const from = memchr(rest.data, ',', rest.len);
        const char *const to = memchr(rest.data, ';', rest.len);
        ck_assert(end && from && to && from < to && to < end);
        l->rows[l->n_rows++] = (rk_str){from, (size_t)(to - 1 - from)};
        rest.len -= (size_t)(end + 1 - rest.data);
        rest.data = end + 1;
    }
    l->query = programs[k].query[0] ? l->rows[l->n_rows / 2] : RK_STR("");
}

/* The member of a row: fields that the program does not have would be errors. */
static void add_fields(const char *declared, rk_str row, rk_buf *out)
{
    size_t at = 0;
    while (at < row.len) {
        size_t depth = 0, end = at + 1;
        for (; end < row.len && (depth || row.data[end] != ','); end++)
            depth += (row.data[end] == '[') - (size_t)(row.data[end] == ']');
        const rk_str member = {row.data + at, end - at}; /* `,"dense":[…]` */
        const char *const quote = memchr(member.data + 2, '"', member.len - 2);
        char name[64];
        snprintf(name, sizeof name, "%.*s:", (int)(quote - member.data - 2), member.data + 2);
        const char *const found = strstr(declared, name);
        if (found && (found == declared || found[-1] == ' '))
            rk_buf_add(out, member);
        at = end;
    }
}

/* Rows from `first` on, over and over. */
static void make_request(const lab *l, uint32_t k, uint32_t first, uint32_t n, rk_buf *out)
{
    out->len = 0;
    rk_buf_add_chars(out, "{\"query\": {\"none\": 1");
    add_fields(programs[k].query, l->query, out);
    rk_buf_add_chars(out, "}, \"items\": [");
    for (uint32_t i = 0; i < n; i++) {
        rk_buf_printf(out, "%s{\"id\": %u", i ? ", " : "", i);
        add_fields(programs[k].item, l->rows[(first + i) % l->n_rows], out);
        rk_buf_add_char(out, '}');
    }
    rk_buf_add_chars(out, "]}\n");
}

static rk_engine *new_engine(lab *l, rk_cpu_level cpu, uint32_t threads, uint32_t chunk)
{
    rk_engine *engine;
    const rk_engine_options options = {
        .cpu = cpu, .threads = threads, .chunk = chunk, .models = l->compiled.models};
    ck_assert_int_eq(rk_engine_new(l->plan, &options, &l->compiled.cx.diags, &engine), RK_OK);
    return engine;
}

/* Floats of the items, [n][dim]; `out` has room. */
static void rank(lab *l, rk_run *run, rk_str text, uint32_t n, float *out)
{
    rk_requests *requests;
    rk_diags diags;
    rk_request request;
    rk_reply reply;
    bool more;
    const rk_request_spec spec = {
        .query = &l->plan->query, .item = &l->plan->item, .id_type = RK_TYPE(INT)};
    const rk_request_ops *const ops = rk_request_find(RK_STR("jsonl"), text);
    ck_assert_int_eq(rk_run_begin(run), RK_OK);
    rk_diags_init(&diags, rk_run_arena(run));
    ck_assert_int_eq(
        rk_requests_over(rk_run_arena(run), RK_STR("r"), text, &spec, &diags, &requests), RK_OK);
    const rk_status status =
        ops->next(requests, rk_run_arena(run), rk_run_strings(run), &diags, &request, &more);
    ck_assert_msg(status == RK_OK && more && !diags.items.len, "%.*s",
                  RK_STR_ARG(diags.items.len ? diags.items.items[0]->message : RK_STR("")));
    ck_assert_int_eq(rk_run_rank(run, &request, 0, &diags, &reply), RK_OK);
    ck_assert_uint_eq(reply.n, n);
    const rk_column *const column = reply.shown[0];
    l->dim = column->type.kind == RK_KIND_VECTOR ? column->type.dim : 1;
    ck_assert_uint_le(l->dim, DIM);
    ck_assert_uint_eq(column->n, n);
    memcpy(out, column->data, (size_t)n * l->dim * sizeof *out);
    rk_requests_close(requests);
}

/* Each row alone, without vectors, in one thread. */
static void rank_alone(lab *l, uint32_t k, float *alone)
{
    rk_buf text = {0};
    rk_run *run;
    rk_engine *const engine = new_engine(l, RK_CPU_SCALAR, 1, 0);
    float row[DIM];
    ck_assert_int_eq(rk_run_new(engine, &run), RK_OK);
    for (uint32_t i = 0; i < l->n_rows; i++) {
        make_request(l, k, i, 1, &text);
        rank(l, run, rk_buf_str(&text), 1, row);
        memcpy(alone + (size_t)i * l->dim, row, l->dim * sizeof *row);
    }
    rk_run_free(run);
    rk_engine_free(engine);
    rk_buf_free(&text);
}

static const struct {
    uint32_t first, n;
} lists[] = {{0, 1}, {3, 2}, {1, 7}, {5, 16}, {2, 127}, {0, 128}, {4, 129}, {1, 1000}, {3, 5000}};

static void check_engine(lab *l, uint32_t k, rk_engine *engine, const float *alone)
{
    rk_buf text = {0};
    rk_run *run;
    float *const out = malloc(sizeof *out * DIM * 5000);
    ck_assert_int_eq(rk_run_new(engine, &run), RK_OK);
    for (size_t i = 0; i < RK_ARRAY_LEN(lists); i++) {
        make_request(l, k, lists[i].first, lists[i].n, &text);
        rank(l, run, rk_buf_str(&text), lists[i].n, out);
        const size_t size = l->dim * sizeof *out;
        for (uint32_t r = 0; r < lists[i].n; r++)
            ck_assert_msg(
                memcmp(out + (size_t)r * l->dim,
                       alone + (size_t)((lists[i].first + r) % l->n_rows) * l->dim, size) == 0,
                "%s: item %u of %u has other bits than alone", programs[k].name, r, lists[i].n);
    }
    free(out);
    rk_run_free(run);
    rk_buf_free(&text);
}

START_TEST(items_have_the_same_bits_anywhere)
{
    static const uint32_t threads[] = {1, 2, 5}, chunks[] = {0, 1};
    const uint32_t k = (uint32_t)_i;
    lab l = {0};
    float *const alone = malloc(sizeof *alone * MOST_ROWS * DIM);
    compile(&l, k);
    read_rows(&l, k);
    rank_alone(&l, k, alone);
    for (int cpu = 0; cpu <= (int)rk_cpu_best(); cpu++)
        for (size_t t = 0; t < RK_ARRAY_LEN(threads); t++)
            for (size_t c = 0; c < RK_ARRAY_LEN(chunks); c++) {
                rk_engine *const engine = new_engine(&l, (rk_cpu_level)cpu, threads[t], chunks[c]);
                check_engine(&l, k, engine, alone);
                rk_engine_free(engine);
            }
    free(alone);
    rk_file_unmap(&l.golden);
    rk_compiled_free(&l.compiled);
    rk_buf_free(&l.text);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("network");
    TCase *const tcase = tcase_create("network");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, items_have_the_same_bits_anywhere, 0, (int)RK_ARRAY_LEN(programs));
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
