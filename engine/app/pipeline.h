/* pipeline - the whole path in one place: what is built, in which order, and which thread runs it. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "app/clerk.h"
#include "app/config.h"
#include "app/engine.h"
#include "app/fence.h"
#include "app/generation.h"
#include "app/liner.h"
#include "app/reader.h"
#include "app/receiving.h"
#include "app/worker.h"
#include "event/dictionary.h"
#include "normalise/lines.h"

struct toc_pipeline_options {
	bool rules;	   /* load rules, match, alert */
	bool print_events; /* `--events` */
	const char *kinds; /* comma-separated kinds to print; NULL = all */
	void (*seen)(void *user,
		     const struct toc_view *view); /* looks at each event after it was judged; may be NULL */
	void *seen_user;
	bool observe_stored;	       /* stored events are observed again */
	bool trial;		       /* rules in observe mode alert as well: samples, backtests */
	bool single_slot;	       /* every ring takes one record at a time (tests) */
	const char *const *rule_paths; /* instead of the configuration's; NULL-terminated, NULL = the configuration's */
	const struct toc_opener *opener;    /* who reads rules and lists; NULL = the process itself */
	unsigned *documents;		    /* gets the number of rules read; may be NULL */
	const char *cache;		    /* folder of compiled expressions; NULL = none */
	toc_time received_at;		    /* stored lines: stands for now */
	struct toc_fences *fences;	    /* threads put up theirs; NULL: none do */
	struct toc_clerk *clerk;	    /* keeps evidence; NULL = nobody does */
	bool live;			    /* what comes is of this moment: alerts tell of the clock */
	const struct toc_sizes *before;	    /* of lists, calendars and rosters, in the last good load; NULL = not known */
	const struct toc_interface *stored; /* how packets of captures are taken; NULL = as they come */
};

/* Datagrams and streams have a thread each: one waits where the other must not. */
enum { TOC_RECEIVINGS = 2 };

/* What all threads share (read only once they run) and what the engine's thread owns. */
struct toc_pipeline {
	const struct toc_config *config; /* borrowed */
	struct toc_pipeline_options options;
	struct toc_hash_key key;
	struct toc_intern *names;
	struct toc_dictionary *dictionary;
	struct toc_normalisers *normalisers;
	struct toc_psl *psl;
	struct toc_identity *identity;
	struct toc_observe *observe;
	struct toc_generation *generation; /* NULL: no rules */
	struct toc_alerts *alerts;
	struct toc_engine *engine;
	struct toc_print print;
	bool *kinds;
	_Atomic bool stop;
	struct toc_wanted *_Atomic wanted; /* NULL: all */
	struct toc_worker *workers;
	unsigned nworkers;
	struct toc_liner *liners;
	unsigned nliners;
	struct toc_receiving receivings[TOC_RECEIVINGS]; /* live: datagrams, streams */
	unsigned nreceivings;
	struct toc_steady steady;
	struct toc_alert_clock clock;
	struct toc_claims *claims; /* whose name is whose; owned */
	struct toc_bell *bell;
	struct toc_ring **rings;
	bool *spills;
	unsigned nrings;
};

enum { TOC_FEEDS = 256 };

/*
 * Everything but the inputs: names, dictionary, normalisers, rules, identity, observe, correlation. Mistakes in the
 * files that people write go to diag; NULL only when diag has errors. outlet gets the alerts (ignored where
 * options.rules is false).
 */
struct toc_pipeline *toc_pipeline_new(const struct toc_config *config, const struct toc_pipeline_options *options,
				      const struct toc_outlet *outlet, void *outlet_self, struct toc_diag *diag);

/* Inputs, before run. source and path are borrowed; fd is taken over. false: no memory, or more than TOC_FEEDS threads.
 */
/* interface: how its packets are to be taken; NULL for captures. */
bool toc_pipeline_add_worker(struct toc_pipeline *p, struct toc_source *source, const struct toc_interface *interface);
bool toc_pipeline_add_liner(struct toc_pipeline *p, const char *path, int fd, uint16_t input, toc_time received_at);
bool toc_pipeline_add_records(struct toc_pipeline *p, const char *path, int fd, uint16_t input);
/* Opens the configuration's listeners: -1, or an exit status after a message. */
int toc_pipeline_add_listeners(struct toc_pipeline *p, const struct toc_opener *opener);
/* A ring for a thread that feeds by itself; NULL as above. */
struct toc_ring *toc_pipeline_add_ring(struct toc_pipeline *p, bool spills);

/*
 * Loads rules, lists and taxonomy once more while the pipeline runs, ready for toc_engine_switch. In one thread, at any
 * time after new. NULL: diag has errors.
 */
struct toc_generation *toc_pipeline_load_again(struct toc_pipeline *p, const struct toc_opener *opener,
					       unsigned *documents, struct toc_diag *diag);

/* What the packet threads let go at this moment, together: bits of enum toc_shed. Any thread. */
unsigned toc_pipeline_sheds(const struct toc_pipeline *p);

/* Starts the threads of the inputs, runs the engine in this one until all have ended, joins them. */
void toc_pipeline_run(struct toc_pipeline *p, void (*tick)(void *user), void *user);

/* Output that could not be written or kept, said on stderr; true when there was some. */
bool toc_pipeline_lost(const struct toc_pipeline *p);

/* One line a stage on stderr: what went in, what came out, what was dropped and why. */
void toc_pipeline_summary(const struct toc_pipeline *p);

void toc_pipeline_free(struct toc_pipeline *p);

#endif
