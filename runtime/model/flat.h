/* A reader of FlatBuffers: tables and vectors at offsets in a run of bytes. Nothing is trusted:
 * what lies outside is a fault, and so is more in vectors than the bytes can hold without sharing,
 * which bounds what a small file can make of itself. After a fault all is empty or as by default.
 */
#ifndef RK_MODEL_FLAT_H
#define RK_MODEL_FLAT_H

#include "runtime/base/str.h"

typedef struct rk_flat {
    rk_str bytes;
    size_t budget;     /* bytes of vectors that may still be read */
    const char *fault; /* static words, NULL while all is well */
    size_t fault_at;
} rk_flat;

/* Where a table is; 0: there is none. */
typedef size_t rk_flat_table;

typedef struct rk_flat_vector {
    size_t at; /* of the first item */
    uint32_t n;
} rk_flat_vector;

void rk_flat_init(rk_flat *flat, rk_str bytes);
rk_flat_table rk_flat_root(rk_flat *flat);

/* Field `id` of a table. */
rk_flat_table rk_flat_get_table(rk_flat *flat, rk_flat_table table, int id);
rk_flat_vector rk_flat_get_vector(rk_flat *flat, rk_flat_table table, int id, size_t item_size);
rk_str rk_flat_get_text(rk_flat *flat, rk_flat_table table, int id);
int32_t rk_flat_get_int(rk_flat *flat, rk_flat_table table, int id, int32_t otherwise);
uint8_t rk_flat_get_byte(rk_flat *flat, rk_flat_table table, int id, uint8_t otherwise);
double rk_flat_get_double(rk_flat *flat, rk_flat_table table, int id, double otherwise);

/* Item i of a vector that has so many. */
rk_flat_table rk_flat_table_at(rk_flat *flat, rk_flat_vector vector, uint32_t i);
uint32_t rk_flat_u16_at(const rk_flat *flat, rk_flat_vector vector, size_t i);
uint32_t rk_flat_u32_at(const rk_flat *flat, rk_flat_vector vector, uint32_t i);
double rk_flat_double_at(const rk_flat *flat, rk_flat_vector vector, uint32_t i);

#endif
