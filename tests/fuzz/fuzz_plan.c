/* Any bytes behind a plan's front and before a hash that is right give a plan or a reason. What the
 * verifier lets through is printed, goes through bytes again, has a key, and is run on every CPU
 * level without a crash, with equal results. Plans that read files are not run. */
#include "runtime/plan/bytes.h"
#include "runtime/plan/code.h"
#include "runtime/plan/plan_bytes.h"
#include "tests/fuzz/run_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Blocks of 128 long vectors and thousands of values to work out are no crash, but slow. */
enum { DIM_MAX = 16, WORK_MAX = 2000 };

static bool is_small(rk_type type) { return type.dim <= DIM_MAX; }

static bool is_quick(const rk_plan *plan)
{
    bool small = plan->instrs.len < WORK_MAX && plan->steps.len < WORK_MAX;
    for (uint32_t i = 0; i < plan->columns.len; i++)
        small = small && is_small(plan->columns.items[i].type);
    for (uint32_t i = 0; i < plan->instrs.len; i++)
        small = small && is_small(plan->instrs.items[i].type);
    for (uint32_t i = 0; i < plan->query.n; i++)
        small = small && is_small(plan->query.fields[i].type);
    for (uint32_t i = 0; i < plan->item.n; i++)
        small = small && is_small(plan->item.fields[i].type);
    return small && plan->sources.len == 0;
}

static void check_plan(const rk_plan *plan)
{
    rk_buf fault = {0};
    rk_code_key key;
    const rk_status status = rk_plan_verify(plan, &fault);
    must(status == RK_OK || (status == RK_EBUG && fault.len));
    rk_plan_print(plan, &fault);
    rk_buf_free(&fault);
    if (status != RK_OK)
        return;
    check_bytes(plan);
    must(rk_code_key_of(plan, RK_CPU_V4, 2, &key) == RK_OK);
    if (is_quick(plan))
        run_plan(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *plan;
    rk_buf bytes = {0}, fault = {0};
    rk_put_front(&bytes, RK_PLAN_MAGIC, RK_PLAN_VERSION);
    rk_buf_add(&bytes, (rk_str){(const char *)data, size});
    rk_put_digest(&bytes, 0);
    const rk_status status = rk_plan_decode(rk_buf_str(&bytes), &arena, &strings, &plan, &fault);
    must(status == RK_OK || (status == RK_EDATA && fault.len && !plan));
    must(arena.used < 200000 + 200 * size);
    if (status == RK_OK)
        check_plan(plan);
    rk_buf_free(&bytes);
    rk_buf_free(&fault);
    rk_arena_free(&arena);
    return 0;
}
