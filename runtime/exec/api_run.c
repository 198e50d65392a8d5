/* Running a request of rank.h: from what was handed over to what the executor takes, and back. */
#include <inttypes.h>
#include <time.h>

#include "runtime/exec/api.h"

/* One run under way. */
typedef struct running {
    rank_context *cx;
    const rk_api_part *part;
    rk_run *run;
    rk_arena *arena;
    rk_atoms *strings;
} running;

/* ---- texts ---- */

static rk_status intern(const running *r, const rank_string *texts, const uint64_t *present,
                        uint32_t n, rk_atom **out)
{
    *out = rk_arena_alloc_column(r->arena, rk_padded(n), sizeof **out);
    if (!*out)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        (*out)[i] = RK_ATOM_EMPTY;
        if (texts[i].len && (!present || rk_bit_get(present, i)))
            RK_TRY(rk_atom_intern_borrowed(r->strings, (rk_str){texts[i].data, texts[i].len},
                                           &(*out)[i]));
    }
    return RK_OK;
}

/* ---- the query ---- */

static rk_status read_elements(const running *r, const rank_column *given, rk_value *out)
{
    rk_atom *atoms;
    out->as.list.items = given->data;
    out->as.list.len = (uint32_t)given->n;
    if (given->type.kind != RANK_STRING)
        return RK_OK;
    RK_TRY(intern(r, given->data, NULL, (uint32_t)given->n, &atoms));
    out->as.list.items = atoms;
    return RK_OK;
}

static rk_status read_value(const running *r, uint32_t field)
{
    const rk_api_sent *const sent = &r->cx->query[field];
    rk_value *const out = &r->cx->values[field];
    *out = (rk_value){
        .type = r->part->plan->query.fields[field].type,
        .missing = !sent->column.data,
    };
    if (out->missing)
        return RK_OK;
    switch (out->type.kind) {
    case RK_KIND_BOOL:
        out->as.b = sent->one.b;
        return RK_OK;
    case RK_KIND_INT:
        out->as.i = sent->one.i;
        return RK_OK;
    case RK_KIND_FLOAT:
        out->as.f = sent->one.f;
        return RK_OK;
    case RK_KIND_DOUBLE:
        out->as.d = sent->one.d;
        return RK_OK;
    case RK_KIND_STRING:
        return rk_atom_intern_borrowed(r->strings, (rk_str){sent->one.s.data, sent->one.s.len},
                                       &out->as.s);
    default:
        return read_elements(r, &sent->column, out);
    }
}

/* ---- items ---- */

/* Whether a column can be read where it is: vector loops go over its end. */
static bool stands_well(const void *data, size_t n, size_t room)
{
    return (uintptr_t)data % 64 == 0 && room >= rk_padded(n);
}

/* The column's data as memory of the run's own. */
static rk_status own(const running *r, rk_column *column, const void *given)
{
    if (column->data != given)
        return RK_OK;
    const size_t size = rk_type_size(column->type);
    column->data = rk_arena_alloc_column(r->arena, rk_padded(column->n), size);
    if (!column->data)
        return RK_ENOMEM;
    if (column->n)
        memcpy(column->data, given, column->n * size);
    return RK_OK;
}

static rk_status read_data(const running *r, const rank_column *given, rk_column *out)
{
    rk_atom *atoms;
    out->data = (void *)given->data; /* only read */
    if (given->type.kind == RANK_STRING) {
        RK_TRY(intern(r, given->data, given->present, out->n, &atoms));
        out->data = atoms;
        return RK_OK;
    }
    out->child = (void *)given->elements;
    if (given->type.kind == RANK_LIST && given->type.element == RANK_STRING) {
        RK_TRY(intern(r, given->elements, NULL, (uint32_t)given->n_elements, &atoms));
        out->child = atoms;
    }
    return stands_well(given->data, given->n, given->room) ? RK_OK : own(r, out, given->data);
}

/* A copy of the caller's bits; NULL in *out when all of them are set. */
static rk_status read_mask(const running *r, const uint64_t *present, uint32_t n, uint64_t **out)
{
    uint32_t there = 0;
    *out = NULL;
    for (uint32_t i = 0; i < n / 64; i++)
        there += (uint32_t)__builtin_popcountll(present[i]);
    if (n % 64)
        there += (uint32_t)__builtin_popcountll(present[n / 64] << (64 - n % 64));
    if (there == n)
        return RK_OK;
    *out = RK_NEW_ARRAY(r->arena, uint64_t, rk_bit_words(n));
    if (!*out)
        return RK_ENOMEM;
    memcpy(*out, present, ((size_t)n + 63) / 64 * sizeof **out);
    return RK_OK;
}

/* Reals say with NaN what is missing. */
static void mark_missing(rk_column *column, const uint64_t *mask)
{
    const rk_value none = {.type = column->type, .missing = true};
    for (uint32_t i = 0; i < column->n; i++)
        if (!rk_bit_get(mask, i))
            rk_column_set(column, i, none);
}

static bool has_nan(const running *r, const rk_column *column)
{
    const rk_ops *const ops = r->run->engine->ops;
    return column->type.kind == RK_KIND_FLOAT ? !ops->whole_float(column->data, column->n)
                                              : !ops->whole_double(column->data, column->n);
}

/* The default's elements stand behind all others. */
static rk_status add_elements(const running *r, const rank_column *given, rk_value *initial,
                              rk_column *out)
{
    const size_t size = rk_type_size((rk_type){.kind = out->type.elem});
    const size_t n = given->n_elements + initial->as.list.len;
    if (n > INT32_MAX)
        return RK_ELIMIT;
    char *const child = rk_arena_alloc_column(r->arena, n, size);
    if (!child)
        return RK_ENOMEM;
    if (given->n_elements)
        memcpy(child, out->child, given->n_elements * size);
    if (initial->as.list.len)
        memcpy(child + given->n_elements * size, initial->as.list.items,
               initial->as.list.len * size);
    initial->as.list.items = child + given->n_elements * size;
    out->child = child;
    return RK_OK;
}

/* The field's default in place of what is missing: what its bit says, or NaN. */
static rk_status fill_initial(const running *r, const rank_column *given, rk_value initial,
                              const uint64_t *mask, rk_column *out)
{
    RK_TRY(own(r, out, given->data));
    if (out->type.kind == RK_KIND_LIST)
        RK_TRY(add_elements(r, given, &initial, out));
    for (uint32_t i = 0; i < out->n; i++)
        if (mask ? !rk_bit_get(mask, i) : !rk_column_has(out, i))
            rk_column_set(out, i, initial);
    return RK_OK;
}

static rk_status read_missing(const running *r, const rk_field *field, const rank_column *given,
                              rk_column *out)
{
    const bool real = rk_kind_is_real(out->type.kind);
    uint64_t *mask = NULL;
    if (given->present)
        RK_TRY(read_mask(r, given->present, out->n, &mask));
    if (real && mask) {
        RK_TRY(own(r, out, given->data));
        mark_missing(out, mask);
    }
    if (field->has_initial && !field->initial.missing) {
        const bool whole = real ? !has_nan(r, out) : !mask;
        return whole ? RK_OK : fill_initial(r, given, field->initial, real ? NULL : mask, out);
    }
    if (!real && mask) {
        out->present = mask;
        out->type.optional = true;
    }
    return RK_OK;
}

static rk_status read_column(const running *r, uint32_t f)
{
    const rk_field *const field = &r->part->plan->item.fields[f];
    const rank_column *const given = &r->cx->item[f];
    rk_column *const out = &r->cx->columns[f];
    *out = (rk_column){.type = rk_type_plain(field->type), .n = (uint32_t)given->n};
    if (!given->data)
        return RK_OK;
    RK_TRY(read_data(r, given, out));
    return read_missing(r, field, given, out);
}

static rk_status read_ids(const running *r, rk_column *out)
{
    const rank_column *const ids = &r->cx->ids;
    *out = (rk_column){.type = r->part->plan->id_type, .n = (uint32_t)ids->n};
    if (ids->type.kind == RANK_STRING)
        return read_data(r, ids, out);
    out->data = (void *)ids->data;
    if (!r->part->reads_ids || stands_well(ids->data, ids->n, ids->room))
        return RK_OK;
    return own(r, out, ids->data);
}

static rk_status read_request(const running *r, rk_request *out)
{
    *out = (rk_request){.query = r->cx->values, .items = r->cx->columns};
    for (uint32_t i = 0; i < r->part->n_query; i++)
        RK_TRY(read_value(r, r->part->query[i]));
    if (!r->cx->has_ids)
        return RK_OK;
    out->has_items = true;
    out->n_items = (uint32_t)r->cx->ids.n;
    RK_TRY(read_ids(r, &out->ids));
    for (uint32_t i = 0; i < r->part->n_item; i++)
        RK_TRY(read_column(r, r->part->item[i]));
    return RK_OK;
}

/* ---- and back ---- */

static rk_status tell_texts(const running *r, const rk_atom *atoms, uint32_t n,
                            const uint64_t *present, rank_string **out)
{
    *out = RK_NEW_ARRAY(r->arena, rank_string, n);
    if (!*out)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (present && !rk_bit_get(present, i))
            continue;
        const rk_str s = rk_atom_str(r->strings, atoms[i]);
        (*out)[i] = (rank_string){s.data, s.len};
    }
    return RK_OK;
}

/* Lists of texts, close together: the column may point into a whole source. */
static rk_status tell_text_lists(const running *r, const rk_column *in, rank_column *out)
{
    const rk_slice *const from = in->data;
    rank_slice *const slices = RK_NEW_ARRAY(r->arena, rank_slice, in->n);
    uint64_t total = 0;
    for (uint32_t i = 0; i < in->n; i++)
        total += rk_column_has(in, i) ? from[i].len : 0;
    if (total > INT32_MAX)
        return RK_ELIMIT;
    rk_atom *const atoms = RK_NEW_ARRAY(r->arena, rk_atom, total);
    if (!slices || !atoms)
        return RK_ENOMEM;
    uint32_t at = 0;
    for (uint32_t i = 0; i < in->n; i++) {
        if (!rk_column_has(in, i))
            continue;
        slices[i] = (rank_slice){at, from[i].len};
        if (from[i].len)
            memcpy(atoms + at, (const rk_atom *)in->child + from[i].at,
                   from[i].len * sizeof *atoms);
        at += from[i].len;
    }
    rank_string *texts;
    RK_TRY(tell_texts(r, atoms, at, NULL, &texts));
    out->data = slices;
    out->elements = texts;
    out->n_elements = at;
    return RK_OK;
}

static rk_status tell_lists(const running *r, const rk_column *in, rank_column *out)
{
    if (in->type.elem == RK_KIND_STRING)
        return tell_text_lists(r, in, out);
    const rk_slice *const slices = in->data;
    for (uint32_t i = 0; i < in->n; i++) {
        const size_t end = rk_column_has(in, i) ? (size_t)slices[i].at + slices[i].len : 0;
        out->n_elements = end > out->n_elements ? end : out->n_elements;
    }
    out->elements = in->child;
    return RK_OK;
}

static rk_status tell_column(const running *r, const rk_column *in, rank_column *out)
{
    *out = rank_column_of((rank_kind)in->type.kind, in->data, in->n, in->n);
    out->type = rk_api_type(in->type);
    if (in->type.optional)
        out->present = in->present;
    if (in->type.kind == RK_KIND_LIST)
        return tell_lists(r, in, out);
    if (in->type.kind != RK_KIND_STRING)
        return RK_OK;
    rank_string *texts;
    RK_TRY(tell_texts(r, in->data, in->n, in->present, &texts));
    out->data = texts;
    return RK_OK;
}

static rk_status tell_result(const running *r, const rk_reply *reply, rank_result *out)
{
    const uint32_t n_outputs = r->part->plan->shown.len;
    rank_column *const outputs = RK_NEW_ARRAY(r->arena, rank_column, n_outputs);
    if (!outputs)
        return RK_ENOMEM;
    *out = (rank_result){
        .n = reply->n,
        .outputs = outputs,
        .n_outputs = n_outputs,
        .candidates = reply->n_candidates,
        .dropped = reply->dropped,
    };
    RK_TRY(tell_column(r, &reply->ids, &out->ids));
    if (reply->scores)
        RK_TRY(tell_column(r, reply->scores, &out->scores));
    for (uint32_t i = 0; i < n_outputs; i++)
        RK_TRY(tell_column(r, reply->shown[i], &outputs[i]));
    return RK_OK;
}

/* ---- the run ---- */

static double clock_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static rk_status rank_request(running *r, rk_diags *diags)
{
    rank_context *const cx = r->cx;
    rk_request request;
    rk_reply reply;
    RK_TRY(read_request(r, &request));
    RK_TRY(rk_run_rank(r->run, &request, cx->has_now ? cx->now : clock_now(), diags, &reply));
    if (r->part->ran)
        r->part->ran(r->part->tiers, &reply);
    return tell_result(r, &reply, &cx->result);
}

/* The run of a pipeline, made when it is first needed. */
static rk_status open_run(running *r, uint32_t pipeline)
{
    rk_run **const run = &r->cx->runs[pipeline];
    if (!*run) {
        const rk_status status = rk_run_new(r->part->engine, run);
        if (status != RK_OK) {
            rk_run_free(*run);
            *run = NULL;
            return status;
        }
    }
    r->run = *run;
    r->arena = rk_run_arena(*run);
    r->strings = rk_run_strings(*run);
    return rk_run_begin(*run);
}

static rank_status check_run(rank_context *cx, uint32_t pipeline)
{
    const rank_info *const info = &cx->program->info;
    if (pipeline >= info->n_pipelines)
        return rk_api_fail(cx, RANK_EUSAGE, "there is no pipeline %" PRIu32 ": the program has %zu",
                           pipeline, info->n_pipelines);
    if (info->pipelines[pipeline].candidates && !cx->has_ids)
        return rk_api_fail(cx, RANK_EUSAGE,
                           "pipeline `%s` ranks candidates, and no ids were set (there may be 0)",
                           info->pipelines[pipeline].name);
    return RANK_OK;
}

rank_status rank_run(rank_context *cx, uint32_t pipeline, const rank_result **out)
{
    if (!cx)
        return RANK_EUSAGE;
    if (!out)
        return rk_api_fail(cx, RANK_EUSAGE, "the place for the result is NULL");
    *out = NULL;
    cx->result = (rank_result){0};
    const rank_status usage = check_run(cx, pipeline);
    if (usage != RANK_OK)
        return usage;
    running r = {.cx = cx, .part = &cx->program->parts.items[pipeline]};
    rk_status status = open_run(&r, pipeline);
    rk_diags diags = {0};
    if (status == RK_OK) {
        rk_diags_init(&diags, r.arena);
        status = rank_request(&r, &diags);
    }
    if (status != RK_OK)
        return rk_api_fail_diags(cx, status, &diags);
    *out = &cx->result;
    return RANK_OK;
}
