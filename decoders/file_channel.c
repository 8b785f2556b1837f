/* file_channel - connections that were announced and carry one file: FTP's data channel (RFC 959), IRC's DCC SEND. */
#include "tocsin/decoder.h"

struct data {
	bool open[2];
};

static void open_body(struct data *d, enum toc_dir dir, const char *source, struct toc_sink *s)
{
	if (d->open[dir])
		return;
	d->open[dir] = true;
	toc_sink_confirm(s, NULL);
	toc_body_open(s, dir, source, toc_span_str(""), UINT64_MAX);
}

static enum toc_parse take(struct data *d, struct toc_cursor *in, enum toc_dir dir, const char *source,
			   struct toc_sink *s)
{
	if (!toc_left(in))
		return TOC_MORE;
	open_body(d, dir, source, s);
	toc_body_data(s, dir, toc_take(in, toc_left(in)));
	return TOC_MORE;
}

static enum toc_parse parse_ftp(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	return take(state, in, dir, "FTP_DATA", s);
}

/* The sender listens; the receiver sends counts of what it got. */
static enum toc_parse parse_dcc(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	if (dir == TOC_RESP)
		return take(state, in, dir, "IRC_DATA", s);
	toc_skip(in, toc_left(in));
	return TOC_MORE;
}

static enum toc_parse gap_ftp(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	open_body(state, dir, "FTP_DATA", s);
	toc_body_gap(s, dir, n);
	return TOC_MORE;
}

static enum toc_parse gap_dcc(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	if (dir == TOC_RESP) {
		open_body(state, dir, "IRC_DATA", s);
		toc_body_gap(s, dir, n);
	}
	return TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct data *d = state;
	(void)why;
	for (unsigned dir = 0; dir < 2; dir++)
		if (d->open[dir])
			toc_body_close(s, (enum toc_dir)dir, NULL);
}

/* Only by announcement: anything at all may pass here. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first;
	(void)dir;
	(void)hint;
	return TOC_NO;
}

const struct toc_decoder toc_decoder_ftp_data = { .name = "ftp-data",
						  .carriers = TOC_OVER_TCP,
						  .state_size = sizeof(struct data),
						  .probe = probe,
						  .parse = parse_ftp,
						  .gap = gap_ftp,
						  .finish = finish };

const struct toc_decoder toc_decoder_irc_dcc = { .name = "irc-dcc-data",
						 .carriers = TOC_OVER_TCP,
						 .state_size = sizeof(struct data),
						 .probe = probe,
						 .parse = parse_dcc,
						 .gap = gap_dcc,
						 .finish = finish };
