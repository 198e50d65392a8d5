#!/bin/sh
# rankc index: indexes of vectors and of other libraries' files, what is found in them against what these
# libraries find, and what is said of bad input.
set -u
rankc=$(cd "$RANK_BUILD" && pwd)/rankc
peers=$(cd "$RANK_SRC/tests/models/indexes" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-index.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
unset RANK_CPU
. "$RANK_SRC/tests/tell.sh"
cd "$dir" || exit 1
command=index

same() { # same WHAT FILE FILE
    cmp "$2" "$3"
    ok "$1"
}
gone() { # gone WHAT FILE
    [ ! -e "$2" ]
    ok "$1"
}
# The first K of what is wanted and what was found: ids in their order, scores as near as floats of other
# sums are.
agrees() { # agrees WHAT WANT K: jsonl is in out
    awk -v k="$3" '
        NR == FNR { want[FNR] = $0; next }
        {
            n = split(want[FNR], pair, " ")
            gsub(/[][{}:"a-z]/, "")
            m = split($0, word, ", *")
            if (n > k) n = k
            if (m != 1 + 2 * n) { print FNR ": " m " words"; exit bad = 1 }
            for (i = 1; i <= n; i++) {
                split(pair[i], part, ":")
                off = word[1 + n + i] - part[2]
                if (word[1 + i] + 0 != part[1] + 0 || off > 1e-5 || off < -1e-5) {
                    print FNR ": " word[1 + i] " with " word[1 + n + i] ", not " pair[i]
                    exit bad = 1
                }
            }
        }
        END { exit bad }' "$2" out
    ok "$1"
}
# vectors FORMAT ROW...: a row is numbers with commas between them
vectors() {
    perl -e '
        my $form = shift;
        for my $row (@ARGV) {
            my @x = map { $_ eq "nan" ? "NaN" + 0 : $_ eq "inf" ? 9**9**9 : $_ } split /,/, $row;
            print pack("l<", scalar @x), pack($form eq "i" ? "l<*" : "f<*", @x);
        }' "$@"
}

# ---- other libraries ----

for file in "$peers"/*.want; do
    name=$(basename "$file" .want)
    set -- "$peers/$name".[fh]*[bs]
    metric=
    case $name in hnswlib-deleted | hnswlib-rows) metric=--metric=l2 ;; hnswlib-*) metric=--metric=${name#hnswlib-} ;; esac
    gives "$name: import" 0 import "$1" $metric -o a.ranki
    gives "$name: all of it is there" 0 inspect --verify a.ranki
    for way in '' --exact '--ef 60'; do
        gives "$name: query $way" 0 query a.ranki --queries "$peers/queries.fvecs" $way --format=jsonl
        agrees "$name: what the library finds $way" "$file" 10
    done
    gives "$name: flat" 0 import "$1" $metric --kind=flat -o flat.ranki
    case $name in
    *hnsw*) making= ;;
    *) making=--m=4 ;;
    esac
    gives "$name: a graph" 0 import "$1" $metric --kind=hnsw $making -o graph.ranki
    for made in flat graph; do
        gives "$name: query $made" 0 query $made.ranki --queries "$peers/queries.fvecs" -k 5 --format=jsonl
        agrees "$name: what the library finds, $made" "$file" 5
    done
done
for name in empty-flat empty-hnsw; do
    gives "$name: import" 0 import "$peers/$name.faiss" -o a.ranki
    gives "$name: query" 0 query a.ranki --vector 1,2,3,4,5,6 --format=jsonl
    says "$name: nothing is found" out '{"query": 0, "ids": [], "scores": []}'
done

gives 'a small graph: import' 0 import "$peers/hnsw-l2.faiss" -o a.ranki
gives 'a small graph: inspect' 0 inspect a.ranki
says 'a small graph: links' out 'links       16 a vector: 5.567 in use, at least 2, at most 8'
says 'a small graph: how it is searched' out 'searched    by looking at every vector'
cp "$peers/base.fvecs" a.fvecs
cat >small.rank <<'END'
query { v: vector(6) }
item  { id: int }
source items = fvecs("a.fvecs") by item.id { vec: vector(6) }
index near = hnsw(vec, metric: "l2", m: 24, file: "a.ranki")
pipeline found = nearest(near, query.v, 3)
END
"$rankc" run small.rank --query v='[1,2,3,4,5,6]' --format csv >out 2>err && [ "$(wc -l <out)" -eq 4 ] && [ ! -s err ]
ok 'a small graph: of a set that would have none, nothing is told'
gives 'a small graph: json' 0 inspect a.ranki --format json
says 'a small graph: from where' out '"graph_from": null'
perl -e '
    for my $row (1 .. 4096) {
        my ($x, $y) = ($row % 61, $row % 67);
        print pack("l<", 448), pack("f<*", map { $x * ($_ % 3) + $y * ($_ % 5) } 1 .. 448);
    }' >long.fvecs
gives 'long vectors: build' 0 build --in long.fvecs --metric l2 --m 4 -o long.ranki
gives 'long vectors: inspect' 0 inspect --verify long.ranki
says 'long vectors: sketches' out 'sketches    of 112 numbers, which walks go by, and scans look at first'
says 'long vectors: memory' out '            sketches 512.0 KiB'
gives 'long vectors: json' 0 inspect long.ranki --format json
says 'long vectors: json, sketches' out '"sketches": 524288'
gives 'long vectors: flat' 0 build --in long.fvecs --metric l2 --kind flat -o long.ranki
gives 'long vectors: flat, inspect' 0 inspect --verify long.ranki
says 'long vectors: flat, sketches' out 'sketches    of 112 numbers, which scans look at first'
says 'long vectors: flat, memory' out '            sketches 512.0 KiB'
mv long.ranki flat-long.ranki
tail -c +$((100 * 1796 + 1)) long.fvecs | head -c $((3 * 1796)) >three.fvecs
vectors i 100 101 102 >three.ivecs
gives 'ways: build' 0 build --in long.fvecs --metric l2 --m 4 -o long.ranki
gives 'ways: a graph' 0 eval long.ranki --queries three.fvecs --gt three.ivecs -k 1 --ef 4,4096
[ "$(awk '{ print $1, $4 }' out | tr '\n' ';')" = 'ef way;4 graph;4096 scan;' ]
ok 'ways: what is scanned'
gives 'ways: a graph, exact' 0 eval long.ranki --queries three.fvecs --gt three.ivecs -k 1 --ef 4 --exact --format json
says 'ways: a graph, exact, way' out '"way": "scan"}]'
gives 'ways: flat' 0 eval flat-long.ranki --queries three.fvecs --gt three.ivecs -k 1 --format jsonl
says 'ways: flat, way' out '"way": "scan"}'
rm -f long.fvecs long.ranki flat-long.ranki
gives 'hnswlib without a metric' 2 import "$peers/hnswlib-l2.hnswlib" -o no.ranki
says 'hnswlib without a metric: words' err 'error[E0626]: '
says 'hnswlib without a metric: help' err 'give --metric'
gives 'another metric' 2 import "$peers/hnsw-l2.faiss" --metric=dot -o no.ranki
says 'another metric: words' err 'is an index by l2'
gives 'the links of a graph that is taken' 2 import "$peers/hnsw-l2.faiss" --m 4 -o no.ranki
says 'the links of a graph that is taken: words' err 'error[E0627]: --m says nothing of '
says 'the links of a graph that is taken: why' err 'its graph is taken as it is'
gives 'candidates of a graph that is taken' 2 import "$peers/hnsw-l2.faiss" --ef-construction 40 -o no.ranki
says 'candidates of a graph that is taken: words' err '--ef-construction says nothing of '
for option in --m --ef-construction --ef; do
    gives "$option of a flat file" 2 import "$peers/flat-l2.faiss" $option 20 -o no.ranki
    says "$option of a flat file: why" err "$option says nothing of \`$peers/flat-l2.faiss\`: it is flat, without a graph"
    gives "$option of flat" 2 build --in "$peers/base.fvecs" --metric l2 --kind flat $option 20 -o no.ranki
    says "$option of flat: why" err "$option is of graphs, and --kind=flat makes none"
done
gives 'inner products that are cosines' 0 import "$peers/flat-dot.faiss" --metric=cosine -o a.ranki
gone 'nothing was made' no.ranki
for pair in 'pq IndexPQ' 'sq IndexScalarQuantizer' 'hnsw-sq IndexHNSWSQ' 'ivf-sq IndexIVFScalarQuantizer' \
    'pre IndexPreTransform' 'lsh IndexLSH' 'binary IndexBinaryFlat' 'panorama IndexHNSWFlatPanorama' \
    'l1 a'; do
    gives "not taken: $pair" 5 import "$peers/no-${pair% *}.faiss" -o no.ranki
    says "not taken: $pair, words" err "cannot be imported: ${pair#* }"
    says "not taken: $pair, code" err 'error[E0625]'
done
head -c 900 "$peers/hnsw-l2.faiss" >cut.faiss
gives 'a part of a file' 5 import cut.faiss -o no.ranki
says 'a part of a file: words' err 'error[E0624]: `cut.faiss` is damaged: it ends too early'
gives 'no index of a library' 5 import "$peers/make.py" -o no.ranki
says 'no index of a library: words' err 'it begins neither as a file of FAISS'

# ---- vectors ----

gives 'build' 0 build --in "$peers/base.fvecs" --metric=l2 -o one.ranki --threads=1
says 'build: words' out 'one.ranki: hnsw, l2: 60 vectors of 6 numbers'
gives 'build: threads' 0 build --in "$peers/base.fvecs" --metric l2 -o two.ranki --threads=2
same 'build: the same bytes' one.ranki two.ranki
RANK_CPU=scalar "$rankc" index build --in "$peers/base.fvecs" --metric l2 -o old.ranki >out 2>err
same 'build: on another processor too' one.ranki old.ranki
gone 'build: nothing is left over' one.ranki.part

# Sums of a few directions with noise, as rounding shows in no whole numbers: enough of them for a graph, and
# long ones for sketches.
mixed() { # mixed ROWS DIM: vectors that are no whole numbers
    perl -e '
        my ($n, $dim) = @ARGV;
        my $seed = 7;
        sub draw { $seed = $seed * 16807 % 2147483647; $seed / 2147483647 - 0.5 }
        my @axes = map { [map { draw() } 1 .. $dim] } 1 .. 6;
        for (1 .. $n) {
            my @by = map { draw() } @axes;
            print pack("l<", $dim);
            for my $k (0 .. $dim - 1) {
                my $sum = draw() / 8;
                $sum += $by[$_] * $axes[$_][$k] for 0 .. $#axes;
                print pack("f<", $sum);
            }
        }' "$@"
}
mixed 5000 20 >short.fvecs
mixed 4096 448 >long.fvecs
for pair in 'short l2' 'short cosine' 'short dot' 'long l2'; do
    set -- --in "${pair% *}.fvecs" --metric "${pair#* }" --m 4
    gives "$pair: build" 0 build "$@" -o one.graph --threads 1
    gives "$pair: inspect" 0 inspect one.graph --format json
    grep -Eq '"links": .*"mean": ([4-9]|1[0-6])[.,].*"graph_from": [0-9]' out
    ok "$pair: there are links, and searches take them"
    case $pair in
    long*) says "$pair: there are sketches" out '"sketches": 524288' ;;
    esac
    for threads in 2 3; do
        gives "$pair: build, $threads threads" 0 build "$@" -o other.graph --threads $threads
        same "$pair: the same bytes, $threads threads" one.graph other.graph
    done
    for level in scalar v3 v4; do
        RANK_CPU=$level "$rankc" --version >/dev/null 2>&1 || continue
        RANK_CPU=$level "$rankc" index build "$@" -o other.graph >out 2>err
        same "$pair: the same bytes, $level" one.graph other.graph
    done
done
rm -f long.fvecs one.graph other.graph
gives 'build: query' 0 query one.ranki --queries "$peers/queries.fvecs" --format=jsonl
agrees 'build: what FAISS finds' "$peers/flat-l2.want" 10
gives 'build: flat' 0 build --in "$peers/base.fvecs" --metric dot --kind flat -o flat.ranki
gives 'build: flat, query' 0 query flat.ranki --queries "$peers/queries.fvecs" --format=jsonl
agrees 'build: flat, what FAISS finds' "$peers/flat-dot.want" 10

vectors f 1,0 0,1 1,1 >v.fvecs
printf 'pear\napple\nfig\n' >v.ids
gives 'ids that are texts' 0 build --in v.fvecs --ids v.ids --metric cosine -o v.ranki
gives 'ids that are texts: query' 0 query v.ranki --vector '[1, 0.25]' -k 9
printf 'rank  id     score\n   1  pear   0.9701425\n   2  fig    0.8574929\n   3  apple  0.24253562\n' >want
same 'ids that are texts: what is printed' want out
gives 'json' 0 query v.ranki --vector 1,0.25 -k 2 --format json
printf '[{"query": 0, "ids": ["pear", "fig"], "scores": [0.9701425, 0.8574929]}]\n' >want
same 'json: what is printed' want out
vectors f 1e30,1e30 -1e30,1e30 >huge.fvecs
for pair in 'dot "inf"' 'l2 "-inf"' 'cosine null'; do
    gives "scores beyond floats: build, ${pair% *}" 0 build --in huge.fvecs --metric "${pair% *}" -o huge.ranki
    gives "scores beyond floats: json, ${pair% *}" 0 query huge.ranki --vector 1e30,3e30 -k 1 --format json
    says "scores beyond floats: json, ${pair% *}, words" out "\"scores\": [${pair#* }]}]"
    gives "scores beyond floats: jsonl, ${pair% *}" 0 query huge.ranki --vector 1e30,3e30 -k 1 --format jsonl
    says "scores beyond floats: jsonl, ${pair% *}, words" out "\"scores\": [${pair#* }]}"
done
gives 'scores beyond floats: text' 0 query huge.ranki --vector 1e30,3e30 -k 1
says 'scores beyond floats: text, words' out '   1   0  missing'
printf '7\n-3\n20\n' >v.ids
gives 'ids that are numbers' 0 build --in v.fvecs --ids v.ids --metric l2 -o v.ranki
gives 'ids that are numbers: inspect' 0 inspect v.ranki
says 'ids that are numbers: words' out 'numbers, -3 .. 20'
gives 'inspect: json' 0 inspect v.ranki --format json
says 'inspect: json, words' out '"vectors": 3, "dim": 2'
says 'inspect: json, ids' out '"ids": {"kind": "numbers", "first": -3, "last": 20}'
gives 'inspect: json is JSON' 0 inspect --verify v.ranki --format json
says 'inspect: verified' out '"verified": true'
printf '7\n-3\n7\n' >v.ids
gives 'an id twice' 4 build --in v.fvecs --ids v.ids --metric l2 -o no.ranki
printf '7\n' >v.ids
gives 'too few ids' 4 build --in v.fvecs --ids v.ids --metric l2 -o no.ranki
says 'too few ids: words' err 'v.ids has 1 id, and v.fvecs has 3 rows'

bad() { # bad WHAT WORDS METRIC ROW...
    what=$1 words=$2 metric=$3
    shift 3
    vectors f "$@" >bad.fvecs
    gives "$what" 4 build --in bad.fvecs --metric "$metric" -o no.ranki
    says "$what: words" err "$words"
}
bad 'a NaN' '`bad.fvecs`: row 1, from 0, has a NaN' l2 1,2 nan,3 4,5
says 'a NaN: what to do' err 'help: leave it out of the file, or find out what made it'
bad 'an infinity' '`bad.fvecs`: row 2, from 0, has an infinity' dot 1,2 1,3 4,inf
bad 'one number' '`bad.fvecs` has vectors of 1 number; an index takes 2 to 4096' l2 1 2
bad 'rows of two lengths' 'row 1, from 0, has 3 numbers, and those before it have 2' l2 1,2 1,2,3
: >bad.fvecs
gives 'no vectors' 4 build --in bad.fvecs --metric l2 -o no.ranki
says 'no vectors: words' err '`bad.fvecs` has no vectors'
printf '\3\0\0\0abc' >bad.fvecs
gives 'half a row' 4 build --in bad.fvecs --metric l2 -o no.ranki
says 'half a row: words' err 'row 0, from 0, is cut off'
gone 'nothing was made of bad vectors' no.ranki

# Of zeros a cosine is 0, whoever made the index.
vectors f 0,0 1,1 -1,0 >zeros.fvecs
printf '{"query": 0, "ids": [1, 0, 2], "scores": [1, 0, -0.70710677]}\n' >want
for kind in flat hnsw; do
    gives "zeros: $kind" 0 build --in zeros.fvecs --metric cosine --kind $kind -o zeros.ranki
    says "zeros: $kind, told" out '1 vector of zeros: cosine 0 with any other'
    gives "zeros: $kind, query" 0 query zeros.ranki --vector 1,1 --format jsonl
    same "zeros: $kind, what is found" want out
    cat >zeros.rank <<END
query { v: vector(2) }
item  { id: int }
source items = fvecs("zeros.fvecs") by item.id { vec: vector(2) }
index made = $kind(vec, metric: "cosine")
index kept = $kind(vec, metric: "cosine", file: "zeros.ranki")
pipeline of_made = nearest(made, query.v, 3)
pipeline of_kept = nearest(kept, query.v, 3)
END
    for of in made kept; do
        "$rankc" run zeros.rank --pipeline of_$of --query 'v=[1, 1]' --format csv >out 2>err
        [ "$(tail -n +2 out | cut -d , -f 3,4 | tr '\n' ' ')" = '1,1 0,0 2,-0.70710677 ' ] && [ ! -s err ]
        ok "zeros: $kind, a program with the index that is $of"
    done
    gives "zeros: $kind, of a program" 0 build zeros.rank made -o a.ranki
    says "zeros: $kind, of a program, told" out '1 vector of zeros'
done
gives 'zeros have distances' 0 build --in zeros.fvecs --metric l2 -o a.ranki
lacks 'zeros have distances: nothing to tell' out zeros
{ head -c -24 "$peers/base.fvecs"; head -c 24 /dev/zero; } >last.fvecs
{ head -c -24 "$peers/flat-dot.faiss"; head -c 24 /dev/zero; } >last.faiss
gives 'zeros: build' 0 build --in last.fvecs --metric cosine --kind flat -o last.ranki
gives 'zeros: import' 0 import last.faiss --metric cosine -o a.ranki
says 'zeros: import, told' out '1 vector of zeros'
cmp last.ranki a.ranki; ok 'zeros: the same index'

# ill WHAT WORDS BYTES: in the place of the last number of a file of FAISS
ill() {
    { head -c -4 "$peers/flat-l2.faiss"; printf "$3"; } >ill.faiss
    gives "import: $1" 4 import ill.faiss -o no.ranki
    says "import: $1, words" err "error[E0527]: \`ill.faiss\`: vector 59, from 0, $2"
}
ill 'a NaN' 'has a NaN' '\0\0\300\177'
ill 'an infinity' 'has an infinity' '\0\0\200\377'
perl -0777 -pe 'substr($_, 82, 4) = "\0\0\300\177"' "$peers/map-flat.faiss" >ill.faiss
gives 'import: a NaN with an id' 4 import ill.faiss -o no.ranki
grep -Eq '`ill.faiss`: vector [0-9]+, from 0, with the id [0-9]+, has a NaN' err
ok 'import: a NaN with an id, words'

# ---- programs ----

printf 'id,vec\nb,"[0, 1]"\na,"[1, 0]"\nc,\nd,"[1, 1]"\n' >items.csv
cat >shop.rank <<'RANK'
query { wish: vector(2)? }
item { id: string }
source items = csv("items.csv", key: "id") by item.id { vec: vector(2)? }
factor turned = normalize(vec)
index by_vec = flat(turned, metric: "l2", file: "by_vec.ranki")
index by_turn = hnsw(vec, metric: "cosine", m: 8)
pipeline near = nearest(by_vec, query.wish, 2)
RANK
gives 'of a program' 0 build shop.rank by_vec -o by_vec.ranki
says 'of a program: words' out 'by_vec.ranki: flat, l2: 3 vectors of 2 numbers'
says 'of a program: what is left out' out '1 row left out: no vector'
gives 'of a program: inspect' 0 inspect by_vec.ranki
says 'of a program: where from' out ', 3 vectors to compare with'
says 'of a program: ids' out 'texts, "a" .. "d"'
gives 'of a program: query' 0 query by_vec.ranki --vector 0,1 -k 1 --format jsonl
says 'of a program: nearest' out '{"query": 0, "ids": ["b"], "scores": [0]}'
command=run
gives 'of a program: run' 0 shop.rank --query 'wish=[0, 2]' --format=csv
says 'of a program: the nearest comes first' out 'b,'
command=index
gives 'of a program: threads' 0 build shop.rank by_vec -o two.ranki --threads=2
same 'of a program: the same bytes' by_vec.ranki two.ranki
gives 'of a program: another index' 0 build shop.rank by_turn -o turn.ranki
says 'of a program: another index, words' out 'hnsw, cosine: 3 vectors of 2 numbers'
gives 'of a program: none of that name' 2 build shop.rank by_vek -o no.ranki
says 'of a program: none of that name, advice' err 'did you mean `by_vec`?'
gives 'of a program: no name' 2 build shop.rank -o no.ranki
gives 'of a program: a metric' 2 build shop.rank by_vec --metric l2 -o no.ranki
says 'of a program: a metric, words' err '--metric is for vectors without a program'
gives 'of vectors: a revision' 2 build --in v.fvecs --metric l2 --revision x -o no.ranki
cat >trial.rank <<'RANK'
import "shop.rank"
revision trial = * - { by_turn }
RANK
gives 'of a revision' 0 build trial.rank by_vec --revision trial -o trial.ranki
same 'of a revision: the same bytes' by_vec.ranki trial.ranki
gives 'of a revision: not in it' 1 build trial.rank by_turn --revision trial -o no.ranki
says 'of a revision: not in it, words' err 'error[E0312]: index `by_turn` is not in revision `trial`'
command=check
gives 'of a program: checked' 0 shop.rank
says 'of a program: checked, words' out ': fine'
mv by_vec.ranki kept.ranki
gives 'of a program: checked without' 5 shop.rank
says 'of a program: checked without, words' err 'error[E0601]'
says 'of a program: checked without, advice' err '= help: `rankc index build shop.rank by_vec -o by_vec.ranki` makes it'
cp turn.ranki by_vec.ranki
gives 'of a program: checked with another' 4 shop.rank
says 'of a program: checked with another, words' err 'error[E0545]'
echo 'no index' >by_vec.ranki
gives 'of a program: checked with nothing' 5 shop.rank
says 'of a program: checked with nothing, words' err 'error[E0620]'
sed 's/turned, metric/vec, metric/' shop.rank >other.rank
cp kept.ranki by_vec.ranki
gives 'of a program: checked with other vectors' 4 other.rank
says 'of a program: checked with other vectors, words' err 'its vectors were made in another way'
command=run
rm by_vec.ranki
gives 'of a program: no file' 5 shop.rank --query 'wish=[0, 2]'
says 'of a program: no file, advice' err '= help: `rankc index build shop.rank by_vec -o by_vec.ranki` makes it'
cp turn.ranki by_vec.ranki
gives 'of a program: another index' 4 shop.rank --query 'wish=[0, 2]'
says 'of a program: another index, advice' err '= help: `rankc index build shop.rank by_vec -o by_vec.ranki` makes it anew'
command=index
mv kept.ranki by_vec.ranki
echo 'nonsense' >bad.rank
gives 'of a bad program' 1 build bad.rank by_vec -o no.ranki

# ---- files ----

gives 'no file' 5 build --in none.npy --metric l2 -o no.ranki
gives 'no folder' 5 build --in v.fvecs --metric l2 -o none/no.ranki
says 'no folder: words' err 'error[E0605]: cannot write `none/no.ranki`'
gives 'no index' 5 inspect v.fvecs
says 'no index: words' err 'error[E0620]: `v.fvecs` is no index'
head -c 9000 one.ranki >cut.ranki
gives 'a part of an index' 5 query cut.ranki --vector 1,2,3,4,5,6
says 'a part of an index: words' err 'error[E0621]'
for at in 6000 $(($(wc -c <one.ranki) - 1)); do # behind the vectors, and at the end
    cp one.ranki gap.ranki
    printf x | dd of=gap.ranki bs=1 seek="$at" conv=notrunc 2>/dev/null
    gives "byte $at, which is of no section" 5 inspect --verify gap.ranki
    says "byte $at: words" err 'error[E0622]: `gap.ranki` is damaged: something stands between its sections'
done

# ---- options ----

gives 'unknown action' 2 index biuld
says 'unknown action: advice' err 'rankc index'
gives 'nothing to write to' 2 build --in v.fvecs --metric l2
says 'nothing to write to: words' err '`rankc index build` needs -o INDEX'
gives 'no metric' 2 build --in v.fvecs -o no.ranki
gives 'unknown metric' 2 build --in v.fvecs --metric euclidean -o no.ranki
gives 'unknown kind of file' 2 build --in v.txt --metric l2 -o no.ranki
gives 'an option of another action' 2 inspect v.ranki --ef 3
says 'an option of another action: words' err '`rankc index inspect` has no option `--ef`'
gives 'm out of range' 2 build --in v.fvecs --metric l2 --m 1 -o no.ranki
says 'm out of range: words' err '--m takes a whole number from 2 to 128, not `1`'
gives 'ef out of range' 2 query v.ranki --vector 1,2 --ef 0
gives 'a vector of another length' 2 query v.ranki --vector 1,2,3
says 'a vector of another length: words' err '--vector has 3 numbers, and the index has vectors of 2'
gives 'a vector and a file of them' 2 query v.ranki --vector 1,2 --queries v.fvecs
says 'a vector and a file of them: words' err '--vector and --queries exclude each other'
gives 'no vector' 2 query v.ranki
says 'no vector: words' err 'needs --vector or --queries'
gives 'a vector of words' 2 query v.ranki --vector 1,x
gives 'queries of another length' 4 query v.ranki --queries "$peers/queries.fvecs"
says 'queries of another length: words' err 'has vectors of 6 numbers, and the index of 2'
gives 'no query' 2 query v.ranki
gives 'k 0' 0 query v.ranki --vector 1,2 -k 0 --format jsonl
says 'k 0: nothing' out '{"query": 0, "ids": [], "scores": []}'
"$rankc" help index build >out
grep -q '^rankc index build ' out && grep -q -e '--in=VECTORS' out && ! grep -q -e --gt out; ok 'help of an action'
gives 'help of an action, asked of it' 0 eval --help
grep -q -e --gt out && ! grep -q -e --in= out; ok 'help of an action: its options alone'
gives 'help' 0 --help
says 'help: actions' out 'eval INDEX --queries VECTORS --gt FILE'

# ---- eval ----

awk '{ gsub(/:[^ ]*/, ""); gsub(/ /, ","); print }' "$peers/flat-l2.want" >truth
vectors i $(cat truth) >gt.ivecs
gives 'eval' 0 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.ivecs --ef 20,60
says 'eval: head' out 'recall@10'
[ "$(awk 'NR > 1 { print $1, $2 }' out | tr '\n' ';')" = '20 1.00000;60 1.00000;' ]
ok 'eval: everything is found'
gives 'eval: jsonl' 0 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.ivecs -k 3 --ef 60 --format jsonl
grep -Eqx '\{"ef": 60, "recall": 1, "qps": [0-9.]+, "way": "scan"\}' out
ok 'eval: a line a point'
gives 'eval: exact, one by one' 0 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.ivecs --exact --batch 1
sed 's/^[0-9]*,/59,/' truth >other
vectors i $(cat other) >other.ivecs
gives 'eval: another truth' 0 eval one.ranki --queries "$peers/queries.fvecs" --gt other.ivecs -k 1 --format jsonl
says 'eval: another truth, nothing of it' out '"recall": 0,'
gives 'eval: too few truths' 4 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.ivecs -k 11
says 'eval: too few truths, words' err '7 rows of 11 or more are needed'
vectors i $(sed 's/^[0-9]*,/60,/' truth) >other.ivecs
gives 'eval: unknown ids' 4 eval one.ranki --queries "$peers/queries.fvecs" --gt other.ivecs
says 'eval: unknown ids, words' err 'row 0, from 0, names the id 60, which the index has not'
gives 'eval: truths of floats' 2 eval one.ranki --queries "$peers/queries.fvecs" --gt "$peers/base.fvecs"
# array CODE TEMPLATE ROW...: rows of numbers with commas between them, as numpy has them in a file
array() {
    perl -e '
        my ($code, $template) = splice @ARGV, 0, 2;
        my @rows = map { [split /,/] } @ARGV;
        my $head = sprintf "{\x27descr\x27: \x27%s\x27, \x27fortran_order\x27: False, \x27shape\x27: (%d, %d), }\n",
            $code, scalar @rows, scalar @{$rows[0]};
        print "\x93NUMPY\1\0", pack("v", length $head), $head, map { pack "$template*", @$_ } @rows' "$@"
}
array '<i8' 'q<' $(cat truth) >gt.npy
gives 'eval: truths of int64' 0 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.npy --format jsonl
says 'eval: truths of int64, all are found' out '"recall": 1,'
array '<i4' 'l<' $(cat truth) >gt.npy
gives 'eval: truths of int32 in an array' 0 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.npy --format jsonl
says 'eval: truths of int32 in an array, all are found' out '"recall": 1,'
for id in -1 4294967296 9223372036854775807; do
    array '<i8' 'q<' $(sed "s/^[0-9]*,/$id,/" truth) >gt.npy
    gives "eval: no id of int64, $id" 4 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.npy
    says "eval: no id of int64, $id, words" err "row 0, from 0, names the id $id, which the index has not"
done
printf '5000000000\n-6000000000\n2\n' >wide.ids
gives 'eval: ids beyond 32 bits' 0 build --in v.fvecs --ids wide.ids --metric l2 -o wide.ranki
array '<i8' 'q<' 5000000000,2 -6000000000,2 2,-6000000000 >gt.npy
gives 'eval: truths beyond 32 bits' 0 eval wide.ranki --queries v.fvecs --gt gt.npy -k 2 --format jsonl
says 'eval: truths beyond 32 bits, all are found' out '"recall": 1,'
array '<u8' 'Q<' $(cat truth) >gt.npy
gives 'eval: truths of uint64' 2 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.npy
says 'eval: truths of uint64, words' err '`gt.npy` has numbers of type <u8; it takes int32 or int64'
array '<f4' 'f<' $(cat truth) >gt.npy
gives 'eval: truths of floats in an array' 2 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.npy
says 'eval: truths of floats in an array, words' err 'has numbers of type float32; it takes int32 or int64'
array '<i8' 'q<' $(cat truth) | head -c 400 >gt.npy
gives 'eval: truths that are cut off' 4 eval one.ranki --queries "$peers/queries.fvecs" --gt gt.npy
says 'eval: truths that are cut off, words' err 'the file was cut off'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
