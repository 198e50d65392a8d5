#!/bin/sh
# rankc repl on a terminal: tests/pty types what a person would, and looks at the screen.
set -u
cd "$RANK_SRC" || exit 1
pty=$RANK_BUILD/tests/pty
rankc=$RANK_BUILD/rankc
if ! grep -q '^#define HAVE_HISTEDIT_H 1' "$RANK_BUILD/config.h"; then
    echo 'lines are not edited without libedit'
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
unset NO_COLOR CLICOLOR_FORCE RANK_CPU EDITRC LC_CTYPE LANG
export RANKC_CACHE=none TERM=xterm LC_ALL=C.UTF-8
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-tty.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
export HOME="$dir" XDG_STATE_HOME="$dir/state"
. "$RANK_SRC/tests/tell.sh"

# on WHAT COLUMNS ROWS WORDS... <SCRIPT: rankc with these words on a terminal
on() {
    what=$1 columns=$2 rows=$3
    shift 3
    "$pty" "$columns" "$rows" "$rankc" "$@"
    ok "$what"
}

nuts=examples/nuts/nuts.rank
on 'a first look' 80 24 repl $nuts <<'END'
row :help lists commands, :help NAME tells about one thing, Ctrl-D leaves
row 3 items: pipeline coolest
cursor rank>
send price\r
row id         value
row hazelnut      10  ████████████████████
row pistachio     15  ██████████████████████████████
row float, item scope: 3 items, min 10, avg 12.333333, max 15
cursor rank>
send avg_price\r
row 12.333333   float, query scope
cursor rank>
send rel_price - 1\r
row hazelnut    -0.1891892  ██████████████
row pistachio    0.2162162                ████████████████
cursor rank>
send coolest\r
row    1  walnut     3.7270274
row ranked list: 3 items
cursor rank>
send factor twice = price * 2\r
row factor twice: float, item scope
colors 1
cursor rank>
clear
send :show twise\r
row the program has no `twise`; did you mean `twice`?
cursor rank>
send \004
exit 0
END

on 'a plan keeps within the screen' 60 40 repl --engine=interp $nuts <<'END'
row 3 items: pipeline coolest
cursor rank>
clear
send :plan coolest\r
row     fetch nuts.price, required                       runtime
row     kernel coolness: 4 operations                interpreter
cursor rank>
send \004
exit 0
END

on 'names are completed' 80 30 repl $nuts <<'END'
cursor rank>
send rat\t
cursor rank> rating
send \025ra\t\t
row rating  field float
row rank(   function
cursor rank> ra
send \025nuts.\t\t
row nuts.weight  field float
send \025:sh\t
cursor rank> :show
send cool\t
cursor rank> :show cool
send e\t
cursor rank> :show coolest
send \r
row pipeline coolest = scan(nuts) | top(10, by: coolness)
cursor rank>
send :dump o\t
cursor rank> :dump opt
send \025:load examples/nu\tnuts.r\t
cursor rank> :load examples/nuts/nuts.rank
send \025candidates | so\t
cursor rank> candidates | sort(
send \025avg(price, over: rec\t
cursor rank> avg(price, over: recall
send \025:pipeline c\t
cursor rank> :pipeline coolest
send \025zzz\t
cursor rank> zzz
send \025:q\r
exit 0
END

# ---- editing ----
for locale in C.UTF-8 C; do
    LC_ALL=$locale on "Cyrillic and Han in $locale" 80 24 repl <<'END'
cursor rank>
send "世界абв"\e[D\177\177\e[C\r
row "世界а"   string, constant
cursor rank>
send "世界世界"\e[D\e[D\e[D\e[Dx\177\004\r
row "世世界"   string, constant
cursor rank>
send len("орех")\001\e[C\e[C\e[C\e[C\e[Cг\r
row 5   int, constant
cursor rank>
send "\377\376\300"\r
see string, constant
cursor rank>
send :q\r
exit 0
END
done

on 'an input of several lines' 80 24 repl $nuts <<'END'
cursor rank>
send avg(\r
cursor   ...
send price\r
cursor   ...
send )\r
row 12.333333   float, query scope
cursor rank>
send factor f =\r
cursor   ...
send \003
cursor rank>
send 1 +\r
cursor   ...
send 2\r
row 3   int, constant
cursor rank>
send ## Twice the price.\r
cursor   ...
send factor f = price * 2\r
row factor f: float, item scope
cursor rank>
send :help f\r
row     Twice the price.
cursor rank>
send :q\r
exit 0
END

on 'what is pasted stays as it is' 80 24 repl $nuts <<'END'
cursor rank>
send \e[200~factor a = price\r\t+ 1\r\r## Doc.\rfactor b = a * 2\ravg(b)\r\e[201~
row factor b = a * 2
none float, query scope
send \r
row factor a: float, item scope
row factor b: float, item scope
row 26.666666   float, query scope
cursor rank>
send \e[200~\e[201~1\r
row 1   int, constant
cursor rank>
send :q\r
exit 0
END

on 'a line of a megabyte' 80 24 repl $nuts <<'END'
cursor rank>
send len("\e[200~
many 31250 0123456789abcdefghijklmnopqrstuv
send \e[201~")\r
within 20000
row 1000000   int, constant
cursor rank>
send :q\r
exit 0
END

# ---- the keys that are signals ----
awk 'BEGIN { print "id,price"; for (i = 0; i < 300000; i++) printf "%d,%d.5\n", i, i * 7919 % 1000 }' >"$dir/big.csv"
cat >"$dir/big.rank" <<'END'
item { id: int }
source big = csv("big.csv", key: "id") by item.id { price: float }
END
on 'Ctrl-C on a line' 80 24 repl $nuts <<'END'
cursor rank>
send price + nosuch
cursor rank> price + nosuch
send \003
row rank> price + nosuch^C
cursor rank>
none error
send 1\r
row 1   int, constant
cursor rank>
send \004
exit 0
END
on 'Ctrl-C in a long run' 80 24 repl "$dir/big.rank" <<'END'
within 20000
row 300,000 items: scan(big)
cursor rank>
send sum(edit_distance("
many 50 abcdefghijklmnopqrst
send ", string(item.id)))\r
sleep 100
send \003
within 1000
see stopped
cursor rank>
within 20000
send 1 + 1\r
row 2   int, constant
cursor rank>
send \004
exit 0
END
on 'Ctrl-Z and a window of another size' 80 24 repl <<'END'
cursor rank>
send 1 + 2
cursor rank> 1 + 2
send \032
see [stopped]
cursor rank> 1 + 2
send  + 4\r
row 7   int, constant
cursor rank>
send 1000000000 + 2000000000 + 3000000000 + 4000000000 + 5
cursor rank> 1000000000 + 2000000000 + 3000000000 + 4000000000 + 5
size 40 24
cursor 00 + 4000000000 + 5
size 100 24
send 0\r
row 10000000050   int, constant
cursor rank>
send \004
exit 0
END

# ---- terminals of other kinds ----
on '20 columns' 20 40 repl $nuts <<'END'
row 3 items: pipeline
cursor rank>
send price\r
row id      value
row pista…     15  ████
row walnut     12  ███▎
cursor rank>
send coolest\r
row rank  id     score
row    1  waln…  3.72…
cursor rank>
send :list factors\r
see rel_price
cursor rank>
send :help\r
see :quit
cursor rank>
send "世界世界世界世界"\177\177\177\177"\r
see "世界世界世"
cursor rank>
send \004
exit 0
END
TERM=dumb on 'TERM=dumb' 80 24 repl $nuts <<'END'
cursor rank>
send price\r
row pistachio     15  ##############################
cursor rank>
send avg(\r
cursor   ...
send \003
cursor rank>
send 1 + 1\r
row 2   int, constant
cursor rank>
colors 0
send \004
exit 0
END
NO_COLOR=1 on 'NO_COLOR' 80 24 repl $nuts <<'END'
cursor rank>
send price\r
row walnut        12  ████████████████████████
cursor rank>
colors 0
send :q\r
exit 0
END

# The plug-in may bring an editor of lines along.
if [ -e "$RANK_BUILD/.libs/librankc_llvm.so" ] && "$rankc" compile --engine=jit1 $nuts >/dev/null 2>&1; then
    on 'native code beside the editor' 80 24 repl $nuts --engine=jit2 <<'END'
cursor rank>
send price * 3.5 + rating\r
row float, item scope: 3 items, min 39, avg 47.466667, max 57.1
cursor rank>
send pri\t * 2\r
row pistachio     30  ██████████████████████████████
cursor rank>
send :q\r
exit 0
END
fi

# ---- what the pages say ----
# session PAGE PROGRAM: the lines behind `rank> ` are typed; the page leaves out what the REPL says of itself
session() {
    awk -v start="rankc repl $2" 'index($0, start) { on = 1; next } on && /^(```)?$/ { exit } on' "$1" |
        sed 's/^    //' >"$dir/wanted"
    {
        echo 'cursor rank>'
        sed -n 's/^rank> //p' "$dir/wanted" | while IFS= read -r line; do printf 'line %s\ncursor rank>\n' "$line"; done
        echo show
    } | "$pty" 100 60 "$rankc" repl "$2" | sed '/^rankc [0-9]/d; /^:help lists/d; $d' >"$dir/found"
    [ -s "$dir/wanted" ] && diff "$dir/wanted" "$dir/found"
    ok "the session in $1"
}
session README.md $nuts
session grammar/LANGUAGE.md examples/midway/midway.rank

# ---- other commands ----
on 'a file that was written is named' 80 24 graph -o "$dir/nuts.svg" $nuts <<'END'
see nuts.svg is written
exit 0
END

# ---- programs with errors ----
cp examples/nuts/nuts.csv "$dir"
echo 'factor f = g' >"$dir/bad.rank"
on 'a file with errors can be mended' 80 24 repl "$dir/bad.rank" <<END
see error[E0301]
cursor rank>
send 1\r
row 1   int, constant
cursor rank>
send :load $nuts\r
row 3 items: pipeline coolest
cursor rank>
send foo +\r
cursor   ...
send bar\r
row 1 | foo +
row   | ^^^
cursor rank>
send :q\r
exit 0
END

on 'what cannot be read is told once' 80 5 repl "$dir/nope.rank" <<'END'
cursor rank>
see rankc 0.
see E0601
send :q\r
exit 0
END
cat >"$dir/labels.rank" <<'END'
item { id: int, x: float = 0 }
pipeline plain = candidates
pipeline staged = candidates | top(9, by: x) as l1
END
on 'a label of another pipeline' 80 24 repl --pipeline=plain "$dir/labels.rank" <<'END'
cursor rank>
send l1.score\r
see note: pipeline `staged` has one
row   = help: `:pipeline NAME` picks another one
cursor rank>
send :pipeline staged\r
cursor rank>
send l1.score\r
row float?, item scope: 0 items
cursor rank>
send :q\r
exit 0
END
on 'bars begin at 0' 80 24 repl $nuts <<'END'
cursor rank>
send -price\r
row hazelnut     -10            ████████████████████
row pistachio    -15  ██████████████████████████████
cursor rank>
send price - 10\r
row hazelnut       0
row pistachio      5  ██████████████████████████████
cursor rank>
send price * 0\r
row pistachio      0
cursor rank>
send :q\r
exit 0
END
awk 'BEGIN { while (i++ < 500) print "factor f" i " = g" i }' >"$dir/worse.rank"
on 'of many errors the first are shown' 80 40 repl "$dir/worse.rank" <<'END'
row and 492 more errors
cursor rank>
see error[E0301]
send :q\r
exit 0
END

# ---- history ----
rm -rf "$dir/state"
on 'a first run' 80 24 repl <<'END'
cursor rank>
send factor a =\r
cursor   ...
send 41\r
row factor a: int, constant
cursor rank>
send "\\\\n"\r
row "\\\\n"   string, constant
cursor rank>
send  \r
cursor rank>
send :q\r
exit 0
END
[ "$(stat -c %a "$dir/state/rankc")" = 700 ] && [ "$(stat -c %a "$dir/state/rankc/history")" = 600 ]
ok 'nobody else reads what was typed'
printf 'factor a =\\n41\n"\\\\\\\\n"\n:q\n' | cmp -s - "$dir/state/rankc/history"
ok 'an entry is a line'
on 'a second run remembers it' 80 24 repl <<'END'
cursor rank>
send \e[A\e[A
cursor rank> "\\\\n"
send \e[A
row rank> factor a =
see 41
send \e[F + 1\r
row factor a: int, constant
cursor rank>
send a\r
row 42   int, constant
cursor rank>
send \022fact
see factor a =
send \003
cursor rank>
send :q\r
exit 0
END
mkfifo "$dir/go"
{ cat "$dir/go"; echo 'send "first"\r'; echo 'row "first"   string, constant'; echo 'cursor rank>'; echo 'send :q\r'; echo 'exit 0'; } |
    "$pty" 80 24 "$rankc" repl >/dev/null &
on 'two at once' 80 24 repl <<'END'
cursor rank>
send "second"\r
row "second"   string, constant
cursor rank>
send :q\r
exit 0
END
echo 'cursor rank>' >"$dir/go"
wait
grep -q first "$dir/state/rankc/history" && grep -q second "$dir/state/rankc/history"
ok 'two at once: both are remembered'
awk 'BEGIN { for (i = 0; i < 3000; i++) print "entry " i }' >"$dir/state/rankc/history"
on 'a long history' 80 24 repl <<'END'
cursor rank>
send \e[A
cursor rank> entry 2999
send \003
cursor rank>
send :q\r
exit 0
END
[ "$(wc -l <"$dir/state/rankc/history")" -eq 1001 ]
ok 'a long history is cut down'
head -c 100000 /dev/urandom >"$dir/state/rankc/history"
on 'a damaged history' 80 24 repl <<'END'
cursor rank>
send \e[A\e[A\e[A\003
cursor rank>
send 1\r
row 1   int, constant
cursor rank>
send \004
exit 0
END
rm -f "$dir/state/rankc/history"
ln -s /dev/full "$dir/state/rankc/history"
on 'a full disk under the history' 80 24 repl <<'END'
cursor rank>
send 1\r
row what is typed is not remembered: No space left on device
row 1   int, constant
cursor rank>
clear
send 2\r
row 2   int, constant
none remembered
cursor rank>
send \e[A\e[A\r
row 1   int, constant
cursor rank>
send \004
exit 0
END
XDG_STATE_HOME=/dev/null/state on 'no folder for the history' 80 24 repl <<'END'
see remembered
cursor rank>
send 1\r
row 1   int, constant
cursor rank>
send \004
exit 0
END

# ---- how long answers take ----
awk 'BEGIN { print "id,price"; for (i = 0; i < 1000; i++) printf "%d,%d.5\n", i, i * 7919 % 1000 }' >"$dir/big.csv"
on 'answers come at once' 80 24 repl "$dir/big.rank" <<'END'
row 1,000 items: scan(big)
cursor rank>
time 100 25 price * 2 + avg(price)
time 100 25 factor twice = price * 2
END

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
