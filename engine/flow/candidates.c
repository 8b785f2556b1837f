/* candidates - which decoders a flow may belong to: by carrier, and those that name one of its ports. */
#include <stdio.h>
#include <stdlib.h>

#include "flow/table.h"

struct port_hint {
	uint16_t port;
	uint8_t carrier; /* enum toc_carrier */
	uint8_t decoder;
};

static unsigned bit_of(enum toc_carrier carrier)
{
	return (unsigned)__builtin_ctz((unsigned)carrier);
}

static uint32_t place(enum toc_carrier carrier, uint16_t port)
{
	return (uint32_t)carrier << 16 | port;
}

static int by_port(const void *a, const void *b)
{
	const struct port_hint *x = a, *y = b;
	uint32_t p = place(x->carrier, x->port), q = place(y->carrier, y->port);
	return p != q ? (p > q) - (p < q) : (x->decoder > y->decoder) - (x->decoder < y->decoder);
}

static size_t add_ports(struct port_hint *out, const uint16_t *ports, enum toc_carrier carrier, unsigned decoder)
{
	size_t n = 0;
	for (; ports && ports[n]; n++)
		if (out)
			out[n] = (struct port_hint){ ports[n], (uint8_t)carrier, (uint8_t)decoder };
	return n;
}

/* Counts, or writes where out is given. */
static size_t gather(const struct toc_flows *f, struct port_hint *out)
{
	size_t n = 0;
	for (unsigned i = 0; i < f->ndecoders; i++) {
		const struct toc_decoder *d = f->decoders[i];
		n += add_ports(out ? out + n : NULL, d->tcp_ports, TOC_OVER_TCP, i);
		n += add_ports(out ? out + n : NULL, d->udp_ports, TOC_OVER_UDP, i);
	}
	return n;
}

static bool lists(const char *const *names, const char *name)
{
	while (names && *names && strcmp(*names, name) != 0)
		names++;
	return names && *names;
}

static bool leads_to_wanted(const struct toc_flows *f, const struct toc_decoder *d)
{
	if (lists(d->leads_to, "*"))
		return !decoder_set_empty(&f->candidates.wanted);
	for (unsigned i = 0; i < f->ndecoders; i++)
		if (candidates_wanted(f, i) && lists(d->leads_to, f->decoders[i]->name))
			return true;
	return false;
}

/* Fields on demand, a bit each. What was asked for is asked for as long as the process lasts. */
static void find_asked(struct toc_flows *f)
{
	char name[64];
	for (unsigned i = 0; i < f->ndecoders; i++) {
		const struct toc_decoder *d = f->decoders[i];
		for (unsigned k = 0; d->on_demand && d->on_demand[k] && k < TOC_ON_DEMAND; k++) {
			snprintf(name, sizeof(name), "%s.%s", d->name, d->fields[d->on_demand[k]].name);
			if (!f->config.wanted || lists(f->config.wanted, name))
				f->candidates.asked[i] |= UINT32_C(1) << k;
		}
	}
}

bool candidates_asked(const struct toc_flows *f, unsigned decoder, unsigned field)
{
	const uint16_t *fields = f->decoders[decoder]->on_demand;
	for (unsigned k = 0; fields && fields[k] && k < TOC_ON_DEMAND; k++)
		if (fields[k] == field)
			return f->candidates.asked[decoder] >> k & 1;
	return true;
}

/* Those named, and all who lead to them, over however many steps. */
static void find_wanted(struct toc_flows *f)
{
	struct decoder_set *wanted = &f->candidates.wanted;
	bool all = !f->config.wanted, more = true;
	bool files = lists(f->config.wanted, "files") || lists(f->config.wanted, "pe");
	find_asked(f);
	f->candidates.hashes = f->candidates.hashes || all || lists(f->config.wanted, "files");
	f->candidates.pe = f->candidates.pe || all || lists(f->config.wanted, "pe");
	toc_bodies_want(f->bodies, f->candidates.hashes, f->candidates.pe);
	for (unsigned i = 0; i < f->ndecoders; i++)
		if (!f->config.wanted || lists(f->config.wanted, f->decoders[i]->name) ||
		    (files && f->decoders[i]->bodies))
			decoder_set_add(wanted, i);
	while (more) {
		more = false;
		for (unsigned i = 0; i < f->ndecoders; i++)
			if (!decoder_set_has(wanted, i) && leads_to_wanted(f, f->decoders[i])) {
				decoder_set_add(wanted, i);
				more = true;
			}
	}
}

void toc_flows_want(struct toc_flows *f, const char *const *wanted)
{
	f->config.wanted = wanted;
	find_wanted(f);
}

bool candidates_new(struct toc_flows *f)
{
	struct candidates *c = &f->candidates;
	find_wanted(f);
	for (unsigned i = 0; i < f->ndecoders; i++)
		for (unsigned bit = 0; bit < sizeof(c->over) / sizeof(c->over[0]); bit++)
			if (f->decoders[i]->carriers >> bit & 1)
				decoder_set_add(&c->over[bit], i);
	c->nports = gather(f, NULL);
	c->ports = calloc(c->nports + 1, sizeof(*c->ports));
	if (!c->ports)
		return false;
	gather(f, c->ports);
	qsort(c->ports, c->nports, sizeof(*c->ports), by_port);
	return true;
}

void candidates_free(struct toc_flows *f)
{
	free(f->candidates.ports);
}

struct decoder_set candidates_over(const struct toc_flows *f, enum toc_carrier carrier)
{
	return f->candidates.over[bit_of(carrier)];
}

static void add_hints(const struct candidates *c, enum toc_carrier carrier, uint16_t port, struct decoder_set *out)
{
	size_t low = 0, high = c->nports;
	uint32_t wanted = place(carrier, port);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (place(c->ports[middle].carrier, c->ports[middle].port) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->nports && place(c->ports[low].carrier, c->ports[low].port) == wanted; low++)
		decoder_set_add(out, c->ports[low].decoder);
}

struct decoder_set candidates_hinted(const struct toc_flows *f, const struct flow *flow)
{
	enum toc_carrier carrier = flow->proto == TOC_IPPROTO_TCP ? TOC_OVER_TCP : TOC_OVER_UDP;
	struct decoder_set hinted = { { 0 } };
	add_hints(&f->candidates, carrier, flow->port[TOC_RESP], &hinted);
	add_hints(&f->candidates, carrier, flow->port[TOC_ORIG], &hinted);
	return decoder_set_and(hinted, &f->candidates.over[bit_of(carrier)]);
}
