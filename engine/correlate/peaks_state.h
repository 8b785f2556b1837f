/* peaks_state - what is kept of peaks; private to peaks.c and peaks_file.c. */
#ifndef CORRELATE_PEAKS_STATE_H
#define CORRELATE_PEAKS_STATE_H

#include "correlate/peaks.h"
#include "correlate/state.h"

/* One key of one rule on one day, under a hash: the day may bring it higher. */
struct peak {
	struct peak_key {
		uint64_t hash;
		uint32_t rule, day;
	} key;
	double value;
	toc_time last; /* of a detection: its newest hit; what is read back has none */
};

/* Keys that ended in a bin. */
struct peak_row {
	uint32_t bin;
	uint64_t keys;
};

/* A day on which the rule was watched, also where nothing came; rows ascend by bin. */
struct peak_day {
	uint32_t day; /* since 1970; 0: none */
	uint32_t n, room;
	struct peak_row *rows;
};

struct peak_rule {
	bool watched;
	struct peak_day *days; /* a ring of TOC_PEAK_DAYS by day; NULL: there are none */
};

struct peaks {
	struct toc_lru *table;	 /* struct peak: days that are not over */
	struct toc_hash_key key; /* of keys, and kept with them: the same key is the same after a restart */
	struct peak_rule *rules; /* correlations, then detections */
	unsigned nrules;
	uint32_t today; /* 0: unknown */
};

/* The day of a rule, made if it is not there; NULL: it is too old, or memory is out. */
struct peak_day *peaks_day(struct peaks *p, unsigned rule, uint32_t day);
bool peaks_count(struct peak_day *d, uint32_t bin, uint64_t keys);
/* Of what that place is; shape: of a correlation. */
const char *peaks_id(const struct toc_correlator *c, uint32_t place, uint64_t *shape);
/* The rule, by its place, whose windows measure the same; UINT32_MAX: there is none. */
uint32_t peaks_place(const struct toc_correlator *c, uint64_t shape, const char *id);

#endif
