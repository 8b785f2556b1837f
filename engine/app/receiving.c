/* receiving - a poll loop with ticks. */
#include "app/receiving.h"

enum { POLL_MS = 50, ROOM = 128 << 10 /* more than a line becomes */ };

/* A peer's name is looked at once a minute: most lines are of few. */
static void see_claim(struct toc_receiving *r, const struct toc_received *got, struct toc_span host, bool relay)
{
	const struct toc_claim claim = { .host = host, .peer = got->peer, .at = r->feed.at, .relay = relay };
	uint64_t hash = toc_hash_mix(toc_hash_fixed(host.p, host.n), toc_hash_fixed(got->peer.b, sizeof(got->peer.b)));
	hash = toc_hash_mix(hash, (uint64_t)(r->feed.at / TOC_MIN) << 1 | relay);
	if (r->right[hash % TOC_CLAIMED] == hash)
		return;
	r->right[hash % TOC_CLAIMED] = hash;
	toc_claims_see(r->claims, &claim, &r->feed.emit);
}

void toc_receiving_take(struct toc_line_taker *self, const struct toc_received *got)
{
	struct toc_receiving *r = (struct toc_receiving *)self;
	r->feed.ordinal = ++r->count;
	const toc_time at = toc_steady_stamp(r->steady, got->at, r->feed.at);
	if (at > r->feed.at)
		r->feed.at = at; /* a clock that is set back does not turn the stream back */
	struct toc_line line = { .text = got->text,
				 .at = r->feed.at,
				 .ordinal = r->count,
				 .peer = got->peer,
				 .has_peer = got->has_peer,
				 .truncated = got->truncated,
				 .source_hint = got->source_hint };
	bool relay = r->relay[got->source_hint];
	struct toc_lines *lines = relay ? r->relayed : r->direct;
	uint64_t empty = toc_lines_count(lines)->empty;
	toc_lines_take(lines, &line);
	if (toc_lines_count(lines)->empty != empty)
		return;
	toc_sources_note(r->sources, got, toc_lines_last(lines), relay);
	if (r->claims && got->has_peer)
		see_claim(r, got, toc_lines_last(lines)->host, relay);
}

bool toc_receiving_room(struct toc_line_taker *self)
{
	const struct toc_receiving *r = (const struct toc_receiving *)self;
	size_t max = toc_ring_max(r->feed.ring) & ~(size_t)7;
	/* reserved, and forgotten by the next reservation */
	return toc_ring_reserve(r->feed.ring, max < ROOM ? max : ROOM) != NULL;
}

static void tick(struct toc_receiving *r)
{
	toc_time at = toc_steady_now(r->steady);
	if (at > r->feed.at)
		r->feed.at = at;
	if (r->flooders && toc_flooders_due(r->flooders, r->feed.at)) {
		r->feed.ordinal = ++r->count;
		toc_flooders_look(r->flooders, r->receiver, &r->feed);
	}
	toc_feed_tick(&r->feed, r->feed.at, r->count + 1, 0);
}

void *toc_receiving_run(void *arg)
{
	struct toc_receiving *r = arg;
	uint64_t turns = 0;
	toc_fence_enter(r->fences, TOC_ROLE_lines, r->number);
	while (!atomic_load_explicit(r->stop, memory_order_relaxed) && toc_receiver_poll(r->receiver, POLL_MS) >= 0) {
		atomic_store_explicit(&r->turns, ++turns, memory_order_relaxed);
		tick(r);
	}
	toc_receiver_drain(r->receiver);
	toc_feed_tick(&r->feed, r->feed.at + 1, UINT64_MAX, TOC_EVENT_END);
	atomic_store_explicit(&r->turns, TOC_TURNS_ENDED, memory_order_relaxed);
	return NULL;
}

void toc_receiving_free(struct toc_receiving *r)
{
	toc_receiver_free(r->receiver);
	toc_sources_free(r->sources);
	toc_flooders_free(r->flooders);
	toc_lines_free(r->direct);
	toc_lines_free(r->relayed);
}
