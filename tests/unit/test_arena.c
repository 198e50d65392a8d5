/* runtime/base/arena.h and vec.h: alignment, zeroing, growth in place, reuse after a reset. */
#include "runtime/base/arena.h"
#include "runtime/base/poison.h"
#include "runtime/base/vec.h"

#include <string.h>

#include "tests/unit/harness.h"

static bool all_zero(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

START_TEST(blocks_are_aligned_zeroed_and_apart)
{
    rk_arena arena = {0};
    char *last = NULL;
    size_t last_size = 0;
    for (size_t size = 0; size < 3000; size += 7) {
        char *const block = rk_arena_alloc(&arena, size);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 16, 0);
        ck_assert(all_zero(block, size));
        ck_assert(!last || block >= last + last_size || block + size <= last);
        memset(block, 0xab, size);
        last = block;
        last_size = size;
    }
    rk_arena_free(&arena);
    ck_assert_ptr_null(arena.first);
}
END_TEST

START_TEST(columns_are_aligned_to_64)
{
    rk_arena arena = {0};
    for (size_t n = 1; n < 200; n++) {
        ck_assert_ptr_nonnull(rk_arena_alloc(&arena, n % 5));
        ck_assert_uint_eq((uintptr_t)rk_arena_alloc_column(&arena, n, 4) % 64, 0);
    }
    rk_arena_free(&arena);
}
END_TEST

START_TEST(large_blocks_fit)
{
    rk_arena arena = {0};
    char *const block = rk_arena_alloc(&arena, 40u << 20);
    ck_assert_ptr_nonnull(block);
    block[(40u << 20) - 1] = 1;
    ck_assert_ptr_nonnull(rk_arena_alloc(&arena, 1));
    rk_arena_free(&arena);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
    rk_arena arena = {0};
    ck_assert_ptr_null(rk_arena_array(&arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(rk_arena_alloc_column(&arena, SIZE_MAX / 4, 8));
    ck_assert_ptr_null(rk_arena_alloc(&arena, SIZE_MAX - 8));
    ck_assert_ptr_null(rk_arena_copy(&arena, "x", SIZE_MAX));
    ck_assert_ptr_nonnull(rk_arena_alloc(&arena, 8)); /* and it still works */
    rk_arena_free(&arena);
}
END_TEST

START_TEST(copies_end_in_nul)
{
    rk_arena arena = {0};
    ck_assert_str_eq(rk_arena_copy(&arena, "nuts and bolts", 4), "nuts");
    ck_assert_str_eq(rk_arena_copy(&arena, NULL, 0), "");
    rk_arena_free(&arena);
}
END_TEST

START_TEST(the_last_block_grows_in_place)
{
    rk_arena arena = {0};
    char *const block = rk_arena_alloc(&arena, 16);
    memset(block, 7, 16);
    char *const grown = rk_arena_grow(&arena, block, 16, 64);
    ck_assert_ptr_eq(grown, block);
    ck_assert(all_zero(grown + 16, 48));
    ck_assert_ptr_nonnull(rk_arena_alloc(&arena, 1));
    char *const moved = rk_arena_grow(&arena, grown, 64, 128);
    ck_assert_ptr_ne(moved, grown);
    ck_assert_int_eq(moved[15], 7);
    ck_assert(all_zero(moved + 16, 112));
    rk_arena_free(&arena);
}
END_TEST

START_TEST(a_reset_keeps_the_memory)
{
    rk_arena arena = {0};
    char *const first = rk_arena_alloc(&arena, 100);
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_nonnull(rk_arena_alloc(&arena, 1000));
    const rk_arena_chunk *const last = arena.current;
    rk_arena_reset(&arena);
    ck_assert_uint_eq(arena.used, 0);
    ck_assert_ptr_eq(rk_arena_alloc(&arena, 100), first);
    for (int i = 0; i < 1000; i++)
        ck_assert(all_zero(rk_arena_alloc(&arena, 1000), 1000));
    ck_assert_ptr_eq(arena.current, last);
    rk_arena_free(&arena);
}
END_TEST

START_TEST(what_follows_lies_in_one_piece)
{
    const size_t sizes[] = {1, 600000, 3 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        rk_arena arena = {0};
        char *const before = i ? rk_arena_alloc(&arena, 100) : NULL;
        ck_assert(rk_arena_advance(&arena, sizes[i]));
        char *const first = rk_arena_alloc_column(&arena, sizes[i], 1);
        char *const second = rk_arena_alloc_column(&arena, 64, 1);
        ck_assert_ptr_eq(second, first + (sizes[i] + RK_POISON_GAP + 63) / 64 * 64);
        memset(first, 1, sizes[i]);
        ck_assert(!before || all_zero(before, 100));
        rk_arena_reset(&arena);
        ck_assert_ptr_nonnull(rk_arena_alloc(&arena, sizes[i]));
        rk_arena_free(&arena);
    }
    rk_arena none = {0};
    ck_assert(!rk_arena_advance(&none, SIZE_MAX));
#ifndef RK_POISONS /* AddressSanitizer ends who asks for so much */
    ck_assert(!rk_arena_advance(&none, SIZE_MAX / 2));
#endif
    ck_assert_ptr_null(none.first);
}
END_TEST

/* With AddressSanitizer, what was not given out is nobody's. */
START_TEST(what_is_not_in_use_is_poisoned)
{
#ifdef RK_POISONS
    rk_arena arena = {0};
    char *block = rk_arena_alloc(&arena, 24);
    char *const next = rk_arena_alloc(&arena, 8);
    ck_assert_ptr_null(__asan_region_is_poisoned(block, 24));
    ck_assert_ptr_eq(__asan_region_is_poisoned(block, 25), block + 24);
    ck_assert_int_ne(__asan_address_is_poisoned(next - 1), 0);
    block = rk_arena_grow(&arena, next, 8, 40);
    ck_assert_ptr_eq(block, next);
    ck_assert_ptr_eq(__asan_region_is_poisoned(block, 41), block + 40);
    rk_arena_reset(&arena);
    ck_assert_ptr_eq(__asan_region_is_poisoned(block, 40), block);
    rk_arena_free(&arena);
#endif
}
END_TEST

START_TEST(vectors_grow)
{
    rk_arena arena = {0};
    RK_VEC(uint64_t) vec = {0};
    for (uint64_t i = 0; i < 100000; i++)
        ck_assert(rk_vec_push(&arena, &vec, i * i));
    ck_assert_uint_eq(vec.len, 100000);
    for (uint64_t i = 0; i < vec.len; i++)
        ck_assert_uint_eq(vec.items[i], i * i);
    rk_arena_free(&arena);
}
END_TEST

RK_SUITE_MAIN("arena", blocks_are_aligned_zeroed_and_apart, columns_are_aligned_to_64,
              large_blocks_fit, impossible_sizes_are_refused, copies_end_in_nul,
              the_last_block_grows_in_place, a_reset_keeps_the_memory,
              what_follows_lies_in_one_piece, what_is_not_in_use_is_poisoned, vectors_grow)
