/* CatBoost knows categories by a hash of their text: the low half of CityHash64, version 1.0.2. It
 * is worked out from published constants, and compared with the library for all lengths up to 200.
 */
#include "runtime/model/catboost.h"

#define K0 UINT64_C(0xc3a5c85c97cb3127)
#define K1 UINT64_C(0xb492b66fbe98f273)
#define K2 UINT64_C(0x9ae16a3b2f90404f)
#define K3 UINT64_C(0xc949d7c7509e6557)

typedef struct pair {
    uint64_t a, b;
} pair;

static uint64_t bytes(const unsigned char *s, int n)
{
    uint64_t value = 0;
    while (n--)
        value = value << 8 | s[n];
    return value;
}

static uint64_t load(const unsigned char *s) { return bytes(s, 8); }

static uint64_t turn(uint64_t v, unsigned n) { return n ? v >> n | v << (64 - n) : v; }

static uint64_t fold(uint64_t v) { return v ^ v >> 47; }

static uint64_t join(uint64_t u, uint64_t v)
{
    const uint64_t k = UINT64_C(0x9ddfea08eb382d69);
    const uint64_t a = fold((u ^ v) * k);
    return fold((v ^ a) * k) * k;
}

static uint64_t upto_16(const unsigned char *s, size_t n)
{
    if (n > 8) {
        const uint64_t last = load(s + n - 8);
        return join(load(s), turn(last + n, (unsigned)n)) ^ last;
    }
    if (n >= 4)
        return join(n + (bytes(s, 4) << 3), bytes(s + n - 4, 4));
    if (n == 0)
        return K2;
    const uint64_t y = s[0] + ((uint64_t)s[n / 2] << 8), z = n + ((uint64_t)s[n - 1] << 2);
    return fold(y * K2 ^ z * K3) * K2;
}

static uint64_t upto_32(const unsigned char *s, size_t n)
{
    const uint64_t a = load(s) * K1, b = load(s + 8);
    const uint64_t c = load(s + n - 8) * K2, d = load(s + n - 16) * K0;
    return join(turn(a - b, 43) + turn(c, 30) + d, a + turn(b ^ K3, 20) - c + n);
}

/* Of 32 bytes from two sums on. */
static pair half(const unsigned char *s, uint64_t a, uint64_t z)
{
    uint64_t b = turn(a + z, 52), c = turn(a, 37);
    a += load(s + 8);
    c += turn(a, 7);
    a += load(s + 16);
    return (pair){a + z, b + turn(a, 31) + c};
}

static uint64_t upto_64(const unsigned char *s, size_t n)
{
    const pair v = half(s, load(s) + (n + load(s + n - 16)) * K0, load(s + 24));
    const unsigned char *const end = s + n - 32;
    const pair w = half(end, load(s + 16) + load(end), load(s + n - 8));
    const uint64_t r = fold((v.a + w.b) * K2 + (w.a + v.b) * K0);
    return fold(r * K0 + v.b) * K2;
}

static pair weak(const unsigned char *s, uint64_t a, uint64_t b)
{
    const uint64_t last = load(s + 24);
    a += load(s);
    b = turn(b + a + last, 21);
    const uint64_t c = a;
    a += load(s + 8) + load(s + 16);
    b += turn(a, 44);
    return (pair){a + last, b + c};
}

static uint64_t longer(const unsigned char *s, size_t n)
{
    uint64_t x = load(s), y = load(s + n - 16) ^ K1, z = load(s + n - 56) ^ K0;
    pair v = weak(s + n - 64, n, y), w = weak(s + n - 32, n * K1, K0);
    z += fold(v.b) * K1;
    x = turn(z + x, 39) * K1;
    y = turn(y, 33) * K1;
    const unsigned char *const end = s + ((n - 1) & ~(size_t)63);
    for (; s < end; s += 64) {
        x = turn(x + y + v.a + load(s + 16), 37) * K1;
        y = turn(y + v.b + load(s + 48), 42) * K1;
        x ^= w.b;
        y ^= v.a;
        const uint64_t turned = turn(z ^ w.a, 33);
        v = weak(s, v.b * K1, x + w.a);
        w = weak(s + 32, turned + w.b, y);
        z = x;
        x = turned;
    }
    return join(join(v.a, w.a) + fold(y) * K1 + z, join(v.b, w.b) + x);
}

uint32_t rk_catboost_hash(rk_str text)
{
    const unsigned char *const s = (const unsigned char *)text.data;
    const size_t n = text.len;
    return (uint32_t)(n <= 16   ? upto_16(s, n)
                      : n <= 32 ? upto_32(s, n)
                      : n <= 64 ? upto_64(s, n)
                                : longer(s, n));
}

uint32_t rk_model_category(const rk_model_input *input, rk_str text)
{
    const uint32_t hash = rk_catboost_hash(text);
    uint32_t i = 0;
    while (i < input->n_categories && input->hashes[i] != hash)
        i++;
    return i;
}
