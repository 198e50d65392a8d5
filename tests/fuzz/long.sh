#!/bin/sh
# Runs the fuzz harnesses with coverage, AddressSanitizer and UBSan, TIME seconds each, one after the
# other; what they find new is kept in the build folder, a crash stops the run and says its file.
# Needs clang with libFuzzer (Debian: clang, libclang-rt-14-dev).
# usage: long.sh SOURCE BUILD TIME [HARNESS...]      by make: make fuzz TIME=600 FUZZ='csv letor'
set -eu
src=$1 build=$2 time=$3
shift 3
work=$build/tests/fuzz/long
mkdir -p "$work/o"

sources=$(ls "$src"/runtime/*/*.c "$src"/stdlib/*.c "$src"/compiler/syntax/*.c "$src"/compiler/dag/*.c \
    "$src"/compiler/sema/*.c "$src"/compiler/opt/*.c "$src"/compiler/lower/*.c \
    "$src"/compiler/driver/*.c "$src"/compiler/emit/link.c "$build"/grammar/*.c)
flags="-std=c11 -D_GNU_SOURCE -DRK_PKGLIBDIR=\"/nowhere\" -g -O1 -ffp-contract=off -fno-fast-math -fwrapv
    -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -I$src -I$build"

compile() { # compile FILE SUFFIX FLAGS...
    object=$work/o/$(echo "$1$2" | tr / _).o
    file=$1
    shift 2
    [ "$object" -nt "$file" ] || clang $flags "$@" -c "$file" -o "$object"
}
for file in $sources; do
    case $file in
    *_simd.c)
        compile "$file" .s0 -DRK_SIMD=0
        compile "$file" .v3 -DRK_SIMD=3 -march=x86-64-v3
        compile "$file" .v4 -DRK_SIMD=4 -march=x86-64-v4
        ;;
    *) compile "$file" '' ;;
    esac
done

[ $# -gt 0 ] || set -- csv jsonl letor metric model object request plan code bundle vectors parse program
for name in "$@"; do
    clang $flags -fsanitize=fuzzer "$src/tests/fuzz/fuzz_$name.c" "$work"/o/*.o -lutf8proc -lm \
        -o "$work/fuzz_$name"
    mkdir -p "$work/corpus_$name"
    dict= most=2000
    case $name in
    parse | program) dict=-dict=$src/tests/fuzz/parse.dict ;;
    model) dict=-dict=$src/tests/fuzz/model.dict most=6000 ;;
    vectors) dict=-dict=$src/tests/fuzz/vectors.dict ;;
    esac
    echo "fuzz_$name: $time s"
    (cd "$work" && "./fuzz_$name" $dict -max_total_time="$time" -max_len=$most -timeout=25 \
        -rss_limit_mb=4000 -print_final_stats=1 "corpus_$name" "$src/tests/fuzz/seeds/$name" \
        >"fuzz_$name.log" 2>&1) || { tail -n 40 "$work/fuzz_$name.log"; exit 1; }
    grep -E 'number_of_executed_units|^#.*(DONE|pulse)' "$work/fuzz_$name.log" | tail -n 2
done
