/* learn: who is bound by logons of Windows and lines of FortiGate, who is nobody, and values that strangers choose. */
#include "identity/rig.h"

static void windows(struct rig *r, unsigned id, int logon_type, const char *status, const char *user, const char *ip)
{
	begin(r, WINDOWS);
	toc_put_uint(&r->draft, EVENT_ID, id);
	if (logon_type >= 0)
		toc_put_uint(&r->draft, LOGON_TYPE, (uint64_t)logon_type);
	if (status)
		toc_put_cstr(&r->draft, W_STATUS, status);
	toc_put_cstr(&r->draft, TARGET_USER, user);
	toc_put_cstr(&r->draft, IP_ADDRESS, ip);
	see(r);
}

static void windows_logons(void **state)
{
	struct rig *r = *state;
	for (int type = -1; type < 15; type++) {
		bool binds = type == 2 || type == 3 || type == 7 || type == 10 || type == 11;
		char ip[24];
		snprintf(ip, sizeof(ip), "10.0.1.%d", type + 1);
		windows(r, 4624, type, NULL, "Erin", ip);
		is(USER, ip, binds ? "Erin 80 windows 36000" : "");
	}
	windows(r, 4625, 3, "0xc000006d", "erin", "10.0.0.9"); /* failed */
	windows(r, 4634, 3, NULL, "erin", "10.0.0.9");	       /* logged off */
	windows(r, 4768, -1, "0x6", "erin", "10.0.0.9");       /* no such user */
	windows(r, 4768, -1, NULL, "erin", "10.0.0.9");
	windows(r, 4769, -1, "0x0", "erin", "10.0.0.9");
	windows(r, 4624, 3, NULL, "erin", "-");
	windows(r, 4624, 3, NULL, "erin", "::1");
	windows(r, 4624, 3, NULL, "PC-7$", "10.0.0.9");
	windows(r, 4624, 3, NULL, "ANONYMOUS LOGON", "10.0.0.9");
	is_unknown("10.0.0.9");
	is_unknown("::1");
	windows(r, 4768, -1, "0x0", "erin@SCHOOL.EXAMPLE", "::ffff:10.0.0.9");
	is(USER, "10.0.0.9", "erin 80 windows 36000");
	is(MAC, "10.0.0.9", "");
	begin(r, WINDOWS); /* numbers may come as text */
	toc_put_cstr(&r->draft, EVENT_ID, "4624");
	toc_put_cstr(&r->draft, LOGON_TYPE, "10");
	toc_put_cstr(&r->draft, TARGET_USER, "mallory");
	toc_put_cstr(&r->draft, IP_ADDRESS, "2001:db8::9");
	see(r);
	is(USER, "2001:db8::9", "mallory 80 windows 36000");
}

static void fortigate(struct rig *r, const char *type, const char *action, const char *status, const char *ip)
{
	begin(r, FORTIGATE);
	toc_put_cstr(&r->draft, TYPE, type);
	toc_put_cstr(&r->draft, ACTION, action);
	if (status)
		toc_put_cstr(&r->draft, STATUS, status);
	toc_put_cstr(&r->draft, USER, "SCHOOL\\erin");
	put_ip(r, SRCIP, ip);
	see(r);
}

static void fortigate_users(void **state)
{
	struct rig *r = *state;
	fortigate(r, "event", "authentication", "failure", "10.0.0.9");
	fortigate(r, "event", "login", "failed", "10.0.0.9");
	fortigate(r, "event", "auth-logout", "logout", "10.0.0.9");
	fortigate(r, "event", "FSSO-logoff", NULL, "10.0.0.9");
	fortigate(r, "other", "", NULL, "10.0.0.9");
	is_unknown("10.0.0.9");
	fortigate(r, "event", "authentication", "success", "10.0.0.1");
	fortigate(r, "event", "auth-logon", "logon", "10.0.0.2");
	fortigate(r, "event", "FSSO-logon", NULL, "10.0.0.3");
	fortigate(r, "traffic", "deny", NULL, "10.0.0.4"); /* what was refused is the traffic */
	fortigate(r, "utm", "blocked", NULL, "2001:db8::5");
	static const char *const ips[] = { "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "2001:db8::5" };
	for (unsigned i = 0; i < 5; i++)
		is(USER, ips[i], "erin 80 fortigate 36000");
	begin(r, FORTIGATE);
	put_ip(r, SRCIP, "10.0.0.6");
	toc_put_cstr(&r->draft, UNAUTH_USER, "mallory");
	toc_put_cstr(&r->draft, SRCMAC, "02-00-00-00-00-AB");
	see(r);
	is(USER, "10.0.0.6", "mallory 60 fortigate 36000");
	is(MAC, "10.0.0.6", HARDWARE " 60 fortigate 14400");
}

static void names_of_people(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "erin", "erin" },
		{ "SCHOOL\\erin", "erin" },
		{ "erin@school.example", "erin" },
		{ "S\\erin@s.example", "erin" },
		{ "e$rin", "e$rin" },
		{ "Systemic", "Systemic" },
		{ "", "" },
		{ "-", "" },
		{ "n/a", "" },
		{ "PC-7$", "" },
		{ "SCHOOL\\PC-7$", "" },
		{ "pc-7$@SCHOOL.EXAMPLE", "" },
		{ "host/pc-7.s.example", "" },
		{ "HOST/PC-7@S.EXAMPLE", "" },
		{ "Anonymous", "" },
		{ "anonymous@s.example", "" },
		{ "@s.example", "" },
		{ "NT AUTHORITY\\SYSTEM", "" },
		{ "anonymous logon", "" },
		{ "Local Service", "" },
		{ "NETWORK SERVICE", "" },
		{ "SCHOOL\\", "" },
		{ "$", "" },
		{ "erin/SCHOOL.EXAMPLE", "erin" },
		{ "http/web/SCHOOL.EXAMPLE", "" }, /* a service */
		{ "PC-7$/SCHOOL.EXAMPLE", "" },
		{ "02-00-00-00-00-AB", "" }, /* let in by its hardware address */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct toc_span name = toc_user_name(toc_span_str(rows[i][0]));
		if (!toc_span_is(name, rows[i][1]))
			fail_msg("\"%s\" gave \"%.*s\"", rows[i][0], (int)name.n, (const char *)name.p);
	}
	assert_int_equal(toc_user_name(toc_span_of(NULL, 0)).n, 0);
}

static void hostile_values(void **state)
{
	struct rig *r = *state;
	static char huge[TOC_DRAFT_STRING + 1];
	memset(huge, 'A', TOC_DRAFT_STRING);
	windows(r, 4624, 3, NULL, huge, "10.0.0.1");
	assert_int_equal(strcspn(bound(r, TOC_BIND_USER, "10.0.0.1"), " "), TOC_BOUND_TEXT - 1);
	huge[TOC_DRAFT_STRING - 1] = '$'; /* a machine however long */
	windows(r, 4624, 3, NULL, huge, "10.0.0.2");
	is_unknown("10.0.0.2");
	windows(r, 4624, 3, NULL, "\xff\xfe\xc3(", "10.0.0.3");
	is(USER, "10.0.0.3", "\xff\xfe\xc3( 80 windows 36000");
	windows(r, 4624, 3, NULL, "erin", "10.0.0.4 ");
	windows(r, 4624, 3, NULL, "erin", "10.0.0.4/32");
	windows(r, 4624, 3, NULL, "", "10.0.0.4");
	begin(r, LEASE); /* wrong types, lists, and what is no MAC */
	toc_put_cstr(&r->draft, ACTION, "bound");
	put_ip(r, IP, "10.0.0.4");
	toc_put_cstr(&r->draft, MAC, "02:00:00:00:00:0g");
	toc_put_uint(&r->draft, HOST_NAME, 7);
	see(r);
	begin(r, ARP);
	const struct toc_addr ip = address("10.0.0.4");
	toc_list_ip(&r->draft, SENDER_IP, &ip);
	toc_put_mac(&r->draft, SENDER_MAC, &hardware);
	see(r);
	begin(r, ANY); /* a kind that has no row */
	toc_put_ip(&r->draft, SENDER_IP, &ip);
	toc_put_mac(&r->draft, SENDER_MAC, &hardware);
	see(r);
	begin(r, ARP); /* nothing in it */
	see(r);
	is_unknown("10.0.0.4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(windows_logons),
		TEST(fortigate_users),
		TEST(names_of_people),
		TEST(hostile_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
