/* The pool: every part once, whoever helps; callers at once, in each other and after a fork. */
#include "runtime/base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/harness.h"

enum { PARTS = 1000, THREADS = 4 };

/* How often each part was done; the workers that were there. */
typedef struct tally {
    _Atomic uint32_t parts[PARTS];
    _Atomic uint32_t workers[THREADS];
    pthread_t caller;
} tally;

static void count(void *user, uint32_t task, uint32_t worker)
{
    tally *const t = user;
    ck_assert_uint_lt(worker, THREADS);
    ck_assert(pthread_equal(pthread_self(), t->caller) == (worker == 0));
    atomic_fetch_add(&t->parts[task], 1);
    atomic_fetch_add(&t->workers[worker], 1);
}

static bool each_once(const tally *t, uint32_t n)
{
    for (uint32_t i = 0; i < PARTS; i++)
        if (t->parts[i] != (i < n))
            return false;
    return true;
}

static bool run_once(uint32_t n, uint32_t threads)
{
    tally t = {.caller = pthread_self()};
    rk_pool_run(n, threads, count, &t);
    return each_once(&t, n);
}

START_TEST(every_part_once)
{
    static const uint32_t lengths[] = {0, 1, 2, 3, 17, PARTS};
    rk_pool_hold();
    for (uint32_t threads = 0; threads <= THREADS; threads++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            for (unsigned again = 0; again < 100; again++)
                ck_assert(run_once(lengths[i], threads));
    ck_assert_uint_ge(rk_pool_size(), 1);
    ck_assert_uint_lt(rk_pool_size(), THREADS);
    rk_pool_release();
}
END_TEST

START_TEST(one_thread_starts_none)
{
    rk_pool_hold();
    ck_assert(run_once(PARTS, 1));
    ck_assert_uint_eq(rk_pool_size(), 0);
    rk_pool_release();
}
END_TEST

START_TEST(nobody_holds_it)
{
    ck_assert(run_once(PARTS, THREADS));
    ck_assert_uint_eq(rk_pool_size(), 0);
}
END_TEST

/* Threads end with the last release, and others start with the next work. */
START_TEST(hold_and_release)
{
    for (unsigned i = 0; i < 20; i++) {
        rk_pool_hold();
        rk_pool_hold();
        ck_assert(run_once(PARTS, 2));
        rk_pool_release();
        ck_assert_uint_eq(rk_pool_size(), 1);
        ck_assert(run_once(PARTS, 2));
        rk_pool_release();
        ck_assert_uint_eq(rk_pool_size(), 0);
    }
}
END_TEST

/* Waits until another worker came by, which proves that the caller is not alone. */
static void meet(void *user, uint32_t task, uint32_t worker)
{
    _Atomic uint32_t *const here = user;
    (void)task;
    (void)worker;
    atomic_fetch_add(here, 1);
    while (atomic_load(here) < 2)
        usleep(100);
}

START_TEST(two_at_once)
{
    rk_pool_hold();
    for (unsigned i = 0; i < 50; i++) {
        _Atomic uint32_t here = 0;
        rk_pool_run(2, 2, meet, &here);
        ck_assert_uint_eq(here, 2);
        usleep(i % 2 * 1000); /* asleep the next time, or not yet */
    }
    rk_pool_release();
}
END_TEST

static void *call_often(void *failed)
{
    for (unsigned i = 0; i < 200; i++)
        if (!run_once(i % 50, 1 + i % THREADS))
            atomic_fetch_add((_Atomic uint32_t *)failed, 1);
    return NULL;
}

START_TEST(callers_at_once)
{
    pthread_t threads[8];
    _Atomic uint32_t failed = 0;
    rk_pool_hold();
    for (unsigned i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, call_often, &failed), 0);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(failed, 0);
    rk_pool_release();
}
END_TEST

static void call_again(void *user, uint32_t task, uint32_t worker)
{
    (void)worker;
    if (run_once(task, 2))
        atomic_fetch_add((_Atomic uint32_t *)user, 1);
}

START_TEST(parts_that_call)
{
    _Atomic uint32_t fine = 0;
    rk_pool_hold();
    rk_pool_run(100, THREADS, call_again, &fine);
    ck_assert_uint_eq(fine, 100);
    rk_pool_release();
}
END_TEST

/* ThreadSanitizer lets no child of a process with threads start any. */
#ifdef __SANITIZE_THREAD__
enum { CHILD_THREADS = 1 };
#else
enum { CHILD_THREADS = 2 };
#endif

START_TEST(after_a_fork)
{
    rk_pool_hold();
    ck_assert(run_once(PARTS, 2));
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const bool fine = run_once(PARTS, CHILD_THREADS) && run_once(PARTS, CHILD_THREADS) &&
                          rk_pool_size() == CHILD_THREADS - 1;
        rk_pool_release();
        _exit(fine ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert(run_once(PARTS, 2));
    rk_pool_release();
}
END_TEST

RK_SUITE_MAIN("pool", every_part_once, one_thread_starts_none, nobody_holds_it, hold_and_release,
              two_at_once, callers_at_once, parts_that_call, after_a_fork)
