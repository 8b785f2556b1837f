/* alert - hits and findings to episodes, episodes to documents. */
#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include "alert/people.h"
#include "alert/rule.h"
#include "base/hash.h"
#include "base/intern.h"
#include "correlate/correlate.h"
#include "tocsin/alert.h"

/* What a route is shown in clear beyond what it usually is (ts: devices; others: neither). */
struct toc_route_grant {
	const char *route;
	bool persons, devices;
};

/* The sensor's clock while it runs: what an alert says of the time that it took. Called by the engine's thread. */
struct toc_alert_clock {
	toc_time (*now)(void *user);	  /* the clock that events' `at` is of */
	const char *(*state)(void *user); /* "steady", "stepped" or "held" (docs/responding.md) */
	void *user;
};

struct toc_alert_config {
	const char *sensor;   /* name */
	uint8_t site_key[32]; /* of alert ids and of name tokens */
	bool names;	      /* deliver.names: true = clear names everywhere; false = tokens, but for grants */
	bool all;	      /* deliver.all: the route "all" gets a masked copy of what is for ts and principals */
	unsigned school_year; /* month * 100 + day on which people get new tokens; 0 = 701 */
	const struct toc_people *people; /* NULL = nobody is known: no recusals. Lives as long */
	const struct toc_route_grant *routes;
	unsigned nroutes;
	const char *version; /* of tocsin, for the document */
	const char *config;  /* digest of the configuration's files in hex, for the document; NULL: there are none */
	bool evidence;	     /* somebody keeps packets and lines: documents say where */
	const struct toc_alert_clock *clock; /* NULL: what happened is replayed. Lives as long */
};

/* Privacy class of a field (from the dictionary), for masking. */
typedef enum toc_privacy (*toc_privacy_of)(void *user, toc_field kind, toc_field field);

struct toc_alerts;

/* rules: index = number. outlet gets every revision. Owned by the caller. */
struct toc_alerts *toc_alerts_new(const struct toc_alert_config *config, const struct toc_alert_rule *rules,
				  unsigned nrules, struct toc_intern *names, toc_privacy_of privacy, void *privacy_user,
				  const struct toc_hash_key *key, const struct toc_outlet *outlet, void *outlet_self);
void toc_alerts_free(struct toc_alerts *a);

/*
 * A new generation of rules takes the place of the old one, which may be freed afterwards. Open episodes of rules that
 * are still there (same id, still alerting, same key) go on; the others close. Correlations' numbers must be the new
 * ones from the next finding on. false: no memory, nothing has changed.
 */
bool toc_alerts_adopt(struct toc_alerts *a, const struct toc_alert_rule *rules, unsigned nrules,
		      const struct toc_corr_rule *correlations, unsigned ncorrelations);

/* How long nothing may come of a detection's key before its alert closes. */
toc_time toc_alerts_close(const struct toc_alert_rule *rule);

/* What the last document for that route ended with, before this run: the next one refers to it. */
void toc_alerts_chain(struct toc_alerts *a, const char *route, const char *hash);

/* A detection rule that alerts by itself matched. raised: the raises that the event hit; may be NULL. */
void toc_alerts_hit(struct toc_alerts *a, uint32_t number, const struct toc_view *view,
		    const struct toc_raised *raised);

/* The capture should have had `came` packets since this was last told, and lost `lost` of them. */
void toc_alerts_loss(struct toc_alerts *a, toc_time at, uint64_t came, uint64_t lost);

/* What work is announced, from now on; borrowed until the next call. NULL = none. */
struct toc_maintenances;
void toc_alerts_maintain(struct toc_alerts *a, const struct toc_maintenances *list);

/* The receiving end for the correlator. */
struct toc_findings *toc_alerts_findings(struct toc_alerts *a);

/* Closes episodes of detection rules that are due up to `at`, in order. */
void toc_alerts_advance(struct toc_alerts *a, toc_time at);
/* End of input: all open episodes close. */
void toc_alerts_finish(struct toc_alerts *a, toc_time at);

struct toc_alert_counters {
	uint64_t opened, updated, closed, refused, episodes_evicted, moved, unrouted, maintained;
};
const struct toc_alert_counters *toc_alerts_count(const struct toc_alerts *a);
/* Episodes of a rule (its number in the present generation) since the start. */
uint64_t toc_alerts_opened(const struct toc_alerts *a, uint32_t number);

#endif
