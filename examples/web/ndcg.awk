# Mean nDCG at 10 of a ranking against the labels of a learning-to-rank file:
#
#     awk -f ndcg.awk web.txt ranking.trec
#
# Prints the mean, and how many queries and documents the ranking has. Gains are 2^label - 1; a
# query without a relevant document counts as 0.
FNR == 1 { file++ }
file == 1 {
    sub(/qid:/, "", $2)
    for (i = 3; i < NF && $i != "="; i++) continue # `# docid = NAME`
    label[$2, $(i + 1)] = $1
    have[$2, $1]++
    next
}
{
    queries += !seen[$1]++
    documents++
    if (!(($1, $3) in label)) {
        print "unknown document " $3 " of query " $1
        exit 1
    }
    if ($4 <= 10) dcg[$1] += (2 ^ label[$1, $3] - 1) / log(1 + $4)
}
END {
    for (query in seen) {
        best = 0
        place = 1
        for (grade = 4; grade > 0; grade--)
            for (i = 0; i < have[query, grade] && place <= 10; i++) best += (2 ^ grade - 1) / log(1 + place++)
        if (best > 0) sum += dcg[query] / best
    }
    printf "%.3f %d %d\n", queries ? sum / queries : 0, queries, documents
}
