/* audience - which routes one revision of an alert goes to, and what each of them is shown (delivery.md 5.5). */
#ifndef ALERT_AUDIENCE_H
#define ALERT_AUDIENCE_H

#include "alert/episode.h"

enum { AUDIENCES = 16, ROUTE_TEXT = 64 };

struct audience {
	char route[ROUTE_TEXT];
	struct shows shows;
	const char *site; /* within route: evidence of other buildings is left out; NULL = all */
};

struct audiences {
	unsigned n;
	bool moved; /* somebody of a route is concerned: it went elsewhere, or nowhere */
	struct audience at[AUDIENCES];
};

/* The names of the fields that routing looks at, interned once. */
struct audience_fields {
	toc_field site, role;
};
void audience_fields_find(struct audience_fields *f, struct toc_intern *names);

/*
 * mask: its known names are those of this revision, whoever they are shown to. The episode remembers which routes were
 * told, and which never will be.
 */
void audience_choose(const struct toc_alert_config *config, const struct audience_fields *fields,
		     const struct revision *r, const struct mask *mask, struct episode *e, struct audiences *out);

/* Two routes that get the same bytes. */
bool audience_same(const struct audience *a, const struct audience *b);

/* Is this event (with who stood behind it) of that building? site NULL: yes. */
bool audience_of_site(const struct audience_fields *fields, const struct toc_event *ev, const struct toc_event *who,
		      const char *site);

#endif
