/* Sums as LANGUAGE (Numbers) has them, for whoever adds doubles: blocks of 4,096 positions, in a
 * block the element at position i goes to lane i mod 16, lanes are combined by 8, 4, 2, 1, block
 * results are added in order. What is left out keeps its position and adds nothing. wide.h has the
 * fast form for whole columns; these are for groups and for short lists. */
#ifndef RK_STDLIB_SUMS_H
#define RK_STDLIB_SUMS_H

#include "runtime/data/column.h"

enum { RK_SUM_LANES = 16, RK_SUM_BLOCK = 4096 };

/* The sum of the lanes; they are overwritten. */
static inline double rk_lanes_combine(double *lane)
{
    for (int w = RK_SUM_LANES / 2; w > 0; w /= 2)
        for (int j = 0; j < w; j++)
            lane[j] += lane[j + w];
    return lane[0];
}

/* A sum of elements at any ascending positions. Start with {0}. */
typedef struct rk_sparse_sum {
    double lane[RK_SUM_LANES];
    double total; /* of the blocks that are done */
    uint32_t block;
    uint32_t n; /* elements of this block so far */
    struct {
        uint32_t lane;
        double x;
    } first[2]; /* not yet in their lanes: most blocks of a group hold one or two */
} rk_sparse_sum;

/* Adds the element at `position`, not below the ones before. */
void rk_sparse_add(rk_sparse_sum *sum, uint32_t position, double x);

/* The sum; nothing may be added after. */
double rk_sparse_end(rk_sparse_sum *sum);

#endif
