/* timer - a wheel of flows: coarse slots, exact order of firing. */
#include <stdlib.h>

#include "flow/table.h"

enum { SLOT_BITS = 27 }; /* 134 ms; the wheel goes round in 18 minutes, later deadlines are looked at once a round */

static int64_t slot_of(toc_time at)
{
	return at >> SLOT_BITS;
}

void timer_init(struct toc_flows *f)
{
	for (unsigned i = 0; i < TOC_WHEEL; i++)
		f->wheel[i] = TOC_NONE_INDEX;
	f->wheel_at = INT64_MIN;
}

/* What the present slot holds, as a heap: firing one may make it due again before the others. */
struct due {
	toc_time due;
	uint64_t ordinal;
	int32_t flow;
	unsigned depth;
};

static bool sooner(const struct due *a, const struct due *b)
{
	if (a->due != b->due)
		return a->due < b->due;
	return a->ordinal != b->ordinal ? a->ordinal < b->ordinal : a->depth < b->depth;
}

static void heap_push(struct toc_flows *f, int32_t i)
{
	struct due new = { f->flows[i].due, f->flows[i].ordinal, i, f->flows[i].depth };
	if (f->heap_n == f->heap_room) {
		f->heap_room = f->heap_room ? 2 * f->heap_room : 256;
		f->heap = realloc(f->heap, f->heap_room * sizeof(*f->heap));
		if (!f->heap)
			abort(); /* bounded by the table and a packet each; without it flows would never end */
	}
	uint32_t at = f->heap_n++;
	for (; at && sooner(&new, &f->heap[(at - 1) / 2]); at = (at - 1) / 2)
		f->heap[at] = f->heap[(at - 1) / 2];
	f->heap[at] = new;
}

static struct due heap_pop(struct toc_flows *f)
{
	struct due top = f->heap[0], last = f->heap[--f->heap_n];
	uint32_t at = 0;
	for (uint32_t child; (child = 2 * at + 1) < f->heap_n; at = child) {
		if (child + 1 < f->heap_n && sooner(&f->heap[child + 1], &f->heap[child]))
			child++;
		if (!sooner(&f->heap[child], &last))
			break;
		f->heap[at] = f->heap[child];
	}
	f->heap[at] = last;
	return top;
}

void timer_disarm(struct toc_flows *f, struct flow *flow)
{
	if (flow->slot == TOC_NONE_INDEX)
		return;
	*(flow->slot_prev == TOC_NONE_INDEX ? &f->wheel[flow->slot] : &f->flows[flow->slot_prev].slot_next) =
		flow->slot_next;
	if (flow->slot_next != TOC_NONE_INDEX)
		f->flows[flow->slot_next].slot_prev = flow->slot_prev;
	flow->slot = TOC_NONE_INDEX;
	f->armed--;
}

void timer_arm(struct toc_flows *f, struct flow *flow, toc_time due)
{
	int64_t slot = slot_of(due);
	timer_disarm(f, flow);
	if (slot <= f->wheel_slot)
		slot = f->wheel_slot;
	else if (slot >= f->wheel_slot + TOC_WHEEL)
		slot = f->wheel_slot + TOC_WHEEL - 1;
	int32_t i = flow_index(f, flow), *head = &f->wheel[slot & (TOC_WHEEL - 1)];
	flow->due = due;
	flow->slot = (int32_t)(slot & (TOC_WHEEL - 1));
	flow->slot_prev = TOC_NONE_INDEX;
	flow->slot_next = *head;
	if (*head != TOC_NONE_INDEX)
		f->flows[*head].slot_prev = i;
	*head = i;
	f->armed++;
	if (slot == f->wheel_slot && f->slot_open)
		heap_push(f, i);
}

/* The slot that time has come to: each flow in it goes to the heap once, however often the clock moves within it. */
static void open_slot(struct toc_flows *f)
{
	if (f->slot_open)
		return;
	f->slot_open = true;
	for (int32_t i = f->wheel[f->wheel_slot & (TOC_WHEEL - 1)], next; i != TOC_NONE_INDEX; i = next) {
		struct flow *flow = &f->flows[i];
		next = flow->slot_next;
		if (slot_of(flow->due) > f->wheel_slot)
			timer_arm(f, flow, flow->due); /* it was too far away to be put exactly */
		else
			heap_push(f, i);
	}
}

static void close_slot(struct toc_flows *f, int64_t next)
{
	f->heap_n = 0;
	f->slot_open = false;
	f->wheel_slot = next;
}

/* Fires what is due up to `at`, in the order of (due, ordinal, depth). What was armed anew, disarmed, or ended in the
 * meantime is not what the heap remembers. */
static void fire(struct toc_flows *f, toc_time at)
{
	open_slot(f);
	while (f->heap_n && f->heap[0].due <= at) {
		struct due d = heap_pop(f);
		struct flow *flow = &f->flows[d.flow];
		if (flow->slot == (int32_t)(f->wheel_slot & (TOC_WHEEL - 1)) && flow->due == d.due &&
		    flow->ordinal == d.ordinal)
			flow_due(f, flow, d.due);
	}
}

void timer_run(struct toc_flows *f, toc_time at)
{
	if (f->wheel_at == INT64_MIN)
		close_slot(f, slot_of(at));
	else if (at < f->wheel_at)
		return;
	int64_t last = slot_of(at);
	f->wheel_at = at;
	while (f->wheel_slot < last && f->armed) {
		fire(f, at);
		close_slot(f, f->wheel_slot + 1);
	}
	if (f->wheel_slot < last)
		close_slot(f, last);
	if (f->armed)
		fire(f, at);
}
