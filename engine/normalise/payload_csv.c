/* payload_csv - columns (RFC 4180), with the separators that products use. */
#include "normalise/payload.h"

/* A quoted column: a doubled quote is one. *used counts both quotes. */
static struct toc_span quoted(struct payload *out, struct toc_span s, size_t *used)
{
	size_t begin = out->text_n, i = 1;
	bool plain = true;
	for (; i < s.n; i++) {
		bool doubled = s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"';
		if (s.p[i] == '"' && !doubled)
			break;
		if (doubled && plain) {
			payload_puts(out, toc_span_of(s.p + 1, i - 1));
			plain = false;
		}
		i += doubled;
		if (!plain)
			payload_put(out, s.p[i]);
	}
	*used = i < s.n ? i + 1 : s.n;
	return plain ? toc_span_of(s.p + 1, i - 1) : payload_made(out, begin);
}

bool payload_csv(struct payload *out, struct toc_span message, uint8_t between)
{
	struct toc_span s = message;
	payload_clear(out);
	for (bool more = true; more;) {
		size_t used;
		struct toc_span value;
		while (between != ' ' && s.n && s.p[0] == ' ')
			s = toc_span_from(s, 1);
		if (s.n && s.p[0] == '"') {
			value = quoted(out, s, &used);
			used += toc_span_find(toc_span_from(s, used), between);
		} else {
			used = toc_span_find(s, between);
			value = toc_span_first(s, used);
		}
		payload_add(out, toc_span_str(""), value);
		more = used < s.n && out->n < PAYLOAD_PAIRS;
		s = toc_span_from(s, used + 1);
	}
	return out->n >= 2;
}
