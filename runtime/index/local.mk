# rank_sources += %D%/file.c %D%/file.h
