/* The request of bench/request.c as both sides see it. */
#ifndef RK_BENCH_REQUEST_H
#define RK_BENCH_REQUEST_H

#include <stddef.h>
#include <stdint.h>

enum { BM25, PRICE, RATING, CLICKS, ORDERS, AGE, STOCK, MARGIN, DIST, SIM, REQUEST_FIELDS };
enum { REQUEST_MOST = 1024, REQUEST_LIST = 50 };

typedef struct request {
    size_t n;
    const int64_t *ids;
    const float *fields[REQUEST_FIELDS];
    float budget, rush;
} request;

/* Ranks it by hand: the list's ids and scores, and its length. */
typedef size_t request_peer(const request *r, int64_t *ids, float *scores);

#endif
