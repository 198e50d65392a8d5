#!/bin/sh
# Every example of the manual and the README is a test: a block fenced as `rank` is a whole program that
# `rankc check` accepts and whose tests hold, `rank error CODE` one that is refused with that code,
# `rank fragment` a piece that parses. One case a block.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# Blocks go to $work/<n>.rank, and `<n> <line> <kind> [<code>]` to $work/list.
blocks() {
    awk -v work="$work" '
        /^```rank/ && !inside {
            file = work "/" ++n ".rank"
            printf "" >file
            print n, NR, ($2 == "" ? "program" : $2), $3 >(work "/list")
            inside = 1
            next
        }
        /^```/ { if (inside) close(file); inside = 0; next }
        inside { print >file }' "$1"
}

verdict() { # verdict CODE WHERE
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$2:"
        cat "$work/said"
    fi
}

holds() { # holds FILE KIND CODE
    "$RANK_BUILD/rankc" check "$1" >"$work/said" 2>&1 </dev/null
    code=$?
    case $2 in
    program)
        [ $code -eq 0 ] || return 1
        grep -q '^test ' "$1" || return 0
        "$RANK_BUILD/rankc" test "$1" >"$work/said" 2>&1 </dev/null
        ;;
    error) [ $code -eq 1 ] && grep -q "^error\[$3\]" "$work/said" ;;
    fragment) [ $code -le 1 -o $code -eq 5 ] && ! grep -q '^error\[E01' "$work/said" ;;
    *) echo "what is a block of kind $2?" >"$work/said" && return 1 ;;
    esac
}

for page in grammar/LANGUAGE.md README.md; do
    rm -f "$work/list"
    blocks "$RANK_SRC/$page"
    [ -e "$work/list" ] || continue
    while read -r n line kind code; do
        holds "$work/$n.rank" "$kind" "$code"
        verdict $? "$page:$line"
    done <"$work/list"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
