/* value - canonical text and number of values, as rules compare them and keys and documents show them. */
#include "event/value.h"

#include <stdio.h>
#include <stdlib.h>

static size_t put(char *out, size_t room, struct toc_span s)
{
	size_t n = s.n < room ? s.n : room;
	if (n)
		memcpy(out, s.p, n);
	return n;
}

/* Decimal digits, right-aligned in text[64]; numbers are most of what is no string. */
static struct toc_span digits_of(uint64_t v, bool minus, char text[64])
{
	char *p = text + 64;
	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	if (minus)
		*--p = '-';
	return toc_span_of(p, (size_t)(text + 64 - p));
}

size_t toc_value_text(const struct toc_value *v, char *out, size_t room)
{
	char text[64];
	int n = 0;
	switch (v->type) {
	case TOC_NONE:
	case TOC_KIND:
		return 0;
	case TOC_BOOL:
		return put(out, room, toc_span_str(v->as.b ? "true" : "false"));
	case TOC_INT:
		return put(out, room, digits_of(v->as.i < 0 ? 0 - v->as.u : v->as.u, v->as.i < 0, text));
	case TOC_UINT:
		return put(out, room, digits_of(v->as.u, false, text));
	case TOC_DOUBLE:
		n = snprintf(text, sizeof(text), "%.10g", v->as.d);
		break;
	case TOC_TIME:
	case TOC_DURATION:
		n = snprintf(text, sizeof(text), "%lld.%06lld", (long long)(v->as.i / TOC_SEC),
			     (long long)(v->as.i % TOC_SEC / TOC_US));
		break;
	case TOC_IP:
		return put(out, room, toc_span_of(text, toc_addr_print(&v->as.ip, text)));
	case TOC_MAC:
		return put(out, room, toc_span_of(text, toc_mac_print(&v->as.mac, text)));
	case TOC_STRING:
		return put(out, room, v->as.s);
	}
	return put(out, room, toc_span_of(text, n > 0 ? (size_t)n : 0));
}

/* All of the text must be a number; nan and inf are not. */
static bool text_number(struct toc_span s, double *out)
{
	char text[64], *end;
	if (s.n == 0 || s.n >= sizeof(text) || (s.p[0] != '-' && s.p[0] != '.' && (s.p[0] < '0' || s.p[0] > '9')))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (memchr(text, 'x', s.n) || memchr(text, 'X', s.n) || memchr(text, 'n', s.n))
		return false; /* strtod reads hexadecimal and nan: an event's "0x17" is text */
	*out = strtod(text, &end);
	return end == text + s.n;
}

bool toc_value_number(const struct toc_value *v, double *out)
{
	switch (v->type) {
	case TOC_UINT:
		*out = (double)v->as.u;
		return true;
	case TOC_INT:
		*out = (double)v->as.i;
		return true;
	case TOC_DOUBLE:
		*out = v->as.d;
		return true;
	case TOC_TIME:
	case TOC_DURATION:
		*out = (double)v->as.i / 1e9;
		return true;
	case TOC_STRING:
		return text_number(v->as.s, out);
	case TOC_NONE:
	case TOC_BOOL:
	case TOC_IP:
	case TOC_MAC:
	case TOC_KIND:
		break;
	}
	return false;
}
