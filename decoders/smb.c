/* smb - SMB 1, 2 and 3 over TCP: framing by the NetBIOS session service (RFC 1002, section 4.3; MS-SMB2, section 2.1),
 * losses, and what is told at the end. */
#include "decoders/smb.h"

enum { NBSS = 4, KEPT = 32768, CONTENT_HEAD = 256, NBSS_MESSAGE = 0, NBSS_FIRST = 0x81, NBSS_LAST = 0x85 };
enum { MAGIC = 4, TRANSFORM = 52, LENGTH_MOST = 0xffffff };

static const uint16_t ports[] = { 445, 139, 0 };

static bool is_magic(struct toc_span s)
{
	return s.n >= MAGIC && s.p[0] >= 0xfc && memcmp(s.p + 1, "SMB", 3) == 0;
}

/* One message in hand, or its beginning. */
static void dispatch(struct smb *c, const struct smb_message *m, struct toc_sink *s)
{
	switch (m->bytes.p[0]) {
	case 0xff:
		c->v1 = true;
		smb1_message(c, m, s);
		break;
	case 0xfe:
		c->v2 = true;
		smb2_message(c, m, s);
		break;
	default: /* transform headers: encrypted (MS-SMB2, section 2.2.41) or compressed (2.2.42) */
		c->encrypted++;
		if (m->bytes.p[0] == 0xfd)
			smb_sealed_message(c, m, s);
		break;
	}
}

/* How much of a message of n bytes must be there before it is read. */
static size_t wanted(struct toc_span first, size_t n)
{
	bool content = first.p[0] == 0xff ? smb1_is_content(first) : smb2_is_content(first);
	size_t most = first.p[0] == 0xfd ? TRANSFORM : first.p[0] == 0xfc ? MAGIC : content ? CONTENT_HEAD : KEPT;
	return n < most ? n : most;
}

static bool is_smb_port(const struct toc_flow_info *flow)
{
	for (const uint16_t *p = ports; *p; p++)
		if (flow->resp_port == *p || flow->orig_port == *p)
			return true;
	return false;
}

static enum toc_parse start(struct smb *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct smb_side *side = &c->side[dir];
	if (toc_left(in) < NBSS)
		return toc_more(s, NBSS);
	struct toc_cursor ahead = *in;
	uint8_t type = toc_u8(&ahead);
	uint32_t n = toc_be24(&ahead);
	if (type >= NBSS_FIRST && type <= NBSS_LAST) {
		toc_skip(in, NBSS);
		side->at = AT_REST;
		side->left = n & 0x1ffff;
		return TOC_MORE;
	}
	size_t head = n < CONTENT_HEAD ? n : CONTENT_HEAD;
	if (type == NBSS_MESSAGE && toc_left(&ahead) < head)
		return toc_more(s, NBSS + head);
	if (type != NBSS_MESSAGE || !is_magic(toc_rest(&ahead))) {
		if (!c->any && !is_smb_port(s->flow))
			return TOC_BAD;
		if (c->any) /* else the capture began in the middle of a message */
			toc_sink_weird(s, "smb_lost_synchronization");
		side->at = AT_RESYNC;
		return TOC_MORE;
	}
	size_t want = wanted(toc_rest(&ahead), n);
	if (toc_left(&ahead) < want)
		return toc_more(s, NBSS + want);
	toc_skip(in, NBSS);
	if (!c->any)
		toc_sink_confirm(s, NULL);
	c->any = true;
	struct smb_message m = { toc_take(in, want), n, dir };
	side->at = AT_REST;
	side->left = (uint32_t)(n - want);
	side->data = 0;
	dispatch(c, &m, s);
	return TOC_MORE;
}

/* The rest of a message: content, then what nobody reads. */
static void rest(struct smb *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct smb_side *side = &c->side[dir];
	size_t n = toc_left(in) < side->left ? toc_left(in) : side->left;
	if (side->data && side->data < n)
		n = side->data;
	struct toc_span bytes = toc_take(in, n);
	side->left -= (uint32_t)n;
	if (side->data) {
		smb_content(c, s, side->file, side->reply, side->offset, bytes);
		side->offset += n;
		side->data -= (uint32_t)n;
	}
	if (!side->left)
		side->at = AT_START;
}

/* The next place where a frame with a magic number behind it can stand. */
static enum toc_parse resync(struct smb *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	while (toc_left(in) >= NBSS + MAGIC) {
		struct toc_cursor ahead = *in;
		toc_skip(&ahead, NBSS);
		struct toc_span here = toc_rest(in);
		if (here.p[0] == NBSS_MESSAGE && is_magic(toc_rest(&ahead)) && here.p[NBSS] != 0xfc) {
			c->side[dir].at = AT_START;
			return TOC_MORE;
		}
		toc_skip(in, 1);
	}
	return toc_more(s, NBSS + MAGIC);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct smb *c = state;
	while (toc_left(in)) {
		struct smb_side *side = &c->side[dir];
		size_t before = toc_left(in);
		uint8_t at = side->at;
		if (at == AT_REST) {
			rest(c, in, dir, s);
			continue;
		}
		enum toc_parse p = at == AT_START ? start(c, in, dir, s) : resync(c, in, dir, s);
		if (p != TOC_MORE || (toc_left(in) == before && side->at == at))
			return p;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct smb *c = state;
	struct smb_side *side = &c->side[dir];
	smb_sealed_gap(c);
	uint64_t data = side->data < n ? side->data : n;
	if (side->at == AT_REST && data) {
		smb_content(c, s, side->file, side->reply, side->offset, toc_span_of(NULL, data));
		side->offset += data;
		side->data -= (uint32_t)data;
	}
	if (side->at == AT_REST && n <= side->left) {
		side->left -= (uint32_t)n;
		side->at = side->left ? AT_REST : AT_START;
		return TOC_MORE;
	}
	side->at = AT_RESYNC;
	side->left = side->data = 0;
	return TOC_MORE;
}

static const char *dialect_name(uint16_t dialect)
{
	static const struct {
		uint16_t number;
		const char *name;
	} names[] = { { 1, "1.0" },	 { 0x0202, "2.0.2" }, { 0x0210, "2.1" },  { 0x02ff, "2.?" },
		      { 0x0300, "3.0" }, { 0x0302, "3.0.2" }, { 0x0311, "3.1.1" } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == dialect)
			return names[i].name;
	return NULL;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct smb *c = state;
	uint64_t key;
	(void)why;
	/* what is open ends; pending requests, then, have nobody to ask for them; trees and users go last */
	for (unsigned i = 0; i < 4096 && toc_sink_memory_oldest(s, &key); i++) {
		uint64_t kind = key >> 60;
		if (kind == CELL_FILE)
			smb_forget_file(c, s, key, true);
		else if (kind == CELL_PENDING || i >= 256)
			toc_sink_forget(s, key);
		else
			toc_sink_memory(s, key, 0); /* asked for: it goes to the end */
	}
	const char *dialect = dialect_name(c->dialect);
	if (!dialect && !c->encrypted)
		return;
	struct toc_draft *d = toc_sink_begin(s, K_SMB_SESSION);
	if (dialect)
		toc_put_cstr(d, F_DIALECT, dialect);
	toc_put_uint(d, F_ENCRYPTED, c->encrypted);
	toc_sink_commit(s, d);
}

/* On its ports what begins in the middle of a message is no proof against it: the other side may tell. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t type = toc_u8(&c);
	uint32_t n = toc_be24(&c);
	enum toc_probe no = hint ? TOC_MAYBE : TOC_NO;
	(void)dir;
	if (c.bad)
		return first.n && first.p[0] != 0 && first.p[0] != NBSS_FIRST ? no : TOC_MAYBE;
	if (type == NBSS_FIRST && hint && n >= 68 && n < 512) /* session request: two encoded names */
		return TOC_YES;
	if (type != NBSS_MESSAGE || n < 32)
		return no;
	if (toc_left(&c) < MAGIC)
		return TOC_MAYBE;
	return is_magic(toc_rest(&c)) ? TOC_YES : no;
}

static const char *const leads_to[] = { "dce_rpc", "ntlm", "kerberos", NULL };

const struct toc_decoder toc_decoder_smb = { .name = "smb",
					     .leads_to = leads_to,
					     .bodies = true,
					     .carriers = TOC_OVER_TCP | TOC_OVER_INNER,
					     .tcp_ports = ports,
					     .fields = smb_fields,
					     .nfields = N_SMB_FIELDS,
					     .state_size = sizeof(struct smb),
					     .probe = probe,
					     .parse = parse,
					     .gap = gap,
					     .finish = finish };
