/* inflate - over zlib; tells the two kinds of "deflate" apart by their first two bytes. */
#include "base/inflate.h"

#include <stdlib.h>
#include <zlib.h>

enum { GZIP_ONLY = 16 + MAX_WBITS, ZLIB = MAX_WBITS, RAW = -MAX_WBITS };

struct toc_inflate {
	z_stream zlib;
	uint64_t in, out;
	uint8_t head; /* first byte of a deflate body, until the second is there */
	bool has_head, undecided, failed;
	bool ended; /* a gzip member ended: another may follow (RFC 1952, section 2.2) */
	bool gzip;
};

struct toc_inflate *toc_inflate_new(void)
{
	struct toc_inflate *z = calloc(1, sizeof(*z));
	if (!z || inflateInit2(&z->zlib, GZIP_ONLY) != Z_OK)
		abort();
	return z;
}

void toc_inflate_free(struct toc_inflate *z)
{
	if (!z)
		return;
	inflateEnd(&z->zlib);
	free(z);
}

static void restart(struct toc_inflate *z, int window)
{
	if (inflateReset2(&z->zlib, window) != Z_OK)
		z->failed = true;
}

void toc_inflate_begin(struct toc_inflate *z, enum toc_coding coding)
{
	z->in = z->out = 0;
	z->has_head = z->failed = z->ended = false;
	z->gzip = coding == TOC_CODING_GZIP;
	z->undecided = !z->gzip;
	restart(z, GZIP_ONLY);
}

/* One call of zlib; what it leaves unread stays in *in. */
static size_t pump(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	uInt give = in->n > (1U << 30) ? 1U << 30 : (uInt)in->n;
	z->zlib.next_in = (Bytef *)(uintptr_t)in->p; /* zlib only reads it, whatever its type says */
	z->zlib.avail_in = give;
	z->zlib.next_out = out;
	z->zlib.avail_out = (uInt)room;
	int said = inflate(&z->zlib, Z_NO_FLUSH);
	size_t used = give - z->zlib.avail_in, made = room - z->zlib.avail_out;
	*in = toc_span_from(*in, used);
	z->in += used;
	z->out += made;
	z->ended = said == Z_STREAM_END;
	bool bomb = z->out > TOC_INFLATE_FREE && z->out / TOC_INFLATE_RATIO > z->in;
	if (bomb || (said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR))
		z->failed = true;
	return made;
}

/* RFC 1950, section 2.2: the method is 8 and the two bytes are a multiple of 31. */
static bool decide(struct toc_inflate *z, struct toc_span *in)
{
	if (!z->has_head && in->n) {
		z->head = in->p[0];
		z->has_head = true;
		*in = toc_span_from(*in, 1);
	}
	if (!in->n)
		return false;
	bool wrapped = (z->head & 15) == 8 && (z->head << 8 | in->p[0]) % 31 == 0;
	restart(z, wrapped ? ZLIB : RAW);
	z->undecided = false;
	struct toc_span first = toc_span_of(&z->head, 1);
	uint8_t nothing[1];
	size_t made = pump(z, &first, nothing, 1);
	if (made)
		z->failed = true; /* one byte holds a block's header at most */
	return !z->failed;
}

size_t toc_inflate_some(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	if (z->failed || (z->undecided && !decide(z, in)))
		return 0;
	size_t made = 0;
	while (!made && !z->failed) {
		if (z->ended && in->n) {
			if (!z->gzip)
				z->failed = true; /* bytes behind the end */
			restart(z, z->gzip ? GZIP_ONLY : RAW);
			z->ended = false;
			continue;
		}
		size_t before = in->n;
		made = pump(z, in, out, room);
		if (!made && in->n == before)
			break;
	}
	return made;
}

bool toc_inflate_failed(const struct toc_inflate *z)
{
	return z->failed;
}

void toc_inflate_fail(struct toc_inflate *z)
{
	z->failed = true;
}
