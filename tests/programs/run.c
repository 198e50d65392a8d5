/* A program through the whole line, and its reply against the naive one. */
#include <math.h>
#include <stdio.h>

#include "compiler/driver/native.h"
#include "compiler/rankc.h"
#include "compiler/syntax/ast.h"
#include "tests/programs/programs.h"

static bool differ(fault *out, int factor, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Always false. */
static bool differ(fault *out, int factor, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
    out->factor = factor;
    return false;
}

/* ---- values ---- */

void print_value(value v, rk_buf *out)
{
    char number[40];
    if (v.kind == RK_KIND_NONE || !has_value(v))
        rk_buf_add_chars(out, "null");
    else if (v.kind == RK_KIND_BOOL)
        rk_buf_add_chars(out, v.as.b ? "true" : "false");
    else if (v.kind == RK_KIND_INT)
        rk_buf_printf(out, "%lld", (long long)v.as.i);
    else if (v.kind == RK_KIND_STRING)
        rk_buf_add_json(out, v.as.s);
    else if (is_real(v.kind)) {
        const size_t len = v.kind == RK_KIND_FLOAT ? rk_float_print(v.as.f, number)
                                                   : rk_double_print(v.as.d, number);
        const bool quoted = isinf(as_double(v));
        rk_buf_printf(out, quoted ? "\"%.*s\"" : "%.*s", (int)len, number);
    } else {
        rk_buf_add_char(out, '[');
        for (unsigned i = 0; i < v.as.list.len; i++) {
            rk_buf_add_chars(out, i ? "," : "");
            print_value(v.as.list.items[i], out);
        }
        rk_buf_add_char(out, ']');
    }
}

static const void *elements(const rk_value *v, unsigned i)
{
    const size_t size = v->type.kind == RK_KIND_VECTOR
                            ? sizeof(float)
                            : rk_type_size((rk_type){.kind = v->type.elem});
    return (const char *)v->as.list.items + i * size;
}

/* To the last bit; every NaN is the canonical one. */
static bool same_real(const void *bits, value v)
{
    const float f = isnan(v.as.f) ? rk_nan_float() : v.as.f;
    const double d = isnan(v.as.d) ? rk_nan_double() : v.as.d;
    return v.kind == RK_KIND_FLOAT ? memcmp(bits, &f, sizeof f) == 0
                                   : memcmp(bits, &d, sizeof d) == 0;
}

static bool same_scalar(const void *data, uint8_t kind, value v, const rk_atoms *strings)
{
    if (v.kind != kind)
        return false;
    switch (kind) {
    case RK_KIND_BOOL:
        return (*(const uint8_t *)data != 0) == v.as.b;
    case RK_KIND_INT:
        return *(const int64_t *)data == v.as.i;
    case RK_KIND_STRING:
        return rk_str_eq(rk_atom_str(strings, *(const rk_atom *)data), v.as.s);
    default:
        return same_real(data, v);
    }
}

static bool same_value(rk_value got, value v, const rk_atoms *strings)
{
    const uint8_t kind = got.type.kind;
    const uint8_t b = kind == RK_KIND_BOOL && got.as.b;
    if (!is_real(kind) && (got.missing || v.missing))
        return got.missing == v.missing;
    if (kind != RK_KIND_LIST && kind != RK_KIND_VECTOR)
        return same_scalar(kind == RK_KIND_BOOL ? (const void *)&b : (const void *)&got.as, kind, v,
                           strings);
    if (got.as.list.len != v.as.list.len || v.kind != kind)
        return false;
    const uint8_t elem = kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : got.type.elem;
    for (unsigned i = 0; i < v.as.list.len; i++)
        if (!same_scalar(elements(&got, i), elem, v.as.list.items[i], strings))
            return false;
    return true;
}

/* ---- requests ---- */

static bool is_named(const rk_field *field, const char *name)
{
    return rk_str_eq(field->name, rk_str_from(name));
}

static rk_value to_value(value v, rk_type type, rk_atoms *strings, rk_arena *arena)
{
    rk_value out = {.type = type, .missing = !has_value(v)};
    if (out.missing && !is_real(type.kind))
        return out;
    switch (type.kind) {
    case RK_KIND_BOOL:
        out.as.b = v.as.b;
        break;
    case RK_KIND_INT:
        out.as.i = v.as.i;
        break;
    case RK_KIND_FLOAT:
        out.as.f = v.as.f;
        break;
    case RK_KIND_DOUBLE:
        out.as.d = v.as.d;
        break;
    case RK_KIND_STRING:
        (void)!rk_atom_intern(strings, v.as.s, &out.as.s);
        break;
    default: {
        const uint8_t elem = type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : type.elem;
        const size_t size = rk_type_size((rk_type){.kind = elem});
        char *const items = must_alloc(arena, (v.as.list.len + 1) * size);
        for (unsigned i = 0; i < v.as.list.len; i++) {
            const rk_value item =
                to_value(v.as.list.items[i], (rk_type){.kind = elem}, strings, arena);
            const uint8_t b = elem == RK_KIND_BOOL && item.as.b;
            memcpy(items + i * size, elem == RK_KIND_BOOL ? (const void *)&b : &item.as, size);
        }
        out.as.list.items = items;
        out.as.list.len = v.as.list.len;
    }
    }
    return out;
}

/* Lists stand one after the other in the child array. */
static void fill_lists(rk_column *column, const value *values, rk_atoms *strings, rk_arena *arena)
{
    const size_t size = rk_type_size((rk_type){.kind = column->type.elem});
    size_t total = 0;
    for (uint32_t i = 0; i < column->n; i++)
        total += has_value(values[i]) ? values[i].as.list.len : 0;
    char *const child = rk_arena_alloc_column(arena, total + 1, size);
    column->child = child;
    total = 0;
    for (uint32_t i = 0; i < column->n; i++) {
        rk_value v = to_value(values[i], column->type, strings, arena);
        if (!v.missing) {
            memcpy(child + total * size, v.as.list.items, v.as.list.len * size);
            v.as.list.items = child + total * size;
            total += v.as.list.len;
        }
        rk_column_set(column, i, v);
    }
}

static bool fill_column(rk_column *column, rk_type type, const value *values, unsigned n,
                        rk_atoms *strings, rk_arena *arena)
{
    if (rk_column_init(column, arena, type, n) != RK_OK)
        return false;
    if (type.kind == RK_KIND_LIST) {
        fill_lists(column, values, strings, arena);
        return true;
    }
    for (uint32_t i = 0; i < n; i++)
        rk_column_set(column, i, to_value(values[i], type, strings, arena));
    return true;
}

static bool fill_request(const program *p, const rk_plan *plan, const request *r, rk_run *run,
                         rk_request *out)
{
    rk_arena *const arena = rk_run_arena(run);
    rk_atoms *const strings = rk_run_strings(run);
    *out = (rk_request){.has_items = true, .n_items = r->n};
    out->query = NEW_ARRAY(arena, rk_value, plan->query.n);
    out->items = NEW_ARRAY(arena, rk_column, plan->item.n);
    for (uint32_t i = 0; i < plan->query.n; i++)
        for (unsigned f = 0; f < p->n_query; f++)
            if (is_named(&plan->query.fields[i], p->query[f].name))
                out->query[i] = to_value(r->query[f], plan->query.fields[i].type, strings, arena);
    for (uint32_t i = 0; i < plan->item.n; i++)
        for (unsigned f = 0; f < p->n_item; f++)
            if (is_named(&plan->item.fields[i], p->item[f].name) &&
                !fill_column(&out->items[i], plan->item.fields[i].type, r->items[f], r->n, strings,
                             arena))
                return false;
    return fill_column(&out->ids, plan->id_type, r->ids, r->n, strings, arena);
}

/* As a line for `rankc run --requests`. */
void print_request(const program *p, const request *r, rk_buf *out)
{
    const char *comma = "";
    rk_buf_add_chars(out, "{\"query\": {");
    for (unsigned f = 0; f < p->n_query; f++) {
        if (p->query[f].hidden)
            continue;
        rk_buf_printf(out, "%s\"%s\": ", comma, p->query[f].name);
        print_value(r->query[f], out);
        comma = ", ";
    }
    rk_buf_add_chars(out, "}, \"items\": [");
    for (unsigned i = 0; i < r->n; i++) {
        rk_buf_printf(out, "%s{\"id\": ", i ? ",\n  " : "");
        print_value(r->ids[i], out);
        for (unsigned f = 0; f < p->n_item; f++) {
            if (p->item[f].hidden)
                continue;
            rk_buf_printf(out, ", \"%s\": ", p->item[f].name);
            print_value(r->items[f][i], out);
        }
        rk_buf_add_char(out, '}');
    }
    rk_buf_add_chars(out, "]}\n");
}

/* ---- one reply ---- */

typedef struct comparison {
    const program *p;
    const rk_plan *plan;
    eval e;
    list expected;
    char engine[40]; /* its name */
    fault *out;
} comparison;

static bool differ_value(const comparison *c, int factor, const char *what, unsigned i,
                         rk_value got, value want, const rk_atoms *strings)
{
    rk_buf a = {0}, b = {0};
    rk_value_print_json(got, strings, &a);
    print_value(want, &b);
    const rk_str id = {a.data, a.len}, should = {b.data, b.len};
    differ(c->out, factor, "%s at place %u on %s: %.*s (%s), should be %.*s (%s)", what, i + 1,
           c->engine, RK_STR_ARG(id), rk_type_text(got.type).text, RK_STR_ARG(should),
           rk_kind_text(want.kind));
    rk_buf_free(&a);
    rk_buf_free(&b);
    return false;
}

static bool compare_ids(const comparison *c, const rk_reply *reply, const rk_atoms *strings)
{
    if (reply->n != c->expected.n)
        return differ(c->out, -1, "%u items on %s, should be %u", reply->n, c->engine,
                      c->expected.n);
    for (unsigned i = 0; i < reply->n; i++) {
        const value id = c->e.ids[c->expected.at[i]];
        const rk_value got = rk_column_get(&reply->ids, i);
        if (!same_value(got, id, strings))
            return differ_value(c, -1, "id", i, got, id, strings);
    }
    return true;
}

/* Scores of several kinds come as double; text beside numbers is missing. */
static value score_as(value v, uint8_t kind)
{
    if (v.kind == RK_KIND_NONE || (v.kind == RK_KIND_STRING && kind != RK_KIND_STRING))
        return missing_of((rk_type){.kind = kind});
    if (v.kind == RK_KIND_BOOL && kind == RK_KIND_DOUBLE)
        return value_double(v.as.b);
    return convert(v, kind);
}

static bool compare_scores(const comparison *c, const rk_reply *reply, const rk_atoms *strings)
{
    for (unsigned i = 0; i < reply->n; i++) {
        const value score = c->expected.scores[i];
        if (!reply->scores) {
            if (score.kind != RK_KIND_NONE)
                return differ(c->out, -1, "no scores on %s", c->engine);
            continue;
        }
        const rk_value got = rk_column_get(reply->scores, i);
        const value want = score_as(score, got.type.kind);
        if (!same_value(got, want, strings))
            return differ_value(c, -1, "score", i, got, want, strings);
    }
    return true;
}

static bool compare_factors(comparison *c, const rk_reply *reply, const rk_atoms *strings)
{
    unsigned shown = 0;
    for (unsigned f = 0; f < c->p->n_factors; f++) {
        if (!c->p->factors[f].shown)
            continue;
        const rk_column *const column = reply->shown[shown++];
        for (unsigned i = 0; i < reply->n; i++) {
            const rk_value got = rk_column_get(column, column->n == reply->n ? i : 0);
            const value want = eval_factor(&c->e, f, c->expected.at[i]);
            if (!same_value(got, want, strings))
                return differ_value(c, (int)f, c->p->factors[f].name, i, got, want, strings);
        }
    }
    return true;
}

static bool run_request(comparison *c, const rk_engine *engine, const request *r)
{
    rk_arena arena = {0};
    rk_diags diags;
    rk_run *run = NULL;
    rk_reply reply;
    rk_request request;
    rk_diags_init(&diags, &arena);
    bool fine = rk_run_new(engine, &run) == RK_OK && rk_run_begin(run) == RK_OK &&
                fill_request(c->p, c->plan, r, run, &request);
    if (fine && rk_run_rank(run, &request, r->now, &diags, &reply) != RK_OK)
        fine = differ(c->out, -1, "the run fails on %s", c->engine);
    fine = fine && compare_ids(c, &reply, rk_run_strings(run)) &&
           compare_scores(c, &reply, rk_run_strings(run)) &&
           compare_factors(c, &reply, rk_run_strings(run));
    rk_run_free(run);
    rk_arena_free(&arena);
    return fine;
}

/* ---- engines ---- */

enum { TIERS = 2 };

static bool use_native(const comparison *c, rk_engine *engine, rk_cpu_level cpu, uint32_t tier)
{
    rk_arena arena = {0};
    rk_buf why = {0};
    rk_code code;
    rk_emit_times times;
    const rk_emit_options options = {.cpu = cpu, .tier = tier, .verify = true};
    const rk_emitter *const emitter = rk_native_open(&why);
    bool fine = emitter && emitter->code(c->plan, &options, &arena, &code, &times, &why) == RK_OK &&
                rk_code_verify(&code, c->plan, &why) == RK_OK;
    if (fine && rk_engine_use(engine, &code) != RK_OK)
        rk_buf_add_chars(&why, "the engine refuses it");
    if (why.len)
        fine = differ(c->out, -1, "no code on %s: %.*s", c->engine, (int)why.len, why.data);
    rk_buf_free(&why);
    rk_arena_free(&arena);
    return fine;
}

/* The interpreter on one CPU level, and native code for it. Where there are threads even the least
 * work is shared. */
static bool run_level(comparison *c, rk_cpu_level cpu, uint32_t threads, bool native,
                      const request *r)
{
    rk_arena arena = {0};
    rk_engine *engine = NULL;
    rk_diags diags;
    rk_diags_init(&diags, &arena);
    const rk_engine_options options = {.cpu = cpu, .threads = threads, .chunk = 1};
    snprintf(c->engine, sizeof c->engine, "%s, %u threads", rk_cpu_name(cpu), threads);
    bool fine = rk_engine_new(c->plan, &options, &diags, &engine) == RK_OK
                    ? run_request(c, engine, r)
                    : differ(c->out, -1, "no engine on %s", c->engine);
    for (uint32_t tier = 1; native && tier <= TIERS && fine && cpu >= RK_CPU_V3; tier++) {
        snprintf(c->engine, sizeof c->engine, "%s, tier %u, %u threads", rk_cpu_name(cpu), tier,
                 threads);
        fine = use_native(c, engine, cpu, tier) && run_request(c, engine, r);
    }
    rk_engine_free(engine);
    rk_arena_free(&arena);
    return fine;
}

static bool run_plan(const program *p, const rk_plan *plan, const request *requests, unsigned n,
                     fault *out)
{
    bool fine = true;
    for (unsigned i = 0; i < n && fine; i++) {
        rk_arena arena = {0};
        comparison c = {.p = p, .plan = plan, .out = out};
        eval_start(&c.e, p, &requests[i], &arena);
        c.expected = eval_pipeline(&c.e);
        for (rk_cpu_level cpu = RK_CPU_SCALAR; cpu <= rk_cpu_best() && fine; cpu++)
            fine = run_level(&c, cpu, 1, p->native, &requests[i]);
        fine = fine && run_level(&c, rk_cpu_best(), 2, p->native, &requests[i]);
        rk_arena_free(&arena);
    }
    return fine;
}

/* ---- one program ---- */

static bool differ_messages(rk_compiled *c, const char *what, rk_status status, fault *out)
{
    rk_buf text = {0};
    rk_diags_print(&c->cx.diags, &c->cx.texts, RK_DIAG_TEXT, &text);
    differ(out, -1, "%s (status %d): %.*s", what, (int)status, RK_STR_ARG(rk_buf_str(&text)));
    rk_buf_free(&text);
    return false;
}

static bool run_text(const program *p, rk_str text, const request *requests, unsigned n, fault *out)
{
    rk_compiled c;
    rk_plan *plan = NULL;
    char name[NAME_SIZE];
    uint32_t shown[FACTORS_MAX], n_shown = 0;
    if (rk_compiled_init(&c) != RK_OK)
        return differ(out, -1, "no memory");
    rk_status status = rk_compile_read_text(&c, RK_STR("program.rank"), text);
    if (status == RK_OK)
        status = rk_compile_check(&c);
    bool fine = status == RK_OK || differ_messages(&c, "check", status, out);
    if (fine) {
        for (unsigned f = 0; f < p->n_factors; f++)
            if (p->factors[f].shown)
                shown[n_shown++] = rk_module_factor(c.module, rk_str_from(p->factors[f].name));
        snprintf(name, sizeof name, "p%u", p->n_pipelines);
        const rk_plan_request wanted = {.pipeline = rk_module_pipeline(c.module, rk_str_from(name)),
                                        .shown = shown,
                                        .n_shown = n_shown};
        status = rk_compile_plan(&c, &wanted, &plan);
        fine = status == RK_OK || differ_messages(&c, "plan", status, out);
    }
    fine = fine && run_plan(p, plan, requests, n, out);
    rk_compiled_free(&c);
    return fine;
}

static bool format(rk_str text, rk_buf *out)
{
    rk_compiled c;
    bool fine = rk_compiled_init(&c) == RK_OK &&
                rk_compile_read_text(&c, RK_STR("program.rank"), text) == RK_OK;
    if (fine)
        rk_ast_format(&c.cx, c.files.items[1], out);
    rk_compiled_free(&c);
    return fine;
}

bool run_program(const program *p, const request *requests, unsigned n_requests, bool formatted,
                 fault *out)
{
    rk_buf text = {0}, canonical = {0};
    *out = (fault){.factor = -1};
    print_program(p, &text);
    bool fine = !formatted || format(rk_buf_str(&text), &canonical) ||
                differ(out, -1, "it is not formatted");
    fine = fine && run_text(p, formatted ? rk_buf_str(&canonical) : rk_buf_str(&text), requests,
                            n_requests, out);
    rk_buf_free(&text);
    rk_buf_free(&canonical);
    return fine;
}
