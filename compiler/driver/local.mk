rankc_sources += %D%/adjust.c %D%/compile.c %D%/test.c compiler/rankc.h
