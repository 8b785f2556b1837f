/* migrate - `tocsin migrate`: a configuration of an older version, step by step to today's, and whether the state of
 * the last run is taken over. The file is the operator's: its text is edited, so that comments stay, and the one before
 * is kept. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config.h"
#include "app/options.h"
#include "app/state.h"
#include "base/files.h"
#include "base/log.h"

int toc_command_migrate(int argc, char **argv);

enum { MOST_BYTES = 1 << 24 };

/* Bytes from which the first line that says something begins. */
static size_t before_first_section(struct toc_span text)
{
	size_t at = 0;
	while (at < text.n) {
		const struct toc_span rest = toc_span_from(text, at);
		const size_t line = toc_span_find(rest, '\n') + 1;
		const bool nothing = rest.p[0] == '\n' || rest.p[0] == '\r' || rest.p[0] == '#' || rest.p[0] == '%' ||
				     toc_span_starts(rest, "---");
		if (!nothing || line > rest.n)
			return at;
		at += line;
	}
	return at;
}

static void say_version(struct toc_span text, FILE *out)
{
	const size_t at = before_first_section(text);
	fwrite(text.p, 1, at, out);
	fputs("version: 1\n\n", out);
	fwrite(text.p + at, 1, text.n - at, out);
}

/* What became of the file from one version to the next. A key that moves, or means something else, is a step here. */
static const struct step {
	unsigned to;
	const char *what;
	void (*take)(struct toc_span text, FILE *out);
} steps[] = {
	{ 1, "version: says of which version the file is, so that an older tocsin refuses it with one word",
	  say_version },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };
_Static_assert((int)STEPS == (int)TOC_CONFIG_VERSION, "a step leads to each version");

/* The text behind all steps above from (caller frees); NULL: no memory. */
static char *take_steps(struct toc_span text, unsigned from, size_t *n)
{
	char *now = NULL;
	for (unsigned i = from; i < STEPS; i++) {
		char *next = NULL;
		FILE *out = open_memstream(&next, n);
		if (!out)
			abort();
		steps[i].take(text, out);
		const bool ok = fclose(out) == 0;
		free(now);
		now = ok ? next : NULL;
		if (!now)
			return NULL;
		text = toc_span_of(now, *n);
	}
	return now;
}

static unsigned version_of(const struct toc_config *config)
{
	int64_t version = 0;
	struct toc_diag *diag = toc_diag_new();
	const struct toc_yaml *node = config->files ? toc_yaml_get(config->files->root, "version") : NULL;
	if (node)
		toc_yaml_int(node, 1, TOC_CONFIG_VERSION, &version, diag);
	toc_diag_free(diag);
	return (unsigned)version;
}

/* Beside the file, with its owner and rights, as relative paths and conf.d begin there. */
static bool write_beside(const char *path, const char *half, struct toc_span text)
{
	struct stat st;
	unlink(half); /* of a run that was ended */
	int fd = open(half, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && stat(path, &st) == 0 && write(fd, text.p, text.n) == (ssize_t)text.n &&
		  fchmod(fd, st.st_mode & 0777) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0 && fsync(fd) == 0;
	if (!ok)
		toc_error("%s: %s", half, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The new text holds, read as the program reads it; else what stood there was written in a way that no step knows. */
static bool holds(const char *half)
{
	struct toc_config *config = toc_config_open(half);
	const bool ok = config && version_of(config) == TOC_CONFIG_VERSION;
	toc_config_free(config);
	if (!ok)
		toc_error("the file is written in a way that cannot be changed for you: add `version: %d` and what is "
			  "told "
			  "above by hand; nothing was changed",
			  TOC_CONFIG_VERSION);
	return ok;
}

/* An exit status. */
static int write_file(const char *path, struct toc_span text, unsigned from)
{
	char half[PATH_MAX + 16], kept[PATH_MAX + 16];
	snprintf(half, sizeof(half), "%s.migrating", path);
	snprintf(kept, sizeof(kept), "%s.v%u", path, from);
	int status = TOC_EXIT_ENVIRONMENT;
	if (write_beside(path, half, text)) {
		if (!holds(half))
			status = TOC_EXIT_FINDINGS;
		else if (link(path, kept) != 0)
			toc_error("%s: %s", kept, strerror(errno));
		else if (rename(half, path) != 0)
			toc_error("%s: %s", path, strerror(errno));
		else
			status = TOC_EXIT_OK;
	}
	if (status == TOC_EXIT_OK)
		printf("%s is of version %d; what it was is %s\n", path, TOC_CONFIG_VERSION, kept);
	else
		unlink(half);
	return status;
}

static int migrate_file(const char *named, unsigned from)
{
	char path[PATH_MAX];
	size_t n, after = 0;
	if (!realpath(named, path)) {
		toc_error("%s: %s", named, strerror(errno));
		return TOC_EXIT_ENVIRONMENT;
	}
	uint8_t *bytes = toc_files_read(&toc_opener_self, path, MOST_BYTES, &n);
	char *text = bytes ? take_steps(toc_span_of(bytes, n), from, &after) : NULL;
	int status = TOC_EXIT_ENVIRONMENT;
	if (text)
		status = write_file(path, toc_span_of(text, after), from);
	else
		toc_error("%s: %s", path, strerror(errno));
	free(text);
	free(bytes);
	return status;
}

int toc_command_migrate(int argc, char **argv)
{
	const char *path = NULL;
	bool dry = false;
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
		{ "--dry-run", TOC_OPT_FLAG, &dry,
		  "tells what there is to do, exit status 1 where there is; changes nothing" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL }
	};
	int status = toc_options_read(argc, argv, options, NULL);
	if (status >= 0)
		return status;
	struct toc_config *config = toc_config_open(path);
	if (!config)
		return TOC_EXIT_USAGE;
	const unsigned from = version_of(config);
	for (unsigned i = from; i < STEPS; i++)
		printf("%s: version %u: %s\n", config->path, steps[i].to, steps[i].what);
	const bool kept = toc_state_judge(config, stdout);
	status = from == TOC_CONFIG_VERSION ? TOC_EXIT_OK : dry ? TOC_EXIT_FINDINGS : migrate_file(config->path, from);
	if (from == TOC_CONFIG_VERSION)
		printf("%s: of version %u, which is today's\n", config->path, from);
	toc_config_free(config);
	return status == TOC_EXIT_OK && !kept ? TOC_EXIT_FINDINGS : status;
}
