#!/bin/sh
# Line and branch coverage of a build made with --enable-coverage, after its tests have run: one row
# a folder, one for the tree, and with -v one a file. A line or branch counts as covered when any of
# its copies (vector levels, inline functions) is. Called by `make coverage`.
#
#     tests/coverage.sh SOURCE_FOLDER BUILD_FOLDER [-v]
set -u
src=$(cd "$1" && pwd)
cd "$2" || exit 1
export LC_ALL=C
find . -name '*.gcda' | while IFS= read -r data; do
    gcov -b -t -p "$data" 2>/dev/null
done | awk -v src="$src/" -v build="$(pwd)/" -v verbose="${3:-}" '
    $1 == "-:" && $2 ~ /^0:Source:/ {
        file = $0
        sub(/^.*0:Source:/, "", file)
        gsub(/[^\/]+\/\.\.\//, "", file)
        sub(/^(\.\.\/)+/, "", file)
        if (index(file, src) == 1) file = substr(file, length(src) + 1)
        if (index(file, build) == 1) file = substr(file, length(build) + 1)
        ours = file ~ /^(runtime|stdlib|grammar|compiler)\//
        next
    }
    !ours { next }
    /^ *[-#=0-9]+\*?: *[0-9]+:/ {
        split($0, part, ":")
        line = part[2] + 0
        count = part[1]
        gsub(/[ *]/, "", count)
        branch = 0
        if (count == "-" || line == 0) next
        key = file SUBSEP line
        if (!(key in seen)) { seen[key] = 1; lines[file]++ }
        if (count + 0 > 0 && !(key in hit)) { hit[key] = 1; lines_hit[file]++ }
        next
    }
    $1 == "branch" && !/\(throw\)/ {
        key = file SUBSEP line SUBSEP branch++
        if (!(key in seen)) { seen[key] = 1; branches[file]++ }
        if ($3 == "taken" && $4 + 0 > 0 && !(key in hit)) { hit[key] = 1; branches_hit[file]++ }
    }
    function percent(part, whole) { return whole ? 100 * part / whole : 100 }
    function row(name, l, lh, b, bh) {
        return sprintf("%-36s lines %6d %5.1f%%   branches %6d %5.1f%%", name, l, percent(lh, l), b, percent(bh, b))
    }
    END {
        for (file in lines) {
            folder = file
            sub(/\/[^\/]*$/, "", folder)
            l[folder] += lines[file]; lh[folder] += lines_hit[file]
            b[folder] += branches[file]; bh[folder] += branches_hit[file]
            L += lines[file]; LH += lines_hit[file]; B += branches[file]; BH += branches_hit[file]
            if (verbose) print row(file, lines[file], lines_hit[file], branches[file], branches_hit[file]) | "sort"
        }
        if (verbose) close("sort")
        for (folder in l) print row(folder, l[folder], lh[folder], b[folder], bh[folder]) | "sort"
        close("sort")
        print row("all", L, LH, B, BH)
    }'
