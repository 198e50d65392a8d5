#include "compiler/cmd/watch.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A process has one set of signals, and handlers are told nothing but their number. */
static rk_flag stop;
static volatile sig_atomic_t stopped_by;

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};

static void handle(int signal)
{
    stopped_by = signal;
    atomic_store(&stop, true);
}

const rk_flag *cmd_watch_signals(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND}, old;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < RK_ARRAY_LEN(watched); i++)
        if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) /* nohup */
            sigaction(watched[i], &action, NULL);
    return &stop;
}

void cmd_watch_raise(void)
{
    if (!stopped_by)
        return;
    signal(stopped_by, SIG_DFL);
    raise(stopped_by);
}

/* ---- the bar ---- */

enum { BAR = 24 };

static const double EVERY = 0.1, KEEP_EVERY = 2.0; /* seconds */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool is_terminal(int fd)
{
    const char *const terminal = getenv("TERM");
    return isatty(fd) && !(terminal && strcmp(terminal, "dumb") == 0);
}

void cmd_watch_begin(cmd_watch *watch, cmd *c, uint64_t from, uint64_t total)
{
    const double now = seconds();
    *watch = (cmd_watch){c, is_terminal(c->err.fd), from, total, now, now, now};
}

static void draw(const cmd_watch *watch, uint64_t done, double now)
{
    rk_buf *const out = &watch->c->err.buf;
    const double part = watch->total ? (double)done / (double)watch->total : 1.0;
    const double pace = (double)(done - watch->from) / (now - watch->began);
    rk_buf_add_chars(out, "\r[");
    for (int i = 0; i < BAR; i++)
        rk_buf_add_char(out, i < (int)(part * BAR) ? '#' : ' ');
    rk_buf_printf(out, "] %3d %%  %" PRIu64 " of %" PRIu64 " rows", (int)(part * 100.0), done,
                  watch->total);
    if (pace > 0.0)
        rk_buf_printf(out, ", %.0f s left", (double)(watch->total - done) / pace);
    rk_buf_add_chars(out, "\x1b[K");
}

bool cmd_watch_at(cmd_watch *watch, uint64_t done)
{
    const double now = seconds();
    if (watch->bar && now - watch->drawn >= EVERY) {
        draw(watch, done, now);
        watch->drawn = now;
        if (cmd_flush(&watch->c->err) != RK_OK)
            watch->bar = false;
    }
    if (now - watch->kept < KEEP_EVERY)
        return false;
    watch->kept = now;
    return true;
}

void cmd_watch_end(cmd_watch *watch)
{
    rk_buf *const out = &watch->c->err.buf;
    if (!watch->bar || watch->drawn == watch->began)
        return;
    rk_buf words = *out; /* that were not written yet */
    *out = (rk_buf){0};
    rk_buf_add_chars(out, "\r\x1b[K");
    rk_buf_add(out, rk_buf_str(&words));
    rk_buf_free(&words);
}
