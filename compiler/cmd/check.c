/* rankc check: every error of some programs. */
#include "compiler/cmd/cmd.h"

#include "compiler/driver/index.h"

typedef struct count {
    uint32_t n;
    const char *one, *many;
} count;

static void print_summary(const cmd *c, const char *path, const count *counts, size_t n,
                          rk_buf *out)
{
    const bool text = cmd_format_is(c, "text");
    if (text)
        rk_buf_printf(out, "%s: ", path);
    else {
        rk_buf_add_chars(out, "{\"file\": ");
        rk_buf_add_json(out, rk_str_from(path));
    }
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        const count *const k = &counts[i];
        if (!text)
            rk_buf_printf(out, ", \"%s\": %u", k->many, k->n);
        else if (k->n || i == 0) {
            rk_buf_printf(out, "%s%u %s", first ? "" : ", ", k->n, k->n == 1 ? k->one : k->many);
            first = false;
        }
    }
    rk_buf_add_chars(out, text ? ": fine\n" : "}\n");
}

/* Models whose scores are not quite those of their libraries, as the program wants it. */
static void print_narrowed(const cmd *c, const char *path, const rk_module *m, rk_buf *out)
{
    for (uint32_t i = 0; i < m->models.len && cmd_format_is(c, "text"); i++) {
        const rk_model_info *const info = &m->models.items[i];
        const rk_str name = rk_atom_str(&m->cx->names, info->name);
        if (info->model && info->model->narrowed)
            rk_buf_printf(out, "%s: model `%.*s` adds up in float, which its library does not\n",
                          path, RK_STR_ARG(name));
        if (info->model && info->options.fast)
            rk_buf_printf(out,
                          "%s: model `%.*s` is fast: its last bits depend on the batch and the "
                          "machine\n",
                          path, RK_STR_ARG(name));
    }
}

/* The files of all indexes of the revision in use. */
static rk_status check_indexes(cmd *c, cmd_program *program)
{
    const rk_module *const module = program->compiled.module;
    rk_engine_options options = cmd_engine(c).engine;
    rk_status first = RK_OK;
    options.program = program->path;
    for (uint32_t i = 0; i < module->indexes.len && first != RK_ENOMEM; i++) {
        if (!cmd_has_index(program, i))
            continue;
        const rk_status status = rk_compiled_check_index(&program->compiled, i, &options);
        first = first == RK_OK ? status : first;
    }
    cmd_report(c, program);
    return first;
}

static rk_status check_file(cmd *c, const char *path)
{
    cmd_program program;
    rk_status status = cmd_open(c, path, &program);
    if (status == RK_OK && !program.dumped)
        status = cmd_check_goldens(c, &program);
    if (status == RK_OK && !program.dumped)
        status = check_indexes(c, &program);
    if (status == RK_OK && !program.dumped) {
        const rk_module *const m = program.compiled.module;
        const count counts[] = {{m->factors.len, "factor", "factors"},
                                {m->sources.len, "source", "sources"},
                                {m->pipelines.len, "pipeline", "pipelines"},
                                {m->revisions.len, "revision", "revisions"},
                                {m->tests.len, "test", "tests"}};
        print_narrowed(c, path, m, &c->out.buf);
        print_summary(c, path, counts, RK_ARRAY_LEN(counts), &c->out.buf);
    }
    cmd_close(&program);
    return status;
}

/* The first failure decides the exit status; the other files are checked all the same. */
rk_status cmd_run_check(cmd *c)
{
    rk_status first = RK_OK;
    const bool array = cmd_format_is(c, "json");
    rk_buf_add_chars(&c->out.buf, array ? "[" : "");
    for (uint32_t i = 0; i < c->files.len; i++) {
        const size_t start = c->out.buf.len;
        const rk_status status = check_file(c, c->files.items[i]);
        if (array && c->out.buf.len > start && i + 1 < c->files.len)
            c->out.buf.data[c->out.buf.len - 1] = ',';
        if (first == RK_OK)
            first = status;
        if (status == RK_ENOMEM)
            break;
        RK_TRY(cmd_flush(&c->out));
    }
    rk_buf_add_chars(&c->out.buf, array ? "]\n" : "");
    return first;
}
