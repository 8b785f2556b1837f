/* redis_url - where a Redis is: URLs to hosts, ports and names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/redis_link.h"

enum { REDIS_PORT = 6379, SENTINEL_PORT = 26379 };

static bool bad_url(char *err, size_t n)
{
	snprintf(err, n,
		 "the Redis URL must look like unix:///run/redis.sock, redis://host:6379, "
		 "sentinel://host:26379/mymaster "
		 "or, with TLS, rediss:// and sentinels://");
	return false;
}

/* Copies [from, to) if it fits. */
static bool copy(char *out, size_t room, const char *from, const char *to)
{
	size_t n = (size_t)(to - from);
	if (n >= room)
		return false;
	memcpy(out, from, n);
	out[n] = '\0';
	return true;
}

static bool parse_number(const char *from, const char *to, unsigned most, unsigned *out)
{
	char text[16], *end;
	if (from == to || !copy(text, sizeof(text), from, to))
		return false;
	unsigned long v = strtoul(text, &end, 10);
	*out = (unsigned)v;
	return !*end && v <= most;
}

static bool parse_login(struct toc_redis_address *a, const char *from, const char *at)
{
	const char *colon = memchr(from, ':', (size_t)(at - from));
	return copy(a->user, sizeof(a->user), from, colon ? colon : at) &&
	       copy(a->password, sizeof(a->password), colon ? colon + 1 : at, at);
}

bool toc_redis_node_parse(const char *text, size_t length, unsigned usual_port, struct toc_redis_node *out)
{
	const char *end = text + length, *p = text;
	const char *close_bracket = length && *p == '[' ? memchr(p, ']', length) : NULL;
	const char *from = close_bracket ? close_bracket : p;
	const char *colon = memchr(from, ':', (size_t)(end - from));
	out->port = usual_port;
	if (colon && !parse_number(colon + 1, end, 65535, &out->port))
		return false;
	const char *host_end = close_bracket ? close_bracket : colon ? colon : end;
	p += close_bracket != NULL;
	return p < host_end && copy(out->host, sizeof(out->host), p, host_end);
}

void toc_redis_node_endpoint(const struct toc_redis_node *node, char out[TOC_ASK_MOST])
{
	snprintf(out, TOC_ASK_MOST, "tcp:%s:%u", node->host, node->port);
}

static bool parse_unix(const char *path, struct toc_redis_address *out)
{
	const char *query = strstr(path, "?db="), *end = query ? query : path + strlen(path);
	bool ok = *path == '/' && copy(out->path, sizeof(out->path), path, end);
	return ok && (!query || parse_number(query + 4, query + strlen(query), 16383, &out->db));
}

static bool parse_host(const char *p, struct toc_redis_address *out)
{
	struct toc_redis_node node;
	const char *end = p + strlen(p), *slash = strchr(p, '/');
	if (slash && slash + 1 < end && !parse_number(slash + 1, end, 16383, &out->db))
		return false;
	end = slash ? slash : end;
	if (!toc_redis_node_parse(p, (size_t)(end - p), REDIS_PORT, &node))
		return false;
	out->port = node.port;
	return copy(out->host, sizeof(out->host), node.host, node.host + strlen(node.host));
}

static bool parse_sentinels(const char *p, struct toc_redis_address *out)
{
	const char *slash = strchr(p, '/'), *db = slash ? strchr(slash + 1, '/') : NULL;
	if (!slash || (db && !parse_number(db + 1, db + strlen(db), 16383, &out->db)))
		return false;
	const char *name_end = db ? db : slash + strlen(slash);
	if (slash + 1 == name_end || !copy(out->master, sizeof(out->master), slash + 1, name_end))
		return false;
	while (p < slash && out->nsentinels < TOC_REDIS_NODES) {
		size_t n = strcspn(p, ",/");
		if (!toc_redis_node_parse(p, n, SENTINEL_PORT, &out->sentinels[out->nsentinels++]))
			return false;
		p += n + (p[n] == ',');
	}
	return out->nsentinels && p >= slash;
}

/* The scheme, whether it is with TLS, and who reads the rest. */
static const struct {
	const char *scheme;
	bool tls;
	bool (*parse)(const char *rest, struct toc_redis_address *out);
} schemes[] = { { "unix://", false, parse_unix },
		{ "redis://", false, parse_host },
		{ "rediss://", true, parse_host },
		{ "sentinel://", false, parse_sentinels },
		{ "sentinels://", true, parse_sentinels } };

bool toc_redis_address_parse(const char *url, struct toc_redis_address *out, char *err, size_t err_size)
{
	*out = (struct toc_redis_address){ .port = REDIS_PORT };
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i].scheme);
		if (strncmp(url, schemes[i].scheme, n) != 0)
			continue;
		const char *rest = url + n, *at = i ? strrchr(rest, '@') : NULL;
		out->tls = schemes[i].tls;
		bool ok = (!at || parse_login(out, rest, at)) && schemes[i].parse(at ? at + 1 : rest, out);
		return ok || bad_url(err, err_size);
	}
	return bad_url(err, err_size);
}

void toc_redis_endpoint(const struct toc_redis_address *a, char out[TOC_ASK_MOST])
{
	if (a->path[0])
		snprintf(out, TOC_ASK_MOST, "unix:%s", a->path);
	else
		snprintf(out, TOC_ASK_MOST, "tcp:%s:%u", a->host, a->port);
}
