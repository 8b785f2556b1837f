/* config_listen - the section `syslog:` of tocsin.yml. */
#include <stdlib.h>

#include "app/config_read.h"

/* "0.0.0.0:514", "[::]:514", "514": the address is copied. */
static bool read_endpoint(struct config_reading *r, const struct toc_yaml *node, struct toc_listener *l)
{
	const char *text = toc_yaml_str(node), *colon = text ? strrchr(text, ':') : NULL;
	const char *port = colon ? colon + 1 : text;
	char *end = NULL;
	long value = port && *port ? strtol(port, &end, 10) : -1;
	struct toc_span host = colon ? toc_span_of(text, (size_t)(colon - text)) : toc_span_str("0.0.0.0");
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = toc_span_of(host.p + 1, host.n - 2);
	struct toc_addr addr;
	if (!end || *end || value < 0 || value > 65535 || !toc_addr_parse(host, &addr)) {
		config_mistake(r, node, "expected ADDRESS:PORT, such as 0.0.0.0:514 or [::]:514");
		return false;
	}
	l->address = toc_arena_str(r->c->arena, host);
	l->port = (uint16_t)value;
	return true;
}

static const struct kind {
	const char *name;
	enum toc_listen_kind kind;
	bool endpoint, path, tls; /* an address and port, or a path; may it have certificates */
} kinds[] = {
	{ "udp", TOC_LISTEN_UDP, true, false, false },	 { "tcp", TOC_LISTEN_TCP, true, false, false },
	{ "tls", TOC_LISTEN_TLS, true, false, true },	 { "relp", TOC_LISTEN_RELP, true, false, true },
	{ "unix", TOC_LISTEN_UNIX, false, true, false }, { "unix_stream", TOC_LISTEN_UNIX_STREAM, false, true, false },
	{ "file", TOC_LISTEN_FILE, false, true, false }
};

/* Which kind it is; NULL after a message. */
static const struct kind *read_kind(struct config_reading *r, const struct toc_yaml *node, struct toc_listener *l)
{
	const struct kind *found = NULL;
	unsigned given = 0;
	bool ok = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct toc_yaml *where = toc_yaml_get(node, kinds[i].name);
		if (!where)
			continue;
		given++;
		found = &kinds[i];
		l->kind = found->kind;
		if (found->endpoint)
			ok = read_endpoint(r, where, l);
		else
			config_path(r, where, &l->address);
		ok = ok || l->address;
	}
	if (given != 1)
		config_mistake(r, node, "a listener needs one of udp, tcp, tls, relp, unix, unix_stream, file");
	return given == 1 && ok ? found : NULL;
}

static unsigned items(const struct toc_yaml *node)
{
	return node->kind == TOC_YAML_LIST ? node->n : 1;
}

static const struct toc_yaml *item(const struct toc_yaml *node, unsigned i)
{
	return node->kind == TOC_YAML_LIST ? node->as.items[i] : node;
}

static void read_peers(struct config_reading *r, const struct toc_yaml *node, struct toc_listen_tls *tls)
{
	const char **peers = toc_arena_alloc(r->c->arena, (items(node) + 1) * sizeof(*peers));
	unsigned n = 0;
	for (unsigned i = 0; i < items(node); i++) {
		const char *peer = toc_yaml_str(item(node, i)), *wrong;
		wrong = peer ? toc_listen_peer_wrong(peer, tls->ca != NULL) : "expected a text";
		if (wrong)
			config_mistake(r, item(node, i), wrong);
		else
			peers[n++] = peer;
	}
	if (items(node) == 0)
		config_mistake(r, node, "an empty list of peers lets nobody in");
	tls->peers = peers;
}

/* cert and key, without which there is no TLS; ca and peers say who may come. */
static void read_tls(struct config_reading *r, const struct toc_yaml *node, const struct kind *kind,
		     struct toc_listener *l)
{
	struct toc_listen_tls *tls = &l->tls;
	const struct {
		const char *name, **out;
	} files[] = { { "cert", &tls->cert }, { "key", &tls->key }, { "ca", &tls->ca } };
	const struct toc_yaml *peers = toc_yaml_get(node, "peers");
	unsigned before = toc_diag_errors(r->diag);
	for (unsigned i = 0; i < 3; i++) {
		const struct toc_yaml *file = toc_yaml_get(node, files[i].name);
		if (file && !kind->tls)
			config_mistake(r, file, "certificates are for tls: and relp: listeners");
		if (!file)
			continue;
		tls->at[i] = file->at;
		config_path(r, file, files[i].out);
	}
	if (kind->kind == TOC_LISTEN_TLS && !(tls->cert && tls->key))
		config_mistake(r, node, "a tls listener needs cert: FILE and key: FILE");
	else if (!tls->cert != !tls->key)
		config_mistake(r, node, "cert and key come together");
	else if (!tls->cert && (tls->ca || peers))
		config_mistake(r, node, "ca and peers need cert and key");
	if (peers)
		read_peers(r, peers, tls);
	if (!r->only && tls->cert && toc_diag_errors(r->diag) == before)
		toc_listen_tls_check(tls, &toc_opener_self, r->diag);
}

static bool parse_net(const char *text, struct toc_listen_net *out)
{
	const char *slash = strchr(text, '/');
	if (!toc_addr_parse(toc_span_of(text, slash ? (size_t)(slash - text) : strlen(text)), &out->net))
		return false;
	unsigned base = toc_addr_is_v4(&out->net) ? 96 : 0, bits = 128 - base;
	char *end = NULL;
	unsigned long n = slash ? strtoul(slash + 1, &end, 10) : bits;
	out->prefix = base + (unsigned)n;
	return !slash || (!*end && slash[1] >= '0' && slash[1] <= '9' && n <= bits);
}

static void read_allow(struct config_reading *r, const struct toc_yaml *node, const struct kind *kind,
		       struct toc_listener *l)
{
	struct toc_listen_net *nets = toc_arena_alloc(r->c->arena, (items(node) + 1) * sizeof(*nets));
	if (!kind->endpoint)
		config_mistake(r, node, "allow: is for listeners with an address");
	for (unsigned i = 0; i < items(node); i++) {
		const char *text = toc_yaml_str(item(node, i));
		if (text && parse_net(text, &nets[l->nallow]))
			l->nallow++;
		else
			config_mistake(r, item(node, i), "expected an address or a network such as 10.1.0.0/16");
	}
	if (items(node) == 0)
		config_mistake(r, node, "an empty allow: lets nobody in");
	l->allow = nets;
}

/* Numbers, times and the rest that is the same for all kinds. */
static void read_limits(struct config_reading *r, const struct toc_yaml *node, const struct kind *kind,
			struct toc_listener *l)
{
	int64_t max_line = 65536, connections = 1024, per_sender = 0;
	const struct toc_yaml *idle = toc_yaml_get(node, "idle"), *allow = toc_yaml_get(node, "allow");
	const struct toc_yaml *each = toc_yaml_get(node, "max_per_sender");
	bool streams = kind->tls || kind->kind == TOC_LISTEN_TCP || kind->kind == TOC_LISTEN_UNIX_STREAM;
	config_number(r, toc_yaml_get(node, "max_line"), 480, 1 << 20, &max_line);
	config_number(r, toc_yaml_get(node, "max_connections"), 1, 65536, &connections);
	config_number(r, each, 1, 65536, &per_sender);
	if ((each || idle) && !streams)
		config_mistake(r, each ? each : idle, "this is for connections: tcp, tls, relp, unix_stream");
	if (idle)
		toc_yaml_duration(idle, &l->idle, r->diag);
	if (allow)
		read_allow(r, allow, kind, l);
	l->max_line = (size_t)max_line;
	l->max_connections = (unsigned)connections;
	l->max_per_sender = (unsigned)per_sender;
}

/* Longer than a day nobody is waited for (correlate/clocks.c). */
static void read_late(struct config_reading *r, const struct toc_yaml *node)
{
	toc_time *late = &r->c->late[r->c->nlisteners];
	*late = 0;
	if (node && toc_yaml_duration(node, late, r->diag) && *late > TOC_DAY)
		config_mistake(r, node, "late: at most 24h");
}

static void read_listener(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "udp",
					    "tcp",
					    "tls",
					    "relp",
					    "unix",
					    "unix_stream",
					    "file",
					    "relay",
					    "late",
					    "max_line",
					    "max_connections",
					    "max_per_sender",
					    "idle",
					    "allow",
					    "cert",
					    "key",
					    "ca",
					    "peers",
					    NULL };
	struct toc_listener *l = &r->c->listeners[r->c->nlisteners];
	bool relay = false;
	if (!config_is_map(r, node, "a listener"))
		return;
	toc_yaml_only(node, keys, "a listener", r->diag);
	if (r->c->nlisteners == TOC_LISTENERS) {
		config_mistake(r, node, "more than 32 listeners");
		return;
	}
	const struct kind *kind = read_kind(r, node, l);
	if (toc_yaml_get(node, "relay"))
		toc_yaml_bool(toc_yaml_get(node, "relay"), &relay, r->diag);
	if (!kind)
		return;
	read_tls(r, node, kind, l);
	read_limits(r, node, kind, l);
	r->c->relay[r->c->nlisteners] = relay;
	read_late(r, toc_yaml_get(node, "late"));
	r->c->nlisteners++;
}

void config_listeners(struct config_reading *r, const struct toc_yaml *node)
{
	if (node->kind != TOC_YAML_LIST)
		config_mistake(r, node, "syslog must be a list (- udp: 0.0.0.0:514)");
	for (unsigned i = 0; node->kind == TOC_YAML_LIST && i < node->n; i++)
		read_listener(r, node->as.items[i]);
}

void config_sort_listeners(struct toc_config *c)
{
	struct toc_listener sorted[TOC_LISTENERS];
	bool relay[TOC_LISTENERS];
	toc_time late[TOC_LISTENERS];
	unsigned n = 0;
	for (int streams = 0; streams < 2; streams++)
		for (unsigned i = 0; i < c->nlisteners; i++) {
			if (toc_listener_is_datagrams(&c->listeners[i]) == streams)
				continue;
			sorted[n] = c->listeners[i];
			late[n] = c->late[i];
			relay[n++] = c->relay[i];
		}
	memcpy(c->listeners, sorted, n * sizeof(sorted[0]));
	memcpy(c->relay, relay, n * sizeof(relay[0]));
	memcpy(c->late, late, n * sizeof(late[0]));
}

static bool is_same(const struct toc_listener *a, const struct toc_listener *b)
{
	return a->kind == b->kind && a->port == b->port && strcmp(a->address, b->address) == 0;
}

/* Names among peers mean nothing without the CA that vouches for them: the two change together or not at all. */
static bool has_same_files(const struct toc_listen_tls *a, const struct toc_listen_tls *b)
{
	const char *const had[] = { a->cert, a->key, a->ca }, *const has[] = { b->cert, b->key, b->ca };
	bool same = true;
	for (unsigned i = 0; i < 3; i++)
		same = same && (had[i] && has[i] ? strcmp(had[i], has[i]) == 0 : had[i] == has[i]);
	return same;
}

bool toc_config_admission(const struct toc_config *running, const struct toc_config *next,
			  struct toc_listener out[TOC_LISTENERS], struct toc_diag *diag)
{
	bool taken[TOC_LISTENERS] = { false }, sound = true;
	unsigned found = 0;
	for (unsigned i = 0; i < running->nlisteners; i++) {
		const struct toc_listener *had = &running->listeners[i];
		unsigned k = 0;
		out[i] = *had;
		while (k < next->nlisteners && (taken[k] || !is_same(had, &next->listeners[k])))
			k++;
		if (k == next->nlisteners)
			continue;
		const struct toc_listener *has = &next->listeners[k];
		taken[k] = true;
		found++;
		out[i].allow = has->allow;
		out[i].nallow = has->nallow;
		out[i].tls.peers = has->tls.peers;
		if (has_same_files(&had->tls, &has->tls))
			continue;
		sound = false;
		toc_diag_add(diag, TOC_ERROR, has->tls.at[0],
			     "other files for cert, key or ca are taken at a start, not by a reload");
	}
	if (found < running->nlisteners || found < next->nlisteners)
		toc_diag_add(diag, TOC_WARNING, (struct toc_place){ running->path, 0, 0 },
			     "listeners that came or went, or have another address, are taken at the next start");
	return sound;
}
