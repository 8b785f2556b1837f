/* hsrp - Cisco's shared router addresses, version 1 (RFC 2281) and 2. The authentication text is not read. */
#include "tocsin/decoder.h"

enum field { K_HSRP, F_VERSION, F_OPCODE, F_STATE, F_GROUP, F_PRIORITY, F_ADDRESS };

static const struct toc_field_decl fields[] = {
	[K_HSRP] = { "hsrp", TOC_KIND, false, TOC_OPEN, NULL, "a router claims a shared address, or gives it up" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "1 or 2" },
	[F_OPCODE] = { "opcode", TOC_STRING, false, TOC_OPEN, NULL, "hello, coup or resign" },
	[F_STATE] = { "state", TOC_STRING, false, TOC_OPEN, NULL, "active, standby, speak …" },
	[F_GROUP] = { "group", TOC_UINT, false, TOC_OPEN, NULL, "number of the group" },
	[F_PRIORITY] = { "priority", TOC_UINT, false, TOC_OPEN, NULL, "the greatest wins" },
	[F_ADDRESS] = { "address", TOC_IP, false, TOC_OPEN, NULL, "address that the group shares" },
};

enum { V1 = 20, V2_VALUE = 40 };

struct message {
	uint8_t version, opcode, state;
	uint32_t group, priority;
	struct toc_addr address;
};

static const char *const opcodes[] = { "hello", "coup", "resign" };

static const char *state_name(const struct message *m)
{
	static const char *const of_v2[] = { "disabled", "init", "learn", "listen", "speak", "standby", "active" };
	switch (m->version == 1 ? m->state : 255) {
	case 0:
		return "init";
	case 1:
		return "learn";
	case 2:
		return "listen";
	case 4:
		return "speak";
	case 8:
		return "standby";
	case 16:
		return "active";
	}
	return m->version == 2 && m->state < sizeof(of_v2) / sizeof(of_v2[0]) ? of_v2[m->state] : NULL;
}

static bool read_v1(struct message *m, struct toc_cursor c)
{
	m->version = toc_u8(&c) == 0 ? 1 : 0;
	m->opcode = toc_u8(&c);
	m->state = toc_u8(&c);
	toc_skip(&c, 2);
	m->priority = toc_u8(&c);
	m->group = toc_u8(&c);
	uint8_t reserved = toc_u8(&c);
	toc_skip(&c, 8);
	struct toc_span addr = toc_take(&c, 4);
	if (c.bad || m->version != 1 || reserved || toc_left(&c) || m->opcode > 2 || !state_name(m))
		return false;
	m->address = toc_addr_v4(addr.p);
	return true;
}

/* A list of values; the first is the group's state. */
static bool read_v2(struct message *m, struct toc_cursor c)
{
	uint8_t type = toc_u8(&c), n = toc_u8(&c);
	m->version = toc_u8(&c);
	m->opcode = toc_u8(&c);
	m->state = toc_u8(&c);
	uint8_t family = toc_u8(&c);
	m->group = toc_be16(&c);
	toc_skip(&c, 6);
	m->priority = toc_be32(&c);
	toc_skip(&c, 8);
	struct toc_span addr = toc_take(&c, 16);
	if (c.bad || type != 1 || n != V2_VALUE || m->version != 2 || m->opcode > 2 || !state_name(m) ||
	    (family != 4 && family != 6))
		return false;
	m->address = family == 4 ? toc_addr_v4(addr.p) : toc_addr_v6(addr.p);
	return true;
}

/* A router's interface tells how many groups it is in, before the group tells of itself: nothing for a row. */
static bool is_interface(struct toc_cursor c)
{
	return toc_left(&c) == 6 && toc_be16(&c) == 0x0204;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct message m;
	(void)state;
	(void)dir;
	if (is_interface(*in))
		toc_sink_confirm(sink, NULL);
	if (!read_v1(&m, *in) && !read_v2(&m, *in))
		return TOC_MORE; /* advertisements of groups and interfaces */
	toc_sink_confirm(sink, NULL);
	struct toc_draft *d = toc_sink_begin(sink, K_HSRP);
	toc_put_uint(d, F_VERSION, m.version);
	toc_put_cstr(d, F_OPCODE, opcodes[m.opcode]);
	toc_put_cstr(d, F_STATE, state_name(&m));
	toc_put_uint(d, F_GROUP, m.group);
	toc_put_uint(d, F_PRIORITY, m.priority);
	toc_put_ip(d, F_ADDRESS, &m.address);
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct message m;
	(void)dir;
	struct toc_cursor c = toc_cursor_of(first);
	return hint && (read_v1(&m, c) || read_v2(&m, c) || is_interface(c)) ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 1985, 2029, 0 };

const struct toc_decoder toc_decoder_hsrp = {
	.name = "hsrp",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};
