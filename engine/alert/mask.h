/* mask - names of persons, and of their devices, become tokens before anything leaves the sensor (policy.md SYS-07). */
#ifndef ALERT_MASK_H
#define ALERT_MASK_H

#include "alert/alert.h"
#include "alert/text.h"
#include "tocsin/draft.h"

enum { TOKEN_TEXT = 17 }; /* tok_ or dev_ and 12 hex digits, with the NUL */

/* What one copy of an alert says in clear. */
struct shows {
	bool persons, devices, contents;
};

struct mask {
	struct shows shows;	 /* of the copy that is being written */
	const uint8_t *site_key; /* of the site, for good */
	unsigned school_year;	 /* that the two keys are of; 0 = none yet */
	uint8_t token_key[32], seal_key[32];
	toc_privacy_of privacy;
	void *user;
	struct toc_draft draft;
	struct text known; /* names in an alert: class ('p' person, 'd' device), the name in lower case, NUL */
	bool first[256];   /* bytes that a known name begins with */
	bool overflow;	   /* more names than are kept: what cannot be looked through is left out */
	struct text spare;
};

/* The school year that a moment belongs to; from its start (month * 100 + day) people get new tokens. */
unsigned school_year(toc_time at, unsigned start);
/* Makes the keys of that year. */
void mask_use_year(struct mask *m, unsigned year);

/* The same value gives the same token, everywhere on this site in this school year and nowhere else. */
void mask_token(const struct mask *m, char class, struct toc_span value, char out[TOKEN_TEXT]);

/*
 * Names stand in other places too: in a host's name, a file's, a URL. The persons and devices of an alert are noted,
 * and what they are called is hidden wherever it stands. Names of fewer than four characters count as whole words only.
 */
void mask_forget(struct mask *m);
void mask_note(struct mask *m, const struct toc_event *ev); /* NULL: nobody */
void mask_note_value(struct mask *m, enum toc_privacy class, struct toc_span value);
void mask_hide(struct mask *m, struct toc_span value, struct text *out);
void mask_free(struct mask *m);

/* A value of that class as this copy shows it, appended to out. */
void mask_value(struct mask *m, enum toc_privacy class, struct toc_span value, struct text *out);

/* Does this copy show fields of that class as they are? */
bool mask_shows(const struct mask *m, enum toc_privacy class);

/* Calls for every known name until it says true; returns that. */
bool mask_any_known(const struct mask *m, bool (*look)(void *user, char class, struct toc_span name), void *user);

/* Who the tokens of this alert are, sealed for that revision (aad: its id and number); appended to out. */
void mask_seal(struct mask *m, struct toc_span aad, struct text *out);

/* The strictest class of any of the fields. */
enum toc_privacy mask_class(const struct mask *m, const struct toc_event *ev, const struct toc_fieldset *set);

/*
 * A copy of the record in which persons (and devices) are tokens, names that are known are hidden, and contents are
 * left out; ev itself where nothing need be done. Valid until the next call; out is its memory (kept and grown by the
 * mask's owner).
 */
const struct toc_event *mask_event(struct mask *m, const struct toc_event *ev, void **out, size_t *room);

#endif
