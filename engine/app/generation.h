/* generation - one load of rules, lists and taxonomy, and what the engine's thread runs it with. */
#ifndef APP_GENERATION_H
#define APP_GENERATION_H

#include "alert/alert.h"
#include "app/config.h"
#include "correlate/correlate.h"
#include "event/dictionary.h"
#include "identity/site.h"
#include "ruleset/ruleset.h"

struct toc_generation {
	struct toc_ruleset *rules;
	struct toc_match_scratch *scratch;
	struct toc_correlator *correlator; /* made by toc_generation_attach */
	struct toc_corr_detection *detections;
	uint64_t *hits; /* by detection; and what these took, of events that were measured, in nanoseconds */
	uint64_t *spent;
	uint64_t *exempted; /* by filter: events that it kept from detections, and what it did in generations before */
	struct toc_sizes *sizes; /* of the lists, calendars and rosters read with it; NULL: nobody remembers */
	struct toc_site *site;	 /* rosters as a reload has read them, for identity; NULL: those of the start */
	struct toc_arena *arena; /* where they live */
};

/* What a load reads and who reads it. All borrowed. */
struct toc_generation_config {
	const struct toc_config *config;
	const char *const *rule_paths; /* instead of the configuration's; NULL-terminated, NULL = the configuration's */
	const struct toc_opener *opener;
	const char *cache;   /* folder of compiled expressions; NULL: none, as once the process is confined */
	bool trial;	     /* rules in observe mode alert as well: samples, backtests */
	unsigned *documents; /* gets the number of rules read; may be NULL */
	struct toc_sizing sizes;
	struct toc_intern *names;
	const struct toc_dictionary *dictionary;
};

/* In any thread, but only one at a time (it adds names). NULL: diag has errors. Owned by the caller. */
struct toc_generation *toc_generation_load(const struct toc_generation_config *config, struct toc_diag *diag);

/* The site's rosters once more, to go with it. false: diag has errors. */
bool toc_generation_read_site(struct toc_generation *g, const struct toc_generation_config *config,
			      struct toc_diag *diag);

/* Where its correlations tell: before the engine runs it. false: no memory. */
bool toc_generation_attach(struct toc_generation *g, const struct toc_config *c, struct toc_intern *names,
			   const struct toc_hash_key *key, struct toc_findings *findings);
/* What the filter of that place has kept back, events of detections and openings of correlations; in the engine's
 * thread. */
uint64_t toc_generation_exempted(const struct toc_generation *g, unsigned filter);
/* The same filters go on counting. */
void toc_generation_succeed(struct toc_generation *g, const struct toc_generation *old);
void toc_generation_free(struct toc_generation *g);

#endif
