/* presence_udp - datagrams of protocols that are only named, by their published descriptions. */
#include "decoders/presence.h"

/* RFC 2661, section 3.1: the length is the datagram's; the first AVP is the message's type */
static enum toc_probe check_l2tp(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 2));
	return toc_be16(&c) == s.n ? TOC_YES : TOC_NO;
}

/* ASHRAE 135, annex J: BVLC with the datagram's length, then NPDU of version 1 */
static enum toc_probe check_bacnet(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 1));
	uint8_t function = toc_u8(&c);
	uint16_t n = toc_be16(&c);
	toc_skip(&c, function == 4 ? 6 : 0);
	return n == s.n && (function == 4 || function == 9 || function == 10 || function == 11) && toc_u8(&c) == 1 &&
			       !c.bad
		       ? TOC_YES
		       : TOC_NO;
}

/* KNXnet/IP: header of six bytes, version 1.0, the datagram's length */
static enum toc_probe check_knx(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 2));
	uint16_t service = toc_be16(&c);
	return toc_be16(&c) == s.n && service >= 0x200 && service < 0x800 ? TOC_YES : TOC_NO;
}

/* NetFlow version 5: header of 24 bytes, records of 48 */
static enum toc_probe check_netflow5(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 2));
	uint16_t n = toc_be16(&c);
	return n && n <= 30 && s.n >= 24 ? TOC_YES : TOC_NO;
}

/* RFC 7011, section 3.1: the datagram's length */
static enum toc_probe check_ipfix(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 2));
	uint16_t n = toc_be16(&c);
	toc_skip(&c, 12);
	uint16_t set = toc_be16(&c);
	return (n == s.n || s.n == PRESENCE_LOOK) && (set == 2 || set == 3 || set >= 256) ? TOC_YES : TOC_NO;
}

/* C706, section 12.5: connectionless calls, version 4; the header tells the length of the body and its byte order */
static enum toc_probe check_rpc(struct toc_span s)
{
	bool little = s.p[4] & 0x10;
	unsigned first = s.p[74], second = s.p[75], body = little ? second << 8 | first : first << 8 | second;
	return s.p[1] <= 10 && (s.p[4] & 0xe0) == 0 && (s.n == 80 + body || s.n == PRESENCE_LOOK) ? TOC_YES : TOC_NO;
}

/* RustDesk's rendezvous.proto: RegisterPeer holds the identifier, nine digits or so */
static enum toc_probe check_rustdesk(struct toc_span s)
{
	uint8_t n = s.p[3];
	if (s.p[1] != s.n - 2 || n < 6 || n > 16 || n + 4u > s.n)
		return TOC_NO;
	for (size_t i = 4; i < 4u + n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return TOC_NO;
	return TOC_YES;
}

/* Kademlia of eMule: the request names how many contacts it wants, a key and a check value */
static enum toc_probe check_kad(struct toc_span s)
{
	return s.p[2] == 2 || s.p[2] == 4 || s.p[2] == 11 ? TOC_YES : TOC_NO;
}

/* RFC 7252, section 3: version 1, a confirmable GET, POST, PUT or DELETE whose first option is Uri-Host, Uri-Path … */
static enum toc_probe check_coap(struct toc_span s)
{
	unsigned token = s.p[0] & 15u;
	if (token > 8 || s.n < 5u + token)
		return TOC_NO;
	unsigned delta = s.p[4 + token] >> 4, n = s.p[4 + token] & 15u;
	return (delta == 3 || delta == 6 || delta == 11) && n && n < 13 && 5 + token + n <= s.n ? TOC_YES : TOC_NO;
}

static enum toc_probe check_coap_reply(struct toc_span s)
{
	unsigned class = s.p[1] >> 5;
	return class == 2 || class == 4 || class == 5 ? TOC_YES : TOC_NO;
}

/* SOAP over UDP (OASIS): the only protocol that puts envelopes into datagrams is WS-Discovery, by which printers are
 * found */
static enum toc_probe check_soap(struct toc_span s)
{
	static const char envelope[] = "Envelope ";
	for (size_t i = 0; i + sizeof(envelope) - 1 <= s.n; i++)
		if (memcmp(s.p + i, envelope, sizeof(envelope) - 1) == 0)
			return TOC_YES;
	return TOC_NO;
}

#define TEAMVIEWER                                                                                                     \
	{                                                                                                              \
		PRESENCE_BYTES("\0\0\0\0\0\0\0\0\0\0\0\x17\x24"),                                                      \
			.mask = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\xff\xff", .least = 16                      \
	}
#define RAKNET_MAGIC "\0\xff\xff\0\xfe\xfe\xfe\xfe\xfd\xfd\xfd\xfd\x12\x34\x56\x78"

const struct presence presence_udp_signatures[] = {
	/* VPN, remote control, file sharing */
	{ .service = "l2tp", /* Start-Control-Connection-Request and its reply */
	  { PRESENCE_BYTES("\xc8\2\0\0\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\1"),
	    .mask = "\xff\xff\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	    .check = check_l2tp },
	  { PRESENCE_BYTES("\xc8\2"), .least = 12, .check = check_l2tp } },
	{ .service = "softether", /* what its own NAT traversal asks, and where it is seen to come from */
	  { PRESENCE_BYTES("A"), .least = 1, .most = 1 },
	  { PRESENCE_BYTES("IP="), .least = 14, .most = 60 } },
	{ .service = "softether",
	  { PRESENCE_BYTES("B"), .least = 1, .most = 1 },
	  { PRESENCE_BYTES("IP="), .least = 14, .most = 40 } },
	{ .service = "syncthing", { PRESENCE_BYTES("\x2e\xa7\xd9\x0b\x0a\x20"), .least = 38 }, { 0 }, .either = true },
	{ .service = "edonkey",
	  { PRESENCE_BYTES("\xe4\x21"), .least = 35, .most = 35, .check = check_kad },
	  { PRESENCE_BYTES("\xe4\x29"), .least = 19 } },
	{ .service = "edonkey",
	  { PRESENCE_BYTES("\xe4\1"), .least = 2, .most = 2 },
	  { PRESENCE_BYTES("\xe4\x09"), .least = 21 } },
	{ .service = "gnutella",
	  { PRESENCE_BYTES("GND"), .least = 8 },
	  { PRESENCE_BYTES("GND"), .least = 8 },
	  .either = true },
	{ .service = "rustdesk",
	  { PRESENCE_BYTES("\x32\0\x0a"), .mask = "\xff\0\xff", .least = 10, .most = 64, .check = check_rustdesk },
	  { PRESENCE_BYTES("\x3a"), .least = 2, .most = 8 } },
	{ .service = "teamviewer", TEAMVIEWER, TEAMVIEWER, .either = true },
	{ .service = "rdp", /* MS-RDPEUDP, section 2.2.1: SYN, and SYN with ACK; both padded */
	  { PRESENCE_BYTES("\xff\xff\xff\xff\0\0\0\1"), .mask = "\xff\xff\xff\xff\0\0\0\5", .least = 1000,
	    .most = 1500 },
	  { .offset = 6, PRESENCE_BYTES("\0\5"), .mask = "\0\5", .least = 1000, .most = 1500 } },
	{ .service = "dnscrypt", /* version 2: the resolver's magic; a client's is its own */
	  { PRESENCE_BYTES("r6fnvWj8"), .least = 48 },
	  { .least = 256, .most = 1500 },
	  .server_first = true,
	  .after_noise = true },
	/* names and services of a site */
	{ .service = "ssdp", { PRESENCE_BYTES("M-SEARCH * HTTP/1.1\r\n") }, { 0 }, .either = true },
	{ .service = "ssdp", { PRESENCE_BYTES("NOTIFY * HTTP/1.1\r\n") }, { 0 }, .either = true },
	{ .service = "ssdp",
	  { PRESENCE_BYTES("HTTP/1.1 200 OK\r\n") },
	  { 0 },
	  .either = true }, /* who was found: a flow of its own */
	{ .service = "ws-discovery",
	  { PRESENCE_BYTES("<?xml "), .least = 64, .check = check_soap },
	  { 0 },
	  .either = true },
	{ .service = "dce_rpc", /* PROFINET's interfaces, IEC 61158-6-10; the answer comes in another flow */
	  { .offset = 24,
	    PRESENCE_BYTES("\xde\xa0\0\0\x6c\x97\x11\xd1\x82\x71\0\xa0\x24\x42\xdf\x7d"),
	    .mask = "\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	    .least = 80,
	    .check = check_rpc },
	  { 0 },
	  .either = true },
	{ .service = "dce_rpc",
	  { .offset = 24,
	    PRESENCE_BYTES("\0\0\xa0\xde\x97\x6c\xd1\x11\x82\x71\0\xa0\x24\x42\xdf\x7d"),
	    .mask = "\xf0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	    .least = 80,
	    .check = check_rpc },
	  { 0 },
	  .either = true },
	{ .service = "dce_rpc",
	  { PRESENCE_BYTES("\4\0\0\0\0\0\0"), .mask = "\xff\xf0\0\0\xef\xff\xff", .least = 80, .check = check_rpc },
	  { PRESENCE_BYTES("\4\0\0\0\0\0\0"), .mask = "\xff\xf0\0\0\xef\xff\xff", .least = 80, .check = check_rpc },
	  .either = true },
	{ .service = "nat_pmp",
	  { PRESENCE_BYTES("\0\0"), .least = 2, .most = 2 },
	  { PRESENCE_BYTES("\0\x80\0"), .least = 12, .most = 12 } },
	{ .service = "pcp", { PRESENCE_BYTES("\2\1\0\0"), .least = 60 }, { PRESENCE_BYTES("\2\x81"), .least = 60 } },
	{ .service = "slp", { PRESENCE_BYTES("\2\1\0"), .least = 16 }, { PRESENCE_BYTES("\2\2\0"), .least = 16 } },
	{ .service = "bjnp", { PRESENCE_BYTES("BJNP\1"), .least = 16 }, { 0 }, .either = true },
	{ .service = "bjnp", { PRESENCE_BYTES("BJNP\2"), .least = 16 }, { 0 }, .either = true },
	{ .service = "xdmcp",
	  { PRESENCE_BYTES("\0\1\0\2\0\1\0"), .least = 7, .most = 7 },
	  { PRESENCE_BYTES("\0\1\0\5") } },
	/* routers and what watches them */
	{ .service = "netflow", { PRESENCE_BYTES("\0\5\0"), .least = 72, .check = check_netflow5 }, { 0 } },
	{ .service = "netflow", { PRESENCE_BYTES("\0\x0a"), .least = 20, .check = check_ipfix }, { 0 } },
	{ .service = "sflow", { PRESENCE_BYTES("\0\0\0\5\0\0\0\1"), .least = 28 }, { 0 } },
	{ .service = "bfd",
	  { PRESENCE_BYTES("\x20\0\0\x18"), .mask = "\xe0\0\0\xff", .least = 24, .most = 24 },
	  { PRESENCE_BYTES("\x20\0\0\x18"), .mask = "\xe0\0\0\xff", .least = 24, .most = 24 } },
	/* plants and buildings */
	{ .service = "bacnet", { PRESENCE_BYTES("\x81"), .least = 8, .check = check_bacnet }, { 0 }, .either = true },
	{ .service = "knx", { PRESENCE_BYTES("\6\x10"), .least = 8, .check = check_knx }, { 0 }, .either = true },
	{ .service = "coap",
	  { PRESENCE_BYTES("\x40\0"), .mask = "\xf0\xf8", .least = 7, .check = check_coap },
	  { PRESENCE_BYTES("\x40"), .mask = "\xc0", .least = 4, .check = check_coap_reply } },
	{ .service = "enip",
	  { PRESENCE_BYTES("\x63\0\0\0\0\0\0\0\0\0\0\0"), .least = 24, .most = 24 },
	  { PRESENCE_BYTES("\x63\0"), .least = 24 } },
	/* talk and games */
	{ .service = "teamspeak",
	  { PRESENCE_BYTES("TS3INIT1"), .least = 18 },
	  { PRESENCE_BYTES("TS3INIT1") },
	  .either = true },
	{ .service = "discord",
	  { PRESENCE_BYTES("\0\1\0\x46"), .least = 74, .most = 74 },
	  { PRESENCE_BYTES("\0\2\0\x46"), .least = 74, .most = 74 } },
	{ .service = "source_engine",
	  { PRESENCE_BYTES("\xff\xff\xff\xff\x54Source Engine Query\0") },
	  { 0 },
	  .either = true },
	{ .service = "steam",
	  { PRESENCE_BYTES("VS01"), .least = 36 },
	  { PRESENCE_BYTES("VS01"), .least = 36 },
	  .either = true },
	{ .service = "steam", { PRESENCE_BYTES("\xff\xff\xff\xff\x21\x4c\x5f\xa0") }, { 0 }, .either = true },
	{ .service = "quake",
	  { PRESENCE_BYTES("\xff\xff\xff\xffgetinfo") },
	  { PRESENCE_BYTES("\xff\xff\xff\xffinfoResponse") } },
	{ .service = "quake",
	  { PRESENCE_BYTES("\xff\xff\xff\xffgetstatus") },
	  { PRESENCE_BYTES("\xff\xff\xff\xffstatusResponse") } },
	{ .service = "quake",
	  { PRESENCE_BYTES("\xff\xff\xff\xffgetchallenge") },
	  { PRESENCE_BYTES("\xff\xff\xff\xff") } },
	{ .service = "raknet", { .offset = 1, PRESENCE_BYTES(RAKNET_MAGIC), .least = 18 }, { 0 } },
	{ .service = "raknet", { .offset = 9, PRESENCE_BYTES(RAKNET_MAGIC), .least = 25 }, { 0 }, .either = true },
	{ 0 },
};
