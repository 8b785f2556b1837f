/* restore - a snapshot back into a correlator of the same or other rules; what does not fit is left out. */
#include <stdio.h>

#include "base/crc.h"
#include "correlate/packed.h"
#include "correlate/snapshot.h"

struct reader {
	struct toc_correlator *c;
	struct toc_intern *names;
	struct toc_cursor in;
	struct running **rules; /* of the snapshot; NULL: not one of ours */
	uint32_t nrules;
	struct toc_corr_restored *out;
};

static struct running *rule_of(const struct toc_correlator *c, struct toc_span id, uint64_t hash)
{
	for (unsigned i = 0; i < c->nrules; i++)
		if (c->running[i].rule->hash == hash && toc_span_is(id, c->running[i].rule->id))
			return &c->running[i];
	return NULL;
}

static void read_novel(struct reader *r, struct running *to, toc_time since)
{
	const uint32_t n = toc_le32(&r->in);
	if (to)
		to->novel_since = since;
	for (uint32_t i = 0; i < n && !r->in.bad; i++) {
		const struct toc_span key = toc_take(&r->in, 16);
		const toc_time first = unpack_time(&r->in), last = unpack_time(&r->in);
		bool fresh;
		if (r->in.bad || !to || !to->novel)
			continue;
		struct novel_seen *s = toc_lru_add(to->novel, key.p, &fresh);
		s->first = first;
		s->last = last;
	}
}

static void read_inhibited(struct reader *r, struct running *to)
{
	const uint32_t n = toc_le32(&r->in);
	for (uint32_t i = 0; i < n && !r->in.bad; i++) {
		const struct toc_span key = toc_take(&r->in, 16);
		const toc_time until = unpack_time(&r->in);
		bool fresh;
		if (r->in.bad || !to || !to->inhibited)
			continue;
		struct inhibition *in = toc_lru_add(to->inhibited, key.p, &fresh);
		in->until = until;
	}
}

static void read_base(struct reader *r, struct running *to)
{
	const struct toc_span key = toc_take(&r->in, 16);
	const toc_time first = unpack_time(&r->in);
	const int64_t hour = (int64_t)toc_le64(&r->in);
	const uint32_t n = toc_le32(&r->in);
	struct toc_cursor numbers = toc_sub(&r->in, (size_t)n * 8);
	bool fresh;
	if (r->in.bad || !to || !to->bases || hour < 0 || (n && n != base_numbers(to->rule)))
		return;
	double *peaks = n ? budget_resize(&to->budget, NULL, 0, base_bytes(to->rule)) : NULL;
	for (uint32_t i = 0; peaks && i < n; i++)
		peaks[i] = unpack_double(&numbers);
	struct base *b = toc_lru_add(to->bases, key.p, &fresh);
	if (!fresh)
		budget_free(&to->budget, b->peaks, base_bytes(to->rule));
	b->first = first;
	b->hour = hour;
	b->peaks = peaks;
}

static void read_rule(struct reader *r, uint32_t i)
{
	const struct toc_span id = unpack_text(&r->in);
	const uint64_t hash = toc_le64(&r->in);
	const toc_time since = unpack_time(&r->in);
	struct running *to = r->in.bad ? NULL : rule_of(r->c, id, hash);
	r->rules[i] = to;
	++*(to ? &r->out->rules : &r->out->changed);
	read_novel(r, to, since);
	read_inhibited(r, to);
	const uint32_t n = toc_le32(&r->in);
	for (uint32_t k = 0; k < n && !r->in.bad; k++)
		read_base(r, to);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static bool key_fits(const struct toc_corr_rule *rule, struct toc_span text)
{
	unsigned nuls = 0;
	for (size_t i = 0; i < text.n; i++)
		nuls += text.p[i] == '\0';
	return text.n && text.n <= TOC_CORR_KEYS * TOC_KEY_TEXT && text.p[text.n - 1] == '\0' &&
	       nuls == (rule->nkeys ? rule->nkeys : 1);
}

/* Hits must be in their order and of rules that there are; others are damage. */
static void read_hits(struct reader *r, struct cell *cell, const struct running *to)
{
	const uint32_t n = toc_le32(&r->in);
	struct toc_cursor hits = toc_sub(&r->in, (size_t)n * 32);
	toc_time last = INT64_MIN;
	for (uint32_t i = 0; i < n && !r->in.bad; i++) {
		struct hit h = { .ts = unpack_time(&hits) };
		uint64_t evicted = 0;
		uint32_t at;
		h.of.hash = toc_le64(&hits);
		h.second = unpack_double(&hits);
		h.weight = toc_le32(&hits);
		const uint32_t ref = toc_le32(&hits);
		h.ref = (uint16_t)ref;
		h.raised = (uint8_t)(ref >> 16);
		if (h.ts < last || ref >> 16 >= TOC_SEVERITIES || (to && h.ref >= to->rule->nrefs))
			r->in.bad = true;
		else if (cell)
			window_insert(cell, &h, r->c->config.cell_hits, &evicted, &at);
		last = h.ts;
	}
}

static void read_evidence(struct reader *r, struct cell *cell)
{
	struct toc_event *opener = unpack_event(&r->in, r->names);
	if (cell && opener)
		evidence_opener(cell, opener);
	free(opener);
	const uint8_t n = toc_u8(&r->in);
	for (unsigned i = 0; i < n && !r->in.bad; i++) {
		struct toc_event *ev = unpack_event(&r->in, r->names), *who = unpack_event(&r->in, r->names);
		const struct toc_view view = { ev, who };
		if (!ev)
			r->in.bad = true;
		else if (cell && !r->in.bad)
			evidence_keep(r->c, cell, &view);
		free(ev);
		free(who);
	}
}

static void read_cell(struct reader *r)
{
	const uint32_t index = toc_le32(&r->in);
	const struct toc_span text = unpack_text(&r->in);
	struct running *to = index < r->nrules ? r->rules[index] : NULL;
	const uint8_t flags = toc_u8(&r->in);
	struct cell state = { 0 };
	toc_time *const times[] = { &state.opened,	 &state.held,	     &state.judged,
				    &state.anchor,	 &state.from_ts,     &state.to_ts,
				    &state.rhythm.first, &state.rhythm.last, &state.rhythm.again };
	bool fresh;
	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		*times[i] = unpack_time(&r->in);
	state.rhythm.gap = unpack_double(&r->in);
	state.rhythm.n = toc_le32(&r->in);
	state.value = unpack_double(&r->in);
	state.count = toc_le64(&r->in);
	if (flags >> 4 >= TOC_SEVERITIES || index >= r->nrules || (to && !key_fits(to->rule, text)))
		r->in.bad = true;
	struct cell *cell =
		r->in.bad || !to ? NULL : cells_get(r->c, to, (const char *)text.p, (uint32_t)text.n, &fresh);
	if (cell) {
		cell->listed = flags >> 1 & 1;
		cell->heavy = flags >> 2 & 1;
		cell->raised = (uint8_t)(flags >> 4);
		for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			*(toc_time *)(void *)((char *)cell + ((char *)times[i] - (char *)&state)) = *times[i];
		cell->rhythm.gap = state.rhythm.gap;
		cell->rhythm.n = state.rhythm.n;
		cell->value = state.value;
		cell->count = state.count;
		/* sources have other numbers now: where it was not the wire, none is waited for by name */
		cell->nsources = flags >> 3 & 1 ? 0 : CELL_SOURCES + 1;
	}
	if (cell) {
		cell->pinned = true; /* evidence may need room */
		cell->tally.rule = NULL;
	}
	read_hits(r, cell, to);
	read_evidence(r, cell);
	if (!cell)
		return;
	cell->pinned = false;
	if (cell->nsources > CELL_SOURCES && to->judged == AT_SILENCE)
		cell->nsources = 0;
	cell->open = (flags & 1) && cell->opener;
	cell->tally.rule = to->judged == AT_HIT ? to->rule : NULL;
	if (!window_rebuild(cell)) {
		cells_remove(r->c, cell);
		return;
	}
	cell_place(r->c, cell);
	r->out->cells++;
}

static bool read_all(struct reader *r)
{
	struct toc_hash_key values;
	values.k0 = toc_le64(&r->in);
	values.k1 = toc_le64(&r->in);
	r->nrules = toc_le32(&r->in);
	if (r->in.bad || r->nrules > toc_left(&r->in) / 16)
		return false;
	r->rules = calloc(r->nrules + 1, sizeof(*r->rules));
	for (uint32_t i = 0; r->rules && i < r->nrules && !r->in.bad; i++)
		read_rule(r, i);
	const uint32_t n = toc_le32(&r->in);
	for (uint32_t i = 0; r->rules && i < n && !r->in.bad; i++)
		read_cell(r);
	r->c->values = values;
	return r->rules && !r->in.bad && toc_left(&r->in) == 0;
}

/* What was taken before the damage showed. */
static void forget_all(struct toc_correlator *c)
{
	while (c->oldest)
		cells_remove(c, c->oldest);
	for (unsigned i = 0; i < c->nrules; i++) {
		struct running *r = &c->running[i];
		r->novel_since = TOC_NEVER;
		while (r->novel && toc_lru_oldest(r->novel))
			toc_lru_remove(r->novel, toc_lru_oldest(r->novel));
		while (r->inhibited && toc_lru_oldest(r->inhibited))
			toc_lru_remove(r->inhibited, toc_lru_oldest(r->inhibited));
		while (r->bases && toc_lru_oldest(r->bases)) {
			struct base *b = toc_lru_oldest(r->bases);
			budget_free(&r->budget, b->peaks, base_bytes(r->rule));
			toc_lru_remove(r->bases, b);
		}
	}
}

bool toc_correlate_restore(struct toc_correlator *c, struct toc_intern *names, struct toc_span bytes,
			   struct toc_corr_restored *out, char *err, size_t err_n)
{
	struct reader r = { .c = c, .names = names, .in = toc_cursor_of(bytes), .out = out };
	const struct toc_span magic = toc_take(&r.in, 8);
	const uint32_t version = toc_le32(&r.in), crc = toc_le32(&r.in);
	const struct toc_span rest = toc_rest(&r.in);
	const struct toc_hash_key values = c->values;
	*out = (struct toc_corr_restored){ 0 };
	const char *what = NULL;
	if (r.in.bad || memcmp(magic.p, snapshot_magic, 8) != 0)
		what = "this is no snapshot of correlations";
	else if (version != SNAPSHOT_VERSION)
		what = "the snapshot is of another version";
	else if (toc_crc32c(rest.p, rest.n) != crc)
		what = "the snapshot is damaged (its checksum does not fit)";
	else if (!read_all(&r)) {
		what = "the snapshot is damaged";
		forget_all(c);
		c->values = values;
		*out = (struct toc_corr_restored){ 0 };
	}
	free(r.rules);
	if (what)
		snprintf(err, err_n, "%s; windows begin empty", what);
	return what == NULL;
}
