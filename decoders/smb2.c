/* smb2 - messages of SMB 2 and 3 (MS-SMB2, section 2.2), compound ones too. */
#include "decoders/smb.h"
#include "decoders/utf16.h"

enum command {
	NEGOTIATE,
	SESSION_SETUP,
	LOGOFF,
	TREE_CONNECT,
	TREE_DISCONNECT,
	CREATE,
	CLOSE,
	FLUSH,
	READ,
	WRITE,
	LOCK,
	IOCTL,
	CANCEL,
	ECHO_,
	QUERY_DIRECTORY,
	CHANGE_NOTIFY,
	QUERY_INFO,
	SET_INFO,
	COMMANDS
};

enum { HEADER = 64, CHAIN_MOST = 1024 };
enum { FLAG_REPLY = 1, FLAG_ASYNC = 2 };
enum { OPTION_DIRECTORY = 1, OPTION_DELETE_ON_CLOSE = 0x1000, ATTRIBUTE_DIRECTORY = 0x10 };
enum { CREATED_SUPERSEDED = 0, CREATED_NEW = 2, CREATED_OVERWRITTEN = 3 };
enum { INFO_FILE = 1, CLASS_RENAME = 10, CLASS_DISPOSITION = 13, CLASS_DISPOSITION_EX = 64, CLASS_RENAME_EX = 65 };
#define STATUS_PENDING	    0x00000103u
#define STATUS_MORE	    0xc0000016u
#define FSCTL_TRANSCEIVE    0x0011c017u
#define STATUS_FAILED(code) ((code) >> 30 == 3)

/* A command within its message: `bytes` from its header on. */
struct part {
	const struct smb_message *m;
	size_t at; /* of the header in the message */
	struct toc_span bytes;
	uint32_t status, flags, tree;
	uint16_t command;
	uint64_t id, session;
	bool reply;
};

static struct toc_cursor body_of(const struct part *p)
{
	return toc_cursor_of(toc_span_from(p->bytes, HEADER));
}

/* A buffer by its offset from the header; empty where it is not in hand. */
static struct toc_span buffer(const struct part *p, uint32_t at, uint32_t n)
{
	if (at < HEADER || at > p->bytes.n || n > p->bytes.n - at)
		return toc_span_first(p->bytes, 0);
	return toc_span_first(toc_span_from(p->bytes, at), n);
}

/* FileId (section 2.2.14.1) as the key of its cell; all ones: the file that the chain has opened, 0. */
static uint64_t read_file_id(struct toc_cursor *c)
{
	uint64_t persistent = toc_le64(c), volatile_ = toc_le64(c);
	if (c->bad || (persistent == UINT64_MAX && volatile_ == UINT64_MAX))
		return 0;
	uint64_t h = persistent * UINT64_C(0x9e3779b97f4a7c15) ^ (volatile_ + 1) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return smb_key(CELL_FILE, h ^ h >> 29);
}

static struct smb_pending *pend(struct smb *c, struct toc_sink *s, const struct part *p, struct toc_span name)
{
	struct smb_pending *q = smb_pend(c, s, p->id, p->command, name);
	if (!q)
		return NULL;
	q->tree = p->tree;
	q->session = p->session;
	return q;
}

static struct smb_pending *asked(struct toc_sink *s, const struct part *p)
{
	struct smb_pending *q = toc_sink_memory(s, smb_key(CELL_PENDING, p->id), 0);
	return q && q->command == p->command ? q : NULL;
}

static uint64_t file_of(const struct smb *c, const struct smb_pending *q)
{
	return q->file ? q->file : c->chain;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static void session_setup_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 12);
	uint16_t at = toc_le16(&b), n = toc_le16(&b);
	struct toc_span token = buffer(p, at, n);
	if (!b.bad && token.n)
		smb_session_token(c, s, p->session, false, token);
}

static void tree_connect_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	char path[SMB_PATH];
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 4);
	uint16_t at = toc_le16(&b), n = toc_le16(&b);
	if (!b.bad)
		pend(c, s, p, toc_span_of(path, utf16_text(buffer(p, at, n), path, sizeof(path))));
}

static void create_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	char name[SMB_NAME];
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 40);
	uint32_t options = toc_le32(&b);
	uint16_t at = toc_le16(&b), n = toc_le16(&b);
	if (b.bad)
		return;
	struct smb_pending *q = pend(c, s, p, toc_span_of(name, utf16_text(buffer(p, at, n), name, sizeof(name))));
	if (!q)
		return;
	q->delete_on_close = options & OPTION_DELETE_ON_CLOSE;
	q->directory = options & OPTION_DIRECTORY;
}

static void close_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 8);
	uint64_t file = read_file_id(&b);
	struct smb_pending *q = b.bad ? NULL : pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (q)
		q->file = file;
}

static void read_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 4);
	uint32_t n = toc_le32(&b);
	uint64_t offset = toc_le64(&b), file = read_file_id(&b);
	struct smb_pending *q = b.bad ? NULL : pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (!q)
		return;
	q->file = file;
	q->offset = offset;
	q->length = n;
}

static void write_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 2);
	uint16_t at = toc_le16(&b);
	uint32_t n = toc_le32(&b);
	uint64_t offset = toc_le64(&b), file = read_file_id(&b);
	if (b.bad)
		return;
	struct smb_pending *q = pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (q) {
		q->file = file;
		q->length = n;
	}
	smb_content_at(c, s, p->m, p->at + at, n, file ? file : c->chain, false, offset);
}

static void ioctl_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 4);
	uint32_t code = toc_le32(&b);
	uint64_t file = read_file_id(&b);
	uint32_t at = toc_le32(&b), n = toc_le32(&b);
	if (b.bad || code != FSCTL_TRANSCEIVE)
		return;
	struct smb_pending *q = pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (q)
		q->file = file;
	smb_content_at(c, s, p->m, p->at + at, n, file ? file : c->chain, false, 0);
}

static void set_info_request(struct smb *c, const struct part *p, struct toc_sink *s)
{
	char name[SMB_NAME];
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 2);
	uint8_t type = toc_u8(&b), class = toc_u8(&b);
	uint32_t n = toc_le32(&b);
	uint16_t at = toc_le16(&b);
	toc_skip(&b, 6);
	uint64_t file = read_file_id(&b);
	struct toc_cursor info = toc_cursor_of(buffer(p, at, n));
	struct toc_span text = { NULL, 0 };
	enum smb_action action = ACTION_NONE;
	if (b.bad || type != INFO_FILE)
		return;
	if (class == CLASS_DISPOSITION || class == CLASS_DISPOSITION_EX) {
		action = toc_u8(&info) & 1 ? ACTION_DELETE : ACTION_KEEP;
	} else if (class == CLASS_RENAME || class == CLASS_RENAME_EX) {
		toc_skip(&info, 16);
		struct toc_span raw = toc_take(&info, toc_le32(&info));
		text = toc_span_of(name, utf16_text(raw, name, sizeof(name)));
		action = ACTION_RENAME;
	}
	struct smb_pending *q = action == ACTION_NONE || info.bad ? NULL : pend(c, s, p, text);
	if (!q)
		return;
	q->file = file;
	q->action = (uint8_t)action;
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

static void negotiate_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 4);
	uint16_t dialect = toc_le16(&b);
	if (b.bad || STATUS_FAILED(p->status))
		return;
	c->dialect = dialect;
	toc_skip(&b, 50);
	uint16_t at = toc_le16(&b), n = toc_le16(&b);
	struct toc_span token = b.bad ? toc_span_first(p->bytes, 0) : buffer(p, at, n);
	if (token.n)
		toc_sink_inner(s, "ntlm", 0, TOC_RESP, token);
}

static void session_setup_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 4);
	uint16_t at = toc_le16(&b), n = toc_le16(&b);
	struct toc_span token = b.bad ? toc_span_first(p->bytes, 0) : buffer(p, at, n);
	if (token.n)
		smb_session_token(c, s, p->session, true, token);
	if (p->status != STATUS_MORE)
		smb_session_result(c, s, p->session, !STATUS_FAILED(p->status));
}

static void tree_connect_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	static const uint8_t shares[] = { SHARE_UNKNOWN, SHARE_DISK, SHARE_PIPE, SHARE_PRINT };
	char path[SMB_PATH];
	struct toc_cursor b = body_of(p);
	toc_skip(&b, 2);
	uint8_t type = toc_u8(&b);
	struct smb_pending *q = asked(s, p);
	size_t n = q ? q->name_n < SMB_PATH ? q->name_n : SMB_PATH : 0;
	if (p->status || b.bad)
		return;
	if (n)
		memcpy(path, q->name, n);
	struct smb_mapping m = { .tree = p->tree, .path = toc_span_of(path, n) };
	m.share = type < sizeof(shares) ? (enum smb_share)shares[type] : SHARE_UNKNOWN;
	smb_mapped(c, s, &m);
}

static void create_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	struct smb_pending *q = asked(s, p);
	struct smb_opened o = { .key = 0 };
	toc_skip(&b, 4);
	uint32_t action = toc_le32(&b);
	o.times[2] = smb_time(toc_le64(&b));
	o.times[1] = smb_time(toc_le64(&b));
	o.times[0] = smb_time(toc_le64(&b));
	o.times[3] = smb_time(toc_le64(&b));
	toc_skip(&b, 8);
	o.size = toc_le64(&b);
	o.directory = toc_le32(&b) & ATTRIBUTE_DIRECTORY;
	toc_skip(&b, 4);
	o.key = read_file_id(&b);
	if (b.bad || STATUS_FAILED(p->status))
		return;
	o.created = action == CREATED_SUPERSEDED || action == CREATED_NEW || action == CREATED_OVERWRITTEN;
	c->chain = o.key;
	if (q)
		smb_opened(c, s, q, &o);
}

static void close_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	const struct smb_pending *q = asked(s, p);
	if (q && !STATUS_FAILED(p->status))
		smb_closed(c, s, file_of(c, q));
}

static void read_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	const struct smb_pending *q = asked(s, p);
	toc_skip(&b, 2);
	uint8_t at = toc_u8(&b);
	toc_skip(&b, 1);
	uint32_t n = toc_le32(&b);
	if (!q || b.bad || STATUS_FAILED(p->status))
		return;
	uint64_t file = file_of(c, q), offset = q->offset;
	smb_counted(s, file, false, n);
	smb_content_at(c, s, p->m, p->at + at, n, file, true, offset);
}

static void write_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	const struct smb_pending *q = asked(s, p);
	toc_skip(&b, 4);
	uint32_t n = toc_le32(&b);
	if (q && !b.bad && !STATUS_FAILED(p->status))
		smb_counted(s, file_of(c, q), true, n);
}

static void ioctl_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	struct toc_cursor b = body_of(p);
	const struct smb_pending *q = asked(s, p);
	toc_skip(&b, 4);
	uint32_t code = toc_le32(&b);
	toc_skip(&b, 24);
	uint32_t at = toc_le32(&b), n = toc_le32(&b);
	if (q && !b.bad && !STATUS_FAILED(p->status) && code == FSCTL_TRANSCEIVE)
		smb_content_at(c, s, p->m, p->at + at, n, file_of(c, q), true, 0);
}

static void set_info_reply(struct smb *c, const struct part *p, struct toc_sink *s)
{
	char name[SMB_NAME];
	const struct smb_pending *q = asked(s, p);
	if (!q || STATUS_FAILED(p->status))
		return;
	uint64_t file = file_of(c, q);
	enum smb_action action = (enum smb_action)q->action;
	size_t n = q->name_n;
	memcpy(name, q->name, n);
	if (action == ACTION_RENAME)
		smb_renamed(c, s, file, toc_span_of(name, n));
	else if (action == ACTION_DELETE)
		smb_deleted(c, s, file);
}

/* --- dispatch ----------------------------------------------------------------------------------------------------- */

typedef void handler(struct smb *, const struct part *, struct toc_sink *);

static const struct {
	handler *request, *reply;
} handlers[COMMANDS] = { [NEGOTIATE] = { NULL, negotiate_reply },
			 [SESSION_SETUP] = { session_setup_request, session_setup_reply },
			 [TREE_CONNECT] = { tree_connect_request, tree_connect_reply },
			 [CREATE] = { create_request, create_reply },
			 [CLOSE] = { close_request, close_reply },
			 [READ] = { read_request, read_reply },
			 [WRITE] = { write_request, write_reply },
			 [IOCTL] = { ioctl_request, ioctl_reply },
			 [SET_INFO] = { set_info_request, set_info_reply } };

static void take(struct smb *c, const struct part *p, struct toc_sink *s)
{
	if (!c->oriented) {
		c->oriented = true;
		c->flipped = (p->m->dir == TOC_ORIG) == p->reply;
	}
	if (p->command >= COMMANDS || (p->reply && p->status == STATUS_PENDING))
		return;
	handler *h = p->reply ? handlers[p->command].reply : handlers[p->command].request;
	if (h)
		h(c, p, s);
	if (p->reply)
		toc_sink_forget(s, smb_key(CELL_PENDING, p->id));
	if (p->reply && p->command == TREE_DISCONNECT && !p->status)
		toc_sink_forget(s, smb_key(CELL_TREE, p->tree));
}

/* Section 2.2.1: the header; next = where the following one stands, 0: none. */
static bool read_header(struct part *p, uint32_t *next)
{
	struct toc_cursor h = toc_cursor_of(p->bytes);
	bool magic = toc_le32(&h) == 0x424d53fe;
	toc_skip(&h, 4);
	p->status = toc_le32(&h);
	p->command = toc_le16(&h);
	toc_skip(&h, 2);
	p->flags = toc_le32(&h);
	*next = toc_le32(&h);
	p->id = toc_le64(&h);
	toc_skip(&h, 4);
	p->tree = toc_le32(&h);
	p->session = toc_le64(&h);
	toc_skip(&h, 16);
	p->reply = p->flags & FLAG_REPLY;
	if (p->flags & FLAG_ASYNC)
		p->tree = 0;
	return magic && !h.bad;
}

void smb2_message(struct smb *c, const struct smb_message *m, struct toc_sink *s)
{
	size_t at = 0;
	for (unsigned i = 0; i < CHAIN_MOST; i++) {
		struct part p = { .m = m, .at = at, .bytes = toc_span_from(m->bytes, at) };
		uint32_t next;
		if (!read_header(&p, &next))
			return;
		if (next >= HEADER && next < p.bytes.n)
			p.bytes = toc_span_first(p.bytes, next);
		take(c, &p, s);
		if (next < HEADER || next >= m->bytes.n - at)
			return;
		at += next;
	}
}

bool smb2_is_content(struct toc_span first)
{
	struct part p = { .bytes = first };
	uint32_t next;
	return read_header(&p, &next) && next == 0 && p.command == (p.reply ? READ : WRITE);
}
