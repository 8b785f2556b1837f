/* smb_sealed - calls through pipes of an encrypted SMB 3 connection, by the lengths that the transform header tells in
 * clear (MS-SMB2, section 2.2.41). The ciphers do not pad, so what is 64 + 56 bytes long and answered with 64 + 88 is a
 * CREATE with so long a name and no context (2.2.13, 2.2.14): a pipe, if a bind (C706, section 12.6.4.3) and its answer
 * follow. */
#include "decoders/smb.h"

enum { HEADER = 64, CREATE = HEADER + 56, CREATED = HEADER + 88, WRITE = HEADER + 48, WRITTEN = HEADER + 16 };
enum { READ = HEADER + 49, READ_PADDED = HEADER + 48, READ_DONE = HEADER + 16 };
enum {
	IOCTL = HEADER + 56,
	IOCTL_DONE = HEADER + 48,
	CLOSE = HEADER + 24,
	CLOSED = HEADER + 60,
	PENDING_MOST = HEADER + 9
};
enum {
	BIND = 28,
	CONTEXT = 44,
	CONTEXTS = 8,
	ACK_CONTEXT = 24,
	ACK_FIXED = 26,
	ACK_LEAST = 28,
	CALL = 24,
	NAME_MOST = 32
};
enum { AT_NOTHING, AT_OPEN, AT_BIND_SENT, AT_BOUND };

/* Contexts of a bind that is n bytes long; 0: no bind is. */
static unsigned contexts_of(uint32_t n)
{
	if (n < BIND + CONTEXT || (n - BIND) % CONTEXT)
		return 0;
	unsigned k = (n - BIND) / CONTEXT;
	return k <= CONTEXTS ? k : 0;
}

/* What stands in a bind's answer besides its results: the fixed part and the secondary address, padded. 0: no answer is
 * so short or so long. */
static unsigned address_of(uint32_t n, unsigned contexts)
{
	uint32_t results = 4 + ACK_CONTEXT * contexts;
	if (n < results + ACK_LEAST || n > results + ACK_LEAST + 2 * NAME_MOST)
		return 0;
	return n - results;
}

/* The accounts' pipe is the only one of the system's whose name has four letters; its process answers with its own
 * name, \pipe\lsass (12 with its end), or the pipe's (11). */
static const char *pipe_of(const struct smb_sealed *p)
{
	return p->letters == 4 && p->address == ((ACK_FIXED + 12 + 3) & ~3u) ? "samr" : NULL;
}

static void tell(struct smb_sealed *p, struct toc_sink *s, uint32_t size)
{
	p->calls++;
	for (unsigned i = 0; i < p->n; i++)
		if (p->sizes[i] == size)
			return;
	if (p->n == SMB_SEALED_SIZES)
		return;
	p->sizes[p->n++] = size;
	struct toc_draft *d = toc_sink_begin(s, K_SEALED);
	if (pipe_of(p))
		toc_put_cstr(d, F_SEALED_PIPE, pipe_of(p));
	toc_put_uint(d, F_SEALED_LETTERS, p->letters);
	toc_put_uint(d, F_SEALED_SIZE, size);
	toc_put_uint(d, F_SEALED_NUMBER, p->calls);
	toc_sink_commit(s, d);
}

static void opened(struct smb_sealed *p, uint32_t asked)
{
	*p = (struct smb_sealed){ .at = AT_OPEN, .letters = (uint8_t)((asked - CREATE) / 2) };
}

static void bound(struct smb_sealed *p, uint32_t answer)
{
	p->address = (uint8_t)address_of(answer, p->contexts);
	p->at = p->address ? AT_BOUND : AT_NOTHING;
}

/* A request and its answer, while a pipe may be open. */
static void exchange(struct smb_sealed *p, uint32_t q, uint32_t r, struct toc_sink *s)
{
	bool written = r == WRITTEN && q >= WRITE + CALL;
	bool called = !written && r >= IOCTL_DONE + CALL && q >= IOCTL + CALL;
	bool reads = (q == READ || q == READ_PADDED) && r >= READ_DONE + CALL;
	if (p->at == AT_OPEN && written && contexts_of(q - WRITE)) {
		p->contexts = (uint8_t)contexts_of(q - WRITE);
		p->at = AT_BIND_SENT;
	} else if (p->at == AT_OPEN && called && contexts_of(q - IOCTL)) {
		p->contexts = (uint8_t)contexts_of(q - IOCTL);
		bound(p, r - IOCTL_DONE);
	} else if (p->at == AT_BIND_SENT && reads) {
		bound(p, r - READ_DONE);
	} else if (p->at == AT_BOUND && (written || called)) {
		tell(p, s, written ? q - WRITE : q - IOCTL);
	} else if (q == CLOSE && r == CLOSED) {
		p->at = AT_NOTHING;
	}
}

void smb_sealed_message(struct smb *c, const struct smb_message *m, struct toc_sink *s)
{
	enum { LENGTH_AT = 36 };
	struct smb_sealed *p = &c->sealed;
	struct toc_cursor t = toc_cursor_of(m->bytes);
	toc_skip(&t, LENGTH_AT);
	uint32_t n = toc_le32(&t);
	bool client =
		c->oriented ? (m->dir == TOC_ORIG) != c->flipped : s->flow->orig_port != 445 && m->dir == TOC_ORIG;
	if (t.bad)
		return;
	if (client) {
		p->asked = n;
		return;
	}
	uint32_t q = p->asked;
	if (!q || (n > HEADER && n <= PENDING_MOST && q != CLOSE)) /* not answered yet, or refused */
		return;
	p->asked = 0;
	if (n == CREATED && q > CREATE && q <= CREATE + 2 * NAME_MOST && q % 2 == 0)
		opened(p, q);
	else if (p->at != AT_NOTHING)
		exchange(p, q, n, s);
}

void smb_sealed_gap(struct smb *c)
{
	c->sealed = (struct smb_sealed){ 0 };
}
