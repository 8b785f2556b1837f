/* smb_state - what an SMB connection has open: requests that wait, trees, sessions and their users. */
#include "decoders/smb.h"

void *smb_cell_new(struct smb *c, struct toc_sink *s, uint64_t key, size_t size)
{
	uint64_t oldest;
	toc_sink_forget(s, key);
	void *cell = toc_sink_memory(s, key, size);
	for (unsigned i = 0; !cell && i < 8 && toc_sink_memory_oldest(s, &oldest); i++) {
		if (oldest >> 60 == CELL_FILE)
			smb_forget_file(c, s, oldest, true);
		else
			toc_sink_forget(s, oldest);
		cell = toc_sink_memory(s, key, size);
	}
	return cell;
}

struct smb_pending *smb_pend(struct smb *c, struct toc_sink *s, uint64_t id, uint16_t command, struct toc_span name)
{
	name = toc_span_first(name, SMB_NAME);
	struct smb_pending *p = smb_cell_new(c, s, smb_key(CELL_PENDING, id), sizeof(*p) + name.n);
	if (!p)
		return NULL;
	p->ts = s->ts;
	p->command = command;
	p->name_n = (uint16_t)name.n;
	if (name.n)
		memcpy(p->name, name.p, name.n);
	return p;
}

struct smb_tree *smb_tree(struct toc_sink *s, uint32_t id)
{
	return toc_sink_memory(s, smb_key(CELL_TREE, id), 0);
}

struct smb_file *smb_file(struct toc_sink *s, uint64_t key)
{
	return key >> 60 == CELL_FILE ? toc_sink_memory(s, key, 0) : NULL;
}

void smb_session_token(struct smb *c, struct toc_sink *s, uint64_t session, bool reply, struct toc_span token)
{
	char name[NTLM_USER];
	size_t n = reply ? 0 : ntlm_user(token, name);
	if (n) {
		struct smb_user *u = smb_cell_new(c, s, smb_key(CELL_USER, session), sizeof(*u) + n);
		if (u) {
			u->n = (uint16_t)n;
			memcpy(u->name, name, n);
		}
	}
	/* The first request has no session yet, its answer has: one exchange at a time, under one key. */
	toc_sink_inner(s, "ntlm", 0, reply ? TOC_RESP : TOC_ORIG, token);
}

void smb_session_result(struct smb *c, struct toc_sink *s, uint64_t session, bool success)
{
	(void)c;
	ntlm_outcome(s, 0, success);
	if (!success)
		toc_sink_forget(s, smb_key(CELL_USER, session));
}

static const char *share_name(enum smb_share share)
{
	static const char *const names[] = { NULL, "DISK", "PIPE", "PRINT" };
	return names[share];
}

void smb_mapped(struct smb *c, struct toc_sink *s, const struct smb_mapping *m)
{
	struct toc_span path = toc_span_first(m->path, SMB_PATH);
	struct toc_draft *d = toc_sink_begin(s, K_SMB_MAPPING);
	if (path.n)
		toc_put_str(d, F_MAP_PATH, path);
	if (m->service.n)
		toc_put_str(d, F_MAP_SERVICE, m->service);
	if (m->file_system.n)
		toc_put_str(d, F_MAP_FS, m->file_system);
	if (share_name(m->share))
		toc_put_cstr(d, F_MAP_TYPE, share_name(m->share));
	toc_sink_commit(s, d);
	struct smb_tree *t = smb_cell_new(c, s, smb_key(CELL_TREE, m->tree), sizeof(*t) + path.n);
	if (!t)
		return;
	t->share = (uint8_t)m->share;
	t->path_n = (uint16_t)path.n;
	if (path.n)
		memcpy(t->path, path.p, path.n);
}

toc_time smb_time(uint64_t filetime)
{
	const uint64_t epoch = UINT64_C(116444736000000000); /* 1601 to 1970, in 100 ns */
	if (filetime < epoch || filetime - epoch > (uint64_t)(INT64_MAX / 100))
		return 0;
	return (toc_time)(filetime - epoch) * 100;
}
