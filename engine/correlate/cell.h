/* cell - the window of one (rule, key): hits in the order of their time, whatever the order of their coming. */
#ifndef CORRELATE_CELL_H
#define CORRELATE_CELL_H

#include "correlate/budget.h"
#include "correlate/correlate.h"

enum { CELL_SOURCES = 4, CELL_EARLY = 4, NOWHERE = UINT32_MAX };

/* One hit: when, how much it weighs, and what the kind needs of it. */
struct hit {
	toc_time ts;
	union {
		uint64_t hash; /* value_count: of the value's text */
		double number; /* value_sum, _avg, _percentile, _median */
	} of;
	double second; /* ratio, period */
	uint32_t weight;
	uint16_t ref;	/* place among the rule's refs */
	uint8_t raised; /* severity that it raises an alert to; 0: none */
};

struct values; /* value_set.c: values and how often each is there */
struct ranks;  /* ranks.c: numbers in order */

/* What a kind knows of the hits of one window; they enter and leave it one by one. */
struct tally {
	const struct toc_corr_rule *rule;
	struct budget *budget;
	uint32_t n, left; /* hits in it; left since the sums were last made anew */
	uint64_t weight;
	double sum, second;
	uint32_t raised[TOC_SEVERITIES]; /* hits in it that raise to so much; [0] stays 0 */
	struct values *values;
	struct ranks *ranks;
	uint32_t *refs;	 /* temporal: how often each is there, then a bit set of those that are */
	toc_time *reach; /* temporal_ordered: chain.c */
};

/*
 * A kind: which number the window's hits give. add and drop take constant time (logarithmic for ranks); value reads.
 * add may fail for lack of memory; drop gets hits in the order in which they were added, or the newest.
 */
struct toc_corr_kind {
	const char *name;
	bool needs_field, number; /* condition.field; it is a number */
	bool by_rule;		  /* an event counts once for each of the rules that it satisfies, not once */
	bool counts;		  /* the value is at most the number of hits (weighed) */
	bool sequence;		  /* order matters: hits cannot be dropped, chain.c */
	bool (*add)(struct tally *t, const struct hit *h);
	void (*drop)(struct tally *t, const struct hit *h);
	double (*value)(const struct tally *t);
	bool (*enough)(const struct tally *t, double value); /* NULL: the rule's bounds */
};

/* Copies of event and side record; `who` may be NULL. Rooms: what the blocks hold. */
struct evidence {
	struct toc_event *ev, *who;
	uint32_t ev_room, who_room;
};

/* How regularly a key is heard (absent). */
struct rhythm {
	toc_time first, last;
	toc_time again; /* it is not spoken of before */
	double gap;	/* usual, ns */
	uint32_t n;
};

struct running;

struct cell {
	struct running *of;
	uint64_t hash;
	toc_time slack;			      /* how late the sources of its rule may be */
	struct cell *next;		      /* in the bucket */
	struct cell *newer, *older;	      /* of all */
	struct cell *rule_newer, *rule_older; /* of its rule */
	struct hit *block; /* `room` hits, of which those from `first` on are there, ascending by (ts, ref) */
	uint32_t room, first, n;
	uint32_t from;	    /* the window that ends with the newest hit begins here, counted from `first` */
	struct tally tally; /* of that window; its rule is NULL where windows are judged when they are over */
	uint32_t sources[CELL_SOURCES];
	uint8_t nsources; /* CELL_SOURCES + 1: too many to name, all clocks count */
	uint8_t nevidence, evidence_room;
	bool open;		 /* an episode */
	bool listed;		 /* absent: a key of the list, which is expected even if it was never heard */
	toc_time opened;	 /* ts of the hit that opened it */
	toc_time held;		 /* end of the latest window in which the bounds held */
	toc_time judged;	 /* windows, or anchors, up to here are judged for good */
	toc_time anchor;	 /* the next hit to be judged; TOC_NEVER: none */
	double value;		 /* at the last look */
	toc_time from_ts, to_ts; /* the window of that look */
	uint8_t seen;		 /* severity that a hit of that window raises to; 0: none */
	uint8_t raised;		 /* of the open episode: the highest so far */
	uint64_t count;
	uint64_t event; /* number of the event that fed it last */
	struct evidence *evidence;
	struct toc_event *opener; /* copy of the cause */
	struct rhythm rhythm;
	bool heavy;		   /* a hit stands for more than one event */
	bool pinned;		   /* its opening is being told: it may not be evicted */
	uint32_t wake_at, wait_at; /* places among those that wake, among those that wait for a source's clock */
	uint32_t due_at;	   /* place among those that end in this sweep */
	uint32_t waits_for;	   /* that source */
	toc_time wake, wait;	   /* wake: not later than its end */
	uint32_t text_n;
	char text[]; /* key values, each NUL-terminated, in the rule's order */
};

static inline struct hit *cell_hit(const struct cell *c, uint32_t i)
{
	return &c->block[c->first + i];
}

/* All bounds hold for this value. */
bool bounds_hold(const struct toc_corr_bound *bounds, unsigned n, double value);

/* First hit with ts >= `ts`. */
uint32_t cell_search(const struct cell *c, toc_time ts);

/* tally.c */
void tally_begin(struct tally *t, const struct toc_corr_rule *rule, struct budget *budget);
bool tally_add(struct tally *t, const struct hit *h);
/* hits: those that stay, so that sums can be made anew before their errors add up. */
void tally_drop(struct tally *t, const struct hit *h, const struct hit *stay);
double tally_value(const struct tally *t);
/* What adding and dropping note of raises: alone for sequences, whose hits are not in the tally. */
void tally_raise(struct tally *t, const struct hit *h);
void tally_lower(struct tally *t, const struct hit *h);
uint8_t tally_raised(const struct tally *t);
/* The same of hits `from` … `end` - 1. */
uint8_t hits_raised(const struct cell *c, uint32_t from, uint32_t end);
/* The value suffices, and so does the ratio. */
bool tally_holds(const struct tally *t, double value);
void tally_free(struct tally *t);

/* window.c */
enum taken { TAKEN_NO, TAKEN_YES, TAKEN_LATE };
/* Puts the hit in its place; *holds: a window that contains it satisfies the bounds (value, count … of the cell). */
enum taken window_take(struct cell *c, const struct hit *hit, uint32_t most, uint64_t *evicted, bool *holds);
/* Puts the hit in its place, and no more; *at its place. */
bool window_insert(struct cell *c, const struct hit *hit, uint32_t most, uint64_t *evicted, uint32_t *at);
void window_drop_first(struct cell *c, uint32_t n);
/* Makes the tally of the newest window anew from the hits (after a restore). */
bool window_rebuild(struct cell *c);
/* The value of hits `from` … `end` - 1, and whether it suffices. */
bool window_judge(const struct cell *c, const struct toc_corr_rule *rule, uint32_t from, uint32_t end, double *value);

/* chain.c: sequences; reach has chain_room times. */
uint32_t chain_room(const struct toc_corr_rule *r);
void chain_clear(const struct toc_corr_rule *r, toc_time *reach);
void chain_step(const struct toc_corr_rule *r, toc_time *reach, const struct hit *h);
/* How many rules the longest chain (the terms: the complete one) has that began at `since` or later, and when. */
unsigned chain_length(const struct toc_corr_rule *r, const toc_time *reach, toc_time since, toc_time *start);
bool chain_enough(const struct toc_corr_rule *r, unsigned length);

/* expr.c */
bool expr_holds(const struct toc_corr_expr *e, uint32_t present);

/* period.c */
bool period_holds(const struct cell *c);

#endif
