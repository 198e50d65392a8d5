rank_sources += %D%/source.h
