/* table - what alert's files share: the table of episodes and how a revision is told. */
#ifndef ALERT_TABLE_H
#define ALERT_TABLE_H

#include "alert/audience.h"
#include "alert/episode.h"
#include "alert/loss.h"
#include "alert/traces.h"
#include "base/lru.h"

struct ending {
	toc_time due;
	uint64_t order;
	uint8_t key[16];
};

struct opened {
	uint64_t rule_hash; /* key */
	uint64_t n;
};

struct toc_alerts {
	struct toc_findings findings; /* first: the correlator is given this */
	struct toc_alert_config config;
	const struct toc_alert_rule *rules;
	unsigned nrules;
	struct toc_lru *opened; /* by rule_hash: episodes since the start, in whatever generation */
	uint64_t *rule_hash;	/* by number, of the rule's id: a key is the same in the next generation of rules */
	struct toc_intern *names;
	toc_field src_conf;
	const struct toc_hash_key *hash_key;
	const struct toc_outlet *outlet;
	void *outlet_self;
	struct mask mask;
	struct toc_lru *episodes;
	struct loss loss;
	toc_time at, swept; /* swept: all that was due until then is closed */
	uint64_t order;
	size_t evidence_bytes;
	struct text document, sealed;
	struct chain chain;
	struct traces traces;
	struct audience_fields fields;
	struct maintenance_fields places;
	const struct toc_maintenances *maintenances; /* borrowed; NULL = none was announced */
	void *scratch;
	size_t scratch_room;
	struct ending *endings;
	size_t nendings, room;
	struct toc_alert_counters count;
};

/* tell.c: one revision with this evidence (pairs); tell_own: with the episode's own. The rest: alerts.c. */
void alerts_tell(struct toc_alerts *a, struct episode *e, enum toc_alert_state state, toc_time at,
		 const struct toc_event *const *evidence, unsigned nevidence);
void alerts_tell_own(struct toc_alerts *a, struct episode *e, enum toc_alert_state state, toc_time at);
bool alerts_worth_telling(const struct toc_alerts *a, const struct episode *e, toc_time at);
void alerts_hash_key(const struct toc_alerts *a, uint32_t number, struct toc_span raw, uint8_t out[16]);
void alerts_put_value(struct text *out, struct toc_span value);
void alerts_set_subject(struct toc_alerts *a, struct episode *e, const struct toc_view *view);
void alerts_set_doubt(const struct toc_alerts *a, struct episode *e, const struct toc_view *view);
void alerts_open_episode(struct toc_alerts *a, struct episode *e, const struct toc_alert_rule *rule,
			 struct toc_span raw, struct text values, const struct toc_event *cause);
void alerts_raise(struct episode *e, uint8_t severity);
void alerts_close_episode(struct toc_alerts *a, struct episode *e, toc_time at);
void alerts_release(struct toc_alerts *a, struct episode *e);

/* adopt.c: from now on these are the rules; false: no memory, and the old ones stay. */
bool alerts_use_rules(struct toc_alerts *a, const struct toc_alert_rule *rules, unsigned nrules);

/* findings.c: what the correlator says. */
extern const struct toc_findings alerts_findings;

#endif
