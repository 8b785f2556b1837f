/* rdp - Remote Desktop's connection sequence (MS-RDPBCGR, section 1.3.1.1; T.123, X.224), as Zeek's rdp.log has it;
 * what comes after the choice of TLS or CredSSP is TLS. */
#include "decoders/rdp.h"

static const struct toc_field_decl fields[N_RDP_FIELDS] = {
	[K_RDP] = { "rdp", TOC_KIND, false, TOC_OPEN, NULL, "a remote desktop connection" },
	[F_COOKIE] = { "cookie", TOC_STRING, false, TOC_PERSON, NULL, "mstshash: the user, cut by the client" },
	[F_RESULT] = { "result", TOC_STRING, false, TOC_OPEN, NULL, "Success, encrypted, or why it failed" },
	[F_SECURITY_PROTOCOL] = { "security_protocol", TOC_STRING, false, TOC_OPEN, NULL, "RDP, SSL, HYBRID …" },
	[F_CLIENT_CHANNELS] = { "client_channels", TOC_STRING, true, TOC_OPEN, NULL, "virtual channels asked for" },
	[F_KEYBOARD_LAYOUT] = { "keyboard_layout", TOC_STRING, false, TOC_OPEN, NULL, "the client's keyboard" },
	[F_CLIENT_BUILD] = { "client_build", TOC_STRING, false, TOC_OPEN, NULL, "version of the client" },
	[F_CLIENT_NAME] = { "client_name", TOC_STRING, false, TOC_DEVICE, NULL, "the client's own name" },
	[F_CLIENT_DIG_PRODUCT_ID] = { "client_dig_product_id", TOC_STRING, false, TOC_DEVICE, NULL,
				      "identifier of the client's installation" },
	[F_DESKTOP_WIDTH] = { "desktop_width", TOC_UINT, false, TOC_OPEN, "px", "width asked for" },
	[F_DESKTOP_HEIGHT] = { "desktop_height", TOC_UINT, false, TOC_OPEN, "px", "height asked for" },
	[F_REQUESTED_COLOR_DEPTH] = { "requested_color_depth", TOC_STRING, false, TOC_OPEN, NULL, "16bit, 32bit …" },
	[F_CERT_TYPE] = { "cert_type", TOC_STRING, false, TOC_OPEN, NULL, "RSA (proprietary) or X.509" },
	[F_CERT_COUNT] = { "cert_count", TOC_UINT, false, TOC_OPEN, NULL, "certificates that the server showed" },
	[F_CERT_PERMANENT] = { "cert_permanent", TOC_BOOL, false, TOC_OPEN, NULL, "it is not a temporary one" },
	[F_ENCRYPTION_LEVEL] = { "encryption_level", TOC_STRING, false, TOC_OPEN, NULL, "Low, High, FIPS …" },
	[F_ENCRYPTION_METHOD] = { "encryption_method", TOC_STRING, false, TOC_OPEN, NULL, "40bit, 128bit, FIPS …" },
};

enum { TPKT = 4, MESSAGE_MOST = 60000, CONNECT = 0xe0, CONFIRM = 0xd0, DATA = 0xf0, COOKIE = 128 };
enum { NEG_REQUEST = 1, NEG_RESPONSE = 2, NEG_FAILURE = 3, NEG_LENGTH = 8 };

struct rdp {
	bool any, tls, over;
};

static struct toc_draft *row(struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_RDP, 0);
	return d ? d : toc_sink_begin(s, K_RDP);
}

/* "Cookie: mstshash=NAME\r\n" or a routing token in front of the negotiation (2.2.1.1). */
static struct toc_span read_cookie(struct toc_cursor *c)
{
	static const char name[] = "Cookie: mstshash=";
	struct toc_span rest = toc_rest(c), line = toc_span_first(rest, toc_span_find(rest, '\r'));
	bool mine = toc_span_starts(rest, name),
	     token = toc_span_starts(rest, "Cookie: ") || toc_span_starts(rest, "tsv:");
	if (!mine && !token)
		return toc_span_first(rest, 0);
	toc_skip(c, line.n + 2 < rest.n ? line.n + 2 : rest.n);
	return mine ? toc_span_first(toc_span_from(line, sizeof(name) - 1), COOKIE) : toc_span_first(rest, 0);
}

static void connect_request(struct toc_cursor c, struct toc_sink *s)
{
	struct toc_span cookie = read_cookie(&c);
	struct toc_draft *d = row(s);
	if (cookie.n && !toc_draft_find(d, F_COOKIE))
		toc_put_str(d, F_COOKIE, cookie);
	toc_sink_hold(s, d, 0);
}

static const char *protocol_name(uint32_t protocol)
{
	static const struct {
		uint32_t number;
		const char *name;
	} names[] = {
		{ 0, "RDP" }, { 1, "SSL" }, { 2, "HYBRID" }, { 4, "RDSTLS" }, { 8, "HYBRID_EX" }, { 16, "RDSAAD" }
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == protocol)
			return names[i].name;
	return NULL;
}

/* RDP_NEG_RSP, RDP_NEG_FAILURE (2.2.1.2). Neither: a server that knows only RDP's own security. */
static void connect_confirm(struct rdp *r, struct toc_cursor c, struct toc_sink *s)
{
	static const char *const failures[] = { NULL,
						"SSL_REQUIRED_BY_SERVER",
						"SSL_NOT_ALLOWED_BY_SERVER",
						"SSL_CERT_NOT_ON_SERVER",
						"INCONSISTENT_FLAGS",
						"HYBRID_REQUIRED_BY_SERVER",
						"SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER" };
	uint8_t type = toc_u8(&c);
	toc_skip(&c, 3);
	uint32_t value = toc_le32(&c);
	struct toc_draft *d = row(s);
	if (!c.bad && type == NEG_RESPONSE) {
		const char *name = protocol_name(value);
		r->tls = value != 0;
		if (name && !toc_draft_find(d, F_SECURITY_PROTOCOL))
			toc_put_cstr(d, F_SECURITY_PROTOCOL, name);
		if (r->tls)
			toc_put_cstr(d, F_RESULT, "encrypted");
	} else if (!c.bad && type == NEG_FAILURE) {
		if (value < sizeof(failures) / sizeof(failures[0]) && failures[value])
			toc_put_cstr(d, F_RESULT, failures[value]);
	}
	toc_sink_hold(s, d, 0);
}

static void data(struct rdp *r, struct toc_cursor c, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_draft *d = row(s);
	if (!rdp_client_settings(c, d))
		r->over = rdp_server_settings(c, d) || dir == TOC_RESP;
	toc_sink_hold(s, d, 0);
}

/* One TPKT (RFC 1006, section 6) with its X.224 unit (section 13). */
static void take(struct rdp *r, struct toc_cursor c, enum toc_dir dir, struct toc_sink *s)
{
	toc_skip(&c, TPKT + 1);
	uint8_t code = toc_u8(&c);
	if (code == CONNECT || code == CONFIRM) {
		toc_skip(&c, 5);
		if (c.bad)
			return;
		if (code == CONNECT)
			connect_request(c, s);
		else
			connect_confirm(r, c, s);
	} else if (code == DATA) {
		toc_skip(&c, 1);
		if (!c.bad)
			data(r, c, dir, s);
	}
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct rdp *r = state;
	while (toc_left(in)) {
		struct toc_cursor ahead = *in;
		bool tpkt = toc_be16(&ahead) == 0x0300;
		uint16_t n = toc_be16(&ahead);
		if (ahead.bad)
			return toc_more(s, TPKT);
		if (!tpkt || n < TPKT + 3)
			return r->any ? TOC_DONE : TOC_BAD; /* fast-path units: the connection is made */
		if (n > MESSAGE_MOST)
			return TOC_BAD;
		if (toc_left(in) < n)
			return toc_more(s, n);
		struct toc_span whole = toc_take(in, n);
		if (!r->any)
			toc_sink_confirm(s, NULL);
		r->any = true;
		take(r, toc_cursor_of(whole), dir, s);
		if (r->tls) {
			toc_sink_child(s, "ssl");
			return TOC_DONE;
		}
		if (r->over)
			return TOC_DONE;
	}
	return TOC_MORE;
}

/* The row goes out when there is something to tell: the held one does so by itself. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint16_t version = toc_be16(&c), n = toc_be16(&c);
	uint8_t indicator = toc_u8(&c), code = toc_u8(&c);
	(void)dir;
	if ((first.n && first.p[0] != 3) || (first.n > 1 && version != 0x0300))
		return TOC_NO;
	if (c.bad)
		return TOC_MAYBE;
	if ((code != CONNECT && code != CONFIRM) || n < TPKT + 7 || n > 1024 || indicator + TPKT + 1u != n)
		return TOC_NO;
	if (hint)
		return TOC_YES;
	toc_skip(&c, 5);
	if (toc_left(&c) < 4)
		return n == TPKT + 7 ? TOC_NO : TOC_MAYBE;
	uint8_t type = c.p[0];
	bool negotiation = type >= NEG_REQUEST && type <= NEG_FAILURE && c.p[2] == NEG_LENGTH && c.p[3] == 0;
	if (negotiation)
		return TOC_YES;
	return toc_left(&c) < 8 ? TOC_MAYBE : toc_span_starts(toc_rest(&c), "Cookie: ") ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 3389, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_rdp = { .name = "rdp",
					     .leads_to = leads_to,
					     .carriers = TOC_OVER_TCP | TOC_OVER_INNER,
					     .tcp_ports = ports,
					     .fields = fields,
					     .nfields = N_RDP_FIELDS,
					     .state_size = sizeof(struct rdp),
					     .probe = probe,
					     .parse = parse };
