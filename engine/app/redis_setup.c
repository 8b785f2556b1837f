/* redis_setup - `tocsin redis-setup`: users with no more rights than delivery.md 5.5 gives them, groups, redis.conf. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config.h"
#include "app/options.h"
#include "app/secret.h"
#include "base/log.h"
#include "tocsin/digest.h"

enum { ROUTES = 256, NAME = 64, PATH = 1024, PASSWORD = 256 };

struct setup {
	const char *config_path, *out;
	struct toc_texts sensors;
	struct toc_config *config;
	const char *routes[ROUTES];
	unsigned nroutes;
	FILE *acl;
	bool failed;
};

static bool trouble(struct setup *s, const char *path)
{
	toc_error("%s: %s", path, strerror(errno));
	s->failed = true;
	return false;
}

/* A new password of 32 hex digits, in a file that only its owner reads. */
static bool make_password(struct setup *s, const char *path, char out[PASSWORD])
{
	uint8_t bytes[16];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return trouble(s, path);
	toc_hex(bytes, sizeof(bytes), out);
	out[32] = '\n';
	bool ok = write(fd, out, 33) == 33 && fsync(fd) == 0;
	out[32] = '\0';
	close(fd);
	return ok || trouble(s, path);
}

/* What was made before stays, so that the command can be run again when somebody comes or goes. */
static bool password_of(struct setup *s, const char *user, char out[PASSWORD])
{
	char path[PATH];
	snprintf(path, sizeof(path), "%s/passwords/%s", s->out, user);
	if (access(path, F_OK) != 0)
		return make_password(s, path, out);
	const char *wrong = toc_secret_read(path, out, PASSWORD);
	if (wrong)
		toc_error("%s: %s", path, wrong);
	s->failed = s->failed || wrong;
	return !wrong;
}

/* "user NAME on #HASH": redis.conf's ACL file knows passwords by their SHA-256 only. */
static bool begin_user(struct setup *s, const char *kind, const char *name)
{
	char user[NAME * 2], password[PASSWORD], hash[65] = "";
	uint8_t digest[32];
	snprintf(user, sizeof(user), "%s%s%s", kind, *name ? "-" : "", name);
	if (!password_of(s, user, password))
		return false;
	toc_sha256(toc_span_str(password), digest);
	toc_hex(digest, sizeof(digest), hash);
	fprintf(s->acl, "user %s on #%s", user, hash);
	return true;
}

/* Streams are only added to; the one key that is set is the position of its own journal. */
static void put_sensor(struct setup *s, const char *name)
{
	if (!begin_user(s, "sensor", name))
		return;
	fprintf(s->acl,
		" -@all %%W~{tocsin}:alerts:* %%W~{tocsin}:health:%s %%W~{tocsin}:audit:%s +xadd +multi +exec +discard "
		"+ping "
		"+hello +auth +client|setname +wait +role +info (~{tocsin}:pos:%s -@all +get +set)\n",
		name, name, name);
}

/* Reads its routes and what all readers of them did; writes what this person does. */
static void put_person(struct setup *s, const struct toc_person *p)
{
	if (!begin_user(s, "p", p->uid))
		return;
	fputs(" -@all", s->acl);
	for (const char *const *route = p->routes; *route; route++)
		fprintf(s->acl, " %%R~{tocsin}:alerts:%s %%R~{tocsin}:state:%s:* %%W~{tocsin}:state:%s:%s", *route,
			*route, *route, p->uid);
	fputs(p->routes[0] ? " +xread +xrange +xrevrange +xadd +ping +hello +client|setname\n" : " +ping +hello\n",
	      s->acl);
}

static void put_notifier(struct setup *s, const char *route)
{
	if (!begin_user(s, "notify", route))
		return;
	fprintf(s->acl,
		" -@all ~{tocsin}:alerts:%s +xreadgroup +xack +xautoclaim +xpending +ping +hello (%%W~{tocsin}:dead:%s "
		"-@all "
		"+xadd) (~{tocsin}:seen:notify-%s:* -@all +set +get) "
		"(%%R~{tocsin}:alerts:%s %%R~{tocsin}:state:%s:* -@all +xrange)\n",
		route, route, route, route, route);
}

static void put_keeper(struct setup *s)
{
	if (begin_user(s, "keeper", ""))
		fprintf(s->acl,
			" -@all ~{tocsin}:* +xtrim +xrange +xread +xlen +xinfo +scan +info +time +ping +hello "
			"(%%W~{tocsin}:state:*:%s -@all +xadd)\n",
			toc_keeper_uid);
}

static void add_route(struct setup *s, const char *route)
{
	for (unsigned i = 0; i < s->nroutes; i++)
		if (strcmp(s->routes[i], route) == 0)
			return;
	if (s->nroutes < ROUTES)
		s->routes[s->nroutes++] = route;
}

static void gather_routes(struct setup *s)
{
	const struct toc_people *people = s->config->people;
	add_route(s, "ts");
	add_route(s, "da");
	for (unsigned i = 0; people && i < people->n; i++)
		for (const char *const *route = people->at[i].routes; *route; route++)
			add_route(s, *route);
	for (unsigned i = 0; i < s->config->ngrants; i++)
		add_route(s, s->config->grants[i].route);
	if (people && people->outside)
		add_route(s, people->outside);
}

static FILE *create(struct setup *s, const char *name, mode_t mode)
{
	char path[PATH];
	snprintf(path, sizeof(path), "%s/%s", s->out, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f)
		trouble(s, path);
	return f;
}

static void finish(struct setup *s, FILE *f, const char *name)
{
	if (f && fclose(f) != 0)
		trouble(s, name);
}

static void write_acl(struct setup *s)
{
	const struct toc_people *people = s->config->people;
	s->acl = create(s, "tocsin.acl", 0640);
	if (!s->acl)
		return;
	fputs("user default off\n", s->acl);
	for (unsigned i = 0; i < s->sensors.n; i++)
		put_sensor(s, s->sensors.at[i]);
	for (unsigned i = 0; people && i < people->n; i++)
		put_person(s, &people->at[i]);
	for (unsigned i = 0; i < s->nroutes; i++)
		put_notifier(s, s->routes[i]);
	put_keeper(s);
	finish(s, s->acl, "tocsin.acl");
}

/* A group a function, not a person: consoles only read. $: what was there before is no news. */
static void write_groups(struct setup *s)
{
	FILE *f = create(s, "groups.redis", 0644);
	for (unsigned i = 0; f && i < s->nroutes; i++)
		fprintf(f, "XGROUP CREATE {tocsin}:alerts:%s notify-%s $ MKSTREAM\n", s->routes[i], s->routes[i]);
	finish(s, f, "groups.redis");
}

static void write_conf(struct setup *s)
{
	char full[PATH] = "";
	FILE *f = create(s, "tocsin.conf", 0644);
	if (!f)
		return;
	fprintf(f,
		"# made by `tocsin redis-setup`; in redis.conf: include %s/tocsin.conf\n"
		"aclfile %s/tocsin.acl\n"
		"# alerts survive a restart of this server; the sensor's journal has what the last second lost\n"
		"appendonly yes\n"
		"appendfsync everysec\n"
		"# an evicted key is a whole stream of alerts: rather refuse, the sensor keeps them and says so\n"
		"maxmemory-policy noeviction\n"
		"# documents have 2 to 6 kB: several of them share a node\n"
		"stream-node-max-bytes 16384\n",
		realpath(s->out, full) ? full : s->out, full[0] ? full : s->out);
	finish(s, f, "tocsin.conf");
}

static bool make_folders(struct setup *s)
{
	char path[PATH];
	int n = snprintf(path, sizeof(path), "%s/passwords", s->out);
	if (n >= (int)sizeof(path) - 2 * NAME) {
		errno = ENAMETOOLONG;
		return trouble(s, s->out);
	}
	return ((mkdir(s->out, 0750) == 0 || errno == EEXIST) && (mkdir(path, 0700) == 0 || errno == EEXIST)) ||
	       trouble(s, path);
}

static bool sensors_are_sound(const struct setup *s)
{
	for (unsigned i = 0; i < s->sensors.n; i++)
		if (!toc_route_sound(s->sensors.at[i])) {
			toc_error("redis-setup: \"%s\" is no sensor's name for Redis: a-z, 0-9, point and hyphen only "
				  "(sensor.name, or --sensor)",
				  s->sensors.at[i]);
			return false;
		}
	return true;
}

static int set_up(struct setup *s)
{
	if (!s->sensors.n)
		s->sensors.at[s->sensors.n++] = s->config->sensor;
	if (!sensors_are_sound(s))
		return TOC_EXIT_USAGE;
	gather_routes(s);
	if (make_folders(s)) {
		write_acl(s);
		write_groups(s);
		write_conf(s);
	}
	if (s->failed)
		return TOC_EXIT_ENVIRONMENT;
	printf("%s: tocsin.acl (%u sensors, %u people, %u routes), tocsin.conf, groups.redis, passwords/\n"
	       "in redis.conf: include %s/tocsin.conf; redis-server reads the ACL file at its start or by ACL LOAD\n"
	       "groups, once: redis-cli --user … < %s/groups.redis before the default user is off, or by an admin's "
	       "user\n",
	       s->out, s->sensors.n, s->config->people ? s->config->people->n : 0, s->nroutes, s->out, s->out);
	return TOC_EXIT_OK;
}

int toc_command_redis_setup(int argc, char **argv);
int toc_command_redis_setup(int argc, char **argv)
{
	struct setup s = { .out = "redis-setup" };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &s.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &s.config_path, "FILE  the same" },
		{ "--sensor", TOC_OPT_LIST, &s.sensors, "NAME  a sensor that delivers there; repeatable" },
		{ "--out", TOC_OPT_TEXT, &s.out, "FOLDER  to write to (redis-setup)" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, NULL);
	if (status >= 0)
		return status;
	s.config = toc_config_open(s.config_path);
	status = s.config ? set_up(&s) : TOC_EXIT_USAGE;
	toc_config_free(s.config);
	return status;
}
