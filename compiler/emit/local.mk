emit_sources += \
    %D%/body.c \
    %D%/call.c %D%/call.h \
    %D%/call_math.c \
    %D%/call_more.c \
    %D%/divide.c \
    %D%/emit.h \
    %D%/filter.c \
    %D%/ir.c %D%/ir.h \
    %D%/kernel.c %D%/kernel.h \
    %D%/link.c %D%/link.h \
    %D%/lists.c \
    %D%/machine.c %D%/machine.h \
    %D%/mask.c \
    %D%/module.c %D%/module.h \
    %D%/ops.c \
    %D%/order.c \
    %D%/plugin.c \
    %D%/sweep.c %D%/sweep.h \
    %D%/sweep_end.c \
    %D%/sweep_pass.c
