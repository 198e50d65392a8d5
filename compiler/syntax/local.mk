rankc_sources += \
    %D%/advice.c \
    %D%/ast.c \
    %D%/ast.h \
    %D%/build.c \
    %D%/dump.c \
    %D%/literal.c \
    %D%/parser.h
