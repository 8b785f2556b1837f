/* finding - OCSF 1.8, class 2004 Detection Finding with the incident profile: what others' tools read. */
#include "alert/episode.h"
#include "event/json.h"

enum { OCSF_CLASS = 2004, OCSF_CATEGORY = 2, STATUS_NEW = 1, KINDS = 8 };

static const char *const severities[] = { "Unknown", "Informational", "Low", "Medium", "High", "Critical" };
static const char *const activities[] = { "Create", "Update", "Close" };

static uint64_t ms(toc_time at)
{
	return at > 0 ? (uint64_t)(at / TOC_MS) : 0;
}

/* Low: what the rule needs (who it was, nothing lost) is not sure; high: it is; else the rule does not ask. The score
 * is the least of what it asks for, in per cent. */
static void put_confidence(struct text *t, const struct revision *r)
{
	const struct episode *e = r->episode;
	unsigned score = 100;
	if (e->doubt || e->rule->needs_identity > 0 || e->rule->asks_loss) {
		json_number(t, "confidence_id", e->doubt ? 1 : 3);
		json_puts(t, "confidence", e->doubt ? "Low" : "High");
	}
	if (e->rule->needs_identity > 0)
		score = e->sure;
	if (e->rule->asks_loss && 100 * (1 - r->lost) < score)
		score = (unsigned)(100 * (1 - r->lost));
	if (e->rule->needs_identity > 0 || e->rule->asks_loss)
		json_number(t, "confidence_score", score);
}

static void put_metadata(struct text *t, const struct revision *r)
{
	json_name(t, "metadata");
	text_puts(t, "{\"version\":\"1.8.0\",\"profiles\":[\"incident\"]");
	json_name(t, "uid");
	text_printf(t, "\"%s-%u\"", r->episode->id, r->episode->revision);
	json_puts(t, "log_provider", r->sensor);
	text_puts(t, ",\"product\":{\"name\":\"tocsin\",\"vendor_name\":\"tocsin\"");
	json_puts(t, "version", r->version);
	text_puts(t, "}}");
}

void finding_head(struct text *t, const struct revision *r)
{
	const struct episode *e = r->episode;
	unsigned activity = (unsigned)r->state + 1, severity = e->severity < TOC_SEVERITIES ? e->severity : 0;
	json_number(t, "class_uid", OCSF_CLASS);
	json_puts(t, "class_name", "Detection Finding");
	json_number(t, "category_uid", OCSF_CATEGORY);
	json_puts(t, "category_name", "Findings");
	json_number(t, "activity_id", activity);
	json_puts(t, "activity_name", activities[r->state]);
	json_number(t, "type_uid", OCSF_CLASS * 100 + activity);
	json_number(t, "severity_id", severity);
	json_puts(t, "severity", severities[severity]);
	json_number(t, "status_id", STATUS_NEW); /* what people make of it is kept apart */
	text_puts(t, ",\"verdict_id\":0,\"verdict\":\"Unknown\"");
	if (e->rule->breach)
		text_puts(t, ",\"is_suspected_breach\":true");
	json_number(t, "time", ms(r->at));
	json_number(t, "timezone_offset", 0);
	json_number(t, "start_time", ms(e->first));
	json_number(t, "end_time", ms(e->last));
	json_number(t, "count", e->count);
	text_puts(t, ",\"is_alert\":true");
	put_confidence(t, r);
	put_metadata(t, r);
}

/* Kinds of the events in the evidence, each once. */
static void put_sources(struct text *t, const struct revision *r)
{
	toc_field seen[KINDS];
	unsigned n = 0;
	json_name(t, "data_sources");
	text_puts(t, "[");
	for (unsigned i = 0; i < r->nevidence && n < KINDS; i++) {
		unsigned k = 0;
		toc_field kind = r->evidence[2 * i]->kind;
		while (k < n && seen[k] != kind)
			k++;
		if (k < n)
			continue;
		text_puts(t, n ? "," : "");
		seen[n++] = kind;
		json_string(t, toc_span_str(toc_intern_name(r->names, kind)));
	}
	text_puts(t, "]");
}

/* The connections that the evidence is of, each once: conn and its like have the same uid. */
static void put_related(struct text *t, const struct revision *r)
{
	static const char *const uid[] = { "uid", NULL }, *const flow[] = { "id.orig_h", NULL };
	char text[TOC_KEY_TEXT], seen[TOC_EVIDENCE][TOC_KEY_TEXT];
	unsigned n = 0;
	for (unsigned i = 0; i < r->nevidence && n < TOC_EVIDENCE; i++) {
		const struct toc_event *ev = r->evidence[2 * i];
		unsigned k = 0;
		if (!revision_value(r, ev, flow, text) || !revision_value(r, ev, uid, seen[n]))
			continue;
		while (strcmp(seen[k], seen[n]) != 0)
			k++;
		if (k < n)
			continue;
		if (!n)
			json_name(t, "related_events");
		text_puts(t, n++ ? ",{" : "[{");
		json_puts(t, "uid", seen[k]);
		json_puts(t, "type", toc_intern_name(r->names, ev->kind));
		text_puts(t, "}");
	}
	text_puts(t, n ? "]" : "");
}

/* Tags attack.t1234 and attack.t1234.001 are techniques of ATT&CK. */
static void put_attacks(struct text *t, const char *const *tags)
{
	unsigned n = 0;
	for (; tags && *tags; tags++) {
		if (strncmp(*tags, "attack.t", 8) != 0 || (*tags)[8] < '0' || (*tags)[8] > '9')
			continue;
		if (!n++) {
			json_name(t, "attacks");
			text_puts(t, "[");
		} else {
			text_puts(t, ",");
		}
		text_puts(t, "{\"technique\":{\"uid\":\"T");
		for (const char *c = *tags + 8; *c; c++)
			if ((*c >= '0' && *c <= '9') || *c == '.')
				text_put(t, toc_span_of(c, 1));
		text_puts(t, "\"}}");
	}
	text_puts(t, n ? "]" : "");
}

void finding_info(struct text *t, const struct revision *r)
{
	const struct episode *e = r->episode;
	const struct toc_alert_rule *rule = e->rule;
	json_name(t, "finding_info");
	text_puts(t, "{");
	json_puts(t, "uid", e->id);
	json_puts(t, "title", rule->title ? rule->title : rule->id);
	json_puts(t, "desc", rule->description);
	json_number(t, "created_time", ms(e->opened_at));
	json_number(t, "first_seen_time", ms(e->first));
	json_number(t, "last_seen_time", ms(e->last));
	json_number(t, "related_events_count", e->count);
	put_related(t, r);
	put_sources(t, r);
	put_attacks(t, rule->tags);
	if (rule->references && rule->references[0])
		json_puts(t, "src_url", rule->references[0]);
	text_puts(t, ",\"analytic\":{\"type_id\":1,\"type\":\"Rule\"");
	json_puts(t, "uid", rule->id);
	json_puts(t, "name", rule->title);
	json_puts(t, "version", rule->version);
	text_puts(t, "}}");
	if (rule->runbook) {
		json_name(t, "remediation");
		text_puts(t, "{");
		json_puts(t, "desc", rule->runbook);
		text_puts(t, "}");
	}
}

/* What the episode is about, as values to search for; OCSF's types: 2 an address, 99 other. */
void finding_observables(struct text *t, const struct revision *r)
{
	const char *value = r->key_text;
	struct toc_addr addr;
	json_name(t, "observables");
	text_puts(t, "[");
	for (unsigned i = 0; i < r->episode->nkeys; i++, value += strlen(value) + 1) {
		if (!*value)
			continue;
		text_puts(t, t->p[t->n - 1] == '[' ? "{" : ",{");
		json_puts(t, "name", r->episode->key_names[i]);
		json_puts(t, "value", value);
		json_number(t, "type_id", toc_addr_parse(toc_span_str(value), &addr) ? 2 : 99);
		text_puts(t, "}");
	}
	text_puts(t, "]");
	if (r->subject) {
		json_name(t, "resources");
		text_puts(t, "[{");
		json_puts(t, "name", r->subject);
		text_puts(t, "}]");
	}
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

static void put_endpoint(struct text *t, const struct revision *r, const struct toc_event *ev, const char *name,
			 const char *const *addresses, const char *const *ports)
{
	char text[TOC_KEY_TEXT];
	size_t n = revision_value(r, ev, addresses, text);
	if (!n)
		return;
	json_name(t, name);
	text_puts(t, "{");
	json_put(t, "ip", toc_span_of(text, n));
	n = revision_value(r, ev, ports, text);
	if (n && strspn(text, "0123456789") >= n) {
		json_name(t, "port");
		text_put(t, toc_span_of(text, n));
	}
	text_puts(t, "}");
}

/* What OCSF has objects for: its members' names, and our fields (of that kind only, if one is named). */
static const struct artifact {
	const char *object, *constant, *kind;
	bool list; /* of one object */
	struct {
		const char *name, *fields[3];
	} member[2];
} artifacts[] = {
	{ "connection_info", "\"direction_id\":0,", NULL, false, { { "community_uid", { "community_id" } } } },
	{ "file", "\"type_id\":0,", NULL, false, { { "name", { "filename", "file_name" } } } },
	{ "query", "", "dns", false, { { "hostname", { "query" } } } },
	{ "url", "", "http", false, { { "hostname", { "host" } } } },
	{ "ja4_fingerprint_list", "\"type_id\":1,", "ssl", true, { { "value", { "ja4" } } } },
	{ "tls", "", "ssl", false, { { "version", { "version" } }, { "sni", { "server_name" } } } },
};

static void put_object(struct text *t, const struct revision *r, const struct toc_event *ev, const struct artifact *a)
{
	char text[TOC_KEY_TEXT];
	for (unsigned i = 0; i < 2 && a->member[i].name; i++) {
		size_t n = revision_value(r, ev, a->member[i].fields, text);
		if (!n && !i)
			return; /* the first is what the object is for */
		if (!i) {
			json_name(t, a->object);
			text_puts(t, a->list ? "[{" : "{");
			text_puts(t, a->constant);
			json_string(t, toc_span_str(a->member[i].name));
			text_puts(t, ":");
			json_string(t, toc_span_of(text, n));
		} else if (n) {
			json_put(t, a->member[i].name, toc_span_of(text, n));
		}
	}
	text_puts(t, a->list ? "}]" : "}");
}

/* Addresses and the account where OCSF looks for them, and the event itself below `data`. */
static void put_artifact(struct text *t, const struct revision *r, const struct toc_event *ev)
{
	static const char *const from[] = { "id.orig_h", "src_ip", NULL }, *const to[] = { "id.resp_h", "dst_ip",
											   NULL };
	static const char *const from_port[] = { "id.orig_p", "src_port", NULL };
	static const char *const to_port[] = { "id.resp_p", "dst_port", NULL }, *const user[] = { "user", NULL };
	char text[TOC_KEY_TEXT];
	put_endpoint(t, r, ev, "src_endpoint", from, from_port);
	put_endpoint(t, r, ev, "dst_endpoint", to, to_port);
	size_t n = revision_value(r, ev, user, text);
	if (n) {
		json_name(t, "user");
		text_puts(t, "{");
		json_put(t, "name", toc_span_of(text, n));
		text_puts(t, "}");
	}
	const char *kind = toc_intern_name(r->names, ev->kind);
	for (size_t i = 0; i < sizeof(artifacts) / sizeof(artifacts[0]); i++)
		if (!artifacts[i].kind || strcmp(artifacts[i].kind, kind) == 0)
			put_object(t, r, ev, &artifacts[i]);
	json_name(t, "data");
	t->n += toc_json_event(ev, r->names, text_room(t, toc_json_bound(ev, r->names)));
}

void finding_evidence(struct text *t, const struct revision *r, struct mask *mask, void **scratch, size_t *room)
{
	json_name(t, "evidences");
	text_puts(t, "[");
	for (unsigned i = 0; i < r->nevidence; i++) {
		text_puts(t, i ? ",{" : "{");
		put_artifact(t, r, mask_event(mask, r->evidence[2 * i], scratch, room));
		if (r->evidence[2 * i + 1]) {
			const struct toc_event *who = mask_event(mask, r->evidence[2 * i + 1], scratch, room);
			t->n += toc_json_fields(who, r->names, text_room(t, toc_json_bound(who, r->names)));
		}
		text_puts(t, "}}");
	}
	text_puts(t, "]");
}
