#include "runtime/model/flat.h"

static bool fail(rk_flat *flat, size_t at, const char *fault)
{
    if (!flat->fault) {
        flat->fault = fault;
        flat->fault_at = at;
    }
    return false;
}

static bool inside(rk_flat *flat, size_t at, uint64_t size)
{
    return at <= flat->bytes.len && size <= flat->bytes.len - at
               ? true
               : fail(flat, at, "an offset leads out of the file");
}

/* Numbers are little-endian. */
static uint64_t read(const rk_flat *flat, size_t at, int size)
{
    uint64_t value = 0;
    while (size--)
        value = value << 8 | (unsigned char)flat->bytes.data[at + (size_t)size];
    return value;
}

static uint32_t read_u32(const rk_flat *flat, size_t at) { return (uint32_t)read(flat, at, 4); }

static double as_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Where the offset at `at` leads; always forward. */
static size_t follow(rk_flat *flat, size_t at)
{
    if (!inside(flat, at, 4))
        return 0;
    const size_t to = at + read_u32(flat, at);
    return inside(flat, to, 4) ? to : 0;
}

void rk_flat_init(rk_flat *flat, rk_str bytes)
{
    *flat = (rk_flat){.bytes = bytes, .budget = bytes.len};
}

rk_flat_table rk_flat_root(rk_flat *flat) { return follow(flat, 0); }

/* Where a field of `size` bytes is; 0: it is not there. A table begins with how far back its list
 * of fields is: that list's length, the table's length, then where each field is in the table. */
static size_t field(rk_flat *flat, rk_flat_table table, int id, size_t size)
{
    if (!table || flat->fault)
        return 0;
    const int64_t list = (int64_t)table - (int32_t)read_u32(flat, table);
    if (list < 0 || !inside(flat, (size_t)list, 4)) {
        fail(flat, table, "a table has no list of fields");
        return 0;
    }
    const size_t len = (size_t)read(flat, (size_t)list, 2), slot = 4 + 2 * (size_t)id;
    if (slot + 2 > len)
        return 0;
    if (!inside(flat, (size_t)list, len))
        return 0;
    const size_t offset = (size_t)read(flat, (size_t)list + slot, 2);
    return offset && inside(flat, table + offset, size) ? table + offset : 0;
}

rk_flat_table rk_flat_get_table(rk_flat *flat, rk_flat_table table, int id)
{
    const size_t at = field(flat, table, id, 4);
    return at ? follow(flat, at) : 0;
}

rk_flat_vector rk_flat_get_vector(rk_flat *flat, rk_flat_table table, int id, size_t item_size)
{
    const size_t at = field(flat, table, id, 4), to = at ? follow(flat, at) : 0;
    if (!to)
        return (rk_flat_vector){0, 0};
    const uint32_t n = read_u32(flat, to);
    const uint64_t size = (uint64_t)n * item_size;
    if (!inside(flat, to + 4, size))
        return (rk_flat_vector){0, 0};
    if (size + 4 > flat->budget) {
        fail(flat, to, "vectors overlap");
        return (rk_flat_vector){0, 0};
    }
    flat->budget -= (size_t)size + 4;
    return (rk_flat_vector){to + 4, n};
}

rk_str rk_flat_get_text(rk_flat *flat, rk_flat_table table, int id)
{
    const rk_flat_vector text = rk_flat_get_vector(flat, table, id, 1);
    return (rk_str){flat->bytes.data + text.at, text.n};
}

int32_t rk_flat_get_int(rk_flat *flat, rk_flat_table table, int id, int32_t otherwise)
{
    const size_t at = field(flat, table, id, 4);
    return at ? (int32_t)read_u32(flat, at) : otherwise;
}

uint8_t rk_flat_get_byte(rk_flat *flat, rk_flat_table table, int id, uint8_t otherwise)
{
    const size_t at = field(flat, table, id, 1);
    return at ? (uint8_t)read(flat, at, 1) : otherwise;
}

double rk_flat_get_double(rk_flat *flat, rk_flat_table table, int id, double otherwise)
{
    const size_t at = field(flat, table, id, 8);
    return at ? as_double(read(flat, at, 8)) : otherwise;
}

rk_flat_table rk_flat_table_at(rk_flat *flat, rk_flat_vector vector, uint32_t i)
{
    return follow(flat, vector.at + (size_t)i * 4);
}

uint32_t rk_flat_u16_at(const rk_flat *flat, rk_flat_vector vector, size_t i)
{
    return (uint32_t)read(flat, vector.at + i * 2, 2);
}

uint32_t rk_flat_u32_at(const rk_flat *flat, rk_flat_vector vector, uint32_t i)
{
    return read_u32(flat, vector.at + (size_t)i * 4);
}

double rk_flat_double_at(const rk_flat *flat, rk_flat_vector vector, uint32_t i)
{
    return as_double(read(flat, vector.at + (size_t)i * 8, 8));
}
