/*
 * control - control.sock in the state folder: what an operator asks of a running engine, one line a request. Rules are
 * loaded in a thread of their own, beside the ones that run; the engine's thread then switches between two events.
 */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include "app/canary.h"
#include "app/confine.h"
#include "app/courier.h"
#include "app/maintenance.h"
#include "app/pipeline.h"
#include "app/pulse.h"

struct toc_control;

/*
 * Before the fork: listens, and refuses to where another tocsin answers. NULL: *taken says whether that is why, and a
 * message was said; without a socket SIGHUP still reloads. Owned by the caller; config is borrowed.
 */
struct toc_control *toc_control_new(const struct toc_config *config, bool *taken);

/* In the engine's process: starts the thread. Parts are borrowed. */
struct toc_control_parts {
	struct toc_pipeline *pipeline;
	struct toc_courier *courier;	 /* of the delivery to Redis; NULL = none */
	const struct toc_opener *opener; /* reads the rules */
	struct toc_pulse *pulse;	 /* is told of reloads; NULL = nobody */
	const struct toc_confinement *confinement;
	struct toc_canary *canary;
	struct toc_maintenance_file *maintenance; /* that the alerts have; taken over */
	int metrics;				  /* listening socket (app/metrics.h); negative = none */
};
bool toc_control_start(struct toc_control *c, const struct toc_control_parts *parts);

/* SIGHUP came: loads the rules again; what is wrong with them is told on stderr. */
void toc_control_reload(struct toc_control *c);

/* The engine's thread, between events: switches to rules that are ready, answers what waits. */
void toc_control_tick(struct toc_control *c);

/* Ends the thread. The socket's name is removed by whoever may: the process that made it. */
void toc_control_free(struct toc_control *c);
void toc_control_remove(const struct toc_config *config);

/* The asking side: prints the engine's answer; returns the exit status. path: tocsin.yml, NULL = the usual one. */
int toc_ask_engine(const char *path, const char *request);

/* The socket's path; false: too long. */
enum { TOC_CONTROL_PATH = 108 };
bool toc_control_path(const struct toc_config *config, char out[TOC_CONTROL_PATH]);

#endif
