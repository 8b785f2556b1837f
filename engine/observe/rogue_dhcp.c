/* rogue_dhcp - DHCP servers that nobody appointed (RFC 2131). */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { SERVERS = 1024 };
enum { EV_ROGUE, F_SERVER, F_MAC, F_CLIENT, F_OFFERED, F_KNOWN, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_ROGUE] = { "rogue_dhcp", TOC_KIND, false, TOC_OPEN, NULL,
		       "a DHCP server answers that is not in protect.dhcp_servers" },
	[F_SERVER] = { "server_ip", TOC_IP, false, TOC_DEVICE, NULL, "its address, as it says itself" },
	[F_MAC] = { "server_mac", TOC_MAC, false, TOC_DEVICE, NULL, "hardware address that sent the answer" },
	[F_CLIENT] = { "client_mac", TOC_MAC, false, TOC_DEVICE, NULL, "who was answered" },
	[F_OFFERED] = { "offered_ip", TOC_IP, false, TOC_DEVICE, NULL, "address offered" },
	[F_KNOWN] = { "known", TOC_BOOL, false, TOC_OPEN, NULL,
		      "false: not in the configuration; without one, not the first server seen" },
};
static const char *const kinds[] = { "dhcp_message", NULL };

struct server {
	struct toc_addr ip; /* key */
	toc_time told;
};

struct rogue {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *servers;
	struct observer_addresses known;
	struct toc_addr first;
	bool have_first;
	toc_field type, server, server_mac, client, yiaddr;
};

static void rogue_free(void *self)
{
	struct rogue *r = self;
	toc_lru_free(r->servers);
	observer_addresses_free(&r->known);
	free(r);
}

static void *rogue_new(const struct observer_env *env, const toc_field *map)
{
	struct rogue *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->env = *env;
	r->map = map;
	observer_addresses_read(env, "dhcp_servers", &r->known);
	r->type = toc_intern_add(env->names, toc_span_str("msg_type"));
	r->server = toc_intern_add(env->names, toc_span_str("server_addr"));
	r->server_mac = toc_intern_add(env->names, toc_span_str("src_mac_seen"));
	r->client = toc_intern_add(env->names, toc_span_str("mac"));
	r->yiaddr = toc_intern_add(env->names, toc_span_str("yiaddr"));
	r->servers = toc_lru_new(sizeof(struct toc_addr), sizeof(struct server), SERVERS, env->key, NULL, NULL);
	if (r->servers)
		return r;
	rogue_free(r);
	return NULL;
}

static bool is_known(struct rogue *r, const struct toc_addr *server)
{
	if (r->known.n)
		return observer_addresses_have(&r->known, server);
	if (!r->have_first)
		r->first = *server;
	r->have_first = true;
	return toc_addr_eq(&r->first, server);
}

static void put(struct toc_draft *d, unsigned field, const struct toc_value *v, enum toc_type type)
{
	if (v->type != type || v->list)
		return;
	if (type == TOC_MAC)
		toc_put_mac(d, field, &v->as.mac);
	else
		toc_put_ip(d, field, &v->as.ip);
}

/* Once a minute and server: its answers are many. */
static void rogue_see(void *self, const struct toc_view *view)
{
	struct rogue *r = self;
	const struct toc_event *ev = view->ev;
	struct toc_value type = toc_event_get(ev, r->type), server = toc_event_get(ev, r->server);
	bool fresh;
	if (type.type != TOC_STRING || server.type != TOC_IP ||
	    !(toc_span_is(type.as.s, "OFFER") || toc_span_is(type.as.s, "ACK")) || is_known(r, &server.as.ip))
		return;
	struct server *s = toc_lru_add(r->servers, &server.as.ip, &fresh);
	if (!fresh && ev->at - s->told < TOC_MIN)
		return;
	s->told = ev->at;
	struct toc_value mac = toc_event_get(ev, r->server_mac), client = toc_event_get(ev, r->client),
			 offered = toc_event_get(ev, r->yiaddr);
	struct toc_draft *d = r->env.draft;
	toc_draft_begin(d, r->map, EV_ROGUE);
	d->head.ts = ev->ts;
	toc_put_ip(d, F_SERVER, &server.as.ip);
	put(d, F_MAC, &mac, TOC_MAC);
	put(d, F_CLIENT, &client, TOC_MAC);
	put(d, F_OFFERED, &offered, TOC_IP);
	toc_put_bool(d, F_KNOWN, false);
	r->env.emit->event(r->env.emit, d);
}

static const char *const options[] = { NULL };

const struct toc_observer toc_observer_rogue_dhcp = { "rogue_dhcp", fields,	N_FIELDS,  kinds, options,
						      rogue_new,    rogue_free, rogue_see, NULL,  NULL };
