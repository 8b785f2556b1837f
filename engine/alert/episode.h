/* episode - one (rule, key) while it lasts: what the alert's revisions are made of. */
#ifndef ALERT_EPISODE_H
#define ALERT_EPISODE_H

#include "alert/chain.h"
#include "alert/maintenance.h"
#include "alert/mask.h"
#include "alert/text.h"

struct evidence_pair {
	struct toc_event *ev, *who; /* who may be NULL */
};

enum doubt { DOUBT_IDENTITY = 1, DOUBT_LOSS = 2 };

struct episode {
	uint8_t key[16]; /* the table's key: hash of rule and key values */
	const struct toc_alert_rule *rule;
	char id[33];
	char *key_text;					  /* values as they are, each NUL-terminated */
	enum toc_privacy key_class[TOC_EPISODE_KEYS + 2]; /* of each value; a correlation has up to that many */
	const char *const *key_names;
	unsigned nkeys;
	char *subject; /* as it is; NULL = none */
	enum toc_privacy subject_class;
	bool correlation;
	uint8_t severity, told_severity; /* the rule's, or what an event raised it to */
	uint8_t doubt;			 /* enum doubt bits: what is less sure than the rule needs */
	uint8_t sure;			 /* per cent: who it was, when it opened */
	char window[TOC_MAINTENANCE_ID]; /* the maintenance that it opened in, until that is over; "" = none */
	uint64_t order;
	uint32_t revision;
	toc_time opened_at, first, last; /* first, last: ts */
	toc_time due;			 /* detections: closes at */
	toc_time told_at;
	uint64_t count, told; /* told: count in the last revision */
	uint64_t folded;      /* events since it opened that no revision was made for */
	double value;
	uint8_t nevidence;
	struct evidence_pair evidence[TOC_EVIDENCE];
	struct text told_routes; /* who has heard of it is told how it ends; names with a NUL each */
	struct text barred;	 /* routes of somebody who was concerned in an earlier revision */
};

/* What one revision says. */
struct traces;
struct revision {
	const struct episode *episode;
	enum toc_alert_state state;
	toc_time at;
	const struct toc_event *const *evidence; /* pairs, side may be NULL */
	unsigned nevidence;
	const char *sensor, *version;
	const char *config;		     /* digest of the configuration's files in hex; NULL: there are none */
	const struct toc_alert_clock *clock; /* NULL: it is replayed */
	toc_time began;			     /* by that clock: when this revision was decided on */
	double lost; /* share of the frames that were lost while the rule looked, a minute at the least */
	const struct toc_intern *names;
	const char *const *routes;		   /* that this copy is for */
	const char *const *told;		   /* those of them that get it; may be empty */
	bool own;				   /* it is the sensor's own copy */
	const struct traces *traces;		   /* NULL: nobody keeps evidence */
	const struct toc_maintenance *maintenance; /* that this is a part of; NULL = none */
	bool maintenance_over;			   /* it goes on, and the maintenance that it opened in does not */
	const char *key_text, *subject;		   /* the episode's, as this copy shows them; set by document_write */
};

/* setting.c: a value of an event as text, by the first of the names that it has; what and where the subject is. */
size_t revision_value(const struct revision *r, const struct toc_event *ev, const char *const *names,
		      char out[TOC_KEY_TEXT]);
void setting_subject(struct text *t, const struct revision *r, struct mask *mask);
void setting_place(struct text *t, const struct revision *r, struct mask *mask);

/* sensor.c: what the sensor was like when it told: frames lost, its clock, how long it took. */
void sensor_write(struct text *t, const struct revision *r);

/* identities.c: who stood behind the evidence's addresses, as this copy shows them, and who said so. */
void identities_write(struct text *t, const struct revision *r, struct mask *mask, void **scratch, size_t *room);

/* sentence.c: one sentence that a person understands. */
void sentence_write(struct text *out, const struct revision *r);

/* document.c: what its persons and devices are called; then the whole document, as the mask's `shows` says; scratch is
 * the mask's memory. */
void document_note_names(const struct revision *r, struct mask *mask);
void document_write(struct text *out, struct revision *r, struct mask *mask, struct chain *chain, void **scratch,
		    size_t *room);

/* finding.c: the parts of it that OCSF defines; findings_evidence: events (masked) as OCSF's evidence artifacts. */
void finding_head(struct text *out, const struct revision *r);
void finding_info(struct text *out, const struct revision *r);
void finding_observables(struct text *out, const struct revision *r);
void finding_evidence(struct text *out, const struct revision *r, struct mask *mask, void **scratch, size_t *room);

/* id.c: 32 hex digits and a NUL: HMAC of sensor, rule, key and the event that opened it. */
void episode_id(const uint8_t site_key[32], const char *sensor, const char *rule, struct toc_span key,
		const struct toc_event *cause, char out[33]);

#endif
