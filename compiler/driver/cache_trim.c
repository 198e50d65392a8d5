/* Looks through the cache's folder, and keeps it within its bounds. Processes may do it at the same
 * time: each takes out what it finds to be the oldest, and a file that is gone already is no fault.
 */
#include "compiler/driver/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct entry {
    const char *name;
    int64_t used; /* nanoseconds since 1970 */
    int64_t size;
} entry;

typedef struct folder {
    rk_arena arena;
    RK_VEC(entry) entries;
    int64_t bytes;
} folder;

static int by_use(const void *left, const void *right)
{
    const entry *const a = left, *const b = right;
    return (a->used > b->used) - (a->used < b->used);
}

static bool ends_in(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

/* Other people's files stay. */
static bool add(folder *all, int fd, const char *name)
{
    struct stat info;
    if (!ends_in(name, ".rkc") || fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(info.st_mode))
        return true;
    const entry one = {
        .name = rk_arena_copy(&all->arena, name, strlen(name)),
        .used = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
        .size = info.st_size,
    };
    all->bytes += one.size;
    return one.name && rk_vec_push(&all->arena, &all->entries, one);
}

static bool list(folder *all, int fd)
{
    const int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *const dir = again >= 0 ? fdopendir(again) : NULL;
    bool fine = dir != NULL;
    if (!dir && again >= 0)
        close(again);
    for (struct dirent *one; fine && (one = readdir(dir)) != NULL;)
        fine = add(all, fd, one->d_name);
    if (dir)
        closedir(dir);
    return fine;
}

/* To three quarters of the bounds, so that the next stores have room. */
static void remove_oldest(folder *all, int fd)
{
    uint32_t left = all->entries.len;
    if (left <= RK_CACHE_FILES && all->bytes <= RK_CACHE_BYTES)
        return;
    qsort(all->entries.items, left, sizeof(entry), by_use);
    for (uint32_t i = 0; i < all->entries.len; i++, left--) {
        if (left <= RK_CACHE_FILES / 4 * 3 && all->bytes <= RK_CACHE_BYTES / 4 * 3)
            return;
        unlinkat(fd, all->entries.items[i].name, 0);
        all->bytes -= all->entries.items[i].size;
    }
}

/* Of processes that ended while they wrote. */
static void remove_left_over(const folder *all, int fd)
{
    const int64_t hour_ago = ((int64_t)time(NULL) - 3600) * 1000000000;
    for (uint32_t i = 0; i < all->entries.len; i++)
        if (strncmp(all->entries.items[i].name, "new-", 4) == 0 &&
            all->entries.items[i].used < hour_ago)
            unlinkat(fd, all->entries.items[i].name, 0);
}

bool rk_cache_measure(const rk_cache *cache, uint32_t *n, int64_t *bytes)
{
    folder all = {0};
    rk_arena_init(&all.arena);
    const bool fine = cache->folder >= 0 && list(&all, cache->folder);
    *n = all.entries.len;
    *bytes = all.bytes;
    rk_arena_free(&all.arena);
    return fine;
}

void rk_cache_trim(const rk_cache *cache)
{
    folder all = {0};
    rk_arena_init(&all.arena);
    if (cache->folder >= 0 && list(&all, cache->folder)) {
        remove_left_over(&all, cache->folder);
        remove_oldest(&all, cache->folder);
    }
    rk_arena_free(&all.arena);
}
