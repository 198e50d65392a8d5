"""Trains the two towers of cars.rank over people who are made up, and writes all that they need.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 onnx onnxscript numpy
    venv/bin/python examples/towers/train.py

person.onnx, car.onnx    the networks
person.json, car.json    medians, means and deviations, for scaler(…)
*.map                    numbers of words and ids, for vocab(…)
"""
import csv
import json
import os
import subprocess
import tempfile

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
SEEN, DIM = 10, 16


def path(name):
    return os.path.join(HERE, name)


def rows_of(folder, name):
    with open(os.path.join(folder, name)) as file:
        return list(csv.DictReader(file))


# ---- inputs ----

def scaler(name, rows, features):
    """The file, and the standardised features of the rows."""
    columns, said = [], []
    for feature in features:
        x = np.array([float(r[feature]) if r[feature] else np.nan for r in rows])
        median = float(np.nanmedian(x))
        x = np.where(np.isnan(x), median, x)
        said.append({"name": feature, "median": median, "mean": float(x.mean()), "std": float(x.std())})
        columns.append((x - x.mean()) / x.std())
    with open(path(name), "w") as out:
        json.dump({"rankc": "scaler", "features": said}, out, indent=1)
        out.write("\n")
    return torch.tensor(np.stack(columns, 1), dtype=torch.float32)


def vocab(name, keys):
    """0 is what the network does not know, or padding."""
    keys = sorted(set(keys), key=lambda k: (len(k), k))
    with open(path(name), "w") as out:
        out.write("# rankc vocab\n<missing>\t0\n<unknown>\t0\n")
        out.write("".join(f"{key}\t{1 + k}\n" if k == 0 else key + "\n" for k, key in enumerate(keys)))
    return {key: 1 + k for k, key in enumerate(keys)}


# ---- towers ----

class Person(nn.Module):
    def __init__(self, cities, cars):
        super().__init__()
        self.city, self.car = nn.Embedding(cities, 4), nn.Embedding(cars, DIM, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(2 + 4 + DIM, 48), nn.ReLU(), nn.Linear(48, DIM))

    def forward(self, dense, city, seen, seen_mask):
        weight = seen_mask.unsqueeze(-1)
        mean = (self.car(seen) * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        return F.normalize(self.net(torch.cat([dense, self.city(city), mean], 1)), dim=1)


class Car(nn.Module):
    def __init__(self, makes, bodies):
        super().__init__()
        self.make, self.body = nn.Embedding(makes, 8), nn.Embedding(bodies, 4)
        self.net = nn.Sequential(nn.Linear(4 + 8 + 4, 48), nn.ReLU(), nn.Linear(48, DIM))

    def forward(self, dense, make, body):
        return F.normalize(self.net(torch.cat([dense, self.make(make), self.body(body)], 1)), dim=1)


def export(module, inputs, name, output):
    torch.onnx.export(module.eval(), tuple(inputs.values()), path(name), dynamo=False, input_names=list(inputs),
                      output_names=[output], opset_version=17, dynamic_axes={k: {0: "batch"} for k in [*inputs, output]})
    model = onnx.load(path(name))
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, path(name))


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sh", path("make_data.sh"), folder, "5", "6000"], check=True)
        people, cars = rows_of(folder, "people.csv"), rows_of(folder, "cars.csv")
        clicks = np.loadtxt(os.path.join(folder, "clicks.txt"), dtype=int)

    cities = vocab("city.map", [p["city"] for p in people])
    numbers = vocab("car.map", [c["car"] for c in cars])
    makes, bodies = vocab("make.map", [c["make"] for c in cars]), vocab("body.map", [c["body"] for c in cars])
    seen = [[numbers[str(k)] for k in json.loads(p["seen"])][:SEEN] for p in people]
    person = {"dense": scaler("person.json", people, ["age", "budget"]),
              "city": torch.tensor([cities[p["city"]] for p in people]),
              "seen": torch.tensor([s + [0] * (SEEN - len(s)) for s in seen]),
              "seen_mask": torch.tensor([[1.0] * len(s) + [0.0] * (SEEN - len(s)) for s in seen])}
    car = {"dense": scaler("car.json", cars, ["price", "km", "power", "year"]),
           "make": torch.tensor([makes[c["make"]] for c in cars]),
           "body": torch.tensor([bodies[c["body"]] for c in cars])}

    persons, items = Person(len(cities) + 1, len(numbers) + 1), Car(len(makes) + 1, len(bodies) + 1)
    sharp = nn.Parameter(torch.tensor([5.0, 0.0]))
    optimizer = torch.optim.Adam([*persons.parameters(), *items.parameters(), sharp], lr=3e-3)
    who, what = torch.tensor(clicks[:, 0]), torch.tensor(clicks[:, 2] - 1)
    label = torch.tensor(clicks[:, 3], dtype=torch.float32)
    for epoch in range(12):
        total = 0.0
        for part in torch.randperm(len(label)).split(1024):
            p = persons(*[v[who[part]] for v in person.values()])
            c = items(*[v[what[part]] for v in car.values()])
            loss = F.binary_cross_entropy_with_logits((p * c).sum(1) * sharp[0] + sharp[1], label[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(part)
        print(f"epoch {epoch}: {total / len(label):.4f}")
    export(persons, {k: v[:2] for k, v in person.items()}, "person.onnx", "vec")
    export(items, {k: v[:2] for k, v in car.items()}, "car.onnx", "vec")


main()
