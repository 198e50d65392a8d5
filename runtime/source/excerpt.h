/* Foreign bytes made fit for a message. Used by everything that quotes a data file. */
#ifndef RK_SOURCE_EXCERPT_H
#define RK_SOURCE_EXCERPT_H

#include "runtime/base/str.h"

enum { RK_EXCERPT_CHARS = 40 };

/* 40 characters of at most 4 bytes, an ellipsis, a NUL. */
typedef struct rk_excerpt {
    char text[RK_EXCERPT_CHARS * 4 + 4];
} rk_excerpt;

/* The first 40 characters of s; controls and bytes that are not UTF-8 as `\xNN`, `…` for the rest.
 */
rk_excerpt rk_excerpt_of(rk_str s);

/* The reason why a value was refused: half a sentence that follows the value, and advice. */
typedef struct rk_why {
    char text[224];
    const char *help; /* static; NULL: none */
} rk_why;

/* Fills why->text; help is cleared. */
void rk_why_set(rk_why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
