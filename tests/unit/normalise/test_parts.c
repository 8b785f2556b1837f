/* patterns, payloads, redaction, clocks: the parts of a normaliser, with the input of strangers. */
#include "test.h"

#include "normalise/clock.h"
#include "normalise/pattern.h"
#include "normalise/redact.h"

static const char *const names[] = { "user", "ip", "port", "why", NULL };

static int field(void *user, struct toc_span name)
{
	(void)user;
	for (int i = 0; names[i]; i++)
		if (toc_span_is(name, names[i]))
			return i;
	return -1;
}

struct rig {
	struct toc_arena *arena;
	struct toc_diag *diag;
	struct pattern_graph *graph;
};

static struct rig rig_new(void)
{
	struct rig r = { toc_arena_new(), toc_diag_new(), NULL };
	r.graph = pattern_graph_new(r.arena);
	return r;
}

static void rig_free(struct rig *r)
{
	toc_arena_free(r->arena);
	toc_diag_free(r->diag);
}

static bool add(struct rig *r, const char *text, unsigned rule)
{
	return pattern_add(r->graph, toc_span_str(text), rule, field, NULL, (struct toc_place){ "t", 1, 1 }, r->diag);
}

/* "rule:field=value,…", or "-". */
static const char *match(const struct rig *r, const char *text, char out[512])
{
	struct pattern_capture c[PATTERN_FIELDS];
	unsigned n;
	int rule = pattern_match(r->graph, toc_span_str(text), c, &n);
	size_t at = (size_t)snprintf(out, 512, rule < 0 ? "-" : "%d:", rule);
	for (unsigned i = 0; rule >= 0 && i < n; i++)
		at += (size_t)snprintf(out + at, 512 - at, "%s%s=%.*s", i ? "," : "", names[c[i].field],
				       (int)c[i].text.n, (const char *)c[i].text.p);
	return out;
}

static void patterns(void **state)
{
	(void)state;
	char got[512];
	struct rig r = rig_new();
	assert_true(add(&r, "Failed for {user:text} from {ip:ip} port {port:uint}", 0));
	assert_true(add(&r, "Failed for root from {ip:ip}", 1));
	assert_true(add(&r, "{user} : {why:until} ; U={ip} ; C={_:rest}", 2));
	assert_true(add(&r, "a{{b{port:uint}", 3));
	assert_string_equal(match(&r, "Failed for bob from 10.0.0.1 port 22", got), "0:user=bob,ip=10.0.0.1,port=22");
	assert_string_equal(match(&r, "Failed for root from 10.0.0.1", got), "1:ip=10.0.0.1");
	assert_string_equal(match(&r, "Failed for root from 10.0.0.1 port 7  ", got), "0:user=root,ip=10.0.0.1,port=7");
	/* what a stranger puts into the name does not move the rest */
	assert_string_equal(match(&r, "Failed for x from 1.1.1.1 port 1 from 2.2.2.2 port 2", got),
			    "0:user=x from 1.1.1.1 port 1,ip=2.2.2.2,port=2");
	assert_string_equal(match(&r, "u : no ; U=root ; C=x ; U=y ; C=z", got), "2:user=u,why=no,ip=root");
	assert_string_equal(match(&r, "a{b12", got), "3:port=12");
	assert_string_equal(match(&r, "Failed for bob from nowhere port 22", got), "-");
	assert_string_equal(match(&r, "", got), "-");
	rig_free(&r);
}

static void pattern_mistakes(void **state)
{
	(void)state;
	struct rig r = rig_new();
	assert_false(add(&r, "x {usr}", 0));
	assert_false(add(&r, "x {user:wrd}", 0));
	assert_false(add(&r, "x {user", 0));
	assert_true(add(&r, "same {user}", 0));
	assert_false(add(&r, "same {user}", 1));
	assert_int_equal(toc_diag_errors(r.diag), 4);
	rig_free(&r);
}

/* Many ways to split and none that fits: given up after a bounded number of steps. */
static void pattern_budget(void **state)
{
	(void)state;
	char got[512], line[8000];
	struct rig r = rig_new();
	assert_true(add(&r, "{user:text} a {ip:text} a {why:text} a {port:text} a end", 0));
	for (size_t i = 0; i + 1 < sizeof(line); i += 2)
		memcpy(line + i, " a", 2);
	line[sizeof(line) - 1] = '\0';
	assert_string_equal(match(&r, line, got), "-");
	rig_free(&r);
}

static const char *redact(const char *text)
{
	static char out[512];
	uint8_t room[400];
	struct toc_span s = redact_text(toc_span_str(text), room, sizeof(room));
	snprintf(out, sizeof(out), "%.*s", (int)s.n, (const char *)s.p);
	return out;
}

static void secrets(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = { { "password=hunter2 x", "password=[redacted] x" },
		      { "Password: \"two words\", ok", "Password: [redacted], ok" },
		      { "mysql --password=a -u b", "mysql --password=[redacted] -u b" },
		      { "url?token=abc&x=1", "url?token=[redacted]&x=1" },
		      { "Authorization: Basic abc def", "Authorization: [redacted]" },
		      { "a passwd=1 and secret=2", "a passwd=[redacted] and secret=[redacted]" },
		      { "GET http://u:s:e@h/a:b@c", "GET http://u:[redacted]@h/a:b@c" },
		      { "ftp://u:p@ss@h/x", "ftp://u:[redacted]@h/x" },
		      { "http://h:80/ https://u@h/ x://a:b", "http://h:80/ https://u@h/ x://a:b" },
		      { "PWD=/home/x ; USER=root", "PWD=/home/x ; USER=root" },
		      { "Failed password for root", "Failed password for root" },
		      { "tokens: 5 left", "tokens: 5 left" },
		      { "Password : x, y", "Password : [redacted], y" },
		      { "for the community name or user name : public",
			"for the community name or user name : [redacted]" },
		      { "the user name : public", "the user name : public" },
		      { "password=", "password=" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(redact(cases[i].in), cases[i].out);
}

static void clocks(void **state)
{
	(void)state;
	const struct toc_hash_key key = { 1, 2 };
	struct toc_addr a = { { 1 } }, b = { { 2 } };
	struct clocks *c = clocks_new(16, 5 * TOC_MIN, &key);
	uint32_t first = clocks_source(c, &a, toc_span_str(""), 0);
	assert_true(first != 0);
	assert_true(clocks_believe(c, 100 * TOC_DAY, 100 * TOC_DAY));
	assert_true(clocks_believe(c, 90 * TOC_DAY, 100 * TOC_DAY)); /* a backlog */
	assert_false(clocks_believe(c, 100 * TOC_DAY + TOC_HOUR, 100 * TOC_DAY));
	assert_int_not_equal(clocks_source(c, &b, toc_span_str(""), 0), first);
	assert_int_not_equal(clocks_source(c, &a, toc_span_str("x"), 0), first);
	assert_int_equal(clocks_source(c, &a, toc_span_str(""), 0), first);
	/* a clock that is always an hour ahead comes to be believed; another source's does not move for it */
	bool believed = false;
	for (int i = 0; i < 300 && !believed; i++)
		believed = clocks_believe(c, 100 * TOC_DAY + TOC_HOUR, 100 * TOC_DAY);
	assert_true(believed);
	clocks_source(c, &b, toc_span_str(""), 0);
	assert_false(clocks_believe(c, 100 * TOC_DAY + TOC_HOUR, 100 * TOC_DAY));
	clocks_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns), cmocka_unit_test(pattern_mistakes), cmocka_unit_test(pattern_budget),
		cmocka_unit_test(secrets),  cmocka_unit_test(clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
