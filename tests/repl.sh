#!/bin/sh
# rankc repl and eval without a terminal: what they print, what they refuse, and what they cost. The
# terminal has tests/repl_tty.sh.
set -u
cd "$RANK_SRC" || exit 1
rankc=$RANK_BUILD/rankc
unset NO_COLOR CLICOLOR_FORCE RANK_CPU
export RANKC_CACHE=none LC_ALL=C
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-repl.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
export HOME="$dir" XDG_STATE_HOME="$dir/state"
. "$RANK_SRC/tests/tell.sh"
tab=$(printf '\t')

# gives WHAT STATUS WORDS...: rankc over standard input; output and errors are left in out and err
gives() {
    what=$1 status=$2
    shift 2
    "$rankc" "$@" >"$dir/out" 2>"$dir/err"
    code=$?
    [ $code -eq "$status" ] || echo "      status $code, not $status: $(head -n 3 "$dir/err")"
    [ $code -eq "$status" ]
    ok "$what"
}
# prints WHAT <TEXT: this is what came out last
prints() {
    cat >"$dir/wanted"
    cmp -s "$dir/wanted" "$dir/out" || diff "$dir/wanted" "$dir/out" | sed 's/^/      /'
    cmp -s "$dir/wanted" "$dir/out"
    ok "$1"
}
silent() { # silent WHAT FILE
    [ ! -s "$dir/$2" ]
    ok "$1"
}

nuts=examples/nuts/nuts.rank

# ---- answers ----
echo 'avg([1,2,3])' | gives 'no file at all' 0 repl
prints 'one value' <<'END'
2  # float?, constant
END
silent 'nothing else is said' err
gives 'values of all kinds' 0 repl $nuts <<'END'
avg_price
price
price > 11
if price > 11 then id else missing
words("a b")
if price > 11 then [1, 2] else []
split(id, "a")[0]
"a\nb"
-inf
1.0 / 0 - 1.0 / 0
scan(nuts) | top(2, by: price)
scan(nuts)
END
prints 'values of all kinds' <<END
12.333333  # float, query scope
hazelnut${tab}10
pistachio${tab}15
walnut${tab}12
# float, item scope: 3 items, min 10, avg 12.333333, max 15
hazelnut${tab}false
pistachio${tab}true
walnut${tab}true
# bool, item scope: 3 items, 2 true
hazelnut${tab}missing
pistachio${tab}"pistachio"
walnut${tab}"walnut"
# string?, item scope: 3 items, 2 different, 1 missing
["a", "b"]  # list(string), constant
hazelnut${tab}[]
pistachio${tab}[1, 2]
walnut${tab}[1, 2]
# list(int), item scope: 3 items, 0 to 2 elements
hazelnut${tab}"h"
pistachio${tab}"pist"
walnut${tab}"w"
# string?, item scope: 3 items, 3 different
"a\nb"  # string, constant
-inf  # float, constant
missing  # float, constant
1${tab}pistachio${tab}15
2${tab}walnut${tab}12
# ranked list: 2 items
1${tab}hazelnut
2${tab}pistachio
3${tab}walnut
# ranked list: 3 items
END
gives 'declarations' 0 repl $nuts <<'END'
## What two of them cost.
factor twice = price * 2
def half(x) = x / 2
avg(half(twice))
factor twice = price * 3
avg(half(twice))
given price = [1, 2, 3, 4]
sum(twice)
expect avg(price) ~ 2.5
# a comment, and an empty line

pipeline two = scan(nuts) | limit(2)
END
prints 'declarations' <<'END'
# factor twice: float, item scope
# def half
12.333333  # float, query scope
# factor twice: float, item scope, replaced
18.5  # float, query scope
# source field price: float, item scope
30  # float, query scope
# holds
# pipeline two
END
gives 'given without any data' 0 repl <<'END'
given price = [10, 15, 12]
price / avg(price)
END
says 'given without any data: values' out "2${tab}1.2162162"

# ---- requests, and what is expected of them ----
cat >"$dir/named.rank" <<'END'
item { id: int, x: float }
pipeline best = candidates | top(9, by: x)
END
printf '%s\n' '{"id": "red nuts", "items": [{"id": 1, "x": 1}]}' '{"id": 7, "items": []}' >"$dir/named.jsonl"
gives 'a request by number' 1 repl --requests "$dir/named.jsonl" "$dir/named.rank" <<END
:request 2
:requests $dir/nope.jsonl
:reload
:requests $dir/named.jsonl
END
prints 'requests by number and name' <<END
# 0 items: request 2 (7) of $dir/named.jsonl, pipeline best
# 0 items: request 2 (7) of $dir/named.jsonl, pipeline best
# 1 item: request 1 (red nuts) of $dir/named.jsonl, pipeline best
END
echo 'expect x > 0.0' | gives 'expect reads no data' 1 repl --requests "$dir/named.jsonl" "$dir/named.rank"
says 'expect without data: what was typed' err '1 | expect x > 0.0'
says 'expect without data: advice' err 'help: `expect` reads no data; `all('

# ---- inputs ----
printf 'avg(\nprice\n)\nfactor f =\n  price\n  + 1\nsum(f)\nscan(nuts)\n  | limit(1)\n1\r\n:type f\r\n2' |
    gives 'inputs of several lines' 0 repl $nuts
prints 'inputs of several lines' <<END
12.333333  # float, query scope
# factor f: float, item scope
40  # float, query scope
1${tab}hazelnut
# ranked list: 1 item
1  # int, constant
float, item scope
2  # int, constant
END
sed 's/nuts.csv/examples\/nuts\/nuts.csv/; /^test/,$d' $nuts | gives 'a whole program' 0 repl
says 'a whole program' out '# pipeline coolest'
printf '    1 +\n    2\n    3\n' | gives 'lines that are all indented' 0 repl
prints 'lines that are all indented' <<'END'
3  # int, constant
3  # int, constant
END
gives 'an input that fails' 1 repl <<'END'
1 +* 2
3
END
prints 'an input that fails: the next one runs' <<'END'
3  # int, constant
END
says 'an input that fails: where' err '1 | 1 +* 2'
says 'an input that fails: a caret' err '^'
echo 'expect 1 == 2' | gives 'an expectation that fails' 1 repl
says 'an expectation that fails' err 'expected 2, found 1'
"$rankc" repl </dev/null >"$dir/out" 2>&1 && [ ! -s "$dir/out" ]; ok 'nothing in, nothing out'
"$rankc" repl <&- >"$dir/out" 2>&1; [ $? -le 1 ]; ok 'no standard input'
echo 1 | "$rankc" repl >/dev/full 2>"$dir/err"; [ $? -ne 0 ]; ok 'a full disk under the output'
yes 1 | "$rankc" repl | head -n 1 >/dev/null; ok 'a reader that goes away'

# ---- what is wrong ----
printf '"abc\n1\n' | gives 'an unfinished string' 1 repl
says 'an unfinished string' err 'E0104'
says 'an unfinished string: the next line counts' out '1  # int'
printf '(1 + [2\n' | gives 'brackets that stay open' 1 repl
printf 'fac\0tor \001 \033[2J\n\377\376\n:fo\0o\n' | gives 'bytes that are no text' 1 repl
grep -q "$(printf '\033')" "$dir/err"; [ $? -ne 0 ]; ok 'bytes that are no text do not reach the terminal'
for long in 'len("%s")' '%s' '"%s' ':%s' ':load %s' '(((%s' '# %s'; do
    awk -v form="$long" 'BEGIN { for (s = "x"; length(s) < 1048576;) s = s s; printf form "\n1\n", s }' |
        "$rankc" repl >"$dir/out" 2>"$dir/err"
    code=$?
    [ $code -le 1 ]; ok "a line of a megabyte: $long"
done
awk 'BEGIN { while (i++ < 5000) print "(" }' | gives 'lines that never close' 1 repl
printf ':foo\n:lisst\n:re\n:\n:load\n:quit now\n:type\n' | gives 'unknown commands' 1 repl
says 'unknown commands: advice' err 'did you mean `:list`?'
says 'unknown commands: a beginning of several' err '`:re` may be :reload :revision :request :requests :reset'
says 'unknown commands: what is needed' err ':load needs FILE'
says 'unknown commands: what is too much' err ':quit takes nothing more'
gives 'no such file' 5 repl "$dir/nosuch.rank" </dev/null
echo 'factor f = g' >"$dir/bad.rank"
echo 1 | gives 'a file with errors' 1 repl "$dir/bad.rank"
silent 'a file with errors: nothing is run' out
if "$rankc" compile --emit=bundle -o "$dir/nuts.rankb" $nuts >/dev/null 2>&1; then # it needs the plug-in
    gives 'a bundle' 2 repl "$dir/nuts.rankb" </dev/null
    says 'a bundle: it is said' err 'is compiled'
    gives 'eval: a bundle' 2 eval 1 "$dir/nuts.rankb"
fi
gives 'standard input twice' 2 repl - </dev/null
gives 'requests from standard input' 2 repl --requests - </dev/null

# ---- commands ----
gives 'looking' 0 repl $nuts <<'END'
:list
:list fac
:list fields
:deps coolness
:users price
:users coolest
:show coolest
:show price
:type rating ?? 0
:type coolest
END
prints 'looking' <<END
id${tab}item field${tab}string${tab}item
nuts${tab}source
price${tab}source field${tab}float${tab}item
rating${tab}source field${tab}float${tab}item
weight${tab}source field${tab}float${tab}item
avg_price${tab}factor${tab}float${tab}query
rel_price${tab}factor${tab}float${tab}item
coolness${tab}factor${tab}float${tab}item
coolest${tab}pipeline
avg_price${tab}factor${tab}float${tab}query
rel_price${tab}factor${tab}float${tab}item
coolness${tab}factor${tab}float${tab}item
id${tab}item field${tab}string${tab}item
price${tab}source field${tab}float${tab}item
rating${tab}source field${tab}float${tab}item
weight${tab}source field${tab}float${tab}item
rating${tab}source field${tab}float${tab}item
weight${tab}source field${tab}float${tab}item
rel_price${tab}factor${tab}float${tab}item
# and through these: id, nuts, price, avg_price
avg_price${tab}factor${tab}float${tab}query
rel_price${tab}factor${tab}float${tab}item
# and through these: coolness, coolest
# nothing needs it
pipeline coolest = scan(nuts) | top(10, by: coolness)
price  : float
float, item scope
ranked list
END
printf ':show nosuch\n:deps pric\n:users sigmoid\n:list nosuch\n:type nosuch\n' | gives 'looking for what is not there' 1 repl $nuts
says 'looking: advice' err 'did you mean `price`?'
says 'looking: the language' err ':help sigmoid tells about it'
gives 'help' 0 repl $nuts <<'END'
:help
:help sigmoid
:help avg_price
:help :load
:help stages
END
says 'help: commands' out ':save! FILE'
says 'help: a function' out 'sigmoid(x: float) -> float'
says 'help: its example' out 'sigmoid(0) => 0.5'
says 'help: a factor' out 'factor avg_price: float, query scope'
says 'help: its doc' out 'Mean price of the nuts that are ranked.'
says 'help: a command' out 'add a program'
says 'help: a group' out 'limit       Lets through the first k items'
echo ':help sigmod' | gives 'help: unknown' 1 repl
says 'help: advice' err 'did you mean `sigmoid`?'
for stage in ast dag opt plan; do
    echo ":dump $stage price + 1" | gives "dump $stage" 0 repl $nuts
    [ -s "$dir/out" ]; ok "dump $stage prints"
    echo ":dump $stage" | gives "dump $stage of the pipeline" 0 repl $nuts
done
if [ -e "$RANK_BUILD/.libs/librankc_llvm.so" ] && "$rankc" compile --emit=ir $nuts >/dev/null 2>&1; then
    printf ':dump ir price + 1\n:dump asm\n' | gives 'dump ir, asm' 0 repl $nuts
    says 'dump ir' out 'define '
fi
echo ':dump irr' | gives 'dump: unknown' 1 repl $nuts
printf ':plan\n:plan price * 2\n' | gives 'plan' 0 repl $nuts
says 'plan: the pipeline' out 'top by coolness'
printf ':engine\n:engine interp\n:engine\nprice\n:engine jti1\n' | gives 'engine' 1 repl $nuts
says 'engine: which' out '# engine interp'
says 'engine: advice' err 'did you mean `jit1`?'
printf ':time on\nprice\n:time\n1\n' | gives 'time' 0 repl $nuts
[ "$(grep -c '^# compile [0-9.]* ms, load [0-9.]* ms, run [0-9.]* ms$' "$dir/out")" -eq 1 ]; ok 'time: on and off'
printf 'factor a = 1\ngiven price = [1]\n:reset a\na\n:reset\nprice\n:reset zzz\n' | gives 'reset' 1 repl $nuts
says 'reset: a name' err 'unknown name `a`'
says 'reset: all' out "walnut${tab}12"
says 'reset: nothing of the name' err 'nothing that was typed or given is called `zzz`'
printf ':quit\nnosuch\n' | gives 'quit' 0 repl

cat >"$dir/two.rank" <<'END'
query { user: int = 0 }
item { id: int, price: float = 0 }
factor plain = price
factor fancy = price * 2
pipeline asc = candidates | sort(asc: plain)
pipeline desc = candidates | where(price > 1) as recall | sort(desc: plain)
revision all = *
revision prod = all - { fancy }
END
cat >"$dir/two.jsonl" <<'END'
{"query": {"user": 7}, "items": [{"id": 1, "price": 1}, {"id": 2, "price": 2}]}
{"query": {"user": 8}, "items": [{"id": 3, "price": 5}]}
END
gives 'requests' 1 repl "$dir/two.rank" --requests "$dir/two.jsonl" <<'END'
query.user
:request 2
query.user
price
:request 3
query.user
:request 1
:pipeline
:pipeline desc
count()
:pipeline *
count()
:pipeline nosuch
:revision
:revision prod
fancy
:revision *
sum(fancy)
END
says 'requests: the second' out '8  # int, query scope'
says 'requests: what there is' out '# 1 item: request 2'
says 'pipeline: which' out '* asc'
says 'pipeline: its recall' out '1  # int, query scope'
says 'revision: a factor that is not in it' err 'fancy'
says 'revision: all again' out '6  # float, query scope'
gives 'requests by a command' 0 repl "$dir/two.rank" <<END
:requests $dir/two.jsonl
query.user
END
says 'requests by a command' out '7  # int'
echo query.user | gives 'a query' 0 repl "$dir/two.rank" --query user=3
says 'a query' out '3  # int, query scope'
echo ':requests nosuch.jsonl' | gives 'no such requests' 1 repl "$dir/two.rank"
gives 'requests and a query' 2 repl "$dir/two.rank" --query user=3 --requests x </dev/null

for word in quit exit help; do
    echo $word | gives "$word without a colon" 1 repl
    says "$word without a colon: advice" err 'rankc: commands begin with a colon: `:'
done
printf '%s\n' 'given price = [10, missing, 12]' 'given price = 3' 'price + 1' 'given price = [1, 2]' price |
    gives 'a value of another shape' 0 repl
prints 'values of several shapes' <<END
# item field price: int?, item scope
# factor price: int, constant, replaced
4  # int, constant
# item field price: int, item scope, replaced
1${tab}1
2${tab}2
# int, item scope: 2 items, min 1, avg 1.5, max 2
END

printf '%s\n' 'test "one" { expect 1 == 1 }' 'test "two" { expect 1 == 2 }' 'factor a = 1' | gives 'tests that are typed' 1 repl
prints 'tests that are typed: which hold' <<END
# test one, holds
# test two
# factor a: int, constant
END
says 'tests that are typed: what fails' err 'expected 2, found 1'
gives 'a test for eval' 3 eval 'test "two" { expect 1 == 2 }'
says 'a test for eval: what fails' err 'test "two":'

# ---- files that change ----
gives 'load' 0 repl <<END
:load $nuts
avg_price
END
says 'load' out '# 3 items: pipeline coolest'
mkfifo "$dir/in" "$dir/answers"
cp examples/nuts/nuts.csv "$dir"
cp $nuts "$dir/moved.rank"
"$rankc" repl "$dir/moved.rank" <"$dir/in" >"$dir/answers" 2>"$dir/err" &
exec 7>"$dir/in" 8<"$dir/answers"
echo avg_price >&7; read -r answer <&8
[ "$answer" = '12.333333  # float, query scope' ]; ok 'an input is answered before the next one comes'
sed -i 's/,12,/,21,/' "$dir/nuts.csv"
echo avg_price >&7; read -r answer <&8
[ "$answer" = '12.333333  # float, query scope' ]; ok 'data stay as they were'
echo :reload >&7; read -r answer <&8
echo avg_price >&7; read -r answer <&8
[ "$answer" = '15.333333  # float, query scope' ]; ok 'reload reads them again'
rm "$dir/moved.rank"
printf ':reload\navg_price\n' >&7; read -r answer <&8
[ "$answer" = '15.333333  # float, query scope' ]; ok 'a file that vanished'
cp $nuts "$dir/moved.rank"
rm "$dir/nuts.csv"
printf ':reload\n1\n' >&7
answer=; while [ "$answer" != '1  # int, constant' ] && read -r answer <&8; do :; done
[ "$answer" = '1  # int, constant' ]; ok 'data that vanished'
exec 7>&-
cat <&8 >/dev/null
exec 8<&-
wait
grep -q 'E0601.*moved.rank' "$dir/err"; ok 'a file that vanished: it is said'

# ---- models that change ----

mkdir "$dir/learned"
cp examples/midway/* "$dir/learned"
mkfifo "$dir/learned/in" "$dir/learned/answers"
"$rankc" repl "$dir/learned/models.rank" <"$dir/learned/in" >"$dir/learned/answers" 2>"$dir/learned/err" &
exec 7>"$dir/learned/in" 8<"$dir/learned/answers"
ask() { echo "$1" >&7; read -r answer <&8; } # ask INPUT: its answer of one line
ask 'max(m_learned)'
first=$answer
cp "$dir/learned/m.txt" "$dir/learned/old.txt"
sed '/^leaf_value=/s/[-0-9.e]*[0-9]/1/g' "$dir/learned/old.txt" >"$dir/learned/m.txt"
ask 'max(m_learned)'
[ "$answer" = "$first" ]; ok 'a model stays as it was'
ask :reload
ask 'max(m_learned)'
second=$answer
[ "$second" != "$first" ] && [ "${second%% *}" = 0.9999938558253978 ]; ok 'reload reads models again'
echo no model >"$dir/learned/m.txt"
ask "$(printf ':reload\nmax(m_learned)')"
[ "$answer" = "$second" ]; ok 'a model that is none any more'
cp "$dir/learned/old.txt" "$dir/learned/m.txt"
ask :reload
ask 'max(m_learned)'
[ "$answer" = "$first" ]; ok 'it is back'
exec 7>&- 8<&-
wait

gives 'save' 1 repl <<END
:save $dir/saved.rank
item { id: int, price: float = 0 }
## Doc.
factor twice = price * 2
:save $dir/saved.rank
factor twice = price * 3
:save $dir/saved.rank
:save $dir/two.rank
:save! $dir/over.rank
:save $dir/nosuch/folder.rank
:save /dev/full
END
says 'save: nothing yet' err 'nothing was declared here yet'
says 'save: not over what was there' err "two.rank\` is there already: :save! "
says 'save: where nothing can be' err 'cannot write'
grep -q '^factor twice = price \* 3$' "$dir/saved.rank"; ok 'save: again'
gives 'save: it is a program' 0 check "$dir/saved.rank"
cmp -s "$dir/saved.rank" "$dir/over.rank"; ok 'save!'

# ---- eval ----
gives 'eval' 0 eval 'avg(price)' $nuts
prints 'eval' <<'END'
12.333333  # float, query scope
END
gives 'eval: given' 0 eval 'given x = 3' 'factor y = x + 1' 'y * 2' 'expect y == 4' '-1' '-(2)'
prints 'eval: given' <<'END'
8  # int, constant
# holds
-1  # int, constant
-2  # int, constant
END
gives 'eval: json' 0 eval 'if price > 11 then price else missing' 'avg_price' 'coolest' $nuts --format=json
prints 'eval: json' <<'END'
{"expression": "if price > 11 then price else missing", "type": "float?", "scope": "item", "items": 3, "missing": 1, "dropped": 0, "min": 12, "avg": 13.5, "max": 15, "ids": ["hazelnut", "pistachio", "walnut"], "values": [null, 15, 12]}
{"expression": "avg_price", "type": "float", "scope": "query", "value": 12.333333}
{"expression": "coolest", "type": "candidates", "items": 3, "dropped": 0, "ids": ["walnut", "hazelnut", "pistachio"], "scores": [3.7270274, 3.6891892, 3.683784]}
END
gives 'eval: csv' 0 eval 'price' 'coolest' 'missing(price)' 'avg_price' --format=csv $nuts
says 'eval: csv of values' out 'id,value'
says 'eval: csv of a list' out '1,walnut,3.7270274'
gives 'eval: an error' 1 eval 'nosuch' $nuts
gives 'eval: an error as json' 1 eval 'nosuch' $nuts --format=json
says 'eval: an error as json' err '{"code":"E0301"'
gives 'eval: what does not hold' 3 eval 'expect 1 == 2'
gives 'eval: bad data' 4 eval 'query.user' "$dir/two.rank" --query user=x
gives 'eval: no file' 5 eval 1 "$dir/nosuch.rank"
gives 'eval: no file, by its name alone' 1 eval 'nosuch.rank'
says 'eval: no file, by its name alone' err 'there is no file `nosuch.rank`'
gives 'eval: nothing' 2 eval
gives 'eval: a program alone' 2 eval $nuts
gives 'eval: a request' 0 eval query.user 'sum(price)' "$dir/two.rank" --requests "$dir/two.jsonl"
says 'eval: a request' out '3  # float, query scope'

# ---- what a session costs ----
awk 'BEGIN { for (i = 1; i <= 10000; i++) print "factor f = price * " i }' >"$dir/redefined"
"$rankc" repl $nuts <"$dir/in" >"$dir/answers" &
pid=$!
exec 7>"$dir/in" 8<"$dir/answers"
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
# The answers of some lines are read while they are given, lest both ends wait for the other.
redefine() {
    sed -n "$1,$2p" "$dir/redefined" >&7 &
    head -n $(($2 - $1 + 1)) <&8 | tail -n 1
    wait $!
}
[ "$(redefine 1 1000)" = '# factor f: float, item scope, replaced' ]; ok '1,000 definitions'
early=$(resident)
[ "$(redefine 1001 10000)" = '# factor f: float, item scope, replaced' ]; ok '10,000 definitions'
late=$(resident)
if grep -Eq '^RK_CFLAGS = .*(-fsanitize|--coverage)' "$RANK_BUILD/Makefile"; then
    echo 'instrumented memory is not measured'
else
    echo "$early KB after 1,000 definitions, $late KB after 10,000"
    [ "$late" -le $((early + 512)) ]; ok 'memory stays flat'
fi
echo 'sum(f)' >&7; read -r answer <&8
[ "$answer" = '370000  # float, query scope' ]; ok 'the last definition counts'
exec 7>&-
cat <&8 >/dev/null
exec 8<&-
wait

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
