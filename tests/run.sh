#!/bin/sh
# Runs tests and adds up their last lines, `N passed, N failed[, N skipped]`. Called by `make check`:
#
#     tests/run.sh SOURCE_FOLDER BUILD_FOLDER TEST...
#
# A test is a program of the build folder or a script of the source folder. It runs in the build
# folder with RANK_SRC and RANK_BUILD set to absolute paths. RANK_TESTS="parse sum" runs those whose
# path contains a word of the list; RANK_JOBS sets how many run at once. What a test says goes to
# tests/log/NAME.log; a failure shows its end. A test that crashes, exits non-zero with nothing
# failed, or ends without the line counts as one failure.
set -u

if [ "$1" = --one ]; then
    name=$(basename "$2")
    log=tests/log/$name.log
    if [ -x "$2" ] && [ ! -e "$RANK_SRC/$2" ]; then test=$2; else test=$RANK_SRC/$2; fi
    timeout -k 10 "${RANK_TIMEOUT:-900}" "$test" >"$log" 2>&1 </dev/null
    code=$?
    last=$(tail -n 1 "$log")
    if ! printf '%s\n' "$last" | grep -Eqx '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?'; then
        last='0 passed, 1 failed'
        echo "$name: ended with code $code and no count" >>"$log"
    elif [ $code -ne 0 ] && printf '%s\n' "$last" | grep -q ' 0 failed'; then
        last=$(printf '%s\n' "$last" | sed 's/ 0 failed/ 1 failed/')
        echo "$name: ended with code $code" >>"$log"
    fi
    echo "$last" >"tests/log/$name.count"
    if printf '%s\n' "$last" | grep -q ' 0 failed'; then
        printf 'ok    %s: %s\n' "$name" "$last"
    else
        printf 'FAIL  %s: %s\n%s\n' "$name" "$last" "$(tail -n 40 "$log" | sed 's/^/      /')"
    fi
    exit 0
fi

RANK_SRC=$(cd "$1" && pwd)
cd "$2" || exit 1
RANK_BUILD=$(pwd)
export RANK_SRC RANK_BUILD
# Programs of tests do not stand where rankc would find the plug-in of this build.
: "${RANKC_LLVM=$RANK_BUILD/.libs/librankc_llvm.so}"
export RANKC_LLVM
# Nor do tests fill the cache of whoever runs them.
: "${RANKC_CACHE=none}"
export RANKC_CACHE
# A test's own minute is for one that hangs: with others on the machine it can be five seconds' work.
: "${CK_TIMEOUT_MULTIPLIER=10}"
export CK_TIMEOUT_MULTIPLIER
shift 2
rm -rf tests/log tests/summary
mkdir -p tests/log

chosen() {
    [ -z "${RANK_TESTS:-}" ] && return 0
    for word in $RANK_TESTS; do
        case $1 in *"$word"*) return 0 ;; esac
    done
    return 1
}

for test in "$@"; do
    if chosen "$test"; then printf '%s\0' "$test"; fi
done | xargs -0 -r -n 1 -P "${RANK_JOBS:-$(nproc 2>/dev/null || echo 1)}" sh "$RANK_SRC/tests/run.sh" --one

cat tests/log/*.count 2>/dev/null | tr -d , | awk '
    { passed += $1; failed += $3; skipped += $5 }
    END {
        printf "%d passed, %d failed", passed, failed
        if (skipped) printf ", %d skipped", skipped
        print ""
    }' >tests/summary
cat tests/summary
grep -q '^[1-9][0-9]* passed, 0 failed' tests/summary
