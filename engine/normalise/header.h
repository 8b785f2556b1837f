/* header - the front of a syslog line: priority, time, host, program (RFC 5424, RFC 3164 and its kin). */
#ifndef NORMALISE_HEADER_H
#define NORMALISE_HEADER_H

#include "normalise/stamp.h"

struct header {
	int priority; /* facility * 8 + severity; -1 = none */
	bool has_time;
	toc_time ts;
	struct toc_span host, app, pid; /* empty where absent */
	struct toc_span msgid, data;	/* RFC 5424's MSGID and structured data; empty = none */
	bool data_is_message;		/* all that the line says is structured data */
	struct toc_span sequence;	/* Cisco's number of the message, digits; empty = none */
	struct toc_span message;
};

/* Never fails: what is not understood is message. Spans are borrowed from the line. */
void header_read(struct toc_span line, const struct stamp_rules *rules, struct header *out);

/* Zeek's names: "AUTHPRIV", "INFO"; "" when out of range. */
const char *header_facility(int priority);
const char *header_severity(int priority);

#endif
