/* inner: decoders inside decoders, and decoders' memory, in the real flow stage and under its limits. */
#include "test.h"

#include "event/json.h"
#include "flow/flow.h"

/* --- a protocol that carries another ------------------------------------------------------------------------------ */

enum { K_WORD, F_WORD, F_KEY };

static const struct toc_field_decl word_fields[] = {
	[K_WORD] = { "word", TOC_KIND, false, TOC_OPEN, NULL, "four letters" },
	[F_WORD] = { "text", TOC_STRING, false, TOC_OPEN, NULL, "the letters" },
	[F_KEY] = { "n", TOC_UINT, false, TOC_OPEN, NULL, "a number" },
};

static void say(struct toc_sink *s, struct toc_span text, uint64_t n, bool hold)
{
	struct toc_draft *d = toc_sink_begin(s, K_WORD);
	toc_put_str(d, F_WORD, text);
	toc_put_uint(d, F_KEY, n);
	if (hold)
		toc_sink_hold(s, d, 1);
	else
		toc_sink_commit(s, d);
}

/* Words of four letters; some of them are orders. */
static enum toc_parse words_parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	uint32_t *count = state;
	while (toc_left(in)) {
		if (toc_left(in) < 4)
			return toc_more(s, 4);
		struct toc_span w = toc_take(in, 4);
		assert_int_equal(s->flow->carrier, TOC_OVER_INNER);
		++*count;
		if (toc_span_is(w, "conf"))
			toc_sink_confirm(s, NULL);
		else if (toc_span_is(w, "done"))
			return TOC_DONE;
		else if (toc_span_is(w, "bad!"))
			return TOC_BAD;
		else if (toc_span_is(w, "deep")) { /* the rest is for one more inside this one */
			bool taken = toc_sink_inner(s, "words", 7, dir, toc_take(in, toc_left(in)));
			say(s, toc_span_str(taken ? "in" : "no"), *count, false);
		} else if (toc_span_is(w, "kid!")) {
			toc_sink_child(s, "tail");
			return TOC_DONE;
		} else
			say(s, w, *count, toc_span_is(w, "hold"));
	}
	return TOC_MORE;
}

static enum toc_parse words_gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	(void)state;
	(void)dir;
	say(s, toc_span_str("gap"), n, false);
	return TOC_MORE;
}

static void words_finish(void *state, enum toc_end why, struct toc_sink *s)
{
	uint32_t *count = state;
	(void)why;
	say(s, toc_span_str("end"), *count, false);
}

static enum toc_parse tail_parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	(void)state;
	(void)dir;
	say(s, toc_take(in, toc_left(in)), 99, false);
	return TOC_MORE;
}

/* [what][key][length] bytes: d = data for the inner decoder `words`, g = gap, c = close, b = much data, l = leave
 * much unread, m = memory. */
static void outer_memory(struct toc_sink *s)
{
	uint64_t oldest = 0;
	uint32_t *first = toc_sink_memory(s, 1, sizeof(*first));
	assert_non_null(first);
	assert_int_equal(*first, 0);
	*first = 41;
	assert_null(toc_sink_memory(s, 2, 0));
	for (uint64_t key = 2; key <= 128; key++)
		assert_non_null(toc_sink_memory(s, key, 8));
	assert_null(toc_sink_memory(s, 129, 8)); /* cells */
	assert_true(toc_sink_memory_oldest(s, &oldest));
	assert_int_equal(oldest, 1);
	assert_ptr_equal(toc_sink_memory(s, 1, 99), first); /* asked for: now the youngest */
	assert_int_equal(*first, 41);
	assert_true(toc_sink_memory_oldest(s, &oldest));
	assert_int_equal(oldest, 2);
	for (uint64_t key = 2; key <= 128; key++)
		toc_sink_forget(s, key);
	assert_null(toc_sink_memory(s, 3, 65536)); /* bytes */
	assert_non_null(toc_sink_memory(s, 3, 65536 - 4));
	toc_sink_forget(s, 3);
	toc_sink_forget(s, 1);
	assert_false(toc_sink_memory_oldest(s, &oldest));
	assert_non_null(toc_sink_memory(s, 5, 100)); /* left for the flow's end to free */
}

static enum toc_parse outer_parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	static uint8_t much[40000];
	(void)state;
	memset(much, 'x', sizeof(much));
	while (toc_left(in)) {
		struct toc_cursor c = *in;
		uint8_t what = toc_u8(&c), key = toc_u8(&c);
		struct toc_span bytes = toc_take(&c, toc_u8(&c));
		if (c.bad)
			return toc_more(s, toc_left(in) + 1);
		*in = c;
		assert_int_equal(s->flow->carrier, TOC_OVER_TCP);
		if (what == 'd' && !toc_sink_inner(s, "words", key, dir, bytes))
			say(s, toc_span_str("refused"), key, false);
		else if (what == 'g')
			toc_sink_inner_gap(s, "words", key, dir, 5);
		else if (what == 'c')
			toc_sink_inner_close(s, "words", key);
		else if (what == 'l')
			for (unsigned i = 0; i < 2; i++) /* nobody reads it: the second time it is too much */
				toc_sink_inner(s, "lazy", key, dir, toc_span_of(much, sizeof(much)));
		else if (what == 'm')
			outer_memory(s);
		else if (what == 'u')
			assert_false(toc_sink_inner(s, "nobody", key, dir, bytes));
		else if (what == 'o')
			assert_false(toc_sink_inner(s, "outer", key, dir, bytes)); /* not made to be inside */
	}
	return TOC_MORE;
}

static enum toc_parse lazy_parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	(void)state;
	(void)in;
	(void)dir;
	(void)s;
	return TOC_MORE;
}

static enum toc_probe yes(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first;
	(void)dir;
	(void)hint;
	return TOC_YES;
}

#define FIELDS .fields = word_fields, .nfields = 3, .probe = yes

static const char *const outer_leads_to[] = { "words", "lazy", "nobody", "outer", NULL };
static const char *const words_leads_to[] = { "words", "tail", NULL };

static const struct toc_decoder outer = {
	.name = "outer", .carriers = TOC_OVER_TCP, .leads_to = outer_leads_to, FIELDS, .parse = outer_parse
};
static const struct toc_decoder words = { .name = "words",
					  .leads_to = words_leads_to,
					  .carriers = TOC_OVER_INNER,
					  FIELDS,
					  .state_size = 4,
					  .parse = words_parse,
					  .gap = words_gap,
					  .finish = words_finish };
static const struct toc_decoder tail = { .name = "tail", .carriers = TOC_OVER_INNER, FIELDS, .parse = tail_parse };
static const struct toc_decoder lazy = { .name = "lazy", .carriers = TOC_OVER_INNER, FIELDS, .parse = lazy_parse };
static const struct toc_decoder *const decoders[] = { &outer, &words, &tail, &lazy, NULL };

/* --- the stage ---------------------------------------------------------------------------------------------------- */

struct stage {
	struct toc_emit emit;
	struct toc_intern *names;
	struct toc_flows *flows;
	uint32_t seq[2];
	uint64_t ordinal, uid;
	char text[65536]; /* "text/n " of each word; then the service */
	char service[64];
};

static void collect(struct toc_emit *self, struct toc_draft *d)
{
	struct stage *st = (struct stage *)self;
	_Alignas(8) uint8_t record[65536];
	struct toc_event *ev = toc_draft_seal(d, record);
	char *json = calloc(1, toc_json_bound(ev, st->names) + 1), word[64] = "";
	unsigned n = 0;
	toc_json_event(ev, st->names, json);
	const char *text = strstr(json, "\"text\":\""), *number = strstr(json, "\"n\":"),
		   *service = strstr(json, "\"service\":\"");
	if (text && number) {
		assert_non_null(strstr(json, "\"id.orig_h\":\"10.0.0.1\",\"id.orig_p\":4000"));
		st->uid = st->uid ? st->uid : ev->uid;
		assert_int_equal(ev->uid, st->uid);
		sscanf(text, "\"text\":\"%63[^\"]", word);
		sscanf(number, "\"n\":%u", &n);
		sprintf(st->text + strlen(st->text), "%s/%u ", word, n);
	}
	if (service)
		sscanf(service, "\"service\":\"%63[^\"]", st->service);
	free(json);
}

static struct stage *stage_new(void)
{
	static const struct toc_hash_key key = { 1, 2 };
	static const struct toc_flow_config config = { .flows = 16, .parse = true };
	struct stage *st = calloc(1, sizeof(*st));
	st->emit.event = collect;
	st->names = toc_intern_new();
	st->flows = toc_flows_new(&config, decoders, st->names, &key, &st->emit);
	st->seq[0] = st->seq[1] = 1000;
	return st;
}

static void send_bytes(struct stage *st, enum toc_dir dir, const char *bytes, size_t n)
{
	static const uint8_t ends[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	struct toc_packet p = {
		.at = TOC_SEC, .ts = TOC_SEC, .ordinal = ++st->ordinal, .l3 = TOC_L3_IP, .ip_proto = TOC_IPPROTO_TCP
	};
	p.src = toc_addr_v4(ends[dir]);
	p.dst = toc_addr_v4(ends[!dir]);
	p.sport = dir == TOC_ORIG ? 4000 : 9999;
	p.dport = dir == TOC_ORIG ? 9999 : 4000;
	p.payload = toc_span_of(bytes, n);
	p.payload_len = (uint32_t)n;
	p.ip_len = 40 + (uint32_t)n;
	p.tcp.seq = st->seq[dir];
	p.tcp.ack = st->seq[!dir];
	p.tcp.flags = TOC_ACK;
	st->seq[dir] += (uint32_t)n;
	toc_flows_packet(st->flows, &p);
}

#define SEND(st, dir, text) send_bytes(st, dir, text, sizeof(text) - 1)

static void stage_end(struct stage *st, const char *expected)
{
	toc_flows_finish(st->flows, 2 * TOC_SEC);
	assert_string_equal(st->text, expected);
	toc_flows_free(st->flows);
	toc_intern_free(st->names);
	free(st);
}

static void unread_is_kept(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG, "d\1\6abcdef");
	SEND(st, TOC_RESP, "d\1\5ABCDE"); /* the other direction has its own */
	SEND(st, TOC_ORIG, "d\1\1g");
	SEND(st, TOC_ORIG, "d\1\1h");
	SEND(st, TOC_RESP, "d\1\3FGH");
	stage_end(st, "abcd/1 ABCD/2 efgh/3 EFGH/4 end/4 ");
}

static void states_are_apart(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG,
	     "d\1\10abcdefgh"
	     "d\2\4ABCD"
	     "d\1\4ijkl");
	SEND(st, TOC_ORIG,
	     "c\1\0"
	     "d\1\4mnop"); /* closed: it begins anew */
	stage_end(st, "abcd/1 efgh/2 ABCD/1 ijkl/3 end/3 mnop/1 end/1 end/1 ");
}

static void over_is_over(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG,
	     "d\1\10abcddone"
	     "d\1\4efgh"
	     "d\2\10abcdbad!"
	     "d\2\4efgh"
	     "c\1\0d\1\4again"
	     "u\1\1xo\1\1x");
	stage_end(st, "abcd/1 end/2 refused/1 abcd/1 end/2 refused/2 agai/1 end/1 ");
}

static void held_events_are_its_own(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG,
	     "d\1\4hold"
	     "d\2\4hold"
	     "d\1\4abcd"
	     "c\2\0d\1\4conf");
	/* what a decoder holds is told after its finish */
	struct stage *seen = st;
	assert_string_equal(seen->text, "abcd/2 end/1 hold/1 ");
	toc_flows_finish(st->flows, 2 * TOC_SEC);
	assert_string_equal(st->service, "words");
	stage_end(st, "abcd/2 end/1 hold/1 end/3 hold/1 ");
}

static void gaps_drop_what_is_unread(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG,
	     "d\1\6abcdef"
	     "g\1\0"
	     "g\5\0"
	     "d\1\4ghij");
	stage_end(st, "abcd/1 gap/5 ghij/2 end/2 ");
}

static void nesting_ends_at_four(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG, "d\1\24deepdeepdeepdeepabcd");
	/* the fourth may not open a fifth; finishes come from the inside out after the outer's own */
	stage_end(st, "no/1 in/1 in/1 in/1 end/1 end/1 end/1 end/1 ");
}

static void a_child_takes_its_place(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG,
	     "d\1\12abcdkid!xy"
	     "d\1\2zz");
	stage_end(st, "abcd/1 end/2 xy/99 zz/99 ");
}

static void caps(void **state)
{
	struct stage *st = stage_new();
	char message[8], expected[1024] = "";
	(void)state;
	for (unsigned i = 1; i <= 33; i++) {
		int n = sprintf(message, "d%c%cabcd", (char)(64 + i), 4);
		send_bytes(st, TOC_ORIG, message, (size_t)n);
		strcat(expected, i <= 32 ? "abcd/1 " : "refused/97 ");
	}
	assert_int_equal(toc_flows_count(st->flows)->inners, 32);
	assert_int_equal(toc_flows_count(st->flows)->inner_refused, 1);
	for (unsigned i = 1; i <= 32; i++)
		strcat(expected, "end/1 ");
	stage_end(st, expected);
	st = stage_new();
	SEND(st, TOC_ORIG, "l\1\0m\1\0");
	assert_int_equal(toc_flows_count(st->flows)->unread_overflow, 1);
	assert_int_equal(toc_flows_count(st->flows)->memory_refused, 2);
	stage_end(st, "");
}

/* The stage is thrown away in the middle: nothing leaks (the sanitizer tells). */
static void discarded(void **state)
{
	struct stage *st = stage_new();
	(void)state;
	SEND(st, TOC_ORIG,
	     "d\1\13deepholdabc"
	     "d\2\4hold"
	     "m\1\0");
	toc_flows_free(st->flows);
	toc_intern_free(st->names);
	free(st);
}

/* Whoever does not name whom it leads to would run, or not, by what the rules read of itself alone. */
static void to_those_unnamed_nothing_is_handed(void **state)
{
	static const struct toc_hash_key key = { 1, 2 };
	static const struct toc_flow_config config = { .flows = 16, .parse = true };
	static const char *const others[] = { "lazy", NULL };
	struct toc_decoder silent = outer;
	const struct toc_decoder *const list[] = { &silent, &words, &tail, NULL };
	struct stage *st = stage_new();
	(void)state;
	toc_flows_free(st->flows);
	for (unsigned i = 0; i < 2; i++) {
		silent.leads_to = i ? others : NULL;
		st->flows = toc_flows_new(&config, list, st->names, &key, &st->emit);
		st->seq[0] = st->seq[1] = 1000;
		st->uid = 0;
		SEND(st, TOC_ORIG, "d\1\4abcd");
		assert_int_equal(toc_flows_count(st->flows)->unnamed, 1);
		assert_int_equal(toc_flows_count(st->flows)->inners, 0);
		if (!i)
			toc_flows_free(st->flows);
	}
	stage_end(st, "refused/1 refused/1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_those_unnamed_nothing_is_handed),
		cmocka_unit_test(unread_is_kept),
		cmocka_unit_test(states_are_apart),
		cmocka_unit_test(over_is_over),
		cmocka_unit_test(held_events_are_its_own),
		cmocka_unit_test(gaps_drop_what_is_unread),
		cmocka_unit_test(nesting_ends_at_four),
		cmocka_unit_test(a_child_takes_its_place),
		cmocka_unit_test(caps),
		cmocka_unit_test(discarded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
