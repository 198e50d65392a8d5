#include "compiler/cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writes all of a text and gives the file the rights of the old one. */
static bool write_whole(int fd, rk_str text, mode_t mode)
{
    while (text.len) {
        const ssize_t n = write(fd, text.data, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text = (rk_str){text.data + n, text.len - (size_t)n};
    }
    return fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

rk_status cmd_replace_file(cmd *c, const char *path, rk_str text)
{
    char *const real = realpath(path, NULL);
    struct stat old;
    char *const name = real ? rk_arena_alloc(&c->arena, strlen(real) + 16) : NULL;
    int fd = -1;
    if (name && stat(real, &old) == 0) {
        snprintf(name, strlen(real) + 16, "%s.XXXXXX", real);
        fd = mkstemp(name);
    }
    bool fine = fd >= 0 && write_whole(fd, text, old.st_mode & 07777);
    int error = errno;
    if (fd >= 0 && close(fd) != 0)
        fine = false;
    if (fine && rename(name, real) != 0) {
        error = errno;
        fine = false;
    }
    if (!fine && fd >= 0)
        unlink(name);
    free(real);
    if (!fine)
        cmd_note(c, "cannot write `%s`: %s", path, strerror(error));
    return fine ? RK_OK : RK_EFILE;
}

static rk_status cannot_write(cmd *c, const char *path)
{
    cmd_note(c, "cannot write `%s`: %s", path, strerror(errno));
    return RK_EFILE;
}

static rk_status write_new(cmd *c, const char *path, rk_str bytes)
{
    const size_t room = strlen(path) + 16;
    char *const name = rk_arena_alloc(&c->arena, room);
    if (!name)
        return RK_ENOMEM;
    snprintf(name, room, "%s.XXXXXX", path);
    const int fd = mkstemp(name);
    if (fd < 0)
        return cannot_write(c, path);
    const mode_t mask = umask(0);
    umask(mask);
    const bool written = write_whole(fd, bytes, 0666 & ~mask);
    int error = errno;
    const bool closed = close(fd) == 0;
    if (written && closed && rename(name, path) == 0)
        return RK_OK;
    if (written)
        error = errno;
    unlink(name);
    errno = error;
    return cannot_write(c, path);
}

rk_status cmd_write_file(cmd *c, const char *path, rk_str bytes)
{
    struct stat old;
    if (stat(path, &old) != 0)
        return write_new(c, path, bytes);
    if (S_ISREG(old.st_mode))
        return cmd_replace_file(c, path, bytes);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    cmd_stream stream = {.buf = {(char *)bytes.data, bytes.len, bytes.len, false}, .fd = fd};
    if (fd < 0)
        return cannot_write(c, path);
    const rk_status status = cmd_flush(&stream);
    close(fd);
    errno = stream.error;
    return status == RK_EFILE ? cannot_write(c, path) : status;
}
