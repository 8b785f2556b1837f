/* who - statements in words, with times; rosters beside them. */
#include "identity/who.h"

#include <strings.h>
#include <time.h>

#include "identity/chain.h"
#include "identity/learn.h"

enum { FOUND_MOST = 100 };

static const char *const kind_names[2][TOC_NBINDS] = {
	{ [TOC_BIND_MAC] = "mac", [TOC_BIND_HOST] = "host", [TOC_BIND_USER] = "user" },
	{ [TOC_BIND_ADDRESS] = "address", [TOC_BIND_PLACE] = "place", [TOC_BIND_USER] = "user" }, /* of a device */
};

static const char *print_time(toc_time at, char out[32])
{
	time_t seconds = (time_t)(at / TOC_SEC);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

static void put_row(const struct who *w, const char *roster, const struct toc_roster_row *row)
{
	const struct {
		const char *name, *value;
	} cells[] = { { "user", row->user },
		      { "host", row->host },
		      { "role", row->role },
		      { "owner", row->owner },
		      { "ownership", row->ownership },
		      { "kind", row->kind },
		      { "grade_band", row->grade_band } };
	fprintf(w->out, "      roster of %s:", roster);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		if (cells[i].value)
			fprintf(w->out, " %s=%s", cells[i].name, cells[i].value);
	fputc('\n', w->out);
}

static bool holds(const struct toc_bound *b, toc_time at)
{
	return b->text[0] && b->from <= at && at < b->until;
}

static void put_bound(const struct who *w, bool device, enum toc_binding_kind kind, const struct toc_bound *b)
{
	char from[32], until[32];
	const struct toc_roster_row *row = NULL;
	fprintf(w->out, "  %s%s %-4s %s, %s to %s, %u %%, told by %s\n", device ? "its device " : "",
		holds(b, w->at) ? "is " : "was", kind_names[device][kind], b->text, print_time(b->from, from),
		print_time(b->until, until), b->confidence, b->source);
	if (kind == TOC_BIND_MAC && !device && (row = toc_site_device(w->site, toc_span_str(b->text))))
		put_row(w, "devices", row);
	if (kind == TOC_BIND_USER && (row = toc_site_person(w->site, toc_span_str(b->text))))
		put_row(w, "people", row);
}

/* What holds then, first; then what held before or after. */
static void put_known(const struct who *w, bool device, const struct toc_known *known)
{
	const struct toc_bound *was[TOC_BOUND_HISTORY];
	for (int now = 1; known && now >= 0; now--)
		for (unsigned kind = 0; kind < TOC_NBINDS; kind++)
			for (unsigned i = 0, n = toc_known_history(w->bindings, known, kind, was); i < n; i++)
				if (holds(was[i], w->at) == now)
					put_bound(w, device, (enum toc_binding_kind)kind, was[i]);
}

static void put_device(const struct who *w, const char *mac_text)
{
	struct toc_mac mac;
	if (!toc_mac_parse(toc_span_str(mac_text), &mac))
		return;
	const struct toc_addr key = toc_binding_device(&mac);
	if (mac.b[0] & 2)
		fprintf(w->out, "  its device's MAC is one that the device has made up (local bit)\n");
	put_known(w, true, toc_bindings_of(w->bindings, &key));
}

/* known: NULL where only the zone is known. */
static void put_address(const struct who *w, const struct toc_addr *a, const struct toc_known *known)
{
	char text[TOC_ADDR_TEXT], at[32];
	const struct toc_zone *zone = toc_site_zone(w->site, a);
	struct toc_chain chain;
	toc_addr_print(a, text);
	fprintf(w->out, "%s at %s\n", text, print_time(w->at, at));
	if (zone->zone)
		fprintf(w->out, "  zone %s%s%s%s%s\n", zone->zone, zone->site ? ", site " : "",
			zone->site ? zone->site : "", zone->role ? ", role " : "", zone->role ? zone->role : "");
	put_known(w, false, known);
	toc_chains_at(w->bindings, a, 1, w->at, &chain);
	if (chain.mac)
		put_device(w, chain.mac->text);
	if (chain.crowd)
		fputs("  many people at once: none of them is named\n", w->out);
	else if (chain.user)
		fprintf(w->out, "  so it was %s, told by %s\n", chain.user->text, chain.user->source);
}

/* A device without its address: where it was, and who was at it. */
static void put_lone_device(const struct who *w, const struct toc_mac *mac)
{
	char text[TOC_MAC_TEXT], at[32];
	toc_mac_print(mac, text);
	fprintf(w->out, "%s at %s\n", text, print_time(w->at, at));
	put_device(w, text);
}

struct looking {
	const struct who *w;
	bool by_name; /* else by address */
	struct toc_addr addr;
	const char *text, *user; /* as it is bound; a user without his domain */
	unsigned found;
	bool then;    /* only who has the name at that moment */
	bool devices; /* else addresses */
};

static void look(void *user, const struct toc_known *known)
{
	struct looking *l = user;
	struct toc_mac mac;
	const struct toc_bound *was[TOC_BOUND_HISTORY];
	const struct toc_addr key = toc_known_key(known);
	bool fits = !l->by_name && toc_addr_eq(&key, &l->addr);
	if (toc_binding_is_device(&key, &mac) != l->devices)
		return;
	for (unsigned kind = 0; l->by_name && !fits && kind < TOC_NBINDS; kind++)
		for (unsigned i = 0, n = toc_known_history(l->w->bindings, known, kind, was); !fits && i < n; i++) {
			const char *want = kind == TOC_BIND_USER ? l->user : l->text;
			fits = strcasecmp(was[i]->text, want) == 0 && holds(was[i], l->w->at) == l->then;
		}
	if (fits && l->found++ < FOUND_MOST)
		l->devices ? put_lone_device(l->w, &mac) : put_address(l->w, &key, known);
}

bool who_write(const struct who *w, const char *question)
{
	char name[TOC_BOUND_TEXT], mac_text[TOC_MAC_TEXT];
	struct toc_mac mac = { { 0 } };
	struct looking l = { .w = w, .text = question };
	l.by_name = !toc_addr_parse(toc_span_str(question), &l.addr);
	const bool by_mac = l.by_name && toc_mac_parse(toc_span_str(question), &mac);
	if (by_mac) {
		toc_mac_print(&mac, mac_text);
		l.text = mac_text;
	}
	struct toc_span user = toc_user_name(toc_span_str(question));
	snprintf(name, sizeof(name), "%.*s", (int)user.n, (const char *)user.p);
	l.user = name;
	l.then = true;
	toc_bindings_each(w->bindings, look, &l);
	l.then = false;
	if (!l.found && l.by_name) /* nobody then: who had it before or after */
		toc_bindings_each(w->bindings, look, &l);
	struct toc_addr key = toc_binding_device(&mac);
	const struct toc_known *device = by_mac ? toc_bindings_of(w->bindings, &key) : NULL;
	if (!l.found && device) {
		put_lone_device(w, &mac);
		l.found = 1;
	}
	l.devices = true;
	if (!l.found && l.by_name) /* nor an address: devices that have none */
		toc_bindings_each(w->bindings, look, &l);
	if (!l.found && !l.by_name)
		put_address(w, &l.addr, NULL); /* its zone, at least */
	if (l.found > FOUND_MOST)
		fprintf(w->out, "and %u more\n", l.found - FOUND_MOST);
	return l.found > 0;
}
