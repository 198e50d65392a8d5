/* What every phase of one compilation shares: memory, names, texts, diagnostics. One thread. */
#ifndef RK_BASE_CONTEXT_H
#define RK_BASE_CONTEXT_H

#include "runtime/base/diag.h"

typedef struct rk_context {
    rk_arena arena;
    rk_atoms names; /* identifiers and string literals */
    rk_texts texts;
    rk_diags diags;
} rk_context;

/* Must be freed even when it fails. */
RK_NODISCARD rk_status rk_context_init(rk_context *cx);
void rk_context_free(rk_context *cx);

#endif
