#!/bin/sh
# Retrieval runs: queries as tab-separated lines, each with its id, through an index to lists of exactly k
# items in the forms of MS MARCO and TREC, which rankc metrics measures by labels that awk worked out.
set -u
rankc=$(cd "$RANK_BUILD" && pwd)/rankc
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-retrieval.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
export RANKC_CACHE=none LC_ALL=C
. "$RANK_SRC/tests/tell.sh"
cd "$dir" || exit 1
command=run

# 300 passages, the cheaper half of them free of charge, and 20 queries; the relevant are the 10 nearest of
# a cap. Numbers are of 1/64, so that sums are exact in any order.
awk -v OFS='\t' '
    function draw() { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % 129 - 64 }
    function vector(v) { return "[" v[1] / 64 "," v[2] / 64 "," v[3] / 64 "," v[4] / 64 "]" }
    BEGIN {
        seed = 7
        print "id,price,vec" >"passages.csv"
        for (i = 1; i <= 300; i++) {
            for (d = 1; d <= 4; d++) v[d] = p[i, d] = draw()
            price[i] = i % 10
            print "p" i "," price[i] ",\"" vector(v) "\"" >"passages.csv"
        }
        print "text,vec" >"words.csv"
        print "id", "v", "cap" >"queries.tsv"
        for (q = 1; q <= 20; q++) {
            for (d = 1; d <= 4; d++) v[d] = draw()
            id = 1000 + q * 7
            print id, vector(v), 5 >"queries.tsv"
            print id, "what is " q >"marco.tsv"
            print "{\"id\": " id ", \"query\": {\"v\": " vector(v) ", \"cap\": 5}}" >"queries.jsonl"
            print "what is " q ",\"" vector(v) "\"" >"words.csv"
            for (i = 1; i <= 300; i++) {
                score[i] = price[i] < 5 ? 0 : "no"
                for (d = 1; d <= 4 && score[i] != "no"; d++) score[i] += v[d] * p[i, d]
            }
            for (n = 1; n <= 10; n++) {
                best = 0
                for (i = 1; i <= 300; i++)
                    if (score[i] != "no" && (!best || score[i] > score[best])) best = i
                print id, 0, "p" best, 1 >"qrels"
                score[best] = "no"
            }
        }
    }'

cat >dense.rank <<'END'
query { v: vector(4), cap: float = 10.0 }
item  { id: string }
source passages = csv("passages.csv", key: "id") by item.id { price: float, vec: vector(4) }
index by_vec = hnsw(vec, metric: "dot")
pipeline dense = nearest(by_vec, query.v, 10, where: price < query.cap)
END
sed 's/^query .*/query { text: string }\nsource words = csv("words.csv", key: "text") by query.text { v: vector(4)? from "vec" }/
    s/query\.v/v/; s/query\.cap/5.0/' dense.rank >marco.rank

# evaluates WHAT RUN: every relevant passage stands in the run
evaluates() {
    what=$1
    shift
    "$rankc" metrics "$@" --metric=recall@10,precision@10 --format=csv --labels=qrels >out 2>err
    [ "$(sed 's/.*,//' out | tr '\n' ' ')" = 'value 1 1 ' ] || { cat out err; false; }
    ok "$what"
}

for form in msmarco trec; do
    gives "as $form" 0 dense.rank --requests=queries.tsv -k 10 --format=$form
    cp out run.$form
    [ "$(sed 's/[[:space:]].*//' run.$form | sort | uniq -c | awk '$1 == 10' | wc -l)" -eq 20 ]
    ok "ten lines for each query, as $form"
    evaluates "measured as $form" run.$form
    gives "without a header, as $form" 0 marco.rank --requests=marco.tsv -k 10 --format=$form
    cmp -s out run.$form; ok "by the text of a query, as $form"
    gives "as JSON lines, as $form" 0 dense.rank --requests=queries.jsonl -k 10 --format=$form
    cmp -s out run.$form; ok "as from JSON lines, as $form"
done
[ "$(head -n 1 run.msmarco | tr '\t' ' ' | sed 's/ p.*//')" = 1007 ]; ok 'called by their ids'
evaluates 'measured as it is ranked' dense.rank --requests=queries.tsv
evaluates 'by the text, measured as it is ranked' marco.rank --requests=marco.tsv
sed 's/$/\r/' queries.tsv >crlf
"$rankc" run dense.rank --requests=- -k 10 --format=msmarco <crlf >out 2>err
cmp -s out run.msmarco; ok 'from standard input, with carriage returns'
"$rankc" eval --requests=queries.tsv query.cap dense.rank 2>&1 | grep -q '^5 '; ok 'eval takes the first'

# ---- through a graph ----

# So many that no search scans; the truth is what an index finds that looks at all.
awk -v OFS='\t' '
    function draw() { seed = seed * 16807 % 2147483647; return int(seed / 65536) % 129 - 64 }
    function vector(  d, text) {
        for (d = 1; d <= 16; d++) text = text (d > 1 ? "," : "") draw() / 64
        return "[" text "]"
    }
    BEGIN {
        seed = 11
        print "id,price,vec" >"many.csv"
        for (i = 1; i <= 20000; i++) print "p" i "," i % 10 ",\"" vector() "\"" >"many.csv"
        print "id", "v", "cap" >"many.tsv"
        for (q = 1; q <= 40; q++) print 1000 + q, vector(), q % 2 ? 5 : 10 >"many.tsv"
    }'
cat >many.rank <<'END'
query { v: vector(16), cap: float = 10.0 }
item  { id: string }
source passages = csv("many.csv", key: "id") by item.id { price: float, vec: vector(16) }
index walked = hnsw(vec, metric: "l2", m: 8)
index looked_at = flat(vec, metric: "l2")
pipeline fast = nearest(walked, query.v, 10, where: price < query.cap)
pipeline sure = nearest(looked_at, query.v, 10, where: price < query.cap)
END
gives 'all of many' 0 many.rank --pipeline=sure --requests=many.tsv -k 10 --format=msmarco
awk '{ print $1, 0, $2, 1 }' out >truth
gives 'the graph of many' 0 many.rank --pipeline=fast --requests=many.tsv -k 10 --format=msmarco --trace
cp out run.many
[ "$(grep -c 'nearest walked: graph' err)" -eq 40 ]; ok 'each search goes through the graph'
[ "$(cut -f 1 run.many | uniq -c | awk '$1 == 10' | wc -l)" -eq 40 ]; ok 'ten lines for each of its queries'
"$rankc" metrics run.many --metric=recall@10 --format=csv --labels=truth >out 2>err
tail -n 1 out | awk -F, '{ exit !($NF >= 0.95 && $NF <= 1) }' || { cat out err; false; }
ok 'the graph finds nearly all of the nearest'
awk -F'\t' '$1 % 2 { bad += substr($2, 2) % 10 >= 5 } END { exit bad }' run.many
ok 'what it finds meets the condition'

# ---- too few ----

{ cat queries.tsv; printf 'free\t[1,0,0,0]\t0\nlow\t[1,0,0,0]\t1\n'; } >short.tsv
gives 'two fall short' 4 dense.rank --requests=short.tsv -k 10 --format=msmarco
says 'they are named' err '1 request has fewer than 10 items: free (0); do not use what was printed'
[ "$(wc -l <out)" -eq 210 ]; ok 'the others are there'
for form in msmarco trec; do
    gives "of any length, as $form" 0 dense.rank --requests=short.tsv --format=$form
    says "those without a line are named, as $form" err '1 request has no items, and no line: free'
done
gives 'as JSON lines' 0 dense.rank --requests=short.tsv --format=jsonl
[ ! -s err ]; ok 'an empty list is seen there'
sed 's/$/\t/; 1s/\t$/\ttext/' short.tsv >other.tsv
gives 'more than the program takes' 4 dense.rank --requests=other.tsv -k 10
says 'the column' err 'other.tsv:1: column `text` is not a query field of the program'

# ---- a header that is none ----

{ printf 'qid\tquery\n'; cat marco.tsv; } >head.tsv
gives 'a header by other names' 0 marco.rank --requests=head.tsv --format=msmarco
says 'it is a request' err 'head.tsv: the first line was taken for a request called `qid`'

# ---- ids that come back ----

{ cat queries.tsv; sed -n 3p queries.tsv; } >twice.tsv
sed -n 2p queries.jsonl | cat queries.jsonl - >twice.jsonl
for form in msmarco trec; do
    gives "an id comes back, as $form" 4 dense.rank --requests=twice.tsv -k 10 --format=$form
    says "both lines, as $form" err "it was at twice.tsv:3"
    gives "of JSON lines, as $form" 4 dense.rank --requests=twice.jsonl -k 10 --format=$form
    says "both lines of them, as $form" err "it was at twice.jsonl:2"
done
gives 'it may be left out' 0 dense.rank --requests=twice.tsv -k 10 --format=msmarco --max-bad-rows=1
cmp -s out run.msmarco; ok 'the others are there'
gives 'other formats tell them apart' 0 dense.rank --requests=twice.tsv -k 10 --format=jsonl
[ "$(wc -l <out)" -eq 21 ]; ok 'all are there'
"$rankc" metrics dense.rank --requests=twice.tsv --labels=qrels >out 2>err
[ $? -eq 4 ]; ok 'metrics know it too'
says 'metrics: the code' err 'error[E0516]'

# ---- bad lines ----

printf 'id\tv\tcap\n1\t[1,0,0]\t5\n2\t[1,0,0,0]\tfive\n3\t1,0,0,0\t5\n4\t[0,0,0,1]\n' >bad.tsv
gives 'bad lines' 4 dense.rank --requests=bad.tsv
says 'a short vector' err 'bad.tsv:2: column `v`: `[1,0,0]` has 3 elements, not 4'
gives 'some are left out' 0 dense.rank --requests=bad.tsv --max-bad-rows=4
says 'no number' err 'bad.tsv:3: column `cap`: `five` is not a number'
says 'no list' err 'as in [0.5, 2]'
says 'a cell too few' err 'bad.tsv:5: the line has 2 cells between tabs, not 3'
says 'how many' err '4 of 4 requests left out'
gives 'text for a program without one' 4 dense.rank --requests=marco.tsv
says 'what to write' err 'begin the file with the line `id<tab>v`'
sed '1s/id/qid/' queries.tsv >qid.tsv
gives 'a header that begins with another word' 4 dense.rank --requests=qid.tsv
says 'what it is for' err 'a header line begins with `id`'
printf 'item { id: int }\npipeline p = candidates | top(3, by: 1)\n' >sent.rank
printf 'id\n1\n' >ids.tsv
gives 'no items' 0 sent.rank --requests=ids.tsv
says 'nothing was sent' err 'no request sent items'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
