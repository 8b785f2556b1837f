/* ask: a reply that is large, one that never ends, one that comes in drops. */
#include "test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "deliver/ask.h"

struct fixture {
	char folder[64], path[96], url[128];
	int listener;
	pthread_t thread;
	void (*play)(int peer);
};

static void *serve(void *arg)
{
	struct fixture *f = arg;
	int peer = accept(f->listener, NULL, NULL);
	char asked[4096];
	if (peer >= 0 && recv(peer, asked, sizeof(asked), 0) > 0)
		f->play(peer);
	if (peer >= 0)
		close(peer);
	return NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	strcpy(f->folder, "/tmp/tocsin-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/redis.sock", f->folder);
	snprintf(f->url, sizeof(f->url), "unix://%s", f->path);
	memcpy(sa.sun_path, f->path, strlen(f->path) + 1);
	f->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(f->listener, 1), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	close(f->listener);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static bool say(int peer, const char *bytes, size_t n)
{
	return send(peer, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* Asks once; NULL: *why tells. */
static redisReply *ask(struct fixture *f, void (*play)(int peer), char why[256])
{
	static const char *argv[] = { "XRANGE", "k", "-", "+" };
	const struct toc_ask_config config = { .url = f->url };
	f->play = play;
	assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
	struct toc_asker *a = toc_asker_new(&config, why, 256);
	assert_non_null(a);
	redisReply *r = toc_ask(a, 4, argv, NULL);
	snprintf(why, 256, "%s", toc_asker_trouble(a));
	toc_asker_free(a);
	pthread_join(f->thread, NULL);
	return r;
}

enum { ENTRIES = 40, ENTRY = 100000 };

static void a_page(int peer)
{
	static char entry[ENTRY + 2];
	char head[64];
	memset(entry, 'x', ENTRY);
	memcpy(entry + ENTRY, "\r\n", 2);
	snprintf(head, sizeof(head), "*%d\r\n", ENTRIES);
	say(peer, head, strlen(head));
	snprintf(head, sizeof(head), "$%d\r\n", ENTRY);
	for (int i = 0; i < ENTRIES && say(peer, head, strlen(head)); i++)
		for (size_t at = 0; at < sizeof(entry); at += 1459)
			say(peer, entry + at, sizeof(entry) - at < 1459 ? sizeof(entry) - at : 1459);
}

/* Some dozens of alerts, each with all that its events had to say, by a network that carries 1,459 bytes at a time. */
static void a_large_page_is_read(void **state)
{
	char why[256];
	redisReply *r = ask(*state, a_page, why);
	if (!r)
		fail_msg("%s", why);
	assert_int_equal(r->type, REDIS_REPLY_ARRAY);
	assert_int_equal(r->elements, ENTRIES);
	for (size_t i = 0; i < r->elements; i++)
		assert_int_equal(r->element[i]->len, ENTRY);
	freeReplyObject(r);
}

static void one_without_end(int peer)
{
	char bytes[65536] = "$1073741824\r\n";
	while (say(peer, bytes, sizeof(bytes)))
		;
}

static void an_entry_larger_than_any_is_refused(void **state)
{
	char why[256];
	assert_null(ask(*state, one_without_end, why));
	assert_string_equal(why, "the server's reply is too large");
}

static void noise(int peer)
{
	say(peer, "*x\r\n", 4);
}

static void nonsense_is_said(void **state)
{
	char why[256];
	assert_null(ask(*state, noise, why));
	assert_non_null(strstr(why, "does not answer as Redis does"));
}

static void digits(int peer)
{
	say(peer, "$2000000\r\n", 10);
	while (say(peer, "1", 1))
		usleep(2000);
}

/* A byte every two milliseconds is an answer that never comes. */
static void drops_are_not_waited_for(void **state)
{
	char why[256];
	assert_null(ask(*state, digits, why));
	assert_string_equal(why, "no whole reply within 10 s");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_large_page_is_read),
		T(an_entry_larger_than_any_is_refused),
		T(nonsense_is_said),
		T(drops_are_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
