#!/bin/sh
# Writes 12 queries of 30 pages each, with 42 features and a planted relevance, as a learning-to-rank
# file to standard output: `label qid:N 1:v … 42:v # docid = NAME`. The same bytes on every machine.
#
#     sh examples/web/make_data.sh >web.txt
#     sh examples/web/make_data.sh SEED QUERIES >more.txt     other queries, or more of them
#
# A page has a hidden fit to the query. The scorers see it through noise, each on a scale of its own
# that changes from query to query; pages of spam are stuffed with the words of the query, so that
# their bodies seem to fit. The label follows the hidden fit, the page's fame and its honesty.
LC_ALL=C exec awk -v seed="${1:-20090101}" -v queries="${2:-12}" '
function uniform() { # Park and Miller; products stay below 2^53
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
}
function normal(    i, sum) {
    for (i = 0; i < 12; i++) sum += uniform()
    return sum - 6
}
function positive(x) { return x > 0 ? x : 0 }
function add(value) { line = line sprintf(" %d:%.6g", ++n, value) }

# How well the parts of a page seem to fit: body, title, anchor texts, main content.
function seem(hidden, spam) {
    fits[1] = 0.7 * hidden + 0.5 * normal() + (spam < 25 ? 1.5 : 0)
    fits[2] = 0.6 * hidden + 0.8 * normal()
    fits[3] = 0.6 * hidden + 0.8 * normal()
    fits[4] = 0.9 * hidden + 0.4 * normal()
    linked = uniform() < 0.7 # the others have no anchor texts at all
}
function page_features(fame, spam,    rank, slashes) {
    rank = 0.15 / (1.001 - fame)
    slashes = 1 + int(5 * uniform() * uniform())
    add(rank)
    add(spam)
    add(slashes)
    add(14 + 11 * slashes + int(20 * uniform()))
    add(linked ? 1 + int(8 * rank * (0.5 + uniform())) : 0)
    add(int(60 * uniform()))
}
function text_features(    s, part, x) {
    for (s = 1; s <= 9; s++)
        for (part = 1; part <= 4; part++) {
            x = scale[s] * (3 + fits[part] + 0.4 * normal())
            if (part == 3 && !linked) x = 0
            add(s == 1 ? int(positive(x)) : s == 6 || s == 7 ? x - 20 : positive(x))
        }
}
function page(query, number,    hidden, spam, fame, relevance) {
    hidden = normal()
    spam = int(100 * uniform())
    fame = uniform()
    relevance = hidden + 1.2 * (spam / 99 - 0.5) + 0.8 * (fame - 0.5) + 0.2 * normal()
    line = ""
    n = 0
    seem(hidden, spam)
    page_features(fame, spam)
    text_features()
    printf "%d qid:%d%s # docid = web-%d-%02d\n", (relevance > 0.6) + (relevance > 1.2) + (relevance > 1.8),
        query, line, query, number
}
BEGIN {
    split("6 9 4 0.3 0.4 2 3 5 1.5", base, " ") # tf tf_idf bm25 f2exp f2log ql qljm pl2 spl
    for (query = 101; query <= 100 + queries; query++) {
        for (s = 1; s <= 9; s++) scale[s] = base[s] * (0.4 + 1.6 * uniform())
        for (number = 1; number <= 30; number++) page(query, number)
    }
}'
