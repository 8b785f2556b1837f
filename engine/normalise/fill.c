/* fill - reading values by declared type, secrets taken out on the way. */
#include "normalise/fill.h"

#include "base/typed.h"
#include "normalise/redact.h"
#include "normalise/rest.h"

enum { JOINED = 96 };

void fill_field(struct toc_draft *d, const struct toc_normalisers *n, unsigned field, struct toc_span text)
{
	if (n->fields[field].type == TOC_STRING || !toc_put_typed(d, field, n->fields[field].type, text))
		toc_put_str(d, field, text);
}

bool fill_unset(const struct normaliser *by, struct toc_span value)
{
	if (!(by->unset_lengths >> (value.n & 63) & 1))
		return false; /* most values are of another length than any of these */
	for (unsigned i = 0; i < by->nunset; i++)
		if (toc_span_eq(value, by->unset[i]))
			return true;
	return false;
}

static bool is_unset(const struct normaliser *by, struct toc_span value)
{
	return value.n == 0 || fill_unset(by, value);
}

static void put_one(const struct filling *f, unsigned field, struct toc_span value, bool secret)
{
	if (!field || is_unset(f->by, value) || (f->once && toc_draft_find(f->draft, field)))
		return;
	fill_field(f->draft, f->n, field,
		   secret ? toc_span_str("[redacted]") : redact_text(value, f->scratch, f->room));
}

static void put_split(const struct filling *f, const struct split *s, struct toc_span value)
{
	for (unsigned i = 0; i < s->n && value.n; i++) {
		size_t n = i + 1 < s->n ? toc_span_find(value, s->by) : value.n;
		put_one(f, s->fields[i], toc_span_first(value, n), false);
		value = toc_span_from(value, n + 1);
	}
}

static void put_value(const struct filling *f, const struct key_slot *key, struct toc_span value, bool secret)
{
	if (key->split)
		put_split(f, key->split, value);
	else
		put_one(f, key->field, value, secret);
}

/* Some products write "Threat Name"; the field is ThreatName. */
static const struct key_slot *joined_key(const struct normaliser *by, struct toc_span name)
{
	uint8_t joined[JOINED];
	size_t n = 0;
	if (toc_span_find(name, ' ') == name.n || name.n > sizeof(joined))
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != ' ')
			joined[n++] = name.p[i];
	return normaliser_key(by, toc_span_of(joined, n));
}

static const struct key_slot *key_of(const struct normaliser *by, struct toc_span name)
{
	const struct key_slot *key = normaliser_key(by, name);
	for (const char *const *s = by->strip; *s && !key; s++)
		if (toc_span_starts(name, *s))
			key = normaliser_key(by, toc_span_from(name, strlen(*s)));
	return key ? key : joined_key(by, name);
}

/* The field of a name that is spelled otherwise, or whose last part it is; NULL where it has a value: the second is
 * told with its own name. */
static const struct key_slot *alike(const struct filling *f, struct toc_span name)
{
	bool part;
	const struct key_slot *key = normaliser_folded(f->by, name, &part);
	if (!key || key->split || (part && !rest_allowed(name)))
		return NULL;
	return toc_draft_find(f->draft, key->field) ? NULL : key;
}

void fill_pairs(const struct filling *f, const struct payload *p)
{
	unsigned rest = 0;
	for (unsigned i = 0; i < p->n; i++) {
		struct toc_span name = p->pairs[i].name, value = p->pairs[i].value;
		const struct key_slot *key = key_of(f->by, name);
		if (!key && f->by->folded)
			key = alike(f, name);
		if (key)
			put_value(f, key, value, redact_pair(name, value));
		else if (f->by->rest && !f->no_rest)
			rest_put(f, &rest, name, value);
	}
}

void fill_data(const struct filling *f, const struct payload *p, bool keep_rest)
{
	unsigned rest = 0;
	for (unsigned i = 0; i < p->n; i++) {
		struct toc_span name = p->pairs[i].name, value = p->pairs[i].value;
		bool secret = redact_pair(name, value);
		const struct key_slot *key = f->by ? key_of(f->by, name) : NULL;
		if (key)
			put_value(f, key, value, secret);
		else if (toc_span_is(name, "sequenceId") && !toc_draft_find(f->draft, LINE_SEQUENCE))
			fill_field(f->draft, f->n, LINE_SEQUENCE, value);
		else if (toc_span_starts(name, "@")) /* an element's id */
			continue;
		else if (keep_rest)
			rest_put(f, &rest, name, value);
	}
}

bool fill_columns(const struct filling *f, const struct payload *p)
{
	const struct layout *layout = normaliser_layout(f->by, p);
	if (!layout)
		return false;
	for (unsigned i = 0; i < p->n && i < layout->ncolumns; i++)
		put_value(f, &layout->columns[i], p->pairs[i].value,
			  redact_pair(layout->columns[i].name, p->pairs[i].value));
	return true;
}
