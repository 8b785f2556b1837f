/* filter - a table of fields; each term asks one of them. */
#include "cli/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
	const struct cli_term *term;
	const struct cli_alert *a;
	const char *uid;
	int64_t now;
};

static bool contains(const char *text, const char *part)
{
	size_t n = strlen(part);
	for (; text && *text; text++) {
		size_t i = 0;
		while (i < n && text[i] && toc_lower((uint8_t)text[i]) == toc_lower((uint8_t)part[i]))
			i++;
		if (i == n)
			return true;
	}
	return n == 0;
}

static bool same(const char *text, const char *value)
{
	return text && strcmp(text, value) == 0;
}

static bool compares(const struct cli_term *t, double value)
{
	switch (t->relation) {
	case '<':
		return value < t->number;
	case '>':
		return value > t->number;
	case 'l':
		return value <= t->number;
	case 'g':
		return value >= t->number;
	default:
		return value >= t->number && value <= t->number;
	}
}

static const char *const states[] = { "new",  "acked",	   "closed",   "open",	"engaged", "past",
				      "mine", "escalated", "conflict", "grown", "exempt",  "work" };

static bool ask_is(const struct asking *q)
{
	const struct cli_alert *a = q->a;
	const bool values[] = { !a->now.acked && !a->now.closed,
				a->now.acked && !a->now.closed,
				a->now.closed,
				!a->now.closed,
				a->act != 'x',
				a->act == 'x',
				same(a->now.assignee, q->uid),
				a->now.escalated,
				a->conflicts > 0,
				a->acked_rev && a->rev > a->acked_rev,
				a->now.exempt != NULL,
				a->work != CLI_NO_WORK };
	_Static_assert(sizeof(values) / sizeof(values[0]) == sizeof(states) / sizeof(states[0]), "one each");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], q->term->text) == 0)
			return values[i];
	return false;
}

static bool ask_severity(const struct asking *q)
{
	return compares(q->term, q->a->severity);
}

static bool ask_count(const struct asking *q)
{
	return compares(q->term, (double)q->a->count);
}

static bool ask_age(const struct asking *q)
{
	return compares(q->term, (double)(q->now - q->a->last) / 1000);
}

static bool ask_rule(const struct asking *q)
{
	return contains(q->a->rule, q->term->text) || contains(q->a->title, q->term->text);
}

static bool ask_route(const struct asking *q)
{
	return same(q->a->route, q->term->text);
}

static bool ask_id(const struct asking *q)
{
	return strncmp(q->a->id, q->term->text, strlen(q->term->text)) == 0;
}

static bool ask_who(const struct asking *q)
{
	return same(q->a->now.assignee, q->term->text);
}

static bool ask_verdict(const struct asking *q)
{
	return same(q->a->now.verdict, q->term->text);
}

static bool ask_text(const struct asking *q)
{
	return contains(q->a->title, q->term->text) || contains(q->a->message, q->term->text) ||
	       contains(q->a->key, q->term->text);
}

static const struct {
	const char *name;
	char kind; /* s a word, n a number, d a duration, i a state */
	bool (*ask)(const struct asking *q);
} fields[] = { { "", 's', ask_text },	       { "is", 'i', ask_is },	{ "sev", 'n', ask_severity },
	       { "count", 'n', ask_count },    { "age", 'd', ask_age }, { "rule", 's', ask_rule },
	       { "route", 's', ask_route },    { "id", 's', ask_id },	{ "who", 's', ask_who },
	       { "verdict", 's', ask_verdict } };

enum { NFIELDS = sizeof(fields) / sizeof(fields[0]) };

/* "90", "2h": seconds of a duration. */
static bool read_number(const char *text, char kind, double *out)
{
	static const struct {
		char unit;
		double seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	char *end;
	*out = strtod(text, &end);
	if (end == text)
		return false;
	if (kind == 'n' || !*end)
		return !*end;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end[0] == units[i].unit && !end[1]) {
			*out *= units[i].seconds;
			return true;
		}
	return false;
}

static bool is_state(const char *word)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], word) == 0)
			return true;
	return false;
}

/* Splits name, relation and value; a word without a known name in front is just a word. */
static void split(const char *word, struct cli_term *t)
{
	for (unsigned i = 1; i < NFIELDS; i++) {
		size_t n = strlen(fields[i].name);
		if (strncmp(word, fields[i].name, n) != 0 || !word[n] || !strchr(":<>", word[n]))
			continue;
		t->field = i;
		t->relation = word[n++];
		if (word[n] == '=') {
			t->relation = t->relation == '<' ? 'l' : t->relation == '>' ? 'g' : ':';
			n++;
		}
		word += n;
		break;
	}
	snprintf(t->text, sizeof(t->text), "%.63s", word);
}

static bool parse_term(const char *word, struct cli_term *t, char *err, size_t room)
{
	*t = (struct cli_term){ .relation = ':', .not = word[0] == '-' && word[1] };
	split(word + t->not, t);
	const char kind = fields[t->field].kind;
	bool ok = kind == 's'	? t->relation == ':'
		  : kind == 'i' ? t->relation == ':' && is_state(t->text)
				: read_number(t->text, kind, &t->number);
	if (!ok)
		snprintf(err, room, "%s: %s", word,
			 kind == 'i'
				 ? "is: new acked closed open engaged past mine escalated conflict grown exempt work"
			 : kind == 'd' ? "an age is like 30m, 2h, 7d"
			 : kind == 'n' ? "a number is wanted"
				       : "only : goes with a word");
	return ok;
}

bool cli_filter_parse(const char *text, struct cli_filter *out, char *err, size_t room)
{
	out->n = 0;
	while (*(text += strspn(text, " "))) {
		char word[128];
		size_t n = 0;
		bool quoted = false;
		for (; *text && (quoted || *text != ' '); text++) {
			if (*text == '"')
				quoted = !quoted;
			else if (n + 1 < sizeof(word))
				word[n++] = *text;
		}
		word[n] = '\0';
		if (out->n == CLI_TERMS || !parse_term(word, &out->terms[out->n], err, room)) {
			if (out->n == CLI_TERMS)
				snprintf(err, room, "more than %d conditions", CLI_TERMS);
			out->n = 0;
			return false;
		}
		out->n++;
	}
	return true;
}

bool cli_filter_holds(const struct cli_filter *f, const struct cli_alert *a, const char *uid, int64_t now_ms)
{
	for (unsigned i = 0; i < f->n; i++) {
		const struct asking q = { &f->terms[i], a, uid, now_ms };
		if (fields[f->terms[i].field].ask(&q) == f->terms[i].not )
			return false;
	}
	return true;
}
