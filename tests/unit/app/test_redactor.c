/* redactor: the longest word at each place, in either case; short ones only whole; tokens of nobody; members. */
#include "test.h"

#include "app/redactor.h"

static const char *hide_member(void *user, const char *path, struct toc_span name)
{
	(void)user;
	return strcmp(path, "a.b") == 0 && toc_span_is(name, "secret") ? "[gone]" : NULL;
}

static void expect(const struct redactor *r, const char *in, const char *out)
{
	struct text t = { 0 };
	redactor_text(r, toc_span_str(in), &t);
	assert_int_equal(t.n, strlen(out));
	assert_memory_equal(t.p, out, t.n);
	text_free(&t);
}

static void words_and_tokens(void **state)
{
	static struct redactor r;
	(void)state;
	r.persons = "[p]";
	assert_true(redactor_word(&r, toc_span_str("anna"), "[1]"));
	assert_true(redactor_word(&r, toc_span_str("anna.other@x.org"), "[2]"));
	assert_true(redactor_word(&r, toc_span_str("bo"), "[3]"));
	assert_true(redactor_word(&r, toc_span_str("ANNA"), "never")); /* the first that says something is right */
	assert_true(redactor_word(&r, toc_span_str(""), "never"));
	expect(&r, "Anna and ANNA.other@x.org", "[1] and [2]");
	expect(&r, "joanna's", "jo[1]'s");
	expect(&r, "bob bo bo.x abo", "bob [3] [3].x abo");
	expect(&r, "tok_0123456789ab, tok_0123456789a, dev_0123456789ab", "[p], tok_0123456789a, dev_0123456789ab");
	expect(&r, "xtok_0123456789abc", "x[p]c");
}

static void documents_keep_their_form(void **state)
{
	static struct redactor r;
	struct toc_arena *arena = toc_arena_new();
	struct text t = { 0 };
	(void)state;
	r.member = hide_member;
	assert_true(redactor_word(&r, toc_span_str("anna"), "\"x\""));
	const char *in =
		"{\"a\":{\"b\":{\"secret\":[1,2],\"n\":-1.50,\"t\":[true,false,null,\"an\\u006ea\"]},\"secret\":{}}}";
	const char *want = "{\"a\":{\"b\":{\"secret\":\"[gone]\",\"n\":-1.50,\"t\":[true,false,null,\"\\\"x\\\"\"]},"
			   "\"secret\":{}}}";
	redactor_json(&r, cli_tree_read(arena, toc_span_str(in)), &t);
	assert_int_equal(t.n, strlen(want));
	assert_memory_equal(t.p, want, t.n);
	text_free(&t);
	toc_arena_free(arena);
}

/* What nobody has on a list: by its form only; where it is in doubt (a long version number) rather too much. */
static void free_text_by_form(void **state)
{
	static struct redactor r;
	(void)state;
	assert_true(redactor_word(&r, toc_span_str("anna"), "[1]"));
	expect(&r, "ann@x.org 10.0.0.1 02:00:5e:aa:bb:cc", "ann@x.org 10.0.0.1 02:00:5e:aa:bb:cc");
	r.mails = "[m]";
	r.addresses = "[a]";
	r.macs = "[h]";
	expect(&r, "<ann.other+x@mail.x.org>, joanna@x.org, @x @@ a@", "<[m]>, [m], @x @@ a@");
	expect(&r, "anna@x.org", "[1]@x.org"); /* a word is what the document knows it as */
	expect(&r, "from:10.0.0.1:80, 10.0.0.1. v1.2.3.4.5 1.2.3", "from:[a]:80, [a]. v1.[a] 1.2.3");
	expect(&r, "[2001:db8::7]:22 fe80::1%eth0 at 08:00:00", "[[a]]:22 [a]%eth0 at 08:00:00");
	expect(&r, "02:00:5E:aa:bb:cc 02-00-5e-aa-bb-cc 0200.5eaa.bbcc 020000000000", "[h] [h] [h] 020000000000");
	r.macs = NULL;
	expect(&r, "02:00:5e:aa:bb:cc", "02:00:5e:aa:bb:cc");
	expect(&r, "", "");
	expect(&r, "1", "1");
}

/* More words than it holds is no redaction at all. */
static void too_many_is_told(void **state)
{
	static struct redactor r;
	static char words[REDACTOR_WORDS + 1][8];
	(void)state;
	for (unsigned i = 0; i <= REDACTOR_WORDS; i++) {
		snprintf(words[i], sizeof(words[i]), "w%05u", i);
		assert_int_equal(redactor_word(&r, toc_span_str(words[i]), "-"), i < REDACTOR_WORDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words_and_tokens),
					    cmocka_unit_test(documents_keep_their_form),
					    cmocka_unit_test(free_text_by_form), cmocka_unit_test(too_many_is_told) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
