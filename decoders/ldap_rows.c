/* ldap_rows - what LDAP messages tell (RFC 4511, section 4): the rows of ldap.log and ldap_search.log. */
#include "decoders/ldap.h"
#include "decoders/ntlm.h"

enum { TEXT = 1024, ATTRIBUTES = 48 };
enum { SIMPLE = 0x80, SASL = 0xa3, SICILY_DISCOVERY = 0x89, SICILY_NEGOTIATE = 0x8a, SICILY_RESPONSE = 0x8b };

const struct toc_field_decl ldap_fields[N_LDAP_FIELDS] = {
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

static const char *opcode_of(uint8_t op);

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

static struct toc_draft *row(struct toc_sink *s, const struct ldap_message *m, const char *opcode)
{
	struct toc_draft *d = toc_sink_begin(s, K_LDAP);
	toc_put_uint(d, F_MESSAGE_ID, m->id);
	toc_put_cstr(d, F_OPCODE, opcode);
	return d;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static void bind_request(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
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

static void search_request(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	(void)l;
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

static void extended_request(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
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
static void entry_request(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	(void)l;
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
	struct toc_draft *d = row(s, m, opcode_of(m->op));
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

static void search_done(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	(void)l;
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

static void reply(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	struct toc_cursor c = m->body;
	struct toc_span matched = { NULL, 0 };
	struct toc_draft *d = toc_sink_resume(s, K_LDAP, m->id);
	if (!d)
		d = row(s, m, opcode_of(m->op));
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

static void count_entry(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	(void)l;
	uint32_t *count = toc_sink_memory(s, m->id, 0);
	if (count)
		++*count;
}

static void unbind_request(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	(void)l;
	toc_sink_commit(s, row(s, m, "unbind"));
}

/* By their tags; what is not here (abandon, references, intermediate answers) tells nothing. */
static const struct handler {
	uint8_t op;
	const char *opcode;
	void (*take)(struct ldap *, const struct ldap_message *, struct toc_sink *);
} handlers[] = { { BIND, "bind", bind_request },
		 { UNBIND, "unbind", unbind_request },
		 { SEARCH, "search", search_request },
		 { SEARCH_ENTRY, "search", count_entry },
		 { SEARCH_DONE, "search", search_done },
		 { MODIFY, "modify", entry_request },
		 { ADD, "add", entry_request },
		 { DELETE, "delete", entry_request },
		 { RENAME, "modify DN", entry_request },
		 { COMPARE, "compare", entry_request },
		 { EXTENDED, "extended", extended_request },
		 { BIND_REPLY, "bind", reply },
		 { MODIFY_REPLY, "modify", reply },
		 { ADD_REPLY, "add", reply },
		 { DELETE_REPLY, "delete", reply },
		 { RENAME_REPLY, "modify DN", reply },
		 { COMPARE_REPLY, "compare", reply },
		 { EXTENDED_REPLY, "extended", reply } };

static const char *opcode_of(uint8_t op)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].op == op)
			return handlers[i].opcode;
	return "unknown";
}

void ldap_take(struct ldap *l, const struct ldap_message *m, struct toc_sink *s)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].op == m->op)
			handlers[i].take(l, m, s);
}
