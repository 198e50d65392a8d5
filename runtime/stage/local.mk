rank_sources += %D%/stage.h
