/* state - of each stage that remembers two files in turn: the newer one that is whole is the last run's. Correlations
 * and peaks are BSON that says its own number and digest, identities stand behind a header that does. */
#include "app/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "correlate/peaks.h"
#include "tocsin/digest.h"

enum { FILES = 2, STATE_MOST = 1 << 30 };

struct header {
	char magic[8];
	uint64_t number, n;
	uint8_t digest[32]; /* SHA-256 of what follows */
};

/* Seldom: all addresses, and all keys of a day, are written, and the engine waits for that. */
static const toc_time seldom = 5 * TOC_MIN;

/* More than the engine is behind. */
static const toc_time notes_every = 5 * TOC_SEC;

static const char magic[8] = { 'T', 'O', 'C', 'S', 'T', 'A', 'T', '1' };

/* Two files of one stage. */
struct store {
	const char *name;
	/* the number of a file that is whole; false: *why it is not */
	bool (*whole)(struct toc_span bytes, uint64_t *number, const char **why);
	int fd[FILES];
	uint64_t number; /* of the newest file */
	bool told;
};

enum stage { CORRELATE, IDENTITY, PEAKS, SIZES, FOLLOWED, STAGES };

struct toc_state {
	struct store stores[STAGES];
	toc_time seldom_saved;		    /* the engine's clock then */
	const struct toc_generation *sized; /* whose sizes were kept last; never read */
	char boot[40];			    /* this boot's id; empty: not known */
	/* where followed files were read to: noted last, and the time before; owned */
	char *noted, *noted_before;
	toc_time noted_at;
};

static bool headed_whole(struct toc_span bytes, uint64_t *number, const char **why)
{
	struct header h;
	uint8_t digest[32];
	*why = "the file is damaged or foreign";
	if (bytes.n < sizeof(h))
		return false;
	memcpy(&h, bytes.p, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0 || h.n != bytes.n - sizeof(h))
		return false;
	toc_sha256(toc_span_from(bytes, sizeof(h)), digest);
	*number = h.number;
	return memcmp(digest, h.digest, sizeof(digest)) == 0;
}

static bool identities_whole(struct toc_span bytes, uint64_t *number, const char **why)
{
	if (!headed_whole(bytes, number, why))
		return false;
	*why = "another version wrote it";
	return toc_identity_readable(toc_span_from(bytes, sizeof(struct header)));
}

static struct store store_of(enum stage stage)
{
	static const struct store stores[STAGES] = {
		[CORRELATE] = { .name = "correlate", .whole = toc_correlate_snapshot_number, .fd = { -1, -1 } },
		[IDENTITY] = { .name = "identity", .whole = identities_whole, .fd = { -1, -1 } },
		[PEAKS] = { .name = "peaks", .whole = toc_correlate_peaks_number, .fd = { -1, -1 } },
		[SIZES] = { .name = "sizes", .whole = headed_whole, .fd = { -1, -1 } },
		[FOLLOWED] = { .name = "followed", .whole = headed_whole, .fd = { -1, -1 } },
	};
	return stores[stage];
}

static void close_store(struct store *s)
{
	for (int i = 0; i < FILES; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
}

static bool open_store(struct store *s, const char *folder)
{
	for (int i = 0; i < FILES; i++) {
		char path[4096];
		s->fd[i] = snprintf(path, sizeof(path), "%s/%s.%d", folder, s->name, i) < (int)sizeof(path)
				   ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600)
				   : -1;
		if (s->fd[i] < 0 && !s->told)
			toc_warn("%s: cannot be used: %s; windows and identities will not live through a restart", path,
				 strerror(errno));
		s->told = s->told || s->fd[i] < 0;
	}
	return !s->told;
}

/* proc(5): /proc/sys/kernel/random/boot_id */
static void read_boot(struct toc_state *s)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!f)
		return;
	if (!fgets(s->boot, sizeof(s->boot), f))
		s->boot[0] = '\0';
	s->boot[strcspn(s->boot, "\n")] = '\0';
	fclose(f);
}

struct toc_state *toc_state_open(const struct toc_config *config)
{
	struct toc_state *s = calloc(1, sizeof(*s));
	if (!s)
		abort(); /* at start-up there is nothing to save */
	mkdir(config->state, 0750);
	read_boot(s);
	for (int stage = 0; stage < STAGES; stage++)
		s->stores[stage] = store_of((enum stage)stage);
	for (int stage = 0; stage < STAGES; stage++)
		if (!open_store(&s->stores[stage], config->state)) {
			toc_state_free(s);
			return NULL;
		}
	return s;
}

void toc_state_free(struct toc_state *s)
{
	for (int stage = 0; s && stage < STAGES; stage++)
		close_store(&s->stores[stage]);
	if (s) {
		free(s->noted);
		free(s->noted_before);
	}
	free(s);
}

static bool read_all(int fd, void *out, size_t n, off_t at)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, (uint8_t *)out + done, n - done, at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static bool write_all(int fd, const void *from, size_t n, off_t at)
{
	for (size_t done = 0; done < n;) {
		ssize_t put = pwrite(fd, (const uint8_t *)from + done, n - done, at + (off_t)done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		done += (size_t)put;
	}
	return true;
}

/* All that the file has (caller frees); n = 0: nothing. */
static uint8_t *read_file(int fd, size_t *n)
{
	const off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *bytes = size > 0 && size <= STATE_MOST ? malloc((size_t)size) : NULL;
	*n = 0;
	if (bytes && read_all(fd, bytes, (size_t)size, 0))
		*n = (size_t)size;
	return bytes;
}

/* The newer of the files that are whole (caller frees), else NULL after a word where there is one that is not. */
static uint8_t *read_newest(struct store *s, size_t *n, const char *what)
{
	uint8_t *best = NULL;
	const char *wrong = NULL;
	*n = 0;
	for (int i = 0; i < FILES; i++) {
		size_t size;
		uint64_t number;
		uint8_t *bytes = read_file(s->fd[i], &size);
		const char *why;
		const bool whole = size && s->whole(toc_span_of(bytes, size), &number, &why);
		wrong = size && !whole ? why : wrong;
		if (!whole || (best && number <= s->number)) {
			free(bytes);
			continue;
		}
		free(best);
		best = bytes;
		*n = size;
		s->number = number;
	}
	if (!best && wrong)
		toc_warn("the last run's %s are not taken over: %s; it begins without them", what, wrong);
	return best;
}

/* What the present clock is off the one that is never set, and since which boot. */
static void use_clock(const struct toc_state *s, const struct toc_pipeline *p)
{
	struct toc_corr_clock clock = { .offset = atomic_load(&p->steady.offset) };
	memcpy(clock.boot, s->boot, sizeof(clock.boot));
	toc_correlate_dates(p->generation->correlator, &clock);
}

/* By how much the clock was set since they were kept. */
static toc_time restore_windows(struct toc_state *s, struct toc_pipeline *p)
{
	struct toc_corr_restored got = { 0 };
	char err[256];
	size_t n;
	uint8_t *bytes = read_newest(&s->stores[CORRELATE], &n, "windows");
	if (!bytes)
		return 0;
	use_clock(s, p);
	if (toc_correlate_restore(p->generation->correlator, p->names, toc_span_of(bytes, n), &got, err, sizeof(err))) {
		toc_info("windows of %u rules taken over from the last run (%u); %u rules have changed", got.rules,
			 got.cells, got.changed);
		if (got.moved)
			toc_info("their times are moved by %+.0f s: the clock was set",
				 (double)got.moved / (double)TOC_SEC);
		toc_correlate_retell(p->generation->correlator);
	} else {
		toc_warn("the last run's windows are not taken over: %s", err);
	}
	free(bytes);
	return got.moved;
}

static void restore_peaks(struct store *s, struct toc_correlator *c)
{
	const char *why;
	size_t n;
	uint8_t *bytes = read_newest(s, &n, "peaks");
	if (bytes && !toc_correlate_peaks_restore(c, toc_span_of(bytes, n), &why))
		toc_warn("the last run's peaks are not taken over: %s", why);
	free(bytes);
}

/* --- followed files: a line each, `device inode at head path` ------------------------------------------------------
 */

static bool parse_followed(char *line, struct toc_followed *out)
{
	int n = 0;
	*out = (struct toc_followed){ 0 };
	if (sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %n", &out->device, &out->inode, &out->at,
		   &out->head, &n) != 4 ||
	    !n || !line[n])
		return false;
	out->path = line + n;
	return true;
}

static void resume_followed(struct store *s, struct toc_pipeline *p)
{
	enum { PLACES = TOC_LISTENERS * TOC_FOLLOWED_MOST };
	struct toc_followed *places = malloc(PLACES * sizeof(*places)); /* touched only where there are so many */
	unsigned count = 0;
	size_t n;
	uint8_t *bytes = read_newest(s, &n, "places in followed files");
	char *text = bytes ? strndup((const char *)bytes + sizeof(struct header), n - sizeof(struct header)) : NULL;
	char *rest = NULL;
	for (char *line = text && places ? strtok_r(text, "\n", &rest) : NULL; line && count < PLACES;
	     line = strtok_r(NULL, "\n", &rest))
		count += parse_followed(line, &places[count]);
	for (unsigned i = 0; i < p->nreceivings; i++)
		toc_receiver_resume(p->receivings[i].receiver, places, count);
	free(places);
	free(text);
	free(bytes);
}

static void put_followed(void *user, const struct toc_followed *f)
{
	if (!strchr(f->path, '\n'))
		fprintf(user, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIx64 " %s\n", f->device, f->inode, f->at,
			f->head, f->path);
}

static char *followed_now(const struct toc_pipeline *p)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	for (unsigned i = 0; out && i < p->nreceivings; i++)
		toc_receiver_followed(p->receivings[i].receiver, put_followed, out);
	if (out)
		fclose(out);
	return text;
}

void toc_state_note_followed(struct toc_state *s, const struct toc_pipeline *p)
{
	const toc_time at = toc_engine_at(p->engine);
	if (s->noted && at - s->noted_at < notes_every && at >= s->noted_at)
		return;
	free(s->noted_before);
	s->noted_before = s->noted;
	s->noted = followed_now(p);
	s->noted_at = at;
}

void toc_state_restore(struct toc_state *s, struct toc_pipeline *p)
{
	size_t n;
	const toc_time moved = restore_windows(s, p);
	uint8_t *bytes = read_newest(&s->stores[IDENTITY], &n, "identities");
	if (bytes &&
	    !toc_identity_restore(p->identity, toc_span_from(toc_span_of(bytes, n), sizeof(struct header)), moved))
		toc_warn("the last run's identities are not used: another version wrote them");
	else if (toc_identity_count(p->identity))
		toc_info("identities of %u addresses live on", toc_identity_count(p->identity));
	free(bytes);
	restore_peaks(&s->stores[PEAKS], p->generation->correlator);
	free(read_newest(&s->stores[SIZES], &n, "sizes of lists")); /* the load has had them: its number goes on */
	resume_followed(&s->stores[FOLLOWED], p);
}

/* To read only, of a sensor that runs or not; false: errno. */
static bool open_to_read(struct store *s, const char *folder, char *path, size_t room)
{
	for (int i = 0; i < FILES; i++) {
		snprintf(path, room, "%s/%s.%d", folder, s->name, i);
		s->fd[i] = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
		if (s->fd[i] < 0)
			return false;
	}
	return true;
}

bool toc_state_read_peaks(const struct toc_config *config, struct toc_correlator *c)
{
	struct store s = store_of(PEAKS);
	char path[4096];
	const bool opened = open_to_read(&s, config->state, path, sizeof(path));
	if (opened)
		restore_peaks(&s, c);
	else
		toc_error("%s: cannot be read: %s", path, strerror(errno));
	close_store(&s);
	return opened && s.number > 0;
}

struct toc_sizes *toc_state_read_sizes(const struct toc_config *config)
{
	struct store s = store_of(SIZES);
	struct toc_sizes *sizes = toc_sizes_new();
	char path[4096];
	size_t n;
	if (config->state && sizes && open_to_read(&s, config->state, path, sizeof(path))) {
		uint8_t *bytes = read_newest(&s, &n, "sizes of lists");
		if (bytes)
			toc_sizes_read(sizes, toc_span_from(toc_span_of(bytes, n), sizeof(struct header)));
		free(bytes);
	}
	close_store(&s);
	return sizes;
}

static bool judge_store(struct store *s, FILE *out)
{
	const char *wrong = NULL;
	bool whole = false;
	for (int i = 0; i < FILES; i++) {
		size_t n;
		uint64_t number;
		const char *why;
		uint8_t *bytes = read_file(s->fd[i], &n);
		if (n && s->whole(toc_span_of(bytes, n), &number, &why))
			whole = true;
		else if (n)
			wrong = why;
		free(bytes);
	}
	fprintf(out, "%s: %s%s\n", s->name,
		whole	? "is taken over"
		: wrong ? "is not taken over: "
			: "empty",
		whole || !wrong ? "" : wrong);
	return whole || !wrong;
}

bool toc_state_judge(const struct toc_config *config, FILE *out)
{
	bool all = true;
	for (int stage = 0; stage < STAGES; stage++) {
		struct store s = store_of((enum stage)stage);
		char path[4096];
		if (open_to_read(&s, config->state, path, sizeof(path)))
			all = judge_store(&s, out) && all;
		else if (errno != ENOENT) {
			fprintf(out, "%s: cannot be read: %s\n", path, strerror(errno));
			all = false;
		}
		close_store(&s);
	}
	return all;
}

/* bytes are freed here; NULL: there was no memory for them. */
static void write_store(struct store *s, uint8_t *bytes, size_t n, const char *what)
{
	int fd = s->fd[(s->number + 1) % FILES];
	/* whole or not, its digest says: the other file stays until this one is on the disk */
	const bool ok = bytes && ftruncate(fd, 0) == 0 && write_all(fd, bytes, n, 0) && fdatasync(fd) == 0;
	if (!ok && !s->told)
		toc_warn("the state of %s cannot be kept: %s", what, bytes ? strerror(errno) : "out of memory");
	free(bytes);
	s->number += ok;
	s->told = s->told || !ok;
}

/* bytes are freed here; NULL: there was no memory for them. */
static void save_headed(struct store *s, uint8_t *bytes, size_t n, const char *what)
{
	uint8_t *all = bytes ? realloc(bytes, n + sizeof(struct header)) : NULL;
	struct header h = { .number = s->number + 1, .n = n };
	if (!all) {
		free(bytes);
		write_store(s, NULL, 0, what);
		return;
	}
	memcpy(h.magic, magic, sizeof(magic));
	toc_sha256(toc_span_of(all, n), h.digest);
	memmove(all + sizeof(h), all, n);
	memcpy(all, &h, sizeof(h));
	write_store(s, all, n + sizeof(h), what);
}

static void save_sizes(struct store *s, const struct toc_sizes *sizes)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (out) {
		toc_sizes_write(sizes, out);
		fclose(out);
	}
	save_headed(s, (uint8_t *)text, n, "sizes of lists");
}

void toc_state_save_sizes(struct toc_state *s, const struct toc_pipeline *p)
{
	if (p->generation == s->sized)
		return;
	save_sizes(&s->stores[SIZES], p->generation->sizes);
	s->sized = p->generation;
}

/* At the end all that was read has been judged. */
static void save_followed(struct toc_state *s, const struct toc_pipeline *p)
{
	char *text = toc_engine_ending(p->engine) ? followed_now(p) : s->noted_before ? strdup(s->noted_before) : NULL;
	if (text && *text)
		save_headed(&s->stores[FOLLOWED], (uint8_t *)text, strlen(text), "places in followed files");
	else
		free(text);
}

void toc_state_save(struct toc_state *s, const struct toc_pipeline *p)
{
	struct store *correlations = &s->stores[CORRELATE];
	toc_time at = toc_engine_at(p->engine);
	size_t n = 0;
	use_clock(s, p);
	uint8_t *bytes = toc_correlate_snapshot(p->generation->correlator, p->names, correlations->number + 1, &n);
	write_store(correlations, bytes, n, "correlations");
	save_followed(s, p);
	if (s->seldom_saved && at - s->seldom_saved < seldom && !toc_engine_ending(p->engine))
		return;
	s->seldom_saved = at;
	bytes = toc_identity_save(p->identity, &n);
	save_headed(&s->stores[IDENTITY], bytes, n, "identities");
	if (!toc_correlate_keeps_peaks(p->generation->correlator))
		return;
	bytes = toc_correlate_peaks_save(p->generation->correlator, s->stores[PEAKS].number + 1, &n);
	write_store(&s->stores[PEAKS], bytes, n, "peaks");
}
