/* store - blocks of packets {from, to, packets}: few and large documents. */
#include "evidence/store.h"

#include <bson/bson.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 << 10 };

struct store {
	struct spool *spool;
	toc_time from, to; /* of the packets that wait */
	size_t n;
	_Alignas(8) uint8_t block[BLOCK];
};

struct store *store_new(struct spool *spool)
{
	struct store *s = calloc(1, sizeof(*s));
	if (!s)
		abort(); /* at start-up there is nothing to save */
	s->spool = spool;
	return s;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	store_flush(s);
	spool_close(s->spool);
	free(s);
}

struct spool *store_spool(struct store *s)
{
	return s->spool;
}

size_t store_waiting(const struct store *s)
{
	return s->n;
}

void store_flush(struct store *s)
{
	if (!s->n)
		return;
	bson_t b;
	bson_init(&b);
	BSON_APPEND_INT64(&b, "from", s->from);
	BSON_APPEND_INT64(&b, "to", s->to);
	BSON_APPEND_BINARY(&b, "packets", BSON_SUBTYPE_BINARY, s->block, (uint32_t)s->n);
	spool_append(s->spool, bson_get_data(&b), b.len, s->to); /* what the disk refuses is counted there */
	bson_destroy(&b);
	s->n = 0;
}

void store_add(struct store *s, const struct packet_record *r)
{
	if (s->n + r->size > sizeof(s->block))
		store_flush(s);
	s->from = !s->n || r->ts < s->from ? r->ts : s->from;
	s->to = !s->n || r->ts > s->to ? r->ts : s->to;
	memcpy(s->block + s->n, r, r->size);
	s->n += r->size;
}

bool packet_record_sound(const uint8_t *at, size_t n)
{
	struct packet_record r;
	if (n < sizeof(r))
		return false;
	memcpy(&r, at, sizeof(r));
	return r.size % 8 == 0 && r.size >= sizeof(r) && r.size <= n && r.n <= r.size - sizeof(r) && r.headers <= r.n;
}

/* The bytes of a document are aligned to nothing: each record is copied out. */
static void look_through(const uint8_t *at, size_t n, void (*found)(void *user, const struct packet_record *r),
			 void *user)
{
	_Alignas(8) uint8_t one[sizeof(struct packet_record) + UINT16_MAX + 8];
	while (packet_record_sound(at, n)) {
		struct packet_record *r = (struct packet_record *)(void *)one;
		memcpy(r, at, sizeof(*r));
		if (r->size > sizeof(one))
			return;
		memcpy(one, at, r->size);
		found(user, r);
		at += r->size;
		n -= r->size;
	}
}

bool store_next(struct store *s, uint64_t *pos, void (*found)(void *user, const struct packet_record *r), void *user)
{
	const uint8_t *bson, *bytes = NULL;
	const uint32_t n = spool_next(s->spool, pos, &bson);
	uint32_t size = 0;
	bson_subtype_t type;
	bson_t b;
	bson_iter_t it;
	if (!n)
		return false;
	if (bson_init_static(&b, bson, n) && bson_iter_init_find(&it, &b, "packets") && BSON_ITER_HOLDS_BINARY(&it))
		bson_iter_binary(&it, &type, &size, &bytes);
	if (bytes)
		look_through(bytes, size, found, user);
	return true;
}
