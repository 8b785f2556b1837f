/* arp - two hardware addresses that claim one IP address: spoofing, or a duplicate address (RFC 826, RFC 5227; for IPv6
 * RFC 4861, section 7.2.4). */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { HOSTS = 65536 };
enum { EV_CONFLICT, F_IP, F_OLD, F_NEW, F_PROTECTED, F_GRATUITOUS, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_CONFLICT] = { "arp_conflict", TOC_KIND, false, TOC_OPEN, NULL,
			  "an IP address is claimed by another hardware address than before" },
	[F_IP] = { "ip", TOC_IP, false, TOC_DEVICE, NULL, "the address that is claimed" },
	[F_OLD] = { "old_mac", TOC_MAC, false, TOC_DEVICE, NULL, "who had it" },
	[F_NEW] = { "new_mac", TOC_MAC, false, TOC_DEVICE, NULL, "who claims it now" },
	[F_PROTECTED] = { "protected", TOC_BOOL, false, TOC_OPEN, NULL,
			  "the address is one of protect.addresses or protect.gateways" },
	[F_GRATUITOUS] = { "gratuitous", TOC_BOOL, false, TOC_OPEN, NULL, "claimed without being asked" },
};
static const char *const kinds[] = { "arp", "nd", NULL };

struct host {
	struct toc_addr ip; /* key */
	struct toc_mac mac;
	toc_time seen;
};

struct arp {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *hosts;
	struct observer_addresses addresses, gateways;
	toc_field sender_ip, sender_mac, gratuitous, nd, target, target_mac, override, solicited;
	toc_time remember;
};

static void arp_free(void *self)
{
	struct arp *a = self;
	toc_lru_free(a->hosts);
	observer_addresses_free(&a->addresses);
	observer_addresses_free(&a->gateways);
	free(a);
}

static void *arp_new(const struct observer_env *env, const toc_field *map)
{
	struct arp *a = calloc(1, sizeof(*a));
	int64_t minutes = 10;
	if (!a)
		return NULL;
	a->env = *env;
	a->map = map;
	observer_number(env, "arp", "remember_m", 1, 1440, &minutes);
	a->remember = minutes * TOC_MIN;
	observer_addresses_read(env, "addresses", &a->addresses);
	observer_addresses_read(env, "gateways", &a->gateways);
	a->nd = toc_intern_add(env->names, toc_span_str("nd"));
	a->target = toc_intern_add(env->names, toc_span_str("target"));
	a->target_mac = toc_intern_add(env->names, toc_span_str("target_mac"));
	a->override = toc_intern_add(env->names, toc_span_str("override"));
	a->solicited = toc_intern_add(env->names, toc_span_str("solicited"));
	a->sender_ip = toc_intern_add(env->names, toc_span_str("sender_ip"));
	a->sender_mac = toc_intern_add(env->names, toc_span_str("sender_mac"));
	a->gratuitous = toc_intern_add(env->names, toc_span_str("gratuitous"));
	a->hosts = toc_lru_new(sizeof(struct toc_addr), sizeof(struct host), HOSTS, env->key, NULL, NULL);
	if (a->hosts)
		return a;
	arp_free(a);
	return NULL;
}

static bool is_protected(const struct arp *a, const struct toc_addr *ip)
{
	return observer_addresses_have(&a->addresses, ip) || observer_addresses_have(&a->gateways, ip);
}

static bool is_true(const struct toc_event *ev, toc_field field)
{
	struct toc_value v = toc_event_get(ev, field);
	return v.type == TOC_BOOL && v.as.b;
}

static void tell(struct arp *a, const struct host *h, const struct toc_mac *new, const struct toc_event *ev)
{
	struct toc_draft *d = a->env.draft;
	bool gratuitous = ev->kind == a->nd ? !is_true(ev, a->solicited) : is_true(ev, a->gratuitous);
	toc_draft_begin(d, a->map, EV_CONFLICT);
	d->head.ts = ev->ts;
	toc_put_ip(d, F_IP, &h->ip);
	toc_put_mac(d, F_OLD, &h->mac);
	toc_put_mac(d, F_NEW, new);
	toc_put_bool(d, F_PROTECTED, is_protected(a, &h->ip));
	toc_put_bool(d, F_GRATUITOUS, gratuitous);
	a->env.emit->event(a->env.emit, d);
}

static void arp_see(void *self, const struct toc_view *view)
{
	static const struct toc_addr none4 = { { [10] = 0xff, [11] = 0xff } };
	struct arp *a = self;
	const struct toc_event *ev = view->ev;
	bool nd = ev->kind == a->nd;
	struct toc_value ip = toc_event_get(ev, nd ? a->target : a->sender_ip);
	struct toc_value mac = toc_event_get(ev, nd ? a->target_mac : a->sender_mac);
	bool fresh;
	if (ip.type != TOC_IP || mac.type != TOC_MAC || toc_addr_eq(&ip.as.ip, &none4))
		return; /* a probe claims nothing */
	if (nd && !is_true(ev, a->override))
		return; /* an address that several share, or a proxy: it does not ask to be believed over another */
	struct host *h = toc_lru_add(a->hosts, &ip.as.ip, &fresh);
	bool other = !fresh && memcmp(h->mac.b, mac.as.mac.b, 6) != 0;
	/* a lease that went to another device is no conflict: the old one has been silent for a while */
	bool alive = ev->at - h->seen < a->remember || is_protected(a, &ip.as.ip);
	if (other && alive)
		tell(a, h, &mac.as.mac, ev);
	/* the owner of a protected address stays who was first: a spoofer does not become the owner by insisting */
	if (fresh || !is_protected(a, &ip.as.ip))
		h->mac = mac.as.mac;
	h->seen = ev->at;
}

static const char *const options[] = { "remember_m", NULL };

const struct toc_observer toc_observer_arp = { "arp",	fields,	  N_FIELDS, kinds, options,
					       arp_new, arp_free, arp_see,  NULL,  NULL };
