rank_sources += \
    %D%/forest.c %D%/forest.h \
    %D%/forest_walk.c \
    %D%/lightgbm.c %D%/lightgbm.h \
    %D%/lightgbm_pandas.c \
    %D%/lightgbm_text.c \
    %D%/lightgbm_tree.c \
    %D%/load.c %D%/load.h \
    %D%/model.c %D%/model.h \
    %D%/models.c \
    %D%/transform.c
