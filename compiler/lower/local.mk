rankc_sources += \
    %D%/fold.c \
    %D%/kernel.c \
    %D%/leaf.c \
    %D%/lower.c \
    %D%/lower.h \
    %D%/lowering.h \
    %D%/nearest.c \
    %D%/pipe.c \
    %D%/plan_build.c \
    %D%/value.c
