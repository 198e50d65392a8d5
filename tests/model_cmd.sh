#!/bin/sh
# rankc model: what it tells of models of several libraries, what it says of rows that differ, and goldens
# beside the models of programs.
set -u
rankc=$(cd "$RANK_BUILD" && pwd)/rankc
models=$(cd "$RANK_SRC/tests/models" && pwd)
unset RANK_CPU
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0

try() { # try WHAT COMMAND...
    what=$1
    shift
    if "$@" >said 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $what:"
        cat said
    fi
}

gives() { # gives STATUS WORDS...: rankc; what it printed is in out and err
    status=$1
    shift
    "$rankc" "$@" >out 2>err </dev/null
    code=$?
    [ $code -eq "$status" ] || { echo "status $code, not $status" && cat err && return 1; }
}
has() { grep -qF -e "$2" "$1" || { cat "$1" && return 1; }; }
is() { diff -u - "$1"; }

# ---- help ----

try 'help: verify' gives 0 help model verify
try 'help: what a golden is' has out 'A golden is a csv file of rows and what the library makes of them'
try 'help: its option' has out '--golden=ROWS'
try 'help: inspect' gives 0 help model inspect
try 'help: what it prints' has out 'rankc model inspect ['
try 'help: asked of an action' gives 0 model verify --help
try 'help: of that action' has out 'rankc model verify ['
try 'help: asked of the command' gives 0 model --help
try 'help: of the command' has out '] inspect|verify FILE'
try 'help: no action' gives 2 help model nothing

# ---- inspect ----

# The tree of the cases: `price` in two splits, one with 0.25 of gain that no double loses.
awk '/^%%FILE buy.txt/ { inside = 1; next } /^>>>/ { inside = 0 } inside && !/^<<</' \
    "$RANK_SRC/tests/cases/model.test" >buy.txt

machine() { sed -e '/^memory/d' -e '/^evaluator/d' -e '/^  *lists of/d'; }
inspects() { # inspects FILE: what does not depend on the machine is what comes in
    gives 0 model inspect "$1" && machine <out >got && is got
}
try 'inspect: a forest' inspects buy.txt <<'TEXT'
format      LightGBM text v4
objective   binary sigmoid:1
score       double: 1 / (1 + exp(-raw))
outputs     1
sums        double
trees       2
leaves      5: 2.5 a tree, at most 3
depth       1.5 a tree, at most 2
inputs      3, of which 2 are used

input   splits  gain  missing  categories
price        2     3  no rule
rating       1     1  left

not used: unused
TEXT
try 'inspect: evaluators and memory' sh -c '
    grep -qE "^memory      [0-9.]+ (bytes|KiB), and [0-9.]+ (bytes|KiB) of tables$" "$1" &&
    grep -qE "^evaluator   lists of 1.*: (tree lanes|gathered walk|walk|bit-sliced, [0-9]+ rows)$" "$1"' sh out
try 'inspect: categories by name' gives 0 model inspect "$models/lightgbm-pandas.txt"
try 'inspect: several outputs' gives 0 model inspect "$models/lightgbm-multiclass.txt"
try 'inspect: … and their score' has out 'score       vector(3): softmax(raw)'
try 'inspect: a linear model' inspects "$models/xgboost-linear-multi.ubj" <<'TEXT'
format      XGBoost UBJSON 3.2.0
objective   multi:softprob
score       vector(3): softmax(raw)
outputs     3
linear      a weight for each input, and a bias
inputs      4, of which 4 are used

input                                     weight  missing
input 1    -0.80859154, -0.034420207, 0.91256875  adds nothing
input 2    -0.008606795, 0.06006965, -0.07315667  adds nothing
input 3    -0.030807618, -0.05157469, 0.09769632  adds nothing
input 4     -0.14673541, 0.12068196, 0.023750331  adds nothing
TEXT

every_one() { # inspects all models of the folder, as text and as JSON that is well-formed
    inspected=0
    for model in "$models"/*.txt "$models"/*.json "$models"/*.ubj "$models"/*.cbm; do
        "$rankc" model inspect "$model" >out 2>err
        code=$?
        if [ $code -eq 4 ] && has err 'error[E0541]'; then
            continue # what is refused has tests of its own
        fi
        [ $code -eq 0 ] && [ -s out ] || { echo "$model" && cat err && return 1; }
        inspected=$((inspected + 1))
        gives 0 model inspect --format=json "$model" || return 1
        ! command -v python3 >/dev/null || python3 -c 'import json, sys; json.load(sys.stdin)' <out ||
            { echo "$model" && return 1; }
    done
    [ $inspected -ge 70 ]
}
try 'inspect: all models of tests/models' every_one

score_of() { # score_of OBJECTIVE FORMULA: of the model of tests/models
    gives 0 model inspect "$models/lightgbm-$1.txt" && sed -n 's/^score  *//p' out >got && echo "$2" | is got
}
try 'inspect: exp' score_of poisson 'double: exp(raw)'
try 'inspect: a square' score_of sqrt 'double: sign(raw) raw^2'
try 'inspect: log' score_of cross_entropy_lambda 'double: log(1 + exp(raw))'
try 'inspect: a mean of trees' score_of rf 'double: 1 / (1 + exp(-raw / 8))'

# Wide models are cut in text, and whole in JSON.
wide() {
    {
        printf 'tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=29\n'
        printf 'objective=regression\nfeature_names=%s\n' "$(seq -s ' ' -f 'in%g' 0 29)"
        printf 'feature_infos=%s\n' "$(yes '[0:9]' | head -n 30 | tr '\n' ' ' | sed 's/ $//')"
        for i in $(seq 0 29); do
            printf '\nTree=%s\nnum_leaves=2\nnum_cat=0\nsplit_feature=%s\nsplit_gain=%s\nthreshold=5\n' \
                "$i" "$i" "$((i + 1))"
            printf 'decision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=1 2\nleaf_weight=1 1\n'
            printf 'leaf_count=1 1\ninternal_value=0\ninternal_weight=1\ninternal_count=2\nis_linear=0\nshrinkage=1\n\n'
        done
        printf '\nend of trees\n\nparameters:\nend of parameters\n\npandas_categorical:null\n'
    } >wide.txt
    gives 0 model inspect wide.txt && grep -c '^in[0-9]' out | grep -qx 20 && has out '… 10 more' &&
        sed -n '/^input /,$p' out | sed -n 2p | grep -q '^in29  *1  *30 ' &&
        gives 0 model inspect wide.txt --format=json && grep -o '"splits": 1' out | wc -l | grep -qx 30
}
try 'inspect: many inputs' wide

# Those of ids.
for file in city.map dense.json lr.json; do
    awk -v head="%%FILE $file" '$0 == head { inside = 1; next } /^>>>/ { inside = 0 }
        inside && !/^<<</' "$RANK_SRC/tests/cases/ids.test" >"$file"
done
try 'inspect: a vocabulary' inspects city.map <<'TEXT'
format      vocabulary
keys        3
unknown     1
missing     0

key     number
berlin       2
paris        3
7            9
TEXT
try 'inspect: a scaler' inspects dense.json <<'TEXT'
format      scaler
gives       vector(3)

input  median  mean  std
price      12  13.5  4.2
age               3    2
flat              3    0
TEXT
try 'inspect: a linear model of ids' inspects lr.json <<'TEXT'
format      linear model
score       double: 1 / (1 + exp(-raw))
bias        -1

input  weight  unknown  missing
price     0.5                10
city    2 ids   0.0625      0.5
tags    2 ids        0
TEXT
for file in city.map dense.json lr.json; do
    try "inspect: $file as JSON" gives 0 model inspect "$file" --format=json
done
try 'inspect: … with its weights' has out '"name": "city", "unknown": 0.0625, "missing": 0.5, "weights": {"berlin": 0.25'

try 'inspect: no such file' gives 5 model inspect nofile.txt
try 'inspect: … said' has err 'error[E0601]: cannot read `nofile.txt`: no such file'
echo 'item { id: int }' >p.rank
try 'inspect: no model' gives 4 model inspect p.rank
try 'inspect: … said' has err 'error[E0540]'
try 'model: what it can' gives 2 model inspekt buy.txt
try 'model: … said' has err '`inspekt`; did you mean `rankc model inspect`?'
try 'model: two words' gives 2 model inspect
try 'model: --golden is of verify' gives 2 model inspect buy.txt --golden x.csv

network_is_shown() {
    gives 0 model inspect "$models/networks/torch-dssm-user-script.onnx" || return 1
    has out 'outputs     emb: vector(16)' && has out 'history       list(int)   12 elements' &&
        has out '  dense 29 -> 64, relu' &&
        gives 0 model inspect --format=json "$models/networks/torch-dssm-user-script.onnx" &&
        has out '"shape": "network"' && has out '"multiply_adds": 4416'
}
try 'inspect: a network' network_is_shown

# ---- verify ----

cat >good.csv <<'END_ROWS'
rating,price,note,score,raw
1,10,"a, b",0.7549149868676283,1.125
3,11,,0.5926665999540698,0x1.8p-2
,3e1,,0.5312093733737563,0.125
END_ROWS
try 'verify: rows that fit' gives 0 model verify buy.txt --golden good.csv
try 'verify: … said' has out 'buy.txt: 3 rows, raw and score: as in the golden'
try 'verify: there is no golden' gives 5 model verify buy.txt
try 'verify: … what to do' has err 'help: --golden ROWS names another file; `rankc help model verify` tells what is in one'
try 'verify: nor one by that name' gives 5 model verify buy.txt --golden none.csv
try 'verify: … which is known' sh -c '! grep help err'
printf 'price,city,tags,raw\n4,berlin,7,2.75\n4,rome,8,3.0625\n' >ids.csv
try 'verify: ids' gives 0 model verify lr.json --golden ids.csv
try 'verify: a vocabulary' gives 4 model verify city.map --golden ids.csv
try 'verify: … gives no scores' has err '`city.map` gives no scores'
cat >bad.csv <<'END_ROWS'
price,rating,raw0,score
10,1,1.125,0.7549149868676285
11,3,0.375,0.59266659995406
30,,0.12500000000000003,0.5312093733737563
30,,nan,0.5312093733737563
END_ROWS
try 'verify: rows that differ' gives 3 model verify buy.txt --golden bad.csv
try 'verify: … which' is out <<'TEXT'
line  column  golden               model               ulp
   4  raw0    0.12500000000000003  0.125                 1
   5  raw0    nan                  0.125                 -
   3  score   0.59266659995406     0.5926665999540698   88
buy.txt: 3 of 4 rows, raw and score: other than in the golden
TEXT
try 'verify: … in JSON' gives 3 model verify buy.txt --golden bad.csv --format=json
try 'verify: … whole' is out <<'TEXT'
{"file": "buy.txt", "golden": "bad.csv", "rows": 4, "different": 3, "score": true, "first": [{"line": 4, "column": "raw0", "golden": 0.12500000000000003, "model": 0.125, "ulp": 1}, {"line": 5, "column": "raw0", "golden": "nan", "model": 0.125}, {"line": 3, "column": "score", "golden": 0.59266659995406, "model": 0.5926665999540698, "ulp": 88}]}
TEXT
printf 'price,rating\n1,2\n' >lacks.csv
try 'verify: no column raw' gives 4 model verify buy.txt --golden lacks.csv
try 'verify: … said' has err 'error[E0501]: lacks.csv has no column `raw`'
printf 'price,rating,raw\n1,2,1.5\n1,two,1\n' >word.csv
try 'verify: no number' gives 4 model verify buy.txt --golden word.csv
try 'verify: … said' has err 'error[E0502]: word.csv:3: column `rating`: `two` is no number'
: >empty.csv
try 'verify: an empty file' gives 4 model verify buy.txt --golden empty.csv

# What the libraries said, of all models whose inputs are numbers: lines of `inputs;raw;scores;leaves`.
converted() { # converted GOLDEN: as a csv, with inputs f0, f1 … or the names of LightGBM
    awk -F ';' -v names="$2" '
        NR == 1 {
            n = split($1, x, ","); k = split($2, y, ","); s = split($3, z, ",")
            for (i = 0; i < n; i++) line = line names i ","
            for (i = 0; i < k; i++) line = line "raw" i ","
            for (i = 0; i < s; i++) line = line (s > 1 ? "score" i : "score") (i + 1 < s ? "," : "")
            print line
        }
        { print $1 "," $2 "," $3 }' "$1"
}
libraries() {
    for pair in lightgbm-nan.txt lightgbm-zero.txt lightgbm-categories.txt lightgbm-multiclass.txt lightgbm-poisson.txt \
        xgboost-categories.json xgboost-softprob.json xgboost-softmax.json xgboost-linear.json xgboost-tiny.json \
        xgboost-dart.json catboost-rmse.json catboost-multiclass.json catboost-nan-max-json.json; do
        name=${pair%.*}
        case $name in lightgbm*) names=Column_ ;; *) names=f ;; esac
        converted "$models/$name.golden" $names >rows.csv
        gives 0 model verify "$models/$pair" --golden rows.csv || { echo "$pair" && cat out && return 1; }
        for cpu in scalar v3 v4; do
            RANK_CPU=$cpu "$rankc" model verify "$models/$pair" --golden rows.csv >out 2>err
            case $? in 0 | 2) ;; *) echo "$pair with $cpu" && cat out && return 1 ;; esac
        done
    done
}
try 'verify: what LightGBM, XGBoost and CatBoost say' libraries

# Categories by their names; of several outputs each.
awk '/^%%FILE color.txt/ { inside = 1; next } /^>>>/ { inside = 0 } inside && !/^<<</' \
    "$RANK_SRC/tests/cases/model.test" >color.txt
cat >color.csv <<'END_ROWS'
color,raw0,raw1,score0,score1
green,1,0,0.7310585786300049,0.2689414213699951
mauve,-1,0,0.11920292202211755,0.5
END_ROWS
try 'verify: categories, several outputs' gives 3 model verify color.txt --golden color.csv
try 'verify: … which' has out '   3  score1'

network=$models/networks/torch-dssm-user-script.onnx
network_is_compared() {
    gives 0 model verify "$network" && has out '6 rows, raw: as in the golden' &&
        has out 'the largest difference is '
}
try 'verify: a network, within its bounds' network_is_compared
distance_in_json() {
    gives 0 model verify --format=json "$network" && grep -qE '"first": \[\], "apart": [0-9.]+e-0[78]\}$' out
}
try 'verify: … how far, in JSON' distance_in_json
# The same golden with the output's name: a column a number, or one of lists.
outputs_by_name() {
    sed '1s/raw/emb/g' "$network.golden" >named.golden
    gives 0 model verify --golden=named.golden "$network" && has out '6 rows, outputs: as in the golden' || return 1
    sed -e '1s/,raw0,.*/,emb/' -e '2,$s/\(.*\]"\),\(.*\)$/\1,"[\2]"/' "$network.golden" >listed.golden
    gives 0 model verify --golden=listed.golden "$network" && has out '6 rows, outputs: as in the golden' || return 1
    sed '3s/,[^,]*\]"$/,0.5]"/' listed.golden >wrong.golden
    "$rankc" model verify --golden=wrong.golden "$network" >out 2>err && return 1
    has out '1 of 6 rows, outputs: other than in the golden' && has out '   3  emb[15]' || return 1
    sed '3s/,[^,]*\]"$/]"/' listed.golden >short.golden
    "$rankc" model verify --golden=short.golden "$network" >out 2>err && return 1
    has err 'E0502' && has err 'column `emb` is no vector(16)'
}
try 'verify: outputs by their names' outputs_by_name
heads_by_name() { # several outputs, of which one lacks
    heads=$models/network-mmoe
    awk -F ';' 'NR == 1 { print "x,ctr,cvr" } { print "\"[" $1 "]\"," $2 }' \
        "$heads.golden" >heads.csv
    gives 0 model verify --golden=heads.csv "$heads.onnx" && has out '6 rows, outputs: as in the golden' || return 1
    sed '1s/cvr/other/' heads.csv >lacks.csv
    "$rankc" model verify --golden=lacks.csv "$heads.onnx" >out 2>err && return 1
    has err 'E0501' && has err 'has no column `cvr`'
}
try 'verify: several heads by their names' heads_by_name
network_differs() {
    sed '4s/,[^,]*$/,0.5/' "$network.golden" >wrong.golden
    "$rankc" model verify --golden=wrong.golden "$network" >out 2>err && return 1
    has out '1 of 6 rows, raw: other than in the golden' && has out raw15
}
try 'verify: a network that differs' network_differs
vector_is_long() {
    sed '3s/"\[/"[1, /' "$network.golden" >long.golden
    "$rankc" model verify --golden=long.golden "$network" >out 2>err && return 1
    has err 'E0502' && has err 'column `dense` is no vector(5)'
}
try 'verify: a vector of another length' vector_is_long

# ---- beside the models of programs ----

cat >shop.rank <<'END_PROGRAM'
item { id: int, price: float = 0, rating: float? }
model buy  = gbdt("buy.txt")
model some = gbdt("buy.txt", trees: 1)
factor p = buy(price, rating, 0)
pipeline best = candidates | top(5, by: p)
END_PROGRAM
cp good.csv buy.txt.golden
try 'check: a golden that fits' gives 0 check shop.rank
cp bad.csv buy.txt.golden
try 'check: a golden that does not' gives 4 check shop.rank
try 'check: … said once' is err <<'TEXT'
error[E0543]: the model gives other scores than `buy.txt.golden`
 --> shop.rank:2:7
  |
2 | model buy  = gbdt("buy.txt")
  |       ^^^
  = note: line 4: `raw0` is 0.12500000000000003, and the model gives 0.125
  = note: 3 of 4 rows differ

TEXT
try 'compile: likewise' gives 4 compile --emit=plan shop.rank
try 'run: goldens are left alone' gives 0 run shop.rank
cp good.csv buy.txt.golden
sed 's/gbdt("buy.txt", trees: 1)/gbdt("buy.txt", precision: "float")/' shop.rank >float.rank
try 'check: in float, the golden is of the model as it is' gives 0 check float.rank
try 'check: … which model is not as its library has it' is out <<'TEXT'
float.rank: model `some` adds up in float, which its library does not
float.rank: 1 factor, 1 pipeline: fine
TEXT
cp word.csv buy.txt.golden
try 'check: a golden that cannot be read' gives 4 check shop.rank
try 'check: … said' has err 'error[E0502]: buy.txt.golden:3'

# ---- how the calls of a program are worked out ----

rm buy.txt.golden
cat >plan.rank <<'END_PROGRAM'
item { id: int, price: float = 0, rating: float? }
model buy  = gbdt("buy.txt")
model line = gbdt("linear.json")
factor one  = buy.raw(avg(price), 1, 0)
factor p    = buy(...)
factor late = buy.raw(price * 2, rating, 0) + sum(buy.leaves(...)) + line(price, 1, 2, 3)
pipeline best = candidates | top(2000, by: p) | where(price >= 0) | top(20, by: late + one)
END_PROGRAM
cp "$models/xgboost-linear.json" linear.json
try 'plan: models' gives 0 plan plan.rank --engine=interp
try 'plan: … of one row' sh -c 'grep -qE "model buy.raw of 2 inputs as one: (tree lanes|walk|bit-sliced, 128 rows) " out'
if "$rankc" doctor | grep -q '^levels.* v3'; then
    try 'plan: … of a list of any length' has out 'model buy of 2 inputs as p: by list length '
    try 'plan: … of at most 2000 items' sh -c 'grep -qE "model buy.raw of 2 inputs as c[0-9]+: bit-sliced, (256|512) rows " out'
fi
try 'plan: … leaves' sh -c 'grep -qE "model buy.leaves of 2 inputs as c[0-9]+: walk " out'
try 'plan: … a linear model' sh -c 'grep -qE "model line of 4 inputs as c[0-9]+: weights " out'
try 'plan: … in JSON' gives 0 plan plan.rank --engine=interp --format=json
try 'plan: … with a key of its own' sh -c 'grep -qE "\"does\": \"model line of 4 inputs as c[0-9]+\", \"evaluator\": \"weights\"" out'
scalar() { RANK_CPU=scalar gives 0 plan plan.rank --engine=interp; }
try 'plan: without vectors' scalar
try 'plan: … one row walks' has out 'model buy.raw of 2 inputs as one: walk '
sed 's/gbdt("buy.txt")/gbdt("buy.txt", precision: "float")/' plan.rank >float.rank
try 'plan: a model in float' gives 0 plan float.rank --engine=interp
try 'plan: … says so' sh -c 'grep -qE "model buy.raw of 2 inputs as one: [^,]*(, 128 rows)?, in float " out'

cp "$network" net.onnx
cat >fast.rank <<'END_PROGRAM'
query { dense: vector(5), city: int }
item { id: int, history: list(int) }
model net = tower("net.onnx", fast: true)
factor vec = net(dense: query.dense, city: query.city, history: item.history)
factor length = dot(vec, vec)
pipeline best = candidates | top(3, by: length)
END_PROGRAM
try 'check: a network that is fast' gives 0 check fast.rank
try 'check: … said' has out 'model `net` is fast: its last bits depend on the batch and the machine'
try 'plan: a network' gives 0 plan fast.rank --engine=interp
try 'plan: … said' has out 'dense 29-64-32-16, 3.58 k multiply-adds an item, 832 once, by a BLAS'
echo '{"query": {"dense": [1, 2, 3, 4, 5], "city": 1}, "items": [{"id": 7, "history": [3]}]}' >ask.jsonl
no_blas() {
    RANK_BLAS=none "$rankc" run fast.rank --requests=ask.jsonl >out 2>err && return 1
    has err 'error[E0604]: there is no BLAS: RANK_BLAS is none'
}
try 'run: no BLAS' no_blas

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
