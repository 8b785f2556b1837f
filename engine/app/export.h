/* export - what leaves the sensor for a person (subject access) or for the public: gathered, redacted, with a manifest.
 */
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include <stdio.h>

#include "app/config.h"
#include "app/redactor.h"
#include "deliver/journal.h"

/* A log line as evidence kept it: without secrets, with names. */
struct export_line {
	toc_time ts;
	char *text;
	size_t n;
	char sha256[65];
	bool cut;
};

/* The newest revision of an alert, with the names that were sealed with this and earlier ones. */
struct export_alert {
	char id[33];
	unsigned revision;
	toc_time at;
	char *json;  /* the sensor's own copy */
	char *names; /* {"tok_…":"name"}; NULL = none, or the key is another one */
	bool sealed; /* there were some */
	bool unread; /* some could not be read */
	struct export_line *lines;
	unsigned nlines;
	char **deeds; /* JSON: what people did and noted, by time */
	unsigned ndeeds;
};

struct export_alerts {
	struct export_alert *at;
	unsigned n, room;
	struct export_alert **by_id; /* sorted, once they are gathered */
};

enum export_part { EXPORT_LINES, EXPORT_NOTES };

/* Alerts of the journal's folder in their order; those about `who` (NULL: all), told in [from, to). false: errno. */
bool export_gather(const struct toc_config *config, const char *folder, const char *who, toc_time from, toc_time to,
		   struct export_alerts *out);
void export_free(struct export_alerts *a);

/* export_lines.c: of the evidence in that folder; where there is none, none. false: errno. */
bool export_take_lines(const char *folder, struct export_alerts *a);

/* export_deeds.c: what people did: from Redis, or from a hold's copy. */
struct export_source {
	const char *redis, *password_file; /* NULL: deliver.redis; nobody logs in as the keeper */
	const char *file;		   /* of a hold; NULL = Redis */
};
bool export_take_deeds(const struct toc_config *config, const struct export_source *from, struct export_alerts *a,
		       char *err, size_t room);
/* The alert of that id; NULL: it is not exported. After export_gather. */
struct export_alert *export_find(const struct export_alerts *a, const char *id);

/* Fills r for one alert; what it refers to lives in the arena. false: it cannot be shown (why). */
struct export_way {
	bool (*prepare)(void *self, struct toc_arena *arena, const struct export_alert *a, const struct cli_node *doc,
			struct redactor *r, const char **why);
	/* After the document: r for lines and notes, which may name whom the document does not. false: too many names.
	 */
	bool (*loosen)(void *self, struct toc_arena *arena, const struct toc_people *people, struct redactor *r);
	/* Why this part is not shown; NULL: it is, redacted. */
	const char *(*withheld)(void *self, enum export_part part);
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

/* export_free.c: lines and deeds of one alert, as JSON and for people. NULL: no more are written there. */
struct export_files {
	FILE *json, *text, *lines, *notes;
};
void export_put_lines(const struct export_alert *a, const struct redactor *r, const char *withheld,
		      const struct export_files *f);
void export_put_deeds(const struct export_alert *a, const struct redactor *r, const char *withheld,
		      const struct export_files *f);
/* "  label: text", as a terminal may show it; nothing where there is none. */
void export_put_text(FILE *out, const char *label, struct toc_span text);

/* export_write.c: alerts.jsonl, lines.jsonl, notes.jsonl, alerts.txt and manifest.json in a new folder. */
struct export_writing {
	const char *folder, *kind, *by, *owner; /* kind: "subject", "public-records" */
	const char *profile;			/* its file; NULL = none */
	toc_time from, to, now;
	const char *no_notes;	    /* why there are none; NULL = they were read */
	unsigned written, withheld; /* filled in */
	unsigned lines, notes;	    /* the same */
	char manifest[65];	    /* its SHA-256; filled in */
};
bool export_write(const struct toc_config *config, const struct export_alerts *alerts, const struct export_way *way,
		  struct export_writing *w);
/* Takes the files and the folder away again. */
void export_remove(const struct export_writing *w);

#endif
