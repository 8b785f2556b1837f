/* smb_files - what an SMB client does to files: rows as Zeek's smb_files.log has them, and counts of reads and writes.
 */
#include "decoders/smb.h"

const struct toc_field_decl smb_fields[N_SMB_FIELDS] = {
	[K_SMB_FILES] = { "smb_files", TOC_KIND, false, TOC_OPEN, NULL, "a file opened, renamed or deleted over SMB" },
	[F_ACTION] = { "action", TOC_STRING, false, TOC_OPEN, NULL,
		       "SMB::FILE_OPEN, FILE_RENAME, FILE_DELETE, PRINT_OPEN" },
	[F_PATH] = { "path", TOC_STRING, false, TOC_CONTENT, NULL, "share: \\\\host\\share" },
	[F_NAME] = { "name", TOC_STRING, false, TOC_CONTENT, NULL,
		     "name in the share; <share_root> for the share itself" },
	[F_SIZE] = { "size", TOC_UINT, false, TOC_OPEN, "B", "size when it was opened" },
	[F_PREV_NAME] = { "prev_name", TOC_STRING, false, TOC_CONTENT, NULL, "name before it was renamed" },
	[F_MODIFIED] = { "times.modified", TOC_TIME, false, TOC_OPEN, NULL, "content changed last" },
	[F_ACCESSED] = { "times.accessed", TOC_TIME, false, TOC_OPEN, NULL, "read last" },
	[F_CREATED] = { "times.created", TOC_TIME, false, TOC_OPEN, NULL, "made" },
	[F_CHANGED] = { "times.changed", TOC_TIME, false, TOC_OPEN, NULL, "attributes changed last" },
	[K_SMB_PIPE] = { "smb_pipe", TOC_KIND, false, TOC_OPEN, NULL,
			 "a named pipe opened over SMB 2 (Zeek leaves it out; over SMB 1 it is a row of smb_files)" },
	[F_PIPE_ACTION] = { "action", TOC_STRING, false, TOC_OPEN, NULL, "SMB::PIPE_OPEN" },
	[F_PIPE_PATH] = { "path", TOC_STRING, false, TOC_OPEN, NULL, "\\\\host\\IPC$" },
	[F_PIPE_NAME] = { "name", TOC_STRING, false, TOC_OPEN, NULL, "name of the pipe" },
	[K_SMB_MAPPING] = { "smb_mapping", TOC_KIND, false, TOC_OPEN, NULL, "a share connected" },
	[F_MAP_PATH] = { "path", TOC_STRING, false, TOC_CONTENT, NULL, "\\\\host\\share" },
	[F_MAP_SERVICE] = { "service", TOC_STRING, false, TOC_OPEN, NULL, "SMB1: kind of resource (A:, IPC …)" },
	[F_MAP_FS] = { "native_file_system", TOC_STRING, false, TOC_OPEN, NULL, "SMB1: the share's file system" },
	[F_MAP_TYPE] = { "share_type", TOC_STRING, false, TOC_OPEN, NULL, "DISK, PIPE, PRINT" },
	[K_FILE_OP] = { "file_op", TOC_KIND, false, TOC_OPEN, NULL,
			"what was done to a file, told when it is closed, renamed or deleted" },
	[F_OP_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL,
			"DOMAIN\\name of the session, where NTLM told it" },
	[F_OP_SHARE] = { "share", TOC_STRING, false, TOC_CONTENT, NULL, "\\\\host\\share" },
	[F_OP_DIR] = { "dir", TOC_STRING, false, TOC_CONTENT, NULL, "folder within the share" },
	[F_OP_NAME] = { "name", TOC_STRING, false, TOC_CONTENT, NULL, "file name without folder" },
	[F_OP_EXT] = { "ext", TOC_STRING, false, TOC_OPEN, NULL, "what follows the last dot, lower case" },
	[F_OP_PREV_EXT] = { "prev_ext", TOC_STRING, false, TOC_OPEN, NULL, "the same before it was renamed" },
	[F_OP] = { "op", TOC_STRING, false, TOC_OPEN, NULL, "rename, delete; told at close: write, read, create" },
	[F_OP_READS] = { "reads", TOC_UINT, false, TOC_OPEN, NULL, "reads answered since it was opened" },
	[F_OP_WRITES] = { "writes", TOC_UINT, false, TOC_OPEN, NULL, "writes answered" },
	[F_OP_BYTES_READ] = { "bytes_read", TOC_UINT, false, TOC_OPEN, "B", "bytes read" },
	[F_OP_BYTES_WRITTEN] = { "bytes_written", TOC_UINT, false, TOC_OPEN, "B", "bytes written" },
	[K_SMB_SESSION] = { "smb_session", TOC_KIND, false, TOC_OPEN, NULL, "an SMB connection, told at its end" },
	[F_DIALECT] = { "dialect", TOC_STRING, false, TOC_OPEN, NULL,
			"version that the server chose: 1.0, 2.0.2, 3.1.1 …" },
	[F_ENCRYPTED] = { "encrypted", TOC_UINT, false, TOC_OPEN, NULL,
			  "messages that came encrypted: no more than their lengths is known of them" },
	[K_SEALED] = { "smb_sealed_rpc", TOC_KIND, false, TOC_OPEN, NULL,
		       "a call of a length that is new, through a pipe of an encrypted connection; all by lengths" },
	[F_SEALED_PIPE] = { "pipe", TOC_STRING, false, TOC_OPEN, NULL,
			    "the pipe, where lengths allow but one of the system's: samr" },
	[F_SEALED_LETTERS] = { "letters", TOC_UINT, false, TOC_OPEN, NULL, "how long the pipe's name is" },
	[F_SEALED_SIZE] = { "call_bytes", TOC_UINT, false, TOC_OPEN, "B", "length of the call, its header included" },
	[F_SEALED_NUMBER] = { "number", TOC_UINT, false, TOC_OPEN, NULL,
			      "which call through this pipe it was, from 1" },
};

enum { TELL_AGAIN = 180 /* s */ };

static uint32_t mix(uint32_t h, const void *p, size_t n)
{
	struct toc_cursor c = toc_cursor_of(toc_span_of(p, n));
	while (toc_left(&c))
		h = (h ^ toc_u8(&c)) * 16777619u; /* FNV-1a */
	return h;
}

/* Whether this row was told within three minutes. */
static bool told_lately(struct smb *c, struct toc_sink *s, uint32_t hash)
{
	uint32_t now = (uint32_t)(s->ts / TOC_SEC) | 1;
	for (unsigned i = 0; i < SMB_RECENT; i++) {
		if (c->recent[i].hash != hash || !c->recent[i].seen || now - c->recent[i].seen > TELL_AGAIN)
			continue;
		c->recent[i].seen = now;
		return true;
	}
	c->recent[c->recent_at].hash = hash;
	c->recent[c->recent_at].seen = now;
	c->recent_at = (uint8_t)((c->recent_at + 1) % SMB_RECENT);
	return false;
}

static struct toc_span name_of(const struct smb_file *f)
{
	return toc_span_of(f->name, f->name_n);
}

static void put_name(struct toc_draft *d, unsigned field, struct toc_span name)
{
	if (name.n)
		toc_put_str(d, field, name);
	else
		toc_put_cstr(d, field, "<share_root>");
}

static void tell(struct smb *c, struct toc_sink *s, const struct smb_file *f, const char *action, struct toc_span prev)
{
	static const uint8_t fields[] = { F_MODIFIED, F_ACCESSED, F_CREATED, F_CHANGED };
	const struct smb_tree *t = smb_tree(s, f->tree);
	uint32_t hash = mix(2166136261u, action, strlen(action));
	hash = mix(mix(hash, f->name, f->name_n), &f->size, sizeof(f->size));
	for (unsigned i = 0; i < 4; i++)
		if (fields[i] != F_ACCESSED) /* being read again is no news of the file */
			hash = mix(hash, &f->times[i], sizeof(f->times[i]));
	if (t)
		hash = mix(hash, t->path, t->path_n);
	if (f->share != SHARE_PIPE && told_lately(c, s, hash))
		return;
	struct toc_draft *d = toc_sink_begin(s, K_SMB_FILES);
	toc_put_cstr(d, F_ACTION, action);
	if (t && t->path_n)
		toc_put_str(d, F_PATH, toc_span_of(t->path, t->path_n));
	put_name(d, F_NAME, name_of(f));
	toc_put_uint(d, F_SIZE, f->size);
	if (prev.p)
		put_name(d, F_PREV_NAME, prev);
	for (unsigned i = 0; i < 4; i++)
		if (f->times[i])
			toc_put_time(d, fields[i], f->times[i]);
	toc_sink_commit(s, d);
}

static void tell_pipe(struct toc_sink *s, const struct smb_file *f)
{
	const struct smb_tree *t = smb_tree(s, f->tree);
	struct toc_draft *d = toc_sink_begin(s, K_SMB_PIPE);
	toc_put_cstr(d, F_PIPE_ACTION, "SMB::PIPE_OPEN");
	if (t && t->path_n)
		toc_put_str(d, F_PIPE_PATH, toc_span_of(t->path, t->path_n));
	toc_put_str(d, F_PIPE_NAME, name_of(f));
	toc_sink_commit(s, d);
}

/* --- file_op ------------------------------------------------------------------------------------------------------ */

/* Where the name begins in the folder's path. */
static size_t base_of(struct toc_span name)
{
	size_t at = name.n;
	while (at && name.p[at - 1] != '\\' && name.p[at - 1] != '/')
		at--;
	return at;
}

static size_t extension(struct toc_span name, char out[SMB_EXT])
{
	struct toc_span base = toc_span_from(name, base_of(name));
	size_t dot = base.n;
	while (dot && base.p[dot - 1] != '.')
		dot--;
	struct toc_span ext = dot > 1 ? toc_span_from(base, dot) : toc_span_first(base, 0);
	if (ext.n > SMB_EXT)
		return 0;
	for (size_t i = 0; i < ext.n; i++)
		out[i] = (char)toc_lower(ext.p[i]);
	return ext.n;
}

static void put_counts(struct toc_draft *d, const struct smb_file *f)
{
	toc_put_uint(d, F_OP_READS, f->reads);
	toc_put_uint(d, F_OP_WRITES, f->writes);
	toc_put_uint(d, F_OP_BYTES_READ, f->bytes_read);
	toc_put_uint(d, F_OP_BYTES_WRITTEN, f->bytes_written);
}

static void tell_op(struct toc_sink *s, const struct smb_file *f, const char *op)
{
	char ext[SMB_EXT];
	struct toc_span name = name_of(f);
	if (name.n && name.p[0] == '\\') /* SMB 1 begins at the share's root */
		name = toc_span_from(name, 1);
	size_t base = base_of(name), n = extension(name, ext);
	const struct smb_tree *t = smb_tree(s, f->tree);
	const struct smb_user *u = toc_sink_memory(s, smb_key(CELL_USER, f->session), 0);
	struct toc_draft *d = toc_sink_begin(s, K_FILE_OP);
	if (u)
		toc_put_str(d, F_OP_USER, toc_span_of(u->name, u->n));
	if (t && t->path_n)
		toc_put_str(d, F_OP_SHARE, toc_span_of(t->path, t->path_n));
	toc_put_str(d, F_OP_DIR, toc_span_first(name, base ? base - 1 : 0));
	toc_put_str(d, F_OP_NAME, toc_span_from(name, base));
	if (n)
		toc_put_str(d, F_OP_EXT, toc_span_of(ext, n));
	if (f->prev_ext_n)
		toc_put_str(d, F_OP_PREV_EXT, toc_span_of(f->prev_ext, f->prev_ext_n));
	toc_put_cstr(d, F_OP, op);
	put_counts(d, f);
	toc_sink_commit(s, d);
}

/* Told at the end of its being open, if anything was done to it. */
static void tell_close(struct toc_sink *s, const struct smb_file *f)
{
	if (f->share == SHARE_PIPE || f->deleted)
		return;
	if (f->writes)
		tell_op(s, f, "write");
	else if (f->reads)
		tell_op(s, f, "read");
	else if (f->created && !f->directory)
		tell_op(s, f, "create");
}

/* --- content ------------------------------------------------------------------------------------------------------ */

static enum toc_dir content_dir(const struct smb *c, bool reply)
{
	return reply != c->flipped ? TOC_RESP : TOC_ORIG;
}

static void end_body(struct smb *c, struct toc_sink *s, enum toc_dir dir)
{
	if (c->body[dir])
		toc_body_close(s, dir, NULL);
	c->body[dir] = 0;
}

/* One body a direction: a file that begins takes the place of one that was left in the middle. */
static bool own_body(struct smb *c, struct toc_sink *s, uint64_t key, struct smb_file *f, bool reply, uint64_t offset)
{
	enum toc_dir dir = content_dir(c, reply);
	if (c->body[dir] == key)
		return true;
	if (f->bodied[reply] || (offset && c->body[dir]))
		return false;
	end_body(c, s, dir);
	f->bodied[reply] = true;
	uint64_t size = reply && f->size ? f->size : UINT64_MAX;
	toc_body_open(s, dir, "SMB", name_of(f), size);
	c->body[dir] = key;
	return true;
}

static void file_content(struct smb *c, struct toc_sink *s, uint64_t key, struct smb_file *f, bool reply,
			 uint64_t offset, struct toc_span bytes)
{
	enum toc_dir dir = content_dir(c, reply);
	if (f->directory || offset > UINT64_MAX - bytes.n || !own_body(c, s, key, f, reply, offset))
		return;
	uint64_t whole = toc_body_at(s, dir, offset, bytes);
	if (reply && f->size && whole >= f->size)
		end_body(c, s, dir);
}

void smb_content(struct smb *c, struct toc_sink *s, uint64_t key, bool reply, uint64_t offset, struct toc_span bytes)
{
	struct smb_file *f = bytes.n ? smb_file(s, key) : NULL;
	if (!f)
		return;
	if (f->share != SHARE_PIPE)
		file_content(c, s, key, f, reply, offset, bytes);
	else if (bytes.p)
		toc_sink_inner(s, "dce_rpc", key, reply ? TOC_RESP : TOC_ORIG, bytes);
	else
		toc_sink_inner_gap(s, "dce_rpc", key, reply ? TOC_RESP : TOC_ORIG, bytes.n);
}

void smb_content_at(struct smb *c, struct toc_sink *s, const struct smb_message *m, size_t at, uint64_t n, uint64_t key,
		    bool reply, uint64_t offset)
{
	if (at > m->total)
		return;
	n = n < m->total - at ? n : m->total - at;
	struct toc_span here = toc_span_first(toc_span_from(m->bytes, at), (size_t)n);
	smb_content(c, s, key, reply, offset, here);
	if (here.n == n || at > m->bytes.n)
		return;
	struct smb_side *side = &c->side[m->dir];
	side->data = (uint32_t)(n - here.n);
	side->file = key;
	side->offset = offset + here.n;
	side->reply = reply;
}

/* --- life of a file ----------------------------------------------------------------------------------------------- */

void smb_opened(struct smb *c, struct toc_sink *s, const struct smb_pending *p, const struct smb_opened *o)
{
	const struct smb_tree *t = smb_tree(s, p->tree);
	enum smb_share share = t ? (enum smb_share)t->share : SHARE_UNKNOWN;
	char name[SMB_NAME]; /* making room may let go of the request */
	size_t name_n = p->name_n;
	struct smb_pending was = *p;
	memcpy(name, p->name, name_n);
	if (smb_file(s, o->key))
		smb_forget_file(c, s, o->key, true);
	struct smb_file *f = smb_cell_new(c, s, o->key, sizeof(*f) + name_n);
	if (!f)
		return;
	f->tree = was.tree;
	f->share = (uint8_t)share;
	f->delete_on_close = was.delete_on_close;
	f->created = o->created;
	f->directory = o->directory || was.directory;
	f->size = o->size;
	f->session = was.session;
	memcpy(f->times, o->times, sizeof(f->times));
	f->name_n = (uint16_t)name_n;
	memcpy(f->name, name, name_n);
	if (share == SHARE_PIPE && c->v2)
		tell_pipe(s, f);
	else
		tell(c, s, f, share == SHARE_PRINT ? "SMB::PRINT_OPEN" : "SMB::FILE_OPEN",
		     (struct toc_span){ NULL, 0 });
}

void smb_forget_file(struct smb *c, struct toc_sink *s, uint64_t key, bool told)
{
	struct smb_file *f = smb_file(s, key);
	if (!f)
		return;
	for (unsigned dir = 0; dir < 2; dir++)
		if (c->body[dir] == key)
			end_body(c, s, (enum toc_dir)dir);
	if (f->share == SHARE_PIPE)
		toc_sink_inner_close(s, "dce_rpc", key);
	else if (told)
		tell_close(s, f);
	toc_sink_forget(s, key);
}

void smb_deleted(struct smb *c, struct toc_sink *s, uint64_t key)
{
	struct smb_file *f = smb_file(s, key);
	if (!f || f->share == SHARE_PIPE || f->deleted)
		return;
	f->deleted = true;
	tell(c, s, f, "SMB::FILE_DELETE", (struct toc_span){ NULL, 0 });
	tell_op(s, f, "delete");
}

void smb_closed(struct smb *c, struct toc_sink *s, uint64_t key)
{
	struct smb_file *f = smb_file(s, key);
	if (f && f->share == SHARE_PRINT)
		tell(c, s, f, "SMB::PRINT_CLOSE", (struct toc_span){ NULL, 0 });
	if (f && f->delete_on_close)
		smb_deleted(c, s, key);
	smb_forget_file(c, s, key, true);
}

void smb_renamed(struct smb *c, struct toc_sink *s, uint64_t key, struct toc_span name)
{
	char old[SMB_NAME], now[SMB_NAME];
	struct smb_file *f = smb_file(s, key);
	if (!f)
		return;
	struct smb_file was = *f;
	struct toc_span prev = toc_span_of(old, f->name_n);
	memcpy(old, f->name, f->name_n);
	name = toc_span_first(name, SMB_NAME);
	if (name.n)
		memcpy(now, name.p, name.n);
	f = smb_cell_new(c, s, key, sizeof(*f) + name.n);
	if (!f)
		return;
	*f = was;
	f->prev_ext_n = (uint8_t)extension(prev, f->prev_ext);
	f->name_n = (uint16_t)name.n;
	memcpy(f->name, now, name.n);
	tell(c, s, f, "SMB::FILE_RENAME", prev);
	tell_op(s, f, "rename");
	f = smb_file(s, key);
	if (f) /* the counts were told with it */
		f->reads = f->writes = 0, f->bytes_read = f->bytes_written = 0, f->created = false;
}

void smb_counted(struct toc_sink *s, uint64_t key, bool write, uint64_t n)
{
	struct smb_file *f = smb_file(s, key);
	if (!f || !n)
		return;
	if (write) {
		f->writes++;
		f->bytes_written += n;
	} else {
		f->reads++;
		f->bytes_read += n;
	}
}
