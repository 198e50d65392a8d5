/* The grammar of the Rank language: LALR(1) without conflicts. Actions only build the tree. No
 * function, stage, source or model is known here by name: those are `name(args)`, looked up later.
 * Declaration words, `by`, `given` and `expect` are told from names by the scanner (rank.l). */
%require "3.8"
%expect 0
%define api.pure full
%define api.prefix {rk_yy}
%define api.location.type {rk_span}
%define api.value.type union
%define api.token.prefix {TOKEN_}
%define parse.lac full
%define parse.error custom
/* With the usual default reductions `decl: error` would reduce for ever. */
%define lr.default-reduction accepting
%lex-param {rk_parser *parser}
%parse-param {rk_parser *parser}

%code requires {
#include "compiler/syntax/parser.h"
}

%code provides {
/* The next token; in rank.l. */
int rk_yylex(RK_YYSTYPE *value, rk_span *span, rk_parser *parser);
/* Whether a token is a declaration word. */
bool rk_token_is_decl(int token);
}

%code {
#include <stdio.h>
#include <string.h>

/* The prefix operators, `^`, `??` and `if` stack up to five symbols a level, the tree holds
 * RK_AST_DEPTH_MAX levels: what is less deep never meets this limit. */
#define YYMAXDEPTH 20000

#define YYLLOC_DEFAULT(current, rhs, n)                                                            \
    ((current) = (n) ? rk_span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n))                            \
                     : (rk_span){parser->number, YYRHSLOC(rhs, 0).at + YYRHSLOC(rhs, 0).len, 0})

#define CX (parser->cx)
#define BINARY(op, at, left, right) rk_ast_binary(CX, RK_AST_##op, (at), (left), (right))

static void yyerror(const rk_span *span, rk_parser *parser, const char *message);

/* A declaration to write to; one that nobody reads when memory is out. */
static rk_decl *declare(rk_parser *parser, rk_decl_kind kind, rk_span span, rk_atom name,
                        rk_span name_span);
}

%token END 0 "the end of the file"
%token IMPORT "`import`" QUERY "`query`" ITEM "`item`" SOURCE "`source`" FACTOR "`factor`"
%token DEF "`def`" MODEL "`model`" INDEX "`index`" PIPELINE "`pipeline`" REVISION "`revision`"
%token TEST "`test`" GIVEN "`given`" EXPECT "`expect`" BY "`by`"
%token IF "`if`" THEN "`then`" ELSE "`else`" AND "`and`" OR "`or`" NOT "`not`" IN "`in`"
%token NOT_IN "`not in`" AS "`as`" FROM "`from`" TRUE "`true`" FALSE "`false`"
%token MISSING "`missing`" INF "`inf`"
%token EQ "`==`" NE "`!=`" LT "`<`" LE "`<=`" GT "`>`" GE "`>=`" COALESCE "`??`" REST "`...`"
%token ALL "`*` for everything" TOO_DEEP "too deep nesting"
%token <rk_atom> NAME "a name"
%token <rk_ast *> NUMBER "a number" STRING "a string"
%token '(' "`(`" ')' "`)`" '[' "`[`" ']' "`]`" '{' "`{`" '}' "`}`" ',' "`,`" ':' "`:`" '.' "`.`"
%token '=' "`=`" '?' "`?`" '|' "`|`" '~' "`~`" '+' "`+`" '-' "`-`" '*' "`*`" '/' "`/`" '%' "`%`"
%token '^' "`^`"

%precedence ELSE
%left OR
%left AND
%precedence NOT
%nonassoc EQ NE LT LE GT GE IN NOT_IN
%right COALESCE
%left '+' '-'
%left '*' '/' '%'
%precedence NEGATION
%right '^'

%type <rk_ast *> expr primary call value initial pipe piped stage tuple key target
%type <rk_ast_type> type plain_type type_opt
%type <uint32_t> args args_opt items items_opt parts names names_opt
%type <rk_ast_term> set

%initial-action { @$ = (rk_span){parser->number, 0, 0}; }

%%

file: %empty | decls;

/* Not `%empty | decls decl`: an error at the first token could not be shifted. */
decls: decl | decls decl;

decl:
  IMPORT STRING {
    rk_decl *const decl = declare(parser, RK_DECL_IMPORT, @$, RK_ATOM_EMPTY, @2);
    decl->text = $2->as.string;
    decl->text_span = @2;
}
| QUERY '{' fields '}' { declare(parser, RK_DECL_QUERY, @$, RK_ATOM_EMPTY, @1); }
| ITEM '{' fields '}' { declare(parser, RK_DECL_ITEM, @$, RK_ATOM_EMPTY, @1); }
| SOURCE NAME '=' call BY key '{' fields '}' {
    rk_decl *const decl = declare(parser, RK_DECL_SOURCE, @$, $2, @2);
    decl->value = $4;
    decl->key = $6;
}
| FACTOR NAME type_opt '=' expr {
    rk_decl *const decl = declare(parser, RK_DECL_FACTOR, @$, $2, @2);
    decl->type = $3;
    decl->value = $5;
}
| DEF NAME '(' params ')' '=' pipe { declare(parser, RK_DECL_DEF, @$, $2, @2)->value = $7; }
| MODEL NAME '=' call { declare(parser, RK_DECL_MODEL, @$, $2, @2)->value = $4; }
| INDEX NAME '=' call { declare(parser, RK_DECL_INDEX, @$, $2, @2)->value = $4; }
| PIPELINE NAME '=' pipe { declare(parser, RK_DECL_PIPELINE, @$, $2, @2)->value = $4; }
| REVISION NAME '=' start terms { declare(parser, RK_DECL_REVISION, @$, $2, @2); }
| TEST STRING '{' steps '}' {
    rk_decl *const decl = declare(parser, RK_DECL_TEST, @$, RK_ATOM_EMPTY, @2);
    decl->text = $2->as.string;
    decl->text_span = @2;
}
| error {
    yyerrok;
    rk_parser_drop_parts(parser);
    rk_parser_declare_broken(parser, &parser->broken, @$.at + @$.len);
}
;

/* ---- fields ---- */

fields: %empty | field_list | field_list ',';
field_list: field | field_list field | field_list ',' field;
field:
  NAME ':' type initial {
    rk_parser_push_field(parser, @$, (rk_ast_field){
        .name = $1, .name_span = @1, .type = $3, .initial = $4});
}
| NAME ':' type initial FROM STRING {
    rk_parser_push_field(parser, @$, (rk_ast_field){
        .name = $1, .name_span = @1, .type = $3, .initial = $4,
        .from = $6->as.string, .from_span = @6});
};

initial: %empty { $$ = NULL; } | '=' expr { $$ = $2; };

type_opt: %empty { $$ = (rk_ast_type){.span = @$}; } | ':' type { $$ = $2; };
type:
  plain_type
| plain_type '?' { $$ = $1; $$.optional = true; $$.span = @$; }
;
plain_type:
  NAME { $$ = (rk_ast_type){.span = @$, .name = $1}; }
| NAME '(' type ')' {
    $$ = (rk_ast_type){.span = @$, .name = $1, .of = RK_NEW(&CX->arena, rk_ast_type)};
    if ($$.of)
        *$$.of = $3;
    else
        CX->diags.no_memory = true;
}
| NAME '(' NUMBER ')' { $$ = (rk_ast_type){.span = @$, .name = $1, .size = $3}; }
;

params: %empty | param_list | param_list ',';
param_list: param | param_list ',' param;
param: NAME { rk_parser_push_param(parser, $1, @1); };

key: expr | tuple;

/* ---- revisions ---- */

start:
  ALL { rk_parser_push_term(parser, (rk_ast_term){.span = @$, .star = true}); }
| NAME { rk_parser_push_term(parser, (rk_ast_term){.span = @$, .revision = $1}); }
| set { rk_parser_push_term(parser, $1); }
;
terms:
  %empty
| terms '+' set { $3.op = RK_REVISION_ADD; rk_parser_push_term(parser, $3); }
| terms '-' set { $3.op = RK_REVISION_SUB; rk_parser_push_term(parser, $3); }
;
set: '{' names_opt '}' {
    $$ = (rk_ast_term){.span = @$, .names = rk_parser_names(parser, $2)};
};
names_opt: %empty { $$ = 0; } | names | names ',';
names:
  target { $$ = 1; rk_parser_push_node(parser, $1); }
| names ',' target { $$ = $1 + 1; rk_parser_push_node(parser, $3); }
;
target:
  NAME { $$ = rk_ast_name(CX, @$, $1); }
| NAME '.' NAME { $$ = rk_ast_member(CX, @$, rk_ast_name(CX, @1, $1), $3, @3); }
;

/* ---- tests ---- */

steps: %empty | steps step;
step:
  GIVEN target '=' expr {
    rk_parser_push_step(parser,
                        (rk_ast_step){.span = @$, .given = true, .subject = $2, .value = $4});
}
| EXPECT pipe { rk_parser_push_step(parser, rk_parser_expect(@$, $2)); }
| EXPECT piped EQ expr {
    rk_parser_push_step(parser, (rk_ast_step){
        .span = @$, .subject = $2, .op = RK_EXPECT_EQUAL, .value = $4});
}
| EXPECT pipe '~' expr {
    rk_parser_push_step(parser, (rk_ast_step){
        .span = @$, .subject = $2, .op = RK_EXPECT_NEAR, .value = $4});
}
;

/* ---- pipes: only where nothing binds tighter ---- */

pipe: expr | piped;
piped:
  pipe '|' stage { $$ = rk_ast_pipe(CX, @2, $1, $3); }
| pipe AS NAME { $$ = rk_ast_label(CX, @$, $1, $3, @3); }
;
stage: call;

/* ---- calls ---- */

call:
  NAME '(' args_opt ')' { $$ = rk_parser_call(parser, @$, $1, @1, $3); }
| MISSING '(' args_opt ')' {
    rk_atom missing;
    if (rk_atom_intern(&CX->names, RK_STR("missing"), &missing) != RK_OK)
        CX->diags.no_memory = true, missing = RK_ATOM_EMPTY;
    $$ = rk_parser_call(parser, @$, missing, @1, $3);
}
;
args_opt: %empty { $$ = 0; } | args | args ',';
args: arg { $$ = 1; } | args ',' arg { $$ = $1 + 1; };
arg:
  value { rk_parser_push_arg(parser, RK_ATOM_EMPTY, @$, $1); }
| NAME ':' value { rk_parser_push_arg(parser, $1, @1, $3); }
;
value: pipe | tuple | REST { $$ = rk_ast_leaf(CX, @$, RK_AST_REST); };
tuple: '(' parts ')' { $$ = rk_parser_sequence(parser, @$, RK_AST_TUPLE, $2); };
parts:
  expr ',' expr {
    $$ = 2;
    rk_parser_push_node(parser, $1);
    rk_parser_push_node(parser, $3);
}
| parts ',' expr { $$ = $1 + 1; rk_parser_push_node(parser, $3); }
;

items_opt: %empty { $$ = 0; } | items | items ',';
items:
  expr { $$ = 1; rk_parser_push_node(parser, $1); }
| items ',' expr { $$ = $1 + 1; rk_parser_push_node(parser, $3); }
;

/* ---- expressions ---- */

expr:
  primary
| IF expr THEN expr ELSE expr { $$ = rk_ast_branch(CX, @$, $2, $4, $6); }
| expr OR expr { $$ = BINARY(OR, @2, $1, $3); }
| expr AND expr { $$ = BINARY(AND, @2, $1, $3); }
| NOT expr { $$ = rk_ast_unary(CX, @$, RK_AST_NOT, $2); }
| expr EQ expr { $$ = BINARY(EQ, @2, $1, $3); }
| expr NE expr { $$ = BINARY(NE, @2, $1, $3); }
| expr LT expr { $$ = BINARY(LT, @2, $1, $3); }
| expr LE expr { $$ = BINARY(LE, @2, $1, $3); }
| expr GT expr { $$ = BINARY(GT, @2, $1, $3); }
| expr GE expr { $$ = BINARY(GE, @2, $1, $3); }
| expr IN expr { $$ = BINARY(IN, @2, $1, $3); }
| expr NOT_IN expr { $$ = BINARY(NOT_IN, @2, $1, $3); }
| expr COALESCE expr { $$ = rk_parser_coalesce(parser, @2, $1, $3); }
| expr '+' expr { $$ = BINARY(ADD, @2, $1, $3); }
| expr '-' expr { $$ = BINARY(SUB, @2, $1, $3); }
| expr '*' expr { $$ = BINARY(MUL, @2, $1, $3); }
| expr '/' expr { $$ = BINARY(DIV, @2, $1, $3); }
| expr '%' expr { $$ = BINARY(MOD, @2, $1, $3); }
| expr '^' expr { $$ = BINARY(POW, @2, $1, $3); }
| '-' expr %prec NEGATION { $$ = rk_ast_unary(CX, @$, RK_AST_NEG, $2); }
;

primary:
  NUMBER
| STRING
| TRUE { $$ = rk_ast_boolean(CX, @$, true); }
| FALSE { $$ = rk_ast_boolean(CX, @$, false); }
| MISSING { $$ = rk_ast_leaf(CX, @$, RK_AST_MISSING); }
| INF { $$ = rk_ast_leaf(CX, @$, RK_AST_INF); }
| NAME { $$ = rk_ast_name(CX, @$, $1); }
| call
| '(' pipe ')' { $$ = rk_ast_paren(CX, @$, $2); }
| '[' items_opt ']' { $$ = rk_parser_sequence(parser, @$, RK_AST_LIST, $2); }
| primary '.' NAME { $$ = rk_ast_member(CX, @$, $1, $3, @3); }
| primary '.' NAME '(' args_opt ')' { $$ = rk_parser_part_call(parser, @$, $1, $3, @3, $5); }
| primary '[' expr ']' { $$ = rk_ast_index(CX, @$, $1, $3); }
;

%%

static rk_decl *declare(rk_parser *parser, rk_decl_kind kind, rk_span span, rk_atom name,
                        rk_span name_span)
{
    rk_decl *const decl = rk_parser_declare(parser, kind, span, name, name_span);
    return decl ? decl : &parser->scratch;
}

bool rk_token_is_decl(int token) { return token >= TOKEN_IMPORT && token <= TOKEN_TEST; }

/* Only the parser's stack gives out this way; syntax errors are reported below. */
static void yyerror(const rk_span *span, rk_parser *parser, const char *message)
{
    rk_diag *const diag = rk_error(&CX->diags, RK_E0703, *span, "the declaration is too complex");
    (void)message; /* bison's words: memory exhausted */
    rk_diag_help(&CX->diags, diag, "give parts of it names, as factors of their own");
}

/* ---- what could have stood at a place ---- */

typedef struct expectation {
    bool of[YYNTOKENS]; /* by symbol kind */
    rk_expected out;
    const char *words[8];
    size_t n;
} expectation;

static bool expects(const expectation *e, int token) { return e->of[YYTRANSLATE(token)]; }

static void list_word(expectation *e, const char *word)
{
    if (e->n < RK_ARRAY_LEN(e->words))
        e->words[e->n++] = word;
}

/* Replaces a group of tokens by a word for it. */
static void list_group(expectation *e, const int *tokens, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        e->of[YYTRANSLATE(tokens[i])] = false;
    list_word(e, word);
}

static const int operands[] = {TOKEN_NUMBER, TOKEN_NAME, TOKEN_STRING, TOKEN_TRUE, TOKEN_FALSE,
                               TOKEN_MISSING, TOKEN_INF, TOKEN_IF, TOKEN_NOT, TOKEN_REST,
                               '-', '(', '['};
static const int operations[] = {TOKEN_OR, TOKEN_AND, TOKEN_EQ, TOKEN_NE, TOKEN_LT, TOKEN_LE,
                                 TOKEN_GT, TOKEN_GE, TOKEN_IN, TOKEN_NOT_IN, TOKEN_COALESCE,
                                 '+', '-', '*', '/', '%', '^', '.', '[', '(', TOKEN_AS};
static const int declarations[] = {TOKEN_IMPORT, TOKEN_QUERY, TOKEN_ITEM, TOKEN_SOURCE,
                                   TOKEN_FACTOR, TOKEN_DEF, TOKEN_MODEL, TOKEN_INDEX,
                                   TOKEN_PIPELINE, TOKEN_REVISION, TOKEN_TEST, TOKEN_END};

/* The groups first: an expression, an operator, a declaration; then single tokens. */
static void list_expected(expectation *e)
{
    e->out.name = expects(e, TOKEN_NAME);
    e->out.word_else = expects(e, TOKEN_ELSE);
    e->out.step = expects(e, TOKEN_GIVEN);
    e->out.open = expects(e, '(');
    e->out.close = expects(e, ')');
    e->out.operand = expects(e, TOKEN_NUMBER) && e->out.open;
    e->out.operation = expects(e, '*') && expects(e, '^');
    if (e->out.operand)
        list_group(e, operands, RK_ARRAY_LEN(operands), "a number, name or `(`");
    if (e->out.operation)
        list_group(e, operations, RK_ARRAY_LEN(operations), "an operator");
    const bool declaration = expects(e, TOKEN_FACTOR);
    if (declaration)
        list_group(e, declarations, RK_ARRAY_LEN(declarations), "a declaration");
    for (int kind = 0; kind < YYNTOKENS; kind++)
        if (e->of[kind] && kind != YYSYMBOL_YYerror)
            list_word(e, yysymbol_name((yysymbol_kind_t)kind));
}

/* "a, b or c" in `out`. */
static rk_str join(const expectation *e, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < e->n && len < size; i++) {
        const char *const before = i == 0 ? "" : i + 1 < e->n ? ", " : " or ";
        const int n = snprintf(out + len, size - len, "%s%s", before, e->words[i]);
        len += n < 0 ? 0 : (size_t)n;
    }
    return (rk_str){out, len < size ? len : size - 1};
}

static const char *describe(yysymbol_kind_t kind)
{
    switch (kind) {
    case YYSYMBOL_NAME: return "name";
    case YYSYMBOL_NUMBER: return "number";
    case YYSYMBOL_STRING: return "string";
    default: return "";
    }
}

static int yyreport_syntax_error(const yypcontext_t *context, rk_parser *parser)
{
    const yysymbol_kind_t kind = yypcontext_token(context);
    const bool at_decl = kind >= YYSYMBOL_IMPORT && kind <= YYSYMBOL_TEST;
    parser->broken = at_decl ? parser->earlier : parser->head;
    const bool ended = at_decl || kind == YYSYMBOL_YYEOF;
    parser->skipping = !ended;
    const bool dots = kind == YYSYMBOL_REST && yypcontext_location(context)->len == 2; /* `..` */
    if (kind == YYSYMBOL_TOO_DEEP || parser->broken.garbled || dots)
        return 0; /* said by the scanner */
    yysymbol_kind_t kinds[YYNTOKENS];
    const int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    if (n < 0)
        return 2; /* memory is out */
    expectation e = {0};
    for (int i = 0; i < n; i++)
        e.of[kinds[i]] = true;
    list_expected(&e);
    char text[300];
    e.out.list = join(&e, text, sizeof text);
    rk_parser_unexpected(parser, &(rk_unexpected){*yypcontext_location(context), parser->before,
                                                  describe(kind), ended, e.out});
    return 0;
}
