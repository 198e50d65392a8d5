rank_sources += \
    %D%/bound.c %D%/bound.h \
    %D%/build.c %D%/build.h \
    %D%/check.c %D%/check.h \
    %D%/choose.c %D%/choose.h \
    %D%/codes.c %D%/codes.h \
    %D%/exact.c %D%/exact.h \
    %D%/passing.c %D%/passing.h \
    %D%/exact_ops.h \
    %D%/file.h \
    %D%/graph.h \
    %D%/graph_beam.h \
    %D%/graph_build.c %D%/graph_build.h \
    %D%/graph_entries.c \
    %D%/graph_finish.c \
    %D%/graph_prune.c %D%/graph_prune.h \
    %D%/graph_search.c \
    %D%/graph_sketch.c %D%/graph_sketch.h \
    %D%/graph_spread.c %D%/graph_spread.h \
    %D%/graph_take.c \
    %D%/graph_twins.c \
    %D%/graph_walk.c %D%/graph_walk.h \
    %D%/import.c %D%/import.h \
    %D%/import_faiss.c \
    %D%/import_hnswlib.c \
    %D%/import_read.h \
    %D%/index.c %D%/index.h \
    %D%/keep.c %D%/keep.h \
    %D%/kinds.c %D%/kinds.h \
    %D%/layout.c %D%/layout.h \
    %D%/looking.c %D%/looking.h \
    %D%/memory.c %D%/memory.h \
    %D%/open.c \
    %D%/order.c %D%/order.h \
    %D%/save.c \
    %D%/score.c \
    %D%/scratch.h \
    %D%/search.c \
    %D%/store.c %D%/store.h

# Compiled once per vector level; see Makefile.am.
simd_sources += \
    %D%/codes_simd.c \
    %D%/coding_simd.c \
    %D%/exact_simd.c \
    %D%/coarse_simd.c \
    %D%/tile_simd.c
