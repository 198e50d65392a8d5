/* Libraries that forest.c measures against, loaded at run time. Each scores n rows of doubles, one
 * after the other, into raw scores. */
#ifndef RK_BENCH_FOREST_PEERS_H
#define RK_BENCH_FOREST_PEERS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct forest_peer forest_peer;

struct forest_peer {
    const char *name;
    bool in_float; /* rows are floats, and so are scores */
    void (*score)(forest_peer *peer, const void *rows, uint32_t n, void *out);
    void (*score_one)(forest_peer *peer, const void *row, void *out); /* NULL: score */
    uint32_t n_features;
    void *handle, *fast, *proxy;
    void *run, *run_one; /* functions of the library */
};

/* "lightgbm", "xgboost" or "lleaves": the library's or compiled model's .so, and the model. Ends
 * the process when something fails. */
void forest_peer_open(forest_peer *peer, const char *name, const char *library, const char *model,
                      uint32_t n_features);

#endif
