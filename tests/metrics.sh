#!/bin/sh
# rankc metrics beside trec_eval, scikit-learn and SciPy: tests/metrics/make.py kept their numbers. Then
# what is not in them: forms of files, bad ones, options, streams. With RANK_DATA real pages too, and with
# PYTREC, a Python that has pytrec_eval, also what a program makes of them.
set -u
cd "$RANK_SRC/tests/metrics" || exit 1
rankc=$RANK_BUILD/rankc
export RANKC_CACHE=none LC_ALL=C
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-metrics.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
. "$RANK_SRC/tests/tell.sh"
command=metrics

value() { # value WHAT WANTED WORDS...: of the one metric that is asked for, as csv has it
    what=$1 wanted=$2
    shift 2
    got=$("$rankc" metrics --format=csv "$@" 2>&1 </dev/null | tail -n 1)
    [ "${got##*,}" = "$wanted" ] || echo "      $got, not $wanted"
    [ "${got##*,}" = "$wanted" ]
    ok "$what"
}

# same FILE FILE [COLUMN]: lines of csv with equal words, and numbers equal up to 1e-12 from COLUMN on
same() {
    paste -d '|' "$1" "$2" | awk -F'|' -v from="${3:-3}" '
        {
            n = split($1, got, ","); m = split($2, want, ",")
            fine = n == m
            for (i = 1; i <= n; i++) {
                apart = got[i] - want[i]
                if (i < from || got[i] == "" || want[i] == "") fine = fine && got[i] == want[i]
                else fine = fine && apart < 1e-12 && apart > -1e-12
            }
            if (!fine && ++bad < 5) print "      " $1 ", not " $2
        }
        END { exit bad > 0 || NR == 0 }'
}

# ---- the numbers of others ----

cut_at() { for k in 1 5 10 100; do printf ',%s@%s' "$1" $k; done; }
all=auc,gauc_positives,gauc_size
for metric in ndcg ndcg_exp mrr map precision recall err; do all=$all,$metric$(cut_at $metric); done

for level in 1 2; do
    "$rankc" metrics --format=csv --per-query --metric=$all --relevant=$level --labels=labels.qrels a.trec |
        tail -n +2 | sort >"$dir/got"
    sort expected.$level >"$dir/want"
    same "$dir/got" "$dir/want"; ok "trec_eval and scikit-learn, relevant from $level on"
done
"$rankc" metrics --format=csv --metric=err,map,mrr,ndcg@10,precision@10,recall@100 --labels=labels.qrels \
    --compare=b.trec a.trec | tail -n +2 | sed 's/,,/,/' | sort >"$dir/got"
sort expected.compare >"$dir/want"
same "$dir/got" "$dir/want" 2; ok 'SciPy, and the bootstrap by hand'
# The four digits that trec_eval prints.
awk -F, '$2 == "" && $1 ~ /^(ndcg|ndcg@5|map|mrr|precision@10|recall@5)$/ { printf "%s %.4f\n", $1, $3 }' \
    expected.1 | sort >"$dir/want"
"$rankc" metrics --metric=ndcg,ndcg@5,map,mrr,precision@10,recall@5 --labels=labels.qrels a.trec |
    sed '/^$/,$d; s/  */ /' | sort >"$dir/got"
diff "$dir/got" "$dir/want"; ok 'four digits, as trec_eval prints them'
# trec_eval -c divides by the 20 queries with labels, not by the 18 of both.
whole() { awk -F, -v n="$1" '$1 == "map" && $2 != "" { sum += $3 } END { printf "%.12f\n", sum / n }' expected.1; }
got=$("$rankc" metrics --format=csv --metric=map --complete --labels=labels.qrels a.trec | tail -n 1)
[ "$(printf '%.12f' "${got##*,}")" = "$(whole 20)" ]; ok '--complete'

# ---- one run in other forms ----

csv() { "$rankc" metrics --format=csv --per-query "$@" --labels=labels.qrels; }
csv a.trec >"$dir/want"
sed 's/$/\r/' a.trec >"$dir/crlf" && csv "$dir/crlf" | cmp -s - "$dir/want"; ok 'CRLF'
printf '%s' "$(cat a.trec)" >"$dir/end" && csv "$dir/end" | cmp -s - "$dir/want"; ok 'no newline at the end'
tr ' ' '\t' <a.trec >"$dir/tabs" && csv "$dir/tabs" | cmp -s - "$dir/want"; ok 'tabs'
sort -k 3 a.trec >"$dir/mixed" && csv "$dir/mixed" | cmp -s - "$dir/want"; ok 'lines in any order'
awk '{ print $1 "\t" $3 "\t" $4 "\t" $5 }' a.trec >"$dir/four" && csv "$dir/four" | cmp -s - "$dir/want"; ok 'four columns'
csv - <a.trec | cmp -s - "$dir/want"; ok 'standard input'
awk '{ print $1 "\t" $3 "\t" $4 }' a.trec >"$dir/three" && csv "$dir/three" >"$dir/by_rank"
csv --order=rank a.trec | cmp -s - "$dir/by_rank"; ok 'ranks alone are --order=rank'
! cmp -s "$dir/want" "$dir/by_rank"; ok 'ranks are another order'
"$rankc" metrics "$dir/three" --labels=labels.qrels | grep -q '^order     by rank$'; ok 'ranks alone: it is said'
awk '{ print $4, "qid:" $1, "1:0 #", $3 }' labels.qrels >"$dir/letor" &&
    "$rankc" metrics --format=csv --per-query --labels="$dir/letor" a.trec | cmp -s - "$dir/want"; ok 'labels in LETOR'
"$rankc" metrics --format=json --per-query --labels=labels.qrels a.trec | python3 -c '
import json, sys
found = json.load(sys.stdin)
assert len(found["per_query"]) == found["measured"]["queries"] == 18
assert found["measured"]["metrics"]["map"] == float([l for l in open(sys.argv[1]) if l.startswith("map,,")][0].split(",")[2])
assert found["ties"] == "docno, downwards" and found["scores_as"] == "float32" and found["doubled"] == "refused"
' "$dir/want" 2>"$dir/err"
code=$?
command -v python3 >/dev/null && { [ $code -eq 0 ]; ok 'json'; }
[ "$("$rankc" metrics --format=jsonl --per-query --labels=labels.qrels a.trec | wc -l)" -eq 19 ]; ok 'jsonl: a line a query, and one'

# ---- small lists ----

printf '1 0 a 1\n1 0 b 0\n2 0 a 1\n' >"$dir/qrels"
run() { printf "$1" >"$dir/run"; }
run '1 Q0 a 1 nan t\n1 Q0 b 2 -inf t\n'
value 'NaN comes last, below -inf' 0.5 --metric=mrr --labels="$dir/qrels" "$dir/run"
"$rankc" metrics --format=json "$dir/run" --labels="$dir/qrels" | grep -q '"without_score": 1'; ok 'NaN: it is said'
printf '1 Q0 a 1 2 t\n1 Q0 b 2 1 t\n' >"$dir/other"
"$rankc" metrics "$dir/other" --compare="$dir/run" --labels="$dir/qrels" | grep -q '1 of B without a score'; ok 'NaN: whose'
run '1 Q0 a 1 inf t\n1 Q0 b 2 1e308 t\n'
value 'infinite scores tie with what no float holds' 0.5 --metric=mrr --labels="$dir/qrels" "$dir/run"
run '1 Q0 a 1 1 t\n1 Q0 x 2 2 t\n1 Q0 y 3 3 t\n'
value 'documents without labels count as 0' 0.3333333333333333 --metric=mrr --labels="$dir/qrels" "$dir/run"
run '1 Q0 a 1 1.000000001 t\n1 Q0 b 2 1 t\n'
value 'a float does not tell these apart' 0.5 --metric=mrr --labels="$dir/qrels" "$dir/run"
value 'a double does' 1 --order=double --metric=mrr --labels="$dir/qrels" "$dir/run"
"$rankc" metrics --order=double "$dir/run" --labels="$dir/qrels" | grep -q 'by score as a 64-bit float.*'; ok 'a double does: it is said'
printf '1 0 a 1\n1 0 b -3\n' >"$dir/negative"
run '1 Q0 b 1 2 t\n1 Q0 a 2 1 t\n'
value 'labels below 0 count as 0' 0.5 --metric=map --labels="$dir/negative" "$dir/run"
run '3 Q0 a 1 2 t\n'
gives 'no query in common' 4 "$dir/run" --labels="$dir/qrels"
says 'no query in common: which' err 'the one has the query `3`, the other `1`'
gives 'no query in common: --complete' 0 "$dir/run" --labels="$dir/qrels" --complete
run '1 Q0 x 1 2 t\n'
gives 'no document in common' 0 "$dir/run" --labels="$dir/qrels"
says 'no document in common: a note' err 'the run has `x`, the labels `a`'
run ''
gives 'an empty run' 4 "$dir/run" --labels="$dir/qrels"
gives 'an empty run: --complete' 0 "$dir/run" --labels="$dir/qrels" --complete
says 'an empty run: zeros' out 'map           0.0000'
run '1 Q0 a 1 1 t\n'
gives 'empty labels' 4 "$dir/run" --labels=/dev/null
says 'empty labels: why' err '`/dev/null` holds no labels'

# ---- bad files ----

run '1 Q0 a 1 1 t\n1 Q0 b 2\n1 Q0 c 3 x t\n'
gives 'bad lines' 4 "$dir/run" --labels="$dir/qrels"
says 'bad lines: short' err "error[E0521]: $dir/run:2: \`1 Q0 b 2\` has fewer words than the first line"
says 'bad lines: score' err "error[E0521]: $dir/run:3: \`x\` is no number: a score should stand here"
[ ! -s "$dir/out" ]; ok 'bad lines: no numbers'
gives 'bad lines are let be' 0 "$dir/run" --labels="$dir/qrels" --max-bad-rows=2
says 'bad lines are let be: how many' err '2 of 3 lines left out'
run '1 Q0 a 1 2 t\n1 Q0 b 2 1 t\n1 Q0 a 3 0 t\n'
gives 'a document twice' 4 "$dir/run" --labels="$dir/qrels"
says 'a document twice: where' err "error[E0522]: $dir/run:3: \`a\` comes a second time for query \`1\`"
gives 'a document twice cannot be let be' 4 "$dir/run" --labels="$dir/qrels" --max-bad-rows=9
run '9 Q0 a 1 2 t\n9 Q0 a 2 1 t\n1 Q0 a 1 1 t\n'
gives 'a document twice for a query without labels' 4 "$dir/run" --labels="$dir/qrels"
awk 'BEGIN { for (i = 0; i < 1048576; i++) printf "x"; print " Q0 a 1 1 t"; print "1 Q0 a 1 1 t" }' >"$dir/long"
gives 'a line of 1 MB' 0 "$dir/long" --labels="$dir/qrels"
awk 'BEGIN { print "1 Q0 a 1 1 t"; for (i = 0; i < 1048576; i++) printf "x"; print "" }' >"$dir/long"
gives 'a bad line of 1 MB' 4 "$dir/long" --labels="$dir/qrels"
[ "$(wc -c <"$dir/err")" -lt 500 ]; ok 'a bad line of 1 MB: an excerpt'
head -c 200000 /dev/urandom >"$dir/noise"
gives 'noise' 4 "$dir/noise" --labels="$dir/qrels"
gives 'qrels as a run' 4 "$dir/qrels" --labels="$dir/qrels"
says 'qrels as a run: advice' err 'are these qrels?'
gives 'a run as labels' 4 a.trec --labels=b.trec
says 'a run as labels: advice' err 'this is rather a run'
printf '1 0 a\0 1\n' >"$dir/nul"
gives 'a NUL' 4 a.trec --labels="$dir/nul"
says 'a NUL: why' err 'holds a NUL byte'
printf '1 qid:1 1:0 # a\n1 qid:2 1:0 # a\n0 qid:1 1:0 # b\n' >"$dir/back"
gives 'a query of LETOR comes back' 4 a.trec --labels="$dir/back"
says 'a query of LETOR comes back: code' err 'error[E0516]'
printf 'x qid:1 1:0 # a\n' >"$dir/x"
gives 'a label of LETOR that is none' 4 a.trec --labels="$dir/x"
gives 'no such run' 5 "$dir/nosuch" --labels="$dir/qrels"
gives 'no such labels' 5 a.trec --labels="$dir/nosuch"
gives 'a folder' 5 "$dir" --labels="$dir/qrels"

# ---- words ----

gives 'no labels' 2 a.trec
says 'no labels: advice' err '--labels FILE says what is relevant'
gives 'unknown metric' 2 a.trec --labels=labels.qrels --metric=ncdg@10
says 'unknown metric: advice' err 'did you mean `ndcg`?'
gives 'unknown metric: the list' 2 a.trec --labels=labels.qrels --metric=clicks
says 'unknown metric: the list' err 'there are ndcg[@k] '
gives 'half a metric' 2 a.trec --labels=labels.qrels --metric=gauc
says 'half a metric: the whole ones' err 'there are gauc_positives gauc_size'
for word in ndcg@0 ndcg@x auc@3 '' map,, ndcg@99999999999; do
    gives "metric \`$word\`" 2 a.trec --labels=labels.qrels --metric="$word"
done
gives 'a metric twice is one' 0 a.trec --labels=labels.qrels --metric=map,map
[ "$(grep -c ^map "$dir/out")" -eq 1 ]; ok 'a metric twice is one: one line'
gives 'relevant from 0' 2 a.trec --labels=labels.qrels --relevant=0
gives 'a pipeline of a run' 2 a.trec --labels=labels.qrels --pipeline=p
says 'a pipeline of a run: why' err '`a.trec` is read as a run'
gives 'standard input twice' 2 - --labels=-
gives 'a program without requests' 2 x.rank --labels=labels.qrels
gives 'compared with itself' 0 a.trec --compare=a.trec --labels=labels.qrels --metric=map
says 'compared with itself: ties' out '+0.0000  +0.0000 +0.0000  -    0     0    18'
gives 'another largest grade' 0 a.trec --labels=labels.qrels --metric=err --max-grade=5
says 'another largest grade: it is said' out 'grades    5 is the largest'
"$rankc" metrics a.trec --labels=labels.qrels --per-query >/dev/full 2>"$dir/err"
[ $? -eq 5 ]; ok 'a full disk'

# ---- programs and bundles ----

printf 'item { id: int, x: float from "f1", y: float from "f2" }\n' >"$dir/p.rank"
printf 'pipeline by_x = candidates | sort(desc: x)\npipeline by_y = candidates | sort(desc: y)\n' >>"$dir/p.rank"
printf 'pipeline pinned = by_x | pin(y > 8, at: 1)\n' >>"$dir/p.rank"
awk 'BEGIN { for (q = 1; q <= 12; q++) for (d = 1; d <= 20; d++)
    printf "%d qid:%d 1:%d 2:%d # docid = %d\n", (q * d) % 7 % 3, q, (q * d) % 5, (q + d * 3) % 10, d }' >"$dir/requests"
for pipeline in by_x by_y; do
    "$rankc" run --requests "$dir/requests" --pipeline $pipeline --format=trec "$dir/p.rank" >"$dir/$pipeline.trec"
    "$rankc" metrics --format=csv --per-query --labels="$dir/requests" "$dir/$pipeline.trec" >"$dir/want"
    "$rankc" metrics --format=csv --per-query --requests "$dir/requests" --pipeline $pipeline "$dir/p.rank" |
        cmp -s - "$dir/want"; ok "$pipeline directly and by a file"
done
both() { "$rankc" metrics --format=csv --labels="$dir/requests" "$@"; }
both "$dir/by_x.trec" --compare="$dir/by_y.trec" >"$dir/want"
both --requests "$dir/requests" --pipeline by_x --compare-pipeline by_y "$dir/p.rank" | cmp -s - "$dir/want"; ok 'two pipelines'
both --requests "$dir/requests" --pipeline by_x --compare="$dir/by_y.trec" "$dir/p.rank" | cmp -s - "$dir/want"; ok 'a program and a run'
both --requests "$dir/requests" --compare="$dir/p.rank" --compare-pipeline=by_y "$dir/by_x.trec" | cmp -s - "$dir/want"; ok 'a run and a program'
both --requests "$dir/requests" --pipeline by_x --compare-pipeline by_y --threads=2 --engine=interp "$dir/p.rank" |
    cmp -s - "$dir/want"; ok 'two threads'
gives 'items that a rule moved' 0 --requests="$dir/requests" --pipeline=pinned "$dir/p.rank"
grep -q 'by place in [0-9]* lists whose scores do not fall\|^order     by rank' "$dir/out"; ok 'items that a rule moved: by place'
"$rankc" run --requests "$dir/requests" --pipeline pinned --format=trec "$dir/p.rank" 2>/dev/null |
    "$rankc" metrics --format=csv --order=rank --labels="$dir/requests" - >"$dir/want"
"$rankc" metrics --format=csv --order=rank --requests "$dir/requests" --pipeline pinned "$dir/p.rank" |
    cmp -s - "$dir/want"; ok 'items that a rule moved: as --order=rank has them'
if "$rankc" compile --emit=bundle -o "$dir/p.rankb" "$dir/p.rank" >/dev/null 2>&1; then
    both --requests "$dir/requests" --pipeline by_x --compare-pipeline by_y "$dir/p.rankb" >"$dir/got"
    both "$dir/by_x.trec" --compare="$dir/by_y.trec" | cmp -s - "$dir/got"; ok 'a bundle'
else
    skipped=$((skipped + 1))
fi
gives 'no such pipeline' 2 --requests="$dir/requests" --pipeline=by_z "$dir/p.rank"
echo 'item { id: int } factor f = g' >"$dir/bad.rank"
gives 'a program with errors' 1 --requests="$dir/requests" "$dir/bad.rank"
echo '{"items": [{"id": 1, "f1": 1, "f2": 2}]}' >"$dir/requests.jsonl"
gives 'requests without labels' 2 --requests="$dir/requests.jsonl" --pipeline=by_x "$dir/p.rank"
gives 'requests once, runs twice' 2 --requests=- --labels="$dir/qrels" --pipeline=by_x --compare-pipeline=by_y "$dir/p.rank"

# ---- real pages ----

if [ -d "${RANK_DATA:-}/ltr-webis" ]; then
    for fold in fold1 fold2 fold3 fold4; do
        file=$RANK_DATA/ltr-webis/$fold.txt
        awk '{ sub(/qid:/, "", $2); sub(/15:/, "", $17); print $2, "Q0", $NF, 1, $17, "bm25" }' "$file" >"$dir/run"
        "$rankc" metrics --format=csv --metric=$all --labels="$file" "$dir/run" |
            sed -n "2,\$ { s/,,/,/; s/^/$fold,/; p; }" | sort >"$dir/got"
        grep "^$fold," expected.webis | sort >"$dir/want"
        same "$dir/got" "$dir/want"; ok "$fold of real pages: trec_eval and scikit-learn"
        [ -x "${PYTREC:-}" ] || continue
        "$rankc" run --requests "$file" --pipeline web --format=trec "$RANK_SRC/examples/web/web.rank" >"$dir/run"
        "$PYTREC" make.py "$dir/run" "$file" | sort >"$dir/want"
        "$rankc" metrics --format=csv --per-query --metric=$all --requests "$file" --pipeline web \
            "$RANK_SRC/examples/web/web.rank" | tail -n +2 | sort >"$dir/got"
        same "$dir/got" "$dir/want"; ok "$fold, ranked by a program: trec_eval and scikit-learn"
    done
else
    echo 'real pages: skipped, RANK_DATA is not set or has no ltr-webis'
    skipped=$((skipped + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
