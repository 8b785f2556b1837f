/* link - how full the uplink is: bytes of transfers between inside and outside, per 10 s and way, against its capacity.
 */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { SOURCES = 16384 };
enum { UP, DOWN, WAYS };
enum { EV_LINK, F_WAY, F_MBPS, F_SHARE, F_TOP, F_TOP_BYTES, F_TOP_SHARE, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_LINK] = { "link", TOC_KIND, false, TOC_OPEN, NULL, "the uplink is more than half full in one direction" },
	[F_WAY] = { "direction", TOC_STRING, false, TOC_OPEN, NULL, "up: from inside; down: to inside" },
	[F_MBPS] = { "mbps", TOC_DOUBLE, false, TOC_OPEN, "Mbit/s", "in the last 10 s" },
	[F_SHARE] = { "share", TOC_DOUBLE, false, TOC_OPEN, NULL, "of the link's capacity; 1 = full" },
	[F_TOP] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "the inside address with most of it" },
	[F_TOP_BYTES] = { "src_bytes", TOC_UINT, false, TOC_OPEN, "B", "its bytes in these 10 s" },
	[F_TOP_SHARE] = { "src_share", TOC_DOUBLE, false, TOC_OPEN, NULL, "its part of what passed" },
};
static const char *const kinds[] = { "transfer", NULL };

struct user {
	struct toc_addr ip; /* key */
	int64_t bucket;
	uint64_t bytes[WAYS];
};

struct way {
	uint64_t bytes, top_bytes;
	struct toc_addr top;
};

struct link {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *users;
	toc_field ip[2], bytes[2], local[2]; /* of the transfer's originator and responder */
	int64_t bucket;
	struct way ways[WAYS];
};

static const toc_time step = 10 * TOC_SEC;

static void link_free(void *self)
{
	struct link *l = self;
	toc_lru_free(l->users);
	free(l);
}

static void *link_new(const struct observer_env *env, const toc_field *map)
{
	static const char *const names[3][2] = { { "id.orig_h", "id.resp_h" },
						 { "orig_bytes", "resp_bytes" },
						 { "src_local", "dst_local" } };
	struct link *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->env = *env;
	l->map = map;
	for (unsigned end = 0; end < 2; end++) {
		l->ip[end] = toc_intern_add(env->names, toc_span_str(names[0][end]));
		l->bytes[end] = toc_intern_add(env->names, toc_span_str(names[1][end]));
		l->local[end] = toc_intern_add(env->names, toc_span_str(names[2][end]));
	}
	l->users = toc_lru_new(sizeof(struct toc_addr), sizeof(struct user), SOURCES, env->key, NULL, NULL);
	if (l->users)
		return l;
	link_free(l);
	return NULL;
}

/* The bucket is over: tell, if that way of the link was more than half full. */
static void close_way(struct link *l, struct way *w, const char *name)
{
	double mbps = (double)w->bytes * 8 / 1e6 / ((double)step / TOC_SEC);
	double share = mbps / (double)l->env.link_mbps;
	if (w->bytes && share >= 0.5) {
		struct toc_draft *d = l->env.draft;
		toc_draft_begin(d, l->map, EV_LINK);
		d->head.at = d->head.ts = (l->bucket + 1) * step;
		toc_put_cstr(d, F_WAY, name);
		toc_put_double(d, F_MBPS, mbps);
		toc_put_double(d, F_SHARE, share);
		toc_put_ip(d, F_TOP, &w->top);
		toc_put_uint(d, F_TOP_BYTES, w->top_bytes);
		toc_put_double(d, F_TOP_SHARE, (double)w->top_bytes / (double)w->bytes);
		l->env.emit->event(l->env.emit, d);
	}
	*w = (struct way){ 0 };
}

static void link_advance(void *self, toc_time at)
{
	struct link *l = self;
	int64_t bucket = at / step;
	if (!l->env.link_mbps || bucket <= l->bucket)
		return;
	close_way(l, &l->ways[UP], "up");
	close_way(l, &l->ways[DOWN], "down");
	l->bucket = bucket;
}

static bool is_set(const struct toc_view *view, toc_field field)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, field, &owner);
	return v.type == TOC_BOOL && v.as.b;
}

static void count(struct link *l, unsigned way, struct user *u, uint64_t bytes)
{
	struct way *w = &l->ways[way];
	u->bytes[way] += bytes;
	w->bytes += bytes;
	if (u->bytes[way] > w->top_bytes) {
		w->top_bytes = u->bytes[way];
		w->top = u->ip;
	}
}

static void link_see(void *self, const struct toc_view *view)
{
	struct link *l = self;
	bool local[2] = { is_set(view, l->local[0]), is_set(view, l->local[1]) }, fresh;
	unsigned inside = local[0] ? 0 : 1;
	struct toc_value ip = toc_event_get(view->ev, l->ip[inside]);
	struct toc_value up = toc_event_get(view->ev, l->bytes[inside]);
	struct toc_value down = toc_event_get(view->ev, l->bytes[!inside]);
	if (!l->env.link_mbps || ip.type != TOC_IP || local[0] == local[1])
		return; /* it does not cross the uplink */
	struct user *u = toc_lru_add(l->users, &ip.as.ip, &fresh);
	if (fresh || u->bucket != l->bucket)
		u->bytes[UP] = u->bytes[DOWN] = 0;
	u->bucket = l->bucket;
	count(l, UP, u, up.type == TOC_UINT ? up.as.u : 0);
	count(l, DOWN, u, down.type == TOC_UINT ? down.as.u : 0);
}

/* mbps is read with the configuration: the workers need it too */
static const char *const options[] = { "mbps", NULL };

const struct toc_observer toc_observer_link = { "link",	  fields,    N_FIELDS, kinds,	     options,
						link_new, link_free, link_see, link_advance, NULL };
