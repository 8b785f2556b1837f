/* test - evaluating one test on one event. */
#define _GNU_SOURCE
#include "match/test.h"

#include <time.h>

#include "event/value.h"

struct toc_span toc_test_text(const struct toc_value *v, char room[TOC_TEST_TEXT])
{
	if (v->type == TOC_STRING)
		return toc_span_first(v->as.s, TOC_DRAFT_STRING);
	return toc_span_of(room, toc_value_text(v, room, TOC_TEST_TEXT));
}

static bool compare(enum toc_compare how, double a, double b)
{
	switch (how) {
	case TOC_CMP_LT:
		return a < b;
	case TOC_CMP_LTE:
		return a <= b;
	case TOC_CMP_GT:
		return a > b;
	case TOC_CMP_GTE:
		return a >= b;
	case TOC_CMP_EQ:
		return a >= b && a <= b;
	}
	return false;
}

static bool holds_string(const struct toc_test *t, const struct toc_value *v)
{
	char room[TOC_TEST_TEXT];
	return toc_pattern_match(&t->pattern, toc_test_text(v, room));
}

static bool holds_number(const struct toc_test *t, const struct toc_value *v)
{
	double n;
	return toc_value_number(v, &n) ? compare(TOC_CMP_EQ, n, t->number) : holds_string(t, v);
}

static bool holds_compare(const struct toc_test *t, const struct toc_value *v)
{
	double n;
	return toc_value_number(v, &n) && compare(t->compare, n, t->number);
}

static bool holds_bool(const struct toc_test *t, const struct toc_value *v)
{
	char room[TOC_TEST_TEXT];
	return toc_span_ieq(toc_test_text(v, room), toc_span_str(t->yes ? "true" : "false"));
}

static bool holds_network(const struct toc_test *t, const struct toc_value *v)
{
	struct toc_addr a;
	if (v->type == TOC_IP)
		return toc_network_has(&t->net, t->bits, &v->as.ip);
	return v->type == TOC_STRING && toc_addr_parse(v->as.s, &a) && toc_network_has(&t->net, t->bits, &a);
}

static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *hit)
{
	(void)id, (void)from, (void)to, (void)flags;
	*(bool *)hit = true;
	return 1; /* one is enough */
}

static bool holds_regex(const struct toc_test *t, const struct toc_value *v, hs_scratch_t *scratch)
{
	char room[TOC_TEST_TEXT];
	struct toc_span s = toc_test_text(v, room);
	bool hit = false;
	hs_scan(t->regex->db, s.n ? (const char *)s.p : "", (unsigned)s.n, 0, scratch, found, &hit);
	return hit;
}

static bool holds_part(const struct toc_test *t, const struct toc_value *v)
{
	if (v->type != TOC_TIME || v->as.i > INT64_MAX - 2 * TOC_DAY || v->as.i < INT64_MIN + 2 * TOC_DAY)
		return false;
	const toc_time local = v->as.i + toc_zone_offset_at(t->zone, v->as.i);
	const time_t seconds = (time_t)(local / TOC_SEC - (local % TOC_SEC < 0));
	struct tm tm;
	char week[8] = "00";
	if (!gmtime_r(&seconds, &tm) || (t->part == TOC_PART_WEEK && strftime(week, sizeof(week), "%V", &tm) == 0))
		return false;
	const int parts[] = { [TOC_PART_MINUTE] = tm.tm_min,	[TOC_PART_HOUR] = tm.tm_hour,
			      [TOC_PART_DAY] = tm.tm_mday,	[TOC_PART_WEEK] = (week[0] - '0') * 10 + week[1] - '0',
			      [TOC_PART_MONTH] = tm.tm_mon + 1, [TOC_PART_YEAR] = tm.tm_year + 1900 };
	return compare(t->compare, parts[t->part], t->number);
}

/* Folded first, so that the search is memmem's and linear: both texts may be a stranger's. */
static bool contains(struct toc_span a, struct toc_span b, bool cased)
{
	uint8_t text[TOC_FOLD_ROOM], needle[TOC_FOLD_ROOM];
	if (b.n == 0)
		return true;
	if (!cased) {
		a = toc_fold(TOC_FOLD_ASCII, a, text);
		b = toc_fold(TOC_FOLD_ASCII, b, needle);
	}
	return memmem(a.p, a.n, b.p, b.n) != NULL;
}

static bool related(const struct toc_test *t, struct toc_span a, struct toc_span b)
{
	bool (*same)(struct toc_span, struct toc_span) = t->cased ? toc_span_eq : toc_span_ieq;
	if (b.n > a.n)
		return false;
	switch (t->relation) {
	case PATTERN_EXACT:
	case PATTERN_ANY:
	case PATTERN_GLOB:
		return same(a, b);
	case PATTERN_PREFIX:
		return same(toc_span_first(a, b.n), b);
	case PATTERN_SUFFIX:
		return same(toc_span_from(a, a.n - b.n), b);
	case PATTERN_CONTAINS:
		return contains(a, b, t->cased);
	}
	return false;
}

static bool holds_field(const struct toc_test *t, const struct toc_value *v, const struct toc_view *view)
{
	char room[TOC_TEST_TEXT], other_room[TOC_TEST_TEXT];
	const struct toc_event *owner;
	struct toc_value other = toc_fieldset_get(&t->other, view, &owner);
	if (other.type == TOC_NONE)
		return false;
	if (!other.list)
		return related(t, toc_test_text(v, room), toc_test_text(&other, other_room));
	for (uint32_t i = 0; i < other.count; i++) {
		struct toc_value item = toc_event_item(owner, &other, i);
		if (related(t, toc_test_text(v, room), toc_test_text(&item, other_room)))
			return true;
	}
	return false;
}

bool toc_test_value(const struct toc_test *t, const struct toc_value *v, const struct toc_view *view,
		    hs_scratch_t *scratch)
{
	switch (t->kind) {
	case TOC_TEST_PRESENT:
		return true;
	case TOC_TEST_STRING:
		return holds_string(t, v);
	case TOC_TEST_NUMBER:
		return holds_number(t, v);
	case TOC_TEST_COMPARE:
		return holds_compare(t, v);
	case TOC_TEST_BOOL:
		return holds_bool(t, v);
	case TOC_TEST_NETWORK:
		return holds_network(t, v);
	case TOC_TEST_REGEX:
		return holds_regex(t, v, scratch);
	case TOC_TEST_LIST:
		return toc_list_has(t->list, v);
	case TOC_TEST_FIELD:
		return holds_field(t, v, view);
	case TOC_TEST_PART:
		return holds_part(t, v);
	case TOC_TEST_BEFORE:
		return view->ev->ts < t->time;
	}
	return false;
}

/* A list satisfies a test when one of its elements does. */
static bool any_holds(const struct toc_test *t, const struct toc_event *owner, const struct toc_value *v,
		      const struct toc_view *view, hs_scratch_t *scratch)
{
	if (!v->list)
		return toc_test_value(t, v, view, scratch);
	if (t->kind == TOC_TEST_PRESENT)
		return true;
	for (uint32_t i = 0; i < v->count; i++) {
		struct toc_value item = toc_event_item(owner, v, i);
		if (toc_test_value(t, &item, view, scratch))
			return true;
	}
	return false;
}

static bool keyword_holds(const struct toc_test *t, const struct toc_view *view, hs_scratch_t *scratch)
{
	const struct toc_slot *slots = toc_event_slots(view->ev);
	for (unsigned i = 0; i < view->ev->nslots; i++) {
		struct toc_value v = toc_event_value(view->ev, &slots[i]);
		if (any_holds(t, view->ev, &v, view, scratch))
			return true;
	}
	return false;
}

bool toc_test_holds(const struct toc_test *t, const struct toc_view *view, hs_scratch_t *scratch)
{
	const struct toc_event *owner;
	if (t->kind == TOC_TEST_BEFORE)
		return view->ev->ts < t->time;
	if (t->keyword)
		return keyword_holds(t, view, scratch);
	struct toc_value v = toc_fieldset_get(&t->field, view, &owner);
	return v.type != TOC_NONE && any_holds(t, owner, &v, view, scratch);
}
