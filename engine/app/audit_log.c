/* audit_log - one writer at a time (flock), one line a record, SHA-256 from line to line. */
#define _GNU_SOURCE
#include "app/audit_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert/text.h"
#include "app/owner.h"
#include "app/second_path.h"
#include "base/log.h"
#include "deliver/ask.h"
#include "tocsin/digest.h"

static const char first_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";
static const char hash_name[] = ",\"hash\":\"";

void toc_audit_path(const struct toc_config *config, char *out, size_t room)
{
	snprintf(out, room, "%s/audit.log", config->state);
}

static void hash_of(struct toc_span line, char out[TOC_AUDIT_HASH])
{
	uint8_t digest[32];
	toc_sha256(line, digest);
	toc_hex(digest, sizeof(digest), out);
	out[TOC_AUDIT_HASH - 1] = '\0';
}

void toc_audit_caller(const struct toc_config *config, struct toc_audit_record *out)
{
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL, *uid = sudo ? sudo : user ? user->pw_name : "?";
	const struct toc_person *person = config->people ? toc_people_find(config->people, uid) : NULL;
	out->uid = toc_arena_str(config->arena, toc_span_str(uid));
	out->name = person ? person->name : NULL;
	out->position = person ? person->position : NULL;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* The line is what its hash says, and follows the one before it. */
static const char *check(const char *line, size_t n, long seq, const char *before, char hash[TOC_AUDIT_HASH])
{
	char start[64], prev[96];
	const size_t tail = sizeof(hash_name) - 1 + TOC_AUDIT_HASH - 1 + 2;
	snprintf(start, sizeof(start), "{\"seq\":%ld,", seq);
	snprintf(prev, sizeof(prev), "\"prev\":\"%s\"", before);
	if (n < tail || strncmp(line, start, strlen(start)) != 0)
		return "it is not the next record";
	const char *mark = line + n - tail;
	if (memcmp(mark, hash_name, sizeof(hash_name) - 1) != 0 || memcmp(line + n - 2, "\"}", 2) != 0)
		return "it has no hash at its end";
	if (!memmem(line, n - tail, prev, strlen(prev)))
		return "it does not follow the record before it";
	hash_of(toc_span_of(line, n - tail), hash);
	return memcmp(mark + sizeof(hash_name) - 1, hash, TOC_AUDIT_HASH - 1) == 0 ? NULL : "it was changed";
}

void toc_audit_removed_text(long last, const char *hash, char *out, size_t room)
{
	snprintf(out, room, "audit: records up to %ld, which has %s", last, hash);
}

/* Where a log begins whose first records were removed, and what a later record must say of that ("": nothing). */
static long read_start(const char *line, char before[TOC_AUDIT_HASH], char removed[256])
{
	long seq = 0;
	char parts[192];
	const char *prev = strstr(line, "\"prev\":\"");
	if (sscanf(line, "{\"seq\":%ld,", &seq) != 1 || seq < 2 || !prev || strlen(prev) < 8 + TOC_AUDIT_HASH)
		return 0;
	memcpy(before, prev + 8, TOC_AUDIT_HASH - 1);
	toc_audit_removed_text(seq - 1, before, parts, sizeof(parts));
	snprintf(removed, 256, "\"parts\":\"%s\"", parts);
	return seq - 1;
}

struct chain {
	FILE *file;
	long seq;
	char *head, removed[256]; /* removed: what has to be said yet */
	void (*each)(void *user, const char *line);
	void *user;
};

/* NULL, or where the chain breaks. */
static const char *follow(struct chain *c, char *line, size_t n, bool first)
{
	char hash[TOC_AUDIT_HASH];
	if (line[n - 1] != '\n')
		return "it is cut off";
	if (first)
		c->seq = read_start(line, c->head, c->removed);
	const char *wrong = check(line, n - 1, c->seq + 1, c->head, hash);
	if (wrong)
		return wrong;
	line[n - 1] = '\0';
	c->seq++;
	memcpy(c->head, hash, TOC_AUDIT_HASH);
	if (c->removed[0] && strstr(line, "\"act\":\"audit.removed\"") && strstr(line, c->removed))
		c->removed[0] = '\0';
	if (c->each)
		c->each(c->user, line);
	return NULL;
}

long toc_audit_read(const char *path, void (*each)(void *user, const char *line), void *user, char head[TOC_AUDIT_HASH],
		    char *err, size_t room)
{
	char *line = NULL;
	const char *wrong = NULL;
	size_t size = 0;
	ssize_t n;
	struct chain c = { .file = fopen(path, "re"), .head = head, .each = each, .user = user };
	_Static_assert(sizeof(first_hash) <= TOC_AUDIT_HASH, "all of it");
	memcpy(head, first_hash, sizeof(first_hash));
	if (!c.file) {
		bool none = errno == ENOENT; /* nobody has done anything yet */
		snprintf(err, room, "%s: %s", path, strerror(errno));
		return none ? 0 : -1;
	}
	for (bool first = true; !wrong && (n = getline(&line, &size, c.file)) > 0; first = false)
		wrong = follow(&c, line, (size_t)n, first);
	if (wrong)
		snprintf(err, room, "%s:%ld: the chain breaks here: %s", path, c.seq + 1, wrong);
	else if (c.removed[0])
		snprintf(err, room,
			 "%s: it does not begin with its first record, and none says that those were removed", path);
	free(line);
	fclose(c.file);
	return wrong || c.removed[0] ? -1 : c.seq;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void make_line(struct text *t, const struct toc_audit_record *r, long seq, const char *before, toc_time at)
{
	char when[TIME_TEXT], hash[TOC_AUDIT_HASH];
	const struct {
		const char *name, *value;
	} parts[] = { { "act", r->act },	   { "uid", r->uid },	  { "name", r->name },
		      { "position", r->position }, { "alert", r->alert }, { "request", r->request },
		      { "reason", r->reason },	   { "parts", r->parts }, { "other", r->other } };
	text_printf(t, "{\"seq\":%ld", seq);
	json_put(t, "at", toc_span_of(when, time_text(at, when)));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		json_puts(t, parts[i].name, parts[i].value);
	json_puts(t, "prev", before);
	hash_of(toc_span_of(t->p, t->n), hash);
	text_printf(t, "%s%s\"}\n", hash_name, hash);
}

/* A mirror elsewhere is what a file that was made anew is compared with. */
static void mirror(const struct toc_config *config, const char *line, const char *act)
{
	char err[512], key[160];
	struct toc_second_path *second = config->syslog ? toc_second_path_new(&toc_opener_self, config->syslog) : NULL;
	toc_second_path_note(second, line);
	toc_second_path_free(second);
	if (!config->redis_url)
		return;
	const struct toc_ask_config ask = { .url = config->redis_url,
					    .user = config->redis_user,
					    .password = config->redis_password,
					    .tls = { config->tls_ca, config->tls_cert, config->tls_key } };
	struct toc_asker *redis = toc_asker_new(&ask, err, sizeof(err));
	snprintf(key, sizeof(key), "{tocsin}:audit:%s", config->sensor);
	const char *argv[] = { "XADD", key, "*", "v", "1", "act", act, "ev", line };
	redisReply *r = redis ? toc_ask(redis, 9, argv, NULL) : NULL;
	if (!r || r->type != REDIS_REPLY_STRING)
		toc_warn("the audit record has no mirror in Redis: %s", !redis ? err
									: r    ? r->str
									       : toc_asker_trouble(redis));
	freeReplyObject(r);
	toc_asker_free(redis);
}

/* A log that was cut meanwhile is another file: what is written must go into that. */
int toc_audit_lock(const char *path)
{
	for (;;) {
		struct stat mine, there;
		int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return -1;
		toc_own_as(fd, path);
		bool locked = flock(fd, LOCK_EX) == 0 && fstat(fd, &mine) == 0;
		if (locked && stat(path, &there) == 0 && there.st_ino == mine.st_ino && there.st_dev == mine.st_dev)
			return fd;
		int why = errno;
		close(fd);
		errno = why;
		if (!locked)
			return -1;
	}
}

bool toc_audit_write(const struct toc_config *config, const struct toc_audit_record *record, toc_time at)
{
	char path[1200], head[TOC_AUDIT_HASH], err[1400];
	struct text line = { 0 };
	toc_audit_path(config, path, sizeof(path));
	int fd = toc_audit_lock(path);
	bool ok = fd >= 0;
	long seq = ok ? toc_audit_read(path, NULL, NULL, head, err, sizeof(err)) : -1;
	if (seq < 0) {
		toc_error("the audit log cannot be written: %s", ok ? err : strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	make_line(&line, record, seq + 1, head, at);
	struct stat st;
	ok = fstat(fd, &st) == 0 && write(fd, line.p, line.n) == (ssize_t)line.n && fsync(fd) == 0;
	if (!ok) {
		toc_error("%s: %s", path, strerror(errno));
		if (ftruncate(fd, st.st_size) != 0) /* half a record would break the chain */
			toc_error("%s: %s", path, strerror(errno));
	}
	close(fd);
	if (ok) {
		line.p[line.n - 1] = '\0';
		mirror(config, line.p, record->act);
	}
	text_free(&line);
	return ok;
}
