/* pop3 - logins and counts of mailbox sessions (RFC 1939, STLS RFC 2595, AUTH RFC 5034); mail itself is passed over. */
#include "decoders/login.h"
#include "decoders/sasl.h"
#include "decoders/smtp.h"

enum field { K_POP3, F_USER, F_SUCCESS, F_RETRIEVED, F_DELETED, F_TLS, K_AUTH, N_FIELDS = K_AUTH + LOGIN_SIZE };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_POP3] = { "pop3", TOC_KIND, false, TOC_OPEN, NULL, "a mailbox session, at its end" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "name given by USER or APOP" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "let in" },
	[F_RETRIEVED] = { "retrieved", TOC_UINT, false, TOC_OPEN, NULL, "messages read" },
	[F_DELETED] = { "deleted", TOC_UINT, false, TOC_OPEN, NULL, "messages marked as deleted" },
	[F_TLS] = { "tls", TOC_BOOL, false, TOC_OPEN, NULL, "went on under TLS" },
	LOGIN_FIELDS(K_AUTH),
};

enum verb { V_OTHER, V_USER, V_PASS, V_APOP, V_AUTH, V_RETR, V_TOP, V_DELE, V_STLS, V_LINES };

static const struct {
	const char *word;
	enum verb verb;
} verbs[] = { { "USER", V_USER },  { "PASS", V_PASS },	{ "APOP", V_APOP },  { "AUTH", V_AUTH },  { "RETR", V_RETR },
	      { "TOP", V_TOP },	   { "DELE", V_DELE },	{ "STLS", V_STLS },  { "CAPA", V_LINES }, { "LIST", V_LINES },
	      { "UIDL", V_LINES }, { "STAT", V_OTHER }, { "QUIT", V_OTHER }, { "NOOP", V_OTHER }, { "RSET", V_OTHER } };

enum { PENDING = 64, STRANGE_MOST = 5, LINE = 512 };

struct pop3 {
	struct line_reader line[2];
	struct smtp_dot dot;
	bool content, known, greeted, tried, in, tls, proof;
	uint8_t pending[PENDING], npending, strange;
	uint32_t retrieved, deleted;
	struct line_name user, method;
};

static void tell(const struct pop3 *p, struct toc_sink *s)
{
	if (!p->known)
		return;
	struct toc_draft *d = toc_sink_begin(s, K_POP3);
	if (p->user.n)
		toc_put_str(d, F_USER, line_kept(&p->user));
	if (p->tried)
		toc_put_bool(d, F_SUCCESS, p->in);
	toc_put_uint(d, F_RETRIEVED, p->retrieved);
	toc_put_uint(d, F_DELETED, p->deleted);
	toc_put_bool(d, F_TLS, p->tls);
	toc_sink_commit(s, d);
}

static void take_proof(struct pop3 *p, struct toc_span line)
{
	if (toc_span_ieq(line_kept(&p->method), toc_span_str("PLAIN")))
		sasl_plain_user(line, &p->user);
}

/* AUTH method [initial response] (RFC 5034, section 4). */
static void take_auth(struct pop3 *p, struct toc_span line)
{
	line_keep(&p->method, line_word(&line));
	p->user.n = 0;
	take_proof(p, line);
}

static enum toc_parse take_command(struct pop3 *p, struct toc_span line, struct toc_sink *s)
{
	struct toc_span word = line_word(&line);
	enum verb v = V_OTHER;
	bool found = false;
	for (unsigned i = 0; !found && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		found = toc_span_ieq(word, toc_span_str(verbs[i].word));
		v = found ? verbs[i].verb : V_OTHER;
	}
	if (!found)
		return !p->known && ++p->strange > STRANGE_MOST ? TOC_BAD : TOC_MORE;
	p->known = true;
	toc_sink_confirm(s, NULL);
	if (v == V_USER || v == V_APOP)
		line_keep(&p->user, line_word(&line));
	else if (v == V_AUTH)
		take_auth(p, line);
	/* with a number LIST and UIDL have one line of reply; AUTH alone lists what there is */
	if (v == V_LINES && line.n && toc_lower(word.p[0]) != 'c')
		v = V_OTHER;
	if (v == V_AUTH && !p->method.n)
		v = V_LINES;
	if (p->npending < PENDING)
		p->pending[p->npending++] = (uint8_t)v;
	return TOC_MORE;
}

static void take_login(struct pop3 *p, enum verb v, bool ok, struct toc_sink *s)
{
	struct toc_span method = v == V_AUTH ? line_kept(&p->method) : toc_span_str(v == V_APOP ? "APOP" : "");
	p->tried = true;
	p->in = ok;
	login_told(s, K_AUTH, line_kept(&p->user), ok, "pop3", method);
}

static enum toc_parse take_reply(struct pop3 *p, struct toc_span line, struct toc_sink *s)
{
	bool ok = line_starts(line, "+OK"), bad = line_starts(line, "-ERR");
	if (line_starts(line, "+ ") || toc_span_is(line, "+")) {
		p->proof = p->npending && p->pending[0] == V_AUTH; /* the client's next line is part of it */
		return TOC_MORE;
	}
	if (!ok && !bad)
		return p->known || p->greeted || p->line[TOC_RESP].doubtful ? TOC_MORE : TOC_BAD;
	if (!p->greeted || !p->npending) {
		p->greeted = true;
		return TOC_MORE;
	}
	enum verb v = (enum verb)p->pending[0];
	p->npending--;
	memmove(p->pending, p->pending + 1, p->npending);
	p->proof = false;
	if (v == V_PASS || v == V_APOP || v == V_AUTH)
		take_login(p, v, ok, s);
	p->retrieved += v == V_RETR && ok;
	p->deleted += v == V_DELE && ok;
	if (ok && (v == V_RETR || v == V_TOP || v == V_LINES)) {
		smtp_dot_start(&p->dot);
		p->content = true;
	}
	if (v != V_STLS || !ok)
		return TOC_MORE;
	p->tls = true;
	toc_sink_child(s, "ssl");
	return TOC_DONE;
}

static enum toc_parse read_server(struct pop3 *p, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_span line;
	while (toc_left(in)) {
		if (p->content) {
			p->content = !smtp_dot_skip(&p->dot, in);
			continue;
		}
		if (!line_read(&p->line[TOC_RESP], in, LINE, &line))
			return line_wait(in, s);
		enum toc_parse said = take_reply(p, line, s);
		if (said != TOC_MORE)
			return said;
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct pop3 *p = state;
	struct toc_span line;
	if (dir == TOC_RESP)
		return read_server(p, in, s);
	while (line_read(&p->line[dir], in, LINE, &line)) {
		bool secret = p->proof;
		p->proof = false;
		if (secret)
			take_proof(p, line);
		else if (take_command(p, line, s) == TOC_BAD)
			return TOC_BAD;
	}
	return line_wait(in, s);
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct pop3 *p = state;
	(void)n;
	(void)s;
	if (dir == TOC_RESP && p->content) {
		p->dot = (struct smtp_dot){ 0 };
		return TOC_MORE;
	}
	line_lost(&p->line[dir]);
	p->npending = 0;
	return TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	(void)why;
	tell(state, s);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char *const sure[] = { "CAPA\r\n", "STLS\r\n", "APOP ", NULL }, *const maybe[] = { "USER ", "AUTH",
													NULL };
	if (dir == TOC_ORIG) {
		enum toc_probe one = line_begins_any(first, sure), two = line_begins_any(first, maybe);
		if (one == TOC_YES || (hint && two == TOC_YES))
			return TOC_YES;
		return one == TOC_NO && two == TOC_NO ? TOC_NO : TOC_MAYBE;
	}
	enum toc_probe ok = line_begins(first, "+OK");
	if (ok != TOC_YES || (first.n > 3 && first.p[3] != ' ' && first.p[3] != '\r' && first.p[3] != '\n'))
		return ok == TOC_YES ? TOC_NO : ok;
	struct toc_span rest = first, line = line_first(&rest);
	if (line.n == first.n)
		return TOC_MAYBE;
	/* others say +OK too: a greeting has words, and its second line is one more +OK with words */
	bool named = line_find(line, "POP") < line.n;
	bool twice = line.n > 5 && rest.n > 5 && line_starts(rest, "+OK ");
	return hint || named || twice ? TOC_YES : line.n > 3 ? TOC_MAYBE : TOC_NO;
}

static const uint16_t ports[] = { 110, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_pop3 = { .name = "pop3",
					      .leads_to = leads_to,
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = fields,
					      .nfields = N_FIELDS,
					      .state_size = sizeof(struct pop3),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap,
					      .finish = finish };
