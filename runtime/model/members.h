/* Reading of rankc's own JSON files: `{"rankc": "scaler", …}`, small ones. */
#ifndef RK_MODEL_MEMBERS_H
#define RK_MODEL_MEMBERS_H

#include "runtime/base/json.h"
#include "runtime/base/map.h"
#include "runtime/model/load.h"

typedef struct rk_members {
    rk_json json;
    rk_model_loading loading;
    rk_arena *arena; /* of the model: texts are copied into it */
    rk_table names;  /* of the inputs so far */
} rk_members;

/* Whether a file begins with `{"rankc": "what"`. */
bool rk_members_is(rk_str head, const char *what);

void rk_members_open(rk_members *m, const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                     rk_diags *diags);

/* E0540 with the line of what was read last. */
RK_NODISCARD rk_status rk_members_bad(const rk_members *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What must come next. */
RK_NODISCARD rk_status rk_members_expect(rk_members *m, rk_json_event event);

/* The next member's name, copied, in an object that is open; *more is false at its end. */
RK_NODISCARD rk_status rk_members_next(rk_members *m, rk_str *name, bool *more);

/* The next element of a list of objects that is open: the object is open now. */
RK_NODISCARD rk_status rk_members_object(rk_members *m, bool *more);

RK_NODISCARD rk_status rk_members_number(rk_members *m, double *out); /* finite */
RK_NODISCARD rk_status rk_members_text(rk_members *m, rk_str *out);   /* copied */

/* Called for each input in turn: E0540 if an earlier one has the name of the last. */
RK_NODISCARD rk_status rk_members_named(rk_members *m, const rk_model_input *inputs, uint32_t n);

#endif
