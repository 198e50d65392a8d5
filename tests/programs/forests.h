/* Models as their libraries write them: thresholds, sets and rules for missing values as they stand
 * in the file, before any loader made something else of them. gen_model.c makes them, model_text.c
 * writes their files, and eval_model.c walks them by the rules of each library. */
#ifndef RK_PROGRAMS_FORESTS_H
#define RK_PROGRAMS_FORESTS_H

#include <stdbool.h>
#include <stdint.h>

enum { MODELS_MAX = 3, INPUTS_MAX = 6, BORDERS_MAX = 6, OUTPUTS_MAX = 20, LEVELS_MAX = 5 };

typedef enum library { LIGHTGBM, XGBOOST, CATBOOST, LIBRARIES } library;

typedef enum input_kind {
    INPUT_NUMBER,
    INPUT_CODE,  /* the number of a category */
    INPUT_TEXT,  /* a category that has a text as its name: category_texts */
    INPUT_WHOLE, /* … a whole number: category_wholes */
    INPUT_HASH,  /* … known by the hash of its text: category_hashes. CatBoost's */
} input_kind;

enum { CATEGORIES = 6, HASHES = 16 };
extern const char *const category_texts[CATEGORIES];
extern const int category_wholes[CATEGORIES];
extern const struct category_hash {
    const char *text;
    long hash;
} category_hashes[HASHES];

typedef struct input {
    char name[16];
    input_kind kind;
    bool used;    /* some split asks for it */
    bool missing; /* each that does has a rule for missing values, also in trees that are cut off */
    /* CatBoost: */
    bool has_nans;
    unsigned nans;                /* nan_treatments */
    unsigned n;                   /* borders, or categories */
    float borders[BORDERS_MAX];   /* ascending */
    unsigned hashes[BORDERS_MAX]; /* in category_hashes */
} input;

enum { NANS_AS_IS, NANS_AS_FALSE, NANS_AS_TRUE };
enum { MISSING_NONE, MISSING_ZERO, MISSING_NAN };

/* A split or a leaf. CatBoost: of symmetric trees, a level. */
typedef struct twig {
    int input;            /* -1: a leaf */
    unsigned left, right; /* twigs */
    double cut;
    uint64_t set;     /* of categories */
    unsigned missing; /* LightGBM */
    bool nan_left;
    unsigned which;  /* CatBoost: the border or category */
    unsigned number; /* of a leaf; its values are values[number * n_outputs + k] of CatBoost, else
                      * values[number] */
} twig;

typedef struct tree {
    twig *twigs; /* [n]; the first is the root */
    unsigned n, n_leaves;
    unsigned output; /* that it adds to; CatBoost: each */
    double *values;
    float weight; /* XGBoost's DART */
} tree;

typedef enum link {
    LINK_NONE,
    LINK_SIGMOID,
    LINK_EXP,
    LINK_SQUARE,
    LINK_LOG1P,
    LINK_SOFTMAX,
    LINK_STEP,
    LINK_CLASS
} link;

typedef struct objective {
    library library;
    const char *text;
    link link;
    double slope;
    bool several;
} objective;

typedef struct model {
    library library;
    const objective *objective;
    input inputs[INPUTS_MAX];
    unsigned n_inputs, n_outputs, n_trees;
    unsigned most;  /* `trees:`; 0: all */
    tree *trees;    /* [n_trees] */
    bool nameless;  /* the file has no names of inputs */
    bool average;   /* LightGBM */
    bool dart;      /* XGBoost */
    bool symmetric; /* CatBoost */
    double scale, bias[OUTPUTS_MAX];
    float base;
} model;

#endif
