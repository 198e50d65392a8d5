#!/bin/sh
# The command line as a whole: exit codes, streams, colours, files that are replaced, help. What programs
# print has its cases in tests/cases.
set -u
cd "$RANK_SRC" || exit 1
rankc=$RANK_BUILD/rankc
unset NO_COLOR CLICOLOR_FORCE RANK_CPU
export RANKC_CACHE=none
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-cli.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
. "$RANK_SRC/tests/tell.sh"

silent() { # silent WHAT FILE
    [ ! -s "$dir/$2" ]
    ok "$1"
}

cat >"$dir/good.rank" <<'END'
item { id: int, price: float = 0 }
query { n: int = 0 }
factor twice = price * 2
factor weight = 1.0
pipeline best = candidates | top(2, by: twice * weight)
test "twice" { given price = 2 expect twice == 4 }
END
cat >"$dir/bad.rank" <<'END'
item { id: int }
factor f = g
END
cat >"$dir/wrong.rank" <<'END'
test "no" { expect 1 == 2 }
END
cat >"$dir/requests.jsonl" <<'END'
{"items": [{"id": 1, "price": 1}, {"id": 2, "price": 2}]}
{"items": [{"id": 3, "price": 1}]}
END

# ---- exit codes, and which stream ----
gives 'check: fine' 0 check "$dir/good.rank"
silent 'check: nothing on stderr' err
says 'check: one line' out '2 factors, 1 pipeline, 1 test: fine'
gives 'check: errors' 1 check "$dir/bad.rank"
silent 'check: errors are not data' out
gives 'check: several files' 1 check "$dir/good.rank" "$dir/bad.rank" "$dir/good.rank"
[ "$(wc -l <"$dir/out")" -eq 2 ]; ok 'check: goes on after a bad file'
gives 'no words' 2
gives 'unknown command' 2 chekc
says 'unknown command: advice' err 'did you mean `rankc check`?'
gives 'unknown option' 2 run --shwo=x "$dir/good.rank"
says 'unknown option: advice' err 'did you mean `--show`?'
gives 'option of another command' 2 check --top=3 "$dir/good.rank"
gives 'option without value' 2 run "$dir/good.rank" --top
gives 'flag with a value' 2 fmt --check=yes "$dir/good.rank"
gives 'bad count' 2 run "$dir/good.rank" --top=-1
gives 'as many items as were asked for' 0 run "$dir/good.rank" --requests "$dir/requests.jsonl" -k 1
gives 'fewer items than were asked for' 4 run "$dir/good.rank" --requests "$dir/requests.jsonl" -k 1000
says 'fewer items: how many, and of which request' err 'fewer than 1000 items: '
perl -e 'print pack("l<f<2", 2, 1, 2) x 3' >"$dir/three.fvecs"
printf '7\n8\n' >"$dir/two.ids"
echo 'item { id: int } source v = fvecs("three.fvecs", ids: "two.ids") by item.id { vec: vector(2) }' >"$dir/few.rank"
gives 'eval: too few ids' 4 eval "$dir/few.rank" 'limit(scan(v), 2)'
[ "$(grep -c E0526 "$dir/err")" -eq 1 ]; ok 'eval: which is told once'
for threads in 0 257 -1 99999999999; do
    gives "$threads threads" 2 run "$dir/good.rank" --threads=$threads
    says "$threads threads: the range" err "--threads takes a whole number from 1 to 256, not \`$threads\`"
done
gives '256 threads' 0 run "$dir/good.rank" --threads=256
gives 'bad time' 2 run "$dir/good.rank" --now=noon
gives 'bad form' 2 run "$dir/good.rank" --format=cvs
says 'bad form: advice' err 'did you mean `csv`?'
gives 'no file' 2 run
gives 'two files' 2 run "$dir/good.rank" "$dir/good.rank"
gives 'failed test' 3 test "$dir/wrong.rank"
says 'failed test: the sum comes last' out '0 passed, 1 failed'
gives 'tests' 0 test "$dir/good.rank"
gives 'tests: filter' 0 test --filter=nothing "$dir/good.rank"
says 'tests: filter leaves none' out '0 passed, 0 failed'
says 'tests: filter leaves none, a note' err 'no test has `nothing` in its title'
gives 'no items' 0 run "$dir/good.rank"
says 'no items: a note' err 'the request sent no items'
echo 'id,price' >"$dir/empty.csv"
cat >"$dir/empty.rank" <<'END'
item { id: int }
source rows = csv("empty.csv", key: "id") by item.id { price: float = 0 }
pipeline all = scan(rows)
END
gives 'an empty source' 0 run "$dir/empty.rank"
silent 'an empty source: the request is not to blame' err
gives 'a field from outside' 2 run "$dir/empty.rank" -D price=1
says 'a field from outside: the reason' err '`price` is a field, and -D sets factors'
gives 'bad data' 4 run "$dir/good.rank" --query n=x
gives 'no such file' 5 run "$dir/nosuch.rank"
gives 'a folder' 5 check "$dir"
gives 'no such requests' 5 run "$dir/good.rank" --requests="$dir/nosuch"
gives 'requests and a query' 2 run "$dir/good.rank" --requests="$dir/requests.jsonl" --query n=1
RANK_CPU=v9 "$rankc" --version >/dev/null 2>&1
[ $? -eq 2 ]; ok 'RANK_CPU names no level'

# ---- forms of options ----
gives 'value in the next word' 0 run "$dir/good.rank" --requests "$dir/requests.jsonl" --top 1 -D weight=-1 --format csv
says 'csv: -D counts' out '0,1,1,-2'
printf 'oops\n{"items": [{"id": 1, "price": 1}]}\n' >"$dir/oops.jsonl"
gives 'a bad first line of a .jsonl' 0 run "$dir/good.rank" --requests "$dir/oops.jsonl" --max-bad-rows 1 --format csv
says 'a bad first line of a .jsonl: it is left out' err '1 of 2 requests left out'
printf 'item { id: int, name: string = "" }\npipeline p = candidates | sort(desc: name)\n' >"$dir/names.rank"
printf '{"items": [{"id": 1, "name": "b"}, {"id": 2, "name": "a"}]}\n' >"$dir/names.jsonl"
gives 'a text as score' 0 run "$dir/names.rank" --requests "$dir/names.jsonl" --format trec
says 'a text as score: minus the rank' out '0 Q0 2 2 -2 rankc'
[ ! -s "$dir/err" ]; ok 'a text as score: nothing to note'
gives 'value in the same word' 0 run --requests="$dir/requests.jsonl" --top=1 -Dweight=3 --format=csv -- "$dir/good.rank"
says 'csv: top' out '0,1,2,12'
[ "$(wc -l <"$dir/out")" -eq 3 ]; ok 'csv: a header and one line a request'
gives 'json diagnostics' 1 check --format=jsonl "$dir/bad.rank"
says 'json diagnostics: code' err '{"code":"E0301"'
for stage in ast dag opt plan; do
    gives "dump $stage" 0 run --dump=$stage "$dir/good.rank"
    [ -s "$dir/out" ]; ok "dump $stage prints"
done
printf 'item { id: int }\n' >"$dir/bare.rank"
gives 'no pipeline: the items sent' 0 run "$dir/bare.rank"
gives 'nothing to rank' 1 run - # stdin is empty
says 'nothing to rank: why' err 'E0313'

# ---- streams ----
[ "$("$rankc" check - <"$dir/good.rank")" = '-: 2 factors, 1 pipeline, 1 test: fine' ]; ok 'a program from stdin'
[ "$("$rankc" run "$dir/good.rank" --requests - --format=csv <"$dir/requests.jsonl" | wc -l)" -eq 4 ]
ok 'requests from stdin'
[ "$(cat "$dir/requests.jsonl" | "$rankc" run "$dir/good.rank" --requests - --format=csv | wc -l)" -eq 4 ]
ok 'requests from a pipe'
[ "$(printf '1 qid:7 1:2 # docid = 5\n' | "$rankc" run "$dir/good.rank" --requests - --format=trec)" = '7 Q0 5 1 0 rankc' ] ||
    printf '1 qid:7 1:2 # docid = 5\n' | "$rankc" run "$dir/good.rank" --requests - --format=trec 2>&1 | grep -q E05
ok 'LETOR from a pipe'
gives 'stdin twice' 2 run - --requests -
mkfifo "$dir/in" "$dir/answers"
cat "$dir/requests.jsonl" >"$dir/in" &
[ "$("$rankc" run "$dir/good.rank" --requests "$dir/in" --format=csv | wc -l)" -eq 4 ]
ok 'requests from a named pipe'
wait
timeout 20 "$rankc" run "$dir/good.rank" --requests - --format=trec <"$dir/in" >"$dir/answers" &
exec 7>"$dir/in" 8<"$dir/answers"
head -n 1 "$dir/requests.jsonl" >&7
read -r answer <&8
[ "$answer" = '0 Q0 2 1 4 rankc' ]; ok 'a request is answered before the next one comes'
exec 7>&-
cat <&8 >/dev/null
exec 8<&-
wait
i=0
while [ $i -lt 12 ]; do cat "$dir/requests.jsonl" "$dir/requests.jsonl" >"$dir/more"; mv "$dir/more" "$dir/requests.jsonl"; i=$((i + 1)); done
{ "$rankc" run "$dir/good.rank" --requests "$dir/requests.jsonl" --format=jsonl 2>"$dir/err"; echo $? >"$dir/code"; } | head -n 1 >/dev/null
[ "$(cat "$dir/code")" -eq 0 ] && [ ! -s "$dir/err" ]; ok 'a reader that goes away ends it quietly'
{ "$rankc" run "$dir/good.rank" --requests "$dir/requests.jsonl" --format=trec; } >"$dir/whole" 2>"$dir/err"
[ "$(tail -n 1 "$dir/whole")" = '8191 Q0 3 1 2 rankc' ] && [ "$(wc -l <"$dir/whole")" -eq 12288 ]
ok 'the last lists are written, too'
{ head -n 2 "$dir/requests.jsonl"; echo oops; head -n 2 "$dir/requests.jsonl"; } >"$dir/oops.jsonl"
"$rankc" run "$dir/good.rank" --requests "$dir/oops.jsonl" --max-bad-rows 1 --format=trec >"$dir/both" 2>&1
sed -n 's/^\([0-9]\) Q0.* 1 [0-9]* rankc$/\1/p; s/.*E0510.*/oops/p' "$dir/both" | tr '\n' ' ' | grep -qx '0 1 oops 2 3 '
ok 'messages stand between the lists'
if command -v strace >/dev/null && strace -qo "$dir/calls" -e trace=write true 2>/dev/null; then
    strace -qo "$dir/calls" -e trace=write "$rankc" run "$dir/good.rank" --requests "$dir/requests.jsonl" --format=trec >/dev/null 2>&1
    [ "$(grep -c "^write(1," "$dir/calls")" -lt 20 ]; ok 'lists are written many at a time'
fi
if [ -w /dev/full ]; then
    "$rankc" run "$dir/good.rank" --requests "$dir/requests.jsonl" >/dev/full 2>"$dir/err"
    [ $? -eq 5 ] && grep -q 'cannot write' "$dir/err"; ok 'a full disk is an error'
fi

# ---- colours ----
escape=$(printf '\033')
"$rankc" check "$dir/bad.rank" 2>"$dir/err"; ! grep -q "$escape" "$dir/err"; ok 'no colours in a file'
CLICOLOR_FORCE=1 "$rankc" check "$dir/bad.rank" 2>"$dir/err"; grep -q "$escape" "$dir/err"; ok 'CLICOLOR_FORCE'
NO_COLOR=1 CLICOLOR_FORCE=1 "$rankc" check "$dir/bad.rank" 2>"$dir/err"; ! grep -q "$escape" "$dir/err"; ok 'NO_COLOR wins'
"$rankc" check --color=always "$dir/bad.rank" 2>"$dir/err"; grep -q "$escape" "$dir/err"; ok '--color=always'
CLICOLOR_FORCE=1 "$rankc" check --color=never "$dir/bad.rank" 2>"$dir/err"; ! grep -q "$escape" "$dir/err"; ok '--color=never'

# ---- fmt ----
printf 'item{id:int}\nfactor   f=1+2 # why\n' >"$dir/ugly.rank"
chmod 640 "$dir/ugly.rank"
ln -s ugly.rank "$dir/link.rank"
gives 'fmt --check: would change' 3 fmt --check "$dir/ugly.rank" "$dir/good.rank"
says 'fmt --check: names it' out ugly.rank
cp "$dir/ugly.rank" "$dir/before"
gives 'fmt' 0 fmt "$dir/link.rank"
! cmp -s "$dir/ugly.rank" "$dir/before"; ok 'fmt: rewritten'
[ -L "$dir/link.rank" ] && [ "$(stat -c %a "$dir/ugly.rank")" = 640 ]; ok 'fmt: link and rights are kept'
grep -q '# why' "$dir/ugly.rank"; ok 'fmt: comments are kept'
gives 'fmt --check: canonical' 0 fmt --check "$dir/ugly.rank"
"$rankc" fmt - <"$dir/before" | cmp -s - "$dir/ugly.rank"; ok 'fmt: stdin to stdout'
printf 'factor f = (\n' >"$dir/broken.rank"
cp "$dir/broken.rank" "$dir/before"
gives 'fmt: a syntax error' 1 fmt "$dir/broken.rank"
cmp -s "$dir/broken.rank" "$dir/before"; ok 'fmt: a broken file stays'
[ "$(find "$dir" -name '*.rank.*' | wc -l)" -eq 0 ]; ok 'fmt: nothing is left behind'

# ---- help, explain, doctor, the manual page ----
gives 'version' 0 --version
gives 'help' 0 --help
gives 'help of all' 0 help
sed -n 's/^  \([a-z][a-z0-9_]*\) .*/\1/p' "$dir/out" | sort -u >"$dir/names"
[ "$(wc -l <"$dir/names")" -gt 80 ]; ok 'help names everything'
# shellcheck disable=SC2046
"$rankc" help $(cat "$dir/names") >/dev/null; ok 'help of each name'
gives 'help of a group' 0 help stages
says 'help of a group: rows' out 'candidates'
gives 'help of a family' 0 help text
says 'help of a family: rows' out 'edit_distance'
gives 'help: a code' 2 help E0202
says 'help: a code, the way' err 'rankc explain E0202'
gives 'help: unknown name' 2 help sigmod
says 'help: advice' err 'did you mean `sigmoid`?'
gives 'explain: list' 0 explain
# shellcheck disable=SC2046
"$rankc" explain $(cut -d ' ' -f 1 "$dir/out") >/dev/null; ok 'explain: each code'
gives 'explain: any case, brackets' 0 explain '[e0301]'
gives 'explain: unknown code' 2 explain E9999
"$rankc" explain E0314 | sed -n 's/^    factor/factor/p' >"$dir/factors"
printf '%s\n' 'query { raw: bool = false }' 'item { id: int }' \
    'source rows = csv("rows.csv", key: "id") by item.id { vec: vector(2) }' \
    'index near = flat(item_vec, metric: "dot")' >"$dir/head"
printf 'id,vec\n1,"[0, 1]"\n' >"$dir/rows.csv"
head -n 1 "$dir/factors" | cat "$dir/head" - >"$dir/plain.rank"
tail -n 1 "$dir/factors" | cat "$dir/head" - >"$dir/asks.rank"
gives 'explain: E0314, what is fine' 0 check "$dir/plain.rank"
gives 'explain: E0314, what is not' 1 check "$dir/asks.rank"
says 'explain: E0314, by its code' err 'error[E0314]'
gives 'doctor' 0 doctor
gives 'doctor: json' 0 doctor --format=json

# ---- what a pipeline needs ----
for want in price:1 relevance:3 coolness:8; do
    "$rankc" plan examples/midway/midway.rank --pipeline "by_${want%:*}" | grep -q "^pipeline by_${want%:*}: ${want#*:} factor"
    ok "plan of midway by ${want%:*}"
done
gives 'plan: json' 0 plan --format=json --pipeline=by_price examples/midway/midway.rank
says 'plan: json count' out '"factors": 1'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
