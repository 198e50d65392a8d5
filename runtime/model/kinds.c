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
    {0},
};

const rk_model_kind *rk_model_kind_find(rk_str name)
{
    for (const rk_model_kind *kind = rk_model_kinds; kind->name; kind++)
        if (rk_str_eq(name, rk_str_from(kind->name)))
            return kind;
    return NULL;
}
