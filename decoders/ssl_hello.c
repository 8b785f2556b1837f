/* ssl_hello - ClientHello and ServerHello, and the fingerprints of them. */
#include "decoders/ssl.h"
#include "tocsin/digest.h"

enum {
	EXT_SERVER_NAME = 0,
	EXT_GROUPS = 10,
	EXT_FORMATS = 11,
	EXT_SIGALGS = 13,
	EXT_HEARTBEAT = 15,
	EXT_ALPN = 16,
	EXT_TICKET = 35,
	EXT_PSK = 41,
	EXT_VERSIONS = 43,
	EXT_DRAFT_KEY_SHARE = 40, /* before draft 23 */
	EXT_KEY_SHARE = 51,
	EXT_ECH = 0xfe0d
};

/* Values that clients send to keep servers honest (RFC 8701). */
static bool is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static unsigned read_list(struct toc_cursor *c, uint16_t out[SSL_LIST])
{
	unsigned n = 0;
	while (toc_left(c) >= 2) {
		uint16_t v = toc_be16(c);
		if (n < SSL_LIST)
			out[n++] = v;
	}
	return n;
}

static void read_server_name(struct toc_cursor c, struct ssl_hello *out)
{
	struct toc_cursor list = toc_sub(&c, toc_be16(&c));
	while (toc_left(&list) > 3) {
		uint8_t type = toc_u8(&list);
		struct toc_span name = toc_take(&list, toc_be16(&list));
		if (type == 0 && !list.bad) {
			out->server_name = toc_span_first(name, SSL_NAME - 1);
			return;
		}
	}
}

static void read_alpn(struct toc_cursor c, struct ssl_hello *out)
{
	struct toc_cursor list = toc_sub(&c, toc_be16(&c));
	struct toc_span first = toc_take(&list, toc_u8(&list));
	if (!list.bad)
		out->alpn_first = first;
}

static void read_versions(struct toc_cursor c, bool client, struct ssl_hello *out)
{
	if (!client) {
		out->selected_version = toc_be16(&c);
		return;
	}
	struct toc_cursor list = toc_sub(&c, toc_u8(&c));
	while (toc_left(&list) >= 2) {
		uint16_t v = toc_be16(&list);
		bool datagrams = v >> 8 == 0xfe; /* DTLS counts down */
		bool newer =
			datagrams ? !out->selected_version || v < out->selected_version : v > out->selected_version;
		if (!is_grease(v) && newer)
			out->selected_version = v;
	}
}

/* ECHClientHello: outer (0), then the HPKE suite. */
static void read_ech(struct toc_cursor c, struct ssl_hello *out)
{
	bool outer = toc_u8(&c) == 0;
	uint16_t kdf = toc_be16(&c), aead = toc_be16(&c);
	out->ech = outer && !c.bad;
	out->ech_kdf = kdf;
	out->ech_aead = aead;
}

static void read_extension(uint16_t type, struct toc_cursor c, bool client, struct ssl_hello *out)
{
	struct toc_cursor list;
	switch (type) {
	case EXT_SERVER_NAME:
		if (client)
			read_server_name(c, out);
		break;
	case EXT_GROUPS:
		list = toc_sub(&c, toc_be16(&c));
		out->ngroups = read_list(&list, out->groups);
		break;
	case EXT_FORMATS:
		list = toc_sub(&c, toc_u8(&c));
		while (toc_left(&list) && out->nformats < SSL_LIST)
			out->formats[out->nformats++] = toc_u8(&list);
		break;
	case EXT_SIGALGS:
		list = toc_sub(&c, toc_be16(&c));
		out->nsigalgs = read_list(&list, out->sigalgs);
		break;
	case EXT_ALPN:
		read_alpn(c, out);
		break;
	case EXT_HEARTBEAT:
		out->heartbeat = true;
		break;
	case EXT_TICKET:
		out->ticket = toc_left(&c) > 0;
		break;
	case EXT_PSK:
		out->psk = true;
		break;
	case EXT_VERSIONS:
		read_versions(c, client, out);
		break;
	case EXT_ECH:
		if (client)
			read_ech(c, out);
		break;
	case EXT_DRAFT_KEY_SHARE:
	case EXT_KEY_SHARE:
		if (!client)
			out->key_share = toc_be16(&c);
		break;
	default:
		break;
	}
}

static void read_extensions(struct toc_cursor *c, bool client, struct ssl_hello *out)
{
	struct toc_cursor all = toc_sub(c, toc_be16(c));
	while (toc_left(&all) >= 4) {
		uint16_t type = toc_be16(&all);
		struct toc_cursor body = toc_sub(&all, toc_be16(&all));
		if (all.bad)
			return;
		if (out->nextensions < SSL_LIST)
			out->extensions[out->nextensions++] = type;
		read_extension(type, body, client, out);
	}
}

bool ssl_client_hello(struct toc_span body, enum ssl_over over, struct ssl_hello *out)
{
	struct toc_cursor c = toc_cursor_of(body);
	*out = (struct ssl_hello){ .version = toc_be16(&c) };
	toc_skip(&c, 32); /* random */
	out->session_id = toc_take(&c, toc_u8(&c));
	if (over == SSL_OVER_DTLS)
		toc_skip(&c, toc_u8(&c)); /* cookie (RFC 6347, section 4.2.1) */
	struct toc_cursor ciphers = toc_sub(&c, toc_be16(&c));
	out->nciphers = read_list(&ciphers, out->ciphers);
	toc_skip(&c, toc_u8(&c)); /* compression methods */
	if (c.bad)
		return false;
	read_extensions(&c, true, out);
	return true;
}

bool ssl_server_hello(struct toc_span body, struct ssl_hello *out)
{
	/* RFC 8446, section 4.1.3: this random means "try again" */
	static const uint8_t retry[32] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
					   0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
					   0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c };
	struct toc_cursor c = toc_cursor_of(body);
	*out = (struct ssl_hello){ .version = toc_be16(&c) };
	struct toc_span random = toc_take(&c, 32);
	/* drafts before 22 had the version here, no session id and no compression */
	bool old_draft = out->version == 0x0304 || (out->version >> 8 == 0x7f && (out->version & 0xff) < 22);
	if (!old_draft)
		out->session_id = toc_take(&c, toc_u8(&c));
	out->cipher = toc_be16(&c);
	if (!old_draft)
		toc_skip(&c, 1);
	if (c.bad)
		return false;
	out->retry = memcmp(random.p, retry, sizeof(retry)) == 0;
	read_extensions(&c, false, out);
	return true;
}

/* --- fingerprints ------------------------------------------------------------------------------------------------- */

struct text {
	size_t n;
	char at[SSL_LIST * 6 * 4];
};

static void put(struct text *t, char c)
{
	if (t->n < sizeof(t->at))
		t->at[t->n++] = c;
}

static void put_decimal(struct text *t, unsigned v)
{
	char digits[10];
	size_t n = 0;
	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		put(t, digits[--n]);
}

/* Decimal numbers joined by dashes, without GREASE. */
static void put_numbers(struct text *t, const uint16_t *v, unsigned n)
{
	bool first = true;
	for (unsigned i = 0; i < n; i++) {
		if (is_grease(v[i]))
			continue;
		if (!first)
			put(t, '-');
		first = false;
		put_decimal(t, v[i]);
	}
}

void ssl_ja3(const struct ssl_hello *h, bool client, char out[32])
{
	struct text t = { 0 };
	uint8_t digest[16];
	put_decimal(&t, h->version);
	put(&t, ',');
	if (client)
		put_numbers(&t, h->ciphers, h->nciphers);
	else
		put_decimal(&t, h->cipher);
	put(&t, ',');
	put_numbers(&t, h->extensions, h->nextensions);
	if (client) {
		put(&t, ',');
		put_numbers(&t, h->groups, h->ngroups);
		put(&t, ',');
		for (unsigned i = 0; i < h->nformats; i++) {
			if (i)
				put(&t, '-');
			put_decimal(&t, h->formats[i]);
		}
	}
	toc_md5(toc_span_of(t.at, t.n), digest);
	toc_hex(digest, sizeof(digest), out);
}

static void put_hex4(struct text *t, uint16_t v)
{
	static const char hex[] = "0123456789abcdef";
	for (int shift = 12; shift >= 0; shift -= 4)
		put(t, hex[v >> shift & 15]);
}

/* Four hex digits each, joined by commas; sorted or as sent. */
static void put_hexes(struct text *t, const uint16_t *v, unsigned n, bool sorted)
{
	uint16_t list[SSL_LIST];
	memcpy(list, v, n * sizeof(*v));
	for (unsigned i = 1; sorted && i < n; i++)
		for (unsigned k = i; k && list[k - 1] > list[k]; k--) {
			uint16_t swap = list[k];
			list[k] = list[k - 1];
			list[k - 1] = swap;
		}
	for (unsigned i = 0; i < n; i++) {
		if (i)
			put(t, ',');
		put_hex4(t, list[i]);
	}
}

static size_t put_hash(const struct text *t, bool none, char *out)
{
	uint8_t digest[32];
	if (none) {
		memset(out, '0', 12);
		return 12;
	}
	toc_sha256(toc_span_of(t->at, t->n), digest);
	toc_hex(digest, 6, out);
	return 12;
}

static unsigned without(const uint16_t *v, unsigned n, uint16_t *out, bool drop_names)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < n; i++)
		if (!is_grease(v[i]) && !(drop_names && (v[i] == EXT_SERVER_NAME || v[i] == EXT_ALPN)))
			out[kept++] = v[i];
	return kept;
}

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (toc_lower(c) >= 'a' && toc_lower(c) <= 'z');
}

/* First and last character of the first ALPN value; of other bytes, their hex digits. */
static void put_alpn(const struct ssl_hello *h, char out[2])
{
	static const char hex[] = "0123456789abcdef";
	struct toc_span a = h->alpn_first;
	out[0] = out[1] = '0';
	if (a.n == 0)
		return;
	uint8_t first = a.p[0], last = a.p[a.n - 1];
	bool plain = is_alnum(first) && is_alnum(last);
	out[0] = plain ? (char)first : hex[first >> 4];
	out[1] = plain ? (char)last : hex[last & 15];
}

static const char *ja4_version(uint16_t v)
{
	static const struct {
		uint16_t number;
		char text[3];
	} versions[] = { { 0x0002, "s2" }, { 0x0300, "s3" }, { 0x0301, "10" }, { 0x0302, "11" }, { 0x0303, "12" },
			 { 0x0304, "13" }, { 0xfeff, "d1" }, { 0xfefd, "d2" }, { 0xfefc, "d3" } };
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].number == v)
			return versions[i].text;
	return "00";
}

size_t ssl_ja4(const struct ssl_hello *h, enum ssl_over over, char out[JA4_TEXT])
{
	uint16_t ciphers[SSL_LIST], extensions[SSL_LIST];
	uint16_t version = h->selected_version ? h->selected_version : h->version;
	unsigned nciphers = without(h->ciphers, h->nciphers, ciphers, false);
	unsigned nall = without(h->extensions, h->nextensions, extensions, false);
	unsigned c = nciphers < 99 ? nciphers : 99, e = nall < 99 ? nall : 99;
	struct text t = { 0 };
	out[0] = over == SSL_OVER_QUIC ? 'q' : over == SSL_OVER_DTLS ? 'd' : 't';
	memcpy(out + 1, ja4_version(version), 2);
	out[3] = h->server_name.n ? 'd' : 'i';
	const char counts[4] = { (char)('0' + c / 10), (char)('0' + c % 10), (char)('0' + e / 10),
				 (char)('0' + e % 10) };
	memcpy(out + 4, counts, 4);
	put_alpn(h, out + 8);
	out[10] = '_';
	put_hexes(&t, ciphers, nciphers, true);
	size_t n = 11 + put_hash(&t, nciphers == 0, out + 11);
	out[n++] = '_';
	unsigned nexts = without(h->extensions, h->nextensions, extensions, true);
	t.n = 0;
	put_hexes(&t, extensions, nexts, true);
	if (h->nsigalgs) {
		put(&t, '_');
		put_hexes(&t, h->sigalgs, h->nsigalgs, false);
	}
	return n + put_hash(&t, nexts == 0, out + n);
}
