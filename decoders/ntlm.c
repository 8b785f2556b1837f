/* ntlm - GSSAPI tokens: SPNEGO (RFC 4178) with NTLM (MS-NLMP, section 2.2) or Kerberos inside, as Zeek's ntlm.log has
 * it. Responses, hashes and keys are never looked at. */
#include "decoders/ntlm.h"

#include "decoders/der.h"
#include "decoders/utf16.h"

enum field {
	K_NTLM,
	F_USERNAME,
	F_HOSTNAME,
	F_DOMAINNAME,
	F_SERVER_NB_COMPUTER_NAME,
	F_SERVER_DNS_COMPUTER_NAME,
	F_SERVER_TREE_NAME,
	F_SUCCESS
};

static const struct toc_field_decl fields[] = {
	[K_NTLM] = { "ntlm", TOC_KIND, false, TOC_OPEN, NULL, "an NTLM authentication" },
	[F_USERNAME] = { "username", TOC_STRING, false, TOC_PERSON, NULL, "user that the client named" },
	[F_HOSTNAME] = { "hostname", TOC_STRING, false, TOC_DEVICE, NULL, "the client's own name" },
	[F_DOMAINNAME] = { "domainname", TOC_STRING, false, TOC_OPEN, NULL, "domain that the client named" },
	[F_SERVER_NB_COMPUTER_NAME] = { "server_nb_computer_name", TOC_STRING, false, TOC_DEVICE, NULL,
					"the server's NetBIOS name" },
	[F_SERVER_DNS_COMPUTER_NAME] = { "server_dns_computer_name", TOC_STRING, false, TOC_DEVICE, NULL,
					 "the server's DNS name" },
	[F_SERVER_TREE_NAME] = { "server_tree_name", TOC_STRING, false, TOC_OPEN, NULL, "DNS name of its forest" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "what the server said; unset: not seen" },
};

enum { NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3, NAME = 512, TOKEN_DEPTH = 4, PAIRS = 32 };
enum { FLAG_UNICODE = 1 };
enum { AV_NB_COMPUTER = 1, AV_DNS_COMPUTER = 3, AV_DNS_TREE = 5 };

struct ntlm {
	bool asked; /* the row that waits has the client's answer */
};

static const char signature[8] = "NTLMSSP";

static bool is_ntlmssp(struct toc_span t)
{
	return t.n >= sizeof(signature) && memcmp(t.p, signature, sizeof(signature)) == 0;
}

/* Len, MaxLen, Offset: a field of the payload, as far as it lies inside. */
static struct toc_span payload_field(struct toc_cursor *c, struct toc_span message)
{
	uint16_t n = toc_le16(c);
	toc_skip(c, 2);
	uint32_t at = toc_le32(c);
	if (c->bad || at > message.n)
		return (struct toc_span){ message.p, 0 };
	return toc_span_first(toc_span_from(message, at), n);
}

static size_t text_of(struct toc_span raw, bool unicode, char *out, size_t room)
{
	return unicode ? utf16_text(raw, out, room) : oem_text(raw, out, room);
}

static void put_name(struct toc_draft *d, unsigned field, struct toc_span raw, bool unicode)
{
	char text[NAME];
	size_t n = text_of(raw, unicode, text, sizeof(text));
	if (n && !toc_draft_find(d, field))
		toc_put_str(d, field, toc_span_of(text, n));
}

/* The row of this authentication. */
static struct toc_draft *row(struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_NTLM, 0);
	return d ? d : toc_sink_begin(s, K_NTLM);
}

/* CHALLENGE_MESSAGE (2.2.1.2): TargetInfo tells who the server is. */
static void challenge(struct toc_span message, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(message, 12));
	payload_field(&c, message); /* TargetName */
	toc_skip(&c, 4 + 8 + 8);
	struct toc_span info = payload_field(&c, message);
	struct toc_draft *d = row(s);
	struct toc_cursor av = toc_cursor_of(c.bad ? toc_span_first(info, 0) : info);
	for (unsigned i = 0; i < PAIRS && toc_left(&av) >= 4; i++) {
		uint16_t id = toc_le16(&av);
		struct toc_span value = toc_take(&av, toc_le16(&av));
		if (av.bad || id == 0)
			break;
		if (id == AV_NB_COMPUTER)
			put_name(d, F_SERVER_NB_COMPUTER_NAME, value, true);
		else if (id == AV_DNS_COMPUTER)
			put_name(d, F_SERVER_DNS_COMPUTER_NAME, value, true);
		else if (id == AV_DNS_TREE)
			put_name(d, F_SERVER_TREE_NAME, value, true);
	}
	toc_sink_hold(s, d, 0);
}

/* AUTHENTICATE_MESSAGE (2.2.1.3): the two responses in front are passed over. */
struct names {
	struct toc_span domain, user, host;
	bool unicode;
};

static bool read_authenticate(struct toc_span message, struct names *out)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(message, 12));
	toc_skip(&c, 16);
	out->domain = payload_field(&c, message);
	out->user = payload_field(&c, message);
	out->host = payload_field(&c, message);
	if (c.bad)
		return false;
	toc_skip(&c, 8);
	uint32_t flags = toc_le32(&c);
	out->unicode = c.bad || (flags & FLAG_UNICODE); /* oldest clients send no flags, and Unicode */
	return true;
}

static void authenticate(struct ntlm *n, struct toc_span message, struct toc_sink *s)
{
	struct names names;
	if (!read_authenticate(message, &names)) {
		toc_sink_weird(s, "ntlm_truncated_authenticate");
		return;
	}
	struct toc_draft *d = row(s);
	put_name(d, F_DOMAINNAME, names.domain, names.unicode);
	put_name(d, F_USERNAME, names.user, names.unicode);
	put_name(d, F_HOSTNAME, names.host, names.unicode);
	n->asked = true;
	toc_sink_hold(s, d, 0);
}

static void ntlmssp(struct ntlm *n, struct toc_span message, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(message, sizeof(signature)));
	uint32_t type = toc_le32(&c);
	if (c.bad || type < NEGOTIATE || type > AUTHENTICATE)
		return;
	toc_sink_confirm(s, NULL);
	if (type == CHALLENGE)
		challenge(message, s);
	else if (type == AUTHENTICATE)
		authenticate(n, message, s);
}

/* negState (RFC 4178, section 4.2.2): 0 accept-completed, 1 accept-incomplete, 2 reject, 3 request-mic. */
static void result(struct ntlm *n, uint8_t state, struct toc_sink *s)
{
	if (!n->asked || state == 1 || state == 3)
		return;
	n->asked = false;
	struct toc_draft *d = row(s);
	toc_put_bool(d, F_SUCCESS, state == 0);
	toc_sink_commit(s, d);
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

enum { INITIAL_TOKEN = 0x60, NEG_INIT = 0xa0, NEG_RESP = 0xa1 };

/* 1.3.6.1.5.5.2 */
static const uint8_t spnego_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };

/* What a SPNEGO message has for the mechanism; negState in *state. */
static struct toc_span spnego_inside(struct toc_cursor body, bool init, int *state)
{
	struct toc_cursor seq = der_take(&body, DER_SEQUENCE), part, value;
	struct toc_span inside = { NULL, 0 };
	while (!seq.bad && toc_left(&seq)) {
		uint8_t tag, kind;
		part = der_next(&seq, &tag);
		value = der_next(&part, &kind);
		if (seq.bad || part.bad)
			break;
		if (!init && tag == 0xa0 && kind == 0x0a)
			*state = toc_u8(&value);
		else if (tag == 0xa2 && kind == DER_OCTET_STRING)
			inside = toc_rest(&value);
	}
	return inside;
}

static void take_token(struct ntlm *n, struct toc_span t, enum toc_dir dir, struct toc_sink *s)
{
	int state = -1;
	for (unsigned depth = 0; t.n && depth < TOKEN_DEPTH; depth++) {
		struct toc_cursor c = toc_cursor_of(t);
		uint8_t tag;
		if (is_ntlmssp(t)) {
			ntlmssp(n, t, s);
			break;
		}
		struct toc_cursor body = der_next(&c, &tag), whole = body;
		if (c.bad)
			break;
		struct toc_span oid = { NULL, 0 };
		if (tag == INITIAL_TOKEN) {
			struct toc_cursor o = der_take(&body, DER_OID);
			oid = toc_rest(&o);
		}
		if (tag == INITIAL_TOKEN && toc_span_eq(oid, toc_span_of(spnego_oid, sizeof(spnego_oid)))) {
			t = toc_rest(&body);
		} else if (tag == NEG_INIT || tag == NEG_RESP) {
			t = spnego_inside(whole, tag == NEG_INIT, &state);
			if (t.n || tag == NEG_INIT)
				toc_sink_confirm(s, "gssapi");
		} else { /* a Kerberos token with its mechanism's name in front, or a bare message */
			toc_sink_inner(s, "kerberos", 0, dir, t);
			break;
		}
	}
	if (state >= 0)
		result(n, (uint8_t)state, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	take_token(state, toc_take(in, toc_left(in)), dir, s);
	return TOC_MORE;
}

void ntlm_outcome(struct toc_sink *s, uint64_t key, bool success)
{
	/* NegTokenResp with nothing but negState */
	static const uint8_t yes[] = { 0xa1, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x0a, 0x01, 0x00 };
	static const uint8_t no[] = { 0xa1, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x0a, 0x01, 0x02 };
	toc_sink_inner(s, "ntlm", key, TOC_RESP, toc_span_of(success ? yes : no, sizeof(yes)));
}

size_t ntlm_user(struct toc_span token, char out[NTLM_USER])
{
	size_t at = 0;
	while (at + 12 < token.n && !is_ntlmssp(toc_span_from(token, at)))
		at += 1 + toc_span_find(toc_span_from(token, at + 1), 'N');
	struct toc_span message = toc_span_from(token, at);
	struct names names;
	struct toc_cursor c = toc_cursor_of(toc_span_from(message, sizeof(signature)));
	if (!is_ntlmssp(message) || toc_le32(&c) != AUTHENTICATE || !read_authenticate(message, &names) ||
	    !names.user.n)
		return 0;
	size_t n = text_of(names.domain, names.unicode, out, NTLM_USER / 2);
	if (n)
		out[n++] = '\\';
	return n + text_of(names.user, names.unicode, out + n, NTLM_USER - n);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first;
	(void)dir;
	(void)hint;
	return TOC_NO; /* always inside another protocol */
}

static const char *const leads_to[] = { "ntlm", "kerberos", NULL };

const struct toc_decoder toc_decoder_ntlm = { .name = "ntlm",
					      .leads_to = leads_to,
					      .carriers = TOC_OVER_INNER,
					      .fields = fields,
					      .nfields = sizeof(fields) / sizeof(fields[0]),
					      .state_size = sizeof(struct ntlm),
					      .probe = probe,
					      .parse = parse };
