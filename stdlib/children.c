/* Elements of list results. */
#include "stdlib/fn.h"

static bool make_room(rk_children *children, uint64_t want)
{
    if (want <= children->cap)
        return true;
    uint64_t cap = children->cap ? (uint64_t)children->cap * 2 : 64;
    if (cap < want)
        cap = want;
    if (cap > UINT32_MAX)
        cap = UINT32_MAX;
    const size_t size = rk_type_size((rk_type){.kind = children->elem});
    void *const grown =
        rk_arena_grow(children->arena, children->data, children->cap * size, cap * size);
    if (!grown)
        return false;
    children->data = grown;
    children->cap = (uint32_t)cap;
    return true;
}

void *rk_children_add(rk_children *children, uint32_t len, rk_slice *slice)
{
    const uint64_t want = (uint64_t)children->len + len;
    if (want > UINT32_MAX || !make_room(children, want ? want : 1))
        return NULL;
    *slice = (rk_slice){children->len, len};
    children->len = (uint32_t)want;
    const size_t size = rk_type_size((rk_type){.kind = children->elem});
    return (char *)children->data + slice->at * size;
}
