/* rig - the flow stage alone, fed with packet views; its events as lines of JSON. */
#ifndef UNIT_FLOW_RIG_H
#define UNIT_FLOW_RIG_H

#include "base/intern.h"
#include "event/json.h"
#include "flow/flow.h"

struct rig {
	struct toc_emit emit;
	struct toc_intern *names;
	struct toc_flows *flows;
	uint64_t ordinal;
	unsigned nevents;
	size_t n, room;
	char *text;
};

static inline void rig_take(struct toc_emit *self, struct toc_draft *d)
{
	struct rig *r = (struct rig *)self;
	struct toc_event *ev = toc_draft_seal(d, aligned_alloc(8, toc_draft_size(d)));
	size_t bound = toc_json_bound(ev, r->names) + 3;
	if (r->n + bound > r->room) {
		r->room = 2 * (r->n + bound);
		r->text = realloc(r->text, r->room);
	}
	r->n += toc_json_event(ev, r->names, r->text + r->n);
	memcpy(r->text + r->n, "}\n", 3);
	r->n += 2;
	r->nevents++;
	free(ev);
}

static inline struct rig *rig_new(const struct toc_flow_config *config, const struct toc_decoder *const *decoders)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	r->emit.event = rig_take;
	r->names = toc_intern_new();
	r->text = calloc(1, r->room = 4096);
	r->flows = toc_flows_new(config, decoders, r->names, &key, &r->emit);
	return r;
}

static inline void rig_free(struct rig *r)
{
	toc_flows_free(r->flows);
	toc_intern_free(r->names);
	free(r->text);
	free(r);
}

static inline void rig_packet(struct rig *r, struct toc_packet *p)
{
	p->ordinal = ++r->ordinal;
	p->ts = p->ts ? p->ts : p->at;
	toc_flows_packet(r->flows, p);
}

static inline struct toc_addr rig_addr(const char *text)
{
	struct toc_addr a = { { 0 } };
	toc_addr_parse(toc_span_str(text), &a);
	return a;
}

/* How often a text stands in what was emitted. Without strstr: ASan measures all that is left at each call. */
static inline unsigned rig_count(const struct rig *r, const char *what)
{
	const size_t size = strlen(what);
	unsigned n = 0;
	for (size_t at = 0; at + size <= r->n; at++)
		n += r->text[at] == *what && memcmp(r->text + at, what, size) == 0;
	return n;
}

#endif
