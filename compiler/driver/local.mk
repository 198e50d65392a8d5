rankc_sources += \
    %D%/adjust.c \
    %D%/api.c \
    %D%/cache.c %D%/cache.h %D%/cache_trim.c \
    %D%/compile.c \
    %D%/library.c %D%/library.h \
    %D%/native.c %D%/native.h \
    %D%/program.c %D%/program.h \
    %D%/test.c compiler/rank_source.h compiler/rankc.h
