/* Any bytes, as native code in a file or as tables alone, are refused or are sound: what the
 * verifier lets through is taken by an engine, though never run. The first byte chooses. */
#include "compiler/rankc.h"
#include "runtime/plan/bytes.h"
#include "tests/fuzz/run_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Kernels that filter, call functions and store; folds over one list. */
static const char program[] =
    "query { most: float = 5.0 }\n"
    "item { id: int, price: float?, stars: float = 1.0, brand: string = \"\" }\n"
    "factor cheap = price ?? 1.0\n"
    "factor mean = avg(cheap)\n"
    "factor best = max(stars)\n"
    "factor all = count()\n"
    "factor score = exp(cheap / best) * stars + (mean ?? 0) - if brand == \"x\" then 1 else 0\n"
    "factor long = len(words(brand)) + len(brand)\n"
    "pipeline p = candidates | where(cheap < query.most) as recall | top(3, by: score + long)\n";

static rk_plan *compile(rk_compiled *c)
{
    uint32_t shown[16];
    rk_plan *plan;
    must(rk_compiled_init(c) == RK_OK);
    must(rk_compile_read_text(c, RK_STR("p.rank"), rk_str_from(program)) == RK_OK);
    must(rk_compile_check(c) == RK_OK);
    const uint32_t n = c->module->factors.len;
    must(n <= RK_ARRAY_LEN(shown));
    for (uint32_t i = 0; i < n; i++)
        shown[i] = i;
    const rk_plan_request request = {.pipeline = 0, .shown = shown, .n_shown = n};
    must(rk_compile_plan(c, &request, &plan) == RK_OK);
    return plan;
}

/* A word of the tables from one byte: small numbers, and none. */
static uint32_t word(const uint8_t *data, size_t size, size_t at)
{
    const uint8_t byte = at < size ? data[at] : 0;
    return byte == 255 ? RK_PLAN_NONE : byte;
}

static const void *table(const uint8_t *data, size_t size, size_t *at, uint32_t n, uint32_t words,
                         rk_arena *arena)
{
    uint32_t *const out = RK_NEW_ARRAY(arena, uint32_t, (size_t)n * words);
    must(out != NULL);
    for (size_t i = 0; i < (size_t)n * words; i++)
        out[i] = word(data, size, (*at)++);
    return out;
}

static rk_code from_tables(const uint8_t *data, size_t size, const rk_plan *plan, rk_arena *arena)
{
    static const uint8_t text[64] = {0xc3};
    size_t at = 5;
    rk_code code = {
        .cpu = RK_CPU_V3,
        .tier = 1,
        .text = text,
        .text_size = sizeof text,
        .n_kernels = plan->kernels.len,
        .n_parts = word(data, size, 0) % 64,
        .n_ports = word(data, size, 1) % 128,
        .n_filters = word(data, size, 2) % 8,
        .n_sweeps = word(data, size, 3) % 8,
        .n_steps = word(data, size, 4) % 16,
    };
    code.kernels = table(data, size, &at, code.n_kernels, 2, arena);
    code.parts = table(data, size, &at, code.n_parts, 4, arena);
    code.ports = table(data, size, &at, code.n_ports, 2, arena);
    code.filters = table(data, size, &at, code.n_filters, 3, arena);
    code.sweeps = table(data, size, &at, code.n_sweeps, 5, arena);
    code.steps = table(data, size, &at, code.n_steps, 1, arena);
    return code;
}

/* The same code comes back from its bytes. */
static void check_code(const rk_code *code, const rk_plan *plan, rk_engine *engine)
{
    rk_code_key key;
    rk_code back;
    rk_buf bytes = {0}, again = {0}, fault = {0};
    must(rk_code_key_of(plan, (rk_cpu_level)code->cpu, code->tier, &key) == RK_OK);
    must(rk_code_encode(code, &key, &bytes) == RK_OK);
    must(rk_code_decode(rk_buf_str(&bytes), &key, &back, &fault) == RK_OK);
    must(rk_code_verify(&back, plan, &fault) == RK_OK);
    must(rk_code_encode(&back, &key, &again) == RK_OK);
    must(rk_str_eq(rk_buf_str(&bytes), rk_buf_str(&again)));
    const rk_status status = rk_engine_use(engine, code);
    must(status == RK_OK || status == RK_EUSAGE);
    must(rk_engine_use(engine, NULL) == RK_OK);
    rk_buf_free(&bytes);
    rk_buf_free(&again);
    rk_buf_free(&fault);
}

static rk_status from_bytes(const uint8_t *data, size_t size, rk_buf *bytes, rk_code *code)
{
    rk_buf fault = {0};
    rk_put_front(bytes, "RKCODE\r\n", RK_CODE_VERSION);
    rk_buf_add(bytes, (rk_str){(const char *)data, size});
    rk_put_digest(bytes, 0);
    const rk_status status = rk_code_decode(rk_buf_str(bytes), NULL, code, &fault);
    must(status == RK_OK || (status == RK_EDATA && fault.len));
    rk_buf_free(&fault);
    return status;
}

static void try_code(const uint8_t *data, size_t size, const rk_plan *plan, rk_engine *engine)
{
    rk_arena arena = {0};
    rk_buf bytes = {0}, fault = {0};
    rk_code code;
    rk_status status = RK_OK;
    if (data[0] & 1)
        status = from_bytes(data + 1, size - 1, &bytes, &code);
    else
        code = from_tables(data + 1, size - 1, plan, &arena);
    if (status == RK_OK)
        status = rk_code_verify(&code, plan, &fault);
    must(status == RK_OK || status == RK_EDATA || (status == RK_EBUG && fault.len));
    if (status == RK_OK)
        check_code(&code, plan, engine);
    rk_buf_free(&bytes);
    rk_buf_free(&fault);
    rk_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rk_compiled c;
    static rk_engine *engine;
    static rk_plan *plan;
    const rk_engine_options options = {.cpu = RK_CPU_SCALAR};
    if (!plan) {
        plan = compile(&c);
        must(rk_engine_new(plan, &options, &c.cx.diags, &engine) == RK_OK);
    }
    if (size)
        try_code(data, size, plan, engine);
    return 0;
}
