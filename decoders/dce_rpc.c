/* dce_rpc - connection-oriented DCE/RPC (C706, chapter 12; MS-RPCE, section 2.2.2) over TCP and named pipes, as Zeek's
 * dce_rpc.log has it. The endpoint mapper's answers announce flows. */
#include "decoders/dce_rpc.h"

#include <stdio.h>

#include "tocsin/decoder.h"

enum field { K_DCE_RPC, F_RTT, F_NAMED_PIPE, F_ENDPOINT, F_OPERATION };

static const struct toc_field_decl fields[] = {
	[K_DCE_RPC] = { "dce_rpc", TOC_KIND, false, TOC_OPEN, NULL, "a remote procedure call" },
	[F_RTT] = { "rtt", TOC_DURATION, false, TOC_OPEN, "ns", "from the call to its answer" },
	[F_NAMED_PIPE] = { "named_pipe", TOC_STRING, false, TOC_OPEN, NULL,
			   "the server's secondary address: pipe or port" },
	[F_ENDPOINT] = { "endpoint", TOC_STRING, false, TOC_OPEN, NULL, "interface: samr, svcctl …; unknown-UUID" },
	[F_OPERATION] = { "operation", TOC_STRING, false, TOC_OPEN, NULL, "operation by name; unknown-NUMBER" },
};

enum type {
	REQUEST = 0,
	RESPONSE = 2,
	FAULT = 3,
	BIND = 11,
	BIND_ACK = 12,
	BIND_NAK = 13,
	ALTER = 14,
	ALTER_ACK = 15,
	AUTH3 = 16,
	TYPE_MOST = 20
};
enum { HEADER = 16, CALL_HEAD = 24, CONTEXTS = 12, PIPE = 64, FIRST = 1, OBJECT = 0x80, AUTH_HEAD = 8, TOWERS = 16 };
enum { EPT_MAP = 3, AUTH_SPNEGO = 9, AUTH_NTLM = 10, AUTH_KERBEROS = 16 };

struct context {
	bool used;
	uint16_t id;
	char uuid[DCE_UUID];
};

struct dce {
	struct context contexts[CONTEXTS];
	uint8_t next_context; /* whose place is taken when all are used */
	uint8_t pipe_n;
	char pipe[PIPE];
	uint32_t map_call; /* a call of ept_map that waits for its answer */
	bool map_waits, any;
	uint32_t skip[2]; /* bytes of a fragment that nobody reads */
};

/* One fragment's header; `little`: the sender's byte order (section 14.2.5). */
struct fragment {
	struct toc_cursor c; /* behind the header */
	uint8_t type, flags;
	bool little;
	uint16_t length, auth_length;
	uint32_t call;
};

static uint16_t read16(struct toc_cursor *c, bool little)
{
	return little ? toc_le16(c) : toc_be16(c);
}

static uint32_t read32(struct toc_cursor *c, bool little)
{
	return little ? toc_le32(c) : toc_be32(c);
}

static void read_uuid(struct toc_cursor *c, bool little, char out[DCE_UUID])
{
	char text[DCE_UUID + 1];
	uint32_t a = read32(c, little);
	unsigned b = read16(c, little), d = read16(c, little), e = toc_be16(c), f = toc_be16(c);
	uint32_t g = toc_be32(c);
	snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%04x%08x", a, b, d, e, f, g);
	memcpy(out, text, DCE_UUID);
}

static bool read_header(struct toc_cursor c, struct fragment *f)
{
	uint8_t version = toc_u8(&c), minor = toc_u8(&c);
	f->type = toc_u8(&c);
	f->flags = toc_u8(&c);
	uint8_t order = toc_u8(&c), floating = toc_u8(&c);
	uint16_t reserved = toc_be16(&c);
	f->little = order & 0x10;
	f->length = read16(&c, f->little);
	f->auth_length = read16(&c, f->little);
	f->call = read32(&c, f->little);
	f->c = c;
	return !c.bad && version == 5 && minor <= 1 && f->type < TYPE_MOST && (order & 0xee) == 0 && floating < 4 &&
	       reserved == 0 && f->length >= HEADER;
}

/* --- bindings ----------------------------------------------------------------------------------------------------- */

static struct context *find_context(struct dce *d, uint16_t id)
{
	for (unsigned i = 0; i < CONTEXTS; i++)
		if (d->contexts[i].used && d->contexts[i].id == id)
			return &d->contexts[i];
	return NULL;
}

static struct context *new_context(struct dce *d, uint16_t id)
{
	struct context *x = find_context(d, id);
	for (unsigned i = 0; !x && i < CONTEXTS; i++)
		if (!d->contexts[i].used)
			x = &d->contexts[i];
	if (!x) {
		x = &d->contexts[d->next_context];
		d->next_context = (uint8_t)((d->next_context + 1) % CONTEXTS);
	}
	x->used = true;
	x->id = id;
	return x;
}

/* bind, alter_context: which interface each context stands for. */
static void bind(struct dce *d, const struct fragment *f)
{
	struct toc_cursor c = f->c;
	toc_skip(&c, 8);
	unsigned n = toc_u8(&c);
	toc_skip(&c, 3);
	for (unsigned i = 0; i < n && !c.bad; i++) {
		char uuid[DCE_UUID];
		uint16_t id = read16(&c, f->little);
		size_t syntaxes = toc_u8(&c);
		toc_skip(&c, 1);
		read_uuid(&c, f->little, uuid);
		toc_skip(&c, 4 + syntaxes * 20);
		/* The bind time features (MS-RPCE, section 3.3.1.5.3) come as one more context with the same interface.
		 */
		if (!c.bad)
			memcpy(new_context(d, id)->uuid, uuid, DCE_UUID);
	}
}

static void bind_ack(struct dce *d, const struct fragment *f)
{
	struct toc_cursor c = f->c;
	toc_skip(&c, 8);
	struct toc_span address = toc_take(&c, read16(&c, f->little));
	address = toc_span_first(address, toc_span_find(address, 0));
	if (c.bad || !address.n)
		return;
	d->pipe_n = (uint8_t)(address.n < PIPE ? address.n : PIPE);
	memcpy(d->pipe, address.p, d->pipe_n);
}

/* auth_verifier (section 13.2.6.1): the token goes to whoever reads it. */
static void authenticate(const struct fragment *f, struct toc_span whole, enum toc_dir dir, struct toc_sink *s)
{
	if (f->auth_length == 0 || f->length < HEADER + AUTH_HEAD + f->auth_length || whole.n < f->length)
		return;
	struct toc_cursor c = toc_cursor_of(toc_span_from(whole, (size_t)f->length - f->auth_length - AUTH_HEAD));
	uint8_t type = toc_u8(&c);
	toc_skip(&c, 3);
	uint32_t context = read32(&c, f->little);
	if (!c.bad && (type == AUTH_SPNEGO || type == AUTH_NTLM || type == AUTH_KERBEROS))
		toc_sink_inner(s, "ntlm", context, dir, toc_take(&c, f->auth_length));
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static void request(struct dce *d, const struct fragment *f, struct toc_sink *s)
{
	struct toc_cursor c = f->c;
	char text[64];
	toc_skip(&c, 4);
	uint16_t id = read16(&c, f->little), number = read16(&c, f->little);
	const struct context *x = find_context(d, id);
	if (c.bad || !(f->flags & FIRST) || !x)
		return;
	const struct dce_interface *i = dce_interface_find(x->uuid);
	struct toc_span operation = i ? dce_operation(i, number) : (struct toc_span){ NULL, 0 };
	if (i && number == EPT_MAP && strcmp(i->name, "epmapper") == 0) {
		d->map_call = f->call;
		d->map_waits = true;
	}
	struct toc_draft *e = toc_sink_begin(s, K_DCE_RPC);
	if (d->pipe_n)
		toc_put_str(e, F_NAMED_PIPE, toc_span_of(d->pipe, d->pipe_n));
	if (i) {
		toc_put_cstr(e, F_ENDPOINT, i->name);
	} else {
		snprintf(text, sizeof(text), "unknown-%.*s", DCE_UUID, x->uuid);
		toc_put_cstr(e, F_ENDPOINT, text);
	}
	if (!operation.n) {
		snprintf(text, sizeof(text), "unknown-%u", number);
		operation = toc_span_str(text);
	}
	toc_put_str(e, F_OPERATION, operation);
	toc_sink_hold(s, e, f->call);
}

static void response(const struct fragment *f, struct toc_sink *s)
{
	struct toc_draft *e = f->flags & FIRST ? toc_sink_resume(s, K_DCE_RPC, f->call) : NULL;
	if (!e)
		return;
	toc_put_duration(e, F_RTT, s->ts - e->head.ts);
	toc_sink_commit(s, e);
}

/* --- the endpoint mapper ------------------------------------------------------------------------------------------ */

/* One floor of a tower (C706, appendix L): what protocol, and its address. */
static bool read_floor(struct toc_cursor *c, uint8_t *protocol, struct toc_cursor *address)
{
	struct toc_cursor left = toc_sub(c, toc_le16(c));
	*protocol = toc_u8(&left);
	*address = toc_sub(c, toc_le16(c));
	return !c->bad && !left.bad;
}

static void take_tower(struct toc_cursor tower, struct toc_sink *s)
{
	enum { TCP = 0x07, IP = 0x09 };
	struct toc_addr host = s->flow->resp;
	uint16_t port = 0;
	unsigned floors = toc_le16(&tower);
	for (unsigned i = 0; i < floors && i < 8; i++) {
		uint8_t protocol;
		struct toc_cursor address;
		if (!read_floor(&tower, &protocol, &address))
			return;
		if (protocol == TCP && toc_left(&address) == 2)
			port = toc_be16(&address);
		else if (protocol == IP && toc_left(&address) == 4 && memcmp(address.p, "\0\0\0\0", 4) != 0)
			host = toc_addr_v4(address.p);
	}
	if (port)
		toc_sink_expect(s, &host, port, "dce_rpc");
}

/* ept_map's answer (C706, appendix O): a handle, the number of towers, an array of pointers to them. */
static void take_towers(const struct fragment *f, struct toc_sink *s)
{
	struct toc_cursor c = f->c;
	toc_skip(&c, 8 + 20);
	uint32_t n = read32(&c, f->little);
	toc_skip(&c, 8);
	uint32_t actual = read32(&c, f->little);
	if (c.bad || actual > TOWERS || n > TOWERS)
		return;
	toc_skip(&c, (size_t)4 * actual);
	for (uint32_t i = 0; i < actual && !c.bad; i++) {
		toc_skip(&c, 4);
		uint32_t length = read32(&c, f->little);
		struct toc_cursor tower = toc_sub(&c, length);
		if (c.bad)
			return;
		take_tower(tower, s);
		toc_skip(&c, (4 - length % 4) % 4);
	}
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void take(struct dce *d, const struct fragment *f, struct toc_span whole, enum toc_dir dir, struct toc_sink *s)
{
	switch (f->type) {
	case BIND:
	case ALTER:
		bind(d, f);
		authenticate(f, whole, dir, s);
		break;
	case BIND_ACK:
	case ALTER_ACK:
		bind_ack(d, f);
		authenticate(f, whole, dir, s);
		break;
	case AUTH3:
		authenticate(f, whole, dir, s);
		break;
	case REQUEST:
		request(d, f, s);
		break;
	case RESPONSE:
		if (d->map_waits && d->map_call == f->call && (f->flags & FIRST)) {
			d->map_waits = false;
			take_towers(f, s);
		}
		response(f, s);
		break;
	case FAULT:
		response(f, s);
		break;
	}
}

/* Calls carry parameters that nobody reads: their first bytes are enough. */
static size_t wanted(const struct dce *d, const struct fragment *f)
{
	bool call = f->type == REQUEST || (f->type == RESPONSE && !(d->map_waits && d->map_call == f->call));
	return call && f->length > CALL_HEAD ? CALL_HEAD : f->length;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct dce *d = state;
	while (toc_left(in)) {
		struct fragment f;
		size_t skip = d->skip[dir] < toc_left(in) ? d->skip[dir] : toc_left(in);
		toc_skip(in, skip);
		d->skip[dir] -= (uint32_t)skip;
		if (toc_left(in) < HEADER)
			return toc_left(in) ? toc_more(s, HEADER) : TOC_MORE;
		if (!read_header(*in, &f))
			return TOC_BAD;
		size_t want = wanted(d, &f);
		if (toc_left(in) < want)
			return toc_more(s, want);
		struct toc_span whole = toc_take(in, want);
		f.c = toc_cursor_of(toc_span_from(whole, HEADER));
		d->skip[dir] = (uint32_t)(f.length - want);
		if (!d->any)
			toc_sink_confirm(s, NULL);
		d->any = true;
		take(d, &f, whole, dir, s);
	}
	return TOC_MORE;
}

/* Within a call's parameters a hole does no harm. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct dce *d = state;
	(void)s;
	if (n > d->skip[dir])
		return TOC_DONE;
	d->skip[dir] -= (uint32_t)n;
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct fragment f;
	struct toc_cursor c = toc_cursor_of(first);
	(void)dir;
	(void)hint;
	if (first.n && first.p[0] != 5)
		return TOC_NO;
	if (first.n < HEADER)
		return TOC_MAYBE;
	if (!read_header(c, &f) || !(f.flags & 3))
		return TOC_NO;
	bool known = f.type == REQUEST || f.type == RESPONSE || f.type == FAULT || (f.type >= BIND && f.type <= AUTH3);
	return known ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 135, 0 };

static const char *const leads_to[] = { "ntlm", "dce_rpc", "kerberos", NULL };

const struct toc_decoder toc_decoder_dce_rpc = { .name = "dce_rpc",
						 .leads_to = leads_to,
						 .carriers = TOC_OVER_TCP | TOC_OVER_INNER,
						 .tcp_ports = ports,
						 .fields = fields,
						 .nfields = sizeof(fields) / sizeof(fields[0]),
						 .state_size = sizeof(struct dce),
						 .probe = probe,
						 .parse = parse,
						 .gap = gap };
