/* text - canonical text of values, as keys and documents show them. */
#include <stdio.h>

#include "correlate/correlate.h"

static size_t put(char *out, size_t room, struct toc_span s)
{
	size_t n = s.n < room ? s.n : room;
	if (n)
		memcpy(out, s.p, n);
	return n;
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
		n = snprintf(text, sizeof(text), "%lld", (long long)v->as.i);
		break;
	case TOC_UINT:
		n = snprintf(text, sizeof(text), "%llu", (unsigned long long)v->as.u);
		break;
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
