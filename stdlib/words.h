/* Words of a text: what the functions of text match by. The text is taken in compatibility form
 * with cases folded (NFKC, then Unicode case folding), so that the same word written in other ways
 * is one word. A word is
 *   - one Han ideograph or hiragana character, or
 *   - the longest run of other letters, digits and marks.
 * All else separates words. Bytes that are not UTF-8 separate too. Private to stdlib. */
#ifndef RK_STDLIB_WORDS_H
#define RK_STDLIB_WORDS_H

#include "stdlib/fn.h"

/* Memory that is used again from text to text. Start with {0} and the arena. */
typedef struct rk_words {
    rk_arena *arena;
    int32_t *points; /* the folded text */
    size_t points_cap;
    RK_VEC(rk_atom) atoms; /* the result: in order, doubles kept */
    char *word;            /* one word as UTF-8 */
    size_t word_cap;
} rk_words;

/* Splits a text; the words are interned in `strings`. RK_ENOMEM. */
RK_NODISCARD rk_status rk_words_split(rk_words *words, rk_atoms *strings, rk_str text);

#endif
