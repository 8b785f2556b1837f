/* chain - a user is believed of an address as long as the same device has it. */
#include "identity/chain.h"

#include <string.h>
#include <strings.h>

#include "identity/learn.h"

struct device {
	const struct toc_bound *mac; /* NULL: none known */
	const struct toc_known *known;
};

/* A lease that was not given back holds on in vain when its device has another one. */
static bool has_left(const struct toc_bound *mac, const struct toc_known *device, const struct toc_addr *a, toc_time at)
{
	char text[TOC_ADDR_TEXT];
	const struct toc_bound *address = toc_known_at(device, TOC_BIND_ADDRESS, at);
	if (!address || address->said <= mac->said || mac->confidence < TOC_LEASE_SURE)
		return false;
	toc_addr_print(a, text);
	return strcmp(address->text, text) != 0;
}

static struct device device_at(const struct toc_bindings *b, const struct toc_addr *a, const struct toc_known *known,
			       toc_time at)
{
	struct device d = { .mac = toc_known_at(known, TOC_BIND_MAC, at) };
	struct toc_mac mac;
	if (!d.mac || !toc_mac_parse(toc_span_str(d.mac->text), &mac))
		return d;
	const struct toc_addr key = toc_binding_device(&mac);
	d.known = toc_bindings_of(b, &key);
	if (d.known && has_left(d.mac, d.known, a, at))
		d = (struct device){ NULL, NULL };
	return d;
}

/* Did the device of now have the address when the user was told of it? What neither time is known of counts as the
 * same. */
static bool same_device(const struct toc_known *known, const struct device *now, const struct toc_bound *user)
{
	const struct toc_bound *then = toc_known_at(known, TOC_BIND_MAC, user->from);
	if (!then || !now->mac)
		return !then && !now->mac;
	return strcmp(then->text, now->mac->text) == 0;
}

/* Where others are before and after, nobody sits for ten hours: who has not been told of for an hour may have gone. */
static const toc_time shared_within = 12 * TOC_HOUR, shared_holds = TOC_HOUR;

static const struct toc_bound *user_at(const struct toc_known *known, toc_time at)
{
	const struct toc_bound *user = toc_known_at(known, TOC_BIND_USER, at);
	if (!user || at - user->said <= shared_holds)
		return user;
	for (unsigned i = 0; i < TOC_BOUND_HISTORY; i++) {
		const struct toc_bound *other = &known->was[TOC_BIND_USER][i];
		const toc_time between = user->from > other->from ? user->from - other->from : other->from - user->from;
		if (other->text[0] && between < shared_within && strcasecmp(other->text, user->text) != 0)
			return NULL;
	}
	return user;
}

void toc_chain_at(const struct toc_bindings *b, const struct toc_addr *a, toc_time at, struct toc_chain *out)
{
	const struct toc_known *known = toc_bindings_of(b, a);
	*out = (struct toc_chain){ 0 };
	if (!known)
		return;
	const struct device d = device_at(b, a, known, at);
	const struct toc_bound *here = user_at(known, at), *there;
	out->mac = d.mac;
	out->host = toc_known_at(known, TOC_BIND_HOST, at);
	out->place = toc_known_at(d.known, TOC_BIND_PLACE, at);
	out->crowd = known->crowd_from <= at && at < known->crowd_until;
	if (out->crowd)
		return;
	there = user_at(d.known, at);
	if (here && !same_device(known, &d, here))
		here = NULL;
	out->user = here && (!there || here->from > there->from) ? here : there;
}
