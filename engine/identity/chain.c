/* chain - a user is believed of an address as long as the same device has it. */
#include "identity/chain.h"

#include <string.h>
#include <strings.h>

#include "identity/learn.h"

struct device {
	struct toc_held mac; /* no bound: none known */
	const struct toc_known *known;
};

/* A lease that was not given back holds on in vain when its device has another one. */
static bool has_left(const struct toc_bindings *b, const struct device *d, const struct toc_addr *a, toc_time at)
{
	char text[TOC_ADDR_TEXT];
	const struct toc_held address = toc_known_at(b, d->known, TOC_BIND_ADDRESS, at);
	if (!address.bound || address.said <= d->mac.said || d->mac.confidence < TOC_LEASE_SURE)
		return false;
	toc_addr_print(a, text);
	return strcmp(address.bound->text, text) != 0;
}

/* The statement that held then may name another device than the newest one, which was looked up with the address. */
static const struct toc_known *known_device(const struct toc_bindings *b, const struct toc_look *look,
					    const struct toc_held *mac)
{
	struct toc_mac named;
	if (mac->newest)
		return look->device;
	if (!toc_mac_parse(toc_span_str(mac->bound->text), &named))
		return NULL;
	const struct toc_addr key = toc_binding_device(&named);
	return toc_bindings_of(b, &key);
}

static struct device device_at(const struct toc_bindings *b, const struct toc_addr *a, const struct toc_look *look,
			       toc_time at)
{
	struct device d = { .mac = toc_known_at(b, look->known, TOC_BIND_MAC, at) };
	if (!d.mac.bound)
		return d;
	d.known = known_device(b, look, &d.mac);
	if (d.known && has_left(b, &d, a, at))
		d = (struct device){ 0 };
	return d;
}

/* Did the device of now have the address when the user was told of it? What neither time is known of counts as the
 * same. */
static bool same_device(const struct toc_bindings *b, const struct toc_known *known, const struct device *now,
			const struct toc_held *user)
{
	const struct toc_bound *then = toc_known_at(b, known, TOC_BIND_MAC, user->from).bound;
	if (then == now->mac.bound || !then || !now->mac.bound)
		return then == now->mac.bound;
	return strcmp(then->text, now->mac.bound->text) == 0;
}

/* Where others are before and after, nobody sits for ten hours: who has not been told of for an hour may have gone. */
static const toc_time shared_within = 12 * TOC_HOUR, shared_holds = TOC_HOUR;

static struct toc_held user_at(const struct toc_bindings *b, const struct toc_known *known, toc_time at)
{
	const struct toc_held user = toc_known_at(b, known, TOC_BIND_USER, at);
	const struct toc_bound *others[TOC_BOUND_HISTORY];
	if (!user.bound || user.alone || at - user.said <= shared_holds)
		return user;
	for (unsigned i = 0, n = toc_known_history(b, known, TOC_BIND_USER, others); i < n; i++) {
		const toc_time from = others[i]->from, between = user.from > from ? user.from - from : from - user.from;
		if (between < shared_within && strcasecmp(others[i]->text, user.bound->text) != 0)
			return (struct toc_held){ 0 };
	}
	return user;
}

/* Who asks will read the texts. */
static void expect(const struct toc_chain *c)
{
	const struct toc_bound *const all[] = { c->mac, c->host, c->user, c->place };
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			__builtin_prefetch(all[i]->text);
}

static struct toc_chain chain(const struct toc_bindings *b, const struct toc_addr *a, const struct toc_look *look,
			      toc_time at)
{
	struct toc_chain c = { 0 };
	const struct device d = device_at(b, a, look, at);
	struct toc_held here = user_at(b, look->known, at);
	c.mac = d.mac.bound;
	c.host = toc_known_at(b, look->known, TOC_BIND_HOST, at).bound;
	c.place = toc_known_at(b, d.known, TOC_BIND_PLACE, at).bound;
	c.crowd = toc_known_crowd(look->known, at);
	if (c.crowd)
		return c;
	const struct toc_held there = user_at(b, d.known, at);
	if (here.bound && !same_device(b, look->known, &d, &here))
		here.bound = NULL;
	c.user = here.bound && (!there.bound || here.from > there.from) ? here.bound : there.bound;
	return c;
}

void toc_chains_at(const struct toc_bindings *b, const struct toc_addr *a, unsigned n, toc_time at,
		   struct toc_chain *out)
{
	struct toc_look looks[TOC_LOOKS];
	if (n)
		toc_bindings_look(b, a, n, looks);
	for (unsigned i = 0; i < n; i++) {
		out[i] = (struct toc_chain){ 0 };
		if (!looks[i].known)
			continue;
		out[i] = chain(b, &a[i], &looks[i], at);
		expect(&out[i]);
	}
}
