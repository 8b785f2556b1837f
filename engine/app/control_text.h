/* control_text - what `tocsin status` is told: numbers that the engine's thread owns, copied in its tick. */
#ifndef APP_CONTROL_TEXT_H
#define APP_CONTROL_TEXT_H

#include "app/canary.h"
#include "app/confine.h"
#include "app/courier.h"
#include "app/pipeline.h"

struct control_status {
	toc_time at; /* the engine's clock */
	unsigned rules, generations;
	struct toc_engine_counters engine;
	struct toc_corr_counters correlate;
	struct toc_alert_counters alerts;
	const struct toc_ruleset *set;
	uint64_t *exempted;	       /* by filter; NULL: out of memory */
	struct toc_rule_count *counts; /* by rule, most expensive first once it was asked for; NULL the same */
	unsigned ncounts;
	const struct toc_confinement *confinement;
	const struct toc_maintenances *maintenances; /* announced work; NULL = none */
	struct toc_canary_status canary;
	bool delivers;
	struct toc_courier_status courier; /* where it delivers */
};

void control_status_read(struct control_status *s, const struct toc_pipeline *p);
/* What it holds; it may be read again. */
void control_status_free(struct control_status *s);
/* The rules may not be freed before. One JSON object and a newline, with what the receivers tell. */
void control_status_write(const struct control_status *s, const struct toc_pipeline *p, FILE *out);
/* Members of that object: sums, and those senders who lost something. */
void control_senders_write(const struct toc_pipeline *p, FILE *out);

#endif
