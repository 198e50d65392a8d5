/* The program rankc: hands its words to the table of commands (compiler/cmd). */
#include <signal.h>
#include <unistd.h>

#include "compiler/cmd/cmd.h"

int main(int argc, char **argv)
{
    cmd c;
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is seen by write() */
    cmd_init(&c, STDOUT_FILENO, STDERR_FILENO);
    c.ends = true;
    rk_status status = RK_OK;
    if (rk_cpu_from_env(&c.cpu))
        status = cmd_main(&c, argc > 0 ? argc - 1 : 0, (const char *const *)argv + 1);
    else {
        status = cmd_usage(&c, "RANK_CPU names no level that this machine has: scalar, v3 or v4");
        if (cmd_flush(&c.err) != RK_OK)
            status = RK_EFILE;
    }
    const int code = status == RK_ENOMEM ? (int)RK_ELIMIT : (int)status;
    if (c.busy) /* with a compiler at work, whose own memory exit() would take away beneath it */
        _exit(code);
    cmd_free(&c);
    return code;
}
