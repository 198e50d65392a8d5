#include "runtime/base/context.h"

rk_status rk_context_init(rk_context *cx)
{
    *cx = (rk_context){0};
    rk_arena_init(&cx->arena);
    rk_diags_init(&cx->diags, &cx->arena);
    return rk_atoms_init(&cx->names, &cx->arena, NULL);
}

void rk_context_free(rk_context *cx) { rk_arena_free(&cx->arena); }
