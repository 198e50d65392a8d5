/* Any bytes are loaded as csv or tsv without a crash, and what is loaded is whole. The first byte
 * chooses the dialect. */
#include "tests/fuzz/source_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "id", "b", "c", "d", "e", "s", "t", "l", "v"};
    static const char header[] = "id,a,b,c,d,e,s,t,l,v\n";
    if (size == 0)
        return 0;
    const uint8_t choice = data[0];
    const bool tab = choice & 4;
    bench b;
    bench_open(&b, names, choice & 8);
    b.spec.max_bad_rows = allowed_rows(choice);
    b.spec.n_keys = choice & 16 ? 2 : 1;
    /* Most inputs get a header that fits, or nothing behind it would ever be read. */
    const size_t before = choice & 32 ? 0 : sizeof header - 1;
    uint8_t *const text = malloc(before + size);
    memcpy(text, header, before);
    for (size_t i = 0; i < before; i++)
        text[i] = tab && text[i] == ',' ? '\t' : text[i];
    memcpy(text + before, data + 1, size - 1);
    load_and_check(&b, tab ? rk_tsv_read : rk_csv_read, text, before + size - 1);
    free(text);
    bench_close(&b);
    return 0;
}
