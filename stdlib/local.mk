rank_sources += \
    %D%/aggregate.c \
    %D%/call.h \
    %D%/chance.c \
    %D%/children.c \
    %D%/convert.c \
    %D%/distance.c %D%/distance.h \
    %D%/extreme.c \
    %D%/families.h \
    %D%/fn.h \
    %D%/fold.c %D%/fold.h \
    %D%/geo.c \
    %D%/list.c \
    %D%/list_fold.c \
    %D%/listwise.c \
    %D%/math.c \
    %D%/order.c \
    %D%/sets.c \
    %D%/signature.c \
    %D%/statistics.c \
    %D%/stdlib.c \
    %D%/sums.c %D%/sums.h \
    %D%/text.c \
    %D%/time.c \
    %D%/vector.c \
    %D%/wide.c %D%/wide.h \
    %D%/words.c %D%/words.h \
    %D%/zone.c %D%/zone.h

# Compiled once per vector level; see Makefile.am.
simd_sources += \
    %D%/elementwise_simd.c \
    %D%/fold_simd.c

# prelude.rank goes into librank as the bytes of an array: #include "stdlib/prelude.inc".
dist_pkgdata_DATA = %D%/prelude.rank
BUILT_SOURCES += stdlib/prelude.inc
CLEANFILES += stdlib/prelude.inc

stdlib/stdlib.lo: stdlib/prelude.inc
stdlib/prelude.inc: %D%/prelude.rank
	$(AM_V_GEN)$(MKDIR_P) stdlib && od -v -An -tu1 $(srcdir)/stdlib/prelude.rank | \
	    sed 's/ *\([0-9][0-9]*\)/\1,/g' >$@

EXTRA_DIST += %D%/README.md
