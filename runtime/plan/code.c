/* Native code as bytes, and back. Native code is x86-64 and so are its tables: they stand in the
 * file as they stand in memory, little-endian, and are used where they are.
 *
 *     header | kernels | parts | ports | filters | sweeps | steps | zeros | text | hash
 *
 * The text begins at a multiple of 64; the hash, 16 bytes, is over all that stands before it. */
#include "runtime/plan/code.h"
#include "runtime/plan/bytes.h"

_Static_assert(sizeof(rk_code_kernel) == 8 && sizeof(rk_code_part) == 16 &&
                   sizeof(rk_code_port) == 8 && sizeof(rk_code_filter) == 12 &&
                   sizeof(rk_code_sweep) == 20,
               "tables have no padding");

static const char magic[] = "RKCODE\r\n";

enum { TEXT_ALIGN = 64, N_TABLES = 6 };

/* Rows of the tables in the order of the file, for writing. */
typedef struct table {
    const void *rows;
    uint32_t n;
    uint32_t size; /* of a row */
} table;

static void put_header(rk_buf *out, const rk_code *code, const rk_code_key *key)
{
    rk_put_front(out, magic, RK_CODE_VERSION);
    rk_put_u32(out, code->cpu);
    rk_put_u32(out, code->tier);
    rk_put_u32(out, code->n_kernels);
    rk_put_u32(out, code->n_parts);
    rk_put_u32(out, code->n_ports);
    rk_put_u32(out, code->n_filters);
    rk_put_u32(out, code->n_sweeps);
    rk_put_u32(out, code->n_steps);
    rk_put_u32(out, 0);
    rk_put_u64(out, code->text_size);
    rk_buf_add(out, (rk_str){(const char *)key->bytes, sizeof key->bytes});
}

rk_status rk_code_encode(const rk_code *code, const rk_code_key *key, rk_buf *out)
{
    const size_t start = out->len;
    const table tables[N_TABLES] = {
        {code->kernels, code->n_kernels, sizeof *code->kernels},
        {code->parts, code->n_parts, sizeof *code->parts},
        {code->ports, code->n_ports, sizeof *code->ports},
        {code->filters, code->n_filters, sizeof *code->filters},
        {code->sweeps, code->n_sweeps, sizeof *code->sweeps},
        {code->steps, code->n_steps, sizeof *code->steps},
    };
    put_header(out, code, key);
    for (int i = 0; i < N_TABLES; i++)
        rk_buf_add(out, (rk_str){tables[i].rows, (size_t)tables[i].n * tables[i].size});
    rk_put_padding(out, start, TEXT_ALIGN);
    rk_buf_add(out, (rk_str){(const char *)code->text, code->text_size});
    rk_put_digest(out, start);
    return out->failed ? RK_ENOMEM : RK_OK;
}

static rk_status bad(rk_buf *fault, const char *why)
{
    rk_buf_add_chars(fault, why);
    return RK_EDATA;
}

static const void *take_table(rk_reader *r, uint32_t n, size_t size)
{
    return rk_get_bytes(r, (size_t)n * size).data;
}

static void take_tables(rk_reader *r, rk_code *out)
{
    out->kernels = take_table(r, out->n_kernels, sizeof *out->kernels);
    out->parts = take_table(r, out->n_parts, sizeof *out->parts);
    out->ports = take_table(r, out->n_ports, sizeof *out->ports);
    out->filters = take_table(r, out->n_filters, sizeof *out->filters);
    out->sweeps = take_table(r, out->n_sweeps, sizeof *out->sweeps);
    out->steps = take_table(r, out->n_steps, sizeof *out->steps);
    rk_get_bytes(r, (TEXT_ALIGN - r->at % TEXT_ALIGN) % TEXT_ALIGN);
    out->text = (const uint8_t *)rk_get_bytes(r, out->text_size).data;
}

rk_status rk_code_decode(rk_str bytes, const rk_code_key *key, rk_code *out, rk_buf *fault)
{
    *out = (rk_code){0};
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        return bad(fault, "it is for x86-64");
    rk_reader r;
    RK_TRY(rk_get_front(bytes, magic, "native code", RK_CODE_VERSION, &r, fault));
    out->cpu = rk_get_u32(&r);
    out->tier = rk_get_u32(&r);
    out->n_kernels = rk_get_u32(&r);
    out->n_parts = rk_get_u32(&r);
    out->n_ports = rk_get_u32(&r);
    out->n_filters = rk_get_u32(&r);
    out->n_sweeps = rk_get_u32(&r);
    out->n_steps = rk_get_u32(&r);
    rk_get_u32(&r);
    out->text_size = rk_get_u64(&r);
    const rk_str of = rk_get_bytes(&r, sizeof key->bytes);
    take_tables(&r, out);
    if (r.fault || rk_reader_left(&r))
        return bad(fault, "its tables do not fit into it");
    if (key && memcmp(key->bytes, of.data, sizeof key->bytes) != 0)
        return bad(fault, "it is for another program, CPU level or version");
    return RK_OK;
}
