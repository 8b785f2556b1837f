/* overflow: what the disk has no room for waits in memory and keeps its order; the least is lost first, and told. */
#include "test.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "deliver/overflow.h"

struct fixture {
	char folder[64], err[256];
	struct toc_journal *j;
	struct toc_overflow *o;
	unsigned nlost, last_lost;
};

static void lost(void *user, const struct toc_alert *alert, int why)
{
	struct fixture *f = user;
	assert_int_not_equal(why, 0);
	f->nlost++;
	f->last_lost = alert->severity;
}

static void start(struct fixture *f, size_t journal, size_t memory)
{
	strcpy(f->folder, "/tmp/tocsin-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	const struct toc_journal_config c = { .folder = f->folder, .bytes = journal };
	f->j = toc_journal_open(&c, f->err, sizeof(f->err));
	assert_non_null(f->j);
	f->o = toc_overflow_new(f->j, memory, lost, f);
}

static void end(struct fixture *f)
{
	char command[128];
	toc_overflow_free(f->o);
	toc_journal_close(f->j);
	snprintf(command, sizeof(command), "rm -rf %s", f->folder);
	assert_int_equal(system(command), 0);
}

static bool take(struct fixture *f, unsigned n, unsigned severity, enum toc_alert_state state)
{
	static const char *const routes[] = { "ts", NULL };
	char id[40], json[1100];
	sprintf(id, "%032x", n);
	memset(json, 'x', sizeof(json));
	const struct toc_alert a = { .state = state,
				     .id = id,
				     .revision = 1,
				     .rule = "r",
				     .severity = severity,
				     .routes = routes,
				     .json = toc_span_of(json, 1000) };
	return toc_outlet_overflow.take(f->o, &a);
}

/* Files may not grow beyond n bytes: what a full disk looks like to write(2). */
static void disk(rlim_t n)
{
	struct rlimit l;
	getrlimit(RLIMIT_FSIZE, &l);
	l.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static unsigned count_in_order(struct fixture *f)
{
	struct toc_journal_record r;
	toc_journal_pos pos = 0;
	unsigned n = 0;
	while (toc_journal_read(f->j, &pos, &r))
		assert_int_equal(strtoul(r.id, NULL, 16), n++);
	return n;
}

static void a_full_disk_is_waited_for(void **state)
{
	struct fixture f = { 0 };
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	start(&f, 0, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(take(&f, i, 3, TOC_ALERT_OPEN));
	disk(4096);
	for (unsigned i = 3; i < 20; i++)
		assert_true(take(&f, i, 1, TOC_ALERT_UPDATE));
	assert_false(toc_overflow_flush(f.o));
	assert_int_equal(atomic_load(&toc_overflow_count(f.o)->waiting), 17);
	disk(RLIM_INFINITY);
	assert_true(take(&f, 20, 5, TOC_ALERT_OPEN)); /* behind those that wait */
	assert_int_equal(atomic_load(&toc_overflow_count(f.o)->waiting), 0);
	assert_int_equal(atomic_load(&toc_overflow_count(f.o)->bytes), 0);
	assert_int_equal(count_in_order(&f), 21);
	assert_int_equal(f.nlost, 0);
	end(&f);
}

static void memory_is_for_what_matters(void **state)
{
	struct fixture f = { 0 };
	unsigned kept = 0;
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	start(&f, 0, 100000);
	disk(0);
	while (take(&f, kept, 1, TOC_ALERT_OPEN))
		kept++;
	assert_in_range(kept, 50, 80); /* 80 per cent of it */
	assert_int_equal(f.nlost, 1);
	assert_int_equal(f.last_lost, 1);
	assert_true(take(&f, kept++, 4, TOC_ALERT_OPEN));
	while (take(&f, kept, 5, TOC_ALERT_UPDATE))
		kept++;
	assert_true(take(&f, kept++, 5, TOC_ALERT_CLOSE)); /* an update is lost before an end is */
	while (take(&f, kept, 5, TOC_ALERT_OPEN))
		kept++;
	assert_int_equal(toc_overflow_count(f.o)->lost, f.nlost);
	disk(RLIM_INFINITY);
	assert_true(toc_overflow_flush(f.o));
	assert_int_equal(count_in_order(&f), kept);
	end(&f);
}

/* The journal's own cap: only what it would take to the last byte waits in memory. */
static void the_cap_refuses_the_least_at_once(void **state)
{
	struct fixture f = { 0 };
	unsigned n = 0;
	(void)state;
	start(&f, 1 << 20, 0);
	while (take(&f, n, 1, TOC_ALERT_OPEN))
		n++;
	assert_int_equal(f.nlost, 1);
	while (!atomic_load(&toc_overflow_count(f.o)->waiting))
		assert_true(take(&f, n++, 5, TOC_ALERT_OPEN));
	assert_false(take(&f, n, 2, TOC_ALERT_OPEN));
	assert_int_equal(f.nlost, 2);
	assert_true(take(&f, n++, 4, TOC_ALERT_CLOSE));
	toc_journal_set_cursor(f.j, toc_journal_end(f.j)); /* Redis has them: segments make room */
	assert_true(toc_overflow_flush(f.o));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_full_disk_is_waited_for),
					    cmocka_unit_test(memory_is_for_what_matters),
					    cmocka_unit_test(the_cap_refuses_the_least_at_once) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
