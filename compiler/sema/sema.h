/* Inside sema: the state that its passes share. The order of passes is in resolve.c:
 *   names    who is declared where (names.c), what the blocks of fields say (schema.c)
 *   uses     who refers to whom, cycles, the order of work (uses.c)
 *   elab     types, one declaration at a time, operands before users (expr.c, call.c, fold.c …)
 *   domains  whether what a pipeline uses exists where it uses it (domain.c)
 *   outline, revision, test
 * Declarations are worked on in the order of uses, so no function here recurses through names; only
 * syntax trees (of bounded depth) and calls of defs (of bounded depth) are walked recursively. */
#ifndef RK_SEMA_SEMA_H
#define RK_SEMA_SEMA_H

#include "compiler/sema/module.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

enum { RK_EXPR_DEPTH_MAX = 3000, RK_INLINE_COUNT_MAX = 1000000, RK_LABELS_MAX = 62 };

/* A reference from one declaration to another. */
typedef struct sema_use {
    uint32_t decl;  /* what is referred to */
    uint32_t field; /* of a source or block; UINT32_MAX: the declaration itself */
    rk_span span;
} sema_use;

/* A name that may be a label's: `l1.rank`, `over: l1`. */
typedef struct sema_label_use {
    rk_atom name;
    rk_span span;
} sema_label_use;

/* A declaration and what is known of it. */
typedef struct sema_decl {
    const rk_decl *ast;
    bool broken;             /* syntax error, cycle, or unusable: errors about it are silent */
    bool prelude;            /* a def of the standard library: lowest in the order of names */
    bool called;             /* a def that was inlined somewhere */
    uint32_t index;          /* in module.factors, .sources, .pipelines … */
    uint32_t named, n_named; /* its entries in the outline: itself, its fields, its labels */
    RK_VEC(sema_use) uses;
    RK_VEC(sema_label_use) labels;
} sema_decl;

typedef enum sema_owner { SEMA_OWNER_ITEM, SEMA_OWNER_QUERY, SEMA_OWNER_SOURCE } sema_owner;

/* A field that may be called by its short name. */
typedef struct sema_field {
    rk_atom name;
    sema_owner owner;
    uint32_t decl;  /* of the source */
    uint32_t index; /* in its schema; UINT32_MAX: item.id */
    uint32_t next;  /* another field of this name, or UINT32_MAX */
    rk_span span;
} sema_field;

/* What a test gives: a name's value is a field of the test's request. */
typedef struct sema_given {
    uint32_t decl;  /* factor or source; UINT32_MAX: an item or query field */
    uint32_t field; /* of a source, the item or the query block */
    sema_owner owner;
    rk_ref value;
} sema_given;

typedef RK_VEC(sema_given) sema_givens;

/* A value in place of a name, over the data. */
typedef struct sema_over {
    uint32_t decl;  /* factor or source; UINT32_MAX: an item or query field */
    uint32_t field; /* UINT32_MAX: the factor itself, or item.id */
    sema_owner owner;
    const rk_ast *value;
} sema_over;

/* A parameter of a def during one call. */
typedef struct sema_param {
    rk_atom name;
    rk_ref value;                       /* a value or a pipe; 0 with literal NULL: was in error */
    const rk_ast *literal;              /* a number without a type yet */
    const struct sema_env *literal_env; /* where `literal` is read */
} sema_param;

/* The names that are local to an expression, and the calls of defs that led there. */
typedef struct sema_env {
    const struct sema_env *caller;
    const rk_decl *def; /* NULL outside of defs */
    rk_span call;       /* of the call */
    const sema_param *params;
    uint32_t n_params;
    uint32_t depth;
    rk_pipeline *pipeline; /* labels go here; NULL where no pipe may stand */
} sema_env;

/* Where the arguments of a `nearest` stand. */
typedef struct sema_search {
    rk_ref stage;
    rk_span args[3]; /* operands of the stage: vector, k, condition */
} sema_search;

typedef struct sema {
    rk_context *cx;
    rk_arena *arena;
    rk_module *module; /* under construction: the program's or a test's */
    rk_models *models; /* where models are kept */
    rk_dag *dag;       /* module->dag */
    RK_VEC(sema_decl) decls;
    uint32_t *declared; /* [names] decl + 1 by atom; 0: none */
    uint32_t *prelude;  /* [names] the same for the standard library's defs */
    uint32_t *shorts;   /* [names] first field + 1 by short name */
    uint32_t *queries;  /* [names] decl + 1 of the query block with this field */
    uint32_t *labels;   /* [names] 1: some pipeline has a stage of this name */
    uint32_t n_names;
    RK_VEC(sema_field) fields;
    bool lost_fields; /* a block of fields has errors: names that are not known may be its own */
    uint32_t *order;  /* decls, operands before users */
    uint32_t n_order;
    uint32_t inlined;                /* calls of defs so far */
    uint32_t depth;                  /* of expressions being typed, through calls of defs */
    const rk_signature **signatures; /* [rk_fn_count()] parsed on first use */
    const sema_givens *givens;       /* in a test; else NULL */
    RK_VEC(sema_over) overs;
    RK_VEC(sema_search) searches;
} sema;

/* ---- names.c ---- */
RK_NODISCARD rk_status sema_collect(sema *s, rk_ast_file *const *files, uint32_t n,
                                    const rk_ast_file *prelude);
/* The declaration of a name, or RK_MAP_NONE. */
uint32_t sema_declared(const sema *s, rk_atom name);
rk_str sema_name(const sema *s, rk_atom name);
/* First field of a short name, or NULL. */
const sema_field *sema_short(const sema *s, rk_atom name);
/* `owner.name` in the arena. */
rk_str sema_join_names(sema *s, rk_str owner, rk_str name);
/* `products.price` in the arena. */
rk_str sema_long_name(const sema *s, const sema_field *field);

/* ---- schema.c ---- */
RK_NODISCARD rk_status sema_schemas(sema *s);
rk_type sema_type(sema *s, const rk_ast_type *ast);
/* The kind, path, arguments and fields of a source; its key waits for sema_source_key. */
RK_NODISCARD rk_status sema_source(sema *s, uint32_t decl);
/* Types the key and makes the LOOKUP node; 0 after an error. */
rk_ref sema_source_key(sema *s, uint32_t decl);
/* A constant without names, of the given type; false after an error. */
bool sema_closed_constant(sema *s, const rk_ast *ast, rk_type type, const char *what,
                          rk_value *out);

/* ---- uses.c ---- */
RK_NODISCARD rk_status sema_uses(sema *s);
RK_NODISCARD rk_status sema_order(sema *s);

/* ---- expr.c: the typed node of an expression; 0 after an error that was reported. `want` is the
 * type that the place asks for (kind NONE: none); only literals and `missing` heed it. ---- */
rk_ref sema_expr(sema *s, const sema_env *env, const rk_ast *ast, rk_type want);
/* Converted to `type` where that happens by itself; else an error, 0. */
rk_ref sema_expr_as(sema *s, const sema_env *env, const rk_ast *ast, rk_type type,
                    const char *what);
/* A plain bool. */
rk_ref sema_condition(sema *s, const sema_env *env, const rk_ast *ast, const char *what);
/* `ref` converted to a type it converts to. */
rk_ref sema_convert(sema *s, rk_ref ref, rk_type type, rk_span span);
/* As rk_type_common, where the literal `missing` has a common type with everything. */
rk_type sema_common(rk_type a, rk_type b);
/* Two operands of which either may be a literal, converted to their common type; false after an
 * error, which says that `what` cannot be done with them. */
bool sema_operands(sema *s, const sema_env *env, const rk_ast *left, const rk_ast *right,
                   const char *what, rk_span span, rk_ref *a, rk_ref *b);
/* a ^ b as a product, where b is a literal 2, 3 or 4; else 0. */
rk_ref sema_small_power(sema *s, const sema_env *env, const rk_ast *ast, rk_ref a, rk_ref b);

/* ---- constant.c ---- */
/* The value of a constant expression, folded; false (after an error) if it is not constant. */
bool sema_constant(sema *s, rk_ref ref, rk_span span, const char *what, rk_value *out);
/* The same without an error. */
bool sema_try_constant(sema *s, rk_ref ref, rk_value *out);

/* ---- literal.c ---- */
bool sema_is_literal(const sema_env *env, const rk_ast *ast);
rk_ref sema_literal(sema *s, const sema_env *env, const rk_ast *ast, rk_type want);
/* INT or FLOAT. */
rk_type sema_literal_type(const sema_env *env, const rk_ast *ast);
const sema_param *sema_param_find(const sema_env *env, rk_atom name);

/* ---- name.c ---- */
rk_ref sema_name_value(sema *s, const sema_env *env, const rk_ast *ast);
rk_ref sema_member(sema *s, const sema_env *env, const rk_ast *ast);
rk_ref sema_source_field(sema *s, uint32_t decl, uint32_t field, rk_span span);

/* ---- model.c ---- */
/* Loads the models of all declarations. */
RK_NODISCARD rk_status sema_models(sema *s);
/* What is called. */
typedef struct sema_model {
    uint32_t index;     /* in module.models */
    const rk_ast *call; /* with the inputs alone as arguments */
} sema_model;
/* The model of a call whose name is a model's, or that sema_is_model_at_call; false: it could not
 * be loaded, which has been told. */
bool sema_model_of(sema *s, const rk_ast *call, sema_model *out);
/* Whether a call names a kind of model, with the file among its arguments. */
bool sema_is_model_at_call(const sema *s, const rk_ast *call);

/* ---- index.c ---- */
/* The kind and arguments of an index, and its vectors. */
RK_NODISCARD rk_status sema_index(sema *s, uint32_t decl);

/* ---- model_call.c ---- */
/* A call of a model, and of what it gives the part of this name (RK_ATOM_EMPTY: its score). */
rk_ref sema_model_call(sema *s, const sema_env *env, const rk_ast *ast, rk_atom part, rk_span span);
/* Calls `use` for each name that `...` may bind. */
void sema_model_rest(sema *s, const rk_ast *call,
                     void (*use)(void *user, rk_atom name, rk_span span), void *user);

/* ---- over.c ---- */
/* Collects what tests beside the program give. */
RK_NODISCARD rk_status sema_collect_overs(sema *s);
/* The value of a factor or field, or what is given in its place. */
rk_ref sema_put_over(sema *s, uint32_t decl, sema_owner owner, uint32_t field, rk_ref ref);

/* ---- call.c ---- */
rk_ref sema_call(sema *s, const sema_env *env, const rk_ast *ast);
/* A def called with `n` arguments, of which the first may be a pipe made already (`piped`, or 0).
 */
rk_ref sema_inline(sema *s, const sema_env *env, const rk_ast *call, uint32_t def, rk_ref piped);
/* The decl of the def that a call means, or RK_MAP_NONE. */
uint32_t sema_def_of(const sema *s, rk_atom name);

/* ---- fold.c ---- */
typedef enum sema_answer { SEMA_NO, SEMA_YES, SEMA_ERROR } sema_answer;
/* Whether a call of this name with these arguments is an aggregate or list-wise function. Where
 * that depends on the type of its one argument, *first is that argument, typed: pass it on (typing
 * it twice at each level would be exponential). */
sema_answer sema_is_fold(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                         rk_ref *first);
rk_ref sema_fold(sema *s, const sema_env *env, const rk_ast *ast, const rk_fold_fn *fn,
                 rk_ref first);

/* Whether q, which must be constant, is a share; else it has been told. */
bool sema_quantile(sema *s, const sema_env *env, rk_ref ref, rk_span span, double *out);

/* ---- pipe.c ---- */
rk_ref sema_pipe(sema *s, const sema_env *env, const rk_ast *ast);
/* `if` between two pipes that are typed already. */
rk_ref sema_choose(sema *s, const sema_env *env, const rk_ast *ast, rk_ref condition, rk_ref yes,
                   rk_ref no);
/* Whether an expression can only be a pipe. */
bool sema_is_pipe(const sema *s, const sema_env *env, const rk_ast *ast);

/* The parameters of a stage's row, and the argument of each. */
typedef struct sema_stage_args {
    rk_stage_param params[RK_STAGE_PARAMS_MAX];
    const rk_ast *values[RK_STAGE_PARAMS_MAX];
    uint32_t n;
} sema_stage_args;
/* Binds the arguments of a call from number `first` on to the row's parameters; else false. */
bool sema_bind_stage(sema *s, const sema_env *env, const rk_ast *call, uint32_t first,
                     const rk_stage *stage, sema_stage_args *args);
/* A plain int of query or const scope: the argument `name` of a stage. */
rk_ref sema_stage_int(sema *s, const sema_env *env, const rk_ast *ast, rk_str name);
/* A pipe that no pipe comes into, or several. */
rk_ref sema_producer(sema *s, rk_op op, uint32_t aux, const rk_ref *operands, uint32_t n,
                     rk_span span);
rk_ref sema_candidates(sema *s, const sema_env *env, rk_span span);

/* ---- nearest.c ---- */
rk_ref sema_nearest(sema *s, const sema_env *env, const rk_ast *call);

/* ---- domain.c ---- */
/* `whole` is the span of the pipeline's declaration. */
RK_NODISCARD rk_status sema_check_domains(sema *s, rk_pipeline *pipeline, rk_span whole);
/* The factor or field that a node is, for messages; "" if it has no name. */
rk_str sema_node_name(const sema *s, rk_ref ref);

/* ---- elaborate.c ---- */
/* Makes room in the module's tables for each declaration. */
RK_NODISCARD rk_status sema_register(sema *s);
/* Types all declarations in order, or only those marked in `needed` (NULL: all). */
RK_NODISCARD rk_status sema_elaborate(sema *s, const uint8_t *needed);

/* ---- outlining.c: fills the module's outline ---- */
RK_NODISCARD rk_status sema_outline(sema *s);

/* ---- revision.c, test.c ---- */
RK_NODISCARD rk_status sema_revisions(sema *s);
RK_NODISCARD rk_status sema_tests(sema *s);

/* ---- error.c ---- */
/* An error, with a note for each call of a def that led to the place. */
rk_diag *sema_error(sema *s, const sema_env *env, rk_diag_code code, rk_span span,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Says that a plain value is needed, and which field the missing comes from. */
void sema_error_missing(sema *s, const sema_env *env, rk_ref ref, rk_span span, const char *what);
/* The leaf that makes a node's value possibly missing. */
rk_ref sema_missing_origin(const sema *s, rk_ref ref);
rk_type_name sema_type_of(const sema *s, rk_ref ref);

#endif
