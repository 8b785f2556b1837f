/* site: zones, roles and rosters from a configuration: the longest prefix wins, every mistake has its place. */
#include "test.h"

#include "identity/site.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 64 };

struct rig {
	struct toc_arena *arena;
	struct toc_diag *diag;
	struct toc_site *site;
	const struct toc_site_files *files; /* NULL: by itself */
	char dir[PATH], config[PATH + 16], roster[PATH + 16];
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	snprintf(r->dir, sizeof(r->dir), "/tmp/test_site.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->config, sizeof(r->config), "%s/tocsin.yml", r->dir);
	snprintf(r->roster, sizeof(r->roster), "%s/roster.csv", r->dir);
	*state = r;
	return 0;
}

static void forget(struct rig *r)
{
	toc_diag_free(r->diag);
	if (r->arena)
		toc_arena_free(r->arena);
}

static int teardown(void **state)
{
	struct rig *r = *state;
	forget(r);
	unlink(r->roster);
	rmdir(r->dir);
	free(r);
	return 0;
}

/* Reads `site:` from YAML text; what was read before goes. */
static void read_site(struct rig *r, const char *yaml)
{
	unsigned ndocs = 0;
	forget(r);
	r->arena = toc_arena_new();
	r->diag = toc_diag_new();
	const struct toc_yaml *const *docs = toc_yaml_read(r->arena, toc_span_str(yaml), r->config, r->diag, &ndocs);
	assert_int_equal(toc_diag_errors(r->diag), 0);
	r->site = toc_site_new(r->arena, ndocs ? docs[0] : NULL, r->files, r->diag);
	assert_non_null(r->site);
}

static void well(struct rig *r, const char *yaml)
{
	read_site(r, yaml);
	if (toc_diag_errors(r->diag) + toc_diag_warnings(r->diag))
		toc_diag_print(r->diag, stderr);
	assert_int_equal(toc_diag_errors(r->diag) + toc_diag_warnings(r->diag), 0);
}

/* The one message: "file:line:col text" */
static void refused_in(struct rig *r, const char *yaml, const char *file, unsigned line, unsigned column,
		       const char *text)
{
	struct toc_message m;
	read_site(r, yaml);
	if (toc_diag_errors(r->diag) != 1)
		toc_diag_print(r->diag, stderr);
	assert_int_equal(toc_diag_errors(r->diag), 1);
	assert_true(toc_diag_get(r->diag, 0, &m));
	if (!strstr(m.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, m.text);
	assert_string_equal(m.at.file, file);
	assert_int_equal(m.at.line, line);
	assert_int_equal(m.at.column, column);
}

static void refused(struct rig *r, const char *yaml, unsigned line, unsigned column, const char *text)
{
	refused_in(r, yaml, r->config, line, column, text);
}

static void write_roster(const struct rig *r, const char *text)
{
	FILE *f = fopen(r->roster, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* "zone site role local" of an address, "-" for what is not said */
static const char *zone(const struct rig *r, const char *ip)
{
	static char text[128];
	struct toc_addr a;
	assert_true(toc_addr_parse(toc_span_str(ip), &a));
	const struct toc_zone *z = toc_site_zone(r->site, &a);
	snprintf(text, sizeof(text), "%s %s %s %s", z->zone ? z->zone : "-", z->site ? z->site : "-",
		 z->role ? z->role : "-", z->local ? "local" : "out");
	return text;
}

#define in(ip, text) assert_string_equal(zone(r, ip), text)

static void without_configuration_private_networks_are_local(void **state)
{
	struct rig *r = *state;
	static const char *const inside[] = { "10.0.0.0",    "10.255.255.255", "172.16.0.1", "172.31.255.255",
					      "192.168.9.9", "169.254.1.1",    "fd00::1",    "fe80::1" };
	static const char *const outside[] = { "9.255.255.255", "11.0.0.0",    "172.15.0.1", "172.32.0.0",
					       "192.169.0.0",	"2001:db8::1", "fec0::1",    "::a00:1" };
	well(r, "");
	for (unsigned i = 0; i < 8; i++) {
		in(inside[i], "- - - local");
		in(outside[i], "- - - out");
	}
	well(r, "local: [192.0.2.0/24, 2001:db8::/32]"); /* then only these */
	in("192.0.2.255", "- - - local");
	in("2001:db8:ffff::1", "- - - local");
	in("10.0.0.1", "- - - out");
	well(r, "local: 192.0.2.7");
	in("192.0.2.7", "- - - local");
	in("192.0.2.6", "- - - out");
}

static void the_longest_prefix_wins(void **state)
{
	struct rig *r = *state;
	well(r, "local: [10.0.0.0/8]\n"
		"zones:\n"
		"  - {name: east, networks: [10.20.0.0/16, '2001:db8:20::/48'], role: student, site: east}\n"
		"  - {name: guests, networks: 192.0.2.0/25, local: no}\n"
		"  - {name: lab, networks: [10.20.3.64/26]}\n"
		"  - {name: one, networks: [10.20.3.65, '2001:db8:20::1'], role: kiosk}\n"
		"  - {name: all, networks: [0.0.0.0/0], local: false}\n");
	in("10.20.0.1", "east east student local");
	in("10.20.3.63", "east east student local");
	in("10.20.3.64", "lab - - local"); /* nothing is inherited from the wider one */
	in("10.20.3.127", "lab - - local");
	in("10.20.3.128", "east east student local");
	in("10.20.3.65", "one - kiosk local");
	in("10.21.0.1", "- - - local");
	in("192.0.2.127", "guests - - out");
	in("192.0.2.128", "all - - out");
	in("2001:db8:20::1", "one - kiosk local");
	in("2001:db8:20:ffff::", "east east student local");
	in("2001:db8:21::", "- - - out"); /* 0.0.0.0/0 is IPv4 only */
	well(r, "zones: [{name: all, networks: ['::/0']}]");
	in("2001:db8::", "all - - local");
	in("10.20.3.79", "- - - local");
	in("9.9.9.9", "all - - local");
	well(r, "zones: [{name: odd, networks: [192.0.2.77/24]}]"); /* host bits do not count */
	in("192.0.2.1", "odd - - local");
}

/* Who names a network means that name, also where it is one of the local networks or of the private ones. */
static void a_zone_is_told_from_a_local_network(void **state)
{
	struct rig *r = *state;
	well(r, "local: [10.20.0.0/16]\n"
		"zones: [{name: east, networks: [10.20.0.0/16]}, {name: again, networks: [10.20.0.0/16]}]");
	in("10.20.0.1", "east - - local"); /* of two the first */
	well(r, "zones: [{name: home, networks: [192.168.0.0/16, 10.0.0.0/8, 'fc00::/7']}]");
	in("192.168.0.1", "home - - local");
	in("10.0.0.1", "home - - local");
	in("fd00::1", "home - - local");
	in("172.16.0.1", "- - - local");
}

static void mistakes_in_zones_have_their_place(void **state)
{
	struct rig *r = *state;
	static const char network[] = "expected a network such as";
	refused(r, "local: [10.0.0.0/8]\nzonse: []", 2, 1, "unknown key \"zonse\" in site (zones?)");
	refused(r, "zones:\n  - {name: a, networks: [10.0.0.0/8], rule: b}", 2, 39,
		"unknown key \"rule\" in a zone (role?)");
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0/8",	    "10.0.0.0/",      "10.0.0.0/-1",
					     "10.0.0.0/8x", "'::/129'",	    "'fe80::1%1/64'", "east",
					     "''",	    "[10.0.0.0/8]", "{a: b}",	      "/8",
					     "10.0.0.0/+8", "'10.0.0.0/ 8'" };
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char yaml[128];
		snprintf(yaml, sizeof(yaml), "local:\n  - 10.0.0.0/8\n  - %s\n", wrong[i]);
		refused(r, yaml, 3, 5, network);
	}
	refused(r, "local: {a: b}", 1, 8, network);
	refused(r, "zones: [{name: a, networks: {b: c}}]", 1, 29, network);
	refused(r, "zones: [{name: a, networks: []}]", 1, 29, network);
	refused(r, "zones: [{networks: [10.0.0.0/8]}]", 1, 9, "a zone needs its name and networks");
	refused(r, "zones: [{name: '', networks: [10.0.0.0/8]}]", 1, 9, "a zone needs its name and networks");
	refused(r, "zones:\n  - {name: a}", 2, 5, "a zone needs its name and networks");
	refused(r, "zones: [east]", 1, 9, "a zone needs its name and networks");
	refused(r, "zones: [{name: a, networks: [10.0.0.0/8], local: maybe}]", 1, 50, "expected true or false");
	refused(r, "zones: [{name: a, networks: [10.0.0.0/8], role: [b]}]", 1, 49, "expected a text");
	refused(r, "zones: [{name: a, networks: [10.0.0.0/8], site: {b: c}}]", 1, 49, "expected a text");
	refused(r, "zones: {east: [10.0.0.0/8]}", 1, 8, "expected a list of zones");
	read_site(r, "zones: [{nam: a, networks: [x, y]}]"); /* all in one run */
	assert_int_equal(toc_diag_errors(r->diag), 4);
	well(r, "zones:\n"); /* all of them commented out */
}

static const struct toc_roster_row *device(const struct rig *r, const char *key)
{
	return toc_site_device(r->site, toc_span_str(key));
}

static const struct toc_roster_row *person(const struct rig *r, const char *user)
{
	return toc_site_person(r->site, toc_span_str(user));
}

static void devices_by_their_hardware(void **state)
{
	struct rig *r = *state;
	write_roster(r, "mac,host,role,owner,ownership,room\n"
			"02-00-00-00-00-AB,pc-7,lab,\"Doe, \"\"J\"\"\",district,12\r\n"
			"# 0200.0000.00ac,no\n"
			"\n"
			"0200.0000.00ad,\"\",kiosk\n"
			"other,pc-9");
	well(r, "devices: roster.csv"); /* beside the configuration */
	const struct toc_roster_row *pc = device(r, "02:00:00:00:00:ab");
	assert_non_null(pc);
	assert_ptr_equal(device(r, "02:00:00:00:00:AB"), pc);
	assert_string_equal(pc->host, "pc-7");
	assert_string_equal(pc->role, "lab");
	assert_string_equal(pc->owner, "Doe, \"J\"");
	assert_string_equal(pc->ownership, "district");
	assert_null(pc->user);
	assert_null(device(r, "02:00:00:00:00:ac"));
	assert_null(device(r, "# 0200.0000.00ac"));
	assert_null(device(r, ""));
	assert_null(device(r, "02:00:00:00:00:a"));
	assert_null(device(r, "02:00:00:00:00:ab:"));
	assert_non_null(device(r, "02:00:00:00:00:ad"));
	assert_null(device(r, "02:00:00:00:00:ad")->host); /* empty = not said */
	assert_string_equal(device(r, "other")->host, "pc-9");
	assert_null(device(r, "other")->role);
	assert_null(person(r, "other"));
}

static void people_by_their_user(void **state)
{
	struct rig *r = *state;
	char huge[300], yaml[PATH + 32];
	memset(huge, 'a', sizeof(huge));
	huge[299] = '\0';
	write_roster(r, "\xef\xbb\xbfuser,role,kind,grade_band\r\nErin,student,person,6-8\r\nscan,,service\r\n"
			"202400001234,student,person,9-12\r\n");
	snprintf(yaml, sizeof(yaml), "people: %s", r->roster); /* a whole path, and as Excel writes it */
	well(r, yaml);
	assert_non_null(person(r, "ERIN"));
	assert_string_equal(person(r, "erin")->role, "student");
	assert_string_equal(person(r, "erin")->kind, "person");
	assert_string_equal(person(r, "erin")->grade_band, "6-8");
	assert_null(person(r, "scan")->role);
	assert_string_equal(person(r, "scan")->kind, "service");
	assert_non_null(person(r, "202400001234")); /* twelve digits are no hardware address here */
	assert_string_equal(person(r, "202400001234")->grade_band, "9-12");
	assert_null(person(r, "eri"));
	assert_null(person(r, "erinn"));
	assert_null(person(r, ""));
	assert_null(person(r, huge));
	assert_null(person(r, "\xff\xfe"));
	assert_null(device(r, "erin"));
}

static void many_rows_are_found(void **state)
{
	struct rig *r = *state;
	FILE *f = fopen(r->roster, "w");
	assert_non_null(f);
	fputs("role,user\n", f);
	for (unsigned i = 0; i < 1000; i++)
		fprintf(f, "r%u,u%u\n", i, i * 7919 % 1000);
	fclose(f);
	well(r, "people: roster.csv");
	for (unsigned i = 0; i < 1000; i++) {
		char user[16], role[16];
		snprintf(user, sizeof(user), "U%u", i * 7919 % 1000);
		snprintf(role, sizeof(role), "r%u", i);
		assert_non_null(person(r, user));
		assert_string_equal(person(r, user)->role, role);
	}
}

/* A roster that cannot be read is told where the configuration names it, a mistake in it with its own line. */
static void mistakes_in_rosters_have_their_place(void **state)
{
	struct rig *r = *state;
	static const char columns[] = "must name its columns", people[] = "people: roster.csv";
	char line[6000], cell[5000];
	memset(cell, 'x', sizeof(cell) - 1);
	cell[sizeof(cell) - 1] = '\0';
	snprintf(line, sizeof(line), "user,role\nerin,%s\nmallory,admin\n", cell); /* the rest of it is no row */
	const struct {
		const char *text, *yaml, *why;
		unsigned line;
	} wrong[] = { { "name,role\nerin,student\n", people, columns, 1 },
		      { "user,role\nerin,student\n", "devices: roster.csv", columns, 1 }, /* no key of a device */
		      { "", people, "is empty", 0 },
		      { "user,role\n\n# nobody yet\n", people, "no row", 3 },
		      { "user,role\nerin,student\nmax,\"staff\n", people, "quote does not end", 3 },
		      { "user,role\n\"max\"y,staff\n", people, "quote does not end", 2 },
		      { "user,role\nerin,student,9-12\n", people, "more cells", 2 },
		      { "user,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n", people, "16 columns at most", 1 },
		      { line, people, "longer than", 2 } };
	refused(r, "local: []\npeople: roster.csv", 2, 9, "No such file");
	refused(r, "people: [roster.csv]", 1, 9, "expected the path of a CSV file");
	refused(r, "people: /", 1, 9, "directory");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_roster(r, wrong[i].text);
		refused_in(r, wrong[i].yaml, r->roster, wrong[i].line, 1, wrong[i].why);
	}
}

static void write_rows(const struct rig *r, unsigned n)
{
	FILE *f = fopen(r->roster, "w");
	assert_non_null(f);
	fputs("user,role\n", f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "u%u,student\n", i);
	fclose(f);
}

/* What is a hundred times what it was, or beyond what the site says, is an export that went wrong. */
static void a_roster_of_another_size_is_refused(void **state)
{
	struct rig *r = *state;
	struct toc_sizes *before = toc_sizes_new(), *now = toc_sizes_new();
	assert_non_null(before);
	assert_non_null(now);
	toc_sizes_put(before, "roster", "people", 5);
	toc_sizes_put(before, "roster", "devices", 1);
	const struct toc_site_files files = { &toc_opener_self, { before, now }, 0 };
	r->files = &files;
	write_rows(r, 499);
	well(r, "people: roster.csv");
	assert_int_equal(toc_sizes_get(now, "roster", "people"), 499);
	write_rows(r, 500);
	refused(r, "people: roster.csv", 1, 9, "500 rows, 5 in the last good one");
	refused(r, "people: {file: roster.csv, max_age: 9d}", 1, 9, "say so (most: 500)");
	well(r, "people: {file: roster.csv, most: 500}");
	refused(r, "people: {file: roster.csv, most: 499}", 1, 9, "at most 499 are believed");
	refused(r, "people: {file: roster.csv, most: 800, least: 501}", 1, 9, "at least 501");
	refused(r, "people: {file: roster.csv, most: none}", 1, 34, "expected");
	refused(r, "people: {max_age: 9d}", 1, 9, "expected the path of a CSV file");
	r->files = NULL; /* nobody remembers */
	well(r, "people: roster.csv");
	toc_sizes_free(before);
	toc_sizes_free(now);
}

static void an_old_roster_is_used_and_told(void **state)
{
	struct rig *r = *state;
	struct toc_message m;
	struct toc_roster_info info;
	const struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	write_rows(r, 3);
	well(r, "people: {file: roster.csv, max_age: 30d}");
	assert_int_equal(utimensat(AT_FDCWD, r->roster, old, 0), 0);
	const struct toc_site_files later = { .opener = &toc_opener_self, .now = 1000000000 * TOC_SEC + 31 * TOC_DAY };
	r->files = &later;
	read_site(r, "people: {file: roster.csv, max_age: 30d}");
	assert_int_equal(toc_diag_errors(r->diag), 0);
	assert_true(toc_diag_get(r->diag, 0, &m));
	assert_non_null(strstr(m.text, "older than its max_age"));
	assert_non_null(person(r, "u2"));
	assert_true(toc_site_roster(r->site, 1, &info));
	assert_string_equal(info.name, "roster people");
	assert_int_equal(info.read_at, 1000000000 * TOC_SEC);
	assert_int_equal(info.max_age, 30 * TOC_DAY);
	assert_false(toc_site_roster(r->site, 2, &info));
}

static void a_row_that_names_nobody_is_told(void **state)
{
	struct rig *r = *state;
	struct toc_message m;
	write_roster(r, "user,role\n,student\nerin,student\n");
	read_site(r, "people: roster.csv");
	assert_int_equal(toc_diag_errors(r->diag), 0);
	assert_int_equal(toc_diag_warnings(r->diag), 1);
	assert_true(toc_diag_get(r->diag, 0, &m));
	assert_int_equal(m.at.line, 2);
	assert_non_null(person(r, "erin"));
	assert_null(person(r, ""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_configuration_private_networks_are_local),
		TEST(the_longest_prefix_wins),
		TEST(a_zone_is_told_from_a_local_network),
		TEST(mistakes_in_zones_have_their_place),
		TEST(devices_by_their_hardware),
		TEST(people_by_their_user),
		TEST(many_rows_are_found),
		TEST(mistakes_in_rosters_have_their_place),
		TEST(a_roster_of_another_size_is_refused),
		TEST(an_old_roster_is_used_and_told),
		TEST(a_row_that_names_nobody_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
