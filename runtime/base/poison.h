/* What AddressSanitizer, where the build has it, is told of memory that is not of malloc's own
 * giving: bytes that nobody may touch. Other builds have nothing of it. */
#ifndef RK_BASE_POISON_H
#define RK_BASE_POISON_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define RK_POISONS 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define RK_POISONS 1
#endif

/* rk_poison marks n bytes as nobody's; rk_unpoison takes that back, and perhaps of up to 7 bytes
 * before them. RK_POISON_GAP: so many bytes stand between two pieces of memory that must not be
 * taken for each other. */
#ifdef RK_POISONS
#include <sanitizer/asan_interface.h>
#define RK_POISON_GAP        16
#define rk_poison(from, n)   __asan_poison_memory_region((from), (n))
#define rk_unpoison(from, n) __asan_unpoison_memory_region((from), (n))
#else
#define RK_POISON_GAP        0
#define rk_poison(from, n)   ((void)(from), (void)(n))
#define rk_unpoison(from, n) ((void)(from), (void)(n))
#endif

#endif
