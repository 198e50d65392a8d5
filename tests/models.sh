#!/bin/sh
# The models of tests/models through the language: what programs make of rows is what the library said of
# them, from every engine, vector level and number of threads, from bundles, for lists of any length and
# columns of any type. And files that are no models, or not there. RANK_DATA adds real rows.
set -u
cd "$RANK_SRC/tests/models" || exit 1
rankc=$RANK_BUILD/rankc
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-models.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
unset RANK_CPU
export RANKC_CACHE=none LC_ALL=C
. "$RANK_SRC/tests/tell.sh"

# ---- a fixture as a program and requests ----

# categories NAME INPUT: values that training knew by number, as JSON, from number 0 on
categories() {
    case "$1 $2" in
    'lightgbm-pandas 1') printf '%s\n' '"Boé"' '"\\back"' '"c,omma"' '"plain"' '"q\"uote"' ;;
    'lightgbm-pandas 3') printf '%s\n' 36 38 40 42 ;;
    xgboost-names*' 1') printf '%s\n' '"red"' '"green"' '"blue"' '""' '"a,b"' '"light blue"' ;;
    catboost-categories*' 1') printf '%s\n' 10 11 6 8 2 0 9 3 5 | accented && echo '"never seen"' ;;
    catboost-categories-lossguide' 3') printf '%s\n' 30 19 0 10 5 31 23 25 17 4 24 20 99 ;;
    catboost-categories*' 3') printf '%s\n' 30 19 10 25 4 1 99 ;;
    xgboost-names*' 3') seq -30 10 660 | grep -vx -e -10 -e 10 -e 510 ;;
    esac
}

# Numbers to texts of many lengths, as make_catboost.py has them.
accented() { awk '{ s = "\"c" $1; for (i = $1 * 7 % 40; i; i--) s = s "é"; print s "\"" }'; }

# Rows of a golden file as fields of JSON, one line each. A value without a rule for missing goes with
# a flag that says it is NaN. Rows with a number that no named category has are left out of both.
cat >"$dir/rows.awk" <<'END'
function json(x) { return x == "inf" ? "1e999" : x == "-inf" ? "-1e999" : x }
function value(k, x) {
    if (x == "nan") return index(plain, " " k " ") ? "\"n" k "\": true" : "\"x" k "\": null"
    if (!(k in named)) return "\"x" k "\": " json(x)
    if ((k, x) in name) return "\"x" k "\": " name[k, x]
    unknown = 1
    return ""
}
FILENAME ~ /categories/ { # INPUT NUMBER VALUE
    text = $0
    sub(/^[0-9]+ [0-9]+ /, "", text)
    name[$1, $2] = text
    named[$1] = 1
    next
}
{
    split($0, part, ";")
    n = split(part[1], x, ",")
    line = ""
    unknown = 0
    for (k = 1; k <= n; k++) line = line ", " value(k - 1, x[k])
    n = split(part[2], x, ",")
    for (k = 1; k <= n; k++) line = line ", \"w" (k - 1) "\": " json(x[k])
    if (unknown) next
    print line >rows
    print >golden
}
END

# Lists of all rows once, and of 1, 10, 129 and 5000; of the last only what is wrong comes back.
cat >"$dir/requests.awk" <<'END'
{ row[NR - 1] = $0 }
function list(n, from, all,    i) {
    printf "{\"query\": {\"all\": %s}, \"items\": [", all
    for (i = 0; i < n; i++) printf "%s{\"id\": %d%s}", i ? ", " : "", i + from, row[(i + from) % NR]
    print "]}"
}
END {
    list(NR, 0, "true")
    list(1, 7, "true")
    list(10, 3, "true")
    list(129, 11, "true")
    list(5000, 0, "false")
}
END

# What was printed beside the golden: raw scores to the bit, but for a vector, which has floats;
# scores within 4 ulp; leaves.
cat >"$dir/compare.awk" <<'END'
function close_to(a, b, bound,    d) {
    if (a == b) return 1
    if (a ~ /inf/ || b ~ /inf/ || b ~ /nan/) return a == "" && b == "nan"
    d = a - b
    if (d < 0) d = -d
    return d <= bound * (b + 0 < 0 ? -b : b + 0)
}
function number(a) { return a ~ /^-?[0-9]/ ? a + 0 : a }
FILENAME == golden { row[n++] = $0; next }
FNR == 1 { next }
{
    leaves = $0
    if (!sub(/.*\[/, "", leaves)) leaves = ""
    sub(/\].*/, "", leaves)
    split($0, cell, ",")
    if (seen[cell[1]]++ == 0) lists++
    split(row[cell[3] % n], part, ";")
    n_raw = split(part[2], raw, ",")
    n_scores = split(part[3], score, ",")
    float = name ~ /^xgboost/ ? 2 ^ -23 : 2 ^ -52
    narrow = name ~ /^(lightgbm|catboost)/ && n_raw > 1
    fine = leaves == part[4] || part[4] == "" && leaves == ""
    for (k = 1; k <= n_raw; k++) fine = fine && close_to(number(cell[4 + k]), number(raw[k]), narrow ? 2 ^ -24 : 0)
    for (k = 1; k <= n_scores; k++)
        fine = fine && close_to(number(cell[4 + n_raw + k]), number(score[k]), 4 * (narrow ? 2 ^ -23 : float))
    if (!fine && bad++ < 3) print "      is: " $0 "\n      not: " row[cell[3] % n]
    lines++
}
END { exit bad || lists != 4 || lines != n + 1 + 10 + 129 }
END

# program NAME TREES: $dir/m.rank, of what is known of the fixture; its model is $dir/model
program() {
    args= fields=
    k=0
    while [ $k -lt "$n_inputs" ]; do
        type=double none=0
        [ ! -e "$dir/categories" ] || case $(grep -m 1 "^$k " "$dir/categories") in
        *'"') type=string none='""' ;;
        esac
        named=no
        [ ! -e "$dir/categories" ] || ! grep -q "^$k " "$dir/categories" || named=yes
        case $named$plain in
        yes*" $k "*) fields="$fields, x$k: $type = $none" args="$args, x$k" ;; # never missing
        *" $k "*) fields="$fields, x$k: double = 0, n$k: bool = false" args="$args, if n$k then 0.0 / 0.0 else x$k" ;;
        *) fields="$fields, x$k: $type?" args="$args, x$k" ;;
        esac
        k=$((k + 1))
    done
    args=${args#, } wanted=float
    case $n_raw$1 in 1*lightgbm* | 1*catboost*) wanted=double ;; esac
    echo "query { all: bool }"
    printf 'item { id: int%s' "$fields"
    k=0
    while [ $k -lt "$n_raw" ]; do printf ', w%d: %s' $k $wanted && k=$((k + 1)); done
    echo ' }'
    echo "model m = gbdt(\"model\"${2:+, trees: $2})"
    parts raw r "$n_raw" .raw
    parts score s "$n_scores" ''
    [ "$n_leaves" -eq 0 ] || echo "factor leaves = m.leaves($args)"
    printf 'pipeline all = candidates | where(query.all or not (true'
    k=0
    while [ $k -lt "$n_raw" ]; do printf ' and r%d == w%d' $k $k && k=$((k + 1)); done
    echo '))'
}
parts() { # parts NAME LETTER N CALL: each output as a double, which prints with all its digits
    echo "factor $1 = m$4($args)"
    k=0
    while [ $k -lt "$3" ]; do
        if [ "$3" -eq 1 ]; then echo "factor $2$k = double($1)"; else echo "factor $2$k = double($1[$k] ?? 0)"; fi
        k=$((k + 1))
    done
}
count() { head -n 1 "$dir/golden" | cut -d';' -f"$1" | tr ',' '\n' | grep -c .; }

# run NAME ENGINE CPU THREADS FILE: a list of all requests, into $dir/NAME
run() {
    RANK_CPU=$3 "$rankc" run --engine="$2" --threads="$4" --requests "$dir/requests.jsonl" --pipeline all --format=csv \
        --show="$show" "$5" >"$dir/$1" 2>"$dir/err" || { head -n 3 "$dir/err"; false; }
}

# learn NAME MODEL TREES: which inputs have no rule for missing values; the program, rows and requests
learn() {
    rm -f "$dir/categories" "$dir/rows" "$dir/wanted"
    for k in 1 3; do categories "$1" $k | awk -v k=$k '{ print k, NR - 1, $0 }' >>"$dir/categories"; done
    [ -s "$dir/categories" ] || rm "$dir/categories"
    cp "$1.golden" "$dir/golden"
    cp "$2" "$dir/model"
    n_inputs=$(count 1) n_raw=$(count 2) n_scores=$(count 3) n_leaves=$(count 4) plain=' '
    while program "$1" "$3" >"$dir/m.rank" && ! "$rankc" check "$dir/m.rank" >"$dir/out" 2>&1; do
        k=$(sed -n 's/.*the missing comes from `x\([0-9]*\)`.*/\1/p' "$dir/out" | head -n 1)
        [ -n "$k" ] || { head -n 3 "$dir/out" && break; }
        plain="$plain$k "
    done
    awk -v plain="$plain" -v rows="$dir/rows" -v golden="$dir/wanted" -f "$dir/rows.awk" \
        $([ ! -e "$dir/categories" ] || echo "$dir/categories") "$dir/golden"
    awk -f "$dir/requests.awk" "$dir/rows" >"$dir/requests.jsonl"
    show=$(sed -n 's/^factor \([rs][0-9][0-9]*\) .*/\1/p; s/^factor \(leaves\) .*/\1/p' "$dir/m.rank" | paste -sd, -)
}

# Equal values in columns of each type: a double, b float, c int; of 0 and 1: d double, e bool.
cat >"$dir/typed.awk" <<'END'
BEGIN { printf "{\"query\": {}, \"items\": [" }
NR > 60 { exit }
{
    split($0, part, ";")
    n = split(part[1], x, ",")
    printf "%s{\"id\": %d", NR == 1 ? "" : ", ", NR
    for (k = 0; k < n; k++) {
        v = x[k + 1]
        gone = v == "nan" && !index(plain, " " k " ")
        v = v == "nan" || v == "inf" || v == "-inf" ? 3 : v + 0
        one = v > 0.1
        v = v > 1e6 ? 1e6 : v < -1e6 ? -1e6 : int(v * 3)
        v = gone ? "null" : sprintf("%d", v)
        printf ", \"a%d\": %s, \"b%d\": %s, \"c%d\": %s", k, v, k, v, k, v
        printf ", \"d%d\": %s, \"e%d\": %s", k, gone ? v : one, k, gone ? v : one ? "true" : "false"
    }
    printf "}"
}
END { print "]}" }
END

# typed NAME: the program over these
typed() {
    {
        fields= k=0
        while [ $k -lt "$n_inputs" ]; do
            optional='?'
            case $plain in *" $k "*) optional= ;; esac
            fields="$fields, a$k: double$optional, b$k: float$optional, c$k: int$optional"
            fields="$fields, d$k: double$optional, e$k: bool$optional"
            k=$((k + 1))
        done
        printf 'item { id: int%s }\nmodel m = gbdt("model")\n' "$fields"
        for letter in a b c d e; do
            args=$(awk -v n="$n_inputs" -v l=$letter 'BEGIN { for (k = 0; k < n; k++) printf "%s%s%d", k ? ", " : "", l, k }')
            echo "factor in_$letter = $([ "$n_raw" -eq 1 ] && echo "m.raw($args)" || echo "sum(m.raw($args))")"
        done
        echo 'pipeline all = candidates'
    } >"$dir/typed.rank"
    awk -v plain="$plain" -f "$dir/typed.awk" "$dir/golden" >"$dir/typed.jsonl"
    "$rankc" run --requests "$dir/typed.jsonl" --pipeline all --format=csv --show=in_a,in_b,in_c,in_d,in_e \
        "$dir/typed.rank" >"$dir/out" 2>"$dir/err" || head -n 3 "$dir/err"
    awk -F, 'NR > 1 { if ($5 == "" || $5 != $6 || $5 != $7 || $8 == "" || $8 != $9) { bad = 1; print } }
        END { exit bad || NR < 21 }' "$dir/out"
    ok "$1: columns of each type"
}

# bundled NAME: a bundle needs nothing but itself, least of all the model's file
bundled() {
    rm -rf "$dir/empty" && mkdir "$dir/empty"
    engine=interp
    [ $native = no ] || engine=jit2
    "$rankc" compile --engine=$engine --emit=bundle --pipeline all --show="$show" "$dir/m.rank" -o "$dir/empty/m.rankb" \
        >"$dir/out" 2>&1 || head -n 3 "$dir/out"
    mv "$dir/requests.jsonl" "$dir/empty/"
    mv "$dir/model" "$dir/kept"
    (cd "$dir/empty" && "$rankc" run --requests requests.jsonl --pipeline all --format=csv m.rankb) \
        >"$dir/other" 2>"$dir/err" || head -n 3 "$dir/err"
    mv "$dir/kept" "$dir/model"
    cmp "$dir/first" "$dir/other"
    ok "$1: the same from a bundle"
}

# fixture NAME MODEL TREES
fixture() {
    learn "$@"
    run first interp scalar 1 "$dir/m.rank" &&
        awk -v name="$1" -v golden="$dir/wanted" -f "$dir/compare.awk" "$dir/wanted" "$dir/first"
    ok "$1: what the library said"
    for how in interp-scalar-2 interp-v3-1 interp-v4-2 jit2-v3-2 jit2-v4-1 jit2-v4-2; do
        engine=${how%%-*} threads=${how##*-} level=${how#*-}
        level=${level%-*}
        [ $engine = interp ] || [ $native = yes ] || continue
        case " $levels " in *" $level "*) ;; *) continue ;; esac
        run other $engine $level $threads "$dir/m.rank" && cmp "$dir/first" "$dir/other"
        ok "$1: the same from $how threads"
    done
    bundled "$1"
    [ -e "$dir/categories" ] || typed "$1"
}

# ---- everything with everything ----

# Lists of 1, 7, 24, 100 and 5000: on either side of where evaluators and threads take turns.
cat >"$dir/lengths.awk" <<'END'
{ row[NR - 1] = $0 }
END {
    n = split("1 7 24 100 5000", length_of, " ")
    for (k = 1; k <= n; k++) {
        printf "{\"query\": {\"all\": true}, \"items\": ["
        for (i = 0; i < length_of[k]; i++) printf "%s{\"id\": %d%s}", i ? ", " : "", i, row[(i * 7 + k) % NR]
        print "]}"
    }
}
END

# crossed NAME MODEL: the same bytes from each engine, vector level and number of threads
crossed() {
    learn "$1" "$2" ''
    awk -f "$dir/lengths.awk" "$dir/rows" >"$dir/requests.jsonl"
    run first interp scalar 1 "$dir/m.rank" && [ "$(wc -l <"$dir/first")" -eq 5133 ]
    ok "$1: lists of five lengths"
    for level in $levels; do
        for engine in interp jit1 jit2; do
            [ $engine = interp ] || [ $native$level = yesv3 ] || [ $native$level = yesv4 ] || continue
            for threads in 1 2 4; do
                run other $engine "$level" $threads "$dir/m.rank" && cmp "$dir/first" "$dir/other"
                ok "$1: lists of five lengths from $engine, $level, $threads threads"
            done
        done
    done
}

# ---- what is there to run on ----

printf 'item { id: int, x: float = 0.0 }\npipeline all = candidates | sort(desc: x * 2.0)\n' >"$dir/plain.rank"
levels=
for level in scalar v3 v4; do
    RANK_CPU=$level "$rankc" run --pipeline all "$dir/plain.rank" >/dev/null 2>&1 && levels="$levels $level"
done
native=no
"$rankc" compile --no-cache --pipeline all "$dir/plain.rank" >/dev/null 2>&1 && native=yes
[ $native = yes ] || skipped=$((skipped + 1))

# ---- all fixtures ----

for golden in *.golden; do
    name=${golden%.golden} model= trees=
    case $name in
    lightgbm-multiclass-first | catboost-multiclass-first) trees=2 ;;
    lightgbm-rf-first | xgboost-parallel-first) trees=3 ;;
    xgboost-best-all) trees=1000 ;;
    esac
    for file in "$name.txt" "$name.json" "$name.ubj" "$name.cbm" "${name%-*}.txt" "${name%-*}.json"; do
        [ -n "$model" ] || [ ! -e "$file" ] || model=$file
    done
    case $name in lightgbm-*|xgboost-*|catboost-*) fixture "$name" "$model" "$trees" ;; esac
done
for model in lightgbm-binary.txt lightgbm-multiclass.txt lightgbm-categories.txt lightgbm-deep.txt xgboost-softprob.json \
    xgboost-names.json catboost-categories.json catboost-multiclass.json; do
    crossed "${model%.*}" $model
done

# ---- real rows ----

# One model of 1,000 trees in both of CatBoost's forms: what one scores, the other does.
if [ -d "${RANK_DATA:-}/models-catboost" ]; then
    gzip -dc "$RANK_DATA/models-catboost/codrna.json.gz" >"$dir/codrna.json"
    {
        echo 'item { id: int, x0: float, x1: float, x2: float, x3: float, x4: float, x5: float, x6: float, x7: float }'
        echo "model cbm  = gbdt(\"$RANK_DATA/models-catboost/codrna.cbm\")"
        echo 'model json = gbdt("codrna.json")'
        echo 'factor cbm_raw = cbm.raw(x0, x1, x2, x3, x4, x5, x6, x7)'
        echo 'factor json_raw = json.raw(x0, x1, x2, x3, x4, x5, x6, x7)'
        echo 'pipeline all = candidates | where(cbm_raw != json_raw or item.id == 0)'
    } >"$dir/codrna.rank"
    awk 'BEGIN { printf "{\"query\": {}, \"items\": [" }
        {
            printf "%s{\"id\": %d", (NR > 1 ? ", " : ""), NR - 1
            for (k = 2; k <= 9; k++) printf ", \"x%d\": %s", k - 2, $k
            printf "}"
        }
        END { print "]}" }' "$RANK_DATA/models-catboost/codrna_test.tsv" >"$dir/codrna.jsonl"
    "$rankc" run --requests "$dir/codrna.jsonl" --pipeline all --format=csv --show=cbm_raw,json_raw "$dir/codrna.rank" \
        >"$dir/out" 2>"$dir/err" || head -n 3 "$dir/err"
    [ "$(wc -l <"$dir/out")" -eq 2 ] || { wc -l "$dir/out" && head -n 4 "$dir/out" && false; }
    ok 'codrna: cbm and JSON give the same scores'
else
    echo 'real rows: skipped, RANK_DATA is not set or has no models-catboost'
fi

# ---- files that are none ----

printf 'item { id: int }\nmodel m = gbdt("bad")\npipeline all = candidates | top(3, by: m.raw(1.0))\n' >"$dir/bad.rank"
refused() { # refused WHAT CODE STATUS: of a program with $dir/bad as its model
    for word in check run; do
        "$rankc" $word "$dir/bad.rank" >"$dir/out" 2>&1 </dev/null
        code=$?
        [ $code -eq "$3" ] && grep -q "^error\[$2\]: .*bad\`" "$dir/out" && [ "$(grep -c '^error' "$dir/out")" -eq 1 ]
        good=$?
        [ $good -eq 0 ] || { echo "      status $code:" && head -n 3 "$dir/out"; }
        [ $good -eq 0 ]
        ok "$1: $word"
    done
}
refused 'a file that is not there' E0601 5
mkdir "$dir/bad"
refused 'a folder' E0601 5
rmdir "$dir/bad"
mkfifo "$dir/bad"
refused 'a pipe that nobody writes' E0601 5
rm "$dir/bad"
: >"$dir/bad"
refused 'an empty file' E0540 4
awk 'BEGIN { x = 7; for (i = 0; i < 1024; i++) { x = x * 16807 % 2147483647; printf "%c", 1 + x % 255 } }' >"$dir/bad"
refused 'random bytes' E0540 4
head -c 700 lightgbm-plain.txt >"$dir/bad"
refused 'half a file' E0540 4

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
