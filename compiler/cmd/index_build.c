/* rankc index build: an index of a file of vectors, or one that a program declares. */
#include "compiler/cmd/index.h"

#include <sys/stat.h>

#include "compiler/cmd/model.h"
#include "compiler/driver/index.h"
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

/* A flat index has nothing of a graph. */
static rk_status check_flat(cmd_index *ix)
{
    static const cmd_option_id of_graphs[] = {CMD_M, CMD_EF_CONSTRUCTION, CMD_EF};
    cmd *const c = ix->c;
    for (size_t i = 0; i < RK_ARRAY_LEN(of_graphs); i++)
        if (c->given[of_graphs[i]] && rk_str_eq(c->text[CMD_KIND], RK_STR("flat")))
            return cmd_usage(c, "%s is of graphs, and --kind=flat makes none",
                             cmd_options[of_graphs[i]].name);
    return RK_OK;
}

rk_status cmd_index_options(cmd_index *ix, rk_index_options *out)
{
    cmd *const c = ix->c;
    const rk_str kind = c->text[CMD_KIND];
    RK_TRY(check_flat(ix));
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

/* Of the file that was made; 0: it is gone already. */
static uint64_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

/* Vectors of zeros, whose cosines say nothing: they may well be a mistake of who made them. */
static void say_zeros(const rk_index *index, rk_buf *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < index->n && index->metric == RK_INDEX_COSINE; i++) {
        const float *const vector = index->vectors + (size_t)i * index->dim;
        uint32_t k = 0;
        while (k < index->dim && vector[k] == 0.0f)
            k++;
        n += k == index->dim;
    }
    if (n)
        rk_buf_printf(out, "%u vector%s of zeros: cosine 0 with any other\n", n, n == 1 ? "" : "s");
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
    cmd_model_add_size(out, size_of(path.data));
    rk_buf_add_char(out, '\n');
    say_zeros(index, out);
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
    const cmd_vectors_spec spec = {.path = c->text[CMD_IN].data, .ids = c->text[CMD_ROW_IDS]};
    rk_status status = cmd_vectors_read(ix, &spec, &vectors);
    if (status == RK_OK)
        status = build(ix, &vectors, &options, &index);
    cmd_vectors_free(&vectors);
    if (status == RK_OK)
        status = cmd_index_save(ix, index, NULL);
    rk_index_free(index);
    return status;
}

/* ---- of a program ---- */

static rk_status unknown_index(cmd *c, const rk_module *module, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < module->indexes.len; i++)
        rk_suggest_offer(&suggestion,
                         rk_atom_str(&module->cx->names, module->indexes.items[i].name));
    return cmd_usage(c, "the program has no index `%.*s`%s", RK_STR_ARG(name),
                     cmd_mean(c, &suggestion, ""));
}

static rk_status not_member(cmd *c, cmd_program *program, uint32_t index)
{
    const rk_module *const module = program->compiled.module;
    const rk_index_info *const info = &module->indexes.items[index];
    rk_error(
        &program->compiled.cx.diags, RK_E0312, info->span, "index `%.*s` is not in revision `%.*s`",
        RK_STR_ARG(rk_atom_str(&module->cx->names, info->name)), RK_STR_ARG(c->text[CMD_REVISION]));
    cmd_report(c, program);
    return RK_EPROGRAM;
}

static void say_left_out(cmd *c, const rk_built_index *built)
{
    rk_buf *const out = &c->out.buf;
    if (built->n_missing)
        rk_buf_printf(out, "%u row%s left out: no vector\n", built->n_missing,
                      built->n_missing == 1 ? "" : "s");
    if (built->n_wild)
        rk_buf_printf(out, "%u row%s left out: a NaN or an infinity in the vector\n", built->n_wild,
                      built->n_wild == 1 ? "" : "s");
}

static rk_status build_index(cmd_index *ix, cmd_program *program, rk_built_index *out)
{
    cmd *const c = ix->c;
    cmd_index_progress progress;
    rk_index_options how = {
        .threads = cmd_count(c, CMD_THREADS, 0), .cpu = c->cpu, .stop = ix->stop};
    const rk_engine_options engine = cmd_engine(c).engine;
    const rk_str name = rk_str_from(ix->files[1]);
    const uint32_t index = rk_module_index(program->compiled.module, name);
    if (index == RK_MAP_NONE)
        return unknown_index(c, program->compiled.module, name);
    if (!cmd_has_index(program, index))
        return not_member(c, program, index);
    cmd_index_watch(&progress, c, &how);
    rk_pool_hold();
    const rk_status status = rk_compiled_build_index(&program->compiled, index, &engine, &how, out);
    rk_pool_release();
    cmd_index_unwatch(&progress);
    cmd_report(c, program);
    return status;
}

static rk_status build_of_program(cmd_index *ix)
{
    cmd *const c = ix->c;
    cmd_program program;
    rk_built_index built = {0};
    rk_status status = cmd_open(c, ix->files[0], &program);
    if (status == RK_OK)
        status = build_index(ix, &program, &built);
    if (status == RK_OK) {
        const rk_index_provenance provenance = {.maker = built.maker, .source = built.source};
        status = cmd_index_save(ix, built.index, &provenance);
    }
    if (status == RK_OK)
        say_left_out(c, &built);
    rk_index_free(built.index);
    cmd_close(&program);
    return status;
}

rk_status cmd_index_build(cmd_index *ix)
{
    static const cmd_option_id bare[] = {CMD_IN, CMD_ROW_IDS,         CMD_SPACE, CMD_KIND,
                                         CMD_M,  CMD_EF_CONSTRUCTION, CMD_EF};
    static const cmd_option_id of_programs[] = {CMD_REVISION, CMD_DEFINE, CMD_MAX_BAD_ROWS};
    cmd *const c = ix->c;
    const bool has_program = ix->n_files == 2;
    if (ix->n_files == 1 || (!has_program && !c->given[CMD_IN]))
        return cmd_usage(
            c, "it is `rankc index build PROGRAM NAME -o INDEX`, or `rankc index build --in "
               "VECTORS --metric METRIC -o INDEX`");
    for (size_t i = 0; i < RK_ARRAY_LEN(bare) && has_program; i++)
        if (c->given[bare[i]])
            return cmd_usage(c, "%s is for vectors without a program: there the program says it",
                             cmd_options[bare[i]].name);
    for (size_t i = 0; i < RK_ARRAY_LEN(of_programs) && !has_program; i++)
        if (c->given[of_programs[i]])
            return cmd_usage(c, "%s is for programs", cmd_options[of_programs[i]].name);
    return has_program ? build_of_program(ix) : build_bare(ix);
}
