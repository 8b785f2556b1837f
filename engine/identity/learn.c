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
	toc_field kind, key, value, lifetime, address; /* value, lifetime, address: 0 = none */
	enum toc_binding_kind binds;
	bool ends;
	unsigned confidence, nconditions;
	const char *source;
	const struct row *next; /* of the same kind, in the order of the table */
	struct condition conditions[CONDITIONS];
};

static const struct {
	const char *kind, *key, *value, *lifetime, *address, *source, *condition;
	enum toc_binding_kind binds;
	unsigned confidence;
	bool ends;
} table[] = {
#define LEARN(kind, key, binds, value, lifetime, confidence, source, condition)                                        \
	{ kind, key, value, lifetime, NULL, source, condition, TOC_BIND_##binds, confidence, false },
#define ENDS(kind, key, binds, value, address, condition)                                                              \
	{ kind, key, value, NULL, address, "", condition, TOC_BIND_##binds, 0, true },
#include "identity/learn.def"
#undef LEARN
#undef ENDS
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

static toc_field name_if(struct toc_intern *names, const char *text)
{
	return text ? name(names, toc_span_str(text)) : 0;
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
		row->key = name(names, toc_span_str(table[i].key));
		row->value = name_if(names, table[i].value);
		row->lifetime = name_if(names, table[i].lifetime);
		row->address = name_if(names, table[i].address);
		row->binds = table[i].binds;
		row->ends = table[i].ends;
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
	} else if (v.type == TOC_BOOL) {
		v.as.s = toc_span_str(v.as.b ? "true" : "false");
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

static bool mac_of(const struct toc_event *ev, toc_field field, struct toc_mac *out)
{
	struct toc_value v = toc_event_get(ev, field);
	if (v.list || (v.type != TOC_MAC && v.type != TOC_STRING))
		return false;
	if (v.type == TOC_MAC)
		*out = v.as.mac;
	else if (!toc_mac_parse(v.as.s, out))
		return false;
	return (out->b[0] & 1) == 0; /* a group is no device */
}

/* A machine's own account: whoever sits before it has not logged on, or has logged off. */
static bool is_machine(struct toc_span user)
{
	return toc_span_ieq(toc_span_first(user, 5), toc_span_str("host/")) || (user.n && user.p[user.n - 1] == '$');
}

/* A directory's name of somebody tells the account where it begins with it; a display name is none. */
static struct toc_span of_directory(struct toc_span dn)
{
	if (toc_span_ieq(toc_span_first(dn, 4), toc_span_str("uid=")))
		return toc_span_first(toc_span_from(dn, 4), toc_span_find(toc_span_from(dn, 4), ','));
	return toc_span_first(dn, 0);
}

/* Name of DOMAIN\name, name@domain, name/REALM (Kerberos), uid=name,… (LDAP). */
static struct toc_span bare(struct toc_span user)
{
	if (toc_span_find(user, '=') < user.n)
		return of_directory(user);
	size_t slash = toc_span_find(user, '\\');
	if (slash < user.n)
		user = toc_span_from(user, slash + 1);
	user = toc_span_first(user, toc_span_find(user, '@'));
	if (toc_span_ieq(toc_span_first(user, 5), toc_span_str("host/")))
		return user;
	for (size_t i = user.n; i-- > 0;)
		if (user.p[i] == '/')
			return toc_span_first(user, i);
	return user;
}

struct toc_span toc_user_name(struct toc_span user)
{
	static const char *const nobody[] = {
		"", "-", "anonymous", "ANONYMOUS LOGON", "SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE"
	};
	struct toc_mac mac;
	if (toc_span_ieq(user, toc_span_str("N/A")))
		return toc_span_first(user, 0);
	user = bare(user);
	/* what holds a slash still is a service; a MAC is how devices that cannot log on are let in */
	bool none = is_machine(user) || toc_span_find(user, '/') < user.n || toc_mac_parse(user, &mac);
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (toc_span_ieq(user, toc_span_str(nobody[i])))
			none = true;
	return none ? (struct toc_span){ user.p, 0 } : user;
}

static struct toc_span value_of(const struct toc_event *ev, const struct row *row, char mac[TOC_MAC_TEXT])
{
	struct toc_value v = toc_event_get(ev, row->value);
	struct toc_mac parsed;
	if (row->binds == TOC_BIND_MAC)
		return mac_of(ev, row->value, &parsed) ? toc_span_of(mac, toc_mac_print(&parsed, mac))
						       : toc_span_str("");
	if (v.list || v.type != TOC_STRING)
		return toc_span_str("");
	return row->binds == TOC_BIND_USER ? toc_user_name(v.as.s) : v.as.s;
}

/* Normalisers have seconds as plain numbers. */
static toc_time lifetime_of(const struct toc_event *ev, const struct row *row)
{
	struct toc_value v = row->lifetime ? toc_event_get(ev, row->lifetime) : (struct toc_value){ .type = TOC_NONE };
	if (v.type == TOC_UINT && v.as.u < 400 * 86400)
		v = (struct toc_value){ .type = TOC_DURATION, .as.i = (toc_time)v.as.u * TOC_SEC };
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

/* The key of a row: an address, else a device. */
static bool key_of(const struct toc_event *ev, const struct row *row, struct toc_addr *out, bool *device)
{
	struct toc_mac mac;
	*device = false;
	if (address_of(ev, row->key, out))
		return true;
	*device = mac_of(ev, row->key, &mac);
	if (*device)
		*out = toc_binding_device(&mac);
	return *device;
}

/* A device with a lease has left the address that it had before. Of IPv6 it has several at once. */
static void learn_address(struct toc_bindings *b, const struct row *row, const struct toc_addr *addr,
			  struct toc_span mac_text, toc_time at, toc_time lifetime)
{
	struct toc_mac mac;
	char text[TOC_ADDR_TEXT];
	if (row->confidence < TOC_LEASE_SURE || !toc_addr_is_v4(addr) || !toc_mac_parse(mac_text, &mac))
		return;
	const struct toc_addr device = toc_binding_device(&mac);
	toc_addr_print(addr, text);
	toc_bindings_learn(b, &device, TOC_BIND_ADDRESS, toc_span_str(text), at, at + lifetime, row->confidence,
			   row->source);
}

static void end(const struct row *row, struct toc_bindings *b, const struct toc_event *ev, const struct toc_addr *key,
		struct toc_span text, toc_time at)
{
	struct toc_addr its;
	char address[TOC_ADDR_TEXT];
	if (row->value && !text.n)
		return;
	if (row->address && address_of(ev, row->address, &its)) {
		const struct toc_bound *now = toc_bindings_at(b, key, TOC_BIND_ADDRESS, at);
		toc_addr_print(&its, address);
		if (now && strcmp(now->text, address) != 0)
			return;
	}
	toc_bindings_end(b, key, row->binds, text, at);
}

static bool row_holds(const struct row *row, const struct toc_event *ev)
{
	for (unsigned i = 0; i < row->nconditions; i++)
		if (!holds(&row->conditions[i], ev))
			return false;
	return true;
}

void toc_learner_see(const struct toc_learner *l, struct toc_bindings *b, const struct toc_event *ev, toc_time at)
{
	for (const struct row *row = rows_of(l, ev->kind); row; row = row->next) {
		struct toc_addr key;
		char mac[TOC_MAC_TEXT];
		bool device;
		if (!row_holds(row, ev) || !key_of(ev, row, &key, &device))
			continue;
		struct toc_span text = row->value ? value_of(ev, row, mac) : toc_span_str("");
		struct toc_value raw = toc_event_get(ev, row->value);
		if (row->ends) {
			end(row, b, ev, &key, text, at);
		} else if (text.n) {
			toc_time lifetime = lifetime_of(ev, row);
			toc_bindings_learn(b, &key, row->binds, text, at, at + lifetime, row->confidence, row->source);
			if (row->binds == TOC_BIND_MAC && !device)
				learn_address(b, row, &key, text, at, lifetime);
		} else if (device && row->binds == TOC_BIND_USER && raw.type == TOC_STRING && !raw.list &&
			   is_machine(bare(raw.as.s))) {
			toc_bindings_end(b, &key, TOC_BIND_USER, text, at); /* at log-off the machine is let in */
		}
	}
}
