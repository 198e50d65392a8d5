/* Native code on disk, so that a plan is compiled once: a folder with a file for each plan, CPU
 * level and tier. Many processes share it without locks: a file appears whole, by a rename, and
 * never changes. The cache is a help and no more: what is not there, damaged, of another version or
 * not ours is the same as nothing, and nothing here fails. */
#ifndef RK_DRIVER_CACHE_H
#define RK_DRIVER_CACHE_H

#include "runtime/plan/code.h"

typedef struct rk_cache {
    int folder;      /* open; -1: there is no cache */
    const char *why; /* there is none, in words; NULL where there is one */
} rk_cache;

/* The folder is $RANKC_CACHE, else $XDG_CACHE_HOME/rankc, else ~/.cache/rankc; it is made when it
 * is not there, and used if it is the user's and nobody else may write to it. RANKC_CACHE=none, or
 * `wanted` false: no cache. Must be closed. */
rk_cache rk_cache_open(bool wanted);
void rk_cache_close(rk_cache *cache);

/* An entry while it is read. */
typedef struct rk_cached {
    rk_code code; /* points into the file */
    rk_mapping file;
} rk_cached;

/* The code of a key, or false. It is closed only when it was found. */
bool rk_cache_find(const rk_cache *cache, const rk_code_key *key, rk_cpu_level cpu, uint32_t tier,
                   rk_cached *out);
void rk_cached_close(rk_cached *cached);

/* Keeps code, in place of what was there; now and then takes out what was used longest ago, so that
 * the folder holds at most RK_CACHE_FILES files and RK_CACHE_BYTES. */
void rk_cache_store(const rk_cache *cache, const rk_code_key *key, const rk_code *code);

enum { RK_CACHE_FILES = 10000, RK_CACHE_BYTES = 1 << 30 };

/* How many files of code the folder holds, and their bytes; false if it cannot be read. */
bool rk_cache_measure(const rk_cache *cache, uint32_t *n, int64_t *bytes);

/* What rk_cache_store does now and then. */
void rk_cache_trim(const rk_cache *cache);

#endif
