/* postgresql - startup, login and statements of the frontend/backend protocol 3 (PostgreSQL manual, chapter 55). */
#include "decoders/line.h"
#include "decoders/login.h"

enum field {
	K_PG,
	F_USER,
	F_DATABASE,
	F_APPLICATION,
	F_FRONTEND,
	F_FRONTEND_ARG,
	F_BACKEND,
	F_BACKEND_ARG,
	F_SUCCESS,
	F_ROWS,
	K_AUTH,
	N_FIELDS = K_AUTH + LOGIN_SIZE
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_PG] = { "postgresql", TOC_KIND, false, TOC_OPEN, NULL, "a request to the server and its answer" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "user of the startup message" },
	[F_DATABASE] = { "database", TOC_STRING, false, TOC_OPEN, NULL, "database of the startup message" },
	[F_APPLICATION] = { "application_name", TOC_STRING, false, TOC_DEVICE, NULL, "program, as it names itself" },
	[F_FRONTEND] = { "frontend", TOC_STRING, false, TOC_OPEN, NULL, "ssl_request, startup, simple_query, parse …" },
	[F_FRONTEND_ARG] = { "frontend_arg", TOC_STRING, false, TOC_CONTENT, NULL,
			     "statement; cut where a password follows" },
	[F_BACKEND] = { "backend", TOC_STRING, false, TOC_OPEN, NULL, "ssl_reply, auth_ok, command_complete, error" },
	[F_BACKEND_ARG] = { "backend_arg", TOC_STRING, false, TOC_OPEN, NULL, "S or N, the command's tag, SQLSTATE" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "done" },
	[F_ROWS] = { "rows", TOC_UINT, false, TOC_OPEN, NULL, "rows in the command's tag" },
	LOGIN_FIELDS(K_AUTH),
};

enum { VERSION_3 = 196608, CANCEL = 80877102, SSL_REQUEST = 80877103, GSS_REQUEST = 80877104 };
enum { BODY_MOST = 2048, LENGTH_MOST = 1 << 30, WAITING_MOST = 32 };

struct pg {
	bool started, encrypt_asked, logging_in;
	uint32_t first, next; /* keys of rows that wait, in the order of their answers: [first, next) */
	uint32_t syncs;	      /* places where the client waits for all that it asked before */
	uint32_t skip[2];
	struct line_name user, database, application;
};

static struct toc_draft *begin(const struct pg *p, const char *frontend, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_PG);
	if (p->user.n)
		toc_put_str(d, F_USER, line_kept(&p->user));
	if (p->database.n)
		toc_put_str(d, F_DATABASE, line_kept(&p->database));
	if (p->application.n)
		toc_put_str(d, F_APPLICATION, line_kept(&p->application));
	toc_put_cstr(d, F_FRONTEND, frontend);
	return d;
}

static void hold(struct pg *p, struct toc_draft *d, struct toc_sink *s)
{
	if (p->next - p->first == WAITING_MOST)
		p->first++; /* goes out as it is: nobody answers */
	toc_sink_hold(s, d, p->next++);
}

static struct toc_draft *resume(struct pg *p, struct toc_sink *s)
{
	return p->first == p->next ? NULL : toc_sink_resume(s, K_PG, p->first++);
}

/* What was asked and got no answer of its own. */
static void flush(struct pg *p, struct toc_sink *s)
{
	while (p->first != p->next) {
		struct toc_draft *d = resume(p, s);
		if (d)
			toc_sink_commit(s, d);
	}
}

static void answer(struct pg *p, const char *backend, struct toc_span arg, bool success, struct toc_sink *s)
{
	struct toc_draft *d = resume(p, s);
	uint64_t rows;
	if (!d)
		return;
	toc_put_cstr(d, F_BACKEND, backend);
	if (arg.n)
		toc_put_str(d, F_BACKEND_ARG, arg);
	toc_put_bool(d, F_SUCCESS, success);
	struct toc_span rest = arg, last = line_word(&rest);
	bool words = rest.n != 0;
	while (rest.n)
		last = line_word(&rest);
	if (words && line_uint(last, &rows))
		toc_put_uint(d, F_ROWS, rows);
	toc_sink_commit(s, d);
}

static struct toc_span cstring(struct toc_cursor *c)
{
	size_t n = toc_span_find(toc_rest(c), 0);
	struct toc_span text = toc_take(c, n);
	toc_skip(c, 1);
	return text;
}

static enum toc_parse take_startup(struct pg *p, struct toc_cursor *c, struct toc_sink *s)
{
	while (toc_left(c) > 1 && !c->bad) {
		struct toc_span name = cstring(c), value = cstring(c);
		if (toc_span_is(name, "user"))
			line_keep(&p->user, value);
		else if (toc_span_is(name, "database"))
			line_keep(&p->database, value);
		else if (toc_span_is(name, "application_name"))
			line_keep(&p->application, value);
	}
	if (!p->user.n)
		return TOC_BAD;
	toc_sink_confirm(s, NULL);
	p->started = p->logging_in = true;
	p->encrypt_asked = false;
	flush(p, s);
	hold(p, begin(p, "startup", s), s);
	return TOC_MORE;
}

/* Messages without a type: length, code (chapter 55.7). */
static enum toc_parse take_opening(struct pg *p, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	uint32_t length = toc_be32(&c), code = toc_be32(&c);
	if (c.bad)
		return toc_more(s, 8);
	if (length < 8 || length > 10000)
		return TOC_BAD;
	if (toc_left(in) < length)
		return toc_more(s, length);
	struct toc_cursor body = toc_sub(in, length);
	toc_skip(&body, 8);
	if (code == VERSION_3)
		return take_startup(p, &body, s);
	if (code != SSL_REQUEST && code != GSS_REQUEST)
		return code == CANCEL ? TOC_DONE : TOC_BAD;
	toc_sink_confirm(s, NULL);
	p->encrypt_asked = true;
	flush(p, s);
	hold(p, begin(p, code == SSL_REQUEST ? "ssl_request" : "gssenc_request", s), s);
	return TOC_MORE;
}

static struct toc_span without_secrets(struct toc_span sql)
{
	size_t at = line_find(sql, "PASSWORD");
	return toc_span_first(sql, at < sql.n ? at + 8 : at);
}

static void take_request(struct pg *p, uint8_t type, struct toc_span body, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(body);
	p->syncs += type == 'Q' || type == 'S';
	if (type != 'Q' && type != 'P' && type != 'X')
		return;
	if (type == 'P')
		cstring(&c); /* the prepared statement's name */
	struct toc_draft *d = begin(p, type == 'Q' ? "simple_query" : type == 'P' ? "parse" : "terminate", s);
	if (type == 'X') {
		toc_sink_commit(s, d);
		return;
	}
	struct toc_span sql = toc_span_first(toc_rest(&c), toc_span_find(toc_rest(&c), 0));
	toc_put_str(d, F_FRONTEND_ARG, without_secrets(sql));
	hold(p, d, s);
}

/* ErrorResponse: fields of a letter and a string; C is the SQLSTATE, the others may quote anything. */
static struct toc_span sqlstate(struct toc_span body)
{
	struct toc_cursor c = toc_cursor_of(body);
	while (toc_left(&c)) {
		uint8_t letter = toc_u8(&c);
		struct toc_span value = cstring(&c);
		if (letter == 'C' && !c.bad)
			return value;
	}
	return toc_span_first(body, 0);
}

static void take_reply(struct pg *p, uint8_t type, struct toc_span body, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(body);
	bool login = p->logging_in;
	if (type == 'R' && toc_be32(&c) == 0 && !c.bad) {
		p->logging_in = false;
		answer(p, "auth_ok", toc_span_first(body, 0), true, s);
	} else if (type == 'E') {
		p->logging_in = false;
		answer(p, "error", sqlstate(body), false, s);
	} else if (type == 'C') {
		answer(p, "command_complete", toc_span_first(body, toc_span_find(body, 0)), true, s);
	} else if (type == 'Z') {
		p->syncs -= p->syncs != 0;
		if (!p->syncs)
			flush(p, s);
	}
	if (login && !p->logging_in)
		login_told(s, K_AUTH, line_kept(&p->user), type == 'R', "postgresql", toc_span_first(body, 0));
}

static enum toc_parse take_typed(struct pg *p, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	uint8_t type = toc_u8(&c);
	uint32_t length = toc_be32(&c);
	if (c.bad)
		return toc_more(s, 5);
	if (length < 4 || length > LENGTH_MOST || (!line_is_alpha(type) && !line_is_digit(type)))
		return TOC_BAD;
	uint32_t kept = length - 4 < BODY_MOST ? length - 4 : BODY_MOST;
	struct toc_span body = toc_take(&c, kept);
	if (c.bad)
		return toc_more(s, 5 + (size_t)kept);
	*in = c;
	p->skip[dir] = length - 4 - kept;
	if (dir == TOC_ORIG)
		take_request(p, type, body, s);
	else
		take_reply(p, type, body, s);
	return TOC_MORE;
}

static bool skip(struct pg *p, struct toc_cursor *in, enum toc_dir dir)
{
	size_t n = toc_left(in) < p->skip[dir] ? toc_left(in) : p->skip[dir];
	toc_skip(in, n);
	p->skip[dir] -= (uint32_t)n;
	return n != 0;
}

static enum toc_parse read_one(struct pg *p, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	if (dir == TOC_RESP && p->encrypt_asked) { /* one letter */
		struct toc_span letter = toc_take(in, 1);
		p->encrypt_asked = false;
		answer(p, "ssl_reply", letter, letter.p[0] == 'S' || letter.p[0] == 'G', s);
		if (letter.p[0] == 'S')
			toc_sink_child(s, "ssl");
		return letter.p[0] == 'S' || letter.p[0] == 'G' ? TOC_DONE : TOC_MORE;
	}
	/* a length's first byte is 0, a message's type is a letter */
	if (dir == TOC_ORIG && !p->started && in->p[0] == 0)
		return take_opening(p, in, s);
	p->started = true;
	return take_typed(p, in, dir, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct pg *p = state;
	while (toc_left(in)) {
		if (skip(p, in, dir))
			continue;
		size_t before = toc_left(in);
		enum toc_parse said = read_one(p, in, dir, s);
		if (said != TOC_MORE || toc_left(in) == before)
			return said;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct pg *p = state;
	(void)s;
	if (n > p->skip[dir])
		return TOC_DONE;
	p->skip[dir] -= (uint32_t)n;
	return TOC_MORE;
}

/* A typed message at the port: a capture that began late. */
static enum toc_probe typed(struct toc_span first, const char *types, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t type = toc_u8(&c);
	uint32_t length = toc_be32(&c);
	if (!hint || !strchr(types, type) || type == 0)
		return TOC_NO;
	return c.bad ? TOC_MAYBE : length >= 4 && length < 1 << 20 ? TOC_YES : TOC_NO;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	if (!first.n)
		return TOC_MAYBE;
	if (dir == TOC_RESP)
		return first.n == 1 && (first.p[0] == 'S' || first.p[0] == 'N') ? TOC_MAYBE
										: typed(first, "RSKZTDCEN12nst", hint);
	if (first.p[0] != 0)
		return typed(first, "QPBEDSCXp", hint);
	uint32_t length = toc_be32(&c), code = toc_be32(&c);
	if (c.bad)
		return first.n < 2 || first.p[1] == 0 ? TOC_MAYBE : TOC_NO;
	if (code == SSL_REQUEST || code == GSS_REQUEST)
		return length == 8 ? TOC_YES : TOC_NO;
	if (code != VERSION_3 || length < 16 || length > 10000)
		return TOC_NO;
	struct toc_span names = toc_rest(&c);
	if (names.n < 5)
		return TOC_MAYBE;
	return hint || line_find(names, "user") < names.n ? TOC_YES : TOC_MAYBE;
}

static const uint16_t ports[] = { 5432, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_postgresql = { .name = "postgresql",
						    .leads_to = leads_to,
						    .carriers = TOC_OVER_TCP,
						    .tcp_ports = ports,
						    .fields = fields,
						    .nfields = N_FIELDS,
						    .state_size = sizeof(struct pg),
						    .probe = probe,
						    .parse = parse,
						    .gap = gap };
