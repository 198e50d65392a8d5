#include "runtime/base/atom.h"

static bool has_text(const void *owner, uint32_t value, const void *key)
{
    const rk_atoms *const atoms = owner;
    return rk_str_eq(atoms->strings.items[value - atoms->base], *(const rk_str *)key);
}

static rk_atom find_hashed(const rk_atoms *atoms, rk_str s, uint64_t hash)
{
    for (; atoms; atoms = atoms->parent) {
        const rk_atom atom = rk_table_find(&atoms->table, hash, has_text, atoms, &s);
        if (atom != RK_MAP_NONE)
            return atom;
    }
    return RK_MAP_NONE;
}

rk_atom rk_atom_find(const rk_atoms *atoms, rk_str s)
{
    return find_hashed(atoms, s, rk_str_hash(s));
}

static rk_status intern(rk_atoms *atoms, rk_str s, bool copy, rk_atom *out)
{
    const uint64_t hash = rk_str_hash(s);
    *out = find_hashed(atoms, s, hash);
    if (*out != RK_MAP_NONE)
        return RK_OK;
    if (rk_atoms_count(atoms) >= UINT32_MAX - 1)
        return RK_ELIMIT;
    const rk_str text = {copy ? rk_arena_copy(atoms->arena, s.data, s.len) : s.data, s.len};
    const rk_atom atom = rk_atoms_count(atoms);
    if ((copy && !text.data) || !rk_vec_push(atoms->arena, &atoms->strings, text))
        return RK_ENOMEM;
    if (!rk_table_add(atoms->arena, &atoms->table, hash, atom)) {
        atoms->strings.len--;
        return RK_ENOMEM;
    }
    *out = atom;
    return RK_OK;
}

rk_status rk_atom_intern(rk_atoms *atoms, rk_str s, rk_atom *out)
{
    return intern(atoms, s, true, out);
}

rk_status rk_atom_intern_borrowed(rk_atoms *atoms, rk_str s, rk_atom *out)
{
    return intern(atoms, s, false, out);
}

rk_status rk_atoms_init(rk_atoms *atoms, rk_arena *arena, const rk_atoms *parent)
{
    *atoms = (rk_atoms){.arena = arena, .parent = parent};
    atoms->base = parent ? rk_atoms_count(parent) : 0;
    if (parent)
        return RK_OK;
    rk_atom empty;
    return rk_atom_intern(atoms, RK_STR(""), &empty);
}
