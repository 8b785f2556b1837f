/* modbus - function codes over TCP (MODBUS Messaging on TCP/IP 1.0b, section 3.1; Application Protocol 1.1b3, section
 * 5). */
#include "tocsin/decoder.h"

enum field { K_MODBUS, F_TID, F_UNIT, F_FUNC, F_PDU_TYPE, F_EXCEPTION };

static const struct toc_field_decl fields[] = {
	[K_MODBUS] = { "modbus", TOC_KIND, false, TOC_OPEN, NULL, "one Modbus request or response" },
	[F_TID] = { "tid", TOC_UINT, false, TOC_OPEN, NULL, "identifier that pairs them" },
	[F_UNIT] = { "unit", TOC_UINT, false, TOC_OPEN, NULL, "device behind the server" },
	[F_FUNC] = { "func", TOC_STRING, false, TOC_OPEN, NULL, "what is asked: READ_COILS, WRITE_SINGLE_REGISTER …" },
	[F_PDU_TYPE] = { "pdu_type", TOC_STRING, false, TOC_OPEN, NULL, "REQ or RESP" },
	[F_EXCEPTION] = { "exception", TOC_STRING, false, TOC_OPEN, NULL, "why it was refused" },
};

enum { HEADER = 8, PDU_MOST = 254, EXCEPTION = 0x80 };

struct state {
	uint32_t skip[2]; /* of a message */
};

struct header {
	uint16_t tid, protocol, length;
	uint8_t unit, function;
};

static const struct function {
	uint8_t code;
	const char *name;
} functions[] = {
	{ 1, "READ_COILS" },
	{ 2, "READ_DISCRETE_INPUTS" },
	{ 3, "READ_HOLDING_REGISTERS" },
	{ 4, "READ_INPUT_REGISTERS" },
	{ 5, "WRITE_SINGLE_COIL" },
	{ 6, "WRITE_SINGLE_REGISTER" },
	{ 7, "READ_EXCEPTION_STATUS" },
	{ 8, "DIAGNOSTICS" },
	{ 11, "GET_COMM_EVENT_COUNTER" },
	{ 12, "GET_COMM_EVENT_LOG" },
	{ 15, "WRITE_MULTIPLE_COILS" },
	{ 16, "WRITE_MULTIPLE_REGISTERS" },
	{ 17, "REPORT_SLAVE_ID" },
	{ 20, "READ_FILE_RECORD" },
	{ 21, "WRITE_FILE_RECORD" },
	{ 22, "MASK_WRITE_REGISTER" },
	{ 23, "READ_WRITE_MULTIPLE_REGISTERS" },
	{ 24, "READ_FIFO_QUEUE" },
	{ 43, "ENCAP_INTERFACE_TRANSPORT" },
	{ 90, "UMAS" },
};

static const char *const exceptions[] = {
	NULL,
	"ILLEGAL_FUNCTION",
	"ILLEGAL_DATA_ADDRESS",
	"ILLEGAL_DATA_VALUE",
	"SLAVE_DEVICE_FAILURE",
	"ACKNOWLEDGE",
	"SLAVE_DEVICE_BUSY",
	NULL,
	"MEMORY_PARITY_ERROR",
	NULL,
	"GATEWAY_PATH_UNAVAILABLE",
	"GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND",
};

static const char *function_name(uint8_t code)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].code == (code & ~EXCEPTION))
			return functions[i].name;
	return NULL;
}

static struct header read_header(struct toc_cursor *c)
{
	struct header h;
	h.tid = toc_be16(c);
	h.protocol = toc_be16(c);
	h.length = toc_be16(c);
	h.unit = toc_u8(c);
	h.function = toc_u8(c);
	return h;
}

static bool plausible(const struct header *h)
{
	return h->protocol == 0 && h->length >= 2 && h->length <= PDU_MOST;
}

static void put_function(struct toc_draft *d, uint8_t code)
{
	static const char unknown[] = "unknown-";
	char text[sizeof(unknown) + 3];
	const char *name = function_name(code);
	if (name && !(code & EXCEPTION)) {
		toc_put_cstr(d, F_FUNC, name);
		return;
	}
	if (name) {
		static const char suffix[] = "_EXCEPTION";
		char both[64];
		size_t n = strlen(name);
		memcpy(both, name, n);
		memcpy(both + n, suffix, sizeof(suffix) - 1);
		toc_put_str(d, F_FUNC, toc_span_of(both, n + sizeof(suffix) - 1));
		return;
	}
	size_t n = sizeof(unknown) - 1;
	memcpy(text, unknown, n);
	if (code >= 100)
		text[n++] = (char)('0' + code / 100);
	if (code >= 10)
		text[n++] = (char)('0' + code / 10 % 10);
	text[n++] = (char)('0' + code % 10);
	toc_put_str(d, F_FUNC, toc_span_of(text, n));
}

static void tell(struct toc_sink *sink, const struct header *h, enum toc_dir dir, uint8_t exception)
{
	struct toc_draft *d = toc_sink_begin(sink, K_MODBUS);
	toc_put_uint(d, F_TID, h->tid);
	toc_put_uint(d, F_UNIT, h->unit);
	put_function(d, h->function);
	toc_put_cstr(d, F_PDU_TYPE, dir == TOC_ORIG ? "REQ" : "RESP");
	if (h->function & EXCEPTION)
		toc_put_cstr(d, F_EXCEPTION,
			     exception < sizeof(exceptions) / sizeof(exceptions[0]) && exceptions[exception]
				     ? exceptions[exception]
				     : "unknown");
	toc_sink_commit(sink, d);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	for (;;) {
		size_t skip = s->skip[dir] < toc_left(in) ? s->skip[dir] : toc_left(in);
		toc_skip(in, skip);
		s->skip[dir] -= (uint32_t)skip;
		if (s->skip[dir] || !toc_left(in))
			return TOC_MORE;
		struct toc_cursor look = *in;
		struct header h = read_header(&look);
		if (look.bad)
			return toc_more(sink, HEADER);
		if (!plausible(&h) || (dir == TOC_ORIG && h.function & EXCEPTION))
			return TOC_BAD;
		struct toc_cursor peek = look;
		uint8_t exception = h.function & EXCEPTION ? toc_u8(&peek) : 0;
		if (peek.bad)
			return toc_more(sink, HEADER + 1);
		*in = look;
		s->skip[dir] = h.length - 2u;
		toc_sink_confirm(sink, NULL);
		tell(sink, &h, dir, exception);
	}
}

/* Its zeroes are common: only on its port. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	struct header h = read_header(&c);
	if (c.bad)
		return hint ? TOC_MAYBE : TOC_NO;
	if (!plausible(&h) || !h.function || (dir == TOC_ORIG && h.function & EXCEPTION))
		return TOC_NO;
	return hint ? TOC_YES : TOC_NO;
}

static const uint16_t tcp_ports[] = { 502, 0 };

const struct toc_decoder toc_decoder_modbus = {
	.name = "modbus",
	.carriers = TOC_OVER_TCP,
	.tcp_ports = tcp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
