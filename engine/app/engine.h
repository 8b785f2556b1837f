/* engine - the one thread that sees everything in order: identity, observe, match, correlate, alert. */
#ifndef APP_ENGINE_H
#define APP_ENGINE_H

#include "alert/alert.h"
#include "app/feed.h"
#include "app/generation.h"
#include "app/rule_counts.h"
#include "event/merge.h"
#include "identity/identity.h"
#include "observe/observe.h"
#include "observe/x509_seen.h"

/* All parts are borrowed; NULL = that stage is off. */
struct toc_engine_parts {
	struct toc_merge *merge;
	struct toc_intern *names;
	struct toc_identity *identity;
	struct toc_observe *observe; /* made with the engine's emit: toc_engine_emit */
	struct toc_generation *generation;
	struct toc_alerts *alerts;
	bool observe_stored;	/* an archive that was made without observers: its events are observed, too */
	struct toc_print print; /* events to stdout */
	const toc_time *late;	/* by listener: how late what its senders tell may come; NULL: not at all */
	unsigned nlate;
	/* Each event as match sees it, after it was judged; NULL = nobody looks. */
	void (*seen)(void *user, const struct toc_view *view);
	void *seen_user;
};

struct toc_engine;

struct toc_engine *toc_engine_new(struct toc_intern *names);
void toc_engine_free(struct toc_engine *e);

/* Where observe sends its events: they go back in at identity, after the event that caused them. */
struct toc_emit *toc_engine_emit(struct toc_engine *e);

/* Runs until every feed has ended. Live: `tick` (may be NULL) is called at least every 100 ms. */
void toc_engine_run(struct toc_engine *e, const struct toc_engine_parts *parts, void (*tick)(void *user), void *user);

/*
 * In a tick, between two events: from now on these rules. Open windows and episodes of rules that have not changed live
 * on, the others close. Returns the old generation, which is the caller's; or `next`, and nothing has changed (no
 * memory).
 */
struct toc_generation *toc_engine_switch(struct toc_engine *e, struct toc_generation *next);

/* All feeds have ended: the tick that follows is the last one, before windows and episodes close. */
bool toc_engine_ending(const struct toc_engine *e);

/* The engine's clock; in its thread. */
toc_time toc_engine_at(const struct toc_engine *e);

/* What each rule has cost, in its thread: toc_rule_counts. */
struct toc_rule_count *toc_engine_rules(const struct toc_engine *e);

struct toc_engine_counters {
	uint64_t events, derived, duplicates, hits, printed_bytes;
	unsigned switches; /* of generations */
	bool write_failed; /* stdout went away */
};
const struct toc_engine_counters *toc_engine_count(const struct toc_engine *e);

#endif
