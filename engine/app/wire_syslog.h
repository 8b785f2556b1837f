/* wire_syslog - syslog that passes on the wire goes the way of lines that are sent to us. */
#ifndef APP_WIRE_SYSLOG_H
#define APP_WIRE_SYSLOG_H

#include "app/feed.h"
#include "flow/flow.h"
#include "normalise/lines.h"

struct toc_wire_syslog {
	struct toc_wire_lines taker; /* first: the flow stage is given this */
	struct toc_emit emit;	     /* the lines' stage this one */
	struct toc_feed *feed;	     /* borrowed: the worker's */
	struct toc_lines *lines;     /* owned */
	toc_field kind, fields[7];   /* syslog; id.orig_h id.orig_p id.resp_h id.resp_p proto facility severity */
	const struct toc_wire_line *now;
	bool told;
	uint32_t hint; /* of the sources of this thread */
};

/* False: no memory. */
bool toc_wire_syslog_init(struct toc_wire_syslog *w, const struct toc_lines_config *config,
			  const struct toc_normalisers *normalisers, const struct toc_hash_key *key,
			  struct toc_intern *names, struct toc_feed *feed, unsigned worker);
void toc_wire_syslog_free(struct toc_wire_syslog *w);

#endif
