/* ldap - LDAP over TCP and UDP (RFC 4511), with SASL wrapping that leaves the text clear (RFC 4121, MS-NLMP), as Zeek's
 * ldap.log and ldap_search.log have it. No password is ever kept. */
#include "decoders/ldap.h"

enum { MESSAGE_MOST = 60000, HEAD_MOST = 24, WRAP_HEADER = 16, SASL_LENGTH = 4 };

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
static enum toc_probe read_head(struct toc_span s, struct ldap_message *m)
{
	struct toc_cursor c = toc_cursor_of(s);
	uint32_t n, inside, size;
	uint8_t tag = toc_u8(&c);
	if (!c.bad && tag != DER_SEQUENCE)
		return TOC_NO;
	if (!read_length(&c, &n))
		return c.bad ? TOC_MAYBE : TOC_NO;
	m->length = n + (uint32_t)(s.n - toc_left(&c));
	tag = toc_u8(&c);
	if (!c.bad && tag != DER_INTEGER)
		return TOC_NO;
	if (!read_length(&c, &size) || size == 0 || size > 5)
		return c.bad ? TOC_MAYBE : TOC_NO;
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
	struct ldap_message m;
	bool some = false;
	while (bytes.n && read_head(bytes, &m) == TOC_YES && m.length <= bytes.n) {
		confirm(l, s);
		ldap_take(l, &m, s);
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
	struct ldap_message m;
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
			ldap_take(l, &m, s);
		l->skip[dir] = m.length;
		return TOC_MORE;
	}
	if (toc_left(in) < m.length)
		return toc_more(s, m.length);
	struct toc_span whole = toc_take(in, m.length);
	read_head(whole, &m);
	ldap_take(l, &m, s);
	return TOC_MORE;
}

/* The next place where a message can begin. */
static enum toc_parse resync(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct ldap_message m;
	while (toc_left(in) >= HEAD_MOST) {
		if (read_head(toc_rest(in), &m) == TOC_YES && m.id < (1u << 31)) {
			l->resync[dir] = false;
			return TOC_MORE;
		}
		toc_skip(in, 1);
	}
	return toc_more(s, HEAD_MOST);
}

/*
 * A message within what was wrapped; one that does not end there, or is none, ends its being read. NTLM's signature
 * does not tell whether the text is sealed too (MS-NLMP, section 3.4.4.2): then it begins no message, which is not odd.
 */
static enum toc_parse unwrapped(struct ldap *l, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_span here = toc_span_first(toc_rest(in), l->clear[dir]);
	struct ldap_message m;
	if (read_head(here, &m) == TOC_NO) {
		l->skip[dir] = l->clear[dir] + l->trail[dir];
		l->clear[dir] = l->trail[dir] = 0;
		return TOC_MORE;
	}
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
	struct ldap_message m;
	enum toc_probe head = read_head(first, &m);
	(void)dir;
	if (head != TOC_YES || hint)
		return head;
	/* elsewhere only what opens a conversation */
	return m.op == BIND || m.op == BIND_REPLY || m.op == SEARCH || m.op == EXTENDED ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 389, 3268, 0 };

static const char *const leads_to[] = { "ssl", "ntlm", "kerberos", NULL };

const struct toc_decoder toc_decoder_ldap = { .name = "ldap",
					      .leads_to = leads_to,
					      .carriers = TOC_OVER_TCP | TOC_OVER_UDP | TOC_OVER_INNER,
					      .tcp_ports = ports,
					      .udp_ports = ports,
					      .fields = ldap_fields,
					      .nfields = N_LDAP_FIELDS,
					      .state_size = sizeof(struct ldap),
					      .vital = true,
					      .probe = probe,
					      .parse = parse,
					      .gap = gap };
