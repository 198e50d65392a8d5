/* What happens to bad rows and bad requests: up to a limit they are left out, counted, and the
 * first few shown as warnings; beyond it they are errors and reading ends. */
#ifndef RK_SOURCE_BAD_H
#define RK_SOURCE_BAD_H

#include "runtime/base/diag.h"
#include "runtime/source/excerpt.h"

enum { RK_BAD_SHOWN = 5 };

typedef struct rk_bad {
    rk_diags *diags;
    rk_str path;      /* of the file, as shown */
    const char *what; /* "row" or "request" */
    uint32_t allowed; /* how many may be left out */
    uint32_t count;   /* bad ones so far */
    bool stop;        /* the limit was passed: read no further */
} rk_bad;

/* Counts one more; the diagnostic is `PATH:LINE: ` and the words. Never NULL. */
rk_diag *rk_bad_add(rk_bad *bad, rk_diag_code code, rk_span span, uint64_t line, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));

/* Adds why->help when there is one. */
void rk_bad_help(rk_bad *bad, rk_diag *diag, const rk_why *why);

/* At the end: RK_EDATA if there were errors, else a warning that sums up what was left out of
 * `total`. */
RK_NODISCARD rk_status rk_bad_finish(rk_bad *bad, rk_span span, uint64_t total);

#endif
