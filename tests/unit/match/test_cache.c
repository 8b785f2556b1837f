/* match: the file of compiled expressions is believed whole or not at all; letters fold as Unicode says. */
#define _GNU_SOURCE
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "match/build.h"
#include "match/cache.h"
#include "match/fold.h"

struct rig {
	char folder[64], file[400];
	uint8_t inputs[32];
};

static const uint8_t key[32] = { 1 }, other_key[32] = { 2 };

static hs_database_t *compile(const char *text)
{
	hs_database_t *db = NULL;
	hs_compile_error_t *error = NULL;
	assert_int_equal(hs_compile(text, HS_FLAG_SINGLEMATCH, HS_MODE_BLOCK, NULL, &db, &error), HS_SUCCESS);
	return db;
}

/* The one file in the folder. */
static unsigned find(struct rig *r)
{
	DIR *dir = opendir(r->folder);
	struct dirent *e;
	unsigned n = 0;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(r->file, sizeof(r->file), "%s/%s", r->folder, e->d_name);
		n++;
	}
	closedir(dir);
	return n;
}

/* One load that wants one database: made where it is not found. */
static enum toc_cache_state load(struct rig *r, bool *found)
{
	struct toc_database_cache *c = toc_cache_open(r->folder, r->inputs);
	hs_database_t *db = NULL;
	*found = toc_cache_take(c, key, &db);
	if (!*found)
		db = compile("ab+c");
	toc_cache_keep(c, key, db);
	hs_scratch_t *scratch = NULL;
	assert_int_equal(hs_alloc_scratch(db, &scratch), HS_SUCCESS);
	hs_free_scratch(scratch);
	hs_free_database(db);
	return toc_cache_close(c);
}

static void begin(struct rig *r, uint8_t inputs)
{
	bool found;
	memset(r, 0, sizeof(*r));
	r->inputs[5] = inputs;
	snprintf(r->folder, sizeof(r->folder), "/tmp/tocsin-cache.XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	assert_int_equal(load(r, &found), TOC_CACHE_WRITTEN);
	assert_false(found);
	assert_int_equal(find(r), 1);
}

static void end(struct rig *r)
{
	while (find(r))
		unlink(r->file);
	rmdir(r->folder);
}

static void found_again(void **state)
{
	(void)state;
	struct rig r;
	bool found;
	hs_database_t *db;
	begin(&r, 0);
	assert_int_equal(load(&r, &found), TOC_CACHE_FOUND);
	assert_true(found);
	struct toc_database_cache *c = toc_cache_open(r.folder, r.inputs);
	assert_false(toc_cache_take(c, other_key, &db));
	assert_int_equal(toc_cache_close(c), TOC_CACHE_NONE); /* nothing was kept: the file stays */
	assert_int_equal(load(&r, &found), TOC_CACHE_FOUND);
	r.inputs[0] ^= 1; /* other rules: another file */
	assert_int_equal(load(&r, &found), TOC_CACHE_WRITTEN);
	assert_false(found);
	assert_int_equal(find(&r), 2);
	for (unsigned i = 0; i < 20; i++) {
		r.inputs[1]++;
		assert_int_equal(load(&r, &found), TOC_CACHE_WRITTEN);
	}
	assert_int_equal(find(&r), 8);
	end(&r);
}

/* Whatever was done to the file, it is made anew, and then found. */
static void refused(struct rig *r, const char *what)
{
	bool found;
	if (load(r, &found) != TOC_CACHE_WRITTEN || found)
		fail_msg("%s: believed", what);
	if (load(r, &found) != TOC_CACHE_FOUND || !found)
		fail_msg("%s: not made anew", what);
}

static void flip(const struct rig *r, off_t at)
{
	uint8_t byte;
	int fd = open(r->file, O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void damaged(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	begin(&r, 0);
	assert_int_equal(stat(r.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (off_t at = 0; at < st.st_size; at += at < 200 ? 1 : 97) {
		flip(&r, at);
		refused(&r, "a bit");
	}
	const off_t lengths[] = { 0, 1, 79, 80, 81, 120, st.st_size - 8, st.st_size - 1, st.st_size + 8 };
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(truncate(r.file, lengths[i]), 0);
		refused(&r, "a length");
	}
	assert_int_equal(chmod(r.file, 0666), 0);
	refused(&r, "others may write it");
	end(&r);
}

/* A whole file under another's name: of other inputs, another version or another processor. */
static void foreign(void **state)
{
	(void)state;
	struct rig r, other;
	begin(&r, 0);
	begin(&other, 9);
	assert_int_equal(rename(other.file, r.file), 0);
	refused(&r, "another's");
	assert_int_equal(unlink(r.file), 0);
	assert_int_equal(symlink("/etc/passwd", r.file), 0);
	refused(&r, "a link");
	end(&r);
	end(&other);
}

static void nowhere(void **state)
{
	(void)state;
	bool found;
	struct rig r = { .folder = "/nonexistent/folder" };
	assert_int_equal(load(&r, &found), TOC_CACHE_NONE);
	assert_int_equal(toc_cache_close(NULL), TOC_CACHE_NONE);
}

static bool same(const char *a, const char *b)
{
	uint8_t x[TOC_FOLD_ROOM], y[TOC_FOLD_ROOM];
	return toc_span_eq(toc_fold(TOC_FOLD_WIDE, toc_span_str(a), x), toc_fold(TOC_FOLD_WIDE, toc_span_str(b), y));
}

static void folds(void **state)
{
	(void)state;
	assert_true(same("\xc3\x84RGER", "\xc3\xa4rger"));	   /* Ae */
	assert_true(same("\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83")); /* sigma, final and not */
	assert_true(same("\xd0\x96", "\xd0\xb6") && same("\xf0\x90\x90\x80", "\xf0\x90\x90\xa8")); /* zhe; Deseret */
	assert_true(same("\xe2\x84\xaa", "k") && same("\xc8\xba", "\xe2\xb1\xa5")); /* Kelvin; A with stroke, longer */
	assert_false(same("\xc3\xa4", "a") || same("\xff\xfe", "\xfe\xff") || same("\xc3", "\xc3\xa4"));
	assert_true(toc_fold_wide_letters(toc_span_str("x\xc3\xa4")) &&
		    toc_fold_wide_letters(toc_span_str("\xc3\x84")));
	assert_false(toc_fold_wide_letters(toc_span_str("abc \xe2\x80\x93 \xff")));
	struct toc_arena *arena = toc_arena_new();
	struct toc_pattern p;
	toc_pattern_compile(&p, arena, toc_span_str("stra\xc3\x9f*\xc3\x84?"), false, true, false);
	assert_int_equal(p.fold, TOC_FOLD_WIDE);
	assert_true(toc_pattern_match(&p, toc_span_str("die STRA\xe1\xba\x9e"
						       "EN\xc3\xa4\xc3\xb6")));
	assert_false(toc_pattern_match(&p, toc_span_str("die STRASSE\xc3\xa4x")));
	toc_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(found_again), cmocka_unit_test(damaged),
					    cmocka_unit_test(foreign), cmocka_unit_test(nowhere),
					    cmocka_unit_test(folds) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
