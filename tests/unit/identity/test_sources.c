/* learn: who is bound by binds to a directory, by access points and controllers, by gateways that give addresses. */
#include "identity/rig.h"

static void bind_as(struct rig *r, const char *ip, const char *object, const char *result, unsigned version)
{
	begin(r, LDAP);
	put_ip(r, ORIG, ip);
	toc_put_cstr(&r->draft, OBJECT, object);
	toc_put_cstr(&r->draft, RESULT, result);
	if (version)
		toc_put_uint(&r->draft, VERSION, version);
	see(r);
}

static void a_bind_to_a_directory(void **state)
{
	struct rig *r = *state;
	bind_as(r, "10.0.0.1", "uid=erin,ou=people,dc=school,dc=example", "success", 3);
	is(USER, "10.0.0.1", "erin 60 ldap 36000");
	bind_as(r, "10.0.0.2", "SCHOOL\\erin", "success", 3);
	is(USER, "10.0.0.2", "erin 60 ldap 36000");
	bind_as(r, "10.0.0.3", "erin@school.example", "success", 2);
	is(USER, "10.0.0.3", "erin 60 ldap 36000");
	bind_as(r, "10.0.0.4", "uid=erin,dc=school", "invalidCredentials", 3);
	bind_as(r, "10.0.0.4", "uid=erin,dc=school", "success", 0);	 /* no bind: an entry that was changed */
	bind_as(r, "10.0.0.4", "cn=Erin Smith,dc=school", "success", 3); /* nobody's account */
	bind_as(r, "10.0.0.4", "", "success", 3);			 /* anonymous */
	is_unknown("10.0.0.4");
}

static void a_firewall_maps_users(void **state)
{
	struct rig *r = *state;
	static const char *const subtypes[] = { "login", "logout", "register-tag" };
	for (unsigned i = 0; i < 3; i++) {
		begin(r, PANOS);
		toc_put_cstr(&r->draft, TYPE, "USERID");
		toc_put_cstr(&r->draft, SUBTYPE, subtypes[i]);
		put_ip(r, IP, "10.0.0.9");
		toc_put_cstr(&r->draft, USER, "school\\erin");
		r->draft.head.ts = start - (i == 0) * TOC_MIN;
		see(r);
		is(USER, "10.0.0.9", i == 0 ? "erin 80 panos 36000" : "");
	}
}

static void a_gateway_gives_an_address(void **state)
{
	struct rig *r = *state;
	begin(r, CISCO_ASA);
	toc_put_uint(&r->draft, MESSAGE_ID, 722051);
	put_ip(r, ASSIGNED_IP, "10.8.0.1");
	toc_put_cstr(&r->draft, USER, "erin");
	see(r);
	is(USER, "10.8.0.1", "erin 80 vpn 36000");
	begin(r, VPN);
	toc_put_cstr(&r->draft, ACTION, "assigned");
	put_ip(r, ASSIGNED_IP, "10.8.0.2");
	toc_put_cstr(&r->draft, USER, "bert");
	see(r);
	is(USER, "10.8.0.2", "bert 80 vpn 36000");
	begin(r, VPN);
	toc_put_cstr(&r->draft, ACTION, "login");
	put_ip(r, ASSIGNED_IP, "10.8.0.3");
	toc_put_cstr(&r->draft, USER, "carl");
	see(r);
	is_unknown("10.8.0.3");
}

/* A user and a place of the device, by what a product says of it. */
static void controllers_tell_of_devices(void **state)
{
	struct rig *r = *state;
	const struct toc_addr device = toc_binding_device(&hardware);
	begin(r, CISCO_IOS);
	toc_put_cstr(&r->draft, ACTION, "client_joined");
	toc_put_mac(&r->draft, MAC, &hardware);
	toc_put_cstr(&r->draft, USER, "anna");
	toc_put_cstr(&r->draft, HOST_FIELD, "wlc1");
	r->draft.head.ts -= 2 * TOC_HOUR;
	see(r);
	assert_string_equal(bound_of(r, TOC_BIND_USER, device), "anna 85 wlc 36000");
	assert_string_equal(bound_of(r, TOC_BIND_PLACE, device), "wlc1 60 wlc 86400");
	begin(r, MERAKI); /* less sure: it ends nothing surer */
	toc_put_cstr(&r->draft, TYPE, "association");
	toc_put_mac(&r->draft, CLIENT_MAC, &hardware);
	toc_put_cstr(&r->draft, IDENTITY, "bert");
	toc_put_cstr(&r->draft, HOST_FIELD, "ap7");
	r->draft.head.ts -= TOC_HOUR;
	see(r);
	assert_string_equal(bound_of(r, TOC_BIND_USER, device), "anna 85 wlc 36000");
	assert_string_equal(bound_of(r, TOC_BIND_PLACE, device), "ap7 70 meraki 86400");
	begin(r, ARUBA);
	toc_put_cstr(&r->draft, ACTION, "login");
	toc_put_cstr(&r->draft, OUTCOME, "success");
	toc_put_mac(&r->draft, MAC, &hardware);
	put_ip(r, SRC_IP, "10.0.0.7");
	toc_put_cstr(&r->draft, USER, "carl");
	toc_put_cstr(&r->draft, AP_NAME, "ap1");
	see(r);
	assert_string_equal(bound_of(r, TOC_BIND_USER, device), "carl 85 aruba 36000");
	is(MAC, "10.0.0.7", HARDWARE " 80 aruba 14400");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bind_to_a_directory),
		TEST(a_firewall_maps_users),
		TEST(a_gateway_gives_an_address),
		TEST(controllers_tell_of_devices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
