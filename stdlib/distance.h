/* Levenshtein distance in code points: fewest insertions, deletions and replacements. One text is
 * the pattern, prepared once and compared with many. Private to stdlib. */
#ifndef RK_STDLIB_DISTANCE_H
#define RK_STDLIB_DISTANCE_H

#include "stdlib/fold.h"

/* Start with {0} and the arena; the memory is used again from pattern to pattern. */
typedef struct rk_distance {
    rk_arena *arena;
    rk_keyed *sorted; /* [n], room for cap twice: the pattern's code points in order, each with its
                         place: finds where a code point occurs */
    size_t n, cap;
    size_t blocks;  /* of 64 places */
    uint64_t *same; /* [blocks]: places of the code point at hand; clear between steps */
    uint64_t *up;   /* [blocks]: vertical steps of +1 in the current column of the table */
    uint64_t *down; /* [blocks]: and of -1 */
} rk_distance;

/* Sets the pattern. RK_ENOMEM. */
RK_NODISCARD rk_status rk_distance_start(rk_distance *d, rk_str pattern);

/* The distance of the pattern to a text; time grows with len(text) * (len(pattern) / 64 + 1). */
int64_t rk_distance_to(rk_distance *d, rk_str text);

#endif
