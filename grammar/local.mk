# The scanner and the parser are made in the build folder, by explicit rules instead of ylwrap, and
# never kept in git. Only they include rank_parse.h; the rest of the compiler sees rk_parse alone.

rankc_built += grammar/rank_parse.c grammar/rank_parse.h grammar/rank_scan.c
BUILT_SOURCES += grammar/rank_parse.h
grammar/rank_scan.lo: grammar/rank_parse.h
EXTRA_DIST += %D%/rank.l %D%/rank.y %D%/README.md
CLEANFILES += grammar/rank_parse.c grammar/rank_parse.h grammar/rank_scan.c

grammar/rank_parse.c: %D%/rank.y
	$(AM_V_GEN)$(MKDIR_P) grammar && \
	    $(BISON) -Wall -Wcounterexamples -Werror --defines=grammar/rank_parse.h -o $@ $(srcdir)/grammar/rank.y

grammar/rank_parse.h: grammar/rank_parse.c

grammar/rank_scan.c: %D%/rank.l
	$(AM_V_GEN)$(MKDIR_P) grammar && $(FLEX) -o $@ $(srcdir)/grammar/rank.l
