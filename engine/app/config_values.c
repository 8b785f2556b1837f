/* config_values - `tocsin check --values`: each value that holds and the place that it comes from, for who merges
 * conf.d in the head. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "ruleset/show.h"

enum { PATH = 512 };

/* A URL may hold a password, and one of a webhook is a secret as a whole: neither is for a terminal. */
static void put_url(struct toc_span value, size_t scheme, FILE *out)
{
	struct toc_span rest = toc_span_from(value, scheme + 3);
	const bool web = toc_span_starts(value, "http");
	size_t end = toc_span_find(rest, '/');
	for (size_t at = toc_span_find(rest, '@'); at < end; at = toc_span_find(rest, '@')) {
		rest = toc_span_from(rest, at + 1);
		end -= at + 1;
	}
	const bool hidden = rest.n + scheme + 3 < value.n;
	fprintf(out, "\"%.*s%s%.*s%s\"", (int)scheme + 3, (const char *)value.p, hidden ? "***@" : "",
		(int)(web ? end : rest.n), (const char *)rest.p, web && end < rest.n ? "/***" : "");
}

static void put_value(const struct toc_yaml *node, FILE *out)
{
	struct toc_span value = node->text;
	size_t scheme = 0;
	while (scheme + 3 <= value.n && memcmp(value.p + scheme, "://", 3) != 0)
		scheme++;
	if (scheme + 3 <= value.n)
		put_url(value, scheme, out);
	else if (node->plain)
		fwrite(value.p, 1, value.n, out);
	else
		toc_show_string(value, out);
}

static void put_line(const char *path, const struct toc_yaml *node, FILE *out)
{
	fprintf(out, "%s: ", path);
	if (node->kind == TOC_YAML_SCALAR)
		put_value(node, out);
	else
		fputs(node->kind == TOC_YAML_MAP ? "{}" : "[]", out); /* an empty one */
	fprintf(out, "  # %s:%u:%u\n", node->at.file, node->at.line, node->at.column);
}

/* Depth is bounded by the YAML reader. items: what the list had in files before. */
static void put_tree(char *path, size_t n, const struct toc_yaml *node, unsigned items, FILE *out)
{
	if (node->kind == TOC_YAML_SCALAR || !node->n)
		put_line(path, node, out);
	for (unsigned i = 0; node->kind == TOC_YAML_MAP && i < node->n; i++) {
		const struct toc_yaml_pair *p = &node->as.pairs[i];
		int more = snprintf(path + n, PATH - n, "%s%s", n ? "." : "", toc_yaml_str(p->key));
		if (more > 0 && n + (size_t)more < PATH)
			put_tree(path, n + (size_t)more, p->value, 0, out);
	}
	for (unsigned i = 0; node->kind == TOC_YAML_LIST && i < node->n; i++) {
		int more = snprintf(path + n, PATH - n, "[%u]", items + i);
		if (more > 0 && n + (size_t)more < PATH)
			put_tree(path, n + (size_t)more, node->as.items[i], 0, out);
	}
	path[n] = '\0';
}

static const struct toc_yaml *find(const struct toc_config *c, const char *section, const char *key)
{
	const struct toc_yaml *found = NULL;
	for (const struct toc_config_file *f = c->files; f && !found; f = f->next) {
		found = toc_yaml_get(f->root, section);
		found = found && key ? toc_yaml_get(found, key) : found;
	}
	return found;
}

/* What holds without a word. */
static void put_defaults(const struct toc_config *c, FILE *out)
{
	const struct {
		const char *section, *key, *value;
	} texts[] = { { "sensor", "name", c->sensor },
		      { "sensor", "user", c->user },
		      { "sensor", "wire_syslog", c->wire_syslog ? "true" : "false" },
		      { "time_zone", NULL, c->time_zone },
		      { "rules", "mode", c->rules_observe ? "observe" : "alert" },
		      { "deliver", "redis", c->redis_url ? c->redis_url : "none: alerts go to stdout" },
		      { "deliver", "syslog", c->syslog ? c->syslog : "none" },
		      { "state", NULL, c->state },
		      { "overload", "order", "[encrypted, large, files, payload]" },
		      { "metrics", NULL, "none" },
		      { "canary", NULL, "none" } };
	const struct {
		const char *section, *key;
		uint64_t value;
	} numbers[] = { { "deliver", "journal_mb", c->journal_bytes >> 20 },
			{ "limits", "ring_mb", c->ring_bytes >> 20 },
			{ "evidence", "packets_mb", c->packet_bytes >> 20 },
			{ "evidence", "kept_mb", c->evidence_bytes >> 20 },
			{ "retention", "alerts_days", c->retention.alerts },
			{ "retention", "health_days", c->retention.health },
			{ "retention", "audit_days", c->retention.audit } };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!find(c, texts[i].section, texts[i].key))
			fprintf(out, "%s%s%s: %s  # default\n", texts[i].section, texts[i].key ? "." : "",
				texts[i].key ? texts[i].key : "", texts[i].value);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!find(c, numbers[i].section, numbers[i].key))
			fprintf(out, "%s.%s: %" PRIu64 "  # default\n", numbers[i].section, numbers[i].key,
				numbers[i].value);
}

/* How many items of a list that goes on stood in the files before. */
static unsigned items_before(const struct toc_config *c, const struct toc_config_file *file, const char *section)
{
	unsigned n = 0;
	for (const struct toc_config_file *f = c->files; f != file; f = f->next) {
		const struct toc_yaml *list = toc_yaml_get(f->root, section);
		n += list && list->kind == TOC_YAML_LIST ? list->n : 0;
	}
	return n;
}

void toc_config_values(const struct toc_config *c, FILE *out)
{
	char path[PATH] = "";
	for (const struct toc_config_file *f = c->files; f; f = f->next)
		for (unsigned i = 0; f->root->kind == TOC_YAML_MAP && i < f->root->n; i++) {
			const struct toc_yaml_pair *p = &f->root->as.pairs[i];
			const char *name = toc_yaml_str(p->key);
			int n = snprintf(path, sizeof(path), "%s", name);
			if (n > 0 && n < PATH && !toc_yaml_is_null(p->value))
				put_tree(path, (size_t)n, p->value, items_before(c, f, name), out);
		}
	put_defaults(c, out);
}
