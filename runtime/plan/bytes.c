#include "runtime/plan/bytes.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

rk_digest rk_digest_of(rk_str s)
{
    XXH128_canonical_t canonical;
    rk_digest digest;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(s.len ? s.data : "", s.len));
    memcpy(digest.bytes, canonical.digest, sizeof digest.bytes);
    return digest;
}

bool rk_digest_eq(const rk_digest *a, const rk_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* ---- writing ---- */

static void put_little(rk_buf *out, uint64_t x, size_t n)
{
    char bytes[8];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(x >> 8 * i);
    rk_buf_add(out, (rk_str){bytes, n});
}

void rk_put_u8(rk_buf *out, uint8_t x) { put_little(out, x, 1); }
void rk_put_u32(rk_buf *out, uint32_t x) { put_little(out, x, 4); }
void rk_put_u64(rk_buf *out, uint64_t x) { put_little(out, x, 8); }

void rk_put_varint(rk_buf *out, uint64_t x)
{
    char bytes[10];
    size_t n = 0;
    for (; x >= 0x80; x >>= 7)
        bytes[n++] = (char)(x | 0x80);
    bytes[n++] = (char)x;
    rk_buf_add(out, (rk_str){bytes, n});
}

/* The greatest number, which stands for none, becomes the smallest. */
void rk_put_index(rk_buf *out, uint32_t x) { rk_put_varint(out, (uint32_t)(x + 1)); }

void rk_put_str(rk_buf *out, rk_str s)
{
    rk_put_varint(out, s.len);
    rk_buf_add(out, s);
}

void rk_put_padding(rk_buf *out, size_t start, size_t align)
{
    while (!out->failed && (out->len - start) % align)
        rk_buf_add_char(out, 0);
}

void rk_put_front(rk_buf *out, const char *magic, uint32_t version)
{
    rk_buf_add(out, (rk_str){magic, RK_MAGIC_SIZE});
    rk_put_u32(out, version);
}

void rk_put_digest(rk_buf *out, size_t start)
{
    if (out->failed)
        return;
    const rk_digest digest = rk_digest_of((rk_str){out->data + start, out->len - start});
    rk_buf_add(out, (rk_str){(const char *)digest.bytes, sizeof digest.bytes});
}

/* ---- reading ---- */

rk_reader rk_reader_of(rk_str bytes)
{
    return (rk_reader){(const uint8_t *)bytes.data, bytes.len, 0, NULL};
}

bool rk_reader_fail(rk_reader *r, const char *fault)
{
    r->fault = r->fault ? r->fault : fault;
    r->at = r->len;
    return false;
}

rk_str rk_get_bytes(rk_reader *r, size_t n)
{
    if (n > rk_reader_left(r)) {
        rk_reader_fail(r, "it ends too early");
        return RK_STR("");
    }
    const rk_str s = {n ? (const char *)r->data + r->at : "", n};
    r->at += n;
    return s;
}

static uint64_t get_little(rk_reader *r, size_t n)
{
    const rk_str s = rk_get_bytes(r, n);
    uint64_t x = 0;
    for (size_t i = 0; i < s.len; i++)
        x |= (uint64_t)(uint8_t)s.data[i] << 8 * i;
    return x;
}

uint8_t rk_get_u8(rk_reader *r) { return (uint8_t)get_little(r, 1); }
uint32_t rk_get_u32(rk_reader *r) { return (uint32_t)get_little(r, 4); }
uint64_t rk_get_u64(rk_reader *r) { return get_little(r, 8); }

uint64_t rk_get_varint(rk_reader *r)
{
    uint64_t x = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t byte = rk_get_u8(r);
        const uint64_t bits = byte & 0x7f;
        if (bits << shift >> shift != bits)
            break;
        x |= bits << shift;
        if (!(byte & 0x80))
            return x;
    }
    rk_reader_fail(r, "a number is too large");
    return 0;
}

uint32_t rk_get_index(rk_reader *r)
{
    const uint64_t x = rk_get_varint(r);
    if (x > UINT32_MAX)
        rk_reader_fail(r, "an index is too large");
    return r->fault ? 0 : (uint32_t)x - 1;
}

rk_str rk_get_str(rk_reader *r)
{
    const uint64_t len = rk_get_varint(r);
    return rk_get_bytes(r, len > SIZE_MAX ? SIZE_MAX : (size_t)len);
}

uint32_t rk_get_count(rk_reader *r, size_t size)
{
    const uint64_t n = rk_get_varint(r);
    if (n > rk_reader_left(r) / size || n > UINT32_MAX / 2) {
        rk_reader_fail(r, "it ends too early");
        return 0;
    }
    return (uint32_t)n;
}

bool rk_get_bool(rk_reader *r)
{
    const uint8_t x = rk_get_u8(r);
    return x > 1 ? rk_reader_fail(r, "a truth value is neither 0 nor 1") : x;
}

rk_status rk_get_front(rk_str bytes, const char *magic, const char *what, uint32_t version,
                       rk_reader *out, rk_buf *fault)
{
    rk_reader r = rk_reader_of(bytes);
    const rk_str front = rk_get_bytes(&r, RK_MAGIC_SIZE);
    if (!rk_str_eq(front, (rk_str){magic, RK_MAGIC_SIZE})) {
        rk_buf_printf(fault, "it is no %s", what);
        return RK_EDATA;
    }
    const uint32_t found = rk_get_u32(&r);
    if (!r.fault && found != version) {
        rk_buf_printf(fault, "it is of version %u, this rankc reads version %u", found, version);
        return RK_EDATA;
    }
    rk_digest digest = {{0}};
    if (rk_reader_left(&r) >= sizeof digest) {
        r.len -= sizeof digest;
        digest = rk_digest_of((rk_str){bytes.data, r.len});
        if (memcmp(digest.bytes, bytes.data + r.len, sizeof digest) == 0) {
            *out = r;
            return RK_OK;
        }
    }
    rk_buf_add_chars(fault, "it is truncated or damaged");
    return RK_EDATA;
}
