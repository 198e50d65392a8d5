rank_sources += \
    %D%/column.c %D%/column.h \
    %D%/schema.h \
    %D%/type.c %D%/type.h %D%/type.def \
    %D%/value.c
