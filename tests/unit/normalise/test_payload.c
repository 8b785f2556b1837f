/* payloads: every form to pairs, escapes undone, hostile text bounded. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "normalise/payload.h"

static int set_up(void **state)
{
	*state = malloc(sizeof(struct payload));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static const char *value(const struct payload *p, const char *name)
{
	static char text[256];
	struct toc_span v = payload_get(p, toc_span_str(name));
	snprintf(text, sizeof(text), "%.*s", (int)v.n, (const char *)v.p);
	return text;
}

static const char *column(const struct payload *p, unsigned i)
{
	static char text[256];
	snprintf(text, sizeof(text), "%.*s", (int)p->pairs[i].value.n, (const char *)p->pairs[i].value.p);
	return text;
}

static void json(void **state)
{
	struct payload *p = *state;
	assert_true(payload_json(
		p, toc_span_str("{\"a\":\"x\\n\\u00e9\\ud83d\\ude00\\\"\", \"n\": -1.5, \"t\":true,\"z\":null,"
				"\"o\":{\"k\":[1,\"}\"],\"in\":{\"deep\":\"y\"}},\"l\":[1,2],\"e\":\"\"}")));
	assert_string_equal(value(p, "a"), "x\n\xc3\xa9\xf0\x9f\x98\x80\"");
	assert_string_equal(value(p, "n"), "-1.5");
	assert_string_equal(value(p, "t"), "true");
	assert_string_equal(value(p, "o.k"), "1");
	assert_string_equal(value(p, "o.in.deep"), "y");
	assert_string_equal(value(p, "l"), "1");
	assert_int_equal(p->n, 9); /* null is none; both elements of k and l, and the empty e */
}

/* RFC 5424, section 6.3.3: of backslashes only those before a quote, a backslash and a bracket are escapes. */
static void structured_data(void **state)
{
	struct payload *p = *state;
	assert_true(payload_data(
		p, toc_span_str("[a@32473.1.2 x=\"1\" y=\"\\\"q\\\" \\] \\n\"][meta sequenceId=\"7\"][b]")));
	assert_string_equal(value(p, "@32473"), "a@32473.1.2");
	assert_string_equal(value(p, "x"), "1");
	assert_string_equal(value(p, "y"), "\"q\" ] \\n");
	assert_string_equal(value(p, "sequenceId"), "7");
	assert_int_equal(p->n, 4);
	assert_true(payload_data(p, toc_span_str("[o@6876 sub=Vim.Task opID=a-1 user=\"never closed")));
	assert_string_equal(value(p, "sub"), "Vim.Task");
	assert_string_equal(value(p, "user"), "never closed");
	static const char *const nothing[] = { "", "-", "[", "[]", "[a", "[a ]", "[a b", "[a =\"x\"]", "text" };
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_false(payload_data(p, toc_span_str(nothing[i])));
}

/* Escapes and dotted names are written to the same memory: neither may overwrite the other. */
static void json_shares_its_memory(void **state)
{
	struct payload *p = *state;
	assert_true(
		payload_json(p, toc_span_str("{\"o\\u0061\":{\"\\u0062\":\"\\u0063\",\"i\":{\"d\":\"\\u0065\"}},"
					     "\"l\":[{\"name\":\"\\u0066\",\"value\":\"\\u0067\"},{\"x\":\"h\"}]}")));
	assert_string_equal(value(p, "oa.b"), "c");
	assert_string_equal(value(p, "oa.i.d"), "e");
	assert_string_equal(value(p, "l.f"), "g");
	assert_string_equal(value(p, "l.x"), "h");
}

static void json_broken(void **state)
{
	static const char *const broken[] = { "",    "{",	   "{\"a\":1",	       "{\"a\"}", "{\"a\":\"x}",
					      "[1]", "{\"a\":\\}", "{\"a\":{\"b\":1}", NULL };
	struct payload *p = *state;
	char deep[2000];
	for (const char *const *b = broken; *b; b++)
		assert_false(payload_json(p, toc_span_str(*b)));
	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	assert_false(payload_json(p, toc_span_of(deep, sizeof(deep))));
}

static void json_is_bounded(void **state)
{
	struct payload *p = *state;
	char *text = malloc(1 << 20), *end = text;
	end += sprintf(end, "{\"outer\":{");
	for (int i = 0; i < 20000; i++)
		end += sprintf(end, "%s\"k%d\":\"\\u0041\"", i ? "," : "", i);
	end += sprintf(end, "}}");
	payload_json(p, toc_span_of(text, (size_t)(end - text)));
	assert_int_equal(p->n, PAYLOAD_PAIRS);
	assert_true(p->cut);
	free(text);
}

static void pairs(void **state)
{
	struct payload *p = *state;
	assert_true(payload_pairs(p, toc_span_str("a=1 b=\"two \\\"words\\\"\" c=\"\" d=x=y"), &payload_usual));
	assert_string_equal(value(p, "b"), "two \"words\"");
	assert_string_equal(value(p, "d"), "x=y");
	assert_true(payload_pairs(p, toc_span_str("[rule 7] IN=eth0 OUT= DF SRC=192.0.2.1 e='it is' f=\"open"),
				  &payload_usual));
	assert_string_equal(value(p, "IN"), "eth0");
	assert_string_equal(value(p, "SRC"), "192.0.2.1");
	assert_string_equal(value(p, "e"), "it is");
	assert_string_equal(value(p, "f"), "open");
	assert_false(payload_pairs(p, toc_span_str("just words"), &payload_usual));
	assert_false(payload_pairs(p, toc_span_str("a=1 and words"), &payload_usual));
}

static void pairs_in_other_styles(void **state)
{
	static const struct payload_style commas = { ':', ',', false, false }, spaced = { '=', ' ', true, false };
	struct payload *p = *state;
	assert_true(payload_pairs(p, toc_span_str("SrcIP: 192.0.2.1, Dst Port: 80, URL: http://x/"), &commas));
	assert_string_equal(value(p, "SrcIP"), "192.0.2.1");
	assert_string_equal(value(p, "Dst Port"), "80");
	assert_string_equal(value(p, "URL"), "http://x/");
	static const struct payload_style on = { '=', ',', false, true };
	assert_true(payload_pairs(p, toc_span_str("lost,Roles=[All], Student,Mac=00:11,q=\"x\",y,z="), &on));
	assert_string_equal(value(p, "Roles"), "[All], Student");
	assert_string_equal(value(p, "Mac"), "00:11");
	assert_string_equal(value(p, "q"), "x");
	assert_true(payload_pairs(p, toc_span_str("msg=two words here act=deny x=a\\=b c"), &spaced));
	assert_string_equal(value(p, "msg"), "two words here");
	assert_string_equal(value(p, "act"), "deny");
}

static void cef(void **state)
{
	struct payload *p = *state;
	assert_true(payload_cef(p, toc_span_str("CEF:0|A\\|B|Fw|1.2|100|conn denied|5|src=192.0.2.1 msg=a b \\= c "
						"cs1=students cs1Label=Zone spt=443")));
	assert_string_equal(value(p, "device_vendor"), "A|B");
	assert_string_equal(value(p, "event_class_id"), "100");
	assert_string_equal(value(p, "severity"), "5");
	assert_string_equal(value(p, "src"), "192.0.2.1");
	assert_string_equal(value(p, "msg"), "a b = c");
	assert_string_equal(value(p, "Zone"), "students");
	assert_string_equal(value(p, "spt"), "443");
	assert_true(payload_cef(p, toc_span_str("0|V|P|1|2|n|3|a=1")));
	/* a backslash that is one, in front of a bar that is one */
	assert_true(payload_cef(p, toc_span_str("CEF:0|V|P|1|2|C:\\\\|3|src=192.0.2.9 x=a|b")));
	assert_string_equal(value(p, "name"), "C:\\");
	assert_string_equal(value(p, "severity"), "3");
	assert_string_equal(value(p, "src"), "192.0.2.9");
	assert_false(payload_cef(p, toc_span_str("CEF:0|V|P|1|2|n")));
	assert_false(payload_cef(p, toc_span_str("CEF:")));
}

static void leef(void **state)
{
	struct payload *p = *state;
	assert_true(payload_leef(p, toc_span_str("LEEF:1.0|V|P|1|evt|src=192.0.2.1\tusr=a b\tx=1")));
	assert_string_equal(value(p, "event_class_id"), "evt");
	assert_string_equal(value(p, "usr"), "a b");
	assert_true(payload_leef(p, toc_span_str("LEEF:2.0|V|P|1|evt|^|src=192.0.2.1^usr=a b")));
	assert_string_equal(value(p, "usr"), "a b");
	assert_true(payload_leef(p, toc_span_str("LEEF:2.0|V|P|1|evt|0x7C|src=192.0.2.1|usr=a b")));
	assert_string_equal(value(p, "usr"), "a b");
	assert_false(payload_leef(p, toc_span_str("LEEF:1.0|V|P")));
}

static void csv(void **state)
{
	struct payload *p = *state;
	assert_true(payload_csv(p, toc_span_str("1,\"a,b\",\"say \"\"hi\"\"\",,end"), ','));
	assert_int_equal(p->n, 5);
	assert_string_equal(column(p, 1), "a,b");
	assert_string_equal(column(p, 2), "say \"hi\"");
	assert_string_equal(column(p, 3), "");
	assert_string_equal(column(p, 4), "end");
	assert_true(payload_csv(p, toc_span_str("a\tb\t\"c"), '\t'));
	assert_string_equal(column(p, 2), "c");
	assert_false(payload_csv(p, toc_span_str("alone"), ','));
}

static void sections(void **state)
{
	struct payload *p = *state;
	assert_true(payload_sections(
		p, toc_span_str("A logon failed.    Subject:   Account Name:  DC1$   Logon Type:   3    New Logon:   "
				"Account Name:  erin   Empty:   Domain:  SCHOOL\tPort: 7")));
	assert_string_equal(value(p, "Subject.Account Name"), "DC1$");
	assert_string_equal(value(p, "New Logon.Account Name"), "erin");
	assert_string_equal(value(p, "Account Name"), "DC1$");
	assert_string_equal(value(p, "Logon Type"), "3");
	assert_string_equal(value(p, "Domain"), "SCHOOL");
	assert_string_equal(value(p, "Port"), "7");
	assert_true(payload_sections(p, toc_span_str("It failed. Subject: Security ID:  S-1-5-18#011User:  x y")));
	assert_string_equal(value(p, "Subject.Security ID"), "S-1-5-18");
	assert_string_equal(value(p, "User"), "x y");
	assert_true(payload_sections(p, toc_span_str("Path:  C:\\a: b  End:  1")));
	assert_string_equal(value(p, "Path"), "C:\\a: b");
	assert_false(payload_sections(p, toc_span_str("nothing of the kind")));
	assert_false(payload_sections(p, toc_span_str("")));
}

static void xml(void **state)
{
	struct payload *p = *state;
	assert_true(payload_xml(
		p, toc_span_str("<?xml version='1.0'?><Event xmlns='urn:x'><System><Provider Name='P'/>"
				"<EventID>4625</EventID><TimeCreated SystemTime=\"2026-03-02T08:00:00Z\"/></System>"
				"<EventData><Data Name='TargetUserName'>o&apos;neil &amp; &#65;&#x42;</Data>"
				"<Data Name='Empty'/><Data Name='IpAddress'>192.0.2.1</Data></EventData></Event>")));
	assert_string_equal(value(p, "EventID"), "4625");
	assert_string_equal(value(p, "Provider.Name"), "P");
	assert_string_equal(value(p, "TimeCreated.SystemTime"), "2026-03-02T08:00:00Z");
	assert_string_equal(value(p, "TargetUserName"), "o'neil & AB");
	assert_string_equal(value(p, "IpAddress"), "192.0.2.1");
	static const char *const odd[] = { "<",	   "<a",	  "<a b",   "<a b='", "<a>x",
					   "</a>", "<a></b></c>", "<<<>>>", "<a/",    NULL };
	for (const char *const *o = odd; *o; o++)
		payload_xml(p, toc_span_str(*o)); /* must end */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(structured_data, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_shares_its_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pairs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pairs_in_other_styles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cef, set_up, tear_down),
		cmocka_unit_test_setup_teardown(leef, set_up, tear_down),
		cmocka_unit_test_setup_teardown(csv, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sections, set_up, tear_down),
		cmocka_unit_test_setup_teardown(xml, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
