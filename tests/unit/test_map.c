/* runtime/base/map.h and atom.h: what goes in comes out, once, however much there is. */
#include "runtime/base/atom.h"
#include "runtime/base/map.h"

#include "tests/unit/harness.h"

START_TEST(int_keys_are_found)
{
    rk_arena arena = {0};
    rk_intmap map = {0};
    uint32_t found;
    ck_assert_uint_eq(rk_intmap_find(&map, 1), RK_MAP_NONE);
    bool added = true;
    for (int64_t key = -50000; key < 50000; key++)
        added &= rk_intmap_add(&arena, &map, key * 0x100000001, (uint32_t)(key + 50000), &found);
    ck_assert(added);
    ck_assert_uint_eq(map.len, 100000);
    uint32_t wrong = 0;
    for (int64_t key = -50000; key < 50000; key++)
        wrong += rk_intmap_find(&map, key * 0x100000001) != (uint32_t)(key + 50000);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(rk_intmap_find(&map, 50000 * INT64_C(0x100000001)), RK_MAP_NONE);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(a_doubled_int_key_is_shown)
{
    rk_arena arena = {0};
    rk_intmap map = {0};
    uint32_t found;
    ck_assert(rk_intmap_add(&arena, &map, INT64_MIN, 3, &found));
    ck_assert(!rk_intmap_add(&arena, &map, INT64_MIN, 4, &found));
    ck_assert_uint_eq(found, 3);
    ck_assert_uint_eq(rk_intmap_find(&map, INT64_MIN), 3);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(reserved_room_is_enough)
{
    rk_arena arena = {0};
    rk_intmap map = {0};
    uint32_t found;
    ck_assert(rk_intmap_reserve(&arena, &map, 1000));
    const rk_intmap_slot *const slots = map.slots;
    for (int64_t key = 0; key < 1000; key++)
        ck_assert(rk_intmap_add(&arena, &map, key, 0, &found));
    ck_assert_ptr_eq(map.slots, slots);
    ck_assert(!rk_intmap_reserve(&arena, &map, UINT32_MAX));
    rk_arena_free(&arena);
}
END_TEST

static bool is_key(const void *owner, uint32_t value, const void *key)
{
    return ((const uint32_t *)owner)[value] == *(const uint32_t *)key;
}

/* All keys share one hash: the owner's comparison alone tells them apart. */
START_TEST(equal_hashes_are_told_apart)
{
    rk_arena arena = {0};
    rk_table table = {0};
    uint32_t keys[300];
    for (uint32_t i = 0; i < 300; i++) {
        keys[i] = i * 17;
        ck_assert_uint_eq(rk_table_find(&table, 42, is_key, keys, &keys[i]), RK_MAP_NONE);
        ck_assert(rk_table_add(&arena, &table, 42, i));
    }
    for (uint32_t i = 0; i < 300; i++)
        ck_assert_uint_eq(rk_table_find(&table, 42, is_key, keys, &keys[i]), i);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(equal_text_is_one_atom)
{
    rk_arena arena = {0};
    rk_atoms atoms;
    rk_atom a, b, c, empty;
    ck_assert_int_eq(rk_atoms_init(&atoms, &arena, NULL), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&atoms, RK_STR("price"), &a), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&atoms, RK_STR("price"), &b), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&atoms, RK_STR("price\0"), &c), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&atoms, RK_STR(""), &empty), RK_OK);
    ck_assert_uint_eq(a, b);
    ck_assert_uint_ne(a, c);
    ck_assert_uint_eq(empty, RK_ATOM_EMPTY);
    ck_assert(rk_str_eq(rk_atom_str(&atoms, c), RK_STR("price\0")));
    ck_assert_uint_eq(rk_atom_find(&atoms, RK_STR("pric")), RK_MAP_NONE);
    ck_assert_uint_eq(rk_atoms_count(&atoms), 3);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(borrowed_text_is_not_copied)
{
    rk_arena arena = {0};
    rk_atoms atoms;
    rk_atom atom;
    static const char text[] = "borrowed";
    ck_assert_int_eq(rk_atoms_init(&atoms, &arena, NULL), RK_OK);
    ck_assert_int_eq(rk_atom_intern_borrowed(&atoms, (rk_str){text, 8}, &atom), RK_OK);
    ck_assert_ptr_eq(rk_atom_str(&atoms, atom).data, text);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(a_child_table_stands_on_its_parent)
{
    rk_arena arena = {0}, short_lived = {0};
    rk_atoms parent, child;
    rk_atom a, b, c;
    ck_assert_int_eq(rk_atoms_init(&parent, &arena, NULL), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&parent, RK_STR("a"), &a), RK_OK);
    ck_assert_int_eq(rk_atoms_init(&child, &short_lived, &parent), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&child, RK_STR("a"), &b), RK_OK);
    ck_assert_int_eq(rk_atom_intern(&child, RK_STR("c"), &c), RK_OK);
    ck_assert_uint_eq(a, b);
    ck_assert_uint_eq(c, rk_atoms_count(&parent));
    ck_assert(rk_str_eq(rk_atom_str(&child, a), RK_STR("a")));
    ck_assert(rk_str_eq(rk_atom_str(&child, c), RK_STR("c")));
    ck_assert_uint_eq(rk_atom_find(&parent, RK_STR("c")), RK_MAP_NONE);
    rk_arena_free(&short_lived);
    rk_arena_free(&arena);
}
END_TEST

RK_SUITE_MAIN("map", int_keys_are_found, a_doubled_int_key_is_shown, reserved_room_is_enough,
              equal_hashes_are_told_apart, equal_text_is_one_atom, borrowed_text_is_not_copied,
              a_child_table_stands_on_its_parent)
