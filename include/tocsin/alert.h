/* alert - the document that responders get, as outlets see it, and what an outlet is. */
#ifndef TOCSIN_ALERT_H
#define TOCSIN_ALERT_H

#include "tocsin/span.h"
#include "tocsin/time.h"

enum toc_alert_state { TOC_ALERT_OPEN, TOC_ALERT_UPDATE, TOC_ALERT_CLOSE };

/* The same revision as others are shown it. */
struct toc_alert_copy {
	const char *const *routes; /* NULL-terminated */
	struct toc_span json;
};

/* One revision of one alert, rendered. Borrowed for the call. */
struct toc_alert {
	enum toc_alert_state state;
	const char *id;	   /* 32 hex digits: HMAC of sensor, rule, key, opening event; the same in replay and after a
			      restart */
	uint32_t revision; /* from 1 */
	const char *rule;  /* the rule's id */
	unsigned severity; /* 1 informational … 5 critical */
	const char *const *routes; /* that get `json`: NULL-terminated, "ts" …; may be empty */
	toc_time at;		   /* when the sensor knew */
	struct toc_span json;	   /* the whole document, one line, no newline, UTF-8 */
	unsigned ncopies;	   /* for the routes that see more or less than `json` */
	const struct toc_alert_copy *copies;
	struct toc_span sealed; /* who its tokens are (alert/mask.h); never leaves the sensor. Empty: nobody */
	unsigned school_year;	/* whose key sealed it */
};

/* Where alerts go. One const struct per outlet in deliver/. */
struct toc_outlet {
	const char *name;
	/* Takes one alert; never blocks on the network. false: it could not be kept (counted by the caller). */
	bool (*take)(void *self, const struct toc_alert *alert);
};

#endif
