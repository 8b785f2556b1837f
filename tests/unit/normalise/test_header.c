/* header: the shapes of RFC 5424, RFC 3164 and their kin; what is not understood is message. */
#include "test.h"

#include "normalise/header.h"

/* 2026-03-30 00:00 UTC: lines without a year belong to the year before it. */
static const struct stamp_rules rules = { NULL, 0, INT64_C(1774828800) * TOC_SEC };

static struct header read_line(const char *line)
{
	struct header h;
	header_read(toc_span_str(line), &rules, &h);
	return h;
}

static void is(struct toc_span got, const char *want)
{
	char text[256];
	snprintf(text, sizeof(text), "%.*s", (int)got.n, (const char *)got.p);
	assert_string_equal(text, want);
}

#define AT(seconds) (INT64_C(seconds) * TOC_SEC)

static const struct {
	const char *line, *host, *app, *pid, *message;
	int priority;
	toc_time ts; /* 0 = none */
} shapes[] = {
	{ "<86>Mar  2 08:00:18 app043 sshd[4971]: Failed x", "app043", "sshd", "4971", "Failed x", 86, AT(1772438418) },
	{ "Mar  2 08:00:18 app043 sshd: Failed x", "app043", "sshd", "", "Failed x", -1, AT(1772438418) },
	{ "<86>Mar 2 08:00:18 h a: m", "h", "a", "", "m", 86, AT(1772438418) },
	{ "<34>1 2026-03-02T08:00:27.007142Z app012 sshd 44692 - - text here", "app012", "sshd", "44692", "text here",
	  34, AT(1772438427) + 7142000 },
	{ "<34>1 2026-03-02T09:00:27+01:00 - - - ID [a x=\"]\\\"\"][b] \xef\xbb\xbftext", "", "", "", "text", 34,
	  AT(1772438427) },
	{ "<166>Mar 02 2026 08:00:11 fw4 : %ASA-6-302013: Built", "fw4", "", "", "%ASA-6-302013: Built", 166,
	  AT(1772438411) },
	{ "<189>Mar  2 08:00:04 sw20 88: %SYS-5-X: y", "sw20", "", "", "%SYS-5-X: y", 189,
	  AT(1772438404) }, /* a relay's time, and a device that writes none */
	{ "<188>303011: sw20: Mar  2 08:00:04.264: %SEC-4-X: y", "sw20", "", "", "%SEC-4-X: y", 188,
	  AT(1772438404) + 264000000 },
	{ "<190>45: sw20: *Mar  2 08:00:04: %X: y", "sw20", "", "", "%X: y", 190, AT(1772438404) },
	{ "<134>1 1772438415.5 MX84 flows src=1.2.3.4", "MX84", "", "", "flows src=1.2.3.4", 134,
	  AT(1772438415) + 500000000 },
	{ "2026-03-02T08:00:24.5-04:00 cx ops-switchd[556]: Event", "cx", "ops-switchd", "556", "Event", -1,
	  AT(1772452824) + 500000000 },
	{ "<189>date=2026-03-02 time=08:00:45 devname=\"fw1\"", "", "", "",
	  "date=2026-03-02 time=08:00:45 devname=\"fw1\"", 189, 0 },
	{ "{\"a\":1}", "", "", "", "{\"a\":1}", -1, 0 },
	{ "<134>Jul  3 19:10:30 filterlog[72237]: 146,x", "", "filterlog", "72237", "146,x", 134, AT(1751569830) },
	{ "<999>Mar", "", "", "", "<999>Mar", -1, 0 },
	{ "<13>", "", "", "", "", 13, 0 },
	{ "<13>1 ", "", "", "", "1 ", 13, 0 },
	{ "\xef\xbb\xbf<13>Mar  2 08:00:18 h a: m", "h", "a", "", "m", 13, AT(1772438418) },
	/* a day of the week, TAI64N, a level behind the time, no time at all, no colon, Solaris' numbers */
	{ "Mon Mar  2 08:00:18 2026 [pid 7] x", "", "", "", "[pid 7] x", -1, AT(1772438418) },
	{ "@4000000069a5439c00000000 imap-login: Info: x", "", "imap-login", "", "Info: x", -1, AT(1772438418) },
	{ "@4000000069a5439c3b9aca00 x: y", "", "", "", "@4000000069a5439c3b9aca00 x: y", -1, 0 },
	/* metalog's programs in brackets, but no levels; RFC 5424 without its number; Windows' dates, which stay in the text */
	{ "Mar  2 08:00:18 [sshd]: x", "", "sshd", "", "x", -1, AT(1772438418) },
	{ "Mar  2 08:00:18 [sshd] x", "", "sshd", "", "x", -1, AT(1772438418) },
	{ "Mar  2 08:00:18 [Error] x", "", "", "", "[Error] x", -1, AT(1772438418) },
	{ "2026-03-02T08:00:18Z epo1 EPOEvents - Fwd [agent@3401 a=\"1\"] \xef\xbb\xbf<x/>", "epo1", "EPOEvents", "", "<x/>",
	  -1, AT(1772438418) },
	{ "2026-03-02T08:00:18Z esx1 Hostd: info hostd[210] [Originator@6876 sub=x] y", "esx1", "Hostd", "",
	  "info hostd[210] [Originator@6876 sub=x] y", -1, AT(1772438418) },
	{ "3/2/2026 8:00:18 AM 0E70 x", "", "", "", "3/2/2026 8:00:18 AM 0E70 x", -1, AT(1772438418) },
	{ "3/2/2026 12:00:18 AM 0E70 x", "", "", "", "3/2/2026 12:00:18 AM 0E70 x", -1, AT(1772409618) },
	{ "02/03/2026 08:00:18 0E70 x", "", "", "", "02/03/2026 08:00:18 0E70 x", -1, AT(1772438418) },
	{ "2.3.2026 8:00:18 0E70 x", "", "", "", "2.3.2026 8:00:18 0E70 x", -1, AT(1772438418) },
	{ "13/13/2026 8:00:18 AM x", "", "", "", "13/13/2026 8:00:18 AM x", -1, 0 },
	{ "Mar  2 08:00:18 <mail.info> mx1 sm-mta[7]: x", "mx1", "sm-mta", "7", "x", 22, AT(1772438418) },
	{ "srv1 sshd[77]: Failed x", "srv1", "sshd", "77", "Failed x", -1, 0 },
	{ "two words: x", "", "", "", "two words: x", -1, 0 },
	{ "two words[a]: x", "", "", "", "two words[a]: x", -1, 0 },
	{ "Mar  2 08:00:18 ftp1 proftpd[77] ftp1 (a): x", "ftp1", "proftpd", "77", "ftp1 (a): x", -1, AT(1772438418) },
	{ "Mar  2 08:00:18 sw1 port[7a] is down", "sw1", "", "", "port[7a] is down", -1, AT(1772438418) },
	{ "Mar  2 08:00:18 h sshd[1]: [ID 800047 auth.info] x", "h", "sshd", "1", "x", -1, AT(1772438418) },
	{ "Mar  2 08:00:18 h kernel: [   82.508100] x", "h", "kernel", "", "x", -1, AT(1772438418) },
	{ "Mar  2 08:00:18 h kernel: [WAN_IN-1] x", "h", "kernel", "", "[WAN_IN-1] x", -1, AT(1772438418) },
	{ "<134> 03/02/2026:08:00:18 GMT ns1 0-PPE-0 : x", "ns1", "", "", "0-PPE-0 : x", 134, AT(1772438418) },
	{ "[02/Mar/2026:08:00:18 +0000] x", "", "", "", "[02/Mar/2026:08:00:18 +0000] x", -1, AT(1772438418) },
	{ "\"2026-03-02 08:00:18\",\"x\"", "", "", "", "\"2026-03-02 08:00:18\",\"x\"", -1, AT(1772438418) },
	{ "02-Mar-2026 08:00:18.250 client 10.1.1.1#5 (a.example): x", "", "", "",
	  "02-Mar-2026 08:00:18.250 client 10.1.1.1#5 (a.example): x", -1, AT(1772438418) + 250000000 },
	{ "03/02/2026-08:00:18.250000  [**] [1:2:3] x", "", "", "", "[**] [1:2:3] x", -1, AT(1772438418) + 250000000 },
	/* years behind the time or in front, names of zones, no host, the host as a tag */
	{ "<134>Mar  2 08:00:18:123 2026 sw1 %%10SHELL/5/X: y", "sw1", "", "", "%%10SHELL/5/X: y", 134,
	  AT(1772438418) + 123000000 },
	{ "2026 Mar 02 08:00:18 nx1 %ETHPORT-5-X: y", "nx1", "", "", "%ETHPORT-5-X: y", -1, AT(1772438418) },
	{ "<13>MAR  2 09:00:18 CET h a[1]: m", "h", "a", "1", "m", 13, AT(1772438418) },
	{ "<188>Mar  2 2026 16:00:18+08:00 usg %%01SHELL/5/X: y", "usg", "", "", "%%01SHELL/5/X: y", 188,
	  AT(1772438418) },
	{ "Mar 02 2026 08:00:18: %ASA-6-302013: x", "", "", "", "%ASA-6-302013: x", -1, AT(1772438418) },
	{ "Mar 02 2026 08:00:18 10.1.1.1: %ASA-6-302013: x", "10.1.1.1", "", "", "%ASA-6-302013: x", -1,
	  AT(1772438418) },
	{ "<189>Mar  2 08:00:18 h h sshd[7]: m", "h", "sshd", "7", "m", 189, AT(1772438418) },
	{ "Mar  2 08:00:18 2026 [10.0.0.1] sapd[13]: <1> m", "10.0.0.1", "sapd", "13", "<1> m", -1, AT(1772438418) },
	{ "<38>Mar  2 08:00:18 0418d6000001,v6.5: hostapd[12]: m", "0418d6000001", "hostapd", "12", "m", 38,
	  AT(1772438418) },
	/* Cisco: sequence and clock marks, zones of the site's own, time since the start, AireOS's tasks */
	{ "391: *Mar  2 08:00:18.5 lab: %SEC-6-X: y", "", "", "", "%SEC-6-X: y", -1, AT(1772438418) + 500000000 },
	{ "Mar 2 08:00:18 lab: %SEC-6-X: y", "", "", "", "%SEC-6-X: y", -1, AT(1772438418) },
	{ "<187>14: 00:01:07: %LINK-3-X: y", "", "", "", "%LINK-3-X: y", 187, 0 },
	{ "<132>WLC7: *spamApTask1: Mar  2 08:00:18.250: %LWAPP-4-X: y", "WLC7", "spamApTask1", "", "%LWAPP-4-X: y",
	  132, AT(1772438418) + 250000000 },
	{ "<187>138: RP/0/RP0/CPU0:Mar  2 08:00:18.250 UTC: snmpd[7]: %SNMP-3-X: y", "RP/0/RP0/CPU0", "snmpd", "7",
	  "%SNMP-3-X: y", 187, AT(1772438418) + 250000000 },
	{ "<189>Mar  2 08:00:20 sw1 2371: Mar  2 08:00:18.250 UTC: %SYS-5-X: y", "sw1", "", "", "%SYS-5-X: y", 189,
	  AT(1772438418) + 250000000 },
	{ "<30>Mar  2 08:00:18 U7PG2 0418d6000001,UAP-AC-Pro-6.5+1: stahtd[7]: m", "U7PG2", "stahtd", "7", "m", 30,
	  AT(1772438418) },
	{ "<131>WLC7: -Traceback: 0x1", "WLC7", "", "", "-Traceback: 0x1", 131, 0 },
	{ "<30>Mar  2 08:00:18 ap1 (\"U7PG2,0418d6000001,v6.5\") hostapd: m", "ap1", "hostapd", "", "m", 30,
	  AT(1772438418) },
	/* a relay's header before the device's own */
	{ "<13>Mar  2 08:00:20 relay <189>Mar  2 08:00:18 sw9 sshd[1]: m", "sw9", "sshd", "1", "m", 189,
	  AT(1772438418) },
	/* nothing but structured data: that is the message; a time with a space for T; no priority */
	{ "1 2026-03-02 08:00:18 mds CheckPoint 137 - [action:\"Drop\"; x:\"y\"]", "mds", "CheckPoint", "137",
	  "- [action:\"Drop\"; x:\"y\"]", -1, AT(1772438418) },
	{ "<14>1 2026-03-02T08:00:18Z srx RT_FLOW - TAG [j@1 a=\"b\"]", "srx", "RT_FLOW", "", "TAG [j@1 a=\"b\"]", 14,
	  AT(1772438418) },
};

static void all_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct header h = read_line(shapes[i].line);
		assert_int_equal(h.priority, shapes[i].priority);
		assert_int_equal(h.has_time, shapes[i].ts != 0);
		if (shapes[i].ts)
			assert_int_equal(h.ts, shapes[i].ts);
		is(h.host, shapes[i].host);
		is(h.app, shapes[i].app);
		is(h.pid, shapes[i].pid);
		is(h.message, shapes[i].message);
	}
}

/* What only some headers have. */
static void message_types_and_numbers(void **state)
{
	(void)state;
	struct header h = read_line("<14>1 2026-03-02T08:00:18Z fw1 RT_FLOW - SESSION [j@1 a=\"b\"] closed");
	is(h.msgid, "SESSION");
	is(h.data, "[j@1 a=\"b\"]");
	is(h.message, "closed");
	assert_false(h.data_is_message);
	h = read_line("<14>1 2026-03-02T08:00:18Z fw1 RT_FLOW - SESSION [j@1 a=\"b\"]");
	assert_true(h.data_is_message);
	is(read_line("<14>1 2026-03-02T08:00:18Z fw1 app - - - x").msgid, "");
	is(read_line("<189>29: sw1: 000123: *Mar  2 08:00:18.5: %SYS-5-X: y").sequence, "000123");
	is(read_line("<189>29: Mar  2 08:00:18.5: %SYS-5-X: y").sequence, "29");
	is(read_line("<189>Mar  2 08:00:18 sw1 sshd[29]: x").sequence, "");
}

static void year_is_the_one_before_now(void **state)
{
	(void)state;
	assert_int_equal(read_line("<13>Mar 30 23:59:59 h a: x").ts,
			 AT(1774915199)); /* less than a day ahead: this year */
	assert_int_equal(read_line("<13>Dec 31 23:59:59 h a: x").ts, AT(1767225599)); /* else the last one */
}

static void zones(void **state)
{
	(void)state;
	struct toc_zone *z = toc_zone_new(&toc_opener_self, "America/New_York");
	assert_non_null(z);
	struct stamp_rules local = rules;
	local.zone = z;
	struct header h;
	header_read(toc_span_str("<13>Mar  2 08:00:00 h a: x"), &local, &h);
	assert_int_equal(h.ts, AT(1772456400)); /* EST */
	header_read(toc_span_str("<13>Mar 12 08:00:00 h a: x"), &local, &h);
	assert_int_equal(h.ts, AT(1773316800)); /* EDT */
	toc_zone_free(z);
	assert_null(toc_zone_new(&toc_opener_self, "../../etc/passwd"));
	assert_null(toc_zone_new(&toc_opener_self, "No/Such"));
}

static void epochs(void **state)
{
	(void)state;
	toc_time t;
	assert_true(stamp_epoch(toc_span_str("1772438445"), &t));
	assert_int_equal(t, AT(1772438445));
	assert_true(stamp_epoch(toc_span_str("1772438445000000000"), &t));
	assert_int_equal(t, AT(1772438445));
	assert_true(stamp_epoch(toc_span_str("1772438445123"), &t));
	assert_int_equal(t, AT(1772438445) + 123000000);
	assert_false(stamp_epoch(toc_span_str("12"), &t));
	assert_false(stamp_epoch(toc_span_str("1772438445x"), &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_shapes), cmocka_unit_test(message_types_and_numbers),
					    cmocka_unit_test(year_is_the_one_before_now), cmocka_unit_test(zones),
					    cmocka_unit_test(epochs) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
