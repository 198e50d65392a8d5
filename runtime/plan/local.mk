rank_sources += \
    %D%/op.def \
    %D%/bundle.c %D%/bundle.h \
    %D%/bundle_section.h \
    %D%/bundle_write.c \
    %D%/bytes.c %D%/bytes.h \
    %D%/code.c %D%/code.h \
    %D%/code_key.c \
    %D%/code_verify.c \
    %D%/decode.c \
    %D%/describe.c %D%/describe.h \
    %D%/encode.c %D%/encode.h \
    %D%/plan.h \
    %D%/plan_bytes.h \
    %D%/plan_rows.c %D%/plan_rows.h \
    %D%/print.c \
    %D%/restring.c %D%/restring.h \
    %D%/uses.c %D%/uses.h \
    %D%/value_bytes.c %D%/value_bytes.h \
    %D%/verify.c %D%/verify.h \
    %D%/verify_kernel.c \
    %D%/verify_model.c \
    %D%/verify_nearest.c
