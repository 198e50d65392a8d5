/* A column is hashed by the step that makes it and the hashes of what that reads, so that neither
 * the numbers of columns nor the order of steps matter. Once so, and once with the data of sources
 * in the hashes of what reads them: so data that change places, or are another source's, change it.
 */
#include "runtime/exec/index_key.h"

#include <sys/stat.h>

#include "runtime/plan/uses.h"
#include "runtime/plan/value_bytes.h"
#include "stdlib/fn.h"

typedef struct hashing {
    const rk_index_world *world;
    const rk_plan *plan;
    rk_arena arena;
    rk_digest *columns; /* [columns] */
    rk_digest *regs;    /* [most_regs] of one kernel */
    rk_digest rows;     /* of the source whose rows are in the index */
    rk_buf bytes;
    bool with_data;
} hashing;

static void put_digest(rk_buf *out, const rk_digest *digest)
{
    rk_buf_add(out, (rk_str){(const char *)digest->bytes, sizeof digest->bytes});
}

static void put_column(hashing *h, uint32_t column) { put_digest(&h->bytes, &h->columns[column]); }

static rk_digest take(hashing *h)
{
    const rk_digest digest = rk_digest_of(rk_buf_str(&h->bytes));
    h->bytes.len = 0;
    return digest;
}

/* A value with its texts. */
static void put_value(hashing *h, const rk_value *value)
{
    const bool texts = value->type.kind == RK_KIND_LIST && value->type.elem == RK_KIND_STRING;
    rk_put_type(&h->bytes, value->type);
    rk_put_u8(&h->bytes, value->missing);
    if (value->missing)
        return;
    if (!texts && value->type.kind != RK_KIND_STRING) {
        rk_put_value(&h->bytes, value);
        return;
    }
    const rk_atom *const atoms = texts ? value->as.list.items : &value->as.s;
    const uint32_t n = texts ? value->as.list.len : 1;
    rk_put_u32(&h->bytes, n);
    for (uint32_t i = 0; i < n; i++)
        rk_put_str(&h->bytes, rk_atom_str(h->world->strings, atoms[i]));
}

/* ---- data ---- */

/* Items of a loaded column one by one, where they are not plain bytes side by side. */
static void put_items(hashing *h, const rk_column *column)
{
    for (uint32_t i = 0; i < column->n; i++) {
        const rk_value value = rk_column_get(column, i);
        put_value(h, &value);
    }
}

static void put_data(hashing *h, const rk_column *column)
{
    const bool texts = column->type.kind == RK_KIND_STRING || column->type.kind == RK_KIND_LIST;
    rk_put_u32(&h->bytes, column->n);
    if (texts || column->present)
        put_items(h, column);
    else {
        const rk_digest data =
            rk_digest_of((rk_str){column->data, column->n * rk_type_size(column->type)});
        put_digest(&h->bytes, &data);
    }
}

static void put_keys(hashing *h, uint32_t source)
{
    if (!h->with_data)
        return;
    const rk_relation *const relation = &h->world->relations[source];
    for (uint32_t i = 0; i < relation->n_keys; i++)
        put_data(h, &relation->keys[i]);
}

/* ---- steps ---- */

static void put_operands(hashing *h, const rk_step *step)
{
    rk_put_u32(&h->bytes, step->n);
    for (uint32_t i = 0; i < step->n; i++)
        put_column(h, h->plan->operands.items[step->first + i]);
}

static void hash_fetch(hashing *h, const rk_step *step)
{
    const rk_field *const field = &h->plan->sources.items[step->index].wanted.fields[step->b];
    rk_put_type(&h->bytes, field->type);
    rk_put_str(&h->bytes, field->column);
    rk_put_u8(&h->bytes, field->has_initial);
    if (field->has_initial)
        put_value(h, &field->initial);
    put_column(h, step->a);
    if (h->with_data)
        put_data(h, &h->world->relations[step->index].columns[step->b]);
    h->columns[step->out] = take(h);
}

static void hash_lookup(hashing *h, const rk_step *step)
{
    put_operands(h, step);
    rk_put_u8(&h->bytes, step->b == RK_LOOKUP_DROPS);
    put_keys(h, step->index);
    h->columns[step->out] = take(h);
}

static void hash_model(hashing *h, const rk_step *step)
{
    const rk_plan_model *const model = &h->plan->models.items[step->index];
    const rk_model_options *const options = &model->options;
    const uint64_t words[] = {model->digest,      options->most_trees,    options->in_float,
                              options->length,    (uint64_t)options->pad, options->keep_last,
                              options->pad_front, options->fast,          step->b};
    for (size_t i = 0; i < RK_ARRAY_LEN(words); i++)
        rk_put_u64(&h->bytes, words[i]);
    put_operands(h, step);
    h->columns[step->out] = take(h);
}

static void hash_instr(hashing *h, const rk_instr *instr, rk_digest *out)
{
    rk_put_str(&h->bytes, rk_str_from(rk_core_text(instr->op)));
    rk_put_u32(&h->bytes, instr->n); /* `-` has one operand or two */
    if (instr->op == RK_CORE_CALL) {
        rk_put_str(&h->bytes, rk_str_from(rk_fn_at(instr->aux)->name));
        rk_put_str(&h->bytes, rk_str_from(rk_fn_at(instr->aux)->sig));
    }
    rk_put_type(&h->bytes, instr->type);
    for (uint32_t i = 0; i < instr->n; i++)
        put_digest(&h->bytes, &h->regs[h->plan->operands.items[instr->first + i]]);
    *out = take(h);
}

static void hash_kernel(hashing *h, const rk_plan_kernel *kernel)
{
    const rk_plan *const plan = h->plan;
    for (uint32_t i = 0; i < kernel->n_inputs; i++) {
        const rk_kernel_input *const input = &plan->inputs.items[kernel->first_input + i];
        if (input->column != RK_PLAN_NONE)
            h->regs[i] = h->columns[input->column];
        else {
            put_value(h, &plan->constants.items[input->constant]);
            h->regs[i] = take(h);
        }
    }
    for (uint32_t i = 0; i < kernel->n_instrs; i++)
        hash_instr(h, &plan->instrs.items[kernel->first_instr + i], &h->regs[kernel->n_inputs + i]);
    for (uint32_t i = 0; i < kernel->n_stores; i++) {
        const rk_kernel_output *const store = &plan->stores.items[kernel->first_store + i];
        h->columns[store->column] = h->regs[store->reg];
    }
}

static void hash_step(hashing *h, const rk_step *step)
{
    switch ((rk_step_kind)step->kind) {
    case RK_STEP_PROBE:
        if (step->column != RK_PLAN_NONE)
            h->columns[step->column] = h->rows;
        break;
    case RK_STEP_LOOKUP:
        hash_lookup(h, step);
        break;
    case RK_STEP_FETCH:
        hash_fetch(h, step);
        break;
    case RK_STEP_MODEL:
        hash_model(h, step);
        break;
    case RK_STEP_KERNEL:
        hash_kernel(h, &h->plan->kernels.items[step->index]);
        break;
    case RK_STEP_REQUIRE:
        break;
    default: /* ID, PART */
        rk_put_u32(&h->bytes, step->kind == RK_STEP_PART ? step->b : RK_PLAN_NONE);
        if (step->kind == RK_STEP_PART)
            put_column(h, step->a);
        h->columns[step->out] = take(h);
        break;
    }
}

static uint32_t most_regs(const rk_plan *plan)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < plan->kernels.len; i++) {
        const rk_plan_kernel *const kernel = &plan->kernels.items[i];
        const uint32_t n = kernel->n_inputs + kernel->n_instrs;
        most = n > most ? n : most;
    }
    return most;
}

static uint64_t first_word(const rk_digest *digest)
{
    uint64_t word;
    memcpy(&word, digest->bytes, sizeof word);
    return word ? word : 1;
}

/* Of the vectors, and the ids of their rows. */
static uint64_t hash_steps(hashing *h, const rk_plan_index *index, const bool *needed)
{
    const rk_plan *const plan = h->plan;
    rk_put_str(&h->bytes, RK_STR("rows"));
    put_keys(h, index->source);
    h->rows = take(h);
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (needed[i])
            hash_step(h, &plan->steps.items[i]);
    put_digest(&h->bytes, &h->rows);
    put_column(h, index->vector);
    const rk_digest all = take(h);
    return first_word(&all);
}

static rk_status hash_twice(hashing *h, const rk_plan_index *index, rk_index_origin *out)
{
    const rk_plan *const plan = h->plan;
    bool *needed;
    h->columns = RK_NEW_ARRAY(&h->arena, rk_digest, plan->columns.len + 1u);
    h->regs = RK_NEW_ARRAY(&h->arena, rk_digest, most_regs(plan) + 1u);
    if (!h->columns || !h->regs)
        return RK_ENOMEM;
    RK_TRY(rk_plan_steps_for(plan, index->vector, &h->arena, &needed));
    *out = (rk_index_origin){.maker = hash_steps(h, index, needed)};
    if (h->world->relations) {
        h->with_data = true;
        out->source = hash_steps(h, index, needed);
    }
    return h->bytes.failed ? RK_ENOMEM : RK_OK;
}

rk_status rk_index_origin_of(const rk_index_world *world, uint32_t index, rk_index_origin *out)
{
    hashing h = {.world = world, .plan = world->plan};
    const rk_status status = hash_twice(&h, &world->plan->indexes.items[index], out);
    rk_buf_free(&h.bytes);
    rk_arena_free(&h.arena);
    return status;
}

/* Which file has a path now: another one after it was written anew. */
static void identify(rk_str path, uint64_t out[4])
{
    char name[4096]; /* a longer path is none */
    struct stat info;
    if (path.len == 0 || path.len >= sizeof name)
        return;
    memcpy(name, path.data, path.len);
    name[path.len] = '\0';
    if (stat(name, &info) != 0)
        return;
    out[0] = (uint64_t)info.st_ino;
    out[1] = (uint64_t)info.st_size;
    out[2] = (uint64_t)info.st_mtim.tv_sec;
    out[3] = (uint64_t)info.st_mtim.tv_nsec;
}

rk_index_key rk_index_key_of(const rk_plan_index *index, const rk_index_origin *origin)
{
    const rk_index_form *const form = &index->form;
    struct {
        uint32_t form[5], none;
        uint64_t path, file[4];
        rk_index_origin origin;
    } all = {{form->kind, form->metric, form->m, form->ef_construction, form->ef},
             0,
             rk_str_hash(index->path),
             {0},
             *origin};
    _Static_assert(sizeof all == 80, "no padding");
    identify(index->path, all.file);
    const rk_digest digest = rk_digest_of((rk_str){(const char *)&all, sizeof all});
    rk_index_key key;
    _Static_assert(sizeof key.bytes == sizeof digest.bytes, "a key is a digest");
    memcpy(key.bytes, digest.bytes, sizeof key.bytes);
    return key;
}
