/* What the files of the plan's verifier share. Checks return false after describing the fault. */
#ifndef RK_PLAN_VERIFY_H
#define RK_PLAN_VERIFY_H

#include "runtime/model/model.h"
#include "runtime/plan/plan_rows.h"

typedef struct rk_checker {
    const rk_plan *plan;
    rk_buf *fault;
    rk_arena arena;
    const char *what;             /* step being checked: its kind … */
    uint32_t number;              /* … and place; RK_PLAN_NONE before the steps */
    bool *lists, *columns, *maps; /* made so far */
    bool *owed;                   /* columns that a REQUIRE must look at first */
    bool no_memory;               /* that is why a check failed */
} rk_checker;

/* Describes the fault and returns false. */
bool rk_check_fail(rk_checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A type of values: scalar, vector or list. */
bool rk_check_type(rk_checker *c, rk_type type);

/* A column that is made, needs no REQUIRE, and is of `list` or, when `query` is set, of list 0. */
bool rk_check_read(rk_checker *c, uint32_t column, uint32_t list, bool query);

/* A column that is not made yet and is of `list`; marks it. */
bool rk_check_make(rk_checker *c, uint32_t column, uint32_t list);

/* operands[first .. first + n] lie within the plan. */
bool rk_check_operands(rk_checker *c, uint32_t first, uint32_t n);

/* Whether a value of `from` may stand in a place of `to`: one kind, and if `from` may be missing by
 * a mask, `to` may too. */
bool rk_check_fits(rk_type from, rk_type to);

/* A kernel with its registers; its stores become made. */
bool rk_check_kernel(rk_checker *c, uint32_t index, uint32_t list);

/* One instruction of a kernel whose operands are registers before it. */
bool rk_check_instr(rk_checker *c, const rk_plan_kernel *kernel, const rk_instr *instr);

/* A step over a PROBE's list is of a kind that may be. */
bool rk_check_probed(rk_checker *c, const rk_step *step);

/* NEAREST but for the list and the ROW column that it makes; the table of indexes; and, when all
 * steps are sound, that an index needs no request. */
bool rk_check_nearest(rk_checker *c, const rk_step *step);
bool rk_check_indexes(rk_checker *c);
bool rk_check_free_indexes(rk_checker *c);

/* MODEL and PART, of a list that is made. */
bool rk_check_model(rk_checker *c, const rk_step *step);
bool rk_check_part(rk_checker *c, const rk_step *step);

#endif
