/* Going on where an earlier `rankc embed` ended: a small file says how much of the parts counts,
 * and for which inputs. */
#include "compiler/cmd/embed.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "runtime/plan/encode.h"

#define MAGIC "RKEMBED\n"

enum { STATE_VERSION = 1 };

/* ---- inputs ---- */

/* A pipe can be read once, by who needs it: nothing is known of it, so nobody has the same. */
static void add_unknown(rk_buf *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    rk_put_u64(out, (uint64_t)now.tv_sec);
    rk_put_u64(out, (uint64_t)now.tv_nsec);
    rk_put_u64(out, (uint64_t)getpid());
}

/* What a file holds; of one that cannot be read nothing, as its reader will say so. */
static void add_file(cmd *c, rk_str path, rk_buf *out)
{
    struct stat info;
    rk_mapping file;
    const char *const name = rk_arena_copy(&c->arena, path.data, path.len);
    if (!name || stat(name, &info) != 0 || !S_ISREG(info.st_mode)) {
        add_unknown(out);
        return;
    }
    if (rk_file_map(name, &file) != RK_FILE_FINE)
        return;
    const rk_digest digest = rk_digest_of(file.text);
    rk_buf_add(out, (rk_str){(const char *)digest.bytes, sizeof digest.bytes});
    rk_file_unmap(&file);
}

rk_status embed_digest(cmd *c, const rk_plan *plan, embed_file *file)
{
    rk_buf bytes = {0};
    rk_put_str(&bytes, RK_STR(PACKAGE_VERSION));
    rk_put_u8(&bytes, file->npy);
    rk_put_str(&bytes, rk_str_from(file->ids_path));
    rk_put_str(&bytes, c->text[CMD_ROWS]);
    rk_put_u32(&bytes, cmd_count(c, CMD_MAX_BAD_ROWS, 0));
    rk_status status = rk_plan_encode(plan, &bytes);
    for (uint32_t i = 0; i < plan->sources.len; i++) {
        add_file(c, plan->sources.items[i].path, &bytes);
        if (plan->sources.items[i].ids.len)
            add_file(c, plan->sources.items[i].ids, &bytes);
    }
    if (bytes.failed)
        status = RK_ENOMEM;
    file->inputs = rk_digest_of(rk_buf_str(&bytes));
    rk_buf_free(&bytes);
    return status;
}

/* ---- the state ---- */

static bool read_state(const embed_file *file, rk_str bytes, embed_state *out)
{
    rk_reader r;
    rk_buf fault = {0};
    const rk_status status = rk_get_front(bytes, MAGIC, "state", STATE_VERSION, &r, &fault);
    rk_buf_free(&fault);
    if (status != RK_OK)
        return false;
    const rk_str digest = rk_get_bytes(&r, sizeof file->inputs.bytes);
    out->done = rk_get_u64(&r);
    out->kept = rk_get_u64(&r);
    out->vectors = rk_get_u64(&r);
    out->ids = rk_get_u64(&r);
    return !r.fault && memcmp(digest.data, file->inputs.bytes, digest.len) == 0;
}

static bool has_bytes(int fd, uint64_t n)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_size >= 0 && (uint64_t)info.st_size >= n;
}

rk_status embed_resume(embed_file *file)
{
    rk_mapping mapping;
    embed_state state = {0};
    const rk_file_problem problem = rk_file_map(file->note, &mapping);
    if (problem == RK_FILE_NO_MEMORY)
        return RK_ENOMEM;
    if (problem != RK_FILE_FINE) /* nothing was interrupted */
        return RK_OK;
    const bool fits = read_state(file, mapping.text, &state) &&
                      has_bytes(file->fd, state.vectors) && has_bytes(file->ids_fd, state.ids);
    rk_file_unmap(&mapping);
    if (fits) {
        file->state = state;
        cmd_note(file->c, "`%s` goes on from row %" PRIu64, file->path, state.done);
    } else
        cmd_note(file->c, "`%s` is not of these inputs: all rows are worked out anew", file->part);
    return cmd_flush(&file->c->err);
}

rk_status embed_keep(embed_file *file)
{
    const embed_state *const state = &file->state;
    if (fdatasync(file->fd) != 0)
        return embed_file_fail(file, file->part);
    if (fdatasync(file->ids_fd) != 0)
        return embed_file_fail(file, file->ids_part);
    rk_buf bytes = {0};
    rk_put_front(&bytes, MAGIC, STATE_VERSION);
    rk_buf_add(&bytes, (rk_str){(const char *)file->inputs.bytes, sizeof file->inputs.bytes});
    rk_put_u64(&bytes, state->done);
    rk_put_u64(&bytes, state->kept);
    rk_put_u64(&bytes, state->vectors);
    rk_put_u64(&bytes, state->ids);
    rk_put_digest(&bytes, 0);
    const rk_status status =
        bytes.failed ? RK_ENOMEM : cmd_write_file(file->c, file->note, rk_buf_str(&bytes));
    rk_buf_free(&bytes);
    return status;
}
