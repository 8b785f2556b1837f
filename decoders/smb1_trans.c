/* smb1_trans - SMB 1 transactions: calls on named pipes, changes of open files (MS-CIFS, sections 2.2.4.33
 * and 2.2.4.46). */
#include "decoders/smb1.h"

enum {
	TRANS_TRANSACT = 0x26,
	TRANS2_SET_FILE = 8,
	LEVEL_DISPOSITION = 0x102,
	LEVEL_DISPOSITION_PASS = 1013,
	LEVEL_RENAME_PASS = 1010
};

/* Where a transaction's data and parameters stand in its message (MS-CIFS, 2.2.4.33.1). */
struct transaction {
	uint32_t parameters_n, parameters_at, data_n, data_at;
	uint16_t setup[2];
};

static bool read_transaction(const struct smb1_part *p, struct transaction *t)
{
	struct toc_cursor w = p->words;
	toc_skip(&w, p->reply ? 6 : 18);
	t->parameters_n = toc_le16(&w);
	t->parameters_at = toc_le16(&w);
	toc_skip(&w, p->reply ? 2 : 0);
	t->data_n = toc_le16(&w);
	t->data_at = toc_le16(&w);
	toc_skip(&w, p->reply ? 2 : 0);
	toc_skip(&w, 2); /* SetupCount, reserved */
	t->setup[0] = toc_left(&w) >= 2 ? toc_le16(&w) : 0;
	t->setup[1] = toc_left(&w) >= 2 ? toc_le16(&w) : 0;
	return !w.bad;
}

void smb1_pipe_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct transaction t;
	if (!read_transaction(p, &t) || t.setup[0] != TRANS_TRANSACT)
		return;
	struct smb_pending *q = smb1_pend(c, s, p, (struct toc_span){ NULL, 0 });
	if (q)
		q->file = smb1_file_key(t.setup[1]);
	smb_content_at(c, s, p->m, t.data_at, t.data_n, smb1_file_key(t.setup[1]), false, 0);
}

void smb1_pipe_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct transaction t;
	const struct smb_pending *q = smb1_asked(s, p);
	if (q && !smb1_failed(p) && read_transaction(p, &t))
		smb_content_at(c, s, p->m, t.data_at, t.data_n, q->file, true, 0);
}

/* SET_FILE_INFORMATION: rename and delete of an open file. */
void smb1_trans2_request(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	struct transaction t;
	char name[SMB_NAME];
	if (!read_transaction(p, &t) || t.setup[0] != TRANS2_SET_FILE)
		return;
	struct toc_cursor par = toc_cursor_of(toc_span_from(p->m->bytes, t.parameters_at));
	struct toc_cursor data = toc_cursor_of(toc_span_from(p->m->bytes, t.data_at));
	uint16_t fid = toc_le16(&par), level = toc_le16(&par);
	struct toc_span text = { NULL, 0 };
	enum smb_action action = ACTION_NONE;
	if (level == LEVEL_DISPOSITION || level == LEVEL_DISPOSITION_PASS) {
		action = toc_u8(&data) ? ACTION_DELETE : ACTION_KEEP;
	} else if (level == LEVEL_RENAME_PASS) {
		toc_skip(&data, 8);
		struct toc_span raw = toc_take(&data, toc_le32(&data));
		text = toc_span_of(name, smb1_text(p, raw, name, sizeof(name)));
		action = ACTION_RENAME;
	}
	struct smb_pending *q = action == ACTION_NONE || par.bad || data.bad ? NULL : smb1_pend(c, s, p, text);
	if (!q)
		return;
	q->file = smb1_file_key(fid);
	q->action = (uint8_t)action;
}

void smb1_trans2_reply(struct smb *c, const struct smb1_part *p, struct toc_sink *s)
{
	char name[SMB_NAME];
	const struct smb_pending *q = smb1_asked(s, p);
	if (!q || smb1_failed(p))
		return;
	uint64_t file = q->file;
	enum smb_action action = (enum smb_action)q->action;
	size_t n = q->name_n;
	memcpy(name, q->name, n);
	if (action == ACTION_RENAME)
		smb_renamed(c, s, file, toc_span_of(name, n));
	else if (action == ACTION_DELETE)
		smb_deleted(c, s, file);
}
