/* Whether the arrays of an index from outside are what searches rely on: a link that is out of
 * range would be read behind the end of another array. For open.c and the readers of other
 * libraries' files. */
#ifndef RK_INDEX_CHECK_H
#define RK_INDEX_CHECK_H

#include "runtime/index/index.h"

/* Rows and places are each other's inverse, links and entries are places. NULL, or what is wrong in
 * a few words. */
const char *rk_index_check(const rk_index *index);

/* They are finite: one pass over the largest array. */
const char *rk_index_check_vectors(const rk_index *index);

/* Ids ascend, all different, and offsets of texts too; they are within bytes as long as the last
 * one says. */
const char *rk_index_check_ids(const rk_index *index);

#endif
