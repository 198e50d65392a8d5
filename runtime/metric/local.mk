metric_sources += \
    %D%/compare.c %D%/compare.h \
    %D%/judge.c %D%/judge.h \
    %D%/marks.c %D%/marks.h \
    %D%/marks_read.c \
    %D%/measures.c \
    %D%/metric.h \
    %D%/metrics.c

EXTRA_DIST += %D%/README.md
