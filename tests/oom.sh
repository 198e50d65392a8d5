#!/bin/sh
# Lets each allocation of a command fail in turn. The command must end with `a limit was hit` (6), or,
# when it could do without that memory, with the result of an undisturbed run. One case an allocation.
set -u
cd "$RANK_BUILD" || exit 1
library=$RANK_BUILD/tests/.libs/oom.so
if grep -Eq '^RK_CFLAGS = .*(-fsanitize|--coverage)' Makefile || [ ! -e "$library" ]; then
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
input=/dev/null
passed=0 failed=0

disturbed() { # disturbed NUMBER ARGUMENT...: its exit code; what it says goes to $work/out
    at=$1
    shift
    LD_PRELOAD=$library RANK_OOM_AT=$at RANK_OOM_COUNT=$work/count ./rankc "$@" >"$work/out" 2>"$work/err" <"$input"
}

exhaust() { # exhaust ARGUMENT...
    disturbed 0 "$@"
    fine=$?
    if [ $fine -ne 0 ]; then
        failed=$((failed + 1))
        echo "rankc $*: exit $fine undisturbed"
        return
    fi
    total=$(cat "$work/count")
    cp "$work/out" "$work/fine"
    at=1
    while [ "$at" -le "$total" ]; do
        disturbed $at "$@"
        code=$?
        if [ $code -eq 6 ] || { [ $code -eq 0 ] && cmp -s "$work/out" "$work/fine"; }; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "rankc $*: allocation $at of $total fails: exit $code"
            head -n 3 "$work/err"
        fi
        at=$((at + 1))
    done
}

nuts=$RANK_SRC/examples/nuts/nuts.rank
exhaust check "$nuts"
exhaust run "$nuts"
exhaust test "$nuts"
exhaust plan --engine=interp "$nuts"
exhaust plan --engine=interp --format=json "$nuts"
exhaust run --format=jsonl --show coolness "$nuts"
exhaust graph "$nuts"
exhaust graph --format=json "$nuts"
exhaust eval 'given price = [1, 2]' 'factor f = price / avg(price)' f "$nuts"
exhaust eval --format=json coolest "$nuts"
peers=$RANK_SRC/tests/models/indexes
exhaust index import "$peers/map2-hnsw.faiss" -o "$work/i.ranki"
exhaust index import --metric=l2 "$peers/hnswlib-deleted.hnswlib" -o "$work/i.ranki"
exhaust index build --threads=1 --metric=cosine --in "$peers/base.fvecs" -o "$work/i.ranki"
exhaust index query "$work/i.ranki" --queries "$peers/queries.fvecs" --format=jsonl
exhaust index inspect --verify "$work/i.ranki"
cat >"$work/typed" <<'END'
factor f = price / avg(price)
f
:list
:deps f
:type f + 1
:help zscore
coolest
:dump plan f
END
input=$work/typed
exhaust repl "$nuts"
input=/dev/null
exhaust help sigmoid
exhaust explain E0202
exhaust fmt --check "$nuts"
metrics=$RANK_SRC/tests/metrics
exhaust metrics --labels="$metrics/labels.qrels" --compare="$metrics/b.trec" --metric=map,auc "$metrics/a.trec"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
