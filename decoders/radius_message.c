/* radius_message - header and attributes of a RADIUS message (RFC 2865, sections 3 and 5). */
#include "decoders/radius.h"

enum { HEADER = 20, LONGEST = 4096, SERVICE_TYPE = 6, CALL_CHECK = 10 };

bool radius_next(struct toc_cursor *c, struct radius_attribute *a)
{
	a->type = toc_u8(c);
	uint8_t n = toc_u8(c);
	if (c->bad || n < 2)
		return false;
	a->value = toc_take(c, n - 2u);
	return !c->bad;
}

static bool is_code(uint8_t code)
{
	return (code >= RADIUS_REQUEST && code <= RADIUS_ACCT_RESPONSE) || (code >= RADIUS_CHALLENGE && code <= 13) ||
	       radius_dynamic_name(code);
}

/* What is cut short, or has an attribute of a wrong length, is thrown away by its receiver too (sections 3 and 5). */
bool radius_read(struct radius_message *m, struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	struct radius_attribute a;
	m->code = toc_u8(&c);
	m->id = toc_u8(&c);
	m->length = toc_be16(&c);
	toc_skip(&c, HEADER - 4); /* authenticator */
	if (c.bad || !is_code(m->code) || m->length < HEADER || m->length > LONGEST || m->length > bytes.n) {
		m->length = 0;
		return false;
	}
	m->attributes = toc_span_first(toc_rest(&c), m->length - (size_t)HEADER);
	struct toc_cursor attributes = toc_cursor_of(m->attributes);
	while (toc_left(&attributes) && radius_next(&attributes, &a))
		;
	return !attributes.bad && toc_left(&attributes) == 0;
}

struct toc_span radius_find(const struct radius_message *m, uint8_t type)
{
	struct toc_cursor c = toc_cursor_of(m->attributes);
	struct radius_attribute a;
	while (radius_next(&c, &a))
		if (a.type == type)
			return a.value;
	return toc_span_of("", 0);
}

bool radius_is_call_check(const struct radius_message *m)
{
	struct toc_cursor c = toc_cursor_of(radius_find(m, SERVICE_TYPE));
	return toc_be32(&c) == CALL_CHECK;
}

const char *radius_dynamic_name(uint8_t code)
{
	static const char *const names[] = { "Disconnect-Request", "Disconnect-ACK", "Disconnect-NAK",
					     "CoA-Request",	   "CoA-ACK",	     "CoA-NAK" };
	return code >= 40 && code <= 45 ? names[code - 40] : NULL;
}
