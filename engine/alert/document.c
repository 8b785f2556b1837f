/* document - the alert as responders get it: flat keys of ours beside OCSF 1.8's Detection Finding (class 2004). */
#include "alert/episode.h"
#include "event/json.h"

enum { OCSF_CLASS = 2004, OCSF_CATEGORY = 2 };

static const char *const states[] = { "open", "update", "close" };
static const char *const levels[] = { "unknown", "informational", "low", "medium", "high", "critical" };
static const char *const stances[] = { "none", "actor", "victim", "unknown" };

static void put_time(struct text *t, const char *name, toc_time at)
{
	char text[TIME_TEXT];
	json_put(t, name, toc_span_of(text, time_text(at, text)));
}

static uint64_t ms(toc_time at)
{
	return at > 0 ? (uint64_t)(at / TOC_MS) : 0;
}

static void put_key(struct text *t, const struct episode *e)
{
	const char *value = e->key_text;
	json_name(t, "key");
	text_puts(t, "{");
	for (unsigned i = 0; i < e->nkeys; i++) {
		if (*value)
			json_puts(t, e->key_names[i], value);
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

static void put_evidence(struct text *t, const struct revision *r, struct mask *mask, void **scratch, size_t *room)
{
	json_name(t, "evidence");
	text_puts(t, "[");
	for (unsigned i = 0; i < r->nevidence; i++) {
		text_puts(t, i ? "," : "");
		const struct toc_event *ev = mask_event(mask, r->evidence[2 * i], scratch, room);
		t->n += toc_json_event(ev, r->names, text_room(t, toc_json_bound(ev, r->names)));
		if (r->evidence[2 * i + 1]) {
			ev = mask_event(mask, r->evidence[2 * i + 1], scratch, room);
			t->n += toc_json_fields(ev, r->names, text_room(t, toc_json_bound(ev, r->names)));
		}
		text_puts(t, "}");
	}
	text_puts(t, "]");
}

static void put_subject(struct text *t, const struct episode *e)
{
	if (!e->subject)
		return;
	json_name(t, "subject");
	text_puts(t, "{");
	json_puts(t, "value", e->subject);
	json_puts(t, "stance", stances[e->rule->stance]);
	text_puts(t, "}");
}

/* What the rule's author says, unchanged in every alert of the rule. */
static void put_rule(struct text *t, const struct toc_alert_rule *rule)
{
	json_puts(t, "description", rule->description);
	json_puts(t, "author", rule->author);
	json_puts(t, "license", rule->license);
	json_list(t, "tags", rule->tags);
	json_list(t, "references", rule->references);
	json_list(t, "falsepositives", rule->falsepositives);
	json_list(t, "clause", rule->clauses);
	json_list(t, "route", rule->routes);
	json_puts(t, "disproof", rule->disproof);
	json_puts(t, "runbook", rule->runbook);
}

static void put_ocsf(struct text *t, const struct revision *r)
{
	const struct episode *e = r->episode;
	unsigned activity = (unsigned)r->state + 1;
	json_number(t, "class_uid", OCSF_CLASS);
	json_number(t, "category_uid", OCSF_CATEGORY);
	json_number(t, "activity_id", activity);
	json_number(t, "type_uid", OCSF_CLASS * 100 + activity);
	json_number(t, "severity_id", e->rule->severity);
	json_number(t, "time", ms(r->at));
	json_number(t, "start_time", ms(e->first));
	json_number(t, "end_time", ms(e->last));
	text_puts(t, ",\"is_alert\":true,\"metadata\":{\"version\":\"1.8.0\",\"product\":{\"name\":\"tocsin\"");
	json_puts(t, "version", r->version);
	text_puts(t, "}},\"finding_info\":{");
	json_puts(t, "uid", e->id);
	json_puts(t, "title", e->rule->title);
	json_number(t, "first_seen_time", ms(e->first));
	json_number(t, "last_seen_time", ms(e->last));
	json_number(t, "related_events_count", e->count);
	text_puts(t, ",\"analytic\":{\"type_id\":1");
	json_puts(t, "uid", e->rule->id);
	json_puts(t, "name", e->rule->title);
	text_puts(t, "}}");
}

void document_write(struct text *t, const struct revision *r, struct mask *mask, void **scratch, size_t *room)
{
	const struct episode *e = r->episode;
	struct text sentence = { 0 };
	sentence_write(&sentence, r);
	text_puts(t, "{");
	json_puts(t, "state", states[r->state]);
	json_puts(t, "id", e->id);
	json_number(t, "rev", e->revision);
	json_puts(t, "rule", e->rule->id);
	json_puts(t, "title", e->rule->title);
	json_number(t, "severity", e->rule->severity);
	json_puts(t, "level", levels[e->rule->severity <= 5 ? e->rule->severity : 0]);
	json_puts(t, "sensor", r->sensor);
	json_put(t, "message", toc_span_of(sentence.p, sentence.n));
	put_key(t, e);
	put_subject(t, e);
	if (e->doubtful)
		json_puts(t, "confidence", "low");
	json_number(t, "count", e->count);
	put_time(t, "first", e->first);
	put_time(t, "last", e->last);
	put_time(t, "at", r->at);
	put_measured(t, e);
	put_rule(t, e->rule);
	text_puts(t, mask->names ? ",\"masked\":false" : ",\"masked\":true");
	put_ocsf(t, r);
	put_evidence(t, r, mask, scratch, room);
	text_puts(t, "}");
	text_free(&sentence);
}
