#include "runtime/source/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bit i of each: byte i of a block is one. */
typedef struct masks {
    uint64_t seps, quotes, newlines;
} masks;

/* What one block hands to the next. */
typedef struct carry {
    uint64_t inside; /* all ones: the block begins inside quotes */
    uint64_t start;  /* 1: a quote may open at its first byte, or double one that just closed */
    uint64_t closed; /* 1: the byte before was a closing quote */
} carry;

#ifdef __SSE2__

static uint64_t equal_bytes(const __m128i in[4], char c)
{
    const __m128i want = _mm_set1_epi8(c);
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(in[i], want)) << (16 * i);
    return mask;
}

static masks block_masks(const char *p, char sep)
{
    __m128i in[4];
    for (int i = 0; i < 4; i++)
        in[i] = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    return (masks){equal_bytes(in, sep), equal_bytes(in, '"'), equal_bytes(in, '\n')};
}

/* Newlines in whole 16-byte steps from *at on, which moves behind them. */
static size_t count_blocks(rk_str text, size_t *at)
{
    const __m128i newline = _mm_set1_epi8('\n'), zero = _mm_setzero_si128();
    size_t count = 0;
    while (text.len - *at >= 16) {
        __m128i sums = zero; /* a byte lane counts to 255 at most */
        for (int i = 0; i < 255 && text.len - *at >= 16; i++, *at += 16) {
            const __m128i in = _mm_loadu_si128((const __m128i *)(text.data + *at));
            sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(in, newline));
        }
        const __m128i wide = _mm_sad_epu8(sums, zero);
        count += (size_t)_mm_cvtsi128_si64(wide) +
                 (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(wide, wide));
    }
    return count;
}

#else

static masks block_masks(const char *p, char sep)
{
    masks m = {0};
    for (int i = 0; i < RK_SCAN_BLOCK; i++) {
        m.seps |= (uint64_t)(p[i] == sep) << i;
        m.quotes |= (uint64_t)(p[i] == '"') << i;
        m.newlines |= (uint64_t)(p[i] == '\n') << i;
    }
    return m;
}

static size_t count_blocks(rk_str text, size_t *at)
{
    (void)text, (void)at;
    return 0;
}

#endif

size_t rk_scan_count_lines(rk_str text)
{
    size_t at = 0;
    size_t count = count_blocks(text, &at);
    for (; at < text.len; at++)
        count += text.data[at] == '\n';
    return count;
}

/* Bit i: the number of bits up to and with i is odd. */
static uint64_t prefix_xor(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/* Of the bytes after closing quotes that are neither ends nor quotes, the first that is not the
 * carriage return of a line end; 64 if there is none. */
static unsigned first_after_close(uint64_t suspects, rk_str text, size_t at)
{
    for (; suspects; suspects &= suspects - 1) {
        const unsigned i = (unsigned)__builtin_ctzll(suspects);
        const size_t next = at + i + 1;
        if (text.data[at + i] != '\r' || (next < text.len && text.data[next] != '\n'))
            return i;
    }
    return RK_SCAN_BLOCK;
}

/* Takes what stands inside quotes out of m; returns the first bit where quotes are wrong, or 64.
 * `valid`: the bytes of the block that are text. */
static unsigned resolve_quotes(masks *m, carry *c, uint64_t valid, rk_str text, size_t at,
                               bool *embedded)
{
    const uint64_t inside = prefix_xor(m->quotes) ^ c->inside;
    const uint64_t opens = m->quotes & inside, closes = m->quotes & ~inside;
    *embedded |= (m->newlines & inside) != 0;
    m->seps &= ~inside;
    m->newlines &= ~inside;
    const uint64_t ends = m->seps | m->newlines;
    const uint64_t bad_open = opens & ~((ends | closes) << 1 | c->start);
    const uint64_t after = (closes << 1 | c->closed) & ~(ends | opens) & valid;
    const unsigned first = after ? first_after_close(after, text, at) : RK_SCAN_BLOCK;
    const unsigned open = bad_open ? (unsigned)__builtin_ctzll(bad_open) : RK_SCAN_BLOCK;
    c->inside = (uint64_t)((int64_t)inside >> 63);
    c->start = (ends | closes) >> 63;
    c->closed = closes >> 63;
    return open < first ? open : first;
}

/* Eight at a time whether there are as many or not: a branch for each would be guessed wrong once a
 * block. What is written too much is overwritten by the next block. */
static void put_ends(rk_scan *scan, uint64_t ends, size_t at)
{
    uint32_t *out = scan->ends + scan->n;
    const uint32_t base = (uint32_t)at;
    scan->n += (uint32_t)__builtin_popcountll(ends);
    while (ends) {
        for (int i = 0; i < 8; i++) {
            *out++ = base + (uint32_t)__builtin_ctzll(ends | UINT64_C(1) << 63);
            ends &= ends - 1;
        }
    }
}

/* One block; false when a quote is wrong, with scan->stop at it. */
static bool scan_block(rk_scan *scan, carry *c, rk_str text, size_t at, const char *block,
                       uint64_t valid)
{
    masks m = block_masks(block, scan->sep);
    m.quotes = scan->quotes ? m.quotes : 0;
    if (m.quotes | c->inside | c->closed) {
        const unsigned wrong = resolve_quotes(&m, c, valid, text, at, &scan->embedded);
        if (wrong < RK_SCAN_BLOCK) {
            put_ends(scan, (m.seps | m.newlines) & ((UINT64_C(1) << wrong) - 1), at);
            scan->stop = at + wrong;
            return false;
        }
    } else {
        c->start = (m.seps | m.newlines) >> 63;
    }
    put_ends(scan, m.seps | m.newlines, at);
    return true;
}

/* The bytes after the last whole block. */
static rk_scan_end scan_tail(rk_scan *scan, carry *c, rk_str text, size_t at)
{
    const size_t left = text.len - at;
    char block[RK_SCAN_BLOCK] = {0};
    memcpy(block, text.data + at, left);
    if (!scan_block(scan, c, text, at, block, (UINT64_C(1) << left) - 1))
        return RK_SCAN_QUOTE;
    scan->stop = text.len;
    if (c->inside)
        return RK_SCAN_OPEN;
    if (text.len && (scan->n == 0 || scan->ends[scan->n - 1] != text.len - 1 ||
                     text.data[text.len - 1] != '\n'))
        scan->ends[scan->n++] = (uint32_t)text.len;
    return RK_SCAN_ALL;
}

rk_scan_end rk_scan_run(rk_scan *scan, rk_str text, size_t budget)
{
    carry c = {.start = 1};
    scan->n = 0;
    scan->embedded = false;
    size_t at = 0;
    for (; text.len - at >= RK_SCAN_BLOCK; at += RK_SCAN_BLOCK) {
        if (at >= budget || scan->cap - scan->n < 2 * RK_SCAN_BLOCK) {
            scan->stop = at;
            return RK_SCAN_MORE;
        }
        if (!scan_block(scan, &c, text, at, text.data + at, UINT64_MAX))
            return RK_SCAN_QUOTE;
    }
    return scan_tail(scan, &c, text, at);
}
