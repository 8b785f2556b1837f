/* mqtt - connections, publications and subscriptions (OASIS MQTT 3.1.1 and 5.0), without what is published. */
#include "decoders/line.h"
#include "decoders/login.h"

enum field {
	K_CONNECT,
	C_PROTO_NAME,
	C_PROTO_VERSION,
	C_CLIENT_ID,
	C_STATUS,
	C_WILL_TOPIC,
	C_USER,
	K_PUBLISH,
	P_FROM_CLIENT,
	P_RETAIN,
	P_QOS,
	P_STATUS,
	P_TOPIC,
	P_PAYLOAD_LEN,
	K_SUBSCRIBE,
	S_ACTION,
	S_TOPICS,
	S_QOS_LEVELS,
	S_GRANTED,
	S_ACK,
	K_AUTH,
	N_FIELDS = K_AUTH + LOGIN_SIZE
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_CONNECT] = { "mqtt_connect", TOC_KIND, false, TOC_OPEN, NULL, "a client signs in to a broker" },
	[C_PROTO_NAME] = { "proto_name", TOC_STRING, false, TOC_OPEN, NULL, "MQTT, MQIsdp" },
	[C_PROTO_VERSION] = { "proto_version", TOC_STRING, false, TOC_OPEN, NULL, "3.1, 3.1.1, 5.0" },
	[C_CLIENT_ID] = { "client_id", TOC_STRING, false, TOC_DEVICE, NULL, "client's name for itself" },
	[C_STATUS] = { "connect_status", TOC_STRING, false, TOC_OPEN, NULL, "what the broker said" },
	[C_WILL_TOPIC] = { "will_topic", TOC_STRING, false, TOC_CONTENT, NULL, "topic of the client's last will" },
	[C_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "user name; never the password" },
	[K_PUBLISH] = { "mqtt_publish", TOC_KIND, false, TOC_OPEN, NULL, "a message was published" },
	[P_FROM_CLIENT] = { "from_client", TOC_BOOL, false, TOC_OPEN, NULL, "by the client" },
	[P_RETAIN] = { "retain", TOC_BOOL, false, TOC_OPEN, NULL, "the broker is to keep it" },
	[P_QOS] = { "qos", TOC_STRING, false, TOC_OPEN, NULL, "at most once, at least once, exactly once" },
	[P_STATUS] = { "status", TOC_STRING, false, TOC_OPEN, NULL, "ok, or which receipt is missing" },
	[P_TOPIC] = { "topic", TOC_STRING, false, TOC_CONTENT, NULL, "topic" },
	[P_PAYLOAD_LEN] = { "payload_len", TOC_UINT, false, TOC_OPEN, "B", "bytes that were published" },
	[K_SUBSCRIBE] = { "mqtt_subscribe", TOC_KIND, false, TOC_OPEN, NULL, "topics were asked for, or no longer" },
	[S_ACTION] = { "action", TOC_STRING, false, TOC_OPEN, NULL, "MQTT::SUBSCRIBE, MQTT::UNSUBSCRIBE" },
	[S_TOPICS] = { "topics", TOC_STRING, true, TOC_CONTENT, NULL, "patterns" },
	[S_QOS_LEVELS] = { "qos_levels", TOC_UINT, true, TOC_OPEN, NULL, "0 … 2, as asked for" },
	[S_GRANTED] = { "granted_qos_level", TOC_UINT, false, TOC_OPEN, NULL, "as granted for the first" },
	[S_ACK] = { "ack", TOC_BOOL, false, TOC_OPEN, NULL, "the broker confirmed" },
	LOGIN_FIELDS(K_AUTH),
};

enum type { CONNECT = 1, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK };
enum { BODY_MOST = 4096, TOPICS_MOST = 32, HEAD_MOST = 5 };

struct mqtt {
	uint32_t skip[2];
	uint8_t version; /* protocol level: 3, 4, 5 */
	struct line_name user;
};

static const char *const levels[] = { [3] = "3.1", [4] = "3.1.1", [5] = "5.0" };
static const char *const refusals[] = { "Connection Accepted",
					"Connection Refused: unacceptable protocol version",
					"Connection Refused: identifier rejected",
					"Connection Refused: server unavailable",
					"Connection Refused: bad user name or password",
					"Connection Refused: not authorized" };
static const char *const qos_names[] = { "at most once", "at least once", "exactly once", "unknown" };

/* A variable byte integer (section 1.5.5). */
static uint32_t varint(struct toc_cursor *c)
{
	uint32_t v = 0;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		uint8_t b = toc_u8(c);
		v |= (uint32_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	c->bad = true;
	return 0;
}

static struct toc_span text(struct toc_cursor *c)
{
	return toc_take(c, toc_be16(c));
}

static void skip_properties(const struct mqtt *m, struct toc_cursor *c)
{
	if (m->version >= 5)
		toc_skip(c, varint(c));
}

/* Keys of rows that wait: what for, who sent it, and its number. */
static uint64_t key_of(enum type type, enum toc_dir from, uint16_t id)
{
	return (uint64_t)type << 32 | (uint64_t)from << 16 << 1 | id;
}

static enum toc_parse take_connect(struct mqtt *m, struct toc_cursor *c, struct toc_sink *s)
{
	struct toc_span name = text(c);
	m->version = toc_u8(c) & 0x7f;
	uint8_t flags = toc_u8(c);
	toc_be16(c); /* keep alive */
	if (c->bad || m->version < 3 || m->version > 5)
		return TOC_BAD;
	skip_properties(m, c);
	struct toc_span id = text(c), will = toc_span_first(name, 0), user = will;
	if (flags & 4) {
		skip_properties(m, c);
		will = text(c);
		text(c); /* what the will says */
	}
	if (flags & 0x80)
		user = text(c);
	toc_sink_confirm(s, NULL);
	struct toc_draft *d = toc_sink_begin(s, K_CONNECT);
	toc_put_str(d, C_PROTO_NAME, name);
	toc_put_cstr(d, C_PROTO_VERSION, levels[m->version]);
	toc_put_str(d, C_CLIENT_ID, id);
	if (will.n)
		toc_put_str(d, C_WILL_TOPIC, will);
	if (user.n)
		toc_put_str(d, C_USER, user);
	line_keep(&m->user, user);
	toc_sink_hold(s, d, CONNECT);
	return TOC_MORE;
}

static void take_connack(struct mqtt *m, struct toc_cursor *c, struct toc_sink *s)
{
	toc_u8(c);
	uint8_t code = toc_u8(c);
	struct toc_draft *d = c->bad ? NULL : toc_sink_resume(s, K_CONNECT, CONNECT);
	if (!d)
		return;
	bool known = code < sizeof(refusals) / sizeof(refusals[0]);
	bool denied = (m->version < 5 && (code == 4 || code == 5)) || code == 0x86 || code == 0x87;
	toc_put_cstr(d, C_STATUS, known ? refusals[code] : denied ? refusals[5] : "Connection Refused");
	toc_sink_commit(s, d);
	if (m->user.n && (code == 0 || denied))
		login_told(s, K_AUTH, line_kept(&m->user), code == 0, "mqtt", toc_span_of(m->user.b, 0));
}

static void take_publish(struct mqtt *m, struct toc_cursor *c, uint8_t flags, uint32_t length, enum toc_dir dir,
			 struct toc_sink *s)
{
	static const char *const waits[] = { "ok", "incomplete_qos1_puback", "incomplete_qos2_pubrec", "incomplete" };
	size_t all = toc_left(c);
	unsigned qos = flags >> 1 & 3;
	struct toc_span topic = text(c);
	uint16_t id = qos ? toc_be16(c) : 0;
	skip_properties(m, c);
	if (c->bad)
		return;
	toc_sink_confirm(s, NULL);
	struct toc_draft *d = toc_sink_begin(s, K_PUBLISH);
	toc_put_bool(d, P_FROM_CLIENT, dir == TOC_ORIG);
	toc_put_bool(d, P_RETAIN, flags & 1);
	toc_put_cstr(d, P_QOS, qos_names[qos]);
	toc_put_str(d, P_TOPIC, topic);
	toc_put_uint(d, P_PAYLOAD_LEN, length - (all - toc_left(c)));
	if (qos) {
		toc_sink_hold(s, d, key_of(PUBLISH, dir, id));
		return;
	}
	toc_put_cstr(d, P_STATUS, waits[0]);
	toc_sink_commit(s, d);
}

/* A receipt ends a publication of the other side: PUBACK for 1, PUBCOMP for 2. */
static void take_receipt(struct toc_cursor *c, enum toc_dir dir, struct toc_sink *s)
{
	uint16_t id = toc_be16(c);
	enum toc_dir from = dir == TOC_ORIG ? TOC_RESP : TOC_ORIG;
	struct toc_draft *d = c->bad ? NULL : toc_sink_resume(s, K_PUBLISH, key_of(PUBLISH, from, id));
	if (!d)
		return;
	toc_put_cstr(d, P_STATUS, "ok");
	toc_sink_commit(s, d);
}

static void take_subscribe(struct mqtt *m, struct toc_cursor *c, bool on, struct toc_sink *s)
{
	uint16_t id = toc_be16(c);
	struct toc_cursor again;
	skip_properties(m, c);
	struct toc_draft *d = toc_sink_begin(s, K_SUBSCRIBE);
	toc_put_cstr(d, S_ACTION, on ? "MQTT::SUBSCRIBE" : "MQTT::UNSUBSCRIBE");
	again = *c;
	for (unsigned i = 0; i < TOPICS_MOST && toc_left(c) && !c->bad; i++) {
		struct toc_span topic = text(c);
		toc_skip(c, on);
		if (!c->bad)
			toc_list_str(d, S_TOPICS, topic);
	}
	for (unsigned i = 0; on && i < TOPICS_MOST && toc_left(&again) && !again.bad; i++) {
		text(&again);
		uint8_t options = toc_u8(&again);
		if (!again.bad)
			toc_list_uint(d, S_QOS_LEVELS, options & 3);
	}
	toc_sink_hold(s, d, key_of(on ? SUBSCRIBE : UNSUBSCRIBE, TOC_ORIG, id));
}

static void take_suback(struct mqtt *m, struct toc_cursor *c, bool on, struct toc_sink *s)
{
	uint16_t id = toc_be16(c);
	struct toc_draft *d =
		c->bad ? NULL : toc_sink_resume(s, K_SUBSCRIBE, key_of(on ? SUBSCRIBE : UNSUBSCRIBE, TOC_ORIG, id));
	if (!d)
		return;
	skip_properties(m, c);
	uint8_t granted = toc_u8(c);
	if (on && !c->bad)
		toc_put_uint(d, S_GRANTED, granted);
	toc_put_bool(d, S_ACK, true);
	toc_sink_commit(s, d);
}

static enum toc_parse take_packet(struct mqtt *m, uint8_t head, struct toc_cursor *c, uint32_t length, enum toc_dir dir,
				  struct toc_sink *s)
{
	switch (head >> 4) {
	case CONNECT:
		return dir == TOC_ORIG ? take_connect(m, c, s) : TOC_BAD;
	case CONNACK:
		take_connack(m, c, s);
		break;
	case PUBLISH:
		take_publish(m, c, head & 15, length, dir, s);
		break;
	case PUBACK:
	case PUBCOMP:
		take_receipt(c, dir, s);
		break;
	case SUBSCRIBE:
	case UNSUBSCRIBE:
		take_subscribe(m, c, head >> 4 == SUBSCRIBE, s);
		break;
	case SUBACK:
	case UNSUBACK:
		take_suback(m, c, head >> 4 == SUBACK, s);
		break;
	case 0:
		return TOC_BAD;
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct mqtt *m = state;
	while (toc_left(in)) {
		if (m->skip[dir]) {
			size_t n = toc_left(in) < m->skip[dir] ? toc_left(in) : m->skip[dir];
			toc_skip(in, n);
			m->skip[dir] -= (uint32_t)n;
			continue;
		}
		struct toc_cursor c = *in;
		uint8_t head = toc_u8(&c);
		uint32_t length = varint(&c);
		if (c.bad)
			return toc_left(in) >= HEAD_MOST ? TOC_BAD : toc_more(s, toc_left(in) + 1);
		uint32_t kept = length < BODY_MOST ? length : BODY_MOST;
		if (toc_left(&c) < kept)
			return toc_more(s, toc_left(in) - toc_left(&c) + kept);
		struct toc_cursor body = toc_sub(&c, kept);
		*in = c;
		m->skip[dir] = length - kept;
		if (take_packet(m, head, &body, length, dir, s) == TOC_BAD)
			return TOC_BAD;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct mqtt *m = state;
	(void)s;
	if (n > m->skip[dir])
		return TOC_DONE;
	m->skip[dir] -= (uint32_t)n;
	return TOC_MORE;
}

/* Whole packets of a session that began before the capture: SUBSCRIBE or PUBLISH, at the port. */
static bool is_later(struct toc_span first)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t head = toc_u8(&c);
	uint32_t length = varint(&c);
	struct toc_cursor body = toc_sub(&c, length);
	if (head == 0x82)
		toc_skip(&body, 2);
	else if (head >> 4 != PUBLISH || (head & 6) == 6)
		return false;
	struct toc_span topic = text(&body);
	return !body.bad && topic.n && line_is_text(topic);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t head = toc_u8(&c);
	uint32_t length = varint(&c);
	if (first.n == 0)
		return TOC_MAYBE;
	if (first.n == 2 && first.p[0] == (dir == TOC_RESP ? 0xd0 : 0xc0) && first.p[1] == 0)
		return dir == TOC_RESP ? TOC_YES : TOC_MAYBE; /* PINGREQ and its answer: a capture that began late */
	if (dir == TOC_RESP) {				      /* CONNACK */
		if (head == 0xd0 && first.n == 1)
			return TOC_MAYBE;
		if (head != 0x20)
			return TOC_NO;
		return c.bad				    ? TOC_MAYBE
		       : hint && length >= 2 && length < 64 ? TOC_YES
		       : length < 64			    ? TOC_MAYBE
							    : TOC_NO;
	}
	if (hint && is_later(first))
		return TOC_YES;
	if (head != 0x10)
		return head == 0xc0 && first.n == 1 ? TOC_MAYBE : TOC_NO;
	struct toc_cursor names = c;
	struct toc_span name = text(&c);
	if (c.bad)
		return names.bad ? (first.n < HEAD_MOST ? TOC_MAYBE : TOC_NO)
		       : toc_left(&names) < 8 && (toc_left(&names) == 0 || names.p[0] == 0) ? TOC_MAYBE
											    : TOC_NO;
	return toc_span_is(name, "MQTT") || toc_span_is(name, "MQIsdp") ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 1883, 0 };

const struct toc_decoder toc_decoder_mqtt = { .name = "mqtt",
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = fields,
					      .nfields = N_FIELDS,
					      .state_size = sizeof(struct mqtt),
					      .hold_ns = 60 * TOC_SEC,
					      .probe = probe,
					      .parse = parse,
					      .gap = gap };
