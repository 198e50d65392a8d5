main_sources += \
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
    %D%/doctor.c \
    %D%/explain.c \
    %D%/fmt.c \
    %D%/help.c \
    %D%/out.c \
    %D%/pipelines.c \
    %D%/plan.c \
    %D%/plan_engine.c %D%/plan_engine.h \
    %D%/program.c \
    %D%/rank.c %D%/rank.h \
    %D%/rank_bundle.c \
    %D%/replace.c \
    %D%/requests.c \
    %D%/requests.h \
    %D%/run.c \
    %D%/run_rows.c \
    %D%/run_table.c \
    %D%/table.c %D%/table.h \
    %D%/test.c \
    %D%/topics.c %D%/topics.h %D%/topics_markdown.c
