/* telnet - logins at a terminal: the name asked for, and whether it was let in (RFC 854, RFC 855). */
#include "decoders/line.h"
#include "decoders/login.h"

enum field { K_AUTH, N_FIELDS = K_AUTH + LOGIN_SIZE };

static const struct toc_field_decl fields[N_FIELDS] = { LOGIN_FIELDS(K_AUTH) };

enum { IAC = 255, DONT = 254, WILL = 251, SB = 250, SE = 240, TAIL = 32 };

/* Where a direction stands in the options that are mixed into its text. */
enum option { O_TEXT, O_IAC, O_NAME, O_SUB, O_SUB_IAC };

enum at { AT_START, AT_NAME, AT_NAMED, AT_PASSWORD, AT_PROVEN, AT_OVER };

struct telnet {
	uint8_t option[2], at, tail_n;
	uint8_t tail[TAIL]; /* the server's last text, lower case */
	uint16_t since;	    /* bytes of the server's since the password */
	struct line_name user;
};

/* The next byte of text, or false: it belongs to an option. */
static bool is_text(uint8_t *option, uint8_t c)
{
	switch ((enum option) * option) {
	case O_TEXT:
		*option = c == IAC ? O_IAC : O_TEXT;
		return c != IAC;
	case O_IAC:
		*option = c >= WILL && c <= DONT ? O_NAME : c == SB ? O_SUB : O_TEXT;
		return false;
	case O_NAME:
		*option = O_TEXT;
		return false;
	case O_SUB:
		*option = c == IAC ? O_SUB_IAC : O_SUB;
		return false;
	case O_SUB_IAC:
		*option = c == SE ? O_TEXT : O_SUB;
		return false;
	}
	return false;
}

static bool ends(const struct telnet *t, const char *text)
{
	size_t n = strlen(text);
	return t->tail_n >= n && memcmp(t->tail + t->tail_n - n, text, n) == 0;
}

static bool ends_any(const struct telnet *t, const char *const *texts)
{
	for (; *texts; texts++)
		if (ends(t, *texts))
			return true;
	return false;
}

static void outcome(struct telnet *t, bool in, struct toc_sink *s)
{
	login_told(s, K_AUTH, line_kept(&t->user), in, "telnet", toc_span_of(t->tail, 0));
	t->at = in ? AT_OVER : AT_START;
	t->user.n = 0;
}

/* Prompts, and what servers say to a password. */
static void take_server(struct telnet *t, uint8_t c, struct toc_sink *s)
{
	static const char *const names[] = { "login:", "username:", "user name:", "user:", NULL },
				 *const failures[] = { "incorrect", "failed",	    "failure", "denied",
						       "invalid",   "bad password", NULL },
				 *const shells[] = { "$ ", "# ", "> ", "% ", "last login", "welcome", NULL };
	if (t->tail_n == TAIL)
		memmove(t->tail, t->tail + 1, --t->tail_n);
	t->tail[t->tail_n++] = toc_lower(c);
	if (t->at == AT_PROVEN) {
		t->since++;
		if (ends_any(t, failures) || ends_any(t, names))
			outcome(t, ends(t, "last login:"), s);
		else if (ends_any(t, shells) || t->since > 512)
			outcome(t, true, s);
	}
	if (t->at != AT_OVER && ends_any(t, names) && !ends(t, "last login:")) {
		t->at = AT_NAME;
		t->user.n = 0;
	} else if (t->at != AT_OVER && ends(t, "password:")) {
		t->at = AT_PASSWORD;
	}
}

static void take_client(struct telnet *t, uint8_t c)
{
	bool end = c == '\r' || c == '\n' || c == 0;
	if (t->at == AT_NAME && end && t->user.n) {
		t->at = AT_NAMED;
	} else if (t->at == AT_NAME && (c == 8 || c == 127)) {
		t->user.n = t->user.n ? (uint8_t)(t->user.n - 1) : 0;
	} else if (t->at == AT_NAME && !end && c >= 0x20 && t->user.n < LINE_NAME) {
		t->user.b[t->user.n++] = c;
	} else if (t->at == AT_PASSWORD && end && c != 0) {
		t->at = AT_PROVEN; /* the password's letters were passed over one by one */
		t->since = 0;
		t->tail_n = 0;
	}
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct telnet *t = state;
	if (toc_left(in))
		toc_sink_confirm(s, NULL);
	while (toc_left(in)) {
		uint8_t c = toc_u8(in);
		if (!is_text(&t->option[dir], c))
			continue;
		if (dir == TOC_RESP)
			take_server(t, c, s);
		else
			take_client(t, c);
		if (t->at == AT_OVER)
			return TOC_DONE;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct telnet *t = state;
	(void)n;
	(void)s;
	t->option[dir] = O_TEXT;
	t->at = AT_START; /* what is typed now may be a password: wait for the next prompt */
	t->tail_n = 0;
	return TOC_MORE;
}

/* IAC WILL|WONT|DO|DONT option: two of them are nobody else's. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	unsigned n = 0;
	size_t at = 0;
	for (; at + 3 <= first.n && n < 2; at += 3, n++)
		if (first.p[at] != IAC || first.p[at + 1] < WILL || first.p[at + 1] > DONT || first.p[at + 2] > 50)
			break;
	if (n >= 2 || (n == 1 && hint))
		return TOC_YES;
	if (at < first.n && first.p[at] == IAC && at + 3 > first.n)
		return first.n < at + 2 || (first.p[at + 1] >= SB && first.p[at + 1] != IAC) ? TOC_MAYBE : TOC_NO;
	if (first.n == 0 || n == 1)
		return first.n == 0 || at == first.n ? TOC_MAYBE : TOC_NO;
	/* without options: a prompt at the port */
	bool prompt = line_find(first, "login:") < first.n || line_find(first, "username:") < first.n ||
		      line_find(first, "password:") < first.n;
	if (!hint)
		return TOC_NO;
	return dir == TOC_RESP && prompt ? TOC_YES : TOC_MAYBE;
}

static const uint16_t ports[] = { 23, 2323, 0 };

const struct toc_decoder toc_decoder_telnet = { .name = "telnet",
						.carriers = TOC_OVER_TCP,
						.tcp_ports = ports,
						.urgent_inline = true,
						.fields = fields,
						.nfields = N_FIELDS,
						.state_size = sizeof(struct telnet),
						.probe = probe,
						.parse = parse,
						.gap = gap };
