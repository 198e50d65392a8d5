/* Writes Protocol Buffers by hand, for tests: fields are added to a buffer, messages are buffers
 * that go into others. */
#ifndef RK_UNIT_PROTO_TEXT_H
#define RK_UNIT_PROTO_TEXT_H

#include "runtime/base/buf.h"

static inline void put_varint(rk_buf *buf, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        rk_buf_add_char(buf, (char)(value | 0x80));
    rk_buf_add_char(buf, (char)value);
}

static inline void put_int(rk_buf *buf, uint32_t number, int64_t value)
{
    put_varint(buf, number << 3);
    put_varint(buf, (uint64_t)value);
}

static inline void put_float(rk_buf *buf, uint32_t number, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_varint(buf, number << 3 | 5);
    for (int i = 0; i < 4; i++)
        rk_buf_add_char(buf, (char)(bits >> 8 * i));
}

static inline void put_bytes(rk_buf *buf, uint32_t number, rk_str bytes)
{
    put_varint(buf, number << 3 | 2);
    put_varint(buf, bytes.len);
    rk_buf_add(buf, bytes);
}

static inline void put_text(rk_buf *buf, uint32_t number, const char *text)
{
    put_bytes(buf, number, rk_str_from(text));
}

/* Frees the message that is put. */
static inline void put_message(rk_buf *buf, uint32_t number, rk_buf *message)
{
    put_bytes(buf, number, rk_buf_str(message));
    rk_buf_free(message);
    *message = (rk_buf){0};
}

#endif
