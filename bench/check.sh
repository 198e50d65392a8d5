#!/bin/sh
# `rankc check` on programs of 1,000 and 10,000 factors, and its start: CPU seconds of whole processes,
# the median of 11 runs.
# usage: check.sh RANKC
set -eu
rankc=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in 1 1000 10000; do
    awk -v N="$n" 'BEGIN {
        srand(3)
        print "item { id: int, a: float = 1, b: float = 2, c: float = 3 }"
        for (i = 0; i < N; i++) {
            from = i < 200 ? 0 : i - 200
            x = i ? "f" int(from + rand() * (i - from)) : "a"
            y = i ? "f" int(from + rand() * (i - from)) : "b"
            printf "factor f%d = %s * %.3f + log1p(abs(%s)) - c / avg(b)\n", i, x, rand(), y
        }
        print "pipeline p = candidates | top(10, by: f" N - 1 ")"
    }' >"$work/$n.rank"
    for run in 1 2 3 4 5 6 7 8 9 10 11; do
        /usr/bin/env bash -c "TIMEFORMAT='%U %S'; time '$rankc' check '$work/$n.rank' >/dev/null" 2>&1
    done | awk '{ print ($1 + $2) * 1000 }' | sort -n | awk -v N="$n" \
        '{ t[NR] = $1 } END { printf "| %d factors | %.0f ms (%.0f-%.0f) |\n", N, t[6], t[1], t[11] }'
done
