/* parts - the tests of a column sorted into tables: what is looked up, what is walked, what is scanned for. */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "event/value.h"
#include "match/compiled.h"

struct part_maker {
	struct toc_build *b;
	struct kind *kind;
	struct vector parts, links, hints;	    /* struct part, struct link, uint32_t */
	struct vector loose, needles, all, regexes; /* of the part that is being made */
	struct part part;
};

/* Short keywords have every place of every string looked at: a part of their own, so that who waits for long ones
 * alone, on whatever event, does not pay for them. */
static bool looks_everywhere(const struct toc_test *t)
{
	return t->keyword && (t->pattern.form != PATTERN_CONTAINS || t->pattern.text.n < TOC_NEEDLE_SKIPS);
}

enum part_kind part_kind_of(const struct toc_test *t, bool eager)
{
	switch (t->kind) {
	case TOC_TEST_PRESENT:
	case TOC_TEST_NUMBER:
	case TOC_TEST_COMPARE:
	case TOC_TEST_BOOL:
	case TOC_TEST_NETWORK:
	case TOC_TEST_PART:
		return PLAIN;
	case TOC_TEST_LIST: /* of the many that keep a rule from somebody few are ever asked */
		return eager ? PLAIN : SINGLE;
	case TOC_TEST_REGEX:
		return eager ? EXPRESSIONS : SINGLE;
	case TOC_TEST_FIELD:
	case TOC_TEST_BEFORE:
		return SINGLE;
	case TOC_TEST_STRING:
		break;
	}
	if (t->pattern.fold == TOC_FOLD_WIDE)
		return WIDE;
	bool looks_through = t->pattern.form == PATTERN_CONTAINS || t->pattern.form == PATTERN_GLOB ||
			     t->pattern.form == PATTERN_ANY;
	return !looks_through ? PLAIN : !eager ? SCAN_LATER : looks_everywhere(t) ? SCAN_SHORT : SCAN;
}

static void add_number(struct part_maker *m, struct vector *to, uint32_t n)
{
	*(uint32_t *)vector_add(to, m->b->arena, sizeof(n)) = n;
}

/* One more link in front of a chain. */
static void add_link(struct part_maker *m, uint32_t *first, struct link link)
{
	link.next = *first;
	*first = m->links.n;
	*(struct link *)vector_add(&m->links, m->b->arena, sizeof(link)) = link;
}

static void add_key(struct part_maker *m, struct toc_keys *keys, struct toc_span key, struct link link)
{
	bool is_new;
	add_link(m, toc_keys_put(keys, m->b->arena, key, &is_new), link);
}

/* The text as the part folds values: a cased one lies there folded, and is compared again. */
static struct toc_span folded(struct part_maker *m, struct toc_span text)
{
	uint8_t *out = toc_arena_alloc(m->b->arena, text.n + 8);
	for (size_t i = 0; i < text.n; i++)
		out[i] = m->part.fold == TOC_FOLD_ASCII ? toc_lower(text.p[i]) : text.p[i];
	return toc_span_of(out, text.n);
}

/* Can it stand in no value but a string: has it a byte that neither numbers nor addresses are written with, and is not
 * in the words that stand for some? */
static bool is_words(struct toc_span text)
{
	static const char *const spelt[] = { "true", "false", "-inf", "-nan" };
	bool other = false;
	for (size_t i = 0; i < text.n && !other; i++)
		other = !text.p[i] || !strchr("0123456789abcdefABCDEF:.+-", text.p[i]);
	for (unsigned i = 0; i < sizeof(spelt) / sizeof(spelt[0]) && other; i++)
		other = memmem(spelt[i], strlen(spelt[i]), text.p, text.n) == NULL;
	return other;
}

static void add_needle(struct part_maker *m, struct toc_span text, uint32_t predicate, bool verify)
{
	uint32_t id = predicate;
	m->part.numeric = m->part.numeric || !is_words(text);
	if (verify) {
		id = m->kind->npredicates + m->hints.n;
		add_number(m, &m->hints, predicate);
	}
	*(struct needle *)vector_add(&m->needles, m->b->arena, sizeof(struct needle)) =
		(struct needle){ folded(m, text), id };
}

/* The longest run of plain bytes in a glob; with `dash`, one dash may stand in it (*at: where). */
static struct toc_span longest_run(struct part_maker *m, const struct toc_pattern *p, bool dash, size_t *at)
{
	const uint16_t *best = NULL;
	size_t n = 0;
	for (unsigned i = 0; i < p->npieces; i++) {
		const struct pattern_piece *piece = &p->pieces[i];
		for (size_t from = 0; from < piece->n; from++) {
			size_t to = from, dashes = 0, where = SIZE_MAX;
			for (; to < piece->n; to++) {
				if (piece->units[to] == TOC_UNIT_DASH && dash && dashes++ == 0)
					where = to - from;
				else if (piece->units[to] >= TOC_UNIT_ONE)
					break;
			}
			if (to - from > n) {
				best = piece->units + from;
				n = to - from;
				*at = where;
			}
		}
	}
	uint8_t *out = toc_arena_alloc(m->b->arena, n + 1);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)best[i];
	return toc_span_of(out, n);
}

/* Globs are found by a text that they hold, and then judged whole. */
static void add_glob(struct part_maker *m, const struct toc_pattern *p, uint32_t predicate)
{
	static const char *const dashes[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };
	size_t at = SIZE_MAX;
	struct toc_span run = longest_run(m, p, true, &at);
	if (run.n == 0) {
		add_number(m, &m->loose, predicate);
		return;
	}
	if (at == SIZE_MAX) {
		add_needle(m, run, predicate, true);
		return;
	}
	for (unsigned i = 0; i < sizeof(dashes) / sizeof(dashes[0]); i++) {
		size_t n = strlen(dashes[i]);
		uint8_t *text = toc_arena_alloc(m->b->arena, run.n + 3);
		memcpy(text, run.p, at);
		memcpy(text + at, dashes[i], n);
		memcpy(text + at + n, run.p + at + 1, run.n - at - 1);
		add_needle(m, toc_span_of(text, run.n - 1 + n), predicate, true);
	}
}

/* Does it hold a letter beyond ASCII, so that no ASCII text fits it? */
static bool glob_is_wide(const struct toc_pattern *p)
{
	for (unsigned i = 0; i < p->npieces; i++)
		for (size_t k = 0; k < p->pieces[i].n; k++)
			if (p->pieces[i].units[k] >= 0x80 && p->pieces[i].units[k] < TOC_UNIT_ONE)
				return true;
	return false;
}

static void add_pattern(struct part_maker *m, const struct toc_pattern *p, struct link link)
{
	struct part *part = &m->part;
	link.verify = p->fold != part->fold;
	struct toc_span text = folded(m, p->text);
	part->ascii_too = part->ascii_too || (p->form == PATTERN_GLOB ? !glob_is_wide(p) : toc_fold_is_ascii(text));
	switch (p->form) {
	case PATTERN_EXACT:
		add_key(m, &part->exact, text, link);
		break;
	case PATTERN_PREFIX:
		add_link(m, toc_affixes_put(&part->prefixes, m->b->arena, text), link);
		break;
	case PATTERN_SUFFIX:
		link.verify = link.verify || text.n > TOC_TAIL;
		if (!part->suffixes)
			part->suffixes = toc_arena_alloc(m->b->arena, sizeof(*part->suffixes));
		add_link(m, toc_tails_put(part->suffixes, m->b->arena, text), link);
		break;
	case PATTERN_CONTAINS:
		add_needle(m, text, link.predicate, link.verify);
		break;
	case PATTERN_GLOB:
		add_glob(m, p, link.predicate);
		break;
	case PATTERN_ANY:
		add_number(m, &m->loose, link.predicate);
		break;
	}
}

static void add_network(struct part_maker *m, const struct toc_test *t, uint32_t predicate)
{
	uint8_t key[17];
	memcpy(key, t->net.b, 16);
	key[16] = (uint8_t)t->bits;
	if (!m->part.networks)
		m->part.networks = toc_arena_alloc(m->b->arena, sizeof(*m->part.networks));
	m->part.networks->bits[t->bits] = true;
	add_key(m, &m->part.networks->keys, toc_span_of(key, sizeof(key)), (struct link){ .predicate = predicate });
}

static void add_test(struct part_maker *m, const struct toc_test *t, uint32_t predicate, bool eager)
{
	struct link link = { .predicate = predicate };
	double number = t->number + 0.0; /* -0 is 0 */
	switch (t->kind) {
	case TOC_TEST_PRESENT:
		m->part.present = predicate;
		break;
	case TOC_TEST_NUMBER:
		add_key(m, &m->part.numbers, toc_span_of(&number, sizeof(number)), link);
		link.unless_number = true;
		m->part.numbers_texts = true;
		add_pattern(m, &t->pattern, link);
		break;
	case TOC_TEST_BOOL:
		add_key(m, &m->part.exact, toc_span_str(t->yes ? "true" : "false"), link);
		m->part.texts = true;
		break;
	case TOC_TEST_NETWORK:
		add_network(m, t, predicate);
		break;
	case TOC_TEST_STRING:
		m->part.texts = true;
		add_pattern(m, &t->pattern, link);
		break;
	case TOC_TEST_REGEX:
		if (eager)
			*(const struct toc_regex **)vector_add(&m->regexes, m->b->arena, sizeof(t->regex)) = t->regex;
		else
			add_number(m, &m->loose, predicate);
		break;
	case TOC_TEST_COMPARE:
	case TOC_TEST_LIST:
	case TOC_TEST_FIELD:
	case TOC_TEST_PART:
	case TOC_TEST_BEFORE:
		add_number(m, &m->loose, predicate);
		break;
	}
}

static bool end_part(struct part_maker *m, const char **why)
{
	struct part *part = &m->part;
	part->loose = m->loose.at;
	part->nloose = m->loose.n;
	part->predicates = m->all.at;
	part->npredicates = m->all.n;
	part->has_exact = part->exact.n > 0;
	part->has_prefixes = part->prefixes.nodes > 0;
	part->has_numbers = part->numbers.n > 0;
	if (m->needles.n) {
		part->needles = toc_lines_alloc(m->b->arena, sizeof(*part->needles));
		toc_needles_build(part->needles, m->b->arena, m->needles.at, m->needles.n, toc_places_best());
	}
	if (m->regexes.n) {
		part->db_predicates =
			m->all.at; /* in the order of the expressions: there is nothing else in this part */
		part->db = regexes_compile(m->b, m->regexes.at, m->regexes.n, why);
		if (!part->db)
			return false;
	}
	*(struct part *)vector_add(&m->parts, m->b->arena, sizeof(*part)) = *part;
	m->loose = m->needles = m->all = m->regexes = (struct vector){ 0 };
	return true;
}

/* A part of the predicates in `of` that belong to this kind of part. */
static bool make_part(struct part_maker *m, const struct vector *of, enum part_kind kind, const bool *eager,
		      const char **why)
{
	const uint32_t c = m->kind->predicates[*(const uint32_t *)of->at].part;
	m->part = (struct part){ .column = c,
				 .keyword = m->kind->columns[c].keyword,
				 .fieldless = m->kind->columns[c].field.n == 0,
				 .fold = kind == WIDE ? TOC_FOLD_WIDE : TOC_FOLD_ASCII,
				 .later = kind == SCAN_LATER,
				 .present = TOC_NO_PREDICATE };
	for (uint32_t i = 0; i < of->n; i++) {
		uint32_t p = ((const uint32_t *)of->at)[i];
		const struct toc_test *t = m->kind->predicates[p].test;
		if (part_kind_of(t, eager[p]) != kind)
			continue;
		add_number(m, &m->all, p);
		add_test(m, t, p, eager[p]);
	}
	return m->all.n == 0 || end_part(m, why);
}

static bool make_column(struct part_maker *m, const struct vector *of, struct column *column, const bool *eager,
			const char **why)
{
	bool ok = true;
	column->first_part = m->parts.n;
	for (unsigned kind = 0; kind < SINGLE && ok; kind++)
		ok = make_part(m, of, (enum part_kind)kind, eager, why);
	for (uint32_t i = 0; i < of->n && ok; i++) {
		const struct vector one = { (uint32_t *)of->at + i, 1, 1 };
		ok = make_part(m, &one, SINGLE, eager, why);
	}
	column->nparts = m->parts.n - column->first_part;
	return ok;
}

bool parts_make(struct toc_build *b, struct kind *k, const bool *eager, const char **why)
{
	struct part_maker m = { .b = b, .kind = k };
	struct vector *by_column = toc_arena_alloc(b->arena, (k->ncolumns + 1) * sizeof(*by_column));
	bool ok = true;
	*(struct link *)vector_add(&m.links, b->arena, sizeof(struct link)) = (struct link){ 0 }; /* 0 ends a chain */
	/* until parts exist, a predicate's part is its column */
	for (uint32_t p = 0; p < k->npredicates; p++)
		add_number(&m, &by_column[k->predicates[p].part], p);
	for (uint32_t c = 0; c < k->ncolumns && ok; c++)
		ok = by_column[c].n == 0 || make_column(&m, &by_column[c], &k->columns[c], eager, why);
	k->nparts = m.parts.n;
	k->parts = toc_lines_alloc(b->arena, (k->nparts + 1) * sizeof(*k->parts));
	memcpy(k->parts, m.parts.at, k->nparts * sizeof(*k->parts));
	k->hints = m.hints.at;
	k->nhints = m.hints.n;
	for (uint32_t i = 0; i < k->nparts; i++) {
		k->parts[i].links = m.links.at;
		for (uint32_t p = 0; p < k->parts[i].npredicates; p++)
			k->predicates[k->parts[i].predicates[p]].part = i;
	}
	return ok;
}
