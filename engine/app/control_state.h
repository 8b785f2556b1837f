/* control_state - what the files of control share: the socket, its thread, and what lies between it and the engine's.
 */
#ifndef APP_CONTROL_STATE_H
#define APP_CONTROL_STATE_H

#include <pthread.h>

#include "app/control.h"
#include "app/control_text.h"

enum { CONTROL_WAIT_MS = 5000 };

struct toc_control {
	const struct toc_config *config;
	struct toc_config *admission; /* whose `allow` and `peers` hold since a reload; NULL: those of the start */
	struct toc_pipeline *pipeline;
	struct toc_courier *courier; /* NULL: no Redis */
	const struct toc_opener *opener;
	struct toc_pulse *pulse; /* NULL: nobody is told */
	const struct toc_confinement *confinement;
	struct toc_canary *canary;
	int metrics;
	int listening, wake; /* wake: an eventfd; the thread looks up */
	uid_t owner;
	pthread_t thread;
	bool running;
	_Atomic bool stop, hangup;
	/* what the thread wants of the engine's; the engine answers in its tick */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct toc_generation *next, *old;
	struct toc_maintenance_file *windows, *windows_next; /* that hold; that shall */
	bool status_wanted, done, switched;
	toc_time stood;	 /* how long the switch kept the engine's thread from its events */
	toc_time worked; /* of that, what it had of a processor: the rest it waited for one */
	struct control_status status;
	const char *question; /* of `who`; NULL: none */
	toc_time question_at; /* 0 = the engine's now */
	FILE *told;	      /* its answer goes there, in memory */
	bool known;
};

/* control_engine.c */
/* Under the lock, behind what was asked: waits for the engine's tick. false: it did not come to it. */
bool control_wait(struct toc_control *c);
/* What the engine's thread and delivery tell; false: the engine does not answer, which was said. */
bool control_read_status(struct toc_control *c, struct control_status *out, FILE *words);

/* control_reload.c: reads rules and certificates again; the words go to out, whatever happened. */
void control_reload(struct toc_control *c, FILE *out);

/* The same of announced work. */
void control_maintenance(struct toc_control *c, FILE *out);

/* control_requests.c: the answer to one line. */
void control_answer(struct toc_control *c, const char *request, FILE *out);

#endif
