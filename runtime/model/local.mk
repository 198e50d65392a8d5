rank_sources += \
    %D%/forest.h \
    %D%/model.h
