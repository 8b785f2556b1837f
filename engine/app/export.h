/* export - what leaves the sensor for a person (subject access) or for the public: gathered, redacted, with a manifest.
 */
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include "app/config.h"
#include "app/redactor.h"
#include "deliver/journal.h"

/* The newest revision of an alert, with the names that were sealed with it. */
struct export_alert {
	char id[33];
	unsigned revision;
	toc_time at;
	char *json;  /* the sensor's own copy */
	char *names; /* {"tok_…":"name"}; NULL = none, or the key is another one */
	bool sealed; /* there were some */
};

struct export_alerts {
	struct export_alert *at;
	unsigned n, room;
};

/* Alerts of the journal's folder in their order; those about `who` (NULL: all), told in [from, to). false: errno. */
bool export_gather(const struct toc_config *config, const char *folder, const char *who, toc_time from, toc_time to,
		   struct export_alerts *out);
void export_free(struct export_alerts *a);

/* Fills r for one alert; what it refers to lives in the arena. false: it cannot be shown (why). */
struct export_way {
	bool (*prepare)(void *self, struct toc_arena *arena, const struct export_alert *a, const struct cli_node *doc,
			struct redactor *r, const char **why);
	void *self;
};

/* export_subject.c: everything of one person, nobody else by name. Owned by the caller (free). */
struct export_subject;
struct export_subject *export_subject_new(const char *who);
void export_subject_way(struct export_subject *s, struct export_way *out);
/* The token of whom it is about, for the audit log; "": none was met. */
const char *export_subject_token(const struct export_subject *s);

/* export_profile.c: what the public is shown, and why the rest is not. NULL: diag tells. In the arena. */
struct export_profile;
const struct export_profile *export_profile_read(struct toc_arena *arena, const char *path, struct toc_diag *diag);
const char *export_profile_name(const struct export_profile *p);
void export_profile_way(const struct export_profile *p, struct export_way *out);

/* export_write.c: alerts.jsonl, alerts.txt and manifest.json in a new folder. */
struct export_writing {
	const char *folder, *kind, *by, *owner; /* kind: "subject", "public-records" */
	const char *profile;			/* its file; NULL = none */
	toc_time from, to, now;
	unsigned written, withheld; /* filled in */
	char manifest[65];	    /* its SHA-256; filled in */
};
bool export_write(const struct toc_config *config, const struct export_alerts *alerts, const struct export_way *way,
		  struct export_writing *w);
/* Takes the files and the folder away again. */
void export_remove(const struct export_writing *w);

#endif
