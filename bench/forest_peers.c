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
    peer->rows_in_float = peer->scores_in_float = true;
    peer->score = score_xgboost;
}

/* ---- ONNX Runtime: its interface is a table of functions, whose places never change ---- */

enum {
    ORT_MESSAGE = 2,
    ORT_ENV = 3,
    ORT_SESSION = 7,
    ORT_RUN = 9,
    ORT_OPTIONS = 10,
    ORT_INTRA_THREADS = 24,
    ORT_INTER_THREADS = 25,
    ORT_TENSOR = 49,
    ORT_MEMORY = 69,
    ORT_RELEASE_VALUE = 96
};
enum { ORT_VERSION = 13, ORT_WARNING = 2, ORT_ARENA = 1, ORT_FLOAT = 1 };

typedef struct ort_base {
    const void *const *(*api)(uint32_t version);
    const char *(*version)(void);
} ort_base;
typedef const char *ort_message_fn(const void *);
typedef void *ort_env_fn(int, const char *, void **);
typedef void *ort_options_fn(void **);
typedef void *ort_set_fn(void *, int);
typedef void *ort_session_fn(void *, const char *, void *, void **);
typedef void *ort_memory_fn(int, int, void **);
typedef void *ort_tensor_fn(void *, void *, size_t, const int64_t *, size_t, int, void **);
typedef void *ort_run_fn(void *, void *, const char *const *, void *const *, size_t,
                         const char *const *, size_t, void **);
typedef void ort_release_fn(void *);

static void ort_must(const forest_peer *peer, void *status)
{
    if (status)
        bench_must(false, ((ort_message_fn *)peer->api[ORT_MESSAGE])(status));
}

static void *ort_value(forest_peer *peer, const void *data, uint32_t n, uint32_t width)
{
    const int64_t shape[] = {n, width};
    void *value = NULL;
    ort_must(peer, ((ort_tensor_fn *)peer->api[ORT_TENSOR])(peer->proxy, (void *)(uintptr_t)data,
                                                            (size_t)n * width * sizeof(float),
                                                            shape, 2, ORT_FLOAT, &value));
    return value;
}

static void score_onnx(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    static const char *const in_names[] = {"rows"}, *const out_names[] = {"variable"};
    void *const in = ort_value(peer, rows, n, peer->n_features);
    void *result = ort_value(peer, out, n, 1);
    ort_must(peer, ((ort_run_fn *)peer->run)(peer->handle, NULL, in_names, &in, 1, out_names, 1,
                                             &result));
    ((ort_release_fn *)peer->api[ORT_RELEASE_VALUE])(in);
    ((ort_release_fn *)peer->api[ORT_RELEASE_VALUE])(result);
}

static void open_onnx(forest_peer *peer, void *library, const char *model)
{
    const ort_base *(*const base)(void) = (const ort_base *(*)(void))find(library, "OrtGetApiBase");
    const void *const *const api = base()->api(ORT_VERSION);
    bench_must(api != NULL, "ONNX Runtime's interface");
    void *env, *options;
    char path[4096];
    snprintf(path, sizeof path, "%.*s.onnx", (int)(strrchr(model, '.') - model), model);
    peer->api = api;
    ort_must(peer, ((ort_env_fn *)api[ORT_ENV])(ORT_WARNING, "bench", &env));
    ort_must(peer, ((ort_options_fn *)api[ORT_OPTIONS])(&options));
    ort_must(peer, ((ort_set_fn *)api[ORT_INTRA_THREADS])(options, 1));
    ort_must(peer, ((ort_set_fn *)api[ORT_INTER_THREADS])(options, 1));
    ort_must(peer, ((ort_session_fn *)api[ORT_SESSION])(env, path, options, &peer->handle));
    ort_must(peer, ((ort_memory_fn *)api[ORT_MEMORY])(ORT_ARENA, 0, &peer->proxy));
    peer->run = (void *)(uintptr_t)api[ORT_RUN];
    peer->rows_in_float = peer->scores_in_float = true;
    peer->score = score_onnx;
    peer->near = 1e-4;
    peer->most_far = 100;
}

/* ---- compiled models ---- */

typedef void lleaves_fn(const double *rows, double *out, int32_t from, int32_t to);

static void score_lleaves(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    ((lleaves_fn *)peer->run)(rows, out, 0, (int32_t)n);
}

/* tl2cgen's rows are unions of a value and the int -1, which says that it is missing: ours miss
 * none. Scores are added to what is there. */
typedef void tl2cgen_fn(const void *row, int raw, void *out);

static void score_tl2cgen_double(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    const double *row = rows;
    double *const scores = out;
    memset(out, 0, n * sizeof *scores);
    for (uint32_t i = 0; i < n; i++, row += peer->n_features)
        ((tl2cgen_fn *)peer->run)(row, 1, &scores[i]);
}

static void score_tl2cgen_float(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    const float *row = rows;
    float *const scores = out;
    memset(out, 0, n * sizeof *scores);
    for (uint32_t i = 0; i < n; i++, row += peer->n_features)
        ((tl2cgen_fn *)peer->run)(row, 1, &scores[i]);
}

typedef void export_fn(const float *rows, uint32_t n, uint32_t width, double *out);

static void score_export(forest_peer *peer, const void *rows, uint32_t n, void *out)
{
    ((export_fn *)peer->run)(rows, n, peer->n_features, out);
}

static void open_compiled(forest_peer *peer, void *library)
{
    if (strcmp(peer->name, "lleaves") == 0) {
        peer->run = find(library, "forest_root");
        peer->score = score_lleaves;
    } else if (strcmp(peer->name, "catboost-export") == 0) {
        peer->run = find(library, "score");
        peer->score = score_export;
        peer->rows_in_float = true;
    } else {
        const bool in_float = strcmp(peer->name, "tl2cgen-float") == 0;
        peer->run = find(library, "predict");
        peer->score = in_float ? score_tl2cgen_float : score_tl2cgen_double;
        peer->rows_in_float = peer->scores_in_float = in_float;
        peer->near = in_float ? 1e-4 : peer->near;
        peer->name = "tl2cgen";
    }
}

void forest_peer_open(forest_peer *peer, const char *name, const char *library, const char *model,
                      uint32_t n_features)
{
    *peer = (forest_peer){.name = name, .n_features = n_features, .near = 1e-9};
    void *const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fprintf(stderr, "bench: %s\n", dlerror());
    bench_must(handle != NULL, library);
    if (strcmp(name, "lightgbm") == 0)
        open_lightgbm(peer, handle, model);
    else if (strcmp(name, "xgboost") == 0)
        open_xgboost(peer, handle, model);
    else if (strcmp(name, "onnx") == 0)
        open_onnx(peer, handle, model);
    else
        open_compiled(peer, handle);
}
