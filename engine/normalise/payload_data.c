/* payload_data - structured data of RFC 5424, section 6.3: [ID name="value" …][ID …]. */
#include "normalise/payload.h"

/* A value in quotes, s begins behind the first: \" \\ \] are the byte, any other backslash is one. *used: with the
 * closing quote. */
static struct toc_span quoted(struct payload *out, struct toc_span s, size_t *used)
{
	size_t begin = out->text_n, i = 0;
	bool plain = true;
	for (; i < s.n && s.p[i] != '"'; i++) {
		bool escape =
			s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\' || s.p[i + 1] == ']');
		if (escape && plain) {
			payload_puts(out, toc_span_first(s, i));
			plain = false;
		}
		i += escape;
		if (!plain)
			payload_put(out, s.p[i]);
	}
	*used = i + 1;
	return plain ? toc_span_first(s, i) : payload_made(out, begin);
}

static size_t word(struct toc_span s)
{
	size_t n = 0;
	while (n < s.n && s.p[n] != ' ' && s.p[n] != ']')
		n++;
	return n;
}

/* One parameter, or a word that is none; some senders (ESXi) leave the quotes out. Returns what stands behind it. */
static struct toc_span read_param(struct payload *out, struct toc_span s)
{
	size_t n = 0, used;
	while (n < s.n && s.p[n] != '=' && s.p[n] != ' ' && s.p[n] != ']')
		n++;
	struct toc_span name = toc_span_first(s, n);
	if (n == s.n || s.p[n] != '=')
		return toc_span_from(s, n);
	s = toc_span_from(s, n + 1);
	struct toc_span value;
	if (s.n && s.p[0] == '"') {
		s = toc_span_from(s, 1);
		value = quoted(out, s, &used);
	} else {
		used = word(s);
		value = toc_span_first(s, used);
	}
	if (name.n)
		payload_add(out, name, value);
	return toc_span_from(s, used);
}

/* "junos@2636.1.1.1.2.26": the enterprise that the names are of (section 6.3.2) is a pair of its own, "@2636". */
static void read_id(struct payload *out, struct toc_span id)
{
	size_t at = toc_span_find(id, '@');
	struct toc_span number = toc_span_from(id, at);
	if (at < id.n)
		payload_add(out, toc_span_first(number, toc_span_find(number, '.')), id);
}

bool payload_data(struct payload *out, struct toc_span data)
{
	payload_clear(out);
	while (data.n && data.p[0] == '[') {
		data = toc_span_from(data, 1);
		struct toc_span id = toc_span_first(data, word(data));
		read_id(out, id);
		data = toc_span_from(data, id.n);
		while (data.n && data.p[0] != ']')
			data = data.p[0] == ' ' ? toc_span_from(data, 1) : read_param(out, data);
		data = toc_span_from(data, 1);
	}
	return out->n > 0;
}
