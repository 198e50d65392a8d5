/* Lets each allocation of a program's life behind runtime/rank.h fail in turn: opening it, making a
 * context, ranking. Each call then ends with RANK_ENOMEM, or does without that memory and gives the
 * usual answer; what was made can be freed, and a context that lacked memory ranks the next time.
 */
#include <limits.h>

#include "tests/unit/api_world.h"

static unsigned long allocations, fail_at; /* 0: none fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void) { return fail_at && ++allocations == fail_at; }

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *old, size_t size) { return fails() ? NULL : __real_realloc(old, size); }

/* No libcheck in here: it allocates too. */
static rank_status rank_once(rank_context *cx, int64_t *best)
{
    const rank_string brands[4] = {text("a"), text("b"), text("c"), text("d")};
    const rank_result *r;
    rank_status status = rank_begin(cx);
    if (status == RANK_OK)
        status = rank_set_string(cx, 1, "words", 5);
    if (status == RANK_OK)
        status = rank_set_ids(cx, IDS, 4);
    if (status == RANK_OK)
        status = rank_set_item(cx, 0, rank_floats(PRICES, 4, 4));
    if (status == RANK_OK)
        status = rank_set_item(cx, 3, rank_strings(brands, 4));
    if (status == RANK_OK)
        status = rank_run(cx, 0, &r);
    *best = status == RANK_OK ? *(const int64_t *)r->ids.data : 0;
    return status;
}

/* A life of a program; false: something other than memory was wrong. */
static bool live(unsigned long at)
{
    static const char *const show[] = {"liked", "brand", "n_tags", "price / avg(price)", "tags"};
    const rank_options options = {.show = show, .n_show = 5, .engine = RANK_ENGINE_INTERP};
    rank_program *program;
    rank_context *cx = NULL;
    int64_t best = 10, again = 10;
    allocations = 0;
    fail_at = at;
    rank_status status = rank_open_text("shop", SHOP, strlen(SHOP), &options, &program);
    bool fine = rank_program_message(program) != NULL;
    if (status == RANK_OK)
        status = rank_context_new(program, &cx);
    if (status == RANK_OK) {
        status = rank_once(cx, &best);
        fine = fine && rank_message(cx) != NULL;
        fail_at = 0;
        fine = fine && rank_once(cx, &again) == RANK_OK;
    }
    fail_at = 0;
    fine = fine && (status == RANK_ENOMEM || (status == RANK_OK && best == 10)) && again == 10;
    rank_context_free(cx);
    rank_close(program);
    return fine;
}

START_TEST(any_allocation_may_fail)
{
    ck_assert(live(ULONG_MAX));
    const unsigned long total = allocations;
    ck_assert_uint_gt(total, 50);
    for (unsigned long at = 1; at <= total; at++)
        if (!live(at))
            ck_abort_msg("allocation %lu of %lu", at, total);
}
END_TEST

RK_SUITE_MAIN("api_oom", any_allocation_may_fail)
