/* watch - an observer by itself: events written as text go in, the JSON of what it says comes out. */
#ifndef UNIT_WATCH_H
#define UNIT_WATCH_H

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#include "event/json.h"
#include "observe/observer.h"

enum { WATCH_ROWS = 64, WATCH_TEXT = 2048 };

/* Every kind and field that observers read. */
static const struct toc_field_decl watch_in[] = {
	{ "conn", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "transfer", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "dns", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "nd", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "dhcp_message", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "arp", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "id.orig_h", TOC_IP, false, TOC_OPEN, NULL, "" },
	{ "id.resp_h", TOC_IP, false, TOC_OPEN, NULL, "" },
	{ "id.orig_p", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "id.resp_p", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "proto", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "conn_state", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "service", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "history", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "orig_bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "resp_bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "orig_pkts", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "resp_pkts", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "duration", TOC_DURATION, false, TOC_OPEN, NULL, "" },
	{ "rtt", TOC_DURATION, false, TOC_OPEN, NULL, "" },
	{ "query", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "trans_id", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "answers", TOC_STRING, true, TOC_OPEN, NULL, "" },
	{ "rcode", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "rcode_name", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "qtype", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "src_local", TOC_BOOL, false, TOC_OPEN, NULL, "" },
	{ "dst_local", TOC_BOOL, false, TOC_OPEN, NULL, "" },
	{ "msg_type", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "mac", TOC_MAC, false, TOC_OPEN, NULL, "" },
	{ "src_mac", TOC_MAC, false, TOC_OPEN, NULL, "" },
	{ "server_addr", TOC_IP, false, TOC_OPEN, NULL, "" },
	{ "relay_addr", TOC_IP, false, TOC_OPEN, NULL, "" },
	{ "op", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "target", TOC_IP, false, TOC_OPEN, NULL, "" },
	{ "target_mac", TOC_MAC, false, TOC_OPEN, NULL, "" },
	{ "override", TOC_BOOL, false, TOC_OPEN, NULL, "" },
	{ "solicited", TOC_BOOL, false, TOC_OPEN, NULL, "" },
	{ "sender_ip", TOC_IP, false, TOC_OPEN, NULL, "" },
	{ "sender_mac", TOC_MAC, false, TOC_OPEN, NULL, "" },
	{ "gratuitous", TOC_BOOL, false, TOC_OPEN, NULL, "" },
	{ "retransmits", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "netbios_datagram", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "orig_ip_bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "resp_ip_bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "missed_bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	{ "ssl", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "http", TOC_KIND, false, TOC_OPEN, NULL, "" },
	{ "server_name", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "host", TOC_STRING, false, TOC_OPEN, NULL, "" },
	{ "yiaddr", TOC_IP, false, TOC_OPEN, NULL, "" },
};
enum { N_WATCH = sizeof(watch_in) / sizeof(watch_in[0]) };

struct watch {
	struct toc_emit emit; /* first: the observer gives it back */
	const struct toc_observer *observer;
	struct toc_intern *names;
	struct toc_draft out, in;
	toc_field in_map[N_WATCH], out_map[64];
	struct toc_diag *diag;
	struct toc_arena *arena; /* of `protect:` */
	void *self;
	bool idle; /* it is shown nothing */
	unsigned n;
	char rows[WATCH_ROWS][WATCH_TEXT];
	struct observer_bounds bounds; /* what rules ask of counts */
};

static inline void watch_take(struct toc_emit *emit, struct toc_draft *d)
{
	struct watch *w = (struct watch *)emit;
	struct toc_event *ev = toc_draft_seal(d, aligned_alloc(8, toc_draft_size(d)));
	assert_in_range(toc_json_bound(ev, w->names), 1, WATCH_TEXT - 1);
	if (w->n < WATCH_ROWS)
		w->rows[w->n][toc_json_event(ev, w->names, w->rows[w->n])] = 0;
	w->n++;
	free(ev);
}

/* protect: the map of that name in tocsin.yml, or NULL. */
static inline struct watch *watch_new_protecting(const struct toc_observer *observer, const char *protect)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct watch *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->emit.event = watch_take;
	w->observer = observer;
	w->names = toc_intern_new();
	w->diag = toc_diag_new();
	toc_intern_decls(w->names, watch_in, N_WATCH, w->in_map);
	toc_intern_decls(w->names, observer->fields, observer->nfields, w->out_map);
	unsigned ndocs = 0;
	w->arena = toc_arena_new();
	const struct toc_yaml *map =
		protect ? toc_yaml_read(w->arena, toc_span_str(protect), "t.yml", w->diag, &ndocs)[0] : NULL;
	const struct observer_env env = { NULL,	   map,	    1000,	 w->names,   &key,
					  &w->emit, &w->out, w->diag, &w->bounds, &w->idle };
	w->self = observer->new (&env, w->out_map);
	assert_non_null(w->self);
	return w;
}

static inline struct watch *watch_new(const struct toc_observer *observer)
{
	return watch_new_protecting(observer, NULL);
}

static inline void watch_free(struct watch *w)
{
	w->observer->free(w->self);
	toc_diag_free(w->diag);
	toc_arena_free(w->arena);
	toc_intern_free(w->names);
	free(w);
}

static inline unsigned watch_field(const char *name, size_t n)
{
	for (unsigned i = 0; i < N_WATCH; i++)
		if (strlen(watch_in[i].name) == n && memcmp(watch_in[i].name, name, n) == 0)
			return i;
	fail_msg("no field %.*s", (int)n, name);
	return 0;
}

static inline void watch_put(struct watch *w, unsigned field, const char *value)
{
	struct toc_addr ip;
	struct toc_mac mac = { { 2, 0, 0, 0, 0, 0 } };
	switch (watch_in[field].type) {
	case TOC_IP:
		assert_true(toc_addr_parse(toc_span_str(value), &ip));
		toc_put_ip(&w->in, field, &ip);
		break;
	case TOC_UINT:
		toc_put_uint(&w->in, field, strtoull(value, NULL, 10));
		break;
	case TOC_BOOL:
		toc_put_bool(&w->in, field, *value == 't');
		break;
	case TOC_DURATION: /* ms */
		toc_put_duration(&w->in, field, (toc_time)strtoull(value, NULL, 10) * (TOC_SEC / 1000));
		break;
	case TOC_MAC: /* a number, for the last three bytes */
		for (unsigned i = 0; i < 3; i++)
			mac.b[5 - i] = (uint8_t)(strtoul(value, NULL, 10) >> (8 * i));
		toc_put_mac(&w->in, field, &mac);
		break;
	default:
		if (watch_in[field].list) { /* a,b,c */
			toc_list_open(&w->in, field, TOC_STRING);
			for (size_t n; *value; value += n + (value[n] == ',')) {
				n = strcspn(value, ",");
				toc_list_str(&w->in, field, toc_span_of(value, n));
			}
			break;
		}
		toc_put_cstr(&w->in, field, value);
	}
}

/* "conn id.orig_h=10.0.0.7 conn_state=S0": a kind and its fields, at so many milliseconds. */
static inline void watch_see(struct watch *w, int64_t ms, const char *text)
{
	static uint64_t ordinal;
	const char *at = text + strcspn(text, " ");
	toc_draft_begin(&w->in, w->in_map, watch_field(text, (size_t)(at - text)));
	while (*at) {
		char value[256];
		at += strspn(at, " ");
		if (!*at)
			break;
		size_t n = strcspn(at, "="), len = strcspn(at + n + 1, " ");
		assert_in_range(len, 0, sizeof(value) - 1);
		memcpy(value, at + n + 1, len);
		value[len] = 0;
		watch_put(w, watch_field(at, n), value);
		at += n + 1 + len;
	}
	w->in.head.at = w->in.head.ts = ms * (TOC_SEC / 1000);
	w->in.head.ordinal = ++ordinal;
	struct toc_event *ev = toc_draft_seal(&w->in, aligned_alloc(8, toc_draft_size(&w->in)));
	const struct toc_view view = { ev, NULL };
	if (w->observer->advance)
		w->observer->advance(w->self, ev->at);
	if (!w->idle)
		w->observer->see(w->self, &view);
	free(ev);
}

/* Whether row i has each of the pieces, which are given as ,"name":value or parts of it. */
static inline void watch_expect(struct watch *w, unsigned i, const char *piece)
{
	assert_in_range(i, 0, w->n ? w->n - 1 : 0);
	if (!w->n || !strstr(w->rows[i], piece))
		fail_msg("no %s in row %u of %u: %s", piece, i, w->n, w->n ? w->rows[i] : "");
}

#endif
