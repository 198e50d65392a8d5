rank_sources += %D%/exec.h
