/* Any bytes are read as requests, of JSON lines, letor, pairs or tsv by the first byte, without a
 * crash; what is read is whole. */
#include "tests/fuzz/source_check.h"

static void check_request(const rk_request_spec *spec, const rk_request *request,
                          const rk_atoms *strings)
{
    rk_buf out = {0};
    for (uint32_t f = 0; f < spec->query->n; f++) {
        const rk_field *const field = &spec->query->fields[f];
        const rk_value value = request->query[f];
        REQUIRE(rk_type_eq(value.type, field->type));
        REQUIRE(!value.missing || (field->type.optional && !field->has_initial));
        rk_value_print_json(value, strings, &out);
    }
    rk_buf_free(&out);
    check_column(&request->ids, request->n_items, strings);
    REQUIRE(!request->ids.present);
    for (uint32_t f = 0; f < spec->item->n; f++)
        check_column(&request->items[f], request->n_items, strings);
}

static void read_all(bench *b, const rk_request_spec *spec, const rk_request_ops *ops, rk_str text)
{
    rk_requests *requests;
    rk_arena arena = {0};
    REQUIRE(rk_requests_over(&b->cx.arena, RK_STR("r"), text, spec, &b->cx.diags, &requests) ==
            RK_OK);
    if (ops == &rk_request_letor)
        REQUIRE(rk_requests_open_letor(requests, &b->cx.diags) == RK_OK);
    for (bool more = true; more;) {
        rk_arena_reset(&arena);
        rk_atoms strings;
        rk_request request;
        REQUIRE(rk_atoms_init(&strings, &arena, &b->strings) == RK_OK);
        const rk_status status =
            ops->next(requests, &arena, &strings, &b->cx.diags, &request, &more);
        REQUIRE(status == RK_OK || status == RK_EDATA);
        REQUIRE((status == RK_OK) == (b->cx.diags.errors == 0));
        if (status == RK_OK && more)
            check_request(spec, &request, &strings);
    }
    rk_arena_free(&arena);
}

/* Pairs, ended by newlines. */
static void read_pairs(bench *b, const rk_request_spec *spec, rk_str text)
{
    rk_str pairs[16];
    uint32_t n = 0;
    while (n < 16 && text.len) {
        const char *const end = memchr(text.data, '\n', text.len);
        const size_t len = end ? (size_t)(end - text.data) : text.len;
        pairs[n++] = (rk_str){text.data, len};
        text = (rk_str){text.data + len + (end != NULL), text.len - len - (end != NULL)};
    }
    rk_atoms strings;
    rk_request request;
    REQUIRE(rk_atoms_init(&strings, &b->cx.arena, &b->strings) == RK_OK);
    const rk_status status =
        rk_request_from_pairs(spec, pairs, n, &b->cx.arena, &strings, &b->cx.diags, &request);
    REQUIRE((status == RK_OK) == (b->cx.diags.errors == 0));
    if (status == RK_OK)
        check_request(spec, &request, &strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const plain[] = {"a", "i", "b", "c", "d", "e", "s", "t", "l", "v"};
    static const char *const letor[] = {"qid", "f1",    "f2", "f3", "label",
                                        "f5",  "docid", "t",  "l",  "v"};
    static const char *const tsv[] = {"id", "i", "b", "c", "d", "e", "s", "text", "l", "v"};
    static const char *const *const names[] = {plain, letor, plain, tsv};
    static const rk_request_ops *const kinds[] = {&rk_request_jsonl, &rk_request_letor, NULL,
                                                  &rk_request_tsv};
    if (size == 0)
        return 0;
    const unsigned kind = data[0] >> 4 & 3;
    bench b;
    bench_open(&b, names[kind], data[0] & 8);
    b.fields[8].type.optional = true;
    if (kind == 1)
        b.fields[0].type = RK_TYPE_OPT(STRING);
    const rk_request_spec spec = {.query = &b.schema,
                                  .item = &b.schema,
                                  .id_type = data[0] & 4 ? RK_TYPE(STRING) : RK_TYPE(INT),
                                  .max_bad_rows = allowed_rows(data[0])};
    char *const copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    const rk_str text = {copy, size - 1};
    if (kind == 2)
        read_pairs(&b, &spec, text);
    else
        read_all(&b, &spec, kinds[kind], text);
    free(copy);
    bench_close(&b);
    return 0;
}
