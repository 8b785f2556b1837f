/* body - the files service: one cell a body, pooled with its hash and decoder. */
#include "flow/body.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "flow/mime.h"
#include "flow/pe.h"
#include "flow/pieces.h"

enum { NAME_MAX_BYTES = 256, DECODED = 16384, INFLATES = 2048, CODINGS = 4, BROTLIS = 16 };

enum {
	KIND,
	F_FUID,
	F_SOURCE,
	F_DEPTH,
	F_MIME_TYPE,
	F_FILENAME,
	F_DURATION,
	F_IS_ORIG,
	F_SEEN,
	F_TOTAL,
	F_MISSING,
	F_OVERFLOW,
	F_TIMEDOUT,
	F_SHA256,
	F_ORIG_H,
	F_ORIG_P,
	F_RESP_H,
	F_RESP_P,
	N_FIELDS
};

const struct toc_field_decl toc_body_fields[] = {
	[KIND] = { "files", TOC_KIND, false, TOC_OPEN, NULL, "a file seen in transfer" },
	[F_FUID] = { "fuid", TOC_STRING, false, TOC_OPEN, NULL, "the file's identifier, the same in replay" },
	[F_SOURCE] = { "source", TOC_STRING, false, TOC_OPEN, NULL, "the protocol that carried it" },
	[F_DEPTH] = { "depth", TOC_UINT, false, TOC_OPEN, NULL, "depth of nesting in the source; 0 = the body itself" },
	[F_MIME_TYPE] = { "mime_type", TOC_STRING, false, TOC_OPEN, NULL, "type by content" },
	[F_FILENAME] = { "filename", TOC_STRING, false, TOC_CONTENT, NULL, "name that the source gave" },
	[F_DURATION] = { "duration", TOC_DURATION, false, TOC_OPEN, "ns", "from the first byte to the end" },
	[F_IS_ORIG] = { "is_orig", TOC_BOOL, false, TOC_OPEN, NULL, "sent by the flow's originator" },
	[F_SEEN] = { "seen_bytes", TOC_UINT, false, TOC_OPEN, "B", "bytes seen, decoded" },
	[F_TOTAL] = { "total_bytes", TOC_UINT, false, TOC_OPEN, "B", "bytes announced by the sender" },
	[F_MISSING] = { "missing_bytes", TOC_UINT, false, TOC_OPEN, "B", "bytes lost before the sensor" },
	[F_OVERFLOW] = { "overflow_bytes", TOC_UINT, false, TOC_OPEN, "B", "bytes seen but not decoded" },
	[F_TIMEDOUT] = { "timedout", TOC_BOOL, false, TOC_OPEN, NULL, "whether the file ended by a time limit" },
	[F_SHA256] = { "sha256", TOC_STRING, false, TOC_OPEN, NULL, "hash, where no byte is missing" },
	[F_ORIG_H] = { "id.orig_h", TOC_IP, false, TOC_DEVICE, NULL, "the flow's originator" },
	[F_ORIG_P] = { "id.orig_p", TOC_UINT, false, TOC_OPEN, NULL, "the originator's port" },
	[F_RESP_H] = { "id.resp_h", TOC_IP, false, TOC_DEVICE, NULL, "the flow's responder" },
	[F_RESP_P] = { "id.resp_p", TOC_UINT, false, TOC_OPEN, NULL, "the responder's port" },
};
const unsigned toc_body_nfields = N_FIELDS;

_Static_assert(sizeof(toc_body_fields) / sizeof(toc_body_fields[0]) == N_FIELDS, "one line a field");

/* Cells and decoders are never given back before the table: their number is the most that were open at once. */
struct toc_body {
	struct toc_body *next_free;
	struct toc_bodies *owner;
	struct toc_sha256 *sha256;
	struct toc_inflate *inflate[CODINGS]; /* the first `ncodings`, the outermost first */
	unsigned brotlis;		      /* how many of them are Brotli's */
	unsigned ncodings;
	uint64_t uid, expected, seen, missing, overflow;
	uint64_t next; /* place of the next byte, where places are told */
	struct pieces waiting;
	uint64_t id[2];
	toc_time first, last;
	struct toc_addr orig, resp;
	uint16_t orig_port, resp_port;
	enum toc_dir dir;
	bool typed; /* mime is final: enough bytes, or a gap behind the first ones */
	bool shed;  /* bytes were not looked at, nor are later ones */
	bool hashed;
	uint16_t head_n, name_n;
	const char *source, *mime;
	char name[NAME_MAX_BYTES];
	uint8_t head[TOC_MIME_BYTES];
};

struct toc_bodies {
	struct toc_body *free;
	struct toc_body **cells;
	size_t ncells, max;
	struct toc_inflate *inflates[INFLATES]; /* those not in use: the first `idle` */
	size_t idle, ninflates;
	unsigned brotlis; /* in use: they take megabytes */
	struct pieces_budget waiting;
	uint64_t refused, undecoded;
	struct {
		uint64_t uid, ordinal, count;
		enum toc_dir dir;
	} last; /* tells apart the bodies that one packet opens */
	toc_field map[N_FIELDS], pe_map[PE_FIELDS];
	bool hashes, pe; /* somebody reads these */
	uint8_t decoded[CODINGS][DECODED];
};

struct toc_bodies *toc_bodies_new(struct toc_intern *names, size_t max_bodies)
{
	struct toc_bodies *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->cells = calloc(max_bodies ? max_bodies : 1, sizeof(*t->cells));
	if (!t->cells) {
		free(t);
		return NULL;
	}
	t->max = max_bodies;
	t->hashes = t->pe = true;
	toc_intern_decls(names, toc_body_fields, N_FIELDS, t->map);
	toc_intern_decls(names, toc_pe_fields, PE_FIELDS, t->pe_map);
	return t;
}

void toc_bodies_want(struct toc_bodies *t, bool hashes, bool pe)
{
	t->hashes = hashes;
	t->pe = pe;
}

static void inflate_return(struct toc_bodies *t, struct toc_body *b)
{
	while (b->ncodings) {
		struct toc_inflate *z = t->inflates[t->idle++] = b->inflate[--b->ncodings];
		toc_inflate_rest(z);
	}
	t->brotlis -= b->brotlis;
	b->brotlis = 0;
}

void toc_bodies_free(struct toc_bodies *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->ncells; i++) {
		inflate_return(t, t->cells[i]);
		while (t->cells[i]->waiting.first)
			pieces_free(&t->waiting, pieces_take(&t->cells[i]->waiting));
		toc_sha256_free(t->cells[i]->sha256);
		free(t->cells[i]);
	}
	for (size_t i = 0; i < t->idle; i++)
		toc_inflate_free(t->inflates[i]);
	free(t->cells);
	free(t);
}

uint64_t toc_bodies_refused(const struct toc_bodies *t)
{
	return t->refused;
}

uint64_t toc_bodies_undecoded(const struct toc_bodies *t)
{
	return t->undecoded;
}

static struct toc_body *cell(struct toc_bodies *t)
{
	struct toc_body *b = t->free;
	if (b) {
		t->free = b->next_free;
		return b;
	}
	if (t->ncells == t->max || !(b = calloc(1, sizeof(*b)))) {
		t->refused++;
		return NULL;
	}
	b->owner = t;
	b->sha256 = toc_sha256_new();
	t->cells[t->ncells++] = b;
	return b;
}

/* The identity of a body: never of this table's history beyond the packet, so workers do not matter. */
static void identify(struct toc_bodies *t, struct toc_body *b, const struct toc_body_info *info)
{
	bool again = t->last.uid == info->uid && t->last.ordinal == info->ordinal && t->last.dir == info->dir;
	t->last.count = again ? t->last.count + 1 : 0;
	t->last.uid = info->uid;
	t->last.ordinal = info->ordinal;
	t->last.dir = info->dir;
	uint64_t h = toc_hash_mix(info->uid, info->dir);
	h = toc_hash_mix(h, info->ordinal);
	b->id[0] = toc_hash_mix(h, t->last.count);
	b->id[1] = toc_hash_mix(b->id[0], info->uid);
}

struct toc_body *toc_body_new(struct toc_bodies *t, const struct toc_body_info *info)
{
	struct toc_body *b = cell(t);
	if (!b)
		return NULL;
	identify(t, b, info);
	b->uid = info->uid;
	b->expected = info->expected;
	b->seen = b->missing = b->overflow = b->next = 0;
	b->first = b->last = info->ts;
	b->orig = info->flow->orig;
	b->resp = info->flow->resp;
	b->orig_port = info->flow->orig_port;
	b->resp_port = info->flow->resp_port;
	b->dir = info->dir;
	b->typed = b->shed = false;
	b->mime = NULL;
	b->head_n = 0;
	b->source = info->source;
	struct toc_span name = toc_span_first(info->name, NAME_MAX_BYTES);
	b->name_n = (uint16_t)name.n;
	if (name.n)
		memcpy(b->name, name.p, name.n);
	b->hashed = t->hashes;
	if (b->hashed)
		toc_sha256_begin(b->sha256);
	return b;
}

void toc_body_set_coding(struct toc_bodies *t, struct toc_body *b, enum toc_coding coding)
{
	if (!b || coding == TOC_CODING_NONE)
		return;
	struct toc_inflate *z = NULL;
	bool brotli = coding == TOC_CODING_BROTLI;
	if (brotli && t->brotlis == BROTLIS) {
		t->undecoded++;
		return;
	}
	if (b->ncodings < CODINGS && t->idle) {
		z = t->inflates[--t->idle];
	} else if (b->ncodings < CODINGS && t->ninflates < INFLATES) {
		z = toc_inflate_new();
		t->ninflates++;
	} else {
		t->undecoded++;
		return; /* described as it came */
	}
	b->inflate[b->ncodings++] = z;
	b->brotlis += brotli;
	t->brotlis += brotli;
	toc_inflate_begin(z, coding);
	b->expected = UINT64_MAX; /* the sender told the coded length */
}

static void find_type(struct toc_body *b)
{
	b->typed = true;
	b->mime = toc_mime_of(toc_span_of(b->head, b->head_n));
}

/* Bytes as the receiver will have them. */
static void take(struct toc_body *b, struct toc_span bytes)
{
	if (!bytes.n)
		return;
	if (!b->typed) {
		struct toc_span some = toc_span_first(bytes, sizeof(b->head) - b->head_n);
		memcpy(b->head + b->head_n, some.p, some.n);
		b->head_n = (uint16_t)(b->head_n + some.n);
		if (b->head_n == sizeof(b->head))
			find_type(b);
	}
	if (b->hashed && !b->missing)
		toc_sha256_add(b->sha256, bytes);
	b->seen += bytes.n;
}

/* Undoes the codings from the outermost on; work is bounded by what comes out, and that by the limit on bombs. */
static void decode(struct toc_body *b, unsigned level, struct toc_span bytes)
{
	struct toc_bodies *t = b->owner;
	if (level == b->ncodings) {
		take(b, bytes);
		return;
	}
	struct toc_inflate *z = b->inflate[level];
	bool failed = toc_inflate_failed(z);
	size_t n;
	while (!failed && (n = toc_inflate_some(z, &bytes, t->decoded[level], DECODED)) != 0)
		decode(b, level + 1, toc_span_of(t->decoded[level], n));
	b->overflow += bytes.n;
	if (!failed && toc_inflate_failed(z))
		t->undecoded++;
}

void toc_body_feed(struct toc_body *b, struct toc_span bytes, toc_time ts)
{
	if (!b || !bytes.n)
		return;
	if (b->seen == 0)
		b->first = ts;
	b->last = ts;
	if (b->shed)
		toc_body_shed(b, bytes.n, ts);
	else
		decode(b, 0, bytes);
}

void toc_body_shed(struct toc_body *b, uint64_t n, toc_time ts)
{
	b->shed = true;
	*(b->ncodings ? &b->overflow : &b->seen) += n; /* its length is known all the same */
	b->last = ts;
}

uint64_t toc_body_seen(const struct toc_body *b)
{
	return b->seen + b->overflow;
}

bool toc_body_typed(const struct toc_body *b)
{
	return b->typed;
}

/* A gap in a coded body ends its decoding: there is nothing to go on from. */
void toc_body_lost(struct toc_body *b, uint64_t n)
{
	if (!b || !n)
		return;
	if (!b->typed && b->head_n)
		find_type(b);
	b->missing += n;
	if (b->ncodings && !toc_inflate_failed(b->inflate[0])) {
		toc_inflate_fail(b->inflate[0]);
		b->owner->undecoded++;
	}
}

/* The first piece that waits is in: what is in front of it, if anything, is lost. */
static void take_waiting(struct toc_body *b, toc_time ts)
{
	struct piece *piece = pieces_take(&b->waiting);
	toc_body_lost(b, piece->at - b->next);
	toc_body_feed(b, toc_span_of(piece->bytes, piece->n), ts);
	b->next = piece->at + piece->n;
	pieces_free(&b->owner->waiting, piece);
}

static void take_whole(struct toc_body *b, toc_time ts)
{
	while (b->waiting.first && b->waiting.first->at == b->next)
		take_waiting(b, ts);
}

/* What waits came first and stays. */
static size_t until_waiting(const struct toc_body *b, size_t n)
{
	uint64_t room = b->waiting.first ? b->waiting.first->at - b->next : n;
	return room < n ? (size_t)room : n;
}

uint64_t toc_body_place(struct toc_body *b, uint64_t at, struct toc_span bytes, toc_time ts)
{
	if (!b)
		return 0;
	while (bytes.n && bytes.p && at > b->next && !pieces_add(&b->waiting, &b->owner->waiting, at, bytes)) {
		if (!b->waiting.first || b->waiting.first->at > at) { /* there is no room, and these come first */
			toc_body_lost(b, at - b->next);
			b->next = at;
			break;
		}
		take_waiting(b, ts);
		take_whole(b, ts);
	}
	while (bytes.n && at <= b->next) {
		uint64_t known = b->next - at;
		bytes.n = known < bytes.n ? bytes.n - (size_t)known : 0;
		bytes.p = bytes.p && bytes.n ? bytes.p + known : NULL;
		at = b->next;
		size_t n = until_waiting(b, bytes.n);
		if (bytes.p)
			toc_body_feed(b, toc_span_first(bytes, n), ts);
		else
			toc_body_lost(b, n);
		b->next += n;
		take_whole(b, ts);
	}
	return b->next;
}

enum { FUID = 18 }; /* as long as Zeek's */

static void print_fuid(const struct toc_body *b, char out[20])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t word[2] = { b->id[0], b->id[1] };
	out[0] = 'F';
	for (unsigned i = 1; i < FUID; i++) {
		uint64_t *w = &word[i & 1];
		out[i] = digits[*w % 62];
		*w /= 62;
	}
	out[FUID] = '\0';
}

/* The flow's ends, whose four fields stand in a row. */
static void put_ends(struct toc_draft *d, unsigned orig_h, const struct toc_body *b)
{
	toc_put_ip(d, orig_h, &b->orig);
	toc_put_uint(d, orig_h + 1, b->orig_port);
	toc_put_ip(d, orig_h + 2, &b->resp);
	toc_put_uint(d, orig_h + 3, b->resp_port);
}
_Static_assert(F_RESP_P == F_ORIG_H + 3 && PE_RESP_P == PE_ORIG_H + 3, "in a row");

static void describe(struct toc_bodies *t, struct toc_body *b, const char *fuid, struct toc_draft *d)
{
	toc_draft_begin(d, t->map, KIND);
	d->head.ts = b->first;
	d->head.uid = b->uid;
	toc_put_cstr(d, F_FUID, fuid);
	put_ends(d, F_ORIG_H, b);
	toc_put_cstr(d, F_SOURCE, b->source);
	toc_put_uint(d, F_DEPTH, 0);
	if (b->mime)
		toc_put_cstr(d, F_MIME_TYPE, b->mime);
	if (b->name_n)
		toc_put_str(d, F_FILENAME, toc_span_of(b->name, b->name_n));
	toc_put_duration(d, F_DURATION, b->last - b->first);
	toc_put_bool(d, F_IS_ORIG, b->dir == TOC_ORIG);
	toc_put_uint(d, F_SEEN, b->seen);
	if (b->expected != UINT64_MAX)
		toc_put_uint(d, F_TOTAL, b->expected);
	toc_put_uint(d, F_MISSING, b->missing);
	toc_put_uint(d, F_OVERFLOW, b->overflow);
	toc_put_bool(d, F_TIMEDOUT, false);
	if (b->hashed && !b->missing && !b->overflow && !b->shed) {
		uint8_t hash[32];
		char hex[64];
		toc_sha256_end(b->sha256, hash);
		toc_hex(hash, sizeof(hash), hex);
		toc_put_str(d, F_SHA256, toc_span_of(hex, sizeof(hex)));
	}
}

bool toc_body_program(struct toc_bodies *t, struct toc_body *b, struct toc_draft *pe_event)
{
	char fuid[20];
	if (!b)
		return false;
	while (b->waiting.first)
		take_waiting(b, b->last);
	const struct toc_span head = toc_span_of(b->head, b->head_n);
	if (!t->pe || !toc_pe_is(head))
		return false;
	print_fuid(b, fuid);
	toc_draft_begin(pe_event, t->pe_map, PE_KIND);
	pe_event->head.ts = b->first;
	pe_event->head.uid = b->uid;
	toc_put_cstr(pe_event, PE_ID, fuid);
	put_ends(pe_event, PE_ORIG_H, b);
	toc_pe_put(pe_event, head);
	return true;
}

bool toc_body_end(struct toc_bodies *t, struct toc_body *b, toc_time ts, struct toc_draft *files_event,
		  struct toc_body_summary *out)
{
	struct toc_body_summary summary = { .fuid = "" };
	while (b && b->waiting.first)
		take_waiting(b, b->last);
	bool some = b && b->seen;
	if (some) {
		b->last = ts > b->last ? ts : b->last;
		if (!b->typed)
			find_type(b);
		print_fuid(b, summary.fuid);
		describe(t, b, summary.fuid, files_event);
		summary.mime = b->mime;
		summary.seen = b->seen;
		summary.missing = b->missing;
	}
	if (out)
		*out = summary;
	if (b) {
		inflate_return(t, b);
		b->next_free = t->free;
		t->free = b;
	}
	return some;
}
