/* Between the parts of the reader of ONNX. */
#ifndef RK_MODEL_ONNX_READ_H
#define RK_MODEL_ONNX_READ_H

#include "runtime/model/onnx.h"
#include "runtime/model/protobuf.h"

typedef struct rk_onnx_reader {
    const rk_model_loading *loading;
    rk_arena *arena;
    rk_proto_file file;
} rk_onnx_reader;

/* The fault of the file's structure, if there is one. */
RK_NODISCARD rk_status rk_onnx_sound(const rk_onnx_reader *r);

RK_NODISCARD rk_status rk_onnx_read_tensor(rk_onnx_reader *r, rk_proto message,
                                           rk_onnx_tensor *out);

/* All whole numbers of the fields called `number`. */
RK_NODISCARD rk_status rk_onnx_read_ints(rk_onnx_reader *r, rk_proto message, uint32_t number,
                                         const int64_t **out, uint32_t *n);

/* The bytes of a message in which fields called `number` stand `n` times. */
RK_NODISCARD rk_status rk_onnx_read_texts(rk_onnx_reader *r, rk_proto message, uint32_t number,
                                          uint32_t n, const rk_str **out);

/* Of pairs of texts: keys and values. */
rk_onnx_pair rk_onnx_read_pair(rk_proto message);

RK_NODISCARD rk_status rk_onnx_read_node(rk_onnx_reader *r, rk_proto message, rk_onnx_node *out);
RK_NODISCARD rk_status rk_onnx_read_attribute(rk_onnx_reader *r, rk_proto message,
                                              rk_onnx_attribute *out);
rk_onnx_opset rk_onnx_read_opset(rk_proto message);

/* All was read: what is looked up by its name. */
RK_NODISCARD rk_status rk_onnx_index(rk_onnx_reader *r, rk_onnx *out);

/* `size` bytes from little-endian. */
static inline uint64_t rk_onnx_bits(const char *at, size_t size)
{
    uint64_t value = 0;
    while (size--)
        value = value << 8 | (unsigned char)at[size];
    return value;
}

#endif
