/* radius - who is let in, and accounting (RFC 2865, 2866, 2869, 3162, 5176). Passwords and EAP are not read. */
#include "tocsin/decoder.h"

#include "decoders/radius.h"

enum field {
	K_RADIUS,
	F_USERNAME,
	F_MAC,
	F_FRAMED_ADDR,
	F_TUNNEL_CLIENT,
	F_CONNECT_INFO,
	F_REPLY_MSG,
	F_RESULT,
	F_TTL,
	F_REALM,
	F_ANONYMOUS,
	F_NAS_ADDR,
	F_NAS_ID,
	F_NAS_PORT,
	F_NAS_PORT_ID,
	F_CALLED,
	F_CALLING,
	F_ROUNDS,
	K_ACCT,
	F_A_STATUS,
	F_A_SESSION,
	F_A_MULTI_SESSION,
	F_A_USERNAME,
	F_A_REALM,
	F_A_ANONYMOUS,
	F_A_MAC,
	F_A_FRAMED_ADDR,
	F_A_NAS_ADDR,
	F_A_NAS_ID,
	F_A_NAS_PORT,
	F_A_NAS_PORT_ID,
	F_A_CALLED,
	F_A_CALLING,
	F_A_SESSION_TIME,
	F_A_INPUT,
	F_A_OUTPUT,
	F_A_CAUSE,
	F_A_ACKED,
	K_DYNAMIC,
	F_D_CODE,
	F_D_USERNAME,
	F_D_SESSION,
	F_D_CALLING,
	F_D_NAS_ADDR
};

static const char username_doc[] =
	"User-Name; unset where it is only an outer, anonymous identity or a hardware address";

static const struct toc_field_decl fields[] = {
	[K_RADIUS] = { "radius", TOC_KIND, false, TOC_OPEN, NULL, "one authentication, with all its challenges" },
	[F_USERNAME] = { "username", TOC_STRING, false, TOC_PERSON, NULL, username_doc },
	[F_MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "Calling-Station-Id, where it is a hardware address" },
	[F_FRAMED_ADDR] = { "framed_addr", TOC_IP, false, TOC_DEVICE, NULL, "Framed-IP-Address: given to the user" },
	[F_TUNNEL_CLIENT] = { "tunnel_client", TOC_STRING, false, TOC_DEVICE, NULL, "Tunnel-Client-Endpoint" },
	[F_CONNECT_INFO] = { "connect_info", TOC_STRING, false, TOC_OPEN, NULL, "Connect-Info: kind of connection" },
	[F_REPLY_MSG] = { "reply_msg", TOC_STRING, false, TOC_OPEN, NULL, "Reply-Message: shown to the user" },
	[F_RESULT] = { "result", TOC_STRING, false, TOC_OPEN, NULL, "success, failed or unknown" },
	[F_TTL] = { "ttl", TOC_DURATION, false, TOC_OPEN, "s", "from the first request to the verdict" },
	[F_REALM] = { "realm", TOC_STRING, false, TOC_OPEN, NULL, "what stands behind the @ of User-Name (RFC 7542)" },
	[F_ANONYMOUS] = { "anonymous", TOC_BOOL, false, TOC_OPEN, NULL, "the outer identity hides who it is" },
	[F_NAS_ADDR] = { "nas_ip_address", TOC_IP, false, TOC_DEVICE, NULL, "access point or switch that asks" },
	[F_NAS_ID] = { "nas_identifier", TOC_STRING, false, TOC_DEVICE, NULL, "its name" },
	[F_NAS_PORT] = { "nas_port", TOC_UINT, false, TOC_OPEN, NULL, "its port, a number" },
	[F_NAS_PORT_ID] = { "nas_port_id", TOC_STRING, false, TOC_OPEN, NULL, "its port, as text" },
	[F_CALLED] = { "called_station_id", TOC_STRING, false, TOC_DEVICE, NULL, "access point and network name" },
	[F_CALLING] = { "calling_station_id", TOC_STRING, false, TOC_DEVICE, NULL, "the user's device" },
	[F_ROUNDS] = { "challenges", TOC_UINT, false, TOC_OPEN, NULL, "Access-Challenges before the verdict" },
	[K_ACCT] = { "radius_accounting", TOC_KIND, false, TOC_OPEN, NULL, "one accounting request" },
	[F_A_STATUS] = { "acct_status_type", TOC_STRING, false, TOC_OPEN, NULL, "Start, Stop, Interim-Update …" },
	[F_A_SESSION] = { "acct_session_id", TOC_STRING, false, TOC_DEVICE, NULL, "the session" },
	[F_A_MULTI_SESSION] = { "acct_multi_session_id", TOC_STRING, false, TOC_DEVICE, NULL,
				"the user's session over several access points" },
	[F_A_USERNAME] = { "username", TOC_STRING, false, TOC_PERSON, NULL, username_doc },
	[F_A_REALM] = { "realm", TOC_STRING, false, TOC_OPEN, NULL, "what stands behind the @ of User-Name" },
	[F_A_ANONYMOUS] = { "anonymous", TOC_BOOL, false, TOC_OPEN, NULL, "the identity hides who it is" },
	[F_A_MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "Calling-Station-Id, where it is a hardware address" },
	[F_A_FRAMED_ADDR] = { "framed_addr", TOC_IP, false, TOC_DEVICE, NULL, "the user's address" },
	[F_A_NAS_ADDR] = { "nas_ip_address", TOC_IP, false, TOC_DEVICE, NULL, "access point or switch that tells" },
	[F_A_NAS_ID] = { "nas_identifier", TOC_STRING, false, TOC_DEVICE, NULL, "its name" },
	[F_A_NAS_PORT] = { "nas_port", TOC_UINT, false, TOC_OPEN, NULL, "its port, a number" },
	[F_A_NAS_PORT_ID] = { "nas_port_id", TOC_STRING, false, TOC_OPEN, NULL, "its port, as text" },
	[F_A_CALLED] = { "called_station_id", TOC_STRING, false, TOC_DEVICE, NULL, "access point and network name" },
	[F_A_CALLING] = { "calling_station_id", TOC_STRING, false, TOC_DEVICE, NULL, "the user's device" },
	[F_A_SESSION_TIME] = { "acct_session_time", TOC_DURATION, false, TOC_OPEN, "s",
			       "length of the session so far" },
	[F_A_INPUT] = { "acct_input_octets", TOC_UINT, false, TOC_OPEN, "B", "sent by the user, gigawords included" },
	[F_A_OUTPUT] = { "acct_output_octets", TOC_UINT, false, TOC_OPEN, "B", "received by the user, likewise" },
	[F_A_CAUSE] = { "acct_terminate_cause", TOC_UINT, false, TOC_OPEN, NULL, "why it ended (RFC 2866, 5.10)" },
	[F_A_ACKED] = { "acked", TOC_BOOL, false, TOC_OPEN, NULL, "the server has taken it" },
	[K_DYNAMIC] = { "radius_dynamic", TOC_KIND, false, TOC_OPEN, NULL,
			"a server changes or ends a session (RFC 5176), and the answer" },
	[F_D_CODE] = { "code", TOC_STRING, false, TOC_OPEN, NULL, "Disconnect-Request, CoA-ACK …" },
	[F_D_USERNAME] = { "username", TOC_STRING, false, TOC_PERSON, NULL, username_doc },
	[F_D_SESSION] = { "acct_session_id", TOC_STRING, false, TOC_DEVICE, NULL, "the session" },
	[F_D_CALLING] = { "calling_station_id", TOC_STRING, false, TOC_DEVICE, NULL, "the user's device" },
	[F_D_NAS_ADDR] = { "nas_ip_address", TOC_IP, false, TOC_DEVICE, NULL, "access point or switch" },
};

/* What an attribute becomes in each kind of event; 0 = nothing. */
enum shape { TEXT, NUMBER, ADDRESS, ADDRESS6, SECONDS };

static const struct attribute {
	uint8_t type, shape, auth, acct, dynamic;
} known[] = {
	{ 4, ADDRESS, F_NAS_ADDR, F_A_NAS_ADDR, F_D_NAS_ADDR },
	{ 95, ADDRESS6, F_NAS_ADDR, F_A_NAS_ADDR, F_D_NAS_ADDR },
	{ 5, NUMBER, F_NAS_PORT, F_A_NAS_PORT, 0 },
	{ 8, ADDRESS, F_FRAMED_ADDR, F_A_FRAMED_ADDR, 0 },
	{ 168, ADDRESS6, F_FRAMED_ADDR, F_A_FRAMED_ADDR, 0 },
	{ 18, TEXT, F_REPLY_MSG, 0, 0 },
	{ 30, TEXT, F_CALLED, F_A_CALLED, 0 },
	{ 31, TEXT, F_CALLING, F_A_CALLING, F_D_CALLING },
	{ 32, TEXT, F_NAS_ID, F_A_NAS_ID, 0 },
	{ 44, TEXT, 0, F_A_SESSION, F_D_SESSION },
	{ 46, SECONDS, 0, F_A_SESSION_TIME, 0 },
	{ 49, NUMBER, 0, F_A_CAUSE, 0 },
	{ 50, TEXT, 0, F_A_MULTI_SESSION, 0 },
	{ 66, TEXT, F_TUNNEL_CLIENT, 0, 0 },
	{ 77, TEXT, F_CONNECT_INFO, 0, 0 },
	{ 87, TEXT, F_NAS_PORT_ID, F_A_NAS_PORT_ID, 0 },
};

/* Held events: by identifier while a reply is due; by the State attribute between challenge and answer. */
enum { KEY_REQUEST = 0, KEY_ACCT = 1 << 8, KEY_DYNAMIC = 2 << 8, KEY_STATE = 1 << 24 };

static void put_attribute(struct toc_draft *d, unsigned field, uint8_t shape, struct toc_span v)
{
	struct toc_cursor c = toc_cursor_of(v);
	if (!field || toc_draft_find(d, field))
		return;
	if (shape == TEXT && v.n) {
		toc_put_str(d, field, v);
	} else if (shape == ADDRESS && v.n == 4) {
		struct toc_addr addr = toc_addr_v4(v.p);
		toc_put_ip(d, field, &addr);
	} else if (shape == ADDRESS6 && v.n == 16) {
		struct toc_addr addr = toc_addr_v6(v.p);
		toc_put_ip(d, field, &addr);
	} else if (shape == NUMBER && v.n == 4) {
		toc_put_uint(d, field, toc_be32(&c));
	} else if (shape == SECONDS && v.n == 4) {
		toc_put_duration(d, field, toc_be32(&c) * TOC_SEC);
	}
}

static void put_known(struct toc_draft *d, unsigned kind, const struct radius_message *m)
{
	struct toc_cursor c = toc_cursor_of(m->attributes);
	struct radius_attribute a;
	while (radius_next(&c, &a))
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (known[i].type == a.type)
				put_attribute(d,
					      kind == K_RADIUS ? known[i].auth
					      : kind == K_ACCT ? known[i].acct
							       : known[i].dynamic,
					      known[i].shape, a.value);
}

/* The fields of an identity differ by kind of event. */
struct identity_fields {
	uint8_t username, realm, anonymous, mac;
};

static void put_mac(struct toc_draft *d, unsigned field, struct toc_span text)
{
	struct toc_mac mac;
	/* an access point may put more behind it: 12 digits with or without separators */
	if (toc_draft_find(d, field))
		return;
	if (toc_mac_parse(toc_span_first(text, 17), &mac) || toc_mac_parse(toc_span_first(text, 14), &mac) ||
	    toc_mac_parse(toc_span_first(text, 12), &mac))
		toc_put_mac(d, field, &mac);
}

/* An outer identity that hides its user is told as such (RFC 7542, section 2.4); a device's address is no user. */
static void put_identity(struct toc_draft *d, const struct identity_fields *to, const struct radius_message *m)
{
	struct toc_span user = radius_find(m, RADIUS_USER_NAME), calling = radius_find(m, RADIUS_CALLING_STATION);
	struct toc_mac mac;
	if (to->mac && calling.n)
		put_mac(d, to->mac, calling);
	if (!user.n || toc_draft_find(d, to->username))
		return;
	size_t at = toc_span_find(user, '@');
	if (to->realm && at + 1 < user.n && !toc_draft_find(d, to->realm))
		toc_put_str(d, to->realm, toc_span_from(user, at + 1));
	struct toc_span name = toc_span_first(user, at);
	bool hidden =
		!name.n || toc_span_ieq(name, toc_span_str("anonymous")) || toc_span_ieq(name, toc_span_str("anon"));
	if (hidden && to->anonymous && !toc_draft_find(d, to->anonymous))
		toc_put_bool(d, to->anonymous, true);
	if (!hidden && !(radius_is_call_check(m) && toc_mac_parse(user, &mac)))
		toc_put_str(d, to->username, user);
}

static const struct identity_fields auth_identity = { F_USERNAME, F_REALM, F_ANONYMOUS, F_MAC };
static const struct identity_fields acct_identity = { F_A_USERNAME, F_A_REALM, F_A_ANONYMOUS, F_A_MAC };
static const struct identity_fields dynamic_identity = { F_D_USERNAME, 0, 0, 0 };

static void set_result(struct toc_draft *d, const char *text)
{
	struct toc_slot *s = toc_draft_find(d, F_RESULT);
	uint32_t at = toc_draft_store(d, text, strlen(text), 1);
	if (!s || at == UINT32_MAX)
		return;
	s->bits = at;
	s->len = (uint32_t)strlen(text);
}

static uint64_t state_key(struct toc_span state)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325); /* FNV-1a: opaque bytes of the server */
	for (size_t i = 0; i < state.n; i++)
		key = (key ^ state.p[i]) * UINT64_C(0x100000001b3);
	return key | KEY_STATE;
}

/* A request, a repeated one, or the answer to a challenge. */
static void access_request(struct toc_sink *sink, const struct radius_message *m)
{
	struct toc_span state = radius_find(m, RADIUS_STATE);
	struct toc_draft *d = toc_sink_resume(sink, K_RADIUS, KEY_REQUEST | m->id);
	if (d && state.n) { /* the identifier was used again while its verdict is missing */
		toc_sink_commit(sink, d);
		d = NULL;
	}
	if (!d && state.n)
		d = toc_sink_resume(sink, K_RADIUS, state_key(state));
	if (!d) {
		d = toc_sink_begin(sink, K_RADIUS);
		toc_put_cstr(d, F_RESULT, "unknown");
		toc_put_uint(d, F_ROUNDS, 0);
	}
	put_identity(d, &auth_identity, m);
	put_known(d, K_RADIUS, m);
	toc_sink_hold(sink, d, KEY_REQUEST | m->id);
}

static void access_reply(struct toc_sink *sink, const struct radius_message *m)
{
	struct toc_draft *d = toc_sink_resume(sink, K_RADIUS, KEY_REQUEST | m->id);
	struct toc_span state = radius_find(m, RADIUS_STATE);
	bool paired = d != NULL;
	if (!d) {
		if (m->code == RADIUS_CHALLENGE)
			return;
		d = toc_sink_begin(sink, K_RADIUS);
		toc_put_cstr(d, F_RESULT, "unknown");
	}
	if (m->code == RADIUS_CHALLENGE) {
		struct toc_slot *rounds = toc_draft_find(d, F_ROUNDS);
		if (rounds)
			rounds->bits++;
		put_known(d, K_RADIUS, m);
		toc_sink_hold(sink, d, state.n ? state_key(state) : (KEY_REQUEST | m->id));
		return;
	}
	set_result(d, m->code == RADIUS_ACCEPT ? "success" : "failed");
	if (m->code == RADIUS_ACCEPT)
		put_identity(d, &auth_identity, m); /* the server may tell the inner identity */
	put_known(d, K_RADIUS, m);
	if (paired && sink->ts > d->head.ts)
		toc_put_duration(d, F_TTL, sink->ts - d->head.ts);
	toc_sink_commit(sink, d);
}

static void put_octets(struct toc_draft *d, unsigned field, const struct radius_message *m, uint8_t low, uint8_t high)
{
	struct toc_cursor a = toc_cursor_of(radius_find(m, low)), b = toc_cursor_of(radius_find(m, high));
	uint64_t octets = toc_be32(&a), giga = toc_left(&b) == 4 ? toc_be32(&b) : 0;
	if (!a.bad)
		toc_put_uint(d, field, giga << 32 | octets);
}

static void accounting_request(struct toc_sink *sink, const struct radius_message *m)
{
	static const char *const statuses[] = { NULL, "Start", "Stop",		"Interim-Update", NULL,
						NULL, NULL,    "Accounting-On", "Accounting-Off" };
	struct toc_draft *d = toc_sink_resume(sink, K_ACCT, KEY_ACCT | m->id);
	if (d) { /* repeated */
		toc_sink_hold(sink, d, KEY_ACCT | m->id);
		return;
	}
	d = toc_sink_begin(sink, K_ACCT);
	struct toc_cursor status = toc_cursor_of(radius_find(m, RADIUS_ACCT_STATUS));
	uint32_t code = toc_be32(&status);
	if (!status.bad)
		toc_put_cstr(d, F_A_STATUS,
			     code < sizeof(statuses) / sizeof(statuses[0]) && statuses[code] ? statuses[code]
											     : "other");
	put_identity(d, &acct_identity, m);
	put_known(d, K_ACCT, m);
	put_octets(d, F_A_INPUT, m, 42, 52);
	put_octets(d, F_A_OUTPUT, m, 43, 53);
	toc_put_bool(d, F_A_ACKED, false);
	toc_sink_hold(sink, d, KEY_ACCT | m->id);
}

static void accounting_response(struct toc_sink *sink, const struct radius_message *m)
{
	struct toc_draft *d = toc_sink_resume(sink, K_ACCT, KEY_ACCT | m->id);
	if (!d)
		return;
	struct toc_slot *acked = toc_draft_find(d, F_A_ACKED);
	if (acked)
		acked->bits = 1;
	toc_sink_commit(sink, d);
}

static void dynamic(struct toc_sink *sink, const struct radius_message *m)
{
	struct toc_draft *d = toc_sink_begin(sink, K_DYNAMIC);
	toc_put_cstr(d, F_D_CODE, radius_dynamic_name(m->code));
	put_identity(d, &dynamic_identity, m);
	put_known(d, K_DYNAMIC, m);
	toc_sink_commit(sink, d);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct radius_message m;
	(void)state;
	(void)dir;
	if (!radius_read(&m, toc_rest(in))) {
		toc_sink_weird(sink, "radius_malformed_message");
		if (m.length)
			toc_sink_confirm(sink, NULL);
		return TOC_MORE;
	}
	toc_sink_confirm(sink, NULL);
	if (m.code == RADIUS_REQUEST)
		access_request(sink, &m);
	else if (m.code == RADIUS_ACCEPT || m.code == RADIUS_REJECT || m.code == RADIUS_CHALLENGE)
		access_reply(sink, &m);
	else if (m.code == RADIUS_ACCT_REQUEST)
		accounting_request(sink, &m);
	else if (m.code == RADIUS_ACCT_RESPONSE)
		accounting_response(sink, &m);
	else if (radius_dynamic_name(m.code))
		dynamic(sink, &m);
	return TOC_MORE;
}

/* Elsewhere than on its ports only messages whose attributes fill them. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct radius_message m;
	(void)dir;
	if (!radius_read(&m, first))
		return !hint ? TOC_NO : m.length ? TOC_YES : TOC_MAYBE;
	return hint || (m.length == first.n && m.attributes.n >= 6) ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 1812, 1813, 1645, 1646, 3799, 0 };

const struct toc_decoder toc_decoder_radius = {
	.name = "radius",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.hold_ns = 30 * TOC_SEC,
	.probe = probe,
	.parse = parse,
};
