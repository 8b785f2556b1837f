/* zone - reading TZif files (RFC 8536, section 3). */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/zone_rule.h"
#include "tocsin/cursor.h"

enum { MOST_BYTES = 1 << 20, MOST_CHANGES = 4096, LAST_YEAR = 2120, RULE_CHANGES = 2 * (LAST_YEAR - 1900) };

struct change {
	toc_time from; /* UTC */
	toc_time offset;
};

struct toc_zone {
	toc_time first; /* offset before the first change */
	unsigned n;
	struct change changes[];
};

struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static bool read_header(struct toc_cursor *c, struct counts *n, uint8_t *version)
{
	struct toc_span magic = toc_take(c, 4);
	*version = toc_u8(c);
	toc_skip(c, 15);
	n->isut = toc_be32(c);
	n->isstd = toc_be32(c);
	n->leap = toc_be32(c);
	n->time = toc_be32(c);
	n->type = toc_be32(c);
	n->chars = toc_be32(c);
	return !c->bad && toc_span_is(magic, "TZif") && n->time <= MOST_CHANGES && n->type > 0 && n->type <= 256 &&
	       n->chars <= 1024 && n->leap <= 1024 && n->isut <= 256 && n->isstd <= 256;
}

static struct toc_zone *read_body(struct toc_cursor *c, const struct counts *n)
{
	struct toc_cursor times = toc_sub(c, (size_t)n->time * 8), kinds = toc_sub(c, n->time);
	struct toc_cursor types = toc_sub(c, (size_t)n->type * 6);
	struct toc_zone *z = c->bad ? NULL : calloc(1, sizeof(*z) + (n->time + RULE_CHANGES) * sizeof(z->changes[0]));
	if (!z)
		return NULL;
	toc_time offsets[256] = { 0 };
	for (uint32_t i = 0; i < n->type; i++) {
		offsets[i] = (int32_t)toc_be32(&types) * TOC_SEC;
		toc_skip(&types, 2);
	}
	z->first = offsets[0];
	for (uint32_t i = 0; i < n->time; i++) {
		int64_t at = (int64_t)toc_be64(&times);
		uint8_t kind = toc_u8(&kinds);
		if (at < -(INT64_C(1) << 33) || at > (INT64_C(1) << 33))
			continue; /* a table's "beginning of time" */
		z->changes[z->n++] = (struct change){ at * TOC_SEC, offsets[kind] };
	}
	return z;
}

static void add_change(struct toc_zone *z, int64_t from, int64_t offset)
{
	toc_time last = z->n ? z->changes[z->n - 1].from : INT64_MIN;
	if (from * TOC_SEC > last)
		z->changes[z->n++] = (struct change){ from * TOC_SEC, offset * TOC_SEC };
}

/* The rule behind the table, where tables are cut to what no rule says ("slim"), and for the years that none has. */
static void go_on(struct toc_zone *z, struct toc_cursor *c, const struct counts *n)
{
	struct zone_rule r;
	toc_skip(c, n->chars + (size_t)n->leap * 12 + n->isstd + n->isut);
	bool framed = toc_u8(c) == '\n';
	struct toc_span rest = toc_rest(c);
	if (!framed || c->bad || !zone_rule_read(toc_span_first(rest, toc_span_find(rest, '\n')), &r) || !r.changes)
		return;
	const int64_t year = 31556952;
	int from = z->n ? 1970 + (int)(z->changes[z->n - 1].from / TOC_SEC / year) - 1 : 1970;
	for (int y = from < 1900 ? 1900 : from; y < LAST_YEAR; y++) {
		int64_t begin = zone_rule_begin(&r, y), end = zone_rule_end(&r, y);
		if (end < begin)
			add_change(z, end, r.standard);
		add_change(z, begin, r.summer);
		if (end > begin)
			add_change(z, end, r.standard);
	}
}

static struct toc_zone *read_zone(struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	struct counts n;
	uint8_t version;
	if (!read_header(&c, &n, &version) || version < '2')
		return NULL;
	/* the first block has 32-bit times and is there for old readers */
	toc_skip(&c, (size_t)n.time * 5 + (size_t)n.type * 6 + n.chars + (size_t)n.leap * 8 + n.isstd + n.isut);
	struct toc_zone *z = read_header(&c, &n, &version) ? read_body(&c, &n) : NULL;
	if (z)
		go_on(z, &c, &n);
	return z;
}

struct toc_zone *toc_zone_new(const struct toc_opener *opener, const char *name)
{
	char path[256];
	size_t n = 0;
	if (!*name || name[0] == '/' || strstr(name, "..") ||
	    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name) >= (int)sizeof(path))
		return NULL;
	uint8_t *bytes = toc_files_read(opener, path, MOST_BYTES, &n);
	struct toc_zone *z = bytes && n ? read_zone(toc_span_of(bytes, n)) : NULL;
	free(bytes);
	return z;
}

bool toc_zone_known(const char *name)
{
	struct toc_zone *z = strcmp(name, "UTC") == 0 ? NULL : toc_zone_new(&toc_opener_self, name);
	bool known = z || strcmp(name, "UTC") == 0;
	toc_zone_free(z);
	return known;
}

void toc_zone_free(struct toc_zone *z)
{
	free(z);
}

toc_time toc_zone_offset(const struct toc_zone *z, toc_time local)
{
	unsigned low = 0, high = z->n;
	while (low < high) { /* changes whose beginning, told in the time before them, is not after `local` */
		unsigned mid = low + (high - low) / 2;
		toc_time before = mid ? z->changes[mid - 1].offset : z->first;
		if (z->changes[mid].from + before <= local)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? z->changes[low - 1].offset : z->first;
}

toc_time toc_zone_offset_at(const struct toc_zone *z, toc_time utc)
{
	unsigned low = 0, high = z ? z->n : 0;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (z->changes[mid].from <= utc)
			low = mid + 1;
		else
			high = mid;
	}
	return !z ? 0 : low ? z->changes[low - 1].offset : z->first;
}
