#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "compiler/cmd/repl.h"

/* A process has one set of signals, and handlers are told nothing but their number. */
static atomic_bool stop;
static volatile sig_atomic_t presses; /* of Ctrl-C since the input began */
static volatile sig_atomic_t fatal;   /* the signal that ends the process */
static volatile sig_atomic_t suspended, continued, resized;

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH};

enum { PATIENCE = 3 };

static void set_action(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler}; /* reads end early: no SA_RESTART */
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL);
}

/* Who presses Ctrl-C for the third time wants to be out of it. */
static void interrupt(void)
{
    atomic_store(&stop, true);
    if (++presses < PATIENCE)
        return;
    set_action(SIGINT, SIG_DFL);
    raise(SIGINT);
}

static void handle(int signal)
{
    const int error = errno;
    if (signal == SIGINT)
        interrupt();
    else if (signal == SIGTSTP)
        suspended = 1;
    else if (signal == SIGCONT)
        continued = 1;
    else if (signal == SIGWINCH)
        resized = 1;
    else {
        fatal = signal;
        atomic_store(&stop, true);
    }
    errno = error;
}

void repl_signals_watch(void)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(watched); i++)
        set_action(watched[i], handle);
}

const atomic_bool *repl_signals_stop(void) { return &stop; }

void repl_signals_begin(void)
{
    presses = 0;
    atomic_store(&stop, false);
}

bool repl_signals_ended(void) { return fatal != 0; }

void repl_signals_finish(void)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(watched); i++)
        set_action(watched[i], SIG_DFL);
    if (fatal)
        raise(fatal);
}

/* The terminal is given back first. When the process goes on, it is told so by SIGCONT. */
static void suspend(const repl_waiter *waiter)
{
    sigset_t open, old;
    suspended = 0;
    if (waiter->leave)
        waiter->leave(waiter->user);
    set_action(SIGTSTP, SIG_DFL);
    sigemptyset(&open);
    sigaddset(&open, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &open, &old);
    raise(SIGTSTP);
    sigprocmask(SIG_SETMASK, &old, NULL);
    set_action(SIGTSTP, handle);
}

static void look(const repl_waiter *waiter)
{
    if (suspended)
        suspend(waiter);
    if ((continued || resized) && waiter->redraw)
        waiter->redraw(waiter->user, continued);
    continued = resized = 0;
}

/* Signals are looked at with all of them held back, and let through in ppoll alone: none can come
 * between the look and the wait. */
bool repl_signals_wait(const repl_waiter *waiter)
{
    sigset_t held, open;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    sigemptyset(&held);
    for (size_t i = 0; i < RK_ARRAY_LEN(watched); i++)
        sigaddset(&held, watched[i]);
    sigprocmask(SIG_BLOCK, &held, &open);
    int ready = 0;
    while (ready == 0 && !atomic_load(&stop)) {
        look(waiter);
        ready = ppoll(&input, 1, NULL, &open);
        if (ready < 0)
            ready = errno == EINTR ? 0 : 1;
    }
    sigprocmask(SIG_SETMASK, &open, NULL);
    return ready > 0;
}
