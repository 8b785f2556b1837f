/* kerberos - requests for tickets and their use (RFC 4120, section 5; RFC 4121, section 4.1), over UDP, TCP and in
 * GSSAPI tokens, as Zeek's kerberos.log has it. Nothing encrypted is kept. */
#include "decoders/kerberos.h"

#include <stdio.h>

#include "decoders/der.h"
#include "tocsin/decoder.h"
#include "tocsin/digest.h"

enum field {
	K_KERBEROS,
	F_REQUEST_TYPE,
	F_CLIENT,
	F_SERVICE,
	F_SUCCESS,
	F_ERROR_MSG,
	F_FROM,
	F_TILL,
	F_CIPHER,
	F_FORWARDABLE,
	F_RENEWABLE,
	F_PREAUTH,
	F_REPLY_CIPHER,
	F_AUTH_TICKET,
	F_NEW_TICKET
};

static const struct toc_field_decl fields[] = {
	[K_KERBEROS] = { "kerberos", TOC_KIND, false, TOC_OPEN, NULL, "a ticket asked for (AS, TGS) or shown (AP)" },
	[F_REQUEST_TYPE] = { "request_type", TOC_STRING, false, TOC_OPEN, NULL, "AS, TGS, AP" },
	[F_CLIENT] = { "client", TOC_STRING, false, TOC_PERSON, NULL, "name/realm of the client; AP: /realm" },
	[F_SERVICE] = { "service", TOC_STRING, false, TOC_DEVICE, NULL, "service that the ticket is for" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "granted, or refused; unset: no answer seen" },
	[F_ERROR_MSG] = { "error_msg", TOC_STRING, false, TOC_OPEN, NULL, "why it was refused" },
	[F_FROM] = { "from", TOC_TIME, false, TOC_OPEN, NULL, "valid from, as asked" },
	[F_TILL] = { "till", TOC_TIME, false, TOC_OPEN, NULL, "valid until, as asked" },
	[F_CIPHER] = { "cipher", TOC_STRING, false, TOC_OPEN, NULL, "encryption type of the ticket" },
	[F_FORWARDABLE] = { "forwardable", TOC_BOOL, false, TOC_OPEN, NULL, "asked for" },
	[F_RENEWABLE] = { "renewable", TOC_BOOL, false, TOC_OPEN, NULL, "asked for" },
	[F_PREAUTH] = { "preauth", TOC_UINT, false, TOC_OPEN, NULL,
			"pre-authentication of an AS request (2 timestamp, 16 PKINIT, 138 FAST …); 0: none" },
	[F_REPLY_CIPHER] = { "reply_cipher", TOC_STRING, false, TOC_OPEN, NULL, "of the answer: the client's key" },
	[F_AUTH_TICKET] = { "auth_ticket_sha256", TOC_STRING, false, TOC_OPEN, NULL,
			    "hash of the encrypted part of the ticket that was shown (TGS, AP)" },
	[F_NEW_TICKET] = { "new_ticket_sha256", TOC_STRING, false, TOC_OPEN, NULL,
			   "the same of the ticket that was given (AS, TGS)" },
};

/* What joins a ticket's issue with its use; a use without an issue may be a forged one. */
static const uint16_t on_demand[] = { F_AUTH_TICKET, F_NEW_TICKET, 0 };

enum { LENGTH = 4, MESSAGE_MOST = 60000, TEXT = 512, OPTION_FORWARDABLE = 1, OPTION_RENEWABLE = 8 };

struct kerberos {
	uint32_t skip[2]; /* bytes of a message too large to be kept */
};

/* --- pieces ------------------------------------------------------------------------------------------------------- */

/* A string of whatever type. */
static struct toc_span read_string(struct toc_cursor in)
{
	uint8_t tag;
	struct toc_cursor value = der_next(&in, &tag);
	return value.bad ? (struct toc_span){ NULL, 0 } : toc_rest(&value);
}

static size_t append(char *out, size_t at, struct toc_span s)
{
	size_t n = s.n < TEXT - at ? s.n : TEXT - at;
	if (n)
		memcpy(out + at, s.p, n);
	return at + n;
}

/* PrincipalName (section 5.2.2): its components with slashes. */
static size_t read_principal(struct toc_cursor in, char *out)
{
	struct kerberos_members m;
	size_t n = 0;
	if (in.bad || !kerberos_members(in, &m))
		return 0;
	struct toc_cursor names = der_take(&m.at[1], DER_SEQUENCE);
	for (bool first = true; !names.bad && toc_left(&names); first = false) {
		uint8_t tag;
		struct toc_cursor part = der_next(&names, &tag);
		if (names.bad)
			break;
		if (!first)
			n = append(out, n, toc_span_of("/", 1));
		n = append(out, n, toc_rest(&part));
	}
	return n;
}

/* KerberosTime: YYYYMMDDhhmmssZ. 0 and false: not one. */
static bool read_time(struct toc_cursor in, toc_time *out)
{
	struct toc_span s = read_string(in);
	int v[6] = { 0 };
	static const uint8_t digits[6] = { 4, 2, 2, 2, 2, 2 };
	size_t at = 0;
	if (s.n < 14)
		return false;
	for (unsigned i = 0; i < 6; i++)
		for (unsigned k = 0; k < digits[i]; k++, at++) {
			if (s.p[at] < '0' || s.p[at] > '9')
				return false;
			v[i] = v[i] * 10 + (s.p[at] - '0');
		}
	if (v[0] < 1700 || v[0] > 2250 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31)
		return false;
	int64_t seconds = toc_days_from_civil(v[0], v[1], v[2]) * 86400 + v[3] * 3600 + v[4] * 60 + v[5];
	*out = seconds * TOC_SEC;
	return true;
}

static void put_time(struct toc_draft *d, unsigned field, struct toc_cursor in)
{
	toc_time t;
	if (read_time(in, &t))
		toc_put_time(d, field, t);
}

static void put_unless(struct toc_draft *d, unsigned field, const char *text, size_t n)
{
	if (n && !toc_draft_find(d, field))
		toc_put_str(d, field, toc_span_of(text, n));
}

/* Replaces what the request said: the answer knows better. */
static void put_over(struct toc_draft *d, unsigned field, const char *text, size_t n)
{
	struct toc_slot *slot = n ? toc_draft_find(d, field) : NULL;
	uint32_t at = slot ? toc_draft_store(d, text, n, 1) : UINT32_MAX;
	if (!slot) {
		put_unless(d, field, text, n);
	} else if (at != UINT32_MAX) {
		slot->bits = at;
		slot->len = (uint32_t)n;
	}
}

/* "name/REALM" */
static size_t client_text(struct toc_cursor name, struct toc_cursor realm, char *out)
{
	size_t n = read_principal(name, out);
	n = append(out, n, toc_span_of("/", 1));
	return append(out, n, read_string(realm));
}

static void put_cipher(struct toc_draft *d, unsigned field, uint32_t etype)
{
	char text[32];
	const char *name = kerberos_cipher_name(etype);
	size_t n = name ? strlen(name) : (size_t)snprintf(text, sizeof(text), "unknown-%u", etype);
	put_unless(d, field, name ? name : text, n);
}

/* Of the bytes of EncryptedData (section 5.2.9), which nobody without the service's key can change unseen. */
static void put_hash(struct toc_sink *s, struct toc_draft *d, unsigned field, const struct kerberos_ticket *t)
{
	struct toc_cursor in = t->cipher;
	struct toc_cursor bytes = der_take(&in, DER_OCTET_STRING);
	uint8_t hash[32];
	char hex[64];
	if (bytes.bad || !toc_left(&bytes) || toc_draft_find(d, field) || !toc_sink_asks(s, field))
		return;
	toc_sha256(toc_rest(&bytes), hash);
	toc_hex(hash, sizeof(hash), hex);
	toc_put_str(d, field, toc_span_of(hex, sizeof(hex)));
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static bool is_preauth(uint32_t type)
{
	static const uint8_t types[] = { 2, 11, 13, 14, 15, 16, 17, 138, 141, 151 };
	for (size_t i = 0; i < sizeof(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* The first element of padata that proves something; 0: none does. FAST (136) hides the others. */
static uint32_t preauth_type(struct toc_cursor padata)
{
	struct toc_cursor list = der_take(&padata, DER_SEQUENCE);
	uint32_t fast = 0;
	while (!list.bad && toc_left(&list)) {
		struct toc_cursor element = list;
		struct kerberos_members m;
		uint32_t type;
		uint8_t tag;
		der_next(&list, &tag);
		if (list.bad || !kerberos_members(element, &m) || !kerberos_uint(m.at[1], &type))
			break;
		if (is_preauth(type))
			return type;
		if (type == 136)
			fast = type;
	}
	return fast;
}

static void put_options(struct toc_draft *d, struct toc_cursor in)
{
	struct toc_cursor bits = der_take(&in, DER_BIT_STRING);
	toc_skip(&bits, 1);
	uint8_t first = toc_u8(&bits), second = toc_u8(&bits);
	if (bits.bad)
		return;
	toc_put_bool(d, F_FORWARDABLE, first >> (7 - OPTION_FORWARDABLE) & 1);
	toc_put_bool(d, F_RENEWABLE, second >> (15 - OPTION_RENEWABLE) & 1);
}

/* KDC-REQ (section 5.4.1). */
static bool request(struct toc_cursor in, uint8_t tag, struct toc_sink *s)
{
	struct kerberos_members m, body;
	struct kerberos_ticket shown;
	char text[TEXT];
	if (!kerberos_members(in, &m) || !kerberos_members(m.at[4], &body))
		return false;
	struct toc_draft *d = toc_sink_begin(s, K_KERBEROS);
	toc_put_cstr(d, F_REQUEST_TYPE, tag == AS_REQ ? "AS" : "TGS");
	if (tag == AS_REQ || !body.at[1].bad)
		put_unless(d, F_CLIENT, text, client_text(body.at[1], body.at[2], text));
	put_unless(d, F_SERVICE, text, read_principal(body.at[3], text));
	put_time(d, F_FROM, body.at[4]);
	put_time(d, F_TILL, body.at[5]);
	put_options(d, body.at[0]);
	if (tag == AS_REQ)
		toc_put_uint(d, F_PREAUTH, m.at[3].bad ? 0 : preauth_type(m.at[3]));
	else if (!m.at[3].bad && kerberos_shown_ticket(m.at[3], &shown))
		put_hash(s, d, F_AUTH_TICKET, &shown);
	toc_sink_hold(s, d, tag);
	return true;
}

/* KDC-REP (section 5.4.2). */
static bool reply(struct toc_cursor in, uint8_t tag, struct toc_sink *s)
{
	struct kerberos_members m, own;
	struct kerberos_ticket t;
	uint32_t etype;
	char text[TEXT];
	if (!kerberos_members(in, &m) || m.at[4].bad || !kerberos_ticket(m.at[5], &t))
		return false;
	uint8_t asked = tag == AS_REP ? AS_REQ : TGS_REQ;
	struct toc_draft *d = toc_sink_resume(s, K_KERBEROS, asked);
	if (!d) {
		d = toc_sink_begin(s, K_KERBEROS);
		toc_put_cstr(d, F_REQUEST_TYPE, asked == AS_REQ ? "AS" : "TGS");
	}
	put_over(d, F_CLIENT, text, client_text(m.at[4], m.at[3], text));
	put_over(d, F_SERVICE, text, read_principal(t.sname, text));
	put_cipher(d, F_CIPHER, t.etype);
	if (!m.at[6].bad && kerberos_members(m.at[6], &own) && kerberos_uint(own.at[0], &etype))
		put_cipher(d, F_REPLY_CIPHER, etype);
	put_hash(s, d, F_NEW_TICKET, &t);
	toc_put_bool(d, F_SUCCESS, true);
	toc_sink_commit(s, d);
	return true;
}

static struct toc_draft *waiting_request(struct toc_sink *s)
{
	static const uint8_t keys[] = { AS_REQ, TGS_REQ, AP_REQ };
	struct toc_draft *d = NULL;
	for (size_t i = 0; i < sizeof(keys) && !d; i++)
		d = toc_sink_resume(s, K_KERBEROS, keys[i]);
	return d ? d : toc_sink_begin(s, K_KERBEROS);
}

/* KRB-ERROR (section 5.9.1). */
static bool error(struct toc_cursor in, struct toc_sink *s)
{
	struct kerberos_members m;
	uint32_t code;
	char text[TEXT];
	if (!kerberos_members(in, &m) || !kerberos_uint(m.at[6], &code))
		return false;
	struct toc_draft *d = waiting_request(s);
	if (!m.at[8].bad)
		put_unless(d, F_CLIENT, text, client_text(m.at[8], m.at[7].bad ? m.at[9] : m.at[7], text));
	put_unless(d, F_SERVICE, text, read_principal(m.at[10], text));
	toc_put_bool(d, F_SUCCESS, false);
	const char *name = kerberos_error_name(code);
	size_t n = name ? strlen(name) : (size_t)snprintf(text, sizeof(text), "unknown-%u", code);
	put_unless(d, F_ERROR_MSG, name ? name : text, n);
	toc_sink_commit(s, d);
	return true;
}

/* AP-REQ (section 5.5.1): whose ticket it is stands in its encrypted part. */
static bool ap_request(struct toc_cursor in, struct toc_sink *s)
{
	struct kerberos_members m;
	struct kerberos_ticket t;
	char text[TEXT];
	if (!kerberos_members(in, &m) || !kerberos_ticket(m.at[3], &t))
		return false;
	struct toc_draft *d = toc_sink_begin(s, K_KERBEROS);
	toc_put_cstr(d, F_REQUEST_TYPE, "AP");
	size_t n = append(text, 0, toc_span_of("/", 1));
	put_unless(d, F_CLIENT, text, append(text, n, read_string(t.realm)));
	put_unless(d, F_SERVICE, text, read_principal(t.sname, text));
	put_cipher(d, F_CIPHER, t.etype);
	put_hash(s, d, F_AUTH_TICKET, &t);
	toc_sink_hold(s, d, AP_REQ);
	return true;
}

/* AP-REP (section 5.5.2). The client's own, third in DCE's manner, answers nothing. */
static bool ap_reply(struct toc_cursor in, enum toc_dir dir, struct toc_sink *s)
{
	struct kerberos_members m;
	uint32_t version;
	if (!kerberos_members(in, &m) || !kerberos_uint(m.at[0], &version) || version != 5)
		return false;
	if (dir == TOC_ORIG)
		return true;
	struct toc_draft *d = toc_sink_resume(s, K_KERBEROS, AP_REQ);
	if (!d)
		d = toc_sink_begin(s, K_KERBEROS);
	toc_put_bool(d, F_SUCCESS, true);
	toc_sink_commit(s, d);
	return true;
}

static bool message(struct toc_span bytes, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	uint8_t tag;
	struct toc_cursor in = der_next(&c, &tag);
	if (c.bad)
		return false;
	switch (tag) {
	case AS_REQ:
	case TGS_REQ:
		return request(in, tag, s);
	case AS_REP:
	case TGS_REP:
		return reply(in, tag, s);
	case AP_REQ:
		return ap_request(in, s);
	case AP_REP:
		return ap_reply(in, dir, s);
	case KRB_ERROR:
		return error(in, s);
	}
	return tag >= 0x60 && tag <= 0x7e; /* KRB-SAFE, KRB-PRIV, KRB-CRED */
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A context token (RFC 4121, section 4.1): 0x60, the mechanism, two bytes, the message. */
static enum toc_parse token(struct toc_span bytes, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	uint8_t tag;
	struct toc_cursor in = der_next(&c, &tag);
	if (tag == GSS_TOKEN && !c.bad) {
		der_take(&in, DER_OID);
		toc_skip(&in, 2);
		bytes = toc_rest(&in);
	}
	if (message(bytes, dir, s))
		toc_sink_confirm(s, "krb");
	return TOC_MORE;
}

static enum toc_parse datagram(struct toc_span bytes, enum toc_dir dir, struct toc_sink *s)
{
	if (!message(bytes, dir, s))
		return TOC_MORE;
	toc_sink_confirm(s, "krb");
	return TOC_MORE;
}

static enum toc_parse stream(struct kerberos *k, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	while (toc_left(in)) {
		size_t skip = k->skip[dir] < toc_left(in) ? k->skip[dir] : toc_left(in);
		toc_skip(in, skip);
		k->skip[dir] -= (uint32_t)skip;
		if (toc_left(in) < LENGTH)
			return toc_left(in) ? toc_more(s, LENGTH) : TOC_MORE;
		struct toc_cursor ahead = *in;
		uint32_t n = toc_be32(&ahead) & 0x7fffffff; /* section 7.2.2: the high bit is kept for extensions */
		if (n > (1 << 24))
			return TOC_BAD;
		if (n > MESSAGE_MOST) {
			toc_sink_weird(s, "kerberos_message_too_large");
			toc_skip(in, LENGTH);
			k->skip[dir] = n;
			continue;
		}
		if (toc_left(&ahead) < n)
			return toc_more(s, LENGTH + n);
		toc_skip(in, LENGTH);
		if (!message(toc_take(in, n), dir, s))
			return TOC_BAD;
		toc_sink_confirm(s, "krb_tcp");
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	if (s->flow->carrier == TOC_OVER_TCP)
		return stream(state, in, dir, s);
	struct toc_span bytes = toc_take(in, toc_left(in));
	return s->flow->carrier == TOC_OVER_UDP ? datagram(bytes, dir, s) : token(bytes, dir, s);
}

/* Between messages that are lost nothing marks the next one. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct kerberos *k = state;
	(void)s;
	if (n > k->skip[dir])
		return TOC_DONE;
	k->skip[dir] -= (uint32_t)n;
	return TOC_MORE;
}

/* An application tag, its length, a SEQUENCE. */
static enum toc_probe looks_like(struct toc_cursor c, size_t expected)
{
	struct toc_cursor ahead = c;
	uint8_t tag = toc_u8(&ahead), n = toc_u8(&ahead);
	if (!ahead.bad && tag != AS_REQ && tag != AS_REP && tag != TGS_REQ && tag != TGS_REP && tag != KRB_ERROR)
		return TOC_NO;
	size_t header = 2 + (n & 0x80 ? n & 0x7fu : 0), size = n & 0x80 ? 0 : n;
	if (header > 6)
		return TOC_NO;
	for (size_t i = 2; i < header; i++)
		size = size << 8 | toc_u8(&ahead);
	uint8_t inside = toc_u8(&ahead);
	if (ahead.bad)
		return TOC_MAYBE;
	return size + header == expected && inside == DER_SEQUENCE ? TOC_YES : TOC_NO;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	(void)dir;
	(void)hint;
	if (first.n >= LENGTH && first.p[0] == 0) { /* no application tag: the length in front, as over TCP */
		uint32_t n = toc_be32(&c);
		return n > (1 << 20) ? TOC_NO : looks_like(c, n);
	}
	if (first.n < LENGTH)
		return TOC_MAYBE;
	return looks_like(c, first.n);
}

static const uint16_t ports[] = { 88, 0 };

const struct toc_decoder toc_decoder_kerberos = { .name = "kerberos",
						  .carriers = TOC_OVER_TCP | TOC_OVER_UDP | TOC_OVER_INNER,
						  .tcp_ports = ports,
						  .udp_ports = ports,
						  .fields = fields,
						  .nfields = sizeof(fields) / sizeof(fields[0]),
						  .on_demand = on_demand,
						  .state_size = sizeof(struct kerberos),
						  .vital = true,
						  .probe = probe,
						  .parse = parse,
						  .gap = gap };
