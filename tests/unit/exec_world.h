/* A hand-built plan with its engine and run, and sources for it. For the tests of the executor. */
#ifndef RK_UNIT_EXEC_WORLD_H
#define RK_UNIT_EXEC_WORLD_H

#include <math.h>
#include <unistd.h>

#include "tests/unit/plan_builder.h"

typedef struct world {
    builder b;
    rk_engine *engine;
    rk_run *run;
    rk_arena arena; /* of the request */
    rk_reply reply;
} world;

static inline void begin(world *w)
{
    w->engine = b_engine(&w->b, rk_cpu_best());
    w->run = b_run(w->engine);
    w->arena = (rk_arena){0};
}

static inline rk_status rank(world *w, const rk_request *request)
{
    ck_assert_int_eq(rk_run_begin(w->run), RK_OK);
    return rk_run_rank(w->run, request, 1000.0, &w->b.diags, &w->reply);
}

static inline void end(world *w)
{
    rk_run_free(w->run);
    rk_engine_free(w->engine);
    rk_arena_free(&w->arena);
    b_close(&w->b);
}

static inline void set_ids(rk_request *request, const int64_t *ids)
{
    memcpy(request->ids.data, ids, request->n_items * sizeof *ids);
}

static inline void expect_ids(const world *w, const int64_t *ids, uint32_t n)
{
    ck_assert_uint_eq(w->reply.n, n);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_int_eq(((const int64_t *)w->reply.ids.data)[i], ids[i]);
}
#define EXPECT_IDS(w, ...)                                                                         \
    do {                                                                                           \
        const int64_t ids[] = {__VA_ARGS__};                                                       \
        expect_ids((w), ids, RK_ARRAY_LEN(ids));                                                   \
    } while (0)

/* A shown column as JSON: `[1,null]`. */
static inline void expect_column(const world *w, const rk_column *column, const char *json)
{
    rk_buf out = {0};
    for (uint32_t i = 0; i < column->n; i++) {
        rk_buf_add_char(&out, i ? ',' : '[');
        rk_value_print_json(rk_column_get(column, i), rk_run_strings(w->run), &out);
    }
    rk_buf_add_chars(&out, column->n ? "]" : "[]");
    ck_assert_str_eq(out.data, json);
    rk_buf_free(&out);
}
static inline void expect_shown(const world *w, uint32_t shown, const char *json)
{
    expect_column(w, w->reply.shown[shown], json);
}

static inline void expect_message(const world *w, const char *text)
{
    ck_assert_uint_gt(w->b.diags.items.len, 0);
    const rk_diag *const diag = w->b.diags.items.items[w->b.diags.items.len - 1];
    ck_assert_str_eq(diag->message.data, text);
}

/* A csv file that a source of the plan reads. */
typedef struct csv {
    char path[40];
} csv;

static inline csv write_csv(const char *text)
{
    csv file = {"/tmp/rank_exec_XXXXXX"};
    const int fd = mkstemp(file.path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return file;
}

static inline uint32_t add_source(builder *b, const csv *file, const char *key, rk_type key_type)
{
    rk_plan_source source = {
        .name = RK_STR("products"),
        .kind = RK_STR("csv"),
        .path = rk_str_from(file->path),
        .keys = RK_NEW(&b->arena, rk_str),
        .key_types = RK_NEW(&b->arena, rk_type),
        .n_keys = 1,
        .span = RK_NO_SPAN,
    };
    source.keys[0] = rk_str_from(key);
    source.key_types[0] = key_type;
    B_PUSH(b, sources, source);
    return b->plan.sources.len - 1;
}

static inline uint32_t scan(builder *b, uint32_t source, uint32_t *rows)
{
    rk_step step = b_blank(RK_STEP_SCAN, 0);
    step.index = source;
    *rows = step.column = b_column(b, RK_TYPE(ROW), b->plan.lists.len);
    return b_list(b, step);
}

static inline uint32_t lookup(builder *b, uint32_t source, uint32_t list, uint32_t key)
{
    rk_step step = b_blank(RK_STEP_LOOKUP, list);
    step.index = source;
    step.first = b_operands(b, &key, 1);
    step.n = 1;
    return b_make(b, step, RK_TYPE(ROW));
}

static inline uint32_t fetch(builder *b, uint32_t source, uint32_t field, uint32_t list,
                             uint32_t rows, rk_type type)
{
    rk_step step = b_blank(RK_STEP_FETCH, list);
    step.index = source;
    step.b = field;
    step.a = rows;
    return b_make(b, step, type);
}

static inline void require(builder *b, uint32_t list, uint32_t column, uint32_t source,
                           uint32_t field)
{
    rk_step step = b_blank(RK_STEP_REQUIRE, list);
    step.a = column;
    step.index = source;
    step.b = field;
    B_PUSH(b, steps, step);
}

#endif
