#!/bin/sh
# rankc graph: the picture is well-formed XML whose texts stay within their boxes, odd names included;
# what graphviz reads; options, files, limits. Forms that are text have their cases in tests/cases.
set -u
cd "$RANK_SRC" || exit 1
rankc=$RANK_BUILD/rankc
unset NO_COLOR CLICOLOR_FORCE RANK_CPU
export RANKC_CACHE=none
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-graph.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
. "$RANK_SRC/tests/tell.sh"
command=graph

# Texts of an SVG against their boxes: a group is a line, and its last rectangle of class b the card
# in front; widths are those of a monospaced font, 0.62 of its size a letter.
cat >"$dir/inside.awk" <<'END_AWK'
function value(text, name,    at) {
    at = index(text, " " name "=\"")
    return at ? substr(text, at + length(name) + 3) + 0 : 0
}
function refuse(why) { print FNR ": " why ": " substr($0, 1, 200); bad = 1 }
/transform="translate/ || /class="ws?"/ { next } # the title and the legend stand on paper
{
    rest = $0
    sub(/<title>.*<\/title>/, "", rest)
    while (match(rest, /<(rect|text|path) [^>]*>[^<]*/)) {
        item = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (item ~ /^<rect class="[bh]"/) {
            left = value(item, "x"); right = left + value(item, "width"); line = -1
        } else if (item ~ /^<path class="b" d="M/) { # a stage says where it ends, a label how long it is
            left = item; sub(/.* d="M/, "", left); left += 0
            if (match(item, /H[0-9.]+v/)) right = substr(item, RSTART + 1, RLENGTH - 2) + 0
            else if (match(item, /h[0-9.]+l8 /)) right = left + substr(item, RSTART + 1) + 8
            line = -1
        } else if (item ~ /^<text/ && right) {
            size = item ~ /class="t/ ? 13 : 11
            words = item; sub(/^[^>]*>/, "", words); gsub(/&[#a-z0-9]*;/, "x", words)
            gsub(/[\200-\277]/, "", words); gsub(/[\344-\351]/, "xx", words) # Han is twice as wide
            width = length(words) * size * 0.62
            x = value(item, "x"); y = value(item, "y")
            texts++
            if (item ~ /class="s e"/) {
                if (x > right || x - width < left) refuse("ends outside")
                if (y - line < 3 && line - y < 3 && x - width < reach) refuse("runs into its type")
            } else {
                if (x < left || x + width > right) refuse("runs out of its box")
                reach = x + width; line = y
            }
        }
    }
}
END { exit bad || (want && !texts) }
END_AWK

draws() { # draws NAME WORDS...: a picture in $dir/NAME.svg
    name=$1
    shift
    gives "$name: drawn" 0 -o "$dir/$name.svg" "$@"
    if command -v xmllint >/dev/null; then
        xmllint --huge --noout "$dir/$name.svg"
        ok "$name: well-formed"
    else
        skipped=$((skipped + 1))
    fi
    awk -v want="$name" -f "$dir/inside.awk" "$dir/$name.svg"
    ok "$name: texts within their boxes"
}

# ---- pictures ----
draws midway examples/midway/midway.rank
says 'the mean of a price is an aggregate' midway.svg '<title>factor p_avg: float, one value a request, from all items'
says 'doc comments are told' midway.svg 'Pavg: mean price of the candidates.'
says 'stages are shown' midway.svg '>top(5, by: coolness)</text>'
lacks 'nothing is dead' midway.svg 'class="item d"'
draws nuts examples/nuts/nuts.rank
draws web examples/web/web.rank
draws embed examples/embed/shop.rank

long=$(printf '%0300d' 0 | tr 0 a)
cat >"$dir/odd.rank" <<END
item { id: int, x: float = 0.0, ${long}_field: float = 0.0 }
## <b> & "quotes" 'and' ]]> --> $(printf '\001\033[31m \177 \302\205 \357\277\276') and a tab
## орехи 坚果礼盒
factor $long = x + ${long}_field
factor word = "坚果礼盒坚果礼盒坚果礼盒坚果礼盒坚果礼盒 орехи <&> \\\\ \\" # ; \`" == "x"
pipeline p$long = candidates | where(word) as l$long | top(3, by: $long)
factor \`if\` = 1
END
draws odd "$dir/odd.rank"
says 'a name too long is cut' odd.svg 'aaa…</text>'
says 'and whole in the tooltip' odd.svg "<title>factor $long: float"
says 'control characters have pictures' odd.svg '&#9217;&#9243;[31m &#9249; &#65533; &#65533; and a'
printf '' >"$dir/empty.rank"
gives 'nothing at all' 0 "$dir/empty.rank"
says 'is a picture too' out '0 factors'

cat >"$dir/zoo.rank" <<'END'
query { text: string = "", fresh: bool = false }
item { id: int }
source goods = csv("g.csv", key: "k") by item.id { price: float = 0.0, seller: int = 0, size: float = 0.0 }
source sellers = csv("s.csv", key: "k") by seller { stars: float = 0.0 }
factor weight = 0.5
def mix(a, b) = weight * a + b
factor base = mix(price, stars)
factor late = (l1.score ?? 0.0) + (zscore(base, over: l1) ?? 0.0)
factor young = len(query.text) > 3
factor dead = base + mean_size
factor mean_size = avg(size)
pipeline search = union(scan(goods) | top(9, by: price), candidates) | top(5, by: base) as l1 | sort(desc: late)
pipeline more = (if query.fresh and young then (search) else (candidates | limit(3))) | limit(9)
revision prod = * - { dead, mean_size }
END
draws zoo "$dir/zoo.rank"
says 'the dead are faded' zoo.svg '<g class="item d"'
says 'and the legend says so' zoo.svg 'needed by no pipeline shown'
says 'what reads a label has it beside it' zoo.svg '<title>label l1'
draws prod --revision=prod "$dir/zoo.rank"
lacks 'what is not in the revision is left out' prod.svg 'mean_size'
draws search --pipeline=search "$dir/zoo.rank"
lacks 'other pipelines are left out' search.svg '>more</text>'
says 'what they alone need is faded' search.svg '<g class="query d" id="n'

# ---- the same each time, wherever ----
LC_ALL=C TZ=Asia/Tokyo "$rankc" graph "$dir/zoo.rank" >"$dir/again.svg"
cmp -s "$dir/again.svg" "$dir/zoo.svg"
ok 'the same picture'

# ---- other forms ----
for name in zoo odd empty; do
    gives "$name: for graphviz" 0 --format=dot "$dir/$name.rank"
    if command -v dot >/dev/null; then
        dot -Tsvg "$dir/out" >"$dir/dot.svg" 2>"$dir/dot.err" && [ ! -s "$dir/dot.err" ]
        ok "$name: graphviz reads it without a word"
    else
        skipped=$((skipped + 1))
    fi
    gives "$name: for Mermaid" 0 --format=mermaid "$dir/$name.rank"
    gives "$name: as JSON" 0 --format=json "$dir/$name.rank"
    if command -v python3 >/dev/null; then
        python3 -m json.tool "$dir/out" >/dev/null
        ok "$name: which it is"
    else
        skipped=$((skipped + 1))
    fi
done

# ---- words and files ----
gives 'unknown form' 2 --format=png "$dir/zoo.rank"
gives 'unknown pipeline' 2 --pipeline=serach "$dir/zoo.rank"
says 'unknown pipeline: advice' err 'did you mean `search`?'
gives 'unknown revision' 2 --revision=prdo "$dir/zoo.rank"
gives 'two programs' 2 "$dir/zoo.rank" "$dir/odd.rank"
gives 'no program' 5 "$dir/none.rank"
gives 'the program is not written over' 2 -o "$dir/zoo.rank" "$dir/zoo.rank"
gives 'no such folder' 5 -o "$dir/none/x.svg" "$dir/zoo.rank"
echo 'factor f = g' >"$dir/bad.rank"
gives 'a program with errors' 1 -o "$dir/bad.svg" "$dir/bad.rank"
says 'a program with errors: which' err 'unknown name `g`'
[ ! -e "$dir/bad.svg" ]
ok 'a program with errors: no picture'
"$rankc" graph - <"$dir/zoo.rank" >"$dir/out"
ok 'from standard input'

# ---- large ones: each factor reads a few of those before it ----
large() { # large NAME N
    awk -v n="$2" 'BEGIN {
        print "item { id: int, a: float = 0.0, b: float = 0.0 }\nfactor f0 = a"
        for (i = 1; i < n; i++) print "factor f" i " = f" int(i * 0.9) " + f" int(i / 3) " + b"
        print "pipeline p = candidates | top(9, by: f" n - 1 ")"
    }' >"$dir/$1.rank"
    draws "$1" "$dir/$1.rank"
    [ "$(wc -c <"$dir/$1.svg")" -lt $(($2 * 2000 + 20000)) ]
    ok "$1: not too large"
}
large hundred 100
large thousands 5000
awk 'BEGIN {
    print "item { id: int, b: float = 0.0 }\nfactor f0 = b"
    for (i = 1; i < 3000; i++) print "factor f" i " = f" i - 1 " + b"
}' >"$dir/chain.rank"
draws chain "$dir/chain.rank"
[ "$(wc -c <"$dir/chain.svg")" -lt 4000000 ]
ok 'chain: not too large'

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
