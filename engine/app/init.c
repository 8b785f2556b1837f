/* init - `tocsin init`: a first configuration from what an interface, or a capture, has to say. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/card.h"
#include "app/command.h"
#include "app/first_config.h"
#include "app/listen.h"
#include "app/options.h"
#include "app/random.h"
#include "base/log.h"
#include "base/zone.h"

struct init {
	const char *interface, *out;
	struct toc_texts rest, captures;
	long seconds;
	bool force;
	char folder[1024], chosen[16];
	struct toc_heard heard;
	struct toc_verdict verdicts[TOC_VERDICTS];
};

static bool is_name(const char *s)
{
	size_t n = strlen(s);
	bool ok = n > 0 && n < 16;
	for (; ok && *s; s++)
		ok = isalnum((unsigned char)*s) || strchr("._-:@", *s);
	return ok;
}

static int read_command(int argc, char **argv, struct init *i)
{
	const struct toc_option options[] = {
		{ "--seconds", TOC_OPT_NUMBER, &i->seconds, "N  how long to listen (60)" },
		{ "--read", TOC_OPT_LIST, &i->captures, "FILE  a capture instead of an interface; repeatable" },
		{ "--out", TOC_OPT_TEXT, &i->out, "FILE  the configuration (/etc/tocsin/tocsin.yml)" },
		{ "--force", TOC_OPT_FLAG, &i->force, "where that is there already: it becomes FILE.old" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &i->rest);
	if (status >= 0)
		return status;
	i->interface = i->rest.at[0];
	if (i->rest.n > 1 || (i->interface && !is_name(i->interface))) {
		toc_error("init: \"%s\" is no name of an interface (ip link lists them)", i->rest.at[i->rest.n - 1]);
		return TOC_EXIT_USAGE;
	}
	return -1;
}

/* Said before a minute is listened, not after it. */
static int look_at_place(struct init *i)
{
	char path[1024];
	if (!i->force && access(i->out, F_OK) == 0) {
		toc_error("init: %s is there already; --out FILE writes elsewhere, --force makes it %s.old", i->out,
			  i->out);
		return TOC_EXIT_USAGE;
	}
	if (strlen(i->out) >= sizeof(path)) {
		toc_error("init: the name of the configuration is too long");
		return TOC_EXIT_USAGE;
	}
	memcpy(path, i->out, strlen(i->out) + 1);
	snprintf(i->folder, sizeof(i->folder), "%s", dirname(path));
	if (access(i->folder, W_OK | X_OK) == 0)
		return -1;
	toc_error("init: %s: %s", i->folder, strerror(errno));
	return TOC_EXIT_ENVIRONMENT;
}

static int choose(struct init *i)
{
	struct toc_card cards[TOC_CARDS];
	unsigned n = toc_cards(cards);
	for (unsigned k = 0; k < n; k++)
		printf("%s %-15s %s, %s, %llu frames in a second\n", k ? "     " : "take ", cards[k].name,
		       cards[k].up ? "up" : "down", cards[k].addressed ? "has an address" : "no address",
		       (unsigned long long)cards[k].frames);
	if (n && cards[0].up) {
		snprintf(i->chosen, sizeof(i->chosen), "%s", cards[0].name);
		i->interface = i->chosen;
		return -1;
	}
	toc_error("init: no interface is up: ip link set INTERFACE up; or name one, or a capture (--read FILE)");
	return TOC_EXIT_ENVIRONMENT;
}

static const char *zone(char *out, size_t n)
{
	char link[512];
	ssize_t got = readlink("/etc/localtime", link, sizeof(link) - 1);
	link[got > 0 ? got : 0] = '\0';
	const char *folder = strstr(link, "zoneinfo/"), *name = folder ? folder + strlen("zoneinfo/") : "";
	snprintf(out, n, "%s", *name && toc_zone_known(name) ? name : "UTC");
	return out;
}

static const char *sensor_name(char *out, size_t n)
{
	if (gethostname(out, n - 1) != 0 || !out[0])
		snprintf(out, n, "sensor-1");
	out[strcspn(out, ".")] = '\0';
	return out;
}

/* site.key beside the configuration, where there is none: 32 bytes of the system's randomness, for its owner alone. */
static bool make_key(const struct init *i)
{
	char path[1100];
	struct toc_hash_key halves[2];
	uint8_t bytes[32];
	snprintf(path, sizeof(path), "%s/site.key", i->folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return true;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		toc_error("init: %s: %s", path, strerror(errno));
		return false;
	}
	_Static_assert(sizeof(halves) == sizeof(bytes), "two keys make one");
	toc_random_key(&halves[0]);
	toc_random_key(&halves[1]);
	memcpy(bytes, halves, sizeof(bytes));
	for (size_t k = 0; k < sizeof(bytes); k++)
		fprintf(out, "%02x", bytes[k]);
	fputc('\n', out);
	printf("made %s: keep it, and keep it secret\n", path);
	return fclose(out) == 0;
}

static void write_text(const struct init *i, FILE *out)
{
	char time_zone[128], name[256];
	const struct toc_first_config c = { .interface = i->interface,
					    .heard_on = i->captures.n ? i->captures.at[0] : i->interface,
					    .folder = i->folder,
					    .sensor = sensor_name(name, sizeof(name)),
					    .time_zone = zone(time_zone, sizeof(time_zone)),
					    .heard = &i->heard,
					    .verdicts = i->verdicts };
	toc_first_config_write(&c, out);
}

/* Whole or not at all; link(2) does not write over what has come meanwhile. */
static bool place(const struct init *i, const char *made)
{
	char old[1100];
	snprintf(old, sizeof(old), "%s.old", i->out);
	if (i->force && access(i->out, F_OK) == 0 && rename(i->out, old) == 0)
		printf("%s is now %s\n", i->out, old);
	bool ok = link(made, i->out) == 0;
	if (!ok)
		toc_error("init: %s: %s", i->out, strerror(errno));
	unlink(made);
	return ok;
}

static bool write_config(const struct init *i)
{
	char made[1100];
	snprintf(made, sizeof(made), "%s/.tocsin.yml.XXXXXX", i->folder);
	int fd = mkstemp(made);
	FILE *out = fd < 0 || fchmod(fd, 0644) != 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		toc_error("init: %s: %s", made, strerror(errno));
		return false;
	}
	write_text(i, out);
	if (fclose(out) != 0) {
		toc_error("init: %s: %s", made, strerror(errno));
		unlink(made);
		return false;
	}
	return place(i, made);
}

static unsigned tell(struct init *i)
{
	unsigned bad = toc_mirror_judge(&i->heard, i->interface ? i->interface : "eth1", i->verdicts);
	for (unsigned k = 0; k < TOC_VERDICTS; k++)
		if (i->verdicts[k].words[0])
			printf("%-5s %s\n", i->verdicts[k].bad ? "MEND" : "ok", i->verdicts[k].words);
	toc_first_config_finds(&i->heard, "found ", stdout);
	return bad;
}

int toc_command_init(int argc, char **argv);
int toc_command_init(int argc, char **argv)
{
	struct init i = { .out = "/etc/tocsin/tocsin.yml", .seconds = 60 };
	int status = read_command(argc, argv, &i);
	if (status < 0)
		status = look_at_place(&i);
	if (status < 0 && !i.captures.n && !i.interface)
		status = choose(&i);
	if (status < 0)
		status = i.captures.n ? toc_listen_captures(&i.captures, &i.heard)
				      : toc_listen_interface(i.interface, (unsigned)i.seconds, &i.heard);
	if (status >= 0)
		return status;
	unsigned bad = tell(&i);
	if (!make_key(&i) || !write_config(&i))
		return TOC_EXIT_ENVIRONMENT;
	printf("wrote %s, in observe mode; now: look at what it proposes, tocsin check -c %s\n", i.out, i.out);
	return bad ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}
