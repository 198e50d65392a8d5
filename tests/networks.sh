#!/bin/sh
# The networks of tests/models/networks through the language: how far what programs make of rows is from the
# same graph in double, beside how far ONNX Runtime is; and the same bytes from every engine, vector level and
# number of threads, for lists of any length.
#
#     sh tests/networks.sh --table     prints the errors
set -u
cd "$RANK_SRC/tests/models/networks" || exit 1
rankc=$RANK_BUILD/rankc
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-networks.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
unset RANK_CPU
export RANKC_CACHE=none LC_ALL=C
. "$RANK_SRC/tests/tell.sh"
table=${1-}

# run NAME ENGINE CPU THREADS PROGRAM REQUESTS
run() {
    RANK_CPU=$3 "$rankc" run --engine="$2" --threads="$4" --requests "$6" --pipeline all --format=csv \
        --show="$(show "$5")" "$5" >"$dir/$1" 2>"$dir/err" || { head -n 3 "$dir/err"; false; }
}
show() { sed -n 's/^factor \([a-z0-9_]*\) .*/\1/p' "$1" | paste -sd, -; }

# ---- what is there to run on ----

printf 'item { id: int, x: float = 0.0 }\npipeline all = candidates | sort(desc: x * 2.0)\n' >"$dir/plain.rank"
levels=
for level in scalar v3 v4; do
    RANK_CPU=$level "$rankc" run --pipeline all "$dir/plain.rank" >/dev/null 2>&1 && levels="$levels $level"
done
engines=interp
"$rankc" compile --no-cache --pipeline all "$dir/plain.rank" >/dev/null 2>&1 && engines='interp jit1 jit2'
[ "$engines" != interp ] || skipped=$((skipped + 1))

# ---- errors ----

# Rows of a golden as lists: all of them; each alone; 7, 129 and 1,000, which repeat them.
cat >"$dir/requests.awk" <<'END'
BEGIN { FS = ";" }
{ row[NR] = $1; sub(/.*"id":[0-9]*,?/, "", row[NR]) }
function list(n, from,    i) {
    printf "{\"items\": ["
    for (i = 0; i < n; i++) printf "%s{\"id\": %d,%s", i ? ", " : "", i + 1, row[1 + (i + from) % NR]
    print "]}"
}
END {
    list(NR, 0)
    if (all) exit
    for (k = 0; k < NR; k++) list(1, k)
    list(7, 3)
    list(129, 5)
    list(1000, 0)
}
END

# One line: outputs, ONNX Runtime's largest error, ours, and ours in parts of what is allowed; whether it is.
# Errors are absolute up to 1, and relative beyond. NaN and infinity must be just that.
cat >"$dir/errors.awk" <<'END'
BEGIN { FS = ";" }
function far(a, b,    d, size) {
    if (b == "nan") return a == "" || a == "null" ? 0 : 1e9
    if (b ~ /inf/) return a == b ? 0 : 1e9
    if (a !~ /^-?[0-9]/) return 1e9
    d = a > b ? a - b : b - a
    size = b < 0 ? -b : b
    return d / (size > 1 ? size : 1)
}
FILENAME == golden { single[++n] = $2; double_[n] = $3; next }
FNR == 1 { next }
{
    line = $0
    gsub(/["\[\] ]/, "", line)
    count = split(line, ours, ",")
    width = split(single[++m], theirs, ",")
    split(double_[m], truth, ",")
    if (count != width + 4) bad = 1
    for (k = 1; k <= width; k++) {
        if ((e = far(ours[k + 4], truth[k])) > worst) worst = e
        if (theirs[k] truth[k] !~ /n/ && (e = far(theirs[k], truth[k])) > their_worst) their_worst = e
    }
}
END {
    fine = !bad && n == m && n && worst <= 2 * their_worst && worst <= 1e-5
    printf "%3d outputs  ONNX Runtime %.1e  rankc %.1e  %s\n", width, their_worst, worst, fine ? "" : "TOO FAR"
    exit !fine
}
END

parity() {
    awk -v all=1 -f "$dir/requests.awk" "$1.golden" >"$dir/requests.jsonl"
    line=
    run first interp scalar 1 "$1.rank" "$dir/requests.jsonl" &&
        line=$(awk -v golden="$1.golden" -f "$dir/errors.awk" "$1.golden" "$dir/first")
    good=$?
    [ $good -eq 0 -a "$table" != --table ] || printf '      %-26s %s\n' "$1" "$line"
    [ $good -eq 0 ]
    ok "$1: as near to the truth as ONNX Runtime"
    return $good
}

# The item's outputs do not depend on who works them out, nor on what else stands in the list.
same() {
    awk -f "$dir/requests.awk" "$1.golden" >"$dir/requests.jsonl"
    run wanted interp scalar 1 "$1.rank" "$dir/requests.jsonl"
    for level in $levels; do
        for engine in $engines; do
            [ $engine = interp ] || [ "$level" != scalar ] || continue
            for threads in 1 4; do
                run other $engine "$level" $threads "$1.rank" "$dir/requests.jsonl" && cmp "$dir/wanted" "$dir/other"
                ok "$1: the same from $engine, $level, $threads threads"
            done
        done
    done
    n=$(wc -l <"$1.golden")
    awk -v n="$n" '{ line = $0; at = 0 }
        FNR == 1 { next }
        { sub(/^[^,]*,[^,]*,[^,]*,[^,]*,/, "", line); k = ++i }
        k <= n { first[k] = line; next }
        k <= 2 * n { bad += line != first[k - n]; next }
        k <= 2 * n + 7 { bad += line != first[1 + (k - 2 * n - 1 + 3) % n]; next }
        k <= 2 * n + 136 { bad += line != first[1 + (k - 2 * n - 8 + 5) % n]; next }
        { bad += line != first[1 + (k - 2 * n - 137) % n] }
        END { exit bad || i != 2 * n + 1136 }' "$dir/wanted"
    ok "$1: the same alone and in any list"
}

# ---- some of the inputs from the request ----

# apart NAME FIELD: the same network with a field of the request instead of the items'. "first": it comes first in
# the first layer's sum, so that every item has the bits that it has alone; "later": the sum has another order.
cat >"$dir/apart.awk" <<'END'
function field(row,    at) {
    match(row, "\"" once "\":(\\[[^]]*\\]|[^,}]*)")
    return substr(row, RSTART, RLENGTH)
}
function with(row, value,    rest) {
    match(row, "\"" once "\":(\\[[^]]*\\]|[^,}]*)")
    return substr(row, 1, RSTART - 1) value substr(row, RSTART + RLENGTH)
}
function without(row) {
    row = with(row, "")
    sub(/,,/, ",", row)
    sub(/,}/, "}", row)
    return row
}
BEGIN { FS = ";" }
{ row[NR] = $1 }
function list(n, k,    i, r, items, all) {
    for (i = 0; i < n; i++) {
        r = row[1 + i % NR]
        sub(/"id":[0-9]+/, "\"id\":" i + 1, r)
        items = items (i ? ", " : "") without(r)
        all = all (i ? ", " : "") with(r, field(row[k]))
    }
    print "{\"query\": {" field(row[k]) "}, \"items\": [" items "]}" >asked
    print "{\"items\": [" all "]}" >alone
}
END {
    for (k = 1; k <= NR; k++) list(NR, k)
    list(1, 2)
    list(700, 3)
}
END

near() { # near FILE FILE: what stands there differs by little
    awk 'function far(a, b) { return (a > b ? a - b : b - a) > 1e-5 }
        NR == FNR { line[FNR] = $0; next }
        {
            gsub(/["\[\]]/, ""); gsub(/["\[\]]/, "", line[FNR])
            n = split($0, x, ","); m = split(line[FNR], y, ",")
            if (n != m) bad++
            for (i = 1; i <= n; i++) if (x[i] != y[i] && (x[i] == "" || y[i] == "" || far(x[i], y[i]))) bad++
        }
        END { exit bad || NR != 2 * FNR || FNR < 700 }' "$1" "$2"
}

apart() {
    type=$(sed -n "s/^item.*[{,] $2: \([a-z]*\(([a-z0-9]*)\)*\).*/\1/p" "$1.rank")
    sed -e "1s/ $2: $type,*//; 1s/, }/ }/; 1i query { $2: $type }" -e "s/net(\.\.\.)/net($2: query.$2, ...)/" \
        -e "s|\"$1.onnx|\"$PWD/$1.onnx|" "$1.rank" >"$dir/apart.rank"
    awk -v once="$2" -v asked="$dir/asked.jsonl" -v alone="$dir/alone.jsonl" -f "$dir/apart.awk" "$1.golden"
    run alone interp scalar 1 "$1.rank" "$dir/alone.jsonl" &&
        run wanted interp scalar 1 "$dir/apart.rank" "$dir/asked.jsonl" &&
        if [ $3 = first ]; then cmp "$dir/alone" "$dir/wanted"; else near "$dir/alone" "$dir/wanted"; fi
    ok "$1: $2 of the request, as with each item alone"
    "$rankc" plan --engine=interp "$dir/apart.rank" --show=o0 | grep -q 'multiply-adds an item, .* once'
    ok "$1: … worked out once"
    for level in $levels; do
        for engine in $engines; do
            [ $engine = interp ] || [ "$level" != scalar ] || continue
            for threads in 1 4; do
                run other $engine "$level" $threads "$dir/apart.rank" "$dir/asked.jsonl" && cmp "$dir/wanted" "$dir/other"
                ok "$1: $2 of the request, the same from $engine, $level, $threads threads"
            done
        done
    done
}
if [ "$table" != --table ]; then
    apart torch-dcn-script dense first
    apart torch-dcn-script ids later
    apart torch-dssm-user-dynamo dense first
    apart torch-dssm-user-dynamo history later
    apart keras-wide-deep dense later
    apart torch-pooled-script seen first
fi

for program in *.rank; do
    parity "${program%.rank}" && same "${program%.rank}"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
