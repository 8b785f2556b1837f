/* print - a test in words, near to how rules write it. */
#include <stdio.h>

#include "match/test.h"

struct words {
	char *out;
	size_t room, n;
};

static void put(struct words *w, char c)
{
	if (w->n + 1 < w->room)
		w->out[w->n] = c;
	w->n++;
}

static void say(struct words *w, const char *text)
{
	for (; *text; text++)
		put(w, *text);
}

/* Bytes that are no printable ASCII as \xHH: the text may be anything. */
static void say_byte(struct words *w, uint8_t c)
{
	static const char hex[] = "0123456789abcdef";
	if (c >= 0x20 && c < 0x7f) {
		put(w, (char)c);
		return;
	}
	say(w, "\\x");
	put(w, hex[c >> 4]);
	put(w, hex[c & 15]);
}

static void say_fields(struct words *w, const struct toc_fieldset *set, const struct toc_intern *names)
{
	for (unsigned i = 0; i < set->n; i++) {
		if (i)
			put(w, '/');
		say(w, toc_intern_name(names, set->id[i]));
	}
}

static void say_number(struct words *w, double n)
{
	char text[32];
	snprintf(text, sizeof(text), "%.10g", n);
	say(w, text);
}

static void say_glob(struct words *w, const struct toc_pattern *p)
{
	if (p->open_start)
		put(w, '*');
	for (unsigned i = 0; i < p->npieces; i++) {
		for (size_t k = 0; k < p->pieces[i].n; k++) {
			uint16_t u = p->pieces[i].units[k];
			if (u < TOC_UNIT_ONE)
				say_byte(w, (uint8_t)u);
			else
				say(w, u == TOC_UNIT_ONE ? "?" : "<dash>");
		}
		if (i + 1 < p->npieces)
			put(w, '*');
	}
	if (p->open_end)
		put(w, '*');
}

static const char *const forms[] = {
	[PATTERN_EXACT] = "is",		 [PATTERN_PREFIX] = "begins with", [PATTERN_SUFFIX] = "ends with",
	[PATTERN_CONTAINS] = "contains", [PATTERN_ANY] = "is there",	   [PATTERN_GLOB] = "is like"
};
static const char *const compares[] = {
	[TOC_CMP_LT] = "<", [TOC_CMP_LTE] = "<=", [TOC_CMP_GT] = ">", [TOC_CMP_GTE] = ">=", [TOC_CMP_EQ] = "="
};
static const char *const parts[] = {
	[TOC_PART_MINUTE] = "minute", [TOC_PART_HOUR] = "hour",	  [TOC_PART_DAY] = "day",
	[TOC_PART_WEEK] = "week",     [TOC_PART_MONTH] = "month", [TOC_PART_YEAR] = "year"
};

static void say_pattern(struct words *w, const struct toc_pattern *p)
{
	say(w, forms[p->form]);
	if (p->fold == TOC_FOLD_NONE)
		say(w, " (cased)");
	if (p->form == PATTERN_ANY)
		return;
	say(w, " '");
	if (p->form == PATTERN_GLOB)
		say_glob(w, p);
	for (size_t i = 0; p->form != PATTERN_GLOB && i < p->text.n; i++)
		say_byte(w, p->text.p[i]);
	put(w, '\'');
}

static void say_network(struct words *w, const struct toc_test *t)
{
	char text[TOC_ADDR_TEXT], bits[8];
	toc_addr_print(&t->net, text);
	snprintf(bits, sizeof(bits), "/%u", toc_addr_is_v4(&t->net) && t->bits >= 96 ? t->bits - 96 : t->bits);
	say(w, "is in ");
	say(w, text);
	say(w, bits);
}

static void say_relation(struct words *w, const struct toc_test *t, const struct toc_intern *names)
{
	switch (t->kind) {
	case TOC_TEST_PRESENT:
		say(w, "is set");
		break;
	case TOC_TEST_STRING:
		say_pattern(w, &t->pattern);
		break;
	case TOC_TEST_PART:
		say(w, parts[t->part]);
		put(w, ' ');
		say(w, compares[t->compare]);
		put(w, ' ');
		say_number(w, t->number);
		break;
	case TOC_TEST_NUMBER:
	case TOC_TEST_COMPARE:
		say(w, compares[t->kind == TOC_TEST_NUMBER ? TOC_CMP_EQ : t->compare]);
		put(w, ' ');
		say_number(w, t->number);
		break;
	case TOC_TEST_BOOL:
		say(w, t->yes ? "is true" : "is false");
		break;
	case TOC_TEST_NETWORK:
		say_network(w, t);
		break;
	case TOC_TEST_REGEX:
		say(w, "matches /");
		for (const char *c = t->regex->text; *c; c++)
			say_byte(w, (uint8_t)*c);
		put(w, '/');
		break;
	case TOC_TEST_LIST:
		say(w, "is in a list of ");
		say_number(w, (double)toc_list_count(t->list));
		break;
	case TOC_TEST_BEFORE:
		say(w, "the event is before ");
		say_number(w, (double)t->time / 1e9);
		break;
	case TOC_TEST_FIELD:
		say(w, forms[t->relation]);
		put(w, ' ');
		say_fields(w, &t->other, names);
		break;
	}
}

int toc_test_print(const struct toc_test *t, const struct toc_intern *names, char *out, size_t room)
{
	struct words w = { out, room, 0 };
	if (t->keyword)
		say(&w, "any text");
	else
		say_fields(&w, &t->field, names);
	put(&w, ' ');
	say_relation(&w, t, names);
	if (room)
		out[w.n < room ? w.n : room - 1] = '\0';
	return (int)w.n;
}
