/* maintenance - `tocsin maintenance`: announces work, ends it, lists it; each act is in the audit log first. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/audit_log.h"
#include "app/command.h"
#include "app/control.h"
#include "app/loading.h"
#include "app/maintenance.h"
#include "app/now.h"
#include "app/owner.h"
#include "app/random.h"
#include "base/log.h"
#include "deliver/file.h"
#include "ruleset/show.h"

static const toc_time longest = 31 * TOC_DAY, remembered = 31 * TOC_DAY;

struct asking {
	struct toc_loading loading;
	struct toc_texts words, rules, zones;
	const char *config_path, *owner, *reason, *begin, *end;
	bool all, json;
	toc_time now;
	struct toc_maintenance window; /* that is announced */
	const char *ids[TOC_TEXTS + 1];
};

/* --- what is asked -------------------------------------------------------------------------------------------------
 */

static int usage(const char *what)
{
	toc_error("maintenance: %s", what);
	return TOC_EXIT_USAGE;
}

/* Rules by id or name; what is kept is the id, which renaming leaves alone. */
static int find_rules(struct asking *a)
{
	const struct toc_ruleset *set = a->rules.n ? a->loading.pipeline->generation->rules : NULL;
	for (unsigned i = 0; i < a->rules.n; i++) {
		for (unsigned r = 0; !a->ids[i] && r < set->ndetections + set->ncorrelations; r++)
			if (toc_ruleset_is(set, r, a->rules.at[i]))
				a->ids[i] = set->alerts[r].id;
		if (!a->ids[i]) {
			toc_error("maintenance: there is no rule \"%s\"; `tocsin rules` lists them", a->rules.at[i]);
			return TOC_EXIT_USAGE;
		}
	}
	a->window.rules = a->rules.n ? a->ids : NULL;
	return -1;
}

static int find_zones(struct asking *a)
{
	const struct toc_yaml *zones = toc_yaml_get(a->loading.config->site, "zones");
	for (unsigned i = 0; i < a->zones.n; i++) {
		bool known = false;
		for (unsigned z = 0; zones && zones->kind == TOC_YAML_LIST && z < zones->n; z++) {
			const char *name = toc_yaml_str(toc_yaml_get(zones->as.items[z], "name"));
			const char *site = toc_yaml_str(toc_yaml_get(zones->as.items[z], "site"));
			known = known || (name && strcmp(name, a->zones.at[i]) == 0) ||
				(site && strcmp(site, a->zones.at[i]) == 0);
		}
		if (!known) {
			toc_error("maintenance: site.zones has no zone or site \"%s\"", a->zones.at[i]);
			return TOC_EXIT_USAGE;
		}
	}
	a->window.zones = a->zones.n ? a->zones.at : NULL;
	return -1;
}

static int read_times(struct asking *a)
{
	struct toc_maintenance *m = &a->window;
	m->begin = a->now;
	if (a->begin && !toc_time_read(a->begin, &m->begin))
		return usage("--begin needs a time such as 2026-03-02T08:00:00Z");
	if (!a->end || !toc_time_read(a->end, &m->end))
		return usage("--end needs a time such as 2026-03-02T16:00:00Z: a window ends by itself");
	if (m->end <= m->begin || m->end <= a->now || m->end - m->begin > longest)
		return usage("a window ends after it begins, after now, and within 31 days");
	return -1;
}

static int read_window(struct asking *a)
{
	struct toc_hash_key chance;
	if (!a->owner || !*a->owner || !a->reason || !*a->reason)
		return usage(
			"announce needs --owner NAME and --reason TEXT: both stand in each alert and in the audit log");
	if (a->all == (a->rules.n || a->zones.n))
		return usage(
			"announce needs its scope: --rule ID, --zone NAME (all that are given must hold), or --all");
	int status = read_times(a);
	if (status < 0)
		status = find_rules(a);
	if (status < 0)
		status = find_zones(a);
	toc_random_key(&chance);
	snprintf(a->window.id, sizeof(a->window.id), "m-%08" PRIx32, (uint32_t)chance.k0);
	a->window.owner = a->owner;
	a->window.reason = a->reason;
	return status;
}

/* --- what is done --------------------------------------------------------------------------------------------------
 */

static bool audit(const struct asking *a, const char *act, const struct toc_maintenance *m)
{
	char *scope = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&scope, &n);
	const struct toc_maintenances one = { m, 1 };
	if (!out)
		return false;
	toc_maintenance_json(&one, INT64_MIN, out);
	fclose(out);
	struct toc_audit_record record = {
		.act = act, .request = m->id, .reason = m->reason, .parts = scope, .other = m->owner
	};
	toc_audit_caller(a->loading.config, &record);
	bool ok = toc_audit_write(a->loading.config, &record, a->now);
	free(scope);
	return ok;
}

/* Windows that are long over are in the audit log only. */
static bool replace(const struct asking *a, const struct toc_maintenances *list, const char *path)
{
	char made[1300];
	struct toc_maintenance *kept = calloc(list->n + 1, sizeof(*kept));
	struct toc_maintenances out = { kept, 0 };
	snprintf(made, sizeof(made), "%s.XXXXXX", path);
	int fd = kept ? mkstemp(made) : -1;
	FILE *f = fd < 0 || fchmod(fd, 0640) != 0 ? NULL : fdopen(fd, "w");
	for (unsigned i = 0; kept && i < list->n; i++)
		if (list->at[i].end > a->now - remembered)
			kept[out.n++] = list->at[i];
	if (f)
		toc_maintenance_write(&out, f);
	if (f)
		toc_own_as(fd, path);
	bool ok = f && fclose(f) == 0 && rename(made, path) == 0;
	if (!ok)
		toc_error("maintenance: %s: %s", path, strerror(errno));
	free(kept);
	return ok;
}

static int change(struct asking *a, struct toc_maintenance_file *f, const char *path)
{
	const char *end = strcmp(a->words.at[0], "end") == 0 ? a->words.at[1] : NULL;
	struct toc_maintenance *all = calloc(f->list.n + 1, sizeof(*all)), *what = NULL;
	if (!all)
		abort();
	if (f->list.n)
		memcpy(all, f->list.at, f->list.n * sizeof(*all));
	for (unsigned i = 0; end && i < f->list.n; i++)
		if (strcmp(all[i].id, end) == 0 && all[i].end > a->now)
			what = &all[i];
	if (!end)
		*(what = &all[f->list.n++]) = a->window;
	int status = what ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
	if (!what)
		toc_error("maintenance: there is no window %s that is not over", end);
	if (what && end)
		what->end = a->now;
	const struct toc_maintenances list = { all, f->list.n };
	if (what && (!audit(a, end ? "maintenance.end" : "maintenance.announce", what) || !replace(a, &list, path)))
		status = TOC_EXIT_ENVIRONMENT;
	if (status == TOC_EXIT_OK)
		printf("%s %s\n", end ? "ended" : "announced", what->id);
	free(all);
	return status;
}

/* The sensor that runs is told; one that does not takes it at its start. */
static void tell_engine(const struct asking *a)
{
	char path[TOC_CONTROL_PATH];
	fflush(stdout);
	if (toc_control_path(a->loading.config, path) && access(path, F_OK) == 0)
		toc_ask_engine(a->config_path, "maintenance\n");
	else
		puts("no sensor runs with this state folder; it takes that when it starts");
}

static void list(const struct asking *a, const struct toc_maintenance_file *f)
{
	if (a->json) {
		toc_maintenance_json(&f->list, a->now, stdout);
		putchar('\n');
		return;
	}
	for (unsigned i = 0; i < f->list.n; i++) {
		const struct toc_maintenances one = { &f->list.at[i], 1 };
		const struct toc_maintenance *m = one.at;
		if (m->end <= a->now)
			continue;
		printf("%-7s ", m->begin <= a->now ? "now" : "to come");
		toc_maintenance_json(&one, a->now, stdout);
		putchar('\n');
	}
}

/* One at a time: the file is read, changed and put in its place under a lock. */
static int act(struct asking *a)
{
	char path[1200], lock[1300];
	toc_maintenance_path(a->loading.config->state, path, sizeof(path));
	snprintf(lock, sizeof(lock), "%s.lock", path);
	const bool lists = strcmp(a->words.at[0], "list") == 0;
	int fd = lists ? -1 : open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (!lists && (fd < 0 || flock(fd, LOCK_EX) != 0)) {
		toc_error("maintenance: %s: %s", lock, strerror(errno));
		return TOC_EXIT_ENVIRONMENT;
	}
	int status = TOC_EXIT_OK;
	struct toc_maintenance_file *f =
		toc_maintenance_read(&toc_opener_self, a->loading.config->state, a->loading.diag);
	if (!f)
		status = TOC_EXIT_USAGE;
	else if (lists)
		list(a, f);
	else
		status = change(a, f, path);
	toc_maintenance_free(f);
	if (fd >= 0)
		close(fd);
	if (!lists && status == TOC_EXIT_OK)
		tell_engine(a);
	return status;
}

/* The rules are loaded only to find those that are named. */
static int load(struct asking *a)
{
	struct toc_loading *l = &a->loading;
	l->diag = toc_diag_new();
	l->config = toc_config_load(a->config_path ? a->config_path : "/etc/tocsin/tocsin.yml",
				    toc_data_folder(l->data, sizeof(l->data)), l->diag);
	if (a->rules.n && !toc_diag_errors(l->diag)) {
		const struct toc_pipeline_options o = { .rules = true };
		l->pipeline = toc_pipeline_new(l->config, &o, &toc_outlet_null, &l->unseen, l->diag);
	}
	return toc_diag_errors(l->diag) ? TOC_EXIT_USAGE : -1;
}

int toc_command_maintenance(int argc, char **argv);
int toc_command_maintenance(int argc, char **argv)
{
	struct asking a = { .now = toc_now() };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &a.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &a.config_path, "FILE  the same" },
		{ "--owner", TOC_OPT_TEXT, &a.owner, "NAME  who answers for the work" },
		{ "--reason", TOC_OPT_TEXT, &a.reason, "TEXT  what is done" },
		{ "--begin", TOC_OPT_TEXT, &a.begin, "TIME  such as 2026-03-02T08:00:00Z; now without it" },
		{ "--end", TOC_OPT_TEXT, &a.end, "TIME  when it is over by itself" },
		{ "--rule", TOC_OPT_LIST, &a.rules, "ID  alerts of this rule, or name; repeatable" },
		{ "--zone", TOC_OPT_LIST, &a.zones, "NAME  alerts of this zone or site; repeatable" },
		{ "--all", TOC_OPT_FLAG, &a.all, "alerts of all rules, everywhere" },
		{ "--json", TOC_OPT_FLAG, &a.json, "of list: one JSON list" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &a.words);
	if (status >= 0)
		return status;
	const char *word = a.words.n ? a.words.at[0] : "list";
	bool announces = a.words.n == 1 && strcmp(word, "announce") == 0;
	bool ends = a.words.n == 2 && strcmp(word, "end") == 0;
	if (!announces && !ends && !(a.words.n <= 1 && strcmp(word, "list") == 0))
		return usage("announce --owner NAME --reason TEXT --end TIME, list, or end ID");
	a.words.at[0] = word;
	status = load(&a);
	if (status < 0 && announces)
		status = read_window(&a);
	if (status < 0)
		status = act(&a);
	toc_diag_print(a.loading.diag, stderr);
	toc_loading_end(&a.loading);
	return status;
}
