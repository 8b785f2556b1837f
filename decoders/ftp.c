/* ftp - the control connection: commands, replies, data channels (RFC 959, RFC 2428, AUTH TLS RFC 4217). */
#include "decoders/ftp.h"
#include "decoders/login.h"

enum field {
	K_FTP,
	F_USER,
	F_COMMAND,
	F_ARG,
	F_FILE_SIZE,
	F_REPLY_CODE,
	F_REPLY_MSG,
	F_PASSIVE,
	F_DATA_ORIG_H,
	F_DATA_RESP_H,
	F_DATA_RESP_P,
	K_AUTH,
	N_FIELDS = K_AUTH + LOGIN_SIZE
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_FTP] = { "ftp", TOC_KIND, false, TOC_OPEN, NULL, "a command that moves or removes files, and its reply" },
	[F_USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "name given by USER" },
	[F_COMMAND] = { "command", TOC_STRING, false, TOC_OPEN, NULL, "RETR, STOR …; <init>: none was seen" },
	[F_ARG] = { "arg", TOC_STRING, false, TOC_CONTENT, NULL, "its argument; files as ftp:// URL; secrets hidden" },
	[F_FILE_SIZE] = { "file_size", TOC_UINT, false, TOC_OPEN, "B", "size that the server told" },
	[F_REPLY_CODE] = { "reply_code", TOC_UINT, false, TOC_OPEN, NULL, "last reply" },
	[F_REPLY_MSG] = { "reply_msg", TOC_STRING, false, TOC_CONTENT, NULL, "its words" },
	[F_PASSIVE] = { "data_channel.passive", TOC_BOOL, false, TOC_OPEN, NULL, "the client opens it" },
	[F_DATA_ORIG_H] = { "data_channel.orig_h", TOC_IP, false, TOC_DEVICE, NULL, "who opens it" },
	[F_DATA_RESP_H] = { "data_channel.resp_h", TOC_IP, false, TOC_DEVICE, NULL, "where it is opened" },
	[F_DATA_RESP_P] = { "data_channel.resp_p", TOC_UINT, false, TOC_OPEN, NULL, "at which port" },
	LOGIN_FIELDS(K_AUTH),
};

enum flag { TOLD = 1, FILE_NAME = 2, SECRET = 4 };

enum verb {
	V_NONE,
	V_OTHER,
	V_USER,
	V_PASS,
	V_ACCT,
	V_CWD,
	V_CDUP,
	V_PWD,
	V_SIZE,
	V_PORT,
	V_EPRT,
	V_PASV,
	V_EPSV,
	V_RETR,
	V_FILE,
	V_AUTH,
	V_QUIT
};

/* The first 20 are what a client may say first; the rest only counts as a command. */
static const struct {
	const char *word;
	enum verb verb;
	unsigned flags;
} verbs[] = {
	{ "USER", V_USER, 0 },
	{ "PASS", V_PASS, SECRET },
	{ "ACCT", V_ACCT, TOLD | SECRET },
	{ "CWD", V_CWD, 0 },
	{ "XCWD", V_CWD, 0 },
	{ "CDUP", V_CDUP, 0 },
	{ "PWD", V_PWD, 0 },
	{ "XPWD", V_PWD, 0 },
	{ "SIZE", V_SIZE, 0 },
	{ "PORT", V_PORT, TOLD },
	{ "EPRT", V_EPRT, TOLD },
	{ "PASV", V_PASV, TOLD },
	{ "EPSV", V_EPSV, TOLD },
	{ "RETR", V_RETR, TOLD | FILE_NAME },
	{ "STOR", V_FILE, TOLD | FILE_NAME },
	{ "STOU", V_FILE, TOLD | FILE_NAME },
	{ "APPE", V_FILE, TOLD | FILE_NAME },
	{ "DELE", V_FILE, TOLD | FILE_NAME },
	{ "AUTH", V_AUTH, 0 },
	{ "QUIT", V_QUIT, 0 },
	{ "FEAT", V_OTHER, 0 },
	{ "SYST", V_OTHER, 0 },
	{ "OPTS", V_OTHER, 0 },
	{ "TYPE", V_OTHER, 0 },
	{ "LIST", V_OTHER, 0 },
	{ "NLST", V_OTHER, 0 },
	{ "MLSD", V_OTHER, 0 },
	{ "NOOP", V_OTHER, 0 },
	{ "PBSZ", V_OTHER, 0 },
	{ "PROT", V_OTHER, 0 },
	{ "RNFR", V_OTHER, 0 },
	{ "RNTO", V_OTHER, 0 },
	{ "MKD", V_OTHER, 0 },
	{ "RMD", V_OTHER, 0 },
	{ "MDTM", V_OTHER, 0 },
	{ "SITE", V_OTHER, 0 },
	{ "HELP", V_OTHER, 0 },
	{ "STAT", V_OTHER, 0 },
	{ "REST", V_OTHER, 0 },
	{ "ABOR", V_OTHER, 0 },
	{ "MODE", V_OTHER, 0 },
	{ "STRU", V_OTHER, 0 },
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]), PENDING = 8, LINE = 2048, STRANGE_MOST = 6, BANNER_MOST = 512 };

struct pending {
	uint8_t index; /* into verbs; VERBS: none of them */
	uint32_t key;  /* of the row that waits */
};

struct ftp {
	struct line_reader line[2];
	struct pending pending[PENDING];
	uint8_t npending, strange;
	bool any_command, any_reply, logged_in, tls_asked, has_size;
	bool lossy;	/* bytes were lost: a command answers for itself, those before it are given up */
	uint8_t last;	/* index of the last command */
	uint16_t multi; /* code of a reply of many lines that is not over */
	uint16_t code;	/* last reply */
	uint32_t key;
	uint64_t size;
	struct line_name user, arg, said; /* arg of the last CWD or XCWD; words of the last reply */
	struct ftp_path cwd;
};

/* --- rows --------------------------------------------------------------------------------------------------------- */

static struct toc_draft *begin(const struct ftp *f, struct toc_span command, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, K_FTP);
	toc_put_str(d, F_USER, f->user.n ? line_kept(&f->user) : toc_span_str("<unknown>"));
	toc_put_str(d, F_COMMAND, command);
	return d;
}

static void put_reply(struct toc_draft *d, unsigned code, struct toc_span text)
{
	toc_put_uint(d, F_REPLY_CODE, code);
	toc_put_str(d, F_REPLY_MSG, text);
}

static void put_channel(struct toc_draft *d, const struct ftp_host *at, bool passive, struct toc_sink *s)
{
	const struct toc_flow_info *flow = s->flow;
	toc_put_bool(d, F_PASSIVE, passive);
	toc_put_ip(d, F_DATA_ORIG_H, passive ? &flow->orig : &flow->resp);
	toc_put_ip(d, F_DATA_RESP_H, at->has_addr ? &at->addr : &flow->resp);
	toc_put_uint(d, F_DATA_RESP_P, at->port);
}

/* A channel to the end that opened the port; a third host's port is an attack's (bounce) or a translated address. */
static void expect(const struct ftp_host *at, bool passive, struct toc_sink *s)
{
	const struct toc_addr *own = passive ? &s->flow->resp : &s->flow->orig;
	if (at->has_addr && !toc_addr_eq(&at->addr, own)) {
		if (!passive)
			toc_sink_weird(s, "ftp_bounce");
		toc_sink_expect(s, &at->addr, at->port, "ftp-data");
		if (!passive)
			return;
	}
	toc_sink_expect(s, own, at->port, "ftp-data");
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

static unsigned index_of(struct toc_span word)
{
	unsigned i = 0;
	while (i < VERBS && !toc_span_ieq(word, toc_span_str(verbs[i].word)))
		i++;
	return i;
}

static void hold_row(struct ftp *f, unsigned i, struct toc_span arg, struct toc_sink *s)
{
	uint8_t url[2 * FTP_PATH];
	struct toc_draft *d = begin(f, toc_span_str(verbs[i].word), s);
	struct ftp_host at = { .port = 0 };
	if (verbs[i].flags & SECRET)
		toc_put_cstr(d, F_ARG, "<hidden>");
	else if ((verbs[i].flags & FILE_NAME) && arg.n)
		toc_put_str(d, F_ARG, toc_span_of(url, ftp_url(&s->flow->resp, &f->cwd, arg, url)));
	else if (arg.n)
		toc_put_str(d, F_ARG, arg);
	bool port = (verbs[i].verb == V_PORT && ftp_read_port(arg, &at)) ||
		    (verbs[i].verb == V_EPRT && ftp_read_eprt(arg, &at) && at.has_addr);
	if (port)
		put_channel(d, &at, false, s);
	toc_sink_hold(s, d, f->key);
	if (port)
		expect(&at, false, s);
}

static void drop_pending(struct ftp *f)
{
	f->npending--;
	memmove(f->pending, f->pending + 1, f->npending * sizeof(f->pending[0]));
}

static enum toc_parse take_command(struct ftp *f, struct toc_span line, struct toc_sink *s)
{
	struct toc_span word = line_word(&line);
	unsigned i = index_of(word);
	if (i == VERBS && !f->any_command && ++f->strange > STRANGE_MOST)
		return TOC_BAD;
	if (i == VERBS && (f->line[TOC_ORIG].doubtful || !line_is_text(word)))
		return TOC_MORE; /* the end of a line after a loss; telnet's signals around ABOR */
	f->last = (uint8_t)i;
	f->key++;
	if (i < VERBS) {
		f->any_command = true;
		toc_sink_confirm(s, NULL);
		if (verbs[i].verb == V_USER)
			line_keep(&f->user, line);
		else if (verbs[i].verb == V_CWD)
			line_keep(&f->arg, line);
		else if (verbs[i].verb == V_AUTH)
			f->tls_asked = line_starts(line, "TLS") || line_starts(line, "SSL");
		if (verbs[i].flags & TOLD)
			hold_row(f, i, line, s);
	}
	while (f->npending && (f->lossy || f->npending == PENDING))
		drop_pending(f);
	f->pending[f->npending++] = (struct pending){ (uint8_t)i, f->key };
	return TOC_MORE;
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

/* "257 "path" …": the quoted part. */
static struct toc_span quoted(struct toc_span text)
{
	struct toc_span s = toc_span_from(text, toc_span_find(text, '"') + 1);
	return toc_span_first(s, toc_span_find(s, '"'));
}

static void take_directory(struct ftp *f, enum verb v, const struct line_reply *r)
{
	if (v == V_CWD && r->code == 250) {
		ftp_path_go(&f->cwd, line_kept(&f->arg));
	} else if (v == V_CDUP && (r->code == 200 || r->code == 250)) {
		ftp_path_go(&f->cwd, toc_span_str(".."));
	} else if (v == V_PWD && r->code == 257 && quoted(r->text).n) {
		f->cwd.n = 0;
		ftp_path_go(&f->cwd, quoted(r->text));
	}
}

/* "150 Opening … (1234 bytes)" and the reply to SIZE (RFC 3659, section 4). */
static void take_size(struct ftp *f, enum verb v, const struct line_reply *r)
{
	uint64_t n;
	struct toc_span s = toc_span_from(r->text, toc_span_find(r->text, '(') + 1);
	size_t digits = line_digits(s);
	if ((v == V_SIZE && r->code == 213 && line_uint(line_trim(r->text), &n)) ||
	    (v == V_RETR && r->code == 150 && line_starts(toc_span_from(s, digits), " bytes") &&
	     line_uint(toc_span_first(s, digits), &n))) {
		f->size = n;
		f->has_size = true;
	}
}

static void take_login(struct ftp *f, enum verb v, const struct line_reply *r, struct toc_sink *s)
{
	bool in = r->code == 230 || r->code == 232 || (v == V_PASS && r->code == 202);
	bool out = r->code == 530 || r->code == 430 || (v == V_PASS && r->code >= 500);
	f->logged_in = in || (f->logged_in && !out);
	if (in || out)
		login_told(s, K_AUTH, line_kept(&f->user), in, "ftp", toc_span_first(r->text, 0));
}

/* The row of a command whose last reply this is. */
static void complete(struct ftp *f, const struct pending *p, const struct line_reply *r, struct toc_sink *s)
{
	struct ftp_host at = { .port = 0 };
	enum verb v = verbs[p->index].verb;
	struct toc_draft *d = toc_sink_resume(s, K_FTP, p->key);
	if (!d)
		return;
	put_reply(d, r->code, r->text);
	bool passive =
		(r->code == 227 && ftp_read_port(r->text, &at)) || (r->code == 229 && ftp_read_eprt(r->text, &at));
	passive = passive && (v == V_PASV || v == V_EPSV);
	if (passive)
		put_channel(d, &at, true, s);
	if (v == V_RETR && f->has_size)
		toc_put_uint(d, F_FILE_SIZE, f->size);
	if (verbs[p->index].flags & FILE_NAME)
		f->has_size = false;
	toc_sink_commit(s, d);
	if (passive)
		expect(&at, true, s);
}

static enum toc_parse take_reply(struct ftp *f, const struct line_reply *r, struct toc_sink *s)
{
	bool greeting = !f->any_reply && (r->code == 220 || r->code == 120);
	f->any_reply = true;
	f->code = (uint16_t)r->code;
	line_keep(&f->said, r->text);
	if (greeting || !f->npending)
		return TOC_MORE;
	struct pending p = f->pending[0];
	enum verb v = p.index < VERBS ? verbs[p.index].verb : V_OTHER;
	toc_sink_confirm(s, NULL);
	take_size(f, v, r);
	if (r->code < 200)
		return TOC_MORE;
	drop_pending(f);
	take_directory(f, v, r);
	if (p.index < VERBS)
		complete(f, &p, r, s);
	if (v == V_USER || v == V_PASS || v == V_ACCT)
		take_login(f, v, r, s);
	if (v == V_AUTH && r->code == 234 && f->tls_asked) {
		toc_sink_child(s, "ssl");
		return TOC_DONE;
	}
	return TOC_MORE;
}

static enum toc_parse read_server(struct ftp *f, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_span line;
	struct line_reply r;
	while (line_read(&f->line[TOC_RESP], in, LINE, &line)) {
		bool is = line_reply(line, &r);
		if (f->multi && (!is || r.more || r.code != f->multi))
			continue;
		f->multi = 0;
		if (f->line[TOC_RESP].doubtful && !is)
			continue;
		if (!is && !f->any_reply && !f->any_command)
			return TOC_BAD;
		if (is && r.more)
			f->multi = (uint16_t)r.code;
		else if (is && take_reply(f, &r, s) == TOC_DONE)
			return TOC_DONE;
	}
	return line_wait(in, s);
}

static enum toc_parse read_client(struct ftp *f, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_span line;
	while (toc_left(in)) {
		if (f->tls_asked && in->p[0] == 0x16) { /* TLS, and the reply that allows it was not seen */
			toc_sink_child(s, "ssl");
			return TOC_DONE;
		}
		if (!line_read(&f->line[TOC_ORIG], in, LINE, &line))
			return line_wait(in, s);
		if (take_command(f, line, s) == TOC_BAD)
			return TOC_BAD;
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	return dir == TOC_ORIG ? read_client(state, in, s) : read_server(state, in, s);
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct ftp *f = state;
	(void)n;
	(void)s;
	line_lost(&f->line[dir]);
	/* commands come one by one: what the server says next answers the last one, if that was seen */
	while (f->npending > (dir == TOC_RESP))
		drop_pending(f);
	f->multi = 0;
	f->lossy = true;
	return TOC_MORE;
}

/* A session that nobody got into, or that did not end by QUIT, is told by its last command. */
static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct ftp *f = state;
	(void)why;
	bool quit = f->any_command && f->last < VERBS && verbs[f->last].verb == V_QUIT;
	bool told = f->any_command && f->last < VERBS && (verbs[f->last].flags & TOLD);
	if (told || (quit && f->logged_in) || (!f->any_command && (!f->any_reply || f->code == 220)))
		return;
	bool known = f->any_command && f->last < VERBS;
	struct toc_draft *d = begin(f, toc_span_str(known ? verbs[f->last].word : "<init>"), s);
	if (known && (verbs[f->last].flags & SECRET))
		toc_put_cstr(d, F_ARG, "<hidden>");
	if (f->any_reply)
		put_reply(d, f->code, line_kept(&f->said));
	toc_sink_commit(s, d);
}

static enum toc_probe probe_server(struct toc_span first, bool hint)
{
	struct line_reply r;
	size_t end = toc_span_find(first, '\n');
	if (line_digits(toc_span_first(first, 3)) < (first.n < 3 ? first.n : 3))
		return TOC_NO;
	if (end == first.n && first.n < BANNER_MOST)
		return TOC_MAYBE;
	struct toc_span line = line_trim(toc_span_first(first, end));
	if (!line_reply(line, &r))
		return TOC_NO;
	if (hint)
		return TOC_YES;
	if (r.code != 220 || line_find(line, "SMTP") < line.n)
		return TOC_NO;
	if (line_find(line, "FTP") < line.n)
		return TOC_YES;
	/* mail greets with the same code: what is answered to USER is this protocol's alone */
	return line_find(first, "\n331 ") < first.n || line_find(first, "\n234 ") < first.n ? TOC_YES : TOC_MAYBE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char *const sure[] = { "AUTH TLS\r\n", "AUTH SSL\r\n", "AUTH TLS\n", NULL };
	if (dir == TOC_RESP)
		return probe_server(first, hint);
	enum toc_probe best = line_begins_any(first, sure);
	for (unsigned i = 0; best == TOC_NO && i < VERBS; i++) {
		size_t n = strlen(verbs[i].word);
		best = line_begins(first, verbs[i].word);
		if (best != TOC_YES)
			continue;
		best = first.n == n ? TOC_MAYBE : TOC_NO;
		if (first.n > n && (first.p[n] == ' ' || first.p[n] == '\r' || first.p[n] == '\n'))
			best = hint ? TOC_YES : TOC_MAYBE;
	}
	return best;
}

static const uint16_t ports[] = { 21, 2811, 0 };

static const char *const leads_to[] = { "ftp-data", "ssl", NULL };

const struct toc_decoder toc_decoder_ftp = { .name = "ftp",
					     .leads_to = leads_to,
					     .carriers = TOC_OVER_TCP,
					     .tcp_ports = ports,
					     .urgent_inline = true,
					     .fields = fields,
					     .nfields = N_FIELDS,
					     .state_size = sizeof(struct ftp),
					     .probe = probe,
					     .parse = parse,
					     .gap = gap,
					     .finish = finish };
