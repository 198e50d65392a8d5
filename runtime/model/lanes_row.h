/* Of tree lanes what each vector level has of its own, for lanes_simd.c: a row's ranks of 64
 * columns and the leaves that remain of 16 pieces in registers. */
#ifndef RK_MODEL_LANES_ROW_H
#define RK_MODEL_LANES_ROW_H

#include "runtime/model/lanes.h"

#if RK_SIMD == 4
#include "runtime/model/lanes_row_v4.h"
#elif RK_SIMD == 3
#include "runtime/model/lanes_row_v3.h"
#endif

#endif
