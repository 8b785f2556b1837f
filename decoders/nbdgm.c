/* nbdgm - NetBIOS datagrams and the browser's announcements in them (RFC 1002, section 4.4; MS-MAIL; MS-BRWS). */
#include "tocsin/decoder.h"

#include "decoders/dns.h"

enum field {
	K_DATAGRAM,
	F_TYPE,
	F_SOURCE_NAME,
	F_DEST_NAME,
	F_SOURCE_ADDR,
	F_MAILSLOT,
	F_COMMAND,
	F_HOST,
	F_OS_VERSION
};

static const struct toc_field_decl fields[] = {
	[K_DATAGRAM] = { "netbios_datagram", TOC_KIND, false, TOC_OPEN, NULL, "one NetBIOS datagram" },
	[F_TYPE] = { "type", TOC_STRING, false, TOC_OPEN, NULL, "unique, group or broadcast" },
	[F_SOURCE_NAME] = { "source_name", TOC_STRING, false, TOC_DEVICE, NULL, "NetBIOS name of who sends" },
	[F_DEST_NAME] = { "dest_name", TOC_STRING, false, TOC_DEVICE, NULL, "name that it is for: a group, a host" },
	[F_SOURCE_ADDR] = { "source_addr", TOC_IP, false, TOC_DEVICE, NULL, "address that the sender says it has" },
	[F_MAILSLOT] = { "mailslot", TOC_STRING, false, TOC_OPEN, NULL, "where it goes: \\MAILSLOT\\BROWSE …" },
	[F_COMMAND] = { "browser_command", TOC_STRING, false, TOC_OPEN, NULL, "host_announcement, election …" },
	[F_HOST] = { "host_name", TOC_STRING, false, TOC_DEVICE, NULL, "announcement: the host or the domain" },
	[F_OS_VERSION] = { "os_version", TOC_STRING, false, TOC_OPEN, NULL, "announcement: its Windows version" },
};

enum { UNIQUE = 0x10, GROUP = 0x11, BROADCAST = 0x12, PORT = 138, SMB_HEADER = 32, TRANSACTION = 0x25, SLOT_MOST = 64 };

struct header {
	uint8_t type;
	struct toc_span addr;
	uint16_t port, length;
	struct toc_dns_name source, dest;
	struct toc_span data;
};

/* The first fragment, with both names whole. */
static bool read_header(struct header *h, struct toc_span bytes)
{
	struct toc_dns_in in = toc_dns_in_of(bytes);
	h->type = toc_u8(&in.c);
	toc_skip(&in.c, 3); /* flags, identifier */
	h->addr = toc_take(&in.c, 4);
	h->port = toc_be16(&in.c);
	h->length = toc_be16(&in.c);
	uint16_t offset = toc_be16(&in.c);
	if (in.c.bad || h->type < UNIQUE || h->type > BROADCAST || offset || h->length > toc_left(&in.c) ||
	    !toc_dns_read_name(&in, &h->source) || !toc_dns_read_name(&in, &h->dest))
		return false;
	toc_dns_decode_netbios(&h->source);
	toc_dns_decode_netbios(&h->dest);
	h->data = toc_rest(&in.c);
	return true;
}

static void put_text(struct toc_draft *d, unsigned field, struct toc_span s)
{
	s = toc_span_first(s, toc_span_find(s, 0));
	if (s.n)
		toc_put_str(d, field, s);
}

static void put_version(struct toc_draft *d, uint8_t major, uint8_t minor)
{
	struct toc_dns_text text = { .n = 0 };
	toc_dns_text_uint(&text, major);
	toc_dns_text_str(&text, ".");
	toc_dns_text_uint(&text, minor);
	toc_put_str(d, F_OS_VERSION, toc_span_of(text.b, text.n));
}

/* MS-BRWS, section 2.2 */
static void read_browser(struct toc_draft *d, struct toc_cursor c)
{
	static const char *const names[] = { NULL,
					     "host_announcement",
					     "announcement_request",
					     NULL,
					     NULL,
					     NULL,
					     NULL,
					     NULL,
					     "election",
					     "backup_list_request",
					     "backup_list_response",
					     "become_backup",
					     "domain_announcement",
					     "master_announcement",
					     "reset_state",
					     "local_master_announcement" };
	uint8_t command = toc_u8(&c);
	if (c.bad || command >= sizeof(names) / sizeof(names[0]) || !names[command])
		return;
	toc_put_cstr(d, F_COMMAND, names[command]);
	if (command != 1 && command != 12 && command != 15)
		return;
	toc_skip(&c, 5); /* count, period */
	struct toc_span name = toc_take(&c, 16);
	uint8_t major = toc_u8(&c), minor = toc_u8(&c);
	if (c.bad)
		return;
	put_text(d, F_HOST, name);
	if (command != 12)
		put_version(d, major, minor);
}

/* A transaction to a mailslot (MS-MAIL, section 2.2.1): offsets count from the header. False: it is no SMB. */
static bool read_smb(struct toc_draft *d, struct toc_span data)
{
	struct toc_cursor c = toc_cursor_of(data);
	if (!toc_span_starts(data, "\xffSMB") || data.n < SMB_HEADER)
		return false;
	toc_skip(&c, 4);
	uint8_t command = toc_u8(&c);
	toc_skip(&c, SMB_HEADER - 5);
	uint8_t words = toc_u8(&c);
	struct toc_cursor parameters = toc_sub(&c, 2u * words);
	toc_skip(&c, 2);
	if (c.bad || command != TRANSACTION || words < 14)
		return true;
	toc_skip(&parameters, 24);
	uint16_t at = toc_le16(&parameters);
	struct toc_span slot = toc_span_first(toc_rest(&c), SLOT_MOST);
	put_text(d, F_MAILSLOT, slot);
	if (toc_span_starts(slot, "\\MAILSLOT\\BROWSE") && at && at < data.n)
		read_browser(d, toc_cursor_of(toc_span_from(data, at)));
	return true;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	static const char *const types[] = { "unique", "group", "broadcast" };
	struct header h;
	(void)state;
	(void)dir;
	if (!read_header(&h, toc_rest(in)))
		return TOC_MORE; /* errors, queries and later fragments tell nothing */
	struct toc_draft *d = toc_sink_begin(sink, K_DATAGRAM);
	struct toc_addr addr = toc_addr_v4(h.addr.p);
	toc_put_cstr(d, F_TYPE, types[h.type - UNIQUE]);
	put_text(d, F_SOURCE_NAME, toc_dns_name_span(&h.source));
	put_text(d, F_DEST_NAME, toc_dns_name_span(&h.dest));
	toc_put_ip(d, F_SOURCE_ADDR, &addr);
	bool smb = read_smb(d, h.data);
	toc_sink_commit(sink, d);
	toc_sink_confirm(sink, "netbios");
	if (smb)
		toc_sink_confirm(sink, "smb");
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct header h;
	(void)dir;
	if (!hint)
		return TOC_NO;
	return read_header(&h, first) ? TOC_YES : TOC_MAYBE;
}

static const uint16_t udp_ports[] = { PORT, 0 };

const struct toc_decoder toc_decoder_nbdgm = {
	.name = "nbdgm",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};
