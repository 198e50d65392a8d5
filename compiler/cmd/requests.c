#include "compiler/cmd/requests.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/base/input.h"
#include "runtime/source/request.h"

enum { PIECE = 1 << 16 };

/* Appends what there is; false at the end. */
static bool read_piece(rk_buf *buf)
{
    char piece[PIECE];
    ssize_t n;
    do
        n = read(STDIN_FILENO, piece, sizeof piece);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        rk_buf_add(buf, (rk_str){piece, (size_t)n});
    return n > 0 && !buf->failed;
}

/* `rest` is the end of the input read so far; what was taken before it is dropped. */
static bool refill(void *user, rk_str *rest)
{
    cmd_requests *const requests = user;
    rk_buf *const input = &requests->input;
    if (rest->len && rest->data != input->data)
        memmove(input->data, rest->data, rest->len);
    input->len = rest->len;
    const bool more = read_piece(input);
    *rest = rk_buf_str(input);
    return more;
}

static bool has_line(rk_str text) { return text.len && memchr(text.data, '\n', text.len) != NULL; }

static rk_status open_stdin(cmd *c, cmd_requests *out, rk_diags *diags)
{
    const rk_str name = RK_STR("<stdin>");
    rk_buf *const input = &out->input;
    while (!has_line(rk_buf_str(input)) && read_piece(input))
        ;
    out->ops = rk_request_find(RK_STR(""), rk_buf_str(input));
    if (!out->ops && input->len)
        return rk_request_unknown(diags, name);
    const bool whole = out->ops == &rk_request_letor;
    while (whole && read_piece(input))
        ;
    if (input->failed)
        return RK_ENOMEM;
    if (!out->ops)
        out->ops = &rk_request_jsonl;
    RK_TRY(rk_requests_over(&c->arena, name, rk_buf_str(input), &out->spec, diags, &out->stream));
    if (whole)
        return rk_requests_open_letor(out->stream, diags);
    out->stream->refill = refill;
    out->stream->user = out;
    return RK_OK;
}

/* Read once, since it may be a pipe. */
static rk_status open_file(cmd *c, cmd_requests *out, rk_diags *diags)
{
    const rk_str path = c->text[CMD_REQUESTS];
    rk_mapping file;
    RK_TRY(rk_input_map(diags, &c->arena, path, RK_NO_SPAN, &file));
    out->ops = rk_request_of(path, file.text);
    const bool unknown = !out->ops && file.text.len;
    if (!out->ops)
        out->ops = &rk_request_jsonl;
    rk_status status = RK_EDATA;
    if (!unknown)
        status = rk_requests_over(&c->arena, path, file.text, &out->spec, diags, &out->stream);
    if (status != RK_OK) {
        rk_file_unmap(&file);
        return unknown ? rk_request_unknown(diags, path) : status;
    }
    out->stream->file = file;
    return out->ops == &rk_request_letor ? rk_requests_open_letor(out->stream, diags) : RK_OK;
}

rk_status cmd_requests_open(cmd *c, const cmd_subject *subject, bool unique_ids, cmd_requests *out)
{
    rk_diags *const diags = subject->diags;
    *out = (cmd_requests){.spec = {.query = &subject->plan->query,
                                   .item = &subject->plan->item,
                                   .id_type = subject->plan->id_type,
                                   .max_bad_rows = cmd_count(c, CMD_MAX_BAD_ROWS, 0),
                                   .unique_ids = unique_ids}};
    if (c->given[CMD_REQUESTS] && c->given[CMD_QUERY])
        return cmd_usage(c, "--requests and --query exclude each other");
    if (!c->given[CMD_REQUESTS])
        return RK_OK;
    return rk_str_eq(c->text[CMD_REQUESTS], RK_STR("-")) ? open_stdin(c, out, diags)
                                                         : open_file(c, out, diags);
}

rk_status cmd_requests_next(cmd *c, cmd_requests *requests, rk_run *run, rk_diags *diags,
                            rk_request *out, bool *more)
{
    rk_arena *const arena = rk_run_arena(run);
    rk_atoms *const strings = rk_run_strings(run);
    if (requests->ops)
        return requests->ops->next(requests->stream, arena, strings, diags, out, more);
    *more = !requests->done;
    if (requests->done)
        return RK_OK;
    requests->done = true;
    return rk_request_from_pairs(&requests->spec, c->pairs[CMD_QUERY].items,
                                 c->pairs[CMD_QUERY].len, arena, strings, diags, out);
}

void cmd_requests_close(cmd_requests *requests)
{
    if (requests->stream)
        rk_requests_close(requests->stream);
    rk_buf_free(&requests->input);
}
