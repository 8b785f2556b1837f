/* sip - calls and registrations: requests and their replies over UDP and TCP (RFC 3261), as Zeek's sip.log has them. */
#include "decoders/line.h"

enum field {
	K_SIP,
	F_TRANS_DEPTH,
	F_METHOD,
	F_URI,
	F_DATE,
	F_REQUEST_FROM,
	F_REQUEST_TO,
	F_RESPONSE_FROM,
	F_RESPONSE_TO,
	F_REPLY_TO,
	F_CALL_ID,
	F_SEQ,
	F_REQUEST_PATH,
	F_RESPONSE_PATH,
	F_USER_AGENT,
	F_STATUS_CODE,
	F_STATUS_MSG,
	F_WARNING,
	F_REQUEST_BODY_LEN,
	F_RESPONSE_BODY_LEN,
	F_CONTENT_TYPE,
	N_FIELDS
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_SIP] = { "sip", TOC_KIND, false, TOC_OPEN, NULL, "a SIP request and one reply to it, or either alone" },
	[F_TRANS_DEPTH] = { "trans_depth", TOC_UINT, false, TOC_OPEN, NULL, "place of the request in its flow" },
	[F_METHOD] = { "method", TOC_STRING, false, TOC_OPEN, NULL, "INVITE, REGISTER …" },
	[F_URI] = { "uri", TOC_STRING, false, TOC_PERSON, NULL, "whom the request is for" },
	[F_DATE] = { "date", TOC_STRING, false, TOC_OPEN, NULL, "Date header of the request" },
	[F_REQUEST_FROM] = { "request_from", TOC_STRING, false, TOC_PERSON, NULL, "From header, without its tag" },
	[F_REQUEST_TO] = { "request_to", TOC_STRING, false, TOC_PERSON, NULL, "To header" },
	[F_RESPONSE_FROM] = { "response_from", TOC_STRING, false, TOC_PERSON, NULL, "From header of the reply" },
	[F_RESPONSE_TO] = { "response_to", TOC_STRING, false, TOC_PERSON, NULL, "To header of the reply" },
	[F_REPLY_TO] = { "reply_to", TOC_STRING, false, TOC_PERSON, NULL, "Reply-To header" },
	[F_CALL_ID] = { "call_id", TOC_STRING, false, TOC_OPEN, NULL, "Call-ID header" },
	[F_SEQ] = { "seq", TOC_STRING, false, TOC_OPEN, NULL, "CSeq header" },
	[F_REQUEST_PATH] = { "request_path", TOC_STRING, true, TOC_DEVICE, NULL, "Via headers of the request" },
	[F_RESPONSE_PATH] = { "response_path", TOC_STRING, true, TOC_DEVICE, NULL, "Via headers of the reply" },
	[F_USER_AGENT] = { "user_agent", TOC_STRING, false, TOC_DEVICE, NULL, "User-Agent header of the request" },
	[F_STATUS_CODE] = { "status_code", TOC_UINT, false, TOC_OPEN, NULL, "status of the reply" },
	[F_STATUS_MSG] = { "status_msg", TOC_STRING, false, TOC_OPEN, NULL, "its words" },
	[F_WARNING] = { "warning", TOC_STRING, false, TOC_OPEN, NULL, "Warning header" },
	[F_REQUEST_BODY_LEN] = { "request_body_len", TOC_UINT, false, TOC_OPEN, "B", "as told by the request" },
	[F_RESPONSE_BODY_LEN] = { "response_body_len", TOC_UINT, false, TOC_OPEN, "B", "as told by the reply" },
	[F_CONTENT_TYPE] = { "content_type", TOC_STRING, false, TOC_OPEN, NULL, "type of the reply's body" },
};

enum { HEAD_MOST = 16384, VIA_MOST = 8, LATEST = 2 };

/* What later replies to a request are told with: an INVITE may have its CANCEL behind it. */
struct request {
	uint64_t key;
	uint32_t depth; /* 0: none */
	bool to_tagged; /* within a dialog: then the reply's To is the request's (RFC 3261, section 8.2.6.2) */
	struct line_name method, uri, agent;
};

struct sip {
	struct request latest[LATEST]; /* a ring */
	uint32_t requests;
	uint64_t skip[2]; /* of a body on TCP */
	bool lost[2];
};

/* The headers that rows have; long name, short name (RFC 3261, section 7.3.3). */
enum header { H_CALL_ID, H_LENGTH, H_CSEQ, H_DATE, H_FROM, H_REPLY_TO, H_TO, H_AGENT, H_TYPE, H_WARNING, N_HEADERS };
static const struct {
	const char *name, *brief;
} names[N_HEADERS] = {
	[H_CALL_ID] = { "Call-ID", "i" },
	[H_LENGTH] = { "Content-Length", "l" },
	[H_CSEQ] = { "CSeq", "" },
	[H_DATE] = { "Date", "" },
	[H_FROM] = { "From", "f" },
	[H_REPLY_TO] = { "Reply-To", "" },
	[H_TO] = { "To", "t" },
	[H_AGENT] = { "User-Agent", "" },
	[H_TYPE] = { "Content-Type", "c" },
	[H_WARNING] = { "Warning", "" },
};

struct message {
	struct toc_span method, uri, reason, header[N_HEADERS], via[VIA_MOST];
	unsigned status, nvia;
	uint64_t length;
	bool has_length;
};

/* Without a parameter that begins so, and all behind it. */
static struct toc_span before(struct toc_span s, const char *param)
{
	for (size_t i = toc_span_find(s, ';'); i < s.n; i++)
		if (s.p[i] == ';' && line_starts(line_trim(toc_span_from(s, i + 1)), param))
			return toc_span_first(s, i);
	return s;
}

static void take_header(struct message *m, struct toc_span name, struct toc_span value)
{
	if (toc_span_ieq(name, toc_span_str("Via")) || toc_span_ieq(name, toc_span_str("v"))) {
		if (m->nvia < VIA_MOST)
			m->via[m->nvia++] = before(value, "branch");
		return;
	}
	for (unsigned i = 0; i < N_HEADERS; i++)
		if (toc_span_ieq(name, toc_span_str(names[i].name)) || toc_span_ieq(name, toc_span_str(names[i].brief)))
			m->header[i] = value;
}

static bool is_token(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!line_is_alpha(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && !line_is_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n <= 32;
}

/* "METHOD uri SIP/2.0" or "SIP/2.0 200 OK". */
static bool read_start(struct toc_span line, struct message *m)
{
	struct toc_span first = line_word(&line), second = line_word(&line);
	uint64_t status;
	if (toc_span_is(first, "SIP/2.0")) {
		m->status = second.n == 3 && line_uint(second, &status) ? (unsigned)status : 0;
		m->reason = line;
		return m->status >= 100 && m->status < 700;
	}
	m->method = first;
	m->uri = second;
	return is_token(first) && second.n && toc_span_is(line_word(&line), "SIP/2.0");
}

static bool read_message(struct toc_span head, struct message *m)
{
	struct toc_span name, value;
	*m = (struct message){ 0 };
	if (!read_start(line_first(&head), m))
		return false;
	while (line_header(&head, &name, &value))
		take_header(m, name, value);
	m->has_length = line_uint(m->header[H_LENGTH], &m->length);
	return true;
}

/* A transaction: Call-ID and CSeq (FNV-1a over both). */
static uint64_t key_of(const struct message *m)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const struct toc_span parts[] = { m->header[H_CALL_ID], m->header[H_CSEQ] };
	for (unsigned i = 0; i < 2; i++)
		for (size_t j = 0; j < parts[i].n; j++)
			h = (h ^ parts[i].p[j]) * UINT64_C(1099511628211);
	return h;
}

static void put(struct toc_draft *d, unsigned field, struct toc_span v)
{
	if (v.n)
		toc_put_str(d, field, toc_span_first(v, 1024));
}

/* The address before its tag, outside of <>. */
static void put_party(struct toc_draft *d, unsigned field, struct toc_span v)
{
	put(d, field, line_trim(before(v, "tag=")));
}

static const struct request *lately(const struct sip *p, uint64_t key)
{
	for (unsigned i = 0; i < LATEST; i++)
		if (p->latest[i].depth && p->latest[i].key == key)
			return &p->latest[i];
	return NULL;
}

static void keep_request(struct sip *p, const struct message *m, uint64_t key)
{
	struct request *r = &p->latest[p->requests % LATEST];
	*r = (struct request){ .key = key, .depth = ++p->requests };
	r->to_tagged = before(m->header[H_TO], "tag=").n < m->header[H_TO].n;
	line_keep(&r->method, m->method);
	line_keep(&r->uri, m->uri);
	line_keep(&r->agent, m->header[H_AGENT]);
}

static void take_request(struct sip *p, const struct message *m, struct toc_sink *s)
{
	uint64_t key = key_of(m);
	if (toc_span_is(m->method, "ACK")) /* ends a transaction, begins none (RFC 3261, section 17) */
		return;
	struct toc_draft *d = toc_sink_resume(s, K_SIP, key);
	if (d || lately(p, key)) { /* sent again */
		if (d)
			toc_sink_hold(s, d, key);
		return;
	}
	keep_request(p, m, key);
	d = toc_sink_begin(s, K_SIP);
	toc_put_uint(d, F_TRANS_DEPTH, p->requests);
	toc_put_str(d, F_METHOD, m->method);
	put(d, F_URI, m->uri);
	put(d, F_DATE, m->header[H_DATE]);
	put_party(d, F_REQUEST_FROM, m->header[H_FROM]);
	put(d, F_REQUEST_TO, m->header[H_TO]);
	put(d, F_REPLY_TO, m->header[H_REPLY_TO]);
	put(d, F_CALL_ID, m->header[H_CALL_ID]);
	put(d, F_SEQ, m->header[H_CSEQ]);
	put(d, F_USER_AGENT, m->header[H_AGENT]);
	if (m->has_length)
		toc_put_uint(d, F_REQUEST_BODY_LEN, m->length);
	for (unsigned i = 0; i < m->nvia; i++)
		toc_list_str(d, F_REQUEST_PATH, toc_span_first(m->via[i], 256));
	toc_sink_hold(s, d, key);
}

/* A reply after the first: what is known of the request, and what the reply repeats of it. */
static struct toc_draft *begin_again(const struct sip *p, const struct message *m, uint64_t key, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_SIP);
	const struct request *r = lately(p, key);
	struct toc_span seq = m->header[H_CSEQ];
	if (r) {
		toc_put_uint(d, F_TRANS_DEPTH, r->depth);
		put(d, F_METHOD, line_kept(&r->method));
		put(d, F_URI, line_kept(&r->uri));
		put(d, F_USER_AGENT, line_kept(&r->agent));
	} else {
		line_word(&seq);
		put(d, F_METHOD, seq);
	}
	put_party(d, F_REQUEST_FROM, m->header[H_FROM]);
	if (r && r->to_tagged)
		put(d, F_REQUEST_TO, m->header[H_TO]);
	else
		put_party(d, F_REQUEST_TO, m->header[H_TO]);
	put(d, F_CALL_ID, m->header[H_CALL_ID]);
	put(d, F_SEQ, m->header[H_CSEQ]);
	return d;
}

static void take_reply(struct sip *p, const struct message *m, struct toc_sink *s)
{
	uint64_t key = key_of(m);
	struct toc_draft *d = toc_sink_resume(s, K_SIP, key);
	if (!d)
		d = begin_again(p, m, key, s);
	toc_put_uint(d, F_STATUS_CODE, m->status);
	toc_put_str(d, F_STATUS_MSG, toc_span_first(m->reason, 256));
	put_party(d, F_RESPONSE_FROM, m->header[H_FROM]);
	put_party(d, F_RESPONSE_TO, m->header[H_TO]);
	put(d, F_WARNING, m->header[H_WARNING]);
	put(d, F_CONTENT_TYPE, m->header[H_TYPE]);
	if (m->has_length)
		toc_put_uint(d, F_RESPONSE_BODY_LEN, m->length);
	for (unsigned i = 0; i < m->nvia; i++)
		toc_list_str(d, F_RESPONSE_PATH, toc_span_first(m->via[i], 256));
	toc_sink_commit(s, d);
}

static bool take_head(struct sip *p, struct toc_span head, struct message *m, struct toc_sink *s)
{
	if (!read_message(head, m))
		return false;
	toc_sink_confirm(s, NULL);
	if (m->status)
		take_reply(p, m, s);
	else
		take_request(p, m, s);
	return true;
}

static enum toc_parse parse_stream(struct sip *p, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct message m;
	while (toc_left(in)) {
		if (p->skip[dir]) {
			size_t n = toc_left(in) < p->skip[dir] ? toc_left(in) : (size_t)p->skip[dir];
			toc_skip(in, n);
			p->skip[dir] -= n;
			continue;
		}
		if (in->p[0] == '\r' || in->p[0] == '\n') { /* keep-alive (RFC 5626, section 3.5.1) */
			toc_skip(in, 1);
			continue;
		}
		struct toc_span rest = toc_span_first(toc_rest(in), HEAD_MOST);
		size_t n = line_head_end(rest);
		if (!n)
			return rest.n == HEAD_MOST ? TOC_BAD : toc_more(s, toc_left(in) + 1);
		if (take_head(p, toc_span_first(rest, n), &m, s))
			p->skip[dir] = m.has_length ? m.length : 0;
		else if (!p->lost[dir])
			return TOC_BAD;
		p->lost[dir] = p->lost[dir] && !m.has_length;
		toc_skip(in, n);
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct message m;
	if (s->flow->carrier == TOC_OVER_TCP)
		return parse_stream(state, in, dir, s);
	struct toc_span all = toc_rest(in);
	size_t n = line_head_end(all);
	take_head(state, toc_span_first(all, n ? n : all.n), &m, s); /* keep-alives and STUN share the port */
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct sip *p = state;
	(void)s;
	if (n <= p->skip[dir]) {
		p->skip[dir] -= n;
	} else {
		p->skip[dir] = 0;
		p->lost[dir] = true; /* until a head is whole again */
	}
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct message m = { .status = 0 };
	struct toc_span rest = first;
	(void)dir;
	while (hint && rest.n && (rest.p[0] == '\r' || rest.p[0] == '\n' || rest.p[0] == 0))
		rest = toc_span_from(rest, 1);
	if (!rest.n)
		return TOC_MAYBE;
	size_t end = toc_span_find(rest, '\n');
	size_t word = toc_span_find(toc_span_first(rest, end), ' ');
	if (end < rest.n)
		return read_start(line_first(&rest), &m) ? TOC_YES : TOC_NO;
	if (word == rest.n)
		return is_token(rest) || line_begins(rest, "SIP/2.0") != TOC_NO ? TOC_MAYBE : TOC_NO;
	struct toc_span uri = toc_span_from(rest, word + 1);
	static const char *const schemes[] = { "sip:", "sips:", "tel:", NULL };
	if (line_begins(rest, "SIP/2.0 ") == TOC_YES)
		return TOC_MAYBE;
	return is_token(toc_span_first(rest, word)) && rest.n < 512 && line_begins_any(uri, schemes) != TOC_NO
		       ? TOC_MAYBE
		       : TOC_NO;
}

static const uint16_t ports[] = { 5060, 0 };

const struct toc_decoder toc_decoder_sip = { .name = "sip",
					     .carriers = TOC_OVER_TCP | TOC_OVER_UDP,
					     .tcp_ports = ports,
					     .udp_ports = ports,
					     .fields = fields,
					     .nfields = N_FIELDS,
					     .state_size = sizeof(struct sip),
					     .hold_ns = 60 * TOC_SEC,
					     .probe = probe,
					     .parse = parse,
					     .gap = gap };
