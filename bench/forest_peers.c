#include "bench/forest_peers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "bench/clock.h"

static void *find(void *library, const char *name)
{
    void *const symbol = dlsym(library, name);
    bench_must(symbol != NULL, name);
    return symbol;
}

/* ---- LightGBM ---- */

enum { FLOAT64 = 1, RAW_SCORE = 1 };
static const char threads[] = "num_threads=1";

typedef int lgb_create_fn(const char *, int *, void **);
typedef int lgb_mat_fn(void *, const void *, int, int32_t, int32_t, int, int, int, int,
                       const char *, int64_t *, double *);
typedef int lgb_init_fn(void *, int, int, int, int, int32_t, const char *, void **);
typedef int lgb_fast_fn(void *, const void *, int64_t *, double *);

static void score_lightgbm(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    int64_t len;
    ((lgb_mat_fn *)peer->run)(peer->handle, rows, FLOAT64, (int32_t)n, (int32_t)peer->n_features, 1,
                              RAW_SCORE, 0, -1, threads, &len, out);
}

static void score_lightgbm_one(forest_peer *peer, const void *row, void *out)
{
    int64_t len;
    ((lgb_fast_fn *)peer->run_one)(peer->fast, row, &len, out);
}

static void open_lightgbm(forest_peer *peer, void *library, const char *model)
{
    int trees;
    lgb_create_fn *const create = find(library, "LGBM_BoosterCreateFromModelfile");
    lgb_init_fn *const init = find(library, "LGBM_BoosterPredictForMatSingleRowFastInit");
    peer->run = find(library, "LGBM_BoosterPredictForMat");
    peer->run_one = find(library, "LGBM_BoosterPredictForMatSingleRowFast");
    bench_must(create(model, &trees, &peer->handle) == 0, model);
    bench_must(init(peer->handle, RAW_SCORE, 0, -1, FLOAT64, (int32_t)peer->n_features, threads,
                    &peer->fast) == 0,
               "the fast call");
    peer->score = score_lightgbm;
    peer->score_one = score_lightgbm_one;
}

/* ---- XGBoost ---- */

typedef int xgb_create_fn(const void *, uint64_t, void **);
typedef int xgb_load_fn(void *, const char *);
typedef int xgb_set_fn(void *, const char *, const char *);
typedef int xgb_proxy_fn(void **);
typedef int xgb_dense_fn(void *, const char *, const char *, void *, const uint64_t **, uint64_t *,
                         const float **);

static void score_xgboost(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    static const char config[] = "{\"type\":1,\"training\":false,\"iteration_begin\":0,"
                                 "\"iteration_end\":0,\"strict_shape\":false,\"cache_id\":0,"
                                 "\"missing\":NaN}";
    char values[160];
    const uint64_t *shape;
    uint64_t dim;
    const float *result;
    snprintf(values, sizeof values,
             "{\"data\":[%llu,true],\"shape\":[%u,%u],\"typestr\":\"<f4\",\"version\":3}",
             (unsigned long long)(uintptr_t)rows, n, peer->n_features);
    bench_must(((xgb_dense_fn *)peer->run)(peer->handle, values, config, peer->proxy, &shape, &dim,
                                           &result) == 0,
               "XGBoost");
    memcpy(out, result, n * sizeof *result);
}

static void open_xgboost(forest_peer *peer, void *library, const char *model)
{
    xgb_create_fn *const create = find(library, "XGBoosterCreate");
    xgb_load_fn *const load = find(library, "XGBoosterLoadModel");
    xgb_set_fn *const set = find(library, "XGBoosterSetParam");
    xgb_proxy_fn *const proxy = find(library, "XGProxyDMatrixCreate");
    peer->run = find(library, "XGBoosterPredictFromDense");
    bench_must(create(NULL, 0, &peer->handle) == 0 && load(peer->handle, model) == 0 &&
                   set(peer->handle, "nthread", "1") == 0 && proxy(&peer->proxy) == 0,
               model);
    peer->in_float = true;
    peer->score = score_xgboost;
}

/* ---- lleaves ---- */

typedef void lleaves_fn(const double *rows, double *out, int32_t from, int32_t to);

static void score_lleaves(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    ((lleaves_fn *)peer->run)(rows, out, 0, (int32_t)n);
}

static void open_lleaves(forest_peer *peer, void *library, const char *model)
{
    (void)model;
    peer->run = find(library, "forest_root");
    peer->score = score_lleaves;
}

void forest_peer_open(forest_peer *peer, const char *name, const char *library, const char *model,
                      uint32_t n_features)
{
    *peer = (forest_peer){.name = name, .n_features = n_features};
    void *const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fprintf(stderr, "bench: %s\n", dlerror());
    bench_must(handle != NULL, library);
    if (strcmp(name, "lightgbm") == 0)
        open_lightgbm(peer, handle, model);
    else if (strcmp(name, "xgboost") == 0)
        open_xgboost(peer, handle, model);
    else
        open_lleaves(peer, handle, model);
}
