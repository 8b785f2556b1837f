/* config_deliver - the section `deliver` of tocsin.yml: where alerts go, and who is told what. */
#include <stdio.h>
#include <string.h>

#include "app/config_read.h"
#include "app/secret.h"
#include "deliver/redis_link.h"

static void read_password(struct config_reading *r, const struct toc_yaml *node)
{
	char secret[TOC_PASSWORD_MOST + 1];
	const char *path = NULL;
	config_path(r, node, &path);
	path = path ? toc_secret_path(r->c->arena, path) : NULL;
	const char *wrong = path ? toc_secret_read(path, secret, sizeof(secret)) : NULL;
	if (wrong)
		config_mistake(r, node, wrong);
	else if (path)
		r->c->redis_password = toc_arena_str(r->c->arena, toc_span_str(secret));
}

static void read_tls(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "ca", "cert", "key", NULL };
	if (!config_is_map(r, node, "deliver.tls"))
		return;
	toc_yaml_only(node, keys, "deliver.tls", r->diag);
	config_path(r, toc_yaml_get(node, "ca"), &r->c->tls_ca);
	config_path(r, toc_yaml_get(node, "cert"), &r->c->tls_cert);
	config_path(r, toc_yaml_get(node, "key"), &r->c->tls_key);
	if (!r->c->tls_cert != !r->c->tls_key)
		config_mistake(r, node, "a client's certificate and its key come together (cert, key)");
}

/* What is wrong with where alerts go, as far as can be known without connecting. */
static void check_redis(struct config_reading *r, const struct toc_yaml *node)
{
	struct toc_redis_address to;
	char err[256];
	const struct toc_yaml *tls = toc_yaml_get(node, "tls"), *url = toc_yaml_get(node, "redis");
	if (!r->c->redis_url)
		return;
	if (!toc_redis_address_parse(r->c->redis_url, &to, err, sizeof(err)))
		config_mistake(r, url, err);
	else if (tls && !to.tls)
		config_mistake(r, tls, "tls is for a URL that begins with rediss://");
	else if (to.tls && !r->c->tls_ca)
		config_mistake(r, url, "rediss:// needs tls: {ca: FILE}, the CA that signed the server's certificate");
}

/* da: {clear: [persons, devices]} */
static void read_grant(struct config_reading *r, const struct toc_yaml_pair *pair, struct toc_route_grant *out)
{
	static const char *const keys[] = { "clear", NULL };
	const struct toc_yaml *list = toc_yaml_get(pair->value, "clear");
	out->route = toc_yaml_str(pair->key);
	if (!toc_route_sound(out->route))
		config_mistake(r, pair->key, "a route is of a-z, 0-9, point and hyphen (ts, da, hr, bp.east)");
	if (!config_is_map(r, pair->value, "a route"))
		return;
	toc_yaml_only(pair->value, keys, "a route", r->diag);
	if (list && list->kind != TOC_YAML_LIST)
		config_mistake(r, list, "clear is a list of persons, devices");
	for (unsigned i = 0; list && list->kind == TOC_YAML_LIST && i < list->n; i++) {
		const char *what = toc_yaml_str(list->as.items[i]);
		if (what && strcmp(what, "persons") == 0)
			out->persons = true;
		else if (what && strcmp(what, "devices") == 0)
			out->devices = true;
		else
			config_mistake(r, list->as.items[i], "clear is a list of persons, devices");
	}
}

static void read_grants(struct config_reading *r, const struct toc_yaml *node)
{
	if (!config_is_map(r, node, "deliver.routes"))
		return;
	struct toc_route_grant *grants = toc_arena_alloc(r->c->arena, (node->n + 1) * sizeof(*grants));
	for (unsigned i = 0; i < node->n; i++) {
		grants[i] = (struct toc_route_grant){ 0 };
		read_grant(r, &node->as.pairs[i], &grants[i]);
	}
	r->c->grants = grants;
	r->c->ngrants = node->n;
}

/* "08-15": the day from which people get new tokens. */
static void read_school_year(struct config_reading *r, const struct toc_yaml *node)
{
	unsigned month, day;
	char end;
	const char *text = toc_yaml_str(node);
	bool ok = text && sscanf(text, "%2u-%2u%c", &month, &day, &end) == 2 && month >= 1 && month <= 12 && day >= 1 &&
		  day <= 31;
	if (ok)
		r->c->school_year = month * 100 + day;
	else
		config_mistake(r, node, "school_year is the day it begins on: month and day, such as 08-15");
}

/* Where somebody else may send it: a stranger's word must not make the sensor connect to anywhere. */
static void read_nodes(struct config_reading *r, const struct toc_yaml *node)
{
	if (node->kind != TOC_YAML_LIST) {
		config_mistake(r, node, "nodes must be a list (- 10.1.1.5:6379)");
		return;
	}
	struct toc_redis_node *nodes = toc_arena_alloc(r->c->arena, (node->n + 1) * sizeof(*nodes));
	for (unsigned i = 0; i < node->n; i++) {
		const char *text = toc_yaml_str(node->as.items[i]);
		if (!text || !toc_redis_node_parse(text, strlen(text), 6379, &nodes[i]))
			config_mistake(r, node->as.items[i],
				       "expected HOST:PORT, as the Sentinels or the Cluster call it");
	}
	r->c->nodes = nodes;
	r->c->nnodes = node->n;
}

/* Who is told what. */
static void read_audience(struct config_reading *r, const struct toc_yaml *node)
{
	const char *people = NULL;
	config_path(r, toc_yaml_get(node, "people"), &people);
	if (people)
		r->c->people = toc_people_read(r->c->arena, &toc_opener_self, people, r->diag);
	if (toc_yaml_get(node, "routes"))
		read_grants(r, toc_yaml_get(node, "routes"));
	if (toc_yaml_get(node, "school_year"))
		read_school_year(r, toc_yaml_get(node, "school_year"));
	if (toc_yaml_get(node, "names"))
		toc_yaml_bool(toc_yaml_get(node, "names"), &r->c->deliver_names, r->diag);
	if (toc_yaml_get(node, "all"))
		toc_yaml_bool(toc_yaml_get(node, "all"), &r->c->deliver_all, r->diag);
}

void config_deliver(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "redis",  "user",	"password_file", "tls", "names", "journal_mb",
					    "people", "routes", "school_year",	 "all", "nodes", "syslog",
					    NULL };
	int64_t mb = 1024;
	if (!config_is_map(r, node, "deliver"))
		return;
	toc_yaml_only(node, keys, "deliver", r->diag);
	config_str(r, toc_yaml_get(node, "redis"), &r->c->redis_url);
	config_str(r, toc_yaml_get(node, "user"), &r->c->redis_user);
	if (r->c->redis_user && strlen(r->c->redis_user) > TOC_USER_MOST)
		config_mistake(r, toc_yaml_get(node, "user"), "the name of the user is too long");
	if (toc_yaml_get(node, "password_file"))
		read_password(r, toc_yaml_get(node, "password_file"));
	else if (r->c->redis_user)
		config_mistake(r, toc_yaml_get(node, "user"), "a user needs a password (password_file: FILE)");
	if (toc_yaml_get(node, "tls"))
		read_tls(r, toc_yaml_get(node, "tls"));
	read_audience(r, node);
	if (toc_yaml_get(node, "nodes"))
		read_nodes(r, toc_yaml_get(node, "nodes"));
	config_path(r, toc_yaml_get(node, "syslog"), &r->c->syslog);
	config_number(r, toc_yaml_get(node, "journal_mb"), 1, 1 << 20, &mb);
	r->c->journal_bytes = (uint64_t)mb << 20;
	check_redis(r, node);
}
