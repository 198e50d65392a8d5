#include "runtime/model/kinds.h"

const rk_model_kind rk_model_kinds[] = {
    {.name = "gbdt",
     .sig = "(trees: int, precision: string)",
     .options = 1u << RK_OPTION_TREES | 1u << RK_OPTION_PRECISION,
     .doc = "Trees, or a linear model, that LightGBM, XGBoost or CatBoost saved, or trees in "
            "ONNX. The format is told by the file's content. `trees: 100` takes the first 100 of "
            "each output; with "
            "`precision: \"float\"` leaves, sums and scores are floats, which is quicker on long "
            "lists and no longer what the library says to the last bit. A call "
            "binds inputs by position or name, and `...` the rest by the file's names; `.raw` is "
            "the score before the objective's transform, `.leaves` the number of each tree's leaf.",
     .example = "model buy = gbdt(\"buy.txt\")",
     .shapes = {RK_MODEL_FOREST, RK_MODEL_LINEAR},
     .n_shapes = 2},
    {.name = "tower",
     .sig = "(length: int, pad: int = 0, keep: string = \"first\", align: string = \"start\", "
            "fast: bool = false)",
     .options = 1u << RK_OPTION_LENGTH | 1u << RK_OPTION_PAD | 1u << RK_OPTION_KEEP |
                1u << RK_OPTION_ALIGN | 1u << RK_OPTION_FAST,
     .doc =
         "A neural network as ONNX: a tower, a ranker, several heads. A call binds inputs by "
         "position or name, and `...` the rest by the file's names: floats, ints, vectors, lists "
         "of ids. A list is cut to the length of its input (`keep: \"last\"` keeps the end) or "
         "filled with `pad` (in front with `align: \"end\"`); an input called like it and `_mask` "
         "or `_len` is made from it. Several outputs are picked by name: `net(…).ctr`. With "
         "`fast: true` a BLAS multiplies, and the last bits are no longer the same everywhere.",
     .example = "model user_net = tower(\"user.onnx\")",
     .shapes = {RK_MODEL_NETWORK},
     .n_shapes = 1},
    {.name = "vocab",
     .sig = "(x)",
     .at_call = true,
     .doc =
         "The numbers that a vocabulary gives to strings or ints, or to each of a list: what a "
         "network's tables of embeddings take. The file begins with `# rankc vocab`; a line has a "
         "key, a tab and its number, or a key alone, which gets the number after the last one. "
         "`<unknown>` is the key of what is not in it, `<missing>` of a missing value; without "
         "them "
         "these give a missing int.",
     .example = "factor city_id = vocab(\"city.map\", city)",
     .shapes = {RK_MODEL_VOCAB},
     .n_shapes = 1},
    {.name = "scaler",
     .sig = "(...)",
     .at_call = true,
     .doc = "Dense features as a network was trained with them, as a vector: each less its mean, "
            "divided by its standard deviation; a missing one counts as its median. The file is "
            "JSON: `{\"rankc\": \"scaler\", \"features\": [{\"name\": \"price\", \"median\": 12, "
            "\"mean\": 13.5, \"std\": 4.2}]}`. Inputs are bound as a model's.",
     .example = "factor dense = scaler(\"dense.json\", price, ...)",
     .shapes = {RK_MODEL_SCALER},
     .n_shapes = 1},
    {.name = "linear",
     .sig = "()",
     .doc =
         "A linear or logistic model of numbers and ids. The file is JSON: `{\"rankc\": "
         "\"linear\", \"link\": \"logistic\", \"bias\": -1, \"inputs\": [{\"name\": \"price\", "
         "\"weight\": 0.3}, {\"name\": \"city\", \"weights\": {\"rome\": 0.2}, \"unknown\": 0}]}`. "
         "`link` is `identity`, `logistic` or `exp`; `missing` of an input says what a missing "
         "number counts as, or what a missing id adds. Of a list of ids all are added. `.raw` is "
         "the sum.",
     .example = "model ctr = linear(\"lr.json\")",
     .shapes = {RK_MODEL_TERMS},
     .n_shapes = 1},
    {0},
};

const rk_model_kind *rk_model_kind_find(rk_str name)
{
    for (const rk_model_kind *kind = rk_model_kinds; kind->name; kind++)
        if (rk_str_eq(name, rk_str_from(kind->name)))
            return kind;
    return NULL;
}
