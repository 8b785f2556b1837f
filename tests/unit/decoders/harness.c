/* harness - a decoder on trial: bytes in, words and values out, cut anywhere. */
#include "harness_trial.h"

struct trial *trial_new(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port)
{
	static const uint8_t orig[4] = { 10, 0, 0, 1 }, resp[4] = { 10, 0, 0, 2 };
	struct trial *t = trial_must(calloc(1, sizeof(*t)));
	t->root = t;
	t->names = trial_must(toc_intern_new());
	t->flow.carrier = carrier;
	trial_use(t, decoder);
	t->flow = (struct toc_flow_info){ toc_addr_v4(orig), toc_addr_v4(resp), 40000, port, carrier, &t->packet, 0 };
	t->packet = (struct toc_packet){ .l3 = TOC_L3_IP, .src = t->flow.orig, .dst = t->flow.resp };
	t->sink = (struct toc_sink){ &trial_sink_ops, &t->flow, TOC_SEC, 0 };
	t->unread[0].bytes = trial_must(malloc(UNREAD));
	t->unread[1].bytes = trial_must(malloc(UNREAD));
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

void trial_free_one(struct trial *t)
{
	while (t->inners) {
		struct trial *in = t->inners;
		t->inners = in->next;
		trial_free_one(in);
	}
	while (t->nheld)
		trial_release(t, 0);
	while (t->memory)
		t->sink.ops->forget(&t->sink, t->memory->key);
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
		trial_free_one(t);
}

static void judge(struct trial *t, enum toc_parse said)
{
	if (said == TOC_MORE || !trial_has_flow(t))
		return;
	trial_note(t, said == TOC_DONE ? "done" : "bad", t->decoder->name);
	t->over = true;
}

/* An exact-size copy, so that the sanitizer sees a read past the end. */
static enum toc_parse parse(struct trial *t, enum toc_dir dir, struct toc_span bytes, size_t *left)
{
	uint8_t *copy = trial_must(malloc(bytes.n ? bytes.n : 1));
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	struct toc_cursor c = toc_cursor_of(toc_span_of(copy, bytes.n));
	t->sink.need = 0;
	t->packet.payload = toc_span_of(copy, bytes.n);
	enum toc_parse said = t->decoder->parse(t->state, &c, dir, &t->sink);
	*left = toc_rest(&c).n; /* as the flow keeps it */
	free(copy);
	return said;
}

/* Returns how many bytes the decoder left. */
size_t trial_feed_stream(struct trial *t, enum toc_dir dir, struct toc_span bytes)
{
	size_t n = t->unread[dir].n + bytes.n, left = 0;
	uint8_t *all = trial_must(malloc(n ? n : 1));
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
		trial_feed_stream(t, step->dir, toc_span_of(step->bytes, step->n));
	else
		judge(t, parse(t, step->dir, toc_span_of(step->bytes, step->n), &left));
}

/* The decoder's own finish, then the inner ones, then what it holds: as the engine does. */
void trial_finish(struct trial *t, enum toc_end why)
{
	if (t->decoder->finish)
		t->decoder->finish(t->state, why, &t->sink);
	while (t->inners) {
		struct trial *in = t->inners;
		if (!in->over) {
			trial_sync(in, &t->sink);
			trial_finish(in, why);
		}
		t->inners = in->next;
		t->root->ninners--;
		trial_free_one(in);
	}
	for (unsigned dir = 0; dir < 2; dir++)
		trial_sink_ops.body_close(&t->sink, (enum toc_dir)dir, NULL);
	while (t->nheld) {
		trial_emit(t, t->held[0].ev);
		trial_release(t, 0);
	}
	while (t->memory)
		t->sink.ops->forget(&t->sink, t->memory->key);
}

void trial_end(struct trial *t, enum toc_end why)
{
	t->flow.packet = NULL;
	trial_finish(t, why);
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
	struct toc_event *one = trial_must(malloc(t->events[i]->size));
	memcpy(one, t->events[i], t->events[i]->size);
	*(struct toc_slot *)(void *)(one + 1) = *s;
	one->nslots = 1;
	free(t->value);
	t->value = trial_must(calloc(1, toc_json_bound(one, t->names) + 1));
	toc_json_fields(one, t->names, t->value);
	free(one);
	return t->value + strlen(field) + 4; /* ,"field": */
}

/* Its end, and all that it said, which is the caller's. */
static char *ended(struct trial *t)
{
	trial_end(t, TOC_END_CLOSED);
	char *text = trial_must(strdup(trial_text(t)));
	trial_free(t);
	return text;
}

char *trial_run(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port,
		const struct trial_step *steps, size_t n)
{
	struct trial *t = trial_new(decoder, carrier, port);
	for (size_t i = 0; i < n; i++) {
		t->sink.ts = (toc_time)(i + 1) * TOC_SEC;
		trial_feed(t, &steps[i]);
	}
	return ended(t);
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
	return ended(t);
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

/* Step `which` comes in two pieces, at one time. */
static char *run_split(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps, size_t n,
		       size_t which, size_t at)
{
	struct trial *t = trial_new(decoder, TOC_OVER_TCP, port);
	for (size_t i = 0; i < n; i++) {
		const struct trial_step *s = &steps[i];
		t->sink.ts = (toc_time)(i + 1) * TOC_SEC;
		if (i != which) {
			trial_feed(t, s);
			continue;
		}
		const struct trial_step first = { s->dir, s->bytes, at },
					rest = { s->dir, (const uint8_t *)s->bytes + at, s->n - at };
		trial_feed(t, &first);
		trial_feed(t, &rest);
	}
	return ended(t);
}

bool trial_same_wherever_cut(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps, size_t n,
			     size_t stride)
{
	char *whole = trial_run(decoder, TOC_OVER_TCP, port, steps, n);
	bool same = true;
	for (size_t i = 0; i < n; i++)
		for (size_t at = stride; same && steps[i].bytes && at < steps[i].n; at += stride) {
			char *cut = run_split(decoder, port, steps, n, i, at);
			same = strcmp(whole, cut) == 0;
			if (!same)
				fprintf(stderr, "%s: step %zu cut at %zu differs\n--- whole\n%s--- cut\n%s",
					decoder->name, i, at, whole, cut);
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
