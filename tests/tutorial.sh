#!/bin/sh
# Replays the tutorial, as a reader would who does all that it says, in a folder that has the examples and
# the program, and compares all that is printed.
#
# A block fenced as `rank FILE` is a program that is written, `rank add FILE` goes to the end of it; either way
# the file is then a whole program that `rankc check` accepts, whose tests hold and which `rankc fmt` leaves
# alone. In a block fenced as `console` a line behind `$ ` is a command, and what follows is what it prints. `rankc
# repl` runs on a terminal of 100 columns, where the lines behind `rank> ` are typed.
# `<!-- data: PATH -->` stands before what needs files that readers download; they are taken from RANK_DATA.
# The program and the picture of examples/tutorial are what the reader has at the end.
#
#   sh tests/tutorial.sh --update    writes what is printed, the program and the picture anew
set -u
: "${RANK_SRC:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${RANK_BUILD:=$RANK_SRC/build}"
bin=$(cd "$RANK_BUILD" && pwd)
rankc=$bin/rankc
page=$RANK_SRC/grammar/TUTORIAL.md
example=$RANK_SRC/examples/tutorial
work=$(mktemp -d "${TMPDIR:-/tmp}/rankc-tutorial.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
: "${RANKC_LLVM=$bin/.libs/librankc_llvm.so}"
export RANKC_LLVM
export RANKC_CACHE=none LC_ALL=C.UTF-8 TERM=xterm HOME="$work/home" XDG_STATE_HOME="$work/home"
unset NO_COLOR CLICOLOR_FORCE RANK_CPU EDITRC
passed=0 failed=0 skipped=0
"$rankc" --version >/dev/null || exit 1

# ---- the page in pieces ----

# Pieces go to $work/N.body, what a command should print to $work/N.want, and `N LINE KIND FILE` to
# $work/list: `write` and `add` have a file, `data` a path, `run` nothing.
pieces() {
    awk -v work="$work" '
        function piece(kind, file) { print ++n, NR, kind, file >(work "/list"); printf "" >body(); printf "" >want() }
        function body() { return work "/" n ".body" }
        function want() { return work "/" n ".want" }
        /^<!-- data: / { piece("data", $3) }
        !fence && /^```rank / { fence = "rank"; piece($2 == "add" ? "add" : "write", $NF); next }
        !fence && /^```/ { fence = $1 == "```console" ? "console" : "other"; next }
        /^```/ { fence = ""; next }
        fence == "rank" { print >body() }
        fence == "console" && /^\$ / { piece("run"); print substr($0, 3) >body(); next }
        fence == "console" { print >want() }' "$page"
}

# The page with what was printed, $work/N.got where it is there, in the place of what it said.
rewritten() {
    awk -v work="$work" '
        /^<!-- data: / { n++ }
        !fence && /^```rank / { n++ }
        fence == "console" && /^\$ / {
            print
            got = work "/" ++n ".got"
            some = getline line < got
            known = some >= 0
            for (; some > 0; some = getline line < got) print line
            next
        }
        /^```/ { fence = fence ? "" : $1 == "```console" ? "console" : "other"; known = 0 }
        !known { print }' "$page"
}

# ---- the reader ----

verdict() { # verdict CODE WHERE: with $work/said for a failure
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "grammar/TUTORIAL.md:$2:"
        cat "$work/said"
    fi
}

has_terminal() { grep -q '^#define HAVE_HISTEDIT_H 1' "$bin/config.h" && [ -x "$bin/tests/pty" ]; }

typed() { # typed N: what a reader types, as a script for tests/pty
    printf 'within 60000\ncursor rank>\n'
    sed -n 's/^rank> //p' "$work/$1.want" | while IFS= read -r line; do
        case $line in
        :quit) printf 'send :quit\\r\nexit 0\n' ;;
        *) printf 'line %s\ncursor rank>\n' "$line" ;;
        esac
    done
    echo show
}

# What differs from machine to machine, or with each release, is no difference.
plain() { sed 's/^rankc [0-9.]*$/rankc VERSION/; s/x86-64-v[34]/x86-64-vN/' "$1"; }

native=$("$rankc" doctor | grep -c '^engines .*native (LLVM')
is_possible() { # is_possible COMMAND
    case $1 in
    'rankc repl'*) has_terminal ;;
    *rankb* | *--emit=* | 'rankc plan'*) [ "$native" -gt 0 ] ;;
    esac
}

play() { # play N: runs the command here, in this shell, so that `cd` and PATH hold
    read -r command <"$work/$1.body"
    case $command in
    'rankc repl'*)
        typed "$1" >"$work/script"
        "$bin/tests/pty" 100 90 $command <"$work/script" >"$work/$1.got" 2>&1
        ;;
    *) { . "$work/$1.body"; } >"$work/$1.got" 2>&1 </dev/null ;;
    esac
    plain "$work/$1.want" >"$work/want"
    plain "$work/$1.got" >"$work/got"
    { echo "\$ $command" && diff -u "$work/want" "$work/got"; } >"$work/said"
}

whole() { # whole FILE: is a program that stands by itself, tests included
    "$rankc" check "$1" >"$work/said" 2>&1 </dev/null || return 1
    "$rankc" test "$1" >"$work/said" 2>&1 </dev/null || return 1
    "$rankc" fmt --check "$1" >"$work/said" 2>&1 </dev/null
}

fetch() { # fetch PATH: what the reader downloads
    cp "${RANK_DATA:-/nowhere}/$1"/fold[1-4].txt . 2>/dev/null
}

pieces
mkdir -p "$work/rankc" "$work/home"
ln -s "$RANK_SRC/examples" "$work/rankc/examples"
ln -s "$bin" "$work/rankc/build"
cd "$work/rankc" || exit 1
absent=0
while read -r n line kind file <&3; do
    case $kind in
    write) cp "$work/$n.body" "$file" && whole "$file" ;;
    add) { echo && cat "$work/$n.body"; } >>"$file" && whole "$file" ;;
    data) fetch "$file" || absent=1 && continue ;;
    run)
        if [ $absent -eq 1 ] || ! is_possible "$(cat "$work/$n.body")"; then
            skipped=$((skipped + 1))
            continue
        fi
        play "$n"
        ;;
    esac
    verdict $? "$line"
done 3<"$work/list"

# ---- what the reader has at the end ----

if [ "${1-}" = --update ]; then
    rewritten >"$work/page"
    cmp -s "$work/page" "$page" || cp "$work/page" "$page"
    for file in shop.rank shop.svg; do
        cmp -s "$HOME/shop/$file" "$example/$file" || cp "$HOME/shop/$file" "$example/$file"
    done
    exit
fi
diff -u "$example/shop.rank" "$HOME/shop/shop.rank" >"$work/said" 2>&1
verdict $? 'examples/tutorial/shop.rank is not what stands at the end'
# What it says; how that looks may change.
words() { grep -o '<text[^<]*' "$1" | sed 's/[^>]*>//' | sort; }
words "$example/shop.svg" >"$work/want"
words "$HOME/shop/shop.svg" >"$work/got"
[ -s "$work/got" ] && diff -u "$work/want" "$work/got" >"$work/said"
verdict $? 'examples/tutorial/shop.svg is not what was drawn'
[ "$(cat "$HOME/shop/products.csv" "$HOME/shop/requests.jsonl" "$HOME/shop/labels.txt" | cksum)" = '1808992973 180275' ]
verdict $? 'make_data.sh makes other bytes here'

[ $absent -eq 0 ] || echo 'real pages: skipped, RANK_DATA is not set or has no ltr-webis'
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
