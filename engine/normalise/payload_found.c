/* payload_found - what a free text says for itself: addresses with their ports, hardware addresses, and the words
 * behind "user", "interface" and their like. For the thousand messages of a device that no pattern spells out. */
#include "normalise/parsers.h"
#include "normalise/payload.h"

enum { ADDRESSES = 4, MACS = 3, LONGEST = 128 };

static const char *const ip_names[ADDRESSES] = { "ip", "ip2", "ip3", "ip4" };
static const char *const port_names[ADDRESSES] = { "ip_port", "ip2_port", "ip3_port", "ip4_port" };
static const char *const mac_names[MACS] = { "mac", "mac2", "mac3" };

/* A word, and what its value is called. `whole`: the value goes on to a comma, a semicolon or the end. */
static const struct said {
	const char *word, *name;
	bool whole;
} saids[] = { { "user", "user", false },
	      { "username", "user", false },
	      { "uname", "user", false },
	      { "interface", "interface", false },
	      { "port", "interface", false },
	      { "ifname", "interface", false },
	      { "vlan", "vlan", false },
	      { "ssid", "ssid", false },
	      { "bssid", "bssid", false },
	      { "hostname", "host_name", false },
	      { "ap", "ap", false },
	      { "reason", "reason", true },
	      { "protocol", "protocol", false },
	      { "group", "group", false },
	      { "session", "session", false },
	      { "vrf", "vrf", false },
	      { "tunnel", "tunnel", false },
	      { "acl", "acl", false },
	      { "policy", "policy", false },
	      { "service", "service", false },
	      { "status", "status", false },
	      { "role", "role", false },
	      { "profile", "profile", false },
	      { "channel", "channel", false } };

enum { SAID_PORT = 4 };

/* Behind one of these "for x" says whose; "x logged in" says it without a word in front. */
static const char *const entries[] = {
	"login", "logon", "authentication", "auth", "password", "authenticated", "sign", NULL
};

struct finding {
	struct payload *out;
	unsigned ips, macs;
	bool entry; /* one of them was said */
};

static bool in_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t digits(struct toc_span s)
{
	size_t n = 0;
	while (n < s.n && n < 6 && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* "/443", ":443", "(443)", " port 443" behind an address. */
static size_t port_behind(struct finding *f, struct toc_span s)
{
	static const char said[] = " port ";
	if (toc_span_starts(s, said)) {
		struct toc_span number = toc_span_from(s, sizeof(said) - 1);
		size_t long_n = digits(number);
		if (long_n && long_n < 6 &&
		    (long_n == number.n || !(in_word(number.p[long_n]) || number.p[long_n] == '/')))
			payload_add(f->out, toc_span_str(port_names[f->ips - 1]), toc_span_first(number, long_n));
		return long_n && long_n < 6 ? sizeof(said) - 1 + long_n : 0;
	}
	size_t n = s.n && (s.p[0] == '/' || s.p[0] == ':' || s.p[0] == '(') ? digits(toc_span_from(s, 1)) : 0;
	if (n == 0 || n > 5 || (1 + n < s.n && (in_word(s.p[1 + n]) || s.p[1 + n] == '.')) ||
	    (s.p[0] == '/' && n < 3 && s.p[1] < '4'))
		return 0;
	payload_add(f->out, toc_span_str(port_names[f->ips - 1]), toc_span_of(s.p + 1, n));
	return 1 + n;
}

/* An address that begins here, with its port; 0 = none. Two colons or three dots at least: 10:15 is a time. */
static size_t address(struct finding *f, struct toc_span s)
{
	size_t n = f->ips < ADDRESSES ? parser_extent(TAKE_IP, s) : 0;
	if (n < 3 || (n < s.n && in_word(s.p[n])))
		return 0;
	payload_add(f->out, toc_span_str(ip_names[f->ips++]), toc_span_first(s, n));
	return n + port_behind(f, toc_span_from(s, n));
}

static size_t hardware(struct finding *f, struct toc_span s)
{
	size_t n = f->macs < MACS ? parser_extent(TAKE_MAC, s) : 0;
	bool plain = n == 12; /* twelve digits of no colour are as likely a number */
	for (size_t i = 0; i < n && plain; i++)
		plain = s.p[i] >= '0' && s.p[i] <= '9';
	if (!n || plain || (n < s.n && in_word(s.p[n])))
		return 0;
	payload_add(f->out, toc_span_str(mac_names[f->macs++]), toc_span_first(s, n));
	return n;
}

static bool ends_value(uint8_t c, uint8_t quote, bool whole)
{
	if (quote)
		return c == quote;
	return c == ',' || c == ';' || c == ')' || c == ']' || c == '>' || (!whole && parser_is_space(c));
}

/* What stands behind a word: " = 'x'", ": x", " x"; empty: nothing that is a value. */
static struct toc_span value_behind(struct toc_span s, bool whole)
{
	size_t i = 0, begin;
	while (i < s.n && i < 4 && (s.p[i] == ' ' || s.p[i] == '=' || s.p[i] == ':' || s.p[i] == '(' || s.p[i] == '['))
		i++;
	if (i == 0 || i >= s.n)
		return toc_span_first(s, 0);
	uint8_t quote = s.p[i] == '"' || s.p[i] == '\'' ? s.p[i] : s.p[i] == '<' ? '>' : 0;
	begin = i += quote != 0;
	while (i < s.n && i - begin < LONGEST && !ends_value(s.p[i], quote, whole))
		i++;
	while (!quote && i > begin && (s.p[i - 1] == '.' || s.p[i - 1] == ':'))
		i--;
	return toc_span_of(s.p + begin, i - begin);
}

/* Whatever the letters' case; the list ends with NULL. */
static bool is_one_of(struct toc_span v, const char *const *words)
{
	for (; *words && v.n; words++)
		if ((v.p[0] | 0x20) == ((uint8_t)**words | 0x20) && toc_span_ieq(v, toc_span_str(*words)))
			return true;
	return false;
}

/* Small words that say how the sentence goes on, not what the thing is called. */
static bool is_filler(struct toc_span v)
{
	static const char *const words[] = { "is",	"was",	    "has",     "in",   "on",	   "of",
					     "for",	"from",	    "to",      "and",  "with",	   "with.",
					     "name",	"logged",   "by",      "the",  "login",	   "authentication",
					     "not",	"does",	    "at",      "type", "id",	   "mode",
					     "changed", "executed", "address", "ran",  "password", "name/password",
					     "entry",	"account",  "failed",  "are",  "will",	   NULL };
	return v.n == 0 || is_one_of(v, words);
}

/* A word that may be an account's name; not "192.0.2.7 logged in", "the user logged in", "login for SSH". */
static bool names_account(struct toc_span v)
{
	static const char *const words[] = { "user",   "invalid", "unknown", "an",	  "a",	    "client",
					     "host",   "session", "login",   "this",	  "that",   "all",
					     "method", "ssh",	  "ssh2",    "web",	  "telnet", "console",
					     "vpn",    "radius",  "port",    "interface", "https",  "http",
					     "snmp",   "ssl",	  "admin:",  "remote",	  "been",   "successfully",
					     "who",    "user:",	  NULL };
	return !is_one_of(v, words) && !is_filler(v) && parser_extent(TAKE_IP, v) < 3 && parser_extent(TAKE_MAC, v) == 0;
}

/* What stands before the word at `at`, to the space before that, without quotes around it. */
static struct toc_span token_before(struct toc_span message, size_t at)
{
	size_t end = at && message.p[at - 1] == ' ' ? at - 1 : 0, i = end;
	while (i && end - i < LONGEST && !parser_is_space(message.p[i - 1]))
		i--;
	struct toc_span s = toc_span_of(message.p + i, end - i);
	if (s.n > 2 && (s.p[0] == '\'' || s.p[0] == '"') && s.p[s.n - 1] == s.p[0])
		s = toc_span_of(s.p + 1, s.n - 2);
	return s.n && in_word(s.p[0]) && (in_word(s.p[s.n - 1]) || s.p[s.n - 1] == '$') ? s : toc_span_first(s, 0);
}

/* "login failed for erin", "authentication failure for 'erin b'", "erin logged in": where no word said user before. */
static void account_said(struct finding *f, struct toc_span message, size_t at, size_t n)
{
	const struct toc_span name = toc_span_str("user"), word = toc_span_of(message.p + at, n);
	const struct toc_span behind = toc_span_from(message, at + n);
	struct toc_span account = toc_span_first(word, 0);
	if (toc_span_is(word, "for") && f->entry)
		account = value_behind(behind, false);
	else if (toc_span_is(word, "logged") && (toc_span_starts(behind, " in") || toc_span_starts(behind, " o")))
		account = token_before(message, at);
	if (account.n && names_account(account) && !payload_get(f->out, name).n)
		payload_add(f->out, name, account);
	f->entry = f->entry || is_one_of(word, entries);
}

static void word_said(struct finding *f, struct toc_span word, struct toc_span behind)
{
	for (size_t i = 0; i < sizeof(saids) / sizeof(saids[0]); i++) {
		if ((word.p[0] | 0x20) != saids[i].word[0] || !toc_span_ieq(word, toc_span_str(saids[i].word)))
			continue;
		struct toc_span value = value_behind(behind, saids[i].whole), name = toc_span_str(saids[i].name);
		if (i == SAID_PORT && value.n > 3 && digits(value) == value.n) /* no switch has so many */
			return;
		if (!is_filler(value) && !payload_get(f->out, name).n)
			payload_add(f->out, name, value);
		return;
	}
}

static void find(struct payload *out, struct toc_span message, bool words)
{
	struct finding f = { .out = out };
	payload_clear(out);
	for (size_t i = 0; i < message.n;) {
		struct toc_span s = toc_span_from(message, i);
		if (!in_word(s.p[0]) && s.p[0] != ':') {
			i++;
			continue;
		}
		size_t n = hardware(&f, s);
		n = n ? n : address(&f, s);
		if (!n) {
			while (n < s.n && in_word(s.p[n]))
				n++;
			const size_t glued =
				n > 2 && n < s.n && s.p[n] == ':' ? hardware(&f, toc_span_from(s, n - 2)) : 0;
			if (glued) /* "from00:11:22:33:44:55": AireOS leaves the space out */
				n += glued - 2;
			else if (n && words)
				word_said(&f, toc_span_first(s, n), toc_span_from(s, n));
			if (n && words && !glued)
				account_said(&f, message, i, n);
			n += n == 0;
		}
		i += n;
	}
}

bool payload_found(struct payload *out, struct toc_span message)
{
	find(out, message, true);
	return true;
}

void payload_addresses(struct payload *out, struct toc_span message)
{
	find(out, message, false);
}
