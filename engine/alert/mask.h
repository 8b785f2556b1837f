/* mask - names of persons become tokens before anything leaves the sensor (policy.md SYS-07). */
#ifndef ALERT_MASK_H
#define ALERT_MASK_H

#include "alert/alert.h"
#include "alert/text.h"
#include "tocsin/draft.h"

enum { TOKEN_TEXT = 17 }; /* tok_ and 12 hex digits, with the NUL */

struct mask {
	bool names; /* true: nothing is masked */
	const uint8_t *site_key;
	toc_privacy_of privacy;
	void *user;
	struct toc_draft draft;
	struct text known; /* names of the persons in an alert's evidence, lower case, each with a NUL */
	struct text spare;
};

/* The same value gives the same token, everywhere on this site and nowhere else. */
void mask_token(const struct mask *m, struct toc_span value, char out[TOKEN_TEXT]);

/*
 * Names stand in other places too: in a host's name, a file's, a URL. The persons of an alert's evidence are noted, and
 * what they are called is hidden wherever it stands. Names of fewer than four characters count as whole words only.
 */
void mask_forget(struct mask *m);
void mask_note(struct mask *m, const struct toc_event *ev); /* NULL: nobody */
void mask_hide(struct mask *m, struct toc_span value, struct text *out);
void mask_free(struct mask *m);

/* The strictest class of any of the fields. */
enum toc_privacy mask_class(const struct mask *m, const struct toc_event *ev, const struct toc_fieldset *set);

/*
 * A copy of the record in which persons are tokens, names that are known are hidden, and contents are left out; ev
 * itself where nothing need be done. Valid until the next call; out is its memory (kept and grown by the mask's owner).
 */
const struct toc_event *mask_event(struct mask *m, const struct toc_event *ev, void **out, size_t *room);

#endif
