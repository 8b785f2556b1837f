/* mutate_packets - frames of stored captures in their order, most of them damaged, as one endless pcap. */
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "mutate.h"

enum { FRAME_ROOM = 1 << 17, MOST_WAIT_US = 1000000 };

struct stored {
	uint8_t *bytes;
	uint32_t n, after_us; /* the frame before it; 0 where a capture begins */
};

struct corpus {
	struct stored *at;
	size_t n, room;
	uint16_t link;
};

static bool add(struct corpus *c, const struct toc_frame *frame, toc_time before)
{
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 4096;
		struct stored *more = realloc(c->at, room * sizeof(*more));
		if (!more)
			return false;
		c->at = more;
		c->room = room;
	}
	toc_time wait = (frame->at - before) / TOC_US;
	struct stored *s = &c->at[c->n];
	*s = (struct stored){ malloc(frame->bytes.n + 1), (uint32_t)frame->bytes.n, 1000 };
	if (!s->bytes)
		return false;
	if (before)
		s->after_us = wait < MOST_WAIT_US ? (uint32_t)wait : MOST_WAIT_US;
	memcpy(s->bytes, frame->bytes.p, frame->bytes.n);
	c->n++;
	return true;
}

/* Of the first file's link type only: a pcap has one. */
static bool load(struct corpus *c, const char *path)
{
	char err[512];
	struct toc_frame frame;
	toc_time before = 0;
	struct toc_capture *from = toc_capture_file(path, 0, err, sizeof(err));
	while (from && toc_capture_next(from, &frame) == TOC_READ_FRAME) {
		if (!c->n)
			c->link = frame.linktype;
		if (frame.linktype == c->link && frame.bytes.n < FRAME_ROOM / 2 && !add(c, &frame, before))
			return false;
		before = frame.at;
	}
	toc_capture_close(from);
	return true;
}

/* A 16-bit number somewhere in the headers, as lengths, ports, types and offsets are, becomes another one. */
static void lie(struct bytes *f, struct dice *d)
{
	static const uint16_t numbers[] = { 0, 1, 0x7fff, 0x8000, 0xffff, 20, 8, 0x4000, 0x2000, 0x1fff };
	if (f->n < 16)
		return;
	size_t at = 12 + dice_roll(d, (uint32_t)((f->n < 96 ? f->n : 96) - 13));
	uint16_t v = (uint16_t)(f->p[at] << 8 | f->p[at + 1]);
	v = dice_one_in(d, 2) ? numbers[dice_roll(d, 10)] : (uint16_t)(v + 1 - 2 * (int)dice_roll(d, 2));
	f->p[at] = (uint8_t)(v >> 8);
	f->p[at + 1] = (uint8_t)v;
}

/* The headers of this one, the rest of another one. */
static void splice(struct bytes *f, struct dice *d, const struct corpus *c)
{
	const struct stored *other = &c->at[dice_roll(d, (uint32_t)c->n)];
	size_t at = dice_roll(d, (uint32_t)(f->n < 80 ? f->n : 80) + 1);
	if (other->n <= at)
		return;
	f->n = at;
	bytes_put(f, other->bytes + at, other->n - at);
}

static void mutate(struct bytes *f, struct dice *d, const struct corpus *c)
{
	for (uint32_t k = 1 + dice_roll(d, 3); k--;)
		switch (dice_roll(d, 8)) {
		case 0:
			bytes_flip(f, d, 64);
			break;
		case 1:
			bytes_flip(f, d, f->n);
			break;
		case 2:
			lie(f, d);
			break;
		case 3:
			lie(f, d);
			break;
		case 4:
			bytes_cut(f, d);
			break;
		case 5:
			bytes_repeat(f, d);
			break;
		case 6:
			splice(f, d, c);
			break;
		default: /* an inner length: of a record, a name, a list */
			if (f->n > 60)
				f->p[50 + dice_roll(d, (uint32_t)f->n - 50)] = dice_one_in(d, 2) ? 0xff : 0;
		}
}

static void put_frame(const struct bytes *f, uint64_t us)
{
	uint32_t head[4] = { (uint32_t)(us / 1000000), (uint32_t)(us % 1000000), (uint32_t)f->n, (uint32_t)f->n };
	fwrite(head, 1, sizeof(head), stdout);
	fwrite(f->p, 1, f->n, stdout);
}

static void write_all(struct dice *d, uint64_t count, unsigned percent, const struct corpus *c, struct written *w)
{
	const uint32_t head[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, FRAME_ROOM, c->link };
	struct bytes f = { malloc(FRAME_ROOM), 0, FRAME_ROOM };
	uint64_t us = UINT64_C(1772438400000000);
	fwrite(head, 1, sizeof(head), stdout);
	for (size_t i = 0; f.p && w->count < count; i = (i + 1) % c->n) {
		const struct stored *s = &c->at[i];
		us += s->after_us;
		f.n = 0;
		bytes_put(&f, s->bytes, s->n);
		if (dice_roll(d, 100) < percent) {
			if (dice_one_in(d, 30)) /* it is lost, or comes in a later one's place */
				i = (i + dice_roll(d, 3)) % c->n;
			mutate(&f, d, c);
			w->mutated++;
		}
		put_frame(&f, us);
		tell_progress(++w->count);
	}
	free(f.p);
}

int write_packets(struct dice *d, uint64_t count, unsigned percent, char **paths, struct written *w)
{
	struct corpus c = { 0 };
	while (*paths)
		if (!load(&c, *paths++))
			return 1;
	if (!c.n) {
		fprintf(stderr, "mutate: there is no frame in these files\n");
		return 1;
	}
	write_all(d, count, percent, &c, w);
	for (size_t i = 0; i < c.n; i++)
		free(c.at[i].bytes);
	free(c.at);
	return 0;
}
