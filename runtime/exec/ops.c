#include "runtime/exec/ops.h"

#include "runtime/base/simd.h"

#define DECLARE(suffix, level) extern const rk_ops rk_ops_##suffix;
RK_SIMD_EACH(DECLARE)
#undef DECLARE

const rk_ops *rk_ops_get(rk_cpu_level level)
{
#define ROW(suffix, level) [level] = &rk_ops_##suffix,
    static const rk_ops *const levels[] = {RK_SIMD_EACH(ROW)};
#undef ROW
    return levels[level];
}
