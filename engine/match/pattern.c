/* pattern - compiling and matching of wildcard strings. */
#define _GNU_SOURCE
#include "match/pattern.h"

#include "base/bytes.h"

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
		size_t head = i;
		while (head < end && units[head] < TOC_UNIT_ONE)
			head++;
		if (end > i)
			pieces[p->npieces++] =
				(struct pattern_piece){ units + i, end - i, to_bytes(arena, units + i, head - i) };
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

/* The bytes between wildcards, folded: a wildcard never stands within a character. out has room for them. */
static size_t fold_units(struct toc_arena *arena, enum toc_fold how, struct toc_units u, uint16_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < u.n;) {
		size_t end = i;
		while (end < u.n && u.at[end] < TOC_UNIT_ONE && end - i < TOC_DRAFT_STRING)
			end++;
		if (end == i) {
			out[n++] = u.at[i++];
			continue;
		}
		struct toc_span run = to_bytes(arena, u.at + i, end - i);
		uint8_t *folded = toc_arena_alloc(arena, run.n * 3 / 2 + 64);
		run = toc_fold(how, run, folded);
		for (size_t k = 0; k < run.n; k++)
			out[n++] = run.p[k];
		i = end;
	}
	return n;
}

static enum toc_fold fold_of(struct toc_arena *arena, struct toc_units u, bool cased)
{
	if (cased)
		return TOC_FOLD_NONE;
	return toc_fold_wide_letters(to_bytes(arena, u.at, u.n)) ? TOC_FOLD_WIDE : TOC_FOLD_ASCII;
}

void toc_pattern_of(struct toc_pattern *p, struct toc_arena *arena, struct toc_units u, bool cased, bool star_front,
		    bool star_back)
{
	enum toc_fold fold = fold_of(arena, u, cased);
	/* room for the stars that the modifier adds, and for what folding does */
	uint16_t *units = toc_arena_alloc(arena, (u.n * 3 / 2 + 3) * sizeof(*units));
	size_t from = 1, to = 1 + fold_units(arena, fold, u, units + 1);
	if (star_front && (u.n == 0 || units[1] != TOC_UNIT_ANY))
		units[--from] = TOC_UNIT_ANY;
	if (star_back && (to == from || units[to - 1] != TOC_UNIT_ANY))
		units[to++] = TOC_UNIT_ANY;
	*p = (struct toc_pattern){ .fold = fold };
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

static bool equal(const uint8_t *value, struct toc_span text)
{
	return text.n == 0 || memcmp(value, text.p, text.n) == 0;
}

enum { FALSE_STARTS = 16 };

/* Where the needle first stands at or behind `from`, or SIZE_MAX: sixteen places at a time by its first and its last
 * byte. In linear time: where these mislead, memmem goes on. */
static size_t find(struct toc_span value, size_t from, struct toc_span needle)
{
	if (from > value.n || needle.n > value.n - from)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	const int8_t first = (int8_t)needle.p[0], last = (int8_t)needle.p[needle.n - 1];
	for (unsigned wrong = 0; from + needle.n + 15 <= value.n && wrong < FALSE_STARTS; from += 16) {
		const uint8_t *at = value.p + from;
		toc_bytes16 fits = (toc_bytes_at(at) == first) & (toc_bytes_at(at + needle.n - 1) == last);
		for (uint32_t left = toc_bytes_mask(fits); left; left &= left - 1, wrong++) {
			size_t i = (size_t)__builtin_ctz(left);
			if (memcmp(at + i, needle.p, needle.n) == 0)
				return from + i;
		}
	}
	const uint8_t *at = memmem(value.p + from, value.n - from, needle.p, needle.n);
	return at ? (size_t)(at - value.p) : SIZE_MAX;
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
static size_t piece_at(const struct pattern_piece *piece, struct toc_span value, size_t at)
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
		if (value.p[i] != piece->units[u])
			return SIZE_MAX;
		i++;
	}
	return i - at;
}

/* Bytes that the piece takes at the first place at or behind *at where it fits, which *at becomes; or SIZE_MAX. */
static size_t piece_behind(const struct pattern_piece *piece, struct toc_span value, size_t *at)
{
	for (; *at < value.n; (*at)++) {
		*at = find(value, *at, piece->head);
		if (*at == SIZE_MAX)
			return SIZE_MAX;
		size_t n = piece->head.n == piece->n ? piece->n : piece_at(piece, value, *at);
		if (n != SIZE_MAX)
			return n;
	}
	return SIZE_MAX;
}

/* The last piece of a pattern that ends without a star must end the value; a unit takes four bytes at most. */
static bool ends_with(const struct pattern_piece *piece, struct toc_span value, size_t from)
{
	size_t most = 4 * piece->n;
	if (value.n > most && from < value.n - most)
		from = value.n - most;
	for (size_t at = from; at <= value.n; at++) {
		size_t n = piece_at(piece, value, at);
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
		if (last && !pinned)
			return ends_with(&p->pieces[i], value, at);
		size_t n = pinned ? piece_at(&p->pieces[i], value, at) : piece_behind(&p->pieces[i], value, &at);
		if (n == SIZE_MAX)
			return false;
		at += n;
		if (last)
			return at == value.n;
	}
	return true;
}

static bool match(const struct toc_pattern *p, struct toc_span value)
{
	size_t n = p->text.n;
	switch (p->form) {
	case PATTERN_ANY:
		return true;
	case PATTERN_EXACT:
		return value.n == n && equal(value.p, p->text);
	case PATTERN_PREFIX:
		return value.n >= n && equal(value.p, p->text);
	case PATTERN_SUFFIX:
		return value.n >= n && equal(value.p + (value.n - n), p->text);
	case PATTERN_CONTAINS:
		return find(value, 0, p->text) != SIZE_MAX;
	case PATTERN_GLOB:
		return glob(p, value);
	}
	return false;
}

bool toc_pattern_match(const struct toc_pattern *p, struct toc_span value)
{
	uint8_t folded[TOC_FOLD_ROOM];
	value = toc_span_first(value, TOC_DRAFT_STRING);
	return match(p, p->fold == TOC_FOLD_NONE ? value : toc_fold(p->fold, value, folded));
}

bool toc_pattern_match_folded(const struct toc_pattern *p, struct toc_span folded)
{
	return match(p, folded);
}
