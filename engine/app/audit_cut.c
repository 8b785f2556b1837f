/* audit_cut - the log's beginning goes when it is too old; the chain of what stays tells that it did. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alert/text.h"
#include "app/audit_log.h"
#include "base/log.h"

enum { PATH = 1200 };

struct cutting {
	char before[TIME_TEXT];
	bool over;
	long last; /* the last record that goes; 0 = none */
	char hash[TOC_AUDIT_HASH];
	unsigned long n;
};

/* "key":"value" of a record; its times are as long as each other and in the order of their letters. */
static bool member(const char *line, const char *key, char *out, size_t room)
{
	const char *at = strstr(line, key);
	size_t n = at ? strcspn(at + strlen(key), "\"") : room;
	if (n >= room)
		return false;
	memcpy(out, at + strlen(key), n);
	out[n] = '\0';
	return true;
}

static void find(void *user, const char *line)
{
	struct cutting *c = user;
	char at[TIME_TEXT];
	const char *hash = line + strlen(line) - (TOC_AUDIT_HASH - 1) - 2;
	c->over = c->over || !member(line, "\"at\":\"", at, sizeof(at)) || strcmp(at, c->before) >= 0;
	if (c->over)
		return;
	c->last = strtol(line + strlen("{\"seq\":"), NULL, 10);
	snprintf(c->hash, sizeof(c->hash), "%.*s", TOC_AUDIT_HASH - 1, hash);
	c->n++;
}

/* What stays, in a file that takes the log's place. */
static bool copy_rest(const char *path, long last)
{
	char half[PATH + 8], *line = NULL;
	size_t size = 0;
	ssize_t n;
	snprintf(half, sizeof(half), "%s.half", path);
	FILE *in = fopen(path, "re");
	int fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	while (in && out && (n = getline(&line, &size, in)) > 0)
		if (strtol(line + strlen("{\"seq\":"), NULL, 10) > last)
			fwrite(line, 1, (size_t)n, out);
	bool ok = in && out && !ferror(in) && fflush(out) == 0 && !ferror(out) && fsync(fd) == 0;
	if (out)
		ok = fclose(out) == 0 && ok;
	if (in)
		fclose(in);
	free(line);
	return ok && rename(half, path) == 0;
}

bool toc_audit_cut(const struct toc_config *config, toc_time before, const char *owner, toc_time at)
{
	char path[PATH], head[TOC_AUDIT_HASH], err[1400], parts[192], reason[64];
	struct cutting c = { .over = false };
	toc_audit_path(config, path, sizeof(path));
	c.before[time_text(before, c.before)] = '\0';
	if (toc_audit_read(path, find, &c, head, err, sizeof(err)) < 0) {
		toc_error("%s; nothing is removed of it", err);
		return false;
	}
	if (!c.last)
		return true;
	toc_audit_removed_text(c.last, c.hash, parts, sizeof(parts));
	snprintf(reason, sizeof(reason), "retention.audit_days: %u", config->retention.audit);
	const struct toc_audit_record record = {
		.act = "audit.removed", .uid = toc_keeper_uid, .reason = reason, .parts = parts, .other = owner
	};
	if (!toc_audit_write(config, &record, at))
		return false;
	int fd = toc_audit_lock(path);
	bool ok = fd >= 0 && copy_rest(path, c.last);
	if (!ok)
		toc_error("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}
