#!/bin/sh
# What a person at the REPL waits for, 1,000 items: from Enter to the next prompt, through a
# pseudo-terminal; and a whole process that works out one expression, its data read anew.
# usage: repl.sh BUILD
set -eu
rankc=$1/rankc pty=$1/tests/pty
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME="$work" LC_ALL=C.UTF-8 TERM=xterm
awk 'BEGIN {
    srand(3)
    print "id,price,rating"
    for (i = 0; i < 1000; i++) printf "%d,%.3f,%.2f\n", i, rand() * 100, rand() * 5
}' >"$work/items.csv"
cat >"$work/items.rank" <<'END'
item { id: int }
source items = csv("items.csv", key: "id") by item.id { price: float  rating: float? }
factor cheap = 1 - price / max(price)
factor good = rank(rating) + zscore(price)
pipeline best = scan(items) | top(10, by: cheap)
END
echo "| typed, 1,000 items | first | median | 99 of 100 |"
echo "|---|---|---|---|"
"$pty" 80 24 "$rankc" repl "$work/items.rank" <<'END' |
cursor rank>
time 1000 1000 price * 2 + avg(rating)
time 1000 1000 factor twice = price * 2
time 1000 1000 twice + good
time 1000 1000 scan(items) | top(10, by: twice)
END
    sed 's/^\(.*\): first \(.*\), median \(.*\), 99 of 100 \(.*\)$/| `\1` | \2 | \3 | \4 |/; s/ | top/ \\| top/'
for run in 1 2 3 4 5 6 7 8 9 10 11; do
    /usr/bin/env bash -c "TIMEFORMAT='%R'; time '$rankc' eval 'avg(price)' '$work/items.rank' >/dev/null" 2>&1
done | sort -n | awk '{ t[NR] = $1 * 1000 } END {
    printf "| `rankc eval` as a process | | %.0f ms | %.0f ms |\n", t[6], t[11] }'
