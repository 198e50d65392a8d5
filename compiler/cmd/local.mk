main_sources += \
    %D%/answer.c %D%/answer.h \
    %D%/answer_json.c \
    %D%/answer_stats.c \
    %D%/answer_table.c \
    %D%/args.c \
    %D%/case_file.c \
    %D%/case_file.h \
    %D%/cases.c \
    %D%/check.c \
    %D%/cmd.h \
    %D%/commands.c \
    %D%/compile.c %D%/compile.h \
    %D%/compile_bundle.c \
    %D%/compile_library.c \
    %D%/completion.c %D%/completion.h \
    %D%/completion_bash.c %D%/completion_fish.c %D%/completion_zsh.c \
    %D%/doctor.c \
    %D%/embed.c %D%/embed.h \
    %D%/embed_file.c \
    %D%/embed_needs.c \
    %D%/embed_resume.c \
    %D%/eval.c \
    %D%/explain.c \
    %D%/fmt.c \
    %D%/graph.c %D%/graph.h \
    %D%/graph_build.c \
    %D%/graph_dot.c \
    %D%/graph_json.c \
    %D%/graph_layout.c %D%/graph_layout.h \
    %D%/graph_legend.c \
    %D%/graph_level.c \
    %D%/graph_mermaid.c \
    %D%/graph_order.c \
    %D%/graph_place.c \
    %D%/graph_shape.c \
    %D%/graph_svg.c %D%/graph_svg.h \
    %D%/graph_text.c \
    %D%/help.c \
    %D%/index.c %D%/index.h \
    %D%/index_build.c \
    %D%/index_eval.c \
    %D%/index_import.c \
    %D%/index_inspect.c \
    %D%/index_print.c \
    %D%/index_query.c \
    %D%/index_vectors.c \
    %D%/metrics.c %D%/metrics.h \
    %D%/metrics_json.c \
    %D%/metrics_print.c \
    %D%/metrics_read.c \
    %D%/model.c %D%/model.h \
    %D%/model_ids.c \
    %D%/model_inspect.c %D%/model_inspect_json.c \
    %D%/model_network.c \
    %D%/model_verify.c \
    %D%/out.c \
    %D%/pipelines.c \
    %D%/plan.c \
    %D%/plan_index.c %D%/plan_index.h \
    %D%/plan_engine.c %D%/plan_engine.h \
    %D%/plan_model.c %D%/plan_model.h \
    %D%/program.c \
    %D%/rank.c %D%/rank.h \
    %D%/rank_bundle.c \
    %D%/repl.c %D%/repl.h \
    %D%/repl_commands.c \
    %D%/repl_complete.c \
    %D%/repl_edit.c \
    %D%/repl_history.c \
    %D%/repl_input.c \
    %D%/repl_look.c \
    %D%/repl_signals.c \
    %D%/repl_work.c \
    %D%/replace.c \
    %D%/requests.c \
    %D%/requests.h \
    %D%/run.c \
    %D%/run_rows.c \
    %D%/run_table.c \
    %D%/screen.c \
    %D%/table.c %D%/table.h \
    %D%/test.c \
    %D%/trace.c %D%/trace.h \
    %D%/trace_json.c \
    %D%/trace_table.c \
    %D%/topics.c %D%/topics.h %D%/topics_markdown.c \
    %D%/watch.c %D%/watch.h

# Completions, written by the program that they complete.
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
bashcomp_DATA = completions/rankc
zshcomp_DATA = completions/_rankc
fishcomp_DATA = completions/rankc.fish
completions = $(bashcomp_DATA) $(zshcomp_DATA) $(fishcomp_DATA)
CLEANFILES += $(completions)
$(completions): rankc$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completions && case $@ in \
	*.fish) shell=fish ;; */_*) shell=zsh ;; *) shell=bash ;; esac && \
	./rankc$(EXEEXT) completion $$shell >$@.tmp && mv $@.tmp $@
