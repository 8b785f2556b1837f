/*
 * pulse - what the engine's process tells the keeper of itself: that it runs, reads its rules again, ends, and that all
 * of its threads make progress. One pipe, one way; the keeper passes the words on to systemd (app/supervisor.h).
 */
#ifndef APP_PULSE_H
#define APP_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/pipeline.h"

enum toc_pulse_word {
	TOC_PULSE_BEAT,
	TOC_PULSE_READY,
	TOC_PULSE_RELOADING,
	TOC_PULSE_RELOADED,
	TOC_PULSE_REFUSED, /* a reload: the rules before it stay */
	TOC_PULSE_STOPPING,
	TOC_PULSE_FORBIDDEN, /* value: the system call that the filter ends the process for */
	TOC_PULSE_WORDS
};

struct toc_pulse_message {
	uint32_t word;
	int32_t value;
};

struct toc_pulse;

/* Before the fork. NULL after a message. Owned by the caller; every function but new takes NULL and does nothing. */
struct toc_pulse *toc_pulse_new(void);
void toc_pulse_free(struct toc_pulse *p);

/* In the engine's process. Words are lost rather than waited for: the keeper reads nothing when it is stopped. */
void toc_pulse_say(struct toc_pulse *p, enum toc_pulse_word word);
/* In its tick: says READY once, and BEAT when every thread has moved since the last one, once a second at most. */
void toc_pulse_tick(struct toc_pulse *p, const struct toc_pipeline *pipeline);
/* From now on SIGSYS tells the system call before it ends the process (seccomp(2), SECCOMP_RET_TRAP). */
bool toc_pulse_trap(struct toc_pulse *p);

/* In the keeper's: what to poll for, and the next message; false: there is none. */
int toc_pulse_fd(const struct toc_pulse *p);
bool toc_pulse_next(struct toc_pulse *p, struct toc_pulse_message *out);

/* Have all threads' turns moved since `last` (which is brought up to date then)? A thread that has ended counts as
 * moved. */
enum { TOC_PULSE_THREADS = TOC_FEEDS };
bool toc_pulse_moved(const struct toc_pipeline *pipeline, uint64_t last[TOC_PULSE_THREADS]);

#endif
