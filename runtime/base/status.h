/* The result of everything that can fail. Words for people go into a diagnostic (diag.h); the
 * status says only which kind of failure it was, and maps one to one to the exit codes of the
 * command line. */
#ifndef RK_BASE_STATUS_H
#define RK_BASE_STATUS_H

typedef enum rk_status {
    RK_OK = 0,
    RK_EPROGRAM = 1, /* the program has errors; see the diagnostics */
    RK_EUSAGE = 2,   /* wrong arguments from the caller */
    RK_ETEST = 3,    /* a test or a gate failed */
    RK_EDATA = 4,    /* bad input data */
    RK_EFILE = 5,    /* a file or a backend is not available */
    RK_ELIMIT = 6,   /* a limit was hit */
    RK_ENOMEM = 7,   /* out of memory; exits as a limit */
    RK_EBUG = 70,    /* our own mistake, caught by a verifier */
    RK_ESTOP = 130,  /* the caller said stop; there is no diagnostic */
} rk_status;

#define RK_NODISCARD __attribute__((warn_unused_result))

/* The one macro that hides control flow: passes a failure on to the caller. */
#define RK_TRY(expr)                                                                               \
    do {                                                                                           \
        const rk_status rk_try_status = (expr);                                                    \
        if (rk_try_status != RK_OK)                                                                \
            return rk_try_status;                                                                  \
    } while (0)

#define RK_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
