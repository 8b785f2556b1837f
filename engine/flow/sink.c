/* sink - the engine's services to decoders: events, held events, names, oddities, bodies. */
#include <stdlib.h>

#include "flow/table.h"

struct toc_flows *flows_of(struct toc_sink *sink)
{
	return (struct toc_flows *)(void *)((uint8_t *)sink - offsetof(struct toc_flows, sink));
}

void sink_enter(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, toc_time ts)
{
	f->now = flow;
	f->message_decoder = 0;
	f->info = (struct toc_flow_info){ flow->addr[TOC_ORIG],
					  flow->addr[TOC_RESP],
					  flow->port[TOC_ORIG],
					  flow->port[TOC_RESP],
					  flow->proto == TOC_IPPROTO_TCP ? TOC_OVER_TCP : TOC_OVER_UDP,
					  p,
					  flow->first };
	f->sink.ts = ts;
}

void flow_emit(struct toc_flows *f, struct toc_draft *d)
{
	const char *service = enrich_event(&f->enrich, d);
	if (service && f->now && f->now->session)
		toc_sink_confirm(&f->sink, service);
	d->head.index = f->depth << TOC_INDEX_BITS;
	f->emit->event(f->emit, d);
}

static unsigned decoder_index(const struct toc_flows *f)
{
	return f->message_decoder ? f->message_decoder - 1 : f->now->session->decoder_index;
}

static struct toc_draft *begin(struct toc_sink *sink, unsigned kind)
{
	struct toc_flows *f = flows_of(sink);
	struct toc_draft *d = &f->draft;
	toc_draft_begin(d, f->maps[decoder_index(f)], kind);
	d->head.at = f->at;
	d->head.ordinal = f->ordinal;
	d->head.ts = sink->ts;
	if (!f->now)
		return d;
	d->head.uid = f->now->uid;
	/* the same four fields for every kind, by the engine's own ids */
	const toc_field *map = d->map;
	d->map = f->id_map;
	toc_put_ip(d, 0, &f->now->addr[TOC_ORIG]);
	toc_put_uint(d, 1, f->now->port[TOC_ORIG]);
	toc_put_ip(d, 2, &f->now->addr[TOC_RESP]);
	toc_put_uint(d, 3, f->now->port[TOC_RESP]);
	d->map = map;
	return d;
}

/* Nobody uses the events of the decoder that runs: only the service's name is asked for. */
static bool unwanted(const struct toc_flows *f)
{
	return !candidates_wanted(f, decoder_index(f));
}

static bool asks(struct toc_sink *sink, unsigned field)
{
	struct toc_flows *f = flows_of(sink);
	return !unwanted(f) && candidates_asked(f, decoder_index(f), field);
}

static void commit(struct toc_sink *sink, struct toc_draft *d)
{
	struct toc_flows *f = flows_of(sink);
	if (!unwanted(f))
		flow_emit(f, d);
}

static void drop_first_held(struct toc_flows *f, struct session *s)
{
	struct held *h = s->held;
	s->held = h->next;
	if (!s->held)
		s->held_end = &s->held;
	s->nheld--;
	f->held_bytes -= h->size;
	free(h);
}

/* Emits the oldest held event as it stands. */
static void emit_first_held(struct toc_flows *f, struct flow *flow, toc_time at, uint64_t ordinal)
{
	struct session *s = flow->session;
	toc_draft_reopen(&f->body_draft, f->maps[s->decoder_index],
			 (const struct toc_event *)(const void *)s->held->record);
	f->body_draft.head.at = at;
	f->body_draft.head.ordinal = ordinal;
	drop_first_held(f, s);
	flow_emit(f, &f->body_draft);
}

static void hold(struct toc_sink *sink, struct toc_draft *d, uint64_t key)
{
	struct toc_flows *f = flows_of(sink);
	struct session *s = f->now->session;
	if (unwanted(f))
		return;
	size_t size = toc_draft_size(d);
	toc_time wait = f->decoders[s->decoder_index]->hold_ns;
	while (s->nheld && (s->nheld >= f->config.held_flow || f->held_bytes + size > f->config.held_bytes)) {
		f->count.held_early++;
		emit_first_held(f, f->now, f->at, f->ordinal);
	}
	struct held *h = f->held_bytes + size > f->config.held_bytes ? NULL : malloc(sizeof(*h) + size);
	if (!h) {
		f->count.held_early++;
		flow_emit(f, d);
		return;
	}
	*h = (struct held){ .key = key,
			    .kind = d->head.kind,
			    .size = (uint32_t)size,
			    .until = wait ? f->now->seen + wait : TOC_NEVER };
	toc_draft_seal(d, h->record);
	*s->held_end = h;
	s->held_end = &h->next;
	s->nheld++;
	f->held_bytes += size;
}

static struct toc_draft *resume(struct toc_sink *sink, unsigned kind, uint64_t key)
{
	struct toc_flows *f = flows_of(sink);
	struct session *s = f->now->session;
	const toc_field *map = f->maps[s->decoder_index];
	for (struct held **at = &s->held; *at; at = &(*at)->next) {
		struct held *h = *at;
		if (h->key != key || h->kind != map[kind])
			continue;
		toc_draft_reopen(&f->draft, map, (const struct toc_event *)(const void *)h->record);
		f->draft.head.at = f->at;
		f->draft.head.ordinal = f->ordinal;
		*at = h->next;
		if (!h->next)
			s->held_end = at;
		s->nheld--;
		f->held_bytes -= h->size;
		free(h);
		return &f->draft;
	}
	return NULL;
}

toc_time held_deadline(const struct session *s)
{
	return s->held->until; /* they wait equally long: the first is due first */
}

void held_emit_due(struct toc_flows *f, struct flow *flow, toc_time at, bool all)
{
	struct session *s = flow->session;
	while (s->held && (all || s->held->until <= at))
		emit_first_held(f, flow, all ? f->at : s->held->until, all ? f->ordinal : flow->ordinal);
}

static void confirm(struct toc_sink *sink, const char *service)
{
	struct toc_flows *f = flows_of(sink);
	const char *name = service ? service : f->decoders[decoder_index(f)]->name;
	if (f->message_decoder) {
		if (f->now)
			f->now->message_service = name;
		return;
	}
	struct session *s = f->now->session;
	size_t n = strlen(name), used = strlen(s->service);
	s->confirmed = true;
	for (const char *at = s->service; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, name, n) == 0 && (at[n] == ',' || !at[n]))
			return;
	if (used + n + 2 > sizeof(s->service))
		return;
	if (used)
		s->service[used++] = ',';
	memcpy(s->service + used, name, n + 1);
}

static void emit_of_body(struct toc_flows *f)
{
	f->body_draft.head.at = f->at;
	f->body_draft.head.ordinal = f->ordinal;
	flow_emit(f, &f->body_draft);
}

static void body_close(struct toc_sink *sink, enum toc_dir dir, struct toc_body_summary *out)
{
	struct toc_flows *f = flows_of(sink);
	struct toc_body **body = &f->now->session->bodies[dir];
	if (out)
		*out = (struct toc_body_summary){ .mime = NULL };
	if (!*body)
		return;
	if (toc_body_program(f->bodies, *body, &f->body_draft))
		emit_of_body(f);
	if (toc_body_end(f->bodies, *body, sink->ts, &f->body_draft, out))
		emit_of_body(f);
	*body = NULL;
}

static void body_open(struct toc_sink *sink, enum toc_dir dir, const char *source, struct toc_span name,
		      uint64_t expected)
{
	struct toc_flows *f = flows_of(sink);
	body_close(sink, dir, NULL);
	if (unwanted(f))
		return;
	struct session *s = f->now->session;
	const struct toc_body_info info = {
		f->now->uid, &f->info, dir, source, name, expected, sink->ts, s->nbodies++
	};
	s->bodies[dir] = toc_body_new(f->bodies, &info);
	f->count.bodies++;
}

static void body_coding(struct toc_sink *sink, enum toc_dir dir, enum toc_coding coding)
{
	struct toc_flows *f = flows_of(sink);
	toc_body_set_coding(f->bodies, f->now->session->bodies[dir], coding);
}

static void body_data(struct toc_sink *sink, enum toc_dir dir, struct toc_span bytes)
{
	struct toc_flows *f = flows_of(sink);
	struct toc_body *b = f->now->session->bodies[dir];
	if (f->shed && b && shed_body(f, b, bytes))
		toc_body_shed(b, bytes.n, sink->ts);
	else
		toc_body_feed(b, bytes, sink->ts);
}

static void body_gap(struct toc_sink *sink, enum toc_dir dir, uint64_t n)
{
	toc_body_lost(flows_of(sink)->now->session->bodies[dir], n);
}

static uint64_t body_place(struct toc_sink *sink, enum toc_dir dir, uint64_t at, struct toc_span bytes)
{
	struct toc_flows *f = flows_of(sink);
	struct toc_body *b = f->now->session->bodies[dir];
	if (f->shed && b && shed_body(f, b, bytes))
		toc_body_shed(b, 0, sink->ts); /* from here on: what is placed is passed over */
	return toc_body_place(b, at, bytes, sink->ts);
}

void session_close_bodies(struct toc_flows *f, struct flow *flow)
{
	(void)flow;
	body_close(&f->sink, TOC_ORIG, NULL);
	body_close(&f->sink, TOC_RESP, NULL);
}

bool may_hand_on(struct toc_flows *f, const char *decoder)
{
	bool may = toc_decoder_leads_to(f->decoders[decoder_index(f)], decoder);
	f->count.unnamed += !may;
	return may;
}

static void child(struct toc_sink *sink, const char *decoder)
{
	struct session *s = flows_of(sink)->now->session;
	if (!may_hand_on(flows_of(sink), decoder))
		return;
	s->child = true;
	s->child_name = decoder;
}

static void expect(struct toc_sink *sink, const struct toc_addr *host, uint16_t port, const char *decoder)
{
	struct toc_flows *f = flows_of(sink);
	unsigned i = 0, kept = 0;
	if (!may_hand_on(f, decoder))
		return;
	toc_time now = f->now->seen;
	for (unsigned e = 0; e < f->nexpected; e++)
		if (f->expected[e].until >= now)
			f->expected[kept++] = f->expected[e];
	f->nexpected = kept;
	while (i < f->ndecoders && strcmp(f->decoders[i]->name, decoder) != 0)
		i++;
	if (i == f->ndecoders)
		return;
	if (f->nexpected == TOC_EXPECTED) {
		f->count.expected_full++;
		return;
	}
	f->expected[f->nexpected++] = (struct expected){ *host, port, now + 5 * TOC_MIN, i };
}

static bool line(struct toc_sink *sink, enum toc_dir from, struct toc_span text, bool truncated)
{
	struct toc_flows *f = flows_of(sink);
	struct toc_wire_lines *lines = f->config.lines;
	const struct toc_wire_line what = { text, truncated, f->depth << TOC_INDEX_BITS, f->now->uid, &f->info, from };
	return lines && lines->take(lines, &what);
}

const struct toc_sink_ops flow_sink_ops = { .begin = begin,
					    .commit = commit,
					    .hold = hold,
					    .resume = resume,
					    .confirm = confirm,
					    .weird = weird_tell,
					    .body_open = body_open,
					    .body_data = body_data,
					    .body_gap = body_gap,
					    .body_place = body_place,
					    .body_close = body_close,
					    .child = child,
					    .expect = expect,
					    .body_coding = body_coding,
					    .inner = inner_bytes,
					    .inner_gap = inner_gap,
					    .inner_close = inner_close,
					    .memory = memory_cell,
					    .forget = memory_forget,
					    .memory_oldest = memory_oldest,
					    .tunnel = tunnel_by_decoder,
					    .line = line,
					    .asks = asks };
