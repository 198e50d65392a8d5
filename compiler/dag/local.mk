rankc_sources += %D%/dag.c %D%/dag.h %D%/ops.def %D%/print.c
