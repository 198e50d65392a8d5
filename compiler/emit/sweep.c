#include "compiler/emit/kernel.h"

rk_status rk_sweeps_emit(rk_ir *ir)
{
    (void)ir;
    return RK_OK;
}
