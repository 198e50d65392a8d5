rank_sources += %D%/fn.h
