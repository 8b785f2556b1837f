/* inflate - over ISA-L, as browsers read it: wrong wrappers, sums and trailers do not hide what is inside. */
#include "base/inflate.h"

#include "base/brotli.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/*
 * A body that is not what its header says may still be read by its receiver as it is. So what was read is kept until
 * the first byte comes out; where nothing ever does, it is handed on unchanged. A block's tables take some 330 bytes.
 */
enum { KEPT = 512 };

enum state {
	AT_HEAD,  /* of the wrapper */
	AT_DATA,  /* deflate (RFC 1951), Brotli */
	AT_TAIL,  /* sum and length: passed over, since a wrong one keeps nobody from reading */
	AT_END,	  /* what follows belongs to nothing */
	AT_PLAIN, /* not coded after all */
	AT_FAILED
};

/* Fields of a gzip header (RFC 1952, section 2.3), in order. */
enum part { FIXED, EXTRA_LENGTH, EXTRA, NAME, COMMENT, SUM, NPARTS };

struct toc_inflate {
	struct inflate_state isal;
	struct toc_brotli *brotli; /* NULL: another coding */
	uint64_t in, out;
	enum state state;
	enum part part;
	bool gzip, wrapped; /* wrapped: zlib (RFC 1950) around a deflate body */
	uint8_t flags;
	uint32_t left;	/* bytes of the present part, or of the tail */
	uint32_t extra; /* length of EXTRA */
	uint16_t kept_n, kept_at, given;
	uint8_t kept[KEPT];
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
	if (z)
		toc_brotli_free(z->brotli);
	free(z);
}

static void begin_member(struct toc_inflate *z)
{
	isal_inflate_init(&z->isal);
	z->isal.crc_flag = ISAL_DEFLATE;
	z->state = AT_HEAD;
	z->part = FIXED;
	z->left = z->gzip ? 10 : 2;
	z->flags = 0;
	z->extra = 0;
}

void toc_inflate_begin(struct toc_inflate *z, enum toc_coding coding)
{
	z->in = z->out = 0;
	z->kept_n = z->kept_at = z->given = 0;
	z->gzip = coding == TOC_CODING_GZIP;
	z->wrapped = false;
	toc_inflate_rest(z);
	begin_member(z);
	if (coding != TOC_CODING_BROTLI)
		return;
	z->brotli = toc_brotli_new();
	z->state = z->brotli ? AT_DATA : AT_FAILED; /* it has no wrapper */
}

void toc_inflate_rest(struct toc_inflate *z)
{
	toc_brotli_free(z->brotli);
	z->brotli = NULL;
}

/* Where nothing came out so far, the bytes are what they are. */
static void not_coded(struct toc_inflate *z)
{
	z->state = z->out == 0 && z->in == z->kept_n ? AT_PLAIN : AT_FAILED;
}

static void next_part(struct toc_inflate *z)
{
	static const uint8_t asked[NPARTS] = { 0, 4, 4, 8, 16, 2 }; /* bits of the flags */
	do
		z->part++;
	while (z->part < NPARTS && (!(z->flags & asked[z->part]) || (z->part == EXTRA && !z->extra)));
	z->left = z->part == EXTRA ? z->extra : 2;
	if (z->part == NPARTS)
		z->state = AT_DATA;
}

/* One byte of a gzip header. False: it is none. */
static bool gzip_head(struct toc_inflate *z, uint8_t c)
{
	static const uint8_t magic[3] = { 0x1f, 0x8b, 8 };
	if (z->part == FIXED && z->left > 7 && c != magic[10 - z->left])
		return false;
	if (z->part == FIXED && z->left == 7)
		z->flags = c;
	if (z->part == EXTRA_LENGTH)
		z->extra |= (uint32_t)c << 8 * (2 - z->left);
	bool text = z->part == NAME || z->part == COMMENT;
	if (text ? c == 0 : --z->left == 0)
		next_part(z);
	return true;
}

/* "deflate" is wrapped, or bare as some servers send it: the method is 8 and two bytes are a multiple of 31. */
static bool zlib_head(struct toc_inflate *z)
{
	enum { DICTIONARY = 0x20 };
	if (--z->left)
		return true;
	z->wrapped = (z->kept[0] & 15) == 8 && (z->kept[0] << 8 | z->kept[1]) % 31 == 0;
	z->given = z->wrapped ? 2 : 0;
	z->state = AT_DATA;
	return !z->wrapped || !(z->kept[1] & DICTIONARY);
}

/* A byte outside of the deflate data. */
static void take_byte(struct toc_inflate *z, uint8_t c)
{
	if (z->state == AT_TAIL) {
		if (--z->left == 0 && z->gzip)
			begin_member(z); /* another may follow (RFC 1952, section 2.2) */
		else if (z->left == 0)
			z->state = AT_END;
		return;
	}
	if (z->state != AT_HEAD)
		return;
	if (z->gzip ? gzip_head(z, c) : zlib_head(z))
		return;
	if (z->out) /* what follows the last member is no member */
		z->state = AT_END;
	else
		not_coded(z);
}

/* The library reads ahead: what it has beyond the end of the data goes back, byte by byte. */
static void end_data(struct toc_inflate *z)
{
	uint64_t ahead = z->isal.read_in;
	int32_t bits = z->isal.read_in_length;
	ahead >>= bits % 8;
	z->left = z->gzip ? 8 : z->wrapped ? 4 : 0;
	z->state = z->left ? AT_TAIL : AT_END;
	for (; bits >= 8; bits -= 8, ahead >>= 8)
		take_byte(z, (uint8_t)ahead);
}

static size_t pump_brotli(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	size_t made;
	enum toc_brotli_said said = toc_brotli_some(z->brotli, in, out, room, &made);
	z->out += made;
	if (said == TOC_BROTLI_BAD)
		not_coded(z);
	else if (said == TOC_BROTLI_REFUSED)
		z->state = AT_FAILED;
	else if (said == TOC_BROTLI_END)
		z->state = AT_END;
	return made;
}

static size_t pump_deflate(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	uint32_t give = in->n > (1U << 30) ? 1U << 30 : (uint32_t)in->n;
	z->isal.next_in = (uint8_t *)(uintptr_t)in->p; /* it only reads them, whatever its type says */
	z->isal.avail_in = give;
	z->isal.next_out = out;
	z->isal.avail_out = (uint32_t)room;
	int said = isal_inflate(&z->isal);
	size_t used = give - z->isal.avail_in, made = room - z->isal.avail_out;
	*in = toc_span_from(*in, used);
	z->out += made;
	if (said < 0)
		not_coded(z);
	else if (z->isal.block_state == ISAL_BLOCK_FINISH)
		end_data(z);
	return made;
}

/* One call of the library; what it leaves unread stays in *in. */
static size_t pump(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	size_t made = z->brotli ? pump_brotli(z, in, out, room) : pump_deflate(z, in, out, room);
	if (z->out > TOC_INFLATE_FREE && z->out / TOC_INFLATE_RATIO > z->in)
		z->state = AT_FAILED; /* a bomb */
	return made;
}

/* The next byte outside of the data, which may be among those that are kept. False: there is none. */
static bool next_byte(struct toc_inflate *z, struct toc_span *in)
{
	if (z->given == z->kept_n) {
		if (!in->n)
			return false;
		if (z->out == 0 && z->kept_n < KEPT) {
			z->kept[z->kept_n++] = in->p[0];
			z->given++;
		}
		z->in++;
		uint8_t c = in->p[0];
		*in = toc_span_from(*in, 1);
		take_byte(z, c);
	} else {
		take_byte(z, z->kept[z->given++]);
	}
	return true;
}

/* Data, while what comes is kept: a copy of it is given to the library. */
static size_t pump_kept(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	struct toc_span more = toc_span_first(*in, (size_t)(KEPT - z->kept_n));
	if (more.n)
		memcpy(z->kept + z->kept_n, more.p, more.n);
	z->kept_n = (uint16_t)(z->kept_n + more.n);
	z->in += more.n;
	*in = toc_span_from(*in, more.n);
	struct toc_span give = toc_span_of(z->kept + z->given, (size_t)(z->kept_n - z->given));
	z->given = z->kept_n;
	size_t made = pump(z, &give, out, room);
	z->given = (uint16_t)(z->given - give.n);
	return made;
}

static size_t data(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	if (z->given < z->kept_n || (z->out == 0 && z->kept_n < KEPT))
		return pump_kept(z, in, out, room);
	size_t before = in->n, made = pump(z, in, out, room);
	z->in += before - in->n;
	return made;
}

static size_t copy(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	struct toc_span kept =
		toc_span_first(toc_span_of(z->kept + z->kept_at, (size_t)(z->kept_n - z->kept_at)), room);
	if (!kept.n) {
		kept = toc_span_first(*in, room);
		*in = toc_span_from(*in, kept.n);
	} else {
		z->kept_at = (uint16_t)(z->kept_at + kept.n);
	}
	if (kept.n)
		memcpy(out, kept.p, kept.n);
	return kept.n;
}

size_t toc_inflate_some(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room)
{
	size_t made = 0;
	while (!made && z->state != AT_FAILED) {
		size_t before = in->n;
		if (z->state == AT_PLAIN)
			return copy(z, in, out, room);
		if (z->state == AT_END) {
			*in = toc_span_from(*in, in->n);
			return 0;
		}
		if (z->state == AT_DATA) {
			uint16_t given = z->given;
			made = data(z, in, out, room);
			if (!made && in->n == before && z->given == given && z->state == AT_DATA)
				return 0;
		} else if (!next_byte(z, in)) {
			return 0;
		}
	}
	return made;
}

bool toc_inflate_failed(const struct toc_inflate *z)
{
	return z->state == AT_FAILED;
}

void toc_inflate_fail(struct toc_inflate *z)
{
	z->state = AT_FAILED;
}
