#!/bin/sh
# What the libraries show and hold: exported names begin with rk_ or rank_; no mutable globals; no
# call that ends the process, jumps over frames or asks the locale. The plug-in shows its table alone.
# One case per library and object.
set -u
cd "$RANK_BUILD" || exit 1
if grep -Eq '^RK_CFLAGS = .*(-fsanitize|--coverage)' Makefile; then
    echo 'instrumented objects have symbols of their own'
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi

passed=0 failed=0
verdict() { # verdict WHAT BAD-NAMES
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: %s\n' "$1" "$(echo $2)"
    fi
}

for library in .libs/librank.so .libs/librankc.so; do
    [ -e $library ] || continue
    verdict "$library exports" "$(nm -D --defined-only $library | awk '{ print $NF }' | grep -Ev '^(rk|rank)_')"
done

plugin=.libs/librankc_llvm.so
if [ -e $plugin ]; then
    shown=$(nm -D --defined-only $plugin | awk '{ print $NF }')
    verdict "$plugin exports" "$([ "$shown" = rk_emitter_llvm ] || echo "not rk_emitter_llvm alone: $shown")"
    verdict "$plugin needs" \
        "$(objdump -p $plugin | awk '$1 == "NEEDED" { print $2 }' | grep -Ev '^(lib(c|m|z|zstd|utf8proc|LLVM[-.0-9]*)|ld-linux-x86-64)\.so')"
fi
for program in rankc .libs/librank.so .libs/librankc.so; do
    [ -e $program ] || continue
    verdict "$program links LLVM" "$(objdump -p $program | grep -E 'NEEDED.*(LLVM|rankc_llvm)')"
done

forbidden='abort|exit|_exit|_Exit|quick_exit|_?setjmp|__sigsetjmp|_?longjmp|siglongjmp'
forbidden="$forbidden|strtod|strtof|strtold|atof|(__isoc99_)?v?f?s?scanf|setlocale|rand|srand|strtok"
# main.c and compiler/cmd are the program: they may exit.
for object in $(find runtime stdlib grammar compiler -name '*.o' -path '*/.libs/*' 2>/dev/null | grep -v '^compiler/cmd/'); do
    # Two things are had once a process: LLVM is made ready, and there is one pool of threads.
    case $object in
    */emit/*machine.o) held='machine_once' ;;
    */base/*pool.o) held='pool|once[.0-9]*' ;;
    *) held=none ;;
    esac
    verdict "$object holds mutable data" "$(objdump -t "$object" | awk -v held="^($held)\$" '
        NF >= 5 && $NF !~ held && ($(NF-2) ~ /^\.(data|bss|tdata|tbss)/ || $(NF-2) == "*COM*") &&
        $(NF-2) !~ /^\.data\.rel\.ro/ && $NF != $(NF-2) { print $NF }')"
    # number.c checks the digits itself and puts the locale's decimal point right.
    case $object in */base/*number.o) allowed='strto[df]' ;; *) allowed=none ;; esac
    verdict "$object calls" \
        "$(nm -u "$object" | awk '{ print $NF }' | grep -Ex "$forbidden" | grep -Evx "$allowed")"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
