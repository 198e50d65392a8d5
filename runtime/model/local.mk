rank_sources += \
    %D%/events.c %D%/events.h \
    %D%/forest.c %D%/forest.h \
    %D%/forest_walk.c \
    %D%/lightgbm.c %D%/lightgbm.h \
    %D%/lightgbm_pandas.c \
    %D%/lightgbm_text.c \
    %D%/lightgbm_tree.c \
    %D%/linear.c %D%/linear.h \
    %D%/load.c %D%/load.h \
    %D%/model.c %D%/model.h \
    %D%/models.c \
    %D%/transform.c \
    %D%/ubjson.c %D%/ubjson.h \
    %D%/xgboost.c %D%/xgboost.h \
    %D%/xgboost_cats.c \
    %D%/xgboost_make.c \
    %D%/xgboost_objective.c \
    %D%/xgboost_old.c \
    %D%/xgboost_read.c \
    %D%/xgboost_tree.c
