rankc_sources += %D%/ast.h
