rankc_sources += \
    %D%/call.c \
    %D%/constant.c \
    %D%/domain.c \
    %D%/elaborate.c \
    %D%/error.c \
    %D%/expr.c \
    %D%/fold.c \
    %D%/index.c \
    %D%/literal.c \
    %D%/model.c %D%/model_call.c \
    %D%/module.h \
    %D%/name.c \
    %D%/names.c \
    %D%/nearest.c \
    %D%/needs.c %D%/needs.h \
    %D%/outline.c \
    %D%/outline.h \
    %D%/outlining.c \
    %D%/over.c \
    %D%/pipe.c \
    %D%/resolve.c \
    %D%/revision.c \
    %D%/schema.c \
    %D%/sema.h \
    %D%/test.c \
    %D%/uses.c
