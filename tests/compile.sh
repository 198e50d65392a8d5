#!/bin/sh
# rankc compile, and who ranks: every engine prints the same bytes, code is kept and found, and what
# cannot be had is said.
set -u
cd "$RANK_SRC" || exit 1
rankc=$RANK_BUILD/rankc
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-compile.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
unset RANK_CPU XDG_CACHE_HOME
export RANKC_CACHE="$dir/cache"
. "$RANK_SRC/tests/tell.sh"

# with NAME=VALUE WHAT STATUS WORDS...: the same with something in the environment
with() {
    setting=$1
    shift
    what=$1 status=$2
    shift 2
    env "$setting" "$rankc" "$@" >"$dir/out" 2>"$dir/err" </dev/null
    code=$?
    [ $code -eq "$status" ] || echo "      status $code, not $status: $(head -n 3 "$dir/err")"
    [ $code -eq "$status" ]
    ok "$what"
}
silent() { # silent WHAT FILE
    [ ! -s "$dir/$2" ]
    ok "$1"
}

shop=$dir/shop.rank
cat >"$shop" <<'END'
query { weight: float = 1.0 }
item { id: int, price: float = 0.0 }
factor twice = price * 2.0 * query.weight
factor odd = price > 1.0
pipeline best = candidates | where(odd) | top(3, by: twice)
pipeline worst = candidates | sort(asc: twice)
END
for i in 1 2 3 4 5 6 7 8 9; do
    printf '{"items": [{"id": 1%d, "price": %d.5}, {"id": 2, "price": 2}, {"id": 33, "price": 1}]}\n' $i $i
done >"$dir/shop.jsonl"
printf 'factor f = g\n' >"$dir/bad.rank"

# ---- words ----
gives 'plan' 0 compile --emit=plan --pipeline best "$shop"
says 'plan: steps' out 'select where'
gives 'plan into a file' 0 compile --emit=plan --pipeline best "$shop" -o "$dir/plan.txt"
silent 'plan into a file: nothing else' out
"$rankc" run --dump=plan --pipeline best "$shop" | cmp -s - "$dir/plan.txt"; ok 'plan: the same as --dump=plan'
cp "$shop" "$dir/itself.rankb"
gives 'never over the program' 2 compile --emit=plan --pipeline best "$shop" -o "$dir/../${dir##*/}/shop.rank"
says 'never over the program' err 'is the program itself'
gives 'nor by its own name' 2 compile --emit=bundle --engine=interp "$dir/itself.rankb"
cmp "$shop" "$dir/itself.rankb"; ok 'the program is as it was'
gives 'no such form' 2 compile --emit=bundel "$shop"
says 'no such form: advice' err 'did you mean `bundle`?'
gives 'no such target' 2 compile --target=x86-64-v5 "$shop"
says 'no such target: advice' err 'did you mean `x86-64-v'
gives 'no such engine' 2 run --engine=jti1 "$shop"
says 'no such engine: advice' err 'did you mean `jit1`?'
gives 'no such option' 2 compile --taget=native "$shop"
says 'no such option: advice' err 'did you mean `--target`?'
gives 'the interpreter is no compiler' 2 compile --engine=interp "$shop"
gives 'which pipeline' 2 compile --emit=plan "$shop"
gives 'a target for a plan' 2 compile --emit=plan --target=native --pipeline best "$shop"
gives 'a file without a form' 2 compile -o "$dir/x" --pipeline best "$shop"
gives 'threads are a number' 2 run --threads=two "$shop"
gives 'a program with errors' 1 compile --emit=plan "$dir/bad.rank"
gives 'no such folder' 5 compile --emit=plan --pipeline best "$shop" -o "$dir/no/plan"
says 'no such folder: why' err 'No such file'
gives 'times without code' 0 compile --emit=plan --time --pipeline best "$shop"
for phase in read parse check optimise lower total; do says "times: $phase" err "$phase"; done

# ---- without the plug-in, or on an old processor ----
with RANKC_LLVM=none 'no plug-in: auto goes on' 0 run --requests "$dir/shop.jsonl" --pipeline best "$shop"
silent 'no plug-in: auto says nothing' err
with RANKC_LLVM=none 'no plug-in: jit2' 5 run --engine=jit2 --pipeline best "$shop"
says 'no plug-in: jit2 says why' err 'error[E0602]: no native code: RANKC_LLVM is none'
with RANKC_LLVM=none 'no plug-in: ir' 5 compile --emit=ir --pipeline best "$shop"
with RANKC_LLVM=none 'no plug-in: bundle' 5 compile --emit=bundle -o "$dir/none.rankb" --pipeline best "$shop"
says 'no plug-in: a bundle without code' err 'help: --engine=interp makes a bundle without code'
with RANKC_LLVM=none 'no plug-in: plan' 0 plan --pipeline best "$shop"
says 'no plug-in: plan says why' out 'interpreter: no native code, since RANKC_LLVM is none'
with RANKC_LLVM="$dir/no.so" 'a plug-in that is not there' 5 run --engine=jit1 --pipeline best "$shop"
says 'a plug-in that is not there: which' err "$dir/no.so"
with RANK_CPU=scalar 'an old processor' 5 run --engine=jit2 --pipeline best "$shop"
says 'an old processor: why' err 'below x86-64-v3'
with RANK_CPU=scalar 'an old processor: auto' 0 run --pipeline best "$shop"
with RANK_CPU=scalar 'an old processor: plan' 0 plan --pipeline best "$shop"
says 'an old processor: plan says why' out 'below x86-64-v3'

"$rankc" compile --no-cache --pipeline best "$shop" >"$dir/out" 2>"$dir/err"
code=$?
if [ $code -eq 5 ]; then
    echo "no native code here: $(cat "$dir/err")"
    echo "$passed passed, $failed failed, 1 skipped"
    [ $failed -eq 0 ]
    exit
fi
[ $code -eq 0 ]; ok 'compile'
entries() { find "$dir/cache" -name '*.rkc' 2>/dev/null | wc -l; }
[ "$(entries)" -eq 0 ]; ok 'nothing is kept with --no-cache'

# ---- forms ----
gives 'ir' 0 compile --emit=ir --pipeline best "$shop"
says 'ir: of LLVM' out 'define '
for level in 3 4; do
    gives "asm v$level" 0 compile --emit=asm --target=x86-64-v$level --pipeline best "$shop"
    says "asm v$level: instructions" out 'vmulps'
    cp "$dir/out" "$dir/v$level.s"
done
grep -q zmm "$dir/v4.s" && ! grep -q zmm "$dir/v3.s"; ok 'asm: wide registers are for v4 alone'
gives 'obj' 0 compile --emit=obj --pipeline best "$shop"
[ "$(head -c 4 "$dir/shop.o" | tail -c 3)" = ELF ]; ok 'obj: beside the program, an ELF file'
gives 'obj -o' 0 compile --emit=obj --pipeline best "$shop" -o "$dir/other.o"
cmp -s "$dir/shop.o" "$dir/other.o"; ok 'obj: the same bytes each time'
gives 'obj to standard output' 0 compile --emit=obj --pipeline best "$shop" -o -
cmp -s "$dir/out" "$dir/other.o"; ok 'obj to standard output: the same bytes'
gives 'times' 0 compile --no-cache --time --pipeline best "$shop"
for phase in read parse check optimise lower ir codegen link total; do says "times: $phase" err "$phase"; done
gives 'plan' 0 plan --pipeline best --format=json "$shop"
says 'plan: the engine' out '"engine": "native'
says 'plan: which is not compiled yet' out ', once it pays to compile"'
gives 'plan: compiled first' 0 plan --pipeline best --engine=jit2 "$shop"
! grep -q 'once it pays' "$dir/out"; ok 'plan: compiled first, the engine'

# ---- every engine prints the same ----
same() { # same WORDS...: `rankc run` on each engine and level, with and without threads
    "$rankc" run --engine=interp "$@" >"$dir/want" 2>&1 </dev/null
    want=$?
    for engine in jit1 jit2 auto; do
        for level in v3 v4; do
            RANK_CPU=$level "$rankc" --version >/dev/null 2>&1 || continue
            for threads in 1 2; do
                RANK_CPU=$level "$rankc" run --engine=$engine --threads=$threads "$@" >"$dir/got" 2>&1 </dev/null
                [ $? -eq $want ] && cmp "$dir/want" "$dir/got"
                ok "run $*: $engine, $level, $threads threads"
            done
        done
    done
}
examples() { # examples COMMAND: for the programs of examples/ and the one above
    "$1" examples/nuts/nuts.rank
    "$1" examples/nuts/nuts.rank --format=jsonl
    "$1" examples/midway/midway.rank --pipeline by_price
    "$1" examples/midway/midway.rank --pipeline by_relevance --query text='red nuts'
    "$1" examples/midway/midway.rank --pipeline by_coolness --format=jsonl --query text='красные орехи'
    "$1" examples/web/web.rank --pipeline web --requests "$dir/web.txt" --format=trec
    "$1" examples/web/web.rank --pipeline baseline --requests "$dir/web.txt" --format=jsonl --top 3
    "$1" "$shop" --pipeline best --requests "$dir/shop.jsonl" --format=csv
    "$1" "$shop" --pipeline worst --query weight=x
}
sh examples/web/make_data.sh >"$dir/web.txt"
examples same
same examples/midway/midway.rank --pipeline by_coolness --show=p_rel,m,mr,title --query text='red nuts'
same examples/web/web.rank --pipeline web --requests "$dir/web.txt" --format=jsonl --show=match,fame,address,honest,directory

# ---- the cache ----
rm -rf "$dir/cache"
gives 'into the cache' 0 compile --pipeline best "$shop"
says 'into the cache: said' out 'now in the cache'
[ "$(entries)" -eq 1 ]; ok 'into the cache: one file'
[ "$(stat -c %a "$dir/cache")" = 700 ]; ok 'the folder is for the user alone'
gives 'from the cache' 0 compile --time --pipeline best "$shop"
says 'from the cache: said' out 'from the cache'
! grep -q codegen "$dir/err"; ok 'from the cache: nothing is compiled'
gives 'plan: from the cache' 0 plan --pipeline best "$shop"
! grep -q 'once it pays' "$dir/out"; ok 'plan: from the cache, the engine'
with RANKC_LLVM=none 'a hit needs no LLVM' 0 run --engine=jit2 --requests "$dir/shop.jsonl" --pipeline best "$shop"
with RANKC_LLVM=none 'another pipeline is another entry' 5 run --engine=jit2 --pipeline worst "$shop"
with RANKC_LLVM=none 'another tier is another entry' 5 run --engine=jit1 --pipeline best "$shop"
with RANKC_LLVM=none 'another constant is another entry' 5 run --engine=jit2 --pipeline best "$shop" -D odd=true
with RANKC_LLVM=none '--no-cache does not look' 5 run --engine=jit2 --no-cache --pipeline best "$shop"
env RANKC_CACHE=none RANKC_LLVM=none "$rankc" run --engine=jit2 --pipeline best "$shop" >/dev/null 2>&1
[ $? -eq 5 ]; ok 'nor does RANKC_CACHE=none'
sed 's/twice/double_price/g' "$shop" >"$dir/names.rank"
with RANKC_LLVM=none 'names do not matter' 0 run --engine=jit2 --pipeline best "$dir/names.rank"
entry=$(find "$dir/cache" -name '*.rkc')
chmod 600 "$entry"
printf 'damage' | dd of="$entry" bs=1 seek=120 conv=notrunc 2>/dev/null
with RANKC_LLVM=none 'a damaged entry is none' 5 run --engine=jit2 --pipeline best "$shop"
gives 'a damaged entry does not matter' 0 run --engine=jit2 --requests "$dir/shop.jsonl" --pipeline best "$shop"
with RANKC_LLVM=none 'a damaged entry is made again' 0 run --engine=jit2 --pipeline best "$shop"
chmod 600 "$entry"
: >"$entry"
gives 'an empty entry' 0 run --engine=jit2 --pipeline best "$shop"
chmod 622 "$entry"
with RANKC_LLVM=none 'an entry that others may write' 5 run --engine=jit2 --pipeline best "$shop"
rm -rf "$dir/cache"
mkdir "$dir/cache"
chmod 777 "$dir/cache"
gives 'a folder that others may write' 0 run --engine=jit2 --pipeline best "$shop"
[ "$(entries)" -eq 0 ]; ok 'a folder that others may write is not used'
with RANKC_CACHE=/dev/null/x 'a folder that cannot be' 0 run --engine=jit2 --pipeline best "$shop"
with RANKC_CACHE=/dev/null/x 'a folder that cannot be: compile' 0 compile --pipeline best "$shop"
says 'a folder that cannot be: said' out 'not kept: its folder cannot be made or opened'
rm -rf "$dir/cache"
"$rankc" run --requests "$dir/shop.jsonl" --pipeline best "$shop" >"$dir/want" 2>&1
for i in 1 2 3 4 5 6; do
    "$rankc" run --engine=jit2 --requests "$dir/shop.jsonl" --pipeline best "$shop" >"$dir/got$i" 2>&1 &
done
wait
for i in 1 2 3 4 5 6; do cmp "$dir/want" "$dir/got$i"; ok "six at once: $i"; done
[ "$(entries)" -eq 1 ]; ok 'six at once: one file'

# ---- auto ----
rm -rf "$dir/cache"
"$rankc" run --requests "$dir/shop.jsonl" --pipeline best "$shop" >/dev/null
[ "$(entries)" -eq 0 ]; ok 'auto: little work is not compiled'
awk 'BEGIN { print "id,price"; for (i = 1; i <= 100000; i++) print i "," i % 977 }' >"$dir/many.csv"
awk 'BEGIN { print "item { id: int }\nsource many = csv(\"many.csv\", key: \"id\") by item.id { price: float = 0.0 }"
    print "factor f0 = price"
    for (i = 1; i <= 40; i++) printf "factor f%d = f%d * 0.5 + log1p(f0 + %d.0)\n", i, i - 1, i
    print "pipeline all = scan(many) | top(3, by: f40)" }' >"$dir/many.rank"
awk 'BEGIN { for (i = 0; i < 60; i++) print "{}" }' >"$dir/many.jsonl"
"$rankc" run --engine=interp --requests "$dir/many.jsonl" "$dir/many.rank" >"$dir/want" 2>&1
gives 'auto: much work' 0 run --requests "$dir/many.jsonl" "$dir/many.rank"
cmp "$dir/want" "$dir/out"; ok 'auto: the same bytes before and after the code comes'
[ "$(entries)" -ge 1 ]; ok 'auto: the code is kept'
with RANKC_LLVM=none 'auto: and found' 0 run --engine=jit2 --requests "$dir/many.jsonl" "$dir/many.rank"
cmp "$dir/want" "$dir/out"; ok 'auto: the same bytes from the cache'

# ---- bundles ----

# bundled PROGRAM SHOWN WORDS...: the bundle prints what the program prints, on each engine, when program
# and data are gone
bundled() {
    program=$1 show=$2
    shift 2
    rm -rf "$dir/there"
    mkdir "$dir/there"
    for part in "${program%/*}"/*.rank "${program%/*}"/*.csv "${program%/*}"/*.txt; do # and models
        [ ! -e "$part" ] || cp "$part" "$dir/there"
    done
    name=$dir/there/${program##*/}
    "$rankc" run --engine=interp ${show:+--show="$show"} "$@" "$name" >"$dir/want" 2>&1 </dev/null
    want=$?
    gives "bundle of $program" 0 compile --emit=bundle ${show:+--show="$show"} "$name" -o "$dir/all.rankb"
    silent "bundle of $program: no words" err
    rm -rf "$dir/there"
    for engine in interp auto jit2; do
        for level in v3 v4; do
            RANK_CPU=$level "$rankc" --version >/dev/null 2>&1 || continue
            env RANKC_LLVM=none RANKC_CACHE=none RANK_CPU=$level "$rankc" run --engine=$engine "$@" "$dir/all.rankb" \
                >"$dir/got" 2>&1 </dev/null
            code=$?
            cmp "$dir/want" "$dir/got" && [ $code -eq $want ]
            ok "bundle of $program, $*: $engine, $level"
        done
    done
}
bundled examples/nuts/nuts.rank ''
bundled examples/nuts/nuts.rank avg_price,rel_price --format=jsonl
bundled examples/midway/midway.rank title --pipeline by_price
bundled examples/midway/midway.rank '' --pipeline by_relevance --query text='red nuts'
bundled examples/midway/midway.rank p_rel,title,p*2 --pipeline by_coolness --query text='красные орехи' --format=csv
bundled examples/midway/midway.rank '' --pipeline by_cool
bundled examples/midway/midway.rank ''
bundled examples/web/web.rank match,fame --pipeline web --requests "$dir/web.txt" --format=jsonl
bundled "$shop" twice,twice+1 --pipeline best --requests "$dir/shop.jsonl"
bundled "$shop" '' --pipeline worst --query weight=x
mkdir "$dir/wrong"
cat >"$dir/wrong/lacks.rank" <<'END'
item { id: int }
source rows = csv("rows.csv", key: "id") by item.id { price: float }
pipeline all = candidates | sort(asc: price)
END
printf 'id,price\n1,2\n2,\n' >"$dir/wrong/rows.csv"
printf '{"items": [{"id": 1}]}\n{"items": [{"id": 2}]}\n' >"$dir/lacks.jsonl"
bundled "$dir/wrong/lacks.rank" '' --requests "$dir/lacks.jsonl"
grep -q 'E0530' "$dir/want"; ok 'bundle: a missing value is told with its place'
printf 'id,price\n1,2\n2,dear\n' >"$dir/wrong/rows.csv"
bundled "$dir/wrong/lacks.rank" '' --requests "$dir/lacks.jsonl"
grep -q 'E0502' "$dir/want"; ok 'bundle: a bad cell is told with its place'
rm "$dir/wrong/rows.csv"
gives 'bundle: no data' 5 compile --emit=bundle "$dir/wrong/lacks.rank"
says 'bundle: no data, which' err 'rows.csv'

cp examples/nuts/nuts.rank examples/nuts/nuts.csv "$dir"
gives 'bundle: beside the program' 0 compile --emit=bundle "$dir/nuts.rank"
gives 'bundle: --show is for compile' 2 run --show=price "$dir/nuts.rankb"
gives 'bundle: -D is for compile' 2 run -D price=1 "$dir/nuts.rankb"
gives 'bundle: --revision is for compile' 2 run --revision=x "$dir/nuts.rankb"
gives 'bundle: a plan' 0 run --dump=plan "$dir/nuts.rankb"
gives 'bundle: no tree' 2 run --dump=ast "$dir/nuts.rankb"
gives 'bundle: tier 1 is made anew' 0 run --engine=jit1 "$dir/nuts.rankb"
with RANKC_LLVM=none 'bundle: without code' 0 compile --emit=bundle --engine=interp "$dir/nuts.rank" -o "$dir/bare.rankb"
with RANKC_LLVM=none 'bundle without code: auto' 0 run "$dir/bare.rankb"
env RANKC_CACHE=none RANKC_LLVM=none "$rankc" run --engine=jit2 "$dir/bare.rankb" >/dev/null 2>&1
[ $? -eq 5 ]; ok 'bundle without code: jit2'
for word in check test fmt plan compile; do
    gives "bundle: not for $word" 2 $word "$dir/nuts.rankb"
    says "bundle: not for $word" err 'is compiled: only `rankc run` and `rankc metrics` take it'
done
"$rankc" run - <"$dir/nuts.rankb" >"$dir/out" 2>"$dir/err"
[ $? -eq 2 ]; ok 'bundle: not from standard input'
says 'bundle: not from standard input' err 'takes one by its name'

# Tensors in a file beside the model travel too.
mkdir "$dir/outside"
cp "$RANK_SRC/tests/models/network-outside.onnx" "$RANK_SRC/tests/models/network-outside.data" "$dir/outside"
printf 'item { id: int, x: vector(4) }\nmodel net = tower("network-outside.onnx")\n%s\n' \
    'pipeline best = candidates | sort(desc: dot(net(x), net(x)))' >"$dir/outside/net.rank"
printf '{"id":1,"query":{},"items":[{"id":7,"x":[1,2,3,4]},{"id":8,"x":[0.5,-1,0,2]}]}\n' >"$dir/outside/items.jsonl"
gives 'bundle: a file beside a model' 0 compile --emit=bundle --engine=interp "$dir/outside/net.rank" -o "$dir/outside.rankb"
gives 'a file beside a model: the program' 0 run --requests "$dir/outside/items.jsonl" "$dir/outside/net.rank"
mv "$dir/out" "$dir/want"
mv "$dir/outside/items.jsonl" "$dir" && rm -r "$dir/outside"
gives 'bundle: a file beside a model is in it' 0 run --requests "$dir/items.jsonl" "$dir/outside.rankb"
cmp -s "$dir/want" "$dir/out"; ok 'bundle: a file beside a model is the same'
gives 'bundle: absent' 5 run "$dir/absent.rankb"
says 'bundle: absent' err 'E0601'
printf 'item { id: int }\n' >"$dir/text.rankb"
gives 'bundle: a text' 5 run "$dir/text.rankb"
says 'bundle: a text' err 'E0610'
cp "$dir/nuts.rankb" "$dir/nuts.bin"
"$rankc" run "$dir/nuts.rankb" >"$dir/want"
"$rankc" run "$dir/nuts.bin" | cmp -s - "$dir/want"; ok 'bundle: by its first bytes'
size=$(wc -c <"$dir/nuts.rankb")

cp "$dir/nuts.rankb" "$dir/newer.rankb"
printf '\002' | dd of="$dir/newer.rankb" bs=1 seek=8 conv=notrunc 2>/dev/null
gives 'bundle: of a newer version' 5 run "$dir/newer.rankb"
says 'bundle: of a newer version' err 'error[E0613]'

# fails_well WHAT: $dir/hurt.rankb gives an error that says so, or the right answer
fails_well() {
    "$rankc" run "$dir/hurt.rankb" >"$dir/out" 2>"$dir/err"
    case $? in
    0) cmp -s "$dir/out" "$dir/want" ;;
    5) grep -q '^error\[E061[0-3]\]' "$dir/err" && [ ! -s "$dir/out" ] ;;
    *) false ;;
    esac
    ok "$1"
}
i=0
while [ $i -lt 40 ]; do
    cp "$dir/nuts.rankb" "$dir/hurt.rankb"
    printf '\245' | dd of="$dir/hurt.rankb" bs=1 seek=$((size * i / 40 + i % 7)) conv=notrunc 2>/dev/null
    fails_well "bundle: damaged at $i of 40"
    head -c $((size * i / 40)) "$dir/nuts.rankb" >"$dir/hurt.rankb"
    "$rankc" run "$dir/hurt.rankb" >/dev/null 2>"$dir/err"
    [ $? -eq 5 ] && grep -q '^error\[E061[01]\]' "$dir/err"
    ok "bundle: cut at $i of 40"
    i=$((i + 1))
done

# ---- shared libraries ----
cat >"$dir/all.rank" <<'END'
query { user: int, text: string?, budget: float = 5.0, w: vector(3)?, hist: list(int) = [], class: bool = true }
item { id: int, price: float = 0.0, n: int?, `new`: bool = false, title: string = "", tags: list(string) = [], vec: vector(2)? }
factor twice = price * 2.0 + query.budget
factor others = n ?? 100
factor words_in = len(words(title)) + len(tags) + sum(query.hist) + len(words(query.text ?? "a b"))
factor far = (sum(vec) ?? -1.0) + (sum(query.w) ?? 0.0) + (if query.class and `new` then 1.0 else 0.0)
pipeline best = candidates | where(price > 1.0) | top(3, by: twice + query.user)
END
cat >"$dir/all.jsonl" <<'END'
{"query": {"user": 7}, "items": [{"id": 1, "price": 1.5}, {"id": 2, "price": 1}, {"id": 3, "price": 4}]}
{"query": {"user": 8, "text": "x y z", "budget": 0.5, "w": [1, 2, 3], "hist": [4, 5], "class": false}, "items": [{"id": 4, "price": 9, "n": 3, "new": true, "title": "a b", "tags": ["p", "q"], "vec": [0.5, 0.25]}, {"id": 5, "price": 8, "new": true, "tags": ["r"]}, {"id": 6, "price": 7.5, "n": 6, "title": "c"}, {"id": 7, "price": 100}]}
{"query": {"user": 9}, "items": []}
END
cat >"$dir/caller.c" <<'END'
#include "all.h"

#include <stdio.h>

static int number;

static int show(const all_request *request)
{
    int64_t ids[8];
    double scores[8], twice[8], others[8], words_in[8], far[8];
    all_ranked ranked = {0};
    ranked.room = 8;
    ranked.ids = ids;
    ranked.scores = scores;
    ranked.twice = twice;
    ranked.others = others;
    ranked.words_in = words_in;
    ranked.far = far;
    const int status = all_rank(request, &ranked);
    if (status != 0)
        printf("%d: %s\n", status, ranked.message);
    for (size_t i = 0; i < ranked.n; i++)
        printf("%d,%zu,%lld,%g,%g,%g,%g,%g\n", number, i + 1, (long long)ids[i], scores[i], twice[i],
               others[i], words_in[i], far[i]);
    number++;
    return status;
}

int main(void)
{
    const int64_t ids[] = {1, 2, 3}, more_ids[] = {4, 5, 6, 7}, n[] = {3, 0, 6, 0}, hist[] = {4, 5};
    const float prices[] = {1.5f, 1, 4}, more_prices[] = {9, 8, 7.5f, 100}, w[] = {1, 2, 3};
    const float vec[] = {0.5f, 0.25f, 0, 0, 0, 0, 0, 0}, budget = 0.5f;
    const bool no = false, fresh[] = {true, true, false, false};
    const char *const titles[] = {"a b", NULL, "c", NULL}, *const tags[] = {"p", "q", "r"};
    const all_slice tags_at[] = {{0, 2}, {2, 1}, {3, 0}, {3, 0}};
    const uint64_t first_and_third = 5, first = 1;
    all_request one = {0}, two = {0}, three = {0};
    one.query.user = 7;
    one.items.n = 3;
    one.items.id = ids;
    one.items.price = prices;
    two.query.user = 8;
    two.query.text = "x y z";
    two.query.budget = &budget;
    two.query.w = w;
    two.query.hist = hist;
    two.query.n_hist = 2;
    two.query.class_ = &no;
    two.items.n = 4;
    two.items.id = more_ids;
    two.items.price = more_prices;
    two.items.n_ = n;
    two.items.n_present = &first_and_third;
    two.items.new_ = fresh;
    two.items.title = titles;
    two.items.tags = tags;
    two.items.n_tags = 3;
    two.items.tags_at = tags_at;
    two.items.vec = vec;
    two.items.vec_present = &first;
    three.query.user = 9;
    for (int i = 0; i < 3; i++, number = 0)
        if (show(&one) || show(&two) || show(&three))
            return 1;
    two.items.tags_at = NULL;
    return show(&two) == 0;
}
END
cat >"$dir/texts.c" <<'END'
#include "coolest.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int rank_nuts(size_t room, char *text, size_t text_room)
{
    const char *ids[8];
    double scores[8];
    coolest_request request = {0};
    coolest_ranked ranked = {0};
    ranked.room = room;
    ranked.ids = ids;
    ranked.text = text;
    ranked.text_room = text_room;
    ranked.scores = scores;
    const int status = coolest_rank(&request, &ranked);
    if (status == 0 && room == 1)
        printf("%s of %zu %d\n", ids[0], ranked.n, scores[0] > 3.7 && scores[0] < 3.8);
    return status;
}

static int is_refused(void)
{
    coolest_request request = {0};
    coolest_ranked ranked = {0};
    return coolest_rank(&request, NULL) == 2 && coolest_rank(NULL, &ranked) == 2 &&
           strstr(ranked.message, "NULL");
}

static void *many(void *wrong)
{
    char text[64];
    for (int i = 0; i < 1000; i++)
        if (rank_nuts(8, text, sizeof text) != 0)
            ++*(int *)wrong;
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    int wrong[4] = {0};
    char text[64];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, many, &wrong[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("%d %d\n", wrong[0] + wrong[1] + wrong[2] + wrong[3], rank_nuts(8, text, 5));
    return rank_nuts(1, text, sizeof text) || !is_refused();
}
END
# Sanitizers want to be in the program from the start; a library by itself cannot bring them.
if ! command -v "${CC:-cc}" >/dev/null || grep -Eq '^RK_CFLAGS = .*(-fsanitize|--coverage)' "$RANK_BUILD/Makefile"; then
    echo 'shared libraries: skipped'
    skipped=$((skipped + 1))
else
    export CPPFLAGS="-I$RANK_SRC" LDFLAGS="-L$RANK_BUILD/.libs" LD_LIBRARY_PATH="$RANK_BUILD/.libs"
    strict='-std=c11 -Wall -Wextra -Werror -pedantic'
    gives 'so' 0 compile --emit=so --show=twice,others,words_in,far "$dir/all.rank"
    silent 'so: no words' err
    silent 'so: nor here' out
    ${CC:-cc} $strict -o "$dir/caller" "$dir/caller.c" -L"$dir" -lall $LDFLAGS -lrank; ok 'so: a C program builds with it'
    "$rankc" run --format=csv --show=twice,others,words_in,far --requests "$dir/all.jsonl" "$dir/all.rank" | tail -n +2 >"$dir/want"
    rm -rf "$dir/cache"
    LD_LIBRARY_PATH="$dir:$LD_LIBRARY_PATH" RANKC_LLVM=none "$dir/caller" >"$dir/got"
    ok 'so: the program runs'
    cat "$dir/want" "$dir/want" "$dir/want" | cmp - "$dir/got" 2>/dev/null || head -n -1 "$dir/got" >"$dir/most"
    cat "$dir/want" "$dir/want" "$dir/want" | diff - "$dir/most"; ok 'so: it ranks as rankc run does'
    tail -n 1 "$dir/got" | grep -q '^[0-9]*: .*tags'; ok 'so: what is wrong is told'
    [ "$(nm -D --defined-only "$dir/liball.so" | grep -c ' T ')" -eq 1 ]; ok 'so: one symbol'
    readelf -d "$dir/liball.so" | grep -q 'NEEDED.*librank\.so'; ok 'so: it needs librank'
    if command -v "${CXX:-c++}" >/dev/null; then
        printf '#include "all.h"\nint main() { all_request r = {}; return r.items.n; }\n' >"$dir/caller.cc"
        ${CXX:-c++} -std=c++17 -Wall -Wextra -Werror -o "$dir/caller++" "$dir/caller.cc"; ok 'so: the header is C++ too'
    fi
    gives 'so -o' 0 compile --emit=so "$dir/nuts.rank" -o "$dir/libcoolest.so"
    ${CC:-cc} $strict -o "$dir/texts" "$dir/texts.c" -L"$dir" -lcoolest $LDFLAGS -lrank -lpthread; ok 'so: ids are texts'
    LD_LIBRARY_PATH="$dir:$LD_LIBRARY_PATH" "$dir/texts" >"$dir/got"; ok 'so: the program of texts runs'
    printf '0 6\nwalnut of 3 1\n' | cmp - "$dir/got"; ok 'so: threads, texts that do not fit, the first alone'
    gives 'so: a name that is none' 2 compile --emit=so "$dir/nuts.rank" -o "$dir/libx-y.so"
    gives 'so: to standard output' 2 compile --emit=so "$dir/nuts.rank" -o -
    says 'so: to standard output, why' err 'a library cannot go to standard output'
    gives 'so: a name of C' 2 compile --emit=so "$dir/nuts.rank" -o "$dir/libint.so"
    gives 'so: a text is no number' 2 compile --emit=so --show=title "$dir/all.rank" -o "$dir/libt.so"
    says 'so: a text is no number, which' err 'title'
    with CC="$dir/no-cc" 'so: no compiler' 5 compile --emit=so "$dir/nuts.rank"
    says 'so: no compiler, why' err 'error[E0603]'
    says 'so: no compiler, in words' err 'no-cc` is not there'
    with CC=false 'so: a compiler that fails' 5 compile --emit=so "$dir/nuts.rank"
    [ ! -e "$dir/libnuts.so" ]; ok 'so: nothing half made is left'
    ! grep -q 'help: librank' "$dir/err"; ok 'so: librank is not to blame'
    for said in 'library.c:1:10: fatal error: runtime/rank_packed.h: No such file or directory' 'ld: cannot find -lrank'; do
        printf '#!/bin/sh\necho "%s" >&2\nexit 1\n' "$said" >"$dir/no-librank"
        chmod +x "$dir/no-librank"
        with CC="$dir/no-librank" 'so: no librank' 5 compile --emit=so "$dir/nuts.rank"
        says 'so: no librank, advice' err '= help: librank must be installed, or CPPFLAGS and LDFLAGS say where it is'
        says 'so: no librank, the words of the compiler' err "$said"
    done
    gives 'so: no such folder' 5 compile --emit=so "$dir/nuts.rank" -o "$dir/no/libnuts.so"
    unset CPPFLAGS LDFLAGS
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
