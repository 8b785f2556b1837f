/* holds - a folder each: hold.json, and segments of the journal's and the evidence's form. */
#define _GNU_SOURCE
#include "app/holds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert/text.h"
#include "app/options.h"
#include "app/owner.h"
#include "base/files.h"
#include "cli/tree.h"

enum { PATH = TOC_ASK_MOST, FILE_MOST = 1 << 20 };

static const char *const parts[] = { "journal", "evidence", NULL };

bool toc_hold_path(const struct toc_config *config, const char *name, const char *in, char *out, size_t room)
{
	errno = EINVAL;
	if (name && (!toc_route_sound(name) || name[0] == '.'))
		return false;
	errno = ENAMETOOLONG;
	return snprintf(out, room, "%s/hold%s%s%s%s", config->state, name ? "/" : "", name ? name : "", in ? "/" : "",
			in ? in : "") < (int)room;
}

static bool make_folder(const char *path)
{
	if (mkdir(path, 0700) != 0)
		return false;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	toc_own_as(fd, path);
	close(fd);
	return true;
}

static void put_hold(struct text *t, const struct toc_hold *h)
{
	text_puts(t, "{");
	json_puts(t, "name", h->name);
	json_puts(t, "owner", h->owner);
	json_puts(t, "reason", h->reason);
	json_puts(t, "until", h->until);
	json_puts(t, "by", h->by);
	json_puts(t, "at", h->at);
	json_puts(t, "subject", h->subject);
	json_list(t, "alerts", h->alerts);
	text_puts(t, "}\n");
}

static bool write_hold(const char *path, const struct toc_hold *h)
{
	struct text t = { 0 };
	put_hold(&t, h);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write(fd, t.p, t.n) == (ssize_t)t.n && fsync(fd) == 0;
	if (fd >= 0) {
		toc_own_as(fd, path);
		close(fd);
	}
	text_free(&t);
	return ok;
}

bool toc_hold_make(const struct toc_config *config, const struct toc_hold *hold, char *err, size_t room)
{
	char path[PATH];
	bool ok = toc_hold_path(config, NULL, NULL, path, sizeof(path)) && (make_folder(path) || errno == EEXIST);
	ok = ok && toc_hold_path(config, hold->name, NULL, path, sizeof(path)) && make_folder(path);
	for (const char *const *p = parts; ok && *p; p++)
		ok = toc_hold_path(config, hold->name, *p, path, sizeof(path)) && make_folder(path);
	ok = ok && toc_hold_path(config, hold->name, "hold.json", path, sizeof(path)) && write_hold(path, hold);
	if (!ok && errno == EEXIST)
		snprintf(err, room, "there is a hold \"%s\" already", hold->name);
	else if (!ok)
		snprintf(err, room, "%s: %s", path, strerror(errno));
	return ok;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static const char *text_of(struct toc_arena *arena, const struct cli_node *doc, const char *name)
{
	return toc_arena_str(arena, cli_tree_text(doc, name));
}

static const char *const *texts_of(struct toc_arena *arena, const struct cli_node *list)
{
	const char **out = toc_arena_alloc(arena, (TOC_HOLD_ALERTS + 1) * sizeof(*out));
	unsigned n = 0;
	for (const struct cli_node *c = list ? list->child : NULL; c && n < TOC_HOLD_ALERTS; c = c->next)
		out[n++] = toc_arena_str(arena, c->text);
	out[n] = NULL;
	return out;
}

const struct toc_hold *toc_hold_read(const struct toc_config *config, struct toc_arena *arena, const char *name)
{
	char path[PATH];
	size_t n = 0;
	if (!toc_hold_path(config, name, "hold.json", path, sizeof(path)))
		return NULL;
	uint8_t *bytes = toc_files_read(&toc_opener_self, path, FILE_MOST, &n);
	if (!bytes)
		return NULL;
	const struct cli_node *doc = cli_tree_read(arena, toc_span_of(toc_arena_str(arena, toc_span_of(bytes, n)), n));
	struct toc_hold *h = toc_arena_alloc(arena, sizeof(*h));
	*h = (struct toc_hold){ .name = text_of(arena, doc, "name"),
				.owner = text_of(arena, doc, "owner"),
				.reason = text_of(arena, doc, "reason"),
				.until = text_of(arena, doc, "until"),
				.by = text_of(arena, doc, "by"),
				.at = text_of(arena, doc, "at"),
				.alerts = texts_of(arena, cli_tree_at(doc, "alerts")) };
	if (cli_tree_at(doc, "subject"))
		h->subject = text_of(arena, doc, "subject");
	free(bytes);
	errno = EBADMSG;
	return doc && strcmp(h->name, name) == 0 ? h : NULL;
}

const char *const *toc_hold_names(const struct toc_config *config, struct toc_arena *arena)
{
	char path[PATH];
	if (!toc_hold_path(config, NULL, NULL, path, sizeof(path)))
		return NULL;
	const char *const *all = toc_files_names(&toc_opener_self, arena, path);
	const char **out = toc_arena_alloc(arena, (TOC_HOLDS + 1) * sizeof(*out));
	unsigned n = 0;
	for (; all && *all && n < TOC_HOLDS; all++) {
		size_t length = strlen(*all);
		if (length > 1 && (*all)[length - 1] == '/')
			out[n++] = toc_arena_str(arena, toc_span_of(*all, length - 1));
	}
	out[n] = NULL;
	return out;
}

bool toc_hold_is_over(const struct toc_hold *hold, toc_time now)
{
	toc_time until;
	return toc_time_read(hold->until, &until) && until + TOC_DAY <= now;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* Files of a folder, then the folder. */
static bool remove_folder(struct toc_arena *arena, const char *path)
{
	const char *const *names = toc_files_names(&toc_opener_self, arena, path);
	bool ok = names != NULL;
	for (; ok && *names; names++)
		if ((*names)[strlen(*names) - 1] != '/')
			ok = unlink(toc_arena_printf(arena, "%s/%s", path, *names)) == 0;
	return ok && rmdir(path) == 0;
}

bool toc_hold_remove(const struct toc_config *config, const char *name)
{
	char path[PATH];
	struct toc_arena *arena = toc_arena_new();
	bool ok = true;
	for (const char *const *p = parts; ok && *p; p++)
		ok = toc_hold_path(config, name, *p, path, sizeof(path)) &&
		     (remove_folder(arena, path) || errno == ENOENT);
	ok = ok && toc_hold_path(config, name, NULL, path, sizeof(path)) && remove_folder(arena, path);
	int why = errno;
	toc_arena_free(arena);
	errno = why;
	return ok;
}
