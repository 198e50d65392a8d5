# unit_tests: programs of tests/unit, each from test_NAME.c; see tests/unit/harness.h.
# fuzz_tests: harnesses of tests/fuzz, whose seeds fuzz.sh replays.
# script_tests: anything executable whose last line is `N passed, N failed`.

unit_tests += \
    %D%/unit/test_api \
    %D%/unit/test_api_bundle \
    %D%/unit/test_api_errors \
    %D%/unit/test_api_oom \
    %D%/unit/test_arena \
    %D%/unit/test_cache \
    %D%/unit/test_bundle \
    %D%/unit/test_code \
    %D%/unit/test_codes \
    %D%/unit/test_column \
    %D%/unit/test_decimal \
    %D%/unit/test_diag \
    %D%/unit/test_emit_link \
    %D%/unit/test_encode \
    %D%/unit/test_evaluate \
    %D%/unit/test_file \
    %D%/unit/test_fmt \
    %D%/unit/test_forest \
    %D%/unit/test_graph_layout \
    %D%/unit/test_map \
    %D%/unit/test_index_first \
    %D%/unit/test_index_graph \
    %D%/unit/test_index_search \
    %D%/unit/test_index_sketch \
    %D%/unit/test_index_spread \
    %D%/unit/test_index_file \
    %D%/unit/test_index_flat \
    %D%/unit/test_index_import \
    %D%/unit/test_index_program \
    %D%/unit/test_infer \
    %D%/unit/test_infer_random \
    %D%/unit/test_matmul \
    %D%/unit/test_metric \
    %D%/unit/test_metric_read \
    %D%/unit/test_model_catboost \
    %D%/unit/test_model_catboost_bad \
    %D%/unit/test_model_changed \
    %D%/unit/test_model_lightgbm \
    %D%/unit/test_model_lightgbm_bad \
    %D%/unit/test_model_oom \
    %D%/unit/test_model_onnx \
    %D%/unit/test_model_onnx_bad \
    %D%/unit/test_model_xgboost \
    %D%/unit/test_model_xgboost_bad \
    %D%/unit/test_native \
    %D%/unit/test_nearest \
    %D%/unit/test_network \
    %D%/unit/test_number \
    %D%/unit/test_onnx \
    %D%/unit/test_onnx_network \
    %D%/unit/test_outline \
    %D%/unit/test_parse \
    %D%/unit/test_sketch_bounds \
    %D%/unit/test_source_csv \
    %D%/unit/test_source_json \
    %D%/unit/test_source_letor \
    %D%/unit/test_source_relation \
    %D%/unit/test_source_requests \
    %D%/unit/test_source_requests_tsv \
    %D%/unit/test_source_vectors \
    %D%/unit/test_tiles \
    %D%/unit/test_emit \
    %D%/unit/test_exec_lists \
    %D%/unit/test_exec_ops \
    %D%/unit/test_exec_steps \
    %D%/unit/test_plan \
    %D%/unit/test_pool \
    %D%/unit/test_product \
    %D%/unit/test_program \
    %D%/unit/test_schedule \
    %D%/unit/test_session \
    %D%/unit/test_stage \
    %D%/unit/test_stdlib \
    %D%/unit/test_stdlib_fold \
    %D%/unit/test_stdlib_grid \
    %D%/unit/test_stdlib_list \
    %D%/unit/test_stdlib_text \
    %D%/unit/test_str \
    %D%/unit/test_swap \
    %D%/unit/test_type \
    %D%/unit/test_ubjson \
    %D%/unit/test_vmath

# They count what the libraries allocate, or refuse it.
wrap_memory = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_api_LDFLAGS = $(AM_LDFLAGS) $(wrap_memory)
tests_unit_test_api_oom_LDFLAGS = $(AM_LDFLAGS) $(wrap_memory)
tests_unit_test_index_flat_LDFLAGS = $(AM_LDFLAGS) $(wrap_memory)
tests_unit_test_model_oom_LDFLAGS = $(AM_LDFLAGS) $(wrap_memory)

fuzz_tests = \
    %D%/fuzz/fuzz_bundle \
    %D%/fuzz/fuzz_code \
    %D%/fuzz/fuzz_csv \
    %D%/fuzz/fuzz_ids \
    %D%/fuzz/fuzz_import \
    %D%/fuzz/fuzz_index \
    %D%/fuzz/fuzz_jsonl \
    %D%/fuzz/fuzz_letor \
    %D%/fuzz/fuzz_metric \
    %D%/fuzz/fuzz_model \
    %D%/fuzz/fuzz_network \
    %D%/fuzz/fuzz_object \
    %D%/fuzz/fuzz_parse \
    %D%/fuzz/fuzz_plan \
    %D%/fuzz/fuzz_program \
    %D%/fuzz/fuzz_request \
    %D%/fuzz/fuzz_search \
    %D%/fuzz/fuzz_vectors

script_tests += \
    %D%/cases.sh \
    %D%/cli.sh \
    %D%/compile.sh \
    %D%/completion.sh \
    %D%/docs.sh \
    %D%/embed.sh \
    %D%/examples.sh \
    %D%/filters.sh \
    %D%/fuzz.sh \
    %D%/graph.sh \
    %D%/headers.sh \
    %D%/index.sh \
    %D%/install.sh \
    %D%/layers.sh \
    %D%/listed.sh \
    %D%/metrics.sh \
    %D%/models.sh \
    %D%/model_cmd.sh \
    %D%/networks.sh \
    %D%/oom.sh \
    %D%/plugin.sh \
    %D%/repl.sh \
    %D%/repl_tty.sh \
    %D%/retrieval.sh \
    %D%/style.sh \
    %D%/symbols.sh \
    %D%/trace.sh \
    %D%/tutorial.sh

noinst_HEADERS = %D%/fuzz/index_check.h %D%/fuzz/model_check.h %D%/fuzz/run_plan.h %D%/fuzz/source_check.h %D%/sweep/ref.h %D%/unit/api_world.h \
    %D%/unit/emit_lab.h %D%/unit/exec_world.h %D%/unit/forests.h %D%/unit/harness.h %D%/unit/index_made.h %D%/unit/index_naive.h %D%/unit/long_sets.h %D%/unit/model_golden.h %D%/unit/network_naive.h %D%/unit/network_random.h %D%/unit/plan_builder.h \
    %D%/unit/proto_text.h %D%/unit/request_bed.h %D%/unit/source_calls.h %D%/unit/stdlib_calls.h %D%/unit/xgboost_text.h
EXTRA_DIST += %D%/cases %D%/metrics %D%/models %D%/README.md %D%/install.c %D%/run.sh %D%/tell.sh %D%/coverage.sh $(script_tests)

# Random programs against a naive evaluator.
random_programs = %D%/programs/programs
tests_programs_programs_SOURCES = \
    %D%/programs/eval.c \
    %D%/programs/eval_fold.c \
    %D%/programs/eval_model.c \
    %D%/programs/eval_pipe.c \
    %D%/programs/forests.h \
    %D%/programs/functions.c \
    %D%/programs/functions.h \
    %D%/programs/functions_list.c \
    %D%/programs/gen.c \
    %D%/programs/gen_call.c \
    %D%/programs/gen_expr.c \
    %D%/programs/gen_model.c \
    %D%/programs/gen_pipe.c \
    %D%/programs/gen_request.c \
    %D%/programs/gen_source.c \
    %D%/programs/model_text.c \
    %D%/programs/pipes.c \
    %D%/programs/programs.c \
    %D%/programs/programs.h \
    %D%/programs/run.c \
    %D%/programs/shrink.c \
    %D%/programs/text.c \
    %D%/programs/type_model.c \
    %D%/programs/types.c \
    %D%/programs/values.c
tests_programs_programs_LDADD = $(own_libs)

# All functions, operations and folds on all engines.
conformance = %D%/conform/conform
tests_conform_conform_SOURCES = \
    %D%/conform/compare.c \
    %D%/conform/conform.c \
    %D%/conform/conform.h \
    %D%/conform/coverage.c \
    %D%/conform/grid.c \
    %D%/conform/program.c \
    %D%/conform/run.c \
    %D%/conform/spec.c \
    %D%/conform/spec_core.c \
    %D%/conform/spec_fn.c \
    %D%/conform/spec_fold.c \
    %D%/conform/ways.c
tests_conform_conform_LDADD = $(own_libs)

# A terminal for repl_tty.sh.
tests_pty_SOURCES = %D%/pty.c
tests_pty_LDADD =

check_PROGRAMS = $(fuzz_tests) $(random_programs) $(conformance) %D%/pty %D%/models/infer %D%/models/score
if HAVE_CHECK
check_PROGRAMS += $(unit_tests)
run_units = $(unit_tests)
endif
# The harnesses take `main` from libreplay.la; the others have their own.
LDADD = %D%/fuzz/libreplay.la $(own_libs) $(CHECK_LIBS)
check_LTLIBRARIES = %D%/fuzz/libreplay.la
tests_fuzz_libreplay_la_SOURCES = %D%/fuzz/replay.c
EXTRA_DIST += %D%/fuzz/ids.dict %D%/fuzz/import.dict %D%/fuzz/model.dict %D%/fuzz/network.dict %D%/fuzz/parse.dict %D%/fuzz/vectors.dict %D%/fuzz/seeds

# The linker of the plug-in knows nothing of LLVM, so it is tested without the plug-in.
tests_unit_test_emit_link_SOURCES = %D%/unit/test_emit_link.c compiler/emit/link.c
tests_fuzz_fuzz_object_SOURCES = %D%/fuzz/fuzz_object.c compiler/emit/link.c

# The command line is in no library.
tests_unit_test_graph_layout_SOURCES = %D%/unit/test_graph_layout.c \
    compiler/cmd/graph_layout.c compiler/cmd/graph_order.c compiler/cmd/graph_place.c

# Preloaded by oom.sh; -rpath makes libtool build a shared object that is never installed.
check_LTLIBRARIES += %D%/oom.la
tests_oom_la_SOURCES = %D%/oom.c
tests_oom_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

check-local: $(check_PROGRAMS) $(check_LTLIBRARIES)
	@$(SHELL) $(srcdir)/tests/run.sh $(srcdir) . $(run_units) $(conformance) $(random_programs) $(script_tests)

# Fuzzes the readers with coverage and sanitizers: make fuzz TIME=600 FUZZ='csv letor'.
TIME = 60
EXTRA_DIST += %D%/fuzz/long.sh
fuzz: grammar/rank_scan.c grammar/rank_parse.c stdlib/prelude.inc compiler/driver/cache_stamp.inc compiler/emit/stamp.inc
	$(SHELL) $(srcdir)/tests/fuzz/long.sh $(abs_srcdir) $(abs_builddir) $(TIME) $(FUZZ)

# Walks every float through the elementary functions: hours. SWEEP='--fn=exp --stride=101' thins it.
EXTRA_PROGRAMS = %D%/sweep/sweep
EXTRA_DIST += %D%/sweep/fit.py
tests_sweep_sweep_SOURCES = %D%/sweep/sweep.c
tests_sweep_sweep_LDADD = $(own_libs) -lpthread
sweep: %D%/sweep/sweep$(EXEEXT)
	%D%/sweep/sweep$(EXEEXT) $(SWEEP)

# Random programs for TIME seconds, from SEED on.
fuzz-programs: $(random_programs)
	%D%/programs/programs$(EXEEXT) --seed $${SEED:-$$(date +%s)} --time $${TIME:-600}

# Each list on each engine. CONFORM='--shuffle 7 --group 128' makes other programs of the same cases.
conformance: $(conformance)
	%D%/conform/conform$(EXEEXT) --all $(CONFORM)

coverage:
	@$(SHELL) $(srcdir)/tests/coverage.sh $(srcdir) .

# clang-format 14 of Debian 12: lint says what it would change, format changes it.
sources = find runtime stdlib grammar compiler tests bench -name peers -prune -o -name '*.[ch]'
lint:
	cd $(srcdir) && $(sources) -print0 | xargs -0 clang-format --dry-run -Werror
format:
	cd $(srcdir) && $(sources) -print0 | xargs -0 clang-format -i

clean-local:
	-rm -rf tests/log tests/summary tests/examples
	-find . -name '*.gcda' -exec rm -f {} +
distclean-local:
	-find . -name '*.gcno' -exec rm -f {} +

.PHONY: conformance coverage fuzz fuzz-programs lint format sweep
