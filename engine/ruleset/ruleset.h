/* ruleset - YAML rules to one immutable generation: matcher, correlations, words for alerts. */
#ifndef RULESET_RULESET_H
#define RULESET_RULESET_H

#include "alert/rule.h"
#include "base/diag.h"
#include "base/intern.h"
#include "base/opener.h"
#include "base/sizes.h"
#include "correlate/rule.h"
#include "match/match.h"
#include "tocsin/field.h"

/* What exists, so that rules can be checked against it: kinds and their fields. */
struct toc_dictionary;

struct toc_ruleset_config {
	const char *const *paths;	 /* rule files and folders, NULL-terminated */
	const char *const *taxonomy;	 /* taxonomy files and folders, NULL-terminated */
	const char *const *lists;	 /* folders with lists.yml, NULL-terminated */
	const char *const *vars;	 /* vars.yml files, later ones win, NULL-terminated */
	const char *const *pipelines;	 /* pySigma processing pipelines; may be NULL */
	toc_time now;			 /* for words about what has expired; 0 = nobody knows */
	const struct toc_opener *opener; /* who reads files: a keeper, or toc_opener_self */
	const char *cache;		 /* folder for compiled expressions, which must exist; NULL: none is used */
	unsigned *documents;		 /* gets the number of rules read, also where there are errors; may be NULL */
	const char *const *calendars;	 /* files and folders of calendars, NULL-terminated; may be NULL */
	const char *const *policy;	 /* files and folders of policies, NULL-terminated; may be NULL */
	struct toc_sizing sizes;	 /* lists and calendars are held against what there was before */
	const char *time_zone;		 /* of the site: calendars, hours of the week; NULL = UTC */
	/* Modes: all rules observe, or those named here by id or name (NULL: none); with `trial` none does. */
	bool observe, trial;
	const struct toc_yaml *observed;
};

/*
 * A filter that is an exemption, or that names correlations. What it kept from opening there is counted under its place
 * by the correlator (toc_correlate_filter_count); events that an exemption kept from detections by the engine.
 */
struct toc_ruleset_filter {
	const char *id, *title, *owner, *reason; /* owner, reason: NULL where it is no exemption */
	toc_time expires;			 /* TOC_NEVER: not */
};

/* An event that a detection would have hit but for an exemption is a hit of the matcher, too. */
struct toc_exempted {
	uint32_t filter, rule; /* places in filters, alerts */
};

/* Everything that one load made. */
struct toc_ruleset {
	const struct toc_matcher *matcher;
	const struct toc_corr_rule *correlations;
	unsigned ndetections, ncorrelations;
	unsigned nraises, nexempted; /* the matcher's numbers behind those of rules, and behind those of raises */
	const struct toc_exempted *exempted;
	const struct toc_alert_rule *alerts; /* ndetections + ncorrelations, by number */
	const struct toc_ruleset_filter *filters;
	unsigned nfilters;
	unsigned documents; /* rules read, for the last line of `check` */
};

/* NULL when diag has errors. Owned by the caller. */
struct toc_ruleset *toc_ruleset_load(const struct toc_ruleset_config *config, struct toc_intern *names,
				     const struct toc_dictionary *dictionary, struct toc_diag *diag);
void toc_ruleset_free(struct toc_ruleset *r);

/* A calendar of the site by its name, without the rules; lives in the arena. NULL: there is none, or diag has errors. */
const struct toc_calendar *toc_calendar_read(struct toc_arena *arena, const struct toc_opener *opener,
					     const char *const *paths, const char *name, const struct toc_zone *zone,
					     struct toc_diag *diag);

/* A named list, for `tocsin lists`; false past the last. Samples that rules carry: ruleset/sample.h. */
struct toc_list_info {
	const char *name, *type, *owner; /* owner may be NULL */
	size_t entries;
	toc_time read_at, max_age; /* of its file: when that was changed last, and how old it may be; 0 = none */
	struct toc_place at;
};
bool toc_ruleset_list(const struct toc_ruleset *r, unsigned i, struct toc_list_info *out);
/* A calendar in the same form: its type is "calendar", its entries are its hours and ranges of days. */
bool toc_ruleset_calendar(const struct toc_ruleset *r, unsigned i, struct toc_list_info *out);

#endif
