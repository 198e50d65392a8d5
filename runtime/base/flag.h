/* A flag that one thread, or a signal, sets and others look at. C++ sees that there is one. */
#ifndef RK_BASE_FLAG_H
#define RK_BASE_FLAG_H

#ifdef __cplusplus
typedef struct rk_flag rk_flag;
#else
#include <stdatomic.h>
typedef atomic_bool rk_flag;
#endif

#endif
