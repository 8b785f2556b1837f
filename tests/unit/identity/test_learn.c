/* learn: which device is bound by DHCP on the wire and by syslog, ARP and ND, and the near misses that must not bind.
 */
#include "identity/rig.h"

static void dhcp_message(struct rig *r, const char *type, const char *yiaddr)
{
	begin(r, DHCP_MESSAGE);
	if (type)
		toc_put_cstr(&r->draft, MSG_TYPE, type);
	put_ip(r, YIADDR, yiaddr);
	toc_put_mac(&r->draft, MAC, &hardware);
	toc_put_cstr(&r->draft, HOST_NAME, "pc-7");
}

static void dhcp_on_the_wire(void **state)
{
	struct rig *r = *state;
	static const char *const others[] = {
		"DISCOVER", "OFFER", "REQUEST", "NAK", "RELEASE", "ACKN", "AC", "", NULL
	};
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		dhcp_message(r, others[i], "10.0.0.9");
		see(r);
	}
	dhcp_message(r, "ACK", "0.0.0.0"); /* the answer to INFORM gives no address */
	see(r);
	is_unknown("10.0.0.9");
	is_unknown("0.0.0.0");
	dhcp_message(r, "ACK", "10.0.0.9");
	toc_put_duration(&r->draft, LEASE_TIME, 600 * TOC_SEC);
	see(r);
	is(MAC, "10.0.0.9", HARDWARE " 90 dhcp 600");
	is(HOST, "10.0.0.9", "pc-7 80 dhcp 600");
	is(USER, "10.0.0.9", "");
}

static void a_lease_without_a_sane_time_has_the_usual_one(void **state)
{
	struct rig *r = *state;
	static const toc_time times[] = { 0, -1, 400 * TOC_DAY, INT64_MAX };
	dhcp_message(r, "ACK", "10.0.1.1");
	see(r);
	is(MAC, "10.0.1.1", HARDWARE " 90 dhcp 14400");
	is(HOST, "10.0.1.1", "pc-7 80 dhcp 86400");
	for (unsigned i = 0; i < 4; i++) {
		dhcp_message(r, "ACK", "10.0.1.2");
		toc_put_duration(&r->draft, LEASE_TIME, times[i]);
		see(r);
		is(MAC, "10.0.1.2", HARDWARE " 90 dhcp 14400");
	}
	dhcp_message(r, "ACK", "10.0.1.3");
	toc_put_uint(&r->draft, LEASE_TIME, 600); /* a plain number is one of seconds */
	see(r);
	is(MAC, "10.0.1.3", HARDWARE " 90 dhcp 600");
	dhcp_message(r, "ACK", "10.0.1.4");
	toc_put_uint(&r->draft, LEASE_TIME, UINT64_MAX);
	see(r);
	is(MAC, "10.0.1.4", HARDWARE " 90 dhcp 14400");
}

/* The row of a transaction has the address that was offered, whether it was taken or not. */
static void dhcp_transactions(void **state)
{
	struct rig *r = *state;
	static const char *const types[] = { "DISCOVER", "OFFER", "REQUEST", "NAK", "ACK" };
	for (unsigned n = 0; n <= 5; n++) {
		begin(r, DHCP);
		put_ip(r, ASSIGNED, "10.0.0.9");
		toc_put_mac(&r->draft, MAC, &hardware);
		toc_put_cstr(&r->draft, HOST_NAME, "pc-7");
		for (unsigned i = 0; i < n; i++)
			toc_list_str(&r->draft, MSG_TYPES, toc_span_str(types[i]));
		toc_put_duration(&r->draft, LEASE_TIME, 600 * TOC_SEC);
		see(r);
		if (n < 5)
			is_unknown("10.0.0.9");
	}
	is(MAC, "10.0.0.9", HARDWARE " 90 dhcp 600");
	is(HOST, "10.0.0.9", "pc-7 80 dhcp 600");
}

static void leases_by_syslog(void **state)
{
	struct rig *r = *state;
	static const char *const actions[] = { "offered",  "requested", "discover", "released", "declined", "refused",
					       "informed", "exhausted", "",	    "rebound",	"bound",    "Renewed" };
	for (unsigned i = 0; i < 12; i++) {
		const char *ip = i < 10 ? "10.0.0.9" : i == 10 ? "10.0.0.10" : "2001:db8::11";
		begin(r, LEASE);
		toc_put_cstr(&r->draft, ACTION, actions[i]);
		put_ip(r, IP, ip);
		toc_put_cstr(&r->draft, MAC, "0200.0000.00AB");
		toc_put_cstr(&r->draft, HOST_NAME, "pc-8");
		see(r);
	}
	is_unknown("10.0.0.9");
	is(MAC, "10.0.0.10", HARDWARE " 85 dhcp-log 14400");
	is(HOST, "10.0.0.10", "pc-8 75 dhcp-log 86400");
	is(MAC, "2001:db8::11", HARDWARE " 85 dhcp-log 14400");
}

static void arp(struct rig *r, const char *ip)
{
	begin(r, ARP);
	put_ip(r, SENDER_IP, ip);
	toc_put_mac(&r->draft, SENDER_MAC, &hardware);
	see(r);
}

static void neighbour(struct rig *r, const char *type, const char *target)
{
	begin(r, ND);
	toc_put_cstr(&r->draft, TYPE, type);
	put_ip(r, TARGET, target);
	toc_put_mac(&r->draft, TARGET_MAC, &hardware);
	see(r);
}

static void neighbours(void **state)
{
	struct rig *r = *state;
	arp(r, "10.0.0.9");
	is(MAC, "10.0.0.9", HARDWARE " 50 arp 14400");
	is(HOST, "10.0.0.9", "");
	neighbour(r, "NS", "2001:db8::9"); /* asked for: it may not be there */
	neighbour(r, "RA", "2001:db8::9");
	is_unknown("2001:db8::9");
	neighbour(r, "NA", "2001:db8::9");
	neighbour(r, "NA", "fe80::9");
	is(MAC, "2001:db8::9", HARDWARE " 50 nd 14400");
	is(MAC, "fe80::9", HARDWARE " 50 nd 14400");
	begin(r, ND);
	toc_put_cstr(&r->draft, TYPE, "NA");
	put_ip(r, TARGET, "2001:db8::a");
	see(r); /* without the option of its hardware address */
	is_unknown("2001:db8::a");
}

static void addresses_of_nobody(void **state)
{
	struct rig *r = *state;
	static const char *const four[] = { "0.0.0.0",	 "0.1.2.3",   "127.0.0.1",	"127.255.0.9",
					    "224.0.0.1", "240.0.0.1", "255.255.255.255" };
	static const char *const six[] = { "::", "::1", "ff02::1" };
	for (unsigned i = 0; i < 7; i++) { /* an ARP probe has none yet */
		arp(r, four[i]);
		is_unknown(four[i]);
	}
	for (unsigned i = 0; i < 3; i++) {
		neighbour(r, "NA", six[i]);
		is_unknown(six[i]);
	}
	arp(r, "223.255.255.255");
	is(MAC, "223.255.255.255", HARDWARE " 50 arp 14400");
	neighbour(r, "NA", "::1:1");
	is(MAC, "::1:1", HARDWARE " 50 nd 14400");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dhcp_on_the_wire),	 TEST(a_lease_without_a_sane_time_has_the_usual_one),
		TEST(dhcp_transactions), TEST(leases_by_syslog),
		TEST(neighbours),	 TEST(addresses_of_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
