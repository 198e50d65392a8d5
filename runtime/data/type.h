/* The types of Rank as small values, shared by the compiler and the runtime. */
#ifndef RK_DATA_TYPE_H
#define RK_DATA_TYPE_H

#include "runtime/base/buf.h"

typedef enum rk_kind {
#define RK_KIND(name, text, bytes) RK_KIND_##name,
#include "runtime/data/type.def"
#undef RK_KIND
    RK_KIND_COUNT
} rk_kind;

typedef struct rk_type {
    uint8_t kind;  /* rk_kind */
    uint8_t elem;  /* rk_kind of the elements of a LIST; else 0 */
    bool optional; /* may be missing: `T?` */
    uint32_t dim;  /* length of a VECTOR; 0 in a signature: any; else 0 */
} rk_type;

#define RK_TYPE(kind_)      ((rk_type){.kind = RK_KIND_##kind_})
#define RK_TYPE_OPT(kind_)  ((rk_type){.kind = RK_KIND_##kind_, .optional = true})
#define RK_TYPE_LIST(elem_) ((rk_type){.kind = RK_KIND_LIST, .elem = RK_KIND_##elem_})

static inline bool rk_type_eq(rk_type a, rk_type b)
{
    return a.kind == b.kind && a.elem == b.elem && a.optional == b.optional && a.dim == b.dim;
}
static inline rk_type rk_type_plain(rk_type type)
{
    type.optional = false;
    return type;
}
static inline rk_type rk_type_opt(rk_type type, bool optional)
{
    type.optional = optional;
    return type;
}
static inline bool rk_kind_is_number(uint8_t kind)
{
    return kind == RK_KIND_INT || kind == RK_KIND_FLOAT || kind == RK_KIND_DOUBLE;
}
static inline bool rk_kind_is_real(uint8_t kind)
{
    return kind == RK_KIND_FLOAT || kind == RK_KIND_DOUBLE;
}
static inline bool rk_kind_is_scalar(uint8_t kind)
{
    return kind >= RK_KIND_BOOL && kind <= RK_KIND_STRING;
}
/* Kinds whose missing values are told by a bit mask beside the data; the reals use NaN. */
static inline bool rk_kind_has_mask(uint8_t kind)
{
    return kind == RK_KIND_BOOL || kind == RK_KIND_INT || kind == RK_KIND_STRING ||
           kind == RK_KIND_VECTOR || kind == RK_KIND_LIST;
}

/* Bytes of one item in a column (a vector's: dim * 4). */
size_t rk_type_size(rk_type type);

/* The name of a kind: "int". */
const char *rk_kind_text(uint8_t kind);

/* RK_KIND_NONE if no kind has this name (ROW, NONE and CANDIDATES have none in a program). */
rk_kind rk_kind_find(rk_str name);

/* `int?`, `list(string)`, `vector(64)?` at the end of buf. */
void rk_type_print(rk_type type, rk_buf *out);

/* The same in 32 bytes, for messages. */
typedef struct rk_type_name {
    char text[40];
} rk_type_name;
rk_type_name rk_type_text(rk_type type);

/* Whether a value of `from` becomes one of `to` by itself: equal kinds, int -> float -> double with
 * int -> double, plain -> optional; never optional -> plain. */
bool rk_type_converts(rk_type from, rk_type to);

/* The least type both convert to; kind NONE when there is none. */
rk_type rk_type_common(rk_type a, rk_type b);

#endif
