/* Any bytes are loaded as a file of vectors with its ids without a crash, and what is loaded is
 * whole. The first byte chooses the kind of file and of ids, the second the field; then comes the
 * length of the ids, the ids, and the file. */
#include "tests/fuzz/source_check.h"

#include "runtime/source/matrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line becomes the header of an npy file, so that most inputs get further than that. */
static rk_str as_npy(rk_str text, char *room)
{
    const char *const newline = text.len ? memchr(text.data, '\n', text.len) : NULL;
    const size_t head = newline ? (size_t)(newline - text.data) + 1 : text.len;
    memcpy(room, "\x93NUMPY\1\0", 8);
    room[8] = (char)(head & 255);
    room[9] = (char)(head >> 8 & 255);
    memcpy(room + 10, text.data, text.len);
    return (rk_str){room, text.len + 10};
}

/* A copy of exactly its size, so that reading beyond the end shows. */
static rk_str take(const uint8_t *data, size_t size, bool npy)
{
    char *const room = malloc(size + 10);
    char *const exact = malloc(size + 10);
    rk_str out = {exact, size};
    memcpy(exact, data, size);
    if (npy)
        out = as_npy((rk_str){exact, size}, room);
    char *const kept = malloc(out.len ? out.len : 1);
    memcpy(kept, out.data, out.len);
    free(room);
    free(exact);
    return (rk_str){kept, out.len};
}

static void check(const bench *b, const rk_relation *r)
{
    const rk_column *const column = &r->columns[0];
    REQUIRE(column->n == r->n_rows && r->keys[0].n == r->n_rows && !r->file.mapped);
    if (column->type.kind == RK_KIND_FLOAT)
        check_column(column, r->n_rows, &b->strings);
    else
        check_canonical(column->data, RK_KIND_FLOAT, (size_t)r->n_rows * column->type.dim);
    check_column(&r->keys[0], r->n_rows, &b->strings);
    uint32_t *const rows = malloc((size_t)r->n_rows * sizeof *rows + 1);
    rk_relation_find(r, r->keys, r->n_rows, rows);
    for (uint32_t i = 0; i < r->n_rows; i++)
        REQUIRE(rows[i] == i);
    free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    static rk_source_read *const reads[] = {rk_npy_read, rk_fvecs_read, rk_bvecs_read,
                                            rk_ivecs_read};
    if (size < 3 || data[2] > size - 3)
        return 0;
    const uint8_t choice = data[0], dim = data[1] & 7;
    const bool npy = (choice & 3) == 0;
    const rk_str ids = take(data + 3, data[2], choice & 4);
    const rk_str file = take(data + 3 + data[2], size - 3 - data[2], npy && choice & 8);
    bench b;
    bench_open(&b, names, false);
    b.key_types[0] = choice & 16 ? RK_TYPE(STRING) : RK_TYPE(INT);
    b.fields[0].type = dim ? (rk_type){.kind = RK_KIND_VECTOR, .dim = dim} : RK_TYPE_OPT(FLOAT);
    b.schema.n = 1;
    b.spec.ids = choice & 32 ? RK_STR("") : RK_STR("ids");
    b.spec.ids_bytes = &ids;
    fuzz_text = file;
    fuzz_read = reads[choice & 3];
    static const rk_source_ops ops = {.name = "fuzz", .load = fuzz_load};
    rk_relation r;
    const rk_status status = rk_relation_load(&b.load, &ops, &b.spec, &r);
    REQUIRE((status == RK_OK) == (b.cx.diags.errors == 0));
    REQUIRE(status == RK_OK || status == RK_EDATA);
    if (status == RK_OK)
        check(&b, &r);
    bench_close(&b);
    free((char *)ids.data);
    free((char *)file.data);
    return 0;
}
