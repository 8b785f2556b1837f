/* redis: against a server played by the test: what it is asked, and what is done about its answers. */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "deliver/redis.h"
#include "deliver/refusal.h"

struct fixture {
	char folder[64], url[128], journal_folder[96];
	struct toc_journal *journal;
	struct toc_redis *redis;
	int listener, peer;
	toc_time now;
	char asked[65536]; /* by the connection that stands */
	size_t nasked;
};

static const char *const routes[] = { "ts", NULL };

static void append(struct fixture *f, unsigned n, unsigned severity)
{
	char id[64];
	snprintf(id, sizeof(id), "%032x", n);
	const struct toc_alert a = { .id = id,
				     .revision = 1,
				     .rule = "r",
				     .severity = severity,
				     .routes = routes,
				     .json = toc_span_str("{\"x\":\"\\r\\n*1\\r\\n$8\\r\\nFLUSHALL\\r\\n\"}") };
	assert_true(toc_journal_append(f->journal, &a));
}

/* A master without replicas. */
#define ROLE "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char err[256];
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	strcpy(f->folder, "/tmp/tocsin-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/redis.sock", f->folder);
	snprintf(f->url, sizeof(f->url), "unix://%s", sa.sun_path);
	f->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(f->listener, 4), 0);
	snprintf(f->journal_folder, sizeof(f->journal_folder), "%s/journal", f->folder);
	const struct toc_journal_config j = { .folder = f->journal_folder };
	f->journal = toc_journal_open(&j, err, sizeof(err));
	const struct toc_redis_config c = { .url = f->url, .sensor = "s1" };
	f->redis = toc_redis_new(&c, f->journal, err, sizeof(err));
	assert_non_null(f->redis);
	f->peer = -1;
	f->now = TOC_HOUR;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	toc_redis_free(f->redis);
	toc_journal_close(f->journal);
	close(f->listener);
	if (f->peer >= 0)
		close(f->peer);
	snprintf(command, sizeof(command), "rm -rf %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static int step(struct fixture *f, toc_time later)
{
	f->now += later;
	return toc_redis_step(f->redis, 0, f->now);
}

/* The far end takes the connection that delivery makes. */
static void accept_it(struct fixture *f)
{
	if (f->peer >= 0)
		close(f->peer);
	step(f, 10 * TOC_SEC);
	f->peer = accept(f->listener, NULL, NULL);
	assert_true(f->peer >= 0);
	f->nasked = 0;
	step(f, 0);
}

/* What has been asked since the last call. */
static const char *asked(struct fixture *f)
{
	struct pollfd p = { .fd = f->peer, .events = POLLIN };
	f->nasked = 0;
	while (poll(&p, 1, 20) > 0) {
		ssize_t n = recv(f->peer, f->asked + f->nasked, sizeof(f->asked) - 1 - f->nasked, 0);
		if (n <= 0)
			break;
		f->nasked += (size_t)n;
	}
	f->asked[f->nasked] = '\0';
	return f->asked;
}

static void answer(struct fixture *f, const char *text)
{
	assert_int_equal(send(f->peer, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static unsigned times(const char *in, const char *what)
{
	unsigned n = 0;
	for (; (in = strstr(in, what)); in += strlen(what))
		n++;
	return n;
}

static void greet(struct fixture *f)
{
	accept_it(f);
	assert_int_equal(times(asked(f), "{tocsin}:pos:s1"), 1);
	answer(f, ROLE "$-1\r\n");
	step(f, 0);
}

static void a_batch_waits_20_ms_to_be_filled(void **state)
{
	struct fixture *f = *state;
	greet(f);
	append(f, 1, 3);
	step(f, 0);
	append(f, 2, 3);
	step(f, 19 * TOC_MS);
	assert_int_equal(times(asked(f), "EXEC"), 0);
	step(f, TOC_MS);
	step(f, 0);
	const char *text = asked(f);
	assert_int_equal(times(text, "XADD"), 2);
	assert_int_equal(times(text, "$4\r\nEXEC\r\n"), 1);
	answer(f, "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$3\r\n1-1\r\n$3\r\n1-2\r\n+OK\r\n");
	assert_int_equal(step(f, 0), 2);
	assert_true(toc_redis_idle(f->redis));
	assert_true(toc_journal_cursor(f->journal) == toc_journal_end(f->journal));
}

static void a_severe_alert_goes_at_once_behind_what_is_before_it(void **state)
{
	struct fixture *f = *state;
	greet(f);
	append(f, 1, 1);
	step(f, 0);
	append(f, 2, 4);
	step(f, TOC_MS);
	step(f, 0);
	const char *text = asked(f), *one = strstr(text, "00000001"), *two = strstr(text, "00000002");
	assert_non_null(one);
	assert_true(two > one);
	assert_int_equal(times(text, "$4\r\nEXEC\r\n"), 1);
}

static void a_full_batch_does_not_wait(void **state)
{
	struct fixture *f = *state;
	greet(f);
	for (unsigned i = 0; i < 150; i++)
		append(f, i, 1);
	step(f, 0);
	step(f, 0);
	const char *text = asked(f);
	assert_int_equal(times(text, "XADD"), 100);
	assert_int_equal(times(text, "$4\r\nEXEC\r\n"), 1);
}

/* Whatever it says, it is away, nothing is confirmed, and the same is sent again. */
static void whatever_the_server_says_nothing_is_lost(void **state)
{
	static const char *const bad[] = {
		"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
		"-READONLY You can't write against a read only replica.\r\n",
		"-LOADING Redis is loading the dataset in memory\r\n",
		"-NOPERM no permissions\r\n",
		"-NOAUTH Authentication required.\r\n",
		"-MISCONF Redis is configured to save RDB snapshots\r\n",
		"+OK\r\n+QUEUED\r\n+QUEUED\r\n-EXECABORT Transaction discarded\r\n",
		"+OK\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n",
		"+OK\r\n+QUEUED\r\n+QUEUED\r\n*1\r\n+OK\r\n",
		"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n+OK\r\n",
		"+OK\r\n+OK\r\n",
		"+QUEUED\r\n",
		":7\r\n",
		"HTTP/1.1 400 Bad Request\r\n\r\n",
		"*99999999999\r\n",
		"$9999999999999\r\n",
	};
	struct fixture *f = *state;
	append(f, 1, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		greet(f);
		step(f, 0);
		assert_int_equal(times(asked(f), "XADD"), 1);
		answer(f, bad[i]);
		if (step(f, 0) != -1 && step(f, 11 * TOC_SEC) != -1) /* or more is awaited, until it is late */
			fail_msg("taken for good: %s", bad[i]);
		assert_non_null(toc_redis_trouble(f->redis));
		assert_false(toc_redis_idle(f->redis));
		assert_true(toc_journal_cursor(f->journal) == 0);
	}
	assert_int_equal(toc_redis_count(f->redis)->confirmed, 0);
}

static void silence_is_the_end_of_a_connection(void **state)
{
	struct fixture *f = *state;
	append(f, 1, 4);
	greet(f);
	step(f, 0);
	assert_int_equal(step(f, 9 * TOC_SEC), 0);
	assert_int_equal(step(f, 2 * TOC_SEC), -1);
	greet(f);
}

/* The server stood still behind the request: it carries it out, and the answer goes nowhere. Its position tells. */
static void what_was_carried_out_without_an_answer_counts(void **state)
{
	struct fixture *f = *state;
	char position[128], text[160];
	append(f, 1, 4);
	append(f, 2, 4);
	greet(f);
	step(f, 0);
	assert_int_equal(times(asked(f), "XADD"), 2);
	assert_int_equal(step(f, 11 * TOC_SEC), -1);
	const toc_journal_pos end = toc_journal_end(f->journal);
	int n = snprintf(position, sizeof(position), "%llu %llx", (unsigned long long)end,
			 (unsigned long long)toc_journal_identity(f->journal));
	snprintf(text, sizeof(text), ROLE "$%d\r\n%s\r\n", n, position);
	accept_it(f);
	asked(f);
	answer(f, text);
	step(f, 0);
	assert_true(toc_redis_idle(f->redis));
	assert_int_equal(toc_redis_count(f->redis)->confirmed, 2);
}

static void what_was_carried_out_in_part_is_taken_back(void **state)
{
	struct fixture *f = *state;
	append(f, 1, 4);
	append(f, 2, 4);
	greet(f);
	step(f, 0);
	asked(f);
	answer(f, "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n-WRONGTYPE Operation against a "
		  "key\r\n$3\r\n1-1\r\n+OK\r\n");
	assert_int_equal(step(f, 0), -1);
	accept_it(f);
	const char *text = asked(f); /* the position is set back before it is asked for */
	assert_non_null(strstr(text, "SET\r\n$15\r\n{tocsin}:pos:s1"));
	assert_true(strstr(text, "GET\r\n$15") > strstr(text, "SET\r\n$15"));
	answer(f, "+OK\r\n" ROLE "$-1\r\n");
	step(f, 0);
	step(f, 0);
	assert_int_equal(times(asked(f), "XADD"), 1); /* one at a time, so that little is repeated */
}

static void another_journals_position_means_nothing(void **state)
{
	struct fixture *f = *state;
	append(f, 1, 4);
	char text[64], reply[128];
	snprintf(text, sizeof(text), "%llu 0123456789abcdef", (unsigned long long)toc_journal_end(f->journal));
	snprintf(reply, sizeof(reply), ROLE "$%zu\r\n%s\r\n", strlen(text), text);
	accept_it(f);
	asked(f);
	answer(f, reply);
	step(f, 0);
	assert_false(toc_redis_idle(f->redis));
	step(f, 0);
	assert_int_equal(times(asked(f), "XADD"), 1);
}

/* Another node of a Cluster, on a port of the loopback; what it is named by goes to where. */
static int another_node(struct toc_redis_node *where)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	*where = (struct toc_redis_node){ .port = ntohs(sa.sin_port) };
	strcpy(where->host, "127.0.0.1");
	return fd;
}

/* The same journal, but with a node that redirections may lead to. */
static void knows(struct fixture *f, const struct toc_redis_node *node)
{
	char err[256];
	const struct toc_redis_config c = { .url = f->url, .sensor = "s1", .nodes = node, .nnodes = 1 };
	toc_redis_free(f->redis);
	f->redis = toc_redis_new(&c, f->journal, err, sizeof(err));
	assert_non_null(f->redis);
}

/* The connection goes to the other node, at once. */
static void accept_there(struct fixture *f, int node)
{
	struct pollfd p = { .fd = node, .events = POLLIN };
	step(f, 0);
	assert_int_equal(poll(&p, 1, 1000), 1);
	close(f->peer);
	f->peer = accept(node, NULL, NULL);
	assert_true(f->peer >= 0);
	p.fd = f->peer;
	for (int i = 0; i < 100 && poll(&p, 1, 10) == 0; i++)
		step(f, 0);
}

static void redirect(struct fixture *f, const char *how, const struct toc_redis_node *to)
{
	char text[512];
	snprintf(text, sizeof(text), "-%s 7365 %s:%u\r\n", how, to->host, to->port);
	answer(f, text);
}

/* While a slot moves, each command and each transaction says that it knows. */
static void ask_is_followed_and_said(void **state)
{
	struct fixture *f = *state;
	struct toc_redis_node there;
	int node = another_node(&there);
	append(f, 1, 4);
	knows(f, &there);
	accept_it(f);
	asked(f);
	answer(f, ROLE);
	redirect(f, "ASK", &there);
	step(f, 0);
	accept_there(f, node);
	const char *text = asked(f);
	assert_int_equal(times(text, "ASKING"), 1);
	assert_true(strstr(text, "ASKING") > strstr(text, "ROLE") && strstr(text, "GET") > strstr(text, "ASKING"));
	answer(f, ROLE "+OK\r\n$-1\r\n");
	step(f, 0);
	step(f, 0);
	text = asked(f);
	assert_int_equal(times(text, "ASKING"), 1);
	assert_true(strstr(text, "MULTI") > strstr(text, "ASKING") && strstr(text, "XADD") > strstr(text, "MULTI"));
	answer(f, "+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-1\r\n+OK\r\n");
	assert_int_equal(step(f, 0), 1);
	assert_null(toc_redis_trouble(f->redis));
	/* the move was given up: back, and nothing is said any more */
	append(f, 2, 4);
	step(f, 0);
	asked(f);
	answer(f, "+OK\r\n-MOVED 7365 192.0.2.7:6379\r\n"); /* nobody named that one */
	assert_int_equal(step(f, 0), -1);
	assert_non_null(strstr(toc_redis_trouble(f->redis), "deliver.nodes"));
	accept_it(f);
	assert_int_equal(times(asked(f), "ASKING"), 0);
	close(node);
}

/* A transaction that answers to ASKING as if it were MULTI's is not one that went through. */
static void liars_behind_an_ask(void **state)
{
	static const char *const bad[] = {
		"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-1\r\n+OK\r\n",
		"+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n$3\r\n1-1\r\n+OK\r\n",
		"+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
		"-ERR unknown command 'ASKING'\r\n",
		"-ASK 7365 127.0.0.1:99999\r\n",
		"-ASK 7365 [::1]x\r\n",
		"-ASK\r\n",
	};
	struct fixture *f = *state;
	struct toc_redis_node there;
	int node = another_node(&there);
	append(f, 1, 4);
	knows(f, &there);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		accept_it(f);
		asked(f);
		answer(f, ROLE);
		redirect(f, "ASK", &there);
		step(f, 0);
		accept_there(f, node);
		asked(f);
		answer(f, ROLE "+OK\r\n$-1\r\n");
		step(f, 0);
		step(f, 0);
		asked(f);
		answer(f, bad[i]);
		if (step(f, 0) != -1 && step(f, 11 * TOC_SEC) != -1)
			fail_msg("taken for good: %s", bad[i]);
		assert_true(toc_journal_cursor(f->journal) == 0);
	}
	close(node);
}

/* Nodes that send each other are followed a few times, then there is a pause. */
static void round_and_round(void **state)
{
	struct fixture *f = *state;
	struct toc_redis_node there;
	int node = another_node(&there), times_followed = 0;
	append(f, 1, 4);
	knows(f, &there);
	accept_it(f);
	for (bool on = true; on; times_followed++) {
		assert_true(times_followed < 20);
		asked(f);
		answer(f, ROLE);
		redirect(f, times_followed % 2 ? "MOVED" : "ASK", &there);
		step(f, 0);
		struct pollfd p = { .fd = node, .events = POLLIN };
		step(f, 0);
		on = poll(&p, 1, 100) == 1;
		if (on)
			accept_there(f, node);
	}
	assert_non_null(toc_redis_trouble(f->redis));
	accept_it(f); /* where it was told to go first */
	close(node);
}

static void refusals_name_the_setting(void **state)
{
	char words[16];
	(void)state;
	assert_non_null(strstr(toc_refusal_of("WRONGPASS invalid")->advice, "deliver.password_file"));
	assert_non_null(strstr(toc_refusal_of("OOM command not allowed")->advice, "maxmemory"));
	assert_string_equal(toc_refusal_of("OOMPH")->prefix, "");
	assert_string_equal(toc_refusal_of("")->prefix, "");
	assert_string_equal(toc_refusal_of("READONLY")->prefix, "READONLY");
	toc_refusal_words("a\x1b[31m\n\xff z and more", words, sizeof(words));
	assert_string_equal(words, "a?[31m?? z and ");
}

static void begin_batch(struct fixture *f)
{
	greet(f);
	append(f, 1, 4);
	step(f, 0);
	step(f, 0);
	asked(f);
}

/* A list is taken in as it comes: no more of one than a reply may have. */
static void a_list_without_end_is_not_kept(void **state)
{
	static const char item[] = "$9\r\nabcdefghi\r\n";
	enum { N = sizeof(item) - 1, ITEMS = 256 };
	struct fixture *f = *state;
	char items[ITEMS * N];
	size_t sent = 0;
	begin_batch(f);
	answer(f, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*65536\r\n*65536\r\n");
	for (size_t i = 0; i < ITEMS; i++)
		memcpy(items + i * N, item, N);
	while (sent < 4 << 20 && send(f->peer, items, sizeof(items), MSG_NOSIGNAL) == sizeof(items)) {
		sent += sizeof(items);
		step(f, 0);
	}
	assert_in_range(sent, 1 << 20, (1 << 20) + (1 << 16));
	assert_string_equal(toc_redis_trouble(f->redis), "the server's reply is too large");
}

/* Its length alone costs nothing. */
static void a_list_of_a_billion_is_not_begun(void **state)
{
	struct fixture *f = *state;
	begin_batch(f);
	answer(f, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*1000000000\r\n");
	assert_int_equal(step(f, 0), -1);
	assert_string_equal(toc_redis_trouble(f->redis), "the server does not answer as Redis does");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_batch_waits_20_ms_to_be_filled),
		T(a_severe_alert_goes_at_once_behind_what_is_before_it),
		T(a_full_batch_does_not_wait),
		T(whatever_the_server_says_nothing_is_lost),
		T(silence_is_the_end_of_a_connection),
		T(what_was_carried_out_without_an_answer_counts),
		T(what_was_carried_out_in_part_is_taken_back),
		T(another_journals_position_means_nothing),
		T(ask_is_followed_and_said),
		T(liars_behind_an_ask),
		T(round_and_round),
		T(a_list_without_end_is_not_kept),
		T(a_list_of_a_billion_is_not_begun),
		cmocka_unit_test(refusals_name_the_setting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
