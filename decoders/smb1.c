/* smb1 - messages of SMB 1 (MS-CIFS, section 2.2.4; MS-SMB, section 2.2.4), AndX chains too. */
#include "decoders/smb1.h"
#include "decoders/utf16.h"

enum { HEADER = 32, CHAIN_MOST = 8, NO_ANDX = 0xff };
enum {
	DELETE_DIRECTORY = 0x01,
	CLOSE = 0x04,
	DELETE = 0x06,
	RENAME = 0x07,
	TRANSACTION = 0x25,
	OPEN_ANDX = 0x2d,
	READ_ANDX = 0x2e,
	WRITE_ANDX = 0x2f,
	TRANSACTION2 = 0x32,
	TREE_DISCONNECT = 0x71,
	NEGOTIATE = 0x72,
	SESSION_SETUP_ANDX = 0x73,
	TREE_CONNECT_ANDX = 0x75,
	NT_CREATE_ANDX = 0xa2
};
enum { FLAG_REPLY = 0x80, FLAG2_UNICODE = 0x8000 };
enum { OPTION_DIRECTORY = 1, OPTION_DELETE_ON_CLOSE = 0x1000 };
#define CAP_EXTENDED_SECURITY 0x80000000u
#define STATUS_MORE	      0xc0000016u

/* --- negotiation and sessions ------------------------------------------------------------------------------------- */

static void negotiate_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	enum { GUID = 16 };
	struct toc_cursor w = p->words, b = p->bytes;
	if (smb1_failed(p) || toc_le16(&w) == 0xffff || w.bad)
		return;
	if (!c->dialect)
		c->dialect = 1;
	toc_skip(&w, 17);
	if (!(toc_le32(&w) & CAP_EXTENDED_SECURITY) || w.bad)
		return;
	toc_skip(&b, GUID);
	struct toc_span token = toc_rest(&b);
	if (!b.bad && token.n)
		toc_sink_inner(s, "ntlm", 0, TOC_RESP, token);
}

/* With extended security (MS-SMB, 2.2.4.6.1): twelve words, a token. */
static void session_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words, b = p->bytes;
	bool extended = toc_left(&w) == 24;
	toc_skip(&w, 14);
	uint16_t n = toc_le16(&w);
	struct toc_span token = toc_take(&b, n);
	if (extended && !w.bad && !b.bad && token.n)
		smb_session_token(c, s, p->user, false, token);
}

static void session_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words, b = p->bytes;
	bool extended = toc_left(&w) == 8;
	toc_skip(&w, 6);
	uint16_t n = toc_le16(&w);
	struct toc_span token = toc_take(&b, n);
	if (extended && !w.bad && !b.bad && token.n)
		smb_session_token(c, s, p->user, true, token);
	if (p->status != STATUS_MORE)
		smb_session_result(c, s, p->user, !smb1_failed(p));
}

/* --- trees -------------------------------------------------------------------------------------------------------- */

static void tree_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char path[SMB_PATH];
	struct toc_cursor w = p->words, b = p->bytes;
	toc_skip(&w, 6);
	toc_skip(&b, toc_le16(&w)); /* the password */
	if (!w.bad && !b.bad)
		smb1_pend(c, s, p, toc_span_of(path, smb1_string(p, &b, path, sizeof(path))));
}

static void tree_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char path[SMB_PATH], service[32], system[64];
	struct toc_cursor b = p->bytes;
	const struct smb_pending *q = smb1_asked(s, p);
	size_t path_n = q && q->name_n <= SMB_PATH ? q->name_n : 0;
	if (smb1_failed(p))
		return;
	if (path_n)
		memcpy(path, q->name, path_n);
	size_t service_end = toc_span_find(toc_rest(&b), 0); /* always OEM */
	struct toc_span raw = toc_take(&b, service_end);
	if (toc_left(&b))
		toc_skip(&b, 1);
	size_t service_n = oem_text(raw, service, sizeof(service)), system_n;
	system_n = smb1_string(p, &b, system, sizeof(system));
	struct smb_mapping m = { .tree = p->tree, .path = toc_span_of(path, path_n) };
	m.service = toc_span_of(service, service_n);
	m.file_system = toc_span_of(system, system_n);
	m.share = toc_span_is(m.service, "IPC")	    ? SHARE_PIPE
		  : toc_span_is(m.service, "LPT1:") ? SHARE_PRINT
						    : SHARE_DISK;
	smb_mapped(c, s, &m);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void create_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char name[SMB_NAME];
	struct toc_cursor w = p->words, b = p->bytes;
	toc_skip(&w, 5);
	uint16_t n = toc_le16(&w);
	toc_skip(&w, 32);
	uint32_t options = toc_le32(&w);
	smb1_align(p, &b);
	struct toc_span raw = toc_span_first(toc_rest(&b), n);
	if (w.bad)
		return;
	struct smb_pending *q = smb1_pend(c, s, p, toc_span_of(name, smb1_text(p, raw, name, sizeof(name))));
	if (!q)
		return;
	q->delete_on_close = options & OPTION_DELETE_ON_CLOSE;
	q->directory = options & OPTION_DIRECTORY;
}

static void create_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	struct smb_opened o = { .key = 0 };
	const struct smb_pending *q = smb1_asked(s, p);
	toc_skip(&w, 5);
	o.key = smb1_file_key(toc_le16(&w));
	uint32_t action = toc_le32(&w);
	o.times[2] = smb_time(toc_le64(&w));
	o.times[1] = smb_time(toc_le64(&w));
	o.times[0] = smb_time(toc_le64(&w));
	o.times[3] = smb_time(toc_le64(&w));
	toc_skip(&w, 12);
	o.size = toc_le64(&w);
	toc_skip(&w, 4);
	o.directory = toc_u8(&w);
	o.created = action != 1;
	if (q && !smb1_failed(p) && !w.bad)
		smb_opened(c, s, q, &o);
}

static void open_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char name[SMB_NAME];
	struct toc_cursor b = p->bytes;
	smb1_pend(c, s, p, toc_span_of(name, smb1_string(p, &b, name, sizeof(name))));
}

static void open_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	struct smb_opened o = { .key = 0 };
	const struct smb_pending *q = smb1_asked(s, p);
	toc_skip(&w, 4);
	o.key = smb1_file_key(toc_le16(&w));
	toc_skip(&w, 2);
	o.times[0] = (toc_time)toc_le32(&w) * TOC_SEC;
	o.size = toc_le32(&w);
	if (q && !smb1_failed(p) && !w.bad)
		smb_opened(c, s, q, &o);
}

static void close_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	uint16_t fid = toc_le16(&w);
	struct smb_pending *q = w.bad ? NULL : smb1_pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (q)
		q->file = smb1_file_key(fid);
}

static void close_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	const struct smb_pending *q = smb1_asked(s, p);
	if (q && !smb1_failed(p))
		smb_closed(c, s, q->file);
}

/* FID, Offset, …, OffsetHigh: READ_ANDX has the high half behind ten words, WRITE_ANDX behind twelve. */
static void read_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	toc_skip(&w, 4);
	uint16_t fid = toc_le16(&w);
	uint64_t offset = toc_le32(&w);
	uint32_t n = toc_le16(&w);
	if (w.bad)
		return;
	toc_skip(&w, 8);
	uint64_t high = toc_left(&w) >= 4 ? toc_le32(&w) : 0;
	struct smb_pending *q = smb1_pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (!q)
		return;
	q->file = smb1_file_key(fid);
	q->offset = offset | high << 32;
	q->length = n;
}

static void read_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	const struct smb_pending *q = smb1_asked(s, p);
	toc_skip(&w, 10);
	uint32_t n = toc_le16(&w);
	uint16_t at = toc_le16(&w);
	n |= (uint32_t)toc_le16(&w) << 16;
	if (!q || w.bad || smb1_failed(p))
		return;
	uint64_t file = q->file, offset = q->offset;
	smb_counted(s, file, false, n);
	smb_content_at(c, s, p->m, at, n, file, true, offset);
}

static void write_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	toc_skip(&w, 4);
	uint16_t fid = toc_le16(&w);
	uint64_t offset = toc_le32(&w);
	toc_skip(&w, 8);
	uint32_t n = (uint32_t)toc_le16(&w) << 16;
	n |= toc_le16(&w);
	uint16_t at = toc_le16(&w);
	if (w.bad)
		return;
	uint64_t high = toc_left(&w) >= 4 ? toc_le32(&w) : 0;
	struct smb_pending *q = smb1_pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (q) {
		q->file = smb1_file_key(fid);
		q->length = n;
	}
	smb_content_at(c, s, p->m, at, n, smb1_file_key(fid), false, offset | high << 32);
}

static void write_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct toc_cursor w = p->words;
	const struct smb_pending *q = smb1_asked(s, p);
	(void)c;
	toc_skip(&w, 4);
	uint32_t n = toc_le16(&w);
	toc_skip(&w, 2);
	n |= (uint32_t)(toc_left(&w) >= 2 ? toc_le16(&w) : 0) << 16;
	if (q && !smb1_failed(p))
		smb_counted(s, q->file, true, n);
}

/* RENAME, DELETE by name: no file is open. */
static void by_name_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char both[2 * SMB_NAME];
	struct toc_cursor b = p->bytes;
	toc_skip(&b, 1); /* buffer format */
	size_t n = smb1_string(p, &b, both, SMB_NAME - 1), more = 0;
	if (p->command == RENAME && toc_left(&b) > 1) {
		toc_skip(&b, 1);
		both[n++] = '\0';
		more = smb1_string(p, &b, both + n, SMB_NAME - n);
	}
	if (!b.bad)
		smb1_pend(c, s, p, toc_span_of(both, n + more));
}

static void by_name_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char text[SMB_NAME];
	struct smb_pending *q = smb1_asked(s, p);
	struct smb_opened o = { .key = smb1_file_key(0xffff) }; /* no FID: an open for the moment */
	if (!q || smb1_failed(p))
		return;
	size_t n = q->name_n;
	memcpy(text, q->name, n);
	struct toc_span all = toc_span_of(text, n), old = toc_span_first(all, toc_span_find(all, 0));
	struct smb_file *f = smb_cell_new(c, s, o.key, sizeof(*f) + old.n);
	if (!f)
		return;
	f->tree = p->tree;
	f->session = p->user;
	f->name_n = (uint16_t)old.n;
	memcpy(f->name, old.p, old.n);
	if (p->command == RENAME)
		smb_renamed(c, s, o.key, toc_span_from(all, old.n + 1));
	else
		smb_deleted(c, s, o.key);
	smb_forget_file(c, s, o.key, false);
}

/* --- dispatch ----------------------------------------------------------------------------------------------------- */

typedef void handler(struct smb *, const struct smb1_part *, struct toc_sink *);

static const struct {
	uint8_t command;
	bool andx;
	handler *request, *reply;
} handlers[] = { { NEGOTIATE, false, NULL, negotiate_reply },
		 { SESSION_SETUP_ANDX, true, session_request, session_reply },
		 { TREE_CONNECT_ANDX, true, tree_request, tree_reply },
		 { NT_CREATE_ANDX, true, create_request, create_reply },
		 { OPEN_ANDX, true, open_request, open_reply },
		 { CLOSE, false, close_request, close_reply },
		 { READ_ANDX, true, read_request, read_reply },
		 { WRITE_ANDX, true, write_request, write_reply },
		 { RENAME, false, by_name_request, by_name_reply },
		 { DELETE, false, by_name_request, by_name_reply },
		 { DELETE_DIRECTORY, false, by_name_request, by_name_reply },
		 { TRANSACTION, false, smb1_pipe_request, smb1_pipe_reply },
		 { TRANSACTION2, false, smb1_trans2_request, smb1_trans2_reply } };

static bool has_andx(uint8_t command)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].command == command)
			return handlers[i].andx;
	return false;
}

static void take(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	handler *h = NULL;
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].command == p->command)
			h = p->reply ? handlers[i].reply : handlers[i].request;
	if (h)
		h(c, p, s);
	if (p->reply && p->status != STATUS_MORE)
		toc_sink_forget(s, smb_key(CELL_PENDING, smb1_pending_id(p)));
	if (p->reply && p->command == TREE_DISCONNECT && !smb1_failed(p))
		toc_sink_forget(s, smb_key(CELL_TREE, p->tree));
}

/* Section 2.2.3.1. */
static bool read_header(struct toc_cursor *h, struct smb1_part *p)
{
	toc_skip(h, 4);
	p->command = toc_u8(h);
	p->status = toc_le32(h);
	uint8_t flags = toc_u8(h);
	uint16_t flags2 = toc_le16(h);
	toc_skip(h, 12);
	p->tree = toc_le16(h);
	uint32_t pid = toc_le16(h);
	p->user = toc_le16(h);
	p->id = pid << 16 | toc_le16(h);
	p->reply = flags & FLAG_REPLY;
	p->unicode = flags2 & FLAG2_UNICODE;
	return !h->bad;
}

void smb1_message(struct smb *c, const struct smb_message *m, struct toc_sink *s)
{
	struct toc_cursor h = toc_cursor_of(m->bytes);
	struct smb1_part p = { .m = m };
	size_t at = HEADER;
	if (!read_header(&h, &p))
		return;
	if (!c->oriented) {
		c->oriented = true;
		c->flipped = (m->dir == TOC_ORIG) == p.reply;
	}
	for (unsigned i = 0; i < CHAIN_MOST; i++) {
		struct toc_cursor b = toc_cursor_of(toc_span_from(m->bytes, at));
		p.words = toc_sub(&b, (size_t)2 * toc_u8(&b));
		uint16_t n = toc_le16(&b);
		if (b.bad && !(p.reply && smb1_failed(&p)))
			return;
		p.bytes_at = m->bytes.n - toc_left(&b);
		p.bytes = toc_cursor_of(toc_span_first(toc_rest(&b), n));
		struct toc_cursor andx = p.words;
		uint8_t next = has_andx(p.command) ? toc_u8(&andx) : NO_ANDX;
		toc_skip(&andx, 1);
		uint16_t next_at = toc_le16(&andx);
		take(c, &p, s);
		if (andx.bad || next == NO_ANDX || next_at <= at || next_at >= m->bytes.n)
			return;
		p.command = next;
		at = next_at;
	}
}

/* Content alone follows the first bytes: an answer to a read, a write, neither with anything chained to it. */
bool smb1_is_content(struct toc_span first)
{
	struct toc_cursor h = toc_cursor_of(first);
	struct smb1_part p = { .m = NULL };
	if (!read_header(&h, &p))
		return false;
	toc_skip(&h, 1);
	return p.command == (p.reply ? READ_ANDX : WRITE_ANDX) && toc_u8(&h) == NO_ANDX;
}
