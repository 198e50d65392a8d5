/* What bench/folds.c and its peers in C compute. */
#ifndef RK_BENCH_FOLDS_H
#define RK_BENCH_FOLDS_H

#include <stddef.h>
#include <stdint.h>

typedef struct folds {
    float sum, mean, least, most;
    int64_t count;
} folds;

typedef void folds_peer(const float *x, size_t n, folds *out);

#endif
