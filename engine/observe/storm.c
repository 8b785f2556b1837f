/* storm - messages to everybody, faster than a network of people makes them: a loop, or a device gone wild. Counted are
 * those that come as events of their own: ARP, neighbour discovery, DHCP, names of NetBIOS, LLMNR and mDNS. */
#include <stdlib.h>

#include "observe/observer.h"

enum { EV_STORM, F_RATE, F_SECONDS, F_MAC, F_SHARE, F_SORT, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_STORM] = { "broadcast_storm", TOC_KIND, false, TOC_OPEN, NULL,
		       "messages to everybody came faster than observe.storm.per_s, for observe.storm.seconds in a "
		       "row" },
	[F_RATE] = { "per_s", TOC_UINT, false, TOC_OPEN, "1/s", "in the busiest second so far" },
	[F_SECONDS] = { "seconds", TOC_UINT, false, TOC_OPEN, NULL, "so many seconds in a row" },
	[F_MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "who sent most of them, if one device did" },
	[F_SHARE] = { "repeated_share", TOC_DOUBLE, false, TOC_OPEN, NULL,
		      "share that is like the one before it: near 1 a loop, near 0 many devices" },
	[F_SORT] = { "sort", TOC_STRING, false, TOC_OPEN, NULL,
		     "the kind of the last of them: arp, nd, dhcp_message …" },
};
static const char *const kinds[] = { "arp", "nd", "dhcp_message", "dns", "netbios_datagram", NULL };

struct storm {
	struct observer_env env;
	const toc_field *map;
	toc_field dns, dst, src_mac, sender_mac, mac, kinds[8];
	int64_t rate, seconds, second;
	uint32_t now, same, open, peak, votes;
	bool known;
	struct toc_mac top, last; /* majority vote (Boyer and Moore); of the message before */
	toc_field last_kind;
};

static void storm_free(void *self)
{
	free(self);
}

static void *storm_new(const struct observer_env *env, const toc_field *map)
{
	struct storm *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->env = *env;
	s->map = map;
	s->rate = 1000; /* a thousand devices that come at once say a few hundred */
	s->seconds = 5;
	observer_number(env, "storm", "per_s", 50, 1000000, &s->rate);
	observer_number(env, "storm", "seconds", 1, 60, &s->seconds);
	for (unsigned i = 0; kinds[i]; i++)
		s->kinds[i] = toc_intern_add(env->names, toc_span_str(kinds[i]));
	s->dns = toc_intern_add(env->names, toc_span_str("dns"));
	s->dst = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	s->src_mac = toc_intern_add(env->names, toc_span_str("src_mac"));
	s->sender_mac = toc_intern_add(env->names, toc_span_str("sender_mac"));
	s->mac = toc_intern_add(env->names, toc_span_str("mac"));
	return s;
}

static const char *sort_of(const struct storm *s)
{
	for (unsigned i = 0; kinds[i]; i++)
		if (s->kinds[i] == s->last_kind)
			return kinds[i];
	return "";
}

static void tell(struct storm *s, const struct toc_event *ev)
{
	struct toc_draft *d = s->env.draft;
	toc_draft_begin(d, s->map, EV_STORM);
	d->head.ts = ev->ts;
	toc_put_uint(d, F_RATE, s->peak);
	toc_put_uint(d, F_SECONDS, s->open);
	if (s->known && s->votes > s->now / 4)
		toc_put_mac(d, F_MAC, &s->top);
	toc_put_double(d, F_SHARE, (double)s->same / (double)s->now);
	toc_put_cstr(d, F_SORT, sort_of(s));
	s->env.emit->event(s->env.emit, d);
}

/* Names are asked of everybody at groups (224.0.0.0/4, ff00::/8) and at addresses that end in 255. */
static bool to_everybody(const struct toc_addr *a)
{
	bool v4 = a->b[10] == 0xff && a->b[11] == 0xff;
	return v4 ? a->b[12] >= 224 || a->b[15] == 255 : a->b[0] == 0xff;
}

static bool mac_of(const struct storm *s, const struct toc_view *view, struct toc_mac *out)
{
	const toc_field order[] = { s->src_mac, s->sender_mac, s->mac };
	for (unsigned i = 0; i < 3; i++) {
		const struct toc_event *owner;
		struct toc_value v = toc_view_get(view, order[i], &owner);
		if (v.type == TOC_MAC) {
			*out = v.as.mac;
			return true;
		}
	}
	return false;
}

static void turn(struct storm *s, int64_t second)
{
	bool busy = s->now >= s->rate && second == s->second + 1;
	s->open = busy ? s->open : 0;
	if (!s->open)
		s->peak = 0;
	s->second = second;
	s->now = s->same = s->votes = 0;
}

static void vote(struct storm *s, const struct toc_mac *mac)
{
	bool same = memcmp(s->top.b, mac->b, 6) == 0;
	if (s->votes == 0)
		s->top = *mac;
	s->votes = s->votes == 0 || same ? s->votes + 1 : s->votes - 1;
	s->known = true;
	s->same += memcmp(s->last.b, mac->b, 6) == 0;
	s->last = *mac;
}

static void storm_see(void *self, const struct toc_view *view)
{
	struct storm *s = self;
	const struct toc_event *ev = view->ev;
	struct toc_mac mac;
	struct toc_value dst = toc_event_get(ev, s->dst);
	if (ev->kind == s->dns && (dst.type != TOC_IP || !to_everybody(&dst.as.ip)))
		return;
	int64_t second = ev->ts / TOC_SEC;
	if (second < s->second)
		return; /* told late: its second is over */
	if (second > s->second)
		turn(s, second);
	s->now++;
	s->last_kind = ev->kind;
	s->peak = s->now > s->peak ? s->now : s->peak;
	if (mac_of(s, view, &mac))
		vote(s, &mac);
	if (s->now == s->rate && ++s->open >= s->seconds)
		tell(s, ev);
}

static const char *const options[] = { "per_s", "seconds", NULL };

const struct toc_observer toc_observer_storm = { "storm",   fields,	N_FIELDS,  kinds, options,
						 storm_new, storm_free, storm_see, NULL,  NULL };
