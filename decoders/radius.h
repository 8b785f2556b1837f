/* radius - messages and attributes (RFC 2865, section 3 and 5). */
#ifndef DECODERS_RADIUS_H
#define DECODERS_RADIUS_H

#include "tocsin/cursor.h"

enum {
	RADIUS_REQUEST = 1,
	RADIUS_ACCEPT = 2,
	RADIUS_REJECT = 3,
	RADIUS_ACCT_REQUEST = 4,
	RADIUS_ACCT_RESPONSE = 5,
	RADIUS_CHALLENGE = 11
};

enum { RADIUS_USER_NAME = 1, RADIUS_STATE = 24, RADIUS_CALLING_STATION = 31, RADIUS_ACCT_STATUS = 40 };

struct radius_message {
	uint8_t code, id;
	uint16_t length; /* 0: not even the header is RADIUS's */
	struct toc_span attributes;
};

struct radius_attribute {
	uint8_t type;
	struct toc_span value;
};

/* False: no RADIUS message, or a broken one. */
bool radius_read(struct radius_message *m, struct toc_span bytes);

/* The next attribute; false at the end or where they are broken. */
bool radius_next(struct toc_cursor *c, struct radius_attribute *a);

/* The first attribute of the type, or an empty span. */
struct toc_span radius_find(const struct radius_message *m, uint8_t type);

/* Service-Type is Call-Check: the "user" is a device's address (RFC 2865, section 5.6). */
bool radius_is_call_check(const struct radius_message *m);

/* Names of the codes of RFC 5176; NULL for all others. */
const char *radius_dynamic_name(uint8_t code);

#endif
