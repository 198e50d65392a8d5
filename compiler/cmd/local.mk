# main_sources += %D%/file.c
