/* What forest.c measures against, loaded at run time: libraries with the model, or the model
 * compiled. Each scores n rows, one after the other, into raw scores. */
#ifndef RK_BENCH_FOREST_PEERS_H
#define RK_BENCH_FOREST_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct forest_peer forest_peer;

struct forest_peer {
    const char *name;
    bool rows_in_float, scores_in_float; /* else double */
    double near;                         /* how far apart scores may be, ours being 1 or more */
    uint32_t most_far;                   /* how many of 10,000 may be farther apart */
    void (*score)(forest_peer *peer, const void *rows, uint32_t n, void *out);
    void (*score_one)(forest_peer *peer, const void *row, void *out); /* NULL: score */
    uint32_t n_features;
    void *handle, *fast, *proxy;
    void *run, *run_one;    /* functions of the library */
    const void *const *api; /* ONNX Runtime's, by number */
};

/* Which peer, by `name`, and its library:
 *   lightgbm, xgboost  theirs; the model as it is
 *   onnx               libonnxruntime; the model, converted, beside MODEL as .onnx
 *   lleaves, tl2cgen-double, tl2cgen-float, catboost-export   the compiled model
 * Ends the process when something fails. */
void forest_peer_open(forest_peer *peer, const char *name, const char *library, const char *model,
                      uint32_t n_features);

#endif
