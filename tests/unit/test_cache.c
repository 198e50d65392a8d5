/* The cache of native code: what is found is what was kept, and what is damaged, foreign or too
 * much is as good as nothing. */
#include "compiler/driver/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/harness.h"

static const char stamp[] =
#include "compiler/driver/cache_stamp.inc"
    ;
static char folder[64];

static const uint8_t text[200] = {0xc3, 1, 2, 3};
static const rk_code code = {.cpu = RK_CPU_V3, .tier = 2, .text = text, .text_size = sizeof text};

static rk_code_key key_of(uint8_t number) { return (rk_code_key){{number, 7, 9}}; }

static rk_cache open_new(void)
{
    strcpy(folder, "test_cache.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("RANKC_CACHE", folder, 1);
    const rk_cache cache = rk_cache_open(true);
    ck_assert_msg(cache.folder >= 0, "%s", cache.why);
    return cache;
}

static void close_all(rk_cache *cache)
{
    char command[128];
    rk_cache_close(cache);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static bool finds(const rk_cache *cache, uint8_t number)
{
    rk_cached cached;
    const rk_code_key key = key_of(number);
    if (!rk_cache_find(cache, &key, RK_CPU_V3, 2, &cached))
        return false;
    ck_assert_uint_eq(cached.code.text_size, sizeof text);
    ck_assert_int_eq(memcmp(cached.code.text, text, sizeof text), 0);
    rk_cached_close(&cached);
    return true;
}

static void store(const rk_cache *cache, uint8_t number)
{
    const rk_code_key key = key_of(number);
    rk_cache_store(cache, &key, &code);
}

/* The one entry. */
static void entry_path(uint8_t number, char path[200])
{
    snprintf(path, 200, "%s/%02x0709%026d-v3-2-%s.rkc", folder, number, 0, stamp);
    ck_assert_int_eq(access(path, F_OK), 0);
}

START_TEST(what_is_kept_is_found)
{
    rk_cache cache = open_new();
    rk_cached cached;
    const rk_code_key key = key_of(1);
    ck_assert(!finds(&cache, 1));
    store(&cache, 1);
    store(&cache, 2);
    ck_assert(finds(&cache, 1) && finds(&cache, 2) && !finds(&cache, 3));
    ck_assert(!rk_cache_find(&cache, &key, RK_CPU_V4, 2, &cached));
    ck_assert(!rk_cache_find(&cache, &key, RK_CPU_V3, 1, &cached));
    store(&cache, 1);
    ck_assert(finds(&cache, 1));
    close_all(&cache);
}
END_TEST

/* Each byte changed in turn, and each length: never found, and mended by the next store. */
START_TEST(damage_is_nothing)
{
    rk_cache cache = open_new();
    char path[200];
    struct stat info;
    store(&cache, 1);
    entry_path(1, path);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0400);
    ck_assert_int_eq(chmod(path, 0600), 0);
    for (off_t i = 0; i < info.st_size; i++) {
        uint8_t byte, other;
        const int fd = open(path, O_RDWR);
        ck_assert_int_eq(pread(fd, &byte, 1, i), 1);
        other = byte ^ 0x41;
        ck_assert_int_eq(pwrite(fd, &other, 1, i), 1);
        ck_assert_msg(!finds(&cache, 1), "byte %ld", (long)i);
        ck_assert_int_eq(pwrite(fd, &byte, 1, i), 1);
        close(fd);
    }
    ck_assert(finds(&cache, 1));
    for (off_t size = info.st_size - 1; size >= 0; size--) {
        ck_assert_int_eq(truncate(path, size), 0);
        ck_assert(!finds(&cache, 1));
    }
    store(&cache, 1);
    ck_assert(finds(&cache, 1));
    close_all(&cache);
}
END_TEST

START_TEST(what_others_may_write_is_nothing)
{
    rk_cache cache = open_new();
    char path[200];
    store(&cache, 1);
    entry_path(1, path);
    ck_assert_int_eq(chmod(path, 0460), 0);
    ck_assert(!finds(&cache, 1));
    ck_assert_int_eq(chmod(path, 0402), 0);
    ck_assert(!finds(&cache, 1));
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert(finds(&cache, 1));
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(path, 12345, 12345), 0);
        ck_assert(!finds(&cache, 1));
    }
    store(&cache, 1); /* takes its place */
    ck_assert(finds(&cache, 1));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/etc/passwd", path), 0);
    ck_assert(!finds(&cache, 1));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(!finds(&cache, 1));
    close_all(&cache);
}
END_TEST

START_TEST(a_folder_of_others_is_none)
{
    rk_cache cache = open_new();
    const mode_t modes[] = {0770, 0702, 0777};
    for (size_t i = 0; i < RK_ARRAY_LEN(modes); i++) {
        ck_assert_int_eq(chmod(folder, modes[i]), 0);
        const rk_cache none = rk_cache_open(true);
        ck_assert(none.folder < 0 && none.why);
        ck_assert(!finds(&none, 1));
        store(&none, 1);
    }
    ck_assert_int_eq(chmod(folder, 0700), 0);
    close_all(&cache);
}
END_TEST

static void opens(bool wanted, bool found)
{
    rk_cache cache = rk_cache_open(wanted);
    ck_assert_msg((cache.folder >= 0) == found, "%s", cache.why ? cache.why : "found");
    ck_assert((cache.why == NULL) == found);
    rk_cache_close(&cache);
}

START_TEST(the_environment_says_where)
{
    char path[200], there[200];
    rk_cache cache = open_new();
    opens(true, true);
    opens(false, false);
    setenv("RANKC_CACHE", "none", 1);
    opens(true, false);
    setenv("RANKC_CACHE", "/dev/null/rankc", 1);
    opens(true, false);
    ck_assert_ptr_nonnull(realpath(folder, path));
    unsetenv("RANKC_CACHE");
    setenv("HOME", path, 1);
    unsetenv("XDG_CACHE_HOME");
    opens(true, true);
    snprintf(there, sizeof there, "%s/.cache/rankc", folder);
    ck_assert_int_eq(access(there, F_OK), 0);
    strcat(path, "/other");
    setenv("XDG_CACHE_HOME", path, 1);
    opens(true, true);
    snprintf(there, sizeof there, "%s/other/rankc", folder);
    ck_assert_int_eq(access(there, F_OK), 0);
    unsetenv("HOME");
    setenv("XDG_CACHE_HOME", "relative", 1);
    opens(true, false);
    close_all(&cache);
}
END_TEST

static int make_file(const char *name, long seconds_ago)
{
    char path[200];
    const struct timespec then[2] = {{time(NULL) - seconds_ago, 0}, {time(NULL) - seconds_ago, 0}};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(futimens(fd, then), 0);
    return fd;
}

static bool is_there(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

START_TEST(what_is_old_goes)
{
    rk_cache cache = open_new();
    char name[32];
    for (int i = 0; i < RK_CACHE_FILES; i++) {
        snprintf(name, sizeof name, "entry-%d.rkc", i);
        close(make_file(name, 100000 - i));
    }
    close(make_file("notes.txt", 1000000));
    close(make_file("new-1-1.rkc", 7200));
    close(make_file("new-1-2.rkc", 60));
    rk_cache_trim(&cache);
    ck_assert(is_there("notes.txt") && !is_there("new-1-1.rkc") && is_there("new-1-2.rkc"));
    ck_assert(!is_there("entry-0.rkc") && !is_there("entry-2400.rkc"));
    ck_assert(is_there("entry-2600.rkc") && is_there("entry-9999.rkc"));
    close_all(&cache);
}
END_TEST

/* Sparse files: the size counts as the file system tells it. */
START_TEST(what_is_too_much_goes)
{
    rk_cache cache = open_new();
    char name[32];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "entry-%d.rkc", i);
        const int fd = make_file(name, 1000);
        const struct timespec then[2] = {{1000 + i, 0}, {1000 + i, 0}};
        ck_assert_int_eq(ftruncate(fd, 250 << 20), 0);
        ck_assert_int_eq(futimens(fd, then), 0);
        close(fd);
    }
    rk_cache_trim(&cache);
    ck_assert(!is_there("entry-0.rkc") && !is_there("entry-1.rkc"));
    ck_assert(is_there("entry-2.rkc") && is_there("entry-4.rkc"));
    close_all(&cache);
}
END_TEST

/* Writers and readers of the same entries: whole ones, or none. */
START_TEST(many_processes_share_it)
{
    enum { PROCESSES = 4, ROUNDS = 300 };
    rk_cache cache = open_new();
    pid_t child[PROCESSES];
    for (int p = 0; p < PROCESSES; p++) {
        child[p] = fork();
        if (child[p] == 0) {
            bool fine = true;
            for (int i = 0; i < ROUNDS; i++) {
                store(&cache, (uint8_t)(i % 5));
                fine = fine && finds(&cache, (uint8_t)(i % 5));
            }
            _exit(fine ? 0 : 1);
        }
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        ck_assert_int_eq(waitpid(child[p], &status, 0), child[p]);
        ck_assert_int_eq(status, 0);
    }
    close_all(&cache);
}
END_TEST

RK_SUITE_MAIN("cache", what_is_kept_is_found, damage_is_nothing, what_others_may_write_is_nothing,
              a_folder_of_others_is_none, the_environment_says_where, what_is_old_goes,
              what_is_too_much_goes, many_processes_share_it)
