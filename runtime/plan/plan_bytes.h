/* The layout of a plan's bytes, for encode.c and decode.c:
 *
 *     magic | version u32 | strings | functions, folds, stages by name | the plan | hash
 *
 * All numbers of the plan are varints of the number + 1, so that RK_PLAN_NONE takes one byte. */
#ifndef RK_PLAN_PLAN_BYTES_H
#define RK_PLAN_PLAN_BYTES_H

#include "runtime/plan/encode.h"
#include "runtime/plan/plan_rows.h"
#include "runtime/plan/value_bytes.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

#define RK_PLAN_MAGIC "RKPLAN\r\n"

/* A registry whose rows go by name; where names are overloaded, by signature too. */
typedef struct rk_registry {
    const char *what;
    uint32_t (*count)(void);
    const char *(*name)(uint32_t row);
    const char *(*sig)(uint32_t row); /* NULL: names are enough */
} rk_registry;

typedef enum rk_registry_kind {
    RK_REGISTRY_FNS,
    RK_REGISTRY_FOLDS,
    RK_REGISTRY_STAGES,
    RK_REGISTRY_COUNT
} rk_registry_kind;

extern const rk_registry rk_registries[RK_REGISTRY_COUNT];

#endif
