/* weird - oddities with stable names, told once a flow; or once in ten minutes for a pair of hosts without a flow. */
#include <stdlib.h>

#include "flow/table.h"

enum { WEIRDS = 8 };

static const toc_time pair_again = 10 * TOC_MIN;

static const char *const names[] = {
#define WEIRD(id, name) name,
#include "flow/weird.def"
#undef WEIRD
};
_Static_assert(FLOW_WEIRDS <= 32, "a bit each in struct flow");

/* What was told of two hosts: the key stands first. */
struct told {
	uint64_t name;
	struct toc_addr src, dst;
	toc_time until;
};

struct toc_lru *weird_table(const struct toc_hash_key *key)
{
	enum { PAIRS = 8192 };
	return toc_lru_new(offsetof(struct told, until), sizeof(struct told), PAIRS, key, NULL, NULL);
}

static struct toc_draft *begin(struct toc_flows *f)
{
	struct toc_draft *d = &f->body_draft; /* a decoder may be filling the other */
	f->count.weirds++;
	toc_draft_begin(d, f->map, EV_WEIRD);
	d->head.at = f->at;
	d->head.ordinal = f->ordinal;
	return d;
}

static void emit_of_flow(struct toc_flows *f, const struct flow *flow, toc_time ts, const char *name)
{
	struct toc_draft *d = begin(f);
	d->head.ts = ts;
	d->head.uid = flow->uid;
	flow_put_ends(flow, d, FW_ORIG_H);
	toc_put_cstr(d, FW_NAME, name);
	flow_emit(f, d);
}

bool told_of_pair(struct toc_flows *f, uint64_t name, const struct toc_addr pair[2], toc_time at, toc_time again)
{
	const struct told key = { .name = name, .src = pair[0], .dst = pair[1] };
	bool fresh;
	struct told *t = toc_lru_add(f->weirds, &key, &fresh);
	if (!fresh && t->until > at)
		return true;
	t->until = at + again;
	return false;
}

static void of_pair(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p, const char *name)
{
	const struct toc_addr pair[2] = { p->src, p->dst };
	if (told_of_pair(f, toc_hash_fixed(name, strlen(name)), pair, p->at, pair_again))
		return;
	if (flow) {
		emit_of_flow(f, flow, p->ts, name);
		return;
	}
	struct toc_draft *d = begin(f);
	d->head.ts = p->ts;
	if (p->l3 == TOC_L3_IP) {
		toc_put_ip(d, FW_ORIG_H, &p->src);
		toc_put_ip(d, FW_RESP_H, &p->dst);
	}
	toc_put_cstr(d, FW_NAME, name);
	flow_emit(f, d);
}

void weird_packet(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p)
{
	if (p->weird)
		of_pair(f, flow, p, p->weird);
}

void weird_flow(struct toc_flows *f, struct flow *flow, enum flow_weird what)
{
	if (flow->weirds >> what & 1)
		return;
	flow->weirds |= UINT32_C(1) << what;
	emit_of_flow(f, flow, f->sink.ts, names[what]);
}

void weird_tell(struct toc_sink *sink, const char *name)
{
	struct toc_flows *f = flows_of(sink);
	if (f->message_decoder) {
		of_pair(f, f->now, f->info.packet, name);
		return;
	}
	struct session *s = f->now->session;
	uint64_t hash = toc_hash_fixed(name, strlen(name));
	for (unsigned i = 0; i < s->nweirds; i++)
		if (s->weirds[i] == hash)
			return;
	if (!s->weirds)
		s->weirds = calloc(WEIRDS, sizeof(*s->weirds));
	if (!s->weirds || s->nweirds == WEIRDS)
		return;
	s->weirds[s->nweirds++] = hash;
	emit_of_flow(f, f->now, sink->ts, name);
}
