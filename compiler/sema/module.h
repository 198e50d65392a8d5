/* A checked program: the graph and the tables that name its parts. Made by rk_resolve (sema), read
 * by opt, lower and the driver. A test is a small module of its own, in which what is given stands
 * as fields of the request. Everything lives in the context's arena. */
#ifndef RK_SEMA_MODULE_H
#define RK_SEMA_MODULE_H

#include "compiler/sema/outline.h"
#include "runtime/index/kinds.h"
#include "runtime/model/kinds.h"
#include "runtime/model/store.h"
#include "runtime/source/source.h"

typedef struct rk_source_info {
    rk_atom name;
    rk_span span; /* of its name */
    rk_str doc;
    const rk_source_ops *ops;
    rk_str path; /* resolved against the file it stands in */
    rk_str sep;
    rk_str ids;       /* resolved, or "" */
    rk_schema schema; /* all declared fields */
    rk_str *keys;     /* [n_keys] key columns of the file */
    rk_type *key_types;
    uint32_t n_keys;
    rk_ref lookup;    /* the LOOKUP node; 0 when the source is broken */
    bool drop_absent; /* absent: "drop" */
} rk_source_info;

typedef struct rk_model_info {
    rk_atom name;
    rk_span span; /* of its name */
    rk_str doc;
    rk_str path; /* resolved */
    const rk_model_kind *kind;
    rk_model_options options;
    bool at_call;          /* no declaration: `vocab("city.map", x)` */
    uint64_t digest;       /* of the file */
    const rk_model *model; /* of the compilation's store; NULL: could not be loaded */
} rk_model_info;

typedef struct rk_index_info {
    rk_atom name;
    rk_span span; /* of its name */
    rk_str doc;
    const rk_index_kind_row *kind;
    rk_index_form form;
    rk_str path;     /* resolved, or "": built when it is loaded */
    uint32_t source; /* whose rows are its items */
    rk_ref vector;   /* of each row; 0: has errors */
} rk_index_info;

typedef struct rk_factor {
    rk_atom name;
    rk_span span; /* of its name */
    rk_str doc;
    rk_ref value; /* 0: has errors */
} rk_factor;

/* What a stage is called within a pipeline; the domain of `over:`. */
typedef struct rk_label {
    rk_atom name;
    rk_ref stage;
    rk_span span;
} rk_label;

typedef struct rk_pipeline {
    rk_atom name;
    rk_span span;
    rk_str doc;
    rk_ref root;   /* 0: has errors */
    rk_ref recall; /* the pipe whose items are the domain */
    RK_VEC(rk_label) labels;
} rk_pipeline;

typedef struct rk_revision {
    rk_atom name;
    rk_span span;
    uint8_t *factors;   /* [module.factors.len] 1: member */
    uint8_t *pipelines; /* [module.pipelines.len] */
    uint8_t *named; /* [module.outline.items.len] 1: in it; fields of the query and the item, and
                       defs, are in all */
} rk_revision;

typedef struct rk_expect {
    rk_span span;
    rk_expect_op op;
    bool is_pipe;      /* left is pipeline `pipeline`; right are ids */
    uint32_t pipeline; /* in module.pipelines */
    uint32_t left;     /* in module.factors: the value */
    rk_value *right;   /* EQUAL, NEAR: one value for all items, or `n_right` of them */
    uint32_t n_right;
    bool per_item; /* right is one value an item */
} rk_expect;

struct rk_module;

typedef struct rk_test {
    rk_str title;
    rk_span span;
    struct rk_module *module; /* NULL: has errors */
    rk_request request;       /* what was given */
    bool has_now;
    double now;
    RK_VEC(rk_expect) expects;
} rk_test;

typedef struct rk_module {
    rk_context *cx;
    rk_dag dag;
    rk_schema query;
    rk_schema item;  /* `id` excluded */
    rk_type id_type; /* INT or STRING; NONE: no item block */
    rk_span id_span;
    RK_VEC(rk_source_info) sources;
    RK_VEC(rk_model_info) models;
    RK_VEC(rk_index_info) indexes;
    RK_VEC(rk_factor) factors;
    RK_VEC(rk_pipeline) pipelines;
    RK_VEC(rk_revision) revisions;
    RK_VEC(rk_test) tests;
    rk_outline outline; /* of the program; a test's module has none */
    bool has_now;       /* the clock is given */
    double now;
    bool optimized; /* by rk_optimize */
} rk_module;

/* Types and checks the files of a program (the first is the main one, then its imports). Errors go
 * to the diagnostics; *out is made all the same, so that several phases' errors come out together:
 * ask rk_diags_status before going on. */
RK_NODISCARD rk_status rk_resolve(rk_context *cx, rk_ast_file *const *files, uint32_t n,
                                  rk_models *models, rk_module **out);

/* Number of a factor, pipeline, index or revision by name; RK_MAP_NONE. */
uint32_t rk_module_factor(const rk_module *module, rk_str name);
uint32_t rk_module_pipeline(const rk_module *module, rk_str name);
uint32_t rk_module_index(const rk_module *module, rk_str name);
uint32_t rk_module_revision(const rk_module *module, rk_str name);

/* The stage that a domain means in a pipeline: `label`, or RK_ATOM_EMPTY for recall. 0: none. */
rk_ref rk_pipeline_domain(const rk_pipeline *pipeline, rk_atom label);

/* Notes which pipelines have a stage of that label. */
void rk_module_note_label(const rk_module *module, rk_diag *diag, rk_atom label);

#endif
