#!/bin/sh
# Runs the case files, tests/cases/*.test, with the runner inside rankc, and checks that every
# diagnostic code has a case that shows it.
set -u
passed=0 failed=0 skipped=0
cd "$RANK_SRC/tests/cases" || exit 1
for file in *.test; do
    report=$("$RANK_BUILD/rankc" test --cases "$file" 2>&1 </dev/null)
    last=$(printf '%s\n' "$report" | tail -n 1)
    case $last in
    *' passed, '*' failed'*)
        set -- $(echo "$last" | tr -d ,)
        passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0}))
        [ "$3" -eq 0 ] || printf '%s:\n%s\n' "$file" "$report"
        ;;
    *)
        failed=$((failed + 1))
        printf '%s: the runner died\n%s\n' "$file" "$report"
        ;;
    esac
done

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
