rank_sources += \
    %D%/op.def \
    %D%/code.h %D%/plan.h \
    %D%/plan_rows.c %D%/plan_rows.h \
    %D%/print.c \
    %D%/verify.c %D%/verify.h \
    %D%/verify_kernel.c
