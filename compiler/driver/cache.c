#include "compiler/driver/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- the folder ---- */

static bool is_set(const char *value) { return value && *value; }

/* Makes `path` and the folder it stands in, as far as they are not there. */
static void make_folder(char *path)
{
    char *const slash = strrchr(path, '/');
    if (mkdir(path, 0700) == 0 || errno != ENOENT || !slash || slash == path)
        return;
    *slash = '\0';
    mkdir(path, 0700);
    *slash = '/';
    mkdir(path, 0700);
}

/* Where it is, by the environment; false if that says nothing of use. */
static bool find_path(char *path, size_t room)
{
    const char *const own = getenv("RANKC_CACHE");
    const char *const shared = getenv("XDG_CACHE_HOME");
    const char *const home = getenv("HOME");
    int len = -1;
    if (is_set(own))
        len = snprintf(path, room, "%s", own);
    else if (is_set(shared) && *shared == '/') /* its rule: a relative one does not count */
        len = snprintf(path, room, "%s/rankc", shared);
    else if (is_set(home))
        len = snprintf(path, room, "%s/.cache/rankc", home);
    return len > 0 && (size_t)len < room;
}

/* Only what nobody else can write is code to be run. */
static bool is_ours(const struct stat *info)
{
    return info->st_uid == geteuid() && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static rk_cache no_cache(const char *why) { return (rk_cache){.folder = -1, .why = why}; }

rk_cache rk_cache_open(bool wanted)
{
    char path[PATH_MAX];
    struct stat info;
    const char *const own = getenv("RANKC_CACHE");
    if (!wanted)
        return no_cache("it was not asked for");
    if (own && strcmp(own, "none") == 0)
        return no_cache("RANKC_CACHE is none");
    if (!find_path(path, sizeof path))
        return no_cache("RANKC_CACHE, XDG_CACHE_HOME and HOME name no folder");
    make_folder(path);
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return no_cache("its folder cannot be made or opened");
    if (fstat(folder, &info) == 0 && is_ours(&info))
        return (rk_cache){.folder = folder};
    close(folder);
    return no_cache("its folder belongs to another user, or others may write to it");
}

void rk_cache_close(rk_cache *cache)
{
    if (cache->folder >= 0)
        close(cache->folder);
    cache->folder = -1;
}

/* ---- names ---- */

enum { NAME_ROOM = 64 };

static const char suffix[] = ".rkc";

/* Code of this build's emitter; another one's would not be the same. */
static const char stamp[] =
#include "compiler/driver/cache_stamp.inc"
    ;

/* 32 hexadecimal digits, then the level and the tier (for people: the key covers both), then the
 * stamp. */
static void name_of(const rk_code_key *key, rk_cpu_level cpu, uint32_t tier, char name[NAME_ROOM])
{
    for (size_t i = 0; i < sizeof key->bytes; i++)
        snprintf(name + 2 * i, 3, "%02x", key->bytes[i]);
    const size_t digits = 2 * sizeof key->bytes;
    snprintf(name + digits, NAME_ROOM - digits, "-%s-%u-%s%s", rk_cpu_name(cpu), tier, stamp,
             suffix);
}

/* ---- reading ---- */

static bool map_entry(int fd, rk_mapping *out)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || !is_ours(&info) || info.st_size <= 0 ||
        info.st_size > RK_CACHE_BYTES)
        return false;
    void *const bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return false;
    *out = (rk_mapping){{bytes, (size_t)info.st_size}, true};
    return true;
}

/* The time of change stands for that of the last use, which many file systems do not keep. */
static void mark_used(int fd)
{
    const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    if (futimens(fd, now) != 0)
        return; /* then it is forgotten early */
}

bool rk_cache_find(const rk_cache *cache, const rk_code_key *key, rk_cpu_level cpu, uint32_t tier,
                   rk_cached *out)
{
    char name[NAME_ROOM];
    rk_buf fault = {0};
    if (cache->folder < 0)
        return false;
    name_of(key, cpu, tier, name);
    const int fd = openat(cache->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool mapped = map_entry(fd, &out->file);
    bool found = mapped && rk_code_decode(out->file.text, key, &out->code, &fault) == RK_OK &&
                 out->code.cpu == cpu && out->code.tier == tier;
    if (found)
        mark_used(fd);
    else if (mapped)
        rk_file_unmap(&out->file);
    close(fd);
    rk_buf_free(&fault);
    return found;
}

void rk_cached_close(rk_cached *cached) { rk_file_unmap(&cached->file); }

/* ---- writing ---- */

static bool write_all(int fd, rk_str bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        const ssize_t n = write(fd, bytes.data + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* A new file under a name that no other process or thread uses. */
static int open_temporary(int folder, char name[NAME_ROOM])
{
    int fd = -1;
    for (int attempt = 0; attempt < 8 && fd < 0; attempt++) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(name, NAME_ROOM, "new-%ld-%llx%s", (long)getpid(),
                 (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec,
                 suffix);
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

/* No fsync: an entry that a crash leaves half written does not pass its checks. */
static void write_entry(int folder, const char *name, rk_str bytes)
{
    char temporary[NAME_ROOM];
    const int fd = open_temporary(folder, temporary);
    if (fd < 0)
        return;
    const bool written = write_all(fd, bytes);
    const bool closed = close(fd) == 0;
    if (!written || !closed || renameat(folder, temporary, folder, name) != 0)
        unlinkat(folder, temporary, 0);
}

void rk_cache_store(const rk_cache *cache, const rk_code_key *key, const rk_code *code)
{
    char name[NAME_ROOM];
    rk_buf bytes = {0};
    if (cache->folder < 0)
        return;
    name_of(key, (rk_cpu_level)code->cpu, code->tier, name);
    if (rk_code_encode(code, key, &bytes) == RK_OK && !bytes.failed)
        write_entry(cache->folder, name, rk_buf_str(&bytes));
    rk_buf_free(&bytes);
    if (key->bytes[0] % 16 == 0) /* one store in 16 looks at the whole folder */
        rk_cache_trim(cache);
}
