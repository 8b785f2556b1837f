/* survey - capped tables, filled from conn, arp, dhcp_message and dns events. */
#include "app/survey.h"

#include <stdlib.h>

#include "app/random.h"
#include "base/lru.h"

enum {
	HOSTS = 65536,
	MACS = 4096,
	PAIRS = 65536,
	ROLES = 1024,
	NETWORKS = 4096,
	FAR = 4,  /* addresses of elsewhere that only a router has behind one MAC */
	MANY = 16 /* of any sort */
};

enum in {
	IN_ORIG,
	IN_RESP,
	IN_RESP_P,
	IN_PROTO,
	IN_ORIG_MAC,
	IN_RESP_MAC,
	IN_ORIG_PKTS,
	IN_RESP_PKTS,
	IN_ORIG_BYTES,
	IN_RESP_BYTES,
	IN_MISSED,
	IN_VLAN,
	IN_SENDER_IP,
	IN_SENDER_MAC,
	IN_MSG_TYPE,
	IN_SERVER,
	IN_ROUTERS,
	IN_DNS_SERVERS,
	IN_QUERY,
	IN_ANSWERS,
	IN_RCODE,
	N_IN
};

static const char *const in_names[N_IN] = {
	"id.orig_h", "id.resp_h",   "id.resp_p",  "proto",	  "orig_l2_addr", "resp_l2_addr", "orig_pkts",
	"resp_pkts", "orig_bytes",  "resp_bytes", "missed_bytes", "vlan",	  "sender_ip",	  "sender_mac",
	"msg_type",  "server_addr", "routers",	  "dns_servers",  "query",	  "answers",	  "rcode",
};

struct host {
	struct toc_addr ip; /* key */
	struct toc_mac mac; /* what ARP says */
	bool has_mac;
};

struct carrier {
	struct toc_mac mac; /* key */
	uint32_t addresses, far;
};

struct pair {
	struct {
		struct toc_mac mac;
		struct toc_addr ip;
	} key;
};

struct player {
	struct {
		struct toc_addr ip;
		uint8_t role;
	} key;
	uint32_t reasons, times;
};

struct network {
	struct toc_addr ip; /* key */
	uint32_t hosts;
	bool on_link;
};

struct toc_survey {
	const struct toc_intern *names;
	toc_field in[N_IN], conn, arp, dhcp, dns;
	struct toc_lru *hosts, *carriers, *pairs, *players, *networks;
	uint8_t vlans[4096 / 8];
	uint64_t tcp, tcp_one_way, bytes, missed;
	struct toc_survey_result *out; /* while one is made */
};

/* Of one host: neither a group's, nor everybody's, nor nobody's. */
static bool is_host(const struct toc_addr *a)
{
	static const struct toc_addr none = { { 0 } };
	const uint8_t *v4 = a->b + 12;
	if (!toc_addr_is_v4(a))
		return a->b[0] != 0xff && !toc_addr_eq(a, &none);
	return v4[0] != 0 && v4[0] != 127 && v4[0] < 224 && v4[3] != 255;
}

struct toc_survey *toc_survey_new(struct toc_intern *names)
{
	struct toc_survey *s = calloc(1, sizeof(*s));
	struct toc_hash_key key;
	if (!s)
		return NULL;
	toc_random_key(&key);
	s->names = names;
	for (unsigned i = 0; i < N_IN; i++)
		s->in[i] = toc_intern_add(names, toc_span_str(in_names[i]));
	s->conn = toc_intern_add(names, toc_span_str("conn"));
	s->arp = toc_intern_add(names, toc_span_str("arp"));
	s->dhcp = toc_intern_add(names, toc_span_str("dhcp_message"));
	s->dns = toc_intern_add(names, toc_span_str("dns"));
	s->hosts = toc_lru_new(sizeof(struct toc_addr), sizeof(struct host), HOSTS, &key, NULL, NULL);
	s->carriers = toc_lru_new(sizeof(struct toc_mac), sizeof(struct carrier), MACS, &key, NULL, NULL);
	s->pairs = toc_lru_new(sizeof(struct pair), sizeof(struct pair), PAIRS, &key, NULL, NULL);
	s->players = toc_lru_new(sizeof(((struct player *)0)->key), sizeof(struct player), ROLES, &key, NULL, NULL);
	s->networks = toc_lru_new(sizeof(struct toc_addr), sizeof(struct network), NETWORKS, &key, NULL, NULL);
	if (s->hosts && s->carriers && s->pairs && s->players && s->networks)
		return s;
	toc_survey_free(s);
	return NULL;
}

void toc_survey_free(struct toc_survey *s)
{
	if (!s)
		return;
	toc_lru_free(s->hosts);
	toc_lru_free(s->carriers);
	toc_lru_free(s->pairs);
	toc_lru_free(s->players);
	toc_lru_free(s->networks);
	free(s);
}

static struct toc_value get(const struct toc_survey *s, const struct toc_event *ev, enum in field, enum toc_type type)
{
	struct toc_value v = toc_event_get(ev, s->in[field]);
	return v.type == type ? v : (struct toc_value){ .type = TOC_NONE };
}

static uint64_t number(const struct toc_survey *s, const struct toc_event *ev, enum in field)
{
	struct toc_value v = get(s, ev, field, TOC_UINT);
	return v.type == TOC_UINT ? v.as.u : 0;
}

static void play(struct toc_survey *s, const struct toc_addr *ip, enum toc_survey_role role, uint32_t reason)
{
	struct player p = { .key = { *ip, (uint8_t)role } };
	bool fresh;
	if (!is_host(ip))
		return;
	struct player *at = toc_lru_add(s->players, &p.key, &fresh);
	at->reasons |= reason;
	at->times++;
}

/* Each host counts once for its network. */
static struct host *meet(struct toc_survey *s, const struct toc_addr *ip, bool on_link)
{
	struct toc_addr net = *ip;
	bool fresh, fresh_net;
	if (!is_host(ip))
		return NULL;
	struct host *h = toc_lru_add(s->hosts, ip, &fresh);
	if (!toc_addr_is_v4(ip) || !(toc_addr_is_private(ip) || on_link))
		return h;
	net.b[15] = 0;
	struct network *n = toc_lru_add(s->networks, &net, &fresh_net);
	n->hosts += fresh;
	n->on_link |= on_link;
	return h;
}

/* A frame's MAC stood for this address: a host's own, or a router's that passes on what others sent. */
static void carry(struct toc_survey *s, struct toc_value mac, const struct toc_addr *ip)
{
	struct pair p = { 0 };
	bool fresh;
	if (mac.type != TOC_MAC || (mac.as.mac.b[0] & 1) || !is_host(ip))
		return;
	p.key.mac = mac.as.mac;
	p.key.ip = *ip;
	toc_lru_add(s->pairs, &p, &fresh);
	if (!fresh)
		return;
	struct carrier *c = toc_lru_add(s->carriers, &mac.as.mac, &fresh);
	c->addresses++;
	c->far += !toc_addr_is_private(ip);
}

static const struct {
	uint64_t port;
	enum toc_survey_reason reason;
} printing[] = { { 9100, TOC_SURVEY_RAW }, { 631, TOC_SURVEY_IPP }, { 515, TOC_SURVEY_LPD } };

static void see_tcp(struct toc_survey *s, const struct toc_event *ev, const struct toc_addr *resp)
{
	uint64_t bytes[2] = { number(s, ev, IN_ORIG_BYTES), number(s, ev, IN_RESP_BYTES) };
	uint64_t packets[2] = { number(s, ev, IN_ORIG_PKTS), number(s, ev, IN_RESP_PKTS) };
	if (!bytes[0] && !bytes[1]) /* an attempt without an answer says nothing about the mirror */
		return;
	s->tcp++;
	s->tcp_one_way += !packets[0] || !packets[1];
	s->bytes += bytes[0] + bytes[1];
	s->missed += number(s, ev, IN_MISSED);
	uint64_t port = number(s, ev, IN_RESP_P);
	for (size_t i = 0; i < sizeof(printing) / sizeof(printing[0]); i++)
		if (port == printing[i].port && toc_addr_is_private(resp))
			play(s, resp, TOC_SURVEY_PRINTER, printing[i].reason);
}

static void see_conn(struct toc_survey *s, const struct toc_event *ev)
{
	struct toc_value orig = get(s, ev, IN_ORIG, TOC_IP), resp = get(s, ev, IN_RESP, TOC_IP);
	struct toc_value proto = get(s, ev, IN_PROTO, TOC_STRING);
	uint64_t vlan = number(s, ev, IN_VLAN);
	if (orig.type != TOC_IP || resp.type != TOC_IP)
		return;
	if (vlan && vlan < 4096)
		s->vlans[vlan / 8] |= (uint8_t)(1u << vlan % 8);
	meet(s, &orig.as.ip, false);
	carry(s, get(s, ev, IN_ORIG_MAC, TOC_MAC), &orig.as.ip);
	if (number(s, ev, IN_RESP_PKTS)) { /* else its MAC is only whom the originator sent it to */
		meet(s, &resp.as.ip, false);
		carry(s, get(s, ev, IN_RESP_MAC, TOC_MAC), &resp.as.ip);
	}
	if (proto.type == TOC_STRING && toc_span_is(proto.as.s, "tcp"))
		see_tcp(s, ev, &resp.as.ip);
}

static void see_arp(struct toc_survey *s, const struct toc_event *ev)
{
	struct toc_value ip = get(s, ev, IN_SENDER_IP, TOC_IP), mac = get(s, ev, IN_SENDER_MAC, TOC_MAC);
	if (ip.type != TOC_IP || mac.type != TOC_MAC)
		return;
	struct host *h = meet(s, &ip.as.ip, true);
	if (!h)
		return;
	h->mac = mac.as.mac;
	h->has_mac = true;
}

static void play_all(struct toc_survey *s, const struct toc_event *ev, enum in field, enum toc_survey_role role)
{
	struct toc_value list = get(s, ev, field, TOC_IP);
	for (uint32_t i = 0; list.list && i < list.count; i++) {
		struct toc_value one = toc_event_item(ev, &list, i);
		play(s, &one.as.ip, role, TOC_SURVEY_OFFERED);
	}
}

static void see_dhcp(struct toc_survey *s, const struct toc_event *ev)
{
	struct toc_value type = get(s, ev, IN_MSG_TYPE, TOC_STRING), server = get(s, ev, IN_SERVER, TOC_IP);
	if (type.type != TOC_STRING || !(toc_span_is(type.as.s, "OFFER") || toc_span_is(type.as.s, "ACK")))
		return;
	if (server.type == TOC_IP)
		play(s, &server.as.ip, TOC_SURVEY_DHCP, TOC_SURVEY_ANSWERED);
	play_all(s, ev, IN_ROUTERS, TOC_SURVEY_GATEWAY);
	play_all(s, ev, IN_DNS_SERVERS, TOC_SURVEY_DNS);
}

/* Services of RFC 6763 that print, asked for in mDNS by everybody and answered by those that have them. */
static bool is_print_service(struct toc_span name)
{
	static const char *const services[] = { "_ipp._tcp.local", "_ipps._tcp.local", "_printer._tcp.local",
						"_pdl-datastream._tcp.local" };
	bool is = false;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		is = is || toc_span_is(name, services[i]);
	return is;
}

static void see_dns(struct toc_survey *s, const struct toc_event *ev)
{
	enum { DNS = 53, MDNS = 5353 };
	struct toc_value orig = get(s, ev, IN_ORIG, TOC_IP), resp = get(s, ev, IN_RESP, TOC_IP);
	struct toc_value query = get(s, ev, IN_QUERY, TOC_STRING), answers = toc_event_get(ev, s->in[IN_ANSWERS]);
	uint64_t port = number(s, ev, IN_RESP_P);
	if (orig.type != TOC_IP || resp.type != TOC_IP)
		return;
	if (port == DNS && get(s, ev, IN_RCODE, TOC_UINT).type == TOC_UINT)
		play(s, &resp.as.ip, TOC_SURVEY_DNS, TOC_SURVEY_ANSWERED);
	if (port == MDNS && answers.list && answers.count && query.type == TOC_STRING && is_print_service(query.as.s))
		play(s, &orig.as.ip, TOC_SURVEY_PRINTER, TOC_SURVEY_ANNOUNCED);
}

void toc_survey_see(void *survey, const struct toc_view *view)
{
	struct toc_survey *s = survey;
	const struct {
		toc_field kind;
		void (*see)(struct toc_survey *s, const struct toc_event *ev);
	} readers[] = { { s->conn, see_conn }, { s->arp, see_arp }, { s->dhcp, see_dhcp }, { s->dns, see_dns } };
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (view->ev->kind == readers[i].kind)
			readers[i].see(s, view->ev);
}

/* --- the result ----------------------------------------------------------------------------------------------------
 */

/* The list stays sorted, most times first; what has no place is counted. */
static void place(struct toc_survey_result *r, enum toc_survey_role role, const struct toc_survey_host *h)
{
	struct toc_survey_host *list = r->hosts[role];
	uint32_t n = r->nhosts[role], at = n;
	while (at && list[at - 1].times < h->times)
		at--;
	r->left_out[role] += n == TOC_SURVEY_HOSTS;
	if (at == TOC_SURVEY_HOSTS)
		return;
	uint32_t kept = n < TOC_SURVEY_HOSTS ? n : TOC_SURVEY_HOSTS - 1;
	memmove(&list[at + 1], &list[at], (kept - at) * sizeof(*list));
	list[at] = *h;
	r->nhosts[role] = kept + 1;
}

static void place_network(void *user, void *cell)
{
	struct toc_survey_result *r = ((struct toc_survey *)user)->out;
	const struct network *n = cell;
	uint32_t at = r->nnetworks;
	while (at && r->networks[at - 1].hosts < n->hosts)
		at--;
	r->networks_left_out += r->nnetworks == TOC_SURVEY_NETWORKS;
	if (at == TOC_SURVEY_NETWORKS)
		return;
	uint32_t kept = r->nnetworks < TOC_SURVEY_NETWORKS ? r->nnetworks : TOC_SURVEY_NETWORKS - 1;
	memmove(&r->networks[at + 1], &r->networks[at], (kept - at) * sizeof(r->networks[0]));
	r->networks[at] = (struct toc_survey_network){ n->ip, n->hosts, n->on_link };
	r->nnetworks = kept + 1;
}

static bool is_router(const struct carrier *c)
{
	return c->far >= FAR || c->addresses >= MANY;
}

static void place_player(void *user, void *cell)
{
	struct toc_survey *s = user;
	const struct player *p = cell;
	const struct host *h = toc_lru_peek(s->hosts, &p->key.ip);
	struct toc_survey_host out = { .ip = p->key.ip, .has_ip = true, .reasons = p->reasons, .times = p->times };
	if (h && h->has_mac) {
		out.mac = h->mac;
		out.has_mac = true;
	}
	const struct carrier *c = out.has_mac ? toc_lru_peek(s->carriers, &out.mac) : NULL;
	if (p->key.role == TOC_SURVEY_GATEWAY) { /* these are ordered by what is behind them */
		out.times = c ? c->addresses : 0;
		out.reasons |= c && is_router(c) ? (uint32_t)TOC_SURVEY_CARRIES : 0;
	}
	place(s->out, (enum toc_survey_role)p->key.role, &out);
}

struct owner {
	struct toc_survey *s;
	const struct carrier *c;
	unsigned found;
};

/* The router's own addresses: those that it answers for in ARP. One that is known from DHCP is in the list already. */
static void place_owned(void *user, void *cell)
{
	struct owner *o = user;
	const struct host *h = cell;
	struct player known = { .key = { h->ip, TOC_SURVEY_GATEWAY } };
	if (!h->has_mac || memcmp(&h->mac, &o->c->mac, sizeof(h->mac)) != 0)
		return;
	o->found++;
	const struct toc_survey_host out = { .ip = h->ip,
					     .has_ip = true,
					     .mac = h->mac,
					     .has_mac = true,
					     .reasons = TOC_SURVEY_CARRIES,
					     .times = o->c->addresses };
	if (!toc_lru_peek(o->s->players, &known.key))
		place(o->s->out, TOC_SURVEY_GATEWAY, &out);
}

static void place_carrier(void *user, void *cell)
{
	struct owner o = { .s = user, .c = cell };
	if (!is_router(o.c))
		return;
	toc_lru_each(o.s->hosts, place_owned, &o);
	const struct toc_survey_host nameless = {
		.mac = o.c->mac, .has_mac = true, .reasons = TOC_SURVEY_CARRIES, .times = o.c->addresses
	};
	if (!o.found)
		place(o.s->out, TOC_SURVEY_GATEWAY, &nameless);
}

void toc_survey_result(struct toc_survey *s, struct toc_survey_result *out)
{
	*out = (struct toc_survey_result){
		.tcp = s->tcp, .tcp_one_way = s->tcp_one_way, .bytes = s->bytes, .missed = s->missed
	};
	s->out = out;
	toc_lru_each(s->players, place_player, s);
	toc_lru_each(s->carriers, place_carrier, s);
	toc_lru_each(s->networks, place_network, s);
	for (uint16_t v = 1; v < 4095; v++) {
		if (!(s->vlans[v / 8] >> v % 8 & 1))
			continue;
		if (out->nvlans < TOC_SURVEY_VLANS)
			out->vlans[out->nvlans] = v;
		out->nvlans++;
	}
	s->out = NULL;
}

void toc_survey_bound(struct toc_survey_result *r)
{
	for (unsigned role = 0; role < TOC_SURVEY_ROLES; role++)
		r->nhosts[role] = r->nhosts[role] < TOC_SURVEY_HOSTS ? r->nhosts[role] : TOC_SURVEY_HOSTS;
	r->nnetworks = r->nnetworks < TOC_SURVEY_NETWORKS ? r->nnetworks : TOC_SURVEY_NETWORKS;
}
