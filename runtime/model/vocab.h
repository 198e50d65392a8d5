/* A vocabulary: the numbers of keys, which are the model's categories. Its file, UTF-8, a line a
 * key:
 *
 *     # rankc vocab
 *     <missing>     0
 *     <unknown>     1
 *     berlin        2
 *     paris
 *
 * A key goes up to the first tab, behind which is its number; a line without one gets the number
 * after the last line's (the first: 0). `<unknown>` and `<missing>` say what the rest and missing
 * values become. Empty lines are passed over. */
#ifndef RK_MODEL_VOCAB_H
#define RK_MODEL_VOCAB_H

#include "runtime/model/model.h"

struct rk_vocab {
    const int64_t *codes; /* [n_categories of the input] */
    bool has_unknown, has_missing;
    int64_t unknown, missing;
};

extern const rk_model_format rk_model_vocab;

#endif
