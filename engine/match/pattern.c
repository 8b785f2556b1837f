/* pattern - compiling and matching of wildcard strings. */
#define _GNU_SOURCE
#include "match/pattern.h"

/* Units (bytes and wildcards as uint16_t) between two stars. */
struct pattern_piece {
	const uint16_t *units;
	size_t n;
};

struct toc_units toc_units_sigma(struct toc_arena *arena, struct toc_span text)
{
	struct toc_units u = { toc_arena_alloc(arena, (text.n + 1) * sizeof(*u.at)), 0 };
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : 0;
		if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
			u.at[u.n++] = next;
			i++;
		} else {
			u.at[u.n++] = c == '*' ? TOC_UNIT_ANY : c == '?' ? TOC_UNIT_ONE : c;
		}
	}
	return u;
}

struct toc_units toc_units_plain(struct toc_arena *arena, struct toc_span bytes)
{
	struct toc_units u = { toc_arena_alloc(arena, (bytes.n + 1) * sizeof(*u.at)), bytes.n };
	for (size_t i = 0; i < bytes.n; i++)
		u.at[i] = bytes.p[i];
	return u;
}

static bool plain(const uint16_t *units, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (units[i] >= TOC_UNIT_ONE)
			return false;
	return true;
}

bool toc_units_wild(struct toc_units u)
{
	return !plain(u.at, u.n);
}

static struct toc_span to_bytes(struct toc_arena *arena, const uint16_t *units, size_t n)
{
	uint8_t *out = toc_arena_alloc(arena, n + 1);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)units[i];
	return toc_span_of(out, n);
}

static void make_glob(struct toc_pattern *p, struct toc_arena *arena, const uint16_t *units, size_t n)
{
	struct pattern_piece *pieces = toc_arena_alloc(arena, (n + 1) * sizeof(*pieces));
	for (size_t i = 0; i < n;) {
		size_t end = i;
		while (end < n && units[end] != TOC_UNIT_ANY)
			end++;
		if (end > i)
			pieces[p->npieces++] = (struct pattern_piece){ units + i, end - i };
		i = end + 1;
	}
	p->form = PATTERN_GLOB;
	p->pieces = pieces;
}

static void classify(struct toc_pattern *p, struct toc_arena *arena, const uint16_t *units, size_t n)
{
	size_t front = 0, back = n;
	while (front < n && units[front] == TOC_UNIT_ANY)
		front++;
	while (back > front && units[back - 1] == TOC_UNIT_ANY)
		back--;
	p->open_start = front > 0;
	p->open_end = back < n;
	if (back == front && n > 0 && front > 0) {
		p->form = PATTERN_ANY;
		return;
	}
	if (!plain(units + front, back - front)) {
		make_glob(p, arena, units + front, back - front);
		return;
	}
	p->text = to_bytes(arena, units + front, back - front);
	p->form = p->open_start ? (p->open_end ? PATTERN_CONTAINS : PATTERN_SUFFIX)
				: (p->open_end ? PATTERN_PREFIX : PATTERN_EXACT);
}

void toc_pattern_of(struct toc_pattern *p, struct toc_arena *arena, struct toc_units u, bool cased, bool star_front,
		    bool star_back)
{
	/* room for the stars that the modifier adds */
	uint16_t *units = toc_arena_alloc(arena, (u.n + 2) * sizeof(*units));
	size_t from = 1, to = u.n + 1;
	for (size_t i = 0; i < u.n; i++)
		units[i + 1] = cased || u.at[i] > 0xff ? u.at[i] : toc_lower((uint8_t)u.at[i]);
	if (star_front && (u.n == 0 || units[1] != TOC_UNIT_ANY))
		units[--from] = TOC_UNIT_ANY;
	if (star_back && (to == from || units[to - 1] != TOC_UNIT_ANY))
		units[to++] = TOC_UNIT_ANY;
	*p = (struct toc_pattern){ .cased = cased };
	classify(p, arena, units + from, to - from);
}

void toc_pattern_compile(struct toc_pattern *p, struct toc_arena *arena, struct toc_span sigma, bool cased,
			 bool star_front, bool star_back)
{
	toc_pattern_of(p, arena, toc_units_sigma(arena, sigma), cased, star_front, star_back);
}

void toc_pattern_literal(struct toc_pattern *p, struct toc_arena *arena, struct toc_span bytes, bool cased,
			 bool star_front, bool star_back)
{
	toc_pattern_of(p, arena, toc_units_plain(arena, bytes), cased, star_front, star_back);
}

static bool equal(const uint8_t *value, struct toc_span text, bool cased)
{
	if (cased)
		return text.n == 0 || memcmp(value, text.p, text.n) == 0;
	for (size_t i = 0; i < text.n; i++)
		if (toc_lower(value[i]) != text.p[i])
			return false;
	return true;
}

bool toc_pattern_find(struct toc_span value, struct toc_span needle, bool cased)
{
	if (needle.n == 0)
		return true;
	if (needle.n > value.n)
		return false;
	if (cased)
		return memmem(value.p, value.n, needle.p, needle.n) != NULL;
	for (size_t i = 0; i <= value.n - needle.n; i++)
		if (toc_lower(value.p[i]) == needle.p[0] && equal(value.p + i, needle, false))
			return true;
	return false;
}

/* Length of the character that starts at value[at]: `?` stands for one code point. */
static size_t character(struct toc_span value, size_t at)
{
	uint8_t c = value.p[at];
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if (at + i >= value.n || (value.p[at + i] & 0xc0) != 0x80)
			return 1;
	return n;
}

/* Length of the dash that starts at value[at]: hyphen, slash, U+2013 to U+2015; 0 = none. */
static size_t dash(struct toc_span value, size_t at)
{
	if (value.p[at] == '-' || value.p[at] == '/')
		return 1;
	bool three = at + 2 < value.n && value.p[at] == 0xe2 && value.p[at + 1] == 0x80;
	return three && value.p[at + 2] >= 0x93 && value.p[at + 2] <= 0x95 ? 3 : 0;
}

/* Bytes that the piece takes at `at`, or SIZE_MAX. */
static size_t piece_at(const struct toc_pattern *p, const struct pattern_piece *piece, struct toc_span value, size_t at)
{
	size_t i = at;
	for (size_t u = 0; u < piece->n; u++) {
		if (i >= value.n)
			return SIZE_MAX;
		if (piece->units[u] == TOC_UNIT_ONE) {
			i += character(value, i);
			continue;
		}
		if (piece->units[u] == TOC_UNIT_DASH) {
			size_t n = dash(value, i);
			if (!n)
				return SIZE_MAX;
			i += n;
			continue;
		}
		uint8_t c = p->cased ? value.p[i] : toc_lower(value.p[i]);
		if (c != piece->units[u])
			return SIZE_MAX;
		i++;
	}
	return i - at;
}

/* The last piece of a pattern that ends without a star must end the value. */
static bool ends_with(const struct toc_pattern *p, const struct pattern_piece *piece, struct toc_span value,
		      size_t from)
{
	for (size_t at = from; at <= value.n; at++) {
		size_t n = piece_at(p, piece, value, at);
		if (n != SIZE_MAX && at + n == value.n)
			return true;
	}
	return false;
}

/* Leftmost placement of each piece in turn is enough, since stars take any run. */
static bool glob(const struct toc_pattern *p, struct toc_span value)
{
	size_t at = 0;
	for (unsigned i = 0; i < p->npieces; i++) {
		bool pinned = i == 0 && !p->open_start, last = i + 1 == p->npieces && !p->open_end;
		size_t n = piece_at(p, &p->pieces[i], value, at);
		if (pinned && n == SIZE_MAX)
			return false;
		if (last)
			return pinned ? at + n == value.n : ends_with(p, &p->pieces[i], value, at);
		while (n == SIZE_MAX && ++at < value.n)
			n = piece_at(p, &p->pieces[i], value, at);
		if (n == SIZE_MAX)
			return false;
		at += n;
	}
	return true;
}

bool toc_pattern_match(const struct toc_pattern *p, struct toc_span value)
{
	size_t n = p->text.n;
	switch (p->form) {
	case PATTERN_ANY:
		return true;
	case PATTERN_EXACT:
		return value.n == n && equal(value.p, p->text, p->cased);
	case PATTERN_PREFIX:
		return value.n >= n && equal(value.p, p->text, p->cased);
	case PATTERN_SUFFIX:
		return value.n >= n && equal(value.p + (value.n - n), p->text, p->cased);
	case PATTERN_CONTAINS:
		return toc_pattern_find(value, p->text, p->cased);
	case PATTERN_GLOB:
		return glob(p, value);
	}
	return false;
}
