/* From bit planes to sums of leaves' values, and from values to ranks and masks: what of bit-sliced
 * evaluation a vector level has of its own, for slice_simd.c. Planes stand lowest bit first, one
 * every `words` words. */
#ifndef RK_MODEL_SLICE_LEAF_H
#define RK_MODEL_SLICE_LEAF_H

#include <string.h>

#include "runtime/model/slice.h"

#if RK_SIMD == 4
#include "runtime/model/slice_leaf_v4.h"
#elif RK_SIMD == 3
#include "runtime/model/slice_leaf_v3.h"
#endif

#endif
