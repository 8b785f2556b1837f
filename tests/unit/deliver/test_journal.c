/* journal: what was appended is read back, over torn tails, damage, restarts and caps. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crc.h"
#include "deliver/journal.h"
#include "deliver/segment.h"

struct fixture {
	char folder[64];
	struct toc_journal *j;
	char err[256];
};

static const char *const routes[] = { "ts", "da", NULL };

static struct toc_alert alert(unsigned n, char *id, char *json)
{
	sprintf(id, "%032x", n);
	sprintf(json, "{\"n\":%u}", n);
	return (struct toc_alert){ .state = TOC_ALERT_UPDATE,
				   .id = id,
				   .revision = n + 1,
				   .rule = "rule",
				   .severity = 4,
				   .routes = routes,
				   .at = (toc_time)n * TOC_MIN,
				   .json = toc_span_str(json) };
}

static bool append(struct toc_journal *j, unsigned n)
{
	char id[64], json[64];
	struct toc_alert a = alert(n, id, json);
	return toc_journal_append(j, &a);
}

static void reopen(struct fixture *f, size_t bytes)
{
	toc_journal_close(f->j);
	const struct toc_journal_config c = { .folder = f->folder, .bytes = bytes };
	f->j = toc_journal_open(&c, f->err, sizeof(f->err));
	if (!f->j)
		fail_msg("%s", f->err);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	strcpy(f->folder, "/tmp/tocsin-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	reopen(f, 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	toc_journal_close(f->j);
	snprintf(command, sizeof(command), "rm -rf %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* Reads all from pos on; checks that they are first, first + 1 …; returns how many. */
static unsigned read_all(struct toc_journal *j, toc_journal_pos pos, unsigned first)
{
	struct toc_journal_record r;
	char id[64], json[64];
	unsigned n = 0;
	for (; toc_journal_read(j, &pos, &r); n++) {
		struct toc_alert want = alert(first + n, id, json);
		assert_string_equal(r.id, want.id);
		assert_true(toc_span_eq(r.copies[0].json, want.json));
		assert_int_equal(r.revision, want.revision);
		assert_int_equal(r.severity, 4);
		assert_int_equal(r.state, TOC_ALERT_UPDATE);
		assert_string_equal(r.copies[0].routes, "ts,da");
		assert_true(r.at == want.at && r.next == pos);
	}
	return n;
}

static void crc_is_castagnoli(void **state)
{
	(void)state;
	uint8_t bytes[80];
	assert_int_equal(toc_crc32c("123456789", 9), 0xe3069283); /* the published check value */
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(37 * i + 11);
	for (size_t from = 0; from < 9; from++)
		for (size_t n = 0; from + n <= sizeof(bytes); n++) { /* bit by bit, by the definition */
			uint32_t crc = ~UINT32_C(0);
			for (size_t i = 0; i < 8 * n; i++)
				crc = crc >> 1 ^
				      (((crc ^ (uint32_t)bytes[from + i / 8] >> i % 8) & 1) ? 0x82f63b78u : 0u);
			assert_int_equal(toc_crc32c(bytes + from, n), ~crc);
		}
}

static void reads_back_in_order(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 3000; i++) /* over two days of `at`: several segments */
		assert_true(append(f->j, i));
	assert_int_equal(read_all(f->j, 0, 0), 3000);
	assert_true(toc_journal_count(f->j)->segments >= 2);
	reopen(f, 0);
	assert_int_equal(read_all(f->j, 0, 0), 3000);
	assert_true(append(f->j, 3000));
	assert_int_equal(read_all(f->j, 0, 0), 3001);
}

static void cursor_survives(void **state)
{
	struct fixture *f = *state;
	struct toc_journal_record r;
	toc_journal_pos pos = 0;
	for (unsigned i = 0; i < 10; i++)
		assert_true(append(f->j, i));
	for (unsigned i = 0; i < 4; i++)
		assert_true(toc_journal_read(f->j, &pos, &r));
	assert_true(toc_journal_set_cursor(f->j, pos));
	reopen(f, 0);
	assert_true(toc_journal_cursor(f->j) == pos);
	assert_int_equal(read_all(f->j, toc_journal_cursor(f->j), 4), 6);
}

/* Opens the only segment and does something bad to it. */
static int segment_fd(struct fixture *f)
{
	DIR *d = opendir(f->folder);
	struct dirent *e;
	int fd = -1;
	while ((e = readdir(d)))
		if (strstr(e->d_name, ".seg"))
			fd = openat(dirfd(d), e->d_name, O_RDWR);
	closedir(d);
	assert_true(fd >= 0);
	return fd;
}

static void torn_tail_is_cut_at_any_byte(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 5; i++)
		assert_true(append(f->j, i));
	struct stat st;
	int fd = segment_fd(f);
	assert_int_equal(fstat(fd, &st), 0);
	off_t record = st.st_size / 5;
	for (off_t cut = 1; cut < record; cut++) {
		assert_int_equal(ftruncate(fd, st.st_size - cut), 0);
		reopen(f, 0);
		assert_int_equal(read_all(f->j, 0, 0), 4);
		assert_true(append(f->j, 4));
		assert_int_equal(read_all(f->j, 0, 0), 5);
	}
	close(fd);
}

static void damage_is_skipped_and_counted(void **state)
{
	struct fixture *f = *state;
	struct toc_journal_record r;
	struct stat st;
	for (unsigned i = 0; i < 5; i++)
		assert_true(append(f->j, i));
	int fd = segment_fd(f);
	assert_int_equal(fstat(fd, &st), 0);
	off_t record = st.st_size / 5;
	for (off_t at = record; at < 2 * record; at++) { /* any byte of the second record */
		uint8_t was, flipped;
		assert_int_equal(pread(fd, &was, 1, at), 1);
		flipped = was ^ 0x40;
		assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
		toc_journal_pos pos = 0;
		unsigned n = 0;
		uint64_t bad = toc_journal_count(f->j)->bad_records;
		while (toc_journal_read(f->j, &pos, &r))
			n++;
		assert_int_equal(n, 4);
		assert_true(toc_journal_count(f->j)->bad_records == bad + 1);
		assert_int_equal(pwrite(fd, &was, 1, at), 1);
	}
	close(fd);
}

static void full_journal_refuses_and_counts(void **state)
{
	struct fixture *f = *state;
	reopen(f, 4096);
	unsigned taken = 0;
	while (taken < 1000 && append(f->j, taken))
		taken++;
	assert_true(taken > 5 && taken < 100);
	assert_true(toc_journal_count(f->j)->refused == 1);
	assert_int_equal(read_all(f->j, 0, 0), taken);
	assert_false(append(f->j, taken));
	/* delivered records make room as soon as they fill a segment of their own */
	assert_true(toc_journal_set_cursor(f->j, toc_journal_end(f->j)));
}

static bool append_as(struct toc_journal *j, unsigned severity, enum toc_alert_state state)
{
	char id[64], json[64];
	struct toc_alert a = alert(7, id, json);
	a.severity = severity;
	a.state = state;
	return toc_journal_append(j, &a);
}

/* Fills with the severest that still fits; what is refused first is refused at a lower mark. */
static void little_severities_are_refused_first(void **state)
{
	struct fixture *f = *state;
	size_t marks[6] = { 0 };
	reopen(f, 65536);
	for (unsigned severity = 1; severity <= 4; severity++) {
		while (append_as(f->j, severity, TOC_ALERT_UPDATE))
			;
		assert_int_equal(errno, EDQUOT);
		marks[severity] = toc_journal_count(f->j)->bytes;
		assert_true(marks[severity] > marks[severity - 1]);
	}
	assert_true(marks[1] > 65536 * 78 / 100 && marks[1] <= 65536 * 80 / 100);
	assert_false(append_as(f->j, 3, TOC_ALERT_OPEN));
	assert_false(append_as(f->j, 5, TOC_ALERT_UPDATE)); /* updates are lost before opens and closes are */
	assert_true(append_as(f->j, 5, TOC_ALERT_CLOSE));
	while (append_as(f->j, 4, TOC_ALERT_OPEN))
		;
	assert_true(toc_journal_count(f->j)->bytes > 65536 * 98 / 100);
	assert_true(toc_journal_count(f->j)->bytes <= 65536);
}

static void delivered_segments_make_room_for_the_least(void **state)
{
	struct fixture *f = *state;
	reopen(f, 65536);
	while (append_as(f->j, 4, TOC_ALERT_OPEN))
		;
	assert_false(append_as(f->j, 1, TOC_ALERT_OPEN));
	assert_true(toc_journal_set_cursor(f->j, toc_journal_end(f->j)));
	for (unsigned i = 0; i < 2000; i++) { /* several times the cap */
		assert_true(append_as(f->j, 1, TOC_ALERT_OPEN));
		assert_true(toc_journal_set_cursor(f->j, toc_journal_end(f->j)));
	}
	assert_true(toc_journal_count(f->j)->bytes <= 65536);
}

static void identity_stays_with_the_folder(void **state)
{
	struct fixture *f = *state;
	uint64_t identity = toc_journal_identity(f->j);
	char path[128];
	assert_true(identity != 0);
	assert_true(append(f->j, 0));
	assert_true(toc_journal_set_cursor(f->j, toc_journal_end(f->j)));
	reopen(f, 0);
	assert_true(toc_journal_identity(f->j) == identity);
	assert_true(toc_journal_cursor(f->j) == toc_journal_end(f->j));
	snprintf(path, sizeof(path), "%s/cursor", f->folder);
	assert_int_equal(truncate(path, 16), 0); /* as an older version wrote it: the cursor still counts */
	reopen(f, 0);
	assert_true(toc_journal_identity(f->j) != identity && toc_journal_identity(f->j) != 0);
	assert_true(toc_journal_cursor(f->j) == toc_journal_end(f->j));
}

static void second_process_is_refused(void **state)
{
	struct fixture *f = *state;
	char err[256];
	const struct toc_journal_config c = { .folder = f->folder };
	assert_null(toc_journal_open(&c, err, sizeof(err)));
	assert_non_null(strstr(err, "another tocsin"));
}

static void kill_loses_nothing_that_was_appended(void **state)
{
	struct fixture *f = *state;
	toc_journal_close(f->j);
	f->j = NULL;
	int told[2];
	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	if (child == 0) {
		const struct toc_journal_config c = { .folder = f->folder };
		struct toc_journal *j = toc_journal_open(&c, f->err, sizeof(f->err));
		for (unsigned i = 0; j && append(j, i); i++)
			if (write(told[1], &i, sizeof(i)) != sizeof(i))
				break;
		_exit(1);
	}
	close(told[1]);
	unsigned last = 0;
	while (last < 500 && read(told[0], &last, sizeof(last)) == sizeof(last))
		;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (unsigned i; read(told[0], &i, sizeof(i)) == sizeof(i);)
		last = i;
	close(told[0]);
	reopen(f, 0);
	assert_true(read_all(f->j, 0, 0) > last);
}

static void foreign_files_are_left_alone(void **state)
{
	struct fixture *f = *state;
	char path[128];
	snprintf(path, sizeof(path), "%s/0000000000000000-00000000.seg", f->folder);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/readme.seg", f->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	reopen(f, 0);
	assert_int_equal(toc_journal_count(f->j)->segments, 0);
	assert_int_equal(read_all(f->j, 0, 0), 0);
}

static void path_of(const struct fixture *f, uint64_t base, int64_t day, char path[128])
{
	char name[64];
	toc_segment_name(base, day, name);
	snprintf(path, 128, "%s/%s", f->folder, name);
}

/* A second name of a file, of the journal's own or another: it is neither read nor written, and what comes next is delivered. */
static void hard_links_are_left_out(void **state)
{
	struct fixture *f = *state;
	char path[128], other[128];
	struct stat st;
	for (unsigned i = 0; i < 3; i++)
		assert_true(append(f->j, i));
	const uint64_t end = toc_journal_end(f->j);
	assert_true(toc_journal_set_cursor(f->j, end));
	path_of(f, 0, 0, path);
	snprintf(other, sizeof(other), "%s/other", f->folder);
	assert_int_equal(link(path, other), 0);
	reopen(f, 0);
	assert_int_equal(toc_journal_count(f->j)->segments, 0);
	assert_int_equal(toc_journal_count(f->j)->bad_records, 1);
	assert_true(append(f->j, 3)); /* behind the cursor, not where the guest stands */
	assert_int_equal(read_all(f->j, toc_journal_cursor(f->j), 3), 1);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, end);
	assert_int_equal(unlink(other), 0); /* it has one name again */
	reopen(f, 0);
	assert_int_equal(read_all(f->j, 0, 0), 4);
}

/* Where a guest has the name of the next segment another is taken. */
static void guests_do_not_stop_the_journal(void **state)
{
	struct fixture *f = *state;
	char path[128], secret[128];
	struct stat st;
	snprintf(secret, sizeof(secret), "%s/secret", f->folder);
	close(open(secret, O_CREAT | O_WRONLY, 0600));
	path_of(f, 0, 0, path);
	assert_int_equal(link(secret, path), 0);
	path_of(f, 1, 0, path);
	assert_int_equal(symlink(secret, path), 0);
	path_of(f, 2, 0, path);
	assert_int_equal(mkfifo(path, 0600), 0);
	path_of(f, 3, 0, path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(append(f->j, 0) && append(f->j, 1));
	assert_int_equal(read_all(f->j, 0, 0), 2);
	reopen(f, 0);
	assert_int_equal(toc_journal_count(f->j)->bad_records, 4);
	assert_int_equal(read_all(f->j, 0, 0), 2);
	assert_int_equal(stat(secret, &st), 0);
	assert_int_equal(st.st_size, 0);
	path_of(f, 3, 0, path);
	assert_int_equal(rmdir(path), 0);
}

/* Of somebody else, though it can be read and written: as root only. */
static void files_of_others_are_left_out(void **state)
{
	struct fixture *f = *state;
	char path[128];
	if (geteuid() != 0)
		skip();
	for (unsigned i = 0; i < 3; i++)
		assert_true(append(f->j, i));
	path_of(f, 0, 0, path);
	assert_int_equal(chown(path, 65534, 65534), 0);
	reopen(f, 0);
	assert_int_equal(read_all(f->j, 0, 0), 0);
	assert_int_equal(toc_journal_count(f->j)->bad_records, 1);
	assert_int_equal(chown(f->folder, 65534, 65534), 0); /* the sensor's user has both: root may read them */
	reopen(f, 0);
	assert_int_equal(read_all(f->j, 0, 0), 3);
}

/* --- heads of the chains ---------------------------------------------------------------------------------------- */

struct found {
	char text[256];
};

static void find_head(void *user, const char *route, const char *hash)
{
	struct found *f = user;
	snprintf(f->text + strlen(f->text), sizeof(f->text) - strlen(f->text), "%s=%.2s ", route, hash);
}

static const char *heads(struct fixture *f, struct found *out)
{
	out->text[0] = '\0';
	toc_journal_heads(f->j, find_head, out);
	return out->text;
}

/* A document of that many bytes whose hash is of one letter, for one route and with a copy for another. */
static void append_chained(struct fixture *f, unsigned n, char letter, const char *route, size_t bytes)
{
	const char *const to[] = { route, NULL }, *const other[] = { "bp.oak", NULL };
	char id[64], short_json[64], hash[65], *json = calloc(1, bytes + 256), copy[256];
	struct toc_alert a = alert(n, id, short_json);
	memset(hash, letter, 64);
	hash[64] = '\0';
	sprintf(copy, "{\"x\":1,\"hash\":\"%s\"}}}}", hash);
	sprintf(json, "{\"fill\":\"%0*u\",\"hash\":\"%s\"}}}}", (int)bytes, n, hash);
	const struct toc_alert_copy copies[] = { { other, toc_span_str(copy) } };
	a.routes = to;
	a.json = toc_span_str(json);
	a.copies = copies;
	a.ncopies = letter == 'c';
	assert_true(toc_journal_append(f->j, &a));
	free(json);
}

static void heads_live_over_restarts_and_segments(void **state)
{
	struct fixture *f = *state;
	struct found found;
	reopen(f, 1 << 20); /* segments of 64 KiB */
	assert_string_equal(heads(f, &found), "");
	append_chained(f, 0, 'a', "da", 10);
	append_chained(f, 0, 'b', "ts", 60000);
	assert_string_equal(heads(f, &found), "*=bb da=aa ts=bb ");
	append_chained(f, 0, 'c', "ts", 60000); /* the next segment */
	append_chained(f, 0, 'd', "ts", 10);
	reopen(f, 1 << 20); /* da's is in neither the last segment nor the memory */
	assert_string_equal(heads(f, &found), "*=dd da=aa ts=dd bp.oak=cc ");
	append(f->j, 1); /* of a version without chains: nothing is said of it */
	assert_string_equal(heads(f, &found), "*=dd da=aa ts=dd bp.oak=cc ");
}

/* Nothing is known then, and the journal is as good as before. */
static void damaged_heads_are_none(void **state)
{
	struct fixture *f = *state;
	struct found found;
	char path[128];
	reopen(f, 1 << 20);
	append_chained(f, 0, 'a', "da", 10);
	append_chained(f, 0, 'b', "ts", 60000);
	append_chained(f, 0, 'c', "ts", 60000);
	snprintf(path, sizeof(path), "%s/chain", f->folder);
	int fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "z", 1, 40), 1);
	close(fd);
	reopen(f, 1 << 20);
	assert_string_equal(heads(f, &found), "*=cc ts=cc bp.oak=cc ");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0); /* somebody's guest: not followed */
	reopen(f, 1 << 20);
	assert_string_equal(heads(f, &found), "*=cc ts=cc bp.oak=cc ");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(crc_is_castagnoli),
		T(reads_back_in_order),
		T(cursor_survives),
		T(torn_tail_is_cut_at_any_byte),
		T(damage_is_skipped_and_counted),
		T(full_journal_refuses_and_counts),
		T(little_severities_are_refused_first),
		T(delivered_segments_make_room_for_the_least),
		T(identity_stays_with_the_folder),
		T(second_process_is_refused),
		T(kill_loses_nothing_that_was_appended),
		T(foreign_files_are_left_alone),
		T(hard_links_are_left_out),
		T(guests_do_not_stop_the_journal),
		T(files_of_others_are_left_out),
		T(heads_live_over_restarts_and_segments),
		T(damaged_heads_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
