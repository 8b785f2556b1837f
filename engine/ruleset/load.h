/* load - what one load of rules carries from file to file; private to ruleset/. */
#ifndef RULESET_LOAD_H
#define RULESET_LOAD_H

#include "base/yaml.h"
#include "event/dictionary.h"
#include "match/build.h"
#include "ruleset/ruleset.h"
#include "ruleset/sample.h"

enum doc_kind { DOC_DETECTION, DOC_CORRELATION, DOC_FILTER };

/* One YAML document. */
struct doc {
	enum doc_kind kind;
	const struct toc_yaml *root;
	const char *path, *id, *name, *title; /* id: else the name, else file:line */
	uint32_t number;
	bool numbered, visiting;  /* correlations: children first */
	bool referred, generated; /* a correlation refers to it; one of these says generate: true */
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
	struct table docs;    /* struct doc */
	struct table aliases; /* struct alias */
	struct table sources; /* struct source_entry */
	struct table lists;   /* struct named_list */
	struct table vars;    /* struct var */
	struct table samples; /* struct toc_rule_sample */
};

/* Room for one more item, zeroed. */
void *table_add(struct load *l, struct table *t, size_t size);

void mistake(struct load *l, const struct toc_yaml *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void remark(struct load *l, const struct toc_yaml *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* files.c: calls take for every document of every .yml file under the paths, in the order of their names. */
void files_read(struct load *l, const char *const *paths, void (*take)(struct load *l, const struct toc_yaml *root));

/* A list of strings, or one string: NULL-terminated, in the arena. */
const char *const *strings_read(struct load *l, const struct toc_yaml *node, const char *what);

/* taxonomy.c */
void taxonomy_take(struct load *l, const struct toc_yaml *root);
struct toc_fieldset taxonomy_field(struct load *l, const struct toc_yaml *at, struct toc_span name);
/* Judges the rule on every kind that carries its logsource. */
void taxonomy_place(struct load *l, const struct toc_yaml *logsource, uint32_t rule, toc_node node);
/* Does every dimension that the filter's logsource sets equal the rule's? */
bool taxonomy_covers(const struct toc_yaml *filter, const struct toc_yaml *rule);

/* lists.c */
void lists_take(struct load *l, const struct toc_yaml *root);
bool lists_info(const struct table *lists, unsigned i, struct toc_list_info *out);
const struct toc_list *lists_find(struct load *l, const struct toc_yaml *at, struct toc_span name);

/* vars.c: values of a site by name, put in the places that rules give them. */
void vars_take(struct load *l, const struct toc_yaml *root);
void vars_apply(struct load *l, const struct doc *doc);
void vars_check(struct load *l);

/* scalar.c: YAML 1.1 resolution as Sigma's tools do it. */
enum scalar_kind { SCALAR_STRING, SCALAR_NUMBER, SCALAR_BOOL, SCALAR_NULL };
struct scalar {
	enum scalar_kind kind;
	double number;
	bool yes;
};
struct scalar scalar_read(const struct toc_yaml *node);

/* item.c: one `Field|modifier: value` of a search identifier. false: a mistake was told. */
bool item_compile(struct load *l, const struct toc_yaml *key, const struct toc_yaml *value, toc_node *out);
bool keyword_compile(struct load *l, const struct toc_yaml *value, toc_node *out);

/* value.c: one value under its modifiers. */
struct item;
bool value_compile(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out);

/* detection.c */
bool search_compile(struct load *l, const struct toc_yaml *search, unsigned depth, toc_node *out);
bool detection_compile(struct load *l, const struct toc_yaml *detection, toc_node *out);

/* condition.c: the grammar of conditions over the identifiers of a detection (or filter) map. */
struct identifier {
	const char *name;
	toc_node node;
	bool used;
};
bool condition_compile(struct load *l, const struct toc_yaml *condition, struct identifier *ids, unsigned n,
		       toc_node *out);

/* correlation.c */
struct doc *docs_find(struct load *l, const char *name);
void correlation_number(struct load *l, struct doc *doc, uint32_t *next);
void correlation_compile(struct load *l, const struct doc *doc, struct toc_corr_rule *out,
			 struct toc_alert_rule *words);

/* words.c: what the rule says to people. */
void words_read(struct load *l, const struct doc *doc, struct toc_alert_rule *out);

#endif
