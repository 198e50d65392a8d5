/* What loaders of models share: how they refuse a file. */
#ifndef RK_MODEL_LOAD_H
#define RK_MODEL_LOAD_H

#include "runtime/model/model.h"

/* Where errors go while a file is read, and what was found that we cannot compute. */
typedef struct rk_model_loading {
    const rk_model_spec *spec;
    rk_diags *diags;
    rk_buf lacks; /* "linear trees (12), …"; freed by rk_model_supported */
} rk_model_loading;

/* E0540 at a line from 1, or of the whole file for line 0. Gives RK_EDATA. */
RK_NODISCARD rk_status rk_model_bad(const rk_model_loading *loading, uint64_t line,
                                    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One more thing that the model uses and that is not supported. Reading goes on, so that one error
 * can list all of them. */
void rk_model_lacks(rk_model_loading *loading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* At the end, and only once: E0541 and RK_EDATA if anything was not supported. */
RK_NODISCARD rk_status rk_model_supported(rk_model_loading *loading);

#endif
