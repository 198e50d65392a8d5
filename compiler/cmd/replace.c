#include "compiler/cmd/cmd.h"

#include <errno.h>
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
