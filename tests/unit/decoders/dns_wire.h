/* dns_wire - DNS messages by hand, for the tests of the dns decoder. */
#ifndef DNS_WIRE_H
#define DNS_WIRE_H

#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_dns;

struct wire {
	size_t n;
	uint8_t b[4096];
};

static inline void put8(struct wire *w, unsigned v)
{
	w->b[w->n++] = (uint8_t)v;
}

static inline void put16(struct wire *w, unsigned v)
{
	put8(w, v >> 8);
	put8(w, v & 255);
}

static inline void put32(struct wire *w, unsigned v)
{
	put16(w, v >> 16);
	put16(w, v & 0xffff);
}

static inline void put_bytes(struct wire *w, const void *p, size_t n)
{
	memcpy(w->b + w->n, p, n);
	w->n += n;
}

static inline void put_name(struct wire *w, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");
		put8(w, (unsigned)n);
		put_bytes(w, name, n);
		name += n + (name[n] == '.');
	}
	put8(w, 0);
}

static inline struct wire header(unsigned id, unsigned flags, unsigned qd, unsigned an, unsigned ns)
{
	struct wire w = { 0 };
	put16(&w, id);
	put16(&w, flags);
	put16(&w, qd);
	put16(&w, an);
	put16(&w, ns);
	put16(&w, 0);
	return w;
}

static inline struct wire question(unsigned id, unsigned flags, const char *name, unsigned type)
{
	struct wire w = header(id, flags, 1, 0, 0);
	put_name(&w, name);
	put16(&w, type);
	put16(&w, 1);
	return w;
}

/* A record whose owner is the question's name. */
static inline void record(struct wire *w, unsigned type, unsigned class, unsigned ttl, const void *data, size_t n)
{
	put16(w, 0xc00c);
	put16(w, type);
	put16(w, class);
	put32(w, ttl);
	put16(w, (unsigned)n);
	put_bytes(w, data, n);
}

static inline void feed(struct trial *t, enum toc_dir dir, const struct wire *w)
{
	trial_feed(t, &(struct trial_step){ dir, w->b, w->n });
}

#define assert_field(t, i, field, text)                                                                                \
	do {                                                                                                           \
		const char *got_ = trial_value(t, i, field);                                                           \
		assert_non_null(got_);                                                                                 \
		assert_string_equal(got_, text);                                                                       \
	} while (0)

/* An OPT record for the additional section. */
static inline void opt(struct wire *w, unsigned size, unsigned ttl, const void *data, size_t n)
{
	put8(w, 0);
	put16(w, 41);
	put16(w, size);
	put32(w, ttl);
	put16(w, (unsigned)n);
	put_bytes(w, data, n);
	w->b[11]++;
}

#endif
