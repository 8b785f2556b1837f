/* worker - the packet thread's loop. */
#include "app/worker.h"

#include <stdint.h>

enum { LOOK_EVERY = 256 }; /* turns between two looks at how full the queue is */
enum { TICK_EVERY = 512 }; /* frames without an event before the merge is told how far we are */

static void tally(struct toc_worker *w, const struct toc_frame *frame)
{
	w->counting.came += frame->came;
	w->counting.lost += frame->lost;
	if (frame->came || frame->lost)
		toc_feed_tally(&w->feed, frame->came, frame->lost);
}

static void publish(struct toc_worker *w)
{
	w->counting.events = w->feed.events;
	w->counting.too_large = w->feed.too_large;
	w->counting.decode = *toc_decode_count(w->decode);
	w->counting.flow = *toc_flows_count(w->flows);
	pthread_mutex_lock(&w->published_lock);
	w->published = w->counting;
	pthread_mutex_unlock(&w->published_lock);
}

void toc_worker_tally_read(const struct toc_worker *w, struct toc_worker_tally *out)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&w->published_lock; /* reading is no change */
	pthread_mutex_lock(lock);
	*out = w->published;
	pthread_mutex_unlock(lock);
}

void toc_worker_init(struct toc_worker *w)
{
	pthread_mutex_init(&w->published_lock, NULL);
}

/*
 * A frame with tunnels. A mirror may show one direction of a flow in a tunnel and the other bare, or each in a tunnel
 * of its own: what is carried goes by its ends alone, in the worker that has the bare packets with these ends. The
 * tunnels keep their paths: they, and what is no packet of a flow, are of the worker that the frame is spread to.
 */
static void take_shared(struct toc_worker *w, const struct toc_frame *frame, struct toc_packet *p)
{
	bool inside = !frame->elsewhere;
	if (w->apart && frame->elsewhere)
		return;
	if (!w->apart && p->outer && !p->tunnel && p->l3 == TOC_L3_IP && toc_spread_carries(frame)) {
		p->path = 0;
		if (w->sharers > 1)
			inside = toc_spread_pair(&p->src, &p->dst) % w->sharers == w->place;
	}
	toc_flows_shared(w->flows, p, !frame->elsewhere, inside);
}

static void work(struct toc_worker *w, const struct toc_frame *frame)
{
	struct toc_packet packet;
	const struct toc_wanted *wanted = atomic_load_explicit(w->wanted, memory_order_acquire);
	if (wanted != w->runs) {
		w->runs = wanted;
		toc_flows_want(w->flows, toc_wanted_names(wanted));
		if (w->packets)
			w->packets->wishes = toc_wanted_payloads(wanted);
	}
	if (w->packets)
		w->packets->frame = frame;
	w->feed.at = frame->at;
	w->feed.ordinal = frame->ordinal;
	tally(w, frame);
	enum toc_drop drop = toc_decode(w->decode, frame, &packet);
	if (drop == TOC_DROP_none && (packet.outer || frame->elsewhere))
		take_shared(w, frame, &packet);
	else if (drop == TOC_DROP_none)
		toc_flows_packet(w->flows, &packet);
	else if (!frame->elsewhere)
		toc_flows_dropped(w->flows, &packet);
}

/* Nothing before `at` will come: timers up to there run, and the merge may go on. */
static void idle(struct toc_worker *w, toc_time at, uint64_t ordinal)
{
	toc_flows_advance(w->flows, at);
	toc_feed_tick(&w->feed, at, ordinal + 1, 0);
}

/* At the end what has come before it is read, and no more: what comes meanwhile is for who is started next. */
static bool is_over(struct toc_worker *w, uint64_t *left)
{
	if (!atomic_load_explicit(w->stop, memory_order_relaxed))
		return false;
	if (*left == UINT64_MAX)
		*left = w->source->waiting ? w->source->waiting(w->source) : 0;
	return (*left)-- == 0;
}

void *toc_worker_run(void *arg)
{
	uint64_t left = UINT64_MAX; /* once it shall stop: frames to go */
	struct toc_worker *w = arg;
	struct toc_frame frame = { .at = 0 };
	unsigned quiet = 0;
	uint64_t turns = 0;
	enum toc_read got;
	toc_fence_enter(w->fences, TOC_ROLE_packets, w->number);
	for (;;) {
		uint64_t before = w->feed.events;
		atomic_store_explicit(&w->turns, ++turns, memory_order_relaxed);
		got = is_over(w, &left) ? TOC_READ_END : w->source->next(w->source, &frame);
		if (got == TOC_READ_IDLE && left != UINT64_MAX)
			got = TOC_READ_END;
		if (got == TOC_READ_END || got == TOC_READ_BROKEN)
			break;
		if (got == TOC_READ_FRAME)
			work(w, &frame);
		quiet = w->feed.events == before ? quiet + 1 : 0;
		if (got == TOC_READ_IDLE) {
			w->feed.at = frame.at;
			tally(w, &frame);
		}
		if (w->source->fill && (got == TOC_READ_IDLE || turns % LOOK_EVERY == 0))
			toc_shedding_step(&w->shedding, got == TOC_READ_IDLE ? 0 : w->source->fill(w->source), frame.at,
					  w->decode, w->flows);
		if (got == TOC_READ_IDLE || turns % TICK_EVERY == 0)
			publish(w);
		if (got == TOC_READ_IDLE || quiet >= TICK_EVERY) {
			idle(w, frame.at, frame.ordinal);
			quiet = 0;
		}
	}
	w->ended = got;
	/* one nanosecond later, so that what ends now is ordered after what the last frame caused */
	w->feed.at = frame.at + 1;
	toc_flows_finish(w->flows, frame.at + 1);
	toc_feed_tick(&w->feed, frame.at + 1, UINT64_MAX, TOC_EVENT_END);
	publish(w);
	atomic_store_explicit(&w->turns, TOC_TURNS_ENDED, memory_order_relaxed);
	return NULL;
}

void toc_worker_free(struct toc_worker *w)
{
	toc_decode_free(w->decode);
	toc_flows_free(w->flows);
	toc_wire_syslog_free(&w->syslog);
	pthread_mutex_destroy(&w->published_lock);
}
