/* syn - a SYN's window and options (RFC 9293, section 3.1; RFC 7323, RFC 2018), kept small and told as text. */
#include "flow/table.h"
#include "tocsin/cursor.h"

enum { END, NOP, MSS, SCALE, SOK, FAST_OPEN = 9, OTHER = 10, MOST = 16 };

/* By option kind; the place in the table is what is kept. */
static const struct {
	uint8_t kind;
	const char *name;
} options[] = {
	[END] = { 0, "eol" },
	[NOP] = { 1, "nop" },
	[MSS] = { 2, "mss" },
	[SCALE] = { 3, "ws" },
	[SOK] = { 4, "sok" },
	{ 5, "sack" },
	{ 8, "ts" },
	{ 19, "md5" },
	{ 30, "mptcp" },
	[FAST_OPEN] = { 34, "fastopen" },
	[OTHER] = { 255, "other" },
};
_Static_assert(sizeof(options) / sizeof(options[0]) == OTHER + 1, "four bits each");
_Static_assert(SYN_TEXT >= 6 + MOST * (sizeof("fastopen,") - 1), "the longest text");

static unsigned place_of(uint8_t kind)
{
	unsigned i = 0;
	while (i < OTHER && options[i].kind != kind)
		i++;
	return i;
}

/* One option: false where the list ends or is broken. */
static bool read_option(struct toc_cursor *in, struct syn_print *syn)
{
	enum { EXPERIMENT = 254 };
	uint8_t kind = toc_u8(in);
	unsigned place = place_of(kind);
	if (in->bad || syn->n == MOST)
		return false;
	syn->kinds |= (uint64_t)place << 4 * syn->n++;
	if (place == END || place == NOP)
		return place == NOP;
	size_t length = toc_u8(in);
	if (in->bad || length < 2)
		return false;
	struct toc_cursor body = toc_sub(in, length - 2);
	if (place == MSS) {
		syn->mss = toc_be16(&body);
	} else if (place == SCALE) {
		syn->scale = toc_u8(&body);
		syn->has_scale = !body.bad;
	} else if (place == FAST_OPEN || (kind == EXPERIMENT && toc_be16(&body) == 0xf989)) { /* RFC 7413, RFC 6994 */
		syn->fast_open = true;
	}
	return !in->bad;
}

/* The first SYN of a side counts: what follows are repetitions, some with fewer options. */
void syn_note(struct syn_print *syn, const struct toc_packet *p)
{
	struct toc_cursor in = toc_cursor_of(p->tcp.options);
	if (syn->seen)
		return;
	*syn = (struct syn_print){ .seen = true, .window = p->tcp.window };
	while (read_option(&in, syn))
		;
}

static char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_uint(char *at, unsigned v)
{
	char digits[10];
	unsigned n = 0;
	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		*at++ = digits[--n];
	return at;
}

/* Told of each flow, so it is written without printf. */
size_t syn_text(const struct syn_print *syn, char *out)
{
	char *at = put_uint(out, syn->window);
	*at++ = ':';
	for (unsigned i = 0; i < syn->n; i++) {
		unsigned place = syn->kinds >> 4 * i & 15;
		if (i)
			*at++ = ',';
		at = put_text(at, options[place].name);
		if (place == MSS || place == SCALE)
			at = put_uint(at, place == MSS ? syn->mss : syn->scale);
	}
	return (size_t)(at - out);
}
