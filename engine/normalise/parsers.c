/* parsers - extents of holes by classes of bytes. */
#include "normalise/parsers.h"

#include "tocsin/addr.h"

static const struct {
	const char *name;
} takes[] = {
#define TAKE(id, name, doc) { name },
#include "normalise/parsers.def"
#undef TAKE
};

bool parser_find(struct toc_span name, enum pattern_take *out, struct toc_place at, struct toc_diag *diag)
{
	const char *names[TAKES + 1] = { NULL };
	for (unsigned i = 0; i < TAKES; i++) {
		names[i] = takes[i].name;
		if (toc_span_is(name, takes[i].name)) {
			*out = (enum pattern_take)i;
			return true;
		}
	}
	const char *near = toc_nearest(name, names);
	toc_diag_add(diag, TOC_ERROR, at,
		     "a hole cannot take \"%.*s\"%s%s%s; it takes word, uint, ip, mac, text, until, rest, quoted, "
		     "spaces, chars, labels, pairs, json, csv, sections, xml or found",
		     (int)name.n, (const char *)name.p, near ? " (" : "", near ? near : "", near ? "?)" : "");
	return false;
}

enum { DIGIT = 1, HEX = 2, DOT = 4, COLON = 8, DASH = 16, SPACE = 32 };

static uint8_t class_of(uint8_t c)
{
	static const uint8_t classes[256] = {
		['0'] = DIGIT | HEX, ['1'] = DIGIT | HEX, ['2'] = DIGIT | HEX, ['3'] = DIGIT | HEX, ['4'] = DIGIT | HEX,
		['5'] = DIGIT | HEX, ['6'] = DIGIT | HEX, ['7'] = DIGIT | HEX, ['8'] = DIGIT | HEX, ['9'] = DIGIT | HEX,
		['a'] = HEX,	     ['b'] = HEX,	  ['c'] = HEX,	       ['d'] = HEX,	    ['e'] = HEX,
		['f'] = HEX,	     ['A'] = HEX,	  ['B'] = HEX,	       ['C'] = HEX,	    ['D'] = HEX,
		['E'] = HEX,	     ['F'] = HEX,	  ['.'] = DOT,	       [':'] = COLON,	    ['-'] = DASH,
		[' '] = SPACE,	     ['\t'] = SPACE,
	};
	return classes[c];
}

/* Bytes, at most `most`, of the classes. */
static size_t run(struct toc_span s, size_t most, uint8_t classes)
{
	size_t n = 0;
	while (n < s.n && n < most && (class_of(s.p[n]) & classes))
		n++;
	return n;
}

/* "::ffff:10.0.0.1:443" up to its port; 0: none of that form. */
static size_t extent_mapped(struct toc_span s)
{
	struct toc_addr a;
	size_t dot = toc_span_find(s, '.'), n = dot + toc_span_find(toc_span_from(s, dot), ':');
	return dot < n && n < s.n && toc_addr_parse(toc_span_first(s, n), &a) ? n : 0;
}

/* The longest run that is an address: "10.0.0.1:" and "10.0.0.1." are cut back. */
static size_t extent_ip(struct toc_span s)
{
	struct toc_addr a;
	size_t n = toc_addr_v4_prefix(s, &a);
	bool more = n + 1 < s.n && s.p[n] == '.' && (class_of(s.p[n + 1]) & DIGIT);
	if (n && !more && (n == s.n || !(class_of(s.p[n]) & DIGIT))) /* whatever stands behind it: "10.0.0.1:443" */
		return n;
	const size_t all = run(s, TOC_ADDR_TEXT + 6, HEX | DOT | COLON);
	const size_t colon = all > 6 ? all - 6 : 0;
	/* "2001:db8::7:50122" (Apache): five digits are a port, not a part of the address */
	if (colon && s.p[colon] == ':' && run(toc_span_from(s, colon + 1), 6, DIGIT) == 5 &&
	    toc_addr_parse(toc_span_first(s, colon), &a))
		return colon;
	n = all < TOC_ADDR_TEXT ? all : TOC_ADDR_TEXT - 1;
	for (unsigned tries = 0; n > 1 && tries < 3; n--, tries++)
		if (toc_addr_parse(toc_span_first(s, n), &a))
			return n;
	return extent_mapped(toc_span_first(s, all));
}

static size_t extent_mac(struct toc_span s)
{
	struct toc_mac m;
	size_t n = run(s, TOC_MAC_TEXT - 1, HEX | DOT | COLON | DASH);
	for (unsigned tries = 0; n > 11 && tries < 3; n--, tries++)
		if (toc_mac_parse(toc_span_first(s, n), &m))
			return n;
	return 0;
}

static size_t extent_quoted(struct toc_span s)
{
	if (s.n < 2 || s.p[0] != '"')
		return 0;
	size_t n = toc_span_find(toc_span_from(s, 1), '"');
	return n + 1 < s.n ? n + 2 : 0;
}

/* One "(7)" at the front of s: its length, the number in *n; 0: none. */
static size_t label_length(struct toc_span s, unsigned *n)
{
	size_t i = 1 + run(toc_span_from(s, 1), 3, DIGIT);
	if (!s.n || s.p[0] != '(' || i < 2 || i >= s.n || s.p[i] != ')')
		return 0;
	*n = 0;
	for (size_t d = 1; d < i; d++)
		*n = *n * 10 + s.p[d] - '0';
	return i + 1;
}

/* Up to and with "(0)"; a label may be longer than its number, where bytes of it were written as \\ooo. */
static size_t extent_labels(struct toc_span s)
{
	size_t at = 0, used;
	unsigned n = 1;
	while (at < s.n && n && (used = label_length(toc_span_from(s, at), &n)))
		for (at += used; n && at < s.n && s.p[at] != '('; at++)
			if (parser_is_space(s.p[at]))
				return 0;
	return n ? 0 : at;
}

struct toc_span parser_dotted(struct toc_span labels, uint8_t *out, size_t room)
{
	size_t at = 0, used, n_out = 0;
	unsigned n = 1;
	while (n && (used = label_length(toc_span_from(labels, at), &n))) {
		at += used;
		if (n && n_out && n_out < room)
			out[n_out++] = '.';
		for (; n && at < labels.n && labels.p[at] != '('; at++)
			if (n_out < room)
				out[n_out++] = labels.p[at];
	}
	return toc_span_of(out, n_out);
}

static size_t extent_word(struct toc_span s)
{
	size_t n = 0;
	while (n < s.n && !parser_is_space(s.p[n]))
		n++;
	return n;
}

size_t parser_extent(enum pattern_take take, struct toc_span s)
{
	switch (take) {
	case TAKE_WORD:
		return extent_word(s);
	case TAKE_UINT:
		return run(s, 20, DIGIT);
	case TAKE_IP:
		return extent_ip(s);
	case TAKE_MAC:
		return extent_mac(s);
	case TAKE_SPACES:
		return run(s, s.n, SPACE);
	case TAKE_QUOTED:
		return extent_quoted(s);
	case TAKE_LABELS:
		return extent_labels(s);
	case TAKE_TEXT:
	case TAKE_UNTIL:
	case TAKE_REST:
	case TAKE_CHARS:
	case TAKE_PAIRS:
	case TAKE_JSON:
	case TAKE_CSV:
	case TAKE_SECTIONS:
	case TAKE_XML:
	case TAKE_FOUND:
	case TAKES:
		break;
	}
	return 0;
}

bool parser_open_ended(enum pattern_take take)
{
	return take == TAKE_TEXT || take == TAKE_UNTIL || take == TAKE_CHARS || take == TAKE_REST ||
	       parser_is_payload(take);
}
