/* imap - logins and counts of mailbox sessions (RFC 9051, literals section 4.3); mail itself is passed over. */
#include "decoders/line.h"
#include "decoders/login.h"
#include "decoders/sasl.h"

enum field { K_IMAP, F_USER, F_SUCCESS, F_FETCHES, F_APPENDS, F_TLS, K_AUTH, N_FIELDS = K_AUTH + LOGIN_SIZE };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_IMAP] = { "imap", TOC_KIND, false, TOC_OPEN, NULL, "a mailbox session, at its end" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "name given by LOGIN" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "let in" },
	[F_FETCHES] = { "fetches", TOC_UINT, false, TOC_OPEN, NULL, "FETCH commands" },
	[F_APPENDS] = { "appends", TOC_UINT, false, TOC_OPEN, NULL, "APPEND commands" },
	[F_TLS] = { "tls", TOC_BOOL, false, TOC_OPEN, NULL, "went on under TLS" },
	LOGIN_FIELDS(K_AUTH),
};

enum verb { V_NONE, V_OTHER, V_LOGIN, V_AUTH, V_STARTTLS, V_FETCH, V_APPEND };

static const struct {
	const char *word;
	enum verb verb;
} verbs[] = { { "LOGIN", V_LOGIN },   { "AUTHENTICATE", V_AUTH }, { "STARTTLS", V_STARTTLS }, { "FETCH", V_FETCH },
	      { "APPEND", V_APPEND }, { "CAPABILITY", V_OTHER },  { "ID", V_OTHER },	      { "NOOP", V_OTHER },
	      { "LOGOUT", V_OTHER },  { "SELECT", V_OTHER },	  { "EXAMINE", V_OTHER },     { "LIST", V_OTHER },
	      { "UID", V_OTHER },     { "STATUS", V_OTHER },	  { "NAMESPACE", V_OTHER },   { "ENABLE", V_OTHER } };

enum { STRANGE_MOST = 5 };

struct imap {
	struct line_reader line[2];
	uint64_t literal[2];
	bool inside[2]; /* the next line goes on behind a literal */
	bool known, tried, in, tls;
	uint8_t waits; /* enum verb whose tagged answer matters */
	uint8_t strange;
	uint32_t fetches, appends;
	struct line_name tag, user, method;
};

static void tell(const struct imap *m, struct toc_sink *s)
{
	if (!m->known)
		return;
	struct toc_draft *d = toc_sink_begin(s, K_IMAP);
	if (m->user.n)
		toc_put_str(d, F_USER, line_kept(&m->user));
	if (m->tried)
		toc_put_bool(d, F_SUCCESS, m->in);
	toc_put_uint(d, F_FETCHES, m->fetches);
	toc_put_uint(d, F_APPENDS, m->appends);
	toc_put_bool(d, F_TLS, m->tls);
	toc_sink_commit(s, d);
}

/* "… {123}" or "{123+}" at a line's end: so many bytes follow that are no lines. */
static uint64_t literal_of(struct toc_span line)
{
	size_t at = line.n;
	uint64_t n;
	if (line.n < 3 || line.p[line.n - 1] != '}')
		return 0;
	while (at && line.p[at - 1] != '{')
		at--;
	struct toc_span digits = toc_span_from(toc_span_first(line, line.n - 1), at);
	if (digits.n && digits.p[digits.n - 1] == '+')
		digits.n--;
	return at && line_uint(digits, &n) ? n : 0;
}

static enum verb verb_of(struct toc_span word)
{
	for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (toc_span_ieq(word, toc_span_str(verbs[i].word)))
			return verbs[i].verb;
	return V_NONE;
}

/* An atom or a quoted string; a literal's name is not looked at. */
static struct toc_span astring(struct toc_span rest)
{
	if (rest.n && rest.p[0] == '"') {
		rest = toc_span_from(rest, 1);
		return toc_span_first(rest, toc_span_find(rest, '"'));
	}
	struct toc_span word = line_word(&rest);
	return word.n && word.p[0] == '{' ? toc_span_first(word, 0) : word;
}

static void take_proof(struct imap *m, struct toc_span line)
{
	if (toc_span_ieq(line_kept(&m->method), toc_span_str("PLAIN")))
		sasl_plain_user(line, &m->user);
}

static enum toc_parse take_command(struct imap *m, struct toc_span line, struct toc_sink *s)
{
	if (m->waits == V_AUTH) { /* what proves somebody's identity */
		take_proof(m, line);
		return TOC_MORE;
	}
	struct toc_span tag = line_word(&line), word = line_word(&line);
	enum verb v = verb_of(word);
	if (v == V_NONE)
		return !m->known && ++m->strange > STRANGE_MOST ? TOC_BAD : TOC_MORE;
	m->known = true;
	toc_sink_confirm(s, NULL);
	if (toc_span_ieq(word, toc_span_str("UID")))
		v = verb_of(line_word(&line));
	m->fetches += v == V_FETCH;
	m->appends += v == V_APPEND;
	if (v != V_LOGIN && v != V_AUTH && v != V_STARTTLS)
		return TOC_MORE;
	m->waits = (uint8_t)v;
	line_keep(&m->tag, tag);
	if (v == V_LOGIN)
		line_keep(&m->user, astring(line));
	if (v == V_AUTH) {
		line_keep(&m->method, line_word(&line));
		m->user.n = 0;
		take_proof(m, line);
	}
	return TOC_MORE;
}

static enum toc_parse take_reply(struct imap *m, struct toc_span line, struct toc_sink *s)
{
	struct toc_span tag = line_word(&line), word = line_word(&line);
	if (toc_span_is(tag, "*") &&
	    (toc_span_ieq(word, toc_span_str("OK")) || toc_span_ieq(word, toc_span_str("PREAUTH"))))
		toc_sink_confirm(s, NULL);
	if (m->waits == V_NONE || !toc_span_eq(tag, line_kept(&m->tag)))
		return TOC_MORE;
	enum verb v = (enum verb)m->waits;
	bool ok = toc_span_ieq(word, toc_span_str("OK"));
	m->waits = V_NONE;
	if (v == V_STARTTLS) {
		m->tls = ok;
		if (!ok)
			return TOC_MORE;
		toc_sink_child(s, "ssl");
		return TOC_DONE;
	}
	m->tried = true;
	m->in = ok;
	login_told(s, K_AUTH, line_kept(&m->user), ok, "imap",
		   v == V_AUTH ? line_kept(&m->method) : toc_span_first(word, 0));
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct imap *m = state;
	struct toc_span line;
	while (toc_left(in)) {
		if (m->literal[dir]) {
			size_t n = toc_left(in) < m->literal[dir] ? toc_left(in) : (size_t)m->literal[dir];
			toc_skip(in, n);
			m->literal[dir] -= n;
			continue;
		}
		if (!line_read(&m->line[dir], in, LINE_MOST, &line))
			return line_wait(in, s);
		if (m->line[dir].skipping) /* whether mail follows is not known: nothing more is read */
			return TOC_DONE;
		bool more = m->inside[dir] || m->line[dir].doubtful;
		m->literal[dir] = literal_of(line);
		m->inside[dir] = m->literal[dir] != 0;
		enum toc_parse said = more		? TOC_MORE
				      : dir == TOC_ORIG ? take_command(m, line, s)
							: take_reply(m, line, s);
		if (said != TOC_MORE)
			return said;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct imap *m = state;
	(void)s;
	if (n <= m->literal[dir]) {
		m->literal[dir] -= n;
		return TOC_MORE;
	}
	return TOC_DONE; /* the beginning of a literal may be lost: what follows may be mail */
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	(void)why;
	tell(state, s);
}

/* tag SP command: a tag has no strange letters (RFC 9051, section 9). */
static bool is_command(struct toc_span line)
{
	struct toc_span tag = line_word(&line);
	for (size_t i = 0; i < tag.n; i++)
		if (!line_is_alpha(tag.p[i]) && !line_is_digit(tag.p[i]) && tag.p[i] != '.')
			return false;
	return tag.n && tag.n <= 20 && verb_of(line_word(&line)) != V_NONE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_span rest = first, line = line_first(&rest);
	bool whole = toc_span_find(first, '\n') < first.n;
	if (dir == TOC_ORIG) {
		if (whole)
			return is_command(line) ? TOC_YES : TOC_NO;
		return first.n < 64 && line_is_text(line_trim(first)) &&
				       (!first.n || line_is_alpha(first.p[0]) || line_is_digit(first.p[0]))
			       ? TOC_MAYBE
			       : TOC_NO;
	}
	static const char *const greetings[] = { "* OK", "* PREAUTH", NULL };
	enum toc_probe begins = line_begins_any(first, greetings);
	if (begins != TOC_YES)
		return begins;
	return hint || line_find(line, "IMAP") < line.n ? TOC_YES : TOC_MAYBE;
}

static const uint16_t ports[] = { 143, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_imap = { .name = "imap",
					      .leads_to = leads_to,
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = fields,
					      .nfields = N_FIELDS,
					      .state_size = sizeof(struct imap),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap,
					      .finish = finish };
