/* Preloaded by tests/oom.sh into rankc: lets the allocation number RANK_OOM_AT fail (from 1; 0 or
 * unset: none) and writes how many there were to the file RANK_OOM_COUNT. glibc only. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_ulong count;
static unsigned long fail_at;

__attribute__((constructor)) static void begin(void)
{
    const char *const at = getenv("RANK_OOM_AT");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    atomic_store(&count, 0);
}

__attribute__((destructor)) static void end(void)
{
    const char *const path = getenv("RANK_OOM_COUNT");
    const unsigned long total = atomic_load(&count);
    fail_at = 0;
    FILE *const out = path ? fopen(path, "w") : NULL;
    if (!out)
        return;
    fprintf(out, "%lu\n", total);
    fclose(out);
}

static int fails(void)
{
    const int now = atomic_fetch_add(&count, 1) + 1 == fail_at;
    if (now)
        errno = ENOMEM;
    return now;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
