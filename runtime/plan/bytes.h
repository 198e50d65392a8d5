/* Plans, code and bundles as bytes: numbers little-endian or as varints, texts with their length,
 * and a hash. Writing goes to an rk_buf, whose failure is sticky; so is a reader's: after the first
 * fault it gives zeros, and the caller asks once. */
#ifndef RK_PLAN_BYTES_H
#define RK_PLAN_BYTES_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/status.h"

/* ---- hash ---- */

typedef struct rk_digest {
    uint8_t bytes[16];
} rk_digest;

/* XXH3-128 in its canonical order of bytes. It finds accidents; it is no seal. */
rk_digest rk_digest_of(rk_str s);

bool rk_digest_eq(const rk_digest *a, const rk_digest *b);

/* ---- writing ---- */

void rk_put_u8(rk_buf *out, uint8_t x);
void rk_put_u32(rk_buf *out, uint32_t x);
void rk_put_u64(rk_buf *out, uint64_t x);

/* Seven bits a byte, low ones first: one byte below 128. */
void rk_put_varint(rk_buf *out, uint64_t x);

/* A number of the plan: one byte for RK_PLAN_NONE and up to 126. */
void rk_put_index(rk_buf *out, uint32_t x);

/* Its length, then its bytes. */
void rk_put_str(rk_buf *out, rk_str s);

/* Zeros until the bytes since `start` are a multiple of `align`. */
void rk_put_padding(rk_buf *out, size_t start, size_t align);

/* ---- files: magic, version, something, and a hash over all that ---- */

enum { RK_MAGIC_SIZE = 8 };

/* `magic` has RK_MAGIC_SIZE bytes. */
void rk_put_front(rk_buf *out, const char *magic, uint32_t version);

/* The hash of what was put since `start`. */
void rk_put_digest(rk_buf *out, size_t start);

/* ---- reading ---- */

typedef struct rk_reader {
    const uint8_t *data;
    size_t len, at;
    const char *fault; /* the first one in a few words; NULL: none */
} rk_reader;

rk_reader rk_reader_of(rk_str bytes);

/* Keeps the first fault; returns false. From then on there is nothing left to read. */
bool rk_reader_fail(rk_reader *r, const char *fault);

static inline size_t rk_reader_left(const rk_reader *r) { return r->len - r->at; }

uint8_t rk_get_u8(rk_reader *r);
uint32_t rk_get_u32(rk_reader *r);
uint64_t rk_get_u64(rk_reader *r);
uint64_t rk_get_varint(rk_reader *r);
uint32_t rk_get_index(rk_reader *r);

/* Points into the bytes that are read. */
rk_str rk_get_str(rk_reader *r);
rk_str rk_get_bytes(rk_reader *r, size_t n);

/* A number of things of which each takes at least `size` bytes of what is left, so that what is
 * allocated for them stays in proportion to what was given. */
uint32_t rk_get_count(rk_reader *r, size_t size);

/* 0 or 1. */
bool rk_get_bool(rk_reader *r);

/* A reader of what stands between front and hash, once both are right: RK_EDATA with the reason in
 * `fault` otherwise. `what` it should be is for the message. */
RK_NODISCARD rk_status rk_get_front(rk_str bytes, const char *magic, const char *what,
                                    uint32_t version, rk_reader *out, rk_buf *fault);

#endif
