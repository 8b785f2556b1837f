/*
 * smtp - the envelope of mail, and never more (RFC 5321, STARTTLS RFC 3207, BDAT RFC 3030): what stands in a message is
 * passed over, recipients become a count and their domains.
 */
#include "decoders/smtp.h"
#include "decoders/login.h"
#include "decoders/sasl.h"

enum field {
	K_SMTP,
	F_TRANS_DEPTH,
	F_HELO,
	F_MAILFROM,
	F_RCPT_COUNT,
	F_RCPT_DOMAINS,
	F_LAST_REPLY,
	F_PATH,
	F_TLS,
	K_AUTH,
	N_FIELDS = K_AUTH + LOGIN_SIZE
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_SMTP] = { "smtp", TOC_KIND, false, TOC_OPEN, NULL, "a mail transaction: its envelope" },
	[F_TRANS_DEPTH] = { "trans_depth", TOC_UINT, false, TOC_OPEN, NULL, "place of the message in its connection" },
	[F_HELO] = { "helo", TOC_STRING, false, TOC_DEVICE, NULL, "name that the client gave itself" },
	[F_MAILFROM] = { "mailfrom", TOC_STRING, false, TOC_PERSON, NULL, "address in MAIL FROM" },
	[F_RCPT_COUNT] = { "rcpt_count", TOC_UINT, false, TOC_OPEN, NULL, "how many recipients were named" },
	[F_RCPT_DOMAINS] = { "rcpt_domains", TOC_STRING, true, TOC_OPEN, NULL, "their domains, the first 16" },
	[F_LAST_REPLY] = { "last_reply", TOC_STRING, false, TOC_OPEN, NULL,
			   "last reply of the server, without addresses" },
	[F_PATH] = { "path", TOC_IP, true, TOC_DEVICE, NULL, "from the server back to the client" },
	[F_TLS] = { "tls", TOC_BOOL, false, TOC_OPEN, NULL, "went on under TLS" },
	LOGIN_FIELDS(K_AUTH),
};

enum verb { V_OTHER, V_HELO, V_MAIL, V_RCPT, V_DATA, V_BDAT, V_END, V_STARTTLS, V_AUTH, V_PLAIN };

static const struct {
	const char *word;
	enum verb verb;
} verbs[] = { { "HELO", V_HELO },  { "EHLO", V_HELO },	       { "MAIL", V_MAIL },  { "RCPT", V_RCPT },
	      { "DATA", V_DATA },  { "BDAT", V_BDAT },	       { "RSET", V_PLAIN }, { "NOOP", V_PLAIN },
	      { "QUIT", V_PLAIN }, { "STARTTLS", V_STARTTLS }, { "AUTH", V_AUTH } };

/* AT_LOST: bytes of the client are missing; what follows may be content, and is passed over until the server replies.
 */
enum at { AT_COMMAND, AT_ASKED, AT_CONTENT, AT_CHUNK, AT_PROOF, AT_LOST };

enum { PENDING = 64, WAITING = 8, DOMAINS = 16, STRANGE_MOST = 8, BANNER_MOST = 512 };

struct smtp {
	struct line_reader line[2];
	enum at at;
	struct smtp_dot dot;
	bool greeted, open, tls, told, gapped, last_chunk;
	bool asks_name;		  /* the server asked for the user's name of AUTH LOGIN */
	uint8_t strange;	  /* lines of the client that are no command, before the first that is */
	uint8_t pending[PENDING]; /* commands without reply: verbs */
	uint8_t npending, nwaiting;
	uint32_t tx, waiting[WAITING]; /* keys of rows: the open one; those whose content is complete */
	uint32_t messages, rcpts;
	uint32_t domains[DOMAINS]; /* hashes, so that each is told once */
	uint8_t ndomains;
	uint64_t chunk; /* bytes of BDAT that are left */
	struct line_name helo, method, user;
	uint16_t reply_n;
	uint8_t reply[SMTP_REPLY];
};

/* --- rows --------------------------------------------------------------------------------------------------------- */

static struct toc_draft *row(struct smtp *m, struct toc_sink *s)
{
	struct toc_draft *d = m->open ? toc_sink_resume(s, K_SMTP, m->tx) : NULL;
	if (d)
		return d;
	if (!m->open) {
		m->open = true;
		m->tx++;
		m->rcpts = m->ndomains = 0;
	}
	d = toc_sink_begin(s, K_SMTP);
	toc_put_uint(d, F_TRANS_DEPTH, m->messages + 1);
	return d;
}

static void commit(struct smtp *m, struct toc_draft *d, struct toc_sink *s)
{
	if (m->reply_n)
		toc_put_str(d, F_LAST_REPLY, toc_span_of(m->reply, m->reply_n));
	toc_list_ip(d, F_PATH, &s->flow->resp);
	toc_list_ip(d, F_PATH, &s->flow->orig);
	toc_put_bool(d, F_TLS, m->tls);
	toc_sink_commit(s, d);
}

/* What every row has once nothing more of the client can change it. */
static void complete(struct smtp *m, struct toc_draft *d)
{
	if (m->helo.n)
		toc_put_str(d, F_HELO, line_kept(&m->helo));
	toc_put_uint(d, F_RCPT_COUNT, m->rcpts);
}

/* A transaction that never got its message. */
static void abandon(struct smtp *m, struct toc_sink *s)
{
	if (!m->open)
		return;
	struct toc_draft *d = row(m, s);
	complete(m, d);
	commit(m, d, s);
	m->open = false;
}

static void commit_waiting(struct smtp *m, struct toc_sink *s)
{
	if (!m->nwaiting)
		return;
	struct toc_draft *d = toc_sink_resume(s, K_SMTP, m->waiting[0]);
	m->nwaiting--;
	memmove(m->waiting, m->waiting + 1, m->nwaiting * sizeof(m->waiting[0]));
	if (d)
		commit(m, d, s);
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

static void expect_reply(struct smtp *m, enum verb v)
{
	if (m->npending < PENDING)
		m->pending[m->npending++] = (uint8_t)v;
}

/* The content of the open transaction is over; its row waits for the reply. */
static void content_ends(struct smtp *m, struct toc_sink *s)
{
	struct toc_draft *d = row(m, s);
	complete(m, d);
	toc_sink_hold(s, d, m->tx);
	if (m->nwaiting == WAITING)
		commit_waiting(m, s);
	m->waiting[m->nwaiting++] = m->tx;
	m->open = false;
	m->messages++;
	m->at = AT_COMMAND;
	expect_reply(m, V_END);
}

static uint32_t hash_domain(struct toc_span domain)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < domain.n; i++)
		h = (h ^ toc_lower(domain.p[i])) * 16777619u;
	return h;
}

static void take_rcpt(struct smtp *m, struct toc_span arg, struct toc_sink *s)
{
	struct toc_draft *d = row(m, s);
	struct toc_span domain = smtp_domain(smtp_path(arg, "TO:"));
	uint32_t h = hash_domain(domain);
	bool known = domain.n == 0 || m->ndomains == DOMAINS;
	for (unsigned i = 0; !known && i < m->ndomains; i++)
		known = m->domains[i] == h;
	m->rcpts++;
	if (!known) {
		m->domains[m->ndomains++] = h;
		toc_list_str(d, F_RCPT_DOMAINS, domain);
	}
	toc_sink_hold(s, d, m->tx);
}

static void take_mail(struct smtp *m, struct toc_span arg, struct toc_sink *s)
{
	struct toc_span from = smtp_path(arg, "FROM:");
	abandon(m, s);
	struct toc_draft *d = row(m, s);
	if (from.n)
		toc_put_str(d, F_MAILFROM, from);
	toc_sink_hold(s, d, m->tx);
}

/* BDAT size [LAST] (RFC 3030, section 2). */
static enum verb take_bdat(struct smtp *m, struct toc_span arg)
{
	struct toc_span size = line_word(&arg), last = line_word(&arg);
	if (!line_uint(size, &m->chunk))
		return V_OTHER;
	m->last_chunk = line_starts(last, "LAST");
	m->at = AT_CHUNK;
	return V_BDAT;
}

static enum verb verb_of(struct toc_span word)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (toc_span_ieq(word, toc_span_str(verbs[i].word)))
			return verbs[i].verb;
	return V_OTHER;
}

/* AUTH method [initial response] (RFC 4954, section 4). */
static void take_auth(struct smtp *m, struct toc_span line)
{
	line_keep(&m->method, line_word(&line));
	m->user.n = 0;
	if (toc_span_ieq(line_kept(&m->method), toc_span_str("PLAIN")))
		sasl_plain_user(line, &m->user);
	else if (toc_span_ieq(line_kept(&m->method), toc_span_str("LOGIN")))
		sasl_login_user(line, &m->user);
}

/* A line that answers 334: a name in it is kept, where it is one. */
static void take_proof(struct smtp *m, struct toc_span line)
{
	if (m->asks_name)
		sasl_login_user(line, &m->user);
	else if (toc_span_ieq(line_kept(&m->method), toc_span_str("PLAIN")))
		sasl_plain_user(line, &m->user);
	m->asks_name = false;
	m->at = AT_COMMAND;
}

static enum toc_parse take_command(struct smtp *m, struct toc_span line, struct toc_sink *s)
{
	struct toc_span word = line_word(&line);
	enum verb v = verb_of(word);
	if (v == V_OTHER && !m->told && ++m->strange > STRANGE_MOST)
		return TOC_BAD;
	if (v == V_HELO || v == V_MAIL || v == V_STARTTLS || v == V_AUTH) {
		toc_sink_confirm(s, NULL);
		m->told = true;
	}
	if (v == V_HELO)
		line_keep(&m->helo, line);
	else if (v == V_MAIL)
		take_mail(m, line, s);
	else if (v == V_RCPT)
		take_rcpt(m, line, s);
	else if (v == V_DATA)
		m->at = AT_ASKED;
	else if (v == V_AUTH)
		take_auth(m, line);
	else if (v == V_BDAT)
		v = take_bdat(m, line);
	if (v != V_BDAT)
		expect_reply(m, v);
	return TOC_MORE;
}

/* Bytes of BDAT; the reply to the last chunk is the message's. */
static void skip_chunk(struct smtp *m, uint64_t n, struct toc_sink *s)
{
	m->chunk -= n;
	if (m->chunk)
		return;
	if (m->last_chunk) {
		content_ends(m, s);
		return;
	}
	m->at = AT_COMMAND;
	expect_reply(m, V_BDAT);
}

/* STARTTLS was asked for, and what comes is no command but TLS: the answer was not seen. */
static bool tls_begins(const struct smtp *m, const struct toc_cursor *in)
{
	return m->npending && m->pending[m->npending - 1] == V_STARTTLS && toc_left(in) && in->p[0] == 0x16;
}

static enum toc_parse read_client(struct smtp *m, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_span line;
	while (toc_left(in) || m->at == AT_CHUNK) {
		if (m->at == AT_ASKED) { /* a client that does not wait for 354: what comes is content */
			smtp_dot_start(&m->dot);
			m->at = AT_CONTENT;
		}
		if (m->at == AT_LOST) {
			toc_skip(in, toc_left(in));
		} else if (m->at == AT_CHUNK) {
			size_t n = toc_left(in) < m->chunk ? toc_left(in) : (size_t)m->chunk;
			toc_skip(in, n);
			skip_chunk(m, n, s);
			if (m->at == AT_CHUNK)
				return TOC_MORE;
		} else if (m->at == AT_CONTENT) {
			if (!smtp_dot_skip(&m->dot, in))
				return TOC_MORE;
			content_ends(m, s);
		} else if (tls_begins(m, in)) {
			m->tls = true;
			toc_sink_child(s, "ssl");
			return TOC_DONE;
		} else if (!line_read(&m->line[TOC_ORIG], in, 1024, &line)) {
			return line_wait(in, s);
		} else if (m->at == AT_PROOF) {
			take_proof(m, line);
		} else if (take_command(m, line, s) == TOC_BAD) {
			return TOC_BAD;
		}
	}
	return TOC_MORE;
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

static enum verb reply_to(struct smtp *m, unsigned code)
{
	bool greeting = !m->greeted && code == 220 && !(m->npending && m->pending[0] == V_STARTTLS);
	m->greeted = true;
	if (greeting || !m->npending)
		return V_PLAIN;
	enum verb v = (enum verb)m->pending[0];
	if (code == 334) /* the client's proof comes, and then another reply to the same command */
		return v;
	m->npending--;
	memmove(m->pending, m->pending + 1, m->npending);
	return v;
}

/* May the words of this reply name a recipient or quote the message? */
static bool names_people(enum verb v, unsigned code)
{
	return v == V_RCPT || v == V_OTHER || (v == V_END && code >= 300);
}

static void take_login(struct smtp *m, unsigned code, struct toc_span text, struct toc_sink *s)
{
	if (code == 334) {
		m->at = AT_PROOF;
		m->asks_name = toc_span_is(text, "VXNlcm5hbWU6"); /* "Username:" */
		return;
	}
	m->at = m->at == AT_PROOF ? AT_COMMAND : m->at;
	if (code == 235 || code == 535)
		login_told(s, K_AUTH, line_kept(&m->user), code == 235, "smtp", line_kept(&m->method));
}

static enum toc_parse take_reply(struct smtp *m, const struct line_reply *r, struct toc_sink *s)
{
	/* the server speaks while content is passed over: its end was lost, or is one to this server only */
	if (m->at == AT_CONTENT && !r->more && !(m->npending && m->pending[0] == V_DATA) &&
	    (m->gapped || smtp_dot_lax(&m->dot)))
		content_ends(m, s);
	if (r->more)
		return TOC_MORE;
	if (m->at == AT_LOST)
		m->at = r->code == 354 ? AT_ASKED : AT_COMMAND;
	enum verb v = reply_to(m, r->code);
	m->reply_n = (uint16_t)smtp_reply_told(r, names_people(v, r->code), m->reply);
	if (m->at == AT_ASKED && (v == V_DATA || r->code == 354)) {
		smtp_dot_start(&m->dot);
		m->at = r->code == 354 ? AT_CONTENT : AT_COMMAND;
		m->gapped = false;
	} else if (v == V_END) {
		commit_waiting(m, s);
	} else if (v == V_AUTH) {
		take_login(m, r->code, r->text, s);
	} else if (v == V_STARTTLS && r->code == 220) {
		m->tls = true;
		toc_sink_child(s, "ssl");
		return TOC_DONE;
	}
	return TOC_MORE;
}

static enum toc_parse read_server(struct smtp *m, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_span line;
	struct line_reply r;
	while (line_read(&m->line[TOC_RESP], in, 1024, &line)) {
		if (!line_reply(line, &r)) {
			if (!m->greeted && !m->told)
				return TOC_BAD;
			continue;
		}
		if (take_reply(m, &r, s) == TOC_DONE)
			return TOC_DONE;
	}
	return line_wait(in, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	return dir == TOC_ORIG ? read_client(state, in, s) : read_server(state, in, s);
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct smtp *m = state;
	if (dir == TOC_RESP) {
		line_lost(&m->line[dir]);
		m->npending = 0; /* which reply belongs to which command is not known any more */
		m->greeted = true;
		return TOC_MORE;
	}
	if (m->at == AT_ASKED)
		m->at = AT_CONTENT;
	if (m->at == AT_CONTENT) {
		m->dot = (struct smtp_dot){ 0 };
		m->gapped = true;
	} else if (m->at == AT_CHUNK && n <= m->chunk) {
		skip_chunk(m, n, s);
	} else {
		m->at = AT_LOST;
		m->line[dir].skipping = false;
		m->npending = 0;
	}
	return TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct smtp *m = state;
	(void)why;
	while (m->nwaiting)
		commit_waiting(m, s);
	if (m->tls && !m->open)
		toc_sink_hold(s, row(m, s), m->tx);
	abandon(m, s);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char *const hello[] = { "EHLO ", "HELO ", NULL };
	if (dir == TOC_ORIG)
		return line_begins_any(first, hello);
	if (line_begins(first, "220") != TOC_YES)
		return line_begins(first, "220");
	struct toc_span line = toc_span_first(first, toc_span_find(first, '\n'));
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return TOC_NO;
	/* FTP greets with the same code */
	bool enough = line.n < first.n || first.n >= BANNER_MOST;
	return enough && (hint || line_find(line, "SMTP") < line.n) ? TOC_YES : TOC_MAYBE;
}

static const uint16_t ports[] = { 25, 587, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_smtp = { .name = "smtp",
					      .leads_to = leads_to,
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = fields,
					      .nfields = N_FIELDS,
					      .state_size = sizeof(struct smtp),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap,
					      .finish = finish };
