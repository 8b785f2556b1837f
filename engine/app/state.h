/*
 * state - what correlations (and their peaks) and identity remember, over a restart: two files each in the state
 * folder, written in turn, so that one is whole whenever the process dies. Opened before the engine is confined.
 */
#ifndef APP_STATE_H
#define APP_STATE_H

#include "app/pipeline.h"

struct toc_state;

/* NULL after a warning: the run remembers nothing. Owned by the caller. */
struct toc_state *toc_state_open(const struct toc_config *config);

/* Before the first event: takes the newer whole file, says what came of it, tells open episodes again (same ids). */
void toc_state_restore(struct toc_state *s, struct toc_pipeline *p);

/* For `tune`: the peaks that a run with this configuration keeps, or has kept; false after a word: there are none. */
bool toc_state_read_peaks(const struct toc_config *config, struct toc_correlator *c);

/* How much lists, calendars and rosters had when they were last believed; empty: nobody knows. NULL: no memory. */
struct toc_sizes *toc_state_read_sizes(const struct toc_config *config);

/* For `migrate`: a line of each stage, whether the next start takes over what it kept; false: something will not be. */
bool toc_state_judge(const struct toc_config *config, FILE *out);

/* In the engine's thread. What cannot be written is told once. */
void toc_state_save(struct toc_state *s, const struct toc_pipeline *p);

/* The same for the sizes of what a new generation was made of; at once, and nothing where they are kept already. */
void toc_state_save_sizes(struct toc_state *s, const struct toc_pipeline *p);

/* Where the reading of followed files stands; noted every few seconds, as the engine is behind the receivers: what is
 * written is as old as that. With each tick. */
void toc_state_note_followed(struct toc_state *s, const struct toc_pipeline *p);

void toc_state_free(struct toc_state *s);

#endif
