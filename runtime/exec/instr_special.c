/* Instructions that are no plain loop: remainders, powers, order of text, lists. They touch the n
 * items of the block only, never the lanes beyond. */
#include <math.h>

#include "runtime/exec/instr.h"

/* The sign of b; by 0 nothing. INT64_MIN by -1 would trap, and is 0 like everything by -1. */
static int64_t mod_int(int64_t a, int64_t b)
{
    if (b == 0 || b == -1)
        return 0;
    const int64_t r = a % b;
    return r != 0 && (r ^ b) < 0 ? r + b : r;
}

rk_status rk_run_mod_int(const rk_block *block, const rk_ready *ready)
{
    const rk_reg *const left = rk_in(block, ready, 0), *const right = rk_in(block, ready, 1);
    const int64_t *const a = left->data, *const b = right->data;
    rk_reg *const out = rk_out(block, ready);
    uint64_t by_zero[2] = {0};
    for (uint32_t i = 0; i < block->n; i++) {
        ((int64_t *)out->data)[i] = mod_int(a[i], b[i]);
        by_zero[i / 64] |= (uint64_t)(b[i] == 0) << i % 64;
    }
    for (unsigned word = 0; ready->masked && word < 2; word++)
        out->present[word] = rk_reg_word(left, word) & rk_reg_word(right, word) & ~by_zero[word];
    return RK_OK;
}

/* fmod is exact; a remainder of the other sign moves up by b, and 0 takes the sign of b. */
#define MOD_REAL(kind, ctype, fmod_, copysign_)                                                    \
    static ctype mod_##kind(ctype a, ctype b)                                                      \
    {                                                                                              \
        const ctype r = fmod_(a, b);                                                               \
        if (r == 0)                                                                                \
            return copysign_(r, b);                                                                \
        return (r < 0) != (b < 0) ? r + b : r;                                                     \
    }                                                                                              \
    rk_status rk_run_mod_##kind(const rk_block *block, const rk_ready *ready)                      \
    {                                                                                              \
        const ctype *const a = rk_in(block, ready, 0)->data;                                       \
        const ctype *const b = rk_in(block, ready, 1)->data;                                       \
        ctype *const out = rk_out(block, ready)->data;                                             \
        for (uint32_t i = 0; i < block->n; i++)                                                    \
            out[i] = mod_##kind(a[i], b[i]);                                                       \
        return RK_OK;                                                                              \
    }
MOD_REAL(float, float, fmodf, copysignf)
MOD_REAL(double, double, fmod, copysign)

rk_status rk_run_pow_float(const rk_block *block, const rk_ready *ready)
{
    block->math->pow.f32(rk_in(block, ready, 0)->data, rk_in(block, ready, 1)->data,
                         rk_out(block, ready)->data, block->n);
    return RK_OK;
}

rk_status rk_run_pow_double(const rk_block *block, const rk_ready *ready)
{
    block->math->pow.f64(rk_in(block, ready, 0)->data, rk_in(block, ready, 1)->data,
                         rk_out(block, ready)->data, block->n);
    return RK_OK;
}

static bool holds(uint32_t core, int order)
{
    switch (core) {
    case RK_CORE_LT:
        return order < 0;
    case RK_CORE_LE:
        return order <= 0;
    case RK_CORE_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

rk_status rk_run_order_string(const rk_block *block, const rk_ready *ready)
{
    const rk_atom *const a = rk_in(block, ready, 0)->data, *const b = rk_in(block, ready, 1)->data;
    uint8_t *const out = rk_out(block, ready)->data;
    for (uint32_t i = 0; i < block->n; i++) {
        const int order = a[i] == b[i] ? 0
                                       : rk_str_cmp(rk_atom_str(block->strings, a[i]),
                                                    rk_atom_str(block->strings, b[i]));
        out[i] = holds(ready->core, order);
    }
    return RK_OK;
}

/* ---- lists ---- */

static rk_slice slice_at(const rk_reg *reg, uint32_t i)
{
    return ((const rk_slice *)reg->data)[i * reg->step];
}

/* Whole strides are compared without leaving early, so that the compiler vectorises them. */
enum { STRIDE = 16 };
#define FIND(name, ctype)                                                                          \
    static bool find_##name(const void *child, rk_slice slice, const void *data, uint32_t i)       \
    {                                                                                              \
        const ctype *elements = (const ctype *)child + slice.at;                                   \
        const ctype wanted = ((const ctype *)data)[i];                                             \
        uint32_t left = slice.len;                                                                 \
        for (; left >= STRIDE; left -= STRIDE, elements += STRIDE) {                               \
            ctype hits = 0;                                                                        \
            for (unsigned k = 0; k < STRIDE; k++)                                                  \
                hits += elements[k] == wanted;                                                     \
            if (hits != 0)                                                                         \
                return true;                                                                       \
        }                                                                                          \
        for (uint32_t k = 0; k < left; k++)                                                        \
            if (elements[k] == wanted)                                                             \
                return true;                                                                       \
        return false;                                                                              \
    }
FIND(bool, uint8_t)
FIND(int, int64_t)
FIND(float, float)
FIND(double, double)
FIND(string, rk_atom)

rk_status rk_run_in(const rk_block *block, const rk_ready *ready)
{
    typedef bool find(const void *child, rk_slice slice, const void *data, uint32_t i);
    static find *const finds[RK_KIND_COUNT] = {
        [RK_KIND_BOOL] = find_bool,     [RK_KIND_INT] = find_int,
        [RK_KIND_FLOAT] = find_float,   [RK_KIND_DOUBLE] = find_double,
        [RK_KIND_STRING] = find_string,
    };
    find *const f = finds[ready->types[0].kind];
    const rk_reg *const list = rk_in(block, ready, 1);
    const void *const data = rk_in(block, ready, 0)->data;
    uint8_t *const out = rk_out(block, ready)->data;
    for (uint32_t i = 0; i < block->n; i++) {
        const rk_slice slice = slice_at(list, i);
        out[i] = slice.len && f(list->child, slice, data, i);
    }
    return RK_OK;
}

/* Copies element `from` of one array to place `to` of another; reals get the one NaN. */
static void copy_element(uint8_t kind, void *out, size_t to, const void *in, size_t from)
{
    switch (kind) {
    case RK_KIND_BOOL:
        ((uint8_t *)out)[to] = ((const uint8_t *)in)[from];
        break;
    case RK_KIND_INT:
        ((int64_t *)out)[to] = ((const int64_t *)in)[from];
        break;
    case RK_KIND_STRING:
        ((rk_atom *)out)[to] = ((const rk_atom *)in)[from];
        break;
    case RK_KIND_FLOAT: {
        const float x = ((const float *)in)[from];
        ((float *)out)[to] = x == x ? x : rk_nan_float();
        break;
    }
    case RK_KIND_DOUBLE: {
        const double x = ((const double *)in)[from];
        ((double *)out)[to] = x == x ? x : rk_nan_double();
        break;
    }
    default:
        break;
    }
}

static void set_missing(rk_reg *out, uint8_t kind, uint32_t i)
{
    switch (kind) {
    case RK_KIND_BOOL:
        ((uint8_t *)out->data)[i] = 0;
        break;
    case RK_KIND_INT:
        ((int64_t *)out->data)[i] = 0;
        break;
    case RK_KIND_STRING:
        ((rk_atom *)out->data)[i] = RK_ATOM_EMPTY;
        break;
    case RK_KIND_FLOAT:
        ((float *)out->data)[i] = rk_nan_float();
        break;
    case RK_KIND_DOUBLE:
        ((double *)out->data)[i] = rk_nan_double();
        break;
    default:
        break;
    }
    if (out->present)
        rk_bit_clear(out->present, i);
}

rk_status rk_run_index(const rk_block *block, const rk_ready *ready)
{
    const rk_reg *const list = rk_in(block, ready, 0), *const place = rk_in(block, ready, 1);
    const bool vector = ready->types[0].kind == RK_KIND_VECTOR;
    rk_reg *const out = rk_out(block, ready);
    if (ready->masked)
        out->present[0] = out->present[1] = UINT64_MAX;
    for (uint32_t i = 0; i < block->n; i++) {
        const int64_t k = ((const int64_t *)place->data)[i];
        const bool there = rk_reg_has(list, i) && rk_reg_has(place, i) && k >= 0;
        const uint32_t dim = ready->types[0].dim;
        const rk_slice slice = vector  ? (rk_slice){0, dim}
                               : there ? slice_at(list, i)
                                       : (rk_slice){0};
        if (!there || k >= slice.len)
            set_missing(out, ready->type.kind, i);
        else if (vector)
            copy_element(RK_KIND_FLOAT, out->data, i, list->data,
                         (size_t)i * list->step * dim + (size_t)k);
        else
            copy_element(ready->type.kind, out->data, i, list->child, slice.at + (size_t)k);
    }
    return RK_OK;
}

/* [a, b] where a vector is asked for. */
static rk_status run_vector(const rk_block *block, const rk_ready *ready)
{
    rk_reg *const out = rk_out(block, ready);
    for (uint32_t i = 0; i < block->n; i++)
        for (uint32_t k = 0; k < ready->n; k++)
            copy_element(RK_KIND_FLOAT, out->data, (size_t)i * ready->n + k,
                         rk_in(block, ready, k)->data, i);
    if (ready->masked)
        out->present[0] = out->present[1] = UINT64_MAX;
    return RK_OK;
}

rk_status rk_run_list(const rk_block *block, const rk_ready *ready)
{
    if (ready->type.kind == RK_KIND_VECTOR)
        return run_vector(block, ready);
    rk_reg *const out = rk_out(block, ready);
    rk_slice *const slices = out->data;
    for (uint32_t i = 0; i < block->n; i++) {
        slices[i] = (rk_slice){0};
        if (ready->n && !rk_children_add(out->children, ready->n, &slices[i]))
            return RK_ENOMEM;
        for (uint32_t k = 0; k < ready->n; k++)
            copy_element(ready->type.elem, out->children->data, slices[i].at + k,
                         rk_in(block, ready, k)->data, i);
    }
    out->child = out->children->data;
    if (ready->masked)
        out->present[0] = out->present[1] = UINT64_MAX;
    return RK_OK;
}

/* ---- IF and COALESCE of vectors and lists ---- */

/* The operand that item i takes. */
static const rk_reg *choice(const rk_block *block, const rk_ready *ready, uint32_t i)
{
    if (ready->core == RK_CORE_IF) {
        const uint8_t *const which = rk_in(block, ready, 0)->data;
        return rk_in(block, ready, which[i] ? 1 : 2);
    }
    const rk_reg *const left = rk_in(block, ready, 0);
    return rk_reg_has(left, i) ? left : rk_in(block, ready, 1);
}

static rk_status copy_wide(const rk_ready *ready, rk_reg *out, const rk_reg *from, uint32_t i)
{
    if (ready->type.kind == RK_KIND_VECTOR) {
        const size_t size = rk_type_size(ready->type);
        memcpy((char *)out->data + i * size, (const char *)from->data + i * from->step * size,
               size);
        return RK_OK;
    }
    const rk_slice slice = slice_at(from, i);
    rk_slice *const made = (rk_slice *)out->data + i;
    *made = (rk_slice){0};
    if (slice.len == 0)
        return RK_OK;
    void *const room = rk_children_add(out->children, slice.len, made);
    if (!room)
        return RK_ENOMEM;
    const size_t size = rk_type_size((rk_type){.kind = ready->type.elem});
    memcpy(room, (const char *)from->child + slice.at * size, slice.len * size);
    return RK_OK;
}

rk_status rk_run_choose_wide(const rk_block *block, const rk_ready *ready)
{
    rk_reg *const out = rk_out(block, ready);
    const size_t size = rk_type_size(ready->type);
    if (ready->masked)
        out->present[0] = out->present[1] = UINT64_MAX;
    for (uint32_t i = 0; i < block->n; i++) {
        const rk_reg *const from = choice(block, ready, i);
        if (rk_reg_has(from, i)) {
            RK_TRY(copy_wide(ready, out, from, i));
            continue;
        }
        memset((char *)out->data + i * size, 0, size);
        if (ready->masked)
            rk_bit_clear(out->present, i);
    }
    if (out->children)
        out->child = out->children->data;
    return RK_OK;
}
