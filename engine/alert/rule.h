/* rule - what a rule says to people: everything in an alert that does not come from events. */
#ifndef ALERT_RULE_H
#define ALERT_RULE_H

#include "correlate/calendar.h"
#include "correlate/raise.h"
#include "match/match.h"
#include "tocsin/alert.h"
#include "tocsin/time.h"

enum { TOC_EPISODE_KEYS = 6 };

enum toc_stance { TOC_STANCE_NONE, TOC_STANCE_ACTOR, TOC_STANCE_VICTIM, TOC_STANCE_UNKNOWN };

/* One per rule number of the common space (correlate/rule.h). Strings live as long as the generation; lists are
 * NULL-terminated. */
struct toc_alert_rule {
	uint32_t number;
	const char *id, *title, *description, *author, *license, *path; /* path: file of the rule */
	unsigned severity;						/* 1 … 5 by level */
	unsigned nraises;
	const struct toc_raise *raises;		      /* of a detection; a correlation's are with its refs */
	const char *const *raised_by[TOC_SEVERITIES]; /* by severity: search identifiers that raise to it; NULL: none */
	bool sleeps;				      /* it needs events that nothing gives here: dormant */
	bool alerts;   /* false: only feeds correlations (referred to, generate not set), or observes */
	bool observed; /* mode: observe: it alerts nobody */
	bool held;     /* because it observes; otherwise it would alert */
	const char *const *tags, *const *falsepositives, *const *references;
	const char *category;	    /* of the pack: the folder that the rule is in ("breach"); NULL: it is in none */
	const char *const *clauses; /* "RUP-4.21/2023-04-11#P40" */
	const char *const *routes;  /* default: { "ts" } */
	enum toc_stance stance;
	struct toc_evidence_rule evidence;
	struct toc_fieldset subject; /* n = 0: none */
	const char *disproof, *runbook;
	const char *version;	       /* the rule's date or that of its last change; NULL: it has none */
	const char *pack;	       /* digest of all that the generation was read from, in hex */
	const char *const *exemptions; /* titles of those that may cover what it finds */
	bool breach;		       /* one of its clauses is about breaches, which have a clock */
	unsigned nkeys;		       /* episode key of a detection rule; a correlation's is its group-by */
	const char *key_names[TOC_EPISODE_KEYS];
	struct toc_fieldset key[TOC_EPISODE_KEYS];
	toc_time close, quiet, max; /* 0 = default: the timespan (detection rule: 10 min), 0, 24 h */
	double update;		    /* update when the count grew by this factor; 0 = 2 */
	toc_time timespan;	    /* of a correlation, for the sentence; 0 for a detection */
	double needs_identity;	    /* least confidence in who it was (src_conf); 0 = not asked */
	bool asks_loss;
	double max_loss;		 /* share of the packets that the capture may have lost */
	const struct toc_calendar *when; /* of a detection: it matches then only; a correlation has its own */
	const char *condition; /* the threshold in words: "10 or more events within 1m"; NULL for a detection */
};

#endif
