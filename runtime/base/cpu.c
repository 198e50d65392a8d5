#include "runtime/base/cpu.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"scalar", "v3", "v4"};

/* Every feature that gcc's -march=x86-64-v3 lets the compiler use; __builtin_cpu_supports also asks
 * whether the operating system saves the wide registers. */
static bool has_v3(void)
{
    return __builtin_cpu_supports("x86-64-v3");
}

static bool has_v4(void)
{
    return __builtin_cpu_supports("x86-64-v4");
}

rk_cpu_level rk_cpu_best(void)
{
    __builtin_cpu_init();
    if (has_v4())
        return RK_CPU_V4;
    return has_v3() ? RK_CPU_V3 : RK_CPU_SCALAR;
}

bool rk_cpu_has(rk_cpu_level level)
{
    return level <= rk_cpu_best();
}

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

const char *rk_cpu_name(rk_cpu_level level)
{
    return names[level];
}

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
