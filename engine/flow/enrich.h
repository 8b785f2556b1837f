/* enrich - what the stage adds to decoders' events, and the service that a name gives away. */
#ifndef FLOW_ENRICH_H
#define FLOW_ENRICH_H

#include "base/intern.h"
#include "base/psl.h"
#include "tocsin/draft.h"

/* Names that are looked at and set, as interned. */
struct enrich {
	const struct toc_psl *psl; /* borrowed; NULL: dns gets no domain */
	toc_field dns, ssl, quic, http;
	toc_field query, qtype, server_name, host, next_protocol, client_protocol, subject, issuer, resp_port;
	toc_field added[3]; /* domain sub_len sub_entropy */
};

void enrich_init(struct enrich *e, const struct toc_psl *psl, struct toc_intern *names);

/* Completes a decoder's event before it leaves. Returns the service that the event gives away beside the protocol, or
 * NULL. */
const char *enrich_event(const struct enrich *e, struct toc_draft *d);

#endif
