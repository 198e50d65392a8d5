#!/bin/sh
# Runs the fuzz harnesses with coverage, AddressSanitizer and UBSan, TIME seconds each, one after the
# other; what they find new is kept in the build folder, a crash stops the run and says its file.
# Needs clang with libFuzzer (Debian: clang-14, libclang-rt-14-dev), or CLANG says which.
# usage: long.sh SOURCE BUILD TIME [HARNESS...]      by make: make fuzz TIME=600 FUZZ='csv letor'
set -eu
src=$1 build=$2 time=$3 clang=${CLANG:-$(command -v clang || command -v clang-14 || echo clang)}
shift 3
work=$build/tests/fuzz/long
mkdir -p "$work/o"

sources=$(ls "$src"/runtime/*/*.c "$src"/stdlib/*.c "$src"/compiler/syntax/*.c "$src"/compiler/dag/*.c \
    "$src"/compiler/sema/*.c "$src"/compiler/opt/*.c "$src"/compiler/lower/*.c \
    "$src"/compiler/driver/*.c "$src"/compiler/emit/link.c "$build"/grammar/*.c)
flags="-std=c11 -D_GNU_SOURCE -DRK_PKGLIBDIR=\"/nowhere\" -g -O2 -ffp-contract=off -fno-fast-math -fwrapv
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -I$src -I$build"
# Harnesses are not covered, and the comparisons of kernels and of searches, all of loops and checks, are
# not noted: that takes a third of the time. Kernels at -O2 take clang minutes, but for products, which
# at -O1 copy their lanes one function call after the other.
cover=-fsanitize=fuzzer-no-link

# Lines of what is newer than its object, or has perhaps a header that is: FILE SUFFIX FLAGS...
header=$(ls -t "$src"/*/*.h "$src"/*/*/*.h "$build"/grammar/*.h 2>/dev/null | head -n 1)
stale() {
    object=$work/o/$(echo "$1$2" | tr / _).o
    { [ "$object" -nt "$1" ] && [ "$object" -nt "$header" ]; } || echo "$object $*"
}
for file in $sources; do
    case $file in
    *_simd.c)
        kernels="-O1 -fno-sanitize-coverage=trace-cmp"
        case $file in */product_simd.c) kernels="-O2 -fno-sanitize-coverage=trace-cmp" ;; esac
        stale "$file" .s0 $kernels -DRK_SIMD=0
        stale "$file" .v3 $kernels -DRK_SIMD=3 -march=x86-64-v3
        stale "$file" .v4 $kernels -DRK_SIMD=4 -march=x86-64-v4
        ;;
    */index/graph_*.c | */index/exact.c | */index/looking.c | */index/score.c | */index/keep.c | */index/bound.c)
        stale "$file" . -fno-sanitize-coverage=trace-cmp
        ;;
    *) stale "$file" . ;;
    esac
done >"$work/stale"
export flags cover clang
xargs -r -P 2 -L 1 sh -c 'o=$0 file=$1; shift 2; exec $clang $flags $cover "$@" -c "$file" -o "$o"' <"$work/stale"
# An archive: a harness has the counters of what it calls, and no others to look through.
[ ! -s "$work/stale" ] || { rm -f "$work/all.a" && ar rcs "$work/all.a" "$work"/o/*.o; }

[ $# -gt 0 ] || set -- csv jsonl letor metric model network ids object request plan code bundle vectors index search import parse program
for name in "$@"; do
    "$clang" $flags -c "$src/tests/fuzz/fuzz_$name.c" -o "$work/fuzz_$name.o"
    "$clang" $flags -fsanitize=fuzzer "$work/fuzz_$name.o" "$work/all.a" -lutf8proc -lm -ldl -lpthread \
        -o "$work/fuzz_$name"
    mkdir -p "$work/corpus_$name"
    dict= most=2000
    [ ! -e "$src/tests/fuzz/$name.dict" ] || dict=-dict=$src/tests/fuzz/$name.dict
    case $name in
    program) dict=-dict=$src/tests/fuzz/parse.dict ;;
    model | network | import | index) most=6000 ;;
    search) most=60 ;;
    esac
    # An entropic schedule takes twice the time, and so many runs of it cover no more.
    echo "fuzz_$name: $time s"
    (cd "$work" && ASAN_OPTIONS=malloc_context_size=4:quarantine_size_mb=16 \
        "./fuzz_$name" $dict -max_total_time="$time" -max_len=$most -timeout=100 \
        -rss_limit_mb=4000 -entropic=0 -print_funcs=0 -print_final_stats=1 \
        "corpus_$name" "$src/tests/fuzz/seeds/$name" \
        >"fuzz_$name.log" 2>&1) || { tail -n 40 "$work/fuzz_$name.log"; exit 1; }
    grep -E 'number_of_executed_units|^#.*(DONE|pulse)' "$work/fuzz_$name.log" | tail -n 2
done
