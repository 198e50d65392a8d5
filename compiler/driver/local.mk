rankc_sources += %D%/adjust.c %D%/compile.c %D%/native.c %D%/native.h %D%/test.c compiler/rankc.h
