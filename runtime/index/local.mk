rank_sources += \
    %D%/build.h \
    %D%/codes.h \
    %D%/graph.h \
    %D%/index.h \
    %D%/memory.c %D%/memory.h
