/* Decimal text to binary floating point, correctly rounded and without the locale. Three ways, each
 * for what the one before leaves: one exact operation (Clinger); a product with 128 bits of the
 * power of ten (Eisel and Lemire, "Number parsing at a gigabyte per second", 2021); integers as
 * long as it takes. */
#include <math.h>

#include "runtime/base/digits.h"

enum { POWER_LEAST = -65, POWER_MOST = 40, EXACT_POWER = 22, DIGITS = 19, SLOW_DIGITS = 770 };

/* A binary format: what float and double differ in. */
typedef struct format {
    int bits;     /* of the mantissa, the hidden one included */
    int bias;     /* of the exponent */
    int infinity; /* the exponent of infinities */
} format;

static const format float_format = {24, 127, 0xff};
static const format double_format = {53, 1023, 0x7ff};

/* The first DIGITS significant digits times 10^exponent, and where to read the others. */
typedef struct decimal {
    uint64_t digits;
    int64_t exponent;
    bool negative;
    bool cut;       /* there are more than DIGITS significant ones */
    rk_str written; /* digits and a point, from the first significant digit on */
    int64_t point;  /* exponent of the last digit written */
} decimal;

static inline bool is_digit(char c) { return (unsigned char)(c - '0') <= 9; }

/* ---- reading the text ---- */

/* After the e; false if no digit follows. Exponents beyond a million are a million. */
static bool read_exponent(const char *p, const char *end, int64_t *out)
{
    const bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end)
        return false;
    int64_t value = 0;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        value = value < 1000000 ? value * 10 + (*p - '0') : value;
    }
    *out = negative ? -value : value;
    return true;
}

/* Many digits: leading zeros do not count, and those after the first DIGITS are cut off. */
static void cut_digits(decimal *d, const char *p, const char *end)
{
    while (p < end && (*p == '0' || *p == '.'))
        p++;
    d->written = (rk_str){p, (size_t)(end - p)};
    const char *const point = p < end ? memchr(p, '.', d->written.len) : NULL;
    const int64_t count = (end - p) - (point != NULL);
    d->cut = count > DIGITS;
    if (!d->cut)
        return; /* the leading zeros did no harm */
    d->digits = 0;
    for (int left = DIGITS; left > 0; p++) {
        if (*p == '.')
            continue;
        d->digits = d->digits * 10 + (uint64_t)(*p - '0');
        left--;
    }
    d->exponent += count - DIGITS;
}

/* Whether the whole of s is [sign] digits [. digits] [e [sign] digits], a digit before the e. */
static bool read_decimal(rk_str s, decimal *d)
{
    const char *p = s.data;
    const char *const end = p + s.len;
    d->negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    const char *const first = p;
    uint64_t digits = 0;
    for (; p < end && is_digit(*p); p++)
        digits = digits * 10 + (uint64_t)(*p - '0');
    int64_t count = p - first, exponent = 0, scale = 0;
    if (p < end && *p == '.') {
        const char *const fraction = ++p;
        for (; p < end && is_digit(*p); p++)
            digits = digits * 10 + (uint64_t)(*p - '0');
        scale = p - fraction;
        count += scale;
    }
    if (count == 0)
        return false;
    if (p < end && ((*p | 0x20) != 'e' || !read_exponent(p + 1, end, &exponent)))
        return false;
    d->digits = digits;
    d->point = d->exponent = exponent - scale;
    d->cut = false;
    if (count > DIGITS)
        cut_digits(d, first, p);
    return true;
}

static bool equals_lower(rk_str s, const char *word)
{
    if (s.len != strlen(word))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((s.data[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool read_special(rk_str s, double *out)
{
    const bool negative = s.len && s.data[0] == '-';
    if (s.len && (negative || s.data[0] == '+'))
        s = (rk_str){s.data + 1, s.len - 1};
    if (equals_lower(s, "inf") || equals_lower(s, "infinity"))
        *out = negative ? -INFINITY : INFINITY;
    else if (equals_lower(s, "nan"))
        *out = (double)NAN;
    else
        return false;
    return true;
}

/* ---- one exact operation ---- */

/* Digits and power are both exact doubles, so that one operation rounds once. */
static bool exact_double(const decimal *d, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->cut || d->digits >> 53 || d->exponent < -EXACT_POWER || d->exponent > EXACT_POWER)
        return false;
    const double digits = (double)d->digits;
    *out = d->exponent < 0 ? digits / power[-d->exponent] : digits * power[d->exponent];
    return true;
}

/* ---- 128 bits ---- */

static const uint64_t powers[][2] = {
#define RK_POWER(q, high, low) {high, low},
#include "runtime/base/decimal.def"
#undef RK_POWER
};

/* The bits of digits * 10^exponent, or false where 128 bits do not tell or it is not a normal
 * number. digits is not 0. */
static bool from_128_bits(uint64_t digits, int64_t exponent, const format *f, uint64_t *out)
{
    if (exponent < POWER_LEAST || exponent > POWER_MOST)
        return false;
    const int zeros = __builtin_clzll(digits);
    digits <<= zeros;
    const uint64_t *const power = powers[exponent - POWER_LEAST];
    const unsigned __int128 product = (unsigned __int128)digits * power[0];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    const int spare = 64 - f->bits - 2;
    const uint64_t below = (UINT64_C(1) << spare) - 1; /* bits that rounding looks at no more */
    if ((high & below) == below && low + digits < digits) {
        const unsigned __int128 second = (unsigned __int128)digits * power[1];
        const uint64_t sum = low + (uint64_t)(second >> 64);
        high += sum < low;
        low = sum;
        if ((high & below) == below && low + 1 == 0 && (uint64_t)second + digits < digits)
            return false;
    }
    const int top = (int)(high >> 63);
    uint64_t mantissa = high >> (top + spare); /* one bit more than the format has */
    if (low == 0 && (high & below) == 0 && (mantissa & 3) == 1)
        return false; /* maybe half way */
    /* 217706 / 2^16 is log2(10) for all exponents of the table. */
    int64_t binary = ((217706 * exponent) >> 16) + 64 + f->bias - zeros - (1 ^ top);
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> f->bits) {
        mantissa >>= 1;
        binary++;
    }
    if (binary < 1 || binary >= f->infinity)
        return false;
    *out = (uint64_t)binary << (f->bits - 1) | (mantissa & ((UINT64_C(1) << (f->bits - 1)) - 1));
    return true;
}

/* ---- as long as it takes ---- */

enum { LIMBS = 80 };

/* A whole number of at most LIMBS * 64 bits, least limb first. The bounds on digits and exponents
 * keep all of them below 4,800 bits. */
typedef struct big {
    int n;
    uint64_t limbs[LIMBS];
} big;

static void big_push(big *b, uint64_t limb)
{
    if (limb && b->n < LIMBS)
        b->limbs[b->n++] = limb;
}

static void big_multiply_add(big *b, uint64_t factor, uint64_t add)
{
    uint64_t carry = add;
    for (int i = 0; i < b->n; i++) {
        const unsigned __int128 step = (unsigned __int128)b->limbs[i] * factor + carry;
        b->limbs[i] = (uint64_t)step;
        carry = (uint64_t)(step >> 64);
    }
    big_push(b, carry);
}

static void big_multiply_power5(big *b, int64_t exponent)
{
    for (; exponent >= 27; exponent -= 27)
        big_multiply_add(b, UINT64_C(7450580596923828125), 0);
    for (; exponent > 0; exponent--)
        big_multiply_add(b, 5, 0);
}

static void big_shift(big *b, int64_t bits)
{
    const int limbs = (int)(bits / 64), rest = (int)(bits % 64);
    if (b->n == 0 || b->n + limbs > LIMBS)
        return;
    memmove(b->limbs + limbs, b->limbs, (size_t)b->n * sizeof *b->limbs);
    memset(b->limbs, 0, (size_t)limbs * sizeof *b->limbs);
    b->n += limbs;
    if (rest)
        big_multiply_add(b, UINT64_C(1) << rest, 0);
}

static int big_compare(const big *a, const big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

/* value = whole * 2^twos / fives. */
typedef struct exact {
    big whole;
    big fives;
    int64_t twos;
} exact;

/* All digits that matter: a halfway point has fewer than SLOW_DIGITS, so of what comes after them
 * only counts whether it is nothing. */
static void read_exact(const decimal *d, exact *x)
{
    *x = (exact){.fives = {1, {1}}};
    int64_t exponent = d->exponent;
    if (!d->cut) {
        big_push(&x->whole, d->digits);
    } else {
        int64_t used = 0, left = 0;
        bool more = false;
        for (size_t i = 0; i < d->written.len; i++) {
            const char c = d->written.data[i];
            if (c == '.')
                continue;
            if (used == SLOW_DIGITS) {
                more = more || c != '0';
                left++;
                continue;
            }
            big_multiply_add(&x->whole, 10, (uint64_t)(c - '0'));
            used++;
        }
        exponent = d->point + left;
        if (more) {
            big_multiply_add(&x->whole, 10, 1);
            exponent--;
        }
    }
    x->twos = exponent;
    big_multiply_power5(exponent < 0 ? &x->fives : &x->whole, exponent < 0 ? -exponent : exponent);
}

/* Compares x with mantissa * 2^exponent. */
static int compare_exact(const exact *x, uint64_t mantissa, int64_t exponent)
{
    big left = x->whole, right = x->fives;
    big_multiply_add(&right, mantissa, 0);
    if (mantissa == 0)
        right.n = 0;
    const int64_t shift = x->twos - exponent;
    big_shift(shift > 0 ? &left : &right, shift > 0 ? shift : -shift);
    return big_compare(&left, &right);
}

/* Compares x with the number of these bits (half = false), or half a step above it. */
static int compare_bits(const exact *x, uint64_t bits, bool half, const format *f)
{
    const int64_t field = (int64_t)(bits >> (f->bits - 1));
    uint64_t mantissa = bits & ((UINT64_C(1) << (f->bits - 1)) - 1);
    if (field)
        mantissa |= UINT64_C(1) << (f->bits - 1);
    const int64_t exponent = (field ? field : 1) - f->bias - f->bits + 1;
    return compare_exact(x, mantissa * 2 + half, exponent - 1);
}

/* The greatest number not above x is found by halving the range of bit patterns, which are in the
 * order of their numbers; then it is rounded. */
static uint64_t from_exact(const decimal *d, const format *f)
{
    const uint64_t infinity = (uint64_t)f->infinity << (f->bits - 1);
    if (d->digits == 0 || d->exponent + DIGITS < -330)
        return 0;
    if (d->exponent > 310)
        return infinity;
    exact x;
    read_exact(d, &x);
    uint64_t low = 0, high = infinity;
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;
        if (compare_bits(&x, middle, false, f) >= 0)
            low = middle;
        else
            high = middle;
    }
    const int order = compare_bits(&x, low, true, f);
    return low + (order > 0 || (order == 0 && (low & 1)));
}

/* ---- all of them ---- */

static uint64_t to_bits(const decimal *d, const format *f)
{
    uint64_t bits, above;
    if (d->digits == 0 && !d->cut)
        return 0;
    if (d->digits && from_128_bits(d->digits, d->exponent, f, &bits)) {
        if (!d->cut)
            return bits;
        if (from_128_bits(d->digits + 1, d->exponent, f, &above) && above == bits)
            return bits;
    }
    return from_exact(d, f);
}

/* At most eight characters, digits with maybe a sign and a point: what most cells of a table are.
 */
static inline bool short_decimal(rk_str s, double *out)
{
    const size_t sign = s.len && s.data[0] == '-';
    const size_t len = s.len - sign;
    if (len - 1 >= 8 || !rk_digits_decimal(rk_digits_load(s.data + sign, len), len, out))
        return false;
    *out = sign ? -*out : *out;
    return true;
}

bool rk_str_to_double(rk_str s, double *out)
{
    if (short_decimal(s, out))
        return true;
    decimal d;
    if (!read_decimal(s, &d))
        return read_special(s, out);
    if (!exact_double(&d, out)) {
        const uint64_t bits = to_bits(&d, &double_format);
        memcpy(out, &bits, sizeof bits);
    }
    *out = d.negative ? -*out : *out;
    return true;
}

bool rk_str_to_float(rk_str s, float *out)
{
    double wide;
    if (short_decimal(s, &wide) && rk_digits_narrow(wide, out))
        return true;
    decimal d;
    if (!read_decimal(s, &d)) {
        if (!read_special(s, &wide))
            return false;
        *out = (float)wide;
        return true;
    }
    if (!exact_double(&d, &wide) || !rk_digits_narrow(wide, out)) {
        const uint32_t bits = (uint32_t)to_bits(&d, &float_format);
        memcpy(out, &bits, sizeof bits);
    }
    *out = d.negative ? -*out : *out;
    return true;
}
