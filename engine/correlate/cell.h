/* cell - the window of one (rule, key): hits in the order of their time, whatever the order of their coming. */
#ifndef CORRELATE_CELL_H
#define CORRELATE_CELL_H

#include "correlate/correlate.h"

enum { CELL_SOURCES = 4, CELL_EARLY = 4 };

/* One hit: when, how much it weighs, and what the kind needs of it. */
struct hit {
	toc_time ts;
	union {
		uint64_t hash; /* value_count: of the value's text */
		double number; /* value_sum */
		uint64_t ref;  /* temporal kinds: place among the rule's refs */
	} of;
	uint32_t weight;
};

/* Copies of event and side record; side may be NULL. */
struct evidence {
	struct toc_event *ev, *who;
};

struct cell {
	uint8_t key[16]; /* hash of rule and key text: the table's key */
	const struct toc_corr_rule *rule;
	struct hit *hits; /* ascending by ts */
	uint32_t nhits, room;
	char *text; /* key values, each NUL-terminated, in the rule's order */
	uint32_t text_n;
	uint32_t sources[CELL_SOURCES];
	uint8_t nsources; /* CELL_SOURCES + 1: too many to name, all clocks count */
	uint8_t nevidence;
	bool open;	   /* the bounds hold: an episode */
	toc_time due;	   /* by the clocks of its sources */
	toc_time opened;   /* ts of the hit that opened it */
	double value;	   /* at the last look */
	toc_time from, to; /* the window in which the bounds held */
	uint64_t count;
	uint64_t event; /* number of the event that fed it last */
	struct evidence evidence[TOC_EVIDENCE];
};

/*
 * A kind looks at the windows that contain the hit at index `at` (just inserted) and says whether the rule's bounds
 * hold in one of them; it sets value, count, from and to of the cell to what that window has, or to the best it found.
 */
struct toc_corr_kind {
	const char *name;
	bool needs_field;
	bool by_rule; /* an event counts once for each of the rules that it satisfies, not once */
	bool (*judge)(struct cell *c, uint32_t at);
	/* Fills hit->of from the event; false: the event does not count (its field is missing). key: for hashes. */
	bool (*read)(const struct toc_corr_rule *rule, unsigned ref, const struct toc_view *view,
		     const struct toc_hash_key *key, struct hit *hit);
};

/* All bounds of the rule hold for this value. */
bool toc_corr_bounds_hold(const struct toc_corr_rule *rule, double value);

/* First and last index of the hits in the window that ends with (and includes) hit `end`: [ts - timespan, ts]. */
uint32_t toc_cell_from(const struct cell *c, uint32_t end);

#endif
