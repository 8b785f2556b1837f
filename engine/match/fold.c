/* fold - case folding by a table of runs. */
#include "match/fold.h"

#include "base/bytes.h"

struct run {
	uint32_t first, last, step;
	int32_t offset;
};

#define FOLD(first, last, step, offset) { first, last, step, offset },
static const struct run runs[] = {
#include "match/fold.def"
};
#undef FOLD

enum { RUNS = sizeof(runs) / sizeof(runs[0]) };

static uint32_t shift(uint32_t c, const struct run *r)
{
	return (uint32_t)((int64_t)c + r->offset);
}

static uint32_t fold_point(uint32_t c)
{
	size_t low = 0, high = RUNS;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (runs[mid].last < c)
			low = mid + 1;
		else
			high = mid;
	}
	bool in = low < RUNS && c >= runs[low].first && (c - runs[low].first) % runs[low].step == 0;
	return in ? shift(c, &runs[low]) : c;
}

/* Is it what another character folds to? */
static bool is_folded(uint32_t c)
{
	for (size_t i = 0; i < RUNS; i++) {
		uint32_t first = shift(runs[i].first, &runs[i]), last = shift(runs[i].last, &runs[i]);
		if (c >= first && c <= last && (c - first) % runs[i].step == 0)
			return true;
	}
	return false;
}

/* The character at the head of text and its length; what is no UTF-8 is a byte of length 1 and no character. */
static bool read_point(struct toc_span text, uint32_t *c, size_t *n)
{
	uint8_t b = text.p[0];
	size_t more = b < 0xc2 || b > 0xf4 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
	*c = more ? b & (0x3fu >> more) : b;
	*n = 1;
	if (more == 0)
		return b < 0x80;
	if (more >= text.n)
		return false;
	for (size_t i = 1; i <= more; i++) {
		if ((text.p[i] & 0xc0) != 0x80)
			return false;
		*c = *c << 6 | (text.p[i] & 0x3f);
	}
	*n = 1 + more;
	return true;
}

static size_t write_point(uint32_t c, uint8_t *out)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t heads[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(heads[n] | c);
	return n;
}

static size_t fold_wide(struct toc_span text, uint8_t *out)
{
	size_t written = 0;
	while (text.n) {
		uint32_t c;
		size_t n;
		if (text.p[0] < 0x80) {
			out[written++] = toc_lower(text.p[0]);
			n = 1;
		} else if (read_point(text, &c, &n)) {
			uint32_t folded = fold_point(c);
			if (folded == c)
				memcpy(out + written, text.p, n);
			written += folded == c ? n : write_point(folded, out + written);
		} else {
			out[written++] = text.p[0];
		}
		text = toc_span_from(text, n);
	}
	return written;
}

/* Eight letters at a time: the high bit of a byte says that it is within A to Z. */
static void fold16(const uint8_t *in, uint8_t *out)
{
	toc_bytes16 v = toc_bytes_at(in);
	v |= (v >= 'A') & (v <= 'Z') & 0x20; /* what is not ASCII is negative */
	memcpy(out, &v, sizeof(v));
}

void toc_fold_bytes(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t i = 0;
	for (; i + 16 <= n; i += 16)
		fold16(in + i, out + i);
	if (i && i < n) {
		fold16(in + n - 16, out + n - 16); /* some of it again */
		i = n;
	}
	for (; i < n; i++)
		out[i] = toc_lower(in[i]);
	memset(out + n, 0, 8);
}

struct toc_span toc_fold(enum toc_fold how, struct toc_span text, uint8_t *out)
{
	size_t n = text.n < TOC_DRAFT_STRING ? text.n : TOC_DRAFT_STRING;
	switch (how) {
	case TOC_FOLD_ASCII:
		toc_fold_bytes(text.p, n, out);
		break;
	case TOC_FOLD_NONE:
		if (n)
			memcpy(out, text.p, n);
		break;
	case TOC_FOLD_WIDE:
		n = fold_wide(toc_span_first(text, n), out);
		break;
	}
	memset(out + n, 0, 8);
	return toc_span_of(out, n);
}

bool toc_fold_wide_letters(struct toc_span text)
{
	while (text.n) {
		uint32_t c;
		size_t n;
		if (read_point(text, &c, &n) && c >= 0x80 && (fold_point(c) != c || is_folded(c)))
			return true;
		text = toc_span_from(text, n);
	}
	return false;
}

bool toc_fold_is_ascii(struct toc_span text)
{
	uint8_t any = 0;
	for (size_t i = 0; i < text.n; i++)
		any |= text.p[i];
	return any < 0x80;
}
