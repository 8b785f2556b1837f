/* redact - one pass over the places where a value can begin. */
#define _GNU_SOURCE
#include "normalise/redact.h"

#include "base/bytes.h"

/* In the order of their lengths. */
static const char *const secrets[] = {
	"pwd",	      "psk",	     "pin",	     "pass",	     "token",	      "passwd",
	"secret",     "apikey",	     "cookie",	     "api_key",	     "api-key",	      "password",
	"sessionid",  "x-api-key",   "passphrase",   "access_key",   "set-cookie",    "session_id",
	"auth_token", "private_key", "presharedkey", "access_token", "authorization", "client_secret",
};

/* Where the secrets of a length begin: 3 to 13 bytes, and the end. */
static const uint8_t secrets_at[] = { 0, 0, 0, 0, 3, 4, 5, 9, 11, 12, 14, 19, 20, 22, 24 };
enum { SECRET_MOST = 13 };
_Static_assert(sizeof(secrets_at) == SECRET_MOST + 2, "a beginning for each length, and the end");
_Static_assert(sizeof(secrets) / sizeof(secrets[0]) == 24, "what secrets_at ends with");

/* The letters that secrets end in: most names end here. */
static bool may_be_secret(uint8_t last)
{
	static const uint8_t letters[256] = {
		['d'] = 1, ['e'] = 1, ['y'] = 1, ['n'] = 1, ['k'] = 1, ['s'] = 1, ['t'] = 1,
		['D'] = 1, ['E'] = 1, ['Y'] = 1, ['N'] = 1, ['K'] = 1, ['S'] = 1, ['T'] = 1
	};
	return letters[last];
}

bool redact_name(struct toc_span name)
{
	if (!name.n || name.n > SECRET_MOST || !may_be_secret(name.p[name.n - 1]))
		return false;
	for (unsigned i = secrets_at[name.n]; i < secrets_at[name.n + 1]; i++)
		if (toc_span_ieq(name, toc_span_of(secrets[i], name.n)))
			return true;
	return false;
}

/* Firewalls number their sessions; a cookie is more than digits. */
bool redact_pair(struct toc_span name, struct toc_span value)
{
	size_t i = 0;
	if (!redact_name(name))
		return false;
	while (i < value.n && value.p[i] >= '0' && value.p[i] <= '9')
		i++;
	return !(toc_lower(name.p[0]) == 's' && toc_lower(name.p[2]) == 's' && i == value.n && i > 0 && i <= 20);
}

static bool in_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The word right before `at`, which may be quoted, and a space behind it; n = 0: none, or one that is no secret's. What
 * ProCurve calls "community name or user name" is a secret where it is the first. */
static struct toc_span name_before(struct toc_span text, size_t at)
{
	static const char snmp[] = "community name or user name";
	size_t end = at > 0 && text.p[at - 1] == ' ' ? at - 1 : at;
	if (end && (text.p[end - 1] == '"' || text.p[end - 1] == '\''))
		end--;
	if (end == 0 || !may_be_secret(text.p[end - 1]))
		return toc_span_first(text, 0);
	if (end >= sizeof(snmp) - 1 && memcmp(text.p + end - (sizeof(snmp) - 1), snmp, sizeof(snmp) - 1) == 0)
		return toc_span_str("secret");
	size_t start = end;
	while (start && end - start < 24 && in_name(text.p[start - 1]))
		start--;
	while (start < end && text.p[start] == '-') /* --password= */
		start++;
	return toc_span_of(text.p + start, end - start);
}

/* Where the value that begins at `at` ends. */
static size_t value_end(struct toc_span text, size_t at, bool whole_line)
{
	uint8_t quote = at < text.n && (text.p[at] == '"' || text.p[at] == '\'') ? text.p[at] : 0;
	size_t i = at + (quote != 0);
	if (whole_line)
		return text.n;
	while (i < text.n && (quote ? text.p[i] != quote
				    : text.p[i] != ' ' && text.p[i] != '&' && text.p[i] != ',' && text.p[i] != ';'))
		i++;
	return i < text.n && quote ? i + 1 : i;
}

static size_t append(uint8_t *out, size_t n, size_t room, struct toc_span s)
{
	size_t take = s.n < room - n ? s.n : room - n;
	if (take)
		memcpy(out + n, s.p, take);
	return n + take;
}

/* Where the password of a URL lies whose scheme ends at `colon` ("://user:password@host", RFC 3986, section 3.2.1); 0:
 * none. It goes to the last @ before the path: some write it as it is. */
static size_t url_password(struct toc_span text, size_t colon, size_t *end)
{
	struct toc_span rest = toc_span_from(text, colon + 1);
	size_t from = 0, to = 0;
	if (!toc_span_starts(rest, "//"))
		return 0;
	for (size_t at = 2; at < rest.n && rest.p[at] > ' ' && !strchr("/?#\"'<>", rest.p[at]); at++) {
		if (rest.p[at] == ':' && !from && !to)
			from = at + 1;
		if (rest.p[at] == '@')
			to = at;
	}
	*end = colon + 1 + to;
	return from && from < to ? colon + 1 + from : 0;
}

/* Words that stand behind "password:" and are none: Cisco's "reason = Invalid password : local database : user = …",
 * PAM's "pam_unix(passwd:chauthtok)". */
static bool tells_none(struct toc_span text, size_t at)
{
	struct toc_span value = toc_span_from(text, at);
	return toc_span_starts(value, "local database") || toc_span_starts(value, "chauthtok)");
}

struct toc_span redact_text(struct toc_span text, uint8_t *out, size_t room)
{
	size_t n = 0, done = 0, end;
	if (text.n < sizeof("pwd=x") - 1)
		return text;
	for (size_t i = toc_bytes_find2(text, 0, '=', ':'); i < text.n; i = toc_bytes_find2(text, i + 1, '=', ':')) {
		struct toc_span name = name_before(text, i);
		size_t at = url_password(text, i, &end);
		if (at) {
			n = append(out, n, room, toc_span_of(text.p + done, at - done));
			n = append(out, n, room, toc_span_str("[redacted]"));
			done = end;
			i = end - 1;
			continue;
		}
		at = i + 1;
		if (name.n < 3 || !redact_name(name))
			continue;
		while (at < text.n && text.p[at] == ' ')
			at++;
		bool folder = toc_span_ieq(name, toc_span_str("pwd")) && at < text.n && text.p[at] == '/';
		if (at >= text.n || folder) /* sudo's PWD is where it was called */
			continue;
		if (tells_none(text, at))
			continue;
		size_t quote = text.p[at] == '"';
		end = value_end(text, at, false);
		if (end > at + 2 * quote && !redact_pair(name, toc_span_of(text.p + at + quote, end - at - 2 * quote)))
			continue;
		bool header = text.p[i] == ':' && (toc_span_ieq(name, toc_span_str("authorization")) ||
						   toc_span_ieq(name, toc_span_str("cookie")));
		n = append(out, n, room, toc_span_of(text.p + done, at - done));
		n = append(out, n, room, toc_span_str("[redacted]"));
		done = value_end(text, at, header);
		i = done ? done - 1 : 0;
	}
	if (!done)
		return text;
	n = append(out, n, room, toc_span_from(text, done));
	return toc_span_of(out, n);
}

/* --- commands of network devices ---------------------------------------------------------------------------------- */

/* Words of a configuration's language behind which a secret stands, after what tells how it is written (0, 5, 7 …). */
static const struct {
	size_t n;
	const char *word;
} command_words[] = {
#define WORD(text)                                                                                                     \
	{                                                                                                              \
		sizeof(text) - 1, text                                                                                 \
	}
	WORD("password"),      WORD("secret"),
	WORD("key"),	       WORD("key-string"),
	WORD("community"),     WORD("psk"),
	WORD("passphrase"),    WORD("pre-shared-key"),
	WORD("ascii"),	       WORD("md5"),
	WORD("sha"),	       WORD("cipher"),
	WORD("plaintext"),     WORD("wpa-passphrase"),
	WORD("simple"),	       WORD("hash"),
	WORD("auth"),	       WORD("priv"),
	WORD("encpass:"),      WORD("authentication-key"),
	WORD("shared-secret"), WORD("ciphertext"),
	WORD("aes"),	       WORD("des")
#undef WORD
};

static bool is_command_word(struct toc_span w)
{
	for (size_t i = 0; i < sizeof(command_words) / sizeof(command_words[0]); i++)
		if (w.n == command_words[i].n && toc_span_ieq(w, toc_span_of(command_words[i].word, w.n)))
			return true;
	return false;
}

/* The next word from *i on, without the quotes and brackets around it; n = 0: none. */
static struct toc_span next_word(struct toc_span text, size_t *i)
{
	static const char around[] = "'\"[]()";
	while (*i < text.n && (text.p[*i] == ' ' || memchr(around, text.p[*i], sizeof(around) - 1)))
		++*i;
	size_t begin = *i;
	while (*i < text.n && text.p[*i] != ' ' && !memchr(around, text.p[*i], sizeof(around) - 1))
		++*i;
	return toc_span_of(text.p + begin, *i - begin);
}

struct toc_span redact_command(struct toc_span text, uint8_t *out, size_t room)
{
	size_t n = 0, done = 0;
	bool armed = false;
	if (!text.n || (!memmem(text.p, text.n, "ommand", 6) && !memmem(text.p, text.n, "executed", 8)))
		return text;
	for (size_t i = 0; i < text.n;) {
		struct toc_span w = next_word(text, &i);
		bool sort = w.n && w.n < 4 && w.p[0] >= '0' &&
			    w.p[0] <= '9'; /* "7" in "password 7 0822455D0A16", "128" of aes */
		if (is_command_word(w)) {
			armed = true;
		} else if (armed && w.n && !sort && !toc_span_is(w, "[redacted]")) {
			n = append(out, n, room, toc_span_of(text.p + done, (size_t)(w.p - text.p) - done));
			n = append(out, n, room, toc_span_str("[redacted]"));
			done = i;
			armed = false;
		}
	}
	if (!done)
		return text;
	n = append(out, n, room, toc_span_from(text, done));
	return toc_span_of(out, n);
}

/* --- mail --------------------------------------------------------------------------------------------------------- */

static bool in_address(uint8_t c)
{
	return c > 0x20 && c != '<' && c != '>' && c != ',' && c != ';' && c != '"' && c != '(' && c != ')' &&
	       c != '[' && c != ']' && c != '=' && c != ':' && c != '\'' && c != '{' && c != '}';
}

/* Where an address around the `@` at `at` begins and ends; false: it stands alone. */
static bool address_around(struct toc_span s, size_t at, size_t *from, size_t *to)
{
	*from = at;
	*to = at + 1;
	while (*from && in_address(s.p[*from - 1]))
		--*from;
	while (*to < s.n && in_address(s.p[*to]))
		++*to;
	return *from<at && * to> at + 1;
}

/* In front of `=` or `:`: what follows is content, to the end. */
static const char *const of_the_rest[] = { "subject", "subj", "filename", "attachment", NULL };
/* In front of a bracket: in it stand names of attachments (amavis), or for whom a message is (dovecot). */
static const char *const of_the_bracket[] = { "banned", "lmtp", "lda", "deliver", NULL };
/* In front of `=<` or `:<`, and of `<` and `> unknown`: in it stands for whom a message is. */
static const char *const of_the_recipient[] = { "to", "orig_to", NULL };
static const char *const of_the_unknown[] = { "user", NULL };

/* Does one of the words stand in front of i? */
static bool follows(struct toc_span s, size_t i, const char *const *names)
{
	size_t end = i, start;
	while (end && s.p[end - 1] == ' ')
		end--;
	for (start = end; start && in_name(s.p[start - 1]); start--)
		;
	for (; *names; names++)
		if (toc_span_ieq(toc_span_of(s.p + start, end - start), toc_span_str(*names)))
			return true;
	return false;
}

/* The bytes of a recipient's name without a domain behind the `<` at i: `to=<erin>`, `RCPT TO:<erin>`, Courier's
 * `User <erin> unknown`. 0: none, or one with a domain. */
static size_t bare_recipient(struct toc_span s, size_t i)
{
	enum { ADDRESS_MOST = 320 }; /* RFC 5321, 4.5.3.1; no line costs its length squared */
	const bool to = i && (s.p[i - 1] == '=' || s.p[i - 1] == ':') && follows(s, i - 1, of_the_recipient);
	if (!to && !follows(s, i, of_the_unknown))
		return 0;
	const struct toc_span rest = toc_span_first(toc_span_from(s, i + 1), ADDRESS_MOST);
	const size_t n = toc_span_find(rest, '>');
	const struct toc_span behind = toc_span_from(s, i + 1 + n);
	if (toc_span_find(toc_span_first(rest, n), '@') < n)
		return 0;
	return to || !behind.n || toc_span_starts(behind, "> unknown") ? n : 0;
}

struct toc_span redact_mail(struct toc_span text, uint8_t *out, size_t room)
{
	size_t n = 0, done = 0;
	for (size_t i = 0; i < text.n; i++) {
		size_t from, to;
		if ((text.p[i] == ':' || text.p[i] == '=') && follows(text, i, of_the_rest)) {
			n = append(out, n, room, toc_span_of(text.p + done, i + 1 - done));
			n = append(out, n, room, toc_span_str(" [redacted]"));
			return toc_span_of(out, n);
		}
		if (text.p[i] == '(' && follows(text, i, of_the_bracket)) {
			n = append(out, n, room, toc_span_of(text.p + done, i + 1 - done));
			n = append(out, n, room, toc_span_str("[redacted]"));
			done = i + 1 + toc_span_find(toc_span_from(text, i + 1), ')');
			i = done - 1;
			continue;
		}
		if (text.p[i] == '<' && (to = bare_recipient(text, i)) > 0) {
			n = append(out, n, room, toc_span_of(text.p + done, i + 1 - done));
			n = append(out, n, room, toc_span_str("[address]"));
			done = i + 1 + to;
			i = done - 1;
			continue;
		}
		if (text.p[i] != '@' || !address_around(text, i, &from, &to) || from < done)
			continue;
		n = append(out, n, room, toc_span_of(text.p + done, from - done));
		n = append(out, n, room, toc_span_str("[address]"));
		done = to;
		i = to - 1;
	}
	if (!done)
		return text;
	n = append(out, n, room, toc_span_from(text, done));
	return toc_span_of(out, n);
}
