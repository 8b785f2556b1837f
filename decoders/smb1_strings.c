/* smb1_strings - keys of SMB 1, and its strings in either alphabet (MS-CIFS, section 2.2.1.1). */
#include "decoders/smb1.h"
#include "decoders/utf16.h"

uint64_t smb1_file_key(uint16_t fid)
{
	return smb_key(CELL_FILE, UINT64_C(0x1000000) | fid);
}

uint64_t smb1_pending_id(const struct smb1_part *p)
{
	return (uint64_t)p->command << 32 | p->id;
}

bool smb1_failed(const struct smb1_part *p)
{
	return p->status && p->status >> 30 != 2; /* NT errors, DOS errors; warnings are answers */
}

struct smb_pending *smb1_pend(struct smb *c, struct toc_sink *s, const struct smb1_part *p, struct toc_span name)
{
	struct smb_pending *q = smb_pend(c, s, smb1_pending_id(p), p->command, name);
	if (!q)
		return NULL;
	q->tree = p->tree;
	q->session = p->user;
	return q;
}

struct smb_pending *smb1_asked(struct toc_sink *s, const struct smb1_part *p)
{
	return toc_sink_memory(s, smb_key(CELL_PENDING, smb1_pending_id(p)), 0);
}

/* Strings in the bytes stand at even places of the message when they are UTF-16. */
void smb1_align(const struct smb1_part *p, struct toc_cursor *b)
{
	size_t at = p->bytes_at + (toc_left(&p->bytes) - toc_left(b));
	if (p->unicode && (at & 1))
		toc_skip(b, 1);
}

/* A string that ends with a zero (two, when UTF-16) or with the bytes. */
size_t smb1_string(const struct smb1_part *p, struct toc_cursor *b, char *out, size_t room)
{
	struct toc_span rest;
	size_t n = 0;
	if (p->unicode)
		smb1_align(p, b);
	rest = toc_rest(b);
	if (!p->unicode) {
		n = toc_span_find(rest, 0);
		toc_skip(b, n < rest.n ? n + 1 : n);
		return oem_text(toc_span_first(rest, n), out, room);
	}
	while (n + 2 <= rest.n && (rest.p[n] || rest.p[n + 1]))
		n += 2;
	toc_skip(b, n + 2 <= rest.n ? n + 2 : rest.n);
	return utf16_text(toc_span_first(rest, n), out, room);
}

size_t smb1_text(const struct smb1_part *p, struct toc_span raw, char *out, size_t room)
{
	return p->unicode ? utf16_text(raw, out, room) : oem_text(raw, out, room);
}
