/* learn - rows by kind; conditions on few fields, read from text once. */
#include "identity/learn.h"

#include <stdlib.h>

enum { CONDITIONS = 3, ALTERNATIVES = 8 };

struct condition {
	toc_field field;
	unsigned n;
	struct toc_span any[ALTERNATIVES];
};

struct row {
	toc_field kind, address, value, lifetime;
	enum toc_binding_kind binds;
	unsigned confidence, nconditions;
	const char *source;
	const struct row *next; /* of the same kind, in the order of the table */
	struct condition conditions[CONDITIONS];
};

static const struct {
	const char *kind, *address, *value, *lifetime, *source, *condition;
	enum toc_binding_kind binds;
	unsigned confidence;
} table[] = {
#define LEARN(kind, address, binds, value, lifetime, confidence, source, condition)                                    \
	{ kind, address, value, lifetime, source, condition, TOC_BIND_##binds, confidence },
#include "identity/learn.def"
#undef LEARN
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

struct toc_learner {
	struct row rows[ROWS];
	const struct row **by_kind; /* the first row of a kind, by its id; kinds that came later have none */
	toc_field nkinds;
};

/* How long a statement without a lifetime of its own holds: seen again, it is renewed. */
static const toc_time default_lifetime[TOC_NBINDS] = {
	[TOC_BIND_MAC] = 4 * TOC_HOUR, [TOC_BIND_HOST] = 24 * TOC_HOUR, [TOC_BIND_USER] = 10 * TOC_HOUR
};

static toc_field name(struct toc_intern *names, struct toc_span text)
{
	return toc_intern_add(names, text);
}

/* "EventID=4624 LogonType=2|3" */
static void compile(struct row *row, const char *text, struct toc_intern *names)
{
	struct toc_span all = toc_span_str(text);
	while (all.n && row->nconditions < CONDITIONS) {
		struct condition *c = &row->conditions[row->nconditions++];
		size_t end = toc_span_find(all, ' ');
		struct toc_span one = toc_span_first(all, end), values;
		size_t equals = toc_span_find(one, '=');
		c->field = name(names, toc_span_first(one, equals));
		for (values = toc_span_from(one, equals + 1); values.n && c->n < ALTERNATIVES;) {
			size_t bar = toc_span_find(values, '|');
			c->any[c->n++] = toc_span_first(values, bar);
			values = toc_span_from(values, bar + 1);
		}
		all = toc_span_from(all, end + 1);
	}
}

struct toc_learner *toc_learner_new(struct toc_arena *arena, struct toc_intern *names)
{
	struct toc_learner *l = toc_arena_alloc(arena, sizeof(*l));
	for (unsigned i = 0; i < ROWS; i++) {
		struct row *row = &l->rows[i];
		row->kind = name(names, toc_span_str(table[i].kind));
		row->address = name(names, toc_span_str(table[i].address));
		row->value = name(names, toc_span_str(table[i].value));
		row->lifetime = table[i].lifetime ? name(names, toc_span_str(table[i].lifetime)) : 0;
		row->binds = table[i].binds;
		row->confidence = table[i].confidence;
		row->source = table[i].source;
		compile(row, table[i].condition, names);
	}
	l->nkinds = (toc_field)(toc_intern_count(names) + 1);
	l->by_kind = toc_arena_alloc(arena, l->nkinds * sizeof(const struct row *));
	for (unsigned i = ROWS; i-- > 0;) {
		l->rows[i].next = l->by_kind[l->rows[i].kind];
		l->by_kind[l->rows[i].kind] = &l->rows[i];
	}
	return l;
}

static bool is_one_of(const struct condition *c, struct toc_value v)
{
	char text[24];
	if (v.type == TOC_UINT || v.type == TOC_INT) {
		char *end = text + sizeof(text), *p = end;
		uint64_t u = v.as.u;
		do
			*--p = (char)('0' + u % 10);
		while (u /= 10);
		v.as.s = toc_span_of(p, (size_t)(end - p));
	} else if (v.type != TOC_STRING) {
		return false;
	}
	for (unsigned i = 0; i < c->n; i++)
		if (toc_span_ieq(v.as.s, c->any[i]))
			return true;
	return false;
}

static bool holds(const struct condition *c, const struct toc_event *ev)
{
	struct toc_value v = toc_event_get(ev, c->field);
	for (uint32_t i = 0; v.list && i < v.count; i++)
		if (is_one_of(c, toc_event_item(ev, &v, i)))
			return true;
	return !v.list && is_one_of(c, v);
}

/* An address that means nobody: unset, loopback, multicast. */
static bool is_somebody(const struct toc_addr *a)
{
	static const struct toc_addr zero;
	if (toc_addr_eq(a, &zero))
		return false;
	if (toc_addr_is_v4(a))
		return a->b[12] != 0 && a->b[12] != 127 && a->b[12] < 224;
	return a->b[0] != 0xff && memcmp(a->b, zero.b, 15) != 0;
}

static bool address_of(const struct toc_event *ev, toc_field field, struct toc_addr *out)
{
	struct toc_value v = toc_event_get(ev, field);
	if (v.list || (v.type != TOC_IP && v.type != TOC_STRING))
		return false;
	if (v.type == TOC_IP)
		*out = v.as.ip;
	else if (!toc_addr_parse(v.as.s, out))
		return false;
	return is_somebody(out);
}

struct toc_span toc_user_name(struct toc_span user)
{
	static const char *const nobody[] = {
		"", "-", "N/A", "anonymous", "ANONYMOUS LOGON", "SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE"
	};
	size_t slash = toc_span_find(user, '\\');
	if (slash < user.n)
		user = toc_span_from(user, slash + 1);
	size_t at = toc_span_find(user, '@');
	user = toc_span_first(user, at);
	bool machine =
		toc_span_ieq(toc_span_first(user, 5), toc_span_str("host/")) || (user.n && user.p[user.n - 1] == '$');
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (toc_span_ieq(user, toc_span_str(nobody[i])))
			machine = true;
	return machine ? (struct toc_span){ user.p, 0 } : user;
}

static struct toc_span value_of(const struct toc_event *ev, const struct row *row, char mac[TOC_MAC_TEXT])
{
	struct toc_value v = toc_event_get(ev, row->value);
	struct toc_mac parsed;
	if (v.list)
		return toc_span_str("");
	if (v.type == TOC_STRING && row->binds == TOC_BIND_MAC && toc_mac_parse(v.as.s, &parsed)) {
		v.type = TOC_MAC;
		v.as.mac = parsed;
	}
	if (v.type == TOC_MAC && row->binds == TOC_BIND_MAC)
		return toc_span_of(mac, toc_mac_print(&v.as.mac, mac));
	if (v.type != TOC_STRING || row->binds == TOC_BIND_MAC)
		return toc_span_str("");
	return row->binds == TOC_BIND_USER ? toc_user_name(v.as.s) : v.as.s;
}

static toc_time lifetime_of(const struct toc_event *ev, const struct row *row)
{
	struct toc_value v = row->lifetime ? toc_event_get(ev, row->lifetime) : (struct toc_value){ .type = TOC_NONE };
	bool said = v.type == TOC_DURATION && v.as.i > 0 && v.as.i < 400 * TOC_DAY;
	return said ? v.as.i : default_lifetime[row->binds];
}

static const struct row *rows_of(const struct toc_learner *l, toc_field kind)
{
	return kind < l->nkinds ? l->by_kind[kind] : NULL;
}

bool toc_learner_reads(const struct toc_learner *l, toc_field kind)
{
	return rows_of(l, kind) != NULL;
}

void toc_learner_see(const struct toc_learner *l, struct toc_bindings *b, const struct toc_event *ev)
{
	for (const struct row *row = rows_of(l, ev->kind); row; row = row->next) {
		struct toc_addr addr;
		char mac[TOC_MAC_TEXT];
		bool fits = true;
		for (unsigned i = 0; fits && i < row->nconditions; i++)
			fits = holds(&row->conditions[i], ev);
		if (!fits || !address_of(ev, row->address, &addr))
			continue;
		struct toc_span text = value_of(ev, row, mac);
		if (text.n)
			toc_bindings_learn(b, &addr, row->binds, text, ev->ts, ev->ts + lifetime_of(ev, row),
					   row->confidence, row->source);
	}
}
