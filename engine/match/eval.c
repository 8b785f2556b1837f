/* eval - one part of a column on one event: every value goes once through the part's tables. */
#include <stdlib.h>

#include "event/value.h"
#include "match/compiled.h"

enum { ALONE_MOST = 32 };

/* One value under judgement. */
struct judged {
	struct toc_match_scratch *s;
	const struct kind *k;
	const struct part *part;
	const struct toc_value *value;
	struct toc_span text;
	char room[TOC_TEST_TEXT];
	bool is_number, number_known;
	double number;
};

static bool holds(struct judged *j, uint32_t predicate)
{
	return toc_test_value(j->k->predicates[predicate].test, j->value, j->s->view, j->s->hs);
}

/* Short runs of digits are most of the numbers that come as text. */
static bool digits_number(struct toc_span s, double *out)
{
	uint64_t n = 0;
	if (s.n == 0 || s.n > 15)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = (double)n;
	return true;
}

static bool is_number(struct judged *j)
{
	if (!j->number_known) {
		j->is_number = (j->value->type == TOC_STRING && digits_number(j->value->as.s, &j->number)) ||
			       toc_value_number(j->value, &j->number);
		j->number += 0.0; /* -0 is 0 */
		j->number_known = true;
	}
	return j->is_number;
}

static void follow(struct judged *j, uint32_t first, struct toc_span folded)
{
	for (uint32_t i = first; i; i = j->part->links[i].next) {
		const struct link *l = &j->part->links[i];
		const struct toc_pattern *p = &j->k->predicates[l->predicate].test->pattern;
		if (l->verify && !toc_pattern_match_folded(p, p->fold == TOC_FOLD_NONE ? j->text : folded))
			continue;
		if (l->unless_number && is_number(j))
			continue;
		toc_truths_set(&j->s->truths, l->predicate);
	}
}

static void look_up(struct judged *j, const struct toc_keys *keys, struct toc_span key, struct toc_span folded)
{
	const uint32_t *first = toc_keys_get(keys, key);
	if (first)
		follow(j, *first, folded);
}

static void walk(struct judged *j, const struct toc_affixes *a, struct toc_span folded)
{
	uint32_t node = 0, first;
	size_t at = 0;
	while ((first = toc_affixes_next(a, folded, &node, &at)))
		follow(j, first, folded);
}

static void look_at_tails(struct judged *j, struct toc_span folded)
{
	const struct toc_tails *t = j->part->suffixes;
	const uint64_t tail = toc_tails_of(folded);
	for (uint32_t left = t->lengths; left; left &= left - 1) {
		unsigned length = (unsigned)__builtin_ctz(left);
		if (length > folded.n)
			break;
		follow(j, toc_tails_get(t, tail, length), folded);
	}
}

/* Hints are taken out of the truths again: the pattern itself decides, once a value. */
static void scan(struct judged *j, struct toc_span folded)
{
	struct toc_truths *t = &j->s->truths;
	uint32_t from = t->n, kept = from, nhints = 0;
	toc_needles_scan(j->part->needles, folded, t);
	for (uint32_t i = from; i < t->n; i++) {
		uint32_t id = t->list[i];
		if (id < j->k->npredicates) {
			t->list[kept++] = id;
			continue;
		}
		t->bits[id >> 6] &= ~(UINT64_C(1) << (id & 63));
		j->s->hints[nhints++] = j->k->hints[id - j->k->npredicates];
	}
	t->n = kept;
	for (uint32_t i = 0; i < nhints; i++) {
		uint32_t id = j->s->hints[i];
		const struct toc_pattern *p = &j->k->predicates[id].test->pattern;
		if (!toc_truths_has(t, id) && toc_pattern_match_folded(p, p->fold == TOC_FOLD_NONE ? j->text : folded))
			toc_truths_set(t, id);
	}
}

/* The event's heap, where all its strings lie, folded as ASCII once for all columns; NULL: it is larger than any that a
 * decoder makes. */
static const uint8_t *folded_heap(struct toc_match_scratch *s, const struct toc_event *ev, uint32_t *n)
{
	*n = (ev->text ? ev->text : ev->size) - ev->heap;
	if (*n > TOC_DRAFT_HEAP)
		return NULL;
	if (s->heap_of != ev)
		toc_fold_bytes(toc_event_heap(ev), *n, s->heap);
	s->heap_of = ev;
	return s->heap;
}

/* The text folded as the part wants it. */
static struct toc_span fold(struct judged *j)
{
	struct toc_match_scratch *s = j->s;
	const struct toc_event *ev = s->view->ev;
	uintptr_t at = (uintptr_t)j->text.p - (uintptr_t)toc_event_heap(ev);
	uint32_t n;
	if (j->part->fold == TOC_FOLD_ASCII && at < ev->size - ev->heap && j->text.n <= TOC_DRAFT_STRING) {
		const uint8_t *heap = folded_heap(s, ev, &n);
		if (heap && at + j->text.n <= n)
			return toc_span_of(heap + at, j->text.n);
	}
	return toc_fold(j->part->fold, j->text, s->folded);
}

static void judge_texts(struct judged *j)
{
	const struct part *part = j->part;
	if (part->fold == TOC_FOLD_WIDE && !part->ascii_too && toc_fold_is_ascii(j->text))
		return;
	struct toc_span folded = fold(j);
	if (part->exact.n)
		look_up(j, &part->exact, folded, folded);
	if (part->prefixes.nodes)
		walk(j, &part->prefixes, folded);
	if (part->suffixes)
		look_at_tails(j, folded);
	if (part->needles)
		scan(j, folded);
}

static void judge_networks(struct judged *j)
{
	uint8_t key[17];
	struct toc_addr a;
	if (j->value->type == TOC_IP)
		a = j->value->as.ip;
	else if (j->value->type != TOC_STRING || !toc_addr_parse(j->value->as.s, &a))
		return;
	memcpy(key, a.b, 16);
	/* from the longest prefix on, a bit less of the address each time */
	for (unsigned bits = 128;; bits--) {
		if (bits < 128)
			key[bits / 8] &= (uint8_t) ~(0x80u >> bits % 8);
		key[16] = (uint8_t)bits;
		if (j->part->networks->bits[bits])
			look_up(j, &j->part->networks->keys, toc_span_of(key, sizeof(key)), j->text);
		if (bits == 0)
			break;
	}
}

static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *self)
{
	struct judged *j = self;
	(void)from, (void)to, (void)flags;
	toc_truths_set(&j->s->truths, j->part->db_predicates[id]);
	return 0;
}

static void judge_value(struct judged *j, const struct toc_value *v)
{
	const struct part *part = j->part;
	j->value = v;
	j->number_known = false;
	const bool texts = part->texts || (part->numbers_texts && !is_number(j));
	if (texts || part->db)
		j->text = toc_test_text(v, j->room);
	if (texts)
		judge_texts(j);
	if (part->numbers.n && is_number(j))
		look_up(j, &part->numbers, toc_span_of(&j->number, sizeof(j->number)), j->text);
	if (part->networks)
		judge_networks(j);
	if (part->db)
		hs_scan(part->db, j->text.n ? (const char *)j->text.p : "", (unsigned)j->text.n, 0, j->s->hs, found, j);
	for (uint32_t i = 0; i < part->nloose; i++)
		if (!toc_truths_has(&j->s->truths, part->loose[i]) && holds(j, part->loose[i]))
			toc_truths_set(&j->s->truths, part->loose[i]);
}

/* A list satisfies what one of its elements does. */
static void judge_any(struct judged *j, const struct toc_event *owner, const struct toc_value *v)
{
	if (!v->list) {
		judge_value(j, v);
		return;
	}
	for (uint32_t i = 0; i < v->count; i++) {
		struct toc_value item = toc_event_item(owner, v, i);
		judge_value(j, &item);
	}
}

/* Does any needle of the part occur in the event's heap? What it finds across two strings, or in what is no text, is a
 * false alarm. */
static bool heap_has(struct judged *j, const struct toc_event *ev)
{
	uint32_t n;
	const uint8_t *heap = folded_heap(j->s, ev, &n);
	return !heap || toc_needles_any(j->part->needles, toc_span_of(heap, n));
}

/* Nothing but needles, as keywords are. */
static bool only_needles(const struct part *p)
{
	return p->needles && p->fold == TOC_FOLD_ASCII && !p->exact.n && !p->prefixes.nodes && !p->suffixes &&
	       !p->numbers.n && !p->networks && !p->nloose && !p->db;
}

/* All values of the event itself, without those that can hold nothing of what is looked for. */
static void judge_all(struct judged *j, const struct toc_event *ev)
{
	const bool needles = only_needles(j->part);
	const bool strings = !needles || heap_has(j, ev), others = !needles || j->part->numeric;
	const struct toc_slot *slots = toc_event_slots(ev);
	for (unsigned n = 0; n < ev->nslots && (strings || others); n++) {
		if (!(slots[n].type == TOC_STRING ? strings : others))
			continue;
		struct toc_value v = toc_event_value(ev, &slots[n]);
		judge_any(j, ev, &v);
	}
}

void part_judge(struct toc_match_scratch *s, const struct kind *k, uint32_t i)
{
	const struct part *part = &k->parts[i];
	const struct column *column = &k->columns[part->column];
	const struct bound *bound = &s->bound[part->column];
	struct judged j; /* its room is large, and written before it is read */
	j.s = s;
	j.k = k;
	j.part = part;
	s->judged[i] = s->generation;
	if (column->keyword) {
		judge_all(&j, s->view->ev);
		return;
	}
	/* a test that asks no field */
	for (uint32_t n = 0; column->field.n == 0 && n < part->nloose; n++)
		if (toc_test_holds(k->predicates[part->loose[n]].test, s->view, s->hs))
			toc_truths_set(&s->truths, part->loose[n]);
	if (bound->generation != s->generation)
		return;
	struct toc_value v = toc_event_value(bound->owner, bound->slot);
	if (part->present != TOC_NO_PREDICATE)
		toc_truths_set(&s->truths, part->present);
	judge_any(&j, bound->owner, &v);
}

/* One of many needles, looked for alone. */
static bool ask_alone(struct toc_match_scratch *s, const struct kind *k, uint32_t predicate)
{
	const struct part *part = &k->parts[k->predicates[predicate].part];
	const struct bound *bound = &s->bound[part->column];
	const struct toc_pattern *p = &k->predicates[predicate].test->pattern;
	if (bound->generation != s->generation)
		return false;
	struct toc_value v = toc_event_value(bound->owner, bound->slot);
	struct judged j;
	j.s = s;
	j.k = k;
	j.part = part;
	j.value = &v;
	j.text = toc_test_text(&v, j.room);
	if (!toc_pattern_match_folded(p, p->fold == TOC_FOLD_NONE ? j.text : fold(&j)))
		return false;
	toc_truths_set(&s->truths, predicate);
	return true;
}

/* Not judged yet: alone, or with all of its part. */
static __attribute__((noinline)) bool judge_now(struct toc_match_scratch *s, const struct kind *k, uint32_t predicate,
						uint32_t n)
{
	const uint32_t i = k->predicates[predicate].part;
	const struct part *part = &k->parts[i];
	const struct bound *bound = &s->bound[part->column];
	if (!k->columns[part->column].keyword && bound->generation != s->generation && !part->nloose)
		return false; /* the event has no such field */
	bool single = part->later && !k->columns[part->column].keyword &&
		      (bound->generation != s->generation || !bound->slot->list);
	if (single && s->later_asked + n <= ALONE_MOST) {
		s->later_asked += n;
		for (; n > 0; predicate++, n--)
			if (ask_alone(s, k, predicate))
				return true;
		return false;
	}
	part_judge(s, k, i);
	return toc_truths_any(&s->truths, predicate, n);
}

bool predicate_ask(struct toc_match_scratch *s, const struct kind *k, uint32_t predicate, uint32_t n)
{
	if (toc_truths_any(&s->truths, predicate, n))
		return true;
	return s->judged[k->predicates[predicate].part] != s->generation && judge_now(s, k, predicate, n);
}
