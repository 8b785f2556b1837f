/* ldap - LDAP over TCP and UDP (RFC 4511), with SASL wrapping that leaves the text clear (RFC 4121, MS-NLMP), as Zeek's
 * ldap.log and ldap_search.log have it. No password is ever kept. */
#include "decoders/ldap.h"

#include "decoders/ntlm.h"

enum field {
	K_LDAP,
	F_MESSAGE_ID,
	F_VERSION,
	F_OPCODE,
	F_RESULT,
	F_DIAGNOSTIC,
	F_OBJECT,
	F_ARGUMENT,
	K_SEARCH,
	F_S_MESSAGE_ID,
	F_S_SCOPE,
	F_S_DEREF,
	F_S_BASE,
	F_S_COUNT,
	F_S_RESULT,
	F_S_DIAGNOSTIC,
	F_S_FILTER,
	F_S_ATTRIBUTES
};

static const struct toc_field_decl fields[] = {
	[K_LDAP] = { "ldap", TOC_KIND, false, TOC_OPEN, NULL, "a request to a directory that is no search" },
	[F_MESSAGE_ID] = { "message_id", TOC_UINT, false, TOC_OPEN, NULL, "number of the request in its connection" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "LDAP version of a bind" },
	[F_OPCODE] = { "opcode", TOC_STRING, false, TOC_OPEN, NULL,
		       "bind simple, bind SASL, unbind, modify, add, delete …" },
	[F_RESULT] = { "result", TOC_STRING, false, TOC_OPEN, NULL, "success, invalid credentials …" },
	[F_DIAGNOSTIC] = { "diagnostic_message", TOC_STRING, false, TOC_OPEN, NULL, "the server's words" },
	[F_OBJECT] = { "object", TOC_STRING, false, TOC_PERSON, NULL, "bind name, entry or operation" },
	[F_ARGUMENT] = { "argument", TOC_STRING, false, TOC_CONTENT, NULL,
			 "mechanism, changes …; passwords as REDACTED" },
	[K_SEARCH] = { "ldap_search", TOC_KIND, false, TOC_OPEN, NULL, "a search in a directory" },
	[F_S_MESSAGE_ID] = { "message_id", TOC_UINT, false, TOC_OPEN, NULL, "number of the request in its connection" },
	[F_S_SCOPE] = { "scope", TOC_STRING, false, TOC_OPEN, NULL, "base, single, tree" },
	[F_S_DEREF] = { "deref_aliases", TOC_STRING, false, TOC_OPEN, NULL, "never, searching, finding, always" },
	[F_S_BASE] = { "base_object", TOC_STRING, false, TOC_OPEN, NULL, "where the search begins" },
	[F_S_COUNT] = { "result_count", TOC_UINT, false, TOC_OPEN, NULL, "entries found" },
	[F_S_RESULT] = { "result", TOC_STRING, false, TOC_OPEN, NULL, "success, no such object …" },
	[F_S_DIAGNOSTIC] = { "diagnostic_message", TOC_STRING, false, TOC_OPEN, NULL, "the server's words" },
	[F_S_FILTER] = { "filter", TOC_STRING, false, TOC_CONTENT, NULL, "filter as text (RFC 4515)" },
	[F_S_ATTRIBUTES] = { "attributes", TOC_STRING, true, TOC_OPEN, NULL, "attributes that were asked for" },
};

enum op {
	BIND = 0x60,
	BIND_REPLY = 0x61,
	UNBIND = 0x42,
	SEARCH = 0x63,
	SEARCH_ENTRY = 0x64,
	SEARCH_DONE = 0x65,
	MODIFY = 0x66,
	MODIFY_REPLY = 0x67,
	ADD = 0x68,
	ADD_REPLY = 0x69,
	DELETE = 0x4a,
	DELETE_REPLY = 0x6b,
	RENAME = 0x6c,
	RENAME_REPLY = 0x6d,
	COMPARE = 0x6e,
	COMPARE_REPLY = 0x6f,
	ABANDON = 0x50,
	SEARCH_REFERENCE = 0x73,
	EXTENDED = 0x77,
	EXTENDED_REPLY = 0x78,
	INTERMEDIATE = 0x79
};
enum { MESSAGE_MOST = 60000, HEAD_MOST = 24, TEXT = 1024, ATTRIBUTES = 48, WRAP_HEADER = 16, SASL_LENGTH = 4 };
enum { SIMPLE = 0x80, SASL = 0xa3, SICILY_DISCOVERY = 0x89, SICILY_NEGOTIATE = 0x8a, SICILY_RESPONSE = 0x8b };

struct ldap {
	uint32_t skip[2];	     /* bytes of a message that nobody reads */
	uint32_t clear[2], trail[2]; /* bytes of LDAP in what SASL wrapped, and of the checksum behind them */
	uint32_t tls_id;	     /* of a StartTLS request */
	bool resync[2], any, sasl, tls_asked, tls;
};

/* A message's head: its number and what it holds. */
struct message {
	uint32_t id, length; /* of all of it, from its tag on */
	uint8_t op;
	struct toc_cursor body;
};

static bool is_op(uint8_t tag)
{
	static const uint8_t ops[] = { BIND,	      BIND_REPLY,   UNBIND,	      SEARCH,	    SEARCH_ENTRY,
				       SEARCH_DONE,   MODIFY,	    MODIFY_REPLY,     ADD,	    ADD_REPLY,
				       DELETE,	      DELETE_REPLY, RENAME,	      RENAME_REPLY, COMPARE,
				       COMPARE_REPLY, ABANDON,	    SEARCH_REFERENCE, EXTENDED,	    EXTENDED_REPLY,
				       INTERMEDIATE };
	return memchr(ops, tag, sizeof(ops)) != NULL;
}

/* A length of BER: false where it is none or of the indefinite form. */
static bool read_length(struct toc_cursor *c, uint32_t *out)
{
	uint8_t n = toc_u8(c);
	*out = n;
	if (n < 0x80)
		return !c->bad;
	*out = 0;
	if (n == 0x80 || n > 0x84)
		return false;
	for (n &= 0x7f; n; n--)
		*out = *out << 8 | toc_u8(c);
	return !c->bad && *out < (1u << 30);
}

/* MAYBE: the head is not all there. */
static enum toc_probe read_head(struct toc_span s, struct message *m)
{
	struct toc_cursor c = toc_cursor_of(s);
	uint32_t n, inside;
	uint8_t tag = toc_u8(&c);
	if (!c.bad && tag != DER_SEQUENCE)
		return TOC_NO;
	if (!read_length(&c, &n))
		return c.bad ? TOC_MAYBE : TOC_NO;
	m->length = n + (uint32_t)(s.n - toc_left(&c));
	tag = toc_u8(&c);
	uint8_t size = toc_u8(&c);
	if (!c.bad && (tag != DER_INTEGER || size == 0 || size > 5))
		return TOC_NO;
	for (m->id = 0; size; size--)
		m->id = m->id << 8 | toc_u8(&c);
	m->op = toc_u8(&c);
	if (!c.bad && !is_op(m->op))
		return TOC_NO;
	if (!read_length(&c, &inside))
		return c.bad ? TOC_MAYBE : TOC_NO;
	if (s.n - toc_left(&c) + inside > m->length)
		return TOC_NO;
	m->body = toc_cursor_of(toc_span_first(toc_rest(&c), inside));
	return TOC_YES;
}

/* --- pieces ------------------------------------------------------------------------------------------------------- */

static struct toc_span string(struct toc_cursor *c)
{
	uint8_t tag;
	struct toc_cursor v = der_next(c, &tag);
	return v.bad ? toc_span_of("", 0) : toc_rest(&v);
}

static uint32_t number(struct toc_cursor *c)
{
	uint32_t out = 0;
	struct toc_span s = string(c);
	struct toc_cursor v = toc_cursor_of(s.n > 5 ? toc_span_first(s, 0) : s);
	while (toc_left(&v))
		out = out << 8 | toc_u8(&v);
	return out;
}

static void put_some(struct toc_draft *d, unsigned field, struct toc_span v)
{
	if (v.n)
		toc_put_str(d, field, toc_span_first(v, TEXT));
}

static struct toc_draft *row(struct toc_sink *s, const struct message *m, const char *opcode)
{
	struct toc_draft *d = toc_sink_begin(s, K_LDAP);
	toc_put_uint(d, F_MESSAGE_ID, m->id);
	toc_put_cstr(d, F_OPCODE, opcode);
	return d;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static void bind_request(struct ldap *l, const struct message *m, struct toc_sink *s)
{
	struct toc_cursor c = m->body;
	uint8_t method = 0;
	uint32_t version = number(&c);
	struct toc_span name = string(&c), mechanism = { NULL, 0 }, token = { NULL, 0 };
	struct toc_cursor auth = der_next(&c, &method);
	const char *opcode = "bind";
	if (c.bad)
		return;
	if (method == SIMPLE) {
		opcode = "bind simple";
		mechanism = toc_span_str("REDACTED");
	} else if (method == SASL) {
		opcode = "bind SASL";
		mechanism = string(&auth);
		token = auth.bad ? token : string(&auth);
		l->sasl = true;
	} else if (method == SICILY_DISCOVERY || method == SICILY_NEGOTIATE || method == SICILY_RESPONSE) {
		opcode = method == SICILY_DISCOVERY   ? "sicily_package_discovery"
			 : method == SICILY_NEGOTIATE ? "sicily_negotiate"
						      : "sicily_response";
		token = toc_rest(&auth);
		mechanism = toc_span_starts(token, "NTLMSSP") ? toc_span_str("NTLMSSP") : mechanism;
		l->sasl = true;
	}
	bool gss = method != SASL || toc_span_starts(mechanism, "GSS");
	struct toc_draft *d = row(s, m, opcode);
	toc_put_uint(d, F_VERSION, version);
	put_some(d, F_OBJECT, name);
	put_some(d, F_ARGUMENT, mechanism);
	toc_sink_hold(s, d, m->id);
	if (gss && token.n)
		toc_sink_inner(s, "ntlm", 0, TOC_ORIG, token);
}

static void search_request(const struct message *m, struct toc_sink *s)
{
	static const char *const scopes[] = { "base", "single", "tree", "subordinate" };
	static const char *const derefs[] = { "never", "searching", "finding", "always" };
	char text[LDAP_FILTER];
	struct toc_cursor c = m->body;
	struct toc_span base = string(&c);
	uint32_t scope = number(&c), deref = number(&c);
	number(&c);
	number(&c);
	number(&c);
	struct toc_cursor filter = c;
	uint8_t tag;
	der_next(&c, &tag);
	if (c.bad)
		return;
	struct toc_draft *d = toc_sink_begin(s, K_SEARCH);
	toc_put_uint(d, F_S_MESSAGE_ID, m->id);
	if (scope < 4)
		toc_put_cstr(d, F_S_SCOPE, scopes[scope]);
	if (deref < 4)
		toc_put_cstr(d, F_S_DEREF, derefs[deref]);
	put_some(d, F_S_BASE, base);
	toc_put_str(d, F_S_FILTER, toc_span_of(text, ldap_filter_text(filter, text, sizeof(text))));
	struct toc_cursor list = der_take(&c, DER_SEQUENCE);
	for (unsigned i = 0; i < ATTRIBUTES && !list.bad && toc_left(&list); i++)
		toc_list_str(d, F_S_ATTRIBUTES, toc_span_first(string(&list), 128));
	toc_sink_hold(s, d, m->id);
	toc_sink_memory(s, m->id, sizeof(uint32_t));
}

static void extended_request(struct ldap *l, const struct message *m, struct toc_sink *s)
{
	struct toc_cursor c = m->body;
	struct toc_span oid = string(&c);
	const char *name = ldap_extended_name(oid);
	struct toc_draft *d = row(s, m, "extended");
	put_some(d, F_OBJECT, oid);
	if (name)
		toc_put_cstr(d, F_ARGUMENT, name);
	toc_sink_hold(s, d, m->id);
	if (name && strcmp(name, "StartTLS") == 0) {
		l->tls_asked = true;
		l->tls_id = m->id;
	}
}

/* Requests that name one entry: modify, add, delete, modify DN, compare. */
static void entry_request(const struct message *m, const char *opcode, struct toc_sink *s)
{
	char text[TEXT];
	size_t n = 0;
	struct toc_cursor c = m->body;
	struct toc_span entry = m->op == DELETE ? toc_rest(&c) : string(&c);
	if (m->op == MODIFY) {
		struct toc_cursor changes = der_take(&c, DER_SEQUENCE);
		n = ldap_changes_text(changes, text, sizeof(text));
	} else if (m->op == RENAME) {
		n = ldap_value_text(string(&c), text, sizeof(text));
	} else if (m->op == COMPARE) { /* its value may be a password */
		struct toc_cursor assertion = der_take(&c, DER_SEQUENCE);
		n = ldap_value_text(string(&assertion), text, sizeof(text));
	}
	struct toc_draft *d = row(s, m, opcode);
	put_some(d, F_OBJECT, entry);
	put_some(d, F_ARGUMENT, toc_span_of(text, n));
	toc_sink_hold(s, d, m->id);
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

/* LDAPResult (section 4.1.9): code, matchedDN, diagnosticMessage; what follows is left in *c. */
static uint32_t put_result(struct toc_draft *d, struct toc_cursor *c, unsigned field, unsigned words,
			   struct toc_span *matched)
{
	uint32_t code = number(c);
	struct toc_span dn = string(c), diagnostic = string(c);
	const char *name = ldap_result_name(code);
	if (c->bad)
		return code;
	toc_put_cstr(d, field, name ? name : "unknown");
	put_some(d, words, toc_span_first(diagnostic, toc_span_find(diagnostic, 0)));
	if (matched)
		*matched = dn;
	return code;
}

static void search_done(const struct message *m, struct toc_sink *s)
{
	struct toc_cursor c = m->body;
	const uint32_t *count = toc_sink_memory(s, m->id, 0);
	uint32_t n = count ? *count : 0;
	toc_sink_forget(s, m->id);
	struct toc_draft *d = toc_sink_resume(s, K_SEARCH, m->id);
	if (!d) {
		d = toc_sink_begin(s, K_SEARCH);
		toc_put_uint(d, F_S_MESSAGE_ID, m->id);
	}
	toc_put_uint(d, F_S_COUNT, n);
	put_result(d, &c, F_S_RESULT, F_S_DIAGNOSTIC, NULL);
	toc_sink_commit(s, d);
}

static void reply(struct ldap *l, const struct message *m, const char *opcode, struct toc_sink *s)
{
	struct toc_cursor c = m->body;
	struct toc_span matched = { NULL, 0 };
	struct toc_draft *d = toc_sink_resume(s, K_LDAP, m->id);
	if (!d)
		d = row(s, m, opcode);
	uint32_t code = put_result(d, &c, F_RESULT, F_DIAGNOSTIC, &matched);
	toc_sink_commit(s, d);
	if (m->op == EXTENDED_REPLY && l->tls_asked && l->tls_id == m->id) {
		l->tls_asked = false;
		l->tls = code == 0;
	}
	if (m->op != BIND_REPLY || c.bad)
		return;
	struct toc_cursor token; /* serverSaslCreds [7]; Sicily's answer stands in matchedDN */
	if (toc_span_starts(matched, "NTLMSSP"))
		toc_sink_inner(s, "ntlm", 0, TOC_RESP, matched);
	else if (der_optional(&c, 0x87, &token) && toc_left(&token))
		toc_sink_inner(s, "ntlm", 0, TOC_RESP, toc_rest(&token));
	if (l->sasl && code != 14)
		ntlm_outcome(s, 0, code == 0);
}

static void count_entry(const struct message *m, struct toc_sink *s)
{
	uint32_t *count = toc_sink_memory(s, m->id, 0);
	if (count)
		++*count;
}

static void take(struct ldap *l, const struct message *m, struct toc_sink *s)
{
	switch ((enum op)m->op) {
	case BIND:
		bind_request(l, m, s);
		break;
	case UNBIND:
		toc_sink_commit(s, row(s, m, "unbind"));
		break;
	case SEARCH:
		search_request(m, s);
		break;
	case SEARCH_ENTRY:
		count_entry(m, s);
		break;
	case SEARCH_DONE:
		search_done(m, s);
		break;
	case MODIFY:
		entry_request(m, "modify", s);
		break;
	case ADD:
		entry_request(m, "add", s);
		break;
	case DELETE:
		entry_request(m, "delete", s);
		break;
	case RENAME:
		entry_request(m, "modify DN", s);
		break;
	case COMPARE:
		entry_request(m, "compare", s);
		break;
	case EXTENDED:
		extended_request(l, m, s);
		break;
	case BIND_REPLY:
		reply(l, m, "bind", s);
		break;
	case MODIFY_REPLY:
		reply(l, m, "modify", s);
		break;
	case ADD_REPLY:
		reply(l, m, "add", s);
		break;
	case DELETE_REPLY:
		reply(l, m, "delete", s);
		break;
	case RENAME_REPLY:
		reply(l, m, "modify DN", s);
		break;
	case COMPARE_REPLY:
		reply(l, m, "compare", s);
		break;
	case EXTENDED_REPLY:
		reply(l, m, "extended", s);
		break;
	case ABANDON:
	case SEARCH_REFERENCE:
	case INTERMEDIATE:
		break;
	}
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void confirm(struct ldap *l, struct toc_sink *s)
{
	if (!l->any)
		toc_sink_confirm(s, s->flow->carrier == TOC_OVER_UDP ? "ldap_udp" : "ldap_tcp");
	l->any = true;
}

/* All messages of a datagram, or of what SASL wrapped. */
static bool take_all(struct ldap *l, struct toc_span bytes, struct toc_sink *s)
{
	struct message m;
	bool some = false;
	while (bytes.n && read_head(bytes, &m) == TOC_YES && m.length <= bytes.n) {
		confirm(l, s);
		take(l, &m, s);
		bytes = toc_span_from(bytes, m.length);
		some = true;
	}
	return some;
}

/*
 * What SASL wrapped (RFC 4422, section 3.7): a length, then a token of GSS_Wrap without confidentiality (RFC 4121,
 * section 4.2.6.2), or MS-NLMP's signature and the text. What is sealed is passed over.
 */
static enum toc_parse wrapped(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	uint32_t n = toc_be32(&c);
	uint16_t id = toc_be16(&c);
	uint8_t flags = toc_u8(&c);
	toc_skip(&c, 1);
	uint16_t extra = toc_be16(&c), rotation = toc_be16(&c);
	toc_skip(&c, 8);
	if (c.bad)
		return toc_more(s, SASL_LENGTH + WRAP_HEADER);
	bool kerberos = id == 0x0504 && !(flags & 2) && (rotation == 0 || rotation == extra);
	bool ntlm = id == 0x0100;
	uint32_t rest = n < WRAP_HEADER ? 0 : n - WRAP_HEADER;
	extra = kerberos && extra <= rest ? extra : 0;
	toc_skip(in, n < WRAP_HEADER ? SASL_LENGTH : SASL_LENGTH + WRAP_HEADER);
	if (kerberos || ntlm) {
		l->skip[dir] = rotation ? extra : 0; /* the checksum, turned to the front */
		l->trail[dir] = rotation ? 0 : extra;
		l->clear[dir] = rest - extra;
	} else {
		l->skip[dir] = n < WRAP_HEADER ? n : rest;
	}
	return TOC_MORE;
}

static enum toc_parse plain(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct message m;
	enum toc_probe head = read_head(toc_rest(in), &m);
	if (head == TOC_MAYBE)
		return toc_more(s, toc_left(in) + 1);
	if (head == TOC_NO) {
		if (!l->any)
			return TOC_BAD;
		toc_sink_weird(s, "ldap_lost_synchronization");
		l->resync[dir] = true;
		return TOC_MORE;
	}
	confirm(l, s);
	bool counted = m.op == SEARCH_ENTRY || m.op == SEARCH_REFERENCE || m.op == INTERMEDIATE;
	if (counted || m.length > MESSAGE_MOST) {
		if (counted)
			take(l, &m, s);
		l->skip[dir] = m.length;
		return TOC_MORE;
	}
	if (toc_left(in) < m.length)
		return toc_more(s, m.length);
	struct toc_span whole = toc_take(in, m.length);
	read_head(whole, &m);
	take(l, &m, s);
	return TOC_MORE;
}

/* The next place where a message can begin. */
static enum toc_parse resync(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct message m;
	while (toc_left(in) >= HEAD_MOST) {
		if (read_head(toc_rest(in), &m) == TOC_YES && m.id < (1u << 31)) {
			l->resync[dir] = false;
			return TOC_MORE;
		}
		toc_skip(in, 1);
	}
	return toc_more(s, HEAD_MOST);
}

/* A message within what was wrapped; one that does not end there, or is none, ends its being read. */
static enum toc_parse unwrapped(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_span here = toc_span_first(toc_rest(in), l->clear[dir]);
	struct toc_cursor c = toc_cursor_of(here);
	enum toc_parse p = plain(l, &c, dir, s);
	size_t used = here.n - toc_left(&c);
	toc_skip(in, used);
	l->clear[dir] -= (uint32_t)used;
	bool stuck = !used && !l->skip[dir] && here.n == l->clear[dir];
	if (l->resync[dir] || p == TOC_BAD || stuck || l->skip[dir] > l->clear[dir]) {
		l->skip[dir] = l->clear[dir] + l->trail[dir];
		l->clear[dir] = l->trail[dir] = 0;
	} else {
		l->clear[dir] -= l->skip[dir];
	}
	l->resync[dir] = false;
	if (l->skip[dir] || used)
		return TOC_MORE;
	return s->need > l->clear[dir] ? toc_more(s, l->clear[dir]) : p;
}

/* Passes over what nobody reads; false: there is nothing else here. */
static bool pass(struct ldap *l, struct toc_cursor *in, enum toc_dir dir)
{
	for (;;) {
		size_t left = toc_left(in), n = l->skip[dir] < left ? l->skip[dir] : left;
		toc_skip(in, n);
		l->skip[dir] -= (uint32_t)n;
		if (l->skip[dir] || l->clear[dir] || !l->trail[dir])
			return toc_left(in) != 0;
		l->skip[dir] = l->trail[dir];
		l->trail[dir] = 0;
	}
}

static enum toc_parse step(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	if (l->resync[dir])
		return resync(l, in, dir, s);
	if (l->clear[dir])
		return unwrapped(l, in, dir, s);
	return l->sasl && in->p[0] == 0 ? wrapped(l, in, dir, s) : plain(l, in, dir, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct ldap *l = state;
	if (s->flow->carrier == TOC_OVER_UDP) {
		take_all(l, toc_take(in, toc_left(in)), s);
		return TOC_MORE;
	}
	while (pass(l, in, dir)) {
		size_t before = toc_left(in);
		bool lost = l->resync[dir];
		enum toc_parse p = step(l, in, dir, s);
		if (l->tls) {
			toc_sink_child(s, "ssl");
			return TOC_DONE;
		}
		if (p != TOC_MORE || (toc_left(in) == before && !l->skip[dir] && l->resync[dir] == lost))
			return p;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct ldap *l = state;
	(void)s;
	if (n <= l->skip[dir]) {
		l->skip[dir] -= (uint32_t)n;
		return TOC_MORE;
	}
	l->skip[dir] = l->clear[dir] = l->trail[dir] = 0;
	l->resync[dir] = true;
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct message m;
	enum toc_probe head = read_head(first, &m);
	(void)dir;
	if (head != TOC_YES || hint)
		return head;
	/* elsewhere only what opens a conversation */
	return m.op == BIND || m.op == BIND_REPLY || m.op == SEARCH || m.op == EXTENDED ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 389, 3268, 0 };

const struct toc_decoder toc_decoder_ldap = { .name = "ldap",
					      .carriers = TOC_OVER_TCP | TOC_OVER_UDP | TOC_OVER_INNER,
					      .tcp_ports = ports,
					      .udp_ports = ports,
					      .fields = fields,
					      .nfields = sizeof(fields) / sizeof(fields[0]),
					      .state_size = sizeof(struct ldap),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap };
