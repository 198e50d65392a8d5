/* Sweeps: the folds of one domain that native code does in one pass. */
#include "runtime/exec/engine.h"

static bool is_masked(rk_type type) { return type.optional && rk_kind_has_mask(type.kind); }

static rk_status make_result(rk_run *run, uint32_t index, rk_port *port)
{
    const rk_type type = rk_run_plan(run)->columns.items[index].type;
    rk_made *const made = &run->columns[index];
    *made = (rk_made){0};
    RK_TRY(rk_column_init(&made->column, &run->arena, type, 1));
    *port = (rk_port){made->column.data, made->column.present};
    return RK_OK;
}

static rk_status find_column(rk_run *run, uint32_t index, rk_port *port)
{
    const rk_column *const column = rk_run_column(run, index);
    *port = (rk_port){column->data, NULL};
    if (!is_masked(rk_run_plan(run)->columns.items[index].type))
        return RK_OK;
    const uint64_t *const mask = column->present ? column->present : rk_run_ones(run, column->n);
    port->present = (uint64_t *)mask;
    return mask ? RK_OK : RK_ENOMEM;
}

rk_status rk_step_sweep(rk_run *run, const rk_step *step)
{
    const rk_plan *const plan = rk_run_plan(run);
    const rk_code *const code = &run->native->code;
    const rk_code_sweep *const sweep = &code->sweeps[rk_run_sweep_of(run, step)];
    if (step != &plan->steps.items[code->steps[sweep->first_step]])
        return RK_OK;
    for (uint32_t i = 0; i < sweep->n_ports; i++) {
        const rk_code_port port = code->ports[sweep->first_port + i];
        rk_port *const at = &run->worker.ports[i];
        RK_TRY((port.kind == RK_PORT_RESULT ? make_result : find_column)(run, port.index, at));
    }
    rk_batch batch = {
        .n = run->lists[plan->folds.items[step->index].domain].n,
        .ports = run->worker.ports,
        .math = run->native->math,
    };
    rk_native_at(run->native, sweep->entry)(&batch);
    return RK_OK;
}
