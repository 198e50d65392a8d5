rank_sources += \
    %D%/group.c %D%/group.h \
    %D%/limit.c \
    %D%/order.c %D%/order.h \
    %D%/packed.c %D%/packed.h \
    %D%/pin.c \
    %D%/produce.c \
    %D%/sink.c \
    %D%/sort.c \
    %D%/spread.c \
    %D%/stage.h \
    %D%/stage_rows.h \
    %D%/stages.c \
    %D%/top.c \
    %D%/where.c
