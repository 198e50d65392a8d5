rank_sources += %D%/fn.h

# prelude.rank goes into librank as the bytes of an array: #include "stdlib/prelude.inc".
# dist_pkgdata_DATA = %D%/prelude.rank
# BUILT_SOURCES += stdlib/prelude.inc
CLEANFILES += stdlib/prelude.inc

stdlib/prelude.inc: %D%/prelude.rank
	$(AM_V_GEN)$(MKDIR_P) stdlib && od -v -An -tu1 $(srcdir)/stdlib/prelude.rank | \
	    sed 's/ *\([0-9][0-9]*\)/\1,/g' >$@
