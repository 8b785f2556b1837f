/* sentence - what happened, to whom, how often and when, in one line. */
#include "alert/episode.h"

static void put_key(struct text *out, const struct revision *r)
{
	const struct episode *e = r->episode;
	const char *value = r->key_text;
	const char *between = " for ";
	for (unsigned i = 0; i < e->nkeys; i++) {
		if (*value) {
			text_printf(out, "%s%s %s", between, e->key_names[i], value);
			between = ", ";
		}
		value += strlen(value) + 1;
	}
}

/* Stands the value among the key's already? */
static bool in_key(const struct revision *r, const char *text)
{
	const char *value = r->key_text;
	for (unsigned i = 0; i < r->episode->nkeys; i++, value += strlen(value) + 1)
		if (strcmp(value, text) == 0)
			return true;
	return false;
}

/* An account that is sprayed or shared is more often a victim than an actor: the words must not accuse. */
static void put_subject(struct text *out, const struct revision *r)
{
	enum toc_stance stance = r->episode->rule->stance;
	if (r->subject && !in_key(r, r->subject) && stance != TOC_STANCE_NONE)
		text_printf(out, stance == TOC_STANCE_ACTOR ? ", by %s" : ", the account of %s", r->subject);
}

static void put_times(struct text *out, const struct episode *e)
{
	char first[TIME_TEXT], last[TIME_TEXT];
	size_t n = clock_text(e->first, first), m = clock_text(e->last, last);
	first[n] = last[m] = '\0';
	if (strcmp(first, last) == 0)
		text_printf(out, "at %s UTC", first);
	else
		text_printf(out, "%s to %s UTC", first, last);
}

void sentence_write(struct text *out, const struct revision *r)
{
	const struct episode *e = r->episode;
	text_puts(out, e->rule->title ? e->rule->title : e->rule->id);
	if (e->rule->condition)
		text_printf(out, ": %s", e->rule->condition);
	put_key(out, r);
	put_subject(out, r);
	text_printf(out, " (%llu event%s, ", (unsigned long long)e->count, e->count == 1 ? "" : "s");
	put_times(out, e);
	text_puts(out, ").");
	if (r->state == TOC_ALERT_CLOSE)
		text_puts(out, " It is over.");
}
