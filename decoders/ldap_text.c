/* ldap_text - filters and changes as text (RFC 4515), results and extended operations by name (RFC 4511, appendix A).
 */
#include "decoders/ldap.h"

enum { DEPTH = 24, ITEMS = 256 };
enum filter {
	AND = 0xa0,
	OR = 0xa1,
	NOT = 0xa2,
	EQUAL = 0xa3,
	SUBSTRINGS = 0xa4,
	GREATER = 0xa5,
	LESS = 0xa6,
	PRESENT = 0x87,
	APPROXIMATE = 0xa8,
	EXTENSIBLE = 0xa9
};

struct text {
	char *out;
	size_t n, room;
	unsigned items;
};

static void put(struct text *t, const char *s, size_t n)
{
	n = n < t->room - t->n ? n : t->room - t->n;
	if (n)
		memcpy(t->out + t->n, s, n);
	t->n += n;
}

static void puts_(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static void put_value(struct text *t, struct toc_span v)
{
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < v.n && t->n < t->room; i++) {
		uint8_t c = v.p[i];
		char escape[3] = { '\\', hex[c >> 4], hex[c & 15] };
		if (c < 0x20 || c == 0x7f || c == '*' || c == '(' || c == ')' || c == '\\')
			put(t, escape, 3);
		else
			put(t, (const char *)&c, 1);
	}
}

size_t ldap_value_text(struct toc_span value, char *out, size_t room)
{
	struct text t = { out, 0, room, 0 };
	put_value(&t, value);
	return t.n;
}

static struct toc_span string(struct toc_cursor *c)
{
	uint8_t tag;
	struct toc_cursor v = der_next(c, &tag);
	return v.bad ? toc_span_of("", 0) : toc_rest(&v);
}

/* initial [0], any [1] …, final [2]: parts with asterisks between them. */
static void put_substrings(struct text *t, struct toc_cursor in)
{
	struct toc_span attribute = string(&in);
	struct toc_cursor list = der_take(&in, DER_SEQUENCE);
	uint8_t tag = 0;
	put(t, (const char *)attribute.p, attribute.n);
	puts_(t, "=");
	for (bool first = true; !list.bad && toc_left(&list) && t->items < ITEMS; first = false, t->items++) {
		struct toc_cursor part = der_next(&list, &tag);
		if (list.bad)
			break;
		if (!first || tag != 0x80)
			puts_(t, "*");
		put_value(t, toc_rest(&part));
	}
	if (tag != 0x82)
		puts_(t, "*");
}

/* matchingRule [1], type [2], matchValue [3], dnAttributes [4]. */
static void put_extensible(struct text *t, struct toc_cursor in)
{
	struct toc_span part[5] = { { NULL, 0 } };
	while (!in.bad && toc_left(&in)) {
		uint8_t tag;
		struct toc_cursor v = der_next(&in, &tag);
		if (!in.bad && tag >= 0x81 && tag <= 0x84)
			part[tag & 7] = toc_rest(&v);
	}
	put(t, (const char *)part[2].p, part[2].n);
	if (part[4].n && part[4].p[0])
		puts_(t, ":dn");
	if (part[1].n) {
		puts_(t, ":");
		put(t, (const char *)part[1].p, part[1].n);
	}
	puts_(t, ":=");
	put_value(t, part[3]);
}

static void put_compare(struct text *t, struct toc_cursor in, const char *operator)
{
	struct toc_span attribute = string(&in), value = string(&in);
	put(t, (const char *)attribute.p, attribute.n);
	puts_(t, operator);
	put_value(t, value);
}

static void put_filter(struct text *t, struct toc_cursor *c, unsigned depth)
{
	uint8_t tag;
	struct toc_cursor in = der_next(c, &tag);
	struct toc_span name = toc_rest(&in);
	if (c->bad || depth == DEPTH || t->items++ > ITEMS || t->n == t->room) {
		c->bad = true;
		return;
	}
	puts_(t, "(");
	switch (tag) {
	case AND:
	case OR:
	case NOT:
		puts_(t, tag == AND ? "&" : tag == OR ? "|" : "!");
		while (!in.bad && toc_left(&in))
			put_filter(t, &in, depth + 1);
		break;
	case EQUAL:
		put_compare(t, in, "=");
		break;
	case GREATER:
		put_compare(t, in, ">=");
		break;
	case LESS:
		put_compare(t, in, "<=");
		break;
	case APPROXIMATE:
		put_compare(t, in, "~=");
		break;
	case SUBSTRINGS:
		put_substrings(t, in);
		break;
	case PRESENT:
		put(t, (const char *)name.p, name.n);
		puts_(t, "=*");
		break;
	case EXTENSIBLE:
		put_extensible(t, in);
		break;
	}
	puts_(t, ")");
}

size_t ldap_filter_text(struct toc_cursor filter, char *out, size_t room)
{
	struct text t = { out, 0, room, 0 };
	put_filter(&t, &filter, 0);
	return t.n;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static bool contains(struct toc_span s, const char *part)
{
	size_t n = strlen(part);
	for (size_t i = 0; i + n <= s.n; i++)
		if (toc_span_ieq(toc_span_first(toc_span_from(s, i), n), toc_span_str(part)))
			return true;
	return false;
}

/* unicodePwd, userPassword, dBCSPwd, ms-Mcs-AdmPwd, supplementalCredentials, msLAPS-Password … */
static bool is_secret(struct toc_span attribute)
{
	static const char *const parts[] = { "pwd",  "passw", "credential", "secret", "laps",
					     "hash", "key",   "trustAuth",  "gpass",  "managedaccount" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (contains(attribute, parts[i]))
			return true;
	return false;
}

size_t ldap_changes_text(struct toc_cursor changes, char *out, size_t room)
{
	static const char *const operations[] = { "add", "delete", "replace", "increment" };
	struct text t = { out, 0, room, 0 };
	while (!changes.bad && toc_left(&changes) && t.items++ < ITEMS) {
		struct toc_cursor change = der_take(&changes, DER_SEQUENCE), op = der_take(&change, 0x0a);
		struct toc_cursor attribute = der_take(&change, DER_SEQUENCE);
		uint8_t number = toc_u8(&op);
		struct toc_span name = string(&attribute);
		struct toc_cursor values = der_take(&attribute, DER_SET);
		if (changes.bad || change.bad || op.bad || number > 3)
			break;
		puts_(&t, t.n ? "," : "");
		puts_(&t, operations[number]);
		puts_(&t, "(");
		put(&t, (const char *)name.p, name.n);
		bool secret = is_secret(name);
		if (secret && !values.bad && toc_left(&values))
			puts_(&t, "=REDACTED");
		for (bool first = true; !secret && !values.bad && toc_left(&values); first = false) {
			puts_(&t, first ? "=" : ",");
			put_value(&t, string(&values));
		}
		puts_(&t, ")");
	}
	return t.n;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static const struct {
	uint16_t code;
	const char *name;
} results[] = { { 0, "success" },
		{ 1, "operations error" },
		{ 2, "protocol error" },
		{ 3, "time limit exceeded" },
		{ 4, "size limit exceeded" },
		{ 5, "compare false" },
		{ 6, "compare true" },
		{ 7, "auth method not supported" },
		{ 8, "stronger auth required" },
		{ 9, "partial results" },
		{ 10, "referral" },
		{ 11, "admin limit exceeded" },
		{ 12, "unavailable critical extension" },
		{ 13, "confidentiality required" },
		{ 14, "SASL bind in progress" },
		{ 16, "no such attribute" },
		{ 17, "undefined attribute type" },
		{ 18, "inappropriate matching" },
		{ 19, "constraint violation" },
		{ 20, "attribute or value exists" },
		{ 21, "invalid attribute syntax" },
		{ 32, "no such object" },
		{ 33, "alias problem" },
		{ 34, "invalid DN syntax" },
		{ 35, "is leaf" },
		{ 36, "alias dereferencing problem" },
		{ 48, "inappropriate authentication" },
		{ 49, "invalid credentials" },
		{ 50, "insufficient access rights" },
		{ 51, "busy" },
		{ 52, "unavailable" },
		{ 53, "unwilling to perform" },
		{ 54, "loop detect" },
		{ 60, "sort control missing" },
		{ 61, "offset range error" },
		{ 64, "naming violation" },
		{ 65, "object class violation" },
		{ 66, "not allowed on non-leaf" },
		{ 67, "not allowed on RDN" },
		{ 68, "entry already exists" },
		{ 69, "object class mods prohibited" },
		{ 70, "results too large" },
		{ 71, "affects multiple DSAs" },
		{ 76, "control error" },
		{ 80, "other" },
		{ 118, "canceled" },
		{ 119, "no such operation" },
		{ 120, "too late" },
		{ 121, "cannot cancel" },
		{ 122, "assertion failed" },
		{ 123, "authorization denied" },
		{ 4096, "sync refresh required" } };

const char *ldap_result_name(uint32_t code)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].code == code)
			return results[i].name;
	return NULL;
}

const char *ldap_extended_name(struct toc_span oid)
{
	static const struct {
		const char *oid, *name;
	} names[] = { { "1.3.6.1.4.1.1466.20037", "StartTLS" },	  { "1.3.6.1.4.1.4203.1.11.1", "modify password" },
		      { "1.3.6.1.4.1.4203.1.11.3", "whoami" },	  { "1.3.6.1.1.8", "cancel" },
		      { "1.2.840.113556.1.4.1781", "fast bind" }, { "1.3.6.1.4.1.1466.101.119.1", "dynamic refresh" } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (toc_span_is(oid, names[i].oid))
			return names[i].name;
	return NULL;
}
