#include "runtime/base/cpu.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"scalar", "v3", "v4"};

#ifdef __x86_64__
/* Asks for every feature that gcc's -march=x86-64-v3 and -v4 let the compiler use, and whether the
 * operating system saves the wide registers. */
rk_cpu_level rk_cpu_best(void)
{
    __builtin_cpu_init();
#if defined(__clang__) && __clang_major__ < 18 /* which knows no levels: what tells them apart */
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
#else
    const bool v3 = __builtin_cpu_supports("x86-64-v3");
    const bool v4 = __builtin_cpu_supports("x86-64-v4");
#endif
    return v4 ? RK_CPU_V4 : v3 ? RK_CPU_V3 : RK_CPU_SCALAR;
}

bool rk_cpu_has_vnni(void)
{
    return rk_cpu_best() == RK_CPU_V4 && __builtin_cpu_supports("avx512vnni");
}
#else
rk_cpu_level rk_cpu_best(void) { return RK_CPU_SCALAR; }
bool rk_cpu_has_vnni(void) { return false; }
#endif

bool rk_cpu_has(rk_cpu_level level) { return level <= rk_cpu_best(); }

bool rk_cpu_parse(const char *name, rk_cpu_level *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (rk_cpu_level)i;
            return true;
        }
    }
    return false;
}

const char *rk_cpu_name(rk_cpu_level level) { return names[level]; }

bool rk_cpu_from_env(rk_cpu_level *out)
{
    const char *name = getenv("RANK_CPU");
    if (!name || !*name) {
        *out = rk_cpu_best();
        return true;
    }
    rk_cpu_level level;
    if (!rk_cpu_parse(name, &level) || !rk_cpu_has(level))
        return false;
    *out = level;
    return true;
}
