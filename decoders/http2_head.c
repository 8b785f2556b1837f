/* http2_head - header blocks (RFC 9113, section 8): the fields that a row tells of. */
#include "decoders/http2.h"

static uint64_t number(struct toc_span v, uint64_t otherwise)
{
	uint64_t n = 0;
	if (v.n == 0 || v.n > 18)
		return otherwise;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return otherwise;
		n = n * 10 + (uint64_t)(v.p[i] - '0');
	}
	return n;
}

static void set_status(struct http2_head *h, struct toc_span v)
{
	uint64_t n = v.n == 3 ? number(v, 0) : 0;
	h->status = (unsigned)n;
}

static void set_length(struct http2_head *h, struct toc_span v)
{
	h->length = number(v, UINT64_MAX);
}

static void set_coding(struct http2_head *h, struct toc_span v)
{
	if (toc_span_ieq(v, toc_span_str("gzip")) || toc_span_ieq(v, toc_span_str("x-gzip")))
		h->coding = TOC_CODING_GZIP;
	else if (toc_span_ieq(v, toc_span_str("deflate")))
		h->coding = TOC_CODING_DEFLATE;
	else if (toc_span_ieq(v, toc_span_str("br")))
		h->coding = TOC_CODING_BROTLI;
}

static const struct {
	const char *name;
	size_t span; /* where the value goes; 0 with `set` = by that */
	void (*set)(struct http2_head *h, struct toc_span v);
} known[] = { { ":method", offsetof(struct http2_head, method), NULL },
	      { ":path", offsetof(struct http2_head, path), NULL },
	      { ":authority", offsetof(struct http2_head, authority), NULL },
	      { ":protocol", offsetof(struct http2_head, upgrade), NULL },
	      { ":status", 0, set_status },
	      { "host", offsetof(struct http2_head, host), NULL },
	      { "referer", offsetof(struct http2_head, referrer), NULL },
	      { "user-agent", offsetof(struct http2_head, user_agent), NULL },
	      { "origin", offsetof(struct http2_head, origin), NULL },
	      { "authorization", offsetof(struct http2_head, authorization), NULL },
	      { "content-disposition", offsetof(struct http2_head, disposition), NULL },
	      { "content-type", offsetof(struct http2_head, type), NULL },
	      { "accept", offsetof(struct http2_head, accept), NULL },
	      { "content-length", 0, set_length },
	      { "content-encoding", 0, set_coding } };

/* Those that proxies add, as Zeek lists them. */
static const char *const proxied[] = { "forwarded", "x-forwarded-for", "x-forwarded-from", "client-ip",
				       "via",	    "xroxy-connection" };

static struct toc_span keep(struct http2_head *h, struct toc_span v)
{
	size_t room = sizeof(h->text) - h->text_n;
	if (v.n > room)
		h->cut = true;
	struct toc_span kept = { h->text + h->text_n, v.n < room ? v.n : room };
	if (kept.n)
		memcpy(h->text + h->text_n, v.p, kept.n);
	h->text_n += kept.n;
	return kept;
}

static void keep_name(struct http2_head *h, struct toc_span name)
{
	if (!name.n || name.p[0] == ':' || h->nnames == HTTP_NAMES)
		return;
	name = toc_span_first(name, HTTP_NAME);
	memcpy(h->name[h->nnames], name.p, name.n);
	h->name_n[h->nnames++] = (uint8_t)name.n;
}

static void take(void *with, struct toc_span name, struct toc_span value)
{
	struct http2_head *h = with;
	keep_name(h, name);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!toc_span_is(name, known[i].name))
			continue;
		struct toc_span *into = (struct toc_span *)(void *)((char *)h + known[i].span);
		if (known[i].set)
			known[i].set(h, value);
		else if (!into->p)
			*into = keep(h, value);
		return;
	}
	for (size_t i = 0; i < sizeof(proxied) / sizeof(proxied[0]) && h->nproxied < HTTP2_PROXIED; i++)
		if (toc_span_is(name, proxied[i])) {
			h->proxied_name[h->nproxied] = toc_span_str(proxied[i]);
			h->proxied_value[h->nproxied++] = keep(h, toc_span_first(value, 1024));
		}
}

bool http2_head_read(struct hpack *table, struct toc_span block, struct http2_head *out)
{
	memset(out, 0, offsetof(struct http2_head, text));
	out->length = UINT64_MAX;
	return hpack_read(table, block, take, out);
}
