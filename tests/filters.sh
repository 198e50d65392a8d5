#!/bin/sh
# Conditions inside a search, over fields of many types that are there or not: what it finds is what the
# same condition leaves of a scan. Rows are of more than one batch, in the order of their ids or in
# another, with a vector or, some of them, without.
set -u
rankc=$(cd "$RANK_BUILD" && pwd)/rankc
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-filters.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
export RANKC_CACHE=none LC_ALL=C
. "$RANK_SRC/tests/tell.sh"
cd "$dir" || exit 1
command=run

# rows FILE STEP GAPS: 3,100 rows, of which row i has id i * STEP % 3119. Numbers of vectors are small and
# whole, so that products are exact in any order.
rows() {
    awk -v step="$2" -v gaps="$3" '
        function draw(n) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % n }
        BEGIN {
            seed = 11
            print "id,weight,pieces,price,stock,count,brand,tags,vec"
            for (i = 0; i < 3100; i++) {
                printf "p%04d,%d,%d,", i * step % 3119, draw(100), draw(9)
                printf draw(9) ? "%d," : ",", draw(100)
                printf draw(7) ? "%s," : ",", draw(2) ? "true" : "false"
                printf draw(5) ? "%d," : ",", draw(10)
                printf "b%d,\"[", draw(40)
                for (n = draw(4); n > 0; n--) printf "\"\"t%d\"\"%s", draw(6), n > 1 ? "," : ""
                printf "]\","
                if (!gaps || i % 11 != 3) printf "\"[%d,%d,%d]\"", draw(9) - 4, draw(9) - 4, draw(9) - 4
                print ""
            }
        }' >"$1"
}
rows ordered.csv 1 0
rows turned.csv 7 0
rows gaps.csv 7 1

# Of each field what may be missing is missing somewhere, with a default or without.
conditions='weight >= query.low and weight < query.low + 20.0 and pieces > query.n
stock ?? query.on
count > query.n
missing(stock) or not (stock ?? true) and query.on
brand == query.brand
contains(tags, query.tag)
(price ?? 1000.0) > 50.0 and count == query.n
len(tags) == 0 and query.on
tally > query.n
false and query.on
true or query.on'
cat >head.rank <<'END2'
query { v: vector(3), low: float, n: int, on: bool, brand: string, tag: string }
item  { id: string }
source products = csv("products.csv", key: "id") by item.id {
    weight: float
    pieces: int
    price : float?
    stock : bool?
    count : int = 4
    brand : string = ""
    tags  : list(string) = []
    vec   : vector(3)?
}
source sizes = csv("sizes.csv", key: "brand") by brand { tally: int = 2 from "size" }
factor fit = dot(vec, query.v) ?? 0.0
END2
awk 'BEGIN { print "brand,size"; for (i = 0; i < 40; i += 3) print "b" i "," i % 7 }' >sizes.csv
awk 'BEGIN {
    for (q = 0; q < 25; q++)
        printf "{\"id\": \"q%d\", \"query\": {\"v\": [%d,%d,%d], \"low\": %d, \"n\": %d, \"on\": %s, \"brand\": \"b%d\", \"tag\": \"t%d\"}}\n",
            q, q % 7 - 3, q % 5 - 2, q % 3 - 1, q * 4, q % 8, q % 2 ? "true" : "false", q, q % 7
}' >queries.jsonl

# compares WHAT CONDITION: the forms of an index against a scan, on both engines
compares() {
    for kind in flat hnsw; do
        {
            cat head.rank
            echo "index by_vec = $kind(vec, metric: \"dot\")"
            echo "pipeline found = nearest(by_vec, query.v, 4000, where: $2)"
            echo "pipeline left = scan(products) | where(not missing(vec)) | where($2) | sort(desc: fit)"
        } >"$kind.rank"
        for engine in interp jit2; do
            gives "$1, $kind, $engine" 0 "$kind.rank" --pipeline=found --requests=queries.jsonl --format=trec --engine=$engine
            cut -d" " -f1,3,5 out | sort >"found.$kind.$engine"
        done
    done
    gives "$1, a scan" 0 flat.rank --pipeline=left --requests=queries.jsonl --format=trec
    cut -d" " -f1,3,5 out | sort >left
    for found in found.*; do
        cmp -s "$found" left
        ok "$1: $found is the scan"
    done
}
# A source that drops what it has no row for, and another one behind it, which plain fields are read of.
cp head.rank head.all
awk 'BEGIN { print "id,cost,owner"; for (i = 0; i < 3119; i += 1 + i % 4) print "p" sprintf("%04d", i) "," i % 90 ",o" i % 13 }' >costs.csv
awk 'BEGIN { print "owner,share"; for (i = 0; i < 13; i += 2) print "o" i "," i }' >owners.csv
cat head.all - >head.drop <<'END2'
source costs = csv("costs.csv", key: "id", absent: "drop") by item.id { cost: float, owner: string }
source owners = csv("owners.csv", key: "owner", absent: "drop") by owner { share: int }
END2
dropping='cost < query.low
cost >= query.low and share > query.n or not query.on
weight < 50.0 and query.on'

# all WHAT CONDITIONS: over each of the files
all() {
    for file in ordered turned gaps; do
        cp $file.csv products.csv
        echo "$2" >list
        while IFS= read -r condition; do
            compares "$1 $file, $condition" "$condition"
        done <list
    done
}
all of "$conditions"
cp head.drop head.rank
all 'dropping from' "$dropping"

# ---- what is worked out before any request ----

# A condition that no request changes is, but for one that asks a model, which of all rows takes long.
cp "$RANK_SRC/tests/models/lightgbm-stump.txt" stump.txt
cp head.all fixed.rank
cat >>fixed.rank <<'END2'
model stump = gbdt("stump.txt")
index by_vec = flat(vec, metric: "dot")
pipeline fixed = nearest(by_vec, query.v, 10, where: weight < 50.0)
pipeline modelled = nearest(by_vec, query.v, 10, where: stump(weight - 50.0, price ?? 0.0, price ?? 0.0) > 0.0)
END2
head -n 1 queries.jsonl >one.jsonl
gives 'a condition of no request' 0 fixed.rank --pipeline=fixed --requests=one.jsonl --trace
says 'it is searched' err 'nearest by_vec: scan, '
lacks 'and not asked' err ' asked'
gives 'a condition by a model' 0 fixed.rank --pipeline=modelled --requests=one.jsonl --trace
says 'it is asked' err ' asked, '

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
