/* Bodies of library functions that stand in functions_list.c, for the table in functions.c. */
#ifndef RK_PROGRAMS_FUNCTIONS_H
#define RK_PROGRAMS_FUNCTIONS_H

#include "tests/programs/programs.h"

#define LIST_FUNCTIONS(X)                                                                          \
    X(len)                                                                                         \
    X(first)                                                                                       \
    X(last)                                                                                        \
    X(take)                                                                                        \
    X(contains)                                                                                    \
    X(count_of)                                                                                    \
    X(sum)                                                                                         \
    X(avg) X(std) X(median) X(quantile) X(any) X(all) X(overlap) X(jaccard) X(string) X(lower)     \
        X(upper) X(trim) X(replace) X(join) X(split) X(format) X(starts_with) X(ends_with)         \
            X(edit_distance) X(words) X(dot) X(cosine) X(l2) X(norm) X(normalize) X(concat)
#define DECLARE(name) value call_##name(const call *c);
LIST_FUNCTIONS(DECLARE)
#undef DECLARE

#endif
