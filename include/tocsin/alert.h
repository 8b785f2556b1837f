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

/* What an alert's rule says of its evidence (docs/writing-rules.md, `evidence`). */
enum { TOC_PAYLOAD_MOST = 4096 };
struct toc_evidence_rule {
	bool none;	  /* nothing is kept but the alert */
	uint16_t payload; /* bytes of each direction of a flow, 0 … TOC_PAYLOAD_MOST; 0 = headers alone */
};

/* Where an event of the evidence came from: what a keeper of packets and lines looks for. Borrowed for the call. */
struct toc_trace {
	toc_time ts, at;
	uint64_t uid;	      /* of the flow; 0 = none */
	struct toc_span line; /* the log line without secrets; n = 0: none */
	bool cut;	      /* it was longer */
	char sha256[65];      /* of it, as hex digits and a NUL */
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
	struct toc_evidence_rule evidence;
	unsigned ntraces; /* none where the rule wants none */
	const struct toc_trace *traces;
};

/* Where alerts go. One const struct per outlet in deliver/. */
struct toc_outlet {
	const char *name;
	/* Takes one alert; never blocks on the network. false: it could not be kept (counted by the caller). */
	bool (*take)(void *self, const struct toc_alert *alert);
};

#endif
