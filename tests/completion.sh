#!/bin/sh
# The completions of bash, zsh and fish, each by the shell itself where it is installed: bash's function
# called with the words of a line, zsh at a pseudo-terminal, fish by its own `complete -C`. All offer
# every command and option of the tables, and names of the program that stands on the line.
set -u
rankc=$RANK_BUILD/rankc
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
PATH=$(cd "$RANK_BUILD" && pwd):$PATH
export PATH LC_ALL=C.UTF-8

try() { # try WHAT COMMAND...
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what:"
        cat "$work/said"
    fi
}

# ---- what there is to complete ----

mkdir "$work/shop" "$work/zsh" && cd "$work/shop" || exit 1
cat >more.rank <<'END'
pipeline by_stars = candidates | top(3, by: stars)
END
cat >shop.rank <<'END'
import "more.rank"
query { user: int = 0, text: string = "" }
item  { id: int, price: float = 0.0, stars: float = 0.0 }
## Whether it costs little. In euros.
factor cheap = price < 10.0
factor rel   = price / 2.0
pipeline by_price = candidates | sort(asc: price)
revision trial = *
revision live  = trial - { rel }
END
printf 'pipeline whole = candidates\nfactor = = 1\npipeline other = candidates\n' >broken.rank
: >shop.rankb
: >shop.csv
: >requests.jsonl
mkdir shelf

# ---- one driver a shell: reads lines, prints `line N` and what is offered for each ----

cat >"$work/drive.bash" <<'END'
source "$1"
compopt() { :; }
n=0
while IFS= read -r line; do
    echo "line $((++n))"
    split=${line//=/ = }
    COMP_WORDS=($split)
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _rankc rankc
    printf '%s\n' "${COMPREPLY[@]}"
done
END
cat >"$work/drive.zsh" <<'END'
zmodload zsh/zpty
local text all line n=0
local -a lines
lines=("${(@f)$(cat)}")
zpty z zsh -f -i
zpty -w z "PS1= RPS1= PS2=; fpath=($1 \$fpath)"
zpty -w z "autoload -Uz compinit && compinit -u -D"
zpty -w z 'compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- "${(@)hits/#/offer:}"
    builtin compadd "$@"
}'
zpty -w z 'gather() { print; _main_complete; compstate[insert]= compstate[list]=; print off""ered }'
zpty -w z 'zle -C gather complete-word gather; bindkey "^T" gather; print re""ady'
while zpty -r z text; do [[ $text == *ready* ]] && break; done
for line in "${(@)lines}"; do
    print "line $((++n))"
    zpty -n -w z "$line"$'\x14'
    all=
    while zpty -r z text; do all+=$text; [[ $all == *offered* ]] && break; done
    print -r -- "${all//$'\r'/}" | sed -n 's/^offer://p'
    zpty -n -w z $'\x15'
done
zpty -d z
END
cat >"$work/drive.fish" <<'END'
source $argv[1]
set n 0
while read -l line
    set n (math $n + 1)
    echo "line $n"
    complete -C "$line"
end
END

drive() { # drive SHELL: lines come in
    case $1 in
    bash) timeout 60 bash --norc "$work/drive.bash" "$work/rankc.bash" ;;
    zsh) timeout 60 zsh -f "$work/drive.zsh" "$work/zsh" ;;
    fish) timeout 60 fish --no-config --private "$work/drive.fish" "$work/rankc.fish" ;;
    esac 2>"$work/errors"
}

# Names alone: the shells differ in descriptions, in what they repeat of the line, and in `=` behind names.
plain() { sed -e 's/	.*//' -e 's/^--[a-z-]*=\(.\)/\1/' -e 's/^-D\(.\)/\1/' -e 's/.*,//' -e 's/=$//' -e '/^$/d'; }

offered() { # offered N: what was offered for line N of $work/out, sorted
    awk -v n="$1" '/^line / { inside = $2 == n; next } inside' "$work/out" | plain | sort -u
}

offered_here() { offered "$1" >"$work/got"; }
same() { diff -u "$work/want" "$work/got"; }

# ---- what every shell must offer: lines of `LINE ~ NAMES` ----

options() { "$rankc" "$1" --help | sed -n 's/^  \(-[^= []*\).*/\1/p'; }
"$rankc" --help | sed -n 's/^  \([a-z][a-z-]*\)  *[A-Z].*/\1/p' >"$work/commands"
{
    echo "rankc ~ $(tr '\n' ' ' <"$work/commands")"
    while read -r command; do
        echo "rankc $command -~ $(options "$command" | tr '\n' ' ') --help"
    done <"$work/commands"
    echo "rankc explain E03~ $("$rankc" explain | sed -n 's/^\(E03[^ ]*\).*/\1/p' | tr '\n' ' ')"
    cat <<'END'
rankc --~ --help --version
rankc ch~ check
rankc completion ~ bash fish zsh
rankc help sigm~ sigmoid
rankc help stag~ stages
rankc model ins~ inspect
rankc model verify req~ requests.jsonl
rankc run --format ~ csv json jsonl msmarco text trec
rankc run --format=~ csv json jsonl msmarco text trec
rankc plan --format=j~ json
rankc compile --emit bu~ bundle
rankc test --engine=jit~ jit1 jit2
rankc run --top ~
rankc run --trace=re~ requests.jsonl
rankc run --requests re~ requests.jsonl
rankc run shop.rank --pipeline ~ by_price by_stars
rankc run shop.rank --pipeline=by_p~ by_price
rankc run --pipeline=~
rankc run none.rank --pipeline=~
rankc run broken.rank --pipeline=~ other whole
rankc check shop.rank --revision=~ live trial
rankc run shop.rank --query ~ text user
rankc run shop.rank --query=te~ text
rankc run shop.rank --show=cheap,st~ stars
rankc run shop.rank --show ch~ cheap
rankc metrics --metric=map,nd~ ndcg ndcg_exp
rankc metrics shop.rank --compare-pipeline=by_s~ by_stars
rankc metrics --labels re~ requests.jsonl
rankc plan shop.rank -D ~ cheap rel
rankc plan shop.rank -Dre~ rel
END
} >"$work/cases"
cut -d '~' -f 1 "$work/cases" >"$work/lines"

follows() { # follows SHELL: every case
    drive "$1" <"$work/lines" >"$work/out"
    n=0
    while IFS='~' read -r line names; do
        n=$((n + 1))
        printf '%s\n' $names | sed '/^$/d' | sort -u >"$work/want"
        offered $n >"$work/got"
        try "$1: $line" same
    done <"$work/cases"
    try "$1 says nothing else" test ! -s "$work/errors"
}

for shell in bash zsh fish; do
    "$rankc" completion $shell >"$work/rankc.$shell"
    if ! command -v $shell >/dev/null; then
        echo "$shell is not installed: skipped"
        skipped=$((skipped + 1))
        continue
    fi
    try "$shell takes the script" $shell -n "$work/rankc.$shell"
    [ $shell != zsh ] || cp "$work/rankc.zsh" "$work/zsh/_rankc"
    follows $shell
done

# ---- what they do each in their own way ----

bash_words() { # bash_words WORD...: for words that bash did not divide at `=`
    bash --norc -c 'source "$0"; compopt() { :; }; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _rankc rankc; printf "%s\n" "${COMPREPLY[@]}"' "$work/rankc.bash" "$@" >"$work/got"
}
gives() { # gives NAMES COMMAND...
    printf '%s\n' $1 >"$work/want"
    shift
    "$@" && same
}
if command -v bash >/dev/null; then
    try 'bash: words with = in them' gives '--format=json --format=jsonl' bash_words rankc run --format=j
    try 'bash: a file in quotes' gives by_stars bash_words rankc run '"shop.rank"' --pipeline by_s
    try 'bash: files of rankc' gives 'shop.rank shelf' bash_words rankc check sh
    try 'bash: bundles too' gives 'shop.rank shop.rankb shelf' bash_words rankc run sh
    try 'bash: files after --' gives more.rank bash_words rankc check -- mo
    try 'bash: a value is no name' gives '' bash_words rankc run shop.rank -D cheap = t
fi
if command -v zsh >/dev/null; then
    printf '%s\n' 'rankc check sh' 'rankc run sh' | drive zsh >"$work/out"
    try 'zsh: files of rankc' gives 'shelf shop.rank' offered_here 1
    try 'zsh: bundles too' gives 'shelf shop.rank shop.rankb' offered_here 2
fi
if command -v fish >/dev/null; then
    printf '%s\n' 'rankc check sh' 'rankc run shop.rank --show=ch' | drive fish >"$work/out"
    offered 1 >"$work/got"
    try 'fish: files of rankc' grep -qx shop.rank "$work/got"
    try 'fish: what a name is' grep -q '^--show=cheap	Whether it costs little\.$' "$work/out"
fi

# ---- the command ----

refuses() { "$rankc" completion "$1" 2>&1 | grep -q "$2"; }
try 'another shell' refuses fihs 'did you mean `fish`'
silent() { "$rankc" completion "$@" >"$work/out" 2>&1 && [ ! -s "$work/out" ]; }
try 'a file that is not there' silent pipelines none.rank
try 'a bundle that is none' silent pipelines shop.rankb
try 'no file' silent factors
for file in rankc _rankc rankc.fish; do
    case $file in *.fish) shell=fish ;; _*) shell=zsh ;; *) shell=bash ;; esac
    try "make made completions/$file" sh -c '"$0" completion $1 | cmp - "$2"' "$rankc" $shell \
        "$RANK_BUILD/completions/$file"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
