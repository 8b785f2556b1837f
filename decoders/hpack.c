/* hpack - indexed and literal fields, the static and the dynamic table (RFC 7541, sections 2 to 6). */
#include "decoders/hpack.h"

/* Appendix A, from index 1. */
static const struct {
	const char *name, *value;
} fixed[] = { { ":authority", "" },
	      { ":method", "GET" },
	      { ":method", "POST" },
	      { ":path", "/" },
	      { ":path", "/index.html" },
	      { ":scheme", "http" },
	      { ":scheme", "https" },
	      { ":status", "200" },
	      { ":status", "204" },
	      { ":status", "206" },
	      { ":status", "304" },
	      { ":status", "400" },
	      { ":status", "404" },
	      { ":status", "500" },
	      { "accept-charset", "" },
	      { "accept-encoding", "gzip, deflate" },
	      { "accept-language", "" },
	      { "accept-ranges", "" },
	      { "accept", "" },
	      { "access-control-allow-origin", "" },
	      { "age", "" },
	      { "allow", "" },
	      { "authorization", "" },
	      { "cache-control", "" },
	      { "content-disposition", "" },
	      { "content-encoding", "" },
	      { "content-language", "" },
	      { "content-length", "" },
	      { "content-location", "" },
	      { "content-range", "" },
	      { "content-type", "" },
	      { "cookie", "" },
	      { "date", "" },
	      { "etag", "" },
	      { "expect", "" },
	      { "expires", "" },
	      { "from", "" },
	      { "host", "" },
	      { "if-match", "" },
	      { "if-modified-since", "" },
	      { "if-none-match", "" },
	      { "if-range", "" },
	      { "if-unmodified-since", "" },
	      { "last-modified", "" },
	      { "link", "" },
	      { "location", "" },
	      { "max-forwards", "" },
	      { "proxy-authenticate", "" },
	      { "proxy-authorization", "" },
	      { "range", "" },
	      { "referer", "" },
	      { "refresh", "" },
	      { "retry-after", "" },
	      { "server", "" },
	      { "set-cookie", "" },
	      { "strict-transport-security", "" },
	      { "transfer-encoding", "" },
	      { "user-agent", "" },
	      { "vary", "" },
	      { "via", "" },
	      { "www-authenticate", "" } };

enum { FIXED = sizeof(fixed) / sizeof(fixed[0]), FIELDS_MOST = 512 };

/* Integers with a prefix of so many bits (section 5.1); more than 28 bits are nobody's honest length. */
static uint32_t read_int(struct toc_cursor *c, unsigned prefix)
{
	uint32_t mask = (1u << prefix) - 1, v = toc_u8(c) & mask;
	unsigned shift = 0;
	if (v < mask)
		return v;
	for (;;) {
		uint8_t b = toc_u8(c);
		v += (uint32_t)(b & 0x7f) << shift;
		shift += 7;
		if (c->bad || !(b & 0x80))
			return v;
		if (shift > 21) {
			c->bad = true;
			return 0;
		}
	}
}

/* Section 5.2; room for a decoded one is the caller's. */
static struct toc_span read_string(struct toc_cursor *c, uint8_t *room)
{
	bool huffman = toc_left(c) && (*c->p & 0x80);
	struct toc_span raw = toc_take(c, read_int(c, 7));
	size_t n;
	if (!huffman || c->bad)
		return toc_span_first(raw, HPACK_STRING);
	if (!hpack_huffman(raw, room, HPACK_STRING, &n))
		c->bad = true;
	return toc_span_of(room, c->bad ? 0 : n);
}

static void drop_oldest(struct hpack *t)
{
	size_t n = (size_t)t->entries[0].name_n + t->entries[0].value_n;
	size_t bytes = t->used - (size_t)t->n * HPACK_OVERHEAD;
	memmove(t->bytes, t->bytes + n, bytes - n);
	memmove(&t->entries[0], &t->entries[1], (t->n - 1u) * sizeof(t->entries[0]));
	t->used = (uint16_t)(t->used - n - HPACK_OVERHEAD);
	t->n--;
}

static size_t limit_of(const struct hpack *t)
{
	return t->sized ? t->limit : HPACK_BYTES;
}

/* Section 4.4: an entry larger than the table empties it. name may lie in the table itself. */
static void insert(struct hpack *t, struct toc_span name, struct toc_span value)
{
	uint8_t kept[HPACK_BYTES];
	size_t size = name.n + value.n + HPACK_OVERHEAD;
	bool fits = size <= limit_of(t);
	if (fits && name.n)
		memcpy(kept, name.p, name.n);
	while (t->n && t->used + size > limit_of(t))
		drop_oldest(t);
	if (!fits || t->n == HPACK_ENTRIES)
		return;
	uint8_t *at = t->bytes + t->used - (size_t)t->n * HPACK_OVERHEAD;
	if (name.n)
		memcpy(at, kept, name.n);
	if (value.n)
		memcpy(at + name.n, value.p, value.n);
	t->entries[t->n].name_n = (uint16_t)name.n;
	t->entries[t->n++].value_n = (uint16_t)value.n;
	t->used = (uint16_t)(t->used + size);
}

/* Section 2.3.3: the static entries, then the dynamic ones from the newest on. */
static bool look_up(const struct hpack *t, uint32_t index, struct toc_span *name, struct toc_span *value)
{
	*name = *value = toc_span_of(NULL, 0);
	if (index == 0)
		return false;
	if (index <= FIXED) {
		*name = toc_span_str(fixed[index - 1].name);
		*value = toc_span_str(fixed[index - 1].value);
		return true;
	}
	index -= FIXED;
	if (index > t->n)
		return true; /* older than what we keep */
	size_t at = t->used - (size_t)t->n * HPACK_OVERHEAD;
	for (uint32_t i = t->n; i > t->n - index; i--)
		at -= (size_t)t->entries[i - 1].name_n + t->entries[i - 1].value_n;
	*name = toc_span_of(t->bytes + at, t->entries[t->n - index].name_n);
	*value = toc_span_of(t->bytes + at + name->n, t->entries[t->n - index].value_n);
	return true;
}

static void resize(struct hpack *t, uint32_t size)
{
	t->sized = true;
	t->limit = (uint16_t)(size < HPACK_BYTES ? size : HPACK_BYTES);
	while (t->n && t->used > t->limit)
		drop_oldest(t);
}

/* A literal: its name by index or as it stands, then the value (section 6.2). */
static bool literal(struct hpack *t, struct toc_cursor *c, unsigned prefix, hpack_field *field, void *with)
{
	uint8_t name_room[HPACK_STRING], value_room[HPACK_STRING];
	bool keep = prefix == 6;
	struct toc_span name, value;
	uint32_t index = read_int(c, prefix);
	if (index)
		look_up(t, index, &name, &value);
	else
		name = read_string(c, name_room);
	value = read_string(c, value_room);
	if (c->bad)
		return false;
	field(with, name, value);
	if (keep)
		insert(t, name, value);
	return true;
}

bool hpack_read(struct hpack *t, struct toc_span block, hpack_field *field, void *with)
{
	struct toc_cursor c = toc_cursor_of(block);
	struct toc_span name, value;
	for (unsigned n = 0; toc_left(&c) && n < FIELDS_MOST; n++) {
		uint8_t first = *c.p;
		if (first & 0x80) {
			if (!look_up(t, read_int(&c, 7), &name, &value) || c.bad)
				return false;
			field(with, name, value);
		} else if ((first & 0xe0) == 0x20) {
			resize(t, read_int(&c, 5));
		} else if (!literal(t, &c, first & 0x40 ? 6 : 4, field, with)) {
			return false;
		}
		if (c.bad)
			return false;
	}
	return toc_left(&c) == 0;
}
