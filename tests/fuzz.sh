#!/bin/sh
# Replays the seeds of each fuzz harness, tests/fuzz/seeds/<name> for fuzz_<name>. One case a seed; a
# crash ends its harness and is one failure.
set -u
passed=0 failed=0
for harness in "$RANK_SRC"/tests/fuzz/fuzz_*.c; do
    name=$(basename "$harness" .c)
    report=$("$RANK_BUILD/tests/fuzz/$name" "$RANK_SRC/tests/fuzz/seeds/${name#fuzz_}" 2>&1 </dev/null)
    last=$(printf '%s\n' "$report" | tail -n 1)
    case $last in
    *' passed, '*' failed')
        set -- $last
        passed=$((passed + $1)) failed=$((failed + $3))
        [ "$3" -eq 0 ] || printf '%s\n' "$report"
        ;;
    *)
        failed=$((failed + 1))
        printf '%s died:\n%s\n' "$name" "$report"
        ;;
    esac
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
