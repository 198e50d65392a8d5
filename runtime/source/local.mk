rank_sources += \
    %D%/bad.c %D%/bad.h \
    %D%/cell.c %D%/cell.h \
    %D%/cell_json.c \
    %D%/csv.c %D%/csv.h \
    %D%/csv_header.c \
    %D%/element.c \
    %D%/excerpt.c %D%/excerpt.h \
    %D%/fvecs.c \
    %D%/ids.c \
    %D%/jsonl.c \
    %D%/letor.c \
    %D%/letor_line.c %D%/letor_line.h \
    %D%/matrix.c %D%/matrix.h \
    %D%/npy.c \
    %D%/relation.c \
    %D%/request.c %D%/request.h \
    %D%/request_jsonl.c \
    %D%/request_letor.c \
    %D%/request_pairs.c \
    %D%/request_tsv.c \
    %D%/rows.c %D%/rows.h \
    %D%/scan.c %D%/scan.h \
    %D%/sink.c %D%/sink.h \
    %D%/source.h \
    %D%/sources.c

EXTRA_DIST += %D%/README.md
