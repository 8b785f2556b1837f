/* enrich - what the stage adds to decoders' events, and the service that a name gives away. */
#ifndef FLOW_ENRICH_H
#define FLOW_ENRICH_H

#include "base/intern.h"
#include "base/psl.h"
#include "tocsin/draft.h"

/* What was found of a name before: most are asked for again and again, and the list is searched label by label. */
enum { ENRICH_NAME = 54, ENRICH_NAMES = 1024 };
struct enrich_name {
	double entropy; /* of what is in front of the domain and its dot */
	uint8_t n, at;	/* of the name, 0 = an empty cell; where the domain begins, n = there is none */
	char name[ENRICH_NAME];
};

/* Names that are looked at and set, as interned. */
struct enrich {
	const struct toc_psl *psl; /* borrowed; NULL: dns gets no domain */
	toc_field dns, ssl, quic, http;
	toc_field query, qtype, server_name, host, next_protocol, client_protocol, subject, issuer, resp_port;
	toc_field added[3]; /* domain sub_len sub_entropy */
	struct enrich_name names[ENRICH_NAMES];
};

void enrich_init(struct enrich *e, const struct toc_psl *psl, struct toc_intern *names);

/* Completes a decoder's event before it leaves. Returns the service that the event gives away beside the protocol, or
 * NULL. */
const char *enrich_event(struct enrich *e, struct toc_draft *d);

#endif
