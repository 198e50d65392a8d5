/* Any bytes are loaded as JSON lines without a crash, and what is loaded is whole. */
#include "tests/fuzz/source_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "id", "b", "b", "d", "e", "s", "t", "l", "v"};
    if (size == 0)
        return 0;
    bench b;
    bench_open(&b, names, data[0] & 8);
    b.fields[0].type.optional = true; /* or a file without `a` is an error */
    b.fields[8].type.optional = true;
    b.spec.max_bad_rows = allowed_rows(data[0]);
    b.spec.n_keys = data[0] & 16 ? 2 : 1;
    load_and_check(&b, rk_jsonl_read, data + 1, size - 1);
    bench_close(&b);
    return 0;
}
