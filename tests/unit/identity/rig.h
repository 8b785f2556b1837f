/* rig - a learner with its bindings, and events of the kinds that learn.def names. */
#ifndef UNIT_IDENTITY_RIG_H
#define UNIT_IDENTITY_RIG_H

#include "test.h"

#include "identity/learn.h"
#include "tocsin/draft.h"

enum {
	ANY,
	DHCP_MESSAGE,
	DHCP,
	LEASE,
	ARP,
	ND,
	WINDOWS,
	FORTIGATE,
	YIADDR,
	ASSIGNED,
	IP,
	MSG_TYPE,
	MSG_TYPES,
	MAC,
	HOST_NAME,
	LEASE_TIME,
	ACTION,
	STATUS,
	TYPE,
	SENDER_IP,
	SENDER_MAC,
	TARGET,
	TARGET_MAC,
	EVENT_ID,
	LOGON_TYPE,
	W_STATUS,
	IP_ADDRESS,
	TARGET_USER,
	SRCIP,
	SRCMAC,
	USER,
	UNAUTH_USER,
	RADIUS,
	ACCOUNTING,
	KERBEROS,
	USERNAME,
	RESULT,
	ACCT_STATUS,
	FRAMED,
	NAS_ID,
	ORIG,
	CLIENT,
	REQUEST_TYPE,
	SUCCESS,
	LDAP,
	VERSION,
	OBJECT,
	PANOS,
	SUBTYPE,
	CISCO_IOS,
	CISCO_ASA,
	MESSAGE_ID,
	ASSIGNED_IP,
	VPN,
	ARUBA,
	OUTCOME,
	SRC_IP,
	AP_NAME,
	MERAKI,
	CLIENT_MAC,
	IDENTITY,
	HOST_FIELD,
	N
};
static const char *const field_names[N] = {
	"other",
	"dhcp_message",
	"dhcp",
	"lease",
	"arp",
	"nd",
	"windows",
	"fortigate",
	"yiaddr",
	"assigned_addr",
	"ip",
	"msg_type",
	"msg_types",
	"mac",
	"host_name",
	"lease_time",
	"action",
	"status",
	"type",
	"sender_ip",
	"sender_mac",
	"target",
	"target_mac",
	"EventID",
	"LogonType",
	"Status",
	"IpAddress",
	"TargetUserName",
	"srcip",
	"srcmac",
	"user",
	"unauthuser",
	"radius",
	"radius_accounting",
	"kerberos",
	"username",
	"result",
	"acct_status_type",
	"framed_addr",
	"nas_identifier",
	"id.orig_h",
	"client",
	"request_type",
	"success",
	"ldap",
	"version",
	"object",
	"panos",
	"subtype",
	"cisco_ios",
	"cisco_asa",
	"message_id",
	"assigned_ip",
	"vpn",
	"aruba_controller",
	"outcome",
	"src_ip",
	"ap_name",
	"meraki",
	"client_mac",
	"identity",
	"host",
};

struct rig {
	struct toc_intern *names;
	struct toc_arena *arena;
	struct toc_learner *learner;
	struct toc_bindings *b;
	toc_field map[N];
	struct toc_draft draft;
};

static const toc_time start = INT64_C(1772438400) * TOC_SEC;
static const struct toc_mac hardware = { { 2, 0, 0, 0, 0, 0xAB } };
#define HARDWARE "02:00:00:00:00:ab"

static inline int setup(void **state)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->names = toc_intern_new();
	r->arena = toc_arena_new();
	for (unsigned i = 0; i < N; i++)
		r->map[i] = toc_intern_add(r->names, toc_span_str(field_names[i]));
	r->learner = toc_learner_new(r->arena, r->names);
	r->b = toc_bindings_new(1000, &key);
	*state = r;
	return 0;
}

static inline int teardown(void **state)
{
	struct rig *r = *state;
	toc_bindings_free(r->b);
	toc_arena_free(r->arena);
	toc_intern_free(r->names);
	free(r);
	return 0;
}

static inline struct toc_draft *begin(struct rig *r, unsigned kind)
{
	toc_draft_begin(&r->draft, r->map, kind);
	r->draft.head.ts = start;
	r->draft.head.at = start + TOC_MIN; /* known late; it counts when it happened */
	return &r->draft;
}

static inline struct toc_addr address(const char *text)
{
	struct toc_addr a;
	assert_true(toc_addr_parse(toc_span_str(text), &a));
	return a;
}

static inline void put_ip(struct rig *r, unsigned field, const char *text)
{
	const struct toc_addr a = address(text);
	toc_put_ip(&r->draft, field, &a);
}

static inline void see(struct rig *r)
{
	struct toc_event *ev = toc_draft_seal(&r->draft, aligned_alloc(8, toc_draft_size(&r->draft)));
	toc_learner_see(r->learner, r->b, ev, ev->ts);
	free(ev);
}

/* "text confidence source seconds", or "" when nothing is bound at the event's time */
static inline const char *bound_of(const struct rig *r, enum toc_binding_kind kind, struct toc_addr a)
{
	static char text[160];
	const struct toc_bound *w = toc_bindings_at(r->b, &a, kind, start);
	text[0] = '\0';
	if (w)
		snprintf(text, sizeof(text), "%s %u %s %lld", w->text, w->confidence, w->source,
			 (long long)((w->until - w->from) / TOC_SEC));
	return text;
}

static inline const char *bound(const struct rig *r, enum toc_binding_kind kind, const char *ip)
{
	return bound_of(r, kind, address(ip));
}

#define is(kind, ip, text) assert_string_equal(bound(r, TOC_BIND_##kind, ip), text)
#define is_unknown(ip)                                                                                                 \
	do {                                                                                                           \
		is(MAC, ip, "");                                                                                       \
		is(HOST, ip, "");                                                                                      \
		is(USER, ip, "");                                                                                      \
	} while (0)

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
