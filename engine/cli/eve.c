/* eve - fields of event_type alert (Suricata's manual, "Eve JSON Format"), from our document. */
#include "cli/eve.h"

#include <string.h>
#include <time.h>

#include "alert/text.h"
#include "base/hash.h"

/* Ours in their places: ours first that the evidence has. */
static const struct {
	const char *eve, *ours;
} ends[] = { { "src_ip", "src_endpoint.ip" },  { "src_port", "src_endpoint.port" },
	     { "dest_ip", "dst_endpoint.ip" }, { "dest_port", "dst_endpoint.port" },
	     { "proto", "data.proto" },	       { "community_id", "data.community_id" } };

static void put_ends(struct text *t, const struct cli_node *doc)
{
	const struct cli_node *list = cli_tree_at(doc, "evidences"), *best = NULL;
	for (const struct cli_node *c = list ? list->child : NULL; c; c = c->next)
		if (!best || cli_tree_at(c, "src_endpoint"))
			best = c;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const struct cli_node *v = cli_tree_at(best, ends[i].ours);
		if (!v || (v->kind != TOC_JSON_STRING && v->kind != TOC_JSON_NUMBER))
			continue;
		json_name(t, ends[i].eve);
		if (v->kind == TOC_JSON_NUMBER)
			text_put(t, v->text);
		else
			json_string(t, v->text);
	}
}

static void put_alert(struct text *t, const struct cli_alert *a, const struct cli_node *doc)
{
	static const unsigned severities[] = { 3, 3, 3, 2, 1, 1 };
	const struct cli_node *policy = cli_tree_at(doc, "unmapped.tocsin.policy");
	json_name(t, "alert");
	text_puts(t, "{\"action\":\"allowed\",\"gid\":1");
	json_number(t, "signature_id", toc_hash_fixed(a->rule, strlen(a->rule)) & 0x7fffffff);
	json_number(t, "rev", 1);
	json_puts(t, "signature", a->title);
	json_put(t, "category", policy && policy->child ? policy->child->text : toc_span_str(""));
	json_number(t, "severity", severities[a->severity <= 5 ? a->severity : 0]);
	json_name(t, "metadata");
	text_puts(t, "{");
	json_name(t, "tocsin_id");
	text_puts(t, "[");
	json_string(t, toc_span_str(a->id));
	text_puts(t, "]}}");
}

void cli_eve(const struct cli_alert *a, FILE *out)
{
	struct text t = { 0 };
	struct tm tm;
	char second[32] = "", when[56];
	time_t seconds = (time_t)(a->last / 1000);
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *doc = cli_tree_read(arena, toc_span_str(a->json));
	if (gmtime_r(&seconds, &tm))
		strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(when, sizeof(when), "%s.%03d000+0000", second, (int)(a->last % 1000));
	text_puts(&t, "{");
	json_puts(&t, "timestamp", when);
	json_puts(&t, "event_type", "alert");
	json_put(&t, "host", cli_tree_text(doc, "metadata.log_provider"));
	put_ends(&t, doc);
	put_alert(&t, a, doc);
	json_name(&t, "tocsin");
	text_puts(&t, "{");
	json_puts(&t, "message", a->message);
	json_puts(&t, "key", a->key);
	json_number(&t, "count", a->count);
	json_puts(&t, "state", a->act == 'x' ? "close" : a->act == 'u' ? "update" : "open");
	text_puts(&t, "}}\n");
	fwrite(t.p, 1, t.n, out);
	text_free(&t);
	toc_arena_free(arena);
}
