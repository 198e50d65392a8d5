#!/bin/sh
# Runs the programs of examples/ as their READMEs say, and compares with what stands beside them.
# With RANK_DATA, the program of examples/web also ranks the real pages of $RANK_DATA/ltr-webis.
set -u
rankc=$RANK_BUILD/rankc
work=$RANK_BUILD/tests/examples
rm -rf "$work"
mkdir -p "$work"
cd "$RANK_SRC" || exit 1
passed=0 failed=0 skipped=0

# case_is NAME CODE: passes if CODE is 0
case_is() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL: $1"
    fi
}

# prints CODE FILE ARGUMENT...: rankc ends with CODE and prints what FILE holds, errors included
prints() {
    code=$1 file=examples/$2
    shift 2
    "$rankc" "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    [ $got -eq "$code" ] || echo "rankc $*: ended with $got, not $code"
    diff -u "$file" "$work/out" && [ $got -eq "$code" ]
    case_is "rankc $*" $?
}

# ends CODE ARGUMENT...: rankc ends with CODE
ends() {
    code=$1
    shift
    "$rankc" "$@" >"$work/out" 2>&1 </dev/null
    [ $? -eq "$code" ]
    ok=$?
    [ $ok -eq 0 ] || cat "$work/out"
    case_is "rankc $* ends with $code" $ok
}

programs='examples/nuts/nuts.rank examples/midway/midway.rank examples/midway/models.rank
    examples/web/web.rank examples/embed/shop.rank'
ends 0 check $programs
ends 0 test $programs
ends 0 fmt --check $programs examples/midway/missing.rank

# ---- nuts ----

nuts=examples/nuts/nuts.rank
prints 0 nuts/expected.txt run $nuts
prints 0 nuts/expected.jsonl run --format=jsonl --show=avg_price,rel_price $nuts

# ---- midway ----

midway=examples/midway/midway.rank
prints 0 midway/expected.by_price run --pipeline by_price --show=title $midway
prints 0 midway/expected.by_relevance run --pipeline by_relevance --show=r,w,title \
    --query text='red nuts' $midway
prints 0 midway/expected.by_coolness run --pipeline by_coolness --show=p_rel,m,mr,title \
    --query text='красные орехи' $midway
prints 0 midway/expected.jsonl run --pipeline by_coolness --format=jsonl \
    --show=p,p_avg,p_rel,m,r,w,mr,coolness --query text='红坚果' $midway
prints 1 midway/expected.missing check examples/midway/missing.rank
ends 0 run --revision=prod --pipeline by_coolness $midway
ends 1 run --revision=search --pipeline by_price $midway

models=examples/midway/models.rank
for pipeline in by_cool by_cool_v2; do
    prints 0 midway/expected.$pipeline run --pipeline $pipeline --show=p_rel,m_learned,m_v2,mr_learned,title \
        --query text='red nuts' $models
done
ends 0 run --revision=live --pipeline by_cool $models
ends 1 run --revision=live --pipeline by_cool_v2 $models
ends 0 run --revision=trial --pipeline by_cool_v2 $models

# asks PIPELINE MODELS: which `rankc plan` shows
asks() {
    "$rankc" plan --pipeline "$1" $models >"$work/plan" 2>&1
    [ "$(sed -n 's/^ *model \([a-z0-9_]*\) of .*/\1/p' "$work/plan" | paste -sd' ' -)" = "$2" ]
    ok=$?
    [ $ok -eq 0 ] || cat "$work/plan"
    case_is "pipeline $1 asks $2" $ok
}
asks by_cool 'buy fit'
asks by_cool_v2 'fit buy_v2'

# counts PIPELINE FACTORS: what `rankc plan` says a pipeline needs
counts() {
    "$rankc" plan --pipeline "$1" $midway >"$work/plan" 2>&1
    [ $? -eq 0 ] && head -n 1 "$work/plan" | grep -Eq "^pipeline $1: $2 factors?,"
    ok=$?
    [ $ok -eq 0 ] || cat "$work/plan"
    case_is "pipeline $1 needs $2 factors" $ok
}
counts by_price 1
counts by_relevance 3
counts by_coolness 8

# ---- web ----

web=examples/web/web.rank

# measure PIPELINE REQUESTS: `nDCG queries documents` of a ranking, which is left in $work/ranking
measure() {
    if "$rankc" run --requests "$2" --pipeline "$1" --format=trec $web >"$work/ranking" 2>"$work/err" &&
        "$rankc" metrics --requests "$2" --pipeline "$1" --metric=ndcg_exp@10 --format=json $web \
            >"$work/metrics" 2>>"$work/err" && [ ! -s "$work/err" ]; then
        sed 's/.*"ndcg_exp@10": \([0-9.]*\).*"queries": \([0-9]*\).*"labelled": \([0-9]*\), "unlabelled": 0,.*/\1 \2 \3/' \
            "$work/metrics"
    else
        echo "$1: $(head -n 5 "$work/err")" >&2
        echo 'none none none'
    fi
}

# ranked RANKING: ranks of each query count from 1, and scores never rise
ranked() {
    awk '{ if (NF != 6 || $4 != ($1 == query ? rank + 1 : 1) || $1 == query && $5 > score) exit bad = 1
           query = $1; rank = $4; score = $5 }
         END { exit bad || NR == 0 }' "$1"
}

# between LOW VALUE HIGH
between() { awk -v low="$1" -v value="$2" -v high="$3" 'BEGIN { exit !(low <= value && value <= high) }'; }

sh examples/web/make_data.sh >"$work/web.txt"
[ "$(cksum <"$work/web.txt")" = '899617975 155068' ]
case_is 'make_data.sh makes the same bytes here' $?

set -- $(measure web "$work/web.txt")
[ "$2 $3" = '12 360' ]
case_is "all of 12 queries and 360 pages are ranked: $2 and $3" $?
between 0.85 "$1" 1
case_is "the formula finds the planted relevance: $1" $?
ranked "$work/ranking"
case_is 'ranks count from 1 and scores fall' $?
set -- $(measure baseline "$work/web.txt")
between 0.2 "$1" 0.5
case_is "one scorer does not: $1" $?
"$rankc" metrics --requests "$work/web.txt" --pipeline web --compare-pipeline baseline $web |
    sed -n '/A - B/,/^$/ { /./p; }' >"$work/metrics"
sed -n '/^    .*A - B/,/^$/ { s/^    //; /./p; }' examples/web/README.md | diff - "$work/metrics"
case_is 'the numbers of the README' $?

# Queries that neither formula nor model has seen.
sh examples/web/make_data.sh 3 100 >"$work/held_out.txt"
line='|'
for pipeline in baseline web learned; do
    ndcg=$("$rankc" metrics --requests "$work/held_out.txt" --pipeline $pipeline --metric=ndcg@10 $web |
        sed -n 's/^ndcg@10 *//p')
    line="$line $ndcg |"
done
grep -qxF "$line" examples/web/README.md
case_is "the README says how well formula and model rank: $line" $?
echo "$line" | awk '{ exit !($2 + 0.2 < $4 && $4 + 0.05 < $6) }'
case_is "the model ranks better than the formula, and that than one scorer: $line" $?

# Every vector level that this machine has gives the same bits.
levels=0
for level in scalar v3 v4; do
    RANK_CPU=$level "$rankc" run --requests "$work/web.txt" --pipeline web --format=jsonl \
        --show='match,fame,address,honest,directory,forest.raw(...)' $web >"$work/$level" 2>/dev/null || continue
    levels=$((levels + 1))
    cmp "$work/scalar" "$work/$level"
    case_is "level $level ranks like the scalar one" $?
done
[ $levels -gt 0 ]
case_is 'a vector level runs' $?

# ---- towers ----

market=$work/market
sh examples/towers/make_data.sh "$market"
cp examples/towers/* "$market"
[ "$(cat "$market/cars.csv" "$market/people.csv" "$market/requests.jsonl" "$market/clicks.txt" | cksum)" = '559758190 67658' ]
case_is 'towers: make_data.sh makes the same bytes here' $?
ends 0 embed "$market/cars.rank" --factor car_vec -o "$market/cars.npy"
ends 0 check "$market/cars.rank" "$market/towers.rank"
ends 0 fmt --check "$market/cars.rank" "$market/towers.rank"
ends 0 run "$market/towers.rank" --pipeline shown --requests "$market/requests.jsonl" \
    --show=liking,clicks,make,body,price

# What was kept is what a request computes, from every vector level.
for level in scalar v3 v4; do
    RANK_CPU=$level "$rankc" run "$market/towers.rank" --pipeline by_vectors --requests "$market/requests.jsonl" \
        --format=csv --show=car_vec,kept_vec >"$work/vectors" 2>/dev/null || continue
    awk -F'"' 'NR > 1 { n++; bad += $2 != $4 } END { exit bad || n != 1600 }' "$work/vectors"
    case_is "towers: kept vectors are those of requests, $level" $?
done
for pipeline in baseline by_vectors ranked; do
    line=$("$rankc" metrics "$market/towers.rank" --pipeline $pipeline --requests "$market/requests.jsonl" \
        --labels "$market/clicks.txt" --metric=gauc_size,ndcg@10 |
        awk '/^(gauc_size|ndcg@10) / { line = line " | " $2 } END { print line " |" }')
    grep "^| .$pipeline.," examples/towers/README.md | grep -qF "$line"
    case_is "towers: the README says how well $pipeline ranks:$line" $?
done
"$rankc" metrics "$market/cars.rank" --pipeline live --requests "$market/requests.jsonl" \
    --labels "$market/clicks.txt" --metric=gauc_size >"$work/live" 2>&1
"$rankc" metrics "$market/towers.rank" --pipeline by_vectors --requests "$market/requests.jsonl" \
    --labels "$market/clicks.txt" --metric=gauc_size 2>&1 | cmp - "$work/live"
case_is 'towers: both at work rank as kept vectors do' $?

ends 0 run "$market/towers.rank" --pipeline found --requests "$market/requests.jsonl" --show=liking,price
RANKC=$rankc sh examples/towers/recall.sh "$market" >"$work/out" 2>&1
sed -n 's/^    \(recall@50\)/\1/p' examples/towers/README.md | cmp - "$work/out"
case_is 'towers: the README says how many of the nearest the index finds' $?

# ---- real pages ----

if [ -d "${RANK_DATA:-}/ltr-webis" ]; then
    : >"$work/sums"
    for fold in "$RANK_DATA"/ltr-webis/fold[1-4].txt; do
        set -- $(measure web "$fold")
        ranked "$work/ranking"
        case_is "${fold##*/}: ranks count from 1 and scores fall" $?
        echo "$@" "$(measure baseline "$fold")" >>"$work/sums"
    done
    set -- $(awk '{ queries += $2; pages += $3; ours += $1 * $2; theirs += $4 * $5 }
        END { printf "%d %d %.3f %.3f", queries, pages, ours / queries, theirs / queries }' "$work/sums")
    [ "$1 $2" = '48 20583' ]
    case_is "all of 48 queries and 20583 real pages are ranked: $1 and $2" $?
    awk -v ours="$3" -v theirs="$4" 'BEGIN { exit !(ours > theirs + 0.03) }'
    case_is "the formula ranks real pages better than one scorer: $3 against $4" $?
else
    echo 'real pages: skipped, RANK_DATA is not set or has no ltr-webis'
    skipped=$((skipped + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
