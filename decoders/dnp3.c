/* dnp3 - application function codes over TCP and UDP (IEEE 1815, clauses 4, 8 and 9). */
#include "tocsin/decoder.h"

enum field { K_DNP3, F_FC_REQUEST, F_FC_REPLY, F_IIN };

static const struct toc_field_decl fields[] = {
	[K_DNP3] = { "dnp3", TOC_KIND, false, TOC_OPEN, NULL, "a DNP3 request and its reply, or either alone" },
	[F_FC_REQUEST] = { "fc_request", TOC_STRING, false, TOC_OPEN, NULL, "what is asked: READ, OPERATE …" },
	[F_FC_REPLY] = { "fc_reply", TOC_STRING, false, TOC_OPEN, NULL, "RESPONSE or UNSOLICITED_RESPONSE" },
	[F_IIN] = { "iin", TOC_UINT, false, TOC_OPEN, NULL, "internal indications of the device, a set of bits" },
};

enum { HEADER = 10, BLOCK = 16, CRC = 2, FIRST_FRAGMENT = 0x40, RESPONSE = 129, UNSOLICITED = 130 };

static const char *function_name(uint8_t code)
{
	static const char *const names[] = {
		"CONFIRM",
		"READ",
		"WRITE",
		"SELECT",
		"OPERATE",
		"DIRECT_OPERATE",
		"DIRECT_OPERATE_NR",
		"IMMED_FREEZE",
		"IMMED_FREEZE_NR",
		"FREEZE_CLEAR",
		"FREEZE_CLEAR_NR",
		"FREEZE_AT_TIME",
		"FREEZE_AT_TIME_NR",
		"COLD_RESTART",
		"WARM_RESTART",
		"INITIALIZE_DATA",
		"INITIALIZE_APPL",
		"START_APPL",
		"STOP_APPL",
		"SAVE_CONFIG",
		"ENABLE_UNSOLICITED",
		"DISABLE_UNSOLICITED",
		"ASSIGN_CLASS",
		"DELAY_MEASURE",
		"RECORD_CURRENT_TIME",
		"OPEN_FILE",
		"CLOSE_FILE",
		"DELETE_FILE",
		"GET_FILE_INFO",
		"AUTHENTICATE_FILE",
		"ABORT_FILE",
		"ACTIVATE_CONFIG",
		"AUTHENTICATE_REQ",
		"AUTHENTICATE_ERR",
	};
	if (code == RESPONSE)
		return "RESPONSE";
	if (code == UNSOLICITED)
		return "UNSOLICITED_RESPONSE";
	if (code == 131)
		return "AUTHENTICATE_RESP";
	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}

/* A frame's whole length: user data comes in blocks of 16, each with a check sum (clause 9.2.4). 0: no frame. */
static size_t frame_length(struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	uint16_t start = toc_be16(&c);
	uint8_t n = toc_u8(&c);
	if (c.bad || start != 0x0564 || n < 5)
		return 0;
	size_t data = n - 5u;
	return HEADER + data + (data + BLOCK - 1) / BLOCK * CRC;
}

static void take_reply(struct toc_sink *sink, uint8_t function, uint16_t iin)
{
	struct toc_draft *d = function == RESPONSE ? toc_sink_resume(sink, K_DNP3, 0) : NULL;
	if (!d)
		d = toc_sink_begin(sink, K_DNP3);
	toc_put_cstr(d, F_FC_REPLY, function_name(function));
	toc_put_uint(d, F_IIN, iin);
	toc_sink_commit(sink, d);
}

static void take_request(struct toc_sink *sink, uint8_t function)
{
	enum { CONFIRM = 0 };
	if (function == CONFIRM)
		return;
	struct toc_draft *d = toc_sink_resume(sink, K_DNP3, 0);
	if (d)
		toc_sink_commit(sink, d); /* nobody answered */
	d = toc_sink_begin(sink, K_DNP3);
	toc_put_cstr(d, F_FC_REQUEST, function_name(function));
	toc_sink_hold(sink, d, 0);
}

/* Of the first fragment the first block has all that is told: transport, control, function, indications. */
static void take_frame(struct toc_sink *sink, struct toc_span frame)
{
	struct toc_cursor c = toc_cursor_of(frame);
	toc_skip(&c, HEADER);
	toc_sink_confirm(sink, sink->flow->carrier == TOC_OVER_TCP ? "dnp3_tcp" : "dnp3_udp");
	uint8_t transport = toc_u8(&c);
	toc_skip(&c, 1);
	uint8_t function = toc_u8(&c);
	if (c.bad || !(transport & FIRST_FRAGMENT) || !function_name(function))
		return;
	if (function < RESPONSE) {
		take_request(sink, function);
		return;
	}
	uint16_t iin = toc_be16(&c);
	if (!c.bad)
		take_reply(sink, function, iin);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	(void)state;
	(void)dir;
	bool datagram = sink->flow->carrier == TOC_OVER_UDP;
	while (toc_left(in)) {
		if (toc_left(in) < 3)
			return toc_more(sink, 3);
		size_t n = frame_length(toc_rest(in));
		if (!n)
			return datagram ? TOC_MORE : TOC_BAD;
		if (toc_left(in) < n)
			return toc_more(sink, n);
		take_frame(sink, toc_take(in, n));
	}
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir;
	if (first.n < HEADER)
		return first.n && first.p[0] == 5 ? TOC_MAYBE : TOC_NO;
	size_t n = frame_length(first);
	return n && (hint || n == first.n) ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 20000, 0 };

const struct toc_decoder toc_decoder_dnp3 = {
	.name = "dnp3",
	.carriers = TOC_OVER_TCP | TOC_OVER_UDP,
	.tcp_ports = ports,
	.udp_ports = ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.hold_ns = 30 * TOC_SEC,
	.probe = probe,
	.parse = parse,
};
