rank_sources += \
    %D%/build.h \
    %D%/check.c %D%/check.h \
    %D%/codes.c %D%/codes.h \
    %D%/file.h \
    %D%/graph.h \
    %D%/graph_beam.h \
    %D%/graph_build.c %D%/graph_build.h \
    %D%/graph_finish.c \
    %D%/graph_prune.c %D%/graph_prune.h \
    %D%/graph_search.c \
    %D%/graph_twins.c \
    %D%/graph_walk.c %D%/graph_walk.h \
    %D%/index.h \
    %D%/layout.c %D%/layout.h \
    %D%/memory.c %D%/memory.h \
    %D%/open.c \
    %D%/save.c

# Compiled once per vector level; see Makefile.am.
simd_sources += %D%/codes_simd.c
