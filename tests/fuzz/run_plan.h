/* Runs a plan over a few items, whose values vary, and looks that all CPU levels agree. For the
 * fuzz harnesses of programs and of plans. */
#ifndef RK_FUZZ_RUN_PLAN_H
#define RK_FUZZ_RUN_PLAN_H

#include <stdio.h>
#include <stdlib.h>

#include "runtime/exec/exec.h"
#include "runtime/plan/encode.h"

enum { ITEMS = 21 };

static inline void must(bool fine)
{
    if (!fine)
        abort();
}

/* Values that vary with the item, with some missing where the type allows it. */
static inline rk_value value_of(rk_type type, uint32_t i, rk_atoms *strings, rk_arena *arena)
{
    static const double reals[] = {0, -0.0, 1, -1.5, 1e30, -1e-40, __builtin_inf(), 3, 3};
    static const int64_t ints[] = {0, 1, -1, INT64_MAX, INT64_MIN, 7, 7};
    static const char *const texts[] = {"", "a", "red nuts", "\xd0\xbe\xd1\x80\xd0\xb5\xd1\x85",
                                        "a b a"};
    rk_value value = {.type = type, .missing = type.optional && i % 5 == 2};
    switch (type.kind) {
    case RK_KIND_BOOL:
        value.as.b = i & 1;
        break;
    case RK_KIND_INT:
        value.as.i = ints[i % RK_ARRAY_LEN(ints)];
        break;
    case RK_KIND_FLOAT:
        value.as.f = (float)reals[i % RK_ARRAY_LEN(reals)];
        break;
    case RK_KIND_DOUBLE:
        value.as.d = reals[i % RK_ARRAY_LEN(reals)];
        break;
    case RK_KIND_STRING:
        must(rk_atom_intern(strings, rk_str_from(texts[i % RK_ARRAY_LEN(texts)]), &value.as.s) ==
             RK_OK);
        break;
    case RK_KIND_VECTOR:
        value.as.list.items = RK_NEW_ARRAY(arena, float, type.dim);
        value.as.list.len = type.dim;
        must(value.as.list.items != NULL);
        break;
    default:
        break; /* an empty list */
    }
    return value;
}

static inline void fill_request(const rk_plan *plan, rk_run *run, rk_request *request)
{
    rk_arena *const arena = rk_run_arena(run);
    rk_atoms *const strings = rk_run_strings(run);
    *request = (rk_request){.has_items = true, .n_items = ITEMS};
    request->query = RK_NEW_ARRAY(arena, rk_value, plan->query.n);
    request->items = RK_NEW_ARRAY(arena, rk_column, plan->item.n);
    must(request->query && request->items);
    for (uint32_t i = 0; i < plan->query.n; i++)
        request->query[i] = value_of(plan->query.fields[i].type, i + 3, strings, arena);
    must(rk_column_init(&request->ids, arena, plan->id_type, ITEMS) == RK_OK);
    for (uint32_t i = 0; i < ITEMS; i++) {
        rk_value id = {.type = plan->id_type, .as.i = i % 19};
        char name[8];
        const int len = snprintf(name, sizeof name, "%u", i % 19);
        if (plan->id_type.kind == RK_KIND_STRING)
            must(rk_atom_intern(strings, (rk_str){name, (size_t)len}, &id.as.s) == RK_OK);
        rk_column_set(&request->ids, i, id);
    }
    for (uint32_t f = 0; f < plan->item.n; f++) {
        must(rk_column_init(&request->items[f], arena, plan->item.fields[f].type, ITEMS) == RK_OK);
        for (uint32_t i = 0; i < ITEMS; i++)
            rk_column_set(&request->items[f], i,
                          value_of(plan->item.fields[f].type, i + f, strings, arena));
    }
}

/* The reply as text, the bits of every value in it. */
static inline rk_status run_level(const rk_plan *plan, rk_cpu_level cpu, rk_buf *out)
{
    rk_arena arena = {0};
    rk_diags diags;
    rk_engine *engine = NULL;
    rk_run *run = NULL;
    rk_reply reply;
    rk_request request;
    rk_diags_init(&diags, &arena);
    const rk_engine_options options = {.cpu = cpu};
    rk_status status = rk_engine_new(plan, &options, &diags, &engine);
    if (status == RK_OK)
        status = rk_run_new(engine, &run);
    if (status == RK_OK)
        status = rk_run_begin(run);
    if (status == RK_OK) {
        fill_request(plan, run, &request);
        status = rk_run_rank(run, &request, 1.7e9, &diags, &reply);
    }
    for (uint32_t i = 0; status == RK_OK && i < reply.n; i++) {
        rk_value_print_json(rk_column_get(&reply.ids, i), rk_run_strings(run), out);
        for (uint32_t k = 0; k < plan->shown.len; k++) {
            const rk_value value =
                rk_column_get(reply.shown[k], reply.shown[k]->n == reply.n ? i : 0);
            if (value.type.kind == RK_KIND_FLOAT)
                rk_buf_add(out, (rk_str){(const char *)&value.as.f, sizeof value.as.f});
            else if (value.type.kind == RK_KIND_DOUBLE)
                rk_buf_add(out, (rk_str){(const char *)&value.as.d, sizeof value.as.d});
            else
                rk_value_print_json(value, rk_run_strings(run), out);
        }
    }
    rk_run_free(run);
    rk_engine_free(engine);
    rk_arena_free(&arena);
    return status;
}

/* On every CPU level: the levels agree to the bit. */
static inline void run_plan(const rk_plan *plan)
{
    rk_buf first = {0};
    const rk_status status = run_level(plan, RK_CPU_SCALAR, &first);
    must(status != RK_EBUG);
    for (rk_cpu_level cpu = RK_CPU_SCALAR + 1; cpu <= rk_cpu_best(); cpu++) {
        rk_buf other = {0};
        must(run_level(plan, cpu, &other) == status);
        must(rk_str_eq(rk_buf_str(&first), rk_buf_str(&other)));
        rk_buf_free(&other);
    }
    rk_buf_free(&first);
}

/* A sound plan comes back from its bytes as it was. */
static inline void check_bytes(const rk_plan *plan)
{
    rk_arena arena = {0};
    rk_atoms strings;
    rk_plan *back;
    rk_buf bytes = {0}, again = {0}, fault = {0}, before = {0}, after = {0};
    must(rk_plan_encode(plan, &bytes) == RK_OK);
    must(rk_plan_decode(rk_buf_str(&bytes), &arena, &strings, &back, &fault) == RK_OK);
    must(rk_plan_verify(back, &fault) == RK_OK);
    must(rk_plan_encode(back, &again) == RK_OK);
    must(rk_str_eq(rk_buf_str(&bytes), rk_buf_str(&again)));
    rk_plan_print(plan, &before);
    rk_plan_print(back, &after);
    must(rk_str_eq(rk_buf_str(&before), rk_buf_str(&after)));
    rk_buf *const all[] = {&bytes, &again, &fault, &before, &after};
    for (size_t i = 0; i < RK_ARRAY_LEN(all); i++)
        rk_buf_free(all[i]);
    rk_arena_free(&arena);
}

#endif
