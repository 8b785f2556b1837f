/* ip_presence - IP protocols that are only named: routing, and what IPsec and L2TP carry. */
#include "tocsin/decoder.h"

/* `fits` looks at the header: a number alone may be noise. */
struct protocol {
	uint8_t number;
	const char *service;
	bool (*fits)(struct toc_cursor c);
};

/* RFC 4303, section 2: indices under 256 are reserved */
static bool fits_esp(struct toc_cursor c)
{
	return toc_be32(&c) >= 256 && toc_has(&c, 4);
}

/* RFC 4302, section 2.2: length in words less two */
static bool fits_ah(struct toc_cursor c)
{
	size_t n = toc_left(&c);
	toc_skip(&c, 1);
	size_t words = toc_u8(&c);
	toc_skip(&c, 2);
	return words >= 1 && (words + 2) * 4 <= n && toc_be32(&c) >= 256;
}

/* RFC 7868, section 6.3: version 2 and an operation */
static bool fits_eigrp(struct toc_cursor c)
{
	uint8_t version = toc_u8(&c), operation = toc_u8(&c);
	return version == 2 && operation && operation < 12 && toc_has(&c, 18);
}

/* RFC 2328, section A.3.1; RFC 5340, section A.3.1 */
static bool fits_ospf(struct toc_cursor c)
{
	size_t n = toc_left(&c);
	uint8_t version = toc_u8(&c), type = toc_u8(&c);
	uint16_t length = toc_be16(&c);
	return (version == 2 || version == 3) && type >= 1 && type <= 5 && length >= 16 && length <= n;
}

/* RFC 7761, section 4.9 */
static bool fits_pim(struct toc_cursor c)
{
	uint8_t first = toc_u8(&c);
	return first >> 4 == 2 && (first & 15) < 14 && toc_has(&c, 3);
}

/* RFC 3931, section 4.1.1: a session, or zero and a control message */
static bool fits_l2tp(struct toc_cursor c)
{
	uint32_t session = toc_be32(&c);
	return session ? toc_has(&c, 4) : (toc_be16(&c) & 0xc80f) == 0xc803 && toc_has(&c, 10);
}

/* RFC 9260, section 3.1: ports, tag, checksum, a chunk */
static bool fits_sctp(struct toc_cursor c)
{
	uint16_t from = toc_be16(&c), to = toc_be16(&c);
	return from && to && toc_has(&c, 12);
}

static const struct protocol known[] = {
	{ 50, "esp", fits_esp },  { 51, "ah", fits_ah },      { 88, "eigrp", fits_eigrp }, { 89, "ospf", fits_ospf },
	{ 103, "pim", fits_pim }, { 115, "l2tp", fits_l2tp }, { 132, "sctp", fits_sctp },
};

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	(void)state;
	(void)dir;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == sink->flow->packet->ip_proto && known[i].fits(*in))
			toc_sink_confirm(sink, known[i].service);
	return TOC_MORE;
}

static const uint8_t protocols[] = { 50, 51, 88, 89, 103, 115, 132, 0 };

const struct toc_decoder toc_decoder_ip_presence = {
	.name = "ip_presence",
	.carriers = TOC_OVER_IP,
	.ip_protocols = protocols,
	.parse = parse,
};
