/* payload_loose - pairs of a text whose writer is not known: name=value or name: value, parted by commas, semicolons,
 * bars, tabs or spaces, whichever the text has most of. */
#include "normalise/payload.h"

enum { LOOKED_AT = 8192, LONGEST_NAME = 40, WORDS_IN_NAME = 4 };

/* What may stand between two pairs; the first is any white space. */
static const char separators[] = " ,;|\t";
enum { SEPARATORS = sizeof(separators) - 1 };

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool in_name(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool in_quotes(uint8_t c)
{
	return c == '"' || c == '\'';
}

/* Is the byte at i an `=`, or a colon that a value follows (10:15 and fe80::1 have none)? */
static bool equals_at(struct toc_span s, size_t i)
{
	if (s.p[i] == '=')
		return true;
	return s.p[i] == ':' && i && is_letter(s.p[i - 1]) &&
	       (i + 1 == s.n || s.p[i + 1] == ' ' || in_quotes(s.p[i + 1]));
}

/* The separator in front of the name that ends at `end`, by its number; SEPARATORS: there is no name. `Source IP` has
 * a space of its own: then what stands before its words counts, if they are letters only and few. */
static unsigned separator_before(struct toc_span s, size_t end)
{
	size_t i = end, words = 0;
	while (i && in_name(s.p[i - 1]))
		i--;
	if (i == end || !is_letter(s.p[i]))
		return SEPARATORS;
	while (i && end - i < LONGEST_NAME && words < WORDS_IN_NAME) {
		size_t spaces = i;
		while (spaces && s.p[spaces - 1] == ' ')
			spaces--;
		for (unsigned k = 1; spaces && k < SEPARATORS; k++)
			if (s.p[spaces - 1] == (uint8_t)separators[k])
				return k;
		if (spaces == i || !spaces || !is_letter(s.p[spaces - 1]))
			return 0;
		for (i = spaces; i && is_letter(s.p[i - 1]); i--)
			;
		words++;
	}
	return 0;
}

/* How most of the pairs are parted; *colons: most are written with a colon. SEPARATORS: there are fewer than two. */
static unsigned parted_by(struct toc_span s, bool *colons)
{
	unsigned of[SEPARATORS + 1] = { 0 }, signs = 0, best = 0, all = 0;
	for (size_t i = 1; i < s.n; i++) {
		if (!equals_at(s, i))
			continue;
		unsigned k = separator_before(s, i);
		of[k]++;
		signs += k < SEPARATORS && s.p[i] == ':';
		all += k < SEPARATORS;
	}
	for (unsigned k = 1; k < SEPARATORS; k++)
		best = of[k] > of[best] || (best == 0 && of[k] && of[k] + 1 >= of[0]) ? k : best;
	*colons = 2 * signs > all;
	return all < 2 ? SEPARATORS : best;
}

/* Does a pair follow the comma, semicolon or bar at i, though the text's separator is another one? */
static bool pair_follows(struct toc_span s, size_t i)
{
	size_t n;
	if (s.p[i] != ',' && s.p[i] != ';' && s.p[i] != '|')
		return false;
	for (i++; i < s.n && s.p[i] == ' '; i++)
		;
	for (n = i; n < s.n && n - i < LONGEST_NAME && in_name(s.p[n]); n++)
		;
	return n > i && n < s.n && is_letter(s.p[i]) && equals_at(s, n);
}

/* Where the piece in front of s ends: at the separator, but not within quotes that a value opens with. */
static size_t piece(struct toc_span s, uint8_t between)
{
	uint8_t quote = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (quote ? s.p[i] == quote : s.p[i] == between || pair_follows(s, i)) {
			if (!quote)
				return i;
			quote = 0;
		} else if (!quote && i && in_quotes(s.p[i]) &&
			   (s.p[i - 1] == '=' || s.p[i - 1] == ':' ||
			    (i > 1 && s.p[i - 1] == ' ' && s.p[i - 2] == ':'))) {
			size_t close = toc_span_find(toc_span_from(s, i + 1), s.p[i]);
			quote = close < s.n - i - 1 ? s.p[i] : 0; /* one that nobody closes is a byte like any other */
		}
	}
	return s.n;
}

/* A name without what a sentence says in front of it ("login failed: user", "[auth] user"); of long ones the last
 * words. */
static struct toc_span name_of(struct toc_span s)
{
	size_t from = 0, words = 0;
	for (size_t i = 0; i + 1 < s.n; i++)
		if (s.p[i + 1] == ' ' && !in_name(s.p[i]) && s.p[i] != ' ')
			from = i + 1;
	s = toc_span_trim(toc_span_from(s, from));
	if (s.n > 2 && in_quotes(s.p[0]) && s.p[s.n - 1] == s.p[0])
		s = toc_span_of(s.p + 1, s.n - 2);
	for (size_t i = s.n; i > 0 && words < WORDS_IN_NAME; i--)
		if (s.p[i - 1] == ' ' && ++words == WORDS_IN_NAME)
			s = toc_span_from(s, i);
	return s.n && s.n <= LONGEST_NAME && is_letter(s.p[0]) ? s : toc_span_first(s, 0);
}

static struct toc_span value_of(struct toc_span s)
{
	s = toc_span_trim(s);
	if (s.n > 1 && in_quotes(s.p[0]) && s.p[s.n - 1] == s.p[0])
		return toc_span_of(s.p + 1, s.n - 2);
	return s;
}

/* One piece: the sign that parts name and value is the first `=`, or without one a colon. */
static void take_piece(struct payload *out, struct toc_span s)
{
	size_t at = s.n;
	for (size_t i = 1; i < s.n && (at == s.n || s.p[at] == ':'); i++)
		if (s.p[i] == '=' || (at == s.n && equals_at(s, i)) ||
		    (at == s.n && s.p[i] == ':' && is_letter(s.p[i - 1]) && i < LONGEST_NAME))
			at = i;
	if (at == s.n)
		return;
	struct toc_span name = name_of(toc_span_first(s, at)), value = value_of(toc_span_from(s, at + 1));
	if (name.n && value.n)
		payload_add(out, name, value);
}

bool payload_loose(struct payload *out, struct toc_span text, bool *spoken)
{
	bool colons;
	unsigned k = parted_by(toc_span_first(text, LOOKED_AT), &colons);
	const struct payload_style sentence = { ':', ' ', true, false };
	*spoken = k == 0 && colons;
	if (k == 0 || k == SEPARATORS)
		return payload_pairs(out, text, *spoken ? &sentence : &payload_usual);
	payload_clear(out);
	for (size_t i = 0; i < text.n;) {
		struct toc_span rest = toc_span_from(text, i);
		size_t n = piece(rest, (uint8_t)separators[k]);
		take_piece(out, toc_span_trim(toc_span_first(rest, n)));
		i += n + 1;
	}
	return out->n >= 2;
}
