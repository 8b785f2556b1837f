/* snapshot - windows, learnt sets and open episodes to bytes that another process can read. */
#include <stdio.h>

#include "base/crc.h"
#include "correlate/baseline.h"
#include "correlate/packed.h"
#include "correlate/snapshot.h"

/*
 * magic, version, CRC-32C of what follows, then: the key of the values' hashes, the rules by id and hash with what they
 * learnt, and the cells, least recently fed first. Not BSON: libbson has its home elsewhere, and this is read by
 * nobody but us, so that numbers at fixed places and one checksum are all that it needs.
 */
static void pack_seen(void *user, void *what)
{
	struct packed *out = user;
	const struct novel_seen *s = what;
	pack(out, s->key, 16);
	pack_time(out, s->first);
	pack_time(out, s->last);
}

static void pack_inhibition(void *user, void *what)
{
	struct packed *out = user;
	const struct inhibition *in = what;
	pack(out, in->key, 16);
	pack_time(out, in->until);
}

struct base_writer {
	struct packed *out;
	uint32_t n;
};

static void pack_base(void *user, void *what)
{
	struct base_writer *w = user;
	const struct base *b = what;
	pack(w->out, b->key, 16);
	pack_time(w->out, b->first);
	pack_u64(w->out, (uint64_t)b->hour);
	pack_u32(w->out, b->peaks ? w->n : 0);
	for (uint32_t i = 0; b->peaks && i < w->n; i++)
		pack_double(w->out, b->peaks[i]);
}

static void pack_rule(struct packed *out, const struct running *r)
{
	struct base_writer w = { out, base_numbers(r->rule) };
	pack_text(out, r->rule->id, strlen(r->rule->id));
	pack_u64(out, r->rule->hash);
	pack_time(out, r->novel_since);
	pack_u32(out, r->novel ? toc_lru_count(r->novel) : 0);
	if (r->novel)
		toc_lru_each(r->novel, pack_seen, out);
	pack_u32(out, r->inhibited ? toc_lru_count(r->inhibited) : 0);
	if (r->inhibited)
		toc_lru_each(r->inhibited, pack_inhibition, out);
	pack_u32(out, r->bases ? toc_lru_count(r->bases) : 0);
	if (r->bases)
		toc_lru_each(r->bases, pack_base, &w);
}

static void pack_hit(struct packed *out, const struct hit *h)
{
	pack_time(out, h->ts);
	pack_u64(out, h->of.hash);
	pack_double(out, h->second);
	pack_u32(out, h->weight);
	pack_u32(out, h->ref | (uint32_t)h->raised << 16);
}

static bool only_wire(const struct cell *cell)
{
	return cell->nsources == 0 || (cell->nsources == 1 && cell->sources[0] == 0);
}

static void pack_cell(struct packed *out, const struct cell *cell, const struct toc_intern *names)
{
	const toc_time times[] = { cell->opened,       cell->held,	  cell->judged,
				   cell->anchor,       cell->from_ts,	  cell->to_ts,
				   cell->rhythm.first, cell->rhythm.last, cell->rhythm.again };
	pack_u32(out, cell->of->index);
	pack_text(out, cell->text, cell->text_n);
	pack_u8(out, (uint8_t)(cell->open | cell->listed << 1 | cell->heavy << 2 | only_wire(cell) << 3 | cell->raised << 4));
	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		pack_time(out, times[i]);
	pack_double(out, cell->rhythm.gap);
	pack_u32(out, cell->rhythm.n);
	pack_double(out, cell->value);
	pack_u64(out, cell->count);
	pack_u32(out, cell->n);
	for (uint32_t i = 0; i < cell->n; i++)
		pack_hit(out, cell_hit(cell, i));
	pack_event(out, cell->opener, names);
	pack_u8(out, cell->nevidence);
	for (unsigned i = 0; i < cell->nevidence; i++) {
		pack_event(out, cell->evidence[i].ev, names);
		pack_event(out, cell->evidence[i].who, names);
	}
}

uint8_t *toc_correlate_snapshot(const struct toc_correlator *c, const struct toc_intern *names, size_t *n)
{
	struct packed out = { 0 };
	pack(&out, snapshot_magic, 8);
	pack_u32(&out, SNAPSHOT_VERSION);
	pack_u32(&out, 0);
	pack_u64(&out, c->values.k0);
	pack_u64(&out, c->values.k1);
	pack_u32(&out, c->nrules);
	for (unsigned i = 0; i < c->nrules; i++)
		pack_rule(&out, &c->running[i]);
	pack_u32(&out, c->ncells);
	for (const struct cell *cell = c->oldest; cell; cell = cell->newer)
		pack_cell(&out, cell, names);
	if (out.failed) {
		free(out.p);
		return NULL;
	}
	const uint32_t crc = toc_crc32c(out.p + SNAPSHOT_HEADER, out.n - SNAPSHOT_HEADER);
	for (unsigned i = 0; i < 4; i++)
		out.p[12 + i] = (uint8_t)(crc >> 8 * i);
	*n = out.n;
	return out.p;
}
