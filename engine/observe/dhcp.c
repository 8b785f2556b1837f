/* dhcp - the messages of one transaction as one row, as Zeek's dhcp.log has it (RFC 2131). */
#include <stdlib.h>

#include "base/lru.h"
#include "event/json.h"
#include "observe/observer.h"

enum {
	TRANSACTIONS = 8192,
	UIDS = 10,  /* of one row, as in Zeek */
	TYPES = 50, /* of one row, as in Zeek */
	TYPES_TEXT = 480,
	NAME = 255,
	REASON = 96
};

enum {
	EV_DHCP,
	F_UIDS,
	F_CLIENT_ADDR,
	F_SERVER_ADDR,
	F_MAC,
	F_HOST_NAME,
	F_CLIENT_FQDN,
	F_DOMAIN,
	F_REQUESTED_ADDR,
	F_ASSIGNED_ADDR,
	F_LEASE_TIME,
	F_CLIENT_MESSAGE,
	F_SERVER_MESSAGE,
	F_MSG_TYPES,
	F_DURATION,
	N_FIELDS
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_DHCP] = { "dhcp", TOC_KIND, false, TOC_OPEN, NULL, "a DHCP transaction: the messages of one identifier" },
	[F_UIDS] = { "uids", TOC_STRING, true, TOC_OPEN, NULL, "flows that its messages came in" },
	[F_CLIENT_ADDR] = { "client_addr", TOC_IP, false, TOC_DEVICE, NULL, "the client's address" },
	[F_SERVER_ADDR] = { "server_addr", TOC_IP, false, TOC_DEVICE, NULL, "server that gave an address" },
	[F_MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "the client's hardware address" },
	[F_HOST_NAME] = { "host_name", TOC_STRING, false, TOC_DEVICE, NULL, "name the client gives" },
	[F_CLIENT_FQDN] = { "client_fqdn", TOC_STRING, false, TOC_DEVICE, NULL, "full name the client gives" },
	[F_DOMAIN] = { "domain", TOC_STRING, false, TOC_OPEN, NULL, "domain the server gives" },
	[F_REQUESTED_ADDR] = { "requested_addr", TOC_IP, false, TOC_DEVICE, NULL, "address the client asked for" },
	[F_ASSIGNED_ADDR] = { "assigned_addr", TOC_IP, false, TOC_DEVICE, NULL, "address the server gave" },
	[F_LEASE_TIME] = { "lease_time", TOC_DURATION, false, TOC_OPEN, "s", "how long the server gave it for" },
	[F_CLIENT_MESSAGE] = { "client_message", TOC_STRING, false, TOC_OPEN, NULL, "why the client refused" },
	[F_SERVER_MESSAGE] = { "server_message", TOC_STRING, false, TOC_OPEN, NULL, "why the server refused" },
	[F_MSG_TYPES] = { "msg_types", TOC_STRING, true, TOC_OPEN, NULL, "its messages in order" },
	[F_DURATION] = { "duration", TOC_DURATION, false, TOC_OPEN, "s", "from the first message to the last" },
};
static const char *const kinds[] = { "dhcp_message", NULL };

/* What is read of a message. */
enum in {
	IN_XID,
	IN_OP,
	IN_TYPE,
	IN_MAC,
	IN_SRC,
	IN_YIADDR,
	IN_SERVER,
	IN_REQUESTED,
	IN_HOST,
	IN_FQDN,
	IN_DOMAIN,
	IN_LEASE,
	IN_CLIENT_MESSAGE,
	IN_SERVER_MESSAGE,
	N_IN
};

static const char *const in_names[N_IN] = {
	"xid",
	"op",
	"msg_type",
	"mac",
	"src_addr",
	"yiaddr",
	"server_addr",
	"requested_addr",
	"host_name",
	"client_fqdn",
	"domain",
	"lease_time",
	"client_message",
	"server_message",
};

enum { CLIENT = 1 }; /* op */

struct short_text {
	uint8_t n, b[NAME];
};

struct reason {
	uint8_t n, b[REASON];
};

struct transaction {
	uint32_t xid; /* key */
	uint32_t has; /* bit a field */
	uint64_t due; /* second in which it is looked at again */
	toc_time ts, last_ts, at, last_at;
	uint64_t ordinal; /* of its first message */
	struct toc_addr client, server, requested, assigned;
	struct toc_mac mac;
	toc_time lease;
	uint64_t uids[UIDS];
	uint8_t nuids, ntypes;
	uint16_t types_n;
	uint8_t types[TYPES_TEXT]; /* each with its length in front */
	struct short_text host, fqdn, domain;
	struct reason client_message, server_message;
};

struct dhcp {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *open;
	toc_field in[N_IN];
	uint64_t now; /* second up to which all was looked at */
	uint32_t ndue, due[TRANSACTIONS];
};

/* A row is written when nothing came for 5 s, or after 30 s; first looked at after 10 s, then every 5 s: as Zeek. */
static const uint64_t first_look = 10, next_look = 5;
static const toc_time quiet = 5 * TOC_SEC, longest = 30 * TOC_SEC;

static void put_row(struct toc_draft *d, const struct transaction *t)
{
	const struct {
		uint8_t field;
		const struct toc_addr *value;
	} addresses[] = { { F_CLIENT_ADDR, &t->client },
			  { F_SERVER_ADDR, &t->server },
			  { F_REQUESTED_ADDR, &t->requested },
			  { F_ASSIGNED_ADDR, &t->assigned } };
	const struct {
		uint8_t field;
		struct toc_span value;
	} texts[] = { { F_HOST_NAME, toc_span_of(t->host.b, t->host.n) },
		      { F_CLIENT_FQDN, toc_span_of(t->fqdn.b, t->fqdn.n) },
		      { F_DOMAIN, toc_span_of(t->domain.b, t->domain.n) },
		      { F_CLIENT_MESSAGE, toc_span_of(t->client_message.b, t->client_message.n) },
		      { F_SERVER_MESSAGE, toc_span_of(t->server_message.b, t->server_message.n) } };
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (t->has >> addresses[i].field & 1)
			toc_put_ip(d, addresses[i].field, addresses[i].value);
	if (t->has >> F_MAC & 1)
		toc_put_mac(d, F_MAC, &t->mac);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].value.n)
			toc_put_str(d, texts[i].field, texts[i].value);
	if (t->has >> F_LEASE_TIME & 1)
		toc_put_duration(d, F_LEASE_TIME, t->lease);
	toc_put_duration(d, F_DURATION, t->last_ts - t->ts);
}

/* at = the deadline, or 0 when a message is the cause. */
static void tell(struct dhcp *h, const struct transaction *t, toc_time at)
{
	struct toc_draft *d = h->env.draft;
	toc_draft_begin(d, h->map, EV_DHCP);
	d->head.ts = t->ts;
	d->head.at = at;
	d->head.ordinal = at ? t->ordinal : 0;
	toc_list_open(d, F_UIDS, TOC_STRING);
	for (unsigned i = 0; i < t->nuids; i++) {
		char text[18];
		toc_list_str(d, F_UIDS, toc_span_of(text, toc_uid_print(t->uids[i], text)));
	}
	put_row(d, t);
	for (size_t i = 0; i < t->types_n; i += 1u + t->types[i])
		toc_list_str(d, F_MSG_TYPES, toc_span_of(t->types + i + 1, t->types[i]));
	h->env.emit->event(h->env.emit, d);
}

static void evicted(void *user, void *cell)
{
	tell(user, cell, 0);
}

static void dhcp_free(void *self)
{
	struct dhcp *h = self;
	toc_lru_free(h->open);
	free(h);
}

static void *dhcp_new(const struct observer_env *env, const toc_field *map)
{
	struct dhcp *h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->env = *env;
	h->map = map;
	for (unsigned i = 0; i < N_IN; i++)
		h->in[i] = toc_intern_add(env->names, toc_span_str(in_names[i]));
	h->open = toc_lru_new(sizeof(uint32_t), sizeof(struct transaction), TRANSACTIONS, env->key, evicted, h);
	if (h->open)
		return h;
	dhcp_free(h);
	return NULL;
}

static void note_due(void *user, void *cell)
{
	struct dhcp *h = user;
	const struct transaction *t = cell;
	if (t->due <= h->now)
		h->due[h->ndue++] = t->xid;
}

static void look(struct dhcp *h, uint32_t xid)
{
	struct transaction *t = toc_lru_peek(h->open, &xid);
	toc_time at = (toc_time)h->now * TOC_SEC;
	if (at - t->last_at <= quiet && at - t->at < longest) {
		t->due = h->now + next_look;
		return;
	}
	tell(h, t, at);
	toc_lru_remove(h->open, t);
}

/* Second by second, so that rows come in the order of their deadlines: a look at all of them a second costs little. */
static void dhcp_advance(void *self, toc_time at)
{
	struct dhcp *h = self;
	uint64_t second = at > 0 ? (uint64_t)(at / TOC_SEC) : 0;
	while (h->now < second) {
		if (!toc_lru_count(h->open)) {
			h->now = second;
			return;
		}
		h->now++;
		h->ndue = 0;
		toc_lru_each(h->open, note_due, h);
		for (uint32_t i = 0; i < h->ndue; i++)
			look(h, h->due[i]);
	}
}

static void tell_last(void *user, void *cell)
{
	struct dhcp *h = user;
	const struct transaction *t = cell;
	h->due[h->ndue++] = t->xid;
}

static void dhcp_finish(void *self, toc_time at)
{
	struct dhcp *h = self;
	dhcp_advance(h, at);
	h->ndue = 0;
	toc_lru_each(h->open, tell_last, h);
	for (uint32_t i = 0; i < h->ndue; i++) {
		struct transaction *t = toc_lru_peek(h->open, &h->due[i]);
		tell(h, t, at);
		toc_lru_remove(h->open, t);
	}
}

static struct toc_value get(const struct dhcp *h, const struct toc_event *ev, enum in field, enum toc_type type)
{
	struct toc_value v = toc_event_get(ev, h->in[field]);
	return v.type == type && !v.list ? v : (struct toc_value){ .type = TOC_NONE };
}

/* Each returns whether the message says it; the latest one counts. */
static bool keep_ip(struct transaction *t, unsigned field, struct toc_addr *to, struct toc_value v)
{
	if (v.type == TOC_NONE)
		return false;
	*to = v.as.ip;
	t->has |= 1u << field;
	return true;
}

static void keep_mac(struct transaction *t, struct toc_value v)
{
	if (v.type == TOC_NONE)
		return;
	t->mac = v.as.mac;
	t->has |= 1u << F_MAC;
}

static void keep_text(uint8_t *n, uint8_t *b, size_t most, struct toc_value v)
{
	if (v.type == TOC_NONE)
		return;
	struct toc_span s = toc_span_first(v.as.s, most);
	*n = (uint8_t)s.n;
	memcpy(b, s.p, s.n);
}

static bool is_unset(const struct toc_addr *a)
{
	static const struct toc_addr none4 = { { [10] = 0xff, [11] = 0xff } };
	return toc_addr_eq(a, &none4);
}

static bool is_empty(const struct toc_mac *m)
{
	static const struct toc_mac none;
	return memcmp(m->b, none.b, sizeof(m->b)) == 0;
}

static void from_client(const struct dhcp *h, struct transaction *t, const struct toc_event *ev)
{
	struct toc_value src = get(h, ev, IN_SRC, TOC_IP);
	if (src.type == TOC_IP && !is_unset(&src.as.ip))
		keep_ip(t, F_CLIENT_ADDR, &t->client, src);
	keep_mac(t, get(h, ev, IN_MAC, TOC_MAC));
	keep_ip(t, F_REQUESTED_ADDR, &t->requested, get(h, ev, IN_REQUESTED, TOC_IP));
	keep_text(&t->host.n, t->host.b, NAME, get(h, ev, IN_HOST, TOC_STRING));
	keep_text(&t->fqdn.n, t->fqdn.b, NAME, get(h, ev, IN_FQDN, TOC_STRING));
	keep_text(&t->client_message.n, t->client_message.b, REASON, get(h, ev, IN_CLIENT_MESSAGE, TOC_STRING));
}

static void from_server(const struct dhcp *h, struct transaction *t, const struct toc_event *ev)
{
	struct toc_value lease = get(h, ev, IN_LEASE, TOC_DURATION);
	/* a server that gave nothing is not the one the row is about */
	if (keep_ip(t, F_ASSIGNED_ADDR, &t->assigned, get(h, ev, IN_YIADDR, TOC_IP)))
		keep_ip(t, F_SERVER_ADDR, &t->server, get(h, ev, IN_SERVER, TOC_IP));
	if (!(t->has >> F_MAC & 1) || is_empty(&t->mac)) /* a lease query asks by address, the answer has it */
		keep_mac(t, get(h, ev, IN_MAC, TOC_MAC));
	if (!(t->has >> F_CLIENT_ADDR & 1) && (t->has >> F_ASSIGNED_ADDR & 1)) {
		t->client = t->assigned;
		t->has |= 1u << F_CLIENT_ADDR;
	}
	if (lease.type == TOC_DURATION) {
		t->lease = lease.as.i;
		t->has |= 1u << F_LEASE_TIME;
	}
	keep_text(&t->domain.n, t->domain.b, NAME, get(h, ev, IN_DOMAIN, TOC_STRING));
	keep_text(&t->server_message.n, t->server_message.b, REASON, get(h, ev, IN_SERVER_MESSAGE, TOC_STRING));
}

static bool has_uid(const struct transaction *t, uint64_t uid)
{
	for (unsigned i = 0; i < t->nuids; i++)
		if (t->uids[i] == uid)
			return true;
	return false;
}

static bool is_full(const struct transaction *t, const struct toc_event *ev, struct toc_span type)
{
	return t->ntypes == TYPES || t->types_n + type.n + 1 > TYPES_TEXT ||
	       (t->nuids == UIDS && ev->uid && !has_uid(t, ev->uid));
}

/* The transaction of a message; one whose row is full is told, and another begun. */
static struct transaction *find(struct dhcp *h, const struct toc_event *ev, uint32_t xid, struct toc_span type)
{
	bool fresh;
	struct transaction *t = toc_lru_add(h->open, &xid, &fresh);
	if (!fresh && is_full(t, ev, type)) {
		tell(h, t, 0);
		memset(t, 0, sizeof(*t));
		t->xid = xid;
		fresh = true;
	}
	if (fresh) {
		t->ts = t->last_ts = ev->ts;
		t->at = ev->at;
		t->ordinal = ev->ordinal;
		/* rounded up: a deadline never comes early */
		t->due = (uint64_t)((ev->at + TOC_SEC - 1) / TOC_SEC) + first_look;
	}
	return t;
}

static void dhcp_see(void *self, const struct toc_view *view)
{
	struct dhcp *h = self;
	const struct toc_event *ev = view->ev;
	struct toc_value xid = get(h, ev, IN_XID, TOC_UINT), type = get(h, ev, IN_TYPE, TOC_STRING),
			 op = get(h, ev, IN_OP, TOC_UINT);
	if (xid.type == TOC_NONE || type.type == TOC_NONE || op.type == TOC_NONE || type.as.s.n > UINT8_MAX)
		return; /* BOOTP has no type */
	dhcp_advance(h, ev->at);
	struct transaction *t = find(h, ev, (uint32_t)xid.as.u, type.as.s);
	t->last_at = ev->at;
	if (ev->ts > t->last_ts)
		t->last_ts = ev->ts;
	if (ev->uid && !has_uid(t, ev->uid))
		t->uids[t->nuids++] = ev->uid;
	t->types[t->types_n] = (uint8_t)type.as.s.n;
	memcpy(t->types + t->types_n + 1, type.as.s.p, type.as.s.n);
	t->types_n = (uint16_t)(t->types_n + 1 + type.as.s.n);
	t->ntypes++;
	if (op.as.u == CLIENT)
		from_client(h, t, ev);
	else
		from_server(h, t, ev);
}

static const char *const options[] = { NULL };

const struct toc_observer toc_observer_dhcp = { "dhcp",	  fields,    N_FIELDS, kinds,	     options,
						dhcp_new, dhcp_free, dhcp_see, dhcp_advance, dhcp_finish };
