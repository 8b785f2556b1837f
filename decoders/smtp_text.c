/* smtp_text - the end of content, paths, and replies without people (RFC 5321 sections 4.1.2 and 4.5.2, RFC 3463). */
#include "decoders/smtp.h"

enum { CR_SEEN = 1, LINE_BEGINS = 2, DOT_SEEN = 3, DOT_CR = 4, ENDED = 5 };

void smtp_dot_start(struct smtp_dot *dot)
{
	dot->strict = dot->lax = LINE_BEGINS;
}

/* One byte further towards CRLF.CRLF; a bare LF is no line end here. */
static uint8_t strict_next(uint8_t at, uint8_t c)
{
	if (c == '\r')
		return at == DOT_SEEN ? DOT_CR : CR_SEEN;
	if (c == '\n')
		return at == DOT_CR ? ENDED : at == CR_SEEN ? LINE_BEGINS : 0;
	return c == '.' && at == LINE_BEGINS ? DOT_SEEN : 0;
}

static uint8_t lax_next(uint8_t at, uint8_t c)
{
	if (c == '\r')
		return at == DOT_SEEN ? DOT_CR : 0;
	if (c == '\n')
		return at == DOT_SEEN || at == DOT_CR ? ENDED : LINE_BEGINS;
	return c == '.' && (at == LINE_BEGINS || at == ENDED) ? DOT_SEEN : 0;
}

bool smtp_dot_skip(struct smtp_dot *dot, struct toc_cursor *in)
{
	while (toc_left(in)) {
		if (dot->strict == 0 && dot->lax == 0) { /* in the middle of a line: only its end matters */
			struct toc_span rest = toc_rest(in);
			size_t end = toc_span_find(rest, '\n');
			toc_skip(in, end && end < rest.n ? end - 1 : end == rest.n && end ? end - 1 : 0);
		}
		uint8_t c = toc_u8(in);
		dot->strict = strict_next(dot->strict, c);
		dot->lax = lax_next(dot->lax, c);
		if (dot->strict == ENDED)
			return true;
	}
	return false;
}

bool smtp_dot_lax(const struct smtp_dot *dot)
{
	return dot->lax == ENDED;
}

struct toc_span smtp_path(struct toc_span arg, const char *key)
{
	if (!line_starts(arg, key))
		return toc_span_first(arg, 0);
	struct toc_span rest = line_trim(toc_span_from(arg, strlen(key)));
	if (rest.n && rest.p[0] == '<') {
		rest = toc_span_from(rest, 1);
		return toc_span_first(rest, toc_span_find(rest, '>'));
	}
	return line_word(&rest);
}

struct toc_span smtp_domain(struct toc_span path)
{
	size_t at = path.n;
	while (at && path.p[at - 1] != '@')
		at--;
	struct toc_span domain = toc_span_from(path, at);
	if (!at || domain.n == 0 || domain.n > 253)
		return toc_span_first(path, 0);
	for (size_t i = 0; i < domain.n; i++) { /* names and address literals; anything else is no domain */
		uint8_t c = domain.p[i];
		if (!line_is_alpha(c) && !line_is_digit(c) && c != '-' && c != '.' && c != '[' && c != ']' && c != ':')
			return toc_span_first(path, 0);
	}
	return domain;
}

static bool is_enhanced(struct toc_span word)
{
	if (word.n < 5 || word.n > 9)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!line_is_digit(word.p[i]) && word.p[i] != '.')
			return false;
	return word.p[1] == '.';
}

static size_t put(uint8_t *out, size_t n, struct toc_span s)
{
	s = toc_span_first(s, SMTP_REPLY - n);
	if (s.n)
		memcpy(out + n, s.p, s.n);
	return n + s.n;
}

size_t smtp_reply_told(const struct line_reply *r, bool person, uint8_t out[SMTP_REPLY])
{
	uint8_t code[3] = { (uint8_t)('0' + r->code / 100), (uint8_t)('0' + r->code / 10 % 10),
			    (uint8_t)('0' + r->code % 10) };
	size_t n = put(out, 0, toc_span_of(code, 3));
	struct toc_span rest = r->text;
	for (unsigned i = 0; rest.n && n < SMTP_REPLY; i++) {
		struct toc_span word = line_word(&rest);
		bool hidden = toc_span_find(word, '@') < word.n;
		if (person && (i > 0 || !is_enhanced(word)))
			break;
		n = put(out, n, toc_span_str(" "));
		n = put(out, n, hidden ? toc_span_str("<hidden>") : word);
	}
	return n;
}
