/*
 * resegment - a stored capture with the same bytes in other packets: TCP segments cut into pieces, also in another
 * order (RFC 9293: the receiver puts them together by their numbers), UDP datagrams as IP fragments (RFC 791, RFC 8200,
 * section 4.5).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "capture/capture.h"
#include "mutate.h"

enum { FRAME_ROOM = 1 << 17, PIECES = 1 << 16, DIRECTIONS = 1 << 24 };
enum mode { MODE_same, MODE_bytes, MODE_random, MODE_reordered, MODE_fragments, MODES };

struct cutter {
	struct dice d;
	enum mode mode;
	uint32_t limit; /* pieces of one packet */
	uint16_t id;	/* of IPv6 fragments */
	uint64_t cut;
	uint8_t *begun; /* a bit for each direction that was seen before, by its hash */
};

/* Where the parts of a frame lie; ip = 0 bytes long: it is copied as it is. */
struct parts {
	size_t link, ip, tcp, data;
	bool v6;
};

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += get16(p + i);
	if (n & 1)
		sum += (uint32_t)(p[n - 1] << 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t sum_segment(const uint8_t *ip, bool v6, const uint8_t *segment, size_t n)
{
	uint32_t sum = sum16(6 + (uint32_t)n, v6 ? ip + 8 : ip + 12, v6 ? 32 : 8);
	return sum16(sum, segment, n);
}

static size_t link_of(const struct toc_frame *f)
{
	size_t at = 14;
	switch (f->linktype) {
	case 1:
		while (at + 4 <= f->bytes.n &&
		       (get16(f->bytes.p + at - 2) == 0x8100 || get16(f->bytes.p + at - 2) == 0x88a8))
			at += 4;
		return at <= f->bytes.n &&
				       (get16(f->bytes.p + at - 2) == 0x0800 || get16(f->bytes.p + at - 2) == 0x86dd)
			       ? at
			       : 0;
	case 113:
		return f->bytes.n > 16 && get16(f->bytes.p + 14) == 0x0800 ? 16 : 0;
	default:
		return 0;
	}
}

/* Does it carry a segment or datagram that can be cut? */
static bool find_parts(const struct toc_frame *f, unsigned protocol, struct parts *out)
{
	size_t at = out->link = link_of(f);
	const uint8_t *p = f->bytes.p + at;
	if (!at || f->bytes.n != f->wire_len || f->bytes.n < at + 40)
		return false;
	out->v6 = p[0] >> 4 == 6;
	size_t total = out->v6 ? 40 + get16(p + 4) : get16(p + 2);
	out->ip = out->v6 ? 40 : (size_t)(p[0] & 15) * 4;
	if ((p[0] >> 4 != 4 && !out->v6) || p[out->v6 ? 6 : 9] != protocol || out->ip < 20 || total > f->bytes.n - at ||
	    total < out->ip + 20)
		return false;
	if (!out->v6 && get16(p + 6) & 0x3fff)
		return false; /* a fragment already */
	out->tcp = protocol == 6 ? (size_t)(p[out->ip + 12] >> 4) * 4 : 0;
	if (protocol == 6 && (out->tcp < 20 || total < out->ip + out->tcp))
		return false;
	out->data = total - out->ip - out->tcp;
	return true;
}

static void put_frame(const struct toc_frame *f, const uint8_t *bytes, size_t n, size_t wire)
{
	uint32_t head[4] = { (uint32_t)(f->ts / TOC_SEC), (uint32_t)(f->ts % TOC_SEC), (uint32_t)n, (uint32_t)wire };
	fwrite(head, 1, sizeof(head), stdout);
	fwrite(bytes, 1, n, stdout);
}

static void set_length(uint8_t *ip, const struct parts *s, size_t payload)
{
	put16(ip + (s->v6 ? 4 : 2), (uint32_t)(payload + (s->v6 ? 0 : s->ip)));
	if (s->v6)
		return;
	put16(ip + 10, 0);
	put16(ip + 10, ~sum16(0, ip, s->ip));
}

/* One piece of a segment: its flags that end or urge go with the last one. */
static void put_piece(const struct toc_frame *f, const struct parts *s, size_t from, size_t n, bool sound)
{
	static uint8_t out[FRAME_ROOM];
	const uint8_t *in = f->bytes.p;
	size_t heads = s->link + s->ip + s->tcp;
	memcpy(out, in, heads);
	memcpy(out + heads, in + heads + from, n);
	uint8_t *ip = out + s->link, *tcp = ip + s->ip;
	uint32_t seq = (get16(tcp + 4) << 16 | get16(tcp + 6)) + (uint32_t)from;
	put16(tcp + 4, seq >> 16);
	put16(tcp + 6, seq);
	if (from + n < s->data)
		tcp[13] &= (uint8_t) ~(1 | 8); /* FIN, PSH */
	set_length(ip, s, s->tcp + n);
	if (sound) {
		put16(tcp + 16, 0);
		put16(tcp + 16, ~sum_segment(ip, s->v6, tcp, s->tcp + n));
	}
	put_frame(f, out, heads + n, heads + n);
}

/*
 * The first segment of a direction without a SYN: where its stream begins is for the reader to take from it, so a piece
 * from its middle in front would be another stream.
 */
static bool begins(struct cutter *c, const struct toc_frame *f, const struct parts *s)
{
	uint8_t ends[36];
	const uint8_t *ip = f->bytes.p + s->link;
	size_t n = s->v6 ? 32 : 8;
	memcpy(ends, ip + (s->v6 ? 8 : 12), n);
	memcpy(ends + n, ip + s->ip, 4);
	uint64_t at = toc_hash_mix(toc_hash_fixed(ends, n + 4), 0) % DIRECTIONS;
	bool before = c->begun[at / 8] >> at % 8 & 1;
	c->begun[at / 8] |= (uint8_t)(1 << at % 8);
	return !before;
}

static void cut_segment(struct cutter *c, const struct toc_frame *f, const struct parts *s, bool reorder)
{
	static struct {
		size_t from, n;
	} pieces[PIECES];
	const uint8_t *ip = f->bytes.p + s->link;
	bool sound = sum_segment(ip, s->v6, ip + s->ip, s->tcp + s->data) == 0xffff;
	uint32_t n = 0;
	for (size_t at = 0; at < s->data; n++) {
		size_t left = s->data - at,
		       size = c->mode == MODE_bytes ? 1 : 1 + dice_roll(&c->d, (uint32_t)(left < 600 ? left : 600));
		if (n + 1 >= c->limit || size > left)
			size = left;
		pieces[n].from = at;
		pieces[n].n = size;
		at += size;
	}
	for (uint32_t i = n; reorder && i > 1; i--) {
		uint32_t k = dice_roll(&c->d, i);
		size_t from = pieces[k].from, size = pieces[k].n;
		pieces[k] = pieces[i - 1];
		pieces[i - 1].from = from;
		pieces[i - 1].n = size;
	}
	for (uint32_t i = 0; i < n; i++)
		put_piece(f, s, pieces[i].from, pieces[i].n, sound);
	c->cut++;
}

static void put_fragment(const struct cutter *c, const struct toc_frame *f, const struct parts *s, size_t from,
			 size_t n)
{
	static uint8_t out[FRAME_ROOM];
	size_t heads = s->link + s->ip;
	bool more = from + n < s->data;
	memcpy(out, f->bytes.p, heads);
	uint8_t *ip = out + s->link;
	if (s->v6) {
		const uint8_t head[8] = { ip[6], 0, (uint8_t)(from >> 8),  (uint8_t)((from & 0xf8) | more),
					  0,	 0, (uint8_t)(c->id >> 8), (uint8_t)c->id };
		memcpy(out + heads, head, sizeof(head));
		ip[6] = 44;
		heads += sizeof(head);
	} else {
		put16(ip + 4, c->id);
		put16(ip + 6, (uint32_t)(from / 8) | (more ? 0x2000 : 0));
	}
	memcpy(out + heads, f->bytes.p + s->link + s->ip + from, n);
	set_length(ip, s, n + (s->v6 ? 8 : 0));
	put_frame(f, out, heads + n, heads + n);
}

static void cut_datagram(struct cutter *c, const struct toc_frame *f, const struct parts *s)
{
	c->id++;
	for (size_t at = 0; at < s->data;) {
		size_t left = s->data - at, size = 8 + 8 * (size_t)dice_roll(&c->d, 8);
		size = size < left ? size : left;
		put_fragment(c, f, s, at, size);
		at += size;
	}
	c->cut++;
}

static void take(struct cutter *c, const struct toc_frame *f)
{
	struct parts s;
	bool fragments = c->mode == MODE_fragments;
	bool first = !fragments && c->mode != MODE_same && f->bytes.n < FRAME_ROOM / 2 && find_parts(f, 6, &s) &&
		     begins(c, f, &s);
	if (c->mode != MODE_same && f->bytes.n < FRAME_ROOM / 2 && find_parts(f, fragments ? 17 : 6, &s) &&
	    s.data > (fragments ? 8 : 1) &&
	    (fragments ||
	     !(f->bytes.p[s.link + s.ip + 13] & 0x26))) { /* not SYN, RST, URG: they mean another byte when cut */
		if (fragments)
			cut_datagram(c, f, &s);
		else
			cut_segment(c, f, &s, c->mode == MODE_reordered && !first);
		return;
	}
	put_frame(f, f->bytes.p, f->bytes.n, f->wire_len);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "same", "bytes", "random", "reordered", "fragments" };
	struct cutter c = {
		{ argc > 2 ? strtoull(argv[2], NULL, 10) : 0 }, MODE_same, PIECES, 0, 0, calloc(1, DIRECTIONS / 8)
	};
	char err[512];
	struct toc_frame f;
	for (unsigned i = 0; argc > 1 && i < MODES; i++)
		if (strcmp(argv[1], names[i]) == 0)
			c.mode = (enum mode)i;
	struct toc_capture *from = argc == 4 ? toc_capture_file(argv[3], 0, err, sizeof(err)) : NULL;
	if (!from || !c.begun) {
		fprintf(stderr, "usage: resegment same|bytes|random|reordered|fragments SEED CAPTURE >CAPTURE\n");
		return 2;
	}
	for (bool first = true; toc_capture_next(from, &f) == TOC_READ_FRAME; first = false) {
		const uint32_t head[6] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0, FRAME_ROOM, f.linktype };
		if (first)
			fwrite(head, 1, sizeof(head), stdout);
		take(&c, &f);
	}
	toc_capture_close(from);
	free(c.begun);
	fprintf(stderr, "%" PRIu64 "\n", c.cut);
	return fflush(stdout) != 0;
}
