/* The families of functions: one file each, which ends in RK_FN_FAMILY(name, rows). A new family is
 * one word here and one line in local.mk. Overloads of a name stand together in one family. */
#ifndef RK_STDLIB_FAMILIES_H
#define RK_STDLIB_FAMILIES_H

#include "stdlib/fn.h"

typedef struct rk_fn_family {
    const rk_fn *rows;
    uint32_t n;
} rk_fn_family;

typedef struct rk_fold_family {
    const rk_fold_fn *rows;
    uint32_t n;
} rk_fold_family;

#define RK_FN_FAMILY(name, table)                                                                  \
    const rk_fn_family rk_fn_family_##name = {table, RK_ARRAY_LEN(table)};
#define RK_FOLD_FAMILY(name, table)                                                                \
    const rk_fold_family rk_fold_family_##name = {table, RK_ARRAY_LEN(table)};

#define RK_FN_FAMILIES(X)                                                                          \
    X(math)                                                                                        \
    X(extreme)                                                                                     \
    X(convert)                                                                                     \
    X(list)                                                                                        \
    X(list_fold)                                                                                   \
    X(sets)                                                                                        \
    X(text)                                                                                        \
    X(vector)                                                                                      \
    X(geo)                                                                                         \
    X(time)                                                                                        \
    X(statistics)                                                                                  \
    X(chance)
#define RK_FOLD_FAMILIES(X)                                                                        \
    X(aggregate)                                                                                   \
    X(listwise)

#define RK_FAMILY_DECLARE(name) extern const rk_fn_family rk_fn_family_##name;
RK_FN_FAMILIES(RK_FAMILY_DECLARE)
#undef RK_FAMILY_DECLARE
#define RK_FAMILY_DECLARE(name) extern const rk_fold_family rk_fold_family_##name;
RK_FOLD_FAMILIES(RK_FAMILY_DECLARE)
#undef RK_FAMILY_DECLARE

#endif
