/* Any bytes are linked without a crash, and what is linked is whole. */
#include "compiler/emit/link.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_linked linked;
    const uint32_t n = size ? data[size - 1] % 4 : 0;
    const rk_status status =
        rk_link((rk_str){(const char *)data, size}, n, &arena, &linked, &fault);
    if (status == RK_OK ? fault.len != 0 : fault.len == 0 && status != RK_ENOMEM)
        abort();
    if (status == RK_OK)
        for (uint32_t i = 0; i < n; i++)
            if (linked.entries[i] >= linked.size)
                abort();
    rk_arena_free(&arena);
    rk_buf_free(&fault);
    return 0;
}
