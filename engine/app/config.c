/* config - sections of tocsin.yml as a table of readers. */
#include "app/config_read.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/secret.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/zone.h"
#include "tocsin/digest.h"

void config_mistake(struct config_reading *r, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(r->diag, TOC_ERROR, at->at, "%s", what);
}

bool config_is_map(struct config_reading *r, const struct toc_yaml *node, const char *what)
{
	if (node->kind == TOC_YAML_MAP)
		return true;
	toc_diag_add(r->diag, TOC_ERROR, node->at, "%s must be a map (key: value)", what);
	return false;
}

void config_str(struct config_reading *r, const struct toc_yaml *node, const char **out)
{
	if (!node)
		return;
	const char *text = toc_yaml_str(node);
	if (!text || !*text)
		config_mistake(r, node, "expected a text");
	else
		*out = text;
}

/* Relative paths begin where the configuration lies. */
const char *config_beside(struct config_reading *r, const char *path)
{
	const char *slash = strrchr(r->c->path, '/');
	if (path[0] == '/' || !slash)
		return path;
	return toc_arena_printf(r->c->arena, "%.*s/%s", (int)(slash - r->c->path), r->c->path, path);
}

void config_path(struct config_reading *r, const struct toc_yaml *node, const char **out)
{
	const char *path = NULL;
	config_str(r, node, &path);
	if (path)
		*out = config_beside(r, path);
}

/* One path or a list of them, behind those of the shipped rules (or, without these, instead of them). */
static void read_paths(struct config_reading *r, const struct toc_yaml *node, bool shipped, const char *const **out)
{
	unsigned n = !node ? 0 : node->kind == TOC_YAML_LIST ? node->n : 1, k = 0;
	const char **paths = toc_arena_alloc(r->c->arena, (n + 2) * sizeof(*paths));
	if (shipped)
		paths[k++] = (*out)[0];
	for (unsigned i = 0; i < n; i++) {
		const char *path = NULL;
		config_str(r, node->kind == TOC_YAML_LIST ? node->as.items[i] : node, &path);
		if (path)
			paths[k++] = config_beside(r, path);
	}
	*out = paths;
}

static void read_key_file(struct config_reading *r, const struct toc_yaml *node)
{
	uint8_t bytes[4096];
	const char *path = NULL;
	config_path(r, node, &path);
	path = path ? toc_secret_path(r->c->arena, path) : NULL;
	FILE *f = path ? fopen(path, "rb") : NULL;
	if (!f) {
		toc_diag_add(r->diag, TOC_ERROR, node->at,
			     "the key file cannot be read: %s (make one: openssl rand -hex 32 > FILE; chmod 600)",
			     path ? strerror(errno) : "no path");
		return;
	}
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	if (n < 32) {
		config_mistake(r, node, "the key file has fewer than 32 bytes (make one: openssl rand -hex 32 > FILE)");
		return;
	}
	toc_sha256(toc_span_of(bytes, n), r->c->site_key);
	r->c->has_site_key = true;
}

static void read_sensor(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "name", "key_file", "user", "wire_syslog", NULL };
	if (!config_is_map(r, node, "sensor"))
		return;
	toc_yaml_only(node, keys, "sensor", r->diag);
	config_str(r, toc_yaml_get(node, "name"), &r->c->sensor);
	config_str(r, toc_yaml_get(node, "user"), &r->c->user);
	if (toc_yaml_get(node, "user") && !getpwnam(r->c->user))
		config_mistake(r, toc_yaml_get(node, "user"), "there is no such user (adduser --system tocsin)");
	if (toc_yaml_get(node, "wire_syslog"))
		toc_yaml_bool(toc_yaml_get(node, "wire_syslog"), &r->c->wire_syslog, r->diag);
	if (toc_yaml_get(node, "key_file"))
		read_key_file(r, toc_yaml_get(node, "key_file"));
}

void config_number(struct config_reading *r, const struct toc_yaml *node, int64_t least, int64_t most, int64_t *out)
{
	if (node)
		toc_yaml_int(node, least, most, out, r->diag);
}

/* How long a second mirror may lag: longer, and a retransmission would count as a duplicate (RFC 6298, section 2.4). */
static void read_duplicates(struct config_reading *r, const struct toc_yaml *node, toc_time *out)
{
	if (!node || !toc_yaml_duration(node, out, r->diag))
		return;
	if (*out > TOC_SEC / 5)
		config_mistake(r, node, "duplicates of a mirror come within 200ms (expected a time such as 3ms)");
}

static void read_interface(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "name",	 "filter",     "workers",  "ring_mb",
					    "link_mbps", "duplicates", "vlan_key", NULL };
	struct toc_interface *i = &r->c->interfaces[r->c->ninterfaces];
	int64_t workers = 1, ring = 64, mbps = 0;
	if (!config_is_map(r, node, "an interface"))
		return;
	toc_yaml_only(node, keys, "an interface", r->diag);
	if (r->c->ninterfaces == TOC_INTERFACES) {
		config_mistake(r, node, "more than 16 interfaces");
		return;
	}
	config_str(r, toc_yaml_get(node, "name"), &i->name);
	config_str(r, toc_yaml_get(node, "filter"), &i->filter);
	config_number(r, toc_yaml_get(node, "workers"), 1, TOC_WORKERS, &workers);
	config_number(r, toc_yaml_get(node, "ring_mb"), 1, 4096, &ring);
	config_number(r, toc_yaml_get(node, "link_mbps"), 1, 1000000, &mbps);
	read_duplicates(r, toc_yaml_get(node, "duplicates"), &i->duplicates);
	if (toc_yaml_get(node, "vlan_key"))
		toc_yaml_bool(toc_yaml_get(node, "vlan_key"), &i->vlan_key, r->diag);
	if (!i->name) {
		config_mistake(r, node, "an interface needs its name (name: eth1)");
		return;
	}
	i->workers = (unsigned)workers;
	i->ring_mb = (int)ring;
	i->link_mbps = (uint64_t)mbps;
	r->c->ninterfaces++;
}

static void read_interfaces(struct config_reading *r, const struct toc_yaml *node)
{
	if (node->kind != TOC_YAML_LIST)
		config_mistake(r, node, "interfaces must be a list (- name: eth1)");
	for (unsigned i = 0; node->kind == TOC_YAML_LIST && i < node->n; i++)
		read_interface(r, node->as.items[i]);
}

static void read_time_zone(struct config_reading *r, const struct toc_yaml *node)
{
	config_str(r, node, &r->c->time_zone);
	if (!toc_zone_known(r->c->time_zone))
		config_mistake(
			r, node,
			"there is no such time zone (expected one such as America/New_York; is the package tzdata "
			"installed?)");
}

static void read_mode(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const modes[] = { "alert", "observe", NULL };
	const struct toc_yaml *mode = toc_yaml_get(node, "mode");
	r->c->rules_observed = toc_yaml_get(node, "observe");
	r->c->rules_observe = toc_yaml_str(mode) && toc_span_is(mode->text, modes[1]);
	if (mode && !r->c->rules_observe && !(toc_yaml_str(mode) && toc_span_is(mode->text, modes[0])))
		config_mistake(r, mode, "rules.mode is alert or observe");
}

static void read_rules(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "shipped",	 "paths",     "taxonomy", "lists", "vars",    "calendars",
					    "normalise", "pipelines", "policy",	  "mode",  "observe", NULL };
	const struct {
		const char *name;
		const char *const **out;
	} paths[] = { { "paths", &r->c->rules },	 { "taxonomy", &r->c->taxonomy },
		      { "lists", &r->c->lists },	 { "vars", &r->c->vars },
		      { "calendars", &r->c->calendars }, { "normalise", &r->c->normalise },
		      { "pipelines", &r->c->pipelines }, { "policy", &r->c->policy } };
	bool shipped = true;
	if (!config_is_map(r, node, "rules"))
		return;
	toc_yaml_only(node, keys, "rules", r->diag);
	read_mode(r, node);
	if (toc_yaml_get(node, "shipped"))
		toc_yaml_bool(toc_yaml_get(node, "shipped"), &shipped, r->diag);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		/* `shipped: false` is about detection rules: the rest is what their words mean */
		bool keep = (shipped || i > 0) && *paths[i].out;
		read_paths(r, toc_yaml_get(node, paths[i].name), keep, paths[i].out);
	}
}

static void read_state(struct config_reading *r, const struct toc_yaml *node)
{
	config_path(r, node, &r->c->state);
}

static void read_limits(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "flows", "ring_mb", "windows", "windows_mb", NULL };
	int64_t flows = 0, ring = 8, windows = 0, windows_mb = 0;
	if (!config_is_map(r, node, "limits"))
		return;
	toc_yaml_only(node, keys, "limits", r->diag);
	config_number(r, toc_yaml_get(node, "flows"), 1024, 1 << 26, &flows);
	config_number(r, toc_yaml_get(node, "ring_mb"), 1, 1024, &ring);
	config_number(r, toc_yaml_get(node, "windows"), 1024, 1 << 26, &windows);
	config_number(r, toc_yaml_get(node, "windows_mb"), 1, 1 << 20, &windows_mb);
	r->c->windows = (size_t)windows;
	r->c->window_bytes = (size_t)windows_mb << 20;
	r->c->flows = (size_t)flows;
	r->c->ring_bytes = (size_t)ring << 20;
}

static void read_site(struct config_reading *r, const struct toc_yaml *node)
{
	if (config_is_map(r, node, "site"))
		r->c->site = node;
}

static void read_protect(struct config_reading *r, const struct toc_yaml *node)
{
	if (config_is_map(r, node, "protect"))
		r->c->protect = node;
}

static void read_observe(struct config_reading *r, const struct toc_yaml *node)
{
	int64_t mbps = 0;
	if (!config_is_map(r, node, "observe"))
		return;
	r->c->observe = node;
	const struct toc_yaml *link = toc_yaml_get(node, "link");
	if (link && link->kind == TOC_YAML_MAP)
		config_number(r, toc_yaml_get(link, "mbps"), 1, 1000000, &mbps);
	r->c->link_mbps = (uint64_t)mbps;
}

/* All interfaces together; unknown where one does not say. */
static uint64_t sum_of_interfaces(const struct toc_config *c)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < c->ninterfaces; i++) {
		if (!c->interfaces[i].link_mbps)
			return 0;
		sum += c->interfaces[i].link_mbps;
	}
	return sum;
}

/* Its value was looked at before all others: is_known_version. */
static void read_version(struct config_reading *r, const struct toc_yaml *node)
{
	int64_t version = 0;
	config_number(r, node, 1, TOC_CONFIG_VERSION, &version);
}

/* Every top-level key of tocsin.yml; docs/operating.md describes them in this order. */
static const struct section {
	const char *name;
	void (*read)(struct config_reading *r, const struct toc_yaml *node);
	bool goes_on; /* a list: each file may add to it */
} sections[] = {
	{ "version", read_version, false },	 { "sensor", read_sensor, false },
	{ "interfaces", read_interfaces, true }, { "syslog", config_listeners, true },
	{ "time_zone", read_time_zone, false },	 { "site", read_site, false },
	{ "protect", read_protect, false },	 { "observe", read_observe, false },
	{ "rules", read_rules, false },		 { "deliver", config_deliver, false },
	{ "notify", config_notify, true },	 { "evidence", config_evidence, false },
	{ "state", read_state, false },		 { "retention", config_retention, false },
	{ "limits", read_limits, false },	 { "overload", config_overload, false },
	{ "metrics", config_metrics, false },	 { "canary", config_canary, false },
};

enum { NSECTIONS = sizeof(sections) / sizeof(sections[0]) };
_Static_assert((int)NSECTIONS <= (int)CONFIG_SECTIONS, "each section has a place where it stands");

static const char *const *one_path(struct toc_config *c, const char *data, const char *name)
{
	const char **paths = toc_arena_alloc(c->arena, 2 * sizeof(*paths));
	paths[0] = toc_arena_printf(c->arena, "%s/%s", data, name);
	return paths;
}

static void defaults(struct toc_config *c, const char *data)
{
	char host[256] = "sensor";
	if (gethostname(host, sizeof(host) - 1) == 0)
		host[strcspn(host, ".")] = '\0';
	c->sensor = toc_arena_str(c->arena, toc_span_str(c->path ? host : "replay"));
	toc_sha256(toc_span_str("tocsin without a site key"), c->site_key);
	c->time_zone = "UTC";
	c->user = c->path && getpwnam("tocsin") ? "tocsin" : "nobody"; /* replay becomes nobody else */
	c->wire_syslog = true;
	c->state = "/var/lib/tocsin";
	c->syslog = "/dev/log";
	c->ring_bytes = 8 << 20;
	c->journal_bytes = UINT64_C(1) << 30;
	config_evidence_defaults(c);
	config_overload_defaults(c);
	config_metrics_defaults(c);
	config_retention_defaults(c);
	c->rules = one_path(c, data, "detect");
	c->taxonomy = one_path(c, data, "taxonomy");
	c->lists = one_path(c, data, "lists");
	c->vars = one_path(c, data, "vars.yml");
	c->calendars = one_path(c, data, "calendars");
	c->normalise = one_path(c, data, "normalise");
	c->policy = one_path(c, data, "policy");
}

/* Half of a section from here and half from there would depend on the files' names: it stands in one of them. */
static bool is_first(struct config_reading *r, unsigned section, const struct toc_yaml *node)
{
	const struct toc_yaml *before = r->stands[section];
	r->stands[section] = node;
	if (!before || sections[section].goes_on)
		return true;
	toc_diag_add(r->diag, TOC_ERROR, node->at, "%s stands at %s:%u already; it must be in one place",
		     sections[section].name, before->at.file, before->at.line);
	return false;
}

/* What a newer program's file means cannot be known, so that one word is better than a mistake for each of its keys. */
static bool is_known_version(struct config_reading *r, const struct toc_yaml *doc)
{
	const struct toc_yaml *node = toc_yaml_get(doc, "version");
	const char *text = toc_yaml_str(node);
	char *end = NULL;
	const long version = text ? strtol(text, &end, 10) : 0;
	if (version <= TOC_CONFIG_VERSION || !end || *end)
		return true;
	toc_diag_add(
		r->diag, TOC_ERROR, node->at,
		"the configuration is of version %ld, for a newer tocsin; this one (%s) knows version %d: install the "
		"newer one again, or take the copy back that `tocsin migrate` left beside the file",
		version, TOC_VERSION, TOC_CONFIG_VERSION);
	return false;
}

static void read_document(struct config_reading *r, const struct toc_yaml *doc)
{
	const char *keys[CONFIG_SECTIONS + 1] = { NULL };
	for (unsigned i = 0; i < NSECTIONS; i++)
		keys[i] = sections[i].name;
	if (!config_is_map(r, doc, "the configuration") || !is_known_version(r, doc))
		return;
	toc_yaml_only(doc, keys, "the configuration", r->diag);
	struct toc_config_file *file = toc_arena_alloc(r->c->arena, sizeof(*file));
	*file = (struct toc_config_file){ doc, NULL };
	*(r->c->last_file ? &r->c->last_file->next : &r->c->files) = file;
	r->c->last_file = file;
	for (unsigned i = 0; i < NSECTIONS; i++) {
		const struct toc_yaml *node = toc_yaml_get(doc, sections[i].name);
		const bool wanted = !r->only || strcmp(r->only, sections[i].name) == 0;
		if (wanted && node && !toc_yaml_is_null(node) && is_first(r, i, node))
			sections[i].read(r, node);
	}
}

/* Its bytes are in the digest of the configuration, which alerts carry (SYS-20). */
static void read_file(struct config_reading *r, const char *path)
{
	unsigned ndocs = 0;
	const struct toc_yaml *const *docs = toc_yaml_file(r->c->arena, r->opener, path, r->digest, r->diag, &ndocs);
	for (unsigned i = 0; i < ndocs; i++)
		if (!toc_yaml_is_null(docs[i])) /* a file of comments */
			read_document(r, docs[i]);
}

/* conf.d beside the file: *.yml in the order of their names. */
static void read_folder(struct config_reading *r)
{
	const char *folder = config_beside(r, "conf.d");
	const char *const *names = toc_files_names(r->opener, r->c->arena, folder);
	if (!names && errno != ENOENT && errno != ENOTDIR)
		toc_diag_add(r->diag, TOC_ERROR, (struct toc_place){ folder, 0, 0 }, "%s", strerror(errno));
	for (; names && *names; names++) {
		size_t n = strlen(*names);
		if (n > 4 && strcmp(*names + n - 4, ".yml") == 0)
			read_file(r, toc_arena_printf(r->c->arena, "%s/%s", folder, *names));
	}
}

struct toc_config *toc_config_load(const char *path, const char *data, struct toc_diag *diag)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_config *c = toc_arena_alloc(arena, sizeof(*c));
	c->arena = arena;
	c->path = path;
	defaults(c, data);
	if (path) {
		uint8_t digest[32];
		struct config_reading r = {
			.c = c, .diag = diag, .opener = &toc_opener_self, .digest = toc_sha256_new(), .data = data
		};
		toc_sha256_begin(r.digest);
		read_file(&r, path);
		read_folder(&r);
		toc_sha256_end(r.digest, digest);
		toc_sha256_free(r.digest);
		toc_hex(digest, sizeof(digest), c->digest);
		config_retention_check(&r);
	}
	config_sort_listeners(c);
	if (!c->link_mbps)
		c->link_mbps = sum_of_interfaces(c);
	if (path)
		toc_config_take_exemptions(c, false);
	return c;
}

struct toc_config *toc_config_listeners_again(const struct toc_config *running, const struct toc_opener *opener,
					      struct toc_diag *diag)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_config *c = toc_arena_alloc(arena, sizeof(*c));
	const unsigned before = toc_diag_errors(diag);
	c->arena = arena;
	c->path = running->path;
	struct config_reading r = { .c = c, .diag = diag, .opener = opener, .only = "syslog" };
	read_file(&r, c->path);
	read_folder(&r);
	config_sort_listeners(c);
	if (toc_diag_errors(diag) == before)
		return c;
	toc_config_free(c);
	return NULL;
}

void toc_config_take_exemptions(struct toc_config *c, bool make)
{
	unsigned n = 0;
	const char *folder = toc_arena_printf(c->arena, "%s/exemptions", c->state);
	if (make) {
		mkdir(c->state, 0750);
		mkdir(folder, 0700);
	}
	while (c->rules[n] && strcmp(c->rules[n], folder) != 0)
		n++;
	if (c->rules[n] || access(folder, F_OK) != 0)
		return;
	const char **all = toc_arena_alloc(c->arena, (n + 2) * sizeof(*all));
	memcpy(all, c->rules, n * sizeof(*all));
	all[n] = folder;
	c->rules = all;
}

void toc_config_add_pipelines(struct toc_config *c, const char *const *paths)
{
	unsigned had = 0, more = 0;
	while (c->pipelines && c->pipelines[had])
		had++;
	while (paths[more])
		more++;
	const char **all = toc_arena_alloc(c->arena, (had + more + 1) * sizeof(*all));
	for (unsigned i = 0; i < had + more; i++)
		all[i] = i < had ? c->pipelines[i] : paths[i - had];
	c->pipelines = all;
}

struct toc_config *toc_config_open(const char *path)
{
	char data[1024];
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c =
		toc_config_load(path ? path : "/etc/tocsin/tocsin.yml", toc_data_folder(data, sizeof(data)), diag);
	toc_diag_print(diag, stderr);
	if (toc_diag_errors(diag)) {
		toc_config_free(c);
		c = NULL;
	}
	toc_diag_free(diag);
	return c;
}

void toc_config_free(struct toc_config *c)
{
	if (c)
		toc_arena_free(c->arena);
}
