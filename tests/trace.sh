#!/bin/sh
# rankc run --trace: the table, the events for Perfetto, and that two models of examples/midway run at the
# same time. What a trace must hold to for each step is in tests/unit/test_schedule.c.
set -u
rankc=$(cd "$RANK_BUILD" && pwd)/rankc
examples=$(cd "$RANK_SRC/examples" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. "$RANK_SRC/tests/tell.sh"
command=run
cd "$dir" || exit 1

# ---- a long list, and models of more trees than those of the example ----

mkdir midway
cp "$examples"/midway/*.rank "$examples/midway/m_v2.json" midway
awk 'NR > 1 { sub(/^[^,]*,/, ""); row[++n] = $0 } NR == 1
    END { for (i = 0; i < 30000; i++) print i + 1 "," row[i % n + 1] }' \
    "$examples/midway/products.csv" >midway/products.csv

more_trees() { # more_trees FILE TIMES
    awk -v times="$2" '
        /^tree_sizes=/ { next }
        /^Tree=/ { inside = 1; n++ }
        /^end of trees/ {
            inside = 0
            for (i = 0; i < times * n; i++) printf "Tree=%d%s\n", i, tree[i % n + 1]
        }
        inside && !/^Tree=/ { tree[n] = tree[n] "\n" $0 }
        !inside' "$examples/midway/$1" >"midway/$1"
}
grow() { more_trees m.txt "$1" && more_trees mr.txt "$1"; }

rank_midway() { # rank_midway OPTIONS...: into out and err
    "$rankc" run midway/models.rank --pipeline=by_cool --query text="red nuts" "$@" >out 2>err
}

# ---- events: one a line ----

json() { # json FILE: whether it is JSON, if there is somebody to ask
    command -v python3 >/dev/null 2>&1 || return 0
    python3 -m json.tool "$1" >/dev/null
}

# `pid tid begin end name` of the events of steps, and of requests with tid 0; times in nanoseconds.
intervals() {
    awk '
    function number(key,    s) {
        if (!match($0, "\"" key "\": [0-9.]+")) return -1
        s = substr($0, RSTART, RLENGTH)
        sub(/.*: /, "", s)
        return s
    }
    /"ph": "X"/ {
        name = $0
        sub(/.*"name": "/, "", name)
        sub(/", "cat.*/, "", name)
        begin = number("ts") * 1000
        printf "%d %d %d %d %s\n", number("pid"), name == "request" ? 0 : number("tid"), begin + 0.5,
            begin + number("dur") * 1000 + 0.5, name
    }' "$1"
}

# Events lie within their request, and a thread is at one step at a time.
sound() {
    intervals "$1" | sort -k1,1n -k2,2n -k3,3n | awk '
        $4 < $3 { print "ends before it begins: " $0; bad = 1 }
        $2 == 0 { pid = $1; begin = $3; end = $4; next }
        $1 != pid || $3 < begin || $4 > end { print "not within its request: " $0; bad = 1 }
        $1 == lane && $2 == thread && $3 < until { print "beside another step of its thread: " $0; bad = 1 }
        { lane = $1; thread = $2; until = $4; n++ }
        END { exit bad || !n }'
}

# after FILE A B...: no event named B begins before the last of A has ended, and so on
after() {
    trace=$1
    shift
    while [ $# -ge 2 ]; do
        intervals "$trace" | awk -v a="$1" -v b="$2" '
            { name = $0; sub(/^[0-9]+ [0-9]+ [0-9]+ [0-9]+ /, "", name) }
            index(name, a) == 1 { ends = $4 > ends ? $4 : ends; seen = 1 }
            index(name, b) == 1 { begins = begins == "" || $3 < begins ? $3 : begins }
            END { if (!seen || begins == "" || begins < ends) { print a " and " b; exit 1 } }' || return 1
        shift
    done
}

# Whether an interval of one model and one of another have time in common.
overlap() {
    intervals "$1" | awk '
        / model buy .*\(begin\)$/ || / model fit .*\(begin\)$/ { next }
        / model buy / { b[++n] = $3; e[n] = $4 }
        / model fit / { fb[++m] = $3; fe[m] = $4 }
        END {
            for (i = 1; i <= n; i++)
                for (k = 1; k <= m; k++)
                    if (b[i] < fe[k] && fb[k] < e[i]) exit 0
            exit 1
        }'
}

grow 1
rank_midway && cp out plain
ok 'midway ranks'
for engine in interp jit2; do
    "$rankc" doctor 2>/dev/null | grep -q 'native' || [ $engine = interp ] || continue
    for threads in 1 2 3 4; do
        rank_midway --engine=$engine --threads=$threads --trace=trace.json
        ok "$engine, $threads threads: ranks"
        cmp -s out plain
        ok "$engine, $threads threads: the same list"
        [ ! -s err ]
        ok "$engine, $threads threads: nothing is said"
        json trace.json
        ok "$engine, $threads threads: JSON"
        sound trace.json
        ok "$engine, $threads threads: events lie well"
        after trace.json 'scan products' 'fetch products.price' 'require products.price' 'avg(p) as p_avg' \
            'kernel p_rel' 'model buy of' 'kernel cool' 'top by cool'
        ok "$engine, $threads threads: steps wait for what they read"
        after trace.json 'query text' 'kernel p_rel' 'model fit of' 'kernel cool'
        ok "$engine, $threads threads: models, too"
    done
done

# The machine may be busy with other things: a few tries, each of more work than the last.
found=1
for times in 20 60 200 500; do
    grow $times
    rank_midway --threads=2 --trace=trace.json || break
    sound trace.json || break
    overlap trace.json && found=0 && break
done
[ $found -eq 0 ]
ok 'two models run at the same time'
grep -q '"cat": "model", .*"critical": [a-z]*, "model": "buy", "evaluator": "' trace.json
ok 'a model is told by its name and its evaluator'
grep -q '"name": "thread_name", "args": {"name": "thread 2"}' trace.json
ok 'threads have names'
rank_midway --threads=2 --trace
grep -q '^ *[0-9.]* *[0-9.]*  [12-]* *30,000  . model buy: ' err
ok 'the table has a line for a model'

# ---- the table ----

nuts=$examples/nuts/nuts.rank
gives 'a table' 0 "$nuts" --trace
"$rankc" run "$nuts" | cmp -s - out
ok 'the list is the same'
says 'its head' err 'trace of coolest, request 0: '
says 'its columns' err 'start us  time us  thread  rows    step'
says 'a step' err '* kernel coolness: 4 operations'
says 'what a step makes less of' err ' 3>1  '
says 'the critical path' err '* on the critical path, '
LC_ALL=C grep -q '[^ -~]' err
[ $? -eq 1 ]
ok 'a file gets plain letters'
[ "$(wc -L <err)" -le 100 ]
ok 'at most 100 columns'
"$rankc" run "$nuts" --trace >both 2>&1
head -n 1 both | grep -q '^rank'
ok 'the list comes first'

# ---- several requests, bundles ----

printf '{"id": "first", "query": {"text": "red"}}\n{"query": {"text": "nuts"}}\n' >requests.jsonl
gives 'a table each' 0 "$examples/midway/midway.rank" --pipeline=by_relevance --requests requests.jsonl --trace
says 'a name' err 'trace of by_relevance, request first: '
says 'a number' err 'trace of by_relevance, request 1: '
gives 'a process each' 0 "$examples/midway/midway.rank" --pipeline=by_relevance --requests requests.jsonl \
    --trace=trace.json
json trace.json && sound trace.json && grep -q '"pid": 2, .*"by_relevance, request 1"' trace.json
ok 'processes have names'
printf '' >none.jsonl
gives 'no requests' 0 "$examples/midway/midway.rank" --pipeline=by_relevance --requests none.jsonl --trace=none.json
json none.json && grep -q '^\[' none.json
ok 'no events'
"$rankc" compile --emit=bundle -o nuts.rankb "$nuts" >compiled 2>&1
ok 'a bundle'
gives 'a bundle is traced' 0 nuts.rankb --trace
says 'the same steps' err 'kernel coolness: 4 operations'

# ---- what is refused ----

gives 'an empty name' 2 "$nuts" --trace=
says 'it needs one' err '--trace needs a value: FILE'
gives 'no such folder' 5 "$nuts" --trace=none/trace.json
says 'it cannot be written' err 'cannot write `none/trace.json`: No such file or directory'
gives 'a folder' 5 "$nuts" --trace=midway
gives 'another word is a file' 2 --trace "$nuts" trace.json
command=check
gives 'other commands have no trace' 2 "$nuts" --trace
says 'they say so' err 'has no option `--trace`'

echo "$passed passed, $failed failed"
