#include "runtime/model/load.h"

#include <stdio.h>

rk_status rk_model_bad(const rk_model_loading *loading, uint64_t line, const char *format, ...)
{
    rk_buf words = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    char at[32] = "";
    if (line)
        snprintf(at, sizeof at, ", line %llu", (unsigned long long)line);
    rk_error(loading->diags, RK_E0540, loading->spec->span, "`%.*s`%s: %.*s",
             RK_STR_ARG(loading->spec->path), at, RK_STR_ARG(rk_buf_str(&words)));
    const bool failed = words.failed;
    rk_buf_free(&words);
    return failed ? RK_ENOMEM : RK_EDATA;
}

void rk_model_lacks(rk_model_loading *loading, const char *format, ...)
{
    if (loading->lacks.len)
        rk_buf_add_chars(&loading->lacks, ", ");
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&loading->lacks, format, args);
    va_end(args);
}

rk_status rk_model_supported(rk_model_loading *loading)
{
    rk_buf *const lacks = &loading->lacks;
    const bool failed = lacks->failed, fine = lacks->len == 0;
    if (!fine)
        rk_error(loading->diags, RK_E0541, loading->spec->span,
                 "`%.*s` uses what is not supported: %.*s", RK_STR_ARG(loading->spec->path),
                 RK_STR_ARG(rk_buf_str(lacks)));
    rk_buf_free(lacks);
    return failed ? RK_ENOMEM : fine ? RK_OK : RK_EDATA;
}
