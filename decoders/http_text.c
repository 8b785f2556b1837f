/* http_text - escapes, base64 and parameters in header values. */
#include "decoders/base64.h"
#include "decoders/http.h"

int http_hex(uint8_t c)
{
	c = toc_lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct toc_span http_unescape(struct toc_span text, uint8_t *out, size_t room)
{
	size_t n = 0;
	if (toc_span_find(text, '%') == text.n)
		return text;
	for (size_t i = 0; i < text.n && n < room; i++) {
		bool escaped = text.p[i] == '%' && i + 2 < text.n;
		int high = escaped ? http_hex(text.p[i + 1]) : -1, low = escaped ? http_hex(text.p[i + 2]) : -1;
		if (high >= 0 && low >= 0) {
			out[n++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = text.p[i];
		}
	}
	return toc_span_of(out, n);
}

struct toc_span http_basic_user(struct toc_span authorization, uint8_t *out, size_t room)
{
	struct toc_span scheme = toc_span_first(authorization, 6);
	struct base64 b = { .text = toc_span_from(authorization, 6) };
	size_t n = 0;
	int c;
	if (!toc_span_ieq(scheme, toc_span_str("basic ")))
		return toc_span_str("");
	while (b.text.n && b.text.p[0] == ' ') /* RFC 9110, section 11.4: one or more */
		b.text = toc_span_from(b.text, 1);
	while (n < room && (c = base64_next(&b)) >= 0) {
		if (c == ':')
			return toc_span_of(out, n); /* what follows is the password */
		out[n++] = (uint8_t)c;
	}
	return toc_span_str(""); /* no colon: what it is, is not known */
}

struct toc_span http_filename(struct toc_span disposition)
{
	static const char key[] = "filename=";
	for (size_t i = 0; i + sizeof(key) - 1 <= disposition.n; i++) {
		struct toc_span v = toc_span_from(disposition, i);
		if (!toc_span_ieq(toc_span_first(v, sizeof(key) - 1), toc_span_str(key)))
			continue;
		v = toc_span_from(v, sizeof(key) - 1);
		if (v.n && v.p[0] == '"') {
			v = toc_span_from(v, 1);
			return toc_span_first(v, toc_span_find(v, '"'));
		}
		return toc_span_first(v, toc_span_find(v, ';'));
	}
	return toc_span_str("");
}

struct toc_span http_unfold(struct toc_span text, uint8_t *out, size_t room)
{
	size_t n = 0;
	if (toc_span_find(text, '\n') == text.n && toc_span_find(text, '\r') == text.n)
		return text;
	for (size_t i = 0; i < text.n && n < room; i++) {
		bool blank = text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r' || text.p[i] == '\n';
		if (!blank)
			out[n++] = text.p[i];
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return toc_span_of(out, n);
}

struct toc_span http_squeeze(struct toc_span text, uint8_t *out, size_t room)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < room; i++)
		if (text.p[i] > ' ' && text.p[i] != 0x7f)
			out[n++] = toc_lower(text.p[i]);
	return toc_span_of(out, n);
}
