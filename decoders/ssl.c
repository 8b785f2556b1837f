/* ssl - TLS and SSL 3 over TCP: hellos, certificates, alerts (RFC 5246, RFC 8446), as Zeek's ssl.log and x509.log have
 * it. */
#include "decoders/ssl_fields.h"
#include "tocsin/digest.h"

static const struct toc_field_decl fields[] = {
	[K_SSL] = { "ssl", TOC_KIND, false, TOC_OPEN, NULL, "a TLS handshake" },
	[F_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL,
			"version that the server chose: TLSv12, TLSv13 …" },
	[F_CIPHER] = { "cipher", TOC_STRING, false, TOC_OPEN, NULL, "cipher suite that the server chose" },
	[F_CURVE] = { "curve", TOC_STRING, false, TOC_OPEN, NULL, "group of the key exchange" },
	[F_SERVER_NAME] = { "server_name", TOC_STRING, false, TOC_OPEN, NULL, "name that the client asked for (SNI)" },
	[F_RESUMED] = { "resumed", TOC_BOOL, false, TOC_OPEN, NULL, "an earlier session was taken up again" },
	[F_LAST_ALERT] = { "last_alert", TOC_STRING, false, TOC_OPEN, NULL, "last alert in clear text" },
	[F_NEXT_PROTOCOL] = { "next_protocol", TOC_STRING, false, TOC_OPEN, NULL,
			      "protocol that the server chose (ALPN)" },
	[F_ESTABLISHED] = { "established", TOC_BOOL, false, TOC_OPEN, NULL, "the handshake came to its end" },
	[F_SSL_HISTORY] = { "ssl_history", TOC_STRING, false, TOC_OPEN, NULL,
			    "messages in order, Zeek's letters; upper case: client" },
	[F_CERT_CHAIN_FPS] = { "cert_chain_fps", TOC_STRING, true, TOC_OPEN, NULL,
			       "SHA-256 of the server's certificates" },
	[F_CLIENT_CERT_CHAIN_FPS] = { "client_cert_chain_fps", TOC_STRING, true, TOC_OPEN, NULL,
				      "SHA-256 of the client's certificates" },
	[F_SNI_MATCHES_CERT] = { "sni_matches_cert", TOC_BOOL, false, TOC_OPEN, NULL,
				 "the server's certificate is for that name" },
	[F_SUBJECT] = { "subject", TOC_STRING, false, TOC_OPEN, NULL, "subject of the server's certificate" },
	[F_ISSUER] = { "issuer", TOC_STRING, false, TOC_OPEN, NULL, "its issuer" },
	[F_JA3] = { "ja3", TOC_STRING, false, TOC_DEVICE, NULL, "fingerprint of the ClientHello" },
	[F_JA3S] = { "ja3s", TOC_STRING, false, TOC_OPEN, NULL, "fingerprint of the ServerHello" },
	[F_JA4] = { "ja4", TOC_STRING, false, TOC_DEVICE, NULL, "fingerprint of the client (JA4, TLS over TCP)" },
	[K_X509] = { "x509", TOC_KIND, false, TOC_OPEN, NULL, "a certificate, told once a day" },
	[F_FINGERPRINT] = { "fingerprint", TOC_STRING, false, TOC_OPEN, NULL, "SHA-256" },
	[F_CERT_VERSION] = { "certificate.version", TOC_UINT, false, TOC_OPEN, NULL, "1 to 3" },
	[F_CERT_SERIAL] = { "certificate.serial", TOC_STRING, false, TOC_OPEN, NULL, "serial number, hexadecimal" },
	[F_CERT_SUBJECT] = { "certificate.subject", TOC_STRING, false, TOC_OPEN, NULL, "whom it is for" },
	[F_CERT_ISSUER] = { "certificate.issuer", TOC_STRING, false, TOC_OPEN, NULL, "who signed it" },
	[F_CERT_NOT_BEFORE] = { "certificate.not_valid_before", TOC_TIME, false, TOC_OPEN, NULL, "valid from" },
	[F_CERT_NOT_AFTER] = { "certificate.not_valid_after", TOC_TIME, false, TOC_OPEN, NULL, "valid until" },
	[F_CERT_KEY_ALG] = { "certificate.key_alg", TOC_STRING, false, TOC_OPEN, NULL, "algorithm of the key" },
	[F_CERT_SIG_ALG] = { "certificate.sig_alg", TOC_STRING, false, TOC_OPEN, NULL, "algorithm of the signature" },
	[F_CERT_KEY_TYPE] = { "certificate.key_type", TOC_STRING, false, TOC_OPEN, NULL, "rsa, ecdsa, dsa" },
	[F_CERT_KEY_LENGTH] = { "certificate.key_length", TOC_UINT, false, TOC_OPEN, "bit", "length of the key" },
	[F_CERT_EXPONENT] = { "certificate.exponent", TOC_STRING, false, TOC_OPEN, NULL, "RSA exponent" },
	[F_CERT_CURVE] = { "certificate.curve", TOC_STRING, false, TOC_OPEN, NULL, "elliptic curve" },
	[F_SAN_DNS] = { "san.dns", TOC_STRING, true, TOC_OPEN, NULL, "alternative names: DNS" },
	[F_SAN_URI] = { "san.uri", TOC_STRING, true, TOC_OPEN, NULL, "alternative names: URI" },
	[F_SAN_EMAIL] = { "san.email", TOC_STRING, true, TOC_PERSON, NULL, "alternative names: e-mail" },
	[F_SAN_IP] = { "san.ip", TOC_IP, true, TOC_OPEN, NULL, "alternative names: addresses" },
	[F_CA] = { "basic_constraints.ca", TOC_BOOL, false, TOC_OPEN, NULL, "may sign others" },
	[F_PATH_LEN] = { "basic_constraints.path_len", TOC_UINT, false, TOC_OPEN, NULL, "how many may stand below it" },
	[F_HOST_CERT] = { "host_cert", TOC_BOOL, false, TOC_OPEN, NULL, "first of its chain" },
	[F_CLIENT_CERT] = { "client_cert", TOC_BOOL, false, TOC_OPEN, NULL, "the client showed it" },
};

enum record { RECORD_CCS = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_DATA = 23, RECORD_HEARTBEAT = 24 };
enum message {
	MSG_CLIENT_HELLO = 1,
	MSG_SERVER_HELLO = 2,
	MSG_TICKET = 4,
	MSG_CERTIFICATE = 11,
	MSG_KEY_EXCHANGE = 12,
	MSG_CLIENT_KEY_EXCHANGE = 16,
	MSG_FINISHED = 20
};
enum { HEADER = 5, RECORD_MOST = (1 << 14) + 2048, MESSAGE_MOST = 48000, CHAIN_MOST = 16, HISTORY = 48 };

struct side {
	bool encrypted;
	uint16_t used;	/* payload bytes of the first unread handshake record that are done with */
	uint32_t skip;	/* bytes of a record that nobody reads */
	uint32_t waste; /* handshake bytes of a message too large to be kept */
};

struct ssl {
	struct side side[2];
	uint16_t version; /* the server's choice; 0 = none yet */
	bool logged, any, tls13, resumed, established, empty_ticket, client_keys;
	uint8_t session_n, session[32];
	uint8_t sni_n, sni[SSL_NAME - 1];
	uint8_t history_n;
	char history[HISTORY];
};

static bool is_tls13(uint16_t version)
{
	return version >= 0x0304 && (version == 0x0304 || version >> 8 == 0x7f);
}

static void note(struct ssl *c, char letter, enum toc_dir dir)
{
	if (c->history_n < HISTORY)
		c->history[c->history_n++] = dir == TOC_ORIG ? letter : (char)toc_lower((uint8_t)letter);
}

/* The row of this connection. */
static struct toc_draft *row(struct ssl *c, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_SSL, 0);
	c->any = true;
	return d ? d : toc_sink_begin(s, K_SSL);
}

static void log_row(struct ssl *c, struct toc_sink *s)
{
	if (c->logged || !c->any)
		return;
	struct toc_draft *d = row(c, s);
	c->logged = true;
	toc_put_bool(d, F_RESUMED, c->resumed);
	toc_put_bool(d, F_ESTABLISHED, c->established);
	if (c->history_n)
		toc_put_str(d, F_SSL_HISTORY, toc_span_of(c->history, c->history_n));
	toc_sink_commit(s, d);
}

/* --- hellos ------------------------------------------------------------------------------------------------------- */

static void client_hello(struct ssl *c, struct toc_span body, struct toc_sink *s)
{
	struct ssl_hello h;
	char text[JA4_TEXT];
	if (c->sni_n || !ssl_client_hello(body, &h) || c->version)
		return; /* a second hello answers a retry and says the same */
	c->session_n = (uint8_t)(h.session_id.n <= sizeof(c->session) ? h.session_id.n : 0);
	memcpy(c->session, h.session_id.p, c->session_n);
	c->empty_ticket = h.ticket && h.session_id.n == 0;
	c->sni_n = (uint8_t)h.server_name.n;
	if (c->sni_n)
		memcpy(c->sni, h.server_name.p, c->sni_n);
	struct toc_draft *d = row(c, s);
	if (toc_draft_find(d, F_JA3)) {
		toc_sink_hold(s, d, 0);
		return;
	}
	if (h.server_name.n)
		toc_put_str(d, F_SERVER_NAME, h.server_name);
	ssl_ja3(&h, true, text);
	toc_put_str(d, F_JA3, toc_span_of(text, 32));
	toc_put_str(d, F_JA4, toc_span_of(text, ssl_ja4(&h, text)));
	toc_sink_hold(s, d, 0);
}

static void server_hello(struct ssl *c, struct toc_span body, struct toc_sink *s)
{
	struct ssl_hello h;
	char text[64];
	if (!ssl_server_hello(body, &h) || h.retry || c->version)
		return;
	toc_sink_confirm(s, NULL);
	c->version = h.selected_version ? h.selected_version : h.version;
	c->tls13 = is_tls13(c->version);
	struct toc_span session = toc_span_of(c->session, c->session_n);
	c->resumed = c->tls13 ? h.psk : c->session_n && toc_span_eq(session, h.session_id);
	struct toc_draft *d = row(c, s);
	toc_put_str(d, F_VERSION, toc_span_of(text, ssl_version_name(c->version, text)));
	const char *cipher = ssl_cipher_name(h.cipher), *group = ssl_group_name(h.key_share);
	if (cipher)
		toc_put_cstr(d, F_CIPHER, cipher);
	if (group)
		toc_put_cstr(d, F_CURVE, group);
	if (h.alpn_first.n)
		toc_put_str(d, F_NEXT_PROTOCOL, h.alpn_first);
	ssl_ja3(&h, false, text);
	toc_put_str(d, F_JA3S, toc_span_of(text, 32));
	toc_sink_hold(s, d, 0);
}

/* ECDHE: named_curve and its number (RFC 8422, section 5.4). Other exchanges do not begin so. */
static void key_exchange(struct ssl *c, struct toc_span body, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(body);
	bool named = toc_u8(&in) == 3;
	const char *group = ssl_group_name(toc_be16(&in));
	if (!named || in.bad || !group)
		return;
	struct toc_draft *d = row(c, s);
	if (!toc_draft_find(d, F_CURVE))
		toc_put_cstr(d, F_CURVE, group);
	toc_sink_hold(s, d, 0);
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* What the row tells of the server's own certificate. */
static void put_host_cert(struct ssl *c, const struct x509 *cert, struct toc_sink *s)
{
	char text[X509_NAME_TEXT];
	struct toc_draft *d = row(c, s);
	toc_put_str(d, F_SUBJECT, toc_span_of(text, x509_name_text(cert->subject, text, sizeof(text))));
	toc_put_str(d, F_ISSUER, toc_span_of(text, x509_name_text(cert->issuer, text, sizeof(text))));
	if (c->sni_n)
		toc_put_bool(d, F_SNI_MATCHES_CERT, x509_for_host(cert, toc_span_of(c->sni, c->sni_n)));
	toc_sink_hold(s, d, 0);
}

/* certificate_list (RFC 5246, section 7.4.2); in TLS 1.3 it is encrypted. */
static void certificates(struct ssl *c, struct toc_span body, enum toc_dir dir, struct toc_sink *s)
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
			ssl_certificate(&cert, fps[n], n == 0, dir, s);
			if (n == 0 && dir == TOC_RESP)
				put_host_cert(c, &cert, s);
		} else {
			toc_sink_weird(s, "x509_unreadable_certificate");
		}
		n++;
	}
	if (n == 0)
		return;
	struct toc_draft *d = row(c, s);
	for (unsigned i = 0; i < n; i++)
		toc_list_str(d, dir == TOC_RESP ? F_CERT_CHAIN_FPS : F_CLIENT_CERT_CHAIN_FPS, toc_span_of(fps[i], 64));
	toc_sink_hold(s, d, 0);
}

/* --- handshake messages ------------------------------------------------------------------------------------------- */

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

static void take_message(struct ssl *c, uint8_t type, struct toc_span body, enum toc_dir dir, struct toc_sink *s)
{
	note(c, type < sizeof(letters) - 1 ? letters[type] : 'Z', dir);
	switch (type) {
	case MSG_CLIENT_HELLO:
		client_hello(c, body, s);
		break;
	case MSG_SERVER_HELLO:
		server_hello(c, body, s);
		break;
	case MSG_CERTIFICATE:
		certificates(c, body, dir, s);
		break;
	case MSG_KEY_EXCHANGE:
		key_exchange(c, body, s);
		break;
	case MSG_CLIENT_KEY_EXCHANGE:
		c->client_keys = true;
		break;
	default:
		break;
	}
}

/* The handshake bytes that are there: of whole records in a row, from the first unread one on. need: bytes that the
 * cursor must have before there can be more. */
static size_t gather(const struct side *side, struct toc_cursor in, uint8_t *out, size_t want, size_t *need)
{
	size_t n = 0, all = toc_left(&in), used = side->used;
	while (n < want) {
		struct toc_cursor at = in;
		uint8_t type = toc_u8(&at);
		toc_skip(&at, 2);
		size_t length = toc_be16(&at);
		*need = all - toc_left(&in) + HEADER + (at.bad ? 0 : length);
		struct toc_span payload = toc_take(&at, length);
		if (at.bad || type != RECORD_HANDSHAKE)
			break;
		payload = toc_span_from(payload, used);
		size_t take = payload.n < want - n ? payload.n : want - n;
		memcpy(out + n, payload.p, take);
		n += take;
		used = 0;
		in = at;
	}
	return n;
}

/* n handshake bytes are done with: whole records are read, of the last one `used` remembers how much. */
static void consume(struct side *side, struct toc_cursor *in, size_t n)
{
	while (n) {
		struct toc_cursor at = *in;
		toc_skip(&at, 3);
		size_t length = toc_be16(&at), left = length - side->used;
		if (n < left) {
			side->used = (uint16_t)(side->used + n);
			return;
		}
		n -= left;
		side->used = 0;
		toc_skip(in, HEADER + length);
	}
}

/* The next message of a side; a record of another type within one ends it. */
static enum toc_parse handshake(struct ssl *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	uint8_t buffer[MESSAGE_MOST];
	size_t need = 0, n = gather(side, *in, buffer, side->waste ? side->waste : 4, &need);
	if (side->waste) {
		if (n == 0)
			return need > toc_left(in) ? toc_more(s, need) : TOC_BAD;
		consume(side, in, n);
		side->waste -= (uint32_t)n;
		return TOC_MORE;
	}
	if (n < 4)
		return need > toc_left(in) ? toc_more(s, need) : TOC_BAD;
	size_t length = (size_t)buffer[1] << 16 | (size_t)buffer[2] << 8 | buffer[3];
	if (length + 4 > MESSAGE_MOST) {
		toc_sink_weird(s, "ssl_large_message");
		side->waste = (uint32_t)length + 4;
		return TOC_MORE;
	}
	n = gather(side, *in, buffer, length + 4, &need);
	if (n < length + 4)
		return need > toc_left(in) ? toc_more(s, need) : TOC_BAD;
	take_message(c, buffer[0], toc_span_of(buffer + 4, length), dir, s);
	consume(side, in, length + 4);
	return TOC_MORE;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* Both sides speak in cipher and one of them has just done so: the handshake is over. */
static void check_established(struct ssl *c, struct toc_sink *s)
{
	if (c->established || !c->side[TOC_ORIG].encrypted || !c->side[TOC_RESP].encrypted)
		return;
	c->established = true;
	log_row(c, s);
}

static void change_cipher(struct ssl *c, enum toc_dir dir)
{
	note(c, 'I', dir);
	if (c->tls13)
		return; /* for middleboxes' sake only (RFC 8446, appendix D.4) */
	if (dir == TOC_ORIG && c->empty_ticket && !c->client_keys)
		c->resumed = true;
	c->side[dir].encrypted = true;
}

static void alert(struct ssl *c, struct toc_span body, enum toc_dir dir, struct toc_sink *s)
{
	note(c, 'L', dir);
	const char *name = body.n == 2 && !c->side[dir].encrypted ? ssl_alert_name(body.p[1]) : NULL;
	if (!name || c->logged)
		return;
	struct toc_draft *d = row(c, s);
	struct toc_slot *old = toc_draft_find(d, F_LAST_ALERT);
	if (!old) /* the first one says why; what follows only closes */
		toc_put_cstr(d, F_LAST_ALERT, name);
	toc_sink_hold(s, d, 0);
}

/* The payload of a record that is not handshake in clear; it is there as a whole, or skipped. */
static enum toc_parse other_record(struct ssl *c, uint8_t type, size_t length, struct toc_cursor *in, enum toc_dir dir,
				   struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	bool cipher = side->encrypted || type == RECORD_DATA;
	if (!cipher && toc_left(in) < HEADER + length)
		return toc_more(s, HEADER + length);
	toc_skip(in, HEADER);
	if (cipher) {
		if (type == RECORD_DATA && c->tls13)
			side->encrypted = true;
		side->skip = (uint32_t)length;
		check_established(c, s);
		return TOC_MORE;
	}
	struct toc_span body = toc_take(in, length);
	if (type == RECORD_CCS)
		change_cipher(c, dir);
	else if (type == RECORD_ALERT)
		alert(c, body, dir, s);
	return TOC_MORE;
}

static enum toc_parse record(struct ssl *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	if (side->skip) {
		size_t n = toc_left(in) < side->skip ? toc_left(in) : side->skip;
		toc_skip(in, n);
		side->skip -= (uint32_t)n;
		return TOC_MORE;
	}
	struct toc_cursor head = *in;
	uint8_t type = toc_u8(&head), major = toc_u8(&head);
	toc_skip(&head, 1);
	size_t length = toc_be16(&head);
	if (head.bad)
		return toc_more(s, HEADER);
	if (type < RECORD_CCS || type > RECORD_HEARTBEAT || (major != 3 && major != 0x7f) || length > RECORD_MOST)
		return TOC_BAD;
	if (type == RECORD_HANDSHAKE && !side->encrypted && length)
		return handshake(c, in, dir, s);
	return other_record(c, type, length, in, dir, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct ssl *c = state;
	while (toc_left(in)) {
		size_t before = toc_left(in);
		uint16_t used = c->side[dir].used;
		uint32_t waste = c->side[dir].waste;
		enum toc_parse p = record(c, in, dir, s);
		if (c->established)
			return TOC_DONE;
		bool stuck = toc_left(in) == before && c->side[dir].used == used && c->side[dir].waste == waste;
		if (p == TOC_BAD && c->any)
			return TOC_DONE; /* it was TLS, and is broken: what is known is told */
		if (p != TOC_MORE || stuck)
			return p;
	}
	return TOC_MORE;
}

/* What was lost may have held anything: the row tells what is known. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct ssl *c = state;
	struct side *side = &c->side[dir];
	(void)s;
	if (side->skip > n) {
		side->skip -= (uint32_t)n;
		return TOC_MORE;
	}
	return TOC_DONE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	(void)why;
	log_row(state, s);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t type = toc_u8(&c), major = toc_u8(&c), minor = toc_u8(&c);
	uint16_t length = toc_be16(&c);
	uint8_t message = toc_u8(&c);
	(void)hint;
	if (first.n && type != RECORD_HANDSHAKE)
		return TOC_NO;
	if ((first.n > 1 && major != 3) || (first.n > 2 && minor > 4))
		return TOC_NO;
	if (c.bad)
		return TOC_MAYBE;
	bool fits = message == (dir == TOC_ORIG ? MSG_CLIENT_HELLO : MSG_SERVER_HELLO);
	return fits && length >= 4 && length <= RECORD_MOST ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 443, 465, 563, 585, 614, 636, 853, 989, 990, 992, 993, 995, 5223, 8443, 0 };

const struct toc_decoder toc_decoder_ssl = { .name = "ssl",
					     .carriers = TOC_OVER_TCP,
					     .tcp_ports = ports,
					     .fields = fields,
					     .nfields = sizeof(fields) / sizeof(fields[0]),
					     .state_size = sizeof(struct ssl),
					     .probe = probe,
					     .parse = parse,
					     .gap = gap,
					     .finish = finish };
