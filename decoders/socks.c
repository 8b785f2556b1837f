/* socks - requests to a SOCKS 4, 4a or 5 proxy (RFC 1928, user and password RFC 1929); what is tunnelled goes on as
 * itself. */
#include "decoders/line.h"

enum field {
	K_SOCKS,
	F_VERSION,
	F_USER,
	F_STATUS,
	F_REQUEST_HOST,
	F_REQUEST_NAME,
	F_REQUEST_P,
	F_BOUND_HOST,
	F_BOUND_NAME,
	F_BOUND_P,
	N_FIELDS
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_SOCKS] = { "socks", TOC_KIND, false, TOC_OPEN, NULL, "a request to a SOCKS proxy and its answer" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "4 or 5" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "user name; never the password" },
	[F_STATUS] = { "status", TOC_STRING, false, TOC_OPEN, NULL, "succeeded, or why not" },
	[F_REQUEST_HOST] = { "request.host", TOC_IP, false, TOC_DEVICE, NULL, "address that was asked for" },
	[F_REQUEST_NAME] = { "request.name", TOC_STRING, false, TOC_CONTENT, NULL, "name that was asked for" },
	[F_REQUEST_P] = { "request_p", TOC_UINT, false, TOC_OPEN, NULL, "port that was asked for" },
	[F_BOUND_HOST] = { "bound.host", TOC_IP, false, TOC_DEVICE, NULL, "address at the proxy's far side" },
	[F_BOUND_NAME] = { "bound.name", TOC_STRING, false, TOC_DEVICE, NULL, "the same as a name" },
	[F_BOUND_P] = { "bound_p", TOC_UINT, false, TOC_OPEN, NULL, "its port" },
};

static const char *const status5[] = { "succeeded",
				       "general SOCKS server failure",
				       "connection not allowed by ruleset",
				       "Network unreachable",
				       "Host unreachable",
				       "Connection refused",
				       "TTL expired",
				       "Command not supported",
				       "Address type not supported" };
static const char *const status4[] = { "succeeded", "general SOCKS server failure",
				       "request failed because client is not running identd",
				       "request failed because client's identd could not confirm the user ID string" };

enum { USER_PASSWORD = 2, NO_METHOD = 0xff, TEXT_MOST = 255 };

struct socks {
	uint8_t version;
	bool greeted[2], proven, asked;
	uint8_t method;
	struct line_name user;
};

/* An address of SOCKS 5 (RFC 1928, section 5); false: not all there, or none (*in is bad or *kind unknown). */
struct place {
	bool has_addr;
	struct toc_addr addr;
	struct toc_span name;
	uint16_t port;
};

static bool read_place(struct toc_cursor *in, struct place *p)
{
	uint8_t kind = toc_u8(in);
	p->has_addr = kind != 3;
	p->name = toc_span_first(toc_rest(in), 0);
	if (kind == 1) {
		struct toc_span a = toc_take(in, 4);
		p->addr = a.n ? toc_addr_v4(a.p) : (struct toc_addr){ { 0 } };
	} else if (kind == 4) {
		struct toc_span a = toc_take(in, 16);
		p->addr = a.n ? toc_addr_v6(a.p) : (struct toc_addr){ { 0 } };
	} else {
		p->name = toc_take(in, toc_u8(in));
	}
	p->port = toc_be16(in);
	return kind == 1 || kind == 3 || kind == 4;
}

static struct toc_draft *begin(const struct socks *k, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_SOCKS);
	toc_put_uint(d, F_VERSION, k->version);
	if (k->user.n)
		toc_put_str(d, F_USER, line_kept(&k->user));
	return d;
}

static void ask(struct socks *k, const struct place *p, struct toc_sink *s)
{
	struct toc_draft *d = begin(k, s);
	if (p->has_addr)
		toc_put_ip(d, F_REQUEST_HOST, &p->addr);
	if (p->name.n)
		toc_put_str(d, F_REQUEST_NAME, p->name);
	toc_put_uint(d, F_REQUEST_P, p->port);
	toc_sink_hold(s, d, 0);
	k->asked = true;
	toc_sink_confirm(s, NULL);
}

static enum toc_parse answer(struct socks *k, const char *status, bool granted, const struct place *p,
			     struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_SOCKS, 0);
	if (!d)
		d = begin(k, s);
	toc_put_cstr(d, F_STATUS, status);
	if (p->has_addr)
		toc_put_ip(d, F_BOUND_HOST, &p->addr);
	if (p->name.n)
		toc_put_str(d, F_BOUND_NAME, p->name);
	toc_put_uint(d, F_BOUND_P, p->port);
	toc_sink_commit(s, d);
	toc_sink_confirm(s, NULL);
	if (granted) {
		toc_sink_tunnel(s, "Tunnel::SOCKS");
		toc_sink_child(s, NULL);
	}
	return TOC_DONE;
}

/* VN CD DSTPORT DSTIP userid NUL [name NUL]: an address 0.0.0.x asks by name (4a). */
static enum toc_parse request4(struct socks *k, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	struct place p = { .has_addr = true };
	toc_skip(&c, 2);
	p.port = toc_be16(&c);
	struct toc_span a = toc_take(&c, 4);
	if (c.bad)
		return toc_more(s, toc_left(in) + 1);
	p.addr = toc_addr_v4(a.p);
	p.has_addr = a.p[0] || a.p[1] || a.p[2] || !a.p[3];
	size_t user = toc_span_find(toc_rest(&c), 0);
	size_t name = p.has_addr ? 0 : toc_span_find(toc_span_from(toc_rest(&c), user + 1), 0);
	bool whole = toc_left(&c) >= user + 1 + (p.has_addr ? 0 : name + 1);
	if (!whole)
		return toc_left(&c) > 2 * TEXT_MOST + 2 ? TOC_BAD : toc_more(s, toc_left(in) + 1);
	line_keep(&k->user, toc_take(&c, user));
	toc_skip(&c, 1);
	if (!p.has_addr) {
		p.name = toc_take(&c, name);
		toc_skip(&c, 1);
	}
	ask(k, &p, s);
	*in = c;
	return TOC_MORE;
}

/* Whatever of the client's is next: the first byte tells (5 a greeting, then 1 a proof, then 5 the request). */
static enum toc_parse client5(struct socks *k, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	struct place p = { .port = 0 };
	uint8_t first = toc_u8(&c);
	if (!k->greeted[TOC_ORIG]) {
		toc_skip(&c, toc_u8(&c));
	} else if (first == 1 && !k->proven) {
		struct toc_span user = toc_take(&c, toc_u8(&c));
		toc_skip(&c, toc_u8(&c));
		if (!c.bad)
			line_keep(&k->user, user);
	} else if (first == 5) {
		toc_skip(&c, 2);
		if (!read_place(&c, &p) && !c.bad)
			return TOC_BAD;
	} else {
		return TOC_BAD; /* a method that wraps all (GSSAPI), or not this protocol */
	}
	if (c.bad)
		return toc_more(s, toc_left(in) + 1);
	if (!k->greeted[TOC_ORIG])
		k->greeted[TOC_ORIG] = true;
	else if (first == 1)
		k->proven = true;
	else
		ask(k, &p, s);
	*in = c;
	return TOC_MORE;
}

static enum toc_parse read_client(struct socks *k, struct toc_cursor *in, struct toc_sink *s)
{
	while (toc_left(in)) {
		size_t before = toc_left(in);
		if (k->asked)
			return toc_more(s, before + 1); /* early bytes of what is tunnelled wait for the answer */
		if (!k->version)
			k->version = in->p[0];
		if (k->version != 4 && k->version != 5)
			return TOC_BAD;
		enum toc_parse p = k->version == 4 ? request4(k, in, s) : client5(k, in, s);
		if (p != TOC_MORE || toc_left(in) == before)
			return p;
	}
	return TOC_MORE;
}

static enum toc_parse server4(struct socks *k, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	struct place p = { .has_addr = true };
	toc_skip(&c, 1);
	uint8_t code = toc_u8(&c);
	p.port = toc_be16(&c);
	struct toc_span a = toc_take(&c, 4);
	if (c.bad)
		return toc_more(s, 8);
	p.addr = toc_addr_v4(a.p);
	*in = c;
	if (code < 90 || code > 93)
		return TOC_BAD;
	return answer(k, status4[code - 90], code == 90, &p, s);
}

static enum toc_parse server5(struct socks *k, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	struct place p = { .port = 0 };
	uint8_t version = toc_u8(&c), code = toc_u8(&c);
	if (c.bad)
		return toc_more(s, 2);
	if (!k->greeted[TOC_RESP]) {
		k->greeted[TOC_RESP] = true;
		k->method = code;
		*in = c;
		if (version == 5 && code != NO_METHOD)
			toc_sink_confirm(s, NULL);
		return version != 5 || code == NO_METHOD ? TOC_DONE : TOC_MORE;
	}
	if (k->method == USER_PASSWORD && version == 1) {
		*in = c;
		return code ? TOC_DONE : TOC_MORE;
	}
	toc_skip(&c, 1);
	if (version != 5 || (!read_place(&c, &p) && !c.bad))
		return TOC_BAD;
	if (c.bad)
		return toc_more(s, toc_left(in) + 1);
	*in = c;
	return answer(k, code < 9 ? status5[code] : "unassigned", code == 0, &p, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct socks *k = state;
	if (dir == TOC_ORIG)
		return read_client(k, in, s);
	while (toc_left(in)) {
		if (!k->version)
			k->version = in->p[0] == 0 ? 4 : in->p[0];
		size_t before = toc_left(in);
		enum toc_parse p = k->version == 4 ? server4(k, in, s) : server5(k, in, s);
		if (p != TOC_MORE || toc_left(in) == before)
			return p;
	}
	return TOC_MORE;
}

/* Nobody let in, or no answer: the name that was tried is still told. */
static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct socks *k = state;
	(void)why;
	if (k->user.n && !k->asked)
		toc_sink_commit(s, begin(k, s));
}

static enum toc_probe greeting5(struct toc_span s, bool hint)
{
	if (s.n < 2)
		return TOC_MAYBE;
	size_t n = s.p[1];
	if (n == 0 || n > 16)
		return TOC_NO;
	for (size_t i = 2; i < s.n && i < 2 + n; i++)
		if (s.p[i] > 9 && s.p[i] < 0x80)
			return TOC_NO;
	if (s.n < 2 + n)
		return TOC_MAYBE;
	struct toc_span rest = toc_span_from(s, 2 + n);
	if (!rest.n) /* two or three bytes are anybody's: the answer decides */
		return hint ? TOC_YES : TOC_MAYBE;
	bool request = rest.p[0] == 5 && (rest.n < 2 || (rest.p[1] >= 1 && rest.p[1] <= 3)) &&
		       (rest.n < 3 || rest.p[2] == 0) &&
		       (rest.n < 4 || rest.p[3] == 1 || rest.p[3] == 3 || rest.p[3] == 4);
	if (request)
		return rest.n >= 4 ? TOC_YES : TOC_MAYBE;
	return rest.p[0] == 1 ? TOC_MAYBE : TOC_NO;
}

static enum toc_probe request4_probe(struct toc_span s, bool hint)
{
	if (s.n > 1 && s.p[1] != 1 && s.p[1] != 2)
		return TOC_NO;
	if (s.n < 9)
		return TOC_MAYBE;
	bool named = !s.p[4] && !s.p[5] && !s.p[6] && s.p[7];
	struct toc_span text = toc_span_from(s, 8);
	size_t user = toc_span_find(text, 0);
	struct toc_span name = toc_span_from(text, user + 1);
	size_t end = named ? toc_span_find(name, 0) : 0;
	if ((!s.p[2] && !s.p[3]) || !line_is_text(toc_span_first(text, user)) ||
	    (named && !line_is_text(toc_span_first(name, end))))
		return TOC_NO;
	if (user == text.n || (named && end == name.n))
		return s.n < 512 ? TOC_MAYBE : TOC_NO;
	bool exact = s.n == 8 + user + 1 + (named ? end + 1 : 0);
	return !exact ? TOC_NO : hint || (named && end > 3) ? TOC_YES : TOC_MAYBE;
}

/* The client's bytes were weighed before: here only what no other protocol's server says to them. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	if (!first.n)
		return TOC_MAYBE;
	if (dir == TOC_ORIG)
		return first.p[0] == 5	 ? greeting5(first, hint)
		       : first.p[0] == 4 ? request4_probe(first, hint)
					 : TOC_NO;
	if (first.n == 1)
		return first.p[0] == 5 || first.p[0] == 0 ? TOC_MAYBE : TOC_NO;
	if (first.p[0] == 5)
		return first.n == 2 && (first.p[1] <= 2 || first.p[1] == NO_METHOD) ? TOC_YES : TOC_NO;
	if (first.p[0] == 0 && first.p[1] >= 90 && first.p[1] <= 93)
		return first.n == 8 ? TOC_YES : first.n < 8 ? TOC_MAYBE : TOC_NO;
	return TOC_NO;
}

static const uint16_t ports[] = { 1080, 1081, 9050, 9150, 0 };

static const char *const leads_to[] = { "*", NULL };

const struct toc_decoder toc_decoder_socks = { .name = "socks",
					       .leads_to = leads_to,
					       .carriers = TOC_OVER_TCP,
					       .tcp_ports = ports,
					       .fields = fields,
					       .nfields = N_FIELDS,
					       .state_size = sizeof(struct socks),
					       .probe = probe,
					       .parse = parse,
					       .finish = finish };
