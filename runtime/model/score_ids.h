/* Models of ids: strings and ints, and lists of them, looked up among an input's categories. */
#ifndef RK_MODEL_SCORE_IDS_H
#define RK_MODEL_SCORE_IDS_H

#include "runtime/model/score.h"

/* Rows from .. to of a vocabulary's column. Of lists, the slices of `out` and room for their
 * elements are made before (rk_vocab_slices). */
void rk_vocab_run(const rk_scorer *scorer, const rk_column *column, uint32_t from, uint32_t to,
                  rk_column *out);

/* Gives each row of `out` a slice as long as the list's of `column`, one behind the other; the
 * elements in all. */
uint64_t rk_vocab_slices(const rk_column *column, rk_column *out);

/* A value of BOOL, INT, FLOAT or DOUBLE. */
double rk_number_at(const rk_column *column, uint32_t i);

/* Sums of a linear model of numbers and ids, for rows from .. from + n. */
void rk_terms_run(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                  uint32_t n, double *out);

#endif
