/* payload_sections - the text of a Windows event: "Subject:  Account Name:  x  New Logon:  Account Name:  y". */
#include "normalise/payload.h"

enum { LABEL = 40 };

struct sections {
	struct payload *out;
	struct toc_span section, label; /* label: one that waits for its value */
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Bytes of what parts two tokens at the front of s: a tab, an end of line (both also as rsyslog's #011), two spaces. */
static size_t gap(struct toc_span s)
{
	size_t n = 0, spaces = 0;
	bool parts = false;
	for (;;) {
		struct toc_span rest = toc_span_from(s, n);
		if (toc_span_starts(rest, "#011") || toc_span_starts(rest, "#012") || toc_span_starts(rest, "#015")) {
			parts = true;
			n += 4;
		} else if (rest.n && is_blank(rest.p[0])) {
			parts = parts || rest.p[0] != ' ';
			spaces += rest.p[0] == ' ';
			n++;
		} else {
			return parts || spaces > 1 || !rest.n ? n : 0;
		}
	}
}

/* Words of letters and digits that begin with a letter: "Account Name", "Sub Status", "Source Network Address". */
static bool is_label(struct toc_span s)
{
	bool fits = s.n && s.n <= LABEL && ((s.p[0] | 32) >= 'a') && ((s.p[0] | 32) <= 'z');
	for (size_t i = 0; i < s.n && fits; i++) {
		uint8_t c = s.p[i];
		fits = c == ' ' || c == '-' || c == '(' || c == ')' || c == '/' || c == '\'' || c >= 0x80 ||
		       (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
	}
	return fits;
}

/* Under its own name, and with the section that it stands in: "Subject.Account Name". */
static void put_value(struct sections *s, struct toc_span value)
{
	if (s->label.n && value.n) {
		size_t begin = s->out->text_n;
		payload_puts(s->out, s->section);
		payload_put(s->out, '.');
		payload_puts(s->out, s->label);
		if (s->section.n)
			payload_add(s->out, payload_made(s->out, begin), value);
		payload_add(s->out, s->label, value);
	}
	s->label.n = 0;
}

/* A label behind a label: the first was a section's title. */
static void put_label(struct sections *s, struct toc_span label)
{
	if (s->label.n)
		s->section = s->label;
	s->label = label;
}

static void take_token(struct sections *s, struct toc_span token)
{
	for (size_t i = 0; i + 1 < token.n; i++) {
		if (token.p[i] != ':' || token.p[i + 1] != ' ')
			continue;
		struct toc_span label = toc_span_first(token, i);
		for (size_t dot = 0; dot + 1 < label.n; dot++) /* "An account failed to log on. Subject" */
			if (label.p[dot] == '.' && label.p[dot + 1] == ' ') {
				label = toc_span_from(label, dot + 2);
				dot = 0;
			}
		if (!is_label(label))
			break;
		put_label(s, label);
		token = toc_span_trim(toc_span_from(token, i + 1));
		i = 0;
	}
	struct toc_span label = toc_span_first(token, token.n ? token.n - 1 : 0);
	for (size_t dot = label.n; dot-- > 1;)
		if (label.p[dot] == ' ' && label.p[dot - 1] == '.') {
			label = toc_span_from(label, dot + 1);
			break;
		}
	if (token.n && token.p[token.n - 1] == ':' && is_label(label))
		put_label(s, label);
	else
		put_value(s, token);
}

bool payload_sections(struct payload *out, struct toc_span message)
{
	struct sections s = { out, { message.p, 0 }, { message.p, 0 } };
	size_t begin = 0, i = 0;
	payload_clear(out);
	while (i < message.n) {
		size_t n = gap(toc_span_from(message, i));
		if (!n) {
			i++;
			continue;
		}
		take_token(&s, toc_span_trim(toc_span_of(message.p + begin, i - begin)));
		begin = i = i + n;
	}
	take_token(&s, toc_span_trim(toc_span_of(message.p + begin, message.n - begin)));
	return out->n > 0;
}
