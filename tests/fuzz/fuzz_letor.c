/* Any bytes are loaded as a letor file without a crash, and what is loaded is whole. */
#include "tests/fuzz/source_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"label", "f1",  "f2",    "f3", "label",
                                        "f5",    "qid", "docid", "f7", "f2"};
    if (size == 0)
        return 0;
    bench b;
    bench_open(&b, names, data[0] & 8);
    b.spec.max_bad_rows = allowed_rows(data[0]);
    b.keys[0] = RK_STR("docid");
    b.key_types[0] = RK_TYPE(STRING);
    if (data[0] & 16) {
        b.keys[1] = RK_STR("qid");
        b.spec.n_keys = 2;
    }
    load_and_check(&b, rk_letor_read, data + 1, size - 1);
    bench_close(&b);
    return 0;
}
