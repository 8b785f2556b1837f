/* mutate_lines - stored log lines, most of them damaged or put into another form, a line each. */
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

enum {
	LINE_ROOM = 5 << 19,
	LONGEST = 1 << 20,
	EVERY_LONG = 4999
}; /* beyond LONGEST a file's line is cut (app/liner.h) */

enum { FILES = 4096 };

struct lines {
	struct toc_span *at;
	size_t n, room, nfiles;
	const uint8_t *files[FILES];
};

static bool load(struct lines *l, const char *path)
{
	struct toc_span rest = read_file(path);
	if (l->nfiles == FILES)
		return false;
	l->files[l->nfiles++] = rest.p;
	while (rest.n) {
		size_t end = toc_span_find(rest, '\n');
		if (l->n == l->room) {
			size_t room = l->room ? 2 * l->room : 4096;
			struct toc_span *more = realloc(l->at, room * sizeof(*more));
			if (!more)
				return false;
			l->at = more;
			l->room = room;
		}
		l->at[l->n++] = toc_span_first(rest, end);
		rest = toc_span_from(rest, end + 1);
	}
	return true;
}

static struct toc_span message_of(struct toc_span line)
{
	size_t colon = toc_span_find(line, ':');
	return colon < line.n ? toc_span_from(line, colon + 1) : line;
}

static const char *pick(struct dice *d, const char *const *of, unsigned n)
{
	return of[dice_roll(d, n)];
}

static void put_priority(struct bytes *b, struct dice *d)
{
	static const char *const odd[] = { "<0>",    "<191>",  "<192>",	 "<999>",
					   "<9e99>", "<>",     "<-1>",	 "<99999999999999999999>",
					   "<13",    "<<13>>", "<0013>", "< 13>",
					   "<1.5>",  "13>",    "<\xff>", "" };
	bytes_text(b, pick(d, odd, 16));
}

/* RFC 5424, with structured data that may be large, nested wrongly or without an end. */
static void put_5424(struct bytes *b, struct dice *d, struct toc_span message)
{
	static const char *const times[] = { "2026-03-02T08:00:00Z", "2026-03-02T08:00:00.123456789123+14:00",
					     "9999-99-99T99:99:99Z", "-",
					     "0000-00-00T00:00:00Z", "2026-02-30T24:60:61-99:99",
					     "2026-03-02T",	     "1e999",
					     "2026-03-02T08:00:60Z" };
	static const char *const ids[] = { "[x@1 a=\"b\"]",
					   "[]",
					   "[a]",
					   "[x@32473 k=\"\\\"\\]\\\\\"]",
					   "[x =\"\"]",
					   "[x@1 a=\"",
					   "[timeQuality tzKnown=\"9e9\"]",
					   "[x a=b]" };
	bytes_text(b, dice_one_in(d, 8) ? "<13>2 " : "<13>1 ");
	bytes_text(b, pick(d, times, 9));
	bytes_text(b, dice_one_in(d, 8) ? "  h  a " : " host app 1 ID1 ");
	const char *id = pick(d, ids, 8);
	bytes_times(b, id, dice_one_in(d, 2000) ? 10000 : dice_roll(d, 5));
	bytes_text(b, dice_one_in(d, 3) ? " \xef\xbb\xbf" : " ");
	bytes_put(b, message.p, message.n);
}

static void put_3164(struct bytes *b, struct dice *d, struct toc_span message)
{
	static const char *const times[] = { "Mar  2 08:00:00",
					     "Feb 30 25:61:61",
					     "Mär  2 08:00:00",
					     "Mar 2",
					     "Mar  2 2026 08:00:00.999999999 EST",
					     "Dec 31 23:59:60",
					     "Mar  2 08:00:00 Mar  2 08:00:00",
					     "*Mar  2 08:00:00.123",
					     "99999999999999999999" };
	put_priority(b, d);
	bytes_text(b, pick(d, times, 9));
	bytes_text(b, dice_one_in(d, 4) ? " " : " host app[99999999999]: ");
	bytes_put(b, message.p, message.n);
}

static void put_payload(struct bytes *b, struct dice *d, struct toc_span message)
{
	static const char *const begins[] = { "CEF:0|a|b|c|d|e|5|",
					      "CEF:99999999999|",
					      "LEEF:2.0|a|b|c|d|x5e|",
					      "LEEF:1.0|a|b|c|d|",
					      "{\"a\":",
					      "<Event xmlns='x'><System><EventID>",
					      "<?xml version='1.0'?><Event>",
					      "k=\"",
					      "type=traffic a=b ",
					      "{\"MESSAGE\":",
					      "%ASA-6-302013: ",
					      "type=SYSCALL msg=audit(9e9:1): " };
	static const char *const nests[] = { "{\"a\":", "[", "<a>",   "k=\"",	 "\\\\",
					     "a=b ",	"|", "&amp;", "\\u0000", "1e999," };
	bytes_text(b, dice_one_in(d, 2) ? "<13>Mar  2 08:00:00 h " : "<13>1 2026-03-02T08:00:00Z h a - - - ");
	bytes_text(b, pick(d, begins, 12));
	const char *nest = pick(d, nests, 10);
	bytes_times(b, nest, dice_one_in(d, 1000) ? 20000 : dice_one_in(d, 5) ? dice_roll(d, 200) : dice_roll(d, 3));
	bytes_put(b, message.p, message.n);
}

/* Octet counts where none belong, or whose number is no number. */
static void put_counted(struct bytes *b, struct dice *d, struct toc_span line)
{
	static const char *const counts[] = { "99999999999 ",	       "0 ",	      "5 ",   "-1 ",
					      "00000000000000000001 ", "4294967296 ", "1e9 ", "12" };
	bytes_text(b, pick(d, counts, 8));
	bytes_put(b, line.p, line.n);
}

static void mutate(struct bytes *b, struct dice *d, struct toc_span line)
{
	switch (dice_roll(d, 6)) {
	case 0:
		put_5424(b, d, message_of(line));
		break;
	case 1:
		put_3164(b, d, message_of(line));
		break;
	case 2:
		put_payload(b, d, message_of(line));
		break;
	case 3:
		put_counted(b, d, line);
		break;
	default:
		bytes_put(b, line.p, line.n);
	}
	for (uint32_t k = dice_roll(d, 4); k--;)
		switch (dice_roll(d, 5)) {
		case 0:
			bytes_cut(b, d);
			break;
		case 1:
			bytes_repeat(b, d);
			break;
		case 2:
			bytes_flip(b, d, 48);
			break;
		default:
			bytes_flip(b, d, b->n);
		}
	if (dice_one_in(d, 500))
		b->n = 0;
}

/* A MiB, a little less or more. */
static void lengthen(struct bytes *b, struct dice *d)
{
	size_t wanted = LONGEST - 2048 + dice_roll(d, 4096);
	while (b->n < wanted)
		bytes_text(b, "a long line has \"many\" words=1 ");
}

/* How the reader takes it: ends are not part of it, and empty ones are no events (normalise/lines.c). */
static bool is_empty(const struct bytes *b)
{
	size_t n = b->n < LONGEST ? b->n : LONGEST;
	for (size_t before = n + 1; before != n;) {
		before = n;
		if (n && (b->p[n - 1] == '\r' || b->p[n - 1] == 0))
			n--;
		else if (n >= 4 && (memcmp(b->p + n - 4, "#015", 4) == 0 || memcmp(b->p + n - 4, "#012", 4) == 0 ||
				    memcmp(b->p + n - 4, "#000", 4) == 0))
			n -= 4;
	}
	return n == 0;
}

static void put_line(struct bytes *b, struct written *w)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == '\n')
			b->p[i] = ' ';
	w->empty += is_empty(b);
	w->cut += b->n > LONGEST;
	fwrite(b->p, 1, b->n, stdout);
	fputc('\n', stdout);
	tell_progress(++w->count);
}

int write_lines(struct dice *d, uint64_t count, unsigned percent, char **paths, struct written *w)
{
	struct lines l = { 0 };
	struct bytes b = { malloc(LINE_ROOM), 0, LINE_ROOM };
	while (*paths)
		if (!load(&l, *paths++))
			return 1;
	if (!l.n || !b.p)
		return 1;
	while (w->count < count) {
		struct toc_span line = l.at[w->count < l.n ? w->count : dice_roll(d, (uint32_t)l.n)];
		b.n = 0;
		/* the reader tells logs from captures by their first bytes */
		if (w->count > 8 && dice_roll(d, 100) < percent) {
			mutate(&b, d, line);
			if (w->count % EVERY_LONG < 2)
				lengthen(&b, d);
			w->mutated++;
		} else {
			bytes_put(&b, line.p, line.n);
		}
		put_line(&b, w);
	}
	while (l.nfiles)
		free((void *)(uintptr_t)l.files[--l.nfiles]);
	free(b.p);
	free(l.at);
	return 0;
}
