bin_PROGRAMS = rankc
rankc_SOURCES = %D%/main.c $(main_sources)
rankc_LDADD = $(own_libs)

dist_man_MANS = %D%/rankc.1
