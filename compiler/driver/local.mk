rankc_sources += \
    %D%/adjust.c \
    %D%/api.c \
    %D%/cache.c %D%/cache.h %D%/cache_trim.c \
    %D%/compile.c \
    %D%/golden.c %D%/golden.h %D%/golden_check.c \
    %D%/index.c %D%/index.h \
    %D%/library.c %D%/library.h \
    %D%/native.c %D%/native.h \
    %D%/program.c %D%/program.h \
    %D%/session.c %D%/session.h %D%/session_parts.h \
    %D%/session_compile.c %D%/session_data.c %D%/session_input.c \
    %D%/session_run.c %D%/session_typed.c \
    %D%/test.c compiler/rank_source.h compiler/rankc.h

# A sum over the emitter's sources as a string: #include "compiler/driver/cache_stamp.inc".
BUILT_SOURCES += compiler/driver/cache_stamp.inc
CLEANFILES += compiler/driver/cache_stamp.inc
compiler/driver/cache.lo tests/unit/test_cache.$(OBJEXT): compiler/driver/cache_stamp.inc
compiler/driver/cache_stamp.inc: $(emit_sources) runtime/plan/code.h
	$(AM_V_GEN)$(MKDIR_P) compiler/driver && cat $^ | cksum | \
	    sed 's/\([0-9]*\) .*/"\1"/' >$@
