/* mysql - logins and commands of MySQL's and MariaDB's client/server protocol 10, as Zeek's mysql.log has them. */
#include "decoders/line.h"
#include "decoders/login.h"

enum field { K_MYSQL, F_CMD, F_ARG, F_SUCCESS, F_ROWS, F_RESPONSE, K_AUTH, N_FIELDS = K_AUTH + LOGIN_SIZE };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_MYSQL] = { "mysql", TOC_KIND, false, TOC_OPEN, NULL, "a login or a command, and the answer" },
	[F_CMD] = { "cmd", TOC_STRING, false, TOC_OPEN, NULL, "login, query, init_db …" },
	[F_ARG] = { "arg", TOC_STRING, false, TOC_CONTENT, NULL,
		    "user, statement or name; cut where a password follows" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "the server did it" },
	[F_ROWS] = { "rows", TOC_UINT, false, TOC_OPEN, NULL, "rows that the statement changed" },
	[F_RESPONSE] = { "response", TOC_STRING, false, TOC_PERSON, NULL, "the server's words when it did not" },
	LOGIN_FIELDS(K_AUTH),
};

enum command {
	COM_QUIT = 1,
	COM_QUERY = 3,
	COM_CHANGE_USER = 17,
	COM_PREPARE = 22,
	COM_LONG_DATA = 24,
	COM_CLOSE = 25
};

static const char *const commands[] = { "sleep",	"quit",		  "init_db",	  "query",	 "field_list",
					"create_db",	"drop_db",	  "refresh",	  "shutdown",	 "statistics",
					"process_info", "connect",	  "process_kill", "debug",	 "ping",
					"time",		"delayed_insert", "change_user",  "binlog_dump", "table_dump",
					"connect_out",	"register_slave", "prepare",	  "execute",	 "long_data",
					"close_stmt",	"reset_stmt",	  "set_option",	  "fetch_stmt" };

/* Those whose argument is text; the others' is binary, or secret. */
static const bool has_text[] = {
	[2] = true, [COM_QUERY] = true, [4] = true, [5] = true, [6] = true, [COM_PREPARE] = true
};

enum capability { CLIENT_PROTOCOL_41 = 0x200, CLIENT_SSL = 0x800 };

enum { HEAD = 4, ARG_MOST = 2048, ANSWER_MOST = 512 };
enum at { AT_GREETING, AT_LOGIN, AT_COMMANDS };

struct mysql {
	uint8_t at; /* of the login */
	bool waits; /* a row waits for the answer */
	uint8_t command;
	uint32_t skip[2]; /* of the present packet */
	struct line_name user;
};

/* The text up to where a password may follow. */
static struct toc_span without_secrets(struct toc_span sql)
{
	static const char *const words[] = { "PASSWORD", "IDENTIFIED", "AES_ENCRYPT", "AES_DECRYPT", NULL };
	size_t n = sql.n;
	for (const char *const *w = words; *w; w++) {
		size_t at = line_find(sql, *w);
		at = at < sql.n ? at + strlen(*w) : at;
		n = at < n ? at : n;
	}
	return toc_span_first(sql, n);
}

static void hold_row(struct mysql *m, const char *cmd, struct toc_span arg, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_MYSQL);
	toc_put_cstr(d, F_CMD, cmd);
	toc_put_str(d, F_ARG, arg);
	toc_sink_hold(s, d, 0);
	m->waits = true;
}

static void take_command(struct mysql *m, struct toc_span body, bool whole, struct toc_sink *s)
{
	uint8_t code = body.n ? body.p[0] : 0;
	struct toc_span arg = toc_span_from(body, 1);
	if (!body.n || code >= sizeof(commands) / sizeof(commands[0]))
		return;
	struct toc_draft *last = m->waits ? toc_sink_resume(s, K_MYSQL, 0) : NULL;
	if (last)
		toc_sink_commit(s, last); /* its answer was lost */
	m->command = code;
	bool text = code < sizeof(has_text) && has_text[code];
	if (code == COM_CHANGE_USER) {
		arg = toc_span_first(arg, toc_span_find(arg, 0));
		line_keep(&m->user, arg);
	} else {
		arg = text ? without_secrets(arg) : toc_span_first(arg, 0);
	}
	(void)whole;
	hold_row(m, commands[code], arg, s);
	if (code != COM_QUIT && code != COM_CLOSE && code != COM_LONG_DATA)
		return;
	toc_sink_commit(s, toc_sink_resume(s, K_MYSQL, 0)); /* no answer to these */
	m->waits = false;
}

/* HandshakeResponse, or an SSLRequest, which is its beginning. */
static enum toc_parse take_login(struct mysql *m, struct toc_span body, uint32_t length, struct toc_sink *s)
{
	struct toc_cursor c = toc_cursor_of(body);
	uint16_t low = toc_le16(&c);
	if (low & CLIENT_PROTOCOL_41) {
		toc_skip(&c, 2 + 4 + 1 + 23);
		if ((low & CLIENT_SSL) && length == 32) {
			toc_sink_child(s, "ssl");
			return TOC_DONE;
		}
	} else {
		toc_skip(&c, 3);
	}
	if (c.bad)
		return TOC_BAD;
	struct toc_span user = toc_span_first(toc_rest(&c), toc_span_find(toc_rest(&c), 0));
	if (!line_is_text(user))
		return TOC_BAD;
	line_keep(&m->user, user);
	hold_row(m, "login", user, s);
	m->at = AT_LOGIN;
	return TOC_MORE;
}

/* ERR: code, '#' and five of SQL state, text. */
static struct toc_span error_text(struct toc_span body)
{
	struct toc_span text = toc_span_from(body, 3);
	return text.n && text.p[0] == '#' ? toc_span_from(text, 6) : text;
}

/* A length-encoded integer of the first two sizes; false: larger or none. */
static bool read_count(struct toc_span s, uint64_t *n)
{
	if (s.n >= 1 && s.p[0] < 0xfb) {
		*n = s.p[0];
		return true;
	}
	if (s.n < 3 || s.p[0] != 0xfc)
		return false;
	*n = (uint64_t)s.p[1] | (uint64_t)s.p[2] << 8;
	return true;
}

static void take_answer(struct mysql *m, struct toc_span body, struct toc_sink *s)
{
	uint8_t first = body.n ? body.p[0] : 0;
	bool login = m->at == AT_LOGIN || m->command == COM_CHANGE_USER;
	uint64_t rows;
	if (!m->waits || (login && (first == 1 || first == 0xfe))) /* another proof is asked for */
		return;
	struct toc_draft *d = toc_sink_resume(s, K_MYSQL, 0);
	m->waits = false;
	if (!d)
		return;
	toc_put_bool(d, F_SUCCESS, first != 0xff);
	if (first == 0xff)
		toc_put_str(d, F_RESPONSE, error_text(body));
	else if (first == 0 && read_count(toc_span_from(body, 1), &rows))
		toc_put_uint(d, F_ROWS, rows);
	toc_sink_commit(s, d);
	if (login)
		login_told(s, K_AUTH, line_kept(&m->user), first == 0, "mysql", toc_span_first(body, 0));
	if (m->at == AT_LOGIN)
		m->at = AT_COMMANDS;
}

/* Protocol version 10, and a version of digits, ended by NUL. */
static bool is_greeting(struct toc_span body)
{
	struct toc_span version = toc_span_from(body, 1);
	size_t n = toc_span_find(version, 0);
	return body.n > 1 && body.p[0] == 10 && line_is_digit(version.p[0]) && n < version.n && n < 100 &&
	       line_is_text(toc_span_first(version, n));
}

static enum toc_parse take_packet(struct mysql *m, struct toc_span body, uint32_t length, uint8_t seq, enum toc_dir dir,
				  struct toc_sink *s)
{
	bool whole = body.n == length;
	if (dir == TOC_RESP) {
		if (m->at == AT_GREETING && seq == 0) {
			if (is_greeting(body))
				toc_sink_confirm(s, NULL);
			else
				return body.n && body.p[0] == 0xff ? TOC_DONE : TOC_BAD; /* refused before a word */
			return TOC_MORE;
		}
		take_answer(m, body, s);
		return TOC_MORE;
	}
	if (m->at == AT_GREETING && seq == 1)
		return take_login(m, body, length, s);
	if (seq == 0) {
		m->at = m->waits && m->at == AT_LOGIN ? AT_LOGIN : AT_COMMANDS;
		take_command(m, body, whole, s);
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct mysql *m = state;
	const uint32_t most = dir == TOC_ORIG ? ARG_MOST : ANSWER_MOST;
	while (toc_left(in)) {
		if (m->skip[dir]) {
			size_t n = toc_left(in) < m->skip[dir] ? toc_left(in) : m->skip[dir];
			toc_skip(in, n);
			m->skip[dir] -= (uint32_t)n;
			continue;
		}
		struct toc_cursor c = *in;
		uint32_t length = toc_u8(&c);
		length |= (uint32_t)toc_le16(&c) << 8;
		uint8_t seq = toc_u8(&c);
		uint32_t kept = length < most ? length : most;
		struct toc_span body = toc_take(&c, kept);
		if (c.bad)
			return toc_more(s, toc_left(in) < HEAD ? HEAD : HEAD + (size_t)kept);
		*in = c;
		m->skip[dir] = length - kept;
		enum toc_parse p = take_packet(m, body, length, seq, dir, s);
		if (p != TOC_MORE)
			return p;
	}
	return TOC_MORE;
}

/* Only within a packet is it known where the next begins. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct mysql *m = state;
	(void)s;
	if (n > m->skip[dir])
		return TOC_DONE;
	m->skip[dir] -= (uint32_t)n;
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	if (first.n < 5)
		return first.n < 4 || first.p[3] <= 1 ? TOC_MAYBE : TOC_NO;
	struct toc_cursor c = toc_cursor_of(first);
	uint32_t length = toc_u8(&c);
	length |= (uint32_t)toc_le16(&c) << 8;
	uint8_t seq = toc_u8(&c);
	struct toc_span body = toc_span_first(toc_rest(&c), length);
	if (dir == TOC_RESP) {
		bool could = seq == 0 && length >= 30 && length < 512 && body.p[0] == 10;
		if (!could || is_greeting(body))
			return could ? TOC_YES : TOC_NO;
		return body.n < length && body.n < 100 ? TOC_MAYBE : TOC_NO;
	}
	/* a client's bytes without the greeting: 23 bytes of nothing in the middle of a login */
	static const uint8_t nothing[19];
	if (seq != 1 || length < 32 || length > 4096 || body.n < 28)
		return seq == 1 && length >= 32 && length <= 4096 ? TOC_MAYBE : TOC_NO;
	return hint && memcmp(body.p + 9, nothing, sizeof(nothing)) == 0 && (body.p[1] & 2) ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 3306, 1434, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_mysql = { .name = "mysql",
					       .leads_to = leads_to,
					       .carriers = TOC_OVER_TCP,
					       .tcp_ports = ports,
					       .fields = fields,
					       .nfields = N_FIELDS,
					       .state_size = sizeof(struct mysql),
					       .probe = probe,
					       .parse = parse,
					       .gap = gap };
