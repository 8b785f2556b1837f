/* snapshot - windows, learnt sets and open episodes to documents that another process can read (snapshot.h). */
#include "correlate/snapshot.h"

#include <string.h>

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

static void put_rule(struct packed *out, struct packed *rows, bson_t *doc, const struct running *r)
{
	struct base_writer w = { rows, base_numbers(r->rule) };
	BSON_APPEND_UTF8(doc, "id", r->rule->id);
	BSON_APPEND_INT64(doc, "hash", (int64_t)r->rule->hash);
	BSON_APPEND_INT64(doc, "novel_since", r->novel_since);
	if (r->novel)
		toc_lru_each(r->novel, pack_seen, rows);
	snapshot_rows(doc, "novel", rows, out);
	if (r->inhibited)
		toc_lru_each(r->inhibited, pack_inhibition, rows);
	snapshot_rows(doc, "inhibited", rows, out);
	if (r->bases)
		toc_lru_each(r->bases, pack_base, &w);
	snapshot_rows(doc, "bases", rows, out);
	snapshot_put(out, doc);
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

static void append_event(bson_t *doc, const char *name, const struct toc_event *ev, const struct toc_intern *names)
{
	bson_t below;
	if (!ev)
		return;
	BSON_APPEND_DOCUMENT_BEGIN(doc, name, &below);
	event_document(&below, ev, names);
	bson_append_document_end(doc, &below);
}

static void append_evidence(bson_t *doc, const struct cell *cell, const struct toc_intern *names)
{
	bson_t list, pair;
	append_event(doc, "opener", cell->opener, names);
	BSON_APPEND_ARRAY_BEGIN(doc, "evidence", &list);
	for (unsigned i = 0; i < cell->nevidence; i++) {
		char room[16];
		const char *key;
		bson_uint32_to_string(i, &key, room, sizeof(room));
		BSON_APPEND_DOCUMENT_BEGIN(&list, key, &pair);
		append_event(&pair, "event", cell->evidence[i].ev, names);
		append_event(&pair, "who", cell->evidence[i].who, names);
		bson_append_document_end(&list, &pair);
	}
	bson_append_array_end(doc, &list);
}

static void append_state(bson_t *doc, const struct cell *cell)
{
	BSON_APPEND_BOOL(doc, "open", cell->open);
	BSON_APPEND_BOOL(doc, "listed", cell->listed);
	BSON_APPEND_BOOL(doc, "heavy", cell->heavy);
	BSON_APPEND_BOOL(doc, "wire", only_wire(cell)); /* no source but the wire fed it */
	BSON_APPEND_INT32(doc, "raised", cell->raised);
	BSON_APPEND_INT64(doc, "opened", cell->opened);
	BSON_APPEND_INT64(doc, "held", cell->held);
	BSON_APPEND_INT64(doc, "judged", cell->judged);
	BSON_APPEND_INT64(doc, "anchor", cell->anchor);
	BSON_APPEND_INT64(doc, "from", cell->from_ts);
	BSON_APPEND_INT64(doc, "to", cell->to_ts);
	BSON_APPEND_INT64(doc, "first_heard", cell->rhythm.first);
	BSON_APPEND_INT64(doc, "last_heard", cell->rhythm.last);
	BSON_APPEND_INT64(doc, "not_before", cell->rhythm.again);
	BSON_APPEND_DOUBLE(doc, "gap", cell->rhythm.gap);
	BSON_APPEND_INT64(doc, "times_heard", cell->rhythm.n);
	BSON_APPEND_DOUBLE(doc, "value", cell->value);
	BSON_APPEND_INT64(doc, "count", (int64_t)cell->count);
}

static void put_cell(struct packed *out, struct packed *rows, bson_t *doc, const struct cell *cell,
		     const struct toc_intern *names)
{
	BSON_APPEND_INT32(doc, "rule", (int32_t)cell->of->index);
	BSON_APPEND_BINARY(doc, "key", BSON_SUBTYPE_BINARY, (const uint8_t *)cell->text, cell->text_n);
	append_state(doc, cell);
	for (uint32_t i = 0; i < cell->n; i++)
		pack_hit(rows, cell_hit(cell, i));
	snapshot_rows(doc, "hits", rows, out);
	append_evidence(doc, cell, names);
	snapshot_put(out, doc);
}

static void put_body(struct packed *out, bson_t *doc, const struct toc_correlator *c, uint64_t number)
{
	bson_t values, clock;
	BSON_APPEND_INT64(doc, "number", (int64_t)number);
	BSON_APPEND_DOCUMENT_BEGIN(doc, "values", &values);
	BSON_APPEND_INT64(&values, "k0", (int64_t)c->values.k0);
	BSON_APPEND_INT64(&values, "k1", (int64_t)c->values.k1);
	bson_append_document_end(doc, &values);
	if (c->clock.boot[0]) {
		BSON_APPEND_DOCUMENT_BEGIN(doc, "clock", &clock);
		BSON_APPEND_UTF8(&clock, "boot", c->clock.boot);
		BSON_APPEND_INT64(&clock, "offset", c->clock.offset);
		bson_append_document_end(doc, &clock);
	}
	BSON_APPEND_INT32(doc, "rules", (int32_t)c->nrules);
	BSON_APPEND_INT32(doc, "cells", (int32_t)c->ncells);
	snapshot_put(out, doc);
}

uint8_t *toc_correlate_snapshot(const struct toc_correlator *c, const struct toc_intern *names, uint64_t number,
				size_t *n)
{
	struct packed out = { 0 }, rows = { 0 };
	bson_t doc = BSON_INITIALIZER;
	put_body(&out, &doc, c, number);
	for (unsigned i = 0; i < c->nrules; i++)
		put_rule(&out, &rows, &doc, &c->running[i]);
	for (const struct cell *cell = c->oldest; cell; cell = cell->newer)
		put_cell(&out, &rows, &doc, cell, names);
	uint8_t *sealed = out.failed ? NULL : snapshot_seal(&snapshot_correlations, toc_span_of(out.p, out.n), n);
	bson_destroy(&doc);
	free(rows.p);
	free(out.p);
	return sealed;
}
