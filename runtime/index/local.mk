rank_sources += \
    %D%/memory.c %D%/memory.h
