/* link - how full the uplink is: bytes of transfers between inside and outside, per 10 s, against its capacity. */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { SOURCES = 16384 };
enum { EV_LINK, F_MBPS, F_SHARE, F_TOP, F_TOP_BYTES, F_TOP_SHARE, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_LINK] = { "link", TOC_KIND, false, TOC_OPEN, NULL, "the uplink is more than half full" },
	[F_MBPS] = { "mbps", TOC_DOUBLE, false, TOC_OPEN, "Mbit/s", "in the last 10 s" },
	[F_SHARE] = { "share", TOC_DOUBLE, false, TOC_OPEN, NULL, "of observe.link.mbps; 1 = full" },
	[F_TOP] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "the inside address with most of it" },
	[F_TOP_BYTES] = { "src_bytes", TOC_UINT, false, TOC_OPEN, "B", "its bytes in these 10 s" },
	[F_TOP_SHARE] = { "src_share", TOC_DOUBLE, false, TOC_OPEN, NULL, "its part of what passed" },
};
static const char *const kinds[] = { "transfer", NULL };

struct user {
	struct toc_addr ip; /* key */
	int64_t bucket;
	uint64_t bytes;
};

struct link {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *users;
	toc_field orig, orig_bytes, resp_bytes, src_local, dst_local;
	int64_t mbps; /* 0 = not told: nothing is observed */
	int64_t bucket;
	uint64_t bytes, top_bytes;
	struct toc_addr top;
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
	struct link *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->env = *env;
	l->map = map;
	l->mbps = (int64_t)env->link_mbps;
	observer_number(env, "link", "mbps", 1, 1000000, &l->mbps);
	l->orig = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	l->orig_bytes = toc_intern_add(env->names, toc_span_str("orig_bytes"));
	l->resp_bytes = toc_intern_add(env->names, toc_span_str("resp_bytes"));
	l->src_local = toc_intern_add(env->names, toc_span_str("src_local"));
	l->dst_local = toc_intern_add(env->names, toc_span_str("dst_local"));
	l->users = toc_lru_new(sizeof(struct toc_addr), sizeof(struct user), SOURCES, env->key, NULL, NULL);
	if (l->users)
		return l;
	link_free(l);
	return NULL;
}

/* The bucket is over: tell, if the link was more than half full. */
static void close_bucket(struct link *l)
{
	double mbps = (double)l->bytes * 8 / 1e6 / (double)(step / TOC_SEC), share = mbps / (double)l->mbps;
	if (l->bytes && share >= 0.5) {
		struct toc_draft *d = l->env.draft;
		toc_draft_begin(d, l->map, EV_LINK);
		d->head.at = d->head.ts = (l->bucket + 1) * step;
		toc_put_double(d, F_MBPS, mbps);
		toc_put_double(d, F_SHARE, share);
		toc_put_ip(d, F_TOP, &l->top);
		toc_put_uint(d, F_TOP_BYTES, l->top_bytes);
		toc_put_double(d, F_TOP_SHARE, (double)l->top_bytes / (double)l->bytes);
		l->env.emit->event(l->env.emit, d);
	}
	l->bytes = l->top_bytes = 0;
}

static void link_advance(void *self, toc_time at)
{
	struct link *l = self;
	int64_t bucket = at / step;
	if (!l->mbps || bucket <= l->bucket)
		return;
	close_bucket(l);
	l->bucket = bucket;
}

static bool is_set(const struct toc_view *view, toc_field field)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, field, &owner);
	return v.type == TOC_BOOL && v.as.b;
}

static void link_see(void *self, const struct toc_view *view)
{
	struct link *l = self;
	struct toc_value ip = toc_event_get(view->ev, l->orig), up = toc_event_get(view->ev, l->orig_bytes);
	struct toc_value down = toc_event_get(view->ev, l->resp_bytes);
	bool fresh;
	if (!l->mbps || ip.type != TOC_IP || is_set(view, l->src_local) == is_set(view, l->dst_local))
		return; /* it does not cross the uplink */
	uint64_t bytes = (up.type == TOC_UINT ? up.as.u : 0) + (down.type == TOC_UINT ? down.as.u : 0);
	struct user *u = toc_lru_add(l->users, &ip.as.ip, &fresh);
	if (u->bucket != l->bucket)
		u->bytes = 0;
	u->bucket = l->bucket;
	u->bytes += bytes;
	l->bytes += bytes;
	if (u->bytes > l->top_bytes) {
		l->top_bytes = u->bytes;
		l->top = u->ip;
	}
}

static const char *const options[] = { "mbps", NULL };

const struct toc_observer toc_observer_link = { "link",	  fields,    N_FIELDS, kinds,	     options,
						link_new, link_free, link_see, link_advance, NULL };
