/* peaks - how high windows get: of each key and day (UTC) the highest, in histograms of the rule. For `mode: observe`.
 */
#ifndef CORRELATE_PEAKS_H
#define CORRELATE_PEAKS_H

#include "correlate/correlate.h"

/*
 * Eight bins to an octave. Keys are kept under a hash, until the day after theirs is over; histograms for ten weeks.
 * Rules that are observed (correlate/rule.h) have them; from toc_correlate_keep_peaks on all have. false: no memory.
 */
enum { TOC_PEAK_BINS = 512, TOC_PEAK_DAYS = 70 };
bool toc_correlate_keep_peaks(struct toc_correlator *c);

/*
 * A detection has no windows. Its peaks are how often an alert of the key would have opened on that day: this hit opens
 * one when none of the key came for `close`. For those that observe; cheap for all others.
 */
bool toc_correlate_watches(const struct toc_correlator *c, uint32_t detection);
void toc_correlate_opened(struct toc_correlator *c, uint32_t detection, struct toc_span key, toc_time ts,
			  toc_time close);

/* How many keys had their day's highest window in which bin, over how many days of the engine's clock. */
struct toc_corr_peaks {
	uint64_t bins[TOC_PEAK_BINS];
	unsigned days;
};

/* Of a correlation by its place, of a detection by their number and its own; days since 1970 from `until` on are left
 * out. */
void toc_correlate_peaks(const struct toc_correlator *c, unsigned rule, uint32_t until, struct toc_corr_peaks *out);

/* Least value of a bin. */
double toc_correlate_peak_of(unsigned bin);

/* Is anything kept? */
bool toc_correlate_keeps_peaks(const struct toc_correlator *c);

/*
 * All that is kept as BSON documents (to be freed by the caller; NULL: memory is out), as toc_correlate_snapshot has
 * them: a rule whose thresholds alone have changed finds its histograms again. Restored before the first event; false:
 * *what says why not, and nothing was taken.
 */
uint8_t *toc_correlate_peaks_save(const struct toc_correlator *c, uint64_t number, size_t *n);
bool toc_correlate_peaks_number(struct toc_span bytes, uint64_t *number, const char **what);
bool toc_correlate_peaks_restore(struct toc_correlator *c, struct toc_span bytes, const char **what);

#endif
