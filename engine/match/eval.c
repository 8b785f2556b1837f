/* eval - one part of a column on one event: every value goes once through the part's tables. */
#include <stdlib.h>

#include "event/value.h"
#include "match/compiled.h"

enum { ALONE_MOST = 32 };

enum { NO_COLUMN = UINT32_MAX, NOT_FOLDED = -1 };

/* One value under judgement; what its text is and how it folds is found once for all parts of its column. */
struct judged {
	struct toc_match_scratch *s;
	const struct kind *k;
	const struct part *part;
	uint32_t column; /* whose value it is; NO_COLUMN: of none, or a list */
	const struct toc_event *owner;
	struct toc_value own; /* the column's */
	const struct toc_value *value;
	bool has_text, is_number, number_known;
	int folded_as; /* enum toc_fold, or NOT_FOLDED */
	struct toc_span text, folded;
	double number;
	char room[TOC_TEST_TEXT];
};

static void take_value(struct judged *j, const struct toc_value *v)
{
	j->value = v;
	j->has_text = j->number_known = false;
	j->folded_as = NOT_FOLDED;
}

static struct toc_span text_of(struct judged *j)
{
	if (!j->has_text)
		j->text = toc_test_text(j->value, j->room);
	j->has_text = true;
	return j->text;
}

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
		double number = 0;
		j->is_number = (j->value->type == TOC_STRING && digits_number(j->value->as.s, &number)) ||
			       toc_value_number(j->value, &number);
		j->number = number + 0.0; /* -0 is 0 */
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

static struct toc_span fold_text(struct judged *j)
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
	return toc_fold((enum toc_fold)j->part->fold, j->text, s->folded);
}

/* The text folded as the part wants it. */
static struct toc_span fold(struct judged *j)
{
	if (j->folded_as != j->part->fold)
		j->folded = fold_text(j);
	j->folded_as = j->part->fold;
	return j->folded;
}

static void judge_texts(struct judged *j)
{
	const struct part *part = j->part;
	const struct toc_span text = text_of(j);
	if (part->fold == TOC_FOLD_WIDE && !part->ascii_too && toc_fold_is_ascii(text))
		return;
	struct toc_span folded = fold(j);
	if (part->has_exact)
		look_up(j, &part->exact, folded, folded);
	if (part->has_prefixes)
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

static void judge_expressions(struct judged *j, struct toc_span text)
{
	hs_scan(j->part->db, text.n ? (const char *)text.p : "", (unsigned)text.n, 0, j->s->hs, found, j);
}

static void judge_value(struct judged *j)
{
	const struct part *part = j->part;
	if (part->texts || (part->numbers_texts && !is_number(j)))
		judge_texts(j);
	if (part->has_numbers && is_number(j))
		look_up(j, &part->numbers, toc_span_of(&j->number, sizeof(j->number)), text_of(j));
	if (part->networks)
		judge_networks(j);
	if (part->db)
		judge_expressions(j, text_of(j));
	for (uint32_t i = 0; i < part->nloose; i++)
		if (!toc_truths_has(&j->s->truths, part->loose[i]) && holds(j, part->loose[i]))
			toc_truths_set(&j->s->truths, part->loose[i]);
}

/* A list satisfies what one of its elements does. */
static void judge_any(struct judged *j, const struct toc_event *owner, const struct toc_value *v)
{
	if (!v->list) {
		take_value(j, v);
		judge_value(j);
		return;
	}
	for (uint32_t i = 0; i < v->count; i++) {
		struct toc_value item = toc_event_item(owner, v, i);
		take_value(j, &item);
		judge_value(j);
	}
	j->value = NULL; /* the items are gone */
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
	return p->needles && p->fold == TOC_FOLD_ASCII && !p->has_exact && !p->has_prefixes && !p->suffixes &&
	       !p->has_numbers && !p->networks && !p->nloose && !p->db;
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

/* The column's value, if the event has it. */
static bool take_column(struct judged *j, uint32_t column)
{
	const struct bound *bound = &j->s->bound[column];
	if (bound->generation != j->s->generation)
		return false;
	j->owner = bound->owner;
	j->own = toc_event_value(bound->owner, bound->slot);
	j->column = j->own.list ? NO_COLUMN : column;
	take_value(j, &j->own);
	return true;
}

static void judge_part(struct judged *j, uint32_t i)
{
	struct toc_match_scratch *s = j->s;
	const struct part *part = &j->k->parts[i];
	j->part = part;
	s->judged[i] = s->generation;
	if (part->keyword) {
		j->column = NO_COLUMN;
		judge_all(j, s->view->ev);
		return;
	}
	for (uint32_t n = 0; part->fieldless && n < part->nloose; n++)
		if (toc_test_holds(j->k->predicates[part->loose[n]].test, s->view, s->hs))
			toc_truths_set(&s->truths, part->loose[n]);
	if ((j->column == NO_COLUMN || j->column != part->column) && !take_column(j, part->column))
		return;
	if (part->present != TOC_NO_PREDICATE)
		toc_truths_set(&s->truths, part->present);
	if (j->column == NO_COLUMN)
		judge_any(j, j->owner, &j->own);
	else
		judge_value(j);
}

/* What lies behind a part is asked for while the one before it is judged, the part itself one earlier. */
static void fetch_behind(const struct part *p)
{
	__builtin_prefetch(p->needles);
	__builtin_prefetch(p->suffixes);
	if (p->has_exact || p->has_prefixes)
		__builtin_prefetch(&p->exact);
}

void parts_judge(struct toc_match_scratch *s, const struct kind *k, const uint64_t *need)
{
	struct judged j; /* its room is large, and written before it is read */
	uint32_t n = 0;
	j.s = s;
	j.k = k;
	j.column = NO_COLUMN;
	for (uint32_t w = 0; w < words_of(k->nparts); w++)
		for (uint64_t left = need[w] & s->present[w]; left; left &= left - 1) {
			uint32_t part = 64 * w + (uint32_t)__builtin_ctzll(left);
			s->todo[n] = part;
			n += s->judged[part] != s->generation;
		}
	for (uint32_t i = 0; i < n; i++) {
		if (i + 2 < n)
			__builtin_prefetch(&k->parts[s->todo[i + 2]]);
		if (i + 1 < n)
			fetch_behind(&k->parts[s->todo[i + 1]]);
		judge_part(&j, s->todo[i]);
	}
}

static void judge_one(struct toc_match_scratch *s, const struct kind *k, uint32_t part)
{
	struct judged j;
	j.s = s;
	j.k = k;
	j.column = NO_COLUMN;
	judge_part(&j, part);
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
	take_value(&j, &v);
	text_of(&j);
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
	if (!part->keyword && bound->generation != s->generation && !part->nloose)
		return false; /* the event has no such field */
	bool single = part->later && !part->keyword && (bound->generation != s->generation || !bound->slot->list);
	if (single && s->later_asked + n <= ALONE_MOST) {
		s->later_asked += n;
		for (; n > 0; predicate++, n--)
			if (ask_alone(s, k, predicate))
				return true;
		return false;
	}
	judge_one(s, k, i);
	return toc_truths_any(&s->truths, predicate, n);
}

bool predicate_ask(struct toc_match_scratch *s, const struct kind *k, uint32_t predicate, uint32_t n)
{
	if (toc_truths_any(&s->truths, predicate, n))
		return true;
	return s->judged[k->predicates[predicate].part] != s->generation && judge_now(s, k, predicate, n);
}
