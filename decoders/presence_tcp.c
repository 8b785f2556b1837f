/* presence_tcp - what protocols over TCP say first, by their published descriptions. */
#include "decoders/presence.h"

static bool contains(struct toc_span s, const char *text)
{
	size_t n = strlen(text);
	for (; s.n >= n; s = toc_span_from(s, 1)) {
		if (memcmp(s.p, text, n) == 0)
			return true;
		if (s.n == n)
			break;
	}
	return false;
}

/* tinc's manual, "The meta-protocol": "0 name 17[.minor]", a line */
static enum toc_probe check_tinc(struct toc_span s)
{
	size_t end = toc_span_find(s, '\n'), i = 2;
	while (i < end && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
			   (s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '_'))
		i++;
	if (i < end && s.p[i] != ' ')
		return TOC_NO;
	if (end == s.n)
		return TOC_MAYBE;
	struct toc_span version = toc_span_from(toc_span_first(s, end), i);
	return i > 2 && toc_span_starts(version, " 17") && version.n <= 7 && (version.n == 3 || version.p[3] == '.')
		       ? TOC_YES
		       : TOC_NO;
}

/* TeamViewer marks each message with one of two pairs of bytes. */
static enum toc_probe check_teamviewer(struct toc_span s)
{
	return toc_span_starts(s, "\x17\x24") || toc_span_starts(s, "\x11\x30") ? TOC_YES : TOC_NO;
}

/* Stratum: JSON-RPC, a line each; its methods are those of pools and of nothing else. */
static enum toc_probe check_stratum(struct toc_span s)
{
	size_t end = toc_span_find(s, '\n');
	struct toc_span line = toc_span_first(s, end);
	bool method = contains(line, "\"mining.subscribe\"") || contains(line, "\"mining.authorize\"") ||
		      contains(line, "\"mining.configure\"") || contains(line, "\"eth_submitLogin\"") ||
		      contains(line, "\"eth_submitWork\"");
	bool login = contains(line, "\"login\"") && contains(line, "\"method\"") && contains(line, "\"pass\"") &&
		     (contains(line, "\"agent\"") || contains(line, "\"algo\""));
	if (method || login)
		return TOC_YES;
	return end == s.n && s.n < PRESENCE_LOOK ? TOC_MAYBE : TOC_NO;
}

/* Bitcoin's developer reference, "Message headers": network, command padded with NUL */
static enum toc_probe check_bitcoin(struct toc_span s)
{
	static const char *const commands[] = { "version",   "verack",	  "addr",	"addrv2",      "inv",
						"getdata",   "getblocks", "getheaders", "tx",	       "block",
						"headers",   "ping",	  "pong",	"sendheaders", "sendcmpct",
						"feefilter", "getaddr",	  "notfound" };
	struct toc_span command = toc_span_first(toc_span_from(s, 4), 12);
	size_t end = toc_span_find(command, 0);
	for (size_t i = end; i < command.n; i++)
		if (command.p[i])
			return TOC_NO;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (toc_span_is(toc_span_first(command, end), commands[i]))
			return TOC_YES;
	return TOC_NO;
}

/* eMule's protocol: mark, length, opcode 1 (hello), 16 = length of the hash that follows */
static enum toc_probe check_edonkey(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 1));
	uint32_t n = toc_le32(&c);
	return n >= 20 && n < 1024 ? TOC_YES : TOC_NO;
}

/* RFC 1006 over it, and of ISO 8073 a connection request or confirmation: lengths agree */
static enum toc_probe check_cotp(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 2));
	uint16_t n = toc_be16(&c);
	uint8_t indicator = toc_u8(&c);
	/* S7: the parameter "TPDU size" or the selectors, and the class is 0 */
	toc_skip(&c, 5);
	uint8_t class = toc_u8(&c), parameter = toc_u8(&c);
	return n == indicator + 5u && n >= 14 && n < 64 && class == 0 && parameter >= 0xc0 && parameter <= 0xc2
		       ? TOC_YES
		       : TOC_NO;
}

/* MS-TDS, section 2.2.6.5: prelogin, its options lie where the first says */
static enum toc_probe check_tds(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 2));
	uint16_t n = toc_be16(&c);
	toc_skip(&c, 4);
	uint8_t token = toc_u8(&c);
	uint16_t at = toc_be16(&c), length = toc_be16(&c);
	return n > 26 && n < 512 && token == 0 && at < 64 && length == 6 ? TOC_YES : TOC_NO;
}

/* MongoDB's wire protocol: length, ids, OP_QUERY or OP_MSG */
static enum toc_probe check_mongo(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(s);
	uint32_t n = toc_le32(&c);
	toc_skip(&c, 8);
	uint32_t op = toc_le32(&c), flags = toc_le32(&c);
	if (n < 26 || n > (1 << 20))
		return TOC_NO;
	return (op == 2004 && contains(s, ".$cmd")) || (op == 2013 && flags < 2) ? TOC_YES : TOC_NO;
}

static enum toc_probe check_mongo_reply(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 12));
	uint32_t op = toc_le32(&c);
	return op == 1 || op == 2013 ? TOC_YES : TOC_NO;
}

/* Oracle's TNS: length, checksum, type 1 (connect) or 2, 4, 5, 11 (accept, refuse, redirect, resend) */
static enum toc_probe check_tns(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(s);
	uint16_t n = toc_be16(&c);
	toc_skip(&c, 6);
	uint16_t version = toc_be16(&c), lowest = toc_be16(&c);
	return n >= 58 && n < 4096 && version >= 300 && version < 400 && lowest <= version ? TOC_YES : TOC_NO;
}

static enum toc_probe check_tns_reply(struct toc_span s)
{
	uint8_t type = s.p[4];
	return type == 2 || type == 4 || type == 5 || type == 11 ? TOC_YES : TOC_NO;
}

/* RFC 6733, section 3: version 1, length, a request of Capabilities-Exchange */
static enum toc_probe check_diameter(struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(toc_span_from(s, 1));
	uint32_t n = toc_be24(&c);
	return n >= 20 && n % 4 == 0 && n < 65536 ? TOC_YES : TOC_NO;
}

/* RTMP 1.0, section 5.2: version 3, time, four zero bytes (or a version) and random ones */
static enum toc_probe check_rtmp(struct toc_span s)
{
	struct toc_span zero = toc_span_first(toc_span_from(s, 5), 4);
	return zero.p[0] == 0 || zero.p[0] == 9 || zero.p[0] == 10 || zero.p[0] == 0x80 ? TOC_YES : TOC_NO;
}

const struct presence presence_tcp_signatures[] = {
	/* VPN and remote control */
	{ .service = "tinc",
	  { PRESENCE_BYTES("0 "), .check = check_tinc },
	  { PRESENCE_BYTES("0 "), .check = check_tinc } },
	{ .service = "pptp", /* RFC 2637, section 2.1: magic cookie, start of the control connection */
	  { .offset = 2, PRESENCE_BYTES("\0\1\x1a\x2b\x3c\x4d\0\1\0\0") },
	  { .offset = 2, PRESENCE_BYTES("\0\1\x1a\x2b\x3c\x4d\0\2") } },
	{ .service = "sstp",
	  { PRESENCE_BYTES("SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1") },
	  { 0 } },
	{ .service = "teamviewer",
	  { .least = 5, .check = check_teamviewer },
	  { .least = 2, .check = check_teamviewer },
	  .either = true },
	{ .service = "radmin", { PRESENCE_BYTES("\1\0\0\0\1\0\0\0\x08\x08") }, { PRESENCE_BYTES("\1\0\0\0") } },
	{ .service = "nomachine", { PRESENCE_BYTES("NXSH-") }, { PRESENCE_BYTES("NXD-") } },
	/* what shells say when they start without a terminal: their output is a connection */
	{ .service = "shell_prompt",
	  { PRESENCE_BYTES("bash: cannot set terminal process group") },
	  { 0 },
	  .either = true },
	{ .service = "shell_prompt", { PRESENCE_BYTES("bash: no job control in this shell") }, { 0 }, .either = true },
	{ .service = "shell_prompt", { PRESENCE_BYTES("sh: no job control in this shell") }, { 0 }, .either = true },
	{ .service = "shell_prompt",
	  { PRESENCE_BYTES("/bin/sh: 0: can't access tty; job control") },
	  { 0 },
	  .either = true },
	{ .service = "shell_prompt",
	  { PRESENCE_BYTES("/bin/sh: can't access tty; job control") },
	  { 0 },
	  .either = true },
	{ .service = "shell_prompt", { PRESENCE_BYTES("Microsoft Windows [Version ") }, { 0 }, .either = true },
	{ .service = "shell_prompt", { PRESENCE_BYTES("Windows PowerShell\r\nCopyright") }, { 0 }, .either = true },
	{ .service = "shell_prompt", { PRESENCE_BYTES("Windows PowerShell running as user ") }, { 0 }, .either = true },
	/* file sharing */
	{ .service = "gnutella", { PRESENCE_BYTES("GNUTELLA CONNECT/0.") }, { 0 } },
	{ .service = "edonkey",
	  { PRESENCE_BYTES("\xe3\0\0\0\0\1\x10"), .mask = "\xff\0\0\xff\xff\xff\xff", .check = check_edonkey },
	  { PRESENCE_BYTES("\xe3\0\0\0\0"), .mask = "\xd9\0\0\xff\xff" } },
	{ .service = "direct_connect", { PRESENCE_BYTES("$Lock EXTENDEDPROTOCOL") }, { 0 }, .either = true },
	{ .service = "direct_connect", { PRESENCE_BYTES("HSUP ADBAS0 ") }, { 0 } },
	{ .service = "syncthing_relay",
	  { PRESENCE_BYTES("\x9e\x79\xbc\x40\0\0\0") },
	  { PRESENCE_BYTES("\x9e\x79\xbc\x40") } },
	/* mining, crypto-currencies */
	{ .service = "stratum", { PRESENCE_BYTES("{"), .check = check_stratum }, { 0 } },
	{ .service = "stratum",
	  { PRESENCE_BYTES("\1\x21\1\1\1\1\1\1"), .least = 33 },
	  { 0 },
	  .either = true }, /* Monero's levin */
	{ .service = "bitcoin",
	  { PRESENCE_BYTES("\xf9\xbe\xb4\xd9"), .least = 24, .check = check_bitcoin },
	  { 0 },
	  .either = true },
	{ .service = "bitcoin",
	  { PRESENCE_BYTES("\x0b\x11\x09\x07"), .least = 24, .check = check_bitcoin },
	  { 0 },
	  .either = true },
	/* databases and queues */
	{ .service = "mssql",
	  { PRESENCE_BYTES("\x12\1"), .least = 13, .check = check_tds },
	  { PRESENCE_BYTES("\4\1") } },
	{ .service = "memcached", { PRESENCE_BYTES("stats\r\n") }, { PRESENCE_BYTES("STAT ") } },
	{ .service = "memcached", { PRESENCE_BYTES("version\r\n") }, { PRESENCE_BYTES("VERSION ") } },
	{ .service = "amqp", { PRESENCE_BYTES("AMQP\0\0\x09\1") }, { 0 } },
	{ .service = "amqp", { PRESENCE_BYTES("AMQP\0\1\0\0") }, { PRESENCE_BYTES("AMQP\0\1\0\0") } },
	{ .service = "amqp", { PRESENCE_BYTES("AMQP\3\1\0\0") }, { PRESENCE_BYTES("AMQP\3\1\0\0") } },
	{ .service = "nats",
	  { PRESENCE_BYTES("INFO {\"server_") },
	  { PRESENCE_BYTES("CONNECT {") },
	  .server_first = true },
	{ .service = "stomp", { PRESENCE_BYTES("CONNECT\naccept-version:") }, { PRESENCE_BYTES("CONNECTED\n") } },
	{ .service = "stomp", { PRESENCE_BYTES("CONNECT\nlogin:") }, { PRESENCE_BYTES("CONNECTED\n") } },
	{ .service = "zabbix", { PRESENCE_BYTES("ZBXD\1") }, { PRESENCE_BYTES("ZBXD\1") } },
	{ .service = "ceph", { PRESENCE_BYTES("ceph v") }, { PRESENCE_BYTES("ceph v") }, .either = true },
	/* files, sources, pictures */
	{ .service = "rsync", { PRESENCE_BYTES("@RSYNCD: ") }, { PRESENCE_BYTES("@RSYNCD: ") }, .either = true },
	{ .service = "git", { .offset = 4, PRESENCE_BYTES("git-upload-pack /") }, { 0 } },
	{ .service = "git", { .offset = 4, PRESENCE_BYTES("git-receive-pack /") }, { 0 } },
	{ .service = "svn",
	  { PRESENCE_BYTES("( success ( 2 2 ( ") },
	  { PRESENCE_BYTES("( 2 ( ") },
	  .server_first = true },
	{ .service = "afp",
	  { PRESENCE_BYTES("\0\3\0\1\0\0\0\0"), .least = 16 },
	  { PRESENCE_BYTES("\1\3\0\1\0\0\0\0") } },
	{ .service = "afp",
	  { PRESENCE_BYTES("\0\4\0\1\0\0\0\0"), .least = 16 },
	  { PRESENCE_BYTES("\1\4\0\1\0\0\0\0") } },
	{ .service = "rtmp",
	  { PRESENCE_BYTES("\3"), .least = 12, .check = check_rtmp },
	  { PRESENCE_BYTES("\3"), .least = 1537 } },
	{ .service = "distcc", { PRESENCE_BYTES("DIST00000001ARGC") }, { 0 } },
	/* routing and operators */
	{ .service = "bgp",
	  { PRESENCE_BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\1\4"),
	    .mask = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0\0\xf8\xff" },
	  { 0 },
	  .either = true },
	{ .service = "bgp",
	  { PRESENCE_BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\4") },
	  { 0 },
	  .either = true },
	{ .service = "diameter",
	  { PRESENCE_BYTES("\1\0\0\0\x80\0\1\1\0\0\0\0"), .mask = "\xff\xff\0\0\x80\xff\xff\xff\xff\xff\xff\xff",
	    .least = 20, .check = check_diameter },
	  { PRESENCE_BYTES("\1\0\0\0\0\0\1\1"), .mask = "\xff\xff\0\0\x80\xff\xff\xff" } },
	{ .service = "openflow",
	  { PRESENCE_BYTES("\1\0\0\x08"), .mask = "\xf8\xff\xff\xff", .least = 8 },
	  { PRESENCE_BYTES("\1\0\0\x08"), .mask = "\xf8\xff\xff\xff", .least = 8 },
	  .either = true },
	/* plants and buildings */
	{ .service = "s7comm",
	  { PRESENCE_BYTES("\3\0\0\0\0\xe0\0\0"), .mask = "\xff\xff\xff\0\0\xff\xff\xff", .least = 14,
	    .check = check_cotp },
	  { PRESENCE_BYTES("\3\0\0\0\0\xd0"), .mask = "\xff\xff\xff\0\0\xff" } },
	{ .service = "enip",
	  { PRESENCE_BYTES("\x65\0\4\0\0\0\0\0\0\0\0\0"), .least = 28 },
	  { PRESENCE_BYTES("\x65\0\4\0"), .least = 28 } }, /* ODVA: RegisterSession */
	{ .service = "iec104", { PRESENCE_BYTES("\x68\4\x07\0\0\0") }, { PRESENCE_BYTES("\x68\4\x0b\0\0\0") } },
	{ .service = "opcua", { PRESENCE_BYTES("HELF"), .least = 32 }, { PRESENCE_BYTES("ACKF"), .least = 28 } },
	{ .service = "hislip", { PRESENCE_BYTES("HS\0\0"), .least = 16 }, { PRESENCE_BYTES("HS\1"), .least = 16 } },
	/* talk and games */
	{ .service = "xmpp", { PRESENCE_BYTES("<?xml version='1.0'?><stream:stream ") }, { 0 } },
	{ .service = "teamspeak", { PRESENCE_BYTES("TS3\n\rWelcome to the TeamSpeak") }, { 0 }, .server_first = true },
	/* those whose first bytes say little stand last: while they may still fit, nobody behind them is asked */
	{ .service = "mongodb",
	  { .offset = 3,
	    PRESENCE_BYTES("\0\0\0\0\0\0\0\0\0\xd5\7\0\0"),
	    .mask = "\xff\0\0\0\0\xff\xff\xff\xff\xf6\xff\xff\xff",
	    .least = 48,
	    .check = check_mongo },
	  { .least = 16, .check = check_mongo_reply } },
	{ .service = "oracle",
	  { .offset = 4, PRESENCE_BYTES("\1\0\0\0"), .least = 12, .check = check_tns },
	  { .least = 8, .check = check_tns_reply } },
	{ .service = "soulseek",
	  { PRESENCE_BYTES("\0\0\0\0\1\0\0\0\0\0\0\0"), .mask = "\0\xff\xff\xff\xff\xff\xff\xff\0\xff\xff\xff",
	    .least = 72 },
	  { .offset = 3, PRESENCE_BYTES("\0\1\0\0\0") } },
	{ .service = "skinny",
	  { PRESENCE_BYTES("\0\0\0\0\0\0\0\0\1\0\0\0"), .mask = "\0\0\xff\xff\xe0\xff\xff\xff\xff\xff\xff\xff",
	    .least = 32 },
	  { .offset = 2, PRESENCE_BYTES("\0\0"), .least = 12 } },
	{ 0 },
};
