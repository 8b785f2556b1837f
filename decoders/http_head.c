/* http_head - request line, status line and header fields (RFC 9112, sections 3 to 5). */
#include "decoders/http_auth.h"

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

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* RFC 9110, section 5.6.2: what a field's name is made of. */
static bool is_token(uint8_t c)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	c = toc_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && memchr(others, c, sizeof(others) - 1));
}

/* A name and a colon? MAYBE: too few bytes to tell. */
static enum toc_probe field_starts(struct toc_span bytes)
{
	enum { NAME_MOST = 64 };
	size_t n = 0;
	while (n < bytes.n && n < NAME_MOST && is_token(bytes.p[n]))
		n++;
	if (n == NAME_MOST)
		return TOC_NO;
	if (n == bytes.n)
		return TOC_MAYBE;
	return n && bytes.p[n] == ':' ? TOC_YES : TOC_NO;
}

/* Behind a line of blanks: does the head go on? It is folding where a field or a fold follows, else the end. */
static enum toc_probe goes_on(struct toc_span bytes)
{
	if (!bytes.n)
		return TOC_MAYBE;
	if (is_blank(bytes.p[0]) || bytes.p[0] == '\r' || bytes.p[0] == '\n')
		return TOC_YES;
	return field_starts(bytes);
}

/*
 * The end of a head that ends at a line that begins at `next`, or 0; *more: not known yet. Receivers take any number
 * of CRs in front of LF for an end of line, and some a line of blanks for an empty one.
 */
static size_t ends_at(struct toc_span bytes, size_t next, bool *more)
{
	size_t at = next;
	while (at < bytes.n && (bytes.p[at] == '\r' || is_blank(bytes.p[at])))
		at++;
	*more = at == bytes.n;
	if (*more || bytes.p[at] != '\n')
		return 0;
	bool empty = at == next || (at == next + 1 && bytes.p[next] == '\r');
	enum toc_probe on = !empty ? goes_on(toc_span_from(bytes, at + 1)) : TOC_NO;
	*more = on == TOC_MAYBE;
	return on == TOC_NO ? at + 1 : 0;
}

size_t http_head_end(struct toc_span bytes, uint32_t *scanned)
{
	size_t at = *scanned, end;
	while ((end = at + toc_span_find(toc_span_from(bytes, at), '\n')) < bytes.n) {
		bool more;
		size_t over = ends_at(bytes, end + 1, &more);
		if (over)
			return over;
		if (more)
			break; /* the next byte decides */
		at = end + 1;
	}
	*scanned = (uint32_t)at;
	return 0;
}

/* Bytes of the first line, its end included: LF, or a CR alone with a field behind it. */
static size_t line_length(struct toc_span rest)
{
	size_t end = toc_span_find(rest, '\n');
	end = end < rest.n ? end + 1 : rest.n;
	for (size_t cr = 0; (cr += toc_span_find(toc_span_first(toc_span_from(rest, cr), end - cr), '\r')) < end; cr++)
		if (field_starts(toc_span_from(rest, cr + 1)) == TOC_YES)
			return cr + 1;
	return end;
}

static struct toc_span line(struct toc_span *rest)
{
	struct toc_span l = toc_span_first(*rest, line_length(*rest));
	*rest = toc_span_from(*rest, l.n);
	while (l.n && (l.p[l.n - 1] == '\r' || l.p[l.n - 1] == '\n'))
		l.n--;
	return l;
}

/* A line and those folded onto it (RFC 9112, section 5.2): they begin with a blank or a control character. */
static struct toc_span folded_line(struct toc_span *rest)
{
	struct toc_span all = *rest, l = line(rest);
	size_t n = l.n;
	while (rest->n && rest->p[0] <= ' ' && rest->p[0] != '\r' && rest->p[0] != '\n') {
		struct toc_span more = line(rest);
		n = all.n - rest->n;
		if (!more.n)
			break;
	}
	return toc_span_trim(toc_span_first(all, n));
}

static struct toc_span word(struct toc_span *rest)
{
	size_t end = toc_span_find(*rest, ' ');
	struct toc_span w = toc_span_first(*rest, end);
	*rest = toc_span_trim(toc_span_from(*rest, end));
	return w;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/*
 * RFC 9112, section 4. Browsers read on where the status is missing or has not three digits; its number is then not
 * told.
 */
static bool read_status(struct toc_span l, struct http_head *out)
{
	size_t at = 5, digits = 0;
	while (at < l.n && (is_digit(l.p[at]) || l.p[at] == '.'))
		at++;
	out->reply = true;
	out->version = toc_span_from(toc_span_first(l, at), 5);
	bool apart = at == l.n || !is_token(l.p[at]);
	while (at < l.n && !is_token(l.p[at]))
		at++;
	while (at + digits < l.n && is_token(l.p[at + digits]))
		digits++;
	uint16_t status = 0;
	for (size_t i = 0; i < digits && digits == 3; i++)
		status = is_digit(l.p[at + i]) ? (uint16_t)(status * 10 + (l.p[at + i] - '0')) : 0;
	bool ok = apart && digits == 3 && status >= 100;
	out->status = ok ? status : 0;
	out->reason = toc_span_trim(toc_span_from(l, at + digits));
	if (!ok)
		out->odd = "bad_HTTP_reply";
	return true;
}

/* The target may hold spaces (clients that do not escape): the version is what follows the last one. */
static bool read_request(struct toc_span l, struct http_head *out)
{
	size_t last;
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
		out->uri = toc_span_trim(toc_span_first(l, last));
	}
	return true;
}

bool http_is_bare(struct toc_span l)
{
	struct http_head head;
	while (l.n && l.p[l.n - 1] == '\r')
		l.n--;
	return read_request(l, &head) && toc_span_is(head.version, "0.9") && toc_span_find(head.uri, ' ') == head.uri.n;
}

/* The digits in front: what follows them is passed over, as receivers do. */
static uint64_t read_length(struct toc_span v)
{
	uint64_t n = 0;
	size_t i = 0;
	while (v.n && v.p[0] <= ' ')
		v = toc_span_from(v, 1);
	for (; i < v.n && i < 19 && is_digit(v.p[i]); i++)
		n = n * 10 + (uint64_t)(v.p[i] - '0');
	return i && i < 19 ? n : UINT64_MAX;
}

static bool contains(struct toc_span v, const char *what)
{
	size_t n = strlen(what);
	for (size_t i = 0; i + n <= v.n; i++)
		if (memcmp(v.p + i, what, n) == 0)
			return true;
	return false;
}

/* Of lengths that differ (RFC 9112, section 6.3: an error) the first. */
static void set_length(struct http_head *h, struct toc_span v)
{
	uint64_t n = read_length(v);
	if (h->framing.length == UINT64_MAX)
		h->framing.length = n;
	else if (n != h->framing.length)
		h->odd = "http_length_conflict";
}

static void set_transfer(struct http_head *h, struct toc_span v)
{
	h->framing.chunked = h->framing.chunked || contains(v, "chunked");
	if (h->framing.chunked && !toc_span_is(v, "chunked"))
		h->odd = "http_odd_framing";
}

static void set_coding(struct http_head *h, struct toc_span v)
{
	struct http_framing *f = &h->framing;
	while (v.n) {
		size_t comma = toc_span_find(v, ',');
		struct toc_span one = toc_span_first(v, comma);
		enum toc_coding coding = contains(one, "gzip")					? TOC_CODING_GZIP
					 : contains(one, "deflate")				? TOC_CODING_DEFLATE
					 : toc_span_ieq(toc_span_trim(one), toc_span_str("br")) ? TOC_CODING_BROTLI
												: TOC_CODING_NONE;
		if (coding != TOC_CODING_NONE && f->ncodings < HTTP_CODINGS)
			f->codings[f->ncodings++] = (uint8_t)coding;
		v = toc_span_from(v, comma + 1);
	}
}

static const struct {
	struct toc_span name;
	size_t span; /* where the value goes */
} headers[] = {
#define HEADER(name, member)                                                                                           \
	{                                                                                                              \
		{ (const uint8_t *)(name), sizeof(name) - 1 }, offsetof(struct http_head, member)                      \
	}
	HEADER("host", host),
	HEADER("referer", referrer),
	HEADER("user-agent", user_agent),
	HEADER("origin", origin),
	HEADER("authorization", authorization),
	HEADER("proxy-authorization", proxy_authorization),
	HEADER("content-disposition", disposition),
	HEADER("content-type", content_type),
	HEADER("upgrade", upgrade_to),
	HEADER("sec-websocket-protocol", subprotocol)
#undef HEADER
};

/* On these depends where the body is: they are read as leniently as any receiver may, and the body tells (http.c). */
static const struct {
	const char *name;
	void (*set)(struct http_head *h, struct toc_span v);
} framing[] = { { "content-length", set_length },
		{ "transfer-encoding", set_transfer },
		{ "content-encoding", set_coding } };

static bool read_framing(struct toc_span name, struct toc_span value, struct http_head *out)
{
	enum { ROOM = 128 };
	uint8_t plain_name[ROOM], plain_value[ROOM];
	struct toc_span n = http_squeeze(name, plain_name, sizeof(plain_name));
	for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++) {
		if (!toc_span_is(n, framing[i].name))
			continue;
		framing[i].set(out, framing[i].set == set_length
					    ? value
					    : http_squeeze(value, plain_value, sizeof(plain_value)));
		if (n.n != name.n)
			out->odd = "http_odd_framing";
		return true;
	}
	return false;
}

/* Those that proxies add, as Zeek lists them. */
static const char *const proxy_headers[] = { "FORWARDED", "X-FORWARDED-FOR",  "X-FORWARDED-FROM", "CLIENT-IP",
					     "VIA",	  "XROXY-CONNECTION", "PROXY-CONNECTION" };

static void read_header(struct toc_span name, struct toc_span value, struct http_head *out)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (name.n != headers[i].name.n || !toc_span_ieq(name, headers[i].name))
			continue;
		struct toc_span *into = (struct toc_span *)(void *)((char *)out + headers[i].span);
		if (!into->p)
			*into = value;
		return;
	}
	if (read_framing(name, value, out))
		return;
	bool challenge = toc_span_ieq(name, toc_span_str("www-authenticate")) ||
			 toc_span_ieq(name, toc_span_str("proxy-authenticate"));
	if (challenge && !out->challenge.n && http_auth_token(value).n)
		out->challenge = value;
	for (size_t i = 0; i < sizeof(proxy_headers) / sizeof(proxy_headers[0]); i++)
		if (out->nproxied < HTTP_PROXIED && toc_span_ieq(name, toc_span_str(proxy_headers[i]))) {
			out->proxied_name[out->nproxied] = toc_span_str(proxy_headers[i]);
			out->proxied_value[out->nproxied++] = value;
		}
}

/* A field, and those hidden in what is folded onto it: some receivers take a fold for a field of its own. */
static void read_field(struct toc_span l, struct http_head *out)
{
	size_t colon = toc_span_find(l, ':');
	if (colon < l.n) {
		struct toc_span name = toc_span_trim(toc_span_first(l, colon));
		read_header(name, toc_span_trim(toc_span_from(l, colon + 1)), out);
		if (out->nnames < HTTP_NAMES)
			out->names[out->nnames++] = name;
	}
	/* each is looked at to its own end only: there may be thousands, of blanks too */
	for (size_t fold = 0; (fold += toc_span_find(toc_span_from(l, fold), '\n')) < l.n; fold++) {
		struct toc_span own = toc_span_from(l, fold + 1);
		own = toc_span_first(own, toc_span_find(own, '\n'));
		size_t again = toc_span_find(own, ':');
		if (again < own.n && fold > colon &&
		    read_framing(toc_span_trim(toc_span_first(own, again)), toc_span_from(own, again + 1), out))
			out->odd = "http_odd_framing";
	}
}

bool http_head_read(struct toc_span bytes, struct http_head *out)
{
	*out = (struct http_head){ .framing.length = UINT64_MAX };
	struct toc_span first = line(&bytes);
	bool ok = http_starts(first, true) == TOC_YES ? read_status(first, out) : read_request(first, out);
	for (unsigned n = 0; ok && bytes.n && n < HEADERS_MAX; n++)
		read_field(folded_line(&bytes), out);
	return ok;
}

enum toc_probe http_chunk_starts(struct toc_span bytes)
{
	enum { BLANKS = 16, DIGITS = 16, JUNK = 8 };
	size_t at = 0, digits = 0;
	while (at < bytes.n && at < BLANKS && bytes.p[at] <= ' ')
		at++;
	while (at + digits < bytes.n && digits < DIGITS && http_hex(bytes.p[at + digits]) >= 0)
		digits++;
	struct toc_span rest = toc_span_from(bytes, at + digits);
	if (!rest.n)
		return TOC_MAYBE;
	if (!digits || rest.p[0] <= ' ' || rest.p[0] == ';')
		return digits ? TOC_YES : TOC_NO;
	/* behind the digits of a size there may be anything, to the end of its line */
	if (toc_span_find(toc_span_first(rest, JUNK), '\n') < JUNK && toc_span_find(rest, '\n') < rest.n)
		return TOC_YES;
	return rest.n < JUNK ? TOC_MAYBE : TOC_NO;
}
