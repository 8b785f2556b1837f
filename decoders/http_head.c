/* http_head - request line, status line and header fields (RFC 9112, sections 3 to 5). */
#include "decoders/http.h"

enum { HEADERS_MAX = 256, METHOD_MAX = 24 };

static const char *const methods[] = { "GET",
				       "POST",
				       "HEAD",
				       "PUT",
				       "DELETE",
				       "OPTIONS",
				       "CONNECT",
				       "TRACE",
				       "PATCH",
				       "PROPFIND",
				       "PROPPATCH",
				       "MKCOL",
				       "COPY",
				       "MOVE",
				       "LOCK",
				       "UNLOCK",
				       "POLL",
				       "REPORT",
				       "SUBSCRIBE",
				       "BMOVE",
				       "SEARCH",
				       "NOTIFY",
				       "M-SEARCH",
				       "MERGE",
				       "CHECKOUT",
				       "MKACTIVITY",
				       "RPC_IN_DATA",
				       "RPC_OUT_DATA",
				       "UNSUBSCRIBE",
				       "BPROPPATCH",
				       "VERSION-CONTROL",
				       "SOURCE",
				       "PURGE",
				       "LINK",
				       "UNLINK",
				       "PRI" };

enum toc_probe http_starts(struct toc_span bytes, bool reply)
{
	static const char status[] = "HTTP/";
	if (reply) {
		size_t n = bytes.n < sizeof(status) - 1 ? bytes.n : sizeof(status) - 1;
		if (memcmp(bytes.p, status, n) != 0)
			return TOC_NO;
		return n < sizeof(status) - 1 ? TOC_MAYBE : TOC_YES;
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t length = strlen(methods[i]), n = bytes.n < length ? bytes.n : length;
		if (memcmp(bytes.p, methods[i], n) != 0)
			continue;
		if (bytes.n <= length)
			return TOC_MAYBE;
		if (bytes.p[length] == ' ')
			return strcmp(methods[i], "PRI") == 0 ? TOC_NO : TOC_YES; /* HTTP/2 is not ours */
	}
	return TOC_NO;
}

size_t http_head_end(struct toc_span bytes, uint32_t *scanned)
{
	size_t at = *scanned;
	while (at < bytes.n) {
		size_t end = at + toc_span_find(toc_span_from(bytes, at), '\n');
		if (end >= bytes.n)
			break;
		size_t next = end + 1;
		if (next < bytes.n && bytes.p[next] == '\r')
			next++;
		if (next >= bytes.n)
			break; /* the next byte decides */
		if (bytes.p[next] == '\n')
			return next + 1;
		at = end + 1;
	}
	*scanned = (uint32_t)at;
	return 0;
}

static struct toc_span trim(struct toc_span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = toc_span_from(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static struct toc_span line(struct toc_span *rest)
{
	size_t end = toc_span_find(*rest, '\n');
	struct toc_span l = toc_span_first(*rest, end);
	*rest = toc_span_from(*rest, end + 1);
	if (l.n && l.p[l.n - 1] == '\r')
		l.n--;
	return l;
}

static struct toc_span word(struct toc_span *rest)
{
	size_t end = toc_span_find(*rest, ' ');
	struct toc_span w = toc_span_first(*rest, end);
	*rest = trim(toc_span_from(*rest, end));
	return w;
}

static bool read_status(struct toc_span l, struct http_head *out)
{
	struct toc_span protocol = word(&l), code = word(&l);
	out->reply = true;
	out->version = toc_span_from(protocol, 5);
	out->reason = l;
	if (code.n != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (code.p[i] < '0' || code.p[i] > '9')
			return false;
		out->status = (uint16_t)(out->status * 10 + (code.p[i] - '0'));
	}
	return true;
}

/* The target may hold spaces (clients that do not escape): the version is what follows the last one. */
static bool read_request(struct toc_span l, struct http_head *out)
{
	size_t last = l.n;
	out->method = word(&l);
	out->uri = l;
	out->version = toc_span_str("0.9");
	if (out->method.n == 0 || out->method.n > METHOD_MAX || l.n == 0)
		return false;
	for (last = l.n; last && l.p[last - 1] != ' '; last--)
		;
	struct toc_span tail = toc_span_from(l, last);
	if (toc_span_starts(tail, "HTTP/")) {
		out->version = toc_span_from(tail, 5);
		out->uri = trim(toc_span_first(l, last));
	}
	return true;
}

static uint64_t read_length(struct toc_span v)
{
	uint64_t n = 0;
	if (v.n == 0 || v.n > 18)
		return UINT64_MAX;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return UINT64_MAX;
		n = n * 10 + (uint64_t)(v.p[i] - '0');
	}
	return n;
}

/* Is the token in a comma-separated list? */
static bool lists(struct toc_span v, const char *token)
{
	while (v.n) {
		size_t comma = toc_span_find(v, ',');
		if (toc_span_ieq(trim(toc_span_first(v, comma)), toc_span_str(token)))
			return true;
		v = toc_span_from(v, comma + 1);
	}
	return false;
}

static void set_length(struct http_head *h, struct toc_span v)
{
	h->length = read_length(v);
}

static void set_transfer(struct http_head *h, struct toc_span v)
{
	h->chunked = h->chunked || lists(v, "chunked");
}

static void set_coding(struct http_head *h, struct toc_span v)
{
	if (lists(v, "gzip") || lists(v, "x-gzip"))
		h->coding = TOC_CODING_GZIP;
	else if (lists(v, "deflate"))
		h->coding = TOC_CODING_DEFLATE;
}

static const struct {
	const char *name;
	size_t span; /* where the value goes; 0 = by `set` */
	void (*set)(struct http_head *h, struct toc_span v);
} headers[] = { { "host", offsetof(struct http_head, host), NULL },
		{ "referer", offsetof(struct http_head, referrer), NULL },
		{ "user-agent", offsetof(struct http_head, user_agent), NULL },
		{ "origin", offsetof(struct http_head, origin), NULL },
		{ "authorization", offsetof(struct http_head, authorization), NULL },
		{ "content-disposition", offsetof(struct http_head, disposition), NULL },
		{ "content-length", 0, set_length },
		{ "transfer-encoding", 0, set_transfer },
		{ "content-encoding", 0, set_coding },
		{ "upgrade", offsetof(struct http_head, upgrade_to), NULL },
		{ "sec-websocket-protocol", offsetof(struct http_head, subprotocol), NULL } };

/* Those that proxies add, as Zeek lists them. */
static const char *const proxy_headers[] = { "FORWARDED", "X-FORWARDED-FOR",  "X-FORWARDED-FROM", "CLIENT-IP",
					     "VIA",	  "XROXY-CONNECTION", "PROXY-CONNECTION" };

static void read_header(struct toc_span name, struct toc_span value, struct http_head *out)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (!toc_span_ieq(name, toc_span_str(headers[i].name)))
			continue;
		struct toc_span *into = (struct toc_span *)(void *)((char *)out + headers[i].span);
		if (headers[i].set)
			headers[i].set(out, value);
		else if (!into->p)
			*into = value;
		return;
	}
	for (size_t i = 0; i < sizeof(proxy_headers) / sizeof(proxy_headers[0]); i++)
		if (out->nproxied < HTTP_PROXIED && toc_span_ieq(name, toc_span_str(proxy_headers[i]))) {
			out->proxied_name[out->nproxied] = toc_span_str(proxy_headers[i]);
			out->proxied_value[out->nproxied++] = value;
		}
}

bool http_head_read(struct toc_span bytes, struct http_head *out)
{
	*out = (struct http_head){ .length = UINT64_MAX };
	struct toc_span first = line(&bytes);
	bool ok = http_starts(first, true) == TOC_YES ? read_status(first, out) : read_request(first, out);
	for (unsigned n = 0; ok && bytes.n && n < HEADERS_MAX; n++) {
		struct toc_span l = line(&bytes);
		size_t colon = toc_span_find(l, ':');
		if (l.n == 0)
			break;
		if (colon < l.n && l.p[0] != ' ' && l.p[0] != '\t') /* a folded line only adds to one we cut short */
			read_header(trim(toc_span_first(l, colon)), trim(toc_span_from(l, colon + 1)), out);
	}
	return ok;
}
