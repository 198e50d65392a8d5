#!/bin/sh
# rankc embed: the same bytes whoever works them out, and however often it was interrupted; what it
# writes comes back as a source.
set -u
rankc=$(cd "$RANK_BUILD" && pwd)/rankc
models=$(cd "$RANK_SRC/tests/models" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/rankc-embed.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
unset RANK_CPU
. "$RANK_SRC/tests/tell.sh"
cd "$dir" || exit 1
command=embed

same() { # same WHAT FILE...: all of one content
    what=$1 first=$2 different=0
    shift 2
    for file in "$@"; do
        cmp "$first" "$file" || different=1
    done
    [ $different -eq 0 ]
    ok "$what"
}
there() { # there WHAT FILE
    [ -e "$2" ]
    ok "$1"
}
gone() { # gone WHAT FILE...
    what=$1
    shift
    for file in "$@"; do
        [ ! -e "$file" ] || break
    done
    [ ! -e "$file" ]
    ok "$what"
}

# Rows 100, 200 … have no vector.
awk 'BEGIN { print "id,x,vec"
    for (i = 1; i <= 9000; i++) {
        if (i % 100 == 0) { print i * 7 "," i ","; continue }
        printf "%d,%d,\"[", i * 7, i
        for (k = 1; k <= 8; k++) printf "%s%.4f", (k > 1 ? "," : ""), (i * k * 7919 % 10007) / 5000 - 1
        print "]\""
    } }' >items.csv
cat >p.rank <<'RANK'
item { id: int }
source items = csv("items.csv", key: "id") by item.id { x: float? = missing, vec: vector(8)? }
def wider(v) = concat(v, v, v, v, v, v, v, v)
factor item_vec = normalize(wider(wider(vec)))
factor one = sqrt(x - 10.0)
pipeline all = scan(items)
RANK

# ---- bytes ----

gives 'one thread' 0 p.rank --factor item_vec -o a.npy --threads 1
says 'what was done' out 'a.npy: 8910 rows of 512 numbers, ids in a.ids'
says 'and what was not' out '90 rows left out: no value, or a NaN in it'
gone 'nothing is left over' a.npy.part a.ids.part a.npy.part.state
for n in 2 3 4; do
    gives "$n threads" 0 p.rank --factor item_vec -o t$n.npy --threads $n
done
gives 'all of them' 0 p.rank --factor item_vec -o t0.npy
gives 'the interpreter' 0 p.rank --factor item_vec -o ti.npy --engine interp
RANK_CPU=scalar gives 'no vector unit' 0 p.rank --factor item_vec -o ts.npy
same 'bytes do not depend on who works' a.npy t0.npy t2.npy t3.npy t4.npy ti.npy ts.npy
same 'nor do ids' a.ids t0.ids t2.ids t3.ids t4.ids ti.ids ts.ids
gives 'fvecs' 0 p.rank --factor item_vec -o a.fvecs --ids f.ids
same 'with the same ids' a.ids f.ids
[ "$(wc -c <a.fvecs)" -eq $((8910 * (4 + 512 * 4))) ] && [ "$(wc -c <a.npy)" -eq $((128 + 8910 * 512 * 4)) ]
ok 'sizes'

# ---- back again ----

cat >back.rank <<'RANK'
import "p.rank"
source again = npy("a.npy", ids: "a.ids") by item.id { vec2: vector(512)? }
source other = fvecs("a.fvecs", ids: "a.ids") by item.id { vec3: vector(512)? }
factor fine = if missing(item_vec) then missing(vec2) and missing(vec3)
              else (dot(item_vec, item_vec) ?? 0.0) == (dot(item_vec, vec2) ?? 1.0)
              and (dot(item_vec, item_vec) ?? 0.0) == (dot(vec3, vec2) ?? 1.0)
factor lost = missing(vec2)
RANK
command=
gives 'its files are sources' 0 run --pipeline all --show fine,lost --format=csv back.rank
cut -d, -f5- out | sort | uniq -c | tr -s ' ' >counts
printf ' 1 fine,lost\n 8910 true,false\n 90 true,true\n' | sort | diff - counts; ok 'and every product is the same'
command=embed

# ---- one number a row, models, texts ----

gives 'a float' 0 p.rank --factor one -o one.npy
says 'where it is NaN there is no row' out 'one.npy: 8991 rows of 1 number'
printf 'id,a,b,c,d\n5,-0.802,-1.324,-0.248,0.42\n6,1.136,0.11,-0.553,-0.785\n' >rows.csv
cat >model.rank <<RANK
item { id: int }
source rows = csv("rows.csv", key: "id") by item.id { a: float, b: float, c: float, d: float }
source back = npy("m.npy", ids: "m.ids") by item.id { m: vector(3)? }
model three = gbdt("$models/lightgbm-multiclass.txt")
factor classes = three(a, b, c, d)
factor same = l2(m, classes)
pipeline all = scan(rows)
RANK
gives 'a model with three outputs' 0 model.rank --factor classes -o m.npy
command=
gives 'comes back' 0 run model.rank --show same --format=csv
cut -d, -f5 out | tail -n 2 | sort -u | grep -qx 0; ok 'as it was'
command=embed
printf 'id,v\nred nuts,"[1,2]"\n"nuts, blue","[3,4]"\n' >texts.csv
cat >texts.rank <<'RANK'
item { id: string }
source t = csv("texts.csv", key: "id") by item.id { v: vector(2)? }
RANK
gives 'ids that are text' 0 texts.rank --factor v -o texts.fvecs
printf 'red nuts\nnuts, blue\n' | cmp - texts.ids; ok 'stand one a line'
printf 'id,v\nred,"[1,2]"\n"two\nlines","[3,4]"\n' >texts.csv
gives 'an id that is no line' 4 texts.rank --factor v -o bad.fvecs
says 'is told' err 'the id "two\nlines" cannot be a line of `bad.ids`'
gone 'and nothing was made' bad.fvecs bad.ids bad.fvecs.part bad.ids.part

# ---- interrupted ----

limited() { # limited BLOCKS WORDS...: rankc, with a limit of the length of files
    (trap '' XFSZ; ulimit -f "$1"; shift; exec "$rankc" embed "$@") >out 2>err </dev/null
}
limited 18000 p.rank --factor item_vec -o r.npy
[ $? -eq 5 ]; ok 'a full disk'
says 'is told' err 'cannot write `r.npy.part`: '
there 'what was done stays' r.npy.part.state
gone 'under another name' r.npy r.ids
cp r.npy.part kept.part && cp r.ids.part kept.ids && cp r.npy.part.state kept.state
head -c 5000 items.csv >>r.npy.part # as if it had been killed between two states
echo 17 >>r.ids.part
gives 'the same command' 0 p.rank --factor item_vec -o r.npy --threads 3
says 'goes on' err 'rankc: `r.npy` goes on from row '
same 'to the same bytes' a.npy r.npy
same 'and ids' a.ids r.ids
gone 'and nothing is left over' r.npy.part r.ids.part r.npy.part.state

again() { cp kept.part r.npy.part && cp kept.ids r.ids.part && cp kept.state r.npy.part.state; }
again
gives 'another factor' 0 p.rank --factor 'normalize(wider(wider(vec))) ' -o r.npy
says 'begins anew' err '`r.npy.part` is not of these inputs: all rows are worked out anew'
again && head -c 100 kept.part >r.npy.part
gives 'a part that was cut' 0 p.rank --factor item_vec -o r.npy
says 'begins anew' err 'worked out anew'
same 'and is right' a.npy r.npy
again && head -c 60 kept.state >r.npy.part.state
gives 'a state that was cut' 0 p.rank --factor item_vec -o r.npy
says 'begins anew' err 'worked out anew'
again && sed 's/^7,1,"\[/7,1,"[1/' items.csv >other.csv && mv other.csv items.csv
gives 'other data' 0 p.rank --factor item_vec -o r.npy
says 'begin anew' err 'worked out anew'
! cmp -s a.npy r.npy; ok 'and give something else'

# Killed at any time, with any signal, again and again: the bytes are those of one whole run.
for signal in KILL INT TERM KILL; do
    rm -f k.*
    for pause in 0.01 0.03 0.05 0.08 0.12; do
        "$rankc" embed p.rank --factor item_vec -o k.npy --threads 2 >/dev/null 2>&1 </dev/null &
        sleep $pause
        kill -$signal $! 2>/dev/null
        wait $! 2>/dev/null
    done
    gives "after $signal" 0 p.rank --factor item_vec -o k.npy
    same 'the bytes are right' r.npy k.npy
    same 'and the ids' r.ids k.ids
    gone 'and nothing is left over' k.npy.part k.ids.part k.npy.part.state
done

# ---- who cannot ----

gives 'no folder' 5 p.rank --factor item_vec -o none/a.npy
says 'is told' err 'cannot write `none/a.npy.part`: No such file or directory'
mkdir folder.npy folder.ids
gives 'a folder in its place' 5 p.rank --factor item_vec -o folder.npy
says 'is told too' err 'cannot write `folder.ids`: '
gives 'another form' 2 p.rank --factor item_vec -o a.txt
gives 'one file for two' 2 p.rank --factor item_vec -o a.npy --ids a.npy
gives 'no factor' 2 p.rank -o a.npy
gives 'no program' 5 none.rank --factor f -o a.npy
if command -v flock >/dev/null 2>&1; then
    : >l.npy.part
    flock l.npy.part sleep 5 &
    sleep 0.3
    gives 'one at a time' 5 p.rank --factor item_vec -o l.npy
    says 'is said' err '`l.npy.part` is being written by another rankc'
    kill $! 2>/dev/null
else
    skipped=$((skipped + 1))
fi

# ---- numpy ----

if python3 -c 'import numpy' 2>/dev/null; then
    python3 - <<'PY'
import numpy
a = numpy.load("a.npy")
f = numpy.fromfile("a.fvecs", "<f4").reshape(-1, 513)
ids = [int(line) for line in open("a.ids")]
assert a.dtype == "<f4" and a.shape == (8910, 512) and len(set(ids)) == 8910
assert (f[:, 1:] == a).all() and (f[:, :1].view("<i4") == 512).all()
assert numpy.load("one.npy").shape == (8991, 1)
PY
    ok 'numpy reads it'
else
    echo 'numpy is not installed: skipped'
    skipped=$((skipped + 1))
fi

# ---- on a terminal ----

# Long enough for a bar, which goes before anything else is said, and never takes more than a line.
awk 'BEGIN { print "id,x"; for (i = 1; i <= 300000; i++) print i "," i }' >long.csv
cat >long.rank <<'RANK'
item { id: int }
source items = csv("long.csv", key: "id") by item.id { x: float = 0 }
def some(v) = pow(abs(sin(v)), 1.5) + pow(abs(cos(v)), 1.25)
def more(v) = some(some(some(some(v))))
def most(v) = more(more(more(more(v))))
factor slow = most(most(x))
RANK
for columns in 80 46; do
    TERM=xterm "$RANK_BUILD/tests/pty" $columns 24 "$rankc" embed long.rank --factor slow -o t.npy --threads 1 <<'SCRIPT'
within 60000
row t.npy: 300000 rows of 1 number, ids in t.ids
none %
exit 0
SCRIPT
    ok "on a terminal of $columns columns"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
