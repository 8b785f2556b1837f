/* load - what one load of rules carries from file to file; private to ruleset/. */
#ifndef RULESET_LOAD_H
#define RULESET_LOAD_H

#include "base/yaml.h"
#include "event/dictionary.h"
#include "match/build.h"
#include "ruleset/index.h"
#include "ruleset/ruleset.h"
#include "ruleset/sample.h"
#include "ruleset/tree.h"

enum doc_kind { DOC_DETECTION, DOC_CORRELATION, DOC_FILTER };

/* Category, product, service; NULL = not said. */
struct logsource {
	const char *dims[3];
	const struct toc_yaml *at;
};

struct pipeline_step;

/* One YAML document. */
struct doc {
	enum doc_kind kind;
	const struct toc_yaml *root;
	const char *path, *id, *name, *title; /* id: else the name, else file:line */
	const char *category;		      /* folder of the pack that it is in; NULL: none */
	uint32_t number;		      /* of a rule; of a filter: its place in the generation's */
	bool numbered, visiting;	      /* correlations: children first */
	bool referred, generated;	      /* a correlation refers to it; one of these says generate: true */
	struct logsource source;	      /* detections: after the pipelines */
	const struct tree *tree; /* detections: filters and pipelines included; NULL = there were mistakes */
	struct identifier *ids;	 /* detections: nids search identifiers */
	unsigned nids;
	const struct pipeline_step *const *steps; /* of the pipelines, those that concern it; NULL-terminated */
	int64_t expires;			  /* filter with tocsin.exemption: ns since 1970; else 0 */
	bool broken;				  /* filter: there were mistakes */
	bool from_alert; /* exemption: made of an alert that a rule has told, which may be gone now */
};

struct alias;
struct source_entry;
struct named_list;
struct var;

/* An array in the arena that grows. */
struct table {
	void *at;
	unsigned n, room;
};

struct load {
	struct toc_arena *arena;
	struct toc_intern *names;
	const struct toc_dictionary *dictionary; /* NULL: fields are not checked */
	struct toc_diag *diag;
	struct toc_build *build;
	const struct toc_opener *opener;
	struct toc_sha256 *inputs; /* of all documents read: the cache of expressions is named by it */
	unsigned input_nodes;
	const char *category;	 /* of the file that is read */
	const char *pack;	 /* their digest, in hex */
	struct table docs;	 /* struct doc */
	struct table aliases;	 /* struct alias */
	struct table sources;	 /* struct source_entry */
	struct table lists;	 /* struct named_list */
	struct table vars;	 /* struct var */
	struct table samples;	 /* struct toc_rule_sample */
	struct table filters;	 /* unsigned: docs that are filters */
	struct table exempted;	 /* struct exempted: exempt.c */
	struct table scopes;	 /* struct scope_entry: where the line of a kind stands */
	struct table steps;	 /* struct pipeline_step */
	struct table expansions; /* struct expansion: placeholders of pipelines */
	struct index files;	 /* paths that this files_read has read */
	struct index doc_index;	 /* id and name of rules (no filters) */
	struct table clauses;	 /* const char *: POLICY/VERSION#ID */
	struct table breaches;	 /* the same: those with `breach: true` */
	struct index filter_index, alias_index, list_index, var_index, clause_index;
	const struct toc_yaml *global, *before; /* collection actions: template; the document before */
	const struct doc *now;			/* the rule that is being compiled; NULL: a taxonomy */
	unsigned suggested;			/* fields that lint_event.c has looked for names near */
	unsigned sought;			/* rules that nobody has, for which a name near was looked for */
	unsigned first_step;			/* of its pipeline steps, the first that counts */
	bool mute;				/* what is compiled has been told about */
	toc_time clock;				/* ruleset.h: now */
	struct table calendars;			/* struct named_calendar */
	const struct toc_zone *zone;		/* of the site; NULL = UTC */
	struct toc_sizing sizes;		/* what lists and calendars are held against */
	bool something;				/* files_read: a file with nothing in it is a mistake */
	bool quiet;				/* the rule needs events that are not there: no warnings about it */
};

/* Room for one more item, zeroed. */
void *table_add(struct load *l, struct table *t, size_t size);

void mistake(struct load *l, const struct toc_yaml *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void remark(struct load *l, const struct toc_yaml *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A finding with a code that editors and scripts can rely on. near: what to write instead, or NULL. */
struct finding {
	enum toc_severity severity;
	const char *code, *near;
	size_t from, n; /* the part of a scalar that is meant; n = 0: all of it */
};
void tell(struct load *l, const struct toc_yaml *at, struct finding f, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* files.c: calls take for every document of every .yml file under the paths, in the order of their names; each file
 * once, however often it is named. */
void files_read(struct load *l, const char *const *paths, void (*take)(struct load *l, const struct toc_yaml *root));

/* A list of strings, or one string: NULL-terminated, in the arena. */
const char *const *strings_read(struct load *l, const struct toc_yaml *node, const char *what);
/* The node of the i-th of them, for places. */
const struct toc_yaml *strings_node(const struct toc_yaml *node, unsigned i);

/* taxonomy.c */
void taxonomy_take(struct load *l, const struct toc_yaml *root);
/* When all of it is read: do the fields that it asks for exist? */
void taxonomy_check(struct load *l);
struct logsource logsource_read(struct load *l, const struct toc_yaml *node);
/* The field and its aliases; no word about whether an event has it. */
struct toc_fieldset taxonomy_names(struct load *l, const struct toc_yaml *at, struct toc_span name);
struct toc_fieldset taxonomy_field(struct load *l, const struct toc_yaml *at, struct toc_span name);
/* Judges the tree, as rule `number`, on every kind that carries the logsource. */
void taxonomy_place(struct load *l, const struct logsource *source, uint32_t number, const struct tree *tree);
/* The kinds that carry a logsource, 0-terminated. */
const toc_field *taxonomy_kinds(struct load *l, const struct logsource *source);
/* Does every dimension that the filter's logsource sets equal the rule's? */
bool taxonomy_covers(const struct logsource *filter, const struct logsource *rule);

/* Where keywords look in events of a kind: in these fields (none: in every one), and whether for whole words only. */
struct keyword_scope {
	unsigned nfields;
	toc_field fields[TOC_ALIASES];
	bool words;
};

/* tree.c */
const struct tree *tree_test(struct load *l, const struct toc_yaml *key, const struct toc_yaml *at,
			     const struct leaf *leaf);
const struct tree *tree_all(struct load *l, const struct tree *const *kids, unsigned n);
const struct tree *tree_any(struct load *l, const struct tree *const *kids, unsigned n);
const struct tree *tree_not(struct load *l, const struct tree *kid);
toc_node tree_lower(struct load *l, const struct tree *t, const struct keyword_scope *scope);
/* First time that this pass comes by? Identifiers that a condition names twice are looked at once. */
enum tree_pass { PASS_VALUES = 1, PASS_EVENTS = 2 };
bool tree_mark(const struct tree *t, enum tree_pass pass);
/* Calls see for every leaf, with whether it stands under an odd number of `not`, until one says true. */
bool tree_any_leaf(const struct tree *t, bool negated, bool (*see)(void *self, const struct tree *leaf, bool negated),
		   void *self);

/* lists.c */
void lists_take(struct load *l, const struct toc_yaml *root);
bool lists_info(const struct table *lists, unsigned i, struct toc_list_info *out);
/* Is there more of it than can be? Tells so, unless `most` says what is believed. what: "list" or "calendar". */
void size_check(struct load *l, const struct toc_yaml *entry, const char *what, const char *name, uint64_t n);
/* `max_age` of a list or calendar whose file was changed then; a stale one is told. */
toc_time max_age_read(struct load *l, const struct toc_yaml *entry, toc_time changed_at);
const struct toc_list *lists_find(struct load *l, const struct toc_yaml *at, struct toc_span name);
/* Does the text look as the type says? What toc_list_add does not know: hashes, addresses that are networks. */
bool lists_fits(const char *type, struct toc_span entry);
toc_time lists_expires(const struct load *l, struct toc_span name); /* 0 = never */
/* The entry in lists.yml, or NULL: no word about it. */
const struct toc_yaml *lists_entry(const struct load *l, struct toc_span name);

/* list_file.c: wrong entries are told with file and line, so many at most. */
enum { TOC_LIST_TOLD = 20 };
const struct toc_list *list_file_read(struct load *l, const struct toc_yaml *entry, enum toc_list_type type,
				      const char *name, toc_time *read_at);

/* policy.c: the clauses that exist; policy_check tells of one that does not, where there are any. */
void policy_take(struct load *l, const struct toc_yaml *root);
void policy_check(struct load *l, const struct toc_yaml *at, const char *clause);
bool policy_is_breach(const struct load *l, const char *const *clauses);

/* vars.c: values of a site by name, put in the places that rules give them. */
void vars_take(struct load *l, const struct toc_yaml *root);
void vars_apply(struct load *l, const struct doc *doc);
void vars_check(struct load *l);

/* scalar.c: YAML 1.1 resolution as Sigma's tools do it. */
enum scalar_kind { SCALAR_STRING, SCALAR_NUMBER, SCALAR_BOOL, SCALAR_NULL, SCALAR_DATE };
struct scalar {
	enum scalar_kind kind;
	double number;
	bool yes;
};
struct scalar scalar_read(const struct toc_yaml *node);
/* YYYY-MM-DD: the end of that day (UTC), ns since 1970. */
bool day_end_read(const struct toc_yaml *node, toc_time *out);

/* item.c: one `Field|modifier: value` of a search identifier. NULL: a mistake was told. */
const struct tree *item_compile(struct load *l, const struct toc_yaml *key, const struct toc_yaml *value);
const struct tree *keyword_compile(struct load *l, const struct toc_yaml *value);

/* value.c: one value under its modifiers. */
struct item;
const struct tree *value_compile(struct load *l, const struct item *item, const struct toc_yaml *value);

/* regex.c */
const char *regex_odd_escape(struct load *l, const char *text); /* NULL: there is none */
/* The expression without the branches that can never hold (Vectorscan refuses to compile them), with a warning. */
const char *regex_live(struct load *l, const struct toc_yaml *value, const char *text, bool multiline);

/* units.c: the modifiers that rewrite a string, from left to right; NULL: a mistake was told. */
struct unit_list {
	struct toc_units *at;
	unsigned n;
};
bool units_rewrite(struct load *l, const struct item *item, const struct toc_yaml *value, struct toc_units units,
		   struct unit_list *out);
const struct tree *units_tests(struct load *l, const struct item *item, const struct toc_yaml *value,
			       const struct unit_list *list);

/* expand.c: `%name%` in a value under expand. */
const struct tree *expand_compile(struct load *l, const struct item *item, const struct toc_yaml *value);

/* detection.c; keep gets the identifiers, and detection_unused tells of those that nobody names; NULL: told at once. */
const struct tree *search_compile(struct load *l, const struct toc_yaml *search, unsigned depth);
/* what: "a detection" or "a filter" */
const struct tree *detection_compile(struct load *l, const struct toc_yaml *detection, const char *what,
				     struct doc *keep);
void detection_unused(struct load *l, const struct doc *doc);

/* condition.c: the grammar of conditions over the identifiers of a detection (or filter) map. */
struct identifier {
	const char *name;
	const struct tree *tree;
	bool used;
	uint32_t raise; /* its number among the matcher's hits; 0: it raises nothing */
};
const struct tree *condition_compile(struct load *l, const struct toc_yaml *condition, struct identifier *ids,
				     unsigned n);

/* docs.c: documents, collection actions, names. */
void docs_take(struct load *l, const struct toc_yaml *root);
struct doc *docs_find(struct load *l, const char *name);
/* The name of a rule that was meant, or NULL; what = DOC_FILTER: of any kind. After so many it is not asked any more.
 */
const char *docs_nearest(struct load *l, const char *name, enum doc_kind what);

/* filter.c */
void filters_check(struct load *l);
/* The tree of a rule with what its filters add. */
const struct tree *filters_apply(struct load *l, const struct doc *rule, const struct tree *tree);
/* Titles of the exemptions that may cover what the rule finds. */
const char *const *filters_exempting(struct load *l, const struct doc *rule);

/* pipeline.c: pySigma's processing pipelines. */
void pipeline_take(struct load *l, const struct toc_yaml *root);
void pipeline_sort(struct load *l);
/* pipeline_apply.c: which steps concern the rule, and what they make of its logsource. */
void pipeline_begin(struct load *l, struct doc *doc);
/* The field's names after the steps (NULL-terminated); NULL: the item is dropped. */
const char *const *pipeline_fields(struct load *l, struct toc_span name, const struct toc_yaml *value);
const struct tree *pipeline_conditions(struct load *l, const struct doc *doc, const struct tree *tree);
/* Values of a placeholder, or NULL. */
const struct toc_yaml *pipeline_values(struct load *l, struct toc_span name);

/* lint.c, lint_value.c, lint_event.c: what is no mistake and yet seldom what was meant; codes in docs/writing-rules.md.
 */
void lint_document(struct load *l, const struct doc *doc);
void lint_tree(struct load *l, const struct doc *doc);
void lint_events(struct load *l, const struct doc *doc);
/* A taxonomy's `where` on a kind: what no event of it has is a mistake. */
void lint_gate(struct load *l, toc_field kind, const struct tree *gate);
/* An identifier that stands outside of the rule's condition. */
void lint_apart(struct load *l, const struct doc *doc, const struct tree *tree);

/* law.c: what a rule of this district may not do (docs/writing-rules.md, "Laws"). */
void law_rule(struct load *l, const struct doc *doc);
/* The same of a tree that the rule uses beside its own: of a raise. */
void law_tree(struct load *l, const struct doc *doc, const struct tree *tree);
/* The same of the detections that a correlation counts, when all are compiled. */
void law_correlation(struct load *l, const struct doc *doc);
void law_list(struct load *l, const struct toc_yaml *key, const struct toc_yaml *entry);
/* Reads tocsin.exemption of a filter; sets doc->expires. */
void law_exemption(struct load *l, struct doc *doc);

/* correlation.c */
void correlation_number(struct load *l, struct doc *doc, uint32_t *next);
void correlation_compile(struct load *l, const struct doc *doc, struct toc_corr_rule *out,
			 struct toc_alert_rule *words);

uint64_t hash_tree(uint64_t h, const struct toc_yaml *node);

/* super_calendar.c: calendars of the site. */
void calendars_take(struct load *l, const struct toc_yaml *root);
bool calendars_info(const struct table *calendars, unsigned i, struct toc_list_info *out);
const struct toc_calendar *super_when(struct load *l, const struct toc_yaml *node);

/* super_raise.c: `raise`, once all rules are compiled. words, correlations: of the generation, by number. */
struct generation;
void super_raises(struct load *l, struct generation *g, struct toc_alert_rule *words,
		  struct toc_corr_rule *correlations);

/* super.c: does the rule need kinds of events that nothing here gives (`needs.events`)? */
bool super_sleeps(struct load *l, const struct doc *doc);

/* What `needs` says of quality: the alert's confidence. */
void super_quality(struct load *l, const struct toc_yaml *needs, struct toc_alert_rule *out);

/* super_filter.c: the filters that name correlations, as one matcher; NULL: there are none. */
struct toc_matcher *super_filters(struct load *l, struct toc_ruleset *set, struct toc_corr_rule *correlations);

/* exempt.c: what the exemption takes from a detection, so that it can be counted; filter: whether it holds. */
void exempted_note(struct load *l, const struct doc *rule, const struct doc *filter, const struct tree *tree,
		   const struct tree *holds);
/* Once all rules are compiled, and filters that name correlations have their places. */
void exempted_place(struct load *l, struct toc_ruleset *set);

/* mode.c: which rules observe, by themselves or because the site says so. words, correlations: of the generation. */
void modes_apply(struct load *l, const struct toc_ruleset_config *config, const struct toc_ruleset *set,
		 struct toc_alert_rule *words, struct toc_corr_rule *correlations);

/* words.c: what the rule says to people. */
void words_read(struct load *l, const struct doc *doc, struct toc_alert_rule *out);

#endif
