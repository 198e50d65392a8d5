rankc_sources += \
    %D%/advice.c \
    %D%/ast.c \
    %D%/ast.h \
    %D%/build.c \
    %D%/dump.c \
    %D%/fmt.c \
    %D%/fmt.h \
    %D%/fmt_expr.c \
    %D%/layout.c \
    %D%/layout.h \
    %D%/literal.c \
    %D%/parser.h
