/* ntp - time messages, control (mode 6) and private (mode 7) messages (RFC 5905, RFC 9327; SNTP: RFC 4330). */
#include "tocsin/decoder.h"

enum field {
	K_NTP,
	F_VERSION,
	F_MODE,
	F_STRATUM,
	F_POLL,
	F_PRECISION,
	F_ROOT_DELAY,
	F_ROOT_DISP,
	F_REF_ID,
	F_REF_TIME,
	F_ORG_TIME,
	F_REC_TIME,
	F_XMT_TIME,
	F_NUM_EXTS,
	K_CONTROL,
	F_C_VERSION,
	F_OP_CODE,
	F_RESP_BIT,
	F_ERR_BIT,
	F_MORE_BIT,
	F_SEQUENCE,
	F_STATUS,
	F_ASSOCIATION,
	F_C_BYTES,
	K_PRIVATE,
	F_P_VERSION,
	F_REQ_CODE,
	F_P_RESP_BIT,
	F_AUTH_BIT,
	F_P_SEQUENCE,
	F_IMPLEMENTATION,
	F_ERR,
	F_P_BYTES
};

static const struct toc_field_decl fields[] = {
	[K_NTP] = { "ntp", TOC_KIND, false, TOC_OPEN, NULL, "one NTP message, modes 1 to 5" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "protocol version" },
	[F_MODE] = { "mode", TOC_UINT, false, TOC_OPEN, NULL, "1, 2 = peers, 3 = client, 4 = server, 5 = broadcast" },
	[F_STRATUM] = { "stratum", TOC_UINT, false, TOC_OPEN, NULL,
			"distance from a clock; 0 = unknown, or a refusal" },
	[F_POLL] = { "poll", TOC_DURATION, false, TOC_OPEN, "s", "longest time between messages" },
	[F_PRECISION] = { "precision", TOC_DOUBLE, false, TOC_OPEN, "s", "precision of the sender's clock" },
	[F_ROOT_DELAY] = { "root_delay", TOC_DURATION, false, TOC_OPEN, "s", "round trip to the first clock" },
	[F_ROOT_DISP] = { "root_disp", TOC_DURATION, false, TOC_OPEN, "s", "dispersion to the first clock" },
	[F_REF_ID] = { "ref_id", TOC_STRING, false, TOC_OPEN, NULL,
		       "clock or server behind the sender; stratum 0: why it refuses (DENY, RATE …)" },
	[F_REF_TIME] = { "ref_time", TOC_TIME, false, TOC_OPEN, NULL, "when the sender's clock was last set" },
	[F_ORG_TIME] = { "org_time", TOC_TIME, false, TOC_OPEN, NULL, "when the request left, by the client" },
	[F_REC_TIME] = { "rec_time", TOC_TIME, false, TOC_OPEN, NULL, "when it came, by the server" },
	[F_XMT_TIME] = { "xmt_time", TOC_TIME, false, TOC_OPEN, NULL, "when this message left" },
	[F_NUM_EXTS] = { "num_exts", TOC_UINT, false, TOC_OPEN, NULL, "extension fields" },
	[K_CONTROL] = { "ntp_control", TOC_KIND, false, TOC_OPEN, NULL, "one control message (mode 6)" },
	[F_C_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "protocol version" },
	[F_OP_CODE] = { "op_code", TOC_UINT, false, TOC_OPEN, NULL, "1 = read status, 2 = read variables …" },
	[F_RESP_BIT] = { "resp_bit", TOC_BOOL, false, TOC_OPEN, NULL, "a response" },
	[F_ERR_BIT] = { "err_bit", TOC_BOOL, false, TOC_OPEN, NULL, "an error response" },
	[F_MORE_BIT] = { "more_bit", TOC_BOOL, false, TOC_OPEN, NULL, "more fragments follow" },
	[F_SEQUENCE] = { "sequence", TOC_UINT, false, TOC_OPEN, NULL, "pairs request and response" },
	[F_STATUS] = { "status", TOC_UINT, false, TOC_OPEN, NULL, "of the system, peer or clock" },
	[F_ASSOCIATION] = { "association_id", TOC_UINT, false, TOC_OPEN, NULL, "peer that it is about" },
	[F_C_BYTES] = { "data_len", TOC_UINT, false, TOC_OPEN, "B", "bytes of data that the message claims" },
	[K_PRIVATE] = { "ntp_private", TOC_KIND, false, TOC_OPEN, NULL,
			"one private message (mode 7: monlist and such)" },
	[F_P_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "protocol version" },
	[F_REQ_CODE] = { "req_code", TOC_UINT, false, TOC_OPEN, NULL, "what is asked; 20 and 42 are monlist" },
	[F_P_RESP_BIT] = { "resp_bit", TOC_BOOL, false, TOC_OPEN, NULL, "a response" },
	[F_AUTH_BIT] = { "auth_bit", TOC_BOOL, false, TOC_OPEN, NULL, "the message is authenticated" },
	[F_P_SEQUENCE] = { "sequence", TOC_UINT, false, TOC_OPEN, NULL, "number of the packet of a response" },
	[F_IMPLEMENTATION] = { "implementation", TOC_UINT, false, TOC_OPEN, NULL, "0 = any, 2 = xntpd old, 3 = xntpd" },
	[F_ERR] = { "err", TOC_UINT, false, TOC_OPEN, NULL, "error code" },
	[F_P_BYTES] = { "data_len", TOC_UINT, false, TOC_OPEN, "B", "bytes that follow the header" },
};

enum { HEADER = 48, CONTROL_HEADER = 12, PRIVATE_HEADER = 8, CONTROL = 6, PRIVATE = 7 };

/* Seconds since 1900 and their fraction; 0 = not told. Eras: what is before 1968 belongs to the next (RFC 4330, 3). */
static void put_time(struct toc_draft *d, unsigned field, struct toc_cursor *c)
{
	const int64_t epoch = INT64_C(2208988800), era = INT64_C(1) << 32;
	uint32_t seconds = toc_be32(c), fraction = toc_be32(c);
	if (seconds == 0 && fraction == 0)
		return;
	int64_t since = (int64_t)seconds - epoch + (seconds & 0x80000000u ? 0 : era);
	toc_put_time(d, field, since * TOC_SEC + (toc_time)((uint64_t)fraction * 1000000000 >> 32));
}

/* 16 bits of seconds, 16 of their fraction */
static void put_short(struct toc_draft *d, unsigned field, struct toc_cursor *c)
{
	toc_put_duration(d, field, (toc_time)((uint64_t)toc_be32(c) * 1000000000 >> 16));
}

/* Powers of two; those that no clock has are left out. */
static void put_powers(struct toc_draft *d, struct toc_cursor *c)
{
	int poll = (toc_u8(c) ^ 0x80) - 0x80, precision = (toc_u8(c) ^ 0x80) - 0x80; /* signed */
	if (poll >= 0 && poll <= 31)
		toc_put_duration(d, F_POLL, (toc_time)(UINT64_C(1) << poll) * TOC_SEC);
	if (precision <= 0 && precision >= -62)
		toc_put_double(d, F_PRECISION, 1.0 / (double)(UINT64_C(1) << -precision));
}

/* RFC 5905, section 7.3: four letters at strata 0 and 1, else the address of the server behind */
static void put_reference(struct toc_draft *d, struct toc_cursor *c, uint8_t stratum)
{
	struct toc_span id = toc_take(c, 4);
	char text[TOC_ADDR_TEXT];
	if (id.n != 4)
		return;
	if (stratum > 1) {
		struct toc_addr addr = toc_addr_v4(id.p);
		toc_put_str(d, F_REF_ID, toc_span_of(text, toc_addr_print(&addr, text)));
		return;
	}
	while (id.n && id.p[id.n - 1] == 0)
		id.n--;
	if (id.n)
		toc_put_str(d, F_REF_ID, id);
}

/* Extension fields behind the header; a rest of up to 24 bytes is a message authentication code (RFC 7822). */
static unsigned count_extensions(struct toc_cursor c)
{
	enum { CODE_MOST = 24 };
	unsigned n = 0;
	while (toc_left(&c) > CODE_MOST) {
		toc_skip(&c, 2);
		uint16_t length = toc_be16(&c);
		if (length < 4)
			break;
		toc_skip(&c, length - 4u);
		if (c.bad)
			break;
		n++;
	}
	return n;
}

static void read_time(struct toc_cursor *c, uint8_t version, uint8_t mode, struct toc_sink *sink)
{
	struct toc_draft *d = toc_sink_begin(sink, K_NTP);
	uint8_t stratum = toc_u8(c);
	toc_put_uint(d, F_VERSION, version);
	toc_put_uint(d, F_MODE, mode);
	toc_put_uint(d, F_STRATUM, stratum);
	put_powers(d, c);
	put_short(d, F_ROOT_DELAY, c);
	put_short(d, F_ROOT_DISP, c);
	put_reference(d, c, stratum);
	put_time(d, F_REF_TIME, c);
	put_time(d, F_ORG_TIME, c);
	put_time(d, F_REC_TIME, c);
	put_time(d, F_XMT_TIME, c);
	toc_put_uint(d, F_NUM_EXTS, count_extensions(*c));
	toc_sink_commit(sink, d);
}

/* RFC 9327, section 2 */
static void read_control(struct toc_cursor *c, uint8_t version, struct toc_sink *sink)
{
	struct toc_draft *d = toc_sink_begin(sink, K_CONTROL);
	uint8_t bits = toc_u8(c);
	toc_put_uint(d, F_C_VERSION, version);
	toc_put_uint(d, F_OP_CODE, bits & 31);
	toc_put_bool(d, F_RESP_BIT, (bits & 0x80) != 0);
	toc_put_bool(d, F_ERR_BIT, (bits & 0x40) != 0);
	toc_put_bool(d, F_MORE_BIT, (bits & 0x20) != 0);
	toc_put_uint(d, F_SEQUENCE, toc_be16(c));
	toc_put_uint(d, F_STATUS, toc_be16(c));
	toc_put_uint(d, F_ASSOCIATION, toc_be16(c));
	toc_skip(c, 2);
	toc_put_uint(d, F_C_BYTES, toc_be16(c));
	toc_sink_commit(sink, d);
}

static void read_private(struct toc_cursor *c, uint8_t first, uint8_t version, struct toc_sink *sink)
{
	struct toc_draft *d = toc_sink_begin(sink, K_PRIVATE);
	uint8_t sequence = toc_u8(c);
	toc_put_uint(d, F_P_VERSION, version);
	toc_put_bool(d, F_P_RESP_BIT, (first & 0x80) != 0);
	toc_put_bool(d, F_AUTH_BIT, (sequence & 0x80) != 0);
	toc_put_uint(d, F_P_SEQUENCE, sequence & 0x7f);
	toc_put_uint(d, F_IMPLEMENTATION, toc_u8(c));
	toc_put_uint(d, F_REQ_CODE, toc_u8(c));
	toc_put_uint(d, F_ERR, toc_u8(c) >> 4);
	toc_skip(c, 3);
	toc_put_uint(d, F_P_BYTES, toc_left(c));
	toc_sink_commit(sink, d);
}

static size_t header_of(uint8_t mode)
{
	return mode == CONTROL ? CONTROL_HEADER : mode == PRIVATE ? PRIVATE_HEADER : HEADER;
}

static bool is_message(struct toc_cursor c)
{
	const size_t n = toc_rest(&c).n;
	uint8_t first = toc_u8(&c), version = first >> 3 & 7, mode = first & 7;
	return version >= 1 && version <= 4 && mode && n >= header_of(mode);
}

/* Never BAD: a server's flow carries whatever strangers send to it. */
static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	(void)state;
	(void)dir;
	if (!is_message(*in)) {
		toc_sink_weird(sink, "ntp_malformed_message");
		return TOC_MORE;
	}
	uint8_t first = toc_u8(in), version = first >> 3 & 7, mode = first & 7;
	if (mode == CONTROL)
		read_control(in, version, sink);
	else if (mode == PRIVATE)
		read_private(in, first, version, sink);
	else
		read_time(in, version, mode, sink);
	toc_sink_confirm(sink, NULL);
	return TOC_MORE;
}

/* Elsewhere than on its port only a plain request of today's versions: no time told but the sender's own. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	if (hint)
		return is_message(toc_cursor_of(first)) ? TOC_YES : TOC_NO;
	if (first.n != HEADER || dir != TOC_ORIG)
		return TOC_NO;
	uint8_t bits = toc_u8(&c) & 0x3f;
	uint8_t stratum = toc_u8(&c);
	toc_skip(&c, 10);
	uint32_t reference = toc_be32(&c);
	uint64_t set = toc_be64(&c), org = toc_be64(&c), rec = toc_be64(&c), sent = toc_be64(&c);
	bool request = (bits == (3 << 3 | 3) || bits == (4 << 3 | 3)) && stratum == 0;
	return request && !reference && !set && !org && !rec && sent ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 123, 0 };

const struct toc_decoder toc_decoder_ntp = {
	.name = "ntp",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};
