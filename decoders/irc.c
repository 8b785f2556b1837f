/* irc - names, channels and offers of files in Internet Relay Chat (RFC 2812; DCC SEND), as Zeek's irc.log has them. */
#include "decoders/line.h"

enum field { K_IRC, F_NICK, F_USER, F_COMMAND, F_VALUE, F_ADDL, F_DCC_FILE_NAME, F_DCC_FILE_SIZE, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_IRC] = { "irc", TOC_KIND, false, TOC_OPEN, NULL, "NICK, USER, JOIN, or an offer of a file" },
	[F_NICK] = { "nick", TOC_STRING, false, TOC_PERSON, NULL, "nickname so far" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "user name so far" },
	[F_COMMAND] = { "command", TOC_STRING, false, TOC_OPEN, NULL, "NICK, USER, JOIN, DCC" },
	[F_VALUE] = { "value", TOC_STRING, false, TOC_PERSON, NULL,
		      "the new name, the channel, whom the offer is for" },
	[F_ADDL] = { "addl", TOC_STRING, false, TOC_PERSON, NULL, "USER: host, server and real name" },
	[F_DCC_FILE_NAME] = { "dcc_file_name", TOC_STRING, false, TOC_CONTENT, NULL, "file that is offered" },
	[F_DCC_FILE_SIZE] = { "dcc_file_size", TOC_UINT, false, TOC_OPEN, "B", "its size as offered" },
};

enum { LINE = 1024, STRANGE_MOST = 5 };

struct irc {
	struct line_reader line[2];
	struct line_name nick, user;
	bool told, starttls;
	uint8_t strange;
};

static struct toc_draft *begin(const struct irc *c, const char *command, struct toc_span value, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_IRC);
	if (c->nick.n)
		toc_put_str(d, F_NICK, line_kept(&c->nick));
	if (c->user.n)
		toc_put_str(d, F_USER, line_kept(&c->user));
	toc_put_cstr(d, F_COMMAND, command);
	toc_put_str(d, F_VALUE, value);
	return d;
}

/* A middle parameter, or the trailing one without its colon (RFC 2812, section 2.3.1). */
static struct toc_span param(struct toc_span *rest)
{
	if (rest->n && rest->p[0] == ':') {
		struct toc_span all = toc_span_from(*rest, 1);
		*rest = toc_span_from(all, all.n);
		return all;
	}
	return line_word(rest);
}

static void take_user(struct irc *c, struct toc_span rest, struct toc_sink *s)
{
	uint8_t text[LINE + 4];
	size_t n = 0;
	struct toc_span user = param(&rest);
	struct toc_draft *d = begin(c, "USER", user, s);
	for (unsigned i = 0; i < 3; i++) {
		struct toc_span word = param(&rest);
		if (n)
			text[n++] = ' ';
		if (word.n)
			memcpy(text + n, word.p, word.n);
		n += word.n;
	}
	toc_put_str(d, F_ADDL, toc_span_of(text, n));
	toc_sink_commit(s, d);
	line_keep(&c->user, user);
}

/* JOIN channels [keys]: a key is a password, and not told. */
static void take_join(const struct irc *c, struct toc_span rest, struct toc_sink *s)
{
	struct toc_span channels = param(&rest);
	for (unsigned i = 0; channels.n && i < 16; i++) {
		size_t n = toc_span_find(channels, ',');
		if (n)
			toc_sink_commit(s, begin(c, "JOIN", toc_span_first(channels, n), s));
		channels = toc_span_from(channels, n + 1);
	}
}

/* PRIVMSG target :^ADCC SEND name address port [size]^A; the address is a number. */
static void take_message(const struct irc *c, struct toc_span rest, struct toc_sink *s)
{
	struct toc_span target = param(&rest), text = param(&rest), name;
	uint64_t address, port, size;
	if (!line_starts(text, "\001DCC SEND "))
		return;
	text = toc_span_from(text, 10);
	text = toc_span_first(text, toc_span_find(text, 1));
	if (text.n && text.p[0] == '"') {
		text = toc_span_from(text, 1);
		name = toc_span_first(text, toc_span_find(text, '"'));
		text = line_trim(toc_span_from(text, name.n + 1));
	} else {
		name = line_word(&text);
	}
	if (!line_uint(line_word(&text), &address) || !line_uint(line_word(&text), &port) || port > 65535)
		return;
	struct toc_draft *d = begin(c, "DCC", target, s);
	toc_put_str(d, F_DCC_FILE_NAME, name);
	if (line_uint(line_word(&text), &size))
		toc_put_uint(d, F_DCC_FILE_SIZE, size);
	toc_sink_commit(s, d);
	if (address > UINT32_MAX || port == 0)
		return;
	uint8_t v4[4] = { (uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8),
			  (uint8_t)address };
	struct toc_addr host = toc_addr_v4(v4);
	toc_sink_expect(s, &host, (uint16_t)port, "irc-dcc-data");
}

/* Words that no other protocol's lines begin with. */
static const char *const own_words[] = { "NICK", "JOIN", "PRIVMSG", "CAP", "PONG", "NOTICE", NULL };

static bool own_word(struct toc_span word)
{
	for (const char *const *w = own_words; *w; w++)
		if (toc_span_ieq(word, toc_span_str(*w)))
			return true;
	return false;
}

static enum toc_parse take_line(struct irc *c, struct toc_span line, enum toc_dir dir, struct toc_sink *s)
{
	if (line.n && line.p[0] == ':')
		line_word(&line);
	struct toc_span word = line_word(&line);
	bool numeric = word.n == 3 && line_digits(word) == 3;
	if (own_word(word) || (numeric && dir == TOC_RESP)) {
		toc_sink_confirm(s, NULL);
		c->told = true;
	} else if (!c->told && ++c->strange > STRANGE_MOST) {
		return TOC_BAD;
	}
	if (toc_span_ieq(word, toc_span_str("PRIVMSG")))
		take_message(c, line, s);
	if (dir == TOC_RESP) {
		if (!c->starttls || !toc_span_is(word, "670"))
			return TOC_MORE;
		toc_sink_child(s, "ssl");
		return TOC_DONE;
	}
	if (toc_span_ieq(word, toc_span_str("NICK"))) {
		struct toc_span nick = param(&line);
		toc_sink_commit(s, begin(c, "NICK", nick, s));
		line_keep(&c->nick, nick);
	} else if (toc_span_ieq(word, toc_span_str("USER"))) {
		take_user(c, line, s);
	} else if (toc_span_ieq(word, toc_span_str("JOIN"))) {
		take_join(c, line, s);
	}
	c->starttls = toc_span_ieq(word, toc_span_str("STARTTLS"));
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct irc *c = state;
	struct toc_span line;
	while (line_read(&c->line[dir], in, LINE, &line)) {
		if (c->line[dir].doubtful)
			continue;
		enum toc_parse said = take_line(c, line, dir, s);
		if (said != TOC_MORE)
			return said;
	}
	return line_wait(in, s);
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	(void)n;
	(void)s;
	line_lost(&((struct irc *)state)->line[dir]);
	return TOC_MORE;
}

/* USER name host server :real name. */
static bool is_user(struct toc_span line)
{
	struct toc_span word = line_word(&line);
	unsigned n = 0;
	while (line.n && line.p[0] != ':' && n < 4)
		n += line_word(&line).n != 0;
	return toc_span_ieq(word, toc_span_str("USER")) && n >= 3;
}

/* ":server 001 …", ":nick!user@host PRIVMSG …", "NOTICE AUTH :…". */
static bool is_server(struct toc_span line)
{
	bool prefix = line.n && line.p[0] == ':';
	if (prefix)
		line_word(&line);
	struct toc_span word = line_word(&line);
	if (prefix && word.n == 3 && line_digits(word) == 3 && line.n)
		return true;
	return line.n &&
	       (toc_span_is(word, "NOTICE") || (prefix && (toc_span_is(word, "PRIVMSG") || toc_span_is(word, "JOIN"))));
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char *const client[] = { "NICK ",	 "USER ",    "PASS ",	   "CAP LS",
					      "CAP REQ", "PRIVMSG ", "STARTTLS\r", NULL },
				 *const server[] = { ":", "NOTICE ", "PING :", "ERROR :", NULL };
	(void)hint;
	enum toc_probe best = line_begins_any(first, dir == TOC_ORIG ? client : server);
	if (best != TOC_YES)
		return best;
	for (struct toc_span rest = first; toc_span_find(rest, '\n') < rest.n;) {
		size_t end = toc_span_find(rest, '\n');
		struct toc_span line = line_trim(toc_span_first(rest, end)), word = line;
		word = line_word(&word);
		if (!line_is_text(line))
			return TOC_NO;
		if (dir == TOC_RESP ? is_server(line) : is_user(line) || own_word(word))
			return TOC_YES;
		rest = toc_span_from(rest, end + 1);
	}
	return TOC_MAYBE;
}

static const uint16_t ports[] = { 6666, 6667, 6668, 6669, 7000, 0 };

static const char *const leads_to[] = { "irc-dcc-data", "ssl", NULL };

const struct toc_decoder toc_decoder_irc = { .name = "irc",
					     .leads_to = leads_to,
					     .carriers = TOC_OVER_TCP,
					     .tcp_ports = ports,
					     .fields = fields,
					     .nfields = N_FIELDS,
					     .state_size = sizeof(struct irc),
					     .probe = probe,
					     .parse = parse,
					     .gap = gap };
