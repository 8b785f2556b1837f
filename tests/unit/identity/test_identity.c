/* identity: an event gets who its two ends were when it happened; what the event says itself is kept. */
#include "test.h"

#include "identity/identity.h"

#include <unistd.h>

#include "event/json.h"

enum {
	CONN,
	LEASE,
	WINDOWS,
	ORIG,
	RESP,
	SRC_IP,
	IP,
	MAC,
	ACTION,
	HOST_NAME,
	IP_ADDRESS,
	TARGET_USER,
	EVENT_ID,
	LOGON,
	SRC_USER,
	GOOGLE,
	ACTOR_EMAIL,
	N
};

static const struct toc_field_decl fields[N] = {
	[CONN] = { "conn", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[LEASE] = { "lease", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[WINDOWS] = { "windows", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[ORIG] = { "id.orig_h", TOC_IP, false, TOC_OPEN, NULL, "" },
	[RESP] = { "id.resp_h", TOC_IP, false, TOC_OPEN, NULL, "" },
	[SRC_IP] = { "src_ip", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[IP] = { "ip", TOC_IP, false, TOC_OPEN, NULL, "" },
	[MAC] = { "mac", TOC_MAC, false, TOC_OPEN, NULL, "" },
	[ACTION] = { "action", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[HOST_NAME] = { "host_name", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[IP_ADDRESS] = { "IpAddress", TOC_IP, false, TOC_OPEN, NULL, "" },
	[TARGET_USER] = { "TargetUserName", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[EVENT_ID] = { "EventID", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[LOGON] = { "LogonType", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[SRC_USER] = { "src_user", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[GOOGLE] = { "google_workspace", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[ACTOR_EMAIL] = { "actor_email", TOC_STRING, false, TOC_OPEN, NULL, "" },
};

struct rig {
	struct toc_intern *names;
	struct toc_arena *arena;
	struct toc_diag *diag;
	struct toc_identity *id;
	toc_field map[N];
	struct toc_draft draft;
	struct toc_event *ev;
	char devices[64], people[64];
};

static const struct toc_hash_key key = { 1, 2 };

static void write_file(char path[64], const char *text)
{
	snprintf(path, 64, "/tmp/test_identity.XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const struct toc_yaml *site_of(struct rig *r, const char *yaml)
{
	unsigned ndocs;
	return toc_yaml_read(r->arena, toc_span_str(yaml), "t.yml", r->diag, &ndocs)[0];
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->names = toc_intern_new();
	r->arena = toc_arena_new();
	r->diag = toc_diag_new();
	write_file(r->devices, "mac,host,role,owner,ownership\n02:00:00:00:00:07,asset-7,lab,frank,district\n"
			       "02:00:00:00:00:08,asset-8,,,personal\n");
	write_file(r->people, "user,role,kind,grade_band\nerin,student,person,6-8\nscan,,service,\n");
	const char *yaml = toc_arena_printf(r->arena,
					    "devices: %s\npeople: %s\nlocal: [10.0.0.0/8]\nzones:\n"
					    "  - {name: east, networks: [10.20.0.0/16], site: north, role: zonal}\n",
					    r->devices, r->people);
	r->id = toc_identity_new(site_of(r, yaml), NULL, r->names, &key, r->diag);
	assert_non_null(r->id);
	toc_intern_decls(r->names, fields, N, r->map);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	unlink(r->devices);
	unlink(r->people);
	free(r->ev);
	toc_identity_free(r->id);
	toc_diag_free(r->diag);
	toc_arena_free(r->arena);
	toc_intern_free(r->names);
	free(r);
	return 0;
}

static void begin(struct rig *r, unsigned kind, int when)
{
	toc_draft_begin(&r->draft, r->map, kind);
	r->draft.head.ts = when * TOC_SEC;
	r->draft.head.at = 1000000 * TOC_SEC; /* when it became known takes no part */
}

static void put_ip(struct rig *r, unsigned field, const char *text)
{
	struct toc_addr a;
	assert_true(toc_addr_parse(toc_span_str(text), &a));
	toc_put_ip(&r->draft, field, &a);
}

static const struct toc_event *see(struct rig *r)
{
	free(r->ev);
	r->ev = toc_draft_seal(&r->draft, aligned_alloc(8, toc_draft_size(&r->draft)));
	return toc_identity_see(r->id, r->ev, 0);
}

static void lease(struct rig *r, int when, const char *ip, uint8_t last, const char *host)
{
	const struct toc_mac mac = { { 2, 0, 0, 0, 0, last } };
	begin(r, LEASE, when);
	toc_put_cstr(&r->draft, ACTION, "bound");
	put_ip(r, IP, ip);
	toc_put_mac(&r->draft, MAC, &mac);
	if (host)
		toc_put_cstr(&r->draft, HOST_NAME, host);
	see(r);
}

static void logon(struct rig *r, int when, const char *ip, const char *user)
{
	begin(r, WINDOWS, when);
	toc_put_uint(&r->draft, EVENT_ID, 4624);
	toc_put_uint(&r->draft, LOGON, 2);
	put_ip(r, IP_ADDRESS, ip);
	toc_put_cstr(&r->draft, TARGET_USER, user);
	see(r);
}

/* What stands beside a connection, as JSON; "" = nothing. Valid until the next call. */
static const char *conn(struct rig *r, int when, const char *from, const char *to)
{
	static char text[4096];
	begin(r, CONN, when);
	put_ip(r, ORIG, from);
	put_ip(r, RESP, to);
	const struct toc_event *who = see(r);
	if (!who)
		return "";
	assert_in_range(toc_json_bound(who, r->names), 1, sizeof(text) - 1);
	text[toc_json_event(who, r->names, text)] = '\0';
	return text;
}

#define has(text, part)	   assert_non_null(strstr(text, part))
#define has_no(text, part) assert_null(strstr(text, part))

static void all_that_is_known_of_one_end(void **state)
{
	struct rig *r = *state;
	lease(r, 100, "10.20.0.7", 7, "pc-7");
	logon(r, 100, "10.20.0.7", "SCHOOL\\Erin");
	const char *text = conn(r, 200, "10.20.0.7", "192.0.2.1");
	has(text, "\"event\":\"identity\"");
	has(text, "\"src_mac\":\"02:00:00:00:00:07\"");
	has(text, "\"src_host\":\"pc-7\""); /* its own name before the roster's */
	has(text, "\"src_user\":\"Erin\"");
	has(text, "\"src_zone\":\"east\"");
	has(text, "\"src_site\":\"north\"");
	has(text, "\"src_role\":\"student\""); /* the person's before the device's before the zone's */
	has(text, "\"src_ownership\":\"district\"");
	has(text, "\"src_owner\":\"frank\"");
	has(text, "\"src_user_kind\":\"person\"");
	has(text, "\"src_grade_band\":\"6-8\"");
	has(text, "\"src_local\":true");
	has(text, "\"src_conf\":80"); /* of the user */
	has(text, "\"src_source\":\"windows\"");
	has_no(text, "dst_");
	text = conn(r, 200, "192.0.2.1", "10.20.0.7"); /* and as the other end */
	has(text, "\"dst_user\":\"Erin\"");
	has(text, "\"dst_mac\":\"02:00:00:00:00:07\"");
	has(text, "\"dst_host\":\"pc-7\"");
	has(text, "\"dst_zone\":\"east\"");
	has(text, "\"dst_role\":\"student\"");
	has(text, "\"dst_conf\":80");
	has_no(text, "src_");
}

static void less_is_known(void **state)
{
	struct rig *r = *state;
	assert_string_equal(conn(r, 100, "192.0.2.1", "192.0.2.2"), "");
	const char *text = conn(r, 100, "10.1.0.1", "10.20.0.1");
	has(text, "\"src_local\":true");
	has(text, "\"dst_role\":\"zonal\"");
	has_no(text, "src_role");
	has_no(text, "_conf");
	has_no(text, "_source");
	lease(r, 100, "10.20.0.7", 7, NULL);
	lease(r, 100, "10.20.0.8", 8, NULL);
	logon(r, 100, "10.20.0.7", "scan");
	text = conn(r, 200, "10.20.0.7", "10.20.0.8");
	has(text, "\"src_host\":\"asset-7\""); /* by the roster */
	has(text, "\"src_role\":\"lab\"");     /* the person has none */
	has(text, "\"src_user_kind\":\"service\"");
	has(text, "\"dst_role\":\"zonal\""); /* the device has none */
	has(text, "\"dst_ownership\":\"personal\"");
	has(text, "\"dst_conf\":85"); /* of the hardware address: nobody is known */
	has(text, "\"dst_source\":\"dhcp-log\"");
	has_no(text, "dst_owner\"");
	has_no(text, "dst_user");
	has_no(text, "grade_band");
}

static void as_of_the_time_of_the_event(void **state)
{
	struct rig *r = *state;
	logon(r, 1000, "10.20.0.7", "erin");
	logon(r, 2000, "10.20.0.7", "mallory");
	has_no(conn(r, 999, "10.20.0.7", "192.0.2.1"), "src_user"); /* nobody had been seen */
	has(conn(r, 1999, "10.20.0.7", "192.0.2.1"), "\"src_user\":\"erin\"");
	has(conn(r, 2000, "10.20.0.7", "192.0.2.1"), "\"src_user\":\"mallory\"");
	has_no(conn(r, 2000 + 36000, "10.20.0.7", "192.0.2.1"), "src_user");
}

static void an_event_that_teaches_is_told_as_well(void **state)
{
	struct rig *r = *state;
	begin(r, WINDOWS, 100);
	toc_put_uint(&r->draft, EVENT_ID, 4624);
	toc_put_uint(&r->draft, LOGON, 3);
	put_ip(r, IP_ADDRESS, "2001:db8::7");
	toc_put_cstr(&r->draft, TARGET_USER, "erin");
	const struct toc_event *who = see(r);
	assert_non_null(who);
	const toc_field user = toc_intern_find(r->names, toc_span_str("src_user"));
	assert_true(toc_span_is(toc_event_get(who, user).as.s, "erin"));
	begin(r, CONN, 100); /* a product's own name of the field, as text; what is no address is passed over */
	toc_put_cstr(&r->draft, ORIG, "-");
	toc_put_cstr(&r->draft, SRC_IP, "2001:db8:0::7");
	who = see(r);
	assert_non_null(who);
	assert_true(toc_span_is(toc_event_get(who, user).as.s, "erin"));
	begin(r, CONN, 100);
	assert_null(see(r));
}

/* Wherever a product writes the address. */
static void all_names_of_the_two_ends(void **state)
{
	struct rig *r = *state;
	static const char *const names[] = { "id.orig_h", "src_ip",	   "srcip",	  "IpAddress", "sender_ip",
					     "yiaddr",	  "assigned_addr", "client_addr", "ip",	       "id.resp_h",
					     "dst_ip",	  "dstip",	   "target_ip",	  "target",    "server_addr" };
	for (unsigned i = 0; i < 15; i++) {
		struct toc_addr a;
		const toc_field map[] = { r->map[CONN], toc_intern_add(r->names, toc_span_str(names[i])) };
		assert_true(toc_addr_parse(toc_span_str("10.20.0.7"), &a));
		toc_draft_begin(&r->draft, map, 0);
		toc_put_ip(&r->draft, 1, &a);
		const struct toc_event *who = see(r);
		if (!who != (i == 14)) /* the last is neither */
			fail_msg("%s", names[i]);
		for (unsigned end = 0; who && end < 2; end++) {
			const toc_field zone = toc_intern_find(r->names, toc_span_str(end ? "dst_zone" : "src_zone"));
			assert_int_equal(toc_event_get(who, zone).type, end == (i >= 9) ? TOC_STRING : TOC_NONE);
		}
	}
}

static void the_event_keeps_its_own_user(void **state)
{
	struct rig *r = *state;
	const struct toc_event *owner;
	logon(r, 100, "10.20.0.7", "erin");
	begin(r, CONN, 200);
	put_ip(r, ORIG, "10.20.0.7");
	toc_put_cstr(&r->draft, SRC_USER, "frank");
	const size_t size = toc_draft_size(&r->draft);
	void *before = toc_draft_seal(&r->draft, aligned_alloc(8, size));
	const struct toc_event *who = see(r);
	const struct toc_view seen = { r->ev, who };
	assert_memory_equal(r->ev, before, size); /* it is not rewritten */
	free(before);
	assert_true(toc_span_is(toc_view_get(&seen, r->map[SRC_USER], &owner).as.s, "frank"));
	assert_ptr_equal(owner, r->ev);
	const toc_field zone = toc_intern_find(r->names, toc_span_str("src_zone"));
	assert_true(toc_span_is(toc_view_get(&seen, zone, &owner).as.s, "east"));
	assert_ptr_equal(owner, who);
}

/* A cloud tells of an account and of no address of ours: the roster says who that is. */
static const char *told_by_cloud(struct rig *r, unsigned kind, const char *account)
{
	static char text[4096];
	begin(r, kind, 100);
	toc_put_cstr(&r->draft, ACTOR_EMAIL, account);
	const struct toc_event *who = see(r);
	if (!who)
		return "";
	text[toc_json_event(who, r->names, text)] = '\0';
	return text;
}

static void the_account_of_a_cloud(void **state)
{
	struct rig *r = *state;
	const char *text = told_by_cloud(r, GOOGLE, "Erin@school.example");
	has(text, "\"actor_user\":\"Erin\"");
	has(text, "\"actor_role\":\"student\"");
	has(text, "\"actor_user_kind\":\"person\"");
	has(text, "\"actor_grade_band\":\"6-8\"");
	has_no(text, "src_");
	text = told_by_cloud(r, GOOGLE, "nobody.we.know@elsewhere.example");
	has(text, "\"actor_user\":\"nobody.we.know\"");
	has_no(text, "role");
	assert_string_equal(told_by_cloud(r, GOOGLE, ""), "");
	assert_string_equal(told_by_cloud(r, GOOGLE, "anonymous"), "");
	assert_string_equal(told_by_cloud(r, CONN, "erin@school.example"), ""); /* of that kind alone */
}

static void a_wrong_site_is_refused(void **state)
{
	struct rig *r = *state;
	assert_null(toc_identity_new(site_of(r, "local: [east]"), NULL, r->names, &key, r->diag));
	assert_int_equal(toc_diag_errors(r->diag), 1);
	struct toc_identity *id =
		toc_identity_new(NULL, NULL, r->names, &key, r->diag); /* earlier mistakes are not its own */
	assert_non_null(id);
	toc_identity_free(id);
	toc_identity_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_is_known_of_one_end), TEST(less_is_known),
		TEST(as_of_the_time_of_the_event),  TEST(an_event_that_teaches_is_told_as_well),
		TEST(all_names_of_the_two_ends),    TEST(the_event_keeps_its_own_user),
		TEST(the_account_of_a_cloud),	    TEST(a_wrong_site_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
