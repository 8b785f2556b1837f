/* flows - making and freeing the stage. */
#include <stdlib.h>

#include "base/digest.h"
#include "flow/table.h"

/* Ports that tell who serves when a capture begins in the middle; beside the decoders' own. */
static const uint16_t tcp_servers[] = { 20,   21,   22,	  23,	25,   53,   80,	  81,	88,   110,  111,
					135,  139,  143,  389,	443,  445,  465,  514,	563,  585,  587,
					614,  631,  636,  802,	853,  989,  990,  992,	993,  995,  1080,
					1434, 1883, 2811, 3128, 3268, 3306, 3389, 5060, 5223, 5432, 5900,
					6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000 };
static const uint16_t udp_servers[] = { 53,  67,   69,	88,   111,  123,  137,	161,  162,  389,  443,	514, 547,
					784, 1812, 853, 2152, 2123, 3389, 3544, 4789, 5060, 5353, 5355, 6081 };

static void mark(uint8_t *map, unsigned base, const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		map[(base + ports[i]) / 8] |= (uint8_t)(1u << ports[i] % 8);
}

/* Ports of clients alone: DHCP (RFC 2131, RFC 8415). A decoder's hint makes no server of them. */
static void unmark_clients(uint8_t *map)
{
	enum { UDP = 65536, DHCP = 68, DHCP6 = 546 };
	map[(UDP + DHCP) / 8] &= (uint8_t) ~(1u << DHCP % 8);
	map[(UDP + DHCP6) / 8] &= (uint8_t) ~(1u << DHCP6 % 8);
}

static size_t count_ports(const uint16_t *ports)
{
	size_t n = 0;
	while (ports && ports[n])
		n++;
	return n;
}

static void apply_defaults(struct toc_flow_config *c)
{
	if (!c->flows)
		c->flows = 1048576;
	if (!c->stream_bytes)
		c->stream_bytes = (size_t)128 << 20;
	if (!c->stream_flow_bytes)
		c->stream_flow_bytes = (size_t)1 << 20;
	if (!c->held_bytes)
		c->held_bytes = (size_t)64 << 20;
	if (!c->held_flow)
		c->held_flow = 64;
	if (!c->shed_large)
		c->shed_large = 1000000;
	if (!c->shed_first)
		c->shed_first = 65536;
}

static bool add_decoders(struct toc_flows *f, struct toc_intern *names)
{
	for (; f->decoders[f->ndecoders]; f->ndecoders++) {
		const struct toc_decoder *d = f->decoders[f->ndecoders];
		toc_field *map = f->ndecoders < TOC_DECODERS ? calloc(d->nfields + 1, sizeof(*map)) : NULL;
		if (!map)
			return false;
		toc_intern_decls(names, d->fields, d->nfields, map);
		f->maps[f->ndecoders] = map;
		mark(f->server_ports, 0, d->tcp_ports, count_ports(d->tcp_ports));
		mark(f->server_ports, 65536, d->udp_ports, count_ports(d->udp_ports));
	}
	return true;
}

struct toc_flows *toc_flows_new(const struct toc_flow_config *config, const struct toc_decoder *const *decoders,
				struct toc_intern *names, const struct toc_hash_key *key, struct toc_emit *emit)
{
	static const char *const ids[4] = { "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p" };
	struct toc_flows *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->config = *config;
	apply_defaults(&f->config);
	f->decoders = decoders;
	f->emit = emit;
	f->key = *key;
	f->sink = (struct toc_sink){ .ops = &flow_sink_ops, .flow = &f->info };
	f->free = f->oldest = f->newest = f->hand = TOC_NONE_INDEX;
	timer_init(f);
	f->server_ports = calloc(2, 65536 / 8);
	f->weirds = weird_table(key);
	f->bodies = toc_bodies_new(names, 65536);
	f->sha1 = toc_sha1_new();
	enrich_init(&f->enrich, config->psl, names);
	toc_intern_decls(names, toc_flow_fields, toc_flow_nfields, f->map);
	for (unsigned i = 0; i < 4; i++)
		f->id_map[i] = toc_intern_add(names, toc_span_str(ids[i]));
	if (!f->server_ports || !f->weirds || !f->bodies || !add_decoders(f, names) || !candidates_new(f)) {
		toc_flows_free(f);
		return NULL;
	}
	mark(f->server_ports, 0, tcp_servers, sizeof(tcp_servers) / sizeof(tcp_servers[0]));
	mark(f->server_ports, 65536, udp_servers, sizeof(udp_servers) / sizeof(udp_servers[0]));
	unmark_clients(f->server_ports);
	return f;
}

/* A flow's session without a word to anybody: the owner ends the stage in the middle. */
static void discard(struct toc_flows *f, struct flow *flow)
{
	struct session *s = flow->session;
	if (s)
		inner_discard_all(f, flow);
	for (unsigned dir = 0; s && dir < 2; dir++)
		if (s->bodies[dir])
			toc_body_end(f->bodies, s->bodies[dir], 0, &f->body_draft, NULL);
	while (s && s->held) {
		struct held *next = s->held->next;
		free(s->held);
		s->held = next;
	}
	if (s)
		session_parse_done(f, flow, TOC_END_INPUT);
}

void toc_flows_free(struct toc_flows *f)
{
	if (!f)
		return;
	for (int32_t i = f->oldest; i != TOC_NONE_INDEX; i = f->flows[i].newer) {
		discard(f, &f->flows[i]);
		free(f->flows[i].parents);
	}
	for (unsigned i = 0; i < TOC_DECODERS; i++)
		free(f->maps[i]);
	candidates_free(f);
	recent_free_all(f);
	toc_lru_free(f->weirds);
	toc_bodies_free(f->bodies);
	toc_sha1_free(f->sha1);
	free(f->server_ports);
	free(f->flows);
	free(f->buckets);
	free(f->heap);
	free(f);
}

const struct toc_flow_counters *toc_flows_count(const struct toc_flows *f)
{
	return &f->count;
}
