/* dhcp observer: what one row gathers, when it is written, and that strangers cannot fill the memory. */
#include "test.h"

#include "event/json.h"
#include "observe/observer.h"

extern const struct toc_observer toc_observer_dhcp;

enum in { K_MESSAGE, XID, OP, TYPE, MAC, SRC, YIADDR, SERVER, REQUESTED, HOST, LEASE, MESSAGE, DOMAIN_NAME, N_IN };

static const struct toc_field_decl in_fields[N_IN] = {
	[K_MESSAGE] = { "dhcp_message", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[XID] = { "xid", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[OP] = { "op", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[TYPE] = { "msg_type", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[MAC] = { "mac", TOC_MAC, false, TOC_OPEN, NULL, "" },
	[SRC] = { "src_addr", TOC_IP, false, TOC_OPEN, NULL, "" },
	[YIADDR] = { "yiaddr", TOC_IP, false, TOC_OPEN, NULL, "" },
	[SERVER] = { "server_addr", TOC_IP, false, TOC_OPEN, NULL, "" },
	[REQUESTED] = { "requested_addr", TOC_IP, false, TOC_OPEN, NULL, "" },
	[HOST] = { "host_name", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[LEASE] = { "lease_time", TOC_DURATION, false, TOC_OPEN, NULL, "" },
	[MESSAGE] = { "server_message", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[DOMAIN_NAME] = { "domain", TOC_STRING, false, TOC_OPEN, NULL, "" },
};

/* The observer and a list of what it said: the JSON of each row, and its `at`. */
struct bench {
	struct toc_emit emit; /* first: the observer gives it back */
	struct toc_intern *names;
	struct toc_draft out, in;
	toc_field in_map[N_IN], out_map[64];
	struct toc_diag *diag;
	void *self;
	unsigned n;
	char rows[4][4096];
	toc_time at[4];
	uint64_t ordinal[4];
};

static void take(struct toc_emit *emit, struct toc_draft *d)
{
	struct bench *b = (struct bench *)emit;
	struct toc_event *ev = toc_draft_seal(d, aligned_alloc(8, toc_draft_size(d)));
	if (b->n < 4) {
		assert_in_range(toc_json_bound(ev, b->names), 1, sizeof(b->rows[0]) - 1);
		b->rows[b->n][toc_json_event(ev, b->names, b->rows[b->n])] = 0;
		b->at[b->n] = ev->at;
		b->ordinal[b->n] = ev->ordinal;
	}
	b->n++;
	free(ev);
}

static struct bench *bench_new(void)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct bench *b = calloc(1, sizeof(*b));
	assert_non_null(b);
	b->emit.event = take;
	b->names = toc_intern_new();
	b->diag = toc_diag_new();
	toc_intern_decls(b->names, in_fields, N_IN, b->in_map);
	toc_intern_decls(b->names, toc_observer_dhcp.fields, toc_observer_dhcp.nfields, b->out_map);
	bool idle = false;
	const struct observer_env env = { NULL, NULL, 0, b->names, &key, &b->emit, &b->out, b->diag, NULL, &idle };
	b->self = toc_observer_dhcp.new(&env, b->out_map);
	assert_non_null(b->self);
	return b;
}

static void bench_free(struct bench *b)
{
	toc_observer_dhcp.free(b->self);
	toc_diag_free(b->diag);
	toc_intern_free(b->names);
	free(b);
}

static void begin(struct bench *b, unsigned xid, unsigned op, const char *type)
{
	static const struct toc_mac mac = { { 2, 0, 0, 0, 0, 7 } };
	toc_draft_begin(&b->in, b->in_map, K_MESSAGE);
	toc_put_uint(&b->in, XID, xid);
	toc_put_uint(&b->in, OP, op);
	if (type)
		toc_put_cstr(&b->in, TYPE, type);
	toc_put_mac(&b->in, MAC, &mac);
}

static void put_ip(struct bench *b, unsigned field, unsigned last)
{
	const uint8_t a[4] = { (uint8_t)(last ? 10 : 0), 0, 0, (uint8_t)last };
	const struct toc_addr ip = toc_addr_v4(a);
	toc_put_ip(&b->in, field, &ip);
}

static void see(struct bench *b, toc_time at, uint64_t uid)
{
	static uint64_t ordinal;
	b->in.head.at = b->in.head.ts = at;
	b->in.head.uid = uid;
	b->in.head.ordinal = ++ordinal;
	struct toc_event *ev = toc_draft_seal(&b->in, aligned_alloc(8, toc_draft_size(&b->in)));
	const struct toc_view view = { ev, NULL };
	toc_observer_dhcp.see(b->self, &view);
	free(ev);
}

static void simple(struct bench *b, toc_time at, unsigned xid, const char *type)
{
	begin(b, xid, 1, type);
	see(b, at, 1);
}

#define has(row, text) assert_non_null(strstr(row, text))

static void four_messages_are_one_row(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	begin(b, 7, 1, "DISCOVER");
	put_ip(b, SRC, 0);
	toc_put_cstr(&b->in, HOST, "pc");
	see(b, 100 * TOC_SEC, 1);
	begin(b, 7, 2, "OFFER");
	put_ip(b, YIADDR, 9);
	put_ip(b, SERVER, 1);
	see(b, 100 * TOC_SEC + TOC_SEC / 2, 2);
	begin(b, 7, 1, "REQUEST");
	put_ip(b, SRC, 0);
	put_ip(b, REQUESTED, 9);
	toc_put_duration(&b->in, LEASE, 5 * TOC_SEC); /* what the client would like */
	see(b, 101 * TOC_SEC, 1);
	begin(b, 7, 2, "ACK");
	put_ip(b, YIADDR, 9);
	put_ip(b, SERVER, 1);
	toc_put_duration(&b->in, LEASE, 3600 * TOC_SEC);
	toc_put_cstr(&b->in, DOMAIN_NAME, "school.example");
	see(b, 102 * TOC_SEC, 2);
	toc_observer_dhcp.advance(b->self, 109 * TOC_SEC);
	assert_int_equal(b->n, 0);
	toc_observer_dhcp.advance(b->self, 200 * TOC_SEC);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->at[0], 110 * TOC_SEC);
	has(b->rows[0], "\"event\":\"dhcp\"");
	has(b->rows[0], "\"ts\":100");
	has(b->rows[0], "\"uids\":[\"C1\",\"C2\"]");
	has(b->rows[0], "\"client_addr\":\"10.0.0.9\"");
	has(b->rows[0], "\"server_addr\":\"10.0.0.1\"");
	has(b->rows[0], "\"mac\":\"02:00:00:00:00:07\"");
	has(b->rows[0], "\"host_name\":\"pc\"");
	has(b->rows[0], "\"domain\":\"school.example\"");
	has(b->rows[0], "\"requested_addr\":\"10.0.0.9\"");
	has(b->rows[0], "\"assigned_addr\":\"10.0.0.9\"");
	has(b->rows[0], "\"lease_time\":3600");
	has(b->rows[0], "\"msg_types\":[\"DISCOVER\",\"OFFER\",\"REQUEST\",\"ACK\"]");
	has(b->rows[0], "\"duration\":2");
	assert_null(strstr(b->rows[0], "message\""));
	bench_free(b);
}

static void refusal_names_no_server(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	begin(b, 7, 1, "REQUEST");
	put_ip(b, SRC, 5);
	see(b, TOC_SEC, 1);
	begin(b, 7, 2, "NAK");
	put_ip(b, SERVER, 1);
	toc_put_cstr(&b->in, MESSAGE, "wrong network");
	see(b, TOC_SEC, 1);
	toc_observer_dhcp.finish(b->self, 2 * TOC_SEC);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->at[0], 2 * TOC_SEC);
	has(b->rows[0], "\"client_addr\":\"10.0.0.5\"");
	has(b->rows[0], "\"server_message\":\"wrong network\"");
	has(b->rows[0], "\"uids\":[\"C1\"]");
	assert_null(strstr(b->rows[0], "server_addr"));
	toc_observer_dhcp.finish(b->self, 2 * TOC_SEC);
	assert_int_equal(b->n, 1);
	bench_free(b);
}

/* Looked at after 10 s and every 5 s then; over after 5 s of silence or 30 s in all. */
static void insisting_clients_get_a_row_in_time(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	for (unsigned i = 0; i < 12; i++)
		simple(b, (100 + i * 4) * TOC_SEC, 7, "DISCOVER");
	assert_int_equal(b->n, 1);
	assert_int_equal(b->at[0], 130 * TOC_SEC);
	toc_observer_dhcp.finish(b->self, 145 * TOC_SEC);
	assert_int_equal(b->n, 2);
	has(b->rows[1], "\"ts\":132");
	bench_free(b);
}

static void rows_come_in_order_of_their_deadlines(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	simple(b, 100 * TOC_SEC, 1, "DISCOVER");
	simple(b, 101 * TOC_SEC, 2, "DISCOVER");
	simple(b, 107 * TOC_SEC, 1, "DISCOVER"); /* so the first is looked at again */
	toc_observer_dhcp.advance(b->self, 10000 * TOC_SEC);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->at[0], 111 * TOC_SEC);
	has(b->rows[0], "\"ts\":101");
	assert_int_equal(b->at[1], 115 * TOC_SEC);
	has(b->rows[1], "\"ts\":100");
	assert_int_equal(b->ordinal[0], b->ordinal[1] + 1);
	bench_free(b);
}

static void a_row_is_bounded(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	for (unsigned i = 0; i < 51; i++)
		simple(b, TOC_SEC, 7, "ACK");
	assert_int_equal(b->n, 1);
	assert_int_equal(b->at[0], 0); /* the message is the cause */
	for (unsigned i = 0; i < 40; i++)
		simple(b, TOC_SEC, 8, "unknown-message-type-255");
	assert_int_equal(b->n, 3);
	for (unsigned i = 1; i <= 11; i++) {
		begin(b, 9, 1, "ACK");
		see(b, TOC_SEC, i);
	}
	assert_int_equal(b->n, 4);
	has(b->rows[3], "\"uids\":[\"C1\",\"C2\",\"C3\",\"C4\",\"C5\",\"C6\",\"C7\",\"C8\",\"C9\",\"CA\"]");
	bench_free(b);
}

static void transactions_are_bounded(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	for (unsigned i = 0; i < 10000; i++)
		simple(b, TOC_SEC, i, "DISCOVER");
	assert_int_equal(b->n, 10000 - 8192);
	toc_observer_dhcp.finish(b->self, TOC_SEC);
	assert_int_equal(b->n, 10000); /* none is lost */
	bench_free(b);
}

static void what_has_no_type_is_not_joined(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	simple(b, TOC_SEC, 7, NULL);
	toc_observer_dhcp.finish(b->self, TOC_SEC);
	assert_int_equal(b->n, 0);
	bench_free(b);
}

static void answer_knows_the_hardware_a_query_left_out(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	begin(b, 7, 1, "LEASEQUERY");
	toc_draft_find(&b->in, MAC)->bits = 0;
	see(b, TOC_SEC, 1);
	begin(b, 7, 2, "LEASEACTIVE");
	see(b, TOC_SEC, 1);
	toc_observer_dhcp.finish(b->self, TOC_SEC);
	has(b->rows[0], "\"mac\":\"02:00:00:00:00:07\"");
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_messages_are_one_row),
		cmocka_unit_test(refusal_names_no_server),
		cmocka_unit_test(insisting_clients_get_a_row_in_time),
		cmocka_unit_test(rows_come_in_order_of_their_deadlines),
		cmocka_unit_test(a_row_is_bounded),
		cmocka_unit_test(transactions_are_bounded),
		cmocka_unit_test(what_has_no_type_is_not_joined),
		cmocka_unit_test(answer_knows_the_hardware_a_query_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
