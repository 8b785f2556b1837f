/* harness - the writing-down sink. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "event/json.h"

enum { HELD = 64, UNREAD = 65536, INNERS = 32, DEPTH = 4, CELLS = 128, CELL_BYTES = 65536 };

struct held {
	struct toc_event *ev;
	uint64_t key;
	toc_field kind;
};

struct body {
	bool open;
	uint64_t seen, missing, hash, expected;
	char coding[64]; /* noted, not undone */
	char source[32], name[256];
};

struct cell {
	struct cell *next;
	uint64_t key;
	size_t size;
	_Alignas(8) uint8_t bytes[];
};

/* An inner decoder is a trial of its own whose words go to the root. */
struct trial {
	struct toc_sink sink;
	struct trial *root, *inners,
		*next; /* root: the flow's own decoder, maybe itself; next: beside it in its parent */
	uint64_t key;
	unsigned depth, ninners;
	const struct toc_decoder *asked;
	const char *child;   /* what it asked for with toc_sink_child */
	struct cell *memory; /* the oldest first */
	unsigned ncells;
	size_t cell_bytes;
	const struct toc_decoder *decoder;
	struct toc_flow_info flow;
	struct toc_packet packet;
	struct toc_intern *names;
	toc_field *map;
	void *state;
	bool over;
	struct {
		uint8_t *bytes;
		size_t n, need;
	} unread[2];
	struct toc_draft draft;
	struct held held[HELD];
	unsigned nheld;
	struct body bodies[2];
	struct toc_event **events;
	unsigned nevents;
	char *text;
	size_t text_n, text_room;
	char *value;
};

static void *must(void *p)
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
		t->text = must(realloc(t->text, t->text_room));
	}
	return t->text + t->text_n;
}

static void note(struct trial *t, const char *what, const char *value)
{
	char *out = room(t, strlen(what) + strlen(value) + 16);
	t = t->root;
	t->text_n += (size_t)sprintf(out, "{\"%s\":\"%s\"}\n", what, value);
}

static struct trial *of(struct toc_sink *sink)
{
	return (struct trial *)sink;
}

static void emit(struct trial *t, const struct toc_event *ev)
{
	t = t->root;
	char *out = room(t, toc_json_bound(ev, t->names) + 3);
	size_t n = toc_json_event(ev, t->names, out);
	t->text_n += n;
	memcpy(t->text + t->text_n, "}\n", 3);
	t->text_n += 2;
	t->events = must(realloc(t->events, (t->nevents + 1) * sizeof(*t->events)));
	struct toc_event *copy = must(malloc(ev->size));
	memcpy(copy, ev, ev->size);
	t->events[t->nevents++] = copy;
}

static struct toc_event *seal(struct toc_draft *d)
{
	return toc_draft_seal(d, must(aligned_alloc(8, toc_draft_size(d))));
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
	emit(of(sink), ev);
	free(ev);
}

static void release(struct trial *t, unsigned i)
{
	free(t->held[i].ev);
	memmove(&t->held[i], &t->held[i + 1], (t->nheld - i - 1) * sizeof(t->held[0]));
	t->nheld--;
}

/* One message a call: no flow to hold anything for, and nothing that ends. */
static bool has_flow(const struct trial *t)
{
	return t->flow.carrier & (TOC_OVER_TCP | TOC_OVER_UDP | TOC_OVER_INNER);
}

static void hold(struct toc_sink *sink, struct toc_draft *d, uint64_t key)
{
	struct trial *t = of(sink);
	if (!has_flow(t))
		note(t, "hold", "no flow to hold it for");
	if (t->nheld == HELD) {
		emit(t, t->held[0].ev);
		release(t, 0);
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
		release(t, i);
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
		note(t, "confirm", service ? service : t->decoder->name);
}

/* once a flow and name, as the engine does */
static void weird(struct toc_sink *sink, const char *name)
{
	struct trial *t = of(sink);
	char line[96];
	snprintf(line, sizeof(line), "{\"weird\":\"%s\"}", name);
	if (!t->root->text || !strstr(t->root->text, line))
		note(t, "weird", name);
}

static void body_open(struct toc_sink *sink, enum toc_dir dir, const char *source, struct toc_span name,
		      uint64_t expected)
{
	struct body *b = &of(sink)->bodies[dir];
	if (b->open)
		note(of(sink), "body", "opened twice");
	if (!has_flow(of(sink)))
		note(of(sink), "body", "no flow to open it for");
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
		note(of(sink), "body", "data without open");
	for (size_t i = 0; i < bytes.n; i++)
		b->hash = toc_hash_mix(b->hash, bytes.p[i]);
	b->seen += bytes.n;
}

static void body_coding(struct toc_sink *sink, enum toc_dir dir, enum toc_coding coding)
{
	struct body *b = &of(sink)->bodies[dir];
	if (!b->open || b->seen || strlen(b->coding) > sizeof(b->coding) - 16) {
		note(of(sink), "body", "coding out of place");
		return;
	}
	strcat(b->coding, coding == TOC_CODING_GZIP ? " gzip" : " deflate");
}

static void body_gap(struct toc_sink *sink, enum toc_dir dir, uint64_t n)
{
	of(sink)->bodies[dir].missing += n;
}

static void body_close(struct toc_sink *sink, enum toc_dir dir, struct toc_body_summary *out)
{
	struct trial *t = of(sink);
	struct body *b = &t->bodies[dir];
	char line[512];
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
	note(t, "body", line);
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
	note(of(sink), "child", decoder ? decoder : "(probe)");
}

static void tunnel(struct toc_sink *sink, const char *type)
{
	note(of(sink), "tunnel", type);
}

/* Its words are none of an event's: only that there was one. */
static bool line(struct toc_sink *sink, enum toc_dir from, struct toc_span text, bool truncated)
{
	char what[64];
	snprintf(what, sizeof(what), "%u %zu%s", (unsigned)from, text.n, truncated ? " cut" : "");
	note(of(sink), "line", what);
	return false;
}

static void expect(struct toc_sink *sink, const struct toc_addr *host, uint16_t port, const char *decoder)
{
	must_name(of(sink), decoder);
	char text[TOC_ADDR_TEXT], line[128];
	toc_addr_print(host, text);
	snprintf(line, sizeof(line), "%s:%u %s", text, port, decoder);
	note(of(sink), "expect", line);
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
		c = must(calloc(1, sizeof(*c) + size));
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

static void use_decoder(struct trial *t, const struct toc_decoder *decoder)
{
	t->decoder = decoder;
	free(t->map);
	free(t->state);
	t->map = must(calloc(decoder->nfields + 1, sizeof(*t->map)));
	toc_intern_decls(t->names, decoder->fields, decoder->nfields, t->map);
	t->state = decoder->state_size && has_flow(t) ? must(calloc(1, decoder->state_size)) : NULL;
}

static void finish(struct trial *t, enum toc_end why);

/* What inner decoders see of the flow. */
static void sync_inner(struct trial *in, const struct toc_sink *outer)
{
	in->flow = *outer->flow;
	in->flow.carrier = TOC_OVER_INNER;
	in->sink.ts = outer->ts;
}

/* The rest that a decoder left when it asked for a child goes to the child. */
static void feed_inner(struct trial *in, enum toc_dir dir, struct toc_span bytes);
static size_t feed_stream(struct trial *t, enum toc_dir dir, struct toc_span bytes);

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
		in = *at = must(calloc(1, sizeof(*in)));
		t->root->ninners++;
		in->root = t->root;
		in->names = t->names;
		in->depth = t->depth + 1;
		in->key = key;
		in->asked = d;
		in->flow.carrier = TOC_OVER_INNER;
		use_decoder(in, d);
		in->sink = (struct toc_sink){ t->sink.ops, &in->flow, 0, 0 };
		in->unread[0].bytes = must(malloc(UNREAD));
		in->unread[1].bytes = must(malloc(UNREAD));
	}
	if (in->over)
		return false;
	sync_inner(in, sink);
	feed_inner(in, dir, bytes);
	return true;
}

static void feed_inner(struct trial *in, enum toc_dir dir, struct toc_span bytes)
{
	in->child = NULL;
	size_t left = feed_stream(in, dir, bytes); /* kept as unread */
	if (!in->over)
		return;
	finish(in, TOC_END_CLOSED);
	const struct toc_decoder *next = in->child ? find_decoder(in->child) : NULL;
	if (!next)
		return;
	in->over = false;
	use_decoder(in, next);
	in->unread[!dir].n = in->unread[0].need = in->unread[1].need = 0;
	if (left)
		feed_inner(in, dir, toc_span_of("", 0));
}

static void inner_gap(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, uint64_t n)
{
	struct trial *in = *find_inner(of(sink), decoder, key);
	if (!in || in->over || !n)
		return;
	sync_inner(in, sink);
	struct trial_step step = { dir, NULL, n };
	trial_feed(in, &step);
	if (in->over)
		finish(in, TOC_END_CLOSED);
}

static void free_trial(struct trial *t);

static void inner_close(struct toc_sink *sink, const char *decoder, uint64_t key)
{
	struct trial **at = find_inner(of(sink), decoder, key), *in = *at;
	if (!in)
		return;
	if (!in->over) {
		sync_inner(in, sink);
		finish(in, TOC_END_CLOSED);
	}
	at = find_inner(of(sink), decoder, key);
	*at = in->next;
	of(sink)->root->ninners--;
	free_trial(in);
}

static const struct toc_sink_ops ops = { .begin = begin,
					 .commit = commit,
					 .hold = hold,
					 .resume = resume,
					 .confirm = confirm,
					 .weird = weird,
					 .body_open = body_open,
					 .body_data = body_data,
					 .body_gap = body_gap,
					 .body_close = body_close,
					 .child = child,
					 .expect = expect,
					 .body_coding = body_coding,
					 .tunnel = tunnel,
					 .line = line,
					 .inner = inner,
					 .inner_gap = inner_gap,
					 .inner_close = inner_close,
					 .memory = memory,
					 .forget = forget,
					 .memory_oldest = memory_oldest };

struct trial *trial_new(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port)
{
	static const uint8_t orig[4] = { 10, 0, 0, 1 }, resp[4] = { 10, 0, 0, 2 };
	struct trial *t = must(calloc(1, sizeof(*t)));
	t->root = t;
	t->names = must(toc_intern_new());
	t->flow.carrier = carrier;
	use_decoder(t, decoder);
	t->flow = (struct toc_flow_info){ toc_addr_v4(orig), toc_addr_v4(resp), 40000, port, carrier, &t->packet, 0 };
	t->packet = (struct toc_packet){ .l3 = TOC_L3_IP, .src = t->flow.orig, .dst = t->flow.resp };
	t->sink = (struct toc_sink){ &ops, &t->flow, TOC_SEC, 0 };
	t->unread[0].bytes = must(malloc(UNREAD));
	t->unread[1].bytes = must(malloc(UNREAD));
	return t;
}

struct toc_flow_info *trial_flow(struct trial *t)
{
	return &t->flow;
}

struct toc_packet *trial_packet(struct trial *t)
{
	return &t->packet;
}

static void free_trial(struct trial *t)
{
	while (t->inners) {
		struct trial *in = t->inners;
		t->inners = in->next;
		free_trial(in);
	}
	while (t->nheld)
		release(t, 0);
	while (t->memory)
		forget(&t->sink, t->memory->key);
	for (unsigned i = 0; i < t->nevents; i++)
		free(t->events[i]);
	free(t->events);
	free(t->unread[0].bytes);
	free(t->unread[1].bytes);
	free(t->state);
	free(t->map);
	free(t->text);
	free(t->value);
	if (t->root == t)
		toc_intern_free(t->names);
	free(t);
}

void trial_free(struct trial *t)
{
	if (t)
		free_trial(t);
}

static void judge(struct trial *t, enum toc_parse said)
{
	if (said == TOC_MORE || !has_flow(t))
		return;
	note(t, said == TOC_DONE ? "done" : "bad", t->decoder->name);
	t->over = true;
}

/* An exact-size copy, so that the sanitizer sees a read past the end. */
static enum toc_parse parse(struct trial *t, enum toc_dir dir, struct toc_span bytes, size_t *left)
{
	uint8_t *copy = must(malloc(bytes.n ? bytes.n : 1));
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	struct toc_cursor c = toc_cursor_of(toc_span_of(copy, bytes.n));
	t->sink.need = 0;
	t->packet.payload = toc_span_of(copy, bytes.n);
	enum toc_parse said = t->decoder->parse(t->state, &c, dir, &t->sink);
	*left = toc_left(&c);
	free(copy);
	return said;
}

/* Returns how many bytes the decoder left. */
static size_t feed_stream(struct trial *t, enum toc_dir dir, struct toc_span bytes)
{
	size_t n = t->unread[dir].n + bytes.n, left = 0;
	uint8_t *all = must(malloc(n ? n : 1));
	memcpy(all, t->unread[dir].bytes, t->unread[dir].n);
	memcpy(all + t->unread[dir].n, bytes.p, bytes.n);
	if (n < t->unread[dir].need) {
		left = n;
	} else {
		enum toc_parse said = parse(t, dir, toc_span_of(all, n), &left);
		t->unread[dir].need = said == TOC_MORE && t->sink.need > left ? t->sink.need : 0;
		if (t->unread[dir].need > UNREAD)
			t->unread[dir].need = UNREAD;
		judge(t, said);
	}
	size_t keep = left;
	if (keep > UNREAD) {
		if (!t->over)
			judge(t, TOC_BAD);
		keep = 0;
	}
	memcpy(t->unread[dir].bytes, all + n - left, keep);
	t->unread[dir].n = keep;
	free(all);
	return left;
}

static void feed_gap(struct trial *t, const struct trial_step *step)
{
	t->unread[step->dir].n = t->unread[step->dir].need = 0;
	judge(t, t->decoder->gap ? t->decoder->gap(t->state, step->dir, step->n, &t->sink) : TOC_DONE);
}

void trial_feed(struct trial *t, const struct trial_step *step)
{
	size_t left;
	if (t->over)
		return;
	if (!step->bytes)
		feed_gap(t, step);
	else if (t->flow.carrier == TOC_OVER_TCP)
		feed_stream(t, step->dir, toc_span_of(step->bytes, step->n));
	else
		judge(t, parse(t, step->dir, toc_span_of(step->bytes, step->n), &left));
}

/* The decoder's own finish, then the inner ones, then what it holds: as the engine does. */
static void finish(struct trial *t, enum toc_end why)
{
	if (t->decoder->finish)
		t->decoder->finish(t->state, why, &t->sink);
	while (t->inners) {
		struct trial *in = t->inners;
		if (!in->over) {
			sync_inner(in, &t->sink);
			finish(in, why);
		}
		t->inners = in->next;
		t->root->ninners--;
		free_trial(in);
	}
	for (unsigned dir = 0; dir < 2; dir++)
		body_close(&t->sink, (enum toc_dir)dir, NULL);
	while (t->nheld) {
		emit(t, t->held[0].ev);
		release(t, 0);
	}
	while (t->memory)
		forget(&t->sink, t->memory->key);
}

void trial_end(struct trial *t, enum toc_end why)
{
	t->flow.packet = NULL;
	finish(t, why);
}

const char *trial_text(const struct trial *t)
{
	return t->text ? t->text : "";
}

unsigned trial_events(const struct trial *t)
{
	return t->nevents;
}

const char *trial_kind(const struct trial *t, unsigned i)
{
	return i < t->nevents ? toc_intern_name(t->names, t->events[i]->kind) : "";
}

const char *trial_value(struct trial *t, unsigned i, const char *field)
{
	toc_field id = toc_intern_find(t->names, toc_span_str(field));
	const struct toc_slot *s = i < t->nevents && id ? toc_event_slot(t->events[i], id) : NULL;
	if (!s)
		return NULL;
	/* the printed form of the whole record, from the field's name on */
	struct toc_event *one = must(malloc(t->events[i]->size));
	memcpy(one, t->events[i], t->events[i]->size);
	*(struct toc_slot *)(void *)(one + 1) = *s;
	one->nslots = 1;
	free(t->value);
	t->value = must(calloc(1, toc_json_bound(one, t->names) + 1));
	toc_json_fields(one, t->names, t->value);
	free(one);
	return t->value + strlen(field) + 4; /* ,"field": */
}

char *trial_run(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port,
		const struct trial_step *steps, size_t n)
{
	struct trial *t = trial_new(decoder, carrier, port);
	for (size_t i = 0; i < n; i++) {
		t->sink.ts = (toc_time)(i + 1) * TOC_SEC;
		trial_feed(t, &steps[i]);
	}
	trial_end(t, TOC_END_CLOSED);
	char *text = must(strdup(trial_text(t)));
	trial_free(t);
	return text;
}

static uint32_t next_random(uint64_t *seed)
{
	*seed = toc_hash_mix(*seed, 1);
	return (uint32_t)(*seed >> 32);
}

/* Feeds each step in pieces of 1 … most bytes. */
static char *run_cut(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps, size_t n,
		     size_t most, uint64_t seed)
{
	struct trial *t = trial_new(decoder, TOC_OVER_TCP, port);
	for (size_t i = 0; i < n; i++) {
		t->sink.ts = (toc_time)(i + 1) * TOC_SEC;
		if (!steps[i].bytes) {
			trial_feed(t, &steps[i]);
			continue;
		}
		for (size_t at = 0, piece; at < steps[i].n; at += piece) {
			piece = 1 + next_random(&seed) % most;
			piece = piece < steps[i].n - at ? piece : steps[i].n - at;
			struct trial_step part = { steps[i].dir, (const uint8_t *)steps[i].bytes + at, piece };
			trial_feed(t, &part);
		}
	}
	trial_end(t, TOC_END_CLOSED);
	char *text = must(strdup(trial_text(t)));
	trial_free(t);
	return text;
}

bool trial_same_however_cut(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps, size_t n,
			    unsigned rounds)
{
	char *whole = trial_run(decoder, TOC_OVER_TCP, port, steps, n);
	bool same = true;
	for (unsigned round = 0; same && round <= rounds; round++) {
		char *cut = run_cut(decoder, port, steps, n, round == 0 ? 1 : 1 + round * 7 % 200, round + 1);
		same = strcmp(whole, cut) == 0;
		if (!same)
			fprintf(stderr, "round %u differs\n--- whole\n%s--- cut\n%s", round, whole, cut);
		free(cut);
	}
	free(whole);
	return same;
}

void trial_fuzz(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port, const uint8_t *data,
		size_t n)
{
	/* a step: one byte of direction and gap flag, two of length, then the bytes */
	struct trial_step steps[32];
	size_t nsteps = 0;
	while (n > 3 && nsteps < 32) {
		size_t length = (size_t)data[1] << 8 | data[2];
		bool gap = carrier == TOC_OVER_TCP && (data[0] & 0x0e) == 0x0e;
		length = length < n - 3 ? length : n - 3;
		if (!length)
			length = 1;
		steps[nsteps++] = (struct trial_step){ (enum toc_dir)(data[0] & 1), gap ? NULL : data + 3, length };
		size_t used = 3 + (gap ? 0 : length);
		data += used;
		n -= used;
	}
	if (carrier == TOC_OVER_TCP) {
		if (!trial_same_however_cut(decoder, port, steps, nsteps, 2))
			abort();
	} else {
		free(trial_run(decoder, carrier, port, steps, nsteps));
	}
}
