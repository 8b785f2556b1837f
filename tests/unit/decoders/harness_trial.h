/* harness_trial - what the sink and the running of a trial share; private to the harness. */
#ifndef HARNESS_TRIAL_H
#define HARNESS_TRIAL_H

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "event/json.h"

enum { HELD = 64, UNREAD = 65536, INNERS = 32, DEPTH = 4, CELLS = 128, CELL_BYTES = 65536 };

struct held {
	struct toc_event *ev;
	uint64_t key;
	toc_field kind;
};

enum { WAITING = 16 };

struct body {
	bool open;
	uint64_t seen, missing, hash, expected;
	char coding[64]; /* noted, not undone */
	char source[32], name[256];
	uint64_t next; /* of what is told by its place */
	struct {
		uint64_t at;
		struct toc_span bytes; /* owned */
	} waiting[WAITING];
	unsigned nwaiting;
};

struct cell {
	struct cell *next;
	uint64_t key;
	size_t size;
	_Alignas(8) uint8_t bytes[];
};

/* An inner decoder is a trial of its own whose words go to the root. */
struct trial {
	struct toc_sink sink;
	struct trial *root, *inners,
		*next; /* root: the flow's own decoder, maybe itself; next: beside it in its parent */
	uint64_t key;
	unsigned depth, ninners;
	const struct toc_decoder *asked;
	const char *child;   /* what it asked for with toc_sink_child */
	struct cell *memory; /* the oldest first */
	unsigned ncells;
	size_t cell_bytes;
	const struct toc_decoder *decoder;
	struct toc_flow_info flow;
	struct toc_packet packet;
	struct toc_intern *names;
	toc_field *map;
	void *state;
	bool over;
	struct {
		uint8_t *bytes;
		size_t n, need;
	} unread[2];
	struct toc_draft draft;
	struct held held[HELD];
	unsigned nheld;
	struct body bodies[2];
	struct toc_event **events;
	unsigned nevents;
	char *text;
	size_t text_n, text_room;
	char *value;
};

extern const struct toc_sink_ops trial_sink_ops;

void *trial_must(void *p);
void trial_note(struct trial *t, const char *what, const char *value);
bool trial_has_flow(const struct trial *t);
void trial_release(struct trial *t, unsigned i);
void trial_use(struct trial *t, const struct toc_decoder *decoder);
void trial_emit(struct trial *t, const struct toc_event *ev);
void trial_sync(struct trial *in, const struct toc_sink *outer);
void trial_finish(struct trial *t, enum toc_end why);
void trial_free_one(struct trial *t);
size_t trial_feed_stream(struct trial *t, enum toc_dir dir, struct toc_span bytes);

#endif
