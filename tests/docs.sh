#!/bin/sh
# Every example of the manual and the README is a test (tutorial.sh has the tutorial). A block fenced as
# `rank` is a whole program that `rankc check` accepts and whose tests hold, `rank error CODE` one that is
# refused with that code, `rank fragment` a piece that parses. In a `console` block a line behind `$ ` is a
# command, which goes on behind `> `, and what follows is what it prints, where `…` alone on a line is any
# number of lines; the commands of a page run one after the other in one folder, with the examples in it.
# One case a block.
#
# What stands between `<!-- rankc … -->` and `<!-- end -->` is what that command prints, and the examples in
# the rows of the registries, from which it is made, hold too. The man page has the commands and options of
# the tables. Links inside of a page lead to a heading.
#
#   sh tests/docs.sh --update    writes the generated parts anew
set -u
: "${RANK_SRC:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${RANK_BUILD:=$RANK_SRC/build}"
rankc=$RANK_BUILD/rankc
"$rankc" --version >/dev/null || exit 1
bin=$(cd "$RANK_BUILD" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# ---- generated parts ----

rewritten() { # rewritten PAGE: the page with its generated parts as they should be
    cd "$RANK_SRC" && awk -v rankc="$bin/rankc" '
        /^<!-- end -->$/ { inside = 0 }
        !inside { print }
        /^<!-- rankc .* -->$/ {
            command = $0
            gsub(/^<!-- rankc|-->$/, "", command)
            fence = command ~ /mermaid/ ? "```" : ""
            print fence ? "\n```mermaid" : ""
            command = rankc command
            while ((command | getline line) > 0) print line
            close(command)
            print fence ? "```\n" : ""
            inside = 1
        }' "$1"
}

manual=$RANK_SRC/grammar/LANGUAGE.md
(rewritten "$manual") >"$work/manual"
if [ "${1-}" = --update ]; then
    cmp -s "$work/manual" "$manual" || cp "$work/manual" "$manual"
    exit
fi

# ---- examples ----

# Blocks go to $work/<n>.rank, and `<n> <line> <kind> [<code>]` to $work/list.
blocks() {
    awk -v work="$work" '
        /^```(rank|console)/ && !inside {
            file = work "/" ++n ".rank"
            printf "" >file
            print n, NR, ($1 == "```console" ? "console" : $2 == "" ? "program" : $2), $3 >(work "/list")
            inside = 1
            next
        }
        /^```/ { if (inside) close(file); inside = 0; next }
        inside { print >file }' "$1"
}

verdict() { # verdict CODE WHERE
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$2:"
        cat "$work/said"
    fi
}

# The models that examples name: beside programs, and where commands run.
models() { # models FOLDER
    for file in model/buy.txt model/color.txt ids/city.map ids/dense.json ids/lr.json; do
        awk -v head="%%FILE ${file#*/}" '$0 == head { inside = 1; next } /^>>>/ { inside = 0 }
            inside && !/^<<</' "$RANK_SRC/tests/cases/${file%/*}.test" >"$1/${file#*/}"
    done
    cp "$RANK_SRC/tests/models/networks/torch-dssm-user-script.onnx" "$1/user.onnx"
    cp "$RANK_SRC"/examples/towers/*.onnx "$RANK_SRC"/examples/towers/*.json "$RANK_SRC"/examples/towers/*.map "$1"
    cat >"$1/buy.txt.golden" <<'END'
price,rating,raw,score
10,1,1.125,0.7549149868676283
11,3,0x1.8p-2,0.5926665999540698
30,,0.125,0.5312093733737563
END
}

# Commands of a session go to $work/<n>.sh, what each should print to $work/<n>.want.
steps() {
    awk -v work="$work" '
        /^\$ / { step = work "/step." ++n; print substr($0, 3) >(step ".sh"); printf "" >(step ".want"); next }
        /^> / { print substr($0, 3) >(step ".sh"); next }
        { print >(step ".want") }' "$1"
}

fits() { # fits WANT GOT
    awk 'FILENAME == ARGV[1] { want[++n] = $0; next }
        { got[++m] = $0 }
        function fits(i, j) {
            for (; i <= n && want[i] != "…"; i++)
                if (j > m || want[i] != got[j++]) return 0
            if (i > n) return j > m
            for (; j <= m + 1; j++) if (fits(i + 1, j)) return 1
            return 0
        }
        END { exit !fits(1, 1) }' "$1" "$2"
}

session() { # session FILE: in $work/page
    rm -f "$work"/step.*
    steps "$1"
    i=1
    while [ -e "$work/step.$i.sh" ]; do
        (cd "$work/page" && PATH=$bin:$PATH && . "$work/step.$i.sh") >"$work/got" 2>&1 </dev/null
        if ! fits "$work/step.$i.want" "$work/got"; then
            { cat "$work/step.$i.sh" && diff -u "$work/step.$i.want" "$work/got"; } >"$work/said"
            return 1
        fi
        i=$((i + 1))
    done
    [ $i -gt 1 ]
}

holds() { # holds FILE KIND CODE
    if [ "$2" = console ]; then
        session "$1"
        return
    fi
    "$rankc" check "$1" >"$work/said" 2>&1 </dev/null
    code=$?
    case $2 in
    program)
        [ $code -eq 0 ] || return 1
        grep -q '^test ' "$1" || return 0
        "$rankc" test "$1" >"$work/said" 2>&1 </dev/null
        ;;
    error) [ $code -eq 1 ] && grep -q "^error\[$3\]" "$work/said" ;;
    fragment) [ $code -le 1 -o $code -eq 5 ] && ! grep -q '^error\[E01' "$work/said" ;;
    *) echo "what is a block of kind $2?" >"$work/said" && return 1 ;;
    esac
}

for page in grammar/LANGUAGE.md README.md; do
    rm -rf "$work/list" "$work/page"
    mkdir "$work/page" && cp -R "$RANK_SRC/examples" "$work/page" && chmod -R u+w "$work/page"
    models "$work" && models "$work/page"
    [ -e "$RANK_SRC/$page" ] && blocks "$RANK_SRC/$page"
    [ -e "$work/list" ] || continue
    while read -r n line kind code; do
        holds "$work/$n.rank" "$kind" "$code"
        verdict $? "$page:$line"
    done <"$work/list"
done

# ---- links inside of pages ----

# As GitHub makes them of headings: small letters, digits, `-` and `_`, with `-` for spaces.
anchors() { sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'; }
for page in grammar/LANGUAGE.md grammar/TUTORIAL.md README.md; do
    [ -e "$RANK_SRC/$page" ] || continue
    anchors "$RANK_SRC/$page" | sort -u >"$work/anchors"
    grep -o '](#[^)]*)' "$RANK_SRC/$page" | sed 's/](#\(.*\))/\1/' | sort -u |
        comm -23 - "$work/anchors" >"$work/said"
    [ ! -s "$work/said" ]
    verdict $? "$page: links to no heading"
done

# ---- examples of the registries ----

# The lines of examples are those behind four spaces that end in what the expression gives.
results() { "$rankc" help "$@" | sed -n 's/^    \(.*[^ ]\) => \(.*\)$/\1\n\2/p'; }

# Texts stand in quotes among JSON, and without in help.
gives() { # gives EXPRESSION RESULT
    printf 'item { id: int }\nfactor example = %s\n' "$1" >"$work/example.rank"
    echo '{"items": [{"id": 1}]}' |
        "$rankc" run --format=jsonl --show=example --requests=- "$work/example.rank" >"$work/said" 2>&1
    sed -n 's/.*"example": \(.*\)}}\]}$/\1/p' "$work/said" | sed 's/^"\(.*\)"$/\1/' >"$work/got"
    printf '%s\n' "$2" | cmp -s - "$work/got"
}

results functions defined >"$work/results"
while IFS= read -r expression && IFS= read -r result; do
    gives "$expression" "$result"
    verdict $? "rankc help: $expression => $result"
done <"$work/results"
has_results() { # as many as there are functions, or nothing was tested
    "$rankc" help --format=markdown functions defined | grep -c '→' >"$work/said"
    [ "$(cat "$work/said")" -gt 50 ] && [ "$(wc -l <"$work/results")" -eq $((2 * $(cat "$work/said"))) ]
}
has_results
verdict $? 'rankc help: the functions have examples'

# Stages, sources, models and indexes among things of the names that their examples use.
world() {
    cat <<'END'
query { user: int, budget: float = 10.0, user_vec: vector(2)? }
item  { id: int, coolness: float = 0.0, is_new: bool = false }
source shelf = csv("shelf.csv", key: "id") by item.id {
    price: float = 1.0, rating: float = 0.0, brand: string = "", stock: int = 0,
    city: string = "", age: int = 0, flat: float = 0.0, vec: vector(2)?
}
END
}

belongs() { # belongs KIND TEXT: a stage, a source, a model or an index of help
    case $1 in
    source) world && printf '%s\n' "$2" ;;
    index) world && printf '%s\n' "$2" | sed 's/, file: "[^"]*"//' ;; # none was built
    *) world && printf 'pipeline example = %s%s\n' "$(! [ "$1" = stage ] || echo 'candidates | ')" "$2" ;;
    esac >"$work/example.rank"
    case $2 in *nearest*) holds "$work/example.rank" fragment ;; *) holds "$work/example.rank" program ;; esac
}

"$rankc" help stages sources models indexes | awk '
    function tell() { if (last != "") print kind "\n" last }
    /^[^ ]/ { tell(); last = ""; kind = /^…/ ? "stage" : /"path"/ ? "source" : /^[a-z]*\(vector,/ ? "index" : "producer" }
    /^    / { last = substr($0, 5) }
    END { tell() }' | sed 's/scan(products)/scan(shelf)/' >"$work/examples"
while IFS= read -r kind && IFS= read -r example; do
    belongs "$kind" "$example"
    verdict $? "rankc help: $example"
done <"$work/examples"

# ---- the man page ----

page=$RANK_SRC/compiler/rankc.1
same() { diff -u "$work/want" "$work/found" >"$work/said" 2>&1; }
table_options() { "$rankc" "$1" --help | sed -n 's/^  \(-[^= []*\).*/\1/p'; }
page_options() { # page_options COMMAND: what stands behind `Options:` in its item
    awk -v name="$1" '
        /^\.(It Cm|El)/ { inside = /^\.It/ && $3 == name; taking = 0 }
        inside && /^Options:/ { taking = 1; next }
        !/^\.Fl / { taking = 0 }
        taking { for (i = 2; i <= NF; i++) if ($i !~ /^[.,]$/) print "-" $i }' "$page"
}

"$rankc" --help | sed -n 's/^  \([a-z][a-z-]*\)  *[A-Z].*/\1/p' >"$work/commands"
awk '/^\.Ss Commands/ { inside = 1 } /^\.El/ { inside = 0 } inside && /^\.It Cm/ { print $3 }' \
    "$page" >"$work/found"
cp "$work/commands" "$work/want"
same
verdict $? 'rankc.1 has the commands of `rankc --help`, in their order'
while read -r command; do
    table_options "$command" | grep -vx -e --color | sort >"$work/want"
    page_options "$command" | sort >"$work/found"
    same
    verdict $? "rankc.1 has the options of \`rankc $command\`, but --color"
done <"$work/commands"
{
    while read -r command; do table_options "$command"; done <"$work/commands"
    echo --help
    echo --version
} | LC_ALL=C sort -u >"$work/want"
sed -n 's/^\.It Fl \([^ ]*\).*/-\1/p' "$page" | LC_ALL=C sort >"$work/found"
same
verdict $? 'rankc.1 explains each option once'
if command -v mandoc >/dev/null; then
    mandoc -T lint "$page" >"$work/said" 2>&1
    [ ! -s "$work/said" ]
    verdict $? 'mandoc -T lint compiler/rankc.1'
fi

diff -u "$manual" "$work/manual" >"$work/said"
verdict $? 'grammar/LANGUAGE.md is not what `rankc help` says; `sh tests/docs.sh --update` writes it anew'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
