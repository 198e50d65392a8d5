#!/bin/sh
# House rules that a script can see: length of files, functions and lines, include guards, own header
# first, no left-over marks, memory from arenas. One case per file.
set -u
cd "$RANK_SRC" || exit 1

# file:function pairs that may be longer than 60 lines, each for a reason
long_functions='runtime/exec/interp.c:run_steps'
# folders that may call malloc: the floor of memory, readers that stream, loaders, the program, tests
heap='runtime/base runtime/source runtime/model compiler/cmd tests bench'

find compiler grammar runtime stdlib tests bench -path bench/peers -prune -o \
    \( -name '*.[chly]' -o -name '*.def' \) -print 2>/dev/null | sort |
    xargs awk -v long_functions="$long_functions" -v heap="$heap" '
    BEGIN {
        n = split(long_functions, list, " ")
        for (i = 1; i <= n; i++) may_be_long[list[i]] = 1
        n = split(heap, list, " ")
        for (i = 1; i <= n; i++) may_malloc[list[i]] = 1
    }
    function refuse(line, why) {
        print name ":" line ": " why
        if (!(name in bad)) { bad[name] = 1; failed++ }
    }
    function finish() {
        if (name == "") return
        if (lines > 600) refuse(lines, "more than 600 lines")
        if (name ~ /\.h$/) {
            count = split(toupper(name), part, "/")
            guard = "RK_" (name ~ /^(runtime|compiler)\/[^\/]*$/ ? "" : part[count - 1] "_") part[count]
            sub(/\./, "_", guard)
            if (ifndef != guard || define != guard) refuse(1, "the include guard should be " guard)
            if (!comment) refuse(1, "a header begins with a comment")
        }
    }
    FNR == 1 {
        finish()
        name = FILENAME; ifndef = define = ""; includes = 0; body = 0; comment = /^\/\*/
        top = name; sub("/[^/]*$", "", top); if (top ~ /^tests/) top = "tests"
        own = name; sub(/\.c$/, ".h", own)
        has_own = name ~ /\.c$/ && (getline line < own) > 0
        close(own)
        files++
    }
    { lines = FNR }
    /^#ifndef/ && ifndef == "" { ifndef = $2 }
    /^#define/ && define == "" { define = $2 }
    /^#include/ {
        # Or a header of the folder, which begins with it.
        if (has_own && ++includes == 1 && $2 != "\"" own "\"" && index($2, "\"" top "/") != 1)
            refuse(FNR, "the own header comes first")
    }
    FNR == 1 || /clang-format on/ { table = 0 }
    /clang-format off/ { table = 1 } # rows of registries may be long
    length($0) > 100 && !table && name !~ /\.def$/ {
        text = $0
        gsub(/[\200-\277]/, "", text)
        if (length(text) > 100) refuse(FNR, "more than 100 columns")
    }
    /\t/ && name !~ /\.[ly]$/ { refuse(FNR, "a tab") }
    /[ \t]$/ { refuse(FNR, "a space at the end") }
    /(^|[^A-Za-z_])(TO[D]O|FIX[M]E|XX[X]|HA[C]K)([^A-Za-z_]|$)/ { refuse(FNR, "a mark left over") }
    /(^|[^A-Za-z0-9_])(malloc|calloc|realloc|strdup|asprintf)[ ]*\(/ && !(top in may_malloc) && !/^ *\*|\/\*/ {
        refuse(FNR, "memory comes from an arena here")
    }
    # Functions stand in Linux braces: the line before `{` ends the declarator.
    /^[a-zA-Z].*\(/ && !/;$/ && !/^#/ { function_name = $0; sub(/\(.*/, "", function_name); sub(/.*[ *]/, "", function_name) }
    /^\{/ { body = FNR }
    /^\}/ && body {
        size = FNR - body - 1
        if (size > 60 && !((name ":" function_name) in may_be_long))
            refuse(body, function_name " has " size " lines, more than 60")
        body = 0
    }
    END { finish(); printf "%d passed, %d failed\n", files - failed, failed; exit failed > 0 }'
