#include "runtime/base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

/* How often a thread looks again before it sleeps: some 10 microseconds, less than it takes to be
 * woken, for the waves of a request follow each other closely. */
enum { MOST_THREADS = 127, LOOKS = 256 };

/* The work of one rk_pool_run, on its caller's stack. Taken out of the pool before that returns. */
typedef struct job {
    rk_pool_task *fn;
    void *user;
    uint32_t n_tasks;
    _Atomic uint32_t next; /* the part to be taken next */
    _Atomic uint32_t busy; /* helpers at it */
    uint32_t joined, room; /* helpers that came, that may come */
    bool listed;
    struct job *before, *after;
} job;

/* The only variable of the library that changes: threads belong to the process. */
static struct {
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;  /* jobs were listed, or a generation ended */
    pthread_cond_t done;  /* the last helper of some job left it */
    job *first, *last;    /* jobs with room for helpers */
    _Atomic uint32_t listings;
    uint32_t generation; /* of threads; those of an older one end */
    uint32_t holders, n_threads, asleep;
    uint32_t most_threads;
    pthread_t threads[MOST_THREADS];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static void lock(void) { pthread_mutex_lock(&pool.lock); }
static void unlock(void) { pthread_mutex_unlock(&pool.lock); }

static void pause_a_little(void)
{
#ifdef __SSE2__
    __builtin_ia32_pause();
#endif
}

/* ---- jobs ---- */

static void list_job(job *j)
{
    j->listed = true;
    j->before = pool.last;
    j->after = NULL;
    *(pool.last ? &pool.last->after : &pool.first) = j;
    pool.last = j;
}

static void unlist_job(job *j)
{
    if (!j->listed)
        return;
    *(j->before ? &j->before->after : &pool.first) = j->after;
    *(j->after ? &j->after->before : &pool.last) = j->before;
    j->listed = false;
}

static void work(job *j, uint32_t worker)
{
    for (;;) {
        const uint32_t task = atomic_fetch_add_explicit(&j->next, 1, memory_order_relaxed);
        if (task >= j->n_tasks)
            return;
        j->fn(j->user, task, worker);
    }
}

/* A job to help with, or NULL. Jobs take turns, so that several callers share the helpers. */
static job *join_job(uint32_t *worker)
{
    while (pool.first) {
        job *const j = pool.first;
        unlist_job(j);
        if (atomic_load_explicit(&j->next, memory_order_relaxed) >= j->n_tasks)
            continue;
        *worker = ++j->joined;
        if (j->joined < j->room)
            list_job(j);
        atomic_fetch_add_explicit(&j->busy, 1, memory_order_relaxed);
        return j;
    }
    return NULL;
}

/* With the lock held, after which the job may be gone. */
static void leave_job(job *j)
{
    if (atomic_fetch_sub_explicit(&j->busy, 1, memory_order_release) == 1)
        pthread_cond_broadcast(&pool.done);
}

/* ---- helpers ---- */

static void await_listing(void)
{
    const uint32_t seen = atomic_load_explicit(&pool.listings, memory_order_relaxed);
    unlock();
    for (unsigned i = 0; i < LOOKS; i++) {
        if (atomic_load_explicit(&pool.listings, memory_order_relaxed) != seen)
            break;
        pause_a_little();
    }
    lock();
    if (atomic_load_explicit(&pool.listings, memory_order_relaxed) != seen)
        return;
    pool.asleep++;
    pthread_cond_wait(&pool.wake, &pool.lock);
    pool.asleep--;
}

static void *help(void *generation)
{
    uint32_t worker;
    lock();
    while (pool.generation == (uint32_t)(uintptr_t)generation) {
        job *const j = join_job(&worker);
        if (!j) {
            await_listing();
            continue;
        }
        unlock();
        work(j, worker);
        lock();
        leave_job(j);
    }
    unlock();
    return NULL;
}

static uint32_t count_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (uint32_t)CPU_COUNT(&set);
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}

/* Threads up to `wanted`, as far as they can be had. */
static void start_threads(uint32_t wanted)
{
    wanted = wanted < pool.most_threads ? wanted : pool.most_threads;
    if (pool.n_threads >= wanted)
        return;
    sigset_t all, before; /* signals are the host's, and go to its own threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool.n_threads < wanted) {
        pthread_t *const thread = &pool.threads[pool.n_threads];
        if (pthread_create(thread, NULL, help, (void *)(uintptr_t)pool.generation) != 0) {
            pool.most_threads = pool.n_threads;
            break;
        }
        pthread_setname_np(*thread, "rank");
        pool.n_threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- holding ---- */

/* A fork copies the caller's thread alone: the child has no helpers, and no job but its own. */
static void forget_threads(void)
{
    pool.first = pool.last = NULL;
    pool.n_threads = pool.asleep = 0;
    pool.generation++;
    pool.wake = pool.done = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    unlock();
}

static void watch_forks(void) { pthread_atfork(lock, unlock, forget_threads); }

uint32_t rk_pool_hold(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    const uint32_t others = count_processors() - 1;
    const uint32_t most = others < 1 ? 1 : others > MOST_THREADS ? MOST_THREADS : others;
    lock();
    if (pool.holders++ == 0)
        pool.most_threads = most;
    unlock();
    return most + 1;
}

void rk_pool_release(void)
{
    pthread_t ended[MOST_THREADS];
    uint32_t n = 0;
    lock();
    if (--pool.holders == 0) {
        for (; n < pool.n_threads; n++)
            ended[n] = pool.threads[n];
        pool.n_threads = 0;
        pool.generation++;
        atomic_fetch_add_explicit(&pool.listings, 1, memory_order_relaxed);
        pthread_cond_broadcast(&pool.wake);
    }
    unlock();
    for (uint32_t i = 0; i < n; i++)
        pthread_join(ended[i], NULL);
}

uint32_t rk_pool_size(void)
{
    lock();
    const uint32_t size = pool.n_threads;
    unlock();
    return size;
}

/* ---- running ---- */

/* To as many helpers as there is room for. */
static void offer(job *j)
{
    lock();
    if (pool.holders)
        start_threads(j->room);
    if (pool.n_threads) {
        list_job(j);
        atomic_fetch_add_explicit(&pool.listings, 1, memory_order_relaxed);
    }
    const uint32_t wake = pool.asleep < j->room ? pool.asleep : j->room;
    for (uint32_t i = 0; i < wake; i++)
        pthread_cond_signal(&pool.wake);
    unlock();
}

/* Until all helpers have left: what they have taken is then done, and what they wrote is seen. */
static void withdraw(job *j)
{
    lock();
    unlist_job(j);
    unlock();
    for (unsigned i = 0; i < LOOKS; i++) {
        if (atomic_load_explicit(&j->busy, memory_order_acquire) == 0)
            return;
        pause_a_little();
    }
    lock();
    while (atomic_load_explicit(&j->busy, memory_order_acquire))
        pthread_cond_wait(&pool.done, &pool.lock);
    unlock();
}

void rk_pool_run(uint32_t n_tasks, uint32_t max_threads, rk_pool_task *fn, void *user)
{
    const uint32_t threads = n_tasks < max_threads ? n_tasks : max_threads;
    job j = {.fn = fn, .user = user, .n_tasks = n_tasks, .room = threads ? threads - 1 : 0};
    if (j.room == 0) {
        work(&j, 0);
        return;
    }
    offer(&j);
    work(&j, 0);
    withdraw(&j);
}
