/* flood_datagrams - packets of UDP and ICMP at one host, by steps of 10 s: the part of flood that asks for no answer.
 */
#include "observe/flood_datagrams.h"

#include <stdlib.h>

#include "base/lru.h"

/* One answer to so many packets is none: reports of a receiver (RFC 3550, section 6.2) come much more often. */
enum { TARGETS = 16384, UNANSWERED = 1000 };

struct flood_datagrams {
	struct datagrams_fields fields;
	struct toc_lru *targets;
	uint64_t limit[2]; /* a bucket; of UDP, of ICMP */
};

void flood_datagrams_free(struct flood_datagrams *f)
{
	if (f)
		toc_lru_free(f->targets);
	free(f);
}

struct flood_datagrams *flood_datagrams_new(struct toc_intern *names, const struct toc_hash_key *key, int64_t udp_per_s,
					    int64_t icmp_per_s)
{
	struct flood_datagrams *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	datagrams_init(&f->fields, names);
	f->limit[0] = (uint64_t)udp_per_s * DATAGRAMS_STEP;
	f->limit[1] = (uint64_t)icmp_per_s * DATAGRAMS_STEP;
	f->targets = toc_lru_new(sizeof(struct datagram_key), sizeof(struct datagram_target), TARGETS, key, NULL, NULL);
	if (f->targets)
		return f;
	flood_datagrams_free(f);
	return NULL;
}

/* To one host: groups get what was asked for, by many. */
static bool to_one(const struct toc_addr *a)
{
	return toc_addr_is_v4(a) ? a->b[12] < 224 : a->b[0] != 0xff;
}

/* A new step begins: the run goes on, or is over, and whoever flooded before is not accused of the next one. */
static void turn(struct datagram_target *t, int64_t bucket)
{
	if (!t->over || bucket != t->bucket + 1) {
		t->peak = t->sum = t->source.votes = t->port = 0;
		t->ports = false;
	}
	t->bucket = bucket;
	t->packets = t->answers = 0;
	t->over = false;
}

static void note_port(struct datagram_target *t, uint16_t port)
{
	t->ports |= t->port && t->port != port;
	t->port = port;
}

const struct datagram_target *flood_datagrams_see(struct flood_datagrams *f, const struct toc_event *ev)
{
	struct datagrams d;
	bool fresh;
	if (!datagrams_read(&f->fields, ev, &d))
		return NULL;
	unsigned src = d.packets[1] > d.packets[0], dst = !src;
	/* echoes are answered by those that they fill the line of; datagrams that are answered are a conversation */
	bool flooding = d.packets[src] && (d.icmp || d.packets[dst] <= d.packets[src] / UNANSWERED);
	if (!flooding || !to_one(&d.ip[dst]))
		return NULL;
	struct datagram_key key = { .dst = d.ip[dst], .icmp = d.icmp, .live = d.live };
	struct datagram_target *t = toc_lru_add(f->targets, &key, &fresh);
	if (d.bucket < t->bucket)
		return NULL; /* told late: its step is over */
	if (d.bucket > t->bucket)
		turn(t, d.bucket);
	datagrams_vote(&t->source, &d.ip[src], d.packets[src]);
	note_port(t, d.port[dst]);
	t->packets += d.packets[src];
	t->answers += d.packets[dst];
	t->sum += d.packets[src];
	t->peak = t->packets > t->peak ? t->packets : t->peak;
	if (t->over || t->packets < f->limit[d.icmp])
		return NULL;
	t->over = true;
	return t;
}
