/* amplification - answers of services that answer small questions at length, across the border, to a host that did not
 * ask: questions were sent in its name. From outside to a victim inside, or a reflector inside to one outside. */
#include <math.h>
#include <stdlib.h>

#include "base/lru.h"
#include "observe/datagrams.h"

enum { VICTIMS = 16384, ENDS = 256 };
enum { EV_AMPLIFICATION, F_SRC, F_DST, F_SERVICE, F_MBPS, F_BYTES, F_ASKED, F_SOURCES, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_AMPLIFICATION] = { "amplification", TOC_KIND, false, TOC_OPEN, NULL,
			       "a host gets answers that it did not ask for, faster than observe.amplification.mbps" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL,
		    "who answers: the reflector, or the one with most of it" },
	[F_DST] = { "dst_ip", TOC_IP, false, TOC_DEVICE, NULL, "the victim" },
	[F_SERVICE] = { "service", TOC_STRING, false, TOC_OPEN, NULL,
			"by the port that answers: dns, ntp, ssdp, cldap, memcached …" },
	[F_MBPS] = { "mbps", TOC_DOUBLE, false, TOC_OPEN, "Mbit/s", "of answers, mean of the busiest 10 s so far" },
	[F_BYTES] = { "bytes", TOC_UINT, false, TOC_OPEN, "B", "of answers in these 10 s so far" },
	[F_ASKED] = { "asked_bytes", TOC_UINT, false, TOC_OPEN, "B", "of questions in its name that were seen" },
	[F_SOURCES] = { "sources", TOC_UINT, false, TOC_OPEN, NULL, "reflectors, about; 1,000: or more" },
};
static const char *const kinds[] = { "conn", "transfer", NULL };

/* Whose answers are told to be many times as long as the question (CISA, alert TA14-017A, and what came after it). */
static const struct {
	uint16_t port;
	const char *name;
} services[] = {
	{ 17, "qotd" },		{ 19, "chargen" }, { 53, "dns" },    { 111, "portmap" }, { 123, "ntp" },
	{ 137, "netbios" },	{ 161, "snmp" },   { 389, "cldap" }, { 520, "rip" },	 { 1434, "mssql" },
	{ 1900, "ssdp" },	{ 3283, "ard" },   { 3702, "wsd" },  { 5353, "mdns" },	 { 5683, "coap" },
	{ 11211, "memcached" }, { 32414, "plex" }, { 37810, "dvr" },
};
enum { SERVICES = sizeof(services) / sizeof(services[0]) };

struct key {
	struct toc_addr victim;
	uint8_t service, live, zero[6];
};

struct victim {
	struct key key;
	int64_t bucket;
	uint64_t bytes, asked, peak;
	uint64_t ends[ENDS / 64]; /* linear counting of reflectors (Whang and others 1990) */
	struct datagrams_most source;
	bool over; /* this bucket was told */
};

struct amplification {
	struct observer_env env;
	const toc_field *map;
	struct datagrams_fields in;
	toc_field local[2];
	struct toc_lru *victims;
	int64_t mbps, factor;
};

static void amplification_free(void *self)
{
	struct amplification *a = self;
	toc_lru_free(a->victims);
	free(a);
}

static void *amplification_new(const struct observer_env *env, const toc_field *map)
{
	struct amplification *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->env = *env;
	a->map = map;
	a->mbps = 10;
	a->factor = 10;
	observer_number(env, "amplification", "mbps", 1, 1000000, &a->mbps);
	observer_number(env, "amplification", "factor", 2, 100000, &a->factor);
	datagrams_init(&a->in, env->names);
	a->local[0] = toc_intern_add(env->names, toc_span_str("src_local"));
	a->local[1] = toc_intern_add(env->names, toc_span_str("dst_local"));
	a->victims = toc_lru_new(sizeof(struct key), sizeof(struct victim), VICTIMS, env->key, NULL, NULL);
	if (a->victims)
		return a;
	amplification_free(a);
	return NULL;
}

static uint64_t about(const struct victim *v)
{
	unsigned set = 0;
	for (unsigned i = 0; i < ENDS / 64; i++)
		set += (unsigned)__builtin_popcountll(v->ends[i]);
	double n = set < ENDS ? -ENDS * log(1 - (double)set / ENDS) : 1000;
	return n < 1000 ? (uint64_t)(n + 0.5) : 1000;
}

static void tell(struct amplification *a, const struct victim *v, toc_time ts)
{
	struct toc_draft *d = a->env.draft;
	toc_draft_begin(d, a->map, EV_AMPLIFICATION);
	d->head.ts = ts;
	toc_put_ip(d, F_SRC, &v->source.ip);
	toc_put_ip(d, F_DST, &v->key.victim);
	toc_put_cstr(d, F_SERVICE, services[v->key.service].name);
	toc_put_double(d, F_MBPS, (double)v->peak * 8 / 1e6 / DATAGRAMS_STEP);
	toc_put_uint(d, F_BYTES, v->bytes);
	toc_put_uint(d, F_ASKED, v->asked);
	toc_put_uint(d, F_SOURCES, about(v));
	a->env.emit->event(a->env.emit, d);
}

static void turn(struct victim *v, int64_t bucket)
{
	if (!v->over || bucket != v->bucket + 1) {
		v->peak = v->source.votes = 0;
		memset(v->ends, 0, sizeof(v->ends));
	}
	v->bucket = bucket;
	v->bytes = v->asked = 0;
	v->over = false;
}

static unsigned service_of(uint16_t port)
{
	unsigned i = 0;
	while (i < SERVICES && services[i].port != port)
		i++;
	return i;
}

static bool is_set(const struct toc_view *view, toc_field field)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, field, &owner);
	return v.type == TOC_BOOL && v.as.b;
}

/* Answers nobody asked for? Outside, questions in the victim's name come by; inside, those were sent elsewhere. */
static bool reflected(const struct amplification *a, const struct datagrams *d, unsigned victim, bool inside)
{
	uint64_t asked = d->bytes[victim];
	return inside ? !d->packets[victim] : d->bytes[!victim] / (uint64_t)a->factor >= (asked ? asked : 1);
}

static void amplification_see(void *self, const struct toc_view *view)
{
	struct amplification *a = self;
	struct datagrams d;
	bool fresh;
	if (!datagrams_read(&a->in, view->ev, &d) || d.icmp || d.bytes[0] == d.bytes[1])
		return;
	unsigned victim = d.bytes[1] > d.bytes[0] ? 0 : 1, service = service_of(d.port[!victim]);
	if (service == SERVICES)
		return;
	bool inside = is_set(view, a->local[victim]);
	if (inside == is_set(view, a->local[!victim]) || !reflected(a, &d, victim, inside))
		return; /* it does not cross the border, or was asked for */
	struct key key = { .victim = d.ip[victim], .service = (uint8_t)service, .live = d.live };
	struct victim *v = toc_lru_add(a->victims, &key, &fresh);
	if (d.bucket < v->bucket)
		return; /* told late: its step is over */
	if (d.bucket > v->bucket)
		turn(v, d.bucket);
	uint64_t h = toc_hash(a->env.key, d.ip[!victim].b, sizeof(d.ip[0].b)) % ENDS;
	v->ends[h / 64] |= UINT64_C(1) << h % 64;
	datagrams_vote(&v->source, &d.ip[!victim], d.bytes[!victim]);
	v->bytes += d.bytes[!victim];
	v->asked += d.bytes[victim];
	v->peak = v->bytes > v->peak ? v->bytes : v->peak;
	if (v->over || v->bytes * 8 < (uint64_t)a->mbps * 1000000 * DATAGRAMS_STEP)
		return;
	v->over = true;
	tell(a, v, view->ev->ts);
}

static const char *const options[] = { "mbps", "factor", NULL };

const struct toc_observer toc_observer_amplification = {
	"amplification",   fields, N_FIELDS, kinds, options, amplification_new, amplification_free,
	amplification_see, NULL,   NULL
};
