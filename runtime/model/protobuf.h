/* A reader of Protocol Buffers' wire format: fields one after another in a run of bytes. Nothing is
 * trusted: what leads out of its message is a fault, after which there are no more fields. It
 * allocates nothing and never goes down by itself, so who reads bounds both. */
#ifndef RK_MODEL_PROTOBUF_H
#define RK_MODEL_PROTOBUF_H

#include "runtime/base/str.h"

typedef struct rk_proto_file {
    rk_str bytes;
    const char *fault; /* static words, NULL while all is well; the first one stays */
    size_t fault_at;   /* byte of the file */
} rk_proto_file;

typedef enum rk_proto_wire {
    RK_PROTO_VARINT = 0,
    RK_PROTO_FIXED64 = 1,
    RK_PROTO_BYTES = 2, /* text, a message, or numbers one after another */
    RK_PROTO_FIXED32 = 5
} rk_proto_wire;

/* A message, or what is left of it. A copy of it can be read again. */
typedef struct rk_proto {
    rk_proto_file *file;
    const char *at, *end;
} rk_proto;

typedef struct rk_proto_field {
    uint32_t number;
    uint8_t wire;
    rk_str bytes; /* the value, in the file; of a number the bytes that it is written in */
} rk_proto_field;

/* The whole file as a message. */
rk_proto rk_proto_open(rk_proto_file *file);

/* The next field; false at the end and after a fault. */
bool rk_proto_next(rk_proto *message, rk_proto_field *field);

/* The value as what it should be; if it is written as something else, a fault and 0 or "". */
int64_t rk_proto_int(const rk_proto *message, const rk_proto_field *field);
float rk_proto_float(const rk_proto *message, const rk_proto_field *field);
rk_str rk_proto_bytes(const rk_proto *message, const rk_proto_field *field);
rk_proto rk_proto_message(const rk_proto *message, const rk_proto_field *field);

/* Where a field's value begins, in bytes of the file. */
size_t rk_proto_at(const rk_proto *message, const rk_proto_field *field);

/* How often each field below `n` stands in the rest of a message. */
void rk_proto_count(rk_proto message, uint32_t *counts, uint32_t n);

/* How many numbers all the fields called `number` hold, which may be one each or many in a run. */
uint64_t rk_proto_count_numbers(rk_proto message, uint32_t number, rk_proto_wire wire);

/* Those numbers' lowest `size` bytes, one after another in little-endian; at most `n` of them. */
void rk_proto_get_numbers(rk_proto message, uint32_t number, rk_proto_wire wire, size_t size,
                          uint64_t n, char *out);

/* The fields called `number`, if all their numbers are of fixed size and lie in one run: as they
 * are in the file. Else NULL. */
const char *rk_proto_get_run(rk_proto message, uint32_t number, rk_proto_wire wire);

#endif
