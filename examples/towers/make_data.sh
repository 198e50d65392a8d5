#!/bin/sh
# Makes a market of used cars in a folder: 600 cars, people who look at them, and what they clicked at. The
# same bytes on every machine.
#
#     sh examples/towers/make_data.sh FOLDER                    80 people and a request of each
#     sh examples/towers/make_data.sh FOLDER SEED REQUESTS      other people; the cars are the same
#
# People like some makes and a kind of body, have a budget (which one in four does not tell), and have seen
# some cars that they liked. A request has 20 cars; one is clicked at if its make and body fit, its price lies
# within the budget, it is in good shape for its age, and it has not been on offer for long. One car in six
# does not tell its mileage.
set -eu
: "${1:?which folder?}"
mkdir -p "$1"
cd "$1"
LC_ALL=C exec awk -v people_seed="${2:-20110101}" -v requests="${3:-80}" '
function uniform() { # Park and Miller; products stay below 2^53
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
}
function normal(    i, sum) {
    for (i = 0; i < 12; i++) sum += uniform()
    return sum - 6
}
function below(n) { return 1 + int(n * uniform()) }

function make_car(id,    years) {
    make[id] = int(n_makes * uniform() * uniform()) + 1 # the first ones are common
    body[id] = below(n_bodies)
    years = 1 + int(15 * uniform())
    power[id] = int(60 + 15 * body[id] + 20 * (1 + normal()) ^ 2)
    km[id] = int(years * 13000 * exp(0.4 * normal()))
    shape[id] = 13000 * years / (km[id] + 20000) - 0.8
    price[id] = int((12000 + 100 * power[id] + 1500 * class[make[id]]) * exp(-0.11 * years + 0.2 * normal()))
    days[id] = int(60 * uniform())
    printf("%d,%s,%s,%d,%s,%s,%d,%d\n", id, makes[make[id]], bodies[body[id]], price[id],
        uniform() < 0.16 ? "" : km[id], uniform() < 0.08 ? "" : power[id], 2011 - years, days[id]) >"cars.csv"
}

function make_person(    i) {
    for (i = 1; i <= n_makes; i++) likes[i] = 1.3 * normal()
    wanted = below(n_bodies)
    age = int(20 + 50 * uniform())
    budget = int(4000 * exp(0.02 * (age - 20) + 0.5 * normal()))
    likes[1 + age % 3] += 0.5
}
function fit(id,    over, fresh) {
    fresh = (30 - days[id]) / 15
    over = log(price[id] / budget)
    return 1.2 * likes[make[id]] + 1.5 * (body[id] == wanted) - 2.5 * (over > 0 ? over : -0.3 * over) + 1.5 * shape[id] + fresh
}

function seen_cars(    list, n, most, id, tries) {
    most = below(16) - 3 # some have seen none yet
    for (tries = 0; n < most && tries < 400; tries++) {
        id = below(n_cars)
        if (fit(id) + normal() < 1) continue
        list = list (n++ ? ", " : "") id
    }
    return "[" list "]"
}

function make_request(number,    i, id, items, chosen) {
    make_person()
    printf("%d,%s,%d,%s,\"%s\"\n", number, cities[below(n_cities)], age, uniform() < 0.25 ? "" : budget, seen_cars()) \
        >"people.csv"
    for (i = 1; i <= 20; i++) {
        do id = below(n_cars); while (id in chosen)
        chosen[id] = 1
        items = items (i > 1 ? ", " : "") "{\"id\": " id "}"
        print number - 1, 0, id, (fit(id) + 0.7 * normal() > 0) >"clicks.txt"
    }
    printf("{\"query\": {\"person\": %d}, \"items\": [%s]}\n", number, items) >"requests.jsonl"
}

BEGIN {
    n_makes = split("Volta Nord Solano Pico Kestrel Aurora Tamar Quint Merit Orsay", makes, " ")
    split("1 2 0 0 4 3 1 6 2 8", class, " ")
    n_bodies = split("hatchback estate saloon van coupe", bodies, " ")
    n_cities = split("Riga Porto Gdansk Ghent Turin Graz", cities, " ")
    n_cars = 600
    seed = 7
    print "car,make,body,price,km,power,year,days" >"cars.csv"
    for (id = 1; id <= n_cars; id++) make_car(id)
    seed = people_seed
    print "person,city,age,budget,seen" >"people.csv"
    for (number = 1; number <= requests; number++) make_request(number)
}'
