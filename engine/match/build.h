/* build - putting a matcher together: tests become nodes, nodes become rules, all of it immutable afterwards. */
#ifndef MATCH_BUILD_H
#define MATCH_BUILD_H

#include "match/test.h"

struct toc_build;

/* Index of a node; the same test or combination is the same node, over all rules. */
typedef uint32_t toc_node;
#define TOC_NO_NODE UINT32_MAX

/* arena: of the generation; tests, nodes and the matcher live in it. */
struct toc_build *toc_build_new(struct toc_arena *arena);

/*
 * Where compiled expressions are kept from load to load: a folder, or NULL for nowhere. `inputs` stands for everything
 * that was read, so that a change of it is another file. Before the first expression.
 */
void toc_build_cache(struct toc_build *b, const char *folder, const uint8_t inputs[32]);

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
		     const struct toc_regex **out, char *err, size_t err_size);

/*
 * Rule number `rule` is judged on events of this kind: it matches when gate and node hold. The gate is what many rules
 * share, asked once an event; TOC_NO_NODE: none.
 */
void toc_build_rule(struct toc_build *b, uint32_t rule, toc_field kind, toc_node gate, toc_node node);

/* The matcher, which takes the builder with it. NULL: out of memory, or a program was refused; why says which. */
struct toc_matcher *toc_build_finish(struct toc_build *b, const char **why);
void toc_matcher_free(struct toc_matcher *m);

#endif
