/* harness_sink - the writing-down sink: what a decoder asks of its flow, as words. */
#include "harness_trial.h"

void *trial_must(void *p)
{
	if (!p)
		abort();
	return p;
}

static char *room(struct trial *t, size_t n)
{
	t = t->root;
	if (t->text_n + n + 1 > t->text_room) {
		t->text_room = 2 * (t->text_n + n + 1);
		t->text = trial_must(realloc(t->text, t->text_room));
	}
	return t->text + t->text_n;
}

void trial_note(struct trial *t, const char *what, const char *value)
{
	char *out = room(t, strlen(what) + strlen(value) + 16);
	t = t->root;
	t->text_n += (size_t)sprintf(out, "{\"%s\":\"%s\"}\n", what, value);
}

static struct trial *of(struct toc_sink *sink)
{
	return (struct trial *)sink;
}

void trial_emit(struct trial *t, const struct toc_event *ev)
{
	t = t->root;
	char *out = room(t, toc_json_bound(ev, t->names) + 3);
	size_t n = toc_json_event(ev, t->names, out);
	t->text_n += n;
	memcpy(t->text + t->text_n, "}\n", 3);
	t->text_n += 2;
	t->events = trial_must(realloc(t->events, (t->nevents + 1) * sizeof(*t->events)));
	struct toc_event *copy = trial_must(malloc(ev->size));
	memcpy(copy, ev, ev->size);
	t->events[t->nevents++] = copy;
}

static struct toc_event *seal(struct toc_draft *d)
{
	return toc_draft_seal(d, trial_must(aligned_alloc(8, toc_draft_size(d))));
}

static struct toc_draft *begin(struct toc_sink *sink, unsigned kind)
{
	struct trial *t = of(sink);
	toc_draft_begin(&t->draft, t->map, kind);
	t->draft.head.ts = sink->ts;
	return &t->draft;
}

static void commit(struct toc_sink *sink, struct toc_draft *d)
{
	struct toc_event *ev = seal(d);
	trial_emit(of(sink), ev);
	free(ev);
}

void trial_release(struct trial *t, unsigned i)
{
	free(t->held[i].ev);
	memmove(&t->held[i], &t->held[i + 1], (t->nheld - i - 1) * sizeof(t->held[0]));
	t->nheld--;
}

/* One message a call: no flow to hold anything for, and nothing that ends. */
bool trial_has_flow(const struct trial *t)
{
	return t->flow.carrier & (TOC_OVER_TCP | TOC_OVER_UDP | TOC_OVER_INNER);
}

static void hold(struct toc_sink *sink, struct toc_draft *d, uint64_t key)
{
	struct trial *t = of(sink);
	if (!trial_has_flow(t))
		trial_note(t, "hold", "no flow to hold it for");
	if (t->nheld == HELD) {
		trial_emit(t, t->held[0].ev);
		trial_release(t, 0);
	}
	t->held[t->nheld++] = (struct held){ seal(d), key, d->head.kind };
}

static struct toc_draft *resume(struct toc_sink *sink, unsigned kind, uint64_t key)
{
	struct trial *t = of(sink);
	for (unsigned i = 0; i < t->nheld; i++) {
		if (t->held[i].key != key || t->held[i].kind != t->map[kind])
			continue;
		toc_draft_reopen(&t->draft, t->map, t->held[i].ev);
		trial_release(t, i);
		return &t->draft;
	}
	return NULL;
}

static void confirm(struct toc_sink *sink, const char *service)
{
	struct trial *t = of(sink);
	char line[64];
	snprintf(line, sizeof(line), "{\"confirm\":\"%s\"}", service ? service : t->decoder->name);
	if (!t->root->text || !strstr(t->root->text, line))
		trial_note(t, "confirm", service ? service : t->decoder->name);
}

/* once a flow and name, as the engine does */
static void weird(struct toc_sink *sink, const char *name)
{
	struct trial *t = of(sink);
	char line[96];
	snprintf(line, sizeof(line), "{\"weird\":\"%s\"}", name);
	if (!t->root->text || !strstr(t->root->text, line))
		trial_note(t, "weird", name);
}

static void body_open(struct toc_sink *sink, enum toc_dir dir, const char *source, struct toc_span name,
		      uint64_t expected)
{
	struct body *b = &of(sink)->bodies[dir];
	if (b->open)
		trial_note(of(sink), "body", "opened twice");
	if (!trial_has_flow(of(sink)))
		trial_note(of(sink), "body", "no flow to open it for");
	memset(b, 0, sizeof(*b));
	b->open = true;
	b->expected = expected;
	snprintf(b->source, sizeof(b->source), "%s", source);
	snprintf(b->name, sizeof(b->name), "%.*s", (int)name.n, name.n ? (const char *)name.p : "");
}

static void body_data(struct toc_sink *sink, enum toc_dir dir, struct toc_span bytes)
{
	struct body *b = &of(sink)->bodies[dir];
	if (!b->open)
		trial_note(of(sink), "body", "data without open");
	for (size_t i = 0; i < bytes.n; i++)
		b->hash = toc_hash_mix(b->hash, bytes.p[i]);
	b->seen += bytes.n;
}

static void body_coding(struct toc_sink *sink, enum toc_dir dir, enum toc_coding coding)
{
	struct body *b = &of(sink)->bodies[dir];
	if (!b->open || b->seen || strlen(b->coding) > sizeof(b->coding) - 16) {
		trial_note(of(sink), "body", "coding out of place");
		return;
	}
	static const char *const names[] = { "", " gzip", " deflate", " brotli" };
	strcat(b->coding, names[coding]);
}

static void body_gap(struct toc_sink *sink, enum toc_dir dir, uint64_t n)
{
	of(sink)->bodies[dir].missing += n;
}

/* In front of it: gap. False: nothing waits, or only behind a hole. */
static bool take_waiting(struct toc_sink *sink, enum toc_dir dir, bool hole)
{
	struct body *b = &of(sink)->bodies[dir];
	unsigned first = 0;
	for (unsigned i = 1; i < b->nwaiting; i++)
		first = b->waiting[i].at < b->waiting[first].at ? i : first;
	if (!b->nwaiting || (b->waiting[first].at > b->next && !hole))
		return false;
	struct toc_span bytes = b->waiting[first].bytes;
	uint64_t at = b->waiting[first].at, known = at < b->next ? b->next - at : 0;
	b->waiting[first] = b->waiting[--b->nwaiting];
	if (at > b->next)
		b->missing += at - b->next;
	if (known < bytes.n) {
		body_data(sink, dir, toc_span_from(bytes, (size_t)known));
		b->next = at + bytes.n;
	}
	free((void *)(uintptr_t)bytes.p);
	return true;
}

static uint64_t body_place(struct toc_sink *sink, enum toc_dir dir, uint64_t at, struct toc_span bytes)
{
	struct body *b = &of(sink)->bodies[dir];
	if (!b->open)
		trial_note(of(sink), "body", "data without open");
	if (!bytes.p && at <= b->next && at + bytes.n > b->next) {
		b->missing += at + bytes.n - b->next;
		b->next = at + bytes.n;
	}
	for (unsigned i = 0; bytes.p && i < b->nwaiting; i++) { /* a piece that comes in segments is one */
		struct toc_span *old = &b->waiting[i].bytes;
		if (b->waiting[i].at + old->n != at)
			continue;
		uint8_t *more = trial_must(realloc((void *)(uintptr_t)old->p, old->n + bytes.n));
		memcpy(more + old->n, bytes.p, bytes.n);
		*old = toc_span_of(more, old->n + bytes.n);
		bytes.n = 0;
	}
	if (bytes.p && bytes.n && b->nwaiting == WAITING)
		take_waiting(sink, dir, true);
	if (bytes.p && bytes.n) {
		uint8_t *copy = trial_must(malloc(bytes.n));
		memcpy(copy, bytes.p, bytes.n);
		b->waiting[b->nwaiting].at = at;
		b->waiting[b->nwaiting++].bytes = toc_span_of(copy, bytes.n);
	}
	while (take_waiting(sink, dir, false))
		;
	return b->next;
}

static void body_close(struct toc_sink *sink, enum toc_dir dir, struct toc_body_summary *out)
{
	struct trial *t = of(sink);
	struct body *b = &t->bodies[dir];
	char line[512];
	while (take_waiting(sink, dir, true))
		;
	if (out)
		*out = (struct toc_body_summary){ .seen = b->seen, .missing = b->missing };
	if (!b->open)
		return;
	if (out && b->seen) {
		snprintf(out->fuid, sizeof(out->fuid), "Fbody%u", (unsigned)dir);
		out->mime = "text/plain";
	}
	snprintf(line, sizeof(line), "%s %s name=%s%s seen=%llu missing=%llu hash=%016llx",
		 dir == TOC_ORIG ? "orig" : "resp", b->source, b->name, b->coding, (unsigned long long)b->seen,
		 (unsigned long long)b->missing, (unsigned long long)b->hash);
	b->open = false;
	trial_note(t, "body", line);
}

/* The engine would hand on nothing. */
static void must_name(const struct trial *t, const char *decoder)
{
	if (toc_decoder_leads_to(t->decoder, decoder))
		return;
	fprintf(stderr, "%s does not name \"%s\" in leads_to\n", t->decoder->name, decoder ? decoder : "*");
	abort();
}

static void child(struct toc_sink *sink, const char *decoder)
{
	must_name(of(sink), decoder);
	of(sink)->child = decoder;
	trial_note(of(sink), "child", decoder ? decoder : "(probe)");
}

static void tunnel(struct toc_sink *sink, const char *type)
{
	trial_note(of(sink), "tunnel", type);
}

/* Its words are none of an event's: only that there was one. */
static bool line(struct toc_sink *sink, enum toc_dir from, struct toc_span text, bool truncated)
{
	char what[64];
	snprintf(what, sizeof(what), "%u %zu%s", (unsigned)from, text.n, truncated ? " cut" : "");
	trial_note(of(sink), "line", what);
	return false;
}

static void expect(struct toc_sink *sink, const struct toc_addr *host, uint16_t port, const char *decoder)
{
	must_name(of(sink), decoder);
	char text[TOC_ADDR_TEXT], line[128];
	toc_addr_print(host, text);
	snprintf(line, sizeof(line), "%s:%u %s", text, port, decoder);
	trial_note(of(sink), "expect", line);
}

static void *memory(struct toc_sink *sink, uint64_t key, size_t size)
{
	struct trial *t = of(sink);
	struct cell **at = &t->memory, *c;
	while (*at && (*at)->key != key)
		at = &(*at)->next;
	c = *at;
	if (c) {
		*at = c->next;
	} else {
		if (!size || t->ncells == CELLS || size > CELL_BYTES - t->cell_bytes)
			return NULL;
		c = trial_must(calloc(1, sizeof(*c) + size));
		c->key = key;
		c->size = size;
		t->ncells++;
		t->cell_bytes += size;
	}
	for (at = &t->memory; *at;)
		at = &(*at)->next;
	*at = c;
	c->next = NULL;
	return c->bytes;
}

static void forget(struct toc_sink *sink, uint64_t key)
{
	struct trial *t = of(sink);
	for (struct cell **at = &t->memory; *at; at = &(*at)->next) {
		struct cell *c = *at;
		if (c->key != key)
			continue;
		*at = c->next;
		t->ncells--;
		t->cell_bytes -= c->size;
		free(c);
		return;
	}
}

static bool memory_oldest(struct toc_sink *sink, uint64_t *key)
{
	struct trial *t = of(sink);
	if (t->memory)
		*key = t->memory->key;
	return t->memory != NULL;
}

static struct trial **find_inner(struct trial *t, const char *decoder, uint64_t key)
{
	struct trial **at = &t->inners;
	while (*at && ((*at)->key != key || strcmp((*at)->asked->name, decoder) != 0))
		at = &(*at)->next;
	return at;
}

static const struct toc_decoder *find_decoder(const char *name)
{
	for (unsigned i = 0; toc_decoders[i]; i++)
		if ((toc_decoders[i]->carriers & TOC_OVER_INNER) && strcmp(toc_decoders[i]->name, name) == 0)
			return toc_decoders[i];
	return NULL;
}

void trial_use(struct trial *t, const struct toc_decoder *decoder)
{
	t->decoder = decoder;
	free(t->map);
	free(t->state);
	t->map = trial_must(calloc(decoder->nfields + 1, sizeof(*t->map)));
	toc_intern_decls(t->names, decoder->fields, decoder->nfields, t->map);
	t->state = decoder->state_size && trial_has_flow(t) ? trial_must(calloc(1, decoder->state_size)) : NULL;
}

/* What inner decoders see of the flow. */
void trial_sync(struct trial *in, const struct toc_sink *outer)
{
	in->flow = *outer->flow;
	in->flow.carrier = TOC_OVER_INNER;
	in->sink.ts = outer->ts;
}

/* The rest that a decoder left when it asked for a child goes to the child. */
static void feed_inner(struct trial *in, enum toc_dir dir, struct toc_span bytes);

static bool inner(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, struct toc_span bytes)
{
	must_name(of(sink), decoder);
	struct trial *t = of(sink), **at = find_inner(t, decoder, key), *in = *at;
	const struct toc_decoder *d = find_decoder(decoder);
	if (!d || !bytes.n)
		return false;
	if (!in) {
		if (t->root->ninners == INNERS || t->depth == DEPTH)
			return false;
		in = *at = trial_must(calloc(1, sizeof(*in)));
		t->root->ninners++;
		in->root = t->root;
		in->names = t->names;
		in->depth = t->depth + 1;
		in->key = key;
		in->asked = d;
		in->flow.carrier = TOC_OVER_INNER;
		trial_use(in, d);
		in->sink = (struct toc_sink){ t->sink.ops, &in->flow, 0, 0 };
		in->unread[0].bytes = trial_must(malloc(UNREAD));
		in->unread[1].bytes = trial_must(malloc(UNREAD));
	}
	if (in->over)
		return false;
	trial_sync(in, sink);
	feed_inner(in, dir, bytes);
	return true;
}

static void feed_inner(struct trial *in, enum toc_dir dir, struct toc_span bytes)
{
	in->child = NULL;
	size_t left = trial_feed_stream(in, dir, bytes); /* kept as unread */
	if (!in->over)
		return;
	trial_finish(in, TOC_END_CLOSED);
	const struct toc_decoder *next = in->child ? find_decoder(in->child) : NULL;
	if (!next)
		return;
	in->over = false;
	trial_use(in, next);
	in->unread[!dir].n = in->unread[0].need = in->unread[1].need = 0;
	if (left)
		feed_inner(in, dir, toc_span_of("", 0));
}

static void inner_gap(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, uint64_t n)
{
	struct trial *in = *find_inner(of(sink), decoder, key);
	if (!in || in->over || !n)
		return;
	trial_sync(in, sink);
	struct trial_step step = { dir, NULL, n };
	trial_feed(in, &step);
	if (in->over)
		trial_finish(in, TOC_END_CLOSED);
}

static void inner_close(struct toc_sink *sink, const char *decoder, uint64_t key)
{
	struct trial **at = find_inner(of(sink), decoder, key), *in = *at;
	if (!in)
		return;
	if (!in->over) {
		trial_sync(in, sink);
		trial_finish(in, TOC_END_CLOSED);
	}
	at = find_inner(of(sink), decoder, key);
	*at = in->next;
	of(sink)->root->ninners--;
	trial_free_one(in);
}

/* Everything, as where all events are written. */
static bool asks(struct toc_sink *sink, unsigned field)
{
	(void)sink;
	(void)field;
	return true;
}

const struct toc_sink_ops trial_sink_ops = { .begin = begin,
					     .commit = commit,
					     .hold = hold,
					     .resume = resume,
					     .confirm = confirm,
					     .weird = weird,
					     .body_open = body_open,
					     .body_data = body_data,
					     .body_gap = body_gap,
					     .body_place = body_place,
					     .body_close = body_close,
					     .child = child,
					     .expect = expect,
					     .body_coding = body_coding,
					     .tunnel = tunnel,
					     .line = line,
					     .asks = asks,
					     .inner = inner,
					     .inner_gap = inner_gap,
					     .inner_close = inner_close,
					     .memory = memory,
					     .forget = forget,
					     .memory_oldest = memory_oldest };
