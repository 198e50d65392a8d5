#include "compiler/cmd/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 1 << 16 }; /* bytes of the file that are written at once */

/* ---- words ---- */

void cmd_trace_name(const cmd_ranked *ranked, rk_buf *out)
{
    const rk_str pipeline = ranked->subject->plan->pipeline;
    cmd_add_plain(out, pipeline.len ? pipeline : RK_STR("candidates"));
    rk_buf_add_chars(out, ", request ");
    if (ranked->request->name.len)
        cmd_add_plain(out, ranked->request->name);
    else
        rk_buf_printf(out, "%u", ranked->number);
}

const char *cmd_trace_engine(const rk_trace *trace)
{
    return trace->tier ? "native code" : "interpreter";
}

void cmd_trace_add_way(const cmd_ranked *ranked, const rk_trace_part *part, rk_buf *out)
{
    const uint32_t rows = ranked->reply->trace->steps[part->step].rows_in;
    const uint32_t n = part->act == RK_TRACE_SOME ? part->to - part->from : rows;
    rk_engine_describe_model(ranked->engine, part->step, n, out);
}

/* ---- where to ---- */

static rk_status cannot_write(const cmd_traces *traces, int error)
{
    cmd_note(traces->c, "cannot write `%.*s`: %s", RK_STR_ARG(traces->c->text[CMD_TRACE]),
             strerror(error));
    return RK_EFILE;
}

static rk_status open_file(cmd_traces *traces)
{
    char *const path = rk_arena_copy(&traces->c->arena, traces->c->text[CMD_TRACE].data,
                                     traces->c->text[CMD_TRACE].len);
    if (!path)
        return RK_ENOMEM;
    traces->file.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return traces->file.fd < 0 ? cannot_write(traces, errno) : RK_OK;
}

/* A reader that went away is no error, as everywhere. */
static rk_status flush(cmd_traces *traces)
{
    const rk_status status = cmd_flush(&traces->file);
    return status == RK_EFILE ? cannot_write(traces, traces->file.error) : status;
}

static rk_status add_to_file(cmd_traces *traces, const cmd_ranked *ranked)
{
    if (!traces->begun)
        RK_TRY(open_file(traces));
    traces->first = traces->begun ? traces->first : ranked->reply->trace->began;
    rk_buf_add_chars(&traces->file.buf, traces->begun ? ",\n" : "[\n");
    traces->begun = true;
    cmd_trace_print_json(ranked, traces->first, &traces->file.buf);
    const bool full = traces->file.buf.failed || traces->file.buf.len >= PIECE;
    return full ? flush(traces) : RK_OK;
}

rk_status cmd_traces_add(cmd_traces *traces, const cmd_ranked *ranked)
{
    cmd *const c = traces->c;
    if (!ranked->reply->trace)
        return RK_OK;
    if (c->text[CMD_TRACE].len)
        return add_to_file(traces, ranked);
    const cmd_screen screen = cmd_screen_of(&c->err);
    cmd_trace_print(ranked, &screen, &c->err.buf);
    RK_TRY(cmd_flush(&c->out)); /* the list comes first */
    return cmd_flush(&c->err);
}

rk_status cmd_traces_end(cmd_traces *traces, rk_status status)
{
    if (status == RK_OK && traces->c->text[CMD_TRACE].len && !traces->begun &&
        !traces->c->given[CMD_DUMP]) {
        status = open_file(traces);
        rk_buf_add_chars(&traces->file.buf, "[");
    }
    if (traces->file.fd >= 0) {
        rk_buf_add_chars(&traces->file.buf, "\n]\n");
        const rk_status written = flush(traces);
        status = status == RK_OK ? written : status;
        close(traces->file.fd);
    }
    rk_buf_free(&traces->file.buf);
    return status;
}
