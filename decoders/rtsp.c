/* rtsp - control of media streams: requests and their replies (RFC 2326, RFC 7826; interleaved data section 10.12). */
#include "decoders/line.h"

enum field { K_RTSP, F_METHOD, F_URI, F_SEQ, F_USER_AGENT, F_STATUS_CODE, F_STATUS_MSG, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_RTSP] = { "rtsp", TOC_KIND, false, TOC_OPEN, NULL, "a request for a media stream and its reply" },
	[F_METHOD] = { "method", TOC_STRING, false, TOC_OPEN, NULL, "DESCRIBE, SETUP, PLAY …" },
	[F_URI] = { "uri", TOC_STRING, false, TOC_CONTENT, NULL, "the stream, without a user or a password" },
	[F_SEQ] = { "seq", TOC_UINT, false, TOC_OPEN, NULL, "CSeq header" },
	[F_USER_AGENT] = { "user_agent", TOC_STRING, false, TOC_DEVICE, NULL, "User-Agent header" },
	[F_STATUS_CODE] = { "status_code", TOC_UINT, false, TOC_OPEN, NULL, "status of the reply" },
	[F_STATUS_MSG] = { "status_msg", TOC_STRING, false, TOC_OPEN, NULL, "its words" },
};

static const char *const methods[] = {
	"OPTIONS ",	  "DESCRIBE ",	    "ANNOUNCE ", "SETUP ",    "PLAY ",	      "PAUSE ", "TEARDOWN ",
	"GET_PARAMETER ", "SET_PARAMETER ", "RECORD ",	 "REDIRECT ", "PLAY_NOTIFY ", NULL
};

enum { HEAD_MOST = 16384 };

struct rtsp {
	uint64_t skip[2];
	bool lost[2];
};

struct message {
	struct toc_span method, uri, reason, agent;
	uint64_t status, seq, length;
	bool has_seq;
};

static bool read_start(struct toc_span line, struct message *m)
{
	struct toc_span first = line_word(&line), second = line_word(&line);
	if (toc_span_starts(first, "RTSP/")) {
		m->reason = line;
		return second.n == 3 && line_uint(second, &m->status);
	}
	m->method = first;
	m->uri = second;
	return first.n && second.n && toc_span_starts(line_word(&line), "RTSP/");
}

static bool read_message(struct toc_span head, struct message *m)
{
	struct toc_span name, value;
	*m = (struct message){ 0 };
	if (!read_start(line_first(&head), m))
		return false;
	while (line_header(&head, &name, &value)) {
		if (toc_span_ieq(name, toc_span_str("CSeq")))
			m->has_seq = line_uint(value, &m->seq);
		else if (toc_span_ieq(name, toc_span_str("Content-Length")))
			line_uint(value, &m->length);
		else if (toc_span_ieq(name, toc_span_str("User-Agent")))
			m->agent = value;
	}
	return true;
}

/* rtsp://user:password@host/…: what stands in front of the @ is left out. */
static void put_uri(struct toc_draft *d, struct toc_span uri)
{
	uint8_t text[512];
	size_t scheme = line_find(uri, "://"), n = 0;
	scheme = scheme < uri.n ? scheme + 3 : 0;
	struct toc_span rest = toc_span_from(uri, scheme);
	struct toc_span host = toc_span_first(rest, toc_span_find(rest, '/'));
	size_t at = host.n;
	while (at && host.p[at - 1] != '@')
		at--;
	rest = toc_span_first(toc_span_from(rest, at), sizeof(text) - 16);
	if (scheme && scheme < 16)
		memcpy(text, uri.p, n = scheme);
	if (rest.n)
		memcpy(text + n, rest.p, rest.n);
	toc_put_str(d, F_URI, toc_span_of(text, n + rest.n));
}

static void take_message(const struct message *m, struct toc_sink *s)
{
	toc_sink_confirm(s, NULL);
	struct toc_draft *d = m->status && m->has_seq ? toc_sink_resume(s, K_RTSP, m->seq) : NULL;
	if (!d) {
		d = toc_sink_begin(s, K_RTSP);
		if (m->has_seq)
			toc_put_uint(d, F_SEQ, m->seq);
	}
	if (!m->status) {
		toc_put_str(d, F_METHOD, m->method);
		put_uri(d, m->uri);
		if (m->agent.n)
			toc_put_str(d, F_USER_AGENT, toc_span_first(m->agent, 256));
		toc_sink_hold(s, d, m->seq);
		return;
	}
	toc_put_uint(d, F_STATUS_CODE, m->status);
	toc_put_str(d, F_STATUS_MSG, toc_span_first(m->reason, 256));
	toc_sink_commit(s, d);
}

/* '$', channel, length: media between the messages. */
static bool is_media(const struct toc_cursor *in)
{
	return in->p[0] == '$';
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct rtsp *r = state;
	struct message m;
	while (toc_left(in)) {
		if (r->skip[dir]) {
			size_t n = toc_left(in) < r->skip[dir] ? toc_left(in) : (size_t)r->skip[dir];
			toc_skip(in, n);
			r->skip[dir] -= n;
			continue;
		}
		if (in->p[0] == '\r' || in->p[0] == '\n') {
			toc_skip(in, 1);
			continue;
		}
		struct toc_cursor c = *in;
		if (is_media(in)) {
			toc_skip(&c, 2);
			r->skip[dir] = toc_be16(&c);
			if (c.bad) {
				r->skip[dir] = 0;
				return toc_more(s, 4);
			}
			*in = c;
			continue;
		}
		struct toc_span rest = toc_span_first(toc_rest(in), HEAD_MOST);
		size_t n = line_head_end(rest);
		if (!n)
			return rest.n == HEAD_MOST ? TOC_BAD : line_wait(in, s);
		bool is = read_message(toc_span_first(rest, n), &m);
		if (!is && !r->lost[dir])
			return TOC_BAD;
		if (is) {
			take_message(&m, s);
			r->skip[dir] = m.length;
			r->lost[dir] = false;
		}
		toc_skip(in, n);
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct rtsp *r = state;
	(void)s;
	r->lost[dir] = r->lost[dir] || n > r->skip[dir];
	r->skip[dir] = n > r->skip[dir] ? 0 : r->skip[dir] - n;
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct message m = { .status = 0 };
	struct toc_span rest = first;
	(void)dir;
	(void)hint;
	enum toc_probe reply = line_begins(first, "RTSP/1.0 "), request = line_begins_any(first, methods);
	if (reply != TOC_NO || request == TOC_NO)
		return reply;
	if (toc_span_find(first, '\n') == first.n)
		return TOC_MAYBE;
	return read_start(line_first(&rest), &m) ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 554, 8554, 0 };

const struct toc_decoder toc_decoder_rtsp = { .name = "rtsp",
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = fields,
					      .nfields = N_FIELDS,
					      .state_size = sizeof(struct rtsp),
					      .hold_ns = 60 * TOC_SEC,
					      .probe = probe,
					      .parse = parse,
					      .gap = gap };
