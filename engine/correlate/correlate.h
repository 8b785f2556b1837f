/* correlate - hits to findings: counts, sums and sequences in windows of event time, per rule and key. */
#ifndef CORRELATE_CORRELATE_H
#define CORRELATE_CORRELATE_H

#include "base/hash.h"
#include "base/intern.h"
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
	double value;		       /* what the bounds were compared with: count, distinct values, sum, refs seen */
	const struct toc_event *cause; /* the event that made it hold (for the alert's id) */
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

struct toc_corr_config {
	size_t cells;	       /* 0 = 262,144: (rule, key) windows; the least recently fed goes first, counted */
	size_t bytes;	       /* 0 = 128 MiB of hits, values and evidence */
	unsigned cell_hits;    /* 0 = 65,536 hits that one window keeps */
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
 */
void toc_correlate_hit(struct toc_correlator *c, uint32_t number, const struct toc_view *view, bool again);

/* Clock of a source (0 = the wire) reached `ts`; `at` = the engine's clock. Closes and expires what is due, in a fixed
 * order. */
void toc_correlate_clock(struct toc_correlator *c, uint32_t source, toc_time ts);
void toc_correlate_advance(struct toc_correlator *c, toc_time at);

/* End of input: open episodes close; windows of absence that are still open do not fire. */
void toc_correlate_finish(struct toc_correlator *c, toc_time at);

struct toc_corr_counters {
	uint64_t hits, missing_key, cells, cells_evicted, hits_evicted, opened, closed;
};
const struct toc_corr_counters *toc_correlate_count(const struct toc_correlator *c);

/* For ruleset/: a kind by its Sigma name ("event_count"), NULL if there is none; and all names, NULL-terminated. */
const struct toc_corr_kind *toc_corr_kind_find(const char *name);
const char *const *toc_corr_kind_names(void);
/* Does the kind need condition.field? */
bool toc_corr_kind_needs_field(const struct toc_corr_kind *kind);

#endif
