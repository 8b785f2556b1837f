/* config_notify - the section `notify` of tocsin.yml: for each route, which alerts are told by which sinks. */
#include <string.h>

#include "app/config_read.h"
#include "app/secret.h"

enum { MAILS = 64, ARGUMENTS = 16 };

/* A text or a list of them. */
static const char *const *texts(struct config_reading *r, const struct toc_yaml *node, unsigned most)
{
	unsigned n = node->kind == TOC_YAML_LIST ? node->n : 1, k = 0;
	const char **out = toc_arena_alloc(r->c->arena, (most + 1) * sizeof(*out));
	for (unsigned i = 0; i < n && k < most; i++) {
		const struct toc_yaml *item = node->kind == TOC_YAML_LIST ? node->as.items[i] : node;
		config_str(r, item, &out[k]);
		k += out[k] != NULL;
	}
	if (n > most)
		config_mistake(r, node, "the list is too long");
	return k ? out : NULL;
}

/* An address becomes a part of SMTP's commands: no space, no control, no angle. */
static bool is_address(const char *text)
{
	const char *at = strchr(text, '@');
	for (const char *c = text; *c; c++)
		if (*c <= 0x20 || *c >= 0x7f || strchr("<>(),;:\\\"", *c))
			return false;
	return at && at > text && at[1] && !strchr(at + 1, '@');
}

static void read_mail(struct config_reading *r, const struct toc_yaml *node, struct notify_mail *m)
{
	static const char *const keys[] = { "server", "from", "to", "user", "password_file", "tls", NULL };
	char secret[256];
	const char *path = NULL;
	bool tls = true;
	if (!config_is_map(r, node, "mail"))
		return;
	toc_yaml_only(node, keys, "mail", r->diag);
	config_str(r, toc_yaml_get(node, "server"), &m->server);
	config_str(r, toc_yaml_get(node, "from"), &m->from);
	config_str(r, toc_yaml_get(node, "user"), &m->user);
	if (toc_yaml_get(node, "to"))
		m->to = texts(r, toc_yaml_get(node, "to"), MAILS);
	if (toc_yaml_get(node, "tls"))
		toc_yaml_bool(toc_yaml_get(node, "tls"), &tls, r->diag);
	m->plain = !tls;
	if (!m->server || (strncmp(m->server, "smtp://", 7) != 0 && strncmp(m->server, "smtps://", 8) != 0))
		config_mistake(r, node, "mail needs server: smtp://HOST[:PORT] or smtps://HOST[:PORT]");
	if (!m->from || !is_address(m->from))
		config_mistake(r, node, "mail needs from: an address");
	for (const char *const *to = m->to; to && *to; to++)
		if (!is_address(*to))
			toc_diag_add(r->diag, TOC_ERROR, node->at, "\"%s\" is no address", *to);
	config_path(r, toc_yaml_get(node, "password_file"), &path);
	path = path ? toc_secret_path(r->c->arena, path) : NULL;
	const char *wrong = path ? toc_secret_read(path, secret, sizeof(secret)) : NULL;
	if (wrong)
		config_mistake(r, node, wrong);
	else if (path)
		m->password = toc_arena_str(r->c->arena, toc_span_str(secret));
	if (!m->user != !m->password)
		config_mistake(r, node, "user and password_file come together");
}

static void read_webhook(struct config_reading *r, const struct toc_yaml *node, struct notify_sinks *s)
{
	static const char *const keys[] = { "url", "ca", NULL };
	if (!config_is_map(r, node, "webhook"))
		return;
	toc_yaml_only(node, keys, "webhook", r->diag);
	config_str(r, toc_yaml_get(node, "url"), &s->webhook);
	config_path(r, toc_yaml_get(node, "ca"), &s->webhook_ca);
	if (!s->webhook || (strncmp(s->webhook, "https://", 8) != 0 && strncmp(s->webhook, "http://", 7) != 0))
		config_mistake(r, node, "webhook needs url: https://…");
}

static void read_sinks(struct config_reading *r, const struct toc_yaml *node, struct notify_sinks *s)
{
	if (toc_yaml_get(node, "mail"))
		read_mail(r, toc_yaml_get(node, "mail"), &s->mail);
	if (toc_yaml_get(node, "webhook"))
		read_webhook(r, toc_yaml_get(node, "webhook"), s);
	config_path(r, toc_yaml_get(node, "syslog"), &s->syslog);
	if (toc_yaml_get(node, "command"))
		s->command = texts(r, toc_yaml_get(node, "command"), ARGUMENTS);
	if (s->command && s->command[0][0] != '/')
		config_mistake(r, toc_yaml_get(node, "command"),
			       "the command needs its whole path (/usr/local/bin/page)");
	if (!toc_yaml_get(node, "mail") && !s->webhook && !s->syslog && !s->command)
		config_mistake(r, node, "how is it told? mail, webhook, syslog or command");
}

/* {high: 4h, critical: 15m, calendar: school_hours, next: da} */
static void read_overdue(struct config_reading *r, const struct toc_yaml *node, struct notify_config *n)
{
	static const char *const keys[] = { "high", "critical", "calendar", "next", NULL };
	if (!config_is_map(r, node, "overdue"))
		return;
	toc_yaml_only(node, keys, "overdue", r->diag);
	n->asks_overdue = true;
	n->overdue[0] = 4 * TOC_HOUR;
	n->overdue[1] = 15 * TOC_MIN;
	for (unsigned i = 0; i < 2; i++)
		if (toc_yaml_get(node, keys[i]))
			toc_yaml_duration(toc_yaml_get(node, keys[i]), &n->overdue[i], r->diag);
	config_str(r, toc_yaml_get(node, "calendar"), &n->calendar);
	config_str(r, toc_yaml_get(node, "next"), &n->next);
	if (n->next && !toc_route_sound(n->next))
		config_mistake(r, toc_yaml_get(node, "next"), "a route is of a-z, 0-9, point and hyphen (da)");
}

static void read_route(struct config_reading *r, const struct toc_yaml *node, struct notify_config *n)
{
	static const char *const keys[] = { "route",   "severity", "digest",  "burst",	 "retry", "mail",
					    "webhook", "syslog",   "command", "overdue", NULL };
	int64_t severity = 3, burst = 10;
	*n = (struct notify_config){ .digest = 60 * TOC_SEC, .retry = 5 * TOC_SEC };
	if (!config_is_map(r, node, "notify"))
		return;
	toc_yaml_only(node, keys, "notify", r->diag);
	config_str(r, toc_yaml_get(node, "route"), &n->route);
	if (!n->route || !toc_route_sound(n->route))
		config_mistake(r, node, "route: which? (ts, da, bp.east)");
	config_number(r, toc_yaml_get(node, "severity"), 1, 5, &severity);
	config_number(r, toc_yaml_get(node, "burst"), 1, 60, &burst);
	if (toc_yaml_get(node, "digest"))
		toc_yaml_duration(toc_yaml_get(node, "digest"), &n->digest, r->diag);
	if (toc_yaml_get(node, "retry"))
		toc_yaml_duration(toc_yaml_get(node, "retry"), &n->retry, r->diag);
	if (toc_yaml_get(node, "overdue"))
		read_overdue(r, toc_yaml_get(node, "overdue"), n);
	n->severity = (unsigned)severity;
	n->burst = (unsigned)burst;
	read_sinks(r, node, &n->sinks);
}

void config_notify(struct config_reading *r, const struct toc_yaml *node)
{
	if (node->kind != TOC_YAML_LIST) {
		config_mistake(r, node, "notify must be a list (- route: ts)");
		return;
	}
	unsigned had = r->c->nnotify; /* of another file */
	struct notify_config *all = toc_arena_alloc(r->c->arena, (had + node->n + 1) * sizeof(*all));
	if (had)
		memcpy(all, r->c->notify, had * sizeof(*all));
	for (unsigned i = 0; i < node->n; i++)
		read_route(r, node->as.items[i], &all[had + i]);
	r->c->notify = all;
	r->c->nnotify = had + node->n;
}
