/* ssl_row - handshake messages (RFC 5246, section 7.4; RFC 8446, section 4) to the row of Zeek's ssl.log. */
#include "decoders/ssl_row.h"

#include "decoders/ssl_fields.h"
#include "tocsin/digest.h"

const struct toc_field_decl ssl_fields[SSL_FIELDS] = {
#define SSL_FIELD(id, name, type, list, privacy, unit, meaning) [id] = { name, type, list, privacy, unit, meaning },
#include "decoders/ssl_fields.def"
#undef SSL_FIELD
};

enum { CHAIN_MOST = 16 };

static bool is_tls13(uint16_t version)
{
	return version == 0x0304 || version == 0xfefc || version >> 8 == 0x7f;
}

static void note(struct ssl_row *c, char letter, bool client)
{
	if (c->history_n < SSL_HISTORY)
		c->history[c->history_n++] = client ? letter : (char)toc_lower((uint8_t)letter);
}

/* The row of this connection. */
static struct toc_draft *row(struct ssl_row *c, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_SSL, 0);
	c->any = true;
	return d ? d : toc_sink_begin(s, K_SSL);
}

static void put_choice(const struct ssl_row *c, struct toc_draft *d)
{
	const char *cipher = ssl_cipher_name(c->cipher), *group = ssl_group_name(c->group);
	char text[24];
	if (c->chosen) {
		toc_put_str(d, F_VERSION, toc_span_of(text, ssl_version_name(c->told, text)));
		memcpy(text, "unknown-", 8);
		toc_put_str(d, F_CIPHER,
			    cipher ? toc_span_str(cipher)
				   : toc_span_of(text, 8 + ssl_number_text(c->cipher, text + 8)));
	}
	if (group && c->group)
		toc_put_cstr(d, F_CURVE, group);
}

void ssl_row_log(struct ssl_row *c, struct toc_sink *s)
{
	if (c->logged || !c->any)
		return;
	struct toc_draft *d = row(c, s);
	c->logged = true;
	put_choice(c, d);
	toc_put_bool(d, F_RESUMED, c->resumed);
	toc_put_bool(d, F_ESTABLISHED, c->established);
	if (c->history_n)
		toc_put_str(d, F_SSL_HISTORY, toc_span_of(c->history, c->history_n));
	toc_sink_commit(s, d);
}

/* --- hellos ------------------------------------------------------------------------------------------------------- */

static void keep_client(struct ssl_row *c, const struct ssl_hello *h)
{
	c->hello = true;
	c->session_n = (uint8_t)(h->session_id.n <= sizeof(c->session) ? h->session_id.n : 0);
	if (c->session_n)
		memcpy(c->session, h->session_id.p, c->session_n);
	c->empty_ticket = h->ticket && h->session_id.n == 0;
	c->sni_n = (uint8_t)h->server_name.n;
	if (c->sni_n)
		memcpy(c->sni, h->server_name.p, c->sni_n);
}

static void client_hello(struct ssl_row *c, struct toc_span body, struct toc_sink *s)
{
	struct ssl_hello h;
	char text[JA4_TEXT];
	if (c->hello || !ssl_client_hello(body, c->over, &h) || c->version)
		return; /* a second hello answers a retry and says the same */
	keep_client(c, &h);
	toc_sink_confirm(s, c->over == SSL_OVER_DTLS ? "dtls" : "ssl");
	const char *inside = ssl_resolver_service(&h, c->over, s->flow);
	if (inside)
		toc_sink_confirm(s, inside);
	struct toc_draft *d = row(c, s);
	if (h.server_name.n)
		toc_put_str(d, F_SERVER_NAME, h.server_name);
	if (h.ech) {
		toc_put_uint(d, F_ECH_KDF, h.ech_kdf);
		toc_put_uint(d, F_ECH_AEAD, h.ech_aead);
	}
	ssl_ja3(&h, true, text);
	toc_put_str(d, F_JA3, toc_span_of(text, 32));
	toc_put_str(d, F_JA4, toc_span_of(text, ssl_ja4(&h, c->over, text)));
	toc_sink_hold(s, d, 0);
}

static void server_hello(struct ssl_row *c, struct toc_span body, struct toc_sink *s)
{
	struct ssl_hello h;
	char text[64];
	if (c->version || !ssl_server_hello(body, &h))
		return;
	toc_sink_confirm(s, c->over == SSL_OVER_DTLS ? "dtls" : "ssl");
	c->chosen = true;
	c->told = h.selected_version ? h.selected_version : h.version;
	c->cipher = h.cipher;
	c->group = h.key_share;
	c->any = true;
	c->tls13 = is_tls13(c->told);
	c->heartbeats = h.heartbeat && !c->tls13;
	if (h.retry)
		return; /* the choice, unless the hello that follows the second attempt says otherwise */
	c->version = c->told;
	struct toc_span session = toc_span_of(c->session, c->session_n);
	c->resumed = c->tls13 ? h.psk : c->session_n && toc_span_eq(session, h.session_id);
	struct toc_draft *d = row(c, s);
	if (h.alpn_first.n)
		toc_put_str(d, F_NEXT_PROTOCOL, h.alpn_first);
	ssl_ja3(&h, false, text);
	toc_put_str(d, F_JA3S, toc_span_of(text, 32));
	toc_sink_hold(s, d, 0);
}

/* ECDHE: named_curve and its number (RFC 8422, section 5.4). Other exchanges do not begin so. */
static void key_exchange(struct ssl_row *c, struct toc_span body)
{
	struct toc_cursor in = toc_cursor_of(body);
	bool named = toc_u8(&in) == 3;
	uint16_t group = toc_be16(&in);
	if (named && !in.bad && ssl_group_name(group) && !c->group)
		c->group = group;
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* What the row tells of a side's own certificate. */
static void put_host_cert(struct ssl_row *c, const struct x509 *cert, bool client, struct toc_sink *s)
{
	char text[X509_NAME_TEXT];
	struct toc_draft *d = row(c, s);
	toc_put_str(d, client ? F_CLIENT_SUBJECT : F_SUBJECT,
		    toc_span_of(text, x509_name_text(cert->subject, text, sizeof(text))));
	toc_put_str(d, client ? F_CLIENT_ISSUER : F_ISSUER,
		    toc_span_of(text, x509_name_text(cert->issuer, text, sizeof(text))));
	if (c->sni_n && !client)
		toc_put_bool(d, F_SNI_MATCHES_CERT, x509_for_host(cert, toc_span_of(c->sni, c->sni_n)));
	toc_sink_hold(s, d, 0);
	if (!client && x509_is_tor(cert))
		toc_sink_confirm(s, "tor");
}

/* certificate_list (RFC 5246, section 7.4.2); in TLS 1.3 it is encrypted. */
static void certificates(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(body), list = toc_sub(&in, toc_be24(&in));
	char fps[CHAIN_MOST][64];
	unsigned n = 0;
	while (toc_left(&list) > 3 && n < CHAIN_MOST) {
		struct toc_span der = toc_take(&list, toc_be24(&list));
		struct x509 cert;
		uint8_t digest[32];
		if (list.bad)
			break;
		toc_sha256(der, digest);
		toc_hex(digest, sizeof(digest), fps[n]);
		if (x509_read(der, &cert)) {
			ssl_certificate(&cert, fps[n], n == 0, client, s);
			if (n == 0)
				put_host_cert(c, &cert, client, s);
		} else {
			toc_sink_weird(s, "x509_unreadable_certificate");
		}
		n++;
	}
	if (n == 0)
		return;
	struct toc_draft *d = row(c, s);
	for (unsigned i = 0; i < n; i++)
		toc_list_str(d, client ? F_CLIENT_CERT_CHAIN_FPS : F_CERT_CHAIN_FPS, toc_span_of(fps[i], 64));
	toc_sink_hold(s, d, 0);
}

/* CertificateStatus (RFC 6066, section 8): a stapled OCSP response, which is a file too. */
static void status(const struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(body);
	bool ocsp = toc_u8(&in) == 1;
	struct toc_span response = toc_take(&in, toc_be24(&in));
	enum toc_dir dir = client != c->flipped ? TOC_ORIG : TOC_RESP;
	if (!ocsp || in.bad)
		return;
	ssl_ocsp_response(response, s);
	toc_body_open(s, dir, "SSL", toc_span_str(""), UINT64_MAX);
	toc_body_data(s, dir, response);
	toc_body_close(s, dir, NULL);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static const char letters[] = "HCSV"
			      "T"
			      "E"
			      "ZJO"
			      "ZZ"
			      "XKRNYG"
			      "ZZZ"
			      "F"
			      "WUA"
			      "P"; /* by number, 0 … 24; Zeek's */

void ssl_row_message(struct ssl_row *c, uint8_t type, struct toc_span body, bool client, struct toc_sink *s)
{
	note(c, type < sizeof(letters) - 1 ? letters[type] : 'Z', client);
	switch (type) {
	case SSL_MSG_CLIENT_HELLO:
		client_hello(c, body, s);
		break;
	case SSL_MSG_SERVER_HELLO:
		server_hello(c, body, s);
		break;
	case SSL_MSG_CERTIFICATE:
		certificates(c, body, client, s);
		break;
	case SSL_MSG_KEY_EXCHANGE:
		key_exchange(c, body);
		break;
	case SSL_MSG_CLIENT_KEY_EXCHANGE:
		c->client_keys = true;
		break;
	case SSL_MSG_STATUS:
		status(c, body, client, s);
		break;
	default:
		break;
	}
}

void ssl_row_change_cipher(struct ssl_row *c, bool client)
{
	note(c, 'I', client);
	if (c->tls13)
		return; /* for middleboxes' sake only (RFC 8446, appendix D.4) */
	if (client && c->empty_ticket && !c->client_keys)
		c->resumed = true;
	c->encrypted[!client] = true;
}

void ssl_row_alert(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s)
{
	note(c, 'L', client);
	const char *name = body.n == 2 && !c->encrypted[!client] ? ssl_alert_name(body.p[1]) : NULL;
	if (!name || c->logged)
		return;
	struct toc_draft *d = row(c, s);
	struct toc_slot *old = toc_draft_find(d, F_LAST_ALERT);
	if (!old) /* the first one says why; what follows only closes */
		toc_put_cstr(d, F_LAST_ALERT, name);
	toc_sink_hold(s, d, 0);
}

void ssl_row_heartbeat(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s)
{
	enum { PADDING = 16 };
	struct toc_cursor in = toc_cursor_of(body);
	note(c, 'B', client);
	toc_skip(&in, 1);
	size_t payload = toc_be16(&in);
	if (in.bad || payload + PADDING > toc_left(&in))
		toc_sink_weird(s, "ssl_heartbeat_overread");
}

void ssl_row_heartbeat_ciphered(struct ssl_row *c, uint32_t length, bool client, struct toc_sink *s)
{
	enum { OTHER_PADDING = 512 }; /* RFC 6520, section 4: padding is each side's own, 16 bytes or more */
	uint32_t *asked = &c->beat[client], *back = &c->beat_back[client];
	bool enough = *back > *asked + OTHER_PADDING;
	*back = *back < UINT32_MAX - length ? *back + length : *back;
	if (*asked && !enough && *back > *asked + OTHER_PADDING)
		toc_sink_weird(s, "ssl_heartbeat_overread");
	c->beat[!client] = length;
	c->beat_back[!client] = 0;
}

void ssl_row_ciphered(struct ssl_row *c, bool client, bool data, struct toc_sink *s)
{
	if (data && c->tls13)
		c->encrypted[!client] = true;
	if (c->established || !c->encrypted[0] || !c->encrypted[1])
		return;
	c->established = true;
	ssl_row_log(c, s);
}

/* --- SSL 2 -------------------------------------------------------------------------------------------------------- */

static const struct {
	uint32_t number;
	const char *name;
} v2_ciphers[] = {
	{ 0x010080, "SSLv20_CK_RC4_128_WITH_MD5" },	    { 0x020080, "SSLv20_CK_RC4_128_EXPORT40_WITH_MD5" },
	{ 0x030080, "SSLv20_CK_RC2_128_CBC_WITH_MD5" },	    { 0x040080, "SSLv20_CK_RC2_128_CBC_EXPORT40_WITH_MD5" },
	{ 0x050080, "SSLv20_CK_IDEA_128_CBC_WITH_MD5" },    { 0x060040, "SSLv20_CK_DES_64_CBC_WITH_MD5" },
	{ 0x0700c0, "SSLv20_CK_DES_192_EDE3_CBC_WITH_MD5" }
};

static void v2_server(struct ssl_row *c, struct toc_cursor in, struct toc_sink *s)
{
	toc_skip(&in, 1 + 1 + 2); /* session_id_hit, certificate_type, version */
	size_t cert_n = toc_be16(&in), ciphers_n = toc_be16(&in);
	toc_skip(&in, 2); /* length of the connection id */
	struct toc_span der = toc_take(&in, cert_n);
	uint32_t cipher = ciphers_n ? toc_be24(&in) : 0;
	struct x509 cert;
	uint8_t digest[32];
	char fp[64];
	if (in.bad)
		return;
	toc_sink_confirm(s, "ssl");
	c->version = 0x0002;
	bool readable = cert_n && x509_read(der, &cert);
	if (readable) {
		toc_sha256(der, digest);
		toc_hex(digest, sizeof(digest), fp);
		ssl_certificate(&cert, fp, true, false, s);
		put_host_cert(c, &cert, false, s);
	}
	struct toc_draft *d = row(c, s);
	toc_put_cstr(d, F_VERSION, "SSLv2");
	for (size_t i = 0; i < sizeof(v2_ciphers) / sizeof(v2_ciphers[0]); i++)
		if (v2_ciphers[i].number == cipher)
			toc_put_cstr(d, F_CIPHER, v2_ciphers[i].name);
	if (readable)
		toc_list_str(d, F_CERT_CHAIN_FPS, toc_span_of(fp, 64));
	toc_sink_hold(s, d, 0);
}

void ssl_row_v2(struct ssl_row *c, struct toc_span body, bool client, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(body);
	uint8_t type = toc_u8(&in);
	note(c, client ? 'C' : 'S', client);
	if (client && type == 1)
		toc_sink_hold(s, row(c, s), 0);
	else if (!client && type == 4 && !c->version)
		v2_server(c, in, s);
}
