#include "runtime/source/bad.h"

#include <stdarg.h>
#include <stdio.h>

/* For rows that are only counted; rk_diag_help and its like leave a diagnostic without code alone.
 */
static rk_diag *nowhere(void)
{
    static const rk_diag none = {.code = RK_CODE_NONE};
    return (rk_diag *)&none;
}

rk_diag *rk_bad_add(rk_bad *bad, rk_diag_code code, rk_span span, uint64_t line, const char *format,
                    ...)
{
    const bool allowed = bad->count++ < bad->allowed;
    if (!allowed)
        bad->stop = bad->allowed > 0 || bad->count >= RK_BAD_SHOWN;
    if (allowed && bad->count > RK_BAD_SHOWN)
        return nowhere();
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    rk_diag *const diag =
        (allowed ? rk_warning : rk_error)(bad->diags, code, span, "%.*s:%llu: %s",
                                          RK_STR_ARG(bad->path), (unsigned long long)line, text);
    if (!allowed && bad->allowed > 0)
        rk_diag_note(bad->diags, diag, RK_NO_SPAN, "more than %u bad %s%s", bad->allowed, bad->what,
                     bad->allowed == 1 ? "" : "s");
    return diag;
}

void rk_bad_help(rk_bad *bad, rk_diag *diag, const rk_why *why)
{
    if (why->help)
        rk_diag_help(bad->diags, diag, "%s", why->help);
}

rk_status rk_bad_finish(rk_bad *bad, rk_span span, uint64_t total)
{
    if (bad->count > bad->allowed)
        return RK_EDATA;
    if (bad->count)
        rk_warning(bad->diags, RK_E0507, span, "%.*s: %u of %llu %ss left out",
                   RK_STR_ARG(bad->path), bad->count, (unsigned long long)total, bad->what);
    return RK_OK;
}
