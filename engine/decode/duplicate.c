/* duplicate - packets that two mirrors show: the same but for VLAN tags, tunnels and what a router changes on the way.
 */
#include "decode/duplicate.h"

#include <stdlib.h>

/* One place a hash, overwritten: what was seen long ago is of no use. 64 Ki packets are 50 ms at 1.3 M packets a
 * second. */
enum { PLACES = 1 << 16 };

struct duplicates {
	struct toc_hash_key key;
	toc_time within;
	struct {
		uint64_t hash;
		toc_time at;
	} seen[PLACES];
};

struct duplicates *duplicates_new(toc_time within, const struct toc_hash_key *key)
{
	struct duplicates *d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->key = *key;
	d->within = within;
	return d;
}

void duplicates_free(struct duplicates *d)
{
	free(d);
}

/* The header without what changes from hop to hop: time to live and the checksum over it. */
static uint64_t hash_of(const struct duplicates *d, struct toc_span packet, uint8_t version)
{
	enum { FIXED = 40, TTL4 = 8, SUM4 = 10, HOPS6 = 7 };
	uint8_t head[FIXED + 8] = { 0 };
	struct toc_span first = toc_span_first(packet, FIXED);
	memcpy(head, first.p, first.n);
	if (version == 4)
		head[TTL4] = head[SUM4] = head[SUM4 + 1] = 0;
	else
		head[HOPS6] = 0;
	struct toc_span rest = toc_span_from(packet, FIXED);
	uint64_t body = rest.n ? toc_hash(&d->key, rest.p, rest.n) : 0;
	memcpy(head + FIXED, &body, sizeof(body));
	uint64_t h = toc_hash(&d->key, head, sizeof(head));
	return h ? h : 1;
}

bool duplicates_seen(struct duplicates *d, const struct toc_packet *p, struct toc_span packet, uint8_t version)
{
	uint64_t h = hash_of(d, packet, version);
	bool again = d->seen[h % PLACES].hash == h && p->at - d->seen[h % PLACES].at < d->within;
	if (!again) { /* a third copy is one too, but a series of them does not go on for ever */
		d->seen[h % PLACES].hash = h;
		d->seen[h % PLACES].at = p->at;
	}
	return again;
}
