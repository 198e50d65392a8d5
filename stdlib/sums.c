#include "stdlib/sums.h"

/* One or two elements need no lanes: all else in the tree of sums is +0.0. */
static void close_block(rk_sparse_sum *sum)
{
    if (sum->n == 1) {
        sum->total += 0.0 + sum->first[0].x;
    } else if (sum->n == 2) {
        sum->total += 0.0 + sum->first[0].x + sum->first[1].x;
    } else if (sum->n > 2) {
        sum->total += rk_lanes_combine(sum->lane);
        memset(sum->lane, 0, sizeof sum->lane);
    }
    sum->n = 0;
}

void rk_sparse_add(rk_sparse_sum *sum, uint32_t position, double x)
{
    const uint32_t lane = position % RK_SUM_LANES;
    if (position / RK_SUM_BLOCK != sum->block) {
        close_block(sum);
        sum->block = position / RK_SUM_BLOCK;
    }
    if (sum->n < 2) {
        sum->first[sum->n].lane = lane;
        sum->first[sum->n].x = x;
    } else {
        for (uint32_t k = 0; k < 2 && sum->n == 2; k++)
            sum->lane[sum->first[k].lane] += sum->first[k].x;
        sum->lane[lane] += x;
    }
    sum->n++;
}

double rk_sparse_end(rk_sparse_sum *sum)
{
    close_block(sum);
    return sum->total;
}
