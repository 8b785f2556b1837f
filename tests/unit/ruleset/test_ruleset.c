/* ruleset: what Sigma's words mean on one event, and what is refused; rules come as text, the event is always the same.
 */
#define _GNU_SOURCE
#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "event/dictionary.h"
#include "match/match.h"
#include "ruleset/ruleset.h"
#include "tocsin/draft.h"

enum { K, QUERY, STATUS, EMPTY, FLAG, ADDR, ANSWERS, OTHER, TEXT, COMMAND, CODED, CODED_WIDE, WIDE, N };

static const struct toc_field_decl fields[N] = {
	[K] = { "dns", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[QUERY] = { "query", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[STATUS] = { "status", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[EMPTY] = { "empty", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[FLAG] = { "flag", TOC_BOOL, false, TOC_OPEN, NULL, "" },
	[ADDR] = { "id.orig_h", TOC_IP, false, TOC_OPEN, NULL, "" },
	[ANSWERS] = { "answers", TOC_STRING, true, TOC_OPEN, NULL, "" },
	[OTHER] = { "other", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[COMMAND] = { "command", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[CODED] = { "coded", TOC_STRING, true, TOC_OPEN, NULL, "" },
	[CODED_WIDE] = { "coded_wide", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[WIDE] = { "wide", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[TEXT] = { "number_text", TOC_STRING, false, TOC_OPEN, NULL, "" },
};

static const char taxonomy[] =
	"logsources: [{kind: dns, category: dns}, {kind: dns, product: x, where: {flag: false}}]\n"
	"aliases: {src_ip: [id.orig_h]}\n";
static const char lists[] =
	"inside: {type: cidr, values: [10.0.0.0/8]}\nbad_names: {type: domain_suffix, values: [example.org]}\n"
	"tools: {type: string, values: [Tool, nmap]}\n";

struct rig {
	struct toc_intern *names;
	struct toc_dictionary *dictionary;
	struct toc_diag *diag;
	struct toc_ruleset *rules;
	struct toc_event *ev;
	toc_field map[N];
};

static void text_file(const char *text, char path[64], int *fd)
{
	*fd = memfd_create("t.yml", 0);
	assert_int_equal(write(*fd, text, strlen(text)), (ssize_t)strlen(text));
	snprintf(path, 64, "/proc/self/fd/%d", *fd);
}

static struct toc_event *the_event(const toc_field *map)
{
	static struct toc_draft d;
	struct toc_addr a = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3 } };
	toc_draft_begin(&d, map, K);
	toc_put_cstr(&d, QUERY, "WWW.Example.org");
	toc_put_uint(&d, STATUS, 404);
	toc_put_cstr(&d, EMPTY, "");
	toc_put_bool(&d, FLAG, false);
	toc_put_ip(&d, ADDR, &a);
	toc_list_str(&d, ANSWERS, toc_span_str("one"));
	toc_list_str(&d, ANSWERS, toc_span_str("two"));
	toc_put_cstr(&d, OTHER, "www.example.ORG");
	toc_put_cstr(&d, TEXT, "404");
	toc_put_cstr(&d, COMMAND,
		     "tool \xe2\x80\x93"
		     "enc abc a-b /Quiet");
	/* base 64 of "whoami \u03c0 tail" behind no, one and two bytes; of the word in UTF-16 behind one */
	toc_list_str(&d, CODED, toc_span_str("d2hvYW1pIM+AIHRhaWw="));
	toc_list_str(&d, CODED, toc_span_str("eHdob2FtaSDPgCB0YWls"));
	toc_list_str(&d, CODED, toc_span_str("eHh3aG9hbWkgz4AgdGFpbA=="));
	toc_put_cstr(&d, CODED_WIDE, "cXcAaABvAGEAbQBpAHo=");
	toc_put_str(&d, WIDE, toc_span_of("w\0h\0o\0", 6));
	return toc_draft_seal(&d, aligned_alloc(8, toc_draft_size(&d)));
}

static void load(struct rig *r, const char *rule)
{
	char path[3][64];
	int fd[3];
	memset(r, 0, sizeof(*r));
	text_file(rule, path[0], &fd[0]);
	text_file(taxonomy, path[1], &fd[1]);
	text_file(lists, path[2], &fd[2]);
	const char *const rules[] = { path[0], NULL }, *const tax[] = { path[1], NULL },
			  *const list[] = { path[2], NULL }, *const none[] = { NULL };
	const struct toc_ruleset_config config = {
		.paths = rules, .taxonomy = tax, .lists = list, .vars = none, .opener = &toc_opener_self
	};
	r->names = toc_intern_new();
	r->dictionary = toc_dictionary_new(r->names);
	toc_dictionary_add(r->dictionary, "test", fields, N);
	toc_intern_decls(r->names, fields, N, r->map);
	r->diag = toc_diag_new();
	r->rules = toc_ruleset_load(&config, r->names, r->dictionary, r->diag);
	r->ev = the_event(r->map);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

static void unload(struct rig *r)
{
	free(r->ev);
	toc_ruleset_free(r->rules);
	toc_diag_free(r->diag);
	toc_dictionary_free(r->dictionary);
	toc_intern_free(r->names);
}

static bool matches(const struct rig *r)
{
	uint32_t hits[4];
	const struct toc_view view = { r->ev, NULL };
	struct toc_match_scratch *s = toc_match_scratch_new(r->rules->matcher);
	unsigned n = toc_match(r->rules->matcher, s, &view, hits, 4);
	toc_match_scratch_free(s);
	return n > 0;
}

static const struct {
	const char *detection;
	bool matches;
} cases[] = {
	{ "{s: {query: www.example.org}, condition: s}", true },
	{ "{s: {query|cased: www.example.org}, condition: s}", false },
	{ "{s: {query|contains: EXAMPLE}, condition: s}", true },
	{ "{s: {query|startswith: www., query|endswith: .org}, condition: s}", true },
	{ "{s: {query|contains|all: [www, nope]}, condition: s}", false },
	{ "{s: {query|contains: [nope, www]}, condition: s}", true },
	{ "{s: {query|neq: [a, b]}, condition: s}", true },
	{ "{s: {missing|neq: a}, condition: s}", true },
	{ "{s: {query: 'w*.org'}, condition: s}", true },
	{ "{s: {query|re: '^WWW\\.'}, condition: s}", true },
	{ "{s: {query|re: '^www\\.'}, condition: s}", false },
	{ "{s: {query|re|i: '^www\\.'}, condition: s}", true },
	{ "{s: {status: 404}, condition: s}", true },
	{ "{s: {status: '404'}, condition: s}", true },
	{ "{s: {number_text: 404}, condition: s}", true },
	{ "{s: {number_text: 0404}, condition: s}", false },
	{ "{s: {status|gte: 404, status|lt: 405}, condition: s}", true },
	{ "{s: {query|gt: 1}, condition: s}", false },
	{ "{s: {empty: ''}, condition: s}", true },
	{ "{s: {missing: ''}, condition: s}", false },
	{ "{s: {missing: null}, condition: s}", true },
	{ "{s: {empty: null}, condition: s}", false },
	{ "{s: {empty|exists: true, missing|exists: false}, condition: s}", true },
	{ "{s: {query: '*'}, condition: s}", true },
	{ "{s: {missing: '*'}, condition: s}", false },
	{ "{s: {flag: false}, condition: s}", true },
	{ "{s: {flag: 'false'}, condition: s}", true },
	{ "{s: {flag: true}, condition: s}", false },
	{ "{s: {src_ip|cidr: 10.0.0.0/8}, condition: s}", true },
	{ "{s: {src_ip: 10.1.2.3}, condition: s}", true },
	{ "{s: {src_ip|cidr: 10.2.0.0/16}, condition: s}", false },
	{ "{s: {src_ip|expand: '%inside%', query|expand: '%bad_names%'}, condition: s}", true },
	{ "{s: {command|startswith|expand: '%tools%'}, condition: s}", true },
	{ "{s: {command|endswith|expand: '%tools%'}, condition: s}", false },
	{ "{s: {command|contains|windash: ' -enc '}, condition: s}", true },
	{ "{s: {command|windash|contains: ' /enc '}, condition: s}", true },
	{ "{s: {command|contains: ' -enc '}, condition: s}", false },
	{ "{s: {command|contains|windash: '-quiet'}, condition: s}", true },
	{ "{s: {command|contains|windash|cased: '-quiet'}, condition: s}", false },
	{ "{s: {command|contains|windash: 'a/b'}, condition: s}", false }, /* within a word a dash is itself */
	{ "{s: {command|contains|windash|all: [' -enc', ' -quiet']}, condition: s}", true },
	{ "{s: {coded|base64offset|contains|all: ['whoami \u03c0', 'oami']}, condition: s}", true },
	{ "{s: {coded|base64offset|contains: whoamy}, condition: s}", false },
	{ "{s: {coded_wide|wide|base64offset|contains: whoami}, condition: s}", true },
	{ "{s: {coded_wide|utf16be|base64offset|contains: whoami}, condition: s}", false },
	{ "{s: {coded_wide|utf16le|base64offset|contains: whoami}, condition: s}", true },
	{ "{s: {wide|wide: WHO}, condition: s}", true },
	{ "{s: {wide|utf16be|contains: who}, condition: s}", false },
	{ "{s: {query|base64: x}, condition: s}", false },
	{ "{s: {'|re': '^WWW'}, condition: s}", true },
	{ "{s: {'|windash': '-enc'}, condition: s}", true },
	{ "{s: {answers: two}, condition: s}", true },
	{ "{s: {answers|all: [one, two]}, condition: s}", true },
	{ "{s: {answers: three}, condition: s}", false },
	{ "{s: {query|fieldref: other}, condition: s}", true },
	{ "{s: {query|fieldref|cased: other}, condition: s}", false },
	{ "{s: [xample, nope], condition: s}", true },
	{ "{s: [nope], condition: s}", false },
	{ "{s: [{query: nope}, {status: 404}], condition: s}", true },
	{ "{a: {status: 404}, b: {query: nope}, condition: a and not b}", true },
	{ "{a: {status: 404}, b: {query: nope}, condition: not a or b}", false },
	{ "{a: {status: 1}, b: {status: 404}, c: {query: nope}, condition: a or b and c}", false },
	{ "{a: {status: 1}, b: {status: 404}, c: {query: nope}, condition: (a or b) and not c}", true },
	{ "{s_a: {status: 1}, s_b: {status: 404}, condition: 1 of s_*}", true },
	{ "{s_a: {status: 1}, s_b: {status: 404}, condition: all of them}", false },
	{ "{_h: {status: 1}, s_b: {status: 404}, condition: all of them}", true },
	{ "{a: {status: 404}, b: {status: 1}, condition: [b, a]}", true },
};

static void meanings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char rule[1024];
		struct rig r;
		snprintf(rule, sizeof(rule), "title: t\nlogsource: {category: dns}\ndetection: %s\n",
			 cases[i].detection);
		load(&r, rule);
		if (!r.rules) {
			toc_diag_print(r.diag, stderr);
			fail_msg("refused: %s", cases[i].detection);
		}
		if (matches(&r) != cases[i].matches)
			fail_msg("%s", cases[i].detection);
		unload(&r);
	}
}

static void logsources(void **state)
{
	(void)state;
	static const struct {
		const char *source;
		bool matches;
	} sources[] = { { "{category: dns}", true }, { "{product: x}", true }, { "{category: http}", false } };
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		char rule[256];
		struct rig r;
		snprintf(rule, sizeof(rule), "title: t\nlogsource: %s\ndetection: {s: {status: 404}, condition: s}\n",
			 sources[i].source);
		load(&r, rule);
		assert_non_null(r.rules);
		assert_int_equal(matches(&r), sources[i].matches);
		unload(&r);
	}
}

static void filters(void **state)
{
	(void)state;
	struct rig r;
	load(&r, "title: t\nname: n\nlogsource: {category: dns}\ndetection: {s: {status: 404}, condition: s}\n---\n"
		 "title: f\nlogsource: {category: dns}\nfilter: {rules: [n], f: {query|contains: example}, condition: "
		 "not f}\n");
	assert_non_null(r.rules);
	assert_false(matches(&r));
	unload(&r);
}

static const struct {
	const char *rule, *says;
} refused[] = {
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|base64: 'x*'}, condition: s}\n",
	  "cannot hold a wildcard" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|contains|base64: x}, condition: s}\n",
	  "must stand before" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|base64|wide: x}, condition: s}\n",
	  "must stand before" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|windash: 5}, condition: s}\n", "a string" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|windash|re: x}, condition: s}\n", "come first" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|cased|expand: '%bad_names%'}, condition: s}\n",
	  "cannot stand together" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|re: '(?=x)'}, condition: s}\n", "linear time" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {src_ip|cidr: 10.0.0.1/8}, condition: s}\n",
	  "host bits" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: s and t}\n",
	  "no such search identifier" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: 1 of x*}\n",
	  "no search identifier fits" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: 's | count() > 5'}\n",
	  "correlation" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|expand: '%nope%'}, condition: s}\n", "no list" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {query|contains|startswith: x}, condition: s}\n",
	  "cannot stand together" },
	{ "title: t\nlogsource: {category: dns}\ndetection: {s: {status|gte: '5'}, condition: s}\n", "without quotes" },
	{ "title: t\nlogsource: {}\ndetection: {s: {query: x}, condition: s}\n", "needs a logsource" },
	{ "title: t\nid: a\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: s}\n---\ntitle: u\nid: "
	  "a\nlogsource: "
	  "{category: dns}\ndetection: {s: {query: x}, condition: s}\n",
	  "also that of" },
	{ "title: a\nname: a\ncorrelation: {type: event_count, rules: [b], timespan: 1m, condition: {gte: "
	  "1}}\n---\ntitle: b\nname: b\n"
	  "correlation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}}\n",
	  "refers to itself" },
	{ "title: a\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: s}\ntocsin: {absent: {keys: "
	  "learned}}\n",
	  "is for correlations" },
};

static void refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct rig r;
		struct toc_message m;
		bool said = false;
		load(&r, refused[i].rule);
		assert_null(r.rules);
		for (unsigned k = 0; toc_diag_get(r.diag, k, &m); k++)
			said = said || (strstr(m.text, refused[i].says) && m.at.line > 0);
		if (!said) {
			toc_diag_print(r.diag, stderr);
			fail_msg("not said: %s", refused[i].says);
		}
		unload(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(meanings), cmocka_unit_test(logsources),
					    cmocka_unit_test(filters), cmocka_unit_test(refusals) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
