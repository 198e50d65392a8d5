/* Tensors: numbers as raw bytes, in fields of their own by type, or in another file. */
#include "runtime/model/onnx_read.h"

#include <math.h>

/* Fields of the message. */
enum {
    DIMS = 1,
    TYPE,
    SEGMENT,
    FLOAT_DATA,
    INT32_DATA,
    STRING_DATA,
    INT64_DATA,
    NAME,
    RAW_DATA,
    DOUBLE_DATA,
    UINT64_DATA,
    EXTERNAL_DATA = 13,
    LOCATION,
    N_FIELDS
};

/* How a type's elements lie: bits of each, and the field that holds them when they are not raw. */
typedef struct layout {
    const char *name;
    uint8_t bits, field;
} layout;

/* clang-format off */
static const layout layouts[RK_ONNX_TYPE_COUNT] = {
    [RK_ONNX_FLOAT] = {"float", 32, FLOAT_DATA},
    [RK_ONNX_UINT8] = {"uint8", 8, INT32_DATA}, [RK_ONNX_INT8] = {"int8", 8, INT32_DATA},
    [RK_ONNX_UINT16] = {"uint16", 16, INT32_DATA}, [RK_ONNX_INT16] = {"int16", 16, INT32_DATA},
    [RK_ONNX_INT32] = {"int32", 32, INT32_DATA}, [RK_ONNX_INT64] = {"int64", 64, INT64_DATA},
    [RK_ONNX_STRING] = {"string", 0, STRING_DATA}, [RK_ONNX_BOOL] = {"bool", 8, INT32_DATA},
    [RK_ONNX_FLOAT16] = {"float16", 16, INT32_DATA}, [RK_ONNX_DOUBLE] = {"double", 64, DOUBLE_DATA},
    [RK_ONNX_UINT32] = {"uint32", 32, UINT64_DATA}, [RK_ONNX_UINT64] = {"uint64", 64, UINT64_DATA},
    [RK_ONNX_COMPLEX64] = {"complex64", 64, FLOAT_DATA}, [RK_ONNX_COMPLEX128] = {"complex128", 128, DOUBLE_DATA},
    [RK_ONNX_BFLOAT16] = {"bfloat16", 16, INT32_DATA},
    [RK_ONNX_FLOAT8E4M3FN] = {"float8e4m3fn", 8, INT32_DATA}, [RK_ONNX_FLOAT8E4M3FNUZ] = {"float8e4m3fnuz", 8, INT32_DATA},
    [RK_ONNX_FLOAT8E5M2] = {"float8e5m2", 8, INT32_DATA}, [RK_ONNX_FLOAT8E5M2FNUZ] = {"float8e5m2fnuz", 8, INT32_DATA},
    [RK_ONNX_UINT4] = {"uint4", 4, INT32_DATA}, [RK_ONNX_INT4] = {"int4", 4, INT32_DATA},
    [RK_ONNX_FLOAT4E2M1] = {"float4e2m1", 4, INT32_DATA},
};
/* clang-format on */

const char *rk_onnx_type_name(uint32_t type)
{
    return type == RK_ONNX_UNDEFINED || type >= RK_ONNX_TYPE_COUNT ? "unknown" : layouts[type].name;
}

/* ---- reading ---- */

typedef struct part {
    rk_onnx_reader *r;
    rk_proto message;
    rk_onnx_tensor *out;
    uint32_t counts[N_FIELDS];
    int64_t location; /* 1: external */
    rk_str raw;
} part;

#define BAD(p, ...) rk_onnx_bad((p)->r->loading, (p)->out->at, __VA_ARGS__)

static rk_status read_fields(part *p)
{
    rk_onnx_tensor *const out = p->out;
    rk_proto message = p->message;
    int64_t type = 0;
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        if (field.number == TYPE)
            type = rk_proto_int(&message, &field);
        else if (field.number == NAME)
            out->name = rk_proto_bytes(&message, &field);
        else if (field.number == RAW_DATA)
            p->raw = rk_proto_bytes(&message, &field);
        else if (field.number == LOCATION)
            p->location = rk_proto_int(&message, &field);
    }
    RK_TRY(rk_onnx_sound(p->r));
    if (type <= RK_ONNX_UNDEFINED || type >= RK_ONNX_TYPE_COUNT)
        return BAD(p, "tensor `%.*s` has elements of type %lld, which is unknown",
                   RK_STR_ARG(out->name), (long long)type);
    out->type = (uint32_t)type;
    if (p->counts[SEGMENT])
        return BAD(p, "tensor `%.*s` is a segment of another", RK_STR_ARG(out->name));
    return RK_OK;
}

/* Elements and bytes, which must be numbers of 64 bits. */
static rk_status measure(part *p)
{
    rk_onnx_tensor *const out = p->out;
    const uint64_t bits = layouts[out->type].bits, most = UINT64_MAX / 2 / (bits ? bits : 1);
    uint64_t n = 1;
    bool none = false;
    for (uint32_t i = 0; i < out->n_dims; i++) {
        const int64_t dim = out->dims[i];
        if (dim < 0)
            return BAD(p, "tensor `%.*s` has a dimension of %lld", RK_STR_ARG(out->name),
                       (long long)dim);
        none = none || dim == 0;
        if (dim && n > most / (uint64_t)dim)
            return BAD(p, "tensor `%.*s` is too large", RK_STR_ARG(out->name));
        n *= dim ? (uint64_t)dim : 1;
    }
    out->n = none ? 0 : n;
    out->size = (out->n * bits + 7) / 8;
    return RK_OK;
}

static rk_status check_size(const part *p, uint64_t has, const char *unit)
{
    const rk_onnx_tensor *const out = p->out;
    const uint64_t wants = out->type == RK_ONNX_STRING ? out->n : out->size;
    if (has == wants)
        return RK_OK;
    return BAD(p, "tensor `%.*s` has %llu %s, its dimensions ask for %llu", RK_STR_ARG(out->name),
               (unsigned long long)has, unit, (unsigned long long)wants);
}

static rk_status read_strings(part *p)
{
    const uint32_t n = p->counts[STRING_DATA];
    RK_TRY(check_size(p, n, "strings"));
    return rk_onnx_read_texts(p->r, p->message, STRING_DATA, n, &p->out->strings);
}

static rk_proto_wire wire_of(uint32_t field)
{
    return field == FLOAT_DATA    ? RK_PROTO_FIXED32
           : field == DOUBLE_DATA ? RK_PROTO_FIXED64
                                  : RK_PROTO_VARINT;
}

/* Numbers of the type's own field. As large as the file says they are only once they were counted
 * there. */
static rk_status read_numbers(part *p)
{
    rk_onnx_tensor *const out = p->out;
    const layout *const l = &layouts[out->type];
    const rk_proto_wire wire = wire_of(l->field);
    const size_t unit = wire == RK_PROTO_FIXED32                    ? 4
                        : wire == RK_PROTO_FIXED64 || l->bits >= 64 ? 8
                        : l->bits < 8                               ? 1
                                                                    : l->bits / 8u;
    const uint64_t n = rk_proto_count_numbers(p->message, l->field, wire);
    RK_TRY(rk_onnx_sound(p->r));
    RK_TRY(check_size(p, n * unit, "bytes"));
    out->data = rk_proto_get_run(p->message, l->field, wire);
    if (out->data)
        return RK_OK;
    char *const data = rk_arena_alloc_column(p->r->arena, n ? n : 1, unit);
    if (!data)
        return RK_ENOMEM;
    rk_proto_get_numbers(p->message, l->field, wire, unit, n, data);
    out->data = data;
    return rk_onnx_sound(p->r);
}

static rk_status read_external(part *p)
{
    rk_onnx_external *const external = RK_NEW(p->r->arena, rk_onnx_external);
    if (!external)
        return RK_ENOMEM;
    rk_proto message = p->message;
    const char *const name = p->out->name.data;
    const rk_str own = {name ? name : "", p->out->name.len};
    bool fine = p->out->type != RK_ONNX_STRING;
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        if (field.number != EXTERNAL_DATA)
            continue;
        const rk_onnx_pair pair = rk_onnx_read_pair(rk_proto_message(&message, &field));
        int64_t number = -1;
        if (rk_str_eq(pair.key, RK_STR("location"))) {
            external->location = pair.value;
        } else if (rk_str_eq(pair.key, RK_STR("offset"))) {
            fine = fine && rk_str_to_int(pair.value, &number) && number >= 0;
            external->offset = (uint64_t)number;
        } else if (rk_str_eq(pair.key, RK_STR("length"))) {
            fine = fine && rk_str_to_int(pair.value, &number) && (uint64_t)number == p->out->size;
        }
    }
    RK_TRY(rk_onnx_sound(p->r));
    if (!fine || external->location.len == 0)
        return BAD(p, "tensor `%.*s` lies in another file at no place that makes sense",
                   RK_STR_ARG(own));
    p->out->external = external;
    return RK_OK;
}

rk_status rk_onnx_read_tensor(rk_onnx_reader *r, rk_proto message, rk_onnx_tensor *out)
{
    *out = (rk_onnx_tensor){.name = RK_STR(""), .at = (size_t)(message.at - r->file.bytes.data)};
    part p = {.r = r, .message = message, .out = out};
    rk_proto_count(message, p.counts, N_FIELDS);
    RK_TRY(rk_onnx_sound(r));
    RK_TRY(read_fields(&p));
    RK_TRY(rk_onnx_read_ints(r, message, DIMS, &out->dims, &out->n_dims));
    RK_TRY(measure(&p));
    const bool raw = p.counts[RAW_DATA], external = p.location == 1;
    const bool own = p.counts[layouts[out->type].field];
    if (raw + external + own > 1 || (raw && out->type == RK_ONNX_STRING))
        return BAD(&p, "tensor `%.*s` has its elements in two ways", RK_STR_ARG(out->name));
    if (external)
        return read_external(&p);
    if (out->type == RK_ONNX_STRING)
        return read_strings(&p);
    if (!raw)
        return read_numbers(&p);
    out->data = p.raw.data;
    return check_size(&p, p.raw.len, "bytes");
}

/* ---- numbers ---- */

/* IEEE's half precision. */
static double from_half(uint64_t bits)
{
    const int exponent = (int)(bits >> 10 & 31);
    const double fraction = (double)(bits & 1023), sign = bits >> 15 ? -1 : 1;
    if (exponent == 31)
        return fraction != 0 ? (double)NAN : sign * (double)INFINITY;
    return sign * (exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24));
}

static double from_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

bool rk_onnx_get_int(const rk_onnx_tensor *tensor, uint64_t i, int64_t *out)
{
    if (!tensor->data || i >= tensor->n)
        return false;
    const unsigned bits = layouts[tensor->type].bits;
    uint64_t value;
    if (bits == 4)
        value = (unsigned char)tensor->data[i / 2] >> 4 * (i % 2) & 15;
    else if (bits <= 64)
        value = rk_onnx_bits(tensor->data + i * (bits / 8), bits / 8);
    else
        return false;
    switch (tensor->type) {
    case RK_ONNX_INT4:
    case RK_ONNX_INT8:
    case RK_ONNX_INT16:
    case RK_ONNX_INT32:
    case RK_ONNX_INT64:
        if (bits < 64 && value >> (bits - 1))
            value |= UINT64_MAX << bits;
        *out = (int64_t)value;
        return true;
    case RK_ONNX_BOOL:
    case RK_ONNX_UINT4:
    case RK_ONNX_UINT8:
    case RK_ONNX_UINT16:
    case RK_ONNX_UINT32:
    case RK_ONNX_UINT64:
        *out = (int64_t)value;
        return value <= INT64_MAX;
    default:
        return false;
    }
}

bool rk_onnx_get_number(const rk_onnx_tensor *tensor, uint64_t i, double *out)
{
    if (!tensor->data || i >= tensor->n)
        return false;
    const size_t size = layouts[tensor->type].bits / 8u;
    const char *const at = tensor->data + i * size;
    int64_t whole;
    uint64_t bits;
    switch (tensor->type) {
    case RK_ONNX_FLOAT:
        *out = from_float((uint32_t)rk_onnx_bits(at, size));
        return true;
    case RK_ONNX_BFLOAT16:
        *out = from_float((uint32_t)rk_onnx_bits(at, size) << 16);
        return true;
    case RK_ONNX_FLOAT16:
        *out = from_half(rk_onnx_bits(at, size));
        return true;
    case RK_ONNX_DOUBLE:
        bits = rk_onnx_bits(at, size);
        memcpy(out, &bits, sizeof bits);
        return true;
    case RK_ONNX_UINT64:
        *out = (double)rk_onnx_bits(at, size);
        return true;
    default:
        if (!rk_onnx_get_int(tensor, i, &whole))
            return false;
        *out = (double)whole;
        return true;
    }
}
