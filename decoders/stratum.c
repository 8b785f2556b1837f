/* stratum - mining of coins: JSON-RPC lines between a miner and its pool (stratum v1; login of the CryptoNote kind). */
#include "decoders/line.h"

enum field { K_STRATUM, F_METHOD, F_AGENT, F_USER, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_STRATUM] = { "stratum", TOC_KIND, false, TOC_OPEN, NULL, "a miner signs in to a pool" },
	[F_METHOD] = { "method", TOC_STRING, false, TOC_OPEN, NULL, "mining.subscribe, mining.authorize, login" },
	[F_AGENT] = { "agent", TOC_STRING, false, TOC_DEVICE, NULL, "miner's program" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "worker or wallet; never the password" },
};

static const char *const miner[] = { "mining.subscribe",
				     "mining.authorize",
				     "mining.extranonce.subscribe",
				     "mining.configure",
				     "mining.submit",
				     "eth_submitLogin",
				     "eth_submitWork",
				     NULL };
static const char *const pool[] = { "mining.notify", "mining.set_difficulty", "mining.set_target", NULL };

enum { LINE = 2048 };

struct stratum {
	struct line_reader line[2];
};

/* The string behind s[at], a quotation mark before it; without escapes, which names here do not have. */
static struct toc_span string_at(struct toc_span s)
{
	size_t from = 0;
	while (from < s.n && (s.p[from] == ' ' || s.p[from] == ':' || s.p[from] == '['))
		from++;
	if (from >= s.n || s.p[from] != '"')
		return toc_span_first(s, 0);
	s = toc_span_from(s, from + 1);
	return toc_span_first(s, toc_span_find(s, '"'));
}

/* "name": "value", or the first element of a list of it. */
static struct toc_span member(struct toc_span line, const char *quoted)
{
	size_t at = line_find(line, quoted);
	return at == line.n ? toc_span_first(line, 0) : string_at(toc_span_from(line, at + strlen(quoted)));
}

/* What a miner says with this method, or NULL: it is of another protocol. */
static const char *method_of(struct toc_span line)
{
	struct toc_span method = member(line, "\"method\"");
	for (const char *const *m = miner; *m; m++)
		if (toc_span_is(method, *m))
			return *m;
	/* CryptoNote's: the login names a program and algorithms */
	bool login = toc_span_is(method, "login") && line_find(line, "\"login\":") < line.n &&
		     (line_find(line, "\"agent\"") < line.n || line_find(line, "\"algo\"") < line.n);
	return login ? "login" : NULL;
}

static void take_line(struct toc_span line, struct toc_sink *s)
{
	const char *method = method_of(line);
	if (!method || strcmp(method, "mining.submit") == 0 || strcmp(method, "eth_submitWork") == 0)
		return;
	toc_sink_confirm(s, NULL);
	struct toc_draft *d = toc_sink_begin(s, K_STRATUM);
	bool login = strcmp(method, "login") == 0;
	struct toc_span first = member(line, "\"params\""), none = toc_span_first(line, 0);
	struct toc_span agent = login					  ? member(line, "\"agent\"")
				: strcmp(method, "mining.subscribe") == 0 ? first
									  : none;
	struct toc_span user = login ? member(line, "\"login\":")
			       : strcmp(method, "mining.authorize") == 0 || strcmp(method, "eth_submitLogin") == 0
				       ? first
				       : none;
	toc_put_cstr(d, F_METHOD, method);
	if (agent.n)
		toc_put_str(d, F_AGENT, toc_span_first(agent, 128));
	if (user.n)
		toc_put_str(d, F_USER, toc_span_first(user, 256));
	toc_sink_commit(s, d);
}

static bool of_pool(struct toc_span line)
{
	struct toc_span method = member(line, "\"method\"");
	for (const char *const *m = pool; *m; m++)
		if (toc_span_is(method, *m))
			return true;
	return false;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct stratum *t = state;
	struct toc_span line;
	while (line_read(&t->line[dir], in, LINE, &line)) {
		if (line.n && line.p[0] != '{' && !t->line[dir].doubtful)
			return TOC_BAD;
		if (dir == TOC_ORIG)
			take_line(line, s);
		else if (of_pool(line))
			toc_sink_confirm(s, NULL);
	}
	return line_wait(in, s);
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	(void)n;
	(void)s;
	line_lost(&((struct stratum *)state)->line[dir]);
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_span rest = first, line = line_first(&rest);
	(void)hint;
	if (first.n && first.p[0] != '{')
		return TOC_NO;
	/* at once, not at the line's end: others that only name the protocol (presence_tcp.c) do not wait for it either
	 */
	if (dir == TOC_ORIG && method_of(line))
		return TOC_YES;
	if (toc_span_find(first, '\n') == first.n)
		return TOC_MAYBE;
	if (dir == TOC_ORIG)
		return TOC_NO;
	if (of_pool(line))
		return TOC_YES;
	/* a plain result: what the miner said decides */
	return line_find(line, "\"result\"") < line.n ? TOC_MAYBE : TOC_NO;
}

const struct toc_decoder toc_decoder_stratum = { .name = "stratum",
						 .carriers = TOC_OVER_TCP,
						 .fields = fields,
						 .nfields = N_FIELDS,
						 .state_size = sizeof(struct stratum),
						 .probe = probe,
						 .parse = parse,
						 .gap = gap };
