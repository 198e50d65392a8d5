rank_sources += \
    %D%/api.h \
    %D%/api_bundle.c \
    %D%/api_context.c \
    %D%/api_packed.c \
    %D%/api_program.c \
    %D%/api_request.c \
    %D%/api_run.c \
    %D%/constant.c \
    %D%/engine.c %D%/engine.h \
    %D%/exec.h \
    %D%/field.c \
    %D%/fold.c \
    %D%/fpu.h \
    %D%/index.c \
    %D%/index_key.c %D%/index_key.h \
    %D%/index_vectors.c %D%/index_vectors.h \
    %D%/instr.c %D%/instr.h \
    %D%/instr_call.c \
    %D%/instr_special.c \
    %D%/interp.c %D%/interp.h \
    %D%/kernel.c %D%/kernel.h \
    %D%/kernel_run.c \
    %D%/merge.c \
    %D%/model.c \
    %D%/native.c %D%/native.h \
    %D%/nearest.c \
    %D%/ops.c %D%/ops.h \
    %D%/produce.c \
    %D%/require.c \
    %D%/probe.c %D%/probe.h \
    %D%/run.c \
    %D%/schedule.c %D%/schedule.h \
    %D%/select.c \
    %D%/split.h \
    %D%/swap.c \
    %D%/sweep.c \
    %D%/team.c %D%/team.h \
    %D%/trace.h \
    %D%/tracer.c %D%/tracer.h \
    %D%/through.c

simd_sources += %D%/ops_simd.c

EXTRA_DIST += runtime/README.md
