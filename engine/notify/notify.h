/* notify - a consumer of one route's stream: alerts to mail, webhook, syslog or a command, each acknowledged when
 * taken. */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include "alert/people.h"
#include "deliver/ask.h"
#include "tocsin/time.h"

enum { NOTIFY_SHOWN = 10 }; /* alerts that a message names; the rest is a number */

struct notify_mail {
	const char *server; /* smtp://host[:port] or smtps://; NULL = no mail */
	const char *from;
	const char *const *to; /* NULL-terminated */
	const char *user, *password;
	bool plain; /* no STARTTLS: for a relay on this machine */
};

/* What is NULL is not used; at least one is. */
struct notify_sinks {
	struct notify_mail mail;
	const char *webhook, *webhook_ca;
	const char *syslog;	    /* datagram socket */
	const char *const *command; /* NULL-terminated; the message on its standard input */
};

struct notify_config {
	const char *route;
	unsigned severity; /* least; lesser ones are acknowledged without a word */
	toc_time retry;	   /* after a sink's refusal; twice, thrice … that later */
	toc_time digest;   /* those below 4 wait so long for others */
	unsigned burst;	   /* messages in 10 minutes; beyond it also 4 and 5 wait for the digest */
	struct notify_sinks sinks;
	struct toc_asker *redis;	 /* borrowed */
	bool asks_overdue;		 /* what is not acknowledged in time is told again */
	const char *next;		 /* route whose readers are told then, too; NULL = none */
	toc_time overdue[2];		 /* patience with severity 4 (of the calendar's time) and 5 */
	const char *calendar;		 /* NULL = any time counts */
	const struct toc_people *people; /* who may acknowledge; borrowed */
	toc_time (*now)(void *user);
	/* When an alert of that severity that came then has waited too long. */
	toc_time (*due)(void *user, toc_time since, unsigned severity);
	/* Whom mail goes to at this moment, NULL-terminated; NULL: sinks.mail.to. */
	const char *const *(*readers)(void *user, bool overdue);
	bool (*stopped)(void *user);
	void *user;
};

/* One alert, as much as may leave the district's machines (policy.md 2.7: id, severity, rule, building). */
struct notify_line {
	char id[40], entry[48]; /* entry: of the stream */
	unsigned rev, severity;
	char rule[128], building[64];
	bool maintained, over; /* it belongs to announced work; it goes on beyond that */
	bool raised;	       /* an event made it graver than its rule says */
};

struct notify_message {
	const struct notify_line *lines; /* the severest first */
	unsigned n;
	bool test;    /* nobody need worry */
	bool overdue; /* nobody has acknowledged these in time */
};

struct notifier;

struct notifier *notify_new(const struct notify_config *config); /* borrows the config's strings */
void notify_free(struct notifier *n);

/*
 * Until stopped, or (once) until nothing is left: reads, tells, acknowledges. false: err tells (Redis away, no group,
 * no right). What no sink took five times goes to {tocsin}:dead:ROUTE.
 */
bool notify_run(struct notifier *n, bool once, char *err, size_t room);

/* One message that says it is a test, of that severity (1 to 5; at least the route's least). false: err tells which
 * sink did not take it. */
bool notify_test(struct notifier *n, unsigned severity, char *err, size_t room);

struct notify_counters {
	uint64_t read, told, messages, repeated, dead, overdue, maintained; /* maintained: parts of announced work */
};
const struct notify_counters *notify_count(const struct notifier *n);

/* group.c. The rule's title and the building of an alert's document. */
void notify_read_document(struct notify_line *l, struct toc_span json);

/* sinks.c. Which sinks have taken it is kept in *taken, so that a repetition goes to the others only. true: all have.
 */
bool notify_send(const struct notify_sinks *sinks, const struct notify_message *m, unsigned *taken, char *err,
		 size_t room);

/* words.c. One line of ASCII; the whole text with CRLF; JSON. Return their length, cut to room. */
size_t notify_subject(const struct notify_message *m, char *out, size_t room);
size_t notify_body(const struct notify_message *m, char *out, size_t room);
size_t notify_json(const struct notify_message *m, char *out, size_t room);

#endif
