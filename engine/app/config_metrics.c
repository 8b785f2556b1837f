/* config_metrics - `metrics:` of tocsin.yml: where numbers are given to those who scrape. */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "app/config_read.h"

/* The numbers are for this machine; what takes them further checks who asks. */
static bool is_loopback(const struct toc_addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };
	return toc_addr_is_v4(a) ? a->b[12] == 127 : memcmp(a->b, one, sizeof(one)) == 0;
}

static void read_path(struct config_reading *r, const struct toc_yaml *node, const char *path)
{
	struct sockaddr_un at;
	r->c->metrics = config_beside(r, path);
	if (!*path || strlen(r->c->metrics) >= sizeof(at.sun_path))
		config_mistake(r, node, "the socket's path is empty or longer than 107 bytes");
}

static void read_place(struct config_reading *r, const struct toc_yaml *node)
{
	const char *text = NULL;
	config_str(r, node, &text);
	if (!text)
		return;
	if (strncmp(text, "unix:", 5) == 0) {
		read_path(r, node, text + 5);
		return;
	}
	const char *colon = strrchr(text, ':');
	struct toc_span host = toc_span_of(text, colon ? (size_t)(colon - text) : 0);
	struct toc_addr addr;
	char *end = NULL;
	long port = colon ? strtol(colon + 1, &end, 10) : 0;
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = toc_span_of(host.p + 1, host.n - 2);
	if (!end || *end || port < 1 || port > 65535 || !toc_addr_parse(host, &addr) || !is_loopback(&addr)) {
		config_mistake(r, node, "metrics are on loopback (127.0.0.1:9105) or a unix socket (unix:PATH)");
		return;
	}
	r->c->metrics = toc_arena_str(r->c->arena, host);
	r->c->metrics_port = (uint16_t)port;
}

void config_metrics_defaults(struct toc_config *c)
{
	c->metrics_rules = 20;
}

/* A place, or a map with it and how many series each rule and sender may make. */
void config_metrics(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "listen", "rules", "sources", NULL };
	int64_t rules = r->c->metrics_rules, sources = 0;
	if (node->kind != TOC_YAML_MAP) {
		read_place(r, node);
		return;
	}
	toc_yaml_only(node, keys, "metrics", r->diag);
	config_number(r, toc_yaml_get(node, "rules"), 0, 1000, &rules);
	config_number(r, toc_yaml_get(node, "sources"), 0, 1000, &sources);
	r->c->metrics_rules = (unsigned)rules;
	r->c->metrics_sources = (unsigned)sources;
	if (toc_yaml_get(node, "listen"))
		read_place(r, toc_yaml_get(node, "listen"));
	else
		config_mistake(r, node, "metrics needs a place: listen: 127.0.0.1:9105");
}
