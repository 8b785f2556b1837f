/* learn and chain: who is at a device, by RADIUS and Kerberos; through which device an address is somebody's. */
#include "identity/rig.h"

#include "identity/chain.h"

static const char *of_device(const struct rig *r, enum toc_binding_kind kind)
{
	return bound_of(r, kind, toc_binding_device(&hardware));
}

static void radius(struct rig *r, const char *result, const char *user)
{
	begin(r, RADIUS);
	toc_put_mac(&r->draft, MAC, &hardware);
	toc_put_cstr(&r->draft, RESULT, result);
	if (user)
		toc_put_cstr(&r->draft, USERNAME, user);
	toc_put_cstr(&r->draft, NAS_ID, "ap-5");
	see(r);
}

static void accounting(struct rig *r, toc_time at, const char *status, const char *user, const char *ip)
{
	begin(r, ACCOUNTING)->head.ts = at;
	toc_put_mac(&r->draft, MAC, &hardware);
	toc_put_cstr(&r->draft, ACCT_STATUS, status);
	toc_put_cstr(&r->draft, USERNAME, user);
	if (ip)
		put_ip(r, FRAMED, ip);
	see(r);
}

static void radius_tells_of_a_device(void **state)
{
	struct rig *r = *state;
	radius(r, "failed", "erin");
	radius(r, "success", NULL); /* an outer identity only */
	assert_string_equal(of_device(r, TOC_BIND_USER), "");
	assert_string_equal(of_device(r, TOC_BIND_PLACE), "ap-5 80 radius 86400");
	radius(r, "success", "SCHOOL\\erin");
	assert_string_equal(of_device(r, TOC_BIND_USER), "erin 85 radius 36000");
	radius(r, "success", "host/pc-7.school.example"); /* logged off: the machine comes back as itself */
	assert_string_equal(of_device(r, TOC_BIND_USER), "");
}

static void accounting_tells_of_both(void **state)
{
	struct rig *r = *state;
	accounting(r, start, "Start", "erin", "10.0.0.9");
	is(USER, "10.0.0.9", "erin 80 radius 36000");
	is(MAC, "10.0.0.9", HARDWARE " 85 radius 14400");
	assert_string_equal(of_device(r, TOC_BIND_USER), "erin 85 radius 36000");
	assert_string_equal(of_device(r, TOC_BIND_ADDRESS), "10.0.0.9 85 radius 14400");
	accounting(r, start, "Stop", "frank", "10.0.0.9"); /* another one's */
	is(USER, "10.0.0.9", "erin 80 radius 36000");
	accounting(r, start, "Stop", "erin", "10.0.0.9");
	is(USER, "10.0.0.9", "");
	assert_string_equal(of_device(r, TOC_BIND_USER), "");
}

/* The old access point tells its stop when the device is elsewhere already. */
static void a_stop_of_the_old_address_ends_nothing_at_the_new_one(void **state)
{
	struct rig *r = *state;
	accounting(r, start - TOC_HOUR, "Start", "erin", "10.0.0.9");
	accounting(r, start - TOC_MIN, "Start", "erin", "10.1.0.9");
	accounting(r, start, "Stop", "erin", "10.0.0.9");
	is(USER, "10.0.0.9", "");
	is(USER, "10.1.0.9", "erin 80 radius 36000");
	assert_string_equal(of_device(r, TOC_BIND_USER), "erin 85 radius 39540"); /* of both sessions */
}

static void kerberos(void **state)
{
	struct rig *r = *state;
	static const struct {
		const char *request, *client;
		bool success;
		const char *bound;
	} rows[] = { { "AS", "erin/SCHOOL.EXAMPLE", false, "" },
		     { "TGS", "erin/SCHOOL.EXAMPLE", true, "" },
		     { "AS", "PC-7$/SCHOOL.EXAMPLE", true, "" },
		     { "AS", "erin/SCHOOL.EXAMPLE", true, "erin 80 kerberos 36000" } };
	for (unsigned i = 0; i < 4; i++) {
		begin(r, KERBEROS);
		put_ip(r, ORIG, "10.0.0.9");
		toc_put_cstr(&r->draft, REQUEST_TYPE, rows[i].request);
		toc_put_cstr(&r->draft, CLIENT, rows[i].client);
		toc_put_bool(&r->draft, SUCCESS, rows[i].success);
		see(r);
		is(USER, "10.0.0.9", rows[i].bound);
	}
}

/* --- chains: times in minutes ------------------------------------------------------------------------------------- */

static void has(struct rig *r, const char *ip, enum toc_binding_kind kind, const char *text, int from)
{
	const struct toc_addr a = address(ip);
	toc_bindings_learn(r->b, &a, kind, toc_span_str(text), from * TOC_MIN, from * TOC_MIN + 4 * TOC_HOUR, 85,
			   "log");
}

static void device_has(struct rig *r, uint8_t last, enum toc_binding_kind kind, const char *text, int from)
{
	const struct toc_mac mac = { { 2, 0, 0, 0, 0, last } };
	const struct toc_addr key = toc_binding_device(&mac);
	toc_bindings_learn(r->b, &key, kind, toc_span_str(text), from * TOC_MIN, from * TOC_MIN + 10 * TOC_HOUR, 85,
			   "log");
}

static const char *user(const struct rig *r, const char *ip, int at)
{
	const struct toc_addr a = address(ip);
	struct toc_chain chain;
	toc_chains_at(r->b, &a, 1, at * TOC_MIN, &chain);
	return chain.user ? chain.user->text : chain.crowd ? "many" : "";
}

#define A "02:00:00:00:00:01"
#define B "02:00:00:00:00:02"

static void through_the_device(void **state)
{
	struct rig *r = *state;
	device_has(r, 1, TOC_BIND_USER, "anna", 0);
	has(r, "10.0.0.1", TOC_BIND_MAC, A, 5);
	assert_string_equal(user(r, "10.0.0.1", 4), "");
	assert_string_equal(user(r, "10.0.0.1", 5), "anna");
	has(r, "10.1.0.1", TOC_BIND_MAC, A, 60); /* she goes to another building, and is known there */
	assert_string_equal(user(r, "10.1.0.1", 61), "anna");
	has(r, "10.0.0.1", TOC_BIND_USER, "bert", 90); /* what is told later counts, if it is of the device */
	assert_string_equal(user(r, "10.0.0.1", 91), "bert");
}

static void the_next_device_is_somebody_else(void **state)
{
	struct rig *r = *state;
	has(r, "10.0.0.1", TOC_BIND_MAC, A, 0);
	has(r, "10.0.0.1", TOC_BIND_USER, "anna", 1);
	assert_string_equal(user(r, "10.0.0.1", 59), "anna");
	has(r, "10.0.0.1", TOC_BIND_MAC, B, 60);
	assert_string_equal(user(r, "10.0.0.1", 59), "anna");
	assert_string_equal(user(r, "10.0.0.1", 61), ""); /* not anna */
	device_has(r, 2, TOC_BIND_USER, "bert", 62);
	assert_string_equal(user(r, "10.0.0.1", 63), "bert");
	assert_string_equal(user(r, "10.0.0.1", 60 + 241), ""); /* the lease is over */
}

/* A lease that runs on after its device has another one is nobody's. */
static void a_device_that_has_left(void **state)
{
	struct rig *r = *state;
	device_has(r, 1, TOC_BIND_USER, "anna", 0);
	has(r, "10.0.0.1", TOC_BIND_MAC, A, 0);
	device_has(r, 1, TOC_BIND_ADDRESS, "10.0.0.1", 0);
	assert_string_equal(user(r, "10.0.0.1", 30), "anna");
	device_has(r, 1, TOC_BIND_ADDRESS, "10.1.0.1", 31);
	has(r, "10.1.0.1", TOC_BIND_MAC, A, 31);
	assert_string_equal(user(r, "10.0.0.1", 30), "anna");
	assert_string_equal(user(r, "10.0.0.1", 32), "");
	assert_string_equal(user(r, "10.1.0.1", 32), "anna");
}

static void a_shared_device_is_left_after_an_hour(void **state)
{
	struct rig *r = *state;
	has(r, "10.0.0.1", TOC_BIND_MAC, A, 0);
	has(r, "10.0.0.1", TOC_BIND_USER, "anna", 10);
	assert_string_equal(user(r, "10.0.0.1", 130), "anna"); /* hers, for all that is known */
	has(r, "10.0.0.1", TOC_BIND_USER, "bert", 140);
	assert_string_equal(user(r, "10.0.0.1", 70), "anna");
	assert_string_equal(user(r, "10.0.0.1", 71), ""); /* now it is known that others come */
	assert_string_equal(user(r, "10.0.0.1", 200), "bert");
	assert_string_equal(user(r, "10.0.0.1", 201), "");
	has(r, "10.0.0.1", TOC_BIND_USER, "bert", 199);
	assert_string_equal(user(r, "10.0.0.1", 201), "bert"); /* told again */
}

static void without_devices_the_address_is_all(void **state)
{
	struct rig *r = *state;
	has(r, "10.0.0.1", TOC_BIND_USER, "anna", 0);
	assert_string_equal(user(r, "10.0.0.1", 1), "anna");
	has(r, "10.0.0.1", TOC_BIND_USER, "bert", 2);
	has(r, "10.0.0.1", TOC_BIND_USER, "carl", 3);
	assert_string_equal(user(r, "10.0.0.1", 4), "many");
	assert_string_equal(user(r, "10.9.9.9", 4), "");
}

static void learn(struct toc_bindings *b, const struct toc_addr *key, enum toc_binding_kind kind, const char *text)
{
	toc_bindings_learn(b, key, kind, toc_span_str(text), 0, TOC_DAY, 85, "log");
}

static const char *user_of(const struct toc_bindings *b, const struct toc_addr *a)
{
	struct toc_chain chain;
	toc_chains_at(b, a, 1, TOC_HOUR, &chain);
	return chain.user ? chain.user->text : "";
}

/* What stands beside an address to find its device is no more than a hint: others come to where the device was. */
static void a_device_that_was_forgotten(void **state)
{
	(void)state;
	const struct toc_hash_key key = { 1, 2 };
	struct toc_bindings *b = toc_bindings_new(3, &key);
	const struct toc_mac anna = { { 2, 0, 0, 0, 0, 1 } }, bert = { { 2, 0, 0, 0, 0, 2 } };
	const struct toc_addr a = address("10.0.0.1"), first = toc_binding_device(&anna),
			      second = toc_binding_device(&bert);
	learn(b, &first, TOC_BIND_USER, "anna");
	learn(b, &a, TOC_BIND_MAC, A);
	assert_string_equal(user_of(b, &a), "anna");
	learn(b, &second, TOC_BIND_USER, "bert");
	const struct toc_addr other = address("10.0.0.9");
	learn(b, &other, TOC_BIND_HOST, "pc"); /* takes the place of her device */
	assert_string_equal(user_of(b, &a), "");
	learn(b, &a, TOC_BIND_MAC, A);
	learn(b, &first, TOC_BIND_USER, "carl"); /* and this one bert's */
	assert_string_equal(user_of(b, &a), "carl");
	toc_bindings_free(b);
}

static void two_at_once_as_one_by_one(void **state)
{
	struct rig *r = *state;
	const struct toc_addr known = address("10.0.0.1"), unknown = address("10.9.9.9");
	const struct toc_addr pairs[][TOC_LOOKS] = { { known, unknown }, { unknown, known }, { known, known } };
	has(r, "10.0.0.1", TOC_BIND_MAC, A, 0);
	has(r, "10.0.0.1", TOC_BIND_HOST, "pc", 0);
	device_has(r, 1, TOC_BIND_USER, "anna", 1);
	device_has(r, 1, TOC_BIND_PLACE, "ap-1", 1);
	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct toc_chain both[TOC_LOOKS];
		toc_chains_at(r->b, pairs[i], TOC_LOOKS, 2 * TOC_MIN, both);
		for (unsigned k = 0; k < TOC_LOOKS; k++) {
			struct toc_chain one;
			toc_chains_at(r->b, &pairs[i][k], 1, 2 * TOC_MIN, &one);
			assert_ptr_equal(one.mac, both[k].mac);
			assert_ptr_equal(one.host, both[k].host);
			assert_ptr_equal(one.user, both[k].user);
			assert_ptr_equal(one.place, both[k].place);
			assert_int_equal(one.user != NULL, memcmp(&pairs[i][k], &known, sizeof(known)) == 0);
			assert_int_equal(one.place != NULL, one.user != NULL);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(radius_tells_of_a_device),
		TEST(accounting_tells_of_both),
		TEST(a_stop_of_the_old_address_ends_nothing_at_the_new_one),
		TEST(kerberos),
		TEST(through_the_device),
		TEST(the_next_device_is_somebody_else),
		TEST(a_device_that_has_left),
		cmocka_unit_test(a_device_that_was_forgotten),
		TEST(two_at_once_as_one_by_one),
		TEST(a_shared_device_is_left_after_an_hour),
		TEST(without_devices_the_address_is_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
