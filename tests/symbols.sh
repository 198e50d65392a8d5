#!/bin/sh
# What the libraries show and hold: exported names begin with rk_ or rank_; no mutable globals; no
# call that ends the process, jumps over frames or asks the locale. One case per library and object.
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

forbidden='abort|exit|_exit|_Exit|quick_exit|_?setjmp|__sigsetjmp|_?longjmp|siglongjmp'
forbidden="$forbidden|strtod|strtof|strtold|atof|(__isoc99_)?v?f?s?scanf|setlocale|rand|srand|strtok"
# main.c and compiler/cmd are the program: they may exit.
for object in $(find runtime stdlib grammar compiler -name '*.o' -path '*/.libs/*' 2>/dev/null | grep -v '^compiler/cmd/'); do
    verdict "$object holds mutable data" "$(objdump -t "$object" | awk '
        NF >= 5 && ($(NF-2) ~ /^\.(data|bss|tdata|tbss)/ || $(NF-2) == "*COM*") &&
        $(NF-2) !~ /^\.data\.rel\.ro/ && $NF != $(NF-2) { print $NF }')"
    # number.c checks the digits itself and puts the locale's decimal point right.
    case $object in */base/*number.o) allowed='strto[df]' ;; *) allowed=none ;; esac
    verdict "$object calls" \
        "$(nm -u "$object" | awk '{ print $NF }' | grep -Ex "$forbidden" | grep -Evx "$allowed")"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
