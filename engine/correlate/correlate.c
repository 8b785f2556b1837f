/* correlate - hits into cells, cells into episodes, episodes into findings; clocks of sources end them. */
#include "correlate/correlate.h"

#include <stdlib.h>

#include "base/lru.h"
#include "correlate/cell.h"

enum { MOST_SOURCES = 65536 };

/* Which correlations refer to a rule, and as which of their refs. */
struct reference {
	uint32_t rule; /* number of the rule referred to */
	uint32_t by;   /* index of the correlation */
	uint32_t ref;
};

struct clock {
	uint32_t source; /* key */
	uint32_t zero;
	toc_time ts;
};

struct toc_correlator {
	struct toc_corr_config config;
	const struct toc_corr_rule *rules;
	unsigned nrules, nreferences;
	struct reference *references; /* ascending by rule */
	struct toc_lru *cells, *clocks;
	struct toc_hash_key key;
	struct toc_findings *out;
	struct toc_corr_counters count;
	size_t bytes;
	uint64_t event; /* number of the present one, from 1 */
	toc_time at, swept;
	toc_field count_field;
	const struct toc_event *evidence[2 * TOC_EVIDENCE];
	uint8_t (*due)[16]; /* keys of the cells that end in this sweep */
	uint32_t ndue, due_room;
};

static int by_rule(const void *a, const void *b)
{
	const struct reference *x = a, *y = b;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->by != y->by ? (x->by < y->by ? -1 : 1) : (x->ref < y->ref ? -1 : x->ref > y->ref);
}

static void drop_evidence(struct toc_correlator *c, struct cell *cell, unsigned i)
{
	struct evidence *e = &cell->evidence[i];
	c->bytes -= e->ev->size + (e->who ? e->who->size : 0);
	free(e->ev);
	free(e->who);
	memmove(e, e + 1, (cell->nevidence - i - 1u) * sizeof(*e));
	cell->nevidence--;
}

static void empty_cell(void *user, void *what)
{
	struct toc_correlator *c = user;
	struct cell *cell = what;
	while (cell->nevidence)
		drop_evidence(c, cell, cell->nevidence - 1u);
	c->bytes -= cell->room * sizeof(*cell->hits) + cell->text_n;
	free(cell->hits);
	free(cell->text);
}

/* Evicted while open: the episode is closed, so that nobody waits for its end. */
static void finding_of(struct toc_correlator *c, struct cell *cell, const struct toc_event *cause,
		       struct toc_finding *f);

static void evicted(void *user, void *what)
{
	struct toc_correlator *c = user;
	struct cell *cell = what;
	c->count.cells_evicted++;
	if (cell->open) {
		struct toc_finding f;
		c->count.closed++;
		finding_of(c, cell, NULL, &f);
		c->out->close(c->out, &f);
	}
	empty_cell(c, cell);
}

static unsigned count_references(const struct toc_corr_rule *rules, unsigned n)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < n; i++)
		sum += rules[i].nrefs;
	return sum;
}

struct toc_correlator *toc_correlator_new(const struct toc_corr_config *config, const struct toc_corr_rule *rules,
					  unsigned nrules, const struct toc_hash_key *key, struct toc_findings *out)
{
	struct toc_correlator *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->config = *config;
	c->config.cells = config->cells ? config->cells : 262144;
	c->config.bytes = config->bytes ? config->bytes : (size_t)128 << 20;
	c->config.cell_hits = config->cell_hits ? config->cell_hits : 65536;
	c->count_field = config->count_field;
	c->rules = rules;
	c->nrules = nrules;
	c->key = *key;
	c->out = out;
	c->at = c->swept = INT64_MIN;
	c->references = calloc(count_references(rules, nrules) + 1, sizeof(*c->references));
	c->cells = toc_lru_new(16, sizeof(struct cell), (uint32_t)c->config.cells, key, evicted, c);
	c->clocks = toc_lru_new(4, sizeof(struct clock), MOST_SOURCES, key, NULL, NULL);
	if (!c->references || !c->cells || !c->clocks) {
		toc_correlator_free(c);
		return NULL;
	}
	for (unsigned i = 0; i < nrules; i++)
		for (unsigned r = 0; r < rules[i].nrefs; r++)
			c->references[c->nreferences++] = (struct reference){ rules[i].refs[r].rule, i, r };
	qsort(c->references, c->nreferences, sizeof(*c->references), by_rule);
	return c;
}

void toc_correlator_free(struct toc_correlator *c)
{
	if (!c)
		return;
	if (c->cells)
		toc_lru_each(c->cells, empty_cell, c);
	toc_lru_free(c->cells);
	toc_lru_free(c->clocks);
	free(c->references);
	free(c->due);
	free(c);
}

/* A value's text with its NUL; one of its own would end it early and name another group. */
static size_t put_key(const struct toc_value *v, char *out)
{
	size_t n = toc_value_text(v, out, TOC_KEY_TEXT - 1);
	for (size_t i = 0; i < n; i++)
		if (out[i] == '\0')
			out[i] = '\1';
	out[n] = '\0';
	return n + 1;
}

/* Texts of the group-by values one behind the other, NUL-terminated; 0 when one is missing. */
static size_t key_text(const struct toc_corr_rule *rule, unsigned ref, const struct toc_view *view, char *out,
		       size_t room)
{
	size_t n = 0;
	for (unsigned k = 0; k < rule->nkeys; k++) {
		const struct toc_event *owner;
		struct toc_value v = toc_fieldset_get(&rule->refs[ref].key[k], view, &owner);
		if (v.type == TOC_NONE || v.list || n + TOC_KEY_TEXT > room)
			return 0;
		n += put_key(&v, out + n);
	}
	if (rule->nkeys == 0)
		out[n++] = '\0'; /* one group for all */
	return n;
}

static struct cell *cell_for(struct toc_correlator *c, const struct toc_corr_rule *rule, const char *text, size_t n)
{
	uint8_t key[16];
	bool fresh;
	struct toc_hash_key second = { c->key.k1 ^ rule->number, c->key.k0 };
	struct toc_hash_key first = { c->key.k0 ^ rule->number, c->key.k1 };
	uint64_t a = toc_hash(&first, text, n), b = toc_hash(&second, text, n);
	memcpy(key, &a, 8);
	memcpy(key + 8, &b, 8);
	struct cell *cell = toc_lru_add(c->cells, key, &fresh);
	if (!fresh)
		return cell;
	cell->rule = rule;
	cell->text = malloc(n);
	if (cell->text) {
		memcpy(cell->text, text, n);
		cell->text_n = (uint32_t)n;
		c->bytes += n;
	}
	c->count.cells = toc_lru_count(c->cells);
	return cell;
}

/* Room for one more hit; at the cap the oldest goes. */
static bool make_room(struct toc_correlator *c, struct cell *cell)
{
	if (cell->nhits < cell->room)
		return true;
	uint32_t room = cell->room ? 2 * cell->room : 8;
	if (room > c->config.cell_hits)
		room = c->config.cell_hits;
	size_t more = (room - cell->room) * sizeof(*cell->hits);
	struct hit *hits =
		more == 0 || c->bytes + more > c->config.bytes ? NULL : realloc(cell->hits, room * sizeof(*hits));
	if (hits) {
		cell->hits = hits;
		cell->room = room;
		c->bytes += more;
		return true;
	}
	c->count.hits_evicted++;
	if (!cell->nhits)
		return false;
	memmove(cell->hits, cell->hits + 1, (cell->nhits - 1) * sizeof(*cell->hits));
	cell->nhits--;
	return true;
}

/* Hits that can share a window with nothing that may still come: older than the newest by more than the lateness
 * allows. */
static void forget_old(struct cell *cell)
{
	toc_time keep = cell->rule->timespan + (cell->rule->late > TOC_MIN ? cell->rule->late : TOC_MIN);
	uint32_t n = 0;
	if (cell->nhits < 2 || cell->hits[cell->nhits - 1].ts - cell->hits[0].ts <= 2 * keep)
		return;
	while (cell->hits[cell->nhits - 1].ts - cell->hits[n].ts > keep)
		n++;
	memmove(cell->hits, cell->hits + n, (cell->nhits - n) * sizeof(*cell->hits));
	cell->nhits -= n;
}

/* Puts the hit in its place by ts, behind equal ones; returns the place. */
static uint32_t insert(struct cell *cell, const struct hit *hit)
{
	uint32_t at = cell->nhits;
	while (at && cell->hits[at - 1].ts > hit->ts)
		at--;
	memmove(cell->hits + at + 1, cell->hits + at, (cell->nhits - at) * sizeof(*cell->hits));
	cell->hits[at] = *hit;
	cell->nhits++;
	return at;
}

static struct toc_event *copy(const struct toc_event *ev)
{
	struct toc_event *out = ev ? malloc(ev->size) : NULL;
	if (!out)
		return NULL;
	memcpy(out, ev, ev->size);
	if (out->text) { /* evidence is printed anew, masked */
		out->size = out->text;
		out->text = out->text_n = 0;
	}
	return out;
}

/* The first few and the latest are kept. */
static void keep_evidence(struct toc_correlator *c, struct cell *cell, const struct toc_view *view)
{
	if (c->bytes + view->ev->size > c->config.bytes)
		return;
	if (cell->nevidence == TOC_EVIDENCE)
		drop_evidence(c, cell, CELL_EARLY);
	struct evidence e = { copy(view->ev), copy(view->who) };
	if (!e.ev) {
		free(e.who);
		return;
	}
	c->bytes += e.ev->size + (e.who ? e.who->size : 0);
	cell->evidence[cell->nevidence++] = e;
}

static void note_source(struct cell *cell, uint32_t source)
{
	for (unsigned i = 0; i < cell->nsources && i < CELL_SOURCES; i++)
		if (cell->sources[i] == source)
			return;
	if (cell->nsources < CELL_SOURCES)
		cell->sources[cell->nsources++] = source;
	else
		cell->nsources = CELL_SOURCES + 1;
}

static void finding_of(struct toc_correlator *c, struct cell *cell, const struct toc_event *cause,
		       struct toc_finding *f)
{
	const char *text = cell->text;
	*f = (struct toc_finding){ .rule = cell->rule,
				   .first = cell->from,
				   .last = cell->to,
				   .at = c->at,
				   .count = cell->count,
				   .value = cell->value,
				   .cause = cause,
				   .evidence = c->evidence,
				   .nevidence = cell->nevidence };
	for (unsigned k = 0; text && k < cell->rule->nkeys; k++) {
		f->key[k] = toc_span_str(text);
		text += f->key[k].n + 1;
	}
	for (unsigned i = 0; i < cell->nevidence; i++) {
		c->evidence[2 * i] = cell->evidence[i].ev;
		c->evidence[2 * i + 1] = cell->evidence[i].who;
	}
}

static void feed(struct toc_correlator *c, uint32_t number, const struct toc_view *view, const struct cell *from);

/* An opening is an event for the correlations above: its key values stand for their group-by fields. */
static void open_episode(struct toc_correlator *c, struct cell *cell, const struct toc_view *view)
{
	struct toc_finding f;
	cell->open = true;
	cell->opened = view->ev->ts;
	c->count.opened++;
	finding_of(c, cell, view->ev, &f);
	c->out->open(c->out, &f);
	feed(c, cell->rule->number, view, cell);
}

/* When its sources' clocks have passed this, nothing that comes can change the cell any more. */
static toc_time end_of(const struct cell *cell)
{
	return cell->hits[cell->nhits - 1].ts + cell->rule->timespan + cell->rule->late;
}

static bool is_upper_bound(const struct toc_corr_rule *rule)
{
	for (unsigned i = 0; i < rule->nbounds; i++)
		if (rule->bounds[i].op != TOC_CORR_GT && rule->bounds[i].op != TOC_CORR_GTE)
			return true;
	return false;
}

static void take(struct toc_correlator *c, struct cell *cell, const struct hit *hit, const struct toc_view *view)
{
	if (!make_room(c, cell))
		return;
	uint32_t at = insert(cell, hit);
	note_source(cell, view->ev->source);
	keep_evidence(c, cell, view);
	toc_time due = end_of(cell);
	cell->due = due;
	/* "less than" can only be said when the window is over: by the clock */
	bool holds = cell->rule->kind->judge(cell, at) && !is_upper_bound(cell->rule);
	if (cell->open) {
		struct toc_finding f;
		finding_of(c, cell, view->ev, &f);
		if (holds)
			c->out->update(c->out, &f);
	} else if (holds) {
		open_episode(c, cell, view);
	}
}

/* The key of a parent's cell where the hit is an opening: by name from the child's key, else from the event. */
static size_t key_from_child(const struct toc_corr_rule *rule, unsigned ref, const struct cell *child,
			     const struct toc_view *view, char *out, size_t room)
{
	size_t n = 0;
	for (unsigned k = 0; k < rule->nkeys; k++) {
		const char *text = child->text, *found = NULL;
		for (unsigned i = 0; text && i < child->rule->nkeys; i++, text += strlen(text) + 1)
			if (strcmp(child->rule->key_names[i], rule->key_names[k]) == 0)
				found = text;
		size_t length = found ? strlen(found) + 1 : 0;
		if (!found) {
			const struct toc_event *owner;
			struct toc_value v = toc_fieldset_get(&rule->refs[ref].key[k], view, &owner);
			if (v.type == TOC_NONE || v.list || n + TOC_KEY_TEXT > room)
				return 0;
			n += put_key(&v, out + n);
		} else if (n + length > room) {
			return 0;
		} else {
			memcpy(out + n, found, length);
			n += length;
		}
	}
	if (rule->nkeys == 0)
		out[n++] = '\0';
	return n;
}

static uint32_t weight_of(const struct toc_correlator *c, const struct toc_event *ev)
{
	struct toc_value v =
		c->count_field ? toc_event_get(ev, c->count_field) : (struct toc_value){ .type = TOC_NONE };
	return v.type == TOC_UINT && !v.list && v.as.u > 0 && v.as.u < 1000000 ? (uint32_t)v.as.u : 1;
}

/* from: the cell whose opening this is, or NULL for an event. */
static void feed(struct toc_correlator *c, uint32_t number, const struct toc_view *view, const struct cell *from)
{
	char text[TOC_CORR_KEYS * TOC_KEY_TEXT];
	unsigned low = 0, high = c->nreferences;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (c->references[mid].rule < number)
			low = mid + 1;
		else
			high = mid;
	}
	/* the child's cell may move when the parent's is made: its key is read first, once for all parents of one
	 * opening */
	struct cell child = from ? *from : (struct cell){ .nhits = 0 };
	char child_text[TOC_CORR_KEYS * TOC_KEY_TEXT];
	if (from && from->text) {
		memcpy(child_text, from->text, from->text_n);
		child.text = child_text;
	}
	for (; low < c->nreferences && c->references[low].rule == number; low++) {
		const struct reference *r = &c->references[low];
		const struct toc_corr_rule *rule = &c->rules[r->by];
		struct hit hit = { .ts = from ? child.to : view->ev->ts, .weight = from ? 1 : weight_of(c, view->ev) };
		size_t n = from ? key_from_child(rule, r->ref, &child, view, text, sizeof(text))
				: key_text(rule, r->ref, view, text, sizeof(text));
		if (!n) {
			c->count.missing_key++;
			continue;
		}
		if (!rule->kind->read(rule, r->ref, view, &c->key, &hit))
			continue;
		struct cell *cell = cell_for(c, rule, text, n);
		if (!from && !rule->kind->by_rule && cell->event == c->event)
			continue;
		if (!from)
			cell->event = c->event;
		c->count.hits++;
		forget_old(cell);
		take(c, cell, &hit, view);
	}
}

void toc_correlate_hit(struct toc_correlator *c, uint32_t number, const struct toc_view *view, bool again)
{
	c->event += !again;
	if (view->ev->at > c->at)
		c->at = view->ev->at;
	feed(c, number, view, NULL);
}

void toc_correlate_clock(struct toc_correlator *c, uint32_t source, toc_time ts)
{
	bool fresh;
	struct clock *clock = toc_lru_add(c->clocks, &source, &fresh);
	if (fresh || ts > clock->ts)
		clock->ts = ts;
}

/* Have the clocks of all its sources passed the cell's end? A source that fell out of the table counts as silent: `at`
 * stands for it. */
static bool is_over(const struct toc_correlator *c, const struct cell *cell)
{
	/* a source that is silent for a day beyond the window keeps nothing open */
	if (c->at > cell->due + TOC_DAY)
		return true;
	if (cell->nsources > CELL_SOURCES)
		return c->at > cell->due + TOC_HOUR;
	for (unsigned i = 0; i < cell->nsources; i++) {
		const struct clock *clock = toc_lru_peek(c->clocks, &cell->sources[i]);
		toc_time now = cell->sources[i] == 0 ? c->at : clock ? clock->ts : c->at;
		if (now <= cell->due)
			return false;
	}
	return true;
}

static void note_due(void *user, void *what)
{
	struct toc_correlator *c = user;
	struct cell *cell = what;
	/* without hits: there was no memory for its first one */
	if (cell->nhits && !is_over(c, cell))
		return;
	if (c->ndue == c->due_room) {
		uint32_t room = c->due_room ? 2 * c->due_room : 256;
		void *more = realloc(c->due, room * sizeof(*c->due));
		if (!more)
			return; /* in the next sweep */
		c->due = more;
		c->due_room = room;
	}
	memcpy(c->due[c->ndue++], cell->key, 16);
}

/* The order in which cells end must not depend on the secret of the table: by deadline, rule, key text. */
struct ending {
	struct cell *cell;
};

static int by_end(const void *a, const void *b)
{
	const struct cell *x = ((const struct ending *)a)->cell, *y = ((const struct ending *)b)->cell;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	if (x->rule->number != y->rule->number)
		return x->rule->number < y->rule->number ? -1 : 1;
	uint32_t n = x->text_n < y->text_n ? x->text_n : y->text_n;
	int order = n ? memcmp(x->text, y->text, n) : 0;
	return order ? order : (x->text_n < y->text_n ? -1 : x->text_n > y->text_n);
}

/* A window with an upper bound is judged when it is over; one that was open closes; then the cell is forgotten. What
 * opens here is fed to the correlations above when the cell has left the table: their cells may take its place. */
static void end_cell(struct toc_correlator *c, struct cell *cell, bool clock)
{
	struct toc_finding f;
	struct cell gone = *cell;
	bool opens = clock && !gone.open && is_upper_bound(gone.rule) && gone.nevidence &&
		     gone.rule->kind->judge(&gone, gone.nhits - 1);
	toc_lru_remove(c->cells, cell);
	if (opens) {
		c->count.opened++;
		finding_of(c, &gone, gone.evidence[gone.nevidence - 1].ev, &f);
		c->out->open(c->out, &f);
	}
	if (opens || gone.open) {
		c->count.closed++;
		finding_of(c, &gone, NULL, &f);
		c->out->close(c->out, &f);
	}
	if (opens) {
		const struct evidence *last = &gone.evidence[gone.nevidence - 1];
		const struct toc_view view = { last->ev, last->who };
		feed(c, gone.rule->number, &view, &gone);
	}
	empty_cell(c, &gone);
}

static void end_due(struct toc_correlator *c, bool clock)
{
	struct ending *endings = calloc(c->ndue + 1, sizeof(*endings));
	uint32_t n = 0;
	for (uint32_t i = 0; endings && i < c->ndue; i++) {
		endings[n].cell = toc_lru_peek(c->cells, c->due[i]);
		n += endings[n].cell != NULL;
	}
	if (n)
		qsort(endings, n, sizeof(*endings), by_end);
	/* by key from here: cells that are made on the way may move the others, or push them out */
	for (uint32_t i = 0; i < n; i++)
		memcpy(c->due[i], endings[i].cell->key, sizeof(c->due[i]));
	for (uint32_t i = 0; i < n; i++) {
		struct cell *cell = toc_lru_peek(c->cells, c->due[i]);
		if (cell && !(clock && cell->nhits && !is_over(c, cell))) /* or it was fed on the way */
			end_cell(c, cell, clock);
	}
	c->ndue = 0;
	c->count.cells = toc_lru_count(c->cells);
	free(endings);
}

void toc_correlate_advance(struct toc_correlator *c, toc_time at)
{
	c->at = at > c->at ? at : c->at;
	/* a sweep looks at every cell: once a second of stream time, at whole seconds, so that it does not depend on
	 * who asks */
	if (c->swept != INT64_MIN && at / TOC_SEC <= c->swept)
		return;
	c->swept = at / TOC_SEC;
	toc_lru_each(c->cells, note_due, c);
	if (c->ndue)
		end_due(c, true);
}

static void note_all(void *user, void *what)
{
	struct toc_correlator *c = user;
	struct cell *cell = what;
	toc_time due = cell->due;
	cell->due = INT64_MIN / 2; /* over, whatever the clocks say */
	note_due(c, cell);
	cell->due = due;
}

void toc_correlate_finish(struct toc_correlator *c, toc_time at)
{
	c->at = at > c->at ? at : c->at;
	toc_lru_each(c->cells, note_all, c);
	end_due(c, false);
}

const struct toc_corr_counters *toc_correlate_count(const struct toc_correlator *c)
{
	return &c->count;
}
