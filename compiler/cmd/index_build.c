/* rankc index build: an index of a file of vectors. */
#include "compiler/cmd/index.h"

#include "compiler/cmd/model.h"
#include "runtime/base/pool.h"

/* ---- options ---- */

static rk_status in_range(cmd_index *ix, cmd_option_id id, uint32_t least, uint32_t most)
{
    const uint32_t value = cmd_count(ix->c, id, least);
    if (value >= least && value <= most)
        return RK_OK;
    return cmd_usage(ix->c, "%s takes a whole number from %u to %u, not `%.*s`",
                     cmd_options[id].name, least, most, RK_STR_ARG(ix->c->text[id]));
}

rk_status cmd_index_options(cmd_index *ix, rk_index_options *out)
{
    cmd *const c = ix->c;
    const rk_str kind = c->text[CMD_KIND];
    RK_TRY(in_range(ix, CMD_M, RK_INDEX_MIN_M, RK_INDEX_MAX_M));
    RK_TRY(in_range(ix, CMD_EF_CONSTRUCTION, 1, RK_INDEX_MAX_EF));
    *out =
        (rk_index_options){.kind = rk_str_eq(kind, RK_STR("flat")) ? RK_INDEX_FLAT : RK_INDEX_HNSW,
                           .m = cmd_count(c, CMD_M, 0),
                           .ef_construction = cmd_count(c, CMD_EF_CONSTRUCTION, 0),
                           .threads = cmd_count(c, CMD_THREADS, 0),
                           .cpu = c->cpu,
                           .stop = ix->stop};
    if (c->given[CMD_SPACE] && !rk_index_metric_parse(c->text[CMD_SPACE], &out->metric))
        return RK_EBUG;
    if (!c->given[CMD_EF])
        return RK_OK;
    uint32_t *efs, n;
    RK_TRY(cmd_index_efs(ix, &efs, &n));
    out->ef = efs[0];
    return n == 1 ? RK_OK : cmd_usage(c, "an index has one --ef, which a search may override");
}

/* ---- progress ---- */

static void tell(void *user, uint64_t done, uint64_t total)
{
    cmd_index_progress *const progress = user;
    if (!progress->began)
        cmd_watch_begin(&progress->watch, progress->c, 0, total);
    progress->began = true;
    cmd_watch_at(&progress->watch, done);
}

void cmd_index_watch(cmd_index_progress *progress, cmd *c, rk_index_options *options)
{
    *progress = (cmd_index_progress){.c = c};
    options->progress = tell;
    options->user = progress;
}

void cmd_index_unwatch(cmd_index_progress *progress)
{
    if (progress->began)
        cmd_watch_end(&progress->watch);
}

/* ---- the file ---- */

static uint64_t memory_of(const rk_index *index)
{
    const uint64_t n = index->n;
    return n * (index->dim * sizeof(float) + index->stride + index->degree * sizeof(uint32_t));
}

rk_status cmd_index_save(cmd_index *ix, const rk_index *index,
                         const rk_index_provenance *provenance)
{
    rk_buf *const out = &ix->c->out.buf;
    const rk_str path = ix->c->text[CMD_INDEX];
    RK_TRY(rk_index_save(index, provenance, path, &ix->diags));
    rk_buf_printf(out, "%.*s: ", RK_STR_ARG(path));
    cmd_index_add_shape(index, out);
    rk_buf_add_chars(out, ", ");
    cmd_model_add_size(out, memory_of(index));
    rk_buf_add_char(out, '\n');
    return RK_OK;
}

/* ---- the command ---- */

static rk_status two_ids(cmd_index *ix, const cmd_vectors *vectors, uint32_t row)
{
    rk_error(&ix->diags, RK_E0527, RK_NO_SPAN, "`%s`: row %u, from 0, has the id of another row",
             vectors->path, row);
    return RK_EDATA;
}

static rk_status build(cmd_index *ix, const cmd_vectors *vectors, rk_index_options *options,
                       rk_index **out)
{
    cmd_index_progress progress;
    const rk_index_input input = {.vectors = vectors->rows,
                                  .n = vectors->n,
                                  .dim = vectors->dim,
                                  .numbers = vectors->numbers,
                                  .texts = vectors->texts};
    uint32_t doubled = 0;
    cmd_index_watch(&progress, ix->c, options);
    rk_pool_hold();
    const rk_status status = rk_index_build(&input, options, out, &doubled);
    rk_pool_release();
    cmd_index_unwatch(&progress);
    return status == RK_EDATA ? two_ids(ix, vectors, doubled) : status;
}

static rk_status build_bare(cmd_index *ix)
{
    cmd *const c = ix->c;
    rk_index_options options;
    rk_index *index = NULL;
    cmd_vectors vectors;
    if (!c->given[CMD_SPACE])
        return cmd_usage(c, "--in needs --metric: dot, cosine or l2");
    RK_TRY(cmd_index_options(ix, &options));
    const cmd_vectors_spec spec = {.path = c->text[CMD_IN].data,
                                   .ids = c->text[CMD_ROW_IDS],
                                   .no_zeros = options.metric == RK_INDEX_COSINE};
    rk_status status = cmd_vectors_read(ix, &spec, &vectors);
    if (status == RK_OK)
        status = build(ix, &vectors, &options, &index);
    cmd_vectors_free(&vectors);
    if (status == RK_OK)
        status = cmd_index_save(ix, index, NULL);
    rk_index_free(index);
    return status;
}

rk_status cmd_index_build(cmd_index *ix)
{
    if (!ix->c->given[CMD_IN])
        return cmd_usage(ix->c, "`rankc index build` needs --in VECTORS; see `rankc help index`");
    if (ix->n_files)
        return cmd_usage(ix->c, "--in is for vectors without a program");
    return build_bare(ix);
}
