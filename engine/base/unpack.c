/* unpack - one loop for three decoders; what is read and what is written are counted, and stand in proportion. */
#include "base/unpack.h"

#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

enum { PIECE = 1 << 18, ZSTD_WINDOW_LOG = 27 /* 128 MB: what zstd --long makes */ };

/* What one call took and gave. */
struct work {
	const uint8_t *in;
	size_t in_n;
	uint8_t *out;
	size_t out_n;
};

struct decoder;

struct format {
	const char *name;
	uint8_t magic[6];
	size_t magic_n;
	bool (*begin)(struct decoder *d);		 /* false: no memory */
	bool (*step)(struct decoder *d, struct work *w); /* false: damaged; d->whole: nothing is open at present */
	void (*end)(struct decoder *d);
};

struct decoder {
	union {
		struct inflate_state *gzip;
		ZSTD_DCtx *zstd;
		lzma_stream xz;
	} as;
	bool whole;
};

/* --- gzip (RFC 1952), several members one after another ----------------------------------------------------------- */

static bool gzip_begin(struct decoder *d)
{
	d->as.gzip = malloc(sizeof(*d->as.gzip));
	if (!d->as.gzip)
		return false;
	isal_inflate_init(d->as.gzip);
	d->as.gzip->crc_flag = ISAL_GZIP;
	return true;
}

static bool gzip_step(struct decoder *d, struct work *w)
{
	struct inflate_state *s = d->as.gzip;
	/* zeros behind a member: tar's and tapes' padding */
	while (d->whole && w->in_n && *w->in == 0)
		w->in++, w->in_n--;
	if (d->whole && w->in_n) {
		isal_inflate_reset(s);
		s->crc_flag = ISAL_GZIP;
		d->whole = false;
	}
	if (d->whole)
		return true;
	s->next_in = (uint8_t *)(uintptr_t)w->in; /* it is only read */
	s->avail_in = (uint32_t)w->in_n;
	s->next_out = w->out;
	s->avail_out = (uint32_t)w->out_n;
	int got = isal_inflate(s);
	w->in = s->next_in;
	w->in_n = s->avail_in;
	w->out = s->next_out;
	w->out_n = s->avail_out;
	d->whole = s->block_state == ISAL_BLOCK_FINISH;
	return got == ISAL_DECOMP_OK || got == ISAL_END_INPUT || got == ISAL_OUT_OVERFLOW;
}

static void gzip_end(struct decoder *d)
{
	free(d->as.gzip);
}

/* --- zstd (RFC 8878) ---------------------------------------------------------------------------------------------- */

static bool zstd_begin(struct decoder *d)
{
	d->as.zstd = ZSTD_createDCtx();
	return d->as.zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(d->as.zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
}

static bool zstd_step(struct decoder *d, struct work *w)
{
	ZSTD_inBuffer in = { w->in, w->in_n, 0 };
	ZSTD_outBuffer out = { w->out, w->out_n, 0 };
	size_t got = ZSTD_decompressStream(d->as.zstd, &out, &in);
	w->in += in.pos;
	w->in_n -= in.pos;
	w->out += out.pos;
	w->out_n -= out.pos;
	if (in.pos || out.pos || got)
		d->whole = got == 0;
	return !ZSTD_isError(got);
}

static void zstd_end(struct decoder *d)
{
	ZSTD_freeDCtx(d->as.zstd);
}

/* --- xz (https://tukaani.org/xz/xz-file-format.txt) --------------------------------------------------------------- */

static bool xz_begin(struct decoder *d)
{
	d->as.xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&d->as.xz, TOC_UNPACK_MEMORY, LZMA_CONCATENATED) == LZMA_OK;
}

/* in_n = 0 says that the input has ended. */
static bool xz_step(struct decoder *d, struct work *w)
{
	lzma_stream *s = &d->as.xz;
	lzma_action action = w->in_n ? LZMA_RUN : LZMA_FINISH;
	s->next_in = w->in;
	s->avail_in = w->in_n;
	s->next_out = w->out;
	s->avail_out = w->out_n;
	lzma_ret got = lzma_code(s, action);
	w->in = s->next_in;
	w->in_n = s->avail_in;
	w->out = s->next_out;
	w->out_n = s->avail_out;
	d->whole = got == LZMA_STREAM_END;
	return got == LZMA_OK || got == LZMA_STREAM_END || (got == LZMA_BUF_ERROR && action == LZMA_FINISH);
}

static void xz_end(struct decoder *d)
{
	lzma_end(&d->as.xz);
}

static const struct format formats[] = { { "gzip", { 0x1f, 0x8b }, 2, gzip_begin, gzip_step, gzip_end },
					 { "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, zstd_begin, zstd_step, zstd_end },
					 { "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, xz_begin, xz_step, xz_end } };

static const struct format *format_of(struct toc_span first)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (first.n >= formats[i].magic_n && memcmp(first.p, formats[i].magic, formats[i].magic_n) == 0)
			return &formats[i];
	return NULL;
}

const char *toc_unpack_format(struct toc_span first)
{
	const struct format *f = format_of(first);
	return f ? f->name : NULL;
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

struct toc_unpack {
	const struct format *format;
	int from, to, out; /* the file; both ends of the stream */
	const char *trouble;
	uint64_t read, written;
	pthread_t thread;
	bool running;
};

/* false: nobody reads any more. */
static bool give(struct toc_unpack *u, const uint8_t *p, size_t n)
{
	u->written += n;
	while (n) {
		ssize_t sent = send(u->to, p, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* All that one piece of the file gives; n = 0: its end. false: over. */
static bool unpack_piece(struct toc_unpack *u, struct decoder *d, const uint8_t *in, size_t n, uint8_t *out)
{
	struct work w = { .in = in, .in_n = n };
	bool full = true;
	while (w.in_n || full) {
		size_t before = w.in_n;
		w.out = out;
		w.out_n = PIECE;
		if (!u->format->step(d, &w)) {
			u->trouble = "is damaged";
			return give(u, out, PIECE - w.out_n) && false;
		}
		if (!give(u, out, PIECE - w.out_n))
			return false;
		if (u->written > TOC_UNPACK_FREE && u->written / TOC_UNPACK_RATIO > u->read) {
			u->trouble = "unpacks to more than 1000 times its size: it is taken for a trap";
			return false;
		}
		full = w.out_n == 0;
		if (w.in_n == before && w.out_n == PIECE)
			break; /* it waits for more */
	}
	return true;
}

static void unpack_all(struct toc_unpack *u, struct decoder *d, uint8_t *in, uint8_t *out)
{
	for (;;) {
		ssize_t n = read(u->from, in, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			u->trouble = "cannot be read to its end";
			return;
		}
		u->read += (uint64_t)n;
		if (!unpack_piece(u, d, in, (size_t)n, out))
			return;
		if (n == 0)
			break;
	}
	if (!d->whole)
		u->trouble = "is cut off";
}

static void *run(void *arg)
{
	struct toc_unpack *u = arg;
	struct decoder d = { .whole = false };
	uint8_t *in = malloc(PIECE), *out = malloc(PIECE);
	if (!in || !out || !u->format->begin(&d))
		u->trouble = "cannot be unpacked: out of memory";
	else
		unpack_all(u, &d, in, out);
	u->format->end(&d);
	free(in);
	free(out);
	shutdown(u->to, SHUT_WR);
	return NULL;
}

struct toc_unpack *toc_unpack_start(int fd, struct toc_span first)
{
	struct toc_unpack *u = calloc(1, sizeof(*u));
	int pair[2];
	if (!u || !(u->format = format_of(first)) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		free(u);
		close(fd);
		return NULL;
	}
	u->from = fd;
	u->to = pair[0];
	u->out = pair[1];
	u->running = pthread_create(&u->thread, NULL, run, u) == 0;
	if (u->running)
		return u;
	close(u->out);
	toc_unpack_free(u);
	return NULL;
}

int toc_unpack_fd(const struct toc_unpack *u)
{
	return u->out;
}

const char *toc_unpack_finish(struct toc_unpack *u)
{
	if (u->running) {
		shutdown(u->to, SHUT_RDWR); /* whoever reads no more keeps nobody waiting */
		pthread_join(u->thread, NULL);
		u->running = false;
	}
	return u->trouble;
}

void toc_unpack_free(struct toc_unpack *u)
{
	if (!u)
		return;
	toc_unpack_finish(u);
	close(u->from);
	close(u->to);
	free(u);
}
