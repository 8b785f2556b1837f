/* peaks_file - histograms and the day's peaks as a snapshot (snapshot.h), and back. */
#include <math.h>
#include <stdlib.h>

#include "correlate/peaks_state.h"
#include "correlate/snapshot.h"

/*
 *   body   { number, k0, k1, rules }
 *   rules  { id, shape, days }: day, count of rows, then rows of bin and keys
 *   last   { pending }: rows of rule (its place in this file), day, hash, value
 */
static const struct snapshot_form form = { "peaks", 1 };

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void pack_days(struct packed *rows, const struct peak_rule *r)
{
	for (unsigned i = 0; r->days && i < TOC_PEAK_DAYS; i++) {
		const struct peak_day *d = &r->days[i];
		if (!d->day)
			continue;
		pack_u32(rows, d->day);
		pack_u32(rows, d->n);
		for (uint32_t k = 0; k < d->n; k++) {
			pack_u32(rows, d->rows[k].bin);
			pack_u64(rows, d->rows[k].keys);
		}
	}
}

static void pack_pending(void *user, void *cell)
{
	const struct peak *peak = cell;
	pack_u32(user, peak->key.rule);
	pack_u32(user, peak->key.day);
	pack_u64(user, peak->key.hash);
	pack_double(user, peak->value);
}

uint8_t *toc_correlate_peaks_save(const struct toc_correlator *c, uint64_t number, size_t *n)
{
	struct packed out = { 0 }, rows = { 0 };
	bson_t doc = BSON_INITIALIZER;
	*n = 0;
	BSON_APPEND_INT64(&doc, "number", (int64_t)number);
	BSON_APPEND_INT64(&doc, "k0", (int64_t)c->peaks->key.k0);
	BSON_APPEND_INT64(&doc, "k1", (int64_t)c->peaks->key.k1);
	BSON_APPEND_INT32(&doc, "rules", (int32_t)c->peaks->nrules);
	snapshot_put(&out, &doc);
	for (unsigned i = 0; i < c->peaks->nrules; i++) {
		uint64_t shape;
		BSON_APPEND_UTF8(&doc, "id", peaks_id(c, i, &shape));
		BSON_APPEND_INT64(&doc, "shape", (int64_t)shape);
		pack_days(&rows, &c->peaks->rules[i]);
		snapshot_rows(&doc, "days", &rows, &out);
		snapshot_put(&out, &doc);
	}
	toc_lru_each(c->peaks->table, pack_pending, &rows);
	snapshot_rows(&doc, "pending", &rows, &out);
	snapshot_put(&out, &doc);
	uint8_t *sealed = out.failed ? NULL : snapshot_seal(&form, toc_span_of(out.p, out.n), n);
	bson_destroy(&doc);
	free(rows.p);
	free(out.p);
	return sealed;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

bool toc_correlate_peaks_number(struct toc_span bytes, uint64_t *number, const char **what)
{
	struct toc_span body;
	if (!snapshot_open(&form, bytes, &body, what))
		return false;
	struct document d = document_next(&body);
	*number = (uint64_t)document_int(&d, "number");
	return !d.bad;
}

/* One day's rows; place UINT32_MAX: the rule is gone, they are only passed. */
static bool read_day(struct peaks *p, uint32_t place, struct toc_cursor *c)
{
	const uint32_t day = toc_le32(c), n = toc_le32(c);
	if (c->bad || !day || n > TOC_PEAK_BINS)
		return false;
	struct peak_day *d = place != UINT32_MAX ? peaks_day(p, place, day) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t bin = toc_le32(c);
		const uint64_t keys = toc_le64(c);
		if (c->bad || bin >= TOC_PEAK_BINS || (d && !peaks_count(d, bin, keys)))
			return false;
	}
	return true;
}

static bool read_rule(struct toc_correlator *c, struct document *d, uint32_t *place)
{
	char id[1024];
	const struct toc_span text = document_text(d, "id");
	const uint64_t shape = (uint64_t)document_int(d, "shape");
	struct toc_cursor days = toc_cursor_of(document_bytes(d, "days"));
	if (d->bad)
		return false;
	snprintf(id, sizeof(id), "%.*s", (int)(text.n < sizeof(id) ? text.n : 0), (const char *)text.p);
	*place = peaks_place(c, shape, id);
	while (toc_left(&days))
		if (!read_day(c->peaks, *place, &days))
			return false;
	return true;
}

static bool read_pending(struct peaks *p, struct document *d, const uint32_t *places, uint32_t nplaces)
{
	struct toc_cursor c = toc_cursor_of(document_bytes(d, "pending"));
	while (!d->bad && toc_left(&c)) {
		struct peak_key key;
		bool fresh;
		key.rule = toc_le32(&c);
		key.day = toc_le32(&c);
		key.hash = toc_le64(&c);
		const double value = unpack_double(&c);
		if (c.bad || key.rule >= nplaces || !isfinite(value))
			return false;
		key.rule = places[key.rule];
		if (key.rule != UINT32_MAX)
			((struct peak *)toc_lru_add(p->table, &key, &fresh))->value = value;
	}
	return !d->bad;
}

static bool read_all(struct toc_correlator *c, struct toc_span rest)
{
	struct document d = document_next(&rest);
	c->peaks->key.k0 = (uint64_t)document_int(&d, "k0");
	c->peaks->key.k1 = (uint64_t)document_int(&d, "k1");
	const uint32_t n = document_count(&d, "rules");
	uint32_t *places = !d.bad && n <= rest.n ? calloc(n + 1, sizeof(*places)) : NULL;
	bool ok = places != NULL;
	for (uint32_t i = 0; ok && i < n; i++) {
		d = document_next(&rest);
		ok = read_rule(c, &d, &places[i]);
	}
	d = document_next(&rest);
	ok = ok && read_pending(c->peaks, &d, places, n);
	free(places);
	return ok;
}

/* What was taken before the damage showed. */
static void forget_all(struct peaks *p)
{
	for (unsigned i = 0; i < p->nrules; i++)
		for (unsigned d = 0; p->rules[i].days && d < TOC_PEAK_DAYS; d++)
			p->rules[i].days[d].day = p->rules[i].days[d].n = 0;
	while (toc_lru_oldest(p->table))
		toc_lru_remove(p->table, toc_lru_oldest(p->table));
}

bool toc_correlate_peaks_restore(struct toc_correlator *c, struct toc_span bytes, const char **what)
{
	struct toc_span body;
	if (!snapshot_open(&form, bytes, &body, what))
		return false;
	*what = "out of memory";
	if (!peaks_begin(c))
		return false;
	if (read_all(c, body))
		return true;
	*what = "the peaks are damaged";
	forget_all(c->peaks);
	return false;
}
