rank_sources += %D%/plan.h %D%/op.def
