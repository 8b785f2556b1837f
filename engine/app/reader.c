/* reader - merging stored captures by time and sharing frames out by address pair. */
#include "app/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH = 1024, /* frames after which every worker is told the time */
	ORDINAL_BITS = 48,
};

/* One input file with its next frame. */
struct input {
	struct toc_capture *capture;
	struct toc_frame frame;
	const char *path;
	uint64_t base; /* of its ordinals */
	bool waiting;  /* frame holds one that was not given yet */
	bool ended;
};

/* A frame, or only the time, on its way to a worker. */
struct shared {
	uint32_t size;
	uint16_t linktype, iface;
	uint32_t wire_len, n;
	toc_time at, ts;
	uint64_t ordinal;
	uint8_t kind; /* enum toc_read */
	bool elsewhere;
	uint8_t bytes[];
};

struct lane {
	struct toc_source source;
	struct toc_reader *reader;
	struct toc_ring *ring; /* NULL: straight from the files */
	bool popped;
};

struct toc_reader {
	struct input *inputs;
	unsigned ninputs, nlanes;
	struct lane *lanes;
	uint64_t frames;
	char trouble[512];
};

struct toc_reader *toc_reader_new(const char *const *paths, const int *streams, const uint16_t *inputs, unsigned n,
				  char *err, size_t err_size)
{
	struct toc_reader *r = calloc(1, sizeof(*r));
	if (!r || !(r->inputs = calloc(n, sizeof(*r->inputs)))) {
		snprintf(err, err_size, "out of memory");
		free(r);
		return NULL;
	}
	for (unsigned i = 0; i < n; i++) {
		r->inputs[i].path = paths[i];
		r->inputs[i].base = (uint64_t)inputs[i] << ORDINAL_BITS;
		r->inputs[i].capture = streams[i] < 0
					       ? toc_capture_file(paths[i], inputs[i], err, err_size)
					       : toc_capture_stream(streams[i], paths[i], inputs[i], err, err_size);
		if (!r->inputs[i].capture) {
			toc_reader_free(r);
			return NULL;
		}
		r->ninputs++;
	}
	return r;
}

void toc_reader_free(struct toc_reader *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->ninputs; i++)
		toc_capture_close(r->inputs[i].capture);
	for (unsigned i = 0; i < r->nlanes; i++)
		toc_ring_free(r->lanes[i].ring);
	free(r->lanes);
	free(r->inputs);
	free(r);
}

static void read_ahead(struct toc_reader *r, struct input *in)
{
	if (in->waiting || in->ended)
		return;
	enum toc_read got = toc_capture_next(in->capture, &in->frame);
	if (got == TOC_READ_FRAME) {
		in->frame.ordinal += in->base;
		in->waiting = true;
		return;
	}
	in->ended = true;
	if (got == TOC_READ_BROKEN && !r->trouble[0])
		snprintf(r->trouble, sizeof(r->trouble), "%s", toc_capture_error(in->capture)); /* names the file */
}

/* The earliest frame of all files; equal times go by the order of the files. */
static enum toc_read next_frame(struct toc_reader *r, struct toc_frame *out)
{
	struct input *best = NULL;
	for (unsigned i = 0; i < r->ninputs; i++) {
		struct input *in = &r->inputs[i];
		read_ahead(r, in);
		if (in->waiting && (!best || in->frame.at < best->frame.at))
			best = in;
	}
	if (!best)
		return r->trouble[0] ? TOC_READ_BROKEN : TOC_READ_END;
	*out = best->frame;
	best->waiting = false;
	r->frames++;
	return TOC_READ_FRAME;
}

static enum toc_read next_direct(struct toc_source *self, struct toc_frame *out)
{
	return next_frame(((struct lane *)self)->reader, out);
}

static enum toc_read next_shared(struct toc_source *self, struct toc_frame *out)
{
	struct lane *lane = (struct lane *)self;
	if (lane->popped)
		toc_ring_pop(lane->ring); /* the frame given before is no longer in use */
	lane->popped = true;
	const struct shared *s = toc_ring_peek_wait(lane->ring, -1);
	*out = (struct toc_frame){ .at = s->at,
				   .ts = s->ts,
				   .ordinal = s->ordinal,
				   .bytes = toc_span_of(s->bytes, s->n),
				   .wire_len = s->wire_len,
				   .iface = s->iface,
				   .elsewhere = s->elsewhere,
				   .linktype = s->linktype };
	return (enum toc_read)s->kind;
}

bool toc_reader_split(struct toc_reader *r, unsigned workers, size_t ring_bytes, bool single)
{
	r->lanes = calloc(workers, sizeof(*r->lanes));
	r->nlanes = r->lanes ? workers : 0;
	for (unsigned i = 0; i < r->nlanes; i++) {
		struct lane *lane = &r->lanes[i];
		*lane = (struct lane){ .source = { workers == 1 ? next_direct : next_shared }, .reader = r };
		if (workers == 1)
			continue;
		lane->ring = toc_ring_new(ring_bytes);
		if (!lane->ring)
			return false;
		if (single)
			toc_ring_single(lane->ring);
	}
	return r->nlanes == workers;
}

struct toc_source *toc_reader_source(struct toc_reader *r, unsigned worker)
{
	return &r->lanes[worker].source;
}

static void share(struct lane *lane, enum toc_read kind, const struct toc_frame *frame)
{
	size_t n = kind == TOC_READ_FRAME ? frame->bytes.n : 0, size = (sizeof(struct shared) + n + 7) & ~(size_t)7;
	struct shared *s = toc_ring_reserve_wait(lane->ring, size);
	*s = (struct shared){ .size = (uint32_t)size,
			      .linktype = frame->linktype,
			      .iface = frame->iface,
			      .wire_len = frame->wire_len,
			      .n = (uint32_t)n,
			      .at = frame->at,
			      .ts = frame->ts,
			      .ordinal = frame->ordinal,
			      .kind = (uint8_t)kind,
			      .elsewhere = frame->elsewhere };
	if (n)
		memcpy(s->bytes, frame->bytes.p, n);
	toc_ring_push(lane->ring);
}

/* To its worker; what may carry a packet of another worker's flows, to all. */
static void share_frame(struct toc_reader *r, struct toc_frame *frame)
{
	unsigned owner = toc_spread(frame) % r->nlanes;
	frame->elsewhere = false;
	share(&r->lanes[owner], TOC_READ_FRAME, frame);
	if (!toc_spread_carries(frame))
		return;
	frame->elsewhere = true;
	for (unsigned i = 0; i < r->nlanes; i++)
		if (i != owner)
			share(&r->lanes[i], TOC_READ_FRAME, frame);
}

void *toc_reader_share(void *arg)
{
	struct toc_reader *r = arg;
	struct toc_frame frame = { .at = 0 };
	enum toc_read got;
	for (unsigned batch = 0; (got = next_frame(r, &frame)) == TOC_READ_FRAME;) {
		share_frame(r, &frame);
		if (++batch < BATCH)
			continue;
		batch = 0;
		for (unsigned i = 0; i < r->nlanes; i++)
			share(&r->lanes[i], TOC_READ_IDLE, &frame);
	}
	for (unsigned i = 0; i < r->nlanes; i++)
		share(&r->lanes[i], got, &frame);
	return NULL;
}

const char *toc_reader_trouble(const struct toc_reader *r)
{
	return r->trouble[0] ? r->trouble : NULL;
}

uint64_t toc_reader_frames(const struct toc_reader *r)
{
	return r->frames;
}
