# unit_tests: programs of tests/unit, each from test_NAME.c; see tests/unit/harness.h.
# script_tests: anything executable whose last line is `N passed, N failed`.

unit_tests +=

script_tests += %D%/layers.sh %D%/symbols.sh %D%/headers.sh %D%/style.sh

noinst_HEADERS = %D%/unit/harness.h
EXTRA_DIST += %D%/run.sh $(script_tests)

if HAVE_CHECK
check_PROGRAMS = $(unit_tests)
endif
LDADD = $(own_libs) $(CHECK_LIBS)

check-local: $(check_PROGRAMS)
	@$(SHELL) $(srcdir)/tests/run.sh $(srcdir) . $(check_PROGRAMS) $(script_tests)
