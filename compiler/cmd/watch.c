#include "compiler/cmd/watch.h"

#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "compiler/cmd/answer.h"

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

enum { BAR = 24, LEAST_BAR = 6 }; /* cells */
enum { WORDS = 32 };              /* letters beside it, but for the numbers of rows */

static const double EVERY = 0.1, KEEP_EVERY = 2.0; /* seconds */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void cmd_watch_begin(cmd_watch *watch, cmd *c, uint64_t from, uint64_t total)
{
    const double now = seconds();
    const cmd_screen screen = cmd_screen_of(&c->err);
    *watch = (cmd_watch){c, screen.moves, from, total, now, now, now};
}

static int digits(uint64_t n)
{
    int count = 1;
    while (n /= 10)
        count++;
    return count;
}

static void add_words(const cmd_watch *watch, uint64_t done, double now, rk_buf *out)
{
    const double part = watch->total ? (double)done / (double)watch->total : 1.0;
    const double pace = (double)(done - watch->from) / (now - watch->began);
    const double left = (double)(watch->total - done) / pace;
    rk_buf_printf(out, "%3d %%  %*" PRIu64 " of %" PRIu64 " rows", (int)(part * 100.0),
                  digits(watch->total), done, watch->total);
    if (pace > 0.0 && left >= 1.0)
        rk_buf_printf(out, ", %.0f s left", left);
}

/* On one line, however narrow it is: what has no room is left out, the bar first. */
static void draw(const cmd_watch *watch, uint64_t done, double now)
{
    rk_buf *const out = &watch->c->err.buf;
    rk_buf words = {0};
    add_words(watch, done, now, &words);
    const uint32_t width = cmd_screen_of(&watch->c->err).width - 1;
    const uint32_t used = WORDS + 2 * (uint32_t)digits(watch->total);
    const uint32_t room = width > used ? width - used : 0;
    const uint32_t cells = room < BAR ? room : BAR;
    const double part = watch->total ? (double)done / (double)watch->total : 1.0;
    rk_buf_add_char(out, '\r');
    if (cells >= LEAST_BAR) {
        rk_buf_add_char(out, '[');
        for (uint32_t i = 0; i < cells; i++)
            rk_buf_add_char(out, i < (uint32_t)(part * cells) ? '#' : ' ');
        rk_buf_add_chars(out, "] ");
    }
    rk_buf_add(out, (rk_str){words.data, words.len < width ? words.len : width});
    rk_buf_add_chars(out, "\x1b[K");
    rk_buf_free(&words);
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
    watch->bar = cmd_flush(&watch->c->err) == RK_OK; /* before all else that is printed there */
}
