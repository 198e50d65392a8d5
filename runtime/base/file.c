#include "runtime/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_MAX = 0x7fffffff }; /* /dev/zero has no end */

/* Reads a pipe or device to its end. */
static rk_file_problem read_all(int fd, rk_mapping *out)
{
    char *data = NULL;
    size_t len = 0, cap = 0;
    for (;;) {
        if (len > READ_MAX) {
            free(data);
            return RK_FILE_TOO_LARGE;
        }
        if (len == cap) {
            cap = cap ? cap * 2 : 65536;
            char *const grown = realloc(data, cap);
            if (!grown) {
                free(data);
                return RK_FILE_NO_MEMORY;
            }
            data = grown;
        }
        const ssize_t got = read(fd, data + len, cap - len);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR) {
            free(data);
            return RK_FILE_UNREADABLE;
        }
        len += got > 0 ? (size_t)got : 0;
    }
    if (len == 0)
        free(data);
    *out = (rk_mapping){{len ? data : "", len}, false};
    return RK_FILE_FINE;
}

static rk_file_problem map_open(int fd, bool plain, rk_mapping *out)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return RK_FILE_UNREADABLE;
    if (S_ISDIR(info.st_mode))
        return RK_FILE_IS_FOLDER;
    if (!S_ISREG(info.st_mode))
        return plain ? RK_FILE_NOT_PLAIN : read_all(fd, out);
    if (info.st_size == 0) {
        *out = (rk_mapping){{"", 0}, false};
        return RK_FILE_FINE;
    }
    void *const bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return read_all(fd, out);
    *out = (rk_mapping){{bytes, (size_t)info.st_size}, true};
    return RK_FILE_FINE;
}

/* Who opens a pipe with O_NONBLOCK does not wait for its writer; it is nothing to plain files. */
static rk_file_problem map_path(const char *path, bool plain, rk_mapping *out)
{
    *out = (rk_mapping){{"", 0}, false};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | (plain ? O_NONBLOCK : 0));
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? RK_FILE_ABSENT : RK_FILE_UNREADABLE;
    const rk_file_problem problem = map_open(fd, plain, out);
    const int reason = errno;
    close(fd);
    errno = reason;
    return problem;
}

rk_file_problem rk_file_map(const char *path, rk_mapping *out)
{
    return map_path(path, false, out);
}

rk_file_problem rk_file_map_plain(const char *path, rk_mapping *out)
{
    return map_path(path, true, out);
}

void rk_file_unmap(rk_mapping *mapping)
{
    if (mapping->mapped)
        munmap((void *)mapping->text.data, mapping->text.len);
    else if (mapping->text.len)
        free((void *)mapping->text.data);
    *mapping = (rk_mapping){{"", 0}, false};
}

void rk_file_forget(const void *bytes, size_t size)
{
#ifdef MADV_DONTNEED
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t from = ((uintptr_t)bytes + page - 1) & ~(page - 1);
    const uintptr_t to = ((uintptr_t)bytes + size) & ~(page - 1);
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_DONTNEED);
#else
    (void)bytes, (void)size;
#endif
}

const char *rk_file_problem_text(rk_file_problem problem)
{
    switch (problem) {
    case RK_FILE_FINE:
        return "fine";
    case RK_FILE_ABSENT:
        return "no such file";
    case RK_FILE_IS_FOLDER:
        return "is a folder";
    case RK_FILE_NOT_PLAIN:
        return "is no plain file";
    case RK_FILE_UNREADABLE:
        return strerror(errno);
    case RK_FILE_NO_MEMORY:
        return "out of memory";
    case RK_FILE_TOO_LARGE:
        return "has more than 2 GB without being a plain file";
    }
    return "unknown";
}

char *rk_path_relative(rk_arena *arena, rk_str from, rk_str path)
{
    const char *const slash = from.len ? memrchr(from.data, '/', from.len) : NULL;
    if (!slash || (path.len && path.data[0] == '/'))
        return rk_arena_copy(arena, path.data, path.len);
    const size_t folder = (size_t)(slash - from.data) + 1;
    char *const whole = rk_arena_alloc(arena, folder + path.len + 1);
    if (!whole)
        return NULL;
    memcpy(whole, from.data, folder);
    memcpy(whole + folder, path.data, path.len);
    return whole;
}

const rk_str *rk_files_find(const rk_files *files, rk_str name)
{
    for (uint32_t i = 0; files && i < files->n; i++)
        if (rk_str_eq(files->items[i].name, name))
            return &files->items[i].text;
    return NULL;
}

rk_place rk_text_place(const rk_text *text, uint32_t at)
{
    const rk_str s = text->text;
    const size_t end = at < s.len ? at : s.len;
    rk_place place = {.line = 1, .column = 1};
    size_t start = text->hidden <= end ? text->hidden : 0;
    for (size_t i = start; i < end; i++)
        if (s.data[i] == '\n') {
            place.line++;
            start = i + 1;
        }
    for (size_t i = start; i < end; i++)
        place.column += ((unsigned char)s.data[i] & 0xc0) != 0x80;
    const char *const stop = start < s.len ? memchr(s.data + start, '\n', s.len - start) : NULL;
    place.source = (rk_str){s.data + start, stop ? (size_t)(stop - s.data) - start : s.len - start};
    if (place.source.len && place.source.data[place.source.len - 1] == '\r')
        place.source.len--;
    place.offset = (uint32_t)(end - start);
    if (place.offset > place.source.len) /* at the line's end itself */
        place.offset = (uint32_t)place.source.len;
    return place;
}
