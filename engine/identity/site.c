/* site - reading `site:`: networks with what they mean, and where the rosters are. */
#include "identity/roster.h"

#include <stdlib.h>
#include <string.h>

enum { ZONES = 4096 };

struct toc_site {
	struct toc_zone *zones; /* longest prefix first */
	unsigned nzones;
	struct toc_roster devices, people;
};

static const struct toc_site_files by_itself = { .opener = &toc_opener_self };

struct reading {
	struct toc_site *site;
	const struct toc_site_files *files;
	struct toc_arena *arena;
	struct toc_diag *diag;
};

static bool parse_net(const char *text, struct toc_zone *out)
{
	const char *slash = strchr(text, '/');
	struct toc_span addr = toc_span_of(text, slash ? (size_t)(slash - text) : strlen(text));
	if (!toc_addr_parse(addr, &out->net))
		return false;
	unsigned base = toc_addr_is_v4(&out->net) ? 96 : 0, bits = 128 - base;
	char *end = NULL;
	unsigned long n = slash ? strtoul(slash + 1, &end, 10) : bits;
	if ((slash && (*end || slash[1] < '0' || slash[1] > '9')) || n > bits)
		return false;
	out->prefix = base + (unsigned)n;
	for (unsigned bit = out->prefix; bit < 128; bit++) /* host bits do not count */
		out->net.b[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return true;
}

static void add_zone(struct reading *r, const struct toc_yaml *net, struct toc_zone zone)
{
	const char *text = toc_yaml_str(net);
	if (!text || !parse_net(text, &zone))
		toc_diag_add(r->diag, TOC_ERROR, net->at, "expected a network such as 10.20.0.0/16 or 2001:db8::/32");
	else if (r->site->nzones == ZONES)
		toc_diag_add(r->diag, TOC_ERROR, net->at, "more than 4096 networks");
	else
		r->site->zones[r->site->nzones++] = zone;
}

static void add_networks(struct reading *r, const struct toc_yaml *list, struct toc_zone zone)
{
	if (list->kind != TOC_YAML_LIST)
		add_zone(r, list, zone);
	for (unsigned i = 0; list->kind == TOC_YAML_LIST && i < list->n; i++)
		add_zone(r, list->as.items[i], zone);
}

/* The text under a key; NULL when it is absent. */
static const char *text_of(struct reading *r, const struct toc_yaml *map, const char *key)
{
	const struct toc_yaml *node = toc_yaml_get(map, key);
	if (node && node->kind != TOC_YAML_SCALAR)
		toc_diag_add(r->diag, TOC_ERROR, node->at, "expected a text");
	return toc_yaml_str(node);
}

static void read_zone(struct reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "name", "networks", "site", "role", "local", NULL };
	const struct toc_yaml *networks = toc_yaml_get(node, "networks"), *local = toc_yaml_get(node, "local");
	struct toc_zone zone = { .local = true };
	toc_yaml_only(node, keys, "a zone", r->diag);
	zone.zone = text_of(r, node, "name");
	zone.site = text_of(r, node, "site");
	zone.role = text_of(r, node, "role");
	if (local)
		toc_yaml_bool(local, &zone.local, r->diag);
	if (!zone.zone || !*zone.zone || !networks)
		toc_diag_add(r->diag, TOC_ERROR, node->at, "a zone needs its name and networks");
	if (networks && networks->kind == TOC_YAML_LIST && !networks->n)
		add_zone(r, networks, zone); /* says what is missing */
	else if (networks)
		add_networks(r, networks, zone);
}

static void read_zones(struct reading *r, const struct toc_yaml *list)
{
	if (!list || toc_yaml_is_null(list))
		return;
	if (list->kind != TOC_YAML_LIST)
		toc_diag_add(r->diag, TOC_ERROR, list->at, "expected a list of zones");
	for (unsigned i = 0; list->kind == TOC_YAML_LIST && i < list->n; i++)
		read_zone(r, list->as.items[i]);
}

/* A path in the configuration is relative to the configuration's folder. */
static const char *beside(struct reading *r, const struct toc_yaml *node)
{
	const char *path = toc_yaml_str(node), *slash = node->at.file ? strrchr(node->at.file, '/') : NULL;
	if (!path || *path == '/' || !slash)
		return path;
	return toc_arena_printf(r->arena, "%.*s/%s", (int)(slash - node->at.file), node->at.file, path);
}

/* A hundred times as many as ever, or so few that the site says it cannot be: an export that went wrong. */
static void check_rows(struct reading *r, const struct toc_yaml *node, const char *name, const struct toc_roster *roster)
{
	const struct toc_yaml *least = toc_yaml_get(node, "least"), *most = toc_yaml_get(node, "most");
	const uint64_t before = toc_sizes_get(r->files->sizes.before, "roster", name);
	int64_t few = 1, many = INT64_MAX;
	if (least)
		toc_yaml_int(least, 1, INT64_C(1) << 32, &few, r->diag);
	if (most)
		toc_yaml_int(most, 1, INT64_C(1) << 32, &many, r->diag);
	toc_sizes_put(r->files->sizes.now, "roster", name, roster->n);
	if (roster->n && (roster->n < few || roster->n > many))
		toc_diag_add(r->diag, TOC_ERROR, node->at,
			     "the roster has %u rows; at least %lld and at most %lld are believed", roster->n,
			     (long long)few, (long long)many);
	else if (!most && toc_sizes_far(r->files->sizes.before, "roster", name, roster->n))
		toc_diag_add(r->diag, TOC_ERROR, node->at,
			     "the roster has %u rows, %llu in the last good one; if it is right, say so (most: %u)",
			     roster->n, (unsigned long long)before, roster->n);
}

/* A roster that is too old is used, and told: people who left are better known than nobody. */
static void read_age(struct reading *r, const struct toc_yaml *node, struct toc_roster *roster)
{
	const toc_time now = r->files->now;
	if (!toc_yaml_duration(node, &roster->max_age, r->diag))
		return;
	if (now && roster->changed_at && now > roster->changed_at + roster->max_age)
		toc_diag_add(r->diag, TOC_WARNING, node->at,
			     "the roster is older than its max_age; is whatever exports it still running?");
}

/* A path, or a map of it and what is believed of the file. */
static void read_roster(struct reading *r, const struct toc_yaml *site, const char *name, struct toc_roster *roster,
			size_t key_at)
{
	static const char *const keys[] = { "file", "max_age", "least", "most", NULL };
	const struct toc_yaml *node = toc_yaml_get(site, name);
	const bool map = node && node->kind == TOC_YAML_MAP;
	const struct toc_yaml *file = map ? toc_yaml_get(node, "file") : node;
	const char *path = file ? beside(r, file) : NULL;
	if (map)
		toc_yaml_only(node, keys, "a roster", r->diag);
	if (path) {
		toc_roster_read(roster, r->arena, r->files->opener, path, file->at, key_at, r->diag);
		check_rows(r, node, name, roster);
	} else if (node) {
		toc_diag_add(r->diag, TOC_ERROR, node->at, "expected the path of a CSV file");
	}
	if (map && toc_yaml_get(node, "max_age"))
		read_age(r, toc_yaml_get(node, "max_age"), roster);
}

/* Of the same network a named one comes before a nameless one, then the first that was written. */
static bool wins(const struct toc_zone *x, const struct toc_zone *y)
{
	return x->prefix != y->prefix ? x->prefix > y->prefix : x->zone && !y->zone;
}

/* By insertion, which keeps the order of equals: at most 4096, once. */
static void sort_zones(struct toc_zone *zones, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		const struct toc_zone zone = zones[i];
		unsigned at = i;
		for (; at > 0 && wins(&zone, &zones[at - 1]); at--)
			zones[at] = zones[at - 1];
		zones[at] = zone;
	}
}

static void add_private(struct toc_site *s)
{
	static const char *const nets[] = { "10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16",
					    "169.254.0.0/16", "fc00::/7",      "fe80::/10" };
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct toc_zone zone = { .local = true };
		if (parse_net(nets[i], &zone))
			s->zones[s->nzones++] = zone;
	}
}

struct toc_site *toc_site_new(struct toc_arena *arena, const struct toc_yaml *node, const struct toc_site_files *files,
			      struct toc_diag *diag)
{
	static const char *const keys[] = { "local", "zones", "devices", "people", NULL };
	struct toc_site *s = toc_arena_alloc(arena, sizeof(*s));
	struct reading r = { s, files ? files : &by_itself, arena, diag };
	s->zones = toc_arena_alloc(arena, ZONES * sizeof(*s->zones));
	toc_yaml_only(node, keys, "site", diag);
	const struct toc_yaml *local = toc_yaml_get(node, "local"), *zones = toc_yaml_get(node, "zones");
	if (local)
		add_networks(&r, local, (struct toc_zone){ .local = true });
	else
		add_private(s);
	read_zones(&r, zones);
	sort_zones(s->zones, s->nzones);
	read_roster(&r, node, "devices", &s->devices, offsetof(struct toc_roster_row, key));
	read_roster(&r, node, "people", &s->people, offsetof(struct toc_roster_row, user));
	return s;
}

bool toc_site_roster(const struct toc_site *s, unsigned i, struct toc_roster_info *out)
{
	const struct toc_roster *const rosters[] = { &s->devices, &s->people };
	static const char *const names[] = { "roster devices", "roster people" };
	if (i >= sizeof(rosters) / sizeof(rosters[0]))
		return false;
	*out = (struct toc_roster_info){ names[i], rosters[i]->changed_at, rosters[i]->max_age, rosters[i]->n };
	return true;
}

static bool inside(const struct toc_zone *z, const struct toc_addr *a)
{
	unsigned whole = z->prefix / 8, rest = z->prefix % 8;
	if (memcmp(z->net.b, a->b, whole) != 0)
		return false;
	return !rest || ((z->net.b[whole] ^ a->b[whole]) & (uint8_t)(0xff00 >> rest)) == 0;
}

const struct toc_zone *toc_site_zone(const struct toc_site *s, const struct toc_addr *a)
{
	static const struct toc_zone nowhere;
	for (unsigned i = 0; i < s->nzones; i++)
		if (inside(&s->zones[i], a))
			return &s->zones[i];
	return &nowhere;
}

const struct toc_roster_row *toc_site_device(const struct toc_site *s, struct toc_span key)
{
	return toc_roster_find(&s->devices, key);
}

const struct toc_roster_row *toc_site_person(const struct toc_site *s, struct toc_span user)
{
	return toc_roster_find(&s->people, user);
}
