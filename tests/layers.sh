#!/bin/sh
# The floors of the house: a file includes its own folder or lower floors, never a room on its own
# floor, never upwards. One case per source file.
set -u
cd "$RANK_SRC" || exit 1

# floor, folder, and what it must not see although it stands lower
floors='
 1 runtime/base
 2 runtime/data
 3 stdlib
 3 runtime/source
 3 runtime/model
 3 runtime/index
 3 runtime/metric
 4 runtime/stage
 5 runtime/plan
 6 runtime/exec
 7 compiler/syntax
7.5 grammar
 8 compiler/dag
 9 compiler/sema
10 compiler/opt      compiler/syntax
11 compiler/lower    compiler/syntax
12 compiler/emit     compiler/syntax compiler/dag compiler/sema compiler/opt compiler/lower
13 compiler/driver
14 compiler/cmd
15 tests
15 bench
'
# Files that stand in a folder without being of its floor: the public headers and main.
public='
6  runtime/rank.h          runtime/exec
6  runtime/rank_packed.h   runtime/exec
13 compiler/rankc.h       compiler/driver
13 compiler/rank_source.h compiler/driver
14 compiler/main.c     compiler/cmd
'

find compiler grammar runtime stdlib tests bench -path bench/peers -prune -o \
    \( -name '*.[chly]' -o -name '*.def' \) -print 2>/dev/null | sort |
    xargs awk -v floors="$floors" -v public="$public" '
    BEGIN {
        n = split(floors, rows, "\n")
        for (i = 1; i <= n; i++) {
            count = split(rows[i], word, " ")
            if (count < 2) continue
            floor[word[2]] = word[1]
            for (j = 3; j <= count; j++) blind[word[2], word[j]] = 1
        }
        n = split(public, rows, "\n")
        for (i = 1; i <= n; i++)
            if (split(rows[i], word, " ") == 3) lives[word[2]] = word[3]
    }
    function folder(path,    dir) {
        if (path in lives) return lives[path]
        for (dir = path; sub("/[^/]*$", "", dir);)
            if (dir in floor) return dir
        return ""
    }
    function refuse(why) {
        print FILENAME ":" FNR ": " why
        if (!(FILENAME in bad)) { bad[FILENAME] = 1; failed++ }
    }
    FNR == 1 { files++; here = folder(FILENAME); if (here == "") refuse("stands on no floor") }
    /^[ \t]*#[ \t]*include[ \t]*<llvm-c/ && here != "compiler/emit" {
        refuse("only compiler/emit may see LLVM")
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, part, "\"")
        to = part[2]
        if (to == "config.h" || here == "") next
        if (to !~ "/") { refuse("`" to "`: includes are written from the top"); next }
        there = folder(to)
        if (there == "") refuse("`" to "` stands on no floor")
        else if ((here, there) in blind) refuse(here " must not see " there)
        else if (here != there && floor[here] <= floor[there])
            refuse(here " (floor " floor[here] ") includes " there " (floor " floor[there] ")")
    }
    END { printf "%d passed, %d failed\n", files - failed, failed; exit failed > 0 }'
