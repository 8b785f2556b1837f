/* inflate - over ISA-L; tells the two kinds of "deflate" apart by their first two bytes. */
#include "base/inflate.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

struct toc_inflate {
	struct inflate_state isal;
	uint64_t in, out;
	uint8_t head; /* first byte of a deflate body, until the second is there */
	bool has_head, undecided, failed;
	bool ended; /* a gzip member ended: another may follow (RFC 1952, section 2.2) */
	bool gzip;
};

struct toc_inflate *toc_inflate_new(void)
{
	struct toc_inflate *z = calloc(1, sizeof(*z));
	if (!z)
		abort();
	return z;
}

void toc_inflate_free(struct toc_inflate *z)
{
	free(z);
}

/* wrapper: ISAL_GZIP, ISAL_ZLIB or ISAL_DEFLATE. */
static void restart(struct toc_inflate *z, uint32_t wrapper)
{
	isal_inflate_init(&z->isal);
	z->isal.crc_flag = wrapper;
}

void toc_inflate_begin(struct toc_inflate *z, enum toc_coding coding)
{
	z->in = z->out = 0;
	z->has_head = z->failed = z->ended = false;
	z->gzip = coding == TOC_CODING_GZIP;
	z->undecided = !z->gzip;
	restart(z, ISAL_GZIP);
}

/* One call of the library; what it leaves unread stays in *in. */
static size_t pump(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	uint32_t give = in->n > (1U << 30) ? 1U << 30 : (uint32_t)in->n;
	z->isal.next_in = (uint8_t *)(uintptr_t)in->p; /* it only reads them, whatever its type says */
	z->isal.avail_in = give;
	z->isal.next_out = out;
	z->isal.avail_out = (uint32_t)room;
	int said = isal_inflate(&z->isal);
	size_t used = give - z->isal.avail_in, made = room - z->isal.avail_out;
	*in = toc_span_from(*in, used);
	z->in += used;
	z->out += made;
	z->ended = z->isal.block_state == ISAL_BLOCK_FINISH;
	bool bomb = z->out > TOC_INFLATE_FREE && z->out / TOC_INFLATE_RATIO > z->in;
	if (bomb || said < 0)
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
	restart(z, wrapped ? ISAL_ZLIB : ISAL_DEFLATE);
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
			restart(z, z->gzip ? ISAL_GZIP : ISAL_DEFLATE);
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
