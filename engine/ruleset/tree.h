/* tree - a detection between its YAML and the matcher: what pipelines, lints, laws and `rules show` look at. */
#ifndef RULESET_TREE_H
#define RULESET_TREE_H

#include "base/yaml.h"
#include "match/build.h"

enum tree_op { TREE_ALL, TREE_ANY, TREE_NOT, TREE_TEST };

enum leaf_kind {
	LEAF_STRING,
	LEAF_NUMBER,
	LEAF_BOOL,
	LEAF_NULL,
	LEAF_EXISTS,
	LEAF_REGEX,
	LEAF_NETWORK,
	LEAF_COMPARE,
	LEAF_PART,
	LEAF_FIELD,
	LEAF_LIST,
	LEAF_BEFORE /* a time: of exemptions */
};

/* One value of one item. What the matcher needs stands in test, the rest is for people and for checks. */
struct leaf {
	enum leaf_kind kind;
	struct toc_test test;
	bool inverted;		/* null, exists: false: the test must not hold */
	bool cased;		/* STRING, FIELD */
	bool keyword;		/* no field */
	const char *field;	/* as the rule (or a pipeline) names it */
	struct toc_units units; /* STRING: without a keyword's implied stars */
	const char *text;	/* REGEX, NETWORK, FIELD, LIST: what was written */
	unsigned mods;		/* enum modifier bits (item.h) */
};

struct tree_memo;

/* Immutable; identifiers that a condition names twice share theirs. */
struct tree {
	enum tree_op op;
	unsigned n;
	bool keywords;			/* it has a leaf without a field */
	unsigned leaves;		/* as often as it is reached; saturates */
	struct tree_memo *memo;		/* of tree.c */
	const struct tree *const *kids; /* ALL, ANY, NOT */
	const struct leaf *leaf;	/* TEST */
	const struct toc_yaml *at;	/* TEST: the value */
	const struct toc_yaml *key;	/* TEST: the item's key; a keyword: the value */
};

#endif
