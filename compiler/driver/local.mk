rankc_sources += %D%/compile.c %D%/test.c compiler/rankc.h
