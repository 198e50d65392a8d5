/* rankc embed: a vector factor for all rows of its source, into a file. The rows go through the
 * engine as the items of one request after another, so memory is that of one of these. */
#include "compiler/cmd/embed.h"

#include <inttypes.h>

/* Rows that are worked out at once: so many that they come to BLOCK_BYTES. */
enum { BLOCK_BYTES = 1 << 22, LEAST_ROWS = 128, MOST_ROWS = 1 << 16 };

typedef struct embedding {
    cmd *c;
    cmd_program program;
    embed_wish wish;
    rk_plan *plan;
    rk_program *engine;
    rk_run *run;
    const rk_relation *rows;
    embed_file file;
    cmd_watch watch;
    const rk_flag *stop;
} embedding;

/* ---- one block ---- */

static bool has_numbers(const float *numbers, uint32_t n)
{
    bool nan = false;
    for (uint32_t i = 0; i < n; i++)
        nan |= numbers[i] != numbers[i];
    return !nan;
}

static rk_status keep_rows(embedding *e, const rk_reply *reply)
{
    const rk_column *const values = reply->shown[0];
    const rk_atoms *const strings = rk_run_strings(e->run);
    for (uint32_t i = 0; i < reply->n; i++) {
        const uint32_t at = values->n == 1 ? 0 : i; /* one value for all rows */
        const float *const numbers = (const float *)values->data + (size_t)at * e->wish.dim;
        if (!rk_column_has(values, at) || !has_numbers(numbers, e->wish.dim))
            continue;
        RK_TRY(embed_file_add(&e->file, numbers, rk_column_get(&reply->ids, i), strings));
    }
    return RK_OK;
}

/* A request that sends rows from .. from + n as its items, and nothing else. */
static rk_status make_request(embedding *e, uint32_t from, uint32_t n, rk_request *out)
{
    rk_arena *const arena = rk_run_arena(e->run);
    *out = (rk_request){.has_items = true, .n_items = n, .ids = e->rows->keys[0]};
    out->ids.data = (char *)out->ids.data + from * rk_type_size(out->ids.type);
    out->ids.n = n;
    out->query = RK_NEW_ARRAY(arena, rk_value, e->plan->query.n + 1u);
    out->items = RK_NEW_ARRAY(arena, rk_column, e->plan->item.n + 1u);
    if (!out->query || !out->items)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < e->plan->query.n; i++)
        out->query[i].missing = true;
    return RK_OK;
}

static rk_status embed_block(embedding *e, uint32_t from, uint32_t n)
{
    rk_diags diags;
    rk_request request;
    rk_reply reply;
    uint32_t printed = 0;
    RK_TRY(rk_run_begin(e->run));
    rk_diags_init(&diags, rk_run_arena(e->run));
    RK_TRY(make_request(e, from, n, &request));
    const rk_status status = rk_run_rank(e->run, &request, 0.0, &diags, &reply);
    cmd_report_diags(e->c, &diags, &e->program.compiled.cx.texts, &printed);
    RK_TRY(status);
    rk_program_count(e->engine, &reply);
    RK_TRY(keep_rows(e, &reply));
    return embed_file_write(&e->file, (uint64_t)from + n);
}

/* ---- all of them ---- */

static uint32_t block_rows(uint32_t dim)
{
    const uint32_t rows = BLOCK_BYTES / (dim * (uint32_t)sizeof(float));
    const uint32_t most = rows < MOST_ROWS ? rows : MOST_ROWS;
    return most < LEAST_ROWS ? LEAST_ROWS : most / LEAST_ROWS * LEAST_ROWS;
}

static rk_status embed_rows(embedding *e)
{
    const uint32_t total = e->rows->n_rows, block = block_rows(e->wish.dim);
    for (uint64_t row = e->file.state.done; row < total; row += block) {
        const uint64_t left = total - row;
        RK_TRY(embed_block(e, (uint32_t)row, left < block ? (uint32_t)left : block));
        if (cmd_watch_at(&e->watch, e->file.state.done))
            RK_TRY(embed_keep(&e->file));
        if (atomic_load_explicit(e->stop, memory_order_relaxed))
            return RK_ESTOP;
    }
    return RK_OK;
}

static void say_done(const embedding *e)
{
    const embed_file *const file = &e->file;
    const uint64_t lost = e->rows->n_rows - file->state.kept;
    rk_buf *const out = &e->c->out.buf;
    rk_buf_printf(out, "%s: %" PRIu64 " row%s of %u number%s, ids in %s\n", file->path,
                  file->state.kept, file->state.kept == 1 ? "" : "s", file->dim,
                  file->dim == 1 ? "" : "s", file->ids_path);
    if (lost)
        rk_buf_printf(out, "%" PRIu64 " row%s left out: no value, or a NaN in it\n", lost,
                      lost == 1 ? "" : "s");
}

/* What was done is kept, whatever ended it: full disks and bad rows can be made good. */
static rk_status end_early(embedding *e, rk_status status)
{
    if (e->file.state.done == 0) {
        embed_file_drop(&e->file);
        return status;
    }
    if (embed_keep(&e->file) == RK_OK && status == RK_ESTOP)
        cmd_note(e->c, "stopped after %" PRIu64 " of %u rows; the same command goes on from there",
                 e->file.state.done, e->rows->n_rows);
    return status;
}

static rk_status write_files(embedding *e)
{
    RK_TRY(embed_file_open(&e->file));
    cmd_watch_begin(&e->watch, e->c, e->file.state.done, e->rows->n_rows);
    const rk_status status = embed_rows(e);
    cmd_watch_end(&e->watch);
    if (status != RK_OK)
        return end_early(e, status);
    RK_TRY(embed_file_finish(&e->file));
    say_done(e);
    return RK_OK;
}

/* ---- making ready ---- */

/* The source of the plan that has the wanted one's name. */
static const rk_relation *find_rows(const embedding *e)
{
    const rk_module *const module = e->program.compiled.module;
    const rk_str name = rk_atom_str(&module->cx->names, module->sources.items[e->wish.source].name);
    for (uint32_t i = 0; i < e->plan->sources.len; i++)
        if (rk_str_eq(e->plan->sources.items[i].name, name))
            return rk_engine_relation(rk_program_engine(e->engine), i);
    return NULL;
}

static rk_status make_engine(embedding *e)
{
    rk_compiled *const compiled = &e->program.compiled;
    rk_program_options options = cmd_engine(e->c);
    if (!e->c->given[CMD_THREADS])
        options.engine.threads = UINT32_MAX; /* the pool has one a processor */
    options.engine.models = compiled->models;
    options.engine.stop = e->stop;
    const rk_status status = rk_program_new(e->plan, &options, &compiled->cx.diags, &e->engine);
    cmd_report(e->c, &e->program);
    RK_TRY(status);
    e->rows = find_rows(e);
    if (!e->rows) /* all that it read was folded away */
        return cmd_usage(e->c, "`%.*s` is the same for all rows",
                         RK_STR_ARG(e->program.shown.items[0]));
    return rk_run_new(rk_program_engine(e->engine), &e->run);
}

static rk_status make_plan(embedding *e)
{
    const rk_plan_request request = {
        .pipeline = RK_MAP_NONE, .shown = &e->wish.factor, .n_shown = 1};
    const rk_status status = rk_compile_plan(&e->program.compiled, &request, &e->plan);
    cmd_report(e->c, &e->program);
    return status;
}

static rk_status embed_program(embedding *e)
{
    RK_TRY(embed_find(e->c, &e->program, &e->wish));
    RK_TRY(make_plan(e));
    e->file.dim = e->wish.dim;
    RK_TRY(embed_digest(e->c, e->plan, &e->file));
    RK_TRY(make_engine(e));
    return write_files(e);
}

static rk_status embed(embedding *e)
{
    const char *const path = e->c->files.items[0];
    rk_status status = cmd_open(e->c, path, &e->program);
    if (status == RK_OK)
        status = embed_program(e);
    embed_file_close(&e->file);
    rk_run_free(e->run);
    if (e->c->ends && rk_program_is_busy(e->engine)) {
        e->c->busy = true; /* nobody waits for the compiler */
        return status;
    }
    rk_program_free(e->engine);
    cmd_close(&e->program);
    return status;
}

rk_status cmd_run_embed(cmd *c)
{
    embedding e = {.c = c, .file = {.fd = -1, .ids_fd = -1}};
    if (!c->given[CMD_FACTOR] || !c->given[CMD_VECTORS])
        return cmd_usage(c, "`rankc embed` needs --factor and -o; see `rankc help embed`");
    RK_TRY(embed_file_name(c, &e.file));
    e.stop = cmd_watch_signals();
    const rk_status status = embed(&e);
    if (status == RK_ESTOP && c->ends && cmd_flush(&c->err) == RK_OK)
        cmd_watch_raise();
    return status;
}
