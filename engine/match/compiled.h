/* compiled - what a matcher is made of; private to match/. */
#ifndef MATCH_COMPILED_H
#define MATCH_COMPILED_H

#include <stddef.h>

#include "match/affix.h"
#include "match/build.h"
#include "match/commonplace.h"
#include "match/keys.h"
#include "match/lines.h"
#include "match/needles.h"
#include "match/program.h"
#include "match/tails.h"

enum node_op { NODE_TEST, NODE_ALL, NODE_ANY, NODE_NOT };

struct node {
	enum node_op op;
	uint32_t first, n; /* of kids; TEST: index of the test */
	uint32_t depth;
	uint32_t size; /* tests below */
	bool slow;     /* asks an expression or another field: last among its like */
};

/* The trees as the rules say them: what programs are compiled from and what explanations walk. */
struct forest {
	const struct toc_test *tests;
	const struct node *nodes;
	const toc_node *kids;
	uint32_t ntests, nnodes;
};

/* One of the predicates that share a key or an affix. */
struct link {
	uint32_t predicate, next; /* next: 0 = the last */
	bool verify;		  /* the key is not all that the pattern says */
	bool unless_number;	  /* text of a NUMBER: counts only where the value is none */
};

/*
 * A part: tests on one column that are judged together, in one go over its values, and at most once an event. What is
 * empty costs nothing: the first line of the cache tells what there is.
 */
struct part {
	uint32_t column;
	uint32_t present; /* the predicate that asks no more, or TOC_NO_PREDICATE */
	uint32_t nloose;
	uint8_t fold;	    /* enum toc_fold */
	bool keyword;	    /* its column is one */
	bool fieldless;	    /* its tests ask no field */
	bool ascii_too;	    /* WIDE: also where the text has no letter beyond ASCII */
	bool later;	    /* needles that nobody waits for: a few are asked one by one before all are looked for */
	bool numeric;	    /* a needle may stand in a number or an address */
	bool texts;	    /* one of the next four is not empty, by what is a text */
	bool numbers_texts; /* so is one by what stands for a number, of which a value that is a number needs nothing */
	bool has_exact, has_prefixes, has_numbers;
	struct toc_tails *suffixes;	/* NULL: none */
	struct toc_needles *needles;	/* NULL: none */
	struct part_networks *networks; /* NULL: none */
	hs_database_t *db;		/* NULL: none */
	const struct link *links;
	struct toc_keys exact;
	struct toc_affixes prefixes;
	struct toc_keys numbers;
	const uint32_t *loose; /* predicates judged one by one */
	const uint32_t *db_predicates;
	const uint32_t *predicates; /* all of the above, for those who ask what is in there */
	uint32_t npredicates;
	uint8_t to_the_line[20];
};
_Static_assert(offsetof(struct part, exact) == TOC_LINE && sizeof(struct part) % TOC_LINE == 0, "whole lines");

struct part_networks {
	struct toc_keys keys; /* address and length of the prefix */
	bool bits[129];	      /* lengths that there are */
};

#define TOC_NO_PREDICATE UINT32_MAX

/* A field of the rules, with its aliases; or, keyword, all strings of the event. */
struct column {
	struct toc_fieldset field;
	bool keyword;
	uint32_t first_part, nparts;
};

struct predicate {
	const struct toc_test *test;
	uint32_t part;
};

/* Where an event's field goes: column, and how early the column names it; the column's parts. */
struct alias_of {
	uint32_t column, rank, first_part, nparts;
};

/* What many rules of a kind share: `where` of the taxonomy. Gate 0 is none, always open. */
struct gate {
	toc_node node;
	uint32_t code, ncode;
	const uint64_t *need;	/* parts that hold its rules' witnesses */
	const uint32_t *always; /* entries without witness */
	uint32_t nalways;
};

/* A rule on a kind. */
struct entry {
	uint32_t rule, gate, code, ncode;
	toc_node node;
	const uint32_t *witness; /* if it matches, one of these predicates holds; n = 0: none was found */
	uint32_t nwitness;
};

/* By predicate: who asks to be looked at when it holds. first[p] … first[p + 1]. */
struct watchers {
	const uint32_t *first, *at;
};

struct kind {
	toc_field id;
	struct predicate *predicates;
	struct column *columns;
	struct part *parts;
	struct gate *gates;
	struct entry *entries; /* by rule */
	uint32_t npredicates, ncolumns, nparts, ngates, nentries, nhints, nkeyword_columns;
	const uint32_t *hints; /* hint i, told as predicate npredicates + i: it may hold, the pattern decides */
	const uint32_t *keyword_columns;
	const uint32_t *alias_at; /* by field: first of aliases; fields + 2 entries */
	const struct alias_of *aliases;
	toc_field fields;
	struct watchers gate_watchers, entry_watchers;
	const uint32_t
		*watcher_gates;	   /* beside entry_watchers.at: the gate of that entry, so that most are not touched */
	const uint32_t *unwatched; /* gates without witness */
	uint32_t nunwatched;
	const uint64_t *gate_need; /* parts that hold the gates' witnesses */
	const struct toc_insn *code;
	uint32_t ncode;
};

struct toc_matcher {
	struct forest forest;
	struct kind *kinds;
	uint32_t nkinds;
	const uint32_t *kind_of; /* by event kind: index + 1 */
	toc_field last_kind;
	hs_database_t **databases; /* all, to be freed */
	uint32_t ndatabases;
	hs_scratch_t *scratch; /* the prototype that scratches are cloned from */
};

static inline uint32_t words_of(uint32_t bits)
{
	return (bits + 63) / 64;
}

static inline bool bit_has(const uint64_t *bits, uint32_t i)
{
	return bits[i >> 6] >> (i & 63) & 1;
}

static inline void bit_set(uint64_t *bits, uint32_t i)
{
	bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

/* A rule put on a kind, as the builder was told. */
struct placed {
	toc_field kind;
	uint32_t rule;
	toc_node gate, node;
};

/* An array in an arena that doubles; who keeps pointers into it waits until it is whole. */
struct vector {
	void *at;
	uint32_t n, room;
};
void *vector_add(struct vector *v, struct toc_arena *arena, size_t size);

struct toc_database_cache;

struct toc_build {
	struct toc_arena *arena;
	struct toc_database_cache *cache; /* may be NULL */
	struct vector tests, nodes, kids, placed, regexes, key, databases;
	struct toc_commonplace common;
	struct toc_keys test_index, node_index, regex_index;
};

/* kind.c: everything of one kind, from its rules sorted by number. false: why says what is wrong. */
bool kind_compile(struct toc_build *b, struct kind *k, const struct forest *forest, const struct placed *rules,
		  uint32_t n, const char **why);

/* parts.c: the tables in which a test may lie; each is a part of its column, but for SINGLE, where each test is one. */
enum part_kind { PLAIN, SCAN, SCAN_SHORT, SCAN_LATER, WIDE, EXPRESSIONS, SINGLE, PART_KINDS };
enum part_kind part_kind_of(const struct toc_test *t, bool eager);

/* Predicates of a column to its parts; eager says which are witnesses. */
bool parts_make(struct toc_build *b, struct kind *k, const bool *eager, const char **why);

/* witness.c */
struct witness_maker {
	const struct toc_commonplace *common;
	const struct kind *kind;
	const struct forest *forest;
	const uint32_t *predicate_of; /* by test */
	const uint32_t *implied; /* by predicate: one that holds where it does and is found faster, or NO_PREDICATE */
	const uint32_t *uses;	 /* by predicate: rules that say it */
	const uint32_t *users;	 /* by column and part_kind: rules that wait for one of its predicates already */
};
/* Predicates one of which holds where the node does, into out (vector of uint32_t); none: false. */
bool witness_choose(const struct witness_maker *w, toc_node node, struct vector *out, struct toc_arena *arena);

/* literal.c: text that is in everything the expression matches, as a pattern; NULL: none was found. */
const struct toc_pattern *literal_of(const char *regex, struct toc_arena *arena);

/* codegen.c: appends the node's program to code (vector of struct toc_insn) and returns its length. */
uint32_t code_make(const struct forest *forest, const struct kind *kind, const uint32_t *predicate_of, toc_node node,
		   struct vector *code, struct toc_arena *arena);

/* build.c: a database of several expressions, whose hits tell their index. NULL: why. */
hs_database_t *regexes_compile(struct toc_build *b, const struct toc_regex *const *regexes, uint32_t n,
			       const char **why);

/* eval.c: does any of n predicates hold, that follow each other in number and lie in one part? Judges the part if need
 * be; s was bound to the event. */
struct toc_match_scratch;
bool predicate_ask(struct toc_match_scratch *s, const struct kind *k, uint32_t predicate, uint32_t n);

/* Sets the truths of the parts that are needed, of those of columns that there are (s->present). */
void parts_judge(struct toc_match_scratch *s, const struct kind *k, const uint64_t *need);

/* A column bound to an event's field. */
struct bound {
	uint32_t generation, rank;
	const struct toc_slot *slot;
	const struct toc_event *owner;
};

struct toc_match_scratch {
	const struct toc_matcher *matcher;
	const struct toc_view *view; /* during a call */
	hs_scratch_t *hs;
	uint32_t generation;
	struct toc_truths truths;
	struct bound *bound;  /* by column */
	uint64_t *present;    /* parts of columns that the event has */
	uint32_t *judged;     /* by part: generation */
	uint32_t *todo;	      /* parts */
	uint32_t later_asked; /* of parts that are judged later, this event */
	uint64_t *need;	      /* parts */
	uint64_t *candidates; /* entries or gates */
	uint8_t *open;	      /* by gate */
	uint32_t *open_list;
	uint32_t nopen;
	uint32_t *hints;
	uint64_t *asked, *spent; /* by rule */
	uint32_t nrules;
	toc_stopwatch now;
	uint8_t *heap; /* of heap_of, folded; NULL: none of this call yet */
	const struct toc_event *heap_of;
	uint8_t folded[TOC_FOLD_ROOM];
};

#endif
