/* Interned strings: equal text, equal number. Used for the names of a program and for the values of
 * string columns alike. A table may stand on a parent that no longer changes (a request's strings
 * on its program's): ids below the parent's count are the parent's. Id 0 is the empty string. */
#ifndef RK_BASE_ATOM_H
#define RK_BASE_ATOM_H

#include "runtime/base/map.h"
#include "runtime/base/vec.h"

typedef uint32_t rk_atom;

#define RK_ATOM_EMPTY 0u

typedef struct rk_atoms {
    rk_arena *arena; /* where text and table live; not owned */
    const struct rk_atoms *parent;
    uint32_t base; /* first id of this table: the parent's count */
    RK_VEC(rk_str) strings;
    rk_table table;
} rk_atoms;

/* An empty table with id 0 = "", or one that stands on `parent` (which must outlive it and not
 * change meanwhile). */
RK_NODISCARD rk_status rk_atoms_init(rk_atoms *atoms, rk_arena *arena, const rk_atoms *parent);

/* The id of a string; the text is copied when it is new. */
RK_NODISCARD rk_status rk_atom_intern(rk_atoms *atoms, rk_str s, rk_atom *out);

/* As rk_atom_intern, but a new text is borrowed: it must outlive the table (a mapped file). */
RK_NODISCARD rk_status rk_atom_intern_borrowed(rk_atoms *atoms, rk_str s, rk_atom *out);

/* The id of a string that is in, or RK_MAP_NONE. */
rk_atom rk_atom_find(const rk_atoms *atoms, rk_str s);

/* The text of an id of this table or its parents; followed by a NUL unless borrowed. */
static inline rk_str rk_atom_str(const rk_atoms *atoms, rk_atom atom)
{
    while (atom < atoms->base)
        atoms = atoms->parent;
    return atoms->strings.items[atom - atoms->base];
}

/* Number of ids, the parents' included. */
static inline uint32_t rk_atoms_count(const rk_atoms *atoms)
{
    return atoms->base + atoms->strings.len;
}

#endif
