/* peaks - of each key and day the highest window, as one number in a histogram of its rule. No key is kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/peaks_state.h"

enum { PEAKS = 262144, PER_OCTAVE = 8, OCTAVES_BELOW_ONE = 16 };

double toc_correlate_peak_of(unsigned bin)
{
	return exp2((double)bin / PER_OCTAVE - OCTAVES_BELOW_ONE);
}

static unsigned bin_of(double value)
{
	double bin = PER_OCTAVE * (log2(value > 0 ? value : 0x1p-17) + OCTAVES_BELOW_ONE) + 1e-9;
	return bin < 0 ? 0 : bin < TOC_PEAK_BINS ? (unsigned)bin : TOC_PEAK_BINS - 1;
}

/* --- days of a rule ----------------------------------------------------------------------------------------------- */

struct peak_day *peaks_day(struct peaks *p, unsigned rule, uint32_t day)
{
	struct peak_rule *r = &p->rules[rule];
	if (!r->days)
		r->days = calloc(TOC_PEAK_DAYS, sizeof(*r->days));
	struct peak_day *d = r->days ? &r->days[day % TOC_PEAK_DAYS] : NULL;
	if (!d || d->day > day)
		return NULL;
	if (d->day != day)
		d->n = 0;
	d->day = day;
	return d;
}

bool peaks_count(struct peak_day *d, uint32_t bin, uint64_t keys)
{
	uint32_t at = d->n;
	while (at > 0 && d->rows[at - 1].bin >= bin)
		at--;
	if (at < d->n && d->rows[at].bin == bin) {
		d->rows[at].keys += keys;
		return true;
	}
	if (d->n == d->room) {
		const uint32_t room = d->room ? 2 * d->room : 8;
		struct peak_row *more = realloc(d->rows, room * sizeof(*more));
		if (!more)
			return false;
		d->rows = more;
		d->room = room;
	}
	memmove(&d->rows[at + 1], &d->rows[at], (d->n - at) * sizeof(*d->rows));
	d->rows[at] = (struct peak_row){ bin, keys };
	d->n++;
	return true;
}

/* The key's day is over, or its place is needed. Days on which nobody watched do not count, whatever comes late of
 * them. */
static void settle(void *user, void *cell)
{
	struct peaks *p = user;
	const struct peak *peak = cell;
	const struct peak_rule *r = &p->rules[peak->key.rule];
	struct peak_day *d = r->days ? &r->days[peak->key.day % TOC_PEAK_DAYS] : NULL;
	if (d && d->day == peak->key.day)
		peaks_count(d, bin_of(peak->value), 1);
}

/* --- life --------------------------------------------------------------------------------------------------------- */

bool peaks_begin(struct toc_correlator *c)
{
	if (c->peaks)
		return true;
	struct peaks *p = c->peaks = calloc(1, sizeof(*p));
	if (!p)
		return false;
	p->nrules = c->nrules + c->config.ndetections;
	p->key = (struct toc_hash_key){ toc_hash(&c->key, "peaks", 5), toc_hash(&c->key, "skaep", 5) };
	p->rules = calloc(p->nrules + 1, sizeof(*p->rules));
	p->table = toc_lru_new(sizeof(struct peak_key), sizeof(struct peak), PEAKS, &c->key, settle, p);
	for (unsigned i = 0; p->rules && i < c->nrules; i++)
		p->rules[i].watched = c->running[i].rule->observed;
	for (unsigned i = 0; p->rules && i < c->config.ndetections; i++)
		p->rules[c->nrules + i].watched = c->config.detections[i].observed;
	return p->rules && p->table;
}

bool toc_correlate_keep_peaks(struct toc_correlator *c)
{
	if (!peaks_begin(c))
		return false;
	for (unsigned i = 0; i < c->peaks->nrules; i++)
		c->peaks->rules[i].watched = true;
	return true;
}

bool toc_correlate_keeps_peaks(const struct toc_correlator *c)
{
	return c->peaks != NULL;
}

void peaks_free(struct toc_correlator *c)
{
	struct peaks *p = c->peaks;
	if (!p)
		return;
	for (unsigned i = 0; p->rules && i < p->nrules; i++) {
		for (unsigned d = 0; p->rules[i].days && d < TOC_PEAK_DAYS; d++)
			free(p->rules[i].days[d].rows);
		free(p->rules[i].days);
	}
	toc_lru_free(p->table);
	free(p->rules);
	free(p);
}

void peaks_add(struct toc_correlator *c, const struct cell *cell, toc_time ts, double value)
{
	struct peaks *p = c->peaks;
	bool fresh;
	if (!p->rules[cell->of->index].watched || ts < 0)
		return;
	const struct peak_key key = { toc_hash(&p->key, cell->text, cell->text_n), cell->of->index,
				      (uint32_t)(ts / TOC_DAY) };
	struct peak *peak = toc_lru_add(p->table, &key, &fresh);
	peak->value = fresh || value > peak->value ? value : peak->value;
}

bool toc_correlate_watches(const struct toc_correlator *c, uint32_t detection)
{
	return c->peaks && detection < c->config.ndetections && c->peaks->rules[c->nrules + detection].watched;
}

void toc_correlate_opened(struct toc_correlator *c, uint32_t detection, struct toc_span key, toc_time ts,
			  toc_time close)
{
	bool fresh;
	if (!toc_correlate_watches(c, detection) || ts < 0)
		return;
	struct peaks *p = c->peaks;
	const struct peak_key at = { toc_hash(&p->key, key.p, key.n), c->nrules + detection, (uint32_t)(ts / TOC_DAY) };
	struct peak *peak = toc_lru_add(p->table, &at, &fresh);
	if (fresh || ts - peak->last > close)
		peak->value++;
	peak->last = fresh || ts > peak->last ? ts : peak->last;
}

/* A day begins: it counts for the rules that are watched, also where nothing comes. What is over since a day settles.
 */
void peaks_advance(struct toc_correlator *c, toc_time at)
{
	struct peaks *p = c->peaks;
	const uint32_t day = at > 0 ? (uint32_t)(at / TOC_DAY) : 0;
	if (day <= p->today)
		return;
	uint32_t from = p->today ? p->today + 1 : day;
	if (day - from >= TOC_PEAK_DAYS)
		from = day - TOC_PEAK_DAYS + 1;
	for (unsigned i = 0; i < p->nrules; i++)
		for (uint32_t d = from; p->rules[i].watched && d <= day; d++)
			peaks_day(p, i, d);
	p->today = day;
	for (struct peak *oldest; (oldest = toc_lru_oldest(p->table)) && oldest->key.day + 1 < day;) {
		settle(p, oldest);
		toc_lru_remove(p->table, oldest);
	}
}

/* --- reload ------------------------------------------------------------------------------------------------------- */

struct move {
	struct peaks *to;
	const uint32_t *place; /* of the old rules among the new ones; UINT32_MAX: gone */
};

static void move_peak(void *user, void *cell)
{
	const struct move *m = user;
	const struct peak *from = cell;
	struct peak_key key = from->key;
	bool fresh;
	key.rule = m->place[from->key.rule];
	if (key.rule == UINT32_MAX)
		return;
	struct peak *to = toc_lru_add(m->to->table, &key, &fresh);
	to->value = from->value;
	to->last = from->last;
}

const char *peaks_id(const struct toc_correlator *c, uint32_t place, uint64_t *shape)
{
	const bool detection = place >= c->nrules;
	*shape = detection ? 0 : c->running[place].rule->shape;
	return detection ? c->config.detections[place - c->nrules].id : c->running[place].rule->id;
}

uint32_t peaks_place(const struct toc_correlator *c, uint64_t shape, const char *id)
{
	for (uint32_t i = 0; shape == 0 && i < c->config.ndetections; i++)
		if (strcmp(c->config.detections[i].id, id) == 0)
			return c->nrules + i;
	for (uint32_t i = 0; i < c->nrules; i++)
		if (c->running[i].rule->shape == shape && strcmp(c->running[i].rule->id, id) == 0)
			return i;
	return UINT32_MAX;
}

void peaks_adopt(struct toc_correlator *c, struct toc_correlator *old)
{
	uint32_t *place = old->peaks ? calloc(old->peaks->nrules + 1, sizeof(*place)) : NULL;
	uint64_t shape;
	if (!place || !peaks_begin(c)) {
		free(place);
		return;
	}
	c->peaks->key = old->peaks->key;
	for (unsigned i = 0; i < old->peaks->nrules; i++) {
		const char *id = peaks_id(old, i, &shape);
		place[i] = peaks_place(c, shape, id);
		if (place[i] == UINT32_MAX || c->peaks->rules[place[i]].days)
			continue;
		c->peaks->rules[place[i]].days = old->peaks->rules[i].days;
		old->peaks->rules[i].days = NULL;
	}
	struct move m = { c->peaks, place };
	toc_lru_each(old->peaks->table, move_peak, &m);
	free(place);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct reading {
	uint32_t rule, until;
	const struct peak_rule *of;
	struct toc_corr_peaks *out;
};

static void read_pending(void *user, void *cell)
{
	const struct reading *r = user;
	const struct peak *peak = cell;
	if (peak->key.rule == r->rule && peak->key.day < r->until && r->of->days &&
	    r->of->days[peak->key.day % TOC_PEAK_DAYS].day == peak->key.day)
		r->out->bins[bin_of(peak->value)]++;
}

void toc_correlate_peaks(const struct toc_correlator *c, unsigned rule, uint32_t until, struct toc_corr_peaks *out)
{
	struct reading r = { rule, until, &c->peaks->rules[rule], out };
	*out = (struct toc_corr_peaks){ .days = 0 };
	for (unsigned i = 0; r.of->days && i < TOC_PEAK_DAYS; i++) {
		const struct peak_day *d = &r.of->days[i];
		if (!d->day || d->day >= until)
			continue;
		out->days++;
		for (uint32_t k = 0; k < d->n; k++)
			out->bins[d->rows[k].bin] += d->rows[k].keys;
	}
	toc_lru_each(c->peaks->table, read_pending, &r);
}
