/* redis - commands and how they ended (RESP2, redis.io "Redis serialization protocol"); values and proofs are not told.
 */
#include "decoders/line.h"
#include "decoders/login.h"

enum field { K_REDIS, F_NAME, F_KEY, F_SUCCESS, F_REPLY, K_AUTH, N_FIELDS = K_AUTH + LOGIN_SIZE };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_REDIS] = { "redis", TOC_KIND, false, TOC_OPEN, NULL, "a command and whether it was done" },
	[F_NAME] = { "cmd.name", TOC_STRING, false, TOC_OPEN, NULL, "GET, SET, CONFIG …" },
	[F_KEY] = { "cmd.key", TOC_STRING, false, TOC_CONTENT, NULL, "first argument, where it is no secret" },
	[F_SUCCESS] = { "success", TOC_BOOL, false, TOC_OPEN, NULL, "the reply was no error" },
	[F_REPLY] = { "reply.value", TOC_STRING, false, TOC_OPEN, NULL, "OK, PONG, or an error's first word" },
	LOGIN_FIELDS(K_AUTH),
};

enum { ARGS_MOST = 1 << 20, DEPTH = 10, WORD = 256, HEAD_MOST = 64, PENDING_MOST = 1024 };

/* One value of RESP: how many are still to come at each depth, and what is left of a string. */
struct value {
	uint32_t left[DEPTH];
	uint8_t depth;
	uint64_t skip; /* of a string and its line end */
};

struct redis {
	struct value value[2];
	struct line_reader line[2];
	uint32_t first, next; /* keys of rows that wait: [first, next) */
	uint8_t arg;	      /* place of the next argument, as far as it matters */
	bool error, off, auth_waits;
	uint32_t auth_key;
	struct line_name name, key;
};

/* Commands whose first argument is, or may be, a proof of identity. */
static bool is_secret(struct toc_span name)
{
	static const char *const names[] = { "AUTH", "HELLO", "ACL", "MIGRATE", NULL };
	for (const char *const *n = names; *n; n++)
		if (toc_span_ieq(name, toc_span_str(*n)))
			return true;
	return false;
}

static void end_command(struct redis *r, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_REDIS);
	toc_put_str(d, F_NAME, line_kept(&r->name));
	if (r->key.n && !is_secret(line_kept(&r->name)))
		toc_put_str(d, F_KEY, line_kept(&r->key));
	if (toc_span_ieq(line_kept(&r->name), toc_span_str("AUTH"))) {
		r->auth_waits = true;
		r->auth_key = r->next;
	}
	toc_sink_hold(s, d, r->next++);
	if (r->next - r->first > PENDING_MOST) /* nobody answers: rows go out by the cap of those that wait */
		r->first = r->next;
	r->arg = 0;
	r->name.n = r->key.n = 0;
	toc_sink_confirm(s, NULL);
}

static void take_argument(struct redis *r, struct toc_span text)
{
	if (r->arg == 0)
		line_keep(&r->name, text);
	else if (r->arg == 1)
		line_keep(&r->key, text);
	r->arg = r->arg < 2 ? (uint8_t)(r->arg + 1) : r->arg;
}

/* The words of an error may quote the command: only the first, its kind, is told. */
static void end_reply(struct redis *r, struct toc_span said, struct toc_sink *s)
{
	if (r->first == r->next)
		return; /* a push, or an answer to what was not seen */
	struct toc_draft *d = toc_sink_resume(s, K_REDIS, r->first++);
	if (!d)
		return;
	toc_put_bool(d, F_SUCCESS, !r->error);
	if (said.n)
		toc_put_str(d, F_REPLY, line_word(&said));
	toc_sink_commit(s, d);
	if (r->auth_waits && r->auth_key == r->first - 1) {
		r->auth_waits = false;
		login_told(s, K_AUTH, toc_span_first(said, 0), !r->error, "redis", toc_span_first(said, 0));
	}
}

/* One element is over; true: the whole value is. */
static bool element_done(struct value *v)
{
	while (v->depth) {
		if (--v->left[v->depth - 1])
			return false;
		v->depth--;
	}
	return true;
}

/* ":1", "*3", "$5": the number; -1 means nothing is there. */
static bool read_number(struct toc_span text, uint64_t *n)
{
	if (toc_span_is(text, "-1")) {
		*n = 0;
		return true;
	}
	return line_uint(text, n);
}

/* One line of RESP; BAD: it is none. *said gets the words of a simple string or error that is the whole reply. */
static enum toc_parse take_line(struct redis *r, struct toc_span line, enum toc_dir dir, bool *over,
				struct toc_span *said)
{
	struct value *v = &r->value[dir];
	uint8_t type = line.n ? line.p[0] : 0;
	struct toc_span text = toc_span_from(line, 1);
	uint64_t n = 0;
	bool counted = type == '*' || type == '$';
	*said = toc_span_first(text, 0);
	*over = false;
	if (counted && (!read_number(text, &n) || n > UINT32_MAX))
		return TOC_BAD;
	if (type == '*' && n) {
		if (n > ARGS_MOST || v->depth == DEPTH)
			return TOC_BAD;
		v->left[v->depth++] = (uint32_t)n;
		return TOC_MORE;
	}
	if (type == '$' && line.p[1] != '-') {
		v->skip = n + 2;
		return TOC_MORE;
	}
	if (!counted && type != '+' && type != '-' && type != ':')
		return TOC_BAD;
	if (dir == TOC_RESP && v->depth == 0) {
		r->error = type == '-';
		*said = type == ':' ? *said : text;
	}
	*over = element_done(v);
	return TOC_MORE;
}

/* A string: the client's first two are looked at, all others passed over. */
static bool read_string(struct redis *r, struct toc_cursor *in, enum toc_dir dir)
{
	struct value *v = &r->value[dir];
	bool wanted = dir == TOC_ORIG && v->depth == 1 && r->arg < 2 && v->skip > 2;
	if (wanted && v->skip <= WORD + 2) {
		if (toc_left(in) < v->skip)
			return false;
		struct toc_span text = toc_take(in, (size_t)v->skip);
		take_argument(r, toc_span_first(text, text.n - 2));
		v->skip = 0;
		return true;
	}
	if (wanted) /* too long for a name: a place in the row is taken all the same */
		take_argument(r, toc_span_first(toc_rest(in), 0));
	size_t n = toc_left(in) < v->skip ? toc_left(in) : (size_t)v->skip;
	if (wanted && n < v->skip)
		r->arg = 2;
	toc_skip(in, n);
	v->skip -= n;
	return v->skip == 0;
}

/* "PING\r\n": a command without the array (inline). */
static void take_inline(struct redis *r, struct toc_span line, struct toc_sink *s)
{
	take_argument(r, line_word(&line));
	struct toc_span key = line_word(&line);
	if (key.n)
		take_argument(r, key);
	end_command(r, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct redis *r = state;
	struct value *v = &r->value[dir];
	struct toc_span line, said;
	bool over;
	while (toc_left(in)) {
		if (v->skip) {
			if (!read_string(r, in, dir))
				return toc_left(in) ? toc_more(s, toc_left(in) + 1) : TOC_MORE;
			over = element_done(v);
			said = toc_span_first(toc_rest(in), 0);
			r->error = dir == TOC_RESP ? false : r->error;
		} else {
			if (!line_read(&r->line[dir], in, LINE_MOST, &line))
				return line_wait(in, s);
			if (dir == TOC_ORIG && v->depth == 0 && line.n && line_is_alpha(line.p[0])) {
				take_inline(r, line, s);
				continue;
			}
			if (!line.n && v->depth == 0)
				continue;
			if (take_line(r, line, dir, &over, &said) == TOC_BAD)
				return TOC_BAD;
		}
		if (over && dir == TOC_ORIG)
			end_command(r, s);
		else if (over)
			end_reply(r, said, s);
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct redis *r = state;
	(void)s;
	if (n >= r->value[dir].skip)
		return TOC_DONE; /* where the next value begins is not known */
	r->value[dir].skip -= n;
	return TOC_MORE;
}

/* "*3\r\n$3\r\n": an array whose first element is a string. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char *const answers[] = {
		"-NOAUTH ", "-DENIED ", "-ERR ", "-WRONGPASS ", "+PONG\r", "+OK\r", NULL
	};
	if (!first.n)
		return TOC_MAYBE;
	if (dir == TOC_RESP) {
		enum toc_probe is = line_begins_any(first, answers);
		bool could = first.p[0] == '*' || first.p[0] == '$' || first.p[0] == ':' || first.p[0] == '+' ||
			     first.p[0] == '-';
		return hint && is == TOC_YES ? TOC_YES : could ? TOC_MAYBE : TOC_NO;
	}
	struct toc_span rest = first, line = line_first(&rest), count = toc_span_from(line, 1);
	if (first.p[0] != '*') /* inline: known words at the port */
		return hint && (line_begins(first, "PING\r") || line_begins(first, "INFO") ||
				line_begins(first, "AUTH ") || line_begins(first, "CONFIG "))
			       ? (toc_span_find(first, '\n') < first.n ? TOC_YES : TOC_MAYBE)
			       : TOC_NO;
	if (line_digits(count) < count.n || count.n > 6)
		return TOC_NO;
	struct toc_span size = toc_span_from(rest, 1);
	if (rest.n == 0)
		return TOC_MAYBE;
	if (rest.p[0] != '$')
		return TOC_NO;
	size_t digits = line_digits(size);
	if (digits == size.n)
		return TOC_MAYBE;
	return digits && digits < 4 && size.p[digits] == '\r' ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 6379, 0 };

const struct toc_decoder toc_decoder_redis = { .name = "redis",
					       .carriers = TOC_OVER_TCP,
					       .tcp_ports = ports,
					       .fields = fields,
					       .nfields = N_FIELDS,
					       .state_size = sizeof(struct redis),
					       .probe = probe,
					       .parse = parse,
					       .gap = gap };
