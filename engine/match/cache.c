/* cache - header, entries, checksum; written beside and renamed. */
#include "match/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "match/keys.h"
#include "tocsin/digest.h"

enum { FORMAT = 1, FILE_MOST = 256 << 20, FILES_KEPT = 8, NAME = 32 };
static const char suffix[] = ".databases";

/* +0 */
struct header {
	char magic[8];
	uint32_t format, entries;
	uint8_t name[32]; /* what the file's name says, in full */
	uint8_t sum[32];  /* SHA-256 of what follows */
};

/* Then size bytes, and zeros up to a multiple of 8. */
struct entry_head {
	uint8_t key[32];
	uint64_t size;
};

struct kept {
	struct entry_head head;
	char *bytes; /* Vectorscan's, freed here */
};

struct toc_database_cache {
	struct toc_arena *arena;
	const char *folder, *path;
	uint8_t name[32];
	struct toc_keys index; /* key to offset in `read` + 1 */
	uint8_t *read;
	size_t read_n;
	struct kept *kept;
	unsigned nkept, room;
	bool found, missed;
};

static void name_it(struct toc_database_cache *c, const uint8_t inputs[32])
{
	struct {
		uint8_t inputs[32];
		char version[96];
		uint64_t platform[4];
		uint32_t format, pad;
	} all;
	char hex[NAME + 1];
	hs_platform_info_t platform;
	memset(&all, 0, sizeof(all));
	memcpy(all.inputs, inputs, 32);
	snprintf(all.version, sizeof(all.version), "%s", hs_version());
	if (hs_populate_platform(&platform) == HS_SUCCESS) {
		all.platform[0] = platform.tune;
		all.platform[1] = platform.cpu_features;
	}
	all.format = FORMAT;
	toc_sha256(toc_span_of(&all, sizeof(all)), c->name);
	toc_hex(c->name, NAME / 2, hex);
	hex[NAME] = '\0';
	c->path = toc_arena_printf(c->arena, "%s/%s%s", c->folder, hex, suffix);
}

/* A file that another could have written is not read: Vectorscan trusts what it deserializes. */
static bool is_ours(int fd, size_t *n)
{
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) ||
	    st.st_size < (off_t)sizeof(struct header) || st.st_size > FILE_MOST)
		return false;
	*n = (size_t)st.st_size;
	return true;
}

static void read_file(struct toc_database_cache *c)
{
	int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t n = 0;
	if (fd < 0)
		return;
	if (is_ours(fd, &n))
		c->read = malloc(n);
	while (c->read && c->read_n < n) {
		ssize_t got = read(fd, c->read + c->read_n, n - c->read_n);
		if (got <= 0)
			break;
		c->read_n += (size_t)got;
	}
	close(fd);
}

/* Is the file whole and this load's? Then every entry lies within it. */
static bool index_file(struct toc_database_cache *c)
{
	struct header h;
	uint8_t sum[32];
	if (!c->read || c->read_n < sizeof(h))
		return false;
	memcpy(&h, c->read, sizeof(h));
	toc_sha256(toc_span_of(c->read + sizeof(h), c->read_n - sizeof(h)), sum);
	if (memcmp(h.magic, "tocsinhs", 8) != 0 || h.format != FORMAT || memcmp(h.name, c->name, 32) != 0 ||
	    memcmp(h.sum, sum, 32) != 0)
		return false;
	size_t at = sizeof(h);
	for (uint32_t i = 0; i < h.entries; i++) {
		struct entry_head e;
		bool is_new;
		if (c->read_n - at < sizeof(e))
			return false;
		memcpy(&e, c->read + at, sizeof(e));
		if (e.size > c->read_n - at - sizeof(e))
			return false;
		*toc_keys_put(&c->index, c->arena, toc_span_of(e.key, 32), &is_new) = (uint32_t)(at + 1);
		at += sizeof(e) + (((size_t)e.size + 7) & ~(size_t)7);
		if (at > c->read_n)
			return false;
	}
	return at == c->read_n;
}

struct toc_database_cache *toc_cache_open(const char *folder, const uint8_t inputs[32])
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_database_cache *c = toc_arena_alloc(arena, sizeof(*c));
	c->arena = arena;
	c->folder = toc_arena_str(arena, toc_span_str(folder));
	name_it(c, inputs);
	read_file(c);
	c->found = index_file(c);
	if (!c->found)
		c->index = (struct toc_keys){ 0 };
	return c;
}

bool toc_cache_take(struct toc_database_cache *c, const uint8_t key[32], hs_database_t **out)
{
	struct entry_head e;
	const uint32_t *at = toc_keys_get(&c->index, toc_span_of(key, 32));
	if (at) {
		memcpy(&e, c->read + (*at - 1), sizeof(e));
		if (hs_deserialize_database((const char *)c->read + (*at - 1) + sizeof(e), (size_t)e.size, out) ==
		    HS_SUCCESS)
			return true;
	}
	c->missed = true;
	return false;
}

void toc_cache_keep(struct toc_database_cache *c, const uint8_t key[32], const hs_database_t *db)
{
	char *bytes;
	size_t n;
	if (hs_serialize_database(db, &bytes, &n) != HS_SUCCESS)
		return;
	if (c->nkept == c->room) {
		struct kept *old = c->kept;
		c->room = c->room ? 2 * c->room : 64;
		c->kept = toc_arena_alloc(c->arena, c->room * sizeof(*c->kept));
		if (old)
			memcpy(c->kept, old, c->nkept * sizeof(*old));
	}
	struct kept *k = &c->kept[c->nkept++];
	*k = (struct kept){ .bytes = bytes };
	memcpy(k->head.key, key, 32);
	k->head.size = n;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* The file's bytes; the caller frees them. NULL: too much. */
static uint8_t *pack(const struct toc_database_cache *c, size_t *n)
{
	struct header h = { "tocsinhs", FORMAT, c->nkept, { 0 }, { 0 } };
	size_t at = *n = sizeof(h);
	for (unsigned i = 0; i < c->nkept; i++)
		*n += sizeof(struct entry_head) + (((size_t)c->kept[i].head.size + 7) & ~(size_t)7);
	uint8_t *out = *n <= FILE_MOST ? calloc(1, *n) : NULL;
	if (!out)
		return NULL;
	for (unsigned i = 0; i < c->nkept; i++) {
		const struct kept *k = &c->kept[i];
		memcpy(out + at, &k->head, sizeof(k->head));
		memcpy(out + at + sizeof(k->head), k->bytes, (size_t)k->head.size);
		at += sizeof(k->head) + (((size_t)k->head.size + 7) & ~(size_t)7);
	}
	memcpy(h.name, c->name, 32);
	toc_sha256(toc_span_of(out + sizeof(h), *n - sizeof(h)), h.sum);
	memcpy(out, &h, sizeof(h));
	return out;
}

static bool write_file(const struct toc_database_cache *c)
{
	size_t n;
	uint8_t *bytes = pack(c, &n);
	char *beside = toc_arena_printf(c->arena, "%s.XXXXXX", c->path);
	int fd = bytes ? mkstemp(beside) : -1;
	bool ok = fd >= 0 && write_all(fd, bytes, n) && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	ok = ok && rename(beside, c->path) == 0;
	if (fd >= 0 && !ok)
		unlink(beside);
	free(bytes);
	return ok;
}

struct old_file {
	const char *path;
	int64_t age;
};

static int newest_first(const void *a, const void *b)
{
	const struct old_file *x = a, *y = b;
	return x->age > y->age ? -1 : x->age < y->age;
}

/* Each change of the rules makes a file; the oldest go. */
static void thin_out(const struct toc_database_cache *c)
{
	enum { LOOK = 256 };
	struct old_file *files = toc_arena_alloc(c->arena, LOOK * sizeof(*files));
	unsigned n = 0;
	DIR *dir = opendir(c->folder);
	struct dirent *e;
	while (dir && n < LOOK && (e = readdir(dir))) {
		struct stat st;
		const char *end = strstr(e->d_name, suffix);
		const char *path = toc_arena_printf(c->arena, "%s/%s", c->folder, e->d_name);
		if (end != e->d_name + NAME || lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		files[n++] = (struct old_file){ path, (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec };
	}
	if (dir)
		closedir(dir);
	qsort(files, n, sizeof(*files), newest_first);
	for (unsigned i = FILES_KEPT; i < n; i++)
		unlink(files[i].path);
}

enum toc_cache_state toc_cache_close(struct toc_database_cache *c)
{
	enum toc_cache_state state = TOC_CACHE_NONE;
	if (!c)
		return state;
	if (c->found && !c->missed)
		state = TOC_CACHE_FOUND;
	else if (c->nkept && write_file(c))
		state = TOC_CACHE_WRITTEN;
	if (state == TOC_CACHE_WRITTEN)
		thin_out(c);
	for (unsigned i = 0; i < c->nkept; i++)
		free(c->kept[i].bytes);
	free(c->read);
	toc_arena_free(c->arena);
	return state;
}
