#include "runtime/model/protobuf.h"

enum { MOST_VARINT = 10 };

static void fail(const rk_proto *message, const char *at, const char *fault)
{
    rk_proto_file *const file = message->file;
    if (file->fault)
        return;
    file->fault = fault;
    file->fault_at = (size_t)(at - file->bytes.data);
}

rk_proto rk_proto_open(rk_proto_file *file)
{
    return (rk_proto){file, file->bytes.data, file->bytes.data + file->bytes.len};
}

size_t rk_proto_at(const rk_proto *message, const rk_proto_field *field)
{
    return (size_t)(field->bytes.data - message->file->bytes.data);
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static bool varint(rk_proto *message, uint64_t *out)
{
    const char *const from = message->at;
    uint64_t value = 0;
    for (unsigned i = 0; i < MOST_VARINT && message->at < message->end; i++) {
        const unsigned char byte = (unsigned char)*message->at++;
        value |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    fail(message, from,
         message->at < message->end ? "a number has more than 64 bits" : "a number is cut off");
    return false;
}

/* Little-endian. */
static uint64_t fixed(const char *at, size_t size)
{
    uint64_t value = 0;
    while (size--)
        value = value << 8 | (unsigned char)at[size];
    return value;
}

/* The value's bytes. */
static bool value(rk_proto *message, rk_proto_field *field)
{
    uint64_t len = 0;
    const char *from = message->at;
    if (field->wire == RK_PROTO_VARINT) {
        if (!varint(message, &len))
            return false;
        field->bytes = (rk_str){from, (size_t)(message->at - from)};
        return true;
    }
    if (field->wire == RK_PROTO_BYTES) {
        if (!varint(message, &len))
            return false;
        from = message->at;
    } else if (field->wire == RK_PROTO_FIXED32 || field->wire == RK_PROTO_FIXED64) {
        len = field->wire == RK_PROTO_FIXED32 ? 4 : 8;
    } else {
        fail(message, from, "a field is of no known kind");
        return false;
    }
    if (len > (size_t)(message->end - from)) {
        fail(message, from, "a field is longer than what holds it");
        return false;
    }
    field->bytes = (rk_str){from, (size_t)len};
    message->at = from + len;
    return true;
}

bool rk_proto_next(rk_proto *message, rk_proto_field *field)
{
    if (message->at == message->end || message->file->fault)
        return false;
    const char *const from = message->at;
    uint64_t tag;
    if (!varint(message, &tag))
        return false;
    if (tag >> 3 == 0 || tag > UINT32_MAX) {
        fail(message, from, "a field's number is out of range");
        return false;
    }
    field->number = (uint32_t)tag >> 3;
    field->wire = tag & 7;
    return value(message, field);
}

/* ---- values ---- */

static bool wire_is(const rk_proto *message, const rk_proto_field *field, rk_proto_wire wire)
{
    if (field->wire == wire)
        return true;
    fail(message, field->bytes.data, "a field is of another kind than it should be");
    return false;
}

/* Of a run of numbers, the next one; false at the end. */
static bool next_number(rk_proto *run, rk_proto_wire wire, uint64_t *out)
{
    if (run->at == run->end || run->file->fault)
        return false;
    if (wire == RK_PROTO_VARINT)
        return varint(run, out);
    const size_t size = wire == RK_PROTO_FIXED32 ? 4 : 8;
    if ((size_t)(run->end - run->at) < size) {
        fail(run, run->at, "a number is cut off");
        return false;
    }
    *out = fixed(run->at, size);
    run->at += size;
    return true;
}

static rk_proto run_of(const rk_proto *message, const rk_proto_field *field)
{
    return (rk_proto){message->file, field->bytes.data, field->bytes.data + field->bytes.len};
}

int64_t rk_proto_int(const rk_proto *message, const rk_proto_field *field)
{
    rk_proto run = run_of(message, field);
    uint64_t bits = 0;
    return wire_is(message, field, RK_PROTO_VARINT) && varint(&run, &bits) ? (int64_t)bits : 0;
}

float rk_proto_float(const rk_proto *message, const rk_proto_field *field)
{
    if (!wire_is(message, field, RK_PROTO_FIXED32))
        return 0;
    const uint32_t bits = (uint32_t)fixed(field->bytes.data, 4);
    float out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

rk_str rk_proto_bytes(const rk_proto *message, const rk_proto_field *field)
{
    return wire_is(message, field, RK_PROTO_BYTES) ? field->bytes : RK_STR("");
}

rk_proto rk_proto_message(const rk_proto *message, const rk_proto_field *field)
{
    const char *const at = field->bytes.data;
    const bool fine = wire_is(message, field, RK_PROTO_BYTES);
    return (rk_proto){message->file, at, fine ? at + field->bytes.len : at};
}

/* ---- what comes more than once ---- */

void rk_proto_count(rk_proto message, uint32_t *counts, uint32_t n)
{
    rk_proto_field field;
    memset(counts, 0, n * sizeof *counts);
    while (rk_proto_next(&message, &field)) {
        if (field.number >= n)
            continue;
        if (counts[field.number] == UINT32_MAX)
            fail(&message, field.bytes.data, "a field stands more than 4,294,967,295 times");
        else
            counts[field.number]++;
    }
}

/* The next field of that number, as a run of numbers. */
static bool next_run(rk_proto *message, uint32_t number, rk_proto_wire wire, rk_proto *run)
{
    rk_proto_field field;
    while (rk_proto_next(message, &field)) {
        if (field.number != number)
            continue;
        *run = run_of(message, &field);
        return field.wire == RK_PROTO_BYTES || wire_is(message, &field, wire);
    }
    return false;
}

uint64_t rk_proto_count_numbers(rk_proto message, uint32_t number, rk_proto_wire wire)
{
    uint64_t n = 0;
    for (rk_proto run; next_run(&message, number, wire, &run);) {
        const size_t size = wire == RK_PROTO_FIXED32 ? 4 : 8, len = (size_t)(run.end - run.at);
        if (wire != RK_PROTO_VARINT) {
            if (len % size)
                fail(&run, run.at, "a number is cut off");
            n += len / size;
            continue;
        }
        for (const char *at = run.at; at < run.end; at++)
            n += (unsigned char)*at < 0x80;
    }
    return n;
}

void rk_proto_get_numbers(rk_proto message, uint32_t number, rk_proto_wire wire, size_t size,
                          uint64_t n, char *out)
{
    for (rk_proto run; next_run(&message, number, wire, &run);)
        for (uint64_t bits; n && next_number(&run, wire, &bits); n--)
            for (size_t i = 0; i < size; i++)
                *out++ = (char)(bits >> 8 * i);
}

const char *rk_proto_get_run(rk_proto message, uint32_t number, rk_proto_wire wire)
{
    rk_proto first, next;
    if (wire == RK_PROTO_VARINT || !next_run(&message, number, wire, &first))
        return NULL;
    return next_run(&message, number, wire, &next) ? NULL : first.at;
}
