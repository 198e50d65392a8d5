/* A program that has every type of value, opened through runtime/rank.h: for test_api.c and
 * test_api_errors.c. */
#ifndef RK_UNIT_API_WORLD_H
#define RK_UNIT_API_WORLD_H

#include <string.h>

#include "compiler/rank_source.h"
#include "tests/unit/harness.h"

static const char SHOP[] =
    "query { user: int, text: string = \"nuts\", budget: double?, on: bool = false, k: float = "
    "1.5,\n"
    "        taste: vector(2)?, likes: list(string) = [], steps: list(int) = [1, 2] }\n"
    "item { id: int, price: float, stars: float = 4.0, clicks: int?, brand: string = \"none\",\n"
    "       fresh: bool = false, weight: double?, vec: vector(2)?, tags: list(string) = [\"x\"],\n"
    "       nums: list(int)?, seen: int = 7 }\n"
    "factor liked = brand in query.likes\n"
    "factor close = dot(vec, query.taste) ?? 0.0\n"
    "factor n_tags = len(tags)\n"
    "factor total = sum(nums) ?? 0\n"
    "factor user = query.user\n"
    "pipeline cheap = candidates | sort(asc: price)\n"
    "pipeline best = candidates | where(price <= query.budget ?? inf) | top(2, by: stars)\n"
    "pipeline near = candidates | top(10, by: close)\n"
    "pipeline plain = candidates\n";

static inline rank_program *open_text(const char *text, const rank_options *options)
{
    rank_program *program;
    const rank_status status = rank_open_text("shop", text, strlen(text), options, &program);
    ck_assert_msg(status == RANK_OK, "%s", rank_program_message(program));
    ck_assert_str_eq(rank_program_message(program), "");
    return program;
}

typedef struct world {
    rank_program *program;
    rank_context *cx;
} world;

static inline world open_world(const char *text, const rank_options *options)
{
    world w = {.program = open_text(text, options)};
    ck_assert_int_eq(rank_context_new(w.program, &w.cx), RANK_OK);
    return w;
}

static inline void close_world(world w)
{
    rank_context_free(w.cx);
    rank_close(w.program);
}

static inline void fine(rank_context *cx, rank_status status)
{
    ck_assert_msg(status == RANK_OK, "%d: %s", (int)status, rank_message(cx));
}

static inline uint32_t query(rank_context *cx, const char *name)
{
    uint32_t field = 0;
    fine(cx, rank_find_query(cx, name, &field));
    return field;
}

static inline uint32_t item(rank_context *cx, const char *name)
{
    uint32_t field = 0;
    fine(cx, rank_find_item(cx, name, &field));
    return field;
}

static inline uint32_t pipeline(rank_context *cx, const char *name)
{
    uint32_t number = 0;
    fine(cx, rank_find_pipeline(cx, name, &number));
    return number;
}

static inline const rank_result *run(rank_context *cx, const char *name)
{
    const rank_result *result = NULL;
    fine(cx, rank_run(cx, pipeline(cx, name), &result));
    return result;
}

static inline void refused(rank_context *cx, rank_status status, rank_status want,
                           const char *words)
{
    ck_assert_int_eq(status, want);
    ck_assert_msg(strstr(rank_message(cx), words) != NULL, "`%s` does not say `%s`",
                  rank_message(cx), words);
}

static inline void ids_are(const rank_result *result, size_t n, const int64_t *ids)
{
    ck_assert_uint_eq(result->n, n);
    ck_assert_int_eq(result->ids.type.kind, RANK_INT);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(((const int64_t *)result->ids.data)[i], ids[i]);
}

static inline rank_string text(const char *chars) { return (rank_string){chars, strlen(chars)}; }

static inline void text_is(rank_string s, const char *want)
{
    ck_assert_uint_eq(s.len, strlen(want));
    ck_assert(s.len == 0 || memcmp(s.data, want, s.len) == 0);
}

static const int64_t IDS[4] = {40, 10, 30, 20};
static const float PRICES[4] = {4, 1, 3, 2};

static inline void begin(rank_context *cx)
{
    fine(cx, rank_begin(cx));
    fine(cx, rank_set_ids(cx, IDS, 4));
    fine(cx, rank_set_item(cx, item(cx, "price"), rank_floats(PRICES, 4, 4)));
}

#endif
