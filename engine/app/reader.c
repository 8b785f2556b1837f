/* reader - merging stored captures by time and sharing frames out by address pair: each worker reads all files and
 * passes over what is others', or, where something can be read once only, one thread hands out copies. */
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
	uint16_t number;
	bool stream;  /* cannot be opened again */
	bool waiting; /* frame holds one that was not given yet */
	bool ended;
};

/* All inputs, read once. */
struct files {
	struct input *inputs;
	unsigned n;
	char trouble[512];
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
	unsigned worker;
	struct files files;    /* of its own; the first lane reads the reader's, and so does who hands out copies */
	struct toc_ring *ring; /* NULL: it reads for itself */
	bool popped;
};

struct toc_reader {
	struct files files;
	unsigned nlanes;
	struct lane *lanes;
};

static bool open_one(struct files *f, const char *path, int stream, uint16_t number, char *err, size_t err_size)
{
	struct input *in = &f->inputs[f->n];
	*in = (struct input){ .path = path, .base = (uint64_t)number << ORDINAL_BITS, .number = number };
	in->stream = stream >= 0 || strcmp(path, "-") == 0;
	in->capture = stream < 0 ? toc_capture_file(path, number, err, err_size)
				 : toc_capture_stream(stream, path, number, err, err_size);
	f->n += in->capture != NULL;
	return in->capture != NULL;
}

static void close_files(struct files *f)
{
	for (unsigned i = 0; i < f->n; i++)
		toc_capture_close(f->inputs[i].capture);
	free(f->inputs);
	*f = (struct files){ 0 };
}

struct toc_reader *toc_reader_new(const char *const *paths, const int *streams, const uint16_t *inputs, unsigned n,
				  char *err, size_t err_size)
{
	struct toc_reader *r = calloc(1, sizeof(*r));
	if (!r || !(r->files.inputs = calloc(n, sizeof(*r->files.inputs)))) {
		snprintf(err, err_size, "out of memory");
		free(r);
		return NULL;
	}
	for (unsigned i = 0; i < n; i++)
		if (!open_one(&r->files, paths[i], streams[i], inputs[i], err, err_size)) {
			toc_reader_free(r);
			return NULL;
		}
	return r;
}

void toc_reader_free(struct toc_reader *r)
{
	if (!r)
		return;
	close_files(&r->files);
	for (unsigned i = 0; i < r->nlanes; i++) {
		close_files(&r->lanes[i].files);
		toc_ring_free(r->lanes[i].ring);
	}
	free(r->lanes);
	free(r);
}

static void read_ahead(struct files *f, struct input *in)
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
	if (got == TOC_READ_BROKEN && !f->trouble[0])
		snprintf(f->trouble, sizeof(f->trouble), "%s", toc_capture_error(in->capture)); /* names the file */
}

/* The earliest frame of all files; equal times go by the order of the files. */
static enum toc_read next_frame(struct files *f, struct toc_frame *out)
{
	struct input *best = NULL;
	for (unsigned i = 0; i < f->n; i++) {
		struct input *in = &f->inputs[i];
		read_ahead(f, in);
		if (in->waiting && (!best || in->frame.at < best->frame.at))
			best = in;
	}
	if (!best)
		return f->trouble[0] ? TOC_READ_BROKEN : TOC_READ_END;
	*out = best->frame;
	best->waiting = false;
	return TOC_READ_FRAME;
}

static enum toc_read next_direct(struct toc_source *self, struct toc_frame *out)
{
	return next_frame(&((struct lane *)self)->reader->files, out);
}

/* What is others' is passed over; after some of that the worker is told the time. */
static enum toc_read next_own(struct toc_source *self, struct toc_frame *out)
{
	struct lane *lane = (struct lane *)self;
	struct files *f = lane->worker ? &lane->files : &lane->reader->files;
	for (unsigned passed = 0; passed < BATCH; passed++) {
		const enum toc_read got = next_frame(f, out);
		if (got != TOC_READ_FRAME)
			return got;
		out->elsewhere = toc_spread(out) % lane->reader->nlanes != lane->worker;
		if (!out->elsewhere || toc_spread_carries(out))
			return got;
	}
	return TOC_READ_IDLE;
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

/* The files once more, for a worker beside the first. false: one is a stream, or cannot be opened again. */
static bool open_again(struct lane *lane, const struct files *all)
{
	char err[512];
	lane->files.inputs = calloc(all->n, sizeof(*lane->files.inputs));
	bool ok = lane->files.inputs != NULL;
	for (unsigned i = 0; i < all->n && ok; i++)
		ok = !all->inputs[i].stream &&
		     open_one(&lane->files, all->inputs[i].path, -1, all->inputs[i].number, err, sizeof(err));
	return ok;
}

static bool read_apart(struct toc_reader *r)
{
	for (unsigned i = 1; i < r->nlanes; i++)
		if (!open_again(&r->lanes[i], &r->files)) {
			while (i > 0)
				close_files(&r->lanes[i--].files);
			return false;
		}
	return true;
}

bool toc_reader_split(struct toc_reader *r, unsigned workers, size_t ring_bytes, bool single)
{
	r->lanes = calloc(workers, sizeof(*r->lanes));
	r->nlanes = r->lanes ? workers : 0;
	for (unsigned i = 0; i < r->nlanes; i++)
		r->lanes[i] = (struct lane){ .source = { .next = workers == 1 ? next_direct : next_own },
					     .reader = r,
					     .worker = i };
	if (workers == 1 || (!single && read_apart(r)))
		return r->nlanes == workers;
	for (unsigned i = 0; i < r->nlanes; i++) {
		struct lane *lane = &r->lanes[i];
		lane->source.next = next_shared;
		lane->ring = toc_ring_new(ring_bytes);
		if (!lane->ring)
			return false;
		if (single)
			toc_ring_single(lane->ring);
	}
	return r->nlanes == workers;
}

bool toc_reader_hands_out(const struct toc_reader *r)
{
	return r->nlanes > 0 && r->lanes[0].ring != NULL;
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
	for (unsigned batch = 0; (got = next_frame(&r->files, &frame)) == TOC_READ_FRAME;) {
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
	const char *trouble = r->files.trouble;
	for (unsigned i = 0; i < r->nlanes && !trouble[0]; i++)
		trouble = r->lanes[i].files.trouble;
	return trouble[0] ? trouble : NULL;
}
