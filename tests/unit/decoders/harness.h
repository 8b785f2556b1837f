/* harness - runs one decoder without the engine: a sink that writes down all it is told. */
#ifndef UNIT_HARNESS_H
#define UNIT_HARNESS_H

#include "tocsin/decoder.h"

/* Inner decoders (toc_sink_inner) really run: those of toc_decoders, under the engine's limits, their words among the
 * others. */

/* One piece of input: a segment of a stream, a datagram, or (bytes NULL) a gap of n bytes. */
struct trial_step {
	enum toc_dir dir;
	const void *bytes;
	size_t n;
};

#define TRIAL_TEXT(dir, text)                                                                                          \
	{                                                                                                              \
		dir, text, sizeof(text) - 1                                                                            \
	}

struct trial;

/* carrier = one of enum toc_carrier; ends are 10.0.0.1:40000 -> 10.0.0.2:port. */
struct trial *trial_new(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port);
void trial_free(struct trial *t);

/* What the decoder is told of its flow and packet, to be changed before feeding. */
struct toc_flow_info *trial_flow(struct trial *t);
struct toc_packet *trial_packet(struct trial *t);

/* Feeds as the engine would: unread bytes of a stream are offered again; `need` is respected; nothing after DONE or
 * BAD. */
void trial_feed(struct trial *t, const struct trial_step *step);

/* The flow ends: finish, then held events. */
void trial_end(struct trial *t, enum toc_end why);

/* What came: a line of JSON per event, and {"confirm":…}, {"weird":…}, {"body":…}, {"child":…}, {"expect":…},
 * {"done":…}, {"bad":…}. */
const char *trial_text(const struct trial *t);
unsigned trial_events(const struct trial *t);
/* Event i's value of a field as text in JSON form ("\"x\"", "5"), or NULL when unset; valid until the next call. */
const char *trial_value(struct trial *t, unsigned i, const char *field);
const char *trial_kind(const struct trial *t, unsigned i);

/* Feeds all steps and ends. Returns the text (caller frees). */
char *trial_run(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port,
		const struct trial_step *steps, size_t n);

/*
 * The property: streams cut into single bytes, and at `rounds` random sets of places, give the same text. Prints the
 * first difference; returns whether all were equal.
 */
bool trial_same_however_cut(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps, size_t n,
			    unsigned rounds);

/* The same with one step cut in two, at each place of each step that is a multiple of `stride`. */
bool trial_same_wherever_cut(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps, size_t n,
			     size_t stride);

/* For fuzz targets: bytes become steps (direction and length from the bytes themselves); cut differently they must
 * agree. */
void trial_fuzz(const struct toc_decoder *decoder, enum toc_carrier carrier, uint16_t port, const uint8_t *data,
		size_t n);

#endif
