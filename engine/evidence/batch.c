/* batch - flows in order, behind a filter that most packets do not pass. */
#include "evidence/batch.h"

#include <stdlib.h>

enum { FILTER = 1 << 16 };

struct wanted {
	uint64_t uid;
	struct cut *by;
};

struct batch {
	size_t n;
	struct wanted *at; /* ascending by uid */
	uint8_t filter[FILTER / 8];
};

static unsigned bit_of(uint64_t uid)
{
	return (unsigned)((uid ^ uid >> 16 ^ uid >> 32 ^ uid >> 48) % FILTER);
}

static int by_uid(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

struct batch *batch_new(struct cut *first)
{
	struct batch *b = calloc(1, sizeof(*b));
	size_t most = 1;
	for (const struct cut *c = first; c; c = c->next)
		most += c->nuids;
	if (!b || !(b->at = calloc(most, sizeof(*b->at))))
		abort(); /* the queue of cuts bounds it */
	for (struct cut *c = first; c; c = c->next)
		for (unsigned i = 0; i < c->nuids; i++) {
			b->at[b->n++] = (struct wanted){ c->uids[i], c };
			b->filter[bit_of(c->uids[i]) / 8] |= (uint8_t)(1u << bit_of(c->uids[i]) % 8);
		}
	qsort(b->at, b->n, sizeof(*b->at), by_uid);
	return b;
}

void batch_free(struct batch *b)
{
	if (b)
		free(b->at);
	free(b);
}

void batch_offer(void *batch, const struct packet_record *r)
{
	struct batch *b = batch;
	size_t low = 0, high = b->n;
	if (!(b->filter[bit_of(r->uid) / 8] >> bit_of(r->uid) % 8 & 1))
		return;
	while (low < high) { /* the first that is not less */
		const size_t middle = (low + high) / 2;
		if (b->at[middle].uid < r->uid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < b->n && b->at[low].uid == r->uid; low++)
		cut_offer(b->at[low].by, r);
}

bool batch_is_idle(const struct batch *b)
{
	return b->n == 0;
}
