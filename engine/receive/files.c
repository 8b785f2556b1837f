/*
 * files - the listener `file:`: a path or a pattern, which files have such names, and what becomes of one whose name
 * another file has now. A reading belongs to a file (device and inode), so that a renamed one is not read twice.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "receive/follow.h"
#include "receive/watch.h"

struct files {
	struct source source;
	struct followed *first;
	unsigned n, leaving;
	bool pattern, remembers, told;
	bool watched; /* names that come are told */
	bool names;   /* and one has come since the last search */
	toc_time searched, looked;
	unsigned search; /* number of the search by name */
	int error;	 /* of a search: why something could not be read; 0 = nothing */
};

enum { FEW = 8, TURN_OF_MANY = 4, WILD_LENGTH = 256 };

static const toc_time search_every = 100 * TOC_MS, /* where names are not told, or are; for each file more */
	search_each = 2 * TOC_MS, search_anyway = 2 * TOC_SEC, search_many_anyway = 30 * TOC_SEC,
		      look_anyway = 2 * TOC_SEC, leave_after = 5 * TOC_SEC, nameless_after = TOC_MIN;

static bool is_pattern(const char *path)
{
	return strpbrk(path, "*?[") != NULL;
}

bool toc_listener_follows(const struct toc_listener *l, const char *path)
{
	return l->kind == TOC_LISTEN_FILE &&
	       (strcmp(l->address, path) == 0 ||
		(is_pattern(l->address) && fnmatch(l->address, path, FNM_PATHNAME | FNM_PERIOD) == 0));
}

/* As many components of the pattern as the folder has. */
bool toc_listener_searches(const struct toc_listener *l, const char *folder)
{
	char head[TOC_ASK_MOST];
	const char *end = l->address;
	if (l->kind != TOC_LISTEN_FILE)
		return false;
	if (strcmp(folder, "/") == 0)
		return true;
	for (const char *c = folder; *c && *end; c++)
		if (*c == '/')
			end = strchrnul(end + 1, '/');
	if (!*end || (size_t)(end - l->address) >= sizeof(head))
		return false;
	memcpy(head, l->address, (size_t)(end - l->address));
	head[end - l->address] = '\0';
	return strcmp(head, folder) == 0 || (is_pattern(head) && fnmatch(head, folder, FNM_PATHNAME | FNM_PERIOD) == 0);
}

/* --- which files ------------------------------------------------------------------------------------------------ */

static struct followed *find(const struct files *g, const struct stat *st)
{
	for (struct followed *f = g->first; f; f = f->next)
		if (f->inode == st->st_ino && f->device == st->st_dev)
			return f;
	return NULL;
}

static void set_leaving(struct files *g, struct followed *f, bool leaves)
{
	g->leaving += (unsigned)leaves - (unsigned)f->leaves;
	f->leaves = leaves;
	f->read_out = false;
}

static void add(struct receiving_env *env, struct files *g, struct followed *f, bool in_front)
{
	struct followed **at = &g->first;
	while (!in_front && *at)
		at = &(*at)->next;
	f->next = *at;
	*at = f;
	f->grew = env->now;
	f->seen = g->search;
	f->more = true;
	f->watch = in_front ? -1 : watch_file(env, f->path);
	g->n++;
}

/* What logrotate makes of old logs: their lines have been read. */
static bool is_packed(const char *name)
{
	static const char *const ends[] = { ".gz", ".xz", ".zst", ".bz2", ".lz4" };
	const size_t n = strlen(name);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* The regular file that has the name now; -1: none, errno tells. */
static int open_named(struct receiving_env *env, const char *path, struct stat *st)
{
	int fd = toc_open(env->opener, TOC_ASK_READ, path);
	if (fd < 0 || (fstat(fd, st) == 0 && S_ISREG(st->st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* A file that we have, perhaps renamed to another name that we follow; its watch may have been of the name's next. */
static void rename_to(struct receiving_env *env, struct files *g, struct followed *f, const char *path)
{
	char *name = strcmp(f->path, path) != 0 ? strdup(path) : NULL;
	f->seen = g->search;
	f->watch = watch_file(env, path);
	if (f->leaves && g->pattern)
		set_leaving(g, f, false);
	if (!name)
		return;
	if (f->path != g->source.listener->address)
		free((char *)f->path);
	f->path = name;
}

/* One name of the search. Who had it before, and has not been seen under another one, has lost it. */
static void see(struct receiving_env *env, struct files *g, const char *path, bool at_end)
{
	struct stat st;
	int fd = open_named(env, path, &st);
	if (fd < 0) {
		g->error = errno == ENOENT || g->pattern ? g->error : errno;
		return;
	}
	struct followed *known = find(g, &st);
	if (known || g->n == TOC_FOLLOWED_MOST) {
		close(fd);
		if (known)
			rename_to(env, g, known, path);
		else if (!g->told)
			toc_warn("%s: more than %d files; those beyond are not followed", g->source.listener->address,
				 TOC_FOLLOWED_MOST);
		g->told = g->told || !known;
		return;
	}
	for (struct followed *f = g->first; f; f = f->next)
		if (!f->leaves && f->seen != g->search && strcmp(f->path, path) == 0)
			set_leaving(g, f, true);
	struct followed *f = followed_new(&g->source, path, fd, &st);
	f->at = f->whole = at_end ? st.st_size : 0;
	add(env, g, f, false);
}

static void walk(struct receiving_env *env, struct files *g, char *path, size_t n, const char *rest, bool at_end);

/* Names in the folder `path` that the component of the pattern takes. */
static void walk_names(struct receiving_env *env, struct files *g, char *path, size_t n, const char *wild,
		       const char *rest, bool at_end)
{
	struct toc_arena *arena = toc_arena_new();
	const char *folder = n ? path : "/";
	path[n] = '\0';
	g->watched = watch_folder(env, folder) && g->watched;
	const char *const *names = toc_files_names(env->opener, arena, folder);
	if (!names && errno != ENOENT && errno != ENOTDIR)
		g->error = errno;
	for (; names && *names; names++) {
		char name[WILD_LENGTH];
		const size_t length = strlen(*names);
		const bool inner = length && (*names)[length - 1] == '/';
		if (length >= sizeof(name) || n + length + 2 >= TOC_ASK_MOST || inner != (*rest != '\0'))
			continue;
		memcpy(name, *names, length + 1);
		name[length - inner] = '\0';
		if (fnmatch(wild, name, FNM_PERIOD) != 0 || (!inner && is_packed(name)))
			continue;
		path[n] = '/';
		memcpy(path + n + 1, name, length + 1);
		walk(env, g, path, n + 1 + length - inner, rest, at_end);
	}
	toc_arena_free(arena);
}

/* rest: "" or "/…", what of the pattern is still to come behind path. */
static void walk(struct receiving_env *env, struct files *g, char *path, size_t n, const char *rest, bool at_end)
{
	char wild[WILD_LENGTH];
	while (*rest) {
		const char *end = strchrnul(rest + 1, '/');
		const size_t length = (size_t)(end - rest);
		if (length > sizeof(wild) || n + length >= TOC_ASK_MOST)
			return;
		memcpy(wild, rest + 1, length - 1);
		wild[length - 1] = '\0';
		if (is_pattern(wild)) {
			walk_names(env, g, path, n, wild, end, at_end);
			return;
		}
		memcpy(path + n, rest, length);
		n += length;
		rest = end;
	}
	path[n] = '\0';
	see(env, g, path, at_end);
}

static void search_one(struct receiving_env *env, struct files *g, bool at_end)
{
	char folder[TOC_ASK_MOST];
	const char *path = g->source.listener->address, *slash = strrchr(path, '/');
	const size_t n = slash ? (size_t)(slash - path) : 0;
	if (n >= sizeof(folder))
		return;
	memcpy(folder, path, n);
	memcpy(folder + n, n ? "" : slash ? "/" : ".", n ? 1 : 2);
	g->watched = watch_folder(env, folder); /* first: a name that comes while we look is told */
	see(env, g, path, at_end);
}

static void search(struct receiving_env *env, struct files *g, bool at_end)
{
	char path[TOC_ASK_MOST] = "";
	g->search++;
	g->searched = env->now;
	g->watched = true;
	g->names = false;
	g->error = 0;
	if (g->pattern)
		walk(env, g, path, 0, g->source.listener->address, at_end);
	else
		search_one(env, g, at_end);
	/* between two rotations the open file may still grow; of a pattern's it is not known who takes its place */
	for (struct followed *f = g->first; f && g->pattern; f = f->next)
		if (!f->leaves && f->seen != g->search && env->now - f->grew > nameless_after)
			set_leaving(g, f, true);
}

/* --- in each turn ----------------------------------------------------------------------------------------------- */

static bool search_is_due(const struct receiving_env *env, const struct files *g)
{
	const toc_time ago = env->now - g->searched;
	const bool told = !g->watched || g->names;
	return ago < 0 || ago >= (g->pattern ? search_many_anyway : search_anyway) ||
	       (told && ago >= search_every + (g->pattern ? search_each * g->n : 0));
}

/* Does one that had its name before still have lines? */
static bool waits(const struct files *g, const struct followed *f)
{
	for (const struct followed *old = g->leaving ? g->first : NULL; old && !f->leaves; old = old->next)
		if (old->leaves && !old->read_out && strcmp(old->path, f->path) == 0)
			return true;
	return false;
}

static void remove_one(struct receiving_env *env, struct files *g, struct followed **at)
{
	struct followed *f = *at;
	bool shared = false;
	followed_end(env, &g->source, f, false);
	for (const struct followed *o = g->first; o; o = o->next)
		shared = shared || (o != f && o->watch == f->watch);
	if (!shared)
		watch_remove(env, f->watch);
	g->leaving -= f->leaves;
	g->n--;
	*at = f->next;
	followed_free(f, &g->source);
}

static void look(struct receiving_env *env, struct source *s)
{
	struct files *g = (struct files *)s;
	g->names = g->names || watch_names(env);
	if (search_is_due(env, g))
		search(env, g, false);
	const bool anyway = env->now < g->looked || env->now - g->looked >= look_anyway;
	if (anyway)
		g->looked = env->now;
	for (struct followed **at = &g->first, *f; (f = *at);) {
		if (waits(g, f)) {
			f->more = true;
		} else if (f->watch < 0 || f->more || f->leaves || anyway || watch_touched(env, f->watch)) {
			followed_read(env, s, f, g->n > FEW ? TURN_OF_MANY : RECEIVE_TURN);
			f->read_out = f->read_out || !f->more;
			env->backlog = env->backlog || f->more;
		}
		if (f->leaves && f->read_out && env->now - f->grew > leave_after)
			remove_one(env, g, at);
		else
			at = &f->next;
	}
}

static void drain(struct receiving_env *env, struct source *s, bool last)
{
	struct files *g = (struct files *)s;
	if (s->dead || !last)
		return;
	search(env, g, false);
	for (struct followed *f = g->first; f; f = f->next) {
		followed_end(env, s, f, g->remembers && !f->leaves);
		f->read_out = true;
	}
	s->drain = NULL; /* opened again, it would be read again */
	s->tick = NULL;
}

static void free_source(struct source *s)
{
	struct files *g = (struct files *)s;
	for (struct followed *f = g->first, *next; f; f = next) {
		next = f->next;
		followed_free(f, s);
	}
	free(g);
}

/* --- from one run to the next ----------------------------------------------------------------------------------- */

/* The name has another file now: the old one may have the next number. It is read first. */
static void resume_rotated(struct receiving_env *env, struct files *g, const struct toc_followed *p)
{
	char path[TOC_ASK_MOST];
	struct stat st;
	if (snprintf(path, sizeof(path), "%s.1", p->path) >= (int)sizeof(path))
		return;
	int fd = open_named(env, path, &st);
	if (fd >= 0 && (!followed_is(fd, &st, p) || find(g, &st) || g->n == TOC_FOLLOWED_MOST)) {
		close(fd);
		return;
	}
	if (fd < 0)
		return;
	struct followed *f = followed_new(&g->source, p->path, fd, &st);
	f->at = f->whole = (off_t)p->at;
	f->resumed = true;
	add(env, g, f, true);
	set_leaving(g, f, true);
}

static bool resume_named(struct files *g, const struct toc_followed *p)
{
	const struct stat was = { .st_dev = p->device, .st_ino = p->inode };
	struct followed *f = find(g, &was);
	struct stat st;
	if (!f || fstat(f->file, &st) != 0 || !followed_is(f->file, &st, p))
		return false;
	f->at = f->whole = (off_t)p->at;
	f->resumed = true;
	return true;
}

void files_resume(struct receiving_env *env, struct source *s, const struct toc_followed *places, unsigned n)
{
	struct files *g = (struct files *)s;
	bool any = false;
	g->remembers = true;
	for (unsigned i = 0; i < n; i++) {
		if (!toc_listener_follows(s->listener, places[i].path))
			continue;
		any = true;
		if (!resume_named(g, &places[i]))
			resume_rotated(env, g, &places[i]);
	}
	for (struct followed *f = g->first; f && any; f = f->next)
		if (!f->resumed)
			f->at = f->whole = 0; /* it came since then */
}

void files_places(const struct source *s, void (*visit)(void *user, const struct toc_followed *f), void *user)
{
	const struct files *g = (const struct files *)s;
	for (const struct followed *f = g->first; f; f = f->next) {
		if ((f->leaves && f->read_out) || waits(g, f))
			continue;
		const struct toc_followed place = { f->path, f->device, f->inode, (uint64_t)f->whole,
						    f->nhead ? f->head : 0 };
		visit(user, &place);
	}
}

struct source *files_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n)
{
	struct files *g = calloc(1, sizeof(*g));
	if (!g)
		abort();
	g->source = (struct source){
		.fd = -1, .hint = hint, .listener = l, .tick = look, .drain = drain, .free = free_source
	};
	g->pattern = is_pattern(l->address);
	watch_begin(env);
	search(env, g, true);
	errno = g->error;
	if (!g->error && source_add(env, &g->source))
		return &g->source;
	snprintf(err, n, "syslog file %s: %s; it must be a file that this user can read", l->address, strerror(errno));
	free_source(&g->source);
	return NULL;
}
