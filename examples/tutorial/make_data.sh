#!/bin/sh
# Makes the data of the tutorial in a folder: 2,000 products of a shop for kitchens, 40 queries, and how
# well products answer them, as people would have judged. The same bytes on every machine.
#
#     sh examples/tutorial/make_data.sh FOLDER
#
# A product has a hidden quality. Ratings and orders follow it, with noise; one product in five has no
# rating yet. A title names what the product is, but that of an accessory names what it is for, too.
# A product that is what the query asks for is relevant, the more so if it has all words of the query
# and its quality is high; an accessory is not.
set -eu
: "${1:?which folder?}"
mkdir -p "$1"
cd "$1"
LC_ALL=C exec awk '
function uniform() { # Park and Miller; products stay below 2^53
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
}
function normal(    i, sum) {
    for (i = 0; i < 12; i++) sum += uniform()
    return sum - 6
}
function below(n) { return 1 + int(n * uniform()) }
function within(low, x, high) { return x < low ? low : x > high ? high : x }

function make_product(id,    title, price, rating) {
    kind[id] = below(n_kinds)
    material[id] = below(n_materials)
    colour[id] = below(n_colours)
    brand[id] = int(n_brands * uniform() * uniform()) + 1 # the first ones are large
    accessory[id] = uniform() < 0.15
    quality[id] = within(-2, normal(), 2)

    title = colours[colour[id]] " " materials[material[id]] " " kinds[kind[id]]
    if (accessory[id]) title = extras[below(n_extras)] " for " title
    title = brands[brand[id]] " " title ((uniform() < 0.4) ? ", " offers[below(n_offers)] : "")
    price = prices[kind[id]] * exp(0.35 * normal()) * (accessory[id] ? 0.2 : 1)
    rating = ""
    if (uniform() > 0.2) rating = sprintf("%.1f", within(1, 3.7 + 0.6 * quality[id] + 0.3 * normal(), 5))
    printf("%d,\"%s\",%s,%.2f,%s,%d\n", id, title, brands[brand[id]], price, rating,
        exp(1.5 + 0.8 * quality[id] + normal())) >"products.csv"
}

function grade(id,    fits) {
    if (accessory[id]) return 0
    fits = (!wanted_colour || colour[id] == wanted_colour) &&
           (!wanted_material || material[id] == wanted_material)
    return fits ? 1 + (quality[id] > 0) + (quality[id] > 1) : quality[id] > 1
}

function make_query(number,    id, text) {
    wanted_kind = 1 + number % n_kinds
    wanted_colour = number % 4 < 2 ? below(n_colours) : 0
    wanted_material = number % 4 > 0 ? below(n_materials) : 0
    text = (wanted_colour ? colours[wanted_colour] " " : "")
    text = text (wanted_material ? materials[wanted_material] " " : "") kinds[wanted_kind]
    printf("{\"query\": {\"text\": \"%s\"}}\n", text) >"requests.jsonl"
    for (id = 1; id <= 2000; id++)
        if (kind[id] == wanted_kind) print number, 0, id, grade(id) >"labels.txt"
}

BEGIN {
    seed = 20240229
    n_kinds = split("kettle|teapot|mug|saucepan|frying pan|bowl|plate|bread knife|colander|" \
        "lunch box|salt mill|cutting board|ladle|grater|casserole|tray", kinds, "|")
    split("35 28 9 42 38 12 10 24 18 16 22 26 8 14 65 19", prices, " ")
    n_materials = split("steel|enamel|glass|ceramic|copper|bamboo", materials, "|")
    n_colours = split("red|blue|green|black|white|yellow|grey", colours, "|")
    n_brands = split("Norrholm|Casa Viva|Kolibri|Tern|Alder|Mistral|Osaka Home|Bruno|Lumi|Petrel", brands, "|")
    n_extras = split("lid|spare handle|cleaning brush|storage bag|trivet", extras, "|")
    n_offers = split("set of 2|set of 4|gift box|1.5 l|dishwasher safe", offers, "|")

    print "id,title,brand,price,rating,orders" >"products.csv"
    for (id = 1; id <= 2000; id++) make_product(id)
    for (number = 0; number < 40; number++) make_query(number)
}'
