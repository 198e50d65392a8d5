emit_sources += \
    %D%/body.c \
    %D%/call.c %D%/call.h \
    %D%/call_math.c \
    %D%/call_more.c \
    %D%/divide.c \
    %D%/emit.h \
    %D%/filter.c \
    %D%/ir.c %D%/ir.h \
    %D%/kernel.c %D%/kernel.h \
    %D%/link.c %D%/link.h \
    %D%/lists.c \
    %D%/machine.c %D%/machine.h \
    %D%/mask.c \
    %D%/module.c %D%/module.h \
    %D%/ops.c \
    %D%/order.c \
    %D%/plugin.c \
    %D%/sweep.c %D%/sweep.h \
    %D%/sweep_end.c \
    %D%/sweep_pass.c

# A sum over what the plug-in and rankc both see of a plan, as a string: #include "compiler/emit/stamp.inc".
BUILT_SOURCES += compiler/emit/stamp.inc
CLEANFILES += compiler/emit/stamp.inc
compiler/driver/native.lo compiler/emit/librankc_llvm_la-plugin.lo: compiler/emit/stamp.inc
compiler/emit/stamp.inc: $(rank_sources) compiler/emit/emit.h
	$(AM_V_GEN)$(MKDIR_P) compiler/emit && \
	    for file in $^; do case $$file in *.h | *.def) cat $$file;; esac; done | cksum | \
	    sed 's/\([0-9]*\) .*/"\1"/' >$@
