/* build - putting a matcher together: tests become nodes, nodes become rules, all of it immutable afterwards. */
#ifndef MATCH_BUILD_H
#define MATCH_BUILD_H

#include "match/test.h"

struct toc_build;

/* Index of a node; nodes may be shared by rules. */
typedef uint32_t toc_node;

/* arena: of the generation; tests, nodes and the matcher live in it. */
struct toc_build *toc_build_new(struct toc_arena *arena);

toc_node toc_build_test(struct toc_build *b, const struct toc_test *test);
/* All of the nodes, or any of them. One node is that node; n > 0. */
toc_node toc_build_all(struct toc_build *b, const toc_node *nodes, unsigned n);
toc_node toc_build_any(struct toc_build *b, const toc_node *nodes, unsigned n);
toc_node toc_build_not(struct toc_build *b, toc_node node);

/*
 * Compiles a regular expression (Vectorscan: linear time; no look-around, no back-reference). false: err says why.
 * nocase, multiline, dotall: Sigma's i, m, s.
 */
bool toc_build_regex(struct toc_build *b, const char *text, bool nocase, bool multiline, bool dotall,
		     const hs_database_t **out, char *err, size_t err_size);

/* Rule number `rule` is judged on events of this kind: it matches when the node holds. */
void toc_build_rule(struct toc_build *b, uint32_t rule, toc_field kind, toc_node node);

/* The matcher; the builder must not be used afterwards. NULL: no memory for the scratch of expressions. */
struct toc_matcher *toc_build_finish(struct toc_build *b);
void toc_matcher_free(struct toc_matcher *m);

#endif
