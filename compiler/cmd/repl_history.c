/* The file of what was typed: an entry a line, with \n and \\ for newlines and backslashes. Entries
 * are added under a lock, each by one write, so that several REPLs can share it; who finds it grown
 * to twice its size cuts it down. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cmd/repl.h"

enum { ENTRIES = 1000, ENTRY_BYTES = 1 << 16, FILE_BYTES = 1 << 24 };

/* ---- where ---- */

static bool is_set(const char *value) { return value && *value; }

/* The folder, made if need be with those it stands in; false if the environment names none. */
static bool find_folder(char path[PATH_MAX])
{
    const char *const state = getenv("XDG_STATE_HOME");
    const char *const home = getenv("HOME");
    int len = -1;
    if (is_set(state) && *state == '/') /* its rule: a relative one does not count */
        len = snprintf(path, PATH_MAX, "%s/rankc", state);
    else if (is_set(home))
        len = snprintf(path, PATH_MAX, "%s/.local/state/rankc", home);
    if (len <= 0 || len > PATH_MAX - 32)
        return false;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    mkdir(path, 0700);
    return true;
}

/* Opened and locked; -1 with the reason. Somebody may have replaced it before the lock was had. */
static int open_locked(char path[PATH_MAX], const char **why)
{
    struct stat opened, named;
    if (!find_folder(path)) {
        *why = "XDG_STATE_HOME and HOME name no folder";
        return -1;
    }
    strcat(path, "/history");
    for (int tries = 0; tries < 5; tries++) {
        const int fd =
            open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
        if (fd < 0) {
            *why = strerror(errno);
            return -1;
        }
        flock(fd, LOCK_EX); /* where there are no locks, there is the write at the end */
        if (fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
            opened.st_dev == named.st_dev)
            return fd;
        close(fd);
    }
    *why = "the file is always being replaced";
    return -1;
}

/* ---- reading ---- */

/* Only a plain file is read: a device may never end. */
static bool read_all(int fd, rk_buf *out)
{
    struct stat info;
    char piece[1 << 14];
    ssize_t n;
    off_t at = 0;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    if (info.st_size > FILE_BYTES)
        at = info.st_size - FILE_BYTES;
    while ((n = pread(fd, piece, sizeof piece, at)) > 0) {
        rk_buf_add(out, (rk_str){piece, (size_t)n});
        at += n;
    }
    return n == 0 && !out->failed;
}

/* The last entries of a text; *n is how many there are in all. */
static rk_str last_entries(rk_str text, uint32_t *n)
{
    size_t start = 0;
    *n = 0;
    for (size_t i = text.len; i-- > 0;)
        if (text.data[i] == '\n' && ++*n == ENTRIES + 1)
            start = i + 1;
    return (rk_str){text.data + start, text.len - start};
}

static void unescape(rk_str line, rk_buf *out)
{
    for (size_t i = 0; i < line.len; i++) {
        char c = line.data[i];
        if (c == '\\' && i + 1 < line.len) {
            c = line.data[++i];
            c = c == 'n' ? '\n' : c;
        }
        rk_buf_add_char(out, c);
    }
}

/* A new file takes the place of the old one, so that a full disk harms nothing. */
static void cut_down(const char *path, rk_str text)
{
    char name[PATH_MAX + 16];
    snprintf(name, sizeof name, "%s.XXXXXX", path);
    const int fd = mkstemp(name);
    if (fd < 0)
        return;
    const bool whole = write(fd, text.data, text.len) == (ssize_t)text.len;
    if (close(fd) != 0 || !whole || rename(name, path) != 0)
        unlink(name);
}

bool repl_history_load(void (*add)(void *user, rk_str entry), void *user, const char **why)
{
    char path[PATH_MAX];
    rk_buf text = {0}, entry = {0};
    uint32_t n = 0;
    const int fd = open_locked(path, why);
    if (fd < 0)
        return false;
    if (read_all(fd, &text)) {
        rk_str rest = last_entries(rk_buf_str(&text), &n);
        if (n > 2 * ENTRIES || text.len >= FILE_BYTES)
            cut_down(path, rest);
        while (rest.len) {
            const char *const newline = memchr(rest.data, '\n', rest.len);
            const size_t len = newline ? (size_t)(newline - rest.data) : rest.len;
            entry.len = 0;
            unescape((rk_str){rest.data, len}, &entry);
            if (entry.len && !entry.failed)
                add(user, rk_buf_str(&entry));
            rest =
                (rk_str){rest.data + len + (newline != NULL), rest.len - len - (newline != NULL)};
        }
    }
    close(fd);
    rk_buf_free(&text);
    rk_buf_free(&entry);
    return true;
}

/* ---- writing ---- */

static void escape(rk_str entry, rk_buf *out)
{
    for (size_t i = 0; i < entry.len; i++) {
        const char c = entry.data[i];
        if (c == '\\' || c == '\n')
            rk_buf_add_char(out, '\\');
        rk_buf_add_char(out, c == '\n' ? 'n' : c);
    }
    rk_buf_add_char(out, '\n');
}

/* All of it or nothing: half an entry would run into the next one. */
static bool append(int fd, rk_str line)
{
    struct stat info;
    const ssize_t n = write(fd, line.data, line.len);
    if (n == (ssize_t)line.len)
        return true;
    const int error = n < 0 ? errno : ENOSPC;
    if (n > 0 && fstat(fd, &info) == 0 && ftruncate(fd, info.st_size - n) != 0)
        errno = error;
    errno = error;
    return false;
}

bool repl_history_add(rk_str entry, const char **why)
{
    char path[PATH_MAX];
    rk_buf line = {0};
    if (entry.len > ENTRY_BYTES)
        return true;
    const int fd = open_locked(path, why);
    if (fd < 0)
        return false;
    escape(entry, &line);
    const bool fine = !line.failed && append(fd, rk_buf_str(&line));
    if (!fine)
        *why = strerror(errno);
    if (close(fd) != 0 && fine)
        *why = strerror(errno);
    rk_buf_free(&line);
    return fine;
}
