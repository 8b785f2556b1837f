/* dce_rpc: bindings, calls, both byte orders, fragments, authentication, and what the endpoint mapper announces. */
#include "test.h"

#include "decoders/dce_rpc.h"
#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_dce_rpc;

enum { REQUEST, RESPONSE = 2, FAULT = 3, BIND = 11, BIND_ACK = 12, AUTH3 = 16 };

static const uint8_t samr[] = { 0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab,
				0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac };
static const uint8_t samr_big[] = { 0x12, 0x34, 0x57, 0x78, 0x12, 0x34, 0xab, 0xcd,
				    0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac };
static const uint8_t epmapper[] = { 0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11,
				    0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa };
static const uint8_t strange[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
				   0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10 };

/* A number in the sender's order. */
static void put(struct wire *w, bool big, unsigned size, uint64_t v)
{
	if (big)
		wire_be(w, size, v);
	else
		wire_le(w, size, v);
}

/* A fragment (C706, section 12.6.4): header, then the body. */
static void fragment(struct wire *w, unsigned type, unsigned flags, uint32_t call, const struct wire *body, bool big,
		     size_t auth)
{
	wire_bytes(w, "\5\0", 2);
	wire_le(w, 1, type);
	wire_le(w, 1, flags);
	wire_be(w, 4, big ? 0 : 0x10000000);
	put(w, big, 2, 16 + body->n);
	put(w, big, 2, auth);
	put(w, big, 4, call);
	wire_bytes(w, body->b, body->n);
}

static void bind(struct wire *w, unsigned context, const uint8_t uuid[16], bool big)
{
	struct wire b = { .n = 0 };
	wire_zeros(&b, 8);
	put(&b, big, 4, big ? 0x01000000 : 1);
	put(&b, big, 2, context);
	wire_le(&b, 2, 1);
	wire_bytes(&b, uuid, 16);
	wire_zeros(&b, 4);
	wire_bytes(&b, "\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\0\x2b\x10\x48\x60\2\0\0\0", 20);
	fragment(w, BIND, 3, 1, &b, big, 0);
}

static void bind_ack(struct wire *w, const char *address)
{
	struct wire b = { .n = 0 };
	wire_zeros(&b, 8);
	wire_le(&b, 2, strlen(address) + 1);
	wire_bytes(&b, address, strlen(address) + 1);
	wire_zeros(&b, (4 - b.n % 4) % 4);
	wire_le(&b, 4, 1);
	wire_zeros(&b, 24);
	fragment(w, BIND_ACK, 3, 1, &b, false, 0);
}

static void call(struct wire *w, unsigned type, uint32_t id, unsigned context, unsigned number, size_t stub, bool big,
		 unsigned flags)
{
	struct wire b = { .n = 0 };
	put(&b, big, 4, stub);
	put(&b, big, 2, context);
	put(&b, big, 2, number);
	wire_zeros(&b, stub);
	fragment(w, type, flags, id, &b, big, 0);
}

static struct trial *play(const struct trial_step *steps, size_t n)
{
	struct trial *t = trial_new(&toc_decoder_dce_rpc, TOC_OVER_TCP, 135);
	for (size_t i = 0; i < n; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_dce_rpc, 135, steps, n, 20));
	return t;
}

static void expect(struct trial *t, unsigned i, const char *field, const char *text)
{
	const char *got = trial_value(t, i, field);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

static void calls(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct wire a = { .n = 0 }, b = { .n = 0 }, c = { .n = 0 }, d = { .n = 0 };
		bind(&a, 3, big ? samr_big : samr, big);
		bind_ack(&b, "\\pipe\\lsass");
		call(&c, REQUEST, 5, 3, 13, 200, big, 1); /* first fragment */
		call(&c, REQUEST, 5, 3, 13, 50, big, 2);  /* last */
		call(&c, REQUEST, 6, 3, 999, 0, big, 3);
		call(&d, RESPONSE, 5, 3, 0, 30, false, 3);
		call(&d, FAULT, 6, 3, 0, 8, false, 3);
		const struct trial_step steps[] = {
			{ TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n }, { TOC_ORIG, c.b, c.n }, { TOC_RESP, d.b, d.n }
		};
		struct trial *t = play(steps, 4);
		assert_int_equal(trial_events(t), 2);
		expect(t, 0, "endpoint", "\"samr\"");
		expect(t, 0, "operation", "\"SamrEnumerateUsersInDomain\"");
		expect(t, 0, "named_pipe", "\"\\\\pipe\\\\lsass\"");
		expect(t, 0, "rtt", "0");
		expect(t, 1, "operation", "\"unknown-999\"");
		trial_free(t);
	}
}

static void unknown_and_unbound(void **state)
{
	(void)state;
	struct wire a = { .n = 0 };
	bind(&a, 0, strange, false);
	call(&a, REQUEST, 2, 0, 7, 0, false, 3);
	call(&a, REQUEST, 3, 1, 7, 0, false, 3); /* a context nobody bound */
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n } };
	struct trial *t = play(steps, 1);
	assert_int_equal(trial_events(t), 1); /* never answered: told at the end */
	expect(t, 0, "endpoint", "\"unknown-04030201-0605-0807-090a-0b0c0d0e0f10\"");
	expect(t, 0, "operation", "\"unknown-7\"");
	expect(t, 0, "rtt", NULL);
	trial_free(t);
}

static void floor_(struct wire *w, const void *left, size_t left_n, const void *right, size_t right_n)
{
	wire_le(w, 2, left_n);
	wire_bytes(w, left, left_n);
	wire_le(w, 2, right_n);
	wire_bytes(w, right, right_n);
}

/* ept_map's answer (C706, appendices L and O): a tower with TCP 49200 at 192.0.2.9. */
static void announcements(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 }, body = { .n = 0 }, tower = { .n = 0 };
	bind(&a, 0, epmapper, false);
	call(&a, REQUEST, 9, 0, 3, 60, false, 3);
	wire_le(&tower, 2, 5);
	floor_(&tower, "\x0dxxxxxxxxxxxxxxxxxx", 19, "\0\0", 2);
	floor_(&tower, "\x0dxxxxxxxxxxxxxxxxxx", 19, "\0\0", 2);
	floor_(&tower, "\x0b", 1, "\0\0", 2);
	floor_(&tower, "\x07", 1, "\xc0\x30", 2);
	floor_(&tower, "\x09", 1, "\xc0\0\2\x09", 4);
	wire_zeros(&body, 8 + 20);
	wire_le(&body, 4, 1);
	wire_le(&body, 4, 4);
	wire_le(&body, 4, 0);
	wire_le(&body, 4, 1);
	wire_le(&body, 4, 3);
	wire_le(&body, 4, tower.n);
	wire_le(&body, 4, tower.n);
	wire_bytes(&body, tower.b, tower.n);
	wire_zeros(&body, 7);
	fragment(&b, RESPONSE, 3, 9, &body, false, 0);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	assert_non_null(strstr(trial_text(t), "{\"expect\":\"192.0.2.9:49200 dce_rpc\"}"));
	expect(t, 0, "operation", "\"ept_map\"");
	trial_free(t);
}

/* The verifier's token (C706, section 13.2.6.1) goes to ntlm. */
static void authentication(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, body = { .n = 0 };
	static const char token[] = "NTLMSSP\0\3\0\0\0"
				    "\0\0\0\0\x40\0\0\0"
				    "\0\0\0\0\x40\0\0\0"
				    "\0\0\0\0\x40\0\0\0"
				    "\4\0\4\0\x40\0\0\0"
				    "\0\0\0\0\x44\0\0\0"
				    "\0\0\0\0\x44\0\0\0"
				    "\2\0\0\0"
				    "anna";
	wire_zeros(&body, 4);
	wire_bytes(&body, "\x0a\5\0\0\1\0\0\0", 8);
	wire_bytes(&body, token, sizeof(token) - 1);
	fragment(&a, AUTH3, 3, 1, &body, false, sizeof(token) - 1);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n } };
	struct trial *t = play(steps, 1);
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "ntlm");
	trial_free(t);
}

/* Parameters may be lost; a header may not. */
static void losses(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	bind(&a, 0, samr, false);
	call(&a, REQUEST, 2, 0, 0, 1000, false, 3);
	call(&b, REQUEST, 3, 0, 1, 0, false, 3);
	struct trial_step steps[] = { { TOC_ORIG, a.b, a.n - 900 }, { TOC_ORIG, NULL, 900 }, { TOC_ORIG, b.b, b.n } };
	struct trial *t = play(steps, 3);
	assert_int_equal(trial_events(t), 2);
	expect(t, 1, "operation", "\"SamrCloseHandle\"");
	trial_free(t);
	steps[1].n = 901;
	t = play(steps, 3);
	assert_int_equal(trial_events(t), 1);
	assert_non_null(strstr(trial_text(t), "{\"done\":\"dce_rpc\"}"));
	trial_free(t);
}

/* Every table is in order: the uuid well-formed and once, names where they are known to be. */
static void tables(void **state)
{
	(void)state;
	static const struct dce_interface *const all[] = { dce_directory, dce_system, dce_print, dce_dcom };
	static const struct {
		const char *endpoint, *operation;
		uint16_t number;
	} known[] = { { "samr", "SamrConnect5", 64 },
		      { "lsarpc", "LsarLookupSids", 15 },
		      { "svcctl", "CreateServiceW", 12 },
		      { "svcctl", "StartServiceW", 19 },
		      { "svcctl", "OpenSCManager2", 64 },
		      { "atsvc", "JobAdd", 0 },
		      { "ITaskSchedulerService", "SchRpcRegisterTask", 1 },
		      { "drsuapi", "DRSGetNCChanges", 3 },
		      { "srvsvc", "NetrShareEnum", 15 },
		      { "srvsvc", "NetrSessionEnum", 12 },
		      { "wkssvc", "NetrWkstaUserEnum", 2 },
		      { "spoolss", "RpcAddPrinterDriverEx", 89 },
		      { "spoolss", "RpcRemoteFindFirstPrinterChangeNotificationEx", 65 },
		      { "IRemoteWinspool", "RpcAsyncAddPrinterDriver", 39 },
		      { "efsrpc", "EfsRpcOpenFileRaw", 0 },
		      { "winreg", "BaseRegSaveKey", 20 },
		      { "netlogon", "NetrServerAuthenticate3", 26 },
		      { "netlogon", "NetrServerPasswordSet2", 30 },
		      { "epmapper", "ept_map", 3 },
		      { "IWbemServices", "ExecMethod", 24 },
		      { "ISecLogon", "SeclCreateProcessWithLogonW", 0 },
		      { "IRemoteSCMActivator", "RemoteCreateInstance", 4 } };
	for (size_t a = 0; a < 4; a++)
		for (const struct dce_interface *i = all[a]; i->uuid; i++) {
			assert_int_equal(strlen(i->uuid), DCE_UUID);
			assert_ptr_equal(dce_interface_find(i->uuid), i);
			assert_int_equal(dce_operation(i, 60000).n, 0);
		}
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		bool hit = false;
		for (size_t a = 0; a < 4; a++)
			for (const struct dce_interface *i = all[a]; i->uuid; i++)
				if (strcmp(i->name, known[k].endpoint) == 0 &&
				    toc_span_is(dce_operation(i, known[k].number), known[k].operation))
					hit = true;
		if (!hit)
			fail_msg("%s %u is not %s", known[k].endpoint, known[k].number, known[k].operation);
	}
}

static void not_rpc(void **state)
{
	(void)state;
	struct wire a = { .n = 0 };
	bind(&a, 0, samr, false);
	assert_int_equal(toc_decoder_dce_rpc.probe(toc_span_of(a.b, a.n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_dce_rpc.probe(toc_span_of(a.b, 8), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(toc_decoder_dce_rpc.probe(toc_span_of("\5\1\0", 3), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(
		toc_decoder_dce_rpc.probe(toc_span_of("\5\1\0\3\1\4\0\0\0\0\0\0\0\0\0\0", 16), TOC_ORIG, false),
		TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),	 cmocka_unit_test(unknown_and_unbound),
		cmocka_unit_test(announcements), cmocka_unit_test(authentication),
		cmocka_unit_test(losses),	 cmocka_unit_test(tables),
		cmocka_unit_test(not_rpc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
