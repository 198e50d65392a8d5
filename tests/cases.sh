#!/bin/sh
# Runs the case files, tests/cases/*.test, with the runner inside rankc, on each engine, with one thread
# and with two; the runner takes each vector level in turn. Checks that every diagnostic code has a case
# that shows it.
set -u
passed=0 failed=0 skipped=0
cd "$RANK_SRC/tests/cases" || exit 1

replay() { # replay OPTION...: all case files
    for file in *.test; do
        report=$("$RANK_BUILD/rankc" test --cases "$@" "$file" 2>&1 </dev/null)
        last=$(printf '%s\n' "$report" | tail -n 1)
        case $last in
        *' passed, '*' failed'*)
            n=${last%% passed*} bad=${last#*, }
            bad=${bad%% failed*}
            passed=$((passed + n)) failed=$((failed + bad))
            [ "$bad" -eq 0 ] || printf '%s %s:\n%s\n' "$*" "$file" "$report"
            ;;
        *)
            failed=$((failed + 1))
            printf '%s %s: the runner died\n%s\n' "$*" "$file" "$report"
            ;;
        esac
    done
}

replay --engine=interp
replay --engine=interp --threads=2
if "$RANK_BUILD/rankc" compile --no-cache "$RANK_SRC/examples/nuts/nuts.rank" >/dev/null 2>&1; then
    for engine in jit1 jit2; do
        replay --engine=$engine
        replay --engine=$engine --threads=2
    done
else
    skipped=2
fi

for code in $(sed -n 's/^ *RK_DIAG(\([EW][0-9]*\),.*/\1/p' "$RANK_SRC/runtime/base/diag.def"); do
    # Not in a comment, but for the list of those that nothing small can show.
    if grep -hv '^#' *.test | grep -q "\[$code\]" || grep -q "\[$code\]" unreachable.test; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$code: no case in tests/cases shows it"
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
