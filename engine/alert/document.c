/* document - the alert as responders get it: an OCSF finding, four handles before it, the district's fields behind it.
 */
#include "alert/traces.h"

static const char *const states[] = { "open", "update", "close" };

static void put_time(struct text *t, const char *name, toc_time at)
{
	char text[TIME_TEXT];
	json_put(t, name, toc_span_of(text, time_text(at, text)));
}

static void put_key(struct text *t, const struct revision *r)
{
	const char *value = r->key_text;
	json_name(t, "key");
	text_puts(t, "{");
	for (unsigned i = 0; i < r->episode->nkeys; i++) {
		if (*value)
			json_puts(t, r->episode->key_names[i], value);
		value += strlen(value) + 1;
	}
	text_puts(t, "}");
}

static void put_measured(struct text *t, const struct episode *e)
{
	if (!e->correlation)
		return;
	json_name(t, "measured");
	text_printf(t, "{\"value\":%.10g", e->value);
	json_puts(t, "threshold", e->rule->condition);
	text_puts(t, "}");
}

/* The rule's own level, and which of its search identifiers an event satisfied that made it graver. */
static void put_raised(struct text *t, const struct episode *e)
{
	static const char *const levels[TOC_SEVERITIES] = { "?", "informational", "low", "medium", "high", "critical" };
	if (e->severity <= e->rule->severity)
		return;
	json_name(t, "raised");
	text_puts(t, "{");
	json_puts(t, "from", levels[e->rule->severity]);
	json_list(t, "by", e->rule->raised_by[e->severity]);
	text_puts(t, "}");
}

/* Why confidence is low. */
static void put_doubt(struct text *t, const struct episode *e)
{
	const char *words[3] = { NULL };
	unsigned n = 0;
	if (e->doubt & DOUBT_IDENTITY)
		words[n++] = "identity";
	if (e->doubt & DOUBT_LOSS)
		words[n] = "loss";
	json_list(t, "doubt", words);
}

/* Work that was announced; or that this goes on when the work should be over. */
static void put_maintenance(struct text *t, const struct revision *r)
{
	const struct toc_maintenance *m = r->maintenance;
	if (r->maintenance_over)
		text_puts(t, ",\"maintenance_over\":true");
	if (!m)
		return;
	json_name(t, "maintenance");
	text_puts(t, "{");
	json_puts(t, "id", m->id);
	json_puts(t, "owner", m->owner);
	json_puts(t, "reason", m->reason);
	put_time(t, "until", m->end);
	text_puts(t, "}");
}

/* What it was made by: the same digests, the same rules and settings. */
static void put_pack(struct text *t, const struct revision *r)
{
	json_name(t, "pack");
	text_puts(t, "{");
	json_puts(t, "sha256", r->episode->rule->pack ? r->episode->rule->pack : "");
	json_puts(t, "config_sha256", r->config);
	text_puts(t, "}");
}

/* They were looked at, and none of them covers this. */
static void put_exemptions(struct text *t, const struct toc_alert_rule *rule)
{
	json_list(t, "exemptions_checked", rule->exemptions);
	if (!rule->exemptions || !rule->exemptions[0])
		text_puts(t, ",\"exemptions_checked\":[]");
}

/* Below `unmapped`, where OCSF puts what it has no place for. */
static void put_district(struct text *t, const struct revision *r, struct mask *mask, void **scratch, size_t *room)
{
	const struct toc_alert_rule *rule = r->episode->rule;
	json_name(t, "unmapped");
	text_puts(t, "{\"tocsin\":{\"v\":1");
	json_puts(t, "category", rule->category);
	put_key(t, r);
	json_number(t, "suppressed_count", r->episode->folded);
	setting_subject(t, r, mask);
	setting_place(t, r, mask);
	identities_write(t, r, mask, scratch, room);
	put_time(t, "first", r->episode->first);
	put_time(t, "last", r->episode->last);
	put_time(t, "at", r->at);
	put_measured(t, r->episode);
	put_raised(t, r->episode);
	put_doubt(t, r->episode);
	put_maintenance(t, r);
	if (r->traces)
		traces_write(t, r->traces, r);
	json_list(t, "policy", rule->clauses);
	json_list(t, "route", r->routes);
	put_exemptions(t, rule);
	json_puts(t, "disproof", rule->disproof);
	json_list(t, "falsepositives", rule->falsepositives);
	json_list(t, "tags", rule->tags);
	json_list(t, "references", rule->references);
	json_puts(t, "author", rule->author);
	json_puts(t, "license", rule->license);
	text_puts(t, mask->shows.persons ? ",\"masked\":false" : ",\"masked\":true");
	put_pack(t, r);
	sensor_write(t, r); /* behind all that takes time */
}

/* The episode's own texts, as this copy shows them. */
static void show_texts(struct revision *r, struct mask *mask, struct text *out)
{
	const struct episode *e = r->episode;
	const char *value = e->key_text;
	for (unsigned i = 0; i < e->nkeys; i++, value += strlen(value) + 1) {
		mask_value(mask, e->key_class[i], toc_span_str(value), out);
		text_put(out, toc_span_of("", 1));
	}
	size_t at = out->n;
	mask_value(mask, e->subject_class, toc_span_str(e->subject ? e->subject : ""), out);
	text_put(out, toc_span_of("", 1));
	r->key_text = out->p;
	r->subject = e->subject && out->p[at] ? out->p + at : NULL;
}

void document_note_names(const struct revision *r, struct mask *mask)
{
	const struct episode *e = r->episode;
	const char *value = e->key_text;
	mask_forget(mask);
	for (unsigned i = 0; i < 2 * r->nevidence; i++)
		mask_note(mask, r->evidence[i]);
	for (unsigned i = 0; i < e->nkeys; i++, value += strlen(value) + 1)
		mask_note_value(mask, e->key_class[i], toc_span_str(value));
	if (e->subject)
		mask_note_value(mask, e->subject_class, toc_span_str(e->subject));
}

void document_write(struct text *t, struct revision *r, struct mask *mask, struct chain *chain, void **scratch,
		    size_t *room)
{
	const size_t from = t->n;
	const struct episode *e = r->episode;
	struct text sentence = { 0 }, texts = { 0 };
	show_texts(r, mask, &texts);
	sentence_write(&sentence, r);
	text_puts(t, "{");
	json_puts(t, "state", states[r->state]);
	json_puts(t, "id", e->id);
	json_number(t, "rev", e->revision);
	json_puts(t, "rule", e->rule->id);
	json_put(t, "message", toc_span_of(sentence.p, sentence.n));
	finding_head(t, r);
	finding_info(t, r);
	finding_observables(t, r);
	finding_evidence(t, r, mask, scratch, room);
	put_district(t, r, mask, scratch, room);
	chain_close(chain, t, from, r->told, r->own);
	text_free(&sentence);
	text_free(&texts);
}
