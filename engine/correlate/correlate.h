/* correlate - hits to findings: counts, sums and sequences in windows of event time, per rule and key. */
#ifndef CORRELATE_CORRELATE_H
#define CORRELATE_CORRELATE_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/stopwatch.h"
#include "correlate/rule.h"
#include "event/value.h"

enum { TOC_EVIDENCE = 16, TOC_KEY_TEXT = 256 };

/* Why a correlation holds now, for one key. All borrowed for the call. */
struct toc_finding {
	const struct toc_corr_rule *rule;
	struct toc_span key[TOC_CORR_KEYS]; /* canonical text of each group-by value, in rule->key_names' order */
	toc_time first, last;		    /* ts of the oldest and newest hit in the window */
	toc_time at;			    /* when the sensor knew */
	uint64_t count;			    /* hits in the window */
	uint8_t raised;			    /* the severity that an event of the episode raises it to; 0: none */
	double value;		       /* what the bounds were compared with: count, distinct values, sum, refs seen */
	const struct toc_event *cause; /* the event that made it hold (for the alert's id); NULL when it closes. One of
					  kind 0 where there is none: a key that was never heard of */
	const struct toc_event *const
		*evidence;  /* copies kept by the cell: event and side record alternate; side may be NULL */
	unsigned nevidence; /* pairs, newest last, at most TOC_EVIDENCE */
};

/* What becomes of findings. An episode of (rule, key) opens once, is updated by later hits while it holds, closes. */
struct toc_findings {
	void (*open)(struct toc_findings *self, const struct toc_finding *f);
	void (*update)(struct toc_findings *self, const struct toc_finding *f);
	void (*close)(struct toc_findings *self, const struct toc_finding *f); /* below the bounds for its close time */
};

/* A detection, of which the days' openings may be counted (correlate/peaks.h). */
struct toc_corr_detection {
	const char *id;
	bool observed;
};

/* 0 = the default in brackets. What is over a bound makes the least recently fed cells go, counted. */
struct toc_corr_config {
	size_t cells, rule_cells; /* (rule, key) windows of all rules [262,144], of one rule [a quarter] */
	size_t bytes, rule_bytes; /* hits, values and evidence of all rules [128 MiB], of one rule [half] */
	unsigned cell_hits;	  /* hits that one window keeps [262,144]; beyond, the oldest go */
	unsigned learnt;	  /* values that one rule's `new`, keys that one rule's `baseline` remember [262,144] */
	const struct toc_corr_detection *detections; /* by number; may be NULL */
	unsigned ndetections;
	toc_field count_field; /* an event's field that says for how many it stands (repeats); 0 = none */
};

struct toc_correlator;

/* rules: borrowed, ascending by number. Owned by the caller. */
struct toc_correlator *toc_correlator_new(const struct toc_corr_config *config, const struct toc_corr_rule *rules,
					  unsigned nrules, const struct toc_hash_key *key, struct toc_findings *out);
void toc_correlator_free(struct toc_correlator *c);

/*
 * Rule `number` matched the event. Windows compare ts and belong to event time: late hits are put in place by ts;
 * sliding windows; a cell expires when the clocks of the sources that fed it have passed its last hit by the timespan
 * (design.md section 1). A hit whose group-by field is missing is not counted for that rule (docs/writing-rules.md).
 * Openings are fed at once to the correlations that refer to this one.
 * again: an earlier call was for the same event, which counts once a window unless the kind asks for different rules.
 * raised: the raises that the event hit; may be NULL.
 */
void toc_correlate_hit(struct toc_correlator *c, uint32_t number, const struct toc_view *view, bool again,
		       const struct toc_raised *raised);

/* An event of this kind exists: for rules that need it (`needs`). Cheap; call it for every event, before its hits. */
void toc_correlate_seen(struct toc_correlator *c, toc_field kind, toc_time at);

/*
 * Clock of a source (0 = the wire) reached `ts`; late: what it tells may come so much behind (`late` of its listener).
 * The hits that follow are of that source's event.
 */
void toc_correlate_clock(struct toc_correlator *c, uint32_t source, toc_time ts, toc_time late);

/* The engine's clock reached `at`. Closes and expires what is due, in a fixed order, once for each whole second. */
void toc_correlate_advance(struct toc_correlator *c, toc_time at);

/* End of input: open episodes close; windows of absence that are still open do not fire. */
void toc_correlate_finish(struct toc_correlator *c, toc_time at);

struct toc_corr_counters {
	uint64_t hits, missing_key, cells, cells_evicted, hits_evicted, opened, closed;
	uint64_t missing_value; /* condition.field (or new.field) is absent or no number: not counted */
	uint64_t late;		/* came when their window had been judged or forgotten */
	uint64_t outside;	/* of the rule's calendar */
	uint64_t known;		/* hits on values that are not new */
	uint64_t asleep;	/* openings that did not happen: events that the rule needs do not come */
	uint64_t inhibited, exempted;
	uint64_t forgotten; /* values and keys that `new` and `baseline` had no room for */
};
const struct toc_corr_counters *toc_correlate_count(const struct toc_correlator *c);
/* Of one rule, by its place in the rules given. */
const struct toc_corr_counters *toc_correlate_rule_count(const struct toc_correlator *c, unsigned rule);
/* Nanoseconds that hits took of which a stopwatch was there, with what one opening told other correlations. */
uint64_t toc_correlate_rule_spent(const struct toc_correlator *c, unsigned rule);
/* For the hits that follow. */
void toc_correlate_stopwatch(struct toc_correlator *c, toc_stopwatch now);
/* Memory in use: of all rules, of one. */
uint64_t toc_correlate_bytes(const struct toc_correlator *c);
uint64_t toc_correlate_rule_bytes(const struct toc_correlator *c, unsigned rule);
/* Openings that one filter suppressed, by its number in the matcher of exemptions. */
uint64_t toc_correlate_filter_count(const struct toc_correlator *c, uint32_t filter);

/* One window of a correlation as it stands: its group, the hits in it, the number that the bounds are compared with. */
struct toc_corr_window {
	struct toc_span key[TOC_CORR_KEYS]; /* in the order of group-by */
	uint64_t hits;
	double value;
	bool open; /* an episode */
};
/* All windows of a rule, by its place in the rules given, the longest unfed first. */
void toc_correlate_windows(const struct toc_correlator *c, unsigned rule,
			   void (*tell)(void *user, const struct toc_corr_window *w), void *user);

/*
 * Reload: cells, learnt sets and open episodes of rules with the same id and hash move from old to new; what is left in
 * old goes with it. Before the first hit of the new one. Returns how many rules live on.
 */
unsigned toc_correlator_adopt(struct toc_correlator *c, struct toc_correlator *old);

/*
 * The state as BSON documents (to be freed by the caller), NULL when memory is out; and back, before the first hit.
 * number: of the snapshot, for who keeps several. names: to write events that do not depend on this process's ids.
 * false: the bytes are foreign, of another version or damaged; err says so and nothing was taken. What follows the
 * snapshot is overlooked.
 */
uint8_t *toc_correlate_snapshot(const struct toc_correlator *c, const struct toc_intern *names, uint64_t number,
				size_t *n);
/*
 * By which clock its times are: the machine's less the one that is never set, and the boot that this one began with. A
 * snapshot says so, and who restores it in the same boot by a clock that was set meanwhile moves all times by that.
 */
struct toc_corr_clock {
	toc_time offset;
	char boot[40]; /* empty: not known, nothing is moved */
};
void toc_correlate_dates(struct toc_correlator *c, const struct toc_corr_clock *clock);

/* The number of a whole snapshot; false: *what says why not. */
bool toc_correlate_snapshot_number(struct toc_span bytes, uint64_t *number, const char **what);
struct toc_corr_restored {
	unsigned rules, cells; /* taken */
	unsigned changed;      /* rules that are no longer there, or mean something else now */
	toc_time moved;	       /* times, by so much */
};
bool toc_correlate_restore(struct toc_correlator *c, struct toc_intern *names, struct toc_span bytes,
			   struct toc_corr_restored *out, char *err, size_t err_n);

/* Tells every open episode again as open (same cause, so the same id): after a restart, to alerts that are new. */
void toc_correlate_retell(struct toc_correlator *c);

/* For ruleset/: a kind by its Sigma name ("event_count"), NULL if there is none; and all names, NULL-terminated. */
const struct toc_corr_kind *toc_corr_kind_find(const char *name);
const char *const *toc_corr_kind_names(void);
/* Does the kind need condition.field, and must that be a number? Is it one of the temporal ones? */
bool toc_corr_kind_needs_field(const struct toc_corr_kind *kind);
bool toc_corr_kind_is_temporal(const struct toc_corr_kind *kind);

/* Must the rule wait for the end of a window (lt, lte, eq, neq, `not`, absence)? */
bool toc_corr_rule_waits(const struct toc_corr_rule *rule);

#endif
