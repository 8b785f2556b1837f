/* redis_batch - records of the journal as one transaction: MULTI, an XADD a route, the position, EXEC. */
#include <stdio.h>
#include <string.h>

#include "deliver/redis_state.h"

enum {
	BATCH = 100,	/* records a transaction */
	GATHER_MS = 20, /* for so long a transaction waits to be filled */
	URGENT = 4,	/* a record of this severity ends the waiting */
	BATCH_BYTES = 1 << 20
};

bool redis_command(struct toc_redis *r, unsigned *wanted, const char *a, const char *b, const char *c)
{
	const char *argv[3] = { a, b, c };
	++*wanted;
	return toc_redis_link_put(&r->link, c ? 3 : b ? 2 : 1, argv, NULL);
}

/* The position is one of this journal: that of another, such as one that was lost, means nothing here. */
bool redis_put_position(struct toc_redis *r, unsigned *wanted, toc_journal_pos pos)
{
	char text[64];
	snprintf(text, sizeof(text), "%llu %016llx", (unsigned long long)pos,
		 (unsigned long long)toc_journal_identity(r->journal));
	return redis_command(r, wanted, "SET", r->pos_key, text);
}

static bool put_entry(struct toc_redis *r, const struct toc_journal_record *rec, struct toc_span route,
		      struct toc_span json)
{
	static const char *const acts[] = { "create", "update", "close" };
	char stream[320], rev[16], sev[16];
	snprintf(stream, sizeof(stream), "{tocsin}:alerts:%.*s", (int)route.n, (const char *)route.p);
	snprintf(rev, sizeof(rev), "%u", rec->revision);
	snprintf(sev, sizeof(sev), "%u", rec->severity);
	const char *argv[] = { "XADD",
			       stream,
			       "*",
			       "v",
			       "1",
			       "id",
			       rec->id,
			       "rev",
			       rev,
			       "act",
			       acts[rec->state],
			       "sev",
			       sev,
			       "rule",
			       rec->rule,
			       "ev",
			       (const char *)json.p };
	enum { N = sizeof(argv) / sizeof(argv[0]) };
	size_t lengths[N];
	for (int i = 0; i < N - 1; i++)
		lengths[i] = strlen(argv[i]);
	lengths[N - 1] = json.n;
	r->filling.wanted++;
	return toc_redis_link_put(&r->link, N, argv, lengths);
}

/* Each route gets the copy that was made for it. */
static bool put_record(struct toc_redis *r, const struct toc_journal_record *rec)
{
	bool ok = true;
	for (unsigned i = 0; i < rec->ncopies; i++) {
		const struct toc_journal_copy *copy = &rec->copies[i];
		struct toc_span routes = toc_span_str(copy->routes);
		while (ok && routes.n) {
			size_t n = toc_span_find(routes, ',');
			ok = put_entry(r, rec, toc_span_first(routes, n), copy->json);
			routes = toc_span_from(routes, n + 1);
		}
	}
	return ok;
}

static bool is_full(const struct toc_redis *r)
{
	const struct redis_batch *b = &r->filling;
	return b->n == BATCH || (b->n && r->partly) || toc_redis_link_held(&r->link) >= BATCH_BYTES;
}

bool redis_fill(struct toc_redis *r, toc_time now)
{
	struct toc_journal_record rec;
	struct redis_batch *b = &r->filling;
	bool ok = true;
	if (r->stage == REDIS_UNDER_WAY && r->partly)
		return true; /* one at a time */
	if (b->n == 0) {
		*b = (struct redis_batch){ .end = r->stage == REDIS_UNDER_WAY ? r->going.end : r->next };
		toc_redis_link_hold(&r->link);
	}
	while (ok && !is_full(r) && toc_journal_read(r->journal, &b->end, &rec)) {
		if (b->n++ == 0) {
			ok = redis_asking(r, &b->wanted);
			b->before = b->wanted;
			ok = ok && redis_command(r, &b->wanted, "MULTI", NULL, NULL);
			b->until = now + GATHER_MS * TOC_MS;
		}
		ok = ok && put_record(r, &rec);
		r->count.resent += rec.next <= r->furthest;
		b->urgent = b->urgent || rec.severity >= URGENT;
	}
	return ok;
}

bool redis_ripe(const struct toc_redis *r, toc_time now)
{
	return r->filling.n && (r->filling.urgent || is_full(r) || now >= r->filling.until);
}

/*
 * What is urgent waits, 100 ms at most, for a replica to have it: where there is none WAIT would only cost these 100
 * ms. A short count is no failure: the journal has the record.
 */
bool redis_send(struct toc_redis *r)
{
	struct redis_batch *b = &r->filling;
	if (!redis_put_position(r, &b->wanted, b->end) || !redis_command(r, &b->wanted, "EXEC", NULL, NULL))
		return false;
	b->exec = b->wanted;
	if (b->urgent && r->replicas && !redis_command(r, &b->wanted, "WAIT", "1", "100"))
		return false;
	toc_redis_link_let_go(&r->link);
	r->furthest = b->end > r->furthest ? b->end : r->furthest;
	r->count.sent += b->n;
	r->going = r->doubtful = *b;
	*b = (struct redis_batch){ 0 };
	return true;
}
