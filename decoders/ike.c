/* ike - IKE versions 1 and 2, and ESP inside UDP (RFC 2408, RFC 7296, RFC 3948); ESP and AH over IP: ipsec.c. */
#include "tocsin/decoder.h"

enum field { K_IKE, F_VERSION, F_EXCHANGE, F_INITIATOR_SPI, F_RESPONDER_SPI, F_RESPONSE, F_ENCRYPTED };

static const struct toc_field_decl fields[] = {
	[K_IKE] = { "ike", TOC_KIND, false, TOC_OPEN, NULL, "a message of an IKE negotiation; at most 16 a flow" },
	[F_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL, "1.0 or 2.0" },
	[F_EXCHANGE] = { "exchange_type", TOC_STRING, false, TOC_OPEN, NULL,
			 "IKE_SA_INIT, main mode, aggressive mode …" },
	[F_INITIATOR_SPI] = { "initiator_spi", TOC_STRING, false, TOC_OPEN, NULL, "who began: its index, in hex" },
	[F_RESPONDER_SPI] = { "responder_spi", TOC_STRING, false, TOC_OPEN, NULL, "who answers: its index, in hex" },
	[F_RESPONSE] = { "is_response", TOC_BOOL, false, TOC_OPEN, NULL, "version 2: it answers" },
	[F_ENCRYPTED] = { "encrypted", TOC_BOOL, false, TOC_OPEN, NULL, "the payloads cannot be read" },
};

enum { HEADER = 28, NAT_PORT = 4500, TOLD_MOST = 16, ENCRYPTED_PAYLOAD = 46 };

struct state {
	uint8_t told;
	bool negotiated, esp[2];
	uint32_t spi[2]; /* of ESP, a direction: the same once more, and the flow is ESP's */
};

struct header {
	struct toc_span initiator, responder;
	uint8_t next, version, exchange, flags;
	uint32_t length;
};

static const struct exchange {
	uint8_t version, code;
	const char *name;
} exchanges[] = {
	{ 1, 0, "none" },
	{ 1, 1, "base" },
	{ 1, 2, "main mode" },
	{ 1, 3, "authentication only" },
	{ 1, 4, "aggressive mode" },
	{ 1, 5, "informational" },
	{ 1, 6, "transaction" },
	{ 1, 32, "quick mode" },
	{ 1, 33, "new group mode" },
	{ 2, 34, "IKE_SA_INIT" },
	{ 2, 35, "IKE_AUTH" },
	{ 2, 36, "CREATE_CHILD_SA" },
	{ 2, 37, "INFORMATIONAL" },
	{ 2, 38, "IKE_SESSION_RESUME" },
	{ 2, 43, "IKE_INTERMEDIATE" },
	{ 2, 44, "IKE_FOLLOWUP_KE" },
};

static const char *exchange_name(const struct header *h)
{
	for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++)
		if (exchanges[i].version == h->version >> 4 && exchanges[i].code == h->exchange)
			return exchanges[i].name;
	return NULL;
}

static bool is_zero(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

static bool read_header(struct header *h, struct toc_cursor c)
{
	size_t n = toc_left(&c);
	h->initiator = toc_take(&c, 8);
	h->responder = toc_take(&c, 8);
	h->next = toc_u8(&c);
	h->version = toc_u8(&c);
	h->exchange = toc_u8(&c);
	h->flags = toc_u8(&c);
	toc_skip(&c, 4);
	h->length = toc_be32(&c);
	return !c.bad && exchange_name(h) && !is_zero(h->initiator) && h->length >= HEADER && h->length <= n;
}

static void put_hex(struct toc_draft *d, unsigned field, struct toc_span v)
{
	static const char digits[] = "0123456789abcdef";
	char text[16];
	for (size_t i = 0; i < 8; i++) {
		text[2 * i] = digits[v.p[i] >> 4];
		text[2 * i + 1] = digits[v.p[i] & 15];
	}
	toc_put_str(d, field, toc_span_of(text, sizeof(text)));
}

static void take_message(struct state *s, const struct header *h, struct toc_sink *sink)
{
	bool v2 = h->version >> 4 == 2;
	toc_sink_confirm(sink, "ike");
	s->negotiated = true;
	if (s->told++ >= TOLD_MOST) {
		s->told = TOLD_MOST;
		return;
	}
	struct toc_draft *d = toc_sink_begin(sink, K_IKE);
	toc_put_cstr(d, F_VERSION, v2 ? "2.0" : "1.0");
	toc_put_cstr(d, F_EXCHANGE, exchange_name(h));
	put_hex(d, F_INITIATOR_SPI, h->initiator);
	if (!is_zero(h->responder))
		put_hex(d, F_RESPONDER_SPI, h->responder);
	if (v2)
		toc_put_bool(d, F_RESPONSE, (h->flags & 0x20) != 0);
	toc_put_bool(d, F_ENCRYPTED, v2 ? h->next == ENCRYPTED_PAYLOAD || h->next == 53 : h->flags & 1);
	toc_sink_commit(sink, d);
}

/* ESP has no mark: an index that stays the same while the number behind it grows. */
static void take_esp(struct state *s, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	uint32_t spi = toc_be32(in);
	if (in->bad || spi < 256)
		return;
	if (s->negotiated || (s->esp[dir] && s->spi[dir] == spi))
		toc_sink_confirm(sink, "esp");
	s->esp[dir] = true;
	s->spi[dir] = spi;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	const struct toc_flow_info *f = sink->flow;
	struct toc_cursor look = *in;
	struct header h;
	if (f->orig_port == NAT_PORT || f->resp_port == NAT_PORT) {
		uint32_t marker = toc_be32(&look);
		if (look.bad) /* one byte of 0xff keeps an address translator awake */
			return TOC_MORE;
		if (marker) {
			take_esp(state, in, dir, sink);
			return TOC_MORE;
		}
		*in = look;
	}
	if (read_header(&h, *in))
		take_message(state, &h, sink);
	return TOC_MORE;
}

/* On port 4500 the flow may begin with ESP. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first), behind = c;
	struct header h;
	(void)dir;
	if (read_header(&h, c))
		return hint || (h.length == first.n && is_zero(h.responder)) ? TOC_YES : TOC_NO;
	if (!hint)
		return TOC_NO;
	uint32_t marker = toc_be32(&behind);
	if (first.n == 1 && first.p[0] == 0xff)
		return TOC_MAYBE;
	if (behind.bad || first.n < 16)
		return TOC_NO;
	if (marker == 0)
		return read_header(&h, behind) ? TOC_YES : TOC_NO;
	return marker >= 256 ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 500, 4500, 0 };

const struct toc_decoder toc_decoder_ike = {
	.name = "ike",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
