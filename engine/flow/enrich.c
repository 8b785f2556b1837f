/* enrich - registrable domain of DNS names; services known by the names that clients ask for (named.def). */
#include "flow/enrich.h"

#include <math.h>

#include "base/hash.h"

enum { DOMAIN, SUB_LEN, SUB_ENTROPY };

void enrich_init(struct enrich *e, const struct toc_psl *psl, struct toc_intern *names)
{
	const struct {
		toc_field *id;
		const char *name;
	} wanted[] = {
		{ &e->dns, "dns" },
		{ &e->ssl, "ssl" },
		{ &e->quic, "quic" },
		{ &e->http, "http" },
		{ &e->query, "query" },
		{ &e->qtype, "qtype" },
		{ &e->server_name, "server_name" },
		{ &e->host, "host" },
		{ &e->next_protocol, "next_protocol" },
		{ &e->client_protocol, "client_protocol" },
		{ &e->subject, "subject" },
		{ &e->issuer, "issuer" },
		{ &e->resp_port, "id.resp_p" },
		{ &e->added[DOMAIN], "domain" },
		{ &e->added[SUB_LEN], "sub_len" },
		{ &e->added[SUB_ENTROPY], "sub_entropy" },
	};
	e->psl = psl;
	memset(e->names, 0, sizeof(e->names));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		*wanted[i].id = toc_intern_add(names, toc_span_str(wanted[i].name));
}

static const struct toc_slot *slot_of(const struct toc_draft *d, toc_field id)
{
	for (unsigned i = 0; i < d->head.nslots; i++)
		if (d->slots[i].id == id)
			return &d->slots[i];
	return NULL;
}

static struct toc_span text_of(const struct toc_draft *d, toc_field id)
{
	const struct toc_slot *s = slot_of(d, id);
	if (!s || s->type != TOC_STRING || s->list)
		return toc_span_of("", 0);
	return toc_span_of(d->heap + s->bits, s->len);
}

static uint64_t number_of(const struct toc_draft *d, toc_field id)
{
	const struct toc_slot *s = slot_of(d, id);
	return s && s->type == TOC_UINT ? s->bits : 0;
}

/* --- dns: what a tunnel or a generated name looks like -------------------------------------------------------- */

/* Shannon's, in bits a byte; dots do not count. */
static double entropy_of(struct toc_span s)
{
	unsigned seen[256] = { 0 }, n = 0;
	double bits = 0;
	for (size_t i = 0; i < s.n; i++) {
		seen[s.p[i]] += s.p[i] != '.';
		n += s.p[i] != '.';
	}
	for (unsigned i = 0; i < 256; i++)
		if (seen[i])
			bits -= (double)seen[i] / n * log2((double)seen[i] / n);
	return bits;
}

/* Addresses asked for backwards have no owner that a name tells. */
static bool is_reverse(struct toc_span name)
{
	static const char arpa[] = ".arpa";
	size_t n = sizeof(arpa) - 1;
	return name.n >= n && toc_span_is(toc_span_from(name, name.n - n), arpa);
}

static void look_up(const struct toc_psl *psl, struct toc_span name, struct enrich_name *out)
{
	const struct toc_span domain = toc_psl_domain(psl, name);
	const size_t at = domain.n ? name.n - domain.n : name.n;
	out->n = (uint8_t)name.n;
	out->at = (uint8_t)at;
	out->entropy = domain.n && at ? entropy_of(toc_span_first(name, at - 1)) : 0;
}

/* Where a name's cell is. Whoever makes names that share one has them looked up as if there were none. */
static struct enrich_name *cell_of(struct enrich *e, struct toc_span name)
{
	uint64_t first = 0, last = 0;
	const size_t some = name.n < 8 ? name.n : 8;
	memcpy(&first, name.p, some);
	memcpy(&last, name.p + name.n - some, some);
	return &e->names[toc_hash_mix(toc_hash_mix(name.n, first), last) % ENRICH_NAMES];
}

static const struct enrich_name *known(struct enrich *e, struct toc_span name)
{
	struct enrich_name *cell = cell_of(e, name);
	if (!toc_span_eq(name, toc_span_of(cell->name, cell->n))) {
		look_up(e->psl, name, cell);
		memcpy(cell->name, name.p, name.n);
	}
	return cell;
}

static void add_domain(struct enrich *e, struct toc_draft *d)
{
	struct toc_span query = text_of(d, e->query);
	const toc_field *map = d->map;
	if (!e->psl || !query.n || is_reverse(query) || slot_of(d, e->added[DOMAIN]))
		return;
	struct enrich_name found = { .n = 0 };
	if (query.n <= ENRICH_NAME)
		found = *known(e, query);
	else if (query.n <= UINT8_MAX) /* a longer one is no name */
		look_up(e->psl, query, &found);
	if (found.at == found.n)
		return;
	const size_t n = found.at ? found.at - 1U : 0; /* the dot between */
	d->map = e->added;
	toc_put_str(d, DOMAIN, toc_span_from(query, found.at));
	toc_put_uint(d, SUB_LEN, n);
	if (n)
		toc_put_double(d, SUB_ENTROPY, found.entropy);
	d->map = map;
}

/* --- services by name ----------------------------------------------------------------------------------------- */

enum scope { ANY, BELOW };

static const struct named {
	const char *service, *domain;
	uint8_t length, scope;
} named[] = {
#define NAMED(service, domain, scope) { service, domain, sizeof(domain) - 1, scope },
#include "flow/named.def"
#undef NAMED
};

static bool matches(const struct named *n, struct toc_span name)
{
	const size_t length = n->length;
	if (name.n < length || !toc_span_ieq(toc_span_from(name, name.n - length), toc_span_of(n->domain, length)))
		return false;
	if (name.n == length)
		return n->scope == ANY;
	if (name.p[name.n - length - 1] != '.')
		return false;
	return n->scope == ANY || !toc_span_ieq(toc_span_first(name, 4), toc_span_str("www."));
}

static const char *service_of_name(struct toc_span name)
{
	for (size_t i = 0; name.n && i < sizeof(named) / sizeof(named[0]); i++)
		if (matches(&named[i], name))
			return named[i].service;
	return NULL;
}

/* Between `head` and `tail` only letters of base32, at least `least` and at most `most`. */
static bool is_random_name(struct toc_span s, const char *tail, size_t least, size_t most)
{
	static const char head[] = "www.";
	size_t h = sizeof(head) - 1, t = strlen(tail);
	if (s.n < h + t + least || s.n > h + t + most || !toc_span_starts(s, head) ||
	    !toc_span_is(toc_span_from(s, s.n - t), tail))
		return false;
	for (size_t i = h; i < s.n - t; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '2' && s.p[i] <= '7')))
			return false;
	return true;
}

/* The certificate of a relay (tor-spec, "Negotiating channels"): subject and issuer are a name each and nothing else,
 * made up for the occasion: www.RANDOM.net, issued by www.RANDOM.com. */
static bool is_tor(const struct enrich *e, const struct toc_draft *d)
{
	struct toc_span subject = text_of(d, e->subject), issuer = text_of(d, e->issuer);
	if (!toc_span_starts(subject, "CN=") || !toc_span_starts(issuer, "CN="))
		return false;
	return is_random_name(toc_span_from(subject, 3), ".net", 8, 20) &&
	       is_random_name(toc_span_from(issuer, 3), ".com", 8, 20);
}

/* AnyDesk's relays and clients have certificates of their own. */
static bool is_anydesk(const struct enrich *e, const struct toc_draft *d)
{
	struct toc_span subject = text_of(d, e->subject), issuer = text_of(d, e->issuer);
	return toc_span_starts(subject, "CN=AnyNet Relay") || toc_span_starts(issuer, "CN=AnyNet Root CA") ||
	       toc_span_starts(subject, "CN=AnyDesk Client");
}

static const char *service_of_tls(const struct enrich *e, const struct toc_draft *d)
{
	enum { DOT_PORT = 853 };
	struct toc_span alpn = text_of(d, e->next_protocol);
	if (is_tor(e, d))
		return "tor";
	if (is_anydesk(e, d))
		return "anydesk";
	if (toc_span_starts(alpn, "doq"))
		return "doq";
	if (toc_span_is(alpn, "dot") || (number_of(d, e->resp_port) == DOT_PORT && !alpn.n))
		return "dot";
	return service_of_name(text_of(d, e->server_name));
}

/* RFC 9250: DNS over QUIC has a name of its own, of which drafts had many. */
static const char *service_of_quic(const struct enrich *e, const struct toc_draft *d)
{
	if (toc_span_starts(text_of(d, e->client_protocol), "doq"))
		return "doq";
	return service_of_name(text_of(d, e->server_name));
}

const char *enrich_event(struct enrich *e, struct toc_draft *d)
{
	if (d->head.kind == e->dns)
		add_domain(e, d);
	else if (d->head.kind == e->ssl)
		return service_of_tls(e, d);
	else if (d->head.kind == e->quic)
		return service_of_quic(e, d);
	else if (d->head.kind == e->http)
		return service_of_name(text_of(d, e->host));
	return NULL;
}
