rankc_sources += \
    %D%/algebra.c \
    %D%/division.c \
    %D%/fold.c \
    %D%/opt.h \
    %D%/passes.c
