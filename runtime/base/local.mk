rank_sources += \
    %D%/arena.c %D%/arena.h \
    %D%/atom.c %D%/atom.h \
    %D%/buf.c %D%/buf.h \
    %D%/context.c %D%/context.h \
    %D%/diag.c %D%/diag.h %D%/diag.def \
    %D%/diag_print.c \
    %D%/file.c %D%/file.h \
    %D%/map.c %D%/map.h \
    %D%/number.c \
    %D%/status.h \
    %D%/str.c %D%/str.h \
    %D%/vec.h

# Compiled once per vector level; see Makefile.am.
simd_sources +=
