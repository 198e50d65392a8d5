/* The files of `rankc embed`: npy or fvecs, and the ids. They have their names only once they are
 * whole. */
#include "compiler/cmd/embed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* Of an npy file, which tells how many rows there are: it is written twice, at one length. */
enum { HEADER = 128 };

/* ---- names ---- */

static const char *with(cmd *c, const char *path, size_t len, const char *suffix)
{
    char *const out = rk_arena_alloc(&c->arena, len + strlen(suffix) + 1);
    if (!out)
        return NULL;
    memcpy(out, path, len);
    strcpy(out + len, suffix);
    return out;
}

static bool ends_in(rk_str s, const char *suffix)
{
    const size_t len = strlen(suffix);
    return s.len > len && memcmp(s.data + s.len - len, suffix, len) == 0;
}

rk_status embed_file_name(cmd *c, embed_file *out)
{
    const rk_str path = c->text[CMD_VECTORS];
    const bool npy = ends_in(path, ".npy"), fvecs = ends_in(path, ".fvecs");
    *out = (embed_file){.c = c, .path = path.data, .npy = npy, .fd = -1, .ids_fd = -1};
    if (!npy && !fvecs)
        return cmd_usage(c, "-o names a file that ends in .npy or .fvecs, not `%s`", path.data);
    out->ids_path = c->given[CMD_IDS] ? c->text[CMD_IDS].data
                                      : with(c, path.data, path.len - (npy ? 4 : 6), ".ids");
    if (!out->ids_path)
        return RK_ENOMEM;
    if (strcmp(out->path, out->ids_path) == 0)
        return cmd_usage(c, "-o and --ids are two files");
    out->part = with(c, path.data, path.len, ".part");
    out->note = with(c, path.data, path.len, ".part.state");
    out->ids_part = with(c, out->ids_path, strlen(out->ids_path), ".part");
    return out->part && out->note && out->ids_part ? RK_OK : RK_ENOMEM;
}

/* ---- bytes ---- */

rk_status embed_file_fail(const embed_file *file, const char *path)
{
    cmd_note(file->c, "cannot write `%s`: %s", path, strerror(errno));
    return RK_EFILE;
}

static bool write_all(int fd, rk_str bytes)
{
    while (bytes.len) {
        const ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = (rk_str){bytes.data + n, bytes.len - (size_t)n};
    }
    return true;
}

/* As numpy writes it: a dict, spaces and a newline. */
static void make_header(const embed_file *file, char out[HEADER])
{
    char dict[HEADER];
    const int len = snprintf(
        dict, sizeof dict, "{'descr': '<f4', 'fortran_order': False, 'shape': (%" PRIu64 ", %u), }",
        file->state.kept, file->dim);
    memset(out, ' ', HEADER);
    memcpy(out, "\x93NUMPY\1\0\x76\0", 10); /* 118 bytes follow */
    memcpy(out + 10, dict, (size_t)len);
    out[HEADER - 1] = '\n';
}

static rk_status open_part(embed_file *file, const char *path, int *fd)
{
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0)
        return embed_file_fail(file, path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return RK_OK;
    cmd_note(file->c, "`%s` is being written by another rankc", path);
    return RK_EFILE;
}

static rk_status cut(embed_file *file, const char *path, int fd, uint64_t len)
{
    const bool fine = ftruncate(fd, (off_t)len) == 0 && lseek(fd, (off_t)len, SEEK_SET) >= 0;
    return fine ? RK_OK : embed_file_fail(file, path);
}

rk_status embed_file_open(embed_file *file)
{
    RK_TRY(open_part(file, file->part, &file->fd));
    RK_TRY(open_part(file, file->ids_part, &file->ids_fd));
    RK_TRY(embed_resume(file));
    RK_TRY(cut(file, file->part, file->fd, file->state.vectors));
    RK_TRY(cut(file, file->ids_part, file->ids_fd, file->state.ids));
    if (!file->npy || file->state.vectors)
        return RK_OK;
    char header[HEADER];
    make_header(file, header);
    rk_buf_add(&file->vectors, (rk_str){header, HEADER});
    return embed_file_write(file, 0);
}

/* ---- rows ---- */

static rk_status bad_id(const embed_file *file, rk_str id)
{
    rk_buf shown = {0};
    rk_buf_add_json(&shown, id);
    cmd_note(file->c, "the id %.*s cannot be a line of `%s`", RK_STR_ARG(rk_buf_str(&shown)),
             file->ids_path);
    rk_buf_free(&shown);
    return RK_EDATA;
}

static rk_status add_id(embed_file *file, rk_value id, const rk_atoms *strings)
{
    if (id.type.kind == RK_KIND_INT) {
        rk_buf_printf(&file->ids, "%" PRId64 "\n", id.as.i);
        return RK_OK;
    }
    const rk_str text = rk_atom_str(strings, id.as.s);
    if (text.len == 0 || memchr(text.data, '\n', text.len) || text.data[text.len - 1] == '\r')
        return bad_id(file, text);
    rk_buf_add(&file->ids, text);
    rk_buf_add_char(&file->ids, '\n');
    return RK_OK;
}

rk_status embed_file_add(embed_file *file, const float *numbers, rk_value id,
                         const rk_atoms *strings)
{
    RK_TRY(add_id(file, id, strings));
    if (!file->npy) {
        const int32_t dim = (int32_t)file->dim;
        rk_buf_add(&file->vectors, (rk_str){(const char *)&dim, sizeof dim});
    }
    rk_buf_add(&file->vectors, (rk_str){(const char *)numbers, file->dim * sizeof *numbers});
    file->added++;
    return RK_OK;
}

rk_status embed_file_write(embed_file *file, uint64_t done)
{
    if (file->vectors.failed || file->ids.failed)
        return RK_ENOMEM;
    if (!write_all(file->fd, rk_buf_str(&file->vectors)))
        return embed_file_fail(file, file->part);
    if (!write_all(file->ids_fd, rk_buf_str(&file->ids)))
        return embed_file_fail(file, file->ids_part);
    file->state.done = done;
    file->state.kept += file->added;
    file->state.vectors += file->vectors.len;
    file->state.ids += file->ids.len;
    file->vectors.len = file->ids.len = file->added = 0;
    return RK_OK;
}

/* The ids first: a reader then finds too few rows for them, and not rows under wrong ids. */
rk_status embed_file_finish(embed_file *file)
{
    char header[HEADER];
    make_header(file, header);
    if (file->npy && pwrite(file->fd, header, HEADER, 0) != HEADER)
        return embed_file_fail(file, file->part);
    if (fsync(file->fd) != 0)
        return embed_file_fail(file, file->part);
    if (fsync(file->ids_fd) != 0)
        return embed_file_fail(file, file->ids_part);
    if (rename(file->ids_part, file->ids_path) != 0)
        return embed_file_fail(file, file->ids_path);
    if (rename(file->part, file->path) != 0)
        return embed_file_fail(file, file->path);
    unlink(file->note);
    return RK_OK;
}

void embed_file_drop(const embed_file *file)
{
    unlink(file->note);
    unlink(file->part);
    unlink(file->ids_part);
}

void embed_file_close(embed_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->ids_fd >= 0)
        close(file->ids_fd);
    rk_buf_free(&file->vectors);
    rk_buf_free(&file->ids);
}
