/* pcapng - blocks in the machine's byte order, which the section's header tells; times in nanoseconds. */
#include "evidence/pcapng.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, ENHANCED = 6, MAGIC = 0x1a2b3c4d, TSRESOL = 9 };

static void put32(struct text *t, uint32_t v)
{
	text_put(t, toc_span_of(&v, sizeof(v)));
}

static void put16(struct text *t, uint16_t v)
{
	text_put(t, toc_span_of(&v, sizeof(v)));
}

void pcapng_begin(struct pcapng *p, struct text *out)
{
	enum { SIZE = 28 };
	*p = (struct pcapng){ .out = out };
	put32(out, SECTION);
	put32(out, SIZE);
	put32(out, MAGIC);
	put16(out, 1);
	put16(out, 0);
	put32(out, UINT32_MAX); /* the section's length: not said */
	put32(out, UINT32_MAX);
	put32(out, SIZE);
}

static void put_link(struct text *out, uint16_t link)
{
	enum { SIZE = 32, NANOSECONDS = 9 };
	static const uint8_t resolution[4] = { NANOSECONDS };
	put32(out, INTERFACE);
	put32(out, SIZE);
	put16(out, link);
	put16(out, 0);
	put32(out, 0); /* no snap length: packets are cut by what they are */
	put16(out, TSRESOL);
	put16(out, 1);
	text_put(out, toc_span_of(resolution, sizeof(resolution)));
	put32(out, 0); /* the options' end */
	put32(out, SIZE);
}

bool pcapng_put(struct pcapng *p, const struct packet_record *r, const uint8_t *bytes, uint32_t n)
{
	static const uint8_t padding[4] = { 0 };
	const uint32_t padded = (n + 3) & ~3u, size = 32 + padded;
	const uint64_t ts = (uint64_t)r->ts;
	unsigned i = 0;
	while (i < p->nlinks && p->links[i] != r->linktype)
		i++;
	if (i == PCAPNG_LINKS)
		return false;
	if (i == p->nlinks) {
		p->links[p->nlinks++] = r->linktype;
		put_link(p->out, r->linktype);
	}
	put32(p->out, ENHANCED);
	put32(p->out, size);
	put32(p->out, i);
	put32(p->out, (uint32_t)(ts >> 32));
	put32(p->out, (uint32_t)ts);
	put32(p->out, n);
	put32(p->out, r->wire_len);
	text_put(p->out, toc_span_of(bytes, n));
	text_put(p->out, toc_span_of(padding, padded - n));
	put32(p->out, size);
	return true;
}
