/* What the harnesses of runtime/model share: a model read from bytes, into memory that stays from
 * one input to the next. What is left in it from there makes two readings of the same bytes differ
 * where something is read that was never written. */
#ifndef RK_FUZZ_MODEL_CHECK_H
#define RK_FUZZ_MODEL_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/model/model.h"

#define REQUIRE(holds)                                                                             \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { FUZZ_KEPT = 8 << 20 }; /* bytes of memory that stay */

typedef struct fuzz_model {
    rk_arena arena;
    rk_diags diags;
    rk_model *model; /* NULL: the bytes are none */
} fuzz_model;

/* What was read goes, most of the memory stays. */
static inline void fuzz_model_clear(fuzz_model *m)
{
    if (rk_arena_capacity(&m->arena) > FUZZ_KEPT)
        rk_arena_free(&m->arena);
    rk_arena_reset(&m->arena);
    m->model = NULL;
}

/* Reads a model; its memory is bounded by the number of bytes, whatever they claim. */
static inline rk_model *fuzz_model_read(fuzz_model *m, rk_str bytes,
                                        const rk_model_options *options)
{
    const rk_model_spec spec = {
        .path = RK_STR("m"), .span = RK_NO_SPAN, .bytes = &bytes, .options = *options};
    fuzz_model_clear(m);
    rk_diags_init(&m->diags, &m->arena);
    const rk_status status = rk_model_load(&spec, &m->arena, &m->diags, &m->model);
    REQUIRE((status == RK_OK) == (m->model != NULL));
    REQUIRE((status == RK_OK) == (m->diags.errors == 0));
    REQUIRE(status == RK_OK || status == RK_EDATA || status == RK_EFILE); /* one beside it */
    REQUIRE(m->arena.used <= 100 * bytes.len + 2000000);
    return m->model;
}

#endif
