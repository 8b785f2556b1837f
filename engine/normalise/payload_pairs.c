/* payload_pairs - name=value in the styles that products have. */
#include "normalise/payload.h"
#include "tocsin/cursor.h"

const struct payload_style payload_usual = { '=', ' ', false, false };

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool in_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.' || c == '/' || c == '@' || c == '#' || c == '(' || c == ')' || c == '[' || c == ']';
}

/* The value in front of s begins with a quote: its text, and *used bytes with both quotes. A backslash takes the next
 * byte as it is; a doubled quote is one. A quote that nobody closes ends with the text. */
static struct toc_span quoted(struct payload *out, struct toc_span s, size_t *used)
{
	uint8_t quote = s.p[0];
	size_t begin = out->text_n, i = 1;
	bool plain = true;
	for (; i < s.n; i++) {
		bool escape = s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == quote || s.p[i + 1] == '\\');
		bool doubled = s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote;
		if (s.p[i] == quote && !(doubled && !plain) &&
		    !(doubled && i + 2 < s.n && !is_space(s.p[i + 2]) && s.p[i + 2] != ',' && s.p[i + 2] != ';'))
			break;
		if ((escape || doubled) && plain) {
			payload_puts(out, toc_span_of(s.p + 1, i - 1));
			plain = false;
		}
		i += escape || doubled;
		if (!plain)
			payload_put(out, s.p[i]);
	}
	*used = i < s.n ? i + 1 : s.n;
	return plain ? toc_span_of(s.p + 1, i - 1) : payload_made(out, begin);
}

static bool separates(const struct payload_style *style, uint8_t c)
{
	return style->between == ' ' ? is_space(c) : c == style->between;
}

/* Where a name begins that an `equals` follows, from the right: for values that hold spaces. */
static size_t next_name(const struct payload_style *style, struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != style->equals || (i && s.p[i - 1] == '\\'))
			continue;
		size_t start = i;
		while (start && in_name(s.p[start - 1]))
			start--;
		if (start < i && start && is_space(s.p[start - 1]))
			return start;
	}
	return s.n;
}

static struct toc_span plain_value(const struct payload_style *style, struct toc_span s, size_t *used)
{
	size_t n = 0;
	if (style->spaced)
		n = next_name(style, s);
	else
		while (n < s.n && !separates(style, s.p[n]))
			n++;
	*used = n;
	/* the audit's msg='op=x … res=failed': a quote that was opened before all pairs ends the last one */
	if (style->between == ' ' && !style->spaced && n > 1 && s.p[n - 1] == '\'' &&
	    toc_span_find(toc_span_first(s, n), '\'') == n - 1)
		n--;
	return toc_span_trim(toc_span_first(s, n));
}

/* The name in front of s, which `equals` follows; n = 0: what stands there is none, and *used bytes are passed over. */
static struct toc_span name_at(const struct payload_style *style, struct toc_span s, size_t *used)
{
	size_t n = 0;
	bool words = style->between != ' ';
	while (n < s.n && s.p[n] != style->equals && (words ? !separates(style, s.p[n]) : in_name(s.p[n])))
		n++;
	if (n && n < s.n && s.p[n] == style->equals) {
		*used = n + 1;
		struct toc_span name = toc_span_trim(toc_span_first(s, n));
		if (name.n > 2 && name.p[0] == '"' && name.p[name.n - 1] == '"') /* "apMac"="…" (Ruckus) */
			name = toc_span_of(name.p + 1, name.n - 2);
		return name;
	}
	while (n < s.n && !separates(style, s.p[n]))
		n++;
	*used = n;
	return toc_span_first(s, 0);
}

/* "Roles=[User Authenticated], Student": a piece without a name goes on with the value before it. */
static void goes_on(struct payload_pair *last, struct toc_span rest)
{
	size_t end = (size_t)(rest.p - last->value.p);
	last->value = toc_span_trim(toc_span_of(last->value.p, end));
}

bool payload_pairs(struct payload *out, struct toc_span message, const struct payload_style *style)
{
	struct toc_span s = message;
	bool open = false; /* the last value may go on behind a separator */
	payload_clear(out);
	while (s.n) {
		size_t used;
		if (separates(style, s.p[0]) || is_space(s.p[0])) {
			s = toc_span_from(s, 1);
			continue;
		}
		struct toc_span name = name_at(style, s, &used);
		s = toc_span_from(s, used);
		if (!name.n && open)
			goes_on(&out->pairs[out->n - 1], s);
		if (!name.n)
			continue;
		while (style->equals == ':' && s.n && s.p[0] == ' ')
			s = toc_span_from(s, 1);
		bool in_quotes = s.n && (s.p[0] == '"' || s.p[0] == '\'');
		struct toc_span value = in_quotes ? quoted(out, s, &used) : plain_value(style, s, &used);
		payload_add(out, name, value);
		open = style->runs_on && !in_quotes && value.n && !out->cut;
		s = toc_span_from(s, used);
	}
	return out->n >= 2;
}
