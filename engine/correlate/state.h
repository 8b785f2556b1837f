/* state - the correlator's own: rules while they run, the table of cells, who waits for which clock. */
#ifndef CORRELATE_STATE_H
#define CORRELATE_STATE_H

#include "base/lru.h"
#include "correlate/cell.h"

/* When a rule's windows are judged. */
enum judged {
	AT_HIT,	   /* more hits can only help: at once */
	AT_CLOSE,  /* lt, lte, eq, neq: windows that begin with a hit, one behind the other, when each is over */
	AT_ANCHOR, /* `not`: the window around each hit of the other rules, when it is over */
	AT_SILENCE /* absent: when a key was not heard for too long */
};

/* One rule while it runs. */
struct running {
	const struct toc_corr_rule *rule;
	unsigned index;
	enum judged judged;
	struct toc_corr_counters count;
	uint64_t spent; /* ns, while there was a stopwatch */
	struct budget budget;
	toc_time slack; /* the most that a source may be late which has fed it */
	struct cell *newest, *oldest;
	uint32_t anchors; /* AT_ANCHOR: refs that begin a window */
	struct toc_lru *novel;
	toc_time novel_since; /* learning began */
	struct toc_lru *bases;
	struct toc_lru *inhibited;
};

/* Which correlations refer to a rule, and as which of their refs. */
struct reference {
	uint32_t rule; /* number of the rule referred to */
	uint32_t by;   /* index of the correlation */
	uint32_t ref;
	bool inhibits;
};

/* Cells by a time, the earliest first; a cell knows its place. */
struct heap {
	struct cell **at;
	uint32_t n, room;
	bool waits; /* by cell->wait and wait_at, else by wake and wake_at */
};

struct clock {
	uint32_t source;    /* key */
	bool ready;	    /* named among those that passed what waits for them */
	toc_time ts, heard; /* heard: by the engine's clock */
	struct heap waiting;
};

struct peaks;

struct toc_correlator {
	struct toc_corr_config config;
	struct running *running;
	unsigned nrules, nreferences, nnumbers;
	struct reference *references; /* ascending by rule */
	uint32_t *first_reference;    /* by rule number; nnumbers + 1 */
	struct cell **buckets;
	uint32_t nbuckets, ncells;
	struct cell *newest, *oldest;
	struct toc_hash_key key;    /* of tables: the process's secret */
	struct toc_hash_key values; /* of values that a snapshot keeps: moves with it */
	struct toc_findings *out;
	struct toc_corr_counters count;
	struct budget budget;
	struct toc_corr_clock clock;
	uint64_t event; /* number of the present one, from 1 */
	toc_time at, swept, started;
	toc_time lateness; /* of the present event's source, by configuration */
	const struct toc_event *evidence[2 * TOC_EVIDENCE];
	struct toc_event nothing; /* the cause where there is no event */
	struct heap wakes;
	struct toc_lru *clocks;
	uint32_t *ready; /* sources whose clocks passed something */
	uint32_t nready, ready_room;
	struct cell **due; /* cells that end in this sweep */
	uint32_t ndue, due_room;
	uint8_t *needed; /* kinds that rules need: bits; and when each was last seen */
	toc_time *seen;
	struct toc_match_scratch *scratch; /* of the filters */
	struct toc_draft *draft;
	struct peaks *peaks; /* NULL: not kept */
	toc_stopwatch now;
	uint64_t *filtered; /* by filter */
	unsigned nfilters;
};

static inline void count_one(uint64_t *of_rule, uint64_t *of_all)
{
	++*of_rule;
	++*of_all;
}

/* cell.c */
/* Outside the table, of `n` bytes of key; NULL: no memory. The caller's until cells_link. */
struct cell *cell_new(struct running *r, const char *text, uint32_t n);
/* One that is in no list any more. */
void cell_free(struct cell *cell);

/* cells.c */
struct cell *cells_find(struct toc_correlator *c, struct running *r, const char *text, uint32_t n);
/* Made if it is not there (*fresh), most recently used either way; NULL: no memory. */
struct cell *cells_get(struct toc_correlator *c, struct running *r, const char *text, uint32_t n, bool *fresh);
void cells_remove(struct toc_correlator *c, struct cell *cell);
/* Evicts what was least recently fed until `more` bytes are allowed, but not `keep`. */
bool cells_make_way(struct toc_correlator *c, struct running *r, uint64_t more, const struct cell *keep);
void cells_free_all(struct toc_correlator *c);

/* peaks.c */
bool peaks_begin(struct toc_correlator *c);
/* These where c->peaks is there. */
void peaks_add(struct toc_correlator *c, const struct cell *cell, toc_time ts, double value);
void peaks_advance(struct toc_correlator *c, toc_time at);
/* Histograms and days that are not over go to the same rules of the new correlator. */
void peaks_adopt(struct toc_correlator *c, struct toc_correlator *old);
void peaks_free(struct toc_correlator *c);
/* For adopt: the cell leaves its table, or enters another, with all that it holds. */
void cells_unlink(struct toc_correlator *c, struct cell *cell);
bool cells_link(struct toc_correlator *c, struct running *r, struct cell *cell);

/* evidence.c */
void evidence_keep(struct toc_correlator *c, struct cell *cell, const struct toc_view *view);
/* Those of windows that are over (ts at most `until`) go. */
void evidence_forget(struct cell *cell, toc_time until);
void evidence_free(struct cell *cell);
/* The opening event, copied; NULL: none. */
void evidence_opener(struct cell *cell, const struct toc_event *cause);

/* heap.c */
bool heap_put(struct heap *h, struct cell *cell); /* or moves it to its place */
void heap_remove(struct heap *h, struct cell *cell);
/* clocks.c */
bool clocks_begin(struct toc_correlator *c);
void clocks_end(struct toc_correlator *c);
void clocks_note(struct cell *cell, uint32_t source);
/* Has the time passed for all sources of the cell? Else it waits where it will be told. */
bool clocks_passed(struct toc_correlator *c, struct cell *cell, toc_time end);
void clocks_leave(struct toc_correlator *c, struct cell *cell);
/* The next cell that may have ended by the present sweep, out of all heaps; NULL: none. */
struct cell *clocks_next(struct toc_correlator *c);

/* episode.c */
void finding_of(struct toc_correlator *c, struct cell *cell, const struct toc_event *cause, toc_time at,
		struct toc_finding *f);
/* Opens unless something holds it back (gate.c), and tells the correlations above; view may be NULL. */
bool episode_open(struct toc_correlator *c, struct cell *cell, const struct toc_view *view, toc_time ts, toc_time at);
void episode_update(struct toc_correlator *c, struct cell *cell, const struct toc_event *cause, toc_time at);
void episode_close(struct toc_correlator *c, struct cell *cell, toc_time at);
/* For how long no window holds before one closes; and how long it may stay open. */
toc_time episode_quiet(const struct toc_corr_rule *r);
toc_time episode_longest(const struct toc_corr_rule *r);
/* Does what begins at ts belong to another episode than the one that is open, by times alone? */
bool episode_over(const struct cell *cell, toc_time ts);
bool episode_past_max(const struct cell *cell, toc_time ts); /* or only because that one lasts for too long */

/* gate.c: what the superset asks beyond the bounds. */
bool gate_lets(struct toc_correlator *c, struct cell *cell, toc_time ts, toc_time at);
bool gate_begin(struct toc_correlator *c);
void gate_end(struct toc_correlator *c);

/* inhibit.c */
bool inhibit_begin(struct toc_correlator *c, struct running *r);
void inhibit_note(struct toc_correlator *c, const struct reference *by, const struct toc_view *view,
		  const struct cell *child, toc_time until);
bool inhibit_holds(struct toc_correlator *c, struct cell *cell, toc_time ts);

/* novel.c */
bool novel_begin(struct toc_correlator *c, struct running *r);
/* Is the value of the hit's field new? false also where it is missing. */
bool novel_take(struct toc_correlator *c, struct running *r, unsigned ref, const struct toc_view *view,
		struct toc_span key, toc_time ts);

/* baseline.c */
bool baseline_begin(struct toc_correlator *c, struct running *r);
void baseline_end(struct running *r);
/* The newest window has this value. */
void baseline_add(struct toc_correlator *c, const struct cell *cell, toc_time ts, double value);
bool baseline_holds(struct toc_correlator *c, const struct cell *cell, toc_time ts);

/* feed.c */
void feed_event(struct toc_correlator *c, uint32_t number, const struct toc_view *view,
		const struct toc_raised *raised);
/* child opened at ts (its key is what the parents see), or closed (only inhibitors hear of that). */
void feed_opening(struct toc_correlator *c, const struct cell *child, const struct toc_view *view, toc_time ts);
void feed_closing(struct toc_correlator *c, const struct cell *child, toc_time ts);

/* waiting.c: rules that judge when a window is over. */
void waiting_take(struct toc_correlator *c, struct cell *cell, const struct hit *hit, const struct toc_view *view);
void waiting_judge(struct toc_correlator *c, struct cell *cell);
/* silence.c */
void silence_take(struct toc_correlator *c, struct cell *cell, const struct hit *hit, const struct toc_view *view);
void silence_judge(struct toc_correlator *c, struct cell *cell);
void silence_list(struct toc_correlator *c, struct running *r);
toc_time silence_end(const struct cell *cell);

/* ending.c */
/* When its sources' clocks have passed this, something is to be done with the cell; TOC_NEVER: never. */
toc_time cell_end(const struct cell *cell);

/* How late what still belongs to it may come: by its rule, or by a source that has fed the rule. */
toc_time cell_lateness(const struct cell *cell);
/* It was fed: it wakes in time. */
void cell_place(struct toc_correlator *c, struct cell *cell);

#endif
