/* fragment - reassembly of IP datagrams (RFC 791, section 3.2; RFC 8200, section 4.5). */
#include "decode/fragment.h"

#include <stdlib.h>

/*
 * Bytes are kept in chunks of a fixed size from a pool, with one bit for each unit of eight bytes that is there. So
 * memory is bounded exactly, a tiny fragment costs one chunk wherever it lies, and work is linear in the bytes that
 * come, whatever their order.
 */
enum {
	UNIT = 8,
	CHUNK = 2048,
	CHUNK_UNITS = CHUNK / UNIT,
	LONGEST = 65535,
	SMALLEST = 32, /* no link makes the sender cut smaller: RFC 791 asks for 68 with the header */
	CHUNKS = (LONGEST + CHUNK) / CHUNK,
	LEAST_POOL = 2 * CHUNKS, /* one datagram must fit while another is evicted */
	NONE = 0		 /* index: cells count from 1 */
};
#define UNKNOWN	       UINT32_MAX
#define DEFAULT_BYTES  ((size_t)32 << 20)
#define DEFAULT_WAIT   (5 * TOC_MIN)
#define GREATEST_CELLS ((size_t)1 << 24)

struct chunk {
	uint64_t have[CHUNK_UNITS / 64];
	uint8_t bytes[CHUNK];
};

struct key {
	struct toc_addr src, dst;
	uint32_t id;
	uint16_t iface;
	uint8_t version, protocol; /* protocol: IPv4 only */
	uint64_t path;		   /* of tunnels around it */
};
_Static_assert(sizeof(struct key) == 48, "compared and hashed as bytes: no holes");

struct datagram {
	struct key key;
	toc_time first;
	uint32_t newer, older, chain; /* by age; in the bucket */
	uint32_t total, end;	      /* length when known; greatest end seen */
	uint32_t units;		      /* that are there */
	uint32_t header;	      /* of the first piece */
	uint8_t protocol;	      /* of the first piece */
	bool dead;		      /* overlapped: swallows what still comes */
	uint32_t chunk[CHUNKS];
};

/* A free list over an array; cells never used yet are behind `used`, so untouched memory stays untouched. */
struct pool {
	uint32_t free, used, size;
	uint32_t *next;
};

struct fragments {
	struct toc_hash_key secret;
	struct toc_decode_counters *count;
	toc_time timeout;
	struct chunk *chunks;
	struct datagram *datagrams;
	struct pool chunk_pool, datagram_pool;
	uint32_t *buckets, mask;
	uint32_t oldest, newest;
	uint8_t whole[LONGEST + 1]; /* the datagram that was completed last */
};

static uint32_t pool_take(struct pool *p)
{
	uint32_t i = p->free;
	if (i != NONE)
		p->free = p->next[i];
	else if (p->used < p->size)
		i = ++p->used;
	return i;
}

static void pool_give(struct pool *p, uint32_t i)
{
	p->next[i] = p->free;
	p->free = i;
}

static void pool_init(struct pool *p, uint32_t size)
{
	*p = (struct pool){ .size = size, .next = calloc(size + 1u, sizeof(uint32_t)) };
}

struct fragments *fragments_new(const struct toc_decode_config *config, const struct toc_hash_key *key,
				struct toc_decode_counters *count)
{
	size_t bytes = config->fragment_bytes ? config->fragment_bytes : DEFAULT_BYTES;
	size_t cells = bytes / (sizeof(struct chunk) + sizeof(struct datagram) + 4 * sizeof(uint32_t));
	cells = cells < LEAST_POOL ? LEAST_POOL : cells > GREATEST_CELLS ? GREATEST_CELLS : cells;
	struct fragments *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->secret = *key;
	f->count = count;
	f->timeout = config->fragment_timeout ? config->fragment_timeout : DEFAULT_WAIT;
	for (f->mask = 1; f->mask < cells; f->mask *= 2)
		;
	f->buckets = calloc(f->mask, sizeof(*f->buckets));
	f->mask--;
	f->chunks = calloc(cells + 1, sizeof(*f->chunks));
	f->datagrams = calloc(cells + 1, sizeof(*f->datagrams));
	pool_init(&f->chunk_pool, (uint32_t)cells);
	pool_init(&f->datagram_pool, (uint32_t)cells);
	if (f->buckets && f->chunks && f->datagrams && f->chunk_pool.next && f->datagram_pool.next)
		return f;
	fragments_free(f);
	return NULL;
}

void fragments_free(struct fragments *f)
{
	if (!f)
		return;
	free(f->datagram_pool.next);
	free(f->chunk_pool.next);
	free(f->datagrams);
	free(f->chunks);
	free(f->buckets);
	free(f);
}

static uint32_t *bucket_of(struct fragments *f, const struct key *key)
{
	return &f->buckets[toc_hash(&f->secret, key, sizeof(*key)) & f->mask];
}

static void drop_chunks(struct fragments *f, struct datagram *d)
{
	for (unsigned i = 0; i < CHUNKS; i++)
		if (d->chunk[i] != NONE) {
			pool_give(&f->chunk_pool, d->chunk[i]);
			d->chunk[i] = NONE;
		}
}

static void forget(struct fragments *f, uint32_t i)
{
	struct datagram *d = &f->datagrams[i];
	uint32_t *at = bucket_of(f, &d->key);
	while (*at != i)
		at = &f->datagrams[*at].chain;
	*at = d->chain;
	*(d->older ? &f->datagrams[d->older].newer : &f->oldest) = d->newer;
	*(d->newer ? &f->datagrams[d->newer].older : &f->newest) = d->older;
	drop_chunks(f, d);
	pool_give(&f->datagram_pool, i);
}

/* Frees the oldest datagram but `spare`. There is one when the pool is empty: `spare` alone cannot fill it. */
static void evict(struct fragments *f, uint32_t spare)
{
	uint32_t victim = f->oldest == spare ? f->datagrams[spare].newer : f->oldest;
	f->count->fragments_evicted++;
	forget(f, victim);
}

static void expire(struct fragments *f, toc_time at)
{
	while (f->oldest != NONE && at - f->datagrams[f->oldest].first > f->timeout) {
		f->count->fragments_expired++;
		forget(f, f->oldest);
	}
}

static uint32_t find_or_add(struct fragments *f, const struct key *key, toc_time at)
{
	uint32_t *bucket = bucket_of(f, key), i = *bucket;
	for (; i != NONE; i = f->datagrams[i].chain)
		if (memcmp(&f->datagrams[i].key, key, sizeof(*key)) == 0)
			return i;
	i = pool_take(&f->datagram_pool);
	if (i == NONE) {
		evict(f, NONE);
		i = pool_take(&f->datagram_pool);
	}
	f->datagrams[i] =
		(struct datagram){ .key = *key, .first = at, .older = f->newest, .chain = *bucket, .total = UNKNOWN };
	*bucket = i;
	*(f->newest ? &f->datagrams[f->newest].newer : &f->oldest) = i;
	f->newest = i;
	return i;
}

static struct chunk *chunk_at(struct fragments *f, uint32_t datagram, uint32_t offset)
{
	uint32_t *at = &f->datagrams[datagram].chunk[offset / CHUNK];
	if (*at == NONE) {
		while ((*at = pool_take(&f->chunk_pool)) == NONE)
			evict(f, datagram); /* maybe a dead one, which holds no chunk */
		memset(f->chunks[*at].have, 0, sizeof(f->chunks[*at].have));
	}
	return &f->chunks[*at];
}

static bool has_unit(const struct chunk *c, uint32_t offset)
{
	uint32_t unit = offset % CHUNK / UNIT;
	return c->have[unit / 64] >> unit % 64 & 1;
}

/* How a piece meets what is there already. */
struct overlap {
	uint32_t units; /* of the piece that are there */
	bool conflict;	/* and some differ */
};

static struct overlap compare(const struct fragments *f, const struct datagram *d, uint32_t offset,
			      struct toc_span data)
{
	struct overlap o = { 0 };
	for (uint32_t i = 0; i < data.n; i += UNIT) {
		uint32_t place = offset + i, chunk = d->chunk[place / CHUNK];
		if (chunk == NONE || !has_unit(&f->chunks[chunk], place))
			continue;
		struct toc_span mine = toc_span_first(toc_span_from(data, i), UNIT);
		o.units++;
		if (memcmp(f->chunks[chunk].bytes + place % CHUNK, mine.p, mine.n) != 0)
			o.conflict = true;
	}
	return o;
}

/* Writes the units that are not there yet. */
static void fill(struct fragments *f, uint32_t datagram, uint32_t offset, struct toc_span data)
{
	for (uint32_t i = 0; i < data.n; i += UNIT) {
		uint32_t place = offset + i, unit = place % CHUNK / UNIT;
		struct chunk *c = chunk_at(f, datagram, place);
		if (has_unit(c, place))
			continue;
		struct toc_span mine = toc_span_first(toc_span_from(data, i), UNIT);
		memcpy(c->bytes + place % CHUNK, mine.p, mine.n);
		c->have[unit / 64] |= UINT64_C(1) << unit % 64;
		f->datagrams[datagram].units++;
	}
}

/* Ends of the datagram that cannot both be true. */
static bool contradicts(const struct datagram *d, uint32_t end, bool more)
{
	if (more)
		return end > d->total;
	return end < d->end || (d->total != UNKNOWN && d->total != end);
}

/* RFC 5722: the datagram is void, and so are the fragments of it that still come. */
static enum toc_drop die(struct fragments *f, struct datagram *d)
{
	drop_chunks(f, d);
	d->dead = true;
	return TOC_DROP_fragment_overlap;
}

/* The whole datagram becomes the rest of the walk. */
static void assemble(struct fragments *f, uint32_t i, struct walk *w, struct fragment *piece)
{
	const struct datagram *d = &f->datagrams[i];
	for (uint32_t at = 0; at < d->total; at += CHUNK) {
		uint32_t n = d->total - at < CHUNK ? d->total - at : CHUNK;
		memcpy(f->whole + at, f->chunks[d->chunk[at / CHUNK]].bytes, n);
	}
	w->in = toc_cursor_of(toc_span_of(f->whole, d->total));
	w->out->reassembled = true;
	w->out->ip_len = d->header + d->total;
	piece->protocol = d->protocol;
	forget(f, i);
}

/* Whether the piece by itself is one that a sender may send. */
static bool sound(const struct fragment *piece, size_t n)
{
	size_t fixed = piece->version == 6 ? 40 : 0; /* IPv6 does not count its fixed header in the length */
	if (n == 0 || (piece->more && n % UNIT != 0))
		return false;
	return piece->offset + n + piece->header - fixed <= LONGEST;
}

static enum toc_drop unsound(struct walk *w, const struct fragment *piece, size_t n)
{
	bool odd = n == 0 || (piece->more && n % UNIT != 0);
	walk_weird(w, odd ? "fragment_size_inconsistency" : "excessively_large_fragment");
	return TOC_DROP_fragment_bad;
}

enum toc_drop fragment_add(struct walk *w, struct fragment *piece)
{
	struct fragments *f = w->fragments;
	struct toc_span data = toc_rest(&w->in);
	if (w->beyond)
		return piece->offset == 0 ? TOC_DROP_none : TOC_DROP_fragment_cut;
	if (!sound(piece, data.n))
		return unsound(w, piece, data.n);
	struct key key = { w->out->src,	  w->out->dst,	  piece->id,
			   w->out->iface, piece->version, piece->version == 4 ? piece->protocol : 0,
			   w->out->path };
	expire(f, w->out->at);
	uint32_t i = find_or_add(f, &key, w->out->at), end = piece->offset + (uint32_t)data.n;
	struct datagram *d = &f->datagrams[i];
	if (d->dead)
		return TOC_DROP_fragment_overlap;
	if (contradicts(d, end, piece->more)) {
		walk_weird(w, "fragment_size_inconsistency");
		return piece->version == 6 ? die(f, d) : TOC_DROP_fragment_bad;
	}
	struct overlap o = compare(f, d, piece->offset, data);
	if (o.conflict || (o.units && o.units * UNIT < data.n)) /* not a mere repetition */
		walk_weird(w, o.conflict ? "fragment_inconsistency" : "fragment_overlap");
	if (o.units * UNIT >= data.n && !(piece->version == 6 && o.conflict))
		return TOC_DROP_fragment_repeat;
	if (o.units && piece->version == 6)
		return die(f, d);
	if (piece->more && data.n < SMALLEST)
		walk_weird(w, "excessively_small_fragment");
	fill(f, i, piece->offset, data);
	if (end > d->end)
		d->end = end;
	if (!piece->more)
		d->total = end;
	if (piece->offset == 0) {
		d->header = piece->header;
		d->protocol = piece->protocol;
	}
	if (d->units * UNIT < d->total)
		return TOC_DROP_fragment_held;
	assemble(f, i, w, piece);
	return TOC_DROP_none;
}
