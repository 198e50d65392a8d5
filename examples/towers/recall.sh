#!/bin/sh
# recall.sh FOLDER: how many of the 50 cars that are nearest to a person the index of FOLDER/towers.rank
# finds, against an exact search, over the people of its requests. RANKC names the program to run.
set -eu
folder=$1
rankc=${RANKC:-rankc}

nearest() { # nearest PIPELINE FILE: a line `request id` a car
    "$rankc" run "$folder/towers.rank" --pipeline "$1" --requests "$folder/requests.jsonl" --format=csv >"$folder/list"
    awk -F, 'NR > 1 { print $1, $3 }' "$folder/list" >"$2"
}

nearest exact_ones "$folder/exact"
nearest near_ones "$folder/near"
awk -v exact="$folder/exact" '
    BEGIN { while ((getline line <exact) > 0) { wanted[line] = 1; n++; people[substr(line, 1, index(line, " "))] = 1 } }
    $0 in wanted { found++ }
    END { for (person in people) m++; printf "recall@50 of %d people: %.4f\n", m, found / n }' "$folder/near"
rm "$folder/exact" "$folder/near" "$folder/list"
