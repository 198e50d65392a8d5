/* The indexes of an engine: opened from their files, or built from the rows of their sources. */
#include <stdio.h>

#include "runtime/exec/index_key.h"
#include "runtime/exec/index_vectors.h"
#include "runtime/exec/probe.h"
#include "runtime/index/file.h"

static rk_index_world world_of(const rk_engine *engine)
{
    return (rk_index_world){engine->plan, engine->relations, &engine->strings};
}

static const rk_relation *relation_of(const rk_engine *engine, const rk_plan_index *plan)
{
    return &engine->relations[plan->source];
}

typedef struct loading {
    rk_engine *engine;   /* NULL: files are checked against the plan alone */
    const rk_plan *plan; /* of it */
    const rk_engine_options *options;
    rk_indexes *store;
    rk_diags *diags;
} loading;

/* ---- building ---- */

static rk_status number_ids(const rk_column *keys, rk_vectors *v, rk_index_input *input)
{
    int64_t *const ids = RK_NEW_ARRAY(&v->arena, int64_t, v->n + 1u);
    input->numbers = ids;
    for (uint32_t i = 0; ids && i < v->n; i++)
        ids[i] = ((const int64_t *)keys->data)[v->rows[i]];
    return ids ? RK_OK : RK_ENOMEM;
}

static rk_status text_ids(const rk_engine *engine, const rk_column *keys, rk_vectors *v,
                          rk_index_input *input)
{
    rk_str *const ids = RK_NEW_ARRAY(&v->arena, rk_str, v->n + 1u);
    input->texts = ids;
    for (uint32_t i = 0; ids && i < v->n; i++)
        ids[i] = rk_atom_str(&engine->strings, ((const rk_atom *)keys->data)[v->rows[i]]);
    return ids ? RK_OK : RK_ENOMEM;
}

static rk_status build_from(const rk_engine *engine, const rk_plan_index *plan,
                            const rk_index_options *how, rk_vectors *v, rk_index **out)
{
    const rk_column *const keys = &relation_of(engine, plan)->keys[0];
    rk_index_input input = {.vectors = v->numbers, .n = v->n, .dim = v->dim};
    rk_index_options options = *how;
    uint32_t doubled; /* keys of a source never are */
    options.kind = plan->form.kind;
    options.metric = plan->form.metric;
    options.m = plan->form.m;
    options.ef_construction = plan->form.ef_construction;
    options.ef = plan->form.ef;
    options.cpu = engine->cpu;
    RK_TRY(keys->type.kind == RK_KIND_STRING ? text_ids(engine, keys, v, &input)
                                             : number_ids(keys, v, &input));
    return rk_index_build(&input, &options, out, &doubled);
}

rk_status rk_engine_build_index(const rk_engine *engine, uint32_t index,
                                const rk_index_options *how, rk_diags *diags, rk_built_index *out)
{
    const rk_index_world world = world_of(engine);
    rk_index_origin origin;
    rk_vectors v;
    *out = (rk_built_index){.index = NULL};
    RK_TRY(rk_index_origin_of(&world, index, &origin));
    rk_status status = rk_vectors_work_out(engine, index, how, diags, &v);
    if (status == RK_OK)
        status = build_from(engine, &engine->plan->indexes.items[index], how, &v, &out->index);
    out->maker = origin.maker;
    out->source = origin.source;
    out->n_missing = v.n_missing;
    out->n_wild = v.n_wild;
    rk_arena_free(&v.arena);
    return status;
}

/* `how`: what follows "makes it". */
static void help_build(const loading *l, const rk_plan_index *index, rk_diag *diag, const char *how)
{
    const char *const program = l->options->program;
    const rk_str file = index->path.len ? index->path : RK_STR("FILE");
    rk_diag_help(l->diags, diag, "`rankc index build %s %.*s -o %.*s` makes it%s",
                 program ? program : "PROGRAM", RK_STR_ARG(index->name), RK_STR_ARG(file), how);
}

static rk_status too_large(const loading *l, const rk_plan_index *index, uint32_t n)
{
    rk_diag *const diag =
        rk_error(l->diags, RK_E0752, index->span,
                 "index `%.*s` would be built from %u rows each time the program is loaded",
                 RK_STR_ARG(index->name), n);
    help_build(l, index, diag, ", for `file: \"FILE\"`");
    return RK_ELIMIT;
}

static rk_status build(const loading *l, uint32_t number, rk_index **out)
{
    const rk_engine *const engine = l->engine;
    const rk_plan_index *const plan = &engine->plan->indexes.items[number];
    const uint32_t dim = engine->plan->columns.items[plan->vector].type.dim;
    const uint32_t n = relation_of(engine, plan)->n_rows;
    const rk_index_options how = {.stop = engine->stop};
    rk_built_index built;
    if (!rk_index_is_small(plan->form.kind, n, dim))
        return too_large(l, plan, n);
    const rk_status status = rk_engine_build_index(engine, number, &how, l->diags, &built);
    *out = built.index;
    return status;
}

/* ---- rows ---- */

/* The key of a row of an index; false: a text that the source has nowhere. */
static bool find_key(const rk_engine *engine, const rk_index_ids *ids, uint32_t row,
                     int64_t *number, rk_atom *atom)
{
    if (!ids->text) {
        *number = ids->numbers ? ids->numbers[row] : row;
        return true;
    }
    const uint64_t from = ids->offsets[row];
    *atom = rk_atom_find(&engine->strings,
                         (rk_str){ids->bytes + from, (size_t)(ids->offsets[row + 1] - from)});
    return *atom != RK_MAP_NONE;
}

static uint32_t find_row(const rk_engine *engine, const rk_relation *relation,
                         const rk_index_ids *ids, uint32_t row)
{
    const bool text = relation->keys[0].type.kind == RK_KIND_STRING;
    int64_t number = 0;
    rk_atom atom = 0;
    uint32_t found = RK_NOWHERE;
    const rk_column key = {
        .type = relation->keys[0].type, .n = 1, .data = text ? (void *)&atom : (void *)&number};
    if (text == ids->text && find_key(engine, ids, row, &number, &atom))
        rk_relation_find(relation, &key, 1, &found);
    return found;
}

static void print_id(const rk_index_ids *ids, uint32_t row, rk_buf *out)
{
    if (!ids->text)
        rk_buf_printf(out, "%lld", (long long)(ids->numbers ? ids->numbers[row] : row));
    else
        rk_buf_add_json(out, (rk_str){ids->bytes + ids->offsets[row],
                                      (size_t)(ids->offsets[row + 1] - ids->offsets[row])});
}

/* ---- whether a file fits ---- */

/* An index that says of which program and rows it is, and is of others. */
static rk_status misfit(const loading *l, const rk_plan_index *index, const char *why)
{
    rk_diag *const diag =
        rk_error(l->diags, RK_E0545, index->span, "`%.*s` is not index `%.*s`: %s",
                 RK_STR_ARG(index->path), RK_STR_ARG(index->name), why);
    help_build(l, index, diag, " anew");
    return RK_EDATA;
}

static rk_status check_form(const loading *l, const rk_plan_index *plan, const rk_index *index)
{
    const uint32_t dim = l->plan->columns.items[plan->vector].type.dim;
    char why[128];
    if (index->dim != dim)
        snprintf(why, sizeof why, "its vectors have %u numbers, and not %u", index->dim, dim);
    else if (index->metric != plan->form.metric)
        snprintf(why, sizeof why, "its metric is \"%s\", and not \"%s\"",
                 rk_index_metric_name(index->metric), rk_index_metric_name(plan->form.metric));
    else if (index->kind != plan->form.kind)
        snprintf(why, sizeof why, "its kind is `%s`, and not `%s`", rk_index_kind_name(index->kind),
                 rk_index_kind_name(plan->form.kind));
    else
        return RK_OK;
    return misfit(l, plan, why);
}

/* `m` and `ef_construction` are of the making, so a file has its own, which may be others. A set so
 * small that it would have no graph now is searched in the file's. */
static void compare_making(const loading *l, const rk_plan_index *plan, const rk_index *index)
{
    const rk_index_form *const form = &plan->form;
    const rk_index_options options = {.kind = form->kind, .m = form->m};
    const uint32_t degree = rk_index_outline(&options, index->n, index->dim).degree;
    if (form->m && degree && index->degree && index->degree != degree) {
        rk_diag *const diag = rk_warning(l->diags, RK_E0547, plan->span,
                                         "`%.*s` was built with other links than `m: %u` makes",
                                         RK_STR_ARG(plan->path), form->m);
        rk_diag_note(l->diags, diag, RK_NO_SPAN, "an item has %u there, and would have %u",
                     index->degree, degree);
        help_build(l, plan, diag, " anew");
    }
    if (form->ef_construction && index->ef_construction &&
        form->ef_construction != index->ef_construction) {
        rk_diag *const diag = rk_warning(
            l->diags, RK_E0547, plan->span, "`%.*s` was built with ef_construction %u, and not %u",
            RK_STR_ARG(plan->path), index->ef_construction, form->ef_construction);
        help_build(l, plan, diag, " anew");
    }
}

/* A file of bare vectors says nothing of where they are from. */
static rk_status check_origin(const loading *l, const rk_plan_index *plan,
                              const rk_index_provenance *have, const rk_index_origin *want)
{
    if (have->maker && have->maker != want->maker)
        return misfit(l, plan, "its vectors were made in another way, or by another model");
    if (have->source && want->source && have->source != want->source)
        return misfit(l, plan, "the rows of the source were others when it was built");
    return RK_OK;
}

static rk_status lost_row(const loading *l, const rk_plan_index *plan, const rk_index *index,
                          uint32_t row)
{
    rk_buf why = {0};
    rk_buf_add_chars(&why, "the source has no row ");
    print_id(&index->ids, row, &why);
    const rk_status status = why.failed ? RK_ENOMEM : misfit(l, plan, why.data);
    rk_buf_free(&why);
    return status;
}

static uint32_t place_of(const rk_index *index, uint32_t row)
{
    return index->places ? index->places[row] : row;
}

/* Some vectors, worked out again, must be those of the index to the last bit. */
static rk_status check_vectors(const loading *l, uint32_t number, const rk_ready_index *ready)
{
    const rk_engine *const engine = l->engine;
    const rk_plan_index *const plan = &engine->plan->indexes.items[number];
    const rk_index *const index = ready->index;
    const uint32_t n = index->n < RK_INDEX_CANARIES ? index->n : RK_INDEX_CANARIES;
    uint32_t rows[RK_INDEX_CANARIES], sources[RK_INDEX_CANARIES];
    rk_vectors v;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = n == 1 ? 0 : (uint32_t)((uint64_t)i * (index->n - 1) / (n - 1));
        sources[i] = ready->rows ? ready->rows[rows[i]] : rows[i];
    }
    rk_status status = rk_vectors_of(engine, number, sources, n, l->diags, &v);
    bool same = status == RK_OK && v.n == n;
    for (uint32_t i = 0; same && i < n; i++)
        same = memcmp(v.numbers + (size_t)i * v.dim,
                      index->vectors + (size_t)place_of(index, rows[i]) * v.dim,
                      v.dim * sizeof *v.numbers) == 0;
    rk_arena_free(&v.arena);
    if (status == RK_OK && !same)
        status = misfit(l, plan, "its vectors are not those that the program works out");
    return status;
}

/* ---- rows that an index lacks ---- */

/* Some of the rows that the index lacks, spread over all of them; returns how many. */
static uint32_t pick_absent(const bool *there, uint32_t n, uint32_t n_absent,
                            uint32_t picked[RK_VECTORS_SOME])
{
    const uint32_t step = n_absent / RK_VECTORS_SOME + 1;
    uint32_t n_picked = 0, at = 0;
    for (uint32_t row = 0; row < n; row++)
        if (!there[row] && at++ % step == 0)
            picked[n_picked++] = row;
    return n_picked;
}

static void add_key(const rk_engine *engine, const rk_column *keys, uint32_t row, rk_buf *out)
{
    rk_value_print_json(rk_column_get(keys, row), &engine->strings, out);
}

static rk_status say_absent(const loading *l, const rk_plan_index *plan, uint32_t n_absent,
                            uint32_t row)
{
    const rk_relation *const relation = relation_of(l->engine, plan);
    rk_buf key = {0};
    add_key(l->engine, &relation->keys[0], row, &key);
    rk_diag *const diag = rk_warning(l->diags, RK_E0546, plan->span,
                                     "`%.*s` has no vector of %u of the %u rows of `%.*s`",
                                     RK_STR_ARG(plan->path), n_absent, relation->n_rows,
                                     RK_STR_ARG(l->engine->plan->sources.items[plan->source].name));
    rk_diag_note(l->diags, diag, RK_NO_SPAN,
                 "they are never found; the program works one out for row %.*s", (int)key.len,
                 key.data);
    help_build(l, plan, diag, " with all of them");
    const bool failed = key.failed;
    rk_buf_free(&key);
    return failed ? RK_ENOMEM : RK_OK;
}

/* An index of bare vectors may be of a part of the rows. Those for which the program has no vector
 * either, or none that can be worked out, are not missed. */
static rk_status look_for_absent(const loading *l, uint32_t number, const rk_ready_index *ready)
{
    const rk_plan_index *const plan = &l->engine->plan->indexes.items[number];
    const uint32_t n = relation_of(l->engine, plan)->n_rows, n_absent = n - ready->index->n;
    uint32_t picked[RK_VECTORS_SOME];
    rk_vectors v = {0};
    rk_arena arena = {0};
    rk_diags ignored;
    rk_diags_init(&ignored, &arena);
    bool *const there = RK_NEW_ARRAY(&arena, bool, n + 1u);
    rk_status status = there ? RK_OK : RK_ENOMEM;
    for (uint32_t i = 0; there && i < ready->index->n; i++)
        there[ready->rows ? ready->rows[i] : i] = true;
    if (there) {
        const uint32_t n_picked = pick_absent(there, n, n_absent, picked);
        status = rk_vectors_of(l->engine, number, picked, n_picked, &ignored, &v);
    }
    if (status == RK_OK && v.n)
        status = say_absent(l, plan, n_absent, v.rows[0]);
    rk_arena_free(&v.arena);
    rk_arena_free(&arena);
    return status == RK_EDATA ? RK_OK : status;
}

/* ---- loading ---- */

static rk_status turn_back(const loading *l, const rk_relation *relation, rk_ready_index *ready)
{
    const uint32_t n = ready->index->n;
    if (!ready->rows || n != relation->n_rows)
        return RK_OK;
    uint32_t *const back = RK_NEW_ARRAY(&l->engine->arena, uint32_t, n);
    if (!back)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        back[ready->rows[i]] = i;
    ready->back = back;
    return RK_OK;
}

/* Where in its source each row of an index stands. */
static rk_status find_rows(const loading *l, const rk_plan_index *plan, rk_ready_index *ready)
{
    const rk_relation *const relation = relation_of(l->engine, plan);
    const rk_index *const index = ready->index;
    uint32_t *const rows = RK_NEW_ARRAY(&l->engine->arena, uint32_t, index->n + 1u);
    bool same = true;
    if (!rows)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < index->n; i++) {
        rows[i] = find_row(l->engine, relation, &index->ids, i);
        if (rows[i] == RK_NOWHERE)
            return lost_row(l, plan, index, i);
        same &= rows[i] == i;
    }
    ready->rows = same ? NULL : rows;
    return turn_back(l, relation, ready);
}

/* A file that cannot be read was perhaps never made. */
static void help_absent(const loading *l, const rk_plan_index *plan)
{
    const uint32_t n = (uint32_t)l->diags->items.len;
    if (n && l->diags->items.items[n - 1]->code == RK_E0601)
        help_build(l, plan, l->diags->items.items[n - 1], "");
}

/* Without an engine nothing but the header is read. */
static rk_status open_file(const loading *l, const rk_plan_index *plan,
                           const rk_index_origin *origin, rk_index **out, bool *bare)
{
    const rk_index_file file = {.path = plan->path,
                                .span = plan->span,
                                .bytes = rk_files_find(l->options->files, plan->path),
                                .header = !l->engine};
    rk_index_provenance provenance;
    rk_status status = rk_index_open(&file, l->diags, out, &provenance);
    if (status != RK_OK) {
        help_absent(l, plan);
        return status;
    }
    status = check_form(l, plan, *out);
    if (status == RK_OK)
        status = check_origin(l, plan, &provenance, origin);
    if (status == RK_OK && l->engine)
        status = rk_index_hold(*out);
    *bare = !provenance.maker;
    if (status == RK_OK)
        compare_making(l, plan, *out);
    else
        rk_index_free(*out);
    return status;
}

/* An index is kept for others once it is known to fit. */
static rk_status check(const loading *l, uint32_t number, bool bare, rk_ready_index *ready)
{
    const rk_plan_index *const plan = &l->engine->plan->indexes.items[number];
    RK_TRY(find_rows(l, plan, ready));
    if (plan->path.len)
        RK_TRY(check_vectors(l, number, ready));
    return bare && ready->index->n < relation_of(l->engine, plan)->n_rows
               ? look_for_absent(l, number, ready)
               : RK_OK;
}

static rk_status load_index(const loading *l, uint32_t number)
{
    const rk_plan_index *const plan = &l->engine->plan->indexes.items[number];
    rk_ready_index *const ready = &l->engine->indexes[number];
    const rk_index_world world = world_of(l->engine);
    rk_index_origin origin;
    rk_index *made;
    RK_TRY(rk_index_origin_of(&world, number, &origin));
    const rk_index_key key = rk_index_key_of(plan, &origin);
    ready->index = rk_indexes_find(l->store, &key);
    if (ready->index)
        return find_rows(l, plan, ready);
    bool bare = false;
    RK_TRY(plan->path.len ? open_file(l, plan, &origin, &made, &bare) : build(l, number, &made));
    ready->index = made;
    const rk_status status = check(l, number, bare, ready);
    if (status == RK_OK)
        return rk_indexes_add(l->store, &key, made);
    ready->index = NULL;
    rk_index_free(made);
    return status;
}

rk_status rk_plan_check_index(const rk_plan *plan, uint32_t index, const rk_engine_options *options,
                              rk_diags *diags)
{
    const rk_plan_index *const wanted = &plan->indexes.items[index];
    const rk_index_world world = {.plan = plan, .strings = plan->strings};
    const loading l = {.plan = plan, .options = options, .diags = diags};
    rk_index_origin origin;
    rk_index *opened;
    bool bare;
    if (!wanted->path.len)
        return RK_OK;
    RK_TRY(rk_index_origin_of(&world, index, &origin));
    RK_TRY(open_file(&l, wanted, &origin, &opened, &bare));
    rk_index_free(opened);
    return RK_OK;
}

rk_status rk_engine_load_indexes(rk_engine *engine, const rk_engine_options *options,
                                 rk_diags *diags)
{
    const rk_plan *const plan = engine->plan;
    const loading l = {.engine = engine,
                       .plan = plan,
                       .options = options,
                       .store = options->indexes ? options->indexes : &engine->own_indexes,
                       .diags = diags};
    engine->indexes = RK_NEW_ARRAY(&engine->arena, rk_ready_index, plan->indexes.len + 1u);
    engine->probes = RK_NEW_ARRAY(&engine->arena, rk_probe, plan->steps.len + 1u);
    if (!engine->indexes || !engine->probes)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->steps.len; i++) {
        const rk_step *const step = &plan->steps.items[i];
        if (step->kind == RK_STEP_NEAREST && step->list != RK_PLAN_NONE)
            RK_TRY(rk_probe_of_list(plan, step->list, &engine->arena, &engine->probes[i]));
    }
    for (uint32_t i = 0; i < plan->indexes.len; i++)
        RK_TRY(load_index(&l, i));
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (engine->probes[i].step)
            RK_TRY(rk_nearest_prepare(engine, &plan->steps.items[i]));
    return RK_OK;
}
